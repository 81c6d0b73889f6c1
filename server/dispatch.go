package server

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// dispatcher carries calls to the services of one world.
type dispatcher struct {
	clock     clock.Clock
	ids       *ids.Source
	log       *slog.Logger
	decisions *trail.Log[*trail.Decision]
	events    *trail.Log[*entry]
	identity  *identity.Directory
	coverage  *policyeval.Coverage

	services map[string]*service // by name
	// How a request from outside names a service: by the prefix of its
	// X-Amz-Target, its Query version, an action that it alone has in Query, or a
	// resource's path.
	byTarget, byVersion, byAction map[string]*service
	byPath                        *service
}

// service is an AWS service that takes calls.
type service struct {
	*api.Service
	operations map[string]*api.Operation
}

func (d *dispatcher) register(described api.Service) {
	s := &service{&described, make(map[string]*api.Operation, len(described.Operations))}
	for i := range described.Operations {
		op := &described.Operations[i]
		s.operations[op.Name] = op
	}
	d.services[s.Name] = s
	if s.JSON != nil {
		d.byTarget[s.JSON.TargetPrefix] = s
	}
	if s.Query != nil {
		d.byVersion[s.Query.Version] = s
		for _, version := range s.Query.Earlier {
			d.byVersion[version] = s
		}
		for name := range s.operations {
			if _, taken := d.byAction[name]; taken {
				d.byAction[name] = nil // two services have it: the name tells nothing
				continue
			}
			d.byAction[name] = s
		}
	}
	if s.PathMember != "" {
		d.byPath = s
	}
}

// call is one API call on its way through the stages.
type call struct {
	service *service
	op      *api.Operation
	request *api.Request
	in      any
	// checks are what the call was authorized for, once it is resolved.
	checks []api.Check
	// rest are the decisions that the call would have needed after the one that denied it.
	rest []*trail.Decision
	// entry is where the call is recorded; nil: a new one.
	entry *entry
	// tls describes the caller's own connection, for the record.
	tls *trail.TLSDetails
}

// dispatch takes a decoded call of an identified caller through the stages
// resolve, authorize, call and record.
func (d *dispatcher) dispatch(ctx context.Context, c *call) (out any, err error) {
	c.request.EventID = d.ids.NewUUID()
	ctx = api.WithRequest(ctx, c.request)
	defer func() {
		if p := recover(); p != nil {
			d.log.Error("panic in an operation", "operation", c.op.Name, "panic", p, "stack", string(debug.Stack()))
			out, err = nil, api.ErrInternal
		}
		d.record(c, out, err)
	}()
	if c.checks, err = c.op.Checks(ctx, c.in); err != nil {
		return nil, d.failed(c, err)
	}
	if denied := d.authorize(ctx, c); denied != nil {
		return nil, denied
	}
	if out, err = c.op.Call(ctx, c.in); err != nil {
		return nil, d.failed(c, err)
	}
	return out, nil
}

// failed is err as the caller may see it. What is no AWS error is ours: its
// cause is logged and not sent.
func (d *dispatcher) failed(c *call, err error) *api.Error {
	e := api.AsError(err)
	if e.Cause != nil && errors.Is(e, api.ErrInternal) {
		d.log.Error("internal failure", "operation", c.op.Name, "request", c.request.ID, "cause", e.Cause)
	}
	return e
}
