package wire

import (
	"cmp"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
)

// maxDocument is how long a body may be that is read whole: one that deletes 1,000 keys
// of 1,024 characters, each written as a reference, is below it.
const maxDocument = 8 << 20

func (d *restXML) decode(c *Call, in reflect.Type) (any, []api.Violation, *api.Error) {
	v := reflect.New(in)
	b := restBinder{binder: binder{notation: notation{parameters: true, malformed: errMalformedXML}}, request: c.request, restRequest: c.rest, operation: c.Operation}
	for _, f := range planOf(in).fields {
		b.member = f.member
		b.path = append(b.path[:0], step{name: f.rest.name})
		if err := b.place(f, v.Elem().Field(f.index)); err != nil {
			return nil, nil, err
		}
	}
	return v.Interface(), b.violations, nil
}

// restBinder fills one input from a request of REST-XML.
type restBinder struct {
	binder
	*restRequest
	request   *http.Request
	operation string
}

// place binds one member of an input from where it stands.
func (b *restBinder) place(f *field, v reflect.Value) *api.Error {
	switch f.rest.place {
	case inPath:
		b.fromPath(f, v)
	case inQuery:
		value, present := b.parameter(f.rest.name)
		b.named(f, value, present, v)
	case inHeader:
		values := b.request.Header.Values(f.rest.name)
		b.named(f, strings.Join(values, ","), len(values) > 0, v)
	case inHeaders:
		b.prefixed(f, v)
	case inBody:
		return b.body(f, v)
	default: // a member of outputs alone
	}
	return nil
}

func (b *restBinder) fromPath(f *field, v reflect.Value) {
	value := b.key
	if f.member == "Bucket" {
		value = b.bucket
	}
	b.named(f, value, value != "", v)
}

// named binds a member that is a text by itself. One that is of the wrong type breaks a
// constraint, for the service to word.
func (b *restBinder) named(f *field, text string, present bool, v reflect.Value) {
	p := f.plan.base()
	if text == "" && p.shape != shapeString {
		present = false // [S045] [S146]
	}
	if !present {
		if f.required {
			b.violations = append(b.violations, api.Violation{Member: b.member, Path: f.rest.name, Null: true, Constraint: textNull})
		}
		return
	}
	to := v
	if f.plan.shape == shapePointer {
		v.Set(reflect.New(p.typ))
		to = v.Elem()
	}
	if !b.text(f, p, text, to) {
		b.violate(text, true, api.RuleType, "Member must be of the right type")
		return
	}
	if f.checked {
		b.check(f, v)
	}
}

// text sets a value from a header or a parameter.
func (b *restBinder) text(f *field, p *plan, text string, v reflect.Value) bool {
	switch p.shape {
	case shapeTime:
		t, err := parseRESTTime(text)
		if err != nil && f.rest.place == inHeader {
			return true // a condition whose date is none is no condition
		}
		setTime(v, t)
		return err == nil
	case shapeBool:
		value, err := strconv.ParseBool(strings.ToLower(text))
		v.SetBool(value)
		return err == nil
	case shapeList:
		for part := range strings.SplitSeq(text, ",") {
			element := reflect.New(p.elem.typ).Elem()
			if p.elem.shape != shapeString {
				return false
			}
			element.SetString(strings.TrimSpace(part))
			v.Set(reflect.Append(v, element))
		}
		return true
	case shapeString:
		v.SetString(text)
		return true
	default:
		return b.textValue(p, text, v) == nil
	}
}

func parseRESTTime(text string) (time.Time, error) {
	if t, err := http.ParseTime(text); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339Nano, text)
}

// prefixed binds the headers with a prefix, by the rest of their names in lower case [S074].
func (b *restBinder) prefixed(f *field, v reflect.Value) {
	m := reflect.MakeMap(f.plan.typ)
	for name, values := range b.request.Header {
		name = strings.ToLower(name)
		if rest, ok := strings.CutPrefix(name, f.rest.name); ok {
			value := strings.Join(values, ",")
			if b.form == nil { // the fields of a form are no headers
				value = decodeWords(value)
			}
			m.SetMapIndex(reflect.ValueOf(rest).Convert(f.plan.typ.Key()), reflect.ValueOf(value).Convert(f.plan.elem.typ))
		}
	}
	if m.Len() > 0 {
		v.Set(m)
		b.check(f, v)
	}
}

// decodeWords is a value of a header as it was meant where it is written in RFC 2047's way.
func decodeWords(s string) string {
	if !strings.HasPrefix(s, "=?") {
		return s
	}
	if decoded, err := new(mime.WordDecoder).DecodeHeader(s); err == nil {
		return decoded
	}
	return s
}

// body binds what the request carries: as it comes, as a text, or as a document.
func (b *restBinder) body(f *field, v reflect.Value) *api.Error {
	body, ok := b.request.Body.(*api.Body)
	if !ok && b.request.Body != nil {
		body = api.NewBody(b.request.Body, b.request.ContentLength, nil)
	}
	if f.plan.shape == shapeStream {
		v.Set(reflect.ValueOf(body))
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(body, maxDocument+1))
	switch {
	case err != nil:
		return api.AsError(err)
	case len(text) > maxDocument:
		return errMaxMessage
	}
	if err := b.checkDocument(body, text); err != nil {
		return err
	}
	switch f.plan.shape {
	case shapeString:
		v.SetString(string(text))
		return nil
	case shapeBlob:
		v.SetBytes(text)
		return nil
	default:
		return b.document(f, text, v)
	}
}

// checkDocument compares a document with the checksums that the request gives, before or behind it.
func (b *restBinder) checkDocument(body *api.Body, text []byte) *api.Error {
	check := b.to.said.CheckDocument
	if check == nil {
		return nil
	}
	return check(b.operation, func(name string) string { return cmp.Or(b.request.Header.Get(name), body.Trailer(name)) }, text)
}

// document binds a document. No document at all is an absent member.
func (b *restBinder) document(f *field, text []byte, v reflect.Value) *api.Error {
	if len(text) == 0 {
		if f.required {
			return errMalformedXML
		}
		return nil
	}
	b.tree = newTree(kindText)
	defer b.release()
	root, ok := b.parseXML(text)
	if !ok || root != f.rest.name {
		return errMalformedXML
	}
	if err := b.markup(f.plan, nil, 0, v); err != nil {
		return err
	}
	return nil
}

// markup binds an element to a value. What is not as the shape has it is malformed:
// unknown elements, missing and doubled ones, values outside an enum [S010].
func (b *restBinder) markup(p *plan, l *layout, at int32, v reflect.Value) *api.Error {
	switch p.shape {
	case shapePointer:
		v.Set(reflect.New(p.elem.typ))
		return b.markup(p.elem, l, at, v.Elem())
	case shapeStruct:
		return b.elementsOf(p, at, v)
	case shapeList:
		return b.listOf(p, l, at, v)
	case shapeMap, shapeStream:
		return errMalformedXML
	default:
		text := b.nodes[at].text
		if b.hasElements(at) {
			return errMalformedXML
		}
		if p.shape != shapeString {
			text = strings.Trim(text, xmlSpace)
		}
		return b.markedText(p, text, v)
	}
}

func (b *restBinder) markedText(p *plan, text string, v reflect.Value) *api.Error {
	if p.shape == shapeTime { // S3 has them in the form of headers, too
		at, err := parseRESTTime(text)
		if err != nil {
			return errMalformedXML
		}
		setTime(v, at)
		return nil
	}
	if b.textValue(p, text, v) != nil {
		return errMalformedXML
	}
	return nil
}

// children are the positions of a node's children.
func (b *restBinder) children(at int32) func(func(int32) bool) {
	return func(yield func(int32) bool) {
		for c := b.nodes[at].first; c != 0; c = b.nodes[c].next {
			if !yield(c) {
				return
			}
		}
	}
}

func (b *restBinder) isAttribute(at int32) bool {
	return strings.HasPrefix(string(b.nodes[at].name), attributeMark)
}

func (b *restBinder) hasElements(at int32) bool {
	for c := range b.children(at) {
		if !b.isAttribute(c) {
			return true
		}
	}
	return false
}

// elementsOf binds the children of an element to the members of a structure.
func (b *restBinder) elementsOf(p *plan, at int32, v reflect.Value) *api.Error {
	if strings.Trim(b.nodes[at].text, xmlSpace) != "" {
		return errMalformedXML
	}
	bound := make([]bool, len(p.fields))
	for c := range b.children(at) {
		i, known := p.byXML[string(b.nodes[c].name)]
		if !known {
			if b.isAttribute(c) {
				continue
			}
			return errMalformedXML
		}
		f := p.fields[i]
		member := v.Field(f.index)
		if f.plan.shape == shapeList && f.rest.layout.flat {
			if err := b.oneMore(f.plan, c, member); err != nil {
				return err
			}
		} else if bound[i] {
			return errMalformedXML
		} else if err := b.markup(f.plan, &f.rest.layout, c, member); err != nil {
			return err
		}
		bound[i] = true
	}
	return b.judge(p, bound, v)
}

// judge checks what is there, and that nothing is missing.
func (b *restBinder) judge(p *plan, bound []bool, v reflect.Value) *api.Error {
	before := len(b.violations)
	for i, f := range p.fields {
		if bound[i] && f.checked {
			b.check(f, v.Field(f.index))
		}
		if len(b.violations) > before || f.required && !bound[i] {
			b.violations = b.violations[:before]
			return errMalformedXML
		}
	}
	return nil
}

func (b *restBinder) oneMore(p *plan, at int32, v reflect.Value) *api.Error {
	element := reflect.New(p.elem.typ).Elem()
	if err := b.markup(p.elem, nil, at, element); err != nil {
		return err
	}
	v.Set(reflect.Append(v, element))
	return nil
}

func (b *restBinder) listOf(p *plan, l *layout, at int32, v reflect.Value) *api.Error {
	if l == nil || strings.Trim(b.nodes[at].text, xmlSpace) != "" {
		return errMalformedXML
	}
	v.Set(reflect.MakeSlice(p.typ, 0, int(b.nodes[at].count)))
	for c := range b.children(at) {
		switch {
		case b.isAttribute(c):
		case string(b.nodes[c].name) != l.member:
			return errMalformedXML
		default:
			if err := b.oneMore(p, c, v); err != nil {
				return err
			}
		}
	}
	return nil
}
