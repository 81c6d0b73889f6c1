package cloudformation

import (
	"context"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/store"
)

// parameterType is the type of parameters of the parameter store, which is not emulated.
const parameterType = "AWS::SSM::Parameter"

// bootstrapVersion is the version of the CDK's bootstrap stack where no stack declares one
// [C278].
const bootstrapVersion = "33"

// IsBootstrapVersion reports whether a parameter of the parameter store has the version of
// a bootstrap stack of the CDK: /cdk-bootstrap/QUALIFIER/version.
func IsBootstrapVersion(name string) bool {
	parts := strings.Split(name, "/")
	return len(parts) == 4 && parts[0] == "" && parts[1] == "cdk-bootstrap" && parts[2] != "" && parts[3] == "version"
}

// BootstrapVersion is the value of such a parameter: of the one that a stack declares, or
// what there is without one.
func (s *Service) BootstrapVersion(ctx context.Context, account, region, name string) (value string, modified time.Time, declared bool, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		value, modified, declared = bootstrapVersion, time.Time{}, false
		for _, n := range s.names.Scan(r, placePrefix(account, region), "", store.All) {
			prefix := placePrefix(account, region) + n.UUID + nul
			for _, record := range s.resources.Scan(r, prefix, "", store.All) {
				if record.Type == parameterType && record.physicalID() == name && shownResource(record) {
					value, modified, declared = record.Now.properties().Get("Value").String(), record.Updated, true
				}
			}
		}
		return nil
	})
	return value, modified, declared, err
}

// parameter is a parameter of the parameter store that a template's parameter names: of
// these there is only the version of the CDK's bootstrap stack [C171].
func (s *Service) parameter(ctx context.Context, name string) (string, bool) {
	if !IsBootstrapVersion(name) {
		return "", false
	}
	account, region := place(ctx)
	value, _, _, err := s.BootstrapVersion(ctx, account, region, name)
	return value, err == nil
}
