package egress

import (
	"fmt"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/sns"
)

func TestDeliveriesAreBounded(t *testing.T) {
	deliveries := NewDeliveries()
	for i := range trail.Capacity + 10 {
		deliveries.Record(sns.Delivery{ID: fmt.Sprint(i), Endpoint: "arn:aws:sqs:us-east-1:123456789012:orders", TopicArn: "arn:aws:sns:us-east-1:123456789012:news"})
	}
	if n := len(deliveries.byID); n != trail.Capacity {
		t.Errorf("%d deliveries are kept, want %d", n, trail.Capacity)
	}
}

func TestCapturedMessagesAreBounded(t *testing.T) {
	o, d := NewCaptured(), NewDeliveries()
	for i := range 500 {
		o.Capture(sns.Captured{Body: strings.Repeat("x", 1<<20)})
		d.Record(sns.Delivery{ID: fmt.Sprint(i), Endpoint: strings.Repeat("x", 1<<20), Outcome: sns.Outcome{ProviderResponse: strings.Repeat("x", 1<<20)}})
	}
	if n := o.log.Bytes(); n > trail.Budget {
		t.Errorf("captured messages hold %d bytes", n)
	}
	for delivery := range d.Newest() {
		if len(delivery.Endpoint) > maxAnswer || len(delivery.ProviderResponse) > maxAnswer {
			t.Fatalf("a delivery keeps an endpoint of %d and an answer of %d bytes", len(delivery.Endpoint), len(delivery.ProviderResponse))
		}
	}
}
