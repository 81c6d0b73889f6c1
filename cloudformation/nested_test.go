package cloudformation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/s3"
)

// put stores an object.
func (w *world) put(bucket, key, text string) {
	w.t.Helper()
	ctx := api.WithRequest(w.t.Context(), w.request())
	if _, err := w.S3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: bucket}); err != nil {
		w.ok("s3:CreateBucket", object{"Bucket": bucket})
	}
	if _, err := w.S3.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: key, Body: api.NewBody(strings.NewReader(text), int64(len(text)), nil)}); err != nil {
		w.t.Fatal(err)
	}
}

const child = `
Parameters:
  Name: {Type: String}
Resources:
  Letters: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Name}}
Outputs:
  Arn: {Value: !GetAtt Letters.Arn}
`

const nesting = `
Parameters:
  Name: {Type: String, Default: inner}
Resources:
  Child:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: http://127.0.0.1:4566/templates/child.yaml
      Parameters: {Name: !Ref Name}
Outputs:
  Arn: {Value: !GetAtt Child.Outputs.Arn}
`

func TestNestedStacks(t *testing.T) {
	w := newWorld(t)
	w.put("templates", "child.yaml", child)
	w.create("outer", nesting)
	w.wantStatus("outer", "CREATE_COMPLETE")
	if got := w.outputs("outer")["Arn"]; got != "arn:aws:sqs:us-east-1:123456789012:inner" {
		t.Error(got)
	}
	inner := fmt.Sprint(w.ok("DescribeStackResource", object{"StackName": "outer", "LogicalResourceId": "Child"})["StackResourceDetail"].(object)["PhysicalResourceId"])
	outer := w.stack("outer")["StackId"]
	if stack := w.stack(inner); !strings.HasPrefix(fmt.Sprint(stack["StackName"]), "outer-Child-") || stack["ParentId"] != outer || stack["RootId"] != outer {
		t.Errorf("the nested stack is %v", stack)
	}
	w.update("outer", nesting, object{"Parameters": []object{{"ParameterKey": "Name", "ParameterValue": "other"}}})
	w.wantStatus("outer", "UPDATE_COMPLETE")
	if got := w.outputs("outer")["Arn"]; got != "arn:aws:sqs:us-east-1:123456789012:other" {
		t.Error(got)
	}
	w.ok("UpdateTerminationProtection", object{"StackName": "outer", "EnableTerminationProtection": true})
	if got := w.refused("DeleteStack", object{"StackName": "outer"}); got != "ValidationError: Stack [outer] cannot be deleted while TerminationProtection is enabled" {
		t.Error(got)
	}
	if got := w.refused("DeleteStack", object{"StackName": inner}); !strings.HasSuffix(got, "cannot be deleted while TerminationProtection is enabled") {
		t.Error(got)
	}
	w.ok("UpdateTerminationProtection", object{"StackName": "outer", "EnableTerminationProtection": false})
	w.ok("DeleteStack", object{"StackName": "outer"})
	if got := w.stack(inner)["StackStatus"]; got != "DELETE_COMPLETE" {
		t.Errorf("the nested stack is in %v", got)
	}
	w.refused("sqs:GetQueueUrl", object{"QueueName": "other"})
}

func TestNestedStackThatFails(t *testing.T) {
	w := newWorld(t)
	w.put("templates", "child.yaml", withBroken(child))
	w.create("outer", nesting)
	w.wantStatus("outer", "ROLLBACK_COMPLETE")
	if events := w.events("outer"); !strings.Contains(events, "Child CREATE_FAILED Embedded stack arn:aws:cloudformation:us-east-1:123456789012:stack/outer-Child-") ||
		!strings.Contains(events, " was not successfully created: The following resource(s) failed to create: [Broken]. ") {
		t.Error(events)
	}
	w.refused("sqs:GetQueueUrl", object{"QueueName": "inner"})
}

func TestTemplateURL(t *testing.T) {
	w := newWorld(t)
	w.put("templates", "my dir/shop.yaml", queueTemplate)
	for url, want := range map[string]string{
		"http://127.0.0.1:4566/templates/my%20dir/shop.yaml":              "",
		"http://templates.s3.localhost:4566/my%20dir/shop.yaml":           "",
		"https://templates.s3.us-east-1.amazonaws.com/my+dir/shop.yaml":   "The specified key does not exist.",
		"https://s3.amazonaws.com/templates/my%20dir/shop.yaml":           "",
		"https://s3-eu-west-1.amazonaws.com/templates/my%20dir/shop.yaml": "",
		"https://example.com/templates/shop.yaml":                         "TemplateURL must be a supported URL.",
		"s3://templates/shop.yaml":                                        "S3 error: Domain name specified in templates is not a valid S3 domain",
		"shop.yaml":                                                       "TemplateURL must be a supported URL.",
		"http://127.0.0.1:4566/templates/nothing":                         "S3 error: The specified key does not exist.",
	} {
		if want == "" {
			w.ok("ValidateTemplate", object{"TemplateURL": url})
			continue
		}
		if got := w.refused("ValidateTemplate", object{"TemplateURL": url}); !strings.Contains(got, want) {
			t.Errorf("%s: %s", url, got)
		}
	}
	w.as = w.user("dev", `{"Effect":"Allow","Action":"cloudformation:*","Resource":"*"}`)
	if got := w.refused("ValidateTemplate", object{"TemplateURL": "http://127.0.0.1:4566/templates/my%20dir/shop.yaml"}); !strings.Contains(got, "S3 error: User: arn:aws:iam::123456789012:user/dev is not authorized to perform: s3:GetObject") {
		t.Error(got)
	}
}

// A template that names itself ends, and nothing is left of it.
func TestNestedInItself(t *testing.T) {
	w := newWorld(t)
	const self = `
Resources:
  Letters: {Type: AWS::SQS::Queue}
  Child:
    Type: AWS::CloudFormation::Stack
    DependsOn: Letters
    Properties: {TemplateURL: "http://127.0.0.1:4566/templates/self.yaml"}
`
	w.put("templates", "self.yaml", self)
	w.create("outer", self)
	w.wantStatus("outer", "ROLLBACK_COMPLETE")
	stacks := w.ok("ListStacks", object{})["StackSummaries"].([]any)
	if len(stacks) != 32 {
		t.Errorf("%d stacks", len(stacks))
	}
	var told strings.Builder
	for _, s := range stacks {
		told.WriteString(w.events(fmt.Sprint(s.(object)["StackId"])))
	}
	if got := told.String(); !strings.Contains(got, "Nested stacks are more than 32 levels deep") {
		t.Error(got)
	}
	if all := w.ok("sqs:ListQueues", object{})["QueueUrls"]; all != nil {
		t.Errorf("queues are left: %v", all)
	}
}
