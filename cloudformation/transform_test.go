package cloudformation_test

import (
	"fmt"
	"strings"
	"testing"
)

const serverless = `
Transform: AWS::Serverless-2016-10-31
Resources:
  Letters: {Type: AWS::SQS::Queue, Properties: {QueueName: letters}}
  Work:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: s3://code/work.zip
      Handler: a.b
      Runtime: nodejs22.x
      Policies: [{SQSSendMessagePolicy: {QueueName: !GetAtt Letters.QueueName}}]
      Events: {In: {Type: SQS, Properties: {Queue: !GetAtt Letters.Arn}}}
`

// Serverless templates are expanded: of what they make, what is emulated is there.
func TestServerlessTemplates(t *testing.T) {
	w := newWorld(t)
	set := w.changeSet("first", "app", "CREATE", serverless, object{"Capabilities": []string{"CAPABILITY_IAM"}})
	w.ok("ExecuteChangeSet", object{"ChangeSetName": set})
	w.wantStatus("app", "CREATE_COMPLETE")
	detail := w.ok("DescribeStackResource", object{"StackName": "app", "LogicalResourceId": "WorkRole"})["StackResourceDetail"].(object)
	policies := w.ok("iam:ListRolePolicies", object{"RoleName": detail["PhysicalResourceId"]})["PolicyNames"]
	if got := fmt.Sprint(policies); got != "[WorkRolePolicy0]" {
		t.Errorf("the role's policies are %s", got)
	}
	processed := fmt.Sprint(w.ok("GetTemplate", object{"StackName": "app", "TemplateStage": "Processed"})["TemplateBody"])
	if !strings.Contains(processed, `"WorkRole"`) || strings.Contains(processed, "Transform") {
		t.Errorf("the processed template is %s", processed)
	}
	if got := w.ok("GetTemplate", object{"StackName": "app"})["TemplateBody"]; got != serverless {
		t.Errorf("the template is %v", got)
	}
	set = w.changeSet("same", "app", "UPDATE", serverless, object{"Capabilities": []string{"CAPABILITY_IAM"}})
	if got := w.ok("DescribeChangeSet", object{"ChangeSetName": set}); got["Status"] != "FAILED" {
		t.Errorf("the change set is %v", got)
	}
}

// A transform that fails makes a change set that has failed.
func TestTransformsThatFail(t *testing.T) {
	w := newWorld(t)
	for template, want := range map[string]string{
		"Transform: Mine\nResources: {A: {Type: AWS::SQS::Queue}}\n": "No transform named Mine found.",
		strings.Replace(serverless, "Policies:", "Polices:", 1):      "Invalid Serverless Application Specification document",
	} {
		set := w.changeSet("wrong", "app", "CREATE", template, object{"Capabilities": []string{"CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"}})
		got := w.ok("DescribeChangeSet", object{"ChangeSetName": set})
		if got["Status"] != "FAILED" || !strings.Contains(fmt.Sprint(got["StatusReason"]), want) {
			t.Errorf("the change set is %v", got)
		}
		w.ok("DeleteStack", object{"StackName": "app"})
	}
}
