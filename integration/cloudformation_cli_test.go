package integration

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// shopTemplate is a queue that a topic feeds, and a role that reads it. What is written
// DELAY is the queue's delay.
const shopTemplate = `AWSTemplateFormatVersion: 2010-09-09
Description: a shop
Parameters:
  Team: {Type: String, Default: till}
Conditions:
  Audited: !Equals [!Ref Team, audit]
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties: {DelaySeconds: DELAY, Tags: [{Key: team, Value: !Ref Team}]}
  Audit:
    Type: AWS::SQS::Queue
    Condition: Audited
  Paid:
    Type: AWS::SNS::Topic
    Properties: {Subscription: [{Protocol: sqs, Endpoint: !GetAtt Orders.Arn}]}
  Feed:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Orders]
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {Service: sns.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt Orders.Arn
            Condition: {ArnEquals: {aws:SourceArn: !Ref Paid}}
  Reader:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {AWS: !Ref AWS::AccountId}, Action: sts:AssumeRole}]}
      Policies: [{PolicyName: read, PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: sqs:ReceiveMessage, Resource: !GetAtt Orders.Arn}]}}]
Outputs:
  Url: {Value: !Ref Orders, Export: {Name: !Sub '${AWS::StackName}-url'}}
  Team: {Value: !Ref Team}
`

// stackCLI is the AWS CLI's cloudformation.
type stackCLI struct {
	t    *testing.T
	env  []string
	file string // the template's
}

func newStackCLI(t *testing.T, p *process) *stackCLI {
	t.Helper()
	awsCLI(t)
	return &stackCLI{t, p.env("AWS_PAGER="), filepath.Join(t.TempDir(), "template.yaml")}
}

// template writes the template with the queue's delay.
func (c *stackCLI) template(delay string) {
	c.t.Helper()
	if err := os.WriteFile(c.file, []byte(strings.Replace(shopTemplate, "DELAY", delay, 1)), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

func (c *stackCLI) run(args ...string) string {
	c.t.Helper()
	return run(c.t, c.env, "aws", append([]string{"cloudformation"}, args...)...)
}

// deploy deploys the template, and answers what is printed, or the error.
func (c *stackCLI) deploy(args ...string) (string, error) {
	c.t.Helper()
	all := []string{"cloudformation", "deploy", "--stack-name", "shop", "--template-file", c.file}
	return tryRun(c.t, c.env, "aws", append(all, args...)...)
}

// deployed is deploy where it succeeds.
func (c *stackCLI) deployed(want string, args ...string) {
	c.t.Helper()
	if out, err := c.deploy(args...); err != nil || !strings.Contains(out, want) {
		c.t.Fatalf("printed %s, %v", out, err)
	}
}

// fails checks that an error tells something.
func (c *stackCLI) fails(err error, want string) {
	c.t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		c.t.Errorf("%v, want %s", err, want)
	}
}

func (c *stackCLI) refuses(want string, args ...string) {
	c.t.Helper()
	_, err := tryRun(c.t, c.env, "aws", append([]string{"cloudformation"}, args...)...)
	c.fails(err, want)
}

// query is one text of an answer about the stack.
func (c *stackCLI) query(operation, query string, args ...string) string {
	c.t.Helper()
	return strings.TrimSpace(c.run(append([]string{operation, "--stack-name", "shop", "--output", "text", "--query", query}, args...)...))
}

func (c *stackCLI) status() string {
	c.t.Helper()
	return c.query("describe-stacks", "Stacks[0].StackStatus")
}

// TestDeployWithCLI: `aws cloudformation deploy` of a new stack, a changed, an unchanged and
// a broken one.
func TestDeployWithCLI(t *testing.T) {
	t.Parallel()
	p := serve(t)
	c := newStackCLI(t, p)
	clients := newClients(t, p.config(p.url))
	c.template("0")
	_, err := c.deploy()
	c.fails(err, "(InsufficientCapabilitiesException) when calling the CreateChangeSet operation: Requires capabilities : [CAPABILITY_IAM]")
	c.refuses("Stack with id shop does not exist", "describe-stacks", "--stack-name", "shop")

	begun := time.Now()
	settings := []string{"--capabilities", "CAPABILITY_IAM", "--tags", "owner=ann"}
	c.deployed("Successfully created/updated stack - shop", settings...)
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("the deployment took %v, as if a waiter had polled twice", took)
	}
	url := c.query("describe-stacks", "Stacks[0].Outputs[?OutputKey=='Url'].OutputValue")
	if !strings.HasPrefix(url, p.url+"/123456789012/shop-Orders-") || clients.attribute(url, "DelaySeconds") != "0" {
		t.Errorf("the queue is %s", url)
	}
	if got := c.query("describe-stack-events", "join(' ', reverse(StackEvents[?LogicalResourceId=='Feed'].ResourceStatus))"); got != "CREATE_IN_PROGRESS CREATE_IN_PROGRESS CREATE_COMPLETE" {
		t.Errorf("the events are %s", got)
	}

	_, err = c.deploy(settings...)
	c.fails(err, "No changes to deploy. Stack shop is up to date")
	c.deployed("No changes to deploy. Stack shop is up to date", append(settings, "--no-fail-on-empty-changeset")...)

	c.template("7")
	c.deployed("Successfully created/updated stack - shop", append(settings, "--parameter-overrides", "Team=audit")...)
	if got := clients.attribute(url, "DelaySeconds"); got != "7" || c.status() != "UPDATE_COMPLETE" {
		t.Errorf("the delay is %s in %s", got, c.status())
	}
	if got := c.query("list-stack-resources", "join(' ', sort(StackResourceSummaries[].LogicalResourceId))"); got != "Audit Feed Orders Paid Reader" {
		t.Errorf("the resources are %s", got)
	}
	if got := c.query("describe-stacks", "Stacks[0].Outputs[?OutputKey=='Team'].OutputValue"); got != "audit" {
		t.Errorf("the team is %s", got)
	}

	// Without a word the parameter keeps its value, and what fails changes nothing.
	c.template("901")
	_, err = c.deploy(settings...)
	c.fails(err, "Failed to create/update the stack.")
	if got := clients.attribute(url, "DelaySeconds"); got != "7" || c.status() != "UPDATE_ROLLBACK_COMPLETE" {
		t.Errorf("the delay is %s in %s", got, c.status())
	}
	if got := c.query("describe-stack-events", "StackEvents[?ResourceStatus=='UPDATE_FAILED'].ResourceStatusReason | [0]"); !strings.Contains(got, "DelaySeconds") {
		t.Errorf("the reason is %s", got)
	}
	if got := c.query("describe-stacks", "Stacks[0].Parameters[0].ParameterValue"); got != "audit" {
		t.Errorf("the team is %s", got)
	}

	c.run("delete-stack", "--stack-name", "shop")
	c.run("wait", "stack-delete-complete", "--stack-name", "shop")
	c.refuses("Stack with id shop does not exist", "describe-stacks", "--stack-name", "shop")
	if _, err := clients.receive(url); err == nil {
		t.Error("the queue is still there")
	}
	if got := strings.TrimSpace(c.run("list-stacks", "--output", "text", "--query", "StackSummaries[0].[StackName,StackStatus,TemplateDescription]")); got != "shop\tDELETE_COMPLETE\ta shop" {
		t.Errorf("the stacks are %s", got)
	}
}

// TestChangeSetsWithCLI: change sets step by step, and what can be asked about a template.
func TestChangeSetsWithCLI(t *testing.T) {
	t.Parallel()
	p := serve(t)
	c := newStackCLI(t, p)
	c.template("0")
	body := []string{"--template-body", "file://" + c.file}
	var valid struct {
		Parameters   []struct{ ParameterKey, DefaultValue string }
		Capabilities []string
		Description  string
	}
	if err := json.Unmarshal([]byte(c.run(append([]string{"validate-template"}, body...)...)), &valid); err != nil || len(valid.Parameters) != 1 ||
		valid.Parameters[0].DefaultValue != "till" || strings.Join(valid.Capabilities, " ") != "CAPABILITY_IAM" || valid.Description != "a shop" {
		t.Errorf("%+v, %v", valid, err)
	}
	set := func(name, kind string, args ...string) {
		t.Helper()
		all := []string{"create-change-set", "--stack-name", "shop", "--change-set-name", name, "--change-set-type", kind, "--capabilities", "CAPABILITY_IAM"}
		c.run(append(append(all, body...), args...)...)
	}
	changes := func(name string) string {
		t.Helper()
		return c.query("describe-change-set", "join(' ', Changes[].ResourceChange.join(':', [Action, LogicalResourceId, Replacement || '']))", "--change-set-name", name)
	}
	set("first", "CREATE")
	c.run("wait", "change-set-create-complete", "--stack-name", "shop", "--change-set-name", "first")
	if got := c.status(); got != "REVIEW_IN_PROGRESS" {
		t.Errorf("the stack is %s", got)
	}
	if got := changes("first"); got != "Add:Feed: Add:Orders: Add:Paid: Add:Reader:" {
		t.Errorf("the changes are %s", got)
	}
	c.run("execute-change-set", "--stack-name", "shop", "--change-set-name", "first")
	c.run("wait", "stack-create-complete", "--stack-name", "shop")
	if got := c.run("get-template", "--stack-name", "shop", "--query", "TemplateBody", "--output", "text"); strings.TrimSpace(got) != strings.TrimSpace(readFile(t, c.file)) {
		t.Errorf("the template is %s", got)
	}
	if got := c.query("get-template-summary", "[Parameters[0].ParameterKey, join(' ', sort(ResourceTypes))]"); got != "Team\tAWS::IAM::Role AWS::SNS::Topic AWS::SQS::Queue AWS::SQS::QueuePolicy" {
		t.Errorf("the summary is %s", got)
	}
	if got := strings.TrimSpace(c.run("list-exports", "--output", "text", "--query", "Exports[].Name")); got != "shop-url" {
		t.Errorf("the exports are %s", got)
	}

	set("none", "UPDATE")
	c.refuses("Waiter ChangeSetCreateComplete failed", "wait", "change-set-create-complete", "--stack-name", "shop", "--change-set-name", "none")
	if got := c.query("describe-change-set", "StatusReason", "--change-set-name", "none"); got != "The submitted information didn't contain changes. Submit different information to create a change set." {
		t.Errorf("the reason is %s", got)
	}
	c.template("7")
	set("second", "UPDATE", "--parameters", "ParameterKey=Team,ParameterValue=audit")
	// What has attributes of the queue may change with it, as far as a change set without values tells [C082].
	if got := changes("second"); got != "Add:Audit: Modify:Feed:False Modify:Orders:False Modify:Paid:False Modify:Reader:False" {
		t.Errorf("the changes are %s", got)
	}
	c.run("delete-change-set", "--stack-name", "shop", "--change-set-name", "none")
	c.refuses("ChangeSet [none] does not exist", "describe-change-set", "--stack-name", "shop", "--change-set-name", "none")
	if got := c.query("list-change-sets", "Summaries[].ChangeSetName"); got != "second" {
		t.Errorf("the change sets are %s", got)
	}
	c.run("execute-change-set", "--stack-name", "shop", "--change-set-name", "second")
	c.run("wait", "stack-update-complete", "--stack-name", "shop")
	if got := c.status(); got != "UPDATE_COMPLETE" {
		t.Errorf("the stack is %s", got)
	}
}

// TestStacksInPython: stacks with boto3, in pages, and with no more rights than their user's.
func TestStacksInPython(t *testing.T) {
	t.Parallel()
	py, p := python(t), serve(t)
	if out := run(t, p.env("PYTHONUTF8=1"), py, "python/cloudformation_client.py"); out != "ok\n" {
		t.Errorf("printed %q", out)
	}
}
