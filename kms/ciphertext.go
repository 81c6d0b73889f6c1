package kms

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// A ciphertext of a symmetric key names what decrypts it:
//
//	 0   5  format: 01 02 02 00 78, the beginning of AWS's own ciphertexts
//	 5   1  1 where the key is a multi-Region key
//	 6   6  the account that owns the key, as a number
//	12  16  the key's id
//	28  32  the id of the key material
//	60  32  SHA-256 of the key's ARN; of a multi-Region key's ARN without its region
//	92  32  zero
//	124 12  nonce
//	136  n  the plaintext, encrypted by AES-256-GCM
//	    16  tag
//
// so that it is 152 bytes longer than the plaintext, as AWS's are. The header
// (the first 124 bytes) and the encryption context are authenticated.
const (
	headerSize = 124
	overhead   = headerSize + 12 + 16
)

const format = "\x01\x02\x02\x00\x78"

func header(k *keyRecord, materialID string) []byte {
	h := make([]byte, headerSize)
	copy(h, format)
	scope := k.arn
	if strings.HasPrefix(k.ID, multiRegionPrefix) {
		h[5] = 1
		scope = place{k.Account, ""}.arn("key/" + k.ID)
	}
	number, _ := strconv.ParseUint(k.Account, 10, 48)
	binary.BigEndian.PutUint32(h[6:], uint32(number>>16))
	binary.BigEndian.PutUint16(h[10:], uint16(number))
	id, _ := hex.DecodeString(strings.ReplaceAll(strings.TrimPrefix(k.ID, multiRegionPrefix), "-", ""))
	copy(h[12:], id)
	material, _ := hex.DecodeString(materialID)
	copy(h[28:], material)
	digest := sha256.Sum256([]byte(scope))
	copy(h[60:], digest[:])
	return h
}

// origin is where a ciphertext says it comes from. It must not be trusted until the
// ciphertext has been decrypted.
type origin struct {
	account, keyID string
	material       []byte // the id of the key material
}

func (o origin) materialID() string {
	var b [64]byte
	return string(b[:hex.Encode(b[:], o.material)])
}

// parseOrigin reads a ciphertext's header; ok is false where there is none.
func parseOrigin(blob []byte) (o origin, ok bool) {
	if len(blob) < overhead || string(blob[:len(format)]) != format || blob[5] > 1 {
		return o, false
	}
	number := uint64(binary.BigEndian.Uint32(blob[6:]))<<16 | uint64(binary.BigEndian.Uint16(blob[10:]))
	var account [12]byte
	for i := len(account) - 1; i >= 0; i-- {
		account[i] = '0' + byte(number%10)
		number /= 10
	}
	return origin{string(account[:]), keyID(blob[12:28], blob[5] == 1), blob[28:60]}, number == 0
}

// keyID is the text of a key id.
func keyID(id []byte, multiRegion bool) string {
	var b [36]byte
	if multiRegion {
		hex.Encode(b[copy(b[:], multiRegionPrefix):], id)
		return string(b[:])
	}
	at := 0
	for i, n := range []int{4, 2, 2, 2, 6} {
		if i > 0 {
			b[at] = '-'
			at++
		}
		at += hex.Encode(b[at:], id[:n])
		id = id[n:]
	}
	return string(b[:])
}

// seal encrypts plaintext for the encryption context.
func (b *backing) seal(plaintext []byte, context map[string]string) []byte {
	blob := append(make([]byte, 0, overhead+len(plaintext)), b.header...)
	return b.aead.Seal(blob, nil, plaintext, authenticated(b.header, context))
}

// open is the inverse of seal.
func (b *backing) open(blob []byte, context map[string]string) ([]byte, error) {
	// The whole header is compared by authentication: what is authenticated is
	// the ciphertext's own header, not the one expected.
	plaintext, err := b.aead.Open(nil, nil, blob[headerSize:], authenticated(blob[:headerSize], context))
	if err != nil {
		return nil, ErrInvalidCiphertext
	}
	return plaintext, nil
}

// authenticated is the header followed by the encryption context in one
// canonical form: its pairs in the order of their names, each text with its length.
func authenticated(header []byte, context map[string]string) []byte {
	if len(context) == 0 {
		return header
	}
	size := len(header)
	names := make([]string, 0, 8)
	for name, value := range context {
		names = append(names, name)
		size += len(name) + len(value) + 8
	}
	slices.Sort(names)
	data := append(make([]byte, 0, size), header...)
	for _, name := range names {
		value := context[name]
		data = append(binary.BigEndian.AppendUint32(data, uint32(len(name))), name...)
		data = append(binary.BigEndian.AppendUint32(data, uint32(len(value))), value...)
	}
	return data
}
