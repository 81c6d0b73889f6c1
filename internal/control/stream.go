package control

import (
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
)

// pingEvery is how often a stream says in real time that it is alive, so that what is
// between it and its reader leaves it open.
const pingEvery = 15 * time.Second

// event is one server-sent event.
type event struct {
	id   uint64 // 0: it has none
	data any
}

// stream sends server-sent events until the reader goes away or done is closed: what more
// has yet to be sent, now and whenever added tells that there is more. Each is made when it
// is sent: a slow reader costs no memory.
func stream(w http.ResponseWriter, r *http.Request, done, added <-chan struct{}, more iter.Seq[event]) error {
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	if gone, err := send(w, more); gone || err != nil {
		return err
	}
	ping := clock.AfterReal(pingEvery)
	for out.Flush() == nil {
		select {
		case <-added:
			if gone, err := send(w, more); gone || err != nil {
				return err
			}
		case <-ping:
			if _, err := fmt.Fprint(w, ": ping\n\n"); err != nil {
				return nil // the reader went away
			}
			ping = clock.AfterReal(pingEvery)
		case <-r.Context().Done():
			return nil
		case <-done:
			return nil
		}
	}
	return nil
}

// entries are those of a log, as [trail.Log.After] tells them.
type entries[T any] interface {
	After(n uint64, most int) ([]T, uint64)
}

// since yields what is made of the entries of a log after the one numbered sent: those that
// there are when it is called, and each only once.
func since[T any](log entries[T], sent uint64, events func(T) iter.Seq[event]) iter.Seq[event] {
	const piece = 256 // so much of what the log drops meanwhile is held for a slow reader
	return func(yield func(event) bool) {
		for {
			var list []T
			if list, sent = log.After(sent, piece); len(list) == 0 {
				return
			}
			for _, entry := range list {
				for e := range events(entry) {
					if !yield(e) {
						return
					}
				}
			}
		}
	}
}

// send writes events. gone: the reader went away.
func send(w http.ResponseWriter, events iter.Seq[event]) (gone bool, err error) {
	for e := range events {
		body, err := json.Marshal(e.data)
		if err != nil {
			return false, err
		}
		id := ""
		if e.id > 0 {
			id = fmt.Sprintf("id: %d\n", e.id)
		}
		if _, err := fmt.Fprintf(w, "data: %s\n%s\n", body, id); err != nil {
			return true, nil
		}
	}
	return false, nil
}
