package ec2_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/ec2"
	"github.com/waxseal/waxseal/internal/api"
)

// tagged are the tags that pass filters, as KEY=VALUE of ID.
func (w *testbed) tagged(filters ...ec2.Filter) []string {
	w.t.Helper()
	out, err := w.DescribeTags(here, &ec2.DescribeTagsInput{Filters: filters})
	found := []string{}
	for _, t := range must(w.t, out, err).Tags {
		found = append(found, t.ResourceType+" "+t.Key+"="+t.Value)
	}
	return found
}

func TestTags(t *testing.T) {
	w := newTestbed(t)
	v := w.newVpc("10.0.0.0/16", "Name", "shop", "stage", "test").VpcId
	sn := w.newSubnet(v, "10.0.1.0/24").SubnetId
	both := []string{v, sn}
	set := func(ids []string, tags []ec2.Tag) {
		t.Helper()
		out, err := w.CreateTags(here, &ec2.CreateTagsInput{Resources: ids, Tags: tags})
		must(t, out, err)
	}
	remove := func(ids []string, tags ...ec2.Tag) {
		t.Helper()
		out, err := w.DeleteTags(here, &ec2.DeleteTagsInput{Resources: ids, Tags: tags})
		must(t, out, err)
	}
	want := func(want ...string) {
		t.Helper()
		if diff := cmp.Diff(append([]string{}, want...), w.tagged(), ignoreOrder); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
	set(both, append(tagList("stage", "live"), ec2.Tag{Key: "empty"})) // [X086]
	want("vpc Name=shop", "vpc stage=live", "vpc empty=", "subnet stage=live", "subnet empty=")
	for name, test := range map[string]struct { // [X089]
		filter ec2.Filter
		want   int
	}{
		"key": {filter("key", "stage"), 2}, "resource-id": {filter("resource-id", v), 3}, "resource-type": {filter("resource-type", "subnet"), 2},
		"value": {filter("value", "l*"), 2}, "tag:K": {filter("tag:Name", "shop"), 1}, "no value": {filter("value", ""), 2},
	} {
		if got := w.tagged(test.filter); len(got) != test.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	empty, test := "", "test"
	remove(both, ec2.Tag{Key: "stage", Value: &empty}, ec2.Tag{Key: "stage", Value: &test}) // [X088]
	want("vpc Name=shop", "vpc stage=live", "vpc empty=", "subnet stage=live", "subnet empty=")
	remove(both, ec2.Tag{Key: "empty", Value: &empty}, ec2.Tag{Key: "stage"})
	want("vpc Name=shop")
	remove(both)
	want()
	remove(both) // what is not there any more is no error
}

// TestSystemTags: the tags that CloudFormation gives stay as they are, whatever others do.
func TestSystemTags(t *testing.T) {
	w := newTestbed(t)
	request := *api.RequestFrom(here)
	request.SystemTags = true
	system := api.WithRequest(here, &request)
	made, err := w.CreateVpc(system, &ec2.CreateVpcInput{CidrBlock: "10.0.0.0/16", TagSpecifications: tags("vpc", "aws:cloudformation:stack-name", "shop", "a", "1")})
	v := must(t, made, err).Vpc.VpcId
	remove := func(ctx context.Context, tags ...ec2.Tag) error {
		_, err := w.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{v}, Tags: tags})
		return err
	}
	count := func() int {
		shown, err := w.DescribeVpcs(here, &ec2.DescribeVpcsInput{VpcIds: []string{v}})
		return len(must(t, shown, err).Vpcs[0].Tags)
	}
	ours := ec2.Tag{Key: "aws:cloudformation:stack-name"}
	wantError(t, remove(here, ours), "InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
	if err := remove(here); err != nil || count() != 1 { // [X136]
		t.Errorf("%v, %d tags", err, count())
	}
	if err := remove(system, ours); err != nil || count() != 0 {
		t.Errorf("%v, %d tags", err, count())
	}
}

func TestTagsAreRefused(t *testing.T) {
	w := newTestbed(t)
	v := w.newVpc("10.0.0.0/16").VpcId
	set := func(id string, tags ...ec2.Tag) error {
		_, err := w.CreateTags(here, &ec2.CreateTagsInput{Resources: []string{id}, Tags: tags})
		return err
	}
	const long = 257
	value := strings.Repeat("x", long)
	for _, test := range []struct {
		name          string
		err           error
		code, message string
	}{
		{"X087", set(v, tagList("aws:a", "b")...), "InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use"},
		{"X087 in another case", set(v, tagList("AWS:a", "b")...), "InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use"},
		{"X086 a long key", set(v, tagList(strings.Repeat("x", 129), "b")...), "InvalidParameterValue", "Tag key must be between 1 and 128 characters long."},
		{"X086 no key", set(v, tagList("", "b")...), "InvalidParameterValue", "Tag key must be between 1 and 128 characters long."},
		{"X086 a long value", set(v, tagList("a", value)...), "InvalidParameterValue", "Tag value exceeds the maximum length of 256 characters"},
		{"twice", set(v, tagList("a", "b", "a", "c")...), "InvalidParameterValue", "Duplicate tag keys are not allowed."},
		{"X091 no such resource", set("subnet-12345678", tagList("a", "b")...), "InvalidSubnetID.NotFound", "The subnet ID 'subnet-12345678' does not exist"},
		{"X091 no such kind", set("x-12345678", tagList("a", "b")...), "InvalidID", "The ID 'x-12345678' is not valid"},
		{"no id", set("vpc-x", tagList("a", "b")...), "InvalidVpcId.Malformed", `Invalid id: "vpc-x" (expecting "vpc-...")`},
	} {
		t.Run(test.name, func(t *testing.T) { wantError(t, test.err, test.code, test.message) })
	}
	for i := range 50 {
		if err := set(v, tagList(strconv.Itoa(i), "")...); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, set(v, tagList("more", "")...), "TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
	if err := set(v, tagList("0", "x")...); err != nil {
		t.Error(err)
	}
	missing := ec2.TagSpecification{Tags: tagList("a", "b")}
	_, err := w.CreateVpc(here, &ec2.CreateVpcInput{CidrBlock: "10.0.0.0/16", TagSpecifications: []ec2.TagSpecification{missing}})
	wantError(t, err, "InvalidParameterValue", "Tag specification resource type must have a value")
	_, err = w.CreateVpc(here, &ec2.CreateVpcInput{CidrBlock: "10.0.0.0/16", TagSpecifications: tags("vpc")})
	wantError(t, err, "InvalidParameterValue", "Tag specification must have at least one tag")
}
