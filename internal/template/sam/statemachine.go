package sam

import "fmt"

// machine is a state machine while its resources are made.
type machine struct {
	*source
	x     *expansion
	alias *resource
}

func (m *machine) arn() *node {
	if m.alias != nil && given(m.get("UseAliasAsEventTarget")) {
		return ref(m.alias.id)
	}
	return ref(m.id)
}

func (m *machine) suffix() string { return "StepFunctionsTarget" }

func (m *machine) boundary() *node { return orNil(m.get("PermissionsBoundary")) }

// starter is a role with which a service starts the machine.
func (m *machine) starter(e *event, service string) *resource {
	r := e.make(e.id+"Role", "AWS::IAM::Role", object("AssumeRolePolicyDocument", trust(service), "PermissionsBoundary", m.boundary()))
	r.set("Policies", list(m.rights(r.id)))
	return r
}

func (m *machine) access(e *event, _ *resource) (*node, []*resource) {
	if role := e.get("RoleArn"); role != nil {
		return role, nil
	}
	r := m.starter(e, "events.amazonaws.com")
	return getAtt(r.id, "Arn"), []*resource{r}
}

func (m *machine) rights(id string) *node {
	return allow(id+"StartExecutionPolicy", "states:StartExecution", m.arn())
}

// stateMachine makes AWS::Serverless::StateMachine.
func (x *expansion) stateMachine(s *source) ([]*resource, error) {
	m := &machine{source: s, x: x}
	definition, uri := s.get("Definition"), s.get("DefinitionUri")
	switch {
	case given(definition) && given(uri):
		return nil, invalid(s.id, "Specify either 'Definition' or 'DefinitionUri' property and not both.")
	case !given(definition) && !given(uri):
		return nil, invalid(s.id, "Either 'Definition' or 'DefinitionUri' property must be specified.")
	case given(s.get("Role")) && given(s.get("Policies")):
		return nil, invalid(s.id, "Specify either 'Role' or 'Policies' (but not both at the same time) or neither of them")
	}
	r := &resource{id: s.id, kind: "AWS::StepFunctions::StateMachine", attributes: s.own(), properties: object(
		"DefinitionSubstitutions", orNil(s.get("DefinitionSubstitutions")), "RoleArn", s.get("Role"),
		"StateMachineName", s.get("Name"), "StateMachineType", s.get("Type"), "LoggingConfiguration", s.get("Logging"),
		"TracingConfiguration", s.get("Tracing"),
		"Tags", list(append([]any{object("Key", "stateMachine:createdBy", "Value", "SAM")}, tagList(s.get("Tags"))...)...),
	)}
	if given(definition) {
		substitute(r, definition)
	} else {
		place := location(uri)
		r.set("DefinitionS3Location", object("Bucket", place.Get("S3Bucket"), "Key", place.Get("S3Key"), "Version", place.Get("S3ObjectVersion")))
	}
	made := []*resource{r}
	if !given(s.get("Role")) {
		policies := policyList(s.get("Policies"))
		if tracing := s.get("Tracing"); given(tracing.Get("Enabled")) {
			policies = append(policies[:len(policies):len(policies)], x.xray())
		}
		role, err := x.role(s, trust("states.amazonaws.com"), policies, nil, nil)
		if err != nil {
			return nil, err
		}
		role.set("Tags", r.properties.Get("Tags"))
		r.set("RoleArn", getAtt(role.id, "Arn"))
		made = append(made, role)
	}
	versions, err := m.publish()
	if err != nil {
		return nil, err
	}
	made = append(made, versions...)
	events, err := s.events(stateMachineEvents)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		all, err := m.event(e)
		if err != nil {
			return nil, err
		}
		made = append(made, all...)
	}
	propagate(s, made)
	return made, nil
}

// substitute puts a definition into the machine, with its functions as substitutions.
func substitute(r *resource, definition *node) {
	substitutions := r.properties.Get("DefinitionSubstitutions")
	count := 0
	definition = each(definition, func(n *node) *node {
		if !isFunction(n) {
			return n
		}
		count++
		name := fmt.Sprintf("definition_substitution_%d", count)
		substitutions = substitutions.With(name, n)
		return toNode("${" + name + "}")
	})
	if substitutions != nil {
		r.set("DefinitionSubstitutions", substitutions)
	}
	r.set("DefinitionString", python(definition))
}

// publish makes a version of the machine and an alias for it.
func (m *machine) publish() ([]*resource, error) {
	name := m.get("AutoPublishAlias")
	if !given(name) {
		for _, needs := range []string{"UseAliasAsEventTarget", "DeploymentPreference"} {
			if given(m.get(needs)) {
				return nil, invalid(m.id, "'%s' requires 'AutoPublishAlias' property to be specified.", needs)
			}
		}
		return nil, nil
	}
	version := &resource{id: m.id + "Version", kind: "AWS::StepFunctions::StateMachineVersion", attributes: m.passed(), properties: object(
		"StateMachineArn", ref(m.id), "StateMachineRevisionId", getAtt(m.id, "StateMachineRevisionId"),
	)}
	for _, policy := range []string{"DeletionPolicy", "UpdateReplacePolicy"} {
		if m.raw.Get(policy) == nil {
			version.attribute(policy, "Retain")
		}
	}
	preference := m.get("DeploymentPreference")
	if !given(preference) {
		preference = object("Type", "ALL_AT_ONCE")
	}
	m.alias = &resource{id: m.id + "Alias" + name.String(), kind: "AWS::StepFunctions::StateMachineAlias", attributes: m.passed(), properties: object(
		"Name", name, "DeploymentPreference", preference.With("StateMachineVersionArn", ref(version.id)),
	)}
	if !alnum(m.alias.id) {
		return nil, invalid(m.id, "Logical ids must be alphanumeric.")
	}
	return []*resource{version, m.alias}, nil
}

// event makes what an event of the machine needs.
func (m *machine) event(e *event) ([]*resource, error) {
	switch e.kind {
	case "ScheduleV2":
		if e.get("PermissionsBoundary") == nil && m.boundary() != nil {
			e.props = e.props.With("PermissionsBoundary", m.boundary())
		}
		return e.schedule(m)
	case "Api":
		return []*resource{m.starter(e, "apigateway.amazonaws.com")}, nil
	default:
		return e.rule(m)
	}
}
