package iam

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// CreateInstanceProfileInput is the input of CreateInstanceProfile.
type CreateInstanceProfileInput struct {
	InstanceProfileName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	Path                string `check:"min=1,max=512" pattern:"(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"`
	Tags                []Tag  `check:"max=50"`
}

// CreateInstanceProfileOutput is the output of CreateInstanceProfile.
type CreateInstanceProfileOutput struct {
	InstanceProfile *InstanceProfile
}

// CreateInstanceProfile makes an instance profile, without a role.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html.
func (s *Service) CreateInstanceProfile(ctx context.Context, in *CreateInstanceProfileInput) (*CreateInstanceProfileOutput, error) {
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	account, region := call(ctx)
	out := new(CreateInstanceProfileOutput)
	err := s.dir.Update(ctx, func(tx store.Tx) error {
		if s.dir.Profiles.Get(tx, account, in.InstanceProfileName) != nil {
			return errExists.Withf("Instance Profile %s already exists.", in.InstanceProfileName)
		}
		if err := checkQuota("InstanceProfiles", s.dir.Profiles.All(tx, account, "")); err != nil {
			return err
		}
		p := &identity.Profile{Entity: s.dir.NewEntity(tx, identity.ProfilePrefix, account, region, in.Path, in.InstanceProfileName)}
		p.SetTags(tagRecords(in.Tags))
		s.dir.Profiles.Put(tx, p)
		out.InstanceProfile = s.profileShape(tx, p)
		out.InstanceProfile.Tags = tagShapes(p.Tags)
		return nil
	})
	return out, err
}

// profileShape is an instance profile as lists show it: without tags.
func (s *Service) profileShape(r store.Reader, p *identity.Profile) *InstanceProfile {
	shape := &InstanceProfile{
		Arn: p.ARN(), CreateDate: seconds(p.Created), InstanceProfileId: p.ID, InstanceProfileName: p.Name, Path: p.Path,
		Roles: []Role{},
	}
	if role := s.dir.Roles.ByID(r, p.Role); role != nil {
		shape.Roles = append(shape.Roles, *s.newRole(r, role))
	}
	return shape
}

// GetInstanceProfileInput is the input of GetInstanceProfile.
type GetInstanceProfileInput struct {
	InstanceProfileName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// GetInstanceProfileOutput is the output of GetInstanceProfile.
type GetInstanceProfileOutput struct {
	InstanceProfile *InstanceProfile
}

// GetInstanceProfile describes an instance profile and its role.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetInstanceProfile.html.
func (s *Service) GetInstanceProfile(ctx context.Context, in *GetInstanceProfileInput) (*GetInstanceProfileOutput, error) {
	account, _ := call(ctx)
	out := new(GetInstanceProfileOutput)
	err := s.dir.View(ctx, func(r store.Reader) error {
		p := s.dir.Profiles.Get(r, account, in.InstanceProfileName)
		if p == nil {
			return noSuchProfile(in.InstanceProfileName)
		}
		out.InstanceProfile = s.profileShape(r, p)
		out.InstanceProfile.Tags = tagShapes(p.Tags)
		return nil
	})
	return out, err
}

// ListInstanceProfilesInput is the input of ListInstanceProfiles.
type ListInstanceProfilesInput struct {
	PathPrefix string `check:"min=1,max=512" pattern:"\\u002F[\\u0021-\\u007F]*"`
	Marker     string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems   *int   `check:"min=1,max=1000"`
}

// ListInstanceProfilesOutput is the output of ListInstanceProfiles.
type ListInstanceProfilesOutput struct {
	InstanceProfiles []InstanceProfile
	IsTruncated      bool
	Marker           string
}

// ListInstanceProfiles lists the account's instance profiles by name.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html.
func (s *Service) ListInstanceProfiles(ctx context.Context, in *ListInstanceProfilesInput) (*ListInstanceProfilesOutput, error) {
	account, _ := call(ctx)
	var profiles []InstanceProfile
	err := s.dir.View(ctx, func(r store.Reader) error {
		profiles = profiles[:0]
		for p := range s.dir.Profiles.All(r, account, "") {
			if strings.HasPrefix(p.Path, in.PathPrefix) {
				profiles = append(profiles, *s.profileShape(r, p))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(profiles, profileName, in.Marker, in.MaxItems)
	return &ListInstanceProfilesOutput{InstanceProfiles: part, Marker: next, IsTruncated: next != ""}, err
}

func profileName(p InstanceProfile) string { return p.InstanceProfileName }

// ListInstanceProfilesForRoleInput is the input of ListInstanceProfilesForRole.
type ListInstanceProfilesForRoleInput struct {
	RoleName string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	Marker   string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems *int   `check:"min=1,max=1000"`
}

// ListInstanceProfilesForRoleOutput is the output of ListInstanceProfilesForRole.
type ListInstanceProfilesForRoleOutput struct {
	InstanceProfiles []InstanceProfile
	IsTruncated      bool
	Marker           string
}

// ListInstanceProfilesForRole lists the instance profiles that a role is in.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html.
func (s *Service) ListInstanceProfilesForRole(ctx context.Context, in *ListInstanceProfilesForRoleInput) (*ListInstanceProfilesForRoleOutput, error) {
	account, _ := call(ctx)
	var profiles []InstanceProfile
	err := s.dir.View(ctx, func(r store.Reader) error {
		profiles = profiles[:0]
		role := s.dir.Roles.Get(r, account, in.RoleName)
		if role == nil {
			return noSuch("role", in.RoleName)
		}
		for _, p := range s.profilesOf(r, role) {
			profiles = append(profiles, *s.profileShape(r, p))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(profiles, profileName, in.Marker, in.MaxItems)
	return &ListInstanceProfilesForRoleOutput{InstanceProfiles: part, Marker: next, IsTruncated: next != ""}, err
}

// DeleteInstanceProfileInput is the input of DeleteInstanceProfile.
type DeleteInstanceProfileInput struct {
	InstanceProfileName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// DeleteInstanceProfileOutput is the output of DeleteInstanceProfile.
type DeleteInstanceProfileOutput struct{}

// DeleteInstanceProfile deletes an instance profile that has no role.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteInstanceProfile.html.
func (s *Service) DeleteInstanceProfile(ctx context.Context, in *DeleteInstanceProfileInput) (*DeleteInstanceProfileOutput, error) {
	account, _ := call(ctx)
	return new(DeleteInstanceProfileOutput), s.dir.Update(ctx, func(tx store.Tx) error {
		p := s.dir.Profiles.Get(tx, account, in.InstanceProfileName)
		switch {
		case p == nil:
			return noSuchProfile(in.InstanceProfileName)
		case p.Role != "":
			return errDeleteConflict.With(mustRemoveRoles)
		}
		s.dir.Profiles.Delete(tx, p)
		return nil
	})
}

// AddRoleToInstanceProfileInput is the input of AddRoleToInstanceProfile.
type AddRoleToInstanceProfileInput struct {
	InstanceProfileName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	RoleName            string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
}

// AddRoleToInstanceProfileOutput is the output of AddRoleToInstanceProfile.
type AddRoleToInstanceProfileOutput struct{}

// AddRoleToInstanceProfile gives an instance profile its role. There can be one only.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html.
func (s *Service) AddRoleToInstanceProfile(ctx context.Context, in *AddRoleToInstanceProfileInput) (*AddRoleToInstanceProfileOutput, error) {
	return new(AddRoleToInstanceProfileOutput), s.editProfile(ctx, in.InstanceProfileName, func(tx store.Tx, p *identity.Profile) error {
		role := s.dir.Roles.Get(tx, p.Account, in.RoleName)
		switch {
		case role == nil:
			return noSuch("role", in.RoleName)
		case p.Role != "":
			return exceeds("InstanceSessionsPerInstanceProfile", 1)
		}
		if err := protected(role); err != nil {
			return err
		}
		p.Role = role.ID
		return nil
	})
}

// RemoveRoleFromInstanceProfileInput is the input of RemoveRoleFromInstanceProfile.
type RemoveRoleFromInstanceProfileInput struct {
	InstanceProfileName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	RoleName            string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
}

// RemoveRoleFromInstanceProfileOutput is the output of RemoveRoleFromInstanceProfile.
type RemoveRoleFromInstanceProfileOutput struct{}

// RemoveRoleFromInstanceProfile takes its role from an instance profile.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveRoleFromInstanceProfile.html.
func (s *Service) RemoveRoleFromInstanceProfile(ctx context.Context, in *RemoveRoleFromInstanceProfileInput) (*RemoveRoleFromInstanceProfileOutput, error) {
	return new(RemoveRoleFromInstanceProfileOutput), s.editProfile(ctx, in.InstanceProfileName, func(tx store.Tx, p *identity.Profile) error {
		role := s.dir.Roles.Get(tx, p.Account, in.RoleName)
		if role == nil || p.Role != role.ID {
			return noSuch("role", in.RoleName)
		}
		p.Role = ""
		return nil
	})
}

// editProfile changes an instance profile.
func (s *Service) editProfile(ctx context.Context, name string, edit func(store.Tx, *identity.Profile) error) error {
	account, _ := call(ctx)
	return s.dir.Update(ctx, func(tx store.Tx) error {
		p := s.dir.Profiles.Edit(tx, account, name)
		if p == nil {
			return noSuchProfile(name)
		}
		if err := edit(tx, p); err != nil {
			return err
		}
		s.dir.Profiles.Put(tx, p)
		return nil
	})
}
