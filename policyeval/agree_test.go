package policyeval

import (
	"flag"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/testsize"
)

// TestMain lets garbage gather, of which generated cases make much and keep little: a sixth of
// the tests' time.
func TestMain(m *testing.M) {
	flag.Parse()
	if flag.Lookup("test.bench").Value.String() == "" {
		debug.SetGCPercent(400)
	}
	m.Run()
}

// TestOracle compares Decide with the oracle on generated cases: a million at full
// size, and fewer in a sample or with -race. The seed of a run is printed; a case that fails is
// found again by its own seed.
func TestOracle(t *testing.T) {
	total := uint64(testsize.Of(1_000_000, 50_000))
	if raceDetector {
		total = 20_000
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	const variants = 20
	var next, failures atomic.Uint64
	var mu sync.Mutex
	counts := map[oracleDecision]int{}
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			mine := map[oracleDecision]int{}
			for failures.Load() < 3 {
				n := next.Add(variants)
				if n > total {
					break
				}
				g := newGenerator(seed + n)
				g.judged = true
				c := g.next(t)
				for v := range variants {
					if v > 0 {
						g.vary(c)
					}
					if d, ok := agree(t, g, c); ok {
						mine[d]++
					} else {
						failures.Add(1)
						t.Errorf("seed %d, variant %d", seed+n, v)
					}
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for d, n := range mine {
				counts[d] += n
			}
		})
	}
	workers.Wait()
	if failures.Load() > 0 {
		return
	}
	// A generator that always denies would prove little.
	sums := map[string]int{}
	for d, n := range counts {
		sums[d.decision] += n
		t.Logf("%7d %s %s", n, d.decision, d.layer)
	}
	for decision, least := range map[string]int{"Allowed": 15, "ExplicitDeny": 8, "ImplicitDeny": 15} {
		if sums[decision]*100 < least*int(total) {
			t.Errorf("%s came out %d times of %d", decision, sums[decision], total)
		}
	}
}

// agree compares the oracle with Decide, and Decide with Evaluate.
func agree(t *testing.T, g *generator, c *generated) (oracleDecision, bool) {
	want := g.oracle.decide()
	v := Decide(&c.request, &c.policies)
	got := oracleDecision{v.Reason.String(), v.Layer.String()}
	if v.Allowed {
		got = oracleDecision{"Allowed", ""}
	}
	if v.Reason == OwnerOnlyDeny {
		want.layer = got.layer
	}
	if got != want {
		t.Errorf("Decide says %v, the oracle %v\n%s", got, want, c)
		return want, false
	}
	if d := Evaluate(&c.request, &c.policies); d.Verdict != v {
		t.Errorf("Decide says %+v, Evaluate %+v\n%s", v, d.Verdict, c)
		return want, false
	}
	return want, true
}
