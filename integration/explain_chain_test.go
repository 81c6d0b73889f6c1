package integration

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/waxseal/waxseal"
)

// encryptedTestbed is a queue and a topic under one key, the queue subscribed to
// the topic, and a role that may do what its policy says.
type encryptedTestbed struct {
	*clients
	cloud                       *waxseal.Server
	role                        *clients
	queueURL, queue, topic, key string
}

func newEncryptedTestbed(t *testing.T) *encryptedTestbed {
	t.Helper()
	cloud := start(t)
	w := &encryptedTestbed{clients: newClients(t, cloud.Config()), cloud: cloud}
	var id string
	id, w.key = w.clients.key()
	w.queueURL, w.queue = w.clients.queue("orders", map[string]string{"KmsMasterKeyId": id})
	w.topic = w.clients.topic("shop")
	if _, err := w.sns.SetTopicAttributes(t.Context(), &sns.SetTopicAttributesInput{TopicArn: &w.topic, AttributeName: aws.String("KmsMasterKeyId"), AttributeValue: &id}); err != nil {
		t.Fatal(err)
	}
	w.subscribe(w.topic, w.queue)
	w.clients.role("app")
	w.role = newClients(t, cloud.As("role/app"))
	return w
}

func (w *encryptedTestbed) allow(actions ...string) {
	w.t.Helper()
	if _, err := w.iam.PutRolePolicy(w.t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("app"), PolicyName: aws.String("p"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["` + strings.Join(actions, `","`) + `"],"Resource":"*"}}`),
	}); err != nil {
		w.t.Fatal(err)
	}
}

// wantRemedies checks that an explanation names these things to do, in order, and no others.
func wantRemedies(t *testing.T, text string, wanted ...string) {
	t.Helper()
	found := remedies(text)
	if len(found) != len(wanted) {
		t.Fatalf("%d things to do, want %d:\n%s", len(found), len(wanted), text)
	}
	for i, want := range wanted {
		for _, part := range strings.Split(want, " … ") {
			if !strings.Contains(found[i], part) {
				t.Errorf("thing to do %d: %s\nwant %s", i+1, found[i], part)
			}
		}
	}
}

// The first denial of a call that needs several permissions names them all.
func TestTheFirstDenialNamesAllThatIsMissing(t *testing.T) {
	const uses = `"Action":["kms:GenerateDataKey","kms:Decrypt"]`
	lastDenial := func(w *encryptedTestbed) string { return fetch(t, w.cloud.URL()+"/_waxseal/explain") }

	t.Run("sending to an encrypted queue", func(t *testing.T) {
		w := newEncryptedTestbed(t)
		err := w.role.send(w.queueURL, "hello")
		text := w.cloud.Denied(err, "sqs:SendMessage")
		for _, want := range []string{`"sqs:SendMessage"`, `"kms:GenerateDataKey"`, `"kms:Decrypt"`} {
			if !strings.Contains(text, want) {
				t.Errorf("Denied does not name %s:\n%s", want, text)
			}
		}
		wantRemedies(t, lastDenial(w), `"Action":"sqs:SendMessage" … `+w.queue, uses+` … `+w.key)
	})
	t.Run("the queue lets in, the key does not", func(t *testing.T) {
		w := newEncryptedTestbed(t)
		w.allow("sqs:SendMessage")
		w.cloud.Denied(w.role.send(w.queueURL, "hello"), "kms:GenerateDataKey")
		wantRemedies(t, lastDenial(w), "the identity-based policy p: … "+uses)
	})
	t.Run("receiving", func(t *testing.T) {
		w := newEncryptedTestbed(t)
		_, err := w.role.receive(w.queueURL)
		w.cloud.Denied(err, "sqs:ReceiveMessage")
		wantRemedies(t, lastDenial(w), `"Action":"sqs:ReceiveMessage"`, `"Action":"kms:Decrypt"`)
	})
	t.Run("publishing", func(t *testing.T) {
		w := newEncryptedTestbed(t)
		_, err := w.role.sns.Publish(t.Context(), &sns.PublishInput{TopicArn: &w.topic, Message: aws.String("hello")})
		w.cloud.Denied(err, "sns:Publish")
		wantRemedies(t, lastDenial(w),
			`"Action":"sns:Publish" … `+w.topic,
			"add to the policy of "+w.queue+` … "Service":"sns.amazonaws.com"`,
			uses+` … `+w.key,
			"add to the policy of "+w.key+` … "Action":["kms:GenerateDataKey*","kms:Decrypt"]`)
	})
	t.Run("a delivery", func(t *testing.T) {
		w := newEncryptedTestbed(t)
		w.publish(w.topic, "hello")
		text := lastDenial(w)
		wantRemedies(t, text, "add to the policy of "+w.queue, "add to the policy of "+w.key)
		if !strings.Contains(text, "In the way from the topic to "+w.queue) {
			t.Errorf("it is not told that this is a delivery:\n%s", text)
		}
	})
	t.Run("a call that takes several decisions", func(t *testing.T) {
		w := newEncryptedTestbed(t)
		_, err := w.role.sqs.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("tagged"), Tags: map[string]string{"team": "shop"}})
		w.cloud.Denied(err, "sqs:CreateQueue")
		wantRemedies(t, lastDenial(w), `"Action":["sqs:CreateQueue","sqs:TagQueue"] … :tagged"`)
		w.allow("sqs:TagQueue")
		if text := lastDenial(w); strings.Contains(text, "TagQueue") {
			t.Errorf("what was given since is named:\n%s", text)
		}
	})
	t.Run("two keys", func(t *testing.T) {
		w := newEncryptedTestbed(t)
		sealed, err := w.kms.Encrypt(t.Context(), &kms.EncryptInput{KeyId: &w.key, Plaintext: []byte("x")})
		if err != nil {
			t.Fatal(err)
		}
		other, _ := w.clients.key()
		_, err = w.role.kms.ReEncrypt(t.Context(), &kms.ReEncryptInput{CiphertextBlob: sealed.CiphertextBlob, DestinationKeyId: &other})
		w.cloud.Denied(err, "kms:ReEncryptFrom")
		wantRemedies(t, lastDenial(w), `"Action":"kms:ReEncryptFrom" … `+w.key, `"Action":"kms:ReEncryptTo" … `+other)
	})
	t.Run("what was given since is not named", func(t *testing.T) {
		w := newEncryptedTestbed(t)
		w.cloud.Denied(w.role.send(w.queueURL, "hello"), "sqs:SendMessage")
		w.allow("kms:GenerateDataKey", "kms:Decrypt")
		if text := lastDenial(w); strings.Contains(text, "kms:") {
			t.Errorf("what is not missing is named:\n%s", text)
		}
	})
	t.Run("nothing beyond itself", func(t *testing.T) {
		w := newEncryptedTestbed(t)
		url, _ := w.clients.queue("plain", nil)
		w.cloud.Denied(w.role.send(url, "hello"), "sqs:SendMessage")
		if text := lastDenial(w); !strings.Contains(text, "\nTo allow it:\n") {
			t.Errorf("a single statement is not told as before:\n%s", text)
		}
	})
}

// Without a request id it is told how old the denial is, and that things went on.
func TestExplainTellsHowOldTheLastDenialIs(t *testing.T) {
	w := newEncryptedTestbed(t)
	url, _ := w.clients.queue("plain", nil)
	w.cloud.Denied(w.role.send(url, "hello"), "sqs:SendMessage")
	told := func() string {
		line, _, _ := strings.Cut(fetch(t, w.cloud.URL()+"/_waxseal/explain"), "\n")
		return line
	}
	if got := told(); !strings.HasPrefix(got, "The last denial, of just now (") || strings.Contains(got, "since") {
		t.Errorf("%s; want it to be of just now", got)
	}
	w.cloud.Advance(3 * time.Minute)
	for range 2 {
		if err := w.send(url, "root may"); err != nil {
			t.Fatal(err)
		}
	}
	if got := told(); !strings.HasPrefix(got, "The last denial, of 3 min ago (") || !strings.HasSuffix(got, "; 2 calls since were allowed.") {
		t.Errorf("%s; want 3 minutes and 2 calls", got)
	}
	w.allow("sqs:SendMessage")
	if err := w.role.send(url, "hello"); err != nil {
		t.Fatal(err)
	}
	if got := told(); !strings.HasSuffix(got, "; 4 calls since were allowed; the same was allowed later.") {
		t.Errorf("%s; want the same to be allowed later", got)
	}
	decisions := w.cloud.Decisions()
	for _, d := range decisions {
		if !d.Allowed && !strings.Contains(told(), ", request "+d.RequestID) {
			t.Errorf("%s; want request %s", told(), d.RequestID)
		}
	}
}
