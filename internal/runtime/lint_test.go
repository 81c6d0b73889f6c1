package runtime_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// What AWS takes although nobody means it is taken, and the log is told.
func TestPoliciesAreLintedWhenTheyAreSet(t *testing.T) {
	var log bytes.Buffer
	s := servertest.New(t, server.Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	const (
		queueURL = "https://sqs.us-east-1.amazonaws.com/123456789012/q"
		topicARN = "arn:aws:sns:us-east-1:123456789012:t"
		url      = `{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"ACTION","Resource":"` + queueURL + `"}`
		account  = `{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"kms:*","Resource":"*"}`
	)
	withURL := func(action string) string { return servertest.PolicyText(strings.Replace(url, "ACTION", action, 1)) }
	keyPolicy := servertest.PolicyText(account + "," + strings.Replace(url, "ACTION", "kms:Decrypt", 1))
	kind := func(params map[string]any) func() map[string]any { return func() map[string]any { return params } }
	var key map[string]any
	for _, step := range []struct {
		action string
		params func() map[string]any
		want   string // in the log; empty: nothing
	}{
		{"sqs:CreateQueue", kind(map[string]any{"QueueName": "q"}), ""},
		// The chapter's policy: its Resource is a queue URL.
		{"sqs:SetQueueAttributes", kind(map[string]any{"QueueUrl": queueURL, "Attributes": map[string]string{"Policy": withURL("sqs:SendMessage")}}), "rule=resource-is-url"},
		{"sqs:AddPermission", kind(map[string]any{"QueueUrl": queueURL, "Label": "l", "AWSAccountIds": []string{"123456789012"}, "Actions": []string{"SendMessage"}}), "rule=resource-is-url"},
		{"sqs:RemovePermission", kind(map[string]any{"QueueUrl": queueURL, "Label": "l"}), ""},
		{"sqs:SetQueueAttributes", kind(map[string]any{"QueueUrl": queueURL, "Attributes": map[string]string{"VisibilityTimeout": "5"}}), ""},
		{"sqs:CreateQueue", kind(map[string]any{"QueueName": "q2", "Attributes": map[string]string{"Policy": withURL("sqs:SendMessage")}}), "rule=resource-is-url"},
		{"sns:CreateTopic", kind(map[string]any{"Name": "t"}), ""},
		{"sns:SetTopicAttributes", kind(map[string]any{"TopicArn": topicARN, "AttributeName": "Policy", "AttributeValue": withURL("sns:Publish")}), "resource=" + topicARN + " rule=resource-is-url"},
		{"sns:AddPermission", kind(map[string]any{"TopicArn": topicARN, "Label": "l", "AWSAccountId": []string{"123456789012"}, "ActionName": []string{"Publish"}}), "rule=resource-is-url"},
		{"sns:CreateTopic", kind(map[string]any{"Name": "t2", "Attributes": map[string]string{"Policy": withURL("sns:Publish")}}), "rule=resource-is-url"},
		{"kms:CreateKey", kind(map[string]any{"Policy": keyPolicy}), "rule=resource-is-url"},
		{"kms:CreateKey", kind(map[string]any{}), ""},
		{"kms:PutKeyPolicy", func() map[string]any {
			return map[string]any{"KeyId": key["KeyMetadata"].(map[string]any)["KeyId"], "Policy": keyPolicy}
		}, "rule=resource-is-url"},
		{"iam:CreateRole", kind(map[string]any{"RoleName": "r", "AssumeRolePolicyDocument": servertest.PolicyText(`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}`)}), ""},
		{"organizations:CreateOrganization", kind(map[string]any{}), ""},
		{"organizations:CreatePolicy", kind(map[string]any{"Name": "p", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": servertest.PolicyText(`{"Effect":"Deny","Action":"sqs:SendMessageBatch","Resource":"*"}`)}), "rule=unknown-action"},
		{"iam:PutRolePolicy", kind(map[string]any{"RoleName": "r", "PolicyName": "p", "PolicyDocument": servertest.PolicyText(`{"Effect":"Allow","Action":"*","Resource":"*"}`)}), "rule=full-access"},
	} {
		log.Reset()
		out := servertest.ActAs(t, s, "root", step.action, step.params())
		if step.action == "kms:CreateKey" {
			key = out
		}
		if got := log.String(); step.want == "" && strings.Contains(got, "may not be meant") || !strings.Contains(got, step.want) {
			t.Errorf("%s logged %q, want %q", step.action, got, step.want)
		}
	}
}
