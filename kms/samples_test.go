package kms

import (
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"reflect"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
)

// kind is a sort of key that samples are made for.
type kind struct {
	spec, usage, origin string
	multiRegion         bool
}

var (
	symmetricKind = kind{spec: SpecSymmetric, usage: UsageEncryptDecrypt}
	externalKind  = kind{spec: SpecSymmetric, usage: UsageEncryptDecrypt, origin: OriginExternal}
	signingKind   = kind{spec: SpecP256, usage: UsageSignVerify}
	macKind       = kind{spec: SpecHMAC256, usage: UsageGenerateVerifyMac}
	agreeKind     = kind{spec: SpecP256, usage: UsageKeyAgreement}
	kemKind       = kind{spec: SpecMLKEM768, usage: UsageEncapsulate}
	primaryKind   = kind{spec: SpecSymmetric, usage: UsageEncryptDecrypt, multiRegion: true}
)

// make makes a key of the kind that is enabled.
func (k kind) make(w *testbed) *KeyMetadata {
	w.t.Helper()
	m := w.newKey(CreateKeyInput{KeySpec: k.spec, KeyUsage: k.usage, MultiRegion: k.multiRegion})
	if k.origin != "" { // a real import makes an RSA key, which takes its time
		w.force(m.Arn, func(record *keyRecord) { record.Origin = k.origin })
	}
	return m
}

// importMaterial wraps material and imports it.
func (w *testbed) importMaterial(arn string, material []byte, in ImportKeyMaterialInput) *ImportKeyMaterialOutput {
	w.t.Helper()
	in.KeyId = arn
	in.EncryptedKeyMaterial, in.ImportToken = w.wrap(arn, material)
	return must[ImportKeyMaterialOutput](w.t)(w.ImportKeyMaterial(home(), &in))
}

// wrap wraps material for a key as its owner would.
func (w *testbed) wrap(arn string, material []byte) (wrapped, token []byte) {
	w.t.Helper()
	p := must[GetParametersForImportOutput](w.t)(w.GetParametersForImport(home(), &GetParametersForImportInput{
		KeyId: arn, WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048",
	}))
	return wrapWith(w.t, p, material), p.ImportToken
}

func wrapWith(t testing.TB, p *GetParametersForImportOutput, material []byte) []byte {
	t.Helper()
	public, err := x509.ParsePKIXPublicKey(p.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, public.(*rsa.PublicKey), material, nil)
	if err != nil {
		t.Fatal(err)
	}
	return wrapped
}

func otherPublicKey() []byte {
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	der, err := x509.MarshalPKIXPublicKey(private.PublicKey())
	if err != nil {
		panic(err)
	}
	return der
}

// sample is how to call an operation on a key.
type sample struct {
	kind kind
	// prepare makes what the call needs of an enabled key (a ciphertext, a
	// grant) and answers the input of a call that then succeeds.
	prepare func(w *testbed, key *KeyMetadata) any
}

func simple(k kind, in any) sample {
	return sample{k, func(_ *testbed, key *KeyMetadata) any { return withKey(in, key.KeyId) }}
}

// withKey is a copy of an input with its key set.
func withKey(in any, id string) any {
	v := reflect.New(reflect.TypeOf(in).Elem())
	v.Elem().Set(reflect.ValueOf(in).Elem())
	for _, name := range []string{"KeyId", "TargetKeyId", "SourceKeyId"} {
		if f := v.Elem().FieldByName(name); f.IsValid() {
			f.SetString(id)
			break
		}
	}
	return v.Interface()
}

// samples has every operation that acts on a key.
var samples = map[string]sample{
	"Encrypt": simple(symmetricKind, &EncryptInput{Plaintext: []byte("x")}),
	"Decrypt": {symmetricKind, func(w *testbed, key *KeyMetadata) any {
		return &DecryptInput{KeyId: key.KeyId, CiphertextBlob: w.encrypt(key.KeyId, "x")}
	}},
	"ReEncrypt": {symmetricKind, func(w *testbed, key *KeyMetadata) any {
		return &ReEncryptInput{SourceKeyId: key.KeyId, DestinationKeyId: symmetricKind.make(w).Arn, CiphertextBlob: w.encrypt(key.KeyId, "x")}
	}},
	"GenerateDataKey":                     simple(symmetricKind, &GenerateDataKeyInput{KeySpec: DataKeyAES256}),
	"GenerateDataKeyWithoutPlaintext":     simple(symmetricKind, &GenerateDataKeyWithoutPlaintextInput{NumberOfBytes: ptr(7)}),
	"GenerateDataKeyPair":                 simple(symmetricKind, &GenerateDataKeyPairInput{KeyPairSpec: SpecP256}),
	"GenerateDataKeyPairWithoutPlaintext": simple(symmetricKind, &GenerateDataKeyPairWithoutPlaintextInput{KeyPairSpec: SpecP256}),

	"Sign": simple(signingKind, &SignInput{Message: []byte("x"), SigningAlgorithm: "ECDSA_SHA_256"}),
	"Verify": {signingKind, func(w *testbed, key *KeyMetadata) any {
		s := must[SignOutput](w.t)(w.Sign(home(), &SignInput{KeyId: key.KeyId, Message: []byte("x"), SigningAlgorithm: "ECDSA_SHA_256"}))
		return &VerifyInput{KeyId: key.KeyId, Message: []byte("x"), SigningAlgorithm: "ECDSA_SHA_256", Signature: s.Signature}
	}},
	"GetPublicKey": simple(signingKind, &GetPublicKeyInput{}),
	"GenerateMac":  simple(macKind, &GenerateMacInput{Message: []byte("x"), MacAlgorithm: "HMAC_SHA_256"}),
	"VerifyMac": {macKind, func(w *testbed, key *KeyMetadata) any {
		m := must[GenerateMacOutput](w.t)(w.GenerateMac(home(), &GenerateMacInput{KeyId: key.KeyId, Message: []byte("x"), MacAlgorithm: "HMAC_SHA_256"}))
		return &VerifyMacInput{KeyId: key.KeyId, Message: []byte("x"), MacAlgorithm: "HMAC_SHA_256", Mac: m.Mac}
	}},
	"DeriveSharedSecret": simple(agreeKind, &DeriveSharedSecretInput{KeyAgreementAlgorithm: "ECDH", PublicKey: otherPublicKey()}),
	"Encapsulate":        simple(kemKind, &EncapsulateInput{EncapsulationAlgorithm: "ML_KEM"}),
	"Decapsulate": {kemKind, func(w *testbed, key *KeyMetadata) any {
		e := must[EncapsulateOutput](w.t)(w.Encapsulate(home(), &EncapsulateInput{KeyId: key.KeyId, EncapsulationAlgorithm: "ML_KEM"}))
		return &DecapsulateInput{KeyId: key.KeyId, EncapsulationAlgorithm: "ML_KEM", SharedSecretCiphertextBlob: e.SharedSecretCiphertextBlob}
	}},

	"CreateGrant": simple(symmetricKind, &CreateGrantInput{GranteePrincipal: "arn:aws:iam::123456789012:role/r", Operations: []string{"Decrypt"}}),
	"ListGrants":  simple(symmetricKind, &ListGrantsInput{}),
	"RetireGrant": {symmetricKind, func(w *testbed, key *KeyMetadata) any {
		return &RetireGrantInput{KeyId: key.KeyId, GrantId: w.grant(key.KeyId).GrantId}
	}},
	"RevokeGrant": {symmetricKind, func(w *testbed, key *KeyMetadata) any {
		return &RevokeGrantInput{KeyId: key.KeyId, GrantId: w.grant(key.KeyId).GrantId}
	}},

	"ReplicateKey": simple(primaryKind, &ReplicateKeyInput{ReplicaRegion: otherRegion}),
	"UpdatePrimaryRegion": {primaryKind, func(w *testbed, key *KeyMetadata) any {
		ok[ReplicateKeyOutput](w.t)(w.ReplicateKey(home(), &ReplicateKeyInput{KeyId: key.KeyId, ReplicaRegion: otherRegion}))
		return &UpdatePrimaryRegionInput{KeyId: key.KeyId, PrimaryRegion: otherRegion}
	}},

	"DescribeKey":      simple(symmetricKind, &DescribeKeyInput{}),
	"GetKeyLastUsage":  simple(symmetricKind, &GetKeyLastUsageInput{}),
	"GetKeyPolicy":     simple(symmetricKind, &GetKeyPolicyInput{}),
	"PutKeyPolicy":     simple(symmetricKind, &PutKeyPolicyInput{Policy: defaultPolicyText(place{testAccount, testRegion})}),
	"ListKeyPolicies":  simple(symmetricKind, &ListKeyPoliciesInput{}),
	"ListResourceTags": simple(symmetricKind, &ListResourceTagsInput{}),
	"ListAliases":      simple(symmetricKind, &ListAliasesInput{}),
	"DeleteAlias": {symmetricKind, func(w *testbed, key *KeyMetadata) any {
		ok[CreateAliasOutput](w.t)(w.CreateAlias(home(), &CreateAliasInput{AliasName: "alias/a", TargetKeyId: key.KeyId}))
		return &DeleteAliasInput{AliasName: "alias/a"}
	}},
	"CreateAlias": simple(symmetricKind, &CreateAliasInput{AliasName: "alias/b"}),
	"UpdateAlias": {symmetricKind, func(w *testbed, key *KeyMetadata) any {
		source := symmetricKind.make(w)
		ok[CreateAliasOutput](w.t)(w.CreateAlias(home(), &CreateAliasInput{AliasName: "alias/c", TargetKeyId: source.KeyId}))
		ok[ScheduleKeyDeletionOutput](w.t)(w.ScheduleKeyDeletion(home(), &ScheduleKeyDeletionInput{KeyId: source.KeyId}))
		return &UpdateAliasInput{AliasName: "alias/c", TargetKeyId: key.KeyId}
	}},
	"TagResource":          simple(symmetricKind, &TagResourceInput{Tags: []Tag{{"k", "v"}}}),
	"UntagResource":        simple(symmetricKind, &UntagResourceInput{TagKeys: []string{"k"}}),
	"UpdateKeyDescription": simple(symmetricKind, &UpdateKeyDescriptionInput{Description: "d"}),

	"EnableKey":           simple(symmetricKind, &EnableKeyInput{}),
	"DisableKey":          simple(symmetricKind, &DisableKeyInput{}),
	"ScheduleKeyDeletion": simple(symmetricKind, &ScheduleKeyDeletionInput{}),
	"CancelKeyDeletion":   simple(symmetricKind, &CancelKeyDeletionInput{}),

	"EnableKeyRotation":    simple(symmetricKind, &EnableKeyRotationInput{}),
	"DisableKeyRotation":   simple(symmetricKind, &DisableKeyRotationInput{}),
	"GetKeyRotationStatus": simple(symmetricKind, &GetKeyRotationStatusInput{}),
	"RotateKeyOnDemand":    simple(symmetricKind, &RotateKeyOnDemandInput{}),
	"ListKeyRotations":     simple(symmetricKind, &ListKeyRotationsInput{}),

	"GetParametersForImport": simple(externalKind, &GetParametersForImportInput{WrappingAlgorithm: "RSAES_OAEP_SHA_1", WrappingKeySpec: "RSA_2048"}),
	"ImportKeyMaterial": {externalKind, func(w *testbed, key *KeyMetadata) any {
		wrapped, token := w.wrap(key.KeyId, randomBytes(32))
		return &ImportKeyMaterialInput{
			KeyId: key.KeyId, EncryptedKeyMaterial: wrapped, ImportToken: token,
			ImportType: ImportNew, ExpirationModel: ExpirationExpires, ValidTo: testStart.Add(time.Hour),
		}
	}},
	"DeleteImportedKeyMaterial": simple(externalKind, &DeleteImportedKeyMaterialInput{}),
}

func (w *testbed) grant(keyID string) *CreateGrantOutput {
	w.t.Helper()
	return must[CreateGrantOutput](w.t)(w.CreateGrant(home(), &CreateGrantInput{
		KeyId: keyID, GranteePrincipal: "arn:aws:iam::123456789012:role/r", Operations: []string{"Decrypt"},
	}))
}

// keyless are the operations that act on no key.
var keyless = []string{
	"CreateKey", "ListKeys", "GenerateRandom", "ListRetirableGrants",
	"CreateCustomKeyStore", "DescribeCustomKeyStores", "UpdateCustomKeyStore",
	"ConnectCustomKeyStore", "DisconnectCustomKeyStore", "DeleteCustomKeyStore",
}

func TestSamplesAreComplete(t *testing.T) {
	left := map[string]bool{}
	for _, name := range keyless {
		left[name] = true
	}
	for name := range samples {
		left[name] = true
	}
	for _, op := range newTestbed(t).API().Operations {
		if !left[op.Name] {
			t.Errorf("no test calls %s with every kind of key id and in every key state", op.Name)
		}
		delete(left, op.Name)
	}
	for name := range left {
		t.Errorf("there is no operation %s", name)
	}
}

// run calls an operation directly, without authorization.
func (w *testbed) run(ctx context.Context, operation string, in any) error {
	w.t.Helper()
	for _, op := range w.API().Operations {
		if op.Name == operation {
			resolved, err := op.Resolve(ctx, in)
			if err != nil {
				return err
			}
			if unfit := api.Unfit(resolved.Checks); unfit != nil {
				return unfit
			}
			_, err = op.Call(ctx, in, resolved)
			return err
		}
	}
	w.t.Fatalf("there is no operation %s", operation)
	return nil
}

// setDryRun sets DryRun, if the input has it.
func setDryRun(in any) bool {
	f := reflect.ValueOf(in).Elem().FieldByName("DryRun")
	if f.IsValid() {
		f.SetBool(true)
	}
	return f.IsValid()
}
