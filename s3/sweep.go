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
	var err error
	switch kind {
	case looseBlob:
		err = s.sweepBlob(ctx, kind, id, id)
	case looseManifest:
		err = s.sweepManifest(ctx, id)
	case looseUpload, looseParts:
		err = s.sweepParts(ctx, kind, id)
	case looseBucket:
		err = s.sweepUploads(ctx, id)
	}
	if err != nil {
		return err
	}
	return s.engine.Update(ctx, func(tx store.Tx) error {
		if s.isLoose(tx, kind, id) {
			s.manifests.Delete(tx, id)
			tx.Delete(looseKey(kind, id))
		}
		return nil
	})
}

// sweepBlob deletes the pieces of a blob, which a loose thing is or has.
func (s *Service) sweepBlob(ctx context.Context, kind, id, blob string) error {
	return store.Sweep(ctx, s.engine, func(tx store.Tx) bool {
		return s.isLoose(tx, kind, id) && store.DeleteSome(tx, chunkPrefix+blob+"\x00", sweptChunks) > 0
	})
}

func (s *Service) sweepManifest(ctx context.Context, id string) error {
	blobs, err := s.blobsOf(ctx, id)
	if err != nil {
		return err
	}
	for _, blob := range blobs {
		if err := s.sweepBlob(ctx, looseManifest, id, blob); err != nil {
			return err
		}
	}
	return nil
}

// sweepParts deletes the records of an upload's parts. Those of an aborted one leave their
// blobs loose.
func (s *Service) sweepParts(ctx context.Context, kind, upload string) error {
	return store.Sweep(ctx, s.engine, func(tx store.Tx) bool {
		var keys []string
		for key, p := range s.parts.Scan(tx, upload+"\x00", "", store.SweepSize/2) {
			if kind == looseUpload && p.Blob != "" {
				tx.Put(looseKey(looseBlob, p.Blob), nil)
			}
			keys = append(keys, key)
		}
		for _, key := range keys {
			s.parts.Delete(tx, key)
		}
		return len(keys) > 0
	})
}

// sweepUploads aborts the uploads of a bucket that was deleted.
func (s *Service) sweepUploads(ctx context.Context, bucket string) error {
	return store.Sweep(ctx, s.engine, func(tx store.Tx) bool {
		var keys []string
		for key, u := range s.uploads.Scan(tx, bucket+"\x00", "", store.SweepSize/2) {
			tx.Put(looseKey(looseUpload, u.ID), nil)
			keys = append(keys, key)
		}
		for _, key := range keys {
			s.uploads.Delete(tx, key)
		}
		return len(keys) > 0
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
