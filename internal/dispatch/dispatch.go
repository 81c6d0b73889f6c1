package dispatch

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/notice"
	"github.com/waxseal/waxseal/internal/record"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// Config says what a Dispatcher works with.
type Config struct {
	Clock    *clock.Turnable
	IDs      *ids.Source
	Log      *slog.Logger
	Identity *identity.Directory
	// Regions are those that requests may be signed for; nil: AWS's.
	Regions *arn.Regions
	// Account is the account of callers whose access key names none.
	Account string
	// StrictCredentials refuses access keys that were not made here.
	StrictCredentials bool
	// Parameters appends an input or output as a CloudTrail record shows it.
	Parameters func(dst []byte, shape any) []byte
	// Recorded is told of every call that has ended, at once, but for those that only a VPC
	// endpoint's policy denied [F9]; nil: nobody is. It must not block.
	Recorded func(*record.Call)
}

// Dispatcher carries calls to the services that are registered with it, and
// remembers what was decided and done. It is safe for concurrent use once all
// services are registered.
type Dispatcher struct {
	config    Config
	byName    map[string]*Service
	services  []*Service // in the order in which they were registered
	keeper    *record.Keeper
	decisions *record.Decisions
	records   *trail.Log[*record.Call]
	coverage  *policyeval.Coverage
	// noticed is what was logged already and is logged only once. Unknown sessions are
	// kept apart: a caller can fill the set with made-up regions.
	noticed        notice.Set
	unknownSession sync.Once
}

// New is a dispatcher without services.
func New(c Config) *Dispatcher {
	return &Dispatcher{
		config: c, byName: map[string]*Service{},
		keeper:    &record.Keeper{Source: environmentOf, Parameters: c.Parameters},
		decisions: record.NewDecisions(), records: record.NewCalls(), coverage: new(policyeval.Coverage),
	}
}

// Register adds a service.
func (d *Dispatcher) Register(described api.Service) *Service {
	s := &Service{&described, make(map[string]*api.Operation, len(described.Operations))}
	for i := range described.Operations {
		op := &described.Operations[i]
		s.operations[op.Name] = op
	}
	d.byName[s.Name] = s
	d.services = append(d.services, s)
	return s
}

// Service is the service of a name such as sqs; nil: there is none.
func (d *Dispatcher) Service(name string) *Service { return d.byName[name] }

// Services are all services, in the order in which they were registered.
func (d *Dispatcher) Services() []*Service { return d.services }

// Names are the names of the services, such as sqs, but for those that are a neighbor's
// for the greater part.
func (d *Dispatcher) Names() []string {
	var names []string
	for _, s := range d.services {
		if s.Own == nil {
			names = append(names, s.Name)
		}
	}
	return names
}

// Decisions is the log of the decisions that were taken.
func (d *Dispatcher) Decisions() *record.Decisions { return d.decisions }

// Records is the log of the calls.
func (d *Dispatcher) Records() *trail.Log[*record.Call] { return d.records }

// Coverage counts the results of the policies' statements in the decisions.
func (d *Dispatcher) Coverage() *policyeval.Coverage { return d.coverage }

// Service is an AWS service that takes calls.
type Service struct {
	*api.Service
	operations map[string]*api.Operation
}

// Operation is the operation of a name; nil: the service has none of that name.
func (s *Service) Operation(name string) *api.Operation { return s.operations[name] }

// InvalidInput is the service's error for an input of r that breaks constraints
// of its shape.
func (s *Service) InvalidInput(ctx context.Context, r *api.Request, in any, violations []api.Violation) *api.Error {
	if s.Earlier != nil {
		if e := s.Earlier(api.WithRequest(ctx, r), in); e != nil {
			return e
		}
	}
	return s.Invalid(violations)
}

// Call is one API call on its way through the stages.
type Call struct {
	Service   *Service
	Operation *api.Operation
	Request   *api.Request
	Input     any // a pointer to a value of the type Operation.In
	// TLS describes the caller's own connection, for the record; nil: it has no TLS, or there is none.
	TLS *trail.TLSDetails

	// generation is the generation of the identities that Authenticate has read; empty:
	// they are to be read anew.
	generation string
	// resolved is what the input was resolved to, once it is known.
	resolved api.Resolved
	// rest are the decisions that the call would have needed after the one that denied it.
	rest []*record.Decision
	// profile is that of Request; nil: it is to be found out.
	profile *record.Profile
	// atEndpoint: only the VPC endpoint's policy denied the call.
	atEndpoint bool
}

// Do takes a decoded call of an authenticated caller through the stages resolve,
// authorize, call and record. The result is a pointer to a value of the type
// Operation.Out; an error is an *api.Error.
func (d *Dispatcher) Do(ctx context.Context, c *Call) (out any, err error) {
	c.Request.EventID = d.config.IDs.NewUUID()
	ctx = api.WithRequest(ctx, c.Request)
	defer func() {
		if p := recover(); p != nil {
			d.config.Log.Error("panic in an operation", "operation", c.Operation.Name, "panic", p, "stack", string(debug.Stack()))
			out, err = nil, api.ErrInternal
		}
		d.record(c, out, err)
	}()
	c.generation = c.Request.Generation
	err = api.RetryChanged(func() (err error) {
		out, err = d.attempt(ctx, c)
		c.generation = "" // if there is another attempt, the identities may be others then
		return err
	})
	if err != nil {
		return nil, d.failed(c, err)
	}
	return out, nil
}

// attempt resolves, authorizes and makes a call. The error is api.ErrChanged
// where the record that it acts on has changed since it was resolved.
func (d *Dispatcher) attempt(ctx context.Context, c *Call) (out any, err error) {
	if c.resolved, err = c.Operation.Resolve(ctx, c.Input); err != nil {
		return nil, err
	}
	if denied := d.authorize(ctx, c); denied != nil {
		return nil, denied
	}
	if c.Service.DryRun != nil {
		if answer := c.Service.DryRun(c.Input); answer != nil {
			return nil, answer
		}
	}
	return c.Operation.Call(ctx, c.Input, c.resolved)
}

// failed is err as the caller may see it. An error that is no *api.Error is an
// internal failure: its cause is logged and not sent, unless it is that nobody waits for
// the answer any more.
func (d *Dispatcher) failed(c *Call, err error) *api.Error {
	e := api.AsError(err)
	if e.Cause != nil && errors.Is(e, api.ErrInternal) && !errors.Is(e.Cause, context.Canceled) {
		d.config.Log.Error("internal failure", "operation", c.Operation.Name, "request", c.Request.ID, "cause", e.Cause)
	}
	return e
}
