package ec2_test

import (
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// Who may do what with security groups, their rules and route tables [X132] [X134] [X135].
func TestAuthorizationOfGroupsAndTables(t *testing.T) {
	t.Parallel()
	s := servertest.New(t, server.Config{})
	create := func(form, pattern string) string {
		t.Helper()
		_, body := ask(s, form)
		return inBody(t, body, pattern)
	}
	const arns = "arn:aws:ec2:us-east-1:123456789012:"
	const tag = "&TagSpecification.1.Tag.1.Key=team&TagSpecification.1.Tag.1.Value=shop&TagSpecification.1.ResourceType="
	v := create("Action=CreateVpc&CidrBlock=10.0.0.0/16", "<vpcId>(.*?)</vpcId>")
	sn := create("Action=CreateSubnet&CidrBlock=10.0.1.0/24&VpcId="+v, "<subnetId>(.*?)</subnetId>")
	web := create("Action=CreateSecurityGroup&GroupName=web&GroupDescription=d&VpcId="+v+tag+"security-group", "<groupId>(.*?)</groupId>")
	lambda := create("Action=CreateSecurityGroup&GroupName=lambda&GroupDescription=d&VpcId="+v, "<groupId>(.*?)</groupId>")
	rule := create("Action=AuthorizeSecurityGroupIngress&IpProtocol=tcp&FromPort=443&ToPort=443&CidrIp=10.0.0.0/16&GroupId="+web, "<securityGroupRuleId>(.*?)</securityGroupRuleId>")
	table := create("Action=CreateRouteTable&VpcId="+v, "<routeTableId>(.*?)</routeTableId>")
	joined := create("Action=AssociateRouteTable&SubnetId="+sn+"&RouteTableId="+table, "<associationId>(.*?)</associationId>")
	type params = map[string]any
	tcp := []params{{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": []params{{"CidrIp": "10.0.0.0/16"}}}}
	tagged := func(kind string) []params {
		return []params{{"ResourceType": kind, "Tags": []params{{"Key": "team", "Value": "shop"}}}}
	}
	allow := func(action, resource, condition string) string {
		return `{"Effect":"Allow","Action":` + action + `,"Resource":` + resource + `,"Condition":{` + condition + `}}`
	}
	group, newGroup, newRule := `"`+arns+`security-group/`+web+`"`, `"`+arns+`security-group/*"`, `"`+arns+`security-group-rule/*"`
	for i, test := range []struct {
		name, statements, action string
		params                   params
		denied                   string // the part of the message after "to perform: "; empty: it is allowed
	}{
		{"a new group", allow(`"ec2:CreateSecurityGroup"`, newGroup, ""), "CreateSecurityGroup", params{"GroupName": "a", "Description": "d"}, ""},
		{"in a VPC", allow(`"ec2:CreateSecurityGroup"`, newGroup, ""), "CreateSecurityGroup", params{"GroupName": "b", "Description": "d", "VpcId": v}, "ec2:CreateSecurityGroup on resource: " + arns + "vpc/" + v},
		{"in the VPC", allow(`"ec2:CreateSecurityGroup"`, `"*"`, `"StringEqualsIfExists":{"ec2:VpcID":"`+v+`"}`), "CreateSecurityGroup", params{"GroupName": "b", "Description": "d", "VpcId": v}, ""},
		{"X134 a new group with tags", allow(`"ec2:CreateSecurityGroup"`, `"*"`, ""), "CreateSecurityGroup", params{"GroupName": "c", "Description": "d", "TagSpecifications": tagged("security-group")}, "ec2:CreateTags on resource: " + arns + "security-group/*"},
		{"the group", allow(`"ec2:AuthorizeSecurityGroupIngress"`, group, ""), "AuthorizeSecurityGroupIngress", params{"GroupId": web, "IpPermissions": tcp}, ""},
		{"another group", allow(`"ec2:AuthorizeSecurityGroupIngress"`, group, ""), "AuthorizeSecurityGroupIngress", params{"GroupId": lambda, "IpPermissions": tcp}, "ec2:AuthorizeSecurityGroupIngress on resource: " + arns + "security-group/" + lambda + " because"},
		{"egress is another action", allow(`"ec2:AuthorizeSecurityGroupIngress"`, group, ""), "AuthorizeSecurityGroupEgress", params{"GroupId": web, "IpPermissions": tcp}, "ec2:AuthorizeSecurityGroupEgress on"},
		{"X132 by id", allow(`"ec2:RevokeSecurityGroupIngress"`, `"*"`, `"StringEquals":{"ec2:SecurityGroupID":"`+web+`"}`), "RevokeSecurityGroupIngress", params{"GroupId": web, "IpPermissions": tcp}, ""},
		{"X132 by VPC", allow(`"ec2:*"`, `"*"`, `"ArnEquals":{"ec2:Vpc":"`+arns+`vpc/`+v+`"}`), "AuthorizeSecurityGroupEgress", params{"GroupId": web, "IpPermissions": tcp}, ""},
		{"X132 by another VPC", allow(`"ec2:*"`, `"*"`, `"ArnEquals":{"ec2:Vpc":"`+arns+`vpc/vpc-12345678"}`), "DeleteSecurityGroup", params{"GroupId": web}, "ec2:DeleteSecurityGroup on"},
		{"by tag", allow(`"ec2:*"`, `"*"`, `"StringEquals":{"aws:ResourceTag/team":"shop"}`), "RevokeSecurityGroupEgress", params{"GroupId": web, "IpPermissions": tcp}, ""},
		{"by the tag's older key", allow(`"ec2:*"`, `"*"`, `"StringEquals":{"ec2:ResourceTag/team":"shop"}`), "AuthorizeSecurityGroupEgress", params{"GroupId": web, "IpPermissions": tcp}, ""},
		{"without the tag", allow(`"ec2:*"`, `"*"`, `"StringEquals":{"ec2:ResourceTag/team":"shop"}`), "DeleteSecurityGroup", params{"GroupId": lambda}, "ec2:DeleteSecurityGroup on"},
		{"no such group", allow(`"ec2:*"`, group, ""), "DeleteSecurityGroup", params{"GroupId": "sg-12345678"}, "ec2:DeleteSecurityGroup on resource: " + arns + "security-group/sg-12345678"},
		{"rules with tags", allow(`"ec2:AuthorizeSecurityGroupIngress"`, group, ""), "AuthorizeSecurityGroupIngress", params{"GroupId": web, "IpPermissions": tcp, "TagSpecifications": tagged("security-group-rule")}, "ec2:AuthorizeSecurityGroupIngress on resource: " + arns + "security-group-rule/*"},
		{
			"X134 rules with tags", allow(`"ec2:AuthorizeSecurityGroupIngress"`, `[`+group+`,`+newRule+`]`, "") + "," +
				allow(`"ec2:CreateTags"`, newRule, `"StringEquals":{"ec2:CreateAction":"AuthorizeSecurityGroupIngress","aws:RequestTag/team":"shop"}`),
			"AuthorizeSecurityGroupIngress", params{"GroupId": web, "IpPermissions": tcp, "TagSpecifications": tagged("security-group-rule")}, "",
		},
		{
			"a rule needs its own", allow(`"ec2:ModifySecurityGroupRules"`, group, ""), "ModifySecurityGroupRules",
			params{"GroupId": web, "SecurityGroupRules": []params{{"SecurityGroupRuleId": rule, "SecurityGroupRule": params{"IpProtocol": "-1", "CidrIpv4": "10.0.0.0/16"}}}},
			"ec2:ModifySecurityGroupRules on resource: " + arns + "security-group-rule/" + rule,
		},
		{
			"group and rule", allow(`"ec2:ModifySecurityGroupRules"`, `[`+group+`,`+newRule+`]`, ""), "ModifySecurityGroupRules",
			params{"GroupId": web, "SecurityGroupRules": []params{{"SecurityGroupRuleId": rule, "SecurityGroupRule": params{"IpProtocol": "-1", "CidrIpv4": "10.0.0.0/16"}}}}, "",
		},
		{"descriptions", allow(`"ec2:UpdateSecurityGroupRuleDescriptionsIngress"`, group, ""), "UpdateSecurityGroupRuleDescriptionsIngress", params{"GroupId": web, "SecurityGroupRuleDescriptions": []params{{"SecurityGroupRuleId": rule, "Description": "d"}}}, ""},
		{"X135 lists of groups", allow(`"ec2:DescribeSecurityGroups"`, newGroup, ""), "DescribeSecurityGroups", params{}, "ec2:DescribeSecurityGroups because"},
		{"X135 lists of interfaces", allow(`"ec2:DescribeNetworkInterfaces"`, `"*"`, ""), "DescribeNetworkInterfaces", params{}, ""},
		{"a new table", allow(`"ec2:CreateRouteTable"`, `["`+arns+`route-table/*"]`, ""), "CreateRouteTable", params{"VpcId": v}, "ec2:CreateRouteTable on resource: " + arns + "vpc/" + v},
		{"X132 a table", allow(`"ec2:DeleteRouteTable"`, `"*"`, `"StringEquals":{"ec2:RouteTableID":"`+table+`x"}`), "DeleteRouteTable", params{"RouteTableId": table}, "ec2:DeleteRouteTable on"},
		{"a table without the subnet", allow(`"ec2:AssociateRouteTable"`, `"`+arns+`route-table/*"`, ""), "AssociateRouteTable", params{"RouteTableId": table, "SubnetId": sn}, "ec2:AssociateRouteTable on resource: " + arns + "subnet/" + sn},
		{"an association without the subnet", allow(`"ec2:DisassociateRouteTable"`, `"`+arns+`route-table/`+table+`"`, ""), "DisassociateRouteTable", params{"AssociationId": joined}, "ec2:DisassociateRouteTable on resource: " + arns + "subnet/" + sn},
		{"no such association", allow(`"ec2:DisassociateRouteTable"`, `"`+arns+`subnet/*"`, ""), "DisassociateRouteTable", params{"AssociationId": "rtbassoc-12345678"}, "ec2:DisassociateRouteTable on resource: " + arns + "route-table/*"},
		{"table and subnet", allow(`"ec2:DisassociateRouteTable"`, `"*"`, `"ArnEquals":{"ec2:Vpc":"`+arns+`vpc/`+v+`"}`), "DisassociateRouteTable", params{"AssociationId": joined}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			name := "g" + string(rune('a'+i))
			wantDecision(t, s, name, test.statements, test.action, test.params, test.denied)
		})
	}
}

// Whether a security group exists, only who is allowed the call learns.
func TestGroupsHiddenFromOthers(t *testing.T) {
	t.Parallel()
	s := servertest.New(t, server.Config{})
	user := as(t, s, "u", `{"Effect":"Allow","Action":"ec2:DeleteSecurityGroup","Resource":"*"}`)
	status, answer := servertest.TryAs(t, s, user, "ec2:DeleteSecurityGroup", map[string]any{"GroupId": "sg-12345678"})
	if status != 400 || answer["code"] != "InvalidGroup.NotFound" {
		t.Errorf("%d %v", status, answer)
	}
}
