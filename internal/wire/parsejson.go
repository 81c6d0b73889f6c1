package wire

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/waxseal/waxseal/internal/api"
)

// jsonReader is a decoder that is used again and again.
type jsonReader struct {
	buffer  bytes.Buffer
	decoder *jsontext.Decoder
}

// duplicates: of two members of one name the last counts, as with AWS's own parser.
var duplicates = jsontext.AllowDuplicateNames(true)

var jsonReaders = sync.Pool{New: func() any {
	return &jsonReader{decoder: jsontext.NewDecoder(new(bytes.Buffer), duplicates)}
}}

// parseJSON makes the tree of a JSON body. The tree refers to body.
func parseJSON(body []byte) (*tree, *api.Error) {
	r := jsonReaders.Get().(*jsonReader)
	r.buffer = *bytes.NewBuffer(body)
	r.decoder.Reset(&r.buffer, duplicates)
	p := jsonParser{tree: newTree(kindNull), decoder: r.decoder, body: body}
	ok := p.value(absent, nil, 0) && p.ended()
	r.buffer = bytes.Buffer{}
	r.decoder.Reset(&r.buffer, duplicates)
	jsonReaders.Put(r)

	err := errSerialization
	if ok {
		switch p.nodes[0].kind {
		case kindObject:
			return p.tree, nil
		case kindList:
			err = errSerialization.With(textUnexpectedList)
		default:
		}
	}
	p.release()
	return nil, err
}

// jsonParser reads one body into one tree. Its methods report whether what they
// read is well-formed and within the limits.
type jsonParser struct {
	*tree
	decoder *jsontext.Decoder
	body    []byte
}

// value reads a value and adds it to a node's children; absent: it is the root.
func (p *jsonParser) value(parent int32, name []byte, depth int) bool {
	n := node{name: name}
	switch k := p.decoder.PeekKind(); k {
	case '{':
		n.kind = kindObject
	case '[':
		n.kind = kindList
	default:
		if n.kind, n.raw = scalarKind(k), p.token(); n.raw == nil {
			return false
		}
	}
	at := int32(0)
	switch {
	case parent == absent:
		p.nodes[0] = n
	case len(p.nodes) == maxNodes:
		return false
	default:
		at = p.add(parent, n)
	}
	return n.raw != nil || depth < maxDepth && p.children(at, n.kind, depth+1)
}

// children reads an object or list from its opening to its closing bracket.
func (p *jsonParser) children(at int32, k kind, depth int) bool {
	_, err := p.decoder.ReadToken()
	for err == nil {
		if next := p.decoder.PeekKind(); next == '}' || next == ']' {
			_, err = p.decoder.ReadToken()
			return err == nil
		}
		var name []byte
		if k == kindObject {
			raw := p.token()
			if raw == nil {
				return false
			}
			name = unquotedName(raw)
		}
		if !p.value(at, name, depth) {
			return false
		}
	}
	return false
}

// token reads a scalar value or a name, as it stands in the body; nil where there is none.
func (p *jsonParser) token() []byte {
	v, err := p.decoder.ReadValue()
	if err != nil {
		return nil
	}
	end := p.decoder.InputOffset()
	return p.body[end-int64(len(v)) : end]
}

func (p *jsonParser) ended() bool {
	_, err := p.decoder.ReadToken()
	return errors.Is(err, io.EOF)
}

func scalarKind(k jsontext.Kind) kind {
	switch k {
	case 't':
		return kindTrue
	case 'f':
		return kindFalse
	case '0':
		return kindNumber
	case '"':
		return kindString
	default:
		return kindNull
	}
}

// unquotedName is the name that a JSON string spells.
func unquotedName(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	name, _ := jsontext.AppendUnquote(make([]byte, 0, len(raw)), raw) // the decoder has found it well-formed
	return name
}
