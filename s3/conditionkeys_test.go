package s3_test

import (
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/s3"
)

// TestConditionKeys: which requests have which of S3's condition keys, by policies that allow
// a call where a key has a value, and deny where it has none.
func TestConditionKeys(t *testing.T) {
	h := newHouse(t)
	must(t, h.put(root(owner), "tagged", func(in *s3.PutObjectInput) { in.Tagging = new("team=red") }))
	get := func(key string) any { return &s3.GetObjectInput{Bucket: "photos", Key: key} }
	list := func(change func(*s3.ListObjectsV2Input)) any {
		in := &s3.ListObjectsV2Input{Bucket: "photos"}
		change(in)
		return in
	}
	put := func(change func(*s3.PutObjectInput)) func() any {
		return func() any {
			in := &s3.PutObjectInput{Bucket: "photos", Key: "new", Body: body("x")}
			change(in)
			return in
		}
	}
	once := func(in any) func() any { return func() any { return in } }
	null := func(key string) string { return `"Null":{"` + key + `":"true"}` }
	equals := func(key, value string) string { return `"StringEquals":{"` + key + `":"` + value + `"}` }
	for _, c := range []struct {
		name, operation string
		in              func() any
		condition       string
		holds           bool
	}{
		{"S240 the owner", "GetObject", once(get("a")), `"StringEquals":{"s3:ResourceAccount":"` + owner + `","aws:ResourceAccount":"` + owner + `"}`, true},
		{"S241 a prefix", "ListObjectsV2", once(list(func(in *s3.ListObjectsV2Input) { in.Prefix = new("home/") })), equals("s3:prefix", "home/"), true},
		{"S241 an empty prefix", "ListObjectsV2", once(list(func(in *s3.ListObjectsV2Input) { in.Prefix, in.Delimiter = new(""), new("/") })), `"StringEquals":{"s3:prefix":"","s3:delimiter":"/"}`, true},
		{"S241 no prefix", "ListObjectsV2", once(list(func(*s3.ListObjectsV2Input) {})), equals("s3:prefix", ""), false},
		{"S241 no prefix is told by Null", "ListObjectsV2", once(list(func(*s3.ListObjectsV2Input) {})), null("s3:prefix"), true},
		{"S241 how many", "ListObjectsV2", once(list(func(in *s3.ListObjectsV2Input) { in.MaxKeys = new(int32(10)) })), `"NumericLessThanEquals":{"s3:max-keys":"10"}`, true},
		{"S241 too many", "ListObjectsV2", once(list(func(in *s3.ListObjectsV2Input) { in.MaxKeys = new(int32(11)) })), `"NumericLessThanEquals":{"s3:max-keys":"10"}`, false},
		{"S241 HeadBucket", "HeadBucket", once(&s3.HeadBucketInput{Bucket: "photos"}), null("s3:prefix"), true},
		{"S241 the older list", "ListObjects", once(&s3.ListObjectsInput{Bucket: "photos", Prefix: new("a")}), equals("s3:prefix", "a"), true},
		{"S242 a version", "GetObject", once(&s3.GetObjectInput{Bucket: "photos", Key: "a", VersionId: new("null")}), equals("s3:versionid", "null"), true},
		{"S242 no version", "GetObject", once(get("a")), null("s3:versionid"), true},
		{"S243 the ACL", "PutObject", put(func(in *s3.PutObjectInput) { in.ACL = "bucket-owner-full-control" }), equals("s3:x-amz-acl", "bucket-owner-full-control"), true},
		{"S243 no ACL", "PutObject", put(func(*s3.PutObjectInput) {}), equals("s3:x-amz-acl", "bucket-owner-full-control"), false},
		{"S243 the storage class", "PutObject", put(func(in *s3.PutObjectInput) { in.StorageClass = "STANDARD_IA" }), equals("s3:x-amz-storage-class", "STANDARD_IA"), true},
		{"S243 if-none-match", "PutObject", put(func(in *s3.PutObjectInput) { in.IfNoneMatch = new("*") }), `"Null":{"s3:if-none-match":"false"}`, true},
		{"S243 an object is made", "PutObject", put(func(*s3.PutObjectInput) {}), `"Bool":{"s3:ObjectCreationOperation":"true"}`, true},
		{"S243 tags", "PutObject", put(func(in *s3.PutObjectInput) { in.Tagging = new("team=red&x=y") }), equals("s3:RequestObjectTag/team", "red") + `,"ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["team","x"]}`, true},
		{"S243 another tag", "PutObject", put(func(in *s3.PutObjectInput) { in.Tagging = new("team=red&z=y") }), `"ForAllValues:StringEquals":{"s3:RequestObjectTagKeys":["team","x"]}`, false},
		{"S244 the header of the encryption", "PutObject", put(func(in *s3.PutObjectInput) { in.ServerSideEncryption = "AES256" }), equals("s3:x-amz-server-side-encryption", "AES256"), true},
		{"S244 the default is no header", "PutObject", put(func(*s3.PutObjectInput) {}), equals("s3:x-amz-server-side-encryption", "AES256"), false},
		{"S244 a key id is compared as an ARN", "PutObject", put(func(in *s3.PutObjectInput) {
			in.ServerSideEncryption, in.SSEKMSKeyId = "aws:kms", "1234abcd-12ab-34cd-56ef-1234567890ab"
		}), `"ArnEquals":{"s3:x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:us-east-1:` + owner + `:key/1234abcd-12ab-34cd-56ef-1234567890ab"}`, true},
		{"S245 the tags of the object", "GetObject", once(get("tagged")), equals("s3:ExistingObjectTag/team", "red"), true},
		{"S245 of another object", "GetObject", once(get("a")), equals("s3:ExistingObjectTag/team", "red"), false},
		{"S245 of an object that is put", "PutObject", put(func(in *s3.PutObjectInput) { in.Key = "tagged" }), null("s3:ExistingObjectTag/team"), true},
		{"S246 if-match of a deletion", "DeleteObject", once(&s3.DeleteObjectInput{Bucket: "photos", Key: "new", IfMatch: new(`"x"`)}), equals("s3:if-match", `\"x\"`), true},
		{"S246 where a bucket is to be", "CreateBucket", once(&s3.CreateBucketInput{Bucket: "albums-1", CreateBucketConfiguration: &s3.CreateBucketConfiguration{LocationConstraint: "eu-west-1"}}), equals("s3:LocationConstraint", "eu-west-1"), true},
		{"S246 a bucket of the endpoint's region", "CreateBucket", once(&s3.CreateBucketInput{Bucket: "albums-2"}), null("s3:LocationConstraint"), true},
		{"S246 whose objects are", "CreateBucket", once(&s3.CreateBucketInput{Bucket: "albums-3", ObjectOwnership: new("BucketOwnerEnforced")}), `"StringEqualsIfExists":{"s3:x-amz-object-ownership":"BucketOwnerEnforced"}`, true},
		{"S246 the tags of a bucket", "CreateBucket", once(&s3.CreateBucketInput{Bucket: "albums-4", CreateBucketConfiguration: &s3.CreateBucketConfiguration{Tags: []s3.Tag{{Key: "team", Value: "red"}}}}), equals("aws:RequestTag/team", "red"), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &house{h.Runtime, t, h.handler, nil}
			caller := user(owner, `{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{`+c.condition+`}}`)
			e := api.AsError(h.call(caller, c.operation, c.in()))
			if refused := e != nil && strings.Contains(e.Message, "perform: s3:"); refused == c.holds {
				t.Errorf("refused: %t: %v", refused, e)
			}
		})
	}
}

// TestConnectionKeys: how a request was signed and came [S240].
func TestConnectionKeys(t *testing.T) {
	h := newHouse(t)
	signed := &api.Auth{Type: "REST-QUERY-STRING", Version: "AWS4-HMAC-SHA256", Age: 90 * time.Second, ContentSHA256: "UNSIGNED-PAYLOAD", TLSVersion: "1.3"}
	for name, c := range map[string]struct {
		auth      *api.Auth
		condition string
		holds     bool
	}{
		"the kind of signature": {signed, `"StringEquals":{"s3:authType":"REST-QUERY-STRING","s3:signatureversion":"AWS4-HMAC-SHA256"}`, true},
		"its age":               {signed, `"NumericLessThan":{"s3:signatureAge":"90001"}`, true},
		"older":                 {signed, `"NumericLessThan":{"s3:signatureAge":"90000"}`, false},
		"the version of TLS":    {signed, `"NumericGreaterThanEquals":{"s3:TlsVersion":"1.2"}`, true},
		"the hash of the body":  {signed, `"StringEquals":{"s3:x-amz-content-sha256":"UNSIGNED-PAYLOAD"}`, true},
		"plain HTTP":            {&api.Auth{Type: "REST-HEADER", Version: "AWS4-HMAC-SHA256"}, `"Null":{"s3:TlsVersion":"true","s3:x-amz-content-sha256":"true"}`, true},
		"what a service does":   {nil, `"Null":{"s3:authType":"true","s3:signatureAge":"true"}`, true},
		"not as a URL":          {&api.Auth{Type: "REST-HEADER", Version: "AWS4-HMAC-SHA256"}, `"StringEquals":{"s3:authType":"REST-QUERY-STRING"}`, false},
	} {
		caller := user(owner, `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{`+c.condition+`}}`)
		err := h.call(caller, "GetObject", &s3.GetObjectInput{Bucket: "photos", Key: "a"}, func(r *api.Request) { r.Auth = c.auth })
		if (err == nil) != c.holds {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestConditionKeysOfUploads: what the first request of an upload says of the encryption holds
// for its parts; only what makes an object in the end is a creation [S243].
func TestConditionKeysOfUploads(t *testing.T) {
	h := newHouse(t)
	denies := func(condition string) *api.Caller {
		return user(owner, everything, `{"Effect":"Deny","Action":"s3:PutObject","Resource":"*","Condition":{`+condition+`}}`)
	}
	encrypts := denies(`"StringNotEquals":{"s3:x-amz-server-side-encryption":"AES256"}`)
	conditional := denies(`"Null":{"s3:if-none-match":"true"},"Bool":{"s3:ObjectCreationOperation":"true"}`)
	begin := func(sse string) string {
		out, err := do[s3.CreateMultipartUploadOutput](h, root(owner), "CreateMultipartUpload", &s3.CreateMultipartUploadInput{Bucket: "photos", Key: "large", ServerSideEncryption: sse})
		must(t, err)
		return out.UploadId
	}
	part := func(id string) any {
		return &s3.UploadPartInput{Bucket: "photos", Key: "large", UploadId: id, PartNumber: new(int32(1)), Body: body("hello")}
	}
	said, open := begin("AES256"), begin("")
	must(t, h.call(encrypts, "UploadPart", part(said)))
	if got := text(h.call(encrypts, "UploadPart", part(open))); !strings.HasPrefix(got, "AccessDenied") {
		t.Error(got)
	}
	uploaded, err := do[s3.UploadPartOutput](h, conditional, "UploadPart", part(said).(*s3.UploadPartInput))
	must(t, err)
	complete := &s3.CompleteMultipartUploadInput{Bucket: "photos", Key: "large", UploadId: said, MultipartUpload: &s3.CompletedMultipartUpload{
		Parts: []s3.CompletedPart{{PartNumber: new(int32(1)), ETag: uploaded.ETag}},
	}}
	if got := text(h.call(conditional, "CompleteMultipartUpload", complete)); !strings.HasPrefix(got, "AccessDenied") {
		t.Error(got)
	}
	complete.IfNoneMatch = new("*")
	must(t, h.call(conditional, "CompleteMultipartUpload", complete))
	copies := user(owner, everything, `{"Effect":"Deny","Action":"s3:PutObject","Resource":"*","Condition":{"StringNotLike":{"s3:x-amz-copy-source":"photos/public/*"}}}`)
	must(t, h.put(root(owner), "public/a"))
	must(t, h.call(copies, "CopyObject", &s3.CopyObjectInput{Bucket: "photos", Key: "copy", CopySource: "photos/public/a"}))
	if got := text(h.call(copies, "CopyObject", &s3.CopyObjectInput{Bucket: "photos", Key: "copy", CopySource: "photos/a"})); !strings.HasPrefix(got, "AccessDenied") {
		t.Error(got)
	}
}
