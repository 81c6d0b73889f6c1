package sts

import (
	"testing"

	"github.com/waxseal/waxseal/internal/trail"
)

// The record of a web identity names the role once, however often its trust policy was
// asked.
func TestRecordOfAWebIdentity(t *testing.T) {
	role := trail.Resource{AccountID: "999988887777", Type: "AWS::IAM::Role", ARN: "arn:aws:iam::999988887777:role/r"}
	e := &trail.Event{EventName: "AssumeRoleWithWebIdentity", Resources: []trail.Resource{role, role}}
	completeEvent(e)
	if !e.ReadOnly || len(e.Resources) != 1 {
		t.Errorf("%+v", e)
	}
}
