package s3

import (
	"slices"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
)

// What must be allowed for each call: the IAM actions are not called as the operations are.
func TestActionsOfCalls(t *testing.T) {
	w := newWorld(t)
	w.put("key", "body")
	w.put("tagged", "body", func(in *PutObjectInput) { in.Tagging = new("a=b") })
	id := w.begin("key")
	operations := map[string]*api.Operation{}
	for _, op := range w.operations() {
		operations[op.Name] = &op
	}
	const key, version = " /key", "null"
	source := name + "/key"
	for _, test := range []struct {
		name, op string
		in       any
		want     string // actions, without s3:, on what of the bucket
	}{
		{"S220 HeadBucket", "HeadBucket", &HeadBucketInput{Bucket: name}, "ListBucket"},
		{"S220 ListObjects", "ListObjects", &ListObjectsInput{Bucket: name}, "ListBucket"},
		{"S220 ListObjectsV2", "ListObjectsV2", &ListObjectsV2Input{Bucket: name}, "ListBucket"},
		{"S221 ListObjectVersions", "ListObjectVersions", &ListObjectVersionsInput{Bucket: name}, "ListBucketVersions"},
		{"S221 ListMultipartUploads", "ListMultipartUploads", &ListMultipartUploadsInput{Bucket: name}, "ListBucketMultipartUploads"},
		{"S221 ListParts", "ListParts", &ListPartsInput{Bucket: name, Key: "key", UploadId: id}, "ListMultipartUploadParts" + key},
		{"S222 ListBuckets", "ListBuckets", &ListBucketsInput{}, "ListAllMyBuckets *"},
		{"S222 CreateBucket", "CreateBucket", &CreateBucketInput{Bucket: name}, "CreateBucket"},
		{"S222 DeleteBucket", "DeleteBucket", &DeleteBucketInput{Bucket: name}, "DeleteBucket"},
		{"S222 GetBucketLocation", "GetBucketLocation", &GetBucketLocationInput{Bucket: name}, "GetBucketLocation"},
		{"S223 with everything", "CreateBucket", &CreateBucketInput{
			Bucket: name, ACL: "public-read", ObjectOwnership: new("ObjectWriter"), ObjectLockEnabledForBucket: new(true),
			CreateBucketConfiguration: &CreateBucketConfiguration{Tags: []Tag{{"a", "b"}}},
		}, "CreateBucket, PutBucketAcl, PutBucketOwnershipControls, PutBucketObjectLockConfiguration, PutBucketVersioning, TagResource"},
		{"S224 GetObject", "GetObject", &GetObjectInput{Bucket: name, Key: "key"}, "GetObject" + key},
		{"S224 of a version", "GetObject", &GetObjectInput{Bucket: name, Key: "key", VersionId: new(version)}, "GetObjectVersion" + key},
		{"S224 HeadObject", "HeadObject", &HeadObjectInput{Bucket: name, Key: "key"}, "GetObject" + key},
		{"S224 attributes", "GetObjectAttributes", &GetObjectAttributesInput{Bucket: name, Key: "key"}, "GetObject" + key + ", GetObjectAttributes" + key},
		{"S224 attributes of a version", "GetObjectAttributes", &GetObjectAttributesInput{Bucket: name, Key: "key", VersionId: new(version)}, "GetObjectVersion" + key + ", GetObjectVersionAttributes" + key},
		{"S225 missing", "GetObject", &GetObjectInput{Bucket: name, Key: "missing"}, "GetObject /missing, ListBucket"},
		{"S225 missing version", "HeadObject", &HeadObjectInput{Bucket: name, Key: "missing", VersionId: new(version)}, "GetObjectVersion /missing, ListBucketVersions"},
		{"S226 PutObject", "PutObject", &PutObjectInput{Bucket: name, Key: "key"}, "PutObject" + key},
		{"S226 with everything", "PutObject", &PutObjectInput{Bucket: name, Key: "key", Tagging: new("a=b"), ACL: "private", ObjectLockMode: "GOVERNANCE", ObjectLockLegalHoldStatus: "ON"}, "PutObject" + key + ", PutObjectTagging" + key + ", PutObjectAcl" + key + ", PutObjectRetention" + key + ", PutObjectLegalHold" + key},
		{"S226 CreateMultipartUpload", "CreateMultipartUpload", &CreateMultipartUploadInput{Bucket: name, Key: "key"}, "PutObject" + key},
		{"S226 UploadPart", "UploadPart", &UploadPartInput{Bucket: name, Key: "key", UploadId: id}, "PutObject" + key},
		{"S226 CompleteMultipartUpload", "CompleteMultipartUpload", &CompleteMultipartUploadInput{Bucket: name, Key: "key", UploadId: id}, "PutObject" + key},
		{"S227 AbortMultipartUpload", "AbortMultipartUpload", &AbortMultipartUploadInput{Bucket: name, Key: "key", UploadId: id}, "AbortMultipartUpload" + key},
		{"S228 DeleteObject", "DeleteObject", &DeleteObjectInput{Bucket: name, Key: "missing"}, "DeleteObject /missing"},
		{"S228 of a version", "DeleteObject", &DeleteObjectInput{Bucket: name, Key: "key", VersionId: new(version)}, "DeleteObjectVersion" + key},
		{"S228 DeleteObjects", "DeleteObjects", &DeleteObjectsInput{Bucket: name, ContentMD5: "x", Delete: &Delete{Objects: []ObjectIdentifier{{Key: "a"}, {Key: "b", VersionId: new(version)}}}}, "DeleteObject /a, DeleteObjectVersion /b"},
		{"S229 CopyObject", "CopyObject", &CopyObjectInput{Bucket: name, Key: "new", CopySource: source}, "GetObject" + key + ", PutObject /new"},
		{"S229 of a version", "CopyObject", &CopyObjectInput{Bucket: name, Key: "new", CopySource: source + "?versionId=null"}, "GetObjectVersion" + key + ", PutObject /new"},
		{"S229 with tags", "CopyObject", &CopyObjectInput{Bucket: name, Key: "new", CopySource: name + "/tagged"}, "GetObject /tagged, GetObjectTagging /tagged, PutObject /new, PutObjectTagging /new"},
		{"S229 with other tags", "CopyObject", &CopyObjectInput{Bucket: name, Key: "new", CopySource: name + "/tagged", TaggingDirective: "REPLACE", Tagging: new("a=b")}, "GetObject /tagged, PutObject /new, PutObjectTagging /new"},
		{"S229 UploadPartCopy", "UploadPartCopy", &UploadPartCopyInput{Bucket: name, Key: "key", UploadId: id, CopySource: source}, "GetObject" + key + ", PutObject" + key},
		{"S230 PutObjectTagging", "PutObjectTagging", &PutObjectTaggingInput{Bucket: name, Key: "key"}, "PutObjectTagging" + key},
		{"S230 GetObjectTagging", "GetObjectTagging", &GetObjectTaggingInput{Bucket: name, Key: "key", VersionId: new(version)}, "GetObjectVersionTagging" + key},
		{"S230 DeleteObjectTagging", "DeleteObjectTagging", &DeleteObjectTaggingInput{Bucket: name, Key: "key", VersionId: new(version)}, "DeleteObjectVersionTagging" + key},
		{"S230 PutBucketTagging", "PutBucketTagging", &PutBucketTaggingInput{Bucket: name}, "PutBucketTagging"},
		{"S230 DeleteBucketTagging", "DeleteBucketTagging", &DeleteBucketTaggingInput{Bucket: name}, "PutBucketTagging"},
		{"S232 DeleteBucketOwnershipControls", "DeleteBucketOwnershipControls", &DeleteBucketOwnershipControlsInput{Bucket: name}, "PutBucketOwnershipControls"},
		{"S233 GetBucketAcl", "GetBucketAcl", &GetBucketAclInput{Bucket: name}, "GetBucketAcl"},
		{"S233 PutBucketVersioning", "PutBucketVersioning", &PutBucketVersioningInput{Bucket: name}, "PutBucketVersioning"},
	} {
		t.Run(test.name, func(t *testing.T) {
			op := operations[test.op]
			resolved, err := op.Resolve(w.ctx, test.in)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range resolved.Checks {
				if !slices.Contains(op.Actions, c.Action) {
					t.Errorf("%s is not among the operation's actions", c.Action)
				}
				on := strings.Replace(c.Target.ARN, "arn:aws:s3:::"+name, "", 1) // [S235]
				got = append(got, strings.TrimSpace(strings.TrimPrefix(c.Action, "s3:")+" "+on))
			}
			if text := strings.Join(got, ", "); text != test.want {
				t.Errorf("got  %s\nwant %s", text, test.want)
			}
		})
	}
}
