package events

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// Tag is a tag of a bus or rule [V081].
type Tag struct {
	Key   string `check:"required,min=1,max=128"`
	Value string `check:"required,min=0,max=256" out:"always"`
}

// tagRules are those of buses and rules [V081].
var tagRules = resource.TagRules{
	Duplicate: ErrValidation.With("Tags must not have the same key more than once."),
	Reserved:  ErrValidation.With("Tag keys must not begin with aws:."),
	TooMany:   ErrLimitExceeded,
}

func tagsOf(tags []Tag) []resource.Tag {
	return resource.TagsOf(tags, func(t Tag) resource.Tag { return resource.Tag(t) })
}

// newTags are the tags of something that is made.
func newTags(ctx context.Context, tags []Tag) ([]resource.Tag, error) {
	list := tagsOf(tags)
	if err := tagRules.For(ctx).Check(list); err != nil {
		return nil, err
	}
	return list, tagRules.CheckCount(len(list))
}

// tagKeys sets the condition keys of a request that carries tags.
func tagKeys(tags []Tag) func(*policyeval.Context) {
	return func(c *policyeval.Context) { resource.SetTagKeys(c, tagsOf(tags), nil) }
}

const tagResource = "events:TagResource"

// tagged is what an ARN in a request for tags means: a bus, or a rule.
type tagged struct {
	id   busID
	bus  *busRecord
	rule *found // nil: the ARN is that of a bus
}

// findTagged resolves the ARN of a bus or rule [V077] [V079].
func (s *Service) findTagged(ctx context.Context, text string) (api.Target, *tagged, error) {
	a, err := arn.Parse(text)
	kind, path, _ := strings.Cut(a.Resource, "/")
	if err != nil || a.Service != "events" || !arn.IsAccountID(a.AccountID) || path == "" || a.Partition != arn.Partition(a.Region) {
		return api.Target{}, nil, errTaggedARN
	}
	switch kind {
	case "event-bus":
		t, b, err := s.findBus(ctx, text)
		return t, &tagged{id: busID{a.AccountID, a.Region, path}, bus: b}, err
	case "rule":
		bus, name := defaultBus, path
		if i := strings.LastIndexByte(path, '/'); i >= 0 {
			bus, name = path[:i], path[i+1:]
		}
		id := busID{a.AccountID, a.Region, bus}
		f, err := s.findRule(ctx, id.arn(), name)
		return f.target(), &tagged{id: id, bus: f.bus, rule: f}, err
	default:
		return api.Target{}, nil, errTaggedARN
	}
}

var errTaggedARN = invalidParameter("ResourceARN", "Provided Arn is not in correct format.")

// changeTags changes the tags of what a call was decided on.
func (s *Service) changeTags(ctx context.Context, on *tagged, change func([]resource.Tag) ([]resource.Tag, error)) error {
	if on.rule == nil {
		return s.changeBus(ctx, on.bus, func(_ store.Tx, b *busRecord) (err error) {
			b.Tags, err = change(b.Tags)
			return err
		})
	}
	return s.changeRule(ctx, on.rule, func(_ store.Tx, l *ruleRecord) (err error) {
		l.Tags, err = change(l.Tags)
		return err
	})
}

// TagResourceInput is the input of TagResource.
type TagResourceInput struct {
	ResourceARN string `check:"required,min=1,max=1600"`
	Tags        []Tag  `check:"required"`
}

// TagResourceOutput is the output of TagResource.
type TagResourceOutput struct {
	_ struct{} `out:"result"`
}

// TagResource sets tags of a bus or rule, in place of those of the same keys.
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TagResource.html.
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*TagResourceOutput, error) {
	return api.Do(ctx, in, s.tagResourceTarget, s.tagResource)
}

func (s *Service) tagResourceTarget(ctx context.Context, in *TagResourceInput) (api.Target, *tagged, error) {
	t, on, err := s.findTagged(ctx, in.ResourceARN)
	t.Keys = tagKeys(in.Tags)
	return t, on, err
}

func (s *Service) tagResource(ctx context.Context, on *tagged, in *TagResourceInput) (*TagResourceOutput, error) {
	added := tagsOf(in.Tags)
	if err := tagRules.For(ctx).Check(added); err != nil {
		return nil, err
	}
	return &TagResourceOutput{}, s.changeTags(ctx, on, func(have []resource.Tag) ([]resource.Tag, error) {
		tags := resource.PutTags(have, added, false)
		return tags, tagRules.CheckCount(len(tags))
	})
}

// UntagResourceInput is the input of UntagResource.
type UntagResourceInput struct {
	ResourceARN string   `check:"required,min=1,max=1600"`
	TagKeys     []string `check:"required" itemcheck:"min=1,max=128"`
}

// UntagResourceOutput is the output of UntagResource.
type UntagResourceOutput struct {
	_ struct{} `out:"result"`
}

// UntagResource removes tags of a bus or rule. Keys that are not there are no error [V078].
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UntagResource.html.
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*UntagResourceOutput, error) {
	return api.Do(ctx, in, s.untagResourceTarget, s.untagResource)
}

func (s *Service) untagResourceTarget(ctx context.Context, in *UntagResourceInput) (api.Target, *tagged, error) {
	t, on, err := s.findTagged(ctx, in.ResourceARN)
	t.Keys = func(c *policyeval.Context) { resource.SetTagKeys(c, nil, in.TagKeys) }
	return t, on, err
}

func (s *Service) untagResource(ctx context.Context, on *tagged, in *UntagResourceInput) (*UntagResourceOutput, error) {
	if err := tagRules.For(ctx).CheckKeys(in.TagKeys); err != nil {
		return nil, err
	}
	return &UntagResourceOutput{}, s.changeTags(ctx, on, func(have []resource.Tag) ([]resource.Tag, error) {
		return resource.RemoveTags(have, in.TagKeys, false), nil
	})
}

// ListTagsForResourceInput is the input of ListTagsForResource.
type ListTagsForResourceInput struct {
	ResourceARN string `check:"required,min=1,max=1600"`
}

// ListTagsForResourceOutput is the output of ListTagsForResource.
type ListTagsForResourceOutput struct {
	Tags []Tag
}

// ListTagsForResource answers the tags of a bus or rule.
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTagsForResource.html.
func (s *Service) ListTagsForResource(ctx context.Context, in *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	return api.Do(ctx, in, s.listTagsTarget, s.listTagsForResource)
}

func (s *Service) listTagsTarget(ctx context.Context, in *ListTagsForResourceInput) (api.Target, *tagged, error) {
	return s.findTagged(ctx, in.ResourceARN)
}

func (s *Service) listTagsForResource(_ context.Context, on *tagged, _ *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	tags := on.bus.Tags
	if on.rule != nil {
		tags = on.rule.rule.Tags
	}
	out := &ListTagsForResourceOutput{Tags: []Tag{}}
	for _, t := range tags {
		out.Tags = append(out.Tags, Tag(t))
	}
	return out, nil
}
