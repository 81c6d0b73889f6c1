package integration

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// TestTerraformsNetwork makes, changes and deletes a VPC and a subnet as Terraform's
// aws_vpc [X122] and aws_subnet [X123] do, over HTTP and HTTPS.
func TestTerraformsNetwork(t *testing.T) {
	t.Parallel()
	p := serve(t)
	for scheme, url := range map[string]string{"HTTP": p.url, "HTTPS": p.httpsURL()} {
		t.Run(scheme, func(t *testing.T) { terraformNetwork(t, ec2.NewFromConfig(p.config(url))) })
	}
}

func terraformNetwork(t *testing.T, client *ec2.Client) {
	ctx := t.Context()
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	made, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{
		CidrBlock: aws.String("10.0.0.0/16"), InstanceTenancy: types.TenancyDefault, AmazonProvidedIpv6CidrBlock: aws.Bool(false),
		TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeVpc, Tags: []types.Tag{{Key: aws.String("Name"), Value: aws.String("shop")}}}},
	})
	must("CreateVpc", err)
	id := made.Vpc.VpcId
	read := func() types.Vpc {
		t.Helper()
		out, err := client.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{*id}})
		must("DescribeVpcs", err)
		return out.Vpcs[0]
	}
	if v := read(); v.State != types.VpcStateAvailable || *v.DhcpOptionsId == "" || *v.OwnerId == "" || len(v.CidrBlockAssociationSet) != 1 {
		t.Errorf("the VPC: %+v", v)
	}
	on := &types.AttributeBooleanValue{Value: aws.Bool(true)}
	for attribute, in := range map[types.VpcAttributeName]*ec2.ModifyVpcAttributeInput{
		types.VpcAttributeNameEnableDnsHostnames: {VpcId: id, EnableDnsHostnames: on}, types.VpcAttributeNameEnableDnsSupport: {VpcId: id, EnableDnsSupport: on},
		types.VpcAttributeNameEnableNetworkAddressUsageMetrics: {VpcId: id, EnableNetworkAddressUsageMetrics: on},
	} {
		_, err := client.ModifyVpcAttribute(ctx, in)
		must("ModifyVpcAttribute", err)
		out, err := client.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: id, Attribute: attribute})
		must("DescribeVpcAttribute", err)
		values := []*types.AttributeBooleanValue{out.EnableDnsHostnames, out.EnableDnsSupport, out.EnableNetworkAddressUsageMetrics}
		there := 0
		for _, v := range values {
			if v != nil && *v.Value {
				there++
			}
		}
		if there != 1 || *out.VpcId != *id {
			t.Errorf("%s: %+v", attribute, out)
		}
	}

	zones, err := client.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{Filters: []types.Filter{filterBy("state", "available")}})
	must("DescribeAvailabilityZones", err)
	zone := zones.AvailabilityZones[0]
	subnet, err := client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: id, CidrBlock: aws.String("10.0.1.0/24"), AvailabilityZone: zone.ZoneName})
	must("CreateSubnet", err)
	subnetID := subnet.Subnet.SubnetId
	_, err = client.ModifySubnetAttribute(ctx, &ec2.ModifySubnetAttributeInput{SubnetId: subnetID, MapPublicIpOnLaunch: on})
	must("ModifySubnetAttribute", err)
	subnets, err := client.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: []string{*subnetID}})
	must("DescribeSubnets", err)
	if sn := subnets.Subnets[0]; sn.State != types.SubnetStateAvailable || !*sn.MapPublicIpOnLaunch || *sn.AssignIpv6AddressOnCreation || *sn.EnableDns64 || *sn.Ipv6Native ||
		*sn.AvailabilityZoneId != *zone.ZoneId || *sn.SubnetArn == "" || sn.PrivateDnsNameOptionsOnLaunch.HostnameType != types.HostnameTypeIpName || *sn.AvailableIpAddressCount != 251 {
		t.Errorf("the subnet: %+v", sn)
	}
	_, err = client.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{*id, *subnetID}, Tags: []types.Tag{{Key: aws.String("stage"), Value: aws.String("test")}}})
	must("CreateTags", err)
	_, err = client.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{*id}, Tags: []types.Tag{{Key: aws.String("Name"), Value: aws.String("shop")}}})
	must("DeleteTags", err)
	if v := read(); len(v.Tags) != 1 || *v.Tags[0].Value != "test" {
		t.Errorf("the tags: %+v", v.Tags)
	}

	// The VPC waits for its subnet, and the subnet for its interfaces.
	_, err = client.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: id})
	want(t, "deleting the VPC too early", err, answer{400, "DependencyViolation", "The vpc '" + *id + "' has dependencies and cannot be deleted."})
	interfaces, err := client.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{Filters: []types.Filter{filterBy("subnet-id", *subnetID)}})
	must("DescribeNetworkInterfaces", err)
	if len(interfaces.NetworkInterfaces) != 0 {
		t.Errorf("the interfaces: %+v", interfaces.NetworkInterfaces)
	}
	_, err = client.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: subnetID})
	must("DeleteSubnet", err)
	_, err = client.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: []string{*subnetID}})
	want(t, "the subnet after its deletion", err, answer{400, "InvalidSubnetID.NotFound", "The subnet ID '" + *subnetID + "' does not exist"})
	_, err = client.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: id})
	must("DeleteVpc", err)
	_, err = client.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{*id}})
	want(t, "the VPC after its deletion", err, answer{400, "InvalidVpcID.NotFound", "The vpc ID '" + *id + "' does not exist"})
}
