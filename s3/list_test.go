package s3

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shown are a page's keys, and its common prefixes in angle brackets.
func shown(contents []Object, prefixes []CommonPrefix) string {
	var all []string
	for _, o := range contents {
		all = append(all, o.Key)
	}
	for _, p := range prefixes {
		all = append(all, "<"+p.Prefix+">")
	}
	return strings.Join(all, " ")
}

func TestListObjects(t *testing.T) {
	w := newWorld(t)
	for _, key := range []string{"a", "b/1", "b/2", "b/3/x", "c", "d/1", "é", "Z"} {
		w.put(key, "body")
	}
	w.put("gone", "")
	w.delete("gone", nil)
	for _, test := range []struct {
		name, want string
		in         ListObjectsV2Input
		next       bool
	}{
		{"S150 all", "Z a b/1 b/2 b/3/x c d/1 é", ListObjectsV2Input{}, false},
		{"prefix", "b/1 b/2 b/3/x", ListObjectsV2Input{Prefix: new("b/")}, false},
		{"no such prefix", "", ListObjectsV2Input{Prefix: new("x")}, false},
		{"S150 delimiter", "Z a c é <b/> <d/>", ListObjectsV2Input{Delimiter: new("/")}, false},
		{"S150 prefixes count", "Z a <b/>", ListObjectsV2Input{Delimiter: new("/"), MaxKeys: new(int32(3))}, true},
		{"both", "b/1 b/2 <b/3/>", ListObjectsV2Input{Delimiter: new("/"), Prefix: new("b/")}, false},
		{"S156 a delimiter that is nowhere", "b/1 b/2 b/3/x", ListObjectsV2Input{Delimiter: new("|"), Prefix: new("b/")}, false},
		{"a long delimiter", "Z a b/1 b/2 c d/1 é <b/3/>", ListObjectsV2Input{Delimiter: new("3/")}, false},
		{"start after", "c d/1 é", ListObjectsV2Input{StartAfter: new("b/3/x")}, false},
		{"start after within a prefix", "c é <b/> <d/>", ListObjectsV2Input{StartAfter: new("b/1"), Delimiter: new("/")}, false},
		{"some", "Z a", ListObjectsV2Input{MaxKeys: new(int32(2))}, true},
		{"none", "", ListObjectsV2Input{MaxKeys: new(int32(0))}, false},
		{"as many as there are", "Z a b/1 b/2 b/3/x c d/1 é", ListObjectsV2Input{MaxKeys: new(int32(8))}, false},
		{"S151 encoded", "Z a b/1 b/2 b/3/x c d/1 %C3%A9", ListObjectsV2Input{EncodingType: new("url")}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.in.Bucket = name
			out, err := w.ListObjectsV2(w.ctx, &test.in)
			if err != nil {
				t.Fatal(err)
			}
			if got := shown(out.Contents, out.CommonPrefixes); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if *out.IsTruncated != test.next || (out.NextContinuationToken != "") != test.next || int(*out.KeyCount) != len(out.Contents)+len(out.CommonPrefixes) {
				t.Errorf("%v, %q, %d", *out.IsTruncated, out.NextContinuationToken, *out.KeyCount)
			}
			if test.want == "" && (out.Contents != nil || out.CommonPrefixes != nil) { // [S156]
				t.Errorf("%+v", out)
			}
		})
	}
}

// Whatever the page's size, a list has every key and common prefix once.
func TestPages(t *testing.T) {
	w := newWorld(t)
	w.versioning("Enabled")
	for i := range 30 {
		for range 1 + i%2 {
			w.put(fmt.Sprintf("%c/%02d", 'a'+i%4, i), "")
		}
		w.put(fmt.Sprintf("%c\x00%02d", 'a'+i%4, i), "")
	}
	for _, delimiter := range []*string{nil, new("/")} {
		var want []string
		for size := int32(1000); size > 0; size = size * 2 / 3 {
			var v1, v2, versions []string
			in1 := &ListObjectsInput{Bucket: name, Delimiter: delimiter, MaxKeys: &size}
			in2 := &ListObjectsV2Input{Bucket: name, Delimiter: delimiter, MaxKeys: &size}
			in3 := &ListObjectVersionsInput{Bucket: name, Delimiter: delimiter, MaxKeys: &size}
			for more := true; more; {
				out, err := w.ListObjectsV2(w.ctx, in2)
				if err != nil {
					t.Fatal(err)
				}
				v2 = append(v2, strings.Fields(shown(out.Contents, out.CommonPrefixes))...)
				in2.ContinuationToken, more = &out.NextContinuationToken, *out.IsTruncated
			}
			for more := true; more; {
				out, err := w.ListObjects(w.ctx, in1)
				if err != nil {
					t.Fatal(err)
				}
				v1 = append(v1, strings.Fields(shown(out.Contents, out.CommonPrefixes))...)
				if in1.Marker, more = &out.NextMarker, *out.IsTruncated; more && delimiter == nil {
					if out.NextMarker != "" { // [S154]
						t.Errorf("without a delimiter the marker is %q", out.NextMarker)
					}
					in1.Marker = &out.Contents[len(out.Contents)-1].Key
				}
			}
			for more := true; more; {
				out, err := w.ListObjectVersions(w.ctx, in3)
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range out.Versions {
					versions = append(versions, fmt.Sprint(v.Key, v.VersionId, *v.IsLatest))
				}
				for _, p := range out.CommonPrefixes {
					versions = append(versions, "<"+p.Prefix+">")
				}
				if in3.KeyMarker, in3.VersionIdMarker, more = &out.NextKeyMarker, nil, *out.IsTruncated; out.NextVersionIdMarker != "" {
					in3.VersionIdMarker = &out.NextVersionIdMarker
				}
			}
			if diff := cmp.Diff(sorted(v1), sorted(v2)); diff != "" {
				t.Fatalf("pages of %d: %s", size, diff)
			}
			all := append(sorted(v2), sorted(versions)...)
			if want == nil {
				want = all
			}
			if diff := cmp.Diff(want, all); diff != "" {
				t.Fatalf("pages of %d: %s", size, diff)
			}
		}
		if n := map[bool]int{true: 60 + 75, false: 34 + 34}[delimiter == nil]; len(want) != n {
			t.Errorf("there are %d entries, want %d", len(want), n)
		}
	}
}

func TestListedObject(t *testing.T) {
	w := newWorld(t)
	w.put("key", "hello", func(in *PutObjectInput) { in.StorageClass, in.ChecksumCRC32 = "GLACIER", hello["CRC32"] })
	want := Object{
		Key: "key", ETag: etag("hello"), Size: new(int64(5)), LastModified: start, StorageClass: "GLACIER",
		ChecksumAlgorithm: []string{"CRC32"}, ChecksumType: "FULL_OBJECT", // [S153]
	}
	for _, owner := range []bool{false, true} {
		out, err := w.ListObjectsV2(w.ctx, &ListObjectsV2Input{Bucket: name, FetchOwner: &owner})
		if want.Owner = nil; owner {
			want.Owner = &Owner{ID: canonicalID(account)}
		}
		if diff := cmp.Diff([]Object{want}, out.Contents); diff != "" || err != nil || out.BucketRegion != usEast1 {
			t.Error(diff, err)
		}
	}
	out, err := w.ListObjects(w.ctx, &ListObjectsInput{Bucket: name})
	if diff := cmp.Diff([]Object{want}, out.Contents); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

func TestListRefuses(t *testing.T) {
	w := newWorld(t)
	for _, test := range []struct {
		name string
		in   ListObjectsV2Input
		want string
	}{
		{"S152 encoding", ListObjectsV2Input{EncodingType: new("base64")}, "InvalidArgument: Invalid Encoding Method specified in Request; ArgumentName=encoding-type; ArgumentValue=base64"},
		{"S152 empty encoding", ListObjectsV2Input{EncodingType: new("")}, "InvalidArgument: Invalid Encoding Method specified in Request; ArgumentName=encoding-type; ArgumentValue="},
		{"S158 negative", ListObjectsV2Input{MaxKeys: new(int32(-1))}, "InvalidArgument: Argument maxKeys must be an integer between 0 and 2147483647; ArgumentName=maxKeys; ArgumentValue=-1"},
		{"S155 token", ListObjectsV2Input{ContinuationToken: new("x")}, "InvalidArgument: The continuation token provided is incorrect; ArgumentName=continuation-token"},
		{"S155 empty token", ListObjectsV2Input{ContinuationToken: new("")}, "InvalidArgument: The continuation token provided is incorrect; ArgumentName=continuation-token"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.in.Bucket = name
			_, err := w.ListObjectsV2(w.ctx, &test.in)
			failsWith(t, err, test.want)
		})
	}
	_, err := w.ListObjectVersions(w.ctx, &ListObjectVersionsInput{Bucket: name, VersionIdMarker: new("x")})
	failsWith(t, err, "InvalidArgument: A version-id marker cannot be specified without a key marker.; ArgumentName=version-id-marker; ArgumentValue=x") // [S157]
	_, err = w.ListObjectVersions(w.ctx, &ListObjectVersionsInput{Bucket: name, KeyMarker: new("k"), VersionIdMarker: new("x")})
	failsWith(t, err, "InvalidArgument: Invalid version id specified; ArgumentName=version-id-marker; ArgumentValue=x")
	if out, err := w.ListObjectsV2(w.ctx, &ListObjectsV2Input{Bucket: name, MaxKeys: new(int32(5000))}); err != nil || *out.MaxKeys != 1000 { // [S158]
		t.Errorf("%+v, %v", out, err)
	}
}

func TestListObjectVersions(t *testing.T) {
	w := newWorld(t)
	w.put("a", "null")
	w.versioning("Enabled")
	one := w.put("a", "one").VersionId
	marker := w.delete("a", nil).VersionId
	b := w.put("b", "b").VersionId
	out, err := w.ListObjectVersions(w.ctx, &ListObjectVersionsInput{Bucket: name})
	if err != nil {
		t.Fatal(err)
	}
	owner := &Owner{ID: canonicalID(account)}
	version := func(key, id, body string, latest bool) ObjectVersion {
		return ObjectVersion{
			Key: key, VersionId: id, ETag: etag(body), Size: new(int64(len(body))), IsLatest: &latest, LastModified: start, Owner: owner,
			StorageClass: "STANDARD", ChecksumAlgorithm: []string{"CRC64NVME"}, ChecksumType: "FULL_OBJECT",
		}
	}
	want := &ListObjectVersionsOutput{
		Name: name, MaxKeys: new(int32(1000)), IsTruncated: new(false),
		Versions:      []ObjectVersion{version("a", one, "one", false), version("a", "null", "null", false), version("b", b, "b", true)},
		DeleteMarkers: []DeleteMarkerEntry{{Key: "a", VersionId: marker, IsLatest: new(true), LastModified: start, Owner: owner}},
		order:         []string{"DeleteMarkers", "Versions", "Versions", "Versions"},
	}
	if diff := cmp.Diff(want, out, cmp.AllowUnexported(ListObjectVersionsOutput{})); diff != "" {
		t.Error(diff)
	}
	for _, test := range []struct {
		name string
		in   ListObjectVersionsInput
		want string
	}{
		{"S157 a key alone", ListObjectVersionsInput{KeyMarker: new("a")}, "b"},
		{"S157 behind a version", ListObjectVersionsInput{KeyMarker: new("a"), VersionIdMarker: &one}, "a/null b"},
		{"behind the null version", ListObjectVersionsInput{KeyMarker: new("a"), VersionIdMarker: new("null")}, "b"},
		{"a prefix", ListObjectVersionsInput{Prefix: new("b")}, "b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.in.Bucket = name
			out, err := w.ListObjectVersions(w.ctx, &test.in)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, v := range out.Versions {
				if v.VersionId == "null" {
					v.Key += "/null"
				}
				if *v.IsLatest != (v.Key == "b") {
					t.Errorf("%s is the latest: %v", v.Key, *v.IsLatest)
				}
				got = append(got, v.Key)
			}
			if strings.Join(got, " ") != test.want || len(out.DeleteMarkers) != 0 {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// The first version of a page is the latest where those before it were deleted meanwhile [S157].
func TestLatestBehindWhatIsGone(t *testing.T) {
	w := newWorld(t)
	w.versioning("Enabled")
	one := w.put("a", "one").VersionId
	two := w.put("a", "two").VersionId
	in := &ListObjectVersionsInput{Bucket: name, KeyMarker: new("a"), VersionIdMarker: &two}
	for _, latest := range []bool{false, true} {
		out, err := w.ListObjectVersions(w.ctx, in)
		if err != nil || len(out.Versions) != 1 || out.Versions[0].VersionId != one || *out.Versions[0].IsLatest != latest {
			t.Errorf("%+v, %v", out, err)
		}
		w.delete("a", &two)
	}
}
