package kms

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// CreateKeyInput is the input of CreateKey.
type CreateKeyInput struct {
	BypassPolicyLockoutSafetyCheck bool
	CustomKeyStoreId               string `check:"min=1,max=64"`
	CustomerMasterKeySpec          string `enum:"RSA_2048|RSA_3072|RSA_4096|ECC_NIST_P256|ECC_NIST_P384|ECC_NIST_P521|ECC_SECG_P256K1|SYMMETRIC_DEFAULT|HMAC_224|HMAC_256|HMAC_384|HMAC_512|SM2"`
	Description                    string `check:"max=8192"`
	KeySpec                        string `enum:"RSA_2048|RSA_3072|RSA_4096|ECC_NIST_P256|ECC_NIST_P384|ECC_NIST_P521|ECC_SECG_P256K1|SYMMETRIC_DEFAULT|HMAC_224|HMAC_256|HMAC_384|HMAC_512|SM2|ML_DSA_44|ML_DSA_65|ML_DSA_87|ECC_NIST_EDWARDS25519|ML_KEM_512|ML_KEM_768|ML_KEM_1024"`
	KeyUsage                       string `enum:"SIGN_VERIFY|ENCRYPT_DECRYPT|GENERATE_VERIFY_MAC|KEY_AGREEMENT|ENCAPSULATE_DECAPSULATE"`
	MultiRegion                    *bool
	Origin                         string `enum:"AWS_KMS|EXTERNAL|AWS_CLOUDHSM|EXTERNAL_KEY_STORE"`
	Policy                         string `check:"min=1,max=131072" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	Tags                           []Tag
	XksKeyId                       string `check:"min=1,max=128" pattern:"^[a-zA-Z0-9-_.]+$"`
}

// CreateKeyOutput is the output of CreateKey.
type CreateKeyOutput struct {
	KeyMetadata *KeyMetadata
}

// KeyMetadata describes a KMS key.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html.
type KeyMetadata struct {
	AWSAccountId                string
	Arn                         string
	CloudHsmClusterId           string
	CreationDate                *time.Time
	CurrentKeyMaterialId        string
	CustomKeyStoreId            string
	CustomerMasterKeySpec       string
	DeletionDate                *time.Time
	Description                 *string // always present, empty by default (K023)
	Enabled                     bool
	EncapsulationAlgorithms     []string
	EncryptionAlgorithms        []string
	ExpirationModel             string
	KeyAgreementAlgorithms      []string
	KeyId                       string
	KeyManager                  string
	KeySpec                     string
	KeyState                    string
	KeyUsage                    string
	MacAlgorithms               []string
	MultiRegion                 *bool
	MultiRegionConfiguration    *MultiRegionConfiguration
	Origin                      string
	PendingDeletionWindowInDays *int
	SigningAlgorithms           []string
	ValidTo                     *time.Time
	XksKeyConfiguration         *XksKeyConfigurationType
}

// MultiRegionConfiguration lists the keys of a multi-Region key.
type MultiRegionConfiguration struct {
	MultiRegionKeyType string
	PrimaryKey         *MultiRegionKey
	ReplicaKeys        []MultiRegionKey
}

// MultiRegionKey is one of the keys of a multi-Region key.
type MultiRegionKey struct {
	Arn, Region string
}

// XksKeyConfigurationType names the external key behind a KMS key of an external key store.
type XksKeyConfigurationType struct {
	Id string
}

func (in *CreateKeyInput) spec() string {
	return cmp.Or(in.KeySpec, in.CustomerMasterKeySpec, SpecSymmetric)
}

func (in *CreateKeyInput) usage() string { return cmp.Or(in.KeyUsage, UsageEncryptDecrypt) }

func (in *CreateKeyInput) origin() string { return cmp.Or(in.Origin, OriginKMS) }

func (s *Service) createKeyTarget(ctx context.Context, in *CreateKeyInput) (api.Target, error) {
	t, err := account(ctx, in)
	t.Keys = func(c *policyeval.Context) {
		c.Set("kms:KeyOrigin", in.origin())
		c.Set("kms:KeySpec", in.spec())
		c.Set("kms:KeyUsage", in.usage())
		setBool(c, "kms:MultiRegion", in.MultiRegion != nil && *in.MultiRegion)
		setBool(c, "kms:BypassPolicyLockoutSafetyCheck", in.BypassPolicyLockoutSafetyCheck)
		setRequestTags(c, in.Tags)
	}
	return t, err
}

func setBool(c *policyeval.Context, key string, value bool) {
	if value {
		c.Set(key, "true")
	} else {
		c.Set(key, "false")
	}
}

// CreateKey makes a KMS key.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html.
func (s *Service) CreateKey(ctx context.Context, in *CreateKeyInput) (*CreateKeyOutput, error) {
	request := api.RequestFrom(ctx)
	if in.spec() != SpecSymmetric || in.usage() != UsageEncryptDecrypt || in.origin() != OriginKMS || in.MultiRegion != nil && *in.MultiRegion {
		return nil, ErrUnsupportedOperation
	}
	tags, err := newTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	key := &keyRecord{
		Account: request.Account, Region: request.Region, ID: s.ids.UUID(),
		Created: s.clock.Now(), Description: in.Description,
		Spec: in.spec(), Usage: in.usage(), Origin: in.origin(), Manager: ManagerCustomer,
		Policy: in.Policy, Tags: tags,
	}
	if in.Policy == "" {
		key.Policy = defaultPolicyText(key.place())
	} else if err := checkPolicy(request, key, in.Policy, in.BypassPolicyLockoutSafetyCheck); err != nil {
		return nil, err
	}
	if err := s.create(ctx, key, randomBytes(32)); err != nil {
		return nil, err
	}
	return &CreateKeyOutput{key.metadata()}, nil
}

// create stores a key with its first material.
func (s *Service) create(ctx context.Context, key *keyRecord, bytes []byte) error {
	secret := newSecret(key.ID, bytes)
	key.Materials = []material{{ID: secret.id, Created: key.Created}}
	key.Current = secret.id
	if err := key.Load(); err != nil {
		return ErrMalformedPolicy.With(err.Error())
	}
	return s.engine.Update(ctx, func(tx store.Tx) error {
		s.putSecret(tx, key, secret)
		s.keys.Put(tx, key.key(), key)
		return nil
	})
}

// DescribeKeyInput is the input of DescribeKey.
type DescribeKeyInput struct {
	GrantTokens []string `check:"max=10"`
	KeyId       string   `check:"required,min=1,max=2048"`
}

// DescribeKeyOutput is the output of DescribeKey.
type DescribeKeyOutput struct {
	KeyMetadata *KeyMetadata
}

func (in *DescribeKeyInput) use() keyUse { return byAlias(in.KeyId) }

// DescribeKey describes a key.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html.
func (s *Service) DescribeKey(ctx context.Context, in *DescribeKeyInput) (*DescribeKeyOutput, error) {
	key, err := s.view(ctx, in.KeyId, true)
	if err != nil {
		return nil, err
	}
	return &DescribeKeyOutput{key.metadata()}, nil
}

func (k *keyRecord) metadata() *KeyMetadata {
	m := &KeyMetadata{
		AWSAccountId: k.Account, Arn: k.arn, KeyId: k.ID,
		CreationDate: &k.Created, Description: &k.Description,
		KeyManager: k.Manager, KeySpec: k.Spec, CustomerMasterKeySpec: k.Spec,
		KeyUsage: k.Usage, Origin: k.Origin,
		KeyState: k.state(), Enabled: k.state() == StateEnabled,
		MultiRegion:          new(bool),
		CurrentKeyMaterialId: k.Current,
		EncryptionAlgorithms: []string{AlgorithmSymmetric},
	}
	return m
}

// ListKeysInput is the input of ListKeys.
type ListKeysInput struct {
	Limit  *int   `check:"min=1,max=1000"`
	Marker string `check:"min=1,max=1024"`
}

// ListKeysOutput is the output of ListKeys.
type ListKeysOutput struct {
	Keys       []KeyListEntry
	NextMarker string
	Truncated  bool
}

// KeyListEntry is a key in a list.
type KeyListEntry struct {
	KeyArn, KeyId string
}

// ListKeys lists the keys of the account in the region, 100 at a time.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html.
func (s *Service) ListKeys(ctx context.Context, in *ListKeysInput) (*ListKeysOutput, error) {
	start, err := after(in.Marker)
	if err != nil {
		return nil, err
	}
	out := &ListKeysOutput{}
	err = s.engine.View(ctx, func(r store.Reader) error {
		out.Keys, out.NextMarker = page(s.keyEntries(r, here(ctx), start), start, pageSize(in.Limit, 100, 1000))
		return nil
	})
	out.Truncated = out.NextMarker != ""
	return out, err
}

// here is the caller's account and region.
func here(ctx context.Context) place {
	request := api.RequestFrom(ctx)
	return place{request.Account, request.Region}
}

func (s *Service) keyEntries(r store.Reader, p place, start string) iter.Seq2[string, KeyListEntry] {
	return func(yield func(string, KeyListEntry) bool) {
		for _, key := range s.keys.Scan(r, p.prefix(), p.key(start)) {
			if !yield(key.ID, KeyListEntry{key.arn, key.ID}) {
				return
			}
		}
	}
}

// EnableKeyInput is the input of EnableKey.
type EnableKeyInput struct {
	KeyId string `check:"required,min=1,max=2048"`
}

// EnableKeyOutput is the output of EnableKey.
type EnableKeyOutput struct{}

func (in *EnableKeyInput) use() keyUse { return byID(in.KeyId) }

// EnableKey makes a disabled key usable again.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html.
func (s *Service) EnableKey(ctx context.Context, in *EnableKeyInput) (*EnableKeyOutput, error) {
	return &EnableKeyOutput{}, s.setDisabled(ctx, in.KeyId, false)
}

// DisableKeyInput is the input of DisableKey.
type DisableKeyInput struct {
	KeyId string `check:"required,min=1,max=2048"`
}

// DisableKeyOutput is the output of DisableKey.
type DisableKeyOutput struct{}

func (in *DisableKeyInput) use() keyUse { return byID(in.KeyId) }

// DisableKey makes a key unusable until it is enabled.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html.
func (s *Service) DisableKey(ctx context.Context, in *DisableKeyInput) (*DisableKeyOutput, error) {
	return &DisableKeyOutput{}, s.setDisabled(ctx, in.KeyId, true)
}

func (s *Service) setDisabled(ctx context.Context, name string, disabled bool) error {
	return s.edit(ctx, name, func(_ store.Tx, key *keyRecord) error {
		key.Disabled = disabled
		return nil
	})
}

// Tag is a tag of a key.
type Tag struct {
	TagKey   string `check:"required,min=1,max=128"`
	TagValue string `check:"required,min=0,max=256"`
}

// newTags is have with added put over it.
func newTags(have map[string]string, added []Tag) (map[string]string, error) {
	tags := map[string]string{}
	for _, tag := range added {
		if strings.HasPrefix(strings.ToLower(tag.TagKey), "aws:") {
			return nil, ErrTag.With("Tags beginning with aws: are reserved")
		}
		if _, ok := tags[tag.TagKey]; ok {
			return nil, ErrTag.With("Duplicate tag keys")
		}
		tags[tag.TagKey] = tag.TagValue
	}
	merged := maps.Clone(have)
	if merged == nil {
		merged = map[string]string{}
	}
	maps.Copy(merged, tags)
	if len(merged) > 50 {
		return nil, ErrTag.With("Too many tags")
	}
	return merged, nil
}
