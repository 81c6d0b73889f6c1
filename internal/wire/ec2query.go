package wire

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// ec2Query is EC2's Query protocol: lists by number alone, <item> elements, no
// Result element, and errors of its own form [X001]-[X005] [X009].
//
// See https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html.
type ec2Query struct{ *forms }

var (
	ec2Notation = notation{parameters: true, flat: true, malformed: errEC2Value}
	ec2Elements = elements{name: func(f *field) string { return lowerFirst(f.name) }, layout: &layout{member: "item"}}
)

func (d *ec2Query) speaks(said api.Dialect) bool {
	_, ok := said.(*api.EC2Query)
	return ok
}

func (d *ec2Query) serve(s *served) { d.add(s, s.said.(*api.EC2Query).Version) }

// match: a credential scope tells at once, and so does a host where there is no
// scope. Another request is read as Query, and its version finds the service.
func (d *ec2Query) match(c *Call) claim {
	name := c.Scope
	if name == "" {
		name, _, _ = strings.Cut(c.request.Host, ".")
	}
	if s := d.byName[name]; s != nil && d.speaks(s.said) {
		return byAddress
	}
	return unclaimed
}

func (d *ec2Query) read(c *Call, body []byte) *api.Error {
	switch {
	case !d.readParameters(c, body):
		return errEC2Form
	case !c.hasAction:
		return errMissingAction
	}
	return nil
}

// refuse does not look at the version: there are dozens of earlier ones, and the
// operations of each are among those of the present one.
func (d *ec2Query) refuse(c *Call) *api.Error {
	if c.Op == nil {
		return errInvalidAction.Withf("The action %s is not valid for this web service.", c.Operation) // [X015]
	}
	return nil
}

func (d *ec2Query) decode(c *Call, in reflect.Type) (any, []api.Violation, *api.Error) {
	return d.bindParameters(c, &ec2Notation, in)
}

// result: an operation that has no output says that it is done [X049].
func (d *ec2Query) result(w http.ResponseWriter, c *Call, out any, requestID string) {
	p, v := planned(out)
	buffer := buffers.Get().(*[]byte)
	b := append(append(append((*buffer)[:0], xmlHeader+"<"...), c.Operation...), `Response xmlns="`...)
	if said, ok := c.said.(*api.EC2Query); ok {
		b = append(b, said.Namespace...)
	}
	b = closed(appendXMLText(append(b, `"><requestId>`...), requestID), "requestId")
	if p.output() {
		b = appendMembers(b, &ec2Elements, p, v)
	} else {
		b = append(b, "<return>true</return>"...)
	}
	b = append(append(append(b, "</"...), c.Operation...), "Response>"...)
	send(w, http.StatusOK, xmlMedia, requestID, b)
	keep(buffer, b)
}

func (d *ec2Query) failure(w http.ResponseWriter, _ *Call, e *api.Error, status int, requestID string) {
	buffer := buffers.Get().(*[]byte)
	b := append((*buffer)[:0], xmlHeader+"<Response><Errors><Error><Code>"...)
	b = append(appendXMLText(b, e.Query()), "</Code><Message>"...)
	b = append(appendXMLText(b, queryMessage(e)), "</Message></Error></Errors><RequestID>"...)
	b = append(appendXMLText(b, requestID), "</RequestID></Response>"...)
	send(w, status, xmlMedia, requestID, b)
	keep(buffer, b)
}

// reword: EC2 has words of its own for credentials and signatures that are not
// valid [X010], and for those that have expired.
func (d *ec2Query) reword(_ *Call, e *api.Error) *api.Error {
	switch e.Query() {
	case api.ErrInvalidToken.Query(), "SignatureDoesNotMatch":
		return errAuthFailure
	case api.ErrExpiredToken.Query():
		return errRequestExpired
	default:
		return e
	}
}

// rewording is a dialect that words errors of authentication in its own way.
type rewording interface {
	reword(c *Call, e *api.Error) *api.Error
}
