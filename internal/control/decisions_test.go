package control_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// decision is what a client reads of one.
type decision struct {
	Seq                                          int
	RequestID, Origin, Endpoint                  string
	Principal, Action, Resource, Decision, Alias string
	Reason, Message                              string
	Trace                                        json.RawMessage
}

// withFixtures is a server with what the default account declares: lines of YAML.
func withFixtures(t *testing.T, account string) *server.Server {
	t.Helper()
	file := filepath.Join(t.TempDir(), "fixtures.yaml")
	if err := os.WriteFile(file, []byte("accounts:\n  \"123456789012\":\n    "+strings.ReplaceAll(account, "\n", "\n    ")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	set, err := fixture.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return servertest.New(t, server.Config{Fixtures: set})
}

func decisions(t *testing.T, s http.Handler, query string) []decision {
	t.Helper()
	status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/decisions?"+query, "")
	var found struct{ Decisions []decision }
	if err := json.Unmarshal([]byte(body), &found); err != nil || status != 200 {
		t.Fatalf("decisions?%s answered %d %s (%v)", query, status, body, err)
	}
	return found.Decisions
}

// A call through a VPC endpoint to an encrypted queue: the decision on the key names the
// call for which it was taken, and that on the queue the endpoint.
func TestDecisionsNameTheirOriginAndEndpoint(t *testing.T) {
	const endpoint = "vpce-0123456789abcdef0"
	s := withFixtures(t, "vpcs: [{id: vpc-12345678, cidr: 10.0.0.0/16, subnets: [{id: subnet-12345678, cidr: 10.0.1.0/24, az: us-east-1a}], endpoints: [{id: "+endpoint+", service: sqs, subnets: [subnet-12345678]}]}]")
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q","Attributes":{"KmsMasterKeyId":"alias/aws/sqs"}}`)
	status, body := servertest.Ask(s, http.MethodPost, "/_vpce/"+endpoint+"/", `{"QueueUrl":"q","MessageBody":"m"}`,
		"X-Amz-Target", "AmazonSQS.SendMessage", "Content-Type", "application/x-amz-json-1.0", "Authorization", servertest.Scope)
	servertest.WantAnswer(t, status, body, 200, "MessageId")

	found := decisions(t, s, "")
	if len(found) < 3 {
		t.Fatalf("%d decisions", len(found))
	}
	for i, d := range found {
		if d.Seq != len(found)-i {
			t.Errorf("decision %d of %d has the number %d", i, len(found), d.Seq)
		}
		if len(d.Trace) == 0 {
			t.Errorf("%s has no trace", d.Action)
		}
	}
	key := decisions(t, s, "action=kms:GenerateDataKey")
	queue := decisions(t, s, "action=sqs:SendMessage")
	if len(key) != 1 || len(queue) != 1 || key[0].Origin != queue[0].RequestID || key[0].Endpoint != "" || key[0].Alias != "alias/aws/sqs" {
		t.Errorf("the decisions on the key are %+v, that on the queue has the id %s", key, queue[0].RequestID)
	}
	if queue[0].Origin != "" || queue[0].Endpoint != endpoint {
		t.Errorf("the decision on the queue is %+v, want endpoint %s", queue[0], endpoint)
	}
	status, body = servertest.Ask(s, http.MethodGet, "/_waxseal/graph", "")
	servertest.WantAnswer(t, status, body, 200, `"to":"arn:aws:sqs:us-east-1:123456789012:q","through":"`+endpoint+`","actions":[{"action":"sqs:SendMessage","allowed":1,"denied":0}],"allowed":1,"denied":0,"last":{"requestId":"`+queue[0].RequestID)
	servertest.WantAnswer(t, status, body, 200, `{"id":"`+endpoint+`","kind":"endpoint","label":"`+endpoint+`","account":""}`)
	for _, d := range decisions(t, s, "trace=false") {
		if len(d.Trace) > 0 {
			t.Errorf("%s has a trace: %s", d.Action, d.Trace)
		}
	}
	for query, want := range map[string]string{
		"decisions?trace=no": "trace is true or false", "decisions/stream?decision=x": "decision is Allow or Deny",
		"decisions/stream?since=-1": "since, or Last-Event-ID, is the number of a decision", "decisions/stream?limit=1": "there is no parameter",
	} {
		status, body := servertest.Ask(s, http.MethodGet, "/_waxseal/"+query, "")
		servertest.WantAnswer(t, status, body, 400, want)
	}
}

// reader reads the decisions of a stream.
type reader struct {
	t     *testing.T
	lines *bufio.Scanner
}

func readStream(t *testing.T, addr, query string, header ...string) *reader {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/_waxseal/decisions/stream?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("the stream answered %s", answer.Status)
	}
	return &reader{t, bufio.NewScanner(answer.Body)}
}

// next is the next decision; its number must be the event's id.
func (r *reader) next() (d decision) {
	r.t.Helper()
	id := ""
	for r.lines.Scan() {
		name, value, _ := strings.Cut(r.lines.Text(), ": ")
		switch name {
		case "data":
			if err := json.Unmarshal([]byte(value), &d); err != nil {
				r.t.Fatal(err)
			}
		case "id":
			id = value
		case "":
			if id == "" && d.RequestID == "" { // a ping, which has no number
				continue
			}
			if id != fmt.Sprint(d.Seq) {
				r.t.Fatalf("decision %d came with the id %q", d.Seq, id)
			}
			return d
		}
	}
	r.t.Fatalf("the stream has ended: %v", r.lines.Err())
	return d
}

func TestStreamsGoOnWhereTheyEnded(t *testing.T) {
	s := servertest.New(t, server.Config{})
	addr, _ := servertest.Serve(t, s)
	for i := range 3 {
		servertest.SQS(s, "CreateQueue", fmt.Sprintf(`{"QueueName":"q%d"}`, i+1))
	}
	live := readStream(t, addr, "")
	again := readStream(t, addr, "since=1&trace=false", "Last-Event-ID", "2")
	reset := readStream(t, addr, "since=99")
	for r, want := range map[*reader][]int{again: {3}, reset: {1, 2, 3}} {
		for _, seq := range want {
			if d := r.next(); d.Seq != seq || !strings.HasSuffix(d.Resource, fmt.Sprintf(":q%d", seq)) || (len(d.Trace) == 0) != (r == again) {
				t.Errorf("got %+v, want number %d", d, seq)
			}
		}
	}
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q4"}`)
	for _, r := range []*reader{live, again, reset} {
		if d := r.next(); d.Seq != 4 {
			t.Errorf("then came %+v", d)
		}
	}
}

// A follower that the log leaves behind gets everything that is kept all the same.
func TestStreamsSkipNothing(t *testing.T) {
	s := servertest.New(t, server.Config{})
	addr, _ := servertest.Serve(t, s)
	all := readStream(t, addr, "") // with traces: more than lies between it and its reader
	const many = 3000
	for range many {
		servertest.SQS(s, "ListQueues", `{}`)
	}
	for i := range many {
		if d := all.next(); d.Seq != i+1 {
			t.Fatalf("after %d came %d", i, d.Seq)
		}
	}
}

func TestStreamsAreFiltered(t *testing.T) {
	s := servertest.New(t, server.Config{})
	addr, _ := servertest.Serve(t, s)
	if err := s.Runtime().Identity.ApplyRole(t.Context(), identity.RoleSpec{Account: servertest.Account, Region: "us-east-1", Path: "/app/", Name: "worker"}); err != nil {
		t.Fatal(err)
	}
	denied := readStream(t, addr, "decision=Deny&principal=role/worker&action=sqs:listqueues")
	role := readStream(t, addr, "principal=arn:aws:iam::123456789012:role/app/worker")
	queue := readStream(t, addr, "resource=arn:aws:sqs:us-east-1:123456789012:q")
	servertest.SQS(s, "ListQueues", `{}`)
	servertest.TryAs(t, s, "role/worker", "sqs:GetQueueUrl", map[string]any{"QueueName": "q"})
	servertest.TryAs(t, s, "role/worker", "sqs:ListQueues", map[string]any{})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	if d := denied.next(); d.Action != "sqs:ListQueues" || d.Decision != "Deny" || !strings.Contains(d.Principal, "assumed-role/worker/") {
		t.Errorf("a denial of the role: %+v", d)
	}
	for _, want := range []string{"sqs:GetQueueUrl", "sqs:ListQueues"} {
		if d := role.next(); d.Action != want {
			t.Errorf("of the role: %+v, want %s", d, want)
		}
	}
	for _, want := range []string{"sqs:GetQueueUrl", "sqs:CreateQueue"} {
		if d := queue.next(); d.Action != want {
			t.Errorf("on the queue: %+v, want %s", d, want)
		}
	}
}
