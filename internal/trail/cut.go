package trail

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// How much of a field CloudTrail keeps, in bytes.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html.
const (
	MaxUserAgent    = 1 << 10
	MaxErrorMessage = 1 << 10
	MaxParameters   = 100 << 10
)

// Cut is the beginning of s, at most limit bytes of it and no part of a
// character. A part is a copy, so that it does not hold on to all of s.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return strings.Clone(s[:limit])
}

// CutParameters is the value of requestParameters or responseElements, as field says,
// or, where it is too large, what CloudTrail puts in its place. The member omitted is
// documented; its other members are as in recorded events.
func CutParameters(field string, value []byte) []byte {
	if len(value) <= MaxParameters {
		return value
	}
	return fmt.Appendf(nil, `{"omitted":true,"originalSize":%d,"reason":"%s too large"}`, len(value), field)
}
