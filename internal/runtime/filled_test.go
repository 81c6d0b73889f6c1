package runtime_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/kms"
	"github.com/waxseal/waxseal/policyeval"
	"github.com/waxseal/waxseal/server"
	"github.com/waxseal/waxseal/sqs"
)

// maxFilled is what all that is remembered takes at most, whatever callers sent.
const maxFilled = 12 * megabyte

// filling makes calls that fill the trail.
type filling struct {
	t     *testing.T
	s     *server.Server
	ids   *ids.Source
	queue string
	key   string
}

func newFilling(t *testing.T) *filling {
	s := servertest.New(t, server.Config{})
	made := servertest.ActAs(t, s, "root", "sqs:CreateQueue", map[string]any{"QueueName": "orders"})
	key := servertest.ActAs(t, s, "root", "kms:CreateKey", map[string]any{})["KeyMetadata"].(map[string]any)["Arn"].(string)
	return &filling{t, s, ids.New(), made["QueueUrl"].(string), key}
}

// caller is a role session with policies and tags.
func (f *filling) caller(name string, tags map[string]string, policies ...string) *api.Caller {
	c := &api.Caller{Name: "producer", UserID: "AROAEXAMPLE:" + name, AccessKeyID: "ASIAEXAMPLE" + name, Tags: tags, Session: &api.Session{Name: name}}
	c.Principal = policyeval.Principal{
		Type: policyeval.AssumedRole, Account: "123456789012", ID: "AROAEXAMPLE",
		ARN: "arn:aws:sts::123456789012:assumed-role/producer/" + name, IssuerARN: "arn:aws:iam::123456789012:role/producer",
	}
	for _, text := range policies {
		d, err := policyeval.Parse(text)
		if err != nil {
			f.t.Fatal(err)
		}
		c.Policies.Identity = append(c.Policies.Identity, &policyeval.Policy{Name: "p", Document: d})
	}
	return c
}

// do makes a call through the dispatcher; agent is its user agent.
func (f *filling) do(c *api.Caller, agent, service, operation string, in any) (any, error) {
	d := f.s.Runtime().Dispatcher
	to := d.Service(service)
	r := &api.Request{
		ID: f.ids.UUID(), Caller: c, Account: c.Account, Region: "us-east-1", Time: f.s.Runtime().Now(),
		SourceIP: "127.0.0.1", UserAgent: agent, BaseURL: "http://127.0.0.1:4566",
	}
	return d.Do(f.t.Context(), &dispatch.Call{Service: to, Operation: to.Operation(operation), Request: r, Input: in})
}

// cycle sends a message, receives it and deletes it.
func (f *filling) cycle(c *api.Caller, agent string) {
	_, err := f.do(c, agent, "sqs", "SendMessage", &sqs.SendMessageInput{QueueUrl: f.queue, MessageBody: "m"})
	if err != nil {
		f.t.Fatal(err)
	}
	out, err := f.do(c, agent, "sqs", "ReceiveMessage", &sqs.ReceiveMessageInput{QueueUrl: f.queue})
	if err != nil {
		f.t.Fatal(err)
	}
	handle := out.(*sqs.ReceiveMessageOutput).Messages[0].ReceiptHandle
	if _, err := f.do(c, agent, "sqs", "DeleteMessage", &sqs.DeleteMessageInput{QueueUrl: f.queue, ReceiptHandle: handle}); err != nil {
		f.t.Fatal(err)
	}
}

// delivery is one of SNS to a queue.
func (f *filling) delivery(extra string) trail.Delivery {
	decision := f.ids.UUID()
	return trail.Delivery{
		ID: f.ids.UUID(), Source: trail.SourceSNS, MessageID: f.ids.UUID(), Protocol: "sqs", Status: trail.StatusSuccess, Attempts: 1,
		TopicArn: "arn:aws:sns:us-east-1:123456789012:news", Endpoint: "arn:aws:sqs:us-east-1:123456789012:orders" + extra,
		SubscriptionArn: "arn:aws:sns:us-east-1:123456789012:news:0198c5d2-7b1a-7c3e-9f00-0123456789ab" + extra,
		Outcome:         trail.Outcome{StatusCode: 200, QueueMessageID: f.ids.UUID(), DecisionRequestID: decision},
		Published:       time.Now(), Time: time.Now(),
	}
}

// What callers ordinarily do is remembered as far as it says, and the logs and the event
// history, which keeps calls that the log of calls has dropped, take little altogether.
func TestAFilledTrailIsSmall(t *testing.T) {
	f := newFilling(t)
	allow := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"orders"}}}}`
	c := f.caller("one", map[string]string{"team": "orders", "cost-center": "4711"}, allow, `{"Version":"2012-10-17","Statement":[]}`)
	const agent = "aws-sdk-go-v2/1.41.0 ua/2.1 os/linux lang/go#1.26 md/GOOS#linux md/GOARCH#amd64 api/sqs#1.42.0 m/E,b,D"
	f.cycle(c, agent)
	before := heap()
	for range trail.Capacity + 10 {
		_, err := f.do(c, agent, "kms", "GenerateDataKey", &kms.GenerateDataKeyInput{
			KeyId: f.key, KeySpec: "AES_256", EncryptionContext: map[string]string{"aws:sqs:arn": "arn:aws:sqs:us-east-1:123456789012:orders"},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for range trail.Capacity/3 + 10 {
		f.cycle(c, agent)
		f.s.Runtime().Deliveries.Record(f.delivery(""))
		f.s.Runtime().Deliveries.Record(f.delivery(""))
		f.s.Runtime().Deliveries.Record(f.delivery(""))
	}
	took := heap() - before
	d := f.s.Runtime().Dispatcher
	decisions, calls := len(slices.Collect(d.Decisions().Newest())), len(slices.Collect(d.Records().Newest()))
	deliveries := len(slices.Collect(f.s.Runtime().Deliveries.Newest()))
	t.Logf("%d kB; counted: decisions %d, calls %d kB", took>>10, d.Decisions().Bytes()>>10, d.Records().Bytes()>>10)
	if decisions != trail.Capacity || calls != trail.Capacity || deliveries != trail.Capacity {
		t.Errorf("%d decisions, %d calls and %d deliveries are kept", decisions, calls, deliveries)
	}
	if took > maxFilled {
		t.Errorf("they take %d kB", took>>10)
	}
	runtime.KeepAlive(f)
}

// Callers who send as much as they can, and nothing twice, get less remembered.
func TestAFilledTrailIsSmallWhateverCallersSend(t *testing.T) {
	f := newFilling(t)
	before := heap()
	for i := range 700 {
		long := strings.Repeat(fmt.Sprintf("%d,", i), 8<<10)[:8<<10]
		tags, context := map[string]string{}, map[string]string{}
		for n := range 50 {
			tags[fmt.Sprint(long[:100], n)], context[fmt.Sprint(long[:60], n)] = long[:256], long[:60]
		}
		policy := `{"Version":"2012-10-17","Statement":[` + strings.Repeat(fmt.Sprintf(`{"Sid":"S%d","Effect":"Allow","Action":"*","Resource":"*"},`, i), 350) + `{"Effect":"Allow","Action":"*","Resource":"*"}]}`
		c := f.caller(fmt.Sprint(i), tags, policy, strings.Replace(policy, "Resource", "NotResource", 1))
		agent := func() string { return strings.Clone(long) }
		_, _ = f.do(c, agent(), "kms", "Encrypt", &kms.EncryptInput{KeyId: f.key, Plaintext: make([]byte, 4096), EncryptionContext: context})
		_, _ = f.do(c, agent(), "kms", "Encrypt", &kms.EncryptInput{KeyId: f.key + long, Plaintext: make([]byte, 4096), EncryptionContext: context})
		batch := &sqs.SendMessageBatchInput{QueueUrl: f.queue + long}
		for n := range 10 {
			batch.Entries = append(batch.Entries, sqs.SendMessageBatchRequestEntry{Id: fmt.Sprint(long[:70], n), MessageBody: strings.Repeat("b", 250<<10/10)})
		}
		_, _ = f.do(c, agent(), "sqs", "SendMessageBatch", batch)
		_, _ = f.do(c, agent(), "sqs", "TagQueue", &sqs.TagQueueInput{QueueUrl: f.queue, Tags: map[string]string{"k": long}})
		d := f.delivery(long)
		d.Outcome = trail.Outcome{StatusCode: 403, ProviderResponse: long}
		d.DeadLetter = &trail.DeadLetter{QueueArn: long, Outcome: trail.Outcome{ProviderResponse: agent()}}
		f.s.Runtime().Deliveries.Record(d)
	}
	took := heap() - before
	t.Logf("%d kB", took>>10)
	if took > maxFilled {
		t.Errorf("they take %d kB", took>>10)
	}
	if n := len(servertest.Decisions(f.s)); n < 30 {
		t.Errorf("%d decisions are kept", n)
	}
	runtime.KeepAlive(f)
}
