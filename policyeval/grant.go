package policyeval

import "strings"

var encryptionContextKeys = makeKey("kms:EncryptionContextKeys")

const encryptionContext = "kms:encryptioncontext:"

// grants asks the key's grants. A grant is worth what a key policy's Allow
// for the grantee would be.
//
// See https://docs.aws.amazon.com/kms/latest/developerguide/grants.html.
func (r *run) grants() {
	o := &r.outcomes[LayerGrant]
	for i := range r.policies.Grants {
		g := &r.policies.Grants[i]
		if far := r.grantReach(g); far > o.reach {
			o.reach, o.allow.statement = far, i
		}
	}
}

func (r *run) grantReach(g *Grant) reach {
	far := reachNone
	if g.covers(r.action.verb) && r.constraintsMet(g) {
		far = granteeReach(g.Grantee, &r.req.Principal)
	}
	if r.retires() {
		far = max(far, granteeReach(g.Retiring, &r.req.Principal))
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

// retires reports whether a grant is to be retired, which no key policy
// allows: the key's account may, its root user or whom its identity-based
// policies name, and whom the grant itself names.
func (r *run) retires() bool { return r.rule == keyRule && r.action.verb == "retiregrant" }

// ownerReach is what the key's account may without any policy.
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

// granteeReach is how a grant's principal names the caller.
func granteeReach(grantee string, who *Principal) reach {
	account, resource, iam := splitIAM(grantee)
	switch {
	case !iam:
		return reachIf(who.Type == Service && who.Service == grantee, reachFull)
	case account != who.Account:
		return reachNone
	case resource == "root" && who.Type == Root:
		return reachFull
	case resource == "root":
		return reachAccount
	case grantee == who.IssuerARN:
		return reachIssuer
	case grantee == who.ARN:
		return reachFull
	}
	named := role{account, resource[strings.LastIndexByte(resource, '/')+1:]}
	played := who.Type == AssumedRole && who.IssuerARN == "" && strings.HasPrefix(resource, "role/") && named == roleOf(who)
	return reachIf(played, reachIssuer)
}

// constraintsMet compares the request's encryption context with the grant's.
func (r *run) constraintsMet(g *Grant) bool {
	if r.action.verb == "describekey" || r.action.verb == "retiregrant" {
		return true
	}
	return r.contextHolds(g.EncryptionContextSubset) &&
		(g.EncryptionContextEquals == nil ||
			r.contextHolds(g.EncryptionContextEquals) && r.contextSize() == len(g.EncryptionContextEquals))
}

func (r *run) contextSize() int { return len(r.contextKeys()) }

// contextKeys are the keys of the encryption context, in their own spelling.
func (r *run) contextKeys() []string {
	if e := r.req.Context.find(encryptionContextKeys); e != nil && e.list != nil {
		return *e.list
	}
	return nil
}

func (r *run) contextHolds(pairs map[string]string) bool {
	for k, v := range pairs {
		if !contains(r.contextKeys(), k) || !r.contextHas(k, v) {
			return false
		}
	}
	return true
}

// contextHas looks for kms:EncryptionContext:KEY among the request's keys.
func (r *run) contextHas(key, value string) bool {
	for i := range r.req.Context.entries {
		e := &r.req.Context.entries[i]
		if name, ok := strings.CutPrefix(e.key, encryptionContext); ok && strings.EqualFold(name, key) {
			return e.value == value
		}
	}
	return false
}
