package s3

import (
	"encoding/binary"
	"hash/crc32"
)

// A CRC of two texts, one behind the other, follows from theirs: shifting the first by the
// length of the second is a linear function of its bits, which is a matrix over GF(2), and
// its powers come by squaring. See Mark Adler's crc32_combine.

// matrix is a linear function of up to 64 bits: the images of the single bits.
type matrix [64]uint64

func (m *matrix) times(v uint64) (sum uint64) {
	for i := 0; v != 0; i, v = i+1, v>>1 {
		if v&1 == 1 {
			sum ^= m[i]
		}
	}
	return sum
}

func (m *matrix) squared() (s matrix) {
	for i := range m {
		s[i] = m.times(m[i])
	}
	return s
}

// nvmePolynomial is that of CRC-64/NVME, reversed.
const nvmePolynomial = 0x9a6c9329ac4bc9b5

// combine is the CRC of a text that consists of two, the second of which has a length.
func combine(algorithm string, first, second []byte, length int64) []byte {
	polynomial, bits := uint64(nvmePolynomial), 64
	switch algorithm {
	case crc32IEEE:
		polynomial, bits = crc32.IEEE, 32
	case crc32Castagnoli:
		polynomial, bits = crc32.Castagnoli, 32
	}
	a, b := number(first), number(second)
	var shift matrix // by one bit
	shift[0] = polynomial
	for i := 1; i < bits; i++ {
		shift[i] = 1 << (i - 1)
	}
	for n := uint64(length) * 8; n != 0; n >>= 1 { //nolint:gosec // a length is not negative
		if n&1 == 1 {
			a = shift.times(a)
		}
		shift = shift.squared()
	}
	sum := binary.BigEndian.AppendUint64(nil, a^b)
	return sum[len(sum)-bits/8:]
}

// number is a CRC as it is told, as a number.
func number(sum []byte) (n uint64) {
	for _, b := range sum {
		n = n<<8 | uint64(b)
	}
	return n
}
