package sts_test

import (
	"testing"

	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

// Whatever the service does, it does where the engine runs closures again. The
// tests that take long are left out.
func TestClosuresRunAgain(t *testing.T) {
	rerun.Tests(t,
		TestAssumeRole, TestWhoMayAssume, TestAssumeNoRole, TestMalformedRoleARN, TestStrictCredentials, TestAssumeRoleUnsigned,
		TestTrustConditions, TestTagSessionAndSourceIdentityNeedTrust, TestGetSessionTokenWithMFA, TestAssumeRoleWithMFA,
		TestWebIdentityTokensLimits, TestAssumeRoot, TestWhoMayAssumeRoot, TestAssumeRootRefuses,
		TestAssumeRootKeepsTheSourceIdentity, TestHowLongARootSessionLasts, TestAssumeRoleWithSAML, TestSAMLRefusals,
		TestSAMLKeys, TestDurations, TestSessionPolicies, TestSessionPoliciesThatAreRefused, TestSessionPolicyThatIsGone,
		TestSessionTags, TestSourceIdentity, TestTokenSize, TestGetSessionToken, TestSessionsCannotGetSessions,
		TestGetFederationToken, TestGetCallerIdentity, TestGetAccessKeyInfo, TestDecodeAuthorizationMessage, TestInvalid,
		TestAssumeRoleWithWebIdentity, TestWebIdentityDuration, TestWebIdentityIsNotAnonymous,
	)
}
