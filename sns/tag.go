package sns

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// Tag is a tag of a topic.
type Tag struct {
	Key   string `check:"required,min=1,max=128"`
	Value string `check:"required,max=256" out:"always"`
}

// tagRules are those of topics.
var tagRules = resource.TagRules{
	Duplicate: invalidParameter("Duplicated keys are not allowed."), // [N038]
	TooMany:   ErrTagLimitExceeded,
}

func tagsOf(tags []Tag) []resource.Tag {
	return resource.TagsOf(tags, func(t Tag) resource.Tag { return resource.Tag(t) })
}

// tagKeys sets the condition keys of a request that carries tags.
func tagKeys(tags []Tag) func(*policyeval.Context) {
	return func(c *policyeval.Context) { resource.SetTagKeys(c, tagsOf(tags), nil) }
}

// resourceTarget is the topic that the operations on tags and data protection
// policies call a resource.
func (s *Service) resourceTarget(ctx context.Context, text string) (api.Target, *topicRecord, error) {
	target, topic, err := s.topicTarget(ctx, text, "ResourceArn")
	if target.Missing != nil {
		target.Missing = ErrResourceNotFound
	}
	return target, topic, err
}

// TagResourceInput is the input of TagResource.
type TagResourceInput struct {
	ResourceArn string `check:"required"`
	Tags        []Tag  `check:"required"`
}

func (in *TagResourceInput) resource() string { return in.ResourceArn }

// TagResourceOutput is the output of TagResource.
type TagResourceOutput struct {
	_ struct{} `out:"result"`
}

// TagResource sets tags of a topic, in place of those of the same keys [N039].
//
// See https://docs.aws.amazon.com/sns/latest/api/API_TagResource.html.
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*TagResourceOutput, error) {
	return api.Do(ctx, in, s.tagResourceTarget, s.tagResource)
}

func (s *Service) tagResource(ctx context.Context, topic *topicRecord, in *TagResourceInput) (*TagResourceOutput, error) {
	added := tagsOf(in.Tags)
	if err := tagRules.Check(added); err != nil {
		return nil, err
	}
	err := s.editTopic(ctx, topic, func(_ store.Tx, topic *topicRecord) error {
		topic.Tags = resource.PutTags(topic.Tags, added, false)
		return tagRules.CheckCount(len(topic.Tags))
	})
	if err != nil {
		return nil, err
	}
	return &TagResourceOutput{}, nil
}

func (s *Service) tagResourceTarget(ctx context.Context, in *TagResourceInput) (api.Target, *topicRecord, error) {
	target, topic, err := s.resourceTarget(ctx, in.ResourceArn)
	target.Keys = tagKeys(in.Tags)
	return target, topic, err
}

// UntagResourceInput is the input of UntagResource.
type UntagResourceInput struct {
	ResourceArn string   `check:"required"`
	TagKeys     []string `check:"required" itemcheck:"min=1,max=128"`
}

func (in *UntagResourceInput) resource() string { return in.ResourceArn }

// UntagResourceOutput is the output of UntagResource.
type UntagResourceOutput struct {
	_ struct{} `out:"result"`
}

// UntagResource removes tags of a topic.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_UntagResource.html.
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*UntagResourceOutput, error) {
	return api.Do(ctx, in, s.untagResourceTarget, s.untagResource)
}

func (s *Service) untagResource(ctx context.Context, topic *topicRecord, in *UntagResourceInput) (*UntagResourceOutput, error) {
	err := s.editTopic(ctx, topic, func(_ store.Tx, topic *topicRecord) error {
		topic.Tags = resource.RemoveTags(topic.Tags, in.TagKeys, false)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &UntagResourceOutput{}, nil
}

func (s *Service) untagResourceTarget(ctx context.Context, in *UntagResourceInput) (api.Target, *topicRecord, error) {
	target, topic, err := s.resourceTarget(ctx, in.ResourceArn)
	target.Keys = func(c *policyeval.Context) { resource.SetTagKeys(c, nil, in.TagKeys) }
	return target, topic, err
}

// ListTagsForResourceInput is the input of ListTagsForResource.
type ListTagsForResourceInput struct {
	ResourceArn string `check:"required"`
}

func (in *ListTagsForResourceInput) resource() string { return in.ResourceArn }

// ListTagsForResourceOutput is the output of ListTagsForResource.
type ListTagsForResourceOutput struct {
	Tags []Tag
}

// ListTagsForResource answers the tags of a topic.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_ListTagsForResource.html.
func (s *Service) ListTagsForResource(ctx context.Context, in *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	return api.Do(ctx, in, s.listTagsTarget, s.listTagsForResource)
}

func (s *Service) listTagsForResource(_ context.Context, topic *topicRecord, _ *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	out := &ListTagsForResourceOutput{Tags: []Tag{}}
	for _, t := range topic.Tags {
		out.Tags = append(out.Tags, Tag(t))
	}
	return out, nil
}

func (s *Service) listTagsTarget(ctx context.Context, in *ListTagsForResourceInput) (api.Target, *topicRecord, error) {
	return s.resourceTarget(ctx, in.ResourceArn)
}
