package resource_test

import (
	"testing"

	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/policyeval"
)

func TestPolicyKeys(t *testing.T) {
	t.Parallel()
	const iam, queue = "arn:aws:iam::123456789012:", "arn:aws:sqs:us-east-1:123456789012:orders"
	for _, c := range []struct{ owner, name, want string }{
		{"", queue, queue},
		{"", iam + "role/app/sender", iam + "role/app/sender"}, // its trust policy
		{iam + "role/app/sender", "send", "role/sender/send"},
		{iam + "user/alice", "send", "user/alice/send"},
		{iam + "group/a/b/staff", "send", "group/staff/send"},
		{"", iam + "policy/limits", iam + "policy/limits"},
		{"", "session policy", ""},
	} {
		p := resource.PolicyInForce{Policy: &policyeval.Policy{Name: c.name, Owner: c.owner}}
		if got := p.Key(); got != c.want {
			t.Errorf("the policy %s of %s has the key %q, want %q", c.name, c.owner, got, c.want)
		}
	}
}
