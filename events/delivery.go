package events

import (
	"context"
	"errors"

	"github.com/waxseal/waxseal/internal/arn"
)

// Targets takes events to their targets. Each call is made on behalf of the rule, as
// events.amazonaws.com or as the role that is named, so that the policies of the target
// and its key, or of the role, decide. Its error is the *api.Error of the service that was
// called, or ErrRole; the receipt has the request id in either case.
type Targets interface {
	// Queue sends a message. aws:SourceArn is the rule, aws:SourceAccount its account [V207].
	Queue(ctx context.Context, c *Call) (Receipt, error)
	// Topic publishes a message, without these keys [V210].
	Topic(ctx context.Context, c *Call) (Receipt, error)
	// Bus puts the event of ctx on another bus.
	Bus(ctx context.Context, c *Call) (Receipt, error)
}

// Call is one delivery.
type Call struct {
	Behalf
	Target string // its ARN
	Role   string // empty: the call is the service's own
	// Body is the message, for queues and topics.
	Body string
	// Attributes are message attributes of type String, for dead-letter queues.
	Attributes map[string]string
	GroupID    string // of the message; empty: none
	Trace      string // X-Ray's header
	BaseURL    string // by which the event's source reaches this server
	// Event is what is put on a bus, for policies to see.
	Event *PutEventsInput
}

// Receipt is what the service answered that was called.
type Receipt struct {
	// RequestID is the id of the call; where it failed, that of the refused call, which may
	// be one to KMS or STS. The decision is found by it.
	RequestID string
	MessageID string // of the message or event; empty where it was not taken
}

// ErrRole says that the role of a target could not be assumed.
var ErrRole = errors.New("events: the role cannot be assumed")

type forwardedKey struct{}

// forwardedFrom is the event that a call of PutEvents forwards from a rule's bus to
// another one; nil: the call is an ordinary one.
func forwardedFrom(ctx context.Context) *event {
	e, _ := ctx.Value(forwardedKey{}).(*event)
	return e
}

// Forwarding is the context of a call of PutEvents that is looked at as one by which a rule
// forwards an event, without being made.
func Forwarding(ctx context.Context) context.Context { return withForwarded(ctx, new(event)) }

func withForwarded(ctx context.Context, e *event) context.Context {
	return context.WithValue(ctx, forwardedKey{}, e)
}

// serviceOf is the service of a target's ARN.
func serviceOf(target string) string {
	a, err := arn.Parse(target)
	if err != nil {
		return ""
	}
	return a.Service
}
