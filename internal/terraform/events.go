package terraform

import (
	"cmp"
	"strings"

	"go.yaml.in/yaml/v3"
)

func (r *reader) bus(one *resource) {
	o := r.add(one, "eventBuses")
	o.put("name", one.get("name"))
	one.inRegion(o)
}

func (r *reader) busPolicy(one *resource) {
	policy := r.known(one, "policy")
	if policy == nil {
		return
	}
	var o *object
	if name := one.text("event_bus_name"); name == "" || name == "default" { // which is there without a resource
		o = r.add(one, "eventBuses")
		o.put("name", one.word("default"))
		one.inRegion(o)
	} else if o = r.owner(one, "event_bus_name", "aws_cloudwatch_event_bus"); o == nil {
		return
	}
	o.put("policy", policy)
}

func (r *reader) rule(one *resource) {
	o := r.add(one, "rules")
	o.put("name", one.get("name"))
	if bus := one.get("event_bus_name"); bus != nil {
		o.put("bus", one.word(busName(bus.Value)))
	}
	o.put("pattern", r.known(one, "event_pattern"))
	o.put("schedule", one.get("schedule_expression"))
	o.put("state", one.get("state"))
	if one.text("is_enabled") == "false" {
		o.put("state", one.word("DISABLED"))
	}
	one.inRegion(o)
}

// busName is a bus's name, where its ARN may be given, too.
func busName(s string) string { return s[strings.LastIndex(s, "/")+1:] }

// ruleOf is the rule of a target.
func (r *reader) ruleOf(one *resource) *object {
	bus := busName(cmp.Or(one.text("event_bus_name"), "default"))
	for _, other := range r.resources {
		if other.kind == "aws_cloudwatch_event_rule" && other.made != nil && other.text("name") == one.text("rule") &&
			busName(cmp.Or(other.text("event_bus_name"), "default")) == bus && (one.region == "" || other.region == one.region) {
			return other.made
		}
	}
	return r.owner(one, "rule", "aws_cloudwatch_event_rule")
}

func (r *reader) target(one *resource) {
	destination := r.known(one, "arn")
	if destination == nil {
		return
	}
	if service := strings.SplitN(destination.Value, ":", 4); len(service) > 2 && service[2] != "sqs" && service[2] != "sns" && service[2] != "events" {
		r.warn(one, "left out: waxseal's rules have queues, topics and event buses as targets, not %s", destination.Value)
		return
	}
	rule := r.ruleOf(one)
	if rule == nil {
		return
	}
	o := newObject(one.node)
	o.put("id", one.get("target_id"))
	o.put("arn", destination)
	o.put("input", r.known(one, "input"))
	o.put("inputPath", one.get("input_path"))
	o.put("roleArn", r.known(one, "role_arn"))
	for _, block := range items(one.get("input_transformer")) {
		how := o.within("inputTransformer")
		how.put("InputPathsMap", member(block, "input_paths"))
		how.put("InputTemplate", member(block, "input_template"))
	}
	for _, block := range items(one.get("dead_letter_config")) {
		o.put("deadLetterQueue", member(block, "arn"))
	}
	for _, block := range items(one.get("retry_policy")) {
		how := o.within("retry")
		how.put("MaximumRetryAttempts", member(block, "maximum_retry_attempts"))
		how.put("MaximumEventAgeInSeconds", member(block, "maximum_event_age_in_seconds"))
	}
	for _, block := range items(one.get("sqs_target")) {
		o.put("messageGroupId", member(block, "message_group_id"))
	}
	push(rule.list("targets"), o.Node)
}

func (r *reader) trail(one *resource) {
	o := r.add(one, "trails")
	o.put("name", one.get("name"))
	o.put("bucket", one.get("s3_bucket_name"))
	o.put("multiRegion", one.get("is_multi_region_trail"))
	for _, arn := range dataEvents(one) {
		o.once("dataEvents", arn)
	}
	one.inRegion(o)
}

// dataEvents are the ARNs whose data events a trail logs.
func dataEvents(one *resource) []*yaml.Node {
	var all []*yaml.Node
	for _, selector := range items(one.get("event_selector")) {
		for _, data := range items(member(selector, "data_resource")) {
			if text(member(data, "type")) == "AWS::S3::Object" {
				all = append(all, items(member(data, "values"))...)
			}
		}
	}
	for _, selector := range items(one.get("advanced_event_selector")) {
		for _, field := range items(member(selector, "field_selector")) {
			if text(member(field, "field")) == "resources.ARN" {
				all = append(all, items(member(field, "equals"))...)
				all = append(all, items(member(field, "starts_with"))...)
			}
		}
	}
	return all
}
