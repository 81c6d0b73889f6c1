package s3

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// copy copies an object within the bucket, as change says.
func (w *world) copy(source, key string, change ...func(*CopyObjectInput)) (*CopyObjectOutput, error) {
	in := &CopyObjectInput{Bucket: name, Key: key, CopySource: name + "/" + source}
	for _, f := range change {
		f(in)
	}
	return w.CopyObject(w.ctx, in)
}

func TestCopyObject(t *testing.T) {
	w := newWorld(t)
	w.put("a+b c", "hello", func(in *PutObjectInput) {
		in.ContentType, in.Metadata, in.Tagging, in.StorageClass = "text/plain", map[string]string{"a": "b"}, new("x=y"), "STANDARD_IA"
		in.CacheControl, in.ChecksumSHA1 = "no-cache", hello["SHA1"]
	})
	w.events()
	w.create(w.ctx, &CreateBucketInput{Bucket: "target"})
	for i, source := range []string{name + "%2Fa%2Bb+c", "/" + name + "/a%2Bb%20c", "https://s3.amazonaws.com/" + name + "/a%2Bb%20c"} { // [S179]
		out, err := w.CopyObject(w.ctx, &CopyObjectInput{Bucket: "target", Key: "copy", CopySource: source})
		if err != nil {
			t.Fatal(err)
		}
		want := &CopyObjectOutput{ServerSideEncryption: "AES256", CopyObjectResult: &CopyObjectResult{
			ETag: etag("hello"), LastModified: start, ChecksumType: "FULL_OBJECT", ChecksumSHA1: hello["SHA1"], // [S108]
		}}
		if diff := cmp.Diff(want, out); diff != "" {
			t.Errorf("%d: %s", i, diff)
		}
	}
	got := w.wantBody("copy", "hello", func(in *GetObjectInput) { in.Bucket = "target" })
	// [S177]
	if got.ContentType != "text/plain" || got.CacheControl != "no-cache" || got.Metadata["a"] != "b" || *got.TagCount != 1 || got.StorageClass != "" {
		t.Errorf("the copy is %+v", got)
	}
	if diff := cmp.Diff([]string{"ObjectCreated:Copy copy 5 null", "ObjectCreated:Copy copy 5 null", "ObjectCreated:Copy copy 5 null"}, w.events()); diff != "" {
		t.Error(diff)
	}
	out, err := w.copy("a%2Bb c", "replaced", func(in *CopyObjectInput) {
		in.MetadataDirective, in.TaggingDirective, in.Metadata, in.Tagging = "REPLACE", "REPLACE", map[string]string{"c": "d"}, new("p=q&r=s")
		in.StorageClass, in.ChecksumAlgorithm = "ONEZONE_IA", "CRC32"
	})
	if err != nil || out.CopyObjectResult.ChecksumCRC32 != hello["CRC32"] {
		t.Errorf("%+v, %v", out, err)
	}
	got = w.wantBody("replaced", "hello")
	if got.ContentType != "binary/octet-stream" || got.CacheControl != "" || got.Metadata["c"] != "d" || got.Metadata["a"] != "" || *got.TagCount != 2 || got.StorageClass != "ONEZONE_IA" {
		t.Errorf("the copy is %+v", got)
	}
	if n := w.swept(); n != 3 {
		t.Errorf("there are %d pieces", n)
	}
}

func TestCopyOfParts(t *testing.T) {
	w := newWorld(t)
	id := w.begin("parts", func(in *CreateMultipartUploadInput) { in.ChecksumAlgorithm = "CRC32" })
	in := completing("parts", id, w.upload("parts", id, 1, large).ETag, w.upload("parts", id, 2, "second").ETag)
	in.MultipartUpload.Parts[0].ChecksumCRC32, in.MultipartUpload.Parts[1].ChecksumCRC32 = sumOf(crc32IEEE, large), sumOf(crc32IEEE, "second")
	w.complete(in)
	out, err := w.copy("parts", "copy")
	if err != nil {
		t.Fatal(err)
	}
	// [S108]: the checksum is of the whole.
	if r := out.CopyObjectResult; r.ETag != etag(large+"second") || r.ChecksumType != "FULL_OBJECT" || r.ChecksumCRC32 != sumOf(crc32IEEE, large+"second") {
		t.Errorf("%+v", r)
	}
	w.wantBody("copy", large+"second")
}

func TestCopyRefuses(t *testing.T) {
	w := newWorld(t)
	w.put("key", "hello")
	w.put("archived", "hello", func(in *PutObjectInput) { in.StorageClass = "GLACIER" })
	w.put("target", "there")
	w.events()
	badKey := "InvalidArgument: Invalid copy source object key; ArgumentName=x-amz-copy-source; ArgumentValue=x-amz-copy-source"
	failed := "PreconditionFailed: At least one of the pre-conditions you specified did not hold; Condition="
	itself := "InvalidRequest: This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."
	for _, test := range []struct {
		name   string
		change func(*CopyObjectInput)
		want   string
	}{
		{"S178 no key", func(in *CopyObjectInput) { in.CopySource = name }, badKey},
		{"S178 nothing", func(in *CopyObjectInput) { in.CopySource = "/" }, badKey},
		{"S178 no encoding", func(in *CopyObjectInput) { in.CopySource = name + "/%zz" }, badKey},
		{"S178 no version", func(in *CopyObjectInput) { in.CopySource = name + "/key?version=1" }, badKey},
		{"S178 missing bucket", func(in *CopyObjectInput) { in.CopySource = "missing/key" }, "NoSuchBucket: The specified bucket does not exist; BucketName=missing"},
		{"S178 missing key", func(in *CopyObjectInput) { in.CopySource = name + "/missing" }, "NoSuchKey: The specified key does not exist.; Key=missing"},
		{"missing target", func(in *CopyObjectInput) { in.Bucket = "missing" }, "NoSuchBucket: The specified bucket does not exist; BucketName=missing"},
		{"S016 owner of the source", func(in *CopyObjectInput) { in.ExpectedSourceBucketOwner = other }, "AccessDenied: Access Denied"},
		{"S008 version", func(in *CopyObjectInput) { in.CopySource += "?versionId=x" }, "InvalidArgument: Invalid version id specified; ArgumentName=versionId; ArgumentValue=x"},
		{"S180 match", func(in *CopyObjectInput) { in.CopySourceIfMatch = "x" }, failed + "x-amz-copy-source-If-Match"},
		{"S180 none", func(in *CopyObjectInput) { in.CopySourceIfNoneMatch = etag("hello") }, failed + "x-amz-copy-source-If-None-Match"},
		{"S180 modified", func(in *CopyObjectInput) { in.CopySourceIfModifiedSince = start }, failed + "x-amz-copy-source-If-Modified-Since"},
		{"S180 unmodified", func(in *CopyObjectInput) { in.CopySourceIfUnmodifiedSince = start.Add(-time.Hour) }, failed + "x-amz-copy-source-If-Unmodified-Since"},
		{"S174 target exists", func(in *CopyObjectInput) { in.IfNoneMatch = new("*") }, failed + "If-None-Match"},
		{"S174 another target", func(in *CopyObjectInput) { in.IfMatch = new("x") }, failed + "If-Match"},
		{"S174 no target", func(in *CopyObjectInput) { in.Key, in.IfMatch = "new", new("x") }, "NoSuchKey: The specified key does not exist.; Key=new"},
		{"S175 itself", func(in *CopyObjectInput) { in.Key = "key" }, itself},
		{"S175 itself with ACL", func(in *CopyObjectInput) { in.Key, in.ACL = "key", "bucket-owner-full-control" }, itself},
		{"S175 itself with metadata that is ignored", func(in *CopyObjectInput) { in.Key, in.Metadata = "key", map[string]string{"a": "b"} }, itself},
		{"directive", func(in *CopyObjectInput) { in.MetadataDirective = "MERGE" }, "InvalidArgument: Unknown metadata directive.; ArgumentName=x-amz-metadata-directive; ArgumentValue=MERGE"},
		{"tagging directive", func(in *CopyObjectInput) { in.TaggingDirective = "MERGE" }, "InvalidArgument: Unknown tagging directive.; ArgumentName=x-amz-tagging-directive; ArgumentValue=MERGE"},
		{"archived", func(in *CopyObjectInput) { in.CopySource = name + "/archived" }, "ObjectNotInActiveTierError: The source object of the COPY operation is not in the active tier and is only stored in Amazon S3 Glacier."},
		{"S099 algorithm", func(in *CopyObjectInput) { in.ChecksumAlgorithm = "MD4" }, "InvalidRequest: Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"},
		{"S019 key", func(in *CopyObjectInput) { in.Key = strings.Repeat("x", 1025) }, "KeyTooLongError: Your key is too long; Size=1025; MaxSizeAllowed=1024"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := w.copy("key", "target", test.change)
			failsWith(t, err, test.want)
			w.wantBody("target", "there")
			if n := w.swept(); n != 3 || w.events() != nil {
				t.Errorf("%d pieces are left", n)
			}
		})
	}
	// [S175]
	for _, change := range []func(*CopyObjectInput){
		func(in *CopyObjectInput) { in.MetadataDirective = "REPLACE" },
		func(in *CopyObjectInput) { in.StorageClass = "STANDARD" },
		func(in *CopyObjectInput) { in.WebsiteRedirectLocation = "/x" },
		func(in *CopyObjectInput) { in.ServerSideEncryption = "AES256" },
	} {
		if _, err := w.copy("key", "key", change); err != nil {
			t.Error(err)
		}
		w.wantBody("key", "hello")
	}
}

func TestCopyOfVersions(t *testing.T) {
	w := newWorld(t)
	w.versioning("Enabled")
	one := w.put("key", "one").VersionId
	two := w.put("key", "two").VersionId
	out, err := w.copy("key?versionId="+one, "key")                               // an older version becomes the current one
	if err != nil || out.CopySourceVersionId != one || len(out.VersionId) != 32 { // [S169]
		t.Fatalf("%+v, %v", out, err)
	}
	w.wantBody("key", "one")
	marker := w.delete("key", nil).VersionId
	_, err = w.copy("key", "copy")
	failsWith(t, err, "NoSuchKey: The specified key does not exist.; Key=key")
	_, err = w.copy("key?versionId="+marker, "copy")
	failsWith(t, err, "InvalidRequest: The source of a copy request may not specifically refer to a delete marker by version id.")
	w.versioning("Suspended")
	if out, err := w.copy("key?versionId="+two, "copy"); err != nil || out.VersionId != "null" { // [S162]
		t.Errorf("%+v, %v", out, err)
	}
	w.wantBody("copy", "two")
	// [S169]: nobody is told that the source was the null version, named or not.
	for _, source := range []string{"copy", "copy?versionId=null"} {
		if out, err := w.copy(source, "null"); err != nil || out.CopySourceVersionId != "" || out.VersionId != "null" {
			t.Errorf("%s: %+v, %v", source, out, err)
		}
	}
}

func TestUploadPartCopy(t *testing.T) {
	w := newWorld(t)
	w.put("ten", "0123456789")
	id := w.begin("key", func(in *CreateMultipartUploadInput) { in.ChecksumAlgorithm = "SHA256" })
	part := func(change func(*UploadPartCopyInput)) (*UploadPartCopyOutput, error) {
		in := &UploadPartCopyInput{Bucket: name, Key: "key", UploadId: id, PartNumber: new(int32(1)), CopySource: name + "/ten"}
		change(in)
		return w.UploadPartCopy(w.ctx, in)
	}
	malformed := "InvalidArgument: The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy; ArgumentName=x-amz-copy-source-range; ArgumentValue="
	for _, test := range []struct {
		name   string
		change func(*UploadPartCopyInput)
		want   string
	}{
		{"S149 form", func(in *UploadPartCopyInput) { in.CopySourceRange = new("0-1") }, malformed + "0-1"},
		{"S149 no end", func(in *UploadPartCopyInput) { in.CopySourceRange = new("bytes=1-") }, malformed + "bytes=1-"},
		{"S149 backwards", func(in *UploadPartCopyInput) { in.CopySourceRange = new("bytes=2-1") }, malformed + "bytes=2-1"},
		{"S149 ends beyond", func(in *UploadPartCopyInput) { in.CopySourceRange = new("bytes=2-10") }, "InvalidArgument: Range specified is not valid for source object of size: 10; ArgumentName=x-amz-copy-source-range; ArgumentValue=bytes=2-10"},
		{"S149 begins beyond", func(in *UploadPartCopyInput) { in.CopySourceRange = new("bytes=10-11") }, "InvalidRequest: The specified copy range is invalid for the source object size"},
		{"S141 number", func(in *UploadPartCopyInput) { in.PartNumber = nil }, "InvalidArgument: Part number must be an integer between 1 and 10000, inclusive; ArgumentName=partNumber; ArgumentValue=0"},
		{"S180 condition", func(in *UploadPartCopyInput) { in.CopySourceIfMatch = "x" }, "PreconditionFailed: At least one of the pre-conditions you specified did not hold; Condition=x-amz-copy-source-If-Match"},
		{"S178 no source", func(in *UploadPartCopyInput) { in.CopySource = name + "/missing" }, "NoSuchKey: The specified key does not exist.; Key=missing"},
		{"S142 no upload", func(in *UploadPartCopyInput) { in.UploadId = "x" }, "NoSuchUpload: The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.; UploadId=x"},
	} {
		t.Run(test.name, func(t *testing.T) { failsWith(t, second(part(test.change)), test.want) })
	}
	for asked, body := range map[string]string{"": "0123456789", "bytes=2-4": "234"} {
		out, err := part(func(in *UploadPartCopyInput) { in.CopySourceRange = optional(asked) })
		if err != nil {
			t.Fatal(err)
		}
		want := &UploadPartCopyOutput{ServerSideEncryption: "AES256", CopyPartResult: &CopyPartResult{ETag: etag(body), LastModified: start, ChecksumSHA256: sumOf(sha256Sum, body)}}
		if diff := cmp.Diff(want, out); diff != "" {
			t.Error(diff)
		}
	}
	if _, err := part(func(in *UploadPartCopyInput) { in.CopySourceRange = new("bytes=2-4") }); err != nil {
		t.Fatal(err)
	}
	in := completing("key", id, etag("234"))
	in.MultipartUpload.Parts[0].ChecksumSHA256 = sumOf(sha256Sum, "234")
	w.complete(in)
	w.wantBody("key", "234")
	if n := len(w.events()); n != 2 || w.swept() != 2 { // [S310]
		t.Error(fmt.Sprint(n, " events"))
	}
}
