package kms

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha3"
	"crypto/sha512"
	"testing"

	"filippo.io/mldsa"
	mldsax509 "filippo.io/mldsa/x509"
)

// hashed is the digest of an algorithm.
func hashed(algorithm string, text []byte) []byte {
	h := hashOf(algorithm).New()
	h.Write(text)
	return h.Sum(nil)
}

// verifyElsewhere verifies with the standard library's code, or filippo.io/mldsa.
func verifyElsewhere(t *testing.T, der []byte, algorithm string, text, signature []byte) bool {
	t.Helper()
	public, err := mldsax509.ParsePKIXPublicKey(der)
	if err != nil {
		t.Fatal(err)
	}
	switch key := public.(type) {
	case *rsa.PublicKey:
		hash := hashOf(algorithm)
		if algorithm[:10] == "RSASSA_PSS" {
			options := &rsa.PSSOptions{SaltLength: hash.Size()} // [K075]
			return rsa.VerifyPSS(key, hash, hashed(algorithm, text), signature, options) == nil
		}
		return rsa.VerifyPKCS1v15(key, hash, hashed(algorithm, text), signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, hashed(algorithm, text), signature)
	case ed25519.PublicKey:
		if algorithm == algorithmEd25519ph {
			once := sha512.Sum512(text)
			twice := sha512.Sum512(once[:])
			return ed25519.VerifyWithOptions(key, twice[:], signature, &ed25519.Options{Hash: crypto.SHA512}) == nil
		}
		return ed25519.Verify(key, text, signature)
	case *mldsa.PublicKey:
		return mldsa.Verify(key, text, signature, nil) == nil
	default:
		t.Fatalf("public key is a %T", public)
		return false
	}
}

// mu is the message representative of ML-DSA, of a message without context.
func mu(t *testing.T, der, text []byte) []byte {
	t.Helper()
	public, err := mldsax509.ParsePKIXPublicKey(der)
	if err != nil {
		t.Fatal(err)
	}
	h := sha3.NewSHAKE256()
	tr := sha3.SumSHAKE256(public.(*mldsa.PublicKey).Bytes(), 64)
	for _, part := range [][]byte{tr, {0, 0}, text} {
		_, _ = h.Write(part)
	}
	out := make([]byte, 64)
	_, _ = h.Read(out)
	return out
}

// otherTypes are the forms besides RAW in which the algorithm takes a message.
func otherTypes(t *testing.T, der []byte, algorithm string, text []byte) map[string][]byte {
	switch algorithm {
	case algorithmEd25519:
		return nil
	case algorithmEd25519ph:
		once := sha512.Sum512(text)
		return map[string][]byte{MessageDigest: once[:]}
	case algorithmMLDSA:
		return map[string][]byte{MessageExternalMu: mu(t, der, text)}
	default:
		return map[string][]byte{MessageDigest: hashed(algorithm, text)}
	}
}

var signingSpecs = []string{
	SpecRSA2048, SpecP256, SpecP384, SpecP521, SpecEd25519, SpecSecp256k1, SpecMLDSA44, SpecMLDSA65, SpecMLDSA87,
}

func TestSignVerify(t *testing.T) {
	w := newTestbed(t)
	text := []byte("the letter is unread")
	for _, spec := range signingSpecs {
		k := w.newKey(CreateKeyInput{KeySpec: spec, KeyUsage: UsageSignVerify})
		public := must[GetPublicKeyOutput](t)(w.GetPublicKey(home(), &GetPublicKeyInput{KeyId: k.KeyId}))
		for _, algorithm := range k.SigningAlgorithms {
			messages := otherTypes(t, public.PublicKey, algorithm, text)
			if algorithm != algorithmEd25519ph {
				if messages == nil {
					messages = map[string][]byte{}
				}
				messages[MessageRaw] = text
			}
			for kind, message := range messages {
				t.Run(spec+" "+algorithm+" "+kind, func(t *testing.T) {
					s := must[SignOutput](t)(w.Sign(home(), &SignInput{KeyId: k.KeyId, Message: message, MessageType: kind, SigningAlgorithm: algorithm}))
					if s.KeyId != k.Arn || s.SigningAlgorithm != algorithm { // [K074]
						t.Errorf("unexpected answer %+v", s)
					}
					if spec != SpecSecp256k1 && !verifyElsewhere(t, public.PublicKey, algorithm, text, s.Signature) {
						t.Error("the signature does not verify elsewhere")
					}
					for kind, message := range messages { // any form verifies what any form signed
						v := must[VerifyOutput](t)(w.Verify(home(), &VerifyInput{KeyId: k.KeyId, Message: message, MessageType: kind, SigningAlgorithm: algorithm, Signature: s.Signature}))
						if !v.SignatureValid || v.KeyId != k.Arn {
							t.Errorf("unexpected answer %+v", v)
						}
						for i := range s.Signature {
							if i%97 != 0 {
								continue
							}
							s.Signature[i] ^= 1
							_, err := w.Verify(home(), &VerifyInput{KeyId: k.KeyId, Message: message, MessageType: kind, SigningAlgorithm: algorithm, Signature: s.Signature})
							wantError(t, err, ErrInvalidSignature, "") // [K077]
							s.Signature[i] ^= 1
						}
					}
				})
			}
		}
	}
}
