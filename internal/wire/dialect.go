package wire

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
)

// dialect is a protocol. A call passes through its methods in the order in
// which they stand here; the package comment says how one is added.
type dialect interface {
	// speaks reports whether what a service says of itself is said of this dialect.
	speaks(said api.Dialect) bool
	// serve adds a service to those that requests can be for.
	serve(s *served)

	// match says how surely a request is one of the dialect's, by its method, URL
	// and headers.
	match(c *Call) claim
	// hasPath reports whether a call of the dialect can be made at the request's path.
	hasPath(c *Call) bool
	// streams reports whether decode reads the body. Otherwise read gets it whole.
	streams() bool
	// read finds out what the request names: an operation, a version. body is nil
	// where the dialect streams.
	read(c *Call, body []byte) *api.Error
	// find is the service that the request is for, nil where it is for none.
	find(c *Call) *served
	// refuse is the error for a service, version or operation that there is not;
	// nil: there is c.Op.
	refuse(c *Call) *api.Error
	// decode makes an input of type in.
	decode(c *Call, in reflect.Type) (any, []api.Violation, *api.Error)

	// result answers with an operation's output, a pointer to a shape.
	result(w http.ResponseWriter, c *Call, out any, requestID string)
	// failure answers with an error. c.Service is nil where the call is for none.
	failure(w http.ResponseWriter, c *Call, e *api.Error, status int, requestID string)
}

// claim is how surely a request is one of a dialect's.
type claim uint8

const (
	// unclaimed: it is none.
	unclaimed claim = iota
	// fallback: it is one if it is of no other dialect.
	fallback
	// byPath: its path can be one of the dialect's, and nothing says whose it is.
	byPath
	// byForm: it has the form of the dialect's requests.
	byForm
	// byAddress: its credential scope or its host is of a service that speaks the dialect.
	byAddress
	// byName: it names the dialect.
	byName
)

// served is a service as the requests of one dialect find it.
type served struct {
	service    *api.Service
	said       api.Dialect
	dialect    dialect // in which it answers requests that came in another's form
	operations map[string]*api.Operation
}

// rpc is what the dialects have in common whose operations are named by the
// request and not by its path, and whose inputs are small.
type rpc struct{}

func (rpc) streams() bool { return false }

// hasPath: there is the root, and what a service may have at the path of a resource.
func (rpc) hasPath(c *Call) bool { return isRoot(c.request.URL.Path) || isResource(c.request.URL.Path) }

// isRoot reports whether a path is the root. Clients that join an endpoint's URL
// and a path carelessly ask for more than one slash.
func isRoot(path string) bool { return strings.Trim(path, "/") == "" }

// isResource reports whether a path is /ACCOUNT/NAME, or the form that
// LocalStack gives a queue's URL by its path strategy: /queue/REGION/ACCOUNT/NAME.
func isResource(path string) bool {
	path = strings.Trim(path, "/")
	if rest, ok := strings.CutPrefix(path, "queue/"); ok {
		_, path, _ = strings.Cut(rest, "/")
	}
	account, name, ok := strings.Cut(path, "/")
	return ok && name != "" && !strings.Contains(name, "/") && arn.IsAccountID(account)
}
