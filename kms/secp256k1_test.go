package kms

import (
	"bytes"
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"testing"

	"github.com/consensys/gnark-crypto/ecc/secp256k1/fr"
)

func number(t *testing.T, digits string) *big.Int {
	t.Helper()
	n, ok := new(big.Int).SetString(digits, 16)
	if !ok {
		t.Fatalf("%q is no number", digits)
	}
	return n
}

func der(t *testing.T, v any) []byte {
	t.Helper()
	b, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// secpMaterial is PKCS #8 with a scalar of secp256k1 and no public key.
func secpMaterial(t *testing.T, scalar []byte) []byte {
	t.Helper()
	algorithm, err := secp256k1Identifier()
	if err != nil {
		t.Fatal(err)
	}
	return der(t, pkcs8{Algorithm: algorithm, PrivateKey: der(t, ecPrivateKey{Version: 1, PrivateKey: scalar})})
}

// The signature of "Satoshi Nakamoto" by the private key 1 is one that every
// implementation of RFC 6979 over this curve makes.
func TestSecp256k1KnownSignature(t *testing.T) {
	one := make([]byte, secpSize)
	one[secpSize-1] = 1
	pair, err := parseSecp256k1(secpMaterial(t, one))
	if err != nil {
		t.Fatal(err)
	}
	key := pair.(secpPair)
	generator, err := hex.DecodeString("0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(key.point(), generator) {
		t.Errorf("the public key of 1 is %x, wanted the curve's generator", key.point())
	}
	text := message{algorithm: "ECDSA_SHA_256", kind: MessageRaw, bytes: []byte("Satoshi Nakamoto")}
	known := secpSignature{
		R: number(t, "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"),
		S: number(t, "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"),
	}
	n := fr.Modulus()
	for _, c := range []struct {
		name      string
		signature []byte
		want      bool
	}{
		{"as known", der(t, known), true},
		{"its twin with the high s, which blockchains refuse", der(t, secpSignature{known.R, new(big.Int).Sub(n, known.S)}), true},
		{"another s", der(t, secpSignature{known.R, new(big.Int).Add(known.S, big.NewInt(1))}), false},
		{"r and s exchanged", der(t, secpSignature{known.S, known.R}), false},
		{"s too large by the order", der(t, secpSignature{known.R, new(big.Int).Add(n, known.S)}), false},
		{"r too large by the order", der(t, secpSignature{new(big.Int).Add(n, known.R), known.S}), false},
		{"negative s", der(t, secpSignature{known.R, new(big.Int).Neg(known.S)}), false},
		{"no r", der(t, secpSignature{new(big.Int), known.S}), false},
		{"no s", der(t, secpSignature{known.R, new(big.Int)}), false},
		{"bytes after it", append(der(t, known), 0), false},
		{"no DER", []byte("signature"), false},
	} {
		if got := key.verify(text, c.signature); got != c.want {
			t.Errorf("%s: verified is %v", c.name, got)
		}
	}
}

func TestSecp256k1MaterialOutOfRange(t *testing.T) {
	for name, scalar := range map[string]*big.Int{"zero": new(big.Int), "the order": fr.Modulus()} {
		if _, err := parseSecp256k1(secpMaterial(t, scalar.FillBytes(make([]byte, secpSize)))); err == nil {
			t.Errorf("%s is taken as a private key", name)
		}
	}
}

// What is stored is read back: the same key, and PKCS #8 of the same bytes.
func TestSecp256k1Stored(t *testing.T) {
	made, err := newSecp256k1()
	if err != nil {
		t.Fatal(err)
	}
	stored, err := made.private()
	if err != nil {
		t.Fatal(err)
	}
	read, err := parseSecp256k1(stored)
	if err != nil {
		t.Fatal(err)
	}
	again, err := read.private()
	if err != nil || !bytes.Equal(stored, again) {
		t.Errorf("stored %x, read back as %x: %v", stored, again, err)
	}
	text := message{algorithm: "ECDSA_SHA_256", kind: MessageRaw, bytes: []byte("sealed")}
	signature, err := read.(signer).sign(text)
	if err != nil || !made.(signer).verify(text, signature) {
		t.Errorf("the key that was read signs what the made one does not verify: %v", err)
	}
}
