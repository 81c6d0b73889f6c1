package identity

import (
	"context"
	"maps"
	"slices"

	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// PoliciesInForce are the policies of identities and organizations, as requests
// are decided with them: inline policies, trust policies, customer-managed
// policies, those of AWS that are attached, and organizations' own SCPs and
// RCPs. Default policies that no user wrote are left out: a role's default
// trust in its own account, and AWS's SCP and RCP that allow everything.
//
// A managed policy is listed once, however many entities use it. Its kind is
// boundary where it is used only as a boundary.
func (d *Directory) PoliciesInForce(ctx context.Context) (policies []resource.PolicyInForce, err error) {
	err = d.View(ctx, func(r store.Reader) error {
		c := policyCollector{managed: map[string]*Policy{}, attached: map[string]bool{}, boundary: map[string]bool{}}
		d.collect(r, &c)
		policies = c.result()
		return nil
	})
	return policies, err
}

func (d *Directory) collect(r store.Reader, c *policyCollector) {
	has := func(owner, account string, p *Permissions) {
		for i := range p.Inline {
			c.add(owner, "identity", p.Inline[i].policy)
		}
		for _, a := range p.Attached {
			c.managed[a], c.attached[a] = d.Managed(r, account, a), true
		}
		if p.Boundary != "" {
			c.managed[p.Boundary], c.boundary[p.Boundary] = d.Managed(r, account, p.Boundary), true
		}
	}
	for _, u := range d.Users.table.Scan(r, "", "", store.All) {
		has(u.ARN(), u.Account, &u.Permissions)
	}
	for _, g := range d.Groups.table.Scan(r, "", "", store.All) {
		has(g.ARN(), g.Account, &g.Permissions)
	}
	for _, role := range d.Roles.table.Scan(r, "", "", store.All) {
		has(role.ARN(), role.Account, &role.Permissions)
		if role.Trust != AccountTrust(role.Account, role.Partition) {
			c.add(role.ARN(), "trust", role.trust)
		}
	}
	for _, p := range d.Policies.table.Scan(r, "", "", store.All) {
		c.managed[p.ARN()] = p
	}
	for _, control := range d.org.controls.Scan(r, "", "", store.All) {
		if !control.AWS {
			c.add(control.ARN, map[string]string{SCP: "scp", RCP: "rcp"}[control.Type], control.policy)
		}
	}
}

// policyCollector gathers policies in force. managed, attached and boundary are by ARN.
type policyCollector struct {
	found              []resource.PolicyInForce
	managed            map[string]*Policy
	attached, boundary map[string]bool
}

func (c *policyCollector) add(owner, kind string, p *policyeval.Policy) {
	if p != nil {
		c.found = append(c.found, resource.PolicyInForce{Owner: owner, Kind: kind, Policy: p})
	}
}

func (c *policyCollector) result() []resource.PolicyInForce {
	for _, a := range slices.Sorted(maps.Keys(c.managed)) {
		kind := "identity"
		if c.boundary[a] && !c.attached[a] {
			kind = "boundary"
		}
		if p := c.managed[a]; p != nil {
			c.add(a, kind, p.policy)
		}
	}
	return c.found
}

func (p *Permissions) reuse(old *Permissions) {
	for i := range p.Inline {
		if o := old.FindInline(p.Inline[i].Name); o != nil {
			p.Inline[i].policy = resource.SamePolicy(p.Inline[i].policy, o.policy)
		}
	}
}

// Reuse implements store.Reuser.
func (u *User) Reuse(old *User) { u.reuse(&old.Permissions) }

// Reuse implements store.Reuser.
func (g *Group) Reuse(old *Group) { g.reuse(&old.Permissions) }

// Reuse implements store.Reuser.
func (r *Role) Reuse(old *Role) {
	r.trust = resource.SamePolicy(r.trust, old.trust)
	r.reuse(&old.Permissions)
}

// Reuse implements store.Reuser.
func (p *Policy) Reuse(old *Policy) { p.policy = resource.SamePolicy(p.policy, old.policy) }

// Reuse implements store.Reuser.
func (c *Control) Reuse(old *Control) { c.policy = resource.SamePolicy(c.policy, old.policy) }
