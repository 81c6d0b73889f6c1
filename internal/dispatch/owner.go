package dispatch

import (
	"slices"

	"github.com/google/uuid"

	"github.com/waxseal/waxseal/internal/trail"
)

// forOwner is the record of a call in the account of what it acts on, where that
// is another than the caller's: AWS records such a call in both [F8], under one
// shared id. Denied calls are the caller's alone. The owner sees of the caller
// its account and its unique id. nil: there is no such record.
func forOwner(e *trail.Event) *trail.Event {
	if e.ErrorCode == accessDenied || e.UserIdentity.Type == "AWSService" {
		return nil
	}
	i := slices.IndexFunc(e.Resources, func(r trail.Resource) bool { return r.AccountID != e.RecipientAccountID })
	if i < 0 {
		return nil
	}
	id := uuid.MustParse(e.EventID)
	e.SharedEventID = uuid.NewSHA1(id, []byte("shared")).String()
	theirs := *e
	theirs.EventID = uuid.NewSHA1(id, []byte("owner")).String()
	theirs.RecipientAccountID = e.Resources[i].AccountID
	theirs.UserIdentity = trail.UserIdentity{
		Type: "AWSAccount", PrincipalID: e.UserIdentity.PrincipalID, AccountID: e.UserIdentity.AccountID, InvokedBy: e.UserIdentity.InvokedBy,
	}
	return &theirs
}
