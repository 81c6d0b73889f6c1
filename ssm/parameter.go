package ssm

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/cdk"
)

// GetParameterInput is the input of GetParameter.
type GetParameterInput struct {
	Name           string `check:"required"`
	WithDecryption *bool
}

// Parameter is a parameter with its value.
type Parameter struct {
	Name             string
	Type             string
	Value            string
	Version          int64
	Selector         string
	SourceResult     string
	LastModifiedDate *time.Time
	ARN              string
	DataType         string
}

// GetParameterOutput is the output of GetParameter.
type GetParameterOutput struct{ Parameter *Parameter }

// own reports whether a call is one for a parameter that is here.
func own(operation string, body []byte) bool {
	var in struct{ Name string }
	return operation == "GetParameter" && json.Unmarshal(body, &in) == nil && cdk.IsVersion(in.Name)
}

// onParameter is the parameter of an input as what a call acts on.
func onParameter(ctx context.Context, in *GetParameterInput) (api.Target, error) {
	r := api.RequestFrom(ctx)
	return api.Target{ARN: parameterARN(r, in.Name), Account: r.Account}, nil
}

func parameterARN(r *api.Request, name string) string {
	return arn.New("ssm", r.Region, r.Account, "parameter/"+strings.TrimPrefix(name, "/")).String()
}

// GetParameter is the version of the bootstrap resources.
//
// See https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html.
func (s *Service) GetParameter(ctx context.Context, in *GetParameterInput) (*GetParameterOutput, error) {
	if !cdk.IsVersion(in.Name) {
		return nil, errParameterNotFound
	}
	r := api.RequestFrom(ctx)
	value, modified, declared, err := s.parameters.BootstrapVersion(ctx, r.Account, r.Region, in.Name)
	if err != nil {
		return nil, err
	}
	if !declared { // the resources are made once one of their roles is assumed
		modified = r.Time
	}
	return &GetParameterOutput{&Parameter{
		Name: in.Name, Type: "String", Value: value, Version: 1,
		LastModifiedDate: &modified, ARN: parameterARN(r, in.Name), DataType: "text",
	}}, nil
}
