package ec2

import (
	"context"

	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// EndpointSummary is a VPC endpoint as a list of endpoints shows it.
type EndpointSummary struct {
	ID             string   `json:"id"`
	ARN            string   `json:"arn"`
	Name           string   `json:"name,omitempty"` // the tag
	Service        string   `json:"service"`        // such as sqs
	Type           string   `json:"type"`           // Interface or Gateway
	VPC            string   `json:"vpc"`
	Account        string   `json:"account"`
	Region         string   `json:"region"`
	State          string   `json:"state"`
	Policy         string   `json:"policy,omitempty"` // empty: the default one, which allows everything
	Subnets        []string `json:"subnets"`
	SecurityGroups []string `json:"securityGroups"`
	PrivateDNS     bool     `json:"privateDns"`
}

// EndpointSummaries are the VPC endpoints of a scope, by account, region and id, but for
// those that are being deleted.
func (s *Service) EndpointSummaries(ctx context.Context, of resource.Scope) (list []EndpointSummary, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		list = []EndpointSummary{}
		for _, e := range s.endpoints.table.ScanWhole(r, "", "", store.All, func(string, error) {}) {
			if !of.Has(e.Account, e.Region) {
				continue
			}
			list = append(list, EndpointSummary{
				ID: e.ID, ARN: e.arn(), Name: resource.TagMap(e.Tags)["Name"], Service: e.service().serves(), Type: e.Type, VPC: e.Vpc,
				Account: e.Account, Region: e.Region, State: e.state(), Policy: e.Policy,
				Subnets: e.subnetIDs(), SecurityGroups: append([]string{}, e.Groups...), PrivateDNS: e.PrivateDNS,
			})
		}
		return nil
	})
	return list, err
}
