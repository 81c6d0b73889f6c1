package kms

import (
	"context"
	"crypto/mlkem"
	"crypto/x509/pkix"
	"encoding/asn1"

	"github.com/cloudflare/circl/kem/mlkem/mlkem512"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// kemPair is an ML-KEM key pair (FIPS 203).
type kemPair struct {
	kem
	size int
	seed []byte
}

// kem is a parameter set's mathematics.
type kem interface {
	publicBytes() []byte
	encapsulate() (shared, ciphertext []byte)
	decapsulate(ciphertext []byte) (shared []byte, err error)
}

// kemSeedSize is the size in bytes of the seeds (d and z) that keys are made of.
const kemSeedSize = 64

func newKEM(size int, seed []byte) (kemPair, error) {
	if len(seed) != kemSeedSize {
		return kemPair{}, errMaterial
	}
	switch size {
	case 512:
		public, private := mlkem512.NewKeyFromSeed(seed)
		return kemPair{kem512{public, private}, size, seed}, nil
	case 768:
		k, err := mlkem.NewDecapsulationKey768(seed)
		return kemPair{kem768{k}, size, seed}, err
	default:
		k, err := mlkem.NewDecapsulationKey1024(seed)
		return kemPair{kem1024{k}, size, seed}, err
	}
}

type kem768 struct{ *mlkem.DecapsulationKey768 }

func (k kem768) publicBytes() []byte                           { return k.EncapsulationKey().Bytes() }
func (k kem768) encapsulate() (shared, ciphertext []byte)      { return k.EncapsulationKey().Encapsulate() }
func (k kem768) decapsulate(ciphertext []byte) ([]byte, error) { return k.Decapsulate(ciphertext) }

type kem1024 struct{ *mlkem.DecapsulationKey1024 }

func (k kem1024) publicBytes() []byte                           { return k.EncapsulationKey().Bytes() }
func (k kem1024) encapsulate() (shared, ciphertext []byte)      { return k.EncapsulationKey().Encapsulate() }
func (k kem1024) decapsulate(ciphertext []byte) ([]byte, error) { return k.Decapsulate(ciphertext) }

type kem512 struct {
	public  *mlkem512.PublicKey
	private *mlkem512.PrivateKey
}

func (k kem512) publicBytes() []byte {
	b := make([]byte, mlkem512.PublicKeySize)
	k.public.Pack(b)
	return b
}

func (k kem512) encapsulate() (shared, ciphertext []byte) {
	shared, ciphertext = make([]byte, mlkem512.SharedKeySize), make([]byte, mlkem512.CiphertextSize)
	k.public.EncapsulateTo(ciphertext, shared, randomBytes(mlkem512.EncapsulationSeedSize))
	return shared, ciphertext
}

func (k kem512) decapsulate(ciphertext []byte) ([]byte, error) {
	if len(ciphertext) != mlkem512.CiphertextSize {
		return nil, errMaterial
	}
	shared := make([]byte, mlkem512.SharedKeySize)
	k.private.DecapsulateTo(shared, ciphertext)
	return shared, nil
}

// identifier names the parameter set in the encodings of RFC 9935.
func kemIdentifier(size int) pkix.AlgorithmIdentifier {
	set := map[int]int{512: 1, 768: 2, 1024: 3}[size]
	return pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 4, set}}
}

func (p kemPair) public() ([]byte, error) {
	return asn1.Marshal(publicKeyInfo{kemIdentifier(p.size), bitString(p.publicBytes())})
}

// private is the pair in the seed format of RFC 9935.
func (p kemPair) private() ([]byte, error) {
	inner, err := asn1.MarshalWithParams(p.seed, "tag:0")
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(pkcs8{Algorithm: kemIdentifier(p.size), PrivateKey: inner})
}

func parseKEM(size int, der []byte) (keyPair, error) {
	var outer pkcs8
	var seed []byte
	if rest, err := asn1.Unmarshal(der, &outer); err != nil || len(rest) > 0 ||
		!outer.Algorithm.Algorithm.Equal(kemIdentifier(size).Algorithm) {
		return nil, errMaterial
	}
	if rest, err := asn1.UnmarshalWithParams(outer.PrivateKey, &seed, "tag:0"); err != nil || len(rest) > 0 {
		return nil, errMaterial
	}
	return newKEM(size, seed)
}

// EncapsulateInput is the input of Encapsulate.
type EncapsulateInput struct {
	DryRun                 bool     `out:"nonzero"`
	EncapsulationAlgorithm string   `check:"required" enum:"ML_KEM"`
	GrantTokens            []string `check:"min=0,max=10" itemcheck:"min=1,max=8192"`
	KeyId                  string   `check:"required,min=1,max=2048"`
}

// EncapsulateOutput is the output of Encapsulate.
type EncapsulateOutput struct {
	EncapsulationAlgorithm     string
	KeyId                      string
	SharedSecret               []byte `sensitive:"true" trail:"omit"`
	SharedSecretCiphertextBlob []byte `trail:"omit"`
}

func (in *EncapsulateInput) use() keyUse {
	return kemUse(in.KeyId, in.GrantTokens, in.EncapsulationAlgorithm)
}

func kemUse(name string, tokens []string, algorithm string) keyUse {
	return byAlias(name).by(tokens).with(func(c *policyeval.Context) {
		c.Set("kms:encapsulationalgorithm", algorithm)
	})
}

// Encapsulate makes a shared secret and encapsulates it for the key.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_Encapsulate.html.
func (s *Service) Encapsulate(ctx context.Context, in *EncapsulateInput) (*EncapsulateOutput, error) {
	return api.Do(ctx, in, onKey(s, (*EncapsulateInput).use), s.encapsulate)
}

func (s *Service) encapsulate(ctx context.Context, k *key, in *EncapsulateInput) (*EncapsulateOutput, error) {
	pair, err := s.kemKey(ctx, "Encapsulate", k, in.EncapsulationAlgorithm)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return nil, ErrDryRun
	}
	shared, ciphertext := pair.encapsulate()
	s.used(ctx, k, "Encapsulate")
	return &EncapsulateOutput{in.EncapsulationAlgorithm, k.arn, shared, ciphertext}, nil
}

func (s *Service) kemKey(ctx context.Context, operation string, k *key, algorithm string) (kemPair, error) {
	b, err := s.usable(ctx, k, operation, UsageEncapsulate, algorithm)
	if err != nil {
		return kemPair{}, err
	}
	return b.pair.(kemPair), nil
}

// DecapsulateInput is the input of Decapsulate.
type DecapsulateInput struct {
	DryRun                     bool     `out:"nonzero"`
	EncapsulationAlgorithm     string   `check:"required" enum:"ML_KEM"`
	GrantTokens                []string `check:"min=0,max=10" itemcheck:"min=1,max=8192"`
	KeyId                      string   `check:"required,min=1,max=2048"`
	SharedSecretCiphertextBlob []byte   `check:"required,min=1,max=6144" trail:"omit"`
}

// DecapsulateOutput is the output of Decapsulate.
type DecapsulateOutput struct {
	EncapsulationAlgorithm string
	KeyId                  string
	SharedSecret           []byte `sensitive:"true" trail:"omit"`
}

func (in *DecapsulateInput) use() keyUse {
	return kemUse(in.KeyId, in.GrantTokens, in.EncapsulationAlgorithm)
}

// Decapsulate recovers a shared secret. For a ciphertext that was not made for the key
// it answers a different secret and no error, as ML-KEM does.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_Decapsulate.html.
func (s *Service) Decapsulate(ctx context.Context, in *DecapsulateInput) (*DecapsulateOutput, error) {
	return api.Do(ctx, in, onKey(s, (*DecapsulateInput).use), s.decapsulate)
}

func (s *Service) decapsulate(ctx context.Context, k *key, in *DecapsulateInput) (*DecapsulateOutput, error) {
	pair, err := s.kemKey(ctx, "Decapsulate", k, in.EncapsulationAlgorithm)
	if err != nil {
		return nil, err
	}
	shared, err := pair.decapsulate(in.SharedSecretCiphertextBlob)
	if err != nil {
		return nil, ErrInvalidCiphertext
	}
	if in.DryRun {
		return nil, ErrDryRun
	}
	s.used(ctx, k, "Decapsulate")
	return &DecapsulateOutput{in.EncapsulationAlgorithm, k.arn, shared}, nil
}
