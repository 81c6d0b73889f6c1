package sns

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

// TestTargets is the security review of the operations table: what a call of
// another account than the owner's would have to be allowed, and by whom.
func TestTargets(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.createApplication()
	device := w.createDevice("t")
	subscription := w.subscribe(testTopic, "sqs", testQueue)
	const (
		onTheTopic = testTopic + " " + testAccount
		onOwn      = "arn:aws:sns:us-east-1:" + otherAccount + ":* " + otherAccount
		onTheApp   = testApp + " " + testAccount
	)
	onTheDevice := device + " " + testAccount
	inputs := map[string]struct {
		in   any
		want string
	}{
		"CreateTopic":             {&CreateTopicInput{Name: "n"}, "arn:aws:sns:us-east-1:" + otherAccount + ":n " + otherAccount},
		"DeleteTopic":             {&DeleteTopicInput{TopicArn: testTopic}, onTheTopic},
		"ListTopics":              {&ListTopicsInput{}, onOwn},
		"GetTopicAttributes":      {&GetTopicAttributesInput{TopicArn: testTopic}, onTheTopic},
		"SetTopicAttributes":      {&SetTopicAttributesInput{TopicArn: testTopic}, onTheTopic},
		"AddPermission":           {&AddPermissionInput{TopicArn: testTopic}, onTheTopic},
		"RemovePermission":        {&RemovePermissionInput{TopicArn: testTopic}, onTheTopic},
		"TagResource":             {&TagResourceInput{ResourceArn: testTopic}, onTheTopic},
		"UntagResource":           {&UntagResourceInput{ResourceArn: testTopic}, onTheTopic},
		"ListTagsForResource":     {&ListTagsForResourceInput{ResourceArn: testTopic}, onTheTopic},
		"GetDataProtectionPolicy": {&GetDataProtectionPolicyInput{ResourceArn: testTopic}, onTheTopic},
		"PutDataProtectionPolicy": {&PutDataProtectionPolicyInput{ResourceArn: testTopic}, onTheTopic},
		"Publish":                 {&PublishInput{TopicArn: ptr(testTopic)}, onTheTopic},
		"PublishBatch":            {&PublishBatchInput{TopicArn: testTopic}, onTheTopic},

		"Subscribe":                 {&SubscribeInput{TopicArn: testTopic}, onTheTopic},
		"ConfirmSubscription":       {&ConfirmSubscriptionInput{TopicArn: testTopic}, testTopic + " " + otherAccount},
		"Unsubscribe":               {&UnsubscribeInput{SubscriptionArn: ptr(subscription)}, "arn:aws:sns:us-east-1:" + otherAccount + ":* " + testAccount},
		"GetSubscriptionAttributes": {&GetSubscriptionAttributesInput{SubscriptionArn: subscription}, onOwn},
		"SetSubscriptionAttributes": {&SetSubscriptionAttributesInput{SubscriptionArn: subscription}, onOwn},
		"ListSubscriptions":         {&ListSubscriptionsInput{}, onOwn},
		"ListSubscriptionsByTopic":  {&ListSubscriptionsByTopicInput{TopicArn: testTopic}, onTheTopic},

		"CreatePlatformApplication":          {&CreatePlatformApplicationInput{Name: "shop", Platform: "GCM"}, strings.Replace(testApp, testAccount, otherAccount, 1) + " " + otherAccount},
		"DeletePlatformApplication":          {&DeletePlatformApplicationInput{PlatformApplicationArn: testApp}, onTheApp},
		"GetPlatformApplicationAttributes":   {&GetPlatformApplicationAttributesInput{PlatformApplicationArn: testApp}, onTheApp},
		"SetPlatformApplicationAttributes":   {&SetPlatformApplicationAttributesInput{PlatformApplicationArn: testApp}, onTheApp},
		"ListPlatformApplications":           {&ListPlatformApplicationsInput{}, onOwn},
		"CreatePlatformEndpoint":             {&CreatePlatformEndpointInput{PlatformApplicationArn: testApp}, onTheApp},
		"DeleteEndpoint":                     {&DeleteEndpointInput{EndpointArn: device}, onTheDevice},
		"GetEndpointAttributes":              {&GetEndpointAttributesInput{EndpointArn: device}, onTheDevice},
		"SetEndpointAttributes":              {&SetEndpointAttributesInput{EndpointArn: device}, onTheDevice},
		"ListEndpointsByPlatformApplication": {&ListEndpointsByPlatformApplicationInput{PlatformApplicationArn: testApp}, onTheApp},

		"GetSMSAttributes":             {&GetSMSAttributesInput{}, onOwn},
		"SetSMSAttributes":             {&SetSMSAttributesInput{}, onOwn},
		"CheckIfPhoneNumberIsOptedOut": {&CheckIfPhoneNumberIsOptedOutInput{}, onOwn},
		"ListPhoneNumbersOptedOut":     {&ListPhoneNumbersOptedOutInput{}, onOwn},
		"OptInPhoneNumber":             {&OptInPhoneNumberInput{}, onOwn},
		"GetSMSSandboxAccountStatus":   {&GetSMSSandboxAccountStatusInput{}, onOwn},
		"CreateSMSSandboxPhoneNumber":  {&CreateSMSSandboxPhoneNumberInput{}, onOwn},
		"VerifySMSSandboxPhoneNumber":  {&VerifySMSSandboxPhoneNumberInput{}, onOwn},
		"DeleteSMSSandboxPhoneNumber":  {&DeleteSMSSandboxPhoneNumberInput{}, onOwn},
		"ListSMSSandboxPhoneNumbers":   {&ListSMSSandboxPhoneNumbersInput{}, onOwn},
		"ListOriginationNumbers":       {&ListOriginationNumbersInput{}, onOwn},
	}
	for _, op := range w.API().Operations {
		c, ok := inputs[op.Name]
		if !ok {
			t.Errorf("%s is not reviewed", op.Name)
			continue
		}
		resolved, err := op.Resolve(request(as(otherAccount)), c.in)
		checks := resolved.Checks
		if err != nil || len(checks) != 1 {
			t.Errorf("%s: %+v, %v", op.Name, checks, err)
			continue
		}
		target := checks[0].Target
		if got := target.ARN + " " + target.Account; got != c.want || checks[0].Action != op.Actions[0] {
			t.Errorf("%s: %s on %s, want %s", op.Name, checks[0].Action, got, c.want)
		}
		if onTopic := c.want == onTheTopic; onTopic != (target.Policy != nil) {
			t.Errorf("%s: the topic's policy has a say: %v", op.Name, target.Policy != nil)
		}
		if target.Missing != nil {
			t.Errorf("%s: %v", op.Name, target.Missing)
		}
	}
}

// TestMissingTopics: only who deletes is not told [N007] [N020].
func TestMissingTopics(t *testing.T) {
	w := newTestbed(t)
	gone := testTopic + "x"
	for name, in := range map[string]any{
		"GetTopicAttributes": &GetTopicAttributesInput{TopicArn: gone}, "Publish": &PublishInput{TargetArn: ptr(gone)}, "Subscribe": &SubscribeInput{TopicArn: gone},
		"PublishBatch": &PublishBatchInput{TopicArn: gone}, "AddPermission": &AddPermissionInput{TopicArn: gone}, "RemovePermission": &RemovePermissionInput{TopicArn: gone},
		"ListSubscriptionsByTopic": &ListSubscriptionsByTopicInput{TopicArn: gone}, "DeleteTopic": &DeleteTopicInput{TopicArn: gone},
	} {
		for _, op := range w.API().Operations {
			if op.Name != name {
				continue
			}
			checks := must(op.Resolve(request(), in)).Checks
			if got := checks[0].Target.Missing; (got != nil) != (name != "DeleteTopic") {
				t.Errorf("%s answers %v", name, got)
			}
		}
	}
}

// TestGarbage: methods that are called with what the dispatcher refuses do not panic.
func TestGarbage(t *testing.T) {
	w := newTestbed(t)
	for name, call := range map[string]func() error{
		"SetTopicAttributes": func() error {
			return second(w.SetTopicAttributes(request(), &SetTopicAttributesInput{TopicArn: "x", AttributeName: "Policy", AttributeValue: "{}"}))
		},
		"AddPermission": func() error {
			return second(w.AddPermission(request(), &AddPermissionInput{TopicArn: "x", AWSAccountId: []string{testAccount}, ActionName: []string{"Publish"}}))
		},
		"Subscribe": func() error {
			return second(w.Subscribe(request(), &SubscribeInput{TopicArn: "x", Protocol: "sqs", Endpoint: testQueue}))
		},
		"Publish": func() error { return second(w.Publish(request(), &PublishInput{TopicArn: ptr("x"), Message: "m"})) },
		"GetSubscriptionAttributes": func() error {
			return second(w.GetSubscriptionAttributes(request(), &GetSubscriptionAttributesInput{SubscriptionArn: "x"}))
		},
	} {
		if err := call(); err == nil || api.AsError(err).Code == "InternalFailure" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTokensOfLists(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	w.createApplication()
	const bad = "!"
	for name, err := range map[string]error{
		"ListTopics":                         second(w.ListTopics(request(), &ListTopicsInput{NextToken: bad})),
		"ListSubscriptions":                  second(w.ListSubscriptions(request(), &ListSubscriptionsInput{NextToken: bad})),
		"ListSubscriptionsByTopic":           second(w.ListSubscriptionsByTopic(request(), &ListSubscriptionsByTopicInput{TopicArn: testTopic, NextToken: bad})),
		"ListPlatformApplications":           second(w.ListPlatformApplications(request(), &ListPlatformApplicationsInput{NextToken: bad})),
		"ListEndpointsByPlatformApplication": second(w.ListEndpointsByPlatformApplication(request(), &ListEndpointsByPlatformApplicationInput{PlatformApplicationArn: testApp, NextToken: bad})),
		"ListPhoneNumbersOptedOut":           second(w.ListPhoneNumbersOptedOut(request(), &ListPhoneNumbersOptedOutInput{NextToken: bad})),
		"ListSMSSandboxPhoneNumbers":         second(w.ListSMSSandboxPhoneNumbers(request(), &ListSMSSandboxPhoneNumbersInput{NextToken: bad})),
		"ListOriginationNumbers":             second(w.ListOriginationNumbers(request(), &ListOriginationNumbersInput{NextToken: bad})),
	} {
		t.Run(name, func(t *testing.T) { wantError(t, err, "InvalidParameter", "Invalid parameter: NextToken") })
	}
}

func TestReplayThatFails(t *testing.T) {
	w := newFIFOTestbed(t, "ArchivePolicy", `{"MessageRetentionPeriod":1}`, "KmsMasterKeyId", "alias/k")
	w.publish(inGroup("g", "1", "m"))
	w.Close()
	w.config.HSM = must(newModule(1)) // the archive's keys cannot be unwrapped
	w.Service = New(w.config)
	subscription := w.subscribe(fifoTopic, "sqs", fifoQueue, "ReplayPolicy", replayFrom(testStart))
	if !w.eventually(func() bool { return w.subscriptionOf(subscription)["ReplayStatus"] == "Failed" }) {
		t.Errorf("the replay is %s", w.subscriptionOf(subscription)["ReplayStatus"])
	}
}

func TestPoliciesInForce(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("plain")
	w.createTopic("orders", "Policy", statementWith(`"Principal":"*","Action":"sns:Publish"`))
	policies := must(w.PoliciesInForce(t.Context()))
	var owners []string
	for _, p := range policies {
		owners = append(owners, p.Owner)
	}
	if diff := cmp.Diff([]string{testTopic}, owners); diff != "" {
		t.Error(diff)
	}
}
