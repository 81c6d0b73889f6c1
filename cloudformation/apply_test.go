package cloudformation_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/cloudformation"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/template"
)

// apply applies a template as a file has it, and answers what is wrong, a line each.
func (w *world) apply(text string, changes ...func(*cloudformation.ApplyInput)) string {
	w.t.Helper()
	parsed, err := template.Parse(text)
	if err != nil {
		w.t.Fatal(err)
	}
	in := &cloudformation.ApplyInput{Name: "file", Template: parsed}
	for _, change := range changes {
		change(in)
	}
	problems, err := w.CloudFormation.Apply(api.WithRequest(w.t.Context(), w.request()), in)
	if err != nil {
		w.t.Fatal(err)
	}
	var lines []string
	for _, p := range problems {
		lines = append(lines, fmt.Sprintf("%d:%d: %s", p.At.Line, p.At.Column, p.Message))
	}
	return strings.Join(lines, "\n")
}

func TestApply(t *testing.T) {
	w := newWorld(t)
	if got := w.apply(queueTemplate); got != "" {
		t.Fatal(got)
	}
	w.wantStatus("file", "CREATE_COMPLETE")
	if got := w.outputs("file")["URL"]; got != "http://127.0.0.1:4566/123456789012/letters" {
		t.Error(got)
	}
	if got := w.apply(queueTemplate); got != "" {
		t.Fatal(got)
	}
	w.wantStatus("file", "CREATE_COMPLETE")
	if got := w.apply(withParameters, func(in *cloudformation.ApplyInput) {
		in.Parameters, in.Tags = map[string]string{"Seconds": "60", "Other": "x"}, map[string]string{"team": "red"}
	}); got != "" {
		t.Fatal(got)
	}
	w.wantStatus("file", "UPDATE_COMPLETE")
	if got := fmt.Sprint(w.stack("file")["Parameters"], w.stack("file")["Tags"]); got != "[map[ParameterKey:Password ParameterValue:****] map[ParameterKey:Seconds ParameterValue:60]] [map[Key:team Value:red]]" {
		t.Error(got)
	}
	if got := w.apply(nesting, func(in *cloudformation.ApplyInput) {
		in.Name = "nest"
		in.NestedTemplate = func(url string) (string, bool) { return child, strings.HasSuffix(url, "/child.yaml") }
	}); got != "" {
		t.Fatal(got)
	}
	if got := w.outputs("nest")["Arn"]; got != "arn:aws:sqs:us-east-1:123456789012:inner" {
		t.Error(got)
	}
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
	wantLines(t, w.apply(wrong, func(in *cloudformation.ApplyInput) { in.Strict = true }), `
		5:7: A (AWS::SQS::Queue): Unsupported property [QueueNam]
		6:13: Template format error: Unrecognized resource types: [AWS::SQS::Cue]
		9:17: C (AWS::SQS::QueuePolicy): Required property [PolicyDocument] not found
		10:13: AWS::Lambda::Function is not emulated`)
	partly := "Resources:\n  B: {Type: AWS::S3::Bucket, Properties: {WebsiteConfiguration: {IndexDocument: a.html}}}\n"
	if got := w.apply(partly, func(in *cloudformation.ApplyInput) { in.Strict = true }); got != "2:3: B (AWS::S3::Bucket): The property WebsiteConfiguration of AWS::S3::Bucket is not emulated" {
		t.Error(got)
	}
	if got := w.apply("Parameters: {P: {Type: String}}\nResources:\n  A: {Type: AWS::SQS::Queue, Properties: {QueueNam: !Ref P}}\n"); got != "1:14: Parameters: [P] must have values\n3:43: A (AWS::SQS::Queue): Unsupported property [QueueNam]" {
		t.Error(got)
	}
	if got := w.apply("Resources:\n  A: {Type: AWS::SQS::Queue, Properties: {QueueName: a b}}\n"); !strings.HasPrefix(got, "2:3: A (AWS::SQS::Queue): Resource handler returned message: ") {
		t.Error(got)
	}
	if got := w.apply("Resources:\n  A: {Type: AWS::SQS::Queue, Properties: {QueueName: a}}\n"); got != "" { // the stack that failed is made anew
		t.Error(got)
	}
}

// A template's parameters of the parameter store have no values, but for the version of the
// CDK's bootstrap stack.
func TestBootstrapVersion(t *testing.T) {
	w := newWorld(t)
	cdk := func(name string) string {
		return "Parameters: {V: {Type: AWS::SSM::Parameter::Value<String>, Default: " + name + "}}\n" +
			"Resources: {W: {Type: AWS::CloudFormation::WaitCondition}}\nOutputs: {V: {Value: !Ref V}}\n"
	}
	if got := w.apply(cdk("/cdk-bootstrap/hnb659fds/version")); got != "" {
		t.Fatal(got)
	}
	if got := w.outputs("file")["V"]; got != "33" {
		t.Error(got)
	}
	if got := fmt.Sprint(w.stack("file")["Parameters"]); got != "[map[ParameterKey:V ParameterValue:/cdk-bootstrap/hnb659fds/version ResolvedValue:33]]" {
		t.Error(got)
	}
	if got := w.apply(cdk("/other")); !strings.HasSuffix(got, "Unable to fetch parameters [/other] from parameter store for this account.") {
		t.Error(got)
	}
	w.create("toolkit", "Resources:\n  Version: {Type: AWS::SSM::Parameter, Properties: {Type: String, Name: /cdk-bootstrap/mine/version, Value: \"21\"}}\nOutputs: {V: {Value: !GetAtt Version.Value}}\n")
	value, modified, declared, err := w.CloudFormation.BootstrapVersion(t.Context(), account, region, "/cdk-bootstrap/mine/version")
	if value != "21" || modified.IsZero() || !declared || err != nil {
		t.Errorf("the version is %q, %v, %v, %v", value, modified, declared, err)
	}
	if got := w.outputs("toolkit")["V"]; got != "21" {
		t.Error(got)
	}
	if value, _, declared, _ = w.CloudFormation.BootstrapVersion(t.Context(), account, region, "/cdk-bootstrap/other/version"); value != "33" || declared {
		t.Errorf("the version is %q, %v", value, declared)
	}
}

// What Ref of a queue yields is its URL as whoever asks reaches the server.
func TestURLsOfWhoAsks(t *testing.T) {
	w := newWorld(t)
	text := queueTemplate + "  Second: {Value: !Sub \"${Letters}#\", Export: {Name: url}}\n"
	w.create("shop", text)
	w.base = "https://elsewhere:8443"
	want := "https://elsewhere:8443/123456789012/letters"
	if got := w.outputs("shop"); got["URL"] != want || got["Second"] != want+"#" {
		t.Errorf("the outputs are %v", got)
	}
	for operation, in := range map[string]object{
		"DescribeStackEvents": {"StackName": "shop"}, "ListExports": {}, "ListStackResources": {"StackName": "shop"},
		"DescribeStackResources": {"PhysicalResourceId": want}, "DescribeStackResource": {"StackName": "shop", "LogicalResourceId": "Letters"},
	} {
		if got := fmt.Sprint(w.ok(operation, in)); !strings.Contains(got, want) || strings.Contains(got, baseURL) || strings.Contains(got, "invalid") {
			t.Errorf("%s: %s", operation, got)
		}
	}
	if got := w.refused("UpdateStack", object{"StackName": "shop", "TemplateBody": text}); !strings.Contains(got, "No updates") {
		t.Error(got)
	}
	w.update("shop", strings.Replace(text, `"45"`, "46", 1))
	w.wantStatus("shop", "UPDATE_COMPLETE")
	w.ok("DeleteStack", object{"StackName": "shop"})
	w.refused("sqs:GetQueueUrl", object{"QueueName": "letters"})
}
