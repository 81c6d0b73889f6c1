package kms

import (
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

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

func setRequestTags(c *policyeval.Context, tags []Tag) {
	if len(tags) == 0 {
		return
	}
	names := make([]string, len(tags))
	for i, tag := range tags {
		c.Set("aws:RequestTag/"+tag.TagKey, tag.TagValue)
		names[i] = tag.TagKey
	}
	c.SetList("aws:TagKeys", names)
}

// TagResource adds tags to a key and overwrites those of the same name.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html.
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*TagResourceOutput, error) {
	return &TagResourceOutput{}, s.edit(ctx, in.KeyId, func(_ store.Tx, key *keyRecord) (err error) {
		key.Tags, err = newTags(key.Tags, in.Tags)
		return err
	})
}

// ListResourceTagsInput is the input of ListResourceTags.
type ListResourceTagsInput struct {
	KeyId  string `check:"required,min=1,max=2048"`
	Limit  *int   `check:"min=1,max=1000"`
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
	start, err := after(in.Marker)
	if err != nil {
		return nil, err
	}
	key, err := s.view(ctx, in.KeyId, false)
	if err != nil {
		return nil, err
	}
	out := &ListResourceTagsOutput{}
	out.Tags, out.NextMarker = page(sortedTags(key.Tags), start, pageSize(in.Limit, 50, 50))
	out.Truncated = out.NextMarker != ""
	return out, nil
}

func sortedTags(tags map[string]string) iter.Seq2[string, Tag] {
	return func(yield func(string, Tag) bool) {
		for _, name := range slices.Sorted(maps.Keys(tags)) {
			if !yield(name, Tag{name, tags[name]}) {
				return
			}
		}
	}
}
