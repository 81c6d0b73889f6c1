package integration

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/server"
)

// The life of a trail, as a program in Python sees it, over HTTP [T003] [T007] [T021].
func TestTrailByBoto3(t *testing.T) {
	p := serve(t)
	const life = `
import boto3, botocore.config, datetime, json
ct = boto3.client("cloudtrail")
arn = "arn:aws:cloudtrail:us-east-1:123456789012:trail/audit"

def meta(answer):
    assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    return answer

s3 = boto3.client("s3", config=botocore.config.Config(s3={"addressing_style": "path"}))
s3.create_bucket(Bucket="logs")
try:
    ct.create_trail(Name="audit", S3BucketName="logs")
    raise SystemExit("the bucket lets nobody in")
except ct.exceptions.InsufficientS3BucketPolicyException as e:
    assert e.response["Error"]["Message"] == "Incorrect S3 bucket policy is detected for bucket: logs", e
service = {"Service": "cloudtrail.amazonaws.com"}
s3.put_bucket_policy(Bucket="logs", Policy=json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::logs",
     "Condition": {"StringEquals": {"aws:SourceArn": arn}}},
    {"Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/*AWSLogs/123456789012/*",
     "Condition": {"StringEquals": {"aws:SourceArn": arn, "s3:x-amz-acl": "bucket-owner-full-control"}}}]}))
made = meta(ct.create_trail(Name="audit", S3BucketName="logs", IsMultiRegionTrail=True, EnableLogFileValidation=True,
    TagsList=[{"Key": "team", "Value": "audit"}]))
assert made == dict(Name="audit", S3BucketName="logs", IncludeGlobalServiceEvents=True, IsMultiRegionTrail=True, TrailARN=arn,
    LogFileValidationEnabled=True, IsOrganizationTrail=False), made
assert meta(ct.start_logging(Name="audit")) == {}
status = meta(ct.get_trail_status(Name=arn))
assert status["IsLogging"] and isinstance(status["StartLoggingTime"], datetime.datetime) and "LatestDeliveryTime" not in status, status
assert status["TimeLoggingStopped"] == "" and status["TimeLoggingStarted"].endswith("Z"), status
shown = dict(made, HomeRegion="us-east-1", HasCustomEventSelectors=False, HasInsightSelectors=False)
assert meta(ct.describe_trails()) == {"trailList": [shown]}
assert meta(ct.get_trail(Name="audit")) == {"Trail": shown}
there = boto3.client("cloudtrail", region_name="eu-west-1")
assert meta(there.describe_trails(trailNameList=[arn])) == {"trailList": [shown]}
assert meta(there.describe_trails(includeShadowTrails=False)) == {"trailList": []}
assert meta(there.list_trails()) == {"Trails": [{"TrailARN": arn, "Name": "audit", "HomeRegion": "us-east-1"}]}
try:
    there.stop_logging(Name=arn)
    raise SystemExit("stopped in another region")
except ct.exceptions.InvalidHomeRegionException:
    pass
assert meta(ct.get_event_selectors(TrailName="audit")) == {"TrailARN": arn, "EventSelectors": [
    {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}]}
queues = [{"Name": "queues", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]},
    {"Field": "resources.type", "Equals": ["AWS::SQS::Queue"]}]}]
assert meta(ct.put_event_selectors(TrailName="audit", AdvancedEventSelectors=queues)) == {"TrailARN": arn, "AdvancedEventSelectors": queues}
try:
    ct.put_event_selectors(TrailName="audit", EventSelectors=[{"DataResources": [{"Type": "AWS::SQS::Queue", "Values": ["arn:aws:sqs"]}]}])
    raise SystemExit("basic selectors take queues")
except ct.exceptions.InvalidEventSelectorsException:
    pass
ct.add_tags(ResourceId=arn, TagsList=[{"Key": "cost", "Value": "1"}])
ct.remove_tags(ResourceId=arn, TagsList=[{"Key": "team"}])
assert meta(ct.list_tags(ResourceIdList=[arn])) == {"ResourceTagList": [{"ResourceId": arn, "TagsList": [{"Key": "cost", "Value": "1"}]}]}
updated = meta(ct.update_trail(Name="audit", S3KeyPrefix="p", IsMultiRegionTrail=False))
assert updated == dict(made, S3KeyPrefix="p", IsMultiRegionTrail=False), updated
keys = meta(ct.list_public_keys())["PublicKeyList"]
assert len(keys) == 1 and keys[0]["ValidityStartTime"] < datetime.datetime.now(datetime.timezone.utc) < keys[0]["ValidityEndTime"], keys
assert meta(ct.stop_logging(Name="audit")) == {}
assert not ct.get_trail_status(Name="audit")["IsLogging"]
assert meta(ct.delete_trail(Name="audit")) == {}
try:
    ct.get_trail(Name="audit")
    raise SystemExit("it is still there")
except ct.exceptions.TrailNotFoundException as e:
    assert e.response["Error"]["Message"] == "Unknown trail: audit for the user: 123456789012", e
names = {e["EventName"] for e in ct.lookup_events(LookupAttributes=[{"AttributeKey": "EventSource", "AttributeValue": "cloudtrail.amazonaws.com"}])["Events"]}
assert {"CreateTrail", "StartLogging", "PutEventSelectors", "AddTags", "DeleteTrail", "GetTrail"} <= names, names
print("done")
`
	if out := run(t, p.env(), python(t), "-c", life); out != "done\n" {
		t.Error(out)
	}
}

// A trail that tells a topic of its log files and encrypts them is let in by the policies
// of topic and key, which see on behalf of which trail CloudTrail acts [T018] [T042].
func TestTrailWithTopicAndKey(t *testing.T) {
	c := clock.NewStill(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	s := servertest.New(t, server.Config{Clock: c})
	act := func(action string, params map[string]any) map[string]any {
		t.Helper()
		return servertest.ActAs(t, s, "root", action, params)
	}
	const topic, queueARN = "arn:aws:sns:us-east-1:123456789012:news", "arn:aws:sqs:us-east-1:123456789012:inbox"
	keyOf := func(trail string) string {
		t.Helper()
		made := act("kms:CreateKey", map[string]any{"Policy": servertest.PolicyText(
			`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"kms:*","Resource":"*"},` +
				`{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"kms:GenerateDataKey*","Resource":"*",` +
				`"Condition":{"StringEquals":{"aws:SourceArn":"` + trail + `","kms:EncryptionContext:aws:cloudtrail:arn":"` + trail + `"}}}`)})
		return made["KeyMetadata"].(map[string]any)["Arn"].(string)
	}
	act("sqs:CreateQueue", map[string]any{"QueueName": "inbox", "Attributes": map[string]any{"Policy": servertest.PolicyText(
		`{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}`)}})
	act("sns:CreateTopic", map[string]any{"Name": "news"})
	act("sns:Subscribe", map[string]any{"TopicArn": topic, "Protocol": "sqs", "Endpoint": queueARN, "Attributes": map[string]any{"RawMessageDelivery": "true"}})
	create := func(key string) (int, map[string]any) {
		return servertest.TryAs(t, s, "root", "cloudtrail:CreateTrail", map[string]any{
			"Name": "audit", "S3BucketName": "logs", "SnsTopicName": "news", "KmsKeyId": key,
		})
	}
	topicPolicy := func(trail string) {
		t.Helper()
		act("sns:SetTopicAttributes", map[string]any{"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": servertest.PolicyText(
			`{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"SNS:Publish","Resource":"` + topic + `",` +
				`"Condition":{"StringEquals":{"aws:SourceArn":"` + trail + `"}}}`)})
	}
	if _, refused := create(keyOf(auditTrail)); refused["code"] != "S3BucketDoesNotExistException" { // [T016]
		t.Errorf("no bucket: %v", refused)
	}
	act("s3:CreateBucket", map[string]any{"Bucket": "logs"})
	if _, refused := create(keyOf(auditTrail)); refused["code"] != "InsufficientS3BucketPolicyException" {
		t.Errorf("a bucket without a policy: %v", refused)
	}
	servertest.TrailBucket(t, s, "logs")
	key, another := keyOf(auditTrail), strings.ReplaceAll(auditTrail, "audit", "another")
	topicPolicy(another)
	if _, refused := create(key); refused["code"] != "InsufficientSnsTopicPolicyException" {
		t.Errorf("a topic that lets another trail in: %v", refused)
	}
	topicPolicy(auditTrail)
	if _, refused := create(keyOf(another)); refused["code"] != "InsufficientEncryptionPolicyException" {
		t.Errorf("a key that lets another trail in: %v", refused)
	}
	if _, refused := create("alias/nobody"); refused["code"] != "KmsKeyNotFoundException" {
		t.Errorf("no key: %v", refused)
	}
	if status, made := create(key); status != 200 || made["KmsKeyId"] != key || made["SnsTopicARN"] != topic {
		t.Fatalf("CreateTrail answered %d: %v", status, made)
	}
	act("cloudtrail:StartLogging", map[string]any{"Name": "audit"})
	act("sqs:ListQueues", map[string]any{})
	act("kms:ListKeys", map[string]any{})
	c.Advance(5 * time.Minute)
	servertest.Delivered(t, s, 1)

	keys := servertest.Keys(t, s, "logs", "AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/01/")
	if len(keys) != 1 {
		t.Fatalf("delivered %q", keys)
	}
	got := act("sqs:ReceiveMessage", map[string]any{"QueueUrl": "http://127.0.0.1:4566/123456789012/inbox"})
	message := got["Messages"].([]any)[0].(map[string]any)["Body"].(string)
	if want := `{"s3Bucket":"logs","s3ObjectKey":["` + keys[0] + `"]}`; message != want {
		t.Errorf("the topic is told %s, want %s", message, want)
	}
	o, body := servertest.Object(t, s, "logs", keys[0])
	if o.ContentEncoding != "gzip" || o.ContentType != "application/json" || o.ServerSideEncryption != "aws:kms" || o.SSEKMSKeyId != key {
		t.Fatalf("%+v", o)
	}
	if got := namesIn(t, body); !slices.Contains(got, "ListKeys") || slices.Contains(got, "ListQueues") {
		t.Errorf("it logged %q", got)
	}
	// The key is disabled: what is logged waits, and the status tells why.
	act("kms:DisableKey", map[string]any{"KeyId": key})
	c.Advance(5 * time.Minute)
	servertest.Eventually(t, "the failure", func() bool {
		return act("cloudtrail:GetTrailStatus", map[string]any{"Name": "audit"})["LatestDeliveryError"] == "KMS.DisabledException"
	})
	act("kms:EnableKey", map[string]any{"KeyId": key})
	c.Advance(5 * time.Minute)
	servertest.Eventually(t, "the delivery", func() bool {
		_, failed := act("cloudtrail:GetTrailStatus", map[string]any{"Name": "audit"})["LatestDeliveryError"]
		return !failed
	})
}

// namesIn are the names of the events in a log file.
func namesIn(t *testing.T, file []byte) (names []string) {
	t.Helper()
	for _, e := range eventsIn(t, file) {
		names = append(names, e.EventName)
	}
	return names
}

// eventsIn are the events in a log file.
func eventsIn(t *testing.T, file []byte) []trail.Event {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	var log struct{ Records []trail.Event }
	if err := json.Unmarshal(content, &log); err != nil {
		t.Fatal(err)
	}
	return log.Records
}

// A user may do with trails what policies for their ARNs and tags say; a trail is nobody's
// but its owner's [T080] [T081].
func TestWhoMayUseTrails(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	const trails = "arn:aws:cloudtrail:us-east-1:123456789012:trail/"
	root.role("team", document(t,
		statement{"Effect": "Allow", "Action": "cloudtrail:CreateTrail", "Resource": trails + "team-*", "Condition": statement{"StringEquals": statement{"aws:RequestTag/team": "a"}}},
		statement{"Effect": "Allow", "Action": []string{"cloudtrail:StartLogging", "cloudtrail:GetTrail*"}, "Resource": "*", "Condition": statement{"StringEquals": statement{"aws:ResourceTag/team": "a"}}},
		statement{"Effect": "Allow", "Action": []string{"cloudtrail:AddTags", "cloudtrail:RemoveTags"}, "Resource": trails + "team-*", "Condition": statement{"ForAllValues:StringEquals": statement{"aws:TagKeys": "cost"}}},
		statement{"Effect": "Allow", "Action": "cloudtrail:ListTags", "Resource": trails + "team-*"},
	))
	ours, admin := cloudtrail.NewFromConfig(cloud.As("role/team")), cloudtrail.NewFromConfig(cloud.Config())
	partners := cloudtrail.NewFromConfig(cloud.As("arn:aws:iam::" + partner + ":root"))
	name := func(s string) *string { return &s }
	create := func(c *cloudtrail.Client, name string, tags ...cloudtrailtypes.Tag) error {
		_, err := c.CreateTrail(context.Background(), &cloudtrail.CreateTrailInput{Name: &name, S3BucketName: aws.String("logs"), TagsList: tags})
		return err
	}
	trailBucket(t, newS3(cloud.Config()), "logs")
	tag := func(key, value string) cloudtrailtypes.Tag { return cloudtrailtypes.Tag{Key: &key, Value: &value} }
	if err := create(admin, "audit"); err != nil {
		t.Fatal(err)
	}
	if err := create(ours, "team-1", tag("team", "a")); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for what, c := range map[string]struct {
		err    error
		denied string
	}{
		"another name":      {create(ours, "audit-2", tag("team", "a")), "cloudtrail:CreateTrail on resource: " + trails + "audit-2 because no identity-based policy allows"},
		"another tag":       {create(ours, "team-2", tag("team", "b")), "cloudtrail:CreateTrail on resource: " + trails + "team-2"},
		"start":             {errorOf(ours.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: name("team-1")})), ""},
		"status":            {errorOf(ours.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: name(trails + "team-1")})), ""},
		"start another":     {errorOf(ours.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: name("audit")})), "cloudtrail:StartLogging on resource: " + trails + "audit"},
		"stop":              {errorOf(ours.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: name("team-1")})), "cloudtrail:StopLogging on resource: " + trails + "team-1"},
		"delete":            {errorOf(ours.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: name("team-1")})), "cloudtrail:DeleteTrail on resource: " + trails + "team-1"},
		"update":            {errorOf(ours.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{Name: name("team-1")})), "cloudtrail:UpdateTrail on resource: " + trails + "team-1"},
		"select":            {errorOf(ours.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: name("team-1")})), "cloudtrail:PutEventSelectors on resource: " + trails + "team-1"},
		"selected":          {errorOf(ours.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: name("team-1")})), "cloudtrail:GetEventSelectors on resource: " + trails + "team-1"},
		"tag":               {errorOf(ours.AddTags(ctx, &cloudtrail.AddTagsInput{ResourceId: name(trails + "team-1"), TagsList: []cloudtrailtypes.Tag{tag("cost", "1")}})), ""},
		"untag":             {errorOf(ours.RemoveTags(ctx, &cloudtrail.RemoveTagsInput{ResourceId: name(trails + "team-1"), TagsList: []cloudtrailtypes.Tag{tag("team", "a")}})), "cloudtrail:RemoveTags on resource: " + trails + "team-1"},
		"tags":              {errorOf(ours.ListTags(ctx, &cloudtrail.ListTagsInput{ResourceIdList: []string{trails + "team-1"}})), ""},
		"tags of two":       {errorOf(ours.ListTags(ctx, &cloudtrail.ListTagsInput{ResourceIdList: []string{trails + "team-1", trails + "audit"}})), "cloudtrail:ListTags on resource: " + trails + "audit"},
		"list":              {errorOf(ours.ListTrails(ctx, &cloudtrail.ListTrailsInput{})), "cloudtrail:ListTrails on resource: *"},
		"describe":          {errorOf(ours.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})), "cloudtrail:DescribeTrails on resource: *"},
		"keys":              {errorOf(ours.ListPublicKeys(ctx, &cloudtrail.ListPublicKeysInput{})), "cloudtrail:ListPublicKeys on resource: *"},
		"another account":   {errorOf(partners.GetTrail(ctx, &cloudtrail.GetTrailInput{Name: name(trails + "audit")})), "cloudtrail:GetTrail on resource: " + trails + "audit"},
		"deletes another's": {errorOf(partners.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: name(trails + "audit")})), "cloudtrail:DeleteTrail on resource: " + trails + "audit"},
	} {
		var denied smithy.APIError
		if isDenied := errors.As(c.err, &denied) && denied.ErrorCode() == "AccessDeniedException"; isDenied != (c.denied != "") ||
			c.err != nil && !isDenied || isDenied && !strings.Contains(denied.ErrorMessage(), "is not authorized to perform: "+c.denied) {
			t.Errorf("%s: %v", what, c.err)
		}
	}
}

func errorOf[T any](_ T, err error) error { return err }

// trailBucket makes a bucket in which CloudTrail may put files.
func trailBucket(t *testing.T, c *s3.Client, name string) {
	t.Helper()
	if _, err := c.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	service := statement{"Service": "cloudtrail.amazonaws.com"}
	policy := document(t,
		statement{"Effect": "Allow", "Principal": service, "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::" + name},
		statement{"Effect": "Allow", "Principal": service, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::" + name + "/*"},
	)
	if _, err := c.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: &name, Policy: &policy}); err != nil {
		t.Fatal(err)
	}
}
