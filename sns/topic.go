package sns

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// CreateTopicInput is the input of CreateTopic.
type CreateTopicInput struct {
	Name                 string `check:"required"`
	Attributes           map[string]string
	DataProtectionPolicy string
	Tags                 []Tag
}

// CreateTopicOutput is the output of CreateTopic.
type CreateTopicOutput struct {
	TopicArn string
}

// CreateTopic makes a topic, or answers the one of that name that has the same
// attributes and at least the tags given.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html.
func (s *Service) CreateTopic(ctx context.Context, in *CreateTopicInput) (*CreateTopicOutput, error) {
	name, err := newTopicARN(ctx, in)
	if err != nil {
		return nil, err
	}
	fresh, err := s.newTopic(ctx, name, in)
	if err != nil {
		return nil, err
	}
	err = s.makeAnew(ctx, fresh.Arn, func(tx store.Tx) error {
		topic := s.topics.Get(tx, fresh.Arn)
		if topic == nil {
			bound := *fresh
			bound.PolicyEpoch = s.policies.Epoch(tx)
			s.topics.Put(tx, fresh.Arn, &bound)
			s.tallies.Put(tx, fresh.Arn, new(tallyRecord))
			return nil
		}
		return sameTopic(topic, fresh, in)
	})
	if err != nil {
		return nil, err
	}
	return &CreateTopicOutput{TopicArn: fresh.Arn}, nil
}

func (s *Service) newTopic(ctx context.Context, name arn.ARN, in *CreateTopicInput) (*topicRecord, error) {
	tags := tagsOf(in.Tags)
	if err := tagRules.Check(tags); err != nil {
		return nil, err
	}
	if err := tagRules.CheckCount(len(tags)); err != nil {
		return nil, err
	}
	topic := &topicRecord{
		Arn: name.String(), Created: s.clock.Now(), Fifo: strings.HasSuffix(name.Resource, fifoSuffix),
		Tags: tags, arn: name,
	}
	if policy, ok := in.Attributes[attrPolicy]; ok {
		if err := s.checkPolicy(ctx, topic.Arn, policy); err != nil {
			return nil, attributesReason(err)
		}
	}
	for _, attribute := range sortedKeys(in.Attributes) {
		if attribute == attrFifoTopic {
			continue
		}
		if err := topic.set(attribute, in.Attributes[attribute], topic.Created); err != nil {
			return nil, attributesReason(err)
		}
	}
	if in.DataProtectionPolicy != "" {
		if err := checkDataProtection(in.DataProtectionPolicy); err != nil {
			return nil, err
		}
		topic.DataProtection = in.DataProtectionPolicy
		s.warnUndetected(ctx, topic.Arn, topic.DataProtection)
	}
	return topic, nil
}

// sameTopic compares an existing topic with a request to create it again.
func sameTopic(topic, fresh *topicRecord, in *CreateTopicInput) error {
	for name := range in.Attributes {
		if topic.attribute(name) != fresh.attribute(name) {
			return invalidParameter("Attributes Reason: Topic already exists with different attributes") // [N014]
		}
	}
	for _, tag := range in.Tags {
		if !slices.Contains(topic.Tags, resource.Tag(tag)) {
			return invalidParameter("Tags Reason: Topic already exists with different tags") // [N017]
		}
	}
	return nil
}

var errTopicName = invalidParameter("Topic Name")

// newTopicARN is the ARN of the topic that in asks for [N010]-[N012] [N015].
func newTopicARN(ctx context.Context, in *CreateTopicInput) (arn.ARN, error) {
	stem, fifo := strings.CutSuffix(in.Name, fifoSuffix)
	if len(in.Name) < 1 || len(in.Name) > 256 || stem == "" || strings.ContainsFunc(stem, notInName) {
		return arn.ARN{}, errTopicName
	}
	wanted := "false"
	if value, given := in.Attributes[attrFifoTopic]; given {
		var refused string
		if wanted, refused = boolean(value); refused != "" {
			return arn.ARN{}, invalidParameter("Attributes Reason: FifoTopic: %s", refused)
		}
	}
	if fifo != (wanted == "true") {
		return arn.ARN{}, errTopicName
	}
	request := api.RequestFrom(ctx)
	return arn.New("sns", request.Region, request.Account, in.Name), nil
}

// notInName reports whether a name may not have r in it.
func notInName(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
		return false
	default:
		return true
	}
}

// DeleteTopicInput is the input of DeleteTopic.
type DeleteTopicInput struct {
	TopicArn string `check:"required"`
}

func (in *DeleteTopicInput) topic() string { return in.TopicArn }

// DeleteTopicOutput is the output of DeleteTopic.
type DeleteTopicOutput struct{}

// DeleteTopic deletes a topic. Its subscriptions get nothing any more, but are still
// listed for a while [N021]. Deleting a topic that does not exist succeeds [N020].
// A topic with an archive policy cannot be deleted before the policy is removed.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html.
func (s *Service) DeleteTopic(ctx context.Context, in *DeleteTopicInput) (*DeleteTopicOutput, error) {
	return api.Do(ctx, in, s.deleteTopicTarget, s.deleteTopic)
}

func (s *Service) deleteTopic(ctx context.Context, topic *topicRecord, _ *DeleteTopicInput) (*DeleteTopicOutput, error) {
	if topic == nil {
		return &DeleteTopicOutput{}, nil
	}
	expires := s.clock.Now().Add(pendingPeriod)
	more := false
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, topic); err != nil {
			return err
		}
		if !topic.Archiving.IsZero() {
			return ErrInvalidState.With("Cannot delete topic with an ArchivePolicy. Deactivate the ArchivePolicy first.")
		}
		s.topics.Delete(tx, topic.Arn)
		s.tallies.Delete(tx, topic.Arn)
		s.sequences.delete(tx, topic.Arn)
		more = s.sweepTopic(tx, topic.Arn, &remainsRecord{Expires: expires})
		return nil
	})
	if err != nil && !errors.Is(err, errTopicNotFound) {
		return nil, err
	}
	s.rosters.forget(topic.Arn)
	s.keys.Forget(topic.Arn)
	s.owned.Forget(topic.Arn)
	if more {
		s.worker.wake()
	}
	return &DeleteTopicOutput{}, nil
}

// deleteTopicTarget is the topic, which need not exist.
func (s *Service) deleteTopicTarget(ctx context.Context, in *DeleteTopicInput) (api.Target, *topicRecord, error) {
	target, topic, err := s.topicTarget(ctx, in.TopicArn, "TopicArn")
	target.Missing = nil
	return target, topic, err
}

// Topic is one entry of a list of topics.
type Topic struct {
	TopicArn string
}

// ListTopicsInput is the input of ListTopics.
type ListTopicsInput struct {
	NextToken string
}

// ListTopicsOutput is the output of ListTopics.
type ListTopicsOutput struct {
	NextToken string
	Topics    []Topic
}

// ListTopics lists the caller's topics in the region, 100 at a time.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_ListTopics.html.
func (s *Service) ListTopics(ctx context.Context, in *ListTopicsInput) (*ListTopicsOutput, error) {
	request := api.RequestFrom(ctx)
	prefix := arn.New("sns", request.Region, request.Account, "").String()
	from, err := readToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ListTopicsOutput{Topics: []Topic{}}
	err = s.engine.View(ctx, func(r store.Reader) error {
		out.Topics, out.NextToken = out.Topics[:0], ""
		for key, topic := range s.topics.Scan(r, prefix, from, pageSize+1) {
			if len(out.Topics) == pageSize {
				out.NextToken = resource.NewToken(key)
				break
			}
			out.Topics = append(out.Topics, Topic{topic.Arn})
		}
		return nil
	})
	return out, err
}
