package trail

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestDeliveriesAreBounded(t *testing.T) {
	deliveries := NewDeliveries()
	for i := range Capacity + 10 {
		deliveries.Record(Delivery{ID: fmt.Sprint(i), Endpoint: "arn:aws:sqs:us-east-1:123456789012:orders", TopicArn: "arn:aws:sns:us-east-1:123456789012:news"})
	}
	if n := len(slices.Collect(deliveries.Newest())); n != Capacity {
		t.Errorf("%d deliveries are kept, want %d", n, Capacity)
	}
	// Those that wait are found by their ids, as long as they are kept.
	for i := range 2 * Capacity {
		deliveries.Record(Delivery{ID: fmt.Sprint(i), Status: StatusPending})
	}
	if n := len(deliveries.pending); n != Capacity {
		t.Errorf("%d pending deliveries are at hand, want %d", n, Capacity)
	}
	for i := range 2 * Capacity {
		deliveries.Record(Delivery{ID: fmt.Sprint(i), Status: StatusSuccess})
	}
	if n := len(deliveries.pending); n != 0 {
		t.Errorf("%d pending deliveries are at hand when all have ended", n)
	}
}

// What SQS answers is made of the two ids when somebody reads the delivery.
func TestAnswersOfQueues(t *testing.T) {
	deliveries := NewDeliveries()
	answer := func(message string) Outcome {
		return Outcome{StatusCode: 200, DecisionRequestID: "0198c5d2-7b1a-4c3e-9f00-0123456789ab", QueueMessageID: message}
	}
	deliveries.Record(Delivery{ID: "1", Status: StatusSuccess, Outcome: answer("0198c5d2-7b1a-4c3e-9f00-0123456789ac")})
	deliveries.Record(Delivery{ID: "2", Status: StatusSuccess, Outcome: answer("m"), DeadLetter: &DeadLetter{Outcome: answer("dead")}})
	var got []string
	for d := range deliveries.Newest() {
		if got = append(got, d.ProviderResponse); d.DeadLetter != nil {
			got = append(got, d.DeadLetter.ProviderResponse)
		}
	}
	want := []string{
		`{"sqsRequestId":"0198c5d2-7b1a-4c3e-9f00-0123456789ab","sqsMessageId":"m"}`,
		`{"sqsRequestId":"0198c5d2-7b1a-4c3e-9f00-0123456789ab","sqsMessageId":"dead"}`,
		`{"sqsRequestId":"0198c5d2-7b1a-4c3e-9f00-0123456789ab","sqsMessageId":"0198c5d2-7b1a-4c3e-9f00-0123456789ac"}`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
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
