package kms

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// GetPublicKeyInput is the input of GetPublicKey.
type GetPublicKeyInput struct {
	GrantTokens []string `check:"min=0,max=10" itemcheck:"min=1,max=8192"`
	KeyId       string   `check:"required,min=1,max=2048"`
}

// GetPublicKeyOutput is the output of GetPublicKey.
type GetPublicKeyOutput struct {
	CustomerMasterKeySpec   string
	EncapsulationAlgorithms []string
	EncryptionAlgorithms    []string
	KeyAgreementAlgorithms  []string
	KeyId                   string
	KeySpec                 string
	KeyUsage                string
	PublicKey               []byte
	SigningAlgorithms       []string
}

func (in *GetPublicKeyInput) use() keyUse { return byAlias(in.KeyId).by(in.GrantTokens) }

// GetPublicKey answers the public key of an asymmetric key.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html.
func (s *Service) GetPublicKey(ctx context.Context, in *GetPublicKeyInput) (*GetPublicKeyOutput, error) {
	return api.Do(ctx, in, onKey(s, (*GetPublicKeyInput).use), s.getPublicKey)
}

func (s *Service) getPublicKey(_ context.Context, k *key, _ *GetPublicKeyInput) (*GetPublicKeyOutput, error) {
	if err := k.admit("GetPublicKey"); err != nil {
		return nil, err
	}
	m := k.material(k.Current)
	if m == nil || m.Public == nil {
		return nil, ErrUnsupportedOperation.Withf("%s is not an asymmetric key.", k.arn)
	}
	out := &GetPublicKeyOutput{
		KeyId: k.arn, KeySpec: k.Spec, CustomerMasterKeySpec: k.Spec, KeyUsage: k.Usage, PublicKey: m.Public,
	}
	switch k.Usage {
	case UsageEncryptDecrypt:
		out.EncryptionAlgorithms = k.algorithms()
	case UsageSignVerify:
		out.SigningAlgorithms = k.algorithms()
	case UsageKeyAgreement:
		out.KeyAgreementAlgorithms = k.algorithms()
	case UsageEncapsulate:
		out.EncapsulationAlgorithms = k.algorithms()
	}
	return out, nil
}

// DeriveSharedSecretInput is the input of DeriveSharedSecret.
type DeriveSharedSecretInput struct {
	DryRun                bool           `out:"nonzero"`
	GrantTokens           []string       `check:"min=0,max=10" itemcheck:"min=1,max=8192"`
	KeyAgreementAlgorithm string         `check:"required" enum:"ECDH"`
	KeyId                 string         `check:"required,min=1,max=2048"`
	PublicKey             []byte         `check:"required,min=1,max=8192"`
	Recipient             *RecipientInfo `trail:"omit"`
}

// DeriveSharedSecretOutput is the output of DeriveSharedSecret.
type DeriveSharedSecretOutput struct {
	CiphertextForRecipient []byte `trail:"omit"`
	KeyAgreementAlgorithm  string
	KeyId                  string
	KeyOrigin              string
	SharedSecret           []byte `sensitive:"true" trail:"omit"`
}

func (in *DeriveSharedSecretInput) use() keyUse {
	return byAlias(in.KeyId).by(in.GrantTokens).with(func(c *policyeval.Context) {
		c.Set("kms:keyagreementalgorithm", in.KeyAgreementAlgorithm)
	})
}

// DeriveSharedSecret derives the secret that the key shares with another
// party's public key.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html.
func (s *Service) DeriveSharedSecret(ctx context.Context, in *DeriveSharedSecretInput) (*DeriveSharedSecretOutput, error) {
	return api.Do(ctx, in, onKey(s, (*DeriveSharedSecretInput).use), s.deriveSharedSecret)
}

func (s *Service) deriveSharedSecret(ctx context.Context, k *key, in *DeriveSharedSecretInput) (*DeriveSharedSecretOutput, error) {
	if err := in.Recipient.refuse(); err != nil {
		return nil, err
	}
	b, err := s.usable(ctx, k, "DeriveSharedSecret", UsageKeyAgreement, in.KeyAgreementAlgorithm)
	if err != nil {
		return nil, err
	}
	secret, err := b.pair.(ecPair).agree(in.PublicKey)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return nil, ErrDryRun
	}
	s.used(ctx, k, "DeriveSharedSecret")
	return &DeriveSharedSecretOutput{
		KeyAgreementAlgorithm: in.KeyAgreementAlgorithm, KeyId: k.arn, KeyOrigin: k.Origin, SharedSecret: secret,
	}, nil
}

// agree is the x coordinate of the point that the pair shares with a public
// key of its curve. An invalid key is a validation error without a message [K084].
func (p ecPair) agree(der []byte) ([]byte, error) {
	parsed, err := x509.ParsePKIXPublicKey(der)
	theirs, ok := parsed.(*ecdsa.PublicKey)
	if err != nil || !ok || theirs.Curve != p.Curve {
		return nil, ErrValidation
	}
	public, err := theirs.ECDH()
	if err != nil {
		return nil, ErrValidation
	}
	private, err := p.ECDH()
	if err != nil {
		return nil, err
	}
	return private.ECDH(public)
}
