package trail

import (
	"fmt"
	"strings"
	"testing"
)

func TestDeliveriesAreBounded(t *testing.T) {
	deliveries := NewDeliveries()
	for i := range Capacity + 10 {
		deliveries.Record(Delivery{ID: fmt.Sprint(i), Endpoint: "arn:aws:sqs:us-east-1:123456789012:orders", TopicArn: "arn:aws:sns:us-east-1:123456789012:news"})
	}
	if n := len(deliveries.byID); n != Capacity {
		t.Errorf("%d deliveries are kept, want %d", n, Capacity)
	}
}

func TestLongAnswersAreCut(t *testing.T) {
	deliveries, long := NewDeliveries(), strings.Repeat("x", 1<<20)
	given := Delivery{ID: "1", Endpoint: long, Outcome: Outcome{ProviderResponse: long}, DeadLetter: &DeadLetter{Outcome: Outcome{ProviderResponse: long}}}
	deliveries.Record(given)
	for d := range deliveries.Newest() {
		for _, text := range []string{d.Endpoint, d.ProviderResponse, d.DeadLetter.ProviderResponse} {
			if len(text) > maxAnswer {
				t.Errorf("%d bytes of a text are kept", len(text))
			}
		}
	}
	if given.DeadLetter.ProviderResponse != long {
		t.Error("the caller's record was changed")
	}
}

func TestALaterRecordReplacesTheEarlierOne(t *testing.T) {
	deliveries := NewDeliveries()
	deliveries.Record(Delivery{ID: "1", Status: StatusPending})
	deliveries.Record(Delivery{ID: "2", Status: StatusSuccess})
	deliveries.Record(Delivery{ID: "1", Status: StatusFailure, Attempts: 1})
	var got []string
	for d := range deliveries.Newest() {
		got = append(got, d.ID+" "+d.Status)
	}
	if want := "2 SUCCESS, 1 FAILURE"; strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %s", got, want)
	}
}
