package kms

import (
	"context"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
)

// Types of multi-Region keys.
const (
	typePrimary = "PRIMARY"
	typeReplica = "REPLICA"
)

func (k *keyRecord) multiRegionType() string {
	if k.isReplica() {
		return typeReplica
	}
	return typePrimary
}

// multiRegion describes a multi-Region key's keys; nil for other keys.
func (k *keyRecord) multiRegion() *MultiRegionConfiguration {
	if !k.isMultiRegion() {
		return nil
	}
	in := func(region string) MultiRegionKey {
		return MultiRegionKey{place{k.Account, region}.arn("key/" + k.ID), region}
	}
	primary := in(k.Primary)
	c := &MultiRegionConfiguration{MultiRegionKeyType: k.multiRegionType(), PrimaryKey: &primary, ReplicaKeys: []MultiRegionKey{}}
	for _, region := range k.Replicas {
		c.ReplicaKeys = append(c.ReplicaKeys, in(region))
	}
	return c
}

// ReplicateKeyInput is the input of ReplicateKey.
type ReplicateKeyInput struct {
	BypassPolicyLockoutSafetyCheck bool
	Description                    string `check:"min=0,max=8192"`
	KeyId                          string `check:"required,min=1,max=2048"`
	Policy                         string `check:"min=1,max=131072" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	ReplicaRegion                  string `check:"required,min=1,max=32" pattern:"^([a-z]+-){2,3}\\d+$"`
	Tags                           []Tag
}

// ReplicateKeyOutput is the output of ReplicateKey.
type ReplicateKeyOutput struct {
	ReplicaKeyMetadata *KeyMetadata
	ReplicaPolicy      string
	ReplicaTags        []Tag
}

// ReplicateKey makes a replica of a multi-Region primary key in another
// region: a key with the same id and, unless it is imported, the same material.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html.
func (s *Service) ReplicateKey(ctx context.Context, in *ReplicateKeyInput) (*ReplicateKeyOutput, error) {
	return api.DoChecks(ctx, in, s.replicateChecks, s.replicateKey)
}

func (s *Service) replicateKey(ctx context.Context, primary *key, in *ReplicateKeyInput) (*ReplicateKeyOutput, error) {
	tags, err := newTags(nil, in.Tags)
	if err != nil {
		return nil, err
	}
	if err := primary.checkReplicable(s.regions, in.ReplicaRegion); err != nil {
		return nil, err
	}
	replica := &keyRecord{
		Account: primary.Account, Region: in.ReplicaRegion, ID: primary.ID,
		Created: s.clock.Now(), Description: in.Description,
		Spec: primary.Spec, Usage: primary.Usage, Origin: primary.Origin, Manager: ManagerCustomer,
		Busy: StateCreating, BusyUntil: s.clock.Now().Add(s.transitionTime),
		Policy: in.Policy, Tags: tags, Primary: primary.Region,
	}
	if err := s.givePolicy(ctx, replica, in.BypassPolicyLockoutSafetyCheck); err != nil {
		return nil, err
	}
	if err := replica.Load(); err != nil {
		return nil, err
	}
	var out *ReplicateKeyOutput
	err = s.change(ctx, "ReplicateKey", primary, func(tx store.Tx, k key) error {
		if err := k.checkReplicable(s.regions, in.ReplicaRegion); err != nil {
			return err
		}
		if s.keys.Get(tx, replica.key()) != nil {
			return ErrAlreadyExists.Withf("%s already exists.", replica.place().arn("key/"+k.ID))
		}
		replica.PolicyEpoch = s.policies.Epoch(tx)
		s.copyMaterial(tx, k.keyRecord, replica)
		s.addReplica(tx, k.keyRecord, replica)
		out = &ReplicateKeyOutput{s.replicaMetadata(tx, replica), replica.Policy, in.Tags}
		return nil
	})
	return out, err
}

// checkReplicable reports why the key cannot have a replica in a region.
func (k key) checkReplicable(regions *arn.Regions, region string) error {
	_, known := regions.Find(region)
	switch {
	case !k.isMultiRegion() || k.isReplica():
		return k.notPrimary()
	case region == k.Region:
		return ErrAlreadyExists.Withf("%s already exists.", k.arn)
	case !known || arn.Partition(region) != arn.Partition(k.Region):
		return ErrUnsupportedOperation.Withf("%s cannot be replicated into %s.", k.arn, region)
	default:
		return nil
	}
}

// copyMaterial gives a replica the material of its primary key, but for
// imported material, which has to be imported again.
func (s *Service) copyMaterial(tx store.Tx, primary, replica *keyRecord) {
	replica.Materials, replica.Current = slices.Clone(primary.Materials), primary.Current
	for i := range replica.Materials {
		m := &replica.Materials[i]
		if primary.Origin == OriginExternal {
			m.Missing, m.Expires = true, time.Time{}
			continue
		}
		// The label that binds wrapped material to its key names no region.
		tx.Put(materialBucket+replica.key()+"/"+m.ID, tx.Get(materialBucket+primary.key()+"/"+m.ID))
	}
}

// addReplica stores a replica and adds it to the records of the other keys of the
// multi-Region key. The caller puts the primary key's record.
func (s *Service) addReplica(tx store.Tx, primary, replica *keyRecord) {
	primary.Replicas = append(primary.Replicas, replica.Region)
	replica.Replicas = primary.Replicas
	s.keys.Put(tx, replica.key(), replica)
	for _, p := range primary.relatives() {
		if relative := s.keys.Edit(tx, p.key(primary.ID)); relative != nil && p.region != replica.Region {
			relative.Replicas = primary.Replicas
			s.keys.Put(tx, relative.key(), relative)
		}
	}
}

// replicaMetadata describes a replica as it is while it is being made [K115].
func (s *Service) replicaMetadata(r store.Reader, replica *keyRecord) *KeyMetadata {
	m := s.metadata(r, key{replica, StateCreating})
	m.CurrentKeyMaterialId = ""
	return m
}

// UpdatePrimaryRegionInput is the input of UpdatePrimaryRegion.
type UpdatePrimaryRegionInput struct {
	KeyId         string `check:"required,min=1,max=2048"`
	PrimaryRegion string `check:"required,min=1,max=32" pattern:"^([a-z]+-){2,3}\\d+$"`
}

// UpdatePrimaryRegionOutput is the output of UpdatePrimaryRegion.
type UpdatePrimaryRegionOutput struct{}

// succession is a primary key and the replica that is to become the primary key; nil:
// there is no replica in that region.
type succession struct {
	primary    *key
	newPrimary *keyRecord
}

// UpdatePrimaryRegion makes a replica the primary key and the primary key a replica.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html.
func (s *Service) UpdatePrimaryRegion(ctx context.Context, in *UpdatePrimaryRegionInput) (*UpdatePrimaryRegionOutput, error) {
	return api.DoChecks(ctx, in, s.updatePrimaryChecks, s.updatePrimaryRegion)
}

func (s *Service) updatePrimaryRegion(ctx context.Context, keys *succession, in *UpdatePrimaryRegionInput) (*UpdatePrimaryRegionOutput, error) {
	return &UpdatePrimaryRegionOutput{}, s.change(ctx, "UpdatePrimaryRegion", keys.primary, func(tx store.Tx, k key) error {
		if !k.isMultiRegion() || k.isReplica() {
			return k.notPrimary()
		}
		if in.PrimaryRegion == k.Region {
			return ErrUnsupportedOperation.Withf("%s is already the multi-region primary key.", k.arn)
		}
		if keys.newPrimary == nil {
			return ErrNotFound.Withf("Key '%s' does not exist", place{k.Account, in.PrimaryRegion}.arn("key/"+k.ID))
		}
		if err := s.confirm(tx, keys.newPrimary); err != nil {
			return err
		}
		if err := s.now(tx, keys.newPrimary).admit("UpdatePrimaryRegion"); err != nil {
			return err
		}
		s.crown(tx, k.keyRecord, in.PrimaryRegion)
		return nil
	})
}

// crown makes the replica in a region the primary key. The caller puts the record of
// the old primary key.
func (s *Service) crown(tx store.Tx, old *keyRecord, region string) {
	replicas := slices.Clone(old.Replicas)
	replicas[slices.Index(replicas, region)] = old.Region
	for _, p := range old.relatives() {
		relative := s.keys.Edit(tx, p.key(old.ID))
		if relative == nil {
			continue
		}
		relative.Primary, relative.Replicas = region, replicas
		if p.region == region {
			relative.Rotation = old.Rotation
			relative.Busy, relative.BusyUntil = StateUpdating, s.clock.Now().Add(s.transitionTime)
		}
		s.keys.Put(tx, relative.key(), relative)
	}
	old.Primary, old.Replicas, old.Rotation = region, replicas, rotation{}
	old.Busy, old.BusyUntil = StateUpdating, s.clock.Now().Add(s.transitionTime)
}
