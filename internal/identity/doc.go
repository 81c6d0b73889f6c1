// Package identity is who exists and who is calling: the users, groups, roles,
// managed policies, instance profiles, access keys and sessions of every
// account, the organization above them, and the resolution of an access key to
// a caller with everything that has a say in what it may do.
//
// The services iam, sts and organizations are thin layers over it: they hold
// AWS's rules for each operation, and this package holds the records. The
// server asks it who is calling, and nothing else decides that.
//
// # State
//
// IAM is global, so records are kept per account, not per region. An account
// belongs to one partition on AWS; here a record takes the partition of the
// region in which it was made and keeps it. Names are unique in an account
// whatever their case, as on AWS, and a look-up by name ignores case; a
// look-up by ARN does not.
//
// Keys and sessions point at their principal by its unique id (AIDA…, AROA…),
// so that a renamed user keeps its keys, and a role that is deleted and made
// anew does not take over the sessions of the old one.
//
// # Names
//
// So do policies and grants, as on AWS: they mean the user or role that had an
// ARN when they were set, or, where nobody had it, the first who gets it. No
// policy is rewritten for that (names.go). A counter, the epoch, goes up when a
// user or role gives up an ARN, because it is deleted or renamed, and the record
// of the ARN remembers who that was and until which epoch policies mean it. What
// is set is kept with the epoch of its transaction; the clock, which can be
// turned back, has no say in it. A caller brings along who had its ARNs before
// (Principal.Names), so that a decision compares numbers and reads nothing.
//
//   - A session named by its own ARN is bound to its role, and is shown as
//     AROA…:SESSION when that is gone. A federated user has no unique id and is
//     named by its ARN alone, but its user is bound.
//   - aws:PrincipalArn and its like are texts, and are bound to nobody.
//   - Of an ARN the last 64 who had it are remembered.
//
// Policies are compiled once for each stored form (store.Loader). A resolved
// caller is kept until any record changes: every writing transaction replaces
// the generation mark that the kept callers carry, so a change takes effect at
// once.
//
// # Keys that are gone
//
// An access key that was never made here acts as a root user, which is why a
// deleted key and an expired session leave a small record behind: without it
// they would turn into root.
//
// # Secrets
//
// Secret access keys and session tokens are stored wrapped by internal/hsm.
package identity
