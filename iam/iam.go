package iam

import (
	"context"
	"log/slog"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
)

// Config is what the service works with.
type Config struct {
	Directory *identity.Directory // required
	// StrictPrincipals refuses trust policies that name principals that do not
	// exist, as AWS does. Without it they are stored and Log is told.
	StrictPrincipals bool
	Log              *slog.Logger // nil: discarded
}

// Service is AWS Identity and Access Management.
type Service struct {
	dir    *identity.Directory
	strict bool
	log    *slog.Logger
}

// New is the service over the directory's records.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{dir: c.Directory, strict: c.StrictPrincipals, log: c.Log}
}

// API describes the service.
func (s *Service) API() api.Service {
	return api.Service{
		Name: "iam", Principal: "iam.amazonaws.com",
		Query:  &api.QueryProtocol{Version: "2010-05-08", Namespace: "https://iam.amazonaws.com/doc/2010-05-08/"},
		Denied: func(d *api.Denial) *api.Error { return errAccessDenied.With(d.Text(d.Action)) },
		Invalid: func(violations []api.Violation) *api.Error {
			for i := range violations {
				violations[i].Shown = false // IAM never repeats a value (I011)
			}
			return errValidation.With(api.ValidationText(violations))
		},
		OwnerOnly:  func(d *api.Denial) *api.Error { return errAccessDenied.With(d.Text(d.Action)) },
		Operations: s.operations(),
	}
}

// operations is the table. Every action of IAM has the name of its operation.
func (s *Service) operations() []api.Operation {
	return []api.Operation{
		onUser(s, "CreateUser", s.CreateUser),
		onUser(s, "PutUserPolicy", s.PutUserPolicy),
		onUser(s, "CreateAccessKey", s.CreateAccessKey),

		onRole(s, "CreateRole", s.CreateRole),
		onRole(s, "GetRole", s.GetRole, api.ReadOnly),
		onRole(s, "PutRolePolicy", s.PutRolePolicy),
		onRole(s, "TagRole", s.TagRole),
	}
}

// call is the account and region of the call.
func call(ctx context.Context) (account, region string) {
	r := api.RequestFrom(ctx)
	return r.Account, r.Region
}
