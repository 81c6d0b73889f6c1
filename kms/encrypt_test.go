package kms

import (
	"bytes"
	"testing"
)

func TestEncryptDecrypt(t *testing.T) {
	w := newWorld(t)
	key := w.newKey(CreateKeyInput{})
	where := map[string]string{"aws:sqs:arn": "arn:aws:sqs:us-east-1:123456789012:q", "b": ""}
	e := must[EncryptOutput](t)(w.Encrypt(home(), &EncryptInput{KeyId: key.KeyId, Plaintext: []byte("hello"), EncryptionContext: where}))
	if e.KeyId != key.Arn || e.EncryptionAlgorithm != "SYMMETRIC_DEFAULT" || len(e.CiphertextBlob) != 5+152 { // K057
		t.Errorf("unexpected answer %+v", e)
	}
	d := must[DecryptOutput](t)(w.Decrypt(home(), &DecryptInput{CiphertextBlob: e.CiphertextBlob, EncryptionContext: where}))
	if string(d.Plaintext) != "hello" || d.KeyId != key.Arn || d.KeyMaterialId != key.CurrentKeyMaterialId { // K058
		t.Errorf("unexpected answer %+v", d)
	}
	for name, context := range map[string]map[string]string{
		"none":  nil,
		"less":  {"b": ""},
		"other": {"aws:sqs:arn": "x", "b": ""},
		"more":  {"aws:sqs:arn": where["aws:sqs:arn"], "b": "", "c": ""},
	} {
		t.Run("K063 "+name, func(t *testing.T) {
			_, err := w.Decrypt(home(), &DecryptInput{CiphertextBlob: e.CiphertextBlob, EncryptionContext: context})
			wantError(t, err, ErrInvalidCiphertext, "")
		})
	}
}

func TestGenerateDataKey(t *testing.T) {
	w := newWorld(t)
	key := w.newKey(CreateKeyInput{})
	g := must[GenerateDataKeyOutput](t)(w.GenerateDataKey(home(), &GenerateDataKeyInput{KeyId: key.Arn, KeySpec: DataKeyAES256}))
	if len(g.Plaintext) != 32 || len(g.CiphertextBlob) != 184 {
		t.Errorf("%d bytes of plaintext, %d of ciphertext", len(g.Plaintext), len(g.CiphertextBlob))
	}
	d := must[DecryptOutput](t)(w.Decrypt(home(), &DecryptInput{CiphertextBlob: g.CiphertextBlob}))
	if !bytes.Equal(d.Plaintext, g.Plaintext) {
		t.Error("the blob does not decrypt to the data key")
	}
}
