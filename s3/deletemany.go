package s3

import (
	"context"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

func (in *DeleteObjectsInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// maxDeleted is how many objects one call deletes at most [S080].
const maxDeleted = 1000

// manyDeleted is what DeleteObjects works on.
type manyDeleted struct {
	bucket *bucket
	// refused are why objects of the input may not be deleted, by their places in it.
	refused map[int]*api.Error
}

// deleteObjectsChecks is what must be allowed to delete objects: each by itself, and one
// that may not be deleted does not keep the others [S228].
func (s *Service) deleteObjectsChecks(ctx context.Context, in *DeleteObjectsInput) ([]api.Check, *manyDeleted, error) {
	b, err := s.findBucket(ctx, in.Bucket, in.ExpectedBucketOwner)
	if err != nil {
		return nil, nil, err
	}
	if err := in.check(); err != nil {
		return nil, nil, err
	}
	many := &manyDeleted{b, map[int]*api.Error{}}
	var checks []api.Check
	for i := range in.Delete.Objects {
		id := &in.Delete.Objects[i]
		checks = append(checks, api.Check{
			Action: versionAction(id.VersionId, "s3:DeleteObject", "s3:DeleteObjectVersion"),
			Target: s.objectTarget(b, id.Key, nil, id),
			Denied: func(e *api.Error) { many.refused[i] = e },
		})
	}
	return checks, many, nil
}

func (in *DeleteObjectsInput) check() error {
	switch {
	case in.ContentMD5 == "" && !in.hasChecksum():
		return ErrInvalidRequest.With("Missing required header for this request: Content-MD5 OR x-amz-checksum-*") // [S080]
	case in.Delete == nil || len(in.Delete.Objects) == 0 || len(in.Delete.Objects) > maxDeleted:
		return ErrMalformedXML
	}
	for _, id := range in.Delete.Objects {
		if id.Key == "" {
			return ErrMalformedXML
		}
	}
	return nil
}

// hasChecksum reports whether there is a checksum among the headers that are called so.
func (in *DeleteObjectsInput) hasChecksum() bool {
	return slices.ContainsFunc(checksumAlgorithms, func(algorithm string) bool { return in.Checksums[strings.ToLower(algorithm)] != "" })
}

// DeleteObjects deletes objects, and says of each what became of it.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html.
func (s *Service) DeleteObjects(ctx context.Context, in *DeleteObjectsInput) (*DeleteObjectsOutput, error) {
	return api.DoChecks(ctx, in, s.deleteObjectsChecks, s.deleteObjects)
}

func (s *Service) deleteObjects(ctx context.Context, many *manyDeleted, in *DeleteObjectsInput) (*DeleteObjectsOutput, error) {
	if in.BypassGovernanceRetention != nil {
		return nil, errNoLockToBypass
	}
	out := &DeleteObjectsOutput{}
	for first := 0; first < len(in.Delete.Objects); first += deletedAtOnce {
		last := min(first+deletedAtOnce, len(in.Delete.Objects))
		results, err := s.deleteSome(ctx, many, in.Delete.Objects[first:last], first)
		if err != nil {
			return nil, err
		}
		s.outbox.Committed()
		for i, r := range results {
			out.add(&in.Delete.Objects[first+i], r, isTrue(in.Delete.Quiet))
		}
	}
	s.blobs.signal()
	return out, nil
}

// deletedAtOnce is how many objects one transaction deletes at most.
const deletedAtOnce = 50

// deletedOne is what became of one of the objects: failed says why it was not deleted.
type deletedOne struct {
	deletion
	failed *api.Error
}

// deleteSome deletes some of the objects of a call, of which the first has a place in the input.
func (s *Service) deleteSome(ctx context.Context, many *manyDeleted, ids []ObjectIdentifier, first int) ([]deletedOne, error) {
	secret, err := s.versions.secret(ctx)
	if err != nil {
		return nil, err
	}
	asked, refused := make([]*deleting, len(ids)), make([]*api.Error, len(ids))
	for i := range ids {
		if refused[i] = many.refused[first+i]; refused[i] == nil {
			asked[i], refused[i] = s.deletingOne(ctx, &ids[i])
		}
	}
	var results []deletedOne
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		b, err := s.present(tx, many.bucket)
		if err != nil {
			return err
		}
		results = make([]deletedOne, len(ids))
		for i := range ids {
			if results[i].failed = refused[i]; refused[i] != nil {
				continue
			}
			d, err := s.deleteIn(ctx, tx, b, asked[i], secret)
			if results[i].deletion = d; err != nil {
				results[i].failed = api.AsError(err)
			}
		}
		return nil
	})
	return results, err
}

// deletingOne is one of the objects as it is to be deleted, or why it cannot be [S079] [S073].
func (s *Service) deletingOne(ctx context.Context, id *ObjectIdentifier) (*deleting, *api.Error) {
	switch {
	case !id.LastModifiedTime.IsZero():
		return nil, notImplemented("x-amz-if-match-last-modified-time", "")
	case id.Size != nil:
		return nil, notImplemented("x-amz-if-match-size", "")
	}
	w, err := s.readVersion(ctx, id.VersionId)
	if err != nil {
		if e := api.AsError(err); e.Code != ErrInvalidArgument.Code {
			return nil, e
		}
		return nil, ErrNoSuchVersion
	}
	return &deleting{id.Key, w, optional(id.ETag), s.sequence.next()}, nil
}

// add says what became of one of the objects [S078] [S168].
func (out *DeleteObjectsOutput) add(id *ObjectIdentifier, r deletedOne, quiet bool) {
	version := ""
	if id.VersionId != nil {
		version = *id.VersionId
	}
	switch {
	case r.failed != nil:
		out.Errors = append(out.Errors, Error{Key: id.Key, VersionId: version, Code: r.failed.Code, Message: r.failed.Message})
	case !quiet:
		deleted := DeletedObject{Key: id.Key, VersionId: version}
		if r.marker {
			deleted.DeleteMarker, deleted.DeleteMarkerVersionId = &r.marker, r.version
		}
		out.Deleted = append(out.Deleted, deleted)
	}
}
