package runtime_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/server"
)

const (
	ruleAccount  = "123456789012"
	otherAccount = "999988887777"
)

// rules is a server with a rule whose target is different in each case.
type rules struct {
	*server.Server
	t *testing.T
}

func (r rules) act(action string, params map[string]any) map[string]any {
	r.t.Helper()
	return servertest.ActAs(r.t, r.Server, "root", action, params)
}

// as makes a call as the root user of an account.
func (r rules) as(account, action string, params map[string]any) {
	r.t.Helper()
	servertest.ActAs(r.t, r.Server, "arn:aws:iam::"+account+":root", action, params)
}

// aws is the ARN of something in the account of the rules.
func aws(service, name string) string {
	return "arn:aws:" + service + ":us-east-1:" + ruleAccount + ":" + name
}

// allow is a statement that lets a service in.
func allow(service, action, condition string) string {
	if condition != "" {
		condition = `,"Condition":{` + condition + `}`
	}
	return `{"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"` + action + `","Resource":"*"` + condition + `}`
}

func (r rules) key(statements string) string {
	r.t.Helper()
	if statements != "" {
		statements = "," + statements
	}
	made := r.act("kms:CreateKey", map[string]any{"Policy": servertest.PolicyText(
		`{"Effect":"Allow","Principal":{"AWS":"` + ruleAccount + `"},"Action":"kms:*","Resource":"*"}` + statements)})
	return made["KeyMetadata"].(map[string]any)["KeyId"].(string)
}

func (r rules) queue(name, statements, key string) string {
	r.t.Helper()
	attributes := map[string]any{}
	if statements != "" {
		attributes["Policy"] = servertest.PolicyText(statements)
	}
	if key != "" {
		attributes["KmsMasterKeyId"] = key
	}
	r.act("sqs:CreateQueue", map[string]any{"QueueName": name, "Attributes": attributes})
	return aws("sqs", name)
}

func (r rules) topic(name, statements, key string) string {
	r.t.Helper()
	attributes := map[string]any{}
	if statements != "" {
		attributes["Policy"] = servertest.PolicyText(strings.ReplaceAll(statements, `"Resource":"*"`, `"Resource":"`+aws("sns", name)+`"`))
	}
	if key != "" {
		attributes["KmsMasterKeyId"] = key
	}
	r.act("sns:CreateTopic", map[string]any{"Name": name, "Attributes": attributes})
	return aws("sns", name)
}

func (r rules) role(name, statements string) string {
	r.t.Helper()
	r.act("iam:CreateRole", map[string]any{"RoleName": name, "AssumeRolePolicyDocument": servertest.PolicyText(
		`{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sts:AssumeRole",` +
			`"Condition":{"StringEquals":{"aws:SourceAccount":"` + ruleAccount + `"},"ArnLike":{"aws:SourceArn":"` + aws("events", "rule/*") + `"}}}`)})
	if statements != "" {
		r.act("iam:PutRolePolicy", map[string]any{"RoleName": name, "PolicyName": "p", "PolicyDocument": servertest.PolicyText(statements)})
	}
	return "arn:aws:iam::" + ruleAccount + ":role/" + name
}

// deliver puts an event for a rule of a name with a target, and answers what became of it.
func (r rules) deliver(name string, target map[string]any) trail.Delivery {
	r.t.Helper()
	r.act("events:PutRule", map[string]any{"Name": name, "EventPattern": `{"source":["` + name + `"]}`})
	target["Id"] = "1"
	r.act("events:PutTargets", map[string]any{"Rule": name, "Targets": []any{target}})
	return r.put(name)
}

func (r rules) put(name string) (found trail.Delivery) {
	r.t.Helper()
	out := r.act("events:PutEvents", map[string]any{"Entries": []any{map[string]any{"Source": name, "DetailType": "t", "Detail": "{}"}}})
	id := out["Entries"].([]any)[0].(map[string]any)["EventId"].(string)
	servertest.Eventually(r.t, "delivery of "+name, func() bool {
		for _, d := range servertest.Deliveries(r.Server) {
			if d.MessageID == id && d.RuleArn == aws("events", "rule/"+name) {
				found = d
				return true
			}
		}
		return false
	})
	return found
}

// Who EventBridge is to queues, topics, buses, keys and roles, and what it names to them
// [V207]-[V215].
func TestWhoDeliversForARule(t *testing.T) {
	r := rules{servertest.New(t, server.Config{}), t}
	const (
		us, send, publish = "events.amazonaws.com", "sqs:SendMessage", "sns:Publish"
		keyActions        = `["kms:GenerateDataKey","kms:Decrypt"]`
		account           = `"StringEquals":{"aws:SourceAccount":"` + ruleAccount + `"}`
		theirs            = `"StringEquals":{"aws:SourceAccount":"` + otherAccount + `"}`
	)
	rule := func(name string) string { return `"ArnEquals":{"aws:SourceArn":"` + aws("events", "rule/"+name) + `"}` }
	lets := func(actions string) string {
		return strings.Replace(allow(us, "X", ""), `"X"`, actions, 1)
	}
	letsIf := func(actions, condition string) string {
		return strings.Replace(allow(us, "X", condition), `"X"`, actions, 1)
	}
	const missing, closed = "NO_RESOURCE", "NO_PERMISSIONS"
	may := func(action string) string { return `{"Effect":"Allow","Action":"` + action + `","Resource":"*"}` }
	r.as(otherAccount, "events:CreateEventBus", map[string]any{"Name": "open"})
	r.as(otherAccount, "events:PutPermission", map[string]any{"EventBusName": "open", "StatementId": "s", "Action": "events:PutEvents", "Principal": ruleAccount})
	r.as(otherAccount, "events:CreateEventBus", map[string]any{"Name": "closed"})
	foreign := func(bus string) string { return "arn:aws:events:us-east-1:" + otherAccount + ":event-bus/" + bus }
	for i, c := range []struct {
		name, want string
		target     func(name string) map[string]any
	}{
		{"V208 a queue for the rule", "", func(n string) map[string]any { return to(r.queue(n, allow(us, send, rule(n)), "")) }},
		{"V207 a queue for the account", "", func(n string) map[string]any { return to(r.queue(n, allow(us, send, account), "")) }},
		{"V207 a queue for rule and account", "", func(n string) map[string]any { return to(r.queue(n, allow(us, send, rule(n)+","+account), "")) }},
		{"V225 a queue for another rule", missing, func(n string) map[string]any { return to(r.queue(n, allow(us, send, rule("another")), "")) }},
		{"V225 a queue for another account", missing, func(n string) map[string]any { return to(r.queue(n, allow(us, send, theirs), "")) }},
		{"V225 a queue for another service", missing, func(n string) map[string]any { return to(r.queue(n, allow("s3.amazonaws.com", send, ""), "")) }},
		{"V225 a queue without a policy", missing, func(n string) map[string]any { return to(r.queue(n, "", "")) }},
		{"V225 no queue", missing, func(n string) map[string]any { return to(aws("sqs", n)) }},
		{"V211 an encrypted queue", "", func(n string) map[string]any {
			return to(r.queue(n, allow(us, send, ""), r.key(letsIf(keyActions, account))))
		}},
		{"V211 a queue whose key leaves EventBridge out", closed, func(n string) map[string]any { return to(r.queue(n, allow(us, send, ""), r.key(""))) }},
		{"V211 a queue with the AWS managed key", closed, func(n string) map[string]any { return to(r.queue(n, allow(us, send, ""), "alias/aws/sqs")) }},

		{"V209 a topic", "", func(n string) map[string]any { return to(r.topic(n, allow(us, publish, ""), "")) }},
		{"V210 a topic for the rule", closed, func(n string) map[string]any { return to(r.topic(n, allow(us, publish, rule(n)), "")) }},
		{"V210 a topic for the account", closed, func(n string) map[string]any { return to(r.topic(n, allow(us, publish, account), "")) }},
		{"V226 a topic with the default policy", closed, func(n string) map[string]any { return to(r.topic(n, "", "")) }},
		{"V226 no topic", closed, func(n string) map[string]any { return to(aws("sns", n)) }},
		{"V211 an encrypted topic", "", func(n string) map[string]any { return to(r.topic(n, allow(us, publish, ""), r.key(lets(keyActions)))) }},
		{"V210 a topic whose key is for the account", closed, func(n string) map[string]any {
			return to(r.topic(n, allow(us, publish, ""), r.key(letsIf(keyActions, account))))
		}},
		{"V211 a topic whose key leaves EventBridge out", closed, func(n string) map[string]any { return to(r.topic(n, allow(us, publish, ""), r.key(""))) }},
		{"V211 a topic with the AWS managed key", closed, func(n string) map[string]any { return to(r.topic(n, allow(us, publish, ""), "alias/aws/sns")) }},

		{"V212 a queue by a role", "", func(n string) map[string]any { return by(r.role(n, may(send)), r.queue(n, "", "")) }},
		{"V212 a queue by a role that may not", closed, func(n string) map[string]any { return by(r.role(n, ""), r.queue(n, allow(us, send, ""), "")) }},
		{"V213 a queue of another account", "", func(n string) map[string]any {
			r.as(otherAccount, "sqs:CreateQueue", map[string]any{"QueueName": n, "Attributes": map[string]any{"Policy": servertest.PolicyText(
				`{"Effect":"Allow","Principal":{"AWS":"` + ruleAccount + `"},"Action":"sqs:SendMessage","Resource":"*"}`)}})
			return by(r.role(n, may(send)), "arn:aws:sqs:us-east-1:"+otherAccount+":"+n)
		}},
		{"V213 a queue of another account without a policy", closed, func(n string) map[string]any {
			r.as(otherAccount, "sqs:CreateQueue", map[string]any{"QueueName": n})
			return by(r.role(n, may(send)), "arn:aws:sqs:us-east-1:"+otherAccount+":"+n)
		}},
		{"V212 a topic by a role", "", func(n string) map[string]any { return by(r.role(n, may(publish)), r.topic(n, "", "")) }},
		{"V214 a role that EventBridge may assume no more", "FAILED_TO_ASSUME_ROLE", func(n string) map[string]any {
			target := by(r.role(n, may(send)), r.queue(n, "", ""))
			r.act("events:PutRule", map[string]any{"Name": n, "EventPattern": `{"source":["` + n + `"]}`})
			r.act("events:PutTargets", map[string]any{"Rule": n, "Targets": []any{target}})
			r.act("iam:UpdateAssumeRolePolicy", map[string]any{"RoleName": n, "PolicyDocument": servertest.PolicyText(
				`{"Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"sts:AssumeRole"}`)})
			return nil
		}},

		{"a bus that lets EventBridge in", "", func(n string) map[string]any {
			r.act("events:CreateEventBus", map[string]any{"Name": n})
			r.act("events:PutPermission", map[string]any{"EventBusName": n, "Policy": servertest.PolicyText(allow(us, "events:PutEvents", rule(n)))})
			return to(aws("events", "event-bus/"+n))
		}},
		{"a bus that does not", closed, func(n string) map[string]any {
			r.act("events:CreateEventBus", map[string]any{"Name": n})
			return to(aws("events", "event-bus/"+n))
		}},
		{"V215 a bus by a role", "", func(n string) map[string]any {
			r.act("events:CreateEventBus", map[string]any{"Name": n})
			return by(r.role(n, may("events:PutEvents")), aws("events", "event-bus/"+n))
		}},
		{"V215 a bus of another account", "", func(n string) map[string]any { return by(r.role(n, may("events:PutEvents")), foreign("open")) }},
		{"V215 a bus of another account that is closed", closed, func(n string) map[string]any {
			return by(r.role(n, may("events:PutEvents")), foreign("closed"))
		}},
		{"V215 a bus of another account by a role that may not", closed, func(n string) map[string]any { return by(r.role(n, ""), foreign("open")) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rules{r.Server, t}
			name := fmt.Sprint("case-", i)
			var d trail.Delivery
			if target := c.target(name); target != nil {
				d = r.deliver(name, target)
			} else {
				d = r.put(name)
			}
			var failed struct{ ErrorCode, ErrorMessage string }
			if err := json.Unmarshal([]byte(d.ProviderResponse), &failed); err != nil {
				t.Fatal(err)
			}
			if failed.ErrorCode != c.want || (d.Status == trail.StatusSuccess) != (c.want == "") {
				t.Errorf("%s, want %q: %+v", d.Status, c.want, d)
			}
			if c.want == closed && d.DecisionRequestID == "" {
				t.Error("no decision is named")
			}
		})
	}
}

func to(target string) map[string]any { return map[string]any{"Arn": target} }

func by(role, target string) map[string]any {
	return map[string]any{"Arn": target, "RoleArn": role, "Id": "1"}
}

// PutTargets asks whether the role can be assumed, and whether the caller may pass it [V075].
func TestRoleOfATarget(t *testing.T) {
	r := rules{servertest.New(t, server.Config{}), t}
	r.act("events:PutRule", map[string]any{"Name": "r", "EventPattern": `{"source":["a"]}`})
	put := map[string]any{"Rule": "r", "Targets": []any{by(r.role("target", ""), r.queue("q", "", ""))}}
	r.act("iam:CreateRole", map[string]any{"RoleName": "dev", "AssumeRolePolicyDocument": servertest.PolicyText(
		`{"Effect":"Allow","Principal":{"AWS":"` + ruleAccount + `"},"Action":"sts:AssumeRole"}`)})
	let := func(statements string) {
		t.Helper()
		r.act("iam:PutRolePolicy", map[string]any{"RoleName": "dev", "PolicyName": "p", "PolicyDocument": servertest.PolicyText(statements)})
	}
	try := func(want string) {
		t.Helper()
		if _, answer := servertest.TryAs(t, r.Server, "role/dev", "events:PutTargets", put); !strings.Contains(fmt.Sprint(answer), want) {
			t.Errorf("answered %v, want %s", answer, want)
		}
	}
	targets := `{"Effect":"Allow","Action":"events:PutTargets","Resource":"*","Condition":{"ArnEquals":{"events:TargetArn":"` + aws("sqs", "q") + `"}}}`
	let(targets)
	try("is not authorized to perform: iam:PassRole on resource: arn:aws:iam::" + ruleAccount + ":role/target")
	let(targets + `,{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"s3.amazonaws.com"}}}`)
	try("iam:PassRole")
	let(targets + `,{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"events.amazonaws.com"}}}`)
	try("FailedEntryCount:0")
	put["Targets"] = []any{by("arn:aws:iam::"+ruleAccount+":role/dev", aws("sqs", "q"))}
	try("Provided role 'arn:aws:iam::" + ruleAccount + ":role/dev' cannot be assumed by principal 'events.amazonaws.com'.")
}

// A role is assumed anew for each event, so that what its trust policy says then decides;
// its sessions are one requester to the key of the target, which is asked once.
func TestRoleIsAssumedForEachEvent(t *testing.T) {
	r := rules{servertest.New(t, server.Config{}), t}
	role := r.role("target", `{"Effect":"Allow","Action":["sqs:SendMessage","kms:GenerateDataKey","kms:Decrypt"],"Resource":"*"}`)
	first := r.deliver("r", by(role, r.queue("q", "", r.key(""))))
	calls := func() (of map[string]int) {
		of = map[string]int{}
		for _, e := range servertest.Events(r.Server) {
			of[e.EventName]++
		}
		return of
	}
	before := calls()
	second := r.put("r")
	after := calls()
	if first.Status != trail.StatusSuccess || second.Status != trail.StatusSuccess || before["GenerateDataKey"] != 1 || after["GenerateDataKey"] != 1 || after["AssumeRole"] != before["AssumeRole"]+1 {
		t.Errorf("%s, %s, before %v, after %v", first.Status, second.Status, before, after)
	}
	r.act("iam:UpdateAssumeRolePolicy", map[string]any{"RoleName": "target", "PolicyDocument": servertest.PolicyText(
		`{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}`)})
	if d := r.put("r"); d.Status != trail.StatusFailure || !strings.Contains(d.ProviderResponse, "FAILED_TO_ASSUME_ROLE") {
		t.Errorf("a role that was closed meanwhile: %+v", d)
	}
}

// What a target refuses is in the dead-letter queue, which EventBridge fills as itself, in
// the log of deliveries, and explained [V222] [V224].
func TestDeadLetterOfARule(t *testing.T) {
	r := rules{servertest.New(t, server.Config{}), t}
	letters := r.queue("letters", allow("events.amazonaws.com", "sqs:SendMessage", `"ArnEquals":{"aws:SourceArn":"`+aws("events", "rule/r")+`"}`), "")
	target := to(r.topic("alerts", "", ""))
	target["DeadLetterConfig"] = map[string]any{"Arn": letters}
	d := r.deliver("r", target)
	if d.DeadLetter == nil || d.DeadLetter.Status != trail.StatusSuccess {
		t.Fatalf("%+v", d)
	}
	got := r.act("sqs:ReceiveMessage", map[string]any{"QueueUrl": "http://localhost/" + ruleAccount + "/letters", "MessageAttributeNames": []any{"All"}})
	message := got["Messages"].([]any)[0].(map[string]any)
	if body := message["Body"].(string); !strings.Contains(body, `"id":"`+d.MessageID+`"`) {
		t.Errorf("the letter is %s", body)
	}
	attributes := map[string]string{}
	for name, a := range message["MessageAttributes"].(map[string]any) {
		if a.(map[string]any)["DataType"] != "String" {
			t.Errorf("%s: %v", name, a)
		}
		attributes[name] = a.(map[string]any)["StringValue"].(string)
	}
	if attributes["ERROR_CODE"] != "NO_PERMISSIONS" || attributes["RULE_ARN"] != aws("events", "rule/r") || attributes["TARGET_ARN"] != aws("sns", "alerts") ||
		attributes["RETRY_ATTEMPTS"] != "0" || !strings.Contains(attributes["ERROR_MESSAGE"], "is not authorized to perform: SNS:Publish") || len(attributes) != 5 {
		t.Errorf("the attributes are %v", attributes)
	}
	status, explained := servertest.Ask(r.Server, "GET", "/_waxseal/explain?message-id="+d.MessageID, "")
	if status != 200 || !strings.Contains(explained, "FAILURE  sns "+aws("sns", "alerts")) || !strings.Contains(explained, "rule "+aws("events", "rule/r")) ||
		!strings.Contains(explained, "events.amazonaws.com") {
		t.Errorf("%d:\n%s", status, explained)
	}
}

// Another account's bus takes events of those whom its policy lets in, by its conditions [V094] [V216] [V239].
func TestEventsForAnotherAccount(t *testing.T) {
	r := rules{servertest.New(t, server.Config{}), t}
	const bus = "arn:aws:events:us-east-1:" + otherAccount + ":event-bus/open"
	r.as(otherAccount, "events:CreateEventBus", map[string]any{"Name": "open"})
	r.as(otherAccount, "events:PutPermission", map[string]any{"EventBusName": "open", "Policy": servertest.PolicyText(
		`{"Sid":"s","Effect":"Allow","Principal":{"AWS":"` + ruleAccount + `"},"Action":"events:PutEvents","Resource":"` + bus + `","Condition":{"StringEquals":{"events:source":"shop"}}}`)})
	try := func(sources ...string) string {
		t.Helper()
		var entries []any
		for _, source := range sources {
			entries = append(entries, map[string]any{"Source": source, "DetailType": "t", "Detail": "{}", "EventBusName": bus})
		}
		_, answer := servertest.TryAs(t, r.Server, "root", "events:PutEvents", map[string]any{"Entries": entries})
		return fmt.Sprint(answer)
	}
	if got := try("shop", "shop"); !strings.Contains(got, "FailedEntryCount:0") {
		t.Error(got)
	}
	for _, sources := range [][]string{{"other"}, {"shop", "other"}} {
		if got := try(sources...); !strings.Contains(got, "AccessDeniedException") || !strings.Contains(got, "is not authorized to perform: events:PutEvents on resource: "+bus) {
			t.Errorf("%q: %s", sources, got)
		}
	}
}

// Policies bind rules to sources and to who made them [V237] [V238].
func TestPatternKeys(t *testing.T) {
	r := rules{servertest.New(t, server.Config{}), t}
	r.act("iam:CreateRole", map[string]any{"RoleName": "dev", "AssumeRolePolicyDocument": servertest.PolicyText(
		`{"Effect":"Allow","Principal":{"AWS":"` + ruleAccount + `"},"Action":"sts:AssumeRole"}`)})
	put := func(condition string, input map[string]any) bool {
		t.Helper()
		r.act("iam:PutRolePolicy", map[string]any{"RoleName": "dev", "PolicyName": "p", "PolicyDocument": servertest.PolicyText(
			`{"Effect":"Allow","Action":"events:PutRule","Resource":"*","Condition":{` + condition + `}}`)})
		input["Name"] = "r"
		status, _ := servertest.TryAs(t, r.Server, "role/dev", "events:PutRule", input)
		return status == 200
	}
	pattern := func(text string) map[string]any { return map[string]any{"EventPattern": text} }
	const one, all = `"StringEquals":{"events:source":"shop"}`, `"ForAllValues:StringEquals":{"events:source":["shop","store"]}`
	const there = `,"Null":{"events:source":"false"}`
	for _, c := range []struct {
		name, condition string
		input           map[string]any
		may             bool
	}{
		{"the source", one, pattern(`{"source":["shop"]}`), true},
		{"another source", one, pattern(`{"source":["aws.s3"]}`), false},
		{"two sources", one, pattern(`{"source":["shop","store"]}`), false},
		{"no source", one, pattern(`{"detail-type":["t"]}`), false},
		{"a prefix of it", one, pattern(`{"source":[{"prefix":"shop"}]}`), false},
		{"a schedule", one, map[string]any{"ScheduleExpression": "rate(1 day)"}, false},
		{"all of them", all, pattern(`{"source":["shop","store"]}`), true},
		{"one of them", all, pattern(`{"source":["shop"]}`), true},
		{"others too", all, pattern(`{"source":["shop","aws.s3"]}`), false},
		{"none at all", all, pattern(`{"detail-type":["t"]}`), true},
		{"none, where there must be some", all + there, pattern(`{"detail-type":["t"]}`), false},
		{"some, where there must be some", all + there, pattern(`{"source":["shop","store"]}`), true},
		{"what somebody else made", `"StringEquals":{"events:creatorAccount":"` + otherAccount + `"}`, pattern(testedPattern), false},
		{"what one made oneself", `"StringEquals":{"events:creatorAccount":"${aws:PrincipalAccount}"}`, pattern(testedPattern), true},
	} {
		if got := put(c.condition, c.input); got != c.may {
			t.Errorf("%s: allowed %v, want %v", c.name, got, c.may)
		}
	}
}

const testedPattern = `{"source":["shop"]}`

// A bucket that tells EventBridge does so on its account's default bus; nobody's policy is
// asked but that of the rule's target [V105].
func TestObjectsReachRules(t *testing.T) {
	r := rules{servertest.New(t, server.Config{}), t}
	r.act("s3:CreateBucket", map[string]any{"Bucket": "photos"})
	r.act("s3:PutBucketNotificationConfiguration", map[string]any{"Bucket": "photos", "NotificationConfiguration": map[string]any{"EventBridgeConfiguration": map[string]any{}}})
	queue := r.queue("inbox", allow("events.amazonaws.com", "sqs:SendMessage", ""), "")
	r.act("events:PutRule", map[string]any{"Name": "r", "EventPattern": `{"source":["aws.s3"],"detail-type":["Object Created"],"detail":{"bucket":{"name":["photos"]},"object":{"key":[{"suffix":".png"}]}}}`})
	r.act("events:PutTargets", map[string]any{"Rule": "r", "Targets": []any{map[string]any{"Id": "1", "Arn": queue}}})
	r.act("s3:PutObject", map[string]any{"Bucket": "photos", "Key": "cat.gif"})
	r.act("s3:PutObject", map[string]any{"Bucket": "photos", "Key": "cat.png"})
	servertest.Eventually(t, "event", func() bool {
		for _, d := range servertest.Deliveries(r.Server) {
			if d.RuleArn != "" && d.Status == trail.StatusSuccess {
				return true
			}
		}
		return false
	})
	got := r.act("sqs:ReceiveMessage", map[string]any{"QueueUrl": "http://localhost/" + ruleAccount + "/inbox"})
	var e struct {
		Source    string
		Resources []string
		Detail    struct {
			Object struct{ Key string }
		}
	}
	messages := got["Messages"].([]any)
	if err := json.Unmarshal([]byte(messages[0].(map[string]any)["Body"].(string)), &e); err != nil {
		t.Fatal(err)
	}
	if len(messages) != 1 || e.Source != "aws.s3" || e.Detail.Object.Key != "cat.png" || len(e.Resources) != 1 || e.Resources[0] != "arn:aws:s3:::photos" {
		t.Errorf("%v", messages)
	}
}
