package waxseal_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/waxseal/waxseal"
)

// example stands where a test has its t, for examples have none.
type example struct{ cleanups []func() }

func (e *example) Helper()                      {}
func (e *example) Cleanup(f func())             { e.cleanups = append(e.cleanups, f) }
func (e *example) Errorf(f string, args ...any) { fmt.Printf("FAIL: "+f+"\n", args...) }
func (e *example) Fatalf(f string, args ...any) { panic(fmt.Sprintf(f, args...)) }
func (e *example) Output() io.Writer            { return os.Stderr }

// end is what a test does by itself when it is over.
func (e *example) end() {
	for len(e.cleanups) > 0 {
		last := len(e.cleanups) - 1
		e.cleanups[last]()
		e.cleanups = e.cleanups[:last]
	}
}

var ctx = context.Background()

// newQueue makes a queue with the attributes, given as name and value, and is its URL.
func newQueue(cloud *waxseal.Server, name string, attributes ...string) string {
	in := &sqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{}}
	for i := 0; i+1 < len(attributes); i += 2 {
		in.Attributes[attributes[i]] = attributes[i+1]
	}
	out, err := sqs.NewFromConfig(cloud.Config()).CreateQueue(ctx, in)
	if err != nil {
		panic(err)
	}
	return *out.QueueUrl
}

func sendTo(config aws.Config, queue, body string) error {
	_, err := sqs.NewFromConfig(config).SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &queue, MessageBody: &body})
	return err
}

const ordersARN = "arn:aws:sqs:us-east-1:123456789012:orders"

func ExampleStart() {
	t := new(example) // in a test: the test's t
	defer t.end()

	cloud := waxseal.Start(t)
	queue := newQueue(cloud, "orders")
	consumer := cloud.Role("consumer", waxseal.Allow("sqs:ReceiveMessage", ordersARN))

	err := sendTo(cloud.As(consumer), queue, "hello")
	fmt.Println(cloud.Denied(err, "sqs:SendMessage"))
	// Output:
	// DENIED  sqs:SendMessage
	//   on   arn:aws:sqs:us-east-1:123456789012:orders
	//   by   arn:aws:sts::123456789012:assumed-role/consumer/waxseal
	//   why  because no identity-based policy allows the sqs:SendMessage action
	//
	// identity-based policy  <- decides
	//   policy-1
	//     #1 Allow (line 1) NEARLY applies
	//       x Action "sqs:ReceiveMessage" (got "sqs:SendMessage")
	//
	// To allow it:
	//   add to the identity-based policy policy-1:
	//     {
	//       "Effect": "Allow",
	//       "Action": "sqs:SendMessage",
	//       "Resource": "arn:aws:sqs:us-east-1:123456789012:orders"
	//     }
}

func ExampleOptions() {
	t := new(example)
	defer t.end()

	cloud := waxseal.Start(t, waxseal.Options{Account: "111122223333", Region: "eu-west-1", Strict: []string{"principals"}})
	fmt.Println(cloud.Role("consumer"), cloud.Config().Region)
	// Output: arn:aws:iam::111122223333:role/consumer eu-west-1
}

func ExampleServer_Config() {
	t := new(example)
	defer t.end()

	cloud := waxseal.Start(t)
	client := sqs.NewFromConfig(cloud.Config())
	out, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("orders")})
	fmt.Println(*out.QueueUrl, err)
	// Output: https://localhost/123456789012/orders <nil>
}

func ExampleServer_As() {
	t := new(example)
	defer t.end()

	cloud := waxseal.Start(t)
	queue := newQueue(cloud, "orders")
	cloud.Role("producer", waxseal.Allow("sqs:SendMessage", ordersARN))
	fmt.Println(sendTo(cloud.As("role/producer"), queue, "hello"))
	// Output: <nil>
}

func ExampleServer_Account() {
	t := new(example)
	defer t.end()

	cloud := waxseal.Start(t)
	queue := newQueue(cloud, "orders")
	partner := cloud.Account("999988887777")
	reader := partner.Role("reader", waxseal.Allow("sqs:*"))

	// The partner's own policy is not enough: the queue's must let it in, too.
	why := cloud.Denied(sendTo(partner.As(reader), queue, "hello"), "sqs:SendMessage")
	fmt.Println(strings.Contains(why, "no resource-based policy allows"))
	// Output: true
}

func ExampleServer_Role() {
	t := new(example)
	defer t.end()

	cloud := waxseal.Start(t)
	role := cloud.Role("producer",
		waxseal.Allow("sqs:*", ordersARN),
		waxseal.With{Tags: map[string]string{"team": "shop"}},
		waxseal.With{Policy: `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"sqs:PurgeQueue","Resource":"*"}}`},
		waxseal.With{Policy: "arn:aws:iam::aws:policy/AmazonSNSReadOnlyAccess"},
	)
	fmt.Println(role)
	// Output: arn:aws:iam::123456789012:role/producer
}

func ExampleServer_User() {
	t := new(example)
	defer t.end()

	cloud := waxseal.Start(t)
	alice := cloud.User("alice", waxseal.Allow("sqs:SendMessage", ordersARN))
	fmt.Println(alice, sendTo(cloud.As(alice), newQueue(cloud, "orders"), "hello"))
	// Output: arn:aws:iam::123456789012:user/alice <nil>
}

func ExampleAllow() {
	fmt.Println(waxseal.Allow("sqs:SendMessage", ordersARN).Policy)
	// Output: {"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:SendMessage","Resource":["arn:aws:sqs:us-east-1:123456789012:orders"]}}
}

func ExampleServer_Advance() {
	t := new(example)
	defer t.end()

	cloud := waxseal.Start(t)
	queue := newQueue(cloud, "orders", "VisibilityTimeout", "43200")
	if err := sendTo(cloud.Config(), queue, "hello"); err != nil {
		panic(err)
	}
	receive := func() int {
		out, err := sqs.NewFromConfig(cloud.Config()).ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &queue})
		if err != nil {
			panic(err)
		}
		return len(out.Messages)
	}
	fmt.Println(receive(), receive())
	cloud.Advance(12 * time.Hour)
	fmt.Println(receive())
	// Output:
	// 1 0
	// 1
}

func ExampleServer_Events() {
	t := new(example)
	defer t.end()

	cloud := waxseal.Start(t)
	if _, err := kms.NewFromConfig(cloud.Config()).CreateKey(ctx, &kms.CreateKeyInput{}); err != nil {
		panic(err)
	}
	for _, e := range cloud.Events() {
		fmt.Println(e.Source, e.Name, e.Principal)
	}
	// Output: kms.amazonaws.com CreateKey arn:aws:iam::123456789012:root
}

func ExampleServer_Decisions() {
	t := new(example)
	defer t.end()

	cloud := waxseal.Start(t)
	queue := newQueue(cloud, "orders")
	cloud.Role("consumer")
	_ = sendTo(cloud.As("role/consumer"), queue, "hello")
	for _, d := range cloud.Decisions() {
		fmt.Println(d.Action, d.Allowed)
	}
	// Output:
	// sqs:CreateQueue true
	// sqs:SendMessage false
}

func ExampleServer_Deliveries() {
	t := new(example)
	defer t.end()

	cloud := waxseal.Start(t)
	newQueue(cloud, "orders") // whose policy does not let the topic in
	client := sns.NewFromConfig(cloud.Config())
	topic, _ := client.CreateTopic(ctx, &sns.CreateTopicInput{Name: aws.String("news")})
	_, err := client.Subscribe(ctx, &sns.SubscribeInput{TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: aws.String(ordersARN)})
	if err == nil {
		_, err = client.Publish(ctx, &sns.PublishInput{TopicArn: topic.TopicArn, Message: aws.String("hello")})
	}
	fmt.Println(err)
	for _, d := range cloud.Deliveries() {
		fmt.Println(d.Protocol, d.Endpoint, d.Status)
	}
	// Output:
	// <nil>
	// sqs arn:aws:sqs:us-east-1:123456789012:orders FAILURE
}

func ExampleServer_AtRest() {
	t := new(example)
	defer t.end()

	cloud := waxseal.Start(t)
	queue := newQueue(cloud, "orders", "KmsMasterKeyId", "alias/aws/sqs")
	if err := sendTo(cloud.Config(), queue, "card 4111"); err != nil {
		panic(err)
	}
	for _, m := range cloud.AtRest(queue) {
		fmt.Println(m.Encryption, m.Body == "", len(m.DataKey) > 0, strings.Contains(string(m.Ciphertext), "4111"))
	}
	// Output: SSE-KMS true true false
}

func ExampleServer_Explain() {
	t := new(example)
	defer t.end()

	cloud := waxseal.Start(t)
	queue := newQueue(cloud, "orders")
	cloud.Role("consumer")
	fmt.Println(cloud.Explain(sendTo(cloud.As("role/consumer"), queue, "hello")))
	// Output:
	// DENIED  sqs:SendMessage
	//   on   arn:aws:sqs:us-east-1:123456789012:orders
	//   by   arn:aws:sts::123456789012:assumed-role/consumer/waxseal
	//   why  because no identity-based policy allows the sqs:SendMessage action
	//
	// identity-based policy  <- decides
	//   there is none
	//
	// To allow it:
	//   add to a new identity-based policy:
	//     {
	//       "Effect": "Allow",
	//       "Action": "sqs:SendMessage",
	//       "Resource": "arn:aws:sqs:us-east-1:123456789012:orders"
	//     }
}

func ExampleServer_Denied() {
	t := new(example)
	defer t.end()

	cloud := waxseal.Start(t)
	queue := newQueue(cloud, "orders")
	consumer := cloud.Role("consumer", waxseal.Allow("sqs:ReceiveMessage", ordersARN))

	why := cloud.Denied(sendTo(cloud.As(consumer), queue, "hello"), "sqs:SendMessage")
	fmt.Println(strings.Split(why, "\n")[3])
	// Output: why  because no identity-based policy allows the sqs:SendMessage action
}

func ExampleServer_Coverage() {
	t := new(example)
	defer t.end()

	cloud := waxseal.Start(t)
	queue := newQueue(cloud, "orders")
	producer := cloud.Role("producer", waxseal.Allow("sqs:SendMessage", ordersARN), waxseal.Allow("sqs:PurgeQueue", ordersARN))
	fmt.Println(sendTo(cloud.As(producer), queue, "hello"))
	percent, uncovered := cloud.Coverage()
	fmt.Println(percent, uncovered)
	// Output:
	// <nil>
	// 50 [arn:aws:iam::123456789012:role/producer identity policy-2: statement 1 (Allow, line 1)]
}

func ExampleServer_URL() {
	t := new(example)
	defer t.end()

	cloud := waxseal.Start(t)
	fmt.Println(strings.HasPrefix(cloud.URL(), "http://127.0.0.1:"))
	// Output: true
}
