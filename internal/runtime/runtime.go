package runtime

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"

	"github.com/waxseal/waxseal/iam"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/egress"
	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/wire"
	"github.com/waxseal/waxseal/kms"
	"github.com/waxseal/waxseal/sns"
	"github.com/waxseal/waxseal/sqs"
)

// Config says what a Runtime works with. All of it is wanted but where a field
// says what it is without.
type Config struct {
	Engine store.Engine
	Clock  *clock.Turnable
	IDs    *ids.Source
	HSM    *hsm.Module
	// Account is that of callers whose access key tells of none.
	Account string
	// Region is that of requests that name none.
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

	// idle: the services do nothing of themselves, such as deliveries.
	idle bool
}

// Runtime is a state with its services and what they remember of it in memory. It
// is safe for concurrent use.
type Runtime struct {
	Dispatcher *dispatch.Dispatcher
	Identity   *identity.Directory
	// The services that something else needs than calls.
	SQS *sqs.Service
	SNS *sns.Service
	KMS *kms.Service
	IAM *iam.Service
	// Deliveries are SNS's deliveries, and Captured what would have left by them
	// for mail, text messages and the like.
	Deliveries *egress.Deliveries
	Captured   *egress.Captured

	config   Config
	services []Service
	// What services ask of each other.
	generateDataKey, decrypt, sendMessage dispatch.Route
	// sources are where the policies stand that files declare.
	sources sources
	done    chan struct{}
	ended   sync.Once
}

// Open brings a state to what it begins with, the proof of the root key and what
// the fixtures declare, and makes a Runtime on it. All of it is written at once;
// where Open fails, nothing is. It fails with ErrRootKey, or with fixture.Problems
// where what the state holds and the fixtures do not go together.
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
	rt := &Runtime{config: c, Deliveries: egress.NewDeliveries(), Captured: egress.NewCaptured(), done: make(chan struct{})}
	rt.Identity = identity.New(identity.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, HSM: c.HSM,
		StrictCredentials: c.Strict.Credentials,
	})
	rt.Dispatcher = dispatch.New(dispatch.Config{
		Clock: c.Clock, IDs: c.IDs, Log: c.Log, Identity: rt.Identity, Regions: c.Regions,
		Account: c.Account, StrictCredentials: c.Strict.Credentials, Parameters: wire.TrailParameters,
	})
	for _, construct := range slices.Concat(All, c.Further) {
		s := construct(rt, &rt.config)
		rt.services = append(rt.services, s)
		rt.Dispatcher.Register(s.API())
	}
	rt.generateDataKey, rt.decrypt = rt.Dispatcher.Route("kms", "GenerateDataKey"), rt.Dispatcher.Route("kms", "Decrypt")
	rt.sendMessage = rt.Dispatcher.Route("sqs", "SendMessage")
	return rt
}

// Close stops what runs by itself: long polls answer, deliveries stop, streams
// end. Calls that are under way go on.
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

// Done is closed when the Runtime is.
func (rt *Runtime) Done() <-chan struct{} { return rt.done }

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
