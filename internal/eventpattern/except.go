package eventpattern

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/jackson"
)

const (
	badException  = "Value of anything-but must be an array or single string/number value."
	badInList     = "Inside anything but list, start|null|boolean is not supported."
	mixedList     = "Inside anything but list, either all values are number or string, mixed type is not supported"
	noExpression  = "Anything-But expression name not found"
	badExpression = "Unsupported anything-but pattern: %s"
)

// anythingBut reads what EventBridge's rule excepts: a value, a list of values, or an
// object with one of the operators that can be negated [V164].
func (p *parser) anythingBut(c *condition) error {
	t, err := p.Next()
	if err != nil {
		return err
	}
	var but anythingBut
	switch t.Kind {
	case jackson.String, jackson.Number:
		var m matcher
		if m, err = p.exception(t); err == nil {
			but = anythingBut{m}
		}
	case jackson.Array:
		but, err = p.exceptions()
	case jackson.Object:
		but, err = p.negated()
	default:
		err = p.Fail(badException) // [V169]
	}
	if err != nil {
		return err
	}
	c.matchers = append(c.matchers, but)
	return nil
}

// exception is one excepted value: a number that can be compared, or a string, of which an
// address is excepted in this spelling alone.
func (p *parser) exception(t jackson.Token) (matcher, error) {
	m := &equal{p.dialect.value(t.Kind, t.Text)}
	if t.Kind == jackson.Number && !m.ranged {
		return nil, complaint(fmt.Sprintf(cannotCompare, t.Text))
	}
	return m, nil
}

// exceptions reads a list of values. What is wrong with one of them AWS says twice over
// [V136]; that they are of two kinds it sees at the end.
func (p *parser) exceptions() (anythingBut, error) {
	var but anythingBut
	kinds := map[jackson.Kind]bool{}
	for {
		t, err := p.Next()
		switch {
		case err != nil:
			return nil, wrapped(err)
		case t.Kind == jackson.ArrayEnd && len(kinds) != 1:
			return nil, p.Fail(mixedList) // [V170]
		case t.Kind == jackson.ArrayEnd:
			return but, nil
		case t.Kind != jackson.String && t.Kind != jackson.Number:
			return nil, wrapped(p.Fail(badInList)) // [V169]
		}
		kinds[t.Kind] = true
		m, err := p.exception(t)
		if err != nil {
			return nil, p.Fail("%s", err)
		}
		but = append(but, m)
	}
}

// negation is an operator within anything-but.
type negation struct {
	wrong   string // is said of what is no string
	compile func(*parser, string) (matcher, error)
	late    bool // the strings of a list are looked into at its end
}

// negations are filled by init, as operators is.
var negations map[string]negation

func init() {
	edge := func(of func(string) matcher) negation {
		return negation{wrong: "prefix/suffix match pattern must be a string", compile: func(p *parser, text string) (matcher, error) {
			if text == "" {
				return nil, p.FailRead("Null prefix/suffix not allowed") // [V171]
			}
			return of(text), nil
		}}
	}
	negations = map[string]negation{
		"prefix":   edge(prefixOf),
		"suffix":   edge(suffixOf),
		"wildcard": {wrong: "wildcard match pattern must be a string", compile: (*parser).wildcardOf, late: true},
		"equals-ignore-case": {wrong: "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
			compile: func(_ *parser, text string) (matcher, error) { return ignoringCase(text), nil }},
	}
}

// negated reads {"prefix":"a"} or {"prefix":["a","b"]}.
func (p *parser) negated() (anythingBut, error) {
	name, err := p.Next()
	if err != nil {
		return nil, err
	}
	if name.Kind != jackson.Name {
		return nil, p.Fail(noExpression) // [V173]
	}
	n, ok := negations[name.Text]
	if !ok {
		return nil, p.Fail(badExpression, name.Text)
	}
	t, err := p.Next()
	if err != nil {
		return nil, err
	}
	var but anythingBut
	switch t.Kind {
	case jackson.Array:
		but, err = p.negatedList(n)
	case jackson.String, jackson.Number:
		var m matcher
		if m, err = p.negatedValue(n, t); err == nil {
			but = anythingBut{m}
		}
	default:
		err = p.Fail(badException) // [V174]
	}
	if err != nil {
		return nil, err
	}
	return but, p.end(p.dialect.leftOver())
}

func (p *parser) negatedValue(n negation, t jackson.Token) (matcher, error) {
	if t.Kind != jackson.String {
		return nil, p.Fail("%s", n.wrong) // [V171] [V172]
	}
	return n.compile(p, t.Text)
}

func (p *parser) negatedList(n negation) (anythingBut, error) {
	var but anythingBut
	var late []string
	for {
		t, err := p.Next()
		switch {
		case err != nil:
			return nil, wrapped(err)
		case t.Kind == jackson.ArrayEnd && len(but)+len(late) == 0:
			return nil, p.Fail(mixedList) // [V175]
		case t.Kind == jackson.ArrayEnd:
			return p.compileLate(n, but, late)
		case n.late && t.Kind == jackson.String:
			late = append(late, t.Text)
			continue
		}
		m, err := p.negatedValue(n, t)
		if err != nil {
			return nil, wrapped(err)
		}
		but = append(but, m)
	}
}

func (p *parser) compileLate(n negation, but anythingBut, late []string) (anythingBut, error) {
	for _, text := range late {
		m, err := n.compile(p, text)
		if err != nil {
			return nil, err
		}
		but = append(but, m)
	}
	return but, nil
}

// anythingButPolicy reads what SNS's filter policy excepts: it has fewer operators to
// negate, and complains of a list earlier [N185] [N186].
func (p *parser) anythingButPolicy(c *condition) error {
	t, err := p.Next()
	if err != nil {
		return err
	}
	var but anythingBut
	switch t.Kind {
	case jackson.String, jackson.Number:
		but = anythingBut{p.exactly(t)}
	case jackson.Array:
		but, err = p.policyExceptions()
	case jackson.Object:
		but, err = p.policyNegated()
	default:
		err = p.Fail(badException)
	}
	if err != nil {
		return err
	}
	c.matchers = append(c.matchers, but)
	return nil
}

func (p *parser) policyExceptions() (anythingBut, error) {
	var but anythingBut
	var kind jackson.Kind
	for {
		t, err := p.Next()
		switch {
		case err != nil:
			return nil, err
		case t.Kind == jackson.ArrayEnd && len(but) == 0:
			return nil, p.Fail("Empty arrays are not allowed")
		case t.Kind == jackson.ArrayEnd:
			return but, nil
		case t.Kind != jackson.String && t.Kind != jackson.Number:
			return nil, p.Fail(badInList)
		case len(but) > 0 && t.Kind != kind:
			return nil, p.Fail(mixedList)
		}
		kind = t.Kind
		but = append(but, p.exactly(t))
	}
}

func (p *parser) policyNegated() (anythingBut, error) {
	name, err := p.Next()
	if err != nil {
		return nil, err
	}
	if name.Kind != jackson.Name {
		return nil, p.Fail(noExpression)
	}
	if name.Text != "prefix" && name.Text != "wildcard" {
		return nil, p.Fail(badExpression, name.Text)
	}
	var c condition
	if err := operators[name.Text].sns(p, &c); err != nil {
		return nil, err
	}
	return c.matchers, p.end(onlyOneKey)
}

// wildcard reads a text with asterisks.
func (p *parser) wildcard(c *condition) error {
	t, err := p.Next()
	if err != nil {
		return err
	}
	if t.Kind != jackson.String {
		return p.Fail("wildcard match pattern must be a string") // [V201]
	}
	m, err := p.wildcardOf(t.Text)
	if err != nil {
		return err
	}
	c.matchers = append(c.matchers, m)
	return nil
}

// wildcardOf splits a wildcard pattern at its asterisks. A backslash takes the meaning from
// an asterisk or a backslash [V196]-[V198]. EventBridge counts positions from the opening
// quote [V199], and names the place in the document.
func (p *parser) wildcardOf(text string) (matcher, error) {
	parts := wild{""}
	star := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '*' {
			if star {
				return nil, p.badWildcard("Consecutive wildcard characters at pos ", i-1)
			}
			star = true
			parts = append(parts, "")
			continue
		}
		star = false
		if c == '\\' {
			i++
			if i == len(text) || !strings.ContainsRune(`*\`, rune(text[i])) {
				return nil, p.badWildcard("Invalid escape character at pos ", i-1)
			}
		}
		parts[len(parts)-1] += text[i : i+1]
	}
	if p.dialect == EventBridge && parts.complexity() > maxComplexity {
		return nil, complaint("Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character")
	}
	return parts, nil
}

func (p *parser) badWildcard(what string, at int) error {
	if p.dialect == SNS {
		return complaint(what + strconv.Itoa(at))
	}
	return p.FailRead("%s%d", what, at+1)
}
