package record

import (
	"time"

	"github.com/waxseal/waxseal/internal/trail"
)

// instance is what a request has of its own: its ids and its time.
type instance struct {
	id, origin trail.ID
	at         trail.Moment
}

func instanceOf(id, origin string, at time.Time) instance {
	return instance{trail.IDOf(id), trail.IDOf(origin), trail.MomentOf(at)}
}

// of reports whether it is the request with that id, or made in the course of that.
func (i *instance) of(id trail.ID) bool { return i.id.Is(id) || i.origin.Is(id) }

func (i *instance) size() int { return i.id.Size() + i.origin.Size() }
