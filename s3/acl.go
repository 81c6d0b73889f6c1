package s3

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
)

// aclPrivate is the ACL of everything that names none; aclOwnerFull the one that a bucket
// takes whose owner owns all objects.
const (
	aclPrivate   = "private"
	aclOwnerFull = "bucket-owner-full-control"
)

// cannedACLs are the ACLs that have names.
var cannedACLs = map[string]bool{
	aclPrivate: true, "public-read": true, "public-read-write": true, "authenticated-read": true, "aws-exec-read": true,
	"bucket-owner-read": true, aclOwnerFull: true, "log-delivery-write": true,
}

// ownerEnforced is the ownership of a new bucket: its owner owns all objects, and ACLs
// are out of use [S041].
const ownerEnforced = "BucketOwnerEnforced"

// ownerships are the values of a bucket's ownership [S187].
var ownerships = map[string]bool{ownerEnforced: true, "BucketOwnerPreferred": true, "ObjectWriter": true}

// checkACL refuses an ACL for an object that is to be written to a bucket, but for those
// that change nothing [S188] [S020].
func (b *bucket) checkACL(acl string, grants bool) error {
	switch {
	case acl != "" && !cannedACLs[acl]:
		return badArgument("", "x-amz-acl", acl)
	case b.Ownership == ownerEnforced && (grants || acl != "" && acl != aclOwnerFull):
		return ErrAclNotSupported
	case grants || acl != "" && acl != aclOwnerFull && acl != aclPrivate:
		return notImplemented("x-amz-acl", "")
	}
	return nil
}

// ownerOnly are the grants of every bucket and object: its owner's [S050].
func ownerOnly(b *bucket) []Grant {
	return []Grant{{Grantee: &Grantee{Type: "CanonicalUser", ID: canonicalID(b.Account)}, Permission: "FULL_CONTROL"}}
}

func (in *GetBucketAclInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// GetBucketAcl tells a bucket's ACL.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html.
func (s *Service) GetBucketAcl(ctx context.Context, in *GetBucketAclInput) (*GetBucketAclOutput, error) {
	return api.Do(ctx, in, onBucket[*GetBucketAclInput](s), s.getBucketACL)
}

func (s *Service) getBucketACL(_ context.Context, b *bucket, _ *GetBucketAclInput) (*GetBucketAclOutput, error) {
	return &GetBucketAclOutput{Owner: ownerOf(b.Account), Grants: ownerOnly(b)}, nil
}

func (in *GetObjectAclInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (s *Service) getObjectACLChecks(ctx context.Context, in *GetObjectAclInput) ([]api.Check, *spot, error) {
	return s.readChecks(ctx, in, in.Key, in.VersionId, versionAction(in.VersionId, "s3:GetObjectAcl", "s3:GetObjectVersionAcl"))
}

// GetObjectAcl tells an object's ACL.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAcl.html.
func (s *Service) GetObjectAcl(ctx context.Context, in *GetObjectAclInput) (*GetObjectAclOutput, error) {
	return api.DoChecks(ctx, in, s.getObjectACLChecks, s.getObjectACL)
}

func (s *Service) getObjectACL(_ context.Context, at *spot, _ *GetObjectAclInput) (*GetObjectAclOutput, error) {
	if at.object.Marker {
		return nil, at.object.isMarker("GET") // [S167]
	}
	return &GetObjectAclOutput{Owner: ownerOf(at.bucket.Account), Grants: ownerOnly(at.bucket)}, nil
}

// aclAsked is an ACL that is to be put.
type aclAsked struct {
	canned string
	grants bool
	policy *AccessControlPolicy
}

// put refuses an ACL that a bucket or object cannot have, which is every one but that
// which it has.
func (a *aclAsked) put(b *bucket) error {
	switch {
	case a.policy != nil && (a.canned != "" || a.grants):
		return ErrUnexpectedContent // [S021]
	case a.policy == nil && a.canned == "" && !a.grants:
		return ErrMissingSecurityHeader.Detailed("MissingHeaderName", "x-amz-acl") // [S013]
	case a.canned != "" && !cannedACLs[a.canned]:
		return badArgument("", "x-amz-acl", a.canned)
	case b.Ownership == ownerEnforced:
		return ErrAclNotSupported
	case a.policy != nil && !a.policy.ownerOnly(b):
		return notImplemented("x-amz-acl", "")
	}
	return b.checkACL(a.canned, a.grants)
}

// ownerOnly reports whether an ACL is the one that everything has.
func (p *AccessControlPolicy) ownerOnly(b *bucket) bool {
	if len(p.Grants) != 1 || p.Grants[0].Grantee == nil {
		return false
	}
	g := p.Grants[0]
	return g.Permission == "FULL_CONTROL" && g.Grantee.ID == canonicalID(b.Account)
}

func (in *PutBucketAclInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// PutBucketAcl puts a bucket's ACL, which can be no other than it is.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAcl.html.
func (s *Service) PutBucketAcl(ctx context.Context, in *PutBucketAclInput) (*PutBucketAclOutput, error) {
	return api.Do(ctx, in, onBucket[*PutBucketAclInput](s), s.putBucketACL)
}

func (s *Service) putBucketACL(_ context.Context, b *bucket, in *PutBucketAclInput) (*PutBucketAclOutput, error) {
	asked := aclAsked{in.ACL, in.GrantFullControl+in.GrantRead+in.GrantReadACP+in.GrantWrite+in.GrantWriteACP != "", in.AccessControlPolicy}
	return &PutBucketAclOutput{}, asked.put(b)
}

func (in *PutObjectAclInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (s *Service) putObjectACLChecks(ctx context.Context, in *PutObjectAclInput) ([]api.Check, *spot, error) {
	return s.changeChecks(ctx, in, in.Key, in.VersionId, versionAction(in.VersionId, "s3:PutObjectAcl", "s3:PutObjectVersionAcl"))
}

// PutObjectAcl puts an object's ACL, which can be no other than it is.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html.
func (s *Service) PutObjectAcl(ctx context.Context, in *PutObjectAclInput) (*PutObjectAclOutput, error) {
	return api.DoChecks(ctx, in, s.putObjectACLChecks, s.putObjectACL)
}

func (s *Service) putObjectACL(_ context.Context, at *spot, in *PutObjectAclInput) (*PutObjectAclOutput, error) {
	if at.object.Marker {
		return nil, at.object.isMarker("PUT")
	}
	asked := aclAsked{in.ACL, in.GrantFullControl+in.GrantRead+in.GrantReadACP+in.GrantWrite+in.GrantWriteACP != "", in.AccessControlPolicy}
	return &PutObjectAclOutput{}, asked.put(at.bucket)
}
