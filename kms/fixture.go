package kms

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/store"
)

// Fixture is a key that is to exist: for fixture files, whose tests use constant
// ciphertexts and the same key ids in every run.
type Fixture struct {
	Account, Region string
	// ID is the key's id; empty: a new one, unless the alias is there already.
	// An id that begins with mrk- makes a multi-Region primary key.
	ID string
	// Alias begins with alias/; empty: none. Aliases are more of them.
	Alias       string
	Aliases     []string
	Description string
	Spec        string // empty: SYMMETRIC_DEFAULT
	Usage       string // empty: the only one of the spec, or ENCRYPT_DECRYPT
	// Material is the key's material: 32 bytes for symmetric keys, 28 to 64 for
	// HMAC keys, PKCS #8 in DER for all others; nil: new material.
	Material []byte
	Policy   string // empty: the default policy
	Tags     map[string]string
	// Replicas are the regions in which a multi-Region key has replicas, with
	// the same policy, tags and description.
	Replicas []string
	// RotationDays is after how many days the key rotates by itself; 0: as it is, and a
	// new key does not.
	RotationDays int
	// Enabled says whether the key can be used; nil: as it is, and a new key can.
	Enabled *bool
	// Grants are grants that the key has, beside others.
	Grants []FixtureGrant
}

// FixtureGrant is a grant that is to exist.
type FixtureGrant struct {
	// ID is 64 hexadecimal digits; empty: they follow from what the grant says.
	ID, Name          string
	Grantee, Retiring string // ARNs
	Operations        []string
	// Equals and Subset are the constraints, at most one of them.
	Equals, Subset map[string]string
}

// record is the grant on a key as it is stored.
func (g FixtureGrant) record(k *keyRecord) *grantRecord {
	terms := grantTerms{Name: g.Name, Grantee: g.Grantee, Retiring: g.Retiring, Operations: g.Operations, Equals: filled(g.Equals), Subset: filled(g.Subset)}
	id := g.ID
	if id == "" {
		id = digest(k.arn+terms.text()) + digest(terms.text()+k.arn)
	}
	return &grantRecord{Account: k.Account, Region: k.Region, KeyID: k.ID, ID: id, Issuer: k.Account, grantTerms: terms}
}

// CheckKey reports why ApplyKey would refuse a fixture, and changes nothing.
func (s *Service) CheckKey(ctx context.Context, f Fixture) error {
	k, err := s.fixed(f)
	if err != nil {
		return err
	}
	if f.Material != nil {
		if _, err := k.spec().parseSecret(k.ID, f.Material); err != nil {
			return fmt.Errorf("kms: the material of key %s: %w", k.ID, err)
		}
	}
	described := key{k, StateEnabled}
	for _, region := range f.Replicas {
		if err := described.checkReplicable(s.regions, region); err != nil {
			return err
		}
	}
	if f.RotationDays > 0 {
		if err := described.checkAutomatic(); err != nil {
			return fmt.Errorf("kms: key %s does not rotate: it is no symmetric key", k.ID)
		}
	}
	for _, g := range f.Grants {
		if err := s.checkFixtureGrant(described, g); err != nil {
			return err
		}
	}
	return s.read(ctx, func(r store.Reader) error {
		old := s.keys.Get(r, k.place().key(s.fixedID(r, k, f)))
		if old == nil {
			return nil
		}
		return s.sameKey(r, old, k, f)
	})
}

// sameKey refuses a fixture whose id belongs to a key with other properties.
func (s *Service) sameKey(r store.Reader, old, described *keyRecord, f Fixture) error {
	if old.Spec != described.Spec || old.Usage != described.Usage || f.Material != nil && !s.holds(r, old, f.Material) {
		return fmt.Errorf("kms: key %s exists and is another key than the fixture's", old.ID)
	}
	return nil
}

// ApplyKey makes the key of a fixture and answers its ARN. A key that is
// there already keeps its material, which must be the fixture's, and gets the
// fixture's policy, tags and description. Nothing is authorized.
func (s *Service) ApplyKey(ctx context.Context, f Fixture) (arn string, err error) {
	k, err := s.fixed(f)
	if err != nil {
		return "", err
	}
	m, err := s.fixedMaterial(ctx, k, f)
	if err != nil {
		return "", fmt.Errorf("kms: the material of key %s: %w", k.ID, err)
	}
	err = s.write(ctx, func(tx store.Tx) error {
		arn, err = s.apply(tx, k, m, f)
		return err
	})
	return arn, err
}

// fixedMaterial is the material that a fixture gives, or new material; nil
// where the key is there already.
func (s *Service) fixedMaterial(ctx context.Context, k *keyRecord, f Fixture) (*secret, error) {
	var exists bool
	err := s.read(ctx, func(r store.Reader) error {
		id := s.fixedID(r, k, f)
		exists = s.keys.Get(r, k.place().key(id)) != nil
		return s.checkDueByID(r, k.place(), id)
	})
	switch {
	case err != nil || exists && f.Material == nil:
		return nil, err
	case f.Material == nil:
		return k.generate()
	default:
		m, err := k.spec().parseSecret(k.ID, f.Material)
		return &m, err
	}
}

// fixedID is the id of the fixture's key: its own, or that of the key that has
// the fixture's alias already.
func (s *Service) fixedID(r store.Reader, k *keyRecord, f Fixture) string {
	if alias := s.aliases.Get(r, k.place().key(f.Alias)); f.ID == "" && alias != nil {
		return alias.Target
	}
	return k.ID
}

// fixed is the record that a fixture describes.
func (s *Service) fixed(f Fixture) (*keyRecord, error) {
	k := &keyRecord{
		Account: f.Account, Region: f.Region, ID: f.ID, Created: s.clock.Now(), Description: f.Description,
		Spec: f.Spec, Usage: f.Usage, Origin: OriginKMS, Manager: ManagerCustomer, Policy: f.Policy, Tags: f.Tags,
	}
	if k.ID == "" {
		k.ID = s.ids.UUID()
	}
	if k.Spec == "" {
		k.Spec = SpecSymmetric
	}
	usages := slices.Sorted(maps.Keys(k.spec().algorithms))
	if k.Usage == "" {
		k.Usage = UsageEncryptDecrypt
		if len(usages) == 1 {
			k.Usage = usages[0]
		}
	}
	switch {
	case !isKeyID(k.ID):
		return nil, fmt.Errorf("kms: %q is no key id: it is a UUID, or mrk- and 32 hexadecimal digits", k.ID)
	case len(usages) == 0:
		return nil, fmt.Errorf("kms: key %s: unknown spec %q", k.ID, k.Spec)
	case !slices.Contains(usages, k.Usage):
		return nil, fmt.Errorf("kms: key %s: usage %q does not go with spec %s", k.ID, k.Usage, k.Spec)
	}
	for _, name := range append([]string{f.Alias}, f.Aliases...) {
		if name != "" && checkAliasName(name) != nil {
			return nil, fmt.Errorf("kms: key %s: %q is no alias: it begins with alias/ and not with alias/aws/", k.ID, name)
		}
	}
	if k.Policy == "" {
		k.Policy = defaultPolicyText(k.place())
	}
	if strings.HasPrefix(k.ID, multiRegionPrefix) {
		k.Primary = k.Region
	}
	if err := k.Load(); err != nil {
		return nil, err
	}
	return k, nil
}

func (s *Service) apply(tx store.Tx, described *keyRecord, m *secret, f Fixture) (string, error) {
	p := described.place()
	alias := s.aliases.Get(tx, p.key(f.Alias))
	id := s.fixedID(tx, described, f)
	if err := s.checkDueByID(tx, p, id); err != nil {
		return "", err
	}
	if alias != nil {
		if err := s.checkDueByID(tx, p, alias.Target); err != nil {
			return "", err
		}
	}
	k := s.keys.Edit(tx, p.key(id))
	switch {
	case k == nil && m == nil:
		return "", fmt.Errorf("kms: key %s was deleted while it was applied", described.ID)
	case k == nil:
		clone := *described
		k = &clone
		k.Materials, k.Current, k.Aliases = []material{m.record()}, m.id, nil
		s.putSecret(tx, k, *m)
	default:
		if err := s.sameKey(tx, k, described, f); err != nil {
			return "", err
		}
		k.Policy, k.Tags, k.Description = described.Policy, described.Tags, described.Description
	}
	k.PolicyEpoch = s.policies.Epoch(tx)
	if err := s.applyAliases(tx, k, f); err != nil {
		return "", err
	}
	s.applyUse(k, f)
	s.applyGrants(tx, k, f)
	for _, region := range f.Replicas {
		if err := s.applyReplica(tx, k, region); err != nil {
			return "", err
		}
	}
	s.keys.Put(tx, k.key(), k)
	return p.arn("key/" + k.ID), nil
}

// applyAliases gives a key those of the fixture's aliases that it does not have.
func (s *Service) applyAliases(tx store.Tx, k *keyRecord, f Fixture) error {
	for _, name := range append([]string{f.Alias}, f.Aliases...) {
		alias := s.aliases.Get(tx, k.place().key(name))
		switch {
		case name == "" || alias != nil && alias.Target == k.ID:
		case alias != nil:
			return fmt.Errorf("kms: %s is the alias of another key", name)
		default:
			s.addAlias(tx, k, name)
		}
	}
	return nil
}

// applyUse sets whether a key can be used, and how it rotates.
func (s *Service) applyUse(k *keyRecord, f Fixture) {
	if f.Enabled != nil {
		k.Disabled = !*f.Enabled
	}
	if f.RotationDays > 0 && (!k.Rotation.Enabled || k.Rotation.Period != f.RotationDays) {
		k.Rotation.Enabled, k.Rotation.Period = true, f.RotationDays
		k.Rotation.Next = s.clock.Now().Add(days(f.RotationDays))
	}
}

// applyGrants gives a key the fixture's grants. One of the same id is replaced.
func (s *Service) applyGrants(tx store.Tx, k *keyRecord, f Fixture) {
	for _, one := range f.Grants {
		g := one.record(k)
		g.Created, g.Epoch = s.clock.Now(), s.policies.Epoch(tx)
		if old := s.grants.Get(tx, g.key()); old != nil {
			g.Created = old.Created
			s.deleteGrant(tx, old)
		} else {
			k.Grants++
		}
		s.putGrant(tx, g)
	}
}

// checkFixtureGrant reports why a key cannot have a fixture's grant.
func (s *Service) checkFixtureGrant(k key, g FixtureGrant) error {
	for _, principal := range []string{g.Grantee, g.Retiring} {
		if principal != "" && !isPrincipalARN(principal) {
			return fmt.Errorf("kms: key %s: grant: %s is no ARN of a principal", k.ID, principal)
		}
	}
	if len(g.Equals) > 0 && len(g.Subset) > 0 {
		return fmt.Errorf("kms: key %s: a grant has one constraint at most", k.ID)
	}
	return g.record(k.keyRecord).check(k)
}

// applyReplica makes or updates the replica of a fixture's key in a region.
func (s *Service) applyReplica(tx store.Tx, k *keyRecord, region string) error {
	replica := s.keys.Edit(tx, place{k.Account, region}.key(k.ID))
	if replica != nil {
		replica.Policy, replica.Tags, replica.Description = k.Policy, k.Tags, k.Description
		replica.PolicyEpoch = k.PolicyEpoch
		s.keys.Put(tx, replica.key(), replica)
		return nil
	}
	if err := (key{k, StateEnabled}).checkReplicable(s.regions, region); err != nil {
		return err
	}
	replica = &keyRecord{
		Account: k.Account, Region: region, ID: k.ID, Created: s.clock.Now(), Description: k.Description,
		Spec: k.Spec, Usage: k.Usage, Origin: k.Origin, Manager: k.Manager, Policy: k.Policy, PolicyEpoch: k.PolicyEpoch, Tags: k.Tags, Primary: k.Region,
	}
	if err := replica.Load(); err != nil {
		return err
	}
	s.copyMaterial(tx, k, replica)
	s.addReplica(tx, k, replica)
	return nil
}

// holds reports whether the material is one of the key's.
func (s *Service) holds(r store.Reader, k *keyRecord, given []byte) bool {
	for i := range k.Materials {
		id := k.Materials[i].ID
		have, err := s.hsm.Unwrap(r.Get(materialBucket+k.key()+"/"+id), materialLabel(k.Account, k.ID, id))
		if err == nil && bytes.Equal(have, given) {
			return true
		}
	}
	return false
}
