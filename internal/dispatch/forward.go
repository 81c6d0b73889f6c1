package dispatch

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
)

// Route is an operation of a service, looked up once for many calls.
type Route struct {
	service   *Service
	operation *api.Operation
}

// Route is the operation of a service, by their names. It panics where there is
// none: the names are the program's own.
func (d *Dispatcher) Route(service, operation string) Route {
	if s := d.byName[service]; s != nil && s.operations[operation] != nil {
		return Route{s, s.operations[operation]}
	}
	panic("dispatch: there is no operation " + service + ":" + operation)
}

// Forward makes a call of one service to another on behalf of the caller of
// ctx's request: with the caller's identity, as AWS's forward access sessions do.
// The error is an *api.Error with the forwarded call's id.
func Forward[Out any](ctx context.Context, d *Dispatcher, from string, to Route, in any) (*Out, error) {
	request := d.Forwarded(api.RequestFrom(ctx), from)
	out, err := Invoke[Out](ctx, d, request, to, in)
	if err != nil {
		failed := *api.AsError(err)
		failed.RequestID = request.ID
		return nil, &failed
	}
	return out, nil
}

// Forwarded is the request with which a service forwards the call of r's caller.
func (d *Dispatcher) Forwarded(r *api.Request, from string) *api.Request {
	request := *r
	request.Origin = Origin(r)
	request.ID = d.config.IDs.UUID()
	request.CalledVia = via(r.CalledVia, d.byName[from].Principal)
	// The call between services does not travel over the caller's connection.
	request.SecureTransport = true
	request.BaseURL = r.PublicURL()
	request.VPCEndpoint = nil
	request.Generation = ""
	request.Time = d.config.Clock.Now()
	return &request
}

// Invoke makes a call of one service to another as the caller that request names. The
// result is the operation's output.
func Invoke[Out any](ctx context.Context, d *Dispatcher, request *api.Request, to Route, in any) (*Out, error) {
	out, err := d.Do(ctx, &Call{Service: to.service, Operation: to.operation, Request: request, Input: in})
	if err != nil {
		return nil, err
	}
	return out.(*Out), nil
}

// Origin is the id of the client's request in whose course r is made; r's own id
// where r is the client's request.
func Origin(r *api.Request) string {
	if r.Origin != "" {
		return r.Origin
	}
	return r.ID
}
