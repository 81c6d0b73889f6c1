package iam_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/iam"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
	"github.com/waxseal/waxseal/internal/wire"
	"github.com/waxseal/waxseal/policyeval"
)

const (
	account = "123456789012"
	region  = "eu-west-1"

	allowSend = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}]}`
	// trustShown is trustSelf as it is read back.
	trustShown = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}`
	trustSelf  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}`
	awsSQSFull = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// testbed is IAM with its records and a clock that stands still.
type testbed struct {
	*iam.Service
	t     *testing.T
	dir   *identity.Directory
	clock *clock.Turnable
}

func newTestbed(t *testing.T) *testbed {
	t.Helper()
	module, err := hsm.New(hsm.NewRootKey())
	if err != nil {
		t.Fatal(err)
	}
	w := &testbed{t: t, clock: clock.NewStill(start)}
	w.dir = identity.New(identity.Config{Engine: rerun.New(), Clock: w.clock, IDs: ids.NewSeeded(1), HSM: module})
	w.Service = iam.New(iam.Config{Directory: w.dir})
	return w
}

// ctx is the context of a call by the root user of the account.
func (w *testbed) ctx() context.Context {
	w.t.Helper()
	root, err := w.dir.Root(w.t.Context(), account, region)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.as(root)
}

func (w *testbed) as(c *api.Caller) context.Context {
	return api.WithRequest(w.t.Context(), &api.Request{ID: "r", Caller: c, Account: c.Account, Region: region, Time: w.clock.Now()})
}

// who is the caller of that name, such as user/alice.
func (w *testbed) who(spec string) *api.Caller {
	w.t.Helper()
	c, err := w.dir.Principal(w.t.Context(), account, region, spec)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// call makes the call as the dispatcher does: checks, decisions, method.
func (w *testbed) call(c *api.Caller, operation string, in any) (any, error) {
	w.t.Helper()
	ctx, svc := w.as(c), w.API()
	i := slices.IndexFunc(svc.Operations, func(o api.Operation) bool { return o.Name == operation })
	if i < 0 {
		w.t.Fatalf("there is no operation %s", operation)
	}
	op := &svc.Operations[i]
	resolved, err := op.Resolve(ctx, in)
	if err != nil {
		return nil, err
	}
	for _, check := range resolved.Checks {
		if !slices.Contains(op.Actions, check.Action) {
			w.t.Errorf("%s checks %s, which its row does not name", operation, check.Action)
		}
		keys := policyeval.NewContext(4)
		if check.Target.Keys != nil {
			check.Target.Keys(keys)
		}
		for k, v := range check.Target.Tags {
			keys.Set("aws:ResourceTag/"+k, v)
		}
		r := &policyeval.Request{
			Principal: c.Principal, Action: check.Action, Resource: check.Target.ARN, ResourceAccount: check.Target.Account, Context: keys,
		}
		policies := c.Policies
		policies.Resource = check.Target.Policy
		if v := policyeval.Decide(r, &policies); !v.Allowed {
			return nil, svc.Denied(&api.Denial{Operation: operation, Caller: c, Action: check.Action, Target: &check.Target, Verdict: v})
		}
	}
	return op.Call(ctx, in, resolved)
}

// run runs a subtest on the testbed.
func (w *testbed) run(name string, test func(t *testing.T)) {
	outer := w.t
	defer func() { w.t = outer }()
	outer.Run(name, func(t *testing.T) {
		w.t = t
		test(t)
	})
}

// must is the output of a call that has to succeed.
func must[T any](t *testing.T) func(out T, err error) T {
	return func(out T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// fails checks that err is the error of that code and message; text may end in
// * where only its beginning counts.
func fails(t *testing.T, err error, code string, status int, text string) {
	t.Helper()
	e, ok := errors.AsType[*api.Error](err)
	if !ok {
		t.Fatalf("error = %v, want %s: %s", err, code, text)
	}
	head, open := strings.CutSuffix(text, "*")
	if e.Query() != code || e.HTTPStatus() != status || e.Message != text && !(open && strings.HasPrefix(e.Message, head)) {
		t.Errorf("error = %d %s %q, want %d %s %q", e.HTTPStatus(), e.Query(), e.Message, status, code, text)
	}
}

func (w *testbed) user(name string) *iam.User {
	w.t.Helper()
	return must[*iam.CreateUserOutput](w.t)(w.CreateUser(w.ctx(), &iam.CreateUserInput{UserName: name})).User
}

func (w *testbed) role(name string) *iam.Role {
	w.t.Helper()
	return must[*iam.CreateRoleOutput](w.t)(w.CreateRole(w.ctx(), &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: trustSelf})).Role
}

func (w *testbed) group(name string) *iam.Group {
	w.t.Helper()
	return must[*iam.CreateGroupOutput](w.t)(w.CreateGroup(w.ctx(), &iam.CreateGroupInput{GroupName: name})).Group
}

func (w *testbed) policy(name, document string) *iam.Policy {
	w.t.Helper()
	return must[*iam.CreatePolicyOutput](w.t)(w.CreatePolicy(w.ctx(), &iam.CreatePolicyInput{PolicyName: name, PolicyDocument: document})).Policy
}

func (w *testbed) profile(name string) *iam.InstanceProfile {
	w.t.Helper()
	return must[*iam.CreateInstanceProfileOutput](w.t)(w.CreateInstanceProfile(w.ctx(), &iam.CreateInstanceProfileInput{InstanceProfileName: name})).InstanceProfile
}

// put gives a user an inline policy.
func (w *testbed) put(user, name, document string) {
	w.t.Helper()
	must[*iam.PutUserPolicyOutput](w.t)(w.PutUserPolicy(w.ctx(), &iam.PutUserPolicyInput{UserName: user, PolicyName: name, PolicyDocument: document}))
}

func ptr[T any](v T) *T { return &v }

// Every shape must be one that internal/wire can bind and print, and every
// operation must say what it checks.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, op := range newTestbed(t).API().Operations {
		if seen[op.Name] {
			t.Errorf("%s stands twice in the table", op.Name)
		}
		seen[op.Name] = true
		for _, shape := range []reflect.Type{op.In, op.Out} {
			if err := wire.Check(shape); err != nil {
				t.Errorf("%s: %v", op.Name, err)
			}
		}
		if len(op.Actions) == 0 || op.Actions[0] != "iam:"+op.Name {
			t.Errorf("%s is guarded by %v", op.Name, op.Actions)
		}
		reads := strings.HasPrefix(op.Name, "Get") || strings.HasPrefix(op.Name, "List") || strings.HasPrefix(op.Name, "Simulate")
		if reads != op.ReadOnly {
			t.Errorf("%s: readOnly = %v", op.Name, op.ReadOnly)
		}
	}
}

// Whatever names an entity answers NoSuchEntity where it does not exist.
func TestEverythingMissing(t *testing.T) {
	w := newTestbed(t)
	none := "arn:aws:iam::" + account + ":policy/none"
	provider := "arn:aws:iam::" + account + ":oidc-provider/none"
	device := "arn:aws:iam::" + account + ":mfa/none"
	samlProvider := "arn:aws:iam::" + account + ":saml-provider/none"
	for _, c := range []struct {
		op, text string
		in       any
	}{
		{"GetUser", "The user with name none cannot be found.", &iam.GetUserInput{UserName: "none"}}, // [I008]
		{"UpdateUser", "The user with name none cannot be found.", &iam.UpdateUserInput{UserName: "none"}},
		{"DeleteUser", "The user with name none cannot be found.", &iam.DeleteUserInput{UserName: "none"}},
		{"PutUserPolicy", "The user with name none cannot be found.", &iam.PutUserPolicyInput{UserName: "none", PolicyDocument: allowSend}},
		{"GetUserPolicy", "The user with name none cannot be found.", &iam.GetUserPolicyInput{UserName: "none"}},
		{"ListUserPolicies", "The user with name none cannot be found.", &iam.ListUserPoliciesInput{UserName: "none"}},
		{"DeleteUserPolicy", "The user with name none cannot be found.", &iam.DeleteUserPolicyInput{UserName: "none"}},
		{"AttachUserPolicy", "The user with name none cannot be found.", &iam.AttachUserPolicyInput{UserName: "none", PolicyArn: awsSQSFull}},
		{"DetachUserPolicy", "The user with name none cannot be found.", &iam.DetachUserPolicyInput{UserName: "none", PolicyArn: awsSQSFull}},
		{"ListAttachedUserPolicies", "The user with name none cannot be found.", &iam.ListAttachedUserPoliciesInput{UserName: "none"}},
		{"PutUserPermissionsBoundary", "The user with name none cannot be found.", &iam.PutUserPermissionsBoundaryInput{UserName: "none", PermissionsBoundary: awsSQSFull}},
		{"DeleteUserPermissionsBoundary", "The user with name none cannot be found.", &iam.DeleteUserPermissionsBoundaryInput{UserName: "none"}},
		{"TagUser", "The user with name none cannot be found.", &iam.TagUserInput{UserName: "none"}},
		{"UntagUser", "The user with name none cannot be found.", &iam.UntagUserInput{UserName: "none"}},
		{"ListUserTags", "The user with name none cannot be found.", &iam.ListUserTagsInput{UserName: "none"}},
		{"ListGroupsForUser", "The user with name none cannot be found.", &iam.ListGroupsForUserInput{UserName: "none"}},
		{"CreateAccessKey", "The user with name none cannot be found.", &iam.CreateAccessKeyInput{UserName: "none"}},
		{"ListAccessKeys", "The user with name none cannot be found.", &iam.ListAccessKeysInput{UserName: "none"}},
		{"UpdateAccessKey", "The user with name none cannot be found.", &iam.UpdateAccessKeyInput{UserName: "none", AccessKeyId: "AKIANONENONENONENONE"}},
		{"DeleteAccessKey", "The user with name none cannot be found.", &iam.DeleteAccessKeyInput{UserName: "none", AccessKeyId: "AKIANONENONENONENONE"}},
		{"GetAccessKeyLastUsed", "The Access Key with id AKIANONENONENONENONE cannot be found.", &iam.GetAccessKeyLastUsedInput{AccessKeyId: "AKIANONENONENONENONE"}},
		{"CreateLoginProfile", "The user with name none cannot be found.", &iam.CreateLoginProfileInput{UserName: "none", Password: password}},
		{"GetLoginProfile", "The user with name none cannot be found.", &iam.GetLoginProfileInput{UserName: "none"}},
		{"UpdateLoginProfile", "The user with name none cannot be found.", &iam.UpdateLoginProfileInput{UserName: "none"}},
		{"DeleteLoginProfile", "The user with name none cannot be found.", &iam.DeleteLoginProfileInput{UserName: "none"}},
		{"EnableMFADevice", "The user with name none cannot be found.", &iam.EnableMFADeviceInput{UserName: "none", SerialNumber: device}},
		{"ResyncMFADevice", "The user with name none cannot be found.", &iam.ResyncMFADeviceInput{UserName: "none", SerialNumber: device}},
		{"DeactivateMFADevice", "The user with name none cannot be found.", &iam.DeactivateMFADeviceInput{UserName: "none", SerialNumber: device}},
		{"GetMFADevice", "The user with name none cannot be found.", &iam.GetMFADeviceInput{UserName: "none", SerialNumber: device}},
		{"ListMFADevices", "The user with name none cannot be found.", &iam.ListMFADevicesInput{UserName: "none"}},

		{"DeleteVirtualMFADevice", "VirtualMFADevice with serial number " + device + " doesn't exist.", &iam.DeleteVirtualMFADeviceInput{SerialNumber: device}},
		{"TagMFADevice", "VirtualMFADevice with serial number " + device + " doesn't exist.", &iam.TagMFADeviceInput{SerialNumber: device}},
		{"UntagMFADevice", "VirtualMFADevice with serial number " + device + " doesn't exist.", &iam.UntagMFADeviceInput{SerialNumber: device}},
		{"ListMFADeviceTags", "VirtualMFADevice with serial number " + device + " doesn't exist.", &iam.ListMFADeviceTagsInput{SerialNumber: device}},

		{"UploadSSHPublicKey", "The user with name none cannot be found.", &iam.UploadSSHPublicKeyInput{UserName: "none", SSHPublicKeyBody: sshBody}},
		{"GetSSHPublicKey", "The user with name none cannot be found.", &iam.GetSSHPublicKeyInput{UserName: "none", SSHPublicKeyId: "APKANONENONENONENONE0", Encoding: "SSH"}},
		{"ListSSHPublicKeys", "The user with name none cannot be found.", &iam.ListSSHPublicKeysInput{UserName: "none"}},
		{"UpdateSSHPublicKey", "The user with name none cannot be found.", &iam.UpdateSSHPublicKeyInput{UserName: "none", Status: "Active"}},
		{"DeleteSSHPublicKey", "The user with name none cannot be found.", &iam.DeleteSSHPublicKeyInput{UserName: "none"}},
		{"UploadSigningCertificate", "The user with name none cannot be found.", &iam.UploadSigningCertificateInput{UserName: "none"}},
		{"ListSigningCertificates", "The user with name none cannot be found.", &iam.ListSigningCertificatesInput{UserName: "none"}},
		{"UpdateSigningCertificate", "The user with name none cannot be found.", &iam.UpdateSigningCertificateInput{UserName: "none", Status: "Active"}},
		{"DeleteSigningCertificate", "The user with name none cannot be found.", &iam.DeleteSigningCertificateInput{UserName: "none"}},
		{"CreateServiceSpecificCredential", "The user with name none cannot be found.", &iam.CreateServiceSpecificCredentialInput{UserName: "none", ServiceName: "none"}},
		{"ListServiceSpecificCredentials", "The user with name none cannot be found.", &iam.ListServiceSpecificCredentialsInput{UserName: "none", ServiceName: "none"}},
		{"UpdateServiceSpecificCredential", "The user with name none cannot be found.", &iam.UpdateServiceSpecificCredentialInput{UserName: "none", Status: "Active"}},
		{"ResetServiceSpecificCredential", "The user with name none cannot be found.", &iam.ResetServiceSpecificCredentialInput{UserName: "none"}},
		{"DeleteServiceSpecificCredential", "The user with name none cannot be found.", &iam.DeleteServiceSpecificCredentialInput{UserName: "none"}},

		{"GetServerCertificate", "The Server Certificate with name none cannot be found.", &iam.GetServerCertificateInput{ServerCertificateName: "none"}},
		{"UpdateServerCertificate", "The Server Certificate with name none cannot be found.", &iam.UpdateServerCertificateInput{ServerCertificateName: "none"}},
		{"DeleteServerCertificate", "The Server Certificate with name none cannot be found.", &iam.DeleteServerCertificateInput{ServerCertificateName: "none"}},
		{"TagServerCertificate", "The Server Certificate with name none cannot be found.", &iam.TagServerCertificateInput{ServerCertificateName: "none"}},
		{"UntagServerCertificate", "The Server Certificate with name none cannot be found.", &iam.UntagServerCertificateInput{ServerCertificateName: "none"}},
		{"ListServerCertificateTags", "The Server Certificate with name none cannot be found.", &iam.ListServerCertificateTagsInput{ServerCertificateName: "none"}},

		{"GetSAMLProvider", "Manifest not found for arn " + samlProvider, &iam.GetSAMLProviderInput{SAMLProviderArn: samlProvider}},
		{"UpdateSAMLProvider", "Manifest not found for arn " + samlProvider, &iam.UpdateSAMLProviderInput{SAMLProviderArn: samlProvider}},
		{"DeleteSAMLProvider", "Manifest not found for arn " + samlProvider, &iam.DeleteSAMLProviderInput{SAMLProviderArn: samlProvider}},
		{"TagSAMLProvider", "Manifest not found for arn " + samlProvider, &iam.TagSAMLProviderInput{SAMLProviderArn: samlProvider}},
		{"UntagSAMLProvider", "Manifest not found for arn " + samlProvider, &iam.UntagSAMLProviderInput{SAMLProviderArn: samlProvider}},
		{"ListSAMLProviderTags", "Manifest not found for arn " + samlProvider, &iam.ListSAMLProviderTagsInput{SAMLProviderArn: samlProvider}},

		{"GetGroup", "The group with name none cannot be found.", &iam.GetGroupInput{GroupName: "none"}},
		{"UpdateGroup", "The group with name none cannot be found.", &iam.UpdateGroupInput{GroupName: "none"}},
		{"DeleteGroup", "The group with name none cannot be found.", &iam.DeleteGroupInput{GroupName: "none"}},
		{"AddUserToGroup", "The group with name none cannot be found.", &iam.AddUserToGroupInput{GroupName: "none", UserName: "none"}},
		{"RemoveUserFromGroup", "The group with name none cannot be found.", &iam.RemoveUserFromGroupInput{GroupName: "none", UserName: "none"}},
		{"PutGroupPolicy", "The group with name none cannot be found.", &iam.PutGroupPolicyInput{GroupName: "none", PolicyDocument: allowSend}},
		{"GetGroupPolicy", "The group with name none cannot be found.", &iam.GetGroupPolicyInput{GroupName: "none"}},
		{"ListGroupPolicies", "The group with name none cannot be found.", &iam.ListGroupPoliciesInput{GroupName: "none"}},
		{"DeleteGroupPolicy", "The group with name none cannot be found.", &iam.DeleteGroupPolicyInput{GroupName: "none"}},
		{"AttachGroupPolicy", "The group with name none cannot be found.", &iam.AttachGroupPolicyInput{GroupName: "none", PolicyArn: awsSQSFull}},
		{"DetachGroupPolicy", "The group with name none cannot be found.", &iam.DetachGroupPolicyInput{GroupName: "none", PolicyArn: awsSQSFull}},
		{"ListAttachedGroupPolicies", "The group with name none cannot be found.", &iam.ListAttachedGroupPoliciesInput{GroupName: "none"}},

		{"GetRole", "The role with name none cannot be found.", &iam.GetRoleInput{RoleName: "none"}},
		{"UpdateRole", "The role with name none cannot be found.", &iam.UpdateRoleInput{RoleName: "none"}},
		{"UpdateRoleDescription", "The role with name none cannot be found.", &iam.UpdateRoleDescriptionInput{RoleName: "none"}},
		{"UpdateAssumeRolePolicy", "The role with name none cannot be found.", &iam.UpdateAssumeRolePolicyInput{RoleName: "none", PolicyDocument: trustSelf}},
		{"DeleteRole", "The role with name none cannot be found.", &iam.DeleteRoleInput{RoleName: "none"}},
		{"PutRolePolicy", "The role with name none cannot be found.", &iam.PutRolePolicyInput{RoleName: "none", PolicyDocument: allowSend}},
		{"GetRolePolicy", "The role with name none cannot be found.", &iam.GetRolePolicyInput{RoleName: "none"}},
		{"ListRolePolicies", "The role with name none cannot be found.", &iam.ListRolePoliciesInput{RoleName: "none"}},
		{"DeleteRolePolicy", "The role with name none cannot be found.", &iam.DeleteRolePolicyInput{RoleName: "none"}},
		{"AttachRolePolicy", "The role with name none cannot be found.", &iam.AttachRolePolicyInput{RoleName: "none", PolicyArn: awsSQSFull}},
		{"DetachRolePolicy", "The role with name none cannot be found.", &iam.DetachRolePolicyInput{RoleName: "none", PolicyArn: awsSQSFull}},
		{"ListAttachedRolePolicies", "The role with name none cannot be found.", &iam.ListAttachedRolePoliciesInput{RoleName: "none"}},
		{"PutRolePermissionsBoundary", "The role with name none cannot be found.", &iam.PutRolePermissionsBoundaryInput{RoleName: "none", PermissionsBoundary: awsSQSFull}},
		{"DeleteRolePermissionsBoundary", "The role with name none cannot be found.", &iam.DeleteRolePermissionsBoundaryInput{RoleName: "none"}},
		{"TagRole", "The role with name none cannot be found.", &iam.TagRoleInput{RoleName: "none"}},
		{"UntagRole", "The role with name none cannot be found.", &iam.UntagRoleInput{RoleName: "none"}},
		{"ListRoleTags", "The role with name none cannot be found.", &iam.ListRoleTagsInput{RoleName: "none"}},
		{"ListInstanceProfilesForRole", "The role with name none cannot be found.", &iam.ListInstanceProfilesForRoleInput{RoleName: "none"}},

		{"GetInstanceProfile", "Instance Profile none cannot be found.", &iam.GetInstanceProfileInput{InstanceProfileName: "none"}},
		{"DeleteInstanceProfile", "Instance Profile none cannot be found.", &iam.DeleteInstanceProfileInput{InstanceProfileName: "none"}},
		{"AddRoleToInstanceProfile", "Instance Profile none cannot be found.", &iam.AddRoleToInstanceProfileInput{InstanceProfileName: "none"}},
		{"RemoveRoleFromInstanceProfile", "Instance Profile none cannot be found.", &iam.RemoveRoleFromInstanceProfileInput{InstanceProfileName: "none"}},
		{"TagInstanceProfile", "Instance Profile none cannot be found.", &iam.TagInstanceProfileInput{InstanceProfileName: "none"}},
		{"UntagInstanceProfile", "Instance Profile none cannot be found.", &iam.UntagInstanceProfileInput{InstanceProfileName: "none"}},
		{"ListInstanceProfileTags", "Instance Profile none cannot be found.", &iam.ListInstanceProfileTagsInput{InstanceProfileName: "none"}},

		{"GetPolicy", "Policy " + none + " was not found.", &iam.GetPolicyInput{PolicyArn: none}},
		{"DeletePolicy", "Policy " + none + " was not found.", &iam.DeletePolicyInput{PolicyArn: none}}, // [I007]
		{"CreatePolicyVersion", "Policy " + none + " was not found.", &iam.CreatePolicyVersionInput{PolicyArn: none, PolicyDocument: allowSend}},
		{"GetPolicyVersion", "Policy " + none + " was not found.", &iam.GetPolicyVersionInput{PolicyArn: none}},
		{"ListPolicyVersions", "Policy " + none + " was not found.", &iam.ListPolicyVersionsInput{PolicyArn: none}},
		{"DeletePolicyVersion", "Policy " + none + " was not found.", &iam.DeletePolicyVersionInput{PolicyArn: none}},
		{"SetDefaultPolicyVersion", "Policy " + none + " was not found.", &iam.SetDefaultPolicyVersionInput{PolicyArn: none}},
		{"ListEntitiesForPolicy", "Policy " + none + " was not found.", &iam.ListEntitiesForPolicyInput{PolicyArn: none}},
		{"TagPolicy", "Policy " + none + " was not found.", &iam.TagPolicyInput{PolicyArn: none}},
		{"UntagPolicy", "Policy " + none + " was not found.", &iam.UntagPolicyInput{PolicyArn: none}},
		{"ListPolicyTags", "Policy " + none + " was not found.", &iam.ListPolicyTagsInput{PolicyArn: none}},

		{"GetOpenIDConnectProvider", "OpenIDConnect Provider not found for arn " + provider, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider}},
		{"AddClientIDToOpenIDConnectProvider", "OpenIDConnect Provider not found for arn " + provider, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider}},
		{"RemoveClientIDFromOpenIDConnectProvider", "OpenIDConnect Provider not found for arn " + provider, &iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider}},
		{"UpdateOpenIDConnectProviderThumbprint", "OpenIDConnect Provider not found for arn " + provider, &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: provider}},
		{"TagOpenIDConnectProvider", "OpenIDConnect Provider not found for arn " + provider, &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider}},
		{"UntagOpenIDConnectProvider", "OpenIDConnect Provider not found for arn " + provider, &iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider}},
		{"ListOpenIDConnectProviderTags", "OpenIDConnect Provider not found for arn " + provider, &iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: provider}},

		{"DeleteAccountAlias", "The account alias none cannot be found.", &iam.DeleteAccountAliasInput{AccountAlias: "none"}},
		{"SimulatePrincipalPolicy", "The user with name none cannot be found.", &iam.SimulatePrincipalPolicyInput{PolicySourceArn: "arn:aws:iam::" + account + ":user/none"}},
		{"GetContextKeysForPrincipalPolicy", "The role with name none cannot be found.", &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: "arn:aws:iam::" + account + ":role/none"}},
	} {
		w.run(c.op, func(t *testing.T) {
			_, err := w.call(w.who("root"), c.op, c.in)
			fails(t, err, "NoSuchEntity", 404, c.text)
		})
	}
}
