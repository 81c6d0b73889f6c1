package sns

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/trail"
)

const testApp = "arn:aws:sns:us-east-1:123456789012:app/GCM/shop"

func (w *testbed) createApplication(attributes ...string) {
	w.t.Helper()
	given := pairs(append(attributes, "PlatformCredential", "top secret"))
	out, err := w.CreatePlatformApplication(request(), &CreatePlatformApplicationInput{Name: "shop", Platform: "GCM", Attributes: given})
	if err != nil || out.PlatformApplicationArn != testApp {
		w.t.Fatal(out, err)
	}
}

func (w *testbed) createDevice(token string, attributes ...string) string {
	w.t.Helper()
	out, err := w.CreatePlatformEndpoint(request(), &CreatePlatformEndpointInput{PlatformApplicationArn: testApp, Token: token, Attributes: pairs(attributes)})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.EndpointArn
}

func (w *testbed) deviceAttributes(device string) map[string]string {
	w.t.Helper()
	out, err := w.GetEndpointAttributes(request(), &GetEndpointAttributesInput{EndpointArn: device})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.Attributes
}

func TestPlatformApplications(t *testing.T) { // [N199]
	w := newTestbed(t)
	w.createApplication("SuccessFeedbackSampleRate", "10")
	get := func() map[string]string {
		return must(w.GetPlatformApplicationAttributes(request(), &GetPlatformApplicationAttributesInput{PlatformApplicationArn: testApp})).Attributes
	}
	if diff := cmp.Diff(map[string]string{"Enabled": "true", "SuccessFeedbackSampleRate": "10"}, get()); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(w.dump(), "top secret") {
		t.Error("the credential is stored")
	}
	must(w.SetPlatformApplicationAttributes(request(), &SetPlatformApplicationAttributesInput{PlatformApplicationArn: testApp, Attributes: map[string]string{"Enabled": "FALSE", "PlatformCredential": "new"}}))
	if got := get()["Enabled"]; got != "false" {
		t.Errorf("Enabled is %s", got)
	}
	list := must(w.ListPlatformApplications(request(), &ListPlatformApplicationsInput{})).PlatformApplications
	if len(list) != 1 || list[0].PlatformApplicationArn != testApp || list[0].Attributes["Enabled"] != "false" {
		t.Errorf("listed %+v", list)
	}
	if other := must(w.ListPlatformApplications(request(in("eu-west-1")), &ListPlatformApplicationsInput{})).PlatformApplications; other == nil || len(other) != 0 {
		t.Errorf("another region lists %v", other)
	}
	w.createDevice("t")
	for range 2 {
		must(w.DeletePlatformApplication(request(), &DeletePlatformApplicationInput{PlatformApplicationArn: testApp}))
	}
	if left := w.dump(); strings.Contains(left, "shop") {
		t.Errorf("left behind: %s", left)
	}
}

func TestPlatformApplicationsRefused(t *testing.T) { // [N196]-[N198]
	w := newTestbed(t)
	both := map[string]string{"PlatformPrincipal": "p", "PlatformCredential": "c"}
	long := strings.Repeat("a", 257)
	for name, c := range map[string]struct {
		name, platform string
		attributes     map[string]string
		message        string
	}{
		"N196 only a principal":  {"a", "ADM", map[string]string{"PlatformPrincipal": "p"}, "Attributes Reason: PlatformPrincipal attribute provided without PlatformCredential"},
		"N196 only a credential": {"a", "ADM", map[string]string{"PlatformCredential": "c"}, "Attributes Reason: PlatformCredential attribute provided without PlatformPrincipal"},
		"N197":                   {"a", "AAA", both, "Platform Reason: AAA is not supported"},
		"N198 empty":             {"", "ADM", both, " Reason: cannot be empty"},
		"N198 too long":          {long, "ADM", both, long + " Reason: must be at most 256 characters long"},
		"N198 characters":        {"@name", "ADM", both, "@name Reason: must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'"},
		"unknown attribute":      {"a", "ADM", map[string]string{"PlatformPrincipal": "p", "PlatformCredential": "c", "X": "y"}, "Attributes Reason: Invalid attribute name: X"},
		"bad value":              {"a", "ADM", map[string]string{"PlatformPrincipal": "p", "PlatformCredential": "c", "SuccessFeedbackSampleRate": "y"}, "Attributes Reason: SuccessFeedbackSampleRate: Invalid value [y]. Must be an integer between 0 and 100."},
	} {
		_, err := w.CreatePlatformApplication(request(), &CreatePlatformApplicationInput{Name: c.name, Platform: c.platform, Attributes: c.attributes})
		t.Run(name, func(t *testing.T) { wantError(t, err, "InvalidParameter", "Invalid parameter: "+c.message) })
	}
	must(w.CreatePlatformApplication(request(), &CreatePlatformApplicationInput{Name: "a.b_C-9", Platform: "ADM", Attributes: both}))
}

func TestPlatformTargets(t *testing.T) { // [N088] [N200] [N201] [N207] [N208]
	w := newTestbed(t)
	w.createApplication()
	device := w.createDevice("t")
	application := onApplication(w.Service, errApplicationNotFound, (*GetPlatformApplicationAttributesInput).application)
	endpoint := onDevice(w.Service, errDeviceNotFound, (*GetEndpointAttributesInput).device)
	for arn, message := range map[string]string{
		"x":       "PlatformApplicationArn Reason: An ARN must have at least 6 elements, not 1",
		testTopic: "PlatformApplicationArn",
		strings.Replace(testApp, "us-east-1", "us-west-2", 1): "PlatformApplicationArn",
	} {
		_, _, err := application(request(), &GetPlatformApplicationAttributesInput{PlatformApplicationArn: arn})
		wantError(t, err, "InvalidParameter", "Invalid parameter: "+message)
	}
	if target := targetOf(application(request(), &GetPlatformApplicationAttributesInput{PlatformApplicationArn: testApp})); target.Missing != nil || target.Account != testAccount {
		t.Errorf("the target is %+v", target)
	}
	target := targetOf(application(request(), &GetPlatformApplicationAttributesInput{PlatformApplicationArn: testApp + "x"}))
	wantError(t, target.Missing, "NotFound", "PlatformApplication does not exist")
	for arn, message := range map[string]string{
		"x":       "EndpointArn Reason: An ARN must have at least 6 elements, not 1",
		testTopic: "EndpointArn Reason: Wrong number of slashes in relative portion of the ARN.",
		strings.Replace(device, "us-east-1", "us-west-2", 1): "EndpointArn",
	} {
		_, _, err := endpoint(request(), &GetEndpointAttributesInput{EndpointArn: arn})
		wantError(t, err, "InvalidParameter", "Invalid parameter: "+message)
	}
	target = targetOf(endpoint(request(), &GetEndpointAttributesInput{EndpointArn: device + "x"}))
	wantError(t, target.Missing, "NotFound", "Endpoint does not exist")
	target = targetOf(w.publishTarget(request(), &PublishInput{TargetArn: ptr(device + "x")}))
	wantError(t, target.Missing, "InvalidParameter", "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified")
	for _, err := range []error{
		second(w.GetPlatformApplicationAttributes(request(), &GetPlatformApplicationAttributesInput{PlatformApplicationArn: testApp + "x"})),
		second(w.SetPlatformApplicationAttributes(request(), &SetPlatformApplicationAttributesInput{PlatformApplicationArn: testApp + "x"})),
		second(w.CreatePlatformEndpoint(request(), &CreatePlatformEndpointInput{PlatformApplicationArn: testApp + "x", Token: "t"})),
	} {
		wantError(t, err, "NotFound", "PlatformApplication does not exist")
	}
	for _, err := range []error{
		second(w.GetEndpointAttributes(request(), &GetEndpointAttributesInput{EndpointArn: device + "x"})),
		second(w.SetEndpointAttributes(request(), &SetEndpointAttributesInput{EndpointArn: device + "x"})),
	} {
		wantError(t, err, "NotFound", "Endpoint does not exist")
	}
}

func second[T any](_ T, err error) error { return err }

func TestDevices(t *testing.T) { // [N203]-[N206] [M010] [M011]
	w := newTestbed(t)
	w.createApplication()
	device := w.createDevice("t1")
	if id, ok := strings.CutPrefix(device, "arn:aws:sns:us-east-1:123456789012:endpoint/GCM/shop/"); !ok || len(id) != 36 {
		t.Errorf("the endpoint is %s", device)
	}
	if diff := cmp.Diff(map[string]string{"Enabled": "true", "Token": "t1"}, w.deviceAttributes(device)); diff != "" {
		t.Error(diff)
	}
	for _, attributes := range [][]string{nil, {"Enabled", "true"}, {"Enabled", "TRUE"}} {
		if again := w.createDevice("t1", attributes...); again != device {
			t.Errorf("%v: %s", attributes, again)
		}
	}
	_, err := w.CreatePlatformEndpoint(request(), &CreatePlatformEndpointInput{PlatformApplicationArn: testApp, Token: "t1", CustomUserData: "x"})
	wantError(t, err, "InvalidParameter", "Invalid parameter: Token Reason: Endpoint "+device+" already exists with the same Token, but different attributes.")
	data := must(w.CreatePlatformEndpoint(request(), &CreatePlatformEndpointInput{PlatformApplicationArn: testApp, Token: "t2", CustomUserData: "parameter", Attributes: map[string]string{"CustomUserData": "attribute"}})).EndpointArn
	if got := w.deviceAttributes(data)["CustomUserData"]; got != "attribute" {
		t.Errorf("CustomUserData is %s", got)
	}
	for attributes, message := range map[[2]string]string{
		{"InvalidKey", "x"}:                           "Attributes Reason: Invalid attribute name: InvalidKey",
		{"CustomUserData", strings.Repeat("a", 2049)}: "Attributes Reason: Invalid value for attribute: CustomUserData: must be at most 2048 bytes long in UTF-8 encoding",
		{"Enabled", "maybe"}:                          "Attributes Reason: Invalid value for attribute: Enabled: Invalid value [maybe]. Must be true or false.",
		{"Token", "t2"}:                               "Token Reason: Endpoint " + data + " already exists with the same Token, but different attributes.",
	} {
		_, err := w.SetEndpointAttributes(request(), &SetEndpointAttributesInput{EndpointArn: device, Attributes: map[string]string{attributes[0]: attributes[1]}})
		wantError(t, err, "InvalidParameter", "Invalid parameter: "+message)
	}
	must(w.SetEndpointAttributes(request(), &SetEndpointAttributesInput{EndpointArn: data, Attributes: map[string]string{"Token": "t3", "CustomUserData": "", "Enabled": "false"}}))
	if diff := cmp.Diff(map[string]string{"Enabled": "false", "Token": "t3"}, w.deviceAttributes(data)); diff != "" {
		t.Error(diff)
	}
	if fresh := w.createDevice("t2"); fresh == data || fresh == device {
		t.Error("the old token still names an endpoint")
	}
	w.createTopic("orders")
	subscription := w.subscribe(testTopic, "application", device)
	for range 2 {
		must(w.DeleteEndpoint(request(), &DeleteEndpointInput{EndpointArn: device}))
	}
	if list := must(w.ListSubscriptionsByTopic(request(), &ListSubscriptionsByTopicInput{TopicArn: testTopic})).Subscriptions; len(list) != 1 || list[0].SubscriptionArn != subscription { // [N208]
		t.Errorf("listed %v", list)
	}
	_, err = w.Subscribe(request(), &SubscribeInput{TopicArn: testTopic, Protocol: "application", Endpoint: device})
	wantError(t, err, "InvalidParameter", "Invalid parameter: Endpoint Reason: Endpoint does not exist for endpoint arn"+device) // [M013]
}

func TestListDevices(t *testing.T) {
	w := newTestbed(t)
	w.createApplication()
	for i := range 101 {
		w.createDevice(fmt.Sprint(i))
	}
	first := must(w.ListEndpointsByPlatformApplication(request(), &ListEndpointsByPlatformApplicationInput{PlatformApplicationArn: testApp}))
	rest := must(w.ListEndpointsByPlatformApplication(request(), &ListEndpointsByPlatformApplicationInput{PlatformApplicationArn: testApp, NextToken: first.NextToken}))
	if len(first.Endpoints) != 100 || len(rest.Endpoints) != 1 || rest.NextToken != "" || rest.Endpoints[0].Attributes["Enabled"] != "true" {
		t.Errorf("pages of %d and %d", len(first.Endpoints), len(rest.Endpoints))
	}
}

func TestPublishToADevice(t *testing.T) { // [M012]
	w := newTestbed(t)
	w.createApplication()
	device := w.createDevice("t")
	out := w.publish(&PublishInput{TargetArn: ptr(device), MessageStructure: "json", Message: `{"default":"d","GCM":"{\"data\":1}"}`})
	got := w.out.take()
	if len(got) != 1 || got[0].Body != `{"data":1}` || got[0].Endpoint != device || got[0].MessageID != out.MessageId {
		t.Errorf("captured %+v", got)
	}
	w.await(out.MessageId, status(trail.StatusSuccess, 1))
	must(w.SetEndpointAttributes(request(), &SetEndpointAttributesInput{EndpointArn: device, Attributes: map[string]string{"Enabled": "false"}}))
	_, err := w.Publish(request(), &PublishInput{TargetArn: ptr(device), Message: "m"})
	wantError(t, err, "EndpointDisabled", "Endpoint is disabled")
	// By a topic, the refusal is the delivery's.
	w.createTopic("orders")
	w.subscribe(testTopic, "application", device)
	out = w.publish(&PublishInput{TopicArn: ptr(testTopic), Message: "m"})
	if d := w.await(out.MessageId, status(trail.StatusFailure, 1)); d.ProviderResponse != `{"error":"Endpoint is disabled"}` {
		t.Errorf("recorded %+v", d)
	}
	must(w.SetEndpointAttributes(request(), &SetEndpointAttributesInput{EndpointArn: device, Attributes: map[string]string{"Enabled": "true"}}))
	w.publish(&PublishInput{TopicArn: ptr(testTopic), MessageStructure: "json", Message: `{"default":"d","GCM":"for the push service"}`})
	if got := w.out.take(); len(got) != 1 || got[0].Body != "for the push service" {
		t.Errorf("captured %+v", got)
	}
	must(w.SetPlatformApplicationAttributes(request(), &SetPlatformApplicationAttributesInput{PlatformApplicationArn: testApp, Attributes: map[string]string{"Enabled": "false"}}))
	_, err = w.Publish(request(), &PublishInput{TargetArn: ptr(device), Message: "m"})
	wantError(t, err, "PlatformApplicationDisabled", "Platform application is disabled")
}

// TestMessagesToADevice: a message to one platform endpoint needs the text for
// its platform alone, and is not looked at before the endpoint is.
func TestMessagesToADevice(t *testing.T) {
	w := newTestbed(t)
	w.createApplication()
	device := w.createDevice("t")
	w.publish(&PublishInput{TargetArn: ptr(device), MessageStructure: "json", Message: `{"GCM":"its own"}`})
	if got := w.out.take(); len(got) != 1 || got[0].Body != "its own" {
		t.Errorf("captured %+v", got)
	}
	bad := map[string]PublishInput{
		"Invalid parameter: JSON must contain an entry for 'default' or 'GCM'.": {MessageStructure: "json", Message: `{"APNS":"another's","gcm":"x","GCM":{"data":1}}`},
		"Invalid parameter: Empty message":                                      {},
		"Invalid parameter: Message too long":                                   {Message: strings.Repeat("a", 262145)},
	}
	for message, in := range bad {
		in.TargetArn = ptr(device)
		_, err := w.Publish(request(), &in)
		t.Run(message, func(t *testing.T) { wantError(t, err, "InvalidParameter", message) })
	}
	must(w.SetEndpointAttributes(request(), &SetEndpointAttributesInput{EndpointArn: device, Attributes: map[string]string{"Enabled": "false"}}))
	for message, in := range bad {
		in.TargetArn = ptr(device)
		_, err := w.Publish(request(), &in)
		t.Run("disabled: "+message, func(t *testing.T) { wantError(t, err, "EndpointDisabled", "Endpoint is disabled") })
	}
	_, err := w.CreatePlatformEndpoint(request(), &CreatePlatformEndpointInput{PlatformApplicationArn: testApp})
	wantError(t, err, "InvalidParameter", "Invalid parameter: Token Reason: cannot be empty")
	_, err = w.SetEndpointAttributes(request(), &SetEndpointAttributesInput{EndpointArn: device, Attributes: map[string]string{"Token": ""}})
	wantError(t, err, "InvalidParameter", "Invalid parameter: Attributes Reason: Invalid value for attribute: Token: cannot be empty")
}

func TestApplicationEvents(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.subscribe(testTopic, "sqs", testQueue, "RawMessageDelivery", "true")
	w.createApplication("EventEndpointCreated", testTopic, "EventEndpointUpdated", testTopic, "EventEndpointDeleted", testTopic, "EventDeliveryFailure", testTopic)
	device := w.createDevice("t")
	w.createDevice("t")
	must(w.SetEndpointAttributes(request(), &SetEndpointAttributesInput{EndpointArn: device, Attributes: map[string]string{"Enabled": "false"}}))
	if _, err := w.Publish(request(), &PublishInput{TargetArn: ptr(device), Message: "m"}); err == nil {
		t.Error("published to a disabled endpoint")
	}
	must(w.DeleteEndpoint(request(), &DeleteEndpointInput{EndpointArn: device}))
	must(w.DeleteEndpoint(request(), &DeleteEndpointInput{EndpointArn: device}))
	var events []string
	for _, body := range bodies(w.queues.take(testQueue)) {
		for _, event := range []string{"EndpointCreated", "EndpointUpdated", "EndpointDeleted", "DeliveryFailure"} {
			if strings.Contains(body, `"EventType":"`+event+`"`) && strings.Contains(body, device) {
				events = append(events, event)
			}
		}
	}
	if diff := cmp.Diff([]string{"EndpointCreated", "EndpointUpdated", "DeliveryFailure", "EndpointDeleted"}, events); diff != "" {
		t.Error(diff)
	}
	must(w.DeleteTopic(request(), &DeleteTopicInput{TopicArn: testTopic}))
	w.createDevice("t2") // a topic that is gone stops nothing
}
