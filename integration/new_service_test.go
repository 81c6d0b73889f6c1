package integration

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/waxseal/waxseal/integration/testdata/greeter"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/server"
)

// withGreeter is a server with one service more: the folder testdata/greeter and this line.
func withGreeter(t *testing.T) (*server.Server, string) {
	t.Helper()
	s, err := server.New(t.Context(), server.Config{Further: []runtime.Constructor{
		func(_ *runtime.Runtime, c *runtime.Config) runtime.Service {
			return greeter.New(greeter.Config{Engine: c.Engine})
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(func() {
		h.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, h.URL
}

// greet asks for a greeting as who has the credentials.
func greet(t *testing.T, url string, c *identity.Issued, name string) (status int, body string) {
	t.Helper()
	input := `{"Name":"` + name + `"}`
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(input))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "Greeter.Greet")
	hash := sha256.Sum256([]byte(input))
	signing := aws.Credentials{AccessKeyID: c.AccessKeyID, SecretAccessKey: c.SecretAccessKey, SessionToken: c.Token}
	if err := v4.NewSigner().SignHTTP(t.Context(), signing, r, hex.EncodeToString(hash[:]), "greeter", server.DefaultRegion, time.Now()); err != nil {
		t.Fatal(err)
	}
	return send(t, r)
}

func send(t *testing.T, r *http.Request) (status int, body string) {
	t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var b bytes.Buffer
	if _, err := io.Copy(&b, answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, b.String()
}

// A service is one folder and one line: what it says of itself is enough to be
// called, authorized, recorded and shown.
func TestAServiceIsAFolderAndALine(t *testing.T) {
	t.Parallel()
	s, url := withGreeter(t)
	err := s.Runtime().Identity.ApplyUser(t.Context(), identity.UserSpec{
		Account: server.DefaultAccount, Region: server.DefaultRegion, Name: "u",
		Policies: map[string]string{"greet": `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"greeter:Greet","Resource":"arn:aws:greeter:*:*:person/ada"}}`},
	})
	if err != nil {
		t.Fatal(err)
	}
	credentials, err := s.Runtime().Credentials(t.Context(), "user/u")
	if err != nil {
		t.Fatal(err)
	}
	const person = "arn:aws:greeter:us-east-1:123456789012:person/"

	if status, body := greet(t, url, credentials, "ada"); status != http.StatusOK || body != `{"Greeting":"Hello, ada, for the 1. time"}` {
		t.Errorf("allowed: %d %s", status, body)
	}
	status, body := greet(t, url, credentials, "bob")
	if status != http.StatusBadRequest || !strings.Contains(body, "AccessDeniedException") ||
		!strings.Contains(body, "not authorized to perform: greeter:Greet on resource: "+person+"bob because no identity-based policy allows the greeter:Greet action") {
		t.Errorf("denied: %d %s", status, body)
	}
	if status, body := greet(t, url, credentials, ""); status != http.StatusBadRequest || !strings.Contains(body, "ValidationException") {
		t.Errorf("invalid: %d %s", status, body)
	}
	forged := *credentials
	forged.SecretAccessKey = "another"
	if status, body := greet(t, url, &forged, "ada"); status != http.StatusBadRequest || !strings.Contains(body, "InvalidSignatureException") {
		t.Errorf("forged: %d %s", status, body)
	}

	get := func(path string, v any) string {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		status, body := send(t, r)
		if status != http.StatusOK {
			t.Fatalf("%s: %d %s", path, status, body)
		}
		if v != nil {
			if err := json.Unmarshal([]byte(body), v); err != nil {
				t.Fatalf("%s: %s: %v", path, body, err)
			}
		}
		return body
	}
	var recorded struct{ Events []trail.Event }
	get("/_waxseal/events?event-source=greeter.amazonaws.com", &recorded)
	if len(recorded.Events) != 2 {
		t.Fatalf("recorded: %+v", recorded.Events)
	}
	denied, allowed := recorded.Events[0], recorded.Events[1]
	want := trail.Resource{AccountID: server.DefaultAccount, Type: "AWS::Greeter::Person", ARN: person + "ada"}
	if allowed.EventName != "Greet" || len(allowed.Resources) != 1 || allowed.Resources[0] != want || string(allowed.RequestParameters) != `{"name":"ada"}` || denied.ErrorCode != "AccessDenied" {
		t.Errorf("recorded: %+v\nand %+v", allowed, denied)
	}
	for _, path := range []string{"/_localstack/health", "/_waxseal/health"} {
		if body := get(path, nil); !strings.Contains(body, `"greeter":"running"`) {
			t.Errorf("%s: %s", path, body)
		}
	}
	if body := get("/_waxseal/decisions?action=greeter:Greet", nil); strings.Count(body, `"action":"greeter:Greet"`) != 2 {
		t.Errorf("decisions: %s", body)
	}
	if text := get("/_waxseal/explain", nil); !strings.Contains(text, person+"bob") {
		t.Errorf("explained: %s", text)
	}
	act, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/_waxseal/act", strings.NewReader(`{"as":"user/u","action":"greeter:Greet","params":{"Name":"ada"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if status, body := send(t, act); status != http.StatusOK || !strings.Contains(body, "Hello, ada, for the 2. time") {
		t.Errorf("act: %d %s", status, body)
	}
}
