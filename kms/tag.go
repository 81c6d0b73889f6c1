package kms

import (
	"context"
	"maps"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// Tag is a tag of a key.
type Tag struct {
	TagKey   string `check:"required,min=1,max=128"`
	TagValue string `check:"required,min=0,max=256" out:"always"`
}

// tagRules are those of keys.
var tagRules = resource.TagRules{
	Duplicate: ErrTag.With("Duplicate tag keys"),
	Reserved:  ErrTag.With("Tags beginning with aws: are reserved"),
	TooMany:   ErrTag.With("Too many tags"),
}

func tagsOf(tags []Tag) []resource.Tag {
	return resource.TagsOf(tags, func(t Tag) resource.Tag { return resource.Tag{Key: t.TagKey, Value: t.TagValue} })
}

// newTags is the tags of have and added; added wins where both have a tag.
func newTags(have map[string]string, added []Tag) (map[string]string, error) {
	list := tagsOf(added)
	if err := tagRules.Check(list); err != nil {
		return nil, err
	}
	tags := map[string]string{}
	maps.Copy(tags, have)
	maps.Copy(tags, resource.TagMap(list))
	return tags, tagRules.CheckCount(len(tags))
}

// TagResourceInput is the input of TagResource.
type TagResourceInput struct {
	KeyId string `check:"required,min=1,max=2048"`
	Tags  []Tag  `check:"required"`
}

// TagResourceOutput is the output of TagResource.
type TagResourceOutput struct{}

func (in *TagResourceInput) use() keyUse {
	return byID(in.KeyId).with(func(c *policyeval.Context) { setRequestTags(c, in.Tags) })
}

func setRequestTags(c *policyeval.Context, tags []Tag) { resource.SetTagKeys(c, tagsOf(tags), nil) }

// TagResource adds tags to a key and overwrites those of the same name.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html.
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*TagResourceOutput, error) {
	return api.Do(ctx, in, onKey(s, (*TagResourceInput).use), s.tagResource)
}

func (s *Service) tagResource(ctx context.Context, k *key, in *TagResourceInput) (*TagResourceOutput, error) {
	return &TagResourceOutput{}, s.change(ctx, "TagResource", k, func(_ store.Tx, k key) (err error) {
		k.Tags, err = newTags(k.Tags, in.Tags)
		return err
	})
}

// UntagResourceInput is the input of UntagResource.
type UntagResourceInput struct {
	KeyId   string   `check:"required,min=1,max=2048"`
	TagKeys []string `check:"required" itemcheck:"min=1,max=128"`
}

// UntagResourceOutput is the output of UntagResource.
type UntagResourceOutput struct{}

func (in *UntagResourceInput) use() keyUse {
	return byID(in.KeyId).with(func(c *policyeval.Context) { resource.SetTagKeys(c, nil, in.TagKeys) })
}

// UntagResource removes tags from a key.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html.
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*UntagResourceOutput, error) {
	return api.Do(ctx, in, onKey(s, (*UntagResourceInput).use), s.untagResource)
}

func (s *Service) untagResource(ctx context.Context, k *key, in *UntagResourceInput) (*UntagResourceOutput, error) {
	return &UntagResourceOutput{}, s.change(ctx, "UntagResource", k, func(_ store.Tx, k key) error {
		for _, name := range in.TagKeys {
			delete(k.Tags, name)
		}
		return nil
	})
}

// ListResourceTagsInput is the input of ListResourceTags.
type ListResourceTagsInput struct {
	KeyId  string `check:"required,min=1,max=2048"`
	Limit  *int32 `check:"min=1,max=1000"`
	Marker string `check:"min=1,max=1024"`
}

// ListResourceTagsOutput is the output of ListResourceTags.
type ListResourceTagsOutput struct {
	NextMarker string
	Tags       []Tag
	Truncated  bool
}

func (in *ListResourceTagsInput) use() keyUse { return byID(in.KeyId) }

// ListResourceTags lists a key's tags, 50 at a time.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html.
func (s *Service) ListResourceTags(ctx context.Context, in *ListResourceTagsInput) (*ListResourceTagsOutput, error) {
	return api.Do(ctx, in, onKey(s, (*ListResourceTagsInput).use), s.listResourceTags)
}

func (s *Service) listResourceTags(_ context.Context, k *key, in *ListResourceTagsInput) (*ListResourceTagsOutput, error) {
	start, err := after(in.Marker)
	if err != nil {
		return nil, err
	}
	list := newPage[Tag](start, pageSize(in.Limit, 50, 50))
	for _, name := range slices.Sorted(maps.Keys(k.Tags)) {
		if !list.add(name, Tag{name, k.Tags[name]}) {
			break
		}
	}
	out := &ListResourceTagsOutput{}
	out.Tags, out.NextMarker, out.Truncated = list.result()
	return out, nil
}
