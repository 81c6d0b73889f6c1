package server

import (
	"context"
	"fmt"

	"github.com/waxseal/waxseal/internal/api"
)

// forward makes a call of one service to another on behalf of the caller of
// ctx's request: with the caller's identity, as AWS's forward access sessions do.
func forward[Out any](ctx context.Context, d *dispatcher, from, to, operation string, in any) (*Out, error) {
	request := *api.RequestFrom(ctx)
	request.Origin = origin(&request)
	request.ID = d.ids.UUID()
	request.CalledVia = via(request.CalledVia, d.services[from].Principal)
	// What the caller's connection was is not what this call's is.
	request.SecureTransport = true
	request.VPCEndpoint = nil
	request.Time = d.clock.Now()
	return invoke[Out](ctx, d, &request, to, operation, in)
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
