package cloudtrail

import (
	"errors"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
)

func TestTrailNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"abc", "Trail-1", "a.b_c-d", "1.2.3", strings.Repeat("a", 128)} {
		if err := checkTrailName(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, want := range map[string]string{
		"":                       "Trail name too short. Minimum allowed length: 3 characters. Specified name length: 0 characters.",
		"ab":                     "Trail name too short. Minimum allowed length: 3 characters. Specified name length: 2 characters.",
		strings.Repeat("a", 129): "Trail name too long. Maximum allowed length: 128 characters. Specified name length: 129 characters.",
		"-abc":                   "Trail name must starts with a letter or number.",
		"abc.":                   "Trail name must ends with a letter or number.",
		"a b c":                  "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).",
		"a/b":                    "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).",
		"träil":                  "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).",
		"a._b":                   "Trail name cannot have adjacent periods, hyphens, or underscores.",
		"192.168.5.4":            "Trail name cannot be in the format of an IP address.",
	} {
		err := checkTrailName(name)
		if e, ok := errors.AsType[*api.Error](err); !ok || e.Code != "InvalidTrailNameException" || e.Message != want {
			t.Errorf("%q: %v, want %s", name, err, want)
		}
	}
}

func TestTrailNamesAndARNs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]trailID{
		"audit": {"111122223333", "eu-west-1", "audit"},
		"arn:aws:cloudtrail:us-east-1:123456789012:trail/audit":     {"123456789012", "us-east-1", "audit"},
		"arn:aws-cn:cloudtrail:cn-north-1:123456789012:trail/audit": {"123456789012", "cn-north-1", "audit"},
	} {
		id, err := readTrail(text, "111122223333", "eu-west-1")
		if err != nil || id != want {
			t.Errorf("%s: %v, %v", text, id, err)
		}
		if strings.HasPrefix(text, "arn:") && id.arn() != text {
			t.Errorf("%s became %s", text, id.arn())
		}
	}
	for text, want := range map[string]*api.Error{
		"arn:aws:cloudtrail":                                           ErrCloudTrailARNInvalid,
		"arn:aws:sqs:us-east-1:123456789012:trail/audit":               ErrCloudTrailARNInvalid,
		"arn:aws:cloudtrail:us-east-1:12345678901:trail/audit":         ErrCloudTrailARNInvalid,
		"arn:aws-cn:cloudtrail:us-east-1:123456789012:trail/audit":     ErrCloudTrailARNInvalid,
		"arn:aws:cloudtrail::123456789012:trail/audit":                 ErrCloudTrailARNInvalid,
		"arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/abc": ErrCloudTrailARNInvalid,
		"arn:aws:cloudtrail:us-east-1:123456789012:trail/a":            ErrInvalidTrailName,
		"a": ErrInvalidTrailName,
	} {
		if id, err := readTrail(text, "111122223333", "eu-west-1"); !errors.Is(err, want) {
			t.Errorf("%s: %v, %v", text, id, err)
		}
	}
	if _, err := readTrailARN("audit"); !errors.Is(err, ErrCloudTrailARNInvalid) {
		t.Errorf("a name in place of an ARN: %v", err)
	}
}
