package kms

import (
	"fmt"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

func TestConnectionKeys(t *testing.T) {
	role := policyeval.Principal{Type: policyeval.AssumedRole, Account: "123456789012"}
	sns := policyeval.Principal{Type: policyeval.Service, Service: "sns.amazonaws.com"}
	for name, c := range map[string]struct {
		caller        policyeval.Principal
		via           []string
		account, want string
	}{
		"a caller's own request":       {role, nil, "[123456789012]", "[]"},
		"what SQS asks for the caller": {role, []string{"sqs.amazonaws.com"}, "[123456789012]", "[sqs.eu-west-1.amazonaws.com]"}, // [A5.2] [A5.4]
		// No condition on the caller's account lets a service in [B12] [B21].
		"what SQS asks for a service": {sns, []string{"sqs.amazonaws.com"}, "[]", "[sqs.eu-west-1.amazonaws.com]"},
	} {
		context := policyeval.NewContext(0)
		connectionKeys(context, &api.Request{Caller: &api.Caller{Principal: c.caller}, Region: "eu-west-1", Account: "123456789012", CalledVia: c.via})
		account, _, _ := context.Get("kms:CallerAccount")
		via, _, _ := context.Get("kms:ViaService")
		if fmt.Sprint(account) != c.account || fmt.Sprint(via) != c.want {
			t.Errorf("%s: kms:CallerAccount = %v, kms:ViaService = %v", name, account, via)
		}
	}
}
