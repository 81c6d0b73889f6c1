package policyeval

import "testing"

func TestLintEvents(t *testing.T) {
	const (
		events  = `"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Resource":"*",`
		topic   = events + `"Action":"sns:Publish"`
		queue   = events + `"Action":"sqs:SendMessage"`
		key     = events + `"Action":["kms:Decrypt","kms:GenerateDataKey*"]`
		rule    = `{"aws:SourceArn":"arn:aws:events:us-east-1:123456789012:rule/alerts"}`
		account = `{"aws:SourceAccount":"123456789012"}`
	)
	for _, c := range []struct {
		kind      Kind
		statement string
		want      []string
	}{
		{TopicPolicy, topic, nil},
		{TopicPolicy, topic + `,"Condition":{"ArnEquals":` + rule + `}`, []string{"events-source-to-topic"}},
		{TopicPolicy, topic + `,"Condition":{"ArnLike":` + rule + `,"StringEquals":` + account + `}`, []string{"events-source-to-topic"}},
		{TopicPolicy, topic + `,"Condition":{"ForAnyValue:StringLike":{"aws:SourceOrgPaths":"o-1/*"}}`, []string{"events-source-to-topic"}},
		{TopicPolicy, topic + `,"Condition":{"ArnEqualsIfExists":` + rule + `}`, nil},
		{TopicPolicy, topic + `,"Condition":{"StringNotEquals":` + account + `}`, nil},
		{TopicPolicy, topic + `,"Condition":{"Bool":{"aws:SecureTransport":"true"}}`, nil},
		{TopicPolicy, `"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Resource":"*","Action":"sns:Publish","Condition":{"StringEquals":` + account + `}`, nil},
		{TopicPolicy, `"Effect":"Deny","Principal":{"Service":"events.amazonaws.com"},"Resource":"*","Action":"sns:Publish","Condition":{"ArnNotEquals":` + rule + `}`, nil},
		{QueuePolicy, queue + `,"Condition":{"ArnEquals":` + rule + `,"StringEquals":` + account + `}`, nil},
		{QueuePolicy, queue, []string{"confused-deputy"}},
		{QueuePolicy, queue + `,"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:events:us-east-1:123456789012:event-bus/default"}}`, []string{"events-source-no-rule"}},
		{QueuePolicy, queue + `,"Condition":{"ArnLike":{"aws:SourceArn":["arn:aws:events:us-east-1:123456789012:rule/bus/*","arn:aws:events:us-east-1:123456789012:*"]}}`, nil},
		{KeyPolicy, key, nil},
		{KeyPolicy, key + `,"Condition":{"ArnEquals":` + rule + `}`, []string{"events-source-to-topic"}},
		{KeyPolicy, key + `,"Condition":{"ArnEquals":` + rule + `,"StringEquals":{"kms:ViaService":"sqs.us-east-1.amazonaws.com"}}`, nil},
		{KeyPolicy, events + `"Action":"kms:Decrypt"`, []string{"half-of-encryption"}},
		{KeyPolicy, events + `"Action":"kms:GenerateDataKey*"`, []string{"half-of-encryption"}},
		{KeyPolicy, events + `"Action":"kms:*"`, nil},
		{KeyPolicy, events + `"NotAction":"kms:ScheduleKeyDeletion"`, nil},
		{KeyPolicy, events + `"Action":"kms:DescribeKey"`, nil},
		{KeyPolicy, `"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Resource":"*","Action":"kms:GenerateDataKey*","Condition":{"StringEquals":` + account + `}`, nil},
	} {
		families := append([]LintRule{}, eventRules...)
		for _, r := range statementRules {
			if r.Name == "confused-deputy" {
				families = append(families, r)
			}
		}
		wantRules(t, c.statement, rulesThatSpeak(t, families, c.kind, c.statement), c.want...)
	}
	// The other half may stand in another statement.
	d := must(t, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":`+account+`}},
		{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"kms:GenerateDataKey","Resource":"*","Condition":{"StringEquals":`+account+`}}]}`)
	if found := Lint(d, LintContext{Kind: KeyPolicy}); len(found) > 0 {
		t.Errorf("%v", found)
	}
}
