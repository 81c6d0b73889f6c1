package terraform

import (
	"go.yaml.in/yaml/v3"
)

func (r *reader) bucket(one *resource) {
	o := r.add(one, "buckets")
	o.put("name", one.get("bucket"))
	o.put("policy", one.get("policy"))
	o.put("tags", one.tags())
	for _, configuration := range items(one.get("server_side_encryption_configuration")) {
		encrypt(one, o, member(configuration, "rule"))
	}
	one.inRegion(o)
}

func (r *reader) publicAccess(one *resource) {
	o := r.owner(one, "bucket", "aws_s3_bucket")
	if o == nil {
		return
	}
	block := o.within("publicAccessBlock")
	for _, a := range []renamed{
		{"block_public_acls", "BlockPublicAcls"}, {"block_public_policy", "BlockPublicPolicy"},
		{"ignore_public_acls", "IgnorePublicAcls"}, {"restrict_public_buckets", "RestrictPublicBuckets"},
	} {
		block.put(a.name, one.get(a.argument))
	}
}

func (r *reader) bucketEncryption(one *resource) {
	if o := r.owner(one, "bucket", "aws_s3_bucket"); o != nil {
		encrypt(one, o, one.get("rule"))
	}
}

// encrypt gives a bucket its default encryption.
func encrypt(one *resource, o *object, rules *yaml.Node) {
	all := newList(one.node)
	for _, rule := range items(rules) {
		made := newObject(one.node)
		for _, by := range items(member(rule, "apply_server_side_encryption_by_default")) {
			how := made.within("ApplyServerSideEncryptionByDefault")
			how.put("SSEAlgorithm", member(by, "sse_algorithm"))
			how.put("KMSMasterKeyID", member(by, "kms_master_key_id"))
		}
		made.put("BucketKeyEnabled", member(rule, "bucket_key_enabled"))
		push(all, made.Node)
	}
	if len(all.Content) > 0 {
		o.within("encryption").put("Rules", all)
	}
}

// told are the kinds of destinations of a bucket's notifications.
var told = []struct{ block, argument, list, member string }{
	{"topic", "topic_arn", "TopicConfigurations", "TopicArn"},
	{"queue", "queue_arn", "QueueConfigurations", "QueueArn"},
	{"lambda_function", "lambda_function_arn", "LambdaFunctionConfigurations", "LambdaFunctionArn"},
}

func (r *reader) notification(one *resource) {
	o := r.owner(one, "bucket", "aws_s3_bucket")
	if o == nil {
		return
	}
	for _, kind := range told {
		for _, block := range items(one.get(kind.block)) {
			destination := member(block, kind.argument)
			if destination == nil {
				r.warn(one, "its %s is left out: it is known after apply", kind.argument)
				continue
			}
			if policy := r.unwritten(destination.Value); policy != nil {
				r.warn(one, "the notification of %s is left out: S3 asks whether it may, and %s is", destination.Value, policy.address)
				continue
			}
			c := newObject(one.node)
			c.put("Id", member(block, "id"))
			c.put(kind.member, destination)
			c.put("Events", member(block, "events"))
			filter(one, c, block)
			push(o.within("notifications").list(kind.list), c.Node)
		}
	}
	if one.is("eventbridge") {
		set(o.within("notifications").Node, "EventBridgeConfiguration", newObject(one.node).Node)
	}
}

// filter says of which keys a destination is told.
func filter(one *resource, c *object, block *yaml.Node) {
	rules := newList(one.node)
	for _, part := range []renamed{{"filter_prefix", "prefix"}, {"filter_suffix", "suffix"}} {
		if value := member(block, part.argument); says(value) {
			rule := newObject(one.node)
			rule.put("Name", one.word(part.name))
			rule.put("Value", value)
			push(rules, rule.Node)
		}
	}
	if len(rules.Content) > 0 {
		c.within("Filter").within("Key").put("FilterRules", rules)
	}
}

// policies are the types of the policies of those that S3 tells: the argument that names the
// owner, and the owner's type.
var policies = map[string]renamed{
	"aws_sqs_queue_policy": {"queue_url", "aws_sqs_queue"},
	"aws_sns_topic_policy": {"arn", "aws_sns_topic"},
}

// unwritten is the policy of a queue or topic that was left out because a plan does not
// hold its text; nil: there is none.
func (r *reader) unwritten(arn string) *resource {
	for _, one := range r.resources {
		of, isPolicy := policies[one.kind]
		if isPolicy && one.unknown["policy"] {
			if owner := r.find(one, of.argument, of.name); owner != nil && owner.text("arn") == arn {
				return one
			}
		}
	}
	for _, one := range r.resources {
		if one.unknown["policy"] && one.text("arn") == arn {
			return one
		}
	}
	return nil
}
