// Package identity knows who exists and who is calling: the users, groups,
// roles, managed policies, instance profiles, access keys and sessions of every
// account and the organization above them. It resolves an access key to a
// caller with all policies that apply to it.
//
// The services iam, sts and organizations are thin layers over it: they hold
// AWS's rules for each operation, and this package holds the records. It alone
// decides who is calling.
//
// # State
//
// IAM is global, so records are kept per account, not per region. An account
// belongs to one partition on AWS; here each record has the partition of the
// region in which it was made. Names are unique in an account whatever their
// case, as on AWS, and a look-up by name ignores case; a look-up by ARN does
// not.
//
// Keys and sessions refer to their principal by its unique id (AIDA…, AROA…),
// so that a renamed user keeps its keys, and a role that is deleted and created
// again does not take over the sessions of the old one.
//
// # Names
//
// By an ARN, policies and grants mean, as on AWS, the user or role that had it when
// they were set, or, if none had it, the first that gets it. No policy is rewritten for
// that (names.go). A counter, the epoch, goes up when a user or role gives up an ARN,
// because it is deleted or renamed. The record of the ARN then remembers its unique id
// and until which epoch policies mean it. Policies and grants are stored with the epoch
// in which they are set; the time is not used, because the clock can be turned back. A
// caller carries the former holders of its ARNs (Principal.Names), so that a decision
// compares numbers and reads nothing.
//
//   - A session named by its own ARN is bound to its role, and is shown as
//     AROA…:SESSION when the role is deleted. A federated user has no unique id
//     and is named by its ARN alone, but its user is bound.
//   - aws:PrincipalArn and similar keys are compared as text.
//   - The last 64 holders of an ARN are remembered.
//
// Policies are compiled once for each stored form (store.Loader). A resolved
// caller is cached until any record changes: cached callers are valid for one
// generation, and every writing transaction begins a new one. So a change takes
// effect at once.
//
// # Keys that are gone
//
// An access key that was never made here acts as a root user. So a deleted key
// and an expired session leave a small record behind: without it they would act
// as root.
//
// # Secrets
//
// Secret access keys and session tokens are stored wrapped by internal/hsm.
package identity
