package kms

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// Types of rotation.
const (
	rotationAutomatic = "AUTOMATIC"
	rotationOnDemand  = "ON_DEMAND"
)

const (
	defaultPeriod = 365 // days
	// maxOnDemand is how many rotations can be asked for in a key's life.
	maxOnDemand = 25
)

// checkRotation reports why a key does not rotate at all: asymmetric and HMAC
// keys and those of custom key stores do not.
func (k key) checkRotation() error {
	switch {
	case !k.isSymmetric():
		return ErrUnsupportedOperation // without a message [K102]
	case k.Store != "":
		return k.originError()
	default:
		return nil
	}
}

func (k *keyRecord) originError() error {
	return ErrUnsupportedOperation.Withf("%s origin is %s which is not valid for this operation.", k.arn, k.Origin)
}

// checkPrimary reports a replica, where only the primary key will do.
func (k *keyRecord) checkPrimary() error {
	if k.isReplica() {
		return k.notPrimary()
	}
	return nil
}

func (k *keyRecord) notPrimary() error {
	return ErrUnsupportedOperation.Withf("%s is not a multi-region primary key.", k.arn)
}

// checkAutomatic reports why a key does not rotate by itself.
func (k key) checkAutomatic() error {
	if err := k.checkRotation(); err != nil {
		return err
	}
	if k.Origin != OriginKMS {
		return k.originError()
	}
	return k.checkPrimary()
}

// EnableKeyRotationInput is the input of EnableKeyRotation.
type EnableKeyRotationInput struct {
	KeyId                string `check:"required,min=1,max=2048"`
	RotationPeriodInDays *int32 `check:"min=90,max=2560"`
}

// EnableKeyRotationOutput is the output of EnableKeyRotation.
type EnableKeyRotationOutput struct{}

func (in *EnableKeyRotationInput) period() int {
	if in.RotationPeriodInDays == nil {
		return defaultPeriod
	}
	return int(*in.RotationPeriodInDays)
}

func (in *EnableKeyRotationInput) use() keyUse {
	return byID(in.KeyId).with(func(c *policyeval.Context) {
		c.SetInt("kms:rotationperiodindays", int64(in.period()))
	})
}

// EnableKeyRotation makes a key rotate every so many days from now on; 365 unless given.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html.
func (s *Service) EnableKeyRotation(ctx context.Context, in *EnableKeyRotationInput) (*EnableKeyRotationOutput, error) {
	return api.Do(ctx, in, onKey(s, (*EnableKeyRotationInput).use), s.enableKeyRotation)
}

func (s *Service) enableKeyRotation(ctx context.Context, k *key, in *EnableKeyRotationInput) (*EnableKeyRotationOutput, error) {
	return &EnableKeyRotationOutput{}, s.changeRotation(ctx, "EnableKeyRotation", k, func(k key) {
		if k.Rotation.Enabled && (in.RotationPeriodInDays == nil || k.Rotation.Period == in.period()) {
			return
		}
		k.Rotation.Enabled, k.Rotation.Period = true, in.period()
		k.Rotation.Next = s.clock.Now().Add(days(in.period()))
	})
}

// changeRotation changes a key's rotation. A key that can never rotate is refused with
// the same error in every key state.
func (s *Service) changeRotation(ctx context.Context, operation string, k *key, f func(key)) error {
	if err := k.checkAutomatic(); err != nil {
		return err
	}
	return s.change(ctx, operation, k, func(_ store.Tx, k key) error {
		f(k)
		return nil
	})
}

// DisableKeyRotationInput is the input of DisableKeyRotation.
type DisableKeyRotationInput struct {
	KeyId string `check:"required,min=1,max=2048"`
}

// DisableKeyRotationOutput is the output of DisableKeyRotation.
type DisableKeyRotationOutput struct{}

func (in *DisableKeyRotationInput) use() keyUse { return byID(in.KeyId) }

// DisableKeyRotation ends a key's automatic rotation.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html.
func (s *Service) DisableKeyRotation(ctx context.Context, in *DisableKeyRotationInput) (*DisableKeyRotationOutput, error) {
	return api.Do(ctx, in, onKey(s, (*DisableKeyRotationInput).use), s.disableKeyRotation)
}

func (s *Service) disableKeyRotation(ctx context.Context, k *key, _ *DisableKeyRotationInput) (*DisableKeyRotationOutput, error) {
	return &DisableKeyRotationOutput{}, s.changeRotation(ctx, "DisableKeyRotation", k, func(k key) {
		k.Rotation = rotation{OnDemand: k.Rotation.OnDemand}
	})
}

// GetKeyRotationStatusInput is the input of GetKeyRotationStatus.
type GetKeyRotationStatusInput struct {
	KeyId string `check:"required,min=1,max=2048"`
}

// GetKeyRotationStatusOutput is the output of GetKeyRotationStatus.
// OnDemandRotationStartDate is never there: rotations take no time here.
type GetKeyRotationStatusOutput struct {
	KeyId                     string
	KeyRotationEnabled        bool
	NextRotationDate          time.Time
	OnDemandRotationStartDate time.Time
	RotationPeriodInDays      *int32
}

func (in *GetKeyRotationStatusInput) use() keyUse { return byID(in.KeyId) }

// GetKeyRotationStatus answers whether and when a key rotates by itself. A
// replica key answers its primary key's rotation; asymmetric and HMAC keys and
// those with imported material, which never do, answer that rotation is off.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html.
func (s *Service) GetKeyRotationStatus(ctx context.Context, in *GetKeyRotationStatusInput) (*GetKeyRotationStatusOutput, error) {
	return api.Do(ctx, in, onKey(s, (*GetKeyRotationStatusInput).use), s.getKeyRotationStatus)
}

func (s *Service) getKeyRotationStatus(ctx context.Context, k *key, _ *GetKeyRotationStatusInput) (*GetKeyRotationStatusOutput, error) {
	if k.Store != "" {
		return nil, k.originError()
	}
	if k.state == StateCreating {
		return nil, ErrUnsupportedOperation.Withf("%s is creating.", k.arn)
	}
	var out *GetKeyRotationStatusOutput
	err := s.engine.View(ctx, func(r store.Reader) error {
		out = s.rotationStatus(r, k)
		return nil
	})
	return out, err
}

// rotationOf is the rotation in force of a key: a replica's is its primary key's.
func (s *Service) rotationOf(r store.Reader, k *key) rotation {
	if k.isReplica() {
		if primary := s.keys.Get(r, place{k.Account, k.Primary}.key(k.ID)); primary != nil {
			return primary.Rotation
		}
	}
	return k.Rotation
}

func (s *Service) rotationStatus(r store.Reader, k *key) *GetKeyRotationStatusOutput {
	rotation := s.rotationOf(r, k)
	out := &GetKeyRotationStatusOutput{KeyId: k.arn, KeyRotationEnabled: rotation.Enabled}
	if rotation.Enabled {
		period := int32(rotation.Period)
		out.RotationPeriodInDays, out.NextRotationDate = &period, rotation.Next
	}
	return out
}

// RotateKeyOnDemandInput is the input of RotateKeyOnDemand.
type RotateKeyOnDemandInput struct {
	KeyId string `check:"required,min=1,max=2048"`
}

// RotateKeyOnDemandOutput is the output of RotateKeyOnDemand.
type RotateKeyOnDemandOutput struct {
	KeyId string
}

func (in *RotateKeyOnDemandInput) use() keyUse { return byID(in.KeyId) }

// RotateKeyOnDemand gives a key new material at once: made by KMS, or the pending
// imported material.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html.
func (s *Service) RotateKeyOnDemand(ctx context.Context, in *RotateKeyOnDemandInput) (*RotateKeyOnDemandOutput, error) {
	return api.Do(ctx, in, onKey(s, (*RotateKeyOnDemandInput).use), s.rotateKeyOnDemand)
}

func (s *Service) rotateKeyOnDemand(ctx context.Context, k *key, _ *RotateKeyOnDemandInput) (*RotateKeyOnDemandOutput, error) {
	var out *RotateKeyOnDemandOutput
	err := s.change(ctx, "RotateKeyOnDemand", k, func(tx store.Tx, k key) error {
		if err := k.checkRotation(); err != nil {
			return err
		}
		if err := k.checkPrimary(); err != nil {
			return err
		}
		if k.Rotation.OnDemand >= maxOnDemand {
			return ErrLimitExceeded.Withf("The on-demand rotations limit has been reached for the given keyId. "+
				"No more on-demand rotations can be performed for this key: %s", k.arn)
		}
		k.Rotation.OnDemand++
		out = &RotateKeyOnDemandOutput{k.arn}
		if k.Origin == OriginExternal {
			return s.rotateImported(tx, k)
		}
		s.rotateAll(tx, k.keyRecord, newSecret(k.ID, randomBytes(32)), s.clock.Now(), rotationOnDemand)
		return nil
	})
	return out, err
}

// rotateAll gives new material to a key, which the caller puts, and to its replicas.
func (s *Service) rotateAll(tx store.Tx, k *keyRecord, m secret, at time.Time, kind string) {
	rotate := func(k *keyRecord) {
		s.putSecret(tx, k, m)
		next := m.record()
		next.Rotated, next.RotationType = at, kind
		k.Materials, k.Current = append(k.Materials, next), m.id
	}
	rotate(k)
	for _, p := range k.relatives() {
		if replica := s.keys.Edit(tx, p.key(k.ID)); replica != nil {
			rotate(replica)
			s.keys.Put(tx, replica.key(), replica)
		}
	}
}

// rotateImported makes the pending material of a key and of its replicas current.
func (s *Service) rotateImported(tx store.Tx, k key) error {
	pending := k.pending()
	if pending == nil {
		return ErrInvalidState.Withf("No available key material pending rotation for the key: %s.", k.arn)
	}
	family := []*keyRecord{k.keyRecord}
	for _, p := range k.relatives() {
		if replica := s.keys.Edit(tx, p.key(k.ID)); replica != nil {
			family = append(family, replica)
		}
	}
	for _, member := range family {
		if m := member.material(pending.ID); m == nil || m.Missing {
			return ErrInvalidState.Withf("Key material (id: %s) must be imported into %s before it can be rotated to.", pending.ID, member.arn)
		}
	}
	id, now := pending.ID, s.clock.Now()
	for i, member := range family {
		m := member.material(id)
		m.Pending, m.Rotated, m.RotationType = false, now, rotationOnDemand
		member.Current = id
		if i > 0 {
			s.keys.Put(tx, member.key(), member)
		}
	}
	return nil
}

// ListKeyRotationsInput is the input of ListKeyRotations.
type ListKeyRotationsInput struct {
	IncludeKeyMaterial string `enum:"ALL_KEY_MATERIAL|ROTATIONS_ONLY"`
	KeyId              string `check:"required,min=1,max=2048"`
	Limit              *int32 `check:"min=1,max=1000"`
	Marker             string `check:"min=1,max=1024"`
}

// ListKeyRotationsOutput is the output of ListKeyRotations.
type ListKeyRotationsOutput struct {
	NextMarker string
	Rotations  []RotationsListEntry
	Truncated  bool
}

// RotationsListEntry is one piece of a key's material.
type RotationsListEntry struct {
	ExpirationModel        string
	ImportState            string
	KeyId                  string
	KeyMaterialDescription string
	KeyMaterialId          string
	KeyMaterialState       string
	RotationDate           time.Time
	RotationType           string
	ValidTo                time.Time
}

func (in *ListKeyRotationsInput) use() keyUse { return byID(in.KeyId) }

// ListKeyRotations lists a key's rotations, or all of its material, oldest
// first, 100 at a time.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html.
func (s *Service) ListKeyRotations(ctx context.Context, in *ListKeyRotationsInput) (*ListKeyRotationsOutput, error) {
	return api.Do(ctx, in, onKey(s, (*ListKeyRotationsInput).use), s.listKeyRotations)
}

func (s *Service) listKeyRotations(ctx context.Context, k *key, in *ListKeyRotationsInput) (*ListKeyRotationsOutput, error) {
	start, err := after(in.Marker)
	if err != nil {
		return nil, err
	}
	if err := k.checkRotation(); err != nil {
		return nil, err
	}
	out := &ListKeyRotationsOutput{}
	err = s.engine.View(ctx, func(r store.Reader) error {
		list := newPage[RotationsListEntry](start, pageSize(in.Limit, 100, 1000))
		for i, m := range k.Materials {
			if m.Rotated.IsZero() && in.IncludeKeyMaterial != "ALL_KEY_MATERIAL" {
				continue
			}
			if !list.add(fmt.Sprintf("%06d", i), s.rotationEntry(r, k, m)) {
				break
			}
		}
		out.Rotations, out.NextMarker, out.Truncated = list.result()
		return nil
	})
	return out, err
}

func (s *Service) rotationEntry(r store.Reader, k *key, m material) RotationsListEntry {
	e := RotationsListEntry{
		KeyId: k.ID, KeyMaterialId: m.ID, KeyMaterialState: s.materialState(r, k, m),
		RotationDate: m.Rotated, RotationType: m.RotationType,
	}
	if k.Origin == OriginExternal {
		e.KeyMaterialDescription = m.Description
		e.ImportState = "IMPORTED"
		if m.Missing {
			e.ImportState = "PENDING_IMPORT"
		} else {
			e.ExpirationModel, e.ValidTo = m.expiration()
		}
	}
	return e
}

func (s *Service) materialState(r store.Reader, k *key, m material) string {
	switch {
	case m.ID == k.Current:
		return "CURRENT"
	case !m.Pending:
		return "NON_CURRENT"
	case m.Missing || slices.ContainsFunc(k.relatives(), func(p place) bool {
		relative := s.keys.Get(r, p.key(k.ID))
		if relative == nil {
			return false
		}
		its := relative.material(m.ID)
		return its == nil || its.Missing
	}):
		return "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
	default:
		return "PENDING_ROTATION"
	}
}
