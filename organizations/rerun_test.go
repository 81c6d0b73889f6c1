package organizations_test

import (
	"testing"

	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

// Whatever the service does, it does where the engine runs closures again. The
// tests that take long are left out.
func TestClosuresRunAgain(t *testing.T) {
	rerun.Tests(t,
		TestOrganization, TestMembersMayNotManage, TestAccounts, TestSCPOnAnAccount, TestSCPLevels, TestNewcomersHaveFullAccess,
		TestRCPs, TestMembership, TestPolicyLife, TestFivePoliciesOnATarget, TestContent, TestPolicyTypes, TestUnits,
		TestTargets, TestInvalidInput, TestTags, TestPathsOfUnitsAndAccounts, TestListsOfOneHavePages, TestServiceAccess,
		TestDelegatedAdministrators, TestChildrenAndNamesOfUnits, TestCloseAccount,
	)
}
