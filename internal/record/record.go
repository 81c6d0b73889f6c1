// Package record is what is kept of calls that have ended and of the decisions on them:
// enough to make their CloudTrail records when somebody asks for them, and to explain
// them.
//
// What many calls and decisions say alike is kept once: who calls from where (Profile),
// what is decided on under which policies (question), and what is called with which
// parameters (shape). An entry refers to these pieces, and has of its own its ids, its
// time and what comes once; it is made whole again for who reads it. Policies are kept as
// their texts: compiled they are many times as large.
package record

import (
	"errors"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/trail"
)

// Call is a call that has ended, as it is kept. Of input and output it holds only what its
// events show.
type Call struct {
	shape    *shape
	more     *more // nil: it has no more
	instance instance
	eventID  uuid.UUID
	response string // empty: its record shows none
	size     int
}

// shape is what many calls have in common.
type shape struct {
	trail.Piece
	alike
	parameters string // those of the request; empty: the record shows none
	parts      [1]*trail.Piece
}

// alike is what tells shapes apart, but for the parameters.
type alike struct {
	profile   *Profile
	service   *api.Service
	operation *api.Operation
	// account and owner are those that get a record of the call; owner is empty where it
	// is one.
	account, owner string
	// resource is what the call acted on, in the account of acted; empty: it acted on
	// nothing, or on what more says.
	resource, acted string
	// code is CloudTrail's name of the error; it and message are empty where the call succeeded.
	code, message string
	// atEndpoint: nothing denied the call but the policy of the VPC endpoint, which keeps
	// it from the event history and from trails [F9].
	atEndpoint bool
}

// more is what few calls have.
type more struct {
	trail.Piece // of the call: its shape and those of rest
	// refusal is why a document in the input, such as a policy, was refused.
	refusal *api.Refusal
	// rest are the decisions that the call would have needed after the one that denied it.
	rest []*Decision
	// resources are what the call acted on, where it is more than one.
	resources []trail.Resource
}

// Ended is a call that has ended.
type Ended struct {
	Service       *api.Service
	Operation     *api.Operation
	Request       *api.Request
	Profile       *Profile
	Input, Output any // pointers to shapes
	Err           error
	Checks        []api.Check // what had to be allowed
	Rest          []*Decision
	AtEndpoint    bool
}

// Call is a call that has ended, as it is kept.
func (k *Keeper) Call(e *Ended) *Call {
	response := ""
	a := alike{profile: e.Profile, service: e.Service, operation: e.Operation, atEndpoint: e.AtEndpoint}
	var added more
	if e.Err != nil {
		failed := api.AsError(e.Err)
		a.code, a.message = errorCode(failed), trail.Cut(failed.Message, trail.MaxErrorMessage)
		added.refusal = refusalOf(failed)
	}
	var resources []trail.Resource
	var room [1]trail.Resource // few calls act on more than one
	buffer := buffers.Get().(*[]byte)
	defer keepBuffer(buffer)
	parameters := (*buffer)[:0]
	if a.code != accessDenied {
		parameters = k.Parameters(parameters, e.Input)
		resources = e.resources(room[:0])
	}
	shown := len(parameters)
	if *buffer = parameters; e.Err == nil && !e.Operation.ReadOnly {
		*buffer = k.Parameters(parameters, e.Output)
		response = text(trail.CutParameters("responseElements", (*buffer)[shown:]))
	}
	a.account, a.owner = e.recipients(resources)
	added.rest = e.Rest
	switch len(resources) {
	case 0:
	case 1:
		a.resource, a.acted = resources[0].ARN, resources[0].AccountID
	default:
		added.resources = slices.Clone(resources)
	}
	c := k.shaped(&a, trail.CutParameters("requestParameters", (*buffer)[:shown]))
	c.instance, c.eventID, c.response = instanceOf(e.Request.ID, e.Request.Origin, e.Request.Time), e.Request.EventID, response
	c.size = callOverhead + c.instance.size() + len(c.response)
	if added.refusal != nil || added.rest != nil || added.resources != nil {
		c.more = k.more(c.shape, added)
		c.size += c.more.own()
	}
	return c
}

// text is JSON as a text; that of nothing, which many calls answer, is a constant.
func text(json []byte) string {
	if string(json) == "null" {
		return "null"
	}
	return string(json)
}

// buffers hold what is shown of calls until it is found to be kept already.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

func keepBuffer(buffer *[]byte) {
	if cap(*buffer) <= 64<<10 {
		buffers.Put(buffer)
	}
}

func pieceOfShape(s *shape) *trail.Piece { return &s.Piece }

// shaped is a call with its shape: the one of calls that are alike. One that comes once has a
// shape of its own, in one piece with it.
func (k *Keeper) shaped(a *alike, parameters []byte) *Call {
	h := hash(a.resource, a.message, a.operation.Name) ^ maphash.Bytes(seed, parameters)
	k.mu.Lock()
	defer k.mu.Unlock()
	if found := k.shapes.find(h, func(s *shape) bool { return s.parameters == string(parameters) && s.alike == *a }); found != nil {
		return &Call{shape: found}
	}
	if k.again(h) {
		s := new(shape)
		s.set(a, parameters)
		put(k, &k.shapes, h, s, pieceOfShape)
		return &Call{shape: s}
	}
	once := new(struct {
		call  Call
		shape shape
	})
	once.shape.set(a, parameters)
	once.call.shape = &once.shape
	return &once.call
}

func (s *shape) set(a *alike, parameters []byte) {
	s.alike = *a
	// The texts are copied, in one piece: each may be a part of a large one.
	texts := string(parameters) + a.account + a.owner + a.resource + a.acted + a.message
	s.parts[0] = &a.profile.Piece
	s.Size, s.Parts = shapeOverhead+len(texts), s.parts[:]
	s.parameters, texts = texts[:len(parameters)], texts[len(parameters):]
	for _, text := range []*string{&s.account, &s.owner, &s.resource, &s.acted, &s.message} {
		*text, texts = texts[:len(*text)], texts[len(*text):]
	}
}

func (k *Keeper) more(s *shape, m more) *more {
	kept := &m
	kept.Parts = append(kept.Parts, &s.Piece)
	for _, d := range m.rest {
		kept.Parts = append(kept.Parts, d.Piece())
	}
	return kept
}

// own is how many bytes it takes, without its parts.
func (m *more) own() int {
	n := extraOverhead
	for _, d := range m.rest {
		n += itemOverhead + d.Size()
	}
	for i := range m.resources {
		n += itemOverhead + len(m.resources[i].ARN)
	}
	if r := m.refusal; r != nil {
		n += 2*itemOverhead + len(r.Kind) + len(r.Resource) + len(r.Reason)
	}
	return n
}

// Claimant is the request as it was decided: with the identity that its token proves
// as the caller, where it carries one.
func Claimant(r *api.Request, checks []api.Check) *api.Request {
	if len(checks) == 0 || checks[0].As == nil {
		return r
	}
	as := *r
	as.Caller = checks[0].As
	return &as
}

// resources appends what the call acted on to list.
func (e *Ended) resources(list []trail.Resource) []trail.Resource {
	kind := e.Service.ResourceType
	for i := range e.Checks {
		if t := &e.Checks[i].Target; kind != "" && t.ARN != "*" && t.Missing == nil {
			list = append(list, trail.Resource{AccountID: t.Account, Type: kind, ARN: t.ARN})
		}
	}
	return list
}

// recipients are the accounts whose trails get a record of the call: the caller's and,
// where the service's calls are recorded for the owner too, the owner of what the call
// acted on. A caller of no account, such as a service, acts in that of what it acts on.
func (e *Ended) recipients(resources []trail.Resource) (account, owner string) {
	if account = e.Request.Account; e.Request.Caller.Account == "" {
		if len(e.Checks) > 0 && e.Checks[0].Target.Account != "" {
			account = e.Checks[0].Target.Account
		}
		return account, ""
	}
	if !e.Service.OwnerRecorded {
		return account, ""
	}
	for i := range resources {
		if of := resources[i].AccountID; of != account {
			return account, of
		}
	}
	return account, ""
}

// Of reports whether it is the call of the request with that id.
func (c *Call) Of(requestID string) bool { return c.instance.id.Is(trail.IDOf(requestID)) }

// InCourseOf reports whether it is that call, or one that a service made in its course.
func (c *Call) InCourseOf(requestID string) bool { return c.instance.of(trail.IDOf(requestID)) }

// Service is the service that was called.
func (c *Call) Service() *api.Service { return c.shape.service }

// Operation is the operation that was called.
func (c *Call) Operation() *api.Operation { return c.shape.operation }

// Request is the request as it was decided, its texts cut where they are large.
func (c *Call) Request() *api.Request {
	r := c.shape.profile.restore(&c.instance)
	r.EventID = c.eventID
	return r
}

// InvokedBy is the service that made the call, where it is not the caller itself.
func (c *Call) InvokedBy() string { return InvokedBy(&c.shape.profile.request) }

// Error is CloudTrail's name of the error, and what the caller was told; both are empty
// where the call succeeded.
func (c *Call) Error() (code, message string) { return c.shape.code, c.shape.message }

// Failed reports whether it failed.
func (c *Call) Failed() bool { return c.shape.code != "" }

// AtEndpoint reports whether nothing denied the call but the policy of the VPC endpoint,
// which keeps it from the event history and from trails [F9].
func (c *Call) AtEndpoint() bool { return c.shape.atEndpoint }

// Refusal is why a document in the input, such as a policy, was refused; nil: the call did
// not fail because of that.
func (c *Call) Refusal() *api.Refusal {
	if c.more == nil {
		return nil
	}
	return c.more.refusal
}

// Rest are the decisions that the call would have needed after the one that denied it.
func (c *Call) Rest() []*trail.Decision {
	if c.more == nil {
		return nil
	}
	rest := make([]*trail.Decision, len(c.more.rest))
	for i, d := range c.more.rest {
		rest[i] = d.Restore()
	}
	return rest
}

// resources are what the call acted on.
func (c *Call) resources() []trail.Resource {
	switch {
	case c.shape.resource != "":
		return []trail.Resource{{AccountID: c.shape.acted, Type: c.shape.service.ResourceType, ARN: c.shape.resource}}
	case c.more != nil:
		return slices.Clone(c.more.resources)
	default:
		return nil
	}
}

// Time is when the call was made, by the clock.
func (c *Call) Time() time.Time { return c.instance.at.Time() }

// Region is awsRegion of the call's event.
func (c *Call) Region() string {
	if c.shape.service.Global {
		return arn.GlobalRegion(c.shape.profile.request.Region)
	}
	return c.shape.profile.request.Region
}

// Global reports whether the call is one of a global service.
func (c *Call) Global() bool { return c.shape.service.Global }

// Data reports whether the call's event is a data event.
func (c *Call) Data() bool { return c.shape.operation.Data }

// Accounts are those that get a record of the call; owner is empty where it is one.
func (c *Call) Accounts() (caller, owner string) { return c.shape.account, c.shape.owner }

// Size is how many bytes it takes, without its Piece.
func (c *Call) Size() int { return c.size }

// Piece is what it shares with others.
func (c *Call) Piece() *trail.Piece {
	if c.more != nil {
		return &c.more.Piece
	}
	return &c.shape.Piece
}

// Events are the call's CloudTrail records: the owner's first, where there is one.
func (c *Call) Events() []*trail.Event {
	event := c.event()
	if ownerEvent := complete(c.shape.service, event); ownerEvent != nil {
		return []*trail.Event{ownerEvent, event}
	}
	return []*trail.Event{event}
}

// refusalOf is why a call's document was refused, as the log and the trail keep
// it; nil: the call failed for another reason.
func refusalOf(e *api.Error) *api.Refusal {
	r, ok := errors.AsType[*api.Refusal](e)
	if !ok {
		return nil
	}
	kept := *r
	kept.Resource, kept.Reason = trail.Cut(r.Resource, trail.MaxErrorMessage), trail.Cut(r.Reason, trail.MaxErrorMessage)
	return &kept
}
