package kms

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"maps"
	"slices"
	"testing"

	"filippo.io/mldsa"

	"github.com/waxseal/waxseal/internal/api"
)

func TestEncapsulation(t *testing.T) {
	w := newTestbed(t)
	for _, spec := range []string{SpecMLKEM512, SpecMLKEM768, SpecMLKEM1024} {
		t.Run(spec, func(t *testing.T) {
			k := w.newKey(CreateKeyInput{KeySpec: spec, KeyUsage: UsageEncapsulate})
			e := must[EncapsulateOutput](t)(w.Encapsulate(home(), &EncapsulateInput{KeyId: k.KeyId, EncapsulationAlgorithm: AlgorithmMLKEM}))
			in := &DecapsulateInput{KeyId: k.KeyId, EncapsulationAlgorithm: AlgorithmMLKEM, SharedSecretCiphertextBlob: e.SharedSecretCiphertextBlob}
			d := must[DecapsulateOutput](t)(w.Decapsulate(home(), in))
			if len(d.SharedSecret) != 32 || !bytes.Equal(d.SharedSecret, e.SharedSecret) || d.KeyId != k.Arn || e.KeyId != k.Arn {
				t.Errorf("unexpected answers %+v %+v", e, d)
			}
			in.SharedSecretCiphertextBlob = bytes.Clone(e.SharedSecretCiphertextBlob)
			in.SharedSecretCiphertextBlob[7] ^= 1
			one, two := must[DecapsulateOutput](t)(w.Decapsulate(home(), in)), must[DecapsulateOutput](t)(w.Decapsulate(home(), in))
			if bytes.Equal(one.SharedSecret, e.SharedSecret) || !bytes.Equal(one.SharedSecret, two.SharedSecret) {
				t.Error("implicit rejection does not answer another, constant secret")
			}
			in.SharedSecretCiphertextBlob = e.SharedSecretCiphertextBlob[1:]
			_, err := w.Decapsulate(home(), in)
			wantError(t, err, ErrInvalidCiphertext, "")
		})
	}
}

func TestDerivationErrors(t *testing.T) {
	w := newTestbed(t)
	k := agreeKind.make(w)
	p384, err := ecdh.P384().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	otherCurve, err := x509.MarshalPKIXPublicKey(p384.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	for name, public := range map[string][]byte{"K084 no key": []byte("x"), "other curve": otherCurve} {
		t.Run(name, func(t *testing.T) {
			_, err := w.DeriveSharedSecret(home(), &DeriveSharedSecretInput{KeyId: k.KeyId, KeyAgreementAlgorithm: AlgorithmECDH, PublicKey: public})
			wantError(t, err, ErrValidation, "")
		})
	}
	other := agreeKind.make(w) // [K081] [K082]: both directions agree
	public := func(id string) []byte {
		return must[GetPublicKeyOutput](t)(w.GetPublicKey(home(), &GetPublicKeyInput{KeyId: id})).PublicKey
	}
	one := must[DeriveSharedSecretOutput](t)(w.DeriveSharedSecret(home(), &DeriveSharedSecretInput{KeyId: k.KeyId, KeyAgreementAlgorithm: AlgorithmECDH, PublicKey: public(other.KeyId)}))
	two := must[DeriveSharedSecretOutput](t)(w.DeriveSharedSecret(home(), &DeriveSharedSecretInput{KeyId: other.KeyId, KeyAgreementAlgorithm: AlgorithmECDH, PublicKey: public(k.KeyId)}))
	if !bytes.Equal(one.SharedSecret, two.SharedSecret) || one.KeyOrigin != OriginKMS || one.KeyAgreementAlgorithm != "ECDH" || one.KeyId != k.Arn {
		t.Errorf("unexpected answers %+v %+v", one, two)
	}
}

func TestMessages(t *testing.T) {
	w := newTestbed(t)
	keys := map[string]string{}
	for _, spec := range []string{SpecRSA2048, SpecP256, SpecEd25519, SpecMLDSA44} {
		keys[spec] = w.newKey(CreateKeyInput{KeySpec: spec, KeyUsage: UsageSignVerify}).KeyId
	}
	for _, c := range []struct {
		spec, algorithm, kind string
		size                  int
		message               string
	}{
		{SpecRSA2048, "RSASSA_PSS_SHA_256", MessageDigest, 31, "Digest is invalid length for algorithm RSASSA_PSS_SHA_256."}, // [K076]
		{SpecRSA2048, "RSASSA_PKCS1_V1_5_SHA_512", MessageDigest, 32, "Digest is invalid length for algorithm RSASSA_PKCS1_V1_5_SHA_512."},
		{SpecP256, "ECDSA_SHA_256", MessageDigest, 33, "Digest is invalid length for algorithm ECDSA_SHA_256."},
		{SpecP256, "ECDSA_SHA_256", MessageExternalMu, 64, "Message type EXTERNAL_MU is incompatible with algorithm ECDSA_SHA_256."},
		{SpecEd25519, algorithmEd25519, MessageDigest, 64, "Message type DIGEST is incompatible with algorithm ED25519_SHA_512."},
		{SpecEd25519, algorithmEd25519ph, MessageRaw, 64, "Message type RAW is incompatible with algorithm ED25519_PH_SHA_512."},
		{SpecEd25519, algorithmEd25519ph, MessageDigest, 63, "Digest is invalid length for algorithm ED25519_PH_SHA_512."},
		{SpecMLDSA44, algorithmMLDSA, MessageExternalMu, 63, "Digest is invalid length for algorithm ML_DSA_SHAKE_256."},
		{SpecMLDSA44, algorithmMLDSA, MessageDigest, 64, "Message type DIGEST is incompatible with algorithm ML_DSA_SHAKE_256."},
	} {
		t.Run(c.algorithm+" "+c.kind, func(t *testing.T) {
			message := make([]byte, c.size)
			_, err := w.Sign(home(), &SignInput{KeyId: keys[c.spec], Message: message, MessageType: c.kind, SigningAlgorithm: c.algorithm})
			wantError(t, err, ErrValidation, c.message)
			_, err = w.Verify(home(), &VerifyInput{KeyId: keys[c.spec], Message: message, MessageType: c.kind, SigningAlgorithm: c.algorithm, Signature: []byte("x")})
			wantError(t, err, ErrValidation, c.message)
		})
	}
}

func TestMacs(t *testing.T) {
	w := newTestbed(t)
	for _, spec := range []string{SpecHMAC224, SpecHMAC256, SpecHMAC384, SpecHMAC512} {
		k := w.newKey(CreateKeyInput{KeySpec: spec, KeyUsage: UsageGenerateVerifyMac})
		g := must[GenerateMacOutput](t)(w.GenerateMac(home(), &GenerateMacInput{KeyId: k.KeyId, MacAlgorithm: k.MacAlgorithms[0], Message: []byte("m")}))
		in := &VerifyMacInput{KeyId: k.KeyId, MacAlgorithm: g.MacAlgorithm, Message: []byte("m"), Mac: g.Mac}
		if v := must[VerifyMacOutput](t)(w.VerifyMac(home(), in)); !v.MacValid || v.KeyId != k.Arn || g.KeyId != k.Arn { // [K078]
			t.Errorf("unexpected answers %+v %+v", g, v)
		}
		in.Message = []byte("n")
		_, err := w.VerifyMac(home(), in)
		wantError(t, err, ErrInvalidMac, "") // [K079]
		in.Message, in.Mac = []byte("m"), g.Mac[1:]
		_, err = w.VerifyMac(home(), in)
		wantError(t, err, ErrInvalidMac, "")
	}
}

// No spec takes another's material, nor what is none.
func TestMaterialOfOtherSpecs(t *testing.T) {
	material := map[string][]byte{}
	for name, spec := range specs {
		if spec.family == rsaKey && name != SpecRSA2048 {
			continue // they take long
		}
		m, err := spec.newMaterial()
		if err != nil {
			t.Fatal(err)
		}
		material[name] = m
	}
	takes := func(a, b string) bool {
		// Any bytes of the right number are a symmetric or HMAC key.
		return a == b || specs[a].family <= hmacKey && len(material[a]) == len(material[b])
	}
	for _, name := range slices.Sorted(maps.Keys(material)) {
		for other, m := range material {
			if _, err := specs[name].parseSecret(absentKey, m); (err == nil) != takes(name, other) {
				t.Errorf("%s takes material of %s: %v", name, other, err)
			}
		}
		m := material[name]
		for _, bad := range [][]byte{nil, []byte("x"), m[:len(m)-1], append(bytes.Clone(m), 0), make([]byte, len(m)+1)} {
			if _, err := specs[name].parseSecret(absentKey, bad); !errors.Is(err, errMaterial) {
				t.Errorf("%s takes %d bytes: %v", name, len(bad), err)
			}
		}
	}
	for _, spec := range []string{SpecRSA3072, SpecRSA4096} {
		if _, err := specs[spec].parseSecret(absentKey, material[SpecRSA2048]); !errors.Is(err, errMaterial) {
			t.Errorf("%s takes an RSA key of 2,048 bits: %v", spec, err)
		}
	}
}

// verifyMu and the library agree about every signature, right or wrong.
func TestVerifyMuAgreesWithTheLibrary(t *testing.T) {
	for size, parameters := range mldsaParameters {
		private, err := mldsa.GenerateKey(parameters)
		if err != nil {
			t.Fatal(err)
		}
		der, err := mldsaPair{private}.public()
		if err != nil {
			t.Fatal(err)
		}
		text := []byte("message")
		signature, err := private.Sign(nil, text, nil)
		if err != nil {
			t.Fatal(err)
		}
		representative := mu(t, der, text)
		compare := func(s []byte) {
			t.Helper()
			want := mldsa.Verify(private.PublicKey(), text, s, nil) == nil
			if got := verifyMu(private.PublicKey(), representative, s); got != want {
				t.Errorf("ML-DSA-%d: %v, the library says %v", size, got, want)
			}
		}
		compare(signature)
		compare(signature[1:])
		compare(append(bytes.Clone(signature), 0))
		compare(nil)
		set := mldsaSets[parameters]
		for i := range signature {
			if i < len(signature)-set.omega-set.k && i%53 != 0 {
				continue
			}
			for _, turned := range []byte{1, 0x80, 0xff} { // the hint, at the end, has many wrong encodings
				bad := bytes.Clone(signature)
				bad[i] ^= turned
				compare(bad)
			}
		}
	}
}

func TestRecipientsAreRefused(t *testing.T) {
	w := newTestbed(t)
	key, agree := symmetricKind.make(w), agreeKind.make(w)
	recipient := &RecipientInfo{AttestationDocument: []byte("x"), KeyEncryptionAlgorithm: "RSAES_OAEP_SHA_256"}
	for operation, in := range map[string]any{
		"Decrypt":             &DecryptInput{CiphertextBlob: w.encrypt(key.KeyId, "x"), Recipient: recipient},
		"GenerateDataKey":     &GenerateDataKeyInput{KeyId: key.KeyId, KeySpec: DataKeyAES256, Recipient: recipient},
		"GenerateDataKeyPair": &GenerateDataKeyPairInput{KeyId: key.KeyId, KeyPairSpec: SpecP256, Recipient: recipient},
		"DeriveSharedSecret":  &DeriveSharedSecretInput{KeyId: agree.KeyId, KeyAgreementAlgorithm: AlgorithmECDH, PublicKey: otherPublicKey(), Recipient: recipient},
		"GenerateRandom":      &GenerateRandomInput{NumberOfBytes: ptr(1), Recipient: recipient},
	} {
		_, err := w.call(home(), operation, in)
		wantError(t, err, ErrValidation, "The attestation document is not signed by the AWS Nitro Enclaves root of trust.")
	}
	if !ErrValidation.Is(api.AsError(recipient.refuse())) || (*RecipientInfo)(nil).refuse() != nil {
		t.Error("no recipient is refused, or one is not")
	}
}

// What a replica has pending goes with its primary's.
func TestPendingMaterialOfReplicas(t *testing.T) {
	w := newTestbed(t)
	key := w.newExternal(CreateKeyInput{MultiRegion: true})
	w.importMaterial(key.Arn, randomBytes(32), never())
	w.replicate(key.KeyId, otherRegion)
	fresh := never()
	fresh.ImportType = ImportNew
	id := w.importMaterial(key.Arn, randomBytes(32), fresh).KeyMaterialId
	list := func() int {
		return len(must[ListKeyRotationsOutput](t)(w.ListKeyRotations(there(), &ListKeyRotationsInput{KeyId: key.KeyId, IncludeKeyMaterial: "ALL_KEY_MATERIAL"})).Rotations)
	}
	if n := list(); n != 2 {
		t.Errorf("the replica knows %d pieces of material", n)
	}
	ok[DeleteImportedKeyMaterialOutput](t)(w.DeleteImportedKeyMaterial(home(), &DeleteImportedKeyMaterialInput{KeyId: key.KeyId, KeyMaterialId: id}))
	if n := list(); n != 1 || len(w.rotations(key.KeyId, true)) != 1 {
		t.Errorf("the replica knows %d pieces of material", n)
	}
	// A key without any has nothing to delete, and says so by doing nothing.
	empty := w.newExternal(CreateKeyInput{})
	out := must[DeleteImportedKeyMaterialOutput](t)(w.DeleteImportedKeyMaterial(home(), &DeleteImportedKeyMaterialInput{KeyId: empty.KeyId}))
	if out.KeyId != empty.Arn || out.KeyMaterialId != "" {
		t.Errorf("unexpected answer %+v", out)
	}
}
