package wire

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/waxseal/waxseal/internal/api"
)

// restXML is REST-XML as S3 speaks it. Its operations are methods at paths: a bucket,
// or a key in it, with parameters that make it a part of either.
//
// See https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html.
type restXML struct {
	byName map[string]*restServed
	// others are the names of all services, whose hosts are no bucket's; bases are the
	// hosts below which buckets have names, beside localhost.
	others map[string]bool
	bases  []string
}

// restServed is a service with its operations, those with more conditions first.
type restServed struct {
	*served
	said   *api.RESTXML
	routes []*api.Operation
}

// restRequest is what a request says of what it is for.
type restRequest struct {
	to *restServed
	// host is the bucket that Host names, and region the region; empty: none. named: Host
	// names the service.
	host, region string
	named        bool
	bucket, key  string
	form         *Form // nil: it did not come as a form
	query        []parameter
}

// parameter is one of a query.
type parameter struct{ name, value string }

func newRESTXML() *restXML {
	return &restXML{byName: map[string]*restServed{}, others: map[string]bool{}}
}

func (d *restXML) speaks(said api.Dialect) bool {
	_, ok := said.(*api.RESTXML)
	return ok
}

func (d *restXML) serve(s *served) {
	to := &restServed{served: s, said: s.said.(*api.RESTXML)}
	for _, op := range s.operations {
		if op.Route != nil {
			to.routes = append(to.routes, op)
		}
	}
	slices.SortFunc(to.routes, func(a, b *api.Operation) int {
		return cmp.Or(b.Route.Conditions()-a.Route.Conditions(), strings.Compare(a.Name, b.Name))
	})
	d.byName[s.service.Name] = to
}

// match: where nothing tells whose a request is, a path of a queue's form is a queue's.
func (d *restXML) match(c *Call) claim {
	if c.Scope != "" && d.byName[c.Scope] == nil {
		return unclaimed
	}
	claimed := unclaimed
	c.rest = d.hosted(c.request)
	switch path := c.request.URL.Path; {
	case c.Scope != "" || c.rest.named:
		claimed = byAddress
	case c.rest.to != nil: // BUCKET.localhost, which may be any name of this machine
		claimed = byPath
	case !isRoot(path) && !isResource(path) && !strings.HasPrefix(path, "/_"): // as no bucket's name begins
		claimed = byPath
	}
	if c.rest.to == nil {
		c.rest.to = d.byName[c.Scope]
		for _, to := range d.byName {
			c.rest.to = cmp.Or(c.rest.to, to)
		}
	}
	if c.rest.to == nil {
		return unclaimed
	}
	return claimed
}

func (d *restXML) hasPath(*Call) bool { return true }

func (d *restXML) streams() bool { return true }

func (d *restXML) read(c *Call, _ []byte) *api.Error {
	r := c.rest
	r.locate(c.request)
	r.query = nil
	ok := utf8.ValidString(c.request.URL.Path)
	for part := range strings.SplitSeq(c.request.URL.RawQuery, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		var p parameter
		var fine [2]bool
		p.name, fine[0] = decodeForm([]byte(name))
		p.value, fine[1] = decodeForm([]byte(value))
		ok = ok && fine[0] && fine[1]
		r.query = append(r.query, p)
	}
	if !ok {
		return errInvalidURI
	}
	return nil
}

// locate finds the bucket and the key.
func (r *restRequest) locate(request *http.Request) {
	path := strings.TrimPrefix(request.URL.Path, "/")
	if r.bucket = r.host; r.host != "" {
		r.key = path
		return
	}
	r.bucket, r.key, _ = strings.Cut(path, "/")
}

// parameter is the first parameter of a name.
func (r *restRequest) parameter(name string) (string, bool) {
	for _, p := range r.query {
		if p.name == name {
			return p.value, true
		}
	}
	return "", false
}

func (d *restXML) find(c *Call) *served {
	if c.rest == nil {
		return nil
	}
	to := c.rest.to
	c.Operation = ""
	for _, op := range to.routes {
		if c.rest.isFor(op.Route, c.request.Method, c.request.Header) {
			c.Operation = op.Name
			break
		}
	}
	return to.served
}

// isFor reports whether a request is for an operation of a route. A parameter that
// means a part of the bucket or object does not let it be for the whole.
func (r *restRequest) isFor(route *api.Route, method string, header http.Header) bool {
	if route.Method != method || route.Bucket != (r.bucket != "") || route.Key != (r.key != "") {
		return false
	}
	for _, p := range route.Query {
		if value, ok := r.parameter(p.Name); !ok || p.Value != "" && p.Value != value {
			return false
		}
	}
	for _, name := range route.Headers {
		if header.Get(name) == "" {
			return false
		}
	}
	return !slices.ContainsFunc(r.query, func(p parameter) bool {
		return slices.Contains(r.to.said.Subresources, p.name) && !route.Asks(p.name)
	})
}

// refuse: a part of which AWS has operations and waxseal has none, or none of the method, is
// not implemented [S012]; anything else is not to be had by this method [S009].
func (d *restXML) refuse(c *Call) *api.Error {
	if c.Op != nil {
		return nil
	}
	r := c.rest
	if c.request.Method == http.MethodOptions && r.bucket != "" {
		return r.preflight(c.request.Header)
	}
	for _, p := range r.query {
		known := slices.Contains(r.to.said.Subresources, p.name)
		asked := slices.ContainsFunc(r.to.routes, func(op *api.Operation) bool { return op.Route.Asks(p.name) })
		if known && (!asked || slices.Contains(r.to.said.Lacking[p.name], c.request.Method)) {
			return errNotImplemented.Detailed("Header", p.name).Detailed("additionalMessage", "waxseal does not emulate the subresource "+p.name)
		}
	}
	if c.request.Method == http.MethodPost && r.bucket != "" && r.key == "" {
		return errNoForm.Detailed("Condition", "Bucket POST must be of the enclosure-type multipart/form-data")
	}
	kind := "SERVICE"
	switch {
	case r.key != "":
		kind = "OBJECT"
	case r.bucket != "":
		kind = "BUCKET"
	}
	return errMethodNotAllowed.Detailed("Method", c.request.Method).Detailed("ResourceType", kind)
}

// preflight is the answer to a browser that asks whether a page may make a request: no
// bucket has a CORS configuration [S139].
func (r *restRequest) preflight(header http.Header) *api.Error {
	if header.Get("Origin") == "" {
		return errNoOrigin
	}
	e := errNoCORS
	if exists := r.to.said.Exists; exists != nil && !exists(r.bucket) {
		e = e.With("CORSResponse: Bucket not found")
	}
	return e.Detailed("Method", cmp.Or(header.Get("Access-Control-Request-Method"), http.MethodOptions)).Detailed("ResourceType", "BUCKET")
}
