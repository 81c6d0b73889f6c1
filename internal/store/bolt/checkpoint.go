package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"iter"

	"go.etcd.io/bbolt"
)

// markKey has the mark of the last checkpoint.
var markKey = []byte("mark")

// fill is how full the pages get that a checkpoint splits. It writes many keys in their
// order, and most of them are followed by greater ones.
const fill = 0.9

// Checkpoint clears the state where it is told to, puts what writes yields and deletes
// the keys that it yields with a nil value, and notes mark, all in one transaction. It
// changes no byte of what is yielded, and keeps none.
func (e *Engine) Checkpoint(cleared bool, writes iter.Seq2[[]byte, []byte], mark []byte) error {
	err := e.db.Update(func(tx *bbolt.Tx) error {
		if cleared {
			if err := putAside(tx); err != nil {
				return err
			}
		}
		if err := writeAll(tx.Bucket(stateBucket), writes); err != nil {
			return err
		}
		meta := tx.Bucket(metaBucket)
		if err := meta.Put(schemaKey, binary.BigEndian.AppendUint32(nil, Schema)); err != nil {
			return err
		}
		return meta.Put(markKey, mark)
	})
	if err != nil {
		return fmt.Errorf("store: checkpoint: %w", err)
	}
	if cleared {
		e.wakeSweep()
	}
	return nil
}

func writeAll(state *bbolt.Bucket, writes iter.Seq2[[]byte, []byte]) (err error) {
	state.FillPercent = fill
	for key, value := range writes {
		if value == nil {
			err = state.Delete(key)
		} else {
			err = state.Put(key, value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Mark is the mark of the last checkpoint; nil: there was none.
func (e *Engine) Mark() (mark []byte) {
	_ = e.db.View(func(btx *bbolt.Tx) error { // fails only where the file is closed
		mark = bytes.Clone(btx.Bucket(metaBucket).Get(markKey))
		return nil
	})
	return mark
}
