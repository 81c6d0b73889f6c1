package main

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// printer writes the results of cases, each as one line of JSON.
type printer struct {
	output     []byte
	statements int // of the result that is being written
	// escaped is the encoder's output: unusual texts are left to encoding/json.
	escaped *bytes.Buffer
	encoder *json.Encoder
}

func newPrinter() printer {
	p := printer{escaped: new(bytes.Buffer)}
	p.encoder = json.NewEncoder(p.escaped)
	p.encoder.SetEscapeHTML(false)
	return p
}

// begin begins a result: what the decision is and why. id is JSON; empty: the case has none.
func (p *printer) begin(id, decision, reason string) {
	p.output = append(p.output, '{')
	if id != "" {
		p.member(`"id":`)
		p.raw(id)
		p.output = append(p.output, ',')
	}
	p.member(`"decision":`)
	p.text(decision)
	p.member(`,"reason":`)
	p.text(reason)
	p.member(`,"by":[`)
	p.statements = 0
}

// statement adds a statement that the decision rests on: where its policy stands in the case,
// such as identityPolicies[0], and its number from 0.
func (p *printer) statement(policy string, number int, sid string) {
	if p.statements > 0 {
		p.output = append(p.output, ',')
	}
	p.statements++
	p.member(`{"policy":`)
	p.text(policy)
	p.member(`,"statement":`)
	p.output = strconv.AppendInt(p.output, int64(number), 10)
	p.optional(`,"sid":`, sid)
	p.output = append(p.output, '}')
}

// end ends a result. expected is the decision that the case expects, where the result differs.
func (p *printer) end(expected, explanation string) {
	p.output = append(p.output, ']')
	p.optional(`,"expected":`, expected)
	p.optional(`,"explanation":`, explanation)
	p.output = append(p.output, '}', '\n')
}

func (p *printer) member(name string) { p.output = append(p.output, name...) }

// optional adds a member unless its value is empty.
func (p *printer) optional(name, value string) {
	if value != "" {
		p.member(name)
		p.text(value)
	}
}

// text adds a string.
func (p *printer) text(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			p.encode(s)
			return
		}
	}
	p.output = append(p.output, '"')
	p.output = append(p.output, s...)
	p.output = append(p.output, '"')
}

// raw adds a value that is JSON already.
func (p *printer) raw(value string) {
	if value[0] == '{' || value[0] == '[' {
		p.encode(json.RawMessage(value)) // without the space in it
		return
	}
	p.output = append(p.output, value...)
}

func (p *printer) encode(value any) {
	p.escaped.Reset()
	_ = p.encoder.Encode(value) // a string or valid JSON, which is always encoded
	p.output = append(p.output, bytes.TrimSuffix(p.escaped.Bytes(), []byte{'\n'})...)
}
