package iam_test

import (
	"fmt"
	"testing"

	"github.com/waxseal/waxseal/iam"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// grant is a policy that allows an action on a resource under a condition.
func grant(action, resource, condition string) string {
	return statement(fmt.Sprintf(`{"Effect":"Allow","Action":"iam:%s","Resource":"%s","Condition":{%s}}`, action, resource, condition))
}

// What each operation acts on, and the condition keys that it carries: the
// policy must allow the first call and deny the second.
func TestTargetsAndKeys(t *testing.T) {
	const mine = "arn:aws:iam::" + account + ":"
	for name, c := range map[string]struct {
		operation, policy string
		allowed, denied   any
	}{
		"a new role's path and name": {
			"CreateRole", grant("CreateRole", mine+"role/team/r*", ""),
			&iam.CreateRoleInput{RoleName: "r1", Path: "/team/", AssumeRolePolicyDocument: trustSelf},
			&iam.CreateRoleInput{RoleName: "r1", AssumeRolePolicyDocument: trustSelf},
		},
		"a role's own path": {
			"GetRole", grant("GetRole", mine+"role/deep/*", ""),
			&iam.GetRoleInput{RoleName: "inside"}, &iam.GetRoleInput{RoleName: "tagged"},
		},
		"a role that does not exist": {
			"GetRole", grant("GetRole", mine+"role/n*", ""), nil, &iam.GetRoleInput{RoleName: "other"},
		},
		"aws:RequestTag": {
			"CreateUser", grant("CreateUser", "*", `"StringEquals":{"aws:RequestTag/team":"red"}`),
			&iam.CreateUserInput{UserName: "n", Tags: []iam.Tag{{Key: "team", Value: "red"}}},
			&iam.CreateUserInput{UserName: "n", Tags: []iam.Tag{{Key: "team", Value: "blue"}}},
		},
		"aws:TagKeys of TagRole": {
			"TagRole", grant("TagRole", "*", `"ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}`),
			&iam.TagRoleInput{RoleName: "tagged", Tags: []iam.Tag{{Key: "a", Value: ""}, {Key: "b", Value: ""}}},
			&iam.TagRoleInput{RoleName: "tagged", Tags: []iam.Tag{{Key: "a", Value: ""}, {Key: "c", Value: ""}}},
		},
		"aws:TagKeys of UntagRole": {
			"UntagRole", grant("UntagRole", "*", `"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}`),
			&iam.UntagRoleInput{RoleName: "tagged", TagKeys: []string{"a"}}, &iam.UntagRoleInput{RoleName: "tagged", TagKeys: []string{"team"}},
		},
		"aws:ResourceTag": {
			"GetRole", grant("GetRole", "*", `"StringEquals":{"aws:ResourceTag/team":"red"}`),
			&iam.GetRoleInput{RoleName: "tagged"}, &iam.GetRoleInput{RoleName: "inside"},
		},
		"iam:ResourceTag": {
			"GetRole", grant("GetRole", "*", `"StringEquals":{"iam:ResourceTag/team":"red"}`),
			&iam.GetRoleInput{RoleName: "tagged"}, &iam.GetRoleInput{RoleName: "inside"},
		},
		"iam:PermissionsBoundary of a new role": {
			"CreateRole", grant("CreateRole", "*", `"ArnEquals":{"iam:PermissionsBoundary":"`+awsSQSFull+`"}`),
			&iam.CreateRoleInput{RoleName: "n", AssumeRolePolicyDocument: trustSelf, PermissionsBoundary: awsSQSFull},
			&iam.CreateRoleInput{RoleName: "n", AssumeRolePolicyDocument: trustSelf},
		},
		"iam:PermissionsBoundary of a user that has one": {
			"PutUserPolicy", grant("PutUserPolicy", "*", `"ArnEquals":{"iam:PermissionsBoundary":"`+awsSQSFull+`"}`),
			&iam.PutUserPolicyInput{UserName: "bounded", PolicyName: "p", PolicyDocument: allowSend},
			&iam.PutUserPolicyInput{UserName: "caller", PolicyName: "p", PolicyDocument: allowSend},
		},
		"iam:PolicyARN": {
			"AttachRolePolicy", grant("AttachRolePolicy", "*", `"ArnEquals":{"iam:PolicyARN":"`+awsSQSFull+`"}`),
			&iam.AttachRolePolicyInput{RoleName: "tagged", PolicyArn: awsSQSFull},
			&iam.AttachRolePolicyInput{RoleName: "tagged", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess"},
		},
		"a managed policy": {
			"GetPolicy", grant("GetPolicy", "arn:aws:iam::aws:policy/AmazonSQS*", ""),
			&iam.GetPolicyInput{PolicyArn: awsSQSFull}, &iam.GetPolicyInput{PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess"},
		},
		"a new policy": {
			"CreatePolicy", grant("CreatePolicy", mine+"policy/x/*", ""),
			&iam.CreatePolicyInput{PolicyName: "p", Path: "/x/", PolicyDocument: allowSend}, &iam.CreatePolicyInput{PolicyName: "p", PolicyDocument: allowSend},
		},
		"a new provider": {
			"CreateOpenIDConnectProvider", grant("CreateOpenIDConnectProvider", mine+"oidc-provider/idp.example", ""),
			&iam.CreateOpenIDConnectProviderInput{Url: "https://idp.example"}, &iam.CreateOpenIDConnectProviderInput{Url: "https://other.example"},
		},
		"a new MFA device": {
			"CreateVirtualMFADevice", grant("CreateVirtualMFADevice", mine+"mfa/x/*", `"StringEquals":{"aws:RequestTag/team":"red"}`),
			&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: "d", Path: "/x/", Tags: []iam.Tag{{Key: "team", Value: "red"}}},
			&iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: "d", Tags: []iam.Tag{{Key: "team", Value: "red"}}},
		},
		"an MFA device": {
			"ListMFADeviceTags", grant("ListMFADeviceTags", mine+"mfa/tagged", `"StringEquals":{"aws:ResourceTag/team":"red"}`),
			&iam.ListMFADeviceTagsInput{SerialNumber: mine + "mfa/tagged"}, &iam.ListMFADeviceTagsInput{SerialNumber: mine + "mfa/other"},
		},
		"the user of an MFA device": {
			"ListMFADevices", grant("ListMFADevices", mine+"user/caller", ""), &iam.ListMFADevicesInput{}, &iam.ListMFADevicesInput{UserName: "bounded"},
		},
		"the user of a login profile": {
			"GetLoginProfile", grant("GetLoginProfile", mine+"user/bou*", ""), nil, &iam.GetLoginProfileInput{UserName: "caller"},
		},
		"a new server certificate": {
			"UploadServerCertificate", grant("UploadServerCertificate", mine+"server-certificate/x/*", ""), nil,
			&iam.UploadServerCertificateInput{ServerCertificateName: "c"},
		},
		"server certificates below a path": {
			"ListServerCertificates", grant("ListServerCertificates", mine+"server-certificate/team/*", ""),
			&iam.ListServerCertificatesInput{PathPrefix: "/team/"}, &iam.ListServerCertificatesInput{},
		},
		"the service and the age of a credential": {
			"CreateServiceSpecificCredential", grant("CreateServiceSpecificCredential", mine+"user/caller",
				`"StringEquals":{"iam:ServiceSpecificCredentialServiceName":"bedrock.amazonaws.com"},"NumericLessThan":{"iam:ServiceSpecificCredentialAgeDays":"31"}`),
			&iam.CreateServiceSpecificCredentialInput{UserName: "caller", ServiceName: "bedrock.amazonaws.com", CredentialAgeDays: ptr(30)},
			&iam.CreateServiceSpecificCredentialInput{UserName: "caller", ServiceName: "bedrock.amazonaws.com", CredentialAgeDays: ptr(31)},
		},
		"the user of an SSH key": {
			"ListSSHPublicKeys", grant("ListSSHPublicKeys", mine+"user/caller", ""), &iam.ListSSHPublicKeysInput{}, &iam.ListSSHPublicKeysInput{UserName: "bounded"},
		},
		"a new SAML provider": {
			"CreateSAMLProvider", grant("CreateSAMLProvider", mine+"saml-provider/idp", ""), nil, &iam.CreateSAMLProviderInput{Name: "other"},
		},
		"a SAML provider": {
			"DeleteSAMLProvider", grant("DeleteSAMLProvider", mine+"saml-provider/idp", ""), nil,
			&iam.DeleteSAMLProviderInput{SAMLProviderArn: mine + "saml-provider/other"},
		},
		"lists below a path": {
			"ListUsers", grant("ListUsers", mine+"user/team/*", ""), &iam.ListUsersInput{PathPrefix: "/team/"}, &iam.ListUsersInput{},
		},
		"oneself": {
			"GetUser", grant("GetUser", mine+"user/caller", ""), &iam.GetUserInput{}, &iam.GetUserInput{UserName: "bounded"},
		},
		"both names of a renamed user": {
			"UpdateUser", grant("UpdateUser", mine+"user/bou*", ""),
			&iam.UpdateUserInput{UserName: "bounded", NewUserName: "bound"}, &iam.UpdateUserInput{UserName: "bounded", NewUserName: "free"},
		},
		"the path of a moved user": {
			"UpdateUser", grant("UpdateUser", mine+"user/bou*", ""), nil, &iam.UpdateUserInput{UserName: "bounded", NewPath: "/x/"},
		},
		"iam:PassRole": {
			"AddRoleToInstanceProfile", statement(`[{"Effect":"Allow","Action":"iam:AddRoleToInstanceProfile","Resource":"*"},` +
				`{"Effect":"Allow","Action":"iam:PassRole","Resource":"` + mine + `role/tagged","Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}}]`),
			&iam.AddRoleToInstanceProfileInput{InstanceProfileName: "p", RoleName: "tagged"},
			&iam.AddRoleToInstanceProfileInput{InstanceProfileName: "p", RoleName: "inside"},
		},
		"the source of a simulation": {
			"SimulatePrincipalPolicy", grant("SimulatePrincipalPolicy", mine+"user/caller", ""),
			&iam.SimulatePrincipalPolicyInput{PolicySourceArn: mine + "user/caller", ActionNames: []string{"sqs:SendMessage"}},
			&iam.SimulatePrincipalPolicyInput{PolicySourceArn: mine + "user/bounded", ActionNames: []string{"sqs:SendMessage"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestbed(t)
			w.user("caller")
			must[*iam.CreateUserOutput](t)(w.CreateUser(w.ctx(), &iam.CreateUserInput{UserName: "bounded", PermissionsBoundary: awsSQSFull}))
			must[*iam.CreateRoleOutput](t)(w.CreateRole(w.ctx(), &iam.CreateRoleInput{RoleName: "tagged", AssumeRolePolicyDocument: trustSelf, Tags: []iam.Tag{{Key: "team", Value: "red"}}}))
			must[*iam.CreateRoleOutput](t)(w.CreateRole(w.ctx(), &iam.CreateRoleInput{RoleName: "inside", Path: "/deep/", AssumeRolePolicyDocument: trustSelf}))
			w.profile("p")
			must[*iam.CreateVirtualMFADeviceOutput](t)(w.CreateVirtualMFADevice(w.ctx(), &iam.CreateVirtualMFADeviceInput{VirtualMFADeviceName: "tagged", Tags: []iam.Tag{{Key: "team", Value: "red"}}}))
			w.put("caller", "p", c.policy)
			caller := w.who("user/caller")
			_, err := w.call(caller, c.operation, c.denied)
			fails(t, err, "AccessDenied", 403, "User: "+mine+"user/caller is not authorized to perform: iam:*")
			if c.allowed != nil {
				if _, err := w.call(caller, c.operation, c.allowed); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// The texts of denials without a resource are IAM's own.
func TestDenialsOnNoResource(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	for operation, c := range map[string]struct {
		in any
		on string
	}{
		"GetAccountSummary":    {&iam.GetAccountSummaryInput{}, "*"},
		"ListPolicies":         {&iam.ListPoliciesInput{}, "policy path /"},
		"ListRoles":            {&iam.ListRolesInput{}, "arn:aws:iam::" + account + ":role/"},
		"ListGroups":           {&iam.ListGroupsInput{PathPrefix: "/a/"}, "arn:aws:iam::" + account + ":group/a/"},
		"ListInstanceProfiles": {&iam.ListInstanceProfilesInput{}, "arn:aws:iam::" + account + ":instance-profile/"},
	} {
		_, err := w.call(w.who("user/u"), operation, c.in)
		fails(t, err, "AccessDenied", 403, "User: arn:aws:iam::"+account+":user/u is not authorized to perform: iam:"+operation+" on resource: "+c.on+
			" because no identity-based policy allows the iam:"+operation+" action")
	}
}

func TestKeyOwnerIsTheTarget(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	w.user("other")
	w.put("u", "p", grant("GetAccessKeyLastUsed", "arn:aws:iam::"+account+":user/u", ""))
	for user, allowed := range map[string]bool{"u": true, "other": false} {
		key := must[*iam.CreateAccessKeyOutput](t)(w.CreateAccessKey(w.ctx(), &iam.CreateAccessKeyInput{UserName: user})).AccessKey.AccessKeyId
		_, err := w.call(w.who("user/u"), "GetAccessKeyLastUsed", &iam.GetAccessKeyLastUsedInput{AccessKeyId: key})
		if (err == nil) != allowed {
			t.Errorf("the key of %s: %v", user, err)
		}
	}
}

// Credentials of GetFederationToken, and of GetSessionToken without MFA, cannot call
// IAM; those of a role, and those that the credentials endpoint gives for a user, can.
func TestSessionsAndIAM(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	w.put("u", "p", statement(`{"Effect":"Allow","Action":"*","Resource":"*"}`))
	w.role("r")
	must[*iam.AttachRolePolicyOutput](t)(w.AttachRolePolicy(w.ctx(), &iam.AttachRolePolicyInput{RoleName: "r", PolicyArn: "arn:aws:iam::aws:policy/AdministratorAccess"}))
	principal := map[string]string{"root": account}
	err := w.dir.View(t.Context(), func(r store.Reader) error {
		principal["user"], principal["role"] = w.dir.Users.Get(r, account, "u").ID, w.dir.Roles.Get(r, account, "r").ID
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		kind    identity.SessionKind
		of      string
		allowed bool
	}{
		{identity.KindToken, "user", false},
		{identity.KindToken, "root", false},
		{identity.KindFederation, "user", false},
		{identity.KindFederation, "root", false},
		{identity.KindIssued, "user", true},
		{identity.KindRole, "role", true},
	} {
		s := identity.Session{Kind: c.kind, Account: account, Partition: "aws", Principal: principal[c.of], Name: "name", Expires: start.Add(1e12)}
		if c.kind == identity.KindFederation {
			s.Policy = statement(`{"Effect":"Allow","Action":"*","Resource":"*"}`)
		}
		credentials, err := w.dir.NewSession(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.call(credentials.Caller, "ListUsers", &iam.ListUsersInput{})
		switch {
		case c.allowed && err != nil:
			t.Errorf("%s of the %s: %v", c.kind, c.of, err)
		case !c.allowed:
			fails(t, err, "InvalidClientTokenId", 403, "The security token included in the request is invalid")
		}
	}
}
