package s3_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/s3"
)

// TestTagsDecide: policies decide by a bucket's tags where that is switched on, and not elsewhere
// [S247].
func TestTagsDecide(t *testing.T) {
	h := newHouse(t)
	must(t, h.call(root(owner), "PutBucketTagging", &s3.PutBucketTaggingInput{Bucket: "photos", Tagging: &s3.Tagging{TagSet: []s3.Tag{{Key: "team", Value: "a"}}}}))
	says := func(status string) {
		t.Helper()
		if w := h.ask(http.MethodGet, "/photos?abac", ""); !strings.Contains(w.Body.String(), "<AbacStatus xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>"+status+"</Status></AbacStatus>") {
			t.Errorf("%d %s, want %s", w.Code, w.Body, status)
		}
	}
	get := func(key, team string) error {
		return h.get(user(owner, `{"Effect":"Allow","Action":"s3:GetObject","Resource":"*","Condition":{"StringEquals":{"`+key+`":"`+team+`"}}}`), "a")
	}
	says("Disabled")
	if get("aws:ResourceTag/team", "a") == nil {
		t.Error("the tags decide although nobody has said so")
	}
	if w := h.ask(http.MethodPut, "/photos?abac", "<AbacStatus><Status>On</Status></AbacStatus>"); !strings.Contains(w.Body.String(), "MalformedXML") {
		t.Error(w.Body)
	}
	if w := h.ask(http.MethodPut, "/photos?abac", "<AbacStatus><Status>Enabled</Status></AbacStatus>"); w.Code != 200 {
		t.Fatal(w.Body)
	}
	says("Enabled")
	for _, key := range []string{"aws:ResourceTag/team", "s3:BucketTag/team"} {
		must(t, get(key, "a"))
		if get(key, "b") == nil {
			t.Errorf("%s of another value allows", key)
		}
	}
	for operation, in := range map[string]any{
		"PutBucketTagging": &s3.PutBucketTaggingInput{Bucket: "photos", Tagging: &s3.Tagging{}}, "DeleteBucketTagging": &s3.DeleteBucketTaggingInput{Bucket: "photos"},
	} {
		if got := text(h.call(root(owner), operation, in)); !strings.HasPrefix(got, "MethodNotAllowed: ") {
			t.Errorf("%s: %s", operation, got)
		}
	}
	must(t, h.call(root(owner), "PutBucketAbac", &s3.PutBucketAbacInput{Bucket: "photos", AbacStatus: &s3.AbacStatus{Status: "Disabled"}}))
	says("Disabled")
	must(t, h.call(root(owner), "DeleteBucketTagging", &s3.DeleteBucketTaggingInput{Bucket: "photos"}))
}
