package cloudtrail

import (
	"time"

	"github.com/waxseal/waxseal/internal/trail"
)

// Call is a call that has ended. Its records are made when somebody wants them, for
// most are never looked at. It does not change.
type Call interface {
	// Time is when it was made, by the clock.
	Time() time.Time
	// Region is the region of its records: that of the call or, for a global service, that
	// of the partition's global services.
	Region() string
	// Global reports whether it is a call of a global service.
	Global() bool
	// Data reports whether its records are data events; otherwise they are management events.
	Data() bool
	// Accounts are those that get a record of it: the caller's, or the account of what it
	// acted on where the caller is of none, and the owner of what it acted on where that
	// is another and the call is recorded there too. Otherwise owner is empty.
	Accounts() (caller, owner string)
	// Events are the records, made anew for everyone who asks: one, or one for each account.
	Events() []*trail.Event
	// Size is how many bytes it takes, without its piece.
	Size() int
	// Piece is what it shares with others.
	Piece() *trail.Piece
}
