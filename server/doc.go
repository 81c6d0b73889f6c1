// Package server is waxseal's frame: it listens, routes, and carries every API
// call, from a socket or from another service, through the same stages.
//
// One world (world.go) holds the state and the services. Its dispatcher
// (dispatch.go) takes a call through decode, identify, resolve, authorize,
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
// Who may reach what (guard.go). Before anything else stands a guard: it keeps
// the pages of other origins out of AWS's API and of the control API, and
// everybody whose name for this server somebody else may have made out of the
// latter. Browsers send Sec-Fetch headers and Origin by plain HTTP to the machine
// itself only; where one that calls by another machine's name says nothing of its
// page, AWS's API, which does things on GET, is closed to it.
//
// What LocalStack's users look at (localstack*.go) is shown to whoever may control
// the server, and so past every policy, but for what a key of KMS protects: that
// is shown as it is stored.
//
// Paths. AWS's API is at the root, where more than one slash is one, and at
// queues' URLs; LocalStack's form /queue/REGION/ACCOUNT/NAME is one of these.
// Everything else that is not the control API's answers UnknownOperationException
// with 404, as AWS does for a GET of nothing [Q030]: a call by an endpoint's
// URL that is meant for somebody else's server must not be performed.
//
// Connections (listener.go). Headers have 10 seconds to arrive, a body 60; a
// connection is idle for 3 minutes at the most; and each 64 kB of an answer are
// to be read within 60 seconds, so that streams and long polls live as long as
// their readers. A connection that cannot be accepted is logged and the next
// one waited for.
//
// Order of checks. AWS's services differ in what they look at first; waxseal
// does as most do. The shape of the input is checked before anything else, so
// a call that is both malformed and forbidden is malformed. Then the caller is
// authorized, against a resource that does not exist too: only who is allowed
// the call learns that the resource is missing.
package server
