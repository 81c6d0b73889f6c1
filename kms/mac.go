package kms

import (
	"context"
	"crypto/hmac"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// GenerateMacInput is the input of GenerateMac. The algorithms stand in the
// order in which AWS names them when it refuses another [K056].
type GenerateMacInput struct {
	DryRun       bool     `out:"nonzero"`
	GrantTokens  []string `check:"min=0,max=10" itemcheck:"min=1,max=8192"`
	KeyId        string   `check:"required,min=1,max=2048"`
	MacAlgorithm string   `check:"required" enum:"HMAC_SHA_384|HMAC_SHA_256|HMAC_SHA_224|HMAC_SHA_512"`
	Message      []byte   `check:"required,min=1,max=4096" sensitive:"true" trail:"omit"`
}

// GenerateMacOutput is the output of GenerateMac.
type GenerateMacOutput struct {
	KeyId        string
	Mac          []byte `trail:"omit"`
	MacAlgorithm string
}

func (in *GenerateMacInput) use() keyUse { return macUse(in.KeyId, in.GrantTokens, in.MacAlgorithm) }

func macUse(name string, tokens []string, algorithm string) keyUse {
	return byAlias(name).by(tokens).with(func(c *policyeval.Context) {
		c.Set("kms:macalgorithm", algorithm)
	})
}

func (b *backing) authenticate(algorithm string, message []byte) []byte {
	h := hmac.New(hashOf(algorithm).New, b.mac)
	h.Write(message)
	return h.Sum(nil)
}

// GenerateMac makes an HMAC of a message of at most 4,096 bytes.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html.
func (s *Service) GenerateMac(ctx context.Context, in *GenerateMacInput) (*GenerateMacOutput, error) {
	return api.Do(ctx, in, onKey(s, (*GenerateMacInput).use), s.generateMac)
}

func (s *Service) generateMac(ctx context.Context, k *key, in *GenerateMacInput) (*GenerateMacOutput, error) {
	b, err := s.usable(ctx, k, "GenerateMac", UsageGenerateVerifyMac, in.MacAlgorithm)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return nil, ErrDryRun
	}
	mac := b.authenticate(in.MacAlgorithm, in.Message)
	s.used(ctx, k, "GenerateMac")
	return &GenerateMacOutput{k.arn, mac, in.MacAlgorithm}, nil
}

// VerifyMacInput is the input of VerifyMac.
type VerifyMacInput struct {
	DryRun       bool     `out:"nonzero"`
	GrantTokens  []string `check:"min=0,max=10" itemcheck:"min=1,max=8192"`
	KeyId        string   `check:"required,min=1,max=2048"`
	Mac          []byte   `check:"required,min=1,max=6144" trail:"omit"`
	MacAlgorithm string   `check:"required" enum:"HMAC_SHA_384|HMAC_SHA_256|HMAC_SHA_224|HMAC_SHA_512"`
	Message      []byte   `check:"required,min=1,max=4096" sensitive:"true" trail:"omit"`
}

// VerifyMacOutput is the output of VerifyMac.
type VerifyMacOutput struct {
	KeyId        string
	MacAlgorithm string
	MacValid     bool
}

func (in *VerifyMacInput) use() keyUse { return macUse(in.KeyId, in.GrantTokens, in.MacAlgorithm) }

// VerifyMac checks an HMAC. An invalid HMAC is an error.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html.
func (s *Service) VerifyMac(ctx context.Context, in *VerifyMacInput) (*VerifyMacOutput, error) {
	return api.Do(ctx, in, onKey(s, (*VerifyMacInput).use), s.verifyMac)
}

func (s *Service) verifyMac(ctx context.Context, k *key, in *VerifyMacInput) (*VerifyMacOutput, error) {
	b, err := s.usable(ctx, k, "VerifyMac", UsageGenerateVerifyMac, in.MacAlgorithm)
	if err != nil {
		return nil, err
	}
	if !hmac.Equal(in.Mac, b.authenticate(in.MacAlgorithm, in.Message)) {
		return nil, ErrInvalidMac
	}
	if in.DryRun {
		return nil, ErrDryRun
	}
	s.used(ctx, k, "VerifyMac")
	return &VerifyMacOutput{k.arn, in.MacAlgorithm, true}, nil
}
