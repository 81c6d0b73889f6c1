package provision

import (
	"context"

	"github.com/waxseal/waxseal/internal/template"
)

// userHandlers are those of users, groups and who is in them, and access keys.
var userHandlers = map[string]Handler{
	"AWS::IAM::User":                {createUser, updateUser, deleteUser},
	"AWS::IAM::Group":               {createGroup, updateGroup, deleteGroup},
	"AWS::IAM::UserToGroupAddition": {createAddition, updateAddition, deleteAddition},
	"AWS::IAM::AccessKey":           {createAccessKey, updateAccessKey, deleteAccessKey},
}

const (
	maxUserName  = 64
	maxGroupName = 128
	// maxID is how long the ids are of what has no name.
	maxID = 128
)

func (j *Job) user() holder  { return holder{j, "User", j.PhysicalID} }
func (j *Job) group() holder { return holder{j, "Group", j.PhysicalID} }

// createUser makes a user [C222].
func createUser(ctx context.Context, j *Job) error {
	name := j.named("UserName", maxUserName)
	made, err := j.Call(ctx, "iam", "CreateUser", j.arguments(map[string]any{
		"UserName": name, "Tags": tagList(j.Tags, "Key", "Value"),
	}, "Path", "PermissionsBoundary"))
	if err != nil {
		return err
	}
	j.PhysicalID = name
	j.set("Arn", template.Text(text(made, "User", "Arn")))
	return first(
		func() error { return j.setLogin(ctx) },
		func() error { return j.setGroups(ctx) },
		func() error { return j.user().setPolicies(ctx) },
	)
}

func updateUser(ctx context.Context, j *Job) error {
	u := j.user()
	return first(
		func() error { return u.move(ctx) },
		func() error { return u.setBoundary(ctx) },
		func() error { return j.setLogin(ctx) },
		func() error { return j.setGroups(ctx) },
		func() error { return u.setPolicies(ctx) },
		func() error { return j.setTags(ctx, "User", u.in(nil)) },
	)
}

// move gives a user or group its new path, and so its new ARN.
func (h holder) move(ctx context.Context) error {
	if !h.changed("Path") {
		return nil
	}
	path := h.Properties.Get("Path").String()
	if path == "" {
		path = "/"
	}
	if err := h.do(ctx, "iam", "Update"+h.kind, h.in(map[string]any{"NewPath": path})); err != nil {
		return err
	}
	shown, err := h.Call(ctx, "iam", "Get"+h.kind, h.in(nil))
	if err != nil {
		return err
	}
	h.set("Arn", template.Text(text(shown, h.kind, "Arn")))
	return nil
}

// setLogin gives a user the password that the properties say, or none.
func (j *Job) setLogin(ctx context.Context) error {
	u, login, before := j.user(), j.Properties.Get("LoginProfile"), j.Before.Get("LoginProfile")
	switch {
	case !j.changed("LoginProfile"):
		return nil
	case login == nil:
		return gone(j.do(ctx, "iam", "DeleteLoginProfile", u.in(nil)))
	case before == nil:
		return j.do(ctx, "iam", "CreateLoginProfile", u.in(given(map[string]any{}, login, "Password", "PasswordResetRequired")))
	default:
		in := map[string]any{"PasswordResetRequired": false}
		return j.do(ctx, "iam", "UpdateLoginProfile", u.in(given(in, login, "Password", "PasswordResetRequired")))
	}
}

func (j *Job) setGroups(ctx context.Context) error {
	joined, left := differences(j.Before.Get("Groups").Strings(), j.Properties.Get("Groups").Strings())
	return first(
		func() error { return each(left, j.leave(ctx)) },
		func() error {
			return each(joined, func(group string) error { return j.member(ctx, "AddUserToGroup", group, j.PhysicalID) })
		},
	)
}

// member has a user join or leave a group.
func (j *Job) member(ctx context.Context, operation, group, user string) error {
	return j.do(ctx, "iam", operation, map[string]any{"GroupName": group, "UserName": user})
}

func (j *Job) leave(ctx context.Context) func(group string) error {
	return func(group string) error { return gone(j.member(ctx, "RemoveUserFromGroup", group, j.PhysicalID)) }
}

// deleteUser deletes a user with its keys, its password and its policies; it leaves its
// groups first.
func deleteUser(ctx context.Context, j *Job) error {
	u := j.user()
	groups, err := j.all(ctx, "ListGroupsForUser", u.in(nil), "Groups", "GroupName")
	if err != nil {
		return gone(err)
	}
	keys, err := j.all(ctx, "ListAccessKeys", u.in(nil), "AccessKeyMetadata", "AccessKeyId")
	if err != nil {
		return gone(err)
	}
	err = first(
		func() error { return each(groups, j.leave(ctx)) },
		func() error {
			return each(keys, func(key string) error {
				return gone(j.do(ctx, "iam", "DeleteAccessKey", u.in(map[string]any{"AccessKeyId": key})))
			})
		},
		func() error { return gone(j.do(ctx, "iam", "DeleteLoginProfile", u.in(nil))) },
		func() error { return u.strip(ctx) },
		func() error { return j.do(ctx, "iam", "DeleteUser", u.in(nil)) },
	)
	return gone(err)
}

// createGroup makes a group [C222].
func createGroup(ctx context.Context, j *Job) error {
	name := j.named("GroupName", maxGroupName)
	made, err := j.Call(ctx, "iam", "CreateGroup", j.arguments(map[string]any{"GroupName": name}, "Path"))
	if err != nil {
		return err
	}
	j.PhysicalID = name
	j.set("Arn", template.Text(text(made, "Group", "Arn")))
	return j.group().setPolicies(ctx)
}

func updateGroup(ctx context.Context, j *Job) error {
	return first(
		func() error { return j.group().move(ctx) },
		func() error { return j.group().setPolicies(ctx) },
	)
}

func deleteGroup(ctx context.Context, j *Job) error {
	err := first(
		func() error { return j.group().strip(ctx) },
		func() error { return j.do(ctx, "iam", "DeleteGroup", j.group().in(nil)) },
	)
	return gone(err)
}

// createAddition puts users into a group.
func createAddition(ctx context.Context, j *Job) error {
	j.PhysicalID = j.madeUp(maxID, "")
	j.set("Id", template.Text(j.PhysicalID))
	return updateAddition(ctx, j)
}

// updateAddition has the users of the properties be in the group, and those that left
// them not. Another group is left by all, and joined anew.
func updateAddition(ctx context.Context, j *Job) error {
	group, before := j.Properties.Get("GroupName").String(), j.Before.Get("GroupName").String()
	users, usersBefore := j.Properties.Get("Users").Strings(), j.Before.Get("Users").Strings()
	added, removed := differences(usersBefore, users)
	if group != before {
		added, removed = users, usersBefore
	}
	return first(
		func() error { return each(removed, j.expel(ctx, before)) },
		func() error {
			return each(added, func(user string) error { return j.member(ctx, "AddUserToGroup", group, user) })
		},
	)
}

func (j *Job) expel(ctx context.Context, group string) func(user string) error {
	return func(user string) error { return gone(j.member(ctx, "RemoveUserFromGroup", group, user)) }
}

func deleteAddition(ctx context.Context, j *Job) error {
	return each(j.Properties.Get("Users").Strings(), j.expel(ctx, j.Properties.Get("GroupName").String()))
}

// createAccessKey makes an access key, whose secret is told this once [C225].
func createAccessKey(ctx context.Context, j *Job) error {
	made, err := j.Call(ctx, "iam", "CreateAccessKey", j.arguments(map[string]any{}, "UserName"))
	if err != nil {
		return err
	}
	j.PhysicalID = text(made, "AccessKey", "AccessKeyId")
	j.set("Id", template.Text(j.PhysicalID))
	j.set("SecretAccessKey", template.Text(text(made, "AccessKey", "SecretAccessKey")))
	if status := j.Properties.Get("Status").String(); status == "" || status == "Active" {
		return nil
	}
	return updateAccessKey(ctx, j)
}

func (j *Job) accessKey() map[string]any {
	return j.arguments(map[string]any{"AccessKeyId": j.PhysicalID}, "UserName")
}

func updateAccessKey(ctx context.Context, j *Job) error {
	in := j.accessKey()
	in["Status"] = "Active"
	return j.do(ctx, "iam", "UpdateAccessKey", j.arguments(in, "Status"))
}

func deleteAccessKey(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "iam", "DeleteAccessKey", j.accessKey()))
}
