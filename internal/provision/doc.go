// Package provision makes, changes and deletes the resources of templates, type by type,
// by the calls that AWS's resource handlers make: those that the permissions in the
// schemas of their types name. It knows no stack's course: what is done when, and what is
// undone, the caller says.
//
// Resources of types that are not emulated are not made; Placeholder and PlaceholderID
// are what others see of them.
//
// # Where AWS is unclear
//
//   - An error's text ends in the service's name, status and request id, as AWS's SDK
//     words them; the request id is that of the call that was refused.
//   - What is too long for a made-up name is cut from the stack's name and the logical id
//     alike.
//   - A change makes the calls for what has changed, and no others.
//   - Where nothing is known of a property that is removed, it gets the default of the
//     service; of a queue's SqsManagedSseEnabled, nothing changes.
//   - A policy for a single queue or topic fails where it has one already.
//   - A subscription that waits for its confirmation is deleted, too.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html.
package provision
