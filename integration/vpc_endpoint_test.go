package integration

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

const lambdaEndpoint = "vpce-0123456789abcdef0"

// inVPC is the exam's pattern "Lambda in a VPC reaches SQS without internet": a queue
// for what comes through the endpoint alone, one for the office's addresses alone, one
// that the endpoint's policy does not name, and a topic that delivers to the first.
const inVPC = `
accounts:
  "123456789012":
    vpcs:
      - id: vpc-0123456789abcdef0
        cidr: 10.0.0.0/16
        subnets: [{id: subnet-0123456789abcdef0, cidr: 10.0.1.0/24, az: us-east-1a}]
        securityGroups: [{id: sg-0123456789abcdef0, name: endpoints, ingress: [{port: 443, cidr: 10.0.0.0/16}]}]
        endpoints:
          - id: ` + lambdaEndpoint + `
            service: sqs
            subnets: [subnet-0123456789abcdef0]
            securityGroups: [sg-0123456789abcdef0]
            tags: {Name: orders-queue}
            policy:
              Statement:
                - {Effect: Allow, Principal: "*", Action: "sqs:*", Resource: ["arn:aws:sqs:us-east-1:123456789012:orders", "arn:aws:sqs:us-east-1:123456789012:office"]}
    users:
      - name: lambda
        accessKey: {id: AKIALAMBDAINAVPC0000, secret: lambdaInAVPCReachesSQSWithoutInternet000}
        policies:
          all: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: ["sqs:*", "sns:*"], Resource: "*"}]}
    queues:
      - name: open
      - name: orders
        policy:
          Version: "2012-10-17"
          Statement:
            - {Effect: Allow, Principal: {Service: sns.amazonaws.com}, Action: "sqs:SendMessage", Resource: "*"}
            - {Sid: OnlyThroughTheEndpoint, Effect: Deny, Principal: "*", Action: "sqs:SendMessage", Resource: "*", Condition: {StringNotEquals: {"aws:SourceVpce": ` + lambdaEndpoint + `}}}
      - name: office
        policy:
          Version: "2012-10-17"
          Statement:
            - {Sid: OnlyTheOffice, Effect: Deny, Principal: "*", Action: "sqs:SendMessage", Resource: "*", Condition: {NotIpAddress: {"aws:SourceIp": 127.0.0.0/8}}}
    topics:
      - name: placed
        subscriptions: [{protocol: sqs, endpoint: "arn:aws:sqs:us-east-1:123456789012:orders"}]
`

// Signatures are verified here: the path of the endpoint is part of what is signed.
func TestVPCEndpoint(t *testing.T) {
	t.Parallel()
	p := serve(t, "--strict", "credentials", "--init", writeFile(t, inVPC))
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, p.get("/_waxseal/ca.pem"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python(t), "python/vpc_endpoint.py", strings.TrimPrefix(p.url, "http://"), ca, lambdaEndpoint, "123456789012")
	cmd.Env = wordless("AWS_ACCESS_KEY_ID=AKIALAMBDAINAVPC0000", "AWS_SECRET_ACCESS_KEY=lambdaInAVPCReachesSQSWithoutInternet000", "AWS_DEFAULT_REGION=us-east-1")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, out, p.stderr)
	}
	words := map[string]struct{ message, explained string }{
		"orders":        {"with an explicit deny in a resource-based policy", "StringNotEquals aws:SourceVpce \"" + lambdaEndpoint + "\" (the request lacks it)"},
		"another queue": {"because no VPC endpoint policy allows the sqs:sendmessage action", "VPC endpoint policy  <- decides"},
		"office":        {"with an explicit deny in a resource-based policy", "NotIpAddress aws:SourceIp \"127.0.0.0/8\" (the request lacks it)"},
	}
	n := 0
	for lines := bufio.NewScanner(strings.NewReader(string(out))); lines.Scan(); n++ {
		var d struct{ Way, What, Message, Request string }
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		want := words[d.What]
		if !strings.HasPrefix(d.Message, "User: arn:aws:iam::123456789012:user/lambda is not authorized to perform: sqs:sendmessage on resource: ") || !strings.HasSuffix(d.Message, want.message) {
			t.Errorf("%s, %s: %s\nwant %s", d.Way, d.What, d.Message, want.message)
		}
		if text := string(p.get("/_waxseal/explain?request-id=" + d.Request)); !strings.Contains(text, want.explained) {
			t.Errorf("%s, %s: explained as\n%s\nwant %s", d.Way, d.What, text, want.explained)
		}
	}
	if want := 1 + 5*2; n != want {
		t.Errorf("%d denials, want %d", n, want)
	}
	if err := p.stop(syscall.SIGTERM); err != nil { // from then on the log is whole
		t.Errorf("it ends with %v", err)
	}
	if strings.Contains(p.stderr.String(), "would hang") {
		t.Errorf("the log warns of a security group that admits the callers:\n%s", p.stderr)
	}
	for _, reason := range []string{"there is no endpoint of this id", "the call is for sns, and the endpoint for sqs", "no way to the internet"} {
		if !strings.Contains(p.stderr.String(), reason) {
			t.Errorf("the log lacks %q:\n%s", reason, p.stderr)
		}
	}
}

// What a service sends by itself comes through no endpoint, even if its own caller
// came through one [G8].
func TestServicesAreOutsideTheVPC(t *testing.T) {
	t.Parallel()
	p := serve(t, "--init", writeFile(t, inVPC))
	config := p.config(p.url)
	config.Credentials = credentials.NewStaticCredentialsProvider("AKIALAMBDAINAVPC0000", "lambdaInAVPCReachesSQSWithoutInternet000", "")
	out, err := sns.NewFromConfig(config).Publish(t.Context(), &sns.PublishInput{TopicArn: aws.String("arn:aws:sns:us-east-1:123456789012:placed"), Message: aws.String("hello")})
	if err != nil {
		t.Fatal(err)
	}
	text := program(t, wordless("AWS_ENDPOINT_URL="+p.url), "explain", "--message", *out.MessageId)
	for _, want := range []string{"FAILURE", "OnlyThroughTheEndpoint", "aws:SourceVpce"} {
		if !strings.Contains(text.stdout, want) {
			t.Errorf("explained as\n%s%s\nwithout %s", text.stdout, text.stderr, want)
		}
	}
}

// The Go SDK, which signs the path, keeps to the endpoint by the queue's URL.
func TestVPCEndpointByGo(t *testing.T) {
	t.Parallel()
	p := serve(t, "--strict", "credentials", "--init", writeFile(t, inVPC))
	for _, base := range []string{p.url, strings.Replace(p.url, "http:", "https:", 1)} {
		base += "/_vpce/" + lambdaEndpoint
		config := p.config(base)
		config.Credentials = credentials.NewStaticCredentialsProvider("AKIALAMBDAINAVPC0000", "lambdaInAVPCReachesSQSWithoutInternet000", "")
		c := newClients(t, config)
		if err := c.send(base+"/123456789012/orders", base); err != nil {
			t.Error(err)
		}
		if got := c.bodies(base + "/123456789012/orders"); len(got) != 1 || got[0] != base {
			t.Errorf("received %q", got)
		}
	}
}

// exec puts a command into the VPC: by boto3 and by the AWS CLI.
func TestExecThrough(t *testing.T) {
	t.Parallel()
	py := python(t)
	const script = `
import boto3, json, os
sqs = boto3.client("sqs")
url = sqs.get_queue_url(QueueName="orders")["QueueUrl"]
sqs.send_message(QueueUrl=url, MessageBody="hello")
try:
    boto3.client("kms").list_keys()
    print(url, "and KMS")
except Exception as e:
    print(url, type(e).__name__)
`
	fixtures := writeFile(t, inVPC)
	for flags, want := range map[string]string{"": " and KMS\n", "--isolated": " ConnectionClosedError\n"} {
		args := append([]string{"exec", "--init", fixtures, "--through", "orders-queue"}, strings.Fields(flags)...)
		got := program(t, wordless("AWS_MAX_ATTEMPTS=1"), append(args, "--", py, "-c", script)...)
		if got.status != 0 || !strings.HasPrefix(got.stdout, "http://127.0.0.1:") || !strings.Contains(got.stdout, "/_vpce/"+lambdaEndpoint+"/123456789012/orders") || !strings.HasSuffix(got.stdout, want) {
			t.Errorf("%s: status %d\n%s%s", flags, got.status, got.stdout, got.stderr)
		}
	}
	got := program(t, wordless(), "exec", "--init", fixtures, "--through", "none", "--", "true")
	if got.status != 2 || !strings.Contains(got.stderr, `waxseal: --through: there is no VPC endpoint "none" in account 123456789012, region us-east-1`) {
		t.Errorf("status %d\n%s", got.status, got.stderr)
	}
}

// env puts a shell into the VPC, and out of it again.
func TestEnvThrough(t *testing.T) {
	t.Parallel()
	p := serve(t, "--init", writeFile(t, inVPC))
	env := wordless("AWS_ENDPOINT_URL=" + p.url)
	got := program(t, env, "env", "--through", lambdaEndpoint, "--isolated")
	for _, line := range []string{"export AWS_ENDPOINT_URL='" + p.url + "/_vpce/isolated'\n", "export AWS_ENDPOINT_URL_SQS='" + p.url + "/_vpce/" + lambdaEndpoint + "'\n"} {
		if got.status != 0 || !strings.Contains(got.stdout, line) {
			t.Errorf("status %d, %s%s\nwithout %s", got.status, got.stdout, got.stderr, line)
		}
	}
	// The commands of waxseal reach the server from inside, too.
	inside := wordless("AWS_ENDPOINT_URL="+p.url+"/_vpce/isolated", "AWS_ENDPOINT_URL_SQS="+p.url+"/_vpce/"+lambdaEndpoint)
	if got := program(t, inside, "health"); got.status != 0 {
		t.Errorf("health: status %d, %s", got.status, got.stderr)
	}
	if got := program(t, inside, "env"); got.status != 0 || !strings.Contains(got.stdout, "export AWS_ENDPOINT_URL='"+p.url+"'\n") || !strings.HasSuffix(got.stdout, "\nunset AWS_ENDPOINT_URL_SQS\n") {
		t.Errorf("env, from inside: status %d, %s%s", got.status, got.stdout, got.stderr)
	}
	got = program(t, env, "env", "--through", "none")
	if got.status != 2 || !strings.HasSuffix(got.stdout, "\nfalse\n") || !strings.Contains(got.stderr, `there is no VPC endpoint "none"`) {
		t.Errorf("status %d, %s%s", got.status, got.stdout, got.stderr)
	}
}
