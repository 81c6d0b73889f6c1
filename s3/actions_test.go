package s3_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/s3"
)

// TestActions: which permissions calls need, on what.
func TestActions(t *testing.T) {
	h := newHouse(t)
	const a, b = " arn:aws:s3:::photos/a", " arn:aws:s3:::photos/missing"
	lock := func(in *s3.CreateBucketInput) { in.ObjectLockEnabledForBucket = new(true) }
	create := func(change ...func(*s3.CreateBucketInput)) *s3.CreateBucketInput {
		in := &s3.CreateBucketInput{Bucket: "albums"}
		for _, f := range change {
			f(in)
		}
		return in
	}
	for _, c := range []struct {
		operation string
		in        any
		want      []string
	}{
		// [S220] [S222]
		{"HeadBucket", &s3.HeadBucketInput{Bucket: "photos"}, []string{"ListBucket " + photos}},
		{"ListObjects", &s3.ListObjectsInput{Bucket: "photos"}, []string{"ListBucket " + photos}},
		{"ListObjectsV2", &s3.ListObjectsV2Input{Bucket: "photos"}, []string{"ListBucket " + photos}},
		{"ListObjectVersions", &s3.ListObjectVersionsInput{Bucket: "photos"}, []string{"ListBucketVersions " + photos}}, // [S221]
		{"ListBuckets", &s3.ListBucketsInput{}, []string{"ListAllMyBuckets *"}},
		{"DeleteBucket", &s3.DeleteBucketInput{Bucket: "photos"}, []string{"DeleteBucket " + photos}},
		{"GetBucketLocation", &s3.GetBucketLocationInput{Bucket: "photos"}, []string{"GetBucketLocation " + photos}},
		{"CreateBucket", create(), []string{"CreateBucket arn:aws:s3:::albums"}},
		// [S223]
		{"CreateBucket", create(func(in *s3.CreateBucketInput) { in.ACL = "private" }), []string{"CreateBucket arn:aws:s3:::albums"}},
		{"CreateBucket", create(func(in *s3.CreateBucketInput) { in.ACL = "public-read" }), []string{"CreateBucket arn:aws:s3:::albums", "PutBucketAcl arn:aws:s3:::albums"}},
		{"CreateBucket", create(func(in *s3.CreateBucketInput) { in.ObjectOwnership = new("ObjectWriter") }), []string{"CreateBucket arn:aws:s3:::albums", "PutBucketOwnershipControls arn:aws:s3:::albums"}},
		{"CreateBucket", create(lock), []string{"CreateBucket arn:aws:s3:::albums", "PutBucketObjectLockConfiguration arn:aws:s3:::albums", "PutBucketVersioning arn:aws:s3:::albums"}},
		{"CreateBucket", create(func(in *s3.CreateBucketInput) {
			in.CreateBucketConfiguration = &s3.CreateBucketConfiguration{Tags: []s3.Tag{{Key: "a", Value: "b"}}}
		}), []string{"CreateBucket arn:aws:s3:::albums", "TagResource arn:aws:s3:::albums"}},
		// [S224]: the action of the version stands in the place of the other.
		{"GetObject", &s3.GetObjectInput{Bucket: "photos", Key: "a"}, []string{"GetObject" + a}},
		{"HeadObject", &s3.HeadObjectInput{Bucket: "photos", Key: "a"}, []string{"GetObject" + a}},
		{"GetObject", &s3.GetObjectInput{Bucket: "photos", Key: "a", VersionId: new("null")}, []string{"GetObjectVersion" + a}},
		{"HeadObject", &s3.HeadObjectInput{Bucket: "photos", Key: "a", VersionId: new("null")}, []string{"GetObjectVersion" + a}},
		// [S225]
		{"GetObject", &s3.GetObjectInput{Bucket: "photos", Key: "missing"}, []string{"GetObject" + b, "ListBucket " + photos}},
		{"HeadObject", &s3.HeadObjectInput{Bucket: "photos", Key: "missing", VersionId: new("null")}, []string{"GetObjectVersion" + b, "ListBucketVersions " + photos}},
		// [S226]
		{"PutObject", &s3.PutObjectInput{Bucket: "photos", Key: "a"}, []string{"PutObject" + a}},
		{"PutObject", &s3.PutObjectInput{Bucket: "photos", Key: "a", Tagging: new("x=y"), ACL: "private"}, []string{"PutObject" + a, "PutObjectTagging" + a, "PutObjectAcl" + a}},
		{"PutObject", &s3.PutObjectInput{Bucket: "photos", Key: "a", ObjectLockMode: "GOVERNANCE", ObjectLockLegalHoldStatus: "ON"}, []string{"PutObject" + a, "PutObjectRetention" + a, "PutObjectLegalHold" + a}},
		{"CreateMultipartUpload", &s3.CreateMultipartUploadInput{Bucket: "photos", Key: "a", Tagging: new("x=y")}, []string{"PutObject" + a, "PutObjectTagging" + a}},
		{"UploadPart", &s3.UploadPartInput{Bucket: "photos", Key: "a"}, []string{"PutObject" + a}},
		{"CompleteMultipartUpload", &s3.CompleteMultipartUploadInput{Bucket: "photos", Key: "a"}, []string{"PutObject" + a}},
		{"AbortMultipartUpload", &s3.AbortMultipartUploadInput{Bucket: "photos", Key: "a"}, []string{"AbortMultipartUpload" + a}},
		{"ListParts", &s3.ListPartsInput{Bucket: "photos", Key: "a"}, []string{"ListMultipartUploadParts" + a}},
		{"ListMultipartUploads", &s3.ListMultipartUploadsInput{Bucket: "photos"}, []string{"ListBucketMultipartUploads " + photos}},
		// [S229]
		{"CopyObject", &s3.CopyObjectInput{Bucket: "photos", Key: "missing", CopySource: "photos/a"}, []string{"GetObject" + a, "PutObject" + b}},
		{"CopyObject", &s3.CopyObjectInput{Bucket: "photos", Key: "missing", CopySource: "photos/a?versionId=null"}, []string{"GetObjectVersion" + a, "PutObject" + b}},
		{"UploadPartCopy", &s3.UploadPartCopyInput{Bucket: "photos", Key: "missing", CopySource: "photos/a"}, []string{"GetObject" + a, "PutObject" + b}},
		// [S228]
		{"DeleteObjects", &s3.DeleteObjectsInput{Bucket: "photos", ContentMD5: "x", Delete: &s3.Delete{
			Objects: []s3.ObjectIdentifier{{Key: "a"}, {Key: "missing", VersionId: new("null")}},
		}}, []string{"DeleteObject" + a, "DeleteObjectVersion" + b}},
		{"DeleteObject", &s3.DeleteObjectInput{Bucket: "photos", Key: "missing"}, []string{"DeleteObject" + b}},
		{"DeleteObject", &s3.DeleteObjectInput{Bucket: "photos", Key: "a", VersionId: new("null")}, []string{"DeleteObjectVersion" + a}},
		// [S230]
		{"PutObjectTagging", &s3.PutObjectTaggingInput{Bucket: "photos", Key: "a"}, []string{"PutObjectTagging" + a}},
		{"GetObjectTagging", &s3.GetObjectTaggingInput{Bucket: "photos", Key: "a"}, []string{"GetObjectTagging" + a}},
		{"DeleteObjectTagging", &s3.DeleteObjectTaggingInput{Bucket: "photos", Key: "a", VersionId: new("null")}, []string{"DeleteObjectVersionTagging" + a}},
		{"GetBucketTagging", &s3.GetBucketTaggingInput{Bucket: "photos"}, []string{"GetBucketTagging " + photos}},
		{"DeleteBucketTagging", &s3.DeleteBucketTaggingInput{Bucket: "photos"}, []string{"PutBucketTagging " + photos}},
		// [S231]-[S233]
		{"GetBucketAcl", &s3.GetBucketAclInput{Bucket: "photos"}, []string{"GetBucketAcl " + photos}},
		{"PutBucketVersioning", &s3.PutBucketVersioningInput{Bucket: "photos"}, []string{"PutBucketVersioning " + photos}},
		{"DeleteBucketOwnershipControls", &s3.DeleteBucketOwnershipControlsInput{Bucket: "photos"}, []string{"PutBucketOwnershipControls " + photos}},
		{"GetBucketEncryption", &s3.GetBucketEncryptionInput{Bucket: "photos"}, []string{"GetEncryptionConfiguration " + photos}},
		{"PutBucketEncryption", &s3.PutBucketEncryptionInput{Bucket: "photos"}, []string{"PutEncryptionConfiguration " + photos}},
		{"DeleteBucketEncryption", &s3.DeleteBucketEncryptionInput{Bucket: "photos"}, []string{"PutEncryptionConfiguration " + photos}},
		{"GetPublicAccessBlock", &s3.GetPublicAccessBlockInput{Bucket: "photos"}, []string{"GetBucketPublicAccessBlock " + photos}},
		{"PutPublicAccessBlock", &s3.PutPublicAccessBlockInput{Bucket: "photos"}, []string{"PutBucketPublicAccessBlock " + photos}},
		{"DeletePublicAccessBlock", &s3.DeletePublicAccessBlockInput{Bucket: "photos"}, []string{"PutBucketPublicAccessBlock " + photos}},
		{"GetBucketPolicy", &s3.GetBucketPolicyInput{Bucket: "photos"}, []string{"GetBucketPolicy " + photos}},
		{"PutBucketPolicy", &s3.PutBucketPolicyInput{Bucket: "photos"}, []string{"PutBucketPolicy " + photos}},
		{"DeleteBucketPolicy", &s3.DeleteBucketPolicyInput{Bucket: "photos"}, []string{"DeleteBucketPolicy " + photos}},
		{"GetBucketPolicyStatus", &s3.GetBucketPolicyStatusInput{Bucket: "photos"}, []string{"GetBucketPolicyStatus " + photos}},
	} {
		caller := root(owner)
		decisions, err := h.Dispatcher.DryRun(t.Context(), &api.Request{Caller: caller, Account: owner, Region: "us-east-1"}, "s3", c.operation, "", c.in)
		must(t, err)
		var got []string
		for _, d := range decisions {
			got = append(got, strings.TrimPrefix(d.Request.Action, "s3:")+" "+d.Request.Resource)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s %+v: %s", c.operation, c.in, diff)
		}
	}
}
