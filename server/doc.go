// Package server is waxseal's frame: it listens, decodes what arrives on the wire,
// has internal/dispatch carry the calls, and encodes what these come to.
//
// internal/runtime holds the state and the services; a reset makes a new one. The
// control API (internal/control) and LocalStack's requests (internal/localstack) are
// led to from here, past the same guard.
//
// Who may reach what (guard.go). Before anything else stands a guard: it keeps
// the pages of other origins out of AWS's API and of the control API, and
// everybody whose name for this server somebody else may have made out of the
// latter. Browsers send Sec-Fetch headers and Origin by plain HTTP to the machine
// itself only; where one that calls by another machine's name says nothing of its
// page, AWS's API, which does things on GET, is closed to it.
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
package server
