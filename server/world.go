package server

import (
	"log/slog"
	"sync"

	"github.com/waxseal/waxseal/iam"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/sigv4"
	"github.com/waxseal/waxseal/kms"
	"github.com/waxseal/waxseal/organizations"
	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/sns"
	"github.com/waxseal/waxseal/sqs"
	"github.com/waxseal/waxseal/sts"
)

// world is the state with its services and what they remember of it in memory.
// A reset ends one world and begins another.
type world struct {
	dispatcher *dispatcher
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
	// stranger is for telling once of credentials from elsewhere.
	stranger sync.Once
	// noticed is what else the log was told of once, and refused of whose calls
	// reach nothing: apart, for whoever makes these makes up as many as it likes.
	noticed, refused noticed
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
		dispatcher: &dispatcher{
			clock: c.Clock, ids: c.IDs, log: c.Log,
			decisions: newDecisions(),
			events:    newEvents(),
			services:  map[string]*service{}, byTarget: map[string]*service{},
			byVersion: map[string]*service{}, byAction: map[string]*service{},
		},
		deliveries: newDeliveries(),
		outbox:     newOutbox(),
		done:       make(chan struct{}),
	}
	w.signatures = sigv4.NewVerifier(c.Regions)
	d := w.dispatcher
	d.coverage = new(policyeval.Coverage)
	w.identity = identity.New(identity.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, HSM: module,
		StrictCredentials: c.Strict.Credentials,
	})
	d.identity = w.identity
	w.sqs = sqs.New(sqs.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, HSM: module,
		KMS: keys{d, "sqs"}, PrincipalExists: w.identity.Exists, WarnPrincipals: !c.Strict.Principals, Names: w.identity,
		Principal: w.identity.Principal, StrictTransport: c.Strict.Transport, Log: c.Log, Idle: idle,
	})
	w.sns = sns.New(sns.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, HSM: module,
		KMS: keys{d, "sns"}, Queues: queues{d}, Recorder: w.deliveries, Poster: poster{}, Outbox: w.outbox,
		PrincipalExists: w.identity.Exists, StrictPrincipals: c.Strict.Principals, Names: w.identity,
		StrictTransport: c.Strict.Transport, Log: c.Log, Lanes: c.Lanes, Idle: idle,
	})
	w.kms = kms.New(kms.Config{
		Engine: c.Engine, Clock: c.Clock, IDs: c.IDs, HSM: module,
		PrincipalExists: w.identity.Exists, WarnPrincipals: !c.Strict.Principals, Names: w.identity, Log: c.Log, Regions: c.Regions,
	})
	d.register(w.sqs.API())
	d.register(w.sns.API())
	d.register(w.kms.API())
	w.iam = iam.New(iam.Config{Directory: w.identity, StrictPrincipals: c.Strict.Principals, Log: c.Log})
	d.register(w.iam.API())
	d.register(organizations.New(organizations.Config{Directory: w.identity, IDs: c.IDs, Log: c.Log}).API())
	d.register(sts.New(sts.Config{Directory: w.identity, Issuers: issuerKeys}).API())
	return w
}

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
