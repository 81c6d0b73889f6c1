package kms

import (
	"context"
	"strings"

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

// withTagging adds the check for tags that a new key is to have. AWS's message for its
// denial names no resource.
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

// keyCheck is the permission on one of the keys of an alias, and the key.
func (s *Service) keyCheck(ctx context.Context, action, id string) (api.Check, *key, error) {
	t, k, err := s.resolve(ctx, byID(id))
	return api.Check{Action: action, Target: t}, k, err
}

// createAliasChecks asks for the permission on the alias and on its key.
func (s *Service) createAliasChecks(ctx context.Context, in *CreateAliasInput) ([]api.Check, *key, error) {
	if err := in.check(); err != nil {
		return nil, nil, err
	}
	target, k, err := s.keyCheck(ctx, "kms:CreateAlias", in.TargetKeyId)
	return []api.Check{aliasCheck(here(ctx), "kms:CreateAlias", in.AliasName), target}, k, err
}

// updateAliasChecks asks for the permission on the alias, its key and its new key.
func (s *Service) updateAliasChecks(ctx context.Context, in *UpdateAliasInput) ([]api.Check, *aliased, error) {
	if err := in.check(); err != nil {
		return nil, nil, err
	}
	checks, a, err := s.aliasChecks(ctx, "kms:UpdateAlias", in.AliasName)
	if err != nil {
		return nil, nil, err
	}
	target, to, err := s.keyCheck(ctx, "kms:UpdateAlias", in.TargetKeyId)
	a.to = to
	return append(checks, target), a, err
}

func (s *Service) deleteAliasChecks(ctx context.Context, in *DeleteAliasInput) ([]api.Check, *aliased, error) {
	return s.aliasChecks(ctx, "kms:DeleteAlias", in.AliasName)
}

// aliasChecks are the permissions on an alias and its key.
func (s *Service) aliasChecks(ctx context.Context, action, name string) ([]api.Check, *aliased, error) {
	if err := checkAliasName(name); err != nil {
		return nil, nil, err
	}
	check := aliasCheck(here(ctx), action, name)
	a, err := s.lookAlias(ctx, name)
	if api.AsError(err).Is(ErrNotFound) {
		check.Target.Missing = api.AsError(err)
		return []api.Check{check}, new(aliased), nil
	}
	if err != nil {
		return nil, nil, err
	}
	current, k, err := s.keyCheck(ctx, action, a.Target)
	return []api.Check{check, current}, &aliased{alias: a, key: k}, err
}

// reEncryptChecks asks for one permission on each key.
func (s *Service) reEncryptChecks(ctx context.Context, in *ReEncryptInput) ([]api.Check, *rewrapping, error) {
	c := in.sealed()
	in.SourceEncryptionAlgorithm, in.DestinationEncryptionAlgorithm = c.algorithm, in.algorithm() // CloudTrail shows the defaults
	if err := c.check("sourceKeyId", "sourceEncryptionAlgorithm"); err != nil {
		return nil, nil, err
	}
	same := false
	source, from, err := s.sealedTarget(ctx, "kms:ReEncryptFrom", c, c.use().with(func(k *policyeval.Context) {
		k.Set("kms:encryptionalgorithm", c.algorithm)
		k.SetBool("kms:reencryptonsamekey", same)
	}))
	if err != nil {
		return nil, nil, err
	}
	destination, to, err := s.resolve(ctx, byAlias(in.DestinationKeyId).in(in.DestinationEncryptionContext).by(in.GrantTokens).
		with(func(k *policyeval.Context) {
			k.Set("kms:encryptionalgorithm", in.algorithm())
			k.SetBool("kms:reencryptonsamekey", same)
		}))
	same = source.ARN == destination.ARN
	return []api.Check{{Action: "kms:ReEncryptFrom", Target: source}, {Action: "kms:ReEncryptTo", Target: destination}}, &rewrapping{from, to}, err
}

// replicateChecks asks for the permission on the primary key and for the one
// to make a key, and tag it, in the other region.
func (s *Service) replicateChecks(ctx context.Context, in *ReplicateKeyInput) ([]api.Check, *key, error) {
	primary, k, err := s.resolve(ctx, byID(in.KeyId).with(func(c *policyeval.Context) {
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
	return append([]api.Check{{Action: "kms:ReplicateKey", Target: primary}}, checks...), k, err
}

// updatePrimaryChecks asks for the permission on the primary key and on the
// replica that is to take its place.
func (s *Service) updatePrimaryChecks(ctx context.Context, in *UpdatePrimaryRegionInput) (checks []api.Check, found *succession, err error) {
	const action = "kms:UpdatePrimaryRegion"
	keys := func(c *policyeval.Context) { c.Set("kms:primaryregion", in.PrimaryRegion) }
	err = s.read(ctx, func(r store.Reader) error {
		primary, k, err := s.resolveIn(ctx, r, byID(in.KeyId).with(keys))
		if err != nil {
			return err
		}
		checks, found = []api.Check{{Action: action, Target: primary}}, &succession{primary: k}
		if k == nil {
			return nil
		}
		if found.newPrimary = s.keys.Get(r, place{k.Account, in.PrimaryRegion}.key(k.ID)); found.newPrimary == nil || k.isReplica() || !found.newPrimary.isReplica() {
			return nil
		}
		l := &lookup{use: keyUse{}.with(keys), located: located{place: found.newPrimary.place(), id: found.newPrimary.ID, record: found.newPrimary}}
		checks = append(checks, api.Check{Action: action, Target: s.describe(ctx, r, l)})
		return nil
	})
	return checks, found, err
}

// connectionKeys sets the two condition keys that come from the caller and the service
// that forwards its call, not from the request's parameters.
func connectionKeys(c *policyeval.Context, r *api.Request) {
	// A service principal belongs to no account, whatever account it calls for. So the
	// policies of AWS managed keys, which require the account, allow no service.
	if account := r.Caller.Account; account != "" {
		c.Set("kms:calleraccount", account)
	}
	if n := len(r.CalledVia); n > 0 {
		// AWS prints amazonaws.com in every partition here.
		service, _, _ := strings.Cut(r.CalledVia[n-1], ".")
		c.Set("kms:viaservice", service+"."+r.Region+".amazonaws.com")
	}
}
