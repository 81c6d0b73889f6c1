package identity

import (
	"cmp"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// The prefixes of unique ids.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids.
const (
	UserPrefix    = "AIDA"
	RolePrefix    = "AROA"
	GroupPrefix   = "AGPA"
	PolicyPrefix  = "ANPA"
	ProfilePrefix = "AIPA"
	keyPrefix     = "AKIA"
	sessionPrefix = "ASIA"
)

// The buckets of the store. Keys: collections ACCOUNT 0 NAME in lower case;
// unique an entity's unique id; former an ARN; key and session an access key id;
// used either of these; expiry the time in seconds, 0, an access key id; account,
// report and member an account; deletion ACCOUNT 0 TASK; organization and unit its
// id; control and orgtags ORGANIZATION 0 ID.
const (
	bucketUser              = "identity.user"
	bucketGroup             = "identity.group"
	bucketRole              = "identity.role"
	bucketPolicy            = "identity.policy"
	bucketProfile           = "identity.profile"
	bucketUnique            = "identity.unique"
	bucketKey               = "identity.key"
	bucketSession           = "identity.session"
	bucketExpiry            = "identity.expiry"
	bucketAccount           = "identity.account"
	bucketGeneration        = "identity.generation"
	bucketUsed              = "identity.used"
	bucketProvider          = "identity.provider"
	bucketDeletion          = "identity.deletion"
	bucketDevice            = "identity.device"
	bucketFormer            = "identity.former"
	bucketEpoch             = "identity.epoch"
	bucketSAMLProvider      = "identity.samlprovider"
	bucketReport            = "identity.report"
	bucketServerCertificate = "identity.servercertificate"

	bucketOrganization = "identity.organization"
	bucketMember       = "identity.member"
	bucketUnit         = "identity.unit"
	bucketControl      = "identity.control"
	bucketOrgTags      = "identity.orgtags"
)

// Entity is the common part of everything that has a name in IAM.
type Entity struct {
	Account   string
	Partition string // aws, aws-cn or aws-us-gov
	Path      string // begins and ends with a slash
	Name      string
	ID        string // unique, such as AIDA…
	Created   time.Time
	Tags      []resource.Tag `json:",omitempty"` // by key
	Former    []string       `json:",omitempty"` // ARNs that a user or role had
}

func (e *Entity) entity() *Entity { return e }

func (e *Entity) arn(kind string) string {
	return arn.ARN{Partition: e.Partition, Service: "iam", AccountID: e.Account, Resource: kind + e.Path + e.Name}.String()
}

// TagMap is the entity's tags by key.
func (e *Entity) TagMap() map[string]string { return resource.TagMap(e.Tags) }

// SetTags adds tags. A tag replaces one whose key differs only in case.
func (e *Entity) SetTags(tags []resource.Tag) {
	e.Tags = resource.PutTags(e.Tags, tags, true)
	resource.SortTags(e.Tags)
}

// RemoveTags removes the tags of the given keys, whatever their case.
func (e *Entity) RemoveTags(keys []string) { e.Tags = resource.RemoveTags(e.Tags, keys, true) }

// Permissions are the identity-based policies of a user, group or role.
type Permissions struct {
	Inline   []Inline `json:",omitempty"` // by name
	Attached []string `json:",omitempty"` // ARNs of managed policies
	// Boundary is the ARN of the managed policy that is the permissions
	// boundary of a user or role; empty: it has none.
	Boundary string `json:",omitempty"`
}

// Inline is a policy embedded in its user, group or role.
type Inline struct {
	Name, Document string
	policy         *policyeval.Policy
}

// Compiled is the policy for the evaluator.
func (i *Inline) Compiled() *policyeval.Policy { return i.policy }

// FindInline is the inline policy of that name, or nil.
func (p *Permissions) FindInline(name string) *Inline {
	i := slices.IndexFunc(p.Inline, func(i Inline) bool { return i.Name == name })
	if i < 0 {
		return nil
	}
	return &p.Inline[i]
}

// SetInline adds or replaces an inline policy.
func (p *Permissions) SetInline(name, document string) {
	if i := p.FindInline(name); i != nil {
		i.Document = document
		return
	}
	p.Inline = append(p.Inline, Inline{Name: name, Document: document})
	slices.SortFunc(p.Inline, func(a, b Inline) int { return cmp.Compare(a.Name, b.Name) })
}

// RemoveInline removes an inline policy. It reports whether there was one.
func (p *Permissions) RemoveInline(name string) bool {
	before := len(p.Inline)
	p.Inline = slices.DeleteFunc(p.Inline, func(i Inline) bool { return i.Name == name })
	return len(p.Inline) < before
}

// load compiles the inline policies of the user, group or role with the ARN.
func (p *Permissions) load(owner string) error {
	for i := range p.Inline {
		policy, err := compile(p.Inline[i].Name, p.Inline[i].Document)
		if err != nil {
			return err
		}
		policy.Owner = owner
		p.Inline[i].policy = policy
	}
	return nil
}

func compile(name, document string) (*policyeval.Policy, error) {
	d, err := policyeval.Parse(document)
	if err != nil {
		return nil, err
	}
	return &policyeval.Policy{Name: name, Document: d}, nil
}

// User is an IAM user.
type User struct {
	Entity
	Permissions
	Groups []string `json:",omitempty"` // unique ids
	Keys   []string `json:",omitempty"` // access key ids, oldest first
	Login  *Login   `json:",omitempty"` // nil: none
	// Devices are the names of its MFA devices, in the order in which they were assigned.
	Devices []string `json:",omitempty"`
	// The others are in the order in which they were made.
	SSHKeys            []SSHKey            `json:",omitempty"`
	Certificates       []Certificate       `json:",omitempty"`
	ServiceCredentials []ServiceCredential `json:",omitempty"`
}

// ARN is arn:P:iam::A:user/PATH/NAME.
func (u *User) ARN() string { return u.arn("user") }

// Load implements store.Loader.
func (u *User) Load() error { return u.load(u.ARN()) }

// Group is an IAM group. Its members are the users that name it.
type Group struct {
	Entity
	Permissions
}

// ARN is arn:P:iam::A:group/PATH/NAME.
func (g *Group) ARN() string { return g.arn("group") }

// Load implements store.Loader.
func (g *Group) Load() error { return g.load(g.ARN()) }

// Role is an IAM role.
type Role struct {
	Entity
	Permissions
	Description string `json:",omitempty"`
	Trust       string // the trust policy's document
	TrustEpoch  uint64 `json:",omitempty"` // when it was set
	MaxSession  int    // seconds

	store.Version `json:"-"`
	trust         *policyeval.Policy
}

// Use says when an access key or role was last used, and for what.
type Use struct {
	Time            time.Time
	Region, Service string
}

// ARN is arn:P:iam::A:role/PATH/NAME.
func (r *Role) ARN() string { return r.arn("role") }

// SessionARN is arn:P:sts::A:assumed-role/NAME/SESSION: without the path.
func (r *Role) SessionARN(session string) string {
	return arn.ARN{Partition: r.Partition, Service: "sts", AccountID: r.Account, Resource: "assumed-role/" + r.Name + "/" + session}.String()
}

// TrustPolicy is the compiled trust policy.
func (r *Role) TrustPolicy() *policyeval.Policy { return r.trust }

// Load implements store.Loader.
func (r *Role) Load() error {
	if err := r.loadTrust(); err != nil {
		return err
	}
	return r.load(r.ARN())
}

func (r *Role) loadTrust() (err error) {
	if r.trust, err = compile(r.ARN(), r.Trust); err == nil {
		r.trust.Epoch = r.TrustEpoch
	}
	return err
}

// Policy is a customer-managed policy.
type Policy struct {
	Entity
	Description string `json:",omitempty"`
	Updated     time.Time
	Versions    []PolicyVersion // oldest first
	Default     string          // id of the version in force
	Last        int             // number of the newest version ever made
	policy      *policyeval.Policy
}

// PolicyVersion is one version of a managed policy.
type PolicyVersion struct {
	ID       string // v1, v2 …
	Document string
	Created  time.Time
}

// ARN is arn:P:iam::A:policy/PATH/NAME.
func (p *Policy) ARN() string { return p.arn("policy") }

// Version is the version of that id, or nil.
func (p *Policy) Version(id string) *PolicyVersion {
	i := slices.IndexFunc(p.Versions, func(v PolicyVersion) bool { return v.ID == id })
	if i < 0 {
		return nil
	}
	return &p.Versions[i]
}

// Compiled is the version in force, for the evaluator.
func (p *Policy) Compiled() *policyeval.Policy { return p.policy }

// Load implements store.Loader.
func (p *Policy) Load() (err error) {
	if v := p.Version(p.Default); v != nil {
		p.policy, err = compile(p.ARN(), v.Document)
	}
	return err
}

// Profile is an instance profile.
type Profile struct {
	Entity
	Role string `json:",omitempty"` // its role's unique id
}

// ARN is arn:P:iam::A:instance-profile/PATH/NAME.
func (p *Profile) ARN() string { return p.arn("instance-profile") }

// Account is the record of an account itself.
type Account struct {
	Alias    string   `json:",omitempty"`
	RootKeys []string `json:",omitempty"` // access key ids of the root user, oldest first
	// Passwords is the account's password policy; nil: AWS's default policy
	// applies.
	Passwords *PasswordPolicy `json:",omitempty"`
	Outbound  *Outbound       `json:",omitempty"`
	// RootLogin is when the root user was given a login profile, which permits it to
	// set a password; zero: it has none.
	RootLogin time.Time `json:",omitzero"`
}

// Provider is an OpenID Connect identity provider. Its name is its URL without https://.
type Provider struct {
	Entity
	ClientIDs   []string `json:",omitempty"`
	Thumbprints []string `json:",omitempty"`
}

// ARN is arn:P:iam::A:oidc-provider/URL.
func (p *Provider) ARN() string {
	return arn.ARN{Partition: p.Partition, Service: "iam", AccountID: p.Account, Resource: "oidc-provider/" + p.Name}.String()
}

// Key is a long-term access key.
type Key struct {
	ID        string
	Account   string
	Partition string
	// Principal is the unique id of its user; the account itself for a key of
	// the root user; empty for a key that was deleted.
	Principal string    `json:",omitempty"`
	Inactive  bool      `json:",omitempty"`
	Sealed    []byte    `json:",omitempty"` // the secret, wrapped
	Created   time.Time `json:",omitzero"`
}

// SessionKind is how a session was made.
type SessionKind string

// The kinds of session.
const (
	// KindRole is a role's session.
	KindRole SessionKind = "role"
	// KindToken is what GetSessionToken gives a user or root user.
	KindToken SessionKind = "token"
	// KindFederation is what GetFederationToken gives for a federated user.
	KindFederation SessionKind = "federation"
	// KindIssued are the credentials that Directory.Issue gives for a user.
	// They act as the user itself, without the limits of sessions from
	// GetSessionToken.
	KindIssued SessionKind = "issued"
	// KindTask is what AssumeRoot gives: the root user of a member of an
	// organization, limited to a task.
	KindTask SessionKind = "task"
)

// Session is a set of temporary credentials.
type Session struct {
	ID        string // access key id
	Kind      SessionKind
	Account   string
	Partition string
	// Principal is the unique id of the role or user, or the account for a
	// session of its root user.
	Principal string
	// Name is the role session's name or the federated user's.
	Name           string    `json:",omitempty"`
	Issued         time.Time `json:",omitzero"`
	Expires        time.Time
	Sealed         []byte         `json:",omitempty"` // secret and token, wrapped
	Tags           []resource.Tag `json:",omitempty"`
	TransitiveTags []string       `json:",omitempty"`
	SourceIdentity string         `json:",omitempty"`
	Policy         string         `json:",omitempty"` // the session policy's document
	PolicyARNs     []string       `json:",omitempty"` // managed policies as session policies
	Provider       string         `json:",omitempty"` // aws:FederatedProvider
	Chained        bool           `json:",omitempty"` // assumed by a role's session
	Organization   string         `json:",omitempty"` // under which the root user of a member was assumed
	// SAML is the subject for whom a SAML provider vouched; nil: it is not a SAML
	// session.
	SAML *SAMLSubject `json:",omitempty"`
	// MFA is when an MFA device was used to get the session; zero: none was.
	MFA time.Time `json:",omitzero"`
	// MinTokenSize is the least size of the session token in bytes; up to 4096.
	MinTokenSize int `json:"-"`
	policy       *policyeval.Policy
}

// Load implements store.Loader.
func (s *Session) Load() (err error) {
	if s.Policy != "" {
		s.policy, err = compile("session policy", s.Policy)
	}
	return err
}

// limited reports whether session policies limit the session.
func (s *Session) limited() bool {
	return s.Policy != "" || len(s.PolicyARNs) > 0 || s.Kind == KindFederation
}

type reference struct{ Account, Name string }
