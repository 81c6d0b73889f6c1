package iam

import (
	"context"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// PasswordPolicy is what the account requires of its users' passwords.
type PasswordPolicy struct {
	MinimumPasswordLength      int
	RequireSymbols             bool
	RequireNumbers             bool
	RequireUppercaseCharacters bool
	RequireLowercaseCharacters bool
	AllowUsersToChangePassword bool
	ExpirePasswords            bool
	MaxPasswordAge             int   `out:"nonzero"`
	PasswordReusePrevention    int   `out:"nonzero"`
	HardExpiry                 *bool // absent where it was never set
}

// GetAccountPasswordPolicyInput is the input of GetAccountPasswordPolicy.
type GetAccountPasswordPolicyInput struct{}

// GetAccountPasswordPolicyOutput is the output of GetAccountPasswordPolicy.
type GetAccountPasswordPolicyOutput struct {
	PasswordPolicy *PasswordPolicy
}

// GetAccountPasswordPolicy shows the account's password policy, where it has one.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountPasswordPolicy.html.
func (s *Service) GetAccountPasswordPolicy(ctx context.Context, _ *GetAccountPasswordPolicyInput) (*GetAccountPasswordPolicyOutput, error) {
	account, _ := call(ctx)
	out := new(GetAccountPasswordPolicyOutput)
	err := s.dir.View(ctx, func(r store.Reader) error {
		p := s.dir.Account(r, account).Passwords
		if p == nil {
			return errNoSuchEntity.Withf("The Password Policy with domain name %s cannot be found.", account) // [I100]
		}
		out.PasswordPolicy = &PasswordPolicy{
			MinimumPasswordLength: p.MinLength, RequireSymbols: p.Symbols, RequireNumbers: p.Numbers,
			RequireUppercaseCharacters: p.Uppers, RequireLowercaseCharacters: p.Lowers, AllowUsersToChangePassword: p.UsersChange,
			ExpirePasswords: p.MaxAge > 0, MaxPasswordAge: p.MaxAge, PasswordReusePrevention: p.Reuse,
		}
		if p.HardExpiry {
			out.PasswordPolicy.HardExpiry = &p.HardExpiry
		}
		return nil
	})
	return out, err
}

// defaultMinLength is that of a policy that does not say.
const defaultMinLength = 6

// UpdateAccountPasswordPolicyInput is the input of UpdateAccountPasswordPolicy.
type UpdateAccountPasswordPolicyInput struct {
	MinimumPasswordLength      *int `check:"min=6,max=128"`
	RequireSymbols             bool
	RequireNumbers             bool
	RequireUppercaseCharacters bool
	RequireLowercaseCharacters bool
	AllowUsersToChangePassword bool
	MaxPasswordAge             *int `check:"min=1,max=1095"`
	PasswordReusePrevention    *int `check:"min=1,max=24"`
	HardExpiry                 bool
}

// UpdateAccountPasswordPolicyOutput is the output of UpdateAccountPasswordPolicy.
type UpdateAccountPasswordPolicyOutput struct{}

// UpdateAccountPasswordPolicy replaces the account's password policy: members
// that are left out get their defaults, not their earlier values [I101].
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html.
func (s *Service) UpdateAccountPasswordPolicy(ctx context.Context, in *UpdateAccountPasswordPolicyInput) (*UpdateAccountPasswordPolicyOutput, error) {
	p := &identity.PasswordPolicy{
		MinLength: valueOr(in.MinimumPasswordLength, defaultMinLength), MaxAge: valueOr(in.MaxPasswordAge, 0),
		Reuse: valueOr(in.PasswordReusePrevention, 0), Symbols: in.RequireSymbols, Numbers: in.RequireNumbers,
		Uppers: in.RequireUppercaseCharacters, Lowers: in.RequireLowercaseCharacters,
		UsersChange: in.AllowUsersToChangePassword, HardExpiry: in.HardExpiry,
	}
	return new(UpdateAccountPasswordPolicyOutput), s.setPasswordPolicy(ctx, p)
}

func valueOr(n *int, otherwise int) int {
	if n == nil {
		return otherwise
	}
	return *n
}

// setPasswordPolicy sets the account's password policy; nil removes it.
func (s *Service) setPasswordPolicy(ctx context.Context, p *identity.PasswordPolicy) error {
	account, _ := call(ctx)
	return s.dir.Update(ctx, func(tx store.Tx) error {
		a := s.dir.EditAccount(tx, account)
		if p == nil && a.Passwords == nil {
			return errNoSuchEntity.With("The account policy with name PasswordPolicy cannot be found.")
		}
		a.Passwords = p
		s.dir.PutAccount(tx, account, a)
		return nil
	})
}

// DeleteAccountPasswordPolicyInput is the input of DeleteAccountPasswordPolicy.
type DeleteAccountPasswordPolicyInput struct{}

// DeleteAccountPasswordPolicyOutput is the output of DeleteAccountPasswordPolicy.
type DeleteAccountPasswordPolicyOutput struct{}

// DeleteAccountPasswordPolicy removes the account's password policy, so that AWS's
// default policy applies.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountPasswordPolicy.html.
func (s *Service) DeleteAccountPasswordPolicy(ctx context.Context, _ *DeleteAccountPasswordPolicyInput) (*DeleteAccountPasswordPolicyOutput, error) {
	return new(DeleteAccountPasswordPolicyOutput), s.setPasswordPolicy(ctx, nil)
}

// checkPassword refuses a password that the account's policy does not admit, or
// that was used before with the login old (nil: a new login). It is slow,
// because it hashes.
func (s *Service) checkPassword(ctx context.Context, password string, old *identity.Login) error {
	account, _ := call(ctx)
	var p *identity.PasswordPolicy
	var names []string
	err := s.dir.View(ctx, func(r store.Reader) error {
		a := s.dir.Account(r, account)
		p, names = a.Passwords, []string{a.Alias}
		if m := s.dir.Member(r, account); m != nil {
			names = append(names, m.Name, m.Email)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !p.Admits(password, names...) || old != nil && p != nil && old.Reused(password, p.Reuse) {
		return errPassword
	}
	return nil
}

// ChangePasswordInput is the input of ChangePassword.
type ChangePasswordInput struct {
	OldPassword string `check:"required,min=1,max=128" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+" sensitive:"true" trail:"omit"`
	NewPassword string `check:"required,min=1,max=128" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+" sensitive:"true" trail:"omit"`
}

// ChangePasswordOutput is the output of ChangePassword.
type ChangePasswordOutput struct{}

// ChangePassword gives the calling user another password [I047].
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ChangePassword.html.
func (s *Service) ChangePassword(ctx context.Context, in *ChangePasswordInput) (*ChangePasswordOutput, error) {
	name := callingUser(ctx)
	if name == "" {
		return nil, errUserType
	}
	login, err := s.login(ctx, name)
	if err != nil {
		return nil, err
	}
	if !login.Matches(in.OldPassword) {
		return nil, errAccessDenied.With("The old password was incorrect.")
	}
	return new(ChangePasswordOutput), s.setPassword(ctx, name, login, in.NewPassword, func(l *identity.Login) { l.ResetRequired = false })
}
