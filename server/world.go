package server

import (
	"log/slog"
	"sync"

	"github.com/waxseal/waxseal/iam"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/egress"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/notice"
	"github.com/waxseal/waxseal/internal/sigv4"
	"github.com/waxseal/waxseal/internal/wire"
	"github.com/waxseal/waxseal/kms"
	"github.com/waxseal/waxseal/organizations"
	"github.com/waxseal/waxseal/sns"
	"github.com/waxseal/waxseal/sqs"
	"github.com/waxseal/waxseal/sts"
)

// world is the state with its services and what they remember of it in memory.
// A reset ends one world and begins another.
type world struct {
	clock      clock.Clock
	ids        *ids.Source
	dispatcher *dispatch.Dispatcher
	router     *wire.Router // of the requests from outside
	identity   *identity.Directory
	signatures *sigv4.Verifier
	sqs        *sqs.Service
	sns        *sns.Service
	kms        *kms.Service
	iam        *iam.Service
	deliveries *deliveries
	outbox     *outbox
	// sources are where the policies stand that files declare.
	sources sources
	// noticed is what else the log was told of once, and refused of whose calls
	// reach nothing: apart, for whoever makes these makes up as many as it likes.
	noticed, refused notice.Set
	// done is closed when the world ends, once.
	done  chan struct{}
	ended sync.Once
}

// Whether a world does something on its own, such as deliveries.
const (
	idle = true
	busy = false
)

func newWorld(c *Config, module *hsm.Module, idle bool) *world {
	w := &world{
		clock: c.Clock, ids: c.IDs,
		router:     wire.NewRouter(),
		deliveries: newDeliveries(),
		outbox:     newOutbox(),
		done:       make(chan struct{}),
	}
	w.signatures = sigv4.NewVerifier(c.Regions)
	w.identity = identity.New(identity.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, HSM: module,
		StrictCredentials: c.Strict.Credentials,
	})
	w.dispatcher = dispatch.New(dispatch.Config{
		Clock: c.Clock, IDs: c.IDs, Log: c.Log, Identity: w.identity, Regions: c.Regions,
		Account: c.Account, StrictCredentials: c.Strict.Credentials, Parameters: wire.TrailParameters,
	})
	d := w.dispatcher
	w.sqs = sqs.New(sqs.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, HSM: module,
		KMS: keys{d, "sqs"}, PrincipalExists: w.identity.Exists, StrictPrincipals: c.Strict.Principals, Names: w.identity,
		Principal: w.identity.Principal, StrictTransport: c.Strict.Transport, Log: c.Log, Idle: idle,
	})
	w.sns = sns.New(sns.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, HSM: module,
		KMS: keys{d, "sns"}, Queues: w.queues(), Recorder: w.deliveries, Poster: egress.HTTPSender{}, Outbox: w.outbox,
		PrincipalExists: w.identity.Exists, StrictPrincipals: c.Strict.Principals, Names: w.identity,
		StrictTransport: c.Strict.Transport, Log: c.Log, Lanes: c.Lanes, Idle: idle,
	})
	w.kms = kms.New(kms.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, HSM: module,
		PrincipalExists: w.identity.Exists, StrictPrincipals: c.Strict.Principals, Names: w.identity, Log: c.Log, Regions: c.Regions,
	})
	d.Register(w.sqs.API())
	d.Register(w.sns.API())
	d.Register(w.kms.API())
	w.iam = iam.New(iam.Config{Directory: w.identity, StrictPrincipals: c.Strict.Principals, Log: c.Log})
	d.Register(w.iam.API())
	d.Register(organizations.New(organizations.Config{Directory: w.identity, IDs: c.IDs, Log: c.Log}).API())
	d.Register(sts.New(sts.Config{Directory: w.identity, Issuers: egress.IssuerKeys}).API())
	for _, service := range d.Services() {
		w.router.Add(service.Service)
	}
	return w
}

// queues is SQS as SNS delivers to it.
func (w *world) queues() queues { return queues{w.dispatcher, w.ids, w.clock} }

// end stops what runs in the world by itself: long polls answer, deliveries
// stop, streams end. Calls that are under way go on.
func (w *world) end() {
	w.ended.Do(func() {
		close(w.done)
		w.sqs.Close()
		w.sns.Close()
	})
}

// discard is a log for who wants none.
func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
