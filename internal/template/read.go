package template

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"
)

const (
	// maxDepth is how deep lists and maps may be within each other: far deeper than any
	// template, and no danger to what descends into them.
	maxDepth = 200
	// MaxText is how long a template may be in bytes. [C008]
	MaxText = 1 << 20
)

// Read reads a text: JSON if it begins as an object does, else YAML. [C100]
func Read(text string) (*Node, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	if len(text) > MaxText {
		return nil, malformed(Position{}, "The template is longer than %d bytes.", MaxText)
	}
	if strings.HasPrefix(strings.TrimLeft(text, " \t\r\n"), "{") {
		return ParseJSON(text)
	}
	return parseYAML(text)
}

// places tells line and column of offsets that only go up.
type places struct {
	text         string
	offset       int
	line, column int
}

func (p *places) at(offset int) Position {
	offset = min(offset, len(p.text))
	for ; p.offset < offset; p.offset++ {
		switch b := p.text[p.offset]; {
		case b == '\n':
			p.line++
			p.column = 0
		case b&0xC0 != 0x80: // not within a character
			p.column++
		}
	}
	return Position{Line: p.line + 1, Column: p.column + 1}
}

// ParseJSON reads one JSON value, with its places. Of members that a map has twice the
// last one counts, as on AWS.
func ParseJSON(text string) (*Node, error) {
	r := jsonReader{places: places{text: text}}
	r.decoder = jsontext.NewDecoder(strings.NewReader(text), jsontext.AllowDuplicateNames(true))
	n, err := r.value(0)
	if err == nil {
		if _, end := r.decoder.ReadToken(); !errors.Is(end, io.EOF) {
			err = errors.New("something follows the value")
		}
	}
	if err == nil {
		return n, nil
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return nil, e
	}
	offset := r.decoder.InputOffset()
	if e := (*jsontext.SyntacticError)(nil); errors.As(err, &e) {
		offset = e.ByteOffset
	}
	at := (&places{text: text}).at(int(offset))
	column := at.Column
	if int(offset) < len(text) { // AWS has read the character that does not belong there [C100]
		column++
	}
	return nil, malformed(at, "JSON not well-formed. (line %d, column %d)", at.Line, column)
}

type jsonReader struct {
	places
	decoder *jsontext.Decoder
}

// token reads a token and tells where it begins.
func (r *jsonReader) token() (jsontext.Token, Position, error) {
	offset := int(r.decoder.InputOffset())
	for offset < len(r.text) && strings.IndexByte(" \t\r\n,:", r.text[offset]) >= 0 {
		offset++
	}
	t, err := r.decoder.ReadToken()
	return t, r.at(offset), err
}

func (r *jsonReader) value(depth int) (*Node, error) {
	t, at, err := r.token()
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, tooDeep(at)
	}
	switch t.Kind() {
	case 'n':
		return &Node{Kind: Null, At: at}, nil
	case 't', 'f':
		return &Node{Kind: Bool, Text: t.String(), At: at}, nil
	case '"':
		return &Node{Kind: String, Text: t.String(), At: at}, nil
	case '0':
		return &Node{Kind: Number, Text: t.String(), At: at}, nil
	case '[':
		n := &Node{Kind: List, At: at}
		for r.decoder.PeekKind() != ']' {
			item, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			n.Items = append(n.Items, item)
		}
		_, _, err = r.token()
		return n, err
	default:
		m := newMap(at)
		for r.decoder.PeekKind() != '}' {
			key, keyAt, err := r.token()
			if err != nil {
				return nil, err
			}
			name := key.String()
			value, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			m.set(name, keyAt, value)
		}
		_, _, err = r.token()
		return m.node, err
	}
}

func tooDeep(at Position) *Error {
	return malformed(at, "The template is nested deeper than %d levels.", maxDepth)
}

// mapMaker makes a Map of which the last of equal members counts.
type mapMaker struct {
	node  *Node
	index map[string]int
}

func newMap(at Position) *mapMaker {
	return &mapMaker{node: &Node{Kind: Map, At: at}, index: map[string]int{}}
}

func (m *mapMaker) set(key string, at Position, value *Node) {
	member := Member{Key: key, KeyAt: at, Value: value}
	if i, doubled := m.index[key]; doubled {
		m.node.Members[i] = member
		return
	}
	m.index[key] = len(m.node.Members)
	m.node.Members = append(m.node.Members, member)
}

func notYAML(at Position) *Error { return malformed(at, "YAML not well-formed.") }

func parseYAML(text string) (*Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	var document, another yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return &Node{Kind: Null}, nil
	case err != nil:
		return nil, notYAML(lineOf(err))
	}
	if err := decoder.Decode(&another); !errors.Is(err, io.EOF) {
		return nil, notYAML(Position{Line: another.Line, Column: another.Column})
	}
	if len(document.Content) != 1 {
		return &Node{Kind: Null}, nil
	}
	return fromYAML(document.Content[0], 0)
}

// lineOf finds the line in an error of the YAML library.
func lineOf(err error) Position {
	_, rest, ok := strings.Cut(err.Error(), "line ")
	if !ok {
		return Position{}
	}
	line := 0
	for _, c := range rest {
		if c < '0' || c > '9' || line > MaxText {
			break
		}
		line = line*10 + int(c-'0')
	}
	if line == 0 {
		return Position{}
	}
	if strings.Contains(rest, "did not find expected") { // these it counts from 0
		line++
	}
	return Position{Line: line, Column: 1}
}

func fromYAML(y *yaml.Node, depth int) (*Node, error) {
	at := Position{Line: y.Line, Column: y.Column}
	if depth > maxDepth {
		return nil, tooDeep(at)
	}
	if y.Kind == yaml.AliasNode {
		return nil, misused(at, "YAML aliases are not allowed in CloudFormation templates")
	}
	if short, ok := strings.CutPrefix(y.Tag, "!"); ok && short != "" && !strings.HasPrefix(short, "!") {
		return shortForm(short, y, at, depth)
	}
	switch y.Kind {
	case yaml.MappingNode:
		if y.ShortTag() != "!!map" {
			return nil, notYAML(at)
		}
		return mapOfYAML(y, at, depth)
	case yaml.SequenceNode:
		if y.ShortTag() != "!!seq" {
			return nil, notYAML(at)
		}
		return listOfYAML(y, at, depth)
	default:
		return scalarOfYAML(y, at)
	}
}

func listOfYAML(y *yaml.Node, at Position, depth int) (*Node, error) {
	n := &Node{Kind: List, At: at}
	for _, item := range y.Content {
		value, err := fromYAML(item, depth+1)
		if err != nil {
			return nil, err
		}
		n.Items = append(n.Items, value)
	}
	return n, nil
}

func mapOfYAML(y *yaml.Node, at Position, depth int) (*Node, error) {
	m := newMap(at)
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		keyAt := Position{Line: key.Line, Column: key.Column}
		if key.Kind != yaml.ScalarNode {
			return nil, notYAML(keyAt)
		}
		value, err := fromYAML(y.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		m.set(key.Value, keyAt, value)
	}
	return m.node, nil
}

// scalarOfYAML reads a scalar as YAML 1.1 does, but for dates, which are strings. [C115]
func scalarOfYAML(y *yaml.Node, at Position) (*Node, error) {
	n := &Node{Kind: String, Text: y.Value, At: at}
	plain := y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) == 0
	switch y.ShortTag() {
	case "!!str", "!!timestamp", "!!merge":
		if plain {
			switch y.Value {
			case "yes", "Yes", "YES", "on", "On", "ON":
				n.Kind, n.Text = Bool, "true"
			case "no", "No", "NO", "off", "Off", "OFF":
				n.Kind, n.Text = Bool, "false"
			}
		}
	case "!!int", "!!float":
		n.Kind = Number
	case "!!bool":
		n.Kind, n.Text = Bool, strings.ToLower(y.Value)
	case "!!null":
		n.Kind, n.Text = Null, ""
	default:
		return nil, notYAML(at)
	}
	return n, nil
}

// shortForm reads a function by its tag, such as !Sub. A scalar behind one is a string.
func shortForm(name string, y *yaml.Node, at Position, depth int) (*Node, error) {
	var value *Node
	var err error
	switch y.Kind {
	case yaml.MappingNode:
		value, err = mapOfYAML(y, at, depth+1)
	case yaml.SequenceNode:
		value, err = listOfYAML(y, at, depth+1)
	default:
		value = &Node{Kind: String, Text: y.Value, At: at}
	}
	if err != nil {
		return nil, err
	}
	switch name {
	case "Ref", "Condition":
	case "Length", "ToJsonString": // these have none [C153]
		return nil, unsupported(at, "!"+name)
	case "GetAtt":
		if resource, attribute, ok := strings.Cut(value.String(), "."); ok {
			value = Texts(resource, attribute)
			value.At, value.Items[0].At, value.Items[1].At = at, at, at
		}
		name = "Fn::" + name
	default:
		name = "Fn::" + name
	}
	return &Node{Kind: Map, At: at, Members: []Member{{Key: name, KeyAt: at, Value: value}}}, nil
}
