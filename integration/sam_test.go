package integration

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// samCLI is the SAM CLI, which works on the template of integration/sam.
type samCLI struct {
	t   *testing.T
	env []string
}

func newSAM(t *testing.T, env []string) *samCLI {
	t.Helper()
	if _, err := exec.LookPath("sam"); err != nil {
		missing(t, "the SAM CLI (pip install aws-sam-cli)", err)
	}
	return &samCLI{t, append(env, "SAM_CLI_TELEMETRY=0", "SAM_CLI_POLL_DELAY=0.1", "HOME="+t.TempDir(), "PYTHONUTF8=1")}
}

// run runs a command, and answers what it printed, or the error with both streams.
func (s *samCLI) run(args ...string) (string, error) {
	s.t.Helper()
	return tryRun(s.t, s.env, "sh", append([]string{"-c", `cd sam && exec sam "$@"`, "sam"}, args...)...)
}

// deploy deploys the template as the stack shop.
func (s *samCLI) deploy(args ...string) (string, error) {
	s.t.Helper()
	return s.run(append([]string{"deploy", "--stack-name", "shop", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar"}, args...)...)
}

// deployed is deploy where it succeeds.
func (s *samCLI) deployed(args ...string) string {
	s.t.Helper()
	out, err := s.deploy(args...)
	if err != nil || !strings.Contains(out, "Successfully created/updated stack - shop in us-east-1") {
		s.t.Fatalf("printed %s, %v", out, err)
	}
	return out
}

// stackOutputs are the outputs of the stack shop.
func stackOutputs(t *testing.T, p *process) map[string]string {
	t.Helper()
	out, err := cloudformation.NewFromConfig(p.config(p.url)).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("shop")})
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, o := range out.Stacks[0].Outputs {
		values[*o.OutputKey] = *o.OutputValue
	}
	return values
}

// functionConfig is a configuration with the credentials that AWS Lambda gives a function
// of the role, if the role lets it.
func (p *process) functionConfig(url, role string) aws.Config {
	p.t.Helper()
	body := `{"service":"lambda.amazonaws.com","action":"sts:AssumeRole","params":{"RoleArn":"` + role + `","RoleSessionName":"function"}}`
	res, err := http.Post(p.url+"/_waxseal/act", "application/json", strings.NewReader(body)) //nolint:noctx // the server ends with the test
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var out struct {
		Status   int
		Error    any
		Response struct {
			Credentials struct{ AccessKeyId, SecretAccessKey, SessionToken string }
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil || out.Status != http.StatusOK {
		p.t.Fatalf("AWS Lambda assumes the role: %+v, %v", out, err)
	}
	config, c := p.config(url), out.Response.Credentials
	config.Credentials = credentials.NewStaticCredentialsProvider(c.AccessKeyId, c.SecretAccessKey, c.SessionToken)
	return config
}

// checkFunctions does as the functions of integration/sam what their policies let them,
// and tries what they do not.
func checkFunctions(t *testing.T, p *process, outputs map[string]string) {
	t.Helper()
	producer := newClients(t, p.functionConfig(p.httpsURL(), outputs["ProducerRole"]))
	consumer := newClients(t, p.functionConfig(p.httpsURL(), outputs["ConsumerRole"]))
	if err := producer.send(outputs["Orders"], "an order"); err != nil {
		t.Errorf("SQSSendMessagePolicy: %v", err)
	}
	if err := producer.send(outputs["Failed"], "a failure"); err != nil {
		t.Errorf("DeadLetterQueue: %v", err)
	}
	if _, err := producer.sns.Publish(t.Context(), &sns.PublishInput{TopicArn: aws.String(outputs["Paid"]), Message: aws.String("a payment")}); err != nil {
		t.Errorf("SNSPublishMessagePolicy: %v", err)
	}
	if _, err := consumer.receive(outputs["Other"]); err != nil {
		t.Errorf("SQSPollerPolicy: %v", err)
	}
	got := map[string]string{}
	for _, queue := range []string{"Orders", "Payments"} {
		messages, err := consumer.receive(outputs[queue])
		if err != nil || len(messages) != 1 {
			t.Errorf("the events of %s: %+v, %v", queue, messages, err)
			continue
		}
		got[queue] = *messages[0].Body
		if err := consumer.delete(outputs[queue], messages[0]); err != nil {
			t.Error(err)
		}
	}
	if got["Orders"] != "an order" || !strings.Contains(got["Payments"], `"Message" : "a payment"`) {
		t.Errorf("received %q", got)
	}
	_, publishes := consumer.sns.Publish(t.Context(), &sns.PublishInput{TopicArn: aws.String(outputs["Paid"]), Message: aws.String("a payment")})
	_, receives := producer.receive(outputs["Orders"])
	for what, err := range map[string]error{
		"the producer sends to another queue":  producer.send(outputs["Other"], "an order"),
		"the producer sends to a topic's feed": producer.send(outputs["Payments"], "an order"),
		"the producer receives":                receives,
		"the consumer sends":                   consumer.send(outputs["Orders"], "an order"),
		"the consumer publishes":               publishes,
	} {
		if err == nil || !strings.Contains(err.Error(), "not authorized to perform: ") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestSAMDeploy: sam deploy with a bucket that SAM makes, by HTTPS, for that bucket
// refuses plain HTTP; again without a change, with one, and sam delete.
func TestSAMDeploy(t *testing.T) {
	unwatched(t)
	t.Parallel()
	p := serve(t)
	_, err := newSAM(t, p.env()).deploy("--resolve-s3")
	if err == nil || !strings.Contains(err.Error(), "with an explicit deny in a resource-based policy") {
		t.Errorf("by HTTP: %v", err)
	}
	if got := string(p.get("/_waxseal/explain")); !strings.Contains(got, "It hangs on aws:SecureTransport: the call came over plain HTTP. Call by HTTPS:") {
		t.Errorf("explained: %s", got)
	}

	sam := newSAM(t, p.env("AWS_ENDPOINT_URL="+p.httpsURL(), "AWS_CA_BUNDLE="+p.caBundle()))
	out := sam.deployed("--resolve-s3")
	if !strings.Contains(strings.Join(strings.Fields(out), " "), "CREATE_COMPLETE AWS::SQS::QueuePolicy ConsumerPaymentQueuePo") {
		t.Errorf("printed %s", out)
	}
	outputs := stackOutputs(t, p)
	checkFunctions(t, p, outputs)
	rules, err := eventbridge.NewFromConfig(p.config(p.url)).ListRules(t.Context(), nil)
	if err != nil || len(rules.Rules) != 2 || aws.ToString(rules.Rules[0].ScheduleExpression) != "rate(1 day)" || aws.ToString(rules.Rules[1].EventPattern) != `{"source":["shop"]}` {
		t.Errorf("rules: %+v, %v", rules, err)
	}

	if _, err := sam.deploy("--resolve-s3"); err == nil || !strings.Contains(err.Error(), "No changes to deploy. Stack shop is up to date") {
		t.Errorf("deployed again: %v", err)
	}
	sam.deployed("--resolve-s3", "--parameter-overrides", "Visibility=60")
	if got := newClients(t, p.config(p.httpsURL())).attribute(outputs["Orders"], "VisibilityTimeout"); got != "60" {
		t.Errorf("the visibility timeout is %s", got)
	}
	if out, err := sam.run("list", "stack-outputs", "--stack-name", "shop", "--output", "json"); err != nil || !strings.Contains(out, `"OutputValue": "`+outputs["Paid"]+`"`) {
		t.Errorf("outputs: %s, %v", out, err)
	}
	if out, err := sam.run("delete", "--stack-name", "shop", "--no-prompts"); err != nil || !strings.Contains(out, "Deleted successfully") {
		t.Errorf("deleted: %s, %v", out, err)
	}
	stacks, err := cloudformation.NewFromConfig(p.config(p.url)).DescribeStacks(t.Context(), nil)
	if err != nil || len(stacks.Stacks) != 1 || *stacks.Stacks[0].StackName != "aws-sam-cli-managed-default" {
		t.Errorf("after that: %+v, %v", stacks, err)
	}
}

// TestSAMDeployToBucket: with a bucket of one's own plain HTTP will do.
func TestSAMDeployToBucket(t *testing.T) {
	unwatched(t)
	t.Parallel()
	p := serve(t)
	client := s3.NewFromConfig(p.config(p.url), func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("artifacts")}); err != nil {
		t.Fatal(err)
	}
	sam := newSAM(t, p.env())
	sam.deployed("--s3-bucket", "artifacts")
	checkFunctions(t, p, stackOutputs(t, p))
	objects, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("artifacts")})
	if err != nil || len(objects.Contents) != 2 {
		t.Errorf("the bucket has %+v, %v", objects, err)
	}
}
