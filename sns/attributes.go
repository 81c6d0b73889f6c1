package sns

import (
	"context"
	"strconv"
	"strings"
	"unicode"

	"github.com/waxseal/waxseal/internal/store"
)

// The attributes of topics and subscriptions whose values steer something.
const (
	attrContentBasedDeduplication = "ContentBasedDeduplication"
	attrDeliveryPolicy            = "DeliveryPolicy"
	attrDisplayName               = "DisplayName"
	attrFifoTopic                 = "FifoTopic"
	attrKmsMasterKeyID            = "KmsMasterKeyId"
	attrMaximumMessageSize        = "MaximumMessageSize"
	attrPolicy                    = "Policy"
	attrRawMessageDelivery        = "RawMessageDelivery"
	attrRedrivePolicy             = "RedrivePolicy"
	attrSignatureVersion          = "SignatureVersion"
	attrTracingConfig             = "TracingConfig"
)

// topicAttribute says what values an attribute takes: normal is a value as it
// is stored, or why it is refused; an empty one removes the attribute.
type topicAttribute struct {
	fifo   bool // for FIFO topics only
	normal func(value string) (stored, refused string)
}

// topicAttributes is the table of the attributes that SetTopicAttributes and
// CreateTopic take, but for Policy and FifoTopic.
var topicAttributes = map[string]topicAttribute{
	attrDisplayName:               {normal: displayName},
	attrKmsMasterKeyID:            {normal: anything},
	attrSignatureVersion:          {normal: oneOf("1", "2")},
	attrTracingConfig:             {normal: oneOf("PassThrough", "Active")},
	attrMaximumMessageSize:        {normal: between(1024, 1048576)},
	attrContentBasedDeduplication: {fifo: true, normal: boolean},
}

func init() {
	for _, protocol := range []string{"HTTP", "Firehose", "Lambda", "Application", "SQS"} {
		topicAttributes[protocol+"SuccessFeedbackRoleArn"] = topicAttribute{normal: anything}
		topicAttributes[protocol+"FailureFeedbackRoleArn"] = topicAttribute{normal: anything}
		topicAttributes[protocol+"SuccessFeedbackSampleRate"] = topicAttribute{normal: between(0, 100)}
	}
}

func anything(value string) (stored, refused string) { return value, "" }

func oneOf(values ...string) func(string) (string, string) {
	return func(value string) (stored, refused string) {
		for _, v := range values {
			if v == value {
				return v, ""
			}
		}
		return "", "Invalid value [" + value + "]. Must be " + strings.Join(values, " or ") + "."
	}
}

func boolean(value string) (stored, refused string) {
	return oneOf("true", "false")(strings.ToLower(value))
}

func between(low, high int) func(string) (string, string) {
	return func(value string) (stored, refused string) {
		n, err := strconv.Atoi(value)
		if err != nil || n < low || n > high {
			return "", "Invalid value [" + value + "]. Must be an integer between " + strconv.Itoa(low) + " and " + strconv.Itoa(high) + "."
		}
		return strconv.Itoa(n), ""
	}
}

func displayName(value string) (stored, refused string) {
	if len([]rune(value)) > 100 || strings.ContainsFunc(value, unicode.IsControl) {
		return "", "Must be at most 100 characters long and must not contain control characters."
	}
	return value, ""
}

// set changes one attribute.
func (t *topicRecord) set(name, value string) error {
	if name == attrPolicy {
		if err := checkPolicy(t.Arn, value); err != nil {
			return err
		}
		t.Policy = value
		return nil
	}
	attribute, ok := topicAttributes[name]
	if !ok || attribute.fifo && !t.Fifo {
		return invalidParameter("AttributeName") // N027
	}
	stored, refused := attribute.normal(value)
	if refused != "" {
		return invalidParameter("%s: %s", name, refused)
	}
	if stored == "" {
		delete(t.Attributes, name)
		return nil
	}
	if t.Attributes == nil {
		t.Attributes = map[string]string{}
	}
	t.Attributes[name] = stored
	return nil
}

// attribute is the value that an attribute has, set or by default.
func (t *topicRecord) attribute(name string) string {
	switch {
	case name == attrPolicy:
		return t.policy()
	case name == attrFifoTopic:
		return strconv.FormatBool(t.Fifo)
	case name == attrContentBasedDeduplication && t.Attributes[name] == "":
		return "false"
	case name == attrSignatureVersion && t.Attributes[name] == "":
		return "1"
	case name == attrTracingConfig && t.Attributes[name] == "":
		return "PassThrough"
	default:
		return t.Attributes[name]
	}
}

// GetTopicAttributesInput is the input of GetTopicAttributes.
type GetTopicAttributesInput struct {
	TopicArn string `check:"required"`
}

func (in *GetTopicAttributesInput) topic() string { return in.TopicArn }

// GetTopicAttributesOutput is the output of GetTopicAttributes.
type GetTopicAttributesOutput struct {
	Attributes map[string]string
}

// GetTopicAttributes answers a topic's attributes (N022, N025, N028).
//
// See https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html.
func (s *Service) GetTopicAttributes(ctx context.Context, in *GetTopicAttributesInput) (*GetTopicAttributesOutput, error) {
	out := new(GetTopicAttributesOutput)
	err := s.engine.View(ctx, func(r store.Reader) error {
		topic, err := s.topic(r, in.TopicArn)
		if err != nil {
			return err
		}
		tally := s.tallies.Get(r, in.TopicArn)
		out.Attributes = topic.attributes()
		out.Attributes["SubscriptionsConfirmed"] = strconv.Itoa(tally.Confirmed)
		out.Attributes["SubscriptionsPending"] = "0"
		out.Attributes["SubscriptionsDeleted"] = strconv.Itoa(tally.Deleted)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// attributes are all that the topic's record tells.
func (t *topicRecord) attributes() map[string]string {
	m := map[string]string{
		"TopicArn":                t.Arn,
		"Owner":                   t.owner(),
		"EffectiveDeliveryPolicy": defaultDeliveryPolicy,
		attrDisplayName:           "",
		attrPolicy:                t.policy(),
	}
	if t.Fifo {
		m[attrFifoTopic] = "true"
		m[attrContentBasedDeduplication] = t.attribute(attrContentBasedDeduplication)
	}
	for name, value := range t.Attributes {
		m[name] = value
	}
	return m
}

// defaultDeliveryPolicy is the policy of a topic that has set none (N023).
const defaultDeliveryPolicy = `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,` +
	`"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},` +
	`"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}`

// SetTopicAttributesInput is the input of SetTopicAttributes.
type SetTopicAttributesInput struct {
	AttributeName  string `check:"required"`
	TopicArn       string `check:"required"`
	AttributeValue string
}

func (in *SetTopicAttributesInput) topic() string { return in.TopicArn }

// SetTopicAttributesOutput is the output of SetTopicAttributes.
type SetTopicAttributesOutput struct{}

// SetTopicAttributes changes one attribute of a topic.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html.
func (s *Service) SetTopicAttributes(ctx context.Context, in *SetTopicAttributesInput) (*SetTopicAttributesOutput, error) {
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		topic := s.topics.Edit(tx, in.TopicArn)
		if topic == nil {
			return errTopicNotFound
		}
		if err := topic.set(in.AttributeName, in.AttributeValue); err != nil {
			return err
		}
		s.topics.Put(tx, topic.Arn, topic)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &SetTopicAttributesOutput{}, nil
}
