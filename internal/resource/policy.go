package resource

import "github.com/waxseal/waxseal/policyeval"

// PolicyInForce is a policy that requests are decided with, for coverage.
type PolicyInForce struct {
	// Owner is the ARN of what the policy belongs to: a user, group, role, queue,
	// topic or key. A managed policy and one of an organization own themselves.
	Owner string
	// Kind is identity, boundary, trust, resource, scp or rcp.
	Kind string
	// Policy is the very policy that requests are decided with: counts hang on
	// its document.
	Policy *policyeval.Policy
}

// Name tells the owner's policies apart: an inline policy's name, and
// otherwise the kind, of which an owner has one.
func (p PolicyInForce) Name() string {
	if p.Policy.Name == p.Owner {
		return p.Kind
	}
	return p.Policy.Name
}

// SamePolicy is old where both policies say the same, and otherwise policy. A
// record that was stored anew keeps by it the documents that did not change,
// and with them what was counted of them. Either may be nil.
func SamePolicy(policy, old *policyeval.Policy) *policyeval.Policy {
	switch {
	case policy == nil || old == nil || policy.Name != old.Name || policy.Document.Text() != old.Document.Text():
		return policy
	case policy.Epoch != old.Epoch: // it was set anew
		return &policyeval.Policy{Name: old.Name, Document: old.Document, Epoch: policy.Epoch}
	default:
		return old
	}
}
