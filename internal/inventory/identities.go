package inventory

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// Identity is a user, role or group.
type Identity struct {
	ARN      string            `json:"arn"`
	Kind     string            `json:"kind"` // user, role or group
	Name     string            `json:"name"`
	Account  string            `json:"account"`
	Path     string            `json:"path"`
	Tags     map[string]string `json:"tags"`
	Policies []HeldPolicy      `json:"policies"`
	// Boundary is the key of the policy that is the permissions boundary; empty: there is none.
	Boundary string     `json:"boundary,omitempty"`
	SCPs     []Limit    `json:"scps"`
	LastUsed *time.Time `json:"lastUsed,omitempty"`
}

// HeldPolicy is an identity-based policy of an identity.
type HeldPolicy struct {
	Key  string `json:"key"` // as a Policy has it
	Name string `json:"name"`
	Kind string `json:"kind"` // inline or managed
	// Via is the group that a user has it from; empty: it is the identity's own.
	Via string `json:"via,omitempty"`
}

// Limit is an SCP that limits an account.
type Limit struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Target string `json:"target"` // what it is attached to: the account, a unit above it, or the root
}

// Identities are the users, roles and groups, by ARN.
func (x Inventory) Identities(ctx context.Context, of Scope) (list []Identity, err error) {
	err = x.Identity.View(ctx, func(r store.Reader) error {
		list = identityList{x.Identity, r, map[string][]Limit{}}.all(of.Account)
		return nil
	})
	return byKey(list, err, func(i *Identity) string { return i.ARN })
}

// identityList makes the list in one reading transaction.
type identityList struct {
	*identity.Directory
	store.Reader
	limits map[string][]Limit // by account
}

func (l identityList) all(account string) []Identity {
	list := []Identity{}
	for u := range l.Users.Everywhere(l) {
		if account == "" || u.Account == account {
			list = append(list, l.user(u))
		}
	}
	for role := range l.Roles.Everywhere(l) {
		if account == "" || role.Account == account {
			i := l.entity("role", role.ARN(), &role.Entity, &role.Permissions)
			i.LastUsed = latest(nil, l.LastUse(l, role.ID))
			list = append(list, i)
		}
	}
	for g := range l.Groups.Everywhere(l) {
		if account == "" || g.Account == account {
			list = append(list, l.entity("group", g.ARN(), &g.Entity, &g.Permissions))
		}
	}
	return list
}

func (l identityList) user(u *identity.User) Identity {
	i := l.entity("user", u.ARN(), &u.Entity, &u.Permissions)
	for _, id := range u.Groups {
		if g := l.Groups.ByID(l, id); g != nil {
			i.Policies = append(i.Policies, held(g.ARN(), &g.Permissions, g.Name)...)
		}
	}
	for _, key := range u.Keys {
		i.LastUsed = latest(i.LastUsed, l.LastUse(l, key))
	}
	return i
}

func (l identityList) entity(kind, name string, e *identity.Entity, p *identity.Permissions) Identity {
	tags := map[string]string{}
	maps.Copy(tags, e.TagMap())
	return Identity{
		ARN: name, Kind: kind, Name: e.Name, Account: e.Account, Path: e.Path, Tags: tags,
		Policies: held(name, p, ""), Boundary: p.Boundary, SCPs: l.limitsOf(e.Account),
	}
}

func (l identityList) limitsOf(account string) []Limit {
	limits, known := l.limits[account]
	if !known {
		limits = []Limit{}
		for _, c := range l.SCPsOf(l, account) {
			limits = append(limits, Limit{c.ID, c.Name, c.Target})
		}
		l.limits[account] = limits
	}
	return limits
}

// held are the policies of an identity, or of the group through which it has them.
func held(owner string, p *identity.Permissions, via string) []HeldPolicy {
	list := []HeldPolicy{}
	for i := range p.Inline {
		list = append(list, HeldPolicy{resource.InlineKey(owner, p.Inline[i].Name), p.Inline[i].Name, "inline", via})
	}
	for _, attached := range p.Attached {
		list = append(list, HeldPolicy{attached, lastOf(attached), "managed", via})
	}
	return list
}

// lastOf is the name at the end of an ARN.
func lastOf(text string) string {
	if a, err := arn.Parse(text); err == nil {
		text = a.Resource
	}
	return text[strings.LastIndexByte(text, '/')+1:]
}

// latest is the later one of a time and of a use; nil: there is none.
func latest(t *time.Time, use identity.Use) *time.Time {
	if use.Time.IsZero() || t != nil && !t.Before(use.Time) {
		return t
	}
	return &use.Time
}
