package cloudtrail

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
)

// The lengths of a trail's name.
const (
	minTrailName = 3
	maxTrailName = 128
)

var (
	trailNameCharacters = regexp.MustCompile(`^[A-Za-z0-9._-]*$`)
	adjacentMarks       = regexp.MustCompile(`[._-]{2}`)
)

// checkTrailName refuses what cannot be a trail's name [T012] [T013].
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html.
func checkTrailName(name string) error {
	switch n := len(name); {
	case n < minTrailName:
		return ErrInvalidTrailName.Withf("Trail name too short. Minimum allowed length: %d characters. Specified name length: %d characters.", minTrailName, n)
	case n > maxTrailName:
		return ErrInvalidTrailName.Withf("Trail name too long. Maximum allowed length: %d characters. Specified name length: %d characters.", maxTrailName, n)
	case !trailNameCharacters.MatchString(name):
		return ErrInvalidTrailName.With("Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).")
	case isMark(name[0]):
		return ErrInvalidTrailName.With("Trail name must starts with a letter or number.")
	case isMark(name[len(name)-1]):
		return ErrInvalidTrailName.With("Trail name must ends with a letter or number.")
	case adjacentMarks.MatchString(name):
		return ErrInvalidTrailName.With("Trail name cannot have adjacent periods, hyphens, or underscores.")
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return ErrInvalidTrailName.With("Trail name cannot be in the format of an IP address.")
	}
	return nil
}

func isMark(c byte) bool { return c == '.' || c == '_' || c == '-' }

// trailID is which trail an input means.
type trailID struct{ account, region, name string }

func (id trailID) arn() string {
	return arn.New("cloudtrail", id.region, id.account, "trail/"+id.name).String()
}

// key is the trail's key in the store. The trails of an account stand together.
func (id trailID) key() string { return id.account + "\x00" + id.region + "\x00" + id.name }

// readTrail is the trail that a name or ARN means to a caller at a place: a name means
// one of the caller's own account and region [T008].
func readTrail(nameOrARN, account, region string) (trailID, error) {
	if !strings.HasPrefix(nameOrARN, "arn:") {
		return trailID{account, region, nameOrARN}, checkTrailName(nameOrARN)
	}
	return readTrailARN(nameOrARN)
}

// readTrailARN is the trail of an ARN. A name, where an ARN is required, is none
// [T026].
func readTrailARN(text string) (trailID, error) {
	a, err := arn.Parse(text)
	name, isTrail := strings.CutPrefix(a.Resource, "trail/")
	if err != nil || a.Service != "cloudtrail" || !arn.IsAccountID(a.AccountID) || a.Region == "" ||
		a.Partition != arn.Partition(a.Region) || !isTrail {
		return trailID{}, ErrCloudTrailARNInvalid.Withf("The ARN %s is not that of a trail: arn:aws:cloudtrail:us-east-1:123456789012:trail/MyTrail is.", text)
	}
	return trailID{a.AccountID, a.Region, name}, checkTrailName(name)
}
