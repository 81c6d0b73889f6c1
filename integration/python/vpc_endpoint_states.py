"""Makes a VPC with an endpoint by boto3, waits for it, changes and deletes it, as Terraform does."""

import json
import time

import boto3
from botocore.exceptions import ClientError

ec2 = boto3.client("ec2")
vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
    ec2.modify_vpc_attribute(VpcId=vpc, **{attribute: {"Value": True}})
zones = [z["ZoneName"] for z in ec2.describe_availability_zones()["AvailabilityZones"]]
subnets = [
    ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=zones[i])["Subnet"]["SubnetId"] for i in (1, 2)
]
group = ec2.create_security_group(GroupName="endpoint", Description="endpoint", VpcId=vpc)["GroupId"]
ec2.authorize_security_group_ingress(
    GroupId=group,
    IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}],
)
policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]}
endpoint = ec2.create_vpc_endpoint(
    VpcId=vpc,
    ServiceName="com.amazonaws.us-east-1.sqs",
    VpcEndpointType="Interface",
    SubnetIds=subnets,
    SecurityGroupIds=[group],
    PolicyDocument=json.dumps(policy),
)["VpcEndpoint"]
id = endpoint["VpcEndpointId"]


def described():
    return ec2.describe_vpc_endpoints(VpcEndpointIds=[id])["VpcEndpoints"][0]


states = [endpoint["State"]]
while described()["State"] != "available":
    time.sleep(0.1)
states.append("available")
assert json.loads(described()["PolicyDocument"]) == policy
policy["Statement"][0]["Action"] = "sqs:SendMessage"
assert ec2.modify_vpc_endpoint(VpcEndpointId=id, PolicyDocument=json.dumps(policy), RemoveSubnetIds=subnets[1:])["Return"]
changed = described()
assert json.loads(changed["PolicyDocument"]) == policy and changed["SubnetIds"] == subnets[:1], changed
assert ec2.delete_vpc_endpoints(VpcEndpointIds=[id])["Unsuccessful"] == []
while True:
    try:
        state = described()["State"]
    except ClientError as e:
        assert e.response["Error"]["Code"] == "InvalidVpcEndpointId.NotFound", e
        break
    if states[-1] != state:
        states.append(state)
    time.sleep(0.1)
states.append("gone")
for subnet in subnets:
    ec2.delete_subnet(SubnetId=subnet)
ec2.delete_security_group(GroupId=group)
ec2.delete_vpc(VpcId=vpc)
print(*states)
