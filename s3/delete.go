package s3

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

func (in *DeleteObjectInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// deleteObjectChecks is what must be allowed to delete an object [S228].
func (s *Service) deleteObjectChecks(ctx context.Context, in *DeleteObjectInput) ([]api.Check, *bucket, error) {
	b, err := s.findBucket(ctx, in.Bucket, in.ExpectedBucketOwner)
	if err != nil {
		return nil, nil, err
	}
	if _, err := s.readVersion(ctx, in.VersionId); err != nil {
		return nil, nil, err
	}
	return []api.Check{{
		Action: versionAction(in.VersionId, "s3:DeleteObject", "s3:DeleteObjectVersion"),
		Target: s.objectTarget(b, in.Key, nil, in),
	}}, b, nil
}

// DeleteObject deletes an object. In a bucket with versions it deletes the version that
// is named, and makes a delete marker where none is.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html.
func (s *Service) DeleteObject(ctx context.Context, in *DeleteObjectInput) (*DeleteObjectOutput, error) {
	return api.DoChecks(ctx, in, s.deleteObjectChecks, s.deleteObject)
}

func (s *Service) deleteObject(ctx context.Context, b *bucket, in *DeleteObjectInput) (*DeleteObjectOutput, error) {
	switch { // [S073]
	case in.BypassGovernanceRetention != nil:
		return nil, errNoLockToBypass
	case !in.IfMatchLastModifiedTime.IsZero():
		return nil, notImplemented("x-amz-if-match-last-modified-time", "")
	case in.IfMatchSize != nil:
		return nil, notImplemented("x-amz-if-match-size", "")
	}
	w, err := s.readVersion(ctx, in.VersionId)
	if err != nil {
		return nil, err
	}
	d, err := s.delete(ctx, b, in.Key, w, in.IfMatch)
	if err != nil {
		return nil, err
	}
	out := &DeleteObjectOutput{VersionId: d.version}
	if d.marker {
		out.DeleteMarker = &d.marker
	}
	return out, nil
}

// errNoLockToBypass is the error for a deletion that is to pass over a lock, whether it says that
// it is or that it is not [S350].
var errNoLockToBypass = ErrInvalidArgument.With("x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.").
	Detailed("ArgumentName", "x-amz-bypass-governance-retention")

// deletion is what became of the deletion of a key.
type deletion struct {
	// version is the one that was deleted, or of the marker that was made; empty: the
	// bucket never had versions.
	version string
	// marker: it is that of a delete marker.
	marker bool
}

// deleting is a key that is to be deleted.
type deleting struct {
	key     string
	version wanted
	ifMatch *string
	// sequence is a number that the sequencer made.
	sequence uint64
}

// delete deletes a version of a key, or what stands for the key where none is named.
func (s *Service) delete(ctx context.Context, b *bucket, key string, w wanted, ifMatch *string) (d deletion, err error) {
	secret, err := s.versions.secret(ctx)
	if err != nil {
		return d, err
	}
	what := &deleting{key, w, ifMatch, s.sequence.next()}
	err = s.engine.Update(ctx, func(tx store.Tx) (err error) {
		if err := confirm(tx, b); err != nil {
			return err
		}
		d, err = s.deleteIn(ctx, tx, b, what, secret)
		return err
	})
	if err == nil {
		s.blobs.signal()
		s.outbox.Committed()
	}
	return d, err
}

// deleteIn deletes what delete does, in a transaction. It is no error if there is nothing
// [S077] [S164].
func (s *Service) deleteIn(ctx context.Context, tx store.Tx, b *bucket, what *deleting, secret []byte) (d deletion, err error) {
	there := s.find(tx, b, what.key, what.version)
	if what.ifMatch != nil && (there == nil || there.Marker || !matches(*what.ifMatch, there.ETag)) {
		return d, preconditionFailed("If-Match")
	}
	named := what.version.id
	if named == nil && b.versioned() {
		return s.mark(ctx, tx, b, what.key, what.sequence, secret), nil
	}
	if named != nil && b.versioned() {
		d.version = *named
	}
	switch {
	case there != nil:
		d.marker = there.Marker
		s.remove(ctx, tx, b, there, what.sequence)
	case named == nil: // it is told all the same [S310]
		absent := &object{Key: what.key, VersionID: nullVersion}
		s.happened(ctx, tx, &change{event: removedDelete, bucket: b, object: absent, sequence: s.after(tx, b, what.key, what.sequence), at: s.now()})
	}
	return d, nil
}

// mark makes a delete marker the newest version of a key [S163] [S165].
func (s *Service) mark(ctx context.Context, tx store.Tx, b *bucket, key string, sequence uint64, secret []byte) deletion {
	marker := &object{Key: key, Marker: true, Modified: s.now()}
	s.putVersion(tx, b, marker, s.after(tx, b, key, sequence), secret)
	s.happened(ctx, tx, &change{event: removedMarker, bucket: b, object: marker, sequence: marker.Order.sequence(), at: marker.Modified})
	return deletion{version: marker.VersionID, marker: true}
}

// remove deletes a version of a key for good. The version before it is the current one
// then, if it was that.
func (s *Service) remove(ctx context.Context, tx store.Tx, b *bucket, o *object, sequence uint64) {
	sequence = s.after(tx, b, o.Key, sequence)
	s.objects.Delete(tx, b.versionKey(o.Key, o.Order))
	o.loosen(tx)
	if o.VersionID == nullVersion {
		tx.Delete(b.nullKey(o.Key))
	}
	if newest := s.newest(tx, b, o.Key); newest == nil || newest.Marker {
		s.unlist(tx, b, o.Key)
	} else {
		tx.Put(b.liveKey(o.Key), []byte(newest.Order))
	}
	s.happened(ctx, tx, &change{event: removedDelete, bucket: b, object: o, sequence: sequence, at: s.now()})
}
