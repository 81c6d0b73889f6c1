package server

import (
	"context"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
)

// Credentials are fresh credentials of a principal: "root", "role/NAME",
// "user/NAME" of the default account, or the ARN of an account's root, a role
// or a user. It fails with identity.ErrNotFound where there is none.
func (s *Server) Credentials(ctx context.Context, principal string) (*identity.Issued, error) {
	account, spec := s.config.Account, principal
	if a, err := arn.Parse(principal); err == nil {
		account, spec = a.AccountID, a.Resource
	}
	return s.issue(ctx, account, spec)
}

func (s *Server) issue(ctx context.Context, account, spec string) (*identity.Issued, error) {
	if spec == "root" && !s.config.Strict.Credentials && arn.IsAccountID(account) {
		// Any access key that was not made here is the root user's; one that
		// spells an account is that account's.
		return &identity.Issued{AccessKeyID: account, SecretAccessKey: "root"}, nil
	}
	var issued *identity.Issued
	var err error
	s.inWorld(func(w *world) {
		issued, err = w.identity.Issue(ctx, account, s.config.Region, spec)
	})
	return issued, err
}

// Operations are the names of the operations of a service, such as sqs.
func (s *Server) Operations(service string) []string {
	var names []string
	s.inWorld(func(w *world) {
		if known := w.dispatcher.Service(service); known != nil {
			for i := range known.Operations {
				names = append(names, known.Operations[i].Name)
			}
		}
	})
	return names
}
