package provision

import (
	"context"
	"maps"
	"slices"

	"github.com/waxseal/waxseal/internal/template"
)

// In inputs and answers of EC2, lists have the names of their XML elements, such as
// vpcSet, where these differ from the API's.

// networkHandlers are those of VPCs, subnets and route tables.
var networkHandlers = map[string]Handler{
	"AWS::EC2::VPC":                         {createVPC, updateVPC, deleteVPC},
	"AWS::EC2::Subnet":                      {createSubnet, updateSubnet, deleteSubnet},
	"AWS::EC2::RouteTable":                  {createRouteTable, updateRouteTable, deleteRouteTable},
	"AWS::EC2::SubnetRouteTableAssociation": {createRouteAssociation, remain, deleteRouteAssociation},
}

// tagged is an input of a call that makes something of a kind, with its tags.
func (j *Job) tagged(kind string, in map[string]any) map[string]any {
	if len(j.Tags) > 0 {
		in["TagSpecifications"] = []any{map[string]any{"ResourceType": kind, "Tags": tagList(j.Tags, "Key", "Value")}}
	}
	return in
}

// retagEC2 has the resource's tags become what they are to be.
func (j *Job) retagEC2(ctx context.Context) error {
	return j.retag(func(tags map[string]string) error {
		return j.do(ctx, "ec2", "CreateTags", map[string]any{"Resources": []string{j.PhysicalID}, "Tags": tagList(tags, "Key", "Value")})
	}, func(keys []any) error {
		gone := make([]any, len(keys))
		for i, key := range keys {
			gone[i] = map[string]any{"Key": key}
		}
		return j.do(ctx, "ec2", "DeleteTags", map[string]any{"Resources": []string{j.PhysicalID}, "Tags": gone})
	})
}

// filters are those of a call that describes.
func filters(pairs ...string) []any {
	var all []any
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, map[string]any{"Name": pairs[i], "Values": []string{pairs[i+1]}})
	}
	return all
}

// flags sets attributes that are on or off, each by a call of its own, as EC2 wants it:
// those of the properties that are others than before. What is no longer said is as it is
// by default.
func (j *Job) flags(ctx context.Context, operation, id string, defaults map[string]bool) error {
	for _, name := range slices.Sorted(maps.Keys(defaults)) {
		if !j.changed(name) {
			continue
		}
		on := any(defaults[name])
		if value := j.Properties.Get(name); value != nil {
			on = value
		}
		if err := j.do(ctx, "ec2", operation, map[string]any{id: j.PhysicalID, name: map[string]any{"Value": on}}); err != nil {
			return err
		}
	}
	return nil
}

// createVPC makes a VPC [C227].
func createVPC(ctx context.Context, j *Job) error {
	made, err := j.Call(ctx, "ec2", "CreateVpc", j.tagged("vpc", j.arguments(map[string]any{},
		"CidrBlock", "InstanceTenancy", "Ipv4IpamPoolId", "Ipv4NetmaskLength", "VpcEncryptionControl")))
	if err != nil {
		return err
	}
	vpc := part(made, "Vpc")
	j.PhysicalID = text(vpc, "VpcId")
	associations := &template.Node{Kind: template.List}
	for _, a := range items(vpc, "CidrBlockAssociationSet") {
		associations.Items = append(associations.Items, template.Text(text(a, "AssociationId")))
	}
	j.attributes(map[string]any{
		"VpcId": j.PhysicalID, "CidrBlock": text(vpc, "CidrBlock"), "CidrBlockAssociations": associations, "Ipv6CidrBlocks": template.Texts(),
	})
	return first(
		func() error { return j.vpcFlags(ctx) },
		func() error {
			shown, err := j.Call(ctx, "ec2", "DescribeNetworkAcls", map[string]any{"Filters": filters("vpc-id", j.PhysicalID, "default", "true")})
			if err != nil {
				return err
			}
			j.setFirst("DefaultNetworkAcl", texts(shown, "networkAclSet", "NetworkAclId"))
			return nil
		},
		func() error {
			shown, err := j.Call(ctx, "ec2", "DescribeSecurityGroups", map[string]any{"Filters": filters("vpc-id", j.PhysicalID, "group-name", "default")})
			if err != nil {
				return err
			}
			j.setFirst("DefaultSecurityGroup", texts(shown, "securityGroupInfo", "GroupId"))
			return nil
		},
	)
}

// setFirst sets an attribute to the first of some texts; where there is none, it has none.
func (j *Job) setFirst(name string, all []string) {
	if len(all) > 0 {
		j.set(name, template.Text(all[0]))
	}
}

func (j *Job) vpcFlags(ctx context.Context) error {
	return j.flags(ctx, "ModifyVpcAttribute", "VpcId", map[string]bool{"EnableDnsSupport": true, "EnableDnsHostnames": false})
}

func updateVPC(ctx context.Context, j *Job) error {
	for _, property := range []string{"InstanceTenancy", "VpcEncryptionControl"} {
		if j.changed(property) {
			return failf(notUpdatable, "The property %s of a VPC cannot be changed here.", property)
		}
	}
	return first(
		func() error { return j.vpcFlags(ctx) },
		func() error { return j.retagEC2(ctx) },
	)
}

func deleteVPC(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "ec2", "DeleteVpc", map[string]any{"VpcId": j.PhysicalID}))
}

// createSubnet makes a subnet [C227].
func createSubnet(ctx context.Context, j *Job) error {
	made, err := j.Call(ctx, "ec2", "CreateSubnet", j.tagged("subnet", j.arguments(map[string]any{},
		"VpcId", "CidrBlock", "AvailabilityZone", "AvailabilityZoneId", "OutpostArn",
		"Ipv4IpamPoolId", "Ipv4NetmaskLength", "Ipv6CidrBlock", "Ipv6IpamPoolId", "Ipv6Native", "Ipv6NetmaskLength")))
	if err != nil {
		return err
	}
	subnet := part(made, "Subnet")
	j.PhysicalID = text(subnet, "SubnetId")
	attributes := map[string]any{"Ipv6CidrBlocks": template.Texts(), "OutpostArn": text(subnet, "OutpostArn")}
	for _, name := range []string{"SubnetId", "VpcId", "AvailabilityZone", "AvailabilityZoneId", "CidrBlock"} {
		attributes[name] = text(subnet, name)
	}
	j.attributes(attributes)
	return first(
		func() error { return j.subnetFlags(ctx) },
		func() error { return j.subnetACL(ctx) },
	)
}

// subnetACL sets the attribute that tells the association with the network ACL.
func (j *Job) subnetACL(ctx context.Context) error {
	shown, err := j.Call(ctx, "ec2", "DescribeNetworkAcls", map[string]any{"Filters": filters("association.subnet-id", j.PhysicalID)})
	if err != nil {
		return err
	}
	for _, acl := range items(shown, "networkAclSet") {
		for _, a := range items(acl, "associationSet") {
			if text(a, "SubnetId") == j.PhysicalID {
				j.set("NetworkAclAssociationId", template.Text(text(a, "NetworkAclAssociationId")))
			}
		}
	}
	return nil
}

func (j *Job) subnetFlags(ctx context.Context) error {
	return first(
		func() error {
			return j.flags(ctx, "ModifySubnetAttribute", "SubnetId", map[string]bool{
				"MapPublicIpOnLaunch": false, "AssignIpv6AddressOnCreation": false, "EnableDns64": false,
			})
		},
		func() error { return j.launchNames(ctx) },
		func() error {
			index := j.Properties.Get("EnableLniAtDeviceIndex")
			if index == nil || !j.changed("EnableLniAtDeviceIndex") {
				return nil
			}
			return j.do(ctx, "ec2", "ModifySubnetAttribute", map[string]any{"SubnetId": j.PhysicalID, "EnableLniAtDeviceIndex": index})
		},
	)
}

// launchNames sets how instances are named that start in the subnet.
func (j *Job) launchNames(ctx context.Context) error {
	const property = "PrivateDnsNameOptionsOnLaunch"
	if !j.changed(property) {
		return nil
	}
	options := j.Properties.Get(property)
	hostname := any("ip-name")
	if value := options.Get("HostnameType"); value != nil {
		hostname = value
	}
	set := []map[string]any{{"PrivateDnsHostnameTypeOnLaunch": hostname}}
	for _, name := range []string{"EnableResourceNameDnsARecord", "EnableResourceNameDnsAAAARecord"} {
		on := any(false)
		if value := options.Get(name); value != nil {
			on = value
		} else if j.Before.Get(property).Get(name) == nil {
			continue
		}
		set = append(set, map[string]any{name + "OnLaunch": map[string]any{"Value": on}})
	}
	for _, in := range set {
		if err := j.do(ctx, "ec2", "ModifySubnetAttribute", with(in, "SubnetId", j.PhysicalID)); err != nil {
			return err
		}
	}
	return nil
}

func updateSubnet(ctx context.Context, j *Job) error {
	if j.changed("Ipv6CidrBlock") {
		return failf(notUpdatable, "The property Ipv6CidrBlock of a subnet cannot be changed here.")
	}
	return first(
		func() error { return j.subnetFlags(ctx) },
		func() error { return j.retagEC2(ctx) },
	)
}

func deleteSubnet(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "ec2", "DeleteSubnet", map[string]any{"SubnetId": j.PhysicalID}))
}

func createRouteTable(ctx context.Context, j *Job) error {
	made, err := j.Call(ctx, "ec2", "CreateRouteTable", j.tagged("route-table", j.arguments(map[string]any{}, "VpcId")))
	if err != nil {
		return err
	}
	j.PhysicalID = text(made, "RouteTable", "RouteTableId")
	j.attributes(map[string]any{"RouteTableId": j.PhysicalID})
	return nil
}

func updateRouteTable(ctx context.Context, j *Job) error { return j.retagEC2(ctx) }

func deleteRouteTable(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "ec2", "DeleteRouteTable", map[string]any{"RouteTableId": j.PhysicalID}))
}

func createRouteAssociation(ctx context.Context, j *Job) error {
	made, err := j.Call(ctx, "ec2", "AssociateRouteTable", j.arguments(map[string]any{}, "RouteTableId", "SubnetId"))
	if err != nil {
		return err
	}
	j.PhysicalID = text(made, "AssociationId")
	j.attributes(map[string]any{"Id": j.PhysicalID})
	return nil
}

func deleteRouteAssociation(ctx context.Context, j *Job) error {
	return gone(j.do(ctx, "ec2", "DisassociateRouteTable", map[string]any{"AssociationId": j.PhysicalID}))
}

// remain changes nothing: every change of the resource replaces it.
func remain(context.Context, *Job) error { return nil }
