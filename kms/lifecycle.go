package kms

import (
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// EnableKeyInput is the input of EnableKey.
type EnableKeyInput struct {
	KeyId string `check:"required,min=1,max=2048"`
}

// EnableKeyOutput is the output of EnableKey.
type EnableKeyOutput struct{}

func (in *EnableKeyInput) use() keyUse { return byID(in.KeyId) }

// EnableKey makes a disabled key usable again. A rotation that fell due
// meanwhile happens now.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html.
func (s *Service) EnableKey(ctx context.Context, in *EnableKeyInput) (*EnableKeyOutput, error) {
	return api.Do(ctx, in, onKey(s, (*EnableKeyInput).use), s.enableKey)
}

func (s *Service) enableKey(ctx context.Context, k *key, _ *EnableKeyInput) (*EnableKeyOutput, error) {
	return &EnableKeyOutput{}, s.change(ctx, "EnableKey", k, func(_ store.Tx, k key) error {
		k.enable(s.clock.Now())
		return nil
	})
}

func (k *keyRecord) enable(now time.Time) {
	if k.Disabled && k.Rotation.Enabled && isDue(k.Rotation.Next, now) {
		k.Rotation.Next = now
	}
	k.Disabled = false
}

// DisableKeyInput is the input of DisableKey.
type DisableKeyInput struct {
	KeyId string `check:"required,min=1,max=2048"`
}

// DisableKeyOutput is the output of DisableKey.
type DisableKeyOutput struct{}

func (s *Service) disableTarget(ctx context.Context, in *DisableKeyInput) (api.Target, *key, error) {
	return s.endTarget(ctx, in.KeyId, func(*policyeval.Context) {})
}

// DisableKey makes a key unusable until it is enabled.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html.
func (s *Service) DisableKey(ctx context.Context, in *DisableKeyInput) (*DisableKeyOutput, error) {
	return api.Do(ctx, in, s.disableTarget, s.disableKey)
}

func (s *Service) disableKey(ctx context.Context, k *key, _ *DisableKeyInput) (*DisableKeyOutput, error) {
	return &DisableKeyOutput{}, s.change(ctx, "DisableKey", k, func(_ store.Tx, k key) error {
		k.Disabled = true
		return nil
	})
}

// UpdateKeyDescriptionInput is the input of UpdateKeyDescription.
type UpdateKeyDescriptionInput struct {
	Description string `check:"required,min=0,max=8192"`
	KeyId       string `check:"required,min=1,max=2048"`
}

// UpdateKeyDescriptionOutput is the output of UpdateKeyDescription.
type UpdateKeyDescriptionOutput struct{}

func (in *UpdateKeyDescriptionInput) use() keyUse { return byID(in.KeyId) }

// UpdateKeyDescription changes a key's description.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html.
func (s *Service) UpdateKeyDescription(ctx context.Context, in *UpdateKeyDescriptionInput) (*UpdateKeyDescriptionOutput, error) {
	return api.Do(ctx, in, onKey(s, (*UpdateKeyDescriptionInput).use), s.updateKeyDescription)
}

func (s *Service) updateKeyDescription(ctx context.Context, k *key, in *UpdateKeyDescriptionInput) (*UpdateKeyDescriptionOutput, error) {
	return &UpdateKeyDescriptionOutput{}, s.change(ctx, "UpdateKeyDescription", k, func(_ store.Tx, k key) error {
		k.Description = in.Description
		return nil
	})
}

// ScheduleKeyDeletionInput is the input of ScheduleKeyDeletion.
type ScheduleKeyDeletionInput struct {
	KeyId               string `check:"required,min=1,max=2048"`
	PendingWindowInDays *int32 `check:"min=1,max=365"`
}

// ScheduleKeyDeletionOutput is the output of ScheduleKeyDeletion.
type ScheduleKeyDeletionOutput struct {
	DeletionDate        time.Time
	KeyId               string
	KeyState            string
	PendingWindowInDays int32
}

const minWindow, maxWindow = 7, 30

// window is the waiting period in days.
func (in *ScheduleKeyDeletionInput) window() int {
	if in.PendingWindowInDays == nil {
		return maxWindow
	}
	return int(*in.PendingWindowInDays)
}

func (s *Service) scheduleTarget(ctx context.Context, in *ScheduleKeyDeletionInput) (api.Target, *key, error) {
	return s.endTarget(ctx, in.KeyId, func(c *policyeval.Context) {
		c.SetInt("kms:schedulekeydeletionpendingwindowindays", int64(in.window()))
	})
}

// endTarget is the target of an operation that ends a key's use. It sets the condition
// key by which policies can forbid this for keys that were used lately.
func (s *Service) endTarget(ctx context.Context, name string, keys func(*policyeval.Context)) (t api.Target, k *key, err error) {
	var unused int
	u := byID(name).with(func(c *policyeval.Context) {
		keys(c)
		c.SetInt("kms:trailingdayswithoutkeyusage", int64(unused))
	})
	err = s.read(ctx, func(r store.Reader) (err error) {
		if t, k, err = s.resolveIn(ctx, r, u); k != nil {
			unused = s.unusedDays(r, k.keyRecord)
		}
		return err
	})
	return t, k, err
}

// ScheduleKeyDeletion deletes a key once the waiting period has passed. That
// of a multi-Region primary key begins when its replicas are gone.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html.
func (s *Service) ScheduleKeyDeletion(ctx context.Context, in *ScheduleKeyDeletionInput) (*ScheduleKeyDeletionOutput, error) {
	return api.Do(ctx, in, s.scheduleTarget, s.scheduleKeyDeletion)
}

func (s *Service) scheduleKeyDeletion(ctx context.Context, k *key, in *ScheduleKeyDeletionInput) (*ScheduleKeyDeletionOutput, error) {
	window := in.window()
	if window < minWindow || window > maxWindow {
		return nil, ErrValidation.Withf("PendingWindowInDays must be between %d and %d", minWindow, maxWindow)
	}
	var out *ScheduleKeyDeletionOutput
	err := s.change(ctx, "ScheduleKeyDeletion", k, func(_ store.Tx, k key) error {
		if k.isMultiRegion() && !k.isReplica() && len(k.Replicas) > 0 {
			k.PendingWindow = window
		} else {
			k.DeletionDate = s.clock.Now().Add(days(window))
		}
		// A key whose deletion is canceled is disabled.
		k.Disabled = true
		out = &ScheduleKeyDeletionOutput{k.DeletionDate, k.arn, k.stateAt(s.clock.Now()), int32(window)}
		return nil
	})
	return out, err
}

// CancelKeyDeletionInput is the input of CancelKeyDeletion.
type CancelKeyDeletionInput struct {
	KeyId string `check:"required,min=1,max=2048"`
}

// CancelKeyDeletionOutput is the output of CancelKeyDeletion.
type CancelKeyDeletionOutput struct {
	KeyId string
}

func (in *CancelKeyDeletionInput) use() keyUse { return byID(in.KeyId) }

// CancelKeyDeletion keeps a key that was to be deleted. It stays disabled.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html.
func (s *Service) CancelKeyDeletion(ctx context.Context, in *CancelKeyDeletionInput) (*CancelKeyDeletionOutput, error) {
	return api.Do(ctx, in, onKey(s, (*CancelKeyDeletionInput).use), s.cancelKeyDeletion)
}

func (s *Service) cancelKeyDeletion(ctx context.Context, k *key, _ *CancelKeyDeletionInput) (*CancelKeyDeletionOutput, error) {
	var out *CancelKeyDeletionOutput
	err := s.change(ctx, "CancelKeyDeletion", k, func(_ store.Tx, k key) error {
		if k.DeletionDate.IsZero() && k.PendingWindow == 0 {
			return ErrInvalidState.Withf("%s is not pending deletion.", k.arn)
		}
		k.DeletionDate, k.PendingWindow, k.Disabled = time.Time{}, 0, true
		out = &CancelKeyDeletionOutput{k.arn}
		return nil
	})
	return out, err
}
