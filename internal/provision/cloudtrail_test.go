package provision_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// parsed is a JSON object.
func (w *world) parsed(text string) (object map[string]any) {
	w.t.Helper()
	if err := json.Unmarshal([]byte(text), &object); err != nil {
		w.t.Fatalf("%s: %v", text, err)
	}
	return object
}

func TestTrail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.create("AWS::S3::Bucket", "Bucket", `{}`)
	w.create("AWS::S3::BucketPolicy", "Policy", `{"Bucket":"`+b.PhysicalID+`","PolicyDocument":{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:GetBucketAcl","Resource":"`+b.get("Arn")+`"},
		{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"`+b.get("Arn")+`/*"}]}}`)
	topic := w.create("AWS::SNS::Topic", "Topic", `{"TopicName":"logs"}`)
	w.create("AWS::SNS::TopicPolicy", "TopicPolicy", `{"Topics":["`+topic.PhysicalID+`"],"PolicyDocument":{"Statement":[
		{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sns:Publish","Resource":"*"}]}}`)
	base := `"S3BucketName":"` + b.PhysicalID + `"`
	tr := w.createTagged("AWS::CloudTrail::Trail", "Trail", `{`+base+`,"IsLogging":true,"S3KeyPrefix":"p","SnsTopicName":"logs","IsMultiRegionTrail":true,"EnableLogFileValidation":true,
		"EventSelectors":[{"ReadWriteType":"WriteOnly","IncludeManagementEvents":true,"DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3"]}]}]}`, systemTags("a"))
	name := "stack-Trail-Token0000005"
	arn := "arn:aws:cloudtrail:us-east-1:123456789012:trail/" + name
	wants(t, tr.PhysicalID, name)
	wants(t, tr.get("Arn"), arn)
	wants(t, tr.get("SnsTopicArn"), topic.PhysicalID)
	trail := func() map[string]any {
		return within(w.ask("cloudtrail", "GetTrail", in{"Name": name}), "Trail")
	}
	logs := func() any { return w.ask("cloudtrail", "GetTrailStatus", in{"Name": name})["IsLogging"] }
	has(t, trail(), "S3KeyPrefix", `"p"`)
	has(t, trail(), "IsMultiRegionTrail", `true`)
	has(t, trail(), "LogFileValidationEnabled", `true`)
	selected := w.ask("cloudtrail", "GetEventSelectors", in{"TrailName": name})
	wants(t, names(selected, "EventSelectors", "ReadWriteType"), "WriteOnly")
	if logs() != true {
		t.Error("the trail does not log")
	}

	tr.updateTagged(`{`+base+`,"IsLogging":false}`, systemTags("b"))
	if now := trail(); now["S3KeyPrefix"] != nil || now["SnsTopicName"] != nil || now["IsMultiRegionTrail"] == true || now["LogFileValidationEnabled"] == true || now["IncludeGlobalServiceEvents"] != true {
		t.Errorf("the trail is %v", now)
	}
	wants(t, tr.get("SnsTopicArn"), "")
	wants(t, names(w.ask("cloudtrail", "GetEventSelectors", in{"TrailName": name}), "EventSelectors", "ReadWriteType"), "All")
	if logs() != false && logs() != nil {
		t.Error("the trail logs")
	}
	out := w.ask("cloudtrail", "ListTags", in{"ResourceIdList": []string{arn}})
	wants(t, names(within(in{"of": out["ResourceTagList"].([]any)[0]}, "of"), "TagsList", "Value"), "b stack")

	for properties, want := range map[string]string{
		`{` + base + `,"IsLogging":true,"InsightSelectors":[{"InsightType":"ApiCallRateInsight"}]}`: "InsightSelectors",
		`{"S3BucketName":"there-is-none","IsLogging":true}`:                                         "S3",
	} {
		if reason := w.refuses("AWS::CloudTrail::Trail", "Bad", properties); !strings.Contains(reason, want) {
			t.Error(reason)
		}
	}
	tr.delete()
	// What the CDK writes where nothing is set.
	plain := w.create("AWS::CloudTrail::Trail", "Plain", `{`+base+`,"IsLogging":true,"EventSelectors":[],"InsightSelectors":[]}`)
	wants(t, names(w.ask("cloudtrail", "GetEventSelectors", in{"TrailName": plain.PhysicalID}), "EventSelectors", "ReadWriteType"), "All")
	plain.delete()
	w.lacks("cloudtrail", "GetTrail", in{"Name": name})
}
