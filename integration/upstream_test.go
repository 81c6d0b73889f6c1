package integration

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// neighbor is an emulator that keeps what it was asked.
type neighbor struct {
	*httptest.Server
	asked chan *http.Request
}

func startNeighbor(t *testing.T, answer http.HandlerFunc) *neighbor {
	n := &neighbor{asked: make(chan *http.Request, 100)}
	n.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/_localstack/health" {
			_, _ = io.WriteString(w, `{"services": {"dynamodb": "available", "sqs": "available"}}`)
			return
		}
		n.asked <- r.Clone(context.Background())
		answer(w, r)
	}))
	t.Cleanup(n.Close)
	return n
}

// scoped is a request that is signed, as far as its head tells, for a service.
func scoped(t *testing.T, method, url, service string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA0000000000000001/20261130/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=00")
	return r
}

// What is not emulated goes to the neighbor as it came, and what is stays here.
func TestUpstream(t *testing.T) {
	t.Parallel()
	n := startNeighbor(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amz-Crc32", "1")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "an answer of the neighbor's")
	})
	p := serve(t, "--upstream", n.URL)
	if _, err := sqs.NewFromConfig(p.config(p.url)).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("here")}); err != nil {
		t.Fatal(err)
	}
	const raw = "/2015-03-31/functions/a%2Fb;c/%7e?x=1;y&z=a+b%20"
	const host = "lambda.us-east-1.example.com"
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "POST "+raw+" HTTP/1.1\r\nHost: "+host+"\r\nContent-Encoding: gzip\r\nX-Forwarded-For: 10.0.0.1\r\nContent-Length: 6\r\n"+
		"Authorization: "+scoped(t, http.MethodGet, p.url, "lambda", nil).Header.Get("Authorization")+"\r\n\r\npacked"); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err = closing(answer.Body, err); err != nil || answer.StatusCode != http.StatusTeapot || string(body) != "an answer of the neighbor's" || answer.Header.Get("X-Amz-Crc32") != "1" {
		t.Errorf("answered %d %v %s, %v", answer.StatusCode, answer.Header, body, err)
	}
	got := <-n.asked
	if got.RequestURI != raw || got.Host != host {
		t.Errorf("asked for %s of %s", got.RequestURI, got.Host)
	}
	var names []string
	for name := range got.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	if want := []string{"Authorization", "Content-Encoding", "Content-Length", "X-Forwarded-For"}; !slices.Equal(names, want) || got.Header.Get("X-Forwarded-For") != "10.0.0.1" {
		t.Errorf("the neighbor got %v", got.Header)
	}
	// What a bucket's name has in it is no service.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/key", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "my.us-east-1.pets.s3.localhost"
	if answer, err = http.DefaultClient.Do(r); err != nil {
		t.Fatal(err)
	}
	if body, err = io.ReadAll(answer.Body); closing(answer.Body, err) != nil || !strings.Contains(string(body), "<BucketName>my.us-east-1.pets</BucketName>") {
		t.Errorf("of a bucket: %s, %v", body, err)
	}
	if len(n.asked) > 0 {
		t.Errorf("the neighbor was asked for %s, too", (<-n.asked).RequestURI)
	}

	var health struct {
		Services map[string]string
		Upstream struct{ URL, Status string }
	}
	if err := json.Unmarshal(p.get("/_waxseal/health"), &health); err != nil || health.Upstream.URL != n.URL || health.Upstream.Status != "running" || health.Services["dynamodb"] != "" {
		t.Errorf("health: %+v, %v", health, err)
	}
	if err := json.Unmarshal(p.get("/_localstack/health"), &health); err != nil || health.Services["dynamodb"] != "available" || health.Services["sqs"] != "running" {
		t.Errorf("LocalStack's health: %+v, %v", health, err)
	}
}

func closing(c io.Closer, err error) error {
	if closed := c.Close(); err == nil {
		err = closed
	}
	return err
}

// Bodies of any size pass by piece, both ways at once: the server does not grow.
func TestUpstreamStreams(t *testing.T) {
	t.Parallel()
	const size = 200 << 20
	n := startNeighbor(t, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).EnableFullDuplex()
		_, _ = io.Copy(w, r.Body)
	})
	p := serve(t, "--upstream", n.URL)
	sent, received := sha256.New(), sha256.New()
	r := scoped(t, http.MethodPut, p.url+"/x", "glacier", io.TeeReader(io.LimitReader(zeros{}, size), sent))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	length, err := io.Copy(received, answer.Body)
	if err = closing(answer.Body, err); err != nil || length != size || !bytes.Equal(sent.Sum(nil), received.Sum(nil)) {
		t.Errorf("%d bytes came back, %v", length, err)
	}
	if peak := p.peak(); peak > 150<<10 {
		t.Errorf("the server needed %d KiB", peak)
	}
}

// peak is the most memory that the process has had, in KiB; 0 where the system does not
// tell.
func (p *process) peak() (kib int) {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	_, _ = fmt.Sscan(after, &kib)
	return kib
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// A connection that is upgraded leads to the neighbor.
func TestUpstreamUpgrades(t *testing.T) {
	t.Parallel()
	n := startNeighbor(t, func(w http.ResponseWriter, _ *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		line, _ := rw.ReadString('\n')
		_, _ = io.WriteString(conn, "echo "+line)
	})
	p := serve(t, "--upstream", n.URL)
	host := strings.TrimPrefix(p.url, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "GET /prod HTTP/1.1\r\nHost: api1.execute-api.us-east-1.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	answer, err := http.ReadResponse(reader, nil)
	if err != nil || answer.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%+v, %v", answer, err)
	}
	if _, err := io.WriteString(conn, "hello\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := reader.ReadString('\n'); line != "echo hello\n" {
		t.Errorf("%q, %v", line, err)
	}
}

// Where the neighbor is away, its calls fail in the form of their protocol, and nothing
// else does.
func TestUpstreamAway(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	p := serve(t, "--upstream", "http://127.0.0.1:"+port)
	for _, c := range []struct {
		service, target, media, body, want string
	}{
		{"dynamodb", "DynamoDB_20120810.ListTables", "application/x-amz-json-1.0", "{}", `"__type":"BadGatewayException"`},
		{"lambda", "", "", "", `"__type":"BadGatewayException"`},
		{"rds", "", "application/x-www-form-urlencoded", "Action=DescribeDBInstances", "<Code>BadGateway</Code>"},
	} {
		r := scoped(t, http.MethodPost, p.url+"/", c.service, strings.NewReader(c.body))
		r.Header.Set("X-Amz-Target", c.target)
		r.Header.Set("Content-Type", c.media)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		want := "waxseal passes calls of " + c.service + " on to http://127.0.0.1:" + port + ", and nobody answers"
		if err = closing(answer.Body, err); err != nil || answer.StatusCode != http.StatusBadGateway || !strings.Contains(string(body), c.want) || !strings.Contains(string(body), want) {
			t.Errorf("%s: answered %d %s, %v", c.service, answer.StatusCode, body, err)
		}
	}
	if _, err := sqs.NewFromConfig(p.config(p.url)).ListQueues(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if got := string(p.get("/_waxseal/health")); !strings.Contains(got, `"upstream":{"url":"http://127.0.0.1:`+port+`","status":"unreachable"}`) {
		t.Error(got)
	}
}

// A server that is its own neighbor ends the circle at once.
func TestUpstreamIsItself(t *testing.T) {
	t.Parallel()
	port := freePort(t)
	p := serve(t, "--addr", "127.0.0.1:"+port, "--upstream", "http://localhost:"+port)
	answer, err := http.DefaultClient.Do(scoped(t, http.MethodGet, p.url+"/x", "lambda", nil))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err = closing(answer.Body, err); err != nil || answer.StatusCode != http.StatusBadGateway || !strings.Contains(string(body), "the upstream is this server itself") {
		t.Errorf("answered %d %s, %v", answer.StatusCode, body, err)
	}
}

func TestUpstreamFlag(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"localhost:5000":          `--upstream: "localhost:5000" is no URL such as http://127.0.0.1:5000`,
		"http://127.0.0.1:1/path": `--upstream: "http://127.0.0.1:1/path" has more than a scheme and a host`,
		"http://me:word@h":        `--upstream: "http://me:xxxxx@h" has more than a scheme and a host`,
	} {
		for _, args := range [][]string{{"serve", "--addr", "127.0.0.1:0"}, {"exec"}} {
			args = append(args, "--upstream", text)
			if args[0] == "exec" {
				args = append(args, "--", "true")
			}
			if got := program(t, wordless(), args...); got.status != 2 || !strings.Contains(got.stderr, want) {
				t.Errorf("%v: status %d, %s", args, got.status, got.stderr)
			}
		}
	}
}

// What moto's server answers is its own, by several protocols.
func TestUpstreamToMoto(t *testing.T) {
	t.Parallel()
	server, err := exec.LookPath("moto_server")
	if err != nil {
		missing(t, "moto's server", err)
	}
	port := freePort(t)
	cmd := exec.Command(server, "-H", "127.0.0.1", "-p", port)
	if err := startProcess(t, cmd); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { killGroup(cmd); _ = cmd.Wait() })
	address := "127.0.0.1:" + port
	for range 600 {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	p := serve(t, "--upstream", "http://"+address)
	const calls = `
import boto3, botocore
tables, secrets, sqs = boto3.client("dynamodb"), boto3.client("secretsmanager"), boto3.client("sqs")
tables.create_table(TableName="pets", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST")
tables.put_item(TableName="pets", Item={"id": {"S": "Möhre"}})
assert tables.scan(TableName="pets")["Items"] == [{"id": {"S": "Möhre"}}]
secret = secrets.create_secret(Name="word", SecretString="s3cret")["ARN"]
assert secrets.get_secret_value(SecretId=secret)["SecretString"] == "s3cret"
boto3.client("ssm").put_parameter(Name="/a/b", Value="c", Type="String")
assert boto3.client("cloudwatch").put_metric_data(Namespace="n", MetricData=[{"MetricName": "m", "Value": 1}])
url = sqs.create_queue(QueueName="pets")["QueueUrl"]
sqs.send_message(QueueUrl=url, MessageBody="x")
try:
    tables.describe_table(TableName="none")
except botocore.exceptions.ClientError as e:
    print(e.response["Error"]["Code"], e.response["ResponseMetadata"]["HTTPStatusCode"])
`
	if out := run(t, p.env(), python(t), "-c", calls); out != "ResourceNotFoundException 400\n" {
		t.Error(out)
	}
}
