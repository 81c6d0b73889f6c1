package wire

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// Call is a request on the wire: its dialect, what it is for, and the input that
// is yet to be decoded. Router.Match makes one; Read, Find and Decode follow,
// and WriteResult or WriteError is the end. Use it from one goroutine.
type Call struct {
	// Scope is the service of the credential scope; empty: there is none.
	Scope string
	// Operation is the operation's name as the client spells it; empty where
	// the request names none. Read finds it.
	Operation string
	// Service and Op are what the request is for, nil where there is no such
	// thing. Find finds them.
	Service *api.Service
	Op      *api.Operation

	dialect dialect
	said    api.Dialect // of the dialect, by the service
	request *http.Request
	target  string // X-Amz-Target as it was sent
	media   string // of the body

	body     []byte // whole; it must not change before it is decoded
	defaults []assignment

	rest *restRequest // of a call of REST-XML

	// Of a call whose input comes as parameters: these, and the parameter Version.
	tree                          *tree
	version                       string
	isForm, hasAction, hasVersion bool
}

// Target is what the request names its service by, before the operation in
// X-Amz-Target, such as AmazonSQS or DynamoDB_20120810; empty: it does not.
func (c *Call) Target() string { return c.target[:max(0, strings.LastIndexByte(c.target, '.'))] }

// HasPath reports whether the call can be made at the request's path.
func (c *Call) HasPath() bool { return c.dialect.hasPath(c) }

// Streams reports whether Decode reads the request's body. Otherwise it is to be
// read whole, for Read.
func (c *Call) Streams() bool { return c.dialect.streams() }

// Read finds out what a request asks for. The call writes the error in the form
// that the client expects.
//
// The errors: UnknownOperationException (JSON without X-Amz-Target; 404 and XML
// for a GET without Action, [Q030]), MissingAction, MalformedInput (bad
// percent encoding, text that is no UTF-8, thousands of parameters).
func (c *Call) Read(body []byte) *api.Error { return c.dialect.read(c, body) }

// Find finds the service and the operation. Where there is no such service,
// version or operation it is an error, in the words of the service if there is one.
func (c *Call) Find() *api.Error {
	if s := c.dialect.find(c); s != nil {
		c.Service, c.said, c.Op = s.service, s.said, s.operations[c.Operation]
		if !c.dialect.speaks(s.said) {
			c.dialect = s.dialect
		}
	}
	return c.dialect.refuse(c)
}

// For makes the call one for a service, whatever it asks for, so that it is
// answered as that service answers.
func (c *Call) For(s *api.Service) {
	c.Service = s
	for _, said := range s.Dialects {
		if c.dialect.speaks(said) {
			c.said = said
		}
	}
}

// Known is the service that the request is for; nil: there is no such service. It may be
// asked before Find.
func (c *Call) Known() *api.Service {
	if s := c.dialect.find(c); s != nil {
		return s.service
	}
	return nil
}

// ResourceMember is the member of the input that the request's path stands for
// (SQS's QueueUrl); empty: the path is the root, or means nothing to the service.
func (c *Call) ResourceMember() string {
	if c.Service == nil || c.Service.PathMember == "" || !isResource(c.request.URL.Path) {
		return ""
	}
	return c.Service.PathMember
}

// Form is the body of a request whose input comes as parameters, in the URL and
// in the body; ok is false where it comes otherwise.
func (c *Call) Form() (body []byte, ok bool) { return c.body, c.isForm }

// Parameter is a top-level parameter of a call whose input comes as parameters,
// before it is decoded.
func (c *Call) Parameter(name string) (string, bool) {
	if c.tree == nil {
		return "", false
	}
	for at := c.tree.nodes[0].first; at != 0; at = c.tree.nodes[at].next {
		if n := &c.tree.nodes[at]; n.hasText && string(n.name) == name {
			return n.text, true
		}
	}
	return "", false
}

// Default gives a top-level member of kind string a value for the case that the
// request does not carry it: SQS's QueueUrl, which is also the request's path.
// A value of the request's own wins [Q036]. Operations without such a
// member ignore it.
func (c *Call) Default(member, value string) {
	c.defaults = append(c.defaults, assignment{member, value})
}

// Decode makes an input of type in, and returns a pointer to it. Members that
// the type does not have are ignored. Violations of constraints are no error of
// the wire's: the service words it. A Call is decoded once.
//
// The error is MalformedInput or, in JSON, SerializationException, in the
// words of AWS for what is wrong.
func (c *Call) Decode(in reflect.Type) (any, []api.Violation, *api.Error) {
	return c.dialect.decode(c, in)
}

// WriteResult answers a call with the output of its operation, a pointer to a
// shape. It is one write, with its length announced, unless the dialect streams.
//
// AWS sends X-Amz-Crc32 with the answers of DynamoDB alone, so none is sent here.
func (c *Call) WriteResult(w http.ResponseWriter, out any, requestID string) {
	c.dialect.result(w, c, out, requestID)
}

// WriteError answers a call with an error: an *api.Error as it is, any other as
// an internal failure. It returns the HTTP status.
func (c *Call) WriteError(w http.ResponseWriter, err error, requestID string) (status int) {
	e := api.AsError(err)
	if d, ok := c.dialect.(rewording); ok {
		e = d.reword(c, e)
	}
	status = e.HTTPStatus()
	if c.Service != nil {
		status = c.Service.Status(e)
	}
	c.dialect.failure(w, c, e, status, requestID)
	return status
}
