package cloudformation_test

import (
	"strings"
	"testing"
)

// What a service lacks of a resource is left out, and the event says so.
func TestPropertiesThatAreLeftOut(t *testing.T) {
	w := newWorld(t)
	template := func(days string) string {
		return "Resources:\n  Pics:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: pics, LifecycleConfiguration: {Rules: [{Status: Enabled, ExpirationInDays: " + days + "}]}}\n"
	}
	w.create("shop", template("1"))
	const want = "_COMPLETE The property LifecycleConfiguration of AWS::S3::Bucket is not emulated, and is left out."
	if events := w.events("shop"); !strings.Contains(events, "Pics CREATE"+want) {
		t.Errorf("the events are\n%s", events)
	}
	w.ok("cloudformation:UpdateStack", object{"StackName": "shop", "TemplateBody": template("2")})
	if events := w.events("shop"); !strings.Contains(events, "Pics UPDATE"+want) {
		t.Errorf("the events are\n%s", events)
	}
}

// A denial that is told with another status than 403, as KMS's is, is explained, too.
func TestDenialByKMS(t *testing.T) {
	w := newWorld(t)
	w.as = w.user("dev", mayDeploy)
	w.create("shop", "Resources:\n  Key: {Type: AWS::KMS::Key}\n")
	if events := w.events("shop"); !strings.Contains(events, `— to allow it, add to the identity-based policy rights: {"Effect":"Allow","Action":"kms:CreateKey","Resource":"*"} (waxseal explain `) {
		t.Errorf("the events are\n%s", events)
	}
}

// Clients name change sets after the second: one that found nothing to change must not be
// in the way of the next.
func TestNameOfAFailedChangeSet(t *testing.T) {
	w := newWorld(t)
	template := "Resources:\n  Letters: {Type: AWS::SQS::Queue}\n"
	w.create("shop", template)
	for range 2 {
		w.changeSet("now", "shop", "UPDATE", template)
	}
	w.changeSet("now", "shop", "UPDATE", strings.Replace(template, "Letters", "Parcels", 1))
	if got := w.ok("ListChangeSets", object{"StackName": "shop"})["Summaries"].([]any); len(got) != 1 {
		t.Errorf("the change sets are %v", got)
	}
	wantLines(t, w.changes("now", "shop"), "Remove Letters <nil> [] Delete\nAdd Parcels <nil> [] <nil>")
}

// Of the events of a stack no two have the same id or the same millisecond, though many
// happen at once: clients show them by their times.
func TestEventIDs(t *testing.T) {
	w := newWorld(t)
	w.create("shop", "Resources:\n  Letters: {Type: AWS::SQS::Queue}\n")
	seen := map[any]bool{}
	for _, e := range w.ok("cloudformation:DescribeStackEvents", object{"StackName": "shop"})["StackEvents"].([]any) {
		id, at := e.(object)["EventId"], e.(object)["Timestamp"]
		if seen[id] || seen[at] {
			t.Errorf("another event has the id %v, or is of %v", id, at)
		}
		seen[id], seen[at] = true, true
	}
}
