package wire

import (
	"encoding/base64"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// appendJSON prints a value as the JSON protocols do.
func appendJSON(dst []byte, p *plan, v reflect.Value) []byte {
	switch p.shape {
	case shapePointer:
		return appendJSON(dst, p.elem, v.Elem())
	case shapeStruct:
		dst = append(dst, '{')
		comma := false
		for _, f := range p.fields {
			fv := v.Field(f.index)
			if f.leftOut(fv) {
				continue
			}
			if comma {
				dst = append(dst, ',')
			}
			comma = true
			dst = append(dst, f.quoted...)
			dst = appendJSON(dst, f.plan, fv)
		}
		return append(dst, '}')
	case shapeList:
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, p.elem, v.Index(i))
		}
		return append(dst, ']')
	case shapeMap:
		dst = append(dst, '{')
		for i, key := range sortedKeys(v) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendString(dst, key.String()), ':')
			dst = appendJSON(dst, p.elem, v.MapIndex(key))
		}
		return append(dst, '}')
	default:
		return appendJSONScalar(dst, p, v)
	}
}

func appendJSONScalar(dst []byte, p *plan, v reflect.Value) []byte {
	switch p.shape {
	case shapeString:
		return appendString(dst, v.String())
	case shapeBool:
		return strconv.AppendBool(dst, v.Bool())
	case shapeInt:
		return strconv.AppendInt(dst, v.Int(), 10)
	case shapeFloat:
		return strconv.AppendFloat(dst, v.Float(), 'g', -1, 64)
	case shapeBlob:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, v.Bytes())
		return append(dst, '"')
	default: // shapeTime
		return appendEpoch(dst, timeOf(v))
	}
}

func timeOf(v reflect.Value) time.Time { return v.Interface().(time.Time) }

// appendEpoch prints a time as AWS does: seconds as Java prints a double,
// 1.477431461E9, with milliseconds where they are not zero.
func appendEpoch(dst []byte, t time.Time) []byte {
	text := strconv.FormatFloat(float64(t.UnixMilli())/1000, 'E', -1, 64)
	digits, exponent, _ := strings.Cut(text, "E")
	n, _ := strconv.Atoi(exponent)
	if n < 7 {
		// Java's limit for the plain form, which no present time reaches.
		return strconv.AppendFloat(dst, float64(t.UnixMilli())/1000, 'f', -1, 64)
	}
	dst = append(dst, digits...)
	if !strings.Contains(digits, ".") {
		dst = append(dst, ".0"...)
	}
	dst = append(dst, 'E')
	return strconv.AppendInt(dst, int64(n), 10)
}

// appendString prints a string. What is no UTF-8 becomes U+FFFD, for no request
// brings any in and no answer should be refused for it.
func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			dst, _ = jsontext.AppendQuote(dst, s)
			return dst
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}

func sortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return keys
}

// leftOut reports whether an answer does not show a member at all.
func (f *field) leftOut(v reflect.Value) bool {
	if f.rest.place == inStatus {
		return true
	}
	switch f.plan.shape {
	case shapePointer, shapeList, shapeMap, shapeBlob:
		return v.IsNil()
	case shapeString:
		return v.Len() == 0 && !f.always
	case shapeTime:
		return timeOf(v).IsZero()
	case shapeStream:
		return true
	case shapeStruct:
		if !f.nonzero {
			return false
		}
		for _, inner := range f.plan.fields {
			if !inner.leftOut(v.Field(inner.index)) {
				return false
			}
		}
		return true
	default:
		return f.nonzero && v.IsZero()
	}
}

// appendAccepted prints a value as answers to Query requests do that accept
// JSON: members in the order of the alphabet, null for those that are absent,
// SQS's maps as the lists of pairs that they are there. [Q038] and [Q039].
func appendAccepted(dst []byte, p *plan, l *layout, v reflect.Value) []byte {
	switch p.shape {
	case shapePointer:
		return appendAccepted(dst, p.elem, l, v.Elem())
	case shapeStruct:
		dst = append(dst, '{')
		for i, f := range p.sorted {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendString(dst, f.accept), ':')
			if fv := v.Field(f.index); f.leftOut(fv) {
				dst = append(dst, "null"...)
			} else {
				dst = appendAccepted(dst, f.plan, &f.layout, fv)
			}
		}
		return append(dst, '}')
	case shapeList:
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendAccepted(dst, p.elem, &plainLayout, v.Index(i))
		}
		return append(dst, ']')
	case shapeMap:
		return appendAcceptedMap(dst, p, l, v)
	default:
		return appendJSONScalar(dst, p, v)
	}
}

func appendAcceptedMap(dst []byte, p *plan, l *layout, v reflect.Value) []byte {
	pairs := l.flat && l.pairs
	brackets := "{}"
	if pairs {
		brackets = "[]"
	}
	dst = append(dst, brackets[0])
	for i, key := range sortedKeys(v) {
		if i > 0 {
			dst = append(dst, ',')
		}
		if pairs {
			dst = append(append(append(dst, `{"`...), l.key...), `":`...)
			dst = appendString(dst, key.String())
			dst = append(append(append(dst, `,"`...), l.value...), `":`...)
		} else {
			dst = append(appendString(dst, key.String()), ':')
		}
		dst = appendAccepted(dst, p.elem, &plainLayout, v.MapIndex(key))
		if pairs {
			dst = append(dst, '}')
		}
	}
	return append(dst, brackets[1])
}
