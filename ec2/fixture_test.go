package ec2_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/ec2"
)

// declared applies the fixtures of a VPC with two subnets, a group and an endpoint, which
// edit changes.
func declared(n *testbed, edit func(*ec2.VpcFixture, []ec2.SubnetFixture, *ec2.GroupFixture, *ec2.EndpointFixture)) error {
	const vpc = "vpc-1234567890abcdef0"
	v := ec2.VpcFixture{ID: vpc, CIDR: "10.0.0.0/16", Tags: map[string]string{"Name": "shop"}}
	subnets := []ec2.SubnetFixture{{ID: "subnet-11111111", Vpc: vpc, CIDR: "10.0.1.0/24", Zone: "us-east-1b"}, {ID: "subnet-22222222", Vpc: vpc, CIDR: "10.0.2.0/24"}}
	group := ec2.GroupFixture{ID: "sg-12345678", Vpc: vpc, Name: "endpoints", Ingress: []ec2.IngressFixture{{From: 443, To: 443, CIDR: "10.0.0.0/16"}}}
	endpoint := ec2.EndpointFixture{
		ID: "vpce-0123456789abcdef0", Vpc: vpc, Service: "sqs", Subnets: []string{"subnet-11111111"}, Groups: []string{"sg-12345678"},
		Policy: onlyQueue, Tags: map[string]string{"Name": "queues"},
	}
	if edit != nil {
		edit(&v, subnets, &group, &endpoint)
	}
	if err := n.ApplyVpc(here, v); err != nil {
		return err
	}
	for _, sn := range subnets {
		if err := n.ApplySubnet(here, sn); err != nil {
			return err
		}
	}
	if err := n.ApplyGroup(here, group); err != nil {
		return err
	}
	return n.ApplyEndpoint(here, endpoint)
}

// What fixtures declare is there, with DNS names on, and becomes what they say when they
// are applied again.
func TestFixtures(t *testing.T) {
	w := newTestbed(t)
	must(t, 0, declared(w, nil))
	n := &network{testbed: w, vpc: "vpc-1234567890abcdef0", a: "subnet-11111111", b: "subnet-22222222", group: "sg-12345678"}
	const id = "vpce-0123456789abcdef0"
	e := n.described(id)
	first := e.NetworkInterfaceIds[0]
	e.NetworkInterfaceIds, e.DnsEntries = nil, nil
	want := ec2.VpcEndpoint{
		VpcEndpointId: id, VpcEndpointType: "Interface", VpcId: n.vpc, ServiceName: sqs, ServiceRegion: region, State: "available",
		PolicyDocument: onlyQueue, RouteTableIds: []string{}, SubnetIds: []string{n.a}, Groups: []ec2.SecurityGroupIdentifier{{GroupId: n.group, GroupName: "endpoints"}},
		IpAddressType: "ipv4", DnsOptions: &ec2.DnsOptions{DnsRecordIpType: "ipv4"}, CreationTimestamp: start, Tags: tagList("Name", "queues"), OwnerId: account,
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
	subnets, err := n.DescribeSubnets(here, &ec2.DescribeSubnetsInput{SubnetIds: []string{n.a, n.b}})
	if zones := must(t, subnets, err).Subnets; zones[0].AvailabilityZone != "us-east-1b" || zones[1].AvailabilityZone != "us-east-1a" {
		t.Errorf("the zones are %s and %s", zones[0].AvailabilityZone, zones[1].AvailabilityZone)
	}
	if v := n.view(id); !v.AdmitsHTTPS(netip.MustParseAddr("10.0.9.9")) || v.AdmitsHTTPS(netip.MustParseAddr("10.1.0.1")) {
		t.Error("the group does not let in what it should")
	}
	n.endpoint(func(in *ec2.CreateVpcEndpointInput) { in.ServiceName = "com.amazonaws.us-east-1.sns" }) // needs DNS hostnames

	must(t, 0, declared(w, func(v *ec2.VpcFixture, _ []ec2.SubnetFixture, g *ec2.GroupFixture, e *ec2.EndpointFixture) {
		v.Tags, g.Ingress = nil, []ec2.IngressFixture{{From: 443, To: 443, CIDR: "10.1.0.0/16"}, {From: 80, To: 80, CIDR: "10.0.0.0/16"}}
		e.Subnets, e.Groups, e.Policy, e.PrivateDNS, e.Tags = []string{n.b, n.a}, nil, "", true, nil
	}))
	e = n.described(id)
	if !slices.Contains(e.NetworkInterfaceIds, first) || len(e.NetworkInterfaceIds) != 2 || e.PolicyDocument != fullAccess || !e.PrivateDnsEnabled || len(e.Tags) != 0 || e.Groups[0].GroupName != "default" {
		t.Errorf("applied again the endpoint is %+v", e)
	}
	if got := n.vpcs(filter("tag:Name", "shop")); len(got) != 0 {
		t.Errorf("the VPC has its tags still: %v", got)
	}
	rules, err := n.DescribeSecurityGroups(here, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{n.group}})
	var in []string
	for _, p := range must(t, rules, err).SecurityGroups[0].IpPermissions {
		in = append(in, p.IpRanges[0].CidrIp)
	}
	if slices.Sort(in); strings.Join(in, " ") != "10.0.0.0/16 10.1.0.0/16" {
		t.Errorf("the group lets in %v", in)
	}
	must(t, 0, declared(w, func(_ *ec2.VpcFixture, _ []ec2.SubnetFixture, _ *ec2.GroupFixture, e *ec2.EndpointFixture) {
		e.Subnets = nil
	}))
	if got := n.addresses(filter("group-id", n.group)); len(got) != 2 { // those of SNS's
		t.Errorf("without subnets: %v", got)
	}
}

// A gateway's route is in the VPC's main table.
func TestGatewayFixture(t *testing.T) {
	w := newTestbed(t)
	gateway := func(_ *ec2.VpcFixture, _ []ec2.SubnetFixture, _ *ec2.GroupFixture, e *ec2.EndpointFixture) {
		e.Service, e.Type, e.Subnets, e.Groups = s3, "Gateway", nil, nil
	}
	for range 2 {
		must(t, 0, declared(w, gateway))
		n := &network{testbed: w}
		e := n.described("vpce-0123456789abcdef0")
		if len(e.RouteTableIds) != 1 {
			t.Fatalf("the endpoint is %+v", e)
		}
		n.table = e.RouteTableIds[0]
		if got := n.routes(); got != "pl-63a5400a "+e.VpcEndpointId {
			t.Errorf("the routes are %s", got)
		}
	}
}

// What is there already is not made into something else.
func TestFixturesThatDiffer(t *testing.T) {
	w := newTestbed(t)
	must(t, 0, declared(w, nil))
	second := w.newVpc("10.9.0.0/16").VpcId
	for want, edit := range map[string]func(*ec2.VpcFixture, []ec2.SubnetFixture, *ec2.GroupFixture, *ec2.EndpointFixture){
		"vpc-1234567890abcdef0 exists already, with another block, 10.0.0.0/16": func(v *ec2.VpcFixture, _ []ec2.SubnetFixture, _ *ec2.GroupFixture, _ *ec2.EndpointFixture) {
			v.CIDR = "10.1.0.0/16"
		},
		"subnet-11111111 exists already, with another block, 10.0.1.0/24": func(_ *ec2.VpcFixture, s []ec2.SubnetFixture, _ *ec2.GroupFixture, _ *ec2.EndpointFixture) {
			s[0].CIDR = "10.0.3.0/24"
		},
		"subnet-22222222 exists already, with another zone, us-east-1a": func(_ *ec2.VpcFixture, s []ec2.SubnetFixture, _ *ec2.GroupFixture, _ *ec2.EndpointFixture) {
			s[1].Zone = "us-east-1c"
		},
		"subnet-22222222 exists already, with another VPC, vpc-1234567890abcdef0": func(_ *ec2.VpcFixture, s []ec2.SubnetFixture, _ *ec2.GroupFixture, _ *ec2.EndpointFixture) {
			s[1].Vpc = second
		},
		"sg-12345678 exists already, with another name, endpoints": func(_ *ec2.VpcFixture, _ []ec2.SubnetFixture, g *ec2.GroupFixture, _ *ec2.EndpointFixture) {
			g.Name = "other"
		},
		"sg-12345678 exists already, with another VPC, vpc-1234567890abcdef0": func(_ *ec2.VpcFixture, _ []ec2.SubnetFixture, g *ec2.GroupFixture, _ *ec2.EndpointFixture) {
			g.Vpc = second
		},
		"vpce-0123456789abcdef0 exists already, with another service, com.amazonaws.us-east-1.sqs": func(_ *ec2.VpcFixture, _ []ec2.SubnetFixture, _ *ec2.GroupFixture, e *ec2.EndpointFixture) {
			e.Service = "sns"
		},
		"vpce-0123456789abcdef0 exists already, with another VPC, vpc-1234567890abcdef0": func(_ *ec2.VpcFixture, _ []ec2.SubnetFixture, _ *ec2.GroupFixture, e *ec2.EndpointFixture) {
			e.Vpc, e.Subnets, e.Groups = second, nil, nil
		},
	} {
		if err := declared(w, edit); err == nil || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
	err := w.ApplyVpc(at(account, "eu-west-1"), ec2.VpcFixture{ID: "vpc-1234567890abcdef0", CIDR: "10.0.0.0/16"})
	must(t, 0, err) // ids of VPCs are of an account and region
	err = w.ApplyEndpoint(at(account, "eu-west-1"), ec2.EndpointFixture{ID: "vpce-0123456789abcdef0", Vpc: "vpc-1234567890abcdef0", Service: "sqs"})
	if err == nil || err.Error() != "vpce-0123456789abcdef0 exists already, in account 123456789012 and us-east-1" {
		t.Errorf("an endpoint of another region: %v", err)
	}
}
