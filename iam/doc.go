// Package iam is AWS Identity and Access Management: users, groups, roles,
// service-linked roles, instance profiles, managed and inline policies,
// permissions boundaries, access keys, passwords, MFA devices, certificates,
// tags, OpenID Connect and SAML providers, the account's summary and alias, and
// the policy simulator. The records are internal/identity's, which also
// resolves them for every call that is authenticated; this package holds IAM's
// rules, errors and shapes.
//
// # How an operation is written
//
// The operations table names an operation and the kind of entity that it acts
// on (onRole, onPolicy …). What it acts on exactly, and the condition keys that
// it carries, follow from the members of its input (target.go): whatever has
// Tags carries aws:RequestTag and aws:TagKeys, whatever has a PolicyArn beside
// the entity carries iam:PolicyARN. What users, groups and roles have in common
// is done once, on a holder (holder.go).
//
// # Where AWS's documentation is silent
//
//   - A look-up by name ignores case, as the uniqueness of names does; one by
//     ARN does not.
//   - Adding a user to a group twice, removing one that is not in it, and
//     deleting a boundary that is not there succeed.
//   - Names of users, groups, roles and policies, and paths, that break their
//     pattern are answered in IAM's own words; where something that is required
//     is missing as well, that comes first. Other patterns are answered as the
//     model has them.
//   - Policy documents are checked by policyeval.Validate, whose first problem is
//     answered. Trust policies may name principals that do not exist: the log is
//     told, unless Config.StrictPrincipals refuses them.
//   - A managed policy without a Version, or with the older one, is refused; an
//     inline one or a trust policy is not.
//   - A trust policy shows the unique id of a user or role that it means and that
//     is gone, and an account as its root user. The unique id of nobody is refused
//     even where principals that do not exist are not.
//   - AWS's own managed policies are those of internal/awspolicy, in their newest
//     version alone and without descriptions. A newer one that is not among
//     them can be attached, for AWS has it perhaps: it grants nothing, the log
//     says so, and GetPolicy does not find it. It can be no boundary.
//   - Changes are in force at once: AWS is eventually consistent.
//
// # The simulator
//
// It answers one result for each action and resource, in the order asked for,
// and each has its resource among its ResourceSpecificResults. A statement's
// position is where AWS's parser stands when it begins to read it: behind the
// bracket or the statement before it in a list, behind the brace of one that is
// alone. Condition keys are those given; SimulatePrincipalPolicy adds the keys
// that follow the principal. ResourceHandlingOption is ignored: it concerns
// Amazon EC2 alone.
//
// # Service-linked roles
//
// What services they can be made for is a table (servicelinked.txt); of any other
// service AWS's answer is not known, and the one here is InvalidInput. No service
// uses its role, so that DeleteServiceLinkedRole is done at once. Of such a role
// the description and the tags can be changed, and nothing else.
//
// # Passwords
//
// There is no console to sign in to: passwords are checked against the account's
// policy, kept as hashes, and change by ChangePassword. Those of AWS's own policy
// hold where the account has none, as on AWS. That passwords may not be used again
// holds for UpdateLoginProfile too. MaxPasswordAge and HardExpiry hinder nobody:
// only a sign-in would ask for them. Without UserName the login profile is the
// calling user's; the root user has to name one, except in a session of
// sts:AssumeRoot: there it is its own, which permits it to get itself a password
// and holds none.
//
// # Central root access
//
// Its features are kept with the organization, and stay when IAM's access to it
// ends. Managing root credentials takes none away by itself, as on AWS: a session of
// AssumeRoot deletes the access keys that were made of the root user, and whatever
// other key is not known goes on being the root user's. Of a caller who has no
// organization, or one without all features, only the code is known of AWS's answer.
//
// # MFA devices
//
// They are virtual ones, whose codes follow RFC 6238. Which of them are taken,
// sts's documentation says. A device may be five minutes off where it is enabled,
// and a day where it is synchronized anew. The root user has none: the API gives
// devices to users that have a name.
//
// # Keys, certificates and credentials for other services
//
// No service here asks for them, so that what is secret of them is shown or
// checked once and not kept: the password of a service-specific credential, the
// private key of a server certificate. The root user has none.
//
// A credential report is there as soon as it is asked for. The root user's
// creation is told as that of the oldest user, for accounts have no age here.
//
// # Left out
//
// Access advisor, delegation requests and security keys as MFA devices: operations
// that are not in the table are answered as unknown ones. SAML providers with
// encrypted assertions are refused.
package iam
