package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/bench/load"
)

// text is a message of n bytes.
func text(n int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	return strings.Repeat(alphabet, n/len(alphabet)+1)[:n]
}

// kibibyte is what is sent and encrypted where nothing else is said.
var kibibyte = text(1024)

type (
	object = map[string]any
	client = *load.Client
)

// always makes steps that repeat one request.
func always(request func() *load.Request) func() load.Step {
	return func() load.Step {
		r := request()
		return func(c client) error {
			body, err := c.Call(r)
			if err == nil && bytes.Contains(body, []byte("SenderFault")) {
				err = fmt.Errorf("an entry has failed: %.300s", body)
			}
			return err
		}
	}
}

func sending(url, body string) func() load.Step {
	return always(func() *load.Request {
		return load.SQS("SendMessage", object{"QueueUrl": url, "MessageBody": body})
	})
}

// batch is a SendMessageBatch of ten, of which each may have more members.
func batch(url, body string, more func(i int) object) *load.Request {
	entries := make([]object, 10)
	for i := range entries {
		entries[i] = object{"Id": strconv.Itoa(i), "MessageBody": body}
		if more != nil {
			maps.Copy(entries[i], more(i))
		}
	}
	return load.SQS("SendMessageBatch", object{"QueueUrl": url, "Entries": entries})
}

func batching(url, body string) func() load.Step {
	return always(func() *load.Request { return batch(url, body, nil) })
}

func publishing(topic string, attributes ...string) func() load.Step {
	return always(func() *load.Request {
		return load.SNS("Publish", append([]string{"TopicArn", topic, "Message", kibibyte}, attributes...)...)
	})
}

func encrypting(key string) func() load.Step {
	return always(func() *load.Request {
		return load.KMS("Encrypt", object{"KeyId": key, "Plaintext": []byte(kibibyte)})
	})
}

// held keeps what is received in flight for the whole run.
const held = 12 * 60 * 60

// receiving takes up to n messages.
func receiving(url string, n int) *load.Request {
	return load.SQS("ReceiveMessage", object{"QueueUrl": url, "MaxNumberOfMessages": n, "VisibilityTimeout": held})
}

func deleting(url, handle string) *load.Request {
	return load.SQS("DeleteMessage", object{"QueueUrl": url, "ReceiptHandle": handle})
}

// cycling sends, receives and deletes.
func cycling(url string) func() load.Step {
	return func() load.Step {
		send, take := sending(url, kibibyte)(), receiving(url, 1)
		return func(c client) error {
			if err := send(c); err != nil {
				return err
			}
			handle, err := c.Field(take, "ReceiptHandle")
			if err == nil {
				_, err = c.Call(deleting(url, handle))
			}
			return err
		}
	}
}

func createQueue(c client, name string, attributes map[string]string) (url string, err error) {
	return c.Field(load.SQS("CreateQueue", object{"QueueName": name, "Attributes": attributes}), "QueueUrl")
}

func deleteQueue(c client, url string) error {
	_, err := c.Call(load.SQS("DeleteQueue", object{"QueueUrl": url}))
	return err
}

// count is one of a queue's numbers of messages.
func count(c client, url, attribute string) (int, error) {
	n, err := c.Field(load.SQS("GetQueueAttributes", object{"QueueUrl": url, "AttributeNames": []string{attribute}}), attribute)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(n)
}

// arrived waits until queues have as many messages each.
func arrived(c client, urls []string, messages int) error {
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		missing := 0
		for _, url := range urls {
			n, err := count(c, url, "ApproximateNumberOfMessages")
			if err != nil {
				return err
			}
			missing += messages - n
		}
		if missing <= 0 {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d messages are not delivered", missing)
		}
	}
}

// fromTopics lets topics send to a queue.
const fromTopics = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}]}`

func createTopic(c client, name string) (arn string, err error) {
	return c.Field(load.SNS("CreateTopic", "Name", name), "TopicArn")
}

// subscribe subscribes a queue, with attributes as name, value, name, value ….
func subscribe(c client, topic, queue string, attributes ...string) error {
	parameters := []string{"TopicArn", topic, "Protocol", "sqs", "Endpoint", "arn:aws:sqs:" + load.Region + ":" + account + ":" + queue}
	for i := 0; i < len(attributes); i += 2 {
		entry := fmt.Sprintf("Attributes.entry.%d.", i/2+1)
		parameters = append(parameters, entry+"key", attributes[i], entry+"value", attributes[i+1])
	}
	_, err := c.Call(load.SNS("Subscribe", parameters...))
	return err
}

func createKey(c client) (id string, err error) {
	return c.Field(load.KMS("CreateKey", object{}), "KeyId")
}

// encrypted is a ciphertext of the key.
func encrypted(c client, key string) (ciphertext []byte, err error) {
	blob, err := c.Field(load.KMS("Encrypt", object{"KeyId": key, "Plaintext": []byte(kibibyte)}), "CiphertextBlob")
	if err != nil {
		return nil, err
	}
	ciphertext, err = base64.StdEncoding.DecodeString(blob)
	if err == nil && len(ciphertext) == 0 {
		err = errors.New("there is no ciphertext")
	}
	return ciphertext, err
}
