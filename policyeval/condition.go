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
	key contextKey
	// want is nil where the operator is Null or unknown.
	want     wanted
	negated  bool
	ifExists bool
	set      set
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
	o := operatorOf(name)
	c.set, c.ifExists = o.set, o.ifExists
	if o.base == "null" && !c.ifExists && c.set == noSet {
		c.null = true
		for _, v := range values {
			c.absent = c.absent || strings.EqualFold(v, "true")
			c.present = c.present || strings.EqualFold(v, "false")
		}
		return c
	}
	if o.operator != nil {
		c.negated = o.negated
		c.want = o.compile(values, o.variables && variables)
	}
	return c
}

// operatorName is an operator's name, taken apart.
type operatorName struct {
	*operator        // nil: Null, or none that exists
	base      string // in lower case
	set       set
	ifExists  bool
}

// usualOperators are the operators' names in AWS's spelling, which is how most documents have them.
var usualOperators = func() map[string]operatorName {
	m := make(map[string]operatorName, 6*len(operatorTable))
	for i := range operatorTable {
		for _, of := range [...]string{"", "ForAllValues:", "ForAnyValue:"} {
			for _, ifExists := range [...]string{"", "IfExists"} {
				name := of + operatorTable[i].name + ifExists
				m[name] = parseOperator(name)
			}
		}
	}
	return m
}()

func operatorOf(name string) operatorName {
	if o, ok := usualOperators[name]; ok {
		return o
	}
	return parseOperator(name)
}

func parseOperator(name string) operatorName {
	o := operatorName{base: strings.ToLower(name)}
	if rest, ok := strings.CutPrefix(o.base, "forallvalues:"); ok {
		o.base, o.set = rest, forAllValues
	} else if rest, ok := strings.CutPrefix(o.base, "foranyvalue:"); ok {
		o.base, o.set = rest, forAnyValue
	}
	o.base, o.ifExists = strings.CutSuffix(o.base, "ifexists")
	o.operator = operators[o.base]
	return o
}

// splitOperator takes an operator's name apart; base is in lower case.
func splitOperator(name string) (base string, of set, ifExists bool) {
	o := operatorOf(name)
	return o.base, o.set, o.ifExists
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
