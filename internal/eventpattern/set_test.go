package eventpattern

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
)

func compile(t testing.TB, pattern string) *Pattern {
	t.Helper()
	p, err := Compile(EventBridge, pattern)
	if err != nil {
		t.Fatalf("%s: %v", pattern, err)
	}
	return p
}

// TestSetMatchesAsEachPatternDoes: all of the corpus's patterns in one set find for each of
// its events what they match one by one, also after half of them went.
func TestSetMatchesAsEachPatternDoes(t *testing.T) {
	patterns, events := map[string]*Pattern{}, []*Event{}
	readCorpus(t, func(c corpusCase) {
		if c.refused == "" {
			patterns[c.pattern] = compile(t, c.pattern)
			events = append(events, ParseEvent(EventBridge, c.event))
		}
	})
	var s Set
	check := func() {
		t.Helper()
		for _, e := range events {
			var want []string
			for id, p := range patterns {
				if p.Match(e) {
					want = append(want, id)
				}
			}
			slices.Sort(want)
			if got := s.Match(e); !slices.Equal(got, want) {
				t.Fatalf("%v:\n got %q\nwant %q", e.fields, got, want)
			}
		}
	}
	for id, p := range patterns {
		s.Add(id, p)
	}
	check()
	n := 0
	for id := range patterns {
		if n++; n%2 == 0 {
			s.Remove(id)
			delete(patterns, id)
		}
	}
	check()
	for id := range patterns { // each in the place of another
		patterns[id] = patterns[slices.Sorted(mapKeys(patterns))[n%len(patterns)]]
		s.Add(id, patterns[id])
		n++
	}
	check()
	if s.Len() != len(patterns) {
		t.Errorf("%d rules, want %d", s.Len(), len(patterns))
	}
	s.Remove("none such")
	if (&Set{}).Match(events[0]) != nil || s.Match(nil) != nil {
		t.Error("nothing matches something")
	}
}

func mapKeys(m map[string]*Pattern) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// The kinds of rules that a bus may have many of. %[1]d is the rule's number; the event
// matches none of them.
var manyRules = map[string]string{
	"by detail":         `{"source":["aws.s3"],"detail":{"bucket":{"name":["bucket-%[1]d"]}}}`,
	"by source":         `{"source":["app.%[1]d"],"detail-type":["Object Created"]}`,
	"several values":    `{"source":["aws.s3"],"detail":{"bucket":{"name":["a-%[1]d","b-%[1]d",{"prefix":"c-%[1]d-"}]}}}`,
	"prefix":            `{"source":["aws.s3"],"detail":{"object":{"key":[{"prefix":"logs/%[1]d/"}]}}}`,
	"suffix":            `{"source":["aws.s3"],"detail":{"object":{"key":[{"suffix":"/%[1]d.png"}]}}}`,
	"in either case":    `{"detail":{"object":{"key":[{"equals-ignore-case":"KEY-%[1]d"},{"suffix":{"equals-ignore-case":"-%[1]dX"}}]}}}`,
	"wildcard":          `{"detail":{"object":{"key":[{"wildcard":"*/tenant-%[1]d/*.jpg"}]}}}`,
	"wildcard at start": `{"detail":{"object":{"key":[{"wildcard":"tenant-%[1]d/*/x"}]}}}`,
	"numeric":           `{"source":["aws.s3"],"detail":{"object":{"size":[{"numeric":[">",20000%[1]05d]}]}}}`,
	"ranges":            `{"source":["aws.s3"],"detail":{"object":{"size":[{"numeric":[">=",9%[1]05d,"<",9%[1]05d.5]}]}}}`,
	"cidr":              `{"detail":{"source-ip-address":[{"cidr":"10.%[2]d.%[3]d.0/24"}]}}`,
	"excepted":          `{"source":[{"anything-but":["aws.s3","app.%[1]d"]}]}`,
	"absent":            `{"source":[{"exists":false}],"detail":{"rule":[{"exists":false},"%[1]d"]}}`,
	"present":           `{"detail":{"nothing-%[1]d":[{"exists":true}]}}`,
	"two of many":       `{"$or":[{"source":["app.%[1]d"]},{"detail":{"bucket":{"name":["b-%[1]d"]}}}]}`,
	"alike":             `{"source":["aws.s3"],"detail-type":["Object Deleted"]}`,
	"alike but one":     `{"source":["aws.s3"],"detail-type":["Object Created"],"detail":{"reason":[{"anything-but":"PutObject"}],"object":{"size":[%[1]d]}}}`,
}

const manyEvent = `{"version":"0","id":"17793124-05d4-b198-2fde-7ededc63b103","detail-type":"Object Created","source":"aws.s3","account":"111122223333",` +
	`"time":"2021-11-12T00:00:00Z","region":"ca-central-1","resources":["arn:aws:s3:::DOC-EXAMPLE-BUCKET1"],"detail":{"version":"0",` +
	`"bucket":{"name":"DOC-EXAMPLE-BUCKET1"},"object":{"key":"tenant/2021/example-key","size":500005,"etag":"b1946ac92492d2347c6235b4d2611184",` +
	`"version-id":"IYV3p45BT0ac8hjHg1houSdS1a.Mro8e","sequencer":"617f08299329d189"},"request-id":"N4N7GDK58NMKJ12R","requester":"123456789012",` +
	`"source-ip-address":"1.2.3.4","reason":"PutObject"}}`

func setOf(t testing.TB, pattern string, n int) *Set {
	t.Helper()
	s := &Set{}
	for i := range n {
		s.Add(fmt.Sprint("rule-", i), compile(t, numbered(pattern, i)))
	}
	return s
}

func numbered(pattern string, i int) string {
	for _, verb := range []struct {
		as string
		n  int
	}{{"%[1]05d", i}, {"%[1]d", i}, {"%[2]d", i / 256}, {"%[3]d", i % 256}} {
		format := "%d"
		if verb.as == "%[1]05d" {
			format = "%05d"
		}
		pattern = strings.ReplaceAll(pattern, verb.as, fmt.Sprintf(format, verb.n))
	}
	return pattern
}

// TestManyRulesAreNotLookedAt counts the rules that an event is compared with: of thousands
// that it does not match, hardly any, of whatever kind they are.
func TestManyRulesAreNotLookedAt(t *testing.T) {
	const rules = 2_000
	e := ParseEvent(EventBridge, manyEvent)
	for name, pattern := range manyRules {
		t.Run(name, func(t *testing.T) {
			s := setOf(t, pattern, rules)
			looked := 0
			for range s.candidates(e).all() {
				looked++
			}
			if looked > 20 {
				t.Errorf("%d rules are looked at", looked)
			}
			if ids := s.Match(e); ids != nil {
				t.Errorf("it matches %s", ids)
			}
		})
	}
}

// TestManyRulesThatMatch are all found, and a few among many as well.
func TestManyRulesThatMatch(t *testing.T) {
	e := ParseEvent(EventBridge, manyEvent)
	s := setOf(t, `{"source":["aws.s3"],"detail":{"object":{"size":[{"numeric":[">=",500%[1]03d]}]}}}`, 0)
	for i := range 1000 {
		s.Add(fmt.Sprintf("rule-%04d", i), compile(t, fmt.Sprintf(`{"source":["aws.s3"],"detail":{"object":{"size":[{"numeric":[">=",500%03d]}]}}}`, i)))
	}
	if got := s.Match(e); len(got) != 6 || got[0] != "rule-0000" || got[5] != "rule-0005" {
		t.Errorf("%s", got)
	}
	if got := setOf(t, `{"source":["aws.s3"]}`, 5000).Match(e); len(got) != 5000 {
		t.Errorf("%d rules", len(got))
	}
}

// TestChangesDoNotPileUp: rules that come and go leave nothing that slows the others down.
func TestChangesDoNotPileUp(t *testing.T) {
	s := setOf(t, `{"source":["app.%[1]d"]}`, 100)
	other := compile(t, `{"detail":{"reason":["PutObject"]}}`)
	for range 20_000 {
		s.Add("changing", other)
	}
	if n := len(s.alternatives); n > 500 {
		t.Errorf("101 rules take %d places", n)
	}
	if got := s.Match(ParseEvent(EventBridge, manyEvent)); !slices.Equal(got, []string{"changing"}) {
		t.Errorf("%s", got)
	}
}

// TestSetUsedByMany: while rules change, those that stay are found.
func TestSetUsedByMany(t *testing.T) {
	s := setOf(t, `{"detail":{"object":{"size":[{"numeric":[">",%[1]d]}]}}}`, 10)
	e := ParseEvent(EventBridge, manyEvent)
	ranges := compile(t, `{"detail":{"object":{"size":[{"numeric":["<",7]}]}}}`)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for range 200 {
				if got := s.Match(e); len(got) != 10 {
					t.Errorf("%d rules", len(got))
				}
			}
		})
	}
	wait.Go(func() {
		for i := range 200 {
			s.Add(fmt.Sprint("other-", i%7), ranges)
			s.Remove(fmt.Sprint("other-", i%5))
		}
	})
	wait.Wait()
}

// BenchmarkSet is one event, read and matched, with one rule and with 10,000, none of which
// it matches; times-one is the ratio.
func BenchmarkSet(b *testing.B) {
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range manyRules {
			if !yield(name) {
				return
			}
		}
	}) {
		b.Run(name, func(b *testing.B) {
			one, many := setOf(b, manyRules[name], 1), setOf(b, manyRules[name], 10_000)
			alone := perEvent(one)
			b.ReportAllocs()
			for b.Loop() {
				many.Match(ParseEvent(EventBridge, manyEvent))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/alone, "times-one")
		})
	}
}

// perEvent is how many nanoseconds an event takes.
func perEvent(s *Set) float64 {
	const events = 20_000
	began := time.Now() //nolint:forbidigo // what is measured is real time
	for range events {
		s.Match(ParseEvent(EventBridge, manyEvent))
	}
	return float64(time.Since(began).Nanoseconds()) / events
}

// The kinds of filter policies that a topic's subscriptions may have many of, as manyRules.
// The message matches the numbers 1, 2 and 3.
var manyPolicies = map[string]string{
	"value":         `{"store":["store-%[1]d"]}`,
	"in any case":   `{"store":[{"equals-ignore-case":"STORE-%[1]d"}]}`,
	"prefix":        `{"store":[{"prefix":"store-%[1]d"}],"exact":["store-%[1]d"]}`,
	"wildcard":      `{"store":[{"wildcard":"store-%[1]d*"}],"exact":["store-%[1]d"]}`,
	"alike but one": `{"event":["order"],"store":["store-%[1]d"],"price":[{"numeric":[">",%[1]d]}]}`,
	"a range":       `{"price":[{"numeric":[">",0]}],"store":["store-%[1]d",{"prefix":"x"}]}`,
	"absent":        `{"coupon":[{"exists":false}],"store":["store-%[1]d"]}`,
	"alternatives":  `{"$or":[{"store":["store-%[1]d"]},{"price":[-%[1]d]}]}`,
}

// TestManyPoliciesAreNotLookedAt: of 10,000 filter policies a message is compared with
// those that it matches, and hardly any others.
func TestManyPoliciesAreNotLookedAt(t *testing.T) {
	const policies, most = 10_000, 20
	for name, policy := range manyPolicies {
		t.Run(name, func(t *testing.T) {
			s := &Set{}
			for i := range policies {
				p, err := Compile(SNS, numbered(policy, i))
				if err != nil {
					t.Fatal(err)
				}
				p.Expand()
				s.Add(fmt.Sprint(i), p)
			}
			e := NewEvent(SNS)
			for i := 1; i <= 3; i++ {
				e.AddString("store", fmt.Sprint("store-", i))
				e.AddString("exact", fmt.Sprint("store-", i))
			}
			e.AddString("event", "order")
			e.AddNumber("price", "100000")
			if ids := s.Match(e); !slices.Equal(ids, []string{"1", "2", "3"}) {
				t.Errorf("it matches %s", ids)
			}
			looked := 0
			for range s.candidates(e).all() {
				looked++
			}
			if looked > most {
				t.Errorf("%d policies are looked at", looked)
			}
			if ids := s.Match(NewEvent(SNS)); ids != nil {
				t.Errorf("an empty message matches %s", ids)
			}
		})
	}
}

// TestFoldedForm is the same for all characters that are the same where case is ignored.
func TestFoldedForm(t *testing.T) {
	for c := range rune(unicode.MaxRune + 1) {
		for other := unicode.SimpleFold(c); other != c; other = unicode.SimpleFold(other) {
			if a, b := foldedForm(string(c)), foldedForm(string(other)); a != b {
				t.Errorf("%q of %q and %q of %q", a, c, b, other)
			}
		}
	}
	if foldedForm("a\xff") != foldedForm("A\uFFFD") {
		t.Error("what is no UTF-8 differs from its replacement, though both fold alike")
	}
}
