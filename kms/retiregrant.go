package kms

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// RetireGrantInput is the input of RetireGrant.
type RetireGrantInput struct {
	DryRun     bool   `out:"nonzero"`
	GrantId    string `check:"min=1,max=128"`
	GrantToken string `check:"min=1,max=8192" trail:"omit"`
	KeyId      string `check:"min=1,max=2048"`
}

// RetireGrantOutput is the output of RetireGrant.
type RetireGrantOutput struct{}

// named is the key and the grant that the input names.
func (s *Service) named(in *RetireGrantInput) (keyID, grantID string, err error) {
	switch {
	case in.GrantToken != "":
		t, err := s.readGrantToken(in.GrantToken)
		return t.Key, t.Grant, err
	case in.KeyId == "" || in.GrantId == "":
		return "", "", ErrValidation.With("You must specify either a GrantToken, or a KeyId and a GrantId.")
	default:
		return in.KeyId, in.GrantId, nil
	}
}

// retireGrantTarget is the key as a target with only the grant that is to be retired:
// only this grant says who may retire it.
func (s *Service) retireGrantTarget(ctx context.Context, in *RetireGrantInput) (t api.Target, k *key, err error) {
	name, grantID, err := s.named(in)
	if err != nil {
		return t, nil, err
	}
	err = s.read(ctx, func(r store.Reader) (err error) {
		if t, k, err = s.resolveIn(ctx, r, byID(name)); k == nil {
			return err
		}
		t.Grants = nil
		g := s.grants.Get(r, k.key()+"/"+grantID)
		if g == nil {
			t.Missing = noGrant(grantID)
			return nil
		}
		t.Grants = []policyeval.Grant{g.evaluated()}
		u := keyUse{context: g.constraintContext()}
		keys := t.Keys
		t.Keys = func(c *policyeval.Context) {
			keys(c)
			u.setKeys(c)
			parameter("kms:grantconstrainttype", g.constraintTypes())(c)
		}
		return nil
	})
	return t, k, err
}

func noGrant(id string) *api.Error { return ErrNotFound.Withf("Grant ID %s not found", id) }

// RetireGrant deletes a grant that is no longer needed. The grant itself and the
// key's account say who may do so.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html.
func (s *Service) RetireGrant(ctx context.Context, in *RetireGrantInput) (*RetireGrantOutput, error) {
	return api.Do(ctx, in, s.retireGrantTarget, s.retireGrant)
}

func (s *Service) retireGrant(ctx context.Context, k *key, in *RetireGrantInput) (*RetireGrantOutput, error) {
	_, grantID, err := s.named(in)
	if err != nil {
		return nil, err
	}
	return &RetireGrantOutput{}, s.endGrant(ctx, "RetireGrant", k, grantID, in.DryRun)
}

func (s *Service) endGrant(ctx context.Context, operation string, k *key, grantID string, dryRun bool) error {
	return s.change(ctx, operation, k, func(tx store.Tx, k key) error {
		g := s.grants.Get(tx, k.key()+"/"+grantID)
		if g == nil {
			return noGrant(grantID)
		}
		if dryRun {
			return ErrDryRun
		}
		s.deleteGrant(tx, g)
		k.Grants--
		return nil
	})
}

// RevokeGrantInput is the input of RevokeGrant.
type RevokeGrantInput struct {
	DryRun  bool   `out:"nonzero"`
	GrantId string `check:"required,min=1,max=128"`
	KeyId   string `check:"required,min=1,max=2048"`
}

// RevokeGrantOutput is the output of RevokeGrant.
type RevokeGrantOutput struct{}

func (s *Service) revokeGrantTarget(ctx context.Context, in *RevokeGrantInput) (api.Target, *key, error) {
	return s.resolve(ctx, grantUse(ctx, in.KeyId))
}

// RevokeGrant deletes a grant. The key's policy says who may do so.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html.
func (s *Service) RevokeGrant(ctx context.Context, in *RevokeGrantInput) (*RevokeGrantOutput, error) {
	return api.Do(ctx, in, s.revokeGrantTarget, s.revokeGrant)
}

func (s *Service) revokeGrant(ctx context.Context, k *key, in *RevokeGrantInput) (*RevokeGrantOutput, error) {
	return &RevokeGrantOutput{}, s.endGrant(ctx, "RevokeGrant", k, in.GrantId, in.DryRun)
}
