package runtime_test

import (
	"slices"
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/server"
)

// accountWide operations act on no key, and so never on another account's.
var accountWide = []string{
	"ConnectCustomKeyStore", "DisconnectCustomKeyStore", "CreateCustomKeyStore", "DeleteCustomKeyStore", "DescribeCustomKeyStores",
	"UpdateCustomKeyStore", "ListKeys", "ListAliases", "ListRetirableGrants", "GenerateRandom", "CreateKey",
}

// The operations tables say which operations stay with the owner's account, and
// policyeval knows it of the actions: the two agree.
func TestOwnerOnlyOperations(t *testing.T) {
	s := servertest.New(t, server.Config{})
	everything := func(document string) *policyeval.Policy {
		d, err := policyeval.Parse(document)
		if err != nil {
			t.Fatal(err)
		}
		return &policyeval.Policy{Name: "everything", Document: d}
	}
	other, err := s.Runtime().Identity.Root(t.Context(), "999988887777", server.DefaultRegion)
	if err != nil {
		t.Fatal(err)
	}
	resource := everything(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`)
	for _, service := range s.Runtime().Dispatcher.Services() {
		name := service.Name
		if len(policyeval.OwnerOnlyActions(name)) == 0 {
			continue // policyeval does not know its actions
		}
		for _, op := range service.Operations {
			if len(op.Actions) != 1 || slices.Contains(accountWide, op.Name) {
				continue
			}
			verdict := policyeval.Decide(&policyeval.Request{
				Principal: other.Principal, Action: op.Actions[0], ResourceAccount: server.DefaultAccount,
				Resource: "arn:aws:" + name + ":us-east-1:" + server.DefaultAccount + ":key/x", Context: new(policyeval.Context),
			}, &policyeval.Policies{Resource: resource})
			if got := verdict.Reason == policyeval.OwnerOnlyDeny; got != op.OwnerOnly {
				t.Errorf("%s: OwnerOnly is %v in the table, %v by policyeval (%v)", op.Name, op.OwnerOnly, got, verdict.Reason)
			}
		}
	}
}
