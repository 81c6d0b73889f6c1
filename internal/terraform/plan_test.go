package terraform

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// planned is one resource of a plan: what is known, what is not, and the arguments.
type planned struct{ address, values, unknown, expressions string }

// plan is a plan with resources in its root module and, if there are, in module.m, which
// is called with arguments and has outputs.
func plan(root, inModule []planned, call string) string {
	var changes []string
	module := func(prefix string, all []planned) (values, configured string) {
		var known, resources []string
		for _, one := range all {
			plain, index, indexed := strings.Cut(one.address, "[")
			kind, name, _ := strings.Cut(plain, ".")
			position := ""
			if indexed {
				position = `"index": ` + strings.TrimSuffix(index, "]") + `, `
			}
			address := fmt.Sprintf("%q", prefix+one.address)
			known = append(known, fmt.Sprintf(`{"address": %s, "mode": "managed", "type": %q, "name": %q, %s"values": %s}`, address, kind, name, position, one.values))
			changes = append(changes, fmt.Sprintf(`{"address": %s, "change": {"actions": ["create"], "after_unknown": %s}}`, address, one.unknown))
			resources = append(resources, fmt.Sprintf(`{"address": %q, "mode": "managed", "type": %q, "name": %q, "provider_config_key": "aws", "expressions": %s}`, plain, kind, name, one.expressions))
		}
		return strings.Join(known, ", "), strings.Join(resources, ", ")
	}
	values, resources := module("", root)
	inner, innerResources := module("module.m.", inModule)
	return `{"format_version": "1.2", "terraform_version": "1.11.4", "variables": {"where": {"value": "eu-central-1"}},
		"planned_values": {"root_module": {"resources": [` + values + `], "child_modules": [{"address": "module.m", "resources": [` + inner + `]}]}},
		"resource_changes": [` + strings.Join(changes, ", ") + `],
		"configuration": {"provider_config": {"aws": {"expressions": {"region": {"references": ["var.where"]}}}},
			"root_module": {"resources": [` + resources + `], "module_calls": {"m": {"expressions": ` + call + `, "module": {"resources": [` + innerResources + `],
				"outputs": {"queue": {"expression": {"references": ["aws_sqs_queue.q.arn", "aws_sqs_queue.q"]}}}}}}}}}`
}

func TestPlan(t *testing.T) {
	queue := planned{"aws_sqs_queue.q", `{"name": "app"}`, `{"arn": true, "id": true, "policy": true, "url": true}`, `{"name": {"constant_value": "app"}}`}
	topic := planned{"aws_sns_topic.t", `{"name": "app"}`, `{"arn": true, "policy": true}`, `{"name": {}}`}
	const app = `"name":"app","region":"eu-central-1"`
	is := func(lists string) string { return `{"accounts":{"111122223333":{` + lists + `}}}` }
	for name, test := range map[string]struct {
		file, want, warnings string
	}{
		"a policy of unknown text": {
			plan([]planned{queue, {"aws_sqs_queue_policy.p", `{}`, `{"policy": true, "queue_url": true}`, `{"policy": {"references": ["aws_sqs_queue.q.arn", "aws_sqs_queue.q"]}, "queue_url": {"references": ["aws_sqs_queue.q.id", "aws_sqs_queue.q"]}}`}}, nil, `{}`),
			is(`"queues":[{` + app + `}]`), "aws_sqs_queue_policy.p: its policy is left out: it is known after apply",
		},
		"a policy of known text": {
			plan([]planned{queue, {"aws_sqs_queue_policy.p", `{"policy": "{}"}`, `{"queue_url": true}`, `{"policy": {}, "queue_url": {"references": ["aws_sqs_queue.q.url", "aws_sqs_queue.q"]}}`}}, nil, `{}`),
			is(`"queues":[{"attributes":{"Policy":"{}"},` + app + `}]`), "",
		},
		"references": {
			plan([]planned{queue, topic, {"aws_sns_topic_subscription.s", `{"protocol": "sqs"}`, `{"endpoint": true, "topic_arn": true}`, `{"endpoint": {"references": ["aws_sqs_queue.q.arn", "aws_sqs_queue.q"]}, "topic_arn": {"references": ["aws_sns_topic.t.arn", "aws_sns_topic.t"]}}`}}, nil, `{}`),
			is(`"queues":[{` + app + `}],"topics":[{` + app + `,"subscriptions":[{"endpoint":"arn:aws:sqs:eu-central-1:111122223333:app","protocol":"sqs"}]}]`), "",
		},
		"a reference to what is not AWS's": {
			plan([]planned{topic, {"aws_sns_topic_subscription.s", `{"protocol": "https"}`, `{"endpoint": true, "topic_arn": true}`, `{"endpoint": {"references": ["other_service.x.url", "other_service.x"]}, "topic_arn": {"references": ["aws_sns_topic.t.arn", "aws_sns_topic.t"]}}`}}, nil, `{}`),
			is(`"topics":[{` + app + `}]`), "aws_sns_topic_subscription.s: its endpoint is left out: it is known after apply",
		},
		"into a module and out of it": {
			plan(
				[]planned{topic, {"aws_sns_topic_subscription.s", `{"protocol": "sqs"}`, `{"endpoint": true, "topic_arn": true}`, `{"endpoint": {"references": ["module.m.queue", "module.m"]}, "topic_arn": {"references": ["aws_sns_topic.t.arn", "aws_sns_topic.t"]}}`}},
				[]planned{queue, {"aws_sns_topic_subscription.n", `{"protocol": "email", "endpoint": "a@example.com"}`, `{"topic_arn": true}`, `{"topic_arn": {"references": ["var.topic"]}}`}},
				`{"topic": {"references": ["aws_sns_topic.t.arn", "aws_sns_topic.t"]}}`),
			is(`"queues":[{` + app + `}],"topics":[{` + app + `,"subscriptions":[{"endpoint":"arn:aws:sqs:eu-central-1:111122223333:app","protocol":"sqs"},{"endpoint":"a@example.com","protocol":"email"}]}]`), "",
		},
		"the instance of the same index": {
			plan([]planned{
				{"aws_sqs_queue.q[0]", `{"name": "a"}`, `{"url": true}`, `{"name": {}}`}, {"aws_sqs_queue.q[1]", `{"name": "b"}`, `{"url": true}`, `{"name": {}}`},
				{"aws_sqs_queue_policy.p[1]", `{"policy": "{}"}`, `{"queue_url": true}`, `{"queue_url": {"references": ["aws_sqs_queue.q", "count.index"]}}`},
				{"aws_sqs_queue_redrive_policy.p", `{"redrive_policy": "{}"}`, `{"queue_url": true}`, `{"queue_url": {"references": ["aws_sqs_queue.q[0].url", "aws_sqs_queue.q[0]", "aws_sqs_queue.q"]}}`},
			}, nil, `{}`),
			is(`"queues":[{"attributes":{"RedrivePolicy":"{}"},"name":"a","region":"eu-central-1"},{"name":"b","region":"eu-central-1"}]`),
			"aws_sqs_queue_policy.p[1]: left out: no aws_sqs_queue of this file is its queue_url (which is known after apply)",
		},
		"made-up names": {
			plan([]planned{{"aws_sqs_queue.q", `{"fifo_queue": true, "name_prefix": "app-"}`, `{"name": true}`, `{"name_prefix": {}}`}, {"aws_kms_key.k", `{}`, `{"key_id": true}`, `{}`}}, nil, `{}`),
			is(`"keys":[{"id":"fb85153b-f624-5708-a413-e8daca17f0b1","region":"eu-central-1"}],"queues":[{"attributes":{"FifoQueue":true},"name":"app-6c55639824d7356fab0a65bda5.fifo","region":"eu-central-1"}]`), "",
		},
		"lists, and blocks": {
			plan([]planned{
				{"aws_vpc.v", `{"cidr_block": "10.0.0.0/16"}`, `{"id": true}`, `{}`},
				{"aws_subnet.a", `{"cidr_block": "10.0.1.0/24"}`, `{"id": true, "vpc_id": true}`, `{"vpc_id": {"references": ["aws_vpc.v.id", "aws_vpc.v"]}}`},
				{"aws_vpc_endpoint.e", `{"service_name": "sqs", "vpc_endpoint_type": "Interface"}`, `{"id": true, "vpc_id": true, "subnet_ids": [true]}`, `{"vpc_id": {"references": ["aws_vpc.v.id", "aws_vpc.v"]}, "subnet_ids": {"references": ["aws_subnet.a.id", "aws_subnet.a"]}}`},
				queue, {"aws_s3_bucket.b", `{"bucket": "pictures"}`, `{"id": true}`, `{}`},
				{"aws_s3_bucket_notification.n", `{"queue": [{"events": ["s3:ObjectCreated:*"]}], "topic": [{"events": ["s3:ObjectCreated:*"]}]}`, `{"bucket": true, "queue": [{"queue_arn": true}], "topic": [{"topic_arn": true}]}`, `{"bucket": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}, "queue": [{"queue_arn": {"references": ["aws_sqs_queue.q.arn", "aws_sqs_queue.q"]}}], "topic": [{"topic_arn": {"references": ["local.x"]}}]}`},
			}, nil, `{}`),
			is(`"buckets":[{"name":"pictures","notifications":{"QueueConfigurations":[{"Events":["s3:ObjectCreated:*"],"QueueArn":"arn:aws:sqs:eu-central-1:111122223333:app"}]},"region":"eu-central-1"}],"queues":[{` + app + `}],` +
				`"vpcs":[{"cidr":"10.0.0.0/16","endpoints":[{"id":"vpce-66dc6fc3d3a27e4d7","service":"sqs","subnets":["subnet-d235c4cc19df5b2bc"],"type":"Interface"}],"id":"vpc-965be03e79512e887","region":"eu-central-1","subnets":[{"cidr":"10.0.1.0/24","id":"subnet-d235c4cc19df5b2bc"}]}]`),
			"aws_s3_bucket_notification.n: its topic_arn is left out: it is known after apply",
		},
		"a notification that a policy of unknown text allows": {
			plan([]planned{
				queue, {"aws_sqs_queue_policy.p", `{}`, `{"policy": true, "queue_url": true}`, `{"policy": {"references": ["aws_sqs_queue.q.arn"]}, "queue_url": {"references": ["aws_sqs_queue.q.id", "aws_sqs_queue.q"]}}`},
				{"aws_s3_bucket.b", `{"bucket": "pictures"}`, `{"id": true}`, `{}`},
				{"aws_s3_bucket_notification.n", `{"bucket": "pictures", "queue": [{"events": ["s3:ObjectCreated:*"]}]}`, `{"queue": [{"queue_arn": true}]}`, `{"queue": [{"queue_arn": {"references": ["aws_sqs_queue.q.arn", "aws_sqs_queue.q"]}}]}`},
			}, nil, `{}`),
			is(`"buckets":[{"name":"pictures","region":"eu-central-1"}],"queues":[{` + app + `}]`),
			"aws_sqs_queue_policy.p: its policy is left out: it is known after apply\n" +
				"aws_s3_bucket_notification.n: the notification of arn:aws:sqs:eu-central-1:111122223333:app is left out: S3 asks whether it may, and aws_sqs_queue_policy.p is",
		},
		"what attaches a policy of unknown text": {
			plan([]planned{
				{"aws_iam_role.r", `{"name": "r", "assume_role_policy": "{}"}`, `{"arn": true, "id": true}`, `{}`},
				{"aws_iam_policy.p", `{"name": "p"}`, `{"arn": true, "policy": true}`, `{"policy": {"references": ["aws_sqs_queue.q.arn"]}}`},
				{"aws_iam_role_policy_attachment.a", `{"role": "r"}`, `{"policy_arn": true}`, `{"policy_arn": {"references": ["aws_iam_policy.p.arn", "aws_iam_policy.p"]}}`},
			}, nil, `{}`),
			is(`"roles":[{"name":"r","trust":"{}"}]`), "aws_iam_policy.p: its policy is left out: it is known after apply\naws_iam_role_policy_attachment.a: left out: aws_iam_policy.p is",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := read(t, test.file, Options{})
			if diff := cmp.Diff(test.want, declared(t, f)); diff != "" {
				t.Errorf("the fixtures:\n%s", diff)
			}
			if diff := cmp.Diff(test.warnings, strings.Join(f.Warnings, "\n")); diff != "" {
				t.Errorf("the warnings:\n%s", diff)
			}
		})
	}
}

// Modules that refer to each other in circles take no time.
func TestPlanInCircles(t *testing.T) {
	in := plan(nil, []planned{{"aws_sns_topic_subscription.s", `{"protocol": "sqs"}`, `{"endpoint": true}`, `{"endpoint": {"references": ["var.a", "var.b"]}}`}},
		`{"a": {"references": ["module.m.queue", "module.m.queue"]}, "b": {"references": ["module.m.queue", "module.m.queue"]}}`)
	f := read(t, strings.Replace(in, `["aws_sqs_queue.q.arn", "aws_sqs_queue.q"]`, `["var.a", "var.b"]`, 1), Options{})
	if len(f.Warnings) != 1 {
		t.Errorf("the warnings are %q", f.Warnings)
	}
}

// What cannot be taken says why.
func TestProblems(t *testing.T) {
	for name, test := range map[string]struct{ file, want string }{
		"another form of a state": {`{"version": 4, "terraform_version": "1.11.4", "lineage": "x", "resources": []}`, "[{0 0 this is Terraform's own form of a state; give what terraform show -json prints}]"},
		"half a plan":             {`{"terraform_version": "1.11.4", "configuration": {}}`, "[{0 0 this plan has no planned_values}]"},
		"strict":                  {state("aws_lambda_function.f", "{}"), "[{1 99 waxseal makes no aws_lambda_function, and --strict templates wants everything made}]"},
		"no values":               {`{"terraform_version": "1.11.4", "values": {"root_module": {"resources": [{"mode": "managed", "type": "aws_sqs_queue"}, 1, null], "child_modules": {}}}}`, "[]"},
		"an empty state":          {`{"terraform_version": "1.11.4"}`, "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := fmt.Sprint(read(t, test.file, Options{Strict: true}).Problems); got != test.want {
				t.Errorf("%s\nwant %s", got, test.want)
			}
		})
	}
}

// A place in a file is that of the resource it is in.
func TestAddress(t *testing.T) {
	f := read(t, state("aws_sqs_queue.a", "{}", "aws_sqs_queue.b", "{}"), Options{})
	for want, place := range map[string][2]int{"": {1, 5}, "aws_sqs_queue.a": {1, 180}, "aws_sqs_queue.b": {2, 30}} {
		if got := f.Address(place[0], place[1]); got != want {
			t.Errorf("at %v there is %q, not %q", place, got, want)
		}
	}
}
