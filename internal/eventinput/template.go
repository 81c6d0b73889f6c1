package eventinput

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// filling are the values that a template is filled with, as JSON; nil: the path leads
// nowhere.
type filling struct {
	values map[string]json.RawMessage
	bares  map[string]string // bare values, once they were wanted
}

// enough is more than any target takes, in bytes. A template that names a large part of an
// event a thousand times is filled up to here, for the target to refuse.
const enough = 2 << 20

// text fills a template that is text [V115] [V116]. The event's own objects have no place
// in one [V123].
func (f *filling) text(template string) (string, bool) {
	var b strings.Builder
	end := 0
	for _, m := range variable.FindAllStringSubmatchIndex(template, -1) {
		name := template[m[2]:m[3]]
		if name == withoutDetail || name == wholeEvent {
			return "", false
		}
		b.WriteString(template[end:m[0]] + f.bare(name))
		if end = m[1]; b.Len() > enough {
			return b.String(), true
		}
	}
	b.WriteString(template[end:])
	return b.String(), true
}

// bare is the bare value of a variable.
func (f *filling) bare(name string) string {
	text, known := f.bares[name]
	if !known {
		text = bare(f.values[name])
		f.bares[name] = text
	}
	return text
}

// bare is a value without quotes: of a string its text, of objects and lists their JSON
// without any quotes [V119]; nothing of what is missing [V111].
func bare(value json.RawMessage) string {
	d := jsontext.NewDecoder(bytes.NewReader(value), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var b strings.Builder
	for {
		in, n := d.StackIndex(d.StackDepth()) // how many tokens the object or list has that is open
		t, err := d.ReadToken()
		if err != nil {
			return b.String()
		}
		switch closes := t.Kind() == '}' || t.Kind() == ']'; {
		case closes || in == 0 || n == 0:
		case in == '{' && n%2 == 1:
			b.WriteByte(':')
		default:
			b.WriteByte(',')
		}
		b.WriteString(t.String())
	}
}

// json fills a template that is JSON. What it is then must be JSON, too, and is delivered
// compact [V124].
func (f *filling) json(template string) (string, bool) {
	var b strings.Builder
	inside := false // a string
	for i := 0; i < len(template); {
		if m := variableHere.FindStringSubmatch(template[i:]); m != nil {
			value, ok := f.values[m[1]], true
			if inside {
				ok = f.within(&b, m[1], template[i+len(m[0]):])
			} else if value == nil {
				b.WriteString(`""`) // [V111]
			} else {
				b.Write(value) // [V117]
			}
			if !ok {
				return "", false
			}
			if i += len(m[0]); b.Len() > enough {
				return b.String(), true
			}
			continue
		}
		switch template[i] {
		case '"':
			inside = !inside
		case '\\':
			if inside && i+1 < len(template) {
				b.WriteByte(template[i])
				i++
			}
		}
		b.WriteByte(template[i])
		i++
	}
	filled := compact(json.RawMessage(b.String()))
	return string(filled), len(filled) > 0
}

// within fills a variable in a string: a scalar becomes part of its text as it is, without
// regard to quotes in it [V118] [V125]. Objects, lists [V120] and the event's own [V123]
// have no place there, nor has anything in a member's name [V121].
func (f *filling) within(b *strings.Builder, name, rest string) bool {
	value := f.values[name]
	if name == withoutDetail || name == wholeEvent || len(value) > 0 && (value[0] == '{' || value[0] == '[') {
		return false
	}
	b.WriteString(f.bare(name))
	end := endOfString(rest)
	return !strings.HasPrefix(strings.TrimSpace(rest[end:]), ":")
}

// endOfString is where the string ends that a text begins in the midst of.
func endOfString(rest string) int {
	for i := 0; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(rest)
}
