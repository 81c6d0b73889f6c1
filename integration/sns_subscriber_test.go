package integration

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/google/go-cmp/cmp"
)

// subscriptionID is what follows the topic in a subscription's ARN.
var subscriptionID = regexp.MustCompile(`TOPIC:[0-9a-f-]{36}`)

// subscriberPython is a Python with boto3 and cryptography.
func subscriberPython(t *testing.T) string {
	t.Helper()
	py := python(t)
	if out, err := exec.Command(py, "-c", "import cryptography").CombinedOutput(); err != nil {
		missing(t, "Python with cryptography", fmt.Errorf("%w: %s", err, out))
	}
	return py
}

// TestHTTPSubscriber: a subscriber written in another language, which knows
// nothing of this server, verifies all that it is sent [N120]-[N129] [N137]-[N144].
func TestHTTPSubscriber(t *testing.T) {
	t.Parallel()
	py := subscriberPython(t)
	var want []string
	for _, version := range []string{"1", "2"} {
		for _, line := range []string{
			`SubscriptionConfirmation "You have chosen to subscribe to the topic TOPIC." null`,
			`Notification "without a subject" null`,
			`Notification "with \"quotes\", \u00e4\u00f6\u00fc and \ud83d\udc3e" "a subject"`,
			`UnsubscribeConfirmation "You have chosen to deactivate subscription TOPIC:…." null`,
			`Notification "welcome back" null`,
		} {
			want = append(want, version+" "+line)
		}
	}
	for _, scheme := range []string{"http", "https"} {
		t.Run(scheme, func(t *testing.T) {
			p := serve(t)
			env := p.env("AWS_CA_BUNDLE=" + p.caBundle())
			if scheme == "https" {
				env = p.env("AWS_ENDPOINT_URL="+p.httpsURL(), "AWS_CA_BUNDLE="+p.caBundle())
			}
			out := run(t, env, py, "python/subscriber.py")
			got := strings.Split(strings.TrimSpace(subscriptionID.ReplaceAllString(out, "TOPIC:…")), "\n")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("what the subscriber verified (-want +got):\n%s", diff)
			}
		})
	}
}

// snsValidator is Node.js with sns-validator in integration/js (npm install).
func snsValidator(t *testing.T) string {
	t.Helper()
	check := exec.Command("node", "-e", "require('sns-validator')")
	check.Dir = "js"
	if out, err := check.CombinedOutput(); err != nil {
		missing(t, "Node.js with sns-validator (npm install in integration/js)", fmt.Errorf("%w: %s", err, bytes.TrimSpace(out)))
	}
	return "node"
}

// inbox is an HTTP endpoint that keeps what it is sent.
func inbox(t *testing.T) (endpoint string, messages <-chan string) {
	t.Helper()
	c := make(chan string, 16)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("what SNS sends breaks off: %v", err)
		}
		c <- string(body)
	}))
	t.Cleanup(server.Close)
	return server.URL, c
}

func next(t *testing.T, messages <-chan string) string {
	t.Helper()
	select {
	case m := <-messages:
		return m
	case <-time.After(20 * time.Second):
		t.Fatal("no message arrives at the HTTP endpoint")
		return ""
	}
}

// TestSNSValidator: AWS's validator for Node.js, which fetches certificates by
// https alone, takes what this server signs for publishers who come by http,
// once it is told that certificates may come from its host.
func TestSNSValidator(t *testing.T) {
	js := snsValidator(t)
	p := serve(t)
	c := newClients(t, p.config(p.url))
	var lines []string
	keep := func(text string) {
		var compact bytes.Buffer
		if err := json.Compact(&compact, []byte(text)); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		lines = append(lines, compact.String())
	}
	for _, version := range []string{"1", "2"} {
		endpoint, messages := inbox(t)
		topic, err := c.sns.CreateTopic(t.Context(), &sns.CreateTopicInput{
			Name: aws.String("validated-" + version), Attributes: map[string]string{"SignatureVersion": version},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.sns.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: topic.TopicArn, Protocol: aws.String("http"), Endpoint: &endpoint}); err != nil {
			t.Fatal(err)
		}
		confirmation := next(t, messages)
		keep(confirmation)
		var asked struct{ Token string }
		if err := json.Unmarshal([]byte(confirmation), &asked); err != nil {
			t.Fatal(err)
		}
		if _, err := c.sns.ConfirmSubscription(t.Context(), &sns.ConfirmSubscriptionInput{TopicArn: topic.TopicArn, Token: &asked.Token}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.sns.Publish(t.Context(), &sns.PublishInput{TopicArn: topic.TopicArn, Subject: aws.String("pets"), Message: aws.String("äöü 🐾\n\"")}); err != nil {
			t.Fatal(err)
		}
		keep(next(t, messages))
	}
	file := filepath.Join(t.TempDir(), "messages")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(p.httpsURL())
	if err != nil {
		t.Fatal(err)
	}
	out := run(t, p.env("NODE_EXTRA_CA_CERTS="+p.caBundle()), js, "js/sns_validator.mjs", file, "^"+regexp.QuoteMeta(address.Host)+"$")
	const verdicts = "; valid; The message signature is invalid.; The certificate is located on an invalid domain.\n"
	want := ""
	for _, version := range []string{"1", "2"} {
		want += version + "; SubscriptionConfirmation" + verdicts + version + "; Notification" + verdicts
	}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("what sns-validator says (-want +got):\n%s", diff)
	}
}
