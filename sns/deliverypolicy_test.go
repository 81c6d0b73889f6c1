package sns

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func seconds(p *retryPolicy) (list []float64) {
	for n := 1; ; n++ {
		d, more := p.delay(n)
		if !more {
			return list
		}
		list = append(list, d.Seconds())
	}
}

func TestRetryDelays(t *testing.T) { // [B23]
	for name, c := range map[string]struct {
		policy retryPolicy
		want   []float64
	}{
		"default":     {defaultRetry, []float64{20, 20, 20}},
		"none":        {retryPolicy{MinDelayTarget: 1, MaxDelayTarget: 1, BackoffFunction: "linear"}, nil},
		"phases":      {retryPolicy{1, 9, 7, 2, 1, 1, "linear"}, []float64{0, 1, 1, 5, 9, 9, 9}},
		"linear":      {retryPolicy{10, 50, 5, 0, 0, 0, "linear"}, []float64{10, 20, 30, 40, 50}},
		"arithmetic":  {retryPolicy{0, 60, 4, 0, 0, 0, "arithmetic"}, []float64{0, 10, 30, 60}},
		"geometric":   {retryPolicy{1, 8, 4, 0, 0, 0, "geometric"}, []float64{1, 2, 4, 8}},
		"exponential": {retryPolicy{1, 15, 4, 0, 0, 0, "exponential"}, []float64{1, 3, 7, 15}},
		"one growing": {retryPolicy{5, 50, 1, 0, 0, 0, "exponential"}, []float64{5}},
	} {
		got := seconds(&c.policy)
		for i := range got {
			got[i] = float64(int(got[i]*1e6+0.5)) / 1e6
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	total := time.Duration(0)
	n := 1
	for ; ; n++ {
		d, more := managedRetry.delay(n)
		if !more {
			break
		}
		total += d
	}
	if n-1 != 100_015 || total < 23*24*time.Hour || total > 24*24*time.Hour {
		t.Errorf("SQS is retried %d times in %v", n-1, total)
	}
}

func TestTopicDeliveryPolicy(t *testing.T) { // [N029]-[N032]
	w := newTestbed(t)
	w.createTopic("orders")
	const defaults = `{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"}`
	const text = `"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}`
	for _, c := range []struct{ set, shown, effective string }{
		{
			`{"http": {"defaultRequestPolicy": {"headerContentType": "application/json"}}}`,
			`{"http":{"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"application/json"}}}`,
			`{"http":{"defaultHealthyRetryPolicy":` + defaults + `,"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"application/json"}}}`,
		},
		{
			`{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":6,"numRetries":1}}}`,
			`{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":6,"numRetries":1},"disableSubscriptionOverrides":false}}`,
			`{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":5,"maxDelayTarget":6,"numRetries":1,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,` + text + `}}`,
		},
		{
			`{"http":{"defaultHealthyRetryPolicy":null}}`,
			`{"http":{"disableSubscriptionOverrides":false}}`,
			defaultEffective,
		},
		{
			`{"http":{"defaultThrottlePolicy":{"maxReceivesPerSecond":4},"disableSubscriptionOverrides":true}}`,
			`{"http":{"disableSubscriptionOverrides":true,"defaultThrottlePolicy":{"maxReceivesPerSecond":4}}}`,
			`{"http":{"defaultHealthyRetryPolicy":` + defaults + `,"disableSubscriptionOverrides":true,"defaultThrottlePolicy":{"maxReceivesPerSecond":4},` + text + `}}`,
		},
		{"", "", defaultEffective},
	} {
		w.set(t, testTopic, "DeliveryPolicy", c.set)
		got := w.attributesOf(t, testTopic)
		if got["DeliveryPolicy"] != c.shown || got["EffectiveDeliveryPolicy"] != c.effective {
			t.Errorf("%s:\nshows %s,\n want %s;\nin force %s,\n    want %s", c.set, got["DeliveryPolicy"], c.shown, got["EffectiveDeliveryPolicy"], c.effective)
		}
	}
}

const defaultEffective = `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}`

func TestDeliveryPolicyRefused(t *testing.T) {
	w := newTestbed(t)
	w.createTopic("orders")
	subscription, _ := w.subscribeWeb(testTopic)
	retry := func(members string) string {
		return `{"minDelayTarget":1,"maxDelayTarget":1,"numRetries":1` + members + `}`
	}
	for policy, complaint := range map[string]string{
		retry(`,"minDelayTarget":0`):                                  "%s.minDelayTarget must be greater than or equal to 1",
		retry(`,"maxDelayTarget":3601`):                               "%s.maxDelayTarget must be less than or equal to 3600",
		retry(`,"minDelayTarget":2`):                                  "%s.minDelayTarget must be less than or equal to %[1]s.maxDelayTarget",
		retry(`,"numRetries":101`):                                    "%s.numRetries must be between 0 and 100",
		retry(`,"numNoDelayRetries":-1`):                              "%s: the numbers of retries must be greater than or equal to 0",
		retry(`,"numNoDelayRetries":1,"numMinDelayRetries":1`):        "%s.numRetries must be greater than or equal to the sum of numNoDelayRetries, numMinDelayRetries and numMaxDelayRetries",
		retry(`,"backoffFunction":"random"`):                          "%s.backoffFunction must be one of arithmetic, exponential, geometric, linear",
		`{"minDelayTarget":100,"maxDelayTarget":100,"numRetries":37}`: "%s: the total of all delays must be less than or equal to 3600 seconds",
		retry(`,"minDelayTarget":"1"`):                                "%s.minDelayTarget must be an integer",
		retry(`,"minDelayTarget":1.5`):                                "%s.minDelayTarget must be an integer",
		retry(`,"backoffFunction":1`):                                 "%s.backoffFunction must be a string",
		retry(`,"MinDelayTarget":1`):                                  "invalid JSON. Attribute MinDelayTarget is unknown.",
		`{}`:                                                          "%s.minDelayTarget must be specified",
		`{"minDelayTarget":1,"maxDelayTarget":null,"numRetries":1}`:   "%s.maxDelayTarget must be specified",
		`{"minDelayTarget":1,"maxDelayTarget":1}`:                     "%s.numRetries must be specified",
	} {
		complain := func(path string) string {
			if !strings.Contains(complaint, "%") {
				return "Invalid parameter: DeliveryPolicy: " + complaint
			}
			return "Invalid parameter: DeliveryPolicy: " + fmt.Sprintf(complaint, path)
		}
		t.Run(policy, func(t *testing.T) {
			_, err := w.SetTopicAttributes(request(), &SetTopicAttributesInput{TopicArn: testTopic, AttributeName: "DeliveryPolicy", AttributeValue: `{"http":{"defaultHealthyRetryPolicy":` + policy + `}}`})
			wantError(t, err, "InvalidParameter", complain("http.defaultHealthyRetryPolicy"))
			err = w.setSubscription(subscription, "DeliveryPolicy", `{"healthyRetryPolicy":`+policy+`}`)
			wantError(t, err, "InvalidParameter", complain("healthyRetryPolicy"))
			err = w.setSubscription(subscription, "DeliveryPolicy", `{"sicklyRetryPolicy":`+policy+`}`)
			wantError(t, err, "InvalidParameter", complain("sicklyRetryPolicy"))
			_, err = w.CreateTopic(request(), &CreateTopicInput{Name: "other", Attributes: map[string]string{"DeliveryPolicy": `{"http":{"defaultHealthyRetryPolicy":` + policy + `}}`}})
			wantError(t, err, "InvalidParameter", strings.Replace(complain("http.defaultHealthyRetryPolicy"), ": ", ": Attributes Reason: ", 1))
			_, err = w.Subscribe(request(), &SubscribeInput{
				TopicArn: testTopic, Protocol: "http", Endpoint: testURL + "/other", Attributes: map[string]string{"DeliveryPolicy": `{"healthyRetryPolicy":` + policy + `}`},
			})
			wantError(t, err, "InvalidParameter", strings.Replace(complain("healthyRetryPolicy"), ": ", ": Attributes Reason: ", 1))
		})
	}
	for policy, complaint := range map[string]string{
		`{"throttlePolicy":{"maxReceivesPerSecond":0}}`:     "throttlePolicy.maxReceivesPerSecond must be greater than or equal to 1",
		`{"requestPolicy":{"headerContentType":"a/b"}}`:     "requestPolicy.headerContentType: Invalid value [a/b]",
		`{"requestPolicy":{"headerContentType":"garbage"}}`: "requestPolicy.headerContentType: Invalid value [garbage]",
		`{"http":{}}`:           "invalid JSON. Attribute http is unknown.",
		`{"guaranteed":"true"}`: "guaranteed must be a boolean",
		`{"throttlePolicy":[]}`: "throttlePolicy must be an object",
	} {
		t.Run(policy, func(t *testing.T) {
			wantError(t, w.setSubscription(subscription, "DeliveryPolicy", policy), "InvalidParameter", "Invalid parameter: DeliveryPolicy: "+complaint)
		})
	}
}

func TestSubscriptionDeliveryPolicy(t *testing.T) { // [N067]
	w := newTestbed(t)
	w.createTopic("orders")
	subscription, _ := w.subscribeWeb(testTopic)
	const defaults = `{"healthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"sicklyRetryPolicy":null,"throttlePolicy":null,"requestPolicy":{"headerContentType":"text/plain; charset=UTF-8"},"guaranteed":false}`
	got := w.subscriptionOf(subscription)
	if got["PendingConfirmation"] != "true" || got["ConfirmationWasAuthenticated"] != "false" || got["EffectiveDeliveryPolicy"] != defaults || got["DeliveryPolicy"] != "" {
		t.Errorf("shows %v", got)
	}
	if err := w.setSubscription(subscription, "DeliveryPolicy", `{"requestPolicy":{"headerContentType":"text/csv"}}`); err != nil {
		t.Fatal(err)
	}
	got = w.subscriptionOf(subscription)
	if want := `{"healthyRetryPolicy":null,"sicklyRetryPolicy":null,"throttlePolicy":null,"requestPolicy":{"headerContentType":"text/csv"},"guaranteed":false}`; got["DeliveryPolicy"] != want {
		t.Errorf("shows %s, want %s", got["DeliveryPolicy"], want)
	}
	if want := strings.Replace(defaults, "text/plain; charset=UTF-8", "text/csv", 1); got["EffectiveDeliveryPolicy"] != want {
		t.Errorf("in force %s, want %s", got["EffectiveDeliveryPolicy"], want)
	}
}

// TestOlderPoliciesStillLoad: what was stored before its members were checked
// is read as it was then.
func TestOlderPoliciesStillLoad(t *testing.T) {
	topic := &topicRecord{Arn: testTopic, Attributes: map[string]string{
		"DeliveryPolicy": `{"http":{"defaultHealthyRetryPolicy":{"numRetries":1},"disableSubscriptionOverrides":false}}`,
	}, DataProtection: protection(protect("Inbound", "*", deny, "NoSuchThing"))}
	if err := topic.Load(); err != nil || topic.delivery.retry.NumRetries != 1 || topic.delivery.retry.MinDelayTarget != 20 {
		t.Errorf("%v, %+v", err, topic.delivery.retry)
	}
	fifo := &topicRecord{Arn: fifoTopic, Fifo: true, Attributes: map[string]string{"ArchivePolicy": `{"MessageRetentionPeriod":1,"x":1}`}}
	if err := fifo.Load(); err != nil || fifo.retention != 24*time.Hour {
		t.Errorf("%v, kept %v", err, fifo.retention)
	}
	subscription := &subscriptionRecord{Arn: testTopic + ":u", TopicArn: testTopic, Protocol: "http", Attributes: map[string]string{
		"DeliveryPolicy": `{"healthyRetryPolicy":{},"sicklyRetryPolicy":null,"throttlePolicy":null,"requestPolicy":null,"guaranteed":false}`,
		"RedrivePolicy":  `{"deadLetterTargetArn":"` + testQueue + `","maxReceiveCount":3}`,
	}}
	if err := subscription.Load(); err != nil || *subscription.delivery.retry != defaultRetry || subscription.deadLetter != testQueue {
		t.Errorf("%v, %+v, %s", err, subscription.delivery.retry, subscription.deadLetter)
	}
}
