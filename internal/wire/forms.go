package wire

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// forms is what the dialects have in common whose input comes as parameters, in
// the URL, in a form-encoded body or in both: Query, with both of its answers,
// and EC2's. Their requests are told apart by the service that they are for.
type forms struct {
	rpc

	byName    map[string]*served // as credential scopes name services
	byVersion map[string]*served
	byAction  map[string]*served // nil where several have it: the action tells nothing
	byPath    *served            // whose resources have paths
}

func newForms() *forms {
	return &forms{byName: map[string]*served{}, byVersion: map[string]*served{}, byAction: map[string]*served{}}
}

const formMedia = "application/x-www-form-urlencoded"

// add adds a service with the versions of its API.
func (f *forms) add(s *served, versions ...string) {
	f.byName[s.service.Name] = s
	for _, version := range versions {
		f.byVersion[version] = s
	}
	for name := range s.operations {
		if _, taken := f.byAction[name]; taken {
			f.byAction[name] = nil
			continue
		}
		f.byAction[name] = s
	}
	if s.service.PathMember != "" {
		f.byPath = s
	}
}

// isForm reports whether a request's body is a form.
func isForm(c *Call) bool { return c.media == formMedia && c.request.Method == http.MethodPost }

// match: a request without an action has no form of its own.
func (f *forms) match(c *Call) claim {
	if isForm(c) || strings.Contains(c.request.URL.RawQuery, "Action=") {
		return byForm
	}
	return fallback
}

// readParameters parses the parameters: those of the URL, which win, and those
// of the body. It reports whether they are well-formed.
func (f *forms) readParameters(c *Call, body []byte) bool {
	c.body, c.isForm = body, true
	t := newTree(kindObject)
	ok := t.parseForm([]byte(c.request.URL.RawQuery))
	if ok && isForm(c) {
		ok = t.parseForm(body)
	}
	if !ok {
		t.release()
		return false
	}
	c.tree = t
	c.version, c.hasVersion = c.Parameter("Version")
	c.Operation, c.hasAction = c.Parameter("Action")
	return true
}

// bindParameters makes an input of the parameters.
func (f *forms) bindParameters(c *Call, n *notation, in reflect.Type) (any, []api.Violation, *api.Error) {
	t := c.tree
	if t == nil {
		return nil, nil, n.malformed // it could not be read
	}
	c.tree = nil
	defer t.release()
	return bind(t, n, in, c.defaults)
}

// find goes by the credential scope, the version, the path, and at last by an
// action that one service alone has.
func (f *forms) find(c *Call) *served {
	if s := f.byName[c.Scope]; s != nil {
		return s
	}
	if s := f.byVersion[c.version]; s != nil {
		return s
	}
	if isResource(c.request.URL.Path) {
		return f.byPath
	}
	return f.byAction[c.Operation]
}

// atResource reports whether the operation is asked for at the path of a
// resource, where it is not to be had.
func (f *forms) atResource(c *Call) bool {
	return c.Op != nil && c.Op.AtRoot && c.ResourceMember() != ""
}
