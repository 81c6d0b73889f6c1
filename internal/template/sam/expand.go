package sam

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/template"
)

const prefix = "AWS::Serverless::"

// expansion is one making of the transform.
type expansion struct {
	// values are those of parameters, as far as the transform looks at them.
	values map[string]*node
	scope  template.Scope
	// original are the resources as they are written, with Globals in them.
	original map[string]*node
	order    []string
	// made are the resources that come out.
	made     map[string]*node
	sequence []string
	// aliases are the ids that names such as Function.Alias stand for, renamed those of
	// resources that get another one.
	aliases, renamed map[string]string
	conditions       *node
	globals          map[string]*node
	deployments      []*deployment
	faults           []string
	// resolved is how much of parameters' values was put into texts.
	resolved int
	faultAt  template.Position
}

// fault is what is wrong with one resource.
type fault struct {
	message string
	at      template.Position
}

func (f *fault) Error() string { return f.message }

// invalid says what is wrong with a resource.
func invalid(id, format string, args ...any) error {
	return &fault{message: "Resource with id [" + id + "] is invalid. " + fmt.Sprintf(format, args...)}
}

// Expand makes the transform AWS::Serverless-2016-10-31 of t, which may have no transform
// before it: language extensions are to be made first. A template without it stays as it
// is. [C250]
func Expand(t *template.Template, s template.Scope) (*template.Template, error) {
	if !slices.Contains(t.Transforms, template.Serverless) {
		return t, nil
	}
	x := &expansion{
		scope: s, original: map[string]*node{}, made: map[string]*node{},
		aliases: map[string]string{}, renamed: map[string]string{}, conditions: t.Conditions,
	}
	x.readValues(t)
	if err := x.readGlobals(t.Root.Get("Globals")); err != nil {
		return nil, err
	}
	if resources := t.Root.Get("Resources"); resources != nil {
		for _, m := range resources.Members {
			x.order = append(x.order, m.Key)
			x.original[m.Key] = m.Value
		}
	}
	if err := x.bounded(); err != nil {
		return nil, err
	}
	x.mergeGlobals()
	x.implicitAPIs()
	x.embeddedConnectors()
	x.translate()
	x.deploy()
	if x.faults != nil {
		return nil, &template.Error{
			Message: fmt.Sprintf("Transform %s failed with: Invalid Serverless Application Specification document. Number of errors found: %d. %s",
				template.Serverless, len(x.faults), strings.Join(x.faults, " ")),
			At: x.faultAt, Transform: template.Serverless,
		}
	}
	return t.Transformed(x.root(t), template.Serverless)
}

// report keeps what is wrong with a resource.
func (x *expansion) report(err error, at template.Position) {
	if f, ok := err.(*fault); ok && f.at != (template.Position{}) { //nolint:errorlint // nobody wraps it
		at = f.at
	}
	if x.faults == nil {
		x.faultAt = at
	}
	if !slices.Contains(x.faults, err.Error()) {
		x.faults = append(x.faults, err.Error())
	}
}

// readValues reads the values of parameters.
func (x *expansion) readValues(t *template.Template) {
	x.values = map[string]*node{
		"AWS::Region": template.Text(x.scope.Region), "AWS::Partition": template.Text(x.scope.Partition),
	}
	if parameters := t.Root.Get("Parameters"); isMap(parameters) {
		for _, m := range parameters.Members {
			if text, ok := x.scope.Parameters[m.Key]; ok {
				x.values[m.Key] = template.Text(text)
			} else if value := m.Value.Get("Default"); value != nil {
				x.values[m.Key] = value
			}
		}
	}
}

// resolve puts the values of parameters into n, where Ref and Sub name them.
func (x *expansion) resolve(n *node) *node {
	if n == nil {
		return nil
	}
	return each(n, func(n *node) *node {
		switch name, argument := function(n); name {
		case "Ref":
			if value := x.values[argument.String()]; value != nil && isText(argument) {
				return value
			}
		case "Fn::Sub":
			return standing(n, object(name, x.resolveSub(argument)))
		}
		return n
	})
}

func (x *expansion) resolveSub(argument *node) *node {
	replace := func(text string) string {
		return variables(text, func(name string) string {
			if value := x.values[name]; value.Scalar() && x.resolved < template.MaxText {
				x.resolved += len(value.Text)
				return value.Text
			}
			return "${" + name + "}"
		})
	}
	switch {
	case isText(argument):
		return template.Text(replace(argument.Text))
	case isList(argument) && len(argument.Items) > 0 && isText(argument.Items[0]):
		return &node{Kind: template.List, Items: append([]*node{template.Text(replace(argument.Items[0].Text))}, argument.Items[1:]...)}
	}
	return argument
}

// variables replaces each ${Name} of a text.
func variables(text string, replace func(name string) string) string {
	var b strings.Builder
	for {
		start := strings.Index(text, "${")
		if start < 0 {
			break
		}
		end := strings.IndexByte(text[start:], '}')
		if end < 0 {
			break
		}
		b.WriteString(text[:start])
		b.WriteString(replace(text[start+2 : start+end]))
		text = text[start+end+1:]
	}
	return b.String() + text
}

// source is a resource that the transform makes others of.
type source struct {
	id, kind   string
	raw, props *node
	at         template.Position
}

// get is a property.
func (s *source) get(name string) *node { return s.props.Get(name) }

// passed are the attributes that all made of it get.
func (s *source) passed() []template.Member {
	return s.attributes("Condition", "DeletionPolicy", "UpdateReplacePolicy")
}

// attributes are those of the resource that it is made into.
func (s *source) attributes(names ...string) []template.Member {
	var all []template.Member
	for _, name := range names {
		if value := s.raw.Get(name); value != nil {
			all = append(all, template.Member{Key: name, Value: value})
		}
	}
	return all
}

// own are the attributes of the resource that has its id.
func (s *source) own() []template.Member {
	return s.attributes("DependsOn", "DeletionPolicy", "UpdatePolicy", "Condition", "UpdateReplacePolicy", "Metadata")
}

// resource is one that is made.
type resource struct {
	id, kind   string
	properties *node
	attributes []template.Member
}

func (r *resource) set(name string, value any) { r.properties = r.properties.With(name, toNode(value)) }

func (r *resource) attribute(name string, value any) {
	r.attributes = slices.DeleteFunc(slices.Clone(r.attributes), func(m template.Member) bool { return m.Key == name })
	r.attributes = append(r.attributes, template.Member{Key: name, Value: toNode(value)})
}

func (r *resource) node() *node {
	n := object("Type", r.kind)
	n.Members = append(n.Members, r.attributes...)
	return n.With("Properties", r.properties)
}

// makers make resources of those of SAM, in this order.
var makers = []struct {
	kind string
	make func(*expansion, *source) ([]*resource, error)
}{
	{"Function", (*expansion).function},
	{"StateMachine", (*expansion).stateMachine},
	{"Api", (*expansion).restAPI},
	{"HttpApi", (*expansion).httpAPI},
	{"SimpleTable", (*expansion).table},
	{"LayerVersion", (*expansion).layer},
	{"Application", (*expansion).application},
	{"Connector", (*expansion).connector},
}

// leftOut are SAM's types of which nothing is made but the main resource, by its id.
var leftOut = map[string]string{
	"CapacityProvider": "AWS::Lambda::CapacityProvider", "GraphQLApi": "AWS::AppSync::GraphQLApi",
	"MicrovmImage": "AWS::Lambda::MicrovmImage", "NetworkConnector": "AWS::Lambda::NetworkConnector",
	"WebFunction": "AWS::Lambda::WebFunction", "WebSocketApi": "AWS::ApiGatewayV2::Api",
}

// translate makes all resources.
func (x *expansion) translate() {
	for _, id := range x.order {
		if n := x.original[id]; resourceProperties[n.Get("Type").String()] == "" {
			x.put(id, n)
		}
	}
	for _, maker := range makers {
		for _, id := range x.order {
			s := x.source(id)
			if s.kind != prefix+maker.kind {
				continue
			}
			err := s.check(resourceProperties[s.kind])
			if err == nil {
				var all []*resource
				if all, err = maker.make(x, s); err == nil {
					err = x.keep(s, all)
				}
			}
			if err != nil {
				x.report(err, s.at)
			}
		}
	}
	for _, id := range x.order {
		s := x.source(id)
		if kind := leftOut[strings.TrimPrefix(s.kind, prefix)]; kind != "" && strings.HasPrefix(s.kind, prefix) {
			x.put(id, placed((&resource{kind: kind, attributes: s.own(), properties: object()}).node(), s.at))
		}
	}
}

func (x *expansion) source(id string) *source {
	n := x.original[id]
	s := &source{id: id, kind: n.Get("Type").String(), raw: n, props: n.Get("Properties"), at: n.At}
	s.props = withoutNulls(s.props, n.At)
	return s
}

// withoutNulls is a map without the members that are null, which are as if they were not
// there; empty if there is no map.
func withoutNulls(n *node, at template.Position) *node {
	if n == nil || n.Kind == template.Null {
		return &node{Kind: template.Map, At: at}
	}
	if !isMap(n) {
		return n
	}
	c := *n
	c.Members = slices.DeleteFunc(slices.Clone(n.Members), func(m template.Member) bool { return m.Value.Kind == template.Null })
	return &c
}

// put adds a resource, or puts it in the place of the one that there is.
func (x *expansion) put(id string, n *node) {
	if x.made[id] == nil {
		x.sequence = append(x.sequence, id)
	}
	x.made[id] = n
}

// keep adds what was made of a resource.
func (x *expansion) keep(s *source, all []*resource) error {
	for _, r := range all {
		if other := x.original[r.id]; other != nil && r.id != s.id && other.Get("Type").String() != r.kind {
			return &fault{message: fmt.Sprintf("Transforming resource with id [%s] attempts to create a new resource with id [%s] and type %q. A resource with that id already exists within this template. Please use a different id for that resource.", s.id, r.id, r.kind)}
		}
		x.put(r.id, placed(r.node(), s.at))
	}
	return nil
}

// check refuses properties that there are not, and the lack of those that must be there.
func (s *source) check(known string) error {
	if !isMap(s.props) {
		return invalid(s.id, "Properties of a resource must be an object.")
	}
	if name, at := strange(s.props, known); name != "" {
		return &fault{message: invalid(s.id, "property %s not defined for resource of type %s", name, s.kind).Error(), at: at}
	}
	if name := lacking(s.props, known); name != "" {
		return invalid(s.id, "Missing required property '%s'.", name)
	}
	return nil
}

// strange is a member that is none of the known.
func strange(n *node, known string) (string, template.Position) {
	names := strings.Fields(strings.ReplaceAll(known, "!", ""))
	for _, m := range n.Members {
		if !slices.Contains(names, m.Key) {
			return m.Key, m.KeyAt
		}
	}
	return "", template.Position{}
}

// lacking is a member that must be there and is not.
func lacking(n *node, known string) string {
	for name := range strings.FieldsSeq(known) {
		if name, needed := strings.CutSuffix(name, "!"); needed && n.Get(name) == nil {
			return name
		}
	}
	return ""
}
