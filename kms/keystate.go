package kms

import "time"

// Key states.
//
// See https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html.
const (
	StateEnabled                = "Enabled"
	StateDisabled               = "Disabled"
	StatePendingDeletion        = "PendingDeletion"
	StatePendingReplicaDeletion = "PendingReplicaDeletion"
	StatePendingImport          = "PendingImport"
	StateUnavailable            = "Unavailable"
	StateCreating               = "Creating"
	StateUpdating               = "Updating"
)

// key is a key as it is now: its record and the state that follows from it.
type key struct {
	*keyRecord
	state string
}

// stateAt is the key's state without regard to its custom key store.
func (k *keyRecord) stateAt(now time.Time) string {
	switch {
	case !k.DeletionDate.IsZero():
		return StatePendingDeletion
	case k.PendingWindow > 0:
		return StatePendingReplicaDeletion
	case now.Before(k.BusyUntil):
		return k.Busy
	case k.lacksMaterial():
		return StatePendingImport
	case k.Disabled:
		return StateDisabled
	default:
		return StateEnabled
	}
}

// lacksMaterial reports whether material must be imported before the key can be used:
// every piece that has ever been its current material must be present.
func (k *keyRecord) lacksMaterial() bool {
	if k.Origin != OriginExternal {
		return false
	}
	for i := range k.Materials {
		if m := &k.Materials[i]; m.Missing && !m.Pending {
			return true
		}
	}
	return k.Current == ""
}

type states []string

var (
	deleting = states{StatePendingDeletion, StatePendingReplicaDeletion}
	unusable = states{StateDisabled, StatePendingDeletion, StatePendingReplicaDeletion, StatePendingImport, StateUnavailable, StateCreating}
)

// refused lists, for every operation, the key states in which it fails. An
// operation that is not listed is possible in every state.
var refused = map[string]states{
	"Encrypt": unusable, "Decrypt": unusable, "ReEncrypt": unusable,
	"GenerateDataKey": unusable, "GenerateDataKeyWithoutPlaintext": unusable,
	"GenerateDataKeyPair": unusable, "GenerateDataKeyPairWithoutPlaintext": unusable,
	"Sign": unusable, "Verify": unusable, "GetPublicKey": unusable,
	"GenerateMac": unusable, "VerifyMac": unusable, "DeriveSharedSecret": unusable,
	"Encapsulate": unusable, "Decapsulate": unusable,

	"CreateGrant": {StateDisabled, StatePendingDeletion, StatePendingReplicaDeletion, StatePendingImport, StateCreating},

	"ReplicateKey":        {StateDisabled, StatePendingDeletion, StatePendingReplicaDeletion, StatePendingImport, StateCreating, StateUpdating},
	"UpdatePrimaryRegion": {StateDisabled, StatePendingDeletion, StatePendingReplicaDeletion, StatePendingImport, StateCreating},

	"CreateAlias": deleting, "UpdateAlias": deleting,
	"TagResource": deleting, "UntagResource": deleting, "UpdateKeyDescription": deleting,

	"EnableKey":  {StatePendingDeletion, StatePendingReplicaDeletion, StatePendingImport, StateCreating, StateUpdating},
	"DisableKey": {StatePendingDeletion, StatePendingReplicaDeletion, StatePendingImport, StateCreating, StateUpdating},

	"ScheduleKeyDeletion": {StatePendingDeletion, StatePendingReplicaDeletion, StateUpdating},

	"EnableKeyRotation":  {StateDisabled, StatePendingDeletion, StatePendingReplicaDeletion, StateCreating},
	"DisableKeyRotation": {StateDisabled, StatePendingDeletion, StatePendingReplicaDeletion, StateCreating},
	"RotateKeyOnDemand":  {StateDisabled, StatePendingDeletion, StatePendingReplicaDeletion, StatePendingImport, StateCreating},

	"GetParametersForImport":    {StatePendingDeletion, StatePendingReplicaDeletion, StateCreating, StateUpdating},
	"ImportKeyMaterial":         {StatePendingDeletion, StatePendingReplicaDeletion, StateCreating},
	"DeleteImportedKeyMaterial": {StateCreating, StateUpdating},
}

// admit is the error where the key's state does not allow an operation.
func (k key) admit(operation string) error {
	for _, state := range refused[operation] {
		if state == k.state {
			return k.stateError()
		}
	}
	return nil
}

// stateError is the error of an operation that the key's state does not allow.
func (k key) stateError() error {
	switch k.state {
	case StateDisabled:
		return ErrDisabled.Withf("%s is disabled.", k.arn)
	case StatePendingDeletion:
		return ErrInvalidState.Withf("%s is pending deletion.", k.arn)
	case StatePendingReplicaDeletion:
		return ErrInvalidState.Withf("%s is pending replica deletion.", k.arn)
	case StatePendingImport:
		return ErrInvalidState.Withf("%s is pending import.", k.arn)
	case StateUnavailable:
		return ErrInvalidState.Withf("%s is unavailable.", k.arn)
	case StateCreating:
		return ErrInvalidState.Withf("%s is creating.", k.arn)
	default:
		return ErrInvalidState.Withf("%s is updating.", k.arn)
	}
}
