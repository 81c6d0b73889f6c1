package cloudformation

import (
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/cdk"
	"github.com/waxseal/waxseal/internal/store"
)

// parameterType is the type of parameters of the parameter store, which is not emulated.
const parameterType = "AWS::SSM::Parameter"

// BootstrapVersion is the value of such a parameter: of the one that a stack declares, or
// what there is without one.
func (s *Service) BootstrapVersion(ctx context.Context, account, region, name string) (value string, modified time.Time, declared bool, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		value, modified, declared = cdk.Version, time.Time{}, false
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
	if !cdk.IsVersion(name) {
		return "", false
	}
	account, region := place(ctx)
	value, _, _, err := s.BootstrapVersion(ctx, account, region, name)
	return value, err == nil
}
