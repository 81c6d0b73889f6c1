package s3

import (
	"crypto/md5" //nolint:gosec // ETags are MD5
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store/mem"
	"github.com/waxseal/waxseal/internal/store/storetest"
)

// begin begins an upload, as change says.
func (w *world) begin(key string, change ...func(*CreateMultipartUploadInput)) string {
	w.t.Helper()
	in := &CreateMultipartUploadInput{Bucket: name, Key: key}
	for _, f := range change {
		f(in)
	}
	out, err := w.CreateMultipartUpload(w.ctx, in)
	if err != nil {
		w.t.Fatal(err)
	}
	if out.Bucket != name || out.Key != key || out.ServerSideEncryption != "AES256" { // [S140]
		w.t.Errorf("the answer is %+v", out)
	}
	return out.UploadId
}

// upload uploads a part, as change says.
func (w *world) upload(key, id string, number int32, body string, change ...func(*UploadPartInput)) *UploadPartOutput {
	w.t.Helper()
	in := &UploadPartInput{Bucket: name, Key: key, UploadId: id, PartNumber: &number, Body: bodyOf(body)}
	for _, f := range change {
		f(in)
	}
	out, err := w.UploadPart(w.ctx, in)
	if err != nil {
		w.t.Fatalf("part %d: %v", number, err)
	}
	return out
}

// completing is the completion of an upload with parts 1, 2 … of the ETags.
func completing(key, id string, etags ...string) *CompleteMultipartUploadInput {
	in := &CompleteMultipartUploadInput{Bucket: name, Key: key, UploadId: id, MultipartUpload: &CompletedMultipartUpload{}}
	for i, e := range etags {
		in.MultipartUpload.Parts = append(in.MultipartUpload.Parts, CompletedPart{PartNumber: new(int32(i + 1)), ETag: e})
	}
	return in
}

func (w *world) complete(in *CompleteMultipartUploadInput) *CompleteMultipartUploadOutput {
	w.t.Helper()
	out, err := w.CompleteMultipartUpload(w.ctx, in)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// large is a body that is long enough for a part which is not the last.
var large = string(random(minPart + 1))

func joined(etags ...string) string {
	var all []byte
	for _, e := range etags {
		sum, _ := hex.DecodeString(strings.Trim(e, `"`))
		all = append(all, sum...)
	}
	sum := md5.Sum(all) //nolint:gosec // see above
	return fmt.Sprintf(`"%x-%d"`, sum, len(etags))
}

func TestMultipartUpload(t *testing.T) {
	w := newWorld(t)
	w.put("a b/c", "before")
	w.events()
	id := w.begin("a b/c", func(in *CreateMultipartUploadInput) {
		in.ContentType, in.Metadata, in.Tagging, in.StorageClass = "text/plain", map[string]string{"a": "b"}, new("x=y"), "STANDARD_IA"
	})
	one := w.upload("a b/c", id, 1, large)
	w.upload("a b/c", id, 2, "another")
	two := w.upload("a b/c", id, 2, "second") // in its place
	w.upload("a b/c", id, 7, "left out")
	if one.ETag != etag(large) || one.ServerSideEncryption != "AES256" || one.ChecksumCRC64NVME != "" {
		t.Errorf("the part is %+v", one)
	}
	w.wantBody("a b/c", "before") // [S140]
	out := w.complete(completing("a b/c", id, one.ETag, strings.Trim(two.ETag, `"`)))
	want := &CompleteMultipartUploadOutput{
		Bucket: name, Key: "a b/c", Location: "https://" + name + ".s3.amazonaws.com/a%20b%2Fc", ETag: joined(one.ETag, two.ETag), ServerSideEncryption: "AES256",
		ChecksumType: "FULL_OBJECT", ChecksumCRC64NVME: sumOf(crc64NVME, large+"second"), // [S145] [S061] [S103]
	}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
	got := w.wantBody("a b/c", large+"second")
	if got.ETag != out.ETag || got.ContentType != "text/plain" || got.Metadata["a"] != "b" || *got.TagCount != 1 || got.StorageClass != "STANDARD_IA" {
		t.Errorf("the object is %+v", got)
	}
	// [S068]
	for number, body := range map[int32]string{1: large, 2: "second"} {
		got := w.wantBody("a b/c", body, func(in *GetObjectInput) { in.PartNumber = &number })
		if got.StatusCode != 206 || *got.PartsCount != 2 {
			t.Errorf("part %d is %+v", number, got)
		}
	}
	_, _, err := w.get("a b/c", func(in *GetObjectInput) { in.PartNumber = new(int32(3)) })
	failsWith(t, err, "InvalidPartNumber: The requested partnumber is not satisfiable; ActualPartCount=2; PartNumberRequested=3")
	w.wantBody("a b/c", large[len(large)-2:]+"sec", func(in *GetObjectInput) { in.Range = fmt.Sprintf("bytes=%d-%d", len(large)-2, len(large)+2) })
	if diff := cmp.Diff([]string{fmt.Sprintf("ObjectCreated:CompleteMultipartUpload a b/c %d null", len(large)+6)}, w.events()); diff != "" {
		t.Error(diff)
	}
	_, err = w.CompleteMultipartUpload(w.ctx, completing("a b/c", id, one.ETag))
	failsWith(t, err, "NoSuchUpload: The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.; UploadId="+id)
	if n := w.swept(); n != 7 || len(w.keys("s3.part")) != 0 { // of the two parts
		t.Errorf("%d pieces are left, and %q", n, w.keys("s3.part"))
	}
	w.delete("a b/c", nil)
	if n := w.swept(); n != 0 || len(w.keys("s3.manifest")) != 0 {
		t.Errorf("%d pieces are left", n)
	}
}

// sumOf is the checksum of a body, as one hash computes it.
func sumOf(algorithm, body string) string {
	h := newHash(algorithm)
	_, _ = io.WriteString(h, body)
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

func TestPartsOfNothing(t *testing.T) {
	w := newWorld(t)
	id := w.begin("key")
	part := w.upload("key", id, 1, "")
	w.complete(completing("key", id, part.ETag))
	w.wantBody("key", "")
	w.wantBody("key", "", func(in *GetObjectInput) { in.PartNumber = new(int32(1)) })
}

func TestAbortMultipartUpload(t *testing.T) {
	w := newWorld(t)
	id := w.begin("key")
	w.upload("key", id, 1, large)
	w.upload("key", id, 2, "second")
	abort := func(key, id string) error {
		return second(w.AbortMultipartUpload(w.ctx, &AbortMultipartUploadInput{Bucket: name, Key: key, UploadId: id}))
	}
	missing := "NoSuchUpload: The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.; UploadId="
	failsWith(t, abort("another", id), missing+id) // [S142]
	failsWith(t, abort("key", "x"), missing+"x")
	failsWith(t, abort("key", id[:20]), missing+id[:20])
	if err := abort("key", id); err != nil {
		t.Fatal(err)
	}
	failsWith(t, abort("key", id), missing+id)
	failsWith(t, second(w.UploadPart(w.ctx, &UploadPartInput{Bucket: name, Key: "key", UploadId: id, PartNumber: new(int32(1)), Body: bodyOf("x")})), missing+id)
	failsWith(t, second(w.ListParts(w.ctx, &ListPartsInput{Bucket: name, Key: "key", UploadId: id})), missing+id)
	failsWith(t, second(w.CompleteMultipartUpload(w.ctx, completing("key", id, "x"))), missing+id)
	if n := w.swept(); n != 0 || len(w.keys("s3.part")) != 0 || len(w.keys("s3.upload")) != 0 || w.events() != nil {
		t.Errorf("%d pieces are left, and %q", n, w.keys("s3."))
	}
}

// An upload that is aborted while a part of it comes takes the part no more.
func TestAbortWhileUploading(t *testing.T) {
	w := newWorld(t)
	id := w.begin("key")
	abort := readFunc(func() {
		if _, err := w.AbortMultipartUpload(w.ctx, &AbortMultipartUploadInput{Bucket: name, Key: "key", UploadId: id}); err != nil {
			t.Error(err)
		}
		w.swept()
	})
	_, err := w.UploadPart(w.ctx, &UploadPartInput{
		Bucket: name, Key: "key", UploadId: id, PartNumber: new(int32(1)), Body: api.NewBody(io.MultiReader(strings.NewReader(large), abort), -1, nil),
	})
	if !errors.Is(err, ErrNoSuchUpload) {
		t.Errorf("the answer is %v", err)
	}
	if n := w.swept(); n != 0 {
		t.Errorf("%d pieces are left", n)
	}
}

// A bucket may be deleted while uploads are under way in it, and nothing of them stays.
func TestDeleteBucketWithUploads(t *testing.T) {
	w := newWorld(t)
	id := w.begin("key")
	w.upload("key", id, 1, "body")
	if _, err := w.DeleteBucket(w.ctx, &DeleteBucketInput{Bucket: name}); err != nil {
		t.Fatal(err)
	}
	if n := w.swept(); n != 0 || len(w.keys("s3.upload")) != 0 || len(w.keys(loosePrefix)) != 0 {
		t.Errorf("%d pieces are left, and %q", n, w.keys("s3."))
	}
}

func TestCompleteRefuses(t *testing.T) {
	w := newWorld(t)
	id := w.begin("key")
	one, two := w.upload("key", id, 1, large), w.upload("key", id, 2, "second")
	small := w.upload("key", id, 3, "third")
	badPart := "InvalidPart: One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.; UploadId=" + id + "; PartNumber="
	for _, test := range []struct {
		name   string
		change func(*CompleteMultipartUploadInput)
		want   string
	}{
		{"S143 no parts", func(in *CompleteMultipartUploadInput) { in.MultipartUpload.Parts = nil }, "InvalidRequest: You must specify at least one part"},
		{"S143 no document", func(in *CompleteMultipartUploadInput) { in.MultipartUpload = nil }, "InvalidRequest: You must specify at least one part"},
		{"no number", func(in *CompleteMultipartUploadInput) { in.MultipartUpload.Parts[0].PartNumber = nil }, malformed},
		{"S143 order", func(in *CompleteMultipartUploadInput) {
			p := in.MultipartUpload.Parts
			p[0], p[1] = p[1], p[0]
		}, "InvalidPartOrder: The list of parts was not in ascending order. Parts must be ordered by part number.; UploadId=" + id},
		{"S143 missing", func(in *CompleteMultipartUploadInput) { in.MultipartUpload.Parts[1].PartNumber = new(int32(9)) }, badPart + "9; ETag=" + strings.Trim(two.ETag, `"`)},
		{"S143 another ETag", func(in *CompleteMultipartUploadInput) { in.MultipartUpload.Parts[1].ETag = `"x"` }, badPart + "2; ETag=x"},
		{"S103 a checksum that nobody asked for", func(in *CompleteMultipartUploadInput) { in.MultipartUpload.Parts[0].ChecksumCRC32 = "AAAAAA==" }, badPart + "1; ETag=" + strings.Trim(one.ETag, `"`)},
		{"S103 mode", func(in *CompleteMultipartUploadInput) { in.ChecksumType = "COMPOSITE" }, "InvalidRequest: The upload was created using the null checksum mode. The complete request must use the same checksum mode."},
		{"S144 small", func(in *CompleteMultipartUploadInput) {
			in.MultipartUpload.Parts = append(in.MultipartUpload.Parts, CompletedPart{PartNumber: new(int32(3)), ETag: small.ETag})
		}, "EntityTooSmall: Your proposed upload is smaller than the minimum allowed size; ProposedSize=6; MinSizeAllowed=5242880; PartNumber=2; ETag=" + strings.Trim(two.ETag, `"`)},
		{"S107 size", func(in *CompleteMultipartUploadInput) { in.MpuObjectSize = new(int64(5)) }, fmt.Sprintf("InvalidRequest: The provided 'x-amz-mp-object-size' header value 5 does not match what was computed: %d", len(large)+6)},
		{"S096 checksum", func(in *CompleteMultipartUploadInput) { in.ChecksumCRC64NVME = "AAAAAAAAAAA=" }, "BadDigest: The crc64nvme you specified did not match the calculated checksum."},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := completing("key", id, one.ETag, two.ETag)
			test.change(in)
			_, err := w.CompleteMultipartUpload(w.ctx, in)
			failsWith(t, err, test.want)
			if _, _, err := w.get("key"); !errors.Is(err, ErrNoSuchKey) {
				t.Errorf("the object is there: %v", err)
			}
		})
	}
	in := completing("key", id, one.ETag, two.ETag) // the upload goes on
	in.MpuObjectSize, in.ChecksumCRC64NVME = new(int64(len(large)+6)), sumOf(crc64NVME, large+"second")
	w.complete(in)
}

func TestUploadPartRefuses(t *testing.T) {
	w := newWorld(t)
	id := w.begin("key", func(in *CreateMultipartUploadInput) { in.ChecksumAlgorithm = "SHA256" })
	for _, test := range []struct {
		name   string
		change func(*UploadPartInput)
		want   string
	}{
		{"S141 zero", func(in *UploadPartInput) { in.PartNumber = new(int32(0)) }, "InvalidArgument: Part number must be an integer between 1 and 10000, inclusive; ArgumentName=partNumber; ArgumentValue=0"},
		{"S141 too large", func(in *UploadPartInput) { in.PartNumber = new(int32(10001)) }, "InvalidArgument: Part number must be an integer between 1 and 10000, inclusive; ArgumentName=partNumber; ArgumentValue=10001"},
		{"S142 no upload", func(in *UploadPartInput) { in.UploadId = "x" }, "NoSuchUpload: The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.; UploadId=x"},
		{"S106 algorithm", func(in *UploadPartInput) { in.ChecksumCRC32 = sumOf(crc32IEEE, "body") }, "InvalidRequest: Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32"},
		{"S106 algorithm of a trailer", func(in *UploadPartInput) {
			in.Body = trailing("body", "x-amz-checksum-crc32", sumOf(crc32IEEE, "body"))
		}, "InvalidRequest: Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32"},
		{"S096 checksum", func(in *UploadPartInput) { in.ChecksumSHA256 = sumOf(sha256Sum, "another") }, "BadDigest: The SHA256 you specified did not match the calculated checksum."},
		{"S081 digest", func(in *UploadPartInput) { in.ContentMD5 = "AAAAAAAAAAAAAAAAAAAAAA==" }, "BadDigest: The Content-MD5 you specified did not match what we received.; ExpectedDigest=AAAAAAAAAAAAAAAAAAAAAA==; CalculatedDigest=hBotaJrYa9FhFEdFPCLG/A=="},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := &UploadPartInput{Bucket: name, Key: "key", UploadId: id, PartNumber: new(int32(1)), Body: bodyOf("body")}
			test.change(in)
			_, err := w.UploadPart(w.ctx, in)
			failsWith(t, err, test.want)
			if n := w.swept(); n != 0 {
				t.Errorf("%d pieces are left", n)
			}
		})
	}
}

func TestCreateMultipartUploadRefuses(t *testing.T) {
	w := newWorld(t)
	for _, test := range []struct{ name, algorithm, kind, want string }{
		{"S099 algorithm", "MD4", "", "InvalidRequest: Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"},
		{"S100 full SHA", "SHA1", "FULL_OBJECT", "InvalidRequest: The FULL_OBJECT checksum type cannot be used with the sha1 checksum algorithm."},
		{"S100 composite CRC64", "CRC64NVME", "COMPOSITE", "InvalidRequest: The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm."},
		{"S101 no algorithm", "", "COMPOSITE", "InvalidRequest: The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."},
		{"type", "CRC32", "HALF", "InvalidRequest: Value for x-amz-checksum-type header is invalid."},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := w.CreateMultipartUpload(w.ctx, &CreateMultipartUploadInput{Bucket: name, Key: "key", ChecksumAlgorithm: test.algorithm, ChecksumType: test.kind})
			failsWith(t, err, test.want)
		})
	}
	_, err := w.CreateMultipartUpload(w.ctx, &CreateMultipartUploadInput{Bucket: name, Key: strings.Repeat("x", 1025)})
	failsWith(t, err, "KeyTooLongError: Your key is too long; Size=1025; MaxSizeAllowed=1024")
}

// The checksums of objects of parts, by all algorithms and types [S100] [S102] [S147].
func TestChecksumsOfParts(t *testing.T) {
	w := newWorld(t)
	set := func(in *CompletedPart, algorithm, value string) {
		map[string]func(){
			crc32IEEE: func() { in.ChecksumCRC32 = value }, crc32Castagnoli: func() { in.ChecksumCRC32C = value },
			crc64NVME: func() { in.ChecksumCRC64NVME = value }, sha1Sum: func() { in.ChecksumSHA1 = value }, sha256Sum: func() { in.ChecksumSHA256 = value },
		}[algorithm]()
	}
	bodies := []string{large, large[1:], "the last"}
	for _, test := range []struct{ name, algorithm, asked, kind string }{
		{"S100 CRC32", crc32IEEE, "", composite},
		{"S100 CRC32C", crc32Castagnoli, "", composite},
		{"S100 CRC64NVME", crc64NVME, "", fullObject},
		{"S100 SHA1", sha1Sum, "", composite},
		{"S100 SHA256", sha256Sum, composite, composite},
		{"S100 CRC32 of all", crc32IEEE, fullObject, fullObject},
		{"S100 CRC32C of all", crc32Castagnoli, fullObject, fullObject},
	} {
		t.Run(test.name, func(t *testing.T) {
			id := w.begin("key", func(in *CreateMultipartUploadInput) {
				in.ChecksumAlgorithm, in.ChecksumType = test.algorithm, test.asked
			})
			in := completing("key", id)
			h := newHash(test.algorithm)
			for i, body := range bodies {
				part := w.upload("key", id, int32(i+1), body)
				sum := sumOf(test.algorithm, body)
				raw, _ := base64.StdEncoding.DecodeString(sum)
				h.Write(raw)
				done := CompletedPart{PartNumber: new(int32(i + 1)), ETag: part.ETag}
				set(&done, test.algorithm, sum)
				in.MultipartUpload.Parts = append(in.MultipartUpload.Parts, done)
			}
			want := checksum{test.algorithm, test.kind, sumOf(test.algorithm, strings.Join(bodies, ""))}
			if test.kind == composite {
				want.Value = base64.StdEncoding.EncodeToString(h.Sum(nil)) + "-3"
				wrong := *in
				wrong.MultipartUpload = &CompletedMultipartUpload{Parts: append([]CompletedPart(nil), in.MultipartUpload.Parts...)}
				lower := strings.ToLower(test.algorithm)
				set(&wrong.MultipartUpload.Parts[0], test.algorithm, sumOf(test.algorithm, "x"))
				bad := "InvalidPart: One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.; UploadId=" + id + "; PartNumber=1; ETag=" + strings.Trim(in.MultipartUpload.Parts[0].ETag, `"`)
				failsWith(t, second(w.CompleteMultipartUpload(w.ctx, &wrong)), bad) // [S143]
				another := checksumAlgorithms[(slices.Index(checksumAlgorithms, test.algorithm)+1)%len(checksumAlgorithms)]
				set(&wrong.MultipartUpload.Parts[0], another, sumOf(another, large))
				failsWith(t, second(w.CompleteMultipartUpload(w.ctx, &wrong)), "BadDigest: The "+strings.ToLower(another)+" you specified for part 1 did not match what we received.") // [S096]
				set(&wrong.MultipartUpload.Parts[0], another, "")
				set(&wrong.MultipartUpload.Parts[0], test.algorithm, "")
				failsWith(t, second(w.CompleteMultipartUpload(w.ctx, &wrong)), "InvalidRequest: The upload was created using a "+lower+" checksum. The complete request must include the checksum for each part. It was missing for part 1 in the request.") // [S105]
			}
			parts, err := w.ListParts(w.ctx, &ListPartsInput{Bucket: name, Key: "key", UploadId: id})
			if err != nil || parts.ChecksumAlgorithm != test.algorithm || parts.ChecksumType != test.kind {
				t.Errorf("the parts are %+v, %v", parts, err)
			}
			out := w.complete(in)
			kind, a, b, c, d, e := want.members()
			if got := [6]string{out.ChecksumType, out.ChecksumCRC32, out.ChecksumCRC32C, out.ChecksumCRC64NVME, out.ChecksumSHA1, out.ChecksumSHA256}; got != [6]string{kind, a, b, c, d, e} {
				t.Errorf("got %q, want %+v", got, want)
			}
			// [S102]
			part, err := w.HeadObject(w.ctx, &HeadObjectInput{Bucket: name, Key: "key", PartNumber: new(int32(3)), ChecksumMode: "ENABLED"})
			if err != nil {
				t.Fatal(err)
			}
			var own checksum
			if test.kind == composite {
				own = checksum{test.algorithm, composite, sumOf(test.algorithm, "the last")}
			}
			kind, a, b, c, d, e = own.members()
			if got := [6]string{part.ChecksumType, part.ChecksumCRC32, part.ChecksumCRC32C, part.ChecksumCRC64NVME, part.ChecksumSHA1, part.ChecksumSHA256}; got != [6]string{kind, a, b, c, d, e} {
				t.Errorf("of a part: %q, want %+v", got, own)
			}
			told, err := w.GetObjectAttributes(w.ctx, &GetObjectAttributesInput{Bucket: name, Key: "key", ObjectAttributes: []string{"Checksum", "ObjectParts"}})
			if err != nil {
				t.Fatal(err)
			}
			plain := want
			plain.Value, _, _ = strings.Cut(plain.Value, "-")
			if diff := cmp.Diff(plain.attribute(), told.Checksum); diff != "" {
				t.Error(diff)
			}
			if n := len(told.ObjectParts.Parts); *told.ObjectParts.TotalPartsCount != 3 || (n == 3) != (test.kind == composite) {
				t.Errorf("%d parts are told", n)
			}
		})
	}
}

// What completes an upload may say what the whole object's checksum is, and of what kind [S096] [S103].
func TestChecksumOfTheWhole(t *testing.T) {
	w := newWorld(t)
	const text = "abc"
	crc, nvme := sumOf(crc32Castagnoli, text), sumOf(crc64NVME, text)
	bad := func(algorithm string) string {
		return "BadDigest: The " + algorithm + " you specified did not match the calculated checksum."
	}
	for _, test := range []struct {
		name, algorithm, kind, want string
		change                      func(*CompleteMultipartUploadInput)
	}{
		{"S096 of the kind that is said", crc32Castagnoli, fullObject, "", func(in *CompleteMultipartUploadInput) { in.ChecksumCRC32C, in.ChecksumType = crc, fullObject }},
		{"S096 of no kind", crc32Castagnoli, fullObject, bad("crc32c"), func(in *CompleteMultipartUploadInput) { in.ChecksumCRC32C = crc }},
		{"S096 of another algorithm", crc32Castagnoli, fullObject, bad("crc32c"), func(in *CompleteMultipartUploadInput) { in.ChecksumCRC64NVME, in.ChecksumType = nvme, fullObject }},
		{"S096 another", crc32Castagnoli, fullObject, bad("crc32c"), func(in *CompleteMultipartUploadInput) { in.ChecksumCRC32C, in.ChecksumType = "AAAAAA==", fullObject }},
		{"of the one kind that there is", crc64NVME, fullObject, "", func(in *CompleteMultipartUploadInput) { in.ChecksumCRC64NVME = nvme }},
		{"S103 without an algorithm", "", "", "", func(in *CompleteMultipartUploadInput) { in.ChecksumCRC32C = "AAAAAA==-2" }},
		{"another of the one that the object gets", "", "", bad("crc64nvme"), func(in *CompleteMultipartUploadInput) { in.ChecksumCRC64NVME = "AAAAAAAAAAA=" }},
	} {
		t.Run(test.name, func(t *testing.T) {
			id := w.begin("whole", func(in *CreateMultipartUploadInput) {
				in.ChecksumAlgorithm, in.ChecksumType = test.algorithm, test.kind
			})
			in := completing("whole", id)
			in.MultipartUpload.Parts = []CompletedPart{{PartNumber: new(int32(1)), ETag: w.upload("whole", id, 1, text).ETag}}
			test.change(in)
			_, err := w.CompleteMultipartUpload(w.ctx, in)
			if test.want != "" {
				failsWith(t, err, test.want)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// What CRCs have in common, for pieces of any length.
func TestCombine(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, algorithm := range []string{crc32IEEE, crc32Castagnoli, crc64NVME} {
		for range 50 {
			text := random(r.IntN(3000))
			cut := r.IntN(len(text) + 1)
			sum := func(b []byte) []byte {
				h := newHash(algorithm)
				h.Write(b)
				return h.Sum(nil)
			}
			if got := combine(algorithm, sum(text[:cut]), sum(text[cut:]), int64(len(text)-cut)); string(got) != string(sum(text)) {
				t.Fatalf("%s of %d and %d bytes: %x, want %x", algorithm, cut, len(text)-cut, got, sum(text))
			}
		}
	}
}

// [S072]: what happens to a key during an upload to it counts for conditions of completing.
func TestConditionalComplete(t *testing.T) {
	failed := "PreconditionFailed: At least one of the pre-conditions you specified did not hold; Condition="
	conflict := "ConditionalRequestConflict: The conditional request cannot succeed due to a conflicting operation against this resource.; Condition="
	for _, test := range []struct {
		name           string
		before, during func(*world)
		change         func(*CompleteMultipartUploadInput)
		want           string // empty: it succeeds
	}{
		{"S072 none over an object", nil, func(w *world) { w.put("key", "there") }, func(in *CompleteMultipartUploadInput) { in.IfNoneMatch = new("*") }, failed + "If-None-Match"},
		{"none", nil, nil, func(in *CompleteMultipartUploadInput) { in.IfNoneMatch = new("*") }, ""},
		{"S072 none, and it was deleted", func(w *world) { w.put("key", "there") }, func(w *world) { w.delete("key", nil) }, func(in *CompleteMultipartUploadInput) { in.IfNoneMatch = new("*") }, conflict + "If-None-Match; Key=key"},
		{"S072 none, and it was put and deleted", nil, func(w *world) { w.put("key", "there"); w.delete("key", nil) }, func(in *CompleteMultipartUploadInput) { in.IfNoneMatch = new("*") }, conflict + "If-None-Match; Key=key"},
		{"S072 none, and it was marked as deleted", func(w *world) { w.versioning("Enabled"); w.put("key", "there") }, func(w *world) { w.delete("key", nil) }, func(in *CompleteMultipartUploadInput) { in.IfNoneMatch = new("*") }, conflict + "If-None-Match; Key=key"},
		{"none, and another was deleted", func(w *world) { w.put("key2", "there") }, func(w *world) { w.delete("key2", nil) }, func(in *CompleteMultipartUploadInput) { in.IfNoneMatch = new("*") }, ""},
		{"none, and nothing was deleted", nil, func(w *world) { w.delete("key", nil) }, func(in *CompleteMultipartUploadInput) { in.IfNoneMatch = new("*") }, ""},
		{"S072 match, and another was put", func(w *world) { w.put("key", "there") }, func(w *world) { w.put("key", "other") }, func(in *CompleteMultipartUploadInput) { in.IfMatch = new(etag("there")) }, failed + "If-Match"},
		{"S071 any", nil, nil, func(in *CompleteMultipartUploadInput) { in.IfMatch = new("*") }, "NotImplemented: A header you provided implies functionality that is not implemented; Header=If-Match; additionalMessage=We don't accept the provided value of If-Match header for this API"},
		{"match", func(w *world) { w.put("key", "there") }, nil, func(in *CompleteMultipartUploadInput) { in.IfMatch = new(etag("there")) }, ""},
		{"another", func(w *world) { w.put("key", "there") }, nil, func(in *CompleteMultipartUploadInput) { in.IfMatch = new("x") }, failed + "If-Match"},
		{"S072 match, and it was put again", func(w *world) { w.put("key", "there") }, func(w *world) { w.put("key", "there") }, func(in *CompleteMultipartUploadInput) { in.IfMatch = new(etag("there")) }, conflict + "If-Match; Key=key"},
		{"S072 match, and it was deleted", func(w *world) { w.put("key", "there") }, func(w *world) { w.delete("key", nil) }, func(in *CompleteMultipartUploadInput) { in.IfMatch = new(etag("there")) }, "NoSuchKey: The specified key does not exist.; Key=key"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			if test.before != nil {
				test.before(w)
			}
			id := w.begin("key")
			part := w.upload("key", id, 1, "new")
			if test.during != nil {
				test.during(w)
			}
			in := completing("key", id, part.ETag)
			test.change(in)
			_, err := w.CompleteMultipartUpload(w.ctx, in)
			if test.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				w.wantBody("key", "new")
				return
			}
			failsWith(t, err, test.want)
			if strings.HasPrefix(test.want, "Conditional") { // another upload succeeds
				again := w.begin("key")
				w.complete(completing("key", again, w.upload("key", again, 1, "again").ETag))
			}
		})
	}
}

// Completing and sweeping an upload of many parts write little at a time.
func TestManyParts(t *testing.T) {
	largest := &storetest.Largest{Engine: mem.New()}
	w := newWorldOn(t, largest)
	id := w.begin("key")
	in := completing("key", id)
	const last = 300
	for i := range int32(last) {
		in.MultipartUpload.Parts = append(in.MultipartUpload.Parts, CompletedPart{PartNumber: new(i + 1), ETag: w.upload("key", id, i+1, "part").ETag})
	}
	largest.Writes()
	_, err := w.CompleteMultipartUpload(w.ctx, in)
	if !errors.Is(err, ErrEntityTooSmall) {
		t.Fatalf("small parts: %v", err)
	}
	in.MultipartUpload.Parts = in.MultipartUpload.Parts[:1]
	w.complete(in)
	w.wantBody("key", "part")
	if n := w.swept(); n != 1 || largest.Writes() > last+10 {
		t.Errorf("%d pieces are left", n)
	}
}
