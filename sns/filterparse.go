package sns

import (
	"slices"

	"github.com/waxseal/waxseal/internal/api"
)

// The values of FilterPolicyScope.
const (
	scopeAttributes = "MessageAttributes"
	scopeBody       = "MessageBody"
)

// The limits of a filter policy.
//
// See https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html.
const (
	maxFilterKeys         = 5
	maxFilterCombinations = 150
	maxFilterSize         = 256 << 10
)

// compileFilter reads a filter policy. Its errors are the client's, worded as
// SetSubscriptionAttributes does [N076].
func compileFilter(text, scope string) (*filter, error) {
	if len(text) > maxFilterSize {
		return nil, filterError(refusal("Filter policy is too large"))
	}
	if _, err := wellFormed(text); err != nil {
		return nil, filterError(err)
	}
	p := &filterParser{jsonReader{source: compacted(text)}}
	root, err := p.root()
	if err != nil {
		return nil, filterError(err)
	}
	f := &filter{body: scope == scopeBody}
	if !f.body && root.nested() {
		return nil, invalidParameter("Filter policy scope MessageAttributes does not support nested filter policy") // [N190]
	}
	if len(root) > maxFilterKeys {
		return nil, filterError(refusal("Filter policy can not have more than 5 keys")) // [N187]
	}
	if root.combinations(1, 1) > maxFilterCombinations {
		return nil, filterError(refusal("Filter policy is too complex")) // [N188]
	}
	f.alternatives = root.alternatives("", [][]condition{nil})
	for _, conditions := range f.alternatives {
		order(conditions)
	}
	return f, nil
}

func filterError(err error) *api.Error { return badDocument(attrFilterPolicy, err.Error()) }

// rule is an object of a filter policy: all of its members must match.
type rule []ruleMember

// ruleMember is one of: conditions on a name, a nested object, alternatives ($or).
type ruleMember struct {
	name      string
	condition *condition
	values    int // in the condition's list
	nested    rule
	or        []rule
}

// nested reports whether the rule reaches below the first level.
func (r rule) nested() bool {
	return slices.ContainsFunc(r, func(m ruleMember) bool {
		return m.nested != nil || slices.ContainsFunc(m.or, rule.nested)
	})
}

// combinations is AWS's measure of complexity: lists multiply, each weighed by
// its depth, and alternatives add up [N188] [N189].
func (r rule) combinations(depth, n int) int {
	for _, m := range r {
		switch {
		case m.nested != nil:
			n = m.nested.combinations(depth+1, n)
		case m.or != nil:
			sum := 0
			for _, branch := range m.or {
				sum += branch.combinations(depth, n)
			}
			n = sum
		default:
			n *= m.values * depth
		}
		n = min(n, maxFilterCombinations+1) // so that it cannot overflow
	}
	return n
}

// alternatives multiplies out what the rule adds to conditions that hold already.
func (r rule) alternatives(path string, so [][]condition) [][]condition {
	for _, m := range r {
		switch {
		case m.nested != nil:
			so = m.nested.alternatives(join(path, m.name), so)
		case m.or != nil:
			var all [][]condition
			for _, branch := range m.or {
				all = append(all, branch.alternatives(path, so)...)
			}
			so = all
		default:
			c := *m.condition
			c.path = join(path, m.name)
			with := make([][]condition, len(so))
			for i, conditions := range so {
				with[i] = append(slices.Clone(conditions), c)
			}
			so = with
		}
	}
	return so
}

// filterParser reads a filter policy in the order in which AWS does, which
// decides what of several mistakes is reported.
type filterParser struct{ jsonReader }

func (p *filterParser) root() (rule, error) {
	t, err := p.next()
	if err != nil {
		return nil, err
	}
	if t.kind != tokenObject {
		return nil, p.fail("Filter is not an object")
	}
	return p.rule()
}

// rule reads the members of an object up to its end.
func (p *filterParser) rule() (rule, error) {
	members := rule{}
	for {
		name, err := p.next()
		if err != nil || name.kind == tokenClose {
			return members, err
		}
		m, err := p.ruleMember(name.text)
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(members, func(e ruleMember) bool { return e.name == m.name }); i >= 0 {
			members[i] = m
			continue
		}
		members = append(members, m)
	}
}

func (p *filterParser) ruleMember(name string) (ruleMember, error) {
	m := ruleMember{name: name}
	t, err := p.next()
	if err != nil {
		return m, err
	}
	switch t.kind {
	case tokenObject:
		m.nested, err = p.rule()
		if err == nil && len(m.nested) == 0 {
			err = p.fail("Empty objects are not allowed")
		}
		return m, err
	case tokenArray:
		if name == "$or" && p.isOr() {
			m.or, err = p.branches()
			return m, err
		}
		m.condition, m.values, err = p.list()
		return m, err
	default:
		return m, p.fail("%q must be an object or an array", name) // [N166] [N191]
	}
}

// isOr looks ahead whether the list that follows is one of alternatives: at
// least two objects, none of which is a match expression.
func (p *filterParser) isOr() bool {
	ahead := filterParser{p.jsonReader}
	ahead.open = slices.Clone(p.open)
	depth, objects := len(p.open), 0
	for {
		t, err := ahead.next()
		switch {
		case err != nil || t.kind == tokenEnd:
			return false
		case t.kind == tokenEnded && len(ahead.open) == depth-1:
			return objects >= 2
		case t.kind == tokenObject && len(ahead.open) == depth+1:
			objects++
		case len(ahead.open) == depth && t.kind != tokenClose, t.kind == tokenArray && len(ahead.open) == depth+1:
			return false
		case t.kind == tokenName && len(ahead.open) == depth+1 && matchTypes[t.text] != nil:
			return false
		}
	}
}

func (p *filterParser) branches() ([]rule, error) {
	var or []rule
	for {
		t, err := p.next()
		if err != nil || t.kind == tokenEnded {
			return or, err
		}
		branch, err := p.rule()
		if err != nil {
			return nil, err
		}
		if len(branch) == 0 {
			return nil, p.fail("Empty objects are not allowed")
		}
		or = append(or, branch)
	}
}

// list reads the patterns for one name, and how many there are.
func (p *filterParser) list() (*condition, int, error) {
	c := new(condition)
	for n := 0; ; n++ {
		t, err := p.next()
		switch {
		case err != nil:
			return nil, 0, err
		case t.kind == tokenEnded && n == 0:
			return nil, 0, p.fail("Empty arrays are not allowed") // [N164]
		case t.kind == tokenEnded:
			return c, n, nil
		case t.kind == tokenObject:
			if err := p.expression(c); err != nil {
				return nil, 0, err
			}
		case t.scalar():
			c.patterns = append(c.patterns, &exactly{exactValue(t)})
		default:
			return nil, 0, p.fail("Match value must be String, number, true, false, or null") // [N161]
		}
	}
}

// exactValue is a scalar as events hold it.
func exactValue(t token) value {
	if t.kind == tokenString || t.kind == tokenNumber {
		return newValue(t.kind, t.text)
	}
	return newValue(t.kind, "")
}

// matchTypes are the operators of match expressions. Each reads its operand.
var matchTypes map[string]func(*filterParser, *condition) error

func init() {
	matchTypes = map[string]func(*filterParser, *condition) error{
		"anything-but":       (*filterParser).anythingBut,
		"cidr":               (*filterParser).cidr,
		"equals-ignore-case": operand("equals-ignore-case", func(s string) (pattern, error) { return ignoringCase(s), nil }),
		"exists":             (*filterParser).exists,
		"numeric":            (*filterParser).numeric,
		"prefix":             operand("prefix", func(s string) (pattern, error) { return prefixOf(s), nil }),
		"suffix":             operand("suffix", func(s string) (pattern, error) { return suffixOf(s), nil }),
		"wildcard":           operand("wildcard", parseWild),
	}
}

// expression reads a match expression such as {"prefix":"a"}.
func (p *filterParser) expression(c *condition) error {
	name, err := p.next()
	if err != nil {
		return err
	}
	if name.kind != tokenName {
		return p.fail("Match expression name not found")
	}
	read := matchTypes[name.text]
	if read == nil {
		return p.fail("Unrecognized match type %s", name.text) // [N162]
	}
	if err := read(p, c); err != nil {
		return err
	}
	return p.only()
}

// only reads the end of a match expression.
func (p *filterParser) only() error {
	t, err := p.next()
	if err == nil && t.kind != tokenClose {
		err = p.fail("Only one key allowed in match expression") // [N163]
	}
	return err
}

// operand is an operator that takes one string.
func operand(name string, compile func(string) (pattern, error)) func(*filterParser, *condition) error {
	return func(p *filterParser, c *condition) error {
		t, err := p.next()
		if err != nil {
			return err
		}
		if t.kind != tokenString {
			return p.fail("%s match pattern must be a string", name) // [N165]
		}
		compiled, err := compile(t.text)
		if err != nil {
			return err
		}
		c.patterns = append(c.patterns, compiled)
		return nil
	}
}

func (p *filterParser) exists(c *condition) error {
	t, err := p.next()
	switch {
	case err != nil:
		return err
	case t.kind == tokenTrue:
		c.patterns = append(c.patterns, exists{})
	case t.kind == tokenFalse:
		c.absent = true
	default:
		return p.fail("exists match pattern must be either true or false.") // [N184]
	}
	return nil
}
