package waxseal_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/waxseal/waxseal"
)

func createQueue(t *testing.T, client *sqs.Client, name string) string {
	t.Helper()
	out, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return *out.QueueUrl
}

func send(t *testing.T, client *sqs.Client, queue string) error {
	t.Helper()
	_, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: aws.String("hello")})
	return err
}

func TestConfigIsTheRootUser(t *testing.T) {
	t.Parallel()
	cloud := waxseal.Start(t, waxseal.Options{Account: "111122223333", Region: "eu-west-1"})
	out, err := sts.NewFromConfig(cloud.Config()).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	if *out.Arn != "arn:aws:iam::111122223333:root" {
		t.Errorf("Arn = %s", *out.Arn)
	}
	if queue := createQueue(t, sqs.NewFromConfig(cloud.Config()), "q"); queue != "https://localhost/111122223333/q" {
		t.Errorf("QueueUrl = %s", queue)
	}
}

func TestAsAndExplain(t *testing.T) {
	t.Parallel()
	cloud := waxseal.Start(t)
	queue := createQueue(t, sqs.NewFromConfig(cloud.Config()), "q")
	trust := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}}`
	if _, err := iam.NewFromConfig(cloud.Config()).CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String("consumer"), AssumeRolePolicyDocument: &trust,
	}); err != nil {
		t.Fatal(err)
	}
	for _, principal := range []string{"role/consumer", "arn:aws:iam::123456789012:role/consumer"} {
		err := send(t, sqs.NewFromConfig(cloud.As(principal)), queue)
		text := cloud.Explain(err)
		for _, want := range []string{"DENIED  sqs:SendMessage", "assumed-role/consumer/", "no identity-based policy allows", "To allow it:"} {
			if !strings.Contains(text, want) {
				t.Errorf("Explain does not say %q:\n%s", want, text)
			}
		}
	}
	if err := send(t, sqs.NewFromConfig(cloud.As("root")), queue); err != nil {
		t.Error(err)
	}
	_, refused := sqs.NewFromConfig(cloud.Config()).SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
		QueueUrl: &queue, Attributes: map[string]string{"Policy": "{\n\"Statement\": nothing}"},
	})
	if got := cloud.Explain(refused); !strings.Contains(got, "why       line 2, column 14: expected a value") {
		t.Errorf("of a policy that is no JSON: %v\n%s", refused, got)
	}
	if got := cloud.Explain(nil); got != "" {
		t.Errorf("Explain(nil) = %q", got)
	}
	err := send(t, sqs.NewFromConfig(cloud.Config()), queue+"-absent")
	if got := cloud.Explain(err); got != "ALLOWED" && !strings.Contains(got, "ALLOWED  sqs:SendMessage") {
		t.Errorf("a call that was allowed and failed otherwise: %s", got)
	}
	if got := cloud.Explain(fmt.Errorf("another error")); got != "another error" {
		t.Errorf("Explain of another error = %q", got)
	}
}

func TestServersShareNothing(t *testing.T) {
	t.Parallel()
	one, two := waxseal.Start(t), waxseal.Start(t)
	createQueue(t, sqs.NewFromConfig(one.Config()), "q")
	out, err := sqs.NewFromConfig(two.Config()).ListQueues(t.Context(), &sqs.ListQueuesInput{})
	if err != nil || len(out.QueueUrls) != 0 {
		t.Errorf("the other server has the queues %v, %v", out, err)
	}
}

func TestURLIsASocket(t *testing.T) {
	t.Parallel()
	cloud := waxseal.Start(t)
	url := cloud.URL()
	if again := cloud.URL(); again != url {
		t.Errorf("URL changed from %s to %s", url, again)
	}
	answer, err := http.Get(url + "/_waxseal/health")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("health: %s", answer.Status)
	}
}

// Advance turns everything that waits: a message is hidden for 30 seconds, a
// long poll lasts 20, and the test takes neither.
func TestAdvance(t *testing.T) {
	t.Parallel()
	cloud := waxseal.Start(t)
	client := sqs.NewFromConfig(cloud.Config())
	queue := createQueue(t, client, "q")
	if err := send(t, client, queue); err != nil {
		t.Fatal(err)
	}
	receive := func() int {
		out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queue})
		if err != nil {
			t.Fatal(err)
		}
		return len(out.Messages)
	}
	if receive() != 1 || receive() != 0 {
		t.Fatal("the message is not hidden after its first receive")
	}
	cloud.Advance(30 * time.Second)
	if receive() != 1 {
		t.Error("the message is hidden after its visibility timeout")
	}
}

func TestInsideSynctest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := waxseal.Start(t)
		client := sqs.NewFromConfig(cloud.Config())
		queue := createQueue(t, client, "q")
		began := time.Now()
		out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &queue, WaitTimeSeconds: 20})
		if err != nil || len(out.Messages) != 0 {
			t.Errorf("received %v, %v", out, err)
		}
		if waited := time.Since(began); waited != 20*time.Second {
			t.Errorf("the long poll took %v of the bubble's time", waited)
		}
	})
}
