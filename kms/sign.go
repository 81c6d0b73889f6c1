package kms

import (
	"cmp"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"slices"
	"strings"

	"filippo.io/mldsa"
	"filippo.io/mldsa/mldsacrypto"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// Types of messages to sign.
const (
	MessageRaw        = "RAW"
	MessageDigest     = "DIGEST"
	MessageExternalMu = "EXTERNAL_MU"
)

// SignInput is the input of Sign.
type SignInput struct {
	DryRun           bool     `out:"nonzero"`
	GrantTokens      []string `check:"min=0,max=10" itemcheck:"min=1,max=8192"`
	KeyId            string   `check:"required,min=1,max=2048"`
	Message          []byte   `check:"required,min=1,max=4096" sensitive:"true" trail:"omit"`
	MessageType      string   `enum:"RAW|DIGEST|EXTERNAL_MU"`
	SigningAlgorithm string   `check:"required" enum:"RSASSA_PSS_SHA_256|RSASSA_PSS_SHA_384|RSASSA_PSS_SHA_512|RSASSA_PKCS1_V1_5_SHA_256|RSASSA_PKCS1_V1_5_SHA_384|RSASSA_PKCS1_V1_5_SHA_512|ECDSA_SHA_256|ECDSA_SHA_384|ECDSA_SHA_512|SM2DSA|ML_DSA_SHAKE_256|ED25519_SHA_512|ED25519_PH_SHA_512"`
}

// SignOutput is the output of Sign.
type SignOutput struct {
	KeyId            string
	Signature        []byte `trail:"omit"`
	SigningAlgorithm string
}

// message is what is to be signed or was signed.
type message struct {
	algorithm, kind string
	bytes           []byte
}

func (in *SignInput) message() message {
	return message{in.SigningAlgorithm, cmp.Or(in.MessageType, MessageRaw), in.Message}
}

func (in *SignInput) use() keyUse { return in.message().use(in.KeyId, in.GrantTokens) }

func (m message) use(name string, tokens []string) keyUse {
	return byAlias(name).by(tokens).with(func(c *policyeval.Context) {
		c.Set("kms:signingalgorithm", m.algorithm)
		c.Set("kms:messagetype", m.kind)
	})
}

// Sign signs a message of at most 4,096 bytes, or a digest.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html.
func (s *Service) Sign(ctx context.Context, in *SignInput) (*SignOutput, error) {
	return api.Do(ctx, in, onKey(s, (*SignInput).use), s.sign)
}

func (s *Service) sign(ctx context.Context, k *key, in *SignInput) (*SignOutput, error) {
	b, err := s.usable(ctx, k, "Sign", UsageSignVerify, in.SigningAlgorithm)
	if err != nil {
		return nil, err
	}
	if err := in.message().check(); err != nil {
		return nil, err
	}
	if in.DryRun {
		return nil, ErrDryRun
	}
	signature, err := b.pair.(signer).sign(in.message())
	if err != nil {
		return nil, err
	}
	s.used(ctx, k, "Sign")
	return &SignOutput{k.arn, signature, in.SigningAlgorithm}, nil
}

// VerifyInput is the input of Verify.
type VerifyInput struct {
	DryRun           bool     `out:"nonzero"`
	GrantTokens      []string `check:"min=0,max=10" itemcheck:"min=1,max=8192"`
	KeyId            string   `check:"required,min=1,max=2048"`
	Message          []byte   `check:"required,min=1,max=4096" sensitive:"true" trail:"omit"`
	MessageType      string   `enum:"RAW|DIGEST|EXTERNAL_MU"`
	Signature        []byte   `check:"required,min=1,max=6144" trail:"omit"`
	SigningAlgorithm string   `check:"required" enum:"RSASSA_PSS_SHA_256|RSASSA_PSS_SHA_384|RSASSA_PSS_SHA_512|RSASSA_PKCS1_V1_5_SHA_256|RSASSA_PKCS1_V1_5_SHA_384|RSASSA_PKCS1_V1_5_SHA_512|ECDSA_SHA_256|ECDSA_SHA_384|ECDSA_SHA_512|SM2DSA|ML_DSA_SHAKE_256|ED25519_SHA_512|ED25519_PH_SHA_512"`
}

// VerifyOutput is the output of Verify.
type VerifyOutput struct {
	KeyId            string
	SignatureValid   bool
	SigningAlgorithm string
}

func (in *VerifyInput) message() message {
	return message{in.SigningAlgorithm, cmp.Or(in.MessageType, MessageRaw), in.Message}
}

func (in *VerifyInput) use() keyUse { return in.message().use(in.KeyId, in.GrantTokens) }

// Verify checks a signature. An invalid signature is an error.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html.
func (s *Service) Verify(ctx context.Context, in *VerifyInput) (*VerifyOutput, error) {
	return api.Do(ctx, in, onKey(s, (*VerifyInput).use), s.verify)
}

func (s *Service) verify(ctx context.Context, k *key, in *VerifyInput) (*VerifyOutput, error) {
	b, err := s.usable(ctx, k, "Verify", UsageSignVerify, in.SigningAlgorithm)
	if err != nil {
		return nil, err
	}
	if err := in.message().check(); err != nil {
		return nil, err
	}
	if !b.pair.(signer).verify(in.message(), in.Signature) {
		return nil, ErrInvalidSignature
	}
	if in.DryRun {
		return nil, ErrDryRun
	}
	s.used(ctx, k, "Verify")
	return &VerifyOutput{k.arn, true, in.SigningAlgorithm}, nil
}

// signer is a key pair that signs. Messages have been checked.
type signer interface {
	sign(message) ([]byte, error)
	verify(m message, signature []byte) bool
}

// check reports a message whose type does not go with the algorithm, or whose
// length does not go with the type.
func (m message) check() error {
	allowed := map[string][]string{
		algorithmMLDSA:     {MessageRaw, MessageExternalMu},
		algorithmEd25519:   {MessageRaw},
		algorithmEd25519ph: {MessageDigest},
	}[m.algorithm]
	if allowed == nil {
		allowed = []string{MessageRaw, MessageDigest}
	}
	if !slices.Contains(allowed, m.kind) {
		return ErrValidation.Withf("Message type %s is incompatible with algorithm %s.", m.kind, m.algorithm)
	}
	size := len(m.bytes)
	switch {
	case m.kind == MessageDigest && size != hashOf(m.algorithm).Size(), m.kind == MessageExternalMu && size != 64:
		return ErrValidation.Withf("Digest is invalid length for algorithm %s.", m.algorithm)
	default:
		return nil
	}
}

// digest is the message's digest, of whichever kind it is.
func (m message) digest() []byte {
	if m.kind == MessageDigest {
		return m.bytes
	}
	h := hashOf(m.algorithm).New()
	h.Write(m.bytes)
	return h.Sum(nil)
}

var pss = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}

func (p rsaPair) sign(m message) ([]byte, error) {
	if strings.HasPrefix(m.algorithm, "RSASSA_PSS") {
		return rsa.SignPSS(rand.Reader, p.PrivateKey, hashOf(m.algorithm), m.digest(), pss)
	}
	return rsa.SignPKCS1v15(rand.Reader, p.PrivateKey, hashOf(m.algorithm), m.digest())
}

func (p rsaPair) verify(m message, signature []byte) bool {
	if strings.HasPrefix(m.algorithm, "RSASSA_PSS") {
		return rsa.VerifyPSS(&p.PublicKey, hashOf(m.algorithm), m.digest(), signature, pss) == nil
	}
	return rsa.VerifyPKCS1v15(&p.PublicKey, hashOf(m.algorithm), m.digest(), signature) == nil
}

func (p ecPair) sign(m message) ([]byte, error) {
	return ecdsa.SignASN1(rand.Reader, p.PrivateKey, m.digest())
}

func (p ecPair) verify(m message, signature []byte) bool {
	return ecdsa.VerifyASN1(&p.PublicKey, m.digest(), signature)
}

// prehashed is what Ed25519ph signs: KMS hashes once more what the caller hashed.
func (m message) prehashed() []byte {
	digest := sha512.Sum512(m.bytes)
	return digest[:]
}

var prehash = &ed25519.Options{Hash: crypto.SHA512}

func (p edwardsPair) sign(m message) ([]byte, error) {
	if m.algorithm == algorithmEd25519ph {
		return p.Sign(rand.Reader, m.prehashed(), prehash)
	}
	return p.Sign(rand.Reader, m.bytes, crypto.Hash(0))
}

func (p edwardsPair) verify(m message, signature []byte) bool {
	public := p.Public().(ed25519.PublicKey)
	if m.algorithm == algorithmEd25519ph {
		return ed25519.VerifyWithOptions(public, m.prehashed(), signature, prehash) == nil
	}
	return ed25519.Verify(public, m.bytes, signature)
}

func (p mldsaPair) sign(m message) ([]byte, error) {
	if m.kind == MessageExternalMu {
		return p.Sign(nil, m.bytes, mldsacrypto.MLDSAMu)
	}
	return p.Sign(nil, m.bytes, nil)
}

func (p mldsaPair) verify(m message, signature []byte) bool {
	if m.kind == MessageExternalMu {
		return verifyMu(p.PublicKey(), m.bytes, signature)
	}
	return mldsa.Verify(p.PublicKey(), m.bytes, signature, nil) == nil
}
