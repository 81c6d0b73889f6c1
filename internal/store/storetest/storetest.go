// Package storetest is the conformance suite of store engines: it tests an
// engine against what package store promises.
package storetest

import (
	"errors"
	"iter"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/store"
)

// Run tests the engine that open makes. open is called for every test and
// makes an empty engine each time, which the test may or may not close.
func Run(t *testing.T, open func(*testing.T) store.Engine) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, store.Engine)
	}{
		{"Empty", testEmpty},
		{"PutGetDelete", testPutGetDelete},
		{"GetMany", testGetMany},
		{"ReadYourWrites", testReadYourWrites},
		{"ErrorDiscards", testErrorDiscards},
		{"ErrorRestoresEveryKindOfWrite", testErrorRestores},
		{"PanicDiscards", testPanicDiscards},
		{"GoexitDiscards", testGoexitDiscards},
		{"Fail", testFail},
		{"Snapshot", testSnapshot},
		{"SnapshotOfARunningScan", testSnapshotScan},
		{"UpdateSeesWhatReturnedBefore", testSequence},
		{"Scan", testScan},
		{"ScanLimits", testScanLimits},
		{"ScanStopsEarly", testScanStops},
		{"ScanWhileWriting", testScanWhileWriting},
		{"ScanManyKeys", testScanMany},
		{"Values", testValues},
		{"ValuesMayBeKept", testValuesKept},
		{"BinaryKeys", testBinaryKeys},
		{"KeyLengths", testKeyLengths},
		{"ConcurrentUpdates", testConcurrent},
		{"FailuresAmongConcurrentUpdates", testConcurrentFailures},
		{"ReadersAmongWriters", testReadersAmongWriters},
		{"SecondRun", testSecondRun},
		{"ContextDone", testContext},
		{"Clear", testClear},
		{"Close", testClose},
		{"CloseWaits", testCloseWaits},
		{"UseAfterReturn", testUseAfterReturn},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := open(t)
			defer func() {
				if err := e.Close(); err != nil {
					t.Error(err)
				}
			}()
			test.run(t, e)
		})
	}
}

var errWanted = errors.New("wanted")

// wanted reports whether an error, or what was recovered from a panic, is errWanted.
func wanted(v any) bool {
	err, ok := v.(error)
	return ok && errors.Is(err, errWanted)
}

type pair struct{ Key, Value string }

func put(t *testing.T, e store.Engine, pairs ...pair) {
	t.Helper()
	update(t, e, func(tx store.Tx) error {
		for _, p := range pairs {
			tx.Put(p.Key, []byte(p.Value))
		}
		return nil
	})
}

func update(t *testing.T, e store.Engine, write func(store.Tx) error) {
	t.Helper()
	if err := e.Update(t.Context(), write); err != nil {
		t.Fatalf("Update: %v", err)
	}
}

func view(t *testing.T, e store.Engine, read func(store.Reader)) {
	t.Helper()
	if err := e.View(t.Context(), func(r store.Reader) error {
		read(r)
		return nil
	}); err != nil {
		t.Fatalf("View: %v", err)
	}
}

// all is what the engine holds.
func all(t *testing.T, e store.Engine) (pairs []pair) {
	t.Helper()
	view(t, e, func(r store.Reader) { pairs = collect(r.Scan("", "", store.All)) })
	return pairs
}

func collect(seq iter.Seq2[string, []byte]) (pairs []pair) {
	for key, value := range seq {
		pairs = append(pairs, pair{key, string(value)})
	}
	return pairs
}

func check(t *testing.T, what string, got []pair, want ...pair) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
