package cloudformation_test

import (
	"strings"
	"testing"
)

const withFunction = `
Resources:
  Work:
    Type: AWS::Lambda::Function
    Properties: {Code: {ZipFile: x}, Role: !GetAtt Letters.Arn, Handler: a.b, Runtime: nodejs22.x}
  Letters: {Type: AWS::SQS::Queue}
  Note: {Type: AWS::CDK::Metadata, Properties: {Analytics: v2}}
  Mine: {Type: Custom::Thing, Properties: {ServiceToken: !GetAtt Work.Arn}}
Outputs:
  Arn: {Value: !GetAtt Work.Arn}
  Name: {Value: !Ref Work}
  Thing: {Value: !GetAtt Mine.Whatever}
`

// Resources of types that are not emulated are left out, and what refers to them gets
// something of the right form.
func TestTypesThatAreLeftOut(t *testing.T) {
	w := newWorld(t)
	w.create("shop", withFunction)
	w.wantStatus("shop", "CREATE_COMPLETE")
	got := w.outputs("shop")
	if name := got["Name"]; !strings.HasPrefix(name, "shop-Work-") || got["Arn"] != "arn:aws:lambda:us-east-1:123456789012:function:"+name {
		t.Errorf("the function's outputs are %v", got)
	}
	events := w.events("shop")
	if !strings.Contains(events, "Work CREATE_COMPLETE waxseal does not emulate AWS::Lambda::Function: ") || !strings.Contains(events, "Note CREATE_COMPLETE\n") {
		t.Error(events)
	}
	w.update("shop", strings.Replace(withFunction, "a.b", "a.c", 1))
	w.wantStatus("shop", "UPDATE_COMPLETE")
	if again := w.outputs("shop"); again["Arn"] != got["Arn"] {
		t.Errorf("the function's ARN is another: %v", again)
	}
	if got := w.refused("UpdateStack", object{"StackName": "shop", "UsePreviousTemplate": true}); !strings.Contains(got, "No updates") {
		t.Error(got)
	}
	w.ok("DeleteStack", object{"StackName": "shop"})
	if got := w.refused("CreateStack", object{"StackName": "bad", "TemplateBody": "Resources:\n  A: {Type: AWS::SQS::Cue}\n"}); got != "ValidationError: Template format error: Unrecognized resource types: [AWS::SQS::Cue]" {
		t.Error(got)
	}
	if got := w.refused("CreateStack", object{"StackName": "bad", "TemplateBody": "Resources:\n  W: {Type: AWS::CloudFormation::WaitCondition}\nOutputs:\n  A: {Value: !GetAtt W.Nothing}\n", "ResourceTypes": []string{"AWS::SQS::*"}}); got != "ValidationError: Resource type AWS::CloudFormation::WaitCondition is not allowed by parameter ResourceTypes [AWS::SQS::*]" {
		t.Error(got)
	}
	w.create("waits", "Resources:\n  W: {Type: AWS::CloudFormation::WaitCondition}\nOutputs:\n  A: {Value: !GetAtt W.Nothing}\n")
	if events := w.events("waits"); !strings.Contains(events, "waits ROLLBACK_IN_PROGRESS [Error] /Outputs/A/Value/Fn::GetAtt: Resource type AWS::CloudFormation::WaitCondition does not support attribute {Nothing}. Rollback requested by user.") {
		t.Error(events)
	}
}
