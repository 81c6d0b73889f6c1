package ec2_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/ec2"
)

func TestZones(t *testing.T) {
	w := newTestbed(t)
	zones := w.zones()
	if len(zones) != 6 {
		t.Fatalf("%d zones", len(zones))
	}
	first := zones[0]
	want := ec2.AvailabilityZone{ // [X081]
		GroupLongName: "US East (N. Virginia) 1", GroupName: "us-east-1-zg-1", Messages: []ec2.AvailabilityZoneMessage{}, NetworkBorderGroup: "us-east-1",
		OptInStatus: "opt-in-not-required", RegionName: "us-east-1", State: "available", ZoneId: first.ZoneId, ZoneName: "us-east-1a", ZoneType: "availability-zone",
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	of := func(account, region string) (names, ids []string) {
		out, err := w.DescribeAvailabilityZones(at(account, region), &ec2.DescribeAvailabilityZonesInput{})
		for _, z := range must(t, out, err).AvailabilityZones {
			names, ids = append(names, z.ZoneName), append(ids, z.ZoneId)
		}
		return names, ids
	}
	_, mine := of(account, region)
	_, again := of(account, region)
	_, theirs := of(other, region)
	if slices.Equal(mine, theirs) || !slices.Equal(mine, again) { // [X082]
		t.Errorf("the ids are %q here, %q when asked again and %q of another account", mine, again, theirs)
	}
	slices.Sort(theirs)
	if diff := cmp.Diff([]string{"use1-az1", "use1-az2", "use1-az3", "use1-az4", "use1-az5", "use1-az6"}, theirs); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for region, want := range map[string]string{
		"eu-central-1":   "eu-central-1a eu-central-1b eu-central-1c euc1-az1 euc1-az2 euc1-az3",
		"ap-northeast-1": "ap-northeast-1a ap-northeast-1c ap-northeast-1d apne1-az1 apne1-az2 apne1-az4",
		"us-gov-west-1":  "us-gov-west-1a us-gov-west-1b us-gov-west-1c usgw1-az1 usgw1-az2 usgw1-az3",
		"cn-northwest-1": "cn-northwest-1a cn-northwest-1b cn-northwest-1c cnnw1-az1 cnnw1-az2 cnnw1-az3",
		"elasticmq":      "elasticmqa elasticmqb elasticmqc elasticmq-az1 elasticmq-az2 elasticmq-az3",
	} {
		names, ids := of(account, region)
		slices.Sort(ids)
		if got := strings.Join(append(names, ids...), " "); got != want {
			t.Errorf("%s: %s, want %s", region, got, want)
		}
	}
	for _, in := range []ec2.DescribeAvailabilityZonesInput{ // [X083]
		{ZoneNames: []string{"us-east-1a"}}, {ZoneIds: []string{first.ZoneId}},
		{Filters: []ec2.Filter{filter("zone-id", first.ZoneId)}},
		{Filters: []ec2.Filter{filter("zone-name", "us-east-1a"), filter("state", "available"), filter("zone-type", "availability-zone"), filter("region-name", region), filter("group-name", "us-east-1-zg-1"), filter("opt-in-status", "opt-in-not-required")}},
	} {
		out, err := w.DescribeAvailabilityZones(here, &in)
		if diff := cmp.Diff([]ec2.AvailabilityZone{first}, must(t, out, err).AvailabilityZones); diff != "" {
			t.Errorf("%+v: -want +got\n%s", in, diff)
		}
	}
	_, err := w.DescribeAvailabilityZones(here, &ec2.DescribeAvailabilityZonesInput{ZoneNames: []string{"us-east-1z"}})
	wantError(t, err, "InvalidParameterValue", "Invalid availability zone: [us-east-1z]")
	_, err = w.DescribeAvailabilityZones(here, &ec2.DescribeAvailabilityZonesInput{ZoneIds: []string{"euc1-az1"}})
	wantError(t, err, "InvalidParameterValue", "Invalid availability zone-id: [euc1-az1]")
}

func TestRegions(t *testing.T) {
	w := newTestbed(t)
	find := func(region string, in ec2.DescribeRegionsInput) []ec2.Region {
		t.Helper()
		out, err := w.DescribeRegions(at(account, region), &in)
		return must(t, out, err).Regions
	}
	want := []ec2.Region{ // [X084]
		{Endpoint: "ec2.af-south-1.amazonaws.com", OptInStatus: "opted-in", RegionName: "af-south-1"},
		{Endpoint: "ec2.us-east-1.amazonaws.com", OptInStatus: "opt-in-not-required", RegionName: "us-east-1"},
	}
	for _, in := range []ec2.DescribeRegionsInput{
		{RegionNames: []string{"us-east-1", "af-south-1"}}, {AllRegions: true, Filters: []ec2.Filter{filter("region-name", "us-east-1", "af-south-1")}},
		{Filters: []ec2.Filter{filter("endpoint", "ec2.us-east-1.*", "ec2.af-*")}},
	} {
		if diff := cmp.Diff(want, find(region, in)); diff != "" {
			t.Errorf("%+v: -want +got\n%s", in, diff)
		}
	}
	china := []ec2.Region{
		{Endpoint: "ec2.cn-north-1.amazonaws.com.cn", OptInStatus: "opt-in-not-required", RegionName: "cn-north-1"},
		{Endpoint: "ec2.cn-northwest-1.amazonaws.com.cn", OptInStatus: "opt-in-not-required", RegionName: "cn-northwest-1"},
	}
	if diff := cmp.Diff(china, find("cn-north-1", ec2.DescribeRegionsInput{})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if all := find(region, ec2.DescribeRegionsInput{Filters: []ec2.Filter{filter("opt-in-status", "not-opted-in")}}); len(all) != 0 || all == nil {
		t.Errorf("closed: %v", all)
	}
	_, err := w.DescribeRegions(here, &ec2.DescribeRegionsInput{RegionNames: []string{"us-est-1"}})
	wantError(t, err, "InvalidParameterValue", "Invalid region name 'us-est-1'")
}
