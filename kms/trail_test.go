package kms

import (
	"testing"

	"github.com/waxseal/waxseal/internal/wire"
)

// TestTrail has what CloudTrail records show of a call's parameters [F1] [F7],
// once it has been through its checks.
func TestTrail(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	where := map[string]string{"aws:sqs:arn": "q"}
	blob := must[EncryptOutput](t)(w.Encrypt(home(), &EncryptInput{KeyId: key.KeyId, Plaintext: []byte("x"), EncryptionContext: where})).CiphertextBlob
	for _, c := range []struct {
		operation string
		in        any
		want      string
	}{
		{"GenerateDataKey", &GenerateDataKeyInput{KeyId: key.KeyId, KeySpec: DataKeyAES256, EncryptionContext: where},
			`{"encryptionContext":{"aws:sqs:arn":"q"},"keyId":"` + key.KeyId + `","keySpec":"AES_256"}`},
		{"Decrypt", &DecryptInput{CiphertextBlob: blob, EncryptionContext: where},
			`{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"aws:sqs:arn":"q"}}`},
		{"Encrypt", &EncryptInput{KeyId: key.KeyId, Plaintext: []byte("x")}, `{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","keyId":"` + key.KeyId + `"}`},
		{"CreateKey", &CreateKeyInput{}, `{"bypassPolicyLockoutSafetyCheck":false,"keySpec":"SYMMETRIC_DEFAULT","keyUsage":"ENCRYPT_DECRYPT","multiRegion":false,"origin":"AWS_KMS"}`},
		{"CreateCustomKeyStore", &CreateCustomKeyStoreInput{
			CustomKeyStoreName: "n", KeyStorePassword: "secret", XksProxyAuthenticationCredential: &XksProxyAuthenticationCredentialType{"id", "secret"},
		}, `{"customKeyStoreName":"n","xksProxyAuthenticationCredential":{}}`},
	} {
		w.checksOf(home(), c.operation, c.in)
		if got := string(wire.TrailParameters(nil, c.in)); got != c.want {
			t.Errorf("%s: record shows\n\t%s, want\n\t%s", c.operation, got, c.want)
		}
	}
	for _, out := range []any{
		&GenerateDataKeyOutput{CiphertextBlob: blob, Plaintext: blob}, &DecryptOutput{Plaintext: blob}, &SignOutput{Signature: blob},
		&GenerateMacOutput{Mac: blob}, &DeriveSharedSecretOutput{SharedSecret: blob}, &GenerateRandomOutput{Plaintext: blob},
		&EncapsulateOutput{SharedSecret: blob, SharedSecretCiphertextBlob: blob}, &GetParametersForImportOutput{ImportToken: blob},
		&GenerateDataKeyPairOutput{PrivateKeyPlaintext: blob, PrivateKeyCiphertextBlob: blob}, &CreateGrantOutput{GrantToken: "secret"},
	} {
		if got := string(wire.TrailParameters(nil, out)); len(got) > 60 {
			t.Errorf("%T: record shows %s", out, got)
		}
	}
}
