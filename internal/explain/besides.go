package explain

import (
	"context"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/record"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/sns"
	"github.com/waxseal/waxseal/sqs"
)

// requirementsOf are the operations that need more than the permission for their own
// action, such as the use of a key: what their callers, and the services that act for
// the resource, need besides. A denial names only the first thing that is missing.
var requirementsOf = map[string]func(Explainer, context.Context, *api.Request, arn.ARN) (requirements, error){
	"sqs:SendMessage": func(x Explainer, ctx context.Context, r *api.Request, q arn.ARN) (requirements, error) {
		return x.queueRequirements(ctx, r, q, true)
	},
	"sqs:ReceiveMessage": func(x Explainer, ctx context.Context, r *api.Request, q arn.ARN) (requirements, error) {
		return x.queueRequirements(ctx, r, q, false)
	},
	"sns:Publish": Explainer.topicRequirements,
}

// queueRequirements is what the caller needs to use the key of a queue.
func (x Explainer) queueRequirements(ctx context.Context, r *api.Request, queue arn.ARN, encrypt bool) (requirements, error) {
	keyID, err := x.keyOfQueue(ctx, r, queue)
	if err != nil || keyID == "" {
		return requirements{}, nil // the decision says that the queue does not exist
	}
	own, err := x.Dispatcher.DryRun(ctx, r, "sqs", "SendMessage", sqsAction(encrypt), &sqs.SendMessageInput{QueueUrl: runtime.QueueURL(r, queue)})
	if err != nil {
		return requirements{}, err
	}
	all := requirements{decisions: own}
	all.add(x.keyRequirements(ctx, x.Dispatcher.Forwarded(r, "sqs"), encryptedQueue(queue, keyID), encrypt))
	return all, nil
}

func sqsAction(send bool) string {
	if send {
		return "sqs:SendMessage"
	}
	return "sqs:ReceiveMessage"
}

// topicRequirements is what is needed to use the key of a topic and to deliver to the
// queues that are subscribed to it: those on the first page of its subscriptions.
func (x Explainer) topicRequirements(ctx context.Context, r *api.Request, topic arn.ARN) (requirements, error) {
	look := asOwner(ctx, r, topic)
	out, err := x.SNS.GetTopicAttributes(look, &sns.GetTopicAttributesInput{TopicArn: topic.String()})
	if err != nil {
		return requirements{}, nil // the decision says that the topic does not exist
	}
	name := topic.String()
	own, err := x.Dispatcher.DryRun(ctx, r, "sns", "Publish", "", &sns.PublishInput{TopicArn: &name, Message: "m"})
	if err != nil {
		return requirements{}, err
	}
	all := requirements{decisions: own}
	if keyID := out.Attributes["KmsMasterKeyId"]; keyID != "" {
		all.add(x.keyRequirements(ctx, x.Dispatcher.Forwarded(r, "sns"), encryptedTopic(topic, keyID), true))
	}
	subscribed, err := x.SNS.ListSubscriptionsByTopic(look, &sns.ListSubscriptionsByTopicInput{TopicArn: topic.String()})
	if err != nil {
		return requirements{}, err
	}
	for _, s := range subscribed.Subscriptions {
		if _, pending := arn.Parse(s.SubscriptionArn); s.Protocol != "sqs" || pending != nil {
			continue
		}
		delivery, err := x.deliveryRequirements(ctx, topic.String(), s.Endpoint)
		if err != nil {
			return requirements{}, err
		}
		all.add(delivery)
	}
	return all, nil
}

// missingBesides is what a denied call needs, and lacks as the policies are now,
// besides what decision d tells.
func (x Explainer) missingBesides(ctx context.Context, d *trail.Decision) (requirements, error) {
	own := x.ownDecision(d)
	e := x.RecordOf(own.RequestID)
	if e == nil {
		return requirements{}, nil
	}
	var all requirements
	request, action, name := x.refreshed(ctx, e.Request()), own.Request.Action, own.Request.Resource
	if service, operation, encrypted := encryptedIn(d); own == d && encrypted != "" { // d is about its key
		direct := *request
		direct.CalledVia = slices.DeleteFunc(slices.Clone(request.CalledVia), func(via string) bool { return via == x.Dispatcher.Service(service).Principal })
		request, action, name = &direct, operation, encrypted
	}
	resource, err := arn.Parse(name)
	if more := requirementsOf[action]; more != nil && err == nil {
		if all, err = more(x, ctx, request, resource); err != nil {
			return requirements{}, err
		}
	}
	for _, o := range e.Rest() {
		all.decisions = append(all.decisions, again(o, request.Caller))
	}
	all.decisions = slices.DeleteFunc(all.decisions, func(o *trail.Decision) bool { return o.Verdict.Allowed || sameQuestion(d, o) })
	return all, nil
}

// again is a decision as it would be with the policies that its caller has now.
func again(d *trail.Decision, caller *api.Caller) *trail.Decision {
	if d.Principal != caller.DisplayName() {
		return d
	}
	now := *d
	now.Policies.Identity, now.Policies.Boundary = caller.Policies.Identity, caller.Policies.Boundary
	now.Verdict = policyeval.Decide(&now.Request, &now.Policies)
	return &now
}

// sameQuestion reports whether two decisions are about the same caller, action and resource.
func sameQuestion(a, b *trail.Decision) bool {
	return a.Request.Action == b.Request.Action && a.Request.Resource == b.Request.Resource && a.Principal == b.Principal
}

// encryptedIn is the queue or topic whose key a decision is about, with its service and the
// action by which it is written to; empty: it is about none.
func encryptedIn(d *trail.Decision) (service, action, resource string) {
	for key, of := range map[string][2]string{sqs.ContextKey: {"sqs", "sqs:SendMessage"}, sns.ContextKey: {"sns", "sns:Publish"}} {
		if values, _, there := d.Request.Context.Get("kms:EncryptionContext:" + key); there && len(values) == 1 {
			return of[0], of[1], values[0]
		}
	}
	return "", "", ""
}

// ownDecision is the first decision on the call in whose course d was taken; d
// itself where it is that one, or where that one is forgotten. What a service does as
// itself, such as a notification by S3, is its own call, whoever gave rise to it.
func (x Explainer) ownDecision(d *trail.Decision) *trail.Decision {
	own := d
	if d.Origin == "" || d.Request.Principal.Type == policyeval.Service {
		return own
	}
	for o := range x.Dispatcher.Decisions().Of(d.Origin) {
		if o.RequestID == d.Origin {
			own = o
		}
	}
	return own
}

// RecordOf is the record of a call; nil: it is forgotten.
func (x Explainer) RecordOf(requestID string) *record.Call {
	for e := range x.Dispatcher.Records().Newest() {
		if e.Of(requestID) {
			return e
		}
	}
	return nil
}

// refreshed is a request with the policies that its caller has now.
func (x Explainer) refreshed(ctx context.Context, r *api.Request) *api.Request {
	if r.Caller.Type != policyeval.User && r.Caller.Type != policyeval.AssumedRole {
		return r
	}
	now, err := x.Identity.Principal(ctx, r.Caller.Account, r.Region, r.Caller.ARN)
	if err != nil {
		return r
	}
	fresh, caller := *r, *r.Caller
	caller.Policies.Identity, caller.Policies.Boundary = now.Policies.Identity, now.Policies.Boundary
	fresh.Caller = &caller
	return &fresh
}
