package integration

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/waxseal/waxseal"
	"github.com/waxseal/waxseal/internal/servertest"
)

// The axes of the table: what the policy of a topic or queue says of S3, and under which
// key it is encrypted.
var (
	s3Policies = []struct {
		name      string
		condition func(bucket string) statement // of the statement for S3; nil: there is no such statement
		lets      bool
	}{
		{"no statement", nil, false},
		{"another bucket", func(bucket string) statement {
			return statement{"ArnLike": statement{"aws:SourceArn": bucket + "-other"}}
		}, false},
		{"the bucket's objects", func(bucket string) statement { return statement{"ArnLike": statement{"aws:SourceArn": bucket + "/*"}} }, false},
		{"another account", func(bucket string) statement {
			return statement{"ArnLike": statement{"aws:SourceArn": bucket}, "StringEquals": statement{"aws:SourceAccount": "999888777666"}}
		}, false},
		{"the bucket", func(bucket string) statement { return statement{"ArnLike": statement{"aws:SourceArn": bucket}} }, true},
		{"the bucket in any region and its account", func(bucket string) statement {
			return statement{"ArnLike": statement{"aws:SourceArn": strings.Replace(bucket, ":::", ":*:*:", 1)}, "StringEquals": statement{"aws:SourceAccount": "123456789012"}}
		}, true},
		{"no condition", func(string) statement { return statement{} }, true},
	}
	s3Keys = []struct {
		name string
		make func(c *clients, bucket string) string // KmsMasterKeyId; nil: none
		lets bool
	}{
		{"plain", nil, true},
		{"key without S3", func(c *clients, _ string) string { id, _ := c.key(); return id }, false},
		{"key for another bucket", func(c *clients, bucket string) string {
			return keyForS3(c, statement{"ArnLike": statement{"aws:SourceArn": bucket + "-other"}})
		}, false},
		{"key for another account", func(c *clients, _ string) string {
			return keyForS3(c, statement{"StringEquals": statement{"aws:SourceAccount": "999888777666"}})
		}, false},
		{"key for the bucket", func(c *clients, bucket string) string {
			return keyForS3(c, statement{"ArnLike": statement{"aws:SourceArn": bucket}, "StringEquals": statement{"aws:SourceAccount": "123456789012"}})
		}, true},
		{"AWS managed key", func(*clients, string) string { return "managed" }, false},
	}
)

// keyForS3 is a KMS key whose policy lets S3 in under a condition.
func keyForS3(c *clients, condition statement) string {
	c.t.Helper()
	id, _ := c.key()
	out, err := c.kms.GetKeyPolicy(c.t.Context(), &kms.GetKeyPolicyInput{KeyId: &id})
	if err != nil {
		c.t.Fatal(err)
	}
	policy := joined(c.t, *out.Policy, document(c.t, statement{
		"Effect": "Allow", "Principal": statement{"Service": "s3.amazonaws.com"},
		"Action": []string{"kms:GenerateDataKey*", "kms:Decrypt"}, "Resource": "*", "Condition": condition,
	}))
	if _, err := c.kms.PutKeyPolicy(c.t.Context(), &kms.PutKeyPolicyInput{KeyId: &id, Policy: &policy}); err != nil {
		c.t.Fatal(err)
	}
	return id
}

// allowS3 is a statement that lets S3 in.
func allowS3(action, resource string, condition statement) statement {
	s := statement{"Sid": "AllowS3", "Effect": "Allow", "Principal": statement{"Service": "s3.amazonaws.com"}, "Action": action, "Resource": resource}
	if len(condition) > 0 {
		s["Condition"] = condition
	}
	return s
}

// newS3 is a client of S3 that names buckets in the path.
func newS3(c aws.Config) *s3.Client {
	return s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = true })
}

// TestS3NotificationTable tries every combination of what S3 is sent to, of its policy and
// of its key [S275] [S278] [S330]-[S333]. Where all let S3 in, the configuration is taken
// and an object that is put arrives; else it is refused as AWS does, and what explain says
// is missing is all that is.
func TestS3NotificationTable(t *testing.T) {
	cloud := start(t)
	c, bucketClient := newClients(t, cloud.Config()), newS3(cloud.Config())
	n := 0
	for _, kind := range []string{"queue", "topic"} {
		for _, policy := range s3Policies {
			for _, key := range s3Keys {
				n++
				t.Run(strings.Join([]string{kind, policy.name, key.name}, "/"), func(t *testing.T) {
					name := fmt.Sprint("case-", n)
					if _, err := bucketClient.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
						t.Fatal(err)
					}
					bucket := "arn:aws:s3:::" + name
					r := newS3Receiver(t, c, kind, name)
					if policy.condition != nil {
						r.set("Policy", document(t, allowS3(r.action, r.arn, policy.condition(bucket))))
					}
					if key.make != nil {
						id := key.make(c, bucket)
						if id == "managed" {
							id = "alias/aws/" + r.service
						}
						r.set("KmsMasterKeyId", id)
					}
					_, err := bucketClient.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{Bucket: &name, NotificationConfiguration: r.configuration()})
					if !policy.lets || !key.lets {
						r.wantRefused(cloud, err, !policy.lets, !key.lets)
						return
					}
					if err != nil {
						t.Fatal(err)
					}
					if _, err := bucketClient.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &name, Key: aws.String("cat.jpg"), Body: strings.NewReader("meow")}); err != nil {
						t.Fatal(err)
					}
					r.wantArrived(name)
				})
			}
		}
	}
}

// s3Receiver is a topic or queue, and the queue where its messages arrive.
type s3Receiver struct {
	t                    *testing.T
	c                    *clients
	service, action, arn string
	queue                string // URL
	set                  func(name, value string)
}

func newS3Receiver(t *testing.T, c *clients, kind, name string) *s3Receiver {
	t.Helper()
	r := &s3Receiver{t: t, c: c}
	if kind == "queue" {
		r.service, r.action = "sqs", "sqs:SendMessage"
		r.queue, r.arn = c.queue(name, nil)
		r.set = func(attribute, value string) { c.setAttribute(r.queue, attribute, value) }
		return r
	}
	r.service, r.action, r.arn = "sns", "sns:Publish", c.topic(name)
	var queueARN string
	r.queue, queueARN = c.queue(name+"-inbox", nil)
	c.setAttribute(r.queue, "Policy", document(t, allowSNS(queueARN, r.arn)))
	c.subscribe(r.arn, queueARN)
	r.set = func(attribute, value string) {
		t.Helper()
		if _, err := c.sns.SetTopicAttributes(t.Context(), &sns.SetTopicAttributesInput{TopicArn: &r.arn, AttributeName: &attribute, AttributeValue: &value}); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func (r *s3Receiver) configuration() *s3types.NotificationConfiguration {
	events := []s3types.Event{s3types.EventS3ObjectCreated}
	if r.service == "sqs" {
		return &s3types.NotificationConfiguration{QueueConfigurations: []s3types.QueueConfiguration{{QueueArn: &r.arn, Events: events}}}
	}
	return &s3types.NotificationConfiguration{TopicConfigurations: []s3types.TopicConfiguration{{TopicArn: &r.arn, Events: events}}}
}

// wantRefused checks the error of a configuration, and that explain names what is missing.
func (r *s3Receiver) wantRefused(cloud *waxseal.Server, err error, policy, key bool) {
	r.t.Helper()
	apiError, ok := errors.AsType[smithy.APIError](err)
	if !ok || apiError.ErrorCode() != "InvalidArgument" || apiError.ErrorMessage() != "Unable to validate the following destination configurations" {
		r.t.Fatalf("it answered %v", err)
	}
	response, _ := errors.AsType[*smithyhttp.ResponseError](err)
	text := fetch(r.t, cloud.URL()+"/_waxseal/explain?request-id="+response.HTTPResponse().Header.Get("x-amz-request-id"))
	if !strings.HasPrefix(text, "DENIED  ") || strings.HasPrefix(text, "DENIED  s3:") {
		r.t.Errorf("what the call failed of does not come first:\n%s", text)
	}
	for what, missing := range map[string]bool{`"Action":"` + r.action + `","Resource":"` + r.arn + `"`: policy, "kms:GenerateDataKey*": key} {
		if strings.Contains(text, what) != missing {
			r.t.Errorf("explain names %q: %v, want %v:\n%s", what, !missing, missing, text)
		}
	}
	if got := r.c.bodies(r.queue); len(got) > 0 {
		r.t.Errorf("%q arrived all the same", got)
	}
}

// wantArrived checks that the test event and the object's record are in the queue.
func (r *s3Receiver) wantArrived(bucket string) {
	r.t.Helper()
	var bodies []string
	servertest.Eventually(r.t, "two messages", func() bool {
		bodies = append(bodies, r.c.bodies(r.queue)...)
		return len(bodies) >= 2
	})
	var test struct{ Event, Bucket string }
	var told struct {
		Records []struct {
			EventName string
			S3        struct {
				Bucket struct{ Name string }
				Object struct{ Key string }
			}
		}
	}
	for _, body := range bodies {
		if r.service == "sns" {
			var n struct{ Subject, Message string }
			if err := json.Unmarshal([]byte(body), &n); err != nil || n.Subject != "Amazon S3 Notification" { // [S301]
				r.t.Fatalf("%s: %v", body, err)
			}
			body = n.Message
		}
		into := any(&told)
		if strings.Contains(body, "s3:TestEvent") {
			into = &test
		}
		if err := json.Unmarshal([]byte(body), into); err != nil {
			r.t.Fatalf("%s: %v", body, err)
		}
	}
	if test.Bucket != bucket || len(told.Records) != 1 || told.Records[0].EventName != "ObjectCreated:Put" || told.Records[0].S3.Object.Key != "cat.jpg" || told.Records[0].S3.Bucket.Name != bucket {
		r.t.Errorf("arrived %q", bodies)
	}
}

// What the policies refuse at delivery time is lost to the receiver and the writer sees
// nothing; deliveries and explain tell of it.
func TestS3NotificationsRefusedAtDelivery(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	c, buckets := newClients(t, cloud.Config()), newS3(cloud.Config())
	name := "pettracker-images"
	if _, err := buckets.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	r := newS3Receiver(t, c, "topic", "image-uploads")
	r.set("Policy", document(t, allowS3(r.action, r.arn, statement{"ArnLike": statement{"aws:SourceArn": "arn:aws:s3:::" + name}})))
	if _, err := buckets.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{Bucket: &name, NotificationConfiguration: r.configuration()}); err != nil {
		t.Fatal(err)
	}
	r.set("Policy", document(t, allowS3(r.action, r.arn, statement{"ArnLike": statement{"aws:SourceArn": "arn:aws:s3:::other"}})))
	if _, err := buckets.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &name, Key: aws.String("cat.jpg"), Body: strings.NewReader("meow")}); err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Deliveries []struct{ Source, MessageID, Bucket, Protocol, Endpoint, Status, ProviderResponse, TopicArn string }
	}
	servertest.Eventually(t, "the delivery", func() bool {
		if err := json.Unmarshal([]byte(fetch(t, cloud.URL()+"/_waxseal/deliveries?source=s3&bucket="+name)), &answer); err != nil {
			t.Fatal(err)
		}
		return len(answer.Deliveries) == 1
	})
	d := answer.Deliveries[0]
	if d.Status != "FAILURE" || d.Protocol != "sns" || d.Endpoint != r.arn || d.TopicArn != "" || !strings.Contains(d.ProviderResponse, "AuthorizationError") {
		t.Errorf("recorded %+v", d)
	}
	text := fetch(t, cloud.URL()+"/_waxseal/explain?message-id="+d.MessageID)
	for _, want := range []string{"FAILURE  sns " + r.arn, "bucket " + name, "DENIED  sns:Publish", "aws:SourceArn"} {
		if !strings.Contains(text, want) {
			t.Errorf("explain does not say %q:\n%s", want, text)
		}
	}
}
