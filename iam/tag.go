package iam

import (
	"context"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// tagRules are those of entities: keys are told apart whatever their case [I018].
var tagRules = resource.TagRules{
	FoldCase:  true,
	Duplicate: errInvalidInput.With("Duplicate tag keys found. Please note that Tag keys are case insensitive."),
	Reserved:  errReserved,
	TooMany:   errLimitExceeded.With("The number of tags has reached the maximum limit."),
}

func checkTags(tags []Tag) error { return tagRules.Check(tagRecords(tags)) }

func addTags(e *identity.Entity, tags []Tag) error {
	if err := checkTags(tags); err != nil {
		return err
	}
	e.SetTags(tagRecords(tags))
	return tagRules.CheckCount(len(e.Tags))
}

func removeTags(e *identity.Entity, keys []string) error {
	if err := tagRules.CheckKeys(keys); err != nil {
		return err
	}
	e.RemoveTags(keys)
	return nil
}

func listTags(e *identity.Entity, marker string, limit *int) (part []Tag, next string, err error) {
	return page(tagShapes(e.Tags), func(t Tag) string { return t.Key }, marker, limit)
}

// TagUserInput is the input of TagUser.
type TagUserInput struct {
	UserName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	Tags     []Tag  `check:"required,max=50"`
}

// TagUserOutput is the output of TagUser.
type TagUserOutput struct{}

// TagUser adds tags to a user, or replaces those of the same keys.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html.
func (s *Service) TagUser(ctx context.Context, in *TagUserInput) (*TagUserOutput, error) {
	return new(TagUserOutput), s.editUser(ctx, in.UserName, func(_ store.Tx, e *identity.User) error {
		return addTags(&e.Entity, in.Tags)
	})
}

// UntagUserInput is the input of UntagUser.
type UntagUserInput struct {
	UserName string   `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	TagKeys  []string `check:"required,max=50" itemcheck:"min=1,max=128" itempattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"`
}

// UntagUserOutput is the output of UntagUser.
type UntagUserOutput struct{}

// UntagUser removes tags from a user, where it has them.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagUser.html.
func (s *Service) UntagUser(ctx context.Context, in *UntagUserInput) (*UntagUserOutput, error) {
	return new(UntagUserOutput), s.editUser(ctx, in.UserName, func(_ store.Tx, e *identity.User) error {
		return removeTags(&e.Entity, in.TagKeys)
	})
}

// ListUserTagsInput is the input of ListUserTags.
type ListUserTagsInput struct {
	UserName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	Marker   string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems *int   `check:"min=1,max=1000"`
}

// ListUserTagsOutput is the output of ListUserTags.
type ListUserTagsOutput struct {
	Tags        []Tag
	IsTruncated bool
	Marker      string
}

// ListUserTags lists the tags of a user by key.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html.
func (s *Service) ListUserTags(ctx context.Context, in *ListUserTagsInput) (*ListUserTagsOutput, error) {
	account, _ := call(ctx)
	out := new(ListUserTagsOutput)
	err := s.dir.View(ctx, func(r store.Reader) (err error) {
		e := s.dir.Users.Get(r, account, in.UserName)
		if e == nil {
			return noSuch("user", in.UserName)
		}
		out.Tags, out.Marker, err = listTags(&e.Entity, in.Marker, in.MaxItems)
		return err
	})
	out.IsTruncated = out.Marker != ""
	return out, err
}

// TagRoleInput is the input of TagRole.
type TagRoleInput struct {
	RoleName string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	Tags     []Tag  `check:"required,max=50"`
}

// TagRoleOutput is the output of TagRole.
type TagRoleOutput struct{}

// TagRole adds tags to a role, or replaces those of the same keys.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html.
func (s *Service) TagRole(ctx context.Context, in *TagRoleInput) (*TagRoleOutput, error) {
	return new(TagRoleOutput), s.editAnyRole(ctx, in.RoleName, func(_ store.Tx, e *identity.Role) error {
		return addTags(&e.Entity, in.Tags)
	})
}

// UntagRoleInput is the input of UntagRole.
type UntagRoleInput struct {
	RoleName string   `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	TagKeys  []string `check:"required,max=50" itemcheck:"min=1,max=128" itempattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"`
}

// UntagRoleOutput is the output of UntagRole.
type UntagRoleOutput struct{}

// UntagRole removes tags from a role, where it has them.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html.
func (s *Service) UntagRole(ctx context.Context, in *UntagRoleInput) (*UntagRoleOutput, error) {
	return new(UntagRoleOutput), s.editAnyRole(ctx, in.RoleName, func(_ store.Tx, e *identity.Role) error {
		return removeTags(&e.Entity, in.TagKeys)
	})
}

// ListRoleTagsInput is the input of ListRoleTags.
type ListRoleTagsInput struct {
	RoleName string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	Marker   string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems *int   `check:"min=1,max=1000"`
}

// ListRoleTagsOutput is the output of ListRoleTags.
type ListRoleTagsOutput struct {
	Tags        []Tag
	IsTruncated bool
	Marker      string
}

// ListRoleTags lists the tags of a role by key.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html.
func (s *Service) ListRoleTags(ctx context.Context, in *ListRoleTagsInput) (*ListRoleTagsOutput, error) {
	account, _ := call(ctx)
	out := new(ListRoleTagsOutput)
	err := s.dir.View(ctx, func(r store.Reader) (err error) {
		e := s.dir.Roles.Get(r, account, in.RoleName)
		if e == nil {
			return noSuch("role", in.RoleName)
		}
		out.Tags, out.Marker, err = listTags(&e.Entity, in.Marker, in.MaxItems)
		return err
	})
	out.IsTruncated = out.Marker != ""
	return out, err
}

// TagInstanceProfileInput is the input of TagInstanceProfile.
type TagInstanceProfileInput struct {
	InstanceProfileName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	Tags                []Tag  `check:"required,max=50"`
}

// TagInstanceProfileOutput is the output of TagInstanceProfile.
type TagInstanceProfileOutput struct{}

// TagInstanceProfile adds tags to an instance profile, or replaces those of the same keys.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagInstanceProfile.html.
func (s *Service) TagInstanceProfile(ctx context.Context, in *TagInstanceProfileInput) (*TagInstanceProfileOutput, error) {
	return new(TagInstanceProfileOutput), s.editProfile(ctx, in.InstanceProfileName, func(_ store.Tx, e *identity.Profile) error {
		return addTags(&e.Entity, in.Tags)
	})
}

// UntagInstanceProfileInput is the input of UntagInstanceProfile.
type UntagInstanceProfileInput struct {
	InstanceProfileName string   `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	TagKeys             []string `check:"required,max=50" itemcheck:"min=1,max=128" itempattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"`
}

// UntagInstanceProfileOutput is the output of UntagInstanceProfile.
type UntagInstanceProfileOutput struct{}

// UntagInstanceProfile removes tags from an instance profile, where it has them.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagInstanceProfile.html.
func (s *Service) UntagInstanceProfile(ctx context.Context, in *UntagInstanceProfileInput) (*UntagInstanceProfileOutput, error) {
	return new(UntagInstanceProfileOutput), s.editProfile(ctx, in.InstanceProfileName, func(_ store.Tx, e *identity.Profile) error {
		return removeTags(&e.Entity, in.TagKeys)
	})
}

// ListInstanceProfileTagsInput is the input of ListInstanceProfileTags.
type ListInstanceProfileTagsInput struct {
	InstanceProfileName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	Marker              string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems            *int   `check:"min=1,max=1000"`
}

// ListInstanceProfileTagsOutput is the output of ListInstanceProfileTags.
type ListInstanceProfileTagsOutput struct {
	Tags        []Tag
	IsTruncated bool
	Marker      string
}

// ListInstanceProfileTags lists the tags of an instance profile by key.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfileTags.html.
func (s *Service) ListInstanceProfileTags(ctx context.Context, in *ListInstanceProfileTagsInput) (*ListInstanceProfileTagsOutput, error) {
	account, _ := call(ctx)
	out := new(ListInstanceProfileTagsOutput)
	err := s.dir.View(ctx, func(r store.Reader) (err error) {
		e := s.dir.Profiles.Get(r, account, in.InstanceProfileName)
		if e == nil {
			return noSuchProfile(in.InstanceProfileName)
		}
		out.Tags, out.Marker, err = listTags(&e.Entity, in.Marker, in.MaxItems)
		return err
	})
	out.IsTruncated = out.Marker != ""
	return out, err
}

// TagPolicyInput is the input of TagPolicy.
type TagPolicyInput struct {
	PolicyArn string `check:"required,min=20,max=2048"`
	Tags      []Tag  `check:"required,max=50"`
}

// TagPolicyOutput is the output of TagPolicy.
type TagPolicyOutput struct{}

// TagPolicy adds tags to a managed policy, or replaces those of the same keys.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagPolicy.html.
func (s *Service) TagPolicy(ctx context.Context, in *TagPolicyInput) (*TagPolicyOutput, error) {
	return new(TagPolicyOutput), s.editPolicy(ctx, in.PolicyArn, func(_ store.Tx, e *identity.Policy) error {
		return addTags(&e.Entity, in.Tags)
	})
}

// UntagPolicyInput is the input of UntagPolicy.
type UntagPolicyInput struct {
	PolicyArn string   `check:"required,min=20,max=2048"`
	TagKeys   []string `check:"required,max=50" itemcheck:"min=1,max=128" itempattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"`
}

// UntagPolicyOutput is the output of UntagPolicy.
type UntagPolicyOutput struct{}

// UntagPolicy removes tags from a managed policy, where it has them.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagPolicy.html.
func (s *Service) UntagPolicy(ctx context.Context, in *UntagPolicyInput) (*UntagPolicyOutput, error) {
	return new(UntagPolicyOutput), s.editPolicy(ctx, in.PolicyArn, func(_ store.Tx, e *identity.Policy) error {
		return removeTags(&e.Entity, in.TagKeys)
	})
}

// ListPolicyTagsInput is the input of ListPolicyTags.
type ListPolicyTagsInput struct {
	PolicyArn string `check:"required,min=20,max=2048"`
	Marker    string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems  *int   `check:"min=1,max=1000"`
}

// ListPolicyTagsOutput is the output of ListPolicyTags.
type ListPolicyTagsOutput struct {
	Tags        []Tag
	IsTruncated bool
	Marker      string
}

// ListPolicyTags lists the tags of a managed policy by key.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyTags.html.
func (s *Service) ListPolicyTags(ctx context.Context, in *ListPolicyTagsInput) (*ListPolicyTagsOutput, error) {
	account, _ := call(ctx)
	out := new(ListPolicyTagsOutput)
	err := s.dir.View(ctx, func(r store.Reader) (err error) {
		e, err := s.policy(r, account, in.PolicyArn)
		if err != nil {
			return err
		}
		out.Tags, out.Marker, err = listTags(&e.Entity, in.Marker, in.MaxItems)
		return err
	})
	out.IsTruncated = out.Marker != ""
	return out, err
}

// TagOpenIDConnectProviderInput is the input of TagOpenIDConnectProvider.
type TagOpenIDConnectProviderInput struct {
	OpenIDConnectProviderArn string `check:"required,min=20,max=2048"`
	Tags                     []Tag  `check:"required,max=50"`
}

// TagOpenIDConnectProviderOutput is the output of TagOpenIDConnectProvider.
type TagOpenIDConnectProviderOutput struct{}

// TagOpenIDConnectProvider adds tags to an identity provider, or replaces those
// of the same keys.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagOpenIDConnectProvider.html.
func (s *Service) TagOpenIDConnectProvider(ctx context.Context, in *TagOpenIDConnectProviderInput) (*TagOpenIDConnectProviderOutput, error) {
	return new(TagOpenIDConnectProviderOutput), s.editProvider(ctx, in.OpenIDConnectProviderArn, func(_ store.Tx, e *identity.Provider) error {
		return addTags(&e.Entity, in.Tags)
	})
}

// UntagOpenIDConnectProviderInput is the input of UntagOpenIDConnectProvider.
type UntagOpenIDConnectProviderInput struct {
	OpenIDConnectProviderArn string   `check:"required,min=20,max=2048"`
	TagKeys                  []string `check:"required,max=50" itemcheck:"min=1,max=128" itempattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"`
}

// UntagOpenIDConnectProviderOutput is the output of UntagOpenIDConnectProvider.
type UntagOpenIDConnectProviderOutput struct{}

// UntagOpenIDConnectProvider removes tags from an identity provider, where it has them.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagOpenIDConnectProvider.html.
func (s *Service) UntagOpenIDConnectProvider(ctx context.Context, in *UntagOpenIDConnectProviderInput) (*UntagOpenIDConnectProviderOutput, error) {
	return new(UntagOpenIDConnectProviderOutput), s.editProvider(ctx, in.OpenIDConnectProviderArn, func(_ store.Tx, e *identity.Provider) error {
		return removeTags(&e.Entity, in.TagKeys)
	})
}

// ListOpenIDConnectProviderTagsInput is the input of ListOpenIDConnectProviderTags.
type ListOpenIDConnectProviderTagsInput struct {
	OpenIDConnectProviderArn string `check:"required,min=20,max=2048"`
	Marker                   string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems                 *int   `check:"min=1,max=1000"`
}

// ListOpenIDConnectProviderTagsOutput is the output of ListOpenIDConnectProviderTags.
type ListOpenIDConnectProviderTagsOutput struct {
	Tags        []Tag
	IsTruncated bool
	Marker      string
}

// ListOpenIDConnectProviderTags lists the tags of an identity provider by key.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviderTags.html.
func (s *Service) ListOpenIDConnectProviderTags(ctx context.Context, in *ListOpenIDConnectProviderTagsInput) (*ListOpenIDConnectProviderTagsOutput, error) {
	account, _ := call(ctx)
	out := new(ListOpenIDConnectProviderTagsOutput)
	err := s.dir.View(ctx, func(r store.Reader) (err error) {
		e := s.provider(r, account, in.OpenIDConnectProviderArn)
		if e == nil {
			return noSuchProvider(in.OpenIDConnectProviderArn)
		}
		out.Tags, out.Marker, err = listTags(&e.Entity, in.Marker, in.MaxItems)
		return err
	})
	out.IsTruncated = out.Marker != ""
	return out, err
}
