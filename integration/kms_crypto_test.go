package integration

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/mlkem"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// Material of one's own through the SDK: wrapped, imported, gone when its time
// is over by the clock, and imported again.
func TestKMSImport(t *testing.T) {
	cloud := start(t)
	c := newClients(t, cloud.Config()).kms
	ctx := t.Context()
	made, err := c.CreateKey(ctx, &kms.CreateKeyInput{Origin: kmstypes.OriginTypeExternal})
	if err != nil {
		t.Fatal(err)
	}
	id, keyARN := made.KeyMetadata.KeyId, *made.KeyMetadata.Arn
	material := bytes.Repeat([]byte("m"), 32)
	bring := func(validTo time.Time) string {
		t.Helper()
		p, err := c.GetParametersForImport(ctx, &kms.GetParametersForImportInput{KeyId: id, WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048"})
		if err != nil {
			t.Fatal(err)
		}
		public, err := x509.ParsePKIXPublicKey(p.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, public.(*rsa.PublicKey), material, nil)
		if err != nil {
			t.Fatal(err)
		}
		out, err := c.ImportKeyMaterial(ctx, &kms.ImportKeyMaterialInput{KeyId: id, ImportToken: p.ImportToken, EncryptedKeyMaterial: wrapped, ExpirationModel: "KEY_MATERIAL_EXPIRES", ValidTo: &validTo})
		if err != nil {
			t.Fatal(err)
		}
		return *out.KeyMaterialId
	}
	validTo := made.KeyMetadata.CreationDate.Add(time.Hour).Truncate(time.Second)
	first := bring(validTo)
	described, err := c.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: id})
	if err != nil || described.KeyMetadata.ExpirationModel != "KEY_MATERIAL_EXPIRES" || !described.KeyMetadata.ValidTo.Equal(validTo) || described.KeyMetadata.KeyState != "Enabled" {
		t.Errorf("the key is %+v, %v", described, err)
	}
	encrypted, err := c.Encrypt(ctx, &kms.EncryptInput{KeyId: id, Plaintext: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	cloud.Advance(time.Hour)
	_, err = c.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: encrypted.CiphertextBlob})
	want(t, "after its time", err, answer{http.StatusBadRequest, "KMSInvalidStateException", keyARN + " is pending import."})
	if again := bring(validTo.Add(time.Hour)); again != first {
		t.Errorf("the same material is %s and then %s", first, again)
	}
	if out, err := c.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: encrypted.CiphertextBlob}); err != nil || string(out.Plaintext) != "x" {
		t.Errorf("imported again it opens %v, %v", out, err)
	}
}

// What KMS signs, derives and encapsulates is right by Go's own cryptography, from the outside.
func TestKMSCryptographyOutside(t *testing.T) {
	cloud := start(t)
	c := newClients(t, cloud.Config()).kms
	ctx := t.Context()
	key := func(spec kmstypes.KeySpec, usage kmstypes.KeyUsageType) (id *string, public []byte) {
		t.Helper()
		made, err := c.CreateKey(ctx, &kms.CreateKeyInput{KeySpec: spec, KeyUsage: usage})
		if err != nil {
			t.Fatal(err)
		}
		out, err := c.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: made.KeyMetadata.KeyId})
		if err != nil {
			t.Fatal(err)
		}
		return made.KeyMetadata.KeyId, out.PublicKey
	}
	sign := func(id *string, algorithm kmstypes.SigningAlgorithmSpec, kind kmstypes.MessageType, message []byte) []byte {
		t.Helper()
		out, err := c.Sign(ctx, &kms.SignInput{KeyId: id, SigningAlgorithm: algorithm, MessageType: kind, Message: message})
		if err != nil {
			t.Fatal(err)
		}
		verified, err := c.Verify(ctx, &kms.VerifyInput{KeyId: id, SigningAlgorithm: algorithm, MessageType: kind, Message: message, Signature: out.Signature})
		if err != nil || !verified.SignatureValid {
			t.Errorf("%s %s: %+v, %v", algorithm, kind, verified, err)
		}
		out.Signature[len(out.Signature)/2] ^= 1
		_, err = c.Verify(ctx, &kms.VerifyInput{KeyId: id, SigningAlgorithm: algorithm, MessageType: kind, Message: message, Signature: out.Signature})
		want(t, string(algorithm)+" of a tampered signature", err, answer{http.StatusBadRequest, "KMSInvalidSignatureException", ""}) // [K077]
		out.Signature[len(out.Signature)/2] ^= 1
		return out.Signature
	}
	message := []byte("message")
	digest := sha256.Sum256(message)

	id, public := key("ECC_NIST_P256", "SIGN_VERIFY")
	parsed, err := x509.ParsePKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	if !ecdsa.VerifyASN1(parsed.(*ecdsa.PublicKey), digest[:], sign(id, "ECDSA_SHA_256", "RAW", message)) ||
		!ecdsa.VerifyASN1(parsed.(*ecdsa.PublicKey), digest[:], sign(id, "ECDSA_SHA_256", "DIGEST", digest[:])) { // [K075]
		t.Error("an ECDSA signature does not verify")
	}
	id, public = key("ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
	if parsed, err = x509.ParsePKIXPublicKey(public); err != nil || !ed25519.Verify(parsed.(ed25519.PublicKey), message, sign(id, "ED25519_SHA_512", "RAW", message)) {
		t.Errorf("an Ed25519 signature does not verify: %v", err)
	}
	id, _ = key("ML_DSA_65", "SIGN_VERIFY")
	sign(id, "ML_DSA_SHAKE_256", "RAW", message)
	sign(id, "ML_DSA_SHAKE_256", "EXTERNAL_MU", bytes.Repeat([]byte("u"), 64))
	_, err = c.Sign(ctx, &kms.SignInput{KeyId: id, SigningAlgorithm: "ML_DSA_SHAKE_256", MessageType: "EXTERNAL_MU", Message: message})
	want(t, "EXTERNAL_MU that is not of 64 bytes", err, answer{http.StatusBadRequest, "ValidationException", "Digest is invalid length for algorithm ML_DSA_SHAKE_256."})

	// [K081] [K082]
	id, public = key("ECC_NIST_P256", "KEY_AGREEMENT")
	mine, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(mine.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	derived, err := c.DeriveSharedSecret(ctx, &kms.DeriveSharedSecretInput{KeyId: id, KeyAgreementAlgorithm: "ECDH", PublicKey: der})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err = x509.ParsePKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := parsed.(*ecdsa.PublicKey).ECDH()
	if err != nil {
		t.Fatal(err)
	}
	if shared, err := mine.ECDH(theirs); err != nil || !bytes.Equal(shared, derived.SharedSecret) || derived.KeyOrigin != "AWS_KMS" {
		t.Errorf("the secrets differ: %v", err)
	}

	// Encapsulated outside, decapsulated by KMS, and all by KMS.
	id, public = key("ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
	var info struct {
		Algorithm asn1.RawValue
		Key       asn1.BitString
	}
	if _, err := asn1.Unmarshal(public, &info); err != nil {
		t.Fatal(err)
	}
	outside, err := mlkem.NewEncapsulationKey768(info.Key.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	shared, ciphertext := outside.Encapsulate()
	opened, err := c.Decapsulate(ctx, &kms.DecapsulateInput{KeyId: id, EncapsulationAlgorithm: "ML_KEM", SharedSecretCiphertextBlob: ciphertext})
	if err != nil || !bytes.Equal(opened.SharedSecret, shared) {
		t.Errorf("Decapsulate: %v", err)
	}
	sealed, err := c.Encapsulate(ctx, &kms.EncapsulateInput{KeyId: id, EncapsulationAlgorithm: "ML_KEM"})
	if err != nil {
		t.Fatal(err)
	}
	if opened, err = c.Decapsulate(ctx, &kms.DecapsulateInput{KeyId: id, EncapsulationAlgorithm: "ML_KEM", SharedSecretCiphertextBlob: sealed.SharedSecretCiphertextBlob}); err != nil || !bytes.Equal(opened.SharedSecret, sealed.SharedSecret) {
		t.Errorf("Encapsulate and Decapsulate: %v", err)
	}
	_, err = c.Encapsulate(ctx, &kms.EncapsulateInput{KeyId: id, EncapsulationAlgorithm: "ML_KEM", DryRun: aws.Bool(true)})
	want(t, "a dry run", err, answer{http.StatusBadRequest, "DryRunOperationException", "The request would have succeeded, but the DryRun option is set."})
}
