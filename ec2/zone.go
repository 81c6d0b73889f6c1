package ec2

import (
	"hash/fnv"
	"math/rand/v2"
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
	"us-west-1":      {"ab", []int{1, 3}},
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
	h := fnv.New64a()
	_, _ = h.Write([]byte(p.key("")))
	order := rand.New(rand.NewPCG(h.Sum64(), 0)).Perm(len(layout.numbers))
	zones := make([]zone, len(layout.numbers))
	for i, at := range order {
		zones[i] = zone{p.region + layout.letters[i:i+1], zonePrefix(p.region) + "-az" + strconv.Itoa(layout.numbers[at])}
	}
	return zones
}

// zonePrefix is how the ids of a region's zones begin, such as use1 for us-east-1.
func zonePrefix(region string) string {
	short := strings.NewReplacer(
		"northeast", "ne", "northwest", "nw", "southeast", "se", "southwest", "sw",
		"north", "n", "east", "e", "south", "s", "west", "w", "central", "c", "gov", "g", "-", "",
	)
	return short.Replace(region)
}
