package server

import (
	"context"
	"fmt"
	"strings"

	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/sns"
)

// explainMessage says what became of an SNS message, delivery by delivery: of
// one that a queue refused all that stands in its way, with what to add to which
// policy, and then the decisions. It is empty where no delivery is remembered.
func (s *Server) explainMessage(ctx context.Context, messageID string, o policyeval.TextOptions) (string, error) {
	var text strings.Builder
	var failed error
	var named string
	s.inWorld(func(w *world) {
		defer func() { named = w.named(ctx, text.String()) }()
		for d := range w.deliveries.newest() {
			if d.MessageID != messageID {
				continue
			}
			if text.Len() > 0 {
				text.WriteString("\n")
			}
			explainDelivery(&text, &d)
			for _, r := range losses(&d) {
				if failed = w.explainLoss(ctx, &text, &d, r, o); failed != nil {
					return
				}
			}
		}
	})
	return named, failed
}

func explainDelivery(text *strings.Builder, d *sns.Delivery) {
	attempts := "1 attempt"
	if d.Attempts != 1 {
		attempts = fmt.Sprintf("%d attempts", d.Attempts)
	}
	fmt.Fprintf(text, "%s  %s %s (%s)\n  topic %s\n  subscription %s\n", d.Status, d.Protocol, d.Endpoint, attempts, d.TopicArn, d.SubscriptionArn)
	if d.ProviderResponse != "" {
		fmt.Fprintf(text, "  answer %s\n", d.ProviderResponse)
	}
	if l := d.DeadLetter; l != nil {
		fmt.Fprintf(text, "  dead-letter queue %s: %s %s\n", l.QueueArn, l.Status, l.ProviderResponse)
	}
}

// loss is a queue that did not take a message.
type loss struct {
	queue string // its ARN
	// decision is the request under which the decision is found, if one was taken.
	decision string
}

func losses(d *sns.Delivery) []loss {
	var list []loss
	if d.Status != sns.StatusSuccess && d.DecisionRequestID != "" {
		list = append(list, loss{d.Endpoint, d.DecisionRequestID})
	}
	if l := d.DeadLetter; l != nil && l.Status != sns.StatusSuccess && l.DecisionRequestID != "" {
		list = append(list, loss{l.QueueArn, l.DecisionRequestID})
	}
	return list
}

func (w *world) explainLoss(ctx context.Context, text *strings.Builder, d *sns.Delivery, l loss, o policyeval.TextOptions) error {
	text.WriteString("\n")
	if err := w.explainWay(ctx, text, d.TopicArn, l.queue); err != nil {
		return err
	}
	for i, decision := range w.decisionsOf(l.decision) {
		if i == 0 {
			text.WriteString("\nThe decision then:\n")
		}
		o.Place = w.placesFor(decision)
		text.WriteString("\n" + decision.Evidence(o))
	}
	return nil
}

// explainWay says all that keeps a topic's messages from a queue as things are now.
func (w *world) explainWay(ctx context.Context, text *strings.Builder, topic, queue string) error {
	needs, err := w.delivery(ctx, topic, queue)
	if err != nil {
		return err
	}
	fmt.Fprintf(text, "In the way from the topic to %s, as things are now:\n", queue)
	obstacles := needs.obstacles()
	listObstacles(text, obstacles)
	if len(obstacles) == 0 {
		text.WriteString("  nothing: its policy and its key, if it has one, let the topic in\n")
	}
	return nil
}
