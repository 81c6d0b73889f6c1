package provision

import (
	"context"

	"github.com/waxseal/waxseal/internal/template"
)

// cloudTrailHandlers are those of trails.
var cloudTrailHandlers = map[string]Handler{
	"AWS::CloudTrail::Trail": {createTrail, updateTrail, deleteTrail},
}

// maxTrailName is how long the name of a trail is at most.
const maxTrailName = 128

// trailSettings are the properties that CreateTrail and UpdateTrail take, by their members.
var trailSettings = []string{
	"S3BucketName", "S3KeyPrefix", "SnsTopicName", "IncludeGlobalServiceEvents", "IsMultiRegionTrail", "EnableLogFileValidation",
	"CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn", "KmsKeyId=KMSKeyId", "IsOrganizationTrail",
}

// trailDefaults are what a trail has whose template does not say.
func trailDefaults() map[string]any {
	return map[string]any{
		"S3KeyPrefix": "", "SnsTopicName": "", "KmsKeyId": "",
		"IncludeGlobalServiceEvents": true, "IsMultiRegionTrail": false, "EnableLogFileValidation": false,
	}
}

// createTrail makes a trail, and has it log where it is to [C230].
func createTrail(ctx context.Context, j *Job) error {
	if err := j.unsupported("InsightSelectors", "AggregationConfigurations"); err != nil {
		return err
	}
	name := j.named("TrailName", maxTrailName)
	made, err := j.Call(ctx, "cloudtrail", "CreateTrail", j.arguments(map[string]any{
		"Name": name, "TagsList": tagList(j.Tags, "Key", "Value"),
	}, trailSettings...))
	if err != nil {
		return err
	}
	j.PhysicalID = name
	j.attributes(map[string]any{"Arn": text(made, "TrailARN"), "SnsTopicArn": text(made, "SnsTopicARN")})
	return first(
		func() error { return j.setSelectors(ctx) },
		func() error { return j.setLogging(ctx) },
	)
}

// selectors are the properties that say which events a trail logs: of one kind or the other.
var selectors = []string{"EventSelectors", "AdvancedEventSelectors"}

// setSelectors has the trail log the events that the properties say: without a word, those
// of all management, as a new one does.
func (j *Job) setSelectors(ctx context.Context) error {
	if !j.changed(selectors...) {
		return nil
	}
	in, hadAny := map[string]any{"TrailName": j.PhysicalID}, false
	for _, property := range selectors {
		hadAny = hadAny || said(j.Before.Get(property))
		if now := j.Properties.Get(property); said(now) {
			in[property] = now
		}
	}
	if len(in) == 1 {
		if !hadAny {
			return nil
		}
		in["EventSelectors"] = []any{map[string]any{"ReadWriteType": "All", "IncludeManagementEvents": true}}
	}
	return j.do(ctx, "cloudtrail", "PutEventSelectors", in)
}

func (j *Job) setLogging(ctx context.Context) error {
	logs := func(n *template.Node) bool { return n.Get("IsLogging").String() == "true" }
	operation := "StartLogging"
	switch now, before := logs(j.Properties), logs(j.Before); {
	case now == before:
		return nil
	case before:
		operation = "StopLogging"
	}
	return j.do(ctx, "cloudtrail", operation, map[string]any{"Name": j.PhysicalID})
}

func updateTrail(ctx context.Context, j *Job) error {
	if err := j.unsupported("InsightSelectors", "AggregationConfigurations"); err != nil {
		return err
	}
	updated, err := j.Call(ctx, "cloudtrail", "UpdateTrail", j.arguments(with(trailDefaults(), "Name", j.PhysicalID), trailSettings...))
	if err != nil {
		return err
	}
	arn := text(updated, "TrailARN")
	j.attributes(map[string]any{"Arn": arn, "SnsTopicArn": text(updated, "SnsTopicARN")})
	return first(
		func() error { return j.setSelectors(ctx) },
		func() error { return j.setLogging(ctx) },
		func() error { return j.retagTrail(ctx, arn) },
	)
}

func (j *Job) retagTrail(ctx context.Context, arn string) error {
	change := func(operation string, tags []any) error {
		return j.do(ctx, "cloudtrail", operation, map[string]any{"ResourceId": arn, "TagsList": tags})
	}
	return j.retag(func(tags map[string]string) error {
		return change("AddTags", tagList(tags, "Key", "Value"))
	}, func(keys []any) error {
		gone := make([]any, len(keys))
		for i, key := range keys {
			gone[i] = map[string]any{"Key": key}
		}
		return change("RemoveTags", gone)
	})
}

func deleteTrail(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "cloudtrail", "DeleteTrail", map[string]any{"Name": j.PhysicalID}))
}
