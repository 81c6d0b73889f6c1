package cloudformation_test

import (
	"fmt"
	"strings"
	"testing"
)

const exporting = `
Resources:
  Letters: {Type: AWS::SQS::Queue, Properties: {QueueName: letters}}
Outputs:
  Arn: {Value: !GetAtt Letters.Arn, Export: {Name: letters-arn}}
`

const importing = `
Resources:
  Copy:
    Type: AWS::SQS::Queue
    Properties: {RedrivePolicy: {deadLetterTargetArn: !ImportValue letters-arn, maxReceiveCount: 3}}
`

func TestExports(t *testing.T) {
	w := newWorld(t)
	w.create("early", importing)
	if events := w.events("early"); !strings.Contains(events, "early ROLLBACK_IN_PROGRESS No export named letters-arn found. Rollback requested by user.") {
		t.Error(events)
	}
	w.create("a", exporting)
	w.create("b", importing)
	w.wantStatus("b", "CREATE_COMPLETE")
	if got := fmt.Sprint(w.ok("ListExports", object{})["Exports"]); !strings.Contains(got, "Name:letters-arn Value:arn:aws:sqs:us-east-1:123456789012:letters") {
		t.Error(got)
	}
	if got := fmt.Sprint(w.ok("ListImports", object{"ExportName": "letters-arn"})["Imports"]); got != "[b]" {
		t.Error(got)
	}
	w.ok("DeleteStack", object{"StackName": "a"})
	w.wantStatus("a", "CREATE_COMPLETE")
	if events := w.events("a"); !strings.HasSuffix(events, "a CREATE_COMPLETE Delete canceled. Cannot delete export letters-arn as it is in use by b.") {
		t.Error(events)
	}
	w.update("a", strings.Replace(exporting, "QueueName: letters", "QueueName: bills", 1))
	w.wantStatus("a", "UPDATE_ROLLBACK_COMPLETE")
	if events := w.events("a"); !strings.Contains(events, "a UPDATE_ROLLBACK_IN_PROGRESS Cannot update export letters-arn as it is in use by b") {
		t.Error(events)
	}
	w.create("c", strings.Replace(exporting, "QueueName: letters", "QueueName: others", 1))
	if events := w.events("c"); !strings.Contains(events, "c ROLLBACK_IN_PROGRESS Export with name letters-arn is already exported by stack a. Rollback requested by user.") {
		t.Error(events)
	}
	w.ok("DeleteStack", object{"StackName": "b"})
	if got := w.refused("ListImports", object{"ExportName": "letters-arn"}); got != "ValidationError: Export 'letters-arn' is not imported by any stack." {
		t.Error(got)
	}
	w.ok("DeleteStack", object{"StackName": "a"})
	if got := fmt.Sprint(w.ok("ListExports", object{})["Exports"]); got != "[]" {
		t.Error(got)
	}
}
