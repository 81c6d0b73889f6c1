package dispatch

import (
	"testing"

	"github.com/waxseal/waxseal/policyeval"
)

// Where only the policy of a VPC endpoint is asked, that is so for another caller, too, and
// nothing is remembered of the question.
func TestAgainAtAnEndpoint(t *testing.T) {
	d, s := mailDispatcher(t, nil)
	named := policy(t, "vpce-1", `{"Effect":"Allow","Principal":{"AWS":"`+otherAccount+`"},"Action":"mail:Hello","Resource":"*"}`)
	if _, err := d.Do(t.Context(), &Call{Service: s, Operation: s.Operation("Hello"), Input: &mailInput{}, Request: throughMail(user(mailAccount), named)}); err == nil {
		t.Fatal("the endpoint lets everybody pass")
	}
	denying := policy(t, "denying", `{"Effect":"Deny","Action":"*","Resource":"*"}`)
	for was := range d.Decisions().Newest() {
		for name, test := range map[string]struct {
			changed Changed
			allowed bool
		}{
			"as it was":          {Changed{}, false},
			"of another account": {Changed{Caller: user(otherAccount, denying)}, true},
			"a root user":        {Changed{Caller: root(mailAccount)}, false},
			"without its policy": {Changed{Policies: func(p *policyeval.Policies) { p.Endpoint = nil }}, true},
		} {
			now := d.Again(was, nil, test.changed)
			if now.Allowed() != test.allowed || (now.Message == "") != test.allowed || now.Seq != 0 {
				t.Errorf("%s: allowed %v, %q", name, now.Allowed(), now.Message)
			}
		}
	}
	n := 0
	for range d.Decisions().Newest() {
		n++
	}
	if n != 1 || d.Coverage().Counts(denying.Document)[0] != (policyeval.Count{}) {
		t.Errorf("%d decisions are remembered, the policy of who asked is counted %+v", n, d.Coverage().Counts(denying.Document))
	}
}
