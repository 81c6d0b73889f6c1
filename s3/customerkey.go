package s3

import (
	"context"
	"crypto/md5" //nolint:gosec // it is how SSE-C guards its keys
	"encoding/base64"

	"github.com/waxseal/waxseal/internal/api"
)

// customerKey is what a request says of a key of its customer's, with which S3 is to
// encrypt (SSE-C). No bucket takes one here [S199], so that nothing is encrypted so: who
// brings a key is told so, wherever the request is one that can bring it.
type customerKey struct{ algorithm, key, md5 string }

func (k customerKey) given() bool { return k != customerKey{} }

// check refuses what is no key [S197].
func (k customerKey) check() error {
	bad := func(message string) error {
		return ErrInvalidArgument.With(message).Detailed("ArgumentName", headerSSE)
	}
	key, keyErr := base64.StdEncoding.DecodeString(k.key)
	switch sum := md5.Sum(key); { //nolint:gosec // see above
	case k.algorithm == "":
		return bad("Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.")
	case k.algorithm != algorithmAES:
		return ErrInvalidEncryption.Detailed("ArgumentName", headerSSE).Detailed("ArgumentValue", k.algorithm)
	case k.key == "":
		return bad("Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.")
	case k.md5 == "" || keyErr != nil || len(key) != customerKeySize:
		return bad("The secret key was invalid for the specified algorithm.")
	case k.md5 != base64.StdEncoding.EncodeToString(sum[:]):
		return bad("The calculated MD5 hash of the key did not match the hash that was provided.")
	}
	return nil
}

// customerKeySize is how many bytes a key has: it is one of AES-256.
const customerKeySize = 32

// toWrite refuses a key for an object that is to be.
func (k customerKey) toWrite(ctx context.Context, b *bucket, key string) error {
	if !k.given() {
		return nil
	}
	if err := k.check(); err != nil {
		return err
	}
	return ErrAccessDenied.Withf(`User: %s is not authorized to perform: s3:PutObject on resource: "%s" because this bucket has blocked upload requests that specify Server Side Encryption with Customer provided keys (SSE-C). Please specify a different server-side encryption type`,
		api.RequestFrom(ctx).Caller.DisplayName(), b.objectARN(key))
}

// toRead refuses a key for an object that is there.
func (k customerKey) toRead() error {
	return k.otherwise("The encryption parameters are not applicable to this object.")
}

// toUpload refuses a key for an upload that has begun without one [S197].
func (k customerKey) toUpload() error {
	return k.otherwise("The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.")
}

func (k customerKey) otherwise(message string) error {
	if !k.given() {
		return nil
	}
	if err := k.check(); err != nil {
		return err
	}
	return ErrInvalidRequest.With(message)
}
