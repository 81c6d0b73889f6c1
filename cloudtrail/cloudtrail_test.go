package cloudtrail

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
	"github.com/waxseal/waxseal/internal/trail"
)

const (
	account = "123456789012"
	other   = "999988887777"
	region  = "us-east-1"
	keyARN  = "arn:aws:kms:us-east-1:123456789012:key/k"
)

// done is a call that has ended.
type done struct {
	events []*trail.Event
	at     time.Time
	data   bool
	size   int
	piece  *trail.Piece
}

func (d *done) Time() time.Time        { return d.at }
func (d *done) Region() string         { return d.events[0].AWSRegion }
func (d *done) Global() bool           { return false }
func (d *done) Data() bool             { return d.data }
func (d *done) Events() []*trail.Event { return d.events }
func (d *done) Size() int              { return d.size }
func (d *done) Piece() *trail.Piece    { return d.piece }
func (d *done) Accounts() (caller, owner string) {
	if len(d.events) > 1 {
		owner = d.events[1].RecipientAccountID
	}
	return d.events[0].RecipientAccountID, owner
}

// world is a service on a clock that stands still.
type world struct {
	*Service
	t     *testing.T
	clock *clock.Turnable
	calls int
}

func newWorld(t *testing.T) *world {
	c := clock.NewStill(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	return &world{New(Config{Engine: rerun.New(), Clock: c, IDs: ids.NewSeeded(1), Log: slog.New(slog.DiscardHandler)}), t, c, 0}
}

// call records a call of an operation, as the root user unless change says otherwise. Its
// event's id is id-N, for the Nth call.
func (w *world) call(name string, change ...func(*trail.Event)) *done {
	w.calls++
	e := &trail.Event{
		EventID: fmt.Sprintf("id-%d", w.calls), EventName: name, EventSource: "kms.amazonaws.com", AWSRegion: region,
		EventTime: w.clock.Now().Format(time.RFC3339), RecipientAccountID: account, ManagementEvent: true,
		UserIdentity: trail.UserIdentity{Type: "Root", AccountID: account},
	}
	for _, f := range change {
		f(e)
	}
	d := &done{events: []*trail.Event{e}, at: w.clock.Now(), size: 1}
	w.Record(d)
	return d
}

// ask is a call of LookupEvents by the account, in the region.
func (w *world) ask(in LookupEventsInput) (*LookupEventsOutput, error) {
	return w.askAs(account, region, in)
}

func (w *world) askAs(account, region string, in LookupEventsInput) (*LookupEventsOutput, error) {
	ctx := api.WithRequest(context.Background(), &api.Request{Account: account, Region: region, Caller: &api.Caller{}})
	return w.LookupEvents(ctx, &in)
}

// names are the names of the events that a lookup finds.
func (w *world) names(in LookupEventsInput) []string {
	w.t.Helper()
	out, err := w.ask(in)
	if err != nil {
		w.t.Fatal(err)
	}
	return namesOf(out)
}

func namesOf(out *LookupEventsOutput) []string {
	names := []string{}
	for _, e := range out.Events {
		names = append(names, e.EventName)
	}
	return names
}

// by is a lookup by an attribute.
func by(key, value string) LookupEventsInput {
	return LookupEventsInput{LookupAttributes: []LookupAttribute{{key, value}}}
}
