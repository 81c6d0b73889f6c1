package policyeval

import (
	"slices"
	"strings"
)

// Layer is a kind of policy, in the order in which AWS's documentation lists
// the steps of an evaluation.
type Layer uint8

// The layers.
const (
	LayerNone Layer = iota
	LayerRCP
	LayerSCP
	LayerEndpoint
	LayerResource
	LayerIdentity
	LayerBoundary
	LayerSession
	LayerTrust
	// LayerBlock is a setting of the resource that denies what its policy allows to the public.
	LayerBlock
	LayerGrant
)

// layerNames are a layer's kind of policy, and its denials in AWS's words.
var layerNames = [...]struct{ name, implicit, explicit string }{
	LayerNone:     {"no policy", "", ""},
	LayerRCP:      {"resource control policy", "", "a resource control policy"},
	LayerSCP:      {"service control policy", "service control policy", "a service control policy"},
	LayerEndpoint: {"VPC endpoint policy", "VPC endpoint policy", "a VPC endpoint policy"},
	LayerResource: {"resource-based policy", "resource-based policy", "a resource-based policy"},
	LayerIdentity: {"identity-based policy", "identity-based policy", "an identity-based policy"},
	LayerBoundary: {"permissions boundary", "permissions boundary", "a permissions boundary"},
	LayerSession:  {"session policy", "session policy", "a session policy"},
	LayerTrust:    {"role trust policy", "role trust policy", "the role trust policy"},
	LayerBlock:    {"Block Public Access setting", "", "a resource-based policy"}, // as AWS counts it [S214]
	LayerGrant:    {"grant", "", ""},
}

func (l Layer) String() string { return layerNames[l].name }

// MarshalText is the layer's name.
func (l Layer) MarshalText() ([]byte, error) { return []byte(l.String()), nil }

// Reason says why a request was allowed or denied.
type Reason uint8

// The reasons.
const (
	// ImplicitDeny: a policy that had to allow does not. It is the zero value,
	// because everything that is not allowed is denied.
	ImplicitDeny Reason = iota
	// ExplicitDeny: a statement denies.
	ExplicitDeny
	// OwnerOnlyDeny: no policy can open the action to another account.
	OwnerOnlyDeny
	// AllowedByIdentity: by an identity-based policy.
	AllowedByIdentity
	// AllowedByResource: by the resource's own policy.
	AllowedByResource
	// AllowedByBoth: by the resource's policy and an identity-based policy,
	// where both are needed.
	AllowedByBoth
	// AllowedByGrant: by a grant.
	AllowedByGrant
	// AllowedAsRoot: the root user needs no identity-based policy.
	AllowedAsRoot
	// AllowedAlways: the action needs no permission.
	AllowedAlways
	// AllowedToUnlock: the resource's policy denies, but the root user may undo that
	// policy.
	AllowedToUnlock
)

var reasonNames = [...]string{
	ImplicitDeny:      "ImplicitDeny",
	ExplicitDeny:      "ExplicitDeny",
	OwnerOnlyDeny:     "OwnerOnlyDeny",
	AllowedByIdentity: "AllowedByIdentity",
	AllowedByResource: "AllowedByResource",
	AllowedByBoth:     "AllowedByBoth",
	AllowedByGrant:    "AllowedByGrant",
	AllowedAsRoot:     "AllowedAsRoot",
	AllowedAlways:     "AllowedAlways",
	AllowedToUnlock:   "AllowedToUnlock",
}

func (r Reason) String() string { return reasonNames[r] }

// MarshalText is the reason's name.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// Verdict is a decision without its explanation.
type Verdict struct {
	Allowed   bool
	Reason    Reason
	Layer     Layer   // the layer that decided
	Policy    *Policy // that decided, if one did
	Statement int     // its statement, from 0; -1 if none decided
	Grant     string  // the grant that allowed, by its id
	// outside: the caller belongs to another organization than the policy, and
	// so does not learn the policy's ARN.
	outside bool
}

// Because is the reason of a denial in AWS's words, such as "because no
// identity-based policy allows the sqs:sendmessage action", with the action
// in the spelling given. It is empty where the request is allowed.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html.
func (v Verdict) Because(action string) string {
	names := layerNames[v.Layer]
	switch {
	case v.Allowed:
		return ""
	case v.Reason == ExplicitDeny || names.implicit == "":
		return "with an explicit deny in " + names.explicit + v.suffix()
	default:
		return "because no " + names.implicit + " allows the " + action + " action"
	}
}

// suffix names the policy where AWS does: managed identity policies, SCPs and RCPs.
func (v Verdict) suffix() string {
	switch v.Layer {
	case LayerIdentity, LayerSCP, LayerRCP:
		if v.Policy != nil && !v.outside && strings.HasPrefix(v.Policy.Name, "arn:") {
			return ": " + v.Policy.Name
		}
		return ""
	default:
		return ""
	}
}

func (r *run) explicit() Verdict {
	i := slices.IndexFunc(layers[:], func(l Layer) bool { return r.outcomes[l].deny.policy != nil && !r.ignores(l) })
	l := layers[i]
	deny := r.outcomes[l].deny
	return Verdict{
		Reason: ExplicitDeny, Layer: r.layer(l), Policy: deny.policy, Statement: deny.statement,
		outside: l == LayerRCP && r.cross && !r.sameOrganization(),
	}
}

func (r *run) sameOrganization() bool {
	mine, ok := r.req.Context.find(principalOrg)
	its, also := r.req.Context.find(resourceOrg)
	return ok && also && mine.value == its.value
}

var principalOrg, resourceOrg = makeKey("aws:PrincipalOrgID"), makeKey("aws:ResourceOrgID")

func (r *run) implicit(l Layer) Verdict {
	return Verdict{Reason: ImplicitDeny, Layer: r.layer(l), Statement: -1}
}

// layer is l, except that the resource-based policy of a role is called a trust
// policy.
func (r *run) layer(l Layer) Layer {
	if l == LayerResource && r.rule == trustRule {
		return LayerTrust
	}
	return l
}

// verdict combines the layers' outcomes.
func (r *run) verdict() Verdict {
	if r.denied {
		return r.explicit()
	}
	if l := r.limit(); l != LayerNone {
		return r.implicit(l)
	}
	far, granted := r.resourceSays()
	unlocked := r.unlocks && r.outcomes[LayerResource].deny.policy != nil
	switch {
	case r.ownerOnly():
		v := r.implicit(LayerResource)
		v.Reason = OwnerOnlyDeny
		return v
	case far == reachNone && (r.cross || r.rule != ordinary || !r.local()):
		return r.implicit(LayerResource)
	case !r.local() || !r.cross && far == reachFull && !unlocked:
		return granted
	}
	root := r.req.Principal.Type == Root
	named := !r.cross && far == reachIssuer
	identity := &r.outcomes[LayerIdentity]
	switch {
	case !root && !named && identity.reach == reachNone:
		return r.implicit(LayerIdentity)
	case r.bounded(LayerBoundary, len(r.policies.Boundary) > 0):
		return r.implicit(LayerBoundary)
	case r.bounded(LayerSession, len(r.policies.Session) > 0 || r.req.Principal.Type == FederatedUser):
		return r.implicit(LayerSession)
	case unlocked:
		return Verdict{Allowed: true, Reason: AllowedToUnlock, Layer: LayerIdentity, Statement: -1}
	case named || root && far != reachNone:
		return granted
	case root:
		return Verdict{Allowed: true, Reason: AllowedAsRoot, Layer: LayerIdentity, Statement: -1}
	}
	v := Verdict{
		Allowed: true, Reason: AllowedByIdentity, Layer: LayerIdentity,
		Policy: identity.allow.policy, Statement: identity.allow.statement,
	}
	if r.cross || r.rule != ordinary {
		v.Reason, v.Grant = AllowedByBoth, granted.Grant
	}
	return v
}

// ownerOnly reports whether only the resource's account may call the action, and the
// caller belongs to another.
func (r *run) ownerOnly() bool { return r.cross && r.action.ownerOnly && r.local() }

// limit is the first layer among the RCPs, SCPs and VPC endpoint policies that
// does not allow.
func (r *run) limit() Layer {
	switch {
	case r.outcomes[LayerSCP].lacking:
		return LayerSCP
	case len(r.policies.Endpoint) > 0 && r.outcomes[LayerEndpoint].reach == reachNone:
		return LayerEndpoint
	}
	return LayerNone
}

// bounded reports whether a limit is there and does not allow.
func (r *run) bounded(l Layer, there bool) bool {
	return there && r.outcomes[l].reach == reachNone
}

// resourceSays is how the resource's policy, or a grant, names the caller, and
// the verdict if that is sufficient.
func (r *run) resourceSays() (reach, Verdict) {
	resource, grant := &r.outcomes[LayerResource], &r.outcomes[LayerGrant]
	if grant.reach > resource.reach {
		v := Verdict{Allowed: true, Reason: AllowedByGrant, Layer: LayerGrant, Statement: -1}
		v.Grant = r.policies.Grants[grant.allow.statement].ID
		return grant.reach, v
	}
	if r.retires() {
		return resource.reach, Verdict{Allowed: true, Reason: AllowedAsRoot, Layer: LayerIdentity, Statement: -1}
	}
	return resource.reach, Verdict{
		Allowed: true, Reason: AllowedByResource, Layer: r.layer(LayerResource),
		Policy: resource.allow.policy, Statement: resource.allow.statement,
	}
}
