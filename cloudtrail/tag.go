package cloudtrail

import (
	"context"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// Tag is a tag of a trail. Its value may be left out.
type Tag struct {
	Key   string `check:"required,min=1,max=128"`
	Value string `check:"min=1,max=256"`
}

// tagRules are those of trails [T024] [T025].
var tagRules = resource.TagRules{
	Duplicate: ErrInvalidTagParameter.With("The request has more than one tag with the same key."),
	Reserved:  ErrInvalidTagParameter.With("Tag keys that begin with aws: are reserved."),
	TooMany:   ErrTagsLimitExceeded.Withf("A trail can have up to %d tags.", resource.MaxTags),
}

func tagsOf(tags []Tag) []resource.Tag {
	return resource.TagsOf(tags, func(t Tag) resource.Tag { return resource.Tag{Key: t.Key, Value: t.Value} })
}

// addedTags are the tags of have and added; added wins where both have a tag.
func addedTags(ctx context.Context, have []resource.Tag, added []Tag) ([]resource.Tag, error) {
	list := tagsOf(added)
	if err := tagRules.For(ctx).Check(list); err != nil {
		return nil, err
	}
	tags := resource.PutTags(slices.Clone(have), list, false)
	return tags, tagRules.CheckCount(len(tags))
}

// onTagged resolves an input of AddTags and the like to the trail whose ARN it gives.
// The trail's tags are changed in its home region.
func (s *Service) onTagged(ctx context.Context, text string) (api.Target, *trailRecord, error) {
	id, err := readTrailARN(text)
	if err != nil {
		return api.Target{}, nil, err
	}
	return s.resolveTrail(ctx, id, ErrResourceNotFound.Withf("The resource %s does not exist.", text))
}

// AddTagsInput is the input of AddTags.
type AddTagsInput struct {
	ResourceId string `check:"required"` // the trail's ARN
	TagsList   []Tag  `check:"required,max=200"`
}

// AddTagsOutput is the output of AddTags.
type AddTagsOutput struct {
	_ struct{} `out:"result"`
}

func (s *Service) addTagsTarget(ctx context.Context, in *AddTagsInput) (api.Target, *trailRecord, error) {
	target, t, err := s.onTagged(ctx, in.ResourceId)
	target.Keys = func(c *policyeval.Context) { resource.SetTagKeys(c, tagsOf(in.TagsList), nil) }
	return target, t, err
}

// AddTags adds tags to a trail and overwrites those of the same keys.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AddTags.html.
func (s *Service) AddTags(ctx context.Context, in *AddTagsInput) (*AddTagsOutput, error) {
	return api.Do(ctx, in, s.addTagsTarget, s.addTags)
}

func (s *Service) addTags(ctx context.Context, t *trailRecord, in *AddTagsInput) (*AddTagsOutput, error) {
	return &AddTagsOutput{}, s.changeTrail(ctx, t, func(_ store.Tx, t *trailRecord) (err error) {
		t.Tags, err = addedTags(ctx, t.Tags, in.TagsList)
		return err
	})
}

// RemoveTagsInput is the input of RemoveTags. Only the keys of the tags count.
type RemoveTagsInput struct {
	ResourceId string `check:"required"` // the trail's ARN
	TagsList   []Tag  `check:"required,max=200"`
}

// RemoveTagsOutput is the output of RemoveTags.
type RemoveTagsOutput struct {
	_ struct{} `out:"result"`
}

func (in *RemoveTagsInput) keys() []string {
	keys := make([]string, len(in.TagsList))
	for i, t := range in.TagsList {
		keys[i] = t.Key
	}
	return keys
}

func (s *Service) removeTagsTarget(ctx context.Context, in *RemoveTagsInput) (api.Target, *trailRecord, error) {
	target, t, err := s.onTagged(ctx, in.ResourceId)
	target.Keys = func(c *policyeval.Context) { resource.SetTagKeys(c, nil, in.keys()) }
	return target, t, err
}

// RemoveTags removes tags from a trail.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_RemoveTags.html.
func (s *Service) RemoveTags(ctx context.Context, in *RemoveTagsInput) (*RemoveTagsOutput, error) {
	return api.Do(ctx, in, s.removeTagsTarget, s.removeTags)
}

func (s *Service) removeTags(ctx context.Context, t *trailRecord, in *RemoveTagsInput) (*RemoveTagsOutput, error) {
	if err := tagRules.For(ctx).CheckKeys(in.keys()); err != nil {
		return nil, err
	}
	return &RemoveTagsOutput{}, s.changeTrail(ctx, t, func(_ store.Tx, t *trailRecord) error {
		t.Tags = resource.RemoveTags(t.Tags, in.keys(), false)
		return nil
	})
}

// maxTagged is how many trails' tags a call of ListTags lists [T024].
const maxTagged = 20

// ListTagsInput is the input of ListTags. All tags of all trails are on one page.
type ListTagsInput struct {
	ResourceIdList []string `check:"required"` // ARNs of trails
	NextToken      string
}

// ListTagsOutput is the output of ListTags.
type ListTagsOutput struct {
	ResourceTagList []ResourceTag
	NextToken       string
}

// ResourceTag is a trail with its tags.
type ResourceTag struct {
	ResourceId string
	TagsList   []Tag
}

func (s *Service) listTagsChecks(ctx context.Context, in *ListTagsInput) (checks []api.Check, all *[]*trailRecord, err error) {
	switch n := len(in.ResourceIdList); {
	case n == 0 || n > maxTagged:
		return nil, nil, ErrInvalidParameter.Withf("ResourceIdList has %d ARNs; it takes 1 to %d.", n, maxTagged)
	case in.NextToken != "":
		return nil, nil, ErrInvalidToken
	}
	all = new([]*trailRecord)
	for _, text := range in.ResourceIdList {
		target, t, err := s.onTagged(ctx, text)
		if err != nil {
			return nil, nil, err
		}
		checks = append(checks, api.Check{Action: "cloudtrail:ListTags", Target: target})
		*all = append(*all, t)
	}
	return checks, all, nil
}

// ListTags lists the tags of trails.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTags.html.
func (s *Service) ListTags(ctx context.Context, in *ListTagsInput) (*ListTagsOutput, error) {
	checks, all, err := s.listTagsChecks(ctx, in)
	if err != nil {
		return nil, err
	}
	for i := range checks {
		if missing := checks[i].Target.Missing; missing != nil {
			return nil, missing
		}
	}
	return s.listTags(ctx, all, in)
}

func (s *Service) listTags(_ context.Context, all *[]*trailRecord, _ *ListTagsInput) (*ListTagsOutput, error) {
	out := &ListTagsOutput{ResourceTagList: []ResourceTag{}}
	for _, t := range *all {
		shown := ResourceTag{ResourceId: t.ARN, TagsList: []Tag{}}
		for _, tag := range t.Tags {
			shown.TagsList = append(shown.TagsList, Tag{tag.Key, tag.Value})
		}
		out.ResourceTagList = append(out.ResourceTagList, shown)
	}
	return out, nil
}
