package policyeval

import (
	"strings"
	"testing"
)

// What a resource's policy denies does not keep the root user of its account
// from a call that undoes the policy; whatever else denies, does.
func TestUnlocking(t *testing.T) {
	const account, queue = "111122223333", "arn:aws:sqs:us-east-1:111122223333:q"
	policy := func(name, document string) *Policy {
		t.Helper()
		d, err := Parse(document)
		if err != nil {
			t.Fatal(err)
		}
		return &Policy{Name: name, Document: d}
	}
	locked := policy(queue, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}`)
	open := policy(queue, `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`)
	deny := policy("d", `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`)
	allow := policy("a", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	root := Principal{Type: Root, Account: account, ARN: "arn:aws:iam::" + account + ":root", ID: account}
	user := Principal{Type: User, Account: account, ARN: "arn:aws:iam::" + account + ":user/u", ID: "AIDAU"}
	otherRoot := Principal{Type: Root, Account: "444455556666", ARN: "arn:aws:iam::444455556666:root", ID: "444455556666"}
	for name, c := range map[string]struct {
		who      Principal
		unlocks  bool
		policies Policies
		allowed  bool
		reason   Reason
		layer    Layer
		by       int
	}{
		"the root user":                  {root, true, Policies{Resource: locked}, true, AllowedToUnlock, LayerIdentity, 0},
		"where nothing denies":           {root, true, Policies{Resource: open}, true, AllowedByResource, LayerResource, 1},
		"another call":                   {root, false, Policies{Resource: locked}, false, ExplicitDeny, LayerResource, 1},
		"a user who may everything":      {user, true, Policies{Resource: locked, Identity: []*Policy{allow}}, false, ExplicitDeny, LayerResource, 1},
		"the root user of another":       {otherRoot, true, Policies{Resource: locked}, false, ExplicitDeny, LayerResource, 1},
		"a task that does not let it":    {root, true, Policies{Resource: locked, Identity: []*Policy{deny}}, false, ExplicitDeny, LayerIdentity, 1},
		"a service control policy":       {root, true, Policies{Resource: locked, SCPs: [][]*Policy{{allow, deny}}}, false, ExplicitDeny, LayerSCP, 1},
		"no service control policy does": {root, true, Policies{Resource: locked, SCPs: [][]*Policy{{}}}, false, ImplicitDeny, LayerSCP, 0},
	} {
		t.Run(name, func(t *testing.T) {
			req := &Request{Principal: c.who, Action: "sqs:SetQueueAttributes", Resource: queue, Unlocks: c.unlocks, Context: NewContext(0)}
			v, d := Decide(req, &c.policies), Evaluate(req, &c.policies)
			if v.Allowed != c.allowed || v.Reason != c.reason || v.Layer != c.layer || d.Verdict != v || len(d.By()) != c.by {
				t.Errorf("decided %+v, explained %+v by %d statements", v, d.Verdict, len(d.By()))
			}
			if told := d.Text(TextOptions{}); c.reason == AllowedToUnlock &&
				(!strings.Contains(told, "does not keep the account's root user from undoing that policy") || !strings.Contains(told, "Deny (line 1) applies") || !d.Passes(LayerResource)) {
				t.Errorf("explained as\n%s", told)
			}
			if s, ok := Suggest(req, &c.policies); ok && c.who.Type == Root && c.who.Account == account && c.unlocks {
				for _, change := range s.Changes {
					if change.Layer == LayerResource {
						t.Errorf("it is suggested to change the resource's policy: %+v", change)
					}
				}
			}
		})
	}
}
