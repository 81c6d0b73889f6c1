package s3

import (
	"crypto/md5" //nolint:gosec // it is how SSE-C guards its keys
	"encoding/base64"
	"strings"
	"testing"
)

// ofCustomer is a key of a customer's.
func ofCustomer() customerKey {
	key := []byte(strings.Repeat("k", 32))
	sum := md5.Sum(key) //nolint:gosec // see above
	return customerKey{"AES256", base64.StdEncoding.EncodeToString(key), base64.StdEncoding.EncodeToString(sum[:])}
}

// TestCustomerKeys: what is no key is told so, and a key is refused as the request is one to
// write, to read, or on an upload that has begun without [S197] [S199].
func TestCustomerKeys(t *testing.T) {
	w := newWorld(t)
	w.put("key", "hello")
	id := w.begin("key")
	const argument = "; ArgumentName=x-amz-server-side-encryption"
	notApplicable := "InvalidRequest: The encryption parameters are not applicable to this object."
	for _, test := range []struct {
		name   string
		change func(*customerKey)
		want   string // empty: it is a key
	}{
		{"S197 algorithm", func(k *customerKey) { k.algorithm = "KMS" }, "InvalidEncryptionAlgorithmError: The Encryption request you specified is not valid. Supported value: AES256." + argument + "; ArgumentValue=KMS"},
		{"S197 no algorithm", func(k *customerKey) { k.algorithm = "" }, "InvalidArgument: Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm." + argument},
		{"S197 no key", func(k *customerKey) { k.key = "" }, "InvalidArgument: Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key." + argument},
		{"S197 no digest", func(k *customerKey) { k.md5 = "" }, "InvalidArgument: The secret key was invalid for the specified algorithm." + argument},
		{"S197 short", func(k *customerKey) { k.key = "a2V5" }, "InvalidArgument: The secret key was invalid for the specified algorithm." + argument},
		{"S197 another digest", func(k *customerKey) { k.md5 = "XUFAKrxLKna5cZ2REBfFkg==" }, "InvalidArgument: The calculated MD5 hash of the key did not match the hash that was provided." + argument},
		{"S199 key", func(*customerKey) {}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := ofCustomer()
			test.change(&k)
			is := func(err error, want string) {
				t.Helper()
				if test.want != "" {
					want = test.want
				}
				failsWith(t, err, want)
			}
			_, err := w.PutObject(w.ctx, &PutObjectInput{Bucket: name, Key: "a", Body: bodyOf("a"), SSECustomerAlgorithm: k.algorithm, SSECustomerKey: k.key, SSECustomerKeyMD5: k.md5})
			is(err, `AccessDenied: User: arn:aws:iam::111122223333:root is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::pettracker-images/a" because this bucket has blocked upload requests that specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a different server-side encryption type`)
			_, err = w.GetObject(w.ctx, &GetObjectInput{Bucket: name, Key: "key", SSECustomerAlgorithm: k.algorithm, SSECustomerKey: k.key, SSECustomerKeyMD5: k.md5})
			is(err, notApplicable)
			_, err = w.copy("key", "copy", func(in *CopyObjectInput) {
				in.CopySourceSSECustomerAlgorithm, in.CopySourceSSECustomerKey, in.CopySourceSSECustomerKeyMD5 = k.algorithm, k.key, k.md5
			})
			is(err, notApplicable)
			_, err = w.UploadPart(w.ctx, &UploadPartInput{
				Bucket: name, Key: "key", UploadId: id, PartNumber: new(int32(1)), Body: bodyOf("a"), SSECustomerAlgorithm: k.algorithm, SSECustomerKey: k.key, SSECustomerKeyMD5: k.md5,
			})
			is(err, "InvalidRequest: The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.")
		})
	}
	if n := w.swept(); n != 1 {
		t.Errorf("%d pieces are left", n)
	}
}
