package policyeval

import (
	"encoding/base64"
	"encoding/binary"
	"net/netip"
	"strings"
)

// operator is one condition operator in its positive form. The negated form
// (NotEquals and its like), IfExists and the set operators ForAllValues and
// ForAnyValue are handled once, in condition.go.
type operator struct {
	name    string // in AWS's spelling
	negated bool
	// variables: the values may hold policy variables.
	variables bool
	compile   func(values []string, variables bool) wanted
}

// wanted is what a condition compares a key's value with. matches reports
// whether got fits at least one of the condition's values.
type wanted interface {
	matches(got string, c *Context) bool
}

// operatorTable is every operator of the language except Null, which tests
// whether a key is present and not its value.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html.
var operatorTable = []operator{
	{"StringEquals", false, true, equalTexts},
	{"StringNotEquals", true, true, equalTexts},
	{"StringEqualsIgnoreCase", false, true, foldedTexts},
	{"StringNotEqualsIgnoreCase", true, true, foldedTexts},
	{"StringLike", false, true, likeTexts},
	{"StringNotLike", true, true, likeTexts},
	{"NumericEquals", false, false, numbers(func(order int) bool { return order == 0 })},
	{"NumericNotEquals", true, false, numbers(func(order int) bool { return order == 0 })},
	{"NumericLessThan", false, false, numbers(func(order int) bool { return order < 0 })},
	{"NumericLessThanEquals", false, false, numbers(func(order int) bool { return order <= 0 })},
	{"NumericGreaterThan", false, false, numbers(func(order int) bool { return order > 0 })},
	{"NumericGreaterThanEquals", false, false, numbers(func(order int) bool { return order >= 0 })},
	{"DateEquals", false, false, dates(func(order int) bool { return order == 0 })},
	{"DateNotEquals", true, false, dates(func(order int) bool { return order == 0 })},
	{"DateLessThan", false, false, dates(func(order int) bool { return order < 0 })},
	{"DateLessThanEquals", false, false, dates(func(order int) bool { return order <= 0 })},
	{"DateGreaterThan", false, false, dates(func(order int) bool { return order > 0 })},
	{"DateGreaterThanEquals", false, false, dates(func(order int) bool { return order >= 0 })},
	{"Bool", false, false, bools},
	{"BinaryEquals", false, false, binaries},
	{"IpAddress", false, false, networks},
	{"NotIpAddress", true, false, networks},
	{"ArnEquals", false, true, arns},
	{"ArnNotEquals", true, true, arns},
	{"ArnLike", false, true, arns},
	{"ArnNotLike", true, true, arns},
}

// operators finds an operator by its name in lower case.
var operators = func() map[string]*operator {
	m := make(map[string]*operator, len(operatorTable))
	for i := range operatorTable {
		m[strings.ToLower(operatorTable[i].name)] = &operatorTable[i]
	}
	return m
}()

// texts are the values of StringEquals and StringLike.
type texts []pattern

func equalTexts(values []string, variables bool) wanted {
	return compileTexts(values, false, variables)
}
func likeTexts(values []string, variables bool) wanted { return compileTexts(values, true, variables) }

func compileTexts(values []string, wild, variables bool) wanted {
	w := make(texts, len(values))
	for i, v := range values {
		w[i] = newPattern(v, wild, variables)
	}
	if len(w) == 1 {
		return &w[0]
	}
	return w
}

func (w texts) matches(got string, c *Context) bool {
	for i := range w {
		if w[i].matches(got, c) {
			return true
		}
	}
	return false
}

// folded are the values of StringEqualsIgnoreCase.
type folded [][]token

func foldedTexts(values []string, variables bool) wanted {
	w := make(folded, len(values))
	for i, v := range values {
		w[i] = tokenize(v, false, variables)
	}
	return w
}

func (w folded) matches(got string, c *Context) bool {
	for _, tokens := range w {
		if text, ok := join(tokens, c); ok && strings.EqualFold(got, text) {
			return true
		}
	}
	return false
}

// join is the text of tokens without wildcards.
func join(tokens []token, c *Context) (text string, ok bool) {
	for i := range tokens {
		part, ok := tokens[i].value(c)
		if !ok {
			return "", false
		}
		text += part
	}
	return text, true
}

// arnTexts are the values of the Arn operators.
type arnTexts []arnPattern

func arns(values []string, variables bool) wanted {
	w := make(arnTexts, len(values))
	for i, v := range values {
		w[i] = compileARNValue(v, variables)
	}
	if len(w) == 1 {
		return &w[0]
	}
	return w
}

func (w arnTexts) matches(got string, c *Context) bool {
	for i := range w {
		if w[i].matches(got, c) {
			return true
		}
	}
	return false
}

// ordered are values that are compared by order: numbers and dates. A value
// that cannot be read matches nothing, on either side.
type ordered[T interface{ Compare(T) int }] struct {
	values []T
	parse  func(string) (T, bool)
	holds  func(order int) bool
}

func (w *ordered[T]) matches(got string, _ *Context) bool {
	g, ok := w.parse(got)
	if !ok {
		return false
	}
	for i := range w.values {
		if w.holds(g.Compare(w.values[i])) {
			return true
		}
	}
	return false
}

func compileOrdered[T interface{ Compare(T) int }](
	parse func(string) (T, bool), holds func(order int) bool,
) func([]string, bool) wanted {
	return func(values []string, _ bool) wanted {
		w := &ordered[T]{parse: parse, holds: holds}
		for _, v := range values {
			if parsed, ok := parse(v); ok {
				w.values = append(w.values, parsed)
			}
		}
		return w
	}
}

func numbers(holds func(order int) bool) func([]string, bool) wanted {
	return compileOrdered(parseDecimal, holds)
}

func dates(holds func(order int) bool) func([]string, bool) wanted {
	return compileOrdered(parseInstant, holds)
}

// truths are the values of Bool.
type truths uint8

const yes, no truths = 1, 2

func bools(values []string, _ bool) wanted {
	var w truths
	for _, v := range values {
		switch {
		case strings.EqualFold(v, "true"):
			w |= yes
		case strings.EqualFold(v, "false"):
			w |= no
		}
	}
	return w
}

func (w truths) matches(got string, _ *Context) bool {
	return w&yes != 0 && strings.EqualFold(got, "true") || w&no != 0 && strings.EqualFold(got, "false")
}

// blobs are the values of BinaryEquals: base64, which in its strict form
// writes each value in one way only, so that the texts can be compared.
type blobs []string

func binaries(values []string, _ bool) wanted {
	var w blobs
	for _, v := range values {
		if isBase64(v) {
			w = append(w, v)
		}
	}
	return w
}

// isBase64 reports whether s is base64 in its only strict form. (The decoder
// skips line breaks.)
func isBase64(s string) bool {
	_, err := base64.StdEncoding.Strict().DecodeString(s)
	return err == nil && !strings.ContainsAny(s, "\r\n")
}

func (w blobs) matches(got string, _ *Context) bool {
	for _, v := range w {
		if v == got {
			return true
		}
	}
	return false
}

// nets are the values of IpAddress, those of IPv4 apart from those of IPv6.
type nets struct {
	v4 []network4
	v6 []netip.Prefix
}

// network4 is a block of IPv4 addresses: those whose masked bits are base.
type network4 struct{ base, mask uint32 }

func networks(values []string, _ bool) wanted {
	var w nets
	for _, v := range values {
		prefix, ok := parseNetwork(v)
		switch {
		case !ok:
		case prefix.Addr().Is4():
			b := prefix.Addr().As4()
			mask := ^uint32(0) << (32 - prefix.Bits())
			w.v4 = append(w.v4, network4{binary.BigEndian.Uint32(b[:]) & mask, mask})
		default:
			w.v6 = append(w.v6, prefix.Masked())
		}
	}
	return &w
}

// parseNetwork reads a CIDR block, whose bits beyond the prefix length are
// ignored, or an address, which is a block of one address.
func parseNetwork(s string) (netip.Prefix, bool) {
	if strings.Contains(s, "/") {
		prefix, err := netip.ParsePrefix(s)
		return prefix, err == nil
	}
	addr, err := netip.ParseAddr(s)
	if err != nil || addr.Zone() != "" {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(addr, addr.BitLen()), true
}

func (w *nets) matches(got string, _ *Context) bool {
	if addr, ok := parseIPv4(got); ok {
		for _, n := range w.v4 {
			if addr&n.mask == n.base {
				return true
			}
		}
		return false
	}
	if len(w.v6) == 0 || !strings.Contains(got, ":") {
		return false
	}
	addr, err := netip.ParseAddr(got)
	if err != nil {
		return false
	}
	for _, prefix := range w.v6 {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// parseIPv4 reads four decimal numbers without leading zeros, several times
// as fast as net/netip.
func parseIPv4(s string) (addr uint32, ok bool) {
	part, digits, dots := uint32(0), 0, 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c == '.' && digits > 0:
			addr = addr<<8 | part
			part, digits = 0, 0
			dots++
		case '0' <= c && c <= '9' && (digits == 0 || part > 0):
			part = part*10 + uint32(c-'0')
			digits++
		default:
			return 0, false
		}
		if part > 255 || dots > 3 {
			return 0, false
		}
	}
	return addr<<8 | part, digits > 0 && dots == 3
}
