package resource

import (
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
)

// Key is the policy's name in the control API: the ARN of the resource, VPC endpoint or role
// whose policy it is, the ARN of a managed policy or of one of an organization, and
// role/NAME/POLICY, user/NAME/POLICY or group/NAME/POLICY for an inline policy. Only
// inline policies of different accounts can have the same key.
func (p PolicyInForce) Key() string {
	if p.Policy.Name == p.Owner || p.Kind != "identity" {
		return p.Owner
	}
	return InlineKey(p.Owner, p.Policy.Name)
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
