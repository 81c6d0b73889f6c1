package provision_test

import (
	"strings"
	"testing"
)

func TestEventBus(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := w.create("AWS::SQS::Queue", "Dead", `{}`)
	policy := `{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"events:PutEvents","Resource":"arn:aws:events:us-east-1:123456789012:event-bus/orders"}]}`
	b := w.createTagged("AWS::Events::EventBus", "Bus", `{"Name":"orders","Description":"d","DeadLetterConfig":{"Arn":"`+q.get("Arn")+`"},"Policy":`+policy+`}`, systemTags("a"))
	arn := "arn:aws:events:us-east-1:123456789012:event-bus/orders"
	wants(t, b.PhysicalID, "orders")
	wants(t, b.get("Arn"), arn)
	wants(t, b.get("Name"), "orders")
	wants(t, b.get("Policy"), policy)
	shown := func() map[string]any { return w.ask("events", "DescribeEventBus", in{"Name": "orders"}) }
	has(t, shown(), "Description", `"d"`)
	has(t, shown(), "DeadLetterConfig", `{"Arn":"`+q.get("Arn")+`"}`)

	one := w.create("AWS::Events::EventBusPolicy", "One", `{"EventBusName":"orders","StatementId":"one","Action":"events:PutEvents","Principal":"444455556666"}`)
	two := w.create("AWS::Events::EventBusPolicy", "Two", `{"EventBusName":"`+arn+`","StatementId":"two","Statement":{"Effect":"Allow","Principal":"*","Action":"events:PutEvents","Resource":"`+arn+`"}}`)
	wants(t, one.PhysicalID, "orders|one")
	wants(t, two.PhysicalID, "orders|two")
	sids := func() string { text, _ := shown()["Policy"].(string); return names(w.parsed(text), "Statement", "Sid") }
	wants(t, sids(), "a one two")
	two.update(`{"EventBusName":"` + arn + `","StatementId":"two","Statement":{"Effect":"Deny","Principal":"*","Action":"events:PutEvents","Resource":"` + arn + `"}}`)
	if wants(t, sids(), "a one two"); !strings.Contains(shown()["Policy"].(string), `"Deny"`) {
		t.Error(shown()["Policy"])
	}
	one.delete()
	two.delete()
	wants(t, sids(), "a")

	b.updateTagged(`{"Name":"orders"}`, systemTags("b"))
	if now := shown(); now["Description"] != nil || now["DeadLetterConfig"] != nil || now["Policy"] != nil {
		t.Errorf("the bus is %v", now)
	}
	wants(t, b.get("Policy"), "")
	wants(t, names(w.ask("events", "ListTagsForResource", in{"ResourceARN": arn}), "Tags", "Value"), "b stack")
	if reason := w.refuses("AWS::Events::EventBus", "Twin", `{"Name":"orders"}`); !strings.Contains(reason, "AlreadyExists") {
		t.Error(reason)
	}
	if reason := w.refuses("AWS::Events::EventBus", "Encrypted", `{"Name":"encrypted","KmsKeyIdentifier":"k"}`); !strings.Contains(reason, "KmsKeyIdentifier") {
		t.Error(reason)
	}
	b.delete()
	w.lacks("events", "DescribeEventBus", in{"Name": "orders"})
}

func TestRule(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	q := w.create("AWS::SQS::Queue", "Queue", `{}`)
	w.create("AWS::Events::EventBus", "Bus", `{"Name":"orders"}`)
	target := func(id, input string) string { return `{"Id":"` + id + `","Arn":"` + q.get("Arn") + `"` + input + `}` }
	r := w.createTagged("AWS::Events::Rule", "Rule", `{"EventBusName":"orders","Description":"d","State":"DISABLED","EventPattern":{"source":["shop"]},
		"Targets":[`+target("a", "")+`,`+target("b", `,"Input":"{}","RetryPolicy":{"MaximumRetryAttempts":"3"}`)+`,{"Id":"f","Arn":"arn:aws:lambda:us-east-1:123456789012:function:f"}]}`, systemTags("a"))
	name := "stack-Rule-Token0000003"
	arn := "arn:aws:events:us-east-1:123456789012:rule/orders/" + name
	wants(t, r.PhysicalID, "orders|"+name)
	wants(t, r.get("Arn"), arn)
	wants(t, r.get("RuleName"), name)
	wants(t, strings.Join(r.LeftOut, ""), "Targets of rules that are neither queues, topics nor event buses are not emulated, and are left out.")
	at := in{"Name": name, "EventBusName": "orders"}
	shown := w.ask("events", "DescribeRule", at)
	has(t, shown, "EventPattern", `"{\"source\":[\"shop\"]}"`)
	has(t, shown, "State", `"DISABLED"`)
	targets := func() map[string]any {
		return w.ask("events", "ListTargetsByRule", in{"Rule": name, "EventBusName": "orders"})
	}
	has(t, targets(), "Targets", `[{"Id":"a","Arn":"`+q.get("Arn")+`"},{"Id":"b","Arn":"`+q.get("Arn")+`","Input":"{}","RetryPolicy":{"MaximumRetryAttempts":3}}]`)

	r.updateTagged(`{"EventBusName":"orders","EventPattern":"{\"source\":[\"till\"]}","Targets":[`+target("b", "")+`,`+target("c", "")+`]}`, systemTags("b"))
	shown = w.ask("events", "DescribeRule", at)
	has(t, shown, "EventPattern", `"{\"source\":[\"till\"]}"`)
	has(t, shown, "State", `"ENABLED"`)
	has(t, targets(), "Targets", `[{"Id":"b","Arn":"`+q.get("Arn")+`"},{"Id":"c","Arn":"`+q.get("Arn")+`"}]`)
	wants(t, names(w.ask("events", "ListTagsForResource", in{"ResourceARN": arn}), "Tags", "Value"), "b stack")
	wants(t, r.get("Arn"), arn)

	if reason := w.refuses("AWS::Events::Rule", "Twin", `{"Name":"`+name+`","EventBusName":"orders","EventPattern":{"source":["x"]}}`); !strings.Contains(reason, "AlreadyExists") {
		t.Error(reason)
	}
	if reason := w.refuses("AWS::Events::Rule", "Bad", `{"Name":"bad","EventPattern":{"source":["shop"]},"Targets":[{"Id":"a","Arn":"nothing"}]}`); !strings.Contains(reason, "InvalidRequest") {
		t.Error(reason)
	}
	w.lacks("events", "DescribeRule", in{"Name": "bad"})
	w.ask("events", "PutTargets", in{"Rule": name, "EventBusName": "orders", "Targets": []any{in{"Id": "foreign", "Arn": q.get("Arn")}}})
	r.delete()
	w.lacks("events", "DescribeRule", at)

	ticks := w.create("AWS::Events::Rule", "Ticks", `{"ScheduleExpression":"rate(5 minutes)","EventBusName":"default"}`)
	wants(t, ticks.PhysicalID, ticks.get("RuleName"))
	wants(t, ticks.get("Arn"), "arn:aws:events:us-east-1:123456789012:rule/"+ticks.PhysicalID)
	ticks.delete()
	w.lacks("events", "DescribeRule", in{"Name": ticks.PhysicalID})
}
