package inventory_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/internal/testsize"
	"github.com/waxseal/waxseal/server"
	"github.com/waxseal/waxseal/sqs"
)

// world is a server at a port, whose clock stands still.
type world struct {
	*testing.T
	*server.Server
	clock *clock.Turnable
	addr  string
}

// slow is how long no list may take, even on a machine that has much else to do: a list
// of many that costs more for each than for each of a few takes longer.
const slow = 20 * time.Second

// many is how many things there are in the longest lists.
var many = testsize.Of(10_000, 2_000)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// newWorld is a world with what fixtures declare; empty: nothing.
func newWorld(t *testing.T, fixtures string) *world {
	t.Helper()
	w := &world{T: t, clock: clock.NewStill(start)}
	c := server.Config{Clock: w.clock}
	if fixtures != "" {
		file := filepath.Join(t.TempDir(), "fixtures.yaml")
		if err := os.WriteFile(file, []byte(fixtures), 0o600); err != nil {
			t.Fatal(err)
		}
		var err error
		if c.Fixtures, err = fixture.Load(file); err != nil {
			t.Fatal(err)
		}
	}
	w.Server = servertest.New(t, c)
	w.addr, _ = servertest.Serve(t, w.Server)
	return w
}

// config is an SDK's configuration for the root user of an account.
func (w *world) config(account string) aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://" + w.addr), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(account, "test", ""),
	}
}

// get is what the control API answers, into an answer.
func (w *world) get(path string, answer any) {
	w.Helper()
	status, body := servertest.Ask(w.Server, http.MethodGet, "/_waxseal/"+path, "")
	if status != http.StatusOK {
		w.Fatalf("%s answered %d %s", path, status, body)
	}
	if err := json.Unmarshal([]byte(body), answer); err != nil {
		w.Fatal(err)
	}
}

// must is a value that was got without an error.
func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// fill makes queues, each with a message that is delayed by a minute.
func (w *world) fill(n int) {
	w.Helper()
	s, ctx := w.Runtime().SQS, servertest.AsRoot(w, w.Server)
	for i := range n {
		made, err := s.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: fmt.Sprintf("q%05d", i)})
		if err != nil {
			w.Fatal(err)
		}
		delay := int32(60)
		if _, err := s.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: made.QueueUrl, MessageBody: "x", DelaySeconds: &delay}); err != nil {
			w.Fatal(err)
		}
	}
}

// fillPolicies makes queues with a policy of two statements each.
func (w *world) fillPolicies(n int) {
	w.Helper()
	ctx := servertest.AsRoot(w, w.Server)
	for i := range n {
		name := fmt.Sprintf("q%05d", i)
		queue := "arn:aws:sqs:us-east-1:123456789012:" + name
		policy := servertest.PolicyText(`{"Sid":"Topic","Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"` + queue + `",` +
			`"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:us-east-1:123456789012:t"}}},` +
			`{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"` + queue + `","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`)
		if _, err := w.Runtime().SQS.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: name, Attributes: map[string]string{"Policy": policy}}); err != nil {
			w.Fatal(err)
		}
	}
}
