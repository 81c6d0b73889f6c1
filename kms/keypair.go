package kms

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"

	"filippo.io/mldsa"
	mldsax509 "filippo.io/mldsa/x509"
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
		return newSecp256k1()
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
