package kms

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func (w *testbed) rotations(id string, all bool) []RotationsListEntry {
	w.t.Helper()
	include := ""
	if all {
		include = "ALL_KEY_MATERIAL"
	}
	return must[ListKeyRotationsOutput](w.t)(w.ListKeyRotations(home(), &ListKeyRotationsInput{KeyId: id, IncludeKeyMaterial: include})).Rotations
}

func TestRotationStatus(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	status := func() *GetKeyRotationStatusOutput {
		t.Helper()
		return must[GetKeyRotationStatusOutput](t)(w.GetKeyRotationStatus(home(), &GetKeyRotationStatusInput{KeyId: key.KeyId}))
	}
	if diff := cmp.Diff(&GetKeyRotationStatusOutput{KeyId: key.Arn}, status()); diff != "" { // [K097]
		t.Error(diff)
	}
	ok[EnableKeyRotationOutput](t)(w.EnableKeyRotation(home(), &EnableKeyRotationInput{KeyId: key.KeyId, RotationPeriodInDays: ptr(90)}))
	want := &GetKeyRotationStatusOutput{KeyId: key.Arn, KeyRotationEnabled: true, RotationPeriodInDays: ptr(90), NextRotationDate: testStart.Add(days(90))}
	if diff := cmp.Diff(want, status()); diff != "" { // [K098]
		t.Error(diff)
	}
	w.clock.Advance(days(1))
	ok[EnableKeyRotationOutput](t)(w.EnableKeyRotation(home(), &EnableKeyRotationInput{KeyId: key.KeyId}))
	if diff := cmp.Diff(want, status()); diff != "" {
		t.Errorf("enabling again without a period changes it: %s", diff)
	}
	ok[DisableKeyRotationOutput](t)(w.DisableKeyRotation(home(), &DisableKeyRotationInput{KeyId: key.KeyId}))
	ok[EnableKeyRotationOutput](t)(w.EnableKeyRotation(home(), &EnableKeyRotationInput{KeyId: key.KeyId}))
	want.RotationPeriodInDays, want.NextRotationDate = ptr(365), testStart.Add(days(366))
	if diff := cmp.Diff(want, status()); diff != "" {
		t.Error(diff)
	}
	for _, n := range []string{"89", "2561"} {
		_, err := w.json(home(), "EnableKeyRotation", `{"KeyId":"`+key.KeyId+`","RotationPeriodInDays":`+n+`}`)
		if err == nil || !ErrValidation.Is(err) {
			t.Errorf("a period of %s days: %v", n, err)
		}
	}
}

// Terraform asks for the rotation status of every key that it makes.
func TestKeysThatNeverRotateSayThatRotationIsOff(t *testing.T) {
	w := newTestbed(t)
	for name, kind := range map[string]kind{"signing": signingKind, "agreement": agreeKind, "MAC": macKind, "imported": externalKind} {
		t.Run(name, func(t *testing.T) {
			key := kind.make(w)
			got := must[GetKeyRotationStatusOutput](t)(w.GetKeyRotationStatus(home(), &GetKeyRotationStatusInput{KeyId: key.KeyId}))
			if diff := cmp.Diff(&GetKeyRotationStatusOutput{KeyId: key.Arn}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAutomaticRotation(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	old := w.encrypt(key.KeyId, "old")
	ok[EnableKeyRotationOutput](t)(w.EnableKeyRotation(home(), &EnableKeyRotationInput{KeyId: key.KeyId, RotationPeriodInDays: ptr(100)}))
	w.clock.Advance(days(100) - time.Second)
	if n := len(w.rotations(key.KeyId, false)); n != 0 {
		t.Errorf("%d rotations a second too early", n)
	}
	w.clock.Advance(days(250)) // the second and the third fall due unseen
	list := w.rotations(key.KeyId, true)
	if len(list) != 4 {
		t.Fatalf("%d pieces of material, want 4", len(list))
	}
	for i, e := range list {
		want := RotationsListEntry{KeyId: key.KeyId, KeyMaterialId: e.KeyMaterialId, KeyMaterialState: "NON_CURRENT"}
		if i > 0 {
			want.RotationDate, want.RotationType = testStart.Add(days(100*i)), "AUTOMATIC"
		}
		if i == 3 {
			want.KeyMaterialState = "CURRENT"
		}
		if diff := cmp.Diff(want, e); diff != "" {
			t.Errorf("entry %d: %s", i, diff)
		}
	}
	m := w.describe(home(), key.KeyId)
	if m.CurrentKeyMaterialId != list[3].KeyMaterialId || list[0].KeyMaterialId != key.CurrentKeyMaterialId {
		t.Error("the material ids do not agree")
	}
	if text, err := w.decrypt(home(), old); err != nil || text != "old" { // [K096]
		t.Errorf("old ciphertext decrypts to %q, %v", text, err)
	}
	d := must[DecryptOutput](t)(w.Decrypt(home(), &DecryptInput{CiphertextBlob: w.encrypt(key.KeyId, "new")}))
	if d.KeyMaterialId != m.CurrentKeyMaterialId {
		t.Error("new ciphertext is made with old material")
	}
	if d := must[DecryptOutput](t)(w.Decrypt(home(), &DecryptInput{CiphertextBlob: old})); d.KeyMaterialId != key.CurrentKeyMaterialId {
		t.Error("old ciphertext names new material")
	}
	pages := must[ListKeyRotationsOutput](t)(w.ListKeyRotations(home(), &ListKeyRotationsInput{KeyId: key.KeyId, Limit: ptr(2)}))
	rest := must[ListKeyRotationsOutput](t)(w.ListKeyRotations(home(), &ListKeyRotationsInput{KeyId: key.KeyId, Limit: ptr(2), Marker: pages.NextMarker}))
	if diff := cmp.Diff(list[1:], append(pages.Rotations, rest.Rotations...)); diff != "" || !pages.Truncated || rest.Truncated {
		t.Error(diff)
	}
}

func TestDisabledKeysWaitWithRotation(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	ok[EnableKeyRotationOutput](t)(w.EnableKeyRotation(home(), &EnableKeyRotationInput{KeyId: key.KeyId, RotationPeriodInDays: ptr(90)}))
	ok[DisableKeyOutput](t)(w.DisableKey(home(), &DisableKeyInput{KeyId: key.KeyId}))
	w.clock.Advance(days(365))
	if n := len(w.rotations(key.KeyId, false)); n != 0 {
		t.Errorf("a disabled key rotated %d times", n)
	}
	ok[EnableKeyOutput](t)(w.EnableKey(home(), &EnableKeyInput{KeyId: key.KeyId}))
	list := w.rotations(key.KeyId, false)
	if len(list) != 1 || !list[0].RotationDate.Equal(testStart.Add(days(365))) {
		t.Errorf("rotations after enabling: %+v", list)
	}
}

func TestRotateOnDemand(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	old := w.encrypt(key.KeyId, "old")
	ok[EnableKeyRotationOutput](t)(w.EnableKeyRotation(home(), &EnableKeyRotationInput{KeyId: key.KeyId}))
	seen := map[string]bool{key.CurrentKeyMaterialId: true}
	for range 25 {
		if out := must[RotateKeyOnDemandOutput](t)(w.RotateKeyOnDemand(home(), &RotateKeyOnDemandInput{KeyId: key.KeyId})); out.KeyId != key.Arn { // [K099]
			t.Errorf("unexpected answer %+v", out)
		}
		id := w.describe(home(), key.KeyId).CurrentKeyMaterialId
		if seen[id] {
			t.Error("the material did not change") // [K100]
		}
		seen[id] = true
	}
	_, err := w.RotateKeyOnDemand(home(), &RotateKeyOnDemandInput{KeyId: key.KeyId})
	wantError(t, err, ErrLimitExceeded, "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: "+key.Arn) // [K101]
	if text, err := w.decrypt(home(), old); err != nil || text != "old" {
		t.Errorf("old ciphertext decrypts to %q, %v", text, err)
	}
	status := must[GetKeyRotationStatusOutput](t)(w.GetKeyRotationStatus(home(), &GetKeyRotationStatusInput{KeyId: key.KeyId}))
	if !status.NextRotationDate.Equal(testStart.Add(days(365))) {
		t.Error("rotation on demand moved the schedule")
	}
	mac := macKind.make(w)
	_, err = w.RotateKeyOnDemand(home(), &RotateKeyOnDemandInput{KeyId: mac.KeyId})
	wantError(t, err, ErrUnsupportedOperation, "") // [K102]
}
