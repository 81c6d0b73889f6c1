package s3

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

func asError(t *testing.T, err error) *api.Error {
	t.Helper()
	if err == nil {
		t.Fatal("there is no error")
	}
	return api.AsError(err)
}

const malformed = "MalformedXML: The XML you provided was not well-formed or did not validate against our published schema"

// [S010]
func TestOwnershipControls(t *testing.T) {
	w := newWorld(t)
	get := func() (string, error) {
		out, err := w.GetBucketOwnershipControls(w.ctx, &GetBucketOwnershipControlsInput{Bucket: name})
		if err != nil {
			return "", err
		}
		return out.OwnershipControls.Rules[0].ObjectOwnership, nil
	}
	put := func(values ...string) error {
		in := &PutBucketOwnershipControlsInput{Bucket: name, OwnershipControls: &OwnershipControls{}}
		for _, v := range values {
			in.OwnershipControls.Rules = append(in.OwnershipControls.Rules, OwnershipControlsRule{v})
		}
		return second(w.PutBucketOwnershipControls(w.ctx, in))
	}
	if got, err := get(); got != "BucketOwnerEnforced" || err != nil { // [S041]
		t.Errorf("a new bucket is %s, %v", got, err)
	}
	failsWith(t, put(), malformed)
	failsWith(t, put("ObjectWriter", "ObjectWriter"), malformed)
	failsWith(t, put("Nobody"), malformed)
	for range 2 { // [S187]
		if err := put("ObjectWriter"); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := get(); got != "ObjectWriter" || err != nil {
		t.Errorf("it is %s, %v", got, err)
	}
	for range 2 {
		if _, err := w.DeleteBucketOwnershipControls(w.ctx, &DeleteBucketOwnershipControlsInput{Bucket: name}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := get()
	failsWith(t, err, "OwnershipControlsNotFoundError: The bucket ownership controls were not found; BucketName="+name)
}

func TestACLs(t *testing.T) {
	w := newWorld(t)
	w.unblock()
	w.put("key", "body")
	grants := []Grant{{Grantee: &Grantee{Type: "CanonicalUser", ID: canonicalID(account)}, Permission: "FULL_CONTROL"}}
	b, err := w.GetBucketAcl(w.ctx, &GetBucketAclInput{Bucket: name})
	if diff := cmp.Diff(&GetBucketAclOutput{Owner: &Owner{ID: canonicalID(account)}, Grants: grants}, b); diff != "" || err != nil { // [S050] [S188]
		t.Error(diff, err)
	}
	o, err := w.GetObjectAcl(w.ctx, &GetObjectAclInput{Bucket: name, Key: "key"})
	if diff := cmp.Diff(&GetObjectAclOutput{Owner: &Owner{ID: canonicalID(account)}, Grants: grants}, o); diff != "" || err != nil {
		t.Error(diff, err)
	}
	own := &AccessControlPolicy{Grants: grants, Owner: &Owner{ID: canonicalID(account)}}
	public := &AccessControlPolicy{Grants: []Grant{{Grantee: &Grantee{Type: "Group", URI: "http://acs.amazonaws.com/groups/global/AllUsers"}, Permission: "READ"}}}
	unsupported, notHere := "AccessControlListNotSupported: The bucket does not allow ACLs", "NotImplemented: A header you provided implies functionality that is not implemented; Header=x-amz-acl"
	for _, test := range []struct {
		name              string
		canned, read      string
		policy            *AccessControlPolicy
		enforced, allowed string // the error under BucketOwnerEnforced, and under ObjectWriter
	}{
		{"S188 private", "private", "", nil, unsupported, "none"},
		{"S188 public", "public-read", "", nil, unsupported, notHere},
		{"S188 grants", "", "id=1", nil, unsupported, notHere},
		{"S188 policy", "", "", public, unsupported, notHere},
		{"S188 own policy", "", "", own, unsupported, "none"},
		{"S020 unknown", "fake-acl", "", nil, "InvalidArgument: ; ArgumentName=x-amz-acl; ArgumentValue=fake-acl", "InvalidArgument: ; ArgumentName=x-amz-acl; ArgumentValue=fake-acl"},
		{"S021 both", "private", "", own, "UnexpectedContent: This request does not support content", "UnexpectedContent: This request does not support content"},
		{"S013 none", "", "", nil, "MissingSecurityHeader: Your request was missing a required header; MissingHeaderName=x-amz-acl", "MissingSecurityHeader: Your request was missing a required header; MissingHeaderName=x-amz-acl"},
	} {
		for ownership, want := range map[string]string{"BucketOwnerEnforced": test.enforced, "ObjectWriter": test.allowed} {
			t.Run(test.name, func(t *testing.T) {
				if _, err := w.PutBucketOwnershipControls(w.ctx, &PutBucketOwnershipControlsInput{Bucket: name, OwnershipControls: &OwnershipControls{Rules: []OwnershipControlsRule{{ownership}}}}); err != nil {
					t.Fatal(err)
				}
				for _, err := range []error{
					second(w.PutBucketAcl(w.ctx, &PutBucketAclInput{Bucket: name, ACL: test.canned, GrantRead: test.read, AccessControlPolicy: test.policy})),
					second(w.PutObjectAcl(w.ctx, &PutObjectAclInput{Bucket: name, Key: "key", ACL: test.canned, GrantRead: test.read, AccessControlPolicy: test.policy})),
				} {
					if want == "none" {
						if err != nil {
							t.Errorf("%s: %v", ownership, err)
						}
						continue
					}
					failsWith(t, err, want)
				}
			})
		}
	}
}

func TestBucketTags(t *testing.T) {
	w := newWorld(t)
	none := "NoSuchTagSet: The TagSet does not exist; BucketName=" + name
	get := func() ([]Tag, error) {
		out, err := w.GetBucketTagging(w.ctx, &GetBucketTaggingInput{Bucket: name})
		if err != nil {
			return nil, err
		}
		return out.TagSet, nil
	}
	put := func(tags ...Tag) error {
		return second(w.PutBucketTagging(w.ctx, &PutBucketTaggingInput{Bucket: name, Tagging: &Tagging{TagSet: tags}}))
	}
	_, err := get()
	failsWith(t, err, none)
	if err := put(Tag{"b", "1"}, Tag{"a", ""}); err != nil {
		t.Fatal(err)
	}
	if got, _ := get(); cmp.Diff([]Tag{{"b", "1"}, {"a", ""}}, got) != "" {
		t.Errorf("the tags are %v", got)
	}
	failsWith(t, put(Tag{"aws:a", ""}), "InvalidTag: System tags cannot be added/updated by requester; TagKey=aws:a") // [S182]
	failsWith(t, put(make([]Tag, 51)...), "BadRequest: Bucket tag count cannot be greater than 50")
	if err := put(); err != nil { // [S181]
		t.Error(err)
	}
	_, err = get()
	failsWith(t, err, none)
	if err := put(Tag{"a", ""}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := w.DeleteBucketTagging(w.ctx, &DeleteBucketTaggingInput{Bucket: name}); err != nil {
			t.Error(err)
		}
	}
	_, err = get()
	failsWith(t, err, none)
	w.create(w.ctx, &CreateBucketInput{Bucket: "tagged", CreateBucketConfiguration: &CreateBucketConfiguration{Tags: []Tag{{"a", "b"}}}})
	out, err := w.GetBucketTagging(w.ctx, &GetBucketTaggingInput{Bucket: "tagged"}) // [S040]
	if err != nil || len(out.TagSet) != 1 {
		t.Errorf("%+v, %v", out, err)
	}
}

// TestSystemTags: the tags that CloudFormation gives a bucket stay as they are, whatever
// others do.
func TestSystemTags(t *testing.T) { // [S335]
	w := newWorld(t)
	put := func(ctx context.Context, tags ...Tag) error {
		return second(w.PutBucketTagging(ctx, &PutBucketTaggingInput{Bucket: name, Tagging: &Tagging{TagSet: tags}}))
	}
	shown := func() []Tag {
		t.Helper()
		out, err := w.GetBucketTagging(w.ctx, &GetBucketTaggingInput{Bucket: name})
		if err != nil {
			t.Fatal(err)
		}
		return out.TagSet
	}
	request := *api.RequestFrom(w.ctx)
	request.SystemTags = true
	ours := Tag{"aws:cloudformation:stack-name", "shop"}
	if err := put(api.WithRequest(w.ctx, &request), ours, Tag{"a", "1"}); err != nil {
		t.Fatal(err)
	}
	failsWith(t, put(w.ctx, Tag{"b", "2"}), "InvalidTag: System tags cannot be removed by requester")
	failsWith(t, put(w.ctx), "InvalidTag: System tags cannot be removed by requester")
	failsWith(t, put(w.ctx, Tag{ours.Key, "other"}), "InvalidTag: System tags cannot be added/updated by requester; TagKey="+ours.Key)
	if err := put(w.ctx, Tag{"b", "2"}, ours); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]Tag{{"b", "2"}, ours}, shown()); diff != "" {
		t.Error(diff)
	}
	if _, err := w.DeleteBucketTagging(w.ctx, &DeleteBucketTaggingInput{Bucket: name}); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]Tag{ours}, shown()); diff != "" {
		t.Error(diff)
	}
	if err := put(api.WithRequest(w.ctx, &request)); err != nil {
		t.Error(err)
	}
}

func TestObjectTags(t *testing.T) {
	w := newWorld(t)
	w.put("key", "body")
	w.events()
	get := func(key string) ([]Tag, error) {
		out, err := w.GetObjectTagging(w.ctx, &GetObjectTaggingInput{Bucket: name, Key: key})
		if err != nil {
			return nil, err
		}
		return out.TagSet, nil
	}
	put := func(key string, tags ...Tag) error {
		return second(w.PutObjectTagging(w.ctx, &PutObjectTaggingInput{Bucket: name, Key: key, Tagging: &Tagging{TagSet: tags}}))
	}
	if got, err := get("key"); err != nil || got == nil || len(got) != 0 { // [S181]
		t.Errorf("%v, %v", got, err)
	}
	if err := put("key", Tag{"a", "1"}, Tag{"b", "2"}); err != nil {
		t.Fatal(err)
	}
	if got, _ := get("key"); cmp.Diff([]Tag{{"a", "1"}, {"b", "2"}}, got) != "" {
		t.Errorf("the tags are %v", got)
	}
	if out := w.wantBody("key", "body"); *out.TagCount != 2 { // [S064]
		t.Errorf("there are %d tags", *out.TagCount)
	}
	for _, test := range []struct {
		name string
		tags []Tag
		want string
	}{
		{"S182 twice", []Tag{{"a", ""}, {"a", "1"}}, "InvalidTag: Cannot provide multiple Tags with the same key; TagKey=a"},
		{"S182 key", []Tag{{"a,b", ""}}, "InvalidTag: The TagKey you have provided is invalid; TagKey=a,b"},
		{"S182 empty key", []Tag{{"", ""}}, "InvalidTag: The TagKey you have provided is invalid; TagKey="},
		{"S182 value", []Tag{{"a", "b,c"}}, "InvalidTag: The TagValue you have provided is invalid; TagKey=a; TagValue=b,c"},
		{"S182 reserved", []Tag{{"aws:a", ""}}, "InvalidTag: Your TagKey cannot be prefixed with aws:; TagKey=aws:a"},
		{"S184 too many", make([]Tag, 11), "BadRequest: Object tags cannot be greater than 10"},
	} {
		t.Run(test.name, func(t *testing.T) { failsWith(t, put("key", test.tags...), test.want) })
	}
	if _, err := w.DeleteObjectTagging(w.ctx, &DeleteObjectTaggingInput{Bucket: name, Key: "key"}); err != nil {
		t.Error(err)
	}
	if got, _ := get("key"); len(got) != 0 {
		t.Errorf("the tags are %v", got)
	}
	// [S185]
	_, err := get("missing")
	failsWith(t, err, "NoSuchKey: The specified key does not exist.; Key="+name+"/missing")
	failsWith(t, put("missing"), "NoSuchKey: The specified key does not exist.; Key=missing")
	_, err = w.DeleteObjectTagging(w.ctx, &DeleteObjectTaggingInput{Bucket: name, Key: "missing"})
	failsWith(t, err, "NoSuchKey: The specified key does not exist.; Key=missing")
	if diff := cmp.Diff([]string{"ObjectTagging:Delete key 4 null", "ObjectTagging:Put key 4 null"}, w.events()); diff != "" {
		t.Error(diff)
	}
}

func TestTagsOfAVersion(t *testing.T) {
	w := newWorld(t)
	w.versioning("Enabled")
	one, two := w.put("key", "one").VersionId, w.put("key", "two").VersionId
	out, err := w.PutObjectTagging(w.ctx, &PutObjectTaggingInput{Bucket: name, Key: "key", VersionId: &one, Tagging: &Tagging{TagSet: []Tag{{"a", ""}}}})
	if err != nil || out.VersionId != one {
		t.Fatalf("%+v, %v", out, err)
	}
	for version, count := range map[string]int{one: 1, two: 0} {
		got, err := w.GetObjectTagging(w.ctx, &GetObjectTaggingInput{Bucket: name, Key: "key", VersionId: &version})
		if err != nil || len(got.TagSet) != count || got.VersionId != version {
			t.Errorf("%s: %+v, %v", version, got, err)
		}
	}
}

// What no bucket has is told as AWS tells it [S083].
func TestWhatNoBucketHas(t *testing.T) {
	w := newWorld(t)
	rows := map[string]string{
		"GetBucketWebsite": "NoSuchWebsiteConfiguration", "GetBucketCors": "NoSuchCORSConfiguration", "GetBucketLifecycleConfiguration": "NoSuchLifecycleConfiguration",
		"GetObjectLockConfiguration": "ObjectLockConfigurationNotFoundError", "GetBucketReplication": "ReplicationConfigurationNotFoundError",
		"GetBucketRequestPayment": "", "GetBucketLogging": "", "GetBucketAccelerateConfiguration": "",
	}
	for _, op := range w.absentOperations() {
		want, known := rows[op.Name]
		if !known {
			t.Errorf("%s is not known here", op.Name)
		}
		_, err := call(w.ctx, &op)
		if want == "" && err != nil || want != "" && asError(t, err).Code != want {
			t.Errorf("%s: %v, want %s", op.Name, err, want)
		}
	}
}

// call makes a call of an operation that names the bucket, and nothing else.
func call(ctx context.Context, op *api.Operation) (any, error) {
	in := newInput(op)
	resolved, err := op.Resolve(ctx, in)
	if err != nil {
		return nil, err
	}
	return op.Call(ctx, in, resolved)
}
