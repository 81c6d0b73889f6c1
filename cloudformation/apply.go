package cloudformation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/resourcetype"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/template"
)

// ApplyInput is a template from a file, and what it is deployed with.
type ApplyInput struct {
	Account, Region string
	// Name is the stack's.
	Name string
	// Template is its text, of whatever length.
	Template string
	// Parameters are values for parameters that the template declares.
	Parameters map[string]string
	Tags       []resource.Tag
	// BaseURL is how clients reach the server.
	BaseURL string
	// Strict refuses types that are not emulated.
	Strict bool
}

// Problem is something that is wrong with a template.
type Problem struct {
	Message string
	At      template.Position
}

// Problems are all that is wrong with a template, in its order.
type Problems []Problem

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = fmt.Sprintf("%d:%d: %s", problem.At.Line, problem.At.Column, problem.Message)
	}
	return strings.Join(lines, "\n")
}

// Apply makes a stack what a template says, as the root user of its account: it creates
// the stack or updates it. It fails with Problems where the template is wrong, before
// anything is made, or where its stack fails.
func (s *Service) Apply(ctx context.Context, in *ApplyInput) error {
	ctx, err := s.world.As(ctx, in.Account, in.Region, "root", in.BaseURL)
	if err != nil {
		return err
	}
	if problems := s.Check(ctx, in); len(problems) > 0 {
		return problems
	}
	var there *stackRecord
	err = s.engine.View(ctx, func(r store.Reader) error {
		there = s.find(r, in.Account, in.Region, in.Name)
		return nil
	})
	if err != nil {
		return err
	}
	if there != nil && (there.Status == rollbackComplete || there.Status == createFailed) {
		if _, err := s.DeleteStack(ctx, &DeleteStackInput{StackName: in.Name}); err != nil {
			return err
		}
		there = nil
	}
	if there == nil || there.Status == reviewInProgress {
		return s.applyNew(ctx, in)
	}
	return s.applyChange(ctx, there, in)
}

// wanted is what the input asks to be deployed: whoever wrote the file has acknowledged
// what it does.
func (in *ApplyInput) wanted() *wanted {
	w := &wanted{body: in.Template, trusted: true, tags: []Tag{}}
	for key, value := range in.Parameters {
		w.parameters = append(w.parameters, Parameter{ParameterKey: key, ParameterValue: &value})
	}
	for _, t := range in.Tags {
		w.tags = append(w.tags, Tag(t))
	}
	return w
}

func (s *Service) applyNew(ctx context.Context, in *ApplyInput) error {
	id, _, err := s.newStackID(ctx, in.Account, in.Region, in.Name, "")
	if err != nil {
		return err
	}
	prepared, err := s.prepare(ctx, id, in.wanted(), nil)
	if err != nil {
		return err
	}
	calls, err := s.callsFor(ctx, id, "")
	if err != nil {
		return err
	}
	stack := &stackRecord{Account: id.account, Region: id.region, Name: id.name, UUID: id.uuid}
	if stack, err = s.beginCreation(ctx, stack, prepared, s.operation(ctx, "CREATE_STACK", "", "")); err != nil {
		return err
	}
	if err := s.runCreation(ctx, stack, prepared, calls); err != nil {
		return err
	}
	return s.applied(ctx, id, prepared)
}

func (s *Service) applyChange(ctx context.Context, there *stackRecord, in *ApplyInput) error {
	current, err := s.deploymentOf(ctx, &changeSetTarget{stack: there})
	if err != nil {
		return err
	}
	if err := cannotUpdate(there); err != nil {
		return err
	}
	prepared, err := s.prepare(ctx, there.id(), in.wanted(), current)
	if err != nil {
		return err
	}
	if err := s.mustChange(ctx, there, current, prepared); err != nil {
		if errors.Is(err, errNoUpdates) && api.AsError(err).Message == errNoUpdates.Message {
			return nil
		}
		return err
	}
	calls, err := s.callsFor(ctx, there.id(), prepared.Role)
	if err != nil {
		return err
	}
	stack, err := s.beginUpdate(ctx, there, prepared, s.operation(ctx, "UPDATE_STACK", "", prepared.Role), func(_ store.Tx, stack *stackRecord) {
		stack.ChangeSet, stack.DisableRollback = "", false
	})
	if err != nil {
		return err
	}
	if err := s.runUpdate(ctx, stack, prepared, calls); err != nil {
		return err
	}
	return s.applied(ctx, there.id(), prepared)
}

// applied are the reasons for which an applied template's stack has failed; nil: it has not.
func (s *Service) applied(ctx context.Context, id stackID, prepared *ready) error {
	stack, err := s.stackNow(ctx, id)
	if err != nil || stack.Status == createComplete || stack.Status == updateComplete {
		return err
	}
	var problems Problems
	err = s.engine.View(ctx, func(r store.Reader) error {
		problems = nil
		for _, e := range s.events.Scan(r, id.below(""), "", store.All) {
			if e.Operation != stack.Operation.ID {
				continue
			}
			switch res := prepared.instance.Template().Resource(e.LogicalID); {
			case res != nil && e.failed():
				problems = append(problems, Problem{e.LogicalID + " (" + e.Type + "): " + e.Reason, res.At})
			case e.LogicalID == stack.Name && (e.Status == rollbackInProgress || e.Status == updateRollback):
				problems = append(problems, Problem{Message: e.Reason})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(problems) > 1 { // the resources say more than the stack
		problems = slices.DeleteFunc(problems, func(p Problem) bool { return p.At.Line == 0 })
	}
	slices.Reverse(problems)
	return problems
}

// Check finds all that can be told to be wrong with a template before anything is made.
func (s *Service) Check(ctx context.Context, in *ApplyInput) Problems {
	t, err := template.Parse(in.Template)
	if err != nil {
		return problemsOf(err)
	}
	id := stackID{in.Account, in.Region, in.Name, "00000000-0000-0000-0000-000000000000"}
	scope := s.scope(ctx, id, in.Parameters, nil)
	if t, err = transform(t, scope); err != nil {
		return problemsOf(err)
	}
	instance, err := t.Instantiate(scope)
	if err != nil {
		return append(problemsOf(err), in.check(t.Resources)...)
	}
	return in.check(instance.Resources())
}

func problemsOf(err error) Problems {
	if f, ok := errors.AsType[*template.Error](err); ok {
		return Problems{{f.Message, f.At}}
	}
	return Problems{{Message: err.Error()}}
}

// check finds what is wrong with resources by themselves.
func (in *ApplyInput) check(resources []*template.Resource) (problems Problems) {
	for _, res := range resources {
		kind := resourcetype.Find(res.Type)
		switch {
		case !resourcetype.Known(res.Type):
			problems = append(problems, Problem{"Template format error: Unrecognized resource types: [" + res.Type + "]", res.TypeAt})
			continue
		case kind == nil && in.Strict && res.Type != "AWS::CDK::Metadata":
			problems = append(problems, Problem{res.Type + " is not emulated", res.TypeAt})
			continue
		case kind == nil:
			continue
		}
		for _, p := range kind.Check(res.Properties) {
			at := p.At
			if at.Line == 0 {
				at = res.At
			}
			problems = append(problems, Problem{res.ID + " (" + res.Type + ")" + p.Path + ": " + p.Message, at})
		}
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		if a.At.Line != b.At.Line {
			return a.At.Line - b.At.Line
		}
		return a.At.Column - b.At.Column
	})
	return problems
}
