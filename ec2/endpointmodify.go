package ec2

import (
	"context"
	"maps"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// ModifyVpcEndpointInput is the input of ModifyVpcEndpoint. An empty PolicyDocument
// does what ResetPolicy does.
type ModifyVpcEndpointInput struct {
	VpcEndpointId          string `check:"required"`
	ResetPolicy            bool
	PolicyDocument         *string
	AddRouteTableIds       []string `query:"AddRouteTableId"`
	RemoveRouteTableIds    []string `query:"RemoveRouteTableId"`
	AddSubnetIds           []string `query:"AddSubnetId"`
	RemoveSubnetIds        []string `query:"RemoveSubnetId"`
	AddSecurityGroupIds    []string `query:"AddSecurityGroupId"`
	RemoveSecurityGroupIds []string `query:"RemoveSecurityGroupId"`
	IpAddressType          string   `enum:"ipv4|dualstack|ipv6"`
	DnsOptions             *DnsOptionsSpecification
	PrivateDnsEnabled      *bool
	DryRun                 bool
	SubnetConfigurations   []SubnetConfiguration `query:"SubnetConfiguration"`
}

// ModifyVpcEndpointOutput is the output of ModifyVpcEndpoint.
type ModifyVpcEndpointOutput struct{ Return bool }

// members are those of the input that not all types of endpoints have.
func (in *ModifyVpcEndpointInput) members() endpointMembers {
	return endpointMembers{
		"AddRouteTableId": len(in.AddRouteTableIds) > 0, "RemoveRouteTableId": len(in.RemoveRouteTableIds) > 0,
		"AddSubnetId": len(in.AddSubnetIds) > 0, "RemoveSubnetId": len(in.RemoveSubnetIds) > 0,
		"AddSecurityGroupId": len(in.AddSecurityGroupIds) > 0, "RemoveSecurityGroupId": len(in.RemoveSecurityGroupIds) > 0,
		"SubnetConfiguration": len(in.SubnetConfigurations) > 0, "PrivateDnsEnabled": in.PrivateDnsEnabled != nil && *in.PrivateDnsEnabled,
	}
}

// attributes are what the input changes, by the names of its members in the request.
func (in *ModifyVpcEndpointInput) attributes() []string {
	changes := in.members()
	changes["ResetPolicy"], changes["PolicyDocument"] = in.ResetPolicy, in.PolicyDocument != nil
	changes["PrivateDnsEnabled"], changes["DnsOptions"] = in.PrivateDnsEnabled != nil, in.DnsOptions != nil
	changes["IpAddressType"] = in.IpAddressType != ""
	maps.DeleteFunc(changes, func(_ string, there bool) bool { return !there })
	return slices.Sorted(maps.Keys(changes))
}

// modifyVpcEndpointChecks: the caller must be allowed to change each of the attributes,
// which are told by ec2:Attribute [X133].
func (s *Service) modifyVpcEndpointChecks(ctx context.Context, in *ModifyVpcEndpointInput) ([]api.Check, *vpcEndpoint, error) {
	t, e, err := onOne(s, s.endpoints, func(in *ModifyVpcEndpointInput) string { return in.VpcEndpointId })(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	check := api.Check{Action: "ec2:ModifyVpcEndpoint", Target: t}
	changed := in.attributes()
	if e == nil || len(changed) == 0 {
		return []api.Check{check}, e, nil
	}
	checks := make([]api.Check, len(changed))
	for i, attribute := range changed {
		checks[i] = check
		checks[i].Target.Keys = func(c *policyeval.Context) {
			t.Keys(c)
			c.Set("ec2:Attribute", attribute)
		}
	}
	return checks, e, nil
}

// ModifyVpcEndpoint changes a VPC endpoint.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html.
func (s *Service) ModifyVpcEndpoint(ctx context.Context, in *ModifyVpcEndpointInput) (*ModifyVpcEndpointOutput, error) {
	return api.DoChecks(ctx, in, s.modifyVpcEndpointChecks, s.modifyVpcEndpoint)
}

func (s *Service) modifyVpcEndpoint(ctx context.Context, old *vpcEndpoint, in *ModifyVpcEndpointInput) (*ModifyVpcEndpointOutput, error) {
	if err := firstUnsupported(addressMembers(in.IpAddressType, in.DnsOptions, in.SubnetConfigurations)...); err != nil {
		return nil, err
	}
	if err := old.fits(in.members(), in.DnsOptions); err != nil {
		return nil, err
	}
	policy, err := s.changedPolicy(ctx, old, in)
	if err != nil {
		return nil, err
	}
	err = s.update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, old); err != nil {
			return err
		}
		e := s.endpoints.edit(tx, old.place(), old.ID)
		e.Policy = policy
		change := s.changeInterface
		if e.Type == typeGateway {
			change = s.changeTables
		}
		if err := change(tx, e, in); err != nil {
			return err
		}
		s.endpoints.put(tx, e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &ModifyVpcEndpointOutput{Return: true}, nil
}

// changedPolicy is the endpoint's policy after the call; empty: the default one.
func (s *Service) changedPolicy(ctx context.Context, e *vpcEndpoint, in *ModifyVpcEndpointInput) (string, error) {
	switch {
	case in.ResetPolicy && in.PolicyDocument != nil && *in.PolicyDocument != "":
		return "", errCombination.With("The parameters ResetPolicy and PolicyDocument cannot be used together.")
	case in.ResetPolicy:
		return "", nil
	case in.PolicyDocument == nil:
		return e.Policy, nil
	default:
		return s.takenPolicy(ctx, e.place(), e.ID, *in.PolicyDocument)
	}
}

// changeTables changes the route tables of a gateway endpoint.
func (s *Service) changeTables(tx store.Tx, e *vpcEndpoint, in *ModifyVpcEndpointInput) error {
	p := e.place()
	on, err := s.addedParts(tx, e, nil, nil, in.AddRouteTableIds)
	if err != nil {
		return err
	}
	for _, t := range on.tables {
		if err := s.addTable(tx, e, t); err != nil {
			return err
		}
	}
	for _, id := range in.RemoveRouteTableIds {
		if _, err := s.routeTables.find(tx, p, id); err != nil {
			return err
		}
		if e.RouteTables, err = without(e.RouteTables, e.ID, id); err != nil {
			return err
		}
		s.removeRoute(tx, p, id, e.ID)
	}
	return nil
}

// changeInterface changes subnets, security groups and names of an interface endpoint.
// It adds before it removes: a subnet cannot give its zone to another one in one call
// [X105].
func (s *Service) changeInterface(tx store.Tx, e *vpcEndpoint, in *ModifyVpcEndpointInput) error {
	on, err := s.addedParts(tx, e, in.AddSubnetIds, in.AddSecurityGroupIds, nil)
	if err != nil {
		return err
	}
	if err := s.changeGroups(tx, e, on.groups, in.RemoveSecurityGroupIds); err != nil {
		return err
	}
	fresh := slices.DeleteFunc(slices.Clone(on.subnets), func(sn *subnet) bool { return e.attachment(sn.ID) != nil })
	if err := s.addSubnets(tx, e, fresh, in.SubnetConfigurations); err != nil {
		return err
	}
	for _, id := range in.RemoveSubnetIds {
		if err := s.removeSubnet(tx, e, id); err != nil {
			return err
		}
	}
	if in.PrivateDnsEnabled == nil && in.DnsOptions == nil {
		return nil
	}
	if in.PrivateDnsEnabled != nil {
		e.PrivateDNS = *in.PrivateDnsEnabled
	}
	e.InboundOnly = e.inboundOnly(in.DnsOptions)
	return s.checkNames(tx, e, on.vpc)
}

// addedParts are what is to be added to an endpoint.
func (s *Service) addedParts(r store.Reader, e *vpcEndpoint, subnets, groups, tables []string) (on *endpointParts, err error) {
	p := e.place()
	on = &endpointParts{vpc: s.vpcs.get(r, p, e.Vpc)}
	if len(subnets) > 0 {
		if on.subnets, err = s.subnets.findAll(r, p, subnets); err != nil {
			return nil, err
		}
	}
	if len(groups) > 0 {
		if on.groups, err = s.groups.findAll(r, p, groups); err != nil {
			return nil, err
		}
	}
	if len(tables) > 0 {
		if on.tables, err = s.routeTables.findAll(r, p, tables); err != nil {
			return nil, err
		}
	}
	return on, on.inVPC()
}

// changeGroups adds and removes security groups of an endpoint and its interfaces.
func (s *Service) changeGroups(tx store.Tx, e *vpcEndpoint, added []*securityGroup, removed []string) (err error) {
	if len(added)+len(removed) == 0 {
		return nil
	}
	p := e.place()
	e.Groups = slices.Clone(e.Groups)
	for _, g := range added {
		if !slices.Contains(e.Groups, g.ID) {
			e.Groups = append(e.Groups, g.ID)
			link(tx, p, g.ID, e.ID)
		}
	}
	for _, id := range removed {
		if _, err := s.groups.find(tx, p, id); err != nil {
			return err
		}
		if e.Groups, err = without(e.Groups, e.ID, id); err != nil {
			return err
		}
		unlink(tx, p, id, e.ID)
	}
	if err := e.checkGroups(); err != nil {
		return err
	}
	for _, a := range e.Interfaces {
		s.regroup(tx, p, a.Interface, e.Groups)
	}
	return nil
}

// removeSubnet takes the endpoint's interface out of a subnet.
func (s *Service) removeSubnet(tx store.Tx, e *vpcEndpoint, id string) error {
	if _, err := s.subnets.find(tx, e.place(), id); err != nil {
		return err
	}
	a := e.attachment(id)
	if a == nil {
		return notOf(e.ID, id)
	}
	s.detach(tx, s.interfaces.get(tx, e.place(), a.Interface))
	e.Interfaces = slices.DeleteFunc(slices.Clone(e.Interfaces), func(a subnetAttachment) bool { return a.Subnet == id })
	return nil
}

// without is the ids of what an endpoint has without one of them.
func without(ids []string, endpoint, id string) ([]string, error) {
	if !slices.Contains(ids, id) {
		return nil, notOf(endpoint, id)
	}
	return slices.DeleteFunc(slices.Clone(ids), func(other string) bool { return other == id }), nil
}

// notOf is the error for taking from an endpoint what it does not have.
func notOf(endpoint, id string) error {
	return errParameter.Withf("%s is not associated with the endpoint %s.", id, endpoint)
}
