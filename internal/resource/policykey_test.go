package resource_test

import (
	"testing"

	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/policyeval"
)

func TestPolicyKeys(t *testing.T) {
	t.Parallel()
	const iam, queue = "arn:aws:iam::123456789012:", "arn:aws:sqs:us-east-1:123456789012:orders"
	for _, c := range []struct{ owner, kind, name, want string }{
		{queue, "resource", queue, queue},
		{iam + "role/app/sender", "trust", iam + "role/app/sender", iam + "role/app/sender"},
		{iam + "role/app/sender", "identity", "send", "role/sender/send"},
		{iam + "user/alice", "identity", "send", "user/alice/send"},
		{iam + "group/a/b/staff", "identity", "policy/send", "group/staff/policy/send"},
		{iam + "policy/limits", "boundary", iam + "policy/limits", iam + "policy/limits"},
		{iam + "policy/send", "identity", iam + "policy/send", iam + "policy/send"},
	} {
		p := resource.PolicyInForce{Owner: c.owner, Kind: c.kind, Policy: &policyeval.Policy{Name: c.name}}
		if got := p.Key(); got != c.want {
			t.Errorf("the %s policy %s of %s has the key %s, want %s", c.kind, c.name, c.owner, got, c.want)
		}
	}
}
