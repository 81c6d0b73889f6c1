package s3

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func (w *world) versioning(status string) {
	w.t.Helper()
	_, err := w.PutBucketVersioning(w.ctx, &PutBucketVersioningInput{Bucket: name, VersioningConfiguration: &VersioningConfiguration{Status: status}})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) delete(key string, version *string) *DeleteObjectOutput {
	w.t.Helper()
	out, err := w.DeleteObject(w.ctx, &DeleteObjectInput{Bucket: name, Key: key, VersionId: version})
	if err != nil {
		w.t.Fatalf("deletion of %q: %v", key, err)
	}
	return out
}

func ofVersion(id string) func(*GetObjectInput) {
	return func(in *GetObjectInput) { in.VersionId = &id }
}

func TestBucketVersioning(t *testing.T) {
	w := newWorld(t)
	status := func() string {
		out, err := w.GetBucketVersioning(w.ctx, &GetBucketVersioningInput{Bucket: name})
		if err != nil {
			t.Fatal(err)
		}
		return out.Status
	}
	if got := status(); got != "" { // [S041]
		t.Errorf("a new bucket is %s", got)
	}
	for _, test := range []struct {
		name string
		in   PutBucketVersioningInput
		want string
	}{
		{"S160 none", PutBucketVersioningInput{VersioningConfiguration: &VersioningConfiguration{}}, "IllegalVersioningConfigurationException: The Versioning element must be specified"},
		{"S160 lower case", PutBucketVersioningInput{VersioningConfiguration: &VersioningConfiguration{Status: "enabled"}}, "MalformedXML: The XML you provided was not well-formed or did not validate against our published schema"},
		{"S160 disabled", PutBucketVersioningInput{VersioningConfiguration: &VersioningConfiguration{Status: "Disabled"}}, "MalformedXML: The XML you provided was not well-formed or did not validate against our published schema"},
		{"no body", PutBucketVersioningInput{}, "MissingRequestBodyError: Request Body is empty"},
		{"MFA", PutBucketVersioningInput{VersioningConfiguration: &VersioningConfiguration{Status: "Enabled", MFADelete: "Enabled"}}, "NotImplemented: A header you provided implies functionality that is not implemented; Header=x-amz-mfa"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.in.Bucket = name
			_, err := w.PutBucketVersioning(w.ctx, &test.in)
			failsWith(t, err, test.want)
			if got := status(); got != "" {
				t.Errorf("the bucket is %s", got)
			}
		})
	}
	for _, s := range []string{"Suspended", "Enabled", "Suspended"} { // [S160]
		if w.versioning(s); status() != s {
			t.Errorf("the bucket is %s, want %s", status(), s)
		}
	}
}

// [S161]-[S165]: versions while versioning is off, on, and suspended.
func TestVersions(t *testing.T) {
	w := newWorld(t)
	w.put("key", "before")
	if got := w.wantBody("key", "before"); got.VersionId != "" {
		t.Errorf("without versioning the version is %q", got.VersionId)
	}
	w.versioning("Enabled")
	if got := w.wantBody("key", "before"); got.VersionId != "null" {
		t.Errorf("what was before versioning is %q", got.VersionId)
	}
	one, two := w.put("key", "one").VersionId, w.put("key", "two").VersionId
	for _, id := range []string{one, two} {
		if !regexp.MustCompile(`^[A-Za-z0-9._]{32}$`).MatchString(id) || one == two {
			t.Errorf("the version is %q", id)
		}
	}
	for id, body := range map[string]string{"null": "before", one: "one", two: "two"} {
		if got := w.wantBody("key", body, ofVersion(id)); got.VersionId != id {
			t.Errorf("%s is version %s", id, got.VersionId)
		}
	}
	w.wantBody("key", "two")
	marker := w.delete("key", nil)
	if !*marker.DeleteMarker || len(marker.VersionId) != 32 {
		t.Errorf("the marker is %+v", marker)
	}
	_, _, err := w.get("key")
	failsWith(t, err, "NoSuchKey: The specified key does not exist.; Key=key")
	w.wantBody("key", "two", ofVersion(two))

	w.versioning("Suspended")
	if put := w.put("key", "suspended"); put.VersionId != "" { // [S162]
		t.Errorf("it answers version %q", put.VersionId)
	}
	if got := w.wantBody("key", "suspended"); got.VersionId != "null" {
		t.Errorf("it is version %q", got.VersionId)
	}
	w.wantBody("key", "suspended", ofVersion("null"))
	w.wantBody("key", "one", ofVersion(one))
	if again := w.delete("key", nil); again.VersionId != "null" || !*again.DeleteMarker { // [S165]
		t.Errorf("the marker is %+v", again)
	}
	_, _, err = w.get("key", ofVersion("null"))
	failsWith(t, err, "MethodNotAllowed: The specified method is not allowed against this resource.; Method=GET; ResourceType=DeleteMarker")
	// [S164]
	if out := w.delete("key", new("null")); out.VersionId != "null" || !*out.DeleteMarker {
		t.Errorf("the deletion of a marker answers %+v", out)
	}
	if out := w.delete("key", &marker.VersionId); out.VersionId != marker.VersionId || !*out.DeleteMarker {
		t.Errorf("the deletion of a marker answers %+v", out)
	}
	w.wantBody("key", "two")
	if out := w.delete("key", &two); out.VersionId != two || out.DeleteMarker != nil {
		t.Errorf("the deletion of a version answers %+v", out)
	}
	w.wantBody("key", "one")
	if out := w.delete("key", &two); out.VersionId != two || out.DeleteMarker != nil {
		t.Errorf("the deletion of what is gone answers %+v", out)
	}
	_, _, err = w.get("key", ofVersion(two))
	failsWith(t, err, "NoSuchVersion: The specified version does not exist.; Key=key; VersionId="+two) // [S007]
	_, err = w.DeleteBucket(w.ctx, &DeleteBucketInput{Bucket: name})
	failsWith(t, err, "BucketNotEmpty: The bucket you tried to delete is not empty. You must delete all versions in the bucket.; BucketName="+name) // [S043]
	w.delete("key", &one)
	if n := w.swept(); n != 0 {
		t.Errorf("%d pieces are left", n)
	}
	want := []string{
		"ObjectCreated:Put key 6 null", "ObjectCreated:Put key 3 " + one, "ObjectCreated:Put key 3 " + two,
		"ObjectRemoved:DeleteMarkerCreated key 0 " + marker.VersionId, "ObjectCreated:Put key 9 null", "ObjectRemoved:DeleteMarkerCreated key 0 null",
		"ObjectRemoved:Delete key 0 null", "ObjectRemoved:Delete key 0 " + marker.VersionId, "ObjectRemoved:Delete key 3 " + two, "ObjectRemoved:Delete key 3 " + one,
	}
	if diff := cmp.Diff(want, w.events()); diff != "" {
		t.Error(diff)
	}
}

// [S008]: an id that S3 never made is known as such, also one that is nearly right.
func TestVersionIDsAreUnforgeable(t *testing.T) {
	w := newWorld(t)
	w.versioning("Enabled")
	id := w.put("key", "body").VersionId
	for _, forged := range []string{id[:28] + "abcd", "abcd" + id[4:], id[:31], id + "a", strings.ToLower(id), ""} {
		if forged == id {
			continue
		}
		_, _, err := w.get("key", ofVersion(forged))
		if !errors.Is(err, ErrInvalidArgument) {
			t.Errorf("%q: %v", forged, err)
		}
	}
	w.open() // the ids outlive the process
	w.wantBody("key", "body", ofVersion(id))
	_, _, err := w.get("another", ofVersion(id))
	failsWith(t, err, "NoSuchVersion: The specified version does not exist.; Key=another; VersionId="+id)
}

// [S166]: a marker by its id, and a key whose current version is one.
func TestDeleteMarkersAreNoObjects(t *testing.T) {
	w := newWorld(t)
	w.versioning("Enabled")
	marker := w.delete("key", nil).VersionId // [S163]
	_, _, err := w.get("key")
	failsWith(t, err, "NoSuchKey: The specified key does not exist.; Key=key")
	if diff := cmp.Diff("[{x-amz-delete-marker true} {x-amz-version-id "+marker+"}]", fmt.Sprint(asError(t, err).Headers)); diff != "" {
		t.Error(diff)
	}
	const isMarker = "MethodNotAllowed: The specified method is not allowed against this resource.; Method="
	for method, err := range map[string]error{
		"GET":  second(w.GetObject(w.ctx, &GetObjectInput{Bucket: name, Key: "key", VersionId: &marker})),
		"HEAD": second(w.HeadObject(w.ctx, &HeadObjectInput{Bucket: name, Key: "key", VersionId: &marker})),
	} {
		failsWith(t, err, isMarker+method+"; ResourceType=DeleteMarker")
		if diff := cmp.Diff("[{Allow DELETE} {x-amz-delete-marker true} {x-amz-version-id "+marker+"}]", fmt.Sprint(asError(t, err).Headers)); diff != "" {
			t.Error(diff)
		}
	}
	for _, version := range []*string{&marker, nil} { // [S167]
		failsWith(t, second(w.PutObjectTagging(w.ctx, &PutObjectTaggingInput{Bucket: name, Key: "key", VersionId: version, Tagging: &Tagging{}})), isMarker+"PUT; ResourceType=DeleteMarker")
		failsWith(t, second(w.GetObjectTagging(w.ctx, &GetObjectTaggingInput{Bucket: name, Key: "key", VersionId: version})), isMarker+"GET; ResourceType=DeleteMarker")
		failsWith(t, second(w.DeleteObjectTagging(w.ctx, &DeleteObjectTaggingInput{Bucket: name, Key: "key", VersionId: version})), isMarker+"DELETE; ResourceType=DeleteMarker")
		failsWith(t, second(w.PutObjectAcl(w.ctx, &PutObjectAclInput{Bucket: name, Key: "key", VersionId: version, ACL: aclOwnerFull})), isMarker+"PUT; ResourceType=DeleteMarker")
	}
	failsWith(t, second(w.GetObjectAcl(w.ctx, &GetObjectAclInput{Bucket: name, Key: "key", VersionId: &marker})), isMarker+"GET; ResourceType=DeleteMarker")
	failsWith(t, second(w.GetObjectAcl(w.ctx, &GetObjectAclInput{Bucket: name, Key: "key"})), "NoSuchKey: The specified key does not exist.; Key=key")
	// [S070]: over a marker an object is stored.
	w.put("key", "new", func(in *PutObjectInput) { in.IfNoneMatch = new("*") })
}

func second[T any](_ T, err error) error { return err }

// A clock that is turned back changes nothing about which version is the newest.
func TestVersionsOfATurnedClock(t *testing.T) {
	w := newWorld(t)
	w.versioning("Enabled")
	w.put("key", "one")
	w.clock.Set(start.Add(-time.Hour))
	w.open()
	w.put("key", "two")
	w.wantBody("key", "two")
	w.delete("key", nil)
	if _, _, err := w.get("key"); !errors.Is(err, ErrNoSuchKey) {
		t.Errorf("the marker is not the newest: %v", err)
	}
}

func TestConditionalDelete(t *testing.T) {
	w := newWorld(t)
	w.put("key", "body")
	for _, test := range []struct {
		name string
		in   DeleteObjectInput
		want string
	}{
		{"S073 another", DeleteObjectInput{IfMatch: new("x")}, "PreconditionFailed: At least one of the pre-conditions you specified did not hold; Condition=If-Match"},
		{"S350 lock", DeleteObjectInput{BypassGovernanceRetention: new(true)}, "InvalidArgument: x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.; ArgumentName=x-amz-bypass-governance-retention"},
		{"S350 no lock", DeleteObjectInput{BypassGovernanceRetention: new(false)}, "InvalidArgument: x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.; ArgumentName=x-amz-bypass-governance-retention"},
		{"S073 time", DeleteObjectInput{IfMatchLastModifiedTime: start}, "NotImplemented: A header you provided implies functionality that is not implemented; Header=x-amz-if-match-last-modified-time"},
		{"S073 size", DeleteObjectInput{IfMatchSize: new(int64(4))}, "NotImplemented: A header you provided implies functionality that is not implemented; Header=x-amz-if-match-size"},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.in.Bucket, test.in.Key = name, "key"
			_, err := w.DeleteObject(w.ctx, &test.in)
			failsWith(t, err, test.want)
			w.wantBody("key", "body")
		})
	}
	if _, err := w.DeleteObject(w.ctx, &DeleteObjectInput{Bucket: name, Key: "key", IfMatch: new(etag("body"))}); err != nil {
		t.Error(err)
	}
}

func TestDeleteObjects(t *testing.T) {
	w := newWorld(t)
	for _, key := range []string{"a", "b", "c"} {
		w.put(key, "body")
	}
	w.events()
	call := func(quiet bool, ids ...ObjectIdentifier) *DeleteObjectsOutput {
		t.Helper()
		out, err := w.DeleteObjects(w.ctx, &DeleteObjectsInput{Bucket: name, ContentMD5: "x", Delete: &Delete{Quiet: &quiet, Objects: ids}})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	// [S078] [S079]
	made := strings.Repeat("a", 32)
	if diff := cmp.Diff(&DeleteObjectsOutput{
		Deleted: []DeletedObject{{Key: "a"}, {Key: "missing"}},
		Errors: []Error{
			{Key: "b", VersionId: made, Code: "NoSuchVersion", Message: "The specified version does not exist."},
			{Key: "c", Code: "PreconditionFailed", Message: "At least one of the pre-conditions you specified did not hold"},
		},
	}, call(false, ObjectIdentifier{Key: "a"}, ObjectIdentifier{Key: "missing"}, ObjectIdentifier{Key: "b", VersionId: &made}, ObjectIdentifier{Key: "c", ETag: "x"})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(&DeleteObjectsOutput{}, call(true, ObjectIdentifier{Key: "b"}, ObjectIdentifier{Key: "c"})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"ObjectRemoved:Delete a 4 null", "ObjectRemoved:Delete missing 0 null", "ObjectRemoved:Delete b 4 null", "ObjectRemoved:Delete c 4 null"}, w.events()); diff != "" {
		t.Error(diff)
	}
	// [S168]
	w.versioning("Enabled")
	version := w.put("v", "body").VersionId
	marker := call(false, ObjectIdentifier{Key: "v"}).Deleted[0]
	if marker.VersionId != "" || !*marker.DeleteMarker || len(marker.DeleteMarkerVersionId) != 32 {
		t.Errorf("the marker is %+v", marker)
	}
	id := marker.DeleteMarkerVersionId
	if diff := cmp.Diff([]DeletedObject{
		{Key: "v", VersionId: id, DeleteMarker: new(true), DeleteMarkerVersionId: id}, {Key: "v", VersionId: version},
	}, call(false, ObjectIdentifier{Key: "v", VersionId: &id}, ObjectIdentifier{Key: "v", VersionId: &version}).Deleted); diff != "" {
		t.Error(diff)
	}
}

func TestDeleteObjectsRefuses(t *testing.T) {
	w := newWorld(t)
	malformed := "MalformedXML: The XML you provided was not well-formed or did not validate against our published schema"
	many := make([]ObjectIdentifier, 1001)
	for i := range many {
		many[i].Key = fmt.Sprint(i)
	}
	for _, test := range []struct {
		name string
		in   DeleteObjectsInput
		want string
	}{
		{"S080 no checksum", DeleteObjectsInput{Bucket: name, Delete: &Delete{Objects: many[:1]}}, "InvalidRequest: Missing required header for this request: Content-MD5 OR x-amz-checksum-*"},
		{"S080 too many", DeleteObjectsInput{Bucket: name, ContentMD5: "x", Delete: &Delete{Objects: many}}, malformed},
		{"none", DeleteObjectsInput{Bucket: name, ContentMD5: "x", Delete: &Delete{}}, malformed},
		{"no key", DeleteObjectsInput{Bucket: name, ContentMD5: "x", Delete: &Delete{Objects: make([]ObjectIdentifier, 1)}}, malformed},
		{"S078 no bucket", DeleteObjectsInput{Bucket: "missing", ContentMD5: "x", Delete: &Delete{Objects: many[:1]}}, "NoSuchBucket: The specified bucket does not exist; BucketName=missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := w.DeleteObjects(w.ctx, &test.in)
			failsWith(t, err, test.want)
		})
	}
}
