package explain

import (
	"context"
	"fmt"
	"strings"

	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/sns"
)

// Message says how each delivery of an SNS message has ended. Where a queue
// refused the message it names everything that prevents the delivery, what to add to
// which policy, and then the decisions. It is empty where no delivery is remembered.
func (x Explainer) Message(ctx context.Context, messageID string, o policyeval.TextOptions) (string, error) {
	var text strings.Builder
	for d := range x.Deliveries.Newest() {
		if d.MessageID != messageID {
			continue
		}
		if text.Len() > 0 {
			text.WriteString("\n")
		}
		explainDelivery(&text, &d)
		for _, l := range losses(&d) {
			if err := x.explainLoss(ctx, &text, &d, l, o); err != nil {
				return "", err
			}
		}
	}
	return x.withAliases(ctx, text.String()), nil
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

func (x Explainer) explainLoss(ctx context.Context, text *strings.Builder, d *sns.Delivery, l loss, o policyeval.TextOptions) error {
	text.WriteString("\n")
	if err := x.explainBlockers(ctx, text, d.TopicArn, l.queue); err != nil {
		return err
	}
	for i, decision := range x.decisionsOf(l.decision) {
		if i == 0 {
			text.WriteString("\nThe decision then:\n")
		}
		o.Place = x.PlacesFor(decision)
		text.WriteString("\n" + decision.Evidence(o))
	}
	return nil
}

// explainBlockers names everything that prevents deliveries from a topic to a queue now.
func (x Explainer) explainBlockers(ctx context.Context, text *strings.Builder, topic, queue string) error {
	required, err := x.deliveryRequirements(ctx, topic, queue)
	if err != nil {
		return err
	}
	fmt.Fprintf(text, "In the way from the topic to %s, as things are now:\n", queue)
	blockers := required.blockers()
	listBlockers(text, blockers)
	if len(blockers) == 0 {
		text.WriteString("  nothing: its policy and its key, if it has one, let the topic in\n")
	}
	return nil
}
