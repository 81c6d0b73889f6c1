package policyeval

import (
	"slices"
	"strings"
)

// principalRules are the rules about the principals that are named, and about
// what a trust policy allows them.
var principalRules = []LintRule{
	{
		"unknown-service", "A service principal that no service is known to call as. Where AWS takes the policy all the same, the statement never applies.", TopicPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"snss.amazonaws.com"},"Action":"sns:Publish","Resource":"*","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}}`,
		func(l *linter, s *Statement) {
			for _, e := range slices.Concat(s.Principal, s.NotPrincipal) {
				if e.Type == "Service" && serviceStanding(e.Value) != knownService {
					l.reportAt(e.begin, "no service is known to call as %s", e.Value)
				}
			}
		},
	},
	{
		"trust-action", "A trust policy allows principals an action that their kind cannot perform: users, roles and services assume a role with " +
			"sts:AssumeRole, OIDC identities with sts:AssumeRoleWithWebIdentity, SAML identities with sts:AssumeRoleWithSAML.", TrustPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRole",
			"Condition":{"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:o/r:ref:refs/heads/main","token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}}}`,
		(*linter).trustActions,
	},
	{
		"oidc-subject-missing", "A trust policy lets every identity of an OIDC provider in: no condition is on the token's subject. " +
			"Providers such as GitHub serve everybody.", TrustPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},"Action":"sts:AssumeRoleWithWebIdentity",
			"Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}}}`,
		func(l *linter, s *Statement) {
			l.eachOIDC(s, func(e PrincipalEntry, host string, ours bool) {
				if ours && !s.tests(host+":sub") {
					l.reportAt(e.begin, "every identity of %s may assume the role: add a condition on %s:sub", host, host)
				}
			})
		},
	},
	{
		"oidc-audience-missing", "A trust policy takes tokens that an OIDC provider issued for any application: no condition is on the token's audience.", TrustPolicy,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"cognito-identity.amazonaws.com"},"Action":"sts:AssumeRoleWithWebIdentity"}}`,
		func(l *linter, s *Statement) {
			l.eachOIDC(s, func(e PrincipalEntry, host string, _ bool) {
				if !s.tests(host+":aud") && !s.tests(host+":app_id") {
					l.reportAt(e.begin, "tokens of %s for any application are taken: add a condition on %s:aud", host, host)
				}
			})
		},
	},
}

// How a principal assumes a role, by its kind; tagging and naming a session go with each.
const (
	byRole     = "sts:assumerole"
	byIdentity = "sts:assumerolewithwebidentity"
	bySAML     = "sts:assumerolewithsaml"
)

// assumesBy is how the principal of an entry assumes roles.
func assumesBy(e PrincipalEntry) string {
	switch {
	case e.Type == "Federated" && strings.Contains(e.Value, ":saml-provider/"):
		return bySAML
	case e.Type == "Federated":
		return byIdentity
	default:
		return byRole
	}
}

// trustActions finds actions that none of the statement's principals can use,
// and principals that can use none of its actions. Statements that only allow
// tagging or naming sessions complement other statements and are not checked.
func (l *linter) trustActions(s *Statement) {
	assumes := slices.DeleteFunc(slices.Clone(s.Action), func(a string) bool { return !matchesAny(a, byRole, byIdentity, bySAML) })
	if l.c.Kind != TrustPolicy || s.Effect != Allow || len(assumes) == 0 {
		return
	}
	can := func(a string, e PrincipalEntry) bool { return e.Value == "*" || matchesAny(a, assumesBy(e)) }
	for _, a := range assumes {
		if !slices.ContainsFunc(s.Principal, func(e PrincipalEntry) bool { return can(a, e) }) {
			l.report("none of the principals can perform %s", a)
			return
		}
	}
	for _, e := range s.Principal {
		if !slices.ContainsFunc(assumes, func(a string) bool { return can(a, e) }) {
			l.reportAt(e.begin, "%s %s can perform none of the actions", e.Type, e.Value)
		}
	}
}

// matchesAny reports whether a pattern of actions matches one of the names, which are in lower case.
func matchesAny(action string, names ...string) bool {
	p := newPattern(strings.ToLower(action), true, false)
	return slices.ContainsFunc(names, func(name string) bool { return p.matches(name, nil) })
}

// eachOIDC calls f with each OIDC provider that a statement of a trust policy
// allows, and with the prefix of the condition keys for its claims. ours: the
// provider was created in the account.
func (l *linter) eachOIDC(s *Statement, f func(e PrincipalEntry, host string, ours bool)) {
	if l.c.Kind != TrustPolicy || s.Effect != Allow {
		return
	}
	for _, e := range s.Principal {
		if e.Type != "Federated" || assumesBy(e) != byIdentity {
			continue
		}
		_, host, ours := strings.Cut(e.Value, ":oidc-provider/")
		if !ours {
			host = e.Value
		}
		f(e, host, ours)
	}
}

// tests reports whether a condition of the statement asks for certain values of a key.
func (s *Statement) tests(key string) bool {
	return slices.ContainsFunc(s.Conditions, func(k Condition) bool {
		op := operators[baseOperator(k.Operator)]
		return op != nil && !op.negated && strings.EqualFold(k.Key, key) && !slices.ContainsFunc(k.Values, everything)
	})
}
