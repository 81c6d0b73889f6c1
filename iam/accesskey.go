package iam

import (
	"context"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// maxAccessKeys is how many access keys a user or root user may have.
const maxAccessKeys = 2

// The states of an access key.
const (
	active   = "Active"
	inactive = "Inactive"
)

// CreateAccessKeyInput is the input of CreateAccessKey.
type CreateAccessKeyInput struct {
	UserName string `check:"min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// CreateAccessKeyOutput is the output of CreateAccessKey.
type CreateAccessKeyOutput struct {
	AccessKey *AccessKey
}

// CreateAccessKey makes an access key for a user. Where none is named, it is
// for the calling user or root user.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html.
func (s *Service) CreateAccessKey(ctx context.Context, in *CreateAccessKeyInput) (*CreateAccessKeyOutput, error) {
	name, err := userName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	account, region := call(ctx)
	out := new(CreateAccessKeyOutput)
	if name == "" {
		err = s.dir.Update(ctx, func(tx store.Tx) (err error) {
			have := s.dir.Account(tx, account).RootKeys
			out.AccessKey, err = s.newKey(tx, account, arn.Partition(region), nil, have)
			return err
		})
		return out, err
	}
	err = s.editUser(ctx, name, func(tx store.Tx, u *identity.User) (err error) {
		out.AccessKey, err = s.newKey(tx, account, u.Partition, u, u.Keys)
		return err
	})
	return out, err
}

func (s *Service) newKey(tx store.Tx, account, partition string, u *identity.User, have []string) (*AccessKey, error) {
	if len(have) >= maxAccessKeys {
		return nil, exceeds("AccessKeysPerUser", maxAccessKeys)
	}
	k, secret := s.dir.NewKey(tx, account, partition, u)
	shape := &AccessKey{AccessKeyId: k.ID, SecretAccessKey: secret, Status: active, CreateDate: seconds(k.Created)}
	if u != nil {
		shape.UserName = u.Name
	}
	return shape, nil
}

// ListAccessKeysInput is the input of ListAccessKeys.
type ListAccessKeysInput struct {
	UserName string `check:"min=1,max=128" pattern:"[\\w+=,.@-]+"`
	Marker   string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems *int   `check:"min=1,max=1000"`
}

// ListAccessKeysOutput is the output of ListAccessKeys.
type ListAccessKeysOutput struct {
	AccessKeyMetadata []AccessKeyMetadata
	IsTruncated       bool
	Marker            string
}

// ListAccessKeys lists the access keys of a user: the calling one where none is
// named, or the calling root user.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html.
func (s *Service) ListAccessKeys(ctx context.Context, in *ListAccessKeysInput) (*ListAccessKeysOutput, error) {
	name, err := userName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	account, _ := call(ctx)
	var keys []AccessKeyMetadata
	err = s.dir.View(ctx, func(r store.Reader) error {
		keys = keys[:0]
		owner, ids, err := s.keysOf(r, account, name)
		for _, id := range ids {
			k := s.dir.Key(r, id)
			keys = append(keys, AccessKeyMetadata{AccessKeyId: id, UserName: owner, Status: status(k), CreateDate: seconds(k.Created)})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(keys, func(k AccessKeyMetadata) string { return k.CreateDate.Format(time.RFC3339) + k.AccessKeyId }, in.Marker, in.MaxItems)
	return &ListAccessKeysOutput{AccessKeyMetadata: part, Marker: next, IsTruncated: next != ""}, err
}

// keysOf are the access keys of a user, or of the root user where name is empty.
func (s *Service) keysOf(r store.Reader, account, name string) (owner string, ids []string, err error) {
	if name == "" {
		return "", s.dir.Account(r, account).RootKeys, nil
	}
	u := s.dir.Users.Get(r, account, name)
	if u == nil {
		return "", nil, noSuch("user", name)
	}
	return u.Name, u.Keys, nil
}

func status(k *identity.Key) string {
	if k.Inactive {
		return inactive
	}
	return active
}

// UpdateAccessKeyInput is the input of UpdateAccessKey.
type UpdateAccessKeyInput struct {
	UserName    string `check:"min=1,max=128" pattern:"[\\w+=,.@-]+"`
	AccessKeyId string `check:"required,min=16,max=128" pattern:"[\\w]+"`
	Status      string `check:"required" enum:"Active|Inactive|Expired"`
}

// UpdateAccessKeyOutput is the output of UpdateAccessKey.
type UpdateAccessKeyOutput struct{}

// UpdateAccessKey activates or deactivates an access key. The status Expired is
// refused: only AWS itself sets it.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html.
func (s *Service) UpdateAccessKey(ctx context.Context, in *UpdateAccessKeyInput) (*UpdateAccessKeyOutput, error) {
	name, err := userName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	account, _ := call(ctx)
	return new(UpdateAccessKeyOutput), s.dir.Update(ctx, func(tx store.Tx) error {
		_, ids, err := s.keysOf(tx, account, name)
		if err != nil {
			return err
		}
		if !slices.Contains(ids, in.AccessKeyId) {
			return noSuchKey(in.AccessKeyId)
		}
		if in.Status != active && in.Status != inactive {
			return errInvalidInput.Withf("The status of an access key cannot be set to %s.", in.Status)
		}
		k := s.dir.EditKey(tx, in.AccessKeyId)
		k.Inactive = in.Status == inactive
		s.dir.PutKey(tx, k)
		return nil
	})
}

func noSuchKey(id string) error {
	return errNoSuchEntity.Withf("The Access Key with id %s cannot be found.", id)
}

// DeleteAccessKeyInput is the input of DeleteAccessKey.
type DeleteAccessKeyInput struct {
	UserName    string `check:"min=1,max=128" pattern:"[\\w+=,.@-]+"`
	AccessKeyId string `check:"required,min=16,max=128" pattern:"[\\w]+"`
}

// DeleteAccessKeyOutput is the output of DeleteAccessKey.
type DeleteAccessKeyOutput struct{}

// DeleteAccessKey deletes an access key. Its id stays refused for good.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html.
func (s *Service) DeleteAccessKey(ctx context.Context, in *DeleteAccessKeyInput) (*DeleteAccessKeyOutput, error) {
	name, err := userName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	account, _ := call(ctx)
	without := func(tx store.Tx, ids []string) ([]string, error) {
		i := slices.Index(ids, in.AccessKeyId)
		if i < 0 {
			return nil, noSuchKey(in.AccessKeyId)
		}
		s.dir.DeleteKey(tx, s.dir.Key(tx, in.AccessKeyId))
		return slices.Delete(ids, i, i+1), nil
	}
	out := new(DeleteAccessKeyOutput)
	if name == "" {
		return out, s.dir.Update(ctx, func(tx store.Tx) (err error) {
			a := s.dir.EditAccount(tx, account)
			if a.RootKeys, err = without(tx, a.RootKeys); err == nil {
				s.dir.PutAccount(tx, account, a)
			}
			return err
		})
	}
	return out, s.editUser(ctx, name, func(tx store.Tx, u *identity.User) (err error) {
		u.Keys, err = without(tx, u.Keys)
		return err
	})
}

// GetAccessKeyLastUsedInput is the input of GetAccessKeyLastUsed.
type GetAccessKeyLastUsedInput struct {
	AccessKeyId string `check:"required,min=16,max=128" pattern:"[\\w]+"`
}

// GetAccessKeyLastUsedOutput is the output of GetAccessKeyLastUsed.
type GetAccessKeyLastUsedOutput struct {
	UserName          string
	AccessKeyLastUsed *AccessKeyLastUsed
}

// GetAccessKeyLastUsed returns when an access key of the account was last used,
// to a quarter of an hour.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccessKeyLastUsed.html.
func (s *Service) GetAccessKeyLastUsed(ctx context.Context, in *GetAccessKeyLastUsedInput) (*GetAccessKeyLastUsedOutput, error) {
	account, _ := call(ctx)
	out := &GetAccessKeyLastUsedOutput{AccessKeyLastUsed: &AccessKeyLastUsed{Region: "N/A", ServiceName: "N/A"}}
	err := s.dir.View(ctx, func(r store.Reader) error {
		k := s.dir.Key(r, in.AccessKeyId)
		if k == nil || k.Account != account || k.Principal == "" {
			return noSuchKey(in.AccessKeyId)
		}
		if u := s.dir.Users.ByID(r, k.Principal); u != nil {
			out.UserName = u.Name
		}
		if use := s.dir.LastUse(r, k.ID); !use.Time.IsZero() {
			*out.AccessKeyLastUsed = AccessKeyLastUsed{LastUsedDate: seconds(use.Time), Region: use.Region, ServiceName: use.Service}
		}
		return nil
	})
	return out, err
}
