package ec2_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/ec2"
)

const sqs = "com.amazonaws.us-east-1.sqs"

// network is a VPC with what endpoints need.
type network struct {
	*testbed
	vpc string
	// a and b are subnets in zones of their names, 10.0.1.0/24 and 10.0.2.0/24.
	a, b string
	// group is a security group, and table the main route table.
	group, table string
}

func newNetwork(t *testing.T) *network {
	t.Helper()
	w := newTestbed(t)
	n := &network{testbed: w, vpc: w.newVpc("10.0.0.0/16").VpcId}
	n.hostnames(true)
	n.a, n.b = n.subnet("10.0.1.0/24", "us-east-1a"), n.subnet("10.0.2.0/24", "us-east-1b")
	n.group = n.newGroup("endpoints")
	tables, err := w.DescribeRouteTables(here, &ec2.DescribeRouteTablesInput{Filters: []ec2.Filter{filter("vpc-id", n.vpc)}})
	n.table = must(t, tables, err).RouteTables[0].RouteTableId
	return n
}

// hostnames turns the VPC's DNS hostnames on or off.
func (n *network) hostnames(on bool) {
	n.t.Helper()
	_, err := n.ModifyVpcAttribute(here, &ec2.ModifyVpcAttributeInput{VpcId: n.vpc, EnableDnsHostnames: &ec2.AttributeBooleanValue{Value: on}})
	must(n.t, 0, err)
}

func (n *network) subnet(cidr, zone string) string {
	n.t.Helper()
	out, err := n.CreateSubnet(here, &ec2.CreateSubnetInput{VpcId: n.vpc, CidrBlock: cidr, AvailabilityZone: zone})
	return must(n.t, out, err).Subnet.SubnetId
}

func (n *network) newGroup(name string) string {
	n.t.Helper()
	out, err := n.CreateSecurityGroup(here, &ec2.CreateSecurityGroupInput{VpcId: n.vpc, GroupName: name, Description: name})
	return must(n.t, out, err).GroupId
}

// endpoint makes an interface endpoint of SQS in both subnets, changed by edit.
func (n *network) endpoint(edit func(*ec2.CreateVpcEndpointInput)) *ec2.VpcEndpoint {
	n.t.Helper()
	out, err := n.CreateVpcEndpoint(here, n.input(edit))
	return must(n.t, out, err).VpcEndpoint
}

func (n *network) input(edit func(*ec2.CreateVpcEndpointInput)) *ec2.CreateVpcEndpointInput {
	in := &ec2.CreateVpcEndpointInput{VpcId: n.vpc, ServiceName: sqs, VpcEndpointType: "Interface", SubnetIds: []string{n.a, n.b}, SecurityGroupIds: []string{n.group}}
	if edit != nil {
		edit(in)
	}
	return in
}

// described is an endpoint as it is described alone.
func (n *network) described(id string) ec2.VpcEndpoint {
	n.t.Helper()
	out, err := n.DescribeVpcEndpoints(here, &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{id}})
	return must(n.t, out, err).VpcEndpoints[0]
}

// addresses are those of interfaces that pass filters.
func (n *network) addresses(filters ...ec2.Filter) []string {
	n.t.Helper()
	out, err := n.DescribeNetworkInterfaces(here, &ec2.DescribeNetworkInterfacesInput{Filters: filters})
	addresses := []string{}
	for _, ni := range must(n.t, out, err).NetworkInterfaces {
		addresses = append(addresses, ni.PrivateIpAddress)
	}
	return addresses
}

const fullAccess = `{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}`

// What an interface endpoint looks like [X092]-[X094] [X096]: it is pending in the
// answer that made it, and available from then on.
func TestCreateVpcEndpoint(t *testing.T) {
	n := newNetwork(t)
	made := n.endpoint(nil)
	id := made.VpcEndpointId
	if made.State != "pending" {
		t.Errorf("the state is %s", made.State)
	}
	got := n.described(id)
	if len(got.NetworkInterfaceIds) != 2 || len(got.DnsEntries) != 4 || !strings.HasPrefix(got.DnsEntries[0].DnsName, id+"-") || got.DnsEntries[3].DnsName != "sqs.us-east-1.amazonaws.com" {
		t.Errorf("interfaces %v, names %v", got.NetworkInterfaceIds, got.DnsEntries)
	}
	got.NetworkInterfaceIds, got.DnsEntries = nil, nil
	want := ec2.VpcEndpoint{
		VpcEndpointId: id, VpcEndpointType: "Interface", VpcId: n.vpc, ServiceName: sqs, ServiceRegion: region, State: "available",
		PolicyDocument: fullAccess, RouteTableIds: []string{}, SubnetIds: []string{n.a, n.b},
		Groups:        []ec2.SecurityGroupIdentifier{{GroupId: n.group, GroupName: "endpoints"}},
		IpAddressType: "ipv4", DnsOptions: &ec2.DnsOptions{DnsRecordIpType: "ipv4"}, PrivateDnsEnabled: true,
		CreationTimestamp: start, Tags: []ec2.Tag{}, OwnerId: account,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A gateway endpoint has route tables, and neither names nor interfaces [X100] [X077].
func TestCreateGatewayEndpoint(t *testing.T) {
	n := newNetwork(t)
	for _, kind := range []string{"", "Gateway"} { // [X102]
		out, err := n.CreateVpcEndpoint(here, &ec2.CreateVpcEndpointInput{VpcId: n.vpc, ServiceName: s3, VpcEndpointType: kind, RouteTableIds: []string{n.table}})
		id := must(t, out, err).VpcEndpoint.VpcEndpointId
		want := ec2.VpcEndpoint{
			VpcEndpointId: id, VpcEndpointType: "Gateway", VpcId: n.vpc, ServiceName: s3, ServiceRegion: region, State: "available",
			PolicyDocument: fullAccess, RouteTableIds: []string{n.table}, SubnetIds: []string{}, NetworkInterfaceIds: []string{}, DnsEntries: []ec2.DnsEntry{},
			Groups: []ec2.SecurityGroupIdentifier{}, IpAddressType: "ipv4", CreationTimestamp: start, Tags: []ec2.Tag{}, OwnerId: account,
		}
		if diff := cmp.Diff(want, n.described(id)); diff != "" {
			t.Error(diff)
		}
		if got := n.routes(); got != "pl-63a5400a "+id {
			t.Errorf("the routes are %q", got)
		}
		_, err = n.CreateVpcEndpoint(here, &ec2.CreateVpcEndpointInput{VpcId: n.vpc, ServiceName: s3, RouteTableIds: []string{n.table}})
		wantError(t, err, "RouteAlreadyExists", "route table "+n.table+" already has a route with destination-prefix-list-id pl-63a5400a") // [X107]
		n.delete(id)
		if got := n.routes(); got != "" {
			t.Errorf("after the endpoint the routes are %q", got)
		}
	}
}

// routes are the routes of the main table to endpoints.
func (n *network) routes() string {
	n.t.Helper()
	out, err := n.DescribeRouteTables(here, &ec2.DescribeRouteTablesInput{RouteTableIds: []string{n.table}})
	routes := ""
	for _, r := range must(n.t, out, err).RouteTables[0].Routes {
		if r.DestinationPrefixListId != "" {
			routes += r.DestinationPrefixListId + " " + r.GatewayId
		}
	}
	return routes
}

func (n *network) delete(ids ...string) {
	n.t.Helper()
	out, err := n.DeleteVpcEndpoints(here, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: ids})
	if got := must(n.t, out, err).Unsuccessful; len(got) != 0 {
		n.t.Errorf("not deleted: %v", got)
	}
}

// What stands in the way of an endpoint.
func TestCreateVpcEndpointRefuses(t *testing.T) {
	n := newNetwork(t)
	away := &network{testbed: n.testbed, vpc: n.newVpc("10.9.0.0/16").VpcId}
	elsewhere, foreign := away.subnet("10.9.1.0/24", "us-east-1c"), away.newGroup("foreign")
	plain := &network{testbed: n.testbed, vpc: n.newVpc("10.8.0.0/16").VpcId}
	again := n.subnet("10.0.3.0/24", "us-east-1a")
	yes, no := new(true), new(false)
	type input = ec2.CreateVpcEndpointInput
	const differentNetworks = "You have specified two resources that belong to different networks."
	for name, c := range map[string]struct {
		edit          func(*input)
		code, message string
	}{
		"no service":              {func(in *input) { in.ServiceName = "" }, "MissingParameter", "The request must contain the parameter ServiceName"},
		"X119 no such service":    {func(in *input) { in.ServiceName = "com.amazonaws.us-east-1.sqz" }, "InvalidServiceName", "The Vpc Endpoint Service 'com.amazonaws.us-east-1.sqz' does not exist"},
		"X101 a gateway of SQS":   {func(in *input) { in.VpcEndpointType = "Gateway" }, "InvalidParameter", "Endpoint type (Gateway) does not match available service types ([Interface])."},
		"X102 no type":            {func(in *input) { in.VpcEndpointType = "" }, "InvalidParameter", "Endpoint type (Gateway) does not match available service types ([Interface])."},
		"a load balancer":         {func(in *input) { in.VpcEndpointType = "GatewayLoadBalancer" }, "InvalidParameter", "Endpoint type (GatewayLoadBalancer) does not match available service types ([Interface])."},
		"X103 without hostnames":  {func(in *input) { in.VpcId, in.SubnetIds, in.SecurityGroupIds = plain.vpc, nil, nil }, "InvalidParameter", "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for " + plain.vpc},
		"X105 one zone twice":     {func(in *input) { in.SubnetIds = []string{n.a, again} }, "DuplicateSubnetsInSameZone", "Found another VPC endpoint subnet in the availability zone of " + again},
		"X114 route tables":       {func(in *input) { in.RouteTableIds = []string{n.table} }, "InvalidParameter", "RouteTableId is not applicable to Interface VPC Endpoints."},
		"X114 subnets, gateway":   {func(in *input) { in.ServiceName, in.VpcEndpointType, in.SecurityGroupIds = s3, "Gateway", nil }, "InvalidParameter", "SubnetId is not applicable to Gateway VPC Endpoints."},
		"X108 of a gateway":       {func(in *input) { *in = input{VpcId: n.vpc, ServiceName: s3, DnsOptions: inbound(false)} }, "InvalidParameter", "DnsOptions PrivateDnsOnlyForInboundResolverEndpoint is applicable only to Interface VPC Endpoints."},
		"X108 S3 without gateway": {func(in *input) { in.ServiceName, in.PrivateDnsEnabled = s3, yes }, "InvalidParameter", "To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC " + n.vpc + " must have a Gateway endpoint for the service."},
		"X110 no JSON":            {func(in *input) { in.PolicyDocument = "{" }, "InvalidPolicyDocument", "The policy document is not valid JSON."},
		"X110 no principal":       {func(in *input) { in.PolicyDocument = `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}` }, "InvalidPolicyDocument", "Missing required field Principal"},
		"X109 a malformed VPC":    {func(in *input) { in.VpcId = "vpc-x" }, "InvalidVpcId.Malformed", `Invalid id: "vpc-x" (expecting "vpc-...")`},
		"a VPC that there is not": {func(in *input) { in.VpcId = "vpc-00000000" }, "InvalidVpcID.NotFound", "The vpc ID 'vpc-00000000' does not exist"},
		"no such subnet":          {func(in *input) { in.SubnetIds = []string{"subnet-00000000"} }, "InvalidSubnetID.NotFound", "The subnet ID 'subnet-00000000' does not exist"},
		"no such group":           {func(in *input) { in.SecurityGroupIds = []string{"sg-00000000"} }, "InvalidGroup.NotFound", "The security group 'sg-00000000' does not exist"},
		"a subnet of another VPC": {func(in *input) { in.SubnetIds = []string{elsewhere} }, "InvalidParameter", differentNetworks},
		"a group of another VPC":  {func(in *input) { in.SecurityGroupIds = []string{foreign} }, "InvalidParameter", differentNetworks},
		"an address of no subnet": {func(in *input) {
			in.SubnetConfigurations = []ec2.SubnetConfiguration{{SubnetId: again, Ipv4: "10.0.3.9"}}
		}, "InvalidParameter", "The subnet " + again + " of a subnet configuration is not one of the subnets of the request."},
		"an address outside": {func(in *input) {
			in.SubnetConfigurations = []ec2.SubnetConfiguration{{SubnetId: n.a, Ipv4: "10.0.2.9"}}
		}, "InvalidParameterValue", "Value (10.0.2.9) for parameter ipv4 is invalid. The address is not in the range of the subnet."},
		"an address that is kept": {func(in *input) {
			in.SubnetConfigurations = []ec2.SubnetConfiguration{{SubnetId: n.a, Ipv4: "10.0.1.3"}}
		}, "InvalidParameterValue", "Value (10.0.1.3) for parameter ipv4 is invalid. The address is not in the range of the subnet."},
		"the last address": {func(in *input) {
			in.SubnetConfigurations = []ec2.SubnetConfiguration{{SubnetId: n.a, Ipv4: "10.0.1.255"}}
		}, "InvalidParameterValue", "Value (10.0.1.255) for parameter ipv4 is invalid. The address is not in the range of the subnet."},
		"no address":               {func(in *input) { in.SubnetConfigurations = []ec2.SubnetConfiguration{{SubnetId: n.a, Ipv4: "ten"}} }, "InvalidParameterValue", "Value (ten) for parameter ipv4 is invalid. This is not a valid IPv4 address."},
		"a service network":        {func(in *input) { in.ServiceNetworkArn = "arn:x" }, "UnsupportedOperation", "The parameter ServiceNetworkArn is not supported."},
		"a resource configuration": {func(in *input) { in.ResourceConfigurationArn = "arn:x" }, "UnsupportedOperation", "The parameter ResourceConfigurationArn is not supported."},
		"another region":           {func(in *input) { in.ServiceRegion = "eu-west-1" }, "UnsupportedOperation", "The parameter ServiceRegion is not supported."},
		"IPv6":                     {func(in *input) { in.IpAddressType = "dualstack" }, "UnsupportedOperation", "The parameter IpAddressType is not supported."},
		"IPv6 in a subnet":         {func(in *input) { in.SubnetConfigurations = []ec2.SubnetConfiguration{{SubnetId: n.a, Ipv6: "::1"}} }, "UnsupportedOperation", "The parameter SubnetConfigurations.Ipv6 is not supported."},
		"names for IPv6":           {func(in *input) { in.DnsOptions = &ec2.DnsOptionsSpecification{DnsRecordIpType: "ipv6"} }, "UnsupportedOperation", "The parameter DnsOptions.DnsRecordIpType is not supported."},
		"tags of something else":   {func(in *input) { in.TagSpecifications = tags("vpc", "a", "b") }, "InvalidParameterValue", "'vpc' is not a valid taggable resource type for this operation."},
		"a gateway's private DNS":  {func(in *input) { *in = input{VpcId: n.vpc, ServiceName: s3, PrivateDnsEnabled: yes} }, "InvalidParameter", "PrivateDnsEnabled is not applicable to Gateway VPC Endpoints."},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := n.CreateVpcEndpoint(here, n.input(c.edit))
			wantError(t, err, c.code, c.message)
		})
	}
	if got := n.addresses(); len(got) != 0 {
		t.Errorf("interfaces were made: %v", got)
	}
	// Without private DNS the VPC's attributes do not matter.
	n.endpoint(func(in *input) {
		in.VpcId, in.SubnetIds, in.SecurityGroupIds, in.PrivateDnsEnabled = plain.vpc, nil, nil, no
	})
}

const s3 = "com.amazonaws.us-east-1.s3"

func inbound(only bool) *ec2.DnsOptionsSpecification {
	return &ec2.DnsOptionsSpecification{PrivateDnsOnlyForInboundResolverEndpoint: &only}
}

// Two endpoints of a VPC cannot have the same private names, not even where the first
// is being deleted [X104].
func TestPrivateNamesConflict(t *testing.T) {
	n := newNetwork(t)
	first := n.endpoint(nil).VpcEndpointId
	again := func() error {
		_, err := n.CreateVpcEndpoint(here, n.input(nil))
		return err
	}
	conflict := "private-dns-enabled cannot be set because there is already a conflicting DNS domain for sqs.us-east-1.amazonaws.com in the VPC " + n.vpc
	wantError(t, again(), "InvalidParameter", conflict)
	n.endpoint(func(in *ec2.CreateVpcEndpointInput) { in.PrivateDnsEnabled = new(false) })
	n.endpoint(func(in *ec2.CreateVpcEndpointInput) { in.ServiceName = "com.amazonaws.us-east-1.sns" })
	n.delete(first)
	wantError(t, again(), "InvalidParameter", conflict)
	n.clock.Advance(time.Second)
	if err := again(); err != nil {
		t.Error(err)
	}
}

// S3's interface endpoints ask for private names, and then need a gateway beside them,
// unless they say otherwise [X108].
func TestInterfaceEndpointOfS3(t *testing.T) {
	n := newNetwork(t)
	s3 := func(edit func(*ec2.CreateVpcEndpointInput)) *ec2.VpcEndpoint {
		return n.endpoint(func(in *ec2.CreateVpcEndpointInput) {
			in.ServiceName = s3
			edit(in)
		})
	}
	if e := s3(func(*ec2.CreateVpcEndpointInput) {}); e.PrivateDnsEnabled || e.DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint != nil {
		t.Errorf("without a word about it: %+v", e)
	}
	e := s3(func(in *ec2.CreateVpcEndpointInput) { in.PrivateDnsEnabled, in.DnsOptions = new(true), inbound(false) })
	if got := e.DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint; !e.PrivateDnsEnabled || got == nil || *got {
		t.Errorf("for all: %+v", e)
	}
	n.delete(e.VpcEndpointId)
	n.clock.Advance(time.Second)
	out, err := n.CreateVpcEndpoint(here, &ec2.CreateVpcEndpointInput{VpcId: n.vpc, ServiceName: "com.amazonaws.us-east-1.s3"})
	must(t, out, err)
	e = s3(func(in *ec2.CreateVpcEndpointInput) { in.PrivateDnsEnabled = new(true) })
	if got := e.DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint; got == nil || !*got {
		t.Errorf("beside a gateway: %+v", e)
	}
}

// An endpoint has an interface in each of its subnets, with the first free address or
// the one that is chosen [X042] [X078].
func TestEndpointInterfaces(t *testing.T) {
	n := newNetwork(t)
	first := n.endpoint(nil)
	second := n.endpoint(func(in *ec2.CreateVpcEndpointInput) {
		in.ServiceName = "com.amazonaws.us-east-1.sns"
		in.SubnetConfigurations = []ec2.SubnetConfiguration{{SubnetId: n.b, Ipv4: "10.0.2.77"}}
	})
	out, err := n.DescribeNetworkInterfaces(here, &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: first.NetworkInterfaceIds[:1]})
	ni := must(t, out, err).NetworkInterfaces[0]
	if ni.PrivateIpAddress != "10.0.1.4" || ni.SubnetId != n.a || ni.InterfaceType != "vpc_endpoint" || ni.Description != "VPC Endpoint Interface "+first.VpcEndpointId ||
		ni.RequesterManaged != true || len(ni.Groups) != 1 || ni.Groups[0].GroupId != n.group || ni.Status != "in-use" {
		t.Errorf("the interface is %+v", ni)
	}
	for _, c := range []struct {
		filters []ec2.Filter
		want    string
	}{
		{[]ec2.Filter{filter("subnet-id", n.a)}, "10.0.1.4 10.0.1.5"},
		{[]ec2.Filter{filter("network-interface-id", second.NetworkInterfaceIds...)}, "10.0.1.5 10.0.2.77"},
	} {
		got := n.addresses(c.filters...)
		slices.Sort(got)
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v: %v, want %s", c.filters, got, c.want)
		}
	}
	_, err = n.CreateVpcEndpoint(here, n.input(func(in *ec2.CreateVpcEndpointInput) {
		in.ServiceName = "com.amazonaws.us-east-1.kms"
		in.SubnetConfigurations = []ec2.SubnetConfiguration{{SubnetId: n.b, Ipv4: "10.0.2.77"}}
	}))
	wantError(t, err, "InvalidIPAddress.InUse", "Address 10.0.2.77 is in use.")
	if got := n.free(n.a); got != 251-2 {
		t.Errorf("%d addresses are free", got)
	}
	n.delete(first.VpcEndpointId, second.VpcEndpointId) // [X112]
	if got := n.addresses(); len(got) != 0 || n.free(n.a) != 251 {
		t.Errorf("left: %v, %d free", got, n.free(n.a))
	}
}

// free is how many addresses of a subnet are.
func (n *network) free(subnet string) int32 {
	n.t.Helper()
	out, err := n.DescribeSubnets(here, &ec2.DescribeSubnetsInput{SubnetIds: []string{subnet}})
	return must(n.t, out, err).Subnets[0].AvailableIpAddressCount
}

// A subnet without free addresses takes no endpoint.
func TestSubnetIsFull(t *testing.T) {
	n := newNetwork(t)
	small := n.subnet("10.0.9.0/28", "us-east-1c")
	var id string
	create := func() error {
		out, err := n.CreateVpcEndpoint(here, n.input(func(in *ec2.CreateVpcEndpointInput) {
			in.SubnetIds, in.PrivateDnsEnabled = []string{small}, new(false)
		}))
		if err == nil {
			id = out.VpcEndpoint.VpcEndpointId
		}
		return err
	}
	for range 11 {
		if err := create(); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, create(), "InsufficientFreeAddressesInSubnet", "There are not enough free addresses in the specified subnet.")
	if n.free(small) != 0 {
		t.Errorf("%d are free", n.free(small))
	}
	if got := n.view(id).Source.String(); got != "10.0.9.4" {
		t.Errorf("a caller has the address %s, which is none of the subnet's", got)
	}
}

// An endpoint without groups has the VPC's default one [X092]; one without subnets has
// no interface and no zonal name [X099]; one with an empty policy has the default
// policy [X115].
func TestEndpointDefaults(t *testing.T) {
	n := newNetwork(t)
	e := n.endpoint(func(in *ec2.CreateVpcEndpointInput) {
		in.SubnetIds, in.SecurityGroupIds, in.PolicyDocument, in.PrivateDnsEnabled = nil, nil, "", new(false)
	})
	if len(e.Groups) != 1 || e.Groups[0].GroupName != "default" || len(e.SubnetIds)+len(e.NetworkInterfaceIds) != 0 || len(e.DnsEntries) != 1 || e.PolicyDocument != fullAccess {
		t.Errorf("the endpoint is %+v", e)
	}
}

// A client token makes one endpoint, however often it is sent [X023].
func TestEndpointClientToken(t *testing.T) {
	n := newNetwork(t)
	create := func(edit func(*ec2.CreateVpcEndpointInput)) (*ec2.CreateVpcEndpointOutput, error) {
		return n.CreateVpcEndpoint(here, n.input(func(in *ec2.CreateVpcEndpointInput) {
			in.ClientToken = "token"
			if edit != nil {
				edit(in)
			}
		}))
	}
	first, err := create(nil)
	must(t, first, err)
	again, err := create(nil)
	if diff := cmp.Diff(first, must(t, again, err)); diff != "" || first.ClientToken != "token" {
		t.Errorf("token %s: %s", first.ClientToken, diff)
	}
	_, err = create(func(in *ec2.CreateVpcEndpointInput) { in.SubnetIds = in.SubnetIds[:1] })
	wantError(t, err, "IdempotentParameterMismatch", "The request uses the same client token as a previous, but non-identical request.")
	if got := n.addresses(); len(got) != 2 {
		t.Errorf("the interfaces are %v", got)
	}
}

// A VPC has 50 interface endpoints, a region 20 gateways [X116].
func TestEndpointQuotas(t *testing.T) {
	n := newNetwork(t)
	create := func(in ec2.CreateVpcEndpointInput) error {
		in.VpcId = n.vpc
		_, err := n.CreateVpcEndpoint(here, &in)
		return err
	}
	for in, most := range map[*ec2.CreateVpcEndpointInput]int{
		{ServiceName: sqs, VpcEndpointType: "Interface", PrivateDnsEnabled: new(false)}: 50,
		{ServiceName: s3}: 20,
	} {
		for range most {
			if err := create(*in); err != nil {
				t.Fatal(err)
			}
		}
		wantError(t, create(*in), "VpcEndpointLimitExceeded", "The maximum number of VPC endpoints has been reached.")
	}
}

// A VPC with an endpoint, and a subnet or group with its interface, cannot be deleted.
func TestEndpointIsADependency(t *testing.T) {
	n := newNetwork(t)
	id := n.endpoint(func(in *ec2.CreateVpcEndpointInput) { in.SubnetIds = in.SubnetIds[:1] }).VpcEndpointId
	_, err := n.DeleteSubnet(here, &ec2.DeleteSubnetInput{SubnetId: n.a})
	wantError(t, err, "DependencyViolation", "The subnet '"+n.a+"' has dependencies and cannot be deleted.")
	_, err = n.DeleteSecurityGroup(here, &ec2.DeleteSecurityGroupInput{GroupId: n.group})
	wantError(t, err, "DependencyViolation", "resource "+n.group+" has a dependent object")
	n.delete(id)
	_, err = n.DeleteSubnet(here, &ec2.DeleteSubnetInput{SubnetId: n.a})
	must(t, 0, err)
	_, err = n.DeleteSubnet(here, &ec2.DeleteSubnetInput{SubnetId: n.b})
	must(t, 0, err)
	_, err = n.DeleteSecurityGroup(here, &ec2.DeleteSecurityGroupInput{GroupId: n.group})
	must(t, 0, err)
	empty := n.endpoint(func(in *ec2.CreateVpcEndpointInput) {
		in.SubnetIds, in.SecurityGroupIds, in.PrivateDnsEnabled = nil, nil, new(false)
	}).VpcEndpointId
	deleteVpc := func() error {
		_, err := n.DeleteVpc(here, &ec2.DeleteVpcInput{VpcId: n.vpc})
		return err
	}
	wantError(t, deleteVpc(), "DependencyViolation", "The vpc '"+n.vpc+"' has dependencies and cannot be deleted.")
	n.delete(empty)
	if err := deleteVpc(); err != nil {
		t.Error(err)
	}
}
