package wire

import (
	"encoding/base64"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// elements is how the answers of a dialect write members.
type elements struct {
	// name is that of a member; nil: Query's.
	name func(*field) string
	// layout is that of every list and map; nil: that of the member's tag.
	layout *layout
}

var queryElements elements

// appendMembers prints a structure's members as elements, in the order of declaration.
func appendMembers(dst []byte, e *elements, p *plan, v reflect.Value) []byte {
	for _, f := range p.fields {
		fv := v.Field(f.index)
		if f.leftOut(fv) {
			continue
		}
		name, l := f.query, &f.layout
		if e.name != nil {
			name = e.name(f)
		}
		if e.layout != nil {
			l = e.layout
		}
		dst = appendElement(dst, e, name, f.plan, l, fv)
	}
	return dst
}

// inner is the layout of lists and maps within lists and maps, which no tag describes.
func (e *elements) inner() *layout {
	if e.layout != nil {
		return e.layout
	}
	return &plainLayout
}

// appendElement prints a value as an element, a flattened list or map as one for each entry.
func appendElement(dst []byte, e *elements, name string, p *plan, l *layout, v reflect.Value) []byte {
	switch p.shape {
	case shapePointer:
		return appendElement(dst, e, name, p.elem, l, v.Elem())
	case shapeList, shapeMap:
		entries := appendListEntries
		if p.shape == shapeMap {
			entries = appendMapEntries
		}
		if l.flat {
			return entries(dst, e, name, p, l, v)
		}
		inner := l.member
		if p.shape == shapeMap {
			inner = "entry"
		}
		if v.Len() == 0 {
			return append(append(append(dst, '<'), name...), "/>"...)
		}
		return closed(entries(opened(dst, name), e, inner, p, l, v), name)
	case shapeStruct:
		return closed(appendMembers(opened(dst, name), e, p, v), name)
	default:
		return closed(appendXMLScalar(opened(dst, name), p, v), name)
	}
}

func appendListEntries(dst []byte, e *elements, name string, p *plan, _ *layout, v reflect.Value) []byte {
	for i := range v.Len() {
		dst = appendElement(dst, e, name, p.elem, e.inner(), v.Index(i))
	}
	return dst
}

func appendMapEntries(dst []byte, e *elements, name string, p *plan, l *layout, v reflect.Value) []byte {
	for _, key := range sortedKeys(v) {
		dst = opened(opened(dst, name), l.key)
		dst = closed(appendXMLText(dst, key.String()), l.key)
		dst = appendElement(dst, e, l.value, p.elem, e.inner(), v.MapIndex(key))
		dst = closed(dst, name)
	}
	return dst
}

func opened(dst []byte, name string) []byte {
	return append(append(append(dst, '<'), name...), '>')
}

func closed(dst []byte, name string) []byte {
	return append(append(append(dst, "</"...), name...), '>')
}

func appendXMLScalar(dst []byte, p *plan, v reflect.Value) []byte {
	switch p.shape {
	case shapeString:
		return appendXMLText(dst, v.String())
	case shapeBool:
		return strconv.AppendBool(dst, v.Bool())
	case shapeInt:
		return strconv.AppendInt(dst, v.Int(), 10)
	case shapeFloat:
		return strconv.AppendFloat(dst, v.Float(), 'g', -1, 64)
	case shapeBlob:
		return base64.StdEncoding.AppendEncode(dst, v.Bytes())
	default: // shapeTime
		return appendISO(dst, timeOf(v))
	}
}

// appendISO prints a time to the second, or to the millisecond where that is not zero.
func appendISO(dst []byte, t time.Time) []byte {
	t = t.UTC().Truncate(time.Millisecond)
	if t.Nanosecond() == 0 {
		return t.AppendFormat(dst, "2006-01-02T15:04:05Z")
	}
	return t.AppendFormat(dst, "2006-01-02T15:04:05.000Z")
}

// appendXMLText escapes a text. A carriage return is a reference, because a
// parser makes a line feed of a plain one [Q097]. Characters that no XML
// 1.0 document can hold, not even as a reference, become U+FFFD.
func appendXMLText(dst []byte, s string) []byte {
	last := 0
	for i := 0; i < len(s); {
		if plainXML[s[i]] {
			i++
			continue
		}
		c, size := utf8.DecodeRuneInString(s[i:])
		if escape := escapeXML(c, size); escape != "" {
			dst = append(append(dst, s[last:i]...), escape...)
			last = i + size
		}
		i += size
	}
	return append(dst, s[last:]...)
}

// plainXML are the bytes that are characters and need no escape.
var plainXML = func() (plain [256]bool) {
	for c := range rune(utf8.RuneSelf) {
		plain[c] = escapeXML(c, 1) == ""
	}
	return plain
}()

func escapeXML(c rune, size int) string {
	switch {
	case c == '&':
		return "&amp;"
	case c == '<':
		return "&lt;"
	case c == '>':
		return "&gt;"
	case c == '"':
		return "&quot;"
	case c == '\r':
		return "&#xD;"
	case c < ' ' && c != '\t' && c != '\n', c == 0xFFFE, c == 0xFFFF, c == utf8.RuneError && size == 1:
		return "\uFFFD"
	default:
		return ""
	}
}
