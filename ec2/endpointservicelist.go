package ec2

import (
	"context"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
)

func (s *Service) endpointServiceOperations() []api.Operation {
	return []api.Operation{
		api.Op("DescribeVpcEndpointServices", s.DescribeVpcEndpointServices, "ec2:DescribeVpcEndpointServices",
			anything[*DescribeVpcEndpointServicesInput], api.ReadOnly),
		api.Op("DescribePrefixLists", s.DescribePrefixLists, "ec2:DescribePrefixLists", anything[*DescribePrefixListsInput], api.ReadOnly),
	}
}

// DescribeVpcEndpointServicesInput is the input of DescribeVpcEndpointServices.
// MaxResults of more than 1,000 stand for 1,000 [X020].
type DescribeVpcEndpointServicesInput struct {
	ServiceNames   []string `query:"ServiceName"`
	Filters        []Filter `query:"Filter"`
	MaxResults     *int32   `check:"min=1"`
	NextToken      string
	ServiceRegions []string `query:"ServiceRegion"`
	DryRun         bool
}

// DescribeVpcEndpointServicesOutput is the output of DescribeVpcEndpointServices.
type DescribeVpcEndpointServicesOutput struct {
	ServiceNames   []string        `name:"serviceNameSet"`
	ServiceDetails []ServiceDetail `name:"serviceDetailSet"`
	NextToken      string
}

// ServiceDetail is a service that VPC endpoints lead to, for one type of endpoint.
type ServiceDetail struct {
	ServiceName                     string
	ServiceId                       string
	ServiceType                     []ServiceTypeDetail
	ServiceRegion                   string
	AvailabilityZoneIds             []string `name:"availabilityZoneIdSet"`
	AvailabilityZones               []string `name:"availabilityZoneSet"`
	Owner                           string
	BaseEndpointDnsNames            []string `name:"baseEndpointDnsNameSet"`
	PrivateDnsName                  string
	PrivateDnsNames                 []PrivateDnsDetails `name:"privateDnsNameSet"`
	VpcEndpointPolicySupported      bool
	AcceptanceRequired              bool
	ManagesVpcEndpoints             bool
	PayerResponsibility             string
	Tags                            []Tag `name:"tagSet"`
	PrivateDnsNameVerificationState string
	SupportedIpAddressTypes         []string `name:"supportedIpAddressTypeSet"`
}

// ServiceTypeDetail is a type of endpoints.
type ServiceTypeDetail struct{ ServiceType string }

// PrivateDnsDetails is a private name of a service.
type PrivateDnsDetails struct{ PrivateDnsName string }

// serviceFilters are those of DescribeVpcEndpointServices [X119].
var serviceFilters = filterTable[ServiceDetail]{
	"owner":                      one(func(d ServiceDetail) string { return d.Owner }),
	"service-name":               one(func(d ServiceDetail) string { return d.ServiceName }),
	"service-region":             one(func(d ServiceDetail) string { return d.ServiceRegion }),
	"service-type":               one(func(d ServiceDetail) string { return d.ServiceType[0].ServiceType }),
	"supported-ip-address-types": func(d ServiceDetail) []string { return d.SupportedIpAddressTypes },
}

// DescribeVpcEndpointServices lists the services that VPC endpoints lead to: one for
// which there are endpoints of two types twice [X120].
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServices.html.
func (s *Service) DescribeVpcEndpointServices(ctx context.Context, in *DescribeVpcEndpointServicesInput) (*DescribeVpcEndpointServicesOutput, error) {
	p := placeOf(ctx)
	if slices.ContainsFunc(in.ServiceRegions, func(region string) bool { return region != p.region }) {
		return nil, unsupported("ServiceRegions")
	}
	services := endpointServices(p.region)
	if len(in.ServiceNames) > 0 {
		services = nil
		for _, name := range unique(in.ServiceNames) {
			service, ok := findEndpointService(p.region, name)
			if !ok {
				return nil, noSuchService(name)
			}
			services = append(services, service)
		}
	}
	var details []ServiceDetail
	for _, service := range services {
		for _, kind := range service.types() {
			details = append(details, service.detail(p, kind))
		}
	}
	none := func(ServiceDetail) []resource.Tag { return nil }
	details, err := filtered(details, in.Filters, serviceFilters, none)
	if err != nil {
		return nil, err
	}
	details, next, err := page(details, func(d ServiceDetail) string { return d.ServiceName + "/" + d.ServiceType[0].ServiceType }, in.NextToken, most(in.MaxResults))
	if err != nil {
		return nil, err
	}
	out := &DescribeVpcEndpointServicesOutput{[]string{}, details, next}
	for _, d := range details {
		if !slices.Contains(out.ServiceNames, d.ServiceName) {
			out.ServiceNames = append(out.ServiceNames, d.ServiceName)
		}
	}
	return out, nil
}

// detail is the service for one type of endpoint as answers show it [X118]. It is in all
// zones.
func (s endpointService) detail(p place, kind string) ServiceDetail {
	d := ServiceDetail{
		ServiceName: s.fullName, ServiceId: s.id(kind), ServiceType: []ServiceTypeDetail{{kind}}, ServiceRegion: p.region,
		Owner: serviceOwner, VpcEndpointPolicySupported: true, Tags: []Tag{}, SupportedIpAddressTypes: []string{addressesIPv4},
		BaseEndpointDnsNames: []string{s.host()},
	}
	for _, z := range zonesOf(p) {
		d.AvailabilityZones = append(d.AvailabilityZones, z.name)
	}
	if kind == typeGateway {
		return d
	}
	d.BaseEndpointDnsNames = []string{s.zone()}
	for _, name := range s.privateNames() {
		d.PrivateDnsNames = append(d.PrivateDnsNames, PrivateDnsDetails{name})
	}
	d.PrivateDnsName, d.PrivateDnsNameVerificationState = s.privateNames()[0], "verified"
	return d
}

// unique are the texts, each once. There may be as many as a request has room for.
func unique(texts []string) []string {
	var once []string
	seen := make(map[string]bool, len(texts))
	for _, text := range texts {
		if !seen[text] {
			seen[text] = true
			once = append(once, text)
		}
	}
	return once
}

// noSuchService is the error for a service that no endpoint leads to [X119].
func noSuchService(name string) *api.Error {
	return errServiceName.Withf("The Vpc Endpoint Service '%s' does not exist", name)
}

// most is how many items a list has at most on a page, whatever is asked for [X020].
func most(maxResults *int32) *int32 {
	const limit = 1000
	if maxResults != nil && *maxResults > limit {
		return new(int32(limit))
	}
	return maxResults
}

// addressesIPv4 are the addresses of all endpoints, and what their names lead to.
const addressesIPv4 = "ipv4"

// serviceOwner is who owns AWS's services [X118].
const serviceOwner = "amazon"
