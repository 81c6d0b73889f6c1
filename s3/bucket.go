package s3

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// locationEU is how the region eu-west-1 may be called in a location constraint, too [S034].
const locationEU = "EU"

func (in *CreateBucketInput) tags() []resource.Tag {
	if in.CreateBucketConfiguration == nil {
		return nil
	}
	return tagsOf(in.CreateBucketConfiguration.Tags)
}

func (in *CreateBucketInput) location() string {
	if in.CreateBucketConfiguration == nil {
		return ""
	}
	return in.CreateBucketConfiguration.LocationConstraint
}

// acl is the ACL that a bucket is to have; that it is private says nothing.
func (in *CreateBucketInput) acl() aclAsked {
	a := aclAsked{canned: in.ACL, grants: in.GrantFullControl + in.GrantRead + in.GrantReadACP + in.GrantWrite + in.GrantWriteACP}
	if a.canned == aclPrivate {
		a.canned = ""
	}
	return a
}

// CreateBucket makes a bucket.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html.
func (s *Service) CreateBucket(ctx context.Context, in *CreateBucketInput) (*CreateBucketOutput, error) {
	r := api.RequestFrom(ctx)
	b, err := s.newBucket(r, in)
	if err != nil {
		return nil, err
	}
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		if there := s.buckets.Get(tx, b.Name); there != nil {
			return madeAgain(r, b, there)
		}
		s.buckets.Put(tx, b.Name, b)
		tx.Put(ownedKey(b.Account, b.Name), nil)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := &CreateBucketOutput{BucketArn: b.arn(), Location: "/" + b.Name}
	if b.Region != usEast1 {
		out.Location = "http://" + b.Name + ".s3.amazonaws.com/" // [S030]
	}
	return out, nil
}

// madeAgain is the answer where there is a bucket of the name already: its owner may make
// it again in us-east-1, where that changes nothing [S036]-[S039].
func madeAgain(r *api.Request, b, there *bucket) error {
	switch {
	case there.Account != b.Account:
		return ErrBucketAlreadyExists.Detailed("BucketName", b.Name)
	case r.Region == usEast1 && b.Region == usEast1 && there.Region == usEast1 && len(b.Tags) == 0:
		return nil
	default:
		return ErrBucketAlreadyOwnedByYou.Detailed("BucketName", b.Name)
	}
}

// newBucket is the bucket that an input asks for.
func (s *Service) newBucket(r *api.Request, in *CreateBucketInput) (*bucket, error) {
	if !validName(in.Bucket) {
		return nil, ErrInvalidBucketName.Detailed("BucketName", in.Bucket) // [S011]
	}
	region, err := s.regionOf(r.Region, in.location())
	if err != nil {
		return nil, err
	}
	if err := refuseBucket(in); err != nil {
		return nil, err
	}
	b := &bucket{
		Name: in.Bucket, ID: s.ids.Hex(idDigits), Account: r.Account, Region: region, Created: s.now(),
		Tags: in.tags(), Ownership: ownerEnforced, PublicAccess: blockEverything(),
	}
	if in.ObjectOwnership != nil {
		b.Ownership = *in.ObjectOwnership
	}
	if in.location() == locationEU {
		b.Location = locationEU
	}
	return b, checkBucketTags(b.Tags, func(string, string) *api.Error { return errReservedTag })
}

// errReservedTag is what a new bucket is told whose tag begins with aws: [S040].
var errReservedTag = ErrInvalidTag.With(`User-defined tag keys can't start with "aws:". This prefix is reserved for system tags. Remove "aws:" from your tag keys and try again.`)

// idDigits is the length of the ids of buckets, blobs and uploads.
const idDigits = 32

// refuseBucket refuses what a new bucket cannot be here.
func refuseBucket(in *CreateBucketInput) error {
	switch acl := in.acl(); {
	case in.ObjectOwnership != nil && !ownerships[*in.ObjectOwnership]:
		return ErrInvalidArgument.With("Invalid x-amz-object-ownership header: "+*in.ObjectOwnership).Detailed("ArgumentName", "x-amz-object-ownership") // [S187]
	case in.ACL != "" && !cannedACLs[in.ACL]:
		return badArgument("", "x-amz-acl", in.ACL) // [S020]
	case acl.asked() && (in.ObjectOwnership == nil || *in.ObjectOwnership == ownerEnforced):
		return ErrBucketAclWithOwnership
	case acl.public():
		return ErrBucketAclWithBlock // which every new bucket has [S041]
	case acl.asked():
		return notImplemented("x-amz-acl", "")
	case isTrue(in.ObjectLockEnabledForBucket):
		return notImplemented("x-amz-bucket-object-lock-enabled", "")
	case in.BucketNamespace != "" && in.BucketNamespace != "global":
		return notImplemented("x-amz-bucket-namespace", "")
	case in.CreateBucketConfiguration != nil && (in.CreateBucketConfiguration.Bucket != nil || in.CreateBucketConfiguration.Location != nil):
		return ErrInvalidRequest.With("Directory buckets are not supported.")
	}
	return nil
}

const usEast1 = "us-east-1"

// regionOf is the region of a bucket that is made at a region's endpoint with a location
// constraint [S031]-[S034].
func (s *Service) regionOf(endpoint, constraint string) (string, error) {
	named := constraint
	if named == locationEU {
		named = "eu-west-1"
	}
	switch {
	case endpoint == usEast1 && constraint == "":
		return usEast1, nil
	case endpoint == usEast1 && (named == usEast1 || !s.isRegion(named)):
		return "", ErrInvalidLocation.Detailed("LocationConstraint", constraint)
	case endpoint == usEast1:
		return named, nil
	case constraint == "":
		return "", ErrIllegalLocation.With("The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.")
	case named != endpoint:
		return "", ErrIllegalLocation.Withf("The %s location constraint is incompatible for the region specific endpoint this request was sent to.", constraint)
	default:
		return named, nil
	}
}

func (in *HeadBucketInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// headBucketTarget has those who may not know more be told where the bucket is, by which
// clients find its region [S018].
func (s *Service) headBucketTarget(ctx context.Context, in *HeadBucketInput) (api.Target, *bucket, error) {
	target, b, err := s.resolveBucket(ctx, in)
	if err == nil {
		target.Hidden = ErrAccessDenied.WithHeader("x-amz-bucket-region", b.Region)
	}
	return target, b, err
}

// HeadBucket tells whether there is a bucket, and where [S018].
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html.
func (s *Service) HeadBucket(ctx context.Context, in *HeadBucketInput) (*HeadBucketOutput, error) {
	return api.Do(ctx, in, s.headBucketTarget, s.headBucket)
}

func (s *Service) headBucket(_ context.Context, b *bucket, _ *HeadBucketInput) (*HeadBucketOutput, error) {
	return &HeadBucketOutput{BucketArn: b.arn(), BucketRegion: b.Region, AccessPointAlias: new(bool)}, nil
}

func (in *GetBucketLocationInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// getBucketLocationTarget: us-east-1 tells where a bucket is wherever that is [S138].
func (s *Service) getBucketLocationTarget(ctx context.Context, in *GetBucketLocationInput) (api.Target, *bucket, error) {
	if api.RequestFrom(ctx).Region != usEast1 {
		return s.resolveBucket(ctx, in)
	}
	b, err := s.findAnywhere(ctx, in.Bucket, in.ExpectedBucketOwner)
	if err != nil {
		return api.Target{}, nil, err
	}
	return s.bucketTarget(b, in), b, nil
}

// GetBucketLocation tells a bucket's region: nothing of one in us-east-1 [S035].
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html.
func (s *Service) GetBucketLocation(ctx context.Context, in *GetBucketLocationInput) (*GetBucketLocationOutput, error) {
	return api.Do(ctx, in, s.getBucketLocationTarget, s.getBucketLocation)
}

func (s *Service) getBucketLocation(_ context.Context, b *bucket, _ *GetBucketLocationInput) (*GetBucketLocationOutput, error) {
	switch {
	case b.Location != "":
		return &GetBucketLocationOutput{LocationConstraint: b.Location}, nil
	case b.Region == usEast1:
		return &GetBucketLocationOutput{}, nil
	default:
		return &GetBucketLocationOutput{LocationConstraint: b.Region}, nil
	}
}

func (in *DeleteBucketInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// DeleteBucket deletes a bucket that holds nothing.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html.
func (s *Service) DeleteBucket(ctx context.Context, in *DeleteBucketInput) (*DeleteBucketOutput, error) {
	return api.Do(ctx, in, onBucket[*DeleteBucketInput](s), s.deleteBucket)
}

func (s *Service) deleteBucket(ctx context.Context, b *bucket, _ *DeleteBucketInput) (*DeleteBucketOutput, error) {
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		if err := confirm(tx, b); err != nil {
			return err
		}
		for range s.objects.Scan(tx, b.ID+"\x00", "", 1) {
			return notEmpty(b)
		}
		s.buckets.Delete(tx, b.Name)
		tx.Delete(ownedKey(b.Account, b.Name))
		for range s.uploads.Scan(tx, b.ID+"\x00", "", 1) {
			tx.Put(looseKey(looseBucket, b.ID), nil)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.blobs.signal()
	s.bucketKeys.Forget(b.ID)
	return &DeleteBucketOutput{}, nil
}

// notEmpty is the error for the deletion of a bucket that holds something [S043].
func notEmpty(b *bucket) *api.Error {
	e := ErrBucketNotEmpty
	if b.versioned() {
		e = e.With(e.Message + ". You must delete all versions in the bucket.")
	}
	return e.Detailed("BucketName", b.Name)
}

// confirm makes sure that a bucket is what the call was decided on.
func confirm(r store.Reader, b *bucket) error { return api.Confirm(r, b, noSuchBucket(b.Name)) }

// present is a bucket as it is now, for a call that goes on with it whatever else about it
// was changed meanwhile, for its body cannot be read again.
func (s *Service) present(r store.Reader, b *bucket) (*bucket, error) {
	if now := s.buckets.Get(r, b.Name); now != nil && now.ID == b.ID {
		return now, nil
	}
	return nil, noSuchBucket(b.Name)
}
