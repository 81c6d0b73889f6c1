package sns

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

// Config is what a Service works with. The fields up to Recorder are required.
type Config struct {
	Engine store.Engine
	Clock  clock.Clock
	IDs    *ids.Source
	// HSM wraps the key that signs notifications, and those under which SNS
	// itself keeps messages to encrypted topics.
	HSM *hsm.Module
	// KMS is asked for data keys by publishers to encrypted topics.
	KMS envelope.KMS
	// Queues takes what is delivered to SQS.
	Queues Queues
	// Recorder keeps the records of deliveries.
	Recorder Recorder

	// HTTPSender posts to HTTP endpoints. Nil: every endpoint can be subscribed, and all
	// attempts fail.
	HTTPSender HTTPSender
	// Outbox takes captured messages: those for mail, phones, Lambda, Firehose and push
	// services. Nil: they are dropped.
	Outbox Outbox
	// PrincipalExists reports whether a role, user or account exists: topic
	// policies that name another are refused where StrictPrincipals is set, and
	// warned of where it is not. Nil: all exist.
	PrincipalExists  func(ctx context.Context, principal string) bool
	StrictPrincipals bool
	// Names finds the principals that topic policies mean. Nil: the principal that has
	// the ARN at the time of a request.
	Names resource.Names
	// StrictTransport: encrypted topics refuse plain HTTP, as on AWS.
	StrictTransport bool
	// Log takes warnings, such as of failed deliveries. Nil: they are dropped.
	Log *slog.Logger
	// Lanes is how many queues one message is delivered to at a time; 0 is 1,
	// which delivers in the order of the subscriptions' ARNs.
	Lanes int
	// Idle: nothing is delivered, for a state that is being prepared.
	Idle bool
}

// Service implements Amazon SNS. It is safe for concurrent use.
type Service struct {
	engine          store.Engine
	clock           clock.Clock
	ids             *ids.Source
	queues          Queues
	recorder        Recorder
	sender          HTTPSender
	outside         Outbox
	strictTransport bool
	policies        resource.Policies
	log             *slog.Logger
	lanes           int

	keys    *envelope.Cache
	owned   *envelope.Owned
	signer  *signer
	orders  orders
	rosters rosters
	worker  *worker
	damaged damagedRecords
	tables
}

// New is the service on the state that c.Engine holds. It goes on with what
// waits for delivery there until Close.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Names == nil {
		c.Names = resource.AnyNames{}
	}
	if c.HTTPSender == nil {
		c.HTTPSender = nowhere{}
	}
	if c.Outbox == nil {
		c.Outbox = nowhere{}
	}
	s := &Service{
		engine: c.Engine, clock: c.Clock, ids: c.IDs,
		queues: c.Queues, recorder: c.Recorder, sender: c.HTTPSender, outside: c.Outbox,
		policies: newPolicies(&c), strictTransport: c.StrictTransport,
		log: c.Log, lanes: max(c.Lanes, 1),
		keys:   envelope.NewCache(c.KMS, c.Clock),
		owned:  envelope.NewOwned(c.HSM),
		signer: newSigner(c.Engine, c.HSM),
		orders: orders{locks: map[string]*sync.Mutex{}},
		tables: newTables(),
	}
	s.worker = newWorker(s)
	if !c.Idle {
		s.worker.start()
	}
	return s
}

// CatchUp makes the deliveries that are due, where the service is idle.
func (s *Service) CatchUp(ctx context.Context) error { return s.worker.catchUp(ctx) }

// Refresh looks at what others have written to the state.
func (s *Service) Refresh(context.Context) error {
	s.worker.wake()
	return nil
}

// Close ends what the service does in the background, and waits for it. Deliveries that
// were not made stay in the store for the next service on it.
func (s *Service) Close() { s.worker.close() }

const servicePrincipal = "sns.amazonaws.com"

// API describes the service to the dispatcher.
func (s *Service) API() api.Service {
	return api.Service{
		Name:      "sns",
		Title:     "SNS",
		Principal: servicePrincipal,

		ResourceType: "AWS::SNS::Topic", ResourcePolicy: policyeval.TopicPolicy,

		Dialects:   []api.Dialect{&api.AWSQuery{Version: "2010-03-31", Namespace: "http://sns.amazonaws.com/doc/2010-03-31/"}},
		Operations: s.operations(),
		Denied:     denied,
		Invalid:    invalid,
		Earlier:    earlier,
		OwnerOnly:  denied,
	}
}

func (s *Service) operations() []api.Operation {
	return []api.Operation{
		api.OpChecks("CreateTopic", s.CreateTopic, []string{"sns:CreateTopic", "sns:TagResource", "sns:PutDataProtectionPolicy"}, s.createTopicChecks),
		api.On("DeleteTopic", s.deleteTopic, "sns:DeleteTopic", s.deleteTopicTarget),
		api.Op("ListTopics", s.ListTopics, "sns:ListTopics", account[*ListTopicsInput], api.ReadOnly),
		api.On("GetTopicAttributes", s.getTopicAttributes, "sns:GetTopicAttributes", onTopic(s, (*GetTopicAttributesInput).topic), api.ReadOnly),
		api.On("SetTopicAttributes", s.setTopicAttributes, "sns:SetTopicAttributes", onTopic(s, (*SetTopicAttributesInput).topic)),
		api.On("AddPermission", s.addPermission, "sns:AddPermission", onTopic(s, (*AddPermissionInput).topic)),
		api.On("RemovePermission", s.removePermission, "sns:RemovePermission", onTopic(s, (*RemovePermissionInput).topic)),
		api.On("TagResource", s.tagResource, "sns:TagResource", s.tagResourceTarget),
		api.On("UntagResource", s.untagResource, "sns:UntagResource", s.untagResourceTarget),
		api.On("ListTagsForResource", s.listTagsForResource, "sns:ListTagsForResource", s.listTagsTarget, api.ReadOnly),
		api.On("GetDataProtectionPolicy", s.getDataProtectionPolicy, "sns:GetDataProtectionPolicy",
			onResource(s, (*GetDataProtectionPolicyInput).resource), api.ReadOnly),
		api.On("PutDataProtectionPolicy", s.putDataProtectionPolicy, "sns:PutDataProtectionPolicy",
			onResource(s, (*PutDataProtectionPolicyInput).resource)),

		api.On("Publish", s.publishOne, "sns:Publish", s.publishTarget, api.Data),
		api.On("PublishBatch", s.publishBatch, "sns:Publish", s.publishBatchTarget, api.Data),

		api.On("Subscribe", s.subscribe, "sns:Subscribe", s.subscribeTarget),
		api.OpChecks("ConfirmSubscription", s.ConfirmSubscription, []string{"sns:ConfirmSubscription"}, s.confirmChecks, api.Unsigned),
		api.OnChecks("Unsubscribe", s.unsubscribe, []string{"sns:Unsubscribe"}, s.unsubscribeChecks, api.Unsigned),
		api.On("GetSubscriptionAttributes", s.getSubscriptionAttributes, "sns:GetSubscriptionAttributes",
			onSubscription(s, (*GetSubscriptionAttributesInput).subscription), api.ReadOnly),
		api.On("SetSubscriptionAttributes", s.setSubscriptionAttributes, "sns:SetSubscriptionAttributes",
			onSubscription(s, (*SetSubscriptionAttributesInput).subscription)),
		api.Op("ListSubscriptions", s.ListSubscriptions, "sns:ListSubscriptions", account[*ListSubscriptionsInput], api.ReadOnly),
		api.On("ListSubscriptionsByTopic", s.listSubscriptionsByTopic, "sns:ListSubscriptionsByTopic", onTopic(s, (*ListSubscriptionsByTopicInput).topic), api.ReadOnly),

		api.Op("CreatePlatformApplication", s.CreatePlatformApplication, "sns:CreatePlatformApplication", s.createApplicationTarget, api.OwnerOnly),
		api.On("DeletePlatformApplication", s.deletePlatformApplication, "sns:DeletePlatformApplication",
			onApplication(s, nil, (*DeletePlatformApplicationInput).application), api.OwnerOnly),
		api.On("GetPlatformApplicationAttributes", s.getPlatformApplicationAttributes, "sns:GetPlatformApplicationAttributes",
			onApplication(s, errApplicationNotFound, (*GetPlatformApplicationAttributesInput).application), api.OwnerOnly, api.ReadOnly),
		api.On("SetPlatformApplicationAttributes", s.setPlatformApplicationAttributes, "sns:SetPlatformApplicationAttributes",
			onApplication(s, errApplicationNotFound, (*SetPlatformApplicationAttributesInput).application), api.OwnerOnly),
		api.Op("ListPlatformApplications", s.ListPlatformApplications, "sns:ListPlatformApplications", account[*ListPlatformApplicationsInput], api.ReadOnly),
		api.On("CreatePlatformEndpoint", s.createPlatformEndpoint, "sns:CreatePlatformEndpoint",
			onApplication(s, errApplicationNotFound, (*CreatePlatformEndpointInput).application), api.OwnerOnly),
		api.On("DeleteEndpoint", s.deleteEndpoint, "sns:DeleteEndpoint", onDevice(s, nil, (*DeleteEndpointInput).device), api.OwnerOnly),
		api.On("GetEndpointAttributes", s.getEndpointAttributes, "sns:GetEndpointAttributes",
			onDevice(s, errDeviceNotFound, (*GetEndpointAttributesInput).device), api.OwnerOnly, api.ReadOnly),
		api.On("SetEndpointAttributes", s.setEndpointAttributes, "sns:SetEndpointAttributes",
			onDevice(s, errDeviceNotFound, (*SetEndpointAttributesInput).device), api.OwnerOnly),
		api.On("ListEndpointsByPlatformApplication", s.listEndpointsByPlatformApplication, "sns:ListEndpointsByPlatformApplication",
			onApplication(s, errApplicationNotFound, (*ListEndpointsByPlatformApplicationInput).application), api.OwnerOnly, api.ReadOnly),

		api.Op("GetSMSAttributes", s.GetSMSAttributes, "sns:GetSMSAttributes", account[*GetSMSAttributesInput], api.ReadOnly),
		api.Op("SetSMSAttributes", s.SetSMSAttributes, "sns:SetSMSAttributes", account[*SetSMSAttributesInput]),
		api.Op("CheckIfPhoneNumberIsOptedOut", s.CheckIfPhoneNumberIsOptedOut, "sns:CheckIfPhoneNumberIsOptedOut", account[*CheckIfPhoneNumberIsOptedOutInput], api.ReadOnly),
		api.Op("ListPhoneNumbersOptedOut", s.ListPhoneNumbersOptedOut, "sns:ListPhoneNumbersOptedOut", account[*ListPhoneNumbersOptedOutInput], api.ReadOnly),
		api.Op("OptInPhoneNumber", s.OptInPhoneNumber, "sns:OptInPhoneNumber", account[*OptInPhoneNumberInput]),
		api.Op("GetSMSSandboxAccountStatus", s.GetSMSSandboxAccountStatus, "sns:GetSMSSandboxAccountStatus", account[*GetSMSSandboxAccountStatusInput], api.ReadOnly),
		api.Op("CreateSMSSandboxPhoneNumber", s.CreateSMSSandboxPhoneNumber, "sns:CreateSMSSandboxPhoneNumber", account[*CreateSMSSandboxPhoneNumberInput]),
		api.Op("VerifySMSSandboxPhoneNumber", s.VerifySMSSandboxPhoneNumber, "sns:VerifySMSSandboxPhoneNumber", account[*VerifySMSSandboxPhoneNumberInput]),
		api.Op("DeleteSMSSandboxPhoneNumber", s.DeleteSMSSandboxPhoneNumber, "sns:DeleteSMSSandboxPhoneNumber", account[*DeleteSMSSandboxPhoneNumberInput]),
		api.Op("ListSMSSandboxPhoneNumbers", s.ListSMSSandboxPhoneNumbers, "sns:ListSMSSandboxPhoneNumbers", account[*ListSMSSandboxPhoneNumbersInput], api.ReadOnly),
		api.Op("ListOriginationNumbers", s.ListOriginationNumbers, "sns:ListOriginationNumbers", account[*ListOriginationNumbersInput], api.ReadOnly),
	}
}

// nowhere stands in for what a Config leaves out.
type nowhere struct{}

func (nowhere) Capture(Captured) {}

func (nowhere) Reach(context.Context, string) error { return nil }

func (nowhere) Post(context.Context, *Post) (PostResponse, error) {
	return PostResponse{}, errNowhere
}
