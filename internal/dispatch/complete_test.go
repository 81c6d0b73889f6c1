package dispatch

import (
	"testing"

	"github.com/waxseal/waxseal/internal/trail"
)

// What a web identity does is in the records of the role's account alone, and
// what a service does for itself in no other's.
func TestRecordsInOneAccount(t *testing.T) {
	role := []trail.Resource{{AccountID: "999988887777", Type: "AWS::IAM::Role", ARN: "arn:aws:iam::999988887777:role/r"}}
	key := []trail.Resource{{AccountID: "999988887777", Type: "AWS::KMS::Key", ARN: "arn:aws:kms:us-east-1:999988887777:key/k"}}
	for name, c := range map[string]struct {
		service   string
		event     trail.Event
		recipient string
	}{
		"web identity": {"sts", trail.Event{EventName: "AssumeRoleWithWebIdentity", RecipientAccountID: "123456789012", Resources: append(role, role...)}, "999988887777"},
		"service": {"kms", trail.Event{
			EventName: "Decrypt", ReadOnly: true, RecipientAccountID: "123456789012", UserIdentity: trail.UserIdentity{Type: "AWSService", InvokedBy: "sns.amazonaws.com"}, Resources: key,
		}, "123456789012"},
		"denied": {"kms", trail.Event{
			EventName: "Decrypt", ErrorCode: accessDenied, RecipientAccountID: "123456789012", UserIdentity: trail.UserIdentity{Type: "IAMUser", AccountID: "123456789012"}, Resources: key,
		}, "123456789012"},
		"other services": {"sqs", trail.Event{
			EventName: "SendMessage", RecipientAccountID: "123456789012", UserIdentity: trail.UserIdentity{Type: "IAMUser", AccountID: "123456789012"}, Resources: key,
		}, "123456789012"},
	} {
		if theirs := complete(c.service, &c.event); theirs != nil || c.event.RecipientAccountID != c.recipient || c.event.SharedEventID != "" || c.service == "sts" && len(c.event.Resources) != 1 {
			t.Errorf("%s: %+v, and also %+v", name, c.event, theirs)
		}
	}
}
