package template

import (
	"slices"
	"strings"
)

// check checks what needs no values: that functions have the arguments that they are to
// have, in branches that are not taken as well, and that all names are of something.
// [C107] [C112]
func (t *Template) check() error {
	i := &Instance{t: t, static: true, exists: map[string]bool{}}
	for _, r := range t.Resources {
		i.exists[r.ID] = true
	}
	if err := i.assert(); err != nil {
		return err
	}
	var err error
	if i.conditions, err = i.evaluateConditions(); err != nil {
		return err
	}
	if _, err := i.withPolicies(); err != nil {
		return err
	}
	size := 0
	if err := i.checkBlock("Resources", &size, func(r *resolver) error {
		for _, res := range t.Resources {
			if err := i.defined(res.Condition, "Resources", res.Raw.Get("Condition")); err != nil {
				return err
			}
			if err := r.rehearse(res); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return i.checkBlock("Outputs", &size, func(r *resolver) error {
		for _, o := range t.Outputs {
			if err := i.defined(o.Condition, "Outputs", &Node{At: o.At}); err != nil {
				return err
			}
		}
		_, err := r.outputs()
		return err
	})
}

// checkBlock checks one section, and collects the names that nothing has.
func (i *Instance) checkBlock(name string, size *int, check func(*resolver) error) error {
	var names []string
	var at Position
	r := i.resolver(name, nothing{})
	r.dry, r.size = true, size
	r.unresolved = func(id string, where Position) {
		if len(names) == 0 {
			at = where
		}
		if !slices.Contains(names, id) {
			names = append(names, id)
		}
	}
	if err := check(r); err != nil {
		return err
	}
	if len(names) > 0 {
		return malformed(at, "Unresolved resource dependencies [%s] in the %s block of the template", strings.Join(names, ", "), name)
	}
	return nil
}

// defined refuses conditions that there are not.
func (i *Instance) defined(condition, block string, where *Node) error {
	if condition == "" || i.t.Conditions.Get(condition) != nil {
		return nil
	}
	return malformed(where.At, "Unresolved condition dependency %s in the %s block of the template", condition, block)
}
