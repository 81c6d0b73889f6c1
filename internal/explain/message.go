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
	letters  bool // it is a dead-letter queue
}

func losses(d *trail.Delivery) []loss {
	var list []loss
	if d.Status != trail.StatusSuccess && d.DecisionRequestID != "" {
		list = append(list, loss{endpoint: d.Endpoint, decision: d.DecisionRequestID})
	}
	if l := d.DeadLetter; l != nil && l.Status != trail.StatusSuccess && l.DecisionRequestID != "" {
		list = append(list, loss{l.QueueArn, l.DecisionRequestID, true})
	}
	return list
}

func (x Explainer) explainLoss(ctx context.Context, text *strings.Builder, d *trail.Delivery, l loss, o policyeval.TextOptions) error {
	text.WriteString("\n")
	w, ok, err := x.wayOf(ctx, d, l)
	if err != nil {
		return err
	}
	if ok {
		w.explain(text, l.endpoint)
	}
	for i, decision := range x.DecisionsOf(l.decision) {
		if i == 0 && ok {
			text.WriteString("\nThe decision then:\n")
		}
		if !ok {
			text.WriteString(x.explainDecision(ctx, decision, o))
			continue
		}
		o.Place = x.PlaceIn
		text.WriteString("\n" + decision.Evidence(o))
	}
	return nil
}

// explain names everything that stands in the way to an endpoint now.
func (w way) explain(text *strings.Builder, endpoint string) {
	fmt.Fprintf(text, "In the way from the %s to %s, as things are now:\n", w.from, endpoint)
	blockers := w.blockers()
	listBlockers(text, blockers)
	if len(blockers) == 0 {
		fmt.Fprintf(text, "  nothing: its policy and its key, if it has one, let the %s in\n", w.from)
	}
}
