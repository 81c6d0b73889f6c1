package kms

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// EncryptInput is the input of Encrypt.
type EncryptInput struct {
	DryRun              bool   `out:"nonzero"`
	EncryptionAlgorithm string `enum:"SYMMETRIC_DEFAULT|RSAES_OAEP_SHA_1|RSAES_OAEP_SHA_256|SM2PKE"`
	EncryptionContext   map[string]string
	GrantTokens         []string `check:"min=0,max=10" itemcheck:"min=1,max=8192"`
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
	in.EncryptionAlgorithm = in.algorithm() // CloudTrail shows the default [F7]
	return byAlias(in.KeyId).in(in.EncryptionContext).by(in.GrantTokens).with(parameter("kms:encryptionalgorithm", in.algorithm()))
}

// Encrypt encrypts at most 4,096 bytes; with RSA keys less.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html.
func (s *Service) Encrypt(ctx context.Context, in *EncryptInput) (*EncryptOutput, error) {
	return api.Do(ctx, in, onKey(s, (*EncryptInput).use), s.encrypt)
}

func (s *Service) encrypt(ctx context.Context, k *key, in *EncryptInput) (*EncryptOutput, error) {
	b, err := s.usable(ctx, k, "Encrypt", UsageEncryptDecrypt, in.algorithm())
	if err != nil {
		return nil, err
	}
	blob, err := k.encrypt(b, in.algorithm(), in.Plaintext, in.EncryptionContext)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return nil, ErrDryRun
	}
	s.used(ctx, k, "Encrypt")
	return &EncryptOutput{blob, in.algorithm(), k.arn}, nil
}

// usable checks the state of a key for a cryptographic operation, its usage and
// that it can do the algorithm, and prepares its material.
func (s *Service) usable(ctx context.Context, k *key, operation, usage, algorithm string) (*backing, error) {
	if err := k.admit(operation); err != nil {
		return nil, err
	}
	if err := k.checkUsage(operation, usage); err != nil {
		return nil, err
	}
	if err := k.checkAlgorithm(algorithm); err != nil {
		return nil, err
	}
	return s.current(ctx, k)
}

func (k key) encrypt(b *backing, algorithm string, plaintext []byte, context map[string]string) ([]byte, error) {
	if k.isSymmetric() {
		return b.seal(plaintext, context), nil
	}
	if err := checkNoContext(context); err != nil {
		return nil, err
	}
	public := &b.pair.(rsaPair).PublicKey
	hash := hashOf(algorithm)
	if most := public.Size() - 2*hash.Size() - 2; len(plaintext) > most {
		return nil, ErrValidation.Withf("Algorithm %s and key spec %s cannot encrypt data larger than %d bytes.", algorithm, k.Spec, most)
	}
	return rsa.EncryptOAEP(hash.New(), rand.Reader, public, plaintext, nil)
}

func checkNoContext(context map[string]string) error {
	if len(context) > 0 {
		return ErrValidation.With("EncryptionContext is not supported with asymmetric keys.")
	}
	return nil
}

// DecryptInput is the input of Decrypt.
type DecryptInput struct {
	CiphertextBlob      []byte   `check:"min=1,max=6144" trail:"omit"`
	DryRun              bool     `out:"nonzero"`
	DryRunModifiers     []string `itemenum:"IGNORE_CIPHERTEXT"`
	EncryptionAlgorithm string   `enum:"SYMMETRIC_DEFAULT|RSAES_OAEP_SHA_1|RSAES_OAEP_SHA_256|SM2PKE"`
	EncryptionContext   map[string]string
	GrantTokens         []string       `check:"min=0,max=10" itemcheck:"min=1,max=8192"`
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

// RecipientInfo is the attestation of a Nitro enclave.
type RecipientInfo struct {
	AttestationDocument    []byte `check:"min=1,max=262144"`
	KeyEncryptionAlgorithm string `enum:"RSAES_OAEP_SHA_256"`
}

// refuse refuses every attestation: there is no enclave here, so none can be signed by
// hardware that AWS trusts.
func (r *RecipientInfo) refuse() error {
	if r != nil {
		return ErrValidation.With("The attestation document is not signed by the AWS Nitro Enclaves root of trust.")
	}
	return nil
}

// sealed is a ciphertext and what the caller says about it.
type sealed struct {
	name      string // of the key; empty: the ciphertext says it
	blob      []byte
	algorithm string
	context   map[string]string
	tokens    []string
	dryRun    bool
	modifiers []string
}

func (in *DecryptInput) sealed() sealed {
	return sealed{
		in.KeyId, in.CiphertextBlob, cmp.Or(in.EncryptionAlgorithm, AlgorithmSymmetric),
		in.EncryptionContext, in.GrantTokens, in.DryRun, in.DryRunModifiers,
	}
}

// unread reports whether the ciphertext is to be ignored.
func (c sealed) unread() bool { return c.dryRun && len(c.modifiers) > 0 }

// check reports missing parameters by the names that AWS uses.
func (c sealed) check(keyMember, algorithmMember string) error {
	missing := ""
	switch {
	case c.unread() && c.name == "":
		missing = keyMember
	case !c.unread() && len(c.blob) == 0:
		missing = "ciphertextBlob"
	case len(c.modifiers) > 0 && !c.dryRun:
		return ErrValidation.With("DryRunModifiers can only be specified when DryRun is true.")
	case c.name == "" && c.algorithm != AlgorithmSymmetric:
		return ErrValidation.Withf("%s is required when %s is %s.", keyMember, algorithmMember, c.algorithm)
	default:
		return nil
	}
	return missingMember(missing)
}

func (c sealed) use() keyUse {
	return byAlias(c.name).in(c.context).by(c.tokens).with(parameter("kms:encryptionalgorithm", c.algorithm))
}

const byCiphertext = "the resource associated with this ciphertext"

func (s *Service) decryptTarget(ctx context.Context, in *DecryptInput) (api.Target, *key, error) {
	c := in.sealed()
	in.EncryptionAlgorithm = c.algorithm // CloudTrail shows the default [F7]
	if err := c.check("keyId", "encryptionAlgorithm"); err != nil {
		return api.Target{}, nil, err
	}
	return s.sealedTarget(ctx, "kms:Decrypt", c, c.use())
}

// sealedTarget is the key of a ciphertext. Where only the ciphertext names it, the
// answer does not reveal whether the key exists.
func (s *Service) sealedTarget(ctx context.Context, action string, c sealed, u keyUse) (api.Target, *key, error) {
	o, ok := parseOrigin(c.blob)
	if c.name != "" {
		var err error
		if u.name, err = s.sealedName(ctx, o, c.name); err != nil {
			return api.Target{}, nil, err
		}
		return s.resolve(ctx, u)
	}
	if !ok {
		return api.Target{}, nil, ErrInvalidCiphertext
	}
	u.at = located{place: o.place(ctx), id: o.keyID}
	t, k, err := s.resolve(ctx, u)
	t.Phrase = byCiphertext
	if t.Missing != nil {
		t.Missing = unseenBy(api.RequestFrom(ctx).Caller, action, byCiphertext)
	}
	return t, k, err
}

// place is where the ciphertext's key is: in the caller's region.
func (o origin) place(ctx context.Context) place {
	return place{o.account, api.RequestFrom(ctx).Region}
}

// sealedName is the key that the caller names for a ciphertext. A bare key id
// may be that of another account's key, where the ciphertext says so.
func (s *Service) sealedName(ctx context.Context, o origin, name string) (string, error) {
	p := here(ctx)
	if name != o.keyID || o.account == p.account {
		return name, nil
	}
	err := s.engine.View(ctx, func(r store.Reader) error {
		if s.keys.Get(r, p.key(name)) == nil {
			name = o.place(ctx).arn("key/" + o.keyID)
		}
		return nil
	})
	return name, err
}

// Decrypt decrypts what Encrypt, ReEncrypt or one of the data key operations
// encrypted.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html.
func (s *Service) Decrypt(ctx context.Context, in *DecryptInput) (*DecryptOutput, error) {
	return api.Do(ctx, in, s.decryptTarget, s.decrypt)
}

func (s *Service) decrypt(ctx context.Context, k *key, in *DecryptInput) (*DecryptOutput, error) {
	if err := in.Recipient.refuse(); err != nil {
		return nil, err
	}
	c := in.sealed()
	plaintext, materialID, err := s.open(ctx, "Decrypt", k, c)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return nil, ErrDryRun
	}
	s.used(ctx, k, "Decrypt")
	return &DecryptOutput{
		EncryptionAlgorithm: c.algorithm, KeyId: k.arn, KeyMaterialId: materialID, Plaintext: plaintext,
	}, nil
}

// open decrypts a ciphertext with the key that the caller or else the ciphertext
// names, which must be the one that it was encrypted with.
func (s *Service) open(ctx context.Context, operation string, k *key, c sealed) (plaintext []byte, materialID string, err error) {
	o, ok := parseOrigin(c.blob)
	if err := k.admit(operation); err != nil {
		return nil, "", err
	}
	if !k.isSymmetric() {
		plaintext, err = s.openRSA(ctx, k, operation, c, ok)
		return plaintext, "", err
	}
	switch {
	case c.algorithm != AlgorithmSymmetric:
		return nil, "", k.checkAlgorithm(c.algorithm)
	case c.unread():
		return nil, "", nil
	case ok && (o.keyID != k.ID || o.account != k.Account):
		return nil, "", ErrIncorrectKey
	case !ok:
		return nil, "", ErrInvalidCiphertext
	}
	materialID = o.materialID()
	if k.material(materialID) == nil {
		return nil, "", ErrInvalidCiphertext
	}
	b, err := s.backing(ctx, k.keyRecord, materialID)
	if err != nil {
		return nil, "", err
	}
	plaintext, err = b.open(c.blob, c.context)
	return plaintext, materialID, err
}

// openRSA decrypts with a key that is not symmetric. selfDescribing says that
// the ciphertext comes from a symmetric one [K052].
func (s *Service) openRSA(ctx context.Context, k *key, operation string, c sealed, selfDescribing bool) ([]byte, error) {
	if selfDescribing && c.algorithm == AlgorithmSymmetric {
		return nil, ErrIncorrectKey
	}
	b, err := s.usable(ctx, k, operation, UsageEncryptDecrypt, c.algorithm)
	if err != nil {
		return nil, err
	}
	if err := checkNoContext(c.context); err != nil || c.unread() {
		return nil, err
	}
	plaintext, err := rsa.DecryptOAEP(hashOf(c.algorithm).New(), nil, b.pair.(rsaPair).PrivateKey, c.blob, nil)
	if err != nil {
		return nil, ErrInvalidCiphertext
	}
	return plaintext, nil
}
