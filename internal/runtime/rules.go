package runtime

import (
	"cmp"
	"context"
	"fmt"

	"github.com/waxseal/waxseal/events"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/s3"
	"github.com/waxseal/waxseal/sns"
	"github.com/waxseal/waxseal/sqs"
	"github.com/waxseal/waxseal/sts"
)

// ruleTargets is what rules of EventBridge deliver to. It implements events.Targets and
// events.Roles.
type ruleTargets struct{ *Runtime }

// RuleRequest is the environment of a call that EventBridge makes for a rule, as itself, to
// a resource that is in a region.
func (rt *Runtime) RuleRequest(b events.Behalf, region string) *api.Request {
	return &api.Request{
		ID:              rt.config.IDs.UUID(),
		Caller:          identity.ServicePrincipal(rt.Dispatcher.Service("events").Principal),
		Account:         b.Account,
		Region:          region,
		Time:            rt.config.Clock.Now(),
		SecureTransport: true,
		SourceARN:       b.Rule,
		SourceAccount:   b.Account,
	}
}

// delivery is the environment of a delivery: as EventBridge itself, or as the role that
// replaces it.
func (t ruleTargets) delivery(ctx context.Context, c *events.Call) (r *api.Request, target arn.ARN, err error) {
	if target, err = arn.Parse(c.Target); err != nil {
		return nil, target, err
	}
	r = t.RuleRequest(c.Behalf, target.Region)
	r.BaseURL, r.TraceHeader = c.BaseURL, c.Trace
	if c.Role == "" {
		return r, target, nil
	}
	caller, err := t.assume(ctx, c.Behalf, c.Role)
	if err != nil {
		r.ID = cmp.Or(api.FailedCall(err), r.ID)
		return r, target, fmt.Errorf("%w: %w", events.ErrRole, err)
	}
	r.Caller, r.Account, r.SourceARN, r.SourceAccount = caller, caller.Account, "", ""
	return r, target, nil
}

// RuleSession is the name of the sessions in which EventBridge acts as a role.
const RuleSession = "events"

// assume is a session of a role, which the role's trust policy must let EventBridge have.
func (t ruleTargets) assume(ctx context.Context, b events.Behalf, role string) (*api.Caller, error) {
	request := t.RuleRequest(b, b.Region)
	out, err := dispatch.Invoke[sts.AssumeRoleOutput](ctx, t.Dispatcher, request, t.assumeRole, &sts.AssumeRoleInput{RoleArn: role, RoleSessionName: RuleSession})
	if err != nil {
		failed := *api.AsError(err)
		failed.RequestID = request.ID
		return nil, &failed
	}
	credentials, err := t.Identity.Credentials(ctx, out.Credentials.AccessKeyId)
	if err != nil {
		return nil, err
	}
	if credentials == nil || credentials.Caller == nil { // the role was deleted meanwhile
		return nil, api.ErrInvalidToken
	}
	return credentials.Caller, nil
}

func (t ruleTargets) Assumable(ctx context.Context, b events.Behalf, role string) error {
	_, err := t.assume(ctx, b, role)
	return err
}

func (t ruleTargets) Queue(ctx context.Context, c *events.Call) (events.Receipt, error) {
	request, queue, err := t.delivery(ctx, c)
	if err != nil {
		return refusedDelivery(request, err)
	}
	in := &sqs.SendMessageInput{QueueUrl: QueueURL(request, queue), MessageBody: c.Body, MessageGroupId: optional(c.GroupID)}
	for name, value := range c.Attributes {
		if in.MessageAttributes == nil {
			in.MessageAttributes = make(map[string]sqs.MessageAttributeValue, len(c.Attributes))
		}
		in.MessageAttributes[name] = sqs.MessageAttributeValue{DataType: "String", StringValue: value}
	}
	out, err := dispatch.Invoke[sqs.SendMessageOutput](ctx, t.Dispatcher, request, t.sendMessage, in)
	if err != nil {
		return refusedDelivery(request, err)
	}
	return events.Receipt{RequestID: request.ID, MessageID: out.MessageId}, nil
}

func (t ruleTargets) Topic(ctx context.Context, c *events.Call) (events.Receipt, error) {
	request, _, err := t.delivery(ctx, c)
	if err != nil {
		return refusedDelivery(request, err)
	}
	// EventBridge does not tell a topic on behalf of which rule it publishes.
	request.SourceARN, request.SourceAccount = "", ""
	out, err := dispatch.Invoke[sns.PublishOutput](ctx, t.Dispatcher, request, t.publish, &sns.PublishInput{TopicArn: &c.Target, Message: c.Body})
	if err != nil {
		return refusedDelivery(request, err)
	}
	return events.Receipt{RequestID: request.ID, MessageID: out.MessageId}, nil
}

func (t ruleTargets) Bus(ctx context.Context, c *events.Call) (events.Receipt, error) {
	request, _, err := t.delivery(ctx, c)
	if err != nil {
		return refusedDelivery(request, err)
	}
	out, err := dispatch.Invoke[events.PutEventsOutput](ctx, t.Dispatcher, request, t.putEvents, c.Event)
	if err != nil {
		return refusedDelivery(request, err)
	}
	return events.Receipt{RequestID: request.ID, MessageID: out.Entries[0].EventId}, nil
}

// refusedDelivery is the receipt of a delivery that failed: it names the call that did,
// which may be one inside it.
func refusedDelivery(r *api.Request, err error) (events.Receipt, error) {
	if r == nil {
		return events.Receipt{}, err
	}
	return events.Receipt{RequestID: cmp.Or(api.FailedCall(err), r.ID)}, err
}

// defaultBuses is EventBridge, as S3 tells it of what becomes of objects. It implements
// s3.Buses.
type defaultBuses struct{ *Runtime }

func (d defaultBuses) PutEvent(ctx context.Context, e *s3.BridgeEvent) error {
	_, err := d.Events.PutServiceEvent(ctx, events.ServiceEvent{
		ID: e.ID, Account: e.Account, Region: e.Region, Source: s3.BridgeSource, DetailType: e.DetailType, Time: e.Time,
		Resources: e.Resources, Detail: []byte(e.Detail), TraceHeader: e.TraceHeader,
	})
	return err
}
