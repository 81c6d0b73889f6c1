package cloudformation_test

import (
	"fmt"
	"strings"
	"testing"
)

// tail are the events behind a line.
func tail(t *testing.T, events, after string) string {
	t.Helper()
	_, rest, ok := strings.Cut(events, after+"\n")
	if !ok {
		t.Fatalf("no event %q in\n%s", after, events)
	}
	return rest
}

func TestUpdateStack(t *testing.T) {
	w := newWorld(t)
	w.create("shop", queueTemplate)
	w.update("shop", strings.Replace(queueTemplate, `"45"`, `46`, 1))
	wantLines(t, tail(t, w.events("shop"), "shop CREATE_COMPLETE"), `
		shop UPDATE_IN_PROGRESS User Initiated
		Letters UPDATE_IN_PROGRESS
		Letters UPDATE_COMPLETE
		shop UPDATE_COMPLETE_CLEANUP_IN_PROGRESS
		shop UPDATE_COMPLETE`)
	if got := w.refused("UpdateStack", object{"StackName": "shop", "UsePreviousTemplate": true}); got != "ValidationError: No updates are to be performed." {
		t.Error(got)
	}
	// The reason of the refusal of a number is not that of the same number as a text.
	if got := w.refused("UpdateStack", object{"StackName": "shop", "TemplateBody": strings.Replace(queueTemplate, `"45"`, `"46"`, 1)}); !strings.Contains(got, "No updates") {
		t.Error(got)
	}
}

func TestReplacement(t *testing.T) {
	w := newWorld(t)
	w.create("shop", queueTemplate)
	w.update("shop", strings.Replace(queueTemplate, `QueueName: letters`, `QueueName: bills`, 1))
	wantLines(t, tail(t, w.events("shop"), "shop UPDATE_IN_PROGRESS User Initiated"), `
		Letters UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.
		Letters UPDATE_IN_PROGRESS Resource creation Initiated
		Letters UPDATE_COMPLETE
		Copy UPDATE_IN_PROGRESS
		Copy UPDATE_COMPLETE
		shop UPDATE_COMPLETE_CLEANUP_IN_PROGRESS
		Letters DELETE_IN_PROGRESS
		Letters DELETE_COMPLETE
		shop UPDATE_COMPLETE`)
	if got := w.refused("sqs:GetQueueUrl", object{"QueueName": "letters"}); !strings.Contains(got, "NonExistentQueue") {
		t.Errorf("the queue that was replaced is still there: %s", got)
	}
	if got := w.outputs("shop")["URL"]; got != "http://127.0.0.1:4566/123456789012/bills" {
		t.Errorf("the output is %s", got)
	}
}

const policies = `
Resources:
  Kept: {Type: AWS::SQS::Queue, DeletionPolicy: Retain, Properties: {QueueName: kept}}
  Old: {Type: AWS::SQS::Queue, UpdateReplacePolicy: Retain, Properties: {QueueName: old}}
  Gone: {Type: AWS::SQS::Queue, Properties: {QueueName: gone}}
`

func TestPoliciesOfResources(t *testing.T) {
	w := newWorld(t)
	w.create("shop", policies)
	w.update("shop", `
Resources:
  Old: {Type: AWS::SQS::Queue, UpdateReplacePolicy: Retain, Properties: {QueueName: new}}
`)
	wantLines(t, tail(t, w.events("shop"), "shop UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"), `
		Gone DELETE_IN_PROGRESS
		Gone DELETE_COMPLETE
		Kept DELETE_SKIPPED
		Old DELETE_SKIPPED
		shop UPDATE_COMPLETE`)
	for _, name := range []string{"kept", "old", "new"} {
		w.ok("sqs:GetQueueUrl", object{"QueueName": name})
	}
	w.refused("sqs:GetQueueUrl", object{"QueueName": "gone"})
}

// A type that fails when it is made: a queue's policy for a queue that is not there.
const failing = `
  Broken:
    Type: AWS::SQS::QueuePolicy
    DependsOn: [Letters]
    Properties:
      Queues: ["http://127.0.0.1:4566/123456789012/nowhere"]
      PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: "*", Action: sqs:SendMessage, Resource: "*"}]}
`

func withBroken(template string) string {
	return strings.Replace(template, "Outputs:", strings.TrimPrefix(failing, "\n")+"Outputs:", 1)
}

func TestFailedCreation(t *testing.T) {
	w := newWorld(t)
	w.create("shop", withBroken(queueTemplate))
	w.wantStatus("shop", "ROLLBACK_COMPLETE")
	events := w.events("shop")
	for _, want := range []string{
		"Broken CREATE_FAILED", "HandlerErrorCode: NotFound)",
		"\nshop ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Broken]. Rollback requested by user.\n",
		"\nLetters DELETE_COMPLETE\nshop ROLLBACK_COMPLETE",
	} {
		if !strings.Contains(events, want) {
			t.Errorf("the events lack %q:\n%s", want, events)
		}
	}
	w.refused("sqs:GetQueueUrl", object{"QueueName": "letters"})
	if got := w.refused("UpdateStack", object{"StackName": "shop", "TemplateBody": queueTemplate}); !strings.Contains(got, "is in ROLLBACK_COMPLETE state and can not be updated.") {
		t.Error(got)
	}
	if got := w.refused("CreateStack", object{"StackName": "shop", "TemplateBody": queueTemplate}); got != "AlreadyExistsException: Stack [shop] already exists" {
		t.Error(got)
	}
	if got := w.refused("DescribeStackResource", object{"StackName": "shop", "LogicalResourceId": "Broken"}); got != "ValidationError: Resource Broken does not exist for stack shop" {
		t.Error(got)
	}
}

func TestFailedCreationThatStays(t *testing.T) {
	w := newWorld(t)
	w.create("shop", withBroken(queueTemplate), object{"OnFailure": "DO_NOTHING"})
	w.wantStatus("shop", "CREATE_FAILED")
	w.ok("sqs:GetQueueUrl", object{"QueueName": "letters"})
	w.ok("RollbackStack", object{"StackName": "shop"})
	w.wantStatus("shop", "ROLLBACK_COMPLETE")
	w.create("gone", withBroken(queueTemplate), object{"OnFailure": "DELETE"})
	if got := w.refused("DescribeStacks", object{"StackName": "gone"}); got != "ValidationError: Stack with id gone does not exist" {
		t.Error(got)
	}
}

func TestFailedUpdate(t *testing.T) {
	w := newWorld(t)
	w.create("shop", queueTemplate)
	w.update("shop", withBroken(strings.Replace(queueTemplate, `"45"`, `46`, 1)))
	w.wantStatus("shop", "UPDATE_ROLLBACK_COMPLETE")
	events := tail(t, w.events("shop"), "shop UPDATE_IN_PROGRESS User Initiated")
	for _, want := range []string{
		"Letters UPDATE_COMPLETE\nBroken CREATE_IN_PROGRESS -",
		"\nshop UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Broken]. \nLetters UPDATE_IN_PROGRESS\nLetters UPDATE_COMPLETE\n" +
			"shop UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS\nBroken DELETE_COMPLETE -\nshop UPDATE_ROLLBACK_COMPLETE",
	} {
		if !strings.Contains(events, want) {
			t.Errorf("the events lack %q:\n%s", want, events)
		}
	}
	got := w.ok("sqs:GetQueueAttributes", object{"QueueUrl": "http://127.0.0.1:4566/123456789012/letters", "AttributeNames": []string{"VisibilityTimeout"}})
	if timeout := got["Attributes"].(object)["VisibilityTimeout"]; timeout != "45" {
		t.Errorf("the visibility timeout is %v", timeout)
	}
	if got := w.ok("GetTemplate", object{"StackName": "shop"})["TemplateBody"]; got != queueTemplate {
		t.Errorf("the template is\n%v", got)
	}
	// What the update wanted is possible now.
	w.update("shop", strings.Replace(queueTemplate, `"45"`, `46`, 1))
	w.wantStatus("shop", "UPDATE_COMPLETE")
}

func TestFailedReplacementIsUndone(t *testing.T) {
	w := newWorld(t)
	w.create("shop", queueTemplate)
	w.update("shop", withBroken(strings.Replace(queueTemplate, `QueueName: letters`, `QueueName: bills`, 1)))
	w.wantStatus("shop", "UPDATE_ROLLBACK_COMPLETE")
	w.ok("sqs:GetQueueUrl", object{"QueueName": "letters"})
	w.refused("sqs:GetQueueUrl", object{"QueueName": "bills"})
	if got := w.outputs("shop")["URL"]; got != "http://127.0.0.1:4566/123456789012/letters" {
		t.Errorf("the output is %s", got)
	}
	w.ok("DeleteStack", object{"StackName": "shop"})
	w.refused("sqs:GetQueueUrl", object{"QueueName": "letters"})
}

func TestFailedUpdateThatStays(t *testing.T) {
	w := newWorld(t)
	w.create("shop", queueTemplate)
	w.update("shop", withBroken(strings.Replace(queueTemplate, `"45"`, `46`, 1)), object{"DisableRollback": true})
	w.wantStatus("shop", "UPDATE_FAILED")
	w.update("shop", strings.Replace(queueTemplate, `"45"`, `47`, 1))
	w.wantStatus("shop", "UPDATE_COMPLETE")
	w.update("shop", withBroken(strings.Replace(queueTemplate, `"45"`, `48`, 1)), object{"DisableRollback": true})
	w.ok("RollbackStack", object{"StackName": "shop"})
	w.wantStatus("shop", "UPDATE_ROLLBACK_COMPLETE")
	got := w.ok("sqs:GetQueueAttributes", object{"QueueUrl": "http://127.0.0.1:4566/123456789012/letters", "AttributeNames": []string{"VisibilityTimeout"}})
	if timeout := got["Attributes"].(object)["VisibilityTimeout"]; timeout != "47" {
		t.Errorf("the visibility timeout is %v", timeout)
	}
}

func TestCustomNamedResourceThatIsReplaced(t *testing.T) {
	w := newWorld(t)
	w.create("shop", "Resources:\n  A: {Type: AWS::SQS::Queue, Properties: {QueueName: a.fifo, FifoQueue: true}}\n")
	w.update("shop", "Resources:\n  A: {Type: AWS::SQS::Queue, Properties: {QueueName: a.fifo}}\n")
	w.wantStatus("shop", "UPDATE_ROLLBACK_COMPLETE")
	if events := w.events("shop"); !strings.Contains(events, "A UPDATE_FAILED CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename a.fifo and update the stack again.") {
		t.Error(events)
	}
}

func TestNameOfAnotherStack(t *testing.T) {
	w := newWorld(t)
	w.create("shop", queueTemplate)
	w.create("copy", queueTemplate)
	w.wantStatus("copy", "ROLLBACK_COMPLETE")
	if events := w.events("copy"); !strings.Contains(events, "Letters CREATE_FAILED - letters already exists in stack arn:aws:cloudformation:us-east-1:123456789012:stack/shop/") {
		t.Error(events)
	}
	w.ok("sqs:GetQueueUrl", object{"QueueName": "letters"})
}

func TestFailedRollback(t *testing.T) {
	w := newWorld(t)
	w.create("shop", queueTemplate)
	w.update("shop", withBroken(strings.Replace(queueTemplate, `"45"`, `46`, 1)), object{"DisableRollback": true})
	w.wantStatus("shop", "UPDATE_FAILED")
	w.as = w.user("dev", mayDeploy)
	w.ok("RollbackStack", object{"StackName": "shop"})
	w.wantStatus("shop", "UPDATE_ROLLBACK_FAILED")
	if got := w.stack("shop")["StackStatusReason"]; got != "The following resource(s) failed to update: [Letters]. " {
		t.Errorf("the reason is %v", got)
	}
	timeout := func() any {
		return w.ok("sqs:GetQueueAttributes", object{"QueueUrl": baseURL + "/" + account + "/letters", "AttributeNames": []string{"VisibilityTimeout"}})["Attributes"].(object)["VisibilityTimeout"]
	}
	w.ok("ContinueUpdateRollback", object{"StackName": "shop", "ResourcesToSkip": []string{"Letters"}})
	w.as = "root"
	w.wantStatus("shop", "UPDATE_ROLLBACK_COMPLETE")
	if got := timeout(); got != "46" {
		t.Errorf("the visibility timeout of the resource that was skipped is %v", got)
	}
	// The next update goes on from what the stack thinks that there is.
	w.update("shop", strings.Replace(queueTemplate, `"45"`, `47`, 1))
	if got := timeout(); got != "47" {
		t.Errorf("the visibility timeout is %v", got)
	}
	operation := w.stack("shop")["LastOperations"].([]any)[0].(object)["OperationId"]
	events := w.ok("DescribeEvents", object{"OperationId": operation})["OperationEvents"].([]any)
	if len(events) != 5 || events[0].(object)["OperationType"] != "UPDATE_STACK" {
		t.Errorf("the operation's events are %v", events)
	}
	failed := w.ok("DescribeEvents", object{"StackName": "shop", "Filters": object{"FailedEvents": true}})["OperationEvents"].([]any)
	if last := failed[len(failed)-1].(object); last["LogicalResourceId"] != "Broken" || last["EventType"] != "PROVISIONING_ERROR" {
		t.Errorf("the events that failed are %v", failed)
	}
	if got := w.refused("DescribeEvents", object{"OperationId": "nothing"}); got != "ValidationError: Operation [nothing] does not exist" {
		t.Error(got)
	}
	for _, in := range []object{{"OnFailure": "DELETE", "DisableRollback": true}} {
		if got := w.refused("CreateStack", merged(object{"StackName": "x", "TemplateBody": queueTemplate}, in)); got != "ValidationError: Either DisableRollback or OnFailure can be specified, not both." {
			t.Error(got)
		}
	}
	unknown := "Resources: {A: {Type: AWS::SQS::Cue}}\n"
	if got := w.refused("GetTemplateSummary", object{"TemplateBody": unknown}); !strings.Contains(got, "Unrecognized resource types: [AWS::SQS::Cue]") {
		t.Error(got)
	}
	warned := w.ok("GetTemplateSummary", object{"TemplateBody": unknown, "TemplateSummaryConfig": object{"TreatUnrecognizedResourceTypesAsWarnings": true}})
	if got := fmt.Sprint(warned["Warnings"]); got != "map[UnrecognizedResourceTypes:[AWS::SQS::Cue]]" {
		t.Error(got)
	}
	if got := w.refused("GetTemplateSummary", object{"StackSetName": "set", "TemplateBody": queueTemplate}); got != "ValidationError: There are no stack sets." {
		t.Error(got)
	}
}
