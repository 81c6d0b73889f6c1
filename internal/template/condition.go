package template

import (
	"slices"
	"strings"
)

// conditionFunctions are those of conditions and rules alone.
var conditionFunctions = []string{
	"Fn::And", "Fn::Contains", "Fn::EachMemberEquals", "Fn::EachMemberIn", "Fn::Equals", "Fn::Not", "Fn::Or",
	"Fn::RefAll", "Fn::ValueOf", "Fn::ValueOfAll",
}

// evaluateConditions evaluates all conditions. [C145]-[C147]
func (i *Instance) evaluateConditions() (map[string]bool, error) {
	e := &evaluation{resolver: i.resolver("Conditions", nil), done: map[string]bool{}}
	if i.t.Conditions == nil {
		return e.done, nil
	}
	for _, m := range i.t.Conditions.Members {
		if _, err := e.condition(m.Key, m.KeyAt); err != nil {
			return nil, err
		}
	}
	return e.done, nil
}

// evaluation evaluates conditions, each once.
type evaluation struct {
	*resolver
	done map[string]bool
	// doing are those that are being evaluated.
	doing []string
}

func (e *evaluation) condition(name string, at Position) (bool, error) {
	if met, done := e.done[name]; done {
		return met, nil
	}
	n := e.i.t.Conditions.Get(name)
	if n == nil {
		return false, malformed(at, "Condition %s  is not defined.", name)
	}
	if start := slices.Index(e.doing, name); start >= 0 {
		return false, misused(at, "Found circular condition dependency: %s", strings.Join(append(e.doing[start:], name), " -> "))
	}
	e.doing = append(e.doing, name)
	met, err := e.holds(n)
	e.doing = e.doing[:len(e.doing)-1]
	if err == nil {
		e.done[name] = met
	}
	return met, err
}

// holds evaluates what yields true or false.
func (e *evaluation) holds(n *Node) (bool, error) {
	if n.Kind == Map && len(n.Members) == 1 {
		argument := n.Members[0].Value
		switch name := n.Members[0].Key; name {
		case "Condition":
			if argument.Kind != String {
				return false, misused(n.At, badCondition)
			}
			return e.condition(argument.Text, argument.At)
		case "Fn::Equals":
			return e.equals(argument, n.At)
		case "Fn::Not":
			if argument.Kind != List || len(argument.Items) != 1 {
				return false, misused(n.At, badNot)
			}
			met, err := e.holds(argument.Items[0])
			return !met, err
		case "Fn::And", "Fn::Or":
			return e.many(name, argument, n.At)
		}
	}
	return false, malformed(n.At, "Conditions can only be boolean operations on parameters and other conditions")
}

func (e *evaluation) equals(argument *Node, at Position) (bool, error) {
	if argument.Kind != List || len(argument.Items) != 2 {
		return false, misused(at, badEquals)
	}
	var sides [2]*Node
	for i, item := range argument.Items {
		value, err := e.value(item)
		if err != nil {
			return false, err
		}
		if !value.Scalar() && !(value != nil && value.Kind == Unknown) {
			return false, misused(at, badEquals)
		}
		sides[i] = value
	}
	return sides[0].Text == sides[1].Text, nil
}

func (e *evaluation) many(name string, argument *Node, at Position) (bool, error) {
	if argument.Kind != List || len(argument.Items) < 2 || len(argument.Items) > 10 {
		return false, misused(at, badMany, name)
	}
	result := name == "Fn::And"
	for _, item := range argument.Items {
		met, err := e.holds(item)
		if err != nil {
			return false, err
		}
		if name == "Fn::And" {
			result = result && met
		} else {
			result = result || met
		}
	}
	return result, nil
}
