package iam

import (
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// LoginProfile is what a user signs in to the console with, without the password.
type LoginProfile struct {
	UserName              string
	CreateDate            time.Time
	PasswordResetRequired bool
}

func loginShape(u *identity.User) *LoginProfile {
	return &LoginProfile{UserName: u.Name, CreateDate: seconds(u.Login.Created), PasswordResetRequired: u.Login.ResetRequired}
}

// ownName is the user that an operation acts on, the calling one where it names
// none: the root user has to name one.
func ownName(ctx context.Context, name string) (string, error) {
	name, err := userName(ctx, name)
	if err == nil && name == "" {
		err = errMustName
	}
	return name, err
}

// login is a user's login; an error where it has none [I041].
func (s *Service) login(ctx context.Context, name string) (*identity.Login, error) {
	u, err := s.findUser(ctx, name)
	if err != nil {
		return nil, err
	}
	if u.Login == nil {
		return nil, noSuchLogin(name)
	}
	return u.Login, nil
}

func noSuchLogin(user string) error {
	return errNoSuchEntity.Withf("Login Profile for User %s cannot be found.", user)
}

// setPassword gives a user another password, unless the password of old was
// changed meanwhile; more makes further changes.
func (s *Service) setPassword(ctx context.Context, name string, old *identity.Login, password string, more func(*identity.Login)) error {
	if err := s.checkPassword(ctx, password, old); err != nil {
		return err
	}
	hash := identity.HashPassword(password)
	return s.editLogin(ctx, name, func(l *identity.Login) error {
		if !l.Same(old) {
			return errTemporarily.Withf("Login Profile for User %s cannot be modified while it is being changed.", name)
		}
		l.SetPassword(hash, now(ctx))
		more(l)
		return nil
	})
}

// editLogin changes a user's login.
func (s *Service) editLogin(ctx context.Context, name string, edit func(*identity.Login) error) error {
	return s.editUser(ctx, name, func(_ store.Tx, u *identity.User) error {
		if u.Login == nil {
			return noSuchLogin(name)
		}
		login := *u.Login
		u.Login = &login
		return edit(u.Login)
	})
}

// CreateLoginProfileInput is the input of CreateLoginProfile.
type CreateLoginProfileInput struct {
	UserName              string `check:"min=1,max=64" pattern:"[\\w+=,.@-]+"`
	Password              string `check:"min=1,max=128" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+" sensitive:"true" trail:"omit"`
	PasswordResetRequired bool
}

// CreateLoginProfileOutput is the output of CreateLoginProfile.
type CreateLoginProfileOutput struct {
	LoginProfile *LoginProfile
}

// CreateLoginProfile gives a user a password for the console.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html.
func (s *Service) CreateLoginProfile(ctx context.Context, in *CreateLoginProfileInput) (*CreateLoginProfileOutput, error) {
	if ofRoot(ctx, in.UserName) {
		return s.createRootLogin(ctx, in)
	}
	name, err := ownName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	login := &identity.Login{Created: now(ctx), ResetRequired: in.PasswordResetRequired}
	if _, err := s.findUser(ctx, name); err != nil {
		return nil, err // whatever the password
	}
	if in.Password == "" {
		return nil, errValidation.With("Must specify password when calling with non-root credentials")
	}
	if err := s.checkPassword(ctx, in.Password, nil); err != nil {
		return nil, err
	}
	login.SetPassword(identity.HashPassword(in.Password), now(ctx))
	out := new(CreateLoginProfileOutput)
	err = s.editUser(ctx, name, func(_ store.Tx, u *identity.User) error {
		if u.Login != nil {
			return errExists.Withf("Login Profile for user %s already exists.", name)
		}
		u.Login = login
		out.LoginProfile = loginShape(u)
		return nil
	})
	return out, err
}

// GetLoginProfileInput is the input of GetLoginProfile.
type GetLoginProfileInput struct {
	UserName string `check:"min=1,max=64" pattern:"[\\w+=,.@-]+"`
}

// GetLoginProfileOutput is the output of GetLoginProfile.
type GetLoginProfileOutput struct {
	LoginProfile *LoginProfile
}

// GetLoginProfile tells whether a user has a password for the console.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetLoginProfile.html.
func (s *Service) GetLoginProfile(ctx context.Context, in *GetLoginProfileInput) (*GetLoginProfileOutput, error) {
	if ofRoot(ctx, in.UserName) {
		return s.getRootLogin(ctx)
	}
	name, err := ownName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	u, err := s.findUser(ctx, name)
	if err != nil {
		return nil, err
	}
	if u.Login == nil {
		return nil, noSuchLogin(name)
	}
	return &GetLoginProfileOutput{loginShape(u)}, nil
}

// UpdateLoginProfileInput is the input of UpdateLoginProfile.
type UpdateLoginProfileInput struct {
	UserName              string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	Password              string `check:"min=1,max=128" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+" sensitive:"true" trail:"omit"`
	PasswordResetRequired *bool
}

// UpdateLoginProfileOutput is the output of UpdateLoginProfile.
type UpdateLoginProfileOutput struct{}

// UpdateLoginProfile changes a user's password for the console, or how it is
// used: what is left out stays [I043].
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateLoginProfile.html.
func (s *Service) UpdateLoginProfile(ctx context.Context, in *UpdateLoginProfileInput) (*UpdateLoginProfileOutput, error) {
	more := func(l *identity.Login) {
		if in.PasswordResetRequired != nil {
			l.ResetRequired = *in.PasswordResetRequired
		}
	}
	out := new(UpdateLoginProfileOutput)
	if in.Password == "" {
		return out, s.editLogin(ctx, in.UserName, func(l *identity.Login) error {
			more(l)
			return nil
		})
	}
	login, err := s.login(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	return out, s.setPassword(ctx, in.UserName, login, in.Password, more)
}

// DeleteLoginProfileInput is the input of DeleteLoginProfile.
type DeleteLoginProfileInput struct {
	UserName string `check:"min=1,max=64" pattern:"[\\w+=,.@-]+"`
}

// DeleteLoginProfileOutput is the output of DeleteLoginProfile.
type DeleteLoginProfileOutput struct{}

// DeleteLoginProfile removes a user's password for the console. Its access keys still
// work.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteLoginProfile.html.
func (s *Service) DeleteLoginProfile(ctx context.Context, in *DeleteLoginProfileInput) (*DeleteLoginProfileOutput, error) {
	if ofRoot(ctx, in.UserName) {
		return new(DeleteLoginProfileOutput), s.deleteRootLogin(ctx)
	}
	name, err := ownName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	return new(DeleteLoginProfileOutput), s.editUser(ctx, name, func(_ store.Tx, u *identity.User) error {
		if u.Login == nil {
			return noSuchLogin(name)
		}
		u.Login = nil
		return nil
	})
}
