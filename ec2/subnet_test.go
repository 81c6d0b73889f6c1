package ec2_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/ec2"
)

// newSubnet makes a subnet of a VPC.
func (w *testbed) newSubnet(vpc, cidr string) ec2.Subnet {
	w.t.Helper()
	out, err := w.CreateSubnet(here, &ec2.CreateSubnetInput{VpcId: vpc, CidrBlock: cidr})
	return must(w.t, out, err).Subnet
}

// subnets are the ids of the subnets that pass filters.
func (w *testbed) subnets(filters ...ec2.Filter) []string {
	w.t.Helper()
	out, err := w.DescribeSubnets(here, &ec2.DescribeSubnetsInput{Filters: filters})
	found := []string{}
	for _, sn := range must(w.t, out, err).Subnets {
		found = append(found, sn.SubnetId)
	}
	return found
}

// zones are the zones of the region of most calls.
func (w *testbed) zones() []ec2.AvailabilityZone {
	w.t.Helper()
	out, err := w.DescribeAvailabilityZones(here, &ec2.DescribeAvailabilityZonesInput{})
	return must(w.t, out, err).AvailabilityZones
}

func TestCreateSubnet(t *testing.T) {
	w := newTestbed(t)
	v := w.newVpc("10.0.0.0/16").VpcId
	zone := w.zones()[1]
	out, err := w.CreateSubnet(here, &ec2.CreateSubnetInput{VpcId: v, CidrBlock: "10.0.1.7/24", AvailabilityZone: zone.ZoneName, TagSpecifications: tags("subnet", "Name", "a")})
	made := must(t, out, err).Subnet
	want := ec2.Subnet{ // [X041]-[X043]
		AvailabilityZone: zone.ZoneName, AvailabilityZoneId: zone.ZoneId, AvailableIpAddressCount: 251, CidrBlock: "10.0.1.0/24",
		Ipv6CidrBlockAssociationSet: []ec2.SubnetIpv6CidrBlockAssociation{}, OwnerId: account, State: "available",
		PrivateDnsNameOptionsOnLaunch: &ec2.PrivateDnsNameOptionsOnLaunch{HostnameType: "ip-name"},
		SubnetArn:                     "arn:aws:ec2:us-east-1:123456789012:subnet/" + made.SubnetId, SubnetId: made.SubnetId, Tags: tagList("Name", "a"), VpcId: v,
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("made: -want +got\n%s", diff)
	}
	described, err := w.DescribeSubnets(here, &ec2.DescribeSubnetsInput{SubnetIds: []string{made.SubnetId}})
	if diff := cmp.Diff([]ec2.Subnet{want}, must(t, described, err).Subnets); diff != "" {
		t.Errorf("described: -want +got\n%s", diff)
	}
	out, err = w.CreateSubnet(here, &ec2.CreateSubnetInput{VpcId: v, CidrBlock: "10.0.2.0/28", AvailabilityZoneId: zone.ZoneId})
	if small := must(t, out, err).Subnet; small.AvailabilityZone != zone.ZoneName || small.AvailableIpAddressCount != 11 {
		t.Errorf("by the id of its zone: %+v", small)
	}
	// Where nobody chooses, the zones take turns.
	if a, b := w.newSubnet(v, "10.0.3.0/24"), w.newSubnet(v, "10.0.4.0/24"); a.AvailabilityZone == b.AvailabilityZone || a.AvailabilityZone == zone.ZoneName {
		t.Errorf("the zones are %s and %s", a.AvailabilityZone, b.AvailabilityZone)
	}
}

func TestCreateSubnetRefuses(t *testing.T) {
	w := newTestbed(t)
	v := w.newVpc("10.0.0.0/16").VpcId
	w.newSubnet(v, "10.0.1.0/24")
	const letters = "Subnets can currently only be created in the following availability zones: us-east-1a, us-east-1b, us-east-1c, us-east-1d, us-east-1e, us-east-1f."
	for _, test := range []struct {
		name          string
		in            ec2.CreateSubnetInput
		code, message string
	}{
		{"X044 outside", ec2.CreateSubnetInput{CidrBlock: "10.1.0.0/24"}, "InvalidSubnet.Range", "The CIDR '10.1.0.0/24' is invalid."},
		{"X044 too small", ec2.CreateSubnetInput{CidrBlock: "10.0.0.0/29"}, "InvalidSubnet.Range", "The CIDR '10.0.0.0/29' is invalid."},
		{"X044 too large", ec2.CreateSubnetInput{CidrBlock: "10.0.0.0/8"}, "InvalidSubnet.Range", "The CIDR '10.0.0.0/8' is invalid."},
		{"X045 the same", ec2.CreateSubnetInput{CidrBlock: "10.0.1.0/24"}, "InvalidSubnet.Conflict", "The CIDR '10.0.1.0/24' conflicts with another subnet"},
		{"X045 around it", ec2.CreateSubnetInput{CidrBlock: "10.0.0.0/16"}, "InvalidSubnet.Conflict", "The CIDR '10.0.0.0/16' conflicts with another subnet"},
		{"X045 within it", ec2.CreateSubnetInput{CidrBlock: "10.0.1.128/25"}, "InvalidSubnet.Conflict", "The CIDR '10.0.1.128/25' conflicts with another subnet"},
		{"X046 no such zone", ec2.CreateSubnetInput{CidrBlock: "10.0.2.0/24", AvailabilityZone: "us-east-1z"}, "InvalidParameterValue", "Value (us-east-1z) for parameter availabilityZone is invalid. " + letters},
		{"X046 another region's", ec2.CreateSubnetInput{CidrBlock: "10.0.2.0/24", AvailabilityZone: "eu-west-1a"}, "InvalidParameterValue", "Value (eu-west-1a) for parameter availabilityZone is invalid. " + letters},
		{"no block", ec2.CreateSubnetInput{}, "MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided."},
		{"no such VPC", ec2.CreateSubnetInput{VpcId: "vpc-12345678", CidrBlock: "10.0.2.0/24"}, "InvalidVpcID.NotFound", "The vpc ID 'vpc-12345678' does not exist"},
		{"no VPC", ec2.CreateSubnetInput{VpcId: "x", CidrBlock: "10.0.2.0/24"}, "InvalidVpcId.Malformed", `Invalid id: "x" (expecting "vpc-...")`},
		{"IPv6", ec2.CreateSubnetInput{Ipv6Native: true}, "UnsupportedOperation", "The parameter Ipv6Native is not supported."},
		{"tags of another type", ec2.CreateSubnetInput{TagSpecifications: tags("vpc", "a", "b")}, "InvalidParameterValue", "'vpc' is not a valid taggable resource type for this operation."},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.in.VpcId == "" {
				test.in.VpcId = v
			}
			_, err := w.CreateSubnet(here, &test.in)
			wantError(t, err, test.code, test.message)
		})
	}
	_, err := w.CreateSubnet(at(account, "eu-west-1"), &ec2.CreateSubnetInput{VpcId: v, CidrBlock: "10.0.2.0/24"})
	wantError(t, err, "InvalidVpcID.NotFound", "The vpc ID '"+v+"' does not exist")
}

func TestSubnetFilters(t *testing.T) {
	w := newTestbed(t)
	v := w.newVpc("10.0.0.0/16").VpcId
	sn, second := w.newSubnet(v, "10.0.1.0/24"), w.newSubnet(v, "10.0.2.0/25")
	in := filter("vpc-id", v)
	for _, f := range []ec2.Filter{ // [X050]
		filter("availability-zone", sn.AvailabilityZone), filter("availabilityZone", sn.AvailabilityZone), filter("availability-zone-id", sn.AvailabilityZoneId),
		filter("available-ip-address-count", "251"), filter("cidr-block", "10.0.1.0/24"), filter("cidr", "10.0.1.*"), filter("cidrBlock", "10.0.1.0/2?"),
		filter("subnet-arn", sn.SubnetArn), filter("subnet-id", sn.SubnetId),
	} {
		if got := w.subnets(in, f); !slices.Equal(got, []string{sn.SubnetId}) {
			t.Errorf("%s: %q", f.Name, got)
		}
	}
	for _, f := range []ec2.Filter{filter("default-for-az", "false"), filter("defaultForAz", "false"), filter("map-public-ip-on-launch", "false"), filter("owner-id", account), filter("state", "available"), filter("ipv6-native", "false")} {
		if got := w.subnets(in, f); len(got) != 2 || !slices.Contains(got, second.SubnetId) {
			t.Errorf("%s: %q", f.Name, got)
		}
	}
	for _, id := range []string{"subnet-12345678", "subnet-0123456789abcdef0"} {
		_, err := w.DescribeSubnets(here, &ec2.DescribeSubnetsInput{SubnetIds: []string{sn.SubnetId, id}})
		wantError(t, err, "InvalidSubnetID.NotFound", "The subnet ID '"+id+"' does not exist") // [X047]
	}
}

func TestDeleteSubnet(t *testing.T) {
	w := newTestbed(t)
	v := w.newVpc("10.0.0.0/16").VpcId
	sn := w.newSubnet(v, "10.0.1.0/24").SubnetId
	remove := func() error {
		_, err := w.DeleteSubnet(here, &ec2.DeleteSubnetInput{SubnetId: sn})
		return err
	}
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	wantError(t, remove(), "InvalidSubnetID.NotFound", "The subnet ID '"+sn+"' does not exist")
	w.newSubnet(v, "10.0.1.0/24") // its addresses are free again
}

func TestSubnetAttributes(t *testing.T) {
	w := newTestbed(t)
	sn := w.newSubnet(w.newVpc("10.0.0.0/16").VpcId, "10.0.1.0/24")
	modify := func(in ec2.ModifySubnetAttributeInput) error {
		in.SubnetId = sn.SubnetId
		_, err := w.ModifySubnetAttribute(here, &in)
		return err
	}
	on, off := &ec2.AttributeBooleanValue{Value: true}, &ec2.AttributeBooleanValue{}
	for _, in := range []ec2.ModifySubnetAttributeInput{
		{MapPublicIpOnLaunch: on}, {EnableResourceNameDnsARecordOnLaunch: on}, {PrivateDnsHostnameTypeOnLaunch: "resource-name"}, {EnableDns64: off},
	} {
		if err := modify(in); err != nil {
			t.Error(err)
		}
	}
	sn.MapPublicIpOnLaunch = true
	sn.PrivateDnsNameOptionsOnLaunch = &ec2.PrivateDnsNameOptionsOnLaunch{EnableResourceNameDnsARecord: true, HostnameType: "resource-name"}
	out, err := w.DescribeSubnets(here, &ec2.DescribeSubnetsInput{SubnetIds: []string{sn.SubnetId}})
	if diff := cmp.Diff([]ec2.Subnet{sn}, must(t, out, err).Subnets); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	wantError(t, modify(ec2.ModifySubnetAttributeInput{EnableDns64: on}), "UnsupportedOperation", "The parameter EnableDns64 is not supported.")
	wantError(t, modify(ec2.ModifySubnetAttributeInput{CustomerOwnedIpv4Pool: "x"}), "UnsupportedOperation", "The parameter CustomerOwnedIpv4Pool is not supported.")
	wantError(t, modify(ec2.ModifySubnetAttributeInput{MapPublicIpOnLaunch: off, EnableDns64: off}), "InvalidParameterCombination",
		"Fields for multiple attribute types specified: only one attribute can be modified at a time.")
}
