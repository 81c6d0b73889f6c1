// Package ec2 implements the part of Amazon EC2 that VPC endpoints need: VPCs and
// subnets, and what belongs to them.
//
// Everything is kept per account and region. The first time that anybody looks at one,
// its default VPC is made, as every account of AWS has it.
//
// # Choices
//
// Where AWS's behavior is not documented, this package does what follows.
//
// A denial of an operation that describes carries no encoded authorization failure
// message. A filter without values is passed by nothing. A client token is remembered
// for 24 hours. A request may name any version of the API. Ids of both lengths are
// well-formed, with lower-case digits alone.
//
// Of the services that VPC endpoints lead to, endpointservices.txt has those of AWS's
// guide, in all regions and all zones of each, whether waxseal emulates them or not. All
// take endpoint policies. Where the guide does not say how a service's names are
// spelled, they are made from the service's name (endpointservice.go). In China the name
// of a service may begin with cn. The addresses of prefix lists, which change all the
// time on AWS, are blocks that are set aside for documentation, and their ids, where
// AWS's are not known, are made from their names; so are the ids of services.
package ec2
