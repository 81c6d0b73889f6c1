package kms

import (
	"context"
	"encoding/hex"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store/storetest/disk"
)

const fixedID = "1234abcd-12ab-34cd-56ef-1234567890ab"

func fixture() Fixture {
	return Fixture{
		Account: testAccount, Region: testRegion, ID: fixedID, Alias: "alias/fixed", Description: "d",
		Material: []byte(strings.Repeat("k", 32)), Tags: map[string]string{"a": "b"},
	}
}

func (w *testbed) apply(f Fixture) string {
	w.t.Helper()
	arn, err := w.ApplyKey(context.Background(), f)
	if err != nil {
		w.t.Fatal(err)
	}
	return arn
}

// constantHeader is how the ciphertexts of the fixture's key begin.
const constantHeader = "01020200" + "7800" + "001cbe991a14" + "1234abcd12ab34cd56ef1234567890ab"

// constant was encrypted by an earlier build: what CI keeps in files must
// decrypt for ever. Its encryption context is {"purpose": "fixture"}.
const constant = constantHeader + "4ad3992e3ef8779a603828d7ecf04267a865972efbb9cb43e2a23e032ea37d81" +
	"7ac1cf39f120f66e23c247deed622375cd9bd48871210b6357b608ce1087193c" +
	"0000000000000000000000000000000000000000000000000000000000000000" +
	"262ac8ae5cc607b2a8426a7f55d06f42b8169f1f24f987aac7bb936abe42ae19507603ad"

func TestConstantCiphertext(t *testing.T) {
	w := newTestbed(t)
	w.apply(fixture())
	blob, err := hex.DecodeString(constant)
	if err != nil {
		t.Fatal(err)
	}
	in := &DecryptInput{CiphertextBlob: blob, EncryptionContext: map[string]string{"purpose": "fixture"}}
	if d := must[DecryptOutput](t)(w.Decrypt(home(), in)); string(d.Plaintext) != "constant" || d.KeyId != "arn:aws:kms:us-east-1:123456789012:key/"+fixedID {
		t.Errorf("it decrypts to %q with %s", d.Plaintext, d.KeyId)
	}
	ok[RotateKeyOnDemandOutput](t)(w.RotateKeyOnDemand(home(), &RotateKeyOnDemandInput{KeyId: fixedID}))
	w.apply(fixture())
	if d := must[DecryptOutput](t)(w.Decrypt(home(), in)); string(d.Plaintext) != "constant" {
		t.Errorf("after a rotation it decrypts to %q", d.Plaintext)
	}
	in.EncryptionContext = nil
	_, err = w.Decrypt(home(), in)
	wantError(t, err, ErrInvalidCiphertext, "")
}

func TestFixture(t *testing.T) {
	w := newTestbed(t)
	arn := w.apply(fixture())
	m := w.describe(home(), "alias/fixed")
	if arn != "arn:aws:kms:us-east-1:123456789012:key/"+fixedID || m.Arn != arn || m.Description != "d" || m.KeyState != StateEnabled {
		t.Errorf("unexpected key %s %+v", arn, m)
	}
	tags := must[ListResourceTagsOutput](t)(w.ListResourceTags(home(), &ListResourceTagsInput{KeyId: fixedID})).Tags
	if diff := cmp.Diff([]Tag{{"a", "b"}}, tags); diff != "" {
		t.Error(diff)
	}
	blob := w.encrypt(fixedID, "x")
	if got := hex.EncodeToString(blob[:28]); got != constantHeader {
		t.Errorf("the header begins %s, want %s", got, constantHeader)
	}

	// The same material in another testbed opens it.
	other := newTestbed(t)
	other.apply(fixture())
	if text, err := other.decrypt(home(), blob); err != nil || text != "x" {
		t.Errorf("elsewhere it decrypts to %q, %v", text, err)
	}

	// Applying again changes what may change and keeps the rest.
	ok[RotateKeyOnDemandOutput](t)(w.RotateKeyOnDemand(home(), &RotateKeyOnDemandInput{KeyId: fixedID}))
	changed := fixture()
	changed.Tags, changed.Description = map[string]string{"c": "d"}, "e"
	if w.apply(changed) != arn {
		t.Error("another key was made")
	}
	if text, err := w.decrypt(home(), blob); err != nil || text != "x" {
		t.Errorf("applied again it decrypts to %q, %v", text, err)
	}
	if m := w.describe(home(), arn); m.Description != "e" || len(w.rotations(arn, true)) != 2 {
		t.Errorf("unexpected key %+v", m)
	}
}

func TestFixtureKinds(t *testing.T) {
	w := newTestbed(t)
	pair, err := specs[SpecP256].newMaterial()
	if err != nil {
		t.Fatal(err)
	}
	signing := w.apply(Fixture{Account: testAccount, Region: testRegion, Spec: SpecP256, Usage: UsageSignVerify, Material: pair})
	ok[SignOutput](t)(w.Sign(home(), &SignInput{KeyId: signing, Message: []byte("m"), SigningAlgorithm: "ECDSA_SHA_256"}))
	mac := w.describe(home(), w.apply(Fixture{Account: testAccount, Region: testRegion, Spec: SpecHMAC512}))
	if mac.KeyUsage != UsageGenerateVerifyMac {
		t.Errorf("the usage is %s", mac.KeyUsage)
	}
	primary := w.describe(home(), w.apply(Fixture{Account: testAccount, Region: testRegion, ID: "mrk-1234abcd12ab34cd56ef1234567890ab"}))
	if !primary.MultiRegion {
		t.Error("the key is not multi-Region")
	}
	// By its alias alone a key is found again.
	byAlias := Fixture{Account: testAccount, Region: testRegion, Alias: "alias/only"}
	first := w.apply(byAlias)
	if second := w.apply(byAlias); first != second {
		t.Error("applying twice makes two keys")
	}
}

func TestFixtureErrors(t *testing.T) {
	w := newTestbed(t)
	w.apply(fixture())
	w.newKey(CreateKeyInput{})
	for want, change := range map[string]func(*Fixture){
		`kms: "x" is no key id`: func(f *Fixture) { f.ID = "x" },
		`unknown spec "AES"`:    func(f *Fixture) { f.Spec = "AES" },
		`usage "SIGN_VERIFY" does not go with spec SYMMETRIC_DEFAULT`: func(f *Fixture) { f.Usage = UsageSignVerify },
		`"fixed" is no alias`:                 func(f *Fixture) { f.Alias = "fixed" },
		`"alias/aws/sqs" is no alias`:         func(f *Fixture) { f.Alias = "alias/aws/sqs" },
		"not key material of this spec":       func(f *Fixture) { f.Material = []byte("short") },
		"is another key than the fixture's":   func(f *Fixture) { f.Material = []byte(strings.Repeat("l", 32)) },
		"alias/fixed is the alias of another": func(f *Fixture) { f.ID = absentKey },
		"the policy of":                       func(f *Fixture) { f.Policy = "x" },
	} {
		f := fixture()
		change(&f)
		if _, err := w.ApplyKey(context.Background(), f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
}

func TestRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "waxseal.db")
	root := hsm.NewRootKey()
	open := func() (*testbed, func()) {
		engine := disk.Open(t, path)
		module, err := hsm.New(root)
		if err != nil {
			t.Fatal(err)
		}
		w := &testbed{Service: New(Config{Engine: engine, Clock: clock.NewStill(testStart), IDs: ids.New(), HSM: module}), t: t}
		return w, func() {
			if err := engine.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	w, end := open()
	key, sign, mac := symmetricKind.make(w), signingKind.make(w), macKind.make(w)
	g := must[GenerateDataKeyOutput](t)(w.GenerateDataKey(home(), &GenerateDataKeyInput{KeyId: key.KeyId, KeySpec: DataKeyAES256}))
	s := must[SignOutput](t)(w.Sign(home(), &SignInput{KeyId: sign.KeyId, Message: []byte("m"), SigningAlgorithm: "ECDSA_SHA_256"}))
	h := must[GenerateMacOutput](t)(w.GenerateMac(home(), &GenerateMacInput{KeyId: mac.KeyId, Message: []byte("m"), MacAlgorithm: "HMAC_SHA_256"}))
	end()

	w, end = open()
	if text, err := w.decrypt(home(), g.CiphertextBlob); err != nil || text != string(g.Plaintext) {
		t.Errorf("after a restart the data key decrypts to %x, %v", text, err)
	}
	ok[VerifyOutput](t)(w.Verify(home(), &VerifyInput{KeyId: sign.KeyId, Message: []byte("m"), SigningAlgorithm: "ECDSA_SHA_256", Signature: s.Signature}))
	ok[VerifyMacOutput](t)(w.VerifyMac(home(), &VerifyMacInput{KeyId: mac.KeyId, Message: []byte("m"), MacAlgorithm: "HMAC_SHA_256", Mac: h.Mac}))
	end()

	// With another root key nothing opens, and nothing is told.
	root = hsm.NewRootKey()
	w, end = open()
	defer end()
	if _, err := w.decrypt(home(), g.CiphertextBlob); err == nil {
		t.Error("it decrypts with another root key")
	}
}
