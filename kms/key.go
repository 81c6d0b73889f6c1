package kms

import (
	"cmp"
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// CreateKeyInput is the input of CreateKey.
type CreateKeyInput struct {
	BypassPolicyLockoutSafetyCheck bool
	CustomKeyStoreId               string `check:"min=1,max=64"`
	CustomerMasterKeySpec          string `enum:"RSA_2048|RSA_3072|RSA_4096|ECC_NIST_P256|ECC_NIST_P384|ECC_NIST_P521|ECC_SECG_P256K1|SYMMETRIC_DEFAULT|HMAC_224|HMAC_256|HMAC_384|HMAC_512|SM2"`
	Description                    string `check:"max=8192"`
	KeySpec                        string `enum:"RSA_2048|RSA_3072|RSA_4096|ECC_NIST_P256|ECC_NIST_P384|ECC_NIST_P521|ECC_SECG_P256K1|SYMMETRIC_DEFAULT|HMAC_224|HMAC_256|HMAC_384|HMAC_512|SM2|ML_DSA_44|ML_DSA_65|ML_DSA_87|ECC_NIST_EDWARDS25519|ML_KEM_512|ML_KEM_768|ML_KEM_1024"`
	KeyUsage                       string `enum:"SIGN_VERIFY|ENCRYPT_DECRYPT|GENERATE_VERIFY_MAC|KEY_AGREEMENT|ENCAPSULATE_DECAPSULATE"`
	MultiRegion                    bool
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
	CreationDate                time.Time
	CurrentKeyMaterialId        string
	CustomKeyStoreId            string
	CustomerMasterKeySpec       string
	DeletionDate                time.Time
	Description                 string `out:"always"`
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
	MultiRegion                 bool
	MultiRegionConfiguration    *MultiRegionConfiguration
	Origin                      string
	PendingDeletionWindowInDays *int32
	SigningAlgorithms           []string
	ValidTo                     time.Time
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

// check reports parameters with which no key can be made.
func (in *CreateKeyInput) check() error {
	spec, known := specs[in.spec()]
	switch {
	case in.KeySpec != "" && in.CustomerMasterKeySpec != "":
		return ErrValidation.With("You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.")
	case in.spec() != SpecSymmetric && in.KeyUsage == "":
		return ErrValidation.With("You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.")
	case !known:
		return ErrUnsupportedOperation.Withf("%s is not supported in this Region.", in.spec())
	case spec.algorithms[in.usage()] == nil:
		return ErrValidation.Withf("KeyUsage %s is not compatible with KeySpec %s", in.usage(), in.spec())
	}
	custom := in.origin() == OriginCloudHSM || in.origin() == OriginExternalKeyStore
	switch {
	case custom != (in.CustomKeyStoreId != ""):
		return ErrValidation.With("CustomKeyStoreId must be specified with Origin AWS_CLOUDHSM or EXTERNAL_KEY_STORE, and with no other.")
	case (in.origin() == OriginExternalKeyStore) != (in.XksKeyId != ""):
		return ErrValidation.With("XksKeyId must be specified with Origin EXTERNAL_KEY_STORE, and with no other.")
	case custom && (in.spec() != SpecSymmetric || in.MultiRegion):
		return ErrUnsupportedOperation.With("Keys in custom key stores are single-Region symmetric encryption keys.")
	default:
		return nil
	}
}

// CreateKey makes a KMS key.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html.
func (s *Service) CreateKey(ctx context.Context, in *CreateKeyInput) (*CreateKeyOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	tags, err := newTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	p := here(ctx)
	k := &keyRecord{
		Account: p.account, Region: p.region, ID: s.ids.UUID(),
		Created: s.clock.Now(), Description: in.Description,
		Spec: in.spec(), Usage: in.usage(), Origin: in.origin(), Manager: ManagerCustomer,
		Policy: in.Policy, Tags: tags, Store: in.CustomKeyStoreId, XksKey: in.XksKeyId,
	}
	if in.MultiRegion {
		k.ID, k.Primary = multiRegionPrefix+s.ids.Hex(32), p.region
	}
	if err := s.givePolicy(ctx, k, in.BypassPolicyLockoutSafetyCheck); err != nil {
		return nil, err
	}
	var first *secret
	if k.Origin != OriginExternal {
		if first, err = k.generate(); err != nil {
			return nil, err
		}
	}
	if err := s.create(ctx, k, first); err != nil {
		return nil, err
	}
	return s.described(ctx, k)
}

// givePolicy checks the policy that a new key is to have, or gives it the default one.
func (s *Service) givePolicy(ctx context.Context, k *keyRecord, bypass bool) error {
	if k.Policy != "" {
		return s.checkPolicy(ctx, k, k.Policy, bypass)
	}
	k.Policy = defaultPolicyText(k.place())
	return nil
}

// generate makes material for the key.
func (k *keyRecord) generate() (*secret, error) {
	bytes, err := k.spec().newMaterial()
	if err != nil {
		return nil, err
	}
	m, err := k.spec().parseSecret(k.ID, bytes)
	return &m, err
}

// create stores a new key with its first material, if it has any.
func (s *Service) create(ctx context.Context, k *keyRecord, first *secret) error {
	if first != nil {
		k.Materials, k.Current = []material{first.record()}, first.id
	}
	if err := k.Load(); err != nil {
		return err
	}
	return s.write(ctx, func(tx store.Tx) error {
		if k.Store != "" {
			if err := s.enterStore(tx, k); err != nil {
				return err
			}
		}
		if first != nil {
			s.putSecret(tx, k, *first)
		}
		k.PolicyEpoch = s.policies.Epoch(tx)
		s.keys.Put(tx, k.key(), k)
		return nil
	})
}

// described describes a key that was just made.
func (s *Service) described(ctx context.Context, k *keyRecord) (*CreateKeyOutput, error) {
	out, err := s.DescribeKey(ctx, &DescribeKeyInput{KeyId: k.arn})
	if err != nil {
		return nil, err
	}
	return &CreateKeyOutput{out.KeyMetadata}, nil
}

// DescribeKeyInput is the input of DescribeKey.
type DescribeKeyInput struct {
	GrantTokens []string `check:"min=0,max=10" itemcheck:"min=1,max=8192"`
	KeyId       string   `check:"required,min=1,max=2048"`
}

// DescribeKeyOutput is the output of DescribeKey.
type DescribeKeyOutput struct {
	KeyMetadata *KeyMetadata
}

func (in *DescribeKeyInput) use() keyUse {
	u := byAlias(in.KeyId).by(in.GrantTokens)
	u.predefined = true
	return u
}

func (in *DescribeKeyInput) look() keyUse {
	u := byAlias(in.KeyId).by(in.GrantTokens)
	u.asIs = true
	return u
}

// DescribeKey describes a key. Called by the program itself, not by a client, it does
// not make an AWS managed key that does not exist yet.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html.
func (s *Service) DescribeKey(ctx context.Context, in *DescribeKeyInput) (*DescribeKeyOutput, error) {
	return api.Do(ctx, in, onKey(s, (*DescribeKeyInput).look), s.describeKey)
}

func (s *Service) describeKey(ctx context.Context, k *key, _ *DescribeKeyInput) (*DescribeKeyOutput, error) {
	var out *DescribeKeyOutput
	err := s.engine.View(ctx, func(r store.Reader) error {
		out = &DescribeKeyOutput{s.metadata(r, *k)}
		return nil
	})
	return out, err
}

func (s *Service) metadata(r store.Reader, k key) *KeyMetadata {
	m := &KeyMetadata{
		AWSAccountId: k.Account, Arn: k.arn, KeyId: k.ID,
		CreationDate: k.Created, Description: k.Description, DeletionDate: k.DeletionDate,
		KeyManager: k.Manager, KeySpec: k.Spec, CustomerMasterKeySpec: k.Spec,
		KeyUsage: k.Usage, Origin: k.Origin,
		KeyState: k.state, Enabled: k.state == StateEnabled || k.state == StateUpdating && !k.Disabled,
		CustomKeyStoreId: k.Store, MultiRegion: k.isMultiRegion(),
		MultiRegionConfiguration: k.multiRegion(),
	}
	switch k.Usage {
	case UsageEncryptDecrypt:
		m.EncryptionAlgorithms = k.algorithms()
	case UsageSignVerify:
		m.SigningAlgorithms = k.algorithms()
	case UsageGenerateVerifyMac:
		m.MacAlgorithms = k.algorithms()
	case UsageKeyAgreement:
		m.KeyAgreementAlgorithms = k.algorithms()
	case UsageEncapsulate:
		m.EncapsulationAlgorithms = k.algorithms()
	}
	if k.isSymmetric() {
		m.CurrentKeyMaterialId = k.Current
	}
	if k.PendingWindow > 0 {
		window := int32(k.PendingWindow)
		m.PendingDeletionWindowInDays = &window
	}
	if k.XksKey != "" {
		m.XksKeyConfiguration = &XksKeyConfigurationType{k.XksKey}
	}
	if k.Store != "" {
		m.CloudHsmClusterId = s.cluster(r, k.place(), k.Store)
	}
	m.ExpirationModel, m.ValidTo = k.expiration()
	return m
}

// ListKeysInput is the input of ListKeys.
type ListKeysInput struct {
	Limit  *int32 `check:"min=1,max=1000"`
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
	p := here(ctx)
	out := &ListKeysOutput{}
	err = s.read(ctx, func(r store.Reader) error {
		list := newPage[KeyListEntry](start, pageSize(in.Limit, 100, 1000))
		for _, k := range s.keys.Scan(r, p.prefix(), p.key(start), list.scanned()) {
			if err := s.checkDue(r, k, s.clock.Now()); err != nil {
				return err
			}
			if !list.add(k.ID, KeyListEntry{k.arn, k.ID}) {
				break
			}
		}
		out.Keys, out.NextMarker, out.Truncated = list.result()
		return nil
	})
	return out, err
}
