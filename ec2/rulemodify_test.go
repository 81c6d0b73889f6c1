package ec2_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/ec2"
)

func TestModifySecurityGroupRules(t *testing.T) {
	w := newTestbed(t)
	web, lambda, batch := w.newGroup("", "web"), w.newGroup("", "lambda"), w.newGroup("", "batch")
	rules := w.authorize(web, permission("tcp", 443, "10.0.0.0/8"), permission("tcp", 443, lambda), permission("tcp", 80, "10.0.0.0/8"))
	others := w.authorize(lambda, permission("tcp", 443, "10.0.0.0/8"))
	ranged, grouped := rules[0].SecurityGroupRuleId, rules[1].SecurityGroupRuleId
	modify := func(id string, request *ec2.SecurityGroupRuleRequest) error {
		_, err := w.ModifySecurityGroupRules(here, &ec2.ModifySecurityGroupRulesInput{
			GroupId: web, SecurityGroupRules: []ec2.SecurityGroupRuleUpdate{{SecurityGroupRuleId: id, SecurityGroupRule: request}},
		})
		return err
	}
	before := w.ingress(web)
	port := int32(80)
	for name, c := range map[string]struct {
		id            string
		request       *ec2.SecurityGroupRuleRequest
		code, message string
	}{
		"another kind of peer": {ranged, &ec2.SecurityGroupRuleRequest{IpProtocol: "-1", ReferencedGroupId: lambda}, "InvalidParameterValue", "You may not specify a referenced group id for an existing IPv4 CIDR rule."},
		"another family":       {ranged, &ec2.SecurityGroupRuleRequest{IpProtocol: "-1", CidrIpv6: "::/0"}, "InvalidParameterValue", "You may not specify an IPv6 CIDR for an existing IPv4 CIDR rule."},
		"two peers":            {ranged, &ec2.SecurityGroupRuleRequest{IpProtocol: "-1", CidrIpv4: "10.0.0.0/8", CidrIpv6: "::/0"}, "InvalidParameterCombination", "Only one of cidrIpv4, cidrIpv6, prefixListId and referencedGroupId can be specified"},
		"a list":               {ranged, &ec2.SecurityGroupRuleRequest{IpProtocol: "-1", PrefixListId: "pl-12345678"}, "InvalidPrefixListId.NotFound", "The prefix list ID 'pl-12345678' does not exist"},
		"no peer":              {ranged, &ec2.SecurityGroupRuleRequest{IpProtocol: "-1"}, "MissingParameter", "Missing source specification: include source security group or CIDR information"},
		"no rule":              {ranged, nil, "MissingParameter", "The request must contain the parameter SecurityGroupRule"},
		"a rule of another":    {others[0].SecurityGroupRuleId, &ec2.SecurityGroupRuleRequest{IpProtocol: "-1", CidrIpv4: "10.0.0.0/8"}, "InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '" + others[0].SecurityGroupRuleId + "' does not exist"},
		"no such rule":         {"sgr-12345678", &ec2.SecurityGroupRuleRequest{IpProtocol: "-1", CidrIpv4: "10.0.0.0/8"}, "InvalidSecurityGroupRuleId.NotFound", "The security group rule ID 'sgr-12345678' does not exist"},
		"what is there":        {ranged, &ec2.SecurityGroupRuleRequest{IpProtocol: "tcp", FromPort: &port, ToPort: &port, CidrIpv4: "10.0.0.0/8"}, "InvalidPermission.Duplicate", `the specified rule "peer: 10.0.0.0/8, TCP, from port: 80, to port: 80, ALLOW" already exists`},
	} {
		t.Run(name, func(t *testing.T) { wantError(t, modify(c.id, c.request), c.code, c.message) })
	}
	if diff := cmp.Diff(before, w.ingress(web)); diff != "" {
		t.Errorf("what was refused has changed the group: -want +got\n%s", diff)
	}

	if err := modify(ranged, &ec2.SecurityGroupRuleRequest{IpProtocol: "-1", CidrIpv4: "10.1.0.7/16", Description: "test"}); err != nil {
		t.Fatal(err)
	}
	if err := modify(grouped, &ec2.SecurityGroupRuleRequest{IpProtocol: "udp", FromPort: &port, ToPort: &port, ReferencedGroupId: batch}); err != nil {
		t.Fatal(err)
	}
	want := []string{"-1::10.1.0.0/16 test", "udp:80-80:" + batch, "tcp:80-80:10.0.0.0/8"}
	if diff := cmp.Diff(want, w.ingress(web)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	// What the rule named before is free, and what it names now is not [X059].
	if _, err := w.DeleteSecurityGroup(here, &ec2.DeleteSecurityGroupInput{GroupId: lambda}); err != nil {
		t.Error(err)
	}
	_, err := w.DeleteSecurityGroup(here, &ec2.DeleteSecurityGroupInput{GroupId: batch})
	wantError(t, err, "DependencyViolation", "resource "+batch+" has a dependent object")
}

// Two rules may change places in one call.
func TestModifySecurityGroupRulesAtOnce(t *testing.T) {
	w := newTestbed(t)
	web := w.newGroup("", "web")
	rules := w.authorize(web, permission("tcp", 1, "10.0.0.0/8"), permission("tcp", 2, "10.0.0.0/8"))
	one, two := int32(1), int32(2)
	_, err := w.ModifySecurityGroupRules(here, &ec2.ModifySecurityGroupRulesInput{GroupId: web, SecurityGroupRules: []ec2.SecurityGroupRuleUpdate{
		{SecurityGroupRuleId: rules[0].SecurityGroupRuleId, SecurityGroupRule: &ec2.SecurityGroupRuleRequest{IpProtocol: "tcp", FromPort: &two, ToPort: &two, CidrIpv4: "10.0.0.0/8"}},
		{SecurityGroupRuleId: rules[1].SecurityGroupRuleId, SecurityGroupRule: &ec2.SecurityGroupRuleRequest{IpProtocol: "tcp", FromPort: &one, ToPort: &one, CidrIpv4: "10.0.0.0/8"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"tcp:2-2:10.0.0.0/8", "tcp:1-1:10.0.0.0/8"}, w.ingress(web)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestUpdateSecurityGroupRuleDescriptions(t *testing.T) {
	w := newTestbed(t)
	web := w.newGroup("", "web")
	rules := w.authorize(web, permission("tcp", 1, "10.0.0.0/8"), permission("tcp", 2, "10.0.0.0/8"))
	said := permission("tcp", 1, "10.0.0.0/8")
	said.IpRanges[0].Description = "one"
	for _, in := range []ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{
		{GroupId: web, IpPermissions: []ec2.IpPermission{said}},
		{GroupName: "web", SecurityGroupRuleDescriptions: []ec2.SecurityGroupRuleDescription{{SecurityGroupRuleId: rules[1].SecurityGroupRuleId, Description: "two"}}},
	} {
		if _, err := w.UpdateSecurityGroupRuleDescriptionsIngress(here, &in); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"tcp:1-1:10.0.0.0/8 one", "tcp:2-2:10.0.0.0/8 two"}, w.ingress(web)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for name, c := range map[string]struct {
		in            ec2.UpdateSecurityGroupRuleDescriptionsIngressInput
		code, message string
	}{
		"nothing":  {ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{GroupId: web}, "MissingParameter", "The request must contain the parameter ipPermissions"},
		"no group": {ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{}, "MissingParameter", "The request must contain the parameter groupName or groupId"},
		"both":     {ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{GroupId: web, IpPermissions: []ec2.IpPermission{said}, SecurityGroupRuleDescriptions: []ec2.SecurityGroupRuleDescription{{}}}, "InvalidParameterCombination", "The parameter ipPermissions cannot be used with the parameter securityGroupRuleDescriptions"},
		"no rule":  {ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{GroupId: web, IpPermissions: []ec2.IpPermission{permission("tcp", 3, "10.0.0.0/8")}}, "InvalidPermission.NotFound", "The specified rule does not exist in this security group."},
		"a bad text": {ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{GroupId: web, SecurityGroupRuleDescriptions: []ec2.SecurityGroupRuleDescription{{SecurityGroupRuleId: rules[1].SecurityGroupRuleId, Description: "é"}}}, "InvalidParameterValue",
			"Invalid rule description. Valid descriptions are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"},
	} {
		_, err := w.UpdateSecurityGroupRuleDescriptionsIngress(here, &c.in)
		t.Run(name, func(t *testing.T) { wantError(t, err, c.code, c.message) })
	}
	_, err := w.UpdateSecurityGroupRuleDescriptionsEgress(here, &ec2.UpdateSecurityGroupRuleDescriptionsEgressInput{
		GroupId: web, SecurityGroupRuleDescriptions: []ec2.SecurityGroupRuleDescription{{SecurityGroupRuleId: rules[1].SecurityGroupRuleId}},
	})
	wantError(t, err, "InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '"+rules[1].SecurityGroupRuleId+"' does not exist")
	all := permission("-1", -1, "0.0.0.0/0")
	all.IpRanges[0].Description = "out"
	_, err = w.UpdateSecurityGroupRuleDescriptionsEgress(here, &ec2.UpdateSecurityGroupRuleDescriptionsEgressInput{GroupId: web, IpPermissions: []ec2.IpPermission{all}})
	if got := words(w.group(web).IpPermissionsEgress); err != nil || len(got) != 1 || got[0] != "-1::0.0.0.0/0 out" {
		t.Errorf("%v, %q", err, got)
	}
}
