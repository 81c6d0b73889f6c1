package iam

import (
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// Only sessions of AssumeRoot can manage the root user's own login profile;
// they name no user. It holds no password: it permits the root user to set one,
// with the account's email.

// ofRoot reports whether an operation acts on what the root user has itself.
func ofRoot(ctx context.Context, name string) bool {
	return name == "" && api.RequestFrom(ctx).Caller.InTask()
}

func (s *Service) createRootLogin(ctx context.Context, in *CreateLoginProfileInput) (*CreateLoginProfileOutput, error) {
	if in.Password != "" {
		return nil, errValidation.With("Must not specify password when calling with root credentials")
	}
	account, _ := call(ctx)
	err := s.dir.Update(ctx, func(tx store.Tx) error {
		a := s.dir.EditAccount(tx, account)
		if !a.RootLogin.IsZero() {
			return errExists.Withf("Login Profile for account %s already exists.", account)
		}
		a.RootLogin = now(ctx)
		s.dir.PutAccount(tx, account, a)
		return nil
	})
	return &CreateLoginProfileOutput{&LoginProfile{CreateDate: seconds(now(ctx))}}, err
}

func (s *Service) getRootLogin(ctx context.Context) (*GetLoginProfileOutput, error) {
	account, _ := call(ctx)
	out := new(GetLoginProfileOutput)
	return out, s.dir.View(ctx, func(r store.Reader) error {
		a := s.dir.Account(r, account)
		if a.RootLogin.IsZero() {
			return noSuchLogin("null")
		}
		out.LoginProfile = &LoginProfile{CreateDate: seconds(a.RootLogin)}
		return nil
	})
}

func (s *Service) deleteRootLogin(ctx context.Context) error {
	account, _ := call(ctx)
	return s.dir.Update(ctx, func(tx store.Tx) error {
		a := s.dir.EditAccount(tx, account)
		if a.RootLogin.IsZero() {
			return noSuchLogin("null")
		}
		a.RootLogin = time.Time{}
		s.dir.PutAccount(tx, account, a)
		return nil
	})
}
