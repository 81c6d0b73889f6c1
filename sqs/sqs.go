package sqs

import (
	"context"
	"log/slog"
	"sync"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// Config is what a Service works with. All fields down to KMS are required.
type Config struct {
	Engine store.Engine
	Clock  clock.Clock
	IDs    *ids.Source
	// HSM wraps the data keys of SSE-SQS and the key of receipt handles.
	HSM *hsm.Module
	// KMS makes and opens the data keys of SSE-KMS, as the caller of the request.
	KMS envelope.KMS
	// PrincipalExists reports whether a role, user or account exists: queue
	// policies that name another are refused where StrictPrincipals is set, and
	// warned of where it is not. Nil: all exist.
	PrincipalExists  func(ctx context.Context, principal string) bool
	StrictPrincipals bool
	// Names finds the principals that queue policies mean. Nil: the principal that has
	// the ARN at the time of a request.
	Names resource.Names
	// Log takes warnings. Nil: they are dropped.
	Log *slog.Logger
	// Principal is the principal of an ARN with the permissions that it has now,
	// for move tasks that go on after a restart. Nil: they go on without any.
	Principal func(ctx context.Context, account, region, arn string) (*api.Caller, error)
	// StrictTransport refuses plain HTTP for encrypted queues, as AWS does.
	StrictTransport bool
	// Idle: nothing runs in the background, for a state that is being prepared.
	Idle bool
}

// Service implements Amazon SQS. It is safe for concurrent use. Close it when
// it is no longer needed.
type Service struct {
	engine          store.Engine
	clock           clock.Clock
	ids             *ids.Source
	hsm             *hsm.Module
	log             *slog.Logger
	principal       func(ctx context.Context, account, region, arn string) (*api.Caller, error)
	strictTransport bool
	idle            bool

	policies   resource.Policies
	queues     *store.Table[queue]
	tombstones *store.Table[tombstone]
	tasks      *store.Table[task]
	cache      *envelope.Cache
	owned      *envelope.Owned
	handles    handles
	waiters    waiters
	// damaged are the damaged messages that were logged already.
	damaged sync.Map

	// work counts the goroutines in the background, and stop ends them. starting is locked
	// while one is started or all are stopped.
	starting sync.Mutex
	work     sync.WaitGroup
	done     context.Context
	stop     context.CancelFunc
}

// New is the service on the state that c.Engine holds.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Names == nil {
		c.Names = resource.AnyNames{}
	}
	s := &Service{
		engine: c.Engine, clock: c.Clock, ids: c.IDs, hsm: c.HSM, log: c.Log,
		principal: c.Principal, strictTransport: c.StrictTransport, idle: c.Idle,
		policies:   newPolicies(&c),
		queues:     store.NewTable[queue]("sqs.queue"),
		tombstones: store.NewTable[tombstone]("sqs.deleted"),
		tasks:      store.NewTable[task]("sqs.task"),
		cache:      envelope.NewCache(c.KMS, c.Clock),
		owned:      envelope.NewOwned(c.HSM),
	}
	s.handles.service = s
	s.done, s.stop = context.WithCancel(context.Background())
	s.sweepSoon()
	s.resume()
	return s
}

// Close makes long polls answer at once and waits for what runs in the background.
func (s *Service) Close() {
	s.starting.Lock()
	s.stop()
	s.starting.Unlock()
	s.work.Wait()
}

// background runs f in the background, unless the service is closed.
func (s *Service) background(f func()) {
	s.starting.Lock()
	defer s.starting.Unlock()
	if s.done.Err() == nil && !s.idle {
		s.work.Go(f)
	}
}

// API describes the service to the dispatcher.
func (s *Service) API() api.Service {
	return api.Service{
		Name:      "sqs",
		Title:     "SQS",
		Principal: "sqs.amazonaws.com",

		ResourceType: "AWS::SQS::Queue", ResourcePolicy: policyeval.QueuePolicy,

		Dialects: []api.Dialect{
			&api.AWSJSON{
				Version: "1.0", TargetPrefix: "AmazonSQS", QueryCompatible: true,
				Namespace: "com.amazonaws.sqs", CommonNamespace: "com.amazon.coral.service",
			},
			&api.AWSQuery{
				Version: "2012-11-05", Earlier: []string{"2011-10-01", "2009-02-01", "2008-01-01"}, Endpoint: "AmazonSQS",
				Namespace: "http://queue.amazonaws.com/doc/2012-11-05/", ErrorDetail: true,
			},
		},
		PathMember: "QueueUrl",
		Unsigned:   true,
		Operations: s.operations(),
		Denied:     denied,
		Invalid:    invalid,
		OwnerOnly:  ownerOnly,
	}
}

// operations is the service's table. It marks which operations are data events for
// CloudTrail [F2], and which no policy can open to other accounts [D2].
func (s *Service) operations() []api.Operation {
	return []api.Operation{
		api.OpChecks("CreateQueue", s.CreateQueue, []string{"sqs:CreateQueue", "sqs:TagQueue"}, s.createChecks, api.OwnerOnly, api.AtRoot),
		api.On("DeleteQueue", s.deleteQueue, "sqs:DeleteQueue", onQueue[*DeleteQueueInput](s), api.OwnerOnly),
		api.On("PurgeQueue", s.purgeQueue, "sqs:PurgeQueue", onQueue[*PurgeQueueInput](s)),
		api.Op("ListQueues", s.ListQueues, "sqs:ListQueues", s.account, api.OwnerOnly, api.AtRoot, api.Data, api.ReadOnly),
		api.On("GetQueueUrl", s.getQueueUrl, "sqs:GetQueueUrl", unlocking(s.namedQueue), api.Data, api.ReadOnly),
		api.On("GetQueueAttributes", s.getQueueAttributes, "sqs:GetQueueAttributes", unlocking(onQueue[*GetQueueAttributesInput](s)), api.Data, api.ReadOnly),
		api.On("SetQueueAttributes", s.setQueueAttributes, "sqs:SetQueueAttributes", unlocking(onQueue[*SetQueueAttributesInput](s)), api.OwnerOnly),

		api.On("AddPermission", s.addPermission, "sqs:AddPermission", onQueue[*AddPermissionInput](s), api.OwnerOnly),
		api.On("RemovePermission", s.removePermission, "sqs:RemovePermission", onQueue[*RemovePermissionInput](s), api.OwnerOnly),
		api.On("TagQueue", s.tagQueue, "sqs:TagQueue", s.tagTarget, api.OwnerOnly),
		api.On("UntagQueue", s.untagQueue, "sqs:UntagQueue", s.untagTarget, api.OwnerOnly),
		api.On("ListQueueTags", s.listQueueTags, "sqs:ListQueueTags", onQueue[*ListQueueTagsInput](s), api.OwnerOnly, api.Data, api.ReadOnly),

		api.On("SendMessage", s.sendMessage, "sqs:SendMessage", onQueue[*SendMessageInput](s), api.Data),
		api.On("SendMessageBatch", s.sendMessageBatch, "sqs:SendMessage", onQueue[*SendMessageBatchInput](s), api.Data),
		api.On("ReceiveMessage", s.receiveMessage, "sqs:ReceiveMessage", s.onReceiving, api.Data),
		api.On("DeleteMessage", s.deleteMessage, "sqs:DeleteMessage", onQueue[*DeleteMessageInput](s), api.Data),
		api.On("DeleteMessageBatch", s.deleteMessageBatch, "sqs:DeleteMessage", onQueue[*DeleteMessageBatchInput](s), api.Data),
		api.On("ChangeMessageVisibility", s.changeMessageVisibility, "sqs:ChangeMessageVisibility",
			onQueue[*ChangeMessageVisibilityInput](s), api.Data),
		api.On("ChangeMessageVisibilityBatch", s.changeMessageVisibilityBatch, "sqs:ChangeMessageVisibility",
			onQueue[*ChangeMessageVisibilityBatchInput](s), api.Data),

		api.On("ListDeadLetterSourceQueues", s.listDeadLetterSourceQueues, "sqs:ListDeadLetterSourceQueues",
			onQueue[*ListDeadLetterSourceQueuesInput](s), api.Data, api.ReadOnly),
		api.OnChecks("StartMessageMoveTask", s.startMessageMoveTask, moveActions, s.onMovement, api.OwnerOnly),
		api.On("CancelMessageMoveTask", s.cancelMessageMoveTask, "sqs:CancelMessageMoveTask", s.cancelTarget, api.OwnerOnly),
		api.On("ListMessageMoveTasks", s.listMessageMoveTasks, "sqs:ListMessageMoveTasks", s.listTasksTarget, api.OwnerOnly, api.ReadOnly),
	}
}
