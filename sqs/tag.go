package sqs

import (
	"context"
	"maps"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// TagQueueInput is the input of TagQueue.
type TagQueueInput struct {
	QueueUrl string            `check:"required"`
	Tags     map[string]string `check:"required" query:"Tag,flat,key=Key,value=Value"`
}

// TagQueueOutput is the output of TagQueue.
type TagQueueOutput struct{}

// TagQueue sets tags of a queue. Keys are case-sensitive [Q086].
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_TagQueue.html.
func (s *Service) TagQueue(ctx context.Context, in *TagQueueInput) (*TagQueueOutput, error) {
	return api.Do(ctx, in, s.tagTarget, s.tagQueue)
}

func (s *Service) tagQueue(ctx context.Context, q *queue, in *TagQueueInput) (*TagQueueOutput, error) {
	if len(in.Tags) == 0 {
		return nil, missing("Tags")
	}
	err := s.editTags(ctx, q, func(tags map[string]string) { maps.Copy(tags, in.Tags) })
	if err != nil {
		return nil, err
	}
	return &TagQueueOutput{}, nil
}

func (s *Service) tagTarget(ctx context.Context, in *TagQueueInput) (api.Target, *queue, error) {
	t, q, err := s.resolve(ctx, queueName(ctx, in.QueueUrl))
	t.Keys = requestTags(in.Tags)
	return t, q, err
}

// UntagQueueInput is the input of UntagQueue.
type UntagQueueInput struct {
	QueueUrl string   `check:"required"`
	TagKeys  []string `query:"TagKey,flat"`
}

// UntagQueueOutput is the output of UntagQueue.
type UntagQueueOutput struct{}

// UntagQueue removes tags from a queue. It ignores those that the queue does
// not have [Q087].
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_UntagQueue.html.
func (s *Service) UntagQueue(ctx context.Context, in *UntagQueueInput) (*UntagQueueOutput, error) {
	return api.Do(ctx, in, s.untagTarget, s.untagQueue)
}

func (s *Service) untagQueue(ctx context.Context, q *queue, in *UntagQueueInput) (*UntagQueueOutput, error) {
	if len(in.TagKeys) == 0 {
		return nil, errTagKey
	}
	err := s.editTags(ctx, q, func(tags map[string]string) {
		for _, key := range in.TagKeys {
			delete(tags, key)
		}
	})
	if err != nil {
		return nil, err
	}
	return &UntagQueueOutput{}, nil
}

func (s *Service) untagTarget(ctx context.Context, in *UntagQueueInput) (api.Target, *queue, error) {
	t, q, err := s.resolve(ctx, queueName(ctx, in.QueueUrl))
	t.Keys = func(c *policyeval.Context) { resource.SetTagKeys(c, nil, in.TagKeys) }
	return t, q, err
}

// editTags changes the tags of a queue.
func (s *Service) editTags(ctx context.Context, q *queue, edit func(map[string]string)) error {
	n := q.name()
	return s.engine.Update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, q); err != nil {
			return err
		}
		q := s.queues.Edit(tx, n.key())
		if q.Tags == nil {
			q.Tags = map[string]string{}
		}
		edit(q.Tags)
		if err := checkTags(n.queue, q.Tags); err != nil {
			return err
		}
		s.queues.Put(tx, n.key(), q)
		return nil
	})
}

// ListQueueTagsInput is the input of ListQueueTags.
type ListQueueTagsInput struct {
	QueueUrl string `check:"required"`
}

func (in *ListQueueTagsInput) queue() string { return in.QueueUrl }

// ListQueueTagsOutput is the output of ListQueueTags.
type ListQueueTagsOutput struct {
	Tags map[string]string `query:"Tag,flat,key=Key,value=Value"`
}

// ListQueueTags answers the tags of a queue.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueueTags.html.
func (s *Service) ListQueueTags(ctx context.Context, in *ListQueueTagsInput) (*ListQueueTagsOutput, error) {
	return api.Do(ctx, in, onQueue[*ListQueueTagsInput](s), s.listQueueTags)
}

func (s *Service) listQueueTags(ctx context.Context, q *queue, in *ListQueueTagsInput) (*ListQueueTagsOutput, error) {
	if len(q.Tags) == 0 {
		return &ListQueueTagsOutput{}, nil // [Q088]
	}
	return &ListQueueTagsOutput{Tags: maps.Clone(q.Tags)}, nil
}

// tagRules are those of a queue of that name.
//
// See https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html.
func tagRules(queueName string) *resource.TagRules {
	return &resource.TagRules{
		Key:      errTagKey,
		Value:    ErrInvalidParameterValue.With("Tag values must be between 0 and 256 characters in length."),
		Reserved: ErrInvalidParameterValue.With("Tag keys must not begin with the reserved prefix aws:."),
		TooMany:  ErrInvalidParameterValue.Withf("Too many tags added for queue %s.", queueName),
	}
}

// checkTags refuses tags that AWS refuses.
func checkTags(queueName string, tags map[string]string) error {
	rules := tagRules(queueName)
	if err := rules.CheckCount(len(tags)); err != nil {
		return err
	}
	return rules.Check(resource.TagList(tags))
}

var errTagKey = ErrInvalidParameterValue.With("Tag keys must be between 1 and 128 characters in length.")
