package ec2

import (
	"context"
	"strconv"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// AttributeBooleanValue is an attribute that is on or off [X008].
type AttributeBooleanValue struct{ Value bool }

// change is an attribute that a request sets: its value as policies see it, and what
// setting it does to the record.
type change[P any] struct {
	name, value string
	set         func(P)
	// refused is the member that cannot have this value here; empty: it can.
	refused string
}

// flag appends to changes the setting of a flag, unless the request leaves it.
func flag[P any](changes []change[P], name string, v *AttributeBooleanValue, set func(P, bool)) []change[P] {
	if v == nil {
		return changes
	}
	return append(changes, change[P]{name: name, value: strconv.FormatBool(v.Value), set: func(e P) { set(e, v.Value) }})
}

// offFlag is flag for what is left out here, and so is always off.
func offFlag[P any](changes []change[P], name string, v *AttributeBooleanValue) []change[P] {
	changes = flag(changes, name, v, func(P, bool) {})
	if v != nil && v.Value {
		changes[len(changes)-1].refused = name
	}
	return changes
}

// onlyOne is the one attribute that a request sets [X034].
func onlyOne[P any](changes []change[P]) (change[P], error) {
	switch len(changes) {
	case 1:
		return changes[0], nil
	case 0:
		return change[P]{}, errCombination.With("No attributes specified.")
	default:
		return change[P]{}, errCombination.With("Fields for multiple attribute types specified: only one attribute can be modified at a time.")
	}
}

// keys adds to those of the record the condition keys that tell the attribute.
func (a change[P]) keys(t *api.Target) {
	of := t.Keys
	t.Keys = func(c *policyeval.Context) {
		if of != nil {
			of(c)
		}
		c.Set("ec2:Attribute", a.name)
		c.Set("ec2:Attribute/"+a.name, a.value)
	}
}

// modify sets the one attribute of a record.
func modify[T any, P pointer[T]](ctx context.Context, s *Service, c *collection[T, P], e P, changes []change[P]) error {
	a, err := onlyOne(changes)
	if err != nil {
		return err
	}
	if a.refused != "" {
		return unsupported(a.refused)
	}
	return s.update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, e); err != nil {
			return err
		}
		edited := c.edit(tx, e.base().place(), e.base().ID)
		a.set(edited)
		c.put(tx, edited)
		return nil
	})
}

// ModifyVpcAttributeInput is the input of ModifyVpcAttribute.
type ModifyVpcAttributeInput struct {
	VpcId                            string `check:"required"`
	EnableDnsHostnames               *AttributeBooleanValue
	EnableDnsSupport                 *AttributeBooleanValue
	EnableNetworkAddressUsageMetrics *AttributeBooleanValue
}

// ModifyVpcAttributeOutput is the output of ModifyVpcAttribute.
type ModifyVpcAttributeOutput struct{}

func (in *ModifyVpcAttributeInput) changes() (changes []change[*vpc]) {
	changes = flag(changes, "EnableDnsHostnames", in.EnableDnsHostnames, func(v *vpc, on bool) { v.DNSHostnames = on })
	changes = flag(changes, "EnableDnsSupport", in.EnableDnsSupport, func(v *vpc, on bool) { v.DNSSupport = on })
	return flag(changes, "EnableNetworkAddressUsageMetrics", in.EnableNetworkAddressUsageMetrics, func(v *vpc, on bool) { v.UsageMetrics = on })
}

func (s *Service) modifiedVpc(ctx context.Context, in *ModifyVpcAttributeInput) (api.Target, *vpc, error) {
	t, v, err := onOne(s, s.vpcs, func(in *ModifyVpcAttributeInput) string { return in.VpcId })(ctx, in)
	for _, a := range in.changes() {
		a.keys(&t)
	}
	return t, v, err
}

// ModifyVpcAttribute sets an attribute of a VPC.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html.
func (s *Service) ModifyVpcAttribute(ctx context.Context, in *ModifyVpcAttributeInput) (*ModifyVpcAttributeOutput, error) {
	return api.Do(ctx, in, s.modifiedVpc, s.modifyVpcAttribute)
}

func (s *Service) modifyVpcAttribute(ctx context.Context, v *vpc, in *ModifyVpcAttributeInput) (*ModifyVpcAttributeOutput, error) {
	if err := modify(ctx, s, s.vpcs, v, in.changes()); err != nil {
		return nil, err
	}
	return &ModifyVpcAttributeOutput{}, nil
}

// DescribeVpcAttributeInput is the input of DescribeVpcAttribute.
type DescribeVpcAttributeInput struct {
	Attribute string `check:"required" enum:"enableDnsSupport|enableDnsHostnames|enableNetworkAddressUsageMetrics"`
	VpcId     string `check:"required"`
	DryRun    bool
}

// DescribeVpcAttributeOutput is the output of DescribeVpcAttribute.
type DescribeVpcAttributeOutput struct {
	EnableDnsHostnames               *AttributeBooleanValue
	EnableDnsSupport                 *AttributeBooleanValue
	EnableNetworkAddressUsageMetrics *AttributeBooleanValue
	VpcId                            string
}

func (s *Service) describedVpc(ctx context.Context, in *DescribeVpcAttributeInput) (api.Target, *vpc, error) {
	return onOne(s, s.vpcs, func(in *DescribeVpcAttributeInput) string { return in.VpcId })(ctx, in)
}

// DescribeVpcAttribute shows one attribute of a VPC [X034].
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcAttribute.html.
func (s *Service) DescribeVpcAttribute(ctx context.Context, in *DescribeVpcAttributeInput) (*DescribeVpcAttributeOutput, error) {
	return api.Do(ctx, in, s.describedVpc, s.describeVpcAttribute)
}

func (s *Service) describeVpcAttribute(_ context.Context, v *vpc, in *DescribeVpcAttributeInput) (*DescribeVpcAttributeOutput, error) {
	out := &DescribeVpcAttributeOutput{VpcId: v.ID}
	switch in.Attribute {
	case "enableDnsSupport":
		out.EnableDnsSupport = &AttributeBooleanValue{v.DNSSupport}
	case "enableDnsHostnames":
		out.EnableDnsHostnames = &AttributeBooleanValue{v.DNSHostnames}
	case "enableNetworkAddressUsageMetrics":
		out.EnableNetworkAddressUsageMetrics = &AttributeBooleanValue{v.UsageMetrics}
	default:
		return nil, badValue(in.Attribute, "attribute", "Unknown attribute.")
	}
	return out, nil
}

// ModifySubnetAttributeInput is the input of ModifySubnetAttribute.
type ModifySubnetAttributeInput struct {
	SubnetId                                string `check:"required"`
	AssignIpv6AddressOnCreation             *AttributeBooleanValue
	CustomerOwnedIpv4Pool                   string
	DisableLniAtDeviceIndex                 *AttributeBooleanValue
	EnableDns64                             *AttributeBooleanValue
	EnableLniAtDeviceIndex                  *int32
	EnableResourceNameDnsAAAARecordOnLaunch *AttributeBooleanValue
	EnableResourceNameDnsARecordOnLaunch    *AttributeBooleanValue
	MapCustomerOwnedIpOnLaunch              *AttributeBooleanValue
	MapPublicIpOnLaunch                     *AttributeBooleanValue
	PrivateDnsHostnameTypeOnLaunch          string `enum:"ip-name|resource-name"`
}

// ModifySubnetAttributeOutput is the output of ModifySubnetAttribute.
type ModifySubnetAttributeOutput struct{}

// hostnamesByIP names instances after their private addresses.
const hostnamesByIP = "ip-name"

func (in *ModifySubnetAttributeInput) changes() (changes []change[*subnet]) {
	changes = flag(changes, "MapPublicIpOnLaunch", in.MapPublicIpOnLaunch, func(sn *subnet, on bool) { sn.MapPublicIP = on })
	changes = flag(changes, "EnableResourceNameDnsARecordOnLaunch", in.EnableResourceNameDnsARecordOnLaunch, func(sn *subnet, on bool) { sn.DNSA = on })
	if kind := in.PrivateDnsHostnameTypeOnLaunch; kind != "" {
		changes = append(changes, change[*subnet]{name: "PrivateDnsHostnameTypeOnLaunch", value: kind, set: func(sn *subnet) { sn.Hostnames = kind }})
	}
	changes = offFlag(changes, "AssignIpv6AddressOnCreation", in.AssignIpv6AddressOnCreation)
	changes = offFlag(changes, "EnableDns64", in.EnableDns64)
	changes = offFlag(changes, "EnableResourceNameDnsAAAARecordOnLaunch", in.EnableResourceNameDnsAAAARecordOnLaunch)
	changes = offFlag(changes, "MapCustomerOwnedIpOnLaunch", in.MapCustomerOwnedIpOnLaunch)
	return changes
}

func (s *Service) modifiedSubnet(ctx context.Context, in *ModifySubnetAttributeInput) (api.Target, *subnet, error) {
	t, sn, err := onOne(s, s.subnets, func(in *ModifySubnetAttributeInput) string { return in.SubnetId })(ctx, in)
	for _, a := range in.changes() {
		a.keys(&t)
	}
	return t, sn, err
}

// ModifySubnetAttribute sets an attribute of a subnet.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html.
func (s *Service) ModifySubnetAttribute(ctx context.Context, in *ModifySubnetAttributeInput) (*ModifySubnetAttributeOutput, error) {
	return api.Do(ctx, in, s.modifiedSubnet, s.modifySubnetAttribute)
}

func (s *Service) modifySubnetAttribute(ctx context.Context, sn *subnet, in *ModifySubnetAttributeInput) (*ModifySubnetAttributeOutput, error) {
	err := firstUnsupported(
		member{"CustomerOwnedIpv4Pool", in.CustomerOwnedIpv4Pool != ""},
		member{"DisableLniAtDeviceIndex", in.DisableLniAtDeviceIndex != nil},
		member{"EnableLniAtDeviceIndex", in.EnableLniAtDeviceIndex != nil},
	)
	if err != nil {
		return nil, err
	}
	if err := modify(ctx, s, s.subnets, sn, in.changes()); err != nil {
		return nil, err
	}
	return &ModifySubnetAttributeOutput{}, nil
}
