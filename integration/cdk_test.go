package integration

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// cdk is the CDK's command line in integration/cdk (npm install).
func cdk(t *testing.T) string {
	t.Helper()
	program, err := filepath.Abs("cdk/node_modules/.bin/cdk")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, "--version").CombinedOutput(); err != nil {
		missing(t, "the AWS CDK (npm install in integration/cdk)", fmt.Errorf("%w: %s", err, out))
	}
	return program
}

// cdkApp runs a command of the CDK on the app of integration/cdk, with its output in a
// folder of the test's own. It answers what it printed on both streams.
func cdkApp(t *testing.T, env []string, folder string, args ...string) (string, error) {
	t.Helper()
	args = append(args, "--output", folder, "--ci", "--no-color", "--no-notices")
	return tryRun(t, append(env, "CI=true", "CDK_DISABLE_VERSION_CHECK=1"), "sh", append([]string{"-c", `cd cdk && exec "$0" "$@"`, cdk(t)}, args...)...)
}

// roleClients are clients of a role, which root assumes.
func (p *process) roleClients(role, url string) (*sqs.Client, *sns.Client) {
	p.t.Helper()
	config := p.config(url)
	out, err := sts.NewFromConfig(config).AssumeRole(p.t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::123456789012:role/" + role), RoleSessionName: aws.String("test"),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	config.Credentials = credentials.NewStaticCredentialsProvider(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	return sqs.NewFromConfig(config), sns.NewFromConfig(config)
}

// checkOrders publishes as the producer and receives as the consumer what the app of
// integration/cdk makes, and tries what it forbids.
func checkOrders(t *testing.T, p *process, visibility string) {
	t.Helper()
	const topic = "arn:aws:sns:us-east-1:123456789012:orders"
	queue := p.httpsURL() + "/123456789012/orders"
	receive, publishDenied := p.roleClients("consumer", p.httpsURL())
	receiveDenied, publish := p.roleClients("producer", p.httpsURL())

	if _, err := publish.Publish(t.Context(), &sns.PublishInput{TopicArn: aws.String(topic), Message: aws.String("an order")}); err != nil {
		t.Fatal(err)
	}
	out, err := receive.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queue, WaitTimeSeconds: 20})
	if err != nil || len(out.Messages) != 1 || *out.Messages[0].Body != "an order" {
		t.Fatalf("the consumer receives %+v, %v", out, err)
	}
	if _, err := receive.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: &queue, ReceiptHandle: out.Messages[0].ReceiptHandle}); err != nil {
		t.Fatal(err)
	}
	if _, err := publishDenied.Publish(t.Context(), &sns.PublishInput{TopicArn: aws.String(topic), Message: aws.String("no order")}); err == nil || !strings.Contains(err.Error(), "is not authorized to perform: SNS:Publish") {
		t.Errorf("the consumer publishes: %v", err)
	}
	if _, err := receiveDenied.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queue}); err == nil || !strings.Contains(err.Error(), "not authorized to perform: sqs:receivemessage") {
		t.Errorf("the producer receives: %v", err)
	}
	plain, _ := p.roleClients("consumer", p.url)
	if _, err := plain.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(p.url + "/123456789012/orders")}); err == nil || !strings.Contains(err.Error(), "with an explicit deny in a resource-based policy") {
		t.Errorf("the consumer receives without TLS: %v", err)
	}
	c := newClients(t, p.config(p.httpsURL()))
	for name, want := range map[string]string{"VisibilityTimeout": visibility, "RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:orders-dlq","maxReceiveCount":3}`, "SqsManagedSseEnabled": "false"} {
		if got := c.attribute(queue, name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

// TestInitWithCDK: a folder that cdk synth has made is what is there from the start.
func TestInitWithCDK(t *testing.T) {
	unwatched(t)
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "cdk.out")
	if out, err := cdkApp(t, (&process{t: t}).env(), folder, "synth", "--quiet"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	p := serve(t, "--init", folder)
	checkOrders(t, p, "45")
	out, err := cloudformation.NewFromConfig(p.config(p.url)).DescribeStacks(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range out.Stacks {
		names = append(names, *s.StackName+" "+string(s.StackStatus))
	}
	if got := strings.Join(names, ", "); strings.Count(got, "CREATE_COMPLETE") != 3 || !strings.Contains(got, "Messaging") {
		t.Errorf("stacks: %s", got)
	}
}

// TestCDKDeploy: cdk deploy to an account that was never bootstrapped makes everything,
// changes nothing when it is called again, updates what has changed, undoes what fails,
// and cdk destroy takes all away.
func TestCDKDeploy(t *testing.T) {
	t.Parallel()
	p := serve(t)
	folder := filepath.Join(t.TempDir(), "cdk.out")
	deploy := func(env ...string) (string, error) {
		t.Helper()
		return cdkApp(t, p.env(env...), folder, "deploy", "--all", "--require-approval", "never", "--progress", "events")
	}
	if out, err := deploy(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	checkOrders(t, p, "45")

	out, err := deploy()
	if err != nil || strings.Count(out, "(no changes)") != 3 {
		t.Errorf("deployed again: %v\n%s", err, out)
	}
	if out, err = deploy("VISIBILITY=60"); err != nil || strings.Count(out, "(no changes)") != 2 {
		t.Errorf("deployed with a change: %v\n%s", err, out)
	}
	checkOrders(t, p, "60")

	_, err = deploy("VISIBILITY=70", "BROKEN=1")
	if err == nil || !strings.Contains(err.Error(), "Value sqs:Fly for parameter ActionName is invalid") {
		t.Errorf("a policy that SQS refuses: %v", err)
	}
	stacks, err := cloudformation.NewFromConfig(p.config(p.url)).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("Messaging")})
	if err != nil || stacks.Stacks[0].StackStatus != types.StackStatusUpdateRollbackComplete {
		t.Errorf("after that: %+v, %v", stacks, err)
	}
	checkOrders(t, p, "60")

	if out, err := cdkApp(t, p.env(), folder, "diff"); err != nil {
		t.Errorf("diff: %v\n%s", err, out)
	}
	if out, err := cdkApp(t, p.env(), folder, "destroy", "--all", "--force"); err != nil {
		t.Fatalf("destroy: %v\n%s", err, out)
	}
	c := newClients(t, p.config(p.url))
	queues, err := c.sqs.ListQueues(t.Context(), nil)
	if err != nil || len(queues.QueueUrls) != 0 {
		t.Errorf("after destroy there are %v, %v", queues, err)
	}
}

// TestCDKBootstrap: cdk bootstrap makes AWS's own resources, of which repositories of
// images are left out; what is deployed after it uses them, by HTTPS, for its bucket
// refuses plain HTTP.
func TestCDKBootstrap(t *testing.T) {
	unwatched(t)
	t.Parallel()
	p := serve(t)
	folder := filepath.Join(t.TempDir(), "cdk.out")
	secure := p.env("AWS_ENDPOINT_URL="+p.httpsURL(), "AWS_CA_BUNDLE="+p.caBundle())
	out, err := cdkApp(t, secure, folder, "bootstrap", "aws://123456789012/us-east-1")
	if err != nil || !strings.Contains(out, "waxseal does not emulate AWS::ECR::Repository") {
		t.Fatalf("%v\n%s", err, out)
	}
	deploy := []string{"deploy", "--all", "--require-approval", "never"}
	if out, err := cdkApp(t, p.env(), folder, deploy...); err == nil || !strings.Contains(err.Error(), "exists, but we dont have access to it") {
		t.Errorf("by HTTP: %v\n%s", err, out)
	}
	if got := string(p.get("/_waxseal/explain")); !strings.Contains(got, "It hangs on aws:SecureTransport: the call came over plain HTTP. Call by HTTPS:") {
		t.Errorf("explained: %s", got)
	}
	if out, err := cdkApp(t, secure, folder, deploy...); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	checkOrders(t, p, "45")
	if out, err := cdkApp(t, append(secure, "VISIBILITY=60"), folder, "diff"); err != nil || !strings.Contains(out, "[+] 60") {
		t.Errorf("the difference: %v\n%s", err, out)
	}
}
