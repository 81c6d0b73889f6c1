package identity

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// RoleSpec describes a role as a fixture does.
type RoleSpec struct {
	Account, Region string
	Path, Name      string // Path: / where empty
	Description     string
	// Trust is the trust policy's document; empty: the role trusts its account.
	Trust      string
	Policies   map[string]string // inline policies: documents by name
	Managed    []string          // ARNs
	Boundary   string
	Tags       map[string]string
	MaxSession int // seconds; 0 is an hour
}

// UserSpec describes a user as a fixture does.
type UserSpec struct {
	Account, Region string
	Path, Name      string // Path: / where empty
	Policies        map[string]string
	Managed         []string
	Boundary        string
	Tags            map[string]string
	Groups          []string // names
	// KeyID and Secret are an access key of the user; empty: none is made.
	KeyID, Secret string
}

// AccountTrust is the trust policy of a role that trusts all of its account.
func AccountTrust(account, partition string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:` + partition + `:iam::` + account +
		`:root"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}]}`
}

// DefaultMaxSession is a role's MaxSessionDuration in seconds where none is given.
const DefaultMaxSession = 3600

// ApplyRole makes the role, or makes the role of that name what spec says; it
// keeps its unique id then. It fails where a document does not parse or a
// managed policy does not exist.
func (d *Directory) ApplyRole(ctx context.Context, spec RoleSpec) error {
	return d.Update(ctx, func(tx store.Tx) error {
		role := d.Roles.Edit(tx, spec.Account, spec.Name)
		if role == nil {
			role = &Role{Entity: d.NewEntity(tx, RolePrefix, spec.Account, spec.Region, spec.Path, spec.Name)}
		} else {
			d.Roles.Rename(tx, role, pathOf(spec.Path), spec.Name)
		}
		role.Description, role.MaxSession = spec.Description, spec.MaxSession
		if role.MaxSession == 0 {
			role.MaxSession = DefaultMaxSession
		}
		if err := d.SetTrust(tx, role, cmp.Or(spec.Trust, AccountTrust(role.Account, role.Partition))); err != nil {
			return fmt.Errorf("role %s: %w", spec.Name, err)
		}
		if err := d.apply(tx, &role.Entity, &role.Permissions, spec.Policies, spec.Managed, spec.Boundary, spec.Tags); err != nil {
			return fmt.Errorf("role %s: %w", spec.Name, err)
		}
		if err := role.Load(); err != nil {
			return fmt.Errorf("role %s: %w", spec.Name, err)
		}
		d.Roles.Put(tx, role)
		return nil
	})
}

// ApplyUser makes the user, or makes the user of that name what spec says; it keeps its unique id
// then, and its groups where spec names none. It fails as ApplyRole does, and where the access
// key belongs to another principal.
func (d *Directory) ApplyUser(ctx context.Context, spec UserSpec) error {
	return d.Update(ctx, func(tx store.Tx) error {
		u := d.Users.Edit(tx, spec.Account, spec.Name)
		if u == nil {
			u = &User{Entity: d.NewEntity(tx, UserPrefix, spec.Account, spec.Region, spec.Path, spec.Name)}
		} else {
			d.Users.Rename(tx, u, pathOf(spec.Path), spec.Name)
		}
		if err := d.apply(tx, &u.Entity, &u.Permissions, spec.Policies, spec.Managed, spec.Boundary, spec.Tags); err != nil {
			return fmt.Errorf("user %s: %w", spec.Name, err)
		}
		if err := u.Load(); err != nil {
			return fmt.Errorf("user %s: %w", spec.Name, err)
		}
		if err := d.applyGroups(tx, u, spec.Groups); err != nil {
			return fmt.Errorf("user %s: %w", spec.Name, err)
		}
		if err := d.applyKey(tx, u, spec.KeyID, spec.Secret); err != nil {
			return fmt.Errorf("user %s: %w", spec.Name, err)
		}
		d.Users.Put(tx, u)
		return nil
	})
}

func (d *Directory) apply(tx store.Tx, e *Entity, p *Permissions, inline map[string]string, managed []string, boundary string, tags map[string]string) error {
	*p = Permissions{Attached: slices.Clone(managed), Boundary: boundary}
	for _, name := range slices.Sorted(maps.Keys(inline)) {
		if _, err := compile(name, inline[name]); err != nil {
			return fmt.Errorf("policy %s: %w", name, err)
		}
		p.SetInline(name, inline[name])
	}
	for _, a := range managed {
		if !d.Attachable(tx, e.Account, a) {
			return fmt.Errorf("there is no managed policy %s", a)
		}
	}
	if boundary != "" && d.Managed(tx, e.Account, boundary) == nil {
		return fmt.Errorf("there is no managed policy %s to be the boundary", boundary)
	}
	e.Tags = nil
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		e.SetTags([]resource.Tag{{Key: k, Value: tags[k]}})
	}
	return nil
}

// applyGroups makes the user a member of exactly the named groups.
func (d *Directory) applyGroups(tx store.Tx, u *User, names []string) error {
	if names == nil {
		return nil
	}
	u.Groups = nil
	for _, name := range names {
		g := d.Groups.Get(tx, u.Account, name)
		if g == nil {
			return fmt.Errorf("there is no group %s", name)
		}
		u.Groups = append(u.Groups, g.ID)
	}
	return nil
}

func (d *Directory) applyKey(tx store.Tx, u *User, id, secret string) error {
	switch k := d.Key(tx, id); {
	case id == "":
		return nil
	case k == nil || k.Principal == "":
		d.AddKey(tx, u.Account, u.Partition, u, id, secret)
	case k.Principal == u.ID:
		k = d.EditKey(tx, id)
		k.Inactive, k.Sealed = false, d.hsm.Wrap([]byte(secret), label(id))
		d.PutKey(tx, k)
	default:
		return fmt.Errorf("the access key %s is another principal's", id)
	}
	return nil
}

// NewEntity is the common part of a new record, with a fresh unique id. The
// partition follows from region; an empty path is /.
func (d *Directory) NewEntity(r store.Reader, prefix, account, region, path, name string) Entity {
	return Entity{
		Account: account, Partition: arn.Partition(region), Path: pathOf(path), Name: name,
		ID: d.NewID(r, prefix), Created: d.clock.Now(),
	}
}

func pathOf(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// PolicySpec describes a customer-managed policy as a fixture does.
type PolicySpec struct {
	Account, Region string
	Path, Name      string // Path: / where empty
	Description     string
	Document        string
	Tags            map[string]string
}

// GroupSpec describes a group as a fixture does.
type GroupSpec struct {
	Account, Region string
	Path, Name      string // Path: / where empty
	Policies        map[string]string
	Managed         []string
}

// ApplyPolicy makes the managed policy, or makes the policy of that name what
// spec says: another document becomes its only version then.
func (d *Directory) ApplyPolicy(ctx context.Context, spec PolicySpec) error {
	return d.Update(ctx, func(tx store.Tx) error {
		p := d.Policies.Edit(tx, spec.Account, spec.Name)
		if p == nil {
			p = &Policy{Entity: d.NewEntity(tx, PolicyPrefix, spec.Account, spec.Region, spec.Path, spec.Name)}
		} else {
			d.Policies.Rename(tx, p, pathOf(spec.Path), spec.Name)
		}
		p.Description = spec.Description
		if v := p.Version(p.Default); v == nil || v.Document != spec.Document {
			p.Last++
			p.Default, p.Updated = "v"+strconv.Itoa(p.Last), d.clock.Now()
			p.Versions = []PolicyVersion{{ID: p.Default, Document: spec.Document, Created: p.Updated}}
		}
		p.Tags = nil
		for _, k := range slices.Sorted(maps.Keys(spec.Tags)) {
			p.SetTags([]resource.Tag{{Key: k, Value: spec.Tags[k]}})
		}
		if err := p.Load(); err != nil {
			return fmt.Errorf("policy %s: %w", spec.Name, err)
		}
		d.Policies.Put(tx, p)
		return nil
	})
}

// ApplyGroup makes the group, or makes the group of that name what spec says;
// it keeps its members then. It fails as ApplyRole does.
func (d *Directory) ApplyGroup(ctx context.Context, spec GroupSpec) error {
	return d.Update(ctx, func(tx store.Tx) error {
		g := d.Groups.Edit(tx, spec.Account, spec.Name)
		if g == nil {
			g = &Group{Entity: d.NewEntity(tx, GroupPrefix, spec.Account, spec.Region, spec.Path, spec.Name)}
		} else {
			d.Groups.Rename(tx, g, pathOf(spec.Path), spec.Name)
		}
		if err := d.apply(tx, &g.Entity, &g.Permissions, spec.Policies, spec.Managed, "", nil); err != nil {
			return fmt.Errorf("group %s: %w", spec.Name, err)
		}
		if err := g.Load(); err != nil {
			return fmt.Errorf("group %s: %w", spec.Name, err)
		}
		d.Groups.Put(tx, g)
		return nil
	})
}
