package kms

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"testing"
)

// The price of an operation is measured from the resolved caller to the
// output, with its authorization, and compared with a handler that does the
// same AES-GCM work and nothing else. BenchmarkBare… is that handler.

var benchContext = map[string]string{"aws:sqs:arn": "arn:aws:sqs:us-east-1:123456789012:orders"}

// stages takes a call through check, decision and operation.
func stages(ctx context.Context, b *testing.B, w *testbed, name string) func(in any) any {
	description := w.API()
	for i := range description.Operations {
		op := &description.Operations[i]
		if op.Name != name {
			continue
		}
		return func(in any) any {
			resolved, err := op.Resolve(ctx, in)
			if err == nil {
				err = authorize(ctx, &description, op, resolved.Checks)
			}
			if err != nil {
				b.Fatal(err)
			}
			out, err := op.Call(ctx, in, resolved)
			if err != nil {
				b.Fatal(err)
			}
			return out
		}
	}
	b.Fatalf("there is no operation %s", name)
	return nil
}

func benchTestbed(b *testing.B) (*testbed, *KeyMetadata, context.Context) {
	w := newTestbed(b)
	key := must[CreateKeyOutput](b)(w.CreateKey(home(), &CreateKeyInput{})).KeyMetadata
	return w, key, by(testRegion, role(testAccount, "producer", allow("kms:GenerateDataKey kms:Decrypt kms:Encrypt", "*")))
}

func BenchmarkGenerateDataKey(b *testing.B) {
	w, key, ctx := benchTestbed(b)
	call := stages(ctx, b, w, "GenerateDataKey")
	in := &GenerateDataKeyInput{KeyId: key.Arn, KeySpec: DataKeyAES256, EncryptionContext: benchContext}
	b.ReportAllocs()
	for b.Loop() {
		call(in)
	}
}

func BenchmarkDecrypt(b *testing.B) {
	w, key, ctx := benchTestbed(b)
	blob := must[GenerateDataKeyOutput](b)(w.GenerateDataKey(home(), &GenerateDataKeyInput{KeyId: key.Arn, KeySpec: DataKeyAES256, EncryptionContext: benchContext})).CiphertextBlob
	call := stages(ctx, b, w, "Decrypt")
	in := &DecryptInput{CiphertextBlob: blob, EncryptionContext: benchContext}
	b.ReportAllocs()
	for b.Loop() {
		call(in)
	}
}

func BenchmarkHandlerGenerateDataKey(b *testing.B) {
	w, key, ctx := benchTestbed(b)
	in := &GenerateDataKeyInput{KeyId: key.Arn, KeySpec: DataKeyAES256, EncryptionContext: benchContext}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.GenerateDataKey(ctx, in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHandlerDecrypt(b *testing.B) {
	w, key, ctx := benchTestbed(b)
	blob := must[GenerateDataKeyOutput](b)(w.GenerateDataKey(home(), &GenerateDataKeyInput{KeyId: key.Arn, KeySpec: DataKeyAES256, EncryptionContext: benchContext})).CiphertextBlob
	in := &DecryptInput{CiphertextBlob: blob, EncryptionContext: benchContext}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Decrypt(ctx, in); err != nil {
			b.Fatal(err)
		}
	}
}

// bare is AES-256-GCM with a random nonce, ready for use.
func bare(b *testing.B) cipher.AEAD {
	block, err := aes.NewCipher(randomBytes(32))
	if err != nil {
		b.Fatal(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		b.Fatal(err)
	}
	return aead
}

func BenchmarkBareGenerateDataKey(b *testing.B) {
	aead := bare(b)
	b.ReportAllocs()
	for b.Loop() {
		plaintext := randomBytes(32)
		aead.Seal(nil, nil, plaintext, authenticated(make([]byte, headerSize), benchContext))
	}
}

func BenchmarkBareDecrypt(b *testing.B) {
	aead := bare(b)
	data := authenticated(make([]byte, headerSize), benchContext)
	blob := aead.Seal(nil, nil, randomBytes(32), data)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := aead.Open(nil, nil, blob, authenticated(make([]byte, headerSize), benchContext)); err != nil {
			b.Fatal(err)
		}
	}
}
