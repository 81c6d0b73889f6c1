package explain

import (
	"cmp"
	"context"
	"strings"

	"github.com/waxseal/waxseal/events"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/sns"
	"github.com/waxseal/waxseal/sqs"
	"github.com/waxseal/waxseal/sts"
)

// way is the way of a delivery, and what stands in it now. A real delivery fails at the
// first thing that is missing (a queue's policy is decided on before KMS is asked), and its
// record names only that. Here all decisions of the delivery are taken, and nothing is sent.
type way struct {
	from string // a topic, rule or bucket
	requirements
}

// wayOf is the way of a delivery to an endpoint that did not take it. ok is false where too
// little of it is remembered.
func (x Explainer) wayOf(ctx context.Context, d *trail.Delivery, l loss) (w way, ok bool, err error) {
	to, err := arn.Parse(l.endpoint)
	if err != nil {
		return w, false, err
	}
	switch d.Source {
	case trail.SourceSNS:
		w.from = "topic"
		w.requirements, err = x.deliveryRequirements(ctx, d.TopicArn, l.endpoint)
	case trail.SourceEvents:
		w.from = "rule"
		w.requirements, err = x.ruleRequirements(ctx, d, l)
	default:
		w.from = "bucket"
		call := x.RecordOf(l.decision)
		if call == nil {
			return w, false, nil
		}
		asked := call.Request()
		if asked.SourceARN == "" {
			return w, false, nil
		}
		r := x.NotificationRequest(new(api.Request), asked.SourceARN, asked.SourceAccount, to.Region)
		w.requirements, err = x.endpointRequirements(ctx, r, to, "let the bucket notify another")
	}
	return w, err == nil, err
}

// wayOfDecision is the way of the delivery in whose course a decision was taken; ok: there
// was one.
func (x Explainer) wayOfDecision(ctx context.Context, d *trail.Decision) (w way, endpoint string, ok bool) {
	if topic, queue, ok := deliveryOf(d); ok {
		required, err := x.deliveryRequirements(ctx, topic, queue)
		return way{"topic", required}, queue, err == nil
	}
	for delivery := range x.Deliveries.Newest() {
		for _, l := range losses(&delivery) {
			if !d.Of(l.decision) {
				continue
			}
			w, ok, err := x.wayOf(ctx, &delivery, l)
			return w, l.endpoint, ok && err == nil
		}
	}
	return w, "", false
}

// deliveryOf is the topic and the queue of a decision on a delivery by SNS.
func deliveryOf(d *trail.Decision) (topic, queue string, ok bool) {
	source, _, _ := d.Request.Context.Get("aws:SourceArn")
	if !strings.HasPrefix(d.Request.Principal.Service, "sns.") || len(source) != 1 {
		return "", "", false
	}
	queue = d.Request.Resource
	if of, _, encrypted := d.Request.Context.Get("kms:EncryptionContext:" + sqs.ContextKey); encrypted {
		queue = of[0]
	}
	return source[0], queue, strings.Contains(queue, ":sqs:")
}

// endpointRequirements is what a service, or a role in its place, needs to send to a queue
// or to publish to a topic. another is what to do where there is none.
func (x Explainer) endpointRequirements(ctx context.Context, r *api.Request, to arn.ARN, another string) (requirements, error) {
	if to.Service == "sns" {
		if _, err := x.SNS.GetTopicAttributes(asOwner(ctx, r, to), &sns.GetTopicAttributesInput{TopicArn: to.String()}); err != nil {
			return requirements{others: []blocker{{why: to.String() + ": " + api.AsError(err).Message, remedy: "create the topic, or " + another}}}, nil
		}
		return x.topicRequirements(ctx, r, to)
	}
	keyID, err := x.keyOfQueue(ctx, r, to)
	if err != nil {
		return requirements{others: []blocker{{why: to.String() + ": " + api.AsError(err).Message, remedy: "create the queue, or " + another}}}, nil
	}
	decisions, err := x.Dispatcher.DryRun(ctx, r, "sqs", "SendMessage", "", &sqs.SendMessageInput{QueueUrl: runtime.QueueURL(r, to)})
	if err != nil {
		return requirements{}, err
	}
	all := requirements{decisions: decisions}
	if keyID != "" {
		all.add(x.keyRequirements(ctx, x.Dispatcher.Forwarded(r, "sqs"), encryptedQueue(to, keyID), true))
	}
	return all, nil
}

// ruleRequirements is what a delivery for a rule needs, as the rule and its targets are now.
func (x Explainer) ruleRequirements(ctx context.Context, d *trail.Delivery, l loss) (requirements, error) {
	rule, err := arn.Parse(d.RuleArn)
	if err != nil {
		return requirements{}, err
	}
	to, err := arn.Parse(l.endpoint)
	if err != nil {
		return requirements{}, err
	}
	behalf := events.Behalf{Rule: d.RuleArn, Account: rule.AccountID, Region: rule.Region}
	r := x.RuleRequest(behalf, to.Region)
	role, found := x.roleTo(asOwner(ctx, r, rule), rule, l)
	if !found {
		return requirements{others: []blocker{{why: d.RuleArn + " has no such target any more", remedy: "put the rule and its target again"}}}, nil
	}
	var all requirements
	if role != "" {
		assumed, caller, err := x.roleRequirements(ctx, x.RuleRequest(behalf, rule.Region), role)
		if err != nil || caller == nil {
			return assumed, err
		}
		all.add(assumed)
		r.Caller, r.Account, r.SourceARN, r.SourceAccount = caller, caller.Account, "", ""
	}
	if to.Service == "sns" { // EventBridge names no source to topics
		r.SourceARN, r.SourceAccount = "", ""
	}
	var more requirements
	if to.Service == "events" {
		more, err = x.busRequirements(ctx, r, l)
	} else {
		more, err = x.endpointRequirements(ctx, r, to, "give the rule another target")
	}
	all.add(more)
	return all, err
}

// roleTo is the role in which a rule delivers to an endpoint; empty: it is EventBridge
// itself. found is false where the rule has no such target, or dead-letter queue.
func (x Explainer) roleTo(look context.Context, rule arn.ARN, l loss) (role string, found bool) {
	bus, name, onBus := strings.Cut(strings.TrimPrefix(rule.Resource, "rule/"), "/")
	if !onBus {
		bus, name = "", bus
	}
	listed, err := x.Events.ListTargetsByRule(look, &events.ListTargetsByRuleInput{Rule: name, EventBusName: bus})
	if err != nil {
		return "", false
	}
	for _, t := range listed.Targets {
		if l.letters {
			if t.DeadLetterConfig != nil && t.DeadLetterConfig.Arn == l.endpoint {
				return "", true // [V222]
			}
			continue
		}
		if t.Arn != l.endpoint {
			continue
		}
		if !strings.Contains(l.endpoint, ":event-bus/") {
			return t.RoleArn, true
		}
		described, err := x.Events.DescribeRule(look, &events.DescribeRuleInput{Name: name, EventBusName: bus})
		if err != nil {
			return "", false
		}
		return cmp.Or(t.RoleArn, described.RoleArn), true
	}
	return "", false
}

// roleRequirements is what EventBridge needs to assume a role, and the caller that it is
// then; nil: there is no such role.
func (x Explainer) roleRequirements(ctx context.Context, r *api.Request, role string) (requirements, *api.Caller, error) {
	parsed, err := arn.Parse(role)
	if err != nil {
		return requirements{}, nil, err
	}
	path := strings.Split(parsed.Resource, "/")
	session := arn.ARN{Partition: parsed.Partition, Service: "sts", AccountID: parsed.AccountID, Resource: "assumed-role/" + path[len(path)-1] + "/" + runtime.RuleSession}
	caller, err := x.Identity.Principal(ctx, parsed.AccountID, r.Region, session.String())
	if err != nil {
		return requirements{others: []blocker{{why: "there is no role " + role, remedy: "create the role, or give the target another"}}}, nil, nil
	}
	decisions, err := x.Dispatcher.DryRun(ctx, r, "sts", "AssumeRole", "", &sts.AssumeRoleInput{RoleArn: role, RoleSessionName: runtime.RuleSession})
	return requirements{decisions: decisions}, caller, err
}

// busRequirements is what is needed to put the event of a delivery on another bus. What is
// asked of its source and detail type is known only where the bus was asked before.
func (x Explainer) busRequirements(ctx context.Context, r *api.Request, l loss) (requirements, error) {
	for _, d := range x.DecisionsOf(l.decision) {
		if d.Request.Action != "events:PutEvents" {
			continue
		}
		told := func(key string) string {
			values, _, _ := d.Request.Context.Get(key)
			return cmp.Or(append(values, "")...)
		}
		decisions, err := x.Dispatcher.DryRun(events.Forwarding(ctx), r, "events", "PutEvents", "", &events.PutEventsInput{Entries: []events.PutEventsRequestEntry{{
			EventBusName: l.endpoint, Source: told("events:source"), DetailType: told("events:detail-type"), Detail: "{}",
		}}})
		return requirements{decisions: decisions}, err
	}
	return requirements{}, nil
}
