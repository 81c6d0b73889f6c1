package provision_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

const (
	trust   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	allow   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}]}`
	another = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:ReceiveMessage","Resource":"*"}]}`
	readSQS = "arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess"
	fullSQS = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
)

type in = map[string]any

// names are the texts of a list in an answer, or of a member of its items, in order.
func names(out map[string]any, list, member string) string {
	all := []string{}
	items, _ := out[list].([]any)
	for _, item := range items {
		if member != "" {
			item = item.(map[string]any)[member]
		}
		all = append(all, fmt.Sprint(item))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// within is a member of an answer that has members itself.
func within(out map[string]any, member string) map[string]any {
	m, _ := out[member].(map[string]any)
	return m
}

// lacks checks that something does not exist.
func (w *world) lacks(service, operation string, in map[string]any) {
	w.t.Helper()
	out, err := w.Call(w.t.Context(), service, operation, in)
	if err == nil {
		w.t.Errorf("%s:%s still finds %v", service, operation, out)
	}
}

func TestRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	boundary := w.create("AWS::IAM::ManagedPolicy", "Boundary", `{"PolicyDocument":`+allow+`}`)
	r := w.createTagged("AWS::IAM::Role", "Role", `{"AssumeRolePolicyDocument":`+trust+`,"Path":"/app/","Description":"works","MaxSessionDuration":7200,
		"PermissionsBoundary":"`+boundary.PhysicalID+`","ManagedPolicyArns":["`+readSQS+`"],
		"Policies":[{"PolicyName":"send","PolicyDocument":`+allow+`},{"PolicyName":"stays","PolicyDocument":`+allow+`}]}`, map[string]string{"team": "a", "old": "1"})
	name := "stack-Role-Token0000002"
	wants(t, r.PhysicalID, name)
	wants(t, r.get("Arn"), "arn:aws:iam::123456789012:role/app/"+name)
	role := func() map[string]any { return within(w.ask("iam", "GetRole", in{"RoleName": name}), "Role") }
	wants(t, r.get("RoleId"), role()["RoleId"].(string))
	has(t, role(), "Description", `"works"`)
	has(t, role(), "MaxSessionDuration", `7200`)
	has(t, role(), "PermissionsBoundary", `{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"`+boundary.PhysicalID+`"}`)
	attached := func() string {
		return names(w.ask("iam", "ListAttachedRolePolicies", in{"RoleName": name}), "AttachedPolicies", "PolicyArn")
	}
	inline := func() string { return names(w.ask("iam", "ListRolePolicies", in{"RoleName": name}), "PolicyNames", "") }
	wants(t, attached(), readSQS)
	wants(t, inline(), "send stays")
	wants(t, names(w.ask("iam", "ListRoleTags", in{"RoleName": name}), "Tags", "Key"), "old team")

	r.updateTagged(`{"AssumeRolePolicyDocument":`+strings.Replace(trust, "lambda", "ec2", 1)+`,"Path":"/app/","ManagedPolicyArns":["`+fullSQS+`"],
		"Policies":[{"PolicyName":"stays","PolicyDocument":`+another+`},{"PolicyName":"new","PolicyDocument":`+allow+`}]}`, map[string]string{"team": "b"})
	if shown := role(); !strings.Contains(shown["AssumeRolePolicyDocument"].(string), "ec2.amazonaws.com") || shown["Description"] != nil || shown["PermissionsBoundary"] != nil {
		t.Errorf("the role is %v", shown)
	}
	has(t, role(), "MaxSessionDuration", `3600`)
	has(t, role(), "Tags", `[{"Key":"team","Value":"b"}]`)
	wants(t, attached(), fullSQS)
	wants(t, inline(), "new stays")
	if p := w.ask("iam", "GetRolePolicy", in{"RoleName": name, "PolicyName": "stays"}); !strings.Contains(p["PolicyDocument"].(string), "ReceiveMessage") {
		t.Errorf("the policy is %v", p)
	}
	wants(t, r.get("Arn"), "arn:aws:iam::123456789012:role/app/"+name)

	// What others gave the role does not keep it.
	w.ask("iam", "AttachRolePolicy", in{"RoleName": name, "PolicyArn": readSQS})
	w.ask("iam", "PutRolePolicy", in{"RoleName": name, "PolicyName": "foreign", "PolicyDocument": allow})
	r.delete()
	w.lacks("iam", "GetRole", in{"RoleName": name})
	boundary.delete()
}

func TestRoleWithAnythingWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	reason := w.refuses("AWS::IAM::Role", "Role", `{"AssumeRolePolicyDocument":`+trust+`,"ManagedPolicyArns":["arn:aws:iam::123456789012:policy/None"]}`)
	if !strings.Contains(reason, "HandlerErrorCode: NotFound") {
		t.Error(reason)
	}
	w.lacks("iam", "GetRole", in{"RoleName": "stack-Role-Token0000001"})
	w.create("AWS::IAM::Role", "Named", `{"AssumeRolePolicyDocument":`+trust+`,"RoleName":"worker"}`)
	if reason := w.refuses("AWS::IAM::Role", "Twin", `{"AssumeRolePolicyDocument":`+trust+`,"RoleName":"worker"}`); !strings.Contains(reason, "HandlerErrorCode: AlreadyExists") {
		t.Error(reason)
	}
	w.ask("iam", "GetRole", in{"RoleName": "worker"})
}

func TestUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	group := w.create("AWS::IAM::Group", "Group", `{"GroupName":"writers"}`)
	other := w.create("AWS::IAM::Group", "Other", `{"GroupName":"readers"}`)
	u := w.createTagged("AWS::IAM::User", "User", `{"UserName":"alice","Path":"/people/","Groups":["writers"],"LoginProfile":{"Password":"Correct-Horse-9","PasswordResetRequired":true},
		"ManagedPolicyArns":["`+readSQS+`"],"PermissionsBoundary":"`+fullSQS+`","Policies":[{"PolicyName":"send","PolicyDocument":`+allow+`}]}`, map[string]string{"team": "a"})
	wants(t, u.PhysicalID, "alice")
	wants(t, u.get("Arn"), "arn:aws:iam::123456789012:user/people/alice")
	alice := in{"UserName": "alice"}
	groups := func() string {
		return names(w.ask("iam", "ListGroupsForUser", in{"UserName": "alice"}), "Groups", "GroupName")
	}
	wants(t, groups(), "writers")
	has(t, within(w.ask("iam", "GetLoginProfile", alice), "LoginProfile"), "PasswordResetRequired", `true`)
	wants(t, names(w.ask("iam", "ListAttachedUserPolicies", alice), "AttachedPolicies", "PolicyArn"), readSQS)
	wants(t, names(w.ask("iam", "ListUserPolicies", alice), "PolicyNames", ""), "send")
	has(t, within(w.ask("iam", "GetUser", alice), "User"), "PermissionsBoundary", `{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"`+fullSQS+`"}`)

	u.updateTagged(`{"UserName":"alice","Groups":["readers"],"LoginProfile":{"Password":"Correct-Horse-10"},"PermissionsBoundary":"`+readSQS+`"}`, map[string]string{"team": "b"})
	wants(t, u.get("Arn"), "arn:aws:iam::123456789012:user/alice")
	wants(t, groups(), "readers")
	if login := within(w.ask("iam", "GetLoginProfile", alice), "LoginProfile"); login["PasswordResetRequired"] == true {
		t.Errorf("the login profile is %v", login)
	}
	wants(t, names(w.ask("iam", "ListAttachedUserPolicies", alice), "AttachedPolicies", "PolicyArn"), "")
	wants(t, names(w.ask("iam", "ListUserPolicies", alice), "PolicyNames", ""), "")
	has(t, within(w.ask("iam", "GetUser", alice), "User"), "PermissionsBoundary", `{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"`+readSQS+`"}`)
	has(t, within(w.ask("iam", "GetUser", alice), "User"), "Tags", `[{"Key":"team","Value":"b"}]`)
	u.update(`{"UserName":"alice","Groups":["readers"]}`)
	w.lacks("iam", "GetLoginProfile", alice)

	key := w.create("AWS::IAM::AccessKey", "Key", `{"UserName":"alice","Status":"Inactive"}`)
	secret := key.get("SecretAccessKey")
	status := func() string {
		return names(w.ask("iam", "ListAccessKeys", in{"UserName": "alice"}), "AccessKeyMetadata", "Status")
	}
	if wants(t, status(), "Inactive"); len(secret) != 40 || !strings.HasPrefix(key.PhysicalID, "AKIA") {
		t.Errorf("the key is %s %s", key.PhysicalID, secret)
	}
	key.update(`{"UserName":"alice"}`)
	wants(t, status(), "Active")
	wants(t, key.get("SecretAccessKey"), secret)
	key.delete()
	wants(t, status(), "")

	w.ask("iam", "CreateAccessKey", alice)
	u.delete()
	w.lacks("iam", "GetUser", alice)
	other.delete()
	group.delete()
}

func TestGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := w.create("AWS::IAM::Group", "Group", `{"Path":"/a/","ManagedPolicyArns":["`+readSQS+`"],"Policies":[{"PolicyName":"send","PolicyDocument":`+allow+`}]}`)
	wants(t, g.PhysicalID, "stack-Group-Token0000001")
	wants(t, g.get("Arn"), "arn:aws:iam::123456789012:group/a/"+g.PhysicalID)
	group := in{"GroupName": g.PhysicalID}
	wants(t, names(w.ask("iam", "ListAttachedGroupPolicies", group), "AttachedPolicies", "PolicyArn"), readSQS)
	g.update(`{"Path":"/b/","Policies":[{"PolicyName":"other","PolicyDocument":` + allow + `}]}`)
	wants(t, g.get("Arn"), "arn:aws:iam::123456789012:group/b/"+g.PhysicalID)
	wants(t, names(w.ask("iam", "ListAttachedGroupPolicies", group), "AttachedPolicies", "PolicyArn"), "")
	wants(t, names(w.ask("iam", "ListGroupPolicies", group), "PolicyNames", ""), "other")

	for _, user := range []string{"alice", "bob", "carol"} {
		w.create("AWS::IAM::User", "User", `{"UserName":"`+user+`"}`)
	}
	other := w.create("AWS::IAM::Group", "Other", `{"GroupName":"other"}`)
	members := func(group string) string {
		return names(w.ask("iam", "GetGroup", in{"GroupName": group}), "Users", "UserName")
	}
	a := w.create("AWS::IAM::UserToGroupAddition", "Addition", `{"GroupName":"`+g.PhysicalID+`","Users":["alice","bob"]}`)
	wants(t, a.get("Id"), a.PhysicalID)
	wants(t, members(g.PhysicalID), "alice bob")
	a.update(`{"GroupName":"` + g.PhysicalID + `","Users":["bob","carol"]}`)
	wants(t, members(g.PhysicalID), "bob carol")
	a.update(`{"GroupName":"other","Users":["carol"]}`)
	wants(t, members(g.PhysicalID), "")
	wants(t, members("other"), "carol")
	a.delete()
	wants(t, members("other"), "")
	other.delete()
	g.delete()
	w.lacks("iam", "GetGroup", group)
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("AWS::IAM::Role", "Role", `{"AssumeRolePolicyDocument":`+trust+`,"RoleName":"worker"}`)
	w.create("AWS::IAM::User", "User", `{"UserName":"alice"}`)
	w.create("AWS::IAM::Group", "Group", `{"GroupName":"writers"}`)
	of := func() string {
		return names(w.ask("iam", "ListRolePolicies", in{"RoleName": "worker"}), "PolicyNames", "") + "|" +
			names(w.ask("iam", "ListUserPolicies", in{"UserName": "alice"}), "PolicyNames", "") + "|" +
			names(w.ask("iam", "ListGroupPolicies", in{"GroupName": "writers"}), "PolicyNames", "")
	}
	p := w.create("AWS::IAM::Policy", "Policy", `{"PolicyName":"send","PolicyDocument":`+allow+`,"Roles":["worker"],"Users":["alice"]}`)
	wants(t, p.get("Id"), p.PhysicalID)
	wants(t, of(), "send|send|")
	p.update(`{"PolicyName":"send","PolicyDocument":` + another + `,"Roles":["worker"],"Groups":["writers"]}`)
	wants(t, of(), "send||send")
	if shown := w.ask("iam", "GetRolePolicy", in{"RoleName": "worker", "PolicyName": "send"}); !strings.Contains(shown["PolicyDocument"].(string), "ReceiveMessage") {
		t.Errorf("the policy is %v", shown)
	}
	p.update(`{"PolicyName":"receive","PolicyDocument":` + another + `,"Roles":["worker"]}`)
	wants(t, of(), "receive||")
	p.delete()
	wants(t, of(), "||")

	for kind, properties := range map[string]string{
		"AWS::IAM::RolePolicy": `"RoleName":"worker"`, "AWS::IAM::UserPolicy": `"UserName":"alice"`, "AWS::IAM::GroupPolicy": `"GroupName":"writers"`,
	} {
		one := w.create(kind, "One", `{"PolicyName":"one","PolicyDocument":`+allow+`,`+properties+`}`)
		if !strings.HasPrefix(one.PhysicalID, "one|") {
			t.Errorf("%s: the id is %s", kind, one.PhysicalID)
		}
		if got := strings.Trim(of(), "|"); got != "one" {
			t.Errorf("%s: the policies are %s", kind, got)
		}
		// A document may be text, and a template of SAM's has no Version.
		one.update(`{"PolicyName":"one","PolicyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"sns:Publish\",\"Resource\":\"*\"}]}",` + properties + `}`)
		one.delete()
		wants(t, of(), "||")
	}
}

// A policy of nobody is not made, and cannot be deleted either.
func TestPolicyOfNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	j := w.job("AWS::IAM::Policy", "Policy", `{"PolicyName":"send","PolicyDocument":`+allow+`}`)
	const want = "At least one of [Groups,Roles,Users] must be non-empty."
	if err := w.handler(j.Type).Create(t.Context(), j); err == nil || err.Error() != want || j.PhysicalID == "" {
		t.Errorf("create: %v, id %q", err, j.PhysicalID)
	}
	if err := w.handler(j.Type).Delete(t.Context(), j); err == nil || err.Error() != want {
		t.Errorf("delete: %v", err)
	}
}

func TestManagedPolicy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.create("AWS::IAM::Role", "Role", `{"AssumeRolePolicyDocument":`+trust+`,"RoleName":"worker"}`)
	w.create("AWS::IAM::User", "User", `{"UserName":"alice"}`)
	w.create("AWS::IAM::Group", "Group", `{"GroupName":"writers"}`)
	p := w.create("AWS::IAM::ManagedPolicy", "Policy", `{"Path":"/app/","Description":"d","PolicyDocument":`+allow+`,"Roles":["worker"],"Users":["alice"]}`)
	arn := "arn:aws:iam::123456789012:policy/app/stack-Policy-Token0000004"
	wants(t, p.PhysicalID, arn)
	wants(t, p.get("PolicyArn"), arn)
	for attribute, want := range map[string]string{
		"AttachmentCount": "2", "DefaultVersionId": "v1", "IsAttachable": "true", "PermissionsBoundaryUsageCount": "0",
	} {
		wants(t, p.get(attribute), want)
	}
	if !strings.HasPrefix(p.get("PolicyId"), "ANPA") || !strings.HasSuffix(p.get("CreateDate"), "Z") || len(p.get("UpdateDate")) != len("2006-01-02T15:04:05Z") {
		t.Errorf("the policy is %s of %s, %s", p.get("PolicyId"), p.get("CreateDate"), p.get("UpdateDate"))
	}
	held := func() string {
		out := w.ask("iam", "ListEntitiesForPolicy", in{"PolicyArn": arn})
		return names(out, "PolicyRoles", "RoleName") + "|" + names(out, "PolicyUsers", "UserName") + "|" + names(out, "PolicyGroups", "GroupName")
	}
	wants(t, held(), "worker|alice|")
	p.update(`{"Path":"/app/","Description":"d","PolicyDocument":` + allow + `,"Roles":["worker"],"Groups":["writers"]}`)
	wants(t, held(), "worker||writers")
	wants(t, p.get("DefaultVersionId"), "v1")
	for i := range 6 { // of five versions the oldest goes
		p.update(fmt.Sprintf(`{"Path":"/app/","Description":"d","PolicyDocument":%s,"Roles":["worker"]}`, strings.Replace(allow, "Allow", "Allow\",\"Sid\":\"N"+fmt.Sprint(i), 1)))
	}
	wants(t, p.get("DefaultVersionId"), "v7")
	wants(t, names(w.ask("iam", "ListPolicyVersions", in{"PolicyArn": arn}), "Versions", "VersionId"), "v3 v4 v5 v6 v7")
	wants(t, held(), "worker||")
	w.ask("iam", "AttachUserPolicy", in{"UserName": "alice", "PolicyArn": arn})
	p.delete()
	w.lacks("iam", "GetPolicy", in{"PolicyArn": arn})
}

func TestInstanceProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, role := range []string{"one", "two"} {
		w.create("AWS::IAM::Role", "Role", `{"AssumeRolePolicyDocument":`+strings.Replace(trust, "lambda", "ec2", 1)+`,"RoleName":"`+role+`"}`)
	}
	p := w.create("AWS::IAM::InstanceProfile", "Profile", `{"Path":"/app/","Roles":["one"]}`)
	wants(t, p.get("Arn"), "arn:aws:iam::123456789012:instance-profile/app/"+p.PhysicalID)
	profile := in{"InstanceProfileName": p.PhysicalID}
	roles := func() string {
		return names(within(w.ask("iam", "GetInstanceProfile", profile), "InstanceProfile"), "Roles", "RoleName")
	}
	wants(t, roles(), "one")
	p.update(`{"Path":"/app/","Roles":["two"]}`)
	wants(t, roles(), "two")
	p.delete()
	w.lacks("iam", "GetInstanceProfile", profile)
	w.ask("iam", "GetRole", in{"RoleName": "two"})
}
