package cloudformation

import (
	"context"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resourcetype"
	"github.com/waxseal/waxseal/internal/template"
	"github.com/waxseal/waxseal/internal/template/sam"
	"github.com/waxseal/waxseal/policyeval"
)

// wanted is what an input asks to be deployed.
type wanted struct {
	body, url    string
	previous     bool // the template that the stack has
	parameters   []Parameter
	capabilities []string
	types        []string // that may be used; none: all
	tags         []Tag    // nil: those that the stack has
	topics       []string // nil: likewise
	role         string   // empty: likewise
	// byChangeSet: transforms need no capability [C173].
	byChangeSet bool
}

// ready is a deployment that can begin.
type ready struct {
	*deploymentRecord
	instance *template.Instance
	// at is where in the template stands why its stack has failed.
	at template.Position
}

// prepare reads what is to be deployed for a stack and checks all that AWS checks before
// it answers [C077]. current is what the stack is in; nil: nothing.
func (s *Service) prepare(ctx context.Context, id stackID, w *wanted, current *deploymentRecord) (*ready, error) {
	text, err := s.templateText(ctx, w, current)
	if err != nil {
		return nil, err
	}
	d := &deploymentRecord{ID: s.ids.UUID(), Text: text, Capabilities: w.capabilities, Role: w.role, Topics: w.topics, Tags: storedTags(w.tags)}
	if current != nil {
		d.inherit(w, current)
	}
	if err := checkTags(d.Tags); err != nil {
		return nil, err
	}
	parsed, err := template.Parse(text)
	if err != nil {
		return nil, badTemplate(err)
	}
	if err := acknowledged(parsed, w); err != nil {
		return nil, err
	}
	values, err := givenValues(ctx, w.parameters, current)
	if err != nil {
		return nil, err
	}
	instance, err := s.instantiate(ctx, id, parsed, values, d.Topics)
	if err != nil {
		return &ready{deploymentRecord: d}, err
	}
	if err := checkTypes(instance, w.types); err != nil {
		return nil, err
	}
	if err := acknowledged(instance.Template(), w); err != nil { // what transforms have made needs it, too
		return nil, err
	}
	d.Description = parsed.Description
	if processed := instance.Template().Processed(); processed != text {
		d.Processed = processed
	}
	d.Parameters = parameterRecords(parsed, instance, values)
	return &ready{deploymentRecord: d, instance: instance}, nil
}

// inherit takes over what an update does not name.
func (d *deploymentRecord) inherit(w *wanted, current *deploymentRecord) {
	if w.role == "" {
		d.Role = current.Role // [C043]
	}
	if w.topics == nil {
		d.Topics = current.Topics
	}
	if w.tags == nil {
		d.Tags = current.Tags
	}
}

// reopen is a stored deployment of a stack, to be carried out.
func (s *Service) reopen(ctx context.Context, id stackID, d *deploymentRecord) (*ready, error) {
	parsed, err := template.Parse(d.Text)
	if err != nil {
		return nil, badTemplate(err)
	}
	values := map[string]string{}
	for _, p := range d.Parameters {
		values[p.Key] = p.Value
	}
	instance, err := s.instantiate(ctx, id, parsed, values, d.Topics)
	if err != nil {
		return nil, err
	}
	return &ready{deploymentRecord: d, instance: instance}, nil
}

// instantiate resolves a template for a stack.
func (s *Service) instantiate(ctx context.Context, id stackID, t *template.Template, values map[string]string, topics []string) (*template.Instance, error) {
	scope := s.scope(ctx, id, values, topics)
	t, err := transform(t, scope)
	if err != nil {
		return nil, badTemplate(err)
	}
	instance, err := t.Instantiate(scope)
	if err != nil {
		return nil, badTemplate(err)
	}
	return instance, nil
}

func (s *Service) scope(ctx context.Context, id stackID, values map[string]string, topics []string) template.Scope {
	partition := arn.Partition(id.region)
	suffix := "amazonaws.com"
	if partition == "aws-cn" {
		suffix = "amazonaws.com.cn" // [C149]
	}
	return template.Scope{
		Parameters: values, AccountID: id.account, Region: id.region, Partition: partition, URLSuffix: suffix,
		StackID: id.arn(), StackName: id.name, NotificationARNs: topics,
		Zones: func(region string) []string { return s.zones(ctx, region) },
		SSM:   func(name string) (string, bool) { return s.parameter(ctx, name) },
	}
}

// zones are the availability zones of a region, the stack's own; of others it has none [C141].
func (s *Service) zones(ctx context.Context, region string) []string {
	if region != api.RequestFrom(ctx).Region {
		return nil
	}
	zones, err := s.world.Zones(ctx)
	if err != nil {
		s.log.Error("availability zones cannot be read", "cause", err)
	}
	return zones
}

// transform makes the transforms that a template declares.
func transform(t *template.Template, scope template.Scope) (*template.Template, error) {
	for _, name := range t.Transforms {
		if name != template.LanguageExtensions && name != template.Serverless {
			return nil, &template.Error{Message: "No transform named " + name + " found.", At: t.Root.Get("Transform").At, Transform: name} // [C121]
		}
	}
	if slices.Contains(t.Transforms, template.LanguageExtensions) {
		extended, err := t.Expand(scope)
		if err != nil {
			return nil, err
		}
		t = extended
	}
	return sam.Expand(t, scope)
}

// givenValues are the values of parameters that an input gives [C161].
func givenValues(ctx context.Context, parameters []Parameter, current *deploymentRecord) (map[string]string, error) {
	values := map[string]string{}
	for _, p := range parameters {
		switch {
		case p.UsePreviousValue && p.ParameterValue != nil:
			return nil, ErrValidation.Withf("Invalid input for parameter key %s. Cannot specify usePreviousValue as true and non empty value for a parameter", p.ParameterKey)
		case p.UsePreviousValue:
			value, ok := current.value(p.ParameterKey)
			if !ok {
				return nil, ErrValidation.Withf("Invalid input for parameter key %s. Cannot specify usePreviousValue as true for a parameter key not in the previous template", p.ParameterKey)
			}
			values[p.ParameterKey] = value
		case p.ParameterValue != nil:
			values[p.ParameterKey] = stored(ctx, *p.ParameterValue)
		}
	}
	return values, nil
}

// value is the value of a parameter.
func (d *deploymentRecord) value(key string) (string, bool) {
	if d == nil {
		return "", false
	}
	i := slices.IndexFunc(d.Parameters, func(p parameterRecord) bool { return p.Key == key })
	if i < 0 {
		return "", false
	}
	return d.Parameters[i].Value, true
}

// parameterRecords are the values of a template's parameters: those that are given, and
// the defaults.
func parameterRecords(t *template.Template, instance *template.Instance, values map[string]string) (all []parameterRecord) {
	for _, p := range t.Parameters {
		value, ok := values[p.Name]
		if !ok && p.Default != nil {
			value = *p.Default
		}
		record := parameterRecord{Key: p.Name, Value: value, Secret: p.NoEcho}
		if p.IsSSM() {
			record.Resolved = strings.Join(instance.Value(p.Name).Strings(), ",") // [C169]
		}
		all = append(all, record)
	}
	return all
}

// templateText is the template that an input gives [C044].
func (s *Service) templateText(ctx context.Context, w *wanted, current *deploymentRecord) (string, error) {
	switch given := w.body != "" || w.url != ""; {
	case w.previous && given, w.body != "" && w.url != "":
		return "", errTwoTemplates
	case w.previous && current != nil:
		return current.Text, nil
	case w.body != "":
		return w.body, nil
	case w.url != "":
		return s.fetch(ctx, w.url)
	default:
		return "", errNoTemplate
	}
}

// checkTypes refuses types that AWS does not have, and those that the input leaves out
// [C045] [C106].
func checkTypes(instance *template.Instance, allowed []string) error {
	var unknown []string
	for _, r := range instance.Resources() {
		if !resourcetype.Known(r.Type) && !slices.Contains(unknown, r.Type) {
			unknown = append(unknown, r.Type)
		}
	}
	if len(unknown) > 0 {
		return unrecognized(unknown)
	}
	if len(allowed) == 0 {
		return nil
	}
	for _, r := range instance.Resources() {
		if !slices.ContainsFunc(allowed, func(pattern string) bool { return matches(pattern, r.Type) }) {
			return ErrValidation.Withf("Resource type %s is not allowed by parameter ResourceTypes [%s]", r.Type, strings.Join(allowed, ", "))
		}
	}
	return nil
}

func unrecognized(types []string) error {
	return ErrValidation.Withf("Template format error: Unrecognized resource types: [%s]", strings.Join(types, ", "))
}

// matches reports whether a type is meant by what ResourceTypes holds: AWS::*, AWS::SQS::*
// or a type.
func matches(pattern, name string) bool {
	prefix, all := strings.CutSuffix(pattern, "*")
	return pattern == name || all && strings.HasPrefix(name, prefix)
}

// The capabilities that a caller acknowledges.
const autoExpand = "CAPABILITY_AUTO_EXPAND"

// required are the capabilities that a template needs, and the types for which [C172].
func required(t *template.Template) (capabilities, types []string) {
	named := false
	for _, r := range t.Resources {
		switch resourcetype.Capability(r.Type, r.Properties) {
		case "":
			continue
		case resourcetype.CapabilityNamedIAM:
			named = true
		}
		if !slices.Contains(types, r.Type) {
			types = append(types, r.Type)
		}
	}
	switch {
	case named:
		capabilities = []string{resourcetype.CapabilityNamedIAM}
	case types != nil:
		capabilities = []string{resourcetype.CapabilityIAM}
	}
	return capabilities, types
}

// acknowledged refuses a template that does more than its caller has acknowledged.
func acknowledged(t *template.Template, w *wanted) error {
	needed, _ := required(t)
	if len(t.Transforms) > 0 && !(w.byChangeSet && len(t.Transforms) == 1 && t.Transforms[0] == template.Serverless) {
		needed = append(needed, autoExpand)
	}
	missing := slices.DeleteFunc(needed, func(c string) bool {
		return slices.Contains(w.capabilities, c) ||
			c == resourcetype.CapabilityIAM && slices.Contains(w.capabilities, resourcetype.CapabilityNamedIAM)
	})
	if len(missing) > 0 {
		return ErrInsufficientCapabilities.Withf("Requires capabilities : [%s]", strings.Join(missing, ", "))
	}
	return nil
}

// position is a place in a template as refusals show it.
func position(at template.Position) policyeval.Position {
	return policyeval.Position{Line: at.Line, Column: at.Column}
}
