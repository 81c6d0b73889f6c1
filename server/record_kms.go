package server

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/waxseal/waxseal/internal/trail"
)

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

// forOwner is the record of a KMS call in the account of its key, where that is
// another than the caller's: AWS records such a call in both (F8), under one
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
