package kms

import (
	"testing"

	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

// Whatever the service does, it does where the engine runs closures again. The
// tests that take long are left out.
func TestClosuresRunAgain(t *testing.T) {
	rerun.Tests(t,
		TestAliases, TestAliasNames, TestADamagedKeyHidesNoAlias, TestAliasesReferToKeysAlone, TestAliasesPerKey,
		TestAliasesStayOfOneKind, TestListAliases, TestPredefinedAliasOfEveryService, TestEncapsulation, TestDerivationErrors,
		TestMacs, TestRecipientsAreRefused, TestConditionKeys, TestDenials, TestOwnerOnly, TestForeignCiphertextByBareID,
		TestManagedKeys, TestManagedKeysAreMadeOnce, TestEncryptDecrypt, TestTamperedCiphertexts, TestIncorrectKey, TestUsages,
		TestConstraints, TestDataKeys, TestDryRunFindsWhatIsWrong, TestConstantCiphertext, TestFixture, TestFixtureKinds,
		TestFixtureErrors, TestRestart, TestGrantAllowsItsOperations, TestGrantsTo, TestGrantConstraints,
		TestEmptyConstraintIsNone, TestGrantsToServices, TestCreateGrantErrors, TestGrantTokens, TestNamedGrantsAreMadeOnce,
		TestListGrants, TestRetireAndRevoke, TestRetireErrors, TestChildGrants, TestImport, TestCreateKeyJSON,
		TestCreateKeyErrors, TestTooManyTags, TestListResourceTags, TestListKeysPages, TestCustomKeyStore, TestExternalKeyStore,
		TestCustomKeyStoreConflicts, TestConnectingTakesTime, TestDisableEnable, TestDeletion, TestDeletionOfManyGrants, TestDeletedKeysAreNotListed,
		TestCancelDeletion, TestPendingWindow, TestUpdateKeyDescription, TestLastUsage, TestMultiRegionKey,
		TestReplicasShareMaterial, TestReplicasOwnEverythingElse, TestPrimaryWaitsForItsReplicas, TestFamilyIsDeletedUnseen,
		TestUpdatePrimaryRegion, TestTransitionTime, TestKeyPolicies, TestRefusedPolicies, TestUnknownPrincipalsAreLogged,
		TestLockoutCheck, TestRotationStatus, TestKeysThatNeverRotateSayThatRotationIsOff, TestAutomaticRotation,
		TestDisabledKeysWaitWithRotation, TestRotateOnDemand, TestSecp256k1Stored,
	)
}
