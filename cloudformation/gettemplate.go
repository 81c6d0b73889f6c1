package cloudformation

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resourcetype"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/template"
	"github.com/waxseal/waxseal/policyeval"
)

// GetTemplateInput is the input of GetTemplate.
type GetTemplateInput struct {
	StackName     string `check:"min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	ChangeSetName string `check:"min=1,max=1600" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/]*"`
	TemplateStage string `enum:"Original|Processed"`
}

// GetTemplateOutput is the output of GetTemplate.
type GetTemplateOutput struct {
	TemplateBody    string
	StagesAvailable []string
}

// GetTemplate answers the template of a stack or change set, as it was given or behind its
// transforms [C180] [C277].
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html.
func (s *Service) GetTemplate(ctx context.Context, in *GetTemplateInput) (*GetTemplateOutput, error) {
	return api.Do(ctx, in, s.getTemplateTarget, s.getTemplate)
}

func (s *Service) getTemplateTarget(ctx context.Context, in *GetTemplateInput) (api.Target, *changeSetTarget, error) {
	switch {
	case in.StackName == "" && in.ChangeSetName == "":
		return api.Target{}, nil, ErrValidation.With("StackName is required if ChangeSetName is not specified.")
	case in.StackName == "" && !strings.HasPrefix(in.ChangeSetName, "arn:"):
		return api.Target{}, nil, ErrValidation.With("StackName is a required parameter.")
	case in.ChangeSetName != "":
		return s.resolveChangeSet(ctx, in.StackName, in.ChangeSetName)
	default:
		target, stack, err := s.resolveStack(ctx, in.StackName, stackIDMissing)
		return target, &changeSetTarget{stack: stack}, err
	}
}

func (s *Service) getTemplate(ctx context.Context, on *changeSetTarget, in *GetTemplateInput) (*GetTemplateOutput, error) {
	d, err := s.deploymentOf(ctx, on)
	if err != nil {
		return nil, err
	}
	out := &GetTemplateOutput{StagesAvailable: []string{"Original", "Processed"}}
	if d != nil {
		out.TemplateBody = d.Text
		if in.TemplateStage == "Processed" {
			out.TemplateBody = cmp.Or(d.Processed, d.Text)
		}
	}
	return out, nil
}

// deploymentOf is what a change set or stack deploys; nil: nothing yet.
func (s *Service) deploymentOf(ctx context.Context, on *changeSetTarget) (d *deploymentRecord, err error) {
	which := on.stack.Current
	if on.changeSet != nil {
		which = on.changeSet.Deployment
	}
	err = s.engine.View(ctx, func(r store.Reader) error {
		d = s.deployments.Get(r, on.stack.id().below(which))
		return nil
	})
	return d, err
}

// ValidateTemplateInput is the input of ValidateTemplate.
type ValidateTemplateInput struct {
	TemplateBody string `check:"min=1,max=51200" trail:"omit"`
	TemplateURL  string `check:"min=1,max=5120"`
}

// ValidateTemplateOutput is the output of ValidateTemplate.
type ValidateTemplateOutput struct {
	Parameters         []TemplateParameter
	Description        string
	Capabilities       []string
	CapabilitiesReason string
	DeclaredTransforms []string
}

// TemplateParameter is a parameter that a template declares.
type TemplateParameter struct {
	ParameterKey string
	DefaultValue *string
	NoEcho       bool
	Description  string
}

// ValidateTemplate checks the form of a template, and says what it needs [C184].
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ValidateTemplate.html.
func (s *Service) ValidateTemplate(ctx context.Context, in *ValidateTemplateInput) (*ValidateTemplateOutput, error) {
	t, err := s.parsed(ctx, &wanted{body: in.TemplateBody, url: in.TemplateURL})
	if err != nil {
		return nil, err
	}
	if unknown := unknownTypes(t); len(unknown) > 0 {
		return nil, unrecognized(unknown)
	}
	out := &ValidateTemplateOutput{Parameters: []TemplateParameter{}, Description: t.Description, DeclaredTransforms: t.DeclaredTransforms()}
	for _, p := range t.Parameters {
		out.Parameters = append(out.Parameters, TemplateParameter{ParameterKey: p.Name, DefaultValue: p.Default, NoEcho: p.NoEcho, Description: p.Description})
	}
	out.Capabilities, out.CapabilitiesReason = shownCapabilities(t)
	return out, nil
}

func validateTemplateTarget(ctx context.Context, in *ValidateTemplateInput) (api.Target, error) {
	target, err := onAny(ctx, in)
	target.Keys = (&asked{templateURL: in.TemplateURL}).keys
	return target, err
}

// parsed is the template that an input gives.
func (s *Service) parsed(ctx context.Context, w *wanted) (*template.Template, error) {
	text, err := s.templateText(ctx, w, nil)
	if err != nil {
		return nil, err
	}
	t, err := template.Parse(text)
	if err != nil {
		return nil, badTemplate(err)
	}
	return t, nil
}

// unknownTypes are the types of a template that AWS does not have.
func unknownTypes(t *template.Template) []string {
	return slices.DeleteFunc(t.Types(), func(name string) bool {
		return resourcetype.Known(name) || strings.HasPrefix(name, "AWS::Serverless::") && len(t.Transforms) > 0
	})
}

// shownCapabilities are the capabilities that a template needs, and why.
func shownCapabilities(t *template.Template) (capabilities []string, reason string) {
	capabilities, types := required(t)
	if types != nil {
		reason = "The following resource(s) require capabilities: [" + strings.Join(types, ", ") + "]"
	}
	if len(t.DeclaredTransforms()) > 0 {
		capabilities = append(capabilities, autoExpand)
		reason = cmp.Or(reason, "The following transform(s) require capabilities: ["+strings.Join(t.DeclaredTransforms(), ", ")+"]")
	}
	return capabilities, reason
}

// GetTemplateSummaryInput is the input of GetTemplateSummary.
type GetTemplateSummaryInput struct {
	TemplateBody          string `check:"min=1,max=51200" trail:"omit"`
	TemplateURL           string `check:"min=1,max=5120"`
	StackName             string `check:"min=1" pattern:"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"`
	StackSetName          string `pattern:"[a-zA-Z][-a-zA-Z0-9]*(?::[a-zA-Z0-9]{8}-[a-zA-Z0-9]{4}-[a-zA-Z0-9]{4}-[a-zA-Z0-9]{4}-[a-zA-Z0-9]{12})?"`
	CallAs                string `enum:"SELF|DELEGATED_ADMIN"`
	TemplateSummaryConfig *TemplateSummaryConfig
}

// TemplateSummaryConfig is how unknown types are answered.
type TemplateSummaryConfig struct {
	TreatUnrecognizedResourceTypesAsWarnings bool
}

// GetTemplateSummaryOutput is the output of GetTemplateSummary.
type GetTemplateSummaryOutput struct {
	Parameters                  []ParameterDeclaration
	Description                 string
	Capabilities                []string
	CapabilitiesReason          string
	ResourceTypes               []string
	Version                     string
	Metadata                    string
	DeclaredTransforms          []string
	ResourceIdentifierSummaries []ResourceIdentifierSummary
	Warnings                    *Warnings
}

// ParameterDeclaration is a parameter that a template declares, with its type.
type ParameterDeclaration struct {
	ParameterKey         string
	DefaultValue         *string
	ParameterType        string
	NoEcho               bool
	Description          string
	ParameterConstraints *ParameterConstraints
}

// ParameterConstraints are the values that a parameter may have.
type ParameterConstraints struct {
	AllowedValues []string
}

// ResourceIdentifierSummary are the resources of a type, and what names them.
type ResourceIdentifierSummary struct {
	ResourceType        string
	LogicalResourceIds  []string
	ResourceIdentifiers []string
}

// Warnings are the types that AWS does not have.
type Warnings struct {
	UnrecognizedResourceTypes []string
}

// GetTemplateSummary says what a template declares, which may be a stack's [C181] [C182].
//
// See https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplateSummary.html.
func (s *Service) GetTemplateSummary(ctx context.Context, in *GetTemplateSummaryInput) (*GetTemplateSummaryOutput, error) {
	return api.Do(ctx, in, s.getTemplateSummaryTarget, s.getTemplateSummary)
}

func (s *Service) getTemplateSummaryTarget(ctx context.Context, in *GetTemplateSummaryInput) (api.Target, *stackRecord, error) {
	if in.StackName != "" {
		return s.resolveStack(ctx, in.StackName, stackIDMissing)
	}
	target, err := onAny(ctx, in)
	url := in.TemplateURL
	target.Keys = func(c *policyeval.Context) { (&asked{templateURL: url}).keys(c) }
	return target, nil, err
}

func (s *Service) getTemplateSummary(ctx context.Context, on *stackRecord, in *GetTemplateSummaryInput) (*GetTemplateSummaryOutput, error) {
	w := &wanted{body: in.TemplateBody, url: in.TemplateURL}
	switch {
	case in.StackSetName != "":
		return nil, ErrValidation.With("There are no stack sets.")
	case on != nil && on.Status == reviewInProgress:
		return nil, ErrValidation.With("GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks.")
	case on != nil:
		d, err := s.deploymentOf(ctx, &changeSetTarget{stack: on})
		if err != nil {
			return nil, err
		}
		w = &wanted{body: d.Text}
	}
	t, err := s.parsed(ctx, w)
	if err != nil {
		return nil, err
	}
	out := summary(t)
	if unknown := unknownTypes(t); len(unknown) > 0 {
		if in.TemplateSummaryConfig == nil || !in.TemplateSummaryConfig.TreatUnrecognizedResourceTypesAsWarnings {
			return nil, unrecognized(unknown)
		}
		out.Warnings = &Warnings{UnrecognizedResourceTypes: unknown}
	}
	return out, nil
}

func summary(t *template.Template) *GetTemplateSummaryOutput {
	out := &GetTemplateSummaryOutput{
		Parameters: []ParameterDeclaration{}, Description: t.Description, ResourceTypes: t.Types(), Version: t.Version,
		DeclaredTransforms: t.DeclaredTransforms(),
	}
	if t.Metadata != nil {
		out.Metadata = t.Metadata.JSON()
	}
	out.Capabilities, out.CapabilitiesReason = shownCapabilities(t)
	for _, p := range t.Parameters {
		declared := ParameterDeclaration{
			ParameterKey: p.Name, DefaultValue: p.Default, ParameterType: p.Type, NoEcho: p.NoEcho, Description: p.Description,
			ParameterConstraints: &ParameterConstraints{},
		}
		if p.AllowedValues != nil {
			declared.ParameterConstraints.AllowedValues = p.AllowedValues
		}
		out.Parameters = append(out.Parameters, declared)
	}
	for _, name := range t.Types() {
		outline := resourcetype.OutlineOf(name)
		if outline == nil {
			continue
		}
		named := ResourceIdentifierSummary{ResourceType: name, ResourceIdentifiers: outline.Identifier}
		for _, r := range t.Resources {
			if r.Type == name {
				named.LogicalResourceIds = append(named.LogicalResourceIds, r.ID)
			}
		}
		out.ResourceIdentifierSummaries = append(out.ResourceIdentifierSummaries, named)
	}
	return out
}
