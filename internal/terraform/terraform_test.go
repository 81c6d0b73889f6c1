package terraform

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// read reads a file's text.
func read(t *testing.T, content string, o Options) *File {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(content), &root); err != nil {
		t.Fatal(err)
	}
	if !Is(root.Content[0]) {
		t.Fatal("it is not recognized")
	}
	o.Account, o.Region = "111122223333", "eu-west-1"
	return Read(root.Content[0], o)
}

// state is a state with resources, each given as its address and its values.
func state(resources ...string) string {
	var all []string
	for i := 0; i < len(resources); i += 2 {
		kind, name, _ := strings.Cut(resources[i], ".")
		name, _, _ = strings.Cut(name, "[")
		all = append(all, fmt.Sprintf(`{"address": %q, "mode": "managed", "type": %q, "name": %q, "values": %s}`, resources[i], kind, name, resources[i+1]))
	}
	return `{"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {"resources": [` + strings.Join(all, ",\n") + `]}}}`
}

// declared is what a file's fixtures say of an account, as JSON.
func declared(t *testing.T, f *File) string {
	t.Helper()
	var all any
	if err := f.Fixtures.Decode(&all); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const (
	policy = `"{\"Version\":\"2012-10-17\"}"`
)

// named is an ARN of the tests' account, as a member.
func named(service, resource string) string {
	return fmt.Sprintf(`"arn": "arn:aws:%s:us-east-1:123456789012:%s"`, service, resource)
}

// Each type of resource, and what becomes of it.
func TestState(t *testing.T) {
	queue := []string{"aws_sqs_queue.q", `{` + named("sqs", "app") + `, "id": "http://x/123456789012/app", "name": "app"}`}
	topic := []string{"aws_sns_topic.t", `{` + named("sns", "app") + `, "name": "app"}`}
	key := []string{"aws_kms_key.k", `{` + named("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab") + `, "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab"}`}
	role := []string{"aws_iam_role.r", `{"arn": "arn:aws:iam::123456789012:role/r", "name": "r", "id": "r", "assume_role_policy": ` + policy + `}`}
	user := []string{"aws_iam_user.u", `{"arn": "arn:aws:iam::123456789012:user/u", "name": "u", "path": "/team/"}`}
	group := []string{"aws_iam_group.g", `{"arn": "arn:aws:iam::123456789012:group/g", "name": "g"}`}
	vpc := []string{"aws_vpc.v", `{` + named("ec2", "vpc/vpc-12345678") + `, "id": "vpc-12345678", "cidr_block": "10.0.0.0/16"}`}
	gate := []string{"aws_security_group.s", `{` + named("ec2", "security-group/sg-1") + `, "id": "sg-1", "vpc_id": "vpc-12345678", "name": "s", "description": "d", "tags": {"a": "b"}, "egress": [], "ingress": [{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["10.0.0.0/16"], "self": true}]}`}
	bucket := []string{"aws_s3_bucket.b", `{"arn": "arn:aws:s3:::pictures", "id": "pictures", "bucket": "pictures", "region": "us-east-1"}`}
	rule := []string{"aws_cloudwatch_event_rule.e", `{` + named("events", "rule/shop/paid") + `, "name": "paid", "event_bus_name": "shop", "event_pattern": "{\"source\":[\"shop\"]}", "state": "ENABLED"}`}
	is := func(lists ...string) string {
		return `{"accounts":{"123456789012":{` + strings.Join(lists, ",") + `}}}`
	}
	for name, test := range map[string]struct {
		resources [][]string
		want      string
		warnings  string
	}{
		"queue": {
			[][]string{{"aws_sqs_queue.q", `{` + named("sqs", "a.fifo") + `, "name": "a.fifo", "visibility_timeout_seconds": 40, "policy": "", "redrive_policy": "{\"maxReceiveCount\":3}", "fifo_queue": true,
				"deduplication_scope": "queue", "kms_master_key_id": "alias/a", "kms_data_key_reuse_period_seconds": 60, "sqs_managed_sse_enabled": false, "tags": {"a": "b"}, "tags_all": {"a": "b", "c": "d"}}`}},
			is(`"queues":[{"attributes":{"DeduplicationScope":"queue","FifoQueue":true,"KmsDataKeyReusePeriodSeconds":60,"KmsMasterKeyId":"alias/a","RedrivePolicy":"{\"maxReceiveCount\":3}","VisibilityTimeout":40},"name":"a.fifo","region":"us-east-1","tags":{"a":"b","c":"d"}}]`), "",
		},
		"queue's policies": {
			[][]string{queue, {"aws_sqs_queue_policy.p", `{"queue_url": "http://x/123456789012/app", "policy": ` + policy + `}`},
				{"aws_sqs_queue_redrive_policy.p", `{"queue_url": "http://x/123456789012/app", "redrive_policy": "{}"}`}, {"aws_sqs_queue_redrive_allow_policy.p", `{"queue_url": "http://x/123456789012/app", "redrive_allow_policy": "{}"}`}},
			is(`"queues":[{"attributes":{"Policy":"{\"Version\":\"2012-10-17\"}","RedriveAllowPolicy":"{}","RedrivePolicy":"{}"},"name":"app","region":"us-east-1"}]`), "",
		},
		"topic": {
			[][]string{
				{"aws_sns_topic.t", `{` + named("sns", "app") + `, "name": "app", "display_name": "App", "signature_version": 2, "sqs_success_feedback_sample_rate": 0, "policy": "{\"Statement\":[{\"Effect\":\"Allow\",\"Sid\":\"__default_statement_ID\"}]}"}`},
				{"aws_sns_topic_policy.p", `{"arn": "arn:aws:sns:us-east-1:123456789012:app", "policy": ` + policy + `}`},
				{"aws_sns_topic_data_protection_policy.p", `{"arn": "arn:aws:sns:us-east-1:123456789012:app", "policy": "{}"}`}},
			is(`"topics":[{"attributes":{"DisplayName":"App","Policy":"{\"Version\":\"2012-10-17\"}","SQSSuccessFeedbackSampleRate":0,"SignatureVersion":2},"dataProtectionPolicy":"{}","name":"app","region":"us-east-1"}]`), "",
		},
		"subscription": {
			[][]string{topic, {"aws_sns_topic_subscription.s", `{"arn": "arn:aws:sns:us-east-1:123456789012:app:6a276c2f-9b28-4e36-87b0-3661c15a1b72", "topic_arn": "arn:aws:sns:us-east-1:123456789012:app", "protocol": "sqs", "endpoint": "arn:q",
				"filter_policy": "", "filter_policy_scope": "", "raw_message_delivery": true}`}},
			is(`"topics":[{"name":"app","region":"us-east-1","subscriptions":[{"attributes":{"RawMessageDelivery":true},"endpoint":"arn:q","id":"6a276c2f-9b28-4e36-87b0-3661c15a1b72","protocol":"sqs"}]}]`), "",
		},
		"subscription to a topic of others": {
			[][]string{{"aws_sns_topic_subscription.s", `{"topic_arn": "arn:aws:sns:us-east-1:999988887777:theirs", "protocol": "sqs", "endpoint": "arn:q"}`}},
			`{"accounts":{}}`, "aws_sns_topic_subscription.s: left out: no aws_sns_topic of this file is its topic_arn (arn:aws:sns:us-east-1:999988887777:theirs)",
		},
		"key": {
			[][]string{
				{"aws_kms_key.k", `{` + named("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab") + `, "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "id": "1234abcd-12ab-34cd-56ef-1234567890ab", "customer_master_key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT", "policy": ` + policy + `, "is_enabled": false, "enable_key_rotation": true}`},
				{"aws_kms_alias.a", `{` + named("kms", "alias/a") + `, "name": "alias/a", "target_key_id": "1234abcd-12ab-34cd-56ef-1234567890ab"}`},
				{"aws_kms_alias.b", `{` + named("kms", "alias/b") + `, "name": "alias/b", "target_key_id": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"}`}},
			is(`"keys":[{"alias":"alias/a","aliases":["alias/b"],"enabled":false,"id":"1234abcd-12ab-34cd-56ef-1234567890ab","policy":"{\"Version\":\"2012-10-17\"}","region":"us-east-1","rotation":"365","spec":"SYMMETRIC_DEFAULT","usage":"ENCRYPT_DECRYPT"}]`), "",
		},
		"key's grant and policy": {
			[][]string{key, {"aws_kms_key_policy.p", `{"key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "policy": ` + policy + `}`},
				{"aws_kms_grant.g", `{"key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "grant_id": "ab", "grantee_principal": "arn:r", "operations": ["Decrypt"], "constraints": [{"encryption_context_equals": {"a": "b"}, "encryption_context_subset": {}}]}`}},
			is(`"keys":[{"grants":[{"contextEquals":{"a":"b"},"grantee":"arn:r","id":"ab","operations":["Decrypt"]}],"id":"1234abcd-12ab-34cd-56ef-1234567890ab","policy":"{\"Version\":\"2012-10-17\"}","region":"us-east-1"}]`), "",
		},
		"imported material": {
			[][]string{{"aws_kms_external_key.k", `{` + named("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab") + `, "id": "1234abcd-12ab-34cd-56ef-1234567890ab", "enabled": true, "key_material_base64": "AAE="}`}},
			is(`"keys":[{"id":"1234abcd-12ab-34cd-56ef-1234567890ab","material":"0001","region":"us-east-1"}]`), "aws_kms_external_key.k: made as a key of origin AWS_KMS; imported material does not expire",
		},
		"replica": {
			[][]string{{"aws_kms_key.k", `{` + named("kms", "key/mrk-1") + `, "key_id": "mrk-1", "policy": "a"}`}, {"aws_kms_replica_key.r", `{"arn": "arn:aws:kms:eu-west-1:123456789012:key/mrk-1", "primary_key_arn": "arn:aws:kms:us-east-1:123456789012:key/mrk-1", "policy": "b"}`}},
			is(`"keys":[{"id":"mrk-1","policy":"a","region":"us-east-1","replicas":["eu-west-1"]}]`), "aws_kms_replica_key.r: made with the policy, tags and description of aws_kms_key.k",
		},
		"role": {
			[][]string{
				{"aws_iam_role.r", `{"arn": "arn:aws:iam::123456789012:role/r", "name": "r", "path": "/", "max_session_duration": 3600, "assume_role_policy": ` + policy + `, "inline_policy": [{"name": "", "policy": ""}, {"name": "a", "policy": ` + policy + `}], "managed_policy_arns": ["arn:p"]}`},
				{"aws_iam_role_policy.p", `{"role": "r", "name": "a", "policy": ` + policy + `}`}, {"aws_iam_role_policy_attachment.p", `{"role": "r", "policy_arn": "arn:p"}`}, {"aws_iam_role_policy_attachment.q", `{"role": "r", "policy_arn": "arn:q"}`}},
			is(`"roles":[{"managedPolicies":["arn:p","arn:q"],"maxSessionDuration":3600,"name":"r","policies":{"a":"{\"Version\":\"2012-10-17\"}"},"trust":"{\"Version\":\"2012-10-17\"}"}]`), "",
		},
		"users and groups": {
			[][]string{user, group, {"aws_iam_group_membership.m", `{"group": "g", "users": ["u", "v"]}`}, {"aws_iam_user_group_membership.m", `{"user": "u", "groups": ["g", "h"]}`},
				{"aws_iam_access_key.k", `{"user": "u", "id": "AKIA", "secret": "s", "status": "Active"}`}, {"aws_iam_access_key.l", `{"user": "u", "id": "AKIB", "secret": "s"}`},
				{"aws_iam_user_policy.p", `{"user": "u", "name": "a", "policy": ` + policy + `}`}, {"aws_iam_group_policy_attachment.p", `{"group": "g", "policy_arn": "arn:p"}`}, {"aws_iam_policy_attachment.p", `{"roles": ["r"], "users": ["u"], "policy_arn": "arn:p"}`}},
			is(`"groups":[{"managedPolicies":["arn:p"],"name":"g"}],"users":[{"accessKey":{"id":"AKIA","secret":"s"},"groups":["g","h"],"managedPolicies":["arn:p"],"name":"u","path":"/team/","policies":{"a":"{\"Version\":\"2012-10-17\"}"}}]`),
			"aws_iam_group_membership.m: left out: no aws_iam_user of this file is called v\naws_iam_access_key.l: left out: a user of a fixture has one access key\naws_iam_policy_attachment.p: left out: no aws_iam_role of this file is called r",
		},
		"managed policy": {
			[][]string{role, {"aws_iam_policy.p", `{"arn": "arn:aws:iam::123456789012:policy/p", "name": "p", "description": "d", "policy": ` + policy + `}`}},
			is(`"policies":[{"description":"d","document":"{\"Version\":\"2012-10-17\"}","name":"p"}],"roles":[{"name":"r","trust":"{\"Version\":\"2012-10-17\"}"}]`), "",
		},
		"VPC": {
			[][]string{vpc, gate, {"aws_subnet.s", `{"id": "subnet-1", "vpc_id": "vpc-12345678", "cidr_block": "10.0.1.0/24", "availability_zone": "us-east-1a"}`},
				{"aws_security_group_rule.r", `{"type": "ingress", "security_group_id": "sg-1", "protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.1.0.0/16"]}`},
				{"aws_security_group_rule.o", `{"type": "egress", "security_group_id": "sg-1", "protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]}`},
				{"aws_vpc_security_group_ingress_rule.r", `{"security_group_id": "sg-1", "ip_protocol": "tcp", "from_port": 80, "to_port": 90, "cidr_ipv4": "10.2.0.0/16"}`},
				{"aws_vpc_security_group_egress_rule.r", `{"security_group_id": "sg-1"}`}},
			is(`"vpcs":[{"cidr":"10.0.0.0/16","id":"vpc-12345678","region":"us-east-1","securityGroups":[{"description":"d","egress":"all","id":"sg-1","ingress":[{"cidr":"10.0.0.0/16","port":"0-65535"},{"cidr":"10.1.0.0/16","port":"443"},{"cidr":"10.2.0.0/16","port":"80-90"}],"name":"s","tags":{"a":"b"}}],` +
				`"subnets":[{"az":"us-east-1a","cidr":"10.0.1.0/24","id":"subnet-1"}]}]`), "aws_security_group.s: a rule's self left out: fixtures let IPv4 blocks in",
		},
		"a group that lets nothing out": {
			[][]string{vpc, gate},
			is(`"vpcs":[{"cidr":"10.0.0.0/16","id":"vpc-12345678","region":"us-east-1","securityGroups":[{"description":"d","egress":"none","id":"sg-1","ingress":[{"cidr":"10.0.0.0/16","port":"0-65535"}],"name":"s","tags":{"a":"b"}}]}]`), "aws_security_group.s: a rule's self left out: fixtures let IPv4 blocks in",
		},
		"endpoints": {
			[][]string{vpc, {"aws_default_security_group.d", `{"id": "sg-0", "vpc_id": "vpc-12345678"}`},
				{"aws_vpc_endpoint.i", `{"id": "vpce-1", "vpc_id": "vpc-12345678", "service_name": "com.amazonaws.us-east-1.sqs", "vpc_endpoint_type": "Interface", "subnet_ids": ["subnet-1"], "security_group_ids": ["sg-0", "sg-1"], "private_dns_enabled": true}`},
				{"aws_vpc_endpoint.g", `{"id": "vpce-2", "vpc_id": "vpc-12345678", "service_name": "com.amazonaws.us-east-1.s3", "policy": ` + policy + `}`},
				{"aws_vpc_endpoint.l", `{"id": "vpce-3", "vpc_id": "vpc-12345678", "vpc_endpoint_type": "GatewayLoadBalancer"}`},
				{"aws_vpc_endpoint_policy.p", `{"vpc_endpoint_id": "vpce-1", "policy": ` + policy + `}`}, {"aws_vpc_endpoint_subnet_association.s", `{"vpc_endpoint_id": "vpce-1", "subnet_id": "subnet-2"}`},
				{"aws_vpc_endpoint_security_group_association.s", `{"vpc_endpoint_id": "vpce-1", "security_group_id": "sg-2"}`}},
			is(`"vpcs":[{"cidr":"10.0.0.0/16","endpoints":[{"id":"vpce-1","policy":"{\"Version\":\"2012-10-17\"}","privateDns":true,"securityGroups":["sg-1","sg-2"],"service":"com.amazonaws.us-east-1.sqs","subnets":["subnet-1","subnet-2"],"type":"Interface"},` +
				`{"id":"vpce-2","policy":"{\"Version\":\"2012-10-17\"}","service":"com.amazonaws.us-east-1.s3","type":"Gateway"}],"id":"vpc-12345678","region":"us-east-1"}]`), "aws_vpc_endpoint.l: left out: waxseal has no endpoints of type GatewayLoadBalancer",
		},
		"bucket": {
			[][]string{topic, bucket, {"aws_s3_bucket_policy.p", `{"bucket": "pictures", "policy": ` + policy + `}`}, {"aws_s3_bucket_public_access_block.p", `{"bucket": "pictures", "block_public_policy": false, "block_public_acls": true}`},
				{"aws_s3_bucket_server_side_encryption_configuration.e", `{"bucket": "pictures", "rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": "alias/a"}], "bucket_key_enabled": true}]}`},
				{"aws_s3_bucket_notification.n", `{"bucket": "pictures", "eventbridge": true, "topic": [{"id": "t", "topic_arn": "arn:t", "events": ["s3:ObjectCreated:*"], "filter_prefix": "a/", "filter_suffix": ""}], "queue": [{"queue_arn": "arn:q", "events": ["s3:ObjectRemoved:*"]}]}`}},
			is(`"buckets":[{"encryption":{"Rules":[{"ApplyServerSideEncryptionByDefault":{"KMSMasterKeyID":"alias/a","SSEAlgorithm":"aws:kms"},"BucketKeyEnabled":true}]},"name":"pictures","notifications":{"EventBridgeConfiguration":{},`+
				`"QueueConfigurations":[{"Events":["s3:ObjectRemoved:*"],"QueueArn":"arn:q"}],"TopicConfigurations":[{"Events":["s3:ObjectCreated:*"],"Filter":{"Key":{"FilterRules":[{"Name":"prefix","Value":"a/"}]}},"Id":"t","TopicArn":"arn:t"}]},`+
				`"policy":"{\"Version\":\"2012-10-17\"}","publicAccessBlock":{"BlockPublicAcls":true,"BlockPublicPolicy":false},"region":"us-east-1"}]`, `"topics":[{"name":"app","region":"us-east-1"}]`), "",
		},
		"rule": {
			[][]string{rule, {"aws_cloudwatch_event_bus.b", `{` + named("events", "event-bus/shop") + `, "name": "shop"}`}, {"aws_cloudwatch_event_bus_policy.p", `{"event_bus_name": "shop", "policy": ` + policy + `}`},
				{"aws_cloudwatch_event_bus_policy.d", `{"event_bus_name": "default", "policy": ` + policy + `}`},
				{"aws_cloudwatch_event_target.t", `{"rule": "paid", "event_bus_name": "shop", "target_id": "q", "arn": "arn:aws:sqs:us-east-1:123456789012:app", "input_transformer": [{"input_paths": {"a": "$.a"}, "input_template": "<a>"}], "retry_policy": [{"maximum_retry_attempts": 3, "maximum_event_age_in_seconds": 60}], "dead_letter_config": [{"arn": "arn:d"}], "sqs_target": [{"message_group_id": "g"}]}`},
				{"aws_cloudwatch_event_target.l", `{"rule": "paid", "event_bus_name": "shop", "arn": "arn:aws:lambda:us-east-1:123456789012:function:f"}`}},
			is(`"eventBuses":[{"name":"shop","policy":"{\"Version\":\"2012-10-17\"}","region":"us-east-1"},{"name":"default","policy":"{\"Version\":\"2012-10-17\"}"}],"rules":[{"bus":"shop","name":"paid","pattern":"{\"source\":[\"shop\"]}","region":"us-east-1","state":"ENABLED",` +
				`"targets":[{"arn":"arn:aws:sqs:us-east-1:123456789012:app","deadLetterQueue":"arn:d","id":"q","inputTransformer":{"InputPathsMap":{"a":"$.a"},"InputTemplate":"\u003ca\u003e"},"messageGroupId":"g","retry":{"MaximumEventAgeInSeconds":60,"MaximumRetryAttempts":3}}]}]`),
			"aws_cloudwatch_event_target.l: left out: waxseal's rules have queues, topics and event buses as targets, not arn:aws:lambda:us-east-1:123456789012:function:f",
		},
		"trail": {
			[][]string{{"aws_cloudtrail.t", `{` + named("cloudtrail", "trail/t") + `, "name": "t", "s3_bucket_name": "logs", "is_multi_region_trail": true, "event_selector": [{"data_resource": [{"type": "AWS::S3::Object", "values": ["arn:aws:s3:::pictures/"]}]}],
				"advanced_event_selector": [{"field_selector": [{"field": "eventCategory", "equals": ["Data"]}, {"field": "resources.ARN", "equals": ["arn:q"]}]}]}`}},
			is(`"trails":[{"bucket":"logs","dataEvents":["arn:aws:s3:::pictures/","arn:q"],"multiRegion":true,"name":"t","region":"us-east-1"}]`), "",
		},
		"what is not made": {
			[][]string{queue, {"aws_lambda_function.a", `{}`}, {"aws_lambda_function.b", `{}`}, {"aws_lambda_function.c[0]", `{}`}, {"aws_lambda_function.c[1]", `{}`}, {"aws_dynamodb_table.t", `{}`}, {"random_id.r", `{}`}},
			is(`"queues":[{"name":"app","region":"us-east-1"}]`), "left out: waxseal makes no aws_lambda_function (aws_lambda_function.a, aws_lambda_function.b, aws_lambda_function.c[0], 1 more)\nleft out: waxseal makes no aws_dynamodb_table (aws_dynamodb_table.t)",
		},
		"nothing": {nil, `{"accounts":{}}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var resources []string
			for _, one := range test.resources {
				resources = append(resources, one...)
			}
			f := read(t, state(resources...), Options{})
			if diff := cmp.Diff(test.want, declared(t, f)); diff != "" {
				t.Errorf("the fixtures:\n%s", diff)
			}
			if diff := cmp.Diff(test.warnings, strings.Join(f.Warnings, "\n")); diff != "" {
				t.Errorf("the warnings:\n%s", diff)
			}
			if len(f.Problems) > 0 {
				t.Error(f.Problems)
			}
		})
	}
}
