package policyeval

import "strings"

// set says how a condition treats a key of several values.
type set uint8

const (
	noSet set = iota
	forAllValues
	forAnyValue
)

// condition is one key under one operator of a statement, compiled.
type condition struct {
	// want is nil where the operator is Null or unknown.
	want     wanted
	negated  bool
	ifExists bool
	set      set
	key      contextKey
	// null is set for the operator Null. absent says whether one of its values
	// accepts an absent key, and present whether one accepts a present key.
	null            bool
	absent, present bool
}

// compileCondition reads an operator's name: a set operator, the operator
// itself and IfExists, in any case. An unknown name compiles to a condition
// that is never met; Validate reports it.
func compileCondition(name, key string, values []string, variables bool) condition {
	c := condition{key: makeKey(key)}
	name, c.set, c.ifExists = splitOperator(name)
	if name == "null" && !c.ifExists && c.set == noSet {
		c.null = true
		for _, v := range values {
			c.absent = c.absent || strings.EqualFold(v, "true")
			c.present = c.present || strings.EqualFold(v, "false")
		}
		return c
	}
	if op := operators[name]; op != nil {
		c.negated = op.negated
		c.want = op.compile(values, op.variables && variables)
	}
	return c
}

// splitOperator takes an operator's name apart; base is in lower case.
func splitOperator(name string) (base string, of set, ifExists bool) {
	base = strings.ToLower(name)
	if rest, ok := strings.CutPrefix(base, "forallvalues:"); ok {
		base, of = rest, forAllValues
	} else if rest, ok := strings.CutPrefix(base, "foranyvalue:"); ok {
		base, of = rest, forAnyValue
	}
	base, ifExists = strings.CutSuffix(base, "ifexists")
	return base, of, ifExists
}

func baseOperator(name string) string {
	base, _, _ := splitOperator(name)
	return base
}

// known reports whether the operator exists.
func (k *condition) known() bool { return k.null || k.want != nil }

// met reports whether the condition holds in c.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html.
func (k *condition) met(c *Context) bool {
	e, ok := c.find(k.key)
	switch {
	case k.null:
		return !ok && k.absent || ok && k.present
	case k.want == nil:
		return false
	case !ok:
		return k.ifExists || k.set == forAllValues || k.set == noSet && k.negated
	case e.list != 0:
		return k.metBy(c.values(&e), c)
	case k.set == forAllValues && e.value == "":
		return true // an empty text is an empty set
	default:
		return k.want.matches(e.value, c) != k.negated
	}
}

// metBy decides for a multivalued key, which only the set operators can test.
func (k *condition) metBy(values []string, c *Context) bool {
	if k.set == noSet {
		return false
	}
	for _, v := range values {
		if (k.want.matches(v, c) != k.negated) != (k.set == forAllValues) {
			return k.set == forAnyValue
		}
	}
	return k.set == forAllValues
}
