package sts

import (
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/policyeval"
)

// Config is what the service works with.
type Config struct {
	Directory *identity.Directory // required
}

// Service is the AWS Security Token Service.
type Service struct {
	dir *identity.Directory
}

// New is the service over the directory's records.
func New(c Config) *Service { return &Service{dir: c.Directory} }

// API describes the service.
func (s *Service) API() api.Service {
	return api.Service{
		Name: "sts", Principal: "sts.amazonaws.com",
		Query:     &api.QueryProtocol{Version: "2011-06-15", Namespace: "https://sts.amazonaws.com/doc/2011-06-15/"},
		Denied:    denied,
		OwnerOnly: denied,
		Invalid: func(violations []api.Violation) *api.Error {
			return errValidation.With(api.ValidationText(violations))
		},
		Operations: []api.Operation{
			api.OpChecks("AssumeRole", s.AssumeRole, []string{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}, s.assumeRole),
			api.Unguarded("GetCallerIdentity", s.GetCallerIdentity, api.ReadOnly),
		},
	}
}

// denied words a denial. Where it is the role's trust policy that does not let
// the caller in, or the role is in another account,
// the reason is not told, so that a role that does not exist looks the same (E5).
func denied(d *api.Denial) *api.Error {
	if d.CrossAccount || d.Verdict.Layer == policyeval.LayerTrust && d.Verdict.Statement < 0 {
		return errAccessDenied.With(d.Subject(d.Action))
	}
	return errAccessDenied.With(d.Text(d.Action))
}
