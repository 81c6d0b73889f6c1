package cloudtrail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
	"github.com/waxseal/waxseal/internal/testsize"
	"github.com/waxseal/waxseal/internal/trail"
)

// disk is an engine whose state counts as one that outlives the process.
type disk struct {
	store.Engine
	mu     sync.Mutex
	broken error // what every update fails with
}

func (*disk) Durable() bool { return true }

func (d *disk) Update(ctx context.Context, write func(store.Tx) error) error {
	d.mu.Lock()
	broken := d.broken
	d.mu.Unlock()
	if broken != nil {
		return broken
	}
	return d.Engine.Update(ctx, write)
}

func (d *disk) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = err
}

// newDurable is a world whose state outlives it, and the state. Nothing is written
// unless the test says so.
func newDurable(t *testing.T) (*world, *disk) {
	d := &disk{Engine: rerun.New()}
	c := clock.NewStill(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	return &world{t: t, clock: c, Service: open(d, c)}, d
}

// open is a service as it is after a start.
func open(d *disk, c clock.Clock) *Service {
	s := New(Config{Engine: d, Clock: c, IDs: ids.New(), Log: slog.New(slog.DiscardHandler), Idle: true})
	s.history.origin = ids.New().Hex(originDigits)
	return s
}

func (w *world) flush() {
	w.t.Helper()
	if err := w.Flush(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// keys are the keys of a bucket that is stored.
func keys(t *testing.T, e store.Engine, bucket string) (found []string) {
	t.Helper()
	err := e.View(t.Context(), func(r store.Reader) error {
		found = nil
		for key := range r.Scan(bucket, "", store.All) {
			found = append(found, key)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// What is written is found after a restart, together with what is not written yet, in one
// order.
func TestHistoryAfterARestart(t *testing.T) {
	w, d := newDurable(t)
	w.call("first")
	w.call("second", func(e *trail.Event) {
		e.UserIdentity = trail.UserIdentity{Type: "IAMUser", UserName: "alice", AccessKeyID: "AKIAEXAMPLE"}
		e.ReadOnly = true
		e.Resources = []trail.Resource{{Type: "AWS::KMS::Key", ARN: keyARN}, {ARN: "arn:aws:x"}}
	})
	before, err := w.ask(LookupEventsInput{})
	if err != nil {
		t.Fatal(err)
	}
	w.flush()
	if w.history.some() {
		t.Error("what is written is still in memory")
	}
	w.Service = open(d, w.clock)
	after, err := w.ask(LookupEventsInput{})
	if err != nil || fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("before: %+v\nafter: %+v, %v", before, after, err)
	}
	w.clock.Advance(-time.Second)
	w.call("earlier")
	w.clock.Advance(2 * time.Second)
	w.call("later")
	for range 2 {
		if got := w.names(LookupEventsInput{}); !slices.Equal(got, []string{"later", "second", "first", "earlier"}) {
			t.Errorf("%q", got)
		}
		w.flush()
	}
	for attribute, want := range map[LookupAttribute][]string{
		{"EventId", "id-1"}: {"first"}, {"Username", "alice"}: {"second"}, {"AccessKeyId", "AKIAEXAMPLE"}: {"second"}, {"ReadOnly", "true"}: {"second"},
		{"ResourceName", "arn:aws:x"}: {"second"}, {"ResourceType", "AWS::KMS::Key"}: {"second"}, {"EventName", "later"}: {"later"}, {"EventSource", "x"}: {},
	} {
		if got := w.names(by(attribute.AttributeKey, attribute.AttributeValue)); !slices.Equal(got, want) {
			t.Errorf("%v: %q, want %q", attribute, got, want)
		}
	}
}

// Pages hang together while what they show is written.
func TestPagesOfWhatIsWritten(t *testing.T) {
	w, _ := newDurable(t)
	const calls = 3*listSize + 10
	for i := range calls {
		w.call(fmt.Sprint(i))
		if i == calls/2 {
			w.flush()
		}
		if i%3 == 0 {
			w.clock.Advance(time.Millisecond)
		}
	}
	var seen []string
	in := LookupEventsInput{}
	for first := true; first || in.NextToken != ""; first = false {
		out, err := w.ask(in)
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, namesOf(out)...)
		if in.NextToken = out.NextToken; len(seen) == 2*maxResults {
			w.clock.Advance(time.Second)
			w.call("new")
			w.flush()
		}
	}
	if len(seen) != calls {
		t.Fatalf("%d events are shown of %d", len(seen), calls)
	}
	for i, name := range seen {
		if name != fmt.Sprint(calls-1-i) {
			t.Fatalf("number %d is %s", i, name)
		}
	}
}

// Times and accounts bound what is read of the state as they do in memory.
func TestRangesOfWhatIsWritten(t *testing.T) {
	w, _ := newDurable(t)
	begin := w.clock.Now()
	for i := range 4 {
		w.call(fmt.Sprint(i))
		w.call("theirs", func(e *trail.Event) { e.RecipientAccountID = other })
		w.call("elsewhere", func(e *trail.Event) { e.AWSRegion = "us-east-2" })
		w.clock.Advance(500 * time.Millisecond)
	}
	w.flush()
	at := func(ms int) *time.Time {
		at := begin.Add(time.Duration(ms) * time.Millisecond)
		return &at
	}
	far, long := time.Unix(1e15, 0), time.Unix(-1e15, 0)
	for _, c := range []struct {
		start, end *time.Time
		want       []string
	}{
		{nil, nil, []string{"3", "2", "1", "0"}},
		{at(0), at(0), []string{"1", "0"}},
		{at(1), nil, []string{"3", "2"}},
		{at(1001), nil, nil},
		{nil, at(-1), nil},
		{nil, &long, nil},
		{&far, nil, nil},
		{&long, &far, []string{"3", "2", "1", "0"}},
	} {
		if got := w.names(LookupEventsInput{StartTime: c.start, EndTime: c.end}); !slices.Equal(got, c.want) {
			t.Errorf("%v to %v: %q, want %q", c.start, c.end, got, c.want)
		}
	}
}

// What is too old is deleted with the next write of its partition, and at a start.
func TestOldRecordsAreDeleted(t *testing.T) {
	w, d := newDurable(t)
	for i := range listSize + 10 {
		w.call(fmt.Sprint(i))
	}
	w.call("theirs", func(e *trail.Event) { e.RecipientAccountID = other })
	w.flush()
	w.clock.Advance(historyAge - time.Second)
	w.call("young")
	w.flush()
	if n := len(keys(t, d, recordBucket)); n != listSize+12 {
		t.Errorf("%d records a second before", n)
	}
	w.clock.Advance(time.Second)
	w.call("new")
	w.flush()
	if got := keys(t, d, recordBucket); len(got) != 3 {
		t.Errorf("%d records are left", len(got))
	}
	if err := w.pruneAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, lists, counts := keys(t, d, recordBucket), keys(t, d, listBucket), keys(t, d, countBucket); len(got) != 2 || len(lists) != 2 || len(counts) != 1 {
		t.Errorf("left are %q, lists %q, counts %q", got, lists, counts)
	}
	if got := w.names(LookupEventsInput{}); !slices.Equal(got, []string{"new", "young"}) {
		t.Errorf("%q", got)
	}
}

// There are not more records than the store is to hold.
func TestStoredRecordsAreBounded(t *testing.T) {
	w, d := newDurable(t)
	for i := range maxStored + 3*listSize {
		w.call(fmt.Sprint(i))
		w.clock.Advance(time.Millisecond)
		if i%5000 == 0 {
			w.flush()
		}
	}
	w.flush()
	if n := len(keys(t, d, recordBucket)); n > maxStored || n < maxStored-2*listSize {
		t.Errorf("%d records are stored", n)
	}
	if got := w.names(LookupEventsInput{}); got[0] != fmt.Sprint(w.calls-1) {
		t.Errorf("the newest is %s of %d", got[0], w.calls)
	}
	if got := w.names(by("EventName", "0")); len(got) != 0 {
		t.Error("the oldest is still there")
	}
}

// A record that is damaged is left out.
func TestDamagedRecords(t *testing.T) {
	w, d := newDurable(t)
	for i := range 6 {
		w.call(fmt.Sprint(i))
	}
	w.flush()
	stored := keys(t, d, recordBucket)
	err := d.Update(t.Context(), func(tx store.Tx) error {
		flipped := slices.Clone(tx.Get(stored[0]))
		flipped[len(flipped)/2] ^= 1
		tx.Put(stored[0], flipped)
		tx.Put(stored[1], nil)
		tx.Put(stored[2], tx.Get(stored[2])[:7])
		tx.Put(partition{account, region}.in(recordBucket)+"0000", tx.Get(stored[3]))
		tx.Put(partition{account, region}.in(countBucket), []byte("x"))
		for _, key := range keysWith(tx, listBucket) {
			tx.Put(key, []byte("nonsense"))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.call("new")
	for range 2 {
		if got := w.names(LookupEventsInput{}); !slices.Equal(got, []string{"new", "2", "1", "0"}) {
			t.Errorf("%q", got)
		}
		w.flush()
	}
}

func keysWith(r store.Reader, prefix string) (found []string) {
	for key := range r.Scan(prefix, "", store.All) {
		found = append(found, key)
	}
	return found
}

// Whatever is stored, it is read or refused.
func FuzzDecode(f *testing.F) {
	w := newWorld(&testing.T{})
	e, record := (&kept{call: w.call("Decrypt")}).entry(partition{account, region}, "")
	if _, err := e.withText(record); err != nil {
		f.Fatal(err)
	}
	f.Add(e.key, e.encode())
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		e, err := decode(key, value)
		if err == nil && string(e.encode()) != string(value) {
			t.Errorf("%q is read as %+v", value, e)
		}
	})
}

// What cannot be written is kept, and written later.
func TestWritingFails(t *testing.T) {
	w, d := newDurable(t)
	w.call("first")
	broken := errors.New("the disk is full")
	d.fail(broken)
	if err := w.Flush(t.Context()); !errors.Is(err, broken) {
		t.Errorf("Flush = %v", err)
	}
	if got := w.names(LookupEventsInput{}); !slices.Equal(got, []string{"first"}) {
		t.Errorf("%q", got)
	}
	d.fail(nil)
	w.flush()
	if n := len(keys(t, d, recordBucket)); n != 1 || w.history.some() {
		t.Errorf("%d records are stored", n)
	}
}

// The writer writes within a second, or at once where there is much; and at the end.
func TestWriter(t *testing.T) {
	d := &disk{Engine: rerun.New()}
	c := clock.NewStill(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	w := &world{t: t, clock: c, Service: New(Config{Engine: d, Clock: c, IDs: ids.New(), Log: slog.New(slog.DiscardHandler)})}
	eventually := func(n int) {
		t.Helper()
		for end := time.Now().Add(time.Minute); len(keys(t, d, recordBucket)) != n; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d records are written, not %d", len(keys(t, d, recordBucket)), n)
			}
		}
	}
	began := time.Now()
	w.call("first")
	eventually(1)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	d.fail(errors.New("no"))
	w.call("second")
	time.Sleep(2 * writeDelay) // it is tried, and fails
	d.fail(nil)
	eventually(2)
	for range writeAt {
		w.call("many")
	}
	eventually(2 + writeAt)
	w.call("last")
	w.Close()
	if n := len(keys(t, d, recordBucket)); n != writeAt+3 {
		t.Errorf("%d records are written at the end", n)
	}
	w.call("after")
	w.Close()
	w.flush()
	if n := len(keys(t, d, recordBucket)); n != writeAt+4 {
		t.Errorf("%d records are written after the end", n)
	}
}

// Lookups see every event once while others are recorded and written.
func TestLookupsWhileOthersWrite(t *testing.T) {
	w, _ := newDurable(t)
	calls := testsize.Of(2000, 300)
	var busy sync.WaitGroup
	stop := make(chan struct{})
	busy.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				w.flush()
			}
		}
	})
	r := api.WithRequest(context.Background(), &api.Request{Account: account, Region: region, Caller: &api.Caller{}})
	for i := range calls {
		e := &trail.Event{EventID: fmt.Sprint(i), EventName: fmt.Sprint(i), AWSRegion: region, RecipientAccountID: account}
		w.Record(&done{events: []*trail.Event{e}, at: w.clock.Now(), size: 1})
		out, err := w.LookupEvents(r, &LookupEventsInput{})
		if err != nil {
			t.Fatal(err)
		}
		for j, shown := range out.Events {
			if want := fmt.Sprint(i - j); shown.EventName != want || j >= maxResults {
				t.Fatalf("after call %d, number %d is %s: %s", i, j, shown.EventName, strings.Join(namesOf(out), " "))
			}
		}
		if len(out.Events) != min(i+1, maxResults) {
			t.Fatalf("after call %d, %d are shown", i, len(out.Events))
		}
	}
	close(stop)
	busy.Wait()
}
