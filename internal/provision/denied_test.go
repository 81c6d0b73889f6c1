package provision_test

import (
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/provision"
)

// Resources are made with the rights of whom the stack acts for. A denial is a reason, and
// one for tags has a code of its own.
func TestDenied(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ask("iam", "CreateUser", map[string]any{"UserName": "dev"})
	allow := func(actions string) {
		t.Helper()
		w.caller = "root"
		w.ask("iam", "PutUserPolicy", map[string]any{"UserName": "dev", "PolicyName": "p", "PolicyDocument": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[` + actions + `],"Resource":"*"}]}`})
		w.caller = "user/dev"
	}
	allow(`"iam:GetUser"`)
	for kind, action := range map[string]string{"AWS::SQS::Queue": "sqs:getqueueurl", "AWS::SNS::Topic": "SNS:GetTopicAttributes", "AWS::KMS::Key": "kms:CreateKey"} {
		got := w.refuses(kind, "Denied", `{}`)
		if !strings.Contains(got, "user/dev is not authorized to perform: "+action) || !strings.HasSuffix(got, "HandlerErrorCode: AccessDenied)") {
			t.Errorf("%s: %s", kind, got)
		}
	}
	allow(`"sqs:CreateQueue","sqs:GetQueueUrl","sqs:GetQueueAttributes","sqs:SetQueueAttributes"`)
	q := w.create("AWS::SQS::Queue", "Queue", `{}`)
	if err := q.tryUpdate(`{}`, map[string]string{"team": "a"}); err == nil {
		t.Error("tags were set")
	} else if got := provision.Reason(err, "TOKEN"); !strings.Contains(got, "sqs:tagqueue") || !strings.HasSuffix(got, "HandlerErrorCode: UnauthorizedTaggingOperation)") {
		t.Error(got)
	}
	if err := w.handler(q.Type).Delete(t.Context(), q.Job); err == nil {
		t.Error("the queue was deleted")
	}
}
