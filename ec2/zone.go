package ec2

import (
	"cmp"
	"context"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
)

// zone is an availability zone as an account sees it.
type zone struct {
	name string // such as us-east-1a
	id   string // such as use1-az6: the same place for all accounts
}

// zoneLayout is the letters of a region's zones and the numbers of their ids.
type zoneLayout struct {
	letters string
	numbers []int
}

// usualZones are those of most regions.
var usualZones = zoneLayout{"abc", []int{1, 2, 3}}

// zoneLayouts are those of the others.
//
// See https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html.
var zoneLayouts = map[string]zoneLayout{
	"us-east-1":      {"abcdef", []int{1, 2, 3, 4, 5, 6}},
	"us-west-1":      {"ac", []int{1, 3}},
	"us-west-2":      {"abcd", []int{1, 2, 3, 4}},
	"ca-central-1":   {"abd", []int{1, 2, 4}},
	"ap-northeast-1": {"acd", []int{1, 2, 4}},
	"ap-northeast-2": {"abcd", []int{1, 2, 3, 4}},
}

// zonesOf are the zones of a place, in the order of their names. Which zone has which
// letter differs from account to account [X082], and never changes for one.
func zonesOf(p place) []zone {
	layout, ok := zoneLayouts[p.region]
	if !ok {
		layout = usualZones
	}
	numbers := slices.Clone(layout.numbers)
	slices.SortFunc(numbers, func(a, b int) int { return cmp.Compare(p.shuffled(a), p.shuffled(b)) })
	zones := make([]zone, len(numbers))
	for i, n := range numbers {
		zones[i] = zone{p.region + layout.letters[i:i+1], zonePrefix(p.region) + "-az" + strconv.Itoa(n)}
	}
	return zones
}

// zoneIDs are the ids of a place's zones by their names.
func zoneIDs(p place) map[string]string {
	ids := map[string]string{}
	for _, z := range zonesOf(p) {
		ids[z.name] = z.id
	}
	return ids
}

// shuffled is a number that puts the zones of a place into an order of its own.
func (p place) shuffled(zone int) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(p.key(strconv.Itoa(zone))))
	return h.Sum64()
}

// zonePrefix is how the ids of a region's zones begin, such as use1 for us-east-1.
func zonePrefix(region string) string {
	short := strings.NewReplacer(
		"northeast", "ne", "northwest", "nw", "southeast", "se", "southwest", "sw",
		"north", "n", "east", "e", "south", "s", "west", "w", "central", "c", "gov", "g", "-", "",
	)
	return short.Replace(region)
}

// DescribeAvailabilityZonesInput is the input of DescribeAvailabilityZones.
type DescribeAvailabilityZonesInput struct {
	ZoneNames            []string `query:"ZoneName"`
	ZoneIds              []string `query:"ZoneId"`
	AllAvailabilityZones bool
	Filters              []Filter `query:"Filter"`
	DryRun               bool
}

// DescribeAvailabilityZonesOutput is the output of DescribeAvailabilityZones.
type DescribeAvailabilityZonesOutput struct {
	AvailabilityZones []AvailabilityZone `name:"availabilityZoneInfo"`
}

// AvailabilityZone is a zone as answers show it.
type AvailabilityZone struct {
	Geography          []AvailabilityZoneGeography `name:"geographySet"`
	GroupLongName      string
	GroupName          string
	Messages           []AvailabilityZoneMessage `name:"messageSet"`
	NetworkBorderGroup string
	OptInStatus        string
	ParentZoneId       string
	ParentZoneName     string
	RegionName         string
	State              string                         `name:"zoneState"`
	SubGeography       []AvailabilityZoneSubGeography `name:"subGeographySet"`
	ZoneId             string
	ZoneName           string
	ZoneType           string
}

// AvailabilityZoneGeography is where a zone is; no zone says it here.
type AvailabilityZoneGeography struct{ Name string }

// AvailabilityZoneSubGeography is where a zone is, more exactly.
type AvailabilityZoneSubGeography struct{ Name string }

// AvailabilityZoneMessage is a message about a zone; there are none.
type AvailabilityZoneMessage struct{ Message string }

const zoneType = "availability-zone"

// zoneFilters are those of DescribeAvailabilityZones [X083].
var zoneFilters = filterTable[AvailabilityZone]{
	"group-long-name":  one(func(z AvailabilityZone) string { return z.GroupLongName }),
	"group-name":       one(func(z AvailabilityZone) string { return z.GroupName }),
	"message":          func(AvailabilityZone) []string { return nil },
	"opt-in-status":    one(func(z AvailabilityZone) string { return z.OptInStatus }),
	"parent-zone-id":   func(AvailabilityZone) []string { return nil },
	"parent-zone-name": func(AvailabilityZone) []string { return nil },
	"region-name":      one(func(z AvailabilityZone) string { return z.RegionName }),
	"state":            one(func(z AvailabilityZone) string { return z.State }),
	"zone-id":          one(func(z AvailabilityZone) string { return z.ZoneId }),
	"zone-name":        one(func(z AvailabilityZone) string { return z.ZoneName }),
	"zone-type":        one(func(z AvailabilityZone) string { return z.ZoneType }),
}

// DescribeAvailabilityZones lists the zones of the caller's region. There are no
// local zones and the like.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html.
func (s *Service) DescribeAvailabilityZones(ctx context.Context, in *DescribeAvailabilityZonesInput) (*DescribeAvailabilityZonesOutput, error) {
	p := placeOf(ctx)
	zones := zonesOf(p)
	for _, name := range in.ZoneNames {
		if !slices.ContainsFunc(zones, func(z zone) bool { return z.name == name }) {
			return nil, errInvalidValue.Withf("Invalid availability zone: [%s]", name)
		}
	}
	for _, id := range in.ZoneIds {
		if !slices.ContainsFunc(zones, func(z zone) bool { return z.id == id }) {
			return nil, errInvalidValue.Withf("Invalid availability zone-id: [%s]", id)
		}
	}
	var all []AvailabilityZone
	for _, z := range zones {
		if (len(in.ZoneNames) == 0 || slices.Contains(in.ZoneNames, z.name)) && (len(in.ZoneIds) == 0 || slices.Contains(in.ZoneIds, z.id)) {
			all = append(all, shownZone(p.region, z))
		}
	}
	found, err := filtered(all, in.Filters, zoneFilters, nil)
	if err != nil {
		return nil, err
	}
	return &DescribeAvailabilityZonesOutput{append([]AvailabilityZone{}, found...)}, nil
}

// shownZone is a zone as answers show it [X081].
func shownZone(region string, z zone) AvailabilityZone {
	return AvailabilityZone{
		GroupLongName: location(region) + " 1", GroupName: region + "-zg-1", Messages: []AvailabilityZoneMessage{},
		NetworkBorderGroup: region, OptInStatus: notRequired, RegionName: region, State: stateAvailable,
		ZoneId: z.id, ZoneName: z.name, ZoneType: zoneType,
	}
}
