package sns

import (
	"context"
	"maps"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// The attributes of topics and subscriptions that change how SNS acts.
const (
	attrArchivePolicy             = "ArchivePolicy"
	attrContentBasedDeduplication = "ContentBasedDeduplication"
	attrDeliveryPolicy            = "DeliveryPolicy"
	attrDisplayName               = "DisplayName"
	attrFifoThroughputScope       = "FifoThroughputScope"
	attrFifoTopic                 = "FifoTopic"
	attrFilterPolicy              = "FilterPolicy"
	attrFilterPolicyScope         = "FilterPolicyScope"
	attrKmsMasterKeyID            = "KmsMasterKeyId"
	attrMaximumMessageSize        = "MaximumMessageSize"
	attrPolicy                    = "Policy"
	attrRawMessageDelivery        = "RawMessageDelivery"
	attrRedrivePolicy             = "RedrivePolicy"
	attrReplayPolicy              = "ReplayPolicy"
	attrSignatureVersion          = "SignatureVersion"
	attrSubscriptionRoleArn       = "SubscriptionRoleArn"
	attrTracingConfig             = "TracingConfig"
)

// topicAttribute says what values an attribute takes: normal is a value as it
// is stored, or why it is refused; an empty one removes the attribute.
type topicAttribute struct {
	fifo     bool   // for FIFO topics only
	standard bool   // for standard topics only
	unset    string // the value of a topic that has set none
	normal   func(value string) (stored, refused string)
}

// topicAttributes is the table of the attributes that SetTopicAttributes and
// CreateTopic take, but for Policy and FifoTopic.
var topicAttributes = func() map[string]topicAttribute {
	table := map[string]topicAttribute{
		attrDisplayName:               {normal: displayName},
		attrKmsMasterKeyID:            {normal: anything},
		attrDeliveryPolicy:            {normal: normalTopicDelivery},
		attrSignatureVersion:          {normal: oneOf("1", "2"), unset: "1"},
		attrTracingConfig:             {normal: oneOf("PassThrough", "Active"), unset: "PassThrough", standard: true},
		attrMaximumMessageSize:        {normal: between(1024, 1048576), unset: "262144"},
		attrContentBasedDeduplication: {normal: boolean, unset: "false", fifo: true},
		attrFifoThroughputScope:       {normal: oneOf(scopeTopic, scopeMessageGroup), unset: scopeTopic, fifo: true},
		attrArchivePolicy:             {normal: normalArchive, fifo: true},
	}
	for _, protocol := range []string{"HTTP", "Firehose", "Lambda", "Application", "SQS"} {
		table[protocol+"SuccessFeedbackRoleArn"] = topicAttribute{normal: anything}
		table[protocol+"FailureFeedbackRoleArn"] = topicAttribute{normal: anything}
		table[protocol+"SuccessFeedbackSampleRate"] = topicAttribute{normal: between(0, 100)}
	}
	return table
}()

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
	switch v := strings.ToLower(value); v {
	case "true", "false":
		return v, ""
	default:
		return "", "Invalid value [" + value + "]. Must be true or false." // [N055] [N070]
	}
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

// set changes one attribute. A policy has been checked before.
func (t *topicRecord) set(name, value string, now time.Time) error {
	if name == attrPolicy {
		t.Policy = value
		return nil
	}
	attribute, ok := topicAttributes[name]
	if !ok || attribute.fifo && !t.Fifo || attribute.standard && t.Fifo {
		return invalidParameter("AttributeName") // [N027]
	}
	stored, refused := attribute.normal(value)
	if refused != "" {
		return badDocument(name, refused)
	}
	if stored == "" {
		delete(t.Attributes, name)
	} else {
		if t.Attributes == nil {
			t.Attributes = map[string]string{}
		}
		t.Attributes[name] = stored
	}
	if name == attrArchivePolicy {
		t.archiveFrom(now)
	}
	return nil
}

// attribute is the value that an attribute has, set or by default.
func (t *topicRecord) attribute(name string) string {
	switch name {
	case attrPolicy:
		return t.policy()
	case attrFifoTopic:
		return strconv.FormatBool(t.Fifo)
	}
	if value, ok := t.Attributes[name]; ok {
		return value
	}
	return topicAttributes[name].unset
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

// GetTopicAttributes answers a topic's attributes [N022] [N025] [N028].
//
// See https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html.
func (s *Service) GetTopicAttributes(ctx context.Context, in *GetTopicAttributesInput) (*GetTopicAttributesOutput, error) {
	return api.Do(ctx, in, onTopic(s, (*GetTopicAttributesInput).topic), s.getTopicAttributes)
}

func (s *Service) getTopicAttributes(ctx context.Context, topic *topicRecord, _ *GetTopicAttributesInput) (*GetTopicAttributesOutput, error) {
	out := new(GetTopicAttributesOutput)
	now := s.clock.Now()
	err := s.engine.View(ctx, func(r store.Reader) error {
		tally := s.tallies.Get(r, topic.Arn)
		if tally == nil {
			return errTopicNotFound // it was deleted meanwhile, and its subscriptions with it
		}
		out.Attributes = topic.attributes(now)
		out.Attributes[attrPolicy] = s.shownPolicy(r, topic).Text()
		out.Attributes["SubscriptionsConfirmed"] = strconv.Itoa(tally.Confirmed)
		out.Attributes["SubscriptionsPending"] = strconv.Itoa(s.pending(r, topic.Arn, now))
		out.Attributes["SubscriptionsDeleted"] = strconv.Itoa(tally.Deleted)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// pending is how many of a topic's subscriptions wait for their confirmation.
func (s *Service) pending(r store.Reader, topic string, now time.Time) int {
	n := 0
	for _, subscription := range s.aside.Scan(r, topic+":", "", store.All) {
		if subscription.Pending && subscription.alive(now) {
			n++
		}
	}
	return n
}

// attributes are the attributes that the topic's record holds.
func (t *topicRecord) attributes(now time.Time) map[string]string {
	m := map[string]string{
		"TopicArn":                t.Arn,
		"Owner":                   t.owner(),
		"EffectiveDeliveryPolicy": t.delivery.effective(),
		attrDisplayName:           "",
		attrPolicy:                t.policy(),
	}
	if t.Fifo {
		for _, name := range []string{attrFifoTopic, attrContentBasedDeduplication} {
			m[name] = t.attribute(name)
		}
	}
	if !t.Archiving.IsZero() {
		m["BeginningArchiveTime"] = t.archiveBegins(now).UTC().Format(timestampLayout)
	}
	maps.Copy(m, t.Attributes)
	return m
}

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
	return api.Do(ctx, in, onTopic(s, (*SetTopicAttributesInput).topic), s.setTopicAttributes)
}

func (s *Service) setTopicAttributes(ctx context.Context, topic *topicRecord, in *SetTopicAttributesInput) (*SetTopicAttributesOutput, error) {
	if in.AttributeName == attrPolicy {
		if err := s.checkPolicy(ctx, in.TopicArn, in.AttributeValue); err != nil {
			return nil, err
		}
	}
	now := s.clock.Now()
	err := s.editTopic(ctx, topic, func(tx store.Tx, topic *topicRecord) error {
		if in.AttributeName == attrPolicy {
			topic.PolicyEpoch = s.policies.Epoch(tx)
		}
		return topic.set(in.AttributeName, in.AttributeValue, now)
	})
	if err != nil {
		return nil, err
	}
	return &SetTopicAttributesOutput{}, nil
}

// editTopic changes the record of a topic.
func (s *Service) editTopic(ctx context.Context, topic *topicRecord, edit func(store.Tx, *topicRecord) error) error {
	return s.engine.Update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, topic); err != nil {
			return err
		}
		edited := s.topics.Edit(tx, topic.Arn)
		if err := edit(tx, edited); err != nil {
			return err
		}
		s.topics.Put(tx, topic.Arn, edited)
		return nil
	})
}
