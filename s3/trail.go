package s3

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/trail"
)

// CloudTrail's names for what calls act on.
const (
	bucketType = "AWS::S3::Bucket"
	objectType = "AWS::S3::Object"
)

// completeEvent makes the resources of an event those that S3 names: objects, and behind
// them their buckets, each of which it names once. A list is of all objects of a bucket,
// or of those with a prefix.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-understanding-s3-entries.html.
func completeEvent(e *trail.Event) {
	var objects, buckets []trail.Resource
	for _, r := range e.Resources {
		name, _, isObject := strings.Cut(r.ARN, "/")
		if isObject {
			objects = append(objects, trail.Resource{Type: objectType, ARN: r.ARN})
		}
		if !slices.ContainsFunc(buckets, func(b trail.Resource) bool { return b.ARN == name }) {
			buckets = append(buckets, trail.Resource{AccountID: r.AccountID, Type: bucketType, ARN: name})
		}
	}
	if objects == nil && buckets != nil && !e.ManagementEvent {
		var listed struct{ Prefix string }
		_ = json.Unmarshal(e.RequestParameters, &listed) // null where the call was denied
		objects = []trail.Resource{{Type: objectType, ARNPrefix: buckets[0].ARN + "/" + listed.Prefix}}
	}
	e.Resources = append(objects, buckets...)
}
