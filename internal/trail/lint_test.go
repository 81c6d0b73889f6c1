package trail

import (
	"strings"
	"testing"

	"github.com/waxseal/waxseal/policyeval"
)

// A denial says what any of the caller's policies hardly means.
func TestDenialsNameWhatMayNotBeMeant(t *testing.T) {
	policy := func(resource string) []*policyeval.Policy {
		d, err := policyeval.Parse(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"` + resource + `"}}`)
		if err != nil {
			t.Fatal(err)
		}
		return []*policyeval.Policy{{Name: "p", Document: d}}
	}
	const flawed = "arn:aws:sqs:us-east-1:123456789012:${aws:user}"
	for name, policies := range map[string]policyeval.Policies{
		"identity": {Identity: policy(flawed)},
		"boundary": {Identity: policy("*"), Boundary: policy(flawed)},
		"session":  {Identity: policy("*"), Session: policy(flawed)},
	} {
		d := Decision{Policies: policies, Request: policyeval.Request{
			Principal: policyeval.Principal{Type: policyeval.User, Account: "123456789012", ARN: "arn:aws:iam::123456789012:user/u"},
			Action:    "sqs:SendMessage", Resource: "arn:aws:sqs:us-east-1:123456789012:q", ResourceAccount: "123456789012", Context: policyeval.NewContext(0),
		}}
		if text := d.Text(policyeval.TextOptions{}); !strings.Contains(text, "Perhaps not meant:") || !strings.Contains(text, "variable-unknown-key") {
			t.Errorf("%s:\n%s", name, text)
		}
	}
}
