package kms

import (
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
)

// Config is what a Service works with. All fields are required.
type Config struct {
	Engine store.Engine
	Clock  clock.Clock
	IDs    *ids.Source
	// HSM wraps key material before it is stored.
	HSM *hsm.Module
}

// Service implements AWS KMS. It is safe for concurrent use.
type Service struct {
	engine   store.Engine
	clock    clock.Clock
	ids      *ids.Source
	hsm      *hsm.Module
	backings *backingCache

	keys    *store.Table[keyRecord]
	aliases *store.Table[aliasRecord]
}

// New is the service on the state that c.Engine holds.
func New(c Config) *Service {
	return &Service{
		engine: c.Engine, clock: c.Clock, ids: c.IDs, hsm: c.HSM,
		backings: newBackingCache(4096),
		keys:     store.NewTable[keyRecord]("kms.key"),
		aliases:  store.NewTable[aliasRecord]("kms.alias"),
	}
}

// API describes the service to the dispatcher.
func (s *Service) API() api.Service {
	return api.Service{
		Name:       "kms",
		Principal:  "kms.amazonaws.com",
		JSON:       &api.JSONProtocol{Version: "1.1", TargetPrefix: "TrentService"},
		Operations: s.operations(),
		Denied:     denied,
		Invalid:    invalid,
		OwnerOnly:  ownerOnly,
	}
}

// operations is the service's table. KMS operations are all CloudTrail
// management events; the cryptographic ones are read-only ones.
func (s *Service) operations() []api.Operation {
	return []api.Operation{
		api.Op("CreateKey", s.CreateKey, "kms:CreateKey", s.createKeyTarget),
		api.Op("DescribeKey", s.DescribeKey, "kms:DescribeKey", onKey(s, (*DescribeKeyInput).use), api.ReadOnly),
		api.Op("ListKeys", s.ListKeys, "kms:ListKeys", account[ListKeysInput], api.ReadOnly),
		api.Op("EnableKey", s.EnableKey, "kms:EnableKey", onKey(s, (*EnableKeyInput).use), api.OwnerOnly),
		api.Op("DisableKey", s.DisableKey, "kms:DisableKey", onKey(s, (*DisableKeyInput).use), api.OwnerOnly),

		api.OpChecks("CreateAlias", s.CreateAlias, []string{"kms:CreateAlias"}, s.createAliasChecks, api.OwnerOnly),
		api.Op("ListAliases", s.ListAliases, "kms:ListAliases", account[ListAliasesInput], api.ReadOnly),

		api.Op("GetKeyPolicy", s.GetKeyPolicy, "kms:GetKeyPolicy", onKey(s, (*GetKeyPolicyInput).use), api.OwnerOnly, api.ReadOnly),
		api.Op("PutKeyPolicy", s.PutKeyPolicy, "kms:PutKeyPolicy", onKey(s, (*PutKeyPolicyInput).use), api.OwnerOnly),

		api.Op("TagResource", s.TagResource, "kms:TagResource", onKey(s, (*TagResourceInput).use), api.OwnerOnly),
		api.Op("ListResourceTags", s.ListResourceTags, "kms:ListResourceTags", onKey(s, (*ListResourceTagsInput).use), api.OwnerOnly, api.ReadOnly),

		api.Op("Encrypt", s.Encrypt, "kms:Encrypt", onKey(s, (*EncryptInput).use), api.ReadOnly),
		api.Op("Decrypt", s.Decrypt, "kms:Decrypt", s.decryptTarget, api.ReadOnly),
		api.Op("GenerateDataKey", s.GenerateDataKey, "kms:GenerateDataKey", onKey(s, (*GenerateDataKeyInput).use), api.ReadOnly),
		api.Op("GenerateDataKeyWithoutPlaintext", s.GenerateDataKeyWithoutPlaintext, "kms:GenerateDataKeyWithoutPlaintext",
			onKey(s, (*GenerateDataKeyWithoutPlaintextInput).use), api.ReadOnly),
	}
}
