package kms

import (
	"crypto/aes"
	"crypto/subtle"
	"encoding/binary"
)

// unwrapPadded is AES key unwrap with padding (RFC 5649): how the
// RSA_AES_KEY_WRAP algorithms wrap key material. It fails with errMaterial.
func unwrapPadded(key, wrapped []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil || len(wrapped) < 16 || len(wrapped)%8 != 0 {
		return nil, errMaterial
	}
	var head [8]byte
	padded := make([]byte, len(wrapped)-8)
	if len(wrapped) == 16 {
		var b [16]byte
		block.Decrypt(b[:], wrapped)
		copy(head[:], b[:8])
		copy(padded, b[8:])
	} else {
		copy(head[:], wrapped)
		copy(padded, wrapped[8:])
		unwrapBlocks(block.Decrypt, &head, padded)
	}
	size := int(binary.BigEndian.Uint32(head[4:]))
	if subtle.ConstantTimeCompare(head[:4], []byte{0xa6, 0x59, 0x59, 0xa6}) != 1 ||
		size > len(padded) || size <= len(padded)-8 {
		return nil, errMaterial
	}
	for _, b := range padded[size:] {
		if b != 0 {
			return nil, errMaterial
		}
	}
	return padded[:size], nil
}

// unwrapBlocks is the unwrapping process of RFC 3394, section 2.2.2.
func unwrapBlocks(decrypt func(dst, src []byte), head *[8]byte, blocks []byte) {
	n := len(blocks) / 8
	var b [16]byte
	for j := 5; j >= 0; j-- {
		for i := n; i >= 1; i-- {
			block := blocks[8*(i-1) : 8*i]
			binary.BigEndian.PutUint64(b[:], binary.BigEndian.Uint64(head[:])^uint64(n*j+i))
			copy(b[8:], block)
			decrypt(b[:], b[:])
			copy(head[:], b[:8])
			copy(block, b[8:])
		}
	}
}
