package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/nearest"
	"github.com/waxseal/waxseal/kms"
	"github.com/waxseal/waxseal/policyeval"
)

// evalGrant is a grant as KMS's ListGrants shows one.
type evalGrant struct {
	policyeval.Grant
	begin     int
	key       string // its KeyId; empty: the case's key
	sourceARN string // the constraint, if it has one
}

// grantMembers read the members of a grant. Some that CreateGrant accepts and
// ListGrants shows do not influence a decision, and are ignored.
var grantMembers = members[evalGrant]{
	{"GrantId", grantText("GrantId", func(g *evalGrant) *string { return &g.ID })},
	{"KeyId", grantText("KeyId", func(g *evalGrant) *string { return &g.key })},
	{"GranteePrincipal", grantText("GranteePrincipal", func(g *evalGrant) *string { return &g.Grantee })},
	{"GranteeServicePrincipal", grantText("GranteeServicePrincipal", func(g *evalGrant) *string { return &g.Grantee })},
	{"RetiringPrincipal", grantText("RetiringPrincipal", func(g *evalGrant) *string { return &g.Retiring })},
	{"RetiringServicePrincipal", grantText("RetiringServicePrincipal", func(g *evalGrant) *string { return &g.Retiring })},
	{"Operations", readOperations},
	{"Constraints", func(r *caseReader, g *evalGrant) error {
		return object(r, "Constraints", constraintMembers, g)
	}},
	{"Name", passed}, {"CreationDate", passed}, {"IssuingAccount", passed},
}

var constraintMembers = members[evalGrant]{
	{"EncryptionContextEquals", grantPairs("EncryptionContextEquals", func(g *evalGrant) *map[string]string { return &g.EncryptionContextEquals })},
	{"EncryptionContextSubset", grantPairs("EncryptionContextSubset", func(g *evalGrant) *map[string]string { return &g.EncryptionContextSubset })},
	{"SourceArn", grantText("SourceArn", func(g *evalGrant) *string { return &g.sourceARN })},
}

func grantText(what string, into func(*evalGrant) *string) func(*caseReader, *evalGrant) error {
	return func(r *caseReader, g *evalGrant) (err error) {
		begin := r.next()
		if *into(g) != "" {
			return r.fail(begin, "a grant has one grantee, and one retiring principal at the most")
		}
		*into(g), err = r.string(what)
		return err
	}
}

// grantPairs reads a constraint; an empty one counts as no constraint, as in
// KMS.
func grantPairs(what string, into func(*evalGrant) *map[string]string) func(*caseReader, *evalGrant) error {
	return func(r *caseReader, g *evalGrant) error {
		pairs := map[string]string{}
		err := r.each(what, func(name string, begin int) (err error) {
			if _, twice := pairs[name]; twice {
				return r.fail(begin, "%s has the member %q twice", what, name)
			}
			pairs[name], err = r.string(what)
			return err
		})
		if len(pairs) > 0 {
			*into(g) = pairs
		}
		return err
	}
}

func passed(r *caseReader, _ *evalGrant) error { _, err := r.raw(); return err }

func readOperations(r *caseReader, g *evalGrant) error {
	known := kms.GrantOperations()
	return r.list("Operations", func(int) error {
		begin := r.next()
		name, err := r.string("Operations")
		if err == nil && !slices.Contains(known, name) {
			err = r.fail(begin, "Operations: a grant cannot allow %q%s", name, nearest.Hint(name, known))
		}
		g.Operations = append(g.Operations, name)
		return err
	})
}

func readGrants(r *caseReader, c *evalCase) error {
	return r.list("grants", func(int) error {
		g := evalGrant{begin: r.next()}
		if err := object(r, "a grant", grantMembers, &g); err != nil {
			return err
		}
		switch {
		case g.Grantee == "":
			return r.fail(g.begin, "a grant without GranteePrincipal")
		case len(g.Operations) == 0:
			return r.fail(g.begin, "a grant without Operations")
		}
		c.grants = append(c.grants, g)
		return nil
	})
}

// giveGrants adds the grants to the policies, except those for requests of
// another source.
func (c *evalCase) giveGrants(r *caseReader) error {
	for i, g := range c.grants {
		if !strings.Contains(c.request.Resource, ":kms:") || !strings.Contains(c.request.Resource, ":key/") {
			return r.fail(g.begin, "grants: %s is not a key: keys of KMS alone have grants", c.request.Resource)
		}
		if g.key != "" && g.key != c.request.Resource && !strings.HasSuffix(c.request.Resource, ":key/"+g.key) {
			return r.fail(g.begin, "grants: the grant is on the key %s, the call on %s", g.key, c.request.Resource)
		}
		for _, who := range []string{g.Grantee, g.Retiring} {
			if p, err := policyeval.ParsePrincipal(who); who != "" && (err != nil || p.Type == policyeval.Anonymous) {
				return r.fail(g.begin, "grants: %q is no ARN of a principal and no service", who)
			}
		}
		if source, _, _ := c.request.Context.Get("aws:SourceArn"); g.sourceARN != "" && !slices.Equal(source, []string{g.sourceARN}) {
			continue
		}
		if g.ID == "" {
			g.ID = fmt.Sprintf("grants[%d]", i)
		}
		c.policies.Grants = append(c.policies.Grants, g.Grant)
	}
	if len(c.grants) > 0 {
		c.listEncryptionContext()
	}
	return nil
}

// encryptionContext begins the condition keys of a request's encryption context.
const encryptionContext = "kms:encryptioncontext:"

// listEncryptionContext sets kms:EncryptionContextKeys where the case leaves it
// out. AWS always sets it with an encryption context, and without it no
// constraint of a grant is met.
func (c *evalCase) listEncryptionContext() {
	if _, _, listed := c.request.Context.Get("kms:EncryptionContextKeys"); !listed {
		c.request.Context.SetList("kms:EncryptionContextKeys", c.encrypted)
	}
}
