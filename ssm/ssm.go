package ssm

import (
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/api"
)

// Config is what a Service works with. All fields are required.
type Config struct {
	Parameters Parameters
}

// Parameters are the parameters that tell the version of CDK's bootstrap resources.
type Parameters interface {
	// BootstrapVersion is the value of one, and since when a stack declares it; where none
	// does it is what the resources will have.
	BootstrapVersion(ctx context.Context, account, region, name string) (value string, modified time.Time, declared bool, err error)
}

// Service is AWS Systems Manager, as far as the package's documentation says.
type Service struct{ parameters Parameters }

// New is the service over the parameters of stacks.
func New(c Config) *Service { return &Service{c.Parameters} }

// API describes the service.
func (s *Service) API() api.Service {
	denied := func(d *api.Denial) *api.Error { return errAccessDenied.With(d.Text(d.Action)) }
	return api.Service{
		Name: "ssm", Title: "Systems Manager", Principal: "ssm.amazonaws.com",
		Dialects: []api.Dialect{&api.AWSJSON{Version: "1.1", TargetPrefix: "AmazonSSM"}},
		Denied:   denied, OwnerOnly: denied,
		Invalid:      func(v []api.Violation) *api.Error { return errValidation.With(api.ValidationText(v)) },
		ResourceType: "AWS::SSM::Parameter",
		Own:          own,
		Operations: []api.Operation{
			api.Op("GetParameter", s.GetParameter, "ssm:GetParameter", onParameter, api.ReadOnly),
		},
	}
}
