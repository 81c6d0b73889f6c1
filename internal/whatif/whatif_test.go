package whatif_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/internal/whatif"
	"github.com/waxseal/waxseal/server"
)

const (
	declared = `accounts:
  "123456789012":
    topics: [{name: sold, subscriptions: [{protocol: sqs, endpoint: "arn:aws:sqs:us-east-1:123456789012:parcels"}]}]
    queues: [{name: parcels}]
    users: [{name: alice, tags: {team: blue}, policies: {all: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}}]
    roles: [{name: idle}]
  "999988887777":
    users: [{name: far, policies: {all: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}}]
`
	parcels = "arn:aws:sqs:us-east-1:123456789012:parcels"
	policy  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"%s}]}`
)

func newServer(t *testing.T) *server.Server {
	t.Helper()
	file := filepath.Join(t.TempDir(), "fixtures.yaml")
	if err := os.WriteFile(file, []byte(declared), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := fixture.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return servertest.New(t, server.Config{Fixtures: set})
}

// last is the newest decision on an action; it waits until there is one.
func last(t *testing.T, s *server.Server, action string) *trail.Decision {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		for d := range s.Runtime().Dispatcher.Decisions().Newest() {
			if d.Request.Action == action {
				return d
			}
		}
	}
	t.Fatalf("nothing was decided on %s", action)
	return nil
}

func wantDecided(t *testing.T, s *server.Server, of *trail.Decision, c whatif.Change, want string) *trail.Decision {
	t.Helper()
	d, err := whatif.Decide(t.Context(), s.Runtime(), of.RequestID, c)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.Effect() + " " + d.Verdict.Reason.String(); got != want {
		t.Errorf("%+v: %s, want %s; %s", c, got, want, d.Message)
	}
	return d
}

func queuePolicy(condition string) map[string]*string {
	text := fmt.Sprintf(policy, condition)
	return map[string]*string{parcels: &text}
}

// A delivery is a request of its own: the message that was published is decided without it.
func TestDeliveriesAreDecidedAgain(t *testing.T) {
	s := newServer(t)
	servertest.ActAs(t, s, "root", "sns:Publish", map[string]any{"TopicArn": "arn:aws:sns:us-east-1:123456789012:sold", "Message": "m"})
	delivery, published := last(t, s, "sqs:SendMessage"), last(t, s, "sns:Publish")
	fromTopic := `,"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:123456789012:sold"}}`
	wantDecided(t, s, published, whatif.Change{}, "Allow AllowedAsRoot")
	wantDecided(t, s, delivery, whatif.Change{}, "Deny ImplicitDeny")
	wantDecided(t, s, delivery, whatif.Change{Policies: queuePolicy(fromTopic)}, "Allow AllowedByResource")
	wantDecided(t, s, delivery, whatif.Change{Principal: "sqs.amazonaws.com", Policies: queuePolicy(fromTopic)}, "Allow AllowedByResource")
	// A role names no source.
	d := wantDecided(t, s, delivery, whatif.Change{Principal: "role/idle", Policies: queuePolicy(fromTopic)}, "Deny ImplicitDeny")
	for _, key := range []string{"aws:SourceArn", "aws:SourceAccount", "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList"} {
		if values, _, there := d.Request.Context.Get(key); there {
			t.Errorf("a role has %s %s", key, values)
		}
	}
	if got, _, _ := d.Request.Context.Get("aws:PrincipalArn"); len(got) != 1 || got[0] != "arn:aws:iam::123456789012:role/idle" {
		t.Errorf("the role's ARN is %s", got)
	}
}

// Of a large request the trail keeps a part: the caller's keys are another's all the same.
func TestLargeRequestsAreDecidedAgain(t *testing.T) {
	s := newServer(t)
	status, body := servertest.Ask(s, http.MethodPost, "/", `{"QueueUrl":"parcels","MessageBody":"m"}`, "User-Agent", strings.Repeat("x", 100<<10),
		"X-Amz-Target", "AmazonSQS.SendMessage", "Content-Type", "application/x-amz-json-1.0", "Authorization", servertest.Scope)
	servertest.WantAnswer(t, status, body, 200, "MessageId")
	sent := last(t, s, "sqs:SendMessage")
	if !sent.Cut {
		t.Fatal("the request is kept whole")
	}
	blue := `,"Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue","aws:username":"alice","aws:PrincipalType":"User"}}`
	wantDecided(t, s, sent, whatif.Change{Principal: "role/idle", Policies: queuePolicy(blue)}, "Deny ImplicitDeny")
	text := strings.Replace(fmt.Sprintf(policy, blue), "Allow", "Deny", 1)
	wantDecided(t, s, sent, whatif.Change{Principal: "user/alice", Policies: map[string]*string{parcels: &text}}, "Deny ExplicitDeny")
	wantDecided(t, s, sent, whatif.Change{Principal: "root", Policies: map[string]*string{parcels: &text}}, "Allow AllowedAsRoot")
}

// Who of an account may call learns that something is missing; who is of another does not.
func TestWhatIsMissingIsDecidedAgain(t *testing.T) {
	s := newServer(t)
	servertest.TryAs(t, s, "user/alice", "sqs:SendMessage", map[string]any{"QueueUrl": "absent", "MessageBody": "m"})
	sent := last(t, s, "sqs:SendMessage")
	wantDecided(t, s, sent, whatif.Change{}, "Allow AllowedByIdentity")
	wantDecided(t, s, sent, whatif.Change{Principal: "root"}, "Allow AllowedByResource")
	wantDecided(t, s, sent, whatif.Change{Principal: "role/idle"}, "Deny ImplicitDeny")
	far := wantDecided(t, s, sent, whatif.Change{Principal: "arn:aws:iam::999988887777:user/far"}, "Deny ImplicitDeny")
	if far.Request.Principal.Account != "999988887777" || !strings.Contains(far.Message, "no resource-based policy allows the sqs:SendMessage action") {
		t.Errorf("of another account: %s, %s", far.Request.Principal.ARN, far.Message)
	}
}

func TestForgottenRequests(t *testing.T) {
	s := newServer(t)
	if _, err := whatif.Decide(t.Context(), s.Runtime(), "absent", whatif.Change{Principal: "role/absent"}); !errors.Is(err, whatif.ErrForgotten) {
		t.Errorf("got %v", err)
	}
}
