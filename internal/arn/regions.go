package arn

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/nearest"
)

// builtIn are the regions of the partitions aws, aws-cn and aws-us-gov, those
// that are announced among them, as of November 2026: the list that AWS's SDKs
// carry (partitions.json of botocore 1.44). An asterisk marks those that an
// account has to opt in to: all that came after March 20, 2019 (Osaka had been a
// local region before).
//
// See https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html.
const builtIn = `
af-south-1* ap-east-1* ap-east-2* ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2*
ap-southeast-1 ap-southeast-2 ap-southeast-3* ap-southeast-4* ap-southeast-5* ap-southeast-6*
ap-southeast-7* ca-central-1 ca-west-1* eu-central-1 eu-central-2* eu-north-1 eu-south-1* eu-south-2*
eu-west-1 eu-west-2 eu-west-3 il-central-1* me-central-1* me-south-1* me-west-1* mx-central-1* sa-east-1
sa-west-1* us-east-1 us-east-2 us-west-1 us-west-2 cn-north-1 cn-northwest-1 us-gov-east-1
us-gov-west-1
`

// builtInRegions is builtIn by name, optInRegions those of it with an asterisk.
var builtInRegions, optInRegions = func() (map[string]string, map[string]bool) {
	names, optIn := make(map[string]string), make(map[string]bool)
	for name := range strings.FieldsSeq(builtIn) {
		name, marked := strings.CutSuffix(name, "*")
		names[name], optIn[name] = name, marked
	}
	return names, optIn
}()

// OptIn reports whether an account has to opt in to a region.
//
// See https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html.
func OptIn(region string) bool { return optInRegions[region] }

// Regions are the regions that there are: AWS's, and those that somebody
// allowed beside them. A nil Regions are AWS's alone.
type Regions struct{ allowed map[string]string }

// NewRegions are AWS's regions and those of the given names. It fails where a
// name cannot be a region's: what stands in ARNs, host names and credential scopes.
func NewRegions(allowed ...string) (*Regions, error) {
	r := &Regions{allowed: make(map[string]string, len(allowed))}
	for _, name := range allowed {
		if !isName(name) {
			return nil, fmt.Errorf("%q cannot be the name of a region, such as eu-north-9", name)
		}
		r.allowed[name] = name
	}
	return r, nil
}

// Find is the region of that name. What it answers holds on to no other text.
func (r *Regions) Find(name string) (region string, ok bool) {
	if region, ok = builtInRegions[name]; !ok && r != nil {
		region, ok = r.allowed[name]
	}
	return region, ok
}

// Names are all regions of a partition, in the order of the alphabet.
func (r *Regions) Names(partition string) []string {
	all := maps.Clone(builtInRegions)
	if r != nil {
		maps.Copy(all, r.allowed)
	}
	maps.DeleteFunc(all, func(name, _ string) bool { return Partition(name) != partition })
	return slices.Sorted(maps.Keys(all))
}

// Check says what is wrong with a region's name; nil: nothing.
func (r *Regions) Check(name string) error {
	if _, ok := r.Find(name); ok {
		return nil
	}
	hint := nearest.Hint(name, slices.Sorted(maps.Keys(builtInRegions)))
	return fmt.Errorf("%q is not a region of AWS's%s; --allow-region NAME allows others", name, cmp.Or(strings.TrimSuffix(hint, "?"), ", such as us-east-1"))
}

// isName reports whether s is of lower-case letters, digits and hyphens, as a label of a host name is.
func isName(s string) bool {
	const longest = 32
	if s == "" || len(s) > longest || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
