package runtime

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/ec2"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/provision"
	"github.com/waxseal/waxseal/internal/wire"
	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/s3"
	"github.com/waxseal/waxseal/sts"
)

// stacks is what CloudFormation's stacks are made in. It implements cloudformation.World.
type stacks struct{ *Runtime }

// StackSession is the name of the sessions in which CloudFormation acts as a role.
const StackSession = "AWSCloudFormation"

// stackCalls are the calls of a stack's resources, as a caller or in a session of a role.
type stackCalls struct {
	stacks
	session *api.Caller // nil: as the caller of each request
}

// sessionKey is where a context has the session in which a stack is made: that of its
// service role is that of its nested stacks, too.
type sessionKey struct{}

func (s stacks) Calls(ctx context.Context, stack, role string) (provision.Calls, error) {
	if role == "" {
		session, _ := ctx.Value(sessionKey{}).(*api.Caller)
		return stackCalls{s, session}, nil
	}
	session, err := s.serviceRole(ctx, stack, role)
	if err != nil {
		return nil, err
	}
	return stackCalls{s, session}, nil
}

// serviceRole is a session of a stack's role, which the role's trust policy must let
// CloudFormation have [C043].
func (s stacks) serviceRole(ctx context.Context, stack, role string) (*api.Caller, error) {
	from := api.RequestFrom(ctx)
	request := &api.Request{
		ID: s.config.IDs.UUID(), Origin: dispatch.Origin(from), Caller: identity.ServicePrincipal(s.Dispatcher.Service("cloudformation").Principal),
		Account: from.Account, Region: from.Region, Time: s.config.Clock.Now(), SecureTransport: true, SourceARN: stack, SourceAccount: from.Account,
	}
	out, err := dispatch.Invoke[sts.AssumeRoleOutput](ctx, s.Dispatcher, request, s.assumeRole, &sts.AssumeRoleInput{RoleArn: role, RoleSessionName: StackSession})
	if err != nil {
		failed := *api.AsError(err)
		failed.RequestID = request.ID
		return nil, &failed
	}
	credentials, err := s.Identity.Credentials(ctx, out.Credentials.AccessKeyId)
	if err != nil {
		return nil, err
	}
	if credentials == nil || credentials.Caller == nil { // the role was deleted meanwhile
		return nil, api.ErrInvalidToken
	}
	return credentials.Caller, nil
}

// request is the environment of a call that is made for a stack in the course of from. A
// stack in another stack is the caller's once more, and not another service's.
func (c stackCalls) request(from *api.Request) *api.Request {
	request := c.Dispatcher.Forwarded(from, "cloudformation")
	request.SystemTags = true
	if c.session != nil {
		request.InvokedBy, request.CalledVia = request.CalledVia[len(request.CalledVia)-1], nil
		request.Caller, request.Account = c.session, c.session.Account
		return request
	}
	if n := len(from.CalledVia); n > 0 && from.CalledVia[n-1] == request.CalledVia[n] {
		request.CalledVia = slices.Clone(from.CalledVia)
	}
	return request
}

var errNoSuchCall = &api.Error{Code: "InvalidAction", Common: true}

// Call implements provision.Calls.
func (c stackCalls) Call(ctx context.Context, service, operation string, in map[string]any) (map[string]any, error) {
	to := c.Dispatcher.Service(service)
	if to == nil || to.Operation(operation) == nil {
		return nil, errNoSuchCall.Withf("%s:%s is not emulated.", service, operation)
	}
	op, request := to.Operation(operation), c.request(api.RequestFrom(ctx))
	request.Region = provision.RegionOf(ctx, provision.Stack{Region: request.Region})
	text, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	value, violations, refused := wire.DecodeJSON(text, op.In)
	if refused == nil && len(violations) > 0 {
		refused = to.InvalidInput(ctx, request, value, violations)
	}
	if refused != nil {
		return nil, refused
	}
	out, err := c.Dispatcher.Do(context.WithValue(ctx, sessionKey{}, c.session), &dispatch.Call{Service: to, Operation: op, Request: request, Input: value})
	if err != nil {
		failed := *api.AsError(err)
		failed.RequestID = request.ID
		return nil, &failed
	}
	if text, err = wire.WholeJSONOf(out); err != nil {
		return nil, err
	}
	var members map[string]any
	if len(text) > 0 {
		err = json.Unmarshal(text, &members)
	}
	return members, err
}

func (s stacks) As(ctx context.Context, account, region, principal, baseURL string) (context.Context, error) {
	caller, err := s.Identity.Principal(ctx, account, region, principal)
	if err != nil {
		return nil, err
	}
	return api.WithRequest(ctx, &api.Request{
		ID: s.config.IDs.UUID(), Caller: caller, Account: account, Region: region, Time: s.config.Clock.Now(),
		SecureTransport: true, BaseURL: baseURL,
	}), nil
}

// maxObject is how much of an object is read: more than any template may have.
const maxObject = 1 << 21

func (s stacks) Object(ctx context.Context, bucket, key, version string) (string, error) {
	in := &s3.GetObjectInput{Bucket: bucket, Key: key}
	if version != "" {
		in.VersionId = &version
	}
	out, err := dispatch.Forward[s3.GetObjectOutput](ctx, s.Dispatcher, "cloudformation", s.getObject, in)
	if err != nil {
		return "", err
	}
	defer func() { _ = out.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(out.Body, maxObject))
	return string(text), err
}

func (s stacks) Zones(ctx context.Context) ([]string, error) {
	out, err := s.EC2.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{})
	if err != nil {
		return nil, err
	}
	zones := make([]string, len(out.AvailabilityZones))
	for i, z := range out.AvailabilityZones {
		zones[i] = z.ZoneName
	}
	slices.Sort(zones)
	return zones, nil
}

// Explained says, behind the reason of a denial, what would have to change for it to be
// allowed: AWS's words do not tell.
func (s stacks) Explained(_ context.Context, reason, requestID string) string {
	for d := range s.Dispatcher.Decisions().Newest() {
		if !d.Of(requestID) || d.Allowed() {
			continue
		}
		suggested, ok := policyeval.Suggest(&d.Request, &d.Policies)
		if !ok {
			break
		}
		changes := make([]string, len(suggested.Changes))
		for i, c := range suggested.Changes {
			changes[i] = c.String()
		}
		return reason + " — to allow it, " + strings.Join(changes, "; and ") + " (waxseal explain " + requestID + ")"
	}
	return reason
}
