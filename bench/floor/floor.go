// Package floor is a server that does as little as possible per request with
// the layers that waxseal has, too: net/http and a router, Signature Version 4,
// JSON, MD5 and ids, AES-256-GCM, a store. It decides nothing, finds nothing and
// remembers no queue: nothing on net/http that does those layers is much cheaper,
// so what waxseal needs is told as a ratio to it.
package floor

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/gorilla/mux"
)

// Server answers SendMessage and SendMessageBatch of SQS, and Encrypt, Decrypt
// and GenerateDataKey of KMS.
type Server struct {
	verify verifier
	gcm    cipher.AEAD
	store  Store
	calls  map[string]func(body []byte) ([]byte, error)
}

// New is a server that stores what is sent in a store.
func New(store Store) *Server {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // the key is of a right length
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // the block cipher is AES
	}
	s := &Server{gcm: gcm, store: store}
	s.calls = map[string]func([]byte) ([]byte, error){
		"AmazonSQS.SendMessage":        s.send,
		"AmazonSQS.SendMessageBatch":   s.sendBatch,
		"TrentService.Encrypt":         s.encrypt,
		"TrentService.Decrypt":         s.decrypt,
		"TrentService.GenerateDataKey": s.dataKey,
	}
	return s
}

// Handler has the server behind the router that waxseal has.
func (s *Server) Handler() http.Handler {
	m := mux.NewRouter()
	m.Handle("/", s).Methods(http.MethodGet, http.MethodPost)
	m.HandleFunc("/health", func(http.ResponseWriter, *http.Request) {}).Methods(http.MethodGet)
	m.Handle("/{account}/{queue}", s).Methods(http.MethodGet, http.MethodPost)
	return m
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := s.verify.check(r.Header.Get, r.Host, r.URL.Path, body); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	target := r.Header.Get("X-Amz-Target")
	call := s.calls[target]
	if call == nil {
		http.Error(w, fmt.Sprintf("no operation %q", target), http.StatusBadRequest)
		return
	}
	out, err := call(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/x-amz-json-1.0")
	h.Set("Content-Length", strconv.Itoa(len(out)))
	_, _ = w.Write(out) // a client that has gone needs no answer
}

// seal encrypts with a new nonce, which it puts in front.
func (s *Server) seal(plaintext, associated []byte) []byte {
	n := s.gcm.NonceSize()
	nonce := make([]byte, n, n+len(plaintext)+s.gcm.Overhead())
	_, _ = rand.Read(nonce) // never fails
	return s.gcm.Seal(nonce, nonce, plaintext, associated)
}

func (s *Server) send(body []byte) ([]byte, error) {
	var in struct{ QueueUrl, MessageBody string }
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	payload := []byte(in.MessageBody)
	if err := s.store.Put(s.seal(payload, []byte(in.QueueUrl))); err != nil {
		return nil, err
	}
	sum := md5.Sum(payload)
	return json.Marshal(struct{ MessageId, MD5OfMessageBody string }{newID(), hex.EncodeToString(sum[:])})
}

// sendBatch does not encrypt, so that it is a little lower than need be.
func (s *Server) sendBatch(body []byte) ([]byte, error) {
	var in struct {
		QueueUrl string
		Entries  []struct{ Id, MessageBody string }
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	type result struct{ Id, MessageId, MD5OfMessageBody string }
	out := struct{ Successful []result }{make([]result, len(in.Entries))}
	for i, e := range in.Entries {
		payload := []byte(e.MessageBody)
		sum := md5.Sum(payload)
		if err := s.store.Put(payload); err != nil {
			return nil, err
		}
		out.Successful[i] = result{e.Id, newID(), hex.EncodeToString(sum[:])}
	}
	return json.Marshal(out)
}

func (s *Server) encrypt(body []byte) ([]byte, error) {
	var in struct {
		KeyId     string
		Plaintext []byte
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		CiphertextBlob []byte
		KeyId          string
	}{s.seal(in.Plaintext, nil), in.KeyId})
}

func (s *Server) decrypt(body []byte) ([]byte, error) {
	var in struct{ CiphertextBlob []byte }
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	n := s.gcm.NonceSize()
	if len(in.CiphertextBlob) < n {
		return nil, errors.New("a ciphertext is longer")
	}
	plaintext, err := s.gcm.Open(nil, in.CiphertextBlob[:n], in.CiphertextBlob[n:], nil)
	if err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		KeyId     string
		Plaintext []byte
	}{"k", plaintext})
}

func (s *Server) dataKey(body []byte) ([]byte, error) {
	var in struct{ KeyId, KeySpec string }
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, err
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return json.Marshal(struct {
		CiphertextBlob, Plaintext []byte
		KeyId                     string
	}{s.seal(key, nil), key, in.KeyId})
}

// newID is a random UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var out [36]byte
	hex.Encode(out[:8], b[:4])
	hex.Encode(out[9:13], b[4:6])
	hex.Encode(out[14:18], b[6:8])
	hex.Encode(out[19:23], b[8:10])
	hex.Encode(out[24:], b[10:])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	return string(out[:])
}
