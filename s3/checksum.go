package s3

import (
	"crypto/md5"  //nolint:gosec // ETags are MD5
	"crypto/sha1" //nolint:gosec // one of S3's checksums
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// checksum is the checksum of an object or part.
type checksum struct {
	Algorithm string // such as CRC32
	// Type is FULL_OBJECT, or COMPOSITE: the checksum of the checksums of the parts.
	Type  string `json:",omitempty"`
	Value string // in base64; of a composite one with the number of parts behind it [S102]
}

const (
	fullObject = "FULL_OBJECT"
	composite  = "COMPOSITE"
)

// The algorithms of checksums [S099].
const (
	crc32IEEE       = "CRC32"
	crc32Castagnoli = "CRC32C"
	crc64NVME       = "CRC64NVME"
	sha1Sum         = "SHA1"
	sha256Sum       = "SHA256"
)

// checksumAlgorithms are the algorithms, in AWS's order.
var checksumAlgorithms = []string{crc32IEEE, crc32Castagnoli, crc64NVME, sha1Sum, sha256Sum}

// otherAlgorithms are those that AWS has and that are not here.
var otherAlgorithms = []string{"MD5", "SHA512", "XXHASH64", "XXHASH3", "XXHASH128"}

// nvme is the table of CRC-64/NVME, whose polynomial is 0xAD93D23594C93659, reversed.
var (
	nvme       = crc64.MakeTable(nvmePolynomial)
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
)

// newHash is a hash of an algorithm; nil: there is none of that name.
func newHash(algorithm string) hash.Hash {
	switch algorithm {
	case crc32IEEE:
		return crc32.NewIEEE()
	case crc32Castagnoli:
		return crc32.New(castagnoli)
	case crc64NVME:
		return crc64.New(nvme)
	case sha1Sum:
		return sha1.New() //nolint:gosec // see above
	case sha256Sum:
		return sha256.New()
	default:
		return nil
	}
}

// headerOf is the header that carries the checksum of an algorithm.
func headerOf(algorithm string) string { return "x-amz-checksum-" + strings.ToLower(algorithm) }

// claims are the checksums that a request gives, by algorithm, of which there may be one.
// other are those of algorithms that are not here.
type claims struct {
	crc32, crc32c, crc64nvme, sha1, sha256, other string
}

// one is the checksum of a request [S095] [S097]; no algorithm: there is none.
func (c *claims) one() (claimed checksum, err error) {
	if c.other != "" {
		return checksum{}, unknownAlgorithm()
	}
	for i, value := range []string{c.crc32, c.crc32c, c.crc64nvme, c.sha1, c.sha256} {
		if value == "" {
			continue
		}
		if claimed.Algorithm != "" {
			return checksum{}, ErrInvalidRequest.With("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
		}
		claimed = checksum{Algorithm: checksumAlgorithms[i], Type: fullObject, Value: value}
	}
	if claimed.Algorithm != "" {
		return claimed, claimed.check()
	}
	return claimed, nil
}

// unknownAlgorithm is the error for an algorithm that is none [S099].
func unknownAlgorithm() *api.Error {
	return ErrInvalidRequest.With("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [" + strings.Join(checksumAlgorithms, ", ") + "]")
}

// check refuses a value that no hash of the algorithm has [S095].
func (c *checksum) check() error {
	sum, err := base64.StdEncoding.Strict().DecodeString(c.Value)
	if h := newHash(c.Algorithm); err != nil || len(sum) != h.Size() {
		return ErrInvalidRequest.Withf("Value for %s header is invalid.", headerOf(c.Algorithm))
	}
	return nil
}

// members are the members of answers that tell a checksum: its type, and the value by
// algorithm.
func (c *checksum) members() (kind, crc32, crc32c, crc64nvme, sha1, sha256 string) {
	value := func(algorithm string) string {
		if c.Algorithm == algorithm {
			return c.Value
		}
		return ""
	}
	return c.Type, value(crc32IEEE), value(crc32Castagnoli), value(crc64NVME), value(sha1Sum), value(sha256Sum)
}

// hashes are the hashes of a body while it is read.
type hashes struct {
	md5 hash.Hash
	// sums are by algorithm.
	sums map[string]hash.Hash
}

// newHashes hashes by MD5, by what S3 adds where nobody asks for another [S091], and by
// the algorithms.
func newHashes(algorithms ...string) *hashes {
	h := &hashes{md5: md5.New(), sums: map[string]hash.Hash{}} //nolint:gosec // see above
	for _, a := range append(algorithms, crc64NVME) {
		if h.sums[a] == nil && newHash(a) != nil {
			h.sums[a] = newHash(a)
		}
	}
	return h
}

// Write implements io.Writer.
func (h *hashes) Write(p []byte) (int, error) {
	h.md5.Write(p)
	for _, sum := range h.sums {
		sum.Write(p)
	}
	return len(p), nil
}

// etag is the MD5 in hexadecimal.
func (h *hashes) etag() string { return hex.EncodeToString(h.md5.Sum(nil)) }

// sum is the checksum of an algorithm; false where it was not computed.
func (h *hashes) sum(algorithm string) (checksum, bool) {
	sum := h.sums[algorithm]
	if sum == nil {
		return checksum{}, false
	}
	return checksum{algorithm, fullObject, base64.StdEncoding.EncodeToString(sum.Sum(nil))}, true
}

// contentMD5 is what a Content-MD5 header says; nil: there is none [S081].
func contentMD5(header string) ([]byte, error) {
	if header == "" {
		return nil, nil
	}
	digest, err := base64.StdEncoding.Strict().DecodeString(header)
	if err != nil || len(digest) != md5.Size {
		return nil, ErrInvalidDigest.Detailed("Content-MD5", header)
	}
	return digest, nil
}
