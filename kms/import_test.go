package kms

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

func never() ImportKeyMaterialInput { return ImportKeyMaterialInput{ExpirationModel: ExpirationNever} }

func (w *testbed) newExternal(in CreateKeyInput) *KeyMetadata {
	w.t.Helper()
	in.Origin = OriginExternal
	return w.newKey(in)
}

func TestImport(t *testing.T) {
	w := newTestbed(t)
	key := w.newExternal(CreateKeyInput{})
	if key.Enabled || key.KeyState != StatePendingImport || key.CurrentKeyMaterialId != "" || key.ExpirationModel != "" { // [K024]
		t.Errorf("unexpected state %+v", key)
	}
	_, err := w.Encrypt(home(), &EncryptInput{KeyId: key.KeyId, Plaintext: []byte("x")})
	wantError(t, err, ErrInvalidState, key.Arn+" is pending import.") // [K048]
	_, err = w.RotateKeyOnDemand(home(), &RotateKeyOnDemandInput{KeyId: key.KeyId})
	wantError(t, err, ErrInvalidState, key.Arn+" is pending import.")

	p := must[GetParametersForImportOutput](t)(w.GetParametersForImport(home(), &GetParametersForImportInput{
		KeyId: key.KeyId, WrappingAlgorithm: AlgorithmOAEPSHA256, WrappingKeySpec: SpecRSA2048,
	}))
	if p.KeyId != key.Arn || !p.ParametersValidTo.Equal(testStart.Add(24*time.Hour)) || len(p.ImportToken) > 6144 { // [K085]
		t.Errorf("unexpected parameters: valid to %s, token of %d bytes", p.ParametersValidTo, len(p.ImportToken))
	}
	material := randomBytes(32)
	in := &ImportKeyMaterialInput{KeyId: key.KeyId, ImportToken: p.ImportToken, EncryptedKeyMaterial: wrapWith(t, p, material), ExpirationModel: ExpirationNever}
	out := must[ImportKeyMaterialOutput](t)(w.ImportKeyMaterial(home(), in))
	if out.KeyId != key.Arn || len(out.KeyMaterialId) != 64 { // [K090]
		t.Errorf("unexpected answer %+v", out)
	}
	m := w.describe(home(), key.KeyId)
	if !m.Enabled || m.KeyState != StateEnabled || m.ExpirationModel != ExpirationNever || m.CurrentKeyMaterialId != out.KeyMaterialId { // [K089]
		t.Errorf("unexpected state %+v", m)
	}
	blob := w.encrypt(key.KeyId, "x")

	ok[DeleteImportedKeyMaterialOutput](t)(w.DeleteImportedKeyMaterial(home(), &DeleteImportedKeyMaterialInput{KeyId: key.KeyId}))
	m = w.describe(home(), key.KeyId)
	if m.Enabled || m.KeyState != StatePendingImport || m.ExpirationModel != "" || m.CurrentKeyMaterialId != out.KeyMaterialId { // [K091]
		t.Errorf("unexpected state %+v", m)
	}
	if left := w.stored(out.KeyMaterialId); len(left) > 0 {
		t.Errorf("the material is still there: %q", left)
	}
	// The token is good for the same key for as long as it is valid.
	again := must[ImportKeyMaterialOutput](t)(w.ImportKeyMaterial(home(), in))
	if again.KeyMaterialId != out.KeyMaterialId {
		t.Error("the same material has another id now")
	}
	if text, err := w.decrypt(home(), blob); err != nil || text != "x" {
		t.Errorf("decrypts to %q, %v", text, err)
	}
}

func TestImportErrors(t *testing.T) {
	w := newTestbed(t)
	key, other := w.newExternal(CreateKeyInput{}), w.newExternal(CreateKeyInput{})
	p := must[GetParametersForImportOutput](t)(w.GetParametersForImport(home(), &GetParametersForImportInput{
		KeyId: key.KeyId, WrappingAlgorithm: AlgorithmOAEPSHA256, WrappingKeySpec: SpecRSA2048,
	}))
	wrapped := wrapWith(t, p, randomBytes(32))
	tampered := append([]byte{}, p.ImportToken...)
	tampered[40] ^= 1
	later := testStart.Add(time.Hour)
	for _, c := range []struct {
		name    string
		in      ImportKeyMaterialInput
		err     *api.Error
		message string
	}{
		{"K088 no ValidTo", ImportKeyMaterialInput{}, ErrValidation, "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"},
		{"ValidTo without expiry", ImportKeyMaterialInput{ExpirationModel: ExpirationNever, ValidTo: later}, ErrValidation, "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE"},
		{"ValidTo now", ImportKeyMaterialInput{ValidTo: testStart}, ErrValidation, "The validTo date must be in the future and at most 365 days ahead."},
		{"ValidTo too late", ImportKeyMaterialInput{ValidTo: testStart.Add(days(365) + 1)}, ErrValidation, "The validTo date must be in the future and at most 365 days ahead."},
		{"replayed on another key", ImportKeyMaterialInput{KeyId: other.KeyId, ExpirationModel: ExpirationNever}, ErrInvalidImportToken, ""},
		{"tampered token", ImportKeyMaterialInput{ExpirationModel: ExpirationNever, ImportToken: tampered}, ErrInvalidImportToken, ""},
		{"wrapped with another key", ImportKeyMaterialInput{ExpirationModel: ExpirationNever, EncryptedKeyMaterial: wrapElsewhere(t)}, ErrInvalidCiphertext, ""},
		{"16 bytes", ImportKeyMaterialInput{ExpirationModel: ExpirationNever, EncryptedKeyMaterial: wrapWith(t, p, randomBytes(16))}, ErrIncorrectKeyMaterial, ""},
		{"another material id", ImportKeyMaterialInput{ExpirationModel: ExpirationNever, KeyMaterialId: key.KeyId}, ErrIncorrectKeyMaterial, ""},
		{"existing, of which there is none", ImportKeyMaterialInput{ExpirationModel: ExpirationNever, ImportType: ImportExisting}, ErrIncorrectKeyMaterial, ""},
		{"new with an id", ImportKeyMaterialInput{ExpirationModel: ExpirationNever, ImportType: ImportNew, KeyMaterialId: key.KeyId}, ErrValidation, "KeyMaterialId cannot be specified with ImportType NEW_KEY_MATERIAL."},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.in.KeyId == "" {
				c.in.KeyId = key.KeyId
			}
			if c.in.ImportToken == nil {
				c.in.ImportToken = p.ImportToken
			}
			if c.in.EncryptedKeyMaterial == nil {
				c.in.EncryptedKeyMaterial = wrapped
			}
			_, err := w.ImportKeyMaterial(home(), &c.in)
			wantError(t, err, c.err, c.message)
			if state := w.describe(home(), c.in.KeyId).KeyState; state != StatePendingImport {
				t.Errorf("the key is %s now", state)
			}
		})
	}
	w.clock.Advance(24 * time.Hour)
	_, err := w.ImportKeyMaterial(home(), &ImportKeyMaterialInput{KeyId: key.KeyId, ImportToken: p.ImportToken, EncryptedKeyMaterial: wrapped, ExpirationModel: ExpirationNever})
	wantError(t, err, ErrExpiredImportToken, "")

	plain := w.newKey(CreateKeyInput{})
	_, err = w.GetParametersForImport(home(), &GetParametersForImportInput{KeyId: plain.KeyId, WrappingAlgorithm: AlgorithmOAEPSHA1, WrappingKeySpec: SpecRSA2048})
	wantError(t, err, ErrUnsupportedOperation, plain.Arn+" origin is AWS_KMS which is not valid for this operation.") // [K086]
	for _, c := range [][2]string{{"RSAES_PKCS1_V1_5", SpecRSA2048}, {"SM2PKE", "SM2"}, {AlgorithmOAEPSHA1, "SM2"}} {
		_, err = w.GetParametersForImport(home(), &GetParametersForImportInput{KeyId: key.KeyId, WrappingAlgorithm: c[0], WrappingKeySpec: c[1]})
		wantError(t, err, ErrUnsupportedOperation, "Wrapping algorithm "+c[0]+" with a "+c[1]+" key is not supported.")
	}
}

func wrapElsewhere(t *testing.T) []byte {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := rsaPair{private}.public()
	if err != nil {
		t.Fatal(err)
	}
	return wrapWith(t, &GetParametersForImportOutput{PublicKey: der}, randomBytes(32))
}

func TestImportedMaterialExpires(t *testing.T) {
	w := newTestbed(t)
	key := w.newExternal(CreateKeyInput{})
	material := randomBytes(32)
	end := testStart.Add(time.Hour)
	id := w.importMaterial(key.Arn, material, ImportKeyMaterialInput{ValidTo: end}).KeyMaterialId
	if m := w.describe(home(), key.Arn); m.ExpirationModel != ExpirationExpires || !m.ValidTo.Equal(end) {
		t.Errorf("unexpected state %+v", m)
	}
	blob := w.encrypt(key.Arn, "x")
	w.clock.Advance(time.Hour - time.Millisecond)
	if _, err := w.decrypt(home(), blob); err != nil {
		t.Error(err)
	}
	w.clock.Advance(time.Millisecond)
	_, err := w.decrypt(home(), blob)
	wantError(t, err, ErrInvalidState, key.Arn+" is pending import.")
	if m := w.describe(home(), key.Arn); m.KeyState != StatePendingImport || !m.ValidTo.IsZero() || m.ExpirationModel != "" {
		t.Errorf("unexpected state %+v", m)
	}
	if left := w.stored(id); len(left) > 0 {
		t.Errorf("the material is still there: %q", left)
	}
	w.importMaterial(key.Arn, material, never())
	w.clock.Advance(days(1000))
	if text, err := w.decrypt(home(), blob); err != nil || text != "x" {
		t.Errorf("decrypts to %q, %v", text, err)
	}
}

func TestSeveralMaterials(t *testing.T) {
	w := newTestbed(t)
	key := w.newExternal(CreateKeyInput{})
	first, second, third := randomBytes(32), randomBytes(32), randomBytes(32)
	one := w.importMaterial(key.Arn, first, never()).KeyMaterialId
	old := w.encrypt(key.Arn, "old")
	_, err := w.RotateKeyOnDemand(home(), &RotateKeyOnDemandInput{KeyId: key.Arn})
	wantError(t, err, ErrInvalidState, "No available key material pending rotation for the key: "+key.Arn+".") // [K095]

	in := never()
	in.EncryptedKeyMaterial, in.ImportToken = w.wrap(key.Arn, second)
	in.KeyId = key.Arn
	_, err = w.ImportKeyMaterial(home(), &in)
	wantError(t, err, ErrIncorrectKeyMaterial, "") // without ImportType it must be known
	in.ImportType, in.KeyMaterialDescription = ImportNew, "the second"
	two := must[ImportKeyMaterialOutput](t)(w.ImportKeyMaterial(home(), &in)).KeyMaterialId
	if m := w.describe(home(), key.Arn); m.CurrentKeyMaterialId != one { // [K093]
		t.Error("new material is current at once")
	}
	in.EncryptedKeyMaterial, in.ImportToken = w.wrap(key.Arn, third)
	three := newSecret(key.KeyId, third).id
	_, err = w.ImportKeyMaterial(home(), &in)
	wantError(t, err, ErrInvalidState, "New key material (id: "+three+") cannot be imported into KMS key "+key.Arn+
		", because another key material (id: "+two+") is pending rotation.") // [K094]

	want := []RotationsListEntry{
		{KeyId: key.KeyId, KeyMaterialId: one, KeyMaterialState: "CURRENT", ImportState: "IMPORTED", ExpirationModel: ExpirationNever},
		{KeyId: key.KeyId, KeyMaterialId: two, KeyMaterialState: "PENDING_ROTATION", ImportState: "IMPORTED", ExpirationModel: ExpirationNever, KeyMaterialDescription: "the second"},
	}
	if diff := cmp.Diff(want, w.rotations(key.Arn, true)); diff != "" {
		t.Error(diff)
	}
	if n := len(w.rotations(key.Arn, false)); n != 0 {
		t.Errorf("%d rotations before the first", n)
	}
	ok[RotateKeyOnDemandOutput](t)(w.RotateKeyOnDemand(home(), &RotateKeyOnDemandInput{KeyId: key.Arn}))
	want[0].KeyMaterialState, want[1].KeyMaterialState = "NON_CURRENT", "CURRENT"
	want[1].RotationDate, want[1].RotationType = testStart, "ON_DEMAND"
	if diff := cmp.Diff(want, w.rotations(key.Arn, true)); diff != "" {
		t.Error(diff)
	}
	if text, err := w.decrypt(home(), old); err != nil || text != "old" {
		t.Errorf("old ciphertext decrypts to %q, %v", text, err)
	}

	// Without any one of them the key is unusable.
	ok[DeleteImportedKeyMaterialOutput](t)(w.DeleteImportedKeyMaterial(home(), &DeleteImportedKeyMaterialInput{KeyId: key.Arn, KeyMaterialId: one}))
	if state := w.describe(home(), key.Arn).KeyState; state != StatePendingImport {
		t.Errorf("state is %s", state)
	}
	again := never()
	again.KeyMaterialId = one
	w.importMaterial(key.Arn, first, again)
	if state := w.describe(home(), key.Arn).KeyState; state != StateEnabled {
		t.Errorf("state is %s", state)
	}

	// Pending material can be taken back and another put in its place.
	fresh := never()
	fresh.ImportType = ImportNew
	w.importMaterial(key.Arn, third, fresh)
	out := must[DeleteImportedKeyMaterialOutput](t)(w.DeleteImportedKeyMaterial(home(), &DeleteImportedKeyMaterialInput{KeyId: key.Arn, KeyMaterialId: three}))
	if out.KeyMaterialId != three || len(w.rotations(key.Arn, true)) != 2 || w.describe(home(), key.Arn).KeyState != StateEnabled {
		t.Error("the pending material is still there")
	}
	_, err = w.DeleteImportedKeyMaterial(home(), &DeleteImportedKeyMaterialInput{KeyId: key.Arn, KeyMaterialId: three})
	wantError(t, err, ErrNotFound, "Key material '"+three+"' does not exist")
	w.importMaterial(key.Arn, randomBytes(32), fresh)
}

func TestAsymmetricMaterialCannotChange(t *testing.T) {
	w := newTestbed(t)
	key := w.newExternal(CreateKeyInput{KeySpec: SpecHMAC256, KeyUsage: UsageGenerateVerifyMac})
	in := never()
	in.ImportType = ImportNew
	in.KeyId = key.Arn
	in.EncryptedKeyMaterial, in.ImportToken = w.wrap(key.Arn, randomBytes(32))
	_, err := w.ImportKeyMaterial(home(), &in)
	wantError(t, err, ErrValidation, "ImportType, KeyMaterialDescription and KeyMaterialId can only be specified for symmetric encryption keys.")
	in.ImportType = ""
	if out := must[ImportKeyMaterialOutput](t)(w.ImportKeyMaterial(home(), &in)); out.KeyMaterialId != "" {
		t.Errorf("unexpected answer %+v", out)
	}
	in.EncryptedKeyMaterial, in.ImportToken = w.wrap(key.Arn, randomBytes(32))
	_, err = w.ImportKeyMaterial(home(), &in)
	wantError(t, err, ErrIncorrectKeyMaterial, "")
}

// The example of RFC 5649, section 6, and what does not unwrap.
func TestUnwrapPadded(t *testing.T) {
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	key := unhex("5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8")
	for wrapped, want := range map[string]string{
		"138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a": "c37b7e6492584340bed12207808941155068f738",
		"afbeb0f07dfbf5419200f2ccb50bb24f":                                 "466f7250617369",
	} {
		got, err := unwrapPadded(key, unhex(wrapped))
		if err != nil || hex.EncodeToString(got) != want {
			t.Errorf("%s unwraps to %x, %v", wrapped, got, err)
		}
		for i := range unhex(wrapped) {
			bad := unhex(wrapped)
			bad[i] ^= 1
			if _, err := unwrapPadded(key, bad); err == nil {
				t.Errorf("%x unwraps", bad)
			}
		}
	}
	for _, n := range []int{0, 8, 15, 17, 31} {
		if _, err := unwrapPadded(key, make([]byte, n)); err == nil {
			t.Errorf("%d zero bytes unwrap", n)
		}
	}
	if _, err := unwrapPadded(make([]byte, 5), make([]byte, 16)); err == nil {
		t.Error("a key of 5 bytes unwraps")
	}
}
