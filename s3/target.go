package s3

import (
	"context"
	"strconv"
	"unicode/utf8"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// located is an input that names a bucket, and perhaps whose it is thought to be.
type located interface {
	place() (bucket, expectedOwner string)
}

// findBucket finds the bucket of a name for the request of ctx. A bucket that does not
// exist is told to everybody: its name is nobody's, so that no policy speaks of it.
func (s *Service) findBucket(ctx context.Context, name, expectedOwner string) (*bucket, error) {
	b, err := s.findAnywhere(ctx, name, expectedOwner)
	if err != nil {
		return nil, err
	}
	if elsewhere(api.RequestFrom(ctx), b) {
		return nil, ErrPermanentRedirect.Detailed("Endpoint", b.Name+".s3."+b.Region+".amazonaws.com").
			Detailed("Bucket", b.Name).WithHeader("x-amz-bucket-region", b.Region) // [S048]
	}
	return b, nil
}

// findAnywhere finds a bucket also where the request is for another region.
func (s *Service) findAnywhere(ctx context.Context, name, expectedOwner string) (b *bucket, err error) {
	if expectedOwner != "" && !arn.IsAccountID(expectedOwner) {
		return nil, ErrInvalidBucketOwner.Withf("The value of the expected bucket owner parameter must be an AWS Account ID... [%s]", expectedOwner) // [S015]
	}
	err = s.engine.View(ctx, func(r store.Reader) error {
		b = s.buckets.Get(r, name)
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case b == nil && !validName(name):
		return nil, ErrInvalidBucketName.Detailed("BucketName", name)
	case b == nil:
		return nil, noSuchBucket(name)
	case expectedOwner != "" && expectedOwner != b.Account:
		return nil, ErrAccessDenied // [S016]
	}
	return b, nil
}

// elsewhere reports whether a request is signed for another region than the bucket's.
// Nobody's requests are signed, Version 2 signs for no region, and services know where the
// bucket is.
func elsewhere(r *api.Request, b *bucket) bool {
	if r.Auth != nil && r.Auth.Version == "AWS" {
		return false
	}
	return r.Region != b.Region && r.Region != "" && r.Direct() && r.Caller.Type != policyeval.Anonymous
}

// onBucket resolves an input to the bucket that it names.
func onBucket[In located](s *Service) func(context.Context, In) (api.Target, *bucket, error) {
	return func(ctx context.Context, in In) (api.Target, *bucket, error) {
		return s.resolveBucket(ctx, in)
	}
}

func (s *Service) resolveBucket(ctx context.Context, in located) (api.Target, *bucket, error) {
	name, owner := in.place()
	b, err := s.findBucket(ctx, name, owner)
	if err != nil {
		return api.Target{}, nil, err
	}
	return s.bucketTarget(b, in), b, nil
}

// bucketTarget is a bucket as policies see it in the call of an input.
func (s *Service) bucketTarget(b *bucket, in any) api.Target {
	return api.Target{ARN: b.arn(), Account: b.Account, Policy: b.policy, Block: b.block(), Tags: b.deciding(), KeysOf: b.keys(nil, in)}
}

// objectTarget is an object as policies see it in the call of an input; o is nil where it
// does not exist.
func (s *Service) objectTarget(b *bucket, key string, o *object, in any) api.Target {
	return api.Target{ARN: b.objectARN(key), Account: b.Account, Policy: b.policy, Block: b.block(), Tags: b.deciding(), KeysOf: b.keys(o, in)}
}

// anything is the target of ListBuckets [S222].
func anything[In any](ctx context.Context, _ In) (api.Target, error) {
	return api.Target{ARN: "*", Account: api.RequestFrom(ctx).Account}, nil
}

// createBucketChecks is what must be allowed to make a bucket [S222] [S223].
func (s *Service) createBucketChecks(ctx context.Context, in *CreateBucketInput) ([]api.Check, error) {
	r := api.RequestFrom(ctx)
	target := api.Target{
		ARN: bucketARN(r.Region, in.Bucket), Account: r.Account,
		KeysOf: func(c *policyeval.Context, action string) { in.conditionKeys(c, action, r.Account) },
	}
	acl := in.acl()
	checks := []api.Check{{Action: "s3:CreateBucket", Target: target}}
	for _, needed := range []struct {
		action string
		asked  bool
	}{
		{"s3:PutBucketAcl", acl.asked()},
		{"s3:PutBucketOwnershipControls", in.ObjectOwnership != nil},
		{"s3:PutBucketObjectLockConfiguration", isTrue(in.ObjectLockEnabledForBucket)},
		{"s3:PutBucketVersioning", isTrue(in.ObjectLockEnabledForBucket)},
		{"s3:TagResource", len(in.tags()) > 0},
	} {
		if needed.asked {
			checks = append(checks, api.Check{Action: needed.action, Target: target})
		}
	}
	return checks, nil
}

// maxKey is how many bytes a key has at most [S076].
const maxKey = 1024

// checkKey refuses a key that no object can have.
func checkKey(key string) error {
	if !utf8.ValidString(key) {
		return ErrInvalidURI
	}
	if len(key) > maxKey {
		return ErrKeyTooLong.Detailed("Size", strconv.Itoa(len(key))).Detailed("MaxSizeAllowed", strconv.Itoa(maxKey)) // [S019]
	}
	return nil
}

// spot is where an object is, or is not: what a call on an object works on.
type spot struct {
	bucket *bucket
	key    string
	// object is the version that was found, or a delete marker; nil: there is none.
	object *object
}

// wanted is which version of a key a call means: the current one, unless id is not nil.
type wanted struct {
	id    *string
	order order // of the version of the id, unless that is null
}

// readVersion refuses a version id that S3 never made [S008].
func (s *Service) readVersion(ctx context.Context, id *string) (wanted, error) {
	switch {
	case id == nil || *id == nullVersion:
		return wanted{id: id}, nil
	case *id == "":
		return wanted{}, badArgument("Version id cannot be the empty string", "versionId", "")
	}
	secret, err := s.versions.secret(ctx)
	if err != nil {
		return wanted{}, err
	}
	o, ok := readVersionID(secret, *id)
	if !ok {
		return wanted{}, badArgument("Invalid version id specified", "versionId", *id)
	}
	return wanted{id, o}, nil
}

// find is the version of a key that a call means, which may be a delete marker; nil:
// there is none.
func (s *Service) find(r store.Reader, b *bucket, key string, w wanted) *object {
	o := w.order
	switch {
	case w.id == nil:
		return s.newest(r, b, key)
	case *w.id == nullVersion:
		stored := r.Get(b.nullKey(key))
		if stored == nil {
			return nil
		}
		o = order(stored)
	}
	return s.objects.Get(r, b.versionKey(key, o))
}

// newest is the current version of a key, which may be a delete marker; nil: there is none.
func (s *Service) newest(r store.Reader, b *bucket, key string) *object {
	for _, o := range s.objects.Scan(r, b.versionsOf(key), "", 1) {
		return o
	}
	return nil
}

// versionAction is an action on an object, or the action on one of its versions that
// stands in its place where a version is named [S224].
func versionAction(version *string, action, versionAction string) string {
	if version != nil {
		return versionAction
	}
	return action
}

// readChecks resolves a call that reads an object [S224]. One that is not there is told
// only to those who may list the bucket [S225].
func (s *Service) readChecks(ctx context.Context, in located, key string, version *string, actions ...string) ([]api.Check, *spot, error) {
	at, err := s.findObject(ctx, in, key, version)
	if err != nil {
		return nil, nil, err
	}
	return s.checksAt(at, in, version, at.missing(version), actions...), at, nil
}

// changeChecks resolves a call that changes what is said of an object. Of a delete marker
// nothing can be said, which is told also where it is the current version [S167].
func (s *Service) changeChecks(ctx context.Context, in located, key string, version *string, action string) ([]api.Check, *spot, error) {
	at, err := s.findObject(ctx, in, key, version)
	if err != nil {
		return nil, nil, err
	}
	missing := at.missing(version)
	if at.object != nil {
		missing = nil
	}
	return s.checksAt(at, in, version, missing, action), at, nil
}

// checksAt are the checks of a call on an object, of which missing says why it is not there.
func (s *Service) checksAt(at *spot, in any, version *string, missing *api.Error, actions ...string) (checks []api.Check) {
	for _, action := range actions {
		checks = append(checks, api.Check{Action: action, Target: s.objectTarget(at.bucket, at.key, at.object, in)})
	}
	if missing != nil {
		listing := s.bucketTarget(at.bucket, nil)
		listing.Missing = missing
		checks = append(checks, api.Check{Action: versionAction(version, "s3:ListBucket", "s3:ListBucketVersions"), Target: listing})
	}
	return checks
}

// findObject finds the object of a call.
func (s *Service) findObject(ctx context.Context, in located, key string, version *string) (*spot, error) {
	name, owner := in.place()
	b, err := s.findBucket(ctx, name, owner)
	if err != nil {
		return nil, err
	}
	return s.findIn(ctx, b, key, version)
}

func (s *Service) findIn(ctx context.Context, b *bucket, key string, version *string) (*spot, error) {
	w, err := s.readVersion(ctx, version)
	if err != nil {
		return nil, err
	}
	at := &spot{bucket: b, key: key}
	err = s.engine.View(ctx, func(r store.Reader) error {
		at.object = s.find(r, b, key, w)
		return nil
	})
	return at, err
}

// missing is the error for an object that is not there to be read; nil: it is, or it is
// a delete marker that the call names.
func (at *spot) missing(version *string) *api.Error {
	switch o := at.object; {
	case o == nil && version != nil:
		return noSuchVersion(at.key, *version)
	case o == nil:
		return noSuchKey(at.key)
	case o.Marker && version == nil:
		return noSuchKey(at.key).WithHeader("x-amz-delete-marker", "true").WithHeader("x-amz-version-id", o.VersionID) // [S166]
	default:
		return nil
	}
}

// isMarker is the error for a call that takes a delete marker for an object [S166].
func (o *object) isMarker(method string) *api.Error {
	return ErrMethodNotAllowed.Detailed("Method", method).Detailed("ResourceType", "DeleteMarker").
		WithHeader("Allow", "DELETE").WithHeader("x-amz-delete-marker", "true").WithHeader("x-amz-version-id", o.VersionID)
}

func isTrue(b *bool) bool { return b != nil && *b }

// exists reports whether there is a bucket: a host can mean one, or this machine.
func (s *Service) exists(name string) (exists bool) {
	_ = s.engine.View(s.done, func(r store.Reader) error { // an engine that fails fails the call, too
		exists = s.buckets.Get(r, name) != nil
		return nil
	})
	return exists
}
