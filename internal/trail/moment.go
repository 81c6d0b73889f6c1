package trail

import "time"

// Moment is a time as it is kept: in UTC, and without a pointer.
type Moment struct {
	second     int64
	nanosecond int32
}

// MomentOf is the moment of a time.
func MomentOf(t time.Time) Moment { return Moment{t.Unix(), int32(t.Nanosecond())} }

// Time is the moment's time.
func (m Moment) Time() time.Time { return time.Unix(m.second, int64(m.nanosecond)).UTC() }
