// Package hsm stands in for the hardware security modules of AWS: it holds the
// one root key, which never leaves it and is never stored with the data, and
// wraps other keys with it.
//
// It wraps the backing keys of KMS and the data keys that Amazon SQS owns
// (SSE-SQS).
package hsm

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
)

// KeySize is the size of a root key in bytes.
const KeySize = 32

// Module wraps keys by AES-256-GCM under its root key.
type Module struct {
	aead cipher.AEAD
}

// NewRootKey is a fresh root key.
func NewRootKey() []byte {
	key := make([]byte, KeySize)
	if _, err := rand.Read(key); err != nil {
		panic("hsm: " + err.Error()) // crypto/rand never fails
	}
	return key
}

// New is a module with the given root key of KeySize bytes.
func New(rootKey []byte) (*Module, error) {
	if len(rootKey) != KeySize {
		return nil, fmt.Errorf("hsm: a root key has %d bytes, this has %d", KeySize, len(rootKey))
	}
	block, err := aes.NewCipher(rootKey)
	if err != nil {
		return nil, fmt.Errorf("hsm: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("hsm: %w", err)
	}
	return &Module{aead}, nil
}

// Wrap encrypts key and binds it to label, which says what the key is.
func (m *Module) Wrap(key []byte, label string) []byte {
	return m.aead.Seal(nil, nil, key, []byte(label))
}

// ErrWrapped says that a wrapped key was not made with this root key and label.
var ErrWrapped = errors.New("hsm: the wrapped key does not open with this root key")

// Unwrap is the inverse of Wrap. It fails with ErrWrapped.
func (m *Module) Unwrap(wrapped []byte, label string) ([]byte, error) {
	key, err := m.aead.Open(nil, nil, wrapped, []byte(label))
	if err != nil {
		return nil, ErrWrapped
	}
	return key, nil
}
