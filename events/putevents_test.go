package events

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store/mem"
)

// entry is an entry of PutEvents, with further members over the usual ones.
func entry(further string) string {
	if further != "" {
		further = "," + further
	}
	return `{"Source":"a","DetailType":"t","Detail":"{\"k\":1}"` + further + `}`
}

func put(entries ...string) string { return `{"Entries":[` + strings.Join(entries, ",") + `]}` }

type putAnswer struct {
	FailedEntryCount int
	Entries          []struct{ EventId, ErrorCode, ErrorMessage string }
}

func (w *testbed) put(input string, changes ...func(*api.Request)) (out putAnswer) {
	w.t.Helper()
	unmarshal(w.t, w.ok("PutEvents", input, changes...), &out)
	return out
}

// What fails one entry fails no other, and not the call [V084] [V085] [V086] [V092].
func TestEntriesThatFail(t *testing.T) {
	w := newTestbed(t)
	required := func(name string) string {
		return "Parameter " + name + " is not valid. Reason: " + name + " is a required argument."
	}
	for _, c := range []struct{ name, entry, code, message string }{
		{"V085 no source", `{"DetailType":"t","Detail":"{}"}`, "InvalidArgument", required("Source")},
		{"V085 an empty source", `{"Source":"","DetailType":"t","Detail":"{}"}`, "InvalidArgument", required("Source")},
		{"V085 no detail type", `{"Source":"a","Detail":"{}"}`, "InvalidArgument", required("DetailType")},
		{"V085 no detail", `{"Source":"a","DetailType":"t"}`, "InvalidArgument", required("Detail")},
		{"V086 broken JSON", entry(`"Detail":"{"`), "MalformedDetail", "Detail is malformed."},
		{"V086 a list", entry(`"Detail":"[]"`), "MalformedDetail", "Detail is malformed."},
		{"V086 a string", entry(`"Detail":"\"s\""`), "MalformedDetail", "Detail is malformed."},
		{"V086 a number", entry(`"Detail":"1"`), "MalformedDetail", "Detail is malformed."},
		{"V098 too deep", entry(`"Detail":` + text(strings.Repeat(`{"a":`, 1001)+"1"+strings.Repeat("}", 1001))), "MalformedDetail", "Detail is malformed."},
		{"V098 as deep as may be", entry(`"Detail":` + text(strings.Repeat(`{"a":`, 1000)+`"]}"`+strings.Repeat("}", 1000))), "", ""},
		{"V098 a long detail type", entry(`"DetailType":"` + strings.Repeat("t", 129) + `"`), "InvalidArgument", "Parameter DetailType is not valid. Reason: DetailType must not be longer than 128 characters."},
		{"V092 AWS's source", entry(`"Source":"aws.s3"`), "NotAuthorizedForSourceException", "Not authorized for the source."},
		{"V091 no bus", entry(`"EventBusName":"none"`), "", ""},
		{"V091 a bus of another region", entry(`"EventBusName":"arn:aws:events:eu-west-1:123456789012:event-bus/default"`), "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, entries := range [][]string{{c.entry}, {entry(""), c.entry, entry("")}} {
				out := w.put(put(entries...))
				i, wantFailed := len(entries)/2, 0
				if c.code != "" {
					wantFailed = 1
				}
				got := out.Entries[i]
				if out.FailedEntryCount != wantFailed || len(out.Entries) != len(entries) || got.ErrorCode != c.code || got.ErrorMessage != c.message || (got.EventId == "") != (c.code != "") {
					t.Errorf("%+v", out)
				}
				for j, e := range out.Entries {
					if j != i && e.EventId == "" {
						t.Errorf("entry %d failed, too: %+v", j, out)
					}
				}
			}
		})
	}
}

func TestPutEventsRefuses(t *testing.T) {
	w := newTestbed(t)
	eleven := make([]string, 11)
	shown := make([]string, 11)
	for i := range eleven {
		eleven[i] = `{"Source":"s","DetailType":"t","Detail":"{}","EventBusName":"b"}`
		shown[i] = "PutEventsRequestEntry(time=null, source=s, resources=null, detailType=t, detail={}, eventBusName=b, traceHeader=null, kmsKeyIdentifier=null, internalMetadata=null)"
	}
	big := func(n int) string { return entry(`"Detail":` + text(`{"a":"`+strings.Repeat("x", n-10)+`"}`)) }
	w.answers(t, []answerTo{
		{"V087 eleven", "PutEvents", put(eleven...), "ValidationException: 1 validation error detected: Value '[" + strings.Join(shown, ", ") + "]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10"},
		{"V097 none", "PutEvents", put(), "ValidationException: 1 validation error detected: Value '[]' at 'entries' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		{"V088 too big", "PutEvents", put(big((256 << 10) + 1)), "ValidationException: Total size of the entries in the request is over the limit."},
		{"V088 too big together", "PutEvents", put(big(128<<10), big((128<<10)+1)), "ValidationException: Total size of the entries in the request is over the limit."},
		{"an endpoint", "PutEvents", `{"EndpointId":"a.b","Entries":[` + entry("") + `]}`, "ResourceNotFoundException: Endpoint a.b does not exist."},
	})
	if out := w.put(put(big(256 << 10))); out.FailedEntryCount != 0 { // [V088] [V089]
		t.Errorf("%+v", out)
	}
	resources := `"Time":0,"Resources":["` + strings.Repeat("r", 100) + `"]`
	w.answers(t, []answerTo{{"V089 time and resources count", "PutEvents", put(strings.TrimSuffix(big((256<<10)-113), "}") + "," + resources + "}"), "ValidationException: Total size of the entries in the request is over the limit."}})
	if out := w.put(put(strings.TrimSuffix(big((256<<10)-114), "}") + "," + resources + "}")); out.FailedEntryCount != 0 { // [V089]
		t.Errorf("%+v", out)
	}
}

// Each entry is decided on its bus, with the condition keys of its own [V231] [V239] [V240].
func TestPutEventsChecks(t *testing.T) {
	w := newTestbed(t)
	w.ok("PutPermission", `{"StatementId":"s","Action":"events:PutEvents","Principal":"*"}`)
	const theirs = "arn:aws:events:us-east-1:999988887777:event-bus/b"
	checks := w.checks("PutEvents", put(entry(""), entry(""), entry(`"Source":"b"`), `{"EventBusName":"`+theirs+`"}`))
	var got []string
	for _, c := range checks {
		keys := keysOf(c)
		got = append(got, fmt.Sprint(c.Action, " ", c.Target.ARN, " ", c.Target.Account, " ", c.Target.Policy != nil, " ", keys["events:source"], keys["events:detail-type"], keys["events:eventbusinvocation"]))
	}
	const default_ = arnPrefix + "event-bus/default 123456789012 true "
	want := "events:PutEvents " + default_ + "[a] [t] [false]\nevents:PutEvents " + default_ + "[b] [t] [false]\nevents:PutEvents " + theirs + " 999988887777 false [] [] [false]"
	if s := strings.Join(got, "\n"); s != want {
		t.Errorf("got\n%s\nwant\n%s", s, want)
	}
}

// What arrives at a target [V096] [V099] [V100] [V101].
func TestEventAsItArrives(t *testing.T) {
	w := newRule(t)
	w.ok("PutTargets", `{"Rule":"r","Targets":[{"Id":"1","Arn":"`+testQueue+`"},{"Id":"2","Arn":"`+testTopic+`"}]}`)
	out := w.put(put(entry(`"Detail":"{ \"b\": [1, 2.50, \"<&>\"],\n\"a\": null }","Resources":["r1","r2"],"Time":1700000000.9`)))
	want := `{"version":"0","id":"` + out.Entries[0].EventId + `","detail-type":"t","source":"a","account":"123456789012","time":"2023-11-14T22:13:20Z","region":"us-east-1","resources":["r1","r2"],"detail":{"b":[1,2.50,"<&>"],"a":null}}`
	for _, c := range w.targets.wait(t, 2) {
		if c.Body != want || c.Rule != arnPrefix+"rule/r" || c.Account != testAccount || c.Role != "" {
			t.Errorf("%+v\nwant %s", c, want)
		}
	}
	id := w.put(put(entry(""))).Entries[0].EventId
	want = `{"version":"0","id":"` + id + `","detail-type":"t","source":"a","account":"123456789012","time":"2026-01-02T03:04:05Z","region":"us-east-1","resources":[],"detail":{"k":1}}`
	if got := w.targets.wait(t, 4)[3].Body; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Rules decide which targets get an event, each of them once for every rule and target
// that there is [V054] [V056] [V057] [V065] [V095].
func TestMatching(t *testing.T) {
	w := newTestbed(t)
	w.ok("CreateEventBus", `{"Name":"orders"}`)
	rule := func(name, bus, pattern, state string) {
		t.Helper()
		w.ok("PutRule", `{"Name":"`+name+`","EventBusName":"`+bus+`","EventPattern":`+text(pattern)+`,"State":"`+state+`"}`)
		w.ok("PutTargets", `{"Rule":"`+name+`","EventBusName":"`+bus+`","Targets":[{"Id":"1","Arn":"`+testQueue+`-`+name+`"}]}`)
	}
	rule("a", "default", `{"source":["a"]}`, "ENABLED")
	rule("also", "default", `{"detail":{"k":[{"numeric":["<",5]}]}}`, "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
	rule("b", "default", `{"source":["b"]}`, "ENABLED")
	rule("off", "default", `{"source":["a"]}`, "DISABLED")
	rule("orders", "orders", `{"source":["a"]}`, "ENABLED")
	w.ok("PutTargets", `{"Rule":"a","Targets":[{"Id":"2","Arn":"`+testQueue+`-a"}]}`)
	n := 0
	arrives := func(input, want string, changes ...func(*api.Request)) {
		t.Helper()
		id := w.put(input, changes...).Entries[0].EventId
		expected := len(strings.Fields(want))
		var got []string
		for _, c := range w.targets.wait(t, n+expected)[n:] {
			if !strings.Contains(c.Body, id) {
				t.Errorf("%s does not hold the id %s", c.Body, id)
			}
			got = append(got, strings.TrimPrefix(c.Target, testQueue+"-"))
		}
		n += expected
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s arrives at %q, want %q", input, s, want)
		}
	}
	arrives(put(entry("")), "a a also")
	arrives(put(entry(`"Source":"b"`)), "also b")
	arrives(put(entry(`"Source":"c","Detail":"{}"`)), "")
	arrives(put(entry(`"EventBusName":"orders"`)), "orders")
	arrives(put(entry(`"EventBusName":"`+arnPrefix+`event-bus/orders"`)), "orders", as(otherAccount))
	arrives(put(entry("")), "", as(otherAccount))
	arrives(put(entry("")), "", in("eu-west-1"))
	w.ok("EnableRule", `{"Name":"off"}`)
	w.ok("DisableRule", `{"Name":"a"}`)
	arrives(put(entry("")), "also off")
	w.ok("PutRule", `{"Name":"off","EventPattern":"{\"source\":[\"z\"]}"}`)
	w.ok("RemoveTargets", `{"Rule":"also","Ids":["1"]}`)
	arrives(put(entry("")), "")
	arrives(put(entry(`"Source":"z"`)), "off")
	w.ok("RemoveTargets", `{"Rule":"off","Ids":["1"]}`)
	w.ok("DeleteRule", `{"Name":"off"}`)
	arrives(put(entry(`"Source":"z"`)), "")
}

// An AWS service puts events on the default bus, of any source [V105].
func TestServiceEvents(t *testing.T) {
	w := newTestbed(t)
	w.ok("PutRule", `{"Name":"r","EventPattern":"{\"source\":[\"aws.s3\"]}"}`)
	w.ok("PutTargets", `{"Rule":"r","Targets":[{"Id":"1","Arn":"`+testQueue+`"}]}`)
	e := ServiceEvent{
		ID: "given", Account: testAccount, Region: testRegion, Source: "aws.s3", DetailType: "Object Created", Time: testStart.Add(time.Second),
		Resources: []string{"arn:aws:s3:::b"}, Detail: []byte(`{"version": "0"}`),
	}
	if id, err := w.PutServiceEvent(t.Context(), e); err != nil || id != "given" {
		t.Fatal(id, err)
	}
	want := `{"version":"0","id":"given","detail-type":"Object Created","source":"aws.s3","account":"123456789012","time":"2026-01-02T03:04:06Z","region":"us-east-1","resources":["arn:aws:s3:::b"],"detail":{"version":"0"}}`
	if got := w.targets.wait(t, 1)[0].Body; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	e.ID = ""
	if id, err := w.PutServiceEvent(t.Context(), e); err != nil || id == "" {
		t.Error(id, err)
	}
	e.Detail = []byte("[]")
	if _, err := w.PutServiceEvent(t.Context(), e); err == nil {
		t.Error("a detail that is no object is taken")
	}
}

func TestTestEventPattern(t *testing.T) {
	const event = `{"id":"1","account":"a","source":"a","time":"t","region":"r","resources":[],"detail-type":"d","detail":{"k":[1,2]}}`
	w := newTestbed(t)
	input := func(pattern, event string) string {
		return `{"EventPattern":` + text(pattern) + `,"Event":` + text(event) + `}`
	}
	const bad = "ValidationException: Parameter Event is not valid."
	cases := []answerTo{
		{"V143 matches", "TestEventPattern", input(`{"detail":{"k":[2]}}`, event), `{"Result":true}`},
		{"V143 does not match", "TestEventPattern", input(`{"detail":{"k":[3]}}`, event), `{"Result":false}`},
		{"V144 without resources and detail", "TestEventPattern", input(`{"k":[1]}`, `{"id":"1","account":"a","source":"a","time":"t","region":"r","detail-type":"d","k":1}`), `{"Result":true}`},
		{"V144 several detail types", "TestEventPattern", input(`{"detail-type":["e"]}`, strings.Replace(event, `"d"`, `["d","e"]`, 1)), `{"Result":true}`},
		{"V144 a list", "TestEventPattern", input(testPattern, `[]`), bad},
		{"V144 broken JSON", "TestEventPattern", input(testPattern, `{`), bad},
		{"V145 a bad pattern and a bad event", "TestEventPattern", input(`{}`, `{`), "InvalidEventPatternException: Event pattern is not valid. Reason: Empty objects are not allowed\n at [Source: (String)\"{}\"; line: 1, column: 3]"},
		{"V135 PutRule", "PutRule", `{"Name":"r","EventPattern":"{}"}`, "InvalidEventPatternException: Event pattern is not valid. Reason: Empty objects are not allowed\n at [Source: (String)\"{}\"; line: 1, column: 3]"},
	}
	for _, name := range []string{"id", "account", "source", "time", "region", "detail-type"} {
		cases = append(cases, answerTo{"V144 without " + name, "TestEventPattern", input(testPattern, strings.Replace(event, `"`+name+`"`, `"other"`, 1)), bad})
	}
	w.answers(t, cases)
}

// Rules that change while events come lose none for the rules that stay, and match at last
// as they have become.
func TestRulesThatChangeWhileEventsCome(t *testing.T) {
	w := newTestbed(t, func(c *Config) { c.Lanes = 4 })
	w.ok("PutRule", `{"Name":"stays","EventPattern":`+text(testPattern)+`}`)
	w.ok("PutTargets", `{"Rule":"stays","Targets":[{"Id":"1","Arn":"`+testQueue+`"}]}`)
	var running sync.WaitGroup
	const each = 50
	for range 4 {
		running.Go(func() {
			for range each {
				if out := w.put(put(entry(""))); out.FailedEntryCount != 0 {
					t.Errorf("%+v", out)
				}
			}
		})
	}
	running.Go(func() {
		for i := range each {
			w.ok("PutRule", fmt.Sprintf(`{"Name":"r%d","EventPattern":"{\"source\":[\"other\"]}"}`, i))
			w.ok("PutTargets", fmt.Sprintf(`{"Rule":"r%d","Targets":[{"Id":"1","Arn":"%s-other"}]}`, i, testQueue))
		}
	})
	running.Wait()
	w.targets.wait(t, 4*each)
	w.put(put(entry(`"Source":"other"`)))
	w.targets.wait(t, 5*each)
}

// BenchmarkPutEvents puts an event on a bus with rules that do not match it. It prints how
// much longer that takes with 10,000 of them than with one.
func BenchmarkPutEvents(b *testing.B) {
	per := map[int]float64{}
	for _, rules := range []int{1, 10_000} {
		b.Run(fmt.Sprint("rules=", rules), func(b *testing.B) {
			w := newBench(b)
			for i := range rules {
				f := RuleFixture{Name: fmt.Sprint("r", i), Pattern: fmt.Sprintf(`{"source":["shop-%d"],"detail":{"state":[{"prefix":"s%d"}]}}`, i, i), Targets: []Target{{Arn: testQueue}}}
				if err := w.ApplyRule(request(), f); err != nil {
					b.Fatal(err)
				}
			}
			in := &PutEventsInput{Entries: []PutEventsRequestEntry{{Source: "shop", DetailType: "order", Detail: `{"state":"paid","items":[{"id":1},{"id":2}]}`}}}
			if _, err := w.PutEvents(request(), in); err != nil { // which compiles the patterns
				b.Fatal(err)
			}
			for b.Loop() {
				if out, err := w.PutEvents(request(), in); err != nil || out.FailedEntryCount != 0 {
					b.Fatal(out, err)
				}
			}
			per[rules] = float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			if rules > 1 {
				b.ReportMetric(per[rules]/per[1], "times-of-one-rule")
			}
		})
	}
}

func newBench(b *testing.B) *Service {
	module, err := hsm.New(make([]byte, hsm.KeySize))
	if err != nil {
		b.Fatal(err)
	}
	return New(Config{Engine: mem.New(), Clock: clock.New(), IDs: ids.New(), HSM: module})
}
