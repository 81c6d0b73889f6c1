package main

import "strings"

// emulated are the types whose whole schemas are kept.
var emulated = names(`
	CloudFormation: Stack WaitCondition WaitConditionHandle
	CloudTrail: Trail
	EC2: RouteTable SecurityGroup SecurityGroupEgress SecurityGroupIngress Subnet SubnetRouteTableAssociation VPC VPCEndpoint
	Events: EventBus EventBusPolicy Rule
	IAM: AccessKey Group GroupPolicy InstanceProfile ManagedPolicy OIDCProvider Policy Role RolePolicy SAMLProvider
	IAM: ServerCertificate ServiceLinkedRole User UserPolicy UserToGroupAddition VirtualMFADevice
	KMS: Alias Key ReplicaKey
	S3: Bucket BucketPolicy
	SNS: Subscription Topic TopicInlinePolicy TopicPolicy
	SQS: Queue QueueInlinePolicy QueuePolicy
`)

func names(text string) []string {
	var all []string
	for line := range strings.Lines(strings.TrimSpace(text)) {
		service, types, _ := strings.Cut(strings.TrimSpace(line), ": ")
		for _, t := range strings.Fields(types) {
			all = append(all, "AWS::"+service+"::"+t)
		}
	}
	return all
}

// unusualNames are the properties with names whose names follow no rule.
var unusualNames = map[string]string{
	"AWS::EC2::SecurityGroup":    "GroupName",
	"AWS::IAM::VirtualMFADevice": "VirtualMfaDeviceName",
	"AWS::ApiGateway::ApiKey":    "Name",
	"AWS::Kinesis::Stream":       "Name",
}
