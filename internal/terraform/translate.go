package terraform

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// makers make a fixture of a resource. joiners add to the fixtures of others, and come when
// all are made.
var (
	makers = map[string]func(*reader, *resource){
		"aws_sqs_queue": (*reader).queue, "aws_sns_topic": (*reader).topic,
		"aws_kms_key": (*reader).key, "aws_kms_external_key": (*reader).externalKey,
		"aws_iam_role": (*reader).role, "aws_iam_user": (*reader).user, "aws_iam_group": (*reader).group, "aws_iam_policy": (*reader).managedPolicy,
		"aws_vpc": (*reader).vpc, "aws_default_vpc": (*reader).vpc,
		"aws_s3_bucket":            (*reader).bucket,
		"aws_cloudwatch_event_bus": (*reader).bus, "aws_cloudwatch_event_rule": (*reader).rule,
		"aws_cloudtrail": (*reader).trail,
	}
	joiners = map[string]func(*reader, *resource){
		"aws_sqs_queue_policy":                 attribute("queue_url", "aws_sqs_queue", "policy", "Policy"),
		"aws_sqs_queue_redrive_policy":         attribute("queue_url", "aws_sqs_queue", "redrive_policy", "RedrivePolicy"),
		"aws_sqs_queue_redrive_allow_policy":   attribute("queue_url", "aws_sqs_queue", "redrive_allow_policy", "RedriveAllowPolicy"),
		"aws_sns_topic_policy":                 attribute("arn", "aws_sns_topic", "policy", "Policy"),
		"aws_sns_topic_data_protection_policy": argument("arn", "aws_sns_topic", "policy", "dataProtectionPolicy"),
		"aws_sns_topic_subscription":           (*reader).subscription,

		"aws_kms_key_policy":  (*reader).keyPolicy,
		"aws_kms_alias":       (*reader).alias,
		"aws_kms_grant":       (*reader).grant,
		"aws_kms_replica_key": (*reader).replica,

		"aws_iam_role_policy":             (*reader).inlinePolicy,
		"aws_iam_user_policy":             (*reader).inlinePolicy,
		"aws_iam_group_policy":            (*reader).inlinePolicy,
		"aws_iam_role_policy_attachment":  (*reader).attachment,
		"aws_iam_user_policy_attachment":  (*reader).attachment,
		"aws_iam_group_policy_attachment": (*reader).attachment,
		"aws_iam_policy_attachment":       (*reader).attachments,
		"aws_iam_group_membership":        (*reader).groupMembers,
		"aws_iam_user_group_membership":   (*reader).userGroups,
		"aws_iam_access_key":              (*reader).accessKey,

		"aws_subnet":                 (*reader).subnet,
		"aws_default_subnet":         (*reader).subnet,
		"aws_security_group":         (*reader).securityGroup,
		"aws_vpc_endpoint":           (*reader).endpoint,
		"aws_default_security_group": (*reader).nothing,

		"aws_s3_bucket_policy":                               argument("bucket", "aws_s3_bucket", "policy", "policy"),
		"aws_s3_bucket_public_access_block":                  (*reader).publicAccess,
		"aws_s3_bucket_server_side_encryption_configuration": (*reader).bucketEncryption,
		"aws_s3_bucket_notification":                         (*reader).notification,

		"aws_cloudwatch_event_bus_policy": (*reader).busPolicy,
		"aws_cloudwatch_event_target":     (*reader).target,
	}
	// late are joiners of what joiners made.
	late = map[string]func(*reader, *resource){
		"aws_security_group_rule":                     (*reader).groupRule,
		"aws_vpc_security_group_ingress_rule":         (*reader).groupRule,
		"aws_vpc_security_group_egress_rule":          (*reader).letsOut,
		"aws_vpc_endpoint_policy":                     argument("vpc_endpoint_id", "aws_vpc_endpoint", "policy", "policy"),
		"aws_vpc_endpoint_subnet_association":         (*reader).endpointSubnet,
		"aws_vpc_endpoint_security_group_association": (*reader).endpointGroup,

		// They are about what Terraform does, and nothing of AWS.
		"aws_kms_ciphertext":                         (*reader).nothing,
		"aws_iam_role_policies_exclusive":            (*reader).nothing,
		"aws_iam_role_policy_attachments_exclusive":  (*reader).nothing,
		"aws_iam_user_policies_exclusive":            (*reader).nothing,
		"aws_iam_user_policy_attachments_exclusive":  (*reader).nothing,
		"aws_iam_group_policies_exclusive":           (*reader).nothing,
		"aws_iam_group_policy_attachments_exclusive": (*reader).nothing,
		"aws_vpc_security_group_rules_exclusive":     (*reader).nothing,
	}
)

func (r *reader) nothing(*resource) {}

// translate makes the fixtures of all resources.
func (r *reader) translate() {
	r.leftOut = map[string][]*resource{}
	for _, table := range []map[string]func(*reader, *resource){makers, joiners, late} {
		for _, one := range r.resources {
			if f := table[one.kind]; f != nil {
				f(r, one)
			}
		}
	}
	for _, one := range r.resources {
		if makers[one.kind] == nil && joiners[one.kind] == nil && late[one.kind] == nil {
			if r.leftOut[one.kind] == nil {
				r.kinds = append(r.kinds, one.kind)
			}
			r.leftOut[one.kind] = append(r.leftOut[one.kind], one)
		}
	}
	for _, kind := range r.kinds {
		r.refuse(kind, r.leftOut[kind])
	}
}

// shown is how many addresses a warning names.
const shown = 3

// refuse warns of the resources of a type that are left out, or reports them.
func (r *reader) refuse(kind string, all []*resource) {
	if r.Strict {
		for _, one := range all {
			r.Problems = append(r.Problems, Problem{one.node.Line, one.node.Column, "waxseal makes no " + kind + ", and --strict templates wants everything made"})
		}
		return
	}
	var addresses []string
	for _, one := range all[:min(shown, len(all))] {
		addresses = append(addresses, one.address)
	}
	if len(all) > shown {
		addresses = append(addresses, fmt.Sprintf("%d more", len(all)-shown))
	}
	r.Warnings = append(r.Warnings, fmt.Sprintf("left out: waxseal makes no %s (%s)", kind, strings.Join(addresses, ", ")))
}

// known is an argument, or nil. Where a plan has it and does not hold it, that is warned of.
func (r *reader) known(one *resource, name string) *yaml.Node {
	n := one.get(name)
	if n == nil && one.unknown[name] {
		r.warn(one, "its %s is left out: it is known after apply", name)
	}
	return n
}

// attribute puts an argument of a resource among the attributes of another resource's fixture.
func attribute(owner, kind, argument, name string) func(*reader, *resource) {
	return func(r *reader, one *resource) {
		value := r.known(one, argument)
		if value == nil {
			return
		}
		if o := r.owner(one, owner, kind); o != nil {
			o.within("attributes").put(name, value)
		}
	}
}

// member1 puts an argument into another resource's fixture.
func argument(owner, kind, name, member string) func(*reader, *resource) {
	return func(r *reader, one *resource) {
		value := r.known(one, name)
		if value == nil {
			return
		}
		if o := r.owner(one, owner, kind); o != nil {
			o.put(member, value)
		}
	}
}
