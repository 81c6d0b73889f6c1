package ec2_test

import (
	"context"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/waxseal/waxseal/ec2"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

func TestCreateVpc(t *testing.T) {
	w := newTestbed(t)
	made := w.newVpc("10.0.0.5/16", "Name", "shop")
	options := made.DhcpOptionsId
	association := made.CidrBlockAssociationSet[0].AssociationId
	want := ec2.Vpc{ // [X028] [X030]
		CidrBlock: "10.0.0.0/16", VpcId: made.VpcId, OwnerId: account, State: "pending", InstanceTenancy: "default", DhcpOptionsId: options,
		CidrBlockAssociationSet: []ec2.VpcCidrBlockAssociation{{
			AssociationId: association, CidrBlock: "10.0.0.0/16", CidrBlockState: &ec2.VpcCidrBlockState{State: "associated"},
		}},
		Ipv6CidrBlockAssociationSet: []ec2.VpcIpv6CidrBlockAssociation{}, Tags: tagList("Name", "shop"),
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("made: -want +got\n%s", diff)
	}
	for form, id := range map[string]string{`^dopt-[0-9a-f]{17}$`: options, `^vpc-cidr-assoc-[0-9a-f]{17}$`: association} {
		if !regexp.MustCompile(form).MatchString(id) {
			t.Errorf("%s is not of the form %s", id, form)
		}
	}
	out, err := w.DescribeVpcs(here, &ec2.DescribeVpcsInput{VpcIds: []string{made.VpcId}})
	want.State = "available"
	if diff := cmp.Diff([]ec2.Vpc{want}, must(t, out, err).Vpcs); diff != "" {
		t.Errorf("described: -want +got\n%s", diff)
	}
	if plain := w.newVpc("10.0.0.0/16"); len(plain.Tags) != 0 || plain.Tags == nil {
		t.Errorf("without tags: %#v", plain.Tags)
	}
}

func TestCreateVpcRefuses(t *testing.T) {
	w := newTestbed(t)
	bits := int32(20)
	for _, test := range []struct {
		name          string
		in            ec2.CreateVpcInput
		code, message string
	}{
		{"X029 too small", ec2.CreateVpcInput{CidrBlock: "10.0.0.0/29"}, "InvalidVpc.Range", "The CIDR '10.0.0.0/29' is invalid."},
		{"X029 too large", ec2.CreateVpcInput{CidrBlock: "10.0.0.0/15"}, "InvalidVpc.Range", "The CIDR '10.0.0.0/15' is invalid."},
		{"X031 no block", ec2.CreateVpcInput{CidrBlock: "10.0.0.0"}, "InvalidParameterValue", "Value (10.0.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR block."},
		{"X031 IPv6", ec2.CreateVpcInput{CidrBlock: "fd00::/16"}, "InvalidParameterValue", "Value (fd00::/16) for parameter cidrBlock is invalid. This is not a valid CIDR block."},
		{"nothing", ec2.CreateVpcInput{}, "MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided."},
		{"IPv6", ec2.CreateVpcInput{CidrBlock: "10.0.0.0/16", AmazonProvidedIpv6CidrBlock: true}, "UnsupportedOperation", "The parameter AmazonProvidedIpv6CidrBlock is not supported."},
		{"IPAM", ec2.CreateVpcInput{Ipv4IpamPoolId: "ipam-pool-1", Ipv4NetmaskLength: &bits}, "UnsupportedOperation", "The parameter Ipv4IpamPoolId is not supported."},
		{"a host of one's own", ec2.CreateVpcInput{CidrBlock: "10.0.0.0/16", InstanceTenancy: "host"}, "UnsupportedOperation", "The parameter InstanceTenancy is not supported."},
		{"X090 tags of another type", ec2.CreateVpcInput{CidrBlock: "10.0.0.0/16", TagSpecifications: tags("subnet", "a", "b")}, "InvalidParameterValue", "'subnet' is not a valid taggable resource type for this operation."},
		{"X087 a reserved tag", ec2.CreateVpcInput{CidrBlock: "10.0.0.0/16", TagSpecifications: tags("vpc", "aws:a", "b")}, "InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := w.CreateVpc(here, &test.in)
			wantError(t, err, test.code, test.message)
		})
	}
	for range 4 { // beside the default VPC
		w.newVpc("10.0.0.0/28")
	}
	_, err := w.CreateVpc(here, &ec2.CreateVpcInput{CidrBlock: "10.0.0.0/16"})
	wantError(t, err, "VpcLimitExceeded", "The maximum number of VPCs has been reached.") // [X039]
}

func TestVpcFilters(t *testing.T) {
	w := newTestbed(t)
	v := w.newVpc("10.0.0.0/16", "Name", "shop")
	for _, f := range []ec2.Filter{ // [X038]
		filter("cidr", "10.0.0.0/16"), filter("cidr-block-association.cidr-block", "10.0.0.0/16"),
		filter("cidr-block-association.association-id", v.CidrBlockAssociationSet[0].AssociationId),
		filter("is-default", "false"), filter("tag:Name", "shop"), filter("tag-key", "Name"), filter("vpc-id", v.VpcId),
	} {
		if got := w.vpcs(f); !slices.Equal(got, []string{v.VpcId}) {
			t.Errorf("%s: %q", f.Name, got)
		}
	}
	for _, f := range []ec2.Filter{
		filter("cidr-block-association.state", "associated"), filter("dhcp-options-id", v.DhcpOptionsId), filter("owner-id", account), filter("state", "available"),
	} {
		if got := w.vpcs(f); len(got) != 2 {
			t.Errorf("%s: %q", f.Name, got)
		}
	}
	for _, f := range []ec2.Filter{filter("state", "pending"), filter("ipv6-cidr-block-association.state", "*"), filter("owner-id", other)} {
		if got := w.vpcs(f); len(got) != 0 {
			t.Errorf("%s: %q", f.Name, got)
		}
	}
}

func TestDeleteVpc(t *testing.T) {
	w := newTestbed(t)
	id := w.newVpc("10.0.0.0/16").VpcId
	sn := w.newSubnet(id, "10.0.0.0/24").SubnetId
	remove := func() error {
		_, err := w.DeleteVpc(here, &ec2.DeleteVpcInput{VpcId: id})
		return err
	}
	wantError(t, remove(), "DependencyViolation", "The vpc '"+id+"' has dependencies and cannot be deleted.") // [X036]
	out, err := w.DeleteSubnet(here, &ec2.DeleteSubnetInput{SubnetId: sn})
	must(t, out, err)
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	wantError(t, remove(), "InvalidVpcID.NotFound", "The vpc ID '"+id+"' does not exist") // [X032]
	if got := w.vpcs(filter("is-default", "false")); len(got) != 0 {
		t.Errorf("left: %q", got)
	}
}

// defaults are the default VPC of a place and its subnets.
func (w *testbed) defaults(ctx context.Context) ([]ec2.Vpc, []ec2.Subnet) {
	w.t.Helper()
	vpcs, err := w.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: []ec2.Filter{filter("is-default", "true")}})
	must(w.t, vpcs, err)
	subnets, err := w.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: []ec2.Filter{filter("default-for-az", "true")}})
	return vpcs.Vpcs, must(w.t, subnets, err).Subnets
}

func TestDefaultVpc(t *testing.T) {
	w := newTestbed(t)
	vpcs, subnets := w.defaults(here)
	if len(vpcs) != 1 || vpcs[0].CidrBlock != "172.31.0.0/16" || !vpcs[0].IsDefault { // [X037]
		t.Fatalf("%+v", vpcs)
	}
	var blocks, zones []string
	for _, sn := range subnets {
		if sn.VpcId != vpcs[0].VpcId || !sn.DefaultForAz || !sn.MapPublicIpOnLaunch || sn.AvailableIpAddressCount != 4091 {
			t.Errorf("%+v", sn)
		}
		blocks, zones = append(blocks, sn.CidrBlock), append(zones, sn.AvailabilityZone)
	}
	slices.Sort(blocks)
	slices.Sort(zones)
	if diff := cmp.Diff([]string{"172.31.0.0/20", "172.31.16.0/20", "172.31.32.0/20", "172.31.48.0/20", "172.31.64.0/20", "172.31.80.0/20"}, blocks); diff != "" {
		t.Errorf("blocks: -want +got\n%s", diff)
	}
	if diff := cmp.Diff([]string{"us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1e", "us-east-1f"}, zones); diff != "" {
		t.Errorf("zones: -want +got\n%s", diff)
	}
	elsewhere := map[string]bool{vpcs[0].VpcId: true}
	for _, ctx := range []context.Context{at(account, "eu-west-1"), at(other, region)} {
		vpcs, subnets := w.defaults(ctx)
		if len(vpcs) != 1 || elsewhere[vpcs[0].VpcId] || len(subnets) < 3 {
			t.Errorf("elsewhere: %+v %+v", vpcs, subnets)
		}
		elsewhere[vpcs[0].VpcId] = true
	}
	if again, _ := w.defaults(here); again[0].VpcId != vpcs[0].VpcId {
		t.Error("a second look finds another default VPC")
	}
}

// Who deletes the default VPC has none, also after a restart.
func TestDeletedDefaultVpcStaysDeleted(t *testing.T) {
	w := newTestbed(t)
	vpcs, subnets := w.defaults(here)
	for _, sn := range subnets {
		out, err := w.DeleteSubnet(here, &ec2.DeleteSubnetInput{SubnetId: sn.SubnetId})
		must(t, out, err)
	}
	out, err := w.DeleteVpc(here, &ec2.DeleteVpcInput{VpcId: vpcs[0].VpcId})
	must(t, out, err)
	w.Service = ec2.New(ec2.Config{Engine: w.engine, Clock: w.clock, IDs: w.ids})
	if vpcs, subnets := w.defaults(here); len(vpcs) != 0 || len(subnets) != 0 {
		t.Errorf("left: %+v %+v", vpcs, subnets)
	}
}

// Many who are the first to look at a place see one default VPC.
func TestOneDefaultVpcForAll(t *testing.T) {
	w := newTestbed(t)
	w.Service = ec2.New(ec2.Config{Engine: rerun.Conflicting(w.engine), Clock: w.clock, IDs: w.ids})
	seen := make(chan string)
	for range 8 {
		go func() {
			out, err := w.DescribeVpcs(here, &ec2.DescribeVpcsInput{})
			if err != nil || len(out.Vpcs) != 1 {
				seen <- "none"
				return
			}
			seen <- out.Vpcs[0].VpcId
		}()
	}
	ids := map[string]bool{}
	for range 8 {
		ids[<-seen] = true
	}
	if len(ids) != 1 || ids["none"] {
		t.Errorf("seen: %v", ids)
	}
}

func TestVpcAttributes(t *testing.T) {
	w := newTestbed(t)
	id := w.newVpc("10.0.0.0/16").VpcId
	show := func(id, name string) *ec2.DescribeVpcAttributeOutput {
		out, err := w.DescribeVpcAttribute(here, &ec2.DescribeVpcAttributeInput{VpcId: id, Attribute: name})
		return must(t, out, err)
	}
	on, off := &ec2.AttributeBooleanValue{Value: true}, &ec2.AttributeBooleanValue{}
	want := func(id, name string, want ec2.DescribeVpcAttributeOutput) {
		t.Helper()
		want.VpcId = id
		if diff := cmp.Diff(&want, show(id, name)); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
	vpcs, _ := w.defaults(here)
	// [X033] [X034]
	want(id, "enableDnsSupport", ec2.DescribeVpcAttributeOutput{EnableDnsSupport: on})
	want(id, "enableDnsHostnames", ec2.DescribeVpcAttributeOutput{EnableDnsHostnames: off})
	want(id, "enableNetworkAddressUsageMetrics", ec2.DescribeVpcAttributeOutput{EnableNetworkAddressUsageMetrics: off})
	want(vpcs[0].VpcId, "enableDnsSupport", ec2.DescribeVpcAttributeOutput{EnableDnsSupport: on})
	want(vpcs[0].VpcId, "enableDnsHostnames", ec2.DescribeVpcAttributeOutput{EnableDnsHostnames: on})

	modify := func(in ec2.ModifyVpcAttributeInput) error {
		in.VpcId = id
		_, err := w.ModifyVpcAttribute(here, &in)
		return err
	}
	for _, in := range []ec2.ModifyVpcAttributeInput{{EnableDnsHostnames: on}, {EnableDnsSupport: off}, {EnableNetworkAddressUsageMetrics: on}} {
		if err := modify(in); err != nil {
			t.Error(err)
		}
	}
	want(id, "enableDnsSupport", ec2.DescribeVpcAttributeOutput{EnableDnsSupport: off})
	want(id, "enableDnsHostnames", ec2.DescribeVpcAttributeOutput{EnableDnsHostnames: on})
	want(id, "enableNetworkAddressUsageMetrics", ec2.DescribeVpcAttributeOutput{EnableNetworkAddressUsageMetrics: on})

	wantError(t, modify(ec2.ModifyVpcAttributeInput{EnableDnsHostnames: on, EnableDnsSupport: on}), "InvalidParameterCombination",
		"Fields for multiple attribute types specified: only one attribute can be modified at a time.")
	wantError(t, modify(ec2.ModifyVpcAttributeInput{}), "InvalidParameterCombination", "No attributes specified.")
	_, err := w.DescribeVpcAttribute(here, &ec2.DescribeVpcAttributeInput{VpcId: "vpc-12345678", Attribute: "enableDnsSupport"})
	wantError(t, err, "InvalidVpcID.NotFound", "The vpc ID 'vpc-12345678' does not exist")
	_, err = w.DescribeVpcAttribute(here, &ec2.DescribeVpcAttributeInput{VpcId: id, Attribute: "x"})
	wantError(t, err, "InvalidParameterValue", "Value (x) for parameter attribute is invalid. Unknown attribute.")
}

var ignoreOrder = cmpopts.SortSlices(func(a, b string) bool { return a < b })
