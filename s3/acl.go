package s3

import (
	"context"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/policyeval"
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

// aclAsked is an ACL that is to be put: by its name, by the headers that grant something, one
// behind the other, or as a document.
type aclAsked struct {
	canned, grants string
	policy         *AccessControlPolicy
}

// asked reports whether a request has an ACL.
func (a *aclAsked) asked() bool { return a.canned != "" || a.grants != "" || a.policy != nil }

// check refuses an ACL for an object that is to be written to a bucket, but for those
// that change nothing [S188] [S020].
func (a *aclAsked) check(b *bucket) error {
	switch {
	case a.canned != "" && !cannedACLs[a.canned]:
		return badArgument("", "x-amz-acl", a.canned)
	case b.Ownership == ownerEnforced && (a.grants != "" || a.canned != "" && a.canned != aclOwnerFull):
		return ErrAclNotSupported
	case a.grants != "" || a.canned != "" && a.canned != aclOwnerFull && a.canned != aclPrivate:
		return notImplemented("x-amz-acl", "")
	}
	return nil
}

// publicACLs are the ACLs with a name that open something to everybody, or to everybody who
// has an account, and publicGroups how grants name these.
var (
	publicACLs   = map[string]bool{"public-read": true, "public-read-write": true, "authenticated-read": true}
	publicGroups = []string{"http://acs.amazonaws.com/groups/global/AllUsers", "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"}
)

// public reports whether an ACL opens what it is for to everybody.
func (a *aclAsked) public() bool {
	if publicACLs[a.canned] {
		return true
	}
	return slices.ContainsFunc(publicGroups, func(group string) bool {
		return strings.Contains(a.grants, group) || a.policy != nil && slices.ContainsFunc(a.policy.Grants, func(g Grant) bool {
			return g.Grantee != nil && g.Grantee.URI == group
		})
	})
}

// guard has Block Public Access refuse a public ACL, whether policies would allow it or not [S213].
// The refusal names the call as if it were an action.
func (a *aclAsked) guard(ctx context.Context, b *bucket, call string, target *api.Target) {
	if b.Ownership == ownerEnforced || !b.blocks().BlockPublicAcls || !a.public() {
		return
	}
	refused := ErrAccessDenied
	if caller := api.RequestFrom(ctx).Caller; caller.Account == b.Account && caller.Type != policyeval.Anonymous {
		refused = refused.Withf(`User: %s is not authorized to perform: s3:%s on resource: "%s" because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.`,
			caller.DisplayName(), call, target.ARN)
	}
	target.Hidden, target.Refused = refused, refused
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

// put refuses an ACL that a bucket or object cannot have, which is every one but that
// which it has.
func (a *aclAsked) put(b *bucket) error {
	switch {
	case a.policy != nil && (a.canned != "" || a.grants != ""):
		return ErrUnexpectedContent // [S021]
	case !a.asked():
		return ErrMissingSecurityHeader.Detailed("MissingHeaderName", "x-amz-acl") // [S013]
	case a.canned != "" && !cannedACLs[a.canned]:
		return badArgument("", "x-amz-acl", a.canned)
	case b.Ownership == ownerEnforced:
		return ErrAclNotSupported
	case a.policy != nil && !a.policy.ownerOnly(b):
		return notImplemented("x-amz-acl", "")
	}
	return a.check(b)
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
	return api.Do(ctx, in, s.putBucketACLTarget, s.putBucketACL)
}

func (in *PutBucketAclInput) acl() *aclAsked {
	return &aclAsked{in.ACL, in.GrantFullControl + in.GrantRead + in.GrantReadACP + in.GrantWrite + in.GrantWriteACP, in.AccessControlPolicy}
}

func (s *Service) putBucketACLTarget(ctx context.Context, in *PutBucketAclInput) (api.Target, *bucket, error) {
	target, b, err := s.resolveBucket(ctx, in)
	if err == nil {
		in.acl().guard(ctx, b, "PutBucketAcl", &target)
	}
	return target, b, err
}

func (s *Service) putBucketACL(_ context.Context, b *bucket, in *PutBucketAclInput) (*PutBucketAclOutput, error) {
	return &PutBucketAclOutput{}, in.acl().put(b)
}

func (in *PutObjectAclInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (in *PutObjectAclInput) acl() *aclAsked {
	return &aclAsked{in.ACL, in.GrantFullControl + in.GrantRead + in.GrantReadACP + in.GrantWrite + in.GrantWriteACP, in.AccessControlPolicy}
}

func (s *Service) putObjectACLChecks(ctx context.Context, in *PutObjectAclInput) ([]api.Check, *spot, error) {
	checks, at, err := s.changeChecks(ctx, in, in.Key, in.VersionId, versionAction(in.VersionId, "s3:PutObjectAcl", "s3:PutObjectVersionAcl"))
	if err == nil {
		in.acl().guard(ctx, at.bucket, "PutObjectAcl", &checks[0].Target)
	}
	return checks, at, err
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
	return &PutObjectAclOutput{}, in.acl().put(at.bucket)
}
