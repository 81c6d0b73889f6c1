package kms

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func there() context.Context { return as(testAccount, otherRegion) }

const thirdRegion = "ap-southeast-2"

func (w *testbed) replicate(id, region string) *ReplicateKeyOutput {
	w.t.Helper()
	return must[ReplicateKeyOutput](w.t)(w.ReplicateKey(home(), &ReplicateKeyInput{KeyId: id, ReplicaRegion: region}))
}

func TestMultiRegionKey(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{MultiRegion: true})
	arn := func(region string) string { return "arn:aws:kms:" + region + ":123456789012:key/" + key.KeyId }
	want := &MultiRegionConfiguration{MultiRegionKeyType: "PRIMARY", PrimaryKey: &MultiRegionKey{arn(testRegion), testRegion}, ReplicaKeys: []MultiRegionKey{}}
	if diff := cmp.Diff(want, key.MultiRegionConfiguration); diff != "" || !key.MultiRegion || key.KeyId[:4] != "mrk-" || !isKeyID(key.KeyId) { // [K025]
		t.Errorf("%s %+v", diff, key)
	}
	_, err := w.DescribeKey(there(), &DescribeKeyInput{KeyId: key.KeyId})
	wantError(t, err, ErrNotFound, "Key '"+arn(otherRegion)+"' does not exist") // [K114]

	out := w.replicate(key.KeyId, otherRegion)
	m := out.ReplicaKeyMetadata
	want = &MultiRegionConfiguration{
		MultiRegionKeyType: "REPLICA", PrimaryKey: &MultiRegionKey{arn(testRegion), testRegion},
		ReplicaKeys: []MultiRegionKey{{arn(otherRegion), otherRegion}},
	}
	if diff := cmp.Diff(want, m.MultiRegionConfiguration); diff != "" {
		t.Error(diff)
	}
	if m.Arn != arn(otherRegion) || m.KeyId != key.KeyId || m.Description != "" || m.Enabled || m.KeyState != StateCreating || m.CurrentKeyMaterialId != "" { // [K115]
		t.Errorf("unexpected replica %+v", m)
	}
	if out.ReplicaPolicy != defaultPolicyText(place{testAccount, otherRegion}) || out.ReplicaTags != nil {
		t.Errorf("unexpected policy or tags: %+v", out)
	}
	replica := w.describe(there(), key.KeyId)
	if !replica.Enabled || replica.CurrentKeyMaterialId != key.CurrentKeyMaterialId { // [K116]
		t.Errorf("unexpected replica %+v", replica)
	}
	if diff := cmp.Diff(want.ReplicaKeys, w.describe(home(), key.KeyId).MultiRegionConfiguration.ReplicaKeys); diff != "" { // [K117]
		t.Error(diff)
	}
	_, err = w.ReplicateKey(there(), &ReplicateKeyInput{KeyId: key.KeyId, ReplicaRegion: thirdRegion})
	wantError(t, err, ErrUnsupportedOperation, arn(otherRegion)+" is not a multi-region primary key.") // [K118]
	for _, region := range []string{testRegion, otherRegion} {
		_, err = w.ReplicateKey(home(), &ReplicateKeyInput{KeyId: key.KeyId, ReplicaRegion: region})
		wantError(t, err, ErrAlreadyExists, arn(region)+" already exists.")
	}
	_, err = w.ReplicateKey(home(), &ReplicateKeyInput{KeyId: key.KeyId, ReplicaRegion: "cn-north-1"})
	wantError(t, err, ErrUnsupportedOperation, key.Arn+" cannot be replicated into cn-north-1.")
}

func TestReplicasShareMaterial(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{MultiRegion: true})
	ok[EnableKeyRotationOutput](t)(w.EnableKeyRotation(home(), &EnableKeyRotationInput{KeyId: key.KeyId, RotationPeriodInDays: ptr(90)}))
	before := w.encrypt(key.KeyId, "before")
	w.replicate(key.KeyId, otherRegion)
	for _, blob := range [][]byte{before, w.encrypt(key.KeyId, "before")} {
		if text, err := w.decrypt(there(), blob); err != nil || text != "before" {
			t.Errorf("there it decrypts to %q, %v", text, err)
		}
	}
	back := must[EncryptOutput](t)(w.Encrypt(there(), &EncryptInput{KeyId: key.KeyId, Plaintext: []byte("back")}))
	if text, err := w.decrypt(home(), back.CiphertextBlob); err != nil || text != "back" {
		t.Errorf("here it decrypts to %q, %v", text, err)
	}

	// The replica is looked at first when the primary's rotation is due.
	w.clock.Advance(days(90))
	replica, primary := w.describe(there(), key.KeyId), w.describe(home(), key.KeyId)
	if replica.CurrentKeyMaterialId == key.CurrentKeyMaterialId || replica.CurrentKeyMaterialId != primary.CurrentKeyMaterialId {
		t.Error("rotation is not shared")
	}
	if text, err := w.decrypt(there(), before); err != nil || text != "before" {
		t.Errorf("after rotation it decrypts to %q, %v", text, err)
	}
	status := must[GetKeyRotationStatusOutput](t)(w.GetKeyRotationStatus(there(), &GetKeyRotationStatusInput{KeyId: key.KeyId}))
	if !status.KeyRotationEnabled || *status.RotationPeriodInDays != 90 || status.KeyId != replica.Arn {
		t.Errorf("unexpected status %+v", status)
	}
	for operation, in := range map[string]any{
		"EnableKeyRotation": &EnableKeyRotationInput{KeyId: key.KeyId}, "DisableKeyRotation": &DisableKeyRotationInput{KeyId: key.KeyId},
		"RotateKeyOnDemand": &RotateKeyOnDemandInput{KeyId: key.KeyId},
	} {
		wantError(t, w.run(there(), operation, in), ErrUnsupportedOperation, replica.Arn+" is not a multi-region primary key.")
	}
	// A key that is not multi-Region does not decrypt in another region (issue 4).
	single := w.newKey(CreateKeyInput{})
	_, err := w.call(there(), "Decrypt", &DecryptInput{CiphertextBlob: w.encrypt(single.KeyId, "x")})
	wantError(t, err, ErrAccessDenied, "User: arn:aws:iam::123456789012:root is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext "+unseen)
}

func TestReplicasOwnEverythingElse(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{MultiRegion: true, Tags: []Tag{{"a", "b"}}, Description: "d"})
	out := must[ReplicateKeyOutput](t)(w.ReplicateKey(home(), &ReplicateKeyInput{KeyId: key.KeyId, ReplicaRegion: otherRegion, Tags: []Tag{{"c", "d"}}, Description: "e"}))
	if diff := cmp.Diff([]Tag{{"c", "d"}}, out.ReplicaTags); diff != "" || out.ReplicaKeyMetadata.Description != "e" {
		t.Error(diff)
	}
	ok[DisableKeyOutput](t)(w.DisableKey(there(), &DisableKeyInput{KeyId: key.KeyId}))
	w.encrypt(key.KeyId, "the primary key is enabled")
}

func TestPrimaryWaitsForItsReplicas(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{MultiRegion: true})
	w.replicate(key.KeyId, otherRegion)
	w.replicate(key.KeyId, thirdRegion)
	out := must[ScheduleKeyDeletionOutput](t)(w.ScheduleKeyDeletion(home(), &ScheduleKeyDeletionInput{KeyId: key.KeyId, PendingWindowInDays: ptr(10)}))
	if out.KeyState != StatePendingReplicaDeletion || !out.DeletionDate.IsZero() || out.PendingWindowInDays != 10 {
		t.Errorf("unexpected answer %+v", out)
	}
	if m := w.describe(home(), key.KeyId); m.KeyState != StatePendingReplicaDeletion || *m.PendingDeletionWindowInDays != 10 || m.Enabled {
		t.Errorf("unexpected state %+v", m)
	}
	w.clock.Advance(days(100))
	ok[ScheduleKeyDeletionOutput](t)(w.ScheduleKeyDeletion(there(), &ScheduleKeyDeletionInput{KeyId: key.KeyId, PendingWindowInDays: ptr(7)}))
	ok[ScheduleKeyDeletionOutput](t)(w.ScheduleKeyDeletion(as(testAccount, thirdRegion), &ScheduleKeyDeletionInput{KeyId: key.KeyId, PendingWindowInDays: ptr(8)}))
	w.clock.Advance(days(7))
	if m := w.describe(home(), key.KeyId); m.KeyState != StatePendingReplicaDeletion || len(m.MultiRegionConfiguration.ReplicaKeys) != 1 {
		t.Errorf("unexpected state %+v", m)
	}
	w.clock.Advance(days(1))
	m := w.describe(home(), key.KeyId)
	if m.KeyState != StatePendingDeletion || !m.DeletionDate.Equal(testStart.Add(days(118))) || m.PendingDeletionWindowInDays != nil {
		t.Errorf("unexpected state %+v", m)
	}
	w.clock.Advance(days(10))
	_, err := w.DescribeKey(home(), &DescribeKeyInput{KeyId: key.KeyId})
	wantError(t, err, ErrNotFound, "Key '"+key.Arn+"' does not exist")
	if left := w.stored(key.KeyId); len(left) > 0 {
		t.Errorf("the key left something behind: %q", left)
	}
}

// Nobody looks while the replica, and then the primary key, fall due.
func TestFamilyIsDeletedUnseen(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{MultiRegion: true})
	w.replicate(key.KeyId, otherRegion)
	ok[ScheduleKeyDeletionOutput](t)(w.ScheduleKeyDeletion(home(), &ScheduleKeyDeletionInput{KeyId: key.KeyId, PendingWindowInDays: ptr(10)}))
	ok[ScheduleKeyDeletionOutput](t)(w.ScheduleKeyDeletion(there(), &ScheduleKeyDeletionInput{KeyId: key.KeyId, PendingWindowInDays: ptr(7)}))
	w.clock.Advance(days(17))
	if n := len(must[ListKeysOutput](t)(w.ListKeys(home(), &ListKeysInput{})).Keys); n != 0 {
		t.Errorf("%d keys are listed", n)
	}
	if left := w.stored(key.KeyId); len(left) > 0 {
		t.Errorf("the key left something behind: %q", left)
	}
}

func TestUpdatePrimaryRegion(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{MultiRegion: true})
	ok[EnableKeyRotationOutput](t)(w.EnableKeyRotation(home(), &EnableKeyRotationInput{KeyId: key.KeyId, RotationPeriodInDays: ptr(90)}))
	w.replicate(key.KeyId, otherRegion)
	w.replicate(key.KeyId, thirdRegion)
	_, err := w.UpdatePrimaryRegion(home(), &UpdatePrimaryRegionInput{KeyId: key.KeyId, PrimaryRegion: "eu-north-1"})
	wantError(t, err, ErrNotFound, "Key 'arn:aws:kms:eu-north-1:123456789012:key/"+key.KeyId+"' does not exist")
	_, err = w.UpdatePrimaryRegion(home(), &UpdatePrimaryRegionInput{KeyId: key.KeyId, PrimaryRegion: testRegion})
	wantError(t, err, ErrUnsupportedOperation, key.Arn+" is already the multi-region primary key.")
	ok[UpdatePrimaryRegionOutput](t)(w.UpdatePrimaryRegion(home(), &UpdatePrimaryRegionInput{KeyId: key.KeyId, PrimaryRegion: otherRegion}))
	for _, region := range []string{testRegion, otherRegion, thirdRegion} {
		c := w.describe(as(testAccount, region), key.KeyId).MultiRegionConfiguration
		var replicas []string
		for _, r := range c.ReplicaKeys {
			replicas = append(replicas, r.Region)
		}
		slices.Sort(replicas)
		if c.PrimaryKey.Region != otherRegion || c.MultiRegionKeyType == "PRIMARY" != (region == otherRegion) ||
			!slices.Equal(replicas, []string{thirdRegion, testRegion}) {
			t.Errorf("%s: %+v, replicas %q", region, c, replicas)
		}
	}
	// The schedule went with the crown.
	w.clock.Advance(days(90))
	for _, region := range []string{testRegion, otherRegion, thirdRegion} {
		if w.describe(as(testAccount, region), key.KeyId).CurrentKeyMaterialId == key.CurrentKeyMaterialId {
			t.Errorf("%s did not rotate", region)
		}
	}
	ok[UpdatePrimaryRegionOutput](t)(w.UpdatePrimaryRegion(there(), &UpdatePrimaryRegionInput{KeyId: key.KeyId, PrimaryRegion: testRegion}))
	if got := w.describe(home(), key.KeyId).MultiRegionConfiguration.MultiRegionKeyType; got != "PRIMARY" {
		t.Errorf("the old primary key is %s", got)
	}
}

func TestTransitionTime(t *testing.T) {
	w := newTestbed(t, func(c *Config) { c.TransitionTime = time.Minute })
	key := w.newKey(CreateKeyInput{MultiRegion: true})
	w.replicate(key.KeyId, otherRegion)
	if state := w.describe(there(), key.KeyId).KeyState; state != StateCreating {
		t.Errorf("state is %s", state)
	}
	w.clock.Advance(time.Minute)
	ok[UpdatePrimaryRegionOutput](t)(w.UpdatePrimaryRegion(home(), &UpdatePrimaryRegionInput{KeyId: key.KeyId, PrimaryRegion: otherRegion}))
	for _, ctx := range []context.Context{home(), there()} {
		if m := w.describe(ctx, key.KeyId); m.KeyState != StateUpdating {
			t.Errorf("state is %s", m.KeyState)
		}
	}
	w.clock.Advance(time.Minute)
	for _, ctx := range []context.Context{home(), there()} {
		if m := w.describe(ctx, key.KeyId); m.KeyState != StateEnabled {
			t.Errorf("state is %s", m.KeyState)
		}
	}
}

func TestImportIntoReplicas(t *testing.T) {
	w := newTestbed(t)
	key := w.newExternal(CreateKeyInput{MultiRegion: true})
	_, err := w.ReplicateKey(home(), &ReplicateKeyInput{KeyId: key.KeyId, ReplicaRegion: otherRegion})
	wantError(t, err, ErrInvalidState, key.Arn+" is pending import.")
	first, second := randomBytes(32), randomBytes(32)
	w.importMaterial(key.Arn, first, never())
	blob := w.encrypt(key.KeyId, "x")
	w.replicate(key.KeyId, otherRegion)
	replica := w.describe(there(), key.KeyId)
	if replica.KeyState != StatePendingImport {
		t.Errorf("the replica is %s", replica.KeyState)
	}
	// into imports material in the other region.
	into := func(material []byte, in ImportKeyMaterialInput) error {
		p := must[GetParametersForImportOutput](t)(w.GetParametersForImport(there(), &GetParametersForImportInput{
			KeyId: key.KeyId, WrappingAlgorithm: AlgorithmOAEPSHA256, WrappingKeySpec: SpecRSA2048,
		}))
		in.KeyId, in.ImportToken, in.EncryptedKeyMaterial = key.KeyId, p.ImportToken, wrapWith(t, p, material)
		_, err := w.ImportKeyMaterial(there(), &in)
		return err
	}
	wantError(t, into(second, never()), ErrIncorrectKeyMaterial, "")
	if err := into(first, never()); err != nil {
		t.Fatal(err)
	}
	if text, err := w.decrypt(there(), blob); err != nil || text != "x" {
		t.Errorf("there it decrypts to %q, %v", text, err)
	}

	fresh := never()
	fresh.ImportType = ImportNew
	wantError(t, into(second, fresh), ErrUnsupportedOperation, replica.Arn+" is not a multi-region primary key.")
	two := w.importMaterial(key.Arn, second, fresh).KeyMaterialId
	if state := w.rotations(key.KeyId, true)[1].KeyMaterialState; state != "PENDING_MULTI_REGION_IMPORT_AND_ROTATION" {
		t.Errorf("the material is %s", state)
	}
	if state := w.describe(there(), key.KeyId).KeyState; state != StateEnabled {
		t.Errorf("material to come made the replica %s", state)
	}
	_, err = w.RotateKeyOnDemand(home(), &RotateKeyOnDemandInput{KeyId: key.KeyId})
	wantError(t, err, ErrInvalidState, "Key material (id: "+two+") must be imported into "+replica.Arn+" before it can be rotated to.")
	if err := into(second, never()); err != nil {
		t.Fatal(err)
	}
	if state := w.rotations(key.KeyId, true)[1].KeyMaterialState; state != "PENDING_ROTATION" {
		t.Errorf("the material is %s", state)
	}
	ok[RotateKeyOnDemandOutput](t)(w.RotateKeyOnDemand(home(), &RotateKeyOnDemandInput{KeyId: key.KeyId}))
	for _, ctx := range []context.Context{home(), there()} {
		if w.describe(ctx, key.KeyId).CurrentKeyMaterialId != two {
			t.Error("the rotation is not shared")
		}
	}
}
