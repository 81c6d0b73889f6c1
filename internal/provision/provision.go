package provision

import (
	"context"

	"github.com/waxseal/waxseal/internal/template"
)

// Calls are API calls of the services, with the rights of whom a stack acts for.
type Calls interface {
	// Call makes one call. in and out have AWS's members by their names; what is not
	// there is left out. The error is an *api.Error, as the service answers it. The call
	// goes to RegionOf(ctx, stack), which is mostly the stack's, and may set CloudFormation's
	// own tags: its api.Request says SystemTags.
	Call(ctx context.Context, service, operation string, in map[string]any) (out map[string]any, err error)
}

// Stack is the stack that a resource belongs to.
type Stack struct {
	Name, ID                   string
	Account, Region, Partition string
}

// Job is one thing to be done with one resource: to make, change or delete it.
type Job struct {
	Calls
	Stack     Stack
	LogicalID string
	Type      string
	// Properties are the resource's, resolved and converted to the types of its schema. For
	// a deletion they are those that it was made with last.
	Properties *template.Node
	// Before are, for a change, the properties that the resource has.
	Before *template.Node
	// Tags are those that the resource is to have: the stack's, its own over them, and
	// CloudFormation's own where its type has them. TagsBefore are those it had.
	Tags, TagsBefore map[string]string
	// Token is the random part of names that are made up: 12 letters and digits.
	Token string

	// PhysicalID is the resource's, what Ref yields but for a few types. A creation sets it
	// as soon as there is something to be deleted, also where it fails then.
	PhysicalID string
	// Attributes are what Fn::GetAtt yields, beside what Ref yields under the name "Ref"
	// where that is not the physical id. Creations set all of them; a change finds those
	// that the resource has, and sets those that it changes.
	Attributes map[string]*template.Node
	// LeftOut are what properties say that the emulated service has not, and that changes
	// no answer of what there is: one sentence each, for who made the stack to be warned by.
	LeftOut []string
}

// leaveOut leaves out what one of these properties says.
func (j *Job) leaveOut(properties ...string) {
	for _, property := range properties {
		if said(j.Properties.Get(property)) {
			j.LeftOut = append(j.LeftOut, "The property "+property+" of "+j.Type+" is not emulated, and is left out.")
		}
	}
}

// Handler is how resources of one type are made, changed and deleted, by the calls that
// AWS's own handlers make.
type Handler struct {
	Create func(context.Context, *Job) error
	// Update changes what does not need a replacement.
	Update func(context.Context, *Job) error
	Delete func(context.Context, *Job) error
}
