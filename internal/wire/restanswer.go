package wire

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/waxseal/waxseal/internal/api"
)

const (
	restMedia  = "application/xml"
	restHeader = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	schemaXSI  = "http://www.w3.org/2001/XMLSchema-instance"
)

// marked sets the headers that are on every answer [S002] [S017].
func (d *restXML) marked(h http.Header, c *Call, requestID string) {
	h.Set("X-Amz-Request-Id", requestID)
	h.Set("X-Amz-Id-2", api.HostID(requestID))
	if c.Service != nil {
		h.Set("Server", "Amazon"+c.Service.Title)
	}
}

func (d *restXML) result(w http.ResponseWriter, c *Call, out any, requestID string) {
	p, v := planned(out)
	status := http.StatusOK
	if c.Op != nil && c.Op.NoContent {
		status = http.StatusNoContent
	}
	var payload *field
	document := p.root != ""
	for _, f := range p.fields {
		fv := v.Field(f.index)
		switch f.rest.place {
		case inStatus:
			if n := fv.Int(); n != 0 {
				status = int(n)
			}
		case inBody:
			payload = f
		case inHeader, inHeaders:
			setHeader(w.Header(), f, fv)
		case inDocument:
			document = true
		default: // of inputs
		}
	}
	d.marked(w.Header(), c, requestID)
	switch {
	case c.rest != nil && c.rest.form != nil:
		d.posted(w, c)
	case payload != nil && payload.plan.shape == shapeStream:
		d.stream(w, c, status, v.Field(payload.index), requestID)
	case payload != nil:
		d.whole(w, c, status, payload, v.Field(payload.index))
	case document && status != http.StatusNoContent:
		root := p.root
		if root == "" {
			root = c.Operation + "Result"
		}
		d.document(w, c, status, root, p, v)
	default:
		switch h := w.Header(); {
		case !bodyAllowed(status):
		case c.request.Method != http.MethodHead:
			h.Set("Content-Length", "0")
		case h.Get("Content-Type") == "":
			h.Set("Content-Type", restMedia) // [S018]
		}
		w.WriteHeader(status)
	}
}

func bodyAllowed(status int) bool {
	return status != http.StatusNoContent && status != http.StatusNotModified
}

// whole answers with a member that is the body: a text as it is, or a document.
func (d *restXML) whole(w http.ResponseWriter, c *Call, status int, f *field, v reflect.Value) {
	switch {
	case f.leftOut(v):
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(status)
	case f.plan.shape == shapeString:
		d.send(w, c, status, "application/json", []byte(v.String()))
	case f.plan.shape == shapeBlob:
		d.send(w, c, status, "binary/octet-stream", v.Bytes())
	default:
		if f.plan.shape == shapePointer {
			v = v.Elem()
		}
		d.document(w, c, status, f.rest.name, f.plan.base(), v)
	}
}

// document answers with a structure as a document.
func (d *restXML) document(w http.ResponseWriter, c *Call, status int, root string, p *plan, v reflect.Value) {
	buffer := buffers.Get().(*[]byte)
	b := append((*buffer)[:0], restHeader...)
	attributes := ""
	if said, ok := c.said.(*api.RESTXML); ok && said.Namespace != "" {
		attributes = ` xmlns="` + said.Namespace + `"`
	}
	b = appendRESTElement(b, root, attributes, p, nil, v)
	if begin := "<" + root + attributes; string(b[len(restHeader):]) == begin+"></"+root+">" {
		b = append(b[:len(restHeader)], begin+"/>"...) // [S035]
	}
	d.send(w, c, status, restMedia, b)
	keep(buffer, b)
}

// send writes an answer that is whole; of one to HEAD the length alone.
func (d *restXML) send(w http.ResponseWriter, c *Call, status int, media string, body []byte) {
	h := w.Header()
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", media)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if c.request.Method != http.MethodHead {
		_, _ = w.Write(body) // a client that is gone does not read it
	}
}

// stream writes what an operation reads for the client. Where that fails before the
// first byte the answer is the error; later nothing is left but to close the connection,
// so that the client does not take a part for the whole.
func (d *restXML) stream(w http.ResponseWriter, c *Call, status int, v reflect.Value, requestID string) {
	if v.IsNil() {
		w.WriteHeader(status)
		return
	}
	body := v.Interface().(io.Reader)
	if closer, ok := body.(io.Closer); ok {
		defer func() { _ = closer.Close() }() // it was read; there is nothing to be lost
	}
	piece := make([]byte, 32<<10)
	n, err := io.ReadFull(body, piece)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		for _, f := range []string{"Content-Length", "Content-Type", "Content-Range", "Content-Encoding", "ETag"} {
			w.Header().Del(f)
		}
		c.WriteError(w, err, requestID)
		return
	}
	w.WriteHeader(status)
	if _, gone := w.Write(piece[:n]); gone != nil || err != nil {
		return
	}
	if _, err := io.CopyBuffer(w, onlyReader{body}, piece); err != nil {
		panic(http.ErrAbortHandler) // which net/http takes for this: it closes the connection
	}
}

// onlyReader hides what else a reader can do, so that it is read piece by piece.
type onlyReader struct{ io.Reader }

func (d *restXML) failure(w http.ResponseWriter, c *Call, e *api.Error, status int, requestID string) {
	d.marked(w.Header(), c, requestID)
	for _, h := range e.Headers {
		w.Header().Set(h.Name, h.Value)
	}
	if c.request.Method == http.MethodHead || !bodyAllowed(status) { // [S004]
		if bodyAllowed(status) {
			w.Header().Set("Content-Type", restMedia)
		}
		w.WriteHeader(status)
		return
	}
	b := append([]byte(nil), restHeader+"<Error>"...)
	b = appendDetail(appendDetail(b, "Code", e.Query()), "Message", queryMessage(e))
	for _, detail := range e.Details {
		b = appendDetail(b, detail.Name, detail.Value)
	}
	b = appendDetail(appendDetail(b, "RequestId", requestID), "HostId", api.HostID(requestID))
	d.send(w, c, status, restMedia, append(b, "</Error>"...))
}

// reword: S3 has words of its own for what AWS's front layer refuses elsewhere.
func (d *restXML) reword(c *Call, e *api.Error) *api.Error {
	if !e.Common {
		return e
	}
	switch e.Query() {
	case api.ErrInternal.Query():
		internal := *errInternalError
		internal.Cause = e.Cause
		return &internal
	case api.ErrMissingToken.Query():
		return errAuthorization.With("Unsupported Authorization Type").Detailed("ArgumentName", "Authorization").Detailed("ArgumentValue", c.request.Header.Get("Authorization"))
	case "SignatureDoesNotMatch":
		return errAuthorization.With("Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified").
			Detailed("ArgumentName", "Authorization").Detailed("ArgumentValue", c.request.Header.Get("Authorization"))
	case "IncompleteSignature":
		if c.request.Header.Get("Authorization") == "" {
			return errQueryParameters // [S122]
		}
		return errHeaderMalformed
	default:
		return e
	}
}

func appendDetail(b []byte, name, value string) []byte {
	return closed(appendRESTText(opened(b, name), value), name)
}

// setHeader sets the header that a member is, or those that the entries of a map are.
// The names of these are in lower case on the wire: botocore shows them as they come [S074].
func setHeader(h http.Header, f *field, v reflect.Value) {
	if f.leftOut(v) {
		return
	}
	if f.rest.place == inHeaders {
		for _, key := range sortedKeys(v) {
			h[f.rest.name+strings.ToLower(key.String())] = []string{encodeWords(v.MapIndex(key).String())}
		}
		return
	}
	if text := headerText(f.plan, v); text != "" || f.plan.base().shape == shapeString {
		h.Set(f.rest.name, text)
	}
}

func headerText(p *plan, v reflect.Value) string {
	switch p.shape {
	case shapePointer:
		return headerText(p.elem, v.Elem())
	case shapeList:
		texts := make([]string, v.Len())
		for i := range texts {
			texts[i] = headerText(p.elem, v.Index(i))
		}
		return strings.Join(texts, ",")
	case shapeTime:
		return timeOf(v).UTC().Format(http.TimeFormat)
	case shapeString:
		return v.String()
	default:
		return string(appendXMLScalar(nil, p, v))
	}
}

// encodeWords writes a value that is not ASCII as RFC 2047 has it, with the encoding in a
// capital letter [S074].
func encodeWords(s string) string {
	printable := true
	for _, r := range s {
		printable = printable && r >= ' ' && r != utf8.RuneError
	}
	if !printable {
		return strings.ReplaceAll(mime.BEncoding.Encode("UTF-8", s), "=?UTF-8?b?", "=?UTF-8?B?")
	}
	return strings.ReplaceAll(mime.QEncoding.Encode("UTF-8", s), "=?UTF-8?q?", "=?UTF-8?Q?") // which leaves ASCII alone
}

// appendRESTElement prints a value as an element; a list that is flat as one for each entry.
func appendRESTElement(dst []byte, name, attributes string, p *plan, l *layout, v reflect.Value) []byte {
	switch p.shape {
	case shapePointer:
		return appendRESTElement(dst, name, attributes, p.elem, l, v.Elem())
	case shapeStruct:
		return appendRESTStruct(dst, name, attributes, p, v)
	case shapeList:
		if l != nil && l.flat {
			for i := range v.Len() {
				dst = appendRESTElement(dst, name, attributes, p.elem, nil, v.Index(i))
			}
			return dst
		}
		dst = begun(dst, name, attributes)
		for i := range v.Len() {
			dst = appendRESTElement(dst, l.member, "", p.elem, nil, v.Index(i))
		}
		return closed(dst, name)
	case shapeMap, shapeStream:
		return dst // there are none in documents
	default:
		return closed(appendRESTScalar(begun(dst, name, attributes), p, v), name)
	}
}

func begun(dst []byte, name, attributes string) []byte {
	return append(append(append(append(dst, '<'), name...), attributes...), '>')
}

func appendRESTStruct(dst []byte, name, attributes string, p *plan, v reflect.Value) []byte {
	for _, f := range p.fields {
		if fv := v.Field(f.index); f.rest.attribute && !f.leftOut(fv) {
			if strings.HasPrefix(f.rest.name, "xsi:") {
				attributes += ` xmlns:xsi="` + schemaXSI + `"`
			}
			attributes += " " + f.rest.name + `="` + string(appendRESTText(nil, headerText(f.plan, fv))) + `"`
		}
	}
	dst = begun(dst, name, attributes)
	mixed := mixedOf(v)
	later := map[string]int{}
	for _, member := range mixed {
		later[member]++
	}
	for _, f := range p.fields {
		fv := v.Field(f.index)
		switch {
		case f.rest.place != inDocument || f.rest.attribute || f.leftOut(fv):
		case f.rest.text:
			dst = appendRESTText(dst, headerText(f.plan, fv))
		case later[f.member] > 0:
			dst = appendRESTElement(dst, f.rest.name, "", f.plan, &f.rest.layout, fv.Slice(0, fv.Len()-later[f.member]))
		default:
			dst = appendRESTElement(dst, f.rest.name, "", f.plan, &f.rest.layout, fv)
		}
	}
	for _, member := range mixed {
		f := p.fields[slices.IndexFunc(p.fields, func(f *field) bool { return f.member == member })]
		list := v.Field(f.index)
		dst = appendRESTElement(dst, f.rest.name, "", f.plan.elem, nil, list.Index(list.Len()-later[member]))
		later[member]--
	}
	return closed(dst, name)
}

// mixedOf are the members of a structure whose elements stand in one order, in that order.
func mixedOf(v reflect.Value) []string {
	if !v.CanAddr() {
		return nil
	}
	if m, ok := v.Addr().Interface().(api.Mixed); ok {
		return m.Mixed()
	}
	return nil
}

func appendRESTScalar(dst []byte, p *plan, v reflect.Value) []byte {
	switch p.shape {
	case shapeString:
		return appendRESTText(dst, v.String())
	case shapeTime:
		return timeOf(v).UTC().Truncate(time.Millisecond).AppendFormat(dst, "2006-01-02T15:04:05.000Z")
	default:
		return appendXMLScalar(dst, p, v)
	}
}

// appendRESTText escapes a text. Control characters, which keys may have and XML has
// not, are references all the same, as with AWS: clients ask for encoded keys.
func appendRESTText(dst []byte, s string) []byte {
	for {
		n := strings.IndexFunc(s, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' })
		if n < 0 {
			return appendXMLText(dst, s)
		}
		dst = append(appendXMLText(dst, s[:n]), "&#x"...)
		dst = append(strconv.AppendUint(dst, uint64(s[n]), 16), ';')
		s = s[n+1:]
	}
}
