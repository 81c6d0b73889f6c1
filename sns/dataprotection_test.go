package sns

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// protection is a data protection policy of statements given as JSON.
func protection(statements ...string) string {
	return `{"Name":"p","Description":"d","Version":"2021-06-01","Statement":[` + strings.Join(statements, ",") + `]}`
}

// protect is a statement about identifiers.
func protect(direction, principal, operation string, identifiers ...string) string {
	var list []string
	for _, id := range identifiers {
		list = append(list, "arn:aws:dataprotection::aws:data-identifier/"+id)
	}
	return `{"Sid":"s","DataDirection":"` + direction + `","Principal":["` + principal + `"],"DataIdentifier":` + marshal(list) + `,"Operation":` + operation + `}`
}

const (
	deny   = `{"Deny":{}}`
	mask   = `{"Deidentify":{"MaskConfig":{"MaskWithCharacter":"#"}}}`
	redact = `{"Deidentify":{"RedactConfig":{}}}`
	audit  = `{"Audit":{"SampleRate":"99","FindingsDestination":{"CloudWatchLogs":{"LogGroup":"/aws/vendedlogs/g"},"S3":{"Bucket":"b"}},"NoFindingsDestination":{"Firehose":{"DeliveryStream":"s"}}}}`
)

func TestDetection(t *testing.T) {
	for _, c := range []struct {
		kind, text string
		want       []string
	}{
		{"EmailAddress", "write to a.b+c@example.co.uk, or x@y", []string{"a.b+c@example.co.uk"}},
		{"EmailAddress", "no @ here", nil},
		{"PhoneNumber-US", "call (425) 555-0123 or 425.555.0199, +1-425-555-0111 or 4255550122", []string{"(425) 555-0123", "425.555.0199", "+1-425-555-0111", "4255550122"}},
		{"PhoneNumber-US", "order 94255550122 and a4255550122 and 125 555 0123", nil},
		{"CreditCardNumber", "4111 1111 1111 1111, 5500-0000-0000-0004 and 378282246310005", []string{"4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005"}},
		{"CreditCardNumber", "4111 1111 1111 1112 or x4111111111111111", nil},
		{"IpAddress", "from 10.0.0.1 to 2001:db8::1, at 12:30 by 1.2.3", []string{"10.0.0.1", "2001:db8::1"}},
		{"IpAddress", "version 256.1.1.1", nil},
	} {
		var got []string
		for _, d := range detect(c.text, []namedDetector{{c.kind, detectors[c.kind]}}) {
			got = append(got, c.text[d.start:d.end])
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s in %q: %s", c.kind, c.text, diff)
		}
	}
}

func (w *testbed) protect(statements ...string) {
	w.t.Helper()
	if _, err := w.PutDataProtectionPolicy(request(), &PutDataProtectionPolicyInput{ResourceArn: testTopic, DataProtectionPolicy: protection(statements...)}); err != nil {
		w.t.Fatal(err)
	}
}

func TestDataProtectionPolicyRoundTrip(t *testing.T) { // [N040]
	w := newTestbed(t)
	w.createTopic("orders")
	get := func() string {
		return must(w.GetDataProtectionPolicy(request(), &GetDataProtectionPolicyInput{ResourceArn: testTopic})).DataProtectionPolicy
	}
	if got := get(); got != "" {
		t.Errorf("a new topic has %s", got)
	}
	policy := " " + protection(protect("Inbound", "*", deny, "EmailAddress"))
	must(w.PutDataProtectionPolicy(request(), &PutDataProtectionPolicyInput{ResourceArn: testTopic, DataProtectionPolicy: policy}))
	if got := get(); got != policy {
		t.Errorf("reads back as %s", got)
	}
	for name, value := range w.attributesOf(t, testTopic) {
		if strings.Contains(value, "dataprotection") {
			t.Errorf("it shows in %s", name)
		}
	}
	must(w.PutDataProtectionPolicy(request(), &PutDataProtectionPolicyInput{ResourceArn: testTopic}))
	if got := get(); got != "" {
		t.Errorf("removed, it is %s", got)
	}
	created := must(w.CreateTopic(request(), &CreateTopicInput{Name: "born", DataProtectionPolicy: policy}))
	if got := must(w.GetDataProtectionPolicy(request(), &GetDataProtectionPolicyInput{ResourceArn: created.TopicArn})).DataProtectionPolicy; got != policy {
		t.Errorf("given at creation, it is %s", got)
	}
	checks := must(w.createTopicChecks(request(), &CreateTopicInput{Name: "born", DataProtectionPolicy: policy}))
	if len(checks) != 2 || checks[1].Action != "sns:PutDataProtectionPolicy" {
		t.Errorf("creation asks for %+v", checks)
	}
	_, err := w.GetDataProtectionPolicy(request(), &GetDataProtectionPolicyInput{ResourceArn: testTopic + "x"})
	wantError(t, err, "NotFound", "Topic does not exist")
}

// custom is a policy with data identifiers of its own, and a statement about Badge.
func custom(identifiers string) string {
	st := strings.Replace(protect("Inbound", "*", mask, "X"), "arn:aws:dataprotection::aws:data-identifier/X", "Badge", 1)
	return strings.Replace(protection(st), `"Statement"`, `"Configuration":{"CustomDataIdentifier":[`+identifiers+`]},"Statement"`, 1)
}

// TestManagedIdentifierWithRegion: AWS takes the ARN of a managed identifier
// with a region, and keeps it as it was given [N040].
func TestManagedIdentifierWithRegion(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.subscribe(testTopic, "sqs", testQueue, "RawMessageDelivery", "true")
	policy := strings.ReplaceAll(protection(protect("Inbound", "*", mask, "EmailAddress")), ":dataprotection::aws:", ":dataprotection:us-east-1::")
	must(w.PutDataProtectionPolicy(request(), &PutDataProtectionPolicyInput{ResourceArn: testTopic, DataProtectionPolicy: policy}))
	if got := must(w.GetDataProtectionPolicy(request(), &GetDataProtectionPolicyInput{ResourceArn: testTopic})).DataProtectionPolicy; got != policy {
		t.Errorf("reads back as %s", got)
	}
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "to a@b.io"})
	if diff := cmp.Diff([]string{"to ######"}, bodies(w.queues.take(testQueue))); diff != "" {
		t.Error(diff)
	}
}

// TestCustomIdentifier: a policy may say itself what its data looks like.
func TestCustomIdentifier(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.subscribe(testTopic, "sqs", testQueue, "RawMessageDelivery", "true")
	must(w.PutDataProtectionPolicy(request(), &PutDataProtectionPolicyInput{ResourceArn: testTopic, DataProtectionPolicy: custom(`{"Name":"Badge","Regex":"EID-\\d{3}"}`)}))
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "by EID-123"})
	if diff := cmp.Diff([]string{"by #######"}, bodies(w.queues.take(testQueue))); diff != "" {
		t.Error(diff)
	}
}

// Earlier versions did not look at what a policy says of identifiers of its own:
// a topic with something there that would be refused today is read all the same.
func TestDataProtectionPolicyOfAnEarlierVersion(t *testing.T) {
	for _, configuration := range []string{
		`"none"`, `{"CustomDataIdentifier":{}}`, `{"CustomDataIdentifier":[{"Name":1}]}`, `{"CustomDataIdentifier":[{"Name":"Badge","Regex":"(?<=a)b"}]}`,
	} {
		w := newTestbed(t)
		w.createTopic("orders")
		w.subscribe(testTopic, "sqs", testQueue, "RawMessageDelivery", "true")
		policy := strings.Replace(protection(protect("Inbound", "*", mask, "EmailAddress")), `"Statement"`, `"Configuration":`+configuration+`,"Statement"`, 1)
		_, err := w.PutDataProtectionPolicy(request(), &PutDataProtectionPolicyInput{ResourceArn: testTopic, DataProtectionPolicy: policy})
		if err == nil {
			t.Errorf("%s is not refused", configuration)
		}
		err = w.engine.Update(t.Context(), func(tx store.Tx) error {
			topic := w.topics.Edit(tx, testTopic)
			topic.DataProtection = policy
			w.topics.Put(tx, testTopic, topic)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.restart()
		if topics := must(w.ListTopics(request(), &ListTopicsInput{})).Topics; len(topics) != 1 {
			t.Errorf("%s: there are %d topics", configuration, len(topics))
		}
		w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "to a@b.io"})
		if diff := cmp.Diff([]string{"to ######"}, bodies(w.queues.take(testQueue))); diff != "" {
			t.Errorf("%s: %s", configuration, diff)
		}
	}
}

// TestUnrecognizedDataIsTold: a policy about data that AWS recognizes and this
// service does not is taken, and the log says that it does nothing, wherever it is set.
func TestUnrecognizedDataIsTold(t *testing.T) {
	var log bytes.Buffer
	w := newTestbed(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	policy := protection(protect("Inbound", "*", deny, "DriversLicense-US", "EmailAddress"))
	for name, set := range map[string]func() error{
		"CreateTopic": func() error {
			_, err := w.CreateTopic(request(), &CreateTopicInput{Name: "orders", DataProtectionPolicy: policy})
			return err
		},
		"a fixture": func() error {
			_, err := w.ApplyTopic(request(), &CreateTopicInput{Name: "orders", DataProtectionPolicy: policy})
			return err
		},
	} {
		log.Reset()
		if err := set(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !strings.Contains(log.String(), "dataIdentifier=DriversLicense-US") || strings.Contains(log.String(), "EmailAddress") {
			t.Errorf("%s logs %q", name, log.String())
		}
	}
}

func TestInboundDeny(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.subscribe(testTopic, "sqs", testQueue, "RawMessageDelivery", "true")
	w.protect(protect("Inbound", "arn:aws:iam::123456789012:role/careless", deny, "CreditCardNumber", "EmailAddress"))
	role := func(r *api.Request) {
		r.Caller = &api.Caller{Principal: policyeval.Principal{
			Type: policyeval.AssumedRole, Account: testAccount, ARN: "arn:aws:sts::123456789012:assumed-role/careless/s", IssuerARN: "arn:aws:iam::123456789012:role/careless",
		}}
	}
	_, err := w.Publish(request(role), &PublishInput{TopicArn: ptr(testTopic), Message: "card 4111111111111111"})
	wantError(t, err, "AuthorizationError", "The topic's data protection policy prohibits this message from being published to "+testTopic)
	must(w.Publish(request(role), &PublishInput{TopicArn: ptr(testTopic), Message: "nothing"}))
	must(w.Publish(request(), &PublishInput{TopicArn: ptr(testTopic), Message: "another principal's a@example.com"}))
	if diff := cmp.Diff([]string{"nothing", "another principal's a@example.com"}, bodies(w.queues.take(testQueue))); diff != "" {
		t.Error(diff)
	}
}

func TestDeidentify(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.subscribe(testTopic, "sqs", testQueue, "RawMessageDelivery", "true")
	w.protect(protect("Inbound", "*", mask, "EmailAddress", "IpAddress"), protect("Inbound", "*", redact, "CreditCardNumber"))
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "é a@example.com paid 4111-1111-1111-1111 from 10.0.0.1!"})
	w.publish(&PublishInput{TopicArn: ptr(testTopic), MessageStructure: "json", Message: `{"default":"d","sqs":"to a@b.io"}`})
	if diff := cmp.Diff([]string{"é ############# paid  from ########!", "to ######"}, bodies(w.queues.take(testQueue))); diff != "" {
		t.Error(diff)
	}
	_, err := w.Publish(request(), &PublishInput{TopicArn: ptr(testTopic), Message: "4111111111111111"})
	wantError(t, err, "InvalidParameter", "Invalid parameter: Empty message")
}

func TestOutboundProtection(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	user := func(r *api.Request) {
		r.Caller = &api.Caller{Principal: policyeval.Principal{Type: policyeval.User, Account: testAccount, ARN: "arn:aws:iam::123456789012:user/nosy"}}
	}
	nosy := must(w.Subscribe(request(user), &SubscribeInput{TopicArn: testTopic, Protocol: "sqs", Endpoint: testQueue + "-nosy", Attributes: map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"` + testQueue + `-dead"}`}})).SubscriptionArn
	w.subscribe(testTopic, "sqs", testQueue, "RawMessageDelivery", "true")
	w.protect(protect("Outbound", "arn:aws:iam::123456789012:user/nosy", deny, "EmailAddress"), protect("Outbound", "*", mask, "PhoneNumber-US"))
	out := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "a@example.com, 425-555-0123"})
	if diff := cmp.Diff([]string{"a@example.com, ############"}, bodies(w.queues.take(testQueue))); diff != "" {
		t.Error(diff)
	}
	for _, queue := range []string{testQueue + "-nosy", testQueue + "-dead"} {
		if got := w.queues.take(queue); got != nil {
			t.Errorf("%s got %v", queue, got)
		}
	}
	d := w.await(out.MessageId, status(trail.StatusFailure, 1))
	if d.StatusCode != 403 || d.ProviderResponse != "The topic's data protection policy prohibits this message from being delivered to "+nosy {
		t.Errorf("recorded %+v", d)
	}
}

func TestAudit(t *testing.T) {
	var log bytes.Buffer
	w := newTestbed(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	w.createTopic("orders")
	w.protect(protect("Inbound", "*", audit, "EmailAddress", "IpAddress", "Name"))
	if !strings.Contains(log.String(), "dataIdentifier=Name") || strings.Contains(log.String(), "EmailAddress") {
		t.Errorf("logged %q", log.String())
	}
	var reports []Captured
	var message string
	for len(reports) < 2 { // one of a hundred is not sampled
		message = w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "a@b.io x@y.io 10.0.0.1"}).MessageId
		reports = w.out.take()
	}
	if reports[0].Protocol != "audit" || reports[0].Endpoint != "logs:/aws/vendedlogs/g" || reports[1].Endpoint != "s3:b" || reports[0].Body != reports[1].Body {
		t.Errorf("captured %+v", reports)
	}
	want := map[string]any{
		"messageId": message, "auditTimestamp": "2026-01-02T03:04:05Z", "callerPrincipal": "arn:aws:iam::123456789012:root", "resourceArn": testTopic,
		"dataIdentifiers": []any{
			map[string]any{"name": "EmailAddress", "count": 2.0, "detections": []any{map[string]any{"start": 0.0, "end": 6.0}, map[string]any{"start": 7.0, "end": 13.0}}},
			map[string]any{"name": "IpAddress", "count": 1.0, "detections": []any{map[string]any{"start": 14.0, "end": 22.0}}},
		},
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(reports[0].Body), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	reports = nil
	for len(reports) == 0 {
		w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "nothing"})
		reports = w.out.take()
	}
	if reports[0].Endpoint != "firehose:s" || !strings.Contains(reports[0].Body, `"dataIdentifiers":[]`) {
		t.Errorf("captured %+v", reports)
	}
	w.protect(protect("Inbound", "*", strings.Replace(audit, "99", "0", 1), "EmailAddress"))
	for range 50 {
		w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "a@b.io"})
	}
	if got := w.out.take(); got != nil {
		t.Errorf("a rate of 0 captured %d", len(got))
	}
}

func TestDataProtectionPolicyRefused(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	ok := protect("Inbound", "*", deny, "EmailAddress")
	for policy, complaint := range map[string]string{
		"nope":       "failed to parse JSON. Unrecognized token 'nope': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
		`{"Name":1}`: "Name must be a string",
		strings.Replace(protection(ok), `"Sid"`, `"sid"`, 1):                    "invalid JSON. Attribute sid is unknown.",
		strings.Replace(protection(ok), `["*"]`, `"*"`, 1):                      "Statement.Principal must be a list",
		protection(protect("Inbound", "*", deny, "NoSuchThing")):                "DataIdentifier arn:aws:dataprotection::aws:data-identifier/NoSuchThing is not supported",
		protection(protect("Inbound", "*", deny, "PhoneNumber-XX")):             "DataIdentifier arn:aws:dataprotection::aws:data-identifier/PhoneNumber-XX is not supported",
		protection(protect("Inbound", "*", deny, "PhoneNumber")):                "DataIdentifier arn:aws:dataprotection::aws:data-identifier/PhoneNumber is not supported",
		protection(strings.Replace(ok, ":dataprotection:", ":dataprotect:", 1)): "DataIdentifier arn:aws:dataprotect::aws:data-identifier/EmailAddress is not supported",
		custom(`{"Name":"Name","Regex":"a"}`):                                   "CustomDataIdentifier Name Name is that of a managed data identifier",
		custom(`{"Name":"a b","Regex":"a"}`):                                    "CustomDataIdentifier Name a b must be 1 to 128 letters, digits, underscores and hyphens",
		custom(`{"Name":"Badge","Regex":"("}`):                                  "CustomDataIdentifier Regex of Badge must be a regular expression of 1 to 200 characters",
		custom(`{"Name":"Badge","Regex":"a"},{"Name":"Badge","Regex":"b"}`):     "CustomDataIdentifier Name Badge is not unique",
		strings.Repeat(" ", 30721):                                              "must be at most 30720 characters long",
		strings.Replace(protection(ok), `"p"`, `""`, 1):                         "Name is required",
		strings.Replace(protection(ok), "2021-06-01", "1", 1):                   "Version must be 2021-06-01",
		protection(): "Statement must not be empty",
		protection(protect("Sideways", "*", deny, "Name")):                                                             "DataDirection must be Inbound or Outbound",
		protection(strings.Replace(ok, `["*"]`, `[]`, 1)):                                                              "Principal must not be empty",
		protection(protect("Inbound", "*", deny)):                                                                      "DataIdentifier must not be empty",
		protection(strings.Replace(ok, "arn:aws:dataprotection::aws:data-identifier/EmailAddress", "EmailAddress", 1)): "DataIdentifier EmailAddress is not supported",
		protection(protect("Inbound", "*", `{}`, "Name")):                                                              "Operation must be one of Audit, Deidentify and Deny",
		protection(protect("Inbound", "*", `{"Deny":{},"Deidentify":{"RedactConfig":{}}}`, "Name")):                    "Operation must be one of Audit, Deidentify and Deny",
		protection(protect("Inbound", "*", `{"Deidentify":{}}`, "Name")):                                               "Deidentify needs a MaskConfig or a RedactConfig",
		protection(protect("Inbound", "*", strings.Replace(mask, "#", "##", 1), "Name")):                               "MaskWithCharacter must be one supported character",
		protection(protect("Inbound", "*", strings.Replace(audit, "99", "100", 1), "Name")):                            "SampleRate must be an integer between 0 and 99",
		protection(protect("Outbound", "*", audit, "Name")):                                                            "Audit is supported for inbound messages only",
		protection(protect("Inbound", "*", audit, "Name"), protect("Inbound", "*", audit, "Name")):                     "only one Audit statement is allowed",
		protection(protect("Inbound", "*", `{"Audit":{"SampleRate":5}}`, "Name")):                                      "Audit needs a FindingsDestination or a NoFindingsDestination",
		protection(protect("Inbound", "*", strings.Replace(audit, "/aws/vendedlogs/", "/x/", 1), "Name")):              "LogGroup must start with /aws/vendedlogs/",
	} {
		_, err := w.PutDataProtectionPolicy(request(), &PutDataProtectionPolicyInput{ResourceArn: testTopic, DataProtectionPolicy: policy})
		text, _, _ := strings.Cut(api.AsError(err).Message, "\n")
		if want := "Invalid parameter: DataProtectionPolicy Reason: " + complaint; text != want {
			t.Errorf("%.80s:\n got %s\nwant %s", policy, text, want)
		}
	}
	_, err := w.CreateTopic(request(), &CreateTopicInput{Name: "n", DataProtectionPolicy: `{}`})
	wantError(t, err, "InvalidParameter", "Invalid parameter: DataProtectionPolicy Reason: Name is required")
}
