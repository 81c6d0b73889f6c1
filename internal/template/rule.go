package template

import (
	"cmp"
	"slices"
)

// assert asserts the rules. [C170]
func (i *Instance) assert() error {
	rules, err := i.t.section("Rules", maxResources)
	if err != nil {
		return err
	}
	for _, m := range rules {
		if err := named("Rule", m); err != nil {
			return err
		}
		r := &rule{i.resolver("Rules", nil)}
		if condition := m.Value.Get("RuleCondition"); condition != nil {
			if asksAccount(condition) {
				continue
			}
			met, err := r.holds(condition)
			if err != nil {
				return err
			}
			if !met && !i.static {
				continue
			}
		}
		if err := r.assertions(m); err != nil {
			return err
		}
	}
	return nil
}

// asksAccount reports whether n asks what there is in the account: all resources of a type,
// or their attributes. There is nobody who could tell, and it is taken to be right.
func asksAccount(n *Node) bool {
	if name, _, ok := function(n); ok && (name == "Fn::RefAll" || name == "Fn::ValueOf" || name == "Fn::ValueOfAll") {
		return true
	}
	return slices.ContainsFunc(n.Items, asksAccount) ||
		slices.ContainsFunc(n.Members, func(m Member) bool { return asksAccount(m.Value) })
}

// rule evaluates the functions of one rule.
type rule struct{ *resolver }

func (r *rule) assertions(m Member) error {
	assertions := m.Value.Get("Assertions")
	if assertions == nil || assertions.Kind != List {
		return malformed(m.KeyAt, "Rule %s must have a list of Assertions.", m.Key)
	}
	for _, a := range assertions.Items {
		assert := a.Get("Assert")
		if assert == nil {
			return malformed(a.At, "Every assertion of rule %s must have an Assert member.", m.Key)
		}
		if asksAccount(assert) {
			continue
		}
		met, err := r.holds(assert)
		if err != nil {
			return err
		}
		if !met && !r.i.static {
			return fault(a.At, "Template validation error: Rule %s failed: %s", m.Key, cmp.Or(a.Get("AssertDescription").String(), assert.JSON()))
		}
	}
	return nil
}

// ruleFunction is the function of a rule that n is.
func ruleFunction(n *Node) (string, *Node) {
	name, argument, _ := function(n)
	return name, argument
}

func (r *rule) holds(n *Node) (bool, error) {
	switch name, argument := ruleFunction(n); name {
	case "Fn::Not":
		if argument.Kind != List || len(argument.Items) != 1 {
			return false, misused(n.At, badNot)
		}
		met, err := r.holds(argument.Items[0])
		return !met, err
	case "Fn::And", "Fn::Or":
		if argument.Kind != List || len(argument.Items) < 2 || len(argument.Items) > 10 {
			return false, misused(n.At, badMany, name)
		}
		result := name == "Fn::And"
		for _, item := range argument.Items {
			met, err := r.holds(item)
			if err != nil {
				return false, err
			}
			if met != (name == "Fn::And") {
				result = met
			}
		}
		return result, nil
	case "Fn::Equals", "Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn":
		return r.compare(name, argument, n.At)
	default:
		return false, malformed(n.At, "Every assertion of a rule must be a rule function.")
	}
}

// compare compares two strings, a list with a string, or two lists.
func (r *rule) compare(name string, argument *Node, at Position) (bool, error) {
	left, right, ok := pair(argument)
	if !ok {
		return false, misused(at, "every %s object requires a list of 2 parameters.", name)
	}
	a, err := r.texts(left)
	if err != nil {
		return false, err
	}
	b, err := r.texts(right)
	if err != nil {
		return false, err
	}
	switch name {
	case "Fn::Equals":
		return slices.Equal(a, b), nil
	case "Fn::Contains":
		return !slices.ContainsFunc(b, func(s string) bool { return !slices.Contains(a, s) }), nil
	case "Fn::EachMemberEquals":
		return !slices.ContainsFunc(a, func(s string) bool { return !slices.Equal(b, []string{s}) }), nil
	default:
		return !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) }), nil
	}
}

// texts are the strings that n is.
func (r *rule) texts(n *Node) ([]string, error) {
	if n.Kind == List {
		var all []string
		for _, item := range n.Items {
			more, err := r.texts(item)
			if err != nil {
				return nil, err
			}
			all = append(all, more...)
		}
		return all, nil
	}
	value, err := r.value(n)
	if err != nil {
		return nil, err
	}
	if value != nil && value.Kind == Unknown {
		return nil, nil
	}
	if value == nil || !plain(value) {
		return nil, misused(n.At, "every argument of a rule function must be a string or a list of strings.")
	}
	return value.Strings(), nil
}
