// Package organizations is a small AWS Organizations: enough of it to put
// accounts under service control policies (SCPs) and resource control policies
// (RCPs), and to see them enforced. The records are kept by internal/identity,
// which adds the policies to every call: the SCPs of the caller's account and
// the RCPs of the resource's account.
//
// There are organizations with one root, organizational units, accounts made by
// CreateAccount, and policies of the two types. The account exists when
// CreateAccount returns, with the role OrganizationAccountAccessRole, as on
// AWS. As on AWS neither type of policy limits the management account.
//
// On AWS a type of policy must be enabled before a policy of it can be
// attached. Here AttachPolicy enables the type as EnablePolicyType would, so
// that a test need not find the root first.
//
// The Path of an organizational unit ends with the unit, and that of an account
// with the account, as the pattern in AWS's model suggests.
//
// A delegated administrator may call the read operations, except those that AWS's
// documentation reserves for the management account. Any name in the form of a service
// principal is accepted as a service, because AWS keeps adding services that work with
// Organizations. Only IAM's central root access checks whether a service has access.
// While accounts administer a service, its access cannot be disabled.
//
// Input that violates a constraint is answered with the reason and the text from AWS's
// documentation; those for patterns and enums were observed on AWS. Where several are
// violated, the answer is about a missing member, or otherwise about the first.
//
// An account is closed when CloseAccount returns, so it is never PENDING_CLOSURE: its
// State is SUSPENDED, and CLOSED after 90 days by the clock. Credentials of its
// principals are refused like deleted keys.
//
// The principal of an RCP must be "*", alone or as the AWS principal but not in
// a list; its actions must begin with the prefix of a service that RCPs apply
// to; and RCPs and SCPs must have the version 2012-10-17: the guide demands it,
// although there are reports that AWS accepts documents without.
//
// Left out, and answered as unknown operations: invitations, the other types
// of policy, and resource policies.
package organizations
