package integration

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// wireError is an SQS error as it travels.
type wireError struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
}

// An error's codes in JSON and in Query, and its status in both [Q001]-[Q017].
func TestSQSErrorCodes(t *testing.T) {
	cloud := start(t)
	c := newClients(t, cloud.Config())
	queue, queueARN := c.queue("q", nil)
	c.queue("other", map[string]string{"DelaySeconds": "5"})
	eleven := make([]map[string]string, 11)
	for i := range eleven {
		eleven[i] = map[string]string{"Id": string(rune('a' + i)), "MessageBody": "x"}
	}
	big := strings.Repeat("x", 1<<20)
	type params = map[string]any
	for _, test := range []struct {
		fact, operation string
		in              params
		form            url.Values // of Query; nil: not asked
		status          int
		query, json     string
	}{
		{"Q004", "GetQueueAttributes", params{"QueueUrl": queue + "x"}, url.Values{"QueueUrl": {queue + "x"}}, 400, "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"},
		{"Q005", "ReceiveMessage", params{"QueueUrl": queue, "MaxNumberOfMessages": 11}, url.Values{"QueueUrl": {queue}, "MaxNumberOfMessages": {"11"}}, 400, "InvalidParameterValue", "InvalidParameterValueException"},
		{"Q006", "SendMessage", params{"QueueUrl": queue}, url.Values{"QueueUrl": {queue}}, 400, "MissingParameter", "MissingRequiredParameterException"},
		{"Q007", "CreateQueue", params{"QueueName": "other", "Attributes": params{"DelaySeconds": "6"}},
			url.Values{"QueueName": {"other"}, "Attribute.1.Name": {"DelaySeconds"}, "Attribute.1.Value": {"6"}}, 400, "QueueAlreadyExists", "QueueNameExists"},
		{"Q008", "SetQueueAttributes", params{"QueueUrl": queue, "Attributes": params{"Nope": "1"}},
			url.Values{"QueueUrl": {queue}, "Attribute.1.Name": {"Nope"}, "Attribute.1.Value": {"1"}}, 400, "InvalidAttributeName", "InvalidAttributeName"},
		{"Q009", "SetQueueAttributes", params{"QueueUrl": queue, "Attributes": params{"DelaySeconds": "901"}},
			url.Values{"QueueUrl": {queue}, "Attribute.1.Name": {"DelaySeconds"}, "Attribute.1.Value": {"901"}}, 400, "InvalidAttributeValue", "InvalidAttributeValue"},
		{"Q010", "SendMessageBatch", params{"QueueUrl": queue, "Entries": eleven}, nil, 400, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest", "TooManyEntriesInBatchRequest"},
		{"Q011", "SendMessageBatch", params{"QueueUrl": queue, "Entries": []any{params{"Id": "a b", "MessageBody": "x"}}},
			url.Values{"QueueUrl": {queue}, "SendMessageBatchRequestEntry.1.Id": {"a b"}, "SendMessageBatchRequestEntry.1.MessageBody": {"x"}}, 400, "AWS.SimpleQueueService.InvalidBatchEntryId", "InvalidBatchEntryId"},
		{"Q012", "SendMessageBatch", params{"QueueUrl": queue, "Entries": []any{params{"Id": "a", "MessageBody": big}, params{"Id": "b", "MessageBody": "x"}}}, nil, 400, "AWS.SimpleQueueService.BatchRequestTooLong", "BatchRequestTooLong"},
		{"Q122", "SendMessageBatch", params{"QueueUrl": queue, "Entries": []any{}}, nil, 400, "AWS.SimpleQueueService.EmptyBatchRequest", "EmptyBatchRequest"},
		{"purged once", "PurgeQueue", params{"QueueUrl": queue}, nil, 200, "", ""},
		{"Q013", "PurgeQueue", params{"QueueUrl": queue}, url.Values{"QueueUrl": {queue}}, 403, "AWS.SimpleQueueService.PurgeQueueInProgress", "PurgeQueueInProgress"},
		{"Q014", "StartMessageMoveTask", params{"SourceArn": queueARN + "x"}, nil, 404, "ResourceNotFoundException", "ResourceNotFoundException"},
		{"Q076", "SetQueueAttributes", params{"QueueUrl": queue, "Attributes": params{"KmsMasterKeyId": "alias/x", "SqsManagedSseEnabled": "true"}}, nil, 400, "InvalidAttributeName", "InvalidAttributeName"},
	} {
		body, err := json.Marshal(test.in)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, cloud.URL(), strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-amz-json-1.0") // [Q001]
		r.Header.Set("X-Amz-Target", "AmazonSQS."+test.operation)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0")
		answered, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		if _, err := copyBody(&text, answered); err != nil {
			t.Fatal(err)
		}
		_ = answered.Body.Close()
		header, kind := "", ""
		if test.query != "" {
			header, kind = test.query+";Sender", "com.amazonaws.sqs#"+test.json // [Q002] [Q003]
		}
		var got wireError
		if text.Len() > 0 {
			if err := json.Unmarshal([]byte(text.String()), &got); err != nil {
				t.Fatalf("%s: %v: %s", test.fact, err, text.String())
			}
		}
		if answered.StatusCode != test.status || answered.Header.Get("Content-Type") != "application/x-amz-json-1.0" ||
			answered.Header.Get("x-amzn-query-error") != header || got.Type != kind || (got.Message == "") != (test.query == "") { // [Q015]
			t.Errorf("%s: %d %q %s", test.fact, answered.StatusCode, answered.Header, text.String())
		}
		if test.form == nil {
			continue
		}
		test.form.Set("Action", test.operation)
		status, answer := queryCall(t, http.DefaultClient, cloud.URL(), test.form)
		var failed struct {
			Type string `xml:"Error>Type"`
			Code string `xml:"Error>Code"`
		}
		if err := xml.Unmarshal([]byte(answer), &failed); err != nil {
			t.Fatalf("%s: %v: %s", test.fact, err, answer)
		}
		if status != test.status || failed.Type != "Sender" || failed.Code != test.query { // [Q017]
			t.Errorf("%s by Query: %d %s", test.fact, status, answer)
		}
	}
}
