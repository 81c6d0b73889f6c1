package s3_test

import (
	"testing"

	"github.com/waxseal/waxseal/s3"
)

// TestPublicACLs: BlockPublicAcls refuses them before policies are asked, of the root user, too,
// where ownership leaves room for ACLs [S213].
func TestPublicACLs(t *testing.T) {
	const (
		everybody = `uri="http://acs.amazonaws.com/groups/global/AllUsers"`
		enforced  = "AccessControlListNotSupported: The bucket does not allow ACLs"
	)
	h := newHouse(t)
	own := func(ownership string) {
		must(t, h.call(root(owner), "PutBucketOwnershipControls", &s3.PutBucketOwnershipControlsInput{
			Bucket: "photos", OwnershipControls: &s3.OwnershipControls{Rules: []s3.OwnershipControlsRule{{ObjectOwnership: ownership}}},
		}))
	}
	block := func(acls bool) {
		must(t, h.call(root(owner), "PutPublicAccessBlock", &s3.PutPublicAccessBlockInput{
			Bucket: "photos", PublicAccessBlockConfiguration: &s3.PublicAccessBlockConfiguration{BlockPublicAcls: &acls},
		}))
	}
	nobody := user(owner, `{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}`)
	block(true)
	own("ObjectWriter")
	for _, caller := range []struct {
		name string
		as   string
	}{{"root", "arn:aws:iam::" + owner + ":root"}, {"bob", "arn:aws:iam::" + owner + ":user/bob"}} {
		who := root(owner)
		if caller.name == "bob" {
			who = nobody
		}
		says := func(call, resource string) string {
			return "AccessDenied: User: " + caller.as + " is not authorized to perform: s3:" + call + ` on resource: "` + resource + `" because public ACLs are prevented by the BlockPublicAcls setting in S3 Block Public Access.`
		}
		for _, test := range []struct {
			name, operation string
			in              any
			want            string
		}{
			{"S213 object", "PutObject", &s3.PutObjectInput{Bucket: "photos", Key: "b", Body: body("x"), ACL: "public-read"}, says("PutObject", photos+"/b")},
			{"S213 grant", "PutObject", &s3.PutObjectInput{Bucket: "photos", Key: "b", Body: body("x"), GrantRead: everybody}, says("PutObject", photos+"/b")},
			{"S213 upload", "CreateMultipartUpload", &s3.CreateMultipartUploadInput{Bucket: "photos", Key: "b", ACL: "authenticated-read"}, says("PutObject", photos+"/b")},
			{"S213 ACL of an object", "PutObjectAcl", &s3.PutObjectAclInput{Bucket: "photos", Key: "a", ACL: "public-read-write"}, says("PutObjectAcl", photos+"/a")},
			{"S213 ACL of a bucket", "PutBucketAcl", &s3.PutBucketAclInput{Bucket: "photos", AccessControlPolicy: &s3.AccessControlPolicy{
				Grants: []s3.Grant{{Grantee: &s3.Grantee{URI: "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"}, Permission: "READ"}},
			}}, says("PutBucketAcl", photos)},
		} {
			t.Run(caller.name+"/"+test.name, func(t *testing.T) {
				if got := text(h.call(who, test.operation, test.in)); got != test.want {
					t.Errorf("got  %s\nwant %s", got, test.want)
				}
			})
		}
	}
	public := &s3.PutObjectAclInput{Bucket: "photos", Key: "a", ACL: "public-read"}
	if got := text(h.call(root(foreign), "PutObjectAcl", public)); got != denied {
		t.Error(got)
	}
	own("BucketOwnerEnforced")
	if got := text(h.call(root(owner), "PutObjectAcl", public)); got != enforced {
		t.Error(got)
	}
	own("ObjectWriter")
	block(false)
	if got := text(h.call(root(owner), "PutObjectAcl", public)); got != "NotImplemented: A header you provided implies functionality that is not implemented" {
		t.Error(got)
	}
	must(t, h.call(root(owner), "PutObjectAcl", &s3.PutObjectAclInput{Bucket: "photos", Key: "a", ACL: "private"}))
}
