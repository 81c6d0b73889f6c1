package s3

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/store"
)

// sweepForever deletes what is loose when the service begins, which is what a killed
// process left behind, and whatever becomes loose.
func (s *Service) sweepForever() {
	for {
		if err := s.sweep(s.done); err != nil && s.done.Err() == nil {
			s.log.Error("what S3 does not need any more was not deleted", "cause", err)
		}
		select {
		case <-s.blobs.wake:
		case <-s.done.Done():
			return
		}
	}
}

// sweep deletes what is loose, but for what is being written or read: that is looked at
// again when it is let go.
func (s *Service) sweep(ctx context.Context) error {
	for after := loosePrefix; ; {
		thing, found, err := s.looseAfter(ctx, after)
		if err != nil || !found {
			return err
		}
		after = thing + "\x00"
		kind, id := thing[len(loosePrefix):len(loosePrefix)+1], thing[len(loosePrefix)+1:]
		if !s.blobs.claim(id) {
			continue
		}
		err = s.sweepOne(ctx, kind, id)
		s.blobs.unclaim()
		if err != nil {
			return err
		}
	}
}

// looseAfter is the first loose thing from a key on.
func (s *Service) looseAfter(ctx context.Context, from string) (thing string, found bool, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		found = false
		for thing = range r.Scan(loosePrefix, from, 1) {
			found = true
		}
		return nil
	})
	return thing, found, err
}

// sweptChunks is how many pieces one transaction deletes: their values count, too.
const sweptChunks = 4

// sweepOne deletes a loose thing: last the mark that it is loose, so that a sweep that ends
// early goes on the next time.
func (s *Service) sweepOne(ctx context.Context, kind, id string) error {
	ids := []string{id}
	if kind == looseManifest {
		var err error
		if ids, err = s.blobsOf(ctx, id); err != nil {
			return err
		}
	}
	for _, blob := range ids {
		err := store.Sweep(ctx, s.engine, func(tx store.Tx) bool {
			return s.isLoose(tx, kind, id) && store.DeleteSome(tx, chunkPrefix+blob+"\x00", sweptChunks) > 0
		})
		if err != nil {
			return err
		}
	}
	return s.engine.Update(ctx, func(tx store.Tx) error {
		if s.isLoose(tx, kind, id) {
			s.manifests.Delete(tx, id)
			tx.Delete(looseKey(kind, id))
		}
		return nil
	})
}

// isLoose reports whether no record names a thing still.
func (s *Service) isLoose(r store.Reader, kind, id string) bool {
	return r.Get(looseKey(kind, id)) != nil
}

// blobsOf are the blobs of a manifest.
func (s *Service) blobsOf(ctx context.Context, id string) (ids []string, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		ids = nil
		if m := s.manifests.Get(r, id); m != nil {
			for _, p := range m.Parts {
				ids = append(ids, strings.Clone(p.Blob))
			}
		}
		return nil
	})
	return ids, err
}
