package cloudformation

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/resourcetype"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/template"
)

// ApplyInput is a template from a file, and what it is deployed with.
type ApplyInput struct {
	// Name is the stack's.
	Name string
	// Template is of whatever length.
	Template *template.Template
	// Parameters are values by the names of parameters. Those that the template does not
	// declare are none of its business.
	Parameters map[string]string
	Tags       map[string]string
	// NestedTemplate finds the templates of nested stacks by their URLs; nil: they are in S3.
	NestedTemplate func(url string) (text string, ok bool)
	// Strict: types and properties that are not emulated are problems.
	Strict bool
}

// ApplyProblem is something that is wrong with a template.
type ApplyProblem struct {
	At      template.Position
	Message string
}

// Apply makes a stack what a template says, with the rights of ctx's request, of whom
// nothing is asked for the stack itself: it creates the stack or updates it, where something
// changes. The problems are what is wrong with the template, in which case nothing was made,
// or why its stack has failed.
func (s *Service) Apply(ctx context.Context, in *ApplyInput) ([]ApplyProblem, error) {
	if in.NestedTemplate != nil {
		ctx = withTemplates(ctx, in.NestedTemplate)
	}
	if in.Strict {
		ctx = context.WithValue(ctx, strictKey{}, true)
	}
	if problems := s.check(ctx, in); len(problems) > 0 {
		return problems, nil
	}
	there, err := s.found(ctx, in.Name)
	if err == nil && there != nil && (there.Status == rollbackComplete || there.Status == createFailed) {
		if _, err := s.DeleteStack(ctx, &DeleteStackInput{StackName: in.Name}); err != nil {
			return nil, err
		}
		there, err = s.found(ctx, in.Name)
	}
	var prepared *ready
	switch {
	case err != nil:
		return nil, err
	case there == nil || there.Status == reviewInProgress:
		prepared, err = s.applyNew(ctx, in)
	default:
		prepared, err = s.applyChange(ctx, there, in)
	}
	if e, ok := errors.AsType[*api.Error](err); ok && e.HTTPStatus() < 500 {
		return problemsOf(err), nil
	}
	if err != nil || prepared == nil {
		return nil, err
	}
	return s.applied(ctx, in.Name, prepared)
}

// found is the stack that has a name; nil: there is none.
func (s *Service) found(ctx context.Context, name string) (*stackRecord, error) {
	account, region := place(ctx)
	return s.named(ctx, account, region, name)
}

func (s *Service) named(ctx context.Context, account, region, name string) (stack *stackRecord, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		stack = s.find(r, account, region, name)
		return nil
	})
	return stack, err
}

// Exists reports whether an account and region has a stack of a name, be it as it may.
func (s *Service) Exists(ctx context.Context, account, region, name string) (bool, error) {
	stack, err := s.named(ctx, account, region, name)
	return stack != nil, err
}

type strictKey struct{}

// isStrict reports whether nothing may be left out of what ctx's templates say.
func isStrict(ctx context.Context) bool {
	strict, _ := ctx.Value(strictKey{}).(bool)
	return strict
}

type templatesKey struct{}

func withTemplates(ctx context.Context, find func(string) (string, bool)) context.Context {
	return context.WithValue(ctx, templatesKey{}, find)
}

// givenTemplate is the template of a nested stack that came with its parent's.
func givenTemplate(ctx context.Context, url string) (string, bool) {
	find, _ := ctx.Value(templatesKey{}).(func(string) (string, bool))
	if find == nil {
		return "", false
	}
	return find(url)
}

// values are the given values of the parameters that the template declares.
func (in *ApplyInput) values() map[string]string {
	values := map[string]string{}
	for name, value := range in.Parameters {
		if in.Template.Parameter(name) != nil {
			values[name] = value
		}
	}
	return values
}

// everything is all that a caller can acknowledge.
var everything = []string{resourcetype.CapabilityIAM, resourcetype.CapabilityNamedIAM, autoExpand}

// wanted is what the input asks to be deployed: whoever wrote the file has acknowledged
// what it does.
func (in *ApplyInput) wanted() *wanted {
	w := &wanted{body: in.Template.Text, capabilities: everything, tags: []Tag{}}
	for key, value := range in.values() {
		w.parameters = append(w.parameters, Parameter{ParameterKey: key, ParameterValue: &value})
	}
	for _, t := range resource.TagList(in.Tags) {
		w.tags = append(w.tags, Tag(t))
	}
	return w
}

func (s *Service) applyNew(ctx context.Context, in *ApplyInput) (*ready, error) {
	account, region := place(ctx)
	id, _, err := s.newStackID(ctx, account, region, in.Name, "")
	if err != nil {
		return nil, err
	}
	prepared, err := s.prepare(ctx, id, in.wanted(), nil)
	if err != nil {
		return nil, err
	}
	calls, err := s.callsFor(ctx, id, "")
	if err != nil {
		return nil, err
	}
	stack := &stackRecord{Account: id.account, Region: id.region, Name: id.name, UUID: id.uuid}
	if stack, err = s.beginCreation(ctx, stack, prepared, s.operation(ctx, "CREATE_STACK", "", "")); err != nil {
		return nil, err
	}
	return prepared, s.runCreation(ctx, stack, prepared, calls)
}

// applyChange updates a stack; nil: nothing changes.
func (s *Service) applyChange(ctx context.Context, there *stackRecord, in *ApplyInput) (*ready, error) {
	current, err := s.deploymentOf(ctx, &changeSetTarget{stack: there})
	if err != nil {
		return nil, err
	}
	if err := cannotUpdate(there); err != nil {
		return nil, err
	}
	prepared, err := s.prepare(ctx, there.id(), in.wanted(), current)
	if err != nil {
		return nil, err
	}
	p, err := s.foresee(ctx, there, current, prepared)
	if err != nil || !p.changes() {
		return nil, err
	}
	calls, err := s.callsFor(ctx, there.id(), prepared.Role)
	if err != nil {
		return nil, err
	}
	stack, err := s.beginUpdate(ctx, there, prepared, s.operation(ctx, "UPDATE_STACK", "", prepared.Role), func(_ store.Tx, stack *stackRecord) {
		stack.ChangeSet, stack.DisableRollback = "", false
	})
	if err != nil {
		return nil, err
	}
	return prepared, s.runUpdate(ctx, stack, prepared, calls)
}

// applied are the reasons for which an applied template's stack has failed.
func (s *Service) applied(ctx context.Context, name string, prepared *ready) (problems []ApplyProblem, err error) {
	stack, err := s.found(ctx, name)
	if err != nil || stack == nil || stack.Status == createComplete || stack.Status == updateComplete {
		return nil, err
	}
	err = s.engine.View(ctx, func(r store.Reader) error {
		problems = nil
		for _, e := range s.events.Scan(r, stack.id().below(""), "", store.All) {
			if e.Operation != stack.Operation.ID {
				continue
			}
			switch res := prepared.instance.Template().Resource(e.LogicalID); {
			case res != nil && e.failed():
				problems = append(problems, ApplyProblem{res.At, e.LogicalID + " (" + e.Type + "): " + shown(ctx, e.Reason)})
			case e.Type == stackType && (e.Status == rollbackInProgress || e.Status == updateRollback):
				problems = append(problems, ApplyProblem{prepared.at, shown(ctx, e.Reason)})
			}
		}
		return nil
	})
	if len(problems) > 1 { // the resources say more than the stack
		problems = slices.DeleteFunc(problems, func(p ApplyProblem) bool { return p.At.Line == 0 })
	}
	slices.Reverse(problems)
	return problems, err
}

// check finds all that can be told to be wrong with a template before anything is made.
func (s *Service) check(ctx context.Context, in *ApplyInput) []ApplyProblem {
	account, region := place(ctx)
	scope := s.scope(ctx, stackID{account, region, in.Name, "00000000-0000-0000-0000-000000000000"}, in.values(), nil)
	t, err := transform(in.Template, scope)
	if err != nil {
		return problemsOf(err)
	}
	instance, err := t.Instantiate(scope)
	if err != nil {
		return inOrder(append(problemsOf(err), in.checkResources(t.Resources)...))
	}
	return inOrder(in.checkResources(instance.Resources()))
}

func problemsOf(err error) []ApplyProblem {
	if f, ok := errors.AsType[*template.Error](err); ok {
		return []ApplyProblem{{f.At, f.Message}}
	}
	if r, ok := errors.AsType[*api.Refusal](err); ok {
		return []ApplyProblem{{template.Position{Line: r.Position.Line, Column: r.Position.Column}, r.Reason}}
	}
	if e, ok := errors.AsType[*api.Error](err); ok {
		return []ApplyProblem{{Message: e.Message}}
	}
	return []ApplyProblem{{Message: err.Error()}}
}

// checkResources finds what is wrong with resources by themselves.
func (in *ApplyInput) checkResources(resources []*template.Resource) (problems []ApplyProblem) {
	for _, res := range resources {
		kind := resourcetype.Find(res.Type)
		switch {
		case !resourcetype.Known(res.Type):
			problems = append(problems, ApplyProblem{res.TypeAt, "Template format error: Unrecognized resource types: [" + res.Type + "]"})
		case kind == nil && in.Strict && res.Type != metadataType:
			problems = append(problems, ApplyProblem{res.TypeAt, res.Type + " is not emulated"})
		case kind != nil:
			for _, p := range kind.Check(res.Properties) {
				problems = append(problems, ApplyProblem{cmp.Or(p.At, res.At), res.ID + " (" + res.Type + ")" + p.Path + ": " + p.Message})
			}
		}
	}
	return problems
}

func inOrder(problems []ApplyProblem) []ApplyProblem {
	slices.SortStableFunc(problems, func(a, b ApplyProblem) int {
		return cmp.Or(cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Column, b.At.Column))
	})
	return problems
}

// metadataType is the type by which the CDK notes its version.
const metadataType = "AWS::CDK::Metadata"
