package events

import (
	"strings"
	"testing"
)

const testPattern = `{"source":["a"]}`

func TestRules(t *testing.T) {
	w := newTestbed(t)
	w.ok("CreateEventBus", `{"Name":"orders"}`)
	pattern := text(testPattern)
	w.answers(t, []answerTo{
		{"V040 on the default bus", "PutRule", `{"Name":"r","EventPattern":` + pattern + `}`, `{"RuleArn":"` + arnPrefix + `rule/r"}`},
		{"V040 on another bus", "PutRule", `{"Name":"r","EventBusName":"orders","EventPattern":` + pattern + `,"State":"DISABLED","Description":"d"}`, `{"RuleArn":"` + arnPrefix + `rule/orders/r"}`},
		{"V047 V055 shown", "DescribeRule", `{"Name":"r"}`, `{"Name":"r","Arn":"` + arnPrefix + `rule/r","EventPattern":` + pattern + `,"State":"ENABLED","EventBusName":"default","CreatedBy":"123456789012"}`},
		{"V041 by the bus's ARN", "DescribeRule", `{"Name":"r","EventBusName":"` + arnPrefix + `event-bus/orders"}`, `{"Name":"r","Arn":"` + arnPrefix + `rule/orders/r","EventPattern":` + pattern + `,"State":"DISABLED","Description":"d","EventBusName":"orders","CreatedBy":"123456789012"}`},
		{"V042 neither pattern nor schedule", "PutRule", `{"Name":"n"}`, "ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified."},
		{"V046 a schedule on another bus", "PutRule", `{"Name":"n","EventBusName":"orders","ScheduleExpression":"rate(1 minute)"}`, "ValidationException: ScheduleExpression is supported only on the default event bus."},
		{"V019 no bus", "PutRule", `{"Name":"n","EventBusName":"none","EventPattern":` + pattern + `}`, "ResourceNotFoundException: Event bus none does not exist."},
		{"V039 a bad name", "PutRule", `{"Name":"a b","EventPattern":` + pattern + `}`, `ValidationException: 1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+`},
		{"V006 several mistakes", "PutRule", `{"Name":"` + strings.Repeat("n", 65) + `","State":"ON"}`, "ValidationException: 2 validation errors detected: Value '" + strings.Repeat("n", 65) + "' at 'name' failed to satisfy constraint: Member must have length less than or equal to 64; Value 'ON' at 'state' failed to satisfy constraint: Member must satisfy enum value set: [ENABLED, DISABLED, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS]"},
		{"V050 describing none", "DescribeRule", `{"Name":"n"}`, "ResourceNotFoundException: Rule n does not exist on EventBus default."},
		{"V050 enabling none", "EnableRule", `{"Name":"n","EventBusName":"orders"}`, "ResourceNotFoundException: Rule n does not exist on EventBus orders."},
		{"V050 disabling none", "DisableRule", `{"Name":"n"}`, "ResourceNotFoundException: Rule n does not exist on EventBus default."},
		{"V050 targets of none", "ListTargetsByRule", `{"Rule":"n"}`, "ResourceNotFoundException: Rule n does not exist on EventBus default."},
		{"V050 no bus", "DescribeRule", `{"Name":"n","EventBusName":"none"}`, "ResourceNotFoundException: Event bus none does not exist."},
		{"V053 deleting none", "DeleteRule", `{"Name":"n"}`, `{}`},
		{"V053 on no bus", "DeleteRule", `{"Name":"n","EventBusName":"none"}`, "ResourceNotFoundException: Event bus none does not exist."},
		{"V045 V047 a pattern and a schedule", "PutRule", `{"Name":"both","EventPattern":` + pattern + `,"ScheduleExpression":"rate(1 minute)"}`, `{"RuleArn":"` + arnPrefix + `rule/both"}`},
		{"V048 listed", "ListRules", `{"EventBusName":"orders"}`, `{"Rules":[{"Name":"r","Arn":"` + arnPrefix + `rule/orders/r","EventPattern":` + pattern + `,"State":"DISABLED","Description":"d","EventBusName":"orders"}]}`},
		{"V048 none", "ListRules", `{"NamePrefix":"n"}`, `{"Rules":[]}`},
		{"V048 no bus", "ListRules", `{"EventBusName":"none"}`, "ResourceNotFoundException: Event bus none does not exist."},
	})
}

// An overwritten rule keeps its targets and tags, and nothing else [V043] [V044].
func TestPutRuleAgain(t *testing.T) {
	w := newTestbed(t)
	w.ok("PutRule", `{"Name":"r","EventPattern":`+text(testPattern)+`,"Description":"d","State":"DISABLED","Tags":[{"Key":"k","Value":"v"}]}`)
	w.ok("PutTargets", `{"Rule":"r","Targets":[{"Id":"1","Arn":"`+testQueue+`"}]}`)
	w.ok("PutRule", `{"Name":"r","ScheduleExpression":"rate(1 minute)","Tags":[{"Key":"other","Value":"v"}]}`)
	wantJSON(t, w.ok("DescribeRule", `{"Name":"r"}`), `{"Name":"r","Arn":"`+arnPrefix+`rule/r","ScheduleExpression":"rate(1 minute)","State":"ENABLED","EventBusName":"default","CreatedBy":"123456789012"}`)
	wantJSON(t, w.ok("ListTargetsByRule", `{"Rule":"r"}`), `{"Targets":[{"Id":"1","Arn":"`+testQueue+`"}]}`)
	wantJSON(t, w.ok("ListTagsForResource", `{"ResourceARN":"`+arnPrefix+`rule/r"}`), `{"Tags":[{"Key":"k","Value":"v"}]}`)
	if got := w.call("DeleteRule", `{"Name":"r"}`); got != "ValidationException: Rule can't be deleted since it has targets." { // [V052]
		t.Error(got)
	}
	w.ok("RemoveTargets", `{"Rule":"r","Ids":["1"]}`)
	w.ok("DeleteRule", `{"Name":"r"}`)
	w.ok("PutRule", `{"Name":"r","EventPattern":`+text(testPattern)+`}`)
	wantJSON(t, w.ok("ListTagsForResource", `{"ResourceARN":"`+arnPrefix+`rule/r"}`), `{"Tags":[]}`) // [V080]
}

func TestEnableAndDisableRule(t *testing.T) { // [V051]
	w := newTestbed(t)
	w.ok("PutRule", `{"Name":"r","EventPattern":`+text(testPattern)+`}`)
	for _, c := range [][2]string{{"DisableRule", "DISABLED"}, {"EnableRule", "ENABLED"}, {"EnableRule", "ENABLED"}} {
		wantJSON(t, w.ok(c[0], `{"Name":"r"}`), `{}`)
		if got := w.ok("DescribeRule", `{"Name":"r"}`); !strings.Contains(got, `"State":"`+c[1]+`"`) {
			t.Errorf("%s: %s", c[0], got)
		}
	}
}

func TestListRulesPages(t *testing.T) { // [V023] [V049]
	w := newTestbed(t)
	for _, name := range []string{"b", "a", "c", "ab"} {
		w.ok("PutRule", `{"Name":"`+name+`","EventPattern":`+text(testPattern)+`}`)
	}
	var out struct {
		Rules     []struct{ Name string }
		NextToken string
	}
	var names []string
	for in := `{"Limit":2}`; in != ""; {
		out.NextToken = ""
		unmarshal(t, w.ok("ListRules", in), &out)
		for _, r := range out.Rules {
			names = append(names, r.Name)
		}
		if in = ""; out.NextToken != "" {
			in = `{"Limit":2,"NextToken":"` + out.NextToken + `"}`
		}
	}
	if got := strings.Join(names, " "); got != "a ab b c" {
		t.Error(got)
	}
	unmarshal(t, w.ok("ListRules", `{"NamePrefix":"a"}`), &out)
	if len(out.Rules) != 2 {
		t.Error(out)
	}
}

// What PutRule is asked for [V082] [V075] [V232] [V237] [V238].
func TestPutRuleChecks(t *testing.T) {
	w := newTestbed(t)
	const role = "arn:aws:iam::123456789012:role/r"
	checks := w.checks("PutRule", `{"Name":"r","RoleArn":"`+role+`","Tags":[{"Key":"k","Value":"v"}],"EventPattern":`+
		text(`{"source":["a","b"],"detail-type":["t"],"detail":{"service":["S"],"eventTypeCode":["C"],"userIdentity":{"principalId":["P"]}}}`)+`}`)
	var asked []string
	for _, c := range checks {
		asked = append(asked, c.Action+" "+c.Target.ARN)
	}
	if got, want := strings.Join(asked, ", "), "events:PutRule "+arnPrefix+"rule/r, events:TagResource "+arnPrefix+"rule/r, iam:PassRole "+role; got != want {
		t.Fatalf("asked for %s, want %s", got, want)
	}
	for key, want := range map[string]string{
		"events:source": "a b", "events:detail-type": "t", "events:detail.service": "S", "events:detail.eventtypecode": "C",
		"events:detail.useridentity.principalid": "P", "events:creatoraccount": testAccount, "aws:requesttag/k": "v", "aws:tagkeys": "k",
	} {
		if got := strings.Join(keysOf(checks[0])[key], " "); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if got := keysOf(checks[2])["iam:passedtoservice"]; len(got) != 1 || got[0] != servicePrincipal {
		t.Errorf("passed to %v", got)
	}
	for _, input := range []string{`{"Name":"r","ScheduleExpression":"rate(1 minute)"}`, `{"Name":"r","EventPattern":"{\"source\":[{\"prefix\":\"a\"}]}"}`, `{"Name":"r","EventPattern":"{\"source\":[\"a\",{\"prefix\":\"b\"}]}"}`, `{"Name":"r","EventPattern":"nonsense"}`} {
		if got, set := keysOf(w.checks("PutRule", input)[0])["events:source"]; set {
			t.Errorf("%s: events:source is %v", input, got)
		}
	}
	w.ok("PutRule", `{"Name":"r","EventPattern":`+text(testPattern)+`}`)
	for _, operation := range []string{"DescribeRule", "DeleteRule", "EnableRule", "DisableRule", "PutRule"} { // [V234]
		if got := keysOf(w.checks(operation, `{"Name":"r"}`)[0])["events:creatoraccount"]; len(got) != 1 || got[0] != testAccount {
			t.Errorf("%s: the creator is %v", operation, got)
		}
	}
}

// A bus's policy decides on its rules, too, and rules remember who made them [V241].
func TestRulesOfAnotherAccount(t *testing.T) {
	w := newTestbed(t)
	w.ok("CreateEventBus", `{"Name":"orders"}`)
	w.ok("PutPermission", `{"EventBusName":"orders","Policy":`+text(`{"Version":"2012-10-17","Statement":[{"Sid":"s","Effect":"Allow","Principal":{"AWS":"999988887777"},"Action":"events:PutRule","Resource":"*"}]}`)+`}`)
	input := `{"Name":"theirs","EventBusName":"` + arnPrefix + `event-bus/orders","EventPattern":` + text(testPattern) + `}`
	check := w.checks("PutRule", input, as(otherAccount))[0]
	if check.Target.Account != testAccount || check.Target.Policy == nil || check.Target.ARN != arnPrefix+"rule/orders/theirs" {
		t.Errorf("%+v", check.Target)
	}
	wantJSON(t, w.ok("PutRule", input, as(otherAccount)), `{"RuleArn":"`+arnPrefix+`rule/orders/theirs"}`)
	if got := w.ok("DescribeRule", `{"Name":"theirs","EventBusName":"orders"}`); !strings.Contains(got, `"CreatedBy":"999988887777"`) {
		t.Error(got)
	}
}
