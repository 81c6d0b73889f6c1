package sns

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
)

// The protocols of subscriptions.
const (
	protocolSQS         = "sqs"
	protocolHTTP        = "http"
	protocolHTTPS       = "https"
	protocolEmail       = "email"
	protocolEmailJSON   = "email-json"
	protocolSMS         = "sms"
	protocolLambda      = "lambda"
	protocolFirehose    = "firehose"
	protocolApplication = "application"
)

// protocol is what endpoints of one kind are like.
type protocol struct {
	// check refuses what is no endpoint of the kind; nil where it is one.
	check func(endpoint string) *api.Error
	// handshake: subscriptions begin when the endpoint confirms.
	handshake bool
	raw       bool // takes raw delivery
	web       bool // is delivered to by HTTP, in the background
}

var protocols = map[string]protocol{
	protocolSQS:         {check: checkQueue, raw: true},
	protocolHTTP:        {check: checkURL(protocolHTTP), handshake: true, raw: true, web: true},
	protocolHTTPS:       {check: checkURL(protocolHTTPS), handshake: true, raw: true, web: true},
	protocolEmail:       {check: checkEmail, handshake: true},
	protocolEmailJSON:   {check: checkEmail, handshake: true},
	protocolSMS:         {check: checkSMS},
	protocolLambda:      {check: checkARN("lambda", "Lambda endpoint ARN")},
	protocolFirehose:    {check: checkARN("firehose", "Firehose endpoint ARN"), raw: true},
	protocolApplication: {check: checkARN("sns", "Application endpoint arn")},
}

// maxEndpoint is the length of the longest endpoint in bytes.
const maxEndpoint = 2048

// checkEndpoint refuses a subscription's endpoint [N045] [N046] [N050] [N058].
func checkEndpoint(in *SubscribeInput) error {
	p, ok := protocols[in.Protocol]
	if !ok {
		return invalidParameter("Amazon SNS does not support this protocol string: %s", in.Protocol)
	}
	if len(in.Endpoint) > maxEndpoint {
		return invalidParameter("Endpoint Reason: must be at most %d bytes long", maxEndpoint)
	}
	if refused := p.check(in.Endpoint); refused != nil {
		return refused
	}
	fifoTopic, fifoQueue := isFifo(in.TopicArn), isFifo(in.Endpoint) && in.Protocol == protocolSQS
	switch {
	case fifoQueue && !fifoTopic:
		return invalidParameter("Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics")
	case fifoTopic && in.Protocol != protocolSQS:
		return invalidParameter("Invalid parameter: Endpoint Reason: Please use FIFO SQS queue")
	}
	return nil
}

const fifoSuffix = ".fifo"

// isFifo reports whether the ARN of a topic or queue is that of a FIFO one.
func isFifo(text string) bool { return strings.HasSuffix(text, fifoSuffix) }

func checkQueue(endpoint string) *api.Error { return checkARN("sqs", "SQS endpoint ARN")(endpoint) }

func checkARN(service, name string) func(string) *api.Error {
	return func(endpoint string) *api.Error {
		a, err := arn.Parse(endpoint)
		if err != nil || a.Service != service || a.Region == "" || !arn.IsAccountID(a.AccountID) || a.Resource == "" {
			return invalidParameter("%s", name)
		}
		return nil
	}
}

func checkURL(scheme string) func(string) *api.Error {
	return func(endpoint string) *api.Error {
		u, err := url.Parse(endpoint)
		if err != nil || u.Scheme != scheme || u.Host == "" {
			return invalidParameter("Endpoint must match the specified protocol")
		}
		return nil
	}
}

// withoutPassword is an endpoint as a log may hold it.
func withoutPassword(endpoint string) string {
	if u, err := url.Parse(endpoint); err == nil && u.User != nil {
		return u.Redacted()
	}
	return endpoint
}

func checkEmail(endpoint string) *api.Error {
	local, domain, ok := strings.Cut(endpoint, "@")
	if !ok || local == "" || domain == "" || strings.ContainsAny(endpoint, " \t\r\n") {
		return invalidParameter("Email address")
	}
	return nil
}

// phoneNumber is a number as Subscribe takes it: groups of digits with one
// character between them [N049] [N050].
var phoneNumber = regexp.MustCompile(`^\+?[0-9]+(?:[-./][0-9]+)*$`)

func checkSMS(endpoint string) *api.Error {
	if !phoneNumber.MatchString(endpoint) {
		return ErrInvalidParameter.With("Invalid SMS endpoint: " + endpoint)
	}
	return nil
}
