package iam

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// CreateUserInput is the input of CreateUser.
type CreateUserInput struct {
	UserName            string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	Path                string `check:"min=1,max=512" pattern:"(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"`
	PermissionsBoundary string `check:"min=20,max=2048"`
	Tags                []Tag  `check:"max=50"`
}

// CreateUserOutput is the output of CreateUser.
type CreateUserOutput struct{ User *User }

// CreateUser makes a user.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html.
func (s *Service) CreateUser(ctx context.Context, in *CreateUserInput) (*CreateUserOutput, error) {
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	account, region := call(ctx)
	out := new(CreateUserOutput)
	err := s.dir.Update(ctx, func(tx store.Tx) error {
		if s.dir.Users.Get(tx, account, in.UserName) != nil {
			return exists("User", in.UserName)
		}
		u := &identity.User{Entity: s.dir.NewEntity(tx, identity.UserPrefix, account, region, in.Path, in.UserName)}
		if err := s.setBoundary(tx, account, &u.Permissions, in.PermissionsBoundary); err != nil {
			return err
		}
		u.SetTags(tagRecords(in.Tags))
		s.dir.Users.Put(tx, u)
		out.User = fullUser(u)
		return nil
	})
	return out, err
}

// editUser changes a user.
func (s *Service) editUser(ctx context.Context, name string, edit func(store.Tx, *identity.User) error) error {
	account, _ := call(ctx)
	return s.dir.Update(ctx, func(tx store.Tx) error {
		u := s.dir.Users.Edit(tx, account, name)
		if u == nil {
			return noSuch("user", name)
		}
		if err := edit(tx, u); err != nil {
			return err
		}
		s.dir.Users.Put(tx, u)
		return nil
	})
}

// userName is the user that an operation acts on: the one named, else the
// calling one. It is empty for a calling root user, and an error for any other
// caller, who has to name one.
func userName(ctx context.Context, name string) (string, error) {
	if name != "" {
		return name, nil
	}
	c := api.RequestFrom(ctx).Caller
	switch c.Type {
	case policyeval.User:
		return c.Name, nil
	case policyeval.Root:
		return "", nil
	default:
		return "", errValidation.With("Must specify userName when calling with non-User credentials")
	}
}
