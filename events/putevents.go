package events

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
)

// The limits of PutEvents [V083] [V088] [V098].
const (
	maxEntries    = 10
	maxTotal      = 256 << 10
	maxDetailType = 128
)

// PutEventsInput is the input of PutEvents.
type PutEventsInput struct {
	Entries    []PutEventsRequestEntry `check:"required,min=1,max=10"`
	EndpointId string                  `check:"min=1,max=50" pattern:"^[A-Za-z0-9\\-]+[\\.][A-Za-z0-9\\-]+$"`
}

// PutEventsRequestEntry is an event that is put.
type PutEventsRequestEntry struct {
	Time         *time.Time
	Source       string
	Resources    []string `itemcheck:"max=2048"`
	DetailType   string
	Detail       string `trail:"hide"`
	EventBusName string `check:"min=1,max=1600" pattern:"(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[\\.\\-_A-Za-z0-9]+"`
	TraceHeader  string `check:"min=1,max=500"`
}

// PutEventsOutput is the output of PutEvents.
type PutEventsOutput struct {
	FailedEntryCount int32
	Entries          []PutEventsResultEntry
}

// PutEventsResultEntry is the id of an event, or why its entry failed.
type PutEventsResultEntry struct {
	EventId      string
	ErrorCode    string
	ErrorMessage string
}

// The codes of entries that fail.
const (
	codeInvalidArgument  = "InvalidArgument"
	codeMalformedDetail  = "MalformedDetail"
	codeNotAuthorized    = "NotAuthorizedForSourceException"
	reservedSourcePrefix = "aws."
)

// earlier refuses more entries than there may be, which AWS shows in its own way [V087].
func earlier(_ context.Context, in any) *api.Error {
	put, ok := in.(*PutEventsInput)
	if !ok || len(put.Entries) <= maxEntries {
		return nil
	}
	shown := make([]string, len(put.Entries))
	for i := range put.Entries {
		shown[i] = put.Entries[i].shown()
	}
	return invalid([]api.Violation{{
		Member: "Entries", Path: "entries", Value: "[" + strings.Join(shown, ", ") + "]", Shown: true, Rule: api.RuleMaxLength,
		Constraint: fmt.Sprintf("Member must have length less than or equal to %d", maxEntries),
	}})
}

// shown is an entry as the error above shows it.
func (e *PutEventsRequestEntry) shown() string {
	or := func(s string) string {
		if s == "" {
			return "null"
		}
		return s
	}
	at, resources := "null", "null"
	if e.Time != nil {
		at = e.Time.UTC().Format("Mon Jan 02 15:04:05 MST 2006")
	}
	if e.Resources != nil {
		resources = "[" + strings.Join(e.Resources, ", ") + "]"
	}
	return fmt.Sprintf("PutEventsRequestEntry(time=%s, source=%s, resources=%s, detailType=%s, detail=%s, eventBusName=%s, traceHeader=%s, kmsKeyIdentifier=null, internalMetadata=null)",
		at, or(e.Source), resources, or(e.DetailType), or(e.Detail), or(e.EventBusName), or(e.TraceHeader))
}

// size is what an entry counts for [V089].
func (e *PutEventsRequestEntry) size() int {
	n := len(e.Source) + len(e.DetailType) + len(e.Detail)
	if e.Time != nil {
		const ofTime = 14
		n += ofTime
	}
	for _, r := range e.Resources {
		n += len(r)
	}
	return n
}

// destinations are the buses of the entries of a call, each once, in the order of entries.
type destinations struct {
	ids   []busID
	buses []*busRecord // nil: there is none
}

// PutEvents puts events on buses. An event for a bus that does not exist is dropped [V091].
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html.
func (s *Service) PutEvents(ctx context.Context, in *PutEventsInput) (*PutEventsOutput, error) {
	return api.DoChecks(ctx, in, s.putEventsChecks, s.putEvents)
}

// putEventsChecks are the checks of PutEvents: of each entry on its bus, because the
// condition keys are those of the entry [V231] [V239].
func (s *Service) putEventsChecks(ctx context.Context, in *PutEventsInput) ([]api.Check, *destinations, error) {
	on := new(destinations)
	var checks []api.Check
	asked := map[[3]string]bool{}
	for i := range in.Entries {
		e := &in.Entries[i]
		target, b, err := s.findBus(ctx, e.EventBusName)
		if err != nil {
			return nil, nil, err
		}
		on.ids, on.buses = append(on.ids, busOf(ctx, e.EventBusName)), append(on.buses, b)
		about := [3]string{target.ARN, e.Source, e.DetailType}
		if asked[about] {
			continue
		}
		asked[about] = true
		target.Missing = nil
		target.Keys = func(c *policyeval.Context) {
			for key, value := range map[string]string{"events:source": e.Source, "events:detail-type": e.DetailType} {
				if value != "" {
					c.Set(key, value)
				}
			}
			c.SetBool("events:eventBusInvocation", forwardedFrom(ctx) != nil) // [V240]
		}
		checks = append(checks, api.Check{Action: "events:PutEvents", Target: target})
	}
	return checks, on, nil
}

func (s *Service) putEvents(ctx context.Context, on *destinations, in *PutEventsInput) (*PutEventsOutput, error) {
	if in.EndpointId != "" {
		return nil, ErrResourceNotFound.Withf("Endpoint %s does not exist.", in.EndpointId)
	}
	total := 0
	for i := range in.Entries {
		total += in.Entries[i].size()
	}
	if total > maxTotal {
		return nil, ErrValidation.With("Total size of the entries in the request is over the limit.") // [V088]
	}
	out := &PutEventsOutput{Entries: make([]PutEventsResultEntry, len(in.Entries))}
	var put []arrival
	for i := range in.Entries {
		e, failed := s.newEvent(ctx, &in.Entries[i])
		if failed != nil {
			out.Entries[i] = *failed
			out.FailedEntryCount++
			continue
		}
		out.Entries[i].EventId = e.ID
		if on.buses[i] != nil {
			put = append(put, arrival{bus: on.ids[i], event: e, trace: in.Entries[i].TraceHeader, baseURL: api.RequestFrom(ctx).PublicURL(), hopped: forwardedFrom(ctx) != nil})
		}
	}
	return out, s.arrive(ctx, put)
}

// newEvent is the event of an entry, or why it fails [V085] [V086] [V092].
func (s *Service) newEvent(ctx context.Context, in *PutEventsRequestEntry) (*event, *PutEventsResultEntry) {
	if forwarded := forwardedFrom(ctx); forwarded != nil {
		return forwarded, nil
	}
	for _, needed := range [][2]string{{"Source", in.Source}, {"DetailType", in.DetailType}, {"Detail", in.Detail}} {
		if needed[1] == "" {
			return nil, &PutEventsResultEntry{ErrorCode: codeInvalidArgument, ErrorMessage: invalidParameter(needed[0], needed[0]+" is a required argument.").Message}
		}
	}
	if len(in.DetailType) > maxDetailType {
		return nil, &PutEventsResultEntry{ErrorCode: codeInvalidArgument, ErrorMessage: invalidParameter("DetailType", fmt.Sprintf("DetailType must not be longer than %d characters.", maxDetailType)).Message}
	}
	if strings.HasPrefix(in.Source, reservedSourcePrefix) {
		return nil, &PutEventsResultEntry{ErrorCode: codeNotAuthorized, ErrorMessage: "Not authorized for the source."}
	}
	detail, ok := readDetail(in.Detail)
	if !ok {
		return nil, &PutEventsResultEntry{ErrorCode: codeMalformedDetail, ErrorMessage: "Detail is malformed."}
	}
	r := api.RequestFrom(ctx)
	e := &event{
		ID: s.ids.UUID(), DetailType: in.DetailType, Source: in.Source, Account: r.Account, Region: r.Region,
		Time: s.clock.Now(), Resources: in.Resources, Detail: detail,
	}
	if in.Time != nil {
		e.Time = *in.Time
	}
	return e, nil
}
