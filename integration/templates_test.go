package integration

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// stagedTemplate has what people's templates have: parameters, a condition, references, and
// a type that is not emulated.
const stagedTemplate = `AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Stage: {Type: String, AllowedValues: [dev, prod]}
  Timeout: {Type: Number, Default: 30}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Key:
    Type: AWS::KMS::Key
    Condition: IsProd
    Properties:
      KeyPolicy:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}, Action: "kms:*", Resource: "*"}]
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub orders-${Stage}
      VisibilityTimeout: !Ref Timeout
      KmsMasterKeyId: !If [IsProd, !GetAtt Key.Arn, !Ref AWS::NoValue]
  Worker:
    Type: AWS::Lambda::Function
    Properties: {Runtime: python3.12, Handler: index.handler, Role: !Sub "arn:aws:iam::${AWS::AccountId}:role/worker", Code: {ZipFile: "pass"}}
  WorkerPolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Orders]
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {Service: lambda.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt Orders.Arn
            Condition: {ArnEquals: {aws:SourceArn: !GetAtt Worker.Arn}}
Outputs:
  Queue: {Value: !Ref Orders}
`

// TestInitWithATemplate: a template is what is there from the start, a stack that is
// called as its file; when its file has changed, a restart on the same data updates it.
func TestInitWithATemplate(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file, data := filepath.Join(folder, "shop.yaml"), filepath.Join(folder, "data")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(stagedTemplate)
	check := func(p *process, status string, attributes map[string]string) {
		t.Helper()
		c := newClients(t, p.config(p.url))
		queue := p.url + "/123456789012/orders-prod"
		for name, want := range attributes {
			if got := c.attribute(queue, name); !strings.Contains(got, want) {
				t.Errorf("%s is %s, want %s", name, got, want)
			}
		}
		out, err := cloudformation.NewFromConfig(p.config(p.url)).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("shop")})
		if err != nil {
			t.Fatal(err)
		}
		if s := out.Stacks[0]; string(s.StackStatus) != status || len(s.Outputs) != 1 || *s.Outputs[0].OutputValue != queue {
			t.Errorf("the stack is %s with %+v, want %s", s.StackStatus, s.Outputs, status)
		}
	}
	p := serve(t, "--data", data, "--init", file, "--param", "Stage=prod")
	check(p, "CREATE_COMPLETE", map[string]string{"VisibilityTimeout": "30", "KmsMasterKeyId": "arn:aws:kms:us-east-1:123456789012:key/", "Policy": "arn:aws:lambda:us-east-1:123456789012:function:shop-Worker-"})
	if n := strings.Count(p.stderr.String(), "AWS::Lambda::Function"); n != 1 {
		t.Errorf("the log warns %d times of the function that is left out:\n%s", n, p.stderr)
	}
	if err := p.stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}

	p = serve(t, "--data", data, "--init", file, "--param", "Stage=prod")
	check(p, "CREATE_COMPLETE", nil)
	if err := p.stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}

	write(strings.Replace(stagedTemplate, "Default: 30", "Default: 60", 1))
	p = serve(t, "--data", data, "--init", file, "--param", "Stage=prod")
	check(p, "UPDATE_COMPLETE", map[string]string{"VisibilityTimeout": "60"})
	if _, err := sqs.NewFromConfig(p.config(p.url)).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(p.url + "/123456789012/orders-prod"), MessageBody: aws.String("x")}); err != nil {
		t.Error(err)
	}
}

// TestInitRefusesATemplate: what is wrong with a template is told by file, line and column,
// and nothing is started.
func TestInitRefusesATemplate(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		old, new string
		args     []string
		want     string
	}{
		"a property that there is not": {"VisibilityTimeout:", "VisibilityTimeOut:", []string{"--param", "Stage=dev"}, "FILE:19:7: Orders (AWS::SQS::Queue)"},
		"a type that there is not":     {"AWS::SQS::QueuePolicy", "AWS::SQS::Policy", []string{"--param", "Stage=dev"}, "FILE:25:11: Template format error: Unrecognized resource types: [AWS::SQS::Policy]"},
		"a resource that fails":        {"QueueName: !Sub orders-${Stage}", "QueueName: !Sub orders ${Stage}", []string{"--param", "Stage=dev"}, "FILE:15:3: Orders (AWS::SQS::Queue): Resource handler returned message: "},
		"no value":                     {"", "", nil, "FILE:3:3: Parameters: [Stage] must have values"},
		"a value that is not allowed":  {"", "", []string{"--param", "Stage=test"}, "Parameter 'Stage' must be one of AllowedValues"},
		"no such parameter":            {"", "", []string{"--param", "Stag=dev"}, "--param Stag: no template declares a parameter of this name; did you mean Stage?"},
		"no parameter":                 {"", "", []string{"--param", "Stage"}, `--param: "Stage" is not NAME=VALUE`},
		"strict":                       {"", "", []string{"--param", "Stage=dev", "--strict", "templates"}, "FILE:22:11: AWS::Lambda::Function is not emulated"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "shop.yaml")
			text := strings.Replace(stagedTemplate, c.old, c.new, 1)
			if c.old != "" && text == stagedTemplate {
				t.Fatal("the template is as it was")
			}
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(binary(t), append([]string{"serve", "--addr", "127.0.0.1:0", "--log", "error", "--init", file}, c.args...)...)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			err := runProcess(t, cmd)
			want, said := strings.ReplaceAll(c.want, "FILE", file), stderr.String()
			if ended, ok := errors.AsType[*exec.ExitError](err); !ok || ended.ExitCode() != 2 || !strings.Contains(said, want) || strings.Count(said, "\n") != 1 {
				t.Errorf("%v\n%s\nwant exit status 2\n%s", err, said, want)
			}
		})
	}
}
