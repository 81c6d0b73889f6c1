package kms

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// GenerateDataKeyInput is the input of GenerateDataKey.
type GenerateDataKeyInput struct {
	DryRun            bool `out:"nonzero"`
	EncryptionContext map[string]string
	GrantTokens       []string       `check:"min=0,max=10" itemcheck:"min=1,max=8192"`
	KeyId             string         `check:"required,min=1,max=2048"`
	KeySpec           string         `enum:"AES_256|AES_128"`
	NumberOfBytes     *int32         `check:"min=1,max=1024"`
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

func (in *GenerateDataKeyInput) use() keyUse {
	return dataKeyUse(in.KeyId, in.EncryptionContext, in.GrantTokens)
}

func dataKeyUse(name string, context map[string]string, tokens []string) keyUse {
	return byAlias(name).in(context).by(tokens).with(symmetricAlgorithm)
}

func symmetricAlgorithm(c *policyeval.Context) { c.Set("kms:encryptionalgorithm", AlgorithmSymmetric) }

// GenerateDataKey makes a data key and encrypts it.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html.
func (s *Service) GenerateDataKey(ctx context.Context, in *GenerateDataKeyInput) (*GenerateDataKeyOutput, error) {
	return api.Do(ctx, in, onKey(s, (*GenerateDataKeyInput).use), s.generateDataKey)
}

func (s *Service) generateDataKey(ctx context.Context, k *key, in *GenerateDataKeyInput) (*GenerateDataKeyOutput, error) {
	if err := in.Recipient.refuse(); err != nil {
		return nil, err
	}
	return s.dataKey(ctx, k, in, "GenerateDataKey")
}

// GenerateDataKeyWithoutPlaintextInput is the input of GenerateDataKeyWithoutPlaintext.
type GenerateDataKeyWithoutPlaintextInput struct {
	DryRun            bool `out:"nonzero"`
	EncryptionContext map[string]string
	GrantTokens       []string `check:"min=0,max=10" itemcheck:"min=1,max=8192"`
	KeyId             string   `check:"required,min=1,max=2048"`
	KeySpec           string   `enum:"AES_256|AES_128"`
	NumberOfBytes     *int32   `check:"min=1,max=1024"`
}

// GenerateDataKeyWithoutPlaintextOutput is the output of GenerateDataKeyWithoutPlaintext.
type GenerateDataKeyWithoutPlaintextOutput struct {
	CiphertextBlob []byte `trail:"omit"`
	KeyId          string
	KeyMaterialId  string
}

func (in *GenerateDataKeyWithoutPlaintextInput) use() keyUse {
	return dataKeyUse(in.KeyId, in.EncryptionContext, in.GrantTokens)
}

// GenerateDataKeyWithoutPlaintext makes a data key that is answered only encrypted.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyWithoutPlaintext.html.
func (s *Service) GenerateDataKeyWithoutPlaintext(ctx context.Context, in *GenerateDataKeyWithoutPlaintextInput) (*GenerateDataKeyWithoutPlaintextOutput, error) {
	return api.Do(ctx, in, onKey(s, (*GenerateDataKeyWithoutPlaintextInput).use), s.generateDataKeyWithoutPlaintext)
}

func (s *Service) generateDataKeyWithoutPlaintext(ctx context.Context, k *key, in *GenerateDataKeyWithoutPlaintextInput) (*GenerateDataKeyWithoutPlaintextOutput, error) {
	out, err := s.dataKey(ctx, k, &GenerateDataKeyInput{
		DryRun: in.DryRun, EncryptionContext: in.EncryptionContext, KeySpec: in.KeySpec, NumberOfBytes: in.NumberOfBytes,
	}, "GenerateDataKeyWithoutPlaintext")
	if err != nil {
		return nil, err
	}
	return &GenerateDataKeyWithoutPlaintextOutput{out.CiphertextBlob, out.KeyId, out.KeyMaterialId}, nil
}

func (s *Service) dataKey(ctx context.Context, k *key, in *GenerateDataKeyInput, operation string) (*GenerateDataKeyOutput, error) {
	size, err := dataKeySize(in.KeySpec, in.NumberOfBytes)
	if err != nil {
		return nil, err
	}
	b, err := s.usable(ctx, k, operation, UsageEncryptDecrypt, AlgorithmSymmetric)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return nil, ErrDryRun
	}
	plaintext := randomBytes(size)
	s.used(ctx, k, operation)
	return &GenerateDataKeyOutput{
		CiphertextBlob: b.seal(plaintext, in.EncryptionContext), Plaintext: plaintext, KeyId: k.arn, KeyMaterialId: k.Current,
	}, nil
}

// dataKeySize is the size in bytes of the data key asked for, by exactly one of the two parameters.
func dataKeySize(spec string, bytes *int32) (int, error) {
	switch {
	case (spec == "") == (bytes == nil):
		return 0, ErrValidation.With("Please specify either number of bytes or key spec.")
	case spec == DataKeyAES128:
		return 16, nil
	case spec == DataKeyAES256:
		return 32, nil
	default:
		return int(*bytes), nil
	}
}

// GenerateDataKeyPairInput is the input of GenerateDataKeyPair.
type GenerateDataKeyPairInput struct {
	DryRun            bool `out:"nonzero"`
	EncryptionContext map[string]string
	GrantTokens       []string       `check:"min=0,max=10" itemcheck:"min=1,max=8192"`
	KeyId             string         `check:"required,min=1,max=2048"`
	KeyPairSpec       string         `check:"required" enum:"RSA_2048|RSA_3072|RSA_4096|ECC_NIST_P256|ECC_NIST_P384|ECC_NIST_P521|ECC_SECG_P256K1|SM2|ECC_NIST_EDWARDS25519|ML_KEM_512|ML_KEM_768|ML_KEM_1024"`
	Recipient         *RecipientInfo `trail:"omit"`
}

// GenerateDataKeyPairOutput is the output of GenerateDataKeyPair.
type GenerateDataKeyPairOutput struct {
	CiphertextForRecipient   []byte `trail:"omit"`
	KeyId                    string
	KeyMaterialId            string
	KeyPairSpec              string
	PrivateKeyCiphertextBlob []byte `trail:"omit"`
	PrivateKeyPlaintext      []byte `sensitive:"true" trail:"omit"`
	PublicKey                []byte
}

func (in *GenerateDataKeyPairInput) use() keyUse {
	return pairUse(in.KeyId, in.EncryptionContext, in.GrantTokens, in.KeyPairSpec)
}

func pairUse(name string, context map[string]string, tokens []string, spec string) keyUse {
	return byAlias(name).in(context).by(tokens).with(func(c *policyeval.Context) {
		symmetricAlgorithm(c)
		c.Set("kms:datakeypairspec", spec)
	})
}

// GenerateDataKeyPair makes a key pair and encrypts its private key.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPair.html.
func (s *Service) GenerateDataKeyPair(ctx context.Context, in *GenerateDataKeyPairInput) (*GenerateDataKeyPairOutput, error) {
	return api.Do(ctx, in, onKey(s, (*GenerateDataKeyPairInput).use), s.generateDataKeyPair)
}

func (s *Service) generateDataKeyPair(ctx context.Context, k *key, in *GenerateDataKeyPairInput) (*GenerateDataKeyPairOutput, error) {
	if err := in.Recipient.refuse(); err != nil {
		return nil, err
	}
	return s.dataKeyPair(ctx, k, in, "GenerateDataKeyPair")
}

// GenerateDataKeyPairWithoutPlaintextInput is the input of GenerateDataKeyPairWithoutPlaintext.
type GenerateDataKeyPairWithoutPlaintextInput struct {
	DryRun            bool `out:"nonzero"`
	EncryptionContext map[string]string
	GrantTokens       []string `check:"min=0,max=10" itemcheck:"min=1,max=8192"`
	KeyId             string   `check:"required,min=1,max=2048"`
	KeyPairSpec       string   `check:"required" enum:"RSA_2048|RSA_3072|RSA_4096|ECC_NIST_P256|ECC_NIST_P384|ECC_NIST_P521|ECC_SECG_P256K1|SM2|ECC_NIST_EDWARDS25519|ML_KEM_512|ML_KEM_768|ML_KEM_1024"`
}

// GenerateDataKeyPairWithoutPlaintextOutput is the output of GenerateDataKeyPairWithoutPlaintext.
type GenerateDataKeyPairWithoutPlaintextOutput struct {
	KeyId                    string
	KeyMaterialId            string
	KeyPairSpec              string
	PrivateKeyCiphertextBlob []byte `trail:"omit"`
	PublicKey                []byte
}

func (in *GenerateDataKeyPairWithoutPlaintextInput) use() keyUse {
	return pairUse(in.KeyId, in.EncryptionContext, in.GrantTokens, in.KeyPairSpec)
}

// GenerateDataKeyPairWithoutPlaintext makes a key pair whose private key is
// answered only encrypted.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKeyPairWithoutPlaintext.html.
func (s *Service) GenerateDataKeyPairWithoutPlaintext(ctx context.Context, in *GenerateDataKeyPairWithoutPlaintextInput) (*GenerateDataKeyPairWithoutPlaintextOutput, error) {
	return api.Do(ctx, in, onKey(s, (*GenerateDataKeyPairWithoutPlaintextInput).use), s.generateDataKeyPairWithoutPlaintext)
}

func (s *Service) generateDataKeyPairWithoutPlaintext(ctx context.Context, k *key, in *GenerateDataKeyPairWithoutPlaintextInput) (*GenerateDataKeyPairWithoutPlaintextOutput, error) {
	out, err := s.dataKeyPair(ctx, k, &GenerateDataKeyPairInput{
		DryRun: in.DryRun, EncryptionContext: in.EncryptionContext, KeyPairSpec: in.KeyPairSpec,
	}, "GenerateDataKeyPairWithoutPlaintext")
	if err != nil {
		return nil, err
	}
	return &GenerateDataKeyPairWithoutPlaintextOutput{
		out.KeyId, out.KeyMaterialId, out.KeyPairSpec, out.PrivateKeyCiphertextBlob, out.PublicKey,
	}, nil
}

func (s *Service) dataKeyPair(ctx context.Context, k *key, in *GenerateDataKeyPairInput, operation string) (*GenerateDataKeyPairOutput, error) {
	b, err := s.usable(ctx, k, operation, UsageEncryptDecrypt, AlgorithmSymmetric)
	if err != nil {
		return nil, err
	}
	if k.Store != "" { // data key pairs are not made with keys of custom key stores
		return nil, k.originError()
	}
	spec, ok := specs[in.KeyPairSpec]
	if !ok {
		return nil, ErrUnsupportedOperation.Withf("%s is not supported in this Region.", in.KeyPairSpec)
	}
	if in.DryRun {
		return nil, ErrDryRun
	}
	pair, err := spec.newPair()
	if err != nil {
		return nil, err
	}
	private, err := pair.private()
	if err != nil {
		return nil, err
	}
	public, err := pair.public()
	if err != nil {
		return nil, err
	}
	s.used(ctx, k, operation)
	return &GenerateDataKeyPairOutput{
		KeyId: k.arn, KeyMaterialId: k.Current, KeyPairSpec: in.KeyPairSpec, PublicKey: public,
		PrivateKeyPlaintext: private, PrivateKeyCiphertextBlob: b.seal(private, in.EncryptionContext),
	}, nil
}

// GenerateRandomInput is the input of GenerateRandom.
type GenerateRandomInput struct {
	CustomKeyStoreId string         `check:"min=1,max=64"`
	NumberOfBytes    *int32         `check:"min=1,max=1024"`
	Recipient        *RecipientInfo `trail:"omit"`
}

// GenerateRandomOutput is the output of GenerateRandom.
type GenerateRandomOutput struct {
	CiphertextForRecipient []byte `trail:"omit"`
	Plaintext              []byte `sensitive:"true" trail:"omit"`
}

// GenerateRandom answers random bytes.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateRandom.html.
func (s *Service) GenerateRandom(ctx context.Context, in *GenerateRandomInput) (*GenerateRandomOutput, error) {
	if err := in.Recipient.refuse(); err != nil {
		return nil, err
	}
	if in.NumberOfBytes == nil {
		return nil, ErrValidation.With("NumberOfBytes is required.")
	}
	if in.CustomKeyStoreId != "" {
		err := s.engine.View(ctx, func(r store.Reader) error {
			_, err := s.usableStore(r, here(ctx), in.CustomKeyStoreId, OriginCloudHSM)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return &GenerateRandomOutput{Plaintext: randomBytes(int(*in.NumberOfBytes))}, nil
}
