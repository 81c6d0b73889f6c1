package wire

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// awsQuery is the Query protocol, which answers in XML.
//
// See https://smithy.io/2.0/aws/protocols/aws-query-protocol.html.
type awsQuery struct{ *forms }

func (d *awsQuery) speaks(said api.Dialect) bool {
	_, ok := said.(*api.AWSQuery)
	return ok
}

func (d *awsQuery) serve(s *served) {
	said := s.said.(*api.AWSQuery)
	d.add(s, append([]string{said.Version}, said.Earlier...)...)
}

func (d *awsQuery) read(c *Call, body []byte) *api.Error {
	switch {
	case !d.readParameters(c, body):
		return errMalformed
	case c.hasAction:
		return nil
	case isForm(c):
		return errMissingAction
	default:
		c.dialect = d // XML, whatever the client accepts
		return ErrNothingThere
	}
}

// refuse: the endpoint of SQS has a version or not, and an operation or not
// [Q028]. The others know an operation by its version and do not find it:
// "Could not find operation GetUser for version 2010-05-09".
func (d *awsQuery) refuse(c *Call) *api.Error {
	said, _ := c.said.(*api.AWSQuery)
	known := said != nil && (!c.hasVersion || c.version == said.Version || slices.Contains(said.Earlier, c.version))
	switch {
	case known && c.Op != nil && !d.atResource(c):
		return nil
	case said != nil && said.Endpoint != "" && !known:
		return errNoSuchVersion.Withf("The requested version (%s) of service %s does not exist", c.version, said.Endpoint)
	case said != nil && said.Endpoint != "":
		return errInvalidAction.Withf("The action %s is not valid for this endpoint.", c.Operation)
	case !c.hasVersion:
		return errInvalidAction.Withf("Could not find operation %s for version NO_VERSION_SPECIFIED", c.Operation)
	default:
		return errInvalidAction.Withf("Could not find operation %s for version %s", c.Operation, c.version)
	}
}

func (d *awsQuery) decode(c *Call, in reflect.Type) (any, []api.Violation, *api.Error) {
	return d.bindParameters(c, &queryNotation, in)
}

func (d *awsQuery) result(w http.ResponseWriter, c *Call, out any, requestID string) {
	p, v := planned(out)
	buffer := buffers.Get().(*[]byte)
	b := appendXMLResult((*buffer)[:0], c, p, v, requestID)
	send(w, http.StatusOK, xmlMedia, requestID, b)
	keep(buffer, b)
}

const (
	xmlMedia  = "text/xml"
	xmlHeader = `<?xml version="1.0"?>` + "\n"
	// faultNamespace is that of errors that belong to no service.
	faultNamespace = "http://webservices.amazon.com/AWSFault/2005-15-09"
)

func appendXMLResult(b []byte, c *Call, p *plan, v reflect.Value, requestID string) []byte {
	b = append(append(append(b, xmlHeader+"<"...), c.Operation...), `Response xmlns="`...)
	if said, ok := c.said.(*api.AWSQuery); ok {
		b = append(b, said.Namespace...)
	}
	b = append(b, `">`...)
	if p.output() {
		b = appendResult(b, c.Operation+"Result", p, v)
	}
	b = append(b, "<ResponseMetadata><RequestId>"...)
	b = append(appendXMLText(b, requestID), "</RequestId></ResponseMetadata></"...)
	return append(append(b, c.Operation...), "Response>"...)
}

// appendResult prints the element around an output.
func appendResult(b []byte, result string, p *plan, v reflect.Value) []byte {
	at := len(b)
	b = opened(b, result)
	start := len(b)
	if b = appendMembers(b, &queryElements, p, v); len(b) == start {
		return append(append(append(b[:at], '<'), result...), "/>"...)
	}
	return closed(b, result)
}

func (d *awsQuery) failure(w http.ResponseWriter, c *Call, e *api.Error, status int, requestID string) {
	buffer := buffers.Get().(*[]byte)
	b := (*buffer)[:0]
	if isNothing(e) {
		b = append(b, "<UnknownOperationException/>\n"...)
	} else {
		said, _ := c.said.(*api.AWSQuery)
		b = appendXMLError(b, said, e, requestID)
	}
	send(w, status, xmlMedia, requestID, b)
	keep(buffer, b)
}

// isNothing reports whether an error says no more than that there is nothing to call [Q030].
func isNothing(e *api.Error) bool { return e.Code == ErrNothingThere.Code && e.Message == "" }

func appendXMLError(b []byte, said *api.AWSQuery, e *api.Error, requestID string) []byte {
	namespace, detail := faultNamespace, false
	if said != nil {
		detail = said.ErrorDetail
		if detail || e.Code != errInvalidAction.Code {
			namespace = said.Namespace
		}
	}
	b = append(append(append(b, xmlHeader+`<ErrorResponse xmlns="`...), namespace...), `"><Error><Type>`...)
	b = append(append(b, e.Fault.String()...), "</Type><Code>"...)
	b = append(appendXMLText(b, e.Query()), "</Code>"...)
	if message := queryMessage(e); message != "" {
		b = closed(appendXMLText(opened(b, "Message"), message), "Message")
	}
	if detail {
		b = append(b, "<Detail/>"...)
	}
	b = append(b, "</Error><RequestId>"...)
	return append(appendXMLText(b, requestID), "</RequestId></ErrorResponse>"...)
}

func queryMessage(e *api.Error) string {
	if e.QueryMessage != "" {
		return e.QueryMessage
	}
	return e.Message
}

// queryJSON is the Query protocol for clients that accept JSON.
type queryJSON struct{ *awsQuery }

func (d *queryJSON) serve(*served) {} // awsQuery has it

func (d *queryJSON) match(c *Call) claim {
	if !strings.Contains(c.request.Header.Get("Accept"), "application/json") {
		return unclaimed
	}
	return d.awsQuery.match(c)
}

const plainJSON = "application/json"

func (d *queryJSON) result(w http.ResponseWriter, c *Call, out any, requestID string) {
	p, v := planned(out)
	buffer := buffers.Get().(*[]byte)
	b := append(append(append((*buffer)[:0], `{"`...), c.Operation...), `Response":{`...)
	if p.output() {
		b = append(append(append(b, '"'), c.Operation...), `Result":`...)
		b = append(appendAccepted(b, p, &plainLayout, v), ',')
	}
	b = append(b, `"ResponseMetadata":{"RequestId":`...)
	b = append(appendString(b, requestID), "}}}"...)
	send(w, http.StatusOK, plainJSON, requestID, b)
	keep(buffer, b)
}

func (d *queryJSON) failure(w http.ResponseWriter, c *Call, e *api.Error, status int, requestID string) {
	if isNothing(e) {
		d.awsQuery.failure(w, c, e, status, requestID)
		return
	}
	buffer := buffers.Get().(*[]byte)
	b := append(appendString(append((*buffer)[:0], `{"Error":{"Code":`...), e.Query()), `,"Message":`...)
	b = append(appendString(b, queryMessage(e)), `,"Type":"`...)
	b = append(append(b, e.Fault.String()...), `"},"RequestId":`...)
	b = append(appendString(b, requestID), '}')
	send(w, status, plainJSON, requestID, b)
	keep(buffer, b)
}
