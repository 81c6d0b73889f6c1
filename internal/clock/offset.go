package clock

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// Offset is how far a clock is ahead of real time, or, where it is negative,
// behind it. A time.Duration could hold at most 292 years.
type Offset struct {
	seconds int64
	nanos   int64 // 0 to 999,999,999, on top of the seconds
}

// between is how far to is ahead of from.
func between(from, to time.Time) Offset {
	o := Offset{to.Unix() - from.Unix(), int64(to.Nanosecond() - from.Nanosecond())}
	if o.nanos < 0 {
		o.seconds--
		o.nanos += int64(time.Second)
	}
	return o
}

// from is the time that is o ahead of t.
func (o Offset) from(t time.Time) time.Time {
	return time.Unix(t.Unix()+o.seconds, int64(t.Nanosecond())+o.nanos).UTC()
}

// IsZero reports whether the clock shows real time.
func (o Offset) IsZero() bool { return o == Offset{} }

// String is o as a time.Duration would print it, to the millisecond: 5m0s.
func (o Offset) String() string {
	const most = math.MaxInt64 / int64(time.Second)
	if -most < o.seconds && o.seconds < most {
		d := time.Duration(o.seconds)*time.Second + time.Duration(o.nanos)
		return d.Round(time.Millisecond).String()
	}
	seconds, sign := o.seconds, ""
	if seconds < 0 {
		seconds, sign = -seconds, "-"
	}
	return fmt.Sprintf("%s%dh%dm%ds", sign, seconds/3600, seconds/60%60, seconds%60)
}

// Append appends the form in which o is stored.
func (o Offset) Append(b []byte) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(b, uint64(o.seconds)), uint32(o.nanos))
}

// ParseOffset reads what Append made, or the eight bytes of a time.Duration,
// as earlier versions stored it.
func ParseOffset(b []byte) (Offset, error) {
	switch len(b) {
	case 8:
		d := time.Duration(binary.BigEndian.Uint64(b))
		return between(time.Time{}, time.Time{}.Add(d)), nil
	case 12:
		o := Offset{int64(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint32(b[8:]))}
		if o.nanos < int64(time.Second) {
			return o, nil
		}
	}
	return Offset{}, errors.New("clock: no offset")
}
