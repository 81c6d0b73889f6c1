package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"

	"github.com/waxseal/waxseal/internal/store"
)

// markKey has the mark of the last checkpoint.
var markKey = []byte("mark")

// fill is how full the pages get that a checkpoint splits. It writes many keys in their
// order, and most of them are followed by greater ones.
const fill = 0.9

// Checkpoint clears the state where it is told to, runs write, and notes mark, all in one
// transaction.
func (e *Engine) Checkpoint(cleared bool, mark []byte, write func(store.Tx) error) error {
	err := e.db.Update(func(btx *bbolt.Tx) error {
		if cleared {
			if err := putAside(btx); err != nil {
				return err
			}
		}
		t := &tx{bucket: btx.Bucket(stateBucket)}
		t.bucket.FillPercent = fill
		defer t.close()
		if err := t.result(write(t)); err != nil {
			return err
		}
		meta := btx.Bucket(metaBucket)
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

// Mark is the mark of the last checkpoint; nil: there was none.
func (e *Engine) Mark() (mark []byte) {
	_ = e.db.View(func(btx *bbolt.Tx) error { // fails only where the file is closed
		mark = bytes.Clone(btx.Bucket(metaBucket).Get(markKey))
		return nil
	})
	return mark
}
