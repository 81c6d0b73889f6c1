package runtime

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/waxseal/waxseal/cloudformation"
	"github.com/waxseal/waxseal/cloudtrail"
	"github.com/waxseal/waxseal/ec2"
	"github.com/waxseal/waxseal/events"
	"github.com/waxseal/waxseal/iam"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/egress"
	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/record"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/internal/wire"
	"github.com/waxseal/waxseal/kms"
	"github.com/waxseal/waxseal/s3"
	"github.com/waxseal/waxseal/sns"
	"github.com/waxseal/waxseal/sqs"
)

// Config says what a Runtime works with. A field is required unless its comment says
// what its zero value means.
type Config struct {
	Engine store.Engine
	Clock  *clock.Turnable
	IDs    *ids.Source
	HSM    *hsm.Module
	// Account is the account of callers whose access key names none.
	Account string
	// Region is the region of requests that name none.
	Region string
	// Regions are those that requests may be signed for; nil: AWS's.
	Regions *arn.Regions
	Strict  Strict
	// Lanes is how many queues an SNS message is delivered to at a time; 0 is 1.
	Lanes int
	// Fixtures is what is there from the start; nil: nothing.
	Fixtures *fixture.Set
	Log      *slog.Logger
	// Further are services beside All; nil: none.
	Further []Constructor

	// Trial: the services are for trying something out. They do nothing in the background,
	// and nothing leaves by HTTP.
	Trial bool

	// idle: the services do nothing in the background, such as deliveries.
	idle bool
}

// Runtime is the services on one state, with what they keep in memory. It is safe for
// concurrent use.
type Runtime struct {
	Dispatcher *dispatch.Dispatcher
	Identity   *identity.Directory
	// The services whose Go methods are used directly, not only through calls.
	SQS        *sqs.Service
	SNS        *sns.Service
	KMS        *kms.Service
	IAM        *iam.Service
	EC2        *ec2.Service
	S3         *s3.Service
	CloudTrail *cloudtrail.Service
	Events     *events.Service

	CloudFormation *cloudformation.Service
	// Deliveries is the log of what services delivered; Captured are the messages that were
	// captured instead of sent: mail, text messages and the like.
	Deliveries *trail.Deliveries
	Captured   *egress.Captured

	config   Config
	services []Service
	// What services ask of each other.
	generateDataKey, decrypt, sendMessage, publish, assumeRole, putEvents, getBucketACL, getObject, putObject dispatch.Route
	topics                                                                                                    *api.Caller // SNS, as which topics deliver to queues
	// bootstrapping is held while the resources of cdk bootstrap are made.
	bootstrapping sync.Mutex
	// sources are where the policies stand that files declare.
	sources sources
	done    chan struct{}
	ended   sync.Once
}

// Open checks a state's root key, writes to it what the fixtures declare, and makes a
// Runtime on it. Everything is written in one transaction, or nothing where Open
// fails: with ErrRootKey, or with fixture.Problems where the fixtures contradict what
// the state holds.
func Open(ctx context.Context, c Config) (*Runtime, error) {
	declared, err := prepare(ctx, c)
	if err != nil {
		return nil, err
	}
	rt := New(c)
	rt.sources = declared
	return rt, nil
}

// New is a Runtime on a state as it is.
func New(c Config) *Runtime {
	c.idle = c.idle || c.Trial
	rt := &Runtime{config: c, Deliveries: trail.NewDeliveries(), Captured: egress.NewCaptured(), done: make(chan struct{})}
	rt.Identity = identity.New(identity.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, HSM: c.HSM,
		StrictCredentials: c.Strict.Credentials,
	})
	rt.Dispatcher = dispatch.New(dispatch.Config{
		Clock: c.Clock, IDs: c.IDs, Log: c.Log, Identity: rt.Identity, Regions: c.Regions,
		Account: c.Account, StrictCredentials: c.Strict.Credentials, Parameters: wire.TrailParameters,
		Recorded: func(c *record.Call) { rt.CloudTrail.Record(c) },
	})
	for _, construct := range slices.Concat(All, c.Further) {
		s := construct(rt, &rt.config)
		rt.services = append(rt.services, s)
		rt.Dispatcher.Register(s.API())
	}
	rt.generateDataKey, rt.decrypt = rt.Dispatcher.Route("kms", "GenerateDataKey"), rt.Dispatcher.Route("kms", "Decrypt")
	rt.sendMessage, rt.publish = rt.Dispatcher.Route("sqs", "SendMessage"), rt.Dispatcher.Route("sns", "Publish")
	rt.assumeRole, rt.putEvents = rt.Dispatcher.Route("sts", "AssumeRole"), rt.Dispatcher.Route("events", "PutEvents")
	rt.getBucketACL, rt.putObject = rt.Dispatcher.Route("s3", "GetBucketAcl"), rt.Dispatcher.Route("s3", "PutObject")
	rt.getObject = rt.Dispatcher.Route("s3", "GetObject")
	rt.topics = identity.ServicePrincipal(rt.Dispatcher.Service("sns").Principal)
	for _, s := range rt.services {
		if s, ok := s.(interface{ Start() }); ok && !c.idle {
			s.Start()
		}
	}
	return rt
}

// Close stops what runs in the background: long polls answer, deliveries stop,
// streams end. Other calls that have begun go on.
func (rt *Runtime) Close() {
	rt.ended.Do(func() {
		close(rt.done)
		for _, s := range rt.services {
			if s, ok := s.(interface{ Close() }); ok {
				s.Close()
			}
		}
	})
}

// Flush writes to the state what services write behind the calls.
func (rt *Runtime) Flush(ctx context.Context) (err error) {
	for _, s := range rt.services {
		if s, ok := s.(interface{ Flush(context.Context) error }); ok {
			err = errors.Join(err, s.Flush(ctx))
		}
	}
	return err
}

// Done is closed when the Runtime is.
func (rt *Runtime) Done() <-chan struct{} { return rt.done }

// Config is what the Runtime was made with.
func (rt *Runtime) Config() Config { return rt.config }

// Services are all services.
func (rt *Runtime) Services() []Service { return rt.services }

// Account is the default account: that of callers whose access key names none.
func (rt *Runtime) Account() string { return rt.config.Account }

// Now is the time by the Runtime's clock.
func (rt *Runtime) Now() time.Time { return rt.config.Clock.Now() }

// PoliciesInForce are the policies that requests are decided with, by owner, kind
// and name.
func (rt *Runtime) PoliciesInForce(ctx context.Context) ([]resource.PolicyInForce, error) {
	all, err := rt.Identity.PoliciesInForce(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range rt.services {
		holder, ok := s.(interface {
			PoliciesInForce(context.Context) ([]resource.PolicyInForce, error)
		})
		if !ok {
			continue
		}
		policies, err := holder.PoliciesInForce(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, policies...)
	}
	slices.SortFunc(all, func(a, b resource.PolicyInForce) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name(), b.Name()))
	})
	return all, nil
}
