package provision_test

import (
	"strings"
	"testing"
)

// described is the one thing that a describing call finds by its id.
func (w *world) described(operation, list string, in map[string]any) map[string]any {
	w.t.Helper()
	items := w.ask("ec2", operation, in)[list].([]any)
	if len(items) != 1 {
		w.t.Fatalf("%s finds %v", operation, items)
	}
	return items[0].(map[string]any)
}

// systemTags are CloudFormation's own, and one of the stack's.
func systemTags(team string) map[string]string {
	return map[string]string{"aws:cloudformation:stack-name": "stack", "team": team}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.createTagged("AWS::EC2::VPC", "Net", `{"CidrBlock":"10.1.0.0/16","EnableDnsHostnames":true}`, systemTags("a"))
	vpc := func() map[string]any {
		return w.described("DescribeVpcs", "vpcSet", in{"VpcIds": []string{v.PhysicalID}})
	}
	wants(t, v.get("VpcId"), v.PhysicalID)
	wants(t, v.get("CidrBlock"), "10.1.0.0/16")
	wants(t, v.get("Ipv6CidrBlocks"), "[]")
	if !strings.HasPrefix(v.get("CidrBlockAssociations"), `["vpc-cidr-assoc-`) || !strings.HasPrefix(v.get("DefaultNetworkAcl"), "acl-") || !strings.HasPrefix(v.get("DefaultSecurityGroup"), "sg-") {
		t.Errorf("%s, %s, %s", v.get("CidrBlockAssociations"), v.get("DefaultNetworkAcl"), v.get("DefaultSecurityGroup"))
	}
	attribute := func(name string) any {
		out := w.ask("ec2", "DescribeVpcAttribute", in{"VpcId": v.PhysicalID, "Attribute": strings.ToLower(name[:1]) + name[1:]})
		return within(out, name)["Value"]
	}
	if attribute("EnableDnsHostnames") != true || attribute("EnableDnsSupport") != true {
		t.Errorf("DNS: %v, %v", attribute("EnableDnsHostnames"), attribute("EnableDnsSupport"))
	}
	wants(t, names(vpc(), "tagSet", "Value"), "a stack")
	v.updateTagged(`{"CidrBlock":"10.1.0.0/16","EnableDnsSupport":false}`, map[string]string{"team": "b"})
	if attribute("EnableDnsHostnames") == true || attribute("EnableDnsSupport") == true {
		t.Errorf("DNS: %v, %v", attribute("EnableDnsHostnames"), attribute("EnableDnsSupport"))
	}
	wants(t, names(vpc(), "tagSet", "Value"), "b")
	if reason := v.cannotUpdate(`{"CidrBlock":"10.1.0.0/16","InstanceTenancy":"dedicated"}`); !strings.Contains(reason, "NotUpdatable") {
		t.Error(reason)
	}
	if reason := w.refuses("AWS::EC2::VPC", "Ipam", `{"Ipv4IpamPoolId":"ipam-pool-1","Ipv4NetmaskLength":24}`); !strings.Contains(reason, "Ipv4IpamPoolId") {
		t.Error(reason)
	}

	s := w.createTagged("AWS::EC2::Subnet", "Sub", `{"VpcId":"`+v.PhysicalID+`","CidrBlock":"10.1.1.0/24","AvailabilityZone":"us-east-1b","MapPublicIpOnLaunch":true,
		"PrivateDnsNameOptionsOnLaunch":{"HostnameType":"resource-name","EnableResourceNameDnsARecord":true}}`, systemTags("a"))
	for attribute, want := range map[string]string{
		"SubnetId": s.PhysicalID, "VpcId": v.PhysicalID, "AvailabilityZone": "us-east-1b", "CidrBlock": "10.1.1.0/24", "Ipv6CidrBlocks": "[]", "OutpostArn": "",
	} {
		wants(t, s.get(attribute), want)
	}
	if !strings.HasPrefix(s.get("NetworkAclAssociationId"), "aclassoc-") || !strings.HasPrefix(s.get("AvailabilityZoneId"), "use1-az") {
		t.Errorf("%s, %s", s.get("NetworkAclAssociationId"), s.get("AvailabilityZoneId"))
	}
	subnet := func() map[string]any {
		return w.described("DescribeSubnets", "subnetSet", in{"SubnetIds": []string{s.PhysicalID}})
	}
	has(t, subnet(), "MapPublicIpOnLaunch", `true`)
	has(t, subnet(), "PrivateDnsNameOptionsOnLaunch", `{"EnableResourceNameDnsAAAARecord":false,"EnableResourceNameDnsARecord":true,"HostnameType":"resource-name"}`)
	s.updateTagged(`{"VpcId":"`+v.PhysicalID+`","CidrBlock":"10.1.1.0/24","AvailabilityZone":"us-east-1b"}`, systemTags("b"))
	has(t, subnet(), "MapPublicIpOnLaunch", `false`)
	has(t, subnet(), "PrivateDnsNameOptionsOnLaunch", `{"EnableResourceNameDnsAAAARecord":false,"EnableResourceNameDnsARecord":false,"HostnameType":"ip-name"}`)
	wants(t, names(subnet(), "tagSet", "Value"), "b stack")

	r := w.createTagged("AWS::EC2::RouteTable", "Table", `{"VpcId":"`+v.PhysicalID+`"}`, systemTags("a"))
	wants(t, r.get("RouteTableId"), r.PhysicalID)
	r.updateTagged(`{"VpcId":"`+v.PhysicalID+`"}`, systemTags("b"))
	wants(t, names(w.described("DescribeRouteTables", "routeTableSet", in{"RouteTableIds": []string{r.PhysicalID}}), "tagSet", "Value"), "b stack")
	a := w.create("AWS::EC2::SubnetRouteTableAssociation", "Association", `{"RouteTableId":"`+r.PhysicalID+`","SubnetId":"`+s.PhysicalID+`"}`)
	wants(t, a.get("Id"), a.PhysicalID)
	if err := w.handler(r.Type).Delete(t.Context(), r.Job); err == nil {
		t.Error("a table that a subnet has is deleted")
	}
	a.delete()
	r.delete()
	if err := w.handler(v.Type).Delete(t.Context(), v.Job); err == nil {
		t.Error("a VPC with a subnet is deleted")
	}
	s.delete()
	v.delete()
	w.lacks("ec2", "DescribeVpcs", in{"VpcIds": []string{v.PhysicalID}})
}

// rules are those of a group, each in one line.
func (w *world) rules(group string) string {
	w.t.Helper()
	var all []any
	for _, rule := range w.ask("ec2", "DescribeSecurityGroupRules", in{"Filters": []any{in{"Name": "group-id", "Values": []string{group}}}})["securityGroupRuleSet"].([]any) {
		r := rule.(map[string]any)
		line := "in"
		if r["IsEgress"] == true {
			line = "out"
		}
		for _, member := range []string{"IpProtocol", "CidrIpv4", "CidrIpv6", "PrefixListId", "Description"} {
			if s, _ := r[member].(string); s != "" {
				line += "," + s
			}
		}
		if other, _ := within(r, "ReferencedGroupInfo")["GroupId"].(string); other != "" {
			line += ",group"
		}
		all = append(all, line)
	}
	return names(in{"rules": all}, "rules", "")
}

func TestSecurityGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.create("AWS::EC2::VPC", "Net", `{"CidrBlock":"10.1.0.0/16"}`)
	vpc := `"VpcId":"` + v.PhysicalID + `","GroupDescription":"d"`
	other := w.create("AWS::EC2::SecurityGroup", "Other", `{`+vpc+`}`)
	wants(t, w.rules(other.PhysicalID), "out,-1,0.0.0.0/0")
	g := w.createTagged("AWS::EC2::SecurityGroup", "Group", `{`+vpc+`,"SecurityGroupIngress":[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"CidrIp":"10.0.0.0/8","Description":"web"},
		{"IpProtocol":6,"FromPort":"80","ToPort":80,"SourceSecurityGroupId":"`+other.PhysicalID+`"},{"IpProtocol":"-1","CidrIpv6":"::/0"}],
		"SecurityGroupEgress":[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"DestinationPrefixListId":"pl-63a5400a"}]}`, systemTags("a"))
	for _, attribute := range []string{"Id", "GroupId"} {
		wants(t, g.get(attribute), g.PhysicalID)
	}
	wants(t, g.get("VpcId"), v.PhysicalID)
	wants(t, w.rules(g.PhysicalID), "in,-1,::/0 in,tcp,10.0.0.0/8,web in,tcp,group out,tcp,pl-63a5400a")
	shown := w.described("DescribeSecurityGroups", "securityGroupInfo", in{"GroupIds": []string{g.PhysicalID}})
	has(t, shown, "GroupName", `"stack-Group-Token0000003"`)
	wants(t, names(shown, "tagSet", "Value"), "a stack")

	g.updateTagged(`{`+vpc+`,"SecurityGroupIngress":[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"CidrIp":"10.0.0.0/8"},{"IpProtocol":"udp","FromPort":53,"ToPort":53,"CidrIp":"10.0.0.0/8"}]}`, systemTags("b"))
	wants(t, w.rules(g.PhysicalID), "in,tcp,10.0.0.0/8 in,udp,10.0.0.0/8 out,-1,0.0.0.0/0")

	one := w.create("AWS::EC2::SecurityGroupIngress", "One", `{"GroupId":"`+other.PhysicalID+`","IpProtocol":"tcp","FromPort":22,"ToPort":22,"SourceSecurityGroupId":"`+g.PhysicalID+`","Description":"ssh"}`)
	out := w.create("AWS::EC2::SecurityGroupEgress", "Out", `{"GroupId":"`+other.PhysicalID+`","IpProtocol":"tcp","FromPort":22,"ToPort":22,"DestinationSecurityGroupId":"`+g.PhysicalID+`"}`)
	wants(t, w.rules(other.PhysicalID), "in,tcp,ssh,group out,-1,0.0.0.0/0 out,tcp,group")
	if wants(t, one.get("Id"), one.PhysicalID); !strings.HasPrefix(one.PhysicalID, "sgr-") {
		t.Error(one.PhysicalID)
	}
	one.update(`{"GroupId":"` + other.PhysicalID + `","IpProtocol":"tcp","FromPort":22,"ToPort":22,"SourceSecurityGroupId":"` + g.PhysicalID + `","Description":"SSH"}`)
	wants(t, w.rules(other.PhysicalID), "in,tcp,SSH,group out,-1,0.0.0.0/0 out,tcp,group")
	one.delete()
	out.delete()
	wants(t, w.rules(other.PhysicalID), "out,-1,0.0.0.0/0")
	g.delete()
	other.delete()
	w.lacks("ec2", "DescribeSecurityGroups", in{"GroupIds": []string{g.PhysicalID}})
}

func TestVPCEndpoint(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.create("AWS::EC2::VPC", "Net", `{"CidrBlock":"10.1.0.0/16","EnableDnsHostnames":true}`)
	a := w.create("AWS::EC2::Subnet", "A", `{"VpcId":"`+v.PhysicalID+`","CidrBlock":"10.1.1.0/24","AvailabilityZone":"us-east-1a"}`)
	b := w.create("AWS::EC2::Subnet", "B", `{"VpcId":"`+v.PhysicalID+`","CidrBlock":"10.1.2.0/24","AvailabilityZone":"us-east-1b"}`)
	g := w.create("AWS::EC2::SecurityGroup", "G", `{"VpcId":"`+v.PhysicalID+`","GroupDescription":"d"}`)
	base := `"VpcId":"` + v.PhysicalID + `","ServiceName":"com.amazonaws.us-east-1.sqs","VpcEndpointType":"Interface"`
	policy := `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"}]}`
	e := w.createTagged("AWS::EC2::VPCEndpoint", "Endpoint", `{`+base+`,"SubnetIds":["`+a.PhysicalID+`"],"PrivateDnsEnabled":true,"PolicyDocument":`+policy+`}`, systemTags("a"))
	shown := func() map[string]any {
		return w.described("DescribeVpcEndpoints", "vpcEndpointSet", in{"VpcEndpointIds": []string{e.PhysicalID}})
	}
	wants(t, e.get("Id"), e.PhysicalID)
	if !strings.HasSuffix(e.get("CreationTimestamp"), "Z") || strings.Count(e.get("NetworkInterfaceIds"), "eni-") != 1 {
		t.Errorf("%s, %s", e.get("CreationTimestamp"), e.get("NetworkInterfaceIds"))
	}
	if entries := e.get("DnsEntries"); !strings.HasPrefix(entries, `["Z`) || !strings.Contains(entries, ":sqs.us-east-1.amazonaws.com") {
		t.Error(entries)
	}
	has(t, shown(), "PolicyDocument", `"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sqs:*\",\"Resource\":\"*\"}]}"`)
	wants(t, names(shown(), "tagSet", "Value"), "a stack")

	e.updateTagged(`{`+base+`,"SubnetIds":["`+b.PhysicalID+`"],"SecurityGroupIds":["`+g.PhysicalID+`"],"PrivateDnsEnabled":false}`, systemTags("b"))
	wants(t, names(shown(), "subnetIdSet", ""), b.PhysicalID)
	if groups := names(shown(), "groupSet", "GroupId"); !strings.Contains(groups, g.PhysicalID) {
		t.Error(groups)
	}
	if text := shown()["PolicyDocument"].(string); strings.Contains(text, "sqs") {
		t.Error(text)
	}
	if entries := e.get("DnsEntries"); strings.Contains(entries, ":sqs.us-east-1.amazonaws.com") {
		t.Error(entries)
	}
	wants(t, names(shown(), "tagSet", "Value"), "b stack")
	e.delete()

	table := w.create("AWS::EC2::RouteTable", "Table", `{"VpcId":"`+v.PhysicalID+`"}`)
	gateway := w.create("AWS::EC2::VPCEndpoint", "Gateway", `{"VpcId":"`+v.PhysicalID+`","ServiceName":"com.amazonaws.us-east-1.s3","RouteTableIds":["`+table.PhysicalID+`"]}`)
	wants(t, gateway.get("DnsEntries"), "[]")
	gateway.update(`{"VpcId":"` + v.PhysicalID + `","ServiceName":"com.amazonaws.us-east-1.s3"}`)
	if tables := names(w.described("DescribeVpcEndpoints", "vpcEndpointSet", in{"VpcEndpointIds": []string{gateway.PhysicalID}}), "routeTableIdSet", ""); tables != "" {
		t.Error(tables)
	}
	gateway.delete()
}
