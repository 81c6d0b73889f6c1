package eventpattern

import (
	"errors"
	"slices"

	"github.com/waxseal/waxseal/internal/jackson"
)

// parser reads a pattern in the order in which AWS does, which decides what of several
// mistakes is reported.
type parser struct {
	*jackson.Reader
	dialect Dialect
	or      int    // $or around the place
	beyond  string // a number that cannot be compared
}

const (
	emptyObject     = "Empty objects are not allowed"
	onlyOneKey      = "Only one key allowed in match expression"
	cannotCompare   = "Cannot compare number : %s"
	tooManyElements = "Too many elements in numeric expression"
)

func (p *parser) root() (rule, error) {
	t, err := p.Next()
	if err != nil {
		return nil, err
	}
	if t.Kind != jackson.Object {
		return nil, p.Fail("Filter is not an object") // [V138]
	}
	r, err := p.rule()
	if err == nil && len(r) == 0 && p.dialect == EventBridge {
		err = p.Fail(emptyObject)
	}
	return r, err
}

// rule reads the members of an object up to its end.
func (p *parser) rule() (rule, error) {
	members := rule{}
	for {
		name, err := p.Next()
		if err != nil || name.Kind == jackson.ObjectEnd {
			return members, err
		}
		m, err := p.member(name.Text)
		if err != nil {
			return nil, err
		}
		// EventBridge replaces path by path, when the alternatives are multiplied out.
		if i := slices.IndexFunc(members, func(e member) bool { return e.name == m.name }); i >= 0 && p.dialect == SNS {
			members[i] = m
			continue
		}
		members = append(members, m)
	}
}

func (p *parser) member(name string) (m member, err error) {
	m.name = name
	if p.or > 0 && p.dialect == EventBridge && slices.Contains(reserved, name) {
		return m, p.Fail("%s is Ruler reserved fieldName which cannot be used inside $or.", name)
	}
	t, err := p.Next()
	if err != nil {
		return m, err
	}
	switch {
	case name == "$or" && p.dialect == EventBridge:
		if t.Kind != jackson.Array {
			return m, p.Fail("It must be an Array followed with $or.") // [V204]
		}
		m.or, err = p.branches()
	case t.Kind == jackson.Array && name == "$or" && p.isOr():
		m.or, err = p.branches()
	case t.Kind == jackson.Array:
		m.condition, m.values, err = p.list()
	case t.Kind == jackson.Object:
		if m.nested, err = p.rule(); err == nil && len(m.nested) == 0 {
			err = p.Fail(emptyObject)
		}
	default:
		err = p.Fail("\"%s\" must be an object or an array", name) // [N166] [N191] [V139]
	}
	return m, err
}

// isOr looks ahead whether the list that follows is one of SNS's alternatives: at least
// two objects, none of which is a match expression.
func (p *parser) isOr() bool {
	ahead := p.Clone()
	depth, objects := p.Depth(), 0
	for {
		t, err := ahead.Next()
		switch {
		case err != nil || t.Kind == jackson.End:
			return false
		case t.Kind == jackson.ArrayEnd && ahead.Depth() == depth-1:
			return objects >= 2
		case t.Kind == jackson.Object && ahead.Depth() == depth+1:
			objects++
		case ahead.Depth() == depth && t.Kind != jackson.ObjectEnd, t.Kind == jackson.Array && ahead.Depth() == depth+1:
			return false
		case t.Kind == jackson.Name && ahead.Depth() == depth+1 && operators[t.Text].of(p.dialect) != nil:
			return false
		}
	}
}

func (p *parser) branches() ([]rule, error) {
	var or []rule
	p.or++
	defer func() { p.or-- }()
	for {
		t, err := p.Next()
		switch {
		case err != nil:
			return nil, err
		case t.Kind == jackson.ArrayEnd && len(or) < 2 && p.dialect == EventBridge:
			return nil, p.Fail("There must have at least 2 Objects in $or relationship.") // [V203]
		case t.Kind == jackson.ArrayEnd:
			return or, nil
		case t.Kind != jackson.Object:
			return nil, p.Fail("Only JSON object is allowed in array of $or relationship.")
		}
		branch, err := p.rule()
		if err != nil {
			return nil, err
		}
		if len(branch) == 0 {
			return nil, p.Fail(emptyObject)
		}
		or = append(or, branch)
	}
}

// list reads the matchers for one name, and how many there are.
func (p *parser) list() (*condition, int, error) {
	c := new(condition)
	for n := 0; ; n++ {
		t, err := p.Next()
		switch {
		case err != nil:
			return nil, 0, err
		case t.Kind == jackson.ArrayEnd && n == 0:
			return nil, 0, p.Fail("Empty arrays are not allowed") // [N164] [V139]
		case t.Kind == jackson.ArrayEnd:
			return c, n, nil
		case t.Kind == jackson.Object:
			if err := p.expression(c); err != nil {
				return nil, 0, err
			}
		case t.Scalar():
			c.matchers = append(c.matchers, p.exactly(t))
		default:
			return nil, 0, p.Fail("Match value must be String, number, true, false, or null") // [N161] [V140]
		}
	}
}

// exactly is the matcher of a plain value.
func (p *parser) exactly(t jackson.Token) matcher {
	if p.dialect == EventBridge && t.Kind == jackson.String {
		if ip, ok := parseAddress(t.Text); ok {
			return &address{t.Text, ip}
		}
	}
	return &equal{p.dialect.value(t.Kind, t.Text)}
}

// wrapped is an error that AWS has wrapped in another one.
func wrapped(err error) error {
	if e := new(jackson.Error); errors.As(err, &e) {
		return complaint(e.Twice())
	}
	return err
}
