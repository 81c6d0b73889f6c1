package resource_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/policyeval"
)

// TestPermissionIsAStatement: single elements stand by themselves, and the roots
// are of the resource's partition.
func TestPermissionIsAStatement(t *testing.T) {
	p := resource.Permission{Label: "l", Accounts: []string{"111122223333"}, Actions: []string{"SQS:SendMessage"}, Resource: arn.New("sqs", "cn-north-1", "123456789012", "q")}
	want := `{"Sid":"l","Effect":"Allow","Principal":{"AWS":"arn:aws-cn:iam::111122223333:root"},"Action":"SQS:SendMessage","Resource":"arn:aws-cn:sqs:cn-north-1:123456789012:q"}`
	if got, err := p.Statement(); err != nil || got != want {
		t.Errorf("%v\n%s\n%s", err, got, want)
	}
	p.Actions = append(p.Actions, "SQS:PurgeQueue")
	statement, err := p.Statement()
	if err != nil || !strings.Contains(statement, `"Action":["SQS:SendMessage","SQS:PurgeQueue"]`) {
		t.Errorf("%v %s", err, statement)
	}
	d, err := policyeval.Parse(`{"Statement":[{"Sid":"other","Effect":"Deny","Principal":"*","Action":"*","Resource":"*"},` + statement + `]}`)
	if err != nil {
		t.Fatal(err)
	}
	if resource.Labeled(d, "l") != 1 || resource.Labeled(d, "L") != -1 {
		t.Error("a label means another statement than its own")
	}
}

// TestErrorsOfKMSArePassedOn: under the service's names, and without the reason
// to service principals.
func TestErrorsOfKMSArePassedOn(t *testing.T) {
	own := &api.Error{Code: "OwnDenied"}
	table := resource.KMSErrors{"AccessDeniedException": own}
	denied := &api.Error{Code: "AccessDeniedException", Message: "User: u is not authorized"}
	for name, c := range map[string]struct {
		caller policyeval.PrincipalType
		words  string
	}{
		"a user":    {policyeval.User, "User: u is not authorized (Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException; Request ID: "},
		"a service": {policyeval.Service, "null (Service: AWSKMS; "},
	} {
		ctx := api.WithRequest(t.Context(), &api.Request{Caller: &api.Caller{Principal: policyeval.Principal{Type: c.caller}}})
		err := table.PassOn(ctx, denied, ids.New())
		if e := api.AsError(err); !errors.Is(err, own) || !strings.HasPrefix(e.Message, c.words) || !errors.Is(e.Cause, denied) {
			t.Errorf("%s hears %v", name, err)
		}
	}
	for _, other := range []error{errors.New("disk"), &api.Error{Code: "Unheard"}} {
		if got := table.PassOn(t.Context(), other, ids.New()); !errors.Is(got, other) || errors.Is(got, own) {
			t.Errorf("%v becomes %v", other, got)
		}
	}
}

func TestPrincipalsThatDoNotExist(t *testing.T) {
	var log strings.Builder
	some := func(_ context.Context, principal string) bool { return principal == "some" }
	lenient := resource.Principals{Exists: some, Log: slog.New(slog.NewTextHandler(&log, nil))}
	strict := lenient
	strict.Strict = true
	const nobodys = "AROAAAAAAAAAAAAAAAAAA"
	for _, c := range []struct {
		principals resource.Principals
		principal  string
		admitted   bool
		logged     bool
	}{
		{lenient, "some", true, false}, {lenient, "none", true, true}, {lenient, nobodys, false, false},
		{strict, "some", true, false}, {strict, "none", false, false},
		{resource.Principals{}, "none", true, false},
	} {
		log.Reset()
		if got := c.principals.Admit(t.Context(), "queue policy", "arn", c.principal); got != c.admitted || (log.Len() > 0) != c.logged {
			t.Errorf("strict %v, %s: %v, the log says %q", c.principals.Strict, c.principal, got, log.String())
		}
	}
}
