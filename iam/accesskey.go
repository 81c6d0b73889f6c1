package iam

import (
	"context"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// maxAccessKeys is how many access keys a user or root user may have.
const maxAccessKeys = 2

// CreateAccessKeyInput is the input of CreateAccessKey.
type CreateAccessKeyInput struct {
	UserName string `check:"min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// CreateAccessKeyOutput is the output of CreateAccessKey.
type CreateAccessKeyOutput struct{ AccessKey *AccessKey }

// CreateAccessKey makes an access key for a user: the calling one where none is
// named, or the calling root user.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html.
func (s *Service) CreateAccessKey(ctx context.Context, in *CreateAccessKeyInput) (*CreateAccessKeyOutput, error) {
	account, region := call(ctx)
	out := new(CreateAccessKeyOutput)
	make := func(tx store.Tx, partition string, u *identity.User, have []string) error {
		if len(have) >= maxAccessKeys {
			return errLimitExceeded.Withf("Cannot exceed quota for AccessKeysPerUser: %d", maxAccessKeys)
		}
		k, secret := s.dir.NewKey(tx, account, partition, u)
		out.AccessKey = &AccessKey{AccessKeyId: k.ID, SecretAccessKey: secret, Status: "Active", CreateDate: seconds(k.Created)}
		if u != nil {
			out.AccessKey.UserName = u.Name
		}
		return nil
	}
	name, err := userName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	if name == "" {
		err = s.dir.Update(ctx, func(tx store.Tx) error {
			return make(tx, arn.Partition(region), nil, s.dir.Account(tx, account).RootKeys)
		})
		return out, err
	}
	err = s.editUser(ctx, name, func(tx store.Tx, u *identity.User) error {
		return make(tx, u.Partition, u, u.Keys)
	})
	return out, err
}
