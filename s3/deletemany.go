package s3

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
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
	case in.ContentMD5 == "" && len(in.Checksums) == 0:
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

// DeleteObjects deletes objects, and says of each what became of it.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html.
func (s *Service) DeleteObjects(ctx context.Context, in *DeleteObjectsInput) (*DeleteObjectsOutput, error) {
	return api.DoChecks(ctx, in, s.deleteObjectsChecks, s.deleteObjects)
}

func (s *Service) deleteObjects(ctx context.Context, many *manyDeleted, in *DeleteObjectsInput) (*DeleteObjectsOutput, error) {
	out := &DeleteObjectsOutput{}
	for i := range in.Delete.Objects {
		id := &in.Delete.Objects[i]
		deleted, err := DeletedObject{}, error(nil)
		if refused := many.refused[i]; refused != nil {
			err = refused
		} else {
			deleted, err = s.deleteOne(ctx, many.bucket, id)
		}
		switch {
		case err != nil:
			e := api.AsError(err)
			if e.HTTPStatus() >= 500 && e.Code != ErrNotImplemented.Code {
				return nil, err
			}
			failed := Error{Key: id.Key, Code: e.Code, Message: e.Message}
			if id.VersionId != nil {
				failed.VersionId = *id.VersionId
			}
			out.Errors = append(out.Errors, failed)
		case !isTrue(in.Delete.Quiet):
			out.Deleted = append(out.Deleted, deleted)
		}
	}
	return out, nil
}

// deleteOne deletes one of many objects [S078] [S079] [S168].
func (s *Service) deleteOne(ctx context.Context, b *bucket, id *ObjectIdentifier) (DeletedObject, error) {
	switch { // [S073]
	case !id.LastModifiedTime.IsZero():
		return DeletedObject{}, notImplemented("x-amz-if-match-last-modified-time", "")
	case id.Size != nil:
		return DeletedObject{}, notImplemented("x-amz-if-match-size", "")
	}
	w, err := s.readVersion(ctx, id.VersionId)
	if err != nil {
		if api.AsError(err).Code == ErrInvalidArgument.Code {
			err = ErrNoSuchVersion
		}
		return DeletedObject{}, err
	}
	var ifMatch *string
	if id.ETag != "" {
		ifMatch = &id.ETag
	}
	d, err := s.delete(ctx, b, id.Key, w, ifMatch, false)
	if err != nil {
		return DeletedObject{}, err
	}
	deleted := DeletedObject{Key: id.Key}
	if id.VersionId != nil {
		deleted.VersionId = *id.VersionId
	}
	if d.marker {
		deleted.DeleteMarker, deleted.DeleteMarkerVersionId = &d.marker, d.version
	}
	return deleted, nil
}
