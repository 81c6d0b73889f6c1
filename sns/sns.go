package sns

import (
	"log/slog"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
)

// Config is what a Service works with.
type Config struct {
	Engine store.Engine
	Clock  clock.Clock
	IDs    *ids.Source
	// HSM wraps the private key that signs notifications before it is stored.
	HSM *hsm.Module
	// KMS is asked for data keys by publishers to encrypted topics.
	KMS envelope.KMS
	// Queues takes what is delivered to SQS.
	Queues Queues
	// Recorder keeps what became of each delivery.
	Recorder Recorder
	// Log is told of deliveries that failed. Nil: nobody is told.
	Log *slog.Logger
	// Lanes is how many queues one message is delivered to at a time; 0 is 1,
	// which delivers in the order of the subscriptions' ARNs.
	Lanes int
	// StrictTransport: encrypted topics refuse plain HTTP, as on AWS.
	StrictTransport bool
}

// Service implements Amazon SNS. It is safe for concurrent use.
type Service struct {
	engine   store.Engine
	clock    clock.Clock
	ids      *ids.Source
	queues   Queues
	recorder Recorder
	log      *slog.Logger
	lanes    int
	strict   bool

	keys   *envelope.Cache
	signer *signer
	tables
}

// New is the service on the state that c.Engine holds.
func New(c Config) *Service {
	s := &Service{
		engine: c.Engine, clock: c.Clock, ids: c.IDs,
		queues: c.Queues, recorder: c.Recorder, log: c.Log,
		lanes: max(c.Lanes, 1), strict: c.StrictTransport,
		keys:   envelope.NewCache(c.KMS, c.Clock),
		signer: newSigner(c.Engine, c.HSM),
		tables: newTables(),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s
}

// Close ends what the service does on its own.
func (s *Service) Close() {}

// API describes the service to the dispatcher.
func (s *Service) API() api.Service {
	return api.Service{
		Name:       "sns",
		Principal:  "sns.amazonaws.com",
		Query:      &api.QueryProtocol{Version: "2010-03-31", Namespace: "http://sns.amazonaws.com/doc/2010-03-31/"},
		Operations: s.operations(),
		Denied:     denied,
		Invalid:    invalid,
		OwnerOnly:  denied,
	}
}

func (s *Service) operations() []api.Operation {
	return []api.Operation{
		api.OpChecks("CreateTopic", s.CreateTopic, []string{"sns:CreateTopic", "sns:TagResource"}, s.createTopicChecks),
		api.Op("DeleteTopic", s.DeleteTopic, "sns:DeleteTopic", s.deleteTopicTarget),
		api.Op("ListTopics", s.ListTopics, "sns:ListTopics", account[ListTopicsInput], api.ReadOnly),
		api.Op("GetTopicAttributes", s.GetTopicAttributes, "sns:GetTopicAttributes", onTopic(s, (*GetTopicAttributesInput).topic), api.ReadOnly),
		api.Op("SetTopicAttributes", s.SetTopicAttributes, "sns:SetTopicAttributes", onTopic(s, (*SetTopicAttributesInput).topic)),

		api.Op("Publish", s.Publish, "sns:Publish", s.publishTarget, api.Data),

		api.Op("Subscribe", s.Subscribe, "sns:Subscribe", s.subscribeTarget),
		api.OpChecks("Unsubscribe", s.Unsubscribe, []string{"sns:Unsubscribe"}, s.unsubscribeChecks),
	}
}
