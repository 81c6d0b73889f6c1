package bucketstore_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/bucketstore"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
)

func TestObjects(t *testing.T) {
	t.Parallel()
	s, ctx := bucketstore.New(rerun.New()), t.Context()
	o := &bucketstore.Object{
		Body: []byte{0, 1, 2}, ContentType: "application/json", ContentEncoding: "gzip", ACL: "bucket-owner-full-control",
		Metadata: map[string]string{"signature": "ab"}, Encryption: &bucketstore.Encryption{Key: "k", Wrapped: []byte{3}},
	}
	for _, key := range []string{"a/2", "a/1", "b/1"} {
		if err := s.Put(ctx, "logs", key, o); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Put(ctx, "logs-2", "a/3", o); err != nil {
		t.Fatal(err)
	}
	if keys, err := s.List(ctx, "logs", "a/"); err != nil || cmp.Diff([]string{"a/1", "a/2"}, keys) != "" {
		t.Errorf("listed %q, %v", keys, err)
	}
	if got, err := s.Get(ctx, "logs", "b/1"); err != nil || cmp.Diff(o, got) != "" {
		t.Errorf("got %v, %v", got, err)
	}
	for _, place := range [][2]string{{"logs", "a/3"}, {"logs-2", "a/1"}, {"logs", ""}} {
		if got, err := s.Get(ctx, place[0], place[1]); got != nil || err != nil {
			t.Errorf("%q: %v, %v", place, got, err)
		}
	}
	o.Body = []byte("anew")
	if err := s.Put(ctx, "logs", "a/1", o); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(ctx, "logs", "a/1"); err != nil || string(got.Body) != "anew" {
		t.Errorf("got %v, %v", got, err)
	}
}
