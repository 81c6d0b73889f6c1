package integration

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/server"
)

// history are the events that a lookup finds, newest first. The SDK may close its
// connection while it reads an answer as large as these, if the server was faster than its
// own goroutines; by default it tries again, and so it does here.
func history(t *testing.T, c aws.Config, attributes ...cloudtrailtypes.LookupAttribute) []cloudtrailtypes.Event {
	t.Helper()
	var all []cloudtrailtypes.Event
	client := cloudtrail.NewFromConfig(c, func(o *cloudtrail.Options) { o.Retryer = retry.NewStandard() })
	pages := cloudtrail.NewLookupEventsPaginator(client, &cloudtrail.LookupEventsInput{LookupAttributes: attributes})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Events...)
	}
	return all
}

// by is a lookup by one attribute.
func by(key cloudtrailtypes.LookupAttributeKey, value string) cloudtrailtypes.LookupAttribute {
	return cloudtrailtypes.LookupAttribute{AttributeKey: key, AttributeValue: &value}
}

func eventNames(events []cloudtrailtypes.Event) (names []string) {
	for _, e := range events {
		names = append(names, *e.EventName)
	}
	return names
}

// recordIn is the record that an event shows.
func recordIn(t *testing.T, e cloudtrailtypes.Event) (record trail.Event) {
	t.Helper()
	if err := json.Unmarshal([]byte(aws.ToString(e.CloudTrailEvent)), &record); err != nil {
		t.Fatal(err)
	}
	return record
}

// Who used which key for which queue: the calls of KMS that SQS makes are found by the
// key's ARN, with the principal and the service. Sending itself is a data event, which is
// not in the history, and the lookup is an event too [F1] [F2] [F5] [F11] [T001].
func TestLookupEvents(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	id, keyARN := root.key()
	url, queueARN := root.queue("orders", map[string]string{"KmsMasterKeyId": id})
	root.role("producer", allows(t, "sqs:*", "*"), allows(t, "kms:*", "*"))
	producer := newClients(t, cloud.As("role/producer"))
	if err := producer.send(url, "hello"); err != nil {
		t.Fatal(err)
	}
	if got := producer.bodies(url); !slices.Equal(got, []string{"hello"}) {
		t.Fatalf("received %q", got)
	}
	found := history(t, cloud.Config(), by("ResourceName", keyARN))
	if got := eventNames(found); !slices.Equal(slices.Compact(got), []string{"Decrypt", "GenerateDataKey", "CreateKey"}) {
		t.Fatalf("the key was used by %q", got)
	}
	for _, e := range found[:len(found)-1] {
		record := recordIn(t, e)
		if aws.ToString(e.Username) != "waxseal" || aws.ToString(e.ReadOnly) != "true" || record.UserIdentity.InvokedBy != "sqs.amazonaws.com" ||
			!strings.Contains(record.UserIdentity.ARN, ":assumed-role/producer/") || !strings.Contains(string(record.RequestParameters), queueARN) {
			t.Errorf("%s, %s: %s", *e.EventName, aws.ToString(e.Username), *e.CloudTrailEvent)
		}
	}
	if got := eventNames(history(t, cloud.Config(), by("EventSource", "sqs.amazonaws.com"))); !slices.Equal(got, []string{"CreateQueue"}) {
		t.Errorf("the history has %q of SQS", got)
	}
	if got := eventNames(history(t, cloud.Config(), by("EventSource", "cloudtrail.amazonaws.com"))); !slices.Equal(slices.Compact(got), []string{"LookupEvents"}) {
		t.Errorf("the history has %q of CloudTrail", got)
	}
	_, err := cloudtrail.NewFromConfig(cloud.Config()).LookupEvents(t.Context(), &cloudtrail.LookupEventsInput{MaxResults: aws.Int32(51)})
	var refused *cloudtrailtypes.InvalidMaxResultsException
	if !errors.As(err, &refused) {
		t.Errorf("51 results: %v", err)
	}
}

// What a global service is asked stands in us-east-1, wherever it is asked; STS is
// regional, as are the others.
func TestGlobalServicesHistory(t *testing.T) {
	for _, c := range []struct{ region, global string }{{"eu-west-1", "us-east-1"}, {"cn-northwest-1", "cn-north-1"}, {"us-gov-east-1", "us-gov-west-1"}} {
		cloud := start(t)
		config := cloud.Config()
		config.Region = c.region
		regional := newClients(t, config)
		if _, err := regional.iam.CreateUser(t.Context(), &iam.CreateUserInput{UserName: aws.String("u")}); err != nil {
			t.Fatal(err)
		}
		regional.key()
		if _, err := sts.NewFromConfig(config).GetCallerIdentity(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		global := config
		global.Region = c.global
		if got := eventNames(history(t, global)); !slices.Equal(got, []string{"CreateUser"}) {
			t.Errorf("%s has %q", c.global, got)
		}
		found := history(t, config)
		if got := eventNames(found); !slices.Equal(got, []string{"GetCallerIdentity", "CreateKey"}) {
			t.Errorf("%s has %q", c.region, got)
		}
		for _, e := range cloud.Events() {
			want := c.region
			if e.Name == "CreateUser" || e.Name == "LookupEvents" && e.Region == c.global {
				want = c.global
			}
			if e.Region != want {
				t.Errorf("%s is of %s, want %s", e.Name, e.Region, want)
			}
		}
	}
}

// A call on another account's key is in both accounts' histories, under one shared id;
// a denied one in the caller's alone [F8].
func TestHistoriesOfTwoAccounts(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	id, keyARN := root.key()
	theirs := partnerRole(t, cloud)
	partners := cloud.As("arn:aws:iam::" + partner + ":root")
	encrypt := func() error {
		_, err := theirs.kms.Encrypt(t.Context(), &kms.EncryptInput{KeyId: &keyARN, Plaintext: []byte("x")})
		return err
	}
	if encrypt() == nil {
		t.Fatal("the key is open to others")
	}
	policy := document(t, statement{"Effect": "Allow", "Principal": statement{"AWS": []string{"123456789012", partner}}, "Action": "kms:*", "Resource": "*"})
	if _, err := root.kms.PutKeyPolicy(t.Context(), &kms.PutKeyPolicyInput{KeyId: &id, Policy: &policy}); err != nil {
		t.Fatal(err)
	}
	if err := encrypt(); err != nil {
		t.Fatal(err)
	}
	mine, of := history(t, cloud.Config(), by("EventName", "Encrypt")), history(t, partners, by("EventName", "Encrypt"))
	if len(mine) != 1 || len(of) != 2 {
		t.Fatalf("%d in the owner's history, %d in the caller's", len(mine), len(of))
	}
	owners, callers, denied := recordIn(t, mine[0]), recordIn(t, of[0]), recordIn(t, of[1])
	if owners.SharedEventID == "" || owners.SharedEventID != callers.SharedEventID || *mine[0].EventId == *of[0].EventId ||
		owners.UserIdentity.Type != "AWSAccount" || denied.ErrorCode != "AccessDenied" {
		t.Errorf("owner's %s\ncaller's %s\ndenied %s", *mine[0].CloudTrailEvent, *of[0].CloudTrailEvent, *of[1].CloudTrailEvent)
	}
}

// The action has no resource: a policy for a trail lets nobody in [T081].
func TestWhoMayLookUpEvents(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	root.role("any", allows(t, "cloudtrail:LookupEvents", "*"))
	root.role("trail", allows(t, "cloudtrail:*", "arn:aws:cloudtrail:us-east-1:123456789012:trail/*"))
	history(t, cloud.As("role/any"))
	_, err := cloudtrail.NewFromConfig(cloud.As("role/trail")).LookupEvents(t.Context(), nil)
	const want = "User: arn:aws:sts::123456789012:assumed-role/trail/waxseal is not authorized to perform: cloudtrail:LookupEvents on resource: * " +
		"because no identity-based policy allows the cloudtrail:LookupEvents action"
	var denied smithy.APIError
	if !errors.As(err, &denied) || denied.ErrorCode() != "AccessDeniedException" || denied.ErrorMessage() != want {
		t.Errorf("denied by %v", err)
	}
}

// Input that no SDK sends is refused in CloudTrail's words, and changes nothing.
func TestLookupEventsRefusesWhatNoSDKSends(t *testing.T) {
	s := servertest.New(t, server.Config{})
	for body, want := range map[string]string{
		`{"EventCategory":"management"}`: "InvalidEventCategoryException",
		`{"MaxResults":0}`:               "InvalidMaxResultsException",
		`{"MaxResults":"x"}`:             "SerializationException",
		`{"LookupAttributes":[{"AttributeKey":"eventName","AttributeValue":"x"}]}`: "InvalidLookupAttributesException",
		`{"LookupAttributes":[{"AttributeKey":"EventName","AttributeValue":""}]}`:  "InvalidLookupAttributesException",
		`{"LookupAttributes":[{"AttributeKey":"EventName"}]}`:                      "InvalidLookupAttributesException",
		`{"NextToken":"AAAA"}`:                                  "InvalidNextTokenException",
		`{"StartTime":2,"EndTime":1}`:                           "InvalidTimeRangeException",
		`{"StartTime":1e300}`:                                   "Exception",
		`{"StartTime":-1e17,"EndTime":9e17,"NextToken":"AAAA"}`: "Exception",
		`{"LookupAttributes":[{"AttributeKey":"EventName","AttributeValue":"x"}],}`:  "SerializationException",
		`{"LookupAttributes":{"AttributeKey":"EventName","AttributeValue":"Create"}`: "SerializationException",
	} {
		status, answer := servertest.Ask(s, http.MethodPost, "/", body, "Content-Type", "application/x-amz-json-1.1",
			"X-Amz-Target", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents", "Authorization", strings.Replace(servertest.Scope, "/sqs/", "/cloudtrail/", 1))
		servertest.WantAnswer(t, status, answer, http.StatusBadRequest, want)
	}
}

// What SNS asks of a key when it delivers to a queue is in the history of the account that
// owns the queue and the key, and not in that of the topic's account; what was denied, too.
func TestHistoryOfServicePrincipals(t *testing.T) {
	cloud := start(t)
	root, theirs := newClients(t, cloud.Config()), newClients(t, cloud.As("arn:aws:iam::"+partner+":root"))
	id, keyARN := root.key()
	url, queueARN := root.queue("inbox", map[string]string{"KmsMasterKeyId": id})
	topic := theirs.topic("news")
	root.setAttribute(url, "Policy", document(t,
		statement{"Effect": "Allow", "Principal": statement{"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": queueARN},
	))
	inBoth := func() (owners, topics []cloudtrailtypes.Event) {
		bySNS := func(c aws.Config) []cloudtrailtypes.Event {
			return slices.DeleteFunc(history(t, c, by("EventSource", "kms.amazonaws.com")), func(e cloudtrailtypes.Event) bool {
				return recordIn(t, e).UserIdentity.InvokedBy != "sns.amazonaws.com" && recordIn(t, e).UserIdentity.Type != "AWSService"
			})
		}
		return bySNS(cloud.Config()), bySNS(cloud.As("arn:aws:iam::" + partner + ":root"))
	}
	for _, denied := range []bool{true, false} {
		if !denied {
			policy := document(t, statement{"Effect": "Allow", "Principal": statement{"AWS": "123456789012"}, "Action": "kms:*", "Resource": "*"},
				statement{"Effect": "Allow", "Principal": statement{"Service": "sns.amazonaws.com"}, "Action": "kms:*", "Resource": "*"})
			if _, err := root.kms.PutKeyPolicy(t.Context(), &kms.PutKeyPolicyInput{KeyId: &id, Policy: &policy}); err != nil {
				t.Fatal(err)
			}
		}
		// SNS asks the queue to confirm.
		if _, err := theirs.sns.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: &topic, Protocol: aws.String("sqs"), Endpoint: &queueARN}); err != nil {
			t.Fatal(err)
		}
		var owners, topics []cloudtrailtypes.Event
		servertest.Eventually(t, "a call of KMS", func() bool {
			owners, topics = inBoth()
			return len(owners) > 0 && (recordIn(t, owners[0]).ErrorCode == "AccessDenied") == denied
		})
		if len(topics) > 0 {
			t.Errorf("the topic's account has %s", *topics[0].CloudTrailEvent)
		}
		if record := recordIn(t, owners[0]); record.UserIdentity.Type != "AWSService" || !denied && (len(owners[0].Resources) != 1 || *owners[0].Resources[0].ResourceName != keyARN) {
			t.Errorf("the owner has %s", *owners[0].CloudTrailEvent)
		}
	}
}
