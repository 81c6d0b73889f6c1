package integration

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/waxseal/waxseal"
	"github.com/waxseal/waxseal/internal/servertest"
)

// newRuleCase is a rule that delivers to an encrypted queue or topic, whose policy, and that
// of its key, let nobody in but its account.
func newRuleCase(t *testing.T, cloud *waxseal.Server, name, service string) *ruleCase {
	t.Helper()
	c := &ruleCase{t: t, cloud: cloud, service: service, name: name, our: newClients(t, cloud.Config()), events: eventbridge.NewFromConfig(cloud.Config())}
	c.rule = "arn:aws:events:us-east-1:123456789012:rule/" + c.name
	c.makeTarget(c.key())
	c.makeRule()
	return c
}

// explained puts an event and answers what explain tells of its delivery.
func (c *ruleCase) explained() string {
	c.t.Helper()
	return fetch(c.t, c.cloud.URL()+"/_waxseal/explain?message-id="+c.put().MessageID)
}

// withRole gives the rule's target a role with policies.
func (c *ruleCase) withRole(statements ...map[string]any) (name, arn string) {
	c.t.Helper()
	name = "to-" + c.name
	trust := document(c.t, statement{"Effect": "Allow", "Principal": statement{"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"})
	roles := iam.NewFromConfig(c.cloud.Config())
	made, err := roles.CreateRole(c.t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust})
	if err != nil {
		c.t.Fatal(err)
	}
	if len(statements) > 0 {
		if _, err := roles.PutRolePolicy(c.t.Context(), &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("p"), PolicyDocument: aws.String(document(c.t, statements...))}); err != nil {
			c.t.Fatal(err)
		}
	}
	if _, err := c.events.PutTargets(c.t.Context(), &eventbridge.PutTargetsInput{Rule: &c.name, Targets: []ebtypes.Target{{Id: aws.String("1"), Arn: &c.target, RoleArn: made.Role.Arn}}}); err != nil {
		c.t.Fatal(err)
	}
	return name, *made.Role.Arn
}

// Explain names everything that keeps an event from a rule's target, not only what the
// delivery failed at.
func TestExplainTellsOfEveryBlockerOfARule(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	const uses = `"Action":["kms:GenerateDataKey*","kms:Decrypt"]`

	t.Run("a queue and its key", func(t *testing.T) {
		c := newRuleCase(t, cloud, "queue-and-key", "sqs")
		text := c.explained()
		wantTold(t, text, [2]string{c.target + " has no policy that allows sqs:SendMessage", `"aws:SourceArn":"` + c.rule}, [2]string{c.keyARN, uses})
		if !strings.Contains(text, "In the way from the rule to "+c.target) || strings.Count(text, "The decision then:") != 1 {
			t.Errorf("told:\n%s", text)
		}
		text = fetch(t, cloud.URL()+"/_waxseal/explain")
		wantTold(t, text, [2]string{c.target + " has no policy", ""}, [2]string{c.keyARN, uses})
		if !strings.HasPrefix(text, "The last denial") || !strings.Contains(text, "In the way from the rule to "+c.target) {
			t.Errorf("told of the denial:\n%s", text)
		}
	})
	t.Run("a topic and its key", func(t *testing.T) {
		c := newRuleCase(t, cloud, "topic-and-key", "sns")
		text := c.explained()
		wantTold(t, text, [2]string{c.target, `"Action":"sns:Publish"`}, [2]string{c.keyARN, uses})
		if strings.Contains(text, "aws:SourceArn") {
			t.Errorf("a condition is advised that lets no event in [V210]:\n%s", text)
		}
	})
	t.Run("a queue that is deleted", func(t *testing.T) {
		c := newRuleCase(t, cloud, "deleted-queue", "sqs")
		if _, err := c.our.sqs.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: &c.queue}); err != nil {
			t.Fatal(err)
		}
		wantTold(t, c.explained(), [2]string{c.target + ": The specified queue does not exist.", "create the queue, or give the rule another target"})
	})
	t.Run("a key that is disabled", func(t *testing.T) {
		c := newRuleCase(t, cloud, "disabled-key", "sqs")
		if _, err := c.our.kms.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: &c.keyID}); err != nil {
			t.Fatal(err)
		}
		wantTold(t, c.explained(), [2]string{c.target, "sqs:SendMessage"}, [2]string{"is in the state Disabled", ""}, [2]string{c.keyARN, uses})
	})
	t.Run("a role that may nothing", func(t *testing.T) {
		c := newRuleCase(t, cloud, "idle-role", "sqs")
		name, _ := c.withRole()
		text := c.explained()
		wantTold(t, text, [2]string{"no identity-based policy allows sqs:SendMessage", `"Action":"sqs:SendMessage"`}, [2]string{"no identity-based policy allows kms:GenerateDataKey and kms:Decrypt", "kms:GenerateDataKey"})
		if !strings.Contains(text, "assumed-role/"+name+"/events") {
			t.Errorf("the session is not named:\n%s", text)
		}
	})
	t.Run("a role that EventBridge may not assume any more", func(t *testing.T) {
		c := newRuleCase(t, cloud, "closed-role", "sqs")
		name, arn := c.withRole(statement{"Effect": "Allow", "Action": []string{"kms:GenerateDataKey", "kms:Decrypt"}, "Resource": "*"})
		closed := document(t, statement{"Effect": "Allow", "Principal": statement{"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
		if _, err := iam.NewFromConfig(cloud.Config()).UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: &name, PolicyDocument: &closed}); err != nil {
			t.Fatal(err)
		}
		text := c.explained()
		wantTold(t, text, [2]string{arn, `"Action":"sts:AssumeRole"`}, [2]string{"no identity-based policy allows sqs:SendMessage", `"Action":"sqs:SendMessage"`})
	})
	t.Run("a role that is deleted", func(t *testing.T) {
		c := newRuleCase(t, cloud, "deleted-role", "sqs")
		name, arn := c.withRole()
		if _, err := iam.NewFromConfig(cloud.Config()).DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: &name}); err != nil {
			t.Fatal(err)
		}
		wantTold(t, c.explained(), [2]string{"there is no role " + arn, "create the role"})
	})
	t.Run("a bus of another account", func(t *testing.T) {
		c := newRuleCase(t, cloud, "other-bus", "sqs")
		c.target = "arn:aws:events:us-east-1:999888777666:event-bus/default"
		_, arn := c.withRole()
		wantTold(t, c.explained(), [2]string{c.target + " has no policy that allows events:PutEvents", arn}, [2]string{"no identity-based policy allows events:PutEvents", `"Action":"events:PutEvents"`})
	})
	t.Run("the dead-letter queue refuses too", func(t *testing.T) {
		c := newRuleCase(t, cloud, "no-letters", "sqs")
		c.our.setAttribute(c.letters, "Policy", "")
		letters := c.our.attribute(c.letters, "QueueArn")
		text := c.explained()
		wantTold(t, text, [2]string{c.target, "sqs:SendMessage"}, [2]string{c.keyARN, uses}, [2]string{letters, "add to the policy of " + letters})
	})
	t.Run("what stood in the way is gone", func(t *testing.T) {
		c := newRuleCase(t, cloud, "free", "sqs")
		id := c.put().MessageID
		c.allowTarget(forEvents(`"sqs:SendMessage"`, c.target, `"ArnEquals":{"aws:SourceArn":"`+c.rule+`"}`))
		c.allowKey(forEvents(`["kms:GenerateDataKey*","kms:Decrypt"]`, "*", ""))
		text := fetch(t, cloud.URL()+"/_waxseal/explain?message-id="+id)
		wantTold(t, text)
		if !strings.Contains(text, "nothing: its policy and its key, if it has one, let the rule in") {
			t.Errorf("it is not told that the way is free:\n%s", text)
		}
		if _, err := c.events.RemoveTargets(t.Context(), &eventbridge.RemoveTargetsInput{Rule: &c.name, Ids: []string{"1"}}); err != nil {
			t.Fatal(err)
		}
		wantTold(t, fetch(t, cloud.URL()+"/_waxseal/explain?message-id="+id), [2]string{c.rule + " has no such target any more", "put the rule"})
	})
}

// The same holds for what S3 tells of its objects.
func TestExplainTellsOfEveryBlockerOfABucket(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	c, buckets := newClients(t, cloud.Config()), newS3(cloud.Config())
	name := "pettracker-images"
	if _, err := buckets.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	r := newS3Receiver(t, c, "topic", "image-uploads")
	r.set("Policy", document(t, allowS3(r.action, r.arn, nil)))
	if _, err := buckets.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{Bucket: &name, NotificationConfiguration: r.configuration()}); err != nil {
		t.Fatal(err)
	}
	id, key := c.key()
	r.set("KmsMasterKeyId", id)
	r.set("Policy", document(t, allowS3(r.action, r.arn, statement{"ArnLike": statement{"aws:SourceArn": "arn:aws:s3:::other"}})))
	if _, err := buckets.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &name, Key: aws.String("cat.jpg"), Body: strings.NewReader("meow")}); err != nil {
		t.Fatal(err)
	}
	var answer struct{ Deliveries []struct{ MessageID string } }
	servertest.Eventually(t, "the delivery", func() bool {
		if err := json.Unmarshal([]byte(fetch(t, cloud.URL()+"/_waxseal/deliveries?source=s3&bucket="+name)), &answer); err != nil {
			t.Fatal(err)
		}
		return len(answer.Deliveries) == 1
	})
	text := fetch(t, cloud.URL()+"/_waxseal/explain?message-id="+answer.Deliveries[0].MessageID)
	wantTold(t, text, [2]string{r.arn, `"aws:SourceArn":"arn:aws:s3:::` + name}, [2]string{key, `"Action":["kms:GenerateDataKey*","kms:Decrypt"]`})
	if !strings.Contains(text, "In the way from the bucket to "+r.arn) {
		t.Errorf("told:\n%s", text)
	}
}
