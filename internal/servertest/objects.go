package servertest

import (
	"context"
	"io"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/s3"
	"github.com/waxseal/waxseal/server"
)

// Account is the default account.
const Account = "123456789012"

// AsRoot is a context with a request of the default account's root user, for methods of
// services, which ask nobody's permission.
func AsRoot(t testing.TB, s *server.Server) context.Context {
	t.Helper()
	root, err := s.Runtime().Identity.Root(t.Context(), Account, "us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	return api.WithRequest(t.Context(), &api.Request{
		ID: "test", Caller: root, Account: Account, Region: "us-east-1", Time: s.Runtime().Now(), SecureTransport: true,
	})
}

// Keys are the keys of the objects in a bucket that begin with a prefix, in order: of the
// first thousand.
func Keys(t testing.TB, s *server.Server, bucket, prefix string) (keys []string) {
	t.Helper()
	out, err := s.Runtime().S3.ListObjectsV2(AsRoot(t, s), &s3.ListObjectsV2Input{Bucket: bucket, Prefix: &prefix})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range out.Contents {
		keys = append(keys, o.Key)
	}
	return keys
}

// Object is an object with its body.
func Object(t testing.TB, s *server.Server, bucket, key string) (*s3.GetObjectOutput, []byte) {
	t.Helper()
	out, err := s.Runtime().S3.GetObject(AsRoot(t, s), &s3.GetObjectInput{Bucket: bucket, Key: key})
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	defer func() { _ = out.Body.Close() }()
	body, err := io.ReadAll(out.Body)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	return out, body
}

// TrailBucket makes a bucket in which the trails of the default account may put files.
func TrailBucket(t testing.TB, s *server.Server, name string) {
	t.Helper()
	bucket := "arn:aws:s3:::" + name
	err := s.Runtime().S3.ApplyBucket(AsRoot(t, s), s3.Fixture{Name: name, Policy: PolicyText(
		`{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:GetBucketAcl","Resource":"` + bucket + `"},` +
			`{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"` + bucket + `/*",` +
			`"Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}}`)})
	if err != nil {
		t.Fatal(err)
	}
}
