package s3

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"sync"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/store"
)

// order is the place of a version among those of its key: 16 hexadecimal digits, the
// newest version first.
type order string

func orderOf(sequence uint64) order { return order(fmt.Sprintf("%016x", ^sequence)) }

// sequence is the number that an order was made of; 0 where it is none.
func (o order) sequence() uint64 {
	n, err := strconv.ParseUint(string(o), 16, 64)
	if err != nil {
		return 0
	}
	return ^n
}

// sequencer makes numbers that grow: microseconds by the clock, but more than any number
// before. It is safe for concurrent use.
type sequencer struct {
	clock clock.Clock
	mu    sync.Mutex
	last  uint64
}

func (s *sequencer) next() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = max(s.last+1, uint64(max(0, s.clock.Now().UnixMicro())))
	return s.last
}

// after is a number for the next version of a key, given one that the sequencer made: it
// is greater than that of the newest version that is there, whatever the clock was when
// that was made.
func (s *Service) after(r store.Reader, b *bucket, key string, sequence uint64) uint64 {
	for _, newest := range s.objects.Scan(r, b.versionsOf(key), "", 1) {
		return max(sequence, newest.Order.sequence()+1)
	}
	return sequence
}

// versionIDs makes version ids: 32 characters that tell the order of the version, and
// that nobody can make up [S161] [S008]. The key is made once and kept in the state,
// wrapped by the HSM.
type versionIDs struct {
	engine store.Engine
	hsm    *hsm.Module
	mu     sync.Mutex
	key    []byte // nil: not loaded yet
}

const (
	secretLabel   = "version ids of s3"
	orderSize     = 8
	versionIDSize = 24
)

// versionAlphabet is that of version ids: letters, digits, dot and underscore.
var versionAlphabet = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._").WithPadding(base64.NoPadding).Strict()

// secret is the key of the ids.
func (v *versionIDs) secret(ctx context.Context) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.key != nil {
		return v.key, nil
	}
	key := make([]byte, sha256.Size)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	fresh := v.hsm.Wrap(key, secretLabel)
	var wrapped []byte
	err := v.engine.Update(ctx, func(tx store.Tx) error {
		if wrapped = tx.Get(secretKey); wrapped == nil {
			wrapped = fresh
			tx.Put(secretKey, fresh)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if key, err = v.hsm.Unwrap(wrapped, secretLabel); err != nil {
		return nil, fmt.Errorf("s3: the key of version ids: %w", err)
	}
	v.key = key
	return key, nil
}

// versionID is the id of the version of a sequence number.
func versionID(secret []byte, sequence uint64) string {
	var id [versionIDSize]byte
	binary.BigEndian.PutUint64(id[:], sequence)
	mac := sum(secret, id[:orderSize])
	copy(id[orderSize:], mac)
	mask(secret, &id)
	return versionAlphabet.EncodeToString(id[:])
}

// readVersionID is the order that a version id tells; false: it is none of this state's.
func readVersionID(secret []byte, text string) (order, bool) {
	b, err := versionAlphabet.DecodeString(text)
	if err != nil || len(b) != versionIDSize {
		return "", false
	}
	id := [versionIDSize]byte(b)
	mask(secret, &id)
	if !hmac.Equal(sum(secret, id[:orderSize])[:versionIDSize-orderSize], id[orderSize:]) {
		return "", false
	}
	return orderOf(binary.BigEndian.Uint64(id[:])), true
}

// mask hides the number in an id, or shows it again: ids look as if they were random.
func mask(secret []byte, id *[versionIDSize]byte) {
	for i, b := range sum(secret, id[orderSize:])[:orderSize] {
		id[i] ^= b
	}
}

func sum(secret, of []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write(of)
	return mac.Sum(nil)
}
