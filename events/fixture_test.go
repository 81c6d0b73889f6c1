package events

import (
	"testing"

	"github.com/waxseal/waxseal/internal/api"
)

// What a file declares is made, and made anew without what the file no longer says.
func TestFixtures(t *testing.T) {
	w := newTestbed(t)
	const policy = `{"Version":"2012-10-17","Statement":[{"Sid":"s","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999988887777:root"},"Action":"events:PutEvents","Resource":"*"}]}`
	rule := RuleFixture{
		Name: "r", Bus: "orders", Pattern: testPattern, State: "DISABLED",
		Targets: []Target{{Arn: testQueue}, {Arn: testTopic, RetryPolicy: &RetryPolicy{}}},
	}
	apply := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	apply(w.ApplyBus(request(), BusFixture{Name: "orders", Policy: policy}))
	apply(w.ApplyRule(request(), rule))
	wantJSON(t, w.ok("DescribeEventBus", `{"Name":"orders"}`), `{"Name":"orders","Arn":"`+arnPrefix+`event-bus/orders","Policy":`+text(policy)+`,"CreationTime":1767323045.678,"LastModifiedTime":1767323045.678}`)
	wantJSON(t, w.ok("DescribeRule", `{"Name":"r","EventBusName":"orders"}`), `{"Name":"r","Arn":"`+arnPrefix+`rule/orders/r","EventPattern":`+text(testPattern)+`,"State":"DISABLED","EventBusName":"orders","CreatedBy":"123456789012"}`)
	wantJSON(t, w.ok("ListTargetsByRule", `{"Rule":"r","EventBusName":"orders"}`), `{"Targets":[{"Id":"target-1","Arn":"`+testQueue+`"},{"Id":"target-2","Arn":"`+testTopic+`","RetryPolicy":{}}]}`)
	rule.Targets, rule.State = rule.Targets[1:], ""
	apply(w.ApplyBus(request(), BusFixture{Name: "orders"}))
	apply(w.ApplyRule(request(), rule))
	wantJSON(t, w.ok("ListTargetsByRule", `{"Rule":"r","EventBusName":"orders"}`), `{"Targets":[{"Id":"target-1","Arn":"`+testTopic+`","RetryPolicy":{}}]}`)
	wantJSON(t, w.ok("ListRuleNamesByTarget", `{"TargetArn":"`+testQueue+`","EventBusName":"orders"}`), `{"RuleNames":[]}`)
	for want, f := range map[string]RuleFixture{
		"ResourceNotFoundException: Event bus none does not exist.":                                                                                                      {Name: "n", Bus: "none", Pattern: testPattern},
		"ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.":                                                                        {Name: "n"},
		"ValidationException: Parameter ARN is not valid. Reason: Provided Arn is not in correct format.":                                                                {Name: "n", Pattern: testPattern, Targets: []Target{{Arn: "q"}}},
		"LimitExceededException: The requested resource exceeds the maximum number allowed.":                                                                             {Name: "n", Pattern: testPattern, Targets: make([]Target, 6)},
		"InvalidEventPatternException: Event pattern is not valid. Reason: \"a\" must be an object or an array\n at [Source: (String)\"{\"a\":1}\"; line: 1, column: 7]": {Name: "n", Pattern: `{"a":1}`},
	} {
		e := api.AsError(w.ApplyRule(request(), f))
		if got := e.Code + ": " + e.Message; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if err := w.ApplyBus(request(), BusFixture{Name: "x", Policy: "{"}); err == nil {
		t.Error("what is no policy is taken")
	}
}
