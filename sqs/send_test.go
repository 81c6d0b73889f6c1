package sqs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

func text(v string) MessageAttributeValue {
	return MessageAttributeValue{DataType: "String", StringValue: v}
}

func TestAttributeDigests(t *testing.T) {
	num := func(v string) MessageAttributeValue {
		return MessageAttributeValue{DataType: "Number", StringValue: v}
	}
	type attributes = map[string]MessageAttributeValue
	trace := append([]byte("traceparent\x1e"), "00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01"...)
	cases := []struct {
		fact       string
		attributes attributes
		want       string
	}{
		{"Q089", nil, ""},
		{"Q114", attributes{"attr1": {DataType: "Binary", BinaryValue: trace}}, "8cbe4db156db8a94db8b801b7addb984"},
		{"Q115", attributes{"MyAttribute": text("foobar")}, "adb59cd4678ea5a855436b949cd07ab6"},
		{"Q116", attributes{"timestamp": num("1493147359900")}, "235c5c510d26fb653d073faed50ae77c"},
		{"Q117", attributes{"General": text("Kenobi"), "Hello": text("There"), "Help.Me": text("Me")}, "4c360f3fdafd970e05fae2f149d997f5"},
		{"Q118", attributes{"General": text("Kenobi"), "Hello": text("There")}, "fca026605781cb4126a1e9044df24232"},
		{"Q118", attributes{"Hello": text("There")}, "a311262e065454b75da111d535b8dacd"},
		{"Q118", attributes{"Hello": text("There"), "Help.Me": text("Me")}, "83fee93c1bcd8b9a5a923ffacdc636c7"},
		{"Q119", attributes{"Foo": text("Bar")}, "ae7155c6026991b6d54b11589678bf9c"},
		{"Q120", attributes{"attr1": num("99.12")}, "d302007e9aa062660afc85fd0a482472"},
		{"Q120", attributes{"attr1": num("19.12")}, "1f07082409022a373fa2a2601f82b3cb"},
		{"Q120", attributes{"attr1": num("99.12"), "attr2": num("109.12")}, "9b720b3af309c1c4b0d395c53b08c502"},
	}
	for _, c := range cases {
		w := newTestbed(t)
		url := w.create("q")
		sent := must[*SendMessageOutput](t)(w.SendMessage(ctx(), &SendMessageInput{QueueUrl: url, MessageBody: "x", MessageAttributes: c.attributes}))
		got := w.receiveFrom(url, 1)[0]
		if sent.MD5OfMessageAttributes != c.want || got.MD5OfMessageAttributes != c.want {
			t.Errorf("%s: sent %s, received %s, want %s", c.fact, sent.MD5OfMessageAttributes, got.MD5OfMessageAttributes, c.want)
		}
		if sent.MD5OfMessageSystemAttributes != "" || sent.SequenceNumber != "" {
			t.Errorf("%s: %+v", c.fact, sent)
		}
	}
	w := newTestbed(t)
	url := w.create("q")
	header := "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
	sent := must[*SendMessageOutput](t)(w.SendMessage(ctx(), &SendMessageInput{
		QueueUrl: url, MessageBody: "x",
		MessageSystemAttributes: map[string]MessageSystemAttributeValue{"AWSTraceHeader": {DataType: "String", StringValue: header}},
	}))
	if sent.MD5OfMessageSystemAttributes != "5ae4d5d7636402d80f4eb6d213245a88" || sent.MD5OfMessageAttributes != "" { // [Q121] [Q091]
		t.Errorf("%+v", sent)
	}
	if got := w.receiveFrom(url, 1)[0]; got.Attributes["AWSTraceHeader"] != header {
		t.Errorf("%+v", got)
	}
}

func TestSendRefuses(t *testing.T) {
	attr := func(name string, v MessageAttributeValue) SendMessageInput {
		return SendMessageInput{MessageBody: "x", MessageAttributes: map[string]MessageAttributeValue{name: v}}
	}
	eleven := map[string]MessageAttributeValue{}
	for i := range 11 {
		eleven[fmt.Sprint(i)] = text("x")
	}
	const invalid = "InvalidParameterValue"
	cases := []struct {
		fact       string
		in         SendMessageInput
		code, text string
	}{
		{"Q092", SendMessageInput{}, "MissingParameter", "The request must contain the parameter MessageBody."},
		{"Q094", SendMessageInput{MessageBody: strings.Repeat("x", 1048577)}, invalid, "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."},
		{"Q093 with attributes", SendMessageInput{MessageBody: strings.Repeat("x", 1048576-7), MessageAttributes: map[string]MessageAttributeValue{"a": text("b")}}, invalid,
			"One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."},
		{"Q096 NUL", SendMessageInput{MessageBody: "a\x00"}, "InvalidMessageContents", ""},
		{"Q096 0x08", SendMessageInput{MessageBody: "\x08"}, "InvalidMessageContents", ""},
		{"Q096 0x13", SendMessageInput{MessageBody: "\x13"}, "InvalidMessageContents", ""},
		{"Q096 U+FFFF", SendMessageInput{MessageBody: "\uffff"}, "InvalidMessageContents", ""},
		{"no UTF-8", SendMessageInput{MessageBody: "\xff"}, "InvalidMessageContents", ""},
		{"delay", SendMessageInput{MessageBody: "x", DelaySeconds: p(int32(901))}, invalid, "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900."},
		{"negative delay", SendMessageInput{MessageBody: "x", DelaySeconds: p(int32(-1))}, invalid, ""},
		{"deduplication on a standard queue", SendMessageInput{MessageBody: "x", MessageDeduplicationId: p("id")}, invalid, "Value id for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not valid for this queue type."},
		{"Q105 on a standard queue", SendMessageInput{MessageBody: "x", MessageGroupId: p("a b")}, invalid, ""},
		{"Q107", attr("ErrorDetails", text("")), invalid, "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'."},
		{"Q108", attr("a", text("\x01")), invalid, ""},
		{"Q109 AWS.", attr("AWS.x", text("v")), invalid, ""},
		{"Q109 aws.", attr("aws.x", text("v")), invalid, ""},
		{"Q109 Amazon.", attr("aMazon.x", text("v")), invalid, ""},
		{"Q109 first dot", attr(".x", text("v")), invalid, ""},
		{"Q109 last dot", attr("x.", text("v")), invalid, ""},
		{"two dots", attr("x..y", text("v")), invalid, ""},
		{"Q109 !", attr("x!", text("v")), invalid, ""},
		{`Q109 "`, attr(`x"`, text("v")), invalid, ""},
		{"Q109 §", attr("x§", text("v")), invalid, ""},
		{"Q109 (", attr("x(", text("v")), invalid, ""},
		{"Q109 ?", attr("x?", text("v")), invalid, ""},
		{"Q109 257", attr(strings.Repeat("x", 257), text("v")), invalid, ""},
		{"empty name", attr("", text("v")), invalid, ""},
		{"Q111 no type", attr("a", MessageAttributeValue{StringValue: "v"}), invalid, ""},
		{"Q111 unknown", attr("a", MessageAttributeValue{DataType: "Text", StringValue: "v"}), invalid, ""},
		{"Q111 glued", attr("a", MessageAttributeValue{DataType: "Stringy", StringValue: "v"}), invalid, ""},
		{"Q111 257", attr("a", MessageAttributeValue{DataType: "String." + strings.Repeat("x", 250), StringValue: "v"}), invalid, ""},
		{"too large a number", attr("a", MessageAttributeValue{DataType: "Number", StringValue: "1.1e126"}), invalid, "Can't cast the value of message (user) attribute 'a' to a number."},
		{"too small a number", attr("a", MessageAttributeValue{DataType: "Number", StringValue: "-1.1e128"}), invalid, "Can't cast the value of message (user) attribute 'a' to a number."},
		{"no number", attr("a", MessageAttributeValue{DataType: "Number", StringValue: "one"}), invalid, "Can't cast the value of message (user) attribute 'a' to a number."},
		{"binary in a string", attr("a", MessageAttributeValue{DataType: "String", BinaryValue: []byte("v")}), invalid, ""},
		{"string in a binary", attr("a", MessageAttributeValue{DataType: "Binary", StringValue: "v"}), invalid, ""},
		{"list", attr("a", MessageAttributeValue{DataType: "String", StringListValues: []string{"v"}}), invalid, ""},
		{"11 attributes", SendMessageInput{MessageBody: "x", MessageAttributes: eleven}, invalid, "Number of message attributes [11] exceeds the allowed maximum [10]."},
		{"system attribute", SendMessageInput{MessageBody: "x", MessageSystemAttributes: map[string]MessageSystemAttributeValue{"Other": {DataType: "String", StringValue: "v"}}}, invalid, ""},
		{"system attribute's type", SendMessageInput{MessageBody: "x", MessageSystemAttributes: map[string]MessageSystemAttributeValue{"AWSTraceHeader": {DataType: "Number", StringValue: "1"}}}, invalid, ""},
		{"system attribute's value", SendMessageInput{MessageBody: "x", MessageSystemAttributes: map[string]MessageSystemAttributeValue{"AWSTraceHeader": {DataType: "String"}}}, invalid, ""},
	}
	w := newTestbed(t)
	url := w.create("q")
	for _, c := range cases {
		t.Run(c.fact, func(t *testing.T) {
			c.in.QueueUrl = url
			_, err := w.SendMessage(ctx(), &c.in)
			wantError(t, err, c.code, c.text)
			w.wantCounts(url, 0, 0, 0)
		})
	}
}

func TestSendTakes(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	type attributes = map[string]MessageAttributeValue
	cases := map[string]SendMessageInput{
		"Q097":                  {MessageBody: "\r\n\t\"&quot;<>"},
		"Q094 exactly":          {MessageBody: strings.Repeat("x", 1048576)},
		"beyond the BMP":        {MessageBody: "\U0001f58b \ufffd"},
		"Q104":                  {MessageBody: "x", MessageGroupId: p("tenant")},
		"Q110":                  {MessageBody: "x", MessageAttributes: attributes{"øßä": text("v")}},
		"custom types":          {MessageBody: "x", MessageAttributes: attributes{"a": {DataType: "Number.int", StringValue: "-1.5e3"}, "b": {DataType: "Binary.png", BinaryValue: []byte{0, 1}}}},
		"ten attributes' names": {MessageBody: "x", MessageAttributes: attributes{strings.Repeat("x", 256): text("v"), "a-b_c.d": text("v")}},
	}
	for name, in := range cases {
		t.Run(name, func(t *testing.T) {
			in.QueueUrl = url
			sent := must[*SendMessageOutput](t)(w.SendMessage(ctx(), &in))
			got := w.receiveFrom(url, 10)
			if len(got) != 1 || got[0].Body != in.MessageBody || got[0].MD5OfMessageAttributes != sent.MD5OfMessageAttributes || len(got[0].MessageAttributes) != len(in.MessageAttributes) {
				t.Fatalf("received %.200v", got)
			}
			if in.MessageGroupId != nil && got[0].Attributes["MessageGroupId"] != "tenant" {
				t.Errorf("attributes %v", got[0].Attributes)
			}
			for attribute, v := range in.MessageAttributes {
				back := got[0].MessageAttributes[attribute]
				if back.DataType != v.DataType || back.StringValue != v.StringValue || string(back.BinaryValue) != string(v.BinaryValue) {
					t.Errorf("%s came back as %+v", attribute, back)
				}
			}
			w.delete(url, got[0].ReceiptHandle)
		})
	}
}

func TestReceivedAttributes(t *testing.T) {
	w := newTestbed(t)
	standard, fifo := w.create("q"), w.fifo()
	receive := func(url string, in ReceiveMessageInput) Message {
		t.Helper()
		in.QueueUrl, in.VisibilityTimeout = url, p(int32(0))
		return must[*ReceiveMessageOutput](t)(w.ReceiveMessage(ctx(), &in)).Messages[0]
	}
	names := func(m Message) string { return strings.Join(slices.Sorted(maps.Keys(m.Attributes)), " ") }
	must[*SendMessageOutput](t)(w.SendMessage(ctx(), &SendMessageInput{QueueUrl: standard, MessageBody: "x",
		MessageAttributes: map[string]MessageAttributeValue{"General": text("Kenobi"), "Hello": text("There"), "Help.Me": text("Me")}}))
	w.post(fifo, "g-1")

	const four = "ApproximateFirstReceiveTimestamp ApproximateReceiveCount SenderId SentTimestamp"
	all := []string{"All"}
	cases := []struct {
		fact string
		url  string
		in   ReceiveMessageInput
		want string
	}{
		{"Q132", standard, ReceiveMessageInput{}, ""},
		{"Q141", standard, ReceiveMessageInput{MessageSystemAttributeNames: all}, four},
		{"Q145", standard, ReceiveMessageInput{AttributeNames: all}, four},
		{"Q142", fifo, ReceiveMessageInput{MessageSystemAttributeNames: all}, "ApproximateFirstReceiveTimestamp ApproximateReceiveCount MessageDeduplicationId MessageGroupId SenderId SentTimestamp SequenceNumber"},
		{"Q146", standard, ReceiveMessageInput{MessageSystemAttributeNames: all, AttributeNames: []string{"SenderId"}}, four},
		{"Q147", standard, ReceiveMessageInput{AttributeNames: []string{"SequenceNumber", "SenderId"}}, "SenderId"},
		{"queue attributes mean nothing", standard, ReceiveMessageInput{AttributeNames: []string{"Policy", "QueueArn"}}, ""},
	}
	for _, c := range cases {
		if got := names(receive(c.url, c.in)); got != c.want {
			t.Errorf("%s: %s, want %s", c.fact, got, c.want)
		}
	}
	_, err := w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: standard, AttributeNames: []string{"Foo"}})
	wantError(t, err, "InvalidAttributeName", "Unknown Attribute Foo.")

	user := []struct {
		fact   string
		wanted []string
		want   string
		md5    string
	}{
		{"Q148 All", all, "General Hello Help.Me", "4c360f3fdafd970e05fae2f149d997f5"},
		{"Q148 *", []string{"*"}, "General Hello Help.Me", "4c360f3fdafd970e05fae2f149d997f5"},
		{"Q148 .*", []string{".*"}, "General Hello Help.Me", "4c360f3fdafd970e05fae2f149d997f5"},
		{"Q149", nil, "", ""},
		{"Q150", []string{"Hel.*"}, "Hello Help.Me", "83fee93c1bcd8b9a5a923ffacdc636c7"},
		{"Q151", []string{"Foo", "AWS.", "..foo"}, "", ""},
		{"Q152", []string{"Hello"}, "Hello", "a311262e065454b75da111d535b8dacd"},
		{"Q152", []string{"Hello", "General"}, "General Hello", "fca026605781cb4126a1e9044df24232"},
	}
	for _, c := range user {
		m := receive(standard, ReceiveMessageInput{MessageAttributeNames: c.wanted})
		if got := strings.Join(slices.Sorted(maps.Keys(m.MessageAttributes)), " "); got != c.want || m.MD5OfMessageAttributes != c.md5 {
			t.Errorf("%s: %s %s, want %s %s", c.fact, got, m.MD5OfMessageAttributes, c.want, c.md5)
		}
	}
}

func TestReceiveRefuses(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	cases := []struct {
		fact string
		in   ReceiveMessageInput
		text string
	}{
		{"Q135", ReceiveMessageInput{MaxNumberOfMessages: p(int32(11))}, "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."},
		{"0 messages", ReceiveMessageInput{MaxNumberOfMessages: p(int32(0))}, "Value 0 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."},
		{"Q136", ReceiveMessageInput{WaitTimeSeconds: p(int32(21))}, "Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."},
		{"Q136", ReceiveMessageInput{WaitTimeSeconds: p(int32(-1))}, "Value -1 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided."},
		{"visibility", ReceiveMessageInput{VisibilityTimeout: p(int32(43201))}, ""},
	}
	for _, c := range cases {
		c.in.QueueUrl = url
		_, err := w.ReceiveMessage(ctx(), &c.in)
		wantError(t, err, "InvalidParameterValue", c.text)
	}
}

func TestSenders(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	role := &api.Caller{Principal: policyeval.Principal{Type: policyeval.AssumedRole, Account: account}, UserID: "AROAX:session"}
	anonymous := &api.Request{Caller: &api.Caller{}, Region: region, SourceIP: "192.0.2.1", TraceHeader: "Root=2"}
	service := &api.Caller{Principal: policyeval.Principal{Type: policyeval.Service, Service: "sns.amazonaws.com"}}
	other := &api.Caller{Principal: policyeval.Principal{Type: policyeval.Service, Service: "events.amazonaws.com"}}
	want := map[string]context.Context{
		account: ctx(), "AIDAalice": as(user("alice")), "AROAX:session": as(role), "192.0.2.1": api.WithRequest(context.Background(), anonymous),
		"AIDAIT2UOQQY3AUEKVGXU": as(service), serviceSender("events.amazonaws.com"): as(other),
	}
	for sender, ctx := range want {
		must[*SendMessageOutput](t)(w.SendMessage(ctx, &SendMessageInput{QueueUrl: url, MessageBody: sender}))
		got := w.receiveFrom(url, 1)[0]
		if got.Attributes["SenderId"] != sender || len(sender) == 0 {
			t.Errorf("sender %q is %q", sender, got.Attributes["SenderId"])
		}
		if trace := got.Attributes["AWSTraceHeader"]; trace != api.RequestFrom(ctx).TraceHeader { // [Q112]
			t.Errorf("trace header %q", trace)
		}
	}
	if id := serviceSender("events.amazonaws.com"); len(id) != 21 {
		t.Errorf("a service's id is %q", id)
	}
}

func TestChangeMessageVisibility(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	w.sendTo(url, "x")
	hide := func(handle string, seconds int32) error {
		_, err := w.ChangeMessageVisibility(ctx(), &ChangeMessageVisibilityInput{QueueUrl: url, ReceiptHandle: handle, VisibilityTimeout: &seconds})
		return err
	}
	got := w.receiveFrom(url, 1)[0]
	w.hide(url, got.ReceiptHandle, 0) // [Q177]
	again := w.receiveFrom(url, 1)[0]
	w.clock.Advance(10 * time.Second)
	wantError(t, hide(again.ReceiptHandle, 43191), "InvalidParameterValue",
		"Value 43191 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]")
	wantError(t, hide(again.ReceiptHandle, 43201), "InvalidParameterValue", "")
	w.hide(url, again.ReceiptHandle, 43190)
	w.clock.Advance(43190*time.Second - time.Millisecond)
	wantBodies(t, w.receiveFrom(url, 1))
	w.clock.Advance(time.Millisecond)
	last := w.receiveFrom(url, 1)
	wantBodies(t, last, "x")
	w.delete(url, last[0].ReceiptHandle)
	wantError(t, hide(last[0].ReceiptHandle, 5), "InvalidParameterValue", // [Q175]
		"Value "+last[0].ReceiptHandle+" for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.")
	wantError(t, hide("garbage", 5), "ReceiptHandleIsInvalid", `The input receipt handle "garbage" is not a valid receipt handle.`) // [Q174]
}

func TestHandlesAreUnforgeable(t *testing.T) {
	w := newTestbed(t)
	url, other := w.create("q"), w.create("other")
	w.sendTo(url, "x")
	handle := w.receiveFrom(url, 1)[0].ReceiptHandle
	del := func(w *testbed, url, handle string) error {
		_, err := w.DeleteMessage(ctx(), &DeleteMessageInput{QueueUrl: url, ReceiptHandle: handle})
		return err
	}
	for i := range handle {
		forged := []byte(handle)
		forged[i] = 'A' + (forged[i]+1)%26
		if string(forged) != handle {
			wantError(t, del(w, url, string(forged)), "ReceiptHandleIsInvalid", "")
		}
	}
	wantError(t, del(w, other, handle), "ReceiptHandleIsInvalid", "") // another queue's
	strange := newTestbed(t)
	strange.create("q")
	wantError(t, del(strange, url, handle), "ReceiptHandleIsInvalid", "") // another installation's

	again := New(w.Config) // after a restart the handles are good
	t.Cleanup(again.Close)
	if err := del(&testbed{T: t, Service: again}, url, handle); err != nil {
		t.Error(err)
	}
	w.wantCounts(url, 0, 0, 0)
}

func TestInFlightLimit(t *testing.T) {
	w := newTestbed(t)
	url := w.create("q")
	w.fill(url, maxInFlight+1)
	for range maxInFlight / 10 {
		if got := must[*ReceiveMessageOutput](t)(w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: p(int32(10))})); len(got.Messages) != 10 {
			t.Fatalf("%d messages", len(got.Messages))
		}
	}
	_, err := w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: url})
	wantError(t, err, "OverLimit", "")
	if status := api.AsError(err).HTTPStatus(); status != 403 {
		t.Errorf("status %d", status)
	}
	out := make(chan int)
	go func() { // a long poll is told nothing, and goes on when there is room again
		got, err := w.ReceiveMessage(ctx(), &ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: p(int32(20)), MaxNumberOfMessages: p(int32(10))})
		if err != nil {
			t.Error(err)
		}
		out <- len(got.Messages)
	}()
	w.waitForPolls(url, 1)
	w.clock.Advance(15 * time.Second)
	select {
	case n := <-out:
		t.Fatalf("%d messages over the limit", n)
	case <-time.After(10 * time.Millisecond):
	}
	w.clock.Advance(15 * time.Second)
	if n := <-out; n != 10 {
		t.Errorf("%d messages when there was room", n)
	}
}

// fill puts n messages into a queue, in batches.
func (w *testbed) fill(url string, n int) {
	w.Helper()
	for i := 0; i < n; i += 10 {
		must[*SendMessageBatchOutput](w.T)(w.SendMessageBatch(ctx(), &SendMessageBatchInput{QueueUrl: url, Entries: entries(min(10, n-i))}))
	}
}

func TestPlainPrefix(t *testing.T) {
	for c := range 256 {
		for at := range 20 {
			text := strings.Repeat("~", at) + string([]byte{byte(c)}) + strings.Repeat(" ", 17-at%9)
			want := at
			if ' ' <= c && c < utf8.RuneSelf {
				want = len(text)
			}
			if got := plainPrefix(text); got != want {
				t.Fatalf("%q: %d, want %d", text, got, want)
			}
		}
	}
}
