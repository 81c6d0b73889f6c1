// Package shop has the shop's tests, with package waxseal as their harness.
package shop

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/waxseal/waxseal"
)

// shop starts an emulator of the test's own and answers the shop's client, and
// the URL of the queue.
func shop(t *testing.T, queue string) (cloud *waxseal.Server, client *sqs.Client, url *string) {
	t.Helper()
	cloud = waxseal.Start(t, waxseal.Options{Fixtures: []string{"../fixtures.yaml"}})
	client = sqs.NewFromConfig(cloud.As("role/shop"))
	out, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &queue})
	if err != nil {
		t.Fatal(err)
	}
	return cloud, client, out.QueueUrl
}

func send(ctx context.Context, client *sqs.Client, url *string, body string) error {
	_, err := client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: url, MessageBody: &body})
	return err
}

func TestTheShopMayNotSendToPayroll(t *testing.T) {
	t.Parallel()
	cloud, client, url := shop(t, "payroll")
	err := send(t.Context(), client, url, "a rise for all")

	// Its own policy allows the call to the queue; it is the key's policy that leaves it out.
	why := cloud.Denied(err, "kms:GenerateDataKey")
	for _, want := range []string{"because no resource-based policy allows the kms:GenerateDataKey action", `"OnlyPayroll"`} {
		if !strings.Contains(why, want) {
			t.Errorf("no %s in:\n%s", want, why)
		}
	}
}

func TestAnOrderIsReadableByTheShopAndNotOnTheDisk(t *testing.T) {
	t.Parallel()
	cloud, client, url := shop(t, "orders")
	const order = "card 4111 1111 1111 1111"
	if err := send(t.Context(), client, url, order); err != nil {
		t.Fatal(err)
	}

	stored := cloud.AtRest("orders")[0]
	if stored.Encryption != "SSE-KMS" || stored.Body != "" || bytes.Contains(stored.Ciphertext, []byte("4111")) {
		t.Errorf("at rest: %+v", stored)
	}

	received, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url})
	if err != nil {
		t.Fatal(err)
	}
	message := received.Messages[0]
	if *message.Body != order {
		t.Errorf("received %q", *message.Body)
	}
	if _, err := client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: message.ReceiptHandle}); err != nil {
		t.Error(err)
	}
}
