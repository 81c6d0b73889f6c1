package sts

import (
	"strings"

	"github.com/waxseal/waxseal/internal/trail"
)

// completeEvent makes a record of STS a read-only one, as all of them are,
// although they show what was answered; of resources it names roles alone.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html.
func completeEvent(e *trail.Event) {
	e.ReadOnly = true
	if !strings.HasPrefix(e.EventName, "AssumeRole") {
		e.Resources = nil
		return
	}
	if len(e.Resources) > 1 {
		e.Resources = e.Resources[:1] // one role, whose trust policy was asked several times
	}
	if e.UserIdentity.AccountID == "" && len(e.Resources) > 0 { // a web identity is of no account
		e.RecipientAccountID = e.Resources[0].AccountID
	}
}
