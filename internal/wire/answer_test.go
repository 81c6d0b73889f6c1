package wire

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

// answered is what a client sees of an answer.
func answered(t *testing.T, write func(w http.ResponseWriter)) (*http.Response, string) {
	t.Helper()
	rec := httptest.NewRecorder()
	writes := &countingWriter{ResponseWriter: rec}
	write(writes)
	if writes.n != 1 {
		t.Errorf("%d writes, want 1", writes.n)
	}
	r := rec.Result()
	body := rec.Body.String()
	if got := r.Header.Get("Content-Length"); got != itoa(len(body)) {
		t.Errorf("Content-Length %s of %d bytes", got, len(body))
	}
	if r.Header.Get("x-amzn-RequestId") != "r&d" {
		t.Errorf("request id %q", r.Header.Get("x-amzn-RequestId"))
	}
	return r, body
}

type countingWriter struct {
	http.ResponseWriter
	n int
}

func (c *countingWriter) Write(b []byte) (int, error) {
	c.n++
	return c.ResponseWriter.Write(b)
}

func TestResults(t *testing.T) {
	when := time.Date(2026, 11, 24, 4, 5, 6, 789e6, time.UTC)
	whole := when.Truncate(time.Second)
	full := &receiveMessageOutput{Messages: []message{{
		MessageId: "id", Body: "a<b>&\"'\r\n\t\x01é", Attributes: map[string]string{"b": "2", "a": "1"},
		MessageAttributes: map[string]attributeValue{"x": {DataType: "Binary", BinaryValue: []byte{1}, StringListValues: []string{"p", "q"}}},
	}}}
	for _, test := range []struct {
		name        string
		form        string
		service     *api.Service
		out         any
		contentType string
		want        string
	}{
		{
			"JSON, escapes", asJSON, sqs, full, "application/x-amz-json-1.0",
			`{"Messages":[{"MessageId":"id","Body":"a<b>&\"'\r\n\t\u0001é","Attributes":{"a":"1","b":"2"},"MessageAttributes":{"x":{"DataType":"Binary","BinaryValue":"AQ==","StringListValues":["p","q"]}}}]}`,
		},
		{
			"Query, escapes (Q097)", asQuery, sqs, full, "text/xml",
			`<?xml version="1.0"?>
<TestResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><TestResult><Message><MessageId>id</MessageId><Body>a&lt;b&gt;&amp;&quot;'&#xD;
	` + "\uFFFD" + `é</Body><Attribute><Name>a</Name><Value>1</Value></Attribute><Attribute><Name>b</Name><Value>2</Value></Attribute>` +
				`<MessageAttribute><Name>x</Name><Value><DataType>Binary</DataType><BinaryValue>AQ==</BinaryValue><StringListValue>p</StringListValue><StringListValue>q</StringListValue></Value></MessageAttribute>` +
				`</Message></TestResult><ResponseMetadata><RequestId>r&amp;d</RequestId></ResponseMetadata></TestResponse>`,
		},
		{
			"Query accepting JSON (Q039)", asQueryJSON, sqs, full, "application/json",
			`{"TestResponse":{"TestResult":{"messages":[{"Attributes":[{"Name":"a","Value":"1"},{"Name":"b","Value":"2"}],"Body":"a<b>&\"'\r\n\t\u0001é","MD5OfBody":null,"MD5OfMessageAttributes":null,` +
				`"MessageAttributes":[{"Name":"x","Value":{"BinaryListValues":null,"BinaryValue":"AQ==","DataType":"Binary","StringListValues":["p","q"],"StringValue":null}}],"MessageId":"id","ReceiptHandle":null}]},` +
				`"ResponseMetadata":{"RequestId":"r&d"}}}`,
		},
		{"JSON, nothing received (Q133)", asJSON, sqs, &receiveMessageOutput{}, "application/x-amz-json-1.0", `{}`},
		{
			"Query, nothing received (Q035)", asQuery, sqs, &receiveMessageOutput{}, "text/xml",
			`<?xml version="1.0"?>
<TestResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><TestResult/><ResponseMetadata><RequestId>r&amp;d</RequestId></ResponseMetadata></TestResponse>`,
		},
		{
			"Query accepting JSON, nothing listed (Q038)", asQueryJSON, sqs, &listQueuesOutput{}, "application/json",
			`{"TestResponse":{"TestResult":{"NextToken":null,"queueUrls":null},"ResponseMetadata":{"RequestId":"r&d"}}}`,
		},
		{"JSON, no output", asJSON, kms, &nothing{}, "application/x-amz-json-1.1", ``},
		{
			"Query, no output", asQuery, sns, &nothing{}, "text/xml",
			`<?xml version="1.0"?>
<TestResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ResponseMetadata><RequestId>r&amp;d</RequestId></ResponseMetadata></TestResponse>`,
		},
		{"Query accepting JSON, no output", asQueryJSON, sns, &nothing{}, "application/json", `{"TestResponse":{"ResponseMetadata":{"RequestId":"r&d"}}}`},
		{
			"Query, output without members", asQuery, sns, &memberless{}, "text/xml",
			`<?xml version="1.0"?>
<TestResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><TestResult/><ResponseMetadata><RequestId>r&amp;d</RequestId></ResponseMetadata></TestResponse>`,
		},
		{"Query accepting JSON, output without members", asQueryJSON, sns, &memberless{}, "application/json", `{"TestResponse":{"TestResult":{},"ResponseMetadata":{"RequestId":"r&d"}}}`},
		{"JSON, output without members", asJSON, kms, &memberless{}, "application/x-amz-json-1.1", `{}`},
		{
			"Query accepting JSON, a map and an empty list", asQueryJSON, sns, &struct {
				Attributes map[string]string
				Topics     []topic
				Expires    time.Time
				Inner      *inner
			}{map[string]string{"b": "2", "a": "1"}, []topic{}, whole, &inner{A: "x"}}, "application/json",
			`{"TestResponse":{"TestResult":{"Attributes":{"a":"1","b":"2"},"Expires":1.795493106E9,"Inner":{"A":"x","B":null},"Topics":[]},"ResponseMetadata":{"RequestId":"r&d"}}}`,
		},
		{
			"JSON, times and empty values (K023, K040)", asJSON, kms, &describeKeyOutput{keyMetadata{CreationDate: when, DeletionDate: whole}}, "application/x-amz-json-1.1",
			`{"KeyMetadata":{"CreationDate":1.795493106789E9,"Enabled":false,"Description":"","MultiRegion":false,"DeletionDate":1.795493106E9}}`,
		},
		{"JSON, empty list (K040)", asJSON, kms, &listResourceTagsOutput{Tags: []kmsTag{}}, "application/x-amz-json-1.1", `{"Tags":[],"Truncated":false}`},
		{
			"Query, empty list (N005) and map", asQuery, sns, &struct {
				Topics  []topic
				Map     map[string]string
				Missing []topic
				Time    time.Time
				Whole   *time.Time
				Blob    []byte
				Flag    bool
				Number  float64
				Empty   []string `query:"Empty,flat"`
			}{Topics: []topic{}, Map: map[string]string{}, Time: when, Whole: &whole, Blob: []byte{}, Number: 0.5, Empty: []string{}}, "text/xml",
			`<?xml version="1.0"?>
<TestResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><TestResult><Topics/><Map/><Time>2026-11-24T04:05:06.789Z</Time><Whole>2026-11-24T04:05:06Z</Whole><Blob></Blob><Flag>false</Flag><Number>0.5</Number></TestResult>` +
				`<ResponseMetadata><RequestId>r&amp;d</RequestId></ResponseMetadata></TestResponse>`,
		},
		{
			"Query, member lists and maps", asQuery, sns, &struct {
				Topics []topic
				Map    map[string]string
				Named  []string `query:",member=Item"`
			}{[]topic{{"a"}, {"b"}}, map[string]string{"k": "v"}, []string{"x"}}, "text/xml",
			`<?xml version="1.0"?>
<TestResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><TestResult><Topics><member><TopicArn>a</TopicArn></member><member><TopicArn>b</TopicArn></member></Topics>` +
				`<Map><entry><key>k</key><value>v</value></entry></Map><Named><Item>x</Item></Named></TestResult>` +
				`<ResponseMetadata><RequestId>r&amp;d</RequestId></ResponseMetadata></TestResponse>`,
		},
		{"JSON, invalid UTF-8 of our own", asJSON, sqs, &createTopicOutput{"a\xffb"}, "application/x-amz-json-1.0", `{"TopicArn":"a` + "\uFFFD" + `b"}`},
		{
			"Query, what no XML can hold", asQuery, sns, &createTopicOutput{"a\xffb\x00\ufffe\uffff😀\ufffd"}, "text/xml",
			`<?xml version="1.0"?>
<TestResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><TestResult><TopicArn>a` + "\ufffdb\ufffd\ufffd\ufffd😀\ufffd" + `</TopicArn></TestResult>` +
				`<ResponseMetadata><RequestId>r&amp;d</RequestId></ResponseMetadata></TestResponse>`,
		},
		{
			"out tags", asJSON, kms, &struct {
				Zero   int32 `out:"nonzero"`
				One    int32 `out:"nonzero"`
				Shown  int32
				No     bool   `out:"nonzero"`
				Empty  string `out:"always"`
				Hollow inner  `out:"nonzero"`
				Full   inner  `out:"nonzero"`
				Open   inner
			}{One: 1, Full: inner{A: "x"}}, "application/x-amz-json-1.1",
			`{"One":1,"Shown":0,"Empty":"","Full":{"A":"x"},"Open":{}}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			call := callIn(test.form, test.service)
			r, body := answered(t, func(w http.ResponseWriter) { call.WriteResult(w, test.out, "r&d") })
			if r.StatusCode != 200 || r.Header.Get("Content-Type") != test.contentType {
				t.Errorf("%d %s", r.StatusCode, r.Header.Get("Content-Type"))
			}
			if diff := cmp.Diff(test.want, body); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestLargeAnswers(t *testing.T) {
	body := strings.Repeat("x\r", 1<<19)
	call := callIn(asJSON, sqs)
	for range 3 {
		_, got := answered(t, func(w http.ResponseWriter) {
			call.WriteResult(w, &receiveMessageOutput{Messages: []message{{Body: body}}}, "r&d")
		})
		if len(got) < len(body) {
			t.Fatal(len(got))
		}
	}
}

func TestEpoch(t *testing.T) {
	for want, ms := range map[string]int64{
		"1.477431461E9": 1477431461000, "1.5E9": 1500000000000, "1.0E9": 1000000000000, "1.499288695918E9": 1499288695918,
		"0": 0, "1.5": 1500, "-1.5": -1500, "999999.999": 999999999, "1.0E7": 1e10, "-1.0E7": -1e10,
	} {
		if got := string(appendEpoch(nil, time.UnixMilli(ms))); got != want {
			t.Errorf("%d: %s, want %s", ms, got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	denied := &api.Error{Code: "AccessDeniedException", QueryCode: "AccessDenied", Status: 403, Common: true, Message: "no <way>"}
	missing := &api.Error{
		Code: "QueueDoesNotExist", QueryCode: "AWS.SimpleQueueService.NonExistentQueue",
		Message: "The specified queue does not exist.", QueryMessage: "The specified queue does not exist for this wsdl version.",
	}
	const xml = "<?xml version=\"1.0\"?>\n"
	for _, test := range []struct {
		name       string
		form       string
		service    *api.Service
		err        error
		status     int
		queryError string
		want       string
	}{
		{"SQS, its own (A7.1, M001)", asJSON, sqs, missing, 400, "AWS.SimpleQueueService.NonExistentQueue;Sender", `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}`},
		{"SQS, common (E2)", asJSON, sqs, denied, 403, "AccessDenied;Sender", `{"__type":"com.amazon.coral.service#AccessDeniedException","Message":"no <way>"}`},
		{"SQS, type", asJSON, sqs, errSerialization.With("x"), 400, "MalformedInput;Sender", `{"__type":"com.amazon.coral.service#SerializationException","Message":"x"}`},
		{"SQS, malformed", asJSON, sqs, errSerialization, 400, "MalformedInput;Sender", `{"__type":"com.amazon.coral.service#SerializationException"}`},
		{"SQS, internal", asJSON, sqs, errors.New("a secret"), 500, "InternalFailure;Receiver", `{"__type":"com.amazon.coral.service#InternalFailure","Message":"The request processing has failed because of an unknown error, exception or failure."}`},
		{"KMS, its own (K002)", asJSON, kms, &api.Error{Code: "DisabledException", Message: "x"}, 400, "", `{"__type":"DisabledException","message":"x"}`},
		{"KMS, without a message (K004)", asJSON, kms, &api.Error{Code: "InvalidCiphertextException"}, 400, "", `{"__type":"InvalidCiphertextException"}`},
		{"KMS, common (E4)", asJSON, kms, &api.Error{Code: "AccessDeniedException", Common: true, Message: "x"}, 400, "", `{"__type":"AccessDeniedException","message":"x"}`},
		{"KMS, type", asJSON, kms, errSerialization.With("x"), 400, "", `{"__type":"SerializationException","Message":"x"}`},
		{"no service", asJSON, nil, errUnknownOperation, 400, "", `{"__type":"UnknownOperationException"}`},
		{
			"SQS, Query (Q016, Q020)", asQuery, sqs, missing, 400, "",
			xml + `<ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>The specified queue does not exist for this wsdl version.</Message><Detail/></Error><RequestId>r&amp;d</RequestId></ErrorResponse>`,
		},
		{
			"SQS, Query, common", asQuery, sqs, denied, 403, "",
			xml + `<ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no &lt;way&gt;</Message><Detail/></Error><RequestId>r&amp;d</RequestId></ErrorResponse>`,
		},
		{
			"SNS (N002)", asQuery, sns, &api.Error{Code: "NotFound", Status: 404, Message: "x"}, 404, "",
			xml + `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>NotFound</Code><Message>x</Message></Error><RequestId>r&amp;d</RequestId></ErrorResponse>`,
		},
		{
			"STS, malformed", asQuery, sts, errMalformed, 400, "",
			xml + `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>MalformedInput</Code></Error><RequestId>r&amp;d</RequestId></ErrorResponse>`,
		},
		{
			"STS, no such action", asQuery, sts, errInvalidAction.With("x"), 400, "",
			xml + `<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09"><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>x</Message></Error><RequestId>r&amp;d</RequestId></ErrorResponse>`,
		},
		{
			"SQS, no such action (Q028)", asQuery, sqs, errInvalidAction.With("x"), 400, "",
			xml + `<ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type><Code>InvalidAction</Code><Message>x</Message><Detail/></Error><RequestId>r&amp;d</RequestId></ErrorResponse>`,
		},
		{
			"no service, Query", asQuery, nil, errMissingAction, 400, "",
			xml + `<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09"><Error><Type>Sender</Type><Code>MissingAction</Code><Message>The request must contain the parameter Action.</Message></Error><RequestId>r&amp;d</RequestId></ErrorResponse>`,
		},
		{"no call (Q030)", asQuery, nil, ErrNothingThere, 404, "", "<UnknownOperationException/>\n"},
		{"Query accepting JSON", asQueryJSON, sqs, missing, 400, "", `{"Error":{"Code":"AWS.SimpleQueueService.NonExistentQueue","Message":"The specified queue does not exist for this wsdl version.","Type":"Sender"},"RequestId":"r&d"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			call := callIn(test.form, test.service)
			r, body := answered(t, func(w http.ResponseWriter) { call.WriteError(w, test.err, "r&d") })
			if r.StatusCode != test.status || r.Header.Get("x-amzn-query-error") != test.queryError {
				t.Errorf("%d %s", r.StatusCode, r.Header.Get("x-amzn-query-error"))
			}
			if diff := cmp.Diff(test.want, body); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestJSONOf(t *testing.T) {
	if got := string(JSONOf(&createTopicOutput{"x"})); got != `{"TopicArn":"x"}` {
		t.Error(got)
	}
}
