package iam

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// CreateUserInput is the input of CreateUser.
type CreateUserInput struct {
	Path                string `check:"min=1,max=512" pattern:"(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"`
	UserName            string `check:"required,min=1,max=64" pattern:"[\\w+=,.@-]+"`
	PermissionsBoundary string `check:"min=20,max=2048"`
	Tags                []Tag  `check:"max=50"`
}

// CreateUserOutput is the output of CreateUser.
type CreateUserOutput struct {
	User *User
}

// CreateUser makes a user.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html.
func (s *Service) CreateUser(ctx context.Context, in *CreateUserInput) (*CreateUserOutput, error) {
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	account, region := call(ctx)
	out := new(CreateUserOutput)
	err := s.dir.Update(ctx, func(tx store.Tx) error {
		if s.dir.Users.Get(tx, account, in.UserName) != nil {
			return exists("User", in.UserName)
		}
		if err := checkQuota("Users", s.dir.Users.All(tx, account, "")); err != nil {
			return err
		}
		u := &identity.User{Entity: s.dir.NewEntity(tx, identity.UserPrefix, account, region, in.Path, in.UserName)}
		if err := s.setBoundary(tx, account, &u.Permissions, in.PermissionsBoundary); err != nil {
			return err
		}
		u.SetTags(tagRecords(in.Tags))
		s.dir.Users.Put(tx, u)
		out.User = fullUser(u)
		return nil
	})
	return out, err
}

// GetUserInput is the input of GetUser.
type GetUserInput struct {
	UserName string `check:"min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// GetUserOutput is the output of GetUser.
type GetUserOutput struct {
	User *User
}

// GetUser describes a user: the calling one where none is named. The calling
// root user is described as AWS does, without a name.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html.
func (s *Service) GetUser(ctx context.Context, in *GetUserInput) (*GetUserOutput, error) {
	name, err := userName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	account, _ := call(ctx)
	if name == "" {
		return &GetUserOutput{&User{Arn: api.RequestFrom(ctx).Caller.ARN, UserId: account}}, nil
	}
	u, err := s.findUser(ctx, name)
	if err != nil {
		return nil, err
	}
	return &GetUserOutput{fullUser(u)}, nil
}

// findUser is the user of that name.
func (s *Service) findUser(ctx context.Context, name string) (u *identity.User, err error) {
	account, _ := call(ctx)
	err = s.dir.View(ctx, func(r store.Reader) error {
		if u = s.dir.Users.Get(r, account, name); u == nil {
			return noSuch("user", name)
		}
		return nil
	})
	return u, err
}

// ListUsersInput is the input of ListUsers.
type ListUsersInput struct {
	PathPrefix string `check:"min=1,max=512" pattern:"\\u002F[\\u0021-\\u007F]*"`
	Marker     string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems   *int   `check:"min=1,max=1000"`
}

// ListUsersOutput is the output of ListUsers.
type ListUsersOutput struct {
	Users       []User
	IsTruncated bool
	Marker      string
}

// ListUsers lists the account's users by name.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html.
func (s *Service) ListUsers(ctx context.Context, in *ListUsersInput) (*ListUsersOutput, error) {
	account, _ := call(ctx)
	var users []User
	err := s.dir.View(ctx, func(r store.Reader) error {
		users = users[:0]
		for u := range s.dir.Users.All(r, account, "") {
			if strings.HasPrefix(u.Path, in.PathPrefix) {
				users = append(users, userShape(u))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(users, func(u User) string { return u.UserName }, in.Marker, in.MaxItems)
	return &ListUsersOutput{Users: part, Marker: next, IsTruncated: next != ""}, err
}

// UpdateUserInput is the input of UpdateUser.
type UpdateUserInput struct {
	UserName    string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	NewPath     string `check:"min=1,max=512" pattern:"(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"`
	NewUserName string `check:"min=1,max=64" pattern:"[\\w+=,.@-]+"`
}

// UpdateUserOutput is the output of UpdateUser.
type UpdateUserOutput struct{}

// UpdateUser gives a user another name, path or both. Its keys, groups and
// policies stay its own.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateUser.html.
func (s *Service) UpdateUser(ctx context.Context, in *UpdateUserInput) (*UpdateUserOutput, error) {
	account, _ := call(ctx)
	return new(UpdateUserOutput), s.dir.Update(ctx, func(tx store.Tx) error {
		u := s.dir.Users.Edit(tx, account, in.UserName)
		if u == nil {
			return noSuch("user", in.UserName)
		}
		if other := s.dir.Users.Get(tx, account, in.NewUserName); other != nil && other.ID != u.ID {
			return exists("User", in.NewUserName)
		}
		s.dir.Users.Rename(tx, u, or(in.NewPath, u.Path), or(in.NewUserName, u.Name))
		return nil
	})
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// DeleteUserInput is the input of DeleteUser.
type DeleteUserInput struct {
	UserName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// DeleteUserOutput is the output of DeleteUser.
type DeleteUserOutput struct{}

// DeleteUser deletes a user that has no policies, groups, password, keys, devices and
// certificates left.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html.
func (s *Service) DeleteUser(ctx context.Context, in *DeleteUserInput) (*DeleteUserOutput, error) {
	account, _ := call(ctx)
	return new(DeleteUserOutput), s.dir.Update(ctx, func(tx store.Tx) error {
		u := s.dir.Users.Get(tx, account, in.UserName)
		if u == nil {
			return noSuch("user", in.UserName)
		}
		switch {
		case len(u.Attached) > 0:
			return errDeleteConflict.With(mustDetachPolicies)
		case len(u.Inline) > 0:
			return errDeleteConflict.With(mustDeletePolicies)
		case len(u.Groups) > 0:
			return errDeleteConflict.With(mustRemoveUsers)
		case u.Login != nil:
			return errDeleteConflict.With(mustDeleteLogin)
		case len(u.Devices) > 0:
			return errDeleteConflict.With(mustDeleteDevice)
		case len(u.Keys) > 0:
			return errDeleteConflict.With(mustDeleteKeys)
		case len(u.SSHKeys)+len(u.Certificates)+len(u.ServiceCredentials) > 0: // [I009] [I051]
			return errDeleteConflict.With(mustRemoveOthers)
		}
		s.dir.Users.Delete(tx, u)
		return nil
	})
}

// ownUser is the user with that name, or the calling user where it is empty.
// For the root user the result is an empty user.
func (s *Service) ownUser(ctx context.Context, name string) (*identity.User, error) {
	name, err := userName(ctx, name)
	if name == "" || err != nil {
		return new(identity.User), err
	}
	return s.findUser(ctx, name)
}

// editUser changes a user.
func (s *Service) editUser(ctx context.Context, name string, edit func(store.Tx, *identity.User) error) error {
	account, _ := call(ctx)
	return s.dir.Update(ctx, func(tx store.Tx) error {
		u := s.dir.Users.Edit(tx, account, name)
		if u == nil {
			return noSuch("user", name)
		}
		if err := edit(tx, u); err != nil {
			return err
		}
		s.dir.Users.Put(tx, u)
		return nil
	})
}

// userName is the name of the user that an operation acts on: the named user,
// otherwise the calling user. It is empty for a calling root user, and an error
// for any other caller, who has to name one.
func userName(ctx context.Context, name string) (string, error) {
	if name != "" {
		return name, nil
	}
	c := api.RequestFrom(ctx).Caller
	switch c.Type {
	case policyeval.User:
		return c.Name, nil
	case policyeval.Root:
		return "", nil
	default:
		return "", errMustName
	}
}
