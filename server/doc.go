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
// VPC endpoints (endpoint.go). A request names the endpoint that it comes through by
// its path, /_vpce/ID/… or /_vpce/ID@ADDRESS/…, or by its host, whose first label is
// the endpoint's id. By path it goes on without that prefix, but its signature is over
// the path as it was sent, and URLs in answers have the prefix again. A way that leads
// nowhere on AWS, as a name that does not resolve or a port that is not open, ends in a
// connection that is closed without an answer, and the log says why. A gateway
// endpoint, which has no name on AWS, is reached by path alone. Two ways that lead
// nowhere on AWS are open here, so that a policy can be tried before the network is
// right: an interface endpoint without subnets, whose callers have the VPC's first
// address that AWS does not reserve, and one whose security groups do not admit port
// 443 from the caller, of which the log warns.
//
// Connections (internal/listen). Headers have 10 seconds to arrive, a body 60; a
// connection is idle for 3 minutes at the most; and each 64 kB of an answer are
// to be read within 60 seconds, so that streams and long polls live as long as
// their readers. A connection that cannot be accepted is logged and the next
// one waited for.
package server
