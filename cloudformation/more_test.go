package cloudformation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestStackInReviewIsCreated(t *testing.T) {
	w := newWorld(t)
	set := w.changeSet("first", "shop", "CREATE", queueTemplate)
	id := w.stack("shop")["StackId"]
	if got := w.ok("CreateStack", object{"StackName": "shop", "TemplateBody": queueTemplate})["StackId"]; got != id {
		t.Errorf("the stack is %v, and was %v", got, id)
	}
	w.wantStatus("shop", "CREATE_COMPLETE")
	if got := w.ok("DescribeChangeSet", object{"ChangeSetName": set})["ExecutionStatus"]; got != "OBSOLETE" {
		t.Errorf("the change set is %v", got)
	}
}

// A bucket that is not empty cannot be deleted.
func TestFailedDeletion(t *testing.T) {
	w := newWorld(t)
	w.create("shop", `
Resources:
  Store: {Type: AWS::S3::Bucket, Properties: {BucketName: store}}
  Letters: {Type: AWS::SQS::Queue, DependsOn: [Store], Properties: {QueueName: letters}}
`)
	w.wantStatus("shop", "CREATE_COMPLETE")
	w.put("store", "a", "b")
	w.ok("DeleteStack", object{"StackName": "shop"})
	if stack := w.stack("shop"); stack["StackStatus"] != "DELETE_FAILED" || stack["StackStatusReason"] != "The following resource(s) failed to delete: [Store]. " || stack["DeletionTime"] == nil {
		t.Errorf("the stack is %v\n%s", stack, w.events("shop"))
	}
	w.refused("sqs:GetQueueUrl", object{"QueueName": "letters"})
	id := fmt.Sprint(w.stack("shop")["StackId"])
	w.ok("DeleteStack", object{"StackName": "shop", "RetainResources": []string{"Store"}})
	w.wantStatus(id, "DELETE_COMPLETE")
	if events := w.events(id); !strings.HasSuffix(events, "Store DELETE_SKIPPED\nshop DELETE_COMPLETE") {
		t.Error(events)
	}
	w.ok("s3:HeadBucket", object{"Bucket": "store"})
}

func TestEvents(t *testing.T) {
	w := newWorld(t)
	w.create("shop", queueTemplate, object{"ClientRequestToken": "once"})
	events := w.ok("DescribeStackEvents", object{"StackName": "shop"})["StackEvents"].([]any)
	newest, oldest := events[0].(object), events[len(events)-1].(object)
	id := w.stack("shop")["StackId"]
	if newest["ResourceStatus"] != "CREATE_COMPLETE" || newest["LogicalResourceId"] != "shop" || newest["PhysicalResourceId"] != id || newest["ResourceType"] != "AWS::CloudFormation::Stack" ||
		oldest["ResourceStatus"] != "CREATE_IN_PROGRESS" || oldest["ResourceProperties"] != nil {
		t.Errorf("the newest event is %v, the oldest %v", newest, oldest)
	}
	of := events[4].(object) // of the first queue's completion
	if !strings.HasPrefix(fmt.Sprint(of["EventId"]), "Letters-CREATE_COMPLETE-2") || of["ResourceProperties"] != `{"QueueName":"letters","VisibilityTimeout":"45"}` || of["ClientRequestToken"] != "once" {
		t.Errorf("a resource's event is %v", of)
	}
	w.update("shop", strings.Replace(queueTemplate, "QueueName: letters", "QueueName: bills", 1))
	for _, e := range w.ok("DescribeStackEvents", object{"StackName": "shop"})["StackEvents"].([]any) {
		e := e.(object)
		if e["ResourceStatus"] == "DELETE_COMPLETE" && (!strings.HasPrefix(fmt.Sprint(e["EventId"]), "Letters-") || e["ResourceProperties"] != nil) {
			t.Errorf("the event of the cleanup is %v", e)
		}
	}
	w.ok("DeleteStack", object{"StackName": id})
	for _, e := range w.ok("DescribeStackEvents", object{"StackName": id})["StackEvents"].([]any)[1:3] {
		if e := e.(object); !strings.HasPrefix(fmt.Sprint(e["EventId"]), "Letters-DELETE_") || !strings.Contains(fmt.Sprint(e["ResourceProperties"]), `"QueueName":"bills"`) {
			t.Errorf("the event of a stack's deletion is %v", e)
		}
	}
	// A repeated request is no second operation.
	if got := w.ok("CreateStack", object{"StackName": "again", "TemplateBody": "Resources: {W: {Type: AWS::CloudFormation::WaitCondition}}", "ClientRequestToken": "t"}); got["StackId"] !=
		w.ok("CreateStack", object{"StackName": "again", "TemplateBody": "Resources: {W: {Type: AWS::CloudFormation::WaitCondition}}", "ClientRequestToken": "t"})["StackId"] {
		t.Error("a repeated request makes another stack")
	}
}

func TestShapeOfAStack(t *testing.T) {
	w := newWorld(t)
	w.create("shop", `
Conditions: {Never: !Equals [a, b]}
Resources:
  Not: {Type: AWS::SQS::Queue, Condition: Never}
  B: {Type: AWS::CloudFormation::WaitCondition}
  A: {Type: AWS::CloudFormation::WaitCondition}
`, object{"Capabilities": nil})
	shop := w.stack("shop")
	for _, absent := range []string{"ChangeSetId", "LastUpdatedTime", "DeletionTime", "Outputs", "Parameters", "Capabilities", "Description", "StackStatusReason"} {
		if shop[absent] != nil {
			t.Errorf("%s is %v", absent, shop[absent])
		}
	}
	for present, want := range map[string]string{
		"DisableRollback": "false", "DriftInformation": "map[StackDriftStatus:NOT_CHECKED]", "EnableTerminationProtection": "false",
		"NotificationARNs": "[]", "RollbackConfiguration": "map[]", "Tags": "[]",
	} {
		if got := fmt.Sprint(shop[present]); got != want {
			t.Errorf("%s is %s, want %s", present, got, want)
		}
	}
	resources := w.ok("DescribeStackResources", object{"StackName": "shop"})["StackResources"].([]any)
	if len(resources) != 2 || resources[0].(object)["LogicalResourceId"] != "A" || fmt.Sprint(resources[0].(object)["DriftInformation"]) != "map[StackResourceDriftStatus:NOT_CHECKED]" {
		t.Errorf("the resources are %v", resources)
	}
	physical := resources[0].(object)["PhysicalResourceId"]
	if got := w.ok("DescribeStackResources", object{"PhysicalResourceId": physical})["StackResources"].([]any); len(got) != 2 {
		t.Errorf("by a physical id the resources are %v", got)
	}
	for _, in := range []object{{}, {"StackName": "shop", "PhysicalResourceId": physical}} {
		if got := w.refused("DescribeStackResources", in); !strings.HasPrefix(got, "ValidationError: Specify ") {
			t.Error(got)
		}
	}
	if got := w.ok("ListStackResources", object{"StackName": "shop"})["StackResourceSummaries"].([]any); len(got) != 2 {
		t.Errorf("the list is %v", got)
	}
	w.ok("GetStackPolicy", object{"StackName": "shop"})
	if got := w.refused("CancelUpdateStack", object{"StackName": "shop"}); got != "ValidationError: CancelUpdateStack cannot be called from current stack status" {
		t.Error(got)
	}
	for operation, in := range map[string]object{
		"RollbackStack": {"StackName": "shop"}, "ContinueUpdateRollback": {"StackName": "shop"},
		"CreateStack":     {"StackName": "x", "TemplateBody": queueTemplate, "StackPolicyBody": "{}"},
		"UpdateStack":     {"StackName": "shop", "TemplateBody": queueTemplate, "RollbackConfiguration": object{"RollbackTriggers": []object{{"Arn": "a", "Type": "b"}}}},
		"CreateChangeSet": {"StackName": "shop", "ChangeSetName": "i", "ChangeSetType": "IMPORT", "TemplateBody": queueTemplate},
		"ListStacks":      {"NextToken": "none"},
	} {
		if got := w.refused(operation, in); !strings.HasPrefix(got, "ValidationError: ") {
			t.Errorf("%s: %s", operation, got)
		}
	}
}

func TestPagesOfEvents(t *testing.T) {
	w := newWorld(t)
	var template strings.Builder
	template.WriteString("Resources:\n")
	for i := range 40 {
		fmt.Fprintf(&template, "  W%d: {Type: AWS::CloudFormation::WaitCondition}\n", i)
	}
	w.create("shop", template.String())
	first := w.ok("DescribeStackEvents", object{"StackName": "shop"})
	rest := w.ok("DescribeStackEvents", object{"StackName": "shop", "NextToken": first["NextToken"]})
	if a, b := len(first["StackEvents"].([]any)), len(rest["StackEvents"].([]any)); a != 100 || b != 22 || rest["NextToken"] != nil {
		t.Errorf("the pages have %d and %d events", a, b)
	}
}

func TestTemplatesAsGiven(t *testing.T) {
	w := newWorld(t)
	set := w.changeSet("first", "shop", "CREATE", queueTemplate)
	if got := w.ok("GetTemplate", object{"ChangeSetName": set})["TemplateBody"]; got != queueTemplate {
		t.Errorf("the template is\n%v", got)
	}
	if got := w.refused("GetTemplateSummary", object{"StackName": "shop"}); got != "ValidationError: GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks." {
		t.Error(got)
	}
	w.ok("DeleteChangeSet", object{"ChangeSetName": set})
	w.wantStatus("shop", "REVIEW_IN_PROGRESS")
	w.create("shop", withBroken(queueTemplate))
	w.wantStatus("shop", "ROLLBACK_COMPLETE")
	w.ok("GetTemplateSummary", object{"StackName": "shop"})
	got := w.ok("GetTemplate", object{"StackName": "shop", "TemplateStage": "Processed"})
	if got["TemplateBody"] != withBroken(queueTemplate) || fmt.Sprint(got["StagesAvailable"]) != "[Original Processed]" {
		t.Errorf("the template is %v", got)
	}
	if got := w.refused("GetTemplate", object{}); got != "ValidationError: StackName is required if ChangeSetName is not specified." {
		t.Error(got)
	}
	if got := w.refused("GetTemplate", object{"ChangeSetName": "first"}); got != "ValidationError: StackName is a required parameter." {
		t.Error(got)
	}
}

const changing = `
Parameters: {Seconds: {Type: String, Default: "1"}}
Resources:
  A: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: !Ref Seconds}}
  B: {Type: AWS::SQS::Queue, UpdateReplacePolicy: Retain, Properties: {QueueName: b}}
  C: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref B], PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: "*", Action: sqs:SendMessage, Resource: "*"}]}}}
  D: {Type: AWS::SQS::Queue, DeletionPolicy: Retain}
  E: {Type: AWS::SQS::Queue, Metadata: {of: a}}
`

func TestChangesOfAChangeSet(t *testing.T) {
	w := newWorld(t)
	w.create("shop", changing)
	changed := strings.NewReplacer("QueueName: b", "QueueName: bb", "of: a", "of: b", "  D: {Type: AWS::SQS::Queue, DeletionPolicy: Retain}\n",
		"  F: {Type: AWS::SQS::Queue, Properties: {QueueName: !ImportValue nothing}}\n").Replace(changing)
	w.changeSet("next", "shop", "UPDATE", changed, object{"Parameters": []object{{"ParameterKey": "Seconds", "ParameterValue": "2"}}})
	wantLines(t, w.changes("next", "shop"), `
		Modify A False [Properties] <nil>
		Modify B True [Properties] ReplaceAndRetain
		Modify C False [Properties] <nil>
		Remove D <nil> [] Retain
		Modify E False [Metadata] <nil>
		Add F <nil> [] <nil>`)
	set := w.ok("DescribeChangeSet", object{"ChangeSetName": "next", "StackName": "shop"})
	if set["StatusReason"] != nil {
		t.Errorf("values that nobody asked for lack something: %v", set["StatusReason"])
	}
	if got := w.ok("DescribeChangeSet", object{"ChangeSetName": "next", "StackName": "shop", "IncludePropertyValues": true})["StatusReason"]; got != "[WARN] --include-property-values option can return incomplete ChangeSet data because: ChangeSet creation failed for resource [F] because: No export named nothing" || set["Status"] != "CREATE_COMPLETE" {
		t.Errorf("the change set is %v", set)
	}
	details := func(i int) string {
		return fmt.Sprint(set["Changes"].([]any)[i].(object)["ResourceChange"].(object)["Details"])
	}
	if got := details(0); !strings.Contains(got, "CausingEntity:Seconds ChangeSource:ParameterReference Evaluation:Static") || !strings.Contains(got, "ChangeSource:DirectModification Evaluation:Dynamic") {
		t.Error(got)
	}
	if got := details(2); !strings.Contains(got, "CausingEntity:B ChangeSource:ResourceReference Evaluation:Static") {
		t.Error(got)
	}
	if got := w.ok("ListChangeSets", object{"StackName": "shop"})["Summaries"].([]any); len(got) != 1 || got[0].(object)["IncludeNestedStacks"] != false || got[0].(object)["ImportExistingResources"] != nil {
		t.Errorf("the waiting change sets are %v", got)
	}
	empty := w.changeSet("empty", "none", "CREATE", "Conditions: {Never: !Equals [a, b]}\nResources: {A: {Type: AWS::SQS::Queue, Condition: Never}}\n")
	w.ok("ExecuteChangeSet", object{"ChangeSetName": empty})
	w.wantStatus("none", "CREATE_COMPLETE")
	if got := w.ok("ListChangeSets", object{"StackName": "none"})["Summaries"].([]any); len(got) != 0 {
		t.Errorf("the waiting change sets are %v", got)
	}
}

func TestRetainInARollback(t *testing.T) {
	template := func(policy string) string {
		return withBroken(strings.Replace(queueTemplate, "  Letters:\n    Type: AWS::SQS::Queue\n", "  Letters:\n    Type: AWS::SQS::Queue\n    DeletionPolicy: "+policy+"\n", 1))
	}
	for _, test := range []struct {
		policy string
		except bool
		stays  bool
	}{{"Retain", false, true}, {"Retain", true, false}, {"RetainExceptOnCreate", false, false}} {
		w := newWorld(t)
		w.create("shop", template(test.policy), object{"RetainExceptOnCreate": test.except})
		w.wantStatus("shop", "ROLLBACK_COMPLETE")
		_, err := w.call("sqs:GetQueueUrl", object{"QueueName": "letters"})
		if (err == nil) != test.stays {
			t.Errorf("%v: the queue: %v\n%s", test, err, w.events("shop"))
		}
	}
}

func TestWaitConditions(t *testing.T) {
	w := newWorld(t)
	w.create("shop", "Resources: {H: {Type: AWS::CloudFormation::WaitConditionHandle}}\nOutputs: {H: {Value: !Ref H}}\n")
	if got := w.outputs("shop")["H"]; !strings.HasPrefix(got, "https://cloudformation-waitcondition-us-east-1.s3.amazonaws.com/arn%3Aaws%3Acloudformation%3A") || !strings.HasSuffix(got, "%2FH") {
		t.Error(got)
	}
	w.create("waits", "Resources:\n  H: {Type: AWS::CloudFormation::WaitConditionHandle}\n  W: {Type: AWS::CloudFormation::WaitCondition, Properties: {Handle: !Ref H, Timeout: 10}}\n")
	w.wantStatus("waits", "ROLLBACK_COMPLETE")
	if events := w.events("waits"); !strings.Contains(events, "W CREATE_FAILED - WaitCondition timed out. Received 0 conditions when expecting 1 (waxseal has nothing that could signal it, and does not wait)") {
		t.Error(events)
	}
}

func TestNamesOfNewStacks(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"arn:aws:x", "arn:aws:cloudformation:us-east-1:123456789012:stack/a/b", strings.Repeat("a", 129)} {
		if got := w.refused("CreateStack", object{"StackName": name, "TemplateBody": queueTemplate}); !strings.HasPrefix(got, "ValidationError: 1 validation error detected: Value '"+name+"' at 'stackName' failed to satisfy constraint: Member must ") {
			t.Error(got)
		}
		if got := w.refused("CreateChangeSet", object{"StackName": name, "ChangeSetName": "c", "ChangeSetType": "CREATE", "TemplateBody": queueTemplate}); !strings.HasPrefix(got, "ValidationError: ") {
			t.Error(got)
		}
	}
	w.create("exports", "Resources: {W: {Type: AWS::CloudFormation::WaitCondition}}\nOutputs: {O: {Value: a, Export: {Name: a/b}}}\n")
	if events := w.events("exports"); !strings.Contains(events, "consist only of alphanumeric characters, colons, or hyphens. Rollback requested by user.") {
		t.Error(events)
	}
	w.create("long", "Resources: {Q: {Type: AWS::SQS::Queue, Properties: {QueueName: "+strings.Repeat("a", 50_000)+"}}}\n")
	w.wantStatus("long", "ROLLBACK_COMPLETE")
}

// A deleted stack is shown for 90 days.
func TestForgottenStacks(t *testing.T) {
	w := newWorld(t)
	w.create("shop", queueTemplate)
	id := fmt.Sprint(w.stack("shop")["StackId"])
	w.ok("DeleteStack", object{"StackName": "shop"})
	w.clock.Advance(89 * 24 * time.Hour)
	w.wantStatus(id, "DELETE_COMPLETE")
	w.clock.Advance(2 * 24 * time.Hour)
	if got := w.refused("DescribeStacks", object{"StackName": id}); got != "ValidationError: Stack with id "+id+" does not exist" {
		t.Error(got)
	}
	w.create("shop", queueTemplate)
	w.wantStatus("shop", "CREATE_COMPLETE")
}
