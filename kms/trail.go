package kms

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/trail"
)

// resourceType is CloudTrail's name for a key.
const resourceType = "AWS::KMS::Key"

// completeEvent adds to the event of a KMS call what the call's output does not say.
// CreateKey's event names the new key among the resources. The events of operations
// that change a key name it in responseElements.keyId, which AWS does since December
// 2022 so that one search finds everything that was done to a key; RevokeGrant's
// event does not.
//
// See https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html.
func completeEvent(e *trail.Event) {
	if e.ErrorCode != "" || e.ReadOnly {
		return
	}
	var response map[string]json.RawMessage
	_ = json.Unmarshal(e.ResponseElements, &response) // null where there is no output
	var made struct{ ARN, AWSAccountID string }
	if json.Unmarshal(response["keyMetadata"], &made) == nil {
		e.Resources = []trail.Resource{{AccountID: made.AWSAccountID, Type: resourceType, ARN: made.ARN}}
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
