package wire

import (
	"reflect"
	"slices"
	"strconv"

	"github.com/waxseal/waxseal/internal/api"
)

// notation is how the requests of a dialect write values.
type notation struct {
	// parameters: values have names, such as List.member.1, and no types. Lists
	// and maps are told from structures by the member's type alone.
	parameters bool
	// flat: the elements of every list stand at its own name, whatever its tag says.
	// Violations then name members as the request does: IpPermissions.1.FromPort.
	flat bool
	// malformed is the error for a value of the wrong type.
	malformed *api.Error
}

var (
	jsonNotation  = notation{malformed: errSerialization}
	queryNotation = notation{parameters: true, malformed: errMalformed}
)

// binder fills one input from one tree.
type binder struct {
	*tree
	notation
	defaults []assignment
	// member is the top-level member that is being bound, path the way to the
	// value that is.
	member     string
	path       []step
	violations []api.Violation
	// judged: a violation was found while the member's value was bound, so that
	// there is no use in checking it.
	judged bool
}

// assignment is a member's value from elsewhere than the request's parameters.
type assignment struct{ member, value string }

// step is one part of a path: a member, an element's position, a map's key.
type step struct {
	name     string
	position int
	element  bool
}

// bind makes an input of type in from the tree. Types come first, as with AWS:
// where a value is of the wrong type nothing is said about constraints.
func bind(t *tree, n *notation, in reflect.Type, defaults []assignment) (any, []api.Violation, *api.Error) {
	p := planOf(in)
	v := reflect.New(in)
	b := binder{tree: t, notation: *n, defaults: defaults, path: t.path[:0]}
	err := b.structure(p, 0, v.Elem())
	t.path = b.path[:0]
	if err != nil {
		return nil, nil, err
	}
	return v.Interface(), b.violations, nil
}

// absent stands for a node that is not there.
const absent int32 = -1

// structure binds the children of a node to the members of a struct, in the
// order of declaration, which is the order that violations are reported in.
func (b *binder) structure(p *plan, at int32, v reflect.Value) *api.Error {
	top := len(b.path) == 0
	base := len(b.slots)
	b.slots = slices.Grow(b.slots, len(p.fields))[:base+len(p.fields)]
	defer func() { b.slots = b.slots[:base] }()
	clear(b.slots[base:])
	if at != absent {
		names := p.byName
		if b.parameters {
			names = p.byQuery
		}
		for c := b.nodes[at].first; c != 0; c = b.nodes[c].next {
			if i, ok := names[string(b.nodes[c].name)]; ok {
				b.slots[base+i] = c
			}
		}
	}
	hiding := p.hiding && b.parameters
	for i, f := range p.fields {
		if top {
			b.member = f.member
		}
		c := b.slots[base+i]
		if hiding && f.unless != "" {
			if other := b.slots[base+p.byQuery[f.unless]]; other != 0 && b.nodes[other].count > 0 {
				c = 0
			}
		}
		if c == 0 && !f.required && !(top && len(b.defaults) > 0) {
			continue // it stays as it is
		}
		name := f.path
		if b.flat {
			name = f.query
		}
		b.path = append(b.path, step{name: name})
		if err := b.field(f, c, v.Field(f.index), top); err != nil {
			return err
		}
		b.path = b.path[:len(b.path)-1]
	}
	return nil
}

// field binds one member and checks it. c is its node, 0 where it has none.
func (b *binder) field(f *field, c int32, v reflect.Value, top bool) *api.Error {
	present := c != 0 && b.nodes[c].kind != kindNull
	switch {
	case present:
		if err := b.value(f.plan, f, &f.rules, c, v); err != nil {
			return err
		}
	case top:
		present = b.assign(f, v)
	}
	switch {
	case b.judged:
		b.judged = false
	case present:
		if f.checked {
			b.check(f, v)
		}
	case f.required:
		b.violations = append(b.violations, api.Violation{
			Member: b.member, Path: b.where(), Null: true, Constraint: textNull,
		})
	}
	return nil
}

// assign gives a member that the request does not carry its value from elsewhere.
func (b *binder) assign(f *field, v reflect.Value) bool {
	for _, d := range b.defaults {
		if d.member == f.member && f.plan.shape == shapeString {
			v.SetString(d.value)
			return true
		}
	}
	return false
}

// plainLayout is that of lists and maps within lists and maps, which no tag describes.
var plainLayout = layout{member: "member", key: "key", value: "value"}

// value binds a node of any type. f is the member that a list or a map is the
// value of, nil within another; r constrains the value.
func (b *binder) value(p *plan, f *field, r *rules, at int32, v reflect.Value) *api.Error {
	l := &plainLayout
	if f != nil {
		l = &f.layout
	}
	switch p.shape {
	case shapePointer:
		v.Set(reflect.New(p.elem.typ))
		return b.value(p.elem, f, r, at, v.Elem())
	case shapeStruct:
		if err := b.compound(at, kindObject, textExpectedStruct); err != nil {
			return err
		}
		return b.structure(p, at, v)
	case shapeList:
		return b.list(p, l, at, v)
	case shapeMap:
		return b.dictionary(p, l, at, v)
	default:
		return b.scalar(p, r, at, v)
	}
}

// compound makes sure that a node can be a structure, list or map.
func (b *binder) compound(at int32, want kind, expected string) *api.Error {
	n := &b.nodes[at]
	switch {
	case b.parameters && n.count == 0 && n.text != "":
		if want == kindList {
			return b.wrong(textListEnd)
		}
		return b.wrong(textComplexEnd)
	case b.parameters, n.kind == want:
		return nil
	case n.kind == kindList:
		return b.wrong(textUnexpectedList)
	case n.kind == kindObject:
		return b.wrong(textUnexpectedObject)
	default:
		return b.wrong(expected)
	}
}

func (b *binder) list(p *plan, l *layout, at int32, v reflect.Value) *api.Error {
	if err := b.compound(at, kindList, textExpectedList); err != nil {
		return err
	}
	base := len(b.slots)
	defer func() { b.slots = b.slots[:base] }()
	if err := b.elements(at, l.flat, l.member); err != nil {
		return err
	}
	n := len(b.slots) - base
	v.Set(reflect.MakeSlice(p.typ, n, n))
	for i := range n {
		c := b.slots[base+i]
		b.path = append(b.path, step{position: i + 1, element: true})
		if b.nodes[c].kind == kindNull {
			b.judged = true
			b.violations = append(b.violations, api.Violation{
				Member: b.member, Path: b.where(), Null: true, Constraint: textNull,
			})
		} else if err := b.value(p.elem, nil, nil, c, v.Index(i)); err != nil {
			return err
		}
		b.path = b.path[:len(b.path)-1]
	}
	return nil
}

// dictionary binds a map. An entry whose value is null is none.
func (b *binder) dictionary(p *plan, l *layout, at int32, v reflect.Value) *api.Error {
	if err := b.compound(at, kindObject, textExpectedMap); err != nil {
		return err
	}
	base := len(b.slots)
	defer func() { b.slots = b.slots[:base] }()
	if b.parameters {
		if err := b.elements(at, l.flat, "entry"); err != nil {
			return err
		}
	} else {
		for c := b.nodes[at].first; c != 0; c = b.nodes[c].next {
			b.slots = append(b.slots, c)
		}
	}
	n := len(b.slots) - base
	m := reflect.MakeMapWithSize(p.typ, n)
	v.Set(m)
	for i := range n {
		c := b.slots[base+i]
		key, value := string(b.nodes[c].name), c
		if b.parameters {
			k := b.named(c, l.key)
			if k == 0 && !l.unnamed {
				return b.malformed
			}
			key, value = "", b.named(c, l.value)
			if k != 0 {
				key = b.nodes[k].text
			}
		}
		b.path = append(b.path, step{name: key, element: true})
		if err := b.entry(p, value, key, m); err != nil {
			return err
		}
		b.path = b.path[:len(b.path)-1]
	}
	return nil
}

func (b *binder) entry(p *plan, at int32, key string, m reflect.Value) *api.Error {
	if texts, ok := m.Interface().(map[string]string); ok {
		return b.textEntry(p, at, key, texts)
	}
	v := reflect.New(p.elem.typ).Elem()
	var err *api.Error
	switch {
	case at == 0 && p.elem.shape == shapeStruct:
		// Query: a name without a value is a value without members.
		err = b.structure(p.elem, absent, v)
	case at == 0 || b.nodes[at].kind == kindNull:
		return nil
	default:
		err = b.value(p.elem, nil, nil, at, v)
	}
	if err != nil {
		return err
	}
	m.SetMapIndex(reflect.ValueOf(key).Convert(m.Type().Key()), v)
	return nil
}

// textEntry binds an entry of the commonest kind of map, at a third of the cost.
func (b *binder) textEntry(p *plan, at int32, key string, m map[string]string) *api.Error {
	if at == 0 || b.nodes[at].kind == kindNull {
		return nil
	}
	var text string
	if err := b.value(p.elem, nil, nil, at, reflect.ValueOf(&text).Elem()); err != nil {
		return err
	}
	m[key] = text
	return nil
}

// elements appends to slots the nodes of a list's elements or a map's entries.
// In Query they are numbered, with gaps if it pleases the client; the numbers
// are an order and nothing else.
func (b *binder) elements(at int32, flat bool, level string) *api.Error {
	if !b.parameters {
		for c := b.nodes[at].first; c != 0; c = b.nodes[c].next {
			b.slots = append(b.slots, c)
		}
		return nil
	}
	if !flat && !b.flat && b.nodes[at].count > 0 {
		inner := b.named(at, level)
		if inner == 0 {
			return b.wrong(textTopLevelList)
		}
		if at = inner; b.nodes[at].count == 0 && b.nodes[at].text != "" {
			return b.wrong(textListEnd)
		}
	}
	base, last, sorted := len(b.slots), 0, true
	for c := b.nodes[at].first; c != 0; c = b.nodes[c].next {
		i := position(b.nodes[c].name)
		if i == 0 {
			return b.wrong(string(b.nodes[c].name) + " is not a valid index")
		}
		sorted, last = sorted && i >= last, i
		b.slots = append(b.slots, c)
	}
	if !sorted {
		slices.SortStableFunc(b.slots[base:], func(x, y int32) int {
			return position(b.nodes[x].name) - position(b.nodes[y].name)
		})
	}
	return nil
}

// position is the number of a list's element; 0 where name is none.
func position(name []byte) int {
	if len(name) > 9 {
		return 0
	}
	n := 0
	for _, c := range name {
		if c < '0' || c > '9' {
			return 0
		}
		n = 10*n + int(c-'0')
	}
	return n
}

// named is the child of that name; 0 where there is none.
func (b *binder) named(at int32, name string) int32 {
	for c := b.nodes[at].first; c != 0; c = b.nodes[c].next {
		if string(b.nodes[c].name) == name {
			return c
		}
	}
	return 0
}

// wrong is the error for a value of the wrong type.
func (b *binder) wrong(text string) *api.Error { return b.malformed.With(text) }

// where is the path as AWS prints it.
func (b *binder) where() string {
	var text []byte
	for i, s := range b.path {
		if i > 0 {
			text = append(text, '.')
		}
		if s.position > 0 {
			text = strconv.AppendInt(text, int64(s.position), 10)
		} else {
			text = append(text, s.name...)
		}
		if s.element && !b.flat {
			text = append(text, ".member"...)
		}
	}
	return string(text)
}
