package cloudtrail

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
)

// historyOperations are the operations on the event history.
func historyOperations(s *Service) []api.Operation {
	return []api.Operation{
		api.Op("LookupEvents", s.LookupEvents, "cloudtrail:LookupEvents", onAny[*LookupEventsInput], api.ReadOnly),
	}
}

// LookupEventsInput is the input of LookupEvents.
type LookupEventsInput struct {
	LookupAttributes []LookupAttribute
	StartTime        *time.Time // nil: as far back as the history goes
	EndTime          *time.Time // nil: up to the newest
	EventCategory    string     `enum:"insight"`
	MaxResults       *int32     `check:"min=1,max=50"` // nil: 50 [T074]
	NextToken        string
}

// LookupAttribute is what a lookup finds records by.
type LookupAttribute struct {
	AttributeKey   string `check:"required" enum:"EventId|EventName|ReadOnly|Username|ResourceType|ResourceName|EventSource|AccessKeyId"`
	AttributeValue string `check:"required,min=1,max=2000"`
}

// LookupEventsOutput is the output of LookupEvents.
type LookupEventsOutput struct {
	Events    []Event
	NextToken string
}

// Event is a record of the event history.
type Event struct {
	EventId         string
	EventName       string
	ReadOnly        string // true or false [T078]
	AccessKeyId     string
	EventTime       time.Time // in whole seconds
	EventSource     string
	Username        string
	Resources       []Resource
	CloudTrailEvent string // the record, in JSON [T078]
}

// Resource is what a call of the event history acted on.
type Resource struct {
	ResourceType string
	ResourceName string
}

const (
	// historyAge is how long the event history keeps a record.
	historyAge = 90 * 24 * time.Hour
	maxResults = 50
)

// LookupEvents lists the records of the account's event history in the region, newest
// first.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html.
func (s *Service) LookupEvents(ctx context.Context, in *LookupEventsInput) (*LookupEventsOutput, error) {
	q, err := s.query(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &LookupEventsOutput{Events: []Event{}}
	if in.EventCategory != "" {
		return out, nil // no insight is ever recorded
	}
	found, err := s.find(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(found) > q.limit {
		out.NextToken = in.token(q.partition, found[q.limit].key)
		found = found[:q.limit]
	}
	for _, e := range found {
		out.Events = append(out.Events, e.event())
	}
	return out, nil
}

// query is what a call of LookupEvents asks for.
type query struct {
	partition partition
	times     timeRange
	from      string // the place to begin at; empty: at the newest
	attribute attribute
	limit     int
}

func (s *Service) query(ctx context.Context, in *LookupEventsInput) (*query, error) {
	r := api.RequestFrom(ctx)
	q := &query{
		partition: partition{r.Account, r.Region},
		// What is exactly 90 days old is too old.
		times: timeRange{s.clock.Now().Add(-historyAge).Unix() + 1, latest},
		limit: maxResults,
	}
	switch len(in.LookupAttributes) {
	case 0:
	case 1:
		q.attribute = attribute{in.LookupAttributes[0].AttributeKey, in.LookupAttributes[0].AttributeValue}
	default:
		return nil, ErrInvalidLookupAttributes.With("Only one lookup attribute can be given.") // [T073]
	}
	if in.StartTime != nil && in.EndTime != nil && in.StartTime.After(*in.EndTime) {
		return nil, ErrInvalidTimeRange // [T075]
	}
	if in.StartTime != nil {
		q.times.from = max(q.times.from, in.StartTime.Add(time.Second-1).Unix())
	}
	if in.EndTime != nil {
		q.times.to = min(q.times.to, in.EndTime.Unix())
	}
	if in.MaxResults != nil {
		q.limit = int(*in.MaxResults)
	}
	from, ok := in.readToken(q.partition)
	if !ok {
		return nil, ErrInvalidNextToken
	}
	q.from = from
	return q, nil
}

// event is an entry as LookupEvents shows it.
func (e *entry) event() Event {
	seconds, _ := secondsOf(e.key)
	shown := Event{
		EventId: e.id, EventName: e.name, ReadOnly: strconv.FormatBool(e.readOnly), AccessKeyId: e.accessKey,
		EventTime: time.Unix(seconds, 0).UTC(), EventSource: e.source, Username: e.user, Resources: []Resource{}, CloudTrailEvent: e.text,
	}
	for _, r := range e.resources {
		shown.Resources = append(shown.Resources, Resource{r.kind, r.name})
	}
	return shown
}

// sumSize is how many bytes of a token tell which call it goes with.
const sumSize = 8

// sum tells inputs of different parameters apart, the token itself left out [T076].
func (in *LookupEventsInput) sum(p partition) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q %q %q %q", p.account, p.region, in.LookupAttributes, in.EventCategory)
	for _, t := range []*time.Time{in.StartTime, in.EndTime} {
		if t != nil {
			fmt.Fprintf(&b, " %d.%09d", t.Unix(), t.Nanosecond())
		} else {
			b.WriteString(" -")
		}
	}
	if in.MaxResults != nil {
		fmt.Fprintf(&b, " %d", *in.MaxResults)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return string(sum[:sumSize])
}

// token is the token of the page that begins at a place.
func (in *LookupEventsInput) token(p partition, place string) string {
	return resource.NewToken(in.sum(p) + place)
}

// readToken is the place at which the page of the input's token begins; false: the token
// is none of this input's.
func (in *LookupEventsInput) readToken(p partition) (place string, ok bool) {
	if in.NextToken == "" {
		return "", true
	}
	text, ok := resource.ReadToken(in.NextToken)
	if !ok || len(text) < sumSize || text[:sumSize] != in.sum(p) {
		return "", false
	}
	return text[sumSize:], true
}
