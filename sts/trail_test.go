package sts

import (
	"testing"

	"github.com/waxseal/waxseal/internal/trail"
)

// What a web identity does is in the records of the role's account, and names the
// role once, however often its trust policy was asked.
func TestRecordOfAWebIdentity(t *testing.T) {
	role := trail.Resource{AccountID: "999988887777", Type: "AWS::IAM::Role", ARN: "arn:aws:iam::999988887777:role/r"}
	e := &trail.Event{EventName: "AssumeRoleWithWebIdentity", RecipientAccountID: "123456789012", Resources: []trail.Resource{role, role}}
	completeEvent(e)
	if !e.ReadOnly || e.RecipientAccountID != "999988887777" || len(e.Resources) != 1 {
		t.Errorf("%+v", e)
	}
}
