// Package dispatch carries every API call, from a socket or from another service,
// through the same stages: authenticate, resolve, authorize, call and record. It
// knows services by what they say of themselves (internal/api) alone, and nothing
// of HTTP: whoever takes requests from a wire decodes them before and encodes what
// comes back.
//
// A call from outside enters at Authenticate and goes on at Do. One that a service
// makes of another (Forward, Invoke) enters at Do, as the principal that AWS would
// use. DryRun takes the decisions of a call without making it.
//
// One version. What a call acts on is found once, by the row of the operations
// table: its policy is asked, and the method works on that very record. A method
// that writes confirms in its transaction that the record is still the present one;
// where it is not, the call is resolved and decided again (api.ErrChanged), a bounded
// number of times. So no call is done by a policy that another has replaced, and
// the trail shows a decision for every attempt. One transaction reads who calls;
// what organizations say of the accounts is remembered, or takes one more.
//
// Who calls. An access key that nobody made here acts as a root user, in the
// form of temporary credentials and with a session token too. So credentials
// that an SDK still holds from before a reset are the root user's after it: the
// log is told, and strict credentials refuse them, as AWS would.
//
// The condition keys that every request carries stand in one table (context.go).
//
// What is remembered (retention.go). Decisions and records of calls are bounded in
// number and in bytes. Of a caller's texts a record keeps what CloudTrail keeps; a
// decision on a request that carries more than 64 kB keeps texts that are cut, and
// says so when it is explained. An access key id of more than 128 characters, the
// most that AWS's API takes, is none.
//
// Order of checks. AWS's services differ in what they look at first; waxseal does
// as most do. The shape of the input is checked before anything else, so a call
// that is both malformed and forbidden is malformed. Then the caller is
// authorized, against a resource that does not exist too: only who is allowed the
// call learns that the resource is missing.
package dispatch
