package sqs

import (
	"testing"

	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

// Whatever the service does, it does where the engine runs closures again. The
// tests that take long are left out.
func TestClosuresRunAgain(t *testing.T) {
	rerun.Tests(t,
		TestAttributes, TestSetQueueAttributesRefuses, TestGetQueueAttributes, TestBatchRefuses, TestSendMessageBatch,
		TestDeleteAndChangeVisibilityInBatches, TestLongPollWakesBy, TestDamagedState, TestADamagedMessageHidesNoOther,
		TestADamagedMessageOfAGroupHidesNoOther, TestADamagedDataKeyHidesNoOther, TestAMoveTaskPassesByDamagedMessages,
		TestMessagesOfAnEarlierVersion, TestBacklogOfAnEarlierVersion,
		TestDataKeysAreStoredAsLongAsTheyAreNeeded, TestUnauthorizedOtherAccounts, TestDeadLettersOutliveTheirQueue, TestKMSErrors, TestNobodyAsksKMSInVain,
		TestKMSIsAskedAsTheCaller, TestMixedKeys, TestAtRest, TestCiphertextIsBound, TestChangedEncryption,
		TestEncryptedDeadLetters, TestMoveTaskAsksKMSAsItsStarter, TestFairQueue, TestFIFODelivery, TestDeduplication,
		TestFIFORefuses, TestReceiveAttempt, TestEarlierHandleDeletesWhatALaterReceiveHolds,
		TestEarlierHandleChangesWhatALaterReceiveHolds, TestMessageWhoseTimeoutRanOutStaysAvailable,
		TestExpiredHandleOfFIFOQueue, TestHandleOfAnotherQueue, TestHandleOfAnEarlierVersion,
		TestHandleOfAMessageThatIsElsewhere, TestSendReceiveDelete, TestVisibilityTimeout, TestDelay, TestRetention,
		TestLongPoll, TestPeekChangesNothing, TestPeekAtAFIFOQueue, TestPeekDoesNotDecryptByKMS, TestPermissions,
		TestUnknownPrincipals, TestPrincipalsThatNoneCanBe, TestPolicyLimits, TestCreateQueueAgain, TestCreateQueueRefuses,
		TestDeleteQueue, TestPurgeQueue, TestSweep, TestListQueues, TestDeadLetters, TestListDeadLetterSourceQueues,
		TestMoveBackToSources, TestMoveWithRate, TestMoveTaskEnds, TestAMoveTaskOfARoleThatWasMadeAgain, TestMoveTaskRefuses,
		TestOnlyTheNewestTasksAreKept, TestMoveTaskTargets, TestMoveTaskMeetsOthers, TestSendMeetsChangedEncryption,
		TestRedrivePolicyIsReadBackAsAMapWithANumber, TestRedrivePolicyOfAnEarlierVersion, TestRedrivePolicyRefuses,
		TestRedriveAllowPolicyRefuses, TestRedriveAllowPolicyIsReadBack, TestQueueIsItsOwnDeadLetterQueue,
		TestMoveTaskOfAQueueThatIsItsOwnDeadLetterQueue, TestQueueMayRefuseToBeItsOwnDeadLetterQueue,
		TestDeadLetterQueueOfADeadLetterQueue, TestAttributeDigests, TestSendRefuses, TestSendTakes, TestReceivedAttributes,
		TestReceiveRefuses, TestSenders, TestChangeMessageVisibility, TestHandlesAreUnforgeable, TestTags, TestMissingQueue,
		TestQueueURLs, TestTargets, TestStrictTransport,
	)
}
