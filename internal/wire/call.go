package wire

import (
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// Protocol is how a call came and how it is answered.
type Protocol uint8

// The protocols. QueryJSON is a Query request whose answer is JSON, because it
// says Accept: application/json.
const (
	JSON Protocol = iota + 1
	Query
	QueryJSON
)

// Call is a request on the wire: which protocol and operation, and the input
// that is yet to be decoded. Use it from one goroutine. The body that it was
// made from must not change before it is decoded.
type Call struct {
	Protocol Protocol
	// Operation is the operation's name as the client spells it; empty where
	// the request names none.
	Operation string
	// Target is what stands before the operation in X-Amz-Target, such as
	// AmazonSQS or TrentService; JSON only.
	Target string
	// Version is Query's Version parameter. Clients of SQS leave it out.
	Version string

	version  bool   // there is one
	minor    string // of the JSON protocol, as the client names it: 1.0 or 1.1
	body     []byte
	tree     *tree
	defaults []assignment
}

// Identify finds out what a request asks for. The answer to an error needs the
// call too: a Call comes back in any case, and writes errors in the form that
// the client expects.
//
// JSON is known by X-Amz-Target or by its content type. All else is Query: by
// GET with the parameters in the URL, or by POST with them in the URL, in a
// form-encoded body, or in both. Where the call is unsigned or signed without a
// credential scope, Operation and Version tell the service, and the path may.
//
// The errors: UnknownOperationException (JSON without X-Amz-Target; 404 and XML
// for a GET without Action, [Q030]), MissingAction, MalformedInput (bad
// percent encoding, text that is no UTF-8, thousands of parameters).
func Identify(r *http.Request, body []byte) (*Call, *api.Error) {
	media := r.Header.Get("Content-Type")
	if !strings.HasPrefix(media, jsonMedia) || len(media) != len(jsonMedia)+len("1.0") { // nearly all are so short and plain
		media, _, _ = mime.ParseMediaType(media)
	}
	target := r.Header.Get("X-Amz-Target")
	minor, isJSON := strings.CutPrefix(media, jsonMedia)
	if target != "" || isJSON {
		c := &Call{Protocol: JSON, body: body, minor: "1.0"}
		if minor == "1.1" {
			c.minor = minor
		}
		dot := strings.LastIndexByte(target, '.')
		if dot < 0 {
			return c, errUnknownOperation
		}
		c.Target, c.Operation = target[:dot], target[dot+1:]
		return c, nil
	}
	c := &Call{Protocol: Query}
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		c.Protocol = QueryJSON
	}
	return c, c.parse(r, media, body)
}

const (
	jsonMedia = "application/x-amz-json-"
	formMedia = "application/x-www-form-urlencoded"
)

func (c *Call) parse(r *http.Request, media string, body []byte) *api.Error {
	t := newTree(kindObject)
	err := t.parseQuery([]byte(r.URL.RawQuery))
	if err == nil && media == formMedia && r.Method == http.MethodPost {
		err = t.parseQuery(body)
	}
	if err != nil {
		t.release()
		return err
	}
	c.tree = t
	c.Version, c.version = c.Parameter("Version")
	operation, ok := c.Parameter("Action")
	switch {
	case ok:
		c.Operation = operation
		return nil
	case r.Method == http.MethodPost && media == formMedia:
		return errMissingAction
	default:
		// XML, whatever the client accepts.
		c.Protocol = Query
		return ErrNothingThere
	}
}

// Parameter is a top-level parameter of a Query call, before it is decoded.
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
	t := c.tree
	c.tree = nil
	if t == nil {
		var err *api.Error
		if t, err = parseJSON(c.body); err != nil {
			return nil, nil, err
		}
	}
	defer t.release()
	return bind(t, c.Protocol != JSON, in, c.defaults)
}

// DecodeJSON is Decode for an input that comes as plain JSON and not as a call.
func DecodeJSON(body []byte, in reflect.Type) (any, []api.Violation, *api.Error) {
	return (&Call{Protocol: JSON, body: body}).Decode(in)
}

// Speaks reports whether a service speaks the call's protocol.
func (c *Call) Speaks(s *api.Service) bool {
	if c.Protocol == JSON {
		return s.JSON != nil
	}
	return s.Query != nil
}

// WrongVersion is the error for a version of the API that s does not have; nil
// where it has it, or none is asked for.
//
// SQS: NoSuchVersion. The others know an operation by its version and do not
// find it: "Could not find operation GetUser for version 2010-05-09".
func (c *Call) WrongVersion(s *api.Service) *api.Error {
	switch {
	case c.Protocol == JSON || !c.version || c.Version == s.Query.Version || slices.Contains(s.Query.Earlier, c.Version):
		return nil
	case s.JSON != nil:
		return errNoSuchVersion.Withf("The requested version (%s) of service %s does not exist", c.Version, s.JSON.TargetPrefix)
	default:
		return c.UnknownOperation(s)
	}
}

// UnknownOperation is the error for an operation that s does not have, or, with
// a nil s, that no service has.
//
// JSON: UnknownOperationException. SQS in Query: "The action FooBar is not valid
// for this endpoint." [Q028]. The others: "Could not find operation FooBar
// for version 2011-06-15".
func (c *Call) UnknownOperation(s *api.Service) *api.Error {
	switch {
	case c.Protocol == JSON:
		return errUnknownOperation
	case s != nil && s.JSON != nil:
		return errInvalidAction.Withf("The action %s is not valid for this endpoint.", c.Operation)
	case !c.version:
		return errInvalidAction.Withf("Could not find operation %s for version NO_VERSION_SPECIFIED", c.Operation)
	default:
		return errInvalidAction.Withf("Could not find operation %s for version %s", c.Operation, c.Version)
	}
}
