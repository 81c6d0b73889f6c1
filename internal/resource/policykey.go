package resource

import (
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/policyeval"
)

// Key is PolicyKey of the policy.
func (p PolicyInForce) Key() string { return PolicyKey(p.Policy) }

// PolicyKey is the policy's name in the control API: the ARN of the resource, VPC endpoint
// or role whose policy it is, the ARN of a managed policy or of one of an organization, and
// role/NAME/POLICY, user/NAME/POLICY or group/NAME/POLICY for an inline policy. Only inline
// policies of different accounts can have the same key. It is empty for what nobody can
// set: session policies, and what stands for a policy that is missing.
func PolicyKey(p *policyeval.Policy) string {
	switch {
	case p.Owner != "":
		return InlineKey(p.Owner, p.Name)
	case strings.HasPrefix(p.Name, "arn:"):
		return p.Name
	default:
		return ""
	}
}

// InlineKey is the key of an inline policy of the user, group or role of an ARN, whose path
// is left out: names are unique without it.
func InlineKey(identityARN, policy string) string {
	a, err := arn.Parse(identityARN)
	if err != nil {
		return ""
	}
	kind, path, _ := strings.Cut(a.Resource, "/")
	return kind + "/" + path[strings.LastIndexByte(path, '/')+1:] + "/" + policy
}

// PolicyHolder is the ARN of the resource on which the policy stands that guards a resource:
// an object's is its bucket's. It is empty where the policy stands on none.
func PolicyHolder(resourceARN string) string {
	a, err := arn.Parse(resourceARN)
	switch {
	case err != nil:
		return ""
	case a.Service == "s3":
		a.Resource, _, _ = strings.Cut(a.Resource, "/")
	}
	return a.String()
}
