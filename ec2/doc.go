// Package ec2 implements the part of Amazon EC2 that VPC endpoints need: VPCs and
// subnets, and what belongs to them.
//
// Everything is kept per account and region. The first time that anybody looks at one,
// its default VPC is made, as every account of AWS has it. Who deletes it has none until
// the next reset.
//
// # What is left out
//
// IPv6 blocks and IPAM, Outposts, dedicated hosts and encryption within a VPC; endpoints
// of Gateway Load Balancers, resources and service networks, endpoint services of one's
// own and in other regions, and private names of one's own choice. A request that asks
// for one is answered UnsupportedOperation. Of operations there is no more than
// operations() lists: no instances, gateways, peering, DHCP options, and no second
// default VPC.
//
// # Choices
//
// Where AWS's behavior is not documented, this package does what follows.
//
// A denial of an operation that describes carries no encoded authorization failure
// message. A filter without values is passed by nothing. A client token is remembered
// for 24 hours. A request may name any version of the API. Ids of both lengths are
// well-formed, with lower-case digits alone. Without MaxResults a list is not parted. A
// dry run of a call on what does not exist is told so. Parameters that a request may not
// combine, and values that the page of an operation does not have, are refused in words
// that AWS may not use.
//
// Every region is open to every account, so regions that AWS opens on request say that
// they are opened. A region that is not AWS's has three zones. Zones that CreateSubnet is
// not told take turns. Tags are refused when the call is authorized, before anybody knows
// whether it may be made, for policies look at them.
//
// The records of calls say Client. before the code of an error, as CloudTrail's do, and
// name parameters as the API's members are named, and not in EC2's own way (vpcSet and
// filterSet, with items).
//
// Security groups have rules for IPv4 and IPv6 apart, 60 of each direction, and one that
// names a prefix list or a group counts for both. The resource security-group-rule is
// asked about where rules get tags and in ModifySecurityGroupRules; CreateSecurityGroup
// asks about the VPC where the request names it. A permission that is written flat goes
// neither together with IpPermissions nor with what goes out. Who revokes a rule for a
// group that does not exist is told so. A rule that names a group lets in the addresses
// of that group's interfaces: an address without an interface, such as that of a Lambda
// function that runs elsewhere, is in no group.
//
// A VPC has the network ACL that it came with, and a route table the route within the
// VPC and those to gateway endpoints; while it has one of these it is not deleted. A
// subnet that is deleted leaves its table. Route tables and network ACLs can be read and
// associated as far as endpoints and Terraform need it: other routes, other ACLs and
// another main table are operations that do not exist here. Groups of other VPCs and
// accounts need peering, which is left out. How many groups a region may have and how
// many tables a VPC is not limited.
//
// A VPC endpoint is pending in the answer that made it and available from then on; a
// deleted one is shown as deleting for a second of the clock, and takes no requests any
// more. Its interfaces and routes are gone at once, so that its subnets and groups can
// be deleted, but its private names are taken until it is gone. Interface endpoints
// have private DNS unless they are made without it, but those of S3, whose private
// names need a gateway endpoint, must ask for it. An ARN in an endpoint policy means
// whoever has it now, and need not exist. Its words for what it refuses in a policy are
// those of package policyeval. Chosen addresses are for subnets that the same call adds.
// For each attribute that ModifyVpcEndpoint changes a decision is taken, in which
// ec2:Attribute is the name of the request's parameter.
//
// Of the services that VPC endpoints lead to, endpointservices.txt has those of AWS's
// guide, in all regions and all zones of each, whether waxseal emulates them or not. All
// take endpoint policies. Where the guide does not say how a service's names are
// spelled, they are made from the service's name (endpointservice.go). In China the name
// of a service may begin with cn. The addresses of prefix lists, which change all the
// time on AWS, are blocks that are set aside for documentation, and their ids, where
// AWS's are not known, are made from their names; so are the ids of services.
package ec2
