package api

import (
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// RESTXML is REST-XML as S3 speaks it: an operation is a method at a path (see HTTP),
// its input and output are headers, parameters of the query and a body.
type RESTXML struct {
	Namespace string // of the answers' documents; those of errors have none
	// Subresources are the parameters of the query that make a request one for a part
	// of a bucket or object, such as tagging, and never for the whole. The list has
	// all that AWS has: a request for one that no operation is for is refused.
	Subresources []string
	// Lacking are the methods of subresources for which AWS has operations and the service none,
	// where it has operations for other methods.
	Lacking map[string][]string
	// Exists reports whether there is a bucket, for hosts that can mean one; nil: all exist.
	Exists func(bucket string) bool
	// CheckDocument compares a document with what the headers of its request say of it, for
	// a call of an operation; nil: nothing is compared.
	CheckDocument func(operation string, header func(name string) string, document []byte) *Error
}

// Protocol implements Dialect.
func (*RESTXML) Protocol() string { return "restXml" }

// Mixed is an output whose document has the elements of several lists in one order.
type Mixed interface {
	// Mixed are the members that are these lists, in the order of the elements, each as
	// often as its list has elements; those that it leaves out come before.
	Mixed() []string
}

// Route is which requests are for an operation, in a dialect whose operations are paths.
type Route struct {
	Method string
	// Bucket and Key say whether the request names a bucket, and a key in it.
	Bucket, Key bool
	// Query are the parameters of the query, and Headers the headers, that must be there.
	Query   []QueryParameter
	Headers []string
}

// QueryParameter is a parameter that a Route asks for: with Value, where that is not empty.
type QueryParameter struct{ Name, Value string }

// Conditions is how many parameters and headers the route asks for. Of two routes
// that a request is for, the one with more conditions has it.
func (r *Route) Conditions() int { return len(r.Query) + len(r.Headers) }

// HTTP gives an operation its method and URI, as AWS's models write them, and names
// the headers that must be there:
//
//	api.HTTP("PUT /{Bucket}/{Key+}?partNumber&uploadId", "x-amz-copy-source")
//
// It panics where the URI is none of /, /{Bucket} and /{Bucket}/{Key+}.
func HTTP(request string, headers ...string) Option {
	method, uri, _ := strings.Cut(request, " ")
	path, query, _ := strings.Cut(uri, "?")
	r := &Route{Method: method, Headers: headers}
	switch path {
	case "/":
	case "/{Bucket}":
		r.Bucket = true
	case "/{Bucket}/{Key+}":
		r.Bucket, r.Key = true, true
	default:
		panic(fmt.Sprintf("api: %q names no bucket and no key", request))
	}
	for part := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(part, "="); name != "" {
			r.Query = append(r.Query, QueryParameter{name, value})
		}
	}
	return func(o *Operation) { o.Route = r }
}

// NoContent marks an operation whose answer is 204 in dialects whose operations are paths.
func NoContent(o *Operation) { o.NoContent = true }

// Asks reports whether the route asks for a parameter of the query.
func (r *Route) Asks(name string) bool {
	return slices.ContainsFunc(r.Query, func(p QueryParameter) bool { return p.Name == name })
}

// HostID is the id of the host that answers a request, which S3 tells besides the
// request's id, in x-amz-id-2 and in its notifications [S002]. There is one host here:
// its id is made of the request's.
func HostID(requestID string) string {
	sum := sha512.Sum512([]byte(requestID))
	return base64.StdEncoding.EncodeToString(sum[:56])
}
