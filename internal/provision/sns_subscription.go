package provision

import (
	"context"
	"slices"
)

// subscriptionAttributes are the attributes of subscriptions that are properties, in the
// order in which they are changed, and what they become when the property is removed.
var subscriptionAttributes = []struct{ name, back string }{
	{"DeliveryPolicy", ""}, {"FilterPolicy", ""}, {"FilterPolicyScope", "MessageAttributes"}, {"RawMessageDelivery", "false"},
	{"RedrivePolicy", ""}, {"ReplayPolicy", ""}, {"SubscriptionRoleArn", ""},
}

// inTopicRegion makes calls go to the region of the topic, where that is another [C218].
func (j *Job) inTopicRegion(ctx context.Context) context.Context {
	if region := j.Properties.Get("Region"); region != nil {
		return In(ctx, region.String())
	}
	return ctx
}

func createSubscription(ctx context.Context, j *Job) error {
	set := map[string]any{}
	for _, attribute := range subscriptionAttributes {
		if value := j.Properties.Get(attribute.name); value != nil {
			set[attribute.name] = document(value)
		}
	}
	out, err := j.Call(j.inTopicRegion(ctx), "sns", "Subscribe", j.arguments(map[string]any{
		"Attributes": set, "ReturnSubscriptionArn": true,
	}, "TopicArn", "Protocol", "Endpoint"))
	if err != nil {
		return err
	}
	j.PhysicalID = text(out, "SubscriptionArn")
	j.attributes(map[string]any{"Arn": j.PhysicalID})
	return nil
}

func updateSubscription(ctx context.Context, j *Job) error {
	order := slices.Clone(subscriptionAttributes)
	if j.changed("FilterPolicyScope") && j.Properties.Get("FilterPolicyScope").String() == "MessageBody" {
		order[1], order[2] = order[2], order[1] // a filter of bodies is none of attributes
	}
	for _, attribute := range order {
		if !j.changed(attribute.name) {
			continue
		}
		in := map[string]any{"SubscriptionArn": j.PhysicalID, "AttributeName": attribute.name, "AttributeValue": attribute.back}
		if value := j.Properties.Get(attribute.name); value != nil {
			in["AttributeValue"] = document(value)
		}
		if err := j.do(j.inTopicRegion(ctx), "sns", "SetSubscriptionAttributes", in); err != nil {
			return err
		}
	}
	j.attributes(map[string]any{"Arn": j.PhysicalID})
	return nil
}

func deleteSubscription(ctx context.Context, j *Job) error {
	return j.unsubscribe(j.inTopicRegion(ctx), j.PhysicalID)
}
