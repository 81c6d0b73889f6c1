package kms

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"

	"filippo.io/mldsa"
	mldsax509 "filippo.io/mldsa/x509"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
)

// keyPair is the material of an asymmetric key.
type keyPair interface {
	// private is the pair as PKCS #8, public the public key as a
	// SubjectPublicKeyInfo, both in DER.
	private() ([]byte, error)
	public() ([]byte, error)
}

// newPair makes a key pair of the spec.
func (spec keySpec) newPair() (keyPair, error) {
	switch spec.family {
	case rsaKey:
		k, err := rsa.GenerateKey(rand.Reader, spec.size)
		return rsaPair{k}, err
	case nistCurve:
		k, err := ecdsa.GenerateKey(spec.curve, rand.Reader)
		return ecPair{k}, err
	case edwardsCurve:
		_, k, err := ed25519.GenerateKey(rand.Reader)
		return edwardsPair{k}, err
	case secp256k1Curve:
		k, err := secp256k1.GeneratePrivateKey()
		return secpPair{k}, err
	case mldsaKey:
		k, err := mldsa.GenerateKey(mldsaParameters[spec.size])
		return mldsaPair{k}, err
	default:
		return newKEM(spec.size, randomBytes(kemSeedSize))
	}
}

// parsePair reads PKCS #8. It fails with errMaterial where it holds no key of the spec.
func (spec keySpec) parsePair(der []byte) (keyPair, error) {
	if spec.family == secp256k1Curve {
		return parseSecp256k1(der)
	}
	if spec.family == mlkemKey {
		return parseKEM(spec.size, der)
	}
	parsed, err := mldsax509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errMaterial
	}
	switch k := parsed.(type) {
	case *rsa.PrivateKey:
		if spec.family == rsaKey && k.N.BitLen() == spec.size {
			return rsaPair{k}, nil
		}
	case *ecdsa.PrivateKey:
		if spec.family == nistCurve && k.Curve == spec.curve {
			return ecPair{k}, nil
		}
	case ed25519.PrivateKey:
		if spec.family == edwardsCurve {
			return edwardsPair{k}, nil
		}
	case *mldsa.PrivateKey:
		if spec.family == mldsaKey && k.PublicKey().Parameters() == mldsaParameters[spec.size] {
			return mldsaPair{k}, nil
		}
	}
	return nil, errMaterial
}

type rsaPair struct{ *rsa.PrivateKey }

func (p rsaPair) private() ([]byte, error) { return x509.MarshalPKCS8PrivateKey(p.PrivateKey) }
func (p rsaPair) public() ([]byte, error)  { return x509.MarshalPKIXPublicKey(&p.PublicKey) }

type ecPair struct{ *ecdsa.PrivateKey }

func (p ecPair) private() ([]byte, error) { return x509.MarshalPKCS8PrivateKey(p.PrivateKey) }
func (p ecPair) public() ([]byte, error)  { return x509.MarshalPKIXPublicKey(&p.PublicKey) }

type edwardsPair struct{ ed25519.PrivateKey }

func (p edwardsPair) private() ([]byte, error) { return x509.MarshalPKCS8PrivateKey(p.PrivateKey) }
func (p edwardsPair) public() ([]byte, error)  { return x509.MarshalPKIXPublicKey(p.Public()) }

type mldsaPair struct{ *mldsa.PrivateKey }

var mldsaParameters = map[int]mldsa.Parameters{44: mldsa.MLDSA44(), 65: mldsa.MLDSA65(), 87: mldsa.MLDSA87()}

func (p mldsaPair) private() ([]byte, error) { return mldsax509.MarshalPKCS8PrivateKey(p.PrivateKey) }
func (p mldsaPair) public() ([]byte, error)  { return mldsax509.MarshalPKIXPublicKey(p.PublicKey()) }

// secpPair is a key of the curve secp256k1, whose encodings (RFC 5915, RFC
// 5480) the standard library does not know.
type secpPair struct{ *secp256k1.PrivateKey }

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
	inner, err := asn1.Marshal(ecPrivateKey{Version: 1, PrivateKey: p.Serialize(), PublicKey: bitString(p.PubKey().SerializeUncompressed())})
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
	return asn1.Marshal(publicKeyInfo{algorithm, bitString(p.PubKey().SerializeUncompressed())})
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
	if _, err := asn1.Unmarshal(outer.PrivateKey, &inner); err != nil || len(inner.PrivateKey) != 32 {
		return nil, errMaterial
	}
	var scalar secp256k1.ModNScalar
	if overflow := scalar.SetByteSlice(inner.PrivateKey); overflow || scalar.IsZero() {
		return nil, errMaterial
	}
	return secpPair{secp256k1.NewPrivateKey(&scalar)}, nil
}
