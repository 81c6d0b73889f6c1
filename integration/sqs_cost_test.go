package integration

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal"
	"github.com/waxseal/waxseal/internal/testsize"
)

// TestCostOfDataKeys counts CloudTrail's records of KMS over a virtual month:
// the worked examples of AWS's formula R = B/D × (2P + C) [A6.6]. Producers and
// consumers are roles, whose sessions are renewed, under other names, as they
// run out: a role is the same requester under every session name [A6.1].
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#sqs-estimate-kms-usage-costs.
func TestCostOfDataKeys(t *testing.T) {
	t.Parallel()
	if raceDetector {
		t.Skip("a month of one call after another: the race detector has nothing to see, and takes a minute for it")
	}
	const day = 24 * time.Hour
	days := testsize.Of(31, 3) // of 288 periods: 31 are 26784 calls, as in AWS's example
	for _, c := range []struct {
		name         string
		month, reuse time.Duration
		queues       []costly
		want         int
	}{
		{fmt.Sprint(days, " days of five minutes"), time.Duration(days) * day, 5 * time.Minute, []costly{{producers: 1, consumers: 1, want: 864 * days}}, 864 * days},
		{"28 days of a day", 28 * day, day, []costly{{producers: 3, consumers: 1, want: 196}, {producers: 5, consumers: 2, want: 336}}, 532},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBill(t)
			for i := range c.queues {
				b.open(&c.queues[i], fmt.Sprint("q", i+1), c.reuse)
			}
			periods := int(c.month / c.reuse)
			for period := range periods {
				for i := range c.queues {
					c.queues[i].produce(b)
				}
				b.advance(c.reuse / 2)
				for i := range c.queues {
					if period%10 == 0 {
						c.queues[i].produce(b) // with the period's data key
					}
					c.queues[i].consume(b)
				}
				b.advance(c.reuse - c.reuse/2)
				if period%500 == 0 || period == periods-1 {
					b.read()
				}
			}
			wanted, total := map[string]int{}, 0
			for i := range c.queues {
				q, sum := &c.queues[i], 0
				for n := range q.producers {
					wanted[fmt.Sprintf("%s GenerateDataKey %s-producer-%d", q.name, q.name, n)] = periods
					wanted[fmt.Sprintf("%s Decrypt %s-producer-%d", q.name, q.name, n)] = periods
				}
				for n := range q.consumers {
					wanted[fmt.Sprintf("%s Decrypt %s-consumer-%d", q.name, q.name, n)] = periods
				}
				for line, n := range b.records {
					if strings.HasPrefix(line, q.name+" ") {
						sum += n
					}
				}
				if sum != q.want {
					t.Errorf("%s cost %d calls of KMS, want %d", q.name, sum, q.want)
				}
				total += sum
			}
			if diff := cmp.Diff(wanted, b.records); diff != "" || total != c.want {
				t.Errorf("%d calls of KMS, want %d (-want +got):\n%s", total, c.want, diff)
			}
		})
	}
}

// costly is an encrypted queue and who uses it.
type costly struct {
	producers, consumers, want int

	name, url string
	sends     []*session
	receives  []*session
	sent      int
}

// produce is one message of each producer.
func (q *costly) produce(b *bill) {
	b.t.Helper()
	for _, producer := range q.sends {
		if err := producer.clients(b).send(q.url, fmt.Sprint("message ", q.sent)); err != nil {
			b.t.Fatal(err)
		}
		q.sent++
	}
}

// consume lets each consumer read what is there, ten messages at most, and the
// last one delete it.
func (q *costly) consume(b *bill) {
	b.t.Helper()
	for i, consumer := range q.receives {
		c := consumer.clients(b)
		messages, err := c.receive(q.url)
		if err != nil || len(messages) != q.sent {
			b.t.Fatalf("%d of %d messages received, %v", len(messages), q.sent, err)
		}
		if i == len(q.receives)-1 {
			c.deleteAll(q.url, messages)
		}
	}
	q.sent = 0
}

func (c *clients) deleteAll(url string, messages []sqstypes.Message) {
	c.t.Helper()
	in := &sqs.DeleteMessageBatchInput{QueueUrl: &url}
	for _, m := range messages {
		in.Entries = append(in.Entries, sqstypes.DeleteMessageBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle})
	}
	if out, err := c.sqs.DeleteMessageBatch(c.t.Context(), in); err != nil || len(out.Failed) > 0 {
		c.t.Fatalf("%v %v", out, err)
	}
}

// bill is what a month costs.
type bill struct {
	t     *testing.T
	cloud *waxseal.Server
	root  *clients
	sts   *sts.Client
	key   string // ARN
	// turned is how far the clock was turned.
	turned time.Duration
	// records counts KMS's records by queue, event and role; newest is the id of the last one counted.
	records map[string]int
	newest  string
}

func newBill(t *testing.T) *bill {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	_, key := root.key()
	return &bill{t: t, cloud: cloud, root: root, sts: sts.NewFromConfig(cloud.Config()), key: key, records: map[string]int{}}
}

func (b *bill) advance(d time.Duration) {
	b.cloud.Advance(d)
	b.turned += d
}

// open makes the queue and the roles that use it.
func (b *bill) open(q *costly, name string, reuse time.Duration) {
	b.t.Helper()
	var arn string
	q.name = name
	q.url, arn = b.root.queue(name, map[string]string{
		"KmsMasterKeyId": b.key, "KmsDataKeyReusePeriodSeconds": fmt.Sprint(int(reuse.Seconds())), "VisibilityTimeout": "0",
	})
	role := func(kind string, n int, sqsActions, kmsActions []string) *session {
		r := fmt.Sprintf("%s-%s-%d", name, kind, n)
		b.root.role(r, document(b.t,
			statement{"Effect": "Allow", "Action": sqsActions, "Resource": arn},
			statement{"Effect": "Allow", "Action": kmsActions, "Resource": b.key},
		))
		return &session{role: r}
	}
	for n := range q.producers {
		q.sends = append(q.sends, role("producer", n, []string{"sqs:SendMessage"}, []string{"kms:GenerateDataKey", "kms:Decrypt"}))
	}
	for n := range q.consumers {
		q.receives = append(q.receives, role("consumer", n, []string{"sqs:ReceiveMessage", "sqs:DeleteMessage"}, []string{"kms:Decrypt"}))
	}
}

// session is a role that is assumed anew, as another session, when its credentials run out.
type session struct {
	role    string
	number  int
	expires time.Time
	current *clients
}

func (s *session) clients(b *bill) *clients {
	b.t.Helper()
	if now := time.Now().Add(b.turned + time.Minute); s.current == nil || !now.Before(s.expires) {
		s.number++
		out, err := b.sts.AssumeRole(b.t.Context(), &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::123456789012:role/" + s.role), RoleSessionName: aws.String(fmt.Sprint("run-", s.number)),
		})
		if err != nil {
			b.t.Fatal(err)
		}
		c := b.cloud.Config()
		c.Credentials = credentials.NewStaticCredentialsProvider(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
		s.current, s.expires = newClients(b.t, c), *out.Credentials.Expiration
	}
	return s.current
}

// read counts the records that are new. They are kept in a log of limited
// length: what was counted last must still be there, or some were missed.
func (b *bill) read() {
	b.t.Helper()
	var answer struct{ Events []kmsRecord }
	text := fetch(b.t, b.cloud.URL()+"/_waxseal/events?event-source=kms.amazonaws.com&limit=10000")
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		b.t.Fatal(err)
	}
	last := b.newest
	for i, e := range answer.Events {
		if i == 0 {
			b.newest = e.EventID
		}
		switch {
		case e.EventID == last:
			return
		case e.EventName == "CreateKey":
			continue
		}
		b.count(e)
	}
	if last != "" {
		b.t.Fatal("records were lost before they were counted")
	}
}

// kmsRecord is what a record says of a call that a service made for somebody [F5] [F7].
type kmsRecord struct {
	EventID, EventName, EventSource, SourceIPAddress, UserAgent, ErrorCode string
	UserIdentity                                                           struct {
		Type, InvokedBy string
		SessionContext  struct{ SessionIssuer struct{ UserName string } }
	}
	RequestParameters struct {
		KeyID             string
		KeySpec           string
		EncryptionContext map[string]string
	}
	Resources []struct{ ARN string }
}

func (b *bill) count(e kmsRecord) {
	b.t.Helper()
	const service = "sqs.amazonaws.com"
	queue, found := strings.CutPrefix(e.RequestParameters.EncryptionContext["aws:sqs:arn"], "arn:aws:sqs:us-east-1:123456789012:")
	wantKey := "" // Decrypt takes the key from the ciphertext [A5.7]
	if e.EventName == "GenerateDataKey" {
		wantKey = b.key
	}
	if !found || len(e.RequestParameters.EncryptionContext) != 1 || e.RequestParameters.KeyID != wantKey ||
		e.UserIdentity.Type != "AssumedRole" || e.UserIdentity.InvokedBy != service || e.SourceIPAddress != service || e.UserAgent != service ||
		e.EventSource != "kms.amazonaws.com" || e.ErrorCode != "" || len(e.Resources) != 1 || e.Resources[0].ARN != b.key {
		b.t.Fatalf("not a record of a call that SQS makes: %+v", e)
	}
	b.records[queue+" "+e.EventName+" "+e.UserIdentity.SessionContext.SessionIssuer.UserName]++
}
