package ec2

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

func (s *Service) subnetOperations() []api.Operation {
	return []api.Operation{
		api.OnChecks("CreateSubnet", s.createSubnet, creates("CreateSubnet"), s.createSubnetChecks),
		api.Op("DescribeSubnets", s.DescribeSubnets, "ec2:DescribeSubnets", anything[*DescribeSubnetsInput], api.ReadOnly),
		api.On("DeleteSubnet", s.deleteSubnet, "ec2:DeleteSubnet", s.deletedSubnet),
		api.On("ModifySubnetAttribute", s.modifySubnetAttribute, "ec2:ModifySubnetAttribute", s.modifiedSubnet),
	}
}

// subnetFamily is subnets as far as VPCs are concerned.
func (s *Service) subnetFamily() family {
	return family{blocks: func(r store.Reader, v *vpc) bool { return firstLinked(r, v.place(), v.ID, subnetKind.prefix) != "" }}
}

// subnetsOf are the subnets of a VPC.
func (s *Service) subnetsOf(r store.Reader, v *vpc) iter.Seq[*subnet] {
	return func(yield func(*subnet) bool) {
		for id := range linked(r, v.place(), v.ID, subnetKind.prefix) {
			if sn := s.subnets.get(r, v.place(), id); sn != nil && !yield(sn) {
				return
			}
		}
	}
}

// addSubnet makes a subnet a part of its VPC.
func (s *Service) addSubnet(tx store.Tx, sn *subnet) {
	s.subnets.put(tx, sn)
	link(tx, sn.place(), sn.Vpc, sn.ID)
	s.join(tx, sn)
}

// CreateSubnetInput is the input of CreateSubnet.
type CreateSubnetInput struct {
	VpcId              string `check:"required"`
	CidrBlock          string
	AvailabilityZone   string
	AvailabilityZoneId string
	TagSpecifications  []TagSpecification `query:"TagSpecification"`
	DryRun             bool
	Ipv4IpamPoolId     string
	Ipv4NetmaskLength  *int32
	Ipv6CidrBlock      string
	Ipv6IpamPoolId     string
	Ipv6Native         bool
	Ipv6NetmaskLength  *int32
	OutpostArn         string
}

// unsupported is the first member that asks for what is left out.
func (in *CreateSubnetInput) unsupported() error {
	return firstUnsupported(
		member{"Ipv4IpamPoolId", in.Ipv4IpamPoolId != ""},
		member{"Ipv4NetmaskLength", in.Ipv4NetmaskLength != nil},
		member{"Ipv6CidrBlock", in.Ipv6CidrBlock != ""},
		member{"Ipv6IpamPoolId", in.Ipv6IpamPoolId != ""},
		member{"Ipv6Native", in.Ipv6Native},
		member{"Ipv6NetmaskLength", in.Ipv6NetmaskLength != nil},
		member{"OutpostArn", in.OutpostArn != ""},
	)
}

// CreateSubnetOutput is the output of CreateSubnet.
type CreateSubnetOutput struct{ Subnet Subnet }

// createSubnetChecks asks for the subnet that is about to be made, and for its VPC.
func (s *Service) createSubnetChecks(ctx context.Context, in *CreateSubnetInput) ([]api.Check, *vpc, error) {
	tags, err := specifiedTags(ctx, in.TagSpecifications, subnetKind)
	if err != nil {
		return nil, nil, err
	}
	t, v, err := onOne(s, s.vpcs, func(in *CreateSubnetInput) string { return in.VpcId })(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	made := newTarget(ctx, subnetKind, tags, func(c *policyeval.Context) {
		c.Set("ec2:Vpc", t.ARN)
		if in.AvailabilityZone != "" {
			c.Set("ec2:AvailabilityZone", in.AvailabilityZone)
		}
	})
	return append(creating("CreateSubnet", made, tags), api.Check{Action: "ec2:CreateSubnet", Target: t}), v, nil
}

// CreateSubnet makes a subnet of a VPC.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html.
func (s *Service) CreateSubnet(ctx context.Context, in *CreateSubnetInput) (*CreateSubnetOutput, error) {
	return api.DoChecks(ctx, in, s.createSubnetChecks, s.createSubnet)
}

func (s *Service) createSubnet(ctx context.Context, v *vpc, in *CreateSubnetInput) (*CreateSubnetOutput, error) {
	if err := in.unsupported(); err != nil {
		return nil, err
	}
	if in.CidrBlock == "" {
		return nil, errNoCidr
	}
	cidr, err := parseCidr(in.CidrBlock, errSubnetRange)
	if err != nil {
		return nil, err
	}
	if !contains(v.Cidr, cidr) {
		return nil, wrongSize(errSubnetRange, in.CidrBlock)
	}
	z, err := in.zone(placeOf(ctx))
	if err != nil {
		return nil, err
	}
	tags, err := specifiedTags(ctx, in.TagSpecifications, subnetKind)
	if err != nil {
		return nil, err
	}
	var shown Subnet
	err = s.update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, v); err != nil {
			return err
		}
		sn := subnet{record: record{Account: v.Account, Region: v.Region, ID: s.newID(subnetKind), Tags: tags}, Vpc: v.ID, Cidr: cidr, Zone: z}
		if err := s.fitSubnet(tx, v, &sn); err != nil {
			return err
		}
		shown = s.shownSubnet(tx, &sn)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &CreateSubnetOutput{shown}, nil
}

// fitSubnet makes a subnet of a VPC where it overlaps with no other, in the zone that has
// the fewest where it names none.
func (s *Service) fitSubnet(tx store.Tx, v *vpc, sn *subnet) error {
	perZone := map[string]int{}
	for other := range s.subnetsOf(tx, v) {
		if other.Cidr.Overlaps(sn.Cidr) {
			return errSubnetConflict.Withf("The CIDR '%s' conflicts with another subnet", sn.Cidr) // [X045]
		}
		perZone[other.Zone]++
	}
	if sn.Zone == "" {
		sn.Zone = emptiest(zonesOf(v.place()), perZone)
	}
	sn.Hostnames = hostnamesByIP
	s.addSubnet(tx, sn)
	return nil
}

// zone is the name of the zone that a request asks for; empty: it leaves the choice to EC2.
func (in *CreateSubnetInput) zone(p place) (string, error) {
	if in.AvailabilityZone == "" && in.AvailabilityZoneId == "" {
		return "", nil
	}
	zones := zonesOf(p)
	i := slices.IndexFunc(zones, func(z zone) bool {
		return (in.AvailabilityZone == "" || in.AvailabilityZone == z.name) && (in.AvailabilityZoneId == "" || in.AvailabilityZoneId == z.id)
	})
	if i >= 0 {
		return zones[i].name, nil
	}
	value, parameter, of := in.AvailabilityZone, "availabilityZone", func(z zone) string { return z.name }
	if value == "" {
		value, parameter, of = in.AvailabilityZoneId, "availabilityZoneId", func(z zone) string { return z.id }
	}
	names := make([]string, len(zones))
	for i, z := range zones {
		names[i] = of(z)
	}
	return "", badValue(value, parameter, "Subnets can currently only be created in the following availability zones: "+strings.Join(names, ", ")+".") // [X046]
}

// emptiest is the first of the zones that have fewest subnets.
func emptiest(zones []zone, perZone map[string]int) string {
	return slices.MinFunc(zones, func(a, b zone) int { return cmp.Compare(perZone[a.name], perZone[b.name]) }).name
}

// DescribeSubnetsInput is the input of DescribeSubnets.
type DescribeSubnetsInput struct {
	SubnetIds  []string `query:"SubnetId"`
	Filters    []Filter `query:"Filter"`
	MaxResults *int32   `check:"min=5,max=1000"`
	NextToken  string
	DryRun     bool
}

// DescribeSubnetsOutput is the output of DescribeSubnets.
type DescribeSubnetsOutput struct {
	Subnets   []Subnet `name:"subnetSet"`
	NextToken string
}

// subnetFilters are those of DescribeSubnets [X050]. No subnet has an IPv6 block or is
// on an Outpost.
func (s *Service) subnetFilters(r store.Reader, p place) filterTable[*subnet] {
	cidr := one(func(sn *subnet) string { return sn.Cidr.String() })
	zone := one(func(sn *subnet) string { return sn.Zone })
	ids := zoneIDs(p)
	zoneID := one(func(sn *subnet) string { return ids[sn.Zone] })
	isDefault := one(func(sn *subnet) string { return strconv.FormatBool(sn.IsDefault) })
	no := one(func(*subnet) string { return "false" })
	none := func(*subnet) []string { return nil }
	return filterTable[*subnet]{
		"availability-zone": zone, "availabilityZone": zone,
		"availability-zone-id": zoneID, "availabilityZoneId": zoneID,
		"available-ip-address-count": one(func(sn *subnet) string { return strconv.Itoa(s.freeAddresses(r, sn)) }),
		"cidr-block":                 cidr, "cidr": cidr, "cidrBlock": cidr,
		"customer-owned-ipv4-pool": none,
		"default-for-az":           isDefault, "defaultForAz": isDefault,
		"enable-dns64":                                no,
		"enable-lni-at-device-index":                  none,
		"ipv6-cidr-block-association.association-id":  none,
		"ipv6-cidr-block-association.ipv6-cidr-block": none,
		"ipv6-cidr-block-association.state":           none,
		"ipv6-native":                                 no,
		"map-customer-owned-ip-on-launch":             no,
		"map-public-ip-on-launch":                     one(func(sn *subnet) string { return strconv.FormatBool(sn.MapPublicIP) }),
		"outpost-arn":                                 none,
		"owner-id":                                    one(func(sn *subnet) string { return sn.Account }),
		"private-dns-name-options-on-launch.enable-resource-name-dns-a-record":    one(func(sn *subnet) string { return strconv.FormatBool(sn.DNSA) }),
		"private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record": no,
		"private-dns-name-options-on-launch.hostname-type":                        one(func(sn *subnet) string { return sn.Hostnames }),
		"state":      one(func(*subnet) string { return stateAvailable }),
		"subnet-arn": one(func(sn *subnet) string { return sn.place().arn(subnetKind, sn.ID) }),
		"subnet-id":  one(idOf[*subnet]),
		"vpc-id":     one(func(sn *subnet) string { return sn.Vpc }),
	}
}

// DescribeSubnets lists subnets.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html.
func (s *Service) DescribeSubnets(ctx context.Context, in *DescribeSubnetsInput) (*DescribeSubnetsOutput, error) {
	var out *DescribeSubnetsOutput
	err := s.view(ctx, func(r store.Reader) error {
		p := placeOf(ctx)
		found, err := s.subnets.findAll(r, p, in.SubnetIds)
		if err != nil {
			return err
		}
		if found, err = filtered(found, in.Filters, s.subnetFilters(r, p), tagsOf[*subnet]); err != nil {
			return err
		}
		found, next, err := page(found, idOf[*subnet], in.NextToken, in.MaxResults)
		if err != nil {
			return err
		}
		out = &DescribeSubnetsOutput{make([]Subnet, len(found)), next}
		for i, sn := range found {
			out.Subnets[i] = s.shownSubnet(r, sn)
		}
		return nil
	})
	return out, err
}

// DeleteSubnetInput is the input of DeleteSubnet.
type DeleteSubnetInput struct {
	SubnetId string `check:"required"`
	DryRun   bool
}

// DeleteSubnetOutput is the output of DeleteSubnet.
type DeleteSubnetOutput struct{}

func (s *Service) deletedSubnet(ctx context.Context, in *DeleteSubnetInput) (api.Target, *subnet, error) {
	return onOne(s, s.subnets, func(in *DeleteSubnetInput) string { return in.SubnetId })(ctx, in)
}

// DeleteSubnet deletes a subnet that nothing is in [X048].
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnet.html.
func (s *Service) DeleteSubnet(ctx context.Context, in *DeleteSubnetInput) (*DeleteSubnetOutput, error) {
	return api.Do(ctx, in, s.deletedSubnet, s.deleteSubnet)
}

func (s *Service) deleteSubnet(ctx context.Context, sn *subnet, in *DeleteSubnetInput) (*DeleteSubnetOutput, error) {
	err := s.update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, sn); err != nil {
			return err
		}
		if s.used(tx, sn) {
			return errDependency.Withf("The subnet '%s' has dependencies and cannot be deleted.", in.SubnetId)
		}
		s.leave(tx, sn)
		s.subnets.delete(tx, sn)
		unlink(tx, sn.place(), sn.Vpc, sn.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &DeleteSubnetOutput{}, nil
}

// freeAddresses is how many addresses of a subnet are free.
func (s *Service) freeAddresses(r store.Reader, sn *subnet) int {
	return addresses(sn.Cidr) - s.taken(r, sn)
}

// shownSubnet is a subnet as answers show it [X041].
func (s *Service) shownSubnet(r store.Reader, sn *subnet) Subnet {
	return Subnet{
		AvailabilityZone: sn.Zone, AvailabilityZoneId: zoneIDs(sn.place())[sn.Zone],
		AvailableIpAddressCount: int32(s.freeAddresses(r, sn)), //nolint:gosec // at most 65,536
		CidrBlock:               sn.Cidr.String(), DefaultForAz: sn.IsDefault,
		Ipv6CidrBlockAssociationSet: []SubnetIpv6CidrBlockAssociation{}, MapPublicIpOnLaunch: sn.MapPublicIP, OwnerId: sn.Account,
		PrivateDnsNameOptionsOnLaunch: &PrivateDnsNameOptionsOnLaunch{EnableResourceNameDnsARecord: sn.DNSA, HostnameType: sn.Hostnames},
		State:                         stateAvailable, SubnetArn: sn.place().arn(subnetKind, sn.ID), SubnetId: sn.ID, Tags: shownTags(sn.Tags), VpcId: sn.Vpc, // [X043]
	}
}
