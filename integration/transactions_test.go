package integration

import (
	"context"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/mem"
	"github.com/waxseal/waxseal/server"
)

// observed is an engine in memory whose transactions a test looks at, and comes between.
type observed struct {
	*mem.Engine
	mu sync.Mutex
	// transactions are those since the last call of take, each with what it read.
	transactions []string
	// twice are the keys that one transaction asked for more than once.
	twice []string
	// before is called before a writing transaction begins, but not for those of
	// its own calls; nil: nothing is.
	before func()
	within bool // before
	// viewed is told of every reading transaction that ended; nil: nobody is.
	viewed chan struct{}

	user aws.Config // of the user of observe
}

func (e *observed) View(ctx context.Context, read func(store.Reader) error) error {
	seen := reads{}
	err := e.Engine.View(ctx, func(r store.Reader) error { return read(&reader{r, seen}) })
	e.note("view", seen)
	e.mu.Lock()
	viewed := e.viewed
	e.mu.Unlock()
	if viewed != nil {
		viewed <- struct{}{}
	}
	return err
}

func (e *observed) Update(ctx context.Context, write func(store.Tx) error) error {
	e.mu.Lock()
	before := e.before
	if e.within {
		before = nil
	}
	e.within = e.within || before != nil
	e.mu.Unlock()
	if before != nil {
		before()
		e.mu.Lock()
		e.within = false
		e.mu.Unlock()
	}
	seen := reads{}
	err := e.Engine.Update(ctx, func(tx store.Tx) error {
		clear(seen)
		return write(&writer{tx, reader{tx, seen}})
	})
	e.note("update", seen)
	return err
}

func (e *observed) note(kind string, seen reads) {
	e.mu.Lock()
	defer e.mu.Unlock()
	buckets := map[string]bool{}
	for key, times := range seen {
		bucket, _, _ := strings.Cut(key, "\x00")
		buckets[bucket] = true
		if times > 1 {
			e.twice = append(e.twice, key)
		}
	}
	e.transactions = append(e.transactions, kind+" "+strings.Join(slices.Sorted(maps.Keys(buckets)), " "))
}

// take answers the transactions since it was last called.
func (e *observed) take() (transactions, twice []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	transactions, twice = e.transactions, e.twice
	e.transactions, e.twice = nil, nil
	return transactions, twice
}

func (e *observed) comeBetween(before func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.before = before
}

// reads counts how often a transaction asked for each key. What a scan finds is
// not asked for.
type reads map[string]int

type reader struct {
	store.Reader
	seen reads
}

func (r *reader) Get(key string) []byte {
	r.seen[key]++
	return r.Reader.Get(key)
}

func (r *reader) GetMany(keys []string) [][]byte {
	for _, key := range keys {
		r.seen[key]++
	}
	return r.Reader.GetMany(keys)
}

func (r *reader) Scan(prefix, from string, limit int) iter.Seq2[string, []byte] {
	bucket, _, _ := strings.Cut(prefix, "\x00")
	r.seen[bucket] = 1
	return r.Reader.Scan(prefix, from, limit)
}

type writer struct {
	store.Tx
	reader
}

func (w *writer) Get(key string) []byte          { return w.reader.Get(key) }
func (w *writer) GetMany(keys []string) [][]byte { return w.reader.GetMany(keys) }
func (w *writer) Fail(err error)                 { w.Tx.Fail(err) }
func (w *writer) Scan(prefix, from string, limit int) iter.Seq2[string, []byte] {
	return w.reader.Scan(prefix, from, limit)
}

// observe is a server on an observed engine, and the clients of its root user and
// of a user who may do everything.
func observe(t *testing.T) (e *observed, root, user *clients) {
	t.Helper()
	e = &observed{Engine: mem.New()}
	s, err := server.New(t.Context(), server.Config{Engine: e})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s)
	t.Cleanup(func() {
		web.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	as := func(id, secret string) aws.Config {
		return aws.Config{
			Region: "us-east-1", BaseEndpoint: aws.String(web.URL), HTTPClient: web.Client(),
			Credentials: credentials.NewStaticCredentialsProvider(id, secret, ""),
			Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
		}
	}
	root = newClients(t, as("test", "test"))
	name := aws.String("worker")
	if _, err := root.iam.CreateUser(t.Context(), &iam.CreateUserInput{UserName: name}); err != nil {
		t.Fatal(err)
	}
	if _, err := root.iam.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: name, PolicyName: name, PolicyDocument: aws.String(allows(t, "*", "*"))}); err != nil {
		t.Fatal(err)
	}
	key, err := root.iam.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: name})
	if err != nil {
		t.Fatal(err)
	}
	e.user = as(*key.AccessKey.AccessKeyId, *key.AccessKey.SecretAccessKey)
	return e, root, newClients(t, e.user)
}

// TestTransactionsOfACall: who calls is one reading transaction, with all that
// organizations have to say; what the call acts on another; and what it does to
// it one that writes. None asks for a record twice.
func TestTransactionsOfACall(t *testing.T) {
	e, root, user := observe(t)
	ctx := t.Context()
	url, queueARN := root.queue("q", nil)
	keyID, _ := root.key()
	topic, err := root.sns.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("t")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.sns.Subscribe(ctx, &sns.SubscribeInput{TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: &queueARN}); err != nil {
		t.Fatal(err)
	}
	root.setAttribute(url, "Policy", document(t, statement{
		"Effect": "Allow", "Principal": statement{"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": queueARN,
		"Condition": statement{"ArnEquals": statement{"aws:SourceArn": *topic.TopicArn}},
	}))
	sealed, err := root.kms.Encrypt(ctx, &kms.EncryptInput{KeyId: &keyID, Plaintext: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	another := func() {
		if err := root.send(url, "another"); err != nil {
			t.Fatal(err)
		}
	}
	empty := func() { root.bodies(url) }
	var receipt *string
	const (
		who   = "view identity.generation"
		queue = "view sqs.queue"
	)
	for _, c := range []struct {
		operation string
		before    func()
		call      func() error
		want      []string
	}{
		{"SendMessage", nil, func() error { return user.send(url, "m") }, []string{who, queue, "update sqs.b sqs.queue"}},
		// The first look at what there is to receive is a part of finding the queue.
		{"ReceiveMessage", another, func() error {
			out, err := user.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url})
			if err == nil {
				receipt = out.Messages[0].ReceiptHandle
			}
			return err
		}, []string{who, "view sqs.b sqs.queue", "update sqs.b sqs.queue"}},
		{"DeleteMessage", nil, func() error {
			_, err := user.sqs.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &url, ReceiptHandle: receipt})
			return err
		}, []string{who, queue, "update sqs.b sqs.queue"}},
		{"ReceiveMessage of an empty queue", empty, func() error {
			_, err := user.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &url})
			return err
		}, []string{who, "view sqs.b sqs.queue"}},
		// A topic's subscriptions are read only when they have changed. The delivery is a call
		// by itself, of a service: the accounts that it is between are those of the publication.
		{"Publish", nil, func() error {
			_, err := user.sns.Publish(ctx, &sns.PublishInput{TopicArn: topic.TopicArn, Message: aws.String("m")})
			return err
		}, []string{who, "view sns.tally sns.topic", queue, "update sqs.b sqs.queue"}},
		// A key's material is in memory, and the last use is stored once an hour.
		{"Encrypt", nil, func() error {
			_, err := user.kms.Encrypt(ctx, &kms.EncryptInput{KeyId: &keyID, Plaintext: []byte("x")})
			return err
		}, []string{who, "view kms.key"}},
		{"Decrypt", nil, func() error {
			_, err := user.kms.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: sealed.CiphertextBlob})
			return err
		}, []string{who, "view kms.key"}},
		{"GenerateDataKey", nil, func() error {
			_, err := user.kms.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{KeyId: &keyID, KeySpec: "AES_256"})
			return err
		}, []string{who, "view kms.key"}},
	} {
		t.Run(c.operation, func(t *testing.T) {
			var got, twice []string
			for range 2 { // the first time what is read is not in memory yet
				if c.before != nil {
					c.before()
				}
				e.take()
				if err := c.call(); err != nil {
					t.Fatal(err)
				}
				got, twice = e.take()
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("transactions (-want +got):\n%s", diff)
			}
			if len(twice) > 0 {
				t.Errorf("asked for twice: %q", twice)
			}
		})
	}
}

// TestAPolicyThatChangesBeforeTheWrite: what is written is what was decided on: a
// call whose policy changes in between is decided by the new one.
func TestAPolicyThatChangesBeforeTheWrite(t *testing.T) {
	e, root, user := observe(t)
	ctx := t.Context()
	const worker = "arn:aws:iam::123456789012:user/worker"
	deny := func(action, resource string) *string {
		return aws.String(document(t,
			statement{"Effect": "Deny", "Principal": statement{"AWS": worker}, "Action": action, "Resource": resource},
			statement{"Effect": "Allow", "Principal": statement{"AWS": "arn:aws:iam::123456789012:root"}, "Action": action, "Resource": resource}))
	}
	url, queueARN := root.queue("q", nil)
	queuePolicy := func(effect string) string {
		return document(t, statement{"Effect": effect, "Principal": statement{"AWS": worker}, "Action": "sqs:*", "Resource": queueARN})
	}
	keyID, _ := root.key()
	topic, err := root.sns.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("t")})
	if err != nil {
		t.Fatal(err)
	}
	root.role("r")
	// once comes between the decision and the first write.
	once := func(change func()) {
		e.comeBetween(func() {
			change()
			e.comeBetween(nil)
		})
	}
	for _, c := range []struct {
		name    string
		change  func() error
		call    func() error
		refused string // empty: it is not
	}{
		{"SQS, allowed still", func() error {
			root.setAttribute(url, "Policy", queuePolicy("Allow"))
			return nil
		}, func() error { return user.send(url, "m") }, ""},
		{"SQS, denied", func() error {
			root.setAttribute(url, "Policy", queuePolicy("Deny"))
			return nil
		}, func() error { return user.send(url, "m") }, "AccessDenied"},
		{"KMS", func() error {
			_, err := root.kms.PutKeyPolicy(ctx, &kms.PutKeyPolicyInput{KeyId: &keyID, Policy: deny("kms:*", "*")})
			return err
		}, func() error {
			_, err := user.kms.DisableKey(ctx, &kms.DisableKeyInput{KeyId: &keyID})
			return err
		}, "AccessDeniedException"},
		{"SNS", func() error {
			_, err := root.sns.SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{TopicArn: topic.TopicArn, AttributeName: aws.String("Policy"),
				AttributeValue: deny("sns:SetTopicAttributes", *topic.TopicArn)})
			return err
		}, func() error {
			_, err := user.sns.SetTopicAttributes(ctx, &sns.SetTopicAttributesInput{TopicArn: topic.TopicArn, AttributeName: aws.String("DisplayName"), AttributeValue: aws.String("x")})
			return err
		}, "AuthorizationError"},
		{"STS", func() error {
			_, err := root.iam.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("r"), PolicyDocument: aws.String(document(t,
				statement{"Effect": "Deny", "Principal": statement{"AWS": worker}, "Action": "sts:AssumeRole"}))})
			return err
		}, func() error {
			_, err := sts.NewFromConfig(e.user).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::123456789012:role/r"), RoleSessionName: aws.String("session")})
			return err
		}, "AccessDenied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			once(func() {
				if err := c.change(); err != nil {
					t.Error(err)
				}
			})
			err := c.call()
			switch {
			case c.refused == "" && err != nil:
				t.Error(err)
			case c.refused != "":
				if err == nil {
					t.Fatal("it is not refused")
				}
				if got := failure(t, err); got.code != c.refused {
					t.Errorf("refused with %+v", got)
				}
			}
		})
	}
	if got := root.attribute(url, "ApproximateNumberOfMessages"); got != "1" {
		t.Errorf("the queue holds %s messages, want that of the call that was allowed", got)
	}
	key, err := root.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &keyID})
	if err != nil || !key.KeyMetadata.Enabled {
		t.Errorf("the key: %+v, %v", key, err)
	}
}

// TestAQueueThatGoesBeforeTheWrite is told of as one that was not there.
func TestAQueueThatGoesBeforeTheWrite(t *testing.T) {
	e, root, user := observe(t)
	url, _ := root.queue("q", nil)
	e.comeBetween(func() {
		if _, err := root.sqs.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &url}); err != nil {
			t.Error(err)
		}
		e.comeBetween(nil)
	})
	err := user.send(url, "m")
	if err == nil {
		t.Fatal("sent to a queue that is gone")
	}
	if got := failure(t, err); got.code != "AWS.SimpleQueueService.NonExistentQueue" && got.code != "QueueDoesNotExist" {
		t.Errorf("answered %+v", got)
	}
}

// TestAQueueThatChangesWithoutEnd: a call is decided a few times, and then fails as
// one to be tried again.
func TestAQueueThatChangesWithoutEnd(t *testing.T) {
	e, root, user := observe(t)
	url, _ := root.queue("q", nil)
	changes := 0
	e.comeBetween(func() {
		changes++
		root.setAttribute(url, "VisibilityTimeout", []string{"10", "20"}[changes%2])
	})
	err := user.send(url, "m")
	e.comeBetween(nil)
	if err == nil {
		t.Fatal("sent to what the queue was")
	}
	if got := failure(t, err); got.status != http.StatusServiceUnavailable || got.code != "ServiceUnavailable" {
		t.Errorf("answered %+v", got)
	}
	if changes < 2 || changes > 1000 {
		t.Errorf("it was decided %d times", changes)
	}
	if got := root.attribute(url, "ApproximateNumberOfMessages"); got != "0" {
		t.Errorf("the queue holds %s messages", got)
	}
}

// TestAQueueThatChangesWhileACallWaits: what a long poll takes it takes by the
// policy that there is then.
func TestAQueueThatChangesWhileACallWaits(t *testing.T) {
	for name, c := range map[string]struct {
		attribute func(queueARN string) (name, value string)
		refused   string
	}{
		"another attribute": {func(string) (string, string) { return "VisibilityTimeout", "77" }, ""},
		"a policy that denies": {func(queueARN string) (string, string) {
			return "Policy", document(t, statement{"Effect": "Deny", "Principal": "*", "Action": "sqs:ReceiveMessage", "Resource": queueARN})
		}, "AccessDenied"},
	} {
		t.Run(name, func(t *testing.T) {
			e, root, user := observe(t)
			url, queueARN := root.queue("q", nil)
			viewed := make(chan struct{}, 1000)
			e.mu.Lock()
			e.viewed = viewed
			e.mu.Unlock()
			type answer struct {
				out *sqs.ReceiveMessageOutput
				err error
			}
			answered := make(chan answer)
			go func() {
				out, err := user.sqs.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: 20})
				answered <- answer{out, err}
			}()
			for range 3 { // who calls, the queue, and the look with which the wait begins
				<-viewed
			}
			attribute, value := c.attribute(queueARN)
			root.setAttribute(url, attribute, value)
			if err := root.send(url, "m"); err != nil {
				t.Fatal(err)
			}
			got := <-answered
			switch {
			case c.refused == "" && (got.err != nil || len(got.out.Messages) != 1):
				t.Errorf("received %+v, %v", got.out, got.err)
			case c.refused != "" && got.err == nil:
				t.Errorf("received %+v", got.out)
			case c.refused != "" && failure(t, got.err).code != c.refused:
				t.Errorf("refused with %v", got.err)
			}
		})
	}
}
