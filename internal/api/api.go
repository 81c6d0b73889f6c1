// Package api is how a service says what it offers: its operations, what each
// may be authorized by and works on, and its errors. The dispatcher
// (internal/dispatch) carries every call through the same stages and knows
// nothing else about a service.
package api

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// Service describes one AWS service to the dispatcher and to internal/wire.
type Service struct {
	// Name is the service's name in ARNs, actions and credential scopes, such as sqs.
	Name string
	// Title is the service's name as people write it, such as SQS.
	Title string
	// Principal is the service's own principal and CloudTrail's event source,
	// such as sqs.amazonaws.com.
	Principal string
	// Dialects are the protocols that the service speaks.
	Dialects []Dialect
	// Operations is the service's table: the security review on one screen.
	Operations []Operation
	// Unsigned services take requests without a signature, as the anonymous
	// principal; the others refuse them, but for operations marked Unsigned.
	Unsigned bool
	// PathMember is the input member that a request's path /ACCOUNT/NAME stands
	// for; empty: paths mean nothing to the service.
	PathMember string
	// Denied words the service's access-denied error.
	Denied func(*Denial) *Error
	// Invalid words the error for an input that breaks its shape's constraints.
	Invalid func([]Violation) *Error
	// Earlier is what the service finds wrong with such an input before it looks
	// at its constraints; nil: nothing. A nil Earlier finds nothing.
	Earlier func(ctx context.Context, in any) *Error
	// DryRun answers a call that is allowed and asks for no more than to know that; nil:
	// the call is to be made. A nil DryRun: no input asks so.
	DryRun func(in any) *Error
	// OwnerOnly is the error for a call by another account on an operation that
	// only the owner may make.
	OwnerOnly func(*Denial) *Error
	// ResourceType is the type that CloudTrail gives the resources which the service's
	// calls act on, such as AWS::SQS::Queue; empty: its records name no resources.
	ResourceType string
	// CompleteEvent adds to the CloudTrail record of a call what its input and output
	// do not say; nil: nothing. It must not keep the record.
	CompleteEvent func(*trail.Event)
	// Global services have one state for all regions of a partition: CloudTrail records
	// their calls in one region.
	Global bool
	// OwnerRecorded: a call on what another account owns is recorded there too.
	OwnerRecorded bool
	// ResourcePolicy is the kind of the policies that stand on the resources which
	// calls act on. It is not looked at where they have none.
	ResourcePolicy policyeval.Kind
	// ConnectionKeys sets the service's condition keys that come from how a call
	// arrives, and not from what it asks; nil: there are none.
	ConnectionKeys func(*policyeval.Context, *Request)
	// Own reports whether a call, of which the body is given as it came, is for what is
	// here of a service that a neighbor may have as well. A nil Own: every call is.
	Own func(operation string, body []byte) bool
}

// Operation is one row of a service's table. Make one with On or OnChecks where it
// acts on something stored, and otherwise with Op, OpChecks or Unguarded.
type Operation struct {
	Name    string
	In, Out reflect.Type
	// Data marks CloudTrail data events; all others are management events.
	Data bool
	// ReadOnly is CloudTrail's readOnly.
	ReadOnly bool
	// OwnerOnly operations fail for callers of other accounts whatever the policies say.
	OwnerOnly bool
	// AtRoot operations cannot be called at the path of a resource, in Query.
	AtRoot bool
	// Unsigned operations take requests without a signature.
	Unsigned bool
	// Route is which requests are for the operation, in dialects whose operations are
	// paths; nil: none.
	Route *Route
	// NoContent operations answer with 204 there.
	NoContent bool
	// Actions names the IAM actions that the operation can need.
	Actions []string

	resolve func(ctx context.Context, in any) (Resolved, error)
	call    func(ctx context.Context, on, in any) (any, error)
}

// Check is one authorization decision.
type Check struct {
	Action string // such as sqs:SendMessage
	Target Target
	// As is who is to be allowed, where that is not the request's caller: the
	// identity that a web identity token proves. nil: the caller.
	As *Caller
	// Denied takes a denial, which then does not end the call: a call about many things
	// answers for each of them. It may be called again if the call is decided on again. nil:
	// a denial ends the call.
	Denied func(*Error)
}

// Target is what a call acts on.
type Target struct {
	ARN     string // or "*"
	Account string // that owns it
	// Policy is its resource-based policy; nil: it has none.
	Policy *policyeval.Policy
	// Block are denies by a setting of the target; see policyeval.Policies.
	Block  []*policyeval.Policy
	Grants []policyeval.Grant
	Tags   map[string]string // aws:ResourceTag
	// Unlocks marks a call by which the root user of the owner's account may look at
	// or take away Policy, whatever that denies.
	Unlocks bool
	// AWSManaged marks what AWS manages in the account, which resource control
	// policies do not bind.
	AWSManaged bool
	// Keys adds the service's condition keys, and aws:RequestTag and aws:TagKeys, to the request's context.
	Keys func(*policyeval.Context)
	// KeysOf adds keys that not every action on the target carries; nil: there are none.
	KeysOf func(c *policyeval.Context, action string)
	// Phrase names the target in a denial where that is not "resource: ARN",
	// such as "the resource associated with this ciphertext".
	Phrase string
	// Missing is answered to callers who are allowed the call where the
	// resource does not exist.
	Missing *Error
	// Refused is answered to callers who are allowed the call in place of a call
	// that the resource does not take as it came, such as one over plain HTTP.
	Refused *Error
	// Hidden is answered in place of a denial to callers who may not learn
	// whether the resource exists; nil: the service's usual denial.
	Hidden *Error
}

// Option marks an operation.
type Option func(*Operation)

// Data marks an operation whose events are CloudTrail data events.
func Data(o *Operation) { o.Data = true }

// ReadOnly marks an operation that changes nothing.
func ReadOnly(o *Operation) { o.ReadOnly = true }

// OwnerOnly marks an operation that no policy opens to another account.
func OwnerOnly(o *Operation) { o.OwnerOnly = true }

// AtRoot marks an operation that cannot be called at the path of a resource.
func AtRoot(o *Operation) { o.AtRoot = true }

// Unsigned marks an operation that takes requests without a signature although
// its service does not.
func Unsigned(o *Operation) { o.Unsigned = true }

// Denial is a refused call, for a service to word.
type Denial struct {
	Operation string
	Caller    *Caller
	Action    string
	Target    *Target
	Verdict   policyeval.Verdict
	// CrossAccount: the caller is of another account than the target.
	CrossAccount bool
	// SameOrganization: both accounts are in one organization.
	SameOrganization bool
}

// Text is the denial in AWS's words, with the action in the service's own spelling.
func (d *Denial) Text(action string) string {
	return d.Subject(action) + " " + d.Verdict.Because(action)
}

// Subject is the denial without its reason, which some denials do not tell.
func (d *Denial) Subject(action string) string {
	on := ""
	switch {
	case d.Target.Phrase != "":
		on = " on " + d.Target.Phrase
	case d.Target.ARN != "*":
		on = " on resource: " + d.Target.ARN
	}
	return "User: " + d.Caller.DisplayName() + " is not authorized to perform: " + action + on
}

// Rule is a kind of constraint, for services that word some of them themselves.
type Rule int

// The kinds of constraints on a value that is there. RuleParts is of the elements
// of a list, or of the keys and values of a map.
const (
	RuleParts Rule = iota
	// RuleType is of a value of the wrong type, in the dialects that report one so.
	RuleType
	RulePattern
	RuleEnum
	RuleMinLength
	RuleMaxLength
	RuleMinValue
	RuleMaxValue
)

// Violation is one way in which an input breaks its shape's constraints.
type Violation struct {
	// Member is the top-level member's name as declared, such as MessageBody.
	Member string
	// Path is where, in AWS's notation: tags.1.member.tagKey.
	Path string
	// Value is the offending value as text; Shown is false where AWS hides it (blobs, sensitive members).
	Value string
	Shown bool
	// Null: the member is required and absent.
	Null bool
	// Rule is the kind of what it failed, where the member is there.
	Rule Rule
	// Constraint is what it failed, such as "Member must have length less than or equal to 128".
	Constraint string
}

// ValidationText is AWS's text for a list of violations:
// "2 validation errors detected: Value … at … failed to satisfy constraint: …; Value …".
func ValidationText(violations []Violation) string {
	var b strings.Builder
	if len(violations) == 1 {
		b.WriteString("1 validation error detected: ")
	} else {
		fmt.Fprintf(&b, "%d validation errors detected: ", len(violations))
	}
	for i, v := range violations {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString("Value ")
		switch {
		case v.Null:
			b.WriteString("null ")
		case v.Shown:
			b.WriteString("'" + v.Value + "' ")
		}
		b.WriteString("at '" + v.Path + "' failed to satisfy constraint: " + v.Constraint)
	}
	return b.String()
}
