package cloudformation_test

import (
	"strings"
	"testing"
)

// What a resource was given can be asked of it as what it has got.
func TestPropertiesAreAttributes(t *testing.T) {
	w := newWorld(t)
	template := `
Resources:
  News: {Type: AWS::SNS::Topic, Properties: {TopicName: news, DisplayName: Today}}
  Store: {Type: AWS::S3::Bucket, Properties: {VersioningConfiguration: {Status: Enabled}}}
  Table: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST}}
  Bill: {Type: AWS::SQS::Queue, Properties: {QueueName: !GetAtt Table.BillingMode}}
  Copy: {Type: AWS::SNS::Topic, Properties: {TopicName: copy, DisplayName: !GetAtt News.DisplayName}}
Outputs:
  Versioning: {Value: !GetAtt Store.VersioningConfiguration.Status}
  Billing: {Value: !GetAtt Table.BillingMode}
`
	set := w.changeSet("first", "shop", "CREATE", template)
	if described := w.ok("DescribeChangeSet", object{"ChangeSetName": set}); described["StatusReason"] != nil {
		t.Errorf("the change set says %v", described["StatusReason"])
	}
	w.ok("ExecuteChangeSet", object{"ChangeSetName": set})
	w.wantStatus("shop", "CREATE_COMPLETE")
	if got := w.outputs("shop"); got["Versioning"] != "Enabled" || got["Billing"] != "PAY_PER_REQUEST" {
		t.Errorf("the outputs are %v", got)
	}
	w.update("shop", strings.Replace(template, "Today", "Tomorrow", 1))
	w.wantStatus("shop", "UPDATE_COMPLETE")
	topic := w.ok("sns:GetTopicAttributes", object{"TopicArn": "arn:aws:sns:us-east-1:123456789012:copy"})["Attributes"].(object)
	if topic["DisplayName"] != "Tomorrow" {
		t.Errorf("the topic that follows is %v", topic)
	}
	w.update("shop", strings.Replace(template, "News.DisplayName", "News.Nothing", 1))
	if events := w.events("shop"); !strings.Contains(events, "Requested attribute Nothing does not exist in schema for AWS::SNS::Topic") {
		t.Error(events)
	}
}

func TestRefOfASecurityGroup(t *testing.T) {
	w := newWorld(t)
	template := `
Resources:
  Net: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.1.0.0/16}}
  In: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: d, VpcId: !Ref Net}}
  Out: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: d, GroupName: plain}}
Outputs:
  In: {Value: !Ref In}
  InID: {Value: !GetAtt In.GroupId}
  Out: {Value: !Ref Out}
  OutID: {Value: !GetAtt Out.GroupId}
`
	w.create("shop", template)
	w.wantStatus("shop", "CREATE_COMPLETE")
	for range 2 {
		if got := w.outputs("shop"); got["In"] != got["InID"] || got["Out"] != "plain" || !strings.HasPrefix(got["OutID"], "sg-") {
			t.Errorf("the outputs are %v", got)
		}
		w.update("shop", strings.Replace(template, "GroupName: plain", "GroupName: plain, Tags: [{Key: a, Value: b}]", 1), object{"Tags": []object{{"Key": "x", "Value": "y"}}})
		w.wantStatus("shop", "UPDATE_COMPLETE")
		template += "  More: {Value: more}\n"
	}
}
