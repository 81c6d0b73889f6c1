package kms

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/testsize"
)

func TestEncryptDecrypt(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	where := map[string]string{"aws:sqs:arn": "arn:aws:sqs:us-east-1:123456789012:q", "b": ""}
	e := must[EncryptOutput](t)(w.Encrypt(home(), &EncryptInput{KeyId: key.KeyId, Plaintext: []byte("hello"), EncryptionContext: where}))
	if e.KeyId != key.Arn || e.EncryptionAlgorithm != "SYMMETRIC_DEFAULT" || len(e.CiphertextBlob) != 5+152 { // [K057]
		t.Errorf("unexpected answer %+v", e)
	}
	if !strings.HasPrefix(base64.StdEncoding.EncodeToString(e.CiphertextBlob), "AQICAH") {
		t.Errorf("the ciphertext does not begin as AWS's do: %x", e.CiphertextBlob[:8])
	}
	d := must[DecryptOutput](t)(w.Decrypt(home(), &DecryptInput{CiphertextBlob: e.CiphertextBlob, EncryptionContext: where}))
	if string(d.Plaintext) != "hello" || d.KeyId != key.Arn || d.KeyMaterialId != key.CurrentKeyMaterialId { // [K058]
		t.Errorf("unexpected answer %+v", d)
	}
	for name, context := range map[string]map[string]string{
		"none":       nil,
		"less":       {"b": ""},
		"other":      {"aws:sqs:arn": "x", "b": ""},
		"more":       {"aws:sqs:arn": where["aws:sqs:arn"], "b": "", "c": ""},
		"other case": {"AWS:sqs:arn": where["aws:sqs:arn"], "b": ""},
		"run over":   {"aws:sqs:arn": where["aws:sqs:arn"] + "b", "": ""},
	} {
		t.Run("K063 "+name, func(t *testing.T) {
			_, err := w.Decrypt(home(), &DecryptInput{CiphertextBlob: e.CiphertextBlob, EncryptionContext: context})
			wantError(t, err, ErrInvalidCiphertext, "")
		})
	}
	if again := w.encrypt(key.KeyId, "hello"); bytes.Equal(again, w.encrypt(key.KeyId, "hello")) {
		t.Error("two ciphertexts of one plaintext are equal")
	}
}

// Whichever bit of a ciphertext is turned, nobody gets a plaintext of it.
func TestTamperedCiphertexts(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	blob := w.encrypt(key.KeyId, "hello")
	for i := range blob {
		tampered := bytes.Clone(blob)
		tampered[i] ^= 1 << (i % 8)
		_, err := w.call(home(), "Decrypt", &DecryptInput{CiphertextBlob: tampered})
		switch got := api.AsError(err).Code; {
		case 5 <= i && i < 28: // the account and the key: nobody's, or nobody may know
			if got != "AccessDeniedException" && got != "InvalidCiphertextException" {
				t.Errorf("byte %d: %v", i, err)
			}
		case got != "InvalidCiphertextException":
			t.Errorf("byte %d: %v", i, err)
		}
		_, err = w.call(home(), "Decrypt", &DecryptInput{CiphertextBlob: tampered, KeyId: key.KeyId})
		if got := api.AsError(err).Code; got != "InvalidCiphertextException" && got != "IncorrectKeyException" {
			t.Errorf("byte %d, with the key's id: %v", i, err)
		}
	}
	for _, bad := range [][]byte{blob[:len(blob)-1], append(bytes.Clone(blob), 0), blob[:overhead-1], {}, []byte("x"), make([]byte, 200)} { // [K063]
		if len(bad) == 0 {
			continue
		}
		_, err := w.call(home(), "Decrypt", &DecryptInput{CiphertextBlob: bad})
		wantError(t, err, ErrInvalidCiphertext, "")
	}
}

func TestIncorrectKey(t *testing.T) {
	w := newTestbed(t)
	key, other, mac := w.newKey(CreateKeyInput{}), w.newKey(CreateKeyInput{}), macKind.make(w)
	rsaDecrypting := w.newKey(CreateKeyInput{KeySpec: SpecRSA2048, KeyUsage: UsageEncryptDecrypt})
	blob := w.encrypt(key.KeyId, "x")
	for _, wrong := range []*KeyMetadata{other, mac, rsaDecrypting} {
		_, err := w.Decrypt(home(), &DecryptInput{CiphertextBlob: blob, KeyId: wrong.KeyId}) // [K052]
		wantError(t, err, ErrIncorrectKey, "The key ID in the request does not identify a CMK that can perform this operation.")
		_, err = w.ReEncrypt(home(), &ReEncryptInput{CiphertextBlob: blob, SourceKeyId: wrong.KeyId, DestinationKeyId: key.KeyId}) // [K053]
		wantError(t, err, ErrIncorrectKey, "The key ID in the request does not identify a CMK that can perform this operation.")
	}
}

func TestReEncrypt(t *testing.T) {
	w := newTestbed(t)
	from, to := w.newKey(CreateKeyInput{}), w.newKey(CreateKeyInput{})
	a, b := map[string]string{"a": "1"}, map[string]string{"b": "2"}
	old := must[EncryptOutput](t)(w.Encrypt(home(), &EncryptInput{KeyId: from.KeyId, Plaintext: []byte("x"), EncryptionContext: a})).CiphertextBlob
	out := must[ReEncryptOutput](t)(w.ReEncrypt(home(), &ReEncryptInput{
		CiphertextBlob: old, SourceEncryptionContext: a, DestinationKeyId: to.KeyId, DestinationEncryptionContext: b,
	}))
	if out.KeyId != to.Arn || out.SourceKeyId != from.Arn || out.SourceEncryptionAlgorithm != "SYMMETRIC_DEFAULT" || out.DestinationEncryptionAlgorithm != "SYMMETRIC_DEFAULT" ||
		out.SourceKeyMaterialId != from.CurrentKeyMaterialId || out.DestinationKeyMaterialId != to.CurrentKeyMaterialId { // [K059]
		t.Errorf("unexpected answer %+v", out)
	}
	for _, c := range []*DecryptInput{{CiphertextBlob: old, EncryptionContext: a}, {CiphertextBlob: out.CiphertextBlob, EncryptionContext: b}} { // [K060]
		if d := must[DecryptOutput](t)(w.Decrypt(home(), c)); string(d.Plaintext) != "x" {
			t.Errorf("plaintext is %q", d.Plaintext)
		}
	}
	sign := signingKind.make(w)
	_, err := w.ReEncrypt(home(), &ReEncryptInput{CiphertextBlob: old, SourceEncryptionContext: a, DestinationKeyId: sign.KeyId}) // [K054]
	wantError(t, err, ErrInvalidKeyUsage, sign.Arn+" key usage is SIGN_VERIFY which is not valid for ReEncrypt.")
	_, err = w.ReEncrypt(home(), &ReEncryptInput{CiphertextBlob: old, DestinationKeyId: to.KeyId})
	wantError(t, err, ErrInvalidCiphertext, "")

	// From symmetric to RSA and back.
	asymmetric := w.newKey(CreateKeyInput{KeySpec: SpecRSA2048, KeyUsage: UsageEncryptDecrypt})
	there := must[ReEncryptOutput](t)(w.ReEncrypt(home(), &ReEncryptInput{
		CiphertextBlob: old, SourceEncryptionContext: a, DestinationKeyId: asymmetric.KeyId, DestinationEncryptionAlgorithm: AlgorithmOAEPSHA1,
	}))
	back := must[ReEncryptOutput](t)(w.ReEncrypt(home(), &ReEncryptInput{
		CiphertextBlob: there.CiphertextBlob, SourceKeyId: asymmetric.KeyId, SourceEncryptionAlgorithm: AlgorithmOAEPSHA1, DestinationKeyId: from.KeyId,
	}))
	if text, err := w.decrypt(home(), back.CiphertextBlob); err != nil || text != "x" || there.DestinationKeyMaterialId != "" || back.SourceKeyMaterialId != "" {
		t.Errorf("decrypts to %q, %v; %+v %+v", text, err, there, back)
	}
}

func TestRSAEncryption(t *testing.T) {
	w := newTestbed(t)
	for spec, most := range map[string][2]int{SpecRSA2048: {214, 190}, SpecRSA3072: {342, 318}, SpecRSA4096: {470, 446}} { // [K062]
		if spec == SpecRSA4096 && !testsize.Full() {
			continue // takes long to make
		}
		key := w.newKey(CreateKeyInput{KeySpec: spec, KeyUsage: UsageEncryptDecrypt})
		for i, algorithm := range []string{AlgorithmOAEPSHA1, AlgorithmOAEPSHA256} {
			text := bytes.Repeat([]byte("x"), most[i])
			e := must[EncryptOutput](t)(w.Encrypt(home(), &EncryptInput{KeyId: key.KeyId, Plaintext: text, EncryptionAlgorithm: algorithm}))
			d := must[DecryptOutput](t)(w.Decrypt(home(), &DecryptInput{KeyId: key.KeyId, CiphertextBlob: e.CiphertextBlob, EncryptionAlgorithm: algorithm}))
			if !bytes.Equal(d.Plaintext, text) || d.KeyMaterialId != "" || d.EncryptionAlgorithm != algorithm {
				t.Errorf("unexpected answer %+v", d)
			}
			_, err := w.Encrypt(home(), &EncryptInput{KeyId: key.KeyId, Plaintext: append(text, 'x'), EncryptionAlgorithm: algorithm})
			wantError(t, err, ErrValidation, fmt.Sprintf("Algorithm %s and key spec %s cannot encrypt data larger than %d bytes.", algorithm, spec, most[i]))
		}
		if spec != SpecRSA2048 {
			continue
		}
		e := must[EncryptOutput](t)(w.Encrypt(home(), &EncryptInput{KeyId: key.KeyId, Plaintext: []byte("x"), EncryptionAlgorithm: AlgorithmOAEPSHA256}))
		_, err := w.Decrypt(home(), &DecryptInput{KeyId: key.KeyId, CiphertextBlob: e.CiphertextBlob, EncryptionAlgorithm: AlgorithmOAEPSHA1})
		wantError(t, err, ErrInvalidCiphertext, "")
		e.CiphertextBlob[9] ^= 1
		_, err = w.Decrypt(home(), &DecryptInput{KeyId: key.KeyId, CiphertextBlob: e.CiphertextBlob, EncryptionAlgorithm: AlgorithmOAEPSHA256})
		wantError(t, err, ErrInvalidCiphertext, "")
		_, err = w.Encrypt(home(), &EncryptInput{KeyId: key.KeyId, Plaintext: []byte("x")})
		wantError(t, err, ErrInvalidKeyUsage, "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.")
		_, err = w.Encrypt(home(), &EncryptInput{KeyId: key.KeyId, Plaintext: []byte("x"), EncryptionAlgorithm: AlgorithmOAEPSHA1, EncryptionContext: map[string]string{"a": "b"}})
		wantError(t, err, ErrValidation, "EncryptionContext is not supported with asymmetric keys.")
		_, err = w.call(home(), "Decrypt", &DecryptInput{CiphertextBlob: e.CiphertextBlob, EncryptionAlgorithm: AlgorithmOAEPSHA1})
		wantError(t, err, ErrValidation, "keyId is required when encryptionAlgorithm is RSAES_OAEP_SHA_1.")
		_, err = w.GenerateDataKey(home(), &GenerateDataKeyInput{KeyId: key.KeyId, KeySpec: DataKeyAES256})
		wantError(t, err, ErrInvalidKeyUsage, "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.")
	}
	key := w.newKey(CreateKeyInput{})
	_, err := w.Encrypt(home(), &EncryptInput{KeyId: key.KeyId, Plaintext: []byte("x"), EncryptionAlgorithm: AlgorithmOAEPSHA1})
	wantError(t, err, ErrInvalidKeyUsage, "Algorithm RSAES_OAEP_SHA_1 is incompatible with key spec SYMMETRIC_DEFAULT.")
}

func TestUsages(t *testing.T) { // [K050] [K051]
	w := newTestbed(t)
	symmetric, sign, mac := symmetricKind.make(w), signingKind.make(w), macKind.make(w)
	for _, c := range []struct {
		operation string
		key       *KeyMetadata
		in        any
	}{
		{"GenerateMac", symmetric, &GenerateMacInput{KeyId: symmetric.KeyId, MacAlgorithm: "HMAC_SHA_256"}},
		{"VerifyMac", symmetric, &VerifyMacInput{KeyId: symmetric.KeyId, MacAlgorithm: "HMAC_SHA_256"}},
		{"Sign", mac, &SignInput{KeyId: mac.KeyId, SigningAlgorithm: "ECDSA_SHA_256"}},
		{"Verify", symmetric, &VerifyInput{KeyId: symmetric.KeyId, SigningAlgorithm: "ECDSA_SHA_256"}},
		{"Encrypt", sign, &EncryptInput{KeyId: sign.KeyId}},
		{"GenerateDataKey", mac, &GenerateDataKeyInput{KeyId: mac.KeyId, KeySpec: DataKeyAES256}},
		{"GenerateDataKeyWithoutPlaintext", mac, &GenerateDataKeyWithoutPlaintextInput{KeyId: mac.KeyId, KeySpec: DataKeyAES256}},
		{"GenerateDataKeyPair", mac, &GenerateDataKeyPairInput{KeyId: mac.KeyId, KeyPairSpec: SpecP256}},
		{"DeriveSharedSecret", sign, &DeriveSharedSecretInput{KeyId: sign.KeyId, KeyAgreementAlgorithm: "ECDH"}},
		{"DeriveSharedSecret", symmetric, &DeriveSharedSecretInput{KeyId: symmetric.KeyId, KeyAgreementAlgorithm: "ECDH"}},
		{"Encapsulate", sign, &EncapsulateInput{KeyId: sign.KeyId, EncapsulationAlgorithm: "ML_KEM"}},
	} {
		wantError(t, w.run(home(), c.operation, c.in), ErrInvalidKeyUsage, c.key.Arn+" key usage is "+c.key.KeyUsage+" which is not valid for "+c.operation+".")
	}
	mac224 := w.newKey(CreateKeyInput{KeySpec: SpecHMAC224, KeyUsage: UsageGenerateVerifyMac})
	for operation, in := range map[string]any{ // [K055]
		"GenerateMac": &GenerateMacInput{KeyId: mac224.KeyId, MacAlgorithm: "HMAC_SHA_256"}, "VerifyMac": &VerifyMacInput{KeyId: mac224.KeyId, MacAlgorithm: "HMAC_SHA_256"},
	} {
		wantError(t, w.run(home(), operation, in), ErrInvalidKeyUsage, "Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224.")
	}
	wantError(t, w.run(home(), "Sign", &SignInput{KeyId: sign.KeyId, SigningAlgorithm: "ECDSA_SHA_512"}), ErrInvalidKeyUsage,
		"Algorithm ECDSA_SHA_512 is incompatible with key spec ECC_NIST_P256.")
	_, err := w.GetPublicKey(home(), &GetPublicKeyInput{KeyId: symmetric.KeyId})
	wantError(t, err, ErrUnsupportedOperation, symmetric.Arn+" is not an asymmetric key.")
}

// TestConstraints has what the constraints on the shapes say.
func TestConstraints(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	b64 := func(n int) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }
	const detected = "1 validation error detected: Value "
	const at = " failed to satisfy constraint: Member must "
	for _, c := range []struct{ name, operation, body, message string }{
		{"K061", "Encrypt", `{"Plaintext":"` + b64(4097) + `"}`, detected + "at 'plaintext'" + at + "have length less than or equal to 4096"},
		{"M014", "Encrypt", `{"Plaintext":""}`, detected + "at 'plaintext'" + at + "have length greater than or equal to 1"},
		{"blob of 6,145 bytes", "Decrypt", `{"CiphertextBlob":"` + b64(6145) + `"}`, detected + "at 'ciphertextBlob'" + at + "have length less than or equal to 6144"},
		{"no blob", "Decrypt", `{}`, detected + "null at 'ciphertextBlob'" + at + "not be null"},
		{"no blob to reencrypt", "ReEncrypt", `{"DestinationKeyId":"` + key.KeyId + `"}`, detected + "null at 'ciphertextBlob'" + at + "not be null"},
		{"ignored blob without key", "Decrypt", `{"DryRun":true,"DryRunModifiers":["IGNORE_CIPHERTEXT"],"KeyId":null}`, detected + "null at 'keyId'" + at + "not be null"},
		{"modifier without dry run", "Decrypt", `{"CiphertextBlob":"` + b64(200) + `","DryRunModifiers":["IGNORE_CIPHERTEXT"]}`, "DryRunModifiers can only be specified when DryRun is true."},
		{"K072", "GenerateRandom", `{}`, "NumberOfBytes is required."},
		{"K073 none", "GenerateRandom", `{"NumberOfBytes":0}`, detected + "'0' at 'numberOfBytes'" + at + "have value greater than or equal to 1"},
		{"K073 too many", "GenerateRandom", `{"NumberOfBytes":1025}`, detected + "'1025' at 'numberOfBytes'" + at + "have value less than or equal to 1024"},
		{"neither size", "GenerateDataKey", `{}`, "Please specify either number of bytes or key spec."},
		{"both sizes", "GenerateDataKey", `{"KeySpec":"AES_256","NumberOfBytes":32}`, "Please specify either number of bytes or key spec."},
		{"K083", "DeriveSharedSecret", `{"KeyAgreementAlgorithm":"INVALID","PublicKey":"AA=="}`, detected + "'INVALID' at 'keyAgreementAlgorithm'" + at + "satisfy enum value set: [ECDH]"},
		{"K056", "GenerateMac", `{"MacAlgorithm":"INVALID","Message":"AA=="}`, detected + "'INVALID' at 'macAlgorithm'" + at + "satisfy enum value set: [HMAC_SHA_384, HMAC_SHA_256, HMAC_SHA_224, HMAC_SHA_512]"},
		{"eleven tokens", "Encrypt", `{"Plaintext":"AA==","GrantTokens":["1","2","3","4","5","6","7","8","9","10","11"]}`, detected + "'[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]' at 'grantTokens'" + at + "have length less than or equal to 10"},
		{"attestation", "GenerateRandom", `{"NumberOfBytes":1,"Recipient":{"AttestationDocument":"AA==","KeyEncryptionAlgorithm":"RSAES_OAEP_SHA_256"}}`,
			"The attestation document is not signed by the AWS Nitro Enclaves root of trust."},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := c.body
			if !strings.Contains(body, "KeyId") && c.operation != "GenerateRandom" && c.operation != "Decrypt" {
				body = `{"KeyId":"` + key.KeyId + `",` + strings.TrimPrefix(body, "{")
				body = strings.Replace(body, ",}", "}", 1)
			}
			_, err := w.json(home(), c.operation, body)
			wantError(t, err, ErrValidation, c.message)
		})
	}
}

func TestDataKeys(t *testing.T) {
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	for _, c := range []struct {
		in   GenerateDataKeyInput
		want int
	}{
		{GenerateDataKeyInput{KeySpec: DataKeyAES256}, 32},
		{GenerateDataKeyInput{KeySpec: DataKeyAES128}, 16},
		{GenerateDataKeyInput{NumberOfBytes: ptr(1024)}, 1024},
		{GenerateDataKeyInput{NumberOfBytes: ptr(1), EncryptionContext: map[string]string{"a": "b"}}, 1},
	} {
		c.in.KeyId = key.KeyId
		g := must[GenerateDataKeyOutput](t)(w.GenerateDataKey(home(), &c.in))
		if len(g.Plaintext) != c.want || len(g.CiphertextBlob) != c.want+152 || g.KeyId != key.Arn || g.KeyMaterialId != key.CurrentKeyMaterialId { // [K066]
			t.Errorf("%d bytes of plaintext, %d of ciphertext, %+v", len(g.Plaintext), len(g.CiphertextBlob), g)
		}
		d := must[DecryptOutput](t)(w.Decrypt(home(), &DecryptInput{CiphertextBlob: g.CiphertextBlob, EncryptionContext: c.in.EncryptionContext})) // [K067]
		if !bytes.Equal(d.Plaintext, g.Plaintext) {
			t.Error("the blob does not decrypt to the data key")
		}
	}
	out, err := w.json(home(), "GenerateDataKeyWithoutPlaintext", `{"KeyId":"`+key.KeyId+`","KeySpec":"AES_256"}`)
	if err != nil || strings.Contains(out, "Plaintext\"") || !strings.Contains(out, "CiphertextBlob") {
		t.Errorf("answer is %s, %v", out, err)
	}
	pair := must[GenerateDataKeyPairWithoutPlaintextOutput](t)(w.GenerateDataKeyPairWithoutPlaintext(home(), &GenerateDataKeyPairWithoutPlaintextInput{KeyId: key.KeyId, KeyPairSpec: SpecMLKEM512}))
	if pair.KeyPairSpec != SpecMLKEM512 || len(pair.PublicKey) < 800 || pair.KeyId != key.Arn { // [K068]
		t.Errorf("unexpected answer %+v", pair)
	}
	_, err = w.GenerateDataKeyPair(home(), &GenerateDataKeyPairInput{KeyId: key.KeyId, KeyPairSpec: "SM2"})
	wantError(t, err, ErrUnsupportedOperation, "SM2 is not supported in this Region.")
	one, two := must[GenerateRandomOutput](t)(w.GenerateRandom(home(), &GenerateRandomInput{NumberOfBytes: ptr(1024)})), must[GenerateRandomOutput](t)(w.GenerateRandom(home(), &GenerateRandomInput{NumberOfBytes: ptr(1024)}))
	if len(one.Plaintext) != 1024 || bytes.Equal(one.Plaintext, two.Plaintext) { // [K071]
		t.Error("not random")
	}
}

// dryRuns are the operations with a DryRun parameter.
func TestDryRun(t *testing.T) { // [K070]
	for operation, sample := range samples {
		w := newTestbed(t)
		key := sample.kind.make(w)
		in := sample.prepare(w, key)
		if !setDryRun(in) {
			continue
		}
		t.Run(operation, func(t *testing.T) {
			_, err := w.call(home(), operation, in)
			wantError(t, err, ErrDryRun, "The request would have succeeded, but the DryRun option is set.")
			_, err = w.call(by(testRegion, role(testAccount, "plain")), operation, in)
			if !ErrAccessDenied.Is(api.AsError(err)) {
				t.Errorf("without permission: %v", err)
			}
			inState(w, key.Arn, StatePendingDeletion)
			if operation != "RetireGrant" && operation != "RevokeGrant" {
				wantError(t, w.run(home(), operation, in), ErrInvalidState, key.Arn+" is pending deletion.")
			}
		})
	}
	w := newTestbed(t)
	key := w.newKey(CreateKeyInput{})
	for _, modifiers := range [][]string{nil, {"IGNORE_CIPHERTEXT"}} {
		_, err := w.call(home(), "Decrypt", &DecryptInput{KeyId: key.KeyId, CiphertextBlob: []byte("x"), DryRun: true, DryRunModifiers: modifiers})
		if modifiers == nil {
			wantError(t, err, ErrInvalidCiphertext, "")
		} else {
			wantError(t, err, ErrDryRun, ErrDryRun.Message)
		}
	}
	_, err := w.call(home(), "ReEncrypt", &ReEncryptInput{SourceKeyId: key.KeyId, DestinationKeyId: key.KeyId, DryRun: true, DryRunModifiers: []string{"IGNORE_CIPHERTEXT"}})
	wantError(t, err, ErrDryRun, ErrDryRun.Message)
}

// A dry run tells what would keep the call from succeeding, to the data.
func TestDryRunFindsWhatIsWrong(t *testing.T) {
	w := newTestbed(t)
	symmetric := w.newKey(CreateKeyInput{})
	rsa := w.newKey(CreateKeyInput{KeySpec: SpecRSA2048, KeyUsage: UsageEncryptDecrypt})
	mac := macKind.make(w)
	const tooLong = "Algorithm RSAES_OAEP_SHA_256 and key spec RSA_2048 cannot encrypt data larger than 190 bytes."
	long := make([]byte, 191)
	sealed := must[EncryptOutput](t)(w.Encrypt(home(), &EncryptInput{KeyId: symmetric.KeyId, Plaintext: long})).CiphertextBlob
	for _, c := range []struct {
		operation string
		in        any
		err       *api.Error
		text      string
	}{
		{"Encrypt", &EncryptInput{KeyId: rsa.KeyId, EncryptionAlgorithm: AlgorithmOAEPSHA256, Plaintext: long, DryRun: true}, ErrValidation, tooLong},
		{"ReEncrypt", &ReEncryptInput{CiphertextBlob: sealed, DestinationKeyId: rsa.KeyId, DestinationEncryptionAlgorithm: AlgorithmOAEPSHA256, DryRun: true}, ErrValidation, tooLong},
		{"Decrypt", &DecryptInput{CiphertextBlob: sealed, EncryptionContext: map[string]string{"a": "b"}, DryRun: true}, ErrInvalidCiphertext, ""},
		{"GenerateDataKey", &GenerateDataKeyInput{KeyId: symmetric.KeyId, DryRun: true}, ErrValidation, "Please specify either number of bytes or key spec."},
		{"GenerateDataKeyPair", &GenerateDataKeyPairInput{KeyId: symmetric.KeyId, KeyPairSpec: "SM2", DryRun: true}, ErrUnsupportedOperation, "SM2 is not supported in this Region."},
		{"GenerateMac", &GenerateMacInput{KeyId: mac.KeyId, Message: long, MacAlgorithm: "HMAC_SHA_512", DryRun: true}, ErrInvalidKeyUsage, "Algorithm HMAC_SHA_512 is incompatible with key spec HMAC_256."},
		{"VerifyMac", &VerifyMacInput{KeyId: mac.KeyId, Message: long, Mac: long, MacAlgorithm: "HMAC_SHA_256", DryRun: true}, ErrInvalidMac, ""},
		{"RevokeGrant", &RevokeGrantInput{KeyId: symmetric.KeyId, GrantId: "none", DryRun: true}, ErrNotFound, "Grant ID none not found"},
	} {
		_, err := w.call(home(), c.operation, c.in)
		wantError(t, err, c.err, c.text)
	}
}

func FuzzDecrypt(f *testing.F) {
	w := newTestbed(f)
	key := must[CreateKeyOutput](f)(w.CreateKey(home(), &CreateKeyInput{})).KeyMetadata
	blob := w.encrypt(key.KeyId, "hello")
	f.Add(blob)
	f.Add(blob[:overhead])
	f.Add([]byte(format))
	f.Fuzz(func(t *testing.T, b []byte) {
		w.t = t
		if len(b) == 0 {
			return
		}
		out, err := w.call(home(), "Decrypt", &DecryptInput{CiphertextBlob: b})
		if err == nil && string(out.(*DecryptOutput).Plaintext) != "hello" {
			t.Errorf("%x decrypts", b)
		}
		if code := api.AsError(err).Code; err != nil && code != "InvalidCiphertextException" && code != "AccessDeniedException" {
			t.Error(err)
		}
	})
}
