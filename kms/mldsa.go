package kms

import (
	"crypto/sha3"
	"crypto/subtle"
	"math/bits"

	"filippo.io/mldsa"
)

// Verification of ML-DSA signatures by the message representative μ (FIPS 204,
// algorithm 8 from its step 7 on), for MessageType EXTERNAL_MU: the libraries
// sign such messages and verify only whole ones. Nothing here is secret.

const (
	mldsaQ = 8380417 // the modulus
	mldsaN = 256     // coefficients of a polynomial
	mldsaD = 13      // dropped bits of t
)

// poly is a polynomial, its coefficients reduced to [0, q).
type poly [mldsaN]uint32

// mldsaSet is a parameter set (FIPS 204, table 1).
type mldsaSet struct {
	k, l                int // dimensions of A
	tau                 int // ±1s in the challenge
	beta                int
	gamma1Bits          int // γ1 is 2 to this power
	gamma2              uint32
	omega               int // most 1s in the hint
	challengeSize       int
	w1Bits, z1CoeffBits int
}

var mldsaSets = map[mldsa.Parameters]mldsaSet{
	mldsa.MLDSA44(): {4, 4, 39, 78, 17, (mldsaQ - 1) / 88, 80, 32, 6, 18},
	mldsa.MLDSA65(): {6, 5, 49, 196, 19, (mldsaQ - 1) / 32, 55, 48, 4, 20},
	mldsa.MLDSA87(): {8, 7, 60, 120, 19, (mldsaQ - 1) / 32, 75, 64, 4, 20},
}

// verifyMu reports whether signature is pk's signature of a message with the
// representative mu.
func verifyMu(pk *mldsa.PublicKey, mu, signature []byte) bool {
	set := mldsaSets[pk.Parameters()]
	zSize := mldsaN / 8 * set.z1CoeffBits
	if len(signature) != set.challengeSize+set.l*zSize+set.omega+set.k {
		return false
	}
	challenge, rest := signature[:set.challengeSize], signature[set.challengeSize:]
	z := make([]poly, set.l)
	for i := range z {
		if !set.unpackZ(&z[i], rest[i*zSize:(i+1)*zSize]) {
			return false
		}
		z[i].transform()
	}
	hints, ok := set.unpackHints(rest[set.l*zSize:])
	if !ok {
		return false
	}
	c := set.sampleInBall(challenge)
	c.transform()

	encoding := pk.Bytes()
	h := sha3.NewSHAKE256()
	_, _ = h.Write(mu)
	for row := range set.k {
		w := set.approximate(encoding, row, z, &c)
		_, _ = h.Write(set.encodeW1(&w, hints[row]))
	}
	again := make([]byte, set.challengeSize)
	_, _ = h.Read(again)
	return subtle.ConstantTimeCompare(challenge, again) == 1
}

// approximate is one row of A·z − c·t1·2^d.
func (set mldsaSet) approximate(encoding []byte, row int, z []poly, c *poly) poly {
	var w poly
	for column := range z {
		a := expandA(encoding[:32], row, column)
		for i := range w {
			w[i] = (w[i] + mulQ(a[i], z[column][i])) % mldsaQ
		}
	}
	packed := encoding[32+row*320:]
	var t poly
	for i := range t {
		t[i] = unpackBits(packed, i*10, 10) << mldsaD
	}
	t.transform()
	for i := range w {
		w[i] = (w[i] + mldsaQ - mulQ(c[i], t[i])) % mldsaQ
	}
	w.restore()
	return w
}

// unpackZ reads a polynomial of z and reports whether it is short enough.
func (set mldsaSet) unpackZ(p *poly, packed []byte) bool {
	gamma1 := 1 << set.gamma1Bits
	for i := range p {
		v := gamma1 - int(unpackBits(packed, i*set.z1CoeffBits, set.z1CoeffBits))
		if v >= gamma1-set.beta || v <= set.beta-gamma1 {
			return false
		}
		p[i] = uint32((v + mldsaQ) % mldsaQ)
	}
	return true
}

// unpackBits reads n bits at a bit offset, least significant first.
func unpackBits(b []byte, offset, n int) uint32 {
	var v uint64
	first, last := offset/8, (offset+n-1)/8
	for i := last; i >= first; i-- {
		v = v<<8 | uint64(b[i])
	}
	return uint32(v>>(offset%8)) & (1<<n - 1)
}

// unpackHints reads the hint (algorithm 21), of which there is one right encoding.
func (set mldsaSet) unpackHints(packed []byte) ([][mldsaN]bool, bool) {
	hints := make([][mldsaN]bool, set.k)
	index := 0
	for row := range hints {
		end := int(packed[set.omega+row])
		if end < index || end > set.omega {
			return nil, false
		}
		for first := index; index < end; index++ {
			if index > first && packed[index-1] >= packed[index] {
				return nil, false
			}
			hints[row][packed[index]] = true
		}
	}
	for ; index < set.omega; index++ {
		if packed[index] != 0 {
			return nil, false
		}
	}
	return hints, true
}

// sampleInBall is the challenge polynomial (algorithm 29).
func (set mldsaSet) sampleInBall(seed []byte) poly {
	h := sha3.NewSHAKE256()
	_, _ = h.Write(seed)
	var signs [8]byte
	_, _ = h.Read(signs[:])
	var c poly
	for i := mldsaN - set.tau; i < mldsaN; i++ {
		var j [1]byte
		for _, _ = h.Read(j[:]); int(j[0]) > i; {
			_, _ = h.Read(j[:])
		}
		c[i] = c[j[0]]
		c[j[0]] = 1
		if n := i + set.tau - mldsaN; signs[n/8]>>(n%8)&1 == 1 {
			c[j[0]] = mldsaQ - 1
		}
	}
	return c
}

// expandA is an entry of A, transformed (algorithm 30).
func expandA(rho []byte, row, column int) poly {
	h := sha3.NewSHAKE128()
	_, _ = h.Write(rho)
	_, _ = h.Write([]byte{byte(column), byte(row)})
	var a poly
	for i := 0; i < mldsaN; {
		var b [3]byte
		_, _ = h.Read(b[:])
		if v := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2]&0x7f)<<16; v < mldsaQ {
			a[i] = v
			i++
		}
	}
	return a
}

// encodeW1 is w's high bits, corrected by the hint (algorithms 28 and 40).
func (set mldsaSet) encodeW1(w *poly, hints [mldsaN]bool) []byte {
	m := (mldsaQ - 1) / (2 * set.gamma2)
	packed := make([]byte, mldsaN*set.w1Bits/8)
	for i, r := range w {
		high, positive := set.decompose(r)
		switch {
		case hints[i] && positive:
			high = (high + 1) % m
		case hints[i]:
			high = (high + m - 1) % m
		}
		for b := range set.w1Bits {
			bit := i*set.w1Bits + b
			packed[bit/8] |= byte(high>>b&1) << (bit % 8)
		}
	}
	return packed
}

// decompose is r's high part, and whether its low part is positive (algorithm 36).
func (set mldsaSet) decompose(r uint32) (high uint32, positive bool) {
	low := int(r % (2 * set.gamma2))
	if low > int(set.gamma2) {
		low -= int(2 * set.gamma2)
	}
	if int(r)-low == mldsaQ-1 {
		return 0, false // the low part is then one less, at most 0
	}
	return uint32(int(r)-low) / (2 * set.gamma2), low > 0
}

func mulQ(a, b uint32) uint32 { return uint32(uint64(a) * uint64(b) % mldsaQ) }

// zetas are the powers of 1753, a root of unity, in bit-reversed order.
var zetas = func() (z [mldsaN]uint32) {
	power := uint32(1)
	for i := range z {
		z[bits.Reverse8(uint8(i))] = power
		power = mulQ(power, 1753)
	}
	return z
}()

// transform is the number-theoretic transform (algorithm 41), restore its
// inverse (algorithm 42).
func (p *poly) transform() {
	m := 0
	for length := 128; length >= 1; length /= 2 {
		for start := 0; start < mldsaN; start += 2 * length {
			m++
			for j := start; j < start+length; j++ {
				t := mulQ(zetas[m], p[j+length])
				p[j+length] = (p[j] + mldsaQ - t) % mldsaQ
				p[j] = (p[j] + t) % mldsaQ
			}
		}
	}
}

func (p *poly) restore() {
	m := mldsaN
	for length := 1; length < mldsaN; length *= 2 {
		for start := 0; start < mldsaN; start += 2 * length {
			m--
			for j := start; j < start+length; j++ {
				t := p[j]
				p[j] = (t + p[j+length]) % mldsaQ
				p[j+length] = mulQ(mldsaQ-zetas[m], (t+mldsaQ-p[j+length])%mldsaQ)
			}
		}
	}
	for i := range p {
		p[i] = mulQ(p[i], 8347681) // 1/256
	}
}
