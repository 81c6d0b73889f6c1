package kms

import (
	"cmp"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// Expiration models of imported material.
const (
	ExpirationExpires = "KEY_MATERIAL_EXPIRES"
	ExpirationNever   = "KEY_MATERIAL_DOES_NOT_EXPIRE"
)

// Types of import.
const (
	ImportNew      = "NEW_KEY_MATERIAL"
	ImportExisting = "EXISTING_KEY_MATERIAL"
)

// expiration is the material's ExpirationModel and ValidTo.
func (m *material) expiration() (model string, validTo time.Time) {
	if m.Expires.IsZero() {
		return ExpirationNever, time.Time{}
	}
	return ExpirationExpires, m.Expires
}

// expiration is the key's ExpirationModel and ValidTo: the earliest expiry of any
// material that it needs; empty while some is missing.
func (k *keyRecord) expiration() (model string, validTo time.Time) {
	if k.Origin != OriginExternal || k.lacksMaterial() {
		return "", time.Time{}
	}
	model = ExpirationNever
	for i := range k.Materials {
		m := &k.Materials[i]
		if !m.Pending && !m.Expires.IsZero() && (validTo.IsZero() || m.Expires.Before(validTo)) {
			model, validTo = m.expiration()
		}
	}
	return model, validTo
}

// GetParametersForImportInput is the input of GetParametersForImport.
type GetParametersForImportInput struct {
	KeyId             string `check:"required,min=1,max=2048"`
	WrappingAlgorithm string `check:"required" enum:"RSAES_PKCS1_V1_5|RSAES_OAEP_SHA_1|RSAES_OAEP_SHA_256|RSA_AES_KEY_WRAP_SHA_1|RSA_AES_KEY_WRAP_SHA_256|SM2PKE"`
	WrappingKeySpec   string `check:"required" enum:"RSA_2048|RSA_3072|RSA_4096|SM2"`
}

// GetParametersForImportOutput is the output of GetParametersForImport.
type GetParametersForImportOutput struct {
	ImportToken       []byte `trail:"omit"`
	KeyId             string
	ParametersValidTo time.Time
	PublicKey         []byte
}

func (in *GetParametersForImportInput) use() keyUse {
	return byID(in.KeyId).with(func(c *policyeval.Context) {
		c.Set("kms:wrappingalgorithm", in.WrappingAlgorithm)
		c.Set("kms:wrappingkeyspec", in.WrappingKeySpec)
	})
}

// importToken is what an import token holds. The private key that unwraps the material
// is in the token itself, wrapped by the HSM, so that the store need not keep one for
// every import that is prepared and never made.
type importToken struct {
	Key       string // the ARN of the key that the token is for
	Algorithm string
	Private   []byte // PKCS #8
	ValidTo   time.Time
}

const (
	importTokenLabel    = "kms/import token"
	importTokenValidity = 24 * time.Hour
)

// GetParametersForImport makes an RSA key to wrap key material with, and the
// token that belongs to it. Both are valid for 24 hours.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html.
func (s *Service) GetParametersForImport(ctx context.Context, in *GetParametersForImportInput) (*GetParametersForImportOutput, error) {
	return api.Do(ctx, in, onKey(s, (*GetParametersForImportInput).use), s.getParametersForImport)
}

func (s *Service) getParametersForImport(ctx context.Context, k *key, in *GetParametersForImportInput) (*GetParametersForImportOutput, error) {
	if k.Origin != OriginExternal {
		return nil, k.originError()
	}
	if err := k.admit("GetParametersForImport"); err != nil {
		return nil, err
	}
	wrapping, ok := specs[in.WrappingKeySpec]
	if !ok || !strings.HasPrefix(in.WrappingAlgorithm, "RSA") || in.WrappingAlgorithm == "RSAES_PKCS1_V1_5" {
		return nil, ErrUnsupportedOperation.Withf("Wrapping algorithm %s with a %s key is not supported.", in.WrappingAlgorithm, in.WrappingKeySpec)
	}
	pair, err := wrapping.newPair()
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
	validTo := s.clock.Now().Add(importTokenValidity)
	token, err := json.Marshal(importToken{k.arn, in.WrappingAlgorithm, private, validTo})
	if err != nil {
		return nil, err
	}
	return &GetParametersForImportOutput{
		ImportToken: s.hsm.Wrap(token, importTokenLabel), KeyId: k.arn, ParametersValidTo: validTo, PublicKey: public,
	}, nil
}

// readToken opens an import token, which must be for the key and still be valid.
func (s *Service) readToken(k *key, sealed []byte) (*importToken, error) {
	text, err := s.hsm.Unwrap(sealed, importTokenLabel)
	if err != nil {
		return nil, ErrInvalidImportToken
	}
	token := new(importToken)
	if err := json.Unmarshal(text, token); err != nil || token.Key != k.arn {
		return nil, ErrInvalidImportToken
	}
	if isDue(token.ValidTo, s.clock.Now()) {
		return nil, ErrExpiredImportToken
	}
	return token, nil
}

// unwrap decrypts key material that was wrapped with the token's public key.
func (t *importToken) unwrap(wrapped []byte) ([]byte, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(t.Private)
	if err != nil {
		return nil, err
	}
	private := parsed.(*rsa.PrivateKey)
	hash := hashOf(t.Algorithm)
	if strings.HasPrefix(t.Algorithm, "RSAES") {
		return oaep(hash, private, wrapped)
	}
	// RSA_AES_KEY_WRAP: an AES key wrapped with RSA, then the material wrapped with AES.
	if len(wrapped) < private.Size() {
		return nil, ErrInvalidCiphertext
	}
	aesKey, err := oaep(hash, private, wrapped[:private.Size()])
	if err != nil {
		return nil, err
	}
	material, err := unwrapPadded(aesKey, wrapped[private.Size():])
	if err != nil {
		return nil, ErrInvalidCiphertext
	}
	return material, nil
}

func oaep(hash crypto.Hash, private *rsa.PrivateKey, ciphertext []byte) ([]byte, error) {
	plaintext, err := rsa.DecryptOAEP(hash.New(), rand.Reader, private, ciphertext, nil)
	if err != nil {
		return nil, ErrInvalidCiphertext
	}
	return plaintext, nil
}

// ImportKeyMaterialInput is the input of ImportKeyMaterial.
type ImportKeyMaterialInput struct {
	EncryptedKeyMaterial   []byte `check:"required,min=1,max=6144" trail:"omit"`
	ExpirationModel        string `enum:"KEY_MATERIAL_EXPIRES|KEY_MATERIAL_DOES_NOT_EXPIRE"`
	ImportToken            []byte `check:"required,min=1,max=6144" trail:"omit"`
	ImportType             string `enum:"NEW_KEY_MATERIAL|EXISTING_KEY_MATERIAL"`
	KeyId                  string `check:"required,min=1,max=2048"`
	KeyMaterialDescription string `check:"min=1,max=256" pattern:"^[a-zA-Z0-9:/_\\s.-]+$"`
	KeyMaterialId          string `check:"min=64,max=64" pattern:"^[a-f0-9]+$"`
	ValidTo                time.Time
}

// ImportKeyMaterialOutput is the output of ImportKeyMaterial.
type ImportKeyMaterialOutput struct {
	KeyId         string
	KeyMaterialId string
}

func (in *ImportKeyMaterialInput) model() string {
	return cmp.Or(in.ExpirationModel, ExpirationExpires)
}

func (in *ImportKeyMaterialInput) use() keyUse {
	return byID(in.KeyId).with(func(c *policyeval.Context) {
		c.Set("kms:expirationmodel", in.model())
		setTime(c, "kms:validto", in.ValidTo)
	})
}

const maxValidity = 365 // days

// check reports parameters that contradict each other.
func (in *ImportKeyMaterialInput) check(k *key, now time.Time) error {
	expires := in.model() == ExpirationExpires
	switch {
	case expires && in.ValidTo.IsZero():
		return ErrValidation.With("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES")
	case !expires && !in.ValidTo.IsZero():
		return ErrValidation.With("A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE")
	case expires && (isDue(in.ValidTo, now) || in.ValidTo.After(now.Add(days(maxValidity)))):
		return ErrValidation.Withf("The validTo date must be in the future and at most %d days ahead.", maxValidity)
	case !k.isSymmetric() && (in.ImportType != "" || in.KeyMaterialDescription != "" || in.KeyMaterialId != ""):
		return ErrValidation.With("ImportType, KeyMaterialDescription and KeyMaterialId can only be specified for symmetric encryption keys.")
	case in.ImportType == ImportNew && in.KeyMaterialId != "":
		return ErrValidation.With("KeyMaterialId cannot be specified with ImportType NEW_KEY_MATERIAL.")
	default:
		return nil
	}
}

// ImportKeyMaterial gives a key material that was made elsewhere.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html.
func (s *Service) ImportKeyMaterial(ctx context.Context, in *ImportKeyMaterialInput) (*ImportKeyMaterialOutput, error) {
	return api.Do(ctx, in, onKey(s, (*ImportKeyMaterialInput).use), s.importKeyMaterial)
}

func (s *Service) importKeyMaterial(ctx context.Context, k *key, in *ImportKeyMaterialInput) (*ImportKeyMaterialOutput, error) {
	if k.Origin != OriginExternal {
		return nil, k.originError()
	}
	if err := k.admit("ImportKeyMaterial"); err != nil {
		return nil, err
	}
	if err := in.check(k, s.clock.Now()); err != nil {
		return nil, err
	}
	token, err := s.readToken(k, in.ImportToken)
	if err != nil {
		return nil, err
	}
	bytes, err := token.unwrap(in.EncryptedKeyMaterial)
	if err != nil {
		return nil, err
	}
	m, err := k.spec().parseSecret(k.ID, bytes)
	if err != nil || in.KeyMaterialId != "" && in.KeyMaterialId != m.id {
		return nil, ErrIncorrectKeyMaterial
	}
	err = s.change(ctx, "ImportKeyMaterial", k, func(tx store.Tx, k key) error { return s.accept(tx, k, in, m) })
	if err != nil {
		return nil, err
	}
	out := &ImportKeyMaterialOutput{KeyId: k.arn}
	if k.isSymmetric() {
		out.KeyMaterialId = m.id
	}
	return out, nil
}

// accept stores imported material.
func (s *Service) accept(tx store.Tx, k key, in *ImportKeyMaterialInput, m secret) error {
	known := k.material(m.id)
	isNew := in.ImportType == ImportNew || in.ImportType == "" && len(k.Materials) == 0
	switch {
	case !isNew && known == nil, isNew && known != nil:
		return ErrIncorrectKeyMaterial
	case isNew:
		if err := s.acceptNew(tx, k, m); err != nil {
			return err
		}
		known = k.material(m.id)
	}
	known.Missing, known.Expires = false, in.ValidTo
	known.Description = cmp.Or(in.KeyMaterialDescription, known.Description)
	s.putSecret(tx, k.keyRecord, m)
	if k.state == StatePendingImport && !k.lacksMaterial() {
		k.Disabled = false
	}
	return nil
}

// acceptNew adds material that the key did not have before: its first, or one
// to be rotated to. The replicas' records get it as missing: they have to import it too.
func (s *Service) acceptNew(tx store.Tx, k key, m secret) error {
	if err := k.checkPrimary(); err != nil {
		return err
	}
	if pending := k.pending(); pending != nil {
		return ErrInvalidState.Withf("New key material (id: %s) cannot be imported into KMS key %s, because another key material (id: %s) is pending rotation.",
			m.id, k.arn, pending.ID)
	}
	if len(k.Materials) > 0 && !k.isSymmetric() {
		return ErrIncorrectKeyMaterial
	}
	added := m.record()
	added.Pending = len(k.Materials) > 0
	k.Materials = append(k.Materials, added)
	if !added.Pending {
		k.Current = m.id
	}
	added.Missing = true
	for _, p := range k.relatives() {
		if replica := s.keys.Edit(tx, p.key(k.ID)); replica != nil {
			replica.Materials = append(replica.Materials, added)
			s.keys.Put(tx, replica.key(), replica)
		}
	}
	return nil
}

// DeleteImportedKeyMaterialInput is the input of DeleteImportedKeyMaterial.
type DeleteImportedKeyMaterialInput struct {
	KeyId         string `check:"required,min=1,max=2048"`
	KeyMaterialId string `check:"min=64,max=64" pattern:"^[a-f0-9]+$"`
}

// DeleteImportedKeyMaterialOutput is the output of DeleteImportedKeyMaterial.
type DeleteImportedKeyMaterialOutput struct {
	KeyId         string
	KeyMaterialId string
}

func (in *DeleteImportedKeyMaterialInput) use() keyUse { return byID(in.KeyId) }

// DeleteImportedKeyMaterial deletes imported material, the current one unless
// another is named. Material that awaits rotation is forgotten altogether.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html.
func (s *Service) DeleteImportedKeyMaterial(ctx context.Context, in *DeleteImportedKeyMaterialInput) (*DeleteImportedKeyMaterialOutput, error) {
	return api.Do(ctx, in, onKey(s, (*DeleteImportedKeyMaterialInput).use), s.deleteImportedKeyMaterial)
}

func (s *Service) deleteImportedKeyMaterial(ctx context.Context, k *key, in *DeleteImportedKeyMaterialInput) (*DeleteImportedKeyMaterialOutput, error) {
	out := &DeleteImportedKeyMaterialOutput{}
	if k.Origin != OriginExternal {
		return nil, k.originError()
	}
	err := s.change(ctx, "DeleteImportedKeyMaterial", k, func(tx store.Tx, k key) error {
		id := cmp.Or(in.KeyMaterialId, k.Current)
		m := k.material(id)
		if m == nil && in.KeyMaterialId != "" {
			return ErrNotFound.Withf("Key material '%s' does not exist", id)
		}
		out = &DeleteImportedKeyMaterialOutput{KeyId: k.arn}
		if k.isSymmetric() {
			out.KeyMaterialId = id
		}
		s.discard(tx, k.keyRecord, m)
		return nil
	})
	return out, err
}

// discard deletes a piece of a key's material, if there is one.
func (s *Service) discard(tx store.Tx, k *keyRecord, m *material) {
	if m == nil {
		return
	}
	s.dropSecret(tx, k, m.ID)
	if !m.Pending || k.isReplica() {
		m.Missing, m.Expires = true, time.Time{}
		return
	}
	id := m.ID
	k.forgetMaterial(id)
	for _, p := range k.relatives() {
		if replica := s.keys.Edit(tx, p.key(k.ID)); replica != nil {
			s.dropSecret(tx, replica, id)
			replica.forgetMaterial(id)
			s.keys.Put(tx, replica.key(), replica)
		}
	}
}
