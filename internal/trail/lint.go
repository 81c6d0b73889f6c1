package trail

import (
	"strings"

	"github.com/waxseal/waxseal/policyeval"
)

// findings are lint's findings in the policies that were evaluated: often the
// reason why a statement does not do what its author intended. place names
// their positions.
func (d *Decision) findings(place func(*policyeval.Policy, policyeval.Position) string) []string {
	var found []string
	lint := func(kind policyeval.Kind, account string, policies ...*policyeval.Policy) {
		for _, p := range policies {
			resource := ""
			if kind != policyeval.IdentityPolicy && strings.HasPrefix(p.Name, "arn:") {
				resource = p.Name
			}
			for _, f := range policyeval.Lint(p.Document, policyeval.LintContext{Kind: kind, Resource: resource, Account: account}) {
				where := ""
				if place != nil {
					where = place(p, f.Position)
				}
				found = append(found, p.Name+": "+f.In(where))
			}
		}
	}
	account := d.Request.Principal.Account
	lint(policyeval.IdentityPolicy, account, d.Policies.Identity...)
	// Boundaries are linted as session policies: in both, allowing everything is
	// normal.
	lint(policyeval.SessionPolicy, account, d.Policies.Boundary...)
	lint(policyeval.SessionPolicy, account, d.Policies.Session...)
	if p := d.Policies.Resource; p != nil && strings.HasPrefix(p.Name, "arn:") { // not one that stands for a missing policy
		lint(d.ResourcePolicy, d.Request.ResourceAccount, p)
	}
	return found
}
