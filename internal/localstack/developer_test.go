package localstack_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/servertest"
	"github.com/waxseal/waxseal/server"
)

// messagesIn are the bodies that an answer of the messages' endpoint shows.
func messagesIn(t *testing.T, status int, body string) (bodies []string) {
	t.Helper()
	var doc struct {
		Messages []struct{ Body string }
	}
	if err := json.Unmarshal([]byte(body), &doc); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	for _, m := range doc.Messages {
		bodies = append(bodies, m.Body)
	}
	return bodies
}

// LocalStack's way to look at a queue, in every form in which its users ask.
func TestMessagesWithoutReceivingThem(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	for _, body := range []string{"flying", "ready"} {
		servertest.SQS(s, "SendMessage", `{"QueueUrl":"q","MessageBody":"`+body+`"}`)
		if body == "flying" {
			servertest.SQS(s, "ReceiveMessage", `{"QueueUrl":"q"}`)
		}
	}
	servertest.SQS(s, "SendMessage", `{"QueueUrl":"q","MessageBody":"later","DelaySeconds":60}`)
	const queueURL = "http://127.0.0.1:4566/123456789012/q"
	query := "?QueueUrl=" + url.QueryEscape(queueURL)
	asJSON := []string{"X-Amz-Target", "AmazonSQS.ReceiveMessage", "Content-Type", "application/x-amz-json-1.0"}
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	for range 3 {
		status, body := servertest.Ask(s, http.MethodGet, "/_aws/sqs/messages"+query, "")
		servertest.WantAnswer(t, status, body, 200, `<ReceiveMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><ReceiveMessageResult><Message><MessageId>`)
		servertest.WantAnswer(t, status, body, 200, "<ReceiptHandle>SQS/BACKDOOR/ACCESS</ReceiptHandle>")
		servertest.WantAnswer(t, status, body, 200, "<Body>ready</Body>")
		servertest.WantAnswer(t, status, body, 200, "<Name>ApproximateReceiveCount</Name><Value>0</Value>")
		if strings.Contains(body, "flying") || strings.Contains(body, "later") || strings.Contains(body, "IsVisible") {
			t.Errorf("it shows %s", body)
		}
		status, body = servertest.Ask(s, http.MethodGet, "/_aws/sqs/messages"+query, "", "Accept", "application/json")
		servertest.WantAnswer(t, status, body, 200, `{"ReceiveMessageResponse":{"ReceiveMessageResult":{"Message":{"MessageId":"`)
		servertest.WantAnswer(t, status, body, 200, `"Body":"ready","Attribute":[{"Name":"ApproximateFirstReceiveTimestamp","Value":"0"},`)
		status, body = servertest.Ask(s, http.MethodPost, "/_aws/sqs/messages", "Action=ReceiveMessage&QueueUrl="+url.QueryEscape(queueURL), form...)
		servertest.WantAnswer(t, status, body, 200, "<Body>ready</Body>")
		status, body = servertest.Ask(s, http.MethodPost, "/_aws/sqs/messages/", `{"QueueUrl":"`+queueURL+`"}`, asJSON...)
		servertest.WantAnswer(t, status, body, 200, `{"Messages":[{`)
		if got := messagesIn(t, status, body); len(got) != 1 || got[0] != "ready" {
			t.Errorf("JSON shows %q", got)
		}
		status, body = servertest.Ask(s, http.MethodGet, "/_aws/sqs/messages/us-east-1/123456789012/q", "")
		servertest.WantAnswer(t, status, body, 200, "<Body>ready</Body>")
	}
	status, body := servertest.Ask(s, http.MethodPost, "/_aws/sqs/messages?ShowInvisible=true&ShowDelayed=1", `{"QueueUrl":"`+queueURL+`"}`, asJSON...)
	if got := strings.Join(messagesIn(t, status, body), " "); got != "flying ready later" {
		t.Errorf("with all of them it shows %s", got)
	}
	status, body = servertest.Ask(s, http.MethodGet, "/_aws/sqs/messages/us-east-1/123456789012/q?ShowInvisible=True", "")
	servertest.WantAnswer(t, status, body, 200, "<Name>IsVisible</Name><Value>false</Value>")
	if strings.Contains(body, "later") {
		t.Errorf("ShowInvisible shows what is delayed: %s", body)
	}
	// Nothing was received by all that.
	if got := servertest.AttributesOf(s, "q"); !strings.Contains(got, `"ApproximateNumberOfMessages":"1"`) || !strings.Contains(got, `"ApproximateNumberOfMessagesNotVisible":"1"`) {
		t.Errorf("the queue is now %s", got)
	}
}

// The JSON that LocalStack's users read has the elements of the XML: one message
// is an object, several are a list, and none are null.
func TestMessagesAsTheElementsOfTheXML(t *testing.T) {
	s := servertest.New(t, server.Config{})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	const target = "/_aws/sqs/messages?QueueUrl=http://127.0.0.1:4566/123456789012/q"
	messages := func() (kind string, bodies []string) {
		t.Helper()
		var doc struct {
			ReceiveMessageResponse struct {
				ReceiveMessageResult *struct{ Message json.RawMessage }
				ResponseMetadata     struct{ RequestId string }
			}
		}
		status, body := servertest.Ask(s, http.MethodGet, target, "", "Accept", "application/json")
		if err := json.Unmarshal([]byte(body), &doc); err != nil || status != http.StatusOK || doc.ReceiveMessageResponse.ResponseMetadata.RequestId == "" {
			t.Fatalf("%d %s: %v", status, body, err)
		}
		result := doc.ReceiveMessageResponse.ReceiveMessageResult
		if result == nil {
			return "null", nil
		}
		list := []struct{ Body string }{{}}
		kind = string(result.Message[:1])
		into := any(&list)
		if kind == "{" {
			into = &list[0]
		}
		if err := json.Unmarshal(result.Message, into); err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			bodies = append(bodies, m.Body)
		}
		return kind, bodies
	}
	for i, want := range []string{"null []", "{ [<a> & \"b\"]", "[ [<a> & \"b\" 2]"} {
		if i > 0 {
			servertest.SQS(s, "SendMessage", `{"QueueUrl":"q","MessageBody":`+[]string{`"<a> & \"b\""`, `"2"`}[i-1]+`}`)
		}
		if kind, bodies := messages(); fmt.Sprint(kind, " ", bodies) != want {
			t.Errorf("with %d messages: %s %q, want %s", i, kind, bodies, want)
		}
	}
}

// What is wrong is answered as SQS would, to whoever asks.
func TestMessagesThatCannotBeShown(t *testing.T) {
	regions, err := arn.NewRegions("elasticmq")
	if err != nil {
		t.Fatal(err)
	}
	s := servertest.New(t, server.Config{Regions: regions})
	servertest.SQS(s, "CreateQueue", `{"QueueName":"q"}`)
	jsonCall := func(operation string) []string {
		return []string{"X-Amz-Target", "AmazonSQS." + operation, "Content-Type", "application/x-amz-json-1.0"}
	}
	for _, test := range []struct {
		method, target, body string
		header               []string
		status               int
		want                 string
	}{
		{"GET", "", "", nil, 400, "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"},
		{"GET", "?QueueUrl=http://localhost:4566/nonsense", "", nil, 404, "<Code>InvalidAddress</Code><Message>The address http://localhost:4566/nonsense is not valid for this endpoint.</Message>"},
		{"GET", "?QueueUrl=http://localhost:4566/123456789012/absent", "", nil, 400, "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"},
		{"GET", "?QueueUrl=http://localhost:4566/123456789012/absent", "", []string{"Accept", "application/json"}, 400, `{"ErrorResponse":{"Error":{"Type":"Sender","Code":"AWS.SimpleQueueService.NonExistentQueue","Message":"The specified queue does not exist for this wsdl version.","Detail":null},"RequestId":"`},
		{"GET", "/us-east-1/123456789012/absent", "", nil, 400, "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"},
		{"GET", "/eu-west-1/123456789012/q", "", nil, 400, "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"},
		{"GET", "?QueueUrl=http://sqs.eu-west-1.localhost:4566/123456789012/q", "", nil, 400, "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"},
		{"GET", "?QueueUrl=http://localhost:4566/queue/eu-west-1/123456789012/q", "", nil, 400, "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"},
		{"GET", "?QueueUrl=http://us-east-1.queue.localhost:4566/123456789012/q", "", nil, 200, "ReceiveMessageResult"},
		{"GET", "?QueueUrl=http://eu-west-1.queue.localhost:4566/123456789012/q", "", nil, 400, "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"},
		{"GET", "?QueueUrl=http://sqs.elasticmq.localhost:4566/123456789012/q", "", nil, 400, "<Code>AWS.SimpleQueueService.NonExistentQueue</Code>"},
		{"POST", "", `{"QueueUrl":"http://localhost:4566/123456789012/q","MessageBody":"b"}`, jsonCall("SendMessage"), 400, `"__type":"com.amazonaws.sqs#InvalidRequest","message":"This endpoint only accepts ReceiveMessage calls"`},
		{"POST", "", `{}`, jsonCall("ReceiveMessage"), 400, `#QueueDoesNotExist"`},
		{"POST", "", `{`, jsonCall("ReceiveMessage"), 400, "SerializationException"},
		{"GET", "?Action=DeleteQueue&QueueUrl=http://localhost:4566/123456789012/q", "", nil, 400, "<Code>InvalidRequest</Code>"},
		{"DELETE", "?QueueUrl=http://localhost:4566/123456789012/q", "", nil, 404, "there is no control request DELETE"},
	} {
		status, body := servertest.Ask(s, test.method, "/_aws/sqs/messages"+test.target, test.body, test.header...)
		servertest.WantAnswer(t, status, body, test.status, test.want)
	}
	if status, body := servertest.SQS(s, "GetQueueUrl", `{"QueueName":"q"}`); status != 200 {
		t.Errorf("the queue is gone: %d %s", status, body)
	}
}

// sentIn are the messages that an endpoint shows, by where they went.
func sentIn(t *testing.T, s *server.Server, target, member string) (sent map[string][]map[string]any, region string) {
	t.Helper()
	status, body := servertest.Ask(s, http.MethodGet, target, "")
	var doc map[string]json.RawMessage
	if err := json.Unmarshal([]byte(body), &doc); err != nil || status != http.StatusOK {
		t.Fatalf("%s: %d %s: %v", target, status, body, err)
	}
	if err := json.Unmarshal(doc[member], &sent); err != nil {
		t.Fatalf("%s: %s: %v", target, body, err)
	}
	if err := json.Unmarshal(doc["region"], &region); err != nil {
		t.Fatalf("%s: %s: %v", target, body, err)
	}
	return sent, region
}

func TestTextMessagesOfSNS(t *testing.T) {
	s := servertest.New(t, server.Config{})
	topic := servertest.ActAs(t, s, "root", "sns:CreateTopic", map[string]any{"Name": "t"})["TopicArn"].(string)
	for _, number := range []string{"+12065550100", "+12065550101"} {
		servertest.ActAs(t, s, "root", "sns:Subscribe", map[string]any{"TopicArn": topic, "Protocol": "sms", "Endpoint": number})
	}
	servertest.ActAs(t, s, "root", "sns:Publish", map[string]any{
		"TopicArn": topic, "Message": `{"default":"d","sms":"s"}`, "MessageStructure": "json",
		"MessageAttributes": map[string]any{"a": map[string]any{"DataType": "String", "StringValue": "v"}},
	})
	servertest.Delivered(t, s, 2)
	servertest.ActAs(t, s, "root", "sns:Publish", map[string]any{"PhoneNumber": "+12065550100", "Message": "straight"})
	servertest.ActAs(t, s, "arn:aws:iam::111122223333:root", "sns:Publish", map[string]any{"PhoneNumber": "+12065550100", "Message": "another account's"})

	const path, member = "/_aws/sns/sms-messages", "sms_messages"
	sent, region := sentIn(t, s, path, member)
	if len(sent) != 2 || len(sent["+12065550100"]) != 2 || len(sent["+12065550101"]) != 1 || region != "us-east-1" {
		t.Fatalf("in %s there are %v", region, sent)
	}
	first, second := sent["+12065550100"][0], sent["+12065550100"][1]
	if first["Message"] != "s" || first["TopicArn"] != topic || first["MessageStructure"] != "json" || first["PhoneNumber"] != "+12065550100" ||
		first["MessageAttributes"].(map[string]any)["a"].(map[string]any)["StringValue"] != "v" || first["SubscriptionArn"] == nil || first["MessageId"] == "" {
		t.Errorf("the topic's message is %v", first)
	}
	if second["Message"] != "straight" || second["TopicArn"] != nil || second["MessageStructure"] != nil || second["SubscriptionArn"] != nil {
		t.Errorf("the other is %v", second)
	}
	if other, _ := sentIn(t, s, path+"?accountId=111122223333", member); len(other["+12065550100"]) != 1 {
		t.Errorf("another account's are %v", other)
	}
	if other, region := sentIn(t, s, path+"?region=eu-west-1", member); len(other) != 0 || region != "eu-west-1" {
		t.Errorf("in %s there are %v", region, other)
	}
	one, _ := sentIn(t, s, path+"?phoneNumber=%2B12065550101", member)
	if len(one) != 1 || len(one["+12065550101"]) != 1 {
		t.Errorf("to one number went %v", one)
	}
	if status, body := servertest.Ask(s, http.MethodDelete, path+"?phoneNumber=%2B12065550100", ""); status != 204 || body != "" {
		t.Errorf("DELETE answered %d %s", status, body)
	}
	if left, _ := sentIn(t, s, path+"?phoneNumber=%2B12065550100", member); len(left) != 1 || len(left["+12065550100"]) != 0 {
		t.Errorf("after the number's were discarded there are %v", left)
	}
	if left, _ := sentIn(t, s, path, member); len(left) != 1 {
		t.Errorf("and altogether %v", left)
	}
	servertest.Ask(s, http.MethodDelete, path, "")
	if left, _ := sentIn(t, s, path, member); len(left) != 0 {
		t.Errorf("after all were discarded there are %v", left)
	}
	if left, _ := sentIn(t, s, path+"?accountId=111122223333", member); len(left) != 1 {
		t.Errorf("another account's were discarded, too: %v", left)
	}
	status, body := servertest.Ask(s, http.MethodGet, path+"?phone=1", "")
	servertest.WantAnswer(t, status, body, 400, `there is no parameter \"phone\"; there are: accountId, region, phoneNumber`)
}

func TestPushNotificationsOfSNS(t *testing.T) {
	s := servertest.New(t, server.Config{})
	application := servertest.ActAs(t, s, "root", "sns:CreatePlatformApplication", map[string]any{"Name": "app", "Platform": "GCM", "Attributes": map[string]any{"PlatformCredential": "key"}})["PlatformApplicationArn"]
	device := servertest.ActAs(t, s, "root", "sns:CreatePlatformEndpoint", map[string]any{"PlatformApplicationArn": application, "Token": "t"})["EndpointArn"].(string)
	servertest.ActAs(t, s, "root", "sns:Publish", map[string]any{"TargetArn": device, "Message": `{"default":"d","GCM":"g"}`, "MessageStructure": "json"})
	const path, member = "/_aws/sns/platform-endpoint-messages", "platform_endpoint_messages"
	for _, target := range []string{path, path + "?endpointArn=" + url.QueryEscape(device), path + "?region=eu-west-1&endpointArn=" + url.QueryEscape(device)} {
		sent, region := sentIn(t, s, target, member)
		if len(sent[device]) != 1 || region != "us-east-1" || sent[device][0]["TargetArn"] != device || sent[device][0]["Message"] != "g" || sent[device][0]["MessageStructure"] != "json" {
			t.Errorf("%s: in %s there are %v", target, region, sent)
		}
	}
	if status, body := servertest.Ask(s, http.MethodGet, path+"?endpointArn=x", ""); status != 400 {
		t.Errorf("an endpoint that is no ARN: %d %s", status, body)
	}
	if status, _ := servertest.Ask(s, http.MethodDelete, path+"?endpointArn="+url.QueryEscape(device), ""); status != 204 {
		t.Errorf("DELETE answered %d", status)
	}
	if sent, _ := sentIn(t, s, path, member); len(sent) != 0 {
		t.Errorf("after they were discarded there are %v", sent)
	}
}

// The token of a subscription that waits for it confirms it.
func TestSubscriptionTokens(t *testing.T) {
	endpoint := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer endpoint.Close()
	s := servertest.New(t, server.Config{})
	topic := servertest.ActAs(t, s, "root", "sns:CreateTopic", map[string]any{"Name": "t"})["TopicArn"].(string)
	subscription := servertest.ActAs(t, s, "root", "sns:Subscribe", map[string]any{"TopicArn": topic, "Protocol": "http", "Endpoint": endpoint.URL, "ReturnSubscriptionArn": true})["SubscriptionArn"].(string)
	const path = "/_aws/sns/subscription-tokens/"
	status, body := servertest.Ask(s, http.MethodGet, path+subscription, "")
	var shown map[string]string
	if err := json.Unmarshal([]byte(body), &shown); err != nil || status != 200 || shown["subscription_arn"] != subscription {
		t.Fatalf("%d %s: %v", status, body, err)
	}
	if confirmed := servertest.ActAs(t, s, "root", "sns:ConfirmSubscription", map[string]any{"TopicArn": topic, "Token": shown["subscription_token"]}); confirmed["SubscriptionArn"] != subscription {
		t.Errorf("the token confirmed %v", confirmed)
	}
	status, body = servertest.Ask(s, http.MethodGet, path+url.PathEscape(topic+":absent"), "")
	servertest.WantAnswer(t, status, body, 404, `{"error":"The provided SubscriptionARN is not found","subscription_arn":"`+topic+`:absent"}`)
	status, body = servertest.Ask(s, http.MethodGet, path+"nonsense", "")
	servertest.WantAnswer(t, status, body, 400, `{"error":"The provided SubscriptionARN is invalid","subscription_arn":"nonsense"}`)
}

// A number that is opted out so gets nothing any more.
func TestPhoneOptOuts(t *testing.T) {
	s := servertest.New(t, server.Config{})
	isOptedOut := func() any {
		return servertest.ActAs(t, s, "root", "sns:CheckIfPhoneNumberIsOptedOut", map[string]any{"phoneNumber": "+12065550100"})["isOptedOut"]
	}
	if got := isOptedOut(); got != false {
		t.Errorf("before: %v", got)
	}
	const path = "/_aws/sns/phone-opt-outs"
	status, body := servertest.Ask(s, http.MethodPost, path, `{"phoneNumber":"+12065550100","accountId":"111122223333"}`)
	servertest.WantAnswer(t, status, body, 200, "")
	if got := isOptedOut(); got != false {
		t.Errorf("another account's: %v", got)
	}
	status, body = servertest.Ask(s, http.MethodPost, path, `{"phoneNumber":"+12065550100"}`)
	servertest.WantAnswer(t, status, body, 200, "")
	if got := isOptedOut(); got != true {
		t.Errorf("after: %v", got)
	}
	for body, want := range map[string]string{
		`{}`: "phoneNumber: ", `{"phoneNumber":"no"}`: "phoneNumber: ", `{"phoneNumber":"+12065550100","accountId":"1"}`: "accountId: ",
		`{"phoneNumber":"+12065550100","region":"us-est-1"}`: "region: ", `{"number":"+1"}`: "number", `[]`: "JSON",
	} {
		status, answer := servertest.Ask(s, http.MethodPost, path, body)
		servertest.WantAnswer(t, status, answer, 400, want)
	}
}

func TestLocalStackInfo(t *testing.T) {
	s := servertest.New(t, server.Config{Version: "1.2.3", Clock: clock.NewStill(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))})
	status, body := servertest.Ask(s, http.MethodGet, "/_localstack/info", "")
	for _, want := range []string{
		`"version":"1.2.3"`, `"edition":"community"`, `"is_license_activated":false`, `"system":"` + runtime.GOOS + `"`,
		`"server_time_utc":"2026-01-02T03:04:05"`, `"uptime":0`, `"session_id":"`, `"machine_id":""`, `"is_docker":`,
	} {
		servertest.WantAnswer(t, status, body, 200, want)
	}
}
