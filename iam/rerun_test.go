package iam_test

import (
	"testing"

	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

// Whatever the service does, it does where the engine runs closures again. The
// tests that take long are left out.
func TestClosuresRunAgain(t *testing.T) {
	rerun.Tests(t,
		TestDenialsOnNoResource, TestKeyOwnerIsTheTarget, TestSessionsAndIAM, TestAnUnknownPolicyOfAWSGrantsNothing,
		TestSigningCertificate, TestServerCertificate, TestServiceSpecificCredential, TestCredentialOwnersAreTheTarget,
		TestCredentialReport, TestIdentityPolicyDocuments, TestIdentityPolicyDocumentsThatAreTaken, TestOlderVersion,
		TestManagedPolicySize, TestTrustPolicyDocuments, TestTrustPolicyDocumentsThatAreTaken, TestPrincipalsThatDoNotExist,
		TestUserLife, TestDeleteUserConflicts, TestWhoIsMeantWithoutUserName, TestGroupLife, TestGroupsPerUser, TestRoleShapes,
		TestRoleLastUsed, TestUpdateRole, TestDeleteRoleConflicts, TestInstanceProfileLife, TestPages, TestTags, TestAccessKeys,
		TestAccessKeyOfARole, TestAccessKeyLastUsed, TestAccountAlias, TestAccountSummary, TestQuota, TestProviders,
		TestEverythingMissing, TestLoginProfile, TestUsersMayChangeTheirPassword, TestPasswordPolicy, TestPasswordsAreSecret,
		TestVirtualMFADevice, TestMFADeviceInUse, TestResyncMFADevice, TestTagMFADevice, TestDeviceOwnersAreTheTarget,
		TestManagedPolicyLife, TestPolicyVersions, TestVersionInForceDecides, TestListEntitiesForPolicy, TestAttach,
		TestInlinePolicies, TestBoundaries, TestAWSPoliciesCannotBeChanged, TestAuthorizationDetails, TestRootFeatures,
		TestRootFeaturesRefuse, TestRootLogin, TestRootCredentialsInATask, TestSAMLProvider, TestServiceLinkedRole,
		TestServiceLinkedRoleIsProtected, TestServiceLinkedRoleKeys, TestSimulateTheExampleOfAWS, TestPositionsInAList,
		TestSimulateCustom, TestSimulationDetails, TestSimulationContext, TestSimulationsThatAreRefused, TestSimulationPages,
		TestSimulatePrincipal, TestSimulatePrincipalOfARole, TestSimulatePrincipalUnderAnSCP, TestContextKeys,
		TestSSHPublicKeyStates,
	)
}
