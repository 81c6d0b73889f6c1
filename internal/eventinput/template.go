package eventinput

import (
	"encoding/json"
	"strings"
)

// filling are the values that a template is filled with, as JSON; nil: the path leads
// nowhere.
type filling struct{ values map[string]json.RawMessage }

// text fills a template that is text [V115] [V116]. The event's own objects have no place
// in one [V123].
func (f *filling) text(template string) (string, bool) {
	ok := true
	filled := variable.ReplaceAllStringFunc(template, func(placeholder string) string {
		name := placeholder[1 : len(placeholder)-1]
		ok = ok && name != withoutDetail && name != wholeEvent
		return bare(f.values[name])
	})
	return filled, ok
}

// bare is a value without quotes: of a string its text, of objects and lists their JSON
// without any quotes [V119]; nothing of what is missing [V111].
func bare(value json.RawMessage) string {
	switch {
	case len(value) == 0:
		return ""
	case value[0] != '{' && value[0] != '[':
		var text string
		if json.Unmarshal(value, &text) == nil && value[0] == '"' {
			return text
		}
		return string(value)
	}
	var b strings.Builder
	b.WriteByte(value[0])
	first := true
	members(value, func(name string, index int, part json.RawMessage) {
		if !first {
			b.WriteByte(',')
		}
		first = false
		if index < 0 {
			b.WriteString(name + ":")
		}
		b.WriteString(bare(part))
	})
	b.WriteByte(map[byte]byte{'{': '}', '[': ']'}[value[0]])
	return b.String()
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
			i += len(m[0])
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
	b.WriteString(bare(value))
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
