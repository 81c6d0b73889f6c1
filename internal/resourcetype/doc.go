// Package resourcetype knows the types of resources that templates may have, by the
// schemas that AWS publishes: their properties, what Fn::GetAtt yields, and which changes
// need a new resource.
//
// See https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html.
package resourcetype
