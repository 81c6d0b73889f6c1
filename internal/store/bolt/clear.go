package bolt

import (
	"context"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// clearedBucket has the states that were cleared and are not swept yet, each in a
// bucket named by its number. Earlier versions ignore it.
var clearedBucket = []byte("cleared")

// sweepSize is how many keys of a cleared state one transaction deletes.
const sweepSize = 1000

// Clear implements store.Engine. It moves the whole state aside, which takes
// the same time for a large one, and has it deleted in small steps.
func (e *Engine) Clear(ctx context.Context) error {
	if err := e.enter(ctx); err != nil {
		return err
	}
	defer e.open.RUnlock()
	if err := e.db.Update(putAside); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	e.wakeSweep()
	return nil
}

func (e *Engine) wakeSweep() {
	select {
	case e.cleared <- struct{}{}:
	default: // the sweep is to begin anyway
	}
}

// putAside moves the state to those that are to be swept, and begins an empty one.
func putAside(tx *bbolt.Tx) error {
	all, err := tx.CreateBucketIfNotExists(clearedBucket)
	if err != nil {
		return err
	}
	n, err := all.NextSequence()
	if err != nil {
		return err
	}
	aside, err := all.CreateBucket(binary.BigEndian.AppendUint64(nil, n))
	if err != nil {
		return err
	}
	if err := tx.MoveBucket(stateBucket, nil, aside); err != nil {
		return err
	}
	_, err = tx.CreateBucket(stateBucket)
	return err
}

// sweepLoop sweeps what was cleared until the engine is closed. What a sweep that
// fails leaves behind is swept after the next Clear or start.
func (e *Engine) sweepLoop() {
	for {
		for more, err := true, error(nil); more && err == nil; {
			select {
			case <-e.closing:
				return
			default:
				more, err = e.sweep()
			}
		}
		select {
		case <-e.closing:
			return
		case <-e.cleared:
		}
	}
}

// sweep deletes some of what was cleared. It reports whether there may be more.
func (e *Engine) sweep() (more bool, err error) {
	if !e.anythingCleared() {
		return false, nil
	}
	err = e.db.Update(func(tx *bbolt.Tx) error {
		all := tx.Bucket(clearedBucket)
		number, _ := all.Cursor().First()
		if number == nil {
			return nil
		}
		more = true
		state := all.Bucket(number).Bucket(stateBucket)
		if deleted, err := deleteSome(state); deleted == sweepSize || err != nil {
			return err
		}
		return all.DeleteBucket(number)
	})
	return more, err
}

func (e *Engine) anythingCleared() (found bool) {
	_ = e.db.View(func(tx *bbolt.Tx) error { // fails only where the file is closed
		if all := tx.Bucket(clearedBucket); all != nil {
			number, _ := all.Cursor().First()
			found = number != nil
		}
		return nil
	})
	return found
}

// deleteSome deletes up to sweepSize keys of a bucket, and answers how many.
func deleteSome(b *bbolt.Bucket) (int, error) {
	var keys [][]byte
	c := b.Cursor()
	for k, _ := c.First(); k != nil && len(keys) < sweepSize; k, _ = c.Next() {
		keys = append(keys, k)
	}
	for _, k := range keys {
		if err := b.Delete(k); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}
