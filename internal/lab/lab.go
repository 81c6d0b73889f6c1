// Package lab runs the exercises of package learn on a Runtime: it makes what an exercise
// begins with, checks whether its goal is reached, and removes everything again.
//
// Checks are made on a copy of the state (package trial), so that they change nothing,
// record nothing and send nothing. They ask for behavior: the calls that must succeed and
// those that must not, and not how that was brought about. What a learner has left in
// queues is not in their way.
//
// The state has a record of the exercise that is under way and of what was made for it.
// That is what a later removal deletes, with what the exercise asks the learner to create,
// and nothing else. A key behind an alias that the learner was asked to make is deleted
// where it was made since the start.
package lab

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/waxseal/waxseal/internal/fixture"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/learn"
)

// record is the exercise that is under way.
type record struct {
	Exercise string
	Started  time.Time
	Made     []fixture.Resource
	// Makes is what the learner was asked to create.
	Makes []learn.Resource
}

// changing is held by whoever starts or removes an exercise: that is several transactions,
// and between them the record does not say all that there is.
var changing sync.Mutex

// recordKey is where the state has the record.
const recordKey = "lab\x00exercise"

func (r *record) put(tx store.Tx) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	tx.Put(recordKey, text)
	return nil
}

// current is the record of the exercise that is under way; nil: none is.
func current(ctx context.Context, rt *runtime.Runtime) (found *record, err error) {
	err = rt.Config().Engine.View(ctx, func(r store.Reader) error {
		found = nil
		text := r.Get(recordKey)
		if text == nil {
			return nil
		}
		found = new(record)
		return json.Unmarshal(text, found)
	})
	return found, err
}

// Current is the name of the exercise that is under way; empty: none is.
func Current(ctx context.Context, rt *runtime.Runtime) (string, error) {
	r, err := current(ctx, rt)
	if r == nil {
		return "", err
	}
	return r.Exercise, err
}
