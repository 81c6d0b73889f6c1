// Package sam makes the transform AWS::Serverless-2016-10-31: of serverless functions,
// state machines, APIs, tables, layers and connectors the resources of CloudFormation that
// AWS's transform makes of them.
//
// What is made has the ids, names and documents that AWS's has, as far as it is of types
// that waxseal emulates: roles with their policies, queues, topics, their policies,
// subscriptions, rules and buckets. What is not (functions, event source mappings,
// permissions, schedules, tables, state machines) is there by its id and with its
// properties, so that others can refer to it; APIs are there without their definitions.
//
// # Where it is from
//
// policies.json and connectors.json are made from PyPI's aws-sam-translator 1.115.0, whose
// license is in data.LICENSE: the policy templates, and the profiles of connectors. To
// renew them, see the folder generate. What the transform does with a template was read off
// what that package makes of templates.
//
// # What was chosen
//
//   - A function's CodeUri, a layer's ContentUri and the like may be a folder: a template
//     that is loaded from a file need not be packaged, and nobody runs the code.
//   - A condition that is made of two is well-formed; the package nests {"Condition": …} in
//     another, which CloudFormation refuses.
//   - What expands to more than 500 resources, or where Globals adds more than 200,000
//     values, is refused before it is made.
//
// # What is left out
//
// Applications of the Serverless Application Repository are refused by name. Of
// CapacityProvider, GraphQLApi, MicrovmImage, NetworkConnector, WebFunction and
// WebSocketApi there is nothing but the resource that has its id. Of APIs there is nothing
// but the API, its stage and its deployment: no authorizers, usage plans, domains or models. Of properties of functions that nothing here
// looks at, types are not checked.
//
// See https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html.
package sam
