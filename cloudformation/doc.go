// Package cloudformation is AWS CloudFormation: stacks, which are made of templates, by
// its API or from a file.
//
// # Model
//
// A deployment is a template with values for its parameters, tags and a role. A stack is
// in one deployment; an update leads to another, and its failure back to the one before.
// Templates are read and resolved by internal/template, the types of resources are known
// to internal/resourcetype, and made, changed and deleted by internal/provision, which
// calls the other services. This package knows when: resources are made in the order of
// what they refer to, one after the other, and deleted in the reverse order; what is
// replaced or removed is deleted once everything new works.
//
// An operation is done when its call answers. So the first poll of a client finds a stack
// that is made, or rolled back; nothing can be canceled, and CancelUpdateStack is always
// too late. Whether an operation has succeeded the stack's state says, and its events why
// it has not.
//
// # Rights
//
// A stack acts as its caller, whose calls are forwarded (aws:CalledVia), or in a session
// of its service role, which the caller must be allowed to pass (iam:PassRole) and which
// must let cloudformation.amazonaws.com in. The role is kept for all that is done with the
// stack later. Nested stacks act as their parents do. A template at a URL is read from S3
// as the caller, whichever of S3's or this server's hosts the URL names.
//
// Where a call for a resource is denied, the reason of its event is AWS's, and says behind
// it what would have to change for the call to be allowed, and how to have it explained.
//
// CreateStack and what acts on a stack that does not exist are decided on for
// stack/NAME/*, change sets on their stacks.
//
// What Ref of a queue yields, and all that is made of it, is the queue's URL as whoever asks
// reaches this server.
//
// A template's parameter that takes its value from the parameter store, which is not
// emulated, can name but one: the version of the CDK's bootstrap stack, as a stack declares
// it, and 33 where none does.
//
// # What ends in the middle
//
// All that an operation does is stored at once. Where the process is killed, the next one
// goes on when it starts: a creation or an update is rolled back (as OnFailure and
// DisableRollback say), and a rollback, a cleanup or a deletion is brought to an end, with
// the rights of whoever asked for it. Where that principal is gone the stack fails. What a
// service had made, but had not told yet, is not known to the stack, and stays.
//
// # Types that are not emulated
//
// Of a type that AWS has and that is not emulated nothing is made: the event of its
// resource says so, and the log, once for each type. What refers to it gets an id or an
// ARN of the right form. AWS::CDK::Metadata and custom resources are nothing of AWS's, and
// are left out, too. A type that AWS does not have is refused.
//
// WaitCondition without a handle is done at once. Nothing signals one that has a handle:
// it fails, and says so.
//
// # Choices
//
// AWS does not say, or is not known to say, what these do:
//
//   - An update whose template has other outputs alone is one; one with another
//     description or other conditions alone is none.
//   - Early validation of properties is made for change sets. CreateStack and UpdateStack
//     begin, and fail at the resource, in the words that its handler has [C029].
//   - Of early validation only the properties are looked at, not whether names are taken.
//   - A resource that failed to be made, and of which something is left, is deleted and made
//     anew when its stack is updated.
//   - A nested stack that fails to be made is left to its parent, which deletes it.
//   - A change set that has failed gives its name up to the next one of that name: clients
//     name theirs after the second, in which here several can come.
//   - Stacks are nested 32 deep at most: the template of one that names itself fails there.
//   - Change sets show any attribute of a resource that changes in place as one that may
//     change, without values, and what would be made anew for it as Conditional.
//   - A transform that fails makes a failed change set; CreateStack and UpdateStack refuse
//     its template at once.
//   - The events of a stack are at least a millisecond apart, although all happen at once;
//     the last of many may be a little ahead of the clock.
//   - A request with the token of the operation before it is a repetition of it.
//
// # What is left out
//
// Stack policies (GetStackPolicy answers that there is none, and a stack with one is
// refused), stack sets, drift, imports of existing resources, hooks, modules, macros,
// rollback triggers, generated templates and types of one's own. SignalResource has nobody
// to wait for it. Notification ARNs are kept and shown, and nothing is sent to them; a
// timeout likewise. DeploymentConfig's modes are all the same.
package cloudformation
