package ec2_test

import (
	"testing"

	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

// Whatever the service does, it does where the engine runs closures again.
func TestClosuresRunAgain(t *testing.T) {
	rerun.Tests(
		t, TestIDs, TestFilters, TestPages,
		TestCreateSecurityGroup, TestCreateSecurityGroupRefuses, TestDefaultSecurityGroup, TestDeleteSecurityGroup,
		TestSecurityGroupsByName, TestSecurityGroupFilters, TestSecurityGroupsOfPlaces, TestAuthorizeSecurityGroupIngress,
		TestAuthorizeSecurityGroupIngressFlat, TestAuthorizeRefuses, TestRevokeSecurityGroupIngress,
		TestRevokeSecurityGroupEgress, TestDirections, TestRevokeByID, TestModifySecurityGroupRules,
		TestModifySecurityGroupRulesAtOnce, TestUpdateSecurityGroupRuleDescriptions,
		TestSecurityGroupsWithoutDefaultVpc, TestDefaultNetworkAcl, TestNetworkAclFilters, TestCreateRouteTable,
		TestCreateRouteTableOnce, TestAssociateRouteTable, TestDeleteRouteTable, TestRouteTableFilters, TestVpcGoesWithWhatItBrought, TestTagsOfGroupsAndTables, TestPrefixListsInRules, TestSecurityGroupsOfEndpoints,
		TestDescribeVpcEndpointServices, TestEndpointServiceFilters, TestEndpointServicePages, TestDescribePrefixLists,
		TestCreateVpcEndpoint, TestCreateGatewayEndpoint, TestCreateVpcEndpointRefuses, TestPrivateNamesConflict,
		TestInterfaceEndpointOfS3, TestEndpointInterfaces, TestSubnetIsFull, TestEndpointDefaults, TestEndpointClientToken,
		TestEndpointQuotas, TestEndpointIsADependency, TestModifyVpcEndpoint, TestModifyVpcEndpointChoosesAddresses,
		TestModifyGatewayEndpoint, TestModifyVpcEndpointRefuses, TestDeleteVpcEndpoints, TestDescribeVpcEndpoints,
		TestEndpointView, TestEndpointServes, TestEndpointPolicy, TestEndpointAdmitsHTTPS,
		TestFixtures, TestGatewayFixture, TestFixturesThatDiffer,
		TestCreateVpc, TestCreateVpcRefuses, TestVpcFilters, TestDeleteVpc, TestDefaultVpc,
		TestDeletedDefaultVpcStaysDeleted, TestVpcAttributes, TestCreateSubnet, TestCreateSubnetRefuses, TestSubnetFilters,
		TestDeleteSubnet, TestSubnetAttributes, TestZones, TestRegions, TestTags, TestTagsAreRefused, TestClientTokens,
	)
}
