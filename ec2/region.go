package ec2

import (
	"cmp"
	"context"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
)

func (s *Service) placeOperations() []api.Operation {
	return []api.Operation{
		api.Op("DescribeRegions", s.DescribeRegions, "ec2:DescribeRegions", anything[*DescribeRegionsInput], api.ReadOnly),
		api.Op("DescribeAvailabilityZones", s.DescribeAvailabilityZones, "ec2:DescribeAvailabilityZones", anything[*DescribeAvailabilityZonesInput], api.ReadOnly),
	}
}

// DescribeRegionsInput is the input of DescribeRegions.
type DescribeRegionsInput struct {
	RegionNames []string `query:"RegionName"`
	AllRegions  bool
	Filters     []Filter `query:"Filter"`
	DryRun      bool
}

// DescribeRegionsOutput is the output of DescribeRegions.
type DescribeRegionsOutput struct {
	Regions []Region `name:"regionInfo"`
}

// Region is a region as answers show it.
type Region struct {
	Endpoint    string            `name:"regionEndpoint"`
	Geography   []RegionGeography `name:"geographySet"`
	OptInStatus string
	RegionName  string
}

// RegionGeography is where a region is; no region says it here.
type RegionGeography struct{ Name string }

// What a region or zone says about whether an account has to ask for it. Every region
// is open to every account here, so those that AWS opens on request are opened.
const notRequired, optedIn = "opt-in-not-required", "opted-in"

// regionFilters are those of DescribeRegions.
var regionFilters = filterTable[Region]{
	"endpoint":      one(func(r Region) string { return r.Endpoint }),
	"opt-in-status": one(func(r Region) string { return r.OptInStatus }),
	"region-name":   one(func(r Region) string { return r.RegionName }),
}

// DescribeRegions lists the regions of the caller's partition [X084].
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html.
func (s *Service) DescribeRegions(ctx context.Context, in *DescribeRegionsInput) (*DescribeRegionsOutput, error) {
	names := s.regions.Names(arn.Partition(placeOf(ctx).region))
	for _, name := range in.RegionNames {
		if !slices.Contains(names, name) {
			return nil, errInvalidValue.Withf("Invalid region name '%s'", name)
		}
	}
	var all []Region
	for _, name := range names {
		if len(in.RegionNames) == 0 || slices.Contains(in.RegionNames, name) {
			all = append(all, Region{RegionName: name, Endpoint: endpoint(name), OptInStatus: optInStatus(name)})
		}
	}
	found, err := filtered(all, in.Filters, regionFilters, nil)
	if err != nil {
		return nil, err
	}
	return &DescribeRegionsOutput{append([]Region{}, found...)}, nil
}

func optInStatus(region string) string {
	if arn.OptIn(region) {
		return optedIn
	}
	return notRequired
}

// endpoint is the host of EC2 in a region.
func endpoint(region string) string {
	host := "ec2." + region + ".amazonaws.com"
	if arn.Partition(region) == "aws-cn" {
		host += ".cn"
	}
	return host
}

// location is where a region is, as AWS's lists say it; a region that they do not
// have is called by its name.
func location(region string) string { return cmp.Or(locations[region], region) }

// locations are those of AWS's regions.
//
// See https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html.
var locations = map[string]string{
	"af-south-1":     "Africa (Cape Town)",
	"ap-east-1":      "Asia Pacific (Hong Kong)",
	"ap-east-2":      "Asia Pacific (Taipei)",
	"ap-northeast-1": "Asia Pacific (Tokyo)",
	"ap-northeast-2": "Asia Pacific (Seoul)",
	"ap-northeast-3": "Asia Pacific (Osaka)",
	"ap-south-1":     "Asia Pacific (Mumbai)",
	"ap-south-2":     "Asia Pacific (Hyderabad)",
	"ap-southeast-1": "Asia Pacific (Singapore)",
	"ap-southeast-2": "Asia Pacific (Sydney)",
	"ap-southeast-3": "Asia Pacific (Jakarta)",
	"ap-southeast-4": "Asia Pacific (Melbourne)",
	"ap-southeast-5": "Asia Pacific (Malaysia)",
	"ap-southeast-6": "Asia Pacific (New Zealand)",
	"ap-southeast-7": "Asia Pacific (Thailand)",
	"ca-central-1":   "Canada (Central)",
	"ca-west-1":      "Canada West (Calgary)",
	"eu-central-1":   "Europe (Frankfurt)",
	"eu-central-2":   "Europe (Zurich)",
	"eu-north-1":     "Europe (Stockholm)",
	"eu-south-1":     "Europe (Milan)",
	"eu-south-2":     "Europe (Spain)",
	"eu-west-1":      "Europe (Ireland)",
	"eu-west-2":      "Europe (London)",
	"eu-west-3":      "Europe (Paris)",
	"il-central-1":   "Israel (Tel Aviv)",
	"me-central-1":   "Middle East (UAE)",
	"me-south-1":     "Middle East (Bahrain)",
	"mx-central-1":   "Mexico (Central)",
	"sa-east-1":      "South America (Sao Paulo)",
	"us-east-1":      "US East (N. Virginia)",
	"us-east-2":      "US East (Ohio)",
	"us-west-1":      "US West (N. California)",
	"us-west-2":      "US West (Oregon)",
	"cn-north-1":     "China (Beijing)",
	"cn-northwest-1": "China (Ningxia)",
	"us-gov-east-1":  "AWS GovCloud (US-East)",
	"us-gov-west-1":  "AWS GovCloud (US-West)",
}
