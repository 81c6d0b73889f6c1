package template

import "strings"

// piece is a part of Sub's text: as it is, or a variable.
type piece struct {
	text     string
	variable bool
}

// pieces divides Sub's text. [C133] [C134]
func pieces(text string, at Position) ([]piece, error) {
	var all []piece
	literal := func(s string) {
		if last := len(all) - 1; last >= 0 && !all[last].variable {
			all[last].text += s
		} else if s != "" {
			all = append(all, piece{text: s})
		}
	}
	for text != "" {
		start := strings.Index(text, "${")
		if start < 0 {
			break
		}
		end := strings.IndexByte(text[start:], '}')
		if end < 0 {
			break
		}
		end += start
		literal(text[:start])
		name := text[start+2 : end]
		text = text[end+1:]
		if escaped, ok := strings.CutPrefix(name, "!"); ok {
			literal("${" + escaped + "}")
			continue
		}
		if name == "" || strings.ContainsFunc(name, func(c rune) bool { return !alphanumeric(c) && c != '_' && c != '.' && c != ':' }) {
			return nil, misused(at, badSubName)
		}
		all = append(all, piece{text: name, variable: true})
	}
	literal(text)
	return all, nil
}

// subArguments are the text and the map, which is nil if there is none. [C132]
func subArguments(n *Node, at Position) (string, *Node, error) {
	if n.Kind == String {
		return n.Text, nil, nil
	}
	if n.Kind != List || len(n.Items) != 2 || n.Items[0].Kind != String || n.Items[1].Kind != Map {
		return "", nil, misused(at, badSub)
	}
	for _, m := range n.Items[1].Members {
		if m.Key == "" || strings.ContainsFunc(m.Key, func(c rune) bool { return !alphanumeric(c) && c != '_' }) {
			return "", nil, misused(m.KeyAt, badSubKey)
		}
	}
	return n.Items[0].Text, n.Items[1], nil
}

// sub resolves Fn::Sub. [C132]-[C134]
func (r *resolver) sub(n *Node, at Position) (*Node, error) {
	text, variables, err := subArguments(n, at)
	if err != nil {
		return nil, err
	}
	own := map[string]*Node{}
	if variables != nil {
		for _, m := range variables.Members {
			if own[m.Key], err = r.value(m.Value); err != nil {
				return nil, err
			}
		}
	}
	all, err := pieces(text, n.At)
	if err != nil {
		return nil, err
	}
	var b builder
	for _, p := range all {
		if !p.variable {
			b.WriteString(p.text)
			continue
		}
		value, isOwn := own[p.text]
		if !isOwn {
			if value, err = r.variable(p.text, at); err != nil {
				return nil, err
			}
		}
		if !b.add(value) {
			return nil, misused(at, badSubValue)
		}
		if err := r.spend(at, len(value.shown())); err != nil {
			return nil, err
		}
	}
	made := b.node(at)
	if err := r.static(made); err != nil {
		return nil, err
	}
	return made, r.spend(at, len(text))
}

// variable is what ${name} stands for: a Ref, or with a dot a GetAtt.
func (r *resolver) variable(name string, at Position) (*Node, error) {
	if id, attribute, ok := strings.Cut(name, "."); ok {
		if r.lookup != nil && r.i.t.resources[id] == nil {
			return nil, misused(at, "instance of Fn::Sub references invalid resource attribute %s", name)
		}
		return r.attribute(id, attribute, at)
	}
	return r.named(name, at)
}

// builder puts strings together, of which some may be unknown.
type builder struct {
	strings.Builder
	unknown bool
}

// add adds a scalar or what is unknown; everything else it does not take.
func (b *builder) add(n *Node) bool {
	if n == nil || !n.Scalar() && n.Kind != Unknown {
		return false
	}
	b.unknown = b.unknown || n.Kind == Unknown
	b.WriteString(n.shown())
	return true
}

func (b *builder) node(at Position) *Node {
	n := &Node{Kind: String, Text: b.String(), At: at}
	if b.unknown {
		n.Kind = Unknown
	}
	return n
}
