package iam_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/iam"
)

// [I004]: what CreatePolicy tells.
func TestManagedPolicyLife(t *testing.T) {
	w := newTestbed(t)
	made := must[*iam.CreatePolicyOutput](t)(w.CreatePolicy(w.ctx(), &iam.CreatePolicyInput{PolicyName: "send", Path: "/team/", Description: "d", PolicyDocument: allowSend})).Policy
	policyARN := "arn:aws:iam::" + account + ":policy/team/send"
	want := iam.Policy{
		Arn: policyARN, CreateDate: start, DefaultVersionId: "v1", IsAttachable: true, Path: "/team/", PolicyId: made.PolicyId, PolicyName: "send", UpdateDate: start,
	}
	if diff := cmp.Diff(&want, made); diff != "" {
		t.Error("CreatePolicy:", diff)
	}
	if !strings.HasPrefix(made.PolicyId, "ANPA") {
		t.Errorf("id = %s", made.PolicyId)
	}
	_, err := w.CreatePolicy(w.ctx(), &iam.CreatePolicyInput{PolicyName: "Send", PolicyDocument: allowSend})
	fails(t, err, "EntityAlreadyExists", 409, "A policy called Send already exists. Duplicate names are not allowed.")

	w.user("u")
	w.role("r")
	must[*iam.AttachUserPolicyOutput](t)(w.AttachUserPolicy(w.ctx(), &iam.AttachUserPolicyInput{UserName: "u", PolicyArn: policyARN}))
	must[*iam.PutRolePermissionsBoundaryOutput](t)(w.PutRolePermissionsBoundary(w.ctx(), &iam.PutRolePermissionsBoundaryInput{RoleName: "r", PermissionsBoundary: policyARN}))
	got := must[*iam.GetPolicyOutput](t)(w.GetPolicy(w.ctx(), &iam.GetPolicyInput{PolicyArn: policyARN})).Policy
	full := want
	full.AttachmentCount, full.PermissionsBoundaryUsageCount, full.Description, full.Tags = 1, 1, "d", []iam.Tag{}
	if diff := cmp.Diff(&full, got); diff != "" {
		t.Error("GetPolicy:", diff)
	}
	for step, detach := range []func(){
		func() {
			must[*iam.DetachUserPolicyOutput](t)(w.DetachUserPolicy(w.ctx(), &iam.DetachUserPolicyInput{UserName: "u", PolicyArn: policyARN}))
		},
		func() {
			must[*iam.DeleteRolePermissionsBoundaryOutput](t)(w.DeleteRolePermissionsBoundary(w.ctx(), &iam.DeleteRolePermissionsBoundaryInput{RoleName: "r"}))
		},
	} {
		_, err = w.DeletePolicy(w.ctx(), &iam.DeletePolicyInput{PolicyArn: policyARN})
		fails(t, err, "DeleteConflict", 409, "Cannot delete a policy attached to entities.")
		if detach(); step == 0 {
			continue
		}
	}
	must[*iam.DeletePolicyOutput](t)(w.DeletePolicy(w.ctx(), &iam.DeletePolicyInput{PolicyArn: policyARN}))
	_, err = w.GetPolicy(w.ctx(), &iam.GetPolicyInput{PolicyArn: policyARN})
	fails(t, err, "NoSuchEntity", 404, "Policy "+policyARN+" was not found.")
}

func TestPolicyVersions(t *testing.T) {
	w := newTestbed(t)
	p := w.policy("p", allowSend).Arn
	const deny = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sqs:*","Resource":"*"}]}`
	w.clock.Advance(time.Minute)
	v2 := must[*iam.CreatePolicyVersionOutput](t)(w.CreatePolicyVersion(w.ctx(), &iam.CreatePolicyVersionInput{PolicyArn: p, PolicyDocument: deny})).PolicyVersion
	if diff := cmp.Diff(&iam.PolicyVersion{VersionId: "v2", CreateDate: start.Add(time.Minute)}, v2); diff != "" {
		t.Error(diff)
	}
	for range 3 {
		must[*iam.CreatePolicyVersionOutput](t)(w.CreatePolicyVersion(w.ctx(), &iam.CreatePolicyVersionInput{PolicyArn: p, PolicyDocument: deny, SetAsDefault: true}))
	}
	_, err := w.CreatePolicyVersion(w.ctx(), &iam.CreatePolicyVersionInput{PolicyArn: p, PolicyDocument: deny})
	fails(t, err, "LimitExceeded", 409, "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
	_, err = w.DeletePolicyVersion(w.ctx(), &iam.DeletePolicyVersionInput{PolicyArn: p, VersionId: "v5"})
	fails(t, err, "DeleteConflict", 409, "Cannot delete the default version of a policy.")
	_, err = w.DeletePolicy(w.ctx(), &iam.DeletePolicyInput{PolicyArn: p})
	fails(t, err, "DeleteConflict", 409, "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	must[*iam.DeletePolicyVersionOutput](t)(w.DeletePolicyVersion(w.ctx(), &iam.DeletePolicyVersionInput{PolicyArn: p, VersionId: "v4"}))
	must[*iam.SetDefaultPolicyVersionOutput](t)(w.SetDefaultPolicyVersion(w.ctx(), &iam.SetDefaultPolicyVersionInput{PolicyArn: p, VersionId: "v2"}))
	v6 := must[*iam.CreatePolicyVersionOutput](t)(w.CreatePolicyVersion(w.ctx(), &iam.CreatePolicyVersionInput{PolicyArn: p, PolicyDocument: deny})).PolicyVersion
	if v6.VersionId != "v6" {
		t.Errorf("the version after a deletion is %s, want one that never was", v6.VersionId)
	}
	var ids []string
	for _, v := range must[*iam.ListPolicyVersionsOutput](t)(w.ListPolicyVersions(w.ctx(), &iam.ListPolicyVersionsInput{PolicyArn: p})).Versions {
		ids = append(ids, fmt.Sprint(v.VersionId, v.IsDefaultVersion, v.Document))
	}
	if diff := cmp.Diff([]string{"v6false", "v5false", "v3false", "v2true", "v1false"}, ids); diff != "" {
		t.Error(diff)
	}
	v := must[*iam.GetPolicyVersionOutput](t)(w.GetPolicyVersion(w.ctx(), &iam.GetPolicyVersionInput{PolicyArn: p, VersionId: "v1"})).PolicyVersion
	if text, err := url.PathUnescape(v.Document); err != nil || text != allowSend {
		t.Errorf("document = %s", v.Document)
	}
	for _, err := range []error{
		errOf(w.GetPolicyVersion(w.ctx(), &iam.GetPolicyVersionInput{PolicyArn: p, VersionId: "v4"})),
		errOf(w.DeletePolicyVersion(w.ctx(), &iam.DeletePolicyVersionInput{PolicyArn: p, VersionId: "v4"})),
		errOf(w.SetDefaultPolicyVersion(w.ctx(), &iam.SetDefaultPolicyVersionInput{PolicyArn: p, VersionId: "v4"})),
	} {
		fails(t, err, "NoSuchEntity", 404, "Policy "+p+" version v4 does not exist or is not attachable.")
	}
}

func TestVersionInForceDecides(t *testing.T) {
	w := newTestbed(t)
	p := w.policy("p", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:GetUser","Resource":"*"}]}`).Arn
	w.user("u")
	must[*iam.AttachUserPolicyOutput](t)(w.AttachUserPolicy(w.ctx(), &iam.AttachUserPolicyInput{UserName: "u", PolicyArn: p}))
	get := func() error { return errOf(w.call(w.who("user/u"), "GetUser", &iam.GetUserInput{})) }
	if err := get(); err != nil {
		t.Fatal(err)
	}
	must[*iam.CreatePolicyVersionOutput](t)(w.CreatePolicyVersion(w.ctx(), &iam.CreatePolicyVersionInput{PolicyArn: p, PolicyDocument: allowSend, SetAsDefault: true}))
	fails(t, get(), "AccessDenied", 403, "User: arn:aws:iam::"+account+":user/u is not authorized to perform: iam:GetUser on resource: arn:aws:iam::"+account+
		":user/u because no identity-based policy allows the iam:GetUser action")
	must[*iam.SetDefaultPolicyVersionOutput](t)(w.SetDefaultPolicyVersion(w.ctx(), &iam.SetDefaultPolicyVersionInput{PolicyArn: p, VersionId: "v1"}))
	if err := get(); err != nil {
		t.Error(err)
	}
}

func TestListPolicies(t *testing.T) {
	w := newTestbed(t)
	local := w.policy("local", allowSend)
	boundary := w.policy("boundary", allowSend)
	w.role("r")
	must[*iam.AttachRolePolicyOutput](t)(w.AttachRolePolicy(w.ctx(), &iam.AttachRolePolicyInput{RoleName: "r", PolicyArn: awsSQSFull}))
	must[*iam.PutRolePermissionsBoundaryOutput](t)(w.PutRolePermissionsBoundary(w.ctx(), &iam.PutRolePermissionsBoundaryInput{RoleName: "r", PermissionsBoundary: boundary.Arn}))
	list := func(in iam.ListPoliciesInput) (arns []string) {
		t.Helper()
		in.MaxItems = ptr(4)
		if in.Scope != "Local" {
			in.MaxItems = ptr(100) // AWS's own are more than a thousand
		}
		for {
			out := must[*iam.ListPoliciesOutput](t)(w.ListPolicies(w.ctx(), &in))
			for _, p := range out.Policies {
				arns = append(arns, p.Arn)
			}
			if in.Marker = out.Marker; in.Marker == "" {
				return arns
			}
		}
	}
	if diff := cmp.Diff([]string{boundary.Arn, local.Arn}, list(iam.ListPoliciesInput{Scope: "Local"})); diff != "" {
		t.Error("Local:", diff)
	}
	all, aws := list(iam.ListPoliciesInput{}), list(iam.ListPoliciesInput{Scope: "AWS"})
	if len(all) != len(aws)+2 || len(aws) < 8 {
		t.Errorf("All: %d, AWS: %d", len(all), len(aws))
	}
	for in, want := range map[*iam.ListPoliciesInput][]string{
		{OnlyAttached: true}:                       {awsSQSFull, boundary.Arn},
		{PolicyUsageFilter: "PermissionsPolicy"}:   {awsSQSFull},
		{PolicyUsageFilter: "PermissionsBoundary"}: {boundary.Arn},
		{Scope: "Local", OnlyAttached: true}:       {boundary.Arn},
		{Scope: "Local", PathPrefix: "/x/"}:        nil,
		{Scope: "AWS", PathPrefix: "/root-task/"}: {
			"arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials", "arn:aws:iam::aws:policy/root-task/IAMCreateRootUserPassword",
			"arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials", "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy",
			"arn:aws:iam::aws:policy/root-task/SQSUnlockQueuePolicy",
		},
	} {
		if diff := cmp.Diff(want, list(*in)); diff != "" {
			t.Errorf("%+v: %s", in, diff)
		}
	}
}

func TestListEntitiesForPolicy(t *testing.T) {
	w := newTestbed(t)
	p := w.policy("p", allowSend).Arn
	u, r, g := w.user("u"), w.role("r"), w.group("g")
	w.user("bounded")
	must[*iam.AttachUserPolicyOutput](t)(w.AttachUserPolicy(w.ctx(), &iam.AttachUserPolicyInput{UserName: "u", PolicyArn: p}))
	must[*iam.AttachRolePolicyOutput](t)(w.AttachRolePolicy(w.ctx(), &iam.AttachRolePolicyInput{RoleName: "r", PolicyArn: p}))
	must[*iam.AttachGroupPolicyOutput](t)(w.AttachGroupPolicy(w.ctx(), &iam.AttachGroupPolicyInput{GroupName: "g", PolicyArn: p}))
	must[*iam.PutUserPermissionsBoundaryOutput](t)(w.PutUserPermissionsBoundary(w.ctx(), &iam.PutUserPermissionsBoundaryInput{UserName: "bounded", PermissionsBoundary: p}))
	list := func(in iam.ListEntitiesForPolicyInput) string {
		t.Helper()
		in.PolicyArn = p
		out := must[*iam.ListEntitiesForPolicyOutput](t)(w.ListEntitiesForPolicy(w.ctx(), &in))
		var names []string
		for _, e := range out.PolicyGroups {
			names = append(names, "group/"+e.GroupName)
		}
		for _, e := range out.PolicyRoles {
			names = append(names, "role/"+e.RoleName)
		}
		for _, e := range out.PolicyUsers {
			names = append(names, "user/"+e.UserName)
		}
		return strings.Join(names, " ")
	}
	for in, want := range map[*iam.ListEntitiesForPolicyInput]string{
		{}:                                       "group/g role/r user/bounded user/u",
		{EntityFilter: "User"}:                   "user/bounded user/u",
		{EntityFilter: "Role"}:                   "role/r",
		{EntityFilter: "Group"}:                  "group/g",
		{PathPrefix: "/none/"}:                   "",
		{MaxItems: ptr(2)}:                       "group/g role/r",
		{PolicyUsageFilter: "PermissionsPolicy"}: "group/g role/r user/u",
		{PolicyUsageFilter: "PermissionsBoundary"}: "user/bounded",
	} {
		if got := list(*in); got != want {
			t.Errorf("%+v: %q, want %q", in, got, want)
		}
	}
	out := must[*iam.ListEntitiesForPolicyOutput](t)(w.ListEntitiesForPolicy(w.ctx(), &iam.ListEntitiesForPolicyInput{PolicyArn: p, PolicyUsageFilter: "PermissionsPolicy"}))
	want := &iam.ListEntitiesForPolicyOutput{
		PolicyGroups: []iam.PolicyGroup{{GroupId: g.GroupId, GroupName: "g"}}, PolicyRoles: []iam.PolicyRole{{RoleId: r.RoleId, RoleName: "r"}},
		PolicyUsers: []iam.PolicyUser{{UserId: u.UserId, UserName: "u"}},
	}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
}

func TestAttach(t *testing.T) {
	w := newTestbed(t)
	w.user("e")
	w.role("e")
	w.group("e")
	for kind, f := range map[string]struct {
		attach, detach func(policyARN string) error
		list           func() []iam.AttachedPolicy
	}{
		"User": {
			func(p string) error {
				return errOf(w.AttachUserPolicy(w.ctx(), &iam.AttachUserPolicyInput{UserName: "e", PolicyArn: p}))
			},
			func(p string) error {
				return errOf(w.DetachUserPolicy(w.ctx(), &iam.DetachUserPolicyInput{UserName: "e", PolicyArn: p}))
			},
			func() []iam.AttachedPolicy {
				return must[*iam.ListAttachedUserPoliciesOutput](t)(w.ListAttachedUserPolicies(w.ctx(), &iam.ListAttachedUserPoliciesInput{UserName: "e"})).AttachedPolicies
			},
		},
		"Role": {
			func(p string) error {
				return errOf(w.AttachRolePolicy(w.ctx(), &iam.AttachRolePolicyInput{RoleName: "e", PolicyArn: p}))
			},
			func(p string) error {
				return errOf(w.DetachRolePolicy(w.ctx(), &iam.DetachRolePolicyInput{RoleName: "e", PolicyArn: p}))
			},
			func() []iam.AttachedPolicy {
				return must[*iam.ListAttachedRolePoliciesOutput](t)(w.ListAttachedRolePolicies(w.ctx(), &iam.ListAttachedRolePoliciesInput{RoleName: "e"})).AttachedPolicies
			},
		},
		"Group": {
			func(p string) error {
				return errOf(w.AttachGroupPolicy(w.ctx(), &iam.AttachGroupPolicyInput{GroupName: "e", PolicyArn: p}))
			},
			func(p string) error {
				return errOf(w.DetachGroupPolicy(w.ctx(), &iam.DetachGroupPolicyInput{GroupName: "e", PolicyArn: p}))
			},
			func() []iam.AttachedPolicy {
				return must[*iam.ListAttachedGroupPoliciesOutput](t)(w.ListAttachedGroupPolicies(w.ctx(), &iam.ListAttachedGroupPoliciesInput{GroupName: "e"})).AttachedPolicies
			},
		},
	} {
		w.run(kind, func(t *testing.T) {
			for _, bad := range []string{"AmazonSQSFullAccess", "arn:aws:iam"} { // [I005]
				fails(t, f.attach(bad), "ValidationError", 400, "Invalid ARN:  Could not be parsed!")
				fails(t, f.detach(bad), "ValidationError", 400, "Invalid ARN:  Could not be parsed!")
			}
			for _, none := range []string{"arn:aws:iam::" + account + ":policy/None", "arn:aws:iam::aws:policy/x/AmazonSQSFullAccess", "arn:aws-iso:iam::aws:policy/None"} { // [I006]
				fails(t, f.attach(none), "NoSuchEntity", 404, "Policy "+none+" does not exist or is not attachable.")
			}
			for _, own := range []string{"aws-service-role/AWSBackupServiceLinkedRolePolicyForBackup", "root-task/SQSUnlockQueuePolicy"} { // [I196]
				fails(t, f.attach("arn:aws:iam::aws:policy/"+own), "PolicyNotAttachable", 400, "Cannot attach a Service Role Policy to a Customer "+kind+".")
			}
			fails(t, f.detach(awsSQSFull), "NoSuchEntity", 404, "Policy "+awsSQSFull+" was not found.")
			if l := f.list(); l == nil || len(l) != 0 {
				t.Errorf("attached at first: %#v", l)
			}
			for range 2 {
				if err := f.attach(awsSQSFull); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff([]iam.AttachedPolicy{{PolicyArn: awsSQSFull, PolicyName: "AmazonSQSFullAccess"}}, f.list()); diff != "" {
				t.Error(diff)
			}
			for i := range 10 {
				err := f.attach(w.policy(fmt.Sprint(kind, i), allowSend).Arn)
				if i < 9 && err != nil {
					t.Fatal(err)
				}
				if i == 9 {
					fails(t, err, "LimitExceeded", 409, "Cannot exceed quota for PoliciesPer"+kind+": 10")
				}
			}
			if err := f.detach(awsSQSFull); err != nil || len(f.list()) != 9 {
				t.Errorf("detach: %v, %d left", err, len(f.list()))
			}
		})
	}
}

func TestInlinePolicies(t *testing.T) {
	w := newTestbed(t)
	w.user("e")
	w.role("e")
	w.group("e")
	for kind, f := range map[string]struct {
		size int
		put  func(name, document string) error
		get  func(name string) (string, error)
		list func() []string
		del  func(name string) error
	}{
		"user": {
			2048,
			func(n, d string) error {
				return errOf(w.PutUserPolicy(w.ctx(), &iam.PutUserPolicyInput{UserName: "e", PolicyName: n, PolicyDocument: d}))
			},
			func(n string) (string, error) {
				out, err := w.GetUserPolicy(w.ctx(), &iam.GetUserPolicyInput{UserName: "e", PolicyName: n})
				return out.PolicyDocument, err
			},
			func() []string {
				return must[*iam.ListUserPoliciesOutput](t)(w.ListUserPolicies(w.ctx(), &iam.ListUserPoliciesInput{UserName: "e"})).PolicyNames
			},
			func(n string) error {
				return errOf(w.DeleteUserPolicy(w.ctx(), &iam.DeleteUserPolicyInput{UserName: "e", PolicyName: n}))
			},
		},
		"role": {
			10240,
			func(n, d string) error {
				return errOf(w.PutRolePolicy(w.ctx(), &iam.PutRolePolicyInput{RoleName: "e", PolicyName: n, PolicyDocument: d}))
			},
			func(n string) (string, error) {
				out, err := w.GetRolePolicy(w.ctx(), &iam.GetRolePolicyInput{RoleName: "e", PolicyName: n})
				return out.PolicyDocument, err
			},
			func() []string {
				return must[*iam.ListRolePoliciesOutput](t)(w.ListRolePolicies(w.ctx(), &iam.ListRolePoliciesInput{RoleName: "e"})).PolicyNames
			},
			func(n string) error {
				return errOf(w.DeleteRolePolicy(w.ctx(), &iam.DeleteRolePolicyInput{RoleName: "e", PolicyName: n}))
			},
		},
		"group": {
			5120,
			func(n, d string) error {
				return errOf(w.PutGroupPolicy(w.ctx(), &iam.PutGroupPolicyInput{GroupName: "e", PolicyName: n, PolicyDocument: d}))
			},
			func(n string) (string, error) {
				out, err := w.GetGroupPolicy(w.ctx(), &iam.GetGroupPolicyInput{GroupName: "e", PolicyName: n})
				return out.PolicyDocument, err
			},
			func() []string {
				return must[*iam.ListGroupPoliciesOutput](t)(w.ListGroupPolicies(w.ctx(), &iam.ListGroupPoliciesInput{GroupName: "e"})).PolicyNames
			},
			func(n string) error {
				return errOf(w.DeleteGroupPolicy(w.ctx(), &iam.DeleteGroupPolicyInput{GroupName: "e", PolicyName: n}))
			},
		},
	} {
		w.run(kind, func(t *testing.T) {
			if l := f.list(); l == nil || len(l) != 0 {
				t.Errorf("names at first: %#v", l)
			}
			for _, name := range []string{"b", "a", "b"} {
				if err := f.put(name, allowSend+strings.Repeat(" ", len(name))); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff([]string{"a", "b"}, f.list()); diff != "" {
				t.Error(diff)
			}
			got, err := f.get("b")
			if text, _ := url.PathUnescape(got); err != nil || text != allowSend+" " {
				t.Errorf("document = %q, %v; want it as it was put", text, err)
			}
			_, err = f.get("none")
			fails(t, err, "NoSuchEntity", 404, "The "+kind+" policy with name none cannot be found.")
			fails(t, f.del("none"), "NoSuchEntity", 404, "The "+kind+" policy with name none cannot be found.")
			fails(t, f.put("x", "{"), "MalformedPolicyDocument", 400, "This policy contains invalid Json")
			padded := strings.Replace(allowSend, `"*"`, `"arn:aws:sqs:*:*:`+strings.Repeat("q", f.size-2*len(allowSend))+`"`, 1)
			fails(t, f.put("c", padded), "LimitExceeded", 409, fmt.Sprintf("Maximum policy size of %d bytes exceeded for %s e", f.size, kind))
			spaced := allowSend + strings.Repeat("\n \t", f.size) // white space does not count
			if err := f.put("a", spaced); err != nil {
				t.Error(err)
			}
			if err := f.del("a"); err != nil || len(f.list()) != 1 {
				t.Errorf("delete: %v, %v left", err, f.list())
			}
		})
	}
}

func TestBoundaries(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	const mayAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	w.put("u", "all", mayAll)
	p := w.policy("limit", allowSend).Arn
	must[*iam.PutUserPermissionsBoundaryOutput](t)(w.PutUserPermissionsBoundary(w.ctx(), &iam.PutUserPermissionsBoundaryInput{UserName: "u", PermissionsBoundary: p}))
	_, err := w.call(w.who("user/u"), "ListUsers", &iam.ListUsersInput{})
	fails(t, err, "AccessDenied", 403, "User: arn:aws:iam::"+account+":user/u is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::"+account+
		":user/ because no permissions boundary allows the iam:ListUsers action")
	_, err = w.PutUserPermissionsBoundary(w.ctx(), &iam.PutUserPermissionsBoundaryInput{UserName: "u", PermissionsBoundary: "limit"})
	fails(t, err, "ValidationError", 400, "Invalid ARN:  Could not be parsed!")
	must[*iam.DeleteUserPermissionsBoundaryOutput](t)(w.DeleteUserPermissionsBoundary(w.ctx(), &iam.DeleteUserPermissionsBoundaryInput{UserName: "u"}))
	if _, err := w.call(w.who("user/u"), "ListUsers", &iam.ListUsersInput{}); err != nil {
		t.Error(err)
	}
}

func TestAWSPoliciesCannotBeChanged(t *testing.T) {
	w := newTestbed(t)
	for name, err := range map[string]error{
		"delete":  errOf(w.DeletePolicy(w.ctx(), &iam.DeletePolicyInput{PolicyArn: awsSQSFull})),
		"version": errOf(w.CreatePolicyVersion(w.ctx(), &iam.CreatePolicyVersionInput{PolicyArn: awsSQSFull, PolicyDocument: allowSend})),
		"tag":     errOf(w.TagPolicy(w.ctx(), &iam.TagPolicyInput{PolicyArn: awsSQSFull})),
	} {
		t.Run(name, func(t *testing.T) { fails(t, err, "InvalidInput", 400, "ARN "+awsSQSFull+" is not valid.") })
	}
	v := must[*iam.GetPolicyVersionOutput](t)(w.GetPolicyVersion(w.ctx(), &iam.GetPolicyVersionInput{PolicyArn: awsSQSFull, VersionId: "v1"})).PolicyVersion
	if text, _ := url.PathUnescape(v.Document); !strings.Contains(text, `"sqs:*"`) || !v.IsDefaultVersion {
		t.Errorf("version = %+v", v)
	}
}

func TestAuthorizationDetails(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	w.put("u", "inline", allowSend)
	w.group("g")
	must[*iam.AddUserToGroupOutput](t)(w.AddUserToGroup(w.ctx(), &iam.AddUserToGroupInput{GroupName: "g", UserName: "u"}))
	must[*iam.AttachGroupPolicyOutput](t)(w.AttachGroupPolicy(w.ctx(), &iam.AttachGroupPolicyInput{GroupName: "g", PolicyArn: awsSQSFull}))
	w.role("r")
	w.profile("p")
	must[*iam.AddRoleToInstanceProfileOutput](t)(w.AddRoleToInstanceProfile(w.ctx(), &iam.AddRoleToInstanceProfileInput{InstanceProfileName: "p", RoleName: "r"}))
	w.policy("local", allowSend)
	all := must[*iam.GetAccountAuthorizationDetailsOutput](t)(w.GetAccountAuthorizationDetails(w.ctx(), &iam.GetAccountAuthorizationDetailsInput{}))
	if len(all.UserDetailList) != 1 || len(all.GroupDetailList) != 1 || len(all.RoleDetailList) != 1 || len(all.Policies) != 2 || all.IsTruncated {
		t.Fatalf("details = %+v", all)
	}
	u, g, r := all.UserDetailList[0], all.GroupDetailList[0], all.RoleDetailList[0]
	if len(u.UserPolicyList) != 1 || u.UserPolicyList[0].PolicyName != "inline" || len(u.GroupList) != 1 || u.GroupList[0] != "g" || u.Tags == nil {
		t.Errorf("user = %+v", u)
	}
	if len(g.AttachedManagedPolicies) != 1 || g.AttachedManagedPolicies[0].PolicyArn != awsSQSFull {
		t.Errorf("group = %+v", g)
	}
	if len(r.InstanceProfileList) != 1 || r.RoleLastUsed == nil || r.AssumeRolePolicyDocument == "" {
		t.Errorf("role = %+v", r)
	}
	if all.Policies[0].PolicyName != "local" || all.Policies[1].Arn != awsSQSFull || all.Policies[1].AttachmentCount != 1 || len(all.Policies[0].PolicyVersionList) != 1 {
		t.Errorf("policies = %+v", all.Policies)
	}
	for filter, want := range map[string]int{"User": 1, "Group": 1, "Role": 1, "LocalManagedPolicy": 1, "AWSManagedPolicy": 1} {
		out := must[*iam.GetAccountAuthorizationDetailsOutput](t)(w.GetAccountAuthorizationDetails(w.ctx(), &iam.GetAccountAuthorizationDetailsInput{Filter: []string{filter}}))
		if n := len(out.UserDetailList) + len(out.GroupDetailList) + len(out.RoleDetailList) + len(out.Policies); n != want {
			t.Errorf("%s: %d items", filter, n)
		}
	}
	items, in := 0, &iam.GetAccountAuthorizationDetailsInput{MaxItems: ptr(2)}
	for range 5 {
		out := must[*iam.GetAccountAuthorizationDetailsOutput](t)(w.GetAccountAuthorizationDetails(w.ctx(), in))
		items += len(out.UserDetailList) + len(out.GroupDetailList) + len(out.RoleDetailList) + len(out.Policies)
		if in.Marker = out.Marker; in.Marker == "" {
			break
		}
	}
	if items != 5 {
		t.Errorf("%d items on pages, want 5", items)
	}
}
