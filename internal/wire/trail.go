package wire

import (
	"reflect"
	"slices"
)

// hidden is what CloudTrail shows in place of what a record must not hold.
const hidden = `"HIDDEN_DUE_TO_SECURITY_REASONS"`

// TrailParameters appends an input or output, a pointer to a shape, as a CloudTrail
// record shows it in requestParameters and responseElements: JSON with names
// that begin in lower case, absent members left out, the trail tags obeyed.
// It is null for a nil pointer and for a shape of which nothing is shown. A body
// that is hidden costs nothing.
//
// What counts as absent is what an answer leaves out: a plain boolean is shown
// though the request did not carry it, as AWS's own records do.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html.
func TrailParameters(dst []byte, v any) []byte {
	rv := reflect.ValueOf(v)
	if !rv.IsValid() || rv.Kind() == reflect.Pointer && rv.IsNil() {
		return append(dst, "null"...)
	}
	if rv.Kind() == reflect.Pointer {
		rv = rv.Elem()
	}
	text := appendTrail(dst, planOf(rv.Type()), rv)
	if string(text[len(dst):]) == "{}" {
		return append(dst, "null"...)
	}
	return text
}

func appendTrail(dst []byte, p *plan, v reflect.Value) []byte {
	switch p.shape {
	case shapePointer:
		return appendTrail(dst, p.elem, v.Elem())
	case shapeStruct:
		return appendTrailMembers(dst, p, v)
	case shapeList:
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendTrail(dst, p.elem, v.Index(i))
		}
		return append(dst, ']')
	case shapeMap:
		if texts, ok := v.Interface().(map[string]string); ok {
			return appendTexts(dst, texts)
		}
		dst = append(dst, '{')
		for i, key := range sortedKeys(v) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendString(dst, key.String()), ':')
			dst = appendTrail(dst, p.elem, v.MapIndex(key))
		}
		return append(dst, '}')
	case shapeTime:
		return appendString(dst, timeOf(v).UTC().Format(trailTime))
	default:
		return appendJSONScalar(dst, p, v)
	}
}

// appendTexts is the commonest kind of map.
func appendTexts(dst []byte, texts map[string]string) []byte {
	names := make([]string, 0, 8)
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(append(appendString(dst, name), ':'), texts[name])
	}
	return append(dst, '}')
}

// trailTime is how CloudTrail writes the times in a request or response.
const trailTime = "Jan 2, 2006, 3:04:05 PM"

func appendTrailMembers(dst []byte, p *plan, v reflect.Value) []byte {
	dst = append(dst, '{')
	comma := false
	for _, f := range p.fields {
		fv := v.Field(f.index)
		if f.omit || f.leftOut(fv) {
			continue
		}
		if comma {
			dst = append(dst, ',')
		}
		comma = true
		dst = append(appendString(dst, f.trail), ':')
		if f.hide {
			dst = append(dst, hidden...)
			continue
		}
		dst = appendTrail(dst, f.plan, fv)
	}
	return append(dst, '}')
}
