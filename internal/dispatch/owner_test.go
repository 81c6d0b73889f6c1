package dispatch

import (
	"testing"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
)

// What a service does for itself is in the records of no other account, nor is what
// was denied.
func TestRecordsInOneAccount(t *testing.T) {
	key := []trail.Resource{{AccountID: "999988887777", Type: "AWS::KMS::Key", ARN: "arn:aws:kms:us-east-1:999988887777:key/k"}}
	owner := &api.Service{OwnerRecorded: true}
	for name, c := range map[string]struct {
		service   *api.Service
		event     trail.Event
		recipient string
	}{
		"service": {owner, trail.Event{
			EventName: "Decrypt", ReadOnly: true, RecipientAccountID: "123456789012", UserIdentity: trail.UserIdentity{Type: "AWSService", InvokedBy: "sns.amazonaws.com"}, Resources: key,
		}, "123456789012"},
		"denied": {owner, trail.Event{
			EventName: "Decrypt", ErrorCode: accessDenied, RecipientAccountID: "123456789012", UserIdentity: trail.UserIdentity{Type: "IAMUser", AccountID: "123456789012"}, Resources: key,
		}, "123456789012"},
		"other services": {new(api.Service), trail.Event{
			EventName: "SendMessage", RecipientAccountID: "123456789012", UserIdentity: trail.UserIdentity{Type: "IAMUser", AccountID: "123456789012"}, Resources: key,
		}, "123456789012"},
	} {
		if ownerEvent := complete(&Service{Service: c.service}, &c.event); ownerEvent != nil || c.event.RecipientAccountID != c.recipient || c.event.SharedEventID != "" {
			t.Errorf("%s: %+v, and also %+v", name, c.event, ownerEvent)
		}
	}
}
