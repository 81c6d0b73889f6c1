package iam_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/iam"
	"github.com/waxseal/waxseal/internal/store"
)

func TestUserLife(t *testing.T) {
	w := newTestbed(t)
	made := must[*iam.CreateUserOutput](t)(w.CreateUser(w.ctx(), &iam.CreateUserInput{
		UserName: "Alice", Path: "/staff/", PermissionsBoundary: awsSQSFull, Tags: []iam.Tag{{Key: "b", Value: "2"}, {Key: "a", Value: "1"}},
	})).User
	want := &iam.User{
		Arn: "arn:aws:iam::" + account + ":user/staff/Alice", CreateDate: start, Path: "/staff/", UserName: "Alice", UserId: made.UserId,
		PermissionsBoundary: &iam.AttachedPermissionsBoundary{PermissionsBoundaryArn: awsSQSFull, PermissionsBoundaryType: "Policy"},
		Tags:                []iam.Tag{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}},
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Error(diff)
	}
	got := must[*iam.GetUserOutput](t)(w.GetUser(w.ctx(), &iam.GetUserInput{UserName: "alice"})).User
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("a look-up ignores case:", diff)
	}
	listed := must[*iam.ListUsersOutput](t)(w.ListUsers(w.ctx(), &iam.ListUsersInput{})).Users
	want.Tags, want.PermissionsBoundary = nil, nil // lists show neither
	if diff := cmp.Diff([]iam.User{*want}, listed); diff != "" {
		t.Error(diff)
	}
	_, err := w.CreateUser(w.ctx(), &iam.CreateUserInput{UserName: "ALICE"})
	fails(t, err, "EntityAlreadyExists", 409, "User with name ALICE already exists.")
	_, err = w.CreateUser(w.ctx(), &iam.CreateUserInput{UserName: "bob", PermissionsBoundary: "arn:aws:iam::aws:policy/None"})
	fails(t, err, "NoSuchEntity", 404, "Scope ARN: arn:aws:iam::aws:policy/None does not exist or is not attachable.")

	must[*iam.UpdateUserOutput](t)(w.UpdateUser(w.ctx(), &iam.UpdateUserInput{UserName: "Alice", NewUserName: "alicia"}))
	must[*iam.UpdateUserOutput](t)(w.UpdateUser(w.ctx(), &iam.UpdateUserInput{UserName: "alicia", NewPath: "/"}))
	got = must[*iam.GetUserOutput](t)(w.GetUser(w.ctx(), &iam.GetUserInput{UserName: "alicia"})).User
	if got.Arn != "arn:aws:iam::"+account+":user/alicia" || got.UserId != made.UserId || len(got.Tags) != 2 {
		t.Errorf("after two renamings: %+v", got)
	}
	w.user("bob")
	_, err = w.UpdateUser(w.ctx(), &iam.UpdateUserInput{UserName: "bob", NewUserName: "Alicia"})
	fails(t, err, "EntityAlreadyExists", 409, "User with name Alicia already exists.")
	must[*iam.UpdateUserOutput](t)(w.UpdateUser(w.ctx(), &iam.UpdateUserInput{UserName: "bob", NewUserName: "Bob"}))
	must[*iam.DeleteUserOutput](t)(w.DeleteUser(w.ctx(), &iam.DeleteUserInput{UserName: "bob"}))
	_, err = w.GetUser(w.ctx(), &iam.GetUserInput{UserName: "Bob"})
	fails(t, err, "NoSuchEntity", 404, "The user with name Bob cannot be found.")
}

func TestDeleteUserConflicts(t *testing.T) {
	for text, prepare := range map[string]func(w *testbed){
		"Cannot delete entity, must detach all policies first.": func(w *testbed) {
			must[*iam.AttachUserPolicyOutput](t)(w.AttachUserPolicy(w.ctx(), &iam.AttachUserPolicyInput{UserName: "u", PolicyArn: awsSQSFull}))
		},
		"Cannot delete entity, must delete policies first.": func(w *testbed) { w.put("u", "p", allowSend) },
		"Cannot delete entity, must remove users from group first.": func(w *testbed) {
			w.group("g")
			must[*iam.AddUserToGroupOutput](t)(w.AddUserToGroup(w.ctx(), &iam.AddUserToGroupInput{UserName: "u", GroupName: "g"}))
		},
		"Cannot delete entity, must delete access keys first.": func(w *testbed) {
			must[*iam.CreateAccessKeyOutput](t)(w.CreateAccessKey(w.ctx(), &iam.CreateAccessKeyInput{UserName: "u"}))
		},
	} {
		t.Run(text, func(t *testing.T) {
			w := newTestbed(t)
			w.user("u")
			prepare(w)
			_, err := w.DeleteUser(w.ctx(), &iam.DeleteUserInput{UserName: "u"})
			fails(t, err, "DeleteConflict", 409, text)
			must[*iam.GetUserOutput](t)(w.GetUser(w.ctx(), &iam.GetUserInput{UserName: "u"}))
		})
	}
}

func TestWhoIsMeantWithoutUserName(t *testing.T) {
	w := newTestbed(t)
	w.user("alice")
	w.role("r")
	got := must[*iam.GetUserOutput](t)(w.GetUser(w.as(w.who("user/alice")), &iam.GetUserInput{})).User
	if got.UserName != "alice" {
		t.Errorf("the calling user is %+v", got)
	}
	got = must[*iam.GetUserOutput](t)(w.GetUser(w.ctx(), &iam.GetUserInput{})).User
	if diff := cmp.Diff(&iam.User{Arn: "arn:aws:iam::" + account + ":root", UserId: account}, got); diff != "" {
		t.Error(diff)
	}
	_, err := w.GetUser(w.as(w.who("role/r")), &iam.GetUserInput{})
	fails(t, err, "ValidationError", 400, "Must specify userName when calling with non-User credentials")
}

func TestGroupLife(t *testing.T) {
	w := newTestbed(t)
	g := w.group("Admins")
	w.user("alice")
	w.user("bob")
	add := func(user string) {
		t.Helper()
		must[*iam.AddUserToGroupOutput](t)(w.AddUserToGroup(w.ctx(), &iam.AddUserToGroupInput{GroupName: "Admins", UserName: user}))
	}
	add("bob")
	add("alice")
	add("alice")
	got := must[*iam.GetGroupOutput](t)(w.GetGroup(w.ctx(), &iam.GetGroupInput{GroupName: "admins"}))
	if len(got.Users) != 2 || got.Users[0].UserName != "alice" || got.Group.GroupId != g.GroupId || got.IsTruncated {
		t.Errorf("group = %+v, %+v", got.Group, got.Users)
	}
	must[*iam.UpdateGroupOutput](t)(w.UpdateGroup(w.ctx(), &iam.UpdateGroupInput{GroupName: "Admins", NewGroupName: "Ops", NewPath: "/x/"}))
	groups := must[*iam.ListGroupsForUserOutput](t)(w.ListGroupsForUser(w.ctx(), &iam.ListGroupsForUserInput{UserName: "alice"})).Groups
	if len(groups) != 1 || groups[0].Arn != "arn:aws:iam::"+account+":group/x/Ops" {
		t.Errorf("alice's groups after the renaming: %+v", groups)
	}
	w.group("others")
	_, err := w.UpdateGroup(w.ctx(), &iam.UpdateGroupInput{GroupName: "others", NewGroupName: "ops"})
	fails(t, err, "EntityAlreadyExists", 409, "Group with name ops already exists.")
	_, err = w.CreateGroup(w.ctx(), &iam.CreateGroupInput{GroupName: "OPS"})
	fails(t, err, "EntityAlreadyExists", 409, "Group with name OPS already exists.")
	_, err = w.DeleteGroup(w.ctx(), &iam.DeleteGroupInput{GroupName: "Ops"})
	fails(t, err, "DeleteConflict", 409, "Cannot delete entity, must remove users from group first.")
	_, err = w.AddUserToGroup(w.ctx(), &iam.AddUserToGroupInput{GroupName: "Ops", UserName: "none"})
	fails(t, err, "NoSuchEntity", 404, "The user with name none cannot be found.")

	for _, u := range []string{"alice", "bob", "bob"} {
		must[*iam.RemoveUserFromGroupOutput](t)(w.RemoveUserFromGroup(w.ctx(), &iam.RemoveUserFromGroupInput{GroupName: "Ops", UserName: u}))
	}
	must[*iam.PutGroupPolicyOutput](t)(w.PutGroupPolicy(w.ctx(), &iam.PutGroupPolicyInput{GroupName: "Ops", PolicyName: "p", PolicyDocument: allowSend}))
	_, err = w.DeleteGroup(w.ctx(), &iam.DeleteGroupInput{GroupName: "Ops"})
	fails(t, err, "DeleteConflict", 409, "Cannot delete entity, must delete policies first.")
	must[*iam.DeleteGroupPolicyOutput](t)(w.DeleteGroupPolicy(w.ctx(), &iam.DeleteGroupPolicyInput{GroupName: "Ops", PolicyName: "p"}))
	must[*iam.AttachGroupPolicyOutput](t)(w.AttachGroupPolicy(w.ctx(), &iam.AttachGroupPolicyInput{GroupName: "Ops", PolicyArn: awsSQSFull}))
	_, err = w.DeleteGroup(w.ctx(), &iam.DeleteGroupInput{GroupName: "Ops"})
	fails(t, err, "DeleteConflict", 409, "Cannot delete entity, must detach all policies first.")
	must[*iam.DetachGroupPolicyOutput](t)(w.DetachGroupPolicy(w.ctx(), &iam.DetachGroupPolicyInput{GroupName: "Ops", PolicyArn: awsSQSFull}))
	must[*iam.DeleteGroupOutput](t)(w.DeleteGroup(w.ctx(), &iam.DeleteGroupInput{GroupName: "Ops"}))
	left := must[*iam.ListGroupsOutput](t)(w.ListGroups(w.ctx(), &iam.ListGroupsInput{})).Groups
	if len(left) != 1 || left[0].GroupName != "others" {
		t.Errorf("groups left: %+v", left)
	}
}

func TestGroupsPerUser(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	for i := range 11 {
		name := fmt.Sprintf("g%d", i)
		w.group(name)
		_, err := w.AddUserToGroup(w.ctx(), &iam.AddUserToGroupInput{GroupName: name, UserName: "u"})
		if i < 10 && err != nil {
			t.Fatal(err)
		}
		if i == 10 {
			fails(t, err, "LimitExceeded", 409, "Cannot exceed quota for GroupsPerUser: 10")
		}
	}
}

// [I003]: what the three operations tell of a role.
func TestRoleShapes(t *testing.T) {
	w := newTestbed(t)
	made := must[*iam.CreateRoleOutput](t)(w.CreateRole(w.ctx(), &iam.CreateRoleInput{
		RoleName: "r", AssumeRolePolicyDocument: trustSelf, Description: "d", MaxSessionDuration: ptr(7200), Tags: []iam.Tag{{Key: "k", Value: ""}},
	})).Role
	want := iam.Role{
		Arn: "arn:aws:iam::" + account + ":role/r", CreateDate: start, Path: "/", RoleName: "r", RoleId: made.RoleId, Description: "d",
		AssumeRolePolicyDocument: made.AssumeRolePolicyDocument, Tags: []iam.Tag{{Key: "k", Value: ""}},
	}
	if diff := cmp.Diff(&want, made); diff != "" {
		t.Error("CreateRole:", diff)
	}
	if text, err := url.PathUnescape(made.AssumeRolePolicyDocument); err != nil || text != trustShown || strings.ContainsAny(made.AssumeRolePolicyDocument, `{}":*,+ `) {
		t.Errorf("the trust policy comes back as %s", made.AssumeRolePolicyDocument)
	}
	got := must[*iam.GetRoleOutput](t)(w.GetRole(w.ctx(), &iam.GetRoleInput{RoleName: "r"})).Role
	full := want
	full.MaxSessionDuration, full.RoleLastUsed = ptr(7200), &iam.RoleLastUsed{}
	if diff := cmp.Diff(&full, got); diff != "" {
		t.Error("GetRole:", diff)
	}
	listed := must[*iam.ListRolesOutput](t)(w.ListRoles(w.ctx(), &iam.ListRolesInput{})).Roles
	brief := want
	brief.MaxSessionDuration, brief.Tags = ptr(7200), nil
	if diff := cmp.Diff([]iam.Role{brief}, listed); diff != "" {
		t.Error("ListRoles:", diff)
	}
}

func TestRoleLastUsed(t *testing.T) {
	w := newTestbed(t)
	w.role("r")
	if err := w.dir.Used(t.Context(), w.who("role/r"), "sqs", region); err != nil {
		t.Fatal(err)
	}
	got := must[*iam.GetRoleOutput](t)(w.GetRole(w.ctx(), &iam.GetRoleInput{RoleName: "r"})).Role.RoleLastUsed
	if diff := cmp.Diff(&iam.RoleLastUsed{LastUsedDate: start, Region: region}, got); diff != "" {
		t.Error(diff)
	}
}

func TestUpdateRole(t *testing.T) {
	w := newTestbed(t)
	w.role("r")
	get := func() *iam.Role {
		t.Helper()
		return must[*iam.GetRoleOutput](t)(w.GetRole(w.ctx(), &iam.GetRoleInput{RoleName: "r"})).Role
	}
	must[*iam.UpdateRoleOutput](t)(w.UpdateRole(w.ctx(), &iam.UpdateRoleInput{RoleName: "r", Description: ptr("new"), MaxSessionDuration: ptr(43200)}))
	if r := get(); r.Description != "new" || *r.MaxSessionDuration != 43200 {
		t.Errorf("role = %+v", r)
	}
	must[*iam.UpdateRoleOutput](t)(w.UpdateRole(w.ctx(), &iam.UpdateRoleInput{RoleName: "r"}))
	if r := get(); r.Description != "new" || *r.MaxSessionDuration != 3600 {
		t.Errorf("without members: %+v, want the description kept and an hour", r)
	}
	got := must[*iam.UpdateRoleDescriptionOutput](t)(w.UpdateRoleDescription(w.ctx(), &iam.UpdateRoleDescriptionInput{RoleName: "r", Description: "x"})).Role
	if got.Description != "x" || get().Description != "x" {
		t.Errorf("role = %+v", got)
	}
	const other = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	must[*iam.UpdateAssumeRolePolicyOutput](t)(w.UpdateAssumeRolePolicy(w.ctx(), &iam.UpdateAssumeRolePolicyInput{RoleName: "r", PolicyDocument: other}))
	if text, _ := url.PathUnescape(get().AssumeRolePolicyDocument); text != other {
		t.Errorf("trust = %s", text)
	}
	_, err := w.CreateRole(w.ctx(), &iam.CreateRoleInput{RoleName: "R", AssumeRolePolicyDocument: trustSelf})
	fails(t, err, "EntityAlreadyExists", 409, "Role with name R already exists.")
}

func TestDeleteRoleConflicts(t *testing.T) {
	for text, prepare := range map[string]func(w *testbed){
		"Cannot delete entity, must detach all policies first.": func(w *testbed) {
			must[*iam.AttachRolePolicyOutput](t)(w.AttachRolePolicy(w.ctx(), &iam.AttachRolePolicyInput{RoleName: "r", PolicyArn: awsSQSFull}))
		},
		"Cannot delete entity, must delete policies first.": func(w *testbed) {
			must[*iam.PutRolePolicyOutput](t)(w.PutRolePolicy(w.ctx(), &iam.PutRolePolicyInput{RoleName: "r", PolicyName: "p", PolicyDocument: allowSend}))
		},
		"Cannot delete entity, must remove roles from instance profile first.": func(w *testbed) {
			w.profile("p")
			must[*iam.AddRoleToInstanceProfileOutput](t)(w.AddRoleToInstanceProfile(w.ctx(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: "p", RoleName: "r"}))
		},
	} {
		t.Run(text, func(t *testing.T) {
			w := newTestbed(t)
			w.role("r")
			prepare(w)
			_, err := w.DeleteRole(w.ctx(), &iam.DeleteRoleInput{RoleName: "r"})
			fails(t, err, "DeleteConflict", 409, text)
		})
	}
	w := newTestbed(t)
	w.role("r")
	must[*iam.DeleteRoleOutput](t)(w.DeleteRole(w.ctx(), &iam.DeleteRoleInput{RoleName: "r"}))
	_, err := w.GetRole(w.ctx(), &iam.GetRoleInput{RoleName: "r"})
	fails(t, err, "NoSuchEntity", 404, "The role with name r cannot be found.")
}

func TestInstanceProfileLife(t *testing.T) {
	w := newTestbed(t)
	made := w.profile("p")
	if made.Arn != "arn:aws:iam::"+account+":instance-profile/p" || made.Roles == nil || len(made.Roles) != 0 {
		t.Errorf("profile = %+v", made)
	}
	_, err := w.CreateInstanceProfile(w.ctx(), &iam.CreateInstanceProfileInput{InstanceProfileName: "P"})
	fails(t, err, "EntityAlreadyExists", 409, "Instance Profile P already exists.")
	w.role("r")
	w.role("other")
	add := func(role string) error {
		_, err := w.AddRoleToInstanceProfile(w.ctx(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: "p", RoleName: role})
		return err
	}
	fails(t, add("none"), "NoSuchEntity", 404, "The role with name none cannot be found.")
	if err := add("r"); err != nil {
		t.Fatal(err)
	}
	fails(t, add("other"), "LimitExceeded", 409, "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
	got := must[*iam.GetInstanceProfileOutput](t)(w.GetInstanceProfile(w.ctx(), &iam.GetInstanceProfileInput{InstanceProfileName: "p"})).InstanceProfile
	if len(got.Roles) != 1 || got.Roles[0].RoleName != "r" {
		t.Errorf("profile = %+v", got)
	}
	for _, list := range [][]iam.InstanceProfile{
		must[*iam.ListInstanceProfilesOutput](t)(w.ListInstanceProfiles(w.ctx(), &iam.ListInstanceProfilesInput{})).InstanceProfiles,
		must[*iam.ListInstanceProfilesForRoleOutput](t)(w.ListInstanceProfilesForRole(w.ctx(), &iam.ListInstanceProfilesForRoleInput{RoleName: "r"})).InstanceProfiles,
	} {
		if diff := cmp.Diff([]iam.InstanceProfile{*got}, list); diff != "" {
			t.Error(diff)
		}
	}
	if l := must[*iam.ListInstanceProfilesForRoleOutput](t)(w.ListInstanceProfilesForRole(w.ctx(), &iam.ListInstanceProfilesForRoleInput{RoleName: "other"})).InstanceProfiles; len(l) != 0 {
		t.Errorf("the other role is in %+v", l)
	}
	_, err = w.DeleteInstanceProfile(w.ctx(), &iam.DeleteInstanceProfileInput{InstanceProfileName: "p"})
	fails(t, err, "DeleteConflict", 409, "Cannot delete entity, must remove roles from instance profile first.")
	_, err = w.RemoveRoleFromInstanceProfile(w.ctx(), &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: "p", RoleName: "other"})
	fails(t, err, "NoSuchEntity", 404, "The role with name other cannot be found.")
	must[*iam.RemoveRoleFromInstanceProfileOutput](t)(w.RemoveRoleFromInstanceProfile(w.ctx(), &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: "p", RoleName: "r"}))
	must[*iam.DeleteInstanceProfileOutput](t)(w.DeleteInstanceProfile(w.ctx(), &iam.DeleteInstanceProfileInput{InstanceProfileName: "p"}))
}

func TestPages(t *testing.T) {
	w := newTestbed(t)
	for i := range 5 {
		w.user(fmt.Sprintf("u%d", i))
	}
	must[*iam.CreateUserOutput](t)(w.CreateUser(w.ctx(), &iam.CreateUserInput{UserName: "deep", Path: "/a/b/"}))
	var names []string
	in := &iam.ListUsersInput{MaxItems: ptr(2), PathPrefix: "/"}
	for range 10 {
		out := must[*iam.ListUsersOutput](t)(w.ListUsers(w.ctx(), in))
		for _, u := range out.Users {
			names = append(names, u.UserName)
		}
		if out.IsTruncated != (out.Marker != "") {
			t.Errorf("IsTruncated = %v, Marker = %q", out.IsTruncated, out.Marker)
		}
		if in.Marker = out.Marker; in.Marker == "" {
			break
		}
		if len(names) == 2 { // a user that goes between two pages costs no other its place
			must[*iam.DeleteUserOutput](t)(w.DeleteUser(w.ctx(), &iam.DeleteUserInput{UserName: "u1"}))
		}
	}
	if diff := cmp.Diff([]string{"deep", "u0", "u2", "u3", "u4"}, names); diff != "" {
		t.Error(diff)
	}
	if out := must[*iam.ListUsersOutput](t)(w.ListUsers(w.ctx(), &iam.ListUsersInput{PathPrefix: "/a/"})); len(out.Users) != 1 {
		t.Errorf("below /a/: %+v", out.Users)
	}
	if out := must[*iam.ListUsersOutput](t)(w.ListUsers(w.ctx(), &iam.ListUsersInput{PathPrefix: "/none/"})); out.Users == nil || len(out.Users) != 0 {
		t.Errorf("below /none/: %#v, want a list that is there and empty", out.Users)
	}
	_, err := w.ListUsers(w.ctx(), &iam.ListUsersInput{Marker: "!"})
	fails(t, err, "ValidationError", 400, "Invalid Marker.")
}

func TestTags(t *testing.T) {
	w := newTestbed(t)
	w.user("e")
	w.role("e")
	w.profile("e")
	policyARN := w.policy("e", allowSend).Arn
	providerARN := must[*iam.CreateOpenIDConnectProviderOutput](t)(w.CreateOpenIDConnectProvider(w.ctx(), &iam.CreateOpenIDConnectProviderInput{Url: "https://idp.example"})).OpenIDConnectProviderArn
	for kind, f := range map[string]struct {
		tag   func([]iam.Tag) error
		untag func([]string) error
		list  func(limit *int, marker string) ([]iam.Tag, string)
	}{
		"user": {
			func(tags []iam.Tag) error {
				_, err := w.TagUser(w.ctx(), &iam.TagUserInput{UserName: "e", Tags: tags})
				return err
			},
			func(keys []string) error {
				_, err := w.UntagUser(w.ctx(), &iam.UntagUserInput{UserName: "e", TagKeys: keys})
				return err
			},
			func(limit *int, marker string) ([]iam.Tag, string) {
				out := must[*iam.ListUserTagsOutput](t)(w.ListUserTags(w.ctx(), &iam.ListUserTagsInput{UserName: "e", MaxItems: limit, Marker: marker}))
				return out.Tags, out.Marker
			},
		},
		"role": {
			func(tags []iam.Tag) error {
				_, err := w.TagRole(w.ctx(), &iam.TagRoleInput{RoleName: "e", Tags: tags})
				return err
			},
			func(keys []string) error {
				_, err := w.UntagRole(w.ctx(), &iam.UntagRoleInput{RoleName: "e", TagKeys: keys})
				return err
			},
			func(limit *int, marker string) ([]iam.Tag, string) {
				out := must[*iam.ListRoleTagsOutput](t)(w.ListRoleTags(w.ctx(), &iam.ListRoleTagsInput{RoleName: "e", MaxItems: limit, Marker: marker}))
				return out.Tags, out.Marker
			},
		},
		"instance profile": {
			func(tags []iam.Tag) error {
				_, err := w.TagInstanceProfile(w.ctx(), &iam.TagInstanceProfileInput{InstanceProfileName: "e", Tags: tags})
				return err
			},
			func(keys []string) error {
				_, err := w.UntagInstanceProfile(w.ctx(), &iam.UntagInstanceProfileInput{InstanceProfileName: "e", TagKeys: keys})
				return err
			},
			func(limit *int, marker string) ([]iam.Tag, string) {
				out := must[*iam.ListInstanceProfileTagsOutput](t)(w.ListInstanceProfileTags(w.ctx(), &iam.ListInstanceProfileTagsInput{InstanceProfileName: "e", MaxItems: limit, Marker: marker}))
				return out.Tags, out.Marker
			},
		},
		"policy": {
			func(tags []iam.Tag) error {
				_, err := w.TagPolicy(w.ctx(), &iam.TagPolicyInput{PolicyArn: policyARN, Tags: tags})
				return err
			},
			func(keys []string) error {
				_, err := w.UntagPolicy(w.ctx(), &iam.UntagPolicyInput{PolicyArn: policyARN, TagKeys: keys})
				return err
			},
			func(limit *int, marker string) ([]iam.Tag, string) {
				out := must[*iam.ListPolicyTagsOutput](t)(w.ListPolicyTags(w.ctx(), &iam.ListPolicyTagsInput{PolicyArn: policyARN, MaxItems: limit, Marker: marker}))
				return out.Tags, out.Marker
			},
		},
		"provider": {
			func(tags []iam.Tag) error {
				_, err := w.TagOpenIDConnectProvider(w.ctx(), &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: providerARN, Tags: tags})
				return err
			},
			func(keys []string) error {
				_, err := w.UntagOpenIDConnectProvider(w.ctx(), &iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: providerARN, TagKeys: keys})
				return err
			},
			func(limit *int, marker string) ([]iam.Tag, string) {
				out := must[*iam.ListOpenIDConnectProviderTagsOutput](t)(w.ListOpenIDConnectProviderTags(w.ctx(), &iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: providerARN, MaxItems: limit, Marker: marker}))
				return out.Tags, out.Marker
			},
		},
	} {
		w.run(kind, func(t *testing.T) {
			if tags, _ := f.list(nil, ""); tags == nil || len(tags) != 0 {
				t.Errorf("tags at first: %#v, want a list that is there and empty", tags)
			}
			if err := f.tag([]iam.Tag{{Key: "b", Value: "2"}, {Key: "a", Value: "1"}}); err != nil {
				t.Fatal(err)
			}
			if err := f.tag([]iam.Tag{{Key: "B", Value: ""}}); err != nil {
				t.Fatal(err)
			}
			first, marker := f.list(ptr(1), "")
			second, last := f.list(ptr(1), marker)
			if diff := cmp.Diff([]iam.Tag{{Key: "B"}, {Key: "a", Value: "1"}}, append(first, second...)); diff != "" || last != "" {
				t.Error(diff, last)
			}
			fails(t, f.tag([]iam.Tag{{Key: "x"}, {Key: "X"}}), "InvalidInput", 400, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
			fails(t, f.tag([]iam.Tag{{Key: "aws:x"}}), "InvalidInput", 400, "System tags cannot be added/updated/deleted.")
			fails(t, f.untag([]string{"AWS:x"}), "InvalidInput", 400, "System tags cannot be added/updated/deleted.")
			if err := f.untag([]string{"A", "none"}); err != nil {
				t.Fatal(err)
			}
			var many []iam.Tag
			for i := range 50 {
				many = append(many, iam.Tag{Key: fmt.Sprint(i)})
			}
			fails(t, f.tag(many), "LimitExceeded", 409, "The number of tags has reached the maximum limit.")
			if tags, _ := f.list(nil, ""); len(tags) != 1 || tags[0].Key != "B" {
				t.Errorf("tags at last: %+v", tags)
			}
		})
	}
}

func TestAccessKeys(t *testing.T) {
	for _, owner := range []string{"user/alice", "root"} {
		t.Run(owner, func(t *testing.T) {
			w := newTestbed(t)
			w.user("alice")
			ctx := w.as(w.who(owner))
			name := strings.TrimPrefix(owner, "user/")
			if owner == "root" {
				name = ""
			}
			first := must[*iam.CreateAccessKeyOutput](t)(w.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{})).AccessKey
			if first.UserName != name || first.Status != "Active" || !strings.HasPrefix(first.AccessKeyId, "AKIA") || len(first.AccessKeyId) != 20 ||
				len(first.SecretAccessKey) != 40 || !first.CreateDate.Equal(start) {
				t.Errorf("key = %+v", first)
			}
			w.clock.Advance(time.Second)
			second := must[*iam.CreateAccessKeyOutput](t)(w.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{})).AccessKey
			_, err := w.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{})
			fails(t, err, "LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2")

			must[*iam.UpdateAccessKeyOutput](t)(w.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{AccessKeyId: second.AccessKeyId, Status: "Inactive"}))
			_, err = w.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{AccessKeyId: second.AccessKeyId, Status: "Expired"})
			fails(t, err, "InvalidInput", 400, "The status of an access key cannot be set to Expired.")
			list := must[*iam.ListAccessKeysOutput](t)(w.ListAccessKeys(ctx, &iam.ListAccessKeysInput{})).AccessKeyMetadata
			want := []iam.AccessKeyMetadata{
				{AccessKeyId: first.AccessKeyId, UserName: name, Status: "Active", CreateDate: start},
				{AccessKeyId: second.AccessKeyId, UserName: name, Status: "Inactive", CreateDate: start.Add(time.Second)},
			}
			if diff := cmp.Diff(want, list); diff != "" {
				t.Error(diff)
			}
			if c, err := w.dir.Credentials(t.Context(), first.AccessKeyId); err != nil || c.Secret != first.SecretAccessKey || c.Caller.ARN != w.who(owner).ARN {
				t.Errorf("credentials = %+v, %v", c, err)
			}
			must[*iam.UpdateAccessKeyOutput](t)(w.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{AccessKeyId: second.AccessKeyId, Status: "Active"}))
			must[*iam.DeleteAccessKeyOutput](t)(w.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{AccessKeyId: first.AccessKeyId}))
			for _, err := range []error{
				errOf(w.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{AccessKeyId: first.AccessKeyId})),
				errOf(w.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{AccessKeyId: first.AccessKeyId, Status: "Active"})),
				errOf(w.GetAccessKeyLastUsed(ctx, &iam.GetAccessKeyLastUsedInput{AccessKeyId: first.AccessKeyId})),
			} {
				fails(t, err, "NoSuchEntity", 404, "The Access Key with id "+first.AccessKeyId+" cannot be found.")
			}
			if list := must[*iam.ListAccessKeysOutput](t)(w.ListAccessKeys(ctx, &iam.ListAccessKeysInput{})).AccessKeyMetadata; len(list) != 1 || list[0].Status != "Active" {
				t.Errorf("keys left: %+v", list)
			}
		})
	}
}

func errOf[T any](_ T, err error) error { return err }

func TestAccessKeyOfARole(t *testing.T) {
	w := newTestbed(t)
	w.role("r")
	ctx := w.as(w.who("role/r"))
	const text = "Must specify userName when calling with non-User credentials"
	for _, err := range []error{
		errOf(w.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{})),
		errOf(w.ListAccessKeys(ctx, &iam.ListAccessKeysInput{})),
		errOf(w.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{})),
		errOf(w.DeleteAccessKey(ctx, &iam.DeleteAccessKeyInput{})),
	} {
		fails(t, err, "ValidationError", 400, text)
	}
}

func TestAccessKeyLastUsed(t *testing.T) {
	w := newTestbed(t)
	w.user("alice")
	key := must[*iam.CreateAccessKeyOutput](t)(w.CreateAccessKey(w.ctx(), &iam.CreateAccessKeyInput{UserName: "alice"})).AccessKey.AccessKeyId
	get := func() *iam.GetAccessKeyLastUsedOutput {
		t.Helper()
		return must[*iam.GetAccessKeyLastUsedOutput](t)(w.GetAccessKeyLastUsed(w.ctx(), &iam.GetAccessKeyLastUsedInput{AccessKeyId: key}))
	}
	want := &iam.GetAccessKeyLastUsedOutput{UserName: "alice", AccessKeyLastUsed: &iam.AccessKeyLastUsed{Region: "N/A", ServiceName: "N/A"}}
	if diff := cmp.Diff(want, get()); diff != "" {
		t.Error(diff)
	}
	c, err := w.dir.Credentials(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.dir.Used(t.Context(), c.Caller, "kms", region); err != nil {
		t.Fatal(err)
	}
	want.AccessKeyLastUsed = &iam.AccessKeyLastUsed{Region: region, ServiceName: "kms", LastUsedDate: start}
	if diff := cmp.Diff(want, get()); diff != "" {
		t.Error(diff)
	}
	otherRoot, err := w.dir.Root(t.Context(), "999999999999", region)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.GetAccessKeyLastUsed(w.as(otherRoot), &iam.GetAccessKeyLastUsedInput{AccessKeyId: key})
	fails(t, err, "NoSuchEntity", 404, "The Access Key with id "+key+" cannot be found.")
}

func TestAccountAlias(t *testing.T) {
	w := newTestbed(t)
	list := func() []string {
		t.Helper()
		return must[*iam.ListAccountAliasesOutput](t)(w.ListAccountAliases(w.ctx(), &iam.ListAccountAliasesInput{})).AccountAliases
	}
	if l := list(); l == nil || len(l) != 0 {
		t.Errorf("aliases at first: %#v", l)
	}
	for _, alias := range []string{"mine", "mine-2"} {
		must[*iam.CreateAccountAliasOutput](t)(w.CreateAccountAlias(w.ctx(), &iam.CreateAccountAliasInput{AccountAlias: alias}))
		if diff := cmp.Diff([]string{alias}, list()); diff != "" {
			t.Error(diff)
		}
	}
	_, err := w.CreateAccountAlias(w.ctx(), &iam.CreateAccountAliasInput{AccountAlias: "mine-2"}) // its own
	fails(t, err, "EntityAlreadyExists", 409, "The account alias mine-2 already exists.")
	_, err = w.ListAccountAliases(w.ctx(), &iam.ListAccountAliasesInput{Marker: "?"})
	fails(t, err, "ValidationError", 400, "Invalid Marker.")
	otherRoot, err := w.dir.Root(t.Context(), "999999999999", region)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.CreateAccountAlias(w.as(otherRoot), &iam.CreateAccountAliasInput{AccountAlias: "mine-2"})
	fails(t, err, "EntityAlreadyExists", 409, "The account alias mine-2 already exists.")
	for _, bad := range []string{"-a-", "a--b", "Upper", "ab-"} {
		_, err := w.CreateAccountAlias(w.ctx(), &iam.CreateAccountAliasInput{AccountAlias: bad})
		fails(t, err, "ValidationError", 400, "1 validation error detected: Value at 'accountAlias' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$")
	}
	must[*iam.DeleteAccountAliasOutput](t)(w.DeleteAccountAlias(w.ctx(), &iam.DeleteAccountAliasInput{AccountAlias: "mine-2"}))
	if l := list(); len(l) != 0 {
		t.Errorf("aliases at last: %v", l)
	}
}

func TestAccountSummary(t *testing.T) {
	w := newTestbed(t)
	empty := must[*iam.GetAccountSummaryOutput](t)(w.GetAccountSummary(w.ctx(), &iam.GetAccountSummaryInput{})).SummaryMap
	for _, key := range []string{"Users", "Roles", "Groups", "InstanceProfiles", "Policies", "PolicyVersionsInUse"} {
		if got, ok := empty[key]; !ok || got != 0 {
			t.Errorf("of an empty account, %s = %d, %v", key, got, ok)
		}
	}
	w.user("u")
	w.role("r")
	w.group("g")
	w.profile("p")
	p := w.policy("p", allowSend)
	must[*iam.CreatePolicyVersionOutput](t)(w.CreatePolicyVersion(w.ctx(), &iam.CreatePolicyVersionInput{PolicyArn: p.Arn, PolicyDocument: allowSend}))
	must[*iam.CreateAccessKeyOutput](t)(w.CreateAccessKey(w.ctx(), &iam.CreateAccessKeyInput{}))
	m := must[*iam.GetAccountSummaryOutput](t)(w.GetAccountSummary(w.ctx(), &iam.GetAccountSummaryInput{})).SummaryMap
	for key, want := range map[string]int{
		"Users": 1, "Roles": 1, "Groups": 1, "InstanceProfiles": 1, "Policies": 1, "PolicyVersionsInUse": 2, "AccountAccessKeysPresent": 1,
		"UsersQuota": 5000, "RolesQuota": 1000, "GroupsQuota": 300, "PoliciesQuota": 1500, "VersionsPerPolicyQuota": 5, "PolicySizeQuota": 6144,
		"AssumeRolePolicySizeQuota": 2048, "AccountMFAEnabled": 0, "Providers": 0,
	} {
		if got, ok := m[key]; !ok || got != want {
			t.Errorf("%s = %d, %v; want %d", key, got, ok, want)
		}
	}
	if len(m) < 33 {
		t.Errorf("the summary has %d entries", len(m))
	}
}

// The quota of groups is the smallest, so that it stands for all five.
func TestQuota(t *testing.T) {
	w := newTestbed(t)
	for i := range 300 {
		w.group(fmt.Sprintf("g%d", i))
	}
	_, err := w.CreateGroup(w.ctx(), &iam.CreateGroupInput{GroupName: "more"})
	fails(t, err, "LimitExceeded", 409, "Cannot exceed quota for GroupsPerAccount: 300")
}

func TestProviders(t *testing.T) {
	w := newTestbed(t)
	const thumb = "9e99a48a9960b14926bb7f3b02e22da2b0ab7280"
	made := must[*iam.CreateOpenIDConnectProviderOutput](t)(w.CreateOpenIDConnectProvider(w.ctx(), &iam.CreateOpenIDConnectProviderInput{
		Url: "https://idp.example/realm/", ClientIDList: []string{"a"}, ThumbprintList: []string{thumb}, Tags: []iam.Tag{{Key: "k", Value: "v"}},
	}))
	providerARN := "arn:aws:iam::" + account + ":oidc-provider/idp.example/realm"
	if diff := cmp.Diff(&iam.CreateOpenIDConnectProviderOutput{OpenIDConnectProviderArn: providerARN, Tags: []iam.Tag{{Key: "k", Value: "v"}}}, made); diff != "" {
		t.Error(diff)
	}
	_, err := w.CreateOpenIDConnectProvider(w.ctx(), &iam.CreateOpenIDConnectProviderInput{Url: "https://idp.example/realm"})
	fails(t, err, "EntityAlreadyExists", 409, "Provider with url https://idp.example/realm already exists.")
	_, err = w.CreateOpenIDConnectProvider(w.ctx(), &iam.CreateOpenIDConnectProviderInput{Url: "idp.example"})
	fails(t, err, "ValidationError", 400, "Invalid Open ID Connect Provider URL")
	_, err = w.CreateOpenIDConnectProvider(w.ctx(), &iam.CreateOpenIDConnectProviderInput{Url: "https://b", ThumbprintList: make([]string, 6)})
	fails(t, err, "InvalidInput", 400, "Thumbprint list must contain fewer than 5 entries.")

	for _, id := range []string{"b", "b"} {
		must[*iam.AddClientIDToOpenIDConnectProviderOutput](t)(w.AddClientIDToOpenIDConnectProvider(w.ctx(), &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: providerARN, ClientID: id}))
	}
	must[*iam.RemoveClientIDFromOpenIDConnectProviderOutput](t)(w.RemoveClientIDFromOpenIDConnectProvider(w.ctx(), &iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: providerARN, ClientID: "a"}))
	must[*iam.UpdateOpenIDConnectProviderThumbprintOutput](t)(w.UpdateOpenIDConnectProviderThumbprint(w.ctx(), &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: providerARN, ThumbprintList: []string{}}))
	_, err = w.UpdateOpenIDConnectProviderThumbprint(w.ctx(), &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: providerARN, ThumbprintList: make([]string, 6)})
	fails(t, err, "InvalidInput", 400, "Thumbprint list must contain fewer than 5 entries.")
	got := must[*iam.GetOpenIDConnectProviderOutput](t)(w.GetOpenIDConnectProvider(w.ctx(), &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: providerARN}))
	want := &iam.GetOpenIDConnectProviderOutput{
		Url: "idp.example/realm", ClientIDList: []string{"b"}, ThumbprintList: []string{}, CreateDate: start, Tags: []iam.Tag{{Key: "k", Value: "v"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for i := range 99 {
		must[*iam.AddClientIDToOpenIDConnectProviderOutput](t)(w.AddClientIDToOpenIDConnectProvider(w.ctx(), &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: providerARN, ClientID: fmt.Sprint(i)}))
	}
	_, err = w.AddClientIDToOpenIDConnectProvider(w.ctx(), &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: providerARN, ClientID: "more"})
	fails(t, err, "LimitExceeded", 409, "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")
	list := must[*iam.ListOpenIDConnectProvidersOutput](t)(w.ListOpenIDConnectProviders(w.ctx(), &iam.ListOpenIDConnectProvidersInput{})).OpenIDConnectProviderList
	if diff := cmp.Diff([]iam.OpenIDConnectProviderListEntry{{Arn: providerARN}}, list); diff != "" {
		t.Error(diff)
	}
	for range 2 { // it may be gone already
		must[*iam.DeleteOpenIDConnectProviderOutput](t)(w.DeleteOpenIDConnectProvider(w.ctx(), &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: providerARN}))
	}
	err = w.dir.View(t.Context(), func(r store.Reader) error {
		for range w.dir.Providers.All(r, account, "") {
			t.Error("the provider is still there")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
