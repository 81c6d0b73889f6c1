package provision

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/template"
)

// eventsHandlers are those of EventBridge.
var eventsHandlers = map[string]Handler{
	"AWS::Events::EventBus":       {createBus, updateBus, deleteBus},
	"AWS::Events::EventBusPolicy": {createBusPolicy, putBusStatement, deleteBusPolicy},
	"AWS::Events::Rule":           {createRule, updateRule, deleteRule},
}

// createBus makes an event bus [C233].
func createBus(ctx context.Context, j *Job) error {
	made, err := j.Call(ctx, "events", "CreateEventBus", j.arguments(map[string]any{"Tags": tagList(j.Tags, "Key", "Value")},
		"Name", "EventSourceName", "Description", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig"))
	if err != nil {
		return err
	}
	j.PhysicalID = j.Properties.Get("Name").String()
	j.attributes(map[string]any{"Arn": text(made, "EventBusArn"), "Name": j.PhysicalID, "Policy": ""})
	return j.setBusPolicy(ctx)
}

// setBusPolicy has the bus's policy become what the properties say.
func (j *Job) setBusPolicy(ctx context.Context) error {
	if !j.changed("Policy") {
		return nil
	}
	policy := document(j.Properties.Get("Policy"))
	j.set("Policy", template.Text(policy))
	if policy == "" {
		return gone(j.do(ctx, "events", "RemovePermission", map[string]any{"EventBusName": j.PhysicalID, "RemoveAllPermissions": true}))
	}
	return j.do(ctx, "events", "PutPermission", map[string]any{"EventBusName": j.PhysicalID, "Policy": policy})
}

func updateBus(ctx context.Context, j *Job) error {
	return first(
		func() error {
			if !j.changed("Description", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig") {
				return nil
			}
			return j.do(ctx, "events", "UpdateEventBus", j.arguments(map[string]any{},
				"Name", "Description", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig"))
		},
		func() error { return j.setBusPolicy(ctx) },
		func() error { return j.retagEvents(ctx) },
	)
}

// retagEvents has the tags of a bus or rule become what they are to be.
func (j *Job) retagEvents(ctx context.Context) error {
	arn := j.Attributes["Arn"].String()
	return j.retag(func(tags map[string]string) error {
		return j.do(ctx, "events", "TagResource", map[string]any{"ResourceARN": arn, "Tags": tagList(tags, "Key", "Value")})
	}, func(keys []any) error {
		return j.do(ctx, "events", "UntagResource", map[string]any{"ResourceARN": arn, "TagKeys": keys})
	})
}

func deleteBus(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "events", "DeleteEventBus", map[string]any{"Name": j.PhysicalID}))
}

// busName is the name of the bus that the properties name, or give the ARN of.
func (j *Job) busName(properties *template.Node) string {
	name := properties.Get("EventBusName").String()
	if a, err := arn.Parse(name); err == nil {
		name = strings.TrimPrefix(a.Resource, "event-bus/")
	}
	return cmp.Or(name, "default")
}

// createBusPolicy adds a statement to a bus's policy [C233].
func createBusPolicy(ctx context.Context, j *Job) error {
	if err := putBusStatement(ctx, j); err != nil {
		return err
	}
	j.PhysicalID = j.busName(j.Properties) + "|" + j.Properties.Get("StatementId").String()
	return nil
}

// putBusStatement sets one statement of a bus's policy, and leaves the others.
func putBusStatement(ctx context.Context, j *Job) error {
	in := j.arguments(map[string]any{"EventBusName": j.busName(j.Properties)}, "StatementId", "Action", "Principal", "Condition")
	statement := j.Properties.Get("Statement")
	if statement == nil {
		return j.do(ctx, "events", "PutPermission", in)
	}
	shown, err := j.Call(ctx, "events", "DescribeEventBus", map[string]any{"Name": in["EventBusName"]})
	if err != nil {
		return err
	}
	policy, err := withStatement(text(shown, "Policy"), document(statement), j.Properties.Get("StatementId").String())
	if err != nil {
		return failf(invalidRequest, "The statement is not an object: %v", err)
	}
	return j.do(ctx, "events", "PutPermission", map[string]any{"EventBusName": in["EventBusName"], "Policy": policy})
}

// withStatement is a policy with a statement of the id sid, in place of one that has it.
func withStatement(policy, statement, sid string) (string, error) {
	var p struct {
		Version   string
		ID        string `json:"Id,omitempty"`
		Statement []map[string]any
	}
	p.Version = "2012-10-17"
	if policy != "" {
		if err := json.Unmarshal([]byte(policy), &p); err != nil {
			return "", err
		}
	}
	var s map[string]any
	if err := json.Unmarshal([]byte(statement), &s); err != nil {
		return "", err
	}
	s["Sid"] = sid
	if i := slices.IndexFunc(p.Statement, func(other map[string]any) bool { return other["Sid"] == sid }); i >= 0 {
		p.Statement[i] = s
	} else {
		p.Statement = append(p.Statement, s)
	}
	text, err := json.Marshal(p)
	return string(text), err
}

func deleteBusPolicy(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "events", "RemovePermission", j.arguments(map[string]any{"EventBusName": j.busName(j.Properties)}, "StatementId")))
}

// maxRuleName is how long the name of a rule is at most.
const maxRuleName = 64

// rule is an input that names the rule by a member. The rule of another bus than the
// default one has that in its physical id, too [C234].
func (j *Job) rule(member string) map[string]any {
	bus, name, other := strings.Cut(j.PhysicalID, "|")
	if !other {
		bus, name = "default", j.PhysicalID
	}
	return map[string]any{member: name, "EventBusName": bus}
}

// createRule makes a rule with its targets [C234].
func createRule(ctx context.Context, j *Job) error {
	name := j.named("Name", maxRuleName)
	id := name
	if bus := j.busName(j.Properties); bus != "default" {
		id = bus + "|" + name
	}
	if _, err := j.Call(ctx, "events", "DescribeRule", j.arguments(map[string]any{"Name": name}, "EventBusName")); err == nil {
		return j.exists(id) // which PutRule would change
	}
	in := with(j.putRule(name), "Tags", tagList(j.Tags, "Key", "Value"))
	made, err := j.Call(ctx, "events", "PutRule", in)
	if err != nil {
		return err
	}
	j.PhysicalID = id
	j.attributes(map[string]any{"Arn": text(made, "RuleArn"), "RuleName": name})
	return j.setTargets(ctx)
}

func (j *Job) putRule(name string) map[string]any {
	in := j.arguments(map[string]any{"Name": name}, "EventBusName", "ScheduleExpression", "State", "Description", "RoleArn")
	if pattern := j.Properties.Get("EventPattern"); pattern != nil {
		in["EventPattern"] = document(pattern)
	}
	return in
}

// targets are the properties Targets, by their ids, as far as they are of the kinds that
// EventBridge sends to here. The others are left out, as what they are is.
func (j *Job) targets(properties *template.Node) (ids []string, all map[string]*template.Node, leftOut bool) {
	all = map[string]*template.Node{}
	for target := range properties.Get("Targets").All() {
		a, err := arn.Parse(target.Get("Arn").String())
		if err == nil && a.Service != "sqs" && a.Service != "sns" && (a.Service != "events" || !strings.HasPrefix(a.Resource, "event-bus/")) {
			leftOut = true
			continue
		}
		id := target.Get("Id").String()
		ids, all[id] = append(ids, id), target
	}
	return ids, all, leftOut
}

// setTargets has the rule's targets become what the properties say.
func (j *Job) setTargets(ctx context.Context) error {
	idsBefore, before, _ := j.targets(j.Before)
	ids, now, leftOut := j.targets(j.Properties)
	if leftOut {
		j.LeftOut = append(j.LeftOut, "Targets of rules that are neither queues, topics nor event buses are not emulated, and are left out.")
	}
	if _, removed := differences(idsBefore, ids); len(removed) > 0 {
		if err := j.do(ctx, "events", "RemoveTargets", with(j.rule("Rule"), "Ids", removed)); err != nil {
			return err
		}
	}
	var put []any
	for _, id := range ids {
		if !now[id].Equal(before[id]) {
			put = append(put, now[id])
		}
	}
	if len(put) == 0 {
		return nil
	}
	out, err := j.Call(ctx, "events", "PutTargets", with(j.rule("Rule"), "Targets", put))
	if err != nil {
		return err
	}
	for _, failed := range items(out, "FailedEntries") {
		return failf(generalService, "Target %s: %s", text(failed, "TargetId"), text(failed, "ErrorMessage"))
	}
	return nil
}

func updateRule(ctx context.Context, j *Job) error {
	if j.busName(j.Properties) != j.busName(j.Before) {
		return failf(notUpdatable, "A rule cannot be moved to another event bus.")
	}
	name, _ := j.rule("Name")["Name"].(string)
	return first(
		func() error {
			if !j.changed("EventPattern", "ScheduleExpression", "State", "Description", "RoleArn") {
				return nil
			}
			return j.do(ctx, "events", "PutRule", j.putRule(name))
		},
		func() error { return j.setTargets(ctx) },
		func() error { return j.retagEvents(ctx) },
	)
}

// deleteRule deletes a rule; it loses its targets first, those of others as well.
func deleteRule(ctx context.Context, j *Job) error {
	shown, err := j.Call(ctx, "events", "ListTargetsByRule", j.rule("Rule"))
	if err != nil {
		return gone(err)
	}
	if ids := texts(shown, "Targets", "Id"); len(ids) > 0 {
		if err := j.do(ctx, "events", "RemoveTargets", with(j.rule("Rule"), "Ids", ids)); err != nil {
			return gone(err)
		}
	}
	return gone(j.do(ctx, "events", "DeleteRule", j.rule("Name")))
}
