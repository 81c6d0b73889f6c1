package organizations

import (
	"context"
	"slices"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// Tag is a key and its value. Keys are case-sensitive.
type Tag struct {
	Key   string `check:"required,min=1,max=128" pattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"`
	Value string `check:"required,max=256" pattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*" out:"always"`
}

// tagRules are those of roots, units, accounts and policies.
var tagRules = resource.TagRules{
	Duplicate: errInvalid.With("You provided duplicate tag keys.").Because("DUPLICATE_TAG_KEY"),
	Reserved:  errInvalid.With("You provided a tag key that is reserved for system tags.").Because("INVALID_SYSTEM_TAGS_PARAMETER"),
	TooMany:   errConstraint.With("You have exceeded the number of tags allowed on this resource.").Because("MAX_TAG_LIMIT_EXCEEDED"),
}

func tagsOf(tags []Tag) []resource.Tag {
	return resource.TagsOf(tags, func(t Tag) resource.Tag { return resource.Tag(t) })
}

// tagging is an input with tags.
type tagging interface {
	tags() (tags []Tag, keys []string)
}

func (in *CreateAccountInput) tags() ([]Tag, []string)            { return in.Tags, nil }
func (in *CreateOrganizationalUnitInput) tags() ([]Tag, []string) { return in.Tags, nil }
func (in *CreatePolicyInput) tags() ([]Tag, []string)             { return in.Tags, nil }
func (in *TagResourceInput) tags() ([]Tag, []string)              { return in.Tags, nil }
func (in *UntagResourceInput) tags() ([]Tag, []string)            { return nil, in.TagKeys }

// setTagKeys sets the condition keys for the tags of an input, if it has any.
func setTagKeys(c *policyeval.Context, in any) {
	t, ok := in.(tagging)
	if !ok {
		return
	}
	tags, keys := t.tags()
	resource.SetTagKeys(c, tagsOf(tags), keys)
}

// addTags adds tags to the root, unit, account or policy with the id, or
// replaces those with the same keys.
func (s *Service) addTags(tx store.Tx, o *identity.Organization, id string, tags []Tag) error {
	added := tagsOf(tags)
	if err := tagRules.Check(added); err != nil {
		return err
	}
	all := resource.PutTags(slices.Clone(s.dir.OrgTags(tx, o.ID, id)), added, false)
	if err := tagRules.CheckCount(len(all)); err != nil {
		return err
	}
	resource.SortTags(all)
	s.dir.PutOrgTags(tx, o.ID, id, all)
	return nil
}

// taggable refuses an id of something that does not exist or cannot have tags.
func (s *Service) taggable(r store.Reader, o *identity.Organization, id string) error {
	if s.place(r, o, id) == nil && s.dir.Control(r, o.ID, id) == nil {
		return errTarget
	}
	return nil
}

// TagResourceInput is the input of TagResource.
type TagResourceInput struct {
	ResourceId string `check:"required,max=130" pattern:"^(r-[0-9a-z]{4,32})|(\\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})|(^p-[0-9a-zA-Z_]{8,128})|(^rp-[0-9a-zA-Z_]{4,128})|(^rt-[0-9a-zA-Z_]{8,32})$"`
	Tags       []Tag  `check:"required"`
}

// TagResourceOutput is the output of TagResource.
type TagResourceOutput struct{}

// TagResource adds tags to a root, unit, account or policy.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_TagResource.html.
func (s *Service) TagResource(ctx context.Context, in *TagResourceInput) (*TagResourceOutput, error) {
	return new(TagResourceOutput), s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		if err := s.taggable(tx, o, in.ResourceId); err != nil {
			return err
		}
		return s.addTags(tx, o, in.ResourceId, in.Tags)
	})
}

// UntagResourceInput is the input of UntagResource.
type UntagResourceInput struct {
	ResourceId string   `check:"required,max=130" pattern:"^(r-[0-9a-z]{4,32})|(\\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})|(^p-[0-9a-zA-Z_]{8,128})|(^rp-[0-9a-zA-Z_]{4,128})|(^rt-[0-9a-zA-Z_]{8,32})$"`
	TagKeys    []string `check:"required" itemcheck:"min=1,max=128" itempattern:"^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$"`
}

// UntagResourceOutput is the output of UntagResource.
type UntagResourceOutput struct{}

// UntagResource removes tags, if they exist.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_UntagResource.html.
func (s *Service) UntagResource(ctx context.Context, in *UntagResourceInput) (*UntagResourceOutput, error) {
	return new(UntagResourceOutput), s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		if err := s.taggable(tx, o, in.ResourceId); err != nil {
			return err
		}
		left := slices.Clone(s.dir.OrgTags(tx, o.ID, in.ResourceId))
		s.dir.PutOrgTags(tx, o.ID, in.ResourceId, resource.RemoveTags(left, in.TagKeys, false))
		return nil
	})
}

// ListTagsForResourceInput is the input of ListTagsForResource.
type ListTagsForResourceInput struct {
	ResourceId string `check:"required,max=130" pattern:"^(r-[0-9a-z]{4,32})|(\\d{12})|(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})|(^p-[0-9a-zA-Z_]{8,128})|(^rp-[0-9a-zA-Z_]{4,128})|(^rt-[0-9a-zA-Z_]{8,32})$"`
	NextToken  string `check:"max=100000" pattern:"[\\s\\S]*"`
}

// ListTagsForResourceOutput is the output of ListTagsForResource.
type ListTagsForResourceOutput struct {
	Tags      []Tag
	NextToken string
}

// ListTagsForResource lists the tags of a root, unit, account or policy by key.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListTagsForResource.html.
func (s *Service) ListTagsForResource(ctx context.Context, in *ListTagsForResourceInput) (*ListTagsForResourceOutput, error) {
	var tags []Tag
	err := s.view(ctx, func(r store.Reader, o *identity.Organization) error {
		tags = tags[:0]
		if err := s.taggable(r, o, in.ResourceId); err != nil {
			return err
		}
		for _, t := range s.dir.OrgTags(r, o.ID, in.ResourceId) {
			tags = append(tags, Tag(t))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(tags, func(t Tag) string { return t.Key }, in.NextToken, nil)
	return &ListTagsForResourceOutput{Tags: part, NextToken: next}, err
}
