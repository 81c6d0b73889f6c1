package record

import (
	"testing"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
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
		if ownerEvent := complete(c.service, &c.event); ownerEvent != nil || c.event.RecipientAccountID != c.recipient || c.event.SharedEventID != "" {
			t.Errorf("%s: %+v, and also %+v", name, c.event, ownerEvent)
		}
	}
}

// A call is recorded in the caller's account. Who is of none is recorded where it acted,
// denied or not; and the owner gets a record of what others did, where services have it so.
func TestWhoGetsARecord(t *testing.T) {
	const mine, theirs = "123456789012", "999988887777"
	user := &api.Caller{Principal: policyeval.Principal{Type: policyeval.User, Account: mine}}
	token := &api.Caller{Principal: policyeval.Principal{Type: policyeval.WebIdentity}}
	service := &api.Caller{Principal: policyeval.Principal{Type: policyeval.Service, Service: "sns.amazonaws.com"}}
	nobody := &api.Caller{Principal: policyeval.Principal{Type: policyeval.Anonymous}}
	on := func(account string) []api.Check { return []api.Check{{Target: api.Target{Account: account}}} }
	for name, c := range map[string]struct {
		caller         *api.Caller
		ownerRecorded  bool
		checks         []api.Check
		acted          string // the account of the resource that the record names
		account, owner string
	}{
		"own":                             {user, true, on(mine), mine, mine, ""},
		"another's":                       {user, true, on(theirs), theirs, mine, theirs},
		"another's, of another service":   {user, false, on(theirs), theirs, mine, ""},
		"another's, denied":               {user, true, on(theirs), "", mine, ""},
		"nothing":                         {user, true, nil, "", mine, ""},
		"a service principal":             {service, true, on(theirs), theirs, theirs, ""},
		"a service principal, denied":     {service, true, on(theirs), "", theirs, ""},
		"a service principal, on nothing": {service, true, nil, "", mine, ""},
		"a token":                         {token, true, on(theirs), theirs, theirs, ""},
		"nobody":                          {nobody, false, on(theirs), theirs, theirs, ""},
	} {
		var resources []trail.Resource
		if c.acted != "" {
			resources = []trail.Resource{{AccountID: c.acted}}
		}
		ended := &Ended{Service: &api.Service{OwnerRecorded: c.ownerRecorded}, Request: &api.Request{Caller: c.caller, Account: mine}, Checks: c.checks}
		if account, owner := ended.recipients(resources); account != c.account || owner != c.owner {
			t.Errorf("%s: %s and %q, want %s and %q", name, account, owner, c.account, c.owner)
		}
	}
}
