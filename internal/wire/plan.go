package wire

import (
	"cmp"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/waxseal/waxseal/internal/api"
)

// shape is what kind of value a type is on the wire.
type shape uint8

const (
	shapeString shape = iota
	shapeBool
	shapeInt
	shapeFloat
	shapeBlob
	shapeTime
	shapeList
	shapeMap
	shapeStruct
	shapePointer
	shapeStream
)

// plan is what the binder and the printers know about a type.
type plan struct {
	typ   reflect.Type
	shape shape
	bits  int // of an integer
	// elem is the plan of a pointer's target, a list's element, a map's value.
	elem *plan
	// fields are a structure's members in the order of declaration; sorted are
	// the same by the name that an answer in Query's JSON form gives them.
	fields []*field
	sorted []*field
	// hiding: Query hides one of them where another has something in it.
	hiding bool
	// shown: a structure that is an operation's output although it has no members.
	shown bool
	// byName, byQuery and byXML find a member's index by its name in the request:
	// byXML those that are elements of a document of REST-XML.
	byName, byQuery, byXML map[string]int
	// root is the root element of the document that a structure is in REST-XML; empty:
	// none is named.
	root string
}

// field is what is known about one member of a structure.
type field struct {
	plan  *plan
	index int // in the struct
	// member is the name as declared, path the name in constraint violations.
	member, path string
	// name is the member's name in JSON, query in Query and XML, accept in
	// Query's JSON form, trail in CloudTrail.
	name, query, accept, trail string
	// also is another name that requests in Query may give the member; empty: none.
	also string
	// unless is the name in Query of the member that hides this one; empty: none.
	unless string
	// quoted is name as a JSON object's key, with the colon.
	quoted string
	layout layout
	rest   rest

	required  bool
	sensitive bool
	rules     rules // of the value itself
	items     rules // of a list's elements or a map's values
	keys      rules // of a map's keys
	checked   bool  // there are any of these

	always, nonzero bool
	hide, omit      bool
}

// layout is how Query and XML spell a list or a map.
type layout struct {
	flat bool
	// pairs: the map's key or value name is given, so AWS's own model has a
	// list of pairs here, which shows in Query's JSON form.
	pairs              bool
	member, key, value string
	// unnamed: an entry of the map without a key has the empty key.
	unnamed bool
}

var (
	timeType = reflect.TypeFor[time.Time]()
	// streamTypes are those of members that a dialect reads from the connection or
	// writes to it, piece by piece.
	streamTypes = []reflect.Type{reflect.TypeFor[io.Reader](), reflect.TypeFor[io.ReadCloser](), bodyType}
	bodyType    = reflect.TypeFor[*api.Body]()
	plans       sync.Map // reflect.Type → *plan
	planning    sync.Mutex
)

// planOf is the plan of a type. It panics where the type or its tags are not of
// the language that the package documents: Check says so without a panic.
func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	planning.Lock()
	defer planning.Unlock()
	// Plans of types that contain themselves refer to each other, so none may
	// be seen by others before all are complete.
	made := map[reflect.Type]*plan{}
	p := makePlan(t, made)
	for t, p := range made {
		plans.Store(t, p)
	}
	return p
}

// Check reports what is wrong with a shape: kinds of fields that no protocol
// can carry, tags that do not parse, two members of one name.
func Check(t reflect.Type) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("wire: %v: %v", t, p)
		}
	}()
	planOf(t)
	return nil
}

func makePlan(t reflect.Type, made map[reflect.Type]*plan) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	if p, ok := made[t]; ok {
		return p
	}
	p := &plan{typ: t}
	made[t] = p
	if slices.Contains(streamTypes, t) {
		p.shape = shapeStream
		return p
	}
	switch t.Kind() {
	case reflect.String:
		p.shape = shapeString
	case reflect.Bool:
		p.shape = shapeBool
	case reflect.Int, reflect.Int32:
		p.shape, p.bits = shapeInt, 32
	case reflect.Int64:
		p.shape, p.bits = shapeInt, 64
	case reflect.Float64:
		p.shape = shapeFloat
	case reflect.Slice:
		p.shape = shapeList
		if t.Elem().Kind() == reflect.Uint8 {
			p.shape = shapeBlob
			break
		}
		p.elem = makePlan(t.Elem(), made)
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			panic(fmt.Sprintf("%v: a map's keys are strings", t))
		}
		p.shape, p.elem = shapeMap, makePlan(t.Elem(), made)
	case reflect.Pointer:
		p.shape, p.elem = shapePointer, makePlan(t.Elem(), made)
		if s := p.elem.shape; s == shapePointer || s == shapeList || s == shapeMap || s == shapeBlob {
			panic(fmt.Sprintf("%v: nil already says that it is absent", t))
		}
	case reflect.Struct:
		p.shape = shapeTime
		if t != timeType {
			p.shape = shapeStruct
			p.makeFields(made)
		}
	default:
		panic(fmt.Sprintf("%v is of no kind that a protocol carries", t))
	}
	if p.elem != nil && p.elem.shape == shapeStream {
		panic(fmt.Sprintf("%v: a stream is a member itself", t))
	}
	return p
}

func (p *plan) makeFields(made map[reflect.Type]*plan) {
	p.byName, p.byQuery, p.byXML = map[string]int{}, map[string]int{}, map[string]int{}
	for i := range p.typ.NumField() {
		sf := p.typ.Field(i)
		if sf.Anonymous {
			panic(fmt.Sprintf("%v.%s: embedded structs are not members", p.typ, sf.Name))
		}
		if !sf.IsExported() {
			p.shown = p.shown || sf.Tag.Get("out") == "result"
			if root, ok := strings.CutPrefix(sf.Tag.Get("rest"), "root="); ok {
				p.root = root
			}
			continue
		}
		f := makeField(sf, makePlan(sf.Type, made))
		f.index = i
		at := len(p.fields)
		for _, names := range []struct {
			m    map[string]int
			name string
		}{{p.byName, f.name}, {p.byQuery, f.query}, {p.byQuery, f.also}, {p.byXML, f.rest.element()}} {
			if names.name == "" {
				continue
			}
			if _, taken := names.m[names.name]; taken {
				panic(fmt.Sprintf("%v.%s: a second member called %s", p.typ, sf.Name, names.name))
			}
			names.m[names.name] = at
		}
		p.fields = append(p.fields, f)
	}
	for _, f := range p.fields {
		p.hiding = p.hiding || f.unless != ""
		if _, ok := p.byQuery[f.unless]; f.unless != "" && !ok {
			panic(fmt.Sprintf("%v.%s: there is no member %s to hide it", p.typ, f.member, f.unless))
		}
	}
	p.sorted = slices.Clone(p.fields)
	slices.SortFunc(p.sorted, func(a, b *field) int { return cmp.Compare(a.accept, b.accept) })
}

func makeField(sf reflect.StructField, p *plan) *field {
	f := &field{
		plan: p, member: sf.Name, path: lowerFirst(sf.Name),
		name:      cmp.Or(sf.Tag.Get("name"), sf.Name),
		layout:    layout{member: "member", key: "key", value: "value"},
		sensitive: sf.Tag.Get("sensitive") == "true",
	}
	bad := func(format string, args ...any) {
		panic(sf.Name + ": " + fmt.Sprintf(format, args...))
	}
	f.query, f.trail = f.name, f.path
	f.quoted = string(appendString(nil, f.name)) + ":"
	for i, part := range strings.Split(sf.Tag.Get("query"), ",") {
		key, value, _ := strings.Cut(part, "=")
		switch {
		case i == 0:
			f.query = cmp.Or(part, f.name)
		case part == "flat":
			f.layout.flat = true
		case part == "unnamed":
			f.layout.unnamed = true
		case key == "also":
			f.also = value
		case key == "unless":
			f.unless = value
		case key == "member":
			f.layout.member = value
		case key == "key":
			f.layout.key, f.layout.pairs = value, true
		case key == "value":
			f.layout.value, f.layout.pairs = value, true
		default:
			bad("query:%q: no such option as %q", sf.Tag.Get("query"), part)
		}
	}
	f.rest = parseRest(f, sf.Tag, bad)
	f.accept = cmp.Or(sf.Tag.Get("accept"), f.name)
	f.parseChecks(sf.Tag, bad)
	f.checked = !f.rules.empty() || !f.items.empty() || !f.keys.empty()
	switch out := sf.Tag.Get("out"); out {
	case "":
	case "always":
		f.always = true
	case "nonzero":
		f.nonzero = true
	default:
		bad("out:%q", out)
	}
	switch trail := sf.Tag.Get("trail"); {
	case trail == "":
	case trail == "hide":
		f.hide = true
	case trail == "omit":
		f.omit = true
	case strings.HasPrefix(trail, "name="):
		f.trail = strings.TrimPrefix(trail, "name=")
	default:
		bad("trail:%q", trail)
	}
	return f
}

// output reports whether a structure, the output of an operation, is printed:
// many operations have none.
func (p *plan) output() bool { return len(p.fields) > 0 || p.shown }

// base is the plan behind a pointer.
func (p *plan) base() *plan {
	if p.shape == shapePointer {
		return p.elem
	}
	return p
}

func lowerFirst(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToLower(r)) + s[n:]
}
