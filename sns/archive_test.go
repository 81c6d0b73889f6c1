package sns

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func replayFrom(from time.Time, until ...time.Time) string {
	text := `{"PointType":"Timestamp","StartingPoint":"` + from.Format(time.RFC3339Nano) + `"`
	for _, t := range until {
		text += `,"EndingPoint":"` + t.Format(time.RFC3339Nano) + `"`
	}
	return text + "}"
}

// replayed waits until the subscription's replay is over.
func (w *testbed) replayed(subscription string) {
	w.t.Helper()
	if !w.eventually(func() bool { return w.subscriptionOf(subscription)["ReplayStatus"] == "Completed" }) {
		w.t.Fatalf("the replay is %s", w.subscriptionOf(subscription)["ReplayStatus"])
	}
}

// archive publishes n messages, a minute apart.
func (w *testbed) archiveMessages(n int) {
	w.t.Helper()
	for i := range n {
		w.publish(&PublishInput{
			TopicArn: ptr(fifoTopic), Message: fmt.Sprint(i), MessageGroupId: "g", MessageDeduplicationId: fmt.Sprint(w.clock.Now().UnixNano()),
			MessageAttributes: readAttributes(fmt.Sprintf("odd=Number:%d", i%2)),
		})
		w.clock.Advance(time.Minute)
	}
}

func TestReplay(t *testing.T) {
	for key, readable := range map[string]bool{"": true, "alias/k": false} {
		t.Run(key, func(t *testing.T) {
			w := newFIFOTestbed(t, "ArchivePolicy", `{"MessageRetentionPeriod":"30"}`, "KmsMasterKeyId", key)
			live := w.subscribe(fifoTopic, "sqs", testQueue+"-live.fifo")
			w.publish(&PublishInput{TopicArn: ptr(fifoTopic), Message: "a secret", Subject: ptr("S"), MessageGroupId: "g", MessageDeduplicationId: "1"})
			if got := strings.Contains(w.dump(), "a secret"); got != readable {
				t.Errorf("the archived message is readable: %v", got)
			}
			original, _ := members(t, w.queues.take(testQueue + "-live.fifo")[0].Body)
			w.clock.Advance(time.Hour)
			subscription := w.subscribe(fifoTopic, "sqs", fifoQueue, "ReplayPolicy", replayFrom(testStart))
			w.replayed(subscription)
			got := w.queues.take(fifoQueue)
			if len(got) != 1 || got[0].GroupID != "g" || got[0].DeduplicationID == "1" {
				t.Fatalf("replayed %+v", got)
			}
			body, _ := members(t, got[0].Body)
			for _, name := range []string{"MessageId", "Timestamp", "SequenceNumber", "Message", "Subject", "TopicArn"} {
				if body[name] != original[name] {
					t.Errorf("%s is %v, was %v", name, body[name], original[name])
				}
			}
			if diff := cmp.Diff(map[string]any{"Replayed": map[string]any{"Type": "String", "Value": "true"}}, body["MessageAttributes"]); diff != "" {
				t.Error(diff)
			}
			if !strings.HasPrefix(body["UnsubscribeURL"].(string), "https://localhost:4566/") {
				t.Errorf("UnsubscribeURL is %v", body["UnsubscribeURL"])
			}
			if w.subscriptionOf(live)["ReplayStatus"] != "" || w.queues.take(testQueue+"-live.fifo") != nil {
				t.Error("another subscription was replayed to")
			}
			// Without an ending point the subscription goes on with what is published.
			w.publish(inGroup("g", "2", "new"))
			if got := w.queues.take(fifoQueue); len(got) != 1 {
				t.Errorf("after the replay the queue got %v", got)
			}
		})
	}
}

func TestReplayWindowAndFilter(t *testing.T) {
	w := newFIFOTestbed(t, "ArchivePolicy", `{"MessageRetentionPeriod":1}`)
	w.archiveMessages(250)
	minute := func(n int) time.Time { return testStart.Add(time.Duration(n) * time.Minute) }
	subscription := w.subscribe(fifoTopic, "sqs", fifoQueue, "RawMessageDelivery", "true", "FilterPolicy", `{"odd":[1]}`, "ReplayPolicy", replayFrom(minute(10), minute(235)))
	w.replayed(subscription)
	var want []string
	for i := 11; i <= 235; i += 2 {
		want = append(want, fmt.Sprint(i))
	}
	if diff := cmp.Diff(want, bodies(w.queues.take(fifoQueue))); diff != "" {
		t.Error(diff)
	}
	// With an ending point, that was all.
	w.archiveMessages(2)
	if got := w.queues.take(fifoQueue); got != nil {
		t.Errorf("after the end the queue got %v", bodies(got))
	}
	// Until the replay is taken away.
	if err := w.setSubscription(subscription, "ReplayPolicy", ""); err != nil {
		t.Fatal(err)
	}
	w.archiveMessages(2)
	if diff := cmp.Diff([]string{"1"}, bodies(w.queues.take(fifoQueue))); diff != "" {
		t.Error(diff)
	}
	if got, ok := w.subscriptionOf(subscription)["ReplayStatus"]; ok {
		t.Errorf("ReplayStatus is %s", got)
	}
}

func TestReplayLosesNothingToPublishers(t *testing.T) {
	w := newFIFOTestbed(t, "ArchivePolicy", `{"MessageRetentionPeriod":1}`)
	w.archiveMessages(120)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 100 {
			if _, err := w.Publish(request(), inGroup("g", fmt.Sprint("live-", i), fmt.Sprint("live-", i))); err != nil {
				t.Error(err)
			}
		}
	}()
	subscription := w.subscribe(fifoTopic, "sqs", fifoQueue, "RawMessageDelivery", "true", "ReplayPolicy", replayFrom(testStart))
	<-done
	w.replayed(subscription)
	seen := map[string]int{}
	got := bodies(w.queues.take(fifoQueue))
	for _, body := range got {
		seen[body]++
	}
	if len(got) != 220 || len(seen) != 220 {
		t.Errorf("%d messages, %d different", len(got), len(seen))
	}
}

func TestReplaySurvivesARestart(t *testing.T) {
	w := newFIFOTestbed(t, "ArchivePolicy", `{"MessageRetentionPeriod":1}`)
	w.archiveMessages(3)
	w.Close() // nothing is replayed meanwhile
	subscription := w.subscribe(fifoTopic, "sqs", fifoQueue, "RawMessageDelivery", "true", "ReplayPolicy", replayFrom(testStart))
	if got := w.subscriptionOf(subscription)["ReplayStatus"]; got != "Pending" {
		t.Errorf("ReplayStatus is %s", got)
	}
	w.restart()
	w.replayed(subscription)
	if got := bodies(w.queues.take(fifoQueue)); len(got) != 3 {
		t.Errorf("replayed %v", got)
	}
}

func TestRetention(t *testing.T) {
	w := newFIFOTestbed(t, "ArchivePolicy", `{"MessageRetentionPeriod":"1"}`)
	if got := w.attributesOf(t, fifoTopic)["BeginningArchiveTime"]; got != "2026-01-02T03:04:05.678Z" {
		t.Errorf("BeginningArchiveTime is %s", got)
	}
	w.archiveMessages(3)
	w.clock.Advance(24*time.Hour - 2*time.Minute) // the first two are a day old, or more
	if got := w.attributesOf(t, fifoTopic)["BeginningArchiveTime"]; got != "2026-01-02T03:05:05.678Z" {
		t.Errorf("BeginningArchiveTime is %s", got)
	}
	subscription := w.subscribe(fifoTopic, "sqs", fifoQueue, "RawMessageDelivery", "true", "ReplayPolicy", replayFrom(testStart))
	w.replayed(subscription)
	if diff := cmp.Diff([]string{"1", "2"}, bodies(w.queues.take(fifoQueue))); diff != "" {
		t.Error(diff)
	}
	w.clock.Advance(24 * time.Hour)
	w.publish(inGroup("g", "x", "new"))
	if n := strings.Count(w.dump(), "sns.archive\x00"); n != 1 {
		t.Errorf("the archive holds %d messages", n)
	}
}

func TestArchiveMustEndBeforeItsTopic(t *testing.T) {
	w := newFIFOTestbed(t, "ArchivePolicy", `{"MessageRetentionPeriod":"1"}`)
	_, err := w.DeleteTopic(request(), &DeleteTopicInput{TopicArn: fifoTopic})
	wantError(t, err, "InvalidState", "Cannot delete topic with an ArchivePolicy. Deactivate the ArchivePolicy first.")
	w.set(t, fifoTopic, "ArchivePolicy", " { } ")
	if got, ok := w.attributesOf(t, fifoTopic)["ArchivePolicy"]; ok {
		t.Errorf("ArchivePolicy is %s", got)
	}
	w.publish(inGroup("g", "1", "m"))
	if strings.Contains(w.dump(), "sns.archive") {
		t.Error("archived without a policy")
	}
	must(w.DeleteTopic(request(), &DeleteTopicInput{TopicArn: fifoTopic}))
}

func TestReplayRefused(t *testing.T) {
	w := newFIFOTestbed(t)
	const p = "Invalid parameter: ReplayPolicy: "
	subscription := w.subscribe(fifoTopic, "sqs", fifoQueue)
	wantError(t, w.setSubscription(subscription, "ReplayPolicy", replayFrom(testStart)), "InvalidParameter", p+"the topic has no ArchivePolicy")
	w.set(t, fifoTopic, "ArchivePolicy", `{"MessageRetentionPeriod":"1"}`)
	for policy, message := range map[string]string{
		`{"PointType":"Sequence","StartingPoint":"2026-01-01T00:00:00Z"}`:  "PointType must be Timestamp",
		`{"PointType":"Timestamp"}`:                                        "StartingPoint is required",
		`{"PointType":"Timestamp","StartingPoint":"yesterday"}`:            "StartingPoint and EndingPoint must be timestamps such as 2023-06-07T03:04:23.000Z",
		replayFrom(testStart, testStart.Add(-time.Second)):                 "EndingPoint must not be before StartingPoint",
		replayFrom(testStart.Add(time.Second)):                             "StartingPoint and EndingPoint must not be in the future",
		replayFrom(testStart, testStart.Add(time.Second)):                  "StartingPoint and EndingPoint must not be in the future",
		`{"PointType":"Timestamp","StartingPoint":1}`:                      "StartingPoint must be a string",
		`{"PointType":"Timestamp","Startingpoint":"2026-01-01T00:00:00Z"}`: "invalid JSON. Attribute Startingpoint is unknown.",
	} {
		t.Run(policy, func(t *testing.T) {
			wantError(t, w.setSubscription(subscription, "ReplayPolicy", policy), "InvalidParameter", p+message)
		})
	}
	_, err := w.Subscribe(request(), &SubscribeInput{TopicArn: fifoTopic, Protocol: "sqs", Endpoint: fifoQueue + "2.fifo", Attributes: map[string]string{"ReplayPolicy": replayFrom(testStart.Add(time.Second))}})
	wantError(t, err, "InvalidParameter", "Invalid parameter: Attributes Reason: ReplayPolicy: StartingPoint and EndingPoint must not be in the future")
}
