package policyeval

import (
	"maps"
	"slices"
	"strings"
)

var encryptionContextKeys = makeKey("kms:EncryptionContextKeys")

const encryptionContext = "kms:encryptioncontext:"

// grants evaluates the grants. A grant has the effect of an Allow for the grantee in the
// resource-based policy.
//
// See https://docs.aws.amazon.com/kms/latest/developerguide/grants.html.
func (r *run) grants() {
	o := &r.outcomes[LayerGrant]
	var steps []Step
	if r.trace != nil {
		steps = r.trace.next(nil, LayerGrant, len(r.policies.Grants))
	}
	for i := range r.policies.Grants {
		g := &r.policies.Grants[i]
		far := r.grantReach(g)
		if far > o.reach {
			o.reach, o.allow.statement = far, i
		}
		if steps != nil {
			step := &steps[i]
			step.missed, step.reach = 0, far
			if far == reachNone {
				step.missed = missed(len(step.Missed()))
			}
		}
	}
}

func (r *run) grantReach(g *Grant) reach {
	far := reachNone
	if g.covers(r.action.verb) && r.constraintsMet(g) {
		far = granteeReach(g.Grantee, &r.req.Principal, g.Epoch)
	}
	if r.retires() {
		far = max(far, granteeReach(g.Retiring, &r.req.Principal, g.Epoch))
	}
	return far
}

func (g *Grant) covers(verb string) bool {
	for _, operation := range g.Operations {
		if strings.EqualFold(operation, verb) {
			return true
		}
	}
	return false
}

// retires reports whether the request is to retire a grant. No key policy can
// allow that. The key's account may do it (its root user, and the principals
// that its identity-based policies allow), and the principals that the grant
// itself names.
func (r *run) retires() bool { return r.rule == keyRule && r.action.verb == "retiregrant" }

// ownerReach is the reach that the caller has as a member of the key's account,
// without any policy.
func (r *run) ownerReach() reach {
	switch {
	case r.cross || !r.local():
		return reachNone
	case r.req.Principal.Type == Root:
		return reachFull
	default:
		return reachAccount
	}
}

// granteeReach is how the principal of a grant of the epoch names the caller.
func granteeReach(grantee string, who *Principal, epoch uint64) reach {
	account, resource, iam := splitIAM(grantee)
	switch {
	case who.Type == Service:
		return reachIf(who.Service == grantee, reachFull)
	case !who.local():
		return reachNone
	case who.ID != "" && grantee == who.ID:
		return who.issuerReach()
	case accountOf(grantee) != "":
		return who.accountReach(accountOf(grantee))
	case !iam || account != who.Account:
		return reachNone
	case who.Names != nil && who.boundToOther(grantee, epoch) != "":
		return reachNone
	case who.Names != nil && who.formerly([]string{grantee}, epoch):
		return who.issuerReach()
	case grantee == who.IssuerARN:
		return reachIssuer
	case grantee == who.ARN:
		return reachFull
	}
	named := role{account, resource[strings.LastIndexByte(resource, '/')+1:]}
	played := who.Type == AssumedRole && who.IssuerARN == "" && strings.HasPrefix(resource, "role/") && named == roleOf(who)
	return reachIf(played, reachIssuer)
}

// constraint is one of a grant's: a set of pairs that the encryption context
// must equal, or hold.
type constraint struct {
	name  string
	pairs map[string]string
	exact bool
}

func (g *Grant) constraints() []constraint {
	var all []constraint
	if g.EncryptionContextEquals != nil {
		all = append(all, constraint{"EncryptionContextEquals", g.EncryptionContextEquals, true})
	}
	if g.EncryptionContextSubset != nil {
		all = append(all, constraint{"EncryptionContextSubset", g.EncryptionContextSubset, false})
	}
	return all
}

// constraintsMet compares the request's encryption context with the grant's constraints.
func (r *run) constraintsMet(g *Grant) bool {
	return (g.EncryptionContextEquals == nil || r.constraintMet(constraint{pairs: g.EncryptionContextEquals, exact: true})) &&
		r.constraintMet(constraint{pairs: g.EncryptionContextSubset})
}

// constraintMet compares the encryption context with one constraint, in which
// upper and lower case differ. Operations that take no encryption context
// ignore it.
func (r *run) constraintMet(c constraint) bool {
	if r.action.verb == "describekey" || r.action.verb == "retiregrant" {
		return true
	}
	keys := r.contextKeys()
	if c.exact && len(keys) != len(c.pairs) {
		return false
	}
	for k, v := range c.pairs {
		if value, ok := r.contextValue(k); !ok || value != v || !contains(keys, k) {
			return false
		}
	}
	return true
}

// contextKeys are the keys of the encryption context, in their own spelling.
func (r *run) contextKeys() []string {
	if e, _ := r.req.Context.find(encryptionContextKeys); e.list != 0 {
		return r.req.Context.values(&e)
	}
	return nil
}

// contextValue looks for kms:EncryptionContext:KEY among the request's keys.
func (r *run) contextValue(key string) (string, bool) {
	for i := range r.req.Context.entries {
		e := &r.req.Context.entries[i]
		if name, ok := strings.CutPrefix(e.key, encryptionContext); ok && strings.EqualFold(name, key) {
			return e.value, true
		}
	}
	return "", false
}

// contextTexts is the encryption context for an explanation.
func (r *run) contextTexts() []string {
	pairs := map[string]string{}
	for _, k := range r.contextKeys() {
		pairs[k], _ = r.contextValue(k)
	}
	return pairTexts(pairs)
}

func pairTexts(pairs map[string]string) []string {
	texts := []string{}
	for _, k := range slices.Sorted(maps.Keys(pairs)) {
		texts = append(texts, k+"="+pairs[k])
	}
	return texts
}
