package sns

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

func TestPublishToAQueue(t *testing.T) { // [N120]-[N123] [N129] [N101] [N102]
	w := newTestbed(t)
	w.createTopic("orders")
	subscription := w.subscribe(testTopic, "sqs", testQueue)
	ctx := request(func(r *api.Request) { r.TraceHeader = "Root=1-x" })
	out := must(w.Publish(ctx, &PublishInput{
		TopicArn: ptr(testTopic), Message: "grüße </b> \"x\" \\ \n\x01\u2028", Subject: ptr("Hello"), MessageGroupId: "g",
		MessageAttributes: map[string]MessageAttributeValue{
			"price": {DataType: "Number", StringValue: ptr("99.12")},
			"blob":  {DataType: "Binary", BinaryValue: []byte{0, 255}},
		},
	}))
	got := w.queues.take(testQueue)
	if len(got) != 1 {
		t.Fatalf("the queue got %d messages", len(got))
	}
	m := got[0]
	if m.TopicArn != testTopic || m.Attributes != nil || m.GroupID != "g" || m.TraceHeader != "Root=1-x" {
		t.Errorf("delivered %+v", m)
	}
	body, order := members(t, m.Body)
	wantOrder := []string{
		"Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp",
		"SignatureVersion", "Signature", "SigningCertURL", "UnsubscribeURL", "MessageAttributes",
	}
	if diff := cmp.Diff(wantOrder, order); diff != "" {
		t.Error(diff)
	}
	delete(body, "Signature")
	delete(body, "SigningCertURL")
	want := map[string]any{
		"Type": "Notification", "MessageId": out.MessageId, "TopicArn": testTopic, "Subject": "Hello",
		"Message": "grüße </b> \"x\" \\ \n\x01\u2028", "Timestamp": "2026-01-02T03:04:05.678Z", "SignatureVersion": "1",
		"UnsubscribeURL": "https://localhost:4566/?Action=Unsubscribe&SubscriptionArn=" + subscription,
		"MessageAttributes": map[string]any{
			"price": map[string]any{"Type": "Number", "Value": "99.12"},
			"blob":  map[string]any{"Type": "Binary", "Value": "AP8="},
		},
	}
	if diff := cmp.Diff(want, body); diff != "" {
		t.Error(diff)
	}
}

func TestRawDelivery(t *testing.T) { // [N124]
	w := newTestbed(t)
	w.createTopic("orders")
	w.subscribe(testTopic, "sqs", testQueue, "RawMessageDelivery", "TrUe")
	attributes := map[string]MessageAttributeValue{"blob": {DataType: "Binary", BinaryValue: []byte{0, 255}}}
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "plain", Subject: ptr("dropped"), MessageAttributes: attributes})
	got := w.queues.take(testQueue)
	want := []QueueMessage{{QueueArn: testQueue, TopicArn: testTopic, Body: "plain", Shared: sharedBody{}, Attributes: attributes}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What the deliveries of one text have in common is made once for all of them.
func TestRawDeliveriesShareTheirText(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	for i := range 3 {
		w.subscribe(testTopic, "sqs", fmt.Sprint(testQueue, "-", i), "RawMessageDelivery", "true")
	}
	for published, text := range []string{"one", "other"} {
		w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: text})
		for i := range 3 {
			if got := w.queues.take(fmt.Sprint(testQueue, "-", i)); len(got) != 1 || got[0].Body != text || got[0].Shared == nil {
				t.Errorf("queue %d got %v", i, got)
			}
		}
		if w.queues.shared != published+1 {
			t.Errorf("of %d texts, %d were prepared", published+1, w.queues.shared)
		}
	}
}

// TestSignatures verifies as AWS tells subscribers to [N127] [N128].
func TestSignatures(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.subscribe(testTopic, "sqs", testQueue)
	for _, version := range []string{"1", "2"} {
		w.set(t, testTopic, "SignatureVersion", version)
		for _, subject := range []*string{nil, ptr("S")} {
			w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m", Subject: subject})
			body, _ := members(t, w.queues.take(testQueue)[0].Body)
			if body["SignatureVersion"] != version {
				t.Errorf("SignatureVersion is %v", body["SignatureVersion"])
			}
			w.verify(t, body, "Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
		}
	}
}

func (w *testbed) verify(t *testing.T, body map[string]any, names ...string) {
	t.Helper()
	path, ok := strings.CutPrefix(body["SigningCertURL"].(string), "https://localhost:4566")
	if !ok || !strings.HasPrefix(path, "/SimpleNotificationService-") || !strings.HasSuffix(path, ".pem") {
		t.Fatalf("SigningCertURL is %v", body["SigningCertURL"])
	}
	block, _ := pem.Decode(must(w.Certificate(request(), path)))
	certificate := must(x509.ParseCertificate(block.Bytes))
	var text strings.Builder
	for _, name := range names {
		if value, ok := body[name]; ok {
			text.WriteString(name + "\n" + value.(string) + "\n")
		}
	}
	signature := must(base64.StdEncoding.DecodeString(body["Signature"].(string)))
	hash, sum := crypto.SHA1, sha1.Sum([]byte(text.String()))
	digest := sum[:]
	if body["SignatureVersion"] == "2" {
		sum := sha256.Sum256([]byte(text.String()))
		hash, digest = crypto.SHA256, sum[:]
	}
	if err := rsa.VerifyPKCS1v15(certificate.PublicKey.(*rsa.PublicKey), hash, digest, signature); err != nil {
		t.Errorf("signature version %v: %v", body["SignatureVersion"], err)
	}
}

func TestSigningKeySurvives(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.subscribe(testTopic, "sqs", testQueue)
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	body, _ := members(t, w.queues.take(testQueue)[0].Body)
	w.signer.pair = nil // as after a restart
	w.verify(t, body, "Message", "MessageId", "Timestamp", "TopicArn", "Type")
	if got := must(w.Certificate(request(), "/SimpleNotificationService-0.pem")); got != nil {
		t.Errorf("a certificate of another name: %s", got)
	}
}

func TestPublishRefuses(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.createTopic("orders.fifo", "FifoTopic", "true")
	fifo := testTopic + ".fifo"
	parameter := "InvalidParameter"
	for name, c := range map[string]struct {
		in            PublishInput
		code, message string
	}{
		"N089 empty":           {PublishInput{TopicArn: ptr(testTopic)}, parameter, "Invalid parameter: Empty message"},
		"N090 empty subject":   {PublishInput{TopicArn: ptr(testTopic), Message: "m", Subject: ptr("")}, parameter, "Invalid parameter: Subject"},
		"subject of two lines": {PublishInput{TopicArn: ptr(testTopic), Message: "m", Subject: ptr("a\nb")}, parameter, "Invalid parameter: Subject"},
		"subject too long":     {PublishInput{TopicArn: ptr(testTopic), Message: "m", Subject: ptr(strings.Repeat("a", 101))}, parameter, "Invalid parameter: Subject"},
		"N091 too long":        {PublishInput{TopicArn: ptr(testTopic), Message: strings.Repeat("a", 262145)}, parameter, "Invalid parameter: Message too long"},
		"N091 too long with its attributes": {PublishInput{
			TopicArn: ptr(testTopic), Message: strings.Repeat("a", 262144-len("kString")),
			MessageAttributes: map[string]MessageAttributeValue{"k": {DataType: "String", StringValue: ptr("v")}},
		}, parameter, "Invalid parameter: Message too long"},
		"N092 no default":         {PublishInput{TopicArn: ptr(testTopic), Message: `{"sqs":"x"}`, MessageStructure: "json"}, parameter, "Invalid parameter: Message Structure - No default entry in JSON message body"},
		"N092 default no string":  {PublishInput{TopicArn: ptr(testTopic), Message: `{"default":1}`, MessageStructure: "json"}, parameter, "Invalid parameter: Message Structure - No default entry in JSON message body"},
		"N093 no JSON":            {PublishInput{TopicArn: ptr(testTopic), Message: `{"default`, MessageStructure: "json"}, parameter, "Invalid parameter: Message Structure - JSON message body failed to parse"},
		"N093 null":               {PublishInput{TopicArn: ptr(testTopic), Message: `null`, MessageStructure: "json"}, parameter, "Invalid parameter: Message Structure - JSON message body failed to parse"},
		"another structure":       {PublishInput{TopicArn: ptr(testTopic), Message: `x`, MessageStructure: "yaml"}, parameter, "Invalid parameter: MessageStructure"},
		"N098 no group":           {PublishInput{TopicArn: ptr(fifo), Message: "m"}, parameter, "Invalid parameter: The MessageGroupId parameter is required for FIFO topics"},
		"N099 no deduplication":   {PublishInput{TopicArn: ptr(fifo), Message: "m", MessageGroupId: "g"}, parameter, "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"},
		"N100 standard topic":     {PublishInput{TopicArn: ptr(testTopic), Message: "m", MessageDeduplicationId: "d"}, parameter, "Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type"},
		"group with a space":      {PublishInput{TopicArn: ptr(testTopic), Message: "m", MessageGroupId: "a b"}, parameter, "Invalid parameter: MessageGroupId"},
		"group of 129 characters": {PublishInput{TopicArn: ptr(testTopic), Message: "m", MessageGroupId: strings.Repeat("a", 129)}, parameter, "Invalid parameter: MessageGroupId"},
		"N097 empty number":       {PublishInput{PhoneNumber: ptr(""), Message: "m"}, parameter, "Invalid parameter: PhoneNumber Reason:  is not valid to publish to"},
		"N007 no topic":           {PublishInput{TopicArn: ptr(testTopic + "x"), Message: "m"}, "NotFound", "Topic does not exist"},
	} {
		_, err := w.Publish(request(), &c.in)
		t.Run(name, func(t *testing.T) { wantError(t, err, c.code, c.message) })
	}
	for name, c := range map[string]struct {
		in      PublishInput
		message string
	}{
		"neither": {PublishInput{}, "Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter"},
		"N008":    {PublishInput{TopicArn: ptr("arn:aws:sns:us-west-2:123456789012:orders")}, "Invalid parameter: TopicArn"},
		// What is empty is not absent [N006].
		"empty TopicArn":  {PublishInput{TopicArn: ptr("")}, "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1"},
		"empty TargetArn": {PublishInput{TargetArn: ptr("")}, "Invalid parameter: TargetArn Reason: An ARN must have at least 6 elements, not 1"},
		"two, one empty":  {PublishInput{TopicArn: ptr(testTopic), TargetArn: ptr("")}, "Invalid parameter: TopicArn, TargetArn or PhoneNumber Reason: only one of them can be given"},
	} {
		_, _, err := w.publishTarget(request(), &c.in)
		t.Run(name, func(t *testing.T) { wantError(t, err, parameter, c.message) })
	}
}

func TestMessageSizes(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: strings.Repeat("a", 262144)}) // [N091]
	w.set(t, testTopic, "MaximumMessageSize", "1024")
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: strings.Repeat("a", 1024)})
	_, err := w.Publish(request(), &PublishInput{TopicArn: ptr(testTopic), Message: strings.Repeat("a", 1025)})
	wantError(t, err, "InvalidParameter", "Invalid parameter: Message too long")
}

func TestMessageStructure(t *testing.T) { // [N094] [N095] [N087]
	w := newTestbed(t)
	w.createTopic("orders")
	w.subscribe(testTopic, "sqs", testQueue, "RawMessageDelivery", "true")
	for message, want := range map[string]string{
		`{"default":"d","sqs":"q"}`:                         "q",
		`{"default":"d","sqs":{"a":1}}`:                     "d",
		`{"default":"d","http":"h"}`:                        "d",
		`{"default":"1","sqs":"a","sqs":"b","default":"2"}`: "b",
		"{\"default\":\"esc\\u0061ped\"}":                   "escaped",
	} {
		w.publish(&PublishInput{TargetArn: ptr(testTopic), Message: message, MessageStructure: "json"})
		if got := w.queues.take(testQueue)[0].Body; got != want {
			t.Errorf("%s: %q, want %q", message, got, want)
		}
	}
}

func TestMessageAttributeErrors(t *testing.T) { // [N103]-[N110]
	for _, c := range []struct {
		fact, name string
		value      MessageAttributeValue
		message    string
	}{
		{"N104", "attr1", MessageAttributeValue{DataType: "String"}, "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'."},
		{"N104", "attr1", MessageAttributeValue{DataType: "String", StringValue: ptr("")}, "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'."},
		{"N104", "attr1", MessageAttributeValue{DataType: "Binary", BinaryValue: []byte{}}, "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'Binary'."},
		{"N105", "attr1", MessageAttributeValue{DataType: "String", BinaryValue: []byte("x")}, "The message attribute 'attr1' with type 'String' must use field 'String'."},
		{"N105", "attr1", MessageAttributeValue{DataType: "Number", BinaryValue: []byte("x")}, "The message attribute 'attr1' with type 'Number' must use field 'String'."},
		{"N106", "attr1", MessageAttributeValue{DataType: "Binary", StringValue: ptr("x")}, "The message attribute 'attr1' with type 'Binary' must use field 'Binary'."},
		{"N107", "attr1", MessageAttributeValue{DataType: "Foo", StringValue: ptr("x")}, "The message attribute 'attr1' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."},
		{"N107", "attr1", MessageAttributeValue{DataType: "String.", StringValue: ptr("x")}, "The message attribute 'attr1' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."},
		{"N107", "attr1", MessageAttributeValue{DataType: "Stringprefixed", StringValue: ptr("x")}, "The message attribute 'attr1' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."},
		{"N107", "attr1", MessageAttributeValue{DataType: "String.prefixed", StringValue: ptr("x")}, ""},
		{"N107", "attr1", MessageAttributeValue{DataType: "String.  prefixed.", StringValue: ptr("x")}, ""},
		{"N108", strings.Repeat("a", 257), MessageAttributeValue{DataType: "String", StringValue: ptr("x")}, "Length of message attribute name must be less than 256 bytes."},
		{"N109", "attr^1", MessageAttributeValue{DataType: "String", StringValue: ptr("x")}, "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots."},
		{"N110", ".a", MessageAttributeValue{DataType: "String", StringValue: ptr("x")}, "Invalid message attribute name starting with character '.' was found."},
		{"N110", "a.", MessageAttributeValue{DataType: "String", StringValue: ptr("x")}, "Invalid message attribute name ending with character '.' was found."},
		{"N110", "a..b", MessageAttributeValue{DataType: "String", StringValue: ptr("x")}, "Message attribute name can not have successive '.' character."},
	} {
		t.Run(c.fact+" "+c.name+" "+c.value.DataType, func(t *testing.T) {
			err := checkMessageAttributes(map[string]MessageAttributeValue{c.name: c.value})
			if c.message == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, "ParameterValueInvalid", c.message)
		})
	}
}

func TestPublishAnswersWhateverBecomesOfDeliveries(t *testing.T) { // [B24] [B28]
	w := newTestbed(t)
	w.createTopic("orders")
	good, bad := testQueue, testQueue+"-denied"
	w.queues.refuse[bad] = &api.Error{Code: "AccessDeniedException", QueryCode: "AccessDenied", Status: 403, Message: "Access to the resource is denied."}
	subscriptions := map[string]string{good: w.subscribe(testTopic, "sqs", good), bad: w.subscribe(testTopic, "sqs", bad)}
	out := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	if got := w.queues.take(good); len(got) != 1 {
		t.Errorf("the good queue got %d messages", len(got))
	}
	records := map[string]trail.Delivery{}
	for _, d := range w.record.all() {
		if d.ID == "" {
			t.Error("a record without an id")
		}
		d.ID = ""
		records[d.Endpoint] = d
	}
	common := trail.Delivery{Source: trail.SourceSNS, MessageID: out.MessageId, TopicArn: testTopic, Protocol: "sqs", Attempts: 1, Published: testStart, Time: testStart}
	delivered, refused := common, common
	delivered.SubscriptionArn, delivered.Endpoint, delivered.Status = subscriptions[good], good, trail.StatusSuccess
	call := strings.TrimPrefix(records[good].DecisionRequestID, "call-")
	delivered.Outcome = trail.Outcome{StatusCode: 200, QueueMessageID: "sqs-" + call, DecisionRequestID: "call-" + call}
	refused.SubscriptionArn, refused.Endpoint, refused.Status = subscriptions[bad], bad, trail.StatusFailure
	refused.Outcome = trail.Outcome{StatusCode: 403, ProviderResponse: `{"ErrorCode":"AccessDenied","ErrorMessage":"Access to the resource is denied.","sqsRequestId":"Unrecoverable"}`, DecisionRequestID: records[bad].DecisionRequestID}
	if diff := cmp.Diff(map[string]trail.Delivery{good: delivered, bad: refused}, records); diff != "" {
		t.Error(diff)
	}
	if records[good].DecisionRequestID == records[bad].DecisionRequestID || records[bad].DecisionRequestID == "" {
		t.Error("the records do not tell the decisions apart")
	}
}

func TestEncryptedTopic(t *testing.T) { // [B5] [B7] [B8]
	w := newTestbed(t)
	w.createTopic("orders", "KmsMasterKeyId", "alias/k")
	w.subscribe(testTopic, "sqs", testQueue)
	publish := func() { w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"}) }
	publish()
	publish()
	w.clock.Advance(5*time.Minute - time.Nanosecond)
	publish()
	if w.kms.generated != 1 || w.kms.decrypted != 1 {
		t.Errorf("%d GenerateDataKey and %d Decrypt within the reuse period", w.kms.generated, w.kms.decrypted)
	}
	w.clock.Advance(time.Nanosecond)
	publish()
	if w.kms.generated != 2 || w.kms.decrypted != 2 {
		t.Errorf("%d GenerateDataKey and %d Decrypt after it", w.kms.generated, w.kms.decrypted)
	}
	if diff := cmp.Diff(map[string]string{"aws:sns:topicArn": testTopic}, w.kms.contexts[0]); diff != "" {
		t.Error(diff)
	}
	if got := w.queues.take(testQueue); len(got) != 4 {
		t.Errorf("the queue got %d messages", len(got))
	}
}

func TestKMSErrors(t *testing.T) { // [B9] [B10] [B14]
	for kms, want := range map[string]string{
		"AccessDeniedException": "KMSAccessDenied", "DisabledException": "KMSDisabled", "KMSInvalidStateException": "KMSInvalidState",
		"NotFoundException": "KMSNotFound", "ThrottlingException": "KMSThrottling", "InvalidKeyUsageException": "KMSInvalidState",
	} {
		w := newTestbed(t)
		w.createTopic("orders", "KmsMasterKeyId", "alias/k")
		w.subscribe(testTopic, "sqs", testQueue)
		w.kms.fail = &api.Error{Code: kms, Message: "why"}
		for caller, text := range map[string]string{"": "why", "s3.amazonaws.com": "why"} {
			ctx := request()
			if caller != "" {
				ctx = request(asService(caller))
				if kms == "AccessDeniedException" {
					text = "null"
				}
			}
			_, err := w.Publish(ctx, &PublishInput{TopicArn: ptr(testTopic), Message: "m"})
			e := api.AsError(err)
			prefix := text + " (Service: AWSKMS; Status Code: 400; Error Code: " + kms + "; Request ID: "
			if e.Query() != want || e.HTTPStatus() != 400 || !strings.HasPrefix(e.Message, prefix) || !strings.HasSuffix(e.Message, "; Proxy: null)") {
				t.Errorf("%s by %q: %v", kms, caller, err)
			}
		}
		if got := w.queues.take(testQueue); got != nil {
			t.Errorf("%s: delivered %v", kms, got)
		}
	}
	w := newTestbed(t)
	w.createTopic("orders", "KmsMasterKeyId", "alias/k")
	w.kms.fail = &api.Error{Code: "InternalFailure", Status: 500}
	_, err := w.Publish(request(), &PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	if api.AsError(err).Code != "InternalFailure" {
		t.Errorf("a failure of KMS itself: %v", err)
	}
}

func TestStrictTransport(t *testing.T) { // [B6]
	w := newTestbed(t, func(c *Config) { c.StrictTransport = true })
	w.createTopic("plain")
	encrypted := w.createTopic("orders", "KmsMasterKeyId", "alias/k")
	tls := func(r *api.Request) { r.SecureTransport = true }
	_, _, err := w.topicTarget(request(), encrypted, "TopicArn")
	wantError(t, err, "InvalidSecurity", ErrInvalidSecurity.Message)
	_, _, err = w.topicTarget(request(tls, anonymous), encrypted, "TopicArn")
	wantError(t, err, "InvalidSecurity", ErrInvalidSecurity.Message)
	for _, c := range []struct {
		topic   string
		request []func(*api.Request)
	}{{encrypted, []func(*api.Request){tls}}, {testTopic[:len(testTopic)-len("orders")] + "plain", nil}} {
		if _, _, err := w.topicTarget(request(c.request...), c.topic, "TopicArn"); err != nil {
			t.Errorf("%s: %v", c.topic, err)
		}
	}
}

// TestKMSCost is AWS's formula R = B/D x 2P, by its own examples [B7].
func TestKMSCost(t *testing.T) {
	for _, c := range []struct {
		days       int
		publishers []int // of each topic
		calls      int
	}{
		{31, []int{1}, 17_856},
		{28, []int{3, 5}, 129_024},
	} {
		w := newTestbed(t)
		for i := range c.publishers {
			w.createTopic(fmt.Sprint("topic", i), "KmsMasterKeyId", "alias/k")
		}
		for range c.days * 24 * 12 {
			for i, publishers := range c.publishers {
				for p := range publishers {
					user := request(func(r *api.Request) { r.Caller = userCaller(fmt.Sprint("u", p)) })
					must(w.Publish(user, &PublishInput{TopicArn: ptr("arn:aws:sns:us-east-1:123456789012:topic" + fmt.Sprint(i)), Message: "m"}))
				}
			}
			w.clock.Advance(5 * time.Minute)
		}
		if got := w.kms.generated + w.kms.decrypted; got != c.calls {
			t.Errorf("%d days, %v publishers: %d calls of KMS, want %d", c.days, c.publishers, got, c.calls)
		}
	}
}

func userCaller(name string) *api.Caller {
	return &api.Caller{Name: name, Principal: policyeval.Principal{Type: policyeval.User, Account: testAccount, ARN: "arn:aws:iam::" + testAccount + ":user/" + name}}
}
