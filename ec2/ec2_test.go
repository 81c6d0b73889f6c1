package ec2_test

import (
	"context"
	"errors"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/ec2"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
	"github.com/waxseal/waxseal/internal/wire"
	"github.com/waxseal/waxseal/policyeval"
)

const (
	account = "123456789012"
	other   = "999999999999"
	region  = "us-east-1"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// testbed is EC2 with a clock that stands still.
type testbed struct {
	*ec2.Service
	t      testing.TB
	engine store.Engine
	clock  *clock.Turnable
	ids    *ids.Source
}

func newTestbed(t *testing.T) *testbed {
	t.Helper()
	return newTestbedFor(t)
}

// newTestbedFor is a testbed of a test or a fuzz target.
func newTestbedFor(t testing.TB) *testbed {
	t.Helper()
	w := &testbed{t: t, engine: rerun.New(), clock: clock.NewStill(start), ids: ids.New()}
	w.Service = ec2.New(ec2.Config{Engine: w.engine, Clock: w.clock, IDs: w.ids})
	return w
}

// at is the context of a call of the root user of an account in a region.
func at(account, region string) context.Context {
	return api.WithRequest(context.Background(), &api.Request{
		Account: account, Region: region, Time: start,
		Caller: &api.Caller{Principal: policyeval.Principal{Type: policyeval.Root, Account: account, ARN: "arn:aws:iam::" + account + ":root"}},
	})
}

// here is the context of most calls.
var here = at(account, region)

// must is the answer of a call that may not fail.
func must[T any](t testing.TB, out T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wantError fails the test where err is not of the code and the message.
func wantError(t *testing.T, err error, code, message string) {
	t.Helper()
	var e *api.Error
	if !errors.As(err, &e) || e.Query() != code || e.Message != message {
		t.Errorf("error: %v\nwant %s: %s", err, code, message)
	}
}

// filter is a filter of a list.
func filter(name string, values ...string) ec2.Filter { return ec2.Filter{Name: name, Values: values} }

// tags are tags by keys and values in turns, as a call gives them to what it makes.
func tags(kind string, pairs ...string) []ec2.TagSpecification {
	return []ec2.TagSpecification{{ResourceType: kind, Tags: tagList(pairs...)}}
}

func tagList(pairs ...string) []ec2.Tag {
	list := []ec2.Tag{}
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, ec2.Tag{Key: pairs[i], Value: &pairs[i+1]})
	}
	return list
}

// newVpc makes a VPC.
func (w *testbed) newVpc(cidr string, pairs ...string) ec2.Vpc {
	w.t.Helper()
	in := &ec2.CreateVpcInput{CidrBlock: cidr}
	if len(pairs) > 0 {
		in.TagSpecifications = tags("vpc", pairs...)
	}
	out, err := w.CreateVpc(here, in)
	return must(w.t, out, err).Vpc
}

// vpcs are the ids of the VPCs that pass filters.
func (w *testbed) vpcs(filters ...ec2.Filter) []string {
	w.t.Helper()
	out, err := w.DescribeVpcs(here, &ec2.DescribeVpcsInput{Filters: filters})
	found := []string{}
	for _, v := range must(w.t, out, err).Vpcs {
		found = append(found, v.VpcId)
	}
	return found
}

// Every shape is one that the wire can carry.
func TestShapes(t *testing.T) {
	for _, op := range newTestbed(t).API().Operations {
		for _, shape := range []reflect.Type{op.In, op.Out} {
			if err := wire.Check(shape); err != nil {
				t.Errorf("%s: %v", op.Name, err)
			}
		}
	}
}

func TestIDs(t *testing.T) {
	w := newTestbed(t)
	v := w.newVpc("10.0.0.0/16")
	if !regexp.MustCompile(`^vpc-[0-9a-f]{17}$`).MatchString(v.VpcId) { // [X024]
		t.Errorf("the id is %s", v.VpcId)
	}
	describe := func(ids ...string) error {
		_, err := w.DescribeVpcs(here, &ec2.DescribeVpcsInput{VpcIds: ids})
		return err
	}
	for _, id := range []string{"vpc-12345678", "vpc-0123456789abcdef0"} {
		wantError(t, describe(v.VpcId, id), "InvalidVpcID.NotFound", "The vpc ID '"+id+"' does not exist") // [X019] [X026]
	}
	for _, id := range []string{"", "vpc-", "vpc-1", "vpc-1234567G", "vpc-123456789", "subnet-12345678", "VPC-12345678", "vpc-0123456789ABCDEF0"} {
		wantError(t, describe(id), "InvalidVpcId.Malformed", `Invalid id: "`+id+`" (expecting "vpc-...")`)
	}
	if err := describe(v.VpcId, v.VpcId); err != nil {
		t.Error(err)
	}
}

func TestFilters(t *testing.T) {
	w := newTestbed(t)
	a, b := w.newVpc("10.0.0.0/16", "Name", "one", "stage", "test").VpcId, w.newVpc("10.1.0.0/16", "Name", "two*").VpcId
	own := filter("is-default", "false")
	both := []string{a, b}
	slices.Sort(both)
	for _, test := range []struct {
		name    string
		filters []ec2.Filter
		want    []string
	}{
		{"a value", []ec2.Filter{filter("cidr", "10.0.0.0/16")}, []string{a}},
		{"one of two values", []ec2.Filter{filter("cidr", "x", "10.1.0.0/16")}, []string{b}},
		{"two filters", []ec2.Filter{filter("cidr", "10.0.*"), filter("tag:Name", "two")}, []string{}},
		{"a tag", []ec2.Filter{filter("tag:Name", "one")}, []string{a}},
		{"a tag's key", []ec2.Filter{filter("tag-key", "st?ge")}, []string{a}},
		{"another case", []ec2.Filter{filter("tag:name", "one")}, []string{}},
		{"any", []ec2.Filter{own, filter("vpc-id", "*")}, both},
		{"a wildcard that is none", []ec2.Filter{filter("tag:Name", `t*o\*`)}, []string{b}},
		{"no end", []ec2.Filter{filter("tag:Name", "two")}, []string{}},
		{"no values", []ec2.Filter{filter("tag:Name")}, []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, w.vpcs(test.filters...)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	refused := func(filters []ec2.Filter, code, message string) {
		t.Helper()
		_, err := w.DescribeVpcs(here, &ec2.DescribeVpcsInput{Filters: filters})
		wantError(t, err, code, message)
	}
	refused([]ec2.Filter{own, filter("Vpc-id", a)}, "InvalidParameterValue", "The filter 'Vpc-id' is invalid") // [X016]
	const limit = "The request uses too many filters or too many filter values."
	refused(slices.Repeat([]ec2.Filter{own}, 51), "FilterLimitExceeded", limit) // [X018]
	refused([]ec2.Filter{filter("state", slices.Repeat([]string{"x"}, 201)...)}, "FilterLimitExceeded", limit)
}

func TestPages(t *testing.T) {
	w := newTestbed(t)
	for i := range 4 {
		w.newVpc("10.0.0.0/16", "n", string(rune('a'+i)))
	}
	five, token, seen := int32(2), "", []string{}
	for range 3 {
		out, err := w.DescribeVpcs(here, &ec2.DescribeVpcsInput{MaxResults: &five, NextToken: token})
		for _, v := range must(t, out, err).Vpcs {
			seen = append(seen, v.VpcId)
		}
		token = out.NextToken
	}
	if token != "" || !slices.Equal(seen, w.vpcs()) { // [X022]
		t.Errorf("the pages are %q, and then %q", seen, token)
	}
	_, err := w.DescribeVpcs(here, &ec2.DescribeVpcsInput{NextToken: "x"})
	wantError(t, err, "InvalidNextToken", "The specified NextToken is not valid.")
}
