package runtime

import (
	"context"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
)

// Credentials are fresh credentials of a principal: "root", "role/NAME",
// "user/NAME" of the default account, or the ARN of an account's root, a role
// or a user. It fails with identity.ErrNotFound where there is none.
func (rt *Runtime) Credentials(ctx context.Context, principal string) (*identity.Issued, error) {
	account, spec := rt.config.Account, principal
	if a, err := arn.Parse(principal); err == nil {
		account, spec = a.AccountID, a.Resource
	}
	return rt.Issue(ctx, account, spec)
}

// Issue is Credentials of "root", "role/NAME" or "user/NAME" of an account.
func (rt *Runtime) Issue(ctx context.Context, account, spec string) (*identity.Issued, error) {
	if spec == "root" && !rt.config.Strict.Credentials && arn.IsAccountID(account) {
		// An access key that was not made here acts as a root user; where it is an
		// account's number, as the root user of that account.
		return &identity.Issued{AccessKeyID: account, SecretAccessKey: "root"}, nil
	}
	return rt.Identity.Issue(ctx, account, rt.config.Region, spec)
}
