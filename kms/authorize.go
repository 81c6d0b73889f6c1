package kms

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// createKeyChecks asks for the permission to tag too where the key is to have tags.
func (s *Service) createKeyChecks(ctx context.Context, in *CreateKeyInput) ([]api.Check, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if in.CustomerMasterKeySpec == "" {
		in.KeySpec = in.spec()
	}
	in.KeyUsage, in.Origin = in.usage(), in.origin() // CloudTrail shows the defaults
	t := accountTarget(ctx)
	t.Keys = func(c *policyeval.Context) {
		c.Set("kms:keyorigin", in.origin())
		c.Set("kms:keyspec", in.spec())
		c.Set("kms:keyusage", in.usage())
		c.SetBool("kms:multiregion", in.MultiRegion)
		c.SetBool("kms:bypasspolicylockoutsafetycheck", in.BypassPolicyLockoutSafetyCheck)
		if in.MultiRegion {
			c.Set("kms:multiregionkeytype", typePrimary)
		}
		setRequestTags(c, in.Tags)
	}
	return withTagging(api.Check{Action: "kms:CreateKey", Target: t}, in.Tags), nil
}

// withTagging adds the check for tags that a new key is to have. AWS words its
// denial without a resource.
func withTagging(create api.Check, tags []Tag) []api.Check {
	checks := []api.Check{create}
	if len(tags) > 0 {
		tagging := api.Target{ARN: "*", Account: create.Target.Account, Keys: create.Target.Keys}
		checks = append(checks, api.Check{Action: "kms:TagResource", Target: tagging})
	}
	return checks
}

// aliasCheck is the permission on an alias, which only IAM policies give.
func aliasCheck(p place, action, name string) api.Check {
	return api.Check{Action: action, Target: api.Target{ARN: p.arn(name), Account: p.account}}
}

// keyCheck is the permission on one of the keys of an alias.
func (s *Service) keyCheck(ctx context.Context, action, id string) (api.Check, error) {
	t, err := s.target(ctx, byID(id))
	return api.Check{Action: action, Target: t}, err
}

// createAliasChecks asks for the permission on the alias and on its key.
func (s *Service) createAliasChecks(ctx context.Context, in *CreateAliasInput) ([]api.Check, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	target, err := s.keyCheck(ctx, "kms:CreateAlias", in.TargetKeyId)
	return []api.Check{aliasCheck(here(ctx), "kms:CreateAlias", in.AliasName), target}, err
}

// updateAliasChecks asks for the permission on the alias, its key and its new key.
func (s *Service) updateAliasChecks(ctx context.Context, in *UpdateAliasInput) ([]api.Check, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	checks, err := s.aliasChecks(ctx, "kms:UpdateAlias", in.AliasName)
	if err != nil {
		return nil, err
	}
	target, err := s.keyCheck(ctx, "kms:UpdateAlias", in.TargetKeyId)
	return append(checks, target), err
}

func (s *Service) deleteAliasChecks(ctx context.Context, in *DeleteAliasInput) ([]api.Check, error) {
	return s.aliasChecks(ctx, "kms:DeleteAlias", in.AliasName)
}

// aliasChecks are the permissions on an alias and its key.
func (s *Service) aliasChecks(ctx context.Context, action, name string) ([]api.Check, error) {
	if err := checkAliasName(name); err != nil {
		return nil, err
	}
	check := aliasCheck(here(ctx), action, name)
	a, err := s.lookAlias(ctx, name)
	if api.AsError(err).Is(ErrNotFound) {
		check.Target.Missing = api.AsError(err)
		return []api.Check{check}, nil
	}
	if err != nil {
		return nil, err
	}
	current, err := s.keyCheck(ctx, action, a.Target)
	return []api.Check{check, current}, err
}

// reEncryptChecks asks for one permission on each key.
func (s *Service) reEncryptChecks(ctx context.Context, in *ReEncryptInput) ([]api.Check, error) {
	c := in.sealed()
	in.SourceEncryptionAlgorithm, in.DestinationEncryptionAlgorithm = c.algorithm, in.algorithm() // CloudTrail shows the defaults
	if err := c.check("sourceKeyId", "sourceEncryptionAlgorithm"); err != nil {
		return nil, err
	}
	same := false
	source, err := s.sealedTarget(ctx, "kms:ReEncryptFrom", c, c.use().with(func(k *policyeval.Context) {
		k.Set("kms:encryptionalgorithm", c.algorithm)
		k.SetBool("kms:reencryptonsamekey", same)
	}))
	if err != nil {
		return nil, err
	}
	destination, err := s.target(ctx, byAlias(in.DestinationKeyId).in(in.DestinationEncryptionContext).by(in.GrantTokens).
		with(func(k *policyeval.Context) {
			k.Set("kms:encryptionalgorithm", in.algorithm())
			k.SetBool("kms:reencryptonsamekey", same)
		}))
	same = source.ARN == destination.ARN
	return []api.Check{{Action: "kms:ReEncryptFrom", Target: source}, {Action: "kms:ReEncryptTo", Target: destination}}, err
}

// replicateChecks asks for the permission on the primary key and for the one
// to make a key, and tag it, in the other region.
func (s *Service) replicateChecks(ctx context.Context, in *ReplicateKeyInput) ([]api.Check, error) {
	primary, err := s.target(ctx, byID(in.KeyId).with(func(c *policyeval.Context) {
		c.Set("kms:replicaregion", in.ReplicaRegion)
		c.SetBool("kms:bypasspolicylockoutsafetycheck", in.BypassPolicyLockoutSafetyCheck)
		setRequestTags(c, in.Tags)
	}))
	create := accountTarget(ctx)
	create.Keys = func(c *policyeval.Context) {
		c.Set("aws:requestedregion", in.ReplicaRegion)
		c.SetBool("kms:multiregion", true)
		c.Set("kms:multiregionkeytype", typeReplica)
		c.SetBool("kms:bypasspolicylockoutsafetycheck", in.BypassPolicyLockoutSafetyCheck)
		setRequestTags(c, in.Tags)
	}
	checks := withTagging(api.Check{Action: "kms:CreateKey", Target: create}, in.Tags)
	return append([]api.Check{{Action: "kms:ReplicateKey", Target: primary}}, checks...), err
}

// updatePrimaryChecks asks for the permission on the primary key and on the
// replica that is to take its place.
func (s *Service) updatePrimaryChecks(ctx context.Context, in *UpdatePrimaryRegionInput) ([]api.Check, error) {
	const action = "kms:UpdatePrimaryRegion"
	keys := func(c *policyeval.Context) { c.Set("kms:primaryregion", in.PrimaryRegion) }
	primary, err := s.target(ctx, byID(in.KeyId).with(keys))
	if err != nil {
		return nil, err
	}
	checks := []api.Check{{Action: action, Target: primary}}
	err = s.read(ctx, func(r store.Reader) error {
		k, err := s.locate(ctx, r, in.KeyId, false)
		if err != nil || k.record == nil || k.record.isReplica() {
			return err
		}
		if heir := s.keys.Get(r, place{k.account, in.PrimaryRegion}.key(k.id)); heir != nil && heir.isReplica() {
			l := &located{place: heir.place(), id: heir.ID, record: heir}
			checks = []api.Check{{Action: action, Target: primary}, {Action: action, Target: s.describe(ctx, r, l, keyUse{}.with(keys))}}
		}
		return nil
	})
	return checks, err
}
