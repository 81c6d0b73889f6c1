package ec2_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/ec2"
)

// acls are the network ACLs that pass filters.
func (w *testbed) acls(filters ...ec2.Filter) []ec2.NetworkAcl {
	w.t.Helper()
	out, err := w.DescribeNetworkAcls(here, &ec2.DescribeNetworkAclsInput{Filters: filters})
	return must(w.t, out, err).NetworkAcls
}

// Every VPC has a network ACL, which lets everything pass and is that of all its subnets
// [X070].
func TestDefaultNetworkAcl(t *testing.T) {
	w := newTestbed(t)
	vpc := w.newVpc("10.0.0.0/16").VpcId
	a := w.acls(filter("vpc-id", vpc), filter("default", "true"))[0]
	want := ec2.NetworkAcl{
		NetworkAclId: a.NetworkAclId, VpcId: vpc, OwnerId: account, IsDefault: true, Tags: []ec2.Tag{}, Associations: []ec2.NetworkAclAssociation{},
		Entries: []ec2.NetworkAclEntry{
			{CidrBlock: "0.0.0.0/0", Egress: true, Protocol: "-1", RuleAction: "allow", RuleNumber: 100},
			{CidrBlock: "0.0.0.0/0", Egress: true, Protocol: "-1", RuleAction: "deny", RuleNumber: 32767},
			{CidrBlock: "0.0.0.0/0", Protocol: "-1", RuleAction: "allow", RuleNumber: 100},
			{CidrBlock: "0.0.0.0/0", Protocol: "-1", RuleAction: "deny", RuleNumber: 32767},
		},
	}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	one, two := w.newSubnet(vpc, "10.0.1.0/24").SubnetId, w.newSubnet(vpc, "10.0.2.0/24").SubnetId
	var with []string
	for _, with1 := range w.acls(filter("vpc-id", vpc))[0].Associations {
		if with1.NetworkAclId != a.NetworkAclId || len(with1.NetworkAclAssociationId) != len("aclassoc-")+17 {
			t.Errorf("an association is %+v", with1)
		}
		with = append(with, with1.SubnetId)
	}
	if diff := cmp.Diff([]string{one, two}, with); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	w.deleteSubnet(one)
	if got := w.acls(filter("vpc-id", vpc))[0].Associations; len(got) != 1 || got[0].SubnetId != two {
		t.Errorf("after the subnet is deleted: %+v", got)
	}
}

func TestNetworkAclFilters(t *testing.T) {
	w := newTestbed(t)
	a := w.acls(filter("vpc-id", w.defaultVpc()))[0]
	bare := w.newVpc("10.0.0.0/16").VpcId
	both := 2
	for _, c := range []struct {
		filter ec2.Filter
		want   int
	}{
		{filter("network-acl-id", a.NetworkAclId), 1},
		{filter("vpc-id", bare), 1},
		{filter("owner-id", account), both},
		{filter("default", "true"), both},
		{filter("default", "false"), 0},
		{filter("association.association-id", a.Associations[0].NetworkAclAssociationId), 1},
		{filter("association.network-acl-id", a.NetworkAclId), 1},
		{filter("association.network-acl-id", "*"), 1}, // the other has no associations
		{filter("association.subnet-id", a.Associations[1].SubnetId), 1},
		{filter("entry.cidr", "0.0.0.0/0"), both},
		{filter("entry.egress", "true"), both},
		{filter("entry.protocol", "-1"), both},
		{filter("entry.rule-action", "deny"), both},
		{filter("entry.rule-number", "32767"), both},
		{filter("entry.ipv6-cidr", "*"), 0},
		{filter("entry.port-range.from", "*"), 0},
		{filter("tag-key", "*"), 0},
	} {
		if got := w.acls(c.filter); len(got) != c.want {
			t.Errorf("%s %q: %d, want %d", c.filter.Name, c.filter.Values, len(got), c.want)
		}
	}
	_, err := w.DescribeNetworkAcls(here, &ec2.DescribeNetworkAclsInput{NetworkAclIds: []string{"acl-12345678"}})
	wantError(t, err, "InvalidNetworkAclID.NotFound", "The networkAcl ID 'acl-12345678' does not exist")
	_, err = w.DescribeNetworkAcls(here, &ec2.DescribeNetworkAclsInput{NetworkAclIds: []string{"x"}})
	wantError(t, err, "InvalidNetworkAclId.Malformed", `Invalid id: "x" (expecting "acl-...")`)
}
