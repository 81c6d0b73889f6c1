package cloudtrail

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/trail"
)

// Each attribute finds what it should, and nothing else [T073].
func TestLookupByAttribute(t *testing.T) {
	w := newWorld(t)
	w.call("CreateKey")
	w.call("Decrypt", func(e *trail.Event) {
		e.ReadOnly = true
		e.Resources = []trail.Resource{{AccountID: account, Type: "AWS::KMS::Key", ARN: keyARN}}
		e.UserIdentity = trail.UserIdentity{Type: "AssumedRole", ARN: "arn:aws:sts::123456789012:assumed-role/worker/session-1", AccessKeyID: "ASIAEXAMPLE"}
	})
	w.call("CreateQueue", func(e *trail.Event) {
		e.EventSource = "sqs.amazonaws.com"
		e.UserIdentity = trail.UserIdentity{Type: "IAMUser", ARN: "arn:aws:iam::123456789012:user/alice", UserName: "alice", AccessKeyID: "AKIAEXAMPLE"}
	})
	w.call("DescribeKey", func(e *trail.Event) {
		e.ReadOnly = true
		e.UserIdentity = trail.UserIdentity{Type: "FederatedUser", ARN: "arn:aws:sts::123456789012:federated-user/bob"}
	})
	w.call("Encrypt", func(e *trail.Event) {
		e.UserIdentity = trail.UserIdentity{Type: "AWSService", InvokedBy: "sns.amazonaws.com"}
	})
	for _, c := range []struct {
		key, value string
		want       []string
	}{
		{"EventId", "id-1", []string{"CreateKey"}},
		{"EventId", "ID-1", nil},
		{"EventName", "Decrypt", []string{"Decrypt"}},
		{"EventName", "decrypt", nil},
		{"EventName", "Decr", nil},
		{"ReadOnly", "true", []string{"DescribeKey", "Decrypt"}},
		{"ReadOnly", "false", []string{"Encrypt", "CreateQueue", "CreateKey"}},
		{"ReadOnly", "maybe", nil},
		{"Username", "root", []string{"CreateKey"}},
		{"Username", "session-1", []string{"Decrypt"}},
		{"Username", "worker", nil},
		{"Username", "alice", []string{"CreateQueue"}},
		{"Username", "bob", []string{"DescribeKey"}},
		{"Username", "sns.amazonaws.com", nil},
		{"ResourceType", "AWS::KMS::Key", []string{"Decrypt"}},
		{"ResourceName", keyARN, []string{"Decrypt"}},
		{"ResourceName", "k", nil},
		{"EventSource", "sqs.amazonaws.com", []string{"CreateQueue"}},
		{"AccessKeyId", "ASIAEXAMPLE", []string{"Decrypt"}},
		{"AccessKeyId", "AKIAEXAMPLE", []string{"CreateQueue"}},
	} {
		if got := w.names(by(c.key, c.value)); !slices.Equal(got, c.want) {
			t.Errorf("%s %s: %q, want %q", c.key, c.value, got, c.want)
		}
	}
	if got := w.names(LookupEventsInput{}); len(got) != 5 {
		t.Errorf("without an attribute: %q", got)
	}
}

// What LookupEvents shows of a record [T077] [T078].
func TestLookedUpEvent(t *testing.T) {
	w := newWorld(t)
	w.clock.Advance(700 * time.Millisecond)
	w.call("CreateKey")
	w.call("Decrypt", func(e *trail.Event) {
		e.ReadOnly = true
		e.UserIdentity.AccessKeyID = "AKIAEXAMPLE"
		e.Resources = []trail.Resource{{Type: "AWS::KMS::Key", ARN: keyARN}, {ARN: "arn:aws:x"}}
	})
	out, err := w.ask(LookupEventsInput{})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	want := &LookupEventsOutput{Events: []Event{
		{
			EventId: "id-2", EventName: "Decrypt", ReadOnly: "true", AccessKeyId: "AKIAEXAMPLE", EventTime: at, EventSource: "kms.amazonaws.com", Username: "root",
			Resources: []Resource{{"AWS::KMS::Key", keyARN}, {"", "arn:aws:x"}},
		},
		{
			EventId: "id-1", EventName: "CreateKey", ReadOnly: "false", EventTime: at, EventSource: "kms.amazonaws.com", Username: "root", Resources: []Resource{},
		},
	}}
	for i := range out.Events {
		if text := out.Events[i].CloudTrailEvent; !isJSON(text, "eventID", out.Events[i].EventId) {
			t.Errorf("the record is %s", text)
		}
		out.Events[i].CloudTrailEvent = ""
	}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
}

// Times include their seconds [T075].
func TestLookupByTime(t *testing.T) {
	w := newWorld(t)
	begin := w.clock.Now()
	for i := range 4 {
		w.call(fmt.Sprint(i))
		w.clock.Advance(500 * time.Millisecond)
	}
	at := func(ms int) *time.Time {
		at := begin.Add(time.Duration(ms) * time.Millisecond)
		return &at
	}
	for _, c := range []struct {
		start, end *time.Time
		want       []string
	}{
		{nil, nil, []string{"3", "2", "1", "0"}},
		{at(0), at(0), []string{"1", "0"}},
		{at(0), at(999), []string{"1", "0"}},
		{at(1), nil, []string{"3", "2"}},
		{at(1000), nil, []string{"3", "2"}},
		{at(1001), nil, nil},
		{nil, at(-1), nil},
		{at(-5000), at(1000), []string{"3", "2", "1", "0"}},
	} {
		if got := w.names(LookupEventsInput{StartTime: c.start, EndTime: c.end}); !slices.Equal(got, c.want) {
			t.Errorf("%v to %v: %q, want %q", c.start, c.end, got, c.want)
		}
	}
}

// Each account has a history in each region.
func TestLookupInOnesOwnHistory(t *testing.T) {
	w := newWorld(t)
	w.call("Mine")
	w.call("Elsewhere", func(e *trail.Event) { e.AWSRegion = "eu-west-1" })
	w.call("Others", func(e *trail.Event) { e.RecipientAccountID = other })
	shared := w.call("Shared", func(e *trail.Event) { e.RecipientAccountID = "111122223333" })
	owners := *shared.events[0]
	owners.EventID, owners.RecipientAccountID = "owners", account
	w.Record(&done{events: []*trail.Event{shared.events[0], &owners}, at: w.clock.Now()})
	w.Record(&done{events: []*trail.Event{shared.events[0]}, at: w.clock.Now(), data: true})
	for _, c := range []struct {
		account, region string
		want            []string
	}{
		{account, region, []string{"Shared", "Mine"}},
		{account, "eu-west-1", []string{"Elsewhere"}},
		{other, region, []string{"Others"}},
		{"111122223333", region, []string{"Shared", "Shared"}},
		{"444455556666", region, nil},
	} {
		out, err := w.askAs(c.account, c.region, LookupEventsInput{})
		if err != nil || !slices.Equal(namesOf(out), c.want) {
			t.Errorf("%s in %s: %q, %v; want %q", c.account, c.region, namesOf(out), err, c.want)
		}
	}
	if out, err := w.ask(by("EventId", "owners")); err != nil || len(out.Events) != 1 {
		t.Errorf("%+v, %v", out, err)
	}
}

// The history is 90 days long, by the clock.
func TestHistoryEndsAfterNinetyDays(t *testing.T) {
	w := newWorld(t)
	w.call("Old")
	w.clock.Advance(historyAge - time.Second)
	w.call("New")
	if got := w.names(LookupEventsInput{}); !slices.Equal(got, []string{"New", "Old"}) {
		t.Errorf("a second before: %q", got)
	}
	w.clock.Advance(time.Second)
	if got := w.names(LookupEventsInput{}); !slices.Equal(got, []string{"New"}) {
		t.Errorf("after 90 days: %q", got)
	}
}

// Events are in the order of their times, wherever the clock was turned meanwhile, and
// those of one time in the order in which the calls ended.
func TestOrderOfTurnedClock(t *testing.T) {
	w := newWorld(t)
	w.call("noon 1")
	w.call("noon 2")
	w.clock.Advance(time.Hour)
	w.call("one")
	w.clock.Advance(-2 * time.Hour)
	w.call("eleven")
	w.clock.Advance(time.Hour)
	w.call("noon 3")
	if got := w.names(LookupEventsInput{}); !slices.Equal(got, []string{"one", "noon 3", "noon 2", "noon 1", "eleven"}) {
		t.Errorf("%q", got)
	}
}

func TestLookupRefuses(t *testing.T) {
	w := newWorld(t)
	early, late := w.clock.Now(), w.clock.Now().Add(time.Second)
	for name, c := range map[string]struct {
		in   LookupEventsInput
		want *api.Error
	}{
		"T073 two attributes":     {LookupEventsInput{LookupAttributes: []LookupAttribute{{"EventName", "a"}, {"EventName", "b"}}}, ErrInvalidLookupAttributes},
		"T075 start after end":    {LookupEventsInput{StartTime: &late, EndTime: &early}, ErrInvalidTimeRange},
		"T076 no token":           {LookupEventsInput{NextToken: "x"}, ErrInvalidNextToken},
		"T076 a list's own token": {LookupEventsInput{NextToken: "YXQAeA=="}, ErrInvalidNextToken},
	} {
		if _, err := w.ask(c.in); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// Which error an input gets that breaks a constraint [T073] [T074] [F11].
func TestInvalid(t *testing.T) {
	for member, want := range map[string]*api.Error{
		"EventCategory": ErrInvalidEventCategory, "LookupAttributes": ErrInvalidLookupAttributes, "MaxResults": ErrInvalidMaxResults, "NextToken": ErrValidation,
	} {
		if got := invalid([]api.Violation{{Member: member}}); !errors.Is(got, want) {
			t.Errorf("%s: %v, want %v", member, got, want)
		}
	}
}

// Pages hang together while events arrive: nothing is shown twice, and nothing is lost.
func TestPagesWhileEventsArrive(t *testing.T) {
	w := newWorld(t)
	for i := range 120 {
		w.call(fmt.Sprint(i))
	}
	three := int32(3)
	for _, c := range []struct {
		max   *int32
		pages int
	}{{nil, 3}, {&three, 40}} { // 50 unless MaxResults says otherwise [T074]
		in := LookupEventsInput{MaxResults: c.max}
		var seen []string
		pages := 0
		for first := true; first || in.NextToken != ""; first = false {
			out, err := w.ask(in)
			if err != nil {
				t.Fatal(err)
			}
			pages++
			seen = append(seen, namesOf(out)...)
			in.NextToken = out.NextToken
			w.clock.Advance(time.Second)
			w.call("later", func(e *trail.Event) { e.AWSRegion = region })
		}
		seen = slices.DeleteFunc(seen, func(name string) bool { return name == "later" })
		if len(seen) != 120 || seen[0] != "119" || seen[119] != "0" || len(slices.Compact(slices.Sorted(slices.Values(seen)))) != 120 {
			t.Errorf("%d pages show %q", pages, seen)
		}
	}
}

// A token goes with the arguments that it was given for [T076].
func TestTokenOfOtherArguments(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.call("Decrypt")
	}
	one, two, at := int32(1), int32(2), w.clock.Now()
	in := LookupEventsInput{MaxResults: &one, LookupAttributes: []LookupAttribute{{"EventName", "Decrypt"}}}
	out, err := w.ask(in)
	if err != nil || out.NextToken == "" {
		t.Fatalf("%+v, %v", out, err)
	}
	in.NextToken = out.NextToken
	if out, err := w.ask(in); err != nil || len(out.Events) != 1 || out.Events[0].EventId != "id-2" {
		t.Errorf("the second page is %+v, %v", out, err)
	}
	if _, err := w.askAs(other, region, in); !errors.Is(err, ErrInvalidNextToken) {
		t.Errorf("of another account: %v", err)
	}
	for name, change := range map[string]func(*LookupEventsInput){
		"MaxResults":  func(in *LookupEventsInput) { in.MaxResults = &two },
		"StartTime":   func(in *LookupEventsInput) { in.StartTime = &at },
		"EndTime":     func(in *LookupEventsInput) { in.EndTime = &at },
		"attribute":   func(in *LookupEventsInput) { in.LookupAttributes = []LookupAttribute{{"EventName", "Encrypt"}} },
		"no argument": func(in *LookupEventsInput) { *in = LookupEventsInput{NextToken: in.NextToken} },
	} {
		changed := in
		change(&changed)
		if _, err := w.ask(changed); !errors.Is(err, ErrInvalidNextToken) {
			t.Errorf("%s changed: %v", name, err)
		}
	}
}

// There are no insights.
func TestInsights(t *testing.T) {
	w := newWorld(t)
	w.call("CreateKey")
	if got := w.names(LookupEventsInput{EventCategory: "insight"}); len(got) > 0 {
		t.Errorf("%q", got)
	}
}
