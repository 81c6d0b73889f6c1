package kms

import (
	"context"
	"log/slog"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// Config is what a Service works with. Engine, Clock, IDs and HSM are required.
type Config struct {
	Engine store.Engine
	Clock  clock.Clock
	IDs    *ids.Source
	// HSM wraps key material before it is stored.
	HSM *hsm.Module
	// PrincipalExists reports whether a role, user or account exists: key policies
	// and grants that name another are refused where StrictPrincipals is set, and
	// warned of where it is not. Nil: all exist.
	PrincipalExists  func(ctx context.Context, principal string) bool
	StrictPrincipals bool
	// Names finds the principals that key policies and grants mean. Nil: the principal
	// that has the ARN at the time of a request.
	Names resource.Names
	// TransitionTime is how long keys and custom key stores are Creating, Updating
	// or CONNECTING, which takes AWS seconds or minutes. By default no time at all.
	TransitionTime time.Duration
	// Regions are those that keys may be replicated into; nil: AWS's.
	Regions *arn.Regions
	// Log takes warnings. Nil: they are dropped.
	Log *slog.Logger
}

const (
	// recordsKept is how many records of keys, and of their aliases, are kept decoded, some
	// 1.5 KB each: more than the 100,000 keys that AWS lets an account have in a region.
	recordsKept = 1 << 17
	// backingsKept is how many keys' material is kept prepared: some 1 KB each.
	backingsKept = 1 << 14
)

// Service implements AWS KMS. It is safe for concurrent use.
type Service struct {
	engine         store.Engine
	clock          clock.Clock
	ids            *ids.Source
	hsm            *hsm.Module
	policies       resource.Policies
	transitionTime time.Duration
	regions        *arn.Regions
	log            *slog.Logger

	backings *backingCache
	usages   *usageLog

	keys    *store.Table[keyRecord]
	aliases *store.Table[aliasRecord]
	grants  *store.Table[grantRecord]
	stores  *store.Table[storeRecord]
}

// New is the service on the state that c.Engine holds.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Names == nil {
		c.Names = resource.AnyNames{}
	}
	s := &Service{
		engine: c.Engine, clock: c.Clock, ids: c.IDs, hsm: c.HSM,
		policies: newPolicies(&c), transitionTime: c.TransitionTime, regions: c.Regions,
		log:      c.Log,
		backings: newBackingCache(backingsKept),
		usages:   newUsageLog(),
		keys:     store.NewTable[keyRecord]("kms.key").Keeping(recordsKept),
		aliases:  store.NewTable[aliasRecord]("kms.alias").Keeping(recordsKept),
		grants:   store.NewTable[grantRecord]("kms.grant"),
		stores:   store.NewTable[storeRecord]("kms.store"),
	}
	s.usages.save = s.saveUses
	return s
}

// Close waits until what was noted in memory is stored.
func (s *Service) Close() { s.usages.close() }

// API describes the service to the dispatcher.
func (s *Service) API() api.Service {
	return api.Service{
		Name:       "kms",
		Title:      "KMS",
		Principal:  "kms.amazonaws.com",
		Dialects:   []api.Dialect{&api.AWSJSON{Version: "1.1", TargetPrefix: "TrentService"}},
		Operations: s.operations(),
		Denied:     denied,
		Invalid:    invalid,
		OwnerOnly:  ownerOnly,

		ResourceType: resourceType, ResourcePolicy: policyeval.KeyPolicy,
		CompleteEvent: completeEvent, OwnerRecorded: true,
		ConnectionKeys: connectionKeys,
	}
}

// operations is the service's table. KMS operations are all CloudTrail
// management events; the cryptographic ones are read-only ones.
func (s *Service) operations() []api.Operation {
	return []api.Operation{
		api.OpChecks("CreateKey", s.CreateKey, []string{"kms:CreateKey", "kms:TagResource"}, s.createKeyChecks),
		api.On("DescribeKey", s.describeKey, "kms:DescribeKey", onKey(s, (*DescribeKeyInput).use), api.ReadOnly),
		api.Op("ListKeys", s.ListKeys, "kms:ListKeys", account[*ListKeysInput], api.ReadOnly),
		api.On("EnableKey", s.enableKey, "kms:EnableKey", onKey(s, (*EnableKeyInput).use), api.OwnerOnly),
		api.On("DisableKey", s.disableKey, "kms:DisableKey", s.disableTarget, api.OwnerOnly),
		api.On("UpdateKeyDescription", s.updateKeyDescription, "kms:UpdateKeyDescription", onKey(s, (*UpdateKeyDescriptionInput).use), api.OwnerOnly),
		api.On("ScheduleKeyDeletion", s.scheduleKeyDeletion, "kms:ScheduleKeyDeletion", s.scheduleTarget, api.OwnerOnly),
		api.On("CancelKeyDeletion", s.cancelKeyDeletion, "kms:CancelKeyDeletion", onKey(s, (*CancelKeyDeletionInput).use), api.OwnerOnly),
		api.On("GetKeyLastUsage", s.getKeyLastUsage, "kms:GetKeyLastUsage", onKey(s, (*GetKeyLastUsageInput).use), api.OwnerOnly, api.ReadOnly),

		api.OnChecks("CreateAlias", s.createAlias, []string{"kms:CreateAlias"}, s.createAliasChecks, api.OwnerOnly),
		api.OnChecks("UpdateAlias", s.updateAlias, []string{"kms:UpdateAlias"}, s.updateAliasChecks, api.OwnerOnly),
		api.OnChecks("DeleteAlias", s.deleteAlias, []string{"kms:DeleteAlias"}, s.deleteAliasChecks, api.OwnerOnly),
		api.Op("ListAliases", s.ListAliases, "kms:ListAliases", account[*ListAliasesInput], api.ReadOnly),

		api.On("GetKeyPolicy", s.getKeyPolicy, "kms:GetKeyPolicy", onKey(s, (*GetKeyPolicyInput).use), api.OwnerOnly, api.ReadOnly),
		api.On("PutKeyPolicy", s.putKeyPolicy, "kms:PutKeyPolicy", onKey(s, (*PutKeyPolicyInput).use), api.OwnerOnly),
		api.On("ListKeyPolicies", s.listKeyPolicies, "kms:ListKeyPolicies", onKey(s, (*ListKeyPoliciesInput).use), api.OwnerOnly, api.ReadOnly),

		api.On("TagResource", s.tagResource, "kms:TagResource", onKey(s, (*TagResourceInput).use), api.OwnerOnly),
		api.On("UntagResource", s.untagResource, "kms:UntagResource", onKey(s, (*UntagResourceInput).use), api.OwnerOnly),
		api.On("ListResourceTags", s.listResourceTags, "kms:ListResourceTags", onKey(s, (*ListResourceTagsInput).use), api.OwnerOnly, api.ReadOnly),

		api.On("CreateGrant", s.createGrant, "kms:CreateGrant", s.createGrantTarget),
		api.On("ListGrants", s.listGrants, "kms:ListGrants", s.listGrantsTarget, api.ReadOnly),
		api.Op("ListRetirableGrants", s.ListRetirableGrants, "kms:ListRetirableGrants", account[*ListRetirableGrantsInput], api.ReadOnly),
		api.On("RetireGrant", s.retireGrant, "kms:RetireGrant", s.retireGrantTarget),
		api.On("RevokeGrant", s.revokeGrant, "kms:RevokeGrant", s.revokeGrantTarget),

		api.On("Encrypt", s.encrypt, "kms:Encrypt", onKey(s, (*EncryptInput).use), api.ReadOnly),
		api.On("Decrypt", s.decrypt, "kms:Decrypt", s.decryptTarget, api.ReadOnly),
		api.OnChecks("ReEncrypt", s.reEncrypt, []string{"kms:ReEncryptFrom", "kms:ReEncryptTo"}, s.reEncryptChecks, api.ReadOnly),
		api.On("GenerateDataKey", s.generateDataKey, "kms:GenerateDataKey", onKey(s, (*GenerateDataKeyInput).use), api.ReadOnly),
		api.On("GenerateDataKeyWithoutPlaintext", s.generateDataKeyWithoutPlaintext, "kms:GenerateDataKeyWithoutPlaintext",
			onKey(s, (*GenerateDataKeyWithoutPlaintextInput).use), api.ReadOnly),
		api.On("GenerateDataKeyPair", s.generateDataKeyPair, "kms:GenerateDataKeyPair", onKey(s, (*GenerateDataKeyPairInput).use), api.ReadOnly),
		api.On("GenerateDataKeyPairWithoutPlaintext", s.generateDataKeyPairWithoutPlaintext, "kms:GenerateDataKeyPairWithoutPlaintext",
			onKey(s, (*GenerateDataKeyPairWithoutPlaintextInput).use), api.ReadOnly),
		api.Op("GenerateRandom", s.GenerateRandom, "kms:GenerateRandom", account[*GenerateRandomInput], api.ReadOnly),

		api.On("Sign", s.sign, "kms:Sign", onKey(s, (*SignInput).use), api.ReadOnly),
		api.On("Verify", s.verify, "kms:Verify", onKey(s, (*VerifyInput).use), api.ReadOnly),
		api.On("GetPublicKey", s.getPublicKey, "kms:GetPublicKey", onKey(s, (*GetPublicKeyInput).use), api.ReadOnly),
		api.On("GenerateMac", s.generateMac, "kms:GenerateMac", onKey(s, (*GenerateMacInput).use), api.ReadOnly),
		api.On("VerifyMac", s.verifyMac, "kms:VerifyMac", onKey(s, (*VerifyMacInput).use), api.ReadOnly),
		api.On("DeriveSharedSecret", s.deriveSharedSecret, "kms:DeriveSharedSecret", onKey(s, (*DeriveSharedSecretInput).use), api.ReadOnly),
		api.On("Encapsulate", s.encapsulate, "kms:Encapsulate", onKey(s, (*EncapsulateInput).use), api.ReadOnly),
		api.On("Decapsulate", s.decapsulate, "kms:Decapsulate", onKey(s, (*DecapsulateInput).use), api.ReadOnly),

		api.On("EnableKeyRotation", s.enableKeyRotation, "kms:EnableKeyRotation", onKey(s, (*EnableKeyRotationInput).use), api.OwnerOnly),
		api.On("DisableKeyRotation", s.disableKeyRotation, "kms:DisableKeyRotation", onKey(s, (*DisableKeyRotationInput).use), api.OwnerOnly),
		api.On("GetKeyRotationStatus", s.getKeyRotationStatus, "kms:GetKeyRotationStatus", onKey(s, (*GetKeyRotationStatusInput).use), api.ReadOnly),
		api.On("RotateKeyOnDemand", s.rotateKeyOnDemand, "kms:RotateKeyOnDemand", onKey(s, (*RotateKeyOnDemandInput).use), api.OwnerOnly),
		api.On("ListKeyRotations", s.listKeyRotations, "kms:ListKeyRotations", onKey(s, (*ListKeyRotationsInput).use), api.OwnerOnly, api.ReadOnly),

		api.On("GetParametersForImport", s.getParametersForImport, "kms:GetParametersForImport", onKey(s, (*GetParametersForImportInput).use), api.OwnerOnly, api.ReadOnly),
		api.On("ImportKeyMaterial", s.importKeyMaterial, "kms:ImportKeyMaterial", onKey(s, (*ImportKeyMaterialInput).use), api.OwnerOnly),
		api.On("DeleteImportedKeyMaterial", s.deleteImportedKeyMaterial, "kms:DeleteImportedKeyMaterial", onKey(s, (*DeleteImportedKeyMaterialInput).use), api.OwnerOnly),

		api.OnChecks("ReplicateKey", s.replicateKey, []string{"kms:ReplicateKey", "kms:CreateKey", "kms:TagResource"}, s.replicateChecks, api.OwnerOnly),
		api.OnChecks("UpdatePrimaryRegion", s.updatePrimaryRegion, []string{"kms:UpdatePrimaryRegion"}, s.updatePrimaryChecks, api.OwnerOnly),

		api.Op("CreateCustomKeyStore", s.CreateCustomKeyStore, "kms:CreateCustomKeyStore", account[*CreateCustomKeyStoreInput]),
		api.Op("DescribeCustomKeyStores", s.DescribeCustomKeyStores, "kms:DescribeCustomKeyStores", account[*DescribeCustomKeyStoresInput], api.ReadOnly),
		api.Op("UpdateCustomKeyStore", s.UpdateCustomKeyStore, "kms:UpdateCustomKeyStore", account[*UpdateCustomKeyStoreInput]),
		api.Op("ConnectCustomKeyStore", s.ConnectCustomKeyStore, "kms:ConnectCustomKeyStore", account[*ConnectCustomKeyStoreInput]),
		api.Op("DisconnectCustomKeyStore", s.DisconnectCustomKeyStore, "kms:DisconnectCustomKeyStore", account[*DisconnectCustomKeyStoreInput]),
		api.Op("DeleteCustomKeyStore", s.DeleteCustomKeyStore, "kms:DeleteCustomKeyStore", account[*DeleteCustomKeyStoreInput]),
	}
}
