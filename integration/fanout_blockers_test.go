package integration

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// explained publishes and answers what explain tells of the message.
func (c *tableCase) explained() string {
	c.t.Helper()
	out, err := c.publisher.sns.Publish(c.t.Context(), &sns.PublishInput{TopicArn: &c.topic, Message: aws.String("hello")})
	if err != nil {
		c.t.Fatal(err)
	}
	return fetch(c.t, c.cloud.URL()+"/_waxseal/explain?message-id="+*out.MessageId)
}

// wantTold checks the blockers in an explanation: each what it says stands in
// the way, and what to do.
func wantTold(t *testing.T, text string, wanted ...[2]string) {
	t.Helper()
	found := blockers.FindAllStringSubmatch(text, -1)
	if len(found) != len(wanted) {
		t.Fatalf("%d blockers, want %d:\n%s", len(found), len(wanted), text)
	}
	for i, want := range wanted {
		if !strings.Contains(found[i][1], want[0]) || !strings.Contains(found[i][2], want[1]) {
			t.Errorf("blocker %d:\n got %q, %q\nwant %q, %q", i+1, found[i][1], found[i][2], want[0], want[1])
		}
	}
}

// What is not a missing statement is told as well: what each of these wants is
// another thing to do.
func TestExplainTellsOfEveryBlocker(t *testing.T) {
	cloud := start(t)
	row := func(t *testing.T, name, account string) *tableCase {
		c := newTableCase(t, cloud, name, false, account)
		c.setAll(map[string]string{"Policy": document(t, allowSNS(c.queueARN, c.topic))})
		return c
	}
	const here, partner = "123456789012", "999888777666"

	t.Run("the queue is deleted", func(t *testing.T) {
		c := row(t, "deleted", here)
		if _, err := c.owner.sqs.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &c.queue}); err != nil {
			t.Fatal(err)
		}
		wantTold(t, c.explained(), [2]string{c.queueARN + ": The specified queue does not exist.", "create the queue"})
	})
	t.Run("the policy denies", func(t *testing.T) {
		c := row(t, "denied", here)
		deny := allowSNS(c.queueARN, c.topic)
		deny["Sid"], deny["Effect"] = "NotToday", "Deny"
		c.owner.setAttribute(c.queue, "Policy", document(t, allowSNS(c.queueARN, c.topic), deny))
		text := c.explained()
		wantTold(t, text, [2]string{"with an explicit deny in a resource-based policy", `take statement #2 "NotToday" out of the resource-based policy ` + c.queueARN})
	})
	t.Run("the key is disabled", func(t *testing.T) {
		c := row(t, "disabled", here)
		id := c.customerKeyForSNS()
		c.owner.setAttribute(c.queue, "KmsMasterKeyId", id)
		if _, err := c.owner.kms.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: &id}); err != nil {
			t.Fatal(err)
		}
		text := c.explained()
		wantTold(t, text, [2]string{"is in the state Disabled", "bring the key into the state Enabled"})
		if !strings.Contains(text, "KMS.DisabledException") {
			t.Errorf("the answer is not told:\n%s", text)
		}
	})
	t.Run("the key is disabled and does not let SNS in", func(t *testing.T) {
		c := row(t, "disabled-and-closed", here)
		id := c.customerKey()
		c.owner.setAttribute(c.queue, "KmsMasterKeyId", id)
		if _, err := c.owner.kms.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: &id}); err != nil {
			t.Fatal(err)
		}
		wantTold(t, c.explained(), [2]string{"is in the state Disabled", ""}, [2]string{c.keyARN, `"Action":["kms:GenerateDataKey*","kms:Decrypt"]`})
	})
	t.Run("there is no such key", func(t *testing.T) {
		c := row(t, "no-key", here)
		c.owner.setAttribute(c.queue, "KmsMasterKeyId", "alias/nobodys")
		wantTold(t, c.explained(), [2]string{"Alias arn:aws:kms:us-east-1:123456789012:alias/nobodys is not found.", "set KmsMasterKeyId of " + c.queueARN})
	})
	t.Run("there is no such key in the partner's account", func(t *testing.T) {
		c := row(t, "no-partner-key", partner)
		c.owner.setAttribute(c.queue, "KmsMasterKeyId", "alias/nobodys")
		wantTold(t, c.explained(), [2]string{"Alias arn:aws:kms:us-east-1:999888777666:alias/nobodys is not found.", ""})
	})
	t.Run("the managed key by its id", func(t *testing.T) {
		c := row(t, "managed", here)
		c.owner.setAttribute(c.queue, "KmsMasterKeyId", "alias/aws/sqs")
		if err := c.owner.send(c.queue, "makes the key"); err != nil {
			t.Fatal(err)
		}
		out, err := c.owner.kms.DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: aws.String("alias/aws/sqs")})
		if err != nil {
			t.Fatal(err)
		}
		c.owner.setAttribute(c.queue, "KmsMasterKeyId", *out.KeyMetadata.KeyId)
		wantTold(t, c.explained(), [2]string{"is an AWS managed key", "to a customer managed key"})
	})
	t.Run("the key's policy lets SNS encrypt alone", func(t *testing.T) {
		c := row(t, "no-decrypt", here)
		id := c.customerKey()
		c.addToKeyPolicy(id, document(t, statement{
			"Effect": "Allow", "Principal": statement{"Service": "sns.amazonaws.com"}, "Action": "kms:GenerateDataKey*", "Resource": "*",
		}))
		c.owner.setAttribute(c.queue, "KmsMasterKeyId", id)
		wantTold(t, c.explained(), [2]string{"allows kms:Decrypt by sns.amazonaws.com", `"Action":"kms:Decrypt"`})
	})
	t.Run("the key's policy asks for an alias", func(t *testing.T) {
		c := row(t, "by-alias", here)
		id := c.customerKey()
		alias := "alias/by-alias"
		if _, err := c.owner.kms.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: &alias, TargetKeyId: &id}); err != nil {
			t.Fatal(err)
		}
		c.addToKeyPolicy(id, document(t, statement{
			"Effect": "Allow", "Principal": statement{"Service": "sns.amazonaws.com"}, "Action": "kms:*", "Resource": "*",
			"Condition": statement{"StringEquals": statement{"kms:RequestAlias": alias}},
		}))
		c.owner.setAttribute(c.queue, "KmsMasterKeyId", alias)
		wantTold(t, c.explained(), [2]string{"allows kms:Decrypt by sns.amazonaws.com", `"Action":"kms:Decrypt"`}) // [A5.7]: no alias opens a data key
	})
	t.Run("the dead-letter queue refuses too", func(t *testing.T) {
		c := row(t, "no-letters", here)
		c.owner.setAttribute(c.queue, "Policy", "")
		c.owner.setAttribute(c.letters, "Policy", "")
		text := c.explained()
		wantTold(t, text, [2]string{c.queueARN, "add to the policy of " + c.queueARN}, [2]string{c.deadARN, "add to the policy of " + c.deadARN})
		if got := strings.Count(text, "The decision then:"); got != 2 {
			t.Errorf("%d decisions are shown, want those of the queue and of the dead-letter queue:\n%s", got, text)
		}
	})
	t.Run("what stood in the way is gone", func(t *testing.T) {
		c := row(t, "gone", here)
		c.owner.setAttribute(c.queue, "Policy", "")
		out, err := c.publisher.sns.Publish(t.Context(), &sns.PublishInput{TopicArn: &c.topic, Message: aws.String("hello")})
		if err != nil {
			t.Fatal(err)
		}
		c.owner.setAttribute(c.queue, "Policy", document(t, allowSNS(c.queueARN, c.topic)))
		text := fetch(t, cloud.URL()+"/_waxseal/explain?message-id="+*out.MessageId)
		wantTold(t, text)
		if !strings.Contains(text, "nothing: its policy and its key, if it has one, let the topic in") {
			t.Errorf("it is not told that the way is free:\n%s", text)
		}
	})
}

// Explaining does not do what it explains: no key is made, nothing is counted
// or remembered.
func TestExplainChangesNothing(t *testing.T) {
	cloud := start(t)
	c := newTableCase(t, cloud, "rehearsed", false, "123456789012")
	c.owner.setAttribute(c.queue, "KmsMasterKeyId", "alias/aws/sqs")
	state := func() string {
		var all strings.Builder
		for _, path := range []string{"decisions", "events", "coverage", "deliveries"} {
			all.WriteString(fetch(t, cloud.URL()+"/_waxseal/"+path))
		}
		return all.String()
	}
	out, err := c.publisher.sns.Publish(t.Context(), &sns.PublishInput{TopicArn: &c.topic, Message: aws.String("hello")})
	if err != nil {
		t.Fatal(err)
	}
	before := state()
	wantTold(t, fetch(t, cloud.URL()+"/_waxseal/explain?message-id="+*out.MessageId),
		[2]string{c.queueARN, "add to the policy"}, [2]string{"alias/aws/sqs", "customer managed key"})
	if after := state(); after != before {
		t.Errorf("after explain:\n%s\nbefore:\n%s", after, before)
	}
	keys, err := c.owner.kms.ListKeys(t.Context(), &kms.ListKeysInput{})
	if err != nil || len(keys.Keys) != 0 {
		t.Errorf("keys: %v, %v; explain made one", keys, err)
	}
}
