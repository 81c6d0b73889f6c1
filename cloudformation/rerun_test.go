package cloudformation_test

import (
	"testing"

	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

// Whatever the service does, it does where the engine runs closures again.
func TestClosuresRunAgain(t *testing.T) {
	rerun.Tests(t,
		TestCreateStack, TestUpdateStack, TestReplacement, TestPoliciesOfResources, TestFailedCreation, TestFailedCreationThatStays,
		TestFailedUpdate, TestFailedReplacementIsUndone, TestFailedUpdateThatStays, TestFailedRollback, TestCustomNamedResourceThatIsReplaced, TestNameOfAnotherStack,
		TestChangeSetThatCreates, TestChangeSetThatUpdates, TestChangeSetIsValidated, TestExports, TestNestedStacks, TestNestedStackThatFails,
		TestTemplateURL, TestTypesThatAreLeftOut, TestStackOfAUser, TestServiceRole, TestCapabilities, TestParameters, TestDeletedStacks,
		TestWordingsOfWhatDoesNotExist, TestApply, TestApplyTellsAllProblems, TestBootstrapVersion, TestURLsOfWhoAsks,
		TestStackInReviewIsCreated, TestFailedDeletion, TestEvents, TestShapeOfAStack, TestPagesOfEvents, TestTemplatesAsGiven, TestChangesOfAChangeSet,
		TestRetainInARollback, TestWaitConditions, TestServerlessTemplates, TestTransformsThatFail, TestNamesOfNewStacks, TestForgottenStacks, TestZones,
		TestPropertiesAreAttributes, TestDetailsOfChanges, TestChangesThatAdd, TestChangeSetOfADeletedStack, TestChangesOfTags, TestRefOfASecurityGroup,
	)
}
