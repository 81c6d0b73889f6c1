package resource_test

import (
	"testing"

	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/policyeval"
)

// TestAPolicySetAnewKeepsItsCounts: what is counted hangs on the document, and
// whom a policy means on its epoch.
func TestAPolicySetAnewKeepsItsCounts(t *testing.T) {
	policy := func(text string, epoch uint64) *policyeval.Policy {
		d, err := policyeval.Parse(`{"Statement":{"Effect":"Allow","Principal":"*","Action":"` + text + `","Resource":"*"}}`)
		if err != nil {
			t.Fatal(err)
		}
		return &policyeval.Policy{Name: "q", Document: d, Epoch: epoch}
	}
	old := policy("sqs:SendMessage", 1)
	if got := resource.SamePolicy(policy("sqs:SendMessage", 1), old); got != old {
		t.Error("the same policy is another")
	}
	if got := resource.SamePolicy(policy("sqs:SendMessage", 2), old); got.Document != old.Document || got.Epoch != 2 || old.Epoch != 1 {
		t.Errorf("set anew it has the epoch %d and, %v, the old document", got.Epoch, got.Document == old.Document)
	}
	if got := resource.SamePolicy(policy("sqs:ReceiveMessage", 1), old); got.Document == old.Document {
		t.Error("another policy is the same")
	}
}
