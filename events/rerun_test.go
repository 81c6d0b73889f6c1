package events

import (
	"testing"

	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

// Whatever the service does, it does where the engine runs closures again.
func TestClosuresRunAgain(t *testing.T) {
	rerun.Tests(t,
		TestEventBuses, TestDeleteEventBusWithRules, TestUpdateEventBus, TestListEventBuses, TestPermissions,
		TestRules, TestPutRuleAgain, TestEnableAndDisableRule, TestListRulesPages, TestPutRuleChecks, TestRulesOfAnotherAccount,
		TestTargets, TestPutTargetsRefuses, TestTooManyTargets, TestListRuleNamesByTarget, TestTargetsWithRoles, TestTags, TestOperationsWithoutResource,
		TestEntriesThatFail, TestPutEventsRefuses, TestPutEventsChecks, TestEventAsItArrives, TestMatching, TestServiceEvents, TestTestEventPattern,
		TestDeadLetters, TestDeadLetterQueueThatRefuses, TestRetryThatSucceeds, TestStoredEventsAreEncrypted, TestWhatQueuesGet, TestInputs, TestBusToBus, TestForwardedEvents,
		TestScheduledEvent, TestCronTicks, TestChangedSchedules, TestSchedulesThatAreNone, TestFixtures,
	)
}
