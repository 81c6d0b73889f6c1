package ec2_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/ec2"
)

// permission is a permission of one port, which is -1 where there is none.
func permission(protocol string, port int32, peers ...string) ec2.IpPermission {
	p := ec2.IpPermission{IpProtocol: protocol, FromPort: &port, ToPort: &port}
	for _, peer := range peers {
		switch {
		case strings.HasPrefix(peer, "sg-"):
			p.UserIdGroupPairs = append(p.UserIdGroupPairs, ec2.UserIdGroupPair{GroupId: peer})
		case strings.Contains(peer, ":"):
			p.Ipv6Ranges = append(p.Ipv6Ranges, ec2.Ipv6Range{CidrIpv6: peer})
		default:
			p.IpRanges = append(p.IpRanges, ec2.IpRange{CidrIp: peer})
		}
	}
	return p
}

// authorize lets more into a group.
func (w *testbed) authorize(id string, permissions ...ec2.IpPermission) []ec2.SecurityGroupRule {
	w.t.Helper()
	out, err := w.AuthorizeSecurityGroupIngress(here, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: id, IpPermissions: permissions})
	return must(w.t, out, err).SecurityGroupRules
}

// authorizeEgress lets more out of a group.
func (w *testbed) authorizeEgress(id string, permissions ...ec2.IpPermission) []ec2.SecurityGroupRule {
	w.t.Helper()
	out, err := w.AuthorizeSecurityGroupEgress(here, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: id, IpPermissions: permissions})
	return must(w.t, out, err).SecurityGroupRules
}

// revoke lets less into a group.
func (w *testbed) revoke(id string, permissions ...ec2.IpPermission) *ec2.RevokeSecurityGroupIngressOutput {
	w.t.Helper()
	out, err := w.RevokeSecurityGroupIngress(here, &ec2.RevokeSecurityGroupIngressInput{GroupId: id, IpPermissions: permissions})
	return must(w.t, out, err)
}

// rules are the rules that pass filters.
func (w *testbed) rules(filters ...ec2.Filter) []ec2.SecurityGroupRule {
	w.t.Helper()
	out, err := w.DescribeSecurityGroupRules(here, &ec2.DescribeSecurityGroupRulesInput{Filters: filters})
	return must(w.t, out, err).SecurityGroupRules
}

// ingress says what groups let in, one word for each rule, such as tcp:443-443:10.0.0.0/8.
func (w *testbed) ingress(id string) []string { return words(w.group(id).IpPermissions) }

func words(permissions []ec2.IpPermission) []string {
	all := []string{}
	for _, p := range permissions {
		ports := ""
		if p.FromPort != nil {
			ports = fmt.Sprintf("%d-%d", *p.FromPort, *p.ToPort)
		}
		say := func(peer, description string) {
			word := p.IpProtocol + ":" + ports + ":" + peer
			if description != "" {
				word += " " + description
			}
			all = append(all, word)
		}
		for _, r := range p.IpRanges {
			say(r.CidrIp, r.Description)
		}
		for _, r := range p.Ipv6Ranges {
			say(r.CidrIpv6, r.Description)
		}
		for _, g := range p.UserIdGroupPairs {
			say(g.GroupId, g.Description)
		}
	}
	return all
}

func TestAuthorizeSecurityGroupIngress(t *testing.T) {
	w := newTestbed(t)
	vpc := w.newVpc("10.0.0.0/16").VpcId
	web, lambda := w.newGroup(vpc, "web"), w.newGroup(vpc, "lambda")
	https := permission("6", 443, "10.0.0.5/16", "2001:db8::/32", lambda)
	https.IpRanges[0].Description = "the VPC"
	out, err := w.AuthorizeSecurityGroupIngress(here, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: web, IpPermissions: []ec2.IpPermission{https, permission("-1", 0, lambda)}, TagSpecifications: tags("security-group-rule", "a", "b"),
	})
	rules := must(t, out, err).SecurityGroupRules
	if !out.Return || len(rules) != 4 { // [X060]
		t.Fatalf("%+v", out)
	}
	port, none := int32(443), int32(-1)
	for i, want := range []ec2.SecurityGroupRule{
		{IpProtocol: "tcp", FromPort: &port, ToPort: &port, CidrIpv4: "10.0.0.0/16", Description: "the VPC"},
		{IpProtocol: "tcp", FromPort: &port, ToPort: &port, CidrIpv6: "2001:db8::/32"},
		{IpProtocol: "tcp", FromPort: &port, ToPort: &port, ReferencedGroupInfo: &ec2.ReferencedSecurityGroup{GroupId: lambda, UserId: account}},
		{IpProtocol: "-1", FromPort: &none, ToPort: &none, ReferencedGroupInfo: &ec2.ReferencedSecurityGroup{GroupId: lambda, UserId: account}},
	} {
		id := rules[i].SecurityGroupRuleId
		if !regexp.MustCompile(`^sgr-[0-9a-f]{17}$`).MatchString(id) {
			t.Errorf("the id is %s", id)
		}
		want.SecurityGroupRuleId, want.GroupId, want.GroupOwnerId, want.Tags = id, web, account, tagList("a", "b")
		want.SecurityGroupRuleArn = "arn:aws:ec2:us-east-1:123456789012:security-group-rule/" + id
		if diff := cmp.Diff(want, rules[i]); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		described, err := w.DescribeSecurityGroupRules(here, &ec2.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{id}})
		if diff := cmp.Diff([]ec2.SecurityGroupRule{want}, must(t, described, err).SecurityGroupRules); diff != "" {
			t.Errorf("described: -want +got\n%s", diff)
		}
	}
	want := []string{"tcp:443-443:10.0.0.0/16 the VPC", "tcp:443-443:2001:db8::/32", "tcp:443-443:" + lambda, "-1::" + lambda}
	if diff := cmp.Diff(want, w.ingress(web)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if untagged := w.authorize(web, permission("tcp", 80, "10.0.0.0/8")); untagged[0].Tags != nil {
		t.Errorf("tags are answered where none are given: %+v", untagged)
	}
	if got := w.rules(filter("group-id", web), filter("tag:a", "b")); len(got) != 4 { // [X068]
		t.Errorf("%d rules have the tag", len(got))
	}
	if got := w.rules(filter("security-group-rule-id", rules[0].SecurityGroupRuleId), filter("tag-key", "a")); len(got) != 1 {
		t.Errorf("%d rules have the id", len(got))
	}
}

func TestAuthorizeSecurityGroupIngressFlat(t *testing.T) {
	w := newTestbed(t)
	web := w.newGroup("", "web")
	port := int32(22)
	for _, in := range []ec2.AuthorizeSecurityGroupIngressInput{
		{GroupId: web, IpProtocol: "tcp", FromPort: &port, ToPort: &port, CidrIp: "203.0.113.0/24"},
		{GroupName: "web", SourceSecurityGroupName: "default"},
	} {
		if _, err := w.AuthorizeSecurityGroupIngress(here, &in); err != nil {
			t.Fatal(err)
		}
	}
	found, err := w.DescribeSecurityGroups(here, &ec2.DescribeSecurityGroupsInput{GroupNames: []string{"default"}})
	group := must(t, found, err).SecurityGroups[0].GroupId
	want := []string{"tcp:22-22:203.0.113.0/24", "tcp:0-65535:" + group, "udp:0-65535:" + group, "icmp:-1--1:" + group}
	if diff := cmp.Diff(want, w.ingress(web)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	revoked, err := w.RevokeSecurityGroupIngress(here, &ec2.RevokeSecurityGroupIngressInput{GroupName: "web", SourceSecurityGroupName: "default", SourceSecurityGroupOwnerId: account})
	if got := must(t, revoked, err); len(got.RevokedSecurityGroupRules) != 3 {
		t.Errorf("revoked: %+v", got)
	}
	if diff := cmp.Diff(want[:1], w.ingress(web)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestAuthorizeRefuses(t *testing.T) {
	w := newTestbed(t)
	vpc := w.newVpc("10.0.0.0/16").VpcId
	web, elsewhere := w.newGroup(vpc, "web"), w.newGroup("", "lambda")
	w.authorize(web, permission("tcp", 22, "10.0.0.0/8"), permission("-1", -1, web), permission("icmp", -1, "10.0.0.0/8"))
	before := w.ingress(web)
	named := permission("tcp", 1)
	named.UserIdGroupPairs = []ec2.UserIdGroupPair{{GroupName: "lambda"}}
	unnamed := permission("tcp", 1)
	unnamed.UserIdGroupPairs = []ec2.UserIdGroupPair{{UserId: account}}
	foreign := permission("tcp", 1)
	foreign.UserIdGroupPairs = []ec2.UserIdGroupPair{{UserId: other, GroupId: web}}
	peered := permission("tcp", 1)
	peered.UserIdGroupPairs = []ec2.UserIdGroupPair{{GroupId: web, VpcPeeringConnectionId: "pcx-1"}}
	listed := permission("tcp", 1)
	listed.PrefixListIds = []ec2.PrefixListId{{PrefixListId: "pl-12345678"}}
	nobody := permission("tcp", 1)
	nobody.UserIdGroupPairs = []ec2.UserIdGroupPair{{GroupName: "nobody"}}
	for name, c := range map[string]struct {
		permissions   []ec2.IpPermission
		code, message string
	}{
		"X061":                {[]ec2.IpPermission{permission("6", 22, "10.0.0.0/8")}, "InvalidPermission.Duplicate", `the specified rule "peer: 10.0.0.0/8, TCP, from port: 22, to port: 22, ALLOW" already exists`},
		"X061: all protocols": {[]ec2.IpPermission{permission("-1", 0, web)}, "InvalidPermission.Duplicate", `the specified rule "peer: ` + web + `, ALL, ALLOW" already exists`},
		"X061: ICMP":          {[]ec2.IpPermission{permission("icmp", -1, "10.0.0.0/8")}, "InvalidPermission.Duplicate", `the specified rule "peer: 10.0.0.0/8, ICMP, type: ALL, code: ALL, ALLOW" already exists`},
		"one among new ones":  {[]ec2.IpPermission{permission("tcp", 23, "10.0.0.0/8"), permission("tcp", 22, "10.0.0.0/8")}, "InvalidPermission.Duplicate", `the specified rule "peer: 10.0.0.0/8, TCP, from port: 22, to port: 22, ALLOW" already exists`},
		"nothing":             {nil, "MissingParameter", "The request must contain the parameter ipPermissions"},
		"a malformed one":     {[]ec2.IpPermission{permission("tcp", 23, "10.0.0.0")}, "InvalidParameterValue", "CIDR block 10.0.0.0 is malformed"},
		"another VPC's group": {[]ec2.IpPermission{permission("tcp", 1, elsewhere)}, "InvalidGroup.NotFound", "You have specified two resources that belong to different networks."},
		"the same by name":    {[]ec2.IpPermission{named}, "InvalidGroup.NotFound", "You have specified two resources that belong to different networks."},
		"no such name":        {[]ec2.IpPermission{nobody}, "InvalidGroup.NotFound", "The security group 'nobody' does not exist in default VPC '" + w.defaultVpc() + "'"},
		"no name":             {[]ec2.IpPermission{unnamed}, "MissingParameter", "Source group ID missing."},
		"no such group":       {[]ec2.IpPermission{permission("tcp", 1, "sg-12345678")}, "InvalidGroup.NotFound", "The security group 'sg-12345678' does not exist"},
		"no group":            {[]ec2.IpPermission{permission("tcp", 1, "sg-x")}, "InvalidGroupId.Malformed", `Invalid id: "sg-x" (expecting "sg-...")`},
		"another account's":   {[]ec2.IpPermission{foreign}, "InvalidGroup.NotFound", "The security group '" + web + "' does not exist"},
		"peering":             {[]ec2.IpPermission{peered}, "UnsupportedOperation", "The parameter VpcPeeringConnectionId is not supported."},
		"no such list":        {[]ec2.IpPermission{listed}, "InvalidPrefixListId.NotFound", "The prefix list ID 'pl-12345678' does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.AuthorizeSecurityGroupIngress(here, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: web, IpPermissions: c.permissions})
			wantError(t, err, c.code, c.message)
		})
	}
	port := int32(1)
	for name, in := range map[string]ec2.AuthorizeSecurityGroupIngressInput{
		"both forms":           {GroupId: web, CidrIp: "10.0.0.0/8", IpPermissions: []ec2.IpPermission{permission("tcp", 1, "10.0.0.0/8")}},
		"a range and a group":  {GroupId: web, CidrIp: "10.0.0.0/8", SourceSecurityGroupName: "web"},
		"a port and a group":   {GroupId: web, ToPort: &port, SourceSecurityGroupName: "web"},
		"a protocol and owner": {GroupId: web, IpProtocol: "tcp", SourceSecurityGroupOwnerId: account},
	} {
		_, err := w.AuthorizeSecurityGroupIngress(here, &in)
		if err == nil || !strings.Contains(err.Error(), "InvalidParameterCombination") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := w.AuthorizeSecurityGroupEgress(here, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: web, CidrIp: "10.0.0.0/8"}) // [X066]
	wantError(t, err, "UnsupportedOperation", "The parameters of a single permission are not supported; use ipPermissions.")
	_, err = w.AuthorizeSecurityGroupIngress(here, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: web, CidrIp: "10.0.0.0/8", TagSpecifications: tags("security-group", "a", "b")})
	wantError(t, err, "InvalidParameterValue", "'security-group' is not a valid taggable resource type for this operation.")
	if diff := cmp.Diff(before, w.ingress(web)); diff != "" {
		t.Errorf("what was refused has changed the group: -want +got\n%s", diff)
	}
}

// A group has 60 rules of a direction at most, of IPv4 and IPv6 each [X069].
func TestRulesQuota(t *testing.T) {
	w := newTestbed(t)
	web, lambda := w.newGroup("", "web"), w.newGroup("", "lambda")
	var v4, v6 []ec2.IpPermission
	for i := range int32(60) {
		v4 = append(v4, permission("tcp", i, "10.0.0.0/8"))
		v6 = append(v6, permission("tcp", i, "2001:db8::/32"))
	}
	w.authorize(web, v4...)
	w.authorize(web, v6...)
	const text = "The maximum number of rules per security group has been reached."
	for _, peer := range []string{"10.0.0.0/8", "2001:db8::/32", lambda} {
		_, err := w.AuthorizeSecurityGroupIngress(here, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: web, IpPermissions: []ec2.IpPermission{permission("udp", 1, peer)}})
		wantError(t, err, "RulesPerSecurityGroupLimitExceeded", text)
	}
	w.authorizeEgress(web, v4[:59]...) // beside the one that it has from the start
	_, err := w.AuthorizeSecurityGroupEgress(here, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: web, IpPermissions: v4[59:]})
	wantError(t, err, "RulesPerSecurityGroupLimitExceeded", text)
	if got := len(w.rules(filter("group-id", web))); got != 180 {
		t.Errorf("there are %d rules", got)
	}
	five := int32(100)
	out, err := w.DescribeSecurityGroupRules(here, &ec2.DescribeSecurityGroupRulesInput{MaxResults: &five, Filters: []ec2.Filter{filter("group-id", web)}})
	if first := must(t, out, err); len(first.SecurityGroupRules) != 100 || first.NextToken == "" {
		t.Errorf("a page has %d rules and the token %q", len(first.SecurityGroupRules), first.NextToken)
	}
}

// In a VPC that is not the default one, revoking what is not there is an error, and
// nothing is revoked [X062]. In the default VPC it is none [X063].
func TestRevokeSecurityGroupIngress(t *testing.T) {
	w := newTestbed(t)
	known, unknown := permission("tcp", 443, "10.0.0.0/8"), permission("17", 53, "10.0.0.0/8", "2001:db8::/32")
	for name, vpc := range map[string]string{"default": "", "other": w.newVpc("10.0.0.0/16").VpcId} {
		web := w.newGroup(vpc, "web")
		made := w.authorize(web, known)
		out, err := w.RevokeSecurityGroupIngress(here, &ec2.RevokeSecurityGroupIngressInput{GroupId: web, IpPermissions: []ec2.IpPermission{known, unknown}})
		if name == "other" {
			wantError(t, err, "InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
			if got := w.ingress(web); len(got) != 1 {
				t.Errorf("left are %q", got)
			}
			continue
		}
		got := must(t, out, err)
		if diff := cmp.Diff([]string{"udp:53-53:10.0.0.0/8", "udp:53-53:2001:db8::/32"}, words(got.UnknownIpPermissions)); diff != "" || !got.Return {
			t.Errorf("%v: -want +got\n%s", got.Return, diff)
		}
		port := int32(443)
		want := []ec2.RevokedSecurityGroupRule{{SecurityGroupRuleId: made[0].SecurityGroupRuleId, GroupId: web, IpProtocol: "tcp", FromPort: &port, ToPort: &port, CidrIpv4: "10.0.0.0/8"}} // [X064]
		if diff := cmp.Diff(want, got.RevokedSecurityGroupRules); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		if got := w.ingress(web); len(got) != 0 {
			t.Errorf("left are %q", got)
		}
	}
}

// What Terraform does with every new group: it takes the rule that lets everything out,
// with ports that mean nothing, and one for IPv6 that is not there [X065] [X124].
func TestRevokeSecurityGroupEgress(t *testing.T) {
	w := newTestbed(t)
	web := w.newGroup(w.newVpc("10.0.0.0/16").VpcId, "web")
	revoke := func(peer string) (*ec2.RevokeSecurityGroupEgressOutput, error) {
		return w.RevokeSecurityGroupEgress(here, &ec2.RevokeSecurityGroupEgressInput{GroupId: web, IpPermissions: []ec2.IpPermission{permission("-1", 0, peer)}})
	}
	out, err := revoke("0.0.0.0/0")
	if got := must(t, out, err); len(got.RevokedSecurityGroupRules) != 1 || !got.RevokedSecurityGroupRules[0].IsEgress || got.UnknownIpPermissions != nil {
		t.Errorf("%+v", got)
	}
	_, err = revoke("::/0")
	wantError(t, err, "InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
	if got := w.group(web).IpPermissionsEgress; len(got) != 0 {
		t.Errorf("left are %+v", got)
	}
	_, err = w.RevokeSecurityGroupEgress(here, &ec2.RevokeSecurityGroupEgressInput{GroupId: web, IpProtocol: "-1"})
	wantError(t, err, "UnsupportedOperation", "The parameters of a single permission are not supported; use ipPermissions.")
}

// Directions are apart: a rule of one is none of the other.
func TestDirections(t *testing.T) {
	w := newTestbed(t)
	web := w.newGroup(w.newVpc("10.0.0.0/16").VpcId, "web")
	in, out := w.authorize(web, permission("tcp", 443, "10.0.0.0/8")), w.authorizeEgress(web, permission("tcp", 443, "10.0.0.0/8"))
	if in[0].IsEgress || !out[0].IsEgress {
		t.Errorf("%+v\n%+v", in, out)
	}
	w.revoke(web, permission("tcp", 443, "10.0.0.0/8"))
	if got := words(w.group(web).IpPermissionsEgress); len(got) != 2 {
		t.Errorf("egress: %q", got)
	}
}

func TestRevokeByID(t *testing.T) {
	w := newTestbed(t)
	web, lambda := w.newGroup("", "web"), w.newGroup("", "lambda")
	rules := w.authorize(web, permission("tcp", 1, "10.0.0.0/8"), permission("tcp", 2, "10.0.0.0/8"))
	others := w.authorize(lambda, permission("tcp", 1, "10.0.0.0/8"))
	egress := w.authorizeEgress(web, permission("tcp", 1, "10.0.0.0/8"))
	revoke := func(ids ...string) error {
		_, err := w.RevokeSecurityGroupIngress(here, &ec2.RevokeSecurityGroupIngressInput{GroupId: web, SecurityGroupRuleIds: ids})
		return err
	}
	first := rules[0].SecurityGroupRuleId
	for _, id := range []string{others[0].SecurityGroupRuleId, egress[0].SecurityGroupRuleId, "sgr-12345678"} {
		wantError(t, revoke(first, id), "InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '"+id+"' does not exist")
	}
	wantError(t, revoke("sgr"), "InvalidSecurityGroupRuleId.Malformed", `Invalid id: "sgr" (expecting "sgr-...")`)
	wantError(t, revoke(), "MissingParameter", "The request must contain the parameter ipPermissions")
	_, err := w.RevokeSecurityGroupIngress(here, &ec2.RevokeSecurityGroupIngressInput{
		GroupId: web, SecurityGroupRuleIds: []string{first}, IpPermissions: []ec2.IpPermission{permission("tcp", 1, "10.0.0.0/8")},
	})
	wantError(t, err, "InvalidParameterCombination", "The parameter ipPermissions cannot be used with the parameter securityGroupRuleIds")
	if err := revoke(first); err != nil {
		t.Error(err)
	}
	if got := w.ingress(web); len(got) != 1 || got[0] != "tcp:2-2:10.0.0.0/8" {
		t.Errorf("left are %q", got)
	}
	out, err := w.RevokeSecurityGroupEgress(here, &ec2.RevokeSecurityGroupEgressInput{GroupId: web, SecurityGroupRuleIds: []string{egress[0].SecurityGroupRuleId}})
	if got := must(t, out, err); len(got.RevokedSecurityGroupRules) != 1 {
		t.Errorf("%+v", got)
	}
}

// A rule may name one of AWS's prefix lists.
func TestPrefixListsInRules(t *testing.T) {
	w := newTestbed(t)
	web := w.newGroup("", "web")
	const list = "pl-63a5400a" // of S3
	lists, err := w.DescribePrefixLists(here, &ec2.DescribePrefixListsInput{PrefixListIds: []string{list}})
	must(t, lists, err)
	toS3 := permission("tcp", 443)
	toS3.PrefixListIds = []ec2.PrefixListId{{PrefixListId: list, Description: "S3"}}
	rules := w.authorizeEgress(web, toS3)
	if len(rules) != 1 || rules[0].PrefixListId != list || rules[0].Description != "S3" {
		t.Errorf("authorized: %+v", rules)
	}
	if got := w.group(web).IpPermissionsEgress; len(got) != 2 || len(got[1].PrefixListIds) != 1 || got[1].PrefixListIds[0] != toS3.PrefixListIds[0] {
		t.Errorf("described: %+v", got)
	}
	if got := w.groups(filter("egress.ip-permission.prefix-list-id", list)); len(got) != 1 {
		t.Errorf("found by the list: %q", got)
	}
	_, err = w.AuthorizeSecurityGroupEgress(here, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: web, IpPermissions: []ec2.IpPermission{toS3}})
	wantError(t, err, "InvalidPermission.Duplicate", `the specified rule "peer: pl-63a5400a, TCP, from port: 443, to port: 443, ALLOW" already exists`)
	revoked, err := w.RevokeSecurityGroupEgress(here, &ec2.RevokeSecurityGroupEgressInput{GroupId: web, IpPermissions: []ec2.IpPermission{toS3}})
	if got := must(t, revoked, err).RevokedSecurityGroupRules; len(got) != 1 || got[0].PrefixListId != list {
		t.Errorf("revoked: %+v", got)
	}
}

// A security group is in use while an endpoint has it, with interfaces or without [X059].
func TestSecurityGroupsOfEndpoints(t *testing.T) {
	w := newTestbed(t)
	web, other := w.newGroup("", "web"), w.newGroup("", "other")
	private := false
	out, err := w.CreateVpcEndpoint(here, &ec2.CreateVpcEndpointInput{
		VpcId: w.defaultVpc(), ServiceName: "com.amazonaws.us-east-1.sqs", VpcEndpointType: "Interface", PrivateDnsEnabled: &private, SecurityGroupIds: []string{web},
	})
	endpoint := must(t, out, err).VpcEndpoint.VpcEndpointId
	deleted := func(id string) error {
		_, err := w.DeleteSecurityGroup(here, &ec2.DeleteSecurityGroupInput{GroupId: id})
		return err
	}
	wantError(t, deleted(web), "DependencyViolation", "resource "+web+" has a dependent object")
	_, err = w.ModifyVpcEndpoint(here, &ec2.ModifyVpcEndpointInput{VpcEndpointId: endpoint, AddSecurityGroupIds: []string{other}, RemoveSecurityGroupIds: []string{web}})
	if err != nil {
		t.Fatal(err)
	}
	if err := deleted(web); err != nil {
		t.Error(err)
	}
	wantError(t, deleted(other), "DependencyViolation", "resource "+other+" has a dependent object")
	if _, err := w.DeleteVpcEndpoints(here, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{endpoint}}); err != nil {
		t.Fatal(err)
	}
	if err := deleted(other); err != nil {
		t.Error(err)
	}
}

// Whatever a VPC has takes tags: rules, too, which a group's deletion takes with them.
func TestTagsOfGroupsAndTables(t *testing.T) {
	w := newTestbed(t)
	vpc := w.newVpc("10.0.0.0/16").VpcId
	web := w.newGroup(vpc, "web")
	resources := map[string]string{
		"security-group": web, "security-group-rule": w.authorize(web, permission("tcp", 443, "10.0.0.0/16"))[0].SecurityGroupRuleId,
		"route-table": w.newTable(vpc).RouteTableId, "network-acl": w.acls(filter("vpc-id", vpc))[0].NetworkAclId,
	}
	tagged := func() map[string]string {
		t.Helper()
		out, err := w.DescribeTags(here, &ec2.DescribeTagsInput{Filters: []ec2.Filter{filter("tag:team", "shop")}})
		found := map[string]string{}
		for _, tag := range must(t, out, err).Tags {
			found[tag.ResourceType] = tag.ResourceId
		}
		return found
	}
	for _, id := range resources {
		if _, err := w.CreateTags(here, &ec2.CreateTagsInput{Resources: []string{id}, Tags: tagList("team", "shop")}); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	if diff := cmp.Diff(resources, tagged()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if _, err := w.DeleteSecurityGroup(here, &ec2.DeleteSecurityGroupInput{GroupId: web}); err != nil {
		t.Fatal(err)
	}
	if got := tagged(); len(got) != 2 || got["security-group-rule"] != "" {
		t.Errorf("tagged are %q", got)
	}
	_, err := w.CreateTags(here, &ec2.CreateTagsInput{Resources: []string{"sgr-12345678"}, Tags: tagList("team", "shop")})
	wantError(t, err, "InvalidSecurityGroupRuleId.NotFound", "The security group rule ID 'sgr-12345678' does not exist")
}
