package s3

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
