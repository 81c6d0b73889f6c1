// Package template reads CloudFormation templates and resolves what stands in them:
// parameters, conditions, mappings and the functions. It knows the language and no type
// of resource, and makes nothing.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html.
package template
