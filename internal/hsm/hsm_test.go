package hsm

import (
	"bytes"
	"errors"
	"testing"
)

func TestWrapUnwrap(t *testing.T) {
	m, err := New(NewRootKey())
	if err != nil {
		t.Fatal(err)
	}
	key := []byte("0123456789abcdef0123456789abcdef")
	wrapped := m.Wrap(key, "kms/1")
	if bytes.Contains(wrapped, key) {
		t.Fatal("the wrapped key shows the key")
	}
	if got, err := m.Unwrap(wrapped, "kms/1"); err != nil || !bytes.Equal(got, key) {
		t.Fatalf("Unwrap = %q, %v", got, err)
	}
	if _, err := m.Unwrap(wrapped, "kms/2"); !errors.Is(err, ErrWrapped) {
		t.Errorf("another label: %v", err)
	}
	other, err := New(NewRootKey())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Unwrap(wrapped, "kms/1"); !errors.Is(err, ErrWrapped) {
		t.Errorf("another root key: %v", err)
	}
	if _, err := m.Unwrap(wrapped[:5], "kms/1"); !errors.Is(err, ErrWrapped) {
		t.Errorf("cut short: %v", err)
	}
}

func TestRootKeySize(t *testing.T) {
	if _, err := New(make([]byte, 16)); err == nil {
		t.Error("a root key of 16 bytes was accepted")
	}
}
