package eventinput

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// step is one part of a path: a member's name, an index, or all there is.
type step struct {
	name  string
	index int // where name is empty
	all   bool
}

var stepForm = regexp.MustCompile(`^(?:\.([A-Za-z0-9_-]+|\*)|\[(\d{1,9}|\*)\])`)

// parsePath reads a path such as $.detail.list[0].name [V114].
func parsePath(path string) ([]step, bool) {
	rest, ok := strings.CutPrefix(path, "$")
	if !ok {
		return nil, false
	}
	var steps []step
	for rest != "" {
		m := stepForm.FindStringSubmatch(rest)
		switch {
		case m == nil:
			return nil, false
		case m[1] == "*" || m[2] == "*":
			steps = append(steps, step{all: true})
		case m[1] != "":
			steps = append(steps, step{name: m[1]})
		default:
			index, err := strconv.Atoi(m[2])
			if err != nil {
				return nil, false
			}
			steps = append(steps, step{index: index})
		}
		rest = rest[len(m[0]):]
	}
	return steps, true
}

// find is the part of a JSON document that a path leads to, in compact form; nil where there
// is none.
func find(document json.RawMessage, path string) json.RawMessage {
	steps, ok := parsePath(path)
	if !ok {
		return nil
	}
	found := []json.RawMessage{document}
	many := false
	for _, s := range steps {
		many = many || s.all
		var next []json.RawMessage
		for _, value := range found {
			next = append(next, s.of(value)...)
		}
		found = next
	}
	switch {
	case len(found) == 0:
		return nil
	case many:
		return append(append([]byte{'['}, bytes.Join(toBytes(found), []byte{','})...), ']')
	default:
		return compact(found[0])
	}
}

func toBytes(values []json.RawMessage) [][]byte {
	all := make([][]byte, len(values))
	for i, v := range values {
		all[i] = compact(v)
	}
	return all
}

func compact(value json.RawMessage) json.RawMessage {
	var b bytes.Buffer
	if json.Compact(&b, value) != nil {
		return nil
	}
	return b.Bytes()
}

// of are the parts of a value that the step leads to. Of two members of one name the last
// one counts.
func (s step) of(value json.RawMessage) (found []json.RawMessage) {
	members(value, func(name string, index int, part json.RawMessage) {
		switch {
		case s.all:
			found = append(found, part)
		case s.name != "" && name == s.name:
			found = []json.RawMessage{part}
		case s.name == "" && index == s.index:
			found = append(found, part)
		}
	})
	return found
}

// members goes through what an object or a list holds: members by their name, with the
// index -1, and elements by their index. Other values hold nothing. The parts are slices of
// the value: an event is as deep as its sender likes, and a copy for each level would be long.
func members(value json.RawMessage, each func(name string, index int, part json.RawMessage)) {
	d := jsontext.NewDecoder(bytes.NewReader(value), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	open, err := d.ReadToken()
	if err != nil || open.Kind() != '{' && open.Kind() != '[' {
		return
	}
	for i := 0; d.PeekKind() != '}' && d.PeekKind() != ']'; i++ {
		name, index := "", i
		if open.Kind() == '{' {
			t, err := d.ReadToken()
			if err != nil {
				return
			}
			name, index = t.String(), -1
		}
		part, err := d.ReadValue()
		if err != nil {
			return
		}
		end := d.InputOffset()
		each(name, index, value[end-int64(len(part)):end])
	}
}
