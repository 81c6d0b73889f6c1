package events

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/trail"
)

// memTargets notes what is delivered. It refuses what it is told to.
type memTargets struct {
	mu     sync.Mutex
	calls  []Call
	refuse map[string]error // by ARN
	// bus is where events go that are put on another bus; nil: nowhere.
	bus *testbed
}

func (m *memTargets) take(c *Call) (Receipt, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, *c)
	return Receipt{RequestID: "request", MessageID: "message"}, m.refuse[c.Target]
}

func (m *memTargets) Queue(_ context.Context, c *Call) (Receipt, error) { return m.take(c) }
func (m *memTargets) Topic(_ context.Context, c *Call) (Receipt, error) { return m.take(c) }

func (m *memTargets) Bus(ctx context.Context, c *Call) (Receipt, error) {
	receipt, err := m.take(c)
	if err == nil && m.bus != nil {
		_, err = m.bus.PutEvents(api.WithRequest(ctx, api.RequestFrom(request())), c.Event)
	}
	return receipt, err
}

// set has a target refuse with an error; nil: it takes what comes.
func (m *memTargets) set(target string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refuse[target] = err
}

func (m *memTargets) all() []Call {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.calls)
}

// wait are the calls, once there are n, by target where they are of one event.
func (m *memTargets) wait(t *testing.T, n int) []Call {
	t.Helper()
	eventually(t, "deliveries", func() bool { return len(m.all()) >= n })
	calls := m.all()
	if len(calls) != n {
		t.Fatalf("%d deliveries, want %d: %+v", len(calls), n, calls)
	}
	return calls
}

func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no " + what + " within two minutes")
		}
	}
}

// memRecorder keeps the last record of each delivery.
type memRecorder struct {
	mu   sync.Mutex
	byID map[string]trail.Delivery
}

func (m *memRecorder) Record(d trail.Delivery) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.byID[d.ID] = d
}

// only is the delivery that there is, once it has a status.
func (m *memRecorder) only(t *testing.T, status string) (found trail.Delivery) {
	t.Helper()
	eventually(t, "delivery with the status "+status, func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		for _, d := range m.byID {
			found = d
		}
		return len(m.byID) == 1 && found.Status == status
	})
	return found
}

// waiting is how many deliveries are still to be made.
func (w *testbed) waiting() (n int) {
	w.t.Helper()
	if err := w.engine.View(w.t.Context(), func(r store.Reader) error { n = w.outbox.Waiting(r); return nil }); err != nil {
		w.t.Fatal(err)
	}
	return n
}

const testLetters = "arn:aws:sqs:us-east-1:123456789012:letters"

// Why a target did not take an event stands in the dead letter [V219] [V220] [V223]-[V227].
func TestDeadLetters(t *testing.T) {
	denied := &api.Error{Code: "AccessDenied", Status: 403, Message: "no"}
	for _, c := range []struct {
		name, target string
		err          error
		code, text   string
	}{
		{"V225 a queue that refuses", testQueue, denied, "NO_RESOURCE", noQueue},
		{"V225 no queue", testQueue, &api.Error{Code: "QueueDoesNotExist"}, "NO_RESOURCE", noQueue},
		{"V226 a topic that refuses", testTopic, &api.Error{Code: "AuthorizationErrorException", Status: 403, Message: "no"}, "NO_PERMISSIONS", "no"},
		{"no topic", testTopic, &api.Error{Code: "NotFoundException", Status: 404, Message: "no"}, "NO_RESOURCE", "no"},
		{"a key that refuses", testTopic, &api.Error{Code: "KMSAccessDeniedException", Message: "no"}, "NO_PERMISSIONS", "no"},
		{"a message that the queue does not take", testQueue, &api.Error{Code: "InvalidParameterValue", Message: "no"}, "INVALID_PARAMETER", "no"},
		{"a role", testQueue, errors.Join(ErrRole, denied), "FAILED_TO_ASSUME_ROLE", "The role  cannot be assumed by events.amazonaws.com."},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newRule(t)
			w.targets.set(c.target, c.err)
			w.ok("PutTargets", `{"Rule":"r","Targets":[{"Id":"1","Arn":"`+c.target+`","Input":"{\"other\":1}","DeadLetterConfig":{"Arn":"`+testLetters+`"}}]}`)
			id := w.put(put(entry(""))).Entries[0].EventId
			calls := w.targets.wait(t, 2)
			letter := calls[1]
			if letter.Target != testLetters || letter.Role != "" || !strings.Contains(letter.Body, `"id":"`+id+`"`) {
				t.Errorf("%+v", letter)
			}
			want := map[string]string{"RULE_ARN": arnPrefix + "rule/r", "TARGET_ARN": c.target, "ERROR_CODE": c.code, "ERROR_MESSAGE": c.text, "RETRY_ATTEMPTS": "0"}
			if got, wanted := marshal(letter.Attributes), marshal(want); got != wanted {
				t.Errorf("got  %s\nwant %s", got, wanted)
			}
			d := w.record.only(t, trail.StatusFailure)
			if d.Source != trail.SourceEvents || d.MessageID != id || d.RuleArn != arnPrefix+"rule/r" || d.Endpoint != c.target || d.Attempts != 1 ||
				d.DecisionRequestID != "request" || !strings.Contains(d.ProviderResponse, c.code) || d.DeadLetter == nil || d.DeadLetter.Status != trail.StatusSuccess {
				t.Errorf("%+v", d)
			}
			eventually(t, "end", func() bool { return w.waiting() == 0 })
		})
	}
}

// A dead-letter queue that refuses loses the event, and the record says so.
func TestDeadLetterQueueThatRefuses(t *testing.T) {
	w := newRule(t)
	w.targets.set(testQueue, &api.Error{Code: "AccessDenied"})
	w.targets.set(testLetters, &api.Error{Code: "AccessDenied"})
	w.ok("PutTargets", `{"Rule":"r","Targets":[{"Id":"1","Arn":"`+testQueue+`","DeadLetterConfig":{"Arn":"`+testLetters+`"}}]}`)
	w.put(put(entry("")))
	if d := w.record.only(t, trail.StatusFailure); d.DeadLetter == nil || d.DeadLetter.Status != trail.StatusFailure || d.DeadLetter.QueueArn != testLetters {
		t.Errorf("%+v", d.DeadLetter)
	}
}

// What fails for a while is tried again, for as long as the target says [V218] [V220] [V224].
func TestRetries(t *testing.T) {
	for _, c := range []struct {
		name, policy string
		err          *api.Error
		attempts     int
		ended        string
	}{
		{"attempts", `"MaximumRetryAttempts":3`, &api.Error{Code: "InternalFailure", Status: 500, Fault: api.Receiver}, 4, "MaximumRetryAttempts"},
		{"none", `"MaximumRetryAttempts":0`, &api.Error{Code: "ThrottlingException"}, 1, "MaximumRetryAttempts"},
		{"age", `"MaximumEventAgeInSeconds":60`, &api.Error{Code: "ThrottlingException"}, 6, "MaximumEventAgeInSeconds"}, // after 0, 1, 3, 7, 15 and 31 seconds
		{"default", ``, &api.Error{Code: "ThrottlingException"}, 186, "MaximumRetryAttempts"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newRule(t)
			w.targets.set(testQueue, c.err)
			w.ok("PutTargets", `{"Rule":"r","Targets":[{"Id":"1","Arn":"`+testQueue+`","RetryPolicy":{`+c.policy+`},"DeadLetterConfig":{"Arn":"`+testLetters+`"}}]}`)
			w.put(put(entry("")))
			for n := 1; n <= c.attempts; n++ {
				eventually(t, "attempt", func() bool { return len(w.targets.all()) >= n })
				if n < c.attempts {
					if d := w.record.only(t, trail.StatusPending); d.Attempts != n && d.Attempts != n-1 {
						t.Fatalf("%+v", d)
					}
					eventually(t, "timer", func() bool { return w.clock.Waiting() > 0 && w.waiting() == 1 })
					w.clock.Advance(min(firstDelay<<min(n-1, 9), maxDelay))
				}
			}
			d := w.record.only(t, trail.StatusFailure)
			calls := w.targets.wait(t, c.attempts+1)
			letter := calls[c.attempts]
			if d.Attempts != c.attempts || letter.Attributes["EXHAUSTED_RETRY_CONDITION"] != c.ended || letter.Attributes["RETRY_ATTEMPTS"] != marshal(c.attempts-1) {
				t.Errorf("%d attempts, %v", d.Attempts, letter.Attributes)
			}
		})
	}
}

// A target that is there again gets the event.
func TestRetryThatSucceeds(t *testing.T) {
	w := newRule(t)
	w.targets.set(testQueue, &api.Error{Code: "InternalFailure", Status: 500, Fault: api.Receiver})
	w.ok("PutTargets", `{"Rule":"r","Targets":[{"Id":"1","Arn":"`+testQueue+`"}]}`)
	w.put(put(entry("")))
	w.record.only(t, trail.StatusPending)
	w.restart() // what is stored is delivered by the next service
	w.targets.set(testQueue, nil)
	eventually(t, "timer", func() bool { return w.clock.Waiting() > 0 })
	w.clock.Advance(firstDelay)
	if d := w.record.only(t, trail.StatusSuccess); d.Attempts != 2 {
		t.Errorf("%+v", d)
	}
}

// Events lie encrypted where they wait.
func TestStoredEventsAreEncrypted(t *testing.T) {
	w := newRule(t)
	w.Close()
	w.ok("PutTargets", `{"Rule":"r","Targets":[{"Id":"1","Arn":"`+testQueue+`"}]}`)
	w.put(put(entry(`"Detail":"{\"secret\":\"sesame\"}"`)))
	if w.waiting() != 1 {
		t.Fatal("nothing waits")
	}
	err := w.engine.View(t.Context(), func(r store.Reader) error {
		for key, value := range r.Scan("", "", store.All) {
			if strings.Contains(key+string(value), "sesame") {
				t.Errorf("%q holds the event", key)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.restart()
	if got := w.targets.wait(t, 1)[0].Body; !strings.Contains(got, "sesame") {
		t.Error(got)
	}
}

// A message group goes to queues, whatever they are; Input replaces the event [V108].
func TestWhatQueuesGet(t *testing.T) {
	w := newRule(t)
	w.ok("PutTargets", `{"Rule":"r","Targets":[{"Id":"1","Arn":"`+testQueue+`.fifo","SqsParameters":{"MessageGroupId":"g"},"Input":"{\"a\": 1}"}]}`)
	w.put(put(entry(`"TraceHeader":"Root=1"`)))
	if c := w.targets.wait(t, 1)[0]; c.GroupID != "g" || c.Body != `{"a": 1}` || c.Trace != "Root=1" {
		t.Errorf("%+v", c)
	}
}

// What a target gets of an event is what it asks for [V108] [V109] [V112]; what no JSON can be made of
// is not delivered [V120].
func TestInputs(t *testing.T) {
	w := newRule(t)
	target := func(id, members string) string {
		return `{"Id":"` + id + `","Arn":"` + testQueue + id + `",` + members + `}`
	}
	w.ok("PutTargets", `{"Rule":"r","Targets":[`+strings.Join([]string{
		target("1", `"InputPath":"$.detail.k"`),
		target("2", `"InputTransformer":{"InputPathsMap":{"k":"$.detail.k"},"InputTemplate":"{\"k\": <k>, \"rule\": <aws.events.rule-name>}"}`),
		target("3", `"InputTransformer":{"InputPathsMap":{"d":"$.detail"},"InputTemplate":"{\"k\": \"<d>\"}"},"DeadLetterConfig":{"Arn":"`+testLetters+`"}`),
	}, ",")+`]}`)
	w.put(put(entry("")))
	calls := w.targets.wait(t, 3)
	slices.SortFunc(calls, func(a, b Call) int { return cmp.Compare(a.Target, b.Target) })
	if calls[0].Body != "1" || calls[1].Body != `{"k":1,"rule":"r"}` || calls[2].Target != testLetters || calls[2].Attributes["ERROR_CODE"] != "INVALID_JSON" {
		t.Errorf("%+v", calls)
	}
}

// An event goes from bus to bus once, as it is [V103] [V104] [V217] [V228].
func TestBusToBus(t *testing.T) {
	w := newTestbed(t)
	w.targets.bus = w
	for _, name := range []string{"second", "third"} {
		w.ok("CreateEventBus", `{"Name":"`+name+`"}`)
	}
	chain := func(from, to string) {
		t.Helper()
		w.ok("PutRule", `{"Name":"r","EventBusName":"`+from+`","EventPattern":`+text(testPattern)+`}`)
		w.ok("PutTargets", `{"Rule":"r","EventBusName":"`+from+`","Targets":[{"Id":"1","Arn":"`+to+`","DeadLetterConfig":{"Arn":"`+testLetters+`"}}]}`)
	}
	chain("default", arnPrefix+"event-bus/second")
	chain("second", arnPrefix+"event-bus/third")
	w.ok("PutTargets", `{"Rule":"r","EventBusName":"second","Targets":[{"Id":"2","Arn":"`+testQueue+`"}]}`)
	id := w.put(put(entry(`"Time":1700000000,"Resources":["x"]`))).Entries[0].EventId
	calls := w.targets.wait(t, 3)
	slices.SortFunc(calls, func(a, b Call) int { return cmp.Compare(a.Target, b.Target) })
	if got := calls[0]; got.Target != arnPrefix+"event-bus/second" || got.Rule != arnPrefix+"rule/r" {
		t.Errorf("%+v", got)
	}
	want := `{"version":"0","id":"` + id + `","detail-type":"t","source":"a","account":"123456789012","time":"2023-11-14T22:13:20Z","region":"us-east-1","resources":["x"],"detail":{"k":1}}`
	if got := calls[1]; got.Target != testQueue || got.Body != want {
		t.Errorf("%+v", got)
	}
	if got := calls[2]; got.Target != testLetters || got.Attributes["ERROR_CODE"] != "THIRD_ACCOUNT_HOP_DETECTED" || got.Attributes["TARGET_ARN"] != arnPrefix+"event-bus/third" ||
		got.Attributes["ERROR_MESSAGE"] != "Event ingestion rejected for event "+id+" because an event can be sent to an event bus target only once. This event was previously delivered to an event bus target." {
		t.Errorf("%+v", got)
	}
}

// Across regions an event has a new id; a forwarded event tells the policies so [V104] [V240].
func TestForwardedEvents(t *testing.T) {
	w := newTestbed(t)
	const role, far = "arn:aws:iam::123456789012:role/good", "arn:aws:events:eu-west-1:123456789012:event-bus/b"
	w.ok("PutRule", `{"Name":"r","EventPattern":`+text(testPattern)+`,"RoleArn":"arn:aws:iam::123456789012:role/rules"}`)
	w.ok("PutTargets", `{"Rule":"r","Targets":[{"Id":"1","Arn":"`+far+`","RoleArn":"`+role+`"},{"Id":"2","Arn":"`+arnPrefix+`event-bus/near"}]}`)
	w.targets.bus = nil
	w.put(put(entry("")))
	for _, c := range w.targets.wait(t, 2) {
		wantRole := map[string]string{far: role, arnPrefix + "event-bus/near": "arn:aws:iam::123456789012:role/rules"}[c.Target]
		if c.Role != wantRole || c.Event == nil || c.Event.Entries[0].Source != "a" {
			t.Errorf("%+v", c)
		}
	}
	ctx := withForwarded(request(), &event{ID: "1"})
	checks, _, err := w.putEventsChecks(ctx, &PutEventsInput{Entries: []PutEventsRequestEntry{{Source: "a"}}})
	if err != nil || keysOf(checks[0])["events:eventbusinvocation"][0] != "true" {
		t.Errorf("%v %v", checks, err)
	}
}

func TestStoredEventIsTheSame(t *testing.T) {
	e := &event{ID: "1", DetailType: "t\"\u2028", Source: "s", Account: "a", Region: "r", Time: testStart.Truncate(time.Second), Resources: []string{"x"}, Detail: `{"a":1}`}
	read, err := readEvent(e.text())
	if err != nil || read.text() != e.text() || !json.Valid([]byte(e.text())) {
		t.Errorf("%v: %+v", err, read)
	}
}
