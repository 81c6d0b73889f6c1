// Package dispatch carries every API call, from a socket or from another service,
// through the same stages: authenticate, resolve, authorize, call and record. It
// knows a service only by its description (api.Service), and nothing about HTTP:
// package server decodes a request before it comes here, and encodes the result.
//
// A call from outside enters at Authenticate and goes on at Do. A call that one
// service makes to another (Forward, Invoke) enters at Do, as the principal that AWS
// would use. DryRun takes the decisions of a call without making it.
//
// One version. The operation's row in the table finds what a call acts on, once: the
// decision uses its policy, and the method works on the same record. A method that
// writes confirms in its transaction that the record has not changed since; where it
// has, the call is resolved and decided again (api.ErrChanged), a bounded number of
// times. So no call is made under a policy that has been replaced meanwhile, and the
// trail shows a decision for every attempt. One transaction reads who calls. The
// accounts' memberships in organizations are cached, or take one more.
//
// Who calls. An access key that was not made here acts as a root user, even if it
// looks like temporary credentials and comes with a session token. So credentials
// that an SDK still holds from before a reset act as the root user after it: this is
// logged, and with strict credentials they are refused, as AWS would refuse them.
//
// The condition keys that every request carries stand in one table (context.go).
//
// What is remembered (internal/record). Decisions and records of calls are bounded in
// number and in bytes. A record keeps those of the caller's texts that CloudTrail
// keeps. A decision keeps at most 2 kB of one text of its request and 16 kB of its
// condition keys, and if that is not all, its explanation says so. An access key id of
// more than 128 characters, the most that AWS's API takes, is treated as no access key.
//
// Order of checks. AWS's services differ in what they check first; waxseal does
// as most do. The shape of the input is checked before anything else, so a call
// that is both malformed and forbidden is malformed. Then the caller is
// authorized, even where the resource does not exist: only a caller who is allowed
// the call learns that the resource is missing.
package dispatch
