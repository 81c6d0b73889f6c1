package control_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/server"
)

func TestDeliveriesOfAllSources(t *testing.T) {
	s := servertest.New(t, server.Config{})
	for _, d := range []trail.Delivery{
		{ID: "1", Source: trail.SourceSNS, MessageID: "m", TopicArn: "topic", SubscriptionArn: "subscription", Status: trail.StatusSuccess},
		{ID: "2", Source: trail.SourceEvents, MessageID: "e", RuleArn: "rule", Endpoint: "target", Status: trail.StatusFailure},
		{ID: "3", Source: trail.SourceS3, MessageID: "r", Bucket: "photos", Endpoint: "queue", Status: trail.StatusPending},
	} {
		s.Runtime().Deliveries.Record(d)
	}
	for query, want := range map[string]string{
		"": "r e m", "source=sns": "m", "source=events": "e", "source=s3": "r",
		"rule=rule": "e", "bucket=photos": "r", "topic=topic": "m", "bucket=other": "", "message-id=e&source=events": "e", "message-id=e&source=s3": "",
	} {
		_, body := servertest.Ask(s, "GET", "/_waxseal/deliveries?"+query, "")
		var answer struct {
			Deliveries []struct{ MessageID, Source, RuleArn, Bucket, TopicArn string }
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		var got []string
		for _, d := range answer.Deliveries {
			got = append(got, d.MessageID)
			if (d.RuleArn != "") != (d.Source == trail.SourceEvents) || (d.Bucket != "") != (d.Source == trail.SourceS3) || (d.TopicArn != "") != (d.Source == trail.SourceSNS) {
				t.Errorf("%+v", d)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %s", query, got, want)
		}
	}
}
