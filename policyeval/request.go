package policyeval

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
	// WebIdentity is an identity of an outside provider, which calls
	// sts:AssumeRoleWithWebIdentity or sts:AssumeRoleWithSAML without being
	// a principal of AWS.
	WebIdentity
)

// Principal is who makes a request.
type Principal struct {
	Type    PrincipalType
	Account string // 12 digits; empty for anonymous and services
	// ARN of the account's root, the user, the role session or the federated
	// user; empty for anonymous and services. For a WebIdentity it is the
	// identity provider, as Federated in a trust policy names it.
	ARN string
	// IssuerARN is the ARN of a session's role, or of the user who created a
	// federated user. Where it is empty for a session, only the account and the
	// name of the role are known.
	IssuerARN string
	// ID is the unique id that a stored policy may hold in place of an ARN
	// (AIDA…, AROA…): the user's, the role's, or the issuing user's.
	ID string
	// Names are the principal's ARNs that other users or roles had before, and
	// the ARNs that the principal itself had before; usually there are none.
	Names []Name
	// Service is the name of a service principal, such as sns.amazonaws.com.
	Service string
}

// Request is what is to be decided.
type Request struct {
	Principal       Principal
	Action          string // such as sqs:SendMessage
	Resource        string // an ARN, or "*" where the action has no resource
	ResourceAccount string // the account that owns the resource; empty: the one its ARN names
	// Unlocks marks a call by which the root user of the resource's account may read or
	// remove the resource's policy even where that policy denies it.
	Unlocks bool
	Context *Context
}

// Policy is a document and where it is attached.
type Policy struct {
	// Name is a managed policy's ARN, an inline policy's name, or the ARN of
	// the resource that a resource-based policy belongs to.
	Name     string
	Document *Document
	// Owner is the ARN of the user, group or role that an inline policy belongs to; empty
	// of other policies, and where that is not known. Decisions do not hang on it.
	Owner string
	// Epoch is the epoch in which a resource-based policy was set. It
	// determines whom the ARNs in the policy mean. See Name.
	Epoch uint64
}

// Grant is a KMS grant on the key that a request acts on, or what a service lets somebody do of
// itself, unless a policy denies it: S3 lets who began an upload end it.
type Grant struct {
	ID         string
	Grantee    string   // a principal's ARN, or the name of a service
	Retiring   string   // the retiring principal, if the grant has one
	Operations []string // such as Decrypt
	Epoch      uint64   // when it was made, as a policy's
	// EncryptionContextEquals and EncryptionContextSubset are the grant's
	// constraints; nil where it has none. They are compared with the
	// request's kms:EncryptionContextKeys, which keep the keys' spelling, and
	// kms:EncryptionContext:KEY.
	EncryptionContextEquals, EncryptionContextSubset map[string]string
}

// Policies are all policies that apply to a request.
type Policies struct {
	Identity []*Policy // of the user (and its groups) or the role
	Boundary []*Policy // permissions boundary; none: not limited
	Session  []*Policy // session policies; none: not limited
	Resource *Policy   // resource-based policy, key policy or trust policy
	// Block are denies by a setting of the resource: S3's RestrictPublicBuckets. None: it is off.
	Block    []*Policy
	SCPs     [][]*Policy // one entry per level of the organization
	RCPs     [][]*Policy
	Endpoint []*Policy // of the VPC endpoint that the request came through; none: no endpoint
	Grants   []Grant
}
