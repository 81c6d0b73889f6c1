package identity

import "testing"

// Where a few more entries are in use than are kept, nearly all are still found.
func TestKeptKeepsMost(t *testing.T) {
	const entries, rounds = maxKept + maxKept/10, 5
	var k kept[int, int]
	missed := 0
	for range rounds {
		for i := range entries {
			if _, ok := k.get(i); !ok {
				missed++
				k.put(i, i)
			}
			if n := len(k.entries); n > maxKept {
				t.Fatalf("%d entries are kept", n)
			}
		}
	}
	if missed > entries*rounds/2 { // the first round misses all
		t.Errorf("of %d look-ups %d missed", entries*rounds, missed)
	}
}
