package api

import (
	"cmp"
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/waxseal/waxseal/policyeval"
)

// Caller is the authenticated principal of a call.
type Caller struct {
	policyeval.Principal
	// Name is the user's, role's or federated user's name.
	Name string
	// UserID is aws:userid: AIDA…, AROA…:session, the account id of a root user,
	// ACCOUNT:name of a federated user.
	UserID      string
	AccessKeyID string
	// Tags are the principal's tags, with session tags over a role's own:
	// aws:PrincipalTag.
	Tags map[string]string
	// Session is set for temporary credentials.
	Session *Session
	// OrgID and OrgPath are the organization of the principal's account and its
	// place in it, such as o-…/r-…/ou-…/; empty where it is in none.
	OrgID, OrgPath string
	// Policies are those that follow the principal: identity, boundary and
	// session policies, SCPs.
	Policies policyeval.Policies
}

// Session is what temporary credentials add to their principal.
type Session struct {
	Name           string // role session name
	Issued         time.Time
	Expires        time.Time
	SourceIdentity string
	TransitiveTags []string
	// Scope distinguishes sessions of one principal that have different
	// session policies; empty where there are none.
	Scope string
	// FederatedProvider is aws:FederatedProvider: the identity provider whose
	// token the role was assumed with; empty where none was.
	FederatedProvider string
	// SAML are the keys saml:namequalifier, saml:sub and saml:sub_type of a
	// session that a SAML provider gave; nil: none gave it.
	SAML map[string]string
	// MFA is when an MFA device was used to get the session; zero: none was.
	MFA time.Time
	// Task marks a session of AssumeRoot: the root user of a member of an
	// organization, limited to a task.
	Task bool
}

// InTask reports whether the caller is the root user of a member of an
// organization in a session of AssumeRoot.
func (c *Caller) InTask() bool { return c.Session != nil && c.Session.Task }

// DisplayName is how denials, the log and the control API name the caller: its ARN,
// a service principal's name, or anonymous.
func (c *Caller) DisplayName() string {
	switch c.Type {
	case policyeval.Anonymous:
		return "anonymous"
	case policyeval.Service:
		return c.Service
	default:
		return c.ARN
	}
}

// Requester identifies the caller as the services' data-key caches do: sessions
// of one role are one requester, unless their session policies differ. A role
// that was made again is another.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html.
func (c *Caller) Requester() string {
	switch c.Type {
	case policyeval.Service:
		return c.Service
	case policyeval.Anonymous:
		return "anonymous"
	case policyeval.AssumedRole, policyeval.FederatedUser:
		issuer := cmp.Or(c.ID, c.IssuerARN)
		if c.Session != nil {
			return issuer + "#" + c.Session.Scope
		}
		return issuer
	default:
		return cmp.Or(c.ID, c.ARN)
	}
}

// PrincipalARN is aws:PrincipalArn: a session's role, else the principal itself.
func (c *Caller) PrincipalARN() string {
	if c.Type == policyeval.AssumedRole {
		return c.IssuerARN
	}
	return c.ARN
}

// Request is the environment of one call. It travels in the context of an
// operation's method and of every call that it makes on the caller's behalf.
type Request struct {
	ID string
	// EventID is the id of the call's record in the trail.
	EventID uuid.UUID
	// Origin is the id of the request that came over the connection, where a
	// service makes this call in its course; empty for that request itself.
	Origin  string
	Caller  *Caller
	Account string // the caller's account; for a service principal the account it acts for
	Region  string
	Time    time.Time // by the clock
	// Generation is that of the identities when the caller was authenticated; empty:
	// it was not, or so long ago that they may be others.
	Generation string
	// SecureTransport is whether the connection is TLS.
	SecureTransport bool
	SourceIP        string
	UserAgent       string
	Referer         string
	// BaseURL is the URL by which the caller reached this server: scheme://host[:port],
	// with the path of the VPC endpoint where the request came by one.
	BaseURL string
	// TraceHeader is the X-Amzn-Trace-Id of the request.
	TraceHeader string
	// Auth is how the request was authenticated, where its dialect streams; nil: it does not.
	Auth *Auth
	// VPCEndpoint is what the request came through; nil: the internet.
	VPCEndpoint *VPCEndpoint
	// CalledVia are the services that forward the caller's call, first to last.
	CalledVia []string
	// InvokedBy is the service that makes the call in a session of a role that was given to
	// it; empty: none does. No aws:CalledVia tells of it.
	InvokedBy string
	// SourceARN and SourceAccount say on behalf of which resource a service
	// principal calls.
	SourceARN, SourceAccount string
	// OwnerUntold: the service does not tell aws:SourceOwner, by which the default policies
	// of topics let services in.
	OwnerUntold bool
	// SystemTags: the call may set and remove tags whose keys begin with aws:, as
	// CloudFormation does.
	SystemTags bool
}

// Auth is how a request for an object was authenticated. What it does not say is empty.
type Auth struct {
	Type          string    // REST-HEADER, REST-QUERY-STRING or POST
	Version       string    // of the signature: AWS4-HMAC-SHA256, or AWS for version 2
	Signed        time.Time // by the clock of who signed
	Age           time.Duration
	ContentSHA256 string // x-amz-content-sha256 as it was sent
	TLSVersion    string // such as 1.3
}

// VPCEndpoint is a VPC endpoint as the request sees it that comes through it.
type VPCEndpoint struct {
	ID      string // vpce-…
	VPC     string // vpc-…
	Account string // that owns the endpoint
	Region  string
	Service string // that it serves, such as sqs
	Policy  *policyeval.Policy
	// PublicURL is the BaseURL of a caller that reaches this server without the endpoint.
	PublicURL string
}

// PublicURL is BaseURL without the VPC endpoint that the request came through: the
// URL for others, such as the endpoint of a subscription, which is outside the VPC.
func (r *Request) PublicURL() string {
	if r.VPCEndpoint != nil {
		return r.VPCEndpoint.PublicURL
	}
	return r.BaseURL
}

// Direct reports whether the caller itself is at the other end of the connection.
func (r *Request) Direct() bool {
	return len(r.CalledVia) == 0 && r.InvokedBy == "" && r.Caller.Type != policyeval.Service
}

// ThroughEndpoint reports whether the keys of the VPC endpoint apply: only the caller's
// own connection goes through it, not the calls that services make for it.
func (r *Request) ThroughEndpoint() bool { return r.VPCEndpoint != nil && r.Direct() }

type contextKey struct{}

// WithRequest is ctx with r in it.
func WithRequest(ctx context.Context, r *Request) context.Context {
	return context.WithValue(ctx, contextKey{}, r)
}

// RequestFrom is the request that ctx carries. A context without one, while a state
// is prepared or in the background, gives the request of an anonymous caller, so
// that no policy lets it in by mistake.
func RequestFrom(ctx context.Context) *Request {
	if r, ok := ctx.Value(contextKey{}).(*Request); ok && r != nil {
		return r
	}
	return &Request{Caller: &Caller{Principal: policyeval.Principal{Type: policyeval.Anonymous}, UserID: "anonymous"}}
}
