package server

import (
	"context"
	"fmt"

	"github.com/waxseal/waxseal/internal/api"
)

// forward makes a call of one service to another on behalf of the caller of
// ctx's request: with the caller's identity, as AWS's forward access sessions do.
func forward[Out any](ctx context.Context, d *dispatcher, from, to, operation string, in any) (*Out, error) {
	request := d.forwarded(api.RequestFrom(ctx), from)
	out, err := invoke[Out](ctx, d, request, to, operation, in)
	if err != nil {
		noteRefusal(ctx, request.ID)
	}
	return out, err
}

// forwarded is the request with which a service forwards the call of r's caller.
func (d *dispatcher) forwarded(r *api.Request, from string) *api.Request {
	request := *r
	request.Origin = origin(r)
	request.ID = d.ids.UUID()
	request.CalledVia = via(r.CalledVia, d.services[from].Principal)
	// What the caller's connection was is not what this call's is.
	request.SecureTransport = true
	request.VPCEndpoint = nil
	request.Time = d.clock.Now()
	return &request
}

type refusalKey struct{}

// withRefusal is a context in which the id of the forwarded call that failed is
// noted in id: the call's own decision allowed it, and the one to be looked at is that.
func withRefusal(ctx context.Context, id *string) context.Context {
	return context.WithValue(ctx, refusalKey{}, id)
}

func noteRefusal(ctx context.Context, id string) {
	if noted, ok := ctx.Value(refusalKey{}).(*string); ok {
		*noted = id
	}
}

// invoke makes a call as request says.
func invoke[Out any](ctx context.Context, d *dispatcher, request *api.Request, to, operation string, in any) (*Out, error) {
	s := d.services[to]
	op := s.operations[operation]
	if op == nil {
		return nil, fmt.Errorf("server: %s has no operation %s", to, operation)
	}
	out, err := d.dispatch(ctx, &call{service: s, op: op, request: request, in: in})
	if err != nil {
		return nil, err
	}
	return out.(*Out), nil
}

// origin is the request that came over the connection.
func origin(r *api.Request) string {
	if r.Origin != "" {
		return r.Origin
	}
	return r.ID
}
