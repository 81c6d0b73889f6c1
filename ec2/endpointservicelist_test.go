package ec2_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/ec2"
)

// What one service looks like: an interface service in all zones [X118], and a gateway.
func TestDescribeVpcEndpointServices(t *testing.T) {
	w := newTestbed(t)
	out, err := w.DescribeVpcEndpointServices(here, &ec2.DescribeVpcEndpointServicesInput{ServiceNames: []string{"com.amazonaws.us-east-1.sqs", "com.amazonaws.us-east-1.s3"}})
	out = must(t, out, err)
	if diff := cmp.Diff([]string{"com.amazonaws.us-east-1.s3", "com.amazonaws.us-east-1.sqs"}, out.ServiceNames); diff != "" {
		t.Error(diff)
	}
	zones := []string{"us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1e", "us-east-1f"}
	ids := map[string]bool{}
	for i := range out.ServiceDetails {
		d := &out.ServiceDetails[i]
		if !strings.HasPrefix(d.ServiceId, "vpce-svc-") || ids[d.ServiceId] {
			t.Errorf("%s has the id %s", d.ServiceName, d.ServiceId)
		}
		ids[d.ServiceId] = true
		d.ServiceId = ""
	}
	want := []ec2.ServiceDetail{
		{
			ServiceName: "com.amazonaws.us-east-1.s3", ServiceType: []ec2.ServiceTypeDetail{{ServiceType: "Gateway"}}, ServiceRegion: region,
			AvailabilityZones: zones, Owner: "amazon", BaseEndpointDnsNames: []string{"s3.us-east-1.amazonaws.com"},
			VpcEndpointPolicySupported: true, Tags: []ec2.Tag{}, SupportedIpAddressTypes: []string{"ipv4"},
		},
		{
			ServiceName: "com.amazonaws.us-east-1.s3", ServiceType: []ec2.ServiceTypeDetail{{ServiceType: "Interface"}}, ServiceRegion: region,
			AvailabilityZones: zones, Owner: "amazon", BaseEndpointDnsNames: []string{"s3.us-east-1.vpce.amazonaws.com"},
			PrivateDnsName: "s3.us-east-1.amazonaws.com", PrivateDnsNames: []ec2.PrivateDnsDetails{
				{PrivateDnsName: "s3.us-east-1.amazonaws.com"}, {PrivateDnsName: "*.s3.us-east-1.amazonaws.com"},
				{PrivateDnsName: "*.s3-accesspoint.us-east-1.amazonaws.com"}, {PrivateDnsName: "*.s3-control.us-east-1.amazonaws.com"},
			},
			VpcEndpointPolicySupported: true, PrivateDnsNameVerificationState: "verified", Tags: []ec2.Tag{}, SupportedIpAddressTypes: []string{"ipv4"},
		},
		{
			ServiceName: "com.amazonaws.us-east-1.sqs", ServiceType: []ec2.ServiceTypeDetail{{ServiceType: "Interface"}}, ServiceRegion: region,
			AvailabilityZones: zones, Owner: "amazon", BaseEndpointDnsNames: []string{"sqs.us-east-1.vpce.amazonaws.com"},
			PrivateDnsName: "sqs.us-east-1.amazonaws.com", PrivateDnsNames: []ec2.PrivateDnsDetails{{PrivateDnsName: "sqs.us-east-1.amazonaws.com"}},
			VpcEndpointPolicySupported: true, PrivateDnsNameVerificationState: "verified", Tags: []ec2.Tag{}, SupportedIpAddressTypes: []string{"ipv4"},
		},
	}
	if diff := cmp.Diff(want, out.ServiceDetails); diff != "" {
		t.Error(diff)
	}
}

// The filters [X119] [X120], and what no service is called.
func TestEndpointServiceFilters(t *testing.T) {
	w := newTestbed(t)
	for _, test := range []struct {
		name    string
		filters []ec2.Filter
		want    string // names that are among them
		n       int    // how many; -1: many
	}{
		{"X120 gateways", []ec2.Filter{filter("service-type", "Gateway")}, "com.amazonaws.us-east-1.dynamodb com.amazonaws.us-east-1.s3", 2},
		{"X120 interfaces", []ec2.Filter{filter("service-type", "Interface")}, "com.amazonaws.us-east-1.s3 com.amazonaws.us-east-1.kinesis-firehose com.amazonaws.us-east-1.execute-api com.amazonaws.iam", -1},
		{"a type that there is not", []ec2.Filter{filter("service-type", "fake")}, "", 0},
		{"X119 a name", []ec2.Filter{filter("service-name", "*.sqs")}, "com.amazonaws.us-east-1.sqs", 1},
		{"X119 an owner", []ec2.Filter{filter("owner", "amazon"), filter("service-name", "*.kms*")}, "com.amazonaws.us-east-1.kms com.amazonaws.us-east-1.kms-fips", 2},
		{"X119 a region", []ec2.Filter{filter("service-region", "eu-west-1")}, "", 0},
		{"X119 addresses", []ec2.Filter{filter("supported-ip-address-types", "ipv6")}, "", 0},
		{"X119 tags, of which services have none", []ec2.Filter{filter("tag:Name", "*")}, "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := w.DescribeVpcEndpointServices(here, &ec2.DescribeVpcEndpointServicesInput{Filters: test.filters})
			names := must(t, out, err).ServiceNames
			for _, name := range strings.Fields(test.want) {
				if !slices.Contains(names, name) {
					t.Errorf("%s is not among %v", name, names)
				}
			}
			if test.n >= 0 && len(names) != test.n {
				t.Errorf("%d services, want %d: %v", len(names), test.n, names)
			}
		})
	}
	const nope = "com.amazonaws.us-east-1.nope"
	_, err := w.DescribeVpcEndpointServices(here, &ec2.DescribeVpcEndpointServicesInput{ServiceNames: []string{nope}})
	wantError(t, err, "InvalidServiceName", "The Vpc Endpoint Service '"+nope+"' does not exist")
	_, err = w.DescribeVpcEndpointServices(here, &ec2.DescribeVpcEndpointServicesInput{Filters: []ec2.Filter{filter("vpc-id", "x")}})
	wantError(t, err, "InvalidParameterValue", "The filter 'vpc-id' is invalid")
	_, err = w.DescribeVpcEndpointServices(here, &ec2.DescribeVpcEndpointServicesInput{ServiceRegions: []string{"eu-west-1"}})
	wantError(t, err, "UnsupportedOperation", "The parameter ServiceRegions is not supported.")
}

// All pages together are the list, whatever their size [X020].
func TestEndpointServicePages(t *testing.T) {
	w := newTestbed(t)
	all, err := w.DescribeVpcEndpointServices(here, &ec2.DescribeVpcEndpointServicesInput{MaxResults: new(int32(5000))})
	want := len(must(t, all, err).ServiceDetails)
	in := &ec2.DescribeVpcEndpointServicesInput{MaxResults: new(int32(100))}
	seen := map[string]bool{}
	for {
		out, err := w.DescribeVpcEndpointServices(here, in)
		out = must(t, out, err)
		for _, d := range out.ServiceDetails {
			seen[d.ServiceId] = true
		}
		if in.NextToken = out.NextToken; in.NextToken == "" {
			break
		}
	}
	if len(seen) != want {
		t.Errorf("the pages have %d services, the list %d", len(seen), want)
	}
}

// S3's list has the id that AWS's has; a service without one has an empty list [X085] [X127].
func TestDescribePrefixLists(t *testing.T) {
	w := newTestbed(t)
	lists := func(in *ec2.DescribePrefixListsInput) []ec2.PrefixList {
		t.Helper()
		out, err := w.DescribePrefixLists(here, in)
		return must(t, out, err).PrefixLists
	}
	s3 := []ec2.PrefixList{{Cidrs: []string{"192.0.2.0/24"}, PrefixListId: "pl-63a5400a", PrefixListName: "com.amazonaws.us-east-1.s3"}}
	for name, in := range map[string]*ec2.DescribePrefixListsInput{
		"X085 by name":    {Filters: []ec2.Filter{filter("prefix-list-name", "com.amazonaws.us-east-1.s3")}},
		"X085 by id":      {Filters: []ec2.Filter{filter("prefix-list-id", "pl-63a5400a")}},
		"X085 by ids":     {PrefixListIds: []string{"pl-63a5400a", "pl-63a5400a"}},
		"the first of it": {MaxResults: new(int32(1)), Filters: []ec2.Filter{filter("prefix-list-name", "*.s3")}},
	} {
		if diff := cmp.Diff(s3, lists(in)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if all := lists(&ec2.DescribePrefixListsInput{}); len(all) != 2 {
		t.Errorf("all lists are %v", all)
	}
	if got := lists(&ec2.DescribePrefixListsInput{Filters: []ec2.Filter{filter("prefix-list-name", "com.amazonaws.us-east-1.sqs")}}); got == nil || len(got) != 0 {
		t.Errorf("X127: the list of an interface service is %#v", got)
	}
	_, err := w.DescribePrefixLists(here, &ec2.DescribePrefixListsInput{PrefixListIds: []string{"pl-00000000"}})
	wantError(t, err, "InvalidPrefixListId.NotFound", "The prefix list ID 'pl-00000000' does not exist")
	_, err = w.DescribePrefixLists(here, &ec2.DescribePrefixListsInput{PrefixListIds: []string{"pl-x"}})
	wantError(t, err, "InvalidPrefixListId.Malformed", `Invalid id: "pl-x" (expecting "pl-...")`)
}
