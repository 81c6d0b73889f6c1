package envelope

import (
	"bytes"
	"crypto/rand"
	"sync"

	"github.com/waxseal/waxseal/internal/hsm"
)

// Owned are the data keys of a service's own encryption (SSE-SQS). They are
// wrapped by the HSM, without KMS: no key policy applies to them and no event
// is recorded. Each resource has one per run of the server. It is safe for
// concurrent use.
type Owned struct {
	hsm *hsm.Module

	mu      sync.Mutex
	encrypt map[string]*Key // by resource
	held    map[string]*Key // by wrapped data key
}

// NewOwned makes data keys with module.
func NewOwned(module *hsm.Module) *Owned {
	return &Owned{hsm: module, encrypt: map[string]*Key{}, held: map[string]*Key{}}
}

const dataKeySize = 32

// Encryption is the resource's current data key.
func (o *Owned) Encryption(resource string) (*Key, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if key := o.encrypt[resource]; key != nil {
		return key, nil
	}
	plaintext := make([]byte, dataKeySize)
	if _, err := rand.Read(plaintext); err != nil {
		return nil, err
	}
	key, err := newKey("", o.hsm.Wrap(plaintext, label(resource)), plaintext)
	clear(plaintext)
	if err != nil {
		return nil, err
	}
	o.encrypt[resource], o.held[string(key.Wrapped)] = key, key
	return key, nil
}

// Decryption is the data key that was stored as wrapped by Encryption(resource).
func (o *Owned) Decryption(resource string, wrapped []byte) (*Key, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if key := o.held[string(wrapped)]; key != nil {
		return key, nil
	}
	plaintext, err := o.hsm.Unwrap(wrapped, label(resource))
	if err != nil {
		return nil, err
	}
	key, err := newKey("", bytes.Clone(wrapped), plaintext)
	clear(plaintext)
	if err != nil {
		return nil, err
	}
	o.held[string(wrapped)] = key
	return key, nil
}

// Forget drops the data keys of a resource that was deleted.
func (o *Owned) Forget(resource string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if key := o.encrypt[resource]; key != nil {
		delete(o.held, string(key.Wrapped))
		delete(o.encrypt, resource)
	}
}

func label(resource string) string { return "data key of " + resource }

// NewOwnedKey is a data key for one thing, such as an object, that the caller keeps
// wrapped beside what it encrypts. label says what the thing is.
func NewOwnedKey(module *hsm.Module, label string) (*Key, error) {
	plaintext := make([]byte, dataKeySize)
	if _, err := rand.Read(plaintext); err != nil {
		return nil, err
	}
	defer clear(plaintext)
	return newKey("", module.Wrap(plaintext, label), plaintext)
}

// OpenOwnedKey is the data key that NewOwnedKey made with the label.
func OpenOwnedKey(module *hsm.Module, wrapped []byte, label string) (*Key, error) {
	plaintext, err := module.Unwrap(wrapped, label)
	if err != nil {
		return nil, err
	}
	defer clear(plaintext)
	return newKey("", wrapped, plaintext)
}
