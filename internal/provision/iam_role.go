package provision

import (
	"context"

	"github.com/waxseal/waxseal/internal/template"
)

// roleHandlers are those of roles and what belongs to them.
var roleHandlers = map[string]Handler{
	"AWS::IAM::Role":              {createRole, updateRole, deleteRole},
	"AWS::IAM::ServiceLinkedRole": {createLinkedRole, updateLinkedRole, deleteLinkedRole},
	"AWS::IAM::InstanceProfile":   {createProfile, updateProfile, deleteProfile},
}

// maxRoleName and the like are how long the names are at most.
const (
	maxRoleName    = 64
	maxProfileName = 128
)

func (j *Job) role() holder { return holder{j, "Role", j.PhysicalID} }

// createRole makes a role [C221].
func createRole(ctx context.Context, j *Job) error {
	name := j.named("RoleName", maxRoleName)
	made, err := j.Call(ctx, "iam", "CreateRole", j.arguments(map[string]any{
		"RoleName": name, "AssumeRolePolicyDocument": document(j.Properties.Get("AssumeRolePolicyDocument")), "Tags": tagList(j.Tags, "Key", "Value"),
	}, "Path", "Description", "MaxSessionDuration", "PermissionsBoundary"))
	if err != nil {
		return err
	}
	j.PhysicalID = name
	j.set("Arn", template.Text(text(made, "Role", "Arn")))
	j.set("RoleId", template.Text(text(made, "Role", "RoleId")))
	return j.role().setPolicies(ctx)
}

// The duration of a role's sessions where none is said.
const defaultSession = 3600

func updateRole(ctx context.Context, j *Job) error {
	r := j.role()
	return first(
		func() error {
			if !j.changed("AssumeRolePolicyDocument") {
				return nil
			}
			return j.do(ctx, "iam", "UpdateAssumeRolePolicy", r.in(map[string]any{"PolicyDocument": document(j.Properties.Get("AssumeRolePolicyDocument"))}))
		},
		func() error {
			if !j.changed("Description", "MaxSessionDuration") {
				return nil
			}
			in := map[string]any{"Description": "", "MaxSessionDuration": defaultSession}
			return j.do(ctx, "iam", "UpdateRole", r.in(j.arguments(in, "Description", "MaxSessionDuration")))
		},
		func() error { return r.setBoundary(ctx) },
		func() error { return r.setPolicies(ctx) },
		func() error { return j.setTags(ctx, "Role", r.in(nil)) },
	)
}

func deleteRole(ctx context.Context, j *Job) error {
	r := j.role()
	err := first(
		func() error { return r.strip(ctx) },
		func() error { return j.do(ctx, "iam", "DeleteRole", r.in(nil)) },
	)
	return gone(err)
}

func createLinkedRole(ctx context.Context, j *Job) error {
	made, err := j.Call(ctx, "iam", "CreateServiceLinkedRole", j.arguments(map[string]any{}, "AWSServiceName", "CustomSuffix", "Description"))
	if err != nil {
		return err
	}
	j.PhysicalID = text(made, "Role", "RoleName")
	j.set("RoleName", template.Text(j.PhysicalID))
	return nil
}

func updateLinkedRole(ctx context.Context, j *Job) error {
	return j.do(ctx, "iam", "UpdateRole", j.role().in(map[string]any{"Description": j.Properties.Get("Description").String()}))
}

func deleteLinkedRole(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "iam", "DeleteServiceLinkedRole", j.role().in(nil)))
}

func (j *Job) profile(others map[string]any) map[string]any {
	return with(others, "InstanceProfileName", j.PhysicalID)
}

// createProfile makes an instance profile with its role [C225].
func createProfile(ctx context.Context, j *Job) error {
	name := j.named("InstanceProfileName", maxProfileName)
	made, err := j.Call(ctx, "iam", "CreateInstanceProfile", j.arguments(map[string]any{"InstanceProfileName": name}, "Path"))
	if err != nil {
		return err
	}
	j.PhysicalID = name
	j.set("Arn", template.Text(text(made, "InstanceProfile", "Arn")))
	return updateProfile(ctx, j)
}

func updateProfile(ctx context.Context, j *Job) error {
	added, removed := differences(j.Before.Get("Roles").Strings(), j.Properties.Get("Roles").Strings())
	return first(
		func() error { return each(removed, j.leaveProfile(ctx)) },
		func() error {
			return each(added, func(role string) error {
				return j.do(ctx, "iam", "AddRoleToInstanceProfile", j.profile(map[string]any{"RoleName": role}))
			})
		},
	)
}

func (j *Job) leaveProfile(ctx context.Context) func(role string) error {
	return func(role string) error {
		return gone(j.do(ctx, "iam", "RemoveRoleFromInstanceProfile", j.profile(map[string]any{"RoleName": role})))
	}
}

// deleteProfile deletes an instance profile; its role, which it loses first, stays [C225].
func deleteProfile(ctx context.Context, j *Job) error {
	shown, err := j.Call(ctx, "iam", "GetInstanceProfile", j.profile(nil))
	if err != nil {
		return gone(err)
	}
	profile := map[string]any{"Roles": part(shown, "InstanceProfile", "Roles")}
	if err := each(texts(profile, "Roles", "RoleName"), j.leaveProfile(ctx)); err != nil {
		return err
	}
	return gone(j.do(ctx, "iam", "DeleteInstanceProfile", j.profile(nil)))
}
