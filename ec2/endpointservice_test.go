package ec2

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestEndpointServices: a service is found by its full name, in the regions where it
// has endpoints.
func TestEndpointServices(t *testing.T) {
	for _, c := range []struct{ region, name, serves, types string }{
		{"us-east-1", "com.amazonaws.us-east-1.sqs", "sqs", "Interface"},
		{"eu-west-1", "com.amazonaws.eu-west-1.kms", "kms", "Interface"},
		{"eu-west-1", "com.amazonaws.eu-west-1.kms-fips", "kms", "Interface"},
		{"X120", "com.amazonaws.X120.s3", "s3", "Gateway Interface"},
		{"us-east-1", "com.amazonaws.us-east-1.dynamodb", "dynamodb", "Gateway Interface"},
		{"us-east-1", "com.amazonaws.us-east-1.ecr.dkr", "ecr.dkr", "Interface"},
		{"us-east-1", "aws.sagemaker.us-east-1.notebook", "notebook", "Interface"},
		{"us-east-1", "com.amazonaws.iam", "iam", "Interface"},
		{"us-east-1", "com.amazonaws.us-east-1.organizations", "organizations", "Interface"},
		{"eu-west-1", "com.amazonaws.s3-global.accesspoint", "s3-global.accesspoint", "Interface"},
		{"cn-north-1", "cn.com.amazonaws.cn-north-1.lambda", "lambda", "Interface"},
		{"cn-north-1", "com.amazonaws.cn-north-1.sqs", "sqs", "Interface"},
		{"eu-west-1", "com.amazonaws.iam", "", ""},
		{"eu-west-1", "com.amazonaws.eu-west-1.organizations", "", ""},
		{"us-east-1", "com.amazonaws.us-east-1.iam", "", ""},
		{"us-east-1", "com.amazonaws.eu-west-1.sqs", "", ""},
		{"us-east-1", "com.amazonaws.REGION.sqs", "", ""},
		{"us-east-1", "com.amazonaws.us-east-1.SQS", "", ""},
		{"us-east-1", "com.amazonaws.us-east-1.sqs.", "", ""},
		{"us-east-1", "com.amazonaws.us-east-1", "", ""},
		{"us-east-1", "com.amazonaws.sqs", "", ""},
		{"us-east-1", "cn.com.amazonaws.us-east-1.sqs", "", ""},
		{"us-east-1", "sqs", "", ""},
		{"us-east-1", "", "", ""},
	} {
		s, ok := findEndpointService(c.region, c.name)
		if ok != (c.serves != "") || ok && (s.serves() != c.serves || strings.Join(s.types(), " ") != c.types || s.fullName != c.name) {
			t.Errorf("%s in %s is %v %+v, %v", c.name, c.region, ok, s, s.types())
		}
	}
	for _, region := range []string{"us-east-1", "eu-west-1"} {
		for _, s := range endpointServices(region) {
			if found, ok := findEndpointService(region, s.fullName); !ok || found != s {
				t.Errorf("%+v is listed and found as %+v", s, found)
			}
		}
	}
}

// TestDNSNames: the names of an interface endpoint [G4] [X096]-[X098].
func TestDNSNames(t *testing.T) {
	const id = "vpce-0123456789abcdef0"
	label := id + "-" + derived(8, alphanumeric, id)
	for _, c := range []struct {
		name, region, service string
		zones                 []string
		private               bool
		want                  string
	}{
		{"X096 regional, zonal, private", "us-east-1", "com.amazonaws.us-east-1.sqs", []string{"us-east-1b", "us-east-1a"}, true,
			"LABEL.sqs.us-east-1.vpce.amazonaws.com LABEL-us-east-1b.sqs.us-east-1.vpce.amazonaws.com LABEL-us-east-1a.sqs.us-east-1.vpce.amazonaws.com sqs.us-east-1.amazonaws.com"},
		{"G4 without private DNS", "eu-west-1", "com.amazonaws.eu-west-1.kms", []string{"eu-west-1c"}, false,
			"LABEL.kms.eu-west-1.vpce.amazonaws.com LABEL-eu-west-1c.kms.eu-west-1.vpce.amazonaws.com"},
		{"X099 without subnets", "us-east-1", "com.amazonaws.us-east-1.sns", nil, false, "LABEL.sns.us-east-1.vpce.amazonaws.com"},
		{"a global service", "us-east-1", "com.amazonaws.iam", nil, true, "LABEL.iam.us-east-1.vpce.amazonaws.com iam.amazonaws.com"},
		{"in China", "cn-north-1", "com.amazonaws.cn-north-1.sts", nil, true, "LABEL.sts.cn-north-1.vpce.amazonaws.com.cn sts.cn-north-1.amazonaws.com.cn"},
		{"of a service whose name has two parts", "us-east-1", "com.amazonaws.us-east-1.ecr.api", nil, true, "LABEL.api.ecr.us-east-1.vpce.amazonaws.com api.ecr.us-east-1.amazonaws.com"},
		{"of a service that is called otherwise", "us-east-1", "com.amazonaws.us-east-1.kinesis-firehose", nil, true, "LABEL.kinesis-firehose.us-east-1.vpce.amazonaws.com firehose.us-east-1.amazonaws.com"},
		{"X098 several private names", "us-east-1", "com.amazonaws.us-east-1.s3", []string{"us-east-1a"}, true,
			"*.LABEL.s3.us-east-1.vpce.amazonaws.com *.LABEL-us-east-1a.s3.us-east-1.vpce.amazonaws.com" +
				" s3.us-east-1.amazonaws.com *.s3.us-east-1.amazonaws.com *.s3-accesspoint.us-east-1.amazonaws.com *.s3-control.us-east-1.amazonaws.com"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, ok := findEndpointService(c.region, c.service)
			if !ok {
				t.Fatal("there is no such service")
			}
			var names []string
			hosted := map[string][]string{} // names by hosted zone
			for _, e := range dnsEntries(s, id, c.zones, c.private) {
				names = append(names, e.DnsName)
				hosted[e.HostedZoneId] = append(hosted[e.HostedZoneId], e.DnsName)
			}
			if diff := cmp.Diff(strings.Fields(strings.ReplaceAll(c.want, "LABEL", label)), names); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			for zone, names := range hosted {
				if shared := strings.Contains(names[0], ".vpce."); shared && len(names) != 1+len(c.zones) || !shared && len(names) != 1 {
					t.Errorf("zone %s has %v", zone, names)
				}
			}
		})
	}
}

// TestPrefixListsOfARegion: each service with gateway endpoints has one [X085].
func TestPrefixListsOfARegion(t *testing.T) {
	seen := map[string]string{}
	for _, region := range []string{"us-east-1", "eu-west-1", "cn-north-1"} {
		lists := prefixLists(region)
		if len(lists) != 2 {
			t.Fatalf("%s has %v", region, lists)
		}
		for _, l := range lists {
			if seen[l.PrefixListId] != "" {
				t.Errorf("%s and %s are both %s", l.PrefixListName, seen[l.PrefixListId], l.PrefixListId)
			}
			seen[l.PrefixListId] = l.PrefixListName
		}
	}
	if seen["pl-63a5400a"] != "com.amazonaws.us-east-1.s3" {
		t.Errorf("the lists are %v", seen)
	}
}
