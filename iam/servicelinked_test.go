package iam_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/iam"
)

func TestServiceLinkedRole(t *testing.T) {
	w := newTestbed(t)
	create := func(service, suffix string) (*iam.CreateServiceLinkedRoleOutput, error) {
		return w.CreateServiceLinkedRole(w.ctx(), &iam.CreateServiceLinkedRoleInput{AWSServiceName: service, CustomSuffix: suffix, Description: "d"})
	}
	made := must[*iam.CreateServiceLinkedRoleOutput](t)(create("mrk.kms.amazonaws.com", "")).Role
	const name = "AWSServiceRoleForKeyManagementServiceMultiRegionKeys"
	want := &iam.Role{
		RoleName: name, Path: "/aws-service-role/mrk.kms.amazonaws.com/", Description: "d", CreateDate: start, RoleId: made.RoleId,
		Arn:                      "arn:aws:iam::" + account + ":role/aws-service-role/mrk.kms.amazonaws.com/" + name,
		AssumeRolePolicyDocument: made.AssumeRolePolicyDocument,
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(made.AssumeRolePolicyDocument, "%22Service%22%3A%22mrk.kms.amazonaws.com%22") {
		t.Errorf("it trusts %s", made.AssumeRolePolicyDocument)
	}
	attached := must[*iam.ListAttachedRolePoliciesOutput](t)(w.ListAttachedRolePolicies(w.ctx(), &iam.ListAttachedRolePoliciesInput{RoleName: name})).AttachedPolicies
	const policy = "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy"
	if diff := cmp.Diff([]iam.AttachedPolicy{{PolicyName: policy, PolicyArn: "arn:aws:iam::aws:policy/aws-service-role/" + policy}}, attached); diff != "" {
		t.Error(diff)
	}
	got := must[*iam.GetRoleOutput](t)(w.GetRole(w.ctx(), &iam.GetRoleInput{RoleName: name})).Role
	if *got.MaxSessionDuration != 3600 {
		t.Errorf("its sessions last %d seconds", *got.MaxSessionDuration)
	}
	if roles := must[*iam.ListRolesOutput](t)(w.ListRoles(w.ctx(), &iam.ListRolesInput{PathPrefix: "/aws-service-role/"})).Roles; len(roles) != 1 {
		t.Errorf("ListRoles shows %v", roles)
	}
	_, err := create("mrk.kms.amazonaws.com", "")
	fails(t, err, "InvalidInput", 400, "Service role name "+name+" has been taken in this account, please try a different suffix.")
	_, err = create("mrk.kms.amazonaws.com", "x")
	fails(t, err, "InvalidInput", 400, "Custom suffix is not allowed for mrk.kms.amazonaws.com")
	_, err = create("none.amazonaws.com", "")
	fails(t, err, "InvalidInput", 400, "Service linked roles are not supported for service none.amazonaws.com")
	for _, suffix := range []string{"", "one"} {
		made := must[*iam.CreateServiceLinkedRoleOutput](t)(create("autoscaling.amazonaws.com", suffix)).Role
		if want := strings.TrimSuffix("AWSServiceRoleForAutoScaling_"+suffix, "_"); made.RoleName != want {
			t.Errorf("the role with suffix %q is named %s", suffix, made.RoleName)
		}
	}

	deleted := must[*iam.DeleteServiceLinkedRoleOutput](t)(w.DeleteServiceLinkedRole(w.ctx(), &iam.DeleteServiceLinkedRoleInput{RoleName: name})).DeletionTaskId
	if !strings.HasPrefix(deleted, "task/aws-service-role/mrk.kms.amazonaws.com/"+name+"/") {
		t.Errorf("the task is %s", deleted)
	}
	status := must[*iam.GetServiceLinkedRoleDeletionStatusOutput](t)(w.GetServiceLinkedRoleDeletionStatus(w.ctx(), &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: deleted}))
	if diff := cmp.Diff(&iam.GetServiceLinkedRoleDeletionStatusOutput{Status: "SUCCEEDED"}, status); diff != "" {
		t.Error(diff)
	}
	_, err = w.GetRole(w.ctx(), &iam.GetRoleInput{RoleName: name})
	fails(t, err, "NoSuchEntity", 404, "The role with name "+name+" cannot be found.")
	w.role("ordinary")
	_, err = w.DeleteServiceLinkedRole(w.ctx(), &iam.DeleteServiceLinkedRoleInput{RoleName: "ordinary"})
	fails(t, err, "InvalidInput", 400, "The role with name ordinary is not a service-linked role.")
}

// Nothing but the description and the tags of a service-linked role can be changed.
func TestServiceLinkedRoleIsProtected(t *testing.T) {
	w := newTestbed(t)
	const name = "AWSServiceRoleForECS"
	must[*iam.CreateServiceLinkedRoleOutput](t)(w.CreateServiceLinkedRole(w.ctx(), &iam.CreateServiceLinkedRoleInput{AWSServiceName: "ecs.amazonaws.com"}))
	w.profile("p")
	for operation, in := range map[string]any{
		"DeleteRole":                    &iam.DeleteRoleInput{RoleName: name},
		"AttachRolePolicy":              &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: awsSQSFull},
		"DetachRolePolicy":              &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy"},
		"PutRolePolicy":                 &iam.PutRolePolicyInput{RoleName: name, PolicyName: "p", PolicyDocument: allowSend},
		"DeleteRolePolicy":              &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: "p"},
		"UpdateAssumeRolePolicy":        &iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: trustSelf},
		"PutRolePermissionsBoundary":    &iam.PutRolePermissionsBoundaryInput{RoleName: name, PermissionsBoundary: awsSQSFull},
		"DeleteRolePermissionsBoundary": &iam.DeleteRolePermissionsBoundaryInput{RoleName: name},
		"UpdateRole":                    &iam.UpdateRoleInput{RoleName: name, MaxSessionDuration: ptr(7200)},
		"AddRoleToInstanceProfile":      &iam.AddRoleToInstanceProfileInput{RoleName: name, InstanceProfileName: "p"},
	} {
		w.run(operation, func(t *testing.T) {
			_, err := w.call(w.who("root"), operation, in)
			fails(t, err, "UnmodifiableEntity", 400, "Cannot perform the operation on the protected role '"+name+"' - this role is only modifiable by AWS")
		})
	}
	must[*iam.UpdateRoleOutput](t)(w.UpdateRole(w.ctx(), &iam.UpdateRoleInput{RoleName: name, Description: ptr("a")}))
	must[*iam.UpdateRoleDescriptionOutput](t)(w.UpdateRoleDescription(w.ctx(), &iam.UpdateRoleDescriptionInput{RoleName: name, Description: "b"}))
	must[*iam.TagRoleOutput](t)(w.TagRole(w.ctx(), &iam.TagRoleInput{RoleName: name, Tags: []iam.Tag{{Key: "k", Value: "v"}}}))
	got := must[*iam.GetRoleOutput](t)(w.GetRole(w.ctx(), &iam.GetRoleInput{RoleName: name})).Role
	if got.Description != "b" || !slices.Equal(got.Tags, []iam.Tag{{Key: "k", Value: "v"}}) {
		t.Errorf("the role is now %+v", got)
	}
	_, err := w.CreateRole(w.ctx(), &iam.CreateRoleInput{RoleName: "r", Path: "/aws-service-role/ecs.amazonaws.com/", AssumeRolePolicyDocument: trustSelf})
	fails(t, err, "InvalidInput", 400, "The path /aws-service-role/ is reserved for service-linked roles.")
}

func TestServiceLinkedRoleKeys(t *testing.T) {
	const path = "arn:aws:iam::" + account + ":role/aws-service-role/"
	w := newTestbed(t)
	w.user("caller")
	w.put("caller", "p", statement(`[{"Effect":"Allow","Action":"iam:*ServiceLinkedRole","Resource":"`+path+`ecs.amazonaws.com/AWSServiceRoleForECS*",`+
		`"Condition":{"StringEquals":{"iam:AWSServiceName":"ecs.amazonaws.com"}}},`+
		`{"Effect":"Allow","Action":"iam:GetServiceLinkedRoleDeletionStatus","Resource":"`+path+`ecs.amazonaws.com/*"}]`))
	caller := w.who("user/caller")
	denied := func(operation string, in any) {
		t.Helper()
		_, err := w.call(caller, operation, in)
		fails(t, err, "AccessDenied", 403, "User: arn:aws:iam::"+account+":user/caller is not authorized to perform: iam:"+operation+"*")
	}
	denied("CreateServiceLinkedRole", &iam.CreateServiceLinkedRoleInput{AWSServiceName: "batch.amazonaws.com"})
	must[any](t)(w.call(caller, "CreateServiceLinkedRole", &iam.CreateServiceLinkedRoleInput{AWSServiceName: "ecs.amazonaws.com"}))
	must[any](t)(w.call(w.who("root"), "CreateServiceLinkedRole", &iam.CreateServiceLinkedRoleInput{AWSServiceName: "batch.amazonaws.com"}))
	denied("DeleteServiceLinkedRole", &iam.DeleteServiceLinkedRoleInput{RoleName: "AWSServiceRoleForBatch"})
	out := must[any](t)(w.call(caller, "DeleteServiceLinkedRole", &iam.DeleteServiceLinkedRoleInput{RoleName: "AWSServiceRoleForECS"})).(*iam.DeleteServiceLinkedRoleOutput)
	must[any](t)(w.call(caller, "GetServiceLinkedRoleDeletionStatus", &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: out.DeletionTaskId}))
	denied("GetServiceLinkedRoleDeletionStatus", &iam.GetServiceLinkedRoleDeletionStatusInput{DeletionTaskId: "task/aws-service-role/batch.amazonaws.com/x/y"})
}
