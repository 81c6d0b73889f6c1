package eventpattern

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waxseal/waxseal/internal/jackson"
)

// Event is what patterns are matched with: its leaves by their path. Nested members join
// their names by dots, so that a dotted name of a pattern matches every nesting that
// spells it [N154] [V142].
type Event struct {
	dialect Dialect
	fields  map[string][]field
	arrays  int
}

// field is one leaf.
type field struct {
	value
	places []place
}

// place is an element of an array: leaves in different elements of one array do not match
// together [N156] [V150]. An element that is itself a leaf stands with any other.
type place struct{ array, index int }

// value is a JSON scalar.
type value struct {
	kind jackson.Kind
	text string
	// number is a number as the dialect compares it; ranged is false where it is none.
	number float64
	ranged bool
}

func (d Dialect) value(kind jackson.Kind, text string) value {
	switch kind {
	case jackson.String:
		return value{kind: kind, text: text}
	case jackson.Number:
		v := value{kind: kind, text: text}
		v.number, v.ranged = d.number(text)
		return v
	default:
		return value{kind: kind}
	}
}

// NewEvent is an event without leaves.
func NewEvent(d Dialect) *Event { return &Event{dialect: d, fields: map[string][]field{}} }

// ParseEvent is the event that a JSON object makes; nil where the text is none.
func ParseEvent(d Dialect, text string) *Event {
	e := NewEvent(d)
	if strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") && e.AddJSON("", text) {
		return e
	}
	return nil
}

// AddString adds a leaf that is a string.
func (e *Event) AddString(path, text string) { e.add(path, e.dialect.value(jackson.String, text), nil) }

// AddNumber adds a leaf that is a number, or the text of what ought to be one.
func (e *Event) AddNumber(path, text string) { e.add(path, e.dialect.value(jackson.Number, text), nil) }

// AddJSON adds the leaves of a JSON value. It adds none, and returns false, where the text
// is not one value.
func (e *Event) AddJSON(path, text string) bool {
	read := *e
	read.fields = map[string][]field{}
	d := jsontext.NewDecoder(strings.NewReader(text), jsontext.AllowInvalidUTF8(true))
	if err := read.flatten(d, path, nil); err == nil {
		if _, err := d.ReadToken(); err == nil {
			return false
		}
	} else if decoded, ok := decode(text); ok { // a member stands twice: the last one counts
		read = *e
		read.fields = map[string][]field{}
		read.flattenDecoded(path, decoded, nil)
	} else {
		return false
	}
	e.arrays = read.arrays
	for path, fields := range read.fields {
		e.fields[path] = append(e.fields[path], fields...)
	}
	return true
}

func (e *Event) add(path string, v value, places []place) {
	e.fields[path] = append(e.fields[path], field{v, places})
}

// flatten reads one value.
func (e *Event) flatten(d *jsontext.Decoder, path string, places []place) error {
	t, err := d.ReadToken()
	if err != nil {
		return err
	}
	switch t.Kind() {
	case '{':
		for d.PeekKind() != '}' {
			name, err := d.ReadToken()
			if err != nil {
				return err
			}
			if err := e.flatten(d, join(path, name.String()), places); err != nil {
				return err
			}
		}
		_, err = d.ReadToken()
	case '[':
		array := e.arrays
		e.arrays++
		for i := 0; d.PeekKind() != ']'; i++ {
			within := places
			if k := d.PeekKind(); k == '{' || k == '[' {
				within = append(places[:len(places):len(places)], place{array, i})
			}
			if err := e.flatten(d, path, within); err != nil {
				return err
			}
		}
		_, err = d.ReadToken()
	case '"':
		e.add(path, e.dialect.value(jackson.String, t.String()), places)
	case '0':
		e.add(path, e.dialect.value(jackson.Number, t.String()), places)
	case 't', 'f':
		e.add(path, e.dialect.value(jackson.Kind(t.Kind()), ""), places)
	default:
		e.add(path, e.dialect.value(jackson.Null, ""), places)
	}
	return err
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

func (e *Event) flattenDecoded(path string, v any, places []place) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			e.flattenDecoded(join(path, name), member, places)
		}
	case []any:
		array := e.arrays
		e.arrays++
		for i, element := range v {
			within := places
			switch element.(type) {
			case map[string]any, []any:
				within = append(places[:len(places):len(places)], place{array, i})
			}
			e.flattenDecoded(path, element, within)
		}
	case string:
		e.add(path, e.dialect.value(jackson.String, v), places)
	case json.Number:
		e.add(path, e.dialect.value(jackson.Number, v.String()), places)
	case bool:
		kind := jackson.False
		if v {
			kind = jackson.True
		}
		e.add(path, e.dialect.value(kind, ""), places)
	default:
		e.add(path, e.dialect.value(jackson.Null, ""), places)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
