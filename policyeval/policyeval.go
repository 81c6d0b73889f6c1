// Package policyeval decides AWS policy documents.
package policyeval

import "errors"

// Layer is a kind of policy, in the order in which AWS's documentation lists
// the steps of an evaluation.
type Layer uint8

// The layers.
const (
	LayerNone Layer = iota
	LayerRCP
	LayerSCP
	LayerEndpoint
	LayerResource
	LayerIdentity
	LayerBoundary
	LayerSession
	LayerTrust
	LayerGrant
)

// Reason says why a request was allowed or denied.
type Reason uint8

// PrincipalType is what kind of principal makes a request.
type PrincipalType uint8

// The types of principal.
const (
	Anonymous PrincipalType = iota
	Root
	User
	AssumedRole
	FederatedUser
	Service
)

// Principal is who makes a request.
type Principal struct {
	Type    PrincipalType
	Account string // 12 digits; empty for anonymous and services
	// ARN of the account's root, the user, the role session or the federated
	// user; empty for anonymous and services.
	ARN string
	// IssuerARN is the role of a role session, the user of a federated user.
	IssuerARN string
	// ID is the unique id that a stored policy may hold in place of an ARN (AIDA…, AROA…).
	ID string
	// Service is the name of a service principal, such as sns.amazonaws.com.
	Service string
}

// Document is a policy document, parsed and compiled. It is immutable.
type Document struct {
	text string
}

// Parse compiles a policy document.
func Parse(text string) (*Document, error) {
	if text == "" {
		return nil, errors.New("empty")
	}
	return &Document{text: text}, nil
}

// Policy is a document and where it stands.
type Policy struct {
	// Name is a managed policy's ARN, an inline policy's name, or the ARN of
	// the resource that a resource-based policy belongs to.
	Name     string
	Document *Document
}

// Context holds a request's condition keys. Keys are case-insensitive.
type Context struct {
	keys []string
}

// Set sets a single-valued key.
func (c *Context) Set(key, value string) {}

// SetList sets a multivalued key.
func (c *Context) SetList(key string, values []string) {}

// Get returns the values of a key, and whether it is present.
func (c *Context) Get(key string) (values []string, multi, ok bool) { return nil, false, false }

// Request is what is to be decided.
type Request struct {
	Principal       Principal
	Action          string // such as sqs:SendMessage
	Resource        string // an ARN, or "*" where the action has no resource
	ResourceAccount string // the account that owns the resource
	Context         *Context
}

// Grant is a KMS grant on the key that a request acts on.
type Grant struct {
	ID         string
	Grantee    string   // a principal's ARN
	Operations []string // such as Decrypt
	// EncryptionContextEquals and EncryptionContextSubset are the grant's
	// constraints; nil where it has none.
	EncryptionContextEquals, EncryptionContextSubset map[string]string
}

// Policies are all that have a say in a request.
type Policies struct {
	Identity []*Policy   // of the user (and its groups) or the role
	Boundary []*Policy   // permissions boundary; none: not limited
	Session  []*Policy   // session policies; nil: not limited
	Resource *Policy     // resource-based policy, key policy or trust policy
	SCPs     [][]*Policy // one entry per level of the organisation
	RCPs     [][]*Policy
	Endpoint []*Policy // of the VPC endpoint that the request came through; nil: none
	Grants   []Grant
}

// Verdict is a decision without its explanation.
type Verdict struct {
	Allowed   bool
	Reason    Reason
	Layer     Layer   // the layer that decided
	Policy    *Policy // that decided, if one did
	Statement int     // its statement, from 0; -1 if none decided
}

// Decide evaluates a request and allocates nothing.
func Decide(r *Request, p *Policies) Verdict { return Verdict{} }

// Because is the reason of a denial in AWS's words, such as "because no
// identity-based policy allows the sqs:sendmessage action", with the action
// in the spelling given.
func (v Verdict) Because(action string) string { return "" }

// Decision is a verdict and how it came about.
type Decision struct {
	Verdict
	Steps []Step
}

// Step is one thing that was looked at.
type Step struct{}

// Evaluate decides as Decide does and explains every statement.
func Evaluate(r *Request, p *Policies) Decision { return Decision{} }
