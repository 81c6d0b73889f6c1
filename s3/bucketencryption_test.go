package s3

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func encryptionOf(algorithm, key string, bucketKey *bool) *ServerSideEncryptionConfiguration {
	return &ServerSideEncryptionConfiguration{[]ServerSideEncryptionRule{{
		ApplyServerSideEncryptionByDefault: &ServerSideEncryptionByDefault{key, algorithm}, BucketKeyEnabled: bucketKey,
	}}}
}

func (w *world) encrypt(c *ServerSideEncryptionConfiguration) error {
	_, err := w.PutBucketEncryption(w.ctx, &PutBucketEncryptionInput{Bucket: name, ServerSideEncryptionConfiguration: c})
	return err
}

// TestBucketEncryption: what is set is read as it was written; what is not is SSE-S3 [S041] [S190] [S191].
func TestBucketEncryption(t *testing.T) {
	w := newWorld(t)
	want := func(c *ServerSideEncryptionConfiguration) {
		t.Helper()
		out, err := w.GetBucketEncryption(w.ctx, &GetBucketEncryptionInput{Bucket: name})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c, out.ServerSideEncryptionConfiguration); diff != "" {
			t.Error(diff)
		}
	}
	yes, no := new(true), new(false)
	want(encryptionOf("AES256", "", no))
	blocked := encryptionOf("AES256", "", no)
	blocked.Rules[0].BlockedEncryptionTypes = &BlockedEncryptionTypes{[]string{"SSE-C"}}
	for _, c := range []*ServerSideEncryptionConfiguration{
		encryptionOf("aws:kms", "no-key-of-mine", yes), // the key is not looked at
		encryptionOf("aws:kms", "", no), encryptionOf("AES256", "", yes), blocked,
	} {
		if err := w.encrypt(c); err != nil {
			t.Fatal(err)
		}
		want(c)
	}
	if err := w.encrypt(&ServerSideEncryptionConfiguration{[]ServerSideEncryptionRule{{BucketKeyEnabled: yes}}}); err != nil {
		t.Fatal(err)
	}
	want(encryptionOf("AES256", "", yes))
	for range 2 {
		if _, err := w.DeleteBucketEncryption(w.ctx, &DeleteBucketEncryptionInput{Bucket: name}); err != nil {
			t.Fatal(err)
		}
		want(encryptionOf("AES256", "", no))
	}
}

// TestBucketEncryptionRefused: what S3 does not take [S191], and what is not offered here.
func TestBucketEncryptionRefused(t *testing.T) {
	w := newWorld(t)
	two := encryptionOf("AES256", "", nil)
	two.Rules = append(two.Rules, two.Rules[0])
	types := func(t string) *ServerSideEncryptionConfiguration {
		c := encryptionOf("AES256", "", nil)
		c.Rules[0].BlockedEncryptionTypes = &BlockedEncryptionTypes{[]string{t}}
		return c
	}
	for want, configurations := range map[string][]*ServerSideEncryptionConfiguration{
		wording(ErrMalformedXML): {nil, {}, two, encryptionOf("AES", "", nil), encryptionOf("", "", nil), types("SSE-S3")},
		"InvalidArgument: a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse; ArgumentName=ApplyServerSideEncryptionByDefault": {
			encryptionOf("AES256", "alias/a", nil),
		},
		wording(ErrNotImplemented): {encryptionOf("aws:kms:dsse", "", nil), types("NONE")},
	} {
		for _, c := range configurations {
			failsWith(t, w.encrypt(c), want)
		}
	}
}

// TestEncryptionRefused: what no object is encrypted like [S196] [S197] [S199].
func TestEncryptionRefused(t *testing.T) {
	w := newWorld(t)
	const header = "; ArgumentName=x-amz-server-side-encryption; ArgumentValue="
	for want, change := range map[string]func(*PutObjectInput){
		"InvalidArgument: The encryption method specified is not supported" + header + "AES": func(in *PutObjectInput) { in.ServerSideEncryption = "AES" },
		"InvalidArgument: Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms" + header: func(in *PutObjectInput) {
			in.SSEKMSKeyId = "alias/a"
		},
		"InvalidArgument: Server Side Encryption with Customer provided key is incompatible with the encryption method specified" + header + "aws:kms": func(in *PutObjectInput) {
			in.ServerSideEncryption, in.SSECustomerAlgorithm = "aws:kms", "AES256"
		},
		wording(notImplemented("x-amz-server-side-encryption", "")): func(in *PutObjectInput) { in.ServerSideEncryption = "aws:kms:dsse" },
		"InvalidArgument: The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map; ArgumentName=x-amz-server-side-encryption-context; ArgumentValue=e30": func(in *PutObjectInput) {
			in.ServerSideEncryption, in.SSEKMSEncryptionContext = "aws:kms", "e30"
		},
	} {
		in := &PutObjectInput{Bucket: name, Key: "a", Body: bodyOf("a")}
		change(in)
		_, err := w.PutObject(w.ctx, in)
		failsWith(t, err, want)
	}
	if n := w.swept(); n != 0 || len(w.events()) != 0 {
		t.Errorf("%d pieces are left", n)
	}
}
