// Package organizations is a small AWS Organizations: enough of it to put
// accounts under service control policies (SCPs) and resource control policies
// (RCPs), and to see them enforced. The records are internal/identity's, which
// gives them to every call: SCPs follow the caller's account, RCPs the
// account of the resource.
//
// There are organizations with one root, organizational units, accounts made
// by CreateAccount, and policies of the two types. CreateAccount is done when
// it returns, and the account has the role OrganizationAccountAccessRole, as on
// AWS. As on AWS neither type of policy limits the management account.
//
// On AWS a type of policy must be enabled before a policy of it can be
// attached. Here AttachPolicy enables it, so that a test need not find the
// root first; EnablePolicyType does it too, and everything else is as if it had
// been called.
//
// The Path of an organizational unit ends with the unit, and that of an account
// with the account: that much the pattern of AWS's model tells.
//
// What a delegated administrator may do is to read: everything that is not
// written for the management account alone. A service may be any that has the
// form of one, for AWS adds to those that work with Organizations all the time;
// nothing but IAM's central root access asks whether a service has access. While
// accounts administer a service, its access cannot be ended.
//
// Input that breaks a constraint is answered with the reason and the words that
// the documentation has for it; those of patterns and enums are known from AWS.
// Where several are broken, the answer speaks of what is missing, or else of the first.
//
// CloseAccount is done when it returns, so that an account is never
// PENDING_CLOSURE: its State is SUSPENDED, and CLOSED after 90 days by the clock.
// Whatever signs as one of its principals is refused like a key that is gone.
//
// An RCP denies "*", alone or as the one AWS principal but not in a list; its
// actions begin with the prefix of a service that RCPs bind; and it has the
// version 2012-10-17, as an SCP has: the guide demands it, although there are
// reports that AWS takes documents without.
//
// Left out, and answered as unknown operations: invitations, the other types
// of policy, and resource policies.
package organizations
