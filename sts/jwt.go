package sts

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
)

// idToken is an OpenID Connect ID token. Nothing in it can be trusted before
// its signature is verified.
type idToken struct {
	algorithm, keyID  string
	signed, signature []byte
	claims            claims
}

// claims are the claims of a token that STS uses.
type claims struct {
	Issuer          string       `json:"iss"`
	Subject         string       `json:"sub"`
	Audience        stringOrList `json:"aud"`
	AuthorizedParty string       `json:"azp"`
	Methods         stringOrList `json:"amr"`
	Expires         *float64     `json:"exp"`
	NotBefore       *float64     `json:"nbf"`
	Issued          *float64     `json:"iat"`
	SourceIdentity  string       `json:"https://aws.amazon.com/source_identity"`
	Tags            struct {
		Principal  map[string]stringOrList `json:"principal_tags"`
		Transitive stringOrList            `json:"transitive_tag_keys"`
	} `json:"https://aws.amazon.com/tags"`
}

// stringOrList is a JSON string or a list of them.
type stringOrList []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *stringOrList) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*l = stringOrList{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(l))
}

var errJWT = errors.New("not a JSON Web Token")

func parseToken(text string) (*idToken, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil, errJWT
	}
	var header struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
	}
	t := &idToken{signed: []byte(parts[0] + "." + parts[1])}
	var err error
	if t.signature, err = base64.RawURLEncoding.DecodeString(parts[2]); err != nil {
		return nil, errJWT
	}
	if decodePart(parts[0], &header) != nil || decodePart(parts[1], &t.claims) != nil {
		return nil, errJWT
	}
	t.algorithm, t.keyID = header.Algorithm, header.KeyID
	return t, nil
}

func decodePart(part string, into any) error {
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

// webKey is a key of a JSON Web Key Set (RFC 7517).
type webKey struct {
	Type      string `json:"kty"`
	ID        string `json:"kid"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	Modulus   string `json:"n"`
	Exponent  string `json:"e"`
	Curve     string `json:"crv"`
	X         string `json:"x"`
	Y         string `json:"y"`
}

// algorithms are the signature algorithms that AWS accepts: RSA and ECDSA (RFC
// 7518), but neither "none" nor those with a shared secret.
var algorithms = map[string]struct {
	hash  crypto.Hash
	curve elliptic.Curve // nil: RSA
}{
	"RS256": {crypto.SHA256, nil}, "RS384": {crypto.SHA384, nil}, "RS512": {crypto.SHA512, nil},
	"ES256": {crypto.SHA256, elliptic.P256()}, "ES384": {crypto.SHA384, elliptic.P384()}, "ES512": {crypto.SHA512, elliptic.P521()},
}

// verify reports whether a key of the set signed the token.
func (t *idToken) verify(keySet []byte) bool {
	a, ok := algorithms[t.algorithm]
	var set struct{ Keys []webKey }
	if !ok || json.Unmarshal(keySet, &set) != nil {
		return false
	}
	h := a.hash.New()
	h.Write(t.signed)
	digest := h.Sum(nil)
	for _, k := range set.Keys {
		if t.keyID != "" && k.ID != t.keyID || k.Use != "" && k.Use != "sig" || k.Algorithm != "" && k.Algorithm != t.algorithm {
			continue
		}
		if a.curve == nil && k.verifyRSA(a.hash, digest, t.signature) || a.curve != nil && k.verifyECDSA(a.curve, digest, t.signature) {
			return true
		}
	}
	return false
}

func (k *webKey) verifyRSA(hash crypto.Hash, digest, signature []byte) bool {
	n, e := number(k.Modulus), number(k.Exponent)
	if k.Type != "RSA" || n == nil || e == nil || !e.IsInt64() {
		return false
	}
	return rsa.VerifyPKCS1v15(&rsa.PublicKey{N: n, E: int(e.Int64())}, hash, digest, signature) == nil
}

func (k *webKey) verifyECDSA(curve elliptic.Curve, digest, signature []byte) bool {
	x, y := number(k.X), number(k.Y)
	size := (curve.Params().BitSize + 7) / 8
	if k.Type != "EC" || k.Curve != curve.Params().Name || x == nil || y == nil || len(signature) != 2*size ||
		x.BitLen() > 8*size || y.BitLen() > 8*size {
		return false
	}
	point := append([]byte{4}, x.FillBytes(make([]byte, size))...)
	key, err := ecdsa.ParseUncompressedPublicKey(curve, append(point, y.FillBytes(make([]byte, size))...))
	if err != nil {
		return false
	}
	r, s := new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:])
	return ecdsa.Verify(key, digest, r, s)
}

func number(text string) *big.Int {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) == 0 {
		return nil
	}
	return new(big.Int).SetBytes(b)
}
