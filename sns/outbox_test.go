package sns

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/trail"
)

// confirmMail subscribes an address that confirms, and answers the mail that it got.
func (w *testbed) confirmMail(protocol string) (subscription string, mail Captured) {
	w.t.Helper()
	subscription = w.subscribe(testTopic, protocol, "a@example.com")
	taken := w.out.take()
	if len(taken) != 1 {
		w.t.Fatalf("captured %+v", taken)
	}
	mail = taken[0]
	_, token, _ := strings.Cut(mail.Body, "&Token=")
	token = strings.TrimRight(token[:min(len(token), tokenLength)], "\"\n ")
	if _, err := w.ConfirmSubscription(request(anonymous), &ConfirmSubscriptionInput{TopicArn: testTopic, Token: token}); err != nil {
		w.t.Fatal(err)
	}
	return subscription, mail
}

func TestCaptured(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	email, mail := w.confirmMail("email")
	if mail.Subject != "AWS Notification - Subscription Confirmation" || !strings.Contains(mail.Body, "You have chosen to subscribe to the topic "+testTopic) {
		t.Errorf("the confirmation is %+v", mail)
	}
	emailJSON, mail := w.confirmMail("email-json")
	if body, _ := members(t, mail.Body); body["Type"] != "SubscriptionConfirmation" {
		t.Errorf("the confirmation is %+v", mail)
	}
	lambdaArn, streamArn := "arn:aws:lambda:us-east-1:123456789012:function:f", "arn:aws:firehose:us-east-1:123456789012:deliverystream/s"
	lambda := w.subscribe(testTopic, "lambda", lambdaArn)
	stream := w.subscribe(testTopic, "firehose", streamArn, "SubscriptionRoleArn", "arn:aws:iam::123456789012:role/r")
	sms := w.subscribe(testTopic, "sms", "+15551234567")
	out := w.publish(&PublishInput{TopicArn: ptr(testTopic), Subject: ptr("S"), MessageStructure: "json", MessageAttributes: readAttributes("a=String:b"),
		Message: `{"default":"d","email":"for mail","sms":"for phones","lambda":"for functions"}`})
	got := map[string]Captured{}
	for _, c := range w.out.take() {
		if c.MessageID != out.MessageId || c.TopicArn != testTopic || !c.Time.Equal(testStart) {
			t.Errorf("captured %+v", c)
		}
		got[c.Protocol] = c
	}
	want := map[string][3]string{ // subscription, endpoint, subject
		"email": {email, "a@example.com", "S"}, "email-json": {emailJSON, "a@example.com", "S"},
		"lambda": {lambda, lambdaArn, ""}, "firehose": {stream, streamArn, ""}, "sms": {sms, "+15551234567", "S"},
	}
	for protocol, w := range want {
		if c := got[protocol]; c.SubscriptionArn != w[0] || c.Endpoint != w[1] || c.Subject != w[2] {
			t.Errorf("%s: captured %+v", protocol, c)
		}
	}
	if !strings.HasPrefix(got["email"].Body, "for mail\n\n--\n") || !strings.Contains(got["email"].Body, "?Action=Unsubscribe&SubscriptionArn="+email) {
		t.Errorf("the mail is %q", got["email"].Body)
	}
	if got["sms"].Body != "for phones" || got["sms"].Attributes["a"].text() != "b" {
		t.Errorf("the text message is %+v", got["sms"])
	}
	if body, _ := members(t, got["firehose"].Body); body["Message"] != "d" || body["Subject"] != "S" {
		t.Errorf("the stream got %v", body)
	}
	var event struct {
		Records []struct {
			EventSource, EventVersion, EventSubscriptionArn string
			Sns                                             map[string]any
		}
	}
	if err := json.Unmarshal([]byte(got["lambda"].Body), &event); err != nil || len(event.Records) != 1 {
		t.Fatalf("%v in %s", err, got["lambda"].Body)
	}
	record := event.Records[0]
	for _, name := range []string{"Signature", "SigningCertUrl"} {
		if record.Sns[name] == "" {
			t.Errorf("the event has no %s", name)
		}
		delete(record.Sns, name)
	}
	wantSns := map[string]any{
		"Type": "Notification", "MessageId": out.MessageId, "TopicArn": testTopic, "Subject": "S", "Message": "for functions",
		"Timestamp": "2026-01-02T03:04:05.678Z", "SignatureVersion": "1",
		"UnsubscribeUrl":    "https://localhost:4566/?Action=Unsubscribe&SubscriptionArn=" + lambda,
		"MessageAttributes": map[string]any{"a": map[string]any{"Type": "String", "Value": "b"}},
	}
	if diff := cmp.Diff(wantSns, record.Sns); diff != "" || record.EventSource != "aws:sns" || record.EventSubscriptionArn != lambda {
		t.Errorf("%+v %s", record, diff)
	}
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "plain"})
	for _, c := range w.out.take() {
		if c.Protocol == "lambda" && (!strings.Contains(c.Body, `"Subject":null`) || !strings.Contains(c.Body, `"MessageAttributes":{}`)) {
			t.Errorf("the event is %s", c.Body)
		}
	}
	for _, d := range w.record.all() {
		if d.Status != trail.StatusSuccess {
			t.Errorf("recorded %+v", d)
		}
	}
}

func TestFirehoseRaw(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.subscribe(testTopic, "firehose", "arn:aws:firehose:us-east-1:123456789012:deliverystream/s", "SubscriptionRoleArn", "arn:aws:iam::123456789012:role/r", "RawMessageDelivery", "true")
	w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	if got := w.out.take(); len(got) != 1 || got[0].Body != "m" {
		t.Errorf("captured %+v", got)
	}
}

func TestWithoutOutboxAndHTTPSender(t *testing.T) {
	w := newTestbed(t, func(c *Config) { c.Outbox, c.HTTPSender = nil, nil })
	w.createTopic("orders")
	w.subscribe(testTopic, "sms", "+15551234567")
	out := w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	w.await(out.MessageId, status(trail.StatusSuccess, 1))
	w.subscribe(testTopic, "http", testURL)
	for _, d := range w.record.all() {
		if d.Protocol == "http" {
			d = w.await(d.MessageID, status(trail.StatusPending, 1))
			if d.ProviderResponse != errNowhere.Error() {
				t.Errorf("recorded %+v", d)
			}
		}
	}
}

func TestPublishToPhone(t *testing.T) { // [N097]
	w := newTestbed(t)
	out := w.publish(&PublishInput{PhoneNumber: ptr("+15551234567"), Message: "hello", MessageAttributes: readAttributes("AWS.SNS.SMS.SenderID=String:me")})
	got := w.out.take()
	if len(got) != 1 || got[0].MessageID != out.MessageId || got[0].Body != "hello" || got[0].Endpoint != "+15551234567" || got[0].Attributes["AWS.SNS.SMS.SenderID"].text() != "me" {
		t.Errorf("captured %+v", got)
	}
	w.await(out.MessageId, status(trail.StatusSuccess, 1))
	for _, number := range []string{"+1a234", "NAA+15551234567"} {
		_, err := w.Publish(request(), &PublishInput{PhoneNumber: ptr(number), Message: "m"})
		wantError(t, err, "InvalidParameter", "Invalid parameter: PhoneNumber Reason: "+number+" is not valid to publish to")
	}
	target := targetOf(w.publishTarget(request(), &PublishInput{PhoneNumber: ptr("+15551234567")}))
	if target.ARN != "+15551234567" || target.Account != testAccount {
		t.Errorf("the target is %+v", target)
	}
	_, _, err := w.publishTarget(request(), &PublishInput{PhoneNumber: ptr("+15551234567"), TopicArn: ptr(testTopic)})
	wantError(t, err, "InvalidParameter", "Invalid parameter: TopicArn, TargetArn or PhoneNumber Reason: only one of them can be given")
}

func TestOptOut(t *testing.T) { // [N194]
	w := newTestbed(t)
	w.createTopic("orders")
	w.subscribe(testTopic, "sms", "+1555-123-4567")
	const number = "+15551234567"
	check := func() bool {
		return must(w.CheckIfPhoneNumberIsOptedOut(request(), &CheckIfPhoneNumberIsOptedOutInput{PhoneNumber: number})).IsOptedOut
	}
	list := func() []string {
		return must(w.ListPhoneNumbersOptedOut(request(), &ListPhoneNumbersOptedOutInput{})).PhoneNumbers
	}
	if check() || list() == nil || len(list()) != 0 {
		t.Errorf("before: %v, %v", check(), list())
	}
	if err := w.OptOut(t.Context(), testAccount, testRegion, number); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{number}, list()); diff != "" || !check() {
		t.Error(check(), diff)
	}
	for _, in := range []*PublishInput{{PhoneNumber: ptr(number), Message: "m"}, {TopicArn: ptr(testTopic), Message: "m"}} {
		out := w.publish(in)
		if d := w.await(out.MessageId, status(trail.StatusFailure, 1)); d.ProviderResponse != "Phone number is opted out" {
			t.Errorf("recorded %+v", d)
		}
	}
	if got := w.out.take(); got != nil {
		t.Errorf("captured %+v", got)
	}
	must(w.OptInPhoneNumber(request(), &OptInPhoneNumberInput{PhoneNumber: number}))
	must(w.OptInPhoneNumber(request(), &OptInPhoneNumberInput{PhoneNumber: "+15550000000"}))
	if check() {
		t.Error("still opted out")
	}
	_, err := w.OptInPhoneNumber(request(), &OptInPhoneNumberInput{PhoneNumber: "nope"})
	wantError(t, err, "InvalidParameter", "Invalid parameter: PhoneNumber Reason: input incorrectly formatted")
	_, err = w.CheckIfPhoneNumberIsOptedOut(request(), &CheckIfPhoneNumberIsOptedOutInput{PhoneNumber: "nope"})
	wantError(t, err, "InvalidParameter", "Invalid parameter: PhoneNumber Reason: input incorrectly formatted")
	wantError(t, w.OptOut(t.Context(), testAccount, testRegion, "nope"), "InvalidParameter", "Invalid parameter: PhoneNumber Reason: input incorrectly formatted")
}

func TestSMSAttributes(t *testing.T) { // [N192] [N193]
	w := newTestbed(t)
	get := func(names ...string) map[string]string {
		return must(w.GetSMSAttributes(request(), &GetSMSAttributesInput{Attributes: names})).Attributes
	}
	set := func(pair ...string) error {
		_, err := w.SetSMSAttributes(request(), &SetSMSAttributesInput{Attributes: pairs(pair)})
		return err
	}
	if diff := cmp.Diff(map[string]string{"MonthlySpendLimit": "1"}, get()); diff != "" {
		t.Error(diff)
	}
	if err := set("DefaultSMSType", "Transactional", "DefaultSenderID", "MyBrand", "MonthlySpendLimit", "5", "DeliveryStatusSuccessSamplingRate", "100",
		"DeliveryStatusIAMRole", "arn:aws:iam::123456789012:role/r", "UsageReportS3Bucket", "b"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"DefaultSMSType": "Transactional", "MonthlySpendLimit": "5"}, get("DefaultSMSType", "MonthlySpendLimit")); diff != "" {
		t.Error(diff)
	}
	if err := set("DefaultSMSType", ""); err != nil || get()["DefaultSMSType"] != "" || len(get()) != 5 {
		t.Errorf("%v, %v", err, get())
	}
	for pair, message := range map[[2]string]string{
		{"InvalidAttribute", "x"}:                    "InvalidAttribute is not a valid attribute",
		{"DefaultSMSType", "x"}:                      "DefaultSMSType is invalid",
		{"DefaultSenderID", "12345"}:                 "DefaultSenderID is invalid",
		{"DefaultSenderID", "TwelveLetter"}:          "DefaultSenderID is invalid",
		{"MonthlySpendLimit", "-1"}:                  "MonthlySpendLimit is invalid",
		{"DeliveryStatusSuccessSamplingRate", "101"}: "DeliveryStatusSuccessSamplingRate is invalid",
		{"DeliveryStatusIAMRole", "r"}:               "DeliveryStatusIAMRole is invalid",
	} {
		wantError(t, set(pair[0], pair[1]), "InvalidParameter", message)
	}
	_, err := w.GetSMSAttributes(request(), &GetSMSAttributesInput{Attributes: []string{"x"}})
	wantError(t, err, "InvalidParameter", "x is not a valid attribute")
	if diff := cmp.Diff(map[string]string{"MonthlySpendLimit": "1"}, must(w.GetSMSAttributes(request(in("eu-west-1")), &GetSMSAttributesInput{})).Attributes); diff != "" {
		t.Error(diff)
	}
}

func TestSandbox(t *testing.T) {
	w := newTestbed(t)
	const number = "+15551234567"
	list := func() []SMSSandboxPhoneNumber {
		return must(w.ListSMSSandboxPhoneNumbers(request(), &ListSMSSandboxPhoneNumbersInput{})).PhoneNumbers
	}
	if must(w.GetSMSSandboxAccountStatus(request(), nil)).IsInSandbox || list() == nil {
		t.Error("in the sandbox, or no list")
	}
	must(w.CreateSMSSandboxPhoneNumber(request(), &CreateSMSSandboxPhoneNumberInput{PhoneNumber: number}))
	sent := w.out.take()
	if len(sent) != 1 || sent[0].Endpoint != number {
		t.Fatalf("captured %+v", sent)
	}
	password := sent[0].Body[len(sent[0].Body)-6:]
	verify := func(number, password string) error {
		_, err := w.VerifySMSSandboxPhoneNumber(request(), &VerifySMSSandboxPhoneNumberInput{PhoneNumber: number, OneTimePassword: password})
		return err
	}
	wrong := "000000"
	if password == wrong {
		wrong = "000001"
	}
	wantError(t, verify(number, wrong), "VerificationException", "The one-time password (OTP) is incorrect or has expired.")
	wantError(t, verify("+15550000000", password), "ResourceNotFound", "Phone number does not exist in the SMS sandbox")
	if diff := cmp.Diff([]SMSSandboxPhoneNumber{{number, "Pending"}}, list()); diff != "" {
		t.Error(diff)
	}
	w.clock.Advance(passwordPeriod)
	wantError(t, verify(number, password), "VerificationException", "The one-time password (OTP) is incorrect or has expired.")
	must(w.CreateSMSSandboxPhoneNumber(request(), &CreateSMSSandboxPhoneNumberInput{PhoneNumber: number}))
	body := w.out.take()[0].Body
	if err := verify(number, body[len(body)-6:]); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]SMSSandboxPhoneNumber{{number, "Verified"}}, list()); diff != "" {
		t.Error(diff)
	}
	for i := range 9 {
		must(w.CreateSMSSandboxPhoneNumber(request(), &CreateSMSSandboxPhoneNumberInput{PhoneNumber: fmt.Sprint("+155500000", 10+i)}))
	}
	_, err := w.CreateSMSSandboxPhoneNumber(request(), &CreateSMSSandboxPhoneNumberInput{PhoneNumber: "+15550000099"})
	wantError(t, err, "UserError", "You can add up to 10 destination phone numbers")
	page := must(w.ListSMSSandboxPhoneNumbers(request(), &ListSMSSandboxPhoneNumbersInput{MaxResults: 4}))
	rest := must(w.ListSMSSandboxPhoneNumbers(request(), &ListSMSSandboxPhoneNumbersInput{NextToken: page.NextToken}))
	if len(page.PhoneNumbers) != 4 || len(rest.PhoneNumbers) != 6 || rest.NextToken != "" {
		t.Errorf("pages of %d and %d", len(page.PhoneNumbers), len(rest.PhoneNumbers))
	}
	must(w.DeleteSMSSandboxPhoneNumber(request(), &DeleteSMSSandboxPhoneNumberInput{PhoneNumber: number}))
	_, err = w.DeleteSMSSandboxPhoneNumber(request(), &DeleteSMSSandboxPhoneNumberInput{PhoneNumber: number})
	wantError(t, err, "ResourceNotFound", "Phone number does not exist in the SMS sandbox")
	if err := w.OptOut(t.Context(), testAccount, testRegion, number); err != nil {
		t.Fatal(err)
	}
	_, err = w.CreateSMSSandboxPhoneNumber(request(), &CreateSMSSandboxPhoneNumberInput{PhoneNumber: number})
	wantError(t, err, "OptedOut", "Phone number is opted out")
	if numbers := must(w.ListOriginationNumbers(request(), &ListOriginationNumbersInput{})).PhoneNumbers; numbers == nil || len(numbers) != 0 {
		t.Errorf("origination numbers %v", numbers)
	}
}
