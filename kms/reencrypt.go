package kms

import (
	"cmp"
	"context"

	"github.com/waxseal/waxseal/internal/api"
)

// ReEncryptInput is the input of ReEncrypt.
type ReEncryptInput struct {
	CiphertextBlob                 []byte `check:"min=1,max=6144" trail:"omit"`
	DestinationEncryptionAlgorithm string `enum:"SYMMETRIC_DEFAULT|RSAES_OAEP_SHA_1|RSAES_OAEP_SHA_256|SM2PKE"`
	DestinationEncryptionContext   map[string]string
	DestinationKeyId               string   `check:"required,min=1,max=2048"`
	DryRun                         bool     `out:"nonzero"`
	DryRunModifiers                []string `itemenum:"IGNORE_CIPHERTEXT"`
	GrantTokens                    []string `check:"min=0,max=10" itemcheck:"min=1,max=8192"`
	SourceEncryptionAlgorithm      string   `enum:"SYMMETRIC_DEFAULT|RSAES_OAEP_SHA_1|RSAES_OAEP_SHA_256|SM2PKE"`
	SourceEncryptionContext        map[string]string
	SourceKeyId                    string `check:"min=1,max=2048"`
}

// ReEncryptOutput is the output of ReEncrypt.
type ReEncryptOutput struct {
	CiphertextBlob                 []byte `trail:"omit"`
	DestinationEncryptionAlgorithm string
	DestinationKeyMaterialId       string
	KeyId                          string
	SourceEncryptionAlgorithm      string
	SourceKeyId                    string
	SourceKeyMaterialId            string
}

func (in *ReEncryptInput) sealed() sealed {
	return sealed{
		in.SourceKeyId, in.CiphertextBlob, cmp.Or(in.SourceEncryptionAlgorithm, AlgorithmSymmetric),
		in.SourceEncryptionContext, in.GrantTokens, in.DryRun, in.DryRunModifiers,
	}
}

func (in *ReEncryptInput) algorithm() string {
	return cmp.Or(in.DestinationEncryptionAlgorithm, AlgorithmSymmetric)
}

// rewrapping is the key that decrypts a ciphertext, and the one that encrypts it anew.
type rewrapping struct{ source, destination *key }

// ReEncrypt decrypts a ciphertext and encrypts the plaintext with another key
// or encryption context.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html.
func (s *Service) ReEncrypt(ctx context.Context, in *ReEncryptInput) (*ReEncryptOutput, error) {
	return api.DoChecks(ctx, in, s.reEncryptChecks, s.reEncrypt)
}

func (s *Service) reEncrypt(ctx context.Context, keys *rewrapping, in *ReEncryptInput) (*ReEncryptOutput, error) {
	c, source, destination := in.sealed(), keys.source, keys.destination
	plaintext, materialID, err := s.open(ctx, "ReEncrypt", source, c)
	if err != nil {
		return nil, err
	}
	b, err := s.usable(ctx, destination, "ReEncrypt", UsageEncryptDecrypt, in.algorithm())
	if err != nil {
		return nil, err
	}
	blob, err := destination.encrypt(b, in.algorithm(), plaintext, in.DestinationEncryptionContext)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return nil, ErrDryRun
	}
	out := &ReEncryptOutput{
		CiphertextBlob: blob, KeyId: destination.arn, DestinationEncryptionAlgorithm: in.algorithm(),
		SourceKeyId: source.arn, SourceEncryptionAlgorithm: c.algorithm, SourceKeyMaterialId: materialID,
	}
	if destination.isSymmetric() {
		out.DestinationKeyMaterialId = destination.Current
	}
	s.used(ctx, source, "ReEncrypt")
	s.used(ctx, destination, "ReEncrypt")
	return out, nil
}
