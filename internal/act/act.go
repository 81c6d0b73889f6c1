// Package act makes one API call within the process, as whatever principal and however it
// would arrive, with all policies enforced: as the tests of an answer do, and for services
// that are not emulated.
package act

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/wire"
)

// Call is a call to be made. Exactly one of Service, As, Anonymous and Caller says who
// calls.
type Call struct {
	// Service is the service principal that calls, such as s3.amazonaws.com, and
	// SourceArn and SourceAccount say on behalf of which resource.
	Service, SourceArn, SourceAccount string
	// As is a principal of the default account: root, role/NAME, user/NAME or an ARN.
	As        string
	Anonymous bool
	Caller    *api.Caller

	Action string          // such as sns:Publish
	Params json.RawMessage // empty: none
	Region string          // empty: the default
	// HTTP: the call comes over a connection without TLS.
	HTTP bool
	// Endpoint is the id of the VPC endpoint through which it comes; empty: the internet.
	Endpoint string
	// BaseURL, SourceIP and UserAgent are those of the request.
	BaseURL, SourceIP, UserAgent string
}

// Result is what became of a call.
type Result struct {
	RequestID string
	Status    int
	Response  json.RawMessage // nil where Error is not
	Error     *api.Error
}

// Malformed says that a call cannot be made, because it is not well described.
type Malformed struct{ message string }

func (m *Malformed) Error() string { return m.message }

func malformed(format string, args ...any) error { return &Malformed{fmt.Sprintf(format, args...)} }

// Perform makes a call. It fails with a *Malformed, with identity.ErrNotFound where As
// names nobody, with wire.ErrLongStream, and where the state fails.
func Perform(ctx context.Context, rt *runtime.Runtime, c *Call) (*Result, error) {
	name, operation, _ := strings.Cut(c.Action, ":")
	to := rt.Dispatcher.Service(name)
	if to == nil || to.Operation(operation) == nil {
		return nil, malformed("action: %q is not an operation such as sns:Publish", c.Action)
	}
	request, err := c.request(ctx, rt)
	if err != nil {
		return nil, err
	}
	if err := c.through(ctx, rt, name, request); err != nil {
		return nil, err
	}
	op := to.Operation(operation)
	params := c.Params
	if len(params) == 0 {
		params = json.RawMessage("{}")
	}
	in, violations, bad := wire.DecodeJSON(params, op.In)
	if bad == nil && len(violations) > 0 {
		bad = to.InvalidInput(ctx, request, in, violations)
	}
	if bad != nil {
		return failed(request.ID, to, bad), nil
	}
	out, err := rt.Dispatcher.Do(ctx, &dispatch.Call{Service: to, Operation: op, Request: request, Input: in})
	if err != nil {
		return failed(request.ID, to, api.AsError(err)), nil
	}
	response, err := wire.WholeJSONOf(out)
	switch {
	case errors.Is(err, wire.ErrLongStream):
		return nil, err
	case err != nil:
		return failed(request.ID, to, api.AsError(err)), nil
	}
	return &Result{RequestID: request.ID, Status: 200, Response: response}, nil
}

func failed(id string, by *dispatch.Service, e *api.Error) *Result {
	return &Result{RequestID: id, Status: by.Status(e), Error: e}
}

// request is the environment of the call.
func (c *Call) request(ctx context.Context, rt *runtime.Runtime) (*api.Request, error) {
	config := rt.Config()
	request := &api.Request{
		ID: config.IDs.UUID(), Region: c.Region, Time: rt.Now(),
		SecureTransport: !c.HTTP, BaseURL: c.BaseURL, SourceIP: c.SourceIP, UserAgent: c.UserAgent,
	}
	if request.Region == "" {
		request.Region = config.Region
	}
	if err := config.Regions.Check(request.Region); err != nil {
		return nil, malformed("region: %v", err)
	}
	if err := c.setCaller(ctx, rt, request); err != nil {
		return nil, err
	}
	return request, nil
}

func (c *Call) setCaller(ctx context.Context, rt *runtime.Runtime, request *api.Request) error {
	if c.Service == "" && (c.SourceArn != "" || c.SourceAccount != "") {
		return malformed("sourceArn and sourceAccount are of calls by a service")
	}
	switch {
	case c.Service != "" && c.As != "":
		return malformed("either service or as says who acts, not both")
	case c.Service != "":
		return c.setService(rt, request)
	case c.As != "":
		caller, err := rt.Identity.Principal(ctx, rt.Account(), request.Region, c.As)
		if err != nil {
			return fmt.Errorf("as: %w", err)
		}
		request.Caller, request.Account = caller, caller.Account
	case c.Anonymous:
		request.Caller = identity.Anonymous()
	case c.Caller != nil:
		request.Caller, request.Account = c.Caller, c.Caller.Account
	default:
		return malformed("service or as is to say who acts")
	}
	return nil
}

func (c *Call) setService(rt *runtime.Runtime, request *api.Request) error {
	if !identity.IsService(c.Service) {
		return malformed("service: %q is not a service principal such as s3.amazonaws.com", c.Service)
	}
	request.Caller = identity.ServicePrincipal(c.Service)
	request.SourceARN, request.SourceAccount = c.SourceArn, c.SourceAccount
	request.Account = c.SourceAccount
	if source, err := arn.Parse(c.SourceArn); request.Account == "" && err == nil {
		request.Account = source.AccountID
	}
	if request.Account == "" {
		request.Account = rt.Account()
	}
	return nil
}

// through has the call come through its VPC endpoint.
func (c *Call) through(ctx context.Context, rt *runtime.Runtime, service string, request *api.Request) error {
	if c.Endpoint == "" {
		return nil
	}
	e, err := rt.EC2.Endpoint(ctx, c.Endpoint)
	switch {
	case err != nil:
		return err
	case e == nil:
		return malformed("endpoint: there is no VPC endpoint %s", c.Endpoint)
	case !e.Available():
		return malformed("endpoint: %s is %s, not available", c.Endpoint, e.State)
	case e.Service != service || e.Region != request.Region:
		return malformed("endpoint: %s is for %s in %s", c.Endpoint, e.Service, e.Region)
	}
	source := e.From()
	if source == (netip.Addr{}) {
		return malformed("endpoint: %s has no addresses", e.VPC)
	}
	request.SourceIP = source.String()
	request.VPCEndpoint = &api.VPCEndpoint{ID: e.ID, VPC: e.VPC, Account: e.Account, Region: e.Region, Service: e.Service, Policy: e.Policy, PublicURL: c.BaseURL}
	return nil
}
