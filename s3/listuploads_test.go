package s3

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestListParts(t *testing.T) {
	w := newWorld(t)
	id := w.begin("key")
	for _, n := range []int32{1, 2, 4, 10000} {
		w.upload("key", id, n, "body")
	}
	for _, test := range []struct {
		name, marker string
		limit        *int32
		want         string // numbers, next marker, truncated
	}{
		{"S146 all", "", nil, "1 2 4 10000 > 10000 false"},
		{"S146 some", "", new(int32(2)), "1 2 > 2 true"},
		{"S146 the rest", "2", nil, "4 10000 > 10000 false"},
		{"S146 beyond the end", "10000", nil, "> 0 false"},
		{"far beyond", "99999", nil, "> 0 false"},
		{"none", "", new(int32(0)), "> 0 false"},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := w.ListParts(w.ctx, &ListPartsInput{Bucket: name, Key: "key", UploadId: id, PartNumberMarker: test.marker, MaxParts: test.limit})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range out.Parts {
				got = append(got, fmt.Sprint(*p.PartNumber))
				if *p.Size != 4 || p.ETag != etag("body") || !p.LastModified.Equal(start) || p.ChecksumCRC64NVME != "" { // [S147]
					t.Errorf("part %+v", p)
				}
			}
			got = append(got, ">", out.NextPartNumberMarker, fmt.Sprint(*out.IsTruncated))
			if strings.Join(got, " ") != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if out.Initiator.DisplayName == "" || out.Owner.DisplayName != "" || out.StorageClass != "STANDARD" { // [S044]
				t.Errorf("%+v, %+v", out.Initiator, out.Owner)
			}
		})
	}
	failsWith(t, second(w.ListParts(w.ctx, &ListPartsInput{Bucket: name, Key: "key", UploadId: id, PartNumberMarker: "x"})), "InvalidArgument: Provided part-number-marker not an integer or within integer range; ArgumentName=part-number-marker; ArgumentValue=x")
	failsWith(t, second(w.ListParts(w.ctx, &ListPartsInput{Bucket: name, Key: "key", UploadId: id, MaxParts: new(int32(-1))})), "InvalidArgument: Argument max-parts must be an integer between 0 and 2147483647; ArgumentName=max-parts; ArgumentValue=-1")
}

func TestListMultipartUploads(t *testing.T) {
	w := newWorld(t)
	a, a2, b := w.begin("a"), w.begin("a"), w.begin("b/1")
	w.begin("b/2")
	c := w.begin("c\x00")
	for _, test := range []struct {
		name string
		in   ListMultipartUploadsInput
		want string // entries, next markers
	}{
		{"S148 all", ListMultipartUploadsInput{}, "a/" + a + " a/" + a2 + " b/1/" + b + " b/2 c\x00/" + c + " > c\x00 " + c},
		{"S148 delimiter", ListMultipartUploadsInput{Delimiter: new("/")}, "a/" + a + " a/" + a2 + " c\x00/" + c + " <b/> > c\x00 " + c},
		{"S148 ends in a prefix", ListMultipartUploadsInput{Delimiter: new("/"), MaxUploads: new(int32(3))}, "a/" + a + " a/" + a2 + " <b/> >  "},
		{"S148 behind a key", ListMultipartUploadsInput{KeyMarker: new("a")}, "b/1/" + b + " b/2 c\x00/" + c + " > c\x00 " + c},
		{"S148 behind an upload", ListMultipartUploadsInput{KeyMarker: new("a"), UploadIdMarker: &a, MaxUploads: new(int32(1))}, "a/" + a2 + " > a " + a2},
		{"S148 an upload without a key", ListMultipartUploadsInput{UploadIdMarker: &a, MaxUploads: new(int32(1))}, "a/" + a + " > a " + a},
		{"S148 none", ListMultipartUploadsInput{Prefix: new("x")}, ">  "},
		{"prefix", ListMultipartUploadsInput{Prefix: new("b/1")}, "b/1/" + b + " > b/1 " + b},
		{"behind a prefix", ListMultipartUploadsInput{Delimiter: new("/"), KeyMarker: new("b/")}, "c\x00/" + c + " > c\x00 " + c},
		{"no room", ListMultipartUploadsInput{MaxUploads: new(int32(0))}, ">  "},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.in.Bucket = name
			out, err := w.ListMultipartUploads(w.ctx, &test.in)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, u := range out.Uploads {
				if got = append(got, u.Key+"/"+u.UploadId); u.Key == "b/2" {
					got[len(got)-1] = u.Key
				}
				if !u.Initiated.Equal(start) || u.Initiator.ID != canonicalID(account) || u.StorageClass != "STANDARD" {
					t.Errorf("%+v", u)
				}
			}
			for _, p := range out.CommonPrefixes {
				got = append(got, "<"+p.Prefix+">")
			}
			got = append(got, ">", out.NextKeyMarker, out.NextUploadIdMarker)
			if strings.Join(got, " ") != test.want {
				t.Errorf("got  %q\nwant %q", strings.Join(got, " "), test.want)
			}
		})
	}
	failsWith(t, second(w.ListMultipartUploads(w.ctx, &ListMultipartUploadsInput{Bucket: name, KeyMarker: new("b"), UploadIdMarker: &a})), "InvalidArgument: Invalid uploadId marker; ArgumentName=upload-id-marker; ArgumentValue="+a)
}

func TestGetObjectAttributes(t *testing.T) {
	w := newWorld(t)
	w.put("key", "hello")
	all := []string{"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"}
	out, err := w.GetObjectAttributes(w.ctx, &GetObjectAttributesInput{Bucket: name, Key: "key", ObjectAttributes: all})
	want := &GetObjectAttributesOutput{
		ETag: strings.Trim(etag("hello"), `"`), Checksum: &Checksum{ChecksumType: "FULL_OBJECT", ChecksumCRC64NVME: hello["CRC64NVME"]}, // [S060]
		StorageClass: "STANDARD", ObjectSize: new(int64(5)), LastModified: start,
	}
	if diff := cmp.Diff(want, out); diff != "" || err != nil {
		t.Error(diff, err)
	}
	failsWith(t, second(w.GetObjectAttributes(w.ctx, &GetObjectAttributesInput{Bucket: name, Key: "key", ObjectAttributes: []string{"Age"}})), "InvalidArgument: Invalid attribute name specified.; ArgumentName=x-amz-object-attributes; ArgumentValue=Age")
	failsWith(t, second(w.GetObjectAttributes(w.ctx, &GetObjectAttributesInput{Bucket: name, Key: "key"})), "InvalidRequest: The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty")
	failsWith(t, second(w.GetObjectAttributes(w.ctx, &GetObjectAttributesInput{Bucket: name, Key: "missing", ObjectAttributes: all})), "NoSuchKey: The specified key does not exist.; Key=missing")
}
