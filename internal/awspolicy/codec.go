package awspolicy

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"io"
	"strings"
)

// The kinds of value in a document. What is larger is the distance to the word
// before among the sorted ones.
const (
	kindCommon = iota // and its place among the common words
	kindList          // and how many values follow
	kindObject        // and how many keys, which are common words, and values
	kindFalse
	kindTrue
	kindWord
)

// reader reads a part's numbers and texts. The data is the program's own: a
// test reads every policy, and nothing is checked here.
type reader struct{ rest string }

// number is an unsigned number, seven bits a byte.
func (r *reader) number() int {
	n, shift := 0, 0
	for {
		b := r.rest[0]
		r.rest = r.rest[1:]
		n |= int(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
		shift += 7
	}
}

// text is a text behind its length.
func (r *reader) text() string {
	n := r.number()
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

// continued is a text that begins like the one before: how much of it, and then
// the rest up to a zero, which takes less than its length once it is deflated.
func (r *reader) continued(before string) string {
	begin := before[:r.number()]
	rest, after, _ := strings.Cut(r.rest, "\x00")
	r.rest = after
	return begin + rest
}

// part is a deflated piece of the file.
type part struct {
	deflated string
	size     int
}

func (r *reader) part() part {
	size := r.number()
	return part{r.text(), size}
}

func (p part) inflate() string {
	var b strings.Builder
	b.Grow(p.size)
	if _, err := io.Copy(&b, flate.NewReader(strings.NewReader(p.deflated))); err != nil {
		panic("awspolicy: " + err.Error())
	}
	return b.String()
}

// printer prints a document.
type printer struct {
	words *dictionary
	in    reader
	last  int // place of the word before
	out   strings.Builder
}

func (p *printer) value() {
	switch kind := p.in.number(); kind {
	case kindCommon:
		p.common()
	case kindList:
		p.out.WriteByte('[')
		for i := range p.in.number() {
			p.comma(i)
			p.value()
		}
		p.out.WriteByte(']')
	case kindObject:
		p.out.WriteByte('{')
		for i := range p.in.number() {
			p.comma(i)
			p.common()
			p.out.WriteByte(':')
			p.value()
		}
		p.out.WriteByte('}')
	case kindFalse:
		p.out.WriteString("false")
	case kindTrue:
		p.out.WriteString("true")
	default:
		p.last += unfold(kind - kindWord)
		p.quote(p.words.sorted[p.last])
	}
}

func (p *printer) comma(i int) {
	if i > 0 {
		p.out.WriteByte(',')
	}
}

func (p *printer) common() { p.quote(p.words.common[p.in.number()]) }

func (p *printer) quote(word string) {
	var quoted bytes.Buffer
	e := json.NewEncoder(&quoted)
	e.SetEscapeHTML(false)
	_ = e.Encode(word) // a text always can be
	p.out.Write(bytes.TrimSuffix(quoted.Bytes(), []byte("\n")))
}

// fold makes one number of a distance and its sign, unfold the distance again.
func fold(distance int) int {
	if distance < 0 {
		return -2*distance - 1
	}
	return 2 * distance
}

func unfold(n int) int {
	if n%2 == 1 {
		return -(n + 1) / 2
	}
	return n / 2
}
