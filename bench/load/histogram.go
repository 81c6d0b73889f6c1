package load

import (
	"math/bits"
	"time"
)

// subBits sets the histogram's resolution: every power of two is cut into
// 2^subBits equal buckets, so a reported quantile is within 1/2^subBits
// (0.4 %) of the recorded value.
const subBits = 8

// Histogram counts durations in buckets of nanoseconds, linear within each power
// of two. It is not safe for concurrent use: each worker has its own, and they
// are merged at the end.
type Histogram struct {
	counts [(64 - subBits + 1) << subBits]uint64
	n      uint64
	max    uint64
}

func bucketOf(ns uint64) int {
	if ns < 1<<subBits {
		return int(ns)
	}
	exp := bits.Len64(ns) - subBits - 1
	return exp<<subBits + int(ns>>exp)
}

// bucketTop is the largest value that bucketOf puts in bucket i.
func bucketTop(i int) uint64 {
	if i < 1<<subBits {
		return uint64(i)
	}
	exp := i>>subBits - 1
	return uint64(i-exp<<subBits+1)<<exp - 1
}

// Record adds one duration; a negative one counts as zero.
func (h *Histogram) Record(d time.Duration) {
	ns := uint64(max(d, 0))
	h.counts[bucketOf(ns)]++
	h.n++
	h.max = max(h.max, ns)
}

// Merge adds what another has recorded.
func (h *Histogram) Merge(o *Histogram) {
	for i, c := range o.counts {
		h.counts[i] += c
	}
	h.n += o.n
	h.max = max(h.max, o.max)
}

// Quantile is the smallest bucket top with at least q of all records at or
// under it, and never more than the largest record.
func (h *Histogram) Quantile(q float64) time.Duration {
	if h.n == 0 {
		return 0
	}
	want := max(uint64(q*float64(h.n)+0.5), 1)
	var seen uint64
	for i, c := range h.counts {
		if seen += c; seen >= want {
			return time.Duration(min(bucketTop(i), h.max))
		}
	}
	return time.Duration(h.max)
}
