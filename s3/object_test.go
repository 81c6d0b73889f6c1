package s3

import (
	"crypto/md5" //nolint:gosec // ETags are MD5
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

func etag(body string) string {
	sum := md5.Sum([]byte(body)) //nolint:gosec // see above
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

// A plain object as it is told [S062] [S063] [S190].
func TestPutAndGet(t *testing.T) {
	w := newWorld(t)
	put := w.put("a/b", "hello")
	if diff := cmp.Diff(&PutObjectOutput{
		ETag: etag("hello"), ServerSideEncryption: "AES256", ChecksumType: "FULL_OBJECT", ChecksumCRC64NVME: "M3eFcAZSQlc=", // [S091]
	}, put); diff != "" {
		t.Error(diff)
	}
	got := w.wantBody("a/b", "hello")
	got.Body = nil
	if diff := cmp.Diff(&GetObjectOutput{
		AcceptRanges: "bytes", ContentLength: new(int64(5)), ContentType: "binary/octet-stream", ETag: etag("hello"),
		LastModified: start, ServerSideEncryption: "AES256",
	}, got); diff != "" {
		t.Error(diff)
	}
	head, err := w.HeadObject(w.ctx, &HeadObjectInput{Bucket: name, Key: "a/b"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&HeadObjectOutput{
		AcceptRanges: "bytes", ContentLength: new(int64(5)), ContentType: "binary/octet-stream", ETag: etag("hello"),
		LastModified: start, ServerSideEncryption: "AES256",
	}, head); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"ObjectCreated:Put a/b 5 null"}, w.events()); diff != "" {
		t.Error(diff)
	}
}

// What a writer says of an object its readers are told.
func TestWhatIsSaidOfAnObject(t *testing.T) {
	w := newWorld(t)
	expires := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	w.put("key", "hello", func(in *PutObjectInput) {
		in.ContentType, in.CacheControl, in.ContentDisposition, in.ContentEncoding = "text/plain", "no-cache", "inline", "gzip"
		in.ContentLanguage, in.Expires, in.WebsiteRedirectLocation = "de", expires, "/there"
		in.StorageClass, in.Tagging = "STANDARD_IA", new("a=1&b=x%20y&c")
		in.Metadata = map[string]string{"some_name": "värde"}
	})
	got := w.wantBody("key", "hello", func(in *GetObjectInput) { in.ChecksumMode = "ENABLED" })
	got.Body = nil
	want := &GetObjectOutput{
		AcceptRanges: "bytes", CacheControl: "no-cache", ContentDisposition: "inline", ContentEncoding: "gzip", ContentLanguage: "de",
		ContentLength: new(int64(5)), ContentType: "text/plain", ETag: etag("hello"), ExpiresString: "Wed, 02 Jan 2030 03:04:05 GMT",
		LastModified: start, Metadata: map[string]string{"some_name": "värde"}, ServerSideEncryption: "AES256", StorageClass: "STANDARD_IA",
		TagCount: new(int32(3)), WebsiteRedirectLocation: "/there", ChecksumCRC64NVME: "M3eFcAZSQlc=", ChecksumType: "FULL_OBJECT",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// [S075]
	got = w.wantBody("key", "hello", func(in *GetObjectInput) {
		in.ResponseContentType, in.ResponseCacheControl, in.ResponseContentDisposition = "a/b", "c", "d"
		in.ResponseContentEncoding, in.ResponseContentLanguage, in.ResponseExpires = "e", "f", start
	})
	if all := strings.Join([]string{got.ContentType, got.CacheControl, got.ContentDisposition, got.ContentEncoding, got.ContentLanguage, got.ExpiresString}, " "); all != "a/b c d e f Sun, 01 Mar 2026 12:00:00 GMT" {
		t.Errorf("the headers are %s", all)
	}
	_, _, err := w.get("key", func(in *GetObjectInput) { in.ResponseContentDisposition = "x\u20ac" })
	failsWith(t, err, "InvalidArgument: Header value cannot be represented using ISO-8859-1.; ArgumentName=response-content-disposition; ArgumentValue=x\u20ac")
	// [S186]
	w.put("key", "hello")
	if got := w.wantBody("key", "hello"); got.TagCount != nil || got.Metadata != nil || got.ContentType != "binary/octet-stream" {
		t.Errorf("it kept what was said of the object before: %+v", got)
	}
}

// [S012]
func TestPutRefuses(t *testing.T) {
	w := newWorld(t)
	w.put("there", "before")
	w.events()
	badTags := "InvalidArgument: The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.; ArgumentName=x-amz-tagging; ArgumentValue="
	elsewhere := "NotImplemented: A header you provided implies functionality that is not implemented; Header="
	for _, test := range []struct {
		name   string
		change func(*PutObjectInput)
		want   string
	}{
		{"S019 key", func(in *PutObjectInput) { in.Key = strings.Repeat("é", 513) }, "KeyTooLongError: Your key is too long; Size=1026; MaxSizeAllowed=1024"},
		{"no UTF-8", func(in *PutObjectInput) { in.Key = "a\xff" }, "InvalidURI: Couldn't parse the specified URI."},
		{"S019 metadata", func(in *PutObjectInput) { in.Metadata = map[string]string{"abc": strings.Repeat("x", 2046)} }, "MetadataTooLarge: Your metadata headers exceed the maximum allowed metadata size; Size=2049; MaxSizeAllowed=2048"},
		{"S020 ACL", func(in *PutObjectInput) { in.ACL = "fake-acl" }, "InvalidArgument: ; ArgumentName=x-amz-acl; ArgumentValue=fake-acl"},
		{"S188 ACL", func(in *PutObjectInput) { in.ACL = "public-read" }, "AccessControlListNotSupported: The bucket does not allow ACLs"},
		{"S188 grants", func(in *PutObjectInput) { in.GrantRead = "id=1" }, "AccessControlListNotSupported: The bucket does not allow ACLs"},
		{"S070 exists", func(in *PutObjectInput) { in.IfNoneMatch = new("*") }, "PreconditionFailed: At least one of the pre-conditions you specified did not hold; Condition=If-None-Match"},
		{"S070 value", func(in *PutObjectInput) { in.IfNoneMatch = new("x") }, elsewhere + "If-None-Match; additionalMessage=We don't accept the provided value of If-None-Match header for this API"},
		{"S071 another", func(in *PutObjectInput) { in.IfMatch = new("x") }, "PreconditionFailed: At least one of the pre-conditions you specified did not hold; Condition=If-Match"},
		{"S071 missing", func(in *PutObjectInput) { in.Key, in.IfMatch = "missing", new("x") }, "NoSuchKey: The specified key does not exist.; Key=missing"},
		{"S071 any of none", func(in *PutObjectInput) { in.Key, in.IfMatch = "missing", new("*") }, elsewhere + "If-Match; additionalMessage=We don't accept the provided value of If-Match header for this API"},
		{"S071 any", func(in *PutObjectInput) { in.IfMatch = new("*") }, elsewhere + "If-Match; additionalMessage=We don't accept the provided value of If-Match header for this API"},
		{"S071 both", func(in *PutObjectInput) { in.IfMatch, in.IfNoneMatch = new("x"), new("*") }, elsewhere + "If-Match,If-None-Match; additionalMessage=Multiple conditional request headers present in the request"},
		{"S081 no digest", func(in *PutObjectInput) { in.ContentMD5 = "x" }, "InvalidDigest: The Content-MD5 you specified was invalid.; Content-MD5=x"},
		{"S081 another digest", func(in *PutObjectInput) { in.ContentMD5 = "AAAAAAAAAAAAAAAAAAAAAA==" }, "BadDigest: The Content-MD5 you specified did not match what we received.; ExpectedDigest=00000000000000000000000000000000; CalculatedDigest=hBotaJrYa9FhFEdFPCLG/A=="},
		{"S082 class", func(in *PutObjectInput) { in.StorageClass = "WARM" }, "InvalidStorageClass: The storage class you specified is not valid; StorageClassRequested=WARM"},
		{"S095 value", func(in *PutObjectInput) { in.ChecksumCRC32 = "AAA=" }, "InvalidRequest: Value for x-amz-checksum-crc32 header is invalid."},
		{"S095 base64", func(in *PutObjectInput) { in.ChecksumSHA256 = "%" }, "InvalidRequest: Value for x-amz-checksum-sha256 header is invalid."},
		{"S096 another checksum", func(in *PutObjectInput) { in.ChecksumCRC32 = "AAAAAA==" }, "BadDigest: The CRC32 you specified did not match the calculated checksum."},
		{"S097 two", func(in *PutObjectInput) { in.ChecksumCRC32, in.ChecksumCRC32C = "AAAAAA==", "AAAAAA==" }, "InvalidRequest: Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."},
		{"S099 algorithm", func(in *PutObjectInput) { in.ChecksumXXHASH3 = "AAAAAA==" }, "InvalidRequest: Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"},
		{"S183 twice", func(in *PutObjectInput) { in.Tagging = new("a=1&a=2") }, badTags + "a=1&a=2"},
		{"S183 comma", func(in *PutObjectInput) { in.Tagging = new("a=1,2") }, badTags + "a=1,2"},
		{"S184 tags", func(in *PutObjectInput) { in.Tagging = new("a&b&c&d&e&f&g&h&i&j&k") }, "BadRequest: Object tags cannot be greater than 10"},
		{"appending", func(in *PutObjectInput) { in.WriteOffsetBytes = new(int64(1)) }, elsewhere + "x-amz-write-offset-bytes"},
		{"object lock", func(in *PutObjectInput) { in.ObjectLockMode = "GOVERNANCE" }, "InvalidRequest: Bucket is missing Object Lock Configuration"},
		{"S132 too large", func(in *PutObjectInput) { in.Body = api.NewBody(strings.NewReader("x"), 6<<30, nil) }, "EntityTooLarge: Your proposed upload exceeds the maximum allowed size; ProposedSize=6442450944; MaxSizeAllowed=5368709120"},
		{"a body that breaks off", func(in *PutObjectInput) {
			in.Body = api.NewBody(io.MultiReader(strings.NewReader("x"), iotest.ErrReader(ErrBadRequest)), 2, nil)
		}, "BadRequest: "},
		{"a trailer of another body", func(in *PutObjectInput) {
			in.Body = trailing("body", "x-amz-checksum-sha1", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
		}, "BadDigest: The SHA1 you specified did not match the calculated checksum."},
		{"a trailer that is none", func(in *PutObjectInput) { in.Body = trailing("body", "x-amz-checksum-crc32", "?") }, "InvalidRequest: Value for x-amz-checksum-crc32 header is invalid."},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := &PutObjectInput{Bucket: name, Key: "there", Body: bodyOf("body")}
			test.change(in)
			_, err := w.PutObject(w.ctx, in)
			failsWith(t, err, test.want)
			w.wantBody("there", "before")
			if _, _, err := w.get("missing"); err == nil {
				t.Error("it was stored")
			}
			if n := w.swept(); n != 1 || w.events() != nil {
				t.Errorf("%d pieces are left", n)
			}
		})
	}
}

// trailing is a body behind which a header comes.
func trailing(body, header, value string) *api.Body {
	return api.NewBody(strings.NewReader(body), -1, func(name string) string {
		if name == header {
			return value
		}
		return ""
	})
}

// The checksums of "hello", as other programs compute them.
var hello = map[string]string{
	"CRC32": "NhCmhg==", "CRC32C": "mnG7TA==", "CRC64NVME": "M3eFcAZSQlc=", "SHA1": "qvTGHdzF6KLavt4PO0gs2a6pQ00=",
	"SHA256": "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
}

func TestChecksums(t *testing.T) {
	w := newWorld(t)
	for algorithm, value := range hello {
		for how, change := range map[string]func(*PutObjectInput){
			"header": func(in *PutObjectInput) {
				switch algorithm {
				case "CRC32":
					in.ChecksumCRC32 = value
				case "CRC32C":
					in.ChecksumCRC32C = value
				case "CRC64NVME":
					in.ChecksumCRC64NVME = value
				case "SHA1":
					in.ChecksumSHA1 = value
				case "SHA256":
					in.ChecksumSHA256 = value
				}
			},
			"trailer": func(in *PutObjectInput) { in.Body = trailing("hello", headerOf(algorithm), value) },
			"announced trailer": func(in *PutObjectInput) {
				in.Body, in.ChecksumAlgorithm = trailing("hello", headerOf(algorithm), value), algorithm
			},
		} {
			put := w.put("key", "hello", change)
			got := w.wantBody("key", "hello", func(in *GetObjectInput) { in.ChecksumMode = "ENABLED" })
			want := checksum{algorithm, fullObject, value}
			for i, told := range [][5]string{
				{put.ChecksumCRC32, put.ChecksumCRC32C, put.ChecksumCRC64NVME, put.ChecksumSHA1, put.ChecksumSHA256},
				{got.ChecksumCRC32, got.ChecksumCRC32C, got.ChecksumCRC64NVME, got.ChecksumSHA1, got.ChecksumSHA256},
			} {
				_, a, b, c, d, e := want.members()
				if told != [5]string{a, b, c, d, e} {
					t.Errorf("%s as %s: answer %d tells %q", algorithm, how, i, told)
				}
			}
		}
	}
	// [S098]
	if put := w.put("key", "hello", func(in *PutObjectInput) { in.ChecksumAlgorithm = "SHA256" }); put.ChecksumCRC64NVME != hello["CRC64NVME"] || put.ChecksumSHA256 != "" {
		t.Errorf("an algorithm without a value: %+v", put)
	}
	// [S067]
	for asked, shown := range map[string]bool{"bytes=0-4": true, "bytes=0-3": false} {
		got, _, err := w.get("key", func(in *GetObjectInput) { in.ChecksumMode, in.Range = "ENABLED", asked })
		if err != nil || (got.ChecksumCRC64NVME != "") != shown {
			t.Errorf("%s: %+v, %v", asked, got, err)
		}
	}
	sum := md5.Sum([]byte("hello")) //nolint:gosec // see above
	w.put("key", "hello", func(in *PutObjectInput) { in.ContentMD5 = base64.StdEncoding.EncodeToString(sum[:]) })
}

func TestRanges(t *testing.T) {
	w := newWorld(t)
	w.put("ten", "0123456789")
	w.put("empty", "")
	for _, test := range []struct{ name, asked, body, told string }{
		{"S065 some", "bytes=2-4", "234", "bytes 2-4/10"},
		{"S065 from", "bytes=7-", "789", "bytes 7-9/10"},
		{"S065 last", "bytes=-3", "789", "bytes 7-9/10"},
		{"S065 more than all at the end", "bytes=-15", "0123456789", "bytes 0-9/10"},
		{"S065 more than all", "bytes=0-100", "0123456789", "bytes 0-9/10"},
		{"S066 backwards", "bytes=1-0", "0123456789", ""},
		{"S066 negative", "bytes=-1-", "0123456789", ""},
		{"S066 negative end", "bytes=0--1", "0123456789", ""},
		{"S066 several", "bytes=0-1,3-4", "0123456789", ""},
		{"S066 nothing", "bytes=-", "0123456789", ""},
		{"S066 no unit", "0-1", "0123456789", ""},
		{"a number that is too large", "bytes=3-99999999999999999999", "3456789", "bytes 3-9/10"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := w.wantBody("ten", test.body, func(in *GetObjectInput) { in.Range = test.asked })
			head, err := w.HeadObject(w.ctx, &HeadObjectInput{Bucket: name, Key: "ten", Range: test.asked})
			if err != nil {
				t.Fatal(err)
			}
			status := map[bool]int{true: 206, false: 0}[test.told != ""]
			if got.ContentRange != test.told || head.ContentRange != test.told || got.StatusCode != status || head.StatusCode != status || *head.ContentLength != int64(len(test.body)) {
				t.Errorf("%q, %q, %d, %d, %d", got.ContentRange, head.ContentRange, got.StatusCode, head.StatusCode, *head.ContentLength)
			}
		})
	}
	for _, test := range []struct{ name, key, asked, want string }{
		{"S066 no byte", "ten", "bytes=-0", "InvalidRange: The requested range is not satisfiable; ActualObjectSize=10; RangeRequested=bytes=-0"},
		{"S014 beyond", "ten", "bytes=100-200", "InvalidRange: The requested range is not satisfiable; ActualObjectSize=10; RangeRequested=bytes=100-200"},
		{"S014 of nothing", "empty", "bytes=0-0", "InvalidRange: The requested range is not satisfiable; ActualObjectSize=0; RangeRequested=bytes=0-0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := w.get(test.key, func(in *GetObjectInput) { in.Range = test.asked })
			failsWith(t, err, test.want)
		})
	}
}

func TestPartsOfAPlainObject(t *testing.T) {
	w := newWorld(t)
	w.put("key", "01234567")
	got := w.wantBody("key", "01234567", func(in *GetObjectInput) { in.PartNumber = new(int32(1)) })
	if got.ContentRange != "bytes 0-7/8" || got.StatusCode != 206 || got.PartsCount != nil {
		t.Errorf("%+v", got)
	}
	_, _, err := w.get("key", func(in *GetObjectInput) { in.PartNumber = new(int32(2)) })
	failsWith(t, err, "InvalidPartNumber: The requested partnumber is not satisfiable; ActualPartCount=1; PartNumberRequested=2")
	_, _, err = w.get("key", func(in *GetObjectInput) { in.PartNumber = new(int32(0)) })
	failsWith(t, err, "InvalidArgument: Part number must be an integer between 1 and 10000, inclusive; ArgumentName=partNumber; ArgumentValue=0")
	_, _, err = w.get("key", func(in *GetObjectInput) { in.PartNumber, in.Range = new(int32(1)), "bytes=0-1" })
	failsWith(t, err, "InvalidRequest: Cannot specify both Range header and partNumber query parameter")
}

func TestConditionsOfReading(t *testing.T) {
	w := newWorld(t)
	w.put("key", "hello")
	w.clock.Advance(time.Hour)
	before, after := start.Add(-time.Minute), start.Add(time.Minute)
	failed := "PreconditionFailed: At least one of the pre-conditions you specified did not hold; Condition="
	for _, test := range []struct {
		name   string
		change func(*GetObjectInput)
		want   string // empty: the object
	}{
		{"S069 match", func(in *GetObjectInput) { in.IfMatch = new(etag("hello")) }, ""},
		{"S069 match without quotes", func(in *GetObjectInput) { in.IfMatch = new(strings.Trim(etag("hello"), `"`)) }, ""},
		{"S069 another", func(in *GetObjectInput) { in.IfMatch = new("x") }, failed + "If-Match"},
		{"S069 none", func(in *GetObjectInput) { in.IfNoneMatch = new("x") }, ""},
		{"S069 none but that", func(in *GetObjectInput) { in.IfNoneMatch = new(etag("hello")) }, "NotModified: "},
		{"S069 unmodified", func(in *GetObjectInput) { in.IfUnmodifiedSince = start }, ""},
		{"S069 modified since", func(in *GetObjectInput) { in.IfUnmodifiedSince = before }, failed + "If-Unmodified-Since"},
		{"S069 modified", func(in *GetObjectInput) { in.IfModifiedSince = before }, ""},
		{"S069 not modified", func(in *GetObjectInput) { in.IfModifiedSince = after }, "NotModified: "},
		{"S069 in the future", func(in *GetObjectInput) { in.IfModifiedSince = start.Add(2 * time.Hour) }, ""},
		{"matching and modified", func(in *GetObjectInput) { in.IfMatch, in.IfUnmodifiedSince = new(etag("hello")), before }, ""},
		{"another and not modified", func(in *GetObjectInput) { in.IfNoneMatch, in.IfModifiedSince = new("x"), after }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.want == "" {
				w.wantBody("key", "hello", test.change)
				return
			}
			_, _, err := w.get("key", test.change)
			failsWith(t, err, test.want)
			if errors.Is(err, ErrNotModified) {
				if e := api.AsError(err); e.HTTPStatus() != 304 || e.Headers[0].Value != etag("hello") {
					t.Errorf("%+v", e)
				}
			}
		})
	}
}

func TestMissingObject(t *testing.T) {
	w := newWorld(t)
	_, _, err := w.get("missing")
	failsWith(t, err, "NoSuchKey: The specified key does not exist.; Key=missing")
	_, err = w.HeadObject(w.ctx, &HeadObjectInput{Bucket: name, Key: "missing"})
	failsWith(t, err, "NoSuchKey: The specified key does not exist.; Key=missing")
	if out, err := w.DeleteObject(w.ctx, &DeleteObjectInput{Bucket: name, Key: "missing"}); err != nil || *out != (DeleteObjectOutput{}) { // [S077]
		t.Errorf("%+v, %v", out, err)
	}
	for _, id := range []string{"x", strings.Repeat("a", 32)} {
		_, _, err = w.get("missing", func(in *GetObjectInput) { in.VersionId = &id })
		failsWith(t, err, "InvalidArgument: Invalid version id specified; ArgumentName=versionId; ArgumentValue="+id) // [S008]
		_, err = w.DeleteObject(w.ctx, &DeleteObjectInput{Bucket: name, Key: "missing", VersionId: &id})
		failsWith(t, err, "InvalidArgument: Invalid version id specified; ArgumentName=versionId; ArgumentValue="+id)
	}
	_, _, err = w.get("missing", func(in *GetObjectInput) { in.VersionId = new("") })
	failsWith(t, err, "InvalidArgument: Version id cannot be the empty string; ArgumentName=versionId; ArgumentValue=")
}

func TestArchivedObjectIsNotRead(t *testing.T) {
	w := newWorld(t)
	w.put("key", "hello", func(in *PutObjectInput) { in.StorageClass = "GLACIER" })
	_, _, err := w.get("key")
	failsWith(t, err, "InvalidObjectState: The operation is not valid for the object's storage class; StorageClass=GLACIER")
	if out, err := w.HeadObject(w.ctx, &HeadObjectInput{Bucket: name, Key: "key"}); err != nil || out.StorageClass != "GLACIER" {
		t.Errorf("%+v, %v", out, err)
	}
}

// Keys are bytes: none stands for another [S076].
func TestKeys(t *testing.T) {
	w := newWorld(t)
	keys := []string{"a", "a/", "a//b", "a/./b", "a/../b", "/", "//", "a\x00", "a\x00b", "a\x01", "%2F", "a+b", "a b", "a?b", "\U0001F600", "é", "e\u0301", strings.Repeat("k", 1024)}
	for _, key := range keys {
		w.put(key, "body of "+key)
	}
	for _, key := range keys {
		w.wantBody(key, "body of "+key)
	}
	for _, key := range keys {
		if _, err := w.DeleteObject(w.ctx, &DeleteObjectInput{Bucket: name, Key: key}); err != nil {
			t.Error(err)
		}
		if _, _, err := w.get(key); !errors.Is(err, ErrNoSuchKey) {
			t.Errorf("%q is there: %v", key, err)
		}
	}
	if n := w.swept(); n != 0 {
		t.Errorf("%d pieces are left", n)
	}
}
