package ec2_test

import (
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// Who may make, change and delete endpoints [X130] [X131] [X133] [X134].
func TestAuthorizationOfEndpoints(t *testing.T) {
	t.Parallel()
	s := servertest.New(t, server.Config{})
	create := func(form, pattern string) string {
		t.Helper()
		_, body := ask(s, form)
		return inBody(t, body, pattern)
	}
	const arns = "arn:aws:ec2:us-east-1:123456789012:"
	const queues, topics = "com.amazonaws.us-east-1.sqs", "com.amazonaws.us-east-1.sns"
	v := create("Action=CreateVpc&CidrBlock=10.0.0.0/16", "<vpcId>(.*?)</vpcId>")
	sn := create("Action=CreateSubnet&CidrBlock=10.0.1.0/24&VpcId="+v, "<subnetId>(.*?)</subnetId>")
	group := create("Action=CreateSecurityGroup&GroupName=web&GroupDescription=d&VpcId="+v, "<groupId>(.*?)</groupId>")
	table := create("Action=CreateRouteTable&VpcId="+v, "<routeTableId>(.*?)</routeTableId>")
	endpoint := func(service string) string {
		return create("Action=CreateVpcEndpoint&VpcEndpointType=Interface&PrivateDnsEnabled=false&ServiceName="+service+"&VpcId="+v+
			"&TagSpecification.1.ResourceType=vpc-endpoint&TagSpecification.1.Tag.1.Key=team&TagSpecification.1.Tag.1.Value=shop", "<vpcEndpointId>(.*?)</vpcEndpointId>")
	}
	queue, topic := endpoint(queues), endpoint(topics)
	type params = map[string]any
	made := func(more params) params {
		p := params{"VpcId": v, "ServiceName": queues, "VpcEndpointType": "Interface", "PrivateDnsEnabled": false}
		for k, v := range more {
			p[k] = v
		}
		return p
	}
	allow := func(actions, resources, condition string) string {
		return `{"Effect":"Allow","Action":` + actions + `,"Resource":` + resources + `,"Condition":{` + condition + `}}`
	}
	newEndpoint, ofVPC := `"`+arns+`vpc-endpoint/*"`, `"`+arns+`vpc/`+v+`"`
	tagged := []params{{"ResourceType": "vpc-endpoint", "Tags": []params{{"Key": "team", "Value": "shop"}}}}
	for i, test := range []struct {
		name, statements, action string
		params                   params
		denied                   string // the part of the message after "to perform: "; empty: it is allowed
	}{
		{"X130 endpoint and VPC", allow(`"ec2:CreateVpcEndpoint"`, `[`+newEndpoint+`,`+ofVPC+`]`, ""), "CreateVpcEndpoint", made(nil), ""},
		{"X130 not the VPC", allow(`"ec2:CreateVpcEndpoint"`, newEndpoint, ""), "CreateVpcEndpoint", made(nil), "ec2:CreateVpcEndpoint on resource: " + arns + "vpc/" + v + " because"},
		{"X130 not the endpoint", allow(`"ec2:CreateVpcEndpoint"`, ofVPC, ""), "CreateVpcEndpoint", made(nil), "ec2:CreateVpcEndpoint on resource: " + arns + "vpc-endpoint/* because"},
		{"X130 not the subnet", allow(`"ec2:CreateVpcEndpoint"`, `[`+newEndpoint+`,`+ofVPC+`]`, ""), "CreateVpcEndpoint", made(params{"SubnetIds": []string{sn}}), "ec2:CreateVpcEndpoint on resource: " + arns + "subnet/" + sn},
		{"X130 not the group", allow(`"ec2:CreateVpcEndpoint"`, `[`+newEndpoint+`,`+ofVPC+`]`, ""), "CreateVpcEndpoint", made(params{"SecurityGroupIds": []string{group}}), "ec2:CreateVpcEndpoint on resource: " + arns + "security-group/" + group},
		{"X130 not the table", allow(`"ec2:CreateVpcEndpoint"`, `[`+newEndpoint+`,`+ofVPC+`]`, ""), "CreateVpcEndpoint", params{"VpcId": v, "ServiceName": s3, "RouteTableIds": []string{table}}, "ec2:CreateVpcEndpoint on resource: " + arns + "route-table/" + table},
		{"X130 all of it", allow(`"ec2:CreateVpcEndpoint"`, `[`+newEndpoint+`,`+ofVPC+`,"`+arns+`subnet/*","`+arns+`security-group/*"]`, ""), "CreateVpcEndpoint", made(params{"SubnetIds": []string{sn}, "SecurityGroupIds": []string{group}}), ""},
		{"X131 the service", allow(`"ec2:CreateVpcEndpoint"`, newEndpoint, `"StringEquals":{"ec2:VpceServiceName":"`+queues+`","ec2:VpceServiceOwner":"amazon","ec2:VpceServiceRegion":"us-east-1"}`) + "," + allow(`"ec2:CreateVpcEndpoint"`, ofVPC, ""), "CreateVpcEndpoint", made(nil), ""},
		{"X131 another service", allow(`"ec2:CreateVpcEndpoint"`, `"*"`, `"StringEqualsIfExists":{"ec2:VpceServiceName":"`+topics+`"}`), "CreateVpcEndpoint", made(nil), "ec2:CreateVpcEndpoint on resource: " + arns + "vpc-endpoint/*"},
		{"X134 tags", allow(`"ec2:CreateVpcEndpoint"`, `"*"`, ""), "CreateVpcEndpoint", made(params{"TagSpecifications": tagged}), "ec2:CreateTags on resource: " + arns + "vpc-endpoint/*"},
		{"X134 tags for the endpoint", allow(`"ec2:CreateVpcEndpoint"`, `"*"`, "") + "," + allow(`"ec2:CreateTags"`, newEndpoint, `"StringEquals":{"ec2:CreateAction":"CreateVpcEndpoint","aws:RequestTag/team":"shop"}`), "CreateVpcEndpoint", made(params{"TagSpecifications": tagged}), ""},
		{"X133 change", allow(`"ec2:ModifyVpcEndpoint"`, `"`+arns+`vpc-endpoint/`+queue+`"`, ""), "ModifyVpcEndpoint", params{"VpcEndpointId": queue, "AddSubnetIds": []string{sn}}, ""},
		{"X133 change another", allow(`"ec2:ModifyVpcEndpoint"`, `"`+arns+`vpc-endpoint/`+queue+`"`, ""), "ModifyVpcEndpoint", params{"VpcEndpointId": topic, "ResetPolicy": true}, "ec2:ModifyVpcEndpoint on resource: " + arns + "vpc-endpoint/" + topic},
		{"X133 the policy", allow(`"ec2:ModifyVpcEndpoint"`, `"*"`, `"StringEquals":{"ec2:Attribute":["PolicyDocument","ResetPolicy"],"ec2:VpceServiceName":"`+queues+`"}`), "ModifyVpcEndpoint", params{"VpcEndpointId": queue, "ResetPolicy": true}, ""},
		{"X133 more than the policy", allow(`"ec2:ModifyVpcEndpoint"`, `"*"`, `"StringEquals":{"ec2:Attribute":["PolicyDocument","ResetPolicy"]}`), "ModifyVpcEndpoint", params{"VpcEndpointId": queue, "ResetPolicy": true, "RemoveSubnetIds": []string{sn}}, "ec2:ModifyVpcEndpoint on resource: " + arns + "vpc-endpoint/" + queue},
		{"X131 by tag", allow(`"ec2:ModifyVpcEndpoint"`, `"*"`, `"StringEquals":{"aws:ResourceTag/team":"shop"}`), "ModifyVpcEndpoint", params{"VpcEndpointId": queue, "ResetPolicy": true}, ""},
		{"X133 delete", allow(`"ec2:DeleteVpcEndpoints"`, `"*"`, `"StringEquals":{"ec2:VpceServiceName":"`+topics+`"}`), "DeleteVpcEndpoints", params{"VpcEndpointIds": []string{topic}}, ""},
		{"X133 delete two", allow(`"ec2:DeleteVpcEndpoints"`, `"`+arns+`vpc-endpoint/`+topic+`"`, ""), "DeleteVpcEndpoints", params{"VpcEndpointIds": []string{topic, queue}}, "ec2:DeleteVpcEndpoints on resource: " + arns + "vpc-endpoint/" + queue},
		{"X135 lists", allow(`["ec2:DescribeVpcEndpoints","ec2:DescribePrefixLists","ec2:DescribeVpcEndpointServices"]`, newEndpoint, ""), "DescribeVpcEndpoints", params{}, "ec2:DescribeVpcEndpoints because"},
	} {
		t.Run(test.name, func(t *testing.T) {
			name := "e" + string(rune('a'+i))
			wantDecision(t, s, name, test.statements, test.action, test.params, test.denied)
		})
	}
}

// What answers about endpoints look like on the wire [X094] [X095] [X111].
func TestEndpointsOnTheWire(t *testing.T) {
	t.Parallel()
	s := servertest.New(t, server.Config{})
	_, vpcs := ask(s, "Action=DescribeVpcs")
	v := inBody(t, vpcs, "<vpcId>(.*?)</vpcId>")
	status, body := ask(s, "Action=CreateVpcEndpoint&VpcEndpointType=Interface&ServiceName=com.amazonaws.us-east-1.sqs&ClientToken=t&VpcId="+v)
	id := inBody(t, body, "<vpcEndpointId>(.*?)</vpcEndpointId>")
	servertest.WantAnswer(t, status, body, 200, "<state>pending</state>")
	servertest.WantAnswer(t, status, body, 200, "<clientToken>t</clientToken>")
	status, body = ask(s, "Action=DescribeVpcEndpoints&VpcEndpointId.1="+id)
	for _, part := range []string{
		"<vpcEndpointSet><item>", "<state>available</state>", "<routeTableIdSet/>", "<subnetIdSet/>", "<networkInterfaceIdSet/>",
		"<groupSet><item><groupId>sg-", "<groupName>default</groupName>", "<dnsOptions><dnsRecordIpType>ipv4</dnsRecordIpType></dnsOptions>",
		"<dnsEntrySet><item><dnsName>" + id + "-", "<hostedZoneId>Z", "<creationTimestamp>", "<tagSet/>", "<requesterManaged>false</requesterManaged>",
		"<policyDocument>{&quot;Statement&quot;", "<serviceRegion>us-east-1</serviceRegion>",
	} {
		servertest.WantAnswer(t, status, body, 200, part)
	}
	status, body = ask(s, "Action=ModifyVpcEndpoint&VpcEndpointId="+id+"&ResetPolicy=true")
	servertest.WantAnswer(t, status, body, 200, "<return>true</return></ModifyVpcEndpointResponse>")
	status, body = ask(s, "Action=DeleteVpcEndpoints&VpcEndpointId.1="+id+"&VpcEndpointId.2=vpce-00000000")
	servertest.WantAnswer(t, status, body, 200, "<unsuccessful><item><error><code>InvalidVpcEndpoint.NotFound</code><message>The Vpc Endpoint Id 'vpce-00000000' does not exist</message></error><resourceId>vpce-00000000</resourceId></item></unsuccessful>")
	status, body = ask(s, "Action=DescribeVpcEndpoints&VpcEndpointId.1="+id)
	servertest.WantAnswer(t, status, body, 200, "<state>deleting</state>")
	status, body = ask(s, "Action=DescribePrefixLists&Filter.1.Name=prefix-list-name&Filter.1.Value.1=com.amazonaws.us-east-1.s3")
	servertest.WantAnswer(t, status, body, 200, "<prefixListSet><item><cidrSet><item>192.0.2.0/24</item></cidrSet><prefixListId>pl-63a5400a</prefixListId>")
	status, body = ask(s, "Action=CreateVpcEndpoint&ServiceName=com.amazonaws.us-east-1.sqs")
	servertest.WantAnswer(t, status, body, 400, "<Code>MissingParameter</Code><Message>The request must contain the parameter VpcId</Message>")
	status, body = ask(s, "Action=CreateVpcEndpoint&VpcEndpointType=interface&ServiceName=com.amazonaws.us-east-1.sqs&VpcId="+v)
	servertest.WantAnswer(t, status, body, 400, "<Code>InvalidParameterValue</Code>")
}
