package sns

import (
	"math"
	"net/netip"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// cidr reads a network. Its complaint about an operand that is no string names
// another operator on AWS too [N167].
func (p *filterParser) cidr(c *condition) error {
	t, err := p.next()
	if err != nil {
		return err
	}
	if t.kind != tokenString {
		return p.fail("prefix match pattern must be a string")
	}
	network, err := parseNetwork(t.text)
	if err != nil {
		return err
	}
	c.patterns = append(c.patterns, within(network))
	return nil
}

// parseNetwork reads an address and a length [N168]-[N170].
func parseNetwork(text string) (netip.Prefix, error) {
	address, length, ok := strings.Cut(text, "/")
	if !ok || strings.Contains(length, "/") {
		return netip.Prefix{}, refusal("Malformed CIDR, one '/' required")
	}
	bits, err := strconv.Atoi(length)
	if err != nil {
		return netip.Prefix{}, refusal("Malformed CIDR, mask bits must be an integer")
	}
	if bits < 0 {
		return netip.Prefix{}, refusal("Malformed CIDR, mask bits must not be negative")
	}
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Zone() != "" {
		return netip.Prefix{}, refusal("Nonstandard IP address: " + address)
	}
	if bits >= ip.BitLen() {
		if ip.Is4() {
			return netip.Prefix{}, refusal("IPv4 mask bits must be < 32")
		}
		return netip.Prefix{}, refusal("IPv6 mask bits must be < 128")
	}
	return netip.PrefixFrom(ip, bits), nil
}

// numeric reads ["=",1], [">",1] or [">",1,"<=",2] [N171]-[N183].
func (p *filterParser) numeric(c *condition) error {
	if t, err := p.next(); err != nil {
		return err
	} else if t.kind != tokenArray {
		return p.fail("Value of numeric must be an array.")
	}
	operator, err := p.next()
	if err != nil {
		return err
	}
	if operator.kind != tokenString {
		return p.fail("Invalid member in numeric match: %s", operator.text)
	}
	limit := &numericRange{low: math.MinInt64, high: math.MaxInt64}
	switch operator.text {
	case "=":
		if limit.low, err = p.number("equals"); err == nil {
			limit.high = limit.low
			err = p.endOfNumeric("Too many elements in numeric expression")
		}
	case "<", "<=":
		limit.highOpen = operator.text == "<"
		if limit.high, err = p.number(operator.text); err == nil {
			err = p.endOfNumeric("Too many elements in numeric expression")
		}
	case ">", ">=":
		limit.lowOpen = operator.text == ">"
		if limit.low, err = p.number(operator.text); err == nil {
			err = p.upper(limit)
		}
	default:
		if _, err = p.next(); err == nil { // AWS has read on by then
			err = p.fail("Unrecognized numeric range operator: %s", operator.text)
		}
	}
	if err != nil {
		return err
	}
	c.patterns = append(c.patterns, limit)
	return nil
}

// upper reads the second half of a range, if there is one.
func (p *filterParser) upper(limit *numericRange) error {
	operator, err := p.next()
	switch {
	case err != nil:
		return err
	case operator.kind == tokenEnded:
		return nil
	case operator.kind != tokenString:
		return p.fail("Bad value in numeric range: %s", operator.text)
	case operator.text != "<" && operator.text != "<=":
		return p.failRead("Bad numeric range operator: %s", operator.text)
	}
	limit.highOpen = operator.text == "<"
	if limit.high, err = p.number(operator.text); err != nil {
		return err
	}
	if err := p.endOfNumeric("Too many terms in numeric range expression"); err != nil {
		return err
	}
	if limit.low >= limit.high {
		return p.fail("Bottom must be less than top")
	}
	return nil
}

func (p *filterParser) number(of string) (int64, error) {
	t, err := p.next()
	if err != nil {
		return 0, err
	}
	if t.kind != tokenNumber {
		return 0, p.fail("Value of %s must be numeric", of)
	}
	number, ok := fixed(t.text)
	if !ok {
		return 0, p.fail("Value must be between -1.0E9 and 1.0E9, inclusive")
	}
	return number, nil
}

func (p *filterParser) endOfNumeric(complaint string) error {
	t, err := p.next()
	if err == nil && t.kind != tokenEnded {
		err = p.fail("%s", complaint)
	}
	return err
}

// anythingBut reads what is excepted: a value, a list of values, or an object
// with one of the operators that can be negated.
func (p *filterParser) anythingBut(c *condition) error {
	t, err := p.next()
	if err != nil {
		return err
	}
	var but anythingBut
	switch t.kind {
	case tokenString, tokenNumber:
		but = anythingBut{&exactly{exactValue(t)}}
	case tokenArray:
		but, err = p.exceptions()
	case tokenObject:
		but, err = p.negated()
	default:
		err = p.fail("Value of anything-but must be an array or single string/number value.")
	}
	if err != nil {
		return err
	}
	c.patterns = append(c.patterns, but)
	return nil
}

func (p *filterParser) exceptions() (anythingBut, error) {
	var but anythingBut
	var kind tokenKind
	for {
		t, err := p.next()
		switch {
		case err != nil:
			return nil, err
		case t.kind == tokenEnded && len(but) == 0:
			return nil, p.fail("Empty arrays are not allowed")
		case t.kind == tokenEnded:
			return but, nil
		case t.kind != tokenString && t.kind != tokenNumber:
			return nil, p.fail("Inside anything but list, start|null|boolean is not supported.")
		case len(but) > 0 && t.kind != kind:
			return nil, p.fail("Inside anything but list, either all values are number or string, mixed type is not supported")
		}
		kind = t.kind
		but = append(but, &exactly{exactValue(t)})
	}
}

// negated reads {"prefix":"a"} or {"wildcard":"a*"} within anything-but [N185] [N186].
func (p *filterParser) negated() (anythingBut, error) {
	name, err := p.next()
	if err != nil {
		return nil, err
	}
	if name.kind != tokenName {
		return nil, p.fail("Anything-But expression name not found")
	}
	if name.text != "prefix" && name.text != "wildcard" {
		return nil, p.fail("Unsupported anything-but pattern: %s", name.text)
	}
	var c condition
	if err := matchTypes[name.text](p, &c); err != nil {
		return nil, err
	}
	return c.patterns, p.only()
}

// parseWild splits a wildcard pattern at its asterisks. A backslash takes the
// meaning from an asterisk or a backslash.
func parseWild(text string) (pattern, error) {
	parts := wild{""}
	star := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '*' {
			if star {
				return nil, refusal("Consecutive wildcard characters at pos " + itoa(i-1))
			}
			star = true
			parts = append(parts, "")
			continue
		}
		star = false
		if c == '\\' {
			i++
			if i == len(text) || !strings.ContainsRune(`*\`, rune(text[i])) {
				return nil, refusal("Invalid escape character at pos " + itoa(i-1))
			}
			c = text[i]
		}
		parts[len(parts)-1] += string(c)
	}
	return parts, nil
}
