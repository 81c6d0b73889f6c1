package template

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Scope is what a template is resolved in.
type Scope struct {
	// Parameters are values as they are given. One that is not there has its default.
	Parameters                              map[string]string
	AccountID, Region, Partition, URLSuffix string
	StackID, StackName                      string
	NotificationARNs                        []string
	// Zones are a region's availability zones.
	Zones func(region string) []string
	// SSM finds a parameter of the parameter store; nil: there are none.
	SSM func(name string) (string, bool)
}

const maxValue = 4096

var parameterKeys = []string{
	"Type", "Default", "Description", "NoEcho", "AllowedValues", "AllowedPattern", "ConstraintDescription",
	"MinLength", "MaxLength", "MinValue", "MaxValue",
}

// awsTypes are the parameter types that name something of AWS. [C168]
var awsTypes = []string{
	"AWS::EC2::AvailabilityZone::Name", "AWS::EC2::Image::Id", "AWS::EC2::Instance::Id", "AWS::EC2::KeyPair::KeyName",
	"AWS::EC2::SecurityGroup::GroupName", "AWS::EC2::SecurityGroup::Id", "AWS::EC2::Subnet::Id", "AWS::EC2::Volume::Id",
	"AWS::EC2::VPC::Id", "AWS::Route53::HostedZone::Id",
}

const ssmName = "AWS::SSM::Parameter::Name"

// within is what stands between prefix and >, as in List<Number>.
func within(kind, prefix string) (string, bool) {
	inner, ok := strings.CutPrefix(kind, prefix+"<")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(inner, ">")
}

func knownType(kind string) bool {
	if inner, ok := within(kind, "AWS::SSM::Parameter::Value"); ok {
		return inner != ssmName && plainType(inner)
	}
	return plainType(kind)
}

func plainType(kind string) bool {
	if inner, ok := within(kind, "List"); ok {
		return inner == "Number" || inner == "String" || slices.Contains(awsTypes, inner)
	}
	return kind == "String" || kind == "Number" || kind == "CommaDelimitedList" || kind == ssmName || slices.Contains(awsTypes, kind)
}

// ssmType is the type of the value in the parameter store that p's value names.
func (p *Parameter) ssmType() (string, bool) { return within(p.Type, "AWS::SSM::Parameter::Value") }

// IsSSM reports whether p's value is the name of a parameter of the parameter store,
// whose value counts.
func (p *Parameter) IsSSM() bool {
	_, ok := p.ssmType()
	return ok
}

func isList(kind string) bool {
	_, list := within(kind, "List")
	return list || kind == "CommaDelimitedList"
}

// IsList reports whether p has several values.
func (p *Parameter) IsList() bool {
	if inner, ok := p.ssmType(); ok {
		return isList(inner)
	}
	return isList(p.Type)
}

func (t *Template) readParameters() error {
	members, err := t.section("Parameters", maxParameters)
	if err != nil {
		return err
	}
	for _, m := range members {
		p, err := readParameter(m)
		if err != nil {
			return err
		}
		t.Parameters = append(t.Parameters, p)
	}
	return nil
}

func readParameter(m Member) (*Parameter, error) {
	if err := named("Parameter", m); err != nil {
		return nil, err
	}
	n := m.Value
	if n.Kind != Map {
		return nil, malformed(n.At, "Any Parameters member must be an object.")
	}
	for _, part := range n.Members {
		if !slices.Contains(parameterKeys, part.Key) {
			return nil, fault(part.KeyAt, "Invalid template parameter property '%s'", part.Key)
		}
	}
	p := &Parameter{Name: m.Key, At: m.KeyAt}
	kind := n.Get("Type")
	if kind == nil || kind.Kind != String {
		return nil, malformed(m.KeyAt, "Every Parameters object must contain a Type member.")
	}
	if p.Type = kind.Text; !knownType(p.Type) {
		return nil, malformed(kind.At, "Unrecognized parameter type: %s", p.Type)
	}
	for _, part := range []struct {
		key string
		to  *string
	}{{"Description", &p.Description}, {"AllowedPattern", &p.AllowedPattern}, {"ConstraintDescription", &p.ConstraintDescription}} {
		value := n.Get(part.key)
		if value != nil && !value.Scalar() {
			return nil, malformed(value.At, "Every %s member must be a string.", part.key)
		}
		*part.to = value.String()
	}
	if len(p.Description) > 4000 {
		return nil, malformed(m.KeyAt, "Parameter '%s' Description length is greater than 4000.", p.Name)
	}
	if d := n.Get("Default"); d != nil {
		if !d.Scalar() {
			return nil, malformed(d.At, "Every Default member must be a string.")
		}
		p.Default = &d.Text
	}
	return p, p.readLimits(n)
}

func (p *Parameter) readLimits(n *Node) error {
	if echo := n.Get("NoEcho"); echo != nil {
		value, err := strconv.ParseBool(echo.String())
		if err != nil {
			return malformed(echo.At, "Every NoEcho member must be a boolean.")
		}
		p.NoEcho = value
	}
	if allowed := n.Get("AllowedValues"); allowed != nil {
		if allowed.Kind != List || !plain(allowed) {
			return malformed(allowed.At, "Every AllowedValues value must be a list of strings.")
		}
		if len(allowed.Items) == 0 {
			return malformed(allowed.At, "Every AllowedValues list must have at least one value.")
		}
		p.AllowedValues = allowed.Strings()
	}
	for key, to := range map[string]**int{"MinLength": &p.MinLength, "MaxLength": &p.MaxLength} {
		if limit := n.Get(key); limit != nil {
			i, ok := limit.Integer()
			if !ok {
				return malformed(limit.At, "Every %s must be number.", key)
			}
			*to = &i
		}
	}
	for key, to := range map[string]**float64{"MinValue": &p.MinValue, "MaxValue": &p.MaxValue} {
		if limit := n.Get(key); limit != nil {
			f, ok := number(limit.String())
			if !ok {
				return malformed(limit.At, "Every %s must be number.", key)
			}
			*to = &f
		}
	}
	return nil
}

func number(text string) (float64, bool) {
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) && !strings.ContainsAny(text, "xX_")
}

// values checks what is given for the parameters, and resolves it: a string, or a List.
// [C160]-[C169]
func (t *Template) values(s Scope) (map[string]*Node, error) {
	var unknown []string
	for name := range s.Parameters {
		if t.Parameter(name) == nil {
			unknown = append(unknown, name)
		}
	}
	if unknown != nil {
		slices.Sort(unknown)
		return nil, fault(Position{}, "Parameters: [%s] do not exist in the template", strings.Join(unknown, ", "))
	}
	var missing []string
	for _, p := range t.Parameters {
		if _, given := s.Parameters[p.Name]; given || p.Default != nil {
			continue
		}
		if p.IsSSM() {
			return nil, fault(p.At, "Parameter %s should either have input value or default value", p.Name)
		}
		missing = append(missing, p.Name)
	}
	if missing != nil {
		return nil, fault(t.Parameter(missing[0]).At, "Parameters: [%s] must have values", strings.Join(missing, ", "))
	}
	values := make(map[string]*Node, len(t.Parameters))
	for _, p := range t.Parameters {
		text, given := s.Parameters[p.Name]
		if !given {
			text = *p.Default
		}
		value, err := p.value(text, s.SSM)
		if err != nil {
			return nil, err
		}
		values[p.Name] = value
	}
	return values, nil
}

// value is what Ref yields of p when text is given.
func (p *Parameter) value(text string, ssm func(string) (string, bool)) (*Node, error) {
	if len(text) > maxValue {
		return nil, fault(p.At, "Parameter '%s' must contain at most %d characters", p.Name, maxValue)
	}
	if err := p.check(text); err != nil {
		return nil, err
	}
	if p.IsSSM() {
		name, found := text, false
		if ssm != nil {
			text, found = ssm(name)
		}
		if !found {
			return nil, fault(p.At, "Unable to fetch parameters [%s] from parameter store for this account.", name)
		}
	}
	if !p.IsList() {
		return &Node{Kind: String, Text: text, At: p.At}, nil
	}
	list := Texts(members(text)...)
	list.At = p.At
	return list, nil
}

// members are those of a list as it is given: the empty text is a list of one. [C135]
func members(text string) []string {
	all := strings.Split(text, ",")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

// check checks what is given for p against its type and constraints.
func (p *Parameter) check(text string) error {
	all := []string{text}
	if isList(p.Type) {
		all = members(text)
	}
	for _, one := range all {
		reason, constraint := p.broken(one)
		switch {
		case reason == "":
		case constraint && p.ConstraintDescription != "":
			return fault(p.At, "Parameter '%s' failed to satisfy constraint: %s", p.Name, p.ConstraintDescription)
		default:
			return fault(p.At, "Parameter '%s' must %s", p.Name, reason)
		}
	}
	return nil
}

// broken says what a value must do and does not, and whether that is one of p's
// constraints.
func (p *Parameter) broken(value string) (reason string, constraint bool) {
	if p.Type == "Number" || p.Type == "List<Number>" {
		f, ok := number(value)
		switch {
		case !ok:
			return "be a number.", false
		case p.MinValue != nil && f < *p.MinValue:
			return "be a number not less than " + decimal(*p.MinValue), true
		case p.MaxValue != nil && f > *p.MaxValue:
			return "be a number not greater than " + decimal(*p.MaxValue), true
		}
	}
	length := utf8.RuneCountInString(value)
	switch {
	case p.MinLength != nil && length < *p.MinLength:
		return fmt.Sprintf("contain at least %d characters", *p.MinLength), true
	case p.MaxLength != nil && length > *p.MaxLength:
		return fmt.Sprintf("contain at most %d characters", *p.MaxLength), true
	case p.AllowedValues != nil && !slices.Contains(p.AllowedValues, value):
		return "be one of AllowedValues", true
	case p.AllowedPattern != "" && !matches(p.AllowedPattern, value):
		return "match pattern " + p.AllowedPattern, true
	}
	return "", false
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// matches reports whether the whole value matches. Patterns are Java's: one that Go has
// not, with a look-ahead for instance, is not checked.
func matches(pattern, value string) bool {
	re, err := regexp.Compile(`^(?:` + pattern + `)$`)
	return err != nil || re.MatchString(value)
}
