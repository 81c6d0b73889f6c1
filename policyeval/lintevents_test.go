package policyeval

import (
	"slices"
	"testing"
)

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

func TestLintBusesAndRules(t *testing.T) {
	const (
		here = `"Resource":"arn:aws:events:us-east-1:123456789012:`
		put  = `"Effect":"Allow","Action":"events:PutRule","Resource":"*","Condition":`
	)
	families := slices.Concat(eventRules, statementRules, typeRules, arnRules)
	for statement, want := range map[string][]string{
		`"Effect":"Allow","Action":"events:PutRule",` + here + `event-bus/orders"`:                                                               {"bus-or-rule"},
		`"Effect":"Allow","Action":["events:PutEvents","events:PutRule"],` + here + `rule/orders/*"`:                                             {"bus-or-rule"},
		`"Effect":"Deny","Action":"events:TestEventPattern",` + here + `event-bus/orders"`:                                                       {"bus-or-rule"}, // [V236]
		`"Effect":"Allow","Action":["events:PutRule","events:PutEvents"],"Resource":["` + here[12:] + `rule/r","` + here[12:] + `event-bus/b"]`:  nil,
		`"Effect":"Allow","Action":["events:PutRule","events:TagResource"],` + here + `rule/*"`:                                                  nil,
		`"Effect":"Allow","Action":["events:TagResource","events:*","events:CreateArchive"],` + here + `event-bus/b"`:                            nil,
		`"Effect":"Allow","Action":"events:PutRule",` + here + `*"`:                                                                              nil,
		`"Effect":"Allow","Action":["events:ListRules","events:PutPermission"],"Resource":"*"`:                                                   nil,
		`"Effect":"Allow","Action":"events:PutEvents","Resource":["` + here[12:] + `rule/r","arn:aws:sqs:us-east-1:123456789012:q"]`:             nil,
		`"Effect":"Allow","Action":["events:PutEvent","events:PutRules"],"Resource":"*"`:                                                         {"unknown-action", "unknown-action"},
		`"Effect":"Allow","Action":["events:CreateSubscriber","events:PutRawEvents","events:RetrieveConnectionCredentials"],"Resource":"*"`:      nil,
		`"Effect":"Allow","Action":"events:ActivateEventSource","Resource":"arn:aws:events:us-east-1::event-source/aws.partner/example.com/x"`:   nil,
		`"Effect":"Allow","Action":"events:PutRule","Resource":"arn:aws:events:us-east-1::rule/r"`:                                               {"arn-part-missing"},
		`"Effect":"Allow","Action":"events:ActivateEventSource","Resource":"arn:aws:events:::event-source/aws.partner/example.com/x"`:            {"arn-part-missing"},
		put + `{"StringEquals":{"events:source":["aws.ec2","aws.ecs"],"events:detail-type":"t","events:detail.service":"ABUSE"}}`:                nil, // [V237]
		put + `{"ForAllValues:StringEquals":{"events:source":["aws.ec2","aws.s3"]},"Null":{"events:source":"false"}}`:                            nil,
		put + `{"ForAllValues:StringEquals":{"events:source":"aws.ec2"}}`:                                                                        {"for-all-values-allow"},
		put + `{"StringEqualsIfExists":{"events:creatorAccount":"${aws:PrincipalAccount}"}}`:                                                     nil,
		put + `{"StringEquals":{"events:Source":"a","events:detailType":"t"}}`:                                                                   {"unknown-key"},
		put + `{"ArnLike":{"events:TargetArn":"arn:aws:sqs:*:*:*"}}`:                                                                             {"key-never-present"},
		put + `{"NumericEquals":{"events:detail.eventTypeCode":"1"}}`:                                                                            {"type-mismatch"},
		put + `{"ForAnyValue:StringEquals":{"events:ManagedBy":"x.amazonaws.com"}}`:                                                              {"set-operator-needless"},
		`"Effect":"Allow","Action":"events:PutTargets","Resource":"*","Condition":{"ArnLike":{"events:TargetArn":"arn:aws:sqs:*:*:*"}}`:          nil,
		`"Effect":"Allow","Action":"events:CreateEndpoint","Resource":"*","Condition":{"ArnLike":{"events:EventBusArn":"arn:aws:events:*:*:*"}}`: {"set-operator-missing"},
		`"Effect":"Allow","Action":"events:PutEvents","Resource":"*","Condition":{"BoolIfExists":{"events:eventBusInvocation":"true"}}`:          nil,
		`"Effect":"Allow","Action":"events:PutEvents","Resource":"*","Condition":{"StringEquals":{"events:eventBusInvocation":"false"}}`:         nil,
		`"Effect":"Allow","Action":"events:EnableRule","Resource":"*","Condition":{"StringEquals":{"events:source":"a"}}`:                        {"key-never-present"},
		`"Effect":"Allow","Action":"events:CreateSubscriber","Resource":"*","Condition":{"StringEquals":{"events:Metadata/tenant/Matcher":"x"}}`: nil,
	} {
		wantRules(t, statement, rulesThatSpeak(t, families, IdentityPolicy, statement), want...)
	}
	// The policy of a bus is also about its rules [V241].
	for statement, want := range map[string][]string{
		`"Action":["events:PutRule","events:ListRules"],` + here + `rule/orders/*"`: nil,
		`"Action":"events:PutRule",` + here + `event-bus/orders"`:                   {"bus-or-rule"},
	} {
		statement = `"Effect":"Allow","Principal":{"AWS":"999988887777"},` + statement
		wantRules(t, statement, rulesThatSpeak(t, eventRules, BusPolicy, statement), want...)
	}
}

// TestLookupKeyOfEvents: which actions carry a key [V231]-[V234].
func TestLookupKeyOfEvents(t *testing.T) {
	for name, want := range map[string][2]string{ // one that carries it, one that does not
		"events:source":             {"putevents", "puttargets"},
		"events:Detail-Type":        {"putrule", "createeventsource"},
		"events:detail.service":     {"putrule", "putevents"},
		"events:creatorAccount":     {"listtargetsbyrule", "putevents"},
		"events:ManagedBy":          {"removetargets", "describerule"},
		"events:TargetArn":          {"puttargets", "removetargets"},
		"events:eventBusInvocation": {"putevents", "putrule"},
	} {
		key, ok := LookupKey(name)
		if !ok || !slices.Contains(key.Actions, want[0]) || slices.Contains(key.Actions, want[1]) {
			t.Errorf("%s: %t, %v", name, ok, key.Actions)
		}
	}
}
