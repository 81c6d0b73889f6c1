package kms_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/waxseal/waxseal/kms"
	"github.com/waxseal/waxseal/server"
)

// What issue-worthy slowness would be is measured against a bare handler: it
// reads the same request, does the same AES-GCM work and writes the same
// answer, and knows no callers, policies or records. The server takes the
// request through its dispatcher; neither uses a socket.

// post is one call of KMS, without a connection.
func post(b *testing.B, h http.Handler, operation string, body []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "http://localhost:4566/", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "TrentService."+operation)
	r.Header.Set("X-Amz-Date", "20260115T120000Z")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=123456789012/20260115/us-east-1/kms/aws4_request, SignedHeaders=host;x-amz-date, Signature="+
		"0000000000000000000000000000000000000000000000000000000000000000")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		b.Fatalf("%s: %d %s", operation, w.Code, w.Body)
	}
	return w
}

func jsonOf(b *testing.B, v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		b.Fatal(err)
	}
	return text
}

func read[T any](b *testing.B, w *httptest.ResponseRecorder) (v T) {
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		b.Fatal(err)
	}
	return v
}

func newServer(b *testing.B) (h http.Handler, keyID string) {
	s, err := server.New(context.Background(), server.Config{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	out := read[struct{ KeyMetadata struct{ KeyId string } }](b, post(b, s, "CreateKey", []byte("{}")))
	return s, out.KeyMetadata.KeyId
}

// bareHandler is AES-256-GCM behind HTTP and JSON.
func bareHandler(b *testing.B) http.Handler {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		b.Fatal(err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		b.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			b.Fatal(err)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if r.Header.Get("X-Amz-Target") == "TrentService.Decrypt" {
			var in kms.DecryptInput
			if err := json.Unmarshal(body, &in); err != nil {
				b.Fatal(err)
			}
			plaintext, err := aead.Open(nil, nil, in.CiphertextBlob, canonical(in.EncryptionContext))
			if err != nil {
				b.Fatal(err)
			}
			_, _ = w.Write(jsonOf(b, map[string]any{"Plaintext": plaintext, "KeyId": "arn", "KeyMaterialId": "id", "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}))
			return
		}
		var in kms.GenerateDataKeyInput
		if err := json.Unmarshal(body, &in); err != nil {
			b.Fatal(err)
		}
		plaintext := make([]byte, 32)
		_, _ = rand.Read(plaintext)
		blob := aead.Seal(nil, nil, plaintext, canonical(in.EncryptionContext))
		_, _ = w.Write(jsonOf(b, map[string]any{"Plaintext": plaintext, "CiphertextBlob": blob, "KeyId": "arn", "KeyMaterialId": "id"}))
	})
}

func canonical(m map[string]string) []byte {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	var data []byte
	for _, name := range names {
		data = append(binary.BigEndian.AppendUint32(data, uint32(len(name))), name...)
		data = append(binary.BigEndian.AppendUint32(data, uint32(len(m[name]))), m[name]...)
	}
	return data
}

var where = map[string]string{"aws:sqs:arn": "arn:aws:sqs:us-east-1:123456789012:orders"}

func benchmarkGenerate(b *testing.B, h http.Handler, keyID string) {
	body := jsonOf(b, map[string]any{"KeyId": keyID, "KeySpec": "AES_256", "EncryptionContext": where})
	b.ReportAllocs()
	for b.Loop() {
		post(b, h, "GenerateDataKey", body)
	}
}

func benchmarkOpen(b *testing.B, h http.Handler, keyID string) {
	body := jsonOf(b, map[string]any{"KeyId": keyID, "KeySpec": "AES_256", "EncryptionContext": where})
	key := read[struct{ CiphertextBlob []byte }](b, post(b, h, "GenerateDataKey", body))
	body = jsonOf(b, map[string]any{"CiphertextBlob": key.CiphertextBlob, "EncryptionContext": where})
	b.ReportAllocs()
	for b.Loop() {
		post(b, h, "Decrypt", body)
	}
}

func BenchmarkDispatchedGenerateDataKey(b *testing.B) {
	h, keyID := newServer(b)
	benchmarkGenerate(b, h, keyID)
}

func BenchmarkDispatchedDecrypt(b *testing.B) {
	h, keyID := newServer(b)
	benchmarkOpen(b, h, keyID)
}

func BenchmarkBareHandlerGenerateDataKey(b *testing.B) { benchmarkGenerate(b, bareHandler(b), "key") }

func BenchmarkBareHandlerDecrypt(b *testing.B) { benchmarkOpen(b, bareHandler(b), "key") }
