package sns

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// PublishInput is the input of Publish.
type PublishInput struct {
	Message                string                           `check:"required" trail:"hide"`
	MessageAttributes      map[string]MessageAttributeValue `query:"MessageAttributes,key=Name,value=Value" trail:"hide"`
	MessageDeduplicationId string
	MessageGroupId         string
	MessageStructure       string
	PhoneNumber            string
	Subject                *string `trail:"hide"`
	TargetArn              string
	TopicArn               string
}

// PublishOutput is the output of Publish.
type PublishOutput struct {
	MessageId      string
	SequenceNumber string
}

// Publish sends a message to the subscribers of a topic. When it returns, every
// queue has the message or has refused it.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_Publish.html.
func (s *Service) Publish(ctx context.Context, in *PublishInput) (*PublishOutput, error) {
	m, err := newMessage(in)
	if err != nil {
		return nil, err
	}
	var topic *topicRecord
	var subscriptions []*subscriptionRecord
	err = s.engine.View(ctx, func(r store.Reader) error {
		if topic, err = s.topic(r, m.TopicArn); err != nil {
			return err
		}
		for _, found := range s.subscriptions.Scan(r, m.TopicArn+":", "") {
			subscriptions = append(subscriptions, found)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := m.suits(topic); err != nil {
		return nil, err
	}
	if _, err := s.dataKey(ctx, topic); err != nil {
		return nil, err
	}
	m.ID, m.Time = s.ids.UUID(), s.clock.Now()
	if err := s.fanOut(ctx, topic, m, subscriptions); err != nil {
		return nil, err
	}
	return &PublishOutput{MessageId: m.ID}, nil
}

// newMessage is what a request wants to send, checked as far as the topic does not matter.
func newMessage(in *PublishInput) (*message, error) {
	m := &message{
		TopicArn: in.destination(), Text: in.Message, Subject: in.Subject, Attributes: in.MessageAttributes,
		GroupID: in.MessageGroupId, DeduplicationID: in.MessageDeduplicationId,
	}
	if err := m.check(in.MessageStructure); err != nil {
		return nil, err
	}
	return m, nil
}

// destination is the ARN that a message is for; a topic's may stand in TargetArn (N087).
func (in *PublishInput) destination() string {
	if in.TopicArn != "" {
		return in.TopicArn
	}
	return in.TargetArn
}

func (s *Service) publishTarget(ctx context.Context, in *PublishInput) (api.Target, error) {
	switch {
	case in.TopicArn == "" && in.TargetArn == "":
		return api.Target{}, invalidParameter("TopicArn or TargetArn Reason: no value for required parameter")
	case in.TopicArn != "" && in.TargetArn != "":
		return api.Target{}, invalidParameter("TopicArn or TargetArn Reason: both are given, but only one is allowed")
	case in.TopicArn != "":
		return s.topicTarget(ctx, in.TopicArn, "TopicArn")
	default:
		return s.topicTarget(ctx, in.TargetArn, "TargetArn")
	}
}

// suits checks a message against the kind of its topic (N091, N098-N100).
func (m *message) suits(topic *topicRecord) error {
	switch {
	case m.size() > topic.maximumSize():
		return invalidParameter("Message too long")
	case !topic.Fifo && m.DeduplicationID != "":
		return invalidParameter("MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type")
	case topic.Fifo && m.GroupID == "":
		return invalidParameter("The MessageGroupId parameter is required for FIFO topics")
	case topic.Fifo && m.DeduplicationID == "" && topic.attribute(attrContentBasedDeduplication) != "true":
		return invalidParameter("The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
	case !validGroupID(m.GroupID):
		return invalidParameter("MessageGroupId")
	case !validGroupID(m.DeduplicationID):
		return invalidParameter("MessageDeduplicationId")
	}
	return nil
}

// validGroupID: up to 128 letters, digits and ASCII punctuation.
func validGroupID(id string) bool {
	return len(id) <= 128 && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' })
}
