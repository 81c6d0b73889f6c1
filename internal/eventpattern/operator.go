package eventpattern

import (
	"math"

	"github.com/waxseal/waxseal/internal/jackson"
)

// operator is what a match expression such as {"prefix":"a"} is about. Each dialect reads
// its operand in its own way; nil: the dialect has no such operator.
type operator struct {
	eventBridge, sns func(*parser, *condition) error
}

func (o operator) of(d Dialect) func(*parser, *condition) error {
	if d == SNS {
		return o.sns
	}
	return o.eventBridge
}

// operators are filled by init, because some read others.
var operators map[string]operator

func init() {
	both := func(read func(*parser, *condition) error) operator { return operator{read, read} }
	operators = map[string]operator{
		"anything-but":       {(*parser).anythingBut, (*parser).anythingButPolicy},
		"cidr":               both((*parser).cidr),
		"equals-ignore-case": {text("equals-ignore-case", ignoringCase), text("equals-ignore-case", func(s string) matcher { return equalFold(s) })},
		"exactly":            {eventBridge: (*parser).exactOnly},
		"exists":             both((*parser).exists),
		"numeric":            both((*parser).numeric),
		"prefix":             {edge("prefix", "Prefix", prefixOf, func(s string) matcher { return &folded{s, true} }), text("prefix", prefixOf)},
		"suffix":             {edge("suffix", "Suffix", suffixOf, func(s string) matcher { return foldedSuffix(s) }), text("suffix", suffixOf)},
		"wildcard":           both((*parser).wildcard),
	}
}

func prefixOf(s string) matcher     { return prefix(s) }
func suffixOf(s string) matcher     { return suffix(s) }
func ignoringCase(s string) matcher { return &folded{s, false} }

// expression reads a match expression.
func (p *parser) expression(c *condition) error {
	name, err := p.Next()
	if err != nil {
		return err
	}
	if name.Kind != jackson.Name {
		return p.Fail("Match expression name not found") // [V141]
	}
	read := operators[name.Text].of(p.dialect)
	if read == nil {
		return p.Fail("Unrecognized match type %s", name.Text) // [N162] [V141]
	}
	if err := read(p, c); err != nil {
		return err
	}
	if name.Text == "anything-but" || name.Text == "numeric" {
		return p.end(p.dialect.leftOver())
	}
	return p.end(onlyOneKey) // [N163] [V141]
}

// end reads the end of a match expression.
func (p *parser) end(otherwise string) error {
	t, err := p.Next()
	if err == nil && t.Kind != jackson.ObjectEnd {
		err = p.Fail("%s", otherwise)
	}
	return err
}

// text is an operator that takes one string.
func text(name string, compile func(string) matcher) func(*parser, *condition) error {
	return func(p *parser, c *condition) error {
		t, err := p.Next()
		if err != nil {
			return err
		}
		return p.textOf(name, t, c, compile)
	}
}

func (p *parser) textOf(name string, t jackson.Token, c *condition, compile func(string) matcher) error {
	if t.Kind != jackson.String {
		return p.Fail("%s match pattern must be a string", name) // [N165] [V159] [V161]
	}
	c.matchers = append(c.matchers, compile(t.Text))
	return nil
}

// edge is prefix or suffix: a string, or {"equals-ignore-case": a string} [V157] [V158].
func edge(name, title string, plain, fold func(string) matcher) func(*parser, *condition) error {
	return func(p *parser, c *condition) error {
		t, err := p.Next()
		if err != nil {
			return err
		}
		if t.Kind != jackson.Object {
			return p.textOf(name, t, c, plain)
		}
		inner, err := p.Next()
		switch {
		case err != nil:
			return err
		case inner.Kind != jackson.Name:
			return p.Fail("%s expression name not found", title) // [V160]
		case inner.Text != "equals-ignore-case":
			return p.Fail("Unsupported %s pattern: %s", name, inner.Text)
		}
		if err := text("equals-ignore-case", fold)(p, c); err != nil {
			return err
		}
		return p.end(onlyOneKey)
	}
}

// exactOnly reads {"exactly":"a"}, which is the same as "a" [V163].
func (p *parser) exactOnly(c *condition) error {
	t, err := p.Next()
	if err != nil {
		return err
	}
	if t.Kind != jackson.String {
		return p.Fail("exact match pattern must be a string")
	}
	c.matchers = append(c.matchers, &equal{p.dialect.value(t.Kind, t.Text)})
	return nil
}

func (p *parser) exists(c *condition) error {
	t, err := p.Next()
	switch {
	case err != nil:
		return err
	case t.Kind == jackson.True:
		c.matchers = append(c.matchers, exists{p.dialect})
	case t.Kind == jackson.False:
		c.absent = true
	default:
		return p.Fail("exists match pattern must be either true or false.") // [N184] [V187]
	}
	return nil
}

// cidr reads a network. Its complaint about an operand that is no string names another
// operator on AWS too [N167] [V194].
func (p *parser) cidr(c *condition) error {
	t, err := p.Next()
	if err != nil {
		return err
	}
	if t.Kind != jackson.String {
		return p.Fail("prefix match pattern must be a string")
	}
	parsed, err := parseNetwork(t.Text)
	if err != nil {
		return err
	}
	c.matchers = append(c.matchers, network(parsed))
	return nil
}

// numeric reads ["=",1], [">",1] or [">",1,"<=",2] [N171]-[N183] [V177]-[V183].
func (p *parser) numeric(c *condition) error {
	if t, err := p.Next(); err != nil {
		return err
	} else if t.Kind != jackson.Array {
		return p.Fail("Value of numeric must be an array.")
	}
	operator, err := p.Next()
	if err != nil {
		return err
	}
	if operator.Kind != jackson.String {
		return p.Fail("Invalid member in numeric match: %s", operator.Text)
	}
	limit := &span{low: math.Inf(-1), high: math.Inf(1)}
	switch operator.Text {
	case "=":
		if limit.low, err = p.number("equals"); err == nil {
			limit.high = limit.low
			err = p.endOfNumeric(tooManyElements)
		}
	case "<", "<=":
		limit.highOpen = operator.Text == "<"
		if limit.high, err = p.number(operator.Text); err == nil {
			err = p.endOfNumeric(tooManyElements)
		}
	case ">", ">=":
		limit.lowOpen = operator.Text == ">"
		if limit.low, err = p.number(operator.Text); err == nil {
			err = p.upper(limit)
		}
	default:
		if _, err = p.Next(); err == nil { // AWS has read on by then
			err = p.Fail("Unrecognized numeric range operator: %s", operator.Text)
		}
	}
	switch {
	case err != nil:
		return err
	case p.beyond != "":
		return p.Fail(cannotCompare, p.beyond)
	}
	c.matchers = append(c.matchers, limit)
	return nil
}

// upper reads the second half of a range, if there is one.
func (p *parser) upper(limit *span) error {
	operator, err := p.Next()
	switch {
	case err != nil:
		return err
	case operator.Kind == jackson.ArrayEnd:
		return nil
	case operator.Kind != jackson.String:
		return p.Fail("Bad value in numeric range: %s", operator.Text)
	case operator.Text != "<" && operator.Text != "<=":
		return p.FailRead("Bad numeric range operator: %s", operator.Text)
	}
	limit.highOpen = operator.Text == "<"
	if limit.high, err = p.number(operator.Text); err != nil {
		return err
	}
	if err := p.endOfNumeric("Too many terms in numeric range expression"); err != nil {
		return err
	}
	if p.beyond == "" && limit.low >= limit.high {
		return p.Fail("Bottom must be less than top") // [N178] [V180]
	}
	return nil
}

func (p *parser) number(of string) (float64, error) {
	t, err := p.Next()
	if err != nil {
		return 0, err
	}
	if t.Kind != jackson.Number {
		return 0, p.Fail("Value of %s must be numeric", of)
	}
	number, ok := p.dialect.number(t.Text)
	if !ok && p.dialect == SNS {
		return 0, p.Fail("Value must be between -1.0E9 and 1.0E9, inclusive")
	}
	if !ok && p.beyond == "" { // is said when the expression has been read
		p.beyond = t.Text
	}
	return number, nil
}

func (p *parser) endOfNumeric(otherwise string) error {
	t, err := p.Next()
	if err == nil && t.Kind != jackson.ArrayEnd {
		err = p.Fail("%s", otherwise)
	}
	return err
}
