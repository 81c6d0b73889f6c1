package provision

import (
	"context"

	"github.com/waxseal/waxseal/internal/template"
)

// endpointHandlers are those of VPC endpoints.
var endpointHandlers = map[string]Handler{
	"AWS::EC2::VPCEndpoint": {createEndpoint, updateEndpoint, deleteEndpoint},
}

// createEndpoint makes a VPC endpoint [C229].
func createEndpoint(ctx context.Context, j *Job) error {
	in := j.tagged("vpc-endpoint", j.arguments(map[string]any{},
		"VpcId", "ServiceName", "ServiceRegion", "ServiceNetworkArn", "ResourceConfigurationArn", "VpcEndpointType",
		"RouteTableIds", "SubnetIds", "SecurityGroupIds", "IpAddressType", "DnsOptions", "PrivateDnsEnabled"))
	if policy := j.Properties.Get("PolicyDocument"); policy != nil {
		in["PolicyDocument"] = document(policy)
	}
	made, err := j.Call(ctx, "ec2", "CreateVpcEndpoint", in)
	if err != nil {
		return err
	}
	j.PhysicalID = text(made, "VpcEndpoint", "VpcEndpointId")
	j.set("CreationTimestamp", template.Text(timestamp(part(made, "VpcEndpoint", "CreationTimestamp"))))
	return j.describeEndpoint(ctx)
}

// describeEndpoint sets the attributes to what the endpoint is now.
func (j *Job) describeEndpoint(ctx context.Context) error {
	shown, err := j.Call(ctx, "ec2", "DescribeVpcEndpoints", map[string]any{"VpcEndpointIds": []string{j.PhysicalID}})
	if err != nil {
		return err
	}
	for _, e := range items(shown, "vpcEndpointSet") {
		names := &template.Node{Kind: template.List}
		for _, entry := range items(e, "dnsEntrySet") {
			names.Items = append(names.Items, template.Text(text(entry, "HostedZoneId")+":"+text(entry, "DnsName")))
		}
		j.set("DnsEntries", names)
		j.set("NetworkInterfaceIds", template.Texts(texts(e, "networkInterfaceIdSet")...))
	}
	j.set("Id", template.Text(j.PhysicalID))
	return nil
}

func updateEndpoint(ctx context.Context, j *Job) error {
	in := map[string]any{"VpcEndpointId": j.PhysicalID}
	for _, name := range []string{"RouteTableIds", "SubnetIds", "SecurityGroupIds"} {
		added, removed := differences(j.Before.Get(name).Strings(), j.Properties.Get(name).Strings())
		if len(added) > 0 {
			in["Add"+name] = added
		}
		if len(removed) > 0 {
			in["Remove"+name] = removed
		}
	}
	if j.changed("PolicyDocument") {
		if policy := j.Properties.Get("PolicyDocument"); policy != nil {
			in["PolicyDocument"] = document(policy)
		} else {
			in["ResetPolicy"] = true
		}
	}
	if j.changed("PrivateDnsEnabled") {
		in["PrivateDnsEnabled"] = true // which a new endpoint has, too
		j.arguments(in, "PrivateDnsEnabled")
	}
	for _, name := range []string{"DnsOptions", "IpAddressType"} {
		if j.changed(name) {
			j.arguments(in, name)
		}
	}
	return first(
		func() error {
			if len(in) == 1 {
				return nil
			}
			return j.do(ctx, "ec2", "ModifyVpcEndpoint", in)
		},
		func() error { return j.retagEC2(ctx) },
		func() error { return j.describeEndpoint(ctx) },
	)
}

// deleteEndpoint deletes an endpoint: EC2 answers for each on its own why it is not.
func deleteEndpoint(ctx context.Context, j *Job) error {
	out, err := j.Call(ctx, "ec2", "DeleteVpcEndpoints", map[string]any{"VpcEndpointIds": []string{j.PhysicalID}})
	if err != nil {
		return gone(err)
	}
	for _, one := range items(out, "Unsuccessful") {
		if code := text(one, "Error", "Code"); code != "InvalidVpcEndpointId.NotFound" && code != "" {
			return failf(generalService, "%s: %s", code, text(one, "Error", "Message"))
		}
	}
	return nil
}
