package sns

import (
	"encoding/json"
	"fmt"
	"math"
	"mime"
	"slices"
	"time"
)

// retryPolicy says when a failed delivery is tried again: some times at once,
// some after the minimum delay, some with growing delays, some after the
// maximum delay.
//
// See https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html.
type retryPolicy struct {
	MinDelayTarget     int    `json:"minDelayTarget"` // seconds
	MaxDelayTarget     int    `json:"maxDelayTarget"` // seconds
	NumRetries         int    `json:"numRetries"`     // in all
	NumMaxDelayRetries int    `json:"numMaxDelayRetries"`
	NumNoDelayRetries  int    `json:"numNoDelayRetries"`
	NumMinDelayRetries int    `json:"numMinDelayRetries"`
	BackoffFunction    string `json:"backoffFunction"`
}

var (
	// defaultRetry is how HTTP endpoints without a policy are retried.
	defaultRetry = retryPolicy{MinDelayTarget: 20, MaxDelayTarget: 20, NumRetries: 3, BackoffFunction: "linear"}
	// managedRetry is how SQS is retried when it fails (5xx); a refusal is not retried.
	managedRetry = retryPolicy{
		MinDelayTarget: 1, MaxDelayTarget: 20, NumRetries: 100_015,
		NumNoDelayRetries: 3, NumMinDelayRetries: 2, NumMaxDelayRetries: 100_000, BackoffFunction: "exponential",
	}
)

// delay is how long after a failed attempt retry n, from 1, is made; ok is
// false when there is none. AWS adds jitter; here delays are exact.
func (p *retryPolicy) delay(n int) (d time.Duration, ok bool) {
	if n > p.NumRetries {
		return 0, false
	}
	seconds := float64(p.MaxDelayTarget)
	backoff := p.NumRetries - p.NumNoDelayRetries - p.NumMinDelayRetries - p.NumMaxDelayRetries
	switch n -= p.NumNoDelayRetries; {
	case n <= 0:
		return 0, true
	case n <= p.NumMinDelayRetries:
		seconds = float64(p.MinDelayTarget)
	case n <= p.NumMinDelayRetries+backoff:
		seconds = p.backoff(n-p.NumMinDelayRetries, backoff)
	}
	return time.Duration(seconds * float64(time.Second)), true
}

// backoff is the delay of the i-th of n growing delays: the first is the
// minimum, the last the maximum.
func (p *retryPolicy) backoff(i, n int) float64 {
	low, high := float64(p.MinDelayTarget), float64(p.MaxDelayTarget)
	if n == 1 {
		return low
	}
	at := float64(i-1) / float64(n-1)
	switch p.BackoffFunction {
	case "arithmetic": // each step is longer than the last by the same amount
		return low + (high-low)*at*float64(i)/float64(n)
	case "geometric":
		return low * math.Pow(high/low, at)
	case "exponential": // each step is twice the last
		return low + (high-low)*(math.Exp2(float64(i-1))-1)/(math.Exp2(float64(n-1))-1)
	default:
		return low + (high-low)*at
	}
}

var backoffFunctions = []string{"arithmetic", "exponential", "geometric", "linear"}

// check names the first member that is missing or out of its bounds.
func (d *retryDocument) check(path string) error {
	if d == nil {
		return nil
	}
	for _, member := range []struct {
		name  string
		value *int
	}{{"minDelayTarget", d.MinDelayTarget}, {"maxDelayTarget", d.MaxDelayTarget}, {"numRetries", d.NumRetries}} {
		if member.value == nil {
			return fmt.Errorf("%s.%s must be specified", path, member.name)
		}
	}
	return d.policy().check(path)
}

// check names the first member that is out of its bounds.
func (p *retryPolicy) check(path string) error {
	switch {
	case p.MinDelayTarget < 1:
		return fmt.Errorf("%s.minDelayTarget must be greater than or equal to 1", path)
	case p.MaxDelayTarget > 3600:
		return fmt.Errorf("%s.maxDelayTarget must be less than or equal to 3600", path)
	case p.MinDelayTarget > p.MaxDelayTarget:
		return fmt.Errorf("%s.minDelayTarget must be less than or equal to %s.maxDelayTarget", path, path)
	case p.NumRetries < 0 || p.NumRetries > 100:
		return fmt.Errorf("%s.numRetries must be between 0 and 100", path)
	case p.NumNoDelayRetries < 0 || p.NumMinDelayRetries < 0 || p.NumMaxDelayRetries < 0:
		return fmt.Errorf("%s: the numbers of retries must be greater than or equal to 0", path)
	case p.NumNoDelayRetries+p.NumMinDelayRetries+p.NumMaxDelayRetries > p.NumRetries:
		return fmt.Errorf("%s.numRetries must be greater than or equal to the sum of numNoDelayRetries, numMinDelayRetries and numMaxDelayRetries", path)
	case !slices.Contains(backoffFunctions, p.BackoffFunction):
		return fmt.Errorf("%s.backoffFunction must be one of arithmetic, exponential, geometric, linear", path)
	}
	total := time.Duration(0)
	for n := 1; n <= p.NumRetries; n++ {
		d, _ := p.delay(n)
		total += d
	}
	if total > time.Hour {
		return fmt.Errorf("%s: the total of all delays must be less than or equal to 3600 seconds", path)
	}
	return nil
}

// retryDocument is a retry policy as a document gives it: in part.
type retryDocument struct {
	MinDelayTarget     *int    `json:"minDelayTarget,omitempty"`
	MaxDelayTarget     *int    `json:"maxDelayTarget,omitempty"`
	NumRetries         *int    `json:"numRetries,omitempty"`
	NumMaxDelayRetries *int    `json:"numMaxDelayRetries,omitempty"`
	NumNoDelayRetries  *int    `json:"numNoDelayRetries,omitempty"`
	NumMinDelayRetries *int    `json:"numMinDelayRetries,omitempty"`
	BackoffFunction    *string `json:"backoffFunction,omitempty"`
}

// policy fills what the document leaves out [N030]. Documents that were stored
// before the delays and the number of retries had to be given may lack them.
func (d *retryDocument) policy() *retryPolicy {
	if d == nil {
		return nil
	}
	p := defaultRetry
	for _, member := range []struct {
		to   *int
		from *int
	}{
		{&p.MinDelayTarget, d.MinDelayTarget}, {&p.MaxDelayTarget, d.MaxDelayTarget}, {&p.NumRetries, d.NumRetries},
		{&p.NumMaxDelayRetries, d.NumMaxDelayRetries}, {&p.NumNoDelayRetries, d.NumNoDelayRetries}, {&p.NumMinDelayRetries, d.NumMinDelayRetries},
	} {
		if member.from != nil {
			*member.to = *member.from
		}
	}
	if d.BackoffFunction != nil {
		p.BackoffFunction = *d.BackoffFunction
	}
	return &p
}

type throttleDocument struct {
	MaxReceivesPerSecond *int `json:"maxReceivesPerSecond,omitempty"`
}

func (d *throttleDocument) rate() int {
	if d == nil || d.MaxReceivesPerSecond == nil {
		return 0
	}
	return *d.MaxReceivesPerSecond
}

func (d *throttleDocument) check(path string) error {
	if d != nil && d.MaxReceivesPerSecond != nil && *d.MaxReceivesPerSecond < 1 {
		return fmt.Errorf("%s.maxReceivesPerSecond must be greater than or equal to 1", path)
	}
	return nil
}

type requestDocument struct {
	HeaderContentType *string `json:"headerContentType,omitempty"`
}

func (d *requestDocument) contentType() string {
	if d == nil || d.HeaderContentType == nil {
		return ""
	}
	return *d.HeaderContentType
}

// contentTypes are those that SNS sends.
var contentTypes = []string{
	"application/atom+xml", "application/json", "application/octet-stream", "application/soap+xml",
	"application/x-www-form-urlencoded", "application/xhtml+xml", "application/xml",
	"text/css", "text/csv", "text/html", "text/plain", "text/xml",
}

func (d *requestDocument) check(path string) error {
	if d == nil || d.HeaderContentType == nil {
		return nil
	}
	kind, _, err := mime.ParseMediaType(*d.HeaderContentType)
	if err != nil || !slices.Contains(contentTypes, kind) {
		return fmt.Errorf("%s.headerContentType: Invalid value [%s]", path, *d.HeaderContentType)
	}
	return nil
}

const defaultContentType = "text/plain; charset=UTF-8"

// topicDelivery is a topic's delivery policy, worked out.
type topicDelivery struct {
	retry       *retryPolicy // nil: not set
	throttle    int          // per second; 0: not limited
	contentType string       // empty: not set
	// final: subscriptions cannot set policies of their own.
	final bool
}

// topicDeliveryDocument is a topic's DeliveryPolicy [N023] [N029].
type topicDeliveryDocument struct {
	HTTP struct {
		Retry    *retryDocument    `json:"defaultHealthyRetryPolicy,omitempty"`
		Final    bool              `json:"disableSubscriptionOverrides"`
		Throttle *throttleDocument `json:"defaultThrottlePolicy,omitempty"`
		Request  *requestDocument  `json:"defaultRequestPolicy,omitempty"`
	} `json:"http"`
}

// The members of delivery policies.
var (
	retryShape = anObject(map[string]*shape{
		"minDelayTarget": aNumber, "maxDelayTarget": aNumber, "numRetries": aNumber, "numMaxDelayRetries": aNumber,
		"numNoDelayRetries": aNumber, "numMinDelayRetries": aNumber, "backoffFunction": aString,
	})
	throttleShape      = anObject(map[string]*shape{"maxReceivesPerSecond": aNumber})
	requestShape       = anObject(map[string]*shape{"headerContentType": aString})
	topicDeliveryShape = anObject(map[string]*shape{"http": anObject(map[string]*shape{
		"defaultHealthyRetryPolicy": retryShape, "disableSubscriptionOverrides": aBoolean,
		"defaultThrottlePolicy": throttleShape, "defaultRequestPolicy": requestShape,
	})})
	subscriptionDeliveryShape = anObject(map[string]*shape{
		"healthyRetryPolicy": retryShape, "sicklyRetryPolicy": retryShape, "throttlePolicy": throttleShape,
		"requestPolicy": requestShape, "guaranteed": aBoolean,
	})
)

// check refuses what a topic's delivery policy must not say.
func (d *topicDeliveryDocument) check() error {
	const path = "http.default"
	if err := d.HTTP.Retry.check(path + "HealthyRetryPolicy"); err != nil {
		return err
	}
	if err := d.HTTP.Throttle.check(path + "ThrottlePolicy"); err != nil {
		return err
	}
	return d.HTTP.Request.check(path + "RequestPolicy")
}

// normalDelivery is a delivery policy as it is kept, or why it is refused.
func normalDelivery(text string, s *shape, d interface{ check() error }) (stored, refused string) {
	if text == "" {
		return "", ""
	}
	err := checkShape(text, s)
	if err == nil {
		err = json.Unmarshal([]byte(text), d)
	}
	if err == nil {
		err = d.check()
	}
	if err != nil {
		return "", err.Error()
	}
	return marshal(d), ""
}

// normalTopicDelivery is a topic's delivery policy as it is kept [N029]-[N032].
func normalTopicDelivery(text string) (stored, refused string) {
	return normalDelivery(text, topicDeliveryShape, new(topicDeliveryDocument))
}

func parseTopicDelivery(stored string) (topicDelivery, error) {
	if stored == "" {
		return topicDelivery{}, nil
	}
	d := new(topicDeliveryDocument)
	if err := json.Unmarshal([]byte(stored), d); err != nil {
		return topicDelivery{}, err
	}
	return topicDelivery{d.HTTP.Retry.policy(), d.HTTP.Throttle.rate(), d.HTTP.Request.contentType(), d.HTTP.Final}, nil
}

// effective is the attribute EffectiveDeliveryPolicy of a topic [N023] [N030].
func (t *topicDelivery) effective() string {
	var d struct {
		HTTP struct {
			Retry    *retryPolicy      `json:"defaultHealthyRetryPolicy"`
			Final    bool              `json:"disableSubscriptionOverrides"`
			Throttle *throttleDocument `json:"defaultThrottlePolicy,omitempty"`
			Request  requestDocument   `json:"defaultRequestPolicy"`
		} `json:"http"`
	}
	e := t.resolve(nil)
	d.HTTP.Retry, d.HTTP.Final, d.HTTP.Request.HeaderContentType = e.retry, t.final, &e.contentType
	if e.throttle > 0 {
		d.HTTP.Throttle = &throttleDocument{&e.throttle}
	}
	return marshal(d)
}

// resolve is the policy in force for a subscription; nil: for one without its own.
func (t *topicDelivery) resolve(s *subscriptionDelivery) subscriptionDelivery {
	e := subscriptionDelivery{retry: &defaultRetry, contentType: defaultContentType}
	own := subscriptionDelivery{retry: t.retry, throttle: t.throttle, contentType: t.contentType}
	e = e.with(&own)
	if s != nil && !t.final {
		e = e.with(s)
	}
	return e
}

// subscriptionDelivery is a subscription's delivery policy, worked out.
type subscriptionDelivery struct {
	retry       *retryPolicy
	throttle    int
	contentType string
}

func (s subscriptionDelivery) with(own *subscriptionDelivery) subscriptionDelivery {
	if own.retry != nil {
		s.retry = own.retry
	}
	if own.throttle != 0 {
		s.throttle = own.throttle
	}
	if own.contentType != "" {
		s.contentType = own.contentType
	}
	return s
}

// subscriptionDeliveryDocument is a subscription's DeliveryPolicy as it is
// shown: with all members, null where they are not set [N067].
type subscriptionDeliveryDocument struct {
	Retry      *retryDocument    `json:"healthyRetryPolicy"`
	Sickly     *retryDocument    `json:"sicklyRetryPolicy"`
	Throttle   *throttleDocument `json:"throttlePolicy"`
	Request    *requestDocument  `json:"requestPolicy"`
	Guaranteed bool              `json:"guaranteed"`
}

// check refuses what a subscription's delivery policy must not say.
func (d *subscriptionDeliveryDocument) check() error {
	if err := d.Retry.check("healthyRetryPolicy"); err != nil {
		return err
	}
	if err := d.Sickly.check("sicklyRetryPolicy"); err != nil {
		return err
	}
	if err := d.Throttle.check("throttlePolicy"); err != nil {
		return err
	}
	return d.Request.check("requestPolicy")
}

func normalSubscriptionDelivery(text string) (stored, refused string) {
	return normalDelivery(text, subscriptionDeliveryShape, new(subscriptionDeliveryDocument))
}

func parseSubscriptionDelivery(stored string) (subscriptionDelivery, error) {
	if stored == "" {
		return subscriptionDelivery{}, nil
	}
	d := new(subscriptionDeliveryDocument)
	if err := json.Unmarshal([]byte(stored), d); err != nil {
		return subscriptionDelivery{}, err
	}
	return subscriptionDelivery{d.Retry.policy(), d.Throttle.rate(), d.Request.contentType()}, nil
}

// document is the attribute EffectiveDeliveryPolicy of a subscription.
func (s *subscriptionDelivery) document() string {
	var d struct {
		Retry      *retryPolicy      `json:"healthyRetryPolicy"`
		Sickly     *retryPolicy      `json:"sicklyRetryPolicy"`
		Throttle   *throttleDocument `json:"throttlePolicy"`
		Request    requestDocument   `json:"requestPolicy"`
		Guaranteed bool              `json:"guaranteed"`
	}
	d.Retry, d.Request.HeaderContentType = s.retry, &s.contentType
	if s.throttle > 0 {
		d.Throttle = &throttleDocument{&s.throttle}
	}
	return marshal(d)
}

// marshal is v as JSON. It panics if v has no JSON form, which does not happen here.
func marshal(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic("sns: " + err.Error())
	}
	return string(text)
}
