package ec2_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/ec2"
)

// newGroup makes a security group in a VPC; in the default one, where vpc is empty.
func (w *testbed) newGroup(vpc, name string) string {
	w.t.Helper()
	out, err := w.CreateSecurityGroup(here, &ec2.CreateSecurityGroupInput{GroupName: name, Description: "of " + name, VpcId: vpc})
	return must(w.t, out, err).GroupId
}

// group is a security group as it is described.
func (w *testbed) group(id string) ec2.SecurityGroup {
	w.t.Helper()
	out, err := w.DescribeSecurityGroups(here, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{id}})
	return must(w.t, out, err).SecurityGroups[0]
}

// groups are the names of the groups that pass filters.
func (w *testbed) groups(filters ...ec2.Filter) []string {
	w.t.Helper()
	out, err := w.DescribeSecurityGroups(here, &ec2.DescribeSecurityGroupsInput{Filters: filters})
	found := []string{}
	for _, g := range must(w.t, out, err).SecurityGroups {
		found = append(found, g.GroupName)
	}
	slices.Sort(found)
	return found
}

// defaultVpc is the id of the default VPC.
func (w *testbed) defaultVpc() string { return w.vpcs(filter("is-default", "true"))[0] }

// everywhere is a permission for everything to and from anywhere.
var everywhere = ec2.IpPermission{
	IpProtocol: "-1", IpRanges: []ec2.IpRange{{CidrIp: "0.0.0.0/0"}},
	Ipv6Ranges: []ec2.Ipv6Range{}, PrefixListIds: []ec2.PrefixListId{}, UserIdGroupPairs: []ec2.UserIdGroupPair{},
}

func TestCreateSecurityGroup(t *testing.T) {
	w := newTestbed(t)
	vpc := w.newVpc("10.0.0.0/16").VpcId
	out, err := w.CreateSecurityGroup(here, &ec2.CreateSecurityGroupInput{
		GroupName: "web", Description: "Web servers", VpcId: vpc, TagSpecifications: tags("security-group", "Name", "w"),
	})
	made := must(t, out, err)
	if !regexp.MustCompile(`^sg-[0-9a-f]{17}$`).MatchString(made.GroupId) {
		t.Errorf("the id is %s", made.GroupId)
	}
	arn := "arn:aws:ec2:us-east-1:123456789012:security-group/" + made.GroupId
	if diff := cmp.Diff(&ec2.CreateSecurityGroupOutput{GroupId: made.GroupId, SecurityGroupArn: arn, Tags: tagList("Name", "w")}, made); diff != "" {
		t.Errorf("[X051]: -want +got\n%s", diff)
	}
	want := ec2.SecurityGroup{ // [X052] [X054]
		GroupId: made.GroupId, GroupName: "web", Description: "Web servers", VpcId: vpc, OwnerId: account, SecurityGroupArn: arn,
		Tags: tagList("Name", "w"), IpPermissions: []ec2.IpPermission{}, IpPermissionsEgress: []ec2.IpPermission{everywhere},
	}
	if diff := cmp.Diff(want, w.group(made.GroupId)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}

	out, err = w.CreateSecurityGroup(here, &ec2.CreateSecurityGroupInput{GroupName: "web", Description: "d"})
	if plain := must(t, out, err); plain.Tags != nil || w.group(plain.GroupId).VpcId != w.defaultVpc() {
		t.Errorf("without VPC and tags: %+v in %s", plain, w.group(plain.GroupId).VpcId)
	}
}

func TestCreateSecurityGroupRefuses(t *testing.T) {
	w := newTestbed(t)
	vpc := w.newVpc("10.0.0.0/16").VpcId
	w.newGroup(vpc, "web")
	const set = "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
	for name, c := range map[string]struct {
		in            ec2.CreateSecurityGroupInput
		code, message string
	}{
		"X056":          {ec2.CreateSecurityGroupInput{GroupName: "web", Description: "d", VpcId: vpc}, "InvalidGroup.Duplicate", "The security group 'web' already exists for VPC '" + vpc + "'"},
		"X055: case":    {ec2.CreateSecurityGroupInput{GroupName: "WEB", Description: "d", VpcId: vpc}, "InvalidGroup.Duplicate", "The security group 'WEB' already exists for VPC '" + vpc + "'"},
		"default":       {ec2.CreateSecurityGroupInput{GroupName: "default", Description: "d", VpcId: vpc}, "InvalidGroup.Duplicate", "The security group 'default' already exists for VPC '" + vpc + "'"},
		"X055: sg-":     {ec2.CreateSecurityGroupInput{GroupName: "sg-web", Description: "d", VpcId: vpc}, "InvalidParameterValue", "Value (sg-web) for parameter GroupName is invalid. Group names may not be in the format sg-*."},
		"X055: letters": {ec2.CreateSecurityGroupInput{GroupName: "wéb", Description: "d", VpcId: vpc}, "InvalidParameterValue", "Value (wéb) for parameter GroupName is invalid. Valid names are strings less than 256 characters from the following set:  " + set},
		"X055: length":  {ec2.CreateSecurityGroupInput{GroupName: "web2", Description: strings.Repeat("d", 256), VpcId: vpc}, "InvalidParameterValue", "Invalid security group description. Valid descriptions are strings less than 256 characters from the following set:  " + set},
		"a line feed":   {ec2.CreateSecurityGroupInput{GroupName: "web2", Description: "d\n", VpcId: vpc}, "InvalidParameterValue", "Invalid security group description. Valid descriptions are strings less than 256 characters from the following set:  " + set},
		"no such VPC":   {ec2.CreateSecurityGroupInput{GroupName: "web", Description: "d", VpcId: "vpc-12345678"}, "InvalidVpcID.NotFound", "The vpc ID 'vpc-12345678' does not exist"},
		"no VPC":        {ec2.CreateSecurityGroupInput{GroupName: "web", Description: "d", VpcId: "x"}, "InvalidVpcId.Malformed", `Invalid id: "x" (expecting "vpc-...")`},
		"other tags":    {ec2.CreateSecurityGroupInput{GroupName: "web2", Description: "d", TagSpecifications: tags("vpc", "a", "b")}, "InvalidParameterValue", "'vpc' is not a valid taggable resource type for this operation."},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.CreateSecurityGroup(here, &c.in)
			wantError(t, err, c.code, c.message)
		})
	}
	if got := w.groups(filter("vpc-id", vpc)); !slices.Equal(got, []string{"default", "web"}) {
		t.Errorf("there are %q", got)
	}
}

// Every VPC has a group from the start, which nobody can delete [X053] [X058].
func TestDefaultSecurityGroup(t *testing.T) {
	w := newTestbed(t)
	for _, vpc := range []string{w.defaultVpc(), w.newVpc("10.0.0.0/16").VpcId} {
		out, err := w.DescribeSecurityGroups(here, &ec2.DescribeSecurityGroupsInput{Filters: []ec2.Filter{filter("vpc-id", vpc)}})
		found := must(t, out, err).SecurityGroups
		if len(found) != 1 {
			t.Fatalf("%s has %d groups", vpc, len(found))
		}
		g := found[0]
		members := everywhere
		members.IpRanges, members.UserIdGroupPairs = []ec2.IpRange{}, []ec2.UserIdGroupPair{{GroupId: g.GroupId, UserId: account}}
		want := ec2.SecurityGroup{
			GroupId: g.GroupId, GroupName: "default", Description: "default VPC security group", VpcId: vpc, OwnerId: account, SecurityGroupArn: g.SecurityGroupArn,
			Tags: []ec2.Tag{}, IpPermissions: []ec2.IpPermission{members}, IpPermissionsEgress: []ec2.IpPermission{everywhere},
		}
		if diff := cmp.Diff(want, g); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
		_, err = w.DeleteSecurityGroup(here, &ec2.DeleteSecurityGroupInput{GroupId: g.GroupId})
		wantError(t, err, "CannotDelete", `the specified group: "`+g.GroupId+`" name: "default" cannot be deleted by a user`)
	}
}

func TestDeleteSecurityGroup(t *testing.T) {
	w := newTestbed(t)
	vpc := w.newVpc("10.0.0.0/16").VpcId
	web, lambda := w.newGroup(vpc, "web"), w.newGroup(vpc, "lambda")
	w.authorize(web, permission("tcp", 443, lambda), permission("tcp", 80, lambda), permission("-1", -1, web))
	deleted := func(id string) error {
		_, err := w.DeleteSecurityGroup(here, &ec2.DeleteSecurityGroupInput{GroupId: id})
		return err
	}
	const inUse = "DependencyViolation"
	wantError(t, deleted(lambda), inUse, "resource "+lambda+" has a dependent object") // [X059]
	w.revoke(web, permission("tcp", 443, lambda))
	wantError(t, deleted(lambda), inUse, "resource "+lambda+" has a dependent object")
	w.revoke(web, permission("tcp", 80, lambda))
	if err := deleted(lambda); err != nil {
		t.Error(err)
	}
	wantError(t, deleted(lambda), "InvalidGroup.NotFound", "The security group '"+lambda+"' does not exist") // [X057]

	again := w.newGroup(vpc, "lambda") // the name is free
	w.authorize(web, permission("tcp", 443, again))
	out, err := w.DeleteSecurityGroup(here, &ec2.DeleteSecurityGroupInput{GroupId: web})
	if diff := cmp.Diff(&ec2.DeleteSecurityGroupOutput{Return: true, GroupId: web}, must(t, out, err)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if rules := w.rules(filter("group-id", web)); len(rules) > 0 {
		t.Errorf("of the deleted group %d rules are left", len(rules))
	}
	if err := deleted(again); err != nil {
		t.Errorf("named by a deleted group alone: %v", err)
	}
	if got := w.groups(filter("vpc-id", vpc)); !slices.Equal(got, []string{"default"}) {
		t.Errorf("there are %q", got)
	}
}

// Groups of the default VPC are found by their names, too.
func TestSecurityGroupsByName(t *testing.T) {
	w := newTestbed(t)
	web, elsewhere := w.newGroup("", "web"), w.newVpc("10.0.0.0/16").VpcId
	w.newGroup(elsewhere, "lambda")
	described := func(names ...string) ([]ec2.SecurityGroup, error) {
		out, err := w.DescribeSecurityGroups(here, &ec2.DescribeSecurityGroupsInput{GroupNames: names})
		if err != nil {
			return nil, err
		}
		return out.SecurityGroups, nil
	}
	found, err := described("web", "default")
	if got := must(t, found, err); len(got) != 2 {
		t.Errorf("%d groups", len(got))
	}
	missing := "The security group 'lambda' does not exist in default VPC '" + w.defaultVpc() + "'"
	_, err = described("web", "lambda")
	wantError(t, err, "InvalidGroup.NotFound", missing)
	_, err = w.DeleteSecurityGroup(here, &ec2.DeleteSecurityGroupInput{GroupName: "lambda"})
	wantError(t, err, "InvalidGroup.NotFound", missing)
	_, err = w.DeleteSecurityGroup(here, &ec2.DeleteSecurityGroupInput{})
	wantError(t, err, "MissingParameter", "The request must contain the parameter groupName or groupId")
	_, err = w.DeleteSecurityGroup(here, &ec2.DeleteSecurityGroupInput{GroupId: "web"})
	wantError(t, err, "InvalidGroupId.Malformed", `Invalid id: "web" (expecting "sg-...")`) // [X025]
	out, err := w.DeleteSecurityGroup(here, &ec2.DeleteSecurityGroupInput{GroupName: "Web"})
	if got := must(t, out, err); got.GroupId != web {
		t.Errorf("deleted %s", got.GroupId)
	}
}

// Who has deleted the default VPC must name another.
func TestSecurityGroupsWithoutDefaultVpc(t *testing.T) {
	w := newTestbed(t)
	vpc := w.defaultVpc()
	for _, id := range w.subnets(filter("vpc-id", vpc)) {
		w.deleteSubnet(id)
	}
	if _, err := w.DeleteVpc(here, &ec2.DeleteVpcInput{VpcId: vpc}); err != nil {
		t.Fatal(err)
	}
	const without = "No default VPC for this user"
	_, err := w.DescribeSecurityGroups(here, &ec2.DescribeSecurityGroupsInput{GroupNames: []string{"web"}})
	wantError(t, err, "VPCIdNotSpecified", without)
	_, err = w.DeleteSecurityGroup(here, &ec2.DeleteSecurityGroupInput{GroupName: "web"})
	wantError(t, err, "VPCIdNotSpecified", without)
	_, err = w.CreateSecurityGroup(here, &ec2.CreateSecurityGroupInput{GroupName: "web", Description: "d"})
	wantError(t, err, "VPCIdNotSpecified", without)
	web := w.newGroup(w.newVpc("10.0.0.0/16").VpcId, "web")
	named := permission("tcp", 1)
	named.UserIdGroupPairs = []ec2.UserIdGroupPair{{GroupName: "web"}}
	_, err = w.AuthorizeSecurityGroupIngress(here, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: web, IpPermissions: []ec2.IpPermission{named}})
	wantError(t, err, "VPCIdNotSpecified", without)
}

func TestSecurityGroupFilters(t *testing.T) {
	w := newTestbed(t)
	vpc := w.newVpc("10.0.0.0/16").VpcId
	web, lambda := w.newGroup(vpc, "web"), w.newGroup(vpc, "lambda")
	w.authorize(web, permission("tcp", 443, lambda), permission("tcp", 80, "10.0.0.0/16"), permission("icmp", -1, "10.1.0.0/16"))
	w.authorize(lambda, permission("-1", -1, "2001:db8::/32"))
	w.authorizeEgress(lambda, permission("udp", 53, "10.2.0.0/16"), permission("tcp", 443, web))
	for _, c := range []struct {
		filter ec2.Filter
		want   []string
	}{
		{filter("description", "of *"), []string{"lambda", "web"}},
		{filter("group-id", web), []string{"web"}},
		{filter("group-name", "default", "web"), []string{"default", "web"}},
		{filter("owner-id", account), []string{"default", "lambda", "web"}},
		{filter("owner-id", other), []string{}},
		{filter("tag-key", "*"), []string{}},
		{filter("ip-permission.cidr", "10.0.0.0/16"), []string{"web"}},
		{filter("ip-permission.cidr", "*"), []string{"web"}},
		{filter("ip-permission.from-port", "443"), []string{"web"}},
		{filter("ip-permission.from-port", "-1"), []string{"web"}}, // of ICMP, and not of all protocols
		{filter("ip-permission.to-port", "80"), []string{"web"}},
		{filter("ip-permission.group-id", lambda), []string{"web"}},
		{filter("ip-permission.group-name", "lambda", "default"), []string{"default", "web"}},
		{filter("ip-permission.user-id", account), []string{"default", "web"}},
		{filter("ip-permission.ipv6-cidr", "2001:db8::/32"), []string{"lambda"}},
		{filter("ip-permission.prefix-list-id", "*"), []string{}},
		{filter("ip-permission.protocol", "-1"), []string{"default", "lambda"}},
		{filter("egress.ip-permission.cidr", "0.0.0.0/0"), []string{"default", "lambda", "web"}},
		{filter("egress.ip-permission.protocol", "udp"), []string{"lambda"}},
		{filter("egress.ip-permission.to-port", "53"), []string{"lambda"}},
		{filter("egress.ip-permission.group-name", "web"), []string{"lambda"}},
		{filter("egress.ip-permission.from-port", "80"), []string{}},
	} {
		if got := w.groups(filter("vpc-id", vpc), c.filter); !slices.Equal(got, c.want) {
			t.Errorf("%s %q: %q, want %q", c.filter.Name, c.filter.Values, got, c.want)
		}
	}
	// The rules that meet the filters may be different ones [X017].
	if got := w.groups(filter("ip-permission.cidr", "10.0.0.0/16"), filter("ip-permission.to-port", "443")); !slices.Equal(got, []string{"web"}) {
		t.Errorf("by two rules: %q", got)
	}
}

// Places share no groups.
func TestSecurityGroupsOfPlaces(t *testing.T) {
	w := newTestbed(t)
	web := w.newGroup("", "web")
	for _, there := range []struct{ account, region string }{{account, "eu-west-1"}, {other, region}} {
		_, err := w.DescribeSecurityGroups(at(there.account, there.region), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{web}})
		wantError(t, err, "InvalidGroup.NotFound", "The security group '"+web+"' does not exist")
		_, err = w.CreateSecurityGroup(at(there.account, there.region), &ec2.CreateSecurityGroupInput{GroupName: "web", Description: "d"})
		if err != nil {
			t.Error(err)
		}
	}
}
