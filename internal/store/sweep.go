package store

import "context"

// SweepSize is how many keys one transaction of a sweep writes at the most: few
// enough that nobody waits long for it.
const SweepSize = 250

// Sweep deletes what is no longer reachable, in transactions that are short: it
// runs slice in one Update after the other until slice reports that there is no
// more. What marks the leftovers is stored with what made them unreachable, so
// that a sweep which ends with ctx, or with the process, is taken up again.
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

// DeleteSome deletes the first keys with the prefix, up to limit of them, which is
// more than 0, and answers how many it deleted.
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
