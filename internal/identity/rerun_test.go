package identity_test

import (
	"testing"

	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

// Whatever the service does, it does where the engine runs closures again. The
// tests that take long are left out.
func TestClosuresRunAgain(t *testing.T) {
	rerun.Tests(t,
		TestUnknownKeyIsNobody, TestUserKey, TestDeletionTakesEffectAtOnceAndNeverBecomesRoot, TestInactiveKey,
		TestPolicyChangeTakesEffectAtOnce, TestRenamedUserKeepsItsKey, TestGroupAndManagedPoliciesCount,
		TestBoundaryWhosePolicyIsGoneStillLimits, TestIssueRole, TestIssuedAsJSON, TestIssueUser, TestIssueNobody,
		TestSessionExpiresByTheClock, TestSessionOfADeletedRole, TestExpiredSessionsArePrunedButStayRefused,
		TestClearedStoreForgetsEverybody, TestSecretsAreStoredWrapped, TestWrongRootKeyIsAnError, TestRootServiceAnonymous,
		TestPrincipal, TestExists, TestApplyRefusesWhatIsWrong, TestApplyAgainKeepsTheIdentity, TestDeletedKeyCanBeAppliedAgain,
		TestTagsIgnoreCase, TestKeyAccount, TestLastUse, TestNamesOfARoleWithAnotherPath, TestNamesAreBounded,
		TestNamesBelowAPathLikeASession, TestNamesForgottenAreNobody,
	)
}
