package main

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

// TestDecoderReadsAsJSONTextDoes reads lines, most of which are damaged, beside a decoder that
// leaves everything to jsontext.
func TestDecoderReadsAsJSONTextDoes(t *testing.T) {
	lines := []string{
		benchCase(1, 1), `{"a" : [ 1 , 20,"x\"\\\/\b\n", "é\u2028\ud800" ,true,false , null ],"b":{"c":{}, "d":[]}, "e":-1.5e3}` + "\n",
		`[{"Statement":[{"Sid":"é"}]},{"Statement":{"Sid":"\u00e9"}}]`, `"a"`, `10`, ``,
	}
	pieces := []string{`"`, `\`, `\u12`, `\x`, `,`, `:`, `{`, `}`, `[`, `]`, ` `, "\t", "\r", "\x00", "\x7f", "\xff", "é", `0`, `-`, `1e5`, `tru`, `null`, `{"a":1}`}
	r := rand.New(rand.NewPCG(1, 2))
	failed := 0
	for range 20_000 {
		line := lines[r.IntN(len(lines))]
		for range r.IntN(3) {
			from := r.IntN(len(line) + 1)
			to := min(len(line), from+r.IntN(4)*r.IntN(4))
			line = line[:from] + pieces[r.IntN(len(pieces))] + line[to:]
		}
		p := decoderPair{r: r, fast: newDecoder(), slow: newDecoder()}
		p.fast.reset(line)
		p.slow.reset(line)
		p.slow.leave()
		p.value()
		if p.differ != "" {
			t.Fatalf("%q: up to %d, %s", line, p.fast.InputOffset(), p.differ)
		}
		if p.failed {
			failed++
		}
	}
	if failed < 5_000 || failed > 15_000 {
		t.Errorf("%d lines of 20,000 were no JSON", failed)
	}
}

// decoderPair reads the same with two decoders, in the order in which a caseReader reads.
type decoderPair struct {
	r          *rand.Rand
	fast, slow *decoder
	failed     bool
	differ     string
}

// value reads a value: whole, or what is in it one by one.
func (p *decoderPair) value() {
	switch {
	case p.next('{') && p.r.IntN(4) > 0:
		p.bracket()
		for !p.failed && !p.next('}') {
			p.read()
			if !p.failed {
				p.value()
			}
		}
		p.bracket()
	case p.next('[') && p.r.IntN(4) > 0:
		p.bracket()
		for !p.failed && !p.next(']') {
			p.value()
		}
		p.bracket()
	case p.next('{'):
		p.object()
	default:
		p.read()
	}
}

func (p *decoderPair) next(kind jsontext.Kind) bool {
	is := p.fast.PeekKind() == kind
	if (p.slow.PeekKind() == kind) != is {
		p.differ = "one decoder's next is " + kind.String()
	}
	return is
}

func (p *decoderPair) bracket() {
	if !p.failed {
		p.compare("", p.fast.ReadBracket(), "", p.slow.ReadBracket())
	}
}

func (p *decoderPair) read() {
	value, err := p.fast.ReadValue()
	other, otherErr := p.slow.ReadValue()
	p.compare(value, err, other, otherErr)
}

// object reads an object as a policy is read.
func (p *decoderPair) object() {
	text, ok := p.fast.object()
	if !ok || !jsontext.Value(text).IsValid(repeated) {
		p.read()
		return
	}
	p.fast.skip(text)
	other, err := p.slow.ReadValue()
	p.compare(text, nil, other, err)
}

func (p *decoderPair) compare(value string, err error, other string, otherErr error) {
	p.failed = p.failed || err != nil
	if said, otherSaid := fmt.Sprint(value, err, p.fast.InputOffset()), fmt.Sprint(other, otherErr, p.slow.InputOffset()); said != otherSaid {
		p.failed, p.differ = true, "it reads "+said+", jsontext "+otherSaid
	}
}
