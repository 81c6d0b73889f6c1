package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"hash"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
)

// skew is how far a request's date may be from the present.
const skew = 15 * time.Minute

const isoBasic = "20060102T150405Z"

// maxKeys bounds the derived signing keys that a Verifier keeps.
const maxKeys = 1000

// Verifier verifies signatures. It is safe for concurrent use.
type Verifier struct {
	regions *arn.Regions
	mu      sync.RWMutex
	keys    map[scope]*signingKey
}

// scope is what a signing key is derived from.
type scope struct {
	secret, date, region, service string
}

// NewVerifier is a verifier that has derived no keys yet. Requests are signed for
// one of regions; nil: AWS's.
func NewVerifier(regions *arn.Regions) *Verifier {
	return &Verifier{regions: regions, keys: map[scope]*signingKey{}}
}

// Verify checks that s, the signature of r, was made with the secret, over all
// that it claims and over body, the whole body of r. now is the real time. r
// must be as it arrived, with its path and Host. The errors are those
// of errors.go, and api.ErrInvalidToken.
func (v *Verifier) Verify(s *Signature, r *http.Request, body []byte, secret string, now time.Time) *api.Error {
	if s.Version == V2 {
		return api.ErrInvalidToken
	}
	if err := s.malformed(); err != nil {
		return err
	}
	at, text, err := s.time()
	if err != nil {
		return err
	}
	for _, check := range []*api.Error{s.inTime(at, now), s.signsEnough(r), s.knownAlgorithm(), s.wellFormed(), s.inScope(text, v.regions)} {
		if check != nil {
			return check
		}
	}
	return v.compare(s, r, text, body, secret)
}

// InRegion is the error for a credential scope that names a region that does
// not exist. It is for signatures that cannot be verified because the secret is
// unknown; Verify checks the others.
func (s *Signature) InRegion(regions *arn.Regions) *api.Error {
	if _, known := regions.Find(s.Region); known || s.Region == "" {
		return nil
	}
	return ErrSignature.With(strings.TrimSpace(noRegion(s.Region)))
}

func noRegion(region string) string {
	return "Credential should be scoped to a valid region, not '" + region + "'. "
}

// InScope is the error for a credential scope that names another service than
// the one that was called.
func (s *Signature) InScope(service string) *api.Error {
	if s.Version == V4 && s.malformed() == nil && s.wellFormed() == nil && s.Service != service {
		return ErrSignature.Withf("Credential should be scoped to correct service: '%s'.", service)
	}
	return nil
}

// time is when the request says it was signed, also in ISO 8601 basic format.
func (s *Signature) time() (time.Time, string, *api.Error) {
	if t, ok := parseBasic(s.timestamp); ok {
		return t, s.timestamp, nil
	}
	if t, err := http.ParseTime(s.timestamp); err == nil && !s.Presigned {
		t = t.UTC()
		return t, t.Format(isoBasic), nil
	}
	return time.Time{}, "", ErrIncomplete.Withf("Date must be in ISO-8601 'basic format'. Got '%s'. See http://en.wikipedia.org/wiki/ISO_8601", s.timestamp)
}

// parseBasic reads a time of the form of isoBasic; time.Parse takes several times as long.
func parseBasic(text string) (t time.Time, ok bool) {
	if len(text) != len(isoBasic) || text[8] != 'T' || text[15] != 'Z' {
		return t, false
	}
	number := func(from, to int) (n int) {
		for _, c := range []byte(text[from:to]) {
			if c < '0' || c > '9' {
				return -1
			}
			n = 10*n + int(c-'0')
		}
		return n
	}
	year, month, day := number(0, 4), number(4, 6), number(6, 8)
	hour, minute, second := number(9, 11), number(11, 13), number(13, 15)
	t = time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	// What is out of range, time.Date carries over.
	gotYear, gotMonth, gotDay := t.Date()
	gotHour, gotMinute, gotSecond := t.Clock()
	return t, year >= 0 && [...]int{year, month, day, hour, minute, second} == [...]int{gotYear, int(gotMonth), gotDay, gotHour, gotMinute, gotSecond}
}

func (s *Signature) inTime(at, now time.Time) *api.Error {
	now = now.UTC().Truncate(time.Second)
	if earliest := now.Add(-skew); at.Before(earliest) {
		return ErrSignature.Withf("Signature expired: %s is now earlier than %s (%s - 15 min.)", at.Format(isoBasic), earliest.Format(isoBasic), now.Format(isoBasic))
	}
	if latest := now.Add(skew); at.After(latest) {
		return ErrSignature.Withf("Signature not yet current: %s is still later than %s (%s + 15 min.)", at.Format(isoBasic), latest.Format(isoBasic), now.Format(isoBasic))
	}
	return nil
}

// signsEnough checks that the headers that decide where a request goes are
// signed.
func (s *Signature) signsEnough(r *http.Request) *api.Error {
	host, target := false, r.Header["X-Amz-Target"] == nil
	for name := range strings.SplitSeq(s.signedHeaders, ";") {
		host = host || strings.EqualFold(name, "host") || name == ":authority"
		target = target || strings.EqualFold(name, "x-amz-target")
	}
	switch {
	case !host:
		return ErrSignature.With("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	case !target:
		return ErrSignature.With("'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.")
	}
	return nil
}

func (s *Signature) knownAlgorithm() *api.Error {
	if s.algorithm != algorithmV4 {
		return ErrIncomplete.Withf("Unsupported AWS 'algorithm': '%s'.", s.algorithm)
	}
	return nil
}

func (s *Signature) wellFormed() *api.Error {
	if strings.Count(strings.TrimRight(s.credential, "/"), "/") != 4 {
		return ErrIncomplete.Withf("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '%s'", s.credential)
	}
	return nil
}

// inScope checks the form of the credential scope: a region of AWS's form, the
// terminator, and the date at which the request was signed.
func (s *Signature) inScope(at string, regions *arn.Regions) *api.Error {
	var wrong []string
	if _, known := regions.Find(s.Region); !known {
		wrong = append(wrong, noRegion(s.Region))
	}
	if s.terminator != terminator {
		wrong = append(wrong, "Credential should be scoped with a valid terminator: 'aws4_request', not '"+s.terminator+"'. ")
	}
	if day := at[:len("20060102")]; s.date != day {
		wrong = append(wrong, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '"+
			s.date+"' != '"+day+"', from '"+at+"'.")
	}
	if wrong == nil {
		return nil
	}
	return ErrSignature.With(strings.TrimSpace(strings.Join(wrong, "")))
}

// buffers hold canonical requests while they are hashed.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// compare computes the signature that the client should have sent and compares
// it, trying the variants in which clients differ. at is the date in ISO 8601
// basic format.
func (v *Verifier) compare(s *Signature, r *http.Request, at string, body []byte, secret string) *api.Error {
	key := v.key(scope{secret, s.date, s.Region, s.Service})
	sum := sha256.Sum256(body)
	var payload [2 * sha256.Size]byte
	hex.Encode(payload[:], sum[:])
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	var cause *Mismatch
	hosts, paths := hosts(r.Host), paths(r.URL.EscapedPath())
	for _, host := range hosts.all() {
		for _, path := range paths.all() {
			b := s.canonical((*buffer)[:0], r, host, path, payload[:])
			n := len(b)
			b = s.stringToSign(b, at, sha256.Sum256(b))
			signed := len(b)
			b = key.appendMAC(b, b[n:])
			*buffer = b
			var digits [2 * sha256.Size]byte
			hex.Encode(digits[:], b[signed:])
			if subtle.ConstantTimeCompare(digits[:], []byte(s.signature)) == 1 {
				return nil
			}
			if cause == nil {
				cause = &Mismatch{string(b[:n]), string(b[n:signed])}
			}
		}
	}
	e := *ErrSignature
	e.Cause = cause
	return &e
}

// stringToSign appends what is signed: the date, the scope and the hash of the canonical request.
func (s *Signature) stringToSign(b []byte, at string, canonical [sha256.Size]byte) []byte {
	b = append(append(b, algorithmV4...), '\n')
	b = append(append(b, at...), '\n')
	for _, part := range []string{s.date, s.Region, s.Service} {
		b = append(append(b, part...), '/')
	}
	b = append(append(b, terminator...), '\n')
	return hex.AppendEncode(b, canonical[:])
}

// key is the signing key of a scope.
func (v *Verifier) key(of scope) *signingKey {
	v.mu.RLock()
	key := v.keys[of]
	v.mu.RUnlock()
	if key != nil {
		return key
	}
	derived := mac([]byte("AWS4"+of.secret), []byte(of.date))
	for _, part := range []string{of.region, of.service, terminator} {
		derived = mac(derived, []byte(part))
	}
	key = newSigningKey(derived)
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.keys) >= maxKeys {
		clear(v.keys)
	}
	v.keys[of] = key
	return key
}

func mac(key, text []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(text)
	return h.Sum(nil)
}

// signingKey makes the MACs of a scope. Its hashes have gone through the key
// already, which is half of the work of a short text.
type signingKey struct{ hashes sync.Pool }

func newSigningKey(key []byte) *signingKey {
	k := new(signingKey)
	k.hashes.New = func() any { return hmac.New(sha256.New, key) }
	return k
}

// appendMAC appends the MAC of text to b.
func (k *signingKey) appendMAC(b, text []byte) []byte {
	h := k.hashes.Get().(hash.Hash)
	defer k.hashes.Put(h)
	h.Reset()
	h.Write(text)
	return h.Sum(b)
}
