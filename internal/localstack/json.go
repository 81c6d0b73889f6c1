package localstack

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
)

// mirror is a writer of an answer in XML that sends it as JSON: not in SQS's own JSON
// form, but in LocalStack's, whose members are the elements of the XML. An element
// that occurs once is not a list, and an empty one is null.
type mirror struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (m *mirror) WriteHeader(status int) { m.status = status }

func (m *mirror) Write(b []byte) (int, error) { return m.body.Write(b) }

// send sends what was written.
func (m *mirror) send() error {
	var root element
	if err := root.read(xml.NewDecoder(&m.body)); err != nil {
		return err
	}
	body := root.appendJSON(nil)
	h := m.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	m.ResponseWriter.WriteHeader(m.status)
	_, err := m.ResponseWriter.Write(body)
	return err
}

// element is an element of XML without its attributes.
type element struct {
	name string
	text string
	in   []*element
}

// read reads the elements that are in e, to its end or the document's.
func (e *element) read(d *xml.Decoder) error {
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			child := &element{name: token.Name.Local}
			e.in = append(e.in, child)
			if err := child.read(d); err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		case xml.CharData:
			e.text += string(token)
		}
	}
}

// appendJSON writes what is in e; elements of one name together, where the first of them stands.
func (e *element) appendJSON(b []byte) []byte {
	switch {
	case len(e.in) == 0 && e.text == "":
		return append(b, "null"...)
	case len(e.in) == 0:
		text, _ := json.Marshal(e.text) // a string can always be marshaled
		return append(b, text...)
	}
	b = append(b, '{')
	for i, child := range e.in {
		same := func(other *element) bool { return other.name == child.name }
		if slices.ContainsFunc(e.in[:i], same) {
			continue
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(strconv.AppendQuote(b, child.name), ':')
		if !slices.ContainsFunc(e.in[i+1:], same) {
			b = child.appendJSON(b)
			continue
		}
		separator := byte('[')
		for _, other := range e.in[i:] {
			if same(other) {
				b = other.appendJSON(append(b, separator))
				separator = ','
			}
		}
		b = append(b, ']')
	}
	return append(b, '}')
}
