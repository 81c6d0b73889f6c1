package iam

import (
	"context"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// maxGroupsPerUser is how many groups a user may be in.
const maxGroupsPerUser = 10

// CreateGroupInput is the input of CreateGroup.
type CreateGroupInput struct {
	Path      string `check:"min=1,max=512" pattern:"(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"`
	GroupName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// CreateGroupOutput is the output of CreateGroup.
type CreateGroupOutput struct {
	Group *Group
}

// CreateGroup makes a group.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html.
func (s *Service) CreateGroup(ctx context.Context, in *CreateGroupInput) (*CreateGroupOutput, error) {
	account, region := call(ctx)
	out := new(CreateGroupOutput)
	err := s.dir.Update(ctx, func(tx store.Tx) error {
		if s.dir.Groups.Get(tx, account, in.GroupName) != nil {
			return exists("Group", in.GroupName)
		}
		if err := checkQuota("Groups", s.dir.Groups.All(tx, account, "")); err != nil {
			return err
		}
		g := &identity.Group{Entity: s.dir.NewEntity(tx, identity.GroupPrefix, account, region, in.Path, in.GroupName)}
		s.dir.Groups.Put(tx, g)
		out.Group = groupShape(g)
		return nil
	})
	return out, err
}

// GetGroupInput is the input of GetGroup.
type GetGroupInput struct {
	GroupName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	Marker    string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems  *int   `check:"min=1,max=1000"`
}

// GetGroupOutput is the output of GetGroup.
type GetGroupOutput struct {
	Group       *Group
	Users       []User
	IsTruncated bool
	Marker      string
}

// GetGroup describes a group and lists its members.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html.
func (s *Service) GetGroup(ctx context.Context, in *GetGroupInput) (*GetGroupOutput, error) {
	account, _ := call(ctx)
	out := new(GetGroupOutput)
	var users []User
	err := s.dir.View(ctx, func(r store.Reader) error {
		users = users[:0]
		g := s.dir.Groups.Get(r, account, in.GroupName)
		if g == nil {
			return noSuch("group", in.GroupName)
		}
		out.Group = groupShape(g)
		for u := range s.dir.Users.All(r, account, "") {
			if slices.Contains(u.Groups, g.ID) {
				users = append(users, userShape(u))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out.Users, out.Marker, err = page(users, func(u User) string { return u.UserName }, in.Marker, in.MaxItems)
	out.IsTruncated = out.Marker != ""
	return out, err
}

// ListGroupsInput is the input of ListGroups.
type ListGroupsInput struct {
	PathPrefix string `check:"min=1,max=512" pattern:"\\u002F[\\u0021-\\u007F]*"`
	Marker     string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems   *int   `check:"min=1,max=1000"`
}

// ListGroupsOutput is the output of ListGroups.
type ListGroupsOutput struct {
	Groups      []Group
	IsTruncated bool
	Marker      string
}

// ListGroups lists the account's groups by name.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroups.html.
func (s *Service) ListGroups(ctx context.Context, in *ListGroupsInput) (*ListGroupsOutput, error) {
	account, _ := call(ctx)
	var groups []Group
	err := s.dir.View(ctx, func(r store.Reader) error {
		groups = groups[:0]
		for g := range s.dir.Groups.All(r, account, "") {
			if strings.HasPrefix(g.Path, in.PathPrefix) {
				groups = append(groups, *groupShape(g))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(groups, func(g Group) string { return g.GroupName }, in.Marker, in.MaxItems)
	return &ListGroupsOutput{Groups: part, Marker: next, IsTruncated: next != ""}, err
}

// UpdateGroupInput is the input of UpdateGroup.
type UpdateGroupInput struct {
	GroupName    string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	NewPath      string `check:"min=1,max=512" pattern:"(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"`
	NewGroupName string `check:"min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// UpdateGroupOutput is the output of UpdateGroup.
type UpdateGroupOutput struct{}

// UpdateGroup gives a group another name, path or both.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateGroup.html.
func (s *Service) UpdateGroup(ctx context.Context, in *UpdateGroupInput) (*UpdateGroupOutput, error) {
	account, _ := call(ctx)
	return new(UpdateGroupOutput), s.dir.Update(ctx, func(tx store.Tx) error {
		g := s.dir.Groups.Edit(tx, account, in.GroupName)
		if g == nil {
			return noSuch("group", in.GroupName)
		}
		if other := s.dir.Groups.Get(tx, account, in.NewGroupName); other != nil && other.ID != g.ID {
			return exists("Group", in.NewGroupName)
		}
		s.dir.Groups.Rename(tx, g, or(in.NewPath, g.Path), or(in.NewGroupName, g.Name))
		return nil
	})
}

// DeleteGroupInput is the input of DeleteGroup.
type DeleteGroupInput struct {
	GroupName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// DeleteGroupOutput is the output of DeleteGroup.
type DeleteGroupOutput struct{}

// DeleteGroup deletes a group that has no members and policies left.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html.
func (s *Service) DeleteGroup(ctx context.Context, in *DeleteGroupInput) (*DeleteGroupOutput, error) {
	account, _ := call(ctx)
	return new(DeleteGroupOutput), s.dir.Update(ctx, func(tx store.Tx) error {
		g := s.dir.Groups.Get(tx, account, in.GroupName)
		if g == nil {
			return noSuch("group", in.GroupName)
		}
		for u := range s.dir.Users.All(tx, account, "") {
			if slices.Contains(u.Groups, g.ID) {
				return errDeleteConflict.With(mustRemoveUsers)
			}
		}
		switch {
		case len(g.Attached) > 0:
			return errDeleteConflict.With(mustDetachPolicies)
		case len(g.Inline) > 0:
			return errDeleteConflict.With(mustDeletePolicies)
		}
		s.dir.Groups.Delete(tx, g)
		return nil
	})
}

// AddUserToGroupInput is the input of AddUserToGroup.
type AddUserToGroupInput struct {
	GroupName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	UserName  string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// AddUserToGroupOutput is the output of AddUserToGroup.
type AddUserToGroupOutput struct{}

// AddUserToGroup makes a user a member of a group. It may be one already.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html.
func (s *Service) AddUserToGroup(ctx context.Context, in *AddUserToGroupInput) (*AddUserToGroupOutput, error) {
	return new(AddUserToGroupOutput), s.editMember(ctx, in.GroupName, in.UserName, func(u *identity.User, group string) error {
		if slices.Contains(u.Groups, group) {
			return nil
		}
		if len(u.Groups) >= maxGroupsPerUser {
			return exceeds("GroupsPerUser", maxGroupsPerUser)
		}
		u.Groups = append(u.Groups, group)
		return nil
	})
}

// RemoveUserFromGroupInput is the input of RemoveUserFromGroup.
type RemoveUserFromGroupInput struct {
	GroupName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	UserName  string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// RemoveUserFromGroupOutput is the output of RemoveUserFromGroup.
type RemoveUserFromGroupOutput struct{}

// RemoveUserFromGroup ends a user's membership of a group, if there is one.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html.
func (s *Service) RemoveUserFromGroup(ctx context.Context, in *RemoveUserFromGroupInput) (*RemoveUserFromGroupOutput, error) {
	return new(RemoveUserFromGroupOutput), s.editMember(ctx, in.GroupName, in.UserName, func(u *identity.User, group string) error {
		u.Groups = slices.DeleteFunc(u.Groups, func(id string) bool { return id == group })
		return nil
	})
}

// editMember changes a user's membership of the group of the given unique id.
func (s *Service) editMember(ctx context.Context, group, user string, edit func(u *identity.User, group string) error) error {
	account, _ := call(ctx)
	return s.dir.Update(ctx, func(tx store.Tx) error {
		g := s.dir.Groups.Get(tx, account, group)
		if g == nil {
			return noSuch("group", group)
		}
		u := s.dir.Users.Edit(tx, account, user)
		if u == nil {
			return noSuch("user", user)
		}
		if err := edit(u, g.ID); err != nil {
			return err
		}
		s.dir.Users.Put(tx, u)
		return nil
	})
}

// ListGroupsForUserInput is the input of ListGroupsForUser.
type ListGroupsForUserInput struct {
	UserName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	Marker   string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems *int   `check:"min=1,max=1000"`
}

// ListGroupsForUserOutput is the output of ListGroupsForUser.
type ListGroupsForUserOutput struct {
	Groups      []Group
	IsTruncated bool
	Marker      string
}

// ListGroupsForUser lists the groups that a user is a member of.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html.
func (s *Service) ListGroupsForUser(ctx context.Context, in *ListGroupsForUserInput) (*ListGroupsForUserOutput, error) {
	account, _ := call(ctx)
	var groups []Group
	err := s.dir.View(ctx, func(r store.Reader) error {
		groups = groups[:0]
		u := s.dir.Users.Get(r, account, in.UserName)
		if u == nil {
			return noSuch("user", in.UserName)
		}
		for _, g := range s.groupsOf(r, u) {
			groups = append(groups, *groupShape(g))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(groups, func(g Group) string { return g.GroupName }, in.Marker, in.MaxItems)
	return &ListGroupsForUserOutput{Groups: part, Marker: next, IsTruncated: next != ""}, err
}

func (s *Service) groupsOf(r store.Reader, u *identity.User) (groups []*identity.Group) {
	for _, id := range u.Groups {
		if g := s.dir.Groups.ByID(r, id); g != nil {
			groups = append(groups, g)
		}
	}
	return groups
}

// editGroup changes a group.
func (s *Service) editGroup(ctx context.Context, name string, edit func(store.Tx, *identity.Group) error) error {
	account, _ := call(ctx)
	return s.dir.Update(ctx, func(tx store.Tx) error {
		g := s.dir.Groups.Edit(tx, account, name)
		if g == nil {
			return noSuch("group", name)
		}
		if err := edit(tx, g); err != nil {
			return err
		}
		s.dir.Groups.Put(tx, g)
		return nil
	})
}
