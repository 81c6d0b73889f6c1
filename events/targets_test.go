package events

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
)

const noFailures = `{"FailedEntryCount":0,"FailedEntries":[]}`

func newRule(t *testing.T, changes ...func(*Config)) *testbed {
	t.Helper()
	w := newTestbed(t, changes...)
	w.ok("PutRule", `{"Name":"r","EventPattern":`+text(testPattern)+`}`)
	return w
}

func TestTargets(t *testing.T) {
	w := newRule(t)
	all := `{"Id":"all","Arn":"` + testQueue + `","InputTransformer":{"InputPathsMap":{"a":"$.detail"},"InputTemplate":"<a>"},"SqsParameters":{"MessageGroupId":"g"},` +
		`"DeadLetterConfig":{"Arn":"` + testQueue + `"},"RetryPolicy":{"MaximumRetryAttempts":0,"MaximumEventAgeInSeconds":60}}`
	for _, c := range []struct{ input, want string }{
		{`{"Id":"a","Arn":"` + testTopic + `","Input":"{}"}`, `{"Targets":[{"Id":"a","Arn":"` + testTopic + `","Input":"{}"}]}`},
		{`{"Id":"a","Arn":"` + testTopic + `","InputPath":"$.detail"}`, `{"Targets":[{"Id":"a","Arn":"` + testTopic + `","InputPath":"$.detail"}]}`}, // [V064]
		{all, `{"Targets":[{"Id":"a","Arn":"` + testTopic + `","InputPath":"$.detail"},` + all + `]}`},
	} {
		wantJSON(t, w.ok("PutTargets", `{"Rule":"r","Targets":[`+c.input+`]}`), noFailures) // [V059]
		wantJSON(t, w.ok("ListTargetsByRule", `{"Rule":"r"}`), c.want)                      // [V066]
	}
	wantJSON(t, w.ok("RemoveTargets", `{"Rule":"r","Ids":["a"]}`), noFailures)
	wantJSON(t, w.ok("RemoveTargets", `{"Rule":"r","Ids":["a","all"]}`), // [V068]
		`{"FailedEntryCount":1,"FailedEntries":[{"TargetId":"a","ErrorCode":"ResourceNotFoundException","ErrorMessage":"Target a does not exist on rule r."}]}`)
	wantJSON(t, w.ok("ListTargetsByRule", `{"Rule":"r"}`), `{"Targets":[]}`)
}

func TestPutTargetsRefuses(t *testing.T) {
	w := newRule(t)
	target := func(members string) string { return `{"Rule":"r","Targets":[{"Id":"t",` + members + `}]}` }
	const pattern = `failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+`
	w.answers(t, []answerTo{
		{"V061 a bad id", "PutTargets", `{"Rule":"r","Targets":[{"Id":"a b","Arn":"` + testQueue + `"}]}`, "ValidationException: 1 validation error detected: Value 'a b' at 'targets.1.member.id' " + pattern},
		{"V062 a long id", "PutTargets", `{"Rule":"r","Targets":[{"Id":"` + strings.Repeat("a", 65) + `","Arn":"` + testQueue + `"}]}`, "ValidationException: 1 validation error detected: Value '" + strings.Repeat("a", 65) + "' at 'targets.1.member.id' failed to satisfy constraint: Member must have length less than or equal to 64"},
		{"V069 two inputs", "PutTargets", target(`"Arn":"` + testQueue + `","Input":"{}","InputPath":"$"`), "ValidationException: Only one of Input, InputPath, or InputTransformer must be provided for target t."},
		{"V112 an unknown placeholder", "PutTargets", target(`"Arn":"` + testQueue + `","InputTransformer":{"InputPathsMap":{"a":"$.id"},"InputTemplate":"\"<b>\""}`), "ValidationException: InputTemplate for target t contains invalid placeholder b."},
		{"V070 no ARN", "PutTargets", target(`"Arn":"queue"`), "ValidationException: Parameter ARN is not valid. Reason: Provided Arn is not in correct format."},
		{"V071 FIFO", "PutTargets", target(`"Arn":"` + testQueue + `.fifo"`), "ValidationException: Parameter(s) SqsParameters must be specified for target: t."},
		{"V072 a queue of another account", "PutTargets", target(`"Arn":"arn:aws:sqs:us-east-1:999988887777:q"`), "ValidationException: RoleArn is required for target arn:aws:sqs:us-east-1:999988887777:q."},
		{"V072 a bus of another region", "PutTargets", target(`"Arn":"arn:aws:events:eu-west-1:123456789012:event-bus/b"`), "ValidationException: RoleArn is required for target arn:aws:events:eu-west-1:123456789012:event-bus/b."},
		{"V073 input for a bus", "PutTargets", target(`"Arn":"` + arnPrefix + `event-bus/b","Input":"{}"`), "ValidationException: Modifying the input for target t is not supported"},
		{"V221 a FIFO dead-letter queue", "PutTargets", target(`"Arn":"` + testQueue + `","DeadLetterConfig":{"Arn":"` + testQueue + `.fifo"}`), "ValidationException: Parameter DeadLetterConfig is not valid. Reason: A dead-letter queue is a standard queue of Amazon SQS."},
		{"a topic of another region", "PutTargets", target(`"Arn":"arn:aws:sns:eu-west-1:123456789012:t"`), "ValidationException: Parameter ARN is not valid. Reason: The target must be in the region of the rule."},
		{"another kind", "PutTargets", target(`"Arn":"arn:aws:lambda:us-east-1:123456789012:function:f"`), "ValidationException: Parameter ARN is not valid. Reason: Targets are queues, topics and event buses; others are not available."},
		{"another kind's parameters", "PutTargets", target(`"Arn":"` + testQueue + `","KinesisParameters":{"PartitionKeyPath":"$"}`), "ValidationException: Parameter(s) KinesisParameters not valid for target: t."},
		{"V060 a long life", "PutTargets", target(`"Arn":"` + testQueue + `","RetryPolicy":{"MaximumRetryAttempts":186,"MaximumEventAgeInSeconds":59}`), "ValidationException: 2 validation errors detected: Value '186' at 'targets.1.member.retryPolicy.maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 185; Value '59' at 'targets.1.member.retryPolicy.maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60"},
		{"V050 no rule", "PutTargets", `{"Rule":"n","Targets":[{"Id":"t","Arn":"` + testQueue + `"}]}`, "ResourceNotFoundException: Rule n does not exist on EventBus default."},
		{"V050 removing from none", "RemoveTargets", `{"Rule":"n","Ids":["t"]}`, "ResourceNotFoundException: Rule n does not exist on EventBus default."},
	})
	wantJSON(t, w.ok("ListTargetsByRule", `{"Rule":"r"}`), `{"Targets":[]}`)
}

func TestTooManyTargets(t *testing.T) { // [V025] [V063]
	w := newRule(t)
	var targets []string
	for _, id := range strings.Split("abcdef", "") {
		targets = append(targets, `{"Id":"`+id+`","Arn":"`+testQueue+`"}`)
	}
	w.ok("PutTargets", `{"Rule":"r","Targets":[`+strings.Join(targets[:5], ",")+`]}`) // [V065]
	want := "LimitExceededException: The requested resource exceeds the maximum number allowed."
	if got := w.call("PutTargets", `{"Rule":"r","Targets":[`+targets[5]+`]}`); got != want {
		t.Error(got)
	}
	w.ok("PutTargets", `{"Rule":"r","Targets":[`+targets[4]+`]}`)
}

func TestListRuleNamesByTarget(t *testing.T) { // [V067]
	w := newTestbed(t)
	for _, name := range []string{"c", "a", "b"} {
		w.ok("PutRule", `{"Name":"`+name+`","EventPattern":`+text(testPattern)+`}`)
		w.ok("PutTargets", `{"Rule":"`+name+`","Targets":[{"Id":"1","Arn":"`+testQueue+`"},{"Id":"2","Arn":"`+testQueue+`"},{"Id":"3","Arn":"`+testQueue+`2"}]}`)
	}
	w.ok("RemoveTargets", `{"Rule":"b","Ids":["1"]}`)
	w.ok("RemoveTargets", `{"Rule":"c","Ids":["1","2"]}`)
	wantJSON(t, w.ok("ListRuleNamesByTarget", `{"TargetArn":"`+testQueue+`"}`), `{"RuleNames":["a","b"]}`)
	wantJSON(t, w.ok("ListRuleNamesByTarget", `{"TargetArn":"`+testTopic+`"}`), `{"RuleNames":[]}`)
	var out struct{ NextToken string }
	unmarshal(t, w.ok("ListRuleNamesByTarget", `{"TargetArn":"`+testQueue+`2","Limit":2}`), &out)
	wantJSON(t, w.ok("ListRuleNamesByTarget", `{"TargetArn":"`+testQueue+`2","NextToken":"`+out.NextToken+`"}`), `{"RuleNames":["c"]}`)
}

// roles let EventBridge assume the role /good alone.
type roles struct{}

func (roles) Assumable(_ context.Context, b Behalf, role string) error {
	if strings.HasSuffix(role, "/good") && b.Rule == arnPrefix+"rule/r" && b.Account == testAccount {
		return nil
	}
	return &api.Error{Code: "AccessDenied", RequestID: "inner"}
}

func TestTargetsWithRoles(t *testing.T) { // [V072] [V075] [V214]
	w := newRule(t, func(c *Config) { c.Roles = roles{} })
	put := func(role string) string {
		return `{"Rule":"r","Targets":[{"Id":"t","Arn":"arn:aws:sqs:us-east-1:999988887777:q","RoleArn":"` + role + `"}]}`
	}
	const good, bad = "arn:aws:iam::123456789012:role/good", "arn:aws:iam::123456789012:role/bad"
	w.ok("PutTargets", put(good))
	if got, want := w.call("PutTargets", put(bad)), "ValidationException: Provided role '"+bad+"' cannot be assumed by principal 'events.amazonaws.com'."; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	err := w.assumable(request(), ruleID{busID{testAccount, testRegion, defaultBus}, "r"}, bad)
	if e, ok := errors.AsType[*api.Error](err); !ok || e.RequestID != "inner" {
		t.Errorf("the call inside is not named: %v", err)
	}
	checks := w.checks("PutTargets", put(good))
	if len(checks) != 2 || checks[1].Action != "iam:PassRole" || checks[1].Target.ARN != good {
		t.Errorf("%+v", checks)
	}
	if got := keysOf(checks[0])["events:targetarn"]; len(got) != 1 || got[0] != "arn:aws:sqs:us-east-1:999988887777:q" { // [V233]
		t.Errorf("events:TargetArn is %v", got)
	}
}

func TestTags(t *testing.T) {
	w := newRule(t)
	w.ok("CreateEventBus", `{"Name":"orders","Tags":[{"Key":"a","Value":"1"}]}`)
	w.ok("PutRule", `{"Name":"r","EventBusName":"orders","EventPattern":`+text(testPattern)+`}`)
	for _, arn := range []string{"event-bus/orders", "event-bus/default", "rule/r", "rule/orders/r"} { // [V077]
		arn := `"ResourceARN":"` + arnPrefix + arn + `"`
		wantJSON(t, w.ok("TagResource", `{`+arn+`,"Tags":[{"Key":"a","Value":"2"},{"Key":"b","Value":""}]}`), `{}`)
		wantJSON(t, w.ok("ListTagsForResource", `{`+arn+`}`), `{"Tags":[{"Key":"a","Value":"2"},{"Key":"b","Value":""}]}`)
		wantJSON(t, w.ok("UntagResource", `{`+arn+`,"TagKeys":["a","none"]}`), `{}`) // [V078]
		wantJSON(t, w.ok("ListTagsForResource", `{`+arn+`}`), `{"Tags":[{"Key":"b","Value":""}]}`)
	}
	var many []string
	for i := range 51 {
		many = append(many, `{"Key":"k`+strings.Repeat("x", i)+`","Value":""}`)
	}
	const bus = `"ResourceARN":"` + arnPrefix + `event-bus/orders"`
	w.answers(t, []answerTo{
		{"V079 no rule", "TagResource", `{"ResourceARN":"` + arnPrefix + `rule/n","Tags":[]}`, "ResourceNotFoundException: Rule n does not exist on EventBus default."},
		{"V079 no bus", "ListTagsForResource", `{"ResourceARN":"` + arnPrefix + `event-bus/n"}`, "ResourceNotFoundException: Event bus n does not exist."},
		{"V079 a rule of no bus", "UntagResource", `{"ResourceARN":"` + arnPrefix + `rule/n/r","TagKeys":["a"]}`, "ResourceNotFoundException: Event bus n does not exist."},
		{"V081 too many", "TagResource", `{` + bus + `,"Tags":[` + strings.Join(many, ",") + `]}`, "LimitExceededException: The requested resource exceeds the maximum number allowed."},
		{"twice", "TagResource", `{` + bus + `,"Tags":[{"Key":"k","Value":""},{"Key":"k","Value":""}]}`, "ValidationException: Tags must not have the same key more than once."},
		{"reserved key", "UntagResource", `{` + bus + `,"TagKeys":["aws:k"]}`, "ValidationException: Tag keys must not begin with aws:."},
		{"reserved", "CreateEventBus", `{"Name":"n","Tags":[{"Key":"aws:k","Value":""}]}`, "ValidationException: Tag keys must not begin with aws:."},
		{"another service's", "TagResource", `{"ResourceARN":"` + testQueue + `","Tags":[]}`, "ValidationException: Parameter ResourceARN is not valid. Reason: Provided Arn is not in correct format."},
		{"another resource", "TagResource", `{"ResourceARN":"` + arnPrefix + `archive/a","Tags":[]}`, "ValidationException: Parameter ResourceARN is not valid. Reason: Provided Arn is not in correct format."},
	})
	w.ok("DeleteRule", `{"Name":"r","EventBusName":"orders"}`)
	w.ok("DeleteEventBus", `{"Name":"orders"}`)
	w.ok("CreateEventBus", `{"Name":"orders"}`)
	wantJSON(t, w.ok("ListTagsForResource", `{`+bus+`}`), `{"Tags":[]}`) // [V080]
	checks := w.checks("CreateEventBus", `{"Name":"n","Tags":[{"Key":"k","Value":"v"}]}`)
	if len(checks) != 2 || checks[1].Action != "events:TagResource" || keysOf(checks[0])["aws:requesttag/k"][0] != "v" { // [V082]
		t.Errorf("%+v", checks)
	}
}

// These operations have no resource: policies can give them for * alone [V236].
func TestOperationsWithoutResource(t *testing.T) {
	w := newTestbed(t)
	for operation, input := range map[string]string{
		"PutPermission": `{}`, "RemovePermission": `{}`, "ListEventBuses": `{}`, "ListRules": `{}`, "ListRuleNamesByTarget": `{"TargetArn":"a"}`,
	} {
		if checks := w.checks(operation, input); len(checks) != 1 || checks[0].Target.ARN != "*" {
			t.Errorf("%s: %+v", operation, checks)
		}
	}
}
