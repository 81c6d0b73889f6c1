// Package ids makes identifiers: of requests, messages, keys, principals.
//
// They come from one Source, which can be seeded so that a test sees the same
// ids in every run. Nothing secret is ever taken from here: key material,
// access keys and tokens come from crypto/rand.
package ids

import (
	"crypto/rand"
	"encoding/hex"
	"io"
	"math/big"
	mathrand "math/rand/v2"
	"sync"

	"github.com/google/uuid"
)

// Source makes identifiers. It is safe for concurrent use.
type Source struct {
	mu sync.Mutex
	r  io.Reader
	// pool holds bytes for UUIDs, of which every request takes a few; left is
	// how many of them are not used yet.
	pool [64 * 16]byte
	left int
}

// New is a source of unpredictable ids.
func New() *Source { return &Source{r: rand.Reader} }

// NewSeeded is a source whose ids are the same for the same seed.
func NewSeeded(seed uint64) *Source {
	var key [32]byte
	for i := range 8 {
		key[i] = byte(seed >> (8 * i))
	}
	return &Source{r: mathrand.NewChaCha8(key)}
}

func (s *Source) read(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fill(b)
}

func (s *Source) fill(b []byte) {
	if _, err := io.ReadFull(s.r, b); err != nil {
		panic("ids: " + err.Error()) // neither reader ever fails
	}
}

// UUID is a random (version 4) UUID: request ids, message ids, key ids.
func (s *Source) UUID() string { return s.NewUUID().String() }

// NewUUID is the same, not yet a text.
func (s *Source) NewUUID() uuid.UUID {
	u := s.random()
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return u
}

// ParseUUID is the UUID of a text, where that is what the UUID is printed as: in lower case.
func ParseUUID(text string) (u uuid.UUID, ok bool) {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return uuid.Nil, false
	}
	at := 0
	for i := range u {
		if text[at] == '-' {
			at++
		}
		high, low := digits[text[at]], digits[text[at+1]]
		if high|low > 15 {
			return uuid.Nil, false
		}
		u[i] = high<<4 | low
		at += 2
	}
	return u, true
}

// digits are the values of the hexadecimal digits in lower case, and of all else one that
// no digit has.
var digits = func() (values [256]byte) {
	for c := range values {
		values[c] = 0xff
	}
	for value, c := range "0123456789abcdef" {
		values[c] = byte(value)
	}
	return values
}()

func (s *Source) random() (u uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == 0 {
		s.fill(s.pool[:])
		s.left = len(s.pool)
	}
	s.left -= copy(u[:], s.pool[len(s.pool)-s.left:])
	return u
}

// Hex is n random hexadecimal digits, lower case.
func (s *Source) Hex(n int) string {
	b := make([]byte, (n+1)/2)
	s.read(b)
	return hex.EncodeToString(b)[:n]
}

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

// Principal is an IAM unique id: prefix (AIDA a user, AROA a role, AGPA a
// group, ANPA a managed policy …) and 17 characters.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids.
func (s *Source) Principal(prefix string) string {
	b := make([]byte, 17)
	s.read(b)
	return prefix + encode(b)
}

func encode(b []byte) string {
	for i := range b {
		b[i] = base32[b[i]%32]
	}
	return string(b)
}

// AccessKey is a new access key id: prefix (AKIA, or ASIA for temporary
// credentials) and 16 characters. It identifies, so it need not be secret, but
// nobody may make it twice: always from crypto/rand.
func AccessKey(prefix string) string {
	b := make([]byte, 16)
	must(rand.Read(b))
	return prefix + encode(b)
}

const secretAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// Secret is a random text of n characters of the alphabet of AWS's secret
// access keys, from crypto/rand.
func Secret(n int) string {
	b := make([]byte, n)
	must(rand.Read(b))
	for i := range b {
		b[i] = secretAlphabet[b[i]%64]
	}
	return string(b)
}

// Serial is a random positive number of 127 bits, from crypto/rand: the serial
// number of a certificate.
func Serial() *big.Int {
	b := make([]byte, 16)
	must(rand.Read(b))
	b[0] &= 0x7f
	return new(big.Int).SetBytes(b)
}

func must(_ int, err error) {
	if err != nil {
		panic("ids: " + err.Error()) // crypto/rand never fails
	}
}
