package wire

import (
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// Router finds the dialect of a request, and the service and the operation that
// it is for among those that were added. Its methods may be called from many
// goroutines once all are added.
type Router struct {
	dialects []dialect
}

// NewRouter is a router without services.
func NewRouter() *Router {
	query := &awsQuery{newForms()}
	return &Router{[]dialect{newAWSJSON(), query, &queryJSON{query}, &ec2Query{query.forms}, newRESTXML()}}
}

// Add adds a service with its operations. It panics where the service speaks a
// dialect that there is not.
func (t *Router) Add(s *api.Service) {
	operations := make(map[string]*api.Operation, len(s.Operations))
	for i := range s.Operations {
		operations[s.Operations[i].Name] = &s.Operations[i]
	}
	for _, d := range t.dialects {
		if d, ok := d.(*restXML); ok {
			d.others[s.Name] = true
		}
	}
	for _, said := range s.Dialects {
		d := t.dialectOf(said)
		if d == nil {
			panic(fmt.Sprintf("wire: %s speaks %s, which is no dialect", s.Name, said.Protocol()))
		}
		d.serve(&served{service: s, said: said, dialect: d, operations: operations})
	}
}

func (t *Router) dialectOf(said api.Dialect) dialect {
	for _, d := range t.dialects {
		if d.speaks(said) {
			return d
		}
	}
	return nil
}

// Match makes a call of a request, whose body it does not touch. scope is the
// service of the request's credential scope; empty: it has none.
//
// The dialect is the one with the surest claim, of two that are as sure the
// later one. Nothing is left without a dialect: what has no other's form is a
// Query request that says nothing, and refused as such.
func (t *Router) Match(r *http.Request, scope string) *Call { return t.MatchInto(new(Call), r, scope) }

// MatchInto is Match into room.
func (t *Router) MatchInto(c *Call, r *http.Request, scope string) *Call {
	*c = Call{Scope: scope, request: r, target: first(r, "X-Amz-Target"), media: mediaOf(r)}
	surest := unclaimed
	for _, d := range t.dialects {
		if claimed := d.match(c); claimed != unclaimed && claimed >= surest {
			c.dialect, surest = d, claimed
		}
		if surest == byName {
			break
		}
	}
	return c
}

// first is the first value of a header whose name is spelled as net/http keeps it.
func first(r *http.Request, name string) string {
	if values := r.Header[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// mediaOf is the media type of a request's body, without its parameters.
func mediaOf(r *http.Request) string {
	media := first(r, "Content-Type")
	if strings.HasPrefix(media, jsonMedia) && len(media) == len(jsonMedia)+len("1.0") { // nearly all are so short and plain
		return media
	}
	media, _, _ = mime.ParseMediaType(media)
	return media
}
