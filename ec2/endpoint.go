package ec2

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

func (s *Service) endpointOperations() []api.Operation {
	return []api.Operation{
		api.OnChecks("CreateVpcEndpoint", s.createVpcEndpoint, creates("CreateVpcEndpoint"), s.createVpcEndpointChecks),
		api.Op("DescribeVpcEndpoints", s.DescribeVpcEndpoints, "ec2:DescribeVpcEndpoints", anything[*DescribeVpcEndpointsInput], api.ReadOnly),
		api.OnChecks("ModifyVpcEndpoint", s.modifyVpcEndpoint, []string{"ec2:ModifyVpcEndpoint"}, s.modifyVpcEndpointChecks),
		api.OnChecks("DeleteVpcEndpoints", s.deleteVpcEndpoints, []string{"ec2:DeleteVpcEndpoints"}, s.deleteVpcEndpointsChecks),
	}
}

// CreateVpcEndpointInput is the input of CreateVpcEndpoint.
type CreateVpcEndpointInput struct {
	VpcId             string `check:"required"`
	ServiceName       string
	VpcEndpointType   string `enum:"Interface|Gateway|GatewayLoadBalancer|Resource|ServiceNetwork|Tunnel"`
	PolicyDocument    string
	RouteTableIds     []string `query:"RouteTableId"`
	SubnetIds         []string `query:"SubnetId"`
	SecurityGroupIds  []string `query:"SecurityGroupId"`
	IpAddressType     string   `enum:"ipv4|dualstack|ipv6"`
	DnsOptions        *DnsOptionsSpecification
	PrivateDnsEnabled *bool
	TagSpecifications []TagSpecification `query:"TagSpecification"`
	ClientToken       string
	DryRun            bool

	SubnetConfigurations     []SubnetConfiguration `query:"SubnetConfiguration"`
	ServiceRegion            string
	ResourceConfigurationArn string
	ServiceNetworkArn        string
}

// kind is the type of endpoint that is asked for [X102].
func (in *CreateVpcEndpointInput) kind() string {
	if in.VpcEndpointType == "" {
		return typeGateway
	}
	return in.VpcEndpointType
}

// unsupported is the first member that asks for what is left out.
func (in *CreateVpcEndpointInput) unsupported(p place) error {
	return firstUnsupported(append([]member{
		{"ServiceNetworkArn", in.ServiceNetworkArn != ""},
		{"ResourceConfigurationArn", in.ResourceConfigurationArn != ""},
		{"ServiceRegion", in.ServiceRegion != "" && in.ServiceRegion != p.region},
	}, addressMembers(in.IpAddressType, in.DnsOptions, in.SubnetConfigurations)...)...)
}

// addressMembers are the members of an input about IPv6 and about names that depend on
// who asks.
func addressMembers(addresses string, dns *DnsOptionsSpecification, subnets []SubnetConfiguration) []member {
	if dns == nil {
		dns = new(DnsOptionsSpecification)
	}
	return []member{
		{"IpAddressType", addresses != "" && addresses != addressesIPv4},
		{"DnsOptions.DnsRecordIpType", dns.DnsRecordIpType != "" && dns.DnsRecordIpType != addressesIPv4},
		{"DnsOptions.PrivateDnsPreference", dns.PrivateDnsPreference != ""},
		{"DnsOptions.PrivateDnsSpecifiedDomains", len(dns.PrivateDnsSpecifiedDomains) > 0},
		{"SubnetConfigurations.Ipv6", slices.ContainsFunc(subnets, func(c SubnetConfiguration) bool { return c.Ipv6 != "" })},
	}
}

// CreateVpcEndpointOutput is the output of CreateVpcEndpoint.
type CreateVpcEndpointOutput struct {
	VpcEndpoint *VpcEndpoint
	ClientToken string
}

// createVpcEndpointChecks: the caller must be allowed to make the endpoint, and to use
// all that it is made of [X130].
func (s *Service) createVpcEndpointChecks(ctx context.Context, in *CreateVpcEndpointInput) ([]api.Check, *endpointParts, error) {
	tags, err := specifiedTags(ctx, in.TagSpecifications, endpointKind)
	if err != nil {
		return nil, nil, err
	}
	made := newTarget(ctx, endpointKind, tags, func(c *policyeval.Context) { serviceKeys(c, placeOf(ctx).region, in.ServiceName) })
	checks := creating("CreateVpcEndpoint", made, tags)
	var named []api.Check
	on := new(endpointParts)
	err = s.view(ctx, func(r store.Reader) (err error) {
		named, on, err = s.namedParts(ctx, r, "ec2:CreateVpcEndpoint", in.VpcId, in.SubnetIds, in.SecurityGroupIds, in.RouteTableIds)
		return err
	})
	return append(named, checks...), on, err
}

// CreateVpcEndpoint makes a VPC endpoint.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html.
func (s *Service) CreateVpcEndpoint(ctx context.Context, in *CreateVpcEndpointInput) (*CreateVpcEndpointOutput, error) {
	return api.DoChecks(ctx, in, s.createVpcEndpointChecks, s.createVpcEndpoint)
}

func (s *Service) createVpcEndpoint(ctx context.Context, on *endpointParts, in *CreateVpcEndpointInput) (*CreateVpcEndpointOutput, error) {
	wanted, err := s.wantedEndpoint(ctx, "", in)
	if err != nil {
		return nil, err
	}
	var out *CreateVpcEndpointOutput
	err = s.update(ctx, func(tx store.Tx) error {
		if err := on.confirm(tx); err != nil {
			return err
		}
		out, err = once(ctx, s, tx, "CreateVpcEndpoint", in.ClientToken, in, func() (*CreateVpcEndpointOutput, error) {
			e := *wanted
			if err := s.install(tx, &e, on, in.SubnetConfigurations); err != nil {
				return nil, err
			}
			shown := s.shownEndpoint(tx, &e)
			shown.State = statePending // it is available from now on
			return &CreateVpcEndpointOutput{shown, in.ClientToken}, nil
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// The states of an endpoint that answers show, in small letters [X094].
const statePending, stateDeleting = "pending", "deleting"

// wantedEndpoint is the endpoint that an input asks for, as far as that can be told
// from the input alone. An empty id stands for a new one.
func (s *Service) wantedEndpoint(ctx context.Context, id string, in *CreateVpcEndpointInput) (*vpcEndpoint, error) {
	p := placeOf(ctx)
	if err := in.unsupported(p); err != nil {
		return nil, err
	}
	if in.ServiceName == "" {
		return nil, missing("ServiceName")
	}
	service, ok := findEndpointService(p.region, in.ServiceName)
	if !ok {
		return nil, noSuchService(in.ServiceName)
	}
	if types := service.types(); !slices.Contains(types, in.kind()) { // [X101]
		return nil, errParameter.Withf("Endpoint type (%s) does not match available service types ([%s]).", in.kind(), strings.Join(types, ", "))
	}
	tags, err := specifiedTags(ctx, in.TagSpecifications, endpointKind)
	if err != nil {
		return nil, err
	}
	policy, err := s.takenPolicy(ctx, p, id, in.PolicyDocument)
	if err != nil {
		return nil, err
	}
	e := &vpcEndpoint{
		record: record{Account: p.account, Region: p.region, ID: cmp.Or(id, s.newID(endpointKind)), Tags: tags},
		Vpc:    in.VpcId, Type: in.kind(), Service: in.ServiceName, Policy: policy, Created: s.clock.Now(),
	}
	if err := e.fits(endpointMembers{
		"SubnetId": len(in.SubnetIds) > 0, "SecurityGroupId": len(in.SecurityGroupIds) > 0, "SubnetConfiguration": len(in.SubnetConfigurations) > 0,
		"PrivateDnsEnabled": in.PrivateDnsEnabled != nil && *in.PrivateDnsEnabled, "RouteTableId": len(in.RouteTableIds) > 0,
	}, in.DnsOptions); err != nil {
		return nil, err
	}
	if e.Type == typeInterface {
		e.PrivateDNS = service.name != "s3" // whose private names one has to ask for
		if in.PrivateDnsEnabled != nil {
			e.PrivateDNS = *in.PrivateDnsEnabled
		}
		e.InboundOnly = e.inboundOnly(in.DnsOptions)
	}
	return e, nil
}

// endpointMembers are members of an input that not all types of endpoints have, by
// their names in the request, and whether they are there.
type endpointMembers map[string]bool

// ofGateways are those that gateway endpoints have; the others are of interface ones.
var ofGateways = []string{"RouteTableId", "AddRouteTableId", "RemoveRouteTableId"}

// fits refuses what endpoints of the type do not have [X108] [X114].
func (e *vpcEndpoint) fits(members endpointMembers, dns *DnsOptionsSpecification) error {
	if e.Type == typeGateway && dns != nil && dns.PrivateDnsOnlyForInboundResolverEndpoint != nil {
		return errParameter.With("DnsOptions PrivateDnsOnlyForInboundResolverEndpoint is applicable only to Interface VPC Endpoints.")
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if members[name] && slices.Contains(ofGateways, name) != (e.Type == typeGateway) {
			return errParameter.Withf("%s is not applicable to %s VPC Endpoints.", name, e.Type)
		}
	}
	return nil
}

// inboundOnly is the option PrivateDnsOnlyForInboundResolverEndpoint of an interface
// endpoint: whether its private names are for those outside the VPC alone. S3's have it
// unless they ask for something else, the others only if they ask for it [X108].
func (e *vpcEndpoint) inboundOnly(dns *DnsOptionsSpecification) *bool {
	if dns != nil && dns.PrivateDnsOnlyForInboundResolverEndpoint != nil {
		return dns.PrivateDnsOnlyForInboundResolverEndpoint
	}
	if e.PrivateDNS && e.service().name == "s3" {
		return new(true)
	}
	return nil
}
