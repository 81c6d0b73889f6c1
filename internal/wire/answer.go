package wire

import (
	"net/http"
	"reflect"
	"strconv"
	"sync"

	"github.com/waxseal/waxseal/internal/api"
)

// buffers hold answers while they are made.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// WriteResult answers a call with the output of its operation, a pointer to a
// shape. It is one write, with its length announced. The service speaks the
// call's protocol.
//
// AWS sends X-Amz-Crc32 with the answers of DynamoDB alone, so none is sent here.
func (c *Call) WriteResult(w http.ResponseWriter, s *api.Service, out any, requestID string) {
	v := reflect.ValueOf(out).Elem()
	p := planOf(v.Type())
	buffer := buffers.Get().(*[]byte)
	b := (*buffer)[:0]
	switch c.Protocol {
	case JSON:
		// An operation without output answers nothing at all, not an empty object.
		if p.output() {
			b = appendJSON(b, p, v)
		}
	case QueryJSON:
		b = append(append(append(b, `{"`...), c.Operation...), `Response":{`...)
		if p.output() {
			b = append(append(append(b, '"'), c.Operation...), `Result":`...)
			b = append(appendAccepted(b, p, &plainLayout, v), ',')
		}
		b = append(b, `"ResponseMetadata":{"RequestId":`...)
		b = append(appendString(b, requestID), "}}}"...)
	default:
		b = appendXMLResult(b, c.Operation, s.Query.Namespace, p, v, requestID)
	}
	c.write(w, s, http.StatusOK, requestID, b)
	keep(buffer, b)
}

// JSONOf is an output, a pointer to a shape, as plain JSON.
func JSONOf(out any) []byte {
	v := reflect.ValueOf(out).Elem()
	return appendJSON(nil, planOf(v.Type()), v)
}

func appendXMLResult(b []byte, operation, namespace string, p *plan, v reflect.Value, requestID string) []byte {
	b = append(append(append(b, xmlHeader+"<"...), operation...), `Response xmlns="`...)
	b = append(append(b, namespace...), `">`...)
	if p.output() {
		b = appendResult(b, operation+"Result", p, v)
	}
	b = append(b, "<ResponseMetadata><RequestId>"...)
	b = append(appendXMLText(b, requestID), "</RequestId></ResponseMetadata></"...)
	return append(append(b, operation...), "Response>"...)
}

// appendResult prints the element around an output.
func appendResult(b []byte, result string, p *plan, v reflect.Value) []byte {
	at := len(b)
	b = opened(b, result)
	start := len(b)
	if b = appendMembers(b, p, v); len(b) == start {
		return append(append(append(b[:at], '<'), result...), "/>"...)
	}
	return closed(b, result)
}

const (
	xmlHeader = `<?xml version="1.0"?>` + "\n"
	// faultNamespace is that of errors that belong to no service.
	faultNamespace = "http://webservices.amazon.com/AWSFault/2005-15-09"
)

// WriteError answers a call with an error: an *api.Error as it is, any other as
// an internal failure. s is nil where the call is for no known service.
func (c *Call) WriteError(w http.ResponseWriter, s *api.Service, err error, requestID string) {
	e := api.AsError(err)
	buffer := buffers.Get().(*[]byte)
	b := (*buffer)[:0]
	switch {
	case c.Protocol == JSON:
		b = appendJSONError(b, s, e)
		if s != nil && s.JSON != nil && s.JSON.QueryCompatible {
			w.Header().Set("X-Amzn-Query-Error", e.Query()+";"+e.Fault.String())
		}
	case e.Code == ErrNothingThere.Code && e.Message == "":
		b = append(b, "<UnknownOperationException/>\n"...)
	case c.Protocol == QueryJSON:
		b = append(appendString(append(b, `{"Error":{"Code":`...), e.Query()), `,"Message":`...)
		b = append(appendString(b, queryMessage(e)), `,"Type":"`...)
		b = append(append(b, e.Fault.String()...), `"},"RequestId":`...)
		b = append(appendString(b, requestID), '}')
	default:
		b = appendXMLError(b, s, e, requestID)
	}
	c.write(w, s, e.HTTPStatus(), requestID, b)
	keep(buffer, b)
}

// appendJSONError prints the error's type and message. AWS's front layer writes
// Message, the services message; an empty one is not there at all [K004].
func appendJSONError(b []byte, s *api.Service, e *api.Error) []byte {
	namespace := ""
	if s != nil && s.JSON != nil {
		namespace = s.JSON.Namespace
		if e.Common {
			namespace = s.JSON.CommonNamespace
		}
	}
	key := `,"message":`
	if e.Common && namespace != "" || e.Code == errSerialization.Code {
		key = `,"Message":`
	}
	if namespace != "" {
		namespace += "#"
	}
	b = appendString(append(b, `{"__type":`...), namespace+e.Code)
	if e.Message != "" {
		b = appendString(append(b, key...), e.Message)
	}
	if e.Reason != "" {
		b = appendString(append(b, `,"Reason":`...), e.Reason)
	}
	return append(b, '}')
}

func appendXMLError(b []byte, s *api.Service, e *api.Error, requestID string) []byte {
	namespace, detail := faultNamespace, false
	if s != nil && s.Query != nil {
		detail = s.Query.ErrorDetail
		if detail || e.Code != errInvalidAction.Code {
			namespace = s.Query.Namespace
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

func (c *Call) write(w http.ResponseWriter, s *api.Service, status int, requestID string, body []byte) {
	h := w.Header()
	var media string
	switch c.Protocol {
	case JSON:
		minor := c.minor
		if s != nil && s.JSON != nil {
			minor = s.JSON.Version
		}
		media = jsonMedia + minor
	case QueryJSON:
		media = "application/json"
	default:
		media = "text/xml"
	}
	// The names are spelled as Header keeps them.
	values := [...]string{media, requestID, strconv.Itoa(len(body))}
	h["Content-Type"], h["X-Amzn-Requestid"], h["Content-Length"] = values[0:1:1], values[1:2:2], values[2:3:3]
	w.WriteHeader(status)
	// A client that is gone does not read the answer; there is nobody to tell.
	_, _ = w.Write(body)
}

// keep puts a buffer back, unless an unusually large answer made it large.
func keep(buffer *[]byte, b []byte) {
	if cap(b) <= 1<<16 {
		*buffer = b[:0]
		buffers.Put(buffer)
	}
}
