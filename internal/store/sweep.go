package store

import "context"

// SweepSize is how many keys one transaction of a sweep writes at most: few
// enough that other transactions do not wait long.
const SweepSize = 250

// Sweep deletes what is no longer reachable, in transactions that are short: it
// runs slice in one Update after the other until slice reports that there is no
// more. The transaction that makes records unreachable also stores a mark for
// the sweep, so that a sweep that ends with ctx, or with the process, can be
// continued.
func Sweep(ctx context.Context, e Engine, slice func(Tx) (more bool)) error {
	for more := true; more; {
		err := e.Update(ctx, func(tx Tx) error {
			more = slice(tx)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// DeleteSome deletes the first keys with the prefix, at most limit (which must be
// greater than 0), and returns how many it deleted.
func DeleteSome(tx Tx, prefix string, limit int) int {
	keys := make([]string, 0, min(limit, SweepSize))
	for key := range tx.Scan(prefix, "", limit) {
		keys = append(keys, key)
	}
	for _, key := range keys {
		tx.Delete(key)
	}
	return len(keys)
}
