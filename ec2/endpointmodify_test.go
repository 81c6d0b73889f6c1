package ec2_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/ec2"
)

// modify changes an endpoint.
func (n *network) modify(id string, edit func(*ec2.ModifyVpcEndpointInput)) error {
	in := &ec2.ModifyVpcEndpointInput{VpcEndpointId: id}
	edit(in)
	out, err := n.ModifyVpcEndpoint(here, in)
	if err == nil && !out.Return {
		n.t.Error("it answers false")
	}
	return err
}

type modifyInput = ec2.ModifyVpcEndpointInput

// What ModifyVpcEndpoint changes [X113].
func TestModifyVpcEndpoint(t *testing.T) {
	n := newNetwork(t)
	other := n.newGroup("others")
	e := n.endpoint(func(in *ec2.CreateVpcEndpointInput) { in.SubnetIds = in.SubnetIds[:1] })
	id := e.VpcEndpointId
	for _, step := range []struct {
		name string
		edit func(*modifyInput)
		want func(*ec2.VpcEndpoint)
	}{
		{"a policy", func(in *modifyInput) { in.PolicyDocument = new(onlyQueue) }, func(e *ec2.VpcEndpoint) { e.PolicyDocument = onlyQueue }},
		{"nothing", func(*modifyInput) {}, func(*ec2.VpcEndpoint) {}},
		{"X115 X128 reset", func(in *modifyInput) { in.ResetPolicy = true }, func(e *ec2.VpcEndpoint) { e.PolicyDocument = fullAccess }},
		{"a policy again", func(in *modifyInput) { in.PolicyDocument = new(onlyQueue) }, func(e *ec2.VpcEndpoint) { e.PolicyDocument = onlyQueue }},
		{"X115 an empty policy", func(in *modifyInput) { in.PolicyDocument = new("") }, func(e *ec2.VpcEndpoint) { e.PolicyDocument = fullAccess }},
		{"a subnet more", func(in *modifyInput) { in.AddSubnetIds = []string{n.b, n.a} }, func(e *ec2.VpcEndpoint) { e.SubnetIds = []string{n.a, n.b} }},
		{"a subnet less", func(in *modifyInput) { in.RemoveSubnetIds = []string{n.a} }, func(e *ec2.VpcEndpoint) { e.SubnetIds = []string{n.b} }},
		{"a group more", func(in *modifyInput) { in.AddSecurityGroupIds = []string{other, n.group} }, func(e *ec2.VpcEndpoint) {
			e.Groups = append(e.Groups, ec2.SecurityGroupIdentifier{GroupId: other, GroupName: "others"})
		}},
		{"a group less", func(in *modifyInput) { in.RemoveSecurityGroupIds = []string{n.group} }, func(e *ec2.VpcEndpoint) { e.Groups = e.Groups[1:] }},
		{"a group for another", func(in *modifyInput) {
			in.AddSecurityGroupIds, in.RemoveSecurityGroupIds = []string{n.group}, []string{other}
		}, func(e *ec2.VpcEndpoint) {
			e.Groups = []ec2.SecurityGroupIdentifier{{GroupId: n.group, GroupName: "endpoints"}}
		}},
		{"no private DNS", func(in *modifyInput) { in.PrivateDnsEnabled = new(false) }, func(e *ec2.VpcEndpoint) { e.PrivateDnsEnabled = false }},
		{"private DNS", func(in *modifyInput) { in.PrivateDnsEnabled = new(true) }, func(e *ec2.VpcEndpoint) { e.PrivateDnsEnabled = true }},
		{"its addresses, as they are", func(in *modifyInput) { in.IpAddressType = "ipv4" }, func(*ec2.VpcEndpoint) {}},
		{"no subnets", func(in *modifyInput) { in.RemoveSubnetIds = []string{n.b} }, func(e *ec2.VpcEndpoint) { e.SubnetIds = []string{} }},
	} {
		want := n.described(id)
		step.want(&want)
		if err := n.modify(id, step.edit); err != nil {
			t.Errorf("%s: %v", step.name, err)
		}
		got := n.described(id)
		if len(got.NetworkInterfaceIds) != len(got.SubnetIds) || len(got.DnsEntries) != 1+len(got.SubnetIds)+map[bool]int{true: 1}[got.PrivateDnsEnabled] {
			t.Errorf("%s: interfaces %v, names %v", step.name, got.NetworkInterfaceIds, got.DnsEntries)
		}
		want.NetworkInterfaceIds, got.NetworkInterfaceIds, want.DnsEntries, got.DnsEntries = nil, nil, nil, nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", step.name, diff)
		}
		if got := n.addresses(filter("group-id", n.group, other)); len(got) != len(want.SubnetIds) {
			t.Errorf("%s: the groups' interfaces are %v", step.name, got)
		}
	}
}

const onlyQueue = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:123456789012:orders"}}`

// A subnet that is added gets the address that is chosen for it.
func TestModifyVpcEndpointChoosesAddresses(t *testing.T) {
	n := newNetwork(t)
	id := n.endpoint(func(in *ec2.CreateVpcEndpointInput) { in.SubnetIds = in.SubnetIds[:1] }).VpcEndpointId
	err := n.modify(id, func(in *modifyInput) {
		in.AddSubnetIds, in.SubnetConfigurations = []string{n.b}, []ec2.SubnetConfiguration{{SubnetId: n.b, Ipv4: "10.0.2.200"}}
	})
	if got := n.addresses(filter("subnet-id", n.b)); err != nil || strings.Join(got, " ") != "10.0.2.200" {
		t.Errorf("%v, %v", got, err)
	}
}

// The route tables of a gateway [X077].
func TestModifyGatewayEndpoint(t *testing.T) {
	n := newNetwork(t)
	out, err := n.CreateVpcEndpoint(here, &ec2.CreateVpcEndpointInput{VpcId: n.vpc, ServiceName: s3})
	id := must(t, out, err).VpcEndpoint.VpcEndpointId
	must(t, 0, n.modify(id, func(in *modifyInput) { in.AddRouteTableIds = []string{n.table} }))
	must(t, 0, n.modify(id, func(in *modifyInput) { in.AddRouteTableIds = []string{n.table} })) // which it has
	if got := n.routes(); got != "pl-63a5400a "+id {
		t.Errorf("the routes are %s", got)
	}
	must(t, 0, n.modify(id, func(in *modifyInput) { in.RemoveRouteTableIds, in.PolicyDocument = []string{n.table}, new(onlyQueue) }))
	if e := n.described(id); n.routes() != "" || len(e.RouteTableIds) != 0 || e.PolicyDocument != onlyQueue {
		t.Errorf("the routes are %s, the endpoint %+v", n.routes(), e)
	}
	wantError(t, n.modify(id, func(in *modifyInput) { in.RemoveRouteTableIds = []string{n.table} }), "InvalidParameter", n.table+" is not associated with the endpoint "+id+".")
}

// What a modification may not do leaves all as it was.
func TestModifyVpcEndpointRefuses(t *testing.T) {
	n := newNetwork(t)
	again := n.subnet("10.0.3.0/24", "us-east-1a")
	e := n.endpoint(nil)
	id := e.VpcEndpointId
	var groups []string
	for _, name := range []string{"1", "2", "3", "4", "5"} {
		groups = append(groups, n.newGroup(name))
	}
	for name, c := range map[string]struct {
		edit          func(*modifyInput)
		code, message string
	}{
		"X109 a malformed id":      {func(in *modifyInput) { in.VpcEndpointId = "vpce-1" }, "InvalidVpcEndpointId.Malformed", `Invalid id: "vpce-1" (expecting "vpce-...")`},
		"X109 no such endpoint":    {func(in *modifyInput) { in.VpcEndpointId = "vpce-00000000" }, "InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id 'vpce-00000000' does not exist"},
		"X105 a zone anew":         {func(in *modifyInput) { in.AddSubnetIds, in.RemoveSubnetIds = []string{again}, []string{n.a} }, "DuplicateSubnetsInSameZone", "Found another VPC endpoint subnet in the availability zone of " + again},
		"X114 route tables":        {func(in *modifyInput) { in.AddRouteTableIds = []string{n.table} }, "InvalidParameter", "AddRouteTableId is not applicable to Interface VPC Endpoints."},
		"two words about a policy": {func(in *modifyInput) { in.ResetPolicy, in.PolicyDocument = true, new(onlyQueue) }, "InvalidParameterCombination", "The parameters ResetPolicy and PolicyDocument cannot be used together."},
		"X110 a bad policy":        {func(in *modifyInput) { in.PolicyDocument = new("[]") }, "InvalidPolicyDocument", "The policy document is not valid JSON."},
		"no group left":            {func(in *modifyInput) { in.RemoveSecurityGroupIds = []string{n.group} }, "InvalidParameter", "An endpoint of type Interface needs a security group."},
		"X069 six groups":          {func(in *modifyInput) { in.AddSecurityGroupIds = groups }, "SecurityGroupsPerInterfaceLimitExceeded", "The maximum number of security groups per interface has been reached."},
		"a group that it lacks":    {func(in *modifyInput) { in.RemoveSecurityGroupIds = groups[:1] }, "InvalidParameter", groups[0] + " is not associated with the endpoint " + id + "."},
		"a subnet that it lacks":   {func(in *modifyInput) { in.RemoveSubnetIds = []string{again} }, "InvalidParameter", again + " is not associated with the endpoint " + id + "."},
		"a subnet that is none":    {func(in *modifyInput) { in.AddSubnetIds = []string{"subnet-00000000"} }, "InvalidSubnetID.NotFound", "The subnet ID 'subnet-00000000' does not exist"},
		"a subnet less, of none":   {func(in *modifyInput) { in.RemoveSubnetIds = []string{"subnet-00000000"} }, "InvalidSubnetID.NotFound", "The subnet ID 'subnet-00000000' does not exist"},
		"a group that is none":     {func(in *modifyInput) { in.AddSecurityGroupIds = []string{"sg-00000000"} }, "InvalidGroup.NotFound", "The security group 'sg-00000000' does not exist"},
		"an address of a subnet": {func(in *modifyInput) {
			in.SubnetConfigurations = []ec2.SubnetConfiguration{{SubnetId: n.a, Ipv4: "10.0.1.9"}}
		}, "InvalidParameter", "The subnet " + n.a + " of a subnet configuration is not one of the subnets of the request."},
		"X108 S3's option":          {func(in *modifyInput) { in.DnsOptions = inbound(true) }, "InvalidParameter", "To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC " + n.vpc + " must have a Gateway endpoint for the service."},
		"IPv6":                      {func(in *modifyInput) { in.IpAddressType = "ipv6" }, "UnsupportedOperation", "The parameter IpAddressType is not supported."},
		"a group and a bad subnet":  {func(in *modifyInput) { in.AddSecurityGroupIds, in.AddSubnetIds = groups[:1], []string{again} }, "DuplicateSubnetsInSameZone", "Found another VPC endpoint subnet in the availability zone of " + again},
		"a policy and a bad subnet": {func(in *modifyInput) { in.PolicyDocument, in.RemoveSubnetIds = new(onlyQueue), []string{again} }, "InvalidParameter", again + " is not associated with the endpoint " + id + "."},
	} {
		t.Run(name, func(t *testing.T) {
			wantError(t, n.modify(id, c.edit), c.code, c.message)
		})
	}
	e.State = "available"
	if diff := cmp.Diff(*e, n.described(id)); diff != "" {
		t.Errorf("it was changed: %s", diff)
	}
	n.hostnames(false)
	if err := n.modify(id, func(in *modifyInput) { in.PolicyDocument = new(onlyQueue) }); err != nil {
		t.Errorf("X103: the names that it has are no matter: %v", err)
	}
	wantError(t, n.modify(id, func(in *modifyInput) { in.PrivateDnsEnabled = new(true) }), "InvalidParameter",
		"Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for "+n.vpc)
}

// A deleted endpoint is deleting, with what it had, and then there is none [X112] [X129].
func TestDeleteVpcEndpoints(t *testing.T) {
	n := newNetwork(t)
	made := n.endpoint(func(in *ec2.CreateVpcEndpointInput) { in.TagSpecifications = tags("vpc-endpoint", "Name", "queue") })
	id := made.VpcEndpointId
	out, err := n.DeleteVpcEndpoints(here, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{"vpce-00000000", id, id}})
	want := []ec2.UnsuccessfulItem{{ // [X111]
		Error:      &ec2.UnsuccessfulItemError{Code: "InvalidVpcEndpoint.NotFound", Message: "The Vpc Endpoint Id 'vpce-00000000' does not exist"},
		ResourceId: "vpce-00000000",
	}}
	if diff := cmp.Diff(want, must(t, out, err).Unsuccessful); diff != "" {
		t.Error(diff)
	}
	made.State = "deleting"
	if diff := cmp.Diff(*made, n.described(id)); diff != "" {
		t.Error(diff)
	}
	n.delete(id) // again
	wantError(t, n.modify(id, func(in *modifyInput) { in.ResetPolicy = true }), "InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id '"+id+"' does not exist")
	n.clock.Advance(time.Second)
	describe := func(in *ec2.DescribeVpcEndpointsInput) ([]ec2.VpcEndpoint, error) {
		out, err := n.DescribeVpcEndpoints(here, in)
		if err != nil {
			return nil, err
		}
		return out.VpcEndpoints, nil
	}
	_, err = describe(&ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{id}})
	wantError(t, err, "InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id '"+id+"' does not exist")
	if all, err := describe(&ec2.DescribeVpcEndpointsInput{}); err != nil || len(all) != 0 {
		t.Errorf("left: %v, %v", all, err)
	}
	out, err = n.DeleteVpcEndpoints(here, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{id}})
	if got := must(t, out, err).Unsuccessful; len(got) != 1 || got[0].ResourceId != id {
		t.Errorf("deleting what is gone: %v", got)
	}
	_, err = n.DeleteVpcEndpoints(here, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{"x"}})
	wantError(t, err, "InvalidVpcEndpointId.Malformed", `Invalid id: "x" (expecting "vpce-...")`)
}

// The filters of DescribeVpcEndpoints [X117], and its pages.
func TestDescribeVpcEndpoints(t *testing.T) {
	n := newNetwork(t)
	queue := n.endpoint(func(in *ec2.CreateVpcEndpointInput) { in.TagSpecifications = tags("vpc-endpoint", "Name", "queue") }).VpcEndpointId
	topic := n.endpoint(func(in *ec2.CreateVpcEndpointInput) { in.ServiceName = "com.amazonaws.us-east-1.sns" }).VpcEndpointId
	out, err := n.CreateVpcEndpoint(here, &ec2.CreateVpcEndpointInput{VpcId: n.vpc, ServiceName: s3})
	gateway := must(t, out, err).VpcEndpoint.VpcEndpointId
	gone := n.endpoint(func(in *ec2.CreateVpcEndpointInput) { in.ServiceName = "com.amazonaws.us-east-1.kms" }).VpcEndpointId
	n.delete(gone)
	names := map[string]string{queue: "queue", topic: "topic", gateway: "gateway", gone: "gone"}
	list := func(in *ec2.DescribeVpcEndpointsInput) (found map[string]bool, next string) {
		t.Helper()
		out, err := n.DescribeVpcEndpoints(here, in)
		found = map[string]bool{}
		for _, e := range must(t, out, err).VpcEndpoints {
			found[names[e.VpcEndpointId]] = true
		}
		return found, out.NextToken
	}
	for _, c := range []struct{ filter, value, want string }{
		{"ip-address-type", "ipv4", "queue topic gateway gone"},
		{"ip-address-type", "dualstack", ""},
		{"service-name", sqs, "queue"},
		{"service-region", region, "queue topic gateway gone"},
		{"tag:Name", "qu*", "queue"},
		{"tag-key", "Name", "queue"},
		{"vpc-id", n.vpc, "queue topic gateway gone"},
		{"vpc-id", "vpc-00000000", ""},
		{"vpc-endpoint-id", topic, "topic"},
		{"vpc-endpoint-state", "available", "queue topic gateway"},
		{"vpc-endpoint-state", "deleting", "gone"},
		{"vpc-endpoint-type", "Gateway", "gateway"},
	} {
		want := map[string]bool{}
		for _, name := range strings.Fields(c.want) {
			want[name] = true
		}
		got, _ := list(&ec2.DescribeVpcEndpointsInput{Filters: []ec2.Filter{filter(c.filter, c.value)}})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s %s: %s", c.filter, c.value, diff)
		}
	}
	seen := map[string]bool{}
	in := &ec2.DescribeVpcEndpointsInput{MaxResults: new(int32(3))}
	for {
		page, next := list(in)
		for name := range page {
			seen[name] = true
		}
		if in.NextToken = next; next == "" {
			break
		}
	}
	if len(seen) != 4 {
		t.Errorf("the pages have %v", seen)
	}
	if got, _ := list(&ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{topic, topic, gone}}); len(got) != 2 {
		t.Errorf("two by their ids: %v", got)
	}
	_, err = n.DescribeVpcEndpoints(here, &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{topic, "vpce-00000000"}})
	wantError(t, err, "InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id 'vpce-00000000' does not exist")
	if out, err := n.DescribeVpcEndpoints(at(other, region), &ec2.DescribeVpcEndpointsInput{}); len(must(t, out, err).VpcEndpoints) != 0 {
		t.Error("another account sees them")
	}
}
