package integration

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// A topic's default policy lets nobody of its own account in: AWS:SourceOwner is
// a key of service principals' calls alone.
func TestTheDefaultTopicPolicyNeedsIdentityPolicies(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	topic := root.topic("t")
	root.role("app")
	if _, err := root.iam.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("eve")}); err != nil {
		t.Fatal(err)
	}
	for principal, arn := range map[string]string{
		"role/app": "arn:aws:sts::123456789012:assumed-role/app/waxseal", "user/eve": "arn:aws:iam::123456789012:user/eve",
	} {
		c := newClients(t, cloud.As(principal)).sns
		calls := map[string]func() error{
			"Publish": func() error {
				_, err := c.Publish(t.Context(), &sns.PublishInput{TopicArn: &topic, Message: aws.String("m")})
				return err
			},
			"Subscribe": func() error {
				_, err := c.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: &topic, Protocol: aws.String("email"), Endpoint: aws.String("eve@example.com")})
				return err
			},
			"GetTopicAttributes": func() error {
				_, err := c.GetTopicAttributes(t.Context(), &sns.GetTopicAttributesInput{TopicArn: &topic})
				return err
			},
			"SetTopicAttributes": func() error {
				_, err := c.SetTopicAttributes(t.Context(), &sns.SetTopicAttributesInput{TopicArn: &topic, AttributeName: aws.String("DisplayName"), AttributeValue: aws.String("d")})
				return err
			},
			"AddPermission": func() error {
				_, err := c.AddPermission(t.Context(), &sns.AddPermissionInput{TopicArn: &topic, Label: aws.String("l"), AWSAccountId: []string{partner}, ActionName: []string{"Publish"}})
				return err
			},
			"RemovePermission": func() error {
				_, err := c.RemovePermission(t.Context(), &sns.RemovePermissionInput{TopicArn: &topic, Label: aws.String("l")})
				return err
			},
			"ListSubscriptionsByTopic": func() error {
				_, err := c.ListSubscriptionsByTopic(t.Context(), &sns.ListSubscriptionsByTopicInput{TopicArn: &topic})
				return err
			},
			"DeleteTopic": func() error {
				_, err := c.DeleteTopic(t.Context(), &sns.DeleteTopicInput{TopicArn: &topic})
				return err
			},
		}
		for action, call := range calls {
			want(t, principal+" "+action, call(), answer{http.StatusForbidden, "AuthorizationError",
				"User: " + arn + " is not authorized to perform: SNS:" + action + " on resource: " + topic +
					" because no identity-based policy allows the SNS:" + action + " action"})
		}
	}
	if policy := root.topicPolicy(topic); !strings.Contains(policy, "AWS:SourceOwner") {
		t.Errorf("the policy is %s", policy)
	}
}
