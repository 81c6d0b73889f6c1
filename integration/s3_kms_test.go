package integration

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// wantCode checks that a call failed with an error of a code.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != code {
		t.Errorf("the error is %v, want %s", err, code)
	}
}

// kmsBucket is a bucket whose objects are under a KMS key, with two objects in it, and a
// role that has all of S3 and of KMS what its policy says.
type kmsBucket struct {
	*encryptedTestbed
	admin, role *s3.Client
}

func newKMSBucket(t *testing.T, bucketKey bool) *kmsBucket {
	t.Helper()
	w := &kmsBucket{encryptedTestbed: newEncryptedTestbed(t)}
	w.admin, w.role = s3.NewFromConfig(w.cloud.Config()), s3.NewFromConfig(w.cloud.As("role/app"))
	mustMakeBucket(t, w.admin, "letters")
	_, err := w.admin.PutBucketEncryption(t.Context(), &s3.PutBucketEncryptionInput{
		Bucket: aws.String("letters"), ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
			BucketKeyEnabled: &bucketKey, ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: &w.key},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.mustPut("letter")
	return w
}

func (w *kmsBucket) put(c *s3.Client, key string) error {
	_, err := c.PutObject(w.t.Context(), &s3.PutObjectInput{Bucket: aws.String("letters"), Key: &key, Body: strings.NewReader("dear")})
	return err
}

func (w *kmsBucket) mustPut(key string) {
	w.t.Helper()
	if err := w.put(w.admin, key); err != nil {
		w.t.Fatal(err)
	}
}

func (w *kmsBucket) get(c *s3.Client) error {
	out, err := c.GetObject(w.t.Context(), &s3.GetObjectInput{Bucket: aws.String("letters"), Key: aws.String("letter")})
	if err == nil {
		_, err = io.Copy(io.Discard, out.Body)
	}
	return err
}

func (w *kmsBucket) copy(c *s3.Client) error {
	_, err := c.CopyObject(w.t.Context(), &s3.CopyObjectInput{Bucket: aws.String("letters"), Key: aws.String("copy"), CopySource: aws.String("letters/letter")})
	return err
}

func (w *kmsBucket) begin(c *s3.Client) (*string, error) {
	out, err := c.CreateMultipartUpload(w.t.Context(), &s3.CreateMultipartUploadInput{Bucket: aws.String("letters"), Key: aws.String("parts")})
	if err != nil {
		return nil, err
	}
	return out.UploadId, nil
}

func (w *kmsBucket) mustBegin() *string {
	w.t.Helper()
	id, err := w.begin(w.admin)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *kmsBucket) part(c *s3.Client, id *string) error {
	_, err := c.UploadPart(w.t.Context(), &s3.UploadPartInput{Bucket: aws.String("letters"), Key: aws.String("parts"), UploadId: id, PartNumber: aws.Int32(1), Body: strings.NewReader("dear")})
	return err
}

// What KMS denies of a call to S3 is S3's AccessDenied with KMS's words, and the first
// thing that explain tells of that call; what it advises lets the call pass.
func TestExplainBeginsWithKMS(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		has    []string // of KMS
		action string   // that is missing
		call   func(*kmsBucket, *s3.Client) error
	}{
		{"put", nil, "kms:GenerateDataKey", func(w *kmsBucket, c *s3.Client) error { return w.put(c, "mine") }},
		{"get", nil, "kms:Decrypt", func(w *kmsBucket, c *s3.Client) error { return w.get(c) }},
		{"a copy's target", nil, "kms:GenerateDataKey", func(w *kmsBucket, c *s3.Client) error { return w.copy(c) }},
		{"a copy's source", []string{"kms:GenerateDataKey"}, "kms:Decrypt", func(w *kmsBucket, c *s3.Client) error { return w.copy(c) }},
		{"the beginning of an upload", nil, "kms:GenerateDataKey", func(w *kmsBucket, c *s3.Client) error {
			_, err := w.begin(c)
			return err
		}},
		{"a part", []string{"kms:GenerateDataKey"}, "kms:Decrypt", func(w *kmsBucket, c *s3.Client) error { return w.part(c, w.mustBegin()) }},
	} {
		for kind, bucketKey := range map[string]bool{"": false, ", with a bucket key": true} {
			t.Run(test.name+kind, func(t *testing.T) {
				w := newKMSBucket(t, bucketKey)
				w.allow(append([]string{"s3:*"}, test.has...)...)
				err := test.call(w, w.role)
				wantCode(t, err, "AccessDenied")
				if !strings.Contains(err.Error(), " is not authorized to perform: "+test.action+" on ") || !strings.Contains(err.Error(), " because no identity-based policy allows the "+test.action+" action") {
					t.Errorf("the error is %v", err)
				}
				w.cloud.Denied(err, test.action)
				if text := w.cloud.Explain(err); !strings.HasPrefix(text, "DENIED  "+test.action+"\n") {
					t.Errorf("explain begins otherwise:\n%s", text)
				}
				w.allow("s3:*", "kms:GenerateDataKey", "kms:Decrypt")
				if err := test.call(w, w.role); err != nil {
					t.Errorf("once it is allowed: %v", err)
				}
			})
		}
	}
}

// A key that is disabled in the middle of an upload ends it until the key is enabled
// again: no part is taken meanwhile, and those that were are there [S195].
func TestKeyIsDisabledBetweenParts(t *testing.T) {
	t.Parallel()
	w := newKMSBucket(t, false)
	id := w.mustBegin()
	if err := w.part(w.admin, id); err != nil {
		t.Fatal(err)
	}
	if _, err := w.kms.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: &w.key}); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{"a part": w.part(w.admin, id), "a put": w.put(w.admin, "x"), "a get": w.get(w.admin), "a copy": w.copy(w.admin)} {
		wantCode(t, err, "KMS.DisabledException")
		if err != nil && !strings.Contains(err.Error(), w.key+" is disabled.") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.kms.EnableKey(t.Context(), &kms.EnableKeyInput{KeyId: &w.key}); err != nil {
		t.Fatal(err)
	}
	parts, err := w.admin.ListParts(t.Context(), &s3.ListPartsInput{Bucket: aws.String("letters"), Key: aws.String("parts"), UploadId: id})
	if err != nil || len(parts.Parts) != 1 {
		t.Fatalf("%v %v", parts, err)
	}
	_, err = w.admin.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{
		Bucket: aws.String("letters"), Key: aws.String("parts"), UploadId: id,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: parts.Parts[0].ETag, ChecksumCRC32: parts.Parts[0].ChecksumCRC32}}},
	})
	if err != nil {
		t.Error(err)
	}
}
