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
	t := newTree(kindNull)
	err := t.readJSON(r.decoder, body)
	r.buffer = bytes.Buffer{}
	r.decoder.Reset(&r.buffer, duplicates)
	jsonReaders.Put(r)
	if err == nil {
		switch root := &t.nodes[0]; root.kind {
		case kindObject:
			return t, nil
		case kindList:
			err = errSerialization.With(textUnexpectedList)
		default:
			err = errSerialization
		}
	}
	t.release()
	return nil, err
}

// readJSON reads one value and the end of the input.
func (t *tree) readJSON(d *jsontext.Decoder, body []byte) *api.Error {
	var (
		stack [maxDepth]int32
		depth int
		name  []byte
		ahead bool // a name has been read, its value has not
	)
	for first := true; first || depth > 0; {
		k := d.PeekKind()
		switch k {
		case '}', ']':
			depth--
			fallthrough
		case '{', '[':
			if _, err := d.ReadToken(); err != nil {
				return errSerialization
			}
			if k == '}' || k == ']' {
				continue
			}
		}
		n := node{name: name}
		switch k {
		case '{':
			n.kind = kindObject
		case '[':
			n.kind = kindList
		default:
			v, err := d.ReadValue()
			if err != nil {
				return errSerialization
			}
			end := d.InputOffset()
			raw := body[end-int64(len(v)) : end]
			if !first && !ahead && t.nodes[stack[depth-1]].kind == kindObject {
				if name, ahead = unquotedName(raw), true; name == nil {
					return errSerialization
				}
				continue
			}
			n.kind, n.raw = scalarKind(k), raw
		}
		if len(t.nodes) == maxNodes || depth == maxDepth && n.raw == nil {
			return errSerialization
		}
		at := int32(0)
		if first {
			t.nodes[0] = n
		} else {
			at = t.add(stack[depth-1], n)
		}
		if k == '{' || k == '[' {
			stack[depth] = at
			depth++
		}
		first, name, ahead = false, nil, false
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errSerialization
	}
	return nil
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

// unquotedName is the name that a JSON string spells; nil where it spells none.
func unquotedName(raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	name, err := jsontext.AppendUnquote(make([]byte, 0, len(raw)), raw)
	if err != nil {
		return nil
	}
	return name
}
