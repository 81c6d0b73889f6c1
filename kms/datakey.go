package kms

import (
	"context"

	"github.com/waxseal/waxseal/policyeval"
)

// GenerateDataKeyInput is the input of GenerateDataKey.
type GenerateDataKeyInput struct {
	DryRun            bool
	EncryptionContext map[string]string
	GrantTokens       []string       `check:"max=10"`
	KeyId             string         `check:"required,min=1,max=2048"`
	KeySpec           string         `enum:"AES_256|AES_128"`
	NumberOfBytes     *int           `check:"min=1,max=1024"`
	Recipient         *RecipientInfo `trail:"omit"`
}

// GenerateDataKeyOutput is the output of GenerateDataKey.
type GenerateDataKeyOutput struct {
	CiphertextBlob         []byte `trail:"omit"`
	CiphertextForRecipient []byte `trail:"omit"`
	KeyId                  string
	KeyMaterialId          string
	Plaintext              []byte `sensitive:"true" trail:"omit"`
}

func (in *GenerateDataKeyInput) use() keyUse { return dataKeyUse(in.KeyId, in.EncryptionContext) }

func dataKeyUse(name string, context map[string]string) keyUse {
	return byAlias(name).in(context).with(func(c *policyeval.Context) {
		c.Set("kms:EncryptionAlgorithm", AlgorithmSymmetric)
	})
}

// GenerateDataKey makes a data key and encrypts it.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html.
func (s *Service) GenerateDataKey(ctx context.Context, in *GenerateDataKeyInput) (*GenerateDataKeyOutput, error) {
	if err := in.Recipient.refuse(); err != nil {
		return nil, err
	}
	return s.dataKey(ctx, in, "GenerateDataKey")
}

// GenerateDataKeyWithoutPlaintextInput is the input of GenerateDataKeyWithoutPlaintext.
type GenerateDataKeyWithoutPlaintextInput struct {
	DryRun            bool
	EncryptionContext map[string]string
	GrantTokens       []string `check:"max=10"`
	KeyId             string   `check:"required,min=1,max=2048"`
	KeySpec           string   `enum:"AES_256|AES_128"`
	NumberOfBytes     *int     `check:"min=1,max=1024"`
}

// GenerateDataKeyWithoutPlaintextOutput is the output of GenerateDataKeyWithoutPlaintext.
type GenerateDataKeyWithoutPlaintextOutput struct {
	CiphertextBlob []byte `trail:"omit"`
	KeyId          string
	KeyMaterialId  string
}

func (in *GenerateDataKeyWithoutPlaintextInput) use() keyUse {
	return dataKeyUse(in.KeyId, in.EncryptionContext)
}

// GenerateDataKeyWithoutPlaintext makes a data key that is answered only encrypted.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html.
func (s *Service) GenerateDataKeyWithoutPlaintext(ctx context.Context, in *GenerateDataKeyWithoutPlaintextInput) (*GenerateDataKeyWithoutPlaintextOutput, error) {
	out, err := s.dataKey(ctx, &GenerateDataKeyInput{
		DryRun: in.DryRun, EncryptionContext: in.EncryptionContext, KeyId: in.KeyId,
		KeySpec: in.KeySpec, NumberOfBytes: in.NumberOfBytes,
	}, "GenerateDataKeyWithoutPlaintext")
	if err != nil {
		return nil, err
	}
	return &GenerateDataKeyWithoutPlaintextOutput{out.CiphertextBlob, out.KeyId, out.KeyMaterialId}, nil
}

func (s *Service) dataKey(ctx context.Context, in *GenerateDataKeyInput, operation string) (*GenerateDataKeyOutput, error) {
	size, err := dataKeySize(in.KeySpec, in.NumberOfBytes)
	if err != nil {
		return nil, err
	}
	key, err := s.usable(ctx, in.KeyId, operation, UsageEncryptDecrypt)
	if err != nil {
		return nil, err
	}
	b, err := s.backing(ctx, key, key.Current)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return nil, ErrDryRun
	}
	plaintext := randomBytes(size)
	return &GenerateDataKeyOutput{
		CiphertextBlob: b.seal(plaintext, in.EncryptionContext), Plaintext: plaintext, KeyId: key.arn, KeyMaterialId: key.Current,
	}, nil
}

// dataKeySize is the size in bytes of the data key asked for, by exactly one of the two parameters.
func dataKeySize(spec string, bytes *int) (int, error) {
	switch {
	case (spec == "") == (bytes == nil):
		return 0, ErrValidation.With("Please specify either number of bytes or key spec.")
	case spec == DataKeyAES128:
		return 16, nil
	case spec == DataKeyAES256:
		return 32, nil
	default:
		return *bytes, nil
	}
}
