package cloudformation_test

import (
	"fmt"
	"strings"
	"testing"
)

func (w *world) changeSet(name, stack, kind, template string, more ...object) string {
	w.t.Helper()
	out := w.ok("CreateChangeSet", merged(append([]object{{
		"ChangeSetName": name, "StackName": stack, "ChangeSetType": kind, "TemplateBody": template, "Capabilities": []string{"CAPABILITY_NAMED_IAM"},
	}}, more...)...))
	return fmt.Sprint(out["Id"])
}

func (w *world) changes(name, stack string) string {
	w.t.Helper()
	var lines []string
	for _, c := range w.ok("DescribeChangeSet", object{"ChangeSetName": name, "StackName": stack})["Changes"].([]any) {
		c := c.(object)["ResourceChange"].(object)
		lines = append(lines, fmt.Sprint(c["Action"], " ", c["LogicalResourceId"], " ", c["Replacement"], " ", c["Scope"], " ", c["PolicyAction"]))
	}
	return strings.Join(lines, "\n")
}

func TestChangeSetThatCreates(t *testing.T) {
	w := newWorld(t)
	set := w.changeSet("first", "shop", "CREATE", queueTemplate, object{"Tags": []object{{"Key": "team", "Value": "red"}}})
	shop := w.stack("shop")
	if shop["StackStatus"] != "REVIEW_IN_PROGRESS" || shop["StackStatusReason"] != "User Initiated" || len(shop["Tags"].([]any)) != 0 {
		t.Errorf("the stack in review is %v", shop)
	}
	wantLines(t, w.changes("first", "shop"), "Add Copy <nil> [] <nil>\nAdd Letters <nil> [] <nil>")
	second := w.changeSet("second", "shop", "CREATE", queueTemplate)
	if got := w.refused("CreateChangeSet", object{"ChangeSetName": "first", "StackName": "shop", "ChangeSetType": "CREATE", "TemplateBody": queueTemplate}); !strings.HasPrefix(got, "AlreadyExistsException: ChangeSet first") {
		t.Error(got)
	}
	w.ok("ExecuteChangeSet", object{"ChangeSetName": set})
	w.wantStatus("shop", "CREATE_COMPLETE")
	if !strings.HasPrefix(w.events("shop"), "shop REVIEW_IN_PROGRESS User Initiated\nshop CREATE_IN_PROGRESS User Initiated\n") {
		t.Error(w.events("shop"))
	}
	done := w.ok("DescribeChangeSet", object{"ChangeSetName": set})
	if done["Status"] != "CREATE_COMPLETE" || done["ExecutionStatus"] != "EXECUTE_COMPLETE" {
		t.Errorf("the executed change set is %v", done)
	}
	if got := w.ok("DescribeChangeSet", object{"ChangeSetName": second})["ExecutionStatus"]; got != "OBSOLETE" {
		t.Errorf("the other change set is %v", got)
	}
	if shop := w.stack("shop"); shop["ChangeSetId"] != set || shop["LastUpdatedTime"] == nil || len(shop["Tags"].([]any)) != 1 {
		t.Errorf("the stack is %v", shop)
	}
	if got := w.refused("ExecuteChangeSet", object{"ChangeSetName": set}); !strings.HasPrefix(got, "InvalidChangeSetStatus: ChangeSet [arn:") {
		t.Error(got)
	}
	if got := w.refused("CreateChangeSet", object{"ChangeSetName": "x", "StackName": "shop", "ChangeSetType": "CREATE", "TemplateBody": queueTemplate}); got != "ValidationError: Stack [shop] already exists and cannot be created again with the changeSet [x]." {
		t.Error(got)
	}
}

func TestChangeSetThatUpdates(t *testing.T) {
	w := newWorld(t)
	w.create("shop", queueTemplate)
	w.changeSet("same", "shop", "UPDATE", queueTemplate)
	same := w.ok("DescribeChangeSet", object{"ChangeSetName": "same", "StackName": "shop"})
	if same["Status"] != "FAILED" || same["ExecutionStatus"] != "UNAVAILABLE" || same["StatusReason"] != "The submitted information didn't contain changes. Submit different information to create a change set." {
		t.Errorf("the change set without changes is %v", same)
	}
	if got := w.refused("ExecuteChangeSet", object{"ChangeSetName": "same", "StackName": "shop"}); !strings.HasSuffix(got, "cannot be executed in its current status of [FAILED]") {
		t.Error(got)
	}
	w.changeSet("rename", "shop", "UPDATE", strings.Replace(queueTemplate, "QueueName: letters", "QueueName: bills", 1))
	wantLines(t, w.changes("rename", "shop"), "Modify Copy False [Properties] <nil>\nModify Letters True [Properties] ReplaceAndDelete")
	full := w.ok("DescribeChangeSet", object{"ChangeSetName": "rename", "StackName": "shop", "IncludePropertyValues": true})
	text := fmt.Sprint(full["Changes"])
	for _, want := range []string{
		`{{changeSet:KNOWN_AFTER_APPLY}}`, `BeforeValue:letters`, `AfterValue:bills`, "RequiresRecreation:Always", "ChangeSource:ResourceAttribute", "CausingEntity:Letters.Arn",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the change set lacks %q: %s", want, text)
		}
	}
	w.ok("ExecuteChangeSet", object{"ChangeSetName": "rename", "StackName": "shop"})
	w.wantStatus("shop", "UPDATE_COMPLETE")
	w.ok("DeleteChangeSet", object{"ChangeSetName": "never", "StackName": "shop"})
	if got := w.refused("DescribeChangeSet", object{"ChangeSetName": "never", "StackName": "shop"}); got != "ChangeSetNotFound: ChangeSet [never] does not exist" {
		t.Error(got)
	}
	if got := w.refused("DeleteChangeSet", object{"ChangeSetName": "never"}); got != "ValidationError: StackName must be specified if ChangeSetName is not specified as an ARN." {
		t.Error(got)
	}
	if got := w.refused("DescribeChangeSet", object{"ChangeSetName": "x", "StackName": "nowhere"}); got != "ValidationError: Stack [nowhere] does not exist" {
		t.Error(got)
	}
}

func TestChangeSetIsValidated(t *testing.T) {
	w := newWorld(t)
	set := w.changeSet("wrong", "shop", "CREATE", "Resources:\n  P: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [a]}}\n")
	described := w.ok("DescribeChangeSet", object{"ChangeSetName": set})
	if described["Status"] != "FAILED" || !strings.Contains(fmt.Sprint(described["StatusReason"]), "[AWS::EarlyValidation::PropertyValidation]") {
		t.Errorf("the change set is %v", described)
	}
	events := w.ok("DescribeEvents", object{"ChangeSetName": set, "Filters": object{"FailedEvents": true}})["OperationEvents"].([]any)
	if len(events) != 1 || events[0].(object)["ValidationStatusReason"] != "Required property [PolicyDocument] not found" || events[0].(object)["ValidationPath"] != "/Resources/P/Properties" {
		t.Errorf("the events are %v", events)
	}
	if got := w.refused("DescribeEvents", object{}); got != "ValidationError: One of ChangeSetName, OperationId or StackName must be specified" {
		t.Error(got)
	}
	w.ok("DeleteStack", object{"StackName": "shop"})
	w.refused("DescribeStacks", object{"StackName": "shop"})
}

// details are the details of a change set's changes, one a line: what is caused by what.
func (w *world) details(name, stack string, values bool) string {
	w.t.Helper()
	var lines []string
	for _, c := range w.ok("DescribeChangeSet", object{"ChangeSetName": name, "StackName": stack, "IncludePropertyValues": values})["Changes"].([]any) {
		c := c.(object)["ResourceChange"].(object)
		lines = append(lines, fmt.Sprint(c["Action"], " ", c["LogicalResourceId"], " ", c["Replacement"]))
		for _, d := range c["Details"].([]any) {
			d := d.(object)
			target := d["Target"].(object)
			lines = append(lines, fmt.Sprint("  ", target["Name"], " ", target["RequiresRecreation"], " ", d["Evaluation"], " ", d["ChangeSource"], " ", d["CausingEntity"]))
		}
	}
	return strings.Join(lines, "\n")
}

const follower = `
Parameters: {Title: {Type: String, Default: one}}
Resources:
  News: {Type: AWS::SNS::Topic, Properties: {TopicName: news, DisplayName: old}}
  Copy: {Type: AWS::SNS::Topic, Properties: {TopicName: copy, DisplayName: !GetAtt News.DisplayName}}
  Tail: {Type: AWS::SNS::Topic, Properties: {TopicName: tail, DisplayName: !GetAtt Copy.DisplayName}}
  Named: {Type: AWS::SNS::Topic, Properties: {TopicName: !Sub "of-${News.TopicName}", DisplayName: !Ref News}}
  Titled: {Type: AWS::SNS::Topic, Properties: {TopicName: titled, DisplayName: !Ref Title}}
`

func TestDetailsOfChanges(t *testing.T) {
	w := newWorld(t)
	w.create("shop", follower)
	// In place: what follows is known with values, and is not without.
	w.changeSet("inplace", "shop", "UPDATE", strings.Replace(follower, "DisplayName: old", "DisplayName: new", 1))
	wantLines(t, w.details("inplace", "shop", true), "Modify News False\n  DisplayName Never Static DirectModification <nil>")
	wantLines(t, w.details("inplace", "shop", false), strings.Join([]string{
		"Modify Copy False", "  DisplayName Never Dynamic ResourceAttribute News.DisplayName",
		"Modify Named Conditional", "  TopicName Always Dynamic ResourceAttribute News.TopicName",
		"Modify News False", "  DisplayName Never Static DirectModification <nil>",
		"Modify Tail False", "  DisplayName Never Dynamic ResourceAttribute Copy.DisplayName",
	}, "\n"))
	// Made anew: what refers to it will have another value.
	w.changeSet("anew", "shop", "UPDATE", strings.Replace(follower, "TopicName: news", "TopicName: bills", 1))
	for values, more := range map[bool]string{true: "\n  %s Dynamic DirectModification <nil>", false: ""} {
		with := func(target string) string {
			if more == "" {
				return ""
			}
			return fmt.Sprintf(more, target)
		}
		wantLines(t, w.details("anew", "shop", values), "Modify Copy False\n  DisplayName Never Static ResourceAttribute News.DisplayName"+with("DisplayName Never")+
			"\nModify Named True\n  TopicName Always Static ResourceAttribute News.TopicName"+with("TopicName Always")+
			"\n  DisplayName Never Static ResourceReference News"+with("DisplayName Never")+
			"\nModify News True\n  TopicName Always Static DirectModification <nil>"+
			map[bool]string{false: "\nModify Tail False\n  DisplayName Never Dynamic ResourceAttribute Copy.DisplayName"}[values])
	}
	// A parameter, and one that is new.
	w.changeSet("title", "shop", "UPDATE", follower, object{"Parameters": []object{{"ParameterKey": "Title", "ParameterValue": "two"}}})
	titled := "Modify Titled False\n  DisplayName Never Static ParameterReference Title\n  DisplayName Never Dynamic DirectModification <nil>"
	wantLines(t, w.details("title", "shop", true), titled)
	wantLines(t, w.details("title", "shop", false), titled)
	added := strings.Replace(strings.Replace(follower, "{Title:", "{More: {Type: String, Default: more}, Title:", 1), "DisplayName: !Ref Title", "DisplayName: !Ref More", 1)
	w.changeSet("more", "shop", "UPDATE", added)
	wantLines(t, w.details("more", "shop", false), strings.ReplaceAll(titled, "Reference Title", "Reference More"))
}

func TestChangesThatAdd(t *testing.T) {
	w := newWorld(t)
	set := w.changeSet("first", "shop", "CREATE", queueTemplate)
	full := w.ok("DescribeChangeSet", object{"ChangeSetName": set, "IncludePropertyValues": true})["Changes"].([]any)
	for _, c := range full {
		if c := c.(object)["ResourceChange"].(object); c["Action"] != "Add" || c["Replacement"] != nil || c["AfterContext"] == nil {
			t.Errorf("a change that adds is %v", c)
		}
	}
}

// What made a stack is still told when the stack is deleted, and its name another's.
func TestChangeSetOfADeletedStack(t *testing.T) {
	w := newWorld(t)
	set := w.changeSet("first", "shop", "CREATE", queueTemplate)
	w.ok("ExecuteChangeSet", object{"ChangeSetName": set})
	id := w.stack("shop")["StackId"]
	waiting := w.changeSet("second", "shop", "UPDATE", strings.Replace(queueTemplate, `"45"`, `46`, 1))
	w.ok("DeleteStack", object{"StackName": "shop"})
	again := w.changeSet("first", "shop", "CREATE", queueTemplate)
	described := w.ok("DescribeChangeSet", object{"ChangeSetName": set})
	if described["ExecutionStatus"] != "EXECUTE_COMPLETE" || described["StackId"] != id || len(described["Changes"].([]any)) != 2 {
		t.Errorf("the change set is %v", described)
	}
	if described := w.ok("DescribeChangeSet", object{"ChangeSetName": again}); described["ExecutionStatus"] != "AVAILABLE" || described["StackId"] == id {
		t.Errorf("the new change set is %v", described)
	}
	if got := w.refused("DescribeChangeSet", object{"ChangeSetName": waiting}); !strings.HasPrefix(got, "ChangeSetNotFound") {
		t.Error(got)
	}
	w.ok("ExecuteChangeSet", object{"ChangeSetName": again})
	w.wantStatus("shop", "CREATE_COMPLETE")
	if got := w.refused("ExecuteChangeSet", object{"ChangeSetName": set}); strings.Contains(got, "waxseal") {
		t.Error(got)
	}
}

// A resource's own tags are a property of it; those of its stack are not.
func TestChangesOfTags(t *testing.T) {
	w := newWorld(t)
	template := "Parameters: {Team: {Type: String, Default: red}}\nResources:\n  Letters: {Type: AWS::SQS::Queue, Properties: {Tags: [{Key: team, Value: !Ref Team}]}}\n"
	w.create("shop", template)
	blue := object{"Parameters": []object{{"ParameterKey": "Team", "ParameterValue": "blue"}}}
	tagged := object{"Tags": []object{{"Key": "site", "Value": "north"}}}
	for name, tt := range map[string]struct {
		more  object
		scope string
		lines []string
	}{
		"own":   {blue, "[Properties]", []string{"  Tags Never Static ParameterReference Team", "  Tags Never Dynamic DirectModification <nil>"}},
		"stack": {tagged, "[Tags]", []string{"  <nil> Never Static DirectModification <nil>"}},
		"both": {merged(blue, tagged), "[Properties Tags]", []string{
			"  Tags Never Static ParameterReference Team", "  Tags Never Dynamic DirectModification <nil>", "  <nil> Never Static DirectModification <nil>",
		}},
	} {
		w.changeSet(name, "shop", "UPDATE", template, tt.more)
		wantLines(t, w.changes(name, "shop"), "Modify Letters False "+tt.scope+" <nil>")
		wantLines(t, w.details(name, "shop", false), "Modify Letters False\n"+strings.Join(tt.lines, "\n"))
	}
}
