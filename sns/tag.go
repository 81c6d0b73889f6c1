package sns

import (
	"context"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// Tag is a tag of a topic.
type Tag struct {
	Key   string `check:"required,min=1,max=128"`
	Value string `check:"required,max=256" out:"always"`
}

// maxTags is how many tags a topic has at most.
const maxTags = 50

var errDuplicateTags = invalidParameter("Duplicated keys are not allowed.") // [N038]

func duplicateTags(tags []Tag) bool {
	seen := make(map[string]bool, len(tags))
	for _, tag := range tags {
		if seen[tag.Key] {
			return true
		}
		seen[tag.Key] = true
	}
	return false
}

// tagKeys sets the condition keys of a request that carries tags.
func tagKeys(tags []Tag) func(*policyeval.Context) {
	return func(c *policyeval.Context) {
		keys := make([]string, len(tags))
		for i, tag := range tags {
			keys[i] = tag.Key
			c.Set("aws:RequestTag/"+tag.Key, tag.Value)
		}
		c.SetList("aws:TagKeys", keys)
	}
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
	if duplicateTags(in.Tags) {
		return nil, errDuplicateTags
	}
	err := s.editTopic(ctx, topic, func(_ store.Tx, topic *topicRecord) error {
		for _, tag := range in.Tags {
			if i := slices.IndexFunc(topic.Tags, func(t Tag) bool { return t.Key == tag.Key }); i >= 0 {
				topic.Tags[i] = tag
				continue
			}
			topic.Tags = append(topic.Tags, tag)
		}
		if len(topic.Tags) > maxTags {
			return ErrTagLimitExceeded
		}
		return nil
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
		topic.Tags = slices.DeleteFunc(topic.Tags, func(t Tag) bool { return slices.Contains(in.TagKeys, t.Key) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &UntagResourceOutput{}, nil
}

func (s *Service) untagResourceTarget(ctx context.Context, in *UntagResourceInput) (api.Target, *topicRecord, error) {
	target, topic, err := s.resourceTarget(ctx, in.ResourceArn)
	target.Keys = func(c *policyeval.Context) { c.SetList("aws:TagKeys", in.TagKeys) }
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
	return &ListTagsForResourceOutput{Tags: append([]Tag{}, topic.Tags...)}, nil
}

func (s *Service) listTagsTarget(ctx context.Context, in *ListTagsForResourceInput) (api.Target, *topicRecord, error) {
	return s.resourceTarget(ctx, in.ResourceArn)
}
