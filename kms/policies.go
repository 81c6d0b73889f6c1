package kms

import (
	"context"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// PoliciesInForce are the policies that somebody gave keys, as requests are
// decided with them: not the default policy, and not those of AWS managed keys.
func (s *Service) PoliciesInForce(ctx context.Context) (policies []api.PolicyInForce, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		policies = nil
		for _, k := range s.keys.ScanWhole(r, "", "", func(string, error) {}) {
			if k.Manager == ManagerCustomer && k.Policy != defaultPolicyText(k.place()) {
				policies = append(policies, api.PolicyInForce{Owner: k.arn, Kind: "resource", Policy: k.compiled})
			}
		}
		return nil
	})
	return policies, err
}

// AliasNames are the aliases of customers' keys by the keys' ARNs: of a key with
// several, the first by name.
func (s *Service) AliasNames(ctx context.Context) (names map[string]string, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		names = map[string]string{}
		// What explains a decision is not to fail for a key that cannot be read.
		for _, k := range s.keys.ScanWhole(r, "", "", func(string, error) {}) {
			if len(k.Aliases) > 0 {
				names[k.arn] = slices.Min(k.Aliases)
			}
		}
		return nil
	})
	return names, err
}

// Inherit implements store.Heir.
func (k *keyRecord) Inherit(old *keyRecord) { k.compiled = api.SamePolicy(k.compiled, old.compiled) }
