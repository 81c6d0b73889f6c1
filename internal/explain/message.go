package explain

import (
	"context"
	"fmt"
	"strings"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// Message says how each delivery of a message has ended: of an SNS message by its id, of
// an event by its id, of the change of an S3 object by the request id of the call. Where
// an endpoint refused the message it names everything that prevents the delivery, what to
// add to which policy, and then the decisions. It is empty where no delivery is remembered.
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

func explainDelivery(text *strings.Builder, d *trail.Delivery) {
	attempts := "1 attempt"
	if d.Attempts != 1 {
		attempts = fmt.Sprintf("%d attempts", d.Attempts)
	}
	fmt.Fprintf(text, "%s  %s %s (%s)\n", d.Status, d.Protocol, d.Endpoint, attempts)
	for _, behalf := range []struct{ what, name string }{
		{"topic", d.TopicArn}, {"subscription", d.SubscriptionArn}, {"rule", d.RuleArn}, {"bucket", d.Bucket},
	} {
		if behalf.name != "" {
			fmt.Fprintf(text, "  %s %s\n", behalf.what, behalf.name)
		}
	}
	if d.ProviderResponse != "" {
		fmt.Fprintf(text, "  answer %s\n", d.ProviderResponse)
	}
	if l := d.DeadLetter; l != nil {
		fmt.Fprintf(text, "  dead-letter queue %s: %s %s\n", l.QueueArn, l.Status, l.ProviderResponse)
	}
}

// loss is an endpoint that did not take a message.
type loss struct {
	endpoint string // its ARN
	// decision is the request under which the decision is found, if one was taken.
	decision string
}

func losses(d *trail.Delivery) []loss {
	var list []loss
	if d.Status != trail.StatusSuccess && d.DecisionRequestID != "" {
		list = append(list, loss{d.Endpoint, d.DecisionRequestID})
	}
	if l := d.DeadLetter; l != nil && l.Status != trail.StatusSuccess && l.DecisionRequestID != "" {
		list = append(list, loss{l.QueueArn, l.DecisionRequestID})
	}
	return list
}

func (x Explainer) explainLoss(ctx context.Context, text *strings.Builder, d *trail.Delivery, l loss, o policyeval.TextOptions) error {
	text.WriteString("\n")
	if d.Source != trail.SourceSNS {
		for i, decision := range x.decisionsOf(l.decision) {
			if i > 0 {
				text.WriteString("\n")
			}
			text.WriteString(x.explainDecision(ctx, decision, o))
		}
		return nil
	}
	if err := x.explainBlockers(ctx, text, d.TopicArn, l.endpoint); err != nil {
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
