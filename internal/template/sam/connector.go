package sam

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/waxseal/waxseal/internal/template"
)

//go:embed connectors.json
var connectorsJSON string

// connectors are the profiles of connectors, by the types of source and destination.
var connectors = sync.OnceValue(func() *node { return data(connectorsJSON) })

// connected are the types that SAM's types are for connectors.
var connected = map[string]string{
	prefix + "Function": "AWS::Lambda::Function", prefix + "StateMachine": "AWS::StepFunctions::StateMachine",
	prefix + "Api": "AWS::ApiGateway::RestApi", prefix + "HttpApi": "AWS::ApiGatewayV2::Api", prefix + "SimpleTable": "AWS::DynamoDB::Table",
}

// embeddedConnectors makes resources of the connectors that stand in resources.
func (x *expansion) embeddedConnectors() {
	for _, id := range slices.Clone(x.order) {
		n := x.original[id]
		all := n.Get("Connectors")
		if all == nil {
			continue
		}
		x.original[id] = without(n, "Connectors")
		for _, m := range members(all) {
			properties := m.Value.Get("Properties")
			if !isMap(properties) {
				x.report(&fault{message: fmt.Sprintf("Resource with id [%s] is invalid. Attribute 'Connectors.%s.Properties' should be a map.", id, m.Key)}, m.KeyAt)
				continue
			}
			from := object("Id", id)
			for _, reference := range members(properties.Get("SourceReference")) {
				from = from.With(reference.Key, reference.Value)
			}
			name := id + m.Key
			if x.original[name] == nil {
				x.order = append(x.order, name)
			}
			x.original[name] = m.Value.With("Type", toNode(prefix+"Connector")).
				With("Properties", without(properties, "SourceReference").With("Source", from))
		}
	}
}

// end is one end of a connector.
type end struct {
	id, kind, original               string
	arn, url, resourceID, name, role *node
	qualifier                        *node
}

// connector makes AWS::Serverless::Connector: a policy for what connects two resources.
func (x *expansion) connector(s *source) ([]*resource, error) {
	destinations, several := []*node{s.get("Destination")}, false
	if isList(s.get("Destination")) {
		destinations, several = s.get("Destination").Items, true
	}
	var made []*resource
	for i, destination := range destinations {
		to, err := x.end(s, destination, s.get("Source"))
		if err != nil {
			return nil, err
		}
		from, err := x.end(s, s.get("Source"), destination)
		if err != nil {
			return nil, err
		}
		suffix := ""
		if several {
			suffix = fmt.Sprintf("Destination%d", i)
		}
		all, err := x.connect(s, from, to, suffix)
		if err != nil {
			return nil, err
		}
		made = append(made, all...)
	}
	if made == nil {
		return nil, invalid(s.id, "'Destination' is an empty list")
	}
	x.dependOn(s.id, made)
	return made, nil
}

// end finds one end of a connector; other is the other one.
func (x *expansion) end(s *source, n, other *node) (*end, error) {
	id := n.Get("Id")
	rest := slices.ContainsFunc(members(n), func(m template.Member) bool { return m.Key != "Id" && m.Key != "Qualifier" })
	if (id != nil) == rest {
		return nil, invalid(s.id, "Must provide 'Id' (with optional 'Qualifier') or a supported combination of other properties.")
	}
	if id == nil {
		kind := n.Get("Type").String()
		if kind == "" {
			return nil, invalid(s.id, "'Type' is missing or not a string.")
		}
		e := &end{
			kind: kind, original: kind, arn: n.Get("Arn"), url: n.Get("QueueUrl"), resourceID: n.Get("ResourceId"),
			name: n.Get("Name"), role: n.Get("RoleName"), qualifier: n.Get("Qualifier"),
		}
		if connected[kind] != "" {
			e.kind = connected[kind]
			e.original = e.kind
		}
		return e, nil
	}
	resource := x.made[id.String()]
	if !isText(id) || resource == nil {
		return nil, invalid(s.id, "Unable to find resource with logical ID '%s'.", id.String())
	}
	e := &end{id: id.Text, kind: resource.Get("Type").String(), original: x.original[id.Text].Get("Type").String()}
	profile := x.profile(connectors().Get("properties of "+e.kind), map[string]*node{"logicalId": id})
	outputs := profile.Get("Outputs")
	e.arn, e.url, e.resourceID, e.name = outputs.Get("Arn"), outputs.Get("Url"), outputs.Get("Id"), outputs.Get("Name")
	if e.qualifier = n.Get("Qualifier"); e.qualifier == nil {
		e.qualifier = outputs.Get("Qualifier")
	}
	e.role = roleOf(resource.Get("Properties"), profile.Get("Inputs").Get("Role"), other)
	return e, nil
}

// roleOf is the name of the role that a resource acts with.
func roleOf(properties, input, other *node) *node {
	role := properties.Get(input.String())
	if isMap(input) { // a rule's target
		for _, target := range members(object("Targets", properties.Get("Targets"))) {
			for _, t := range target.Value.Items {
				if id := referred(t.Get("Arn")); id != "" && id == other.Get("Id").String() ||
					other.Get("Arn") != nil && other.Get("Arn").Equal(t.Get("Arn")) {
					role = t.Get("RoleArn")
				}
			}
		}
	}
	if id := referred(role); id != "" {
		return ref(id)
	}
	return nil
}

// referred is the id of the resource that a function refers to.
func referred(n *node) string {
	switch name, argument := function(n); {
	case name == "Ref":
		return argument.String()
	case name == "Fn::GetAtt" && isList(argument) && len(argument.Items) > 0:
		return argument.Items[0].String()
	case name == "Fn::GetAtt":
		id, _, _ := strings.Cut(argument.String(), ".")
		return id
	}
	return ""
}

var profileVariable = regexp.MustCompile(`%{([\w.]+)}`)

// profile is a part of a profile with values in it; a value that is missing stays, and is
// found by missing.
func (x *expansion) profile(n *node, values map[string]*node) *node {
	if n == nil {
		return nil
	}
	return leaves(n, func(n *node) *node {
		text, used := n.Text, object()
		for _, m := range profileVariable.FindAllStringSubmatch(text, -1) {
			value := values[m[1]]
			switch {
			case value == nil:
				continue
			case m[0] == text:
				return value
			}
			name := strings.ReplaceAll(m[1], ".", "")
			text = strings.ReplaceAll(text, m[0], "${"+name+"}")
			used = used.With(name, value)
		}
		switch {
		case len(used.Members) > 0:
			return sub(text, used)
		case strings.Contains(text, "${"):
			return sub(text, nil)
		}
		return toNode(text)
	})
}

// leaves is n with f made of each text in it.
func leaves(n *node, f func(*node) *node) *node {
	if isText(n) {
		return f(n)
	}
	c := *n
	c.Items, c.Members = slices.Clone(n.Items), slices.Clone(n.Members)
	for i := range c.Items {
		c.Items[i] = leaves(c.Items[i], f)
	}
	for i := range c.Members {
		c.Members[i].Value = leaves(c.Members[i].Value, f)
	}
	return &c
}

// missing is a variable of a profile that has no value.
func missing(n *node) string {
	found := ""
	each(n, func(n *node) *node {
		if isText(n) && found == "" {
			if m := profileVariable.FindStringSubmatch(n.Text); m != nil {
				found = m[1]
			}
		}
		return n
	})
	return found
}

// connect makes the policy from one end to the other.
func (x *expansion) connect(s *source, from, to *end, suffix string) ([]*resource, error) {
	p := connectors().Get(from.kind).Get(to.kind)
	if p == nil {
		return nil, invalid(s.id, "Unable to create connector from %s to %s; it's not supported or the template is invalid.", from.kind, to.kind)
	}
	profile := x.profile(p.Get("Properties"), map[string]*node{
		"Source.Arn": from.arn, "Destination.Arn": to.arn, "Source.ResourceId": from.resourceID,
		"Destination.ResourceId": to.resourceID, "Source.Name": from.name, "Destination.Name": to.name,
		"Source.Qualifier": from.qualifier, "Destination.Qualifier": to.qualifier,
	})
	if name := missing(profile); name != "" {
		return nil, invalid(s.id, "%s is missing.", name)
	}
	if err := permitted(s, from, to, profile); err != nil {
		return nil, err
	}
	owner := to
	if given(profile.Get("SourcePolicy")) {
		owner = from
	}
	kind := p.Get("Type").String()
	policyOf := func(name, kind string, properties *node) *resource {
		r := &resource{id: s.id + name + suffix, kind: kind, attributes: s.attributes("DependsOn", "DeletionPolicy", "UpdatePolicy", "Condition", "UpdateReplacePolicy", "Metadata"), properties: properties}
		metadata := s.raw.Get("Metadata").With("aws:sam:connectors", object(s.id, object(
			"Source", object("Type", from.original), "Destination", object("Type", to.original),
		)))
		r.attribute("Metadata", metadata)
		return r
	}
	document := statements(s, profile)
	switch {
	case kind == "AWS_SQS_QUEUE_POLICY" && owner.url != nil:
		return []*resource{policyOf("QueuePolicy", "AWS::SQS::QueuePolicy", object("PolicyDocument", document, "Queues", list(owner.url)))}, nil
	case kind == "AWS_SNS_TOPIC_POLICY" && owner.arn != nil:
		return []*resource{policyOf("TopicPolicy", "AWS::SNS::TopicPolicy", object("PolicyDocument", document, "Topics", list(owner.arn)))}, nil
	case kind == "AWS_LAMBDA_PERMISSION" && owner.arn != nil:
		var made []*resource
		for _, m := range profile.Get("AccessCategories").Members {
			if has(s.get("Permissions"), toNode(m.Key)) {
				made = append(made, policyOf(m.Key+"LambdaPermission", "AWS::Lambda::Permission", m.Value.With("FunctionName", owner.arn)))
			}
		}
		return made, nil
	case kind == "AWS_IAM_ROLE_MANAGED_POLICY" && owner.role != nil:
		policy := policyOf("Policy", "AWS::IAM::ManagedPolicy", object("PolicyDocument", document, "Roles", list(owner.role)))
		x.waitFor(policy.id, profile.Get("DependedBy").String(), from, to)
		return []*resource{policy}, nil
	}
	which := map[bool]string{true: "Source", false: "Destination"}[owner == from]
	what := map[string]string{
		"AWS_SQS_QUEUE_POLICY": "SQS queue URL", "AWS_SNS_TOPIC_POLICY": "SNS topic ARN", "AWS_LAMBDA_PERMISSION": "Lambda function ARN",
	}[kind]
	if what == "" {
		what = "IAM role name"
	}
	return nil, invalid(s.id, "Unable to get %s from '%s' resource.", what, which)
}

// permitted refuses Permissions that the profile has not.
func permitted(s *source, from, to *end, profile *node) error {
	var names []string
	for _, m := range profile.Get("AccessCategories").Members {
		names = append(names, m.Key)
	}
	wanted := s.get("Permissions").Strings()
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	if len(wanted) == 0 {
		return invalid(s.id, "'Permissions' cannot be empty; valid values are: %s.", strings.Join(names, ", "))
	}
	for _, one := range wanted {
		if !slices.Contains(names, one) {
			return invalid(s.id, "Unsupported 'Permissions' provided for connector from %s to %s; valid values are: %s.", from.kind, to.kind, strings.Join(names, ", "))
		}
	}
	valid := profile.Get("ValidAccessCategories")
	if valid == nil {
		return nil
	}
	var combinations []string
	for _, one := range valid.Items {
		combination := one.Strings()
		slices.Sort(combination)
		if slices.Equal(combination, wanted) {
			return nil
		}
		combinations = append(combinations, strings.Join(combination, " + "))
	}
	return invalid(s.id, "Unsupported 'Permissions' provided for connector from %s to %s; valid combinations are: %s.", from.kind, to.kind, strings.Join(combinations, ", "))
}

// statements is the document of a connector's Permissions.
func statements(s *source, profile *node) *node {
	all := &node{Kind: template.List}
	for _, m := range profile.Get("AccessCategories").Members {
		if has(s.get("Permissions"), toNode(m.Key)) && m.Value.Get("Statement") != nil {
			all = add(all, m.Value.Get("Statement").Items...)
		}
	}
	return object("Version", "2012-10-17", "Statement", all)
}

// waitFor has what needs a policy wait for it.
func (x *expansion) waitFor(policy, who string, from, to *end) {
	switch {
	case who == "SOURCE" && from.id != "":
		x.depend(from.id, policy)
	case who == "DESTINATION_EVENT_SOURCE_MAPPING" && from.id != "" && to.id != "":
		var mappings []string
		for _, id := range x.sequence {
			properties := x.made[id].Get("Properties")
			if x.made[id].Get("Type").String() == "AWS::Lambda::EventSourceMapping" &&
				referred(properties.Get("FunctionName")) == to.id && referred(properties.Get("EventSourceArn")) == from.id {
				mappings = append(mappings, id)
			}
		}
		if len(mappings) == 1 {
			x.depend(mappings[0], policy)
		}
	}
}

// depend has one resource depend on another.
func (x *expansion) depend(id, on string) {
	n := x.made[id]
	depends := n.Get("DependsOn")
	if isText(depends) {
		depends = list(depends)
	}
	if !has(depends, toNode(on)) {
		x.put(id, n.With("DependsOn", add(depends, toNode(on))))
	}
}

// dependOn has what depends on a connector depend on what was made of it.
func (x *expansion) dependOn(connector string, made []*resource) {
	for _, id := range x.sequence {
		n := x.made[id]
		depends := n.Get("DependsOn")
		if isText(depends) {
			depends = list(depends)
		}
		if !has(depends, toNode(connector)) {
			continue
		}
		left := &node{Kind: template.List, At: depends.At}
		for _, item := range depends.Items {
			if item.Text != connector {
				left.Items = append(left.Items, item)
			}
		}
		x.put(id, n.With("DependsOn", left))
		for _, r := range made {
			x.depend(id, r.id)
		}
	}
}
