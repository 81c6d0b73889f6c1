package integration

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// network is a VPC as the SDK makes one, with a subnet.
type network struct {
	t           *testing.T
	ec2         *ec2.Client
	vpc, subnet string
}

func newNetwork(t *testing.T, p *process) *network {
	t.Helper()
	n := &network{t: t, ec2: ec2.NewFromConfig(p.config(p.url))}
	v, err := n.ec2.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	if err != nil {
		t.Fatal(err)
	}
	n.vpc = *v.Vpc.VpcId
	sn, err := n.ec2.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{VpcId: &n.vpc, CidrBlock: aws.String("10.0.1.0/24")})
	if err != nil {
		t.Fatal(err)
	}
	n.subnet = *sn.Subnet.SubnetId
	return n
}

func filterBy(name string, values ...string) types.Filter {
	return types.Filter{Name: &name, Values: values}
}

// everything is the permission that Terraform says for all protocols, with ports that
// mean nothing [X065].
func everything(ranges ...types.IpRange) []types.IpPermission {
	return []types.IpPermission{{IpProtocol: aws.String("-1"), FromPort: aws.Int32(0), ToPort: aws.Int32(0), IpRanges: ranges}}
}

// TestTerraformsSecurityGroup makes, reads, changes and deletes a security group as
// Terraform's provider does.
func TestTerraformsSecurityGroup(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, serve(t))
	ctx := t.Context()
	created, err := n.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
		GroupName: aws.String("endpoint"), Description: aws.String("Managed by Terraform"), VpcId: &n.vpc,
		TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeSecurityGroup, Tags: []types.Tag{{Key: aws.String("Name"), Value: aws.String("endpoint")}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := created.GroupId

	// The rule that lets everything out goes, and the one for IPv6 is not there [X124].
	_, err = n.ec2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: id, IpPermissions: everything(types.IpRange{CidrIp: aws.String("0.0.0.0/0")})})
	if err != nil {
		t.Fatal(err)
	}
	v6 := everything()
	v6[0].Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: aws.String("::/0")}}
	_, err = n.ec2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: id, IpPermissions: v6})
	want(t, "revoking ::/0", err, answer{400, "InvalidPermission.NotFound", "The specified rule does not exist in this security group."})

	authorized, err := n.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: id, IpPermissions: []types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443),
		IpRanges:         []types.IpRange{{CidrIp: aws.String("10.0.0.0/16"), Description: aws.String("the VPC")}},
		UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: id}},
	}}})
	if err != nil || len(authorized.SecurityGroupRules) != 2 {
		t.Fatalf("%v, %+v", err, authorized)
	}
	described, err := n.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{*id}})
	if err != nil {
		t.Fatal(err)
	}
	group := described.SecurityGroups[0]
	if p := group.IpPermissions; len(p) != 1 || *p[0].FromPort != 443 || *p[0].IpRanges[0].CidrIp != "10.0.0.0/16" || *p[0].UserIdGroupPairs[0].GroupId != *id ||
		*p[0].UserIdGroupPairs[0].UserId != *group.OwnerId || len(group.IpPermissionsEgress) != 0 || *group.Tags[0].Value != "endpoint" || *group.SecurityGroupArn != *created.SecurityGroupArn {
		t.Errorf("described: %+v", group)
	}

	// aws_vpc_security_group_ingress_rule changes its rule in place.
	rule := authorized.SecurityGroupRules[0].SecurityGroupRuleId
	_, err = n.ec2.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{GroupId: id, SecurityGroupRules: []types.SecurityGroupRuleUpdate{{
		SecurityGroupRuleId: rule,
		SecurityGroupRule:   &types.SecurityGroupRuleRequest{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), CidrIpv4: aws.String("10.0.1.0/24")},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	rules, err := n.ec2.DescribeSecurityGroupRules(ctx, &ec2.DescribeSecurityGroupRulesInput{Filters: []types.Filter{filterBy("group-id", *id)}})
	if err != nil || len(rules.SecurityGroupRules) != 2 || *rules.SecurityGroupRules[slices.IndexFunc(rules.SecurityGroupRules, func(r types.SecurityGroupRule) bool {
		return *r.SecurityGroupRuleId == *rule
	})].CidrIpv4 != "10.0.1.0/24" {
		t.Errorf("rules: %v, %+v", err, rules)
	}

	// Before it deletes the group it looks for interfaces that have it [X125].
	interfaces, err := n.ec2.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{Filters: []types.Filter{filterBy("group-id", *id)}})
	if err != nil || len(interfaces.NetworkInterfaces) != 0 {
		t.Errorf("interfaces: %v, %+v", err, interfaces)
	}
	if _, err := n.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: id}); err != nil {
		t.Fatal(err)
	}
	_, err = n.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{*id}})
	want(t, "after the deletion", err, answer{400, "InvalidGroup.NotFound", "The security group '" + *id + "' does not exist"})
}

// TestTerraformsVpc reads what Terraform's provider reads of a VPC, and gives a subnet a
// route table.
func TestTerraformsVpc(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, serve(t))
	ctx, of := t.Context(), filterBy("vpc-id", n.vpc)
	acls, err := n.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{Filters: []types.Filter{of, filterBy("default", "true")}}) // [X121]
	if err != nil || len(acls.NetworkAcls) != 1 || !*acls.NetworkAcls[0].IsDefault || *acls.NetworkAcls[0].Associations[0].SubnetId != n.subnet {
		t.Errorf("network ACLs: %v, %+v", err, acls)
	}
	mains, err := n.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: []types.Filter{of, filterBy("association.main", "true")}})
	if err != nil || len(mains.RouteTables) != 1 || !*mains.RouteTables[0].Associations[0].Main {
		t.Errorf("route tables: %v, %+v", err, mains)
	}
	groups, err := n.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: []types.Filter{of, filterBy("group-name", "default")}})
	if err != nil || len(groups.SecurityGroups) != 1 {
		t.Errorf("security groups: %v, %+v", err, groups)
	}

	table, err := n.ec2.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: &n.vpc, ClientToken: aws.String("terraform")})
	if err != nil {
		t.Fatal(err)
	}
	id := table.RouteTable.RouteTableId
	associated, err := n.ec2.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{RouteTableId: id, SubnetId: &n.subnet})
	if err != nil || associated.AssociationState.State != types.RouteTableAssociationStateCodeAssociated {
		t.Fatalf("%v, %+v", err, associated)
	}
	_, err = n.ec2.DeleteRouteTable(ctx, &ec2.DeleteRouteTableInput{RouteTableId: id})
	want(t, "deleting an associated table", err, answer{400, "DependencyViolation", "The routeTable '" + *id + "' has dependencies and cannot be deleted."})
	if _, err := n.ec2.DisassociateRouteTable(ctx, &ec2.DisassociateRouteTableInput{AssociationId: associated.AssociationId}); err != nil {
		t.Fatal(err)
	}
	_, err = n.ec2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: &n.vpc})
	want(t, "deleting a VPC with a subnet", err, answer{400, "DependencyViolation", "The vpc '" + n.vpc + "' has dependencies and cannot be deleted."})
	if _, err := n.ec2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: &n.subnet}); err != nil {
		t.Fatal(err)
	}
	if _, err := n.ec2.DeleteRouteTable(ctx, &ec2.DeleteRouteTableInput{RouteTableId: id}); err != nil {
		t.Fatal(err)
	}
	if _, err := n.ec2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: &n.vpc}); err != nil {
		t.Fatal(err)
	}
	_, err = n.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{n.vpc}})
	want(t, "after the deletion", err, answer{400, "InvalidVpcID.NotFound", "The vpc ID '" + n.vpc + "' does not exist"})
}
