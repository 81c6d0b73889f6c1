package ec2_test

import (
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// How security groups, route tables and interfaces look on the wire.
func TestGroupsOnTheWire(t *testing.T) {
	t.Parallel()
	s := servertest.New(t, server.Config{})
	_, made := ask(s, "Action=CreateSecurityGroup&GroupName=web&GroupDescription=Web+servers")
	id := inBody(t, made, "<groupId>(.*?)</groupId>")
	for _, test := range []struct {
		name, form string
		status     int
		want       string
	}{
		{"X006 permissions", "Action=AuthorizeSecurityGroupIngress&GroupId=" + id + "&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=443&IpPermissions.1.ToPort=444" +
			"&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/8&IpPermissions.1.IpRanges.1.Description=a&IpPermissions.1.Ipv6Ranges.1.CidrIpv6=::/0&IpPermissions.1.Groups.1.GroupId=" + id, 200, "<return>true</return><securityGroupRuleSet><item><securityGroupRuleId>sgr-"},
		{"X007 descriptions", "Action=DescribeSecurityGroups&GroupId.1=" + id, 200, "<groupName>web</groupName><groupDescription>Web servers</groupDescription>" +
			"<ipPermissions><item><ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>444</toPort><groups><item><userId>123456789012</userId><groupId>" + id + "</groupId></item></groups>" +
			"<ipRanges><item><cidrIp>10.0.0.0/8</cidrIp><description>a</description></item></ipRanges><ipv6Ranges><item><cidrIpv6>::/0</cidrIpv6></item></ipv6Ranges><prefixListIds/></item></ipPermissions>"},
		{"X007 required", "Action=CreateSecurityGroup&GroupName=b", 400, "<Code>MissingParameter</Code><Message>The request must contain the parameter GroupDescription</Message>"},
		{"X063 unknown permissions", "Action=RevokeSecurityGroupIngress&GroupId=" + id + "&IpProtocol=udp&FromPort=1&ToPort=1&CidrIp=10.0.0.0/8", 200, "<return>true</return><unknownIpPermissionSet><item><ipProtocol>udp</ipProtocol>"},
		{"X064 revoked", "Action=RevokeSecurityGroupIngress&GroupId=" + id + "&IpPermissions.1.IpProtocol=6&IpPermissions.1.FromPort=443&IpPermissions.1.ToPort=444&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/8", 200, "<return>true</return><revokedSecurityGroupRuleSet><item><securityGroupRuleId>sgr-"},
		{"X020 groups", "Action=DescribeSecurityGroups&MaxResults=1001", 400, "<Message>Value (1001) for parameter maxResults is invalid. Expecting a value less than or equal to 1000.</Message>"},
		{"X020 tables", "Action=DescribeRouteTables&MaxResults=101", 400, "<Message>Value (101) for parameter maxResults is invalid. Expecting a value less than or equal to 100.</Message>"},
		{"X070 the default ACL", "Action=DescribeNetworkAcls", 200, "<default>true</default>"},
		{"X080 filters of interfaces", "Action=DescribeNetworkInterfaces&Filter.1.Name=x&Filter.1.Value.1=y", 400, "<Message>The filter 'x' is invalid</Message>"},
		{"no interfaces", "Action=DescribeNetworkInterfaces&Filter.1.Name=group-id&Filter.1.Value.1=" + id, 200, "<networkInterfaceSet/>"},
		{"dry run", "Action=DeleteSecurityGroup&DryRun=true&GroupId=" + id, 412, "<Code>DryRunOperation</Code>"},
		{"no number", "Action=AuthorizeSecurityGroupIngress&IpPermissions.1.FromPort=x&GroupId=" + id, 400, "<Code>InvalidParameterValue</Code>"},
		{"deleted", "Action=DeleteSecurityGroup&GroupId=" + id, 200, "<return>true</return><groupId>" + id + "</groupId>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, body := ask(s, test.form)
			servertest.WantAnswer(t, status, body, test.status, test.want)
		})
	}
}
