package ec2

import (
	"context"
	"strconv"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

func (s *Service) vpcOperations() []api.Operation {
	return []api.Operation{
		api.OpChecks("CreateVpc", s.CreateVpc, creates("CreateVpc"), createVpcChecks),
		api.Op("DescribeVpcs", s.DescribeVpcs, "ec2:DescribeVpcs", anything[*DescribeVpcsInput], api.ReadOnly),
		api.On("DeleteVpc", s.deleteVpc, "ec2:DeleteVpc", s.deletedVpc),
		api.On("DescribeVpcAttribute", s.describeVpcAttribute, "ec2:DescribeVpcAttribute", s.describedVpc, api.ReadOnly),
		api.On("ModifyVpcAttribute", s.modifyVpcAttribute, "ec2:ModifyVpcAttribute", s.modifiedVpc),
	}
}

// CreateVpcInput is the input of CreateVpc.
type CreateVpcInput struct {
	CidrBlock                       string
	InstanceTenancy                 string             `enum:"default|dedicated|host"`
	TagSpecifications               []TagSpecification `query:"TagSpecification"`
	DryRun                          bool
	AmazonProvidedIpv6CidrBlock     bool
	Ipv4IpamPoolId                  string
	Ipv4NetmaskLength               *int32
	Ipv6CidrBlock                   string
	Ipv6CidrBlockNetworkBorderGroup string
	Ipv6IpamPoolId                  string
	Ipv6NetmaskLength               *int32
	Ipv6Pool                        string
	VpcEncryptionControl            *VpcEncryptionControlConfiguration
}

// unsupported is the first member that asks for what is left out.
func (in *CreateVpcInput) unsupported() error {
	return firstUnsupported(
		member{"AmazonProvidedIpv6CidrBlock", in.AmazonProvidedIpv6CidrBlock},
		member{"Ipv4IpamPoolId", in.Ipv4IpamPoolId != ""},
		member{"Ipv4NetmaskLength", in.Ipv4NetmaskLength != nil},
		member{"Ipv6CidrBlock", in.Ipv6CidrBlock != ""},
		member{"Ipv6CidrBlockNetworkBorderGroup", in.Ipv6CidrBlockNetworkBorderGroup != ""},
		member{"Ipv6IpamPoolId", in.Ipv6IpamPoolId != ""},
		member{"Ipv6NetmaskLength", in.Ipv6NetmaskLength != nil},
		member{"Ipv6Pool", in.Ipv6Pool != ""},
		member{"VpcEncryptionControl", in.VpcEncryptionControl != nil},
		member{"InstanceTenancy", in.InstanceTenancy == "host"},
	)
}

// CreateVpcOutput is the output of CreateVpc.
type CreateVpcOutput struct{ Vpc Vpc }

func createVpcChecks(ctx context.Context, in *CreateVpcInput) ([]api.Check, error) {
	tags, err := specifiedTags(ctx, in.TagSpecifications, vpcKind)
	if err != nil {
		return nil, err
	}
	t := newTarget(ctx, vpcKind, tags, func(c *policyeval.Context) { c.Set("ec2:Tenancy", in.tenancy()) })
	return creating("CreateVpc", t, tags), nil
}

func (in *CreateVpcInput) tenancy() string {
	if in.InstanceTenancy == "" {
		return defaultTenancy
	}
	return in.InstanceTenancy
}

const defaultTenancy = "default"

// maxVpcs is how many VPCs a place may have [X039].
const maxVpcs = 5

// CreateVpc makes a VPC, with its default security group, network ACL and route table.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html.
func (s *Service) CreateVpc(ctx context.Context, in *CreateVpcInput) (*CreateVpcOutput, error) {
	if err := in.unsupported(); err != nil {
		return nil, err
	}
	if in.CidrBlock == "" {
		return nil, errNoCidr
	}
	cidr, err := parseCidr(in.CidrBlock, errVpcRange)
	if err != nil {
		return nil, err
	}
	tags, err := specifiedTags(ctx, in.TagSpecifications, vpcKind)
	if err != nil {
		return nil, err
	}
	p := placeOf(ctx)
	v := vpc{
		record: record{Account: p.account, Region: p.region, ID: s.newID(vpcKind), Tags: tags},
		Cidr:   cidr, Association: s.newID(vpcCidrKind), Tenancy: in.tenancy(), DNSSupport: true, // [X033]
	}
	var shown Vpc
	err = s.update(ctx, func(tx store.Tx) error {
		n := 0
		for range s.vpcs.all(tx, p) {
			n++
		}
		if n >= maxVpcs {
			return errVpcLimit
		}
		s.addVpc(tx, &v)
		shown = s.shownVpc(tx, &v)
		return nil
	})
	if err != nil {
		return nil, err
	}
	shown.State = "pending" // it is available from now on [X028]
	return &CreateVpcOutput{shown}, nil
}

// addVpc makes a VPC, with what it brings.
func (s *Service) addVpc(tx store.Tx, v *vpc) {
	s.vpcs.put(tx, v)
	s.bring(tx, v)
}

// DescribeVpcsInput is the input of DescribeVpcs.
type DescribeVpcsInput struct {
	VpcIds     []string `query:"VpcId"`
	Filters    []Filter `query:"Filter"`
	MaxResults *int32   `check:"min=5,max=1000"`
	NextToken  string
	DryRun     bool
}

// DescribeVpcsOutput is the output of DescribeVpcs.
type DescribeVpcsOutput struct {
	Vpcs      []Vpc `name:"vpcSet"`
	NextToken string
}

// vpcFilters are those of DescribeVpcs [X038]. No VPC has an IPv6 block.
func vpcFilters(dhcpOptions string) filterTable[*vpc] {
	cidr := one(func(v *vpc) string { return v.Cidr.String() })
	none := func(*vpc) []string { return nil }
	return filterTable[*vpc]{
		"cidr":                                        cidr,
		"cidr-block":                                  cidr,
		"cidr-block-association.cidr-block":           cidr,
		"cidr-block-association.association-id":       one(func(v *vpc) string { return v.Association }),
		"cidr-block-association.state":                one(func(*vpc) string { return stateAssociated }),
		"dhcp-options-id":                             one(func(*vpc) string { return dhcpOptions }),
		"ipv6-cidr-block-association.association-id":  none,
		"ipv6-cidr-block-association.ipv6-cidr-block": none,
		"ipv6-cidr-block-association.ipv6-pool":       none,
		"ipv6-cidr-block-association.state":           none,
		"is-default":                                  one(func(v *vpc) string { return strconv.FormatBool(v.IsDefault) }),
		"isDefault":                                   one(func(v *vpc) string { return strconv.FormatBool(v.IsDefault) }),
		"owner-id":                                    one(func(v *vpc) string { return v.Account }),
		"state":                                       one(func(*vpc) string { return stateAvailable }),
		"vpc-id":                                      one(idOf[*vpc]),
	}
}

// DescribeVpcs lists VPCs.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html.
func (s *Service) DescribeVpcs(ctx context.Context, in *DescribeVpcsInput) (*DescribeVpcsOutput, error) {
	var out *DescribeVpcsOutput
	err := s.view(ctx, func(r store.Reader) error {
		p := placeOf(ctx)
		found, err := s.vpcs.findAll(r, p, in.VpcIds)
		if err != nil {
			return err
		}
		found, err = filtered(found, in.Filters, vpcFilters(s.settlements.Get(r, p.prefix()).DhcpOptions), tagsOf[*vpc])
		if err != nil {
			return err
		}
		found, next, err := page(found, idOf[*vpc], in.NextToken, in.MaxResults)
		if err != nil {
			return err
		}
		out = &DescribeVpcsOutput{make([]Vpc, len(found)), next}
		for i, v := range found {
			out.Vpcs[i] = s.shownVpc(r, v)
		}
		return nil
	})
	return out, err
}

// DeleteVpcInput is the input of DeleteVpc.
type DeleteVpcInput struct {
	VpcId  string `check:"required"`
	DryRun bool
}

// DeleteVpcOutput is the output of DeleteVpc.
type DeleteVpcOutput struct{}

func (s *Service) deletedVpc(ctx context.Context, in *DeleteVpcInput) (api.Target, *vpc, error) {
	return onOne(s, s.vpcs, func(in *DeleteVpcInput) string { return in.VpcId })(ctx, in)
}

// DeleteVpc deletes a VPC that has nothing left but what it came with [X036].
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html.
func (s *Service) DeleteVpc(ctx context.Context, in *DeleteVpcInput) (*DeleteVpcOutput, error) {
	return api.Do(ctx, in, s.deletedVpc, s.deleteVpc)
}

func (s *Service) deleteVpc(ctx context.Context, v *vpc, in *DeleteVpcInput) (*DeleteVpcOutput, error) {
	err := s.update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, v); err != nil {
			return err
		}
		if s.blocked(tx, v) {
			return errDependency.Withf("The vpc '%s' has dependencies and cannot be deleted.", in.VpcId)
		}
		s.take(tx, v)
		s.vpcs.delete(tx, v)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &DeleteVpcOutput{}, nil
}

// shownVpc is a VPC as answers show it [X028].
func (s *Service) shownVpc(r store.Reader, v *vpc) Vpc {
	return Vpc{
		CidrBlock: v.Cidr.String(),
		CidrBlockAssociationSet: []VpcCidrBlockAssociation{{
			AssociationId: v.Association, CidrBlock: v.Cidr.String(), CidrBlockState: &VpcCidrBlockState{State: stateAssociated},
		}},
		DhcpOptionsId:   s.settlements.Get(r, v.place().prefix()).DhcpOptions,
		InstanceTenancy: v.Tenancy, Ipv6CidrBlockAssociationSet: []VpcIpv6CidrBlockAssociation{},
		IsDefault: v.IsDefault, OwnerId: v.Account, State: stateAvailable, Tags: shownTags(v.Tags), VpcId: v.ID,
	}
}

// States that answers show.
const stateAvailable, stateAssociated = "available", "associated"
