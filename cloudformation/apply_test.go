package cloudformation_test

import (
	"testing"

	"github.com/waxseal/waxseal/cloudformation"
)

func (w *world) apply(template string, changes ...func(*cloudformation.ApplyInput)) error {
	in := &cloudformation.ApplyInput{Account: account, Region: region, Name: "file", Template: template, BaseURL: baseURL}
	for _, change := range changes {
		change(in)
	}
	return w.CloudFormation.Apply(w.t.Context(), in)
}

func TestApply(t *testing.T) {
	w := newWorld(t)
	if err := w.apply(queueTemplate); err != nil {
		t.Fatal(err)
	}
	w.wantStatus("file", "CREATE_COMPLETE")
	if got := w.outputs("file")["URL"]; got != "http://127.0.0.1:4566/123456789012/letters" {
		t.Error(got)
	}
	if err := w.apply(queueTemplate); err != nil {
		t.Fatal(err)
	}
	w.wantStatus("file", "CREATE_COMPLETE")
	if err := w.apply(withFunction); err != nil {
		t.Fatal(err)
	}
	w.wantStatus("file", "UPDATE_COMPLETE")
}

func TestApplyTellsAllProblems(t *testing.T) {
	w := newWorld(t)
	const wrong = `Resources:
  A:
    Type: AWS::SQS::Queue
    Properties:
      QueueNam: a
  B: {Type: AWS::SQS::Cue}
  C:
    Type: AWS::SQS::QueuePolicy
    Properties: {Queues: [a]}
  D: {Type: AWS::Lambda::Function, Properties: {Code: {}, Role: x}}
`
	strict := func(in *cloudformation.ApplyInput) { in.Strict = true }
	err := w.apply(wrong, strict)
	want := `5:7: A (AWS::SQS::Queue): Unsupported property [QueueNam]
6:13: Template format error: Unrecognized resource types: [AWS::SQS::Cue]
9:17: C (AWS::SQS::QueuePolicy): Required property [PolicyDocument] not found
10:13: AWS::Lambda::Function is not emulated`
	if err == nil || err.Error() != want {
		t.Errorf("the problems are\n%v\nwant\n%s", err, want)
	}
	err = w.apply("Resources:\n  A: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref B}}\n")
	if err == nil || err.Error() != "2:54: Template format error: Unresolved resource dependencies [B] in the Resources block of the template" {
		t.Errorf("the problem is %v", err)
	}
	err = w.apply("Resources:\n  A: {Type: AWS::SQS::Queue, Properties: {QueueName: a b}}\n")
	if err == nil || len(err.Error()) < 20 || err.Error()[:4] != "2:3:" {
		t.Errorf("the problem is %v", err)
	}
	w.refused("DescribeStacks", object{"StackName": "other"})
}
