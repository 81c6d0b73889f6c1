// Package iam is AWS Identity and Access Management: users, groups, roles,
// service-linked roles, instance profiles, managed and inline policies,
// permissions boundaries, access keys, passwords, MFA devices, certificates,
// tags, OpenID Connect and SAML providers, the account's summary and alias, and
// the policy simulator. The records are kept by internal/identity, which also
// resolves the caller of every call; this package holds IAM's rules, errors and
// shapes.
//
// # How an operation is written
//
// The operations table names an operation and the kind of entity that it acts
// on (onRole, onPolicy …). The entity and the condition keys follow from the
// members of its input (target.go): an input with Tags sets aws:RequestTag and
// aws:TagKeys, one with a PolicyArn besides the entity sets iam:PolicyARN. What
// users, groups and roles have in common is written once, for a holder
// (holder.go).
//
// # Where AWS's documentation is silent
//
//   - A look-up by name ignores case, as the uniqueness of names does; one by
//     ARN does not.
//   - Adding a user to a group twice, removing one that is not in it, and
//     deleting a boundary that is not there succeed.
//   - For names of users, groups, roles and policies, and for paths, that do
//     not match their pattern, the error has IAM's own text; where a required
//     member is missing as well, the error is about that. Errors for other
//     patterns have the pattern of AWS's model.
//   - Policy documents are checked by policyeval.Validate, whose first problem is the
//     error. Trust policies may name principals that do not exist, with a warning in
//     the log, unless Config.StrictPrincipals is set.
//   - A managed policy without a Version, or with the older one, is refused; an
//     inline one or a trust policy is not.
//   - A trust policy shows a deleted user or role as its unique id, and an account as
//     its root user. A unique id that nobody has is refused even where other principals
//     that do not exist are accepted.
//   - AWS's own managed policies are those of internal/awspolicy, in their newest
//     version alone and without descriptions. A policy of AWS that is not among them
//     can be attached, because AWS may have added it since: it grants nothing, with a
//     warning in the log, and GetPolicy does not find it. It cannot be a boundary.
//   - Changes are in force at once: AWS is eventually consistent.
//
// # The simulator
//
// It answers one result for each action and resource, in the order of the
// request, and each has its resource among its ResourceSpecificResults. A
// statement's position is, as on AWS, where the parser begins to read it: in a
// list directly after the bracket or the previous statement, for a single
// statement directly after its brace. Condition keys are those of the request;
// SimulatePrincipalPolicy adds the keys that follow from the principal.
// ResourceHandlingOption is ignored: it concerns only Amazon EC2.
//
// # Service-linked roles
//
// The services that they can be made for are in a table (servicelinked.txt). AWS's
// answer for other services is not known; here it is InvalidInput. No service uses its
// role, so DeleteServiceLinkedRole completes at once. Only the description and the tags
// of such a role can be changed.
//
// # Passwords
//
// There is no console to sign in to: passwords are checked against the account's
// policy, kept as hashes, and change by ChangePassword. Where the account has no
// policy, AWS's default policy applies. The rule against reusing passwords applies to
// UpdateLoginProfile too. MaxPasswordAge and HardExpiry have no effect, because they
// matter only at sign-in. Without UserName an operation acts on the login profile of
// the calling user; a root user has to name a user, except in a session of
// sts:AssumeRoot: there it acts on the root user's own login profile, which permits
// setting a password and holds none.
//
// # Central root access
//
// Its features are stored with the organization, and stay when IAM's access to it ends.
// Enabling the management of root credentials deletes none, as on AWS: a session of
// AssumeRoot can delete the access keys that were made for the root user. Keys that
// were never made here still act as the root user. Where the caller has no
// organization, or one without all features, only the code of AWS's error is known.
//
// # MFA devices
//
// They are virtual ones, whose codes follow RFC 6238. Which codes are accepted is in
// the documentation of package sts. A device's clock may be off by five minutes when it
// is enabled, and by a day when it is synchronized again. The root user has none,
// because the API assigns devices to users by name.
//
// # Keys, certificates and credentials for other services
//
// No service here uses them, so their secrets (the password of a
// service-specific credential, the private key of a server certificate) are
// shown or checked once and not stored. The root user has none.
//
// A credential report is complete as soon as it is requested. The root user's
// creation time in it is that of the oldest user, because accounts have no
// creation time here.
//
// # Left out
//
// Access advisor, delegation requests and security keys as MFA devices: operations
// that are not in the table are answered as unknown ones. SAML providers with
// encrypted assertions are refused.
package iam
