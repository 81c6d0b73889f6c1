// Package server is waxseal's frame: it listens, routes, and carries every API
// call, from a socket or from another service, through the same stages.
//
// One world (world.go) holds the state and the services. Its dispatcher
// (dispatch.go) takes a call through decode, identify, resolve, authorise,
// call, record and encode; a call that one service makes of another
// (forward.go) joins at resolve, as the principal that AWS would use. The
// condition keys that every request carries stand in one table (context.go).
// The control API (control.go) looks into the world from outside.
//
// Who calls. An access key that nobody made here acts as a root user, in the
// form of temporary credentials and with a session token too. So credentials
// that an SDK still holds from before a reset are the root user's after it: the
// log is told, and --strict credentials refuses them, as AWS would.
//
// What is remembered (keep.go). Decisions, events, deliveries and captured
// messages are bounded in number and in bytes. Of a caller's texts a record
// keeps what CloudTrail keeps; a decision on a request that carries more than
// 64 kB keeps texts that are cut, and says so when it is explained. An access
// key id of more than 128 characters, the most that AWS's API takes, is none.
//
// Order of checks. AWS's services differ in what they look at first; waxseal
// does as most do. The shape of the input is checked before anything else, so
// a call that is both malformed and forbidden is malformed. Then the caller is
// authorised, against a resource that does not exist too: only who is allowed
// the call learns that the resource is missing.
package server
