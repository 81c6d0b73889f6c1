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
package ec2
