package cloudformation_test

import (
	"fmt"
	"strings"
	"testing"
)

func TestCapabilities(t *testing.T) {
	w := newWorld(t)
	const role = `Resources:
  R: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {AWS: "*"}, Action: sts:AssumeRole}]}}}
`
	named := strings.Replace(role, "Properties: {", "Properties: {RoleName: r, ", 1)
	for template, want := range map[string]string{role: "[CAPABILITY_IAM]", named: "[CAPABILITY_NAMED_IAM]"} {
		if got := w.refused("CreateStack", object{"StackName": "shop", "TemplateBody": template}); got != "InsufficientCapabilitiesException: Requires capabilities : "+want {
			t.Error(got)
		}
	}
	if got := w.refused("CreateStack", object{"StackName": "shop", "TemplateBody": named, "Capabilities": []string{"CAPABILITY_IAM"}}); !strings.HasPrefix(got, "InsufficientCapabilities") {
		t.Error(got)
	}
	serverless := object{"StackName": "sam", "ChangeSetName": "first", "ChangeSetType": "CREATE", "TemplateBody": "Transform: AWS::Serverless-2016-10-31\nResources:\n  A: {Type: AWS::SQS::Queue}\n"}
	if got := w.refused("CreateStack", object{"StackName": "sam", "TemplateBody": serverless["TemplateBody"]}); got != "InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_AUTO_EXPAND]" {
		t.Error(got)
	}
	if _, err := w.call("cloudformation:CreateChangeSet", serverless); err != nil && strings.Contains(err.Error(), "capabilities") {
		t.Error(err)
	}
	w.create("shop", named)
	w.wantStatus("shop", "CREATE_COMPLETE")
	if got := fmt.Sprint(w.stack("shop")["Capabilities"]); got != "[CAPABILITY_NAMED_IAM]" {
		t.Error(got)
	}
	valid := w.ok("ValidateTemplate", object{"TemplateBody": role})
	if valid["CapabilitiesReason"] != "The following resource(s) require capabilities: [AWS::IAM::Role]" {
		t.Error(valid)
	}
}

const withParameters = `
Description: what it is
Parameters:
  Password: {Type: String, NoEcho: true, Default: secret}
  Seconds: {Type: Number, Default: 30, AllowedValues: [30, 60]}
Resources:
  Letters: {Type: AWS::SQS::Queue, Metadata: {of: !Ref Password}, Properties: {VisibilityTimeout: !Ref Seconds, Tags: [{Key: own, Value: mine}]}}
Outputs:
  P: {Value: !Ref Password}
`

func TestParameters(t *testing.T) {
	w := newWorld(t)
	given := func(pairs ...string) object {
		list := []object{}
		for i := 0; i < len(pairs); i += 2 {
			list = append(list, object{"ParameterKey": pairs[i], "ParameterValue": pairs[i+1]})
		}
		return object{"Parameters": list}
	}
	if got := w.refused("CreateStack", merged(object{"StackName": "shop", "TemplateBody": withParameters}, given("Other", "x"))); got != "ValidationError: Parameters: [Other] do not exist in the template" {
		t.Error(got)
	}
	w.create("shop", withParameters, given("Seconds", "60"), object{"Tags": []object{{"Key": "team", "Value": "red"}, {"Key": "own", "Value": "no"}}})
	shop := w.stack("shop")
	if got := fmt.Sprint(shop["Parameters"]); got != "[map[ParameterKey:Password ParameterValue:****] map[ParameterKey:Seconds ParameterValue:60]]" {
		t.Error(got)
	}
	if shop["Description"] != "what it is" || w.outputs("shop")["P"] != "secret" {
		t.Errorf("the stack is %v", shop)
	}
	detail := w.ok("DescribeStackResource", object{"StackName": "shop", "LogicalResourceId": "Letters"})["StackResourceDetail"].(object)
	if detail["Metadata"] != `{"of":"secret"}` {
		t.Errorf("the metadata is %v", detail["Metadata"])
	}
	queue := detail["PhysicalResourceId"]
	if tags := fmt.Sprint(w.ok("sqs:ListQueueTags", object{"QueueUrl": queue})["Tags"]); tags != "map[own:mine team:red]" {
		t.Errorf("the queue's tags are %s", tags)
	}
	// An update names all parameters, or says that they stay.
	w.ok("UpdateStack", object{"StackName": "shop", "UsePreviousTemplate": true, "Parameters": []object{{"ParameterKey": "Seconds", "UsePreviousValue": true}}, "Tags": []object{}})
	w.wantStatus("shop", "UPDATE_COMPLETE")
	if tags := fmt.Sprint(w.ok("sqs:ListQueueTags", object{"QueueUrl": queue})["Tags"]); tags != "map[own:mine]" {
		t.Errorf("the queue's tags are %s", tags)
	}
	w.ok("UpdateStack", object{"StackName": "shop", "UsePreviousTemplate": true})
	if got := w.ok("sqs:GetQueueAttributes", object{"QueueUrl": queue, "AttributeNames": []string{"VisibilityTimeout"}})["Attributes"].(object)["VisibilityTimeout"]; got != "30" {
		t.Errorf("the visibility timeout is %v", got)
	}
	summary := w.ok("GetTemplateSummary", object{"StackName": "shop"})
	if got := fmt.Sprint(summary["Parameters"], summary["ResourceIdentifierSummaries"]); !strings.Contains(got, "ParameterConstraints:map[AllowedValues:[30 60]]") || !strings.Contains(got, "ResourceIdentifiers:[QueueUrl]") {
		t.Error(got)
	}
}

func TestWordingsOfWhatDoesNotExist(t *testing.T) {
	w := newWorld(t)
	for operation, want := range map[string]string{
		"DescribeStacks":        "Stack with id nothing does not exist",
		"GetTemplate":           "Stack with id nothing does not exist",
		"DescribeStackEvents":   "Stack [nothing] does not exist",
		"DescribeStackResource": "Stack 'nothing' does not exist",
		"UpdateStack":           "Stack [nothing] does not exist",
	} {
		in := object{"StackName": "nothing"}
		if operation == "DescribeStackResource" {
			in["LogicalResourceId"] = "A"
		}
		if got := w.refused(operation, in); got != "ValidationError: "+want {
			t.Errorf("%s: %s", operation, got)
		}
	}
	w.ok("DeleteStack", object{"StackName": "nothing"})
	if got := w.refused("DescribeStacks", object{"StackName": "no_name"}); got != "ValidationError: 1 validation error detected: Value 'no_name' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*" {
		t.Error(got)
	}
	for in, want := range map[string]string{
		"":   "Either Template URL or Template Body must be specified.",
		"{}": "Template format error: At least one Resources member must be defined.",
	} {
		whole := object{"StackName": "shop"}
		if in != "" {
			whole["TemplateBody"] = in
		}
		if got := w.refused("CreateStack", whole); got != "ValidationError: "+want {
			t.Error(got)
		}
	}
}

func TestDeletedStacks(t *testing.T) {
	w := newWorld(t)
	w.create("shop", queueTemplate)
	id := fmt.Sprint(w.stack("shop")["StackId"])
	if got := w.refused("DeleteStack", object{"StackName": "shop", "RetainResources": []string{"Letters"}}); !strings.Contains(got, "DELETE_FAILED") {
		t.Error(got)
	}
	w.ok("DeleteStack", object{"StackName": "shop"})
	wantLines(t, tail(t, w.events(id), "shop CREATE_COMPLETE"), `
		shop DELETE_IN_PROGRESS User Initiated
		Copy DELETE_IN_PROGRESS
		Copy DELETE_COMPLETE
		Letters DELETE_IN_PROGRESS
		Letters DELETE_COMPLETE
		shop DELETE_COMPLETE`)
	gone := w.stack(id)
	if gone["StackStatus"] != "DELETE_COMPLETE" || gone["DeletionTime"] == nil || gone["EnableTerminationProtection"] != nil {
		t.Errorf("the deleted stack is %v", gone)
	}
	w.ok("DeleteStack", object{"StackName": id})
	if got := w.refused("UpdateStack", object{"StackName": id, "TemplateBody": queueTemplate}); got != "ValidationError: Stack:"+id+" is in DELETE_COMPLETE state and can not be updated." {
		t.Error(got)
	}
	w.create("shop", queueTemplate)
	if again := w.stack("shop")["StackId"]; again == id {
		t.Error("the new stack has the old one's id")
	}
	if got := w.ok("ListStacks", object{"StackStatusFilter": []string{"DELETE_COMPLETE"}})["StackSummaries"].([]any); len(got) != 1 {
		t.Errorf("the deleted stacks are %v", got)
	}
	if got := w.ok("DescribeStacks", object{})["Stacks"].([]any); len(got) != 1 {
		t.Errorf("the stacks are %v", got)
	}
}

func TestZones(t *testing.T) {
	w := newWorld(t)
	w.create("zones", "Resources: {W: {Type: AWS::CloudFormation::WaitCondition}}\nOutputs:\n  Here: {Value: !Join [\" \", !GetAZs \"\"]}\n  There: {Value: !Join [\" \", !GetAZs eu-west-1]}\n")
	if got := w.outputs("zones"); got["Here"] != "us-east-1a us-east-1b us-east-1c us-east-1d us-east-1e us-east-1f" || got["There"] != "" {
		t.Errorf("the zones are %v", got)
	}
}
