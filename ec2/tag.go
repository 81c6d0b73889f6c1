package ec2

import (
	"context"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// Tag is a tag of a resource. In DeleteTags an absent value stands for any.
type Tag struct {
	Key   string
	Value *string
}

// TagSpecification is the tags of what a call makes.
type TagSpecification struct {
	ResourceType string
	Tags         []Tag `query:"Tag"`
}

// tagRules is what EC2 refuses of tags [X086] [X087].
var tagRules = resource.TagRules{
	Duplicate: errInvalidValue.With("Duplicate tag keys are not allowed."),
	Reserved:  errInvalidValue.With("Tag keys starting with 'aws:' are reserved for internal use"),
	Key:       errInvalidValue.With("Tag key must be between 1 and 128 characters long."),
	Value:     errInvalidValue.With("Tag value exceeds the maximum length of 256 characters"),
	TooMany:   errTagLimit,
}

// shownTags are stored tags as answers show them.
func shownTags(tags []resource.Tag) []Tag {
	shown := make([]Tag, len(tags))
	for i := range tags {
		shown[i] = Tag{tags[i].Key, &tags[i].Value}
	}
	return shown
}

// givenTags are the tags of a request; one without a value has the empty one.
func givenTags(tags []Tag) []resource.Tag {
	return resource.TagsOf(tags, func(t Tag) resource.Tag {
		if t.Value == nil {
			return resource.Tag{Key: t.Key}
		}
		return resource.Tag{Key: t.Key, Value: *t.Value}
	})
}

// specifiedTags are the tags that a call gives to what it makes, which is of the kind
// [X090].
func specifiedTags(ctx context.Context, specifications []TagSpecification, k *kind) ([]resource.Tag, error) {
	var tags []resource.Tag
	for _, specification := range specifications {
		switch {
		case specification.ResourceType == "":
			return nil, errInvalidValue.With("Tag specification resource type must have a value")
		case specification.ResourceType != k.name:
			return nil, errInvalidValue.Withf("'%s' is not a valid taggable resource type for this operation.", specification.ResourceType)
		case len(specification.Tags) == 0:
			return nil, errInvalidValue.With("Tag specification must have at least one tag")
		}
		tags = append(tags, givenTags(specification.Tags)...)
	}
	if err := tagRules.For(ctx).Check(tags); err != nil {
		return nil, err
	}
	return tags, tagRules.CheckCount(len(tags))
}

func (s *Service) tagOperations() []api.Operation {
	return []api.Operation{
		api.OnChecks("CreateTags", s.createTags, []string{createTags}, s.createTagsChecks),
		api.OnChecks("DeleteTags", s.deleteTags, []string{"ec2:DeleteTags"}, s.deleteTagsChecks),
		api.Op("DescribeTags", s.DescribeTags, "ec2:DescribeTags", anything[*DescribeTagsInput], api.ReadOnly),
	}
}

// tagged are the resources that a call sets or removes tags of.
type tagged struct{ entries []entry }

// onTagged finds the resources of ids, of whatever kind, and what must be allowed.
func (s *Service) onTagged(ctx context.Context, action string, ids []string, keys func(*policyeval.Context)) (checks []api.Check, on *tagged, err error) {
	on = new(tagged)
	err = s.view(ctx, func(r store.Reader) error {
		checks, on.entries = nil, nil
		for _, id := range ids {
			sh := s.shelfOf(id)
			if sh == nil {
				return errInvalidID.Withf("The ID '%s' is not valid", id) // [X091]
			}
			k := sh.shelved()
			if err := k.check(id); err != nil {
				return err
			}
			e := sh.entry(r, placeOf(ctx), id)
			checks = append(checks, api.Check{Action: action, Target: tagTarget(ctx, k, id, e, keys)})
			on.entries = append(on.entries, e)
		}
		return nil
	})
	return checks, on, err
}

// tagTarget is the target of setting or removing tags of a resource; e is nil where
// there is none.
func tagTarget(ctx context.Context, k *kind, id string, e entry, keys func(*policyeval.Context)) api.Target {
	p := placeOf(ctx)
	t := api.Target{ARN: p.arn(k, id), Account: p.account, Keys: keys}
	if e == nil {
		t.Missing = k.notFound(id)
		return t
	}
	t.Tags = resource.TagMap(e.base().Tags)
	t.Keys = func(c *policyeval.Context) {
		keys(c)
		setKeys(c, e)
	}
	return t
}

// shelfOf is where the resource of an id is; nil: no kind has such ids.
func (s *Service) shelfOf(id string) shelf {
	i := slices.IndexFunc(s.shelves, func(sh shelf) bool {
		prefix := sh.shelved().prefix
		return len(id) > len(prefix) && id[:len(prefix)] == prefix
	})
	if i < 0 {
		return nil
	}
	return s.shelves[i]
}

// CreateTagsInput is the input of CreateTags.
type CreateTagsInput struct {
	Resources []string `query:"ResourceId" check:"required"`
	Tags      []Tag    `query:"Tag" check:"required"`
	DryRun    bool
}

// CreateTagsOutput is the output of CreateTags.
type CreateTagsOutput struct{}

// CreateTags sets tags of resources, in place of those of the same keys [X086].
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html.
func (s *Service) CreateTags(ctx context.Context, in *CreateTagsInput) (*CreateTagsOutput, error) {
	return api.DoChecks(ctx, in, s.createTagsChecks, s.createTags)
}

func (s *Service) createTagsChecks(ctx context.Context, in *CreateTagsInput) ([]api.Check, *tagged, error) {
	tags := givenTags(in.Tags)
	if err := tagRules.For(ctx).Check(tags); err != nil {
		return nil, nil, err
	}
	return s.onTagged(ctx, createTags, in.Resources, func(c *policyeval.Context) { resource.SetTagKeys(c, tags, nil) })
}

func (s *Service) createTags(ctx context.Context, on *tagged, in *CreateTagsInput) (*CreateTagsOutput, error) {
	err := s.editTags(ctx, on, func(have []resource.Tag) []resource.Tag {
		return resource.PutTags(have, givenTags(in.Tags), false)
	})
	if err != nil {
		return nil, err
	}
	return &CreateTagsOutput{}, nil
}

// editTags changes the tags of resources.
func (s *Service) editTags(ctx context.Context, on *tagged, edit func([]resource.Tag) []resource.Tag) error {
	return s.update(ctx, func(tx store.Tx) error {
		for _, e := range on.entries {
			if err := confirm(tx, e); err != nil {
				return err
			}
		}
		p := placeOf(ctx)
		for _, e := range on.entries {
			id := e.base().ID
			sh := s.shelfOf(id)
			sh.retag(tx, p, id, edit)
			if err := tagRules.CheckCount(len(sh.entry(tx, p, id).base().Tags)); err != nil {
				return err
			}
		}
		return nil
	})
}

// DeleteTagsInput is the input of DeleteTags.
type DeleteTagsInput struct {
	Resources []string `query:"ResourceId" check:"required"`
	Tags      []Tag    `query:"Tag"`
	DryRun    bool
}

// DeleteTagsOutput is the output of DeleteTags.
type DeleteTagsOutput struct{}

func (in *DeleteTagsInput) keys() (keys []string) {
	for _, t := range in.Tags {
		keys = append(keys, t.Key)
	}
	return keys
}

// DeleteTags removes tags: those of a key and a value, those of a key, or all [X088],
// but not those of AWS [X136].
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTags.html.
func (s *Service) DeleteTags(ctx context.Context, in *DeleteTagsInput) (*DeleteTagsOutput, error) {
	return api.DoChecks(ctx, in, s.deleteTagsChecks, s.deleteTags)
}

func (s *Service) deleteTagsChecks(ctx context.Context, in *DeleteTagsInput) ([]api.Check, *tagged, error) {
	if err := tagRules.For(ctx).CheckKeys(in.keys()); err != nil {
		return nil, nil, err
	}
	return s.onTagged(ctx, "ec2:DeleteTags", in.Resources, func(c *policyeval.Context) { resource.SetTagKeys(c, givenTags(in.Tags), nil) })
}

func (s *Service) deleteTags(ctx context.Context, on *tagged, in *DeleteTagsInput) (*DeleteTagsOutput, error) {
	err := s.editTags(ctx, on, func(have []resource.Tag) []resource.Tag {
		return slices.DeleteFunc(have, func(t resource.Tag) bool {
			return len(in.Tags) == 0 && !resource.Reserved(t.Key) || slices.ContainsFunc(in.Tags, func(d Tag) bool {
				return d.Key == t.Key && (d.Value == nil || *d.Value == t.Value)
			})
		})
	})
	if err != nil {
		return nil, err
	}
	return &DeleteTagsOutput{}, nil
}

// DescribeTagsInput is the input of DescribeTags.
type DescribeTagsInput struct {
	Filters    []Filter `query:"Filter"`
	MaxResults *int32   `check:"min=5,max=1000"`
	NextToken  string
	DryRun     bool
}

// TagDescription is a tag and what has it.
type TagDescription struct {
	Key, ResourceId, ResourceType string
	Value                         string `out:"always"`
}

// DescribeTagsOutput is the output of DescribeTags.
type DescribeTagsOutput struct {
	Tags      []TagDescription `name:"tagSet"`
	NextToken string
}

// tagFilters are those of DescribeTags [X089].
var tagFilters = filterTable[TagDescription]{
	"key":           one(func(t TagDescription) string { return t.Key }),
	"resource-id":   one(func(t TagDescription) string { return t.ResourceId }),
	"resource-type": one(func(t TagDescription) string { return t.ResourceType }),
	"value":         one(func(t TagDescription) string { return t.Value }),
}

// DescribeTags lists tags with the resources that have them.
//
// See https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTags.html.
func (s *Service) DescribeTags(ctx context.Context, in *DescribeTagsInput) (*DescribeTagsOutput, error) {
	var all []TagDescription
	err := s.view(ctx, func(r store.Reader) error {
		all = nil
		for _, sh := range s.shelves {
			for e := range sh.entries(r, placeOf(ctx)) {
				for _, t := range e.base().Tags {
					all = append(all, TagDescription{Key: t.Key, ResourceId: e.base().ID, ResourceType: e.kind().name, Value: t.Value})
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	found, err := filtered(all, in.Filters, tagFilters, func(t TagDescription) []resource.Tag { return []resource.Tag{{Key: t.Key, Value: t.Value}} })
	if err != nil {
		return nil, err
	}
	found, next, err := page(found, func(t TagDescription) string { return t.ResourceId + "\x00" + t.Key }, in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	return &DescribeTagsOutput{found, next}, nil
}
