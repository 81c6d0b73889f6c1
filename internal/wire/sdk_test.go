package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdkcredentials "github.com/aws/aws-sdk-go-v2/credentials"
	sdkiam "github.com/aws/aws-sdk-go-v2/service/iam"
	sdkkms "github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	sdksns "github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"
	sdksqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	sdksts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

// The services of the tests, as far as the wire knows them.
var (
	sqs = &api.Service{
		Name: "sqs", PathMember: "QueueUrl",
		Dialects: []api.Dialect{
			&api.AWSJSON{
				Version: "1.0", TargetPrefix: "AmazonSQS", Namespace: "com.amazonaws.sqs",
				CommonNamespace: "com.amazon.coral.service", QueryCompatible: true,
			},
			&api.AWSQuery{
				Version: "2012-11-05", Earlier: []string{"2011-10-01"}, Endpoint: "AmazonSQS",
				Namespace: "http://queue.amazonaws.com/doc/2012-11-05/", ErrorDetail: true,
			},
		},
		Operations: operations("ReceiveMessage", "SendMessage", "TagResource", "!CreateQueue"),
	}
	kms = &api.Service{
		Name: "kms", Dialects: []api.Dialect{&api.AWSJSON{Version: "1.1", TargetPrefix: "TrentService"}},
		Operations: operations("Encrypt", "TagResource"),
	}
	sns = queryService("sns", "2010-03-31", "http://sns.amazonaws.com/doc/2010-03-31/", "Publish", "TagResource")
	sts = queryService("sts", "2011-06-15", "https://sts.amazonaws.com/doc/2011-06-15/", "AssumeRole")
	iam = queryService("iam", "2010-05-08", "https://iam.amazonaws.com/doc/2010-05-08/", "GetUser")
)

func queryService(name, version, namespace string, names ...string) *api.Service {
	return &api.Service{Name: name, Dialects: []api.Dialect{&api.AWSQuery{Version: version, Namespace: namespace}}, Operations: operations(names...)}
}

// operations are operations without a method; ! marks one that is to be had at the root alone.
func operations(names ...string) (list []api.Operation) {
	for _, name := range names {
		name, atRoot := strings.CutPrefix(name, "!")
		list = append(list, api.Operation{Name: name, AtRoot: atRoot})
	}
	return list
}

// services routes to all of them.
var services = func() *Router {
	t := NewRouter()
	for _, s := range []*api.Service{sqs, kms, sns, sts, iam} {
		t.Add(s)
	}
	return t
}()

// identify reads a request.
func identify(r *http.Request, body []byte) (*Call, *api.Error) {
	c := services.Match(r, "")
	return c, c.Read(body)
}

// The forms in which a call can come.
const (
	asJSON      = "JSON"
	asQuery     = "Query"
	asQueryJSON = "Query accepting JSON"
)

// callIn is a call of an operation Test of a service, nil: of none, in a form.
func callIn(form string, s *api.Service) *Call {
	r, _ := http.NewRequest(http.MethodPost, "http://localhost/", nil)
	switch form {
	case asJSON:
		r.Header.Set("X-Amz-Target", "None.Test")
	case asQueryJSON:
		r.Header.Set("Accept", "application/json")
	}
	c := services.Match(r, "")
	c.Operation = "Test"
	if s != nil {
		c.For(s)
	}
	return c
}

// peer is the other end of an SDK: it decodes what comes into in, and answers out or err.
type peer struct {
	*httptest.Server
	service *api.Service
	in      any // a pointer to the shape; what was decoded after a call
	out     any
	err     error
}

func newPeer(t *testing.T, s *api.Service) (*peer, aws.Config) {
	p := &peer{service: s}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		call, failed := identify(r, body)
		call.For(s)
		if failed != nil {
			t.Error(failed)
		}
		in, violations, failed := call.Decode(reflect.TypeOf(p.in).Elem())
		if failed != nil || violations != nil {
			t.Error(failed, violations)
		}
		p.in = in
		if p.err != nil {
			call.WriteError(w, p.err, "the-request")
			return
		}
		call.WriteResult(w, p.out, "the-request")
	}))
	t.Cleanup(p.Close)
	return p, aws.Config{
		Region: "us-east-1", BaseEndpoint: &p.URL, RetryMaxAttempts: 1,
		Credentials: sdkcredentials.NewStaticCredentialsProvider("test", "test", ""),
	}
}

// equal compares all that is AWS's of an SDK's struct.
func equal[T any](t *testing.T, what string, want, got T) {
	t.Helper()
	opts := cmp.FilterPath(func(p cmp.Path) bool {
		s := p.Last().String()
		return s == ".ResultMetadata" || s == ".noSmithyDocumentSerde"
	}, cmp.Ignore())
	if diff := cmp.Diff(want, got, opts); diff != "" {
		t.Errorf("%s: -want +got\n%s", what, diff)
	}
}

func TestSDKSQS(t *testing.T) {
	ctx := context.Background()
	p, config := newPeer(t, sqs)
	client := sdksqs.NewFromConfig(config)

	p.in, p.out = &sendMessageInput{}, &sendMessageOutput{
		MD5OfMessageBody: "b1946ac92492d2347c6235b4d2611184", MessageId: "id", SequenceNumber: "18881790870905840128",
	}
	sent, err := client.SendMessage(ctx, &sdksqs.SendMessageInput{
		QueueUrl: aws.String(goldenQueue), MessageBody: aws.String("hello\n"),
		MessageAttributes: map[string]sqstypes.MessageAttributeValue{
			"raw": {DataType: aws.String("Binary"), BinaryValue: goldenBytes},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "input", any(&sendMessageInput{
		QueueUrl: goldenQueue, MessageBody: "hello\n",
		MessageAttributes: map[string]attributeValue{"raw": {DataType: "Binary", BinaryValue: goldenBytes}},
	}), p.in)
	equal(t, "output", &sdksqs.SendMessageOutput{
		MD5OfMessageBody: aws.String("b1946ac92492d2347c6235b4d2611184"),
		MessageId:        aws.String("id"), SequenceNumber: aws.String("18881790870905840128"),
	}, sent)

	p.in, p.out = &receiveMessageInput{}, &receiveMessageOutput{Messages: []message{{
		MessageId: "id", Body: "a\r\n\x01\"\u2028", MD5OfBody: "", Attributes: map[string]string{"SenderId": "AIDA"},
		MessageAttributes: map[string]attributeValue{"raw": {DataType: "Binary", BinaryValue: goldenBytes}},
	}}}
	received, err := client.ReceiveMessage(ctx, &sdksqs.ReceiveMessageInput{QueueUrl: aws.String(goldenQueue), MaxNumberOfMessages: 3})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "input", any(&receiveMessageInput{QueueUrl: goldenQueue, MaxNumberOfMessages: new(int32(3))}), p.in)
	equal(t, "output", []sqstypes.Message{{
		MessageId: aws.String("id"), Body: aws.String("a\r\n\x01\"\u2028"), Attributes: map[string]string{"SenderId": "AIDA"},
		MessageAttributes: map[string]sqstypes.MessageAttributeValue{"raw": {DataType: aws.String("Binary"), BinaryValue: goldenBytes}},
	}}, received.Messages)

	p.in, p.out = &untagQueueInput{}, &nothing{}
	if _, err := client.UntagQueue(ctx, &sdksqs.UntagQueueInput{QueueUrl: aws.String(goldenQueue), TagKeys: []string{"a"}}); err != nil {
		t.Error(err)
	}
}

func TestSDKErrors(t *testing.T) {
	ctx := context.Background()
	p, config := newPeer(t, sqs)
	p.in = &getQueueAttributesInput{}
	p.err = &api.Error{Code: "QueueDoesNotExist", QueryCode: "AWS.SimpleQueueService.NonExistentQueue", Message: "The specified queue does not exist."}
	_, err := sdksqs.NewFromConfig(config).GetQueueAttributes(ctx, &sdksqs.GetQueueAttributesInput{QueueUrl: aws.String(goldenQueue)})
	missing, ok := errors.AsType[*sqstypes.QueueDoesNotExist](err)
	if !ok || missing.ErrorCode() != "AWS.SimpleQueueService.NonExistentQueue" || missing.ErrorMessage() != "The specified queue does not exist." {
		t.Errorf("SQS: %#v", err)
	}

	p, config = newPeer(t, kms)
	p.in = &encryptInput{}
	p.err = &api.Error{Code: "DisabledException", Message: "arn is disabled."}
	_, err = sdkkms.NewFromConfig(config).Encrypt(ctx, &sdkkms.EncryptInput{KeyId: aws.String("k"), Plaintext: []byte{1}})
	if disabled, ok := errors.AsType[*kmstypes.DisabledException](err); !ok || disabled.ErrorMessage() != "arn is disabled." {
		t.Errorf("KMS: %#v", err)
	}

	p, config = newPeer(t, sns)
	p.in = &publishInput{}
	p.err = &api.Error{Code: "NotFound", Status: 404, Message: "Topic <does> not exist"}
	_, err = sdksns.NewFromConfig(config).Publish(ctx, &sdksns.PublishInput{TopicArn: aws.String(goldenTopic), Message: aws.String("x")})
	if missing, ok := errors.AsType[*snstypes.NotFoundException](err); !ok || missing.ErrorMessage() != "Topic <does> not exist" {
		t.Errorf("SNS: %#v", err)
	}
	p.err = errors.New("a secret cause")
	_, err = sdksns.NewFromConfig(config).Publish(ctx, &sdksns.PublishInput{TopicArn: aws.String(goldenTopic), Message: aws.String("x")})
	if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != "InternalFailure" || e.ErrorFault() != smithy.FaultServer && e.ErrorMessage() == "a secret cause" {
		t.Errorf("internal: %#v", err)
	}
}

func TestSDKKMS(t *testing.T) {
	ctx := context.Background()
	p, config := newPeer(t, kms)
	client := sdkkms.NewFromConfig(config)
	created := time.Date(2026, 11, 24, 4, 5, 6, 789e6, time.UTC)
	p.in = &keyInput{}
	p.out = &describeKeyOutput{keyMetadata{KeyId: "k", Arn: "arn", CreationDate: created}}
	described, err := client.DescribeKey(ctx, &sdkkms.DescribeKeyInput{KeyId: aws.String("k")})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "output", &kmstypes.KeyMetadata{
		KeyId: aws.String("k"), Arn: aws.String("arn"), CreationDate: &created, Description: aws.String(""), MultiRegion: aws.Bool(false),
	}, described.KeyMetadata)

	p.out = &listResourceTagsOutput{Tags: []kmsTag{}}
	tags, err := client.ListResourceTags(ctx, &sdkkms.ListResourceTagsInput{KeyId: aws.String("k")})
	if err != nil || tags.Tags == nil || len(tags.Tags) != 0 {
		t.Errorf("K040: %v %v", tags, err)
	}
}

func TestSDKSNS(t *testing.T) {
	ctx := context.Background()
	p, config := newPeer(t, sns)
	client := sdksns.NewFromConfig(config)
	p.in = &createTopicInput{}
	p.out = &createTopicOutput{goldenTopic}
	created, err := client.CreateTopic(ctx, &sdksns.CreateTopicInput{
		Name: aws.String("orders"), Attributes: map[string]string{"DisplayName": "x & y"},
		Tags: []snstypes.Tag{{Key: aws.String("team"), Value: aws.String("")}},
	})
	if err != nil || aws.ToString(created.TopicArn) != goldenTopic {
		t.Fatal(created, err)
	}
	equal(t, "input", any(&createTopicInput{
		Name: "orders", Attributes: map[string]string{"DisplayName": "x & y"}, Tags: []tag{{"team", ""}},
	}), p.in)

	p.in = &struct{ TopicArn string }{}
	p.out = &getTopicAttributesOutput{map[string]string{"Policy": "{\"a\":\"<\r\n\"}", "DisplayName": ""}}
	attributes, err := client.GetTopicAttributes(ctx, &sdksns.GetTopicAttributesInput{TopicArn: aws.String(goldenTopic)})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "output", map[string]string{"Policy": "{\"a\":\"<\r\n\"}", "DisplayName": ""}, attributes.Attributes)

	p.in = &nothing{}
	p.out = &listTopicsOutput{Topics: []topic{}}
	listed, err := client.ListTopics(ctx, &sdksns.ListTopicsInput{})
	if err != nil || listed.Topics == nil || listed.NextToken != nil {
		t.Errorf("N005: %v %v", listed, err)
	}
	p.out = &listTopicsOutput{Topics: []topic{{"a"}, {"b"}}, NextToken: "next"}
	listed, err = client.ListTopics(ctx, &sdksns.ListTopicsInput{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "output", &sdksns.ListTopicsOutput{
		Topics: []snstypes.Topic{{TopicArn: aws.String("a")}, {TopicArn: aws.String("b")}}, NextToken: aws.String("next"),
	}, listed)
	p.out = &memberless{}
	p.in = &struct{ ResourceArn string }{}
	if _, err := client.TagResource(ctx, &sdksns.TagResourceInput{ResourceArn: aws.String(goldenTopic), Tags: []snstypes.Tag{}}); err != nil {
		t.Error(err)
	}
}

func TestSDKSTSAndIAM(t *testing.T) {
	ctx := context.Background()
	p, config := newPeer(t, sts)
	expires := time.Date(2026, 11, 24, 4, 5, 6, 0, time.UTC)
	p.in = &assumeRoleInput{}
	p.out = &assumeRoleOutput{
		AssumedRoleUser: assumedRoleUser{"AROA:one", "arn"},
		Credentials:     &credentials{AccessKeyId: "ASIA", SecretAccessKey: "s", SessionToken: "t", Expiration: expires},
	}
	assumed, err := sdksts.NewFromConfig(config).AssumeRole(ctx, &sdksts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::123456789012:role/app"), RoleSessionName: aws.String("one"), TransitiveTagKeys: []string{"team"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !assumed.Credentials.Expiration.Equal(expires) || *assumed.AssumedRoleUser.AssumedRoleId != "AROA:one" {
		t.Errorf("%+v", assumed)
	}
	equal(t, "input", any(&assumeRoleInput{
		RoleArn: "arn:aws:iam::123456789012:role/app", RoleSessionName: "one", TransitiveTagKeys: []string{"team"},
	}), p.in)

	p, config = newPeer(t, iam)
	p.in = &struct{ RoleName string }{}
	p.out = &getRoleOutput{role{RoleName: "app", CreateDate: expires, Tags: []tag{}}}
	got, err := sdkiam.NewFromConfig(config).GetRole(ctx, &sdkiam.GetRoleInput{RoleName: aws.String("app")})
	// [I003]: RoleLastUsed is there and empty.
	if err != nil || got.Role.RoleLastUsed == nil || got.Role.RoleLastUsed.Region != nil || got.Role.Tags == nil || !got.Role.CreateDate.Equal(expires) {
		t.Errorf("%+v %v", got, err)
	}
}
