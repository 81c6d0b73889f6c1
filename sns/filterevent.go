package sns

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// event is a message as filter policies look at it: its leaves by their path.
// Nested members join their names by dots, so that a dotted name of a policy
// matches every nesting that spells it [N154].
type event struct {
	fields map[string][]field
	arrays int
}

// field is one leaf.
type field struct {
	value
	places []place
}

// place is an element of an array: leaves of different elements of one array do
// not match together [N156].
type place struct{ array, index int }

// value is a JSON scalar.
type value struct {
	kind tokenKind
	text string
	// number is the value of a number in the precision of filter policies;
	// ranged is false where it is none or out of their range.
	number int64
	ranged bool
}

func newValue(kind tokenKind, text string) value {
	v := value{kind: kind, text: text}
	if kind == tokenNumber {
		v.number, v.ranged = fixed(text)
	}
	return v
}

// fixed is a number with six digits after the point; ok is false outside of a
// billion either way.
func fixed(text string) (number int64, ok bool) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f < -1e9 || f > 1e9 {
		return 0, false
	}
	return int64(1e6 * (1e9 + f)), true
}

// attributeEvent is the event that message attributes make. Binary attributes cannot
// be filtered by, and are left out.
func attributeEvent(attributes map[string]MessageAttributeValue) *event {
	e := &event{fields: make(map[string][]field, len(attributes))}
	for name, a := range attributes {
		switch a.kind() {
		case "Number":
			e.add(name, field{value: newValue(tokenNumber, a.text())})
		case "String":
			e.add(name, field{value: newValue(tokenString, a.text())})
		case "String.Array":
			if list, ok := decode(a.text()); ok {
				e.flatten(name, list, nil)
			}
		}
	}
	return e
}

// bodyEvent is the event that a message's text makes; nil where it is no JSON object [N152].
func bodyEvent(text string) *event {
	decoded, ok := decode(text)
	members, isObject := decoded.(map[string]any)
	if !ok || !isObject {
		return nil
	}
	e := &event{fields: make(map[string][]field, len(members))}
	e.flatten("", members, nil)
	return e
}

func decode(text string) (any, bool) {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var decoded any
	if err := d.Decode(&decoded); err != nil || d.More() {
		return nil, false
	}
	return decoded, true
}

func (e *event) add(path string, f field) { e.fields[path] = append(e.fields[path], f) }

func (e *event) flatten(path string, v any, places []place) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			e.flatten(join(path, name), member, places)
		}
	case []any:
		array := e.arrays
		e.arrays++
		for i, element := range v {
			e.flatten(path, element, append(places[:len(places):len(places)], place{array, i}))
		}
	case string:
		e.add(path, field{newValue(tokenString, v), places})
	case json.Number:
		e.add(path, field{newValue(tokenNumber, v.String()), places})
	case bool:
		kind := tokenFalse
		if v {
			kind = tokenTrue
		}
		e.add(path, field{newValue(kind, ""), places})
	default:
		e.add(path, field{newValue(tokenNull, ""), places})
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
