package record

import (
	"slices"

	"github.com/google/uuid"

	"github.com/waxseal/waxseal/internal/trail"
)

// forOwner is the event of a call for the account that owns what it acts on, where
// the caller is of another account: AWS records such a call in both accounts [F8],
// under one shared id. A denied call is recorded for the caller only. The owner sees
// only the caller's account and unique id. nil: there is no such event.
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
	ownerEvent := *e
	ownerEvent.EventID = uuid.NewSHA1(id, []byte("owner")).String()
	ownerEvent.RecipientAccountID = e.Resources[i].AccountID
	ownerEvent.UserIdentity = foreign(&e.UserIdentity)
	return &ownerEvent
}

// foreign is what another account learns of a caller.
func foreign(u *trail.UserIdentity) trail.UserIdentity {
	return trail.UserIdentity{Type: "AWSAccount", PrincipalID: u.PrincipalID, AccountID: u.AccountID, InvokedBy: u.InvokedBy}
}
