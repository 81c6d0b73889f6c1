package dispatch

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/waxseal/waxseal/internal/trail"
)

// complete adds to a record what its service adds, and answers the record in
// the account of the key or role where that has one; nil: it has none.
func complete(service string, e *trail.Event) (theirs *trail.Event) {
	switch service {
	case "kms":
		completeKMS(e)
	case "sts":
		completeSTS(e)
	default:
		return nil
	}
	return forOwner(e)
}

// completeSTS makes a record of STS a read-only one, as all of them are,
// although they show what was answered; of resources it names roles alone.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html.
func completeSTS(e *trail.Event) {
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

// completeKMS adds to the record of a KMS call what its answer does not say:
// CreateKey's record names the new key among the resources, and those of
// operations that change a key name it in responseElements.keyId, which AWS
// adds since December 2022 so that everything that became of a key is found by
// one search. RevokeGrant's record is without it.
//
// See https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html.
func completeKMS(e *trail.Event) {
	if e.ErrorCode != "" || e.ReadOnly {
		return
	}
	var response map[string]json.RawMessage
	_ = json.Unmarshal(e.ResponseElements, &response) // null where there is nothing to tell
	var made struct{ ARN, AWSAccountID string }
	if json.Unmarshal(response["keyMetadata"], &made) == nil {
		e.Resources = []trail.Resource{{AccountID: made.AWSAccountID, Type: resourceTypes["kms"], ARN: made.ARN}}
		return
	}
	i := slices.IndexFunc(e.Resources, func(r trail.Resource) bool { return strings.Contains(r.ARN, ":key/") })
	if i < 0 || response["keyId"] != nil || response["replicaKeyMetadata"] != nil || e.EventName == "RevokeGrant" {
		return
	}
	if response == nil {
		response = map[string]json.RawMessage{}
	}
	response["keyId"], _ = json.Marshal(e.Resources[i].ARN)
	e.ResponseElements, _ = json.Marshal(response)
}

// forOwner is the record of a call in the account of its key or role, where that
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
