package iam

import (
	"context"
	"log/slog"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/resource"
)

// Config is what the service needs.
type Config struct {
	Directory *identity.Directory // required
	// StrictPrincipals refuses trust policies that name principals that do not
	// exist, as AWS does. Without it they are stored, with a warning in Log.
	StrictPrincipals bool
	Log              *slog.Logger // nil: discarded
}

// Service is AWS Identity and Access Management.
type Service struct {
	dir    *identity.Directory
	trusts resource.Policies
	log    *slog.Logger
}

// New is the service over the directory's records.
func New(c Config) *Service {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{dir: c.Directory, trusts: newTrusts(&c), log: c.Log}
}

// API describes the service.
func (s *Service) API() api.Service {
	return api.Service{
		Name: "iam", Title: "IAM", Principal: "iam.amazonaws.com",
		Dialects:   []api.Dialect{&api.AWSQuery{Version: "2010-05-08", Namespace: "https://iam.amazonaws.com/doc/2010-05-08/"}},
		Global:     true,
		Denied:     func(d *api.Denial) *api.Error { return errAccessDenied.With(d.Text(d.Action)) },
		Invalid:    invalid,
		OwnerOnly:  func(d *api.Denial) *api.Error { return errAccessDenied.With(d.Text(d.Action)) },
		Operations: s.operations(),
	}
}

// operations is the table. Every action of IAM has the name of its operation.
func (s *Service) operations() []api.Operation {
	return []api.Operation{
		onUser(s, "CreateUser", s.CreateUser),
		onUser(s, "GetUser", s.GetUser, api.ReadOnly),
		onAccount(s, "ListUsers", s.ListUsers, "user", api.ReadOnly),
		onUser(s, "UpdateUser", s.UpdateUser),
		onUser(s, "DeleteUser", s.DeleteUser),
		onUser(s, "PutUserPolicy", s.PutUserPolicy),
		onUser(s, "GetUserPolicy", s.GetUserPolicy, api.ReadOnly),
		onUser(s, "ListUserPolicies", s.ListUserPolicies, api.ReadOnly),
		onUser(s, "DeleteUserPolicy", s.DeleteUserPolicy),
		onUser(s, "AttachUserPolicy", s.AttachUserPolicy),
		onUser(s, "DetachUserPolicy", s.DetachUserPolicy),
		onUser(s, "ListAttachedUserPolicies", s.ListAttachedUserPolicies, api.ReadOnly),
		onUser(s, "PutUserPermissionsBoundary", s.PutUserPermissionsBoundary),
		onUser(s, "DeleteUserPermissionsBoundary", s.DeleteUserPermissionsBoundary),
		onUser(s, "TagUser", s.TagUser),
		onUser(s, "UntagUser", s.UntagUser),
		onUser(s, "ListUserTags", s.ListUserTags, api.ReadOnly),
		onUser(s, "ListGroupsForUser", s.ListGroupsForUser, api.ReadOnly),
		onUser(s, "CreateAccessKey", s.CreateAccessKey),
		onUser(s, "ListAccessKeys", s.ListAccessKeys, api.ReadOnly),
		onUser(s, "UpdateAccessKey", s.UpdateAccessKey),
		onUser(s, "DeleteAccessKey", s.DeleteAccessKey),
		operation("GetAccessKeyLastUsed", s.GetAccessKeyLastUsed, s.keyUser, nil, api.ReadOnly),

		onUser(s, "CreateLoginProfile", s.CreateLoginProfile),
		onUser(s, "GetLoginProfile", s.GetLoginProfile, api.ReadOnly),
		onUser(s, "UpdateLoginProfile", s.UpdateLoginProfile),
		onUser(s, "DeleteLoginProfile", s.DeleteLoginProfile),
		operation("ChangePassword", s.ChangePassword, s.changePassword, nil),
		operation("GetAccountPasswordPolicy", s.GetAccountPasswordPolicy, s.readPasswordPolicy, nil, api.ReadOnly),
		onAccount(s, "UpdateAccountPasswordPolicy", s.UpdateAccountPasswordPolicy, ""),
		onAccount(s, "DeleteAccountPasswordPolicy", s.DeleteAccountPasswordPolicy, ""),

		onUser(s, "UploadSSHPublicKey", s.UploadSSHPublicKey),
		onUser(s, "GetSSHPublicKey", s.GetSSHPublicKey, api.ReadOnly),
		onUser(s, "ListSSHPublicKeys", s.ListSSHPublicKeys, api.ReadOnly),
		onUser(s, "UpdateSSHPublicKey", s.UpdateSSHPublicKey),
		onUser(s, "DeleteSSHPublicKey", s.DeleteSSHPublicKey),
		onUser(s, "UploadSigningCertificate", s.UploadSigningCertificate),
		onUser(s, "ListSigningCertificates", s.ListSigningCertificates, api.ReadOnly),
		onUser(s, "UpdateSigningCertificate", s.UpdateSigningCertificate),
		onUser(s, "DeleteSigningCertificate", s.DeleteSigningCertificate),
		onUser(s, "CreateServiceSpecificCredential", s.CreateServiceSpecificCredential),
		operation("ListServiceSpecificCredentials", s.ListServiceSpecificCredentials, s.listCredentials, nil, api.ReadOnly),
		onCredential(s, "UpdateServiceSpecificCredential", s.UpdateServiceSpecificCredential),
		onCredential(s, "ResetServiceSpecificCredential", s.ResetServiceSpecificCredential),
		onCredential(s, "DeleteServiceSpecificCredential", s.DeleteServiceSpecificCredential),

		onServerCertificate(s, "UploadServerCertificate", s.UploadServerCertificate),
		onServerCertificate(s, "GetServerCertificate", s.GetServerCertificate, api.ReadOnly),
		onAccount(s, "ListServerCertificates", s.ListServerCertificates, serverCertificates.resource, api.ReadOnly),
		onServerCertificate(s, "UpdateServerCertificate", s.UpdateServerCertificate),
		onServerCertificate(s, "DeleteServerCertificate", s.DeleteServerCertificate),
		onServerCertificate(s, "TagServerCertificate", s.TagServerCertificate),
		onServerCertificate(s, "UntagServerCertificate", s.UntagServerCertificate),
		onServerCertificate(s, "ListServerCertificateTags", s.ListServerCertificateTags, api.ReadOnly),

		onDevice(s, "CreateVirtualMFADevice", s.CreateVirtualMFADevice),
		onAccount(s, "ListVirtualMFADevices", s.ListVirtualMFADevices, "", api.ReadOnly),
		onDevice(s, "DeleteVirtualMFADevice", s.DeleteVirtualMFADevice),
		onUser(s, "EnableMFADevice", s.EnableMFADevice),
		operation("GetMFADevice", s.GetMFADevice, s.getDevice, nil, api.ReadOnly),
		onUser(s, "ListMFADevices", s.ListMFADevices, api.ReadOnly),
		onUser(s, "ResyncMFADevice", s.ResyncMFADevice),
		onUser(s, "DeactivateMFADevice", s.DeactivateMFADevice),
		onDevice(s, "TagMFADevice", s.TagMFADevice),
		onDevice(s, "UntagMFADevice", s.UntagMFADevice),
		onDevice(s, "ListMFADeviceTags", s.ListMFADeviceTags, api.ReadOnly),

		onGroup(s, "CreateGroup", s.CreateGroup),
		onGroup(s, "GetGroup", s.GetGroup, api.ReadOnly),
		onAccount(s, "ListGroups", s.ListGroups, "group", api.ReadOnly),
		onGroup(s, "UpdateGroup", s.UpdateGroup),
		onGroup(s, "DeleteGroup", s.DeleteGroup),
		onGroup(s, "AddUserToGroup", s.AddUserToGroup),
		onGroup(s, "RemoveUserFromGroup", s.RemoveUserFromGroup),
		onGroup(s, "PutGroupPolicy", s.PutGroupPolicy),
		onGroup(s, "GetGroupPolicy", s.GetGroupPolicy, api.ReadOnly),
		onGroup(s, "ListGroupPolicies", s.ListGroupPolicies, api.ReadOnly),
		onGroup(s, "DeleteGroupPolicy", s.DeleteGroupPolicy),
		onGroup(s, "AttachGroupPolicy", s.AttachGroupPolicy),
		onGroup(s, "DetachGroupPolicy", s.DetachGroupPolicy),
		onGroup(s, "ListAttachedGroupPolicies", s.ListAttachedGroupPolicies, api.ReadOnly),

		onRole(s, "CreateRole", s.CreateRole),
		onRole(s, "GetRole", s.GetRole, api.ReadOnly),
		onAccount(s, "ListRoles", s.ListRoles, "role", api.ReadOnly),
		onRole(s, "UpdateRole", s.UpdateRole),
		onRole(s, "UpdateRoleDescription", s.UpdateRoleDescription),
		onRole(s, "UpdateAssumeRolePolicy", s.UpdateAssumeRolePolicy),
		onRole(s, "DeleteRole", s.DeleteRole),
		onRole(s, "PutRolePolicy", s.PutRolePolicy),
		onRole(s, "GetRolePolicy", s.GetRolePolicy, api.ReadOnly),
		onRole(s, "ListRolePolicies", s.ListRolePolicies, api.ReadOnly),
		onRole(s, "DeleteRolePolicy", s.DeleteRolePolicy),
		onRole(s, "AttachRolePolicy", s.AttachRolePolicy),
		onRole(s, "DetachRolePolicy", s.DetachRolePolicy),
		onRole(s, "ListAttachedRolePolicies", s.ListAttachedRolePolicies, api.ReadOnly),
		onRole(s, "PutRolePermissionsBoundary", s.PutRolePermissionsBoundary),
		onRole(s, "DeleteRolePermissionsBoundary", s.DeleteRolePermissionsBoundary),
		onRole(s, "TagRole", s.TagRole),
		onRole(s, "UntagRole", s.UntagRole),
		onRole(s, "ListRoleTags", s.ListRoleTags, api.ReadOnly),
		onRole(s, "ListInstanceProfilesForRole", s.ListInstanceProfilesForRole, api.ReadOnly),
		operation("CreateServiceLinkedRole", s.CreateServiceLinkedRole, s.createLinked, nil),
		operation("DeleteServiceLinkedRole", s.DeleteServiceLinkedRole, s.deleteLinked, nil),
		operation("GetServiceLinkedRoleDeletionStatus", s.GetServiceLinkedRoleDeletionStatus, s.deletionStatus, nil, api.ReadOnly),

		onProfile(s, "CreateInstanceProfile", s.CreateInstanceProfile),
		onProfile(s, "GetInstanceProfile", s.GetInstanceProfile, api.ReadOnly),
		onAccount(s, "ListInstanceProfiles", s.ListInstanceProfiles, "instance-profile", api.ReadOnly),
		onProfile(s, "DeleteInstanceProfile", s.DeleteInstanceProfile),
		operation("AddRoleToInstanceProfile", s.AddRoleToInstanceProfile, s.addRoleChecks, []string{"iam:PassRole"}),
		onProfile(s, "RemoveRoleFromInstanceProfile", s.RemoveRoleFromInstanceProfile),
		onProfile(s, "TagInstanceProfile", s.TagInstanceProfile),
		onProfile(s, "UntagInstanceProfile", s.UntagInstanceProfile),
		onProfile(s, "ListInstanceProfileTags", s.ListInstanceProfileTags, api.ReadOnly),

		onPolicy(s, "CreatePolicy", s.CreatePolicy),
		onPolicy(s, "GetPolicy", s.GetPolicy, api.ReadOnly),
		onAccount(s, "ListPolicies", s.ListPolicies, "policy", api.ReadOnly),
		onPolicy(s, "DeletePolicy", s.DeletePolicy),
		onPolicy(s, "CreatePolicyVersion", s.CreatePolicyVersion),
		onPolicy(s, "GetPolicyVersion", s.GetPolicyVersion, api.ReadOnly),
		onPolicy(s, "ListPolicyVersions", s.ListPolicyVersions, api.ReadOnly),
		onPolicy(s, "DeletePolicyVersion", s.DeletePolicyVersion),
		onPolicy(s, "SetDefaultPolicyVersion", s.SetDefaultPolicyVersion),
		onPolicy(s, "ListEntitiesForPolicy", s.ListEntitiesForPolicy, api.ReadOnly),
		onPolicy(s, "TagPolicy", s.TagPolicy),
		onPolicy(s, "UntagPolicy", s.UntagPolicy),
		onPolicy(s, "ListPolicyTags", s.ListPolicyTags, api.ReadOnly),

		onProvider(s, "CreateOpenIDConnectProvider", s.CreateOpenIDConnectProvider),
		onProvider(s, "GetOpenIDConnectProvider", s.GetOpenIDConnectProvider, api.ReadOnly),
		onAccount(s, "ListOpenIDConnectProviders", s.ListOpenIDConnectProviders, "", api.ReadOnly),
		onProvider(s, "DeleteOpenIDConnectProvider", s.DeleteOpenIDConnectProvider),
		onProvider(s, "AddClientIDToOpenIDConnectProvider", s.AddClientIDToOpenIDConnectProvider),
		onProvider(s, "RemoveClientIDFromOpenIDConnectProvider", s.RemoveClientIDFromOpenIDConnectProvider),
		onProvider(s, "UpdateOpenIDConnectProviderThumbprint", s.UpdateOpenIDConnectProviderThumbprint),
		onProvider(s, "TagOpenIDConnectProvider", s.TagOpenIDConnectProvider),
		onProvider(s, "UntagOpenIDConnectProvider", s.UntagOpenIDConnectProvider),
		onProvider(s, "ListOpenIDConnectProviderTags", s.ListOpenIDConnectProviderTags, api.ReadOnly),

		onSAMLProvider(s, "CreateSAMLProvider", s.CreateSAMLProvider),
		onSAMLProvider(s, "GetSAMLProvider", s.GetSAMLProvider, api.ReadOnly),
		onAccount(s, "ListSAMLProviders", s.ListSAMLProviders, "", api.ReadOnly),
		onSAMLProvider(s, "UpdateSAMLProvider", s.UpdateSAMLProvider),
		onSAMLProvider(s, "DeleteSAMLProvider", s.DeleteSAMLProvider),
		onSAMLProvider(s, "TagSAMLProvider", s.TagSAMLProvider),
		onSAMLProvider(s, "UntagSAMLProvider", s.UntagSAMLProvider),
		onSAMLProvider(s, "ListSAMLProviderTags", s.ListSAMLProviderTags, api.ReadOnly),

		onAccount(s, "EnableOutboundWebIdentityFederation", s.EnableOutboundWebIdentityFederation, ""),
		onAccount(s, "DisableOutboundWebIdentityFederation", s.DisableOutboundWebIdentityFederation, ""),
		onAccount(s, "GetOutboundWebIdentityFederationInfo", s.GetOutboundWebIdentityFederationInfo, "", api.ReadOnly),

		onAccount(s, "EnableOrganizationsRootSessions", s.EnableOrganizationsRootSessions, ""),
		onAccount(s, "DisableOrganizationsRootSessions", s.DisableOrganizationsRootSessions, ""),
		onAccount(s, "EnableOrganizationsRootCredentialsManagement", s.EnableOrganizationsRootCredentialsManagement, ""),
		onAccount(s, "DisableOrganizationsRootCredentialsManagement", s.DisableOrganizationsRootCredentialsManagement, ""),
		onAccount(s, "ListOrganizationsFeatures", s.ListOrganizationsFeatures, "", api.ReadOnly),

		onAccount(s, "GetAccountSummary", s.GetAccountSummary, "", api.ReadOnly),
		onAccount(s, "GenerateCredentialReport", s.GenerateCredentialReport, ""),
		onAccount(s, "GetCredentialReport", s.GetCredentialReport, "", api.ReadOnly),
		onAccount(s, "GetAccountAuthorizationDetails", s.GetAccountAuthorizationDetails, "", api.ReadOnly),
		onAccount(s, "CreateAccountAlias", s.CreateAccountAlias, ""),
		onAccount(s, "ListAccountAliases", s.ListAccountAliases, "", api.ReadOnly),
		onAccount(s, "DeleteAccountAlias", s.DeleteAccountAlias, ""),

		onAccount(s, "SimulateCustomPolicy", s.SimulateCustomPolicy, "", api.ReadOnly),
		onSource(s, "SimulatePrincipalPolicy", s.SimulatePrincipalPolicy, api.ReadOnly),
		onAccount(s, "GetContextKeysForCustomPolicy", s.GetContextKeysForCustomPolicy, "", api.ReadOnly),
		onSource(s, "GetContextKeysForPrincipalPolicy", s.GetContextKeysForPrincipalPolicy, api.ReadOnly),
	}
}

// call is the account and region of the call.
func call(ctx context.Context) (account, region string) {
	r := api.RequestFrom(ctx)
	return r.Account, r.Region
}

// now is the time of the call, by the clock.
func now(ctx context.Context) time.Time { return api.RequestFrom(ctx).Time }
