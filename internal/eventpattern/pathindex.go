package eventpattern

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"unicode"

	"github.com/waxseal/waxseal/internal/jackson"
)

// pathIndex has alternatives by what they want of one path.
type pathIndex struct {
	values    map[value]*posting // that are equal; strings are texts
	texts     map[string]*posting
	folded    map[string]*posting // by their folded form
	addresses map[netip.Addr]*posting
	networks  map[netip.Prefix]*posting
	lengths   []int // of networks
	spans     spans

	prefixes, suffixes, foldedPrefixes, foldedSuffixes, infixes trie

	any bucket // what any value may be for
	// others is what a value is for that is not excepted: the exceptions, each with the
	// alternatives that make just these, and their numbers by what they say.
	others   []*bucket
	all      numbers // of others
	byExcept map[string]int
}

// posting is what is known of one value, or of one beginning, end, network or range.
type posting struct {
	hits    bucket
	excepts []int    // others that except it
	checks  []except // others that may except it
}

// except is one of others that excepts what its matcher matches.
type except struct {
	n int
	m matcher
}

// broad reports whether a matcher takes any value, or any text.
func broad(m matcher) bool {
	switch m := m.(type) {
	case exists:
		return true
	case prefix:
		return m == ""
	case suffix:
		return m == ""
	case foldedSuffix:
		return m == ""
	case *folded:
		return m.open && m.text == ""
	case wild:
		return len(m) > 1 && strings.Join(m, "") == ""
	default:
		return false
	}
}

// excepting is how many alternatives make just these exceptions.
func (x *pathIndex) excepting(but anythingBut) int {
	if n, ok := x.byExcept[but.key()]; ok {
		return x.others[n].size
	}
	return 0
}

// except is where alternatives are filed that make just these exceptions.
func (x *pathIndex) except(but anythingBut) *bucket {
	key := but.key()
	if n, ok := x.byExcept[key]; ok {
		return x.others[n]
	}
	n := len(x.others)
	if n == 0 {
		x.byExcept = map[string]int{}
	}
	x.byExcept[key] = n
	x.others, x.all = append(x.others, &bucket{}), x.all.grown(n)
	for _, m := range but {
		if broad(m) {
			continue // found too often, and seen not to match
		}
		switch p := x.posting(m, true); m.(type) {
		case *folded, equalFold, wild:
			p.checks = append(p.checks, except{n, m}) // several are filed alike
		default:
			p.excepts = append(p.excepts, n)
		}
	}
	return x.others[n]
}

// key is the same for the same exceptions.
func (m anythingBut) key() string {
	var b strings.Builder
	for _, but := range m {
		switch but := but.(type) {
		case *equal:
			fmt.Fprintf(&b, "%c%q", but.kind, but.text)
		case *folded:
			fmt.Fprintf(&b, "i%q", but.text)
		default:
			fmt.Fprintf(&b, "%T%q", but, but)
		}
	}
	return b.String()
}

// posting is where a matcher that is not broad is filed; nil where there is none yet and
// none is to be made.
func (x *pathIndex) posting(m matcher, add bool) *posting {
	switch m := m.(type) {
	case *equal:
		if m.kind == jackson.String {
			return entry(&x.texts, m.text, add)
		}
		return entry(&x.values, keyOf(&m.value), add)
	case *address:
		return entry(&x.addresses, m.ip, add)
	case prefix:
		return x.prefixes.entry(string(m), add)
	case suffix:
		return x.suffixes.entry(reversed(string(m)), add)
	case *folded:
		if m.open {
			return x.foldedPrefixes.entry(foldedForm(m.text), add)
		}
		return entry(&x.folded, foldedForm(m.text), add)
	case equalFold:
		return entry(&x.folded, foldedForm(string(m)), add)
	case foldedSuffix:
		return x.foldedSuffixes.entry(reversed(foldedForm(string(m))), add)
	case network:
		if bits := netip.Prefix(m).Bits(); add && !slices.Contains(x.lengths, bits) {
			x.lengths = append(x.lengths, bits)
		}
		return entry(&x.networks, netip.Prefix(m).Masked(), add)
	case wild:
		return x.wild(m, add)
	case *span:
		return x.spans.entry(*m, add)
	default:
		return nil
	}
}

// wild files a pattern with asterisks by its beginning or its end, or else by the longest
// text in its midst.
func (x *pathIndex) wild(m wild, add bool) *posting {
	first, last := m[0], m[len(m)-1]
	switch {
	case len(m) == 1:
		return entry(&x.texts, first, add)
	case first != "" && len(first) >= len(last):
		return x.prefixes.entry(first, add)
	case last != "":
		return x.suffixes.entry(reversed(last), add)
	default:
		return x.infixes.entry(slices.MaxFunc(m, func(a, b string) int { return len(a) - len(b) }), add)
	}
}

func entry[K comparable](m *map[K]*posting, key K, add bool) *posting {
	p := (*m)[key]
	if p == nil && add {
		if *m == nil {
			*m = map[K]*posting{}
		}
		p = &posting{}
		(*m)[key] = p
	}
	return p
}

// keyOf is a number by its worth, if it has one, or a literal.
func keyOf(v *value) value {
	if v.ranged {
		return value{kind: v.kind, number: v.number, ranged: true}
	}
	return value{kind: v.kind, text: v.text}
}

// foldedForm is the same for texts that differ by case alone, in whatever way.
func foldedForm(text string) string {
	return strings.ReplaceAll(strings.Map(func(c rune) rune { return unicode.ToUpper(unicode.ToLower(c)) }, text), "ß", "SS")
}

func reversed(text string) string {
	b := []byte(text)
	slices.Reverse(b)
	return string(b)
}

// find adds the alternatives that a value may be for.
func (x *pathIndex) find(e *Event, v *value, found numbers) {
	others := slices.Clone(x.all)
	each := func(p *posting) {
		if p == nil {
			return
		}
		p.hits.find(e, found)
		for _, n := range p.excepts {
			others.remove(n)
		}
		for _, c := range p.checks {
			if c.m.match(v) {
				others.remove(c.n)
			}
		}
	}
	x.any.find(e, found)
	switch v.kind {
	case jackson.String:
		x.findText(v.text, each)
	case jackson.Number:
		each(x.values[keyOf(v)])
		if v.ranged {
			x.spans.find(v.number, each)
		}
	default:
		each(x.values[keyOf(v)])
	}
	for n := range others.all() {
		x.others[n].find(e, found)
	}
}

func (x *pathIndex) findText(text string, each func(*posting)) {
	each(x.texts[text])
	x.prefixes.find(text, each)
	if !x.suffixes.empty() {
		x.suffixes.find(reversed(text), each)
	}
	if !x.infixes.empty() {
		for i := range len(text) {
			x.infixes.find(text[i:], each)
		}
	}
	if len(x.folded) > 0 || !x.foldedPrefixes.empty() || !x.foldedSuffixes.empty() {
		folded := foldedForm(text)
		each(x.folded[folded])
		x.foldedPrefixes.find(folded, each)
		x.foldedSuffixes.find(reversed(folded), each)
	}
	if len(x.addresses) == 0 && len(x.networks) == 0 {
		return
	}
	if ip, ok := parseAddress(text); ok {
		each(x.addresses[ip])
		for _, bits := range x.lengths {
			if network, err := ip.Prefix(bits); err == nil {
				each(x.networks[network])
			}
		}
	}
}
