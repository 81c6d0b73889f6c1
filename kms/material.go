package kms

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"github.com/waxseal/waxseal/internal/store"
)

// secret is new or imported key material on its way into the store: the key
// itself of symmetric and HMAC keys, PKCS #8 of all others.
type secret struct {
	id     string
	bytes  []byte
	public []byte
}

// newSecret is material of the key of the given id. The material's own id is
// derived from it, so that importing the same bytes again gives the same id,
// as it does on AWS, and is no help in finding them.
func newSecret(keyID string, bytes []byte) secret {
	mac := hmac.New(sha256.New, bytes)
	mac.Write([]byte("waxseal: id of the material of KMS key " + keyID))
	return secret{id: hex.EncodeToString(mac.Sum(nil)), bytes: bytes}
}

// record is what the key's record says of the material.
func (m secret) record() material { return material{ID: m.id, Public: m.public} }

// errMaterial says that bytes are no material of a spec.
var errMaterial = errors.New("kms: not key material of this spec")

// parseSecret checks bytes to be material of the spec.
func (spec keySpec) parseSecret(keyID string, bytes []byte) (secret, error) {
	m := newSecret(keyID, bytes)
	if spec.family == symmetric || spec.family == hmacKey {
		if len(bytes) != spec.size {
			return m, errMaterial
		}
		return m, nil
	}
	pair, err := spec.parsePair(bytes)
	if err != nil {
		return m, err
	}
	m.public, err = pair.public()
	return m, err
}

// newMaterial makes material of the spec. Of large RSA keys it takes seconds.
func (spec keySpec) newMaterial() ([]byte, error) {
	if spec.family == symmetric || spec.family == hmacKey {
		return randomBytes(spec.size), nil
	}
	pair, err := spec.newPair()
	if err != nil {
		return nil, err
	}
	return pair.private()
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

// dropSecret deletes material, from memory too.
func (s *Service) dropSecret(tx store.Tx, k *keyRecord, materialID string) {
	tx.Delete(materialBucket + k.key() + "/" + materialID)
	s.backings.drop(backingName{k.key(), materialID})
}

// backing is one piece of a key's material, unwrapped and prepared for use.
type backing struct {
	// aead and header are of symmetric keys, mac of HMAC keys, pair of all others.
	aead   cipher.AEAD
	header []byte
	mac    []byte
	pair   keyPair
}

// current is the material that the key uses for new work.
func (s *Service) current(ctx context.Context, k *key) (*backing, error) {
	return s.backing(ctx, k.keyRecord, k.Current)
}

// backing prepares the material of the given id of key k.
func (s *Service) backing(ctx context.Context, k *keyRecord, materialID string) (*backing, error) {
	name := backingName{k.key(), materialID}
	if b := s.backings.get(name); b != nil {
		return b, nil
	}
	bytes, err := s.unwrap(ctx, k, materialID)
	if err != nil {
		return nil, err
	}
	b, err := k.prepare(materialID, bytes)
	if err != nil {
		return nil, fmt.Errorf("kms: material %s of %s: %w", materialID, k.arn, err)
	}
	s.backings.put(name, b)
	return b, nil
}

// unwrap reads material from the store.
func (s *Service) unwrap(ctx context.Context, k *keyRecord, materialID string) ([]byte, error) {
	var wrapped []byte
	err := s.engine.View(ctx, func(r store.Reader) error {
		wrapped = r.Get(materialBucket + k.key() + "/" + materialID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if wrapped == nil {
		// It was deleted since the key was looked at.
		return nil, key{k, StateUnavailable}.stateError()
	}
	bytes, err := s.hsm.Unwrap(wrapped, materialLabel(k.Account, k.ID, materialID))
	if err != nil {
		return nil, fmt.Errorf("kms: material %s of %s: %w", materialID, k.arn, err)
	}
	return bytes, nil
}

func (k *keyRecord) prepare(materialID string, bytes []byte) (*backing, error) {
	switch spec := k.spec(); spec.family {
	case symmetric:
		block, err := aes.NewCipher(bytes)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		return &backing{aead: aead, header: header(k, materialID)}, err
	case hmacKey:
		return &backing{mac: bytes}, nil
	default:
		pair, err := spec.parsePair(bytes)
		return &backing{pair: pair}, err
	}
}

// backingCache keeps prepared backings, so that unwrapping and key schedules
// are paid once. It forgets some of them when it is full.
type backingCache struct {
	mu   sync.RWMutex
	size int
	m    map[backingName]*backing
}

// backingName is a key's record and a piece of its material.
type backingName struct{ key, material string }

func newBackingCache(size int) *backingCache {
	return &backingCache{size: size, m: map[backingName]*backing{}}
}

func (c *backingCache) get(name backingName) *backing {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.m[name]
}

func (c *backingCache) put(name backingName, b *backing) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for old := range c.m {
		if len(c.m) < c.size {
			break
		}
		delete(c.m, old)
	}
	c.m[name] = b
}

func (c *backingCache) drop(name backingName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.m, name)
}
