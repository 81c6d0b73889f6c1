package kms

import (
	"cmp"
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// EncryptInput is the input of Encrypt.
type EncryptInput struct {
	DryRun              bool
	EncryptionAlgorithm string `enum:"SYMMETRIC_DEFAULT|RSAES_OAEP_SHA_1|RSAES_OAEP_SHA_256|SM2PKE"`
	EncryptionContext   map[string]string
	GrantTokens         []string `check:"max=10"`
	KeyId               string   `check:"required,min=1,max=2048"`
	Plaintext           []byte   `check:"required,min=1,max=4096" sensitive:"true" trail:"omit"`
}

// EncryptOutput is the output of Encrypt.
type EncryptOutput struct {
	CiphertextBlob      []byte `trail:"omit"`
	EncryptionAlgorithm string
	KeyId               string
}

func (in *EncryptInput) algorithm() string { return cmp.Or(in.EncryptionAlgorithm, AlgorithmSymmetric) }

func (in *EncryptInput) use() keyUse {
	return byAlias(in.KeyId).in(in.EncryptionContext).with(func(c *policyeval.Context) {
		c.Set("kms:EncryptionAlgorithm", in.algorithm())
	})
}

// Encrypt encrypts at most 4,096 bytes.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html.
func (s *Service) Encrypt(ctx context.Context, in *EncryptInput) (*EncryptOutput, error) {
	key, err := s.usable(ctx, in.KeyId, "Encrypt", UsageEncryptDecrypt)
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
	return &EncryptOutput{
		CiphertextBlob: b.seal(in.Plaintext, in.EncryptionContext), EncryptionAlgorithm: in.algorithm(), KeyId: key.arn,
	}, nil
}

// usable finds the key of a cryptographic operation and checks its state and usage.
func (s *Service) usable(ctx context.Context, name, operation, usage string) (*keyRecord, error) {
	key, err := s.view(ctx, name, true)
	if err != nil {
		return nil, err
	}
	if err := key.ready(); err != nil {
		return nil, err
	}
	if key.Usage != usage {
		return nil, ErrInvalidKeyUsage.Withf("%s key usage is %s which is not valid for %s.", key.arn, key.Usage, operation)
	}
	return key, nil
}

// ready reports why the key's state keeps it from cryptographic operations.
func (k *keyRecord) ready() error {
	switch k.state() {
	case StateDisabled:
		return ErrDisabled.Withf("%s is disabled.", k.arn)
	default:
		return nil
	}
}

// DecryptInput is the input of Decrypt.
type DecryptInput struct {
	CiphertextBlob      []byte `check:"min=1,max=6144" trail:"omit"`
	DryRun              bool
	DryRunModifiers     []string `enum:"IGNORE_CIPHERTEXT"`
	EncryptionAlgorithm string   `enum:"SYMMETRIC_DEFAULT|RSAES_OAEP_SHA_1|RSAES_OAEP_SHA_256|SM2PKE"`
	EncryptionContext   map[string]string
	GrantTokens         []string       `check:"max=10"`
	KeyId               string         `check:"min=1,max=2048"`
	Recipient           *RecipientInfo `trail:"omit"`
}

// DecryptOutput is the output of Decrypt.
type DecryptOutput struct {
	CiphertextForRecipient []byte `trail:"omit"`
	EncryptionAlgorithm    string
	KeyId                  string
	KeyMaterialId          string
	Plaintext              []byte `sensitive:"true" trail:"omit"`
}

// RecipientInfo is a Nitro enclave's attestation.
type RecipientInfo struct {
	AttestationDocument    []byte `check:"min=1,max=262144"`
	KeyEncryptionAlgorithm string `enum:"RSAES_OAEP_SHA_256"`
}

func (r *RecipientInfo) refuse() error {
	if r != nil {
		return ErrValidation.With("Invalid attestation document: it is not signed by the AWS Nitro Enclaves attestation PKI.")
	}
	return nil
}

func (in *DecryptInput) algorithm() string { return cmp.Or(in.EncryptionAlgorithm, AlgorithmSymmetric) }

func (in *DecryptInput) use() keyUse {
	return byAlias(in.KeyId).in(in.EncryptionContext).with(func(c *policyeval.Context) {
		c.Set("kms:EncryptionAlgorithm", in.algorithm())
	})
}

const byCiphertext = "the resource associated with this ciphertext"

// decryptTarget finds the key by the ciphertext where the input does not name it.
func (s *Service) decryptTarget(ctx context.Context, in *DecryptInput) (api.Target, error) {
	if in.KeyId != "" {
		return s.target(ctx, in.use())
	}
	return s.ciphertextTarget(ctx, in.CiphertextBlob, "kms:Decrypt", in.use())
}

// ciphertextTarget is the key of a ciphertext as a target. Callers learn
// nothing of a key that does not exist.
func (s *Service) ciphertextTarget(ctx context.Context, blob []byte, action string, u keyUse) (api.Target, error) {
	o, ok := parseOrigin(blob)
	if !ok {
		return api.Target{}, ErrInvalidCiphertext
	}
	u.name = o.name(api.RequestFrom(ctx).Region)
	t, err := s.target(ctx, u)
	t.Phrase = byCiphertext
	if t.Missing != nil {
		return t, unseenBy(api.RequestFrom(ctx).Caller, action, byCiphertext)
	}
	return t, err
}

// name is the ARN of the ciphertext's key in a region.
func (o origin) name(region string) string {
	return place{o.account, region}.arn("key/" + o.keyID)
}

// Decrypt decrypts what Encrypt, ReEncrypt or one of the data key operations
// encrypted.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html.
func (s *Service) Decrypt(ctx context.Context, in *DecryptInput) (*DecryptOutput, error) {
	if err := in.Recipient.refuse(); err != nil {
		return nil, err
	}
	key, plaintext, materialID, err := s.open(ctx, "Decrypt", in.KeyId, in.CiphertextBlob, in.EncryptionContext)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return nil, ErrDryRun
	}
	return &DecryptOutput{
		EncryptionAlgorithm: in.algorithm(), KeyId: key.arn, KeyMaterialId: materialID, Plaintext: plaintext,
	}, nil
}

// open decrypts a ciphertext with the key that it names, which must be the
// one that the caller names, if the caller does.
func (s *Service) open(ctx context.Context, operation, name string, blob []byte, context map[string]string) (*keyRecord, []byte, string, error) {
	o, ok := parseOrigin(blob)
	if name == "" {
		if !ok {
			return nil, nil, "", ErrInvalidCiphertext
		}
		name = o.name(api.RequestFrom(ctx).Region)
	}
	key, err := s.view(ctx, name, true)
	if err != nil {
		return nil, nil, "", err
	}
	if err := key.ready(); err != nil {
		return nil, nil, "", err
	}
	switch {
	case key.Usage != UsageEncryptDecrypt, ok && (o.keyID != key.ID || o.account != key.Account):
		return nil, nil, "", ErrIncorrectKey
	case !ok || key.material(o.materialID) == nil:
		return nil, nil, "", ErrInvalidCiphertext
	}
	b, err := s.backing(ctx, key, o.materialID)
	if err != nil {
		return nil, nil, "", err
	}
	plaintext, err := b.open(blob, context)
	return key, plaintext, o.materialID, err
}
