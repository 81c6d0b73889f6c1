package kms

import (
	"crypto/rand"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"

	"github.com/consensys/gnark-crypto/ecc/secp256k1"
	"github.com/consensys/gnark-crypto/ecc/secp256k1/ecdsa"
	"github.com/consensys/gnark-crypto/ecc/secp256k1/fr"
)

// secpPair is a key of the curve secp256k1, whose encodings (RFC 5915, RFC
// 5480) the standard library does not know.
type secpPair struct{ *ecdsa.PrivateKey }

const secpSize = 32 // bytes of a coordinate and of a scalar

func newSecp256k1() (keyPair, error) {
	k, err := ecdsa.GenerateKey(rand.Reader)
	return secpPair{k}, err
}

// scalar is the private key, point the public one, uncompressed (SEC 1, 2.3.3).
func (p secpPair) scalar() []byte { return p.Bytes()[2*secpSize:] }
func (p secpPair) point() []byte  { return append([]byte{4}, p.PublicKey.Bytes()...) }

var (
	oidECPublicKey = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidSecp256k1   = asn1.ObjectIdentifier{1, 3, 132, 0, 10}
)

type pkcs8 struct {
	Version    int
	Algorithm  pkix.AlgorithmIdentifier
	PrivateKey []byte
}

type ecPrivateKey struct {
	Version    int
	PrivateKey []byte
	Parameters asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
	PublicKey  asn1.BitString        `asn1:"optional,explicit,tag:1"`
}

type publicKeyInfo struct {
	Algorithm pkix.AlgorithmIdentifier
	PublicKey asn1.BitString
}

func bitString(b []byte) asn1.BitString { return asn1.BitString{Bytes: b, BitLength: 8 * len(b)} }

func secp256k1Identifier() (pkix.AlgorithmIdentifier, error) {
	curve, err := asn1.Marshal(oidSecp256k1)
	return pkix.AlgorithmIdentifier{Algorithm: oidECPublicKey, Parameters: asn1.RawValue{FullBytes: curve}}, err
}

func (p secpPair) private() ([]byte, error) {
	inner, err := asn1.Marshal(ecPrivateKey{Version: 1, PrivateKey: p.scalar(), PublicKey: bitString(p.point())})
	if err != nil {
		return nil, err
	}
	algorithm, err := secp256k1Identifier()
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(pkcs8{Algorithm: algorithm, PrivateKey: inner})
}

func (p secpPair) public() ([]byte, error) {
	algorithm, err := secp256k1Identifier()
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(publicKeyInfo{algorithm, bitString(p.point())})
}

func parseSecp256k1(der []byte) (keyPair, error) {
	var outer pkcs8
	var curve asn1.ObjectIdentifier
	var inner ecPrivateKey
	if rest, err := asn1.Unmarshal(der, &outer); err != nil || len(rest) > 0 || !outer.Algorithm.Algorithm.Equal(oidECPublicKey) {
		return nil, errMaterial
	}
	if _, err := asn1.Unmarshal(outer.Algorithm.Parameters.FullBytes, &curve); err != nil || !curve.Equal(oidSecp256k1) {
		return nil, errMaterial
	}
	if _, err := asn1.Unmarshal(outer.PrivateKey, &inner); err != nil || len(inner.PrivateKey) != secpSize {
		return nil, errMaterial
	}
	scalar := new(big.Int).SetBytes(inner.PrivateKey)
	if scalar.Sign() == 0 || scalar.Cmp(fr.Modulus()) >= 0 {
		return nil, errMaterial
	}
	public := new(secp256k1.G1Affine).ScalarMultiplicationBase(scalar).RawBytes()
	k := new(ecdsa.PrivateKey)
	if _, err := k.SetBytes(append(public[:], inner.PrivateKey...)); err != nil {
		return nil, errMaterial
	}
	return secpPair{k}, nil
}

// secpSignature is a signature as KMS writes it (RFC 3279, 2.2.3).
type secpSignature struct{ R, S *big.Int }

func (p secpPair) sign(m message) ([]byte, error) {
	raw, err := p.Sign(m.digest(), nil)
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(secpSignature{new(big.Int).SetBytes(raw[:secpSize]), new(big.Int).SetBytes(raw[secpSize:])})
}

func (p secpPair) verify(m message, signature []byte) bool {
	var parsed secpSignature
	if rest, err := asn1.Unmarshal(signature, &parsed); err != nil || len(rest) > 0 || !parsed.inRange() {
		return false
	}
	raw := make([]byte, 2*secpSize)
	parsed.R.FillBytes(raw[:secpSize])
	parsed.lowS().FillBytes(raw[secpSize:])
	ok, err := p.PublicKey.Verify(raw, m.digest(), nil)
	return err == nil && ok
}

func (s secpSignature) inRange() bool {
	n := fr.Modulus()
	return s.R.Sign() > 0 && s.R.Cmp(n) < 0 && s.S.Sign() > 0 && s.S.Cmp(n) < 0
}

// lowS is the smaller of s and n-s. Both belong to the same signature; the
// library takes the smaller alone, as blockchains do, and KMS takes either.
func (s secpSignature) lowS() *big.Int {
	other := new(big.Int).Sub(fr.Modulus(), s.S)
	if other.Cmp(s.S) < 0 {
		return other
	}
	return s.S
}
