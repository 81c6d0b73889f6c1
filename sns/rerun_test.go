package sns

import (
	"testing"

	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

// Whatever the service does, it does where the engine runs closures again. The
// tests that take long are left out.
func TestClosuresRunAgain(t *testing.T) {
	rerun.Tests(t,
		TestPlatformApplications, TestPlatformApplicationsRefused, TestPlatformTargets, TestDevices, TestListDevices,
		TestPublishToADevice, TestMessagesToADevice, TestApplicationEvents, TestReplay, TestReplayWindowAndFilter,
		TestReplayLosesNothingToPublishers, TestReplaySurvivesARestart, TestRetention, TestArchiveMustEndBeforeItsTopic,
		TestReplayRefused, TestHandshake, TestSubscribeAgainWhilePending, TestTokens, TestWhoMayConfirm,
		TestPendingSubscriptionsExpire, TestUnsubscribeByLink, TestUnsubscribeBySignedRequestTellsNobody,
		TestAuthenticateOnUnsubscribe, TestQueueOfAnotherAccountConfirms, TestDeletedTopicsSubscriptions, TestLinksNameNoRegion,
		TestUnreachableEndpoint, TestADamagedDeliveryStopsNoOther, TestADamagedSubscriptionHidesNoOther,
		TestADamagedMessageOfTheArchiveHidesNoOther, TestDataProtectionPolicyRoundTrip, TestManagedIdentifierWithRegion,
		TestCustomIdentifier, TestDataProtectionPolicyOfAnEarlierVersion, TestUnrecognizedDataIsTold, TestInboundDeny,
		TestDeidentify, TestOutboundProtection, TestAudit, TestDataProtectionPolicyRefused, TestRetryDelays,
		TestTopicDeliveryPolicy, TestDeliveryPolicyRefused, TestSubscriptionDeliveryPolicy, TestOlderPoliciesStillLoad,
		TestFifoNotification, TestFifoToAStandardQueue, TestFifoDeduplication, TestContentBasedDeduplication, TestFifoBatch,
		TestFifoOrder, TestFifoForgets, TestFifoDeadLetter, TestFifoAttributes, TestFilterScopeAndPlace, TestFilterOfLongArrays,
		TestCaptured, TestFirehoseRaw, TestWithoutOutboxAndHTTPSender, TestPublishToPhone, TestOptOut, TestSMSAttributes,
		TestSandbox, TestEveryOperationIsGuarded, TestTopicPolicies, TestPrincipalsThatDoNotExistAreWarnedOf,
		TestDefaultPolicyDecides, TestDenial, TestPermissions, TestTags, TestTagConditionKeys, TestPublishToAQueue,
		TestRawDelivery, TestSignatures, TestSigningKeySurvives, TestPublishRefuses, TestMessageSizes, TestMessageStructure,
		TestMessageAttributeErrors, TestPublishAnswersWhateverBecomesOfDeliveries, TestEncryptedTopic, TestKMSErrors,
		TestStrictTransport, TestPublishBatch, TestPublishBatchRefuses, TestSubscribeQueue, TestSubscribeRefuses,
		TestUnsubscribe, TestUnsubscribeARNs, TestWhoMayUnsubscribe, TestSubscribeConditionKeys, TestSubscriptionAttributes,
		TestSubscriptionAttributesRefused, TestSubscriptionsOfOthers, TestFiltersDecide, TestBodyFilterSeesTheProtocolsText,
		TestListSubscriptions, TestEndpoints, TestTargets, TestMissingTopics, TestGarbage, TestTokensOfLists,
		TestReplayThatFails, TestPoliciesInForce, TestCreateTopicAnswersItsARN, TestTopicNames, TestCreateTopicAgain,
		TestNewTopicsAttributes, TestSetTopicAttributes, TestSetTopicAttributesRefuses, TestTopicARNs, TestDeleteTopic, TestDeletedTopicIsGoneBeforeItIsSwept, TestTopicMadeAnewInheritsNothing, TestSweepGoesOnAtTheNextStart,
		TestListTopicsPages, TestCreateTopicChecks, TestWebNotification, TestWebRetries, TestClockLeaps,
		TestWebRefusalsAreFinal, TestDeliveryPolicyOfASubscription, TestThrottle, TestDeliveriesSurviveARestart,
		TestStoredMessagesAreEncrypted, TestDeliveryToASubscriptionThatIsGone, TestQueuesThatFail,
		TestDeadLetterQueueThatRefuses, TestManyDeliveries, TestParkedJobs,
	)
}
