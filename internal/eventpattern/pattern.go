package eventpattern

import (
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/jackson"
)

// Pattern is a compiled pattern: an event matches if it meets all conditions of one of the
// alternatives.
type Pattern struct {
	dialect      Dialect
	root         rule
	alternatives [][]condition
}

// maxAlternatives is how many combinations of $or's alternatives a rule may have [V206].
const maxAlternatives = 1000

// Compile reads a pattern. Its errors are the client's, in AWS's words; what introduces
// them, such as "Event pattern is not valid. Reason: ", is the caller's.
func Compile(d Dialect, text string) (*Pattern, error) {
	if d == SNS {
		// SNS looks at the whole document first, and counts columns in what it keeps of it.
		if _, err := jackson.Check(text, d.source()); err != nil {
			return nil, err
		}
		text = jackson.Compact(text)
	}
	p := &parser{Reader: jackson.New(text, d.source()), dialect: d}
	root, err := p.root()
	if err != nil {
		return nil, err
	}
	compiled := &Pattern{dialect: d, root: root}
	if d == SNS {
		return compiled, nil // the caller looks at its measures first
	}
	if root.branches() > maxAlternatives {
		return nil, complaint("Rule is too complex - it has more than 1000 combinations of $or")
	}
	compiled.Expand()
	return compiled, nil
}

// complaint is an error message without a place in the document.
type complaint string

func (c complaint) Error() string { return string(c) }

// Expand multiplies out the alternatives of a filter policy. Its size is the caller's to
// bound before, by Combinations.
func (p *Pattern) Expand() {
	p.alternatives = p.root.alternatives(p.dialect, "", [][]condition{nil})
	for _, conditions := range p.alternatives {
		order(conditions)
	}
}

// Match reports whether e matches. To SNS an event that is nil or empty meets no
// condition, not even that something is absent.
//
// See https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html.
func (p *Pattern) Match(e *Event) bool {
	if !p.Conditional() {
		return true
	}
	return !e.matchless() && slices.ContainsFunc(p.alternatives, e.meets)
}

// matchless reports whether the event meets no condition.
func (e *Event) matchless() bool { return e == nil || e.dialect == SNS && len(e.fields) == 0 }

// Conditional reports whether the pattern has any condition: some clients set {} to remove
// a filter policy.
func (p *Pattern) Conditional() bool {
	return len(p.alternatives) != 1 || len(p.alternatives[0]) > 0
}

// Keys is how many names stand at the first level.
func (p *Pattern) Keys() int { return len(p.root) }

// Nested reports whether the pattern reaches below the first level.
func (p *Pattern) Nested() bool { return p.root.nested() }

// Combinations is SNS's measure of complexity: lists multiply, each weighed by its depth,
// and alternatives add up [N188] [N189]. It is counted to one more than limit.
func (p *Pattern) Combinations(limit int) int { return p.root.combinations(1, 1, limit) }

// Exact are the strings and numbers that the pattern lists plainly for a path, as the
// condition keys of rules have them, such as events:source [V237]. There are none, and
// plain is false, where one of the alternatives takes anything else there.
func (p *Pattern) Exact(path string) (values []string, plain bool) {
	for _, conditions := range p.alternatives {
		i := slices.IndexFunc(conditions, func(c condition) bool { return c.path == path })
		if i < 0 || conditions[i].absent {
			return nil, false
		}
		for _, m := range conditions[i].matchers {
			switch m := m.(type) {
			case *equal:
				values = append(values, m.text)
			case *address:
				values = append(values, m.text)
			default:
				return nil, false
			}
		}
	}
	slices.Sort(values)
	return slices.Compact(values), len(values) > 0
}

// rule is an object of a pattern: all of its members must match.
type rule []member

// member is one of: conditions on a name, a nested object, alternatives ($or).
type member struct {
	name      string
	condition *condition
	values    int // in the condition's list
	nested    rule
	or        []rule
}

func (r rule) nested() bool {
	return slices.ContainsFunc(r, func(m member) bool {
		return m.nested != nil || slices.ContainsFunc(m.or, rule.nested)
	})
}

func (r rule) combinations(depth, n, limit int) int {
	for _, m := range r {
		switch {
		case m.nested != nil:
			n = m.nested.combinations(depth+1, n, limit)
		case m.or != nil:
			sum := 0
			for _, branch := range m.or {
				sum += branch.combinations(depth, n, limit)
			}
			n = sum
		default:
			n *= m.values * depth
		}
		n = min(n, limit+1) // so that it cannot overflow
	}
	return n
}

// branches is how many alternatives the rule has.
func (r rule) branches() int {
	n := 1
	for _, m := range r {
		switch {
		case m.nested != nil:
			n *= m.nested.branches()
		case m.or != nil:
			sum := 0
			for _, branch := range m.or {
				sum = min(sum+branch.branches(), maxAlternatives+1)
			}
			n *= sum
		}
		n = min(n, maxAlternatives+1)
	}
	return n
}

// alternatives multiplies out what the rule adds to conditions that hold already.
func (r rule) alternatives(d Dialect, path string, so [][]condition) [][]condition {
	for _, m := range r {
		switch {
		case m.nested != nil:
			so = m.nested.alternatives(d, join(path, m.name), so)
		case m.or != nil:
			var all [][]condition
			for _, branch := range m.or {
				all = append(all, branch.alternatives(d, path, so)...)
			}
			so = all
		default:
			c := *m.condition
			c.path = join(path, m.name)
			with := make([][]condition, len(so))
			for i, conditions := range so {
				with[i] = add(d, conditions, c)
			}
			so = with
		}
	}
	return so
}

// add is the conditions and one more. EventBridge's last condition on a path takes the
// place of the earlier ones [V142].
func add(d Dialect, conditions []condition, c condition) []condition {
	all := make([]condition, 0, len(conditions)+1)
	for _, earlier := range conditions {
		if d == SNS || earlier.path != c.path {
			all = append(all, earlier)
		}
	}
	return append(all, c)
}

// reserved are the names that EventBridge does not take for fields within $or [V205].
var reserved = strings.Fields("exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr = < <= > >= regex " +
	"not-wildcard not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before in-date-range ip-address-in-range ip-address-not-in-range")
