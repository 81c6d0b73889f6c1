package control_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// What SNS would send to a person is found by its protocol, newest first, with
// its attributes.
func TestCapturedMessagesAreFound(t *testing.T) {
	s := servertest.New(t, server.Config{})
	const topic = "arn:aws:sns:us-east-1:123456789012:t"
	type params = map[string]any
	servertest.ActAs(t, s, "root", "sns:CreateTopic", params{"Name": "t"})
	servertest.ActAs(t, s, "root", "sns:Publish", params{"PhoneNumber": "+12065550100", "Message": "first"})
	servertest.Delivered(t, s, 1)
	servertest.ActAs(t, s, "root", "sns:Publish", params{"PhoneNumber": "+12065550100", "Message": "second", "MessageAttributes": params{
		"AWS.SNS.SMS.SenderID": params{"DataType": "String", "StringValue": "waxseal"},
		"raw":                  params{"DataType": "Binary", "BinaryValue": "AQI="},
	}})
	servertest.ActAs(t, s, "root", "sns:Subscribe", params{"TopicArn": topic, "Protocol": "email", "Endpoint": "ops@example.com"})
	servertest.Delivered(t, s, 2)
	servertest.Eventually(t, "the mail that asks for confirmation", func() bool {
		_, body := servertest.Ask(s, http.MethodGet, "/_waxseal/outbox?protocol=email", "")
		return strings.Contains(body, "ops@example.com")
	})
	for query, want := range map[string][]string{
		"protocol=sms": {"second", "first"}, "protocol=sms&limit=1": {"second"}, "protocol=application": nil,
	} {
		status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/outbox?"+query, "")
		var found struct {
			Messages []struct {
				Body, Endpoint string
				Attributes     map[string]any
			}
		}
		if err := json.Unmarshal([]byte(body), &found); err != nil || status != http.StatusOK {
			t.Fatalf("%d %s: %v", status, body, err)
		}
		var bodies []string
		for _, m := range found.Messages {
			bodies = append(bodies, m.Body)
			if m.Endpoint != "+12065550100" {
				t.Errorf("%s was sent to %s", m.Body, m.Endpoint)
			}
		}
		if diff := cmp.Diff(want, bodies); diff != "" {
			t.Errorf("outbox?%s (-want +got):\n%s", query, diff)
		}
		if len(bodies) > 0 {
			wanted := map[string]any{
				"AWS.SNS.SMS.SenderID": map[string]any{"type": "String", "stringValue": "waxseal"},
				"raw":                  map[string]any{"type": "Binary", "binaryValue": "AQI="},
			}
			if diff := cmp.Diff(wanted, found.Messages[0].Attributes); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		}
	}
}

// Events are found by what was called on and by who called: a role by its name
// or by its session's.
func TestEventsAreFoundByResourceAndUser(t *testing.T) {
	s := servertest.New(t, server.Config{})
	all := map[string]string{"all": servertest.PolicyText(`{"Effect":"Allow","Action":"*","Resource":"*"}`)}
	if err := s.Runtime().Identity.ApplyRole(t.Context(), identity.RoleSpec{Account: server.DefaultAccount, Region: server.DefaultRegion, Name: "worker", Policies: all}); err != nil {
		t.Fatal(err)
	}
	if err := s.Runtime().Identity.ApplyUser(t.Context(), identity.UserSpec{Account: server.DefaultAccount, Name: "alice", Policies: all}); err != nil {
		t.Fatal(err)
	}
	servertest.ActAs(t, s, "root", "sqs:CreateQueue", map[string]any{"QueueName": "a"})
	servertest.ActAs(t, s, "role/worker", "sqs:CreateQueue", map[string]any{"QueueName": "b"})
	servertest.ActAs(t, s, "user/alice", "sqs:CreateQueue", map[string]any{"QueueName": "c"})
	named := func(query url.Values) (names string) {
		t.Helper()
		status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/events?"+query.Encode(), "")
		var found struct {
			Events []struct {
				UserIdentity struct{ ARN string }
				Resources    []struct{ ARN string }
			}
		}
		if err := json.Unmarshal([]byte(body), &found); err != nil || status != http.StatusOK {
			t.Fatalf("%d %s: %v", status, body, err)
		}
		for _, e := range found.Events {
			for _, r := range e.Resources {
				names += r.ARN[strings.LastIndex(r.ARN, ":")+1:]
			}
		}
		return names
	}
	_, body := servertest.Ask(s, http.MethodGet, "/_waxseal/events?username=worker", "")
	session := between(body, ":assumed-role/worker/", `"`)
	for _, c := range []struct{ key, value, want string }{
		{"username", "worker", "b"}, {"username", session, "b"}, {"username", "alice", "c"}, {"username", "work", ""}, {"username", "", "cba"},
		{"resource", "arn:aws:sqs:us-east-1:123456789012:a", "a"}, {"resource", "a", "a"}, {"resource", "", "cba"},
	} {
		if got := named(url.Values{c.key: {c.value}}); got != c.want {
			t.Errorf("the events of %s %q are of the queues %q, want %q", c.key, c.value, got, c.want)
		}
	}
}

// An account that issues tokens has two documents, at its own name and at a path
// of the control API, and nothing else.
func TestIssuerDocuments(t *testing.T) {
	s := servertest.New(t, server.Config{})
	issuer, _ := servertest.ActAs(t, s, "root", "iam:EnableOutboundWebIdentityFederation", map[string]any{})["IssuerIdentifier"].(string)
	name := strings.TrimPrefix(issuer, "https://")
	id := strings.TrimSuffix(name, identity.IssuerDomain)
	if id == name || id == "" {
		t.Fatalf("the issuer is %q", issuer)
	}
	path := "/_waxseal/issuers/" + id + "/.well-known/"
	for _, c := range []struct {
		method, host, path string
		status             int
		want               string
	}{
		{"GET", name, discoveryPath, 200, `"jwks_uri":"` + issuer + keysPath + `"`},
		{"GET", name, keysPath, 200, `"kty":"RSA"`},
		{"GET", name, "/.well-known/other", 404, "an issuer has " + discoveryPath},
		{"POST", name, discoveryPath, 405, "an issuer is only read"},
		{"GET", "absent" + identity.IssuerDomain, discoveryPath, 404, "there is no issuer absent"},
		{"GET", "127.0.0.1:4566", path + "openid-configuration", 200, `"jwks_uri":"http://127.0.0.1:4566` + path + `jwks.json"`},
		{"GET", "127.0.0.1:4566", path + "openid-configuration", 200, `"issuer":"` + issuer + `"`},
		{"GET", "127.0.0.1:4566", path + "jwks.json", 200, `"crv":"P-384"`},
		{"GET", "127.0.0.1:4566", path + "other", 404, "an issuer has " + discoveryPath},
	} {
		status, body := servertest.Ask(s, c.method, c.path, "", "Host", c.host)
		servertest.WantAnswer(t, status, body, c.status, c.want)
	}
}

// Paths of an issuer's documents.
const (
	discoveryPath = "/.well-known/openid-configuration"
	keysPath      = "/.well-known/jwks.json"
)

// A reset ends the stream of decisions: the decisions after it are another runtime's.
func TestStreamOfDecisionsEndsWithAReset(t *testing.T) {
	s := servertest.New(t, server.Config{})
	addr, _ := servertest.Serve(t, s)

	limited, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(limited, http.MethodGet, "http://"+addr+"/_waxseal/decisions/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	stream := bufio.NewReader(answer.Body)
	if line, err := stream.ReadString('\n'); err != nil || !strings.Contains(line, `"resource":"arn:aws:sqs:us-east-1:123456789012:q"`) {
		t.Fatalf("streamed %q, %v", line, err)
	}
	if status, body := servertest.Ask(s, http.MethodPost, "/_waxseal/reset", ""); status != http.StatusNoContent {
		t.Fatalf("reset: %d %s", status, body)
	}
	if rest, err := io.ReadAll(stream); err != nil || strings.TrimSpace(string(rest)) != "id: 1" {
		t.Errorf("after the reset came %q, %v", rest, err)
	}
}
