package template

import (
	"errors"
	"slices"
	"strings"
)

// maxResolved bounds what functions make of one thing, in bytes: nothing that AWS takes
// comes near, and templates whose functions double again and again end there.
const maxResolved = 4 << 20

// resolver resolves the functions in nodes.
type resolver struct {
	i      *Instance
	lookup Lookup
	// dry: nothing is made yet, and what is not known by now is not needed.
	dry bool
	// unresolved, if it is not nil, gets the names that nothing has, instead of an error.
	unresolved func(name string, at Position)
	// early: it is a transform that resolves, before there are resources and conditions.
	early bool
	// block is the section: Resources, Outputs, Conditions or Rules.
	block string
	// seen is told what is referred to.
	seen func(kind ReferenceKind, name, attribute string)
	// size is what has been made, in bytes.
	size *int
}

func (i *Instance) resolver(block string, l Lookup) *resolver {
	return &resolver{i: i, block: block, lookup: l, size: new(int)}
}

func (r *resolver) saw(kind ReferenceKind, name, attribute string) {
	if r.seen != nil {
		r.seen(kind, name, attribute)
	}
}

// spend counts what is made.
func (r *resolver) spend(at Position, bytes int) error {
	if *r.size += bytes + 16; *r.size > maxResolved {
		return malformed(at, "What the functions yield is longer than %d bytes.", maxResolved)
	}
	return nil
}

// text makes a string.
func (r *resolver) text(at Position, s string) (*Node, error) {
	return &Node{Kind: String, Text: s, At: at}, r.spend(at, len(s))
}

// function is the name and argument of a function: a map with one member that is called
// like one.
func function(n *Node) (string, *Node, bool) {
	if n == nil || n.Kind != Map || len(n.Members) != 1 {
		return "", nil, false
	}
	m := n.Members[0]
	return m.Key, m.Value, m.Key == "Ref" || strings.HasPrefix(m.Key, "Fn::")
}

// value resolves n; nil: it is AWS::NoValue.
func (r *resolver) value(n *Node) (*Node, error) {
	if name, argument, ok := function(n); ok {
		return r.call(name, argument, n.At)
	}
	switch n.Kind {
	case List:
		list := &Node{Kind: List, At: n.At, Items: make([]*Node, 0, len(n.Items))}
		for _, item := range n.Items {
			value, err := r.value(item)
			if err != nil {
				return nil, err
			}
			if value != nil { // [C148]
				list.Items = append(list.Items, value)
			}
		}
		return list, r.spend(n.At, 0)
	case Map:
		m := &Node{Kind: Map, At: n.At, Members: make([]Member, 0, len(n.Members))}
		for _, member := range n.Members {
			value, err := r.value(member.Value)
			if err != nil {
				return nil, err
			}
			if value != nil {
				m.Members = append(m.Members, Member{Key: member.Key, KeyAt: member.KeyAt, Value: value})
			}
			if err := r.spend(n.At, len(member.Key)); err != nil {
				return nil, err
			}
		}
		return m, nil
	default:
		if err := r.static(n); err != nil {
			return nil, err
		}
		return n, r.spend(n.At, len(n.Text))
	}
}

// static refuses dynamic references, which AWS resolves when it makes a resource. [C158]
func (r *resolver) static(n *Node) error {
	if r.dry || n.Kind != String {
		return nil
	}
	start := strings.Index(n.Text, "{{resolve:")
	if start < 0 {
		return nil
	}
	reference := n.Text[start:]
	if end := strings.Index(reference, "}}"); end >= 0 {
		return fault(n.At, "waxseal does not resolve dynamic references: %s", reference[:end+2])
	}
	return nil
}

// functions are the functions of values by their names; those of conditions are in
// condition.go, those of rules in rule.go.
var functions map[string]func(r *resolver, argument *Node, at Position) (*Node, error)

func init() {
	functions = map[string]func(r *resolver, argument *Node, at Position) (*Node, error){
		"Ref":              (*resolver).ref,
		"Fn::GetAtt":       (*resolver).getAtt,
		"Fn::Sub":          (*resolver).sub,
		"Fn::Join":         (*resolver).join,
		"Fn::Split":        (*resolver).split,
		"Fn::Select":       (*resolver).pick,
		"Fn::FindInMap":    (*resolver).findInMap,
		"Fn::If":           (*resolver).either,
		"Fn::Base64":       (*resolver).base64,
		"Fn::GetAZs":       (*resolver).zones,
		"Fn::Cidr":         (*resolver).cidr,
		"Fn::ImportValue":  (*resolver).imported,
		"Fn::Length":       (*resolver).length,
		"Fn::ToJsonString": (*resolver).toJSON,
	}
}

// extensions are those of the language extensions. [C153]
var extensions = []string{"Fn::Length", "Fn::ToJsonString"}

func (r *resolver) call(name string, argument *Node, at Position) (*Node, error) {
	if name == "Fn::Transform" { // a macro [C121]
		return nil, fault(at, "No transform named %s found.", argument.Get("Name").String())
	}
	if slices.Contains(conditionFunctions, name) {
		return nil, misused(at, "%s is not a function of the %s block of the template", name, r.block)
	}
	f := functions[name]
	if f == nil || slices.Contains(extensions, name) && !r.i.t.extended {
		return nil, unsupported(at, name)
	}
	value, err := f(r, argument, at)
	if err != nil || value == nil || value.At != (Position{}) {
		return value, err
	}
	return placed(value, at), nil
}

// placed is n as it stands somewhere else.
func placed(n *Node, at Position) *Node {
	c := *n
	c.At = at
	return &c
}

// unsupported says that there is no such function. [C119]
func unsupported(at Position, name string) *Error {
	return misused(at, "Encountered unsupported function: %s Supported functions are: [Fn::Base64, Fn::GetAtt, Fn::GetAZs, Fn::ImportValue, Fn::Join, Fn::Split, Fn::FindInMap, Fn::Select, Ref, Fn::Equals, Fn::If, Fn::Not, Condition, Fn::And, Fn::Or, Fn::Contains, Fn::EachMemberEquals, Fn::EachMemberIn, Fn::ValueOf, Fn::ValueOfAll, Fn::RefAll, Fn::Sub, Fn::Cidr]", name)
}

// ref resolves Ref. [C130] [C149]
func (r *resolver) ref(n *Node, at Position) (*Node, error) {
	if n.Kind != String {
		return nil, misused(at, badRef)
	}
	return r.named(n.Text, at)
}

// named is what a name that Ref or Sub has stands for.
func (r *resolver) named(name string, at Position) (*Node, error) {
	if strings.HasPrefix(name, "AWS::") {
		return r.pseudo(name, at)
	}
	if r.i.static && r.i.t.Parameter(name) != nil {
		return &Node{Kind: Unknown}, nil
	}
	if value := r.i.values[name]; value != nil {
		r.saw(ParameterReference, name, "")
		return placed(value, at), r.spend(at, len(value.Text))
	}
	if err := r.exists(name, at); err != nil {
		return nil, err
	}
	r.saw(ResourceReference, name, "")
	return r.lookup.Ref(name)
}

// exists refuses a resource that there is not, or that a condition removes. [C107]
func (r *resolver) exists(id string, at Position) error {
	switch {
	case r.early:
		return errLater
	case r.lookup == nil: // in conditions and rules
		return malformed(at, "Unresolved dependencies [%s]. Cannot reference resources in the %s block of the template", id, r.block)
	case r.i.exists[id]:
		return nil
	case r.unresolved != nil:
		r.unresolved(id, at)
		return nil
	case r.block == "Outputs" && r.i.t.resources[id] != nil:
		return fault(at, "Unresolved resource dependencies [%s] in the Outputs block of the template", id)
	default:
		return malformed(at, "Unresolved resource dependencies [%s] in the %s block of the template", id, r.block)
	}
}

// pseudoParameters are those that there are. [C149]
var pseudoParameters = []string{
	"AWS::AccountId", "AWS::NotificationARNs", "AWS::NoValue", "AWS::Partition", "AWS::Region", "AWS::StackId",
	"AWS::StackName", "AWS::URLSuffix",
}

func (r *resolver) pseudo(name string, at Position) (*Node, error) {
	if !slices.Contains(pseudoParameters, name) {
		return &Node{Kind: Unknown}, r.exists(name, at)
	}
	if r.i.static {
		return &Node{Kind: Unknown}, nil
	}
	s := r.i.scope
	switch name {
	case "AWS::NoValue":
		return nil, nil
	case "AWS::AccountId":
		return r.text(at, s.AccountID)
	case "AWS::NotificationARNs":
		return Texts(s.NotificationARNs...), r.spend(at, 0)
	case "AWS::Partition":
		return r.text(at, s.Partition)
	case "AWS::Region":
		return r.text(at, s.Region)
	case "AWS::StackId":
		return r.text(at, s.StackID)
	case "AWS::StackName":
		return r.text(at, s.StackName)
	default: // AWS::URLSuffix
		return r.text(at, s.URLSuffix)
	}
}

// getAttTarget are the resource and the attribute, which may be a function.
func getAttTarget(n *Node, at Position) (string, *Node, error) {
	if n.Kind == String {
		resource, attribute, ok := strings.Cut(n.Text, ".")
		if !ok || resource == "" || attribute == "" {
			return "", nil, misused(at, badGetAttText)
		}
		return resource, &Node{Kind: String, Text: attribute, At: n.At}, nil
	}
	if n.Kind != List || len(n.Items) != 2 || n.Items[0].Kind != String || n.Items[0].Text == "" {
		return "", nil, misused(at, badGetAtt)
	}
	attribute := n.Items[1]
	if name, _, ok := function(attribute); ok && name == "Ref" || attribute.Kind == String && attribute.Text != "" {
		return n.Items[0].Text, attribute, nil
	}
	return "", nil, misused(at, badGetAtt)
}

// getAtt resolves Fn::GetAtt. [C131]
func (r *resolver) getAtt(n *Node, at Position) (*Node, error) {
	id, attribute, err := getAttTarget(n, at)
	if err != nil {
		return nil, err
	}
	name, err := r.value(attribute)
	if err != nil {
		return nil, err
	}
	if name != nil && name.Kind == Unknown { // a parameter's value
		return name, r.exists(id, at)
	}
	if name == nil || name.Kind != String || name.Text == "" {
		return nil, misused(at, badGetAtt)
	}
	if r.lookup != nil && r.i.t.resources[id] == nil { // [C108]
		return nil, misused(at, "instance of Fn::GetAtt references undefined resource %s", id)
	}
	return r.attribute(id, name.Text, at)
}

func (r *resolver) attribute(id, attribute string, at Position) (*Node, error) {
	if err := r.exists(id, at); err != nil {
		return nil, err
	}
	r.saw(AttributeReference, id, attribute)
	value, err := r.lookup.GetAtt(id, attribute)
	if err != nil {
		return nil, &LookupError{err, at}
	}
	return value, nil
}

// errLater says that a transform cannot resolve something: it is resolved later.
var errLater = errors.New("nothing is made yet")

// errForbidden says that a function refers to what is made.
var errForbidden = errors.New("a resource")

// forbidden is the Lookup where nothing may be looked up.
type forbidden struct{}

func (forbidden) Ref(string) (*Node, error)            { return nil, errForbidden }
func (forbidden) GetAtt(string, string) (*Node, error) { return nil, errForbidden }
func (forbidden) Import(string) (string, error)        { return "", errForbidden }

// imported resolves Fn::ImportValue. [C143]
func (r *resolver) imported(n *Node, at Position) (*Node, error) {
	inner := *r
	if r.lookup != nil {
		inner.lookup = forbidden{}
	}
	name, err := inner.value(n)
	switch {
	case errors.Is(err, errForbidden):
		return nil, misused(at, badImportNeeds)
	case err != nil:
		return nil, err
	case r.early:
		return nil, errLater
	case r.lookup == nil:
		return nil, misused(at, badImportNeeds)
	case name != nil && name.Kind == Unknown:
		return name, nil
	case !name.Scalar():
		return nil, misused(at, badImport)
	}
	r.saw(ImportReference, name.Text, "")
	if r.dry {
		return &Node{Kind: Unknown}, nil
	}
	value, err := r.lookup.Import(name.Text)
	if err != nil {
		return nil, &LookupError{err, at}
	}
	return r.text(at, value)
}

// either resolves Fn::If: only the branch that is taken. [C144]
func (r *resolver) either(n *Node, at Position) (*Node, error) {
	if n.Kind != List || len(n.Items) != 3 {
		return nil, misused(at, badIf)
	}
	if n.Items[0].Kind != String {
		return nil, misused(at, badIfCondition)
	}
	name := n.Items[0].Text
	if r.early {
		return nil, errLater
	}
	met, known := r.i.conditions[name]
	if !known {
		return nil, misused(at, "unresolved condition dependency %s in Fn::If", name)
	}
	if r.i.static {
		for _, branch := range n.Items[1:] {
			if _, err := r.value(branch); err != nil {
				return nil, err
			}
		}
		return &Node{Kind: Unknown}, nil
	}
	r.saw(ConditionReference, name, "")
	if met {
		return r.value(n.Items[1])
	}
	return r.value(n.Items[2])
}
