package provision

import (
	"context"
	"encoding/json"
	"strings"
)

const defaultTopicPolicyID = "__default_policy_ID"

// defaultTopicPolicy is the policy that SNS gives a topic that has no other. Taking a
// policy away means setting this one, for a topic always has one [C217].
func defaultTopicPolicy(topic string) string {
	account := ""
	if parts := strings.Split(topic, ":"); len(parts) > 4 {
		account = parts[4]
	}
	return `{"Version":"2008-10-17","Id":"` + defaultTopicPolicyID + `","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow",` +
		`"Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission",` +
		`"SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"` + topic + `",` +
		`"Condition":{"StringEquals":{"AWS:SourceOwner":"` + account + `"}}}]}`
}

func createTopicPolicy(ctx context.Context, j *Job) error { return updateTopicPolicy(ctx, j) }

// updateTopicPolicy sets the policy of each topic; those that are no longer among them get
// the default one.
func updateTopicPolicy(ctx context.Context, j *Job) error {
	had, has := j.Before.Get("Topics").Strings(), j.Properties.Get("Topics").Strings()
	itself := func(arn string) string { return arn }
	err := onEach(had, has, itself, j.changed("PolicyDocument"), func(topic string) error {
		err := j.setTopicAttribute(ctx, topic, "Policy", document(j.Properties.Get("PolicyDocument")))
		return j.begun(err)
	}, func(topic string) error { return j.unsetTopicPolicy(ctx, topic) })
	j.attributes(map[string]any{"Id": j.PhysicalID})
	return err
}

func (j *Job) unsetTopicPolicy(ctx context.Context, topic string) error {
	return gone(j.setTopicAttribute(ctx, topic, "Policy", defaultTopicPolicy(topic)))
}

func deleteTopicPolicy(ctx context.Context, j *Job) error {
	for _, topic := range j.Properties.Get("Topics").Strings() {
		if err := j.unsetTopicPolicy(ctx, topic); err != nil {
			return err
		}
	}
	return nil
}

// createTopicInlinePolicy sets the policy of a topic that has none but the default one.
func createTopicInlinePolicy(ctx context.Context, j *Job) error {
	topic := j.Properties.Get("TopicArn").String()
	out, err := j.Call(ctx, "sns", "GetTopicAttributes", map[string]any{"TopicArn": topic})
	if err != nil {
		return err
	}
	shown, _ := out["Attributes"].(map[string]any)
	var policy struct{ ID string }
	if json.Unmarshal([]byte(text(shown, "Policy")), &policy) == nil && policy.ID != defaultTopicPolicyID {
		return j.exists(topic)
	}
	if err := setTopicInlinePolicy(ctx, j); err != nil {
		return err
	}
	j.PhysicalID = topic
	return nil
}

func setTopicInlinePolicy(ctx context.Context, j *Job) error {
	j.attributes(nil)
	return j.setTopicAttribute(ctx, j.Properties.Get("TopicArn").String(), "Policy", document(j.Properties.Get("PolicyDocument")))
}

func deleteTopicInlinePolicy(ctx context.Context, j *Job) error {
	return j.unsetTopicPolicy(ctx, j.PhysicalID)
}
