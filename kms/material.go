package kms

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/waxseal/waxseal/internal/store"
)

// secret is new or imported key material on its way into the store.
type secret struct {
	id    string
	bytes []byte
}

// newSecret is material of the key of the given id. The material's own id is
// derived from it, so that importing the same bytes again gives the same id,
// as it does on AWS, and is no help in finding them.
func newSecret(keyID string, bytes []byte) secret {
	mac := hmac.New(sha256.New, bytes)
	mac.Write([]byte("waxseal: id of the material of KMS key " + keyID))
	return secret{hex.EncodeToString(mac.Sum(nil)), bytes}
}

// randomBytes are n bytes from the system's cryptographic source.
func randomBytes(n int) []byte {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		panic("kms: " + err.Error()) // crypto/rand never fails
	}
	return b
}

// materialLabel binds wrapped material to its key. It names no region, for the
// keys of a multi-Region key share their material.
func materialLabel(account, keyID, materialID string) string {
	return "kms/" + account + "/" + keyID + "/" + materialID
}

// putSecret stores material, wrapped.
func (s *Service) putSecret(tx store.Tx, k *keyRecord, m secret) {
	tx.Put(materialBucket+k.key()+"/"+m.id, s.hsm.Wrap(m.bytes, materialLabel(k.Account, k.ID, m.id)))
}

// backing is one piece of a key's material, unwrapped and prepared for use.
type backing struct {
	aead   cipher.AEAD
	header []byte // of the ciphertexts that it makes
}

// backing prepares the material of the given id of key k.
func (s *Service) backing(ctx context.Context, k *keyRecord, materialID string) (*backing, error) {
	key := k.key() + "/" + materialID
	if b := s.backings.get(key); b != nil {
		return b, nil
	}
	var wrapped []byte
	err := s.engine.View(ctx, func(r store.Reader) error {
		wrapped = append(wrapped, r.Get(materialBucket+key)...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	bytes, err := s.hsm.Unwrap(wrapped, materialLabel(k.Account, k.ID, materialID))
	if err != nil {
		return nil, fmt.Errorf("kms: material %s of %s: %w", materialID, k.arn, err)
	}
	b, err := prepare(k, materialID, bytes)
	if err != nil {
		return nil, fmt.Errorf("kms: material %s of %s: %w", materialID, k.arn, err)
	}
	s.backings.put(key, b)
	return b, nil
}

func prepare(k *keyRecord, materialID string, bytes []byte) (*backing, error) {
	block, err := aes.NewCipher(bytes)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &backing{aead: aead, header: header(k, materialID)}, nil
}

// backingCache keeps prepared backings, so that unwrapping and key schedules
// are paid once. It forgets some of them when it is full.
type backingCache struct {
	mu   sync.RWMutex
	size int
	m    map[string]*backing
}

func newBackingCache(size int) *backingCache {
	return &backingCache{size: size, m: map[string]*backing{}}
}

func (c *backingCache) get(key string) *backing {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.m[key]
}

func (c *backingCache) put(key string, b *backing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for old := range c.m {
		if len(c.m) < c.size {
			break
		}
		delete(c.m, old)
	}
	c.m[key] = b
}

func (c *backingCache) drop(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.m, key)
}
