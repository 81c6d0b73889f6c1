// Package envelope is the envelope encryption of the services that keep
// messages: data keys from KMS, and the rules by which a service reuses them.
//
// A service caches data keys per resource (a queue, a topic) and requester
// (api.Caller.Requester) for the resource's reuse period, and asks KMS with the
// caller's own permissions when a copy has run out. So a key that is disabled or
// denied stops a queue within the period, not at once, as on AWS. The cost is
// that of AWS's published formula:
//
//   - The first encryption in a period costs a GenerateDataKey and a Decrypt,
//     which verifies the new data key, as that requester.
//   - The first decryption in a period costs one Decrypt as that requester. It
//     shows that the requester may use the KMS key with that encryption context:
//     for the rest of the period it pays nothing for any such data key that the
//     service still holds.
//   - A data key that the service no longer holds costs a Decrypt.
//
// Encryption and decryption are separate: a producer that may encrypt has not
// shown that it may decrypt.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html.
package envelope

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
)

// DefaultReuse is the reuse period of a queue that names none, and of every topic.
const DefaultReuse = 300 * time.Second

// KMS is what an encrypting service needs of KMS. Both calls are made, and
// authorized, as the caller of ctx's request.
type KMS interface {
	// GenerateDataKey makes an AES-256 data key for the resource of an ARN, under the
	// KMS key that keyID names in any form: an id or alias that names no account is of
	// the resource's owner, whoever calls. wrapped opens with Decrypt and the same context.
	GenerateDataKey(ctx context.Context, resource, keyID string, encryptionContext map[string]string) (plaintext, wrapped []byte, keyARN string, err error)
	Decrypt(ctx context.Context, wrapped []byte, encryptionContext map[string]string) (plaintext []byte, err error)
}

// Key is a data key that is ready for use.
type Key struct {
	// ARN is the KMS key that wraps it; empty for a key that the service owns.
	ARN string
	// Wrapped is the encrypted data key, to be stored beside what it encrypts.
	Wrapped []byte
	// ID is IDSize bytes that tell Wrapped from others.
	ID string

	aead cipher.AEAD
}

// IDSize is the length of a Key's ID.
const IDSize = 8

func newKey(arn string, wrapped, plaintext []byte) (*Key, error) {
	block, err := aes.NewCipher(plaintext)
	if err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	sum := sha256.Sum256(wrapped)
	return &Key{arn, wrapped, string(sum[:IDSize]), aead}, nil
}

// NonceSize is how many bytes of a sealed text are its nonce; the rest is the
// ciphertext with its tag.
const NonceSize = 12

// Overhead is how many bytes longer a sealed text is than its plaintext.
const Overhead = NonceSize + 16

// Seal encrypts plaintext and binds it to additional data.
func (k *Key) Seal(plaintext, additional []byte) []byte {
	return k.aead.Seal(nil, nil, plaintext, additional)
}

// AppendSealed appends to b what Seal returns for a text. The additional data
// are the additional texts, concatenated.
func (k *Key) AppendSealed(b []byte, text string, additional ...string) []byte {
	s := takeScratch()
	defer s.put()
	s.plaintext = append(s.plaintext, text...)
	return k.aead.Seal(b, nil, s.plaintext, s.join(additional))
}

// OpenText is the inverse of AppendSealed.
func (k *Key) OpenText(sealed []byte, additional ...string) (string, error) {
	s := takeScratch()
	defer s.put()
	plaintext, err := k.aead.Open(s.plaintext, nil, sealed, s.join(additional))
	if err != nil {
		return "", damaged(err)
	}
	s.plaintext = plaintext
	return string(plaintext), nil
}

func damaged(err error) error {
	return fmt.Errorf("envelope: stored ciphertext is damaged: %w", err)
}

// scratch holds texts as bytes while they are encrypted or decrypted. It is
// reused, so that no call allocates it.
type scratch struct{ plaintext, additional []byte }

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// maxScratch is the longest plaintext whose scratch is kept for others.
const maxScratch = 64 << 10

func takeScratch() *scratch { return scratches.Get().(*scratch) }

func (s *scratch) put() {
	if cap(s.plaintext) <= maxScratch {
		s.plaintext, s.additional = s.plaintext[:0], s.additional[:0]
		scratches.Put(s)
	}
}

func (s *scratch) join(texts []string) []byte {
	for _, text := range texts {
		s.additional = append(s.additional, text...)
	}
	return s.additional
}

// Open is the inverse of Seal.
func (k *Key) Open(sealed, additional []byte) ([]byte, error) {
	plaintext, err := k.aead.Open(nil, nil, sealed, additional)
	if err != nil {
		return nil, damaged(err)
	}
	return plaintext, nil
}

// Use says what a data key is needed for.
type Use struct {
	Resource string // ARN of the queue or topic
	KeyID    string // the KMS key as configured there; needed for encryption only
	Reuse    time.Duration
	// Context is the encryption context.
	Context map[string]string
	// Unverified: a new data key costs no Decrypt, as of S3, whose writers need not be able to
	// read [S261].
	Unverified bool
	// Sessions: each session of a role pays for itself, as in S3 [S265].
	Sessions bool
}

// Cache holds the data keys of one service. It is safe for concurrent use.
type Cache struct {
	kms   KMS
	clock clock.Clock

	mu        sync.Mutex
	resources map[string]*resource
}

// NewCache is an empty cache.
func NewCache(kms KMS, clock clock.Clock) *Cache {
	return &Cache{kms: kms, clock: clock, resources: map[string]*resource{}}
}

// resource holds the copies of one queue or topic. Its lock is kept while KMS
// is asked, so that requests that arrive together cost one data key.
type resource struct {
	mu       sync.Mutex
	encrypts map[requesterKey]copied    // by the key as configured
	decrypts map[requesterKey]time.Time // by KMS key ARN: when KMS last allowed the requester to use the key
	held     map[string]copied          // by wrapped data key
	swept    time.Time
	usage    usage
}

// requesterKey is a requester, a KMS key and an encryption context. The context is part
// of it because messages that were moved from another queue keep that queue's context,
// and a key policy may allow one context and not the other.
type requesterKey struct{ requester, key, context string }

func (u *Use) requesterKey(ctx context.Context, key string) requesterKey {
	caller := api.RequestFrom(ctx).Caller
	requester := caller.Requester()
	if u.Sessions && caller.Session != nil {
		requester += "#" + caller.ARN + "#" + caller.AccessKeyID
	}
	return requesterKey{requester, key, u.contextText()}
}

// contextText identifies an encryption context. A service gives one entry, of
// the same name always, so its value is enough to tell contexts apart, and
// nothing is allocated.
func (u *Use) contextText() string {
	if len(u.Context) == 1 {
		for _, value := range u.Context {
			return value
		}
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(u.Context)) {
		fmt.Fprintf(&b, "%q=%q,", name, u.Context[name])
	}
	return b.String()
}

type copied struct {
	key   *Key
	since time.Time
}

func (c *Cache) resource(arn string) *resource {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.resources[arn]
	if r == nil {
		r = &resource{
			encrypts: map[requesterKey]copied{},
			decrypts: map[requesterKey]time.Time{},
			held:     map[string]copied{},
		}
		c.resources[arn] = r
	}
	return r
}

// Forget drops what is held for a resource that was deleted.
func (c *Cache) Forget(resource string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.resources, resource)
}

// Encryption is the data key with which the caller of ctx's request encrypts
// now. Its errors are KMS's.
func (c *Cache) Encryption(ctx context.Context, use Use) (*Key, error) {
	requester := use.requesterKey(ctx, use.KeyID)
	r := c.resource(use.Resource)
	r.mu.Lock()
	defer r.mu.Unlock()
	now := c.clock.Now()
	if e, ok := r.encrypts[requester]; ok && fresh(e.since, now, use.Reuse) {
		return e.key, nil
	}
	key, err := Generate(ctx, counted{c.kms, &r.usage}, use)
	if err != nil {
		return nil, err
	}
	r.usage.note(ctx, requester, key.ARN, false, now)
	r.sweep(now, use.Reuse)
	r.encrypts[requester] = copied{key, now}
	r.held[string(key.Wrapped)] = copied{key, now}
	return key, nil
}

var errVerification = errors.New("envelope: KMS opened a new data key to something else")

// Generate is a new data key of KMS, which is not kept for others.
func Generate(ctx context.Context, kms KMS, use Use) (*Key, error) {
	plaintext, wrapped, arn, err := kms.GenerateDataKey(ctx, use.Resource, use.KeyID, use.Context)
	if err != nil {
		return nil, err
	}
	defer clear(plaintext)
	if use.Unverified {
		return newKey(arn, wrapped, plaintext)
	}
	opened, err := kms.Decrypt(ctx, wrapped, use.Context)
	if err != nil {
		return nil, err
	}
	defer clear(opened)
	if !bytes.Equal(plaintext, opened) {
		return nil, errVerification
	}
	return newKey(arn, wrapped, plaintext)
}

// Decryption is the data key that was stored as wrapped, under the KMS key of
// the given ARN, if the caller of ctx's request may use it. Its errors are KMS's.
func (c *Cache) Decryption(ctx context.Context, use Use, wrapped []byte, keyARN string) (*Key, error) {
	requester := use.requesterKey(ctx, keyARN)
	r := c.resource(use.Resource)
	r.mu.Lock()
	defer r.mu.Unlock()
	now := c.clock.Now()
	since, ok := r.decrypts[requester]
	authorized := ok && fresh(since, now, use.Reuse)
	if h, ok := r.held[string(wrapped)]; ok && authorized && fresh(h.since, now, use.Reuse) {
		return h.key, nil
	}
	key, err := Open(ctx, counted{c.kms, &r.usage}, use, wrapped, keyARN)
	if err != nil {
		return nil, err
	}
	r.sweep(now, use.Reuse)
	if !authorized {
		r.usage.note(ctx, requester, keyARN, true, now)
		r.decrypts[requester] = now
	}
	r.held[string(wrapped)] = copied{key, now}
	return key, nil
}

// Open is the data key that was stored as wrapped, as KMS opens it now.
func Open(ctx context.Context, kms KMS, use Use, wrapped []byte, keyARN string) (*Key, error) {
	plaintext, err := kms.Decrypt(ctx, wrapped, use.Context)
	if err != nil {
		return nil, err
	}
	defer clear(plaintext)
	return newKey(keyARN, bytes.Clone(wrapped), plaintext)
}

// Derive is a new data key that k wraps, and that is bound to a label: of one object of a
// bucket, say, where k is the bucket's.
func (k *Key) Derive(label string) (*Key, error) {
	plaintext := make([]byte, dataKeySize)
	if _, err := rand.Read(plaintext); err != nil {
		return nil, err
	}
	defer clear(plaintext)
	return newKey(k.ARN, k.Seal(plaintext, []byte(label)), plaintext)
}

// Derived is the data key that Derive made with the label.
func (k *Key) Derived(wrapped []byte, label string) (*Key, error) {
	plaintext, err := k.Open(wrapped, []byte(label))
	if err != nil {
		return nil, err
	}
	defer clear(plaintext)
	return newKey(k.ARN, wrapped, plaintext)
}

// fresh reports whether a copy may still be used: one that is exactly as old as
// the period has expired.
func fresh(since, now time.Time, reuse time.Duration) bool {
	return now.Sub(since) < reuse
}

// sweep drops expired copies, once in each reuse period, so that plaintext data
// keys do not stay in memory.
func (r *resource) sweep(now time.Time, reuse time.Duration) {
	if fresh(r.swept, now, reuse) {
		return
	}
	r.swept = now
	for k, e := range r.encrypts {
		if !fresh(e.since, now, reuse) {
			delete(r.encrypts, k)
		}
	}
	for k, since := range r.decrypts {
		if !fresh(since, now, reuse) {
			delete(r.decrypts, k)
		}
	}
	for k, h := range r.held {
		if !fresh(h.since, now, reuse) {
			delete(r.held, k)
		}
	}
}
