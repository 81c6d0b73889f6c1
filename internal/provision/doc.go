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
//   - A bucket's property that is removed is set back as its own call does it: Block Public
//     Access and ownership controls are deleted, versioning is suspended, and an ACL becomes
//     private. All of its tags are set anew, whoever gave it others.
//   - What S3 lacks of a bucket and nobody's data hangs on, such as a lifecycle, is left out
//     with a warning (Job.LeftOut), as are notifications of functions and targets of rules
//     that are neither queues, topics nor event buses. Object lock and replication are refused.
//   - Roles, users and groups lose all policies before they are deleted, those that others
//     gave them as well; users their keys, password and groups; rules their targets.
//   - A security group whose template says nothing of what goes out has the rule that a new
//     group has, from the start and when the property is removed.
//   - A virtual MFA device has no users: nobody reads its codes here.
//   - EventBusPolicy with a Statement reads the bus's policy, and sets it with that statement.
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html.
package provision
