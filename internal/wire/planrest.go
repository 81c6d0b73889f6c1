package wire

import (
	"cmp"
	"reflect"
	"strings"
)

// place is where a member stands in a request or answer of REST-XML.
type place uint8

const (
	inDocument place = iota
	inPath
	inQuery
	inHeader
	inHeaders // those with a prefix
	inBody
	inStatus
)

// rest is how REST-XML spells a member.
type rest struct {
	place place
	// name is that of the parameter or header, the prefix of headers, the element; of
	// the body, the root of its document.
	name   string
	layout layout // of a list in a document
	// attribute: the member is an attribute of the element that its structure is;
	// text: it is that element's own text.
	attribute, text bool
}

// element is the name under which a document has the member as a child; empty: it has not.
func (r *rest) element() string {
	switch {
	case r.place != inDocument || r.text:
		return ""
	case r.attribute:
		return attributeMark + r.name
	default:
		return r.name
	}
}

// attributeMark begins the names of an element's attributes in the tree.
const attributeMark = "@"

func parseRest(f *field, tag reflect.StructTag, bad func(string, ...any)) rest {
	r := rest{name: f.name, layout: layout{member: "member"}}
	kind, name, named := strings.Cut(tag.Get("rest"), "=")
	switch {
	case kind == "":
	case kind == "path" && !named:
		r.place = inPath
	case kind == "query" && named:
		r.place = inQuery
	case kind == "header" && named:
		r.place = inHeader
	case kind == "headers" && named:
		r.place = inHeaders
		if f.plan.shape != shapeMap || f.plan.elem.shape != shapeString {
			bad("headers with a prefix are a map of strings")
		}
	case kind == "body":
		r.place = inBody
	case kind == "status" && !named:
		r.place = inStatus
	default:
		bad("rest:%q", tag.Get("rest"))
	}
	r.name = cmp.Or(name, r.name)
	if kind == "" && f.plan.shape == shapeStream {
		r.place = inBody
	}
	if _, ok := tag.Lookup("xml"); ok {
		bad("the tag xml is encoding/xml's; here it is called element")
	}
	for i, part := range strings.Split(tag.Get("element"), ",") {
		key, value, _ := strings.Cut(part, "=")
		switch {
		case i == 0:
			r.name = cmp.Or(part, r.name)
		case part == "flat":
			r.layout.flat = true
		case part == "text":
			r.text = true
		case key == "member":
			r.layout.member = value
		case key == "attr":
			r.name, r.attribute = value, true
		default:
			bad("element:%q: no such option as %q", tag.Get("element"), part)
		}
	}
	return r
}
