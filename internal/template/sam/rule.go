package sam

// invoked is what rules and schedules invoke: a function or a state machine.
type invoked interface {
	arn() *node
	// suffix ends the id of a rule's target.
	suffix() string
	// access is what a rule needs to invoke it: nothing, a permission, or a role.
	access(e *event, rule *resource) (role *node, made []*resource)
	// rights are the inline policy of a schedule's role.
	rights(id string) *node
	boundary() *node
}

func (f *lambda) suffix() string { return "LambdaTarget" }

func (f *lambda) access(e *event, rule *resource) (*node, []*resource) {
	return nil, []*resource{f.permission(e, e.id+"Permission", "events.amazonaws.com", "SourceArn", getAtt(rule.id, "Arn"))}
}

func (f *lambda) rights(id string) *node {
	return allow(id+"LambdaPolicy", "lambda:InvokeFunction", f.arn())
}

func (f *lambda) boundary() *node { return nil }

func (f *lambda) ruleEvent(e *event) ([]*resource, error)     { return e.rule(f) }
func (f *lambda) scheduleEvent(e *event) ([]*resource, error) { return e.schedule(f) }

// rule makes a rule that invokes to. [C261]
func (e *event) rule(to invoked) ([]*resource, error) {
	rule := e.make(e.id, "AWS::Events::Rule", object())
	if e.kind == "Schedule" {
		rule.properties = object("ScheduleExpression", e.get("Schedule"), "Name", e.get("Name"), "Description", e.get("Description"))
	} else {
		rule.properties = object("EventBusName", e.get("EventBusName"), "EventPattern", e.get("Pattern"), "Name", e.get("RuleName"))
	}
	state, enabled := e.get("State"), e.get("Enabled")
	if given(state) && enabled != nil {
		return nil, e.invalid("State and Enabled Properties cannot both be specified.")
	}
	if given(state) {
		rule.set("State", state)
	}
	if enabled != nil {
		rule.set("State", map[bool]string{true: "ENABLED", false: "DISABLED"}[given(enabled)])
	}
	made := []*resource{rule}
	role, access := to.access(e, rule)
	dead, queue, err := e.deadLetters(getAtt(rule.id, "Arn"), true)
	if err != nil {
		return nil, err
	}
	id := e.id
	if long := len(id) + len(to.suffix()) - 64; long > 0 {
		id = id[:len(id)-long]
	}
	target := object("Arn", to.arn(), "Id", id+to.suffix(), "RoleArn", role)
	if own := e.get("Target").Get("Id"); own != nil {
		target = target.With("Id", own)
	}
	for _, name := range []string{"Input", "InputPath", "RetryPolicy", "InputTransformer"} {
		if value := e.get(name); value != nil {
			target = target.With(name, value)
		}
	}
	if dead != nil {
		target = target.With("DeadLetterConfig", object("Arn", dead))
	}
	rule.set("Targets", list(target))
	return append(append(made, queue...), access...), nil
}

// deadLetters is the ARN of the queue for what cannot be delivered, which is made if the
// event says so, with a policy for the rule.
func (e *event) deadLetters(rule *node, withPolicy bool) (*node, []*resource, error) {
	config := e.get("DeadLetterConfig")
	if config == nil {
		return nil, nil, nil
	}
	arn, kind := config.Get("Arn"), config.Get("Type")
	switch {
	case arn != nil && kind != nil:
		return nil, nil, e.invalidAs(e.id, "You can either define 'Arn' or 'Type' property of DeadLetterConfig.")
	case kind != nil && kind.String() != "SQS":
		return nil, nil, e.invalidAs(e.id, "The only valid value for 'Type' property of DeadLetterConfig is 'SQS'.")
	case arn == nil && kind == nil:
		return nil, nil, e.invalidAs(e.id, "No 'Arn' or 'Type' property provided for DeadLetterConfig.")
	case arn != nil:
		return arn, nil, nil
	}
	queue := e.make(e.id+"Queue", "AWS::SQS::Queue", object())
	if id := config.Get("QueueLogicalId"); id != nil {
		if !isText(id) {
			return nil, nil, e.invalidAs(e.id, "QueueLogicalId must be a string")
		}
		queue.id = id.Text
	}
	arn = getAtt(queue.id, "Arn")
	made := []*resource{queue}
	if withPolicy {
		principal := object("Service", "events.amazonaws.com")
		made = append(made, e.make(e.id+"QueuePolicy", "AWS::SQS::QueuePolicy", queuePolicy(principal, rule, arn, ref(queue.id))))
	}
	return arn, made, nil
}

// schedule makes a schedule of EventBridge Scheduler, with a role unless it has one.
func (e *event) schedule(to invoked) ([]*resource, error) {
	schedule := e.make(e.id, "AWS::Scheduler::Schedule", object("ScheduleExpression", e.get("ScheduleExpression"), "State", orNil(e.get("State"))))
	if !given(e.get("OmitName")) {
		schedule.set("Name", e.id)
	}
	if name := e.get("Name"); given(name) {
		if given(e.get("OmitName")) {
			return nil, e.invalidAs(e.id, "Name cannot be set when OmitName is True")
		}
		schedule.set("Name", name)
	}
	schedule.set("FlexibleTimeWindow", object("Mode", "OFF"))
	for _, name := range []string{"Description", "FlexibleTimeWindow", "StartDate", "EndDate", "ScheduleExpressionTimezone", "GroupName", "KmsKeyArn"} {
		if value := e.get(name); given(value) {
			schedule.set(name, value)
		}
	}
	dead, made, err := e.deadLetters(nil, false)
	if err != nil {
		return nil, err
	}
	role := e.get("RoleArn")
	if !given(role) {
		policies := list(to.rights(e.id))
		if dead != nil {
			policies = add(policies, sendTo("SQS", dead, e.id))
		}
		r := e.make(e.id+"Role", "AWS::IAM::Role", object(
			"AssumeRolePolicyDocument", trust("scheduler.amazonaws.com"), "Policies", policies,
			"PermissionsBoundary", orNil(e.get("PermissionsBoundary")),
		))
		made = append(made, r)
		role = getAtt(r.id, "Arn")
	}
	target := object("Arn", to.arn(), "RoleArn", role, "Input", e.get("Input"), "RetryPolicy", e.get("RetryPolicy"))
	if dead != nil {
		target = target.With("DeadLetterConfig", object("Arn", dead))
	}
	schedule.set("Target", target)
	return append([]*resource{schedule}, made...), nil
}
