// Package provision makes, changes and deletes the resources of templates, type by type,
// by the calls that AWS's resource handlers make. It knows no stack's course: what is done
// when, and what is undone, the caller says.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html.
package provision
