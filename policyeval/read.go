package policyeval

import "strings"

// reader makes the statements of a document from its JSON.
type reader struct {
	d      *Document
	places marker
	// What the statements have of one type lies in one piece of memory.
	texts      []string
	principals []PrincipalEntry
	conditions []Condition
	// misspelled is the first Effect whose value is in the wrong case, such as "allow";
	// nil: there is none.
	misspelled *node
}

func (r *reader) document(root tree) *SyntaxError {
	d := r.d
	if err := d.want(&root[0], "a policy document", objectNode); err != nil {
		return err
	}
	var list tree
	for in := root.in(); len(in) > 0; in = in.rest() {
		m := in.first()
		var err *SyntaxError
		switch m[0].name {
		case "Version":
			d.version, err = m[0].text, d.want(&m[0], "Version", stringNode)
		case "Id":
			d.id, err = m[0].text, d.want(&m[0], "Id", stringNode)
		case "Statement":
			list = m
		default:
			r.unknown(m)
		}
		if err != nil {
			return err
		}
	}
	if list == nil {
		return d.lacking(&root[0], "Statement", "the document has no Statement")
	}
	d.list, d.alone = span{list[0].begin, list[0].end}, list[0].kind != arrayNode
	d.statements = make([]Statement, list.list().count())
	r.makeRoom(list)
	for i, in := 0, list.list(); len(in) > 0; i, in = i+1, in.rest() {
		if err := r.statement(in.first(), &d.statements[i]); err != nil {
			return err
		}
	}
	return nil
}

// makeRoom makes room for what the statements of a list have.
func (r *reader) makeRoom(list tree) {
	principals, conditions := 0, 0
	for in := list.list(); len(in) > 0; in = in.rest() {
		for in := in.first().in(); len(in) > 0; in = in.rest() {
			switch m := in.first(); m[0].name {
			case "Principal", "NotPrincipal":
				principals += m.leaves()
			case "Condition":
				for in := m.in(); len(in) > 0; in = in.rest() {
					conditions += in.first().in().count()
				}
			}
		}
	}
	r.texts = make([]string, 0, list.leaves())
	r.principals = make([]PrincipalEntry, 0, principals)
	r.conditions = make([]Condition, 0, conditions)
}

func (r *reader) unknown(m tree) {
	r.d.unknown = append(r.d.unknown, unknownMember{m[0].name, m[0].nameAt})
}

func (r *reader) statement(t tree, s *Statement) (err *SyntaxError) {
	n := &t[0]
	if err := r.d.want(n, "a statement", objectNode); err != nil {
		return err
	}
	*s = Statement{Begin: r.places.of(n.begin), End: r.places.of(n.end), begin: n.begin, end: n.end}
	effect := false
	for in := t.in(); len(in) > 0; in = in.rest() {
		m := in.first()
		switch m[0].name {
		case "Sid":
			s.Sid, err = m[0].text, r.d.want(&m[0], "Sid", stringNode)
		case "Effect":
			effect = true
			s.Effect, err = r.effect(&m[0])
		case "Principal":
			s.Principal, err = r.principal(m)
		case "NotPrincipal":
			s.NotPrincipal, err = r.principal(m)
		case "Action":
			s.Action, err = r.strings(m)
		case "NotAction":
			s.NotAction, err = r.strings(m)
		case "Resource":
			s.Resource, err = r.strings(m)
		case "NotResource":
			s.NotResource, err = r.strings(m)
		case "Condition":
			s.conditions = true
			s.Conditions, err = r.condition(m)
		default:
			r.unknown(m)
		}
		if err != nil {
			return err
		}
	}
	if !effect {
		return r.d.lacking(n, "Effect", "the statement has no Effect")
	}
	return r.exclusive(n, s)
}

func (r *reader) effect(n *node) (Effect, *SyntaxError) {
	switch {
	case n.kind == stringNode && n.text == "Allow":
		return Allow, nil
	case n.kind == stringNode && n.text == "Deny":
		return Deny, nil
	case n.kind == stringNode && (strings.EqualFold(n.text, "Allow") || strings.EqualFold(n.text, "Deny")):
		if r.misspelled == nil {
			r.misspelled = n
		}
		return Deny, nil
	default:
		return Deny, r.d.badEffect(n)
	}
}

// exclusive refuses an element beside its opposite, such as Action beside
// NotAction.
func (r *reader) exclusive(n *node, s *Statement) *SyntaxError {
	switch {
	case s.Principal != nil && s.NotPrincipal != nil:
		return r.d.malformed(n.begin, "the statement has both Principal and NotPrincipal")
	case s.Action != nil && s.NotAction != nil:
		return r.d.malformed(n.begin, "the statement has both Action and NotAction")
	case s.Resource != nil && s.NotResource != nil:
		return r.d.malformed(n.begin, "the statement has both Resource and NotResource")
	}
	return nil
}

// strings reads an element that is a string or a list of strings.
func (r *reader) strings(m tree) ([]string, *SyntaxError) {
	begin := len(r.texts)
	for in := m.list(); len(in) > 0; in = in.rest() {
		v := in.first()
		if err := r.d.want(&v[0], m[0].name, stringNode); err != nil {
			return nil, err
		}
		r.texts = append(r.texts, v[0].text)
	}
	return cut(r.texts, begin), nil
}

// principal reads Principal or NotPrincipal.
func (r *reader) principal(m tree) ([]PrincipalEntry, *SyntaxError) {
	n, begin := &m[0], len(r.principals)
	if n.kind == stringNode {
		r.principals = append(r.principals, PrincipalEntry{"AWS", n.text, n.begin, n.end, true})
		return cut(r.principals, begin), nil
	}
	if n.kind != objectNode {
		return nil, r.d.malformed(n.begin, `%s must be "*" or an object such as {"AWS": "123456789012"}`, n.name)
	}
	for in := m.in(); len(in) > 0; in = in.rest() {
		kind := in.first()
		for in := kind.list(); len(in) > 0; in = in.rest() {
			v := in.first()
			if err := r.d.want(&v[0], n.name, stringNode); err != nil {
				return nil, err
			}
			r.principals = append(r.principals, PrincipalEntry{kind[0].name, v[0].text, v[0].begin, v[0].end, false})
		}
	}
	return cut(r.principals, begin), nil
}

func (r *reader) condition(m tree) ([]Condition, *SyntaxError) {
	if err := r.d.want(&m[0], "Condition", objectNode); err != nil {
		return nil, err
	}
	first := len(r.conditions)
	for in := m.in(); len(in) > 0; in = in.rest() {
		operator := in.first()
		if err := r.d.want(&operator[0], "what an operator tests", objectNode); err != nil {
			return nil, err
		}
		for in := operator.in(); len(in) > 0; in = in.rest() {
			key, begin := in.first(), len(r.texts)
			for in := key.list(); len(in) > 0; in = in.rest() {
				v := in.first()
				if k := v[0].kind; k != stringNode && k != numberNode && k != boolNode {
					return nil, r.d.malformed(v[0].begin, "a condition's value must be a string, a number or a boolean, not %s", k)
				}
				r.texts = append(r.texts, v[0].text)
			}
			r.conditions = append(r.conditions, Condition{operator[0].name, key[0].name, cut(r.texts, begin), key[0].nameAt})
		}
	}
	return cut(r.conditions, first), nil
}
