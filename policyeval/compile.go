package policyeval

import (
	"strings"
	"unicode/utf8"
)

// compiler makes the statements of a document ready to be matched. What they have of one
// type lies in one piece of memory.
type compiler struct {
	variables  bool // the document has policy variables
	actions    []actionEntry
	resources  []arnPattern
	conditions []condition
	text       strings.Builder // the names of actions and condition keys, in lower case
}

func (d *Document) compile() {
	var actions, resources, conditions, size int
	for i := range d.statements {
		s := &d.statements[i]
		resources += len(s.Resource) + len(s.NotResource)
		conditions += len(s.Conditions)
		for _, list := range [...][]string{s.Action, s.NotAction} {
			actions += len(list)
			for _, name := range list {
				size += len(name)
			}
		}
		for j := range s.Conditions {
			size += len(s.Conditions[j].Key)
		}
	}
	b := compiler{
		variables: d.variables(), actions: make([]actionEntry, 0, actions),
		resources: make([]arnPattern, 0, resources), conditions: make([]condition, 0, conditions),
	}
	b.text.Grow(size)
	d.compiled = make([]compiled, len(d.statements))
	for i := range d.statements {
		b.statement(&d.compiled[i], &d.statements[i])
	}
	d.index = buildIndex(d.compiled)
}

func (b *compiler) statement(c *compiled, s *Statement) {
	*c = compiled{
		effect:       s.Effect,
		actions:      b.action(s),
		notPrincipal: s.NotPrincipal != nil,
		notResource:  s.NotResource != nil,
		hasResource:  s.Resource != nil || s.NotResource != nil,
	}
	switch {
	case s.Principal != nil:
		c.principals = compilePrincipals(s.Principal)
	case s.NotPrincipal != nil:
		c.principals = compilePrincipals(s.NotPrincipal)
	}
	begin := len(b.resources)
	for _, list := range [...][]string{s.Resource, s.NotResource} {
		for _, r := range list {
			b.resources = append(b.resources, compileResource(r, b.variables))
		}
	}
	c.resources = cut(b.resources, begin)
	if len(c.resources) == 1 && !c.notResource {
		c.only = &c.resources[0]
	}
	begin = len(b.conditions)
	for i := range s.Conditions {
		k := &s.Conditions[i]
		b.conditions = append(b.conditions, compileCondition(k.Operator, b.lower(k.Key), k.Values, b.variables))
	}
	c.conditions = cut(b.conditions, begin)
}

func (b *compiler) action(s *Statement) actions {
	a := actions{not: s.NotAction != nil, simple: s.NotAction == nil}
	begin := len(b.actions)
	for _, list := range [...][]string{s.Action, s.NotAction} {
		for _, name := range list {
			name = b.lower(name)
			service, _, _ := strings.Cut(name, ":")
			e := actionEntry{newPattern(name, true, false), service}
			a.simple = a.simple && e.kind == exactPattern
			b.actions = append(b.actions, e)
		}
	}
	a.entries = cut(b.actions, begin)
	return a
}

// lower is a name in lower case, as a part of the compiler's text.
func (b *compiler) lower(name string) string {
	begin := b.text.Len()
	for i := range len(name) {
		c := name[i]
		if c >= utf8.RuneSelf {
			return strings.ToLower(name)
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b.text.WriteByte(c)
	}
	return b.text.String()[begin:]
}

// cut is what a slice holds from begin on. What is appended to it does not overwrite what
// follows.
func cut[T any](all []T, begin int) []T { return all[begin:len(all):len(all)] }
