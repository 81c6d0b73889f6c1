package identity

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// ErrNotFound says that a principal does not exist.
var ErrNotFound = errors.New("no such principal")

// Anonymous is the caller of an unsigned request.
func Anonymous() *api.Caller {
	return &api.Caller{Principal: policyeval.Principal{Type: policyeval.Anonymous}, UserID: "anonymous"}
}

var servicePrincipal = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$`)

// IsService reports whether a name has the form of a service principal's.
func IsService(name string) bool { return servicePrincipal.MatchString(name) }

// ServicePrincipal is an AWS service that calls on its own behalf, such as sns.amazonaws.com.
func ServicePrincipal(name string) *api.Caller {
	return &api.Caller{Principal: policyeval.Principal{Type: policyeval.Service, Service: name}, Name: name, UserID: name}
}

// Root is the root user of an account, without an access key. region determines only
// the partition.
func (d *Directory) Root(ctx context.Context, account, region string) (*api.Caller, error) {
	var caller *api.Caller
	err := d.View(ctx, func(r store.Reader) error {
		caller = d.root(r, account, arn.Partition(region))
		return nil
	})
	return caller, err
}

// keptRoot is a root user who signs with an access key; nil: the account is closed.
func (d *Directory) keptRoot(r store.Reader, generation string, key rootKey) *api.Caller {
	if k, ok := d.roots.get(key); ok && k.generation == generation {
		return k.Caller
	}
	// The trail keeps these texts. They are cloned, because a substring would keep the
	// whole request in memory.
	key.account, key.accessKeyID = strings.Clone(key.account), strings.Clone(key.accessKeyID)
	var caller *api.Caller
	if !d.Closed(r, key.account) {
		caller = d.root(r, key.account, key.partition)
		caller.AccessKeyID = key.accessKeyID
	}
	d.roots.put(key, signingRoot{generation, caller})
	return caller
}

// rootKey identifies a root user and its access key.
type rootKey struct{ account, partition, accessKeyID string }

// signingRoot is a root user, valid for one generation of the identities.
type signingRoot struct {
	generation string
	*api.Caller
}

func (d *Directory) root(r store.Reader, account, partition string) *api.Caller {
	c := &api.Caller{UserID: account}
	c.Principal = policyeval.Principal{
		Type: policyeval.Root, Account: account, ID: account,
		ARN: rootARN(partition, account),
	}
	d.govern(r, c)
	return c
}

func rootARN(partition, account string) string {
	return arn.ARN{Partition: partition, Service: "iam", AccountID: account, Resource: "root"}.String()
}

func (d *Directory) user(r store.Reader, u *User) *api.Caller {
	c := &api.Caller{Name: u.Name, UserID: u.ID, Tags: u.TagMap()}
	c.Principal = policyeval.Principal{Type: policyeval.User, Account: u.Account, ARN: u.ARN(), ID: u.ID}
	c.Names = d.namesOf(r, &u.Entity, u.names(), "")
	c.Policies.Identity = d.identityPolicies(r, u)
	c.Policies.Boundary = d.boundary(r, u.Account, u.Boundary)
	d.govern(r, c)
	return c
}

func (d *Directory) role(r store.Reader, role *Role, s *Session) *api.Caller {
	c := &api.Caller{Name: role.Name, UserID: role.ID + ":" + s.Name, Session: d.session(s)}
	c.Tags = resource.TagMap(mergeTags(role.Tags, s.Tags))
	c.Principal = policyeval.Principal{
		Type: policyeval.AssumedRole, Account: role.Account, ID: role.ID,
		ARN: role.SessionARN(s.Name), IssuerARN: role.ARN(),
		Names: d.namesOf(r, &role.Entity, role.names(), s.Name),
	}
	c.Policies.Identity = d.permissions(r, role.Account, nil, &role.Permissions)
	c.Policies.Boundary = d.boundary(r, role.Account, role.Boundary)
	c.Policies.Session = d.sessionPolicies(r, s)
	d.govern(r, c)
	return c
}

// federated is the caller of a session from GetFederationToken; issuer is the
// user or root user who requested it.
func (d *Directory) federated(r store.Reader, issuer *api.Caller, s *Session) *api.Caller {
	c := &api.Caller{Name: s.Name, UserID: s.Account + ":" + s.Name, Session: d.session(s)}
	c.Tags = resource.TagMap(mergeTags(resource.TagList(issuer.Tags), s.Tags))
	c.Principal = policyeval.Principal{
		Type: policyeval.FederatedUser, Account: s.Account, ID: issuer.ID, IssuerARN: issuer.ARN, Names: issuer.Names,
		ARN: arn.ARN{Partition: s.Partition, Service: "sts", AccountID: s.Account, Resource: "federated-user/" + s.Name}.String(),
	}
	c.Policies, c.OrgID, c.OrgPath = issuer.Policies, issuer.OrgID, issuer.OrgPath
	if issuer.Type == policyeval.Root {
		c.Policies.Identity = []*policyeval.Policy{rootMay}
	}
	c.Policies.Session = d.sessionPolicies(r, s)
	return c
}

// rootMay allows everything, as the root user may. A federated user of a root
// user has it as its identity-based policy, which its session policies then
// limit.
var rootMay = must(compile("root user", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`))

func must(p *policyeval.Policy, err error) *policyeval.Policy {
	if err != nil {
		panic("identity: " + err.Error())
	}
	return p
}

func (d *Directory) session(s *Session) *api.Session {
	return &api.Session{
		Name: s.Name, Issued: s.Issued, Expires: s.Expires,
		SourceIdentity: s.SourceIdentity, TransitiveTags: s.TransitiveTags,
		FederatedProvider: s.Provider, Scope: s.scope(), MFA: s.MFA, SAML: s.SAML.keys(), Task: s.Kind == KindTask,
	}
}

// scope identifies the session policies of a session.
func (s *Session) scope() string {
	if s.Policy == "" && len(s.PolicyARNs) == 0 {
		return ""
	}
	arns := slices.Sorted(slices.Values(s.PolicyARNs))
	sum := sha256.Sum256([]byte(s.Policy + "\x00" + strings.Join(arns, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// mergeTags is the tags of a role or user, overridden by those of its session.
// Keys are compared without regard to case.
func mergeTags(own, session []resource.Tag) []resource.Tag {
	e := Entity{Tags: slices.Clone(own)}
	e.SetTags(session)
	return e.Tags
}

// identityPolicies are the user's own and those of its groups.
func (d *Directory) identityPolicies(r store.Reader, u *User) []*policyeval.Policy {
	policies := d.permissions(r, u.Account, nil, &u.Permissions)
	for _, id := range u.Groups {
		if g := d.Groups.ByID(r, id); g != nil {
			policies = d.permissions(r, u.Account, policies, &g.Permissions)
		}
	}
	return policies
}

func (d *Directory) permissions(r store.Reader, account string, policies []*policyeval.Policy, p *Permissions) []*policyeval.Policy {
	for i := range p.Inline {
		policies = append(policies, p.Inline[i].policy)
	}
	return d.managed(r, account, policies, p.Attached)
}

func (d *Directory) managed(r store.Reader, account string, policies []*policyeval.Policy, arns []string) []*policyeval.Policy {
	for _, a := range arns {
		if p := d.Managed(r, account, a); p != nil && p.policy != nil {
			policies = append(policies, p.policy)
		}
	}
	return policies
}

// boundary is never empty where a boundary is set: otherwise a boundary whose
// policy was deleted would limit nothing.
func (d *Directory) boundary(r store.Reader, account, policyARN string) []*policyeval.Policy {
	if policyARN == "" {
		return nil
	}
	if policies := d.managed(r, account, nil, []string{policyARN}); len(policies) > 0 {
		return policies
	}
	return []*policyeval.Policy{nothing}
}

// nothing allows nothing.
var nothing = must(compile("", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"*","Resource":"*"}]}`))

// sessionPolicies is empty only where the session is not limited. It is not
// empty for a limited session, even where its policies were deleted or none
// were given.
func (d *Directory) sessionPolicies(r store.Reader, s *Session) []*policyeval.Policy {
	if !s.limited() {
		return nil
	}
	var policies []*policyeval.Policy
	if s.policy != nil {
		policies = append(policies, s.policy)
	}
	if policies = d.managed(r, s.Account, policies, s.PolicyARNs); len(policies) == 0 {
		return []*policyeval.Policy{nothing}
	}
	return policies
}

// Principal is the caller that spec names: root, role/NAME, user/NAME of the
// account, or the ARN of a root user, role, role session or user. A role stands
// for its session with the name waxseal; no credentials are made. region
// determines only the partition of a root user.
//
// It fails with ErrNotFound where there is no such principal.
func (d *Directory) Principal(ctx context.Context, account, region, spec string) (*api.Caller, error) {
	var caller *api.Caller
	err := d.View(ctx, func(r store.Reader) error {
		p, err := d.find(r, account, region, spec)
		if err != nil {
			return err
		}
		caller = d.caller(r, p)
		return nil
	})
	return caller, err
}

// Callers are all users and roles, as Principal answers them, and the root users of their
// accounts and of the accounts given, by account: the root user, users, roles.
func (d *Directory) Callers(ctx context.Context, accounts ...string) (callers []*api.Caller, err error) {
	err = d.View(ctx, func(r store.Reader) error {
		callers = nil
		roots := map[string]bool{}
		root := func(account, partition string) {
			if !roots[account] && !d.Closed(r, account) {
				callers = append(callers, d.root(r, account, partition))
			}
			roots[account] = true
		}
		for _, account := range accounts {
			root(account, arn.Partition(""))
		}
		for u := range d.Users.Everywhere(r) {
			root(u.Account, u.Partition)
			callers = append(callers, d.user(r, u))
		}
		for role := range d.Roles.Everywhere(r) {
			root(role.Account, role.Partition)
			callers = append(callers, d.caller(r, principal{role: role, session: sessionName}))
		}
		return nil
	})
	slices.SortStableFunc(callers, func(a, b *api.Caller) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Type, b.Type))
	})
	return callers, err
}

// Named is Principal of a name, and also takes a service principal's name and "anonymous".
func (d *Directory) Named(ctx context.Context, account, region, name string) (*api.Caller, error) {
	switch {
	case name == "anonymous":
		return Anonymous(), nil
	case IsService(name):
		return ServicePrincipal(name), nil
	default:
		return d.Principal(ctx, account, region, name)
	}
}

// principal is the principal that a specification names: exactly one of root,
// user and role is set.
type principal struct {
	root    string // the account
	part    string // the root's partition
	user    *User
	role    *Role
	session string // of the role
}

func (d *Directory) caller(r store.Reader, p principal) *api.Caller {
	switch {
	case p.user != nil:
		return d.user(r, p.user)
	case p.role != nil:
		now := d.clock.Now()
		return d.role(r, p.role, &Session{Name: p.session, Issued: now, Expires: now.Add(issuedFor)})
	default:
		return d.root(r, p.root, p.part)
	}
}

func (d *Directory) find(r store.Reader, account, region, spec string) (principal, error) {
	a := arn.ARN{Partition: arn.Partition(region), Service: "iam", AccountID: account, Resource: spec}
	byARN := strings.HasPrefix(spec, "arn:")
	if byARN {
		var err error
		if a, err = arn.Parse(spec); err != nil {
			return principal{}, fmt.Errorf("%w: %q is not an ARN", ErrNotFound, spec)
		}
	}
	kind, name, _ := strings.Cut(a.Resource, "/")
	p := principal{session: sessionName}
	switch a.Service + ":" + kind {
	case "iam:root":
		if a.Resource == "root" && arn.IsAccountID(a.AccountID) {
			return principal{root: a.AccountID, part: a.Partition}, nil
		}
	case "iam:user":
		u := d.Users.Get(r, a.AccountID, lastSegment(name))
		if u != nil && (u.ARN() == spec || !byARN && matches(&u.Entity, name)) {
			p.user = u
			return p, nil
		}
	case "iam:role":
		role := d.Roles.Get(r, a.AccountID, lastSegment(name))
		if role != nil && (role.ARN() == spec || !byARN && matches(&role.Entity, name)) {
			p.role = role
			return p, nil
		}
	case "sts:assumed-role":
		var session string
		name, session, _ = strings.Cut(name, "/")
		role := d.Roles.Get(r, a.AccountID, name)
		if role != nil && session != "" && role.SessionARN(session) == spec {
			p.role, p.session = role, session
			return p, nil
		}
	}
	return principal{}, fmt.Errorf("%w: %s in account %s", ErrNotFound, spec, a.AccountID)
}

// matches reports whether name, with or without the path, names the entity.
func matches(e *Entity, name string) bool {
	return name == e.Name || "/"+name == e.Path+e.Name
}

func lastSegment(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }

// Exists reports whether a principal that a policy names exists: an account
// always does, a user or role if there is a record of it, a role session if its
// role exists, a federated user if its account exists. principal is an ARN, a
// unique id or the 12 digits of an account.
func (d *Directory) Exists(ctx context.Context, principal string) bool {
	if arn.IsAccountID(principal) {
		return true
	}
	if policyeval.IsUniqueID(principal) {
		gone := true
		err := d.View(ctx, func(r store.Reader) error {
			gone = d.Gone(r, principal)
			return nil
		})
		return err == nil && !gone
	}
	a, err := arn.Parse(principal)
	if err != nil {
		return false
	}
	if a.Service == "sts" && strings.HasPrefix(a.Resource, "federated-user/") {
		return true
	}
	err = d.View(ctx, func(r store.Reader) error {
		_, err := d.find(r, a.AccountID, "", principal)
		return err
	})
	return err == nil
}
