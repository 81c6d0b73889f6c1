package kms

import (
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
)

// stateColumns are the columns of the matrix of [C3].
var stateColumns = []string{
	StateEnabled, StateDisabled, StatePendingDeletion, StatePendingReplicaDeletion,
	StatePendingImport, StateUnavailable, StateCreating, StateUpdating,
}

// stateMatrix is [C3]: "ok", D for DisabledException, S for
// KMSInvalidStateException, U for UnsupportedOperationException, "-" where the
// state cannot be. One column more than there, for PendingReplicaDeletion.
const stateMatrix = `
Encrypt                             ok D  S  S  S  S  S  ok
Decrypt                             ok D  S  S  S  S  S  ok
ReEncrypt                           ok D  S  S  S  S  S  ok
GenerateDataKey                     ok D  S  S  S  S  S  ok
GenerateDataKeyWithoutPlaintext     ok D  S  S  S  S  S  ok
GenerateDataKeyPair                 ok D  S  S  S  S  S  ok
GenerateDataKeyPairWithoutPlaintext ok D  S  S  S  S  S  ok
Sign                                ok D  S  S  S  -  S  ok
Verify                              ok D  S  S  S  -  S  ok
GetPublicKey                        ok D  S  S  S  -  S  ok
GenerateMac                         ok D  S  S  S  -  S  ok
VerifyMac                           ok D  S  S  S  -  S  ok
DeriveSharedSecret                  ok D  S  S  S  -  S  ok
Encapsulate                         ok D  S  S  S  -  S  ok
Decapsulate                         ok D  S  S  S  -  S  ok
CreateGrant                         ok D  S  S  S  ok S  ok
ReplicateKey                        ok D  S  S  S  -  S  S
UpdatePrimaryRegion                 ok D  S  S  S  -  S  ok
DescribeKey                         ok ok ok ok ok ok ok ok
GetKeyLastUsage                     ok ok ok ok ok ok ok ok
GetKeyPolicy                        ok ok ok ok ok ok ok ok
PutKeyPolicy                        ok ok ok ok ok ok ok ok
ListAliases                         ok ok ok ok ok ok ok ok
ListGrants                          ok ok ok ok ok ok ok ok
ListKeyPolicies                     ok ok ok ok ok ok ok ok
ListResourceTags                    ok ok ok ok ok ok ok ok
RetireGrant                         ok ok ok ok ok ok ok ok
RevokeGrant                         ok ok ok ok ok ok ok ok
DeleteAlias                         ok ok ok ok ok ok ok ok
CreateAlias                         ok ok S  S  ok ok ok ok
TagResource                         ok ok S  S  ok ok ok ok
UntagResource                       ok ok S  S  ok ok ok ok
UpdateKeyDescription                ok ok S  S  ok ok ok ok
UpdateAlias                         ok ok S  S  ok ok ok ok
EnableKey                           ok ok S  S  S  ok S  S
DisableKey                          ok ok S  S  S  ok S  S
ScheduleKeyDeletion                 ok ok S  S  ok ok ok S
CancelKeyDeletion                   S  S  ok ok S  S  S  S
EnableKeyRotation                   ok D  S  S  U  U  S  ok
DisableKeyRotation                  ok D  S  S  U  U  S  ok
GetKeyRotationStatus                ok ok ok ok ok U  U  ok
RotateKeyOnDemand                   ok D  S  S  S  U  S  ok
ListKeyRotations                    ok ok ok ok ok U  ok ok
GetParametersForImport              ok ok S  S  ok U  S  S
ImportKeyMaterial                   ok ok S  S  ok U  S  ok
DeleteImportedKeyMaterial           ok ok ok ok ok -  S  S
`

// inState brings a key into a state.
func inState(w *testbed, arn, state string) {
	w.t.Helper()
	w.force(arn, func(k *keyRecord) {
		switch state {
		case StateDisabled:
			k.Disabled = true
		case StatePendingDeletion:
			k.DeletionDate = testStart.Add(days(7))
		case StatePendingReplicaDeletion:
			k.PendingWindow = 7
		case StatePendingImport:
			k.Origin = OriginExternal
			k.material(k.Current).Missing = true
		case StateUnavailable:
			k.Origin, k.Store = OriginCloudHSM, "cks-1234567890abcdef0"
		case StateCreating, StateUpdating:
			k.Busy, k.BusyUntil = state, testStart.Add(time.Minute)
		}
	})
	if got := w.describe(home(), arn).KeyState; got != state {
		w.t.Fatalf("the key is %s, not %s", got, state)
	}
}

func TestStateMatrix(t *testing.T) {
	for line := range strings.Lines(strings.TrimSpace(stateMatrix)) {
		cells := strings.Fields(line)
		operation := cells[0]
		for i, state := range stateColumns {
			want := cells[i+1]
			if want == "-" {
				continue
			}
			t.Run(operation+" "+state, func(t *testing.T) {
				t.Parallel()
				w := newTestbed(t)
				sample := samples[operation]
				key := sample.kind.make(w)
				in := sample.prepare(w, key)
				inState(w, key.Arn, state)
				checkOutcome(t, w.run(home(), operation, in), want, key.Arn, state)
			})
		}
	}
}

// stateTexts are the messages of [C2].
var stateTexts = map[string]string{
	StateDisabled: "disabled", StatePendingDeletion: "pending deletion", StatePendingReplicaDeletion: "pending replica deletion",
	StatePendingImport: "pending import", StateUnavailable: "unavailable", StateCreating: "creating", StateUpdating: "updating",
}

func checkOutcome(t *testing.T, err error, want, arn, state string) {
	t.Helper()
	text := arn + " is " + stateTexts[state] + "."
	switch want {
	case "ok":
		if err != nil {
			t.Errorf("unexpected error: %v", err)
		}
	case "D":
		wantError(t, err, ErrDisabled, text)
	case "S":
		if strings.Contains(t.Name(), "/CancelKeyDeletion") {
			text = arn + " is not pending deletion."
		}
		wantError(t, err, ErrInvalidState, text)
	case "U":
		if !ErrUnsupportedOperation.Is(api.AsError(err)) {
			t.Errorf("error is %v, want UnsupportedOperationException", err)
		}
	default:
		t.Fatalf("the matrix says %q", want)
	}
}

// TestStateMatrixOfOtherOrigins has the cells of [C3] that hang on the
// key's origin and spec: U whatever the state, or the state first.
func TestStateMatrixOfOtherOrigins(t *testing.T) {
	for _, c := range []struct {
		operation, state, want string
		kind                   kind
	}{
		{"EnableKeyRotation", StateEnabled, "U", externalKind},
		{"EnableKeyRotation", StateDisabled, "U", externalKind},
		{"DisableKeyRotation", StatePendingDeletion, "U", externalKind},
		{"EnableKeyRotation", StateEnabled, "U", macKind},
		{"GetKeyRotationStatus", StateEnabled, "ok", externalKind},
		{"GetKeyRotationStatus", StateEnabled, "ok", signingKind},
		{"GetKeyRotationStatus", StateDisabled, "ok", agreeKind},
		{"GetKeyRotationStatus", StatePendingDeletion, "ok", macKind},
		{"RotateKeyOnDemand", StateEnabled, "U", signingKind}, // [K102]
		{"RotateKeyOnDemand", StateDisabled, "D", signingKind},
		{"ListKeyRotations", StateEnabled, "U", macKind},
		{"ListKeyRotations", StateEnabled, "U", signingKind},
		{"DisableKeyRotation", StateEnabled, "U", signingKind},
		{"GetParametersForImport", StateEnabled, "U", symmetricKind}, // [K086]
		{"GetParametersForImport", StatePendingDeletion, "U", symmetricKind},
		{"DeleteImportedKeyMaterial", StateDisabled, "U", symmetricKind},
		{"ReplicateKey", StateEnabled, "U", symmetricKind},
		{"UpdatePrimaryRegion", StateEnabled, "U", symmetricKind},
	} {
		t.Run(c.operation+" "+c.state+" "+c.kind.spec+" "+c.kind.origin, func(t *testing.T) {
			t.Parallel()
			w := newTestbed(t)
			key := c.kind.make(w)
			in := samples[c.operation]
			var input any
			if c.operation == "UpdatePrimaryRegion" {
				input = &UpdatePrimaryRegionInput{KeyId: key.KeyId, PrimaryRegion: otherRegion}
			} else {
				input = in.prepare(w, key)
			}
			inState(w, key.Arn, c.state)
			checkOutcome(t, w.run(home(), c.operation, input), c.want, key.Arn, c.state)
		})
	}
}
