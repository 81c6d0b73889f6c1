package cloudtrail

import (
	"testing"

	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

// Whatever the service does, it does where the engine runs closures again.
func TestClosuresRunAgain(t *testing.T) {
	rerun.Tests(t,
		TestLookupByAttribute, TestLookedUpEvent, TestLookupByTime, TestLookupInOnesOwnHistory, TestHistoryEndsAfterNinetyDays,
		TestOrderOfTurnedClock, TestPagesWhileEventsArrive, TestTokenOfOtherArguments,
		TestHistoryAfterARestart, TestPagesOfWhatIsWritten, TestRangesOfWhatIsWritten, TestOldRecordsAreDeleted, TestDamagedRecords, TestWritingFails, TestWriter,
		TestCreateTrail, TestCreateTrailRefuses, TestTrailsOfARegionAreFive, TestUpdateTrail, TestShadowTrails, TestStartAndStopLogging,
		TestTrailTags, TestListPublicKeys, TestEventSelectors, TestLogFiles, TestLogFilesOfATurnedClock, TestDigests, TestStopLogging,
		TestDigestsOfOneSecond, TestValidationTurnedOffAndOn, TestMultiRegionTrail, TestSelectedEventsAreLogged, TestDeliveryThatFails,
		TestDigestThatFails, TestNotifications, TestPendingEventsSurviveARestart, TestClockTurnedBack, TestDeletedTrailLeavesNothing, TestTrailFixture,
	)
}
