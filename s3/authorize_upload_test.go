package s3_test

import (
	"testing"

	"github.com/waxseal/waxseal/s3"
)

// TestInitiatorsMayEnd: who began an upload may list its parts and abort it without any policy that
// says so, and nobody else may; denies bind the initiator, too [S227].
func TestInitiatorsMayEnd(t *testing.T) {
	h := newHouse(t)
	const puts = `{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}`
	begin := func() string {
		t.Helper()
		begun, err := do[s3.CreateMultipartUploadOutput](h, user(owner, puts), "CreateMultipartUpload", &s3.CreateMultipartUploadInput{Bucket: "photos", Key: "k"})
		must(t, err)
		return begun.UploadId
	}
	list := func(id string) any { return &s3.ListPartsInput{Bucket: "photos", Key: "k", UploadId: id} }
	abort := func(id string) any { return &s3.AbortMultipartUploadInput{Bucket: "photos", Key: "k", UploadId: id} }
	id := begin()
	refused := func(name string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s is allowed", name)
		}
	}
	alice := user(owner, puts)
	alice.ARN = "arn:aws:iam::" + owner + ":user/alice"
	refused("another user's list", h.call(alice, "ListParts", list(id)))
	refused("another user's abortion", h.call(alice, "AbortMultipartUpload", abort(id)))
	refused("anybody's list", h.call(anonymous(), "ListParts", list(id)))
	refused("another account's list", h.call(user(foreign, everything), "ListParts", list(id)))
	denies := user(owner, puts, `{"Effect":"Deny","Action":["s3:AbortMultipartUpload","s3:ListMultipartUploadParts"],"Resource":"*"}`)
	refused("a denied list", h.call(denies, "ListParts", list(id)))
	refused("a denied abortion", h.call(denies, "AbortMultipartUpload", abort(id)))
	must(t, h.call(user(owner, puts), "ListParts", list(id)))
	must(t, h.call(user(owner, puts), "AbortMultipartUpload", abort(id)))
	// What the upload was of needs the permission still: only its end does not.
	id = begin()
	refused("a part", h.call(user(owner), "UploadPart", &s3.UploadPartInput{Bucket: "photos", Key: "k", UploadId: id, PartNumber: new(int32(1)), Body: body("x")}))
	must(t, h.call(user(owner), "AbortMultipartUpload", abort(id)))
	if got := text(h.call(user(owner), "AbortMultipartUpload", abort(id))); got == "" {
		t.Error("an upload that is gone is aborted")
	}
}

// TestForeignInitiators: in a bucket of another account, whose policy let one begin, the bucket's
// side is given by that, and the own side is for the own policies; the account's root user has
// none [S227].
func TestForeignInitiators(t *testing.T) {
	h := newHouse(t)
	h.policy(`{"Effect":"Allow","Principal":{"AWS":"` + foreign + `"},"Action":"s3:PutObject","Resource":"` + photos + `/*"}`)
	const puts = `{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}`
	begun, err := do[s3.CreateMultipartUploadOutput](h, user(foreign, puts), "CreateMultipartUpload", &s3.CreateMultipartUploadInput{Bucket: "photos", Key: "k"})
	must(t, err)
	list := &s3.ListPartsInput{Bucket: "photos", Key: "k", UploadId: begun.UploadId}
	if got := text(h.call(user(foreign, puts), "ListParts", list)); got != denied {
		t.Error(got)
	}
	must(t, h.call(user(foreign, everything), "ListParts", list))
	must(t, h.call(root(foreign), "AbortMultipartUpload", &s3.AbortMultipartUploadInput{Bucket: "photos", Key: "k", UploadId: begun.UploadId}))
}
