package integration

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// The fix that a denial is answered with is tried on the denied request, and then made: what
// was predicted is what happens, and before that nothing has.
func TestAPolicyIsTriedBeforeItIsSet(t *testing.T) {
	w := newEncryptedTestbed(t)
	w.allow("sqs:SendMessage")
	send := func() error {
		_, err := w.role.sqs.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &w.queueURL, MessageBody: aws.String("m")})
		return err
	}
	err := send()
	failed, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok {
		t.Fatalf("the role may use the key: %v", err)
	}
	id := failed.ServiceRequestID()
	type fix struct {
		Text, Key string
		Statement json.RawMessage
	}
	var shown struct {
		Decisions []struct {
			Action, Decision string
			Own              bool
			Fix              *fix
		}
	}
	if err := json.Unmarshal([]byte(fetch(t, w.cloud.URL()+"/_waxseal/decisions/"+id)), &shown); err != nil {
		t.Fatal(err)
	}
	if len(shown.Decisions) != 2 || !shown.Decisions[0].Own || shown.Decisions[1].Fix == nil || shown.Decisions[1].Fix.Key != "role/app/p" {
		t.Fatalf("request %s is shown as %+v", id, shown)
	}
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"},` + string(shown.Decisions[1].Fix.Statement) + `]}`
	evaluate := func(change string) string {
		answer, err := http.Post(w.cloud.URL()+"/_waxseal/evaluate", "application/json", strings.NewReader(`{"requestId":"`+id+`",`+change+`}`))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		body, err := io.ReadAll(answer.Body)
		var d struct{ Decision, Reason, Action string }
		if err != nil || json.Unmarshal(body, &d) != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("answered %s %s (%v)", answer.Status, body, err)
		}
		return strings.Join([]string{d.Decision, d.Action, d.Reason}, " ")
	}
	for change, want := range map[string]string{
		`"policies":{"role/app/p":` + policy + `}`:                   "Allow kms:GenerateDataKey AllowedByBoth",
		`"policies":{"role/app/p":null}`:                             "Deny sqs:SendMessage ImplicitDeny",
		`"principal":"root"`:                                         "Allow kms:GenerateDataKey AllowedByResource",
		`"principal":"root","policies":{"` + w.key + `":null}`:       "Deny kms:GenerateDataKey ImplicitDeny",
		`"policies":{"role/app/p":null,"role/app/q":` + policy + `}`: "Allow kms:GenerateDataKey AllowedByBoth",
	} {
		if got := evaluate(change); got != want {
			t.Errorf("%s: %s, want %s", change, got, want)
		}
	}
	if err := send(); err == nil {
		t.Fatal("trying a policy has set it")
	}
	if _, err := w.iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("app"), PolicyName: aws.String("p"), PolicyDocument: &policy}); err != nil {
		t.Fatal(err)
	}
	if err := send(); err != nil {
		t.Errorf("with the fix: %v", err)
	}
}
