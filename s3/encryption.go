package s3

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/policyeval"
)

// sealing is how a body is encrypted.
type sealing struct {
	Algorithm string // AES256 or aws:kms
	Wrapped   []byte // the data key: by the HSM, by KMS, or by the bucket key
	// KeyARN is the KMS key; empty: none is in play.
	KeyARN string `json:",omitempty"`
	// BucketKey is the bucket key as KMS has wrapped it; nil: there is none.
	BucketKey []byte `json:",omitempty"`
	// Context is what the writer has added to the encryption context.
	Context map[string]string `json:",omitempty"`
}

// The algorithms.
const (
	algorithmAES = "AES256"
	algorithmKMS = "aws:kms"
)

// defaultKey is the KMS key of what names none [S192].
const defaultKey = "alias/aws/s3"

// contextKey is the pair of every encryption context: the object's ARN, or with a bucket key
// the bucket's [S264].
const contextKey = "aws:s3:arn"

// bucketKeyPeriod is how long a bucket key is used again. AWS does not say.
const bucketKeyPeriod = 5 * time.Minute

// underKMS reports whether a KMS key is in play.
func (s *sealing) underKMS() bool { return s.KeyARN != "" }

// usesBucketKey is what answers say of a bucket key: nothing where there is none [S193].
func (s *sealing) usesBucketKey() *bool {
	if s.BucketKey == nil {
		return nil
	}
	return new(true)
}

// encryptionAsked is what a request says of how an object is to be encrypted.
type encryptionAsked struct {
	Algorithm, KMSKeyID, Context string
	BucketKey                    *bool
	Customer                     customerKey
}

// The headers that say so.
const (
	headerSSE        = "x-amz-server-side-encryption"
	headerSSEContext = "x-amz-server-side-encryption-context"
)

// check refuses what no object is encrypted like [S196] [S197] [S199].
func (a *encryptionAsked) check(ctx context.Context, b *bucket, key string) error {
	switch {
	case a.Customer.given() && a.Algorithm != "":
		return badArgument("Server Side Encryption with Customer provided key is incompatible with the encryption method specified", headerSSE, a.Algorithm)
	case a.Customer.given():
		return a.Customer.toWrite(ctx, b, key)
	case a.Algorithm == "aws:kms:dsse" || a.Algorithm == "aws:fsx":
		return notImplemented(headerSSE, "")
	case a.Algorithm != "" && a.Algorithm != algorithmAES && a.Algorithm != algorithmKMS:
		return badArgument("The encryption method specified is not supported", headerSSE, a.Algorithm)
	case a.Algorithm != algorithmKMS && a.KMSKeyID != "":
		return badArgument("Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms", headerSSE, a.Algorithm)
	}
	return nil
}

// settled is how an object is to be encrypted, as the request and the bucket's default say together.
type settled struct {
	algorithm, keyID string
	bucketKey        bool
	context          map[string]string
}

// settle follows the bucket's default in what the request leaves open [S190]-[S193].
func (a *encryptionAsked) settle(b *bucket) (settled, error) {
	to := settled{algorithm: a.Algorithm, keyID: a.KMSKeyID}
	byDefault := b.encryption()
	if to.algorithm == "" {
		to.algorithm, to.keyID = byDefault.Algorithm, byDefault.KeyID
	}
	if to.algorithm != algorithmKMS {
		return to, nil
	}
	if to.keyID == "" {
		to.keyID = defaultKey
	}
	if to.bucketKey = byDefault.BucketKey; a.BucketKey != nil {
		to.bucketKey = *a.BucketKey
	}
	var err error
	to.context, err = readContext(a.Context)
	return to, err
}

// readContext reads a header that adds to the encryption context [S264].
func readContext(header string) (map[string]string, error) {
	if header == "" {
		return nil, nil
	}
	var pairs map[string]string
	text, err := base64.StdEncoding.DecodeString(header)
	if err == nil {
		err = json.Unmarshal(text, &pairs)
	}
	if err != nil {
		return nil, badArgument("The header '"+headerSSEContext+"' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map", headerSSEContext, header)
	}
	delete(pairs, contextKey)
	return pairs, nil
}

// sealFor is a new data key for an object, and what is to be kept of it: of KMS with the
// rights of the request's caller where a KMS key is in play [S260] [S261].
func (s *Service) sealFor(ctx context.Context, b *bucket, key string, asked encryptionAsked) (*envelope.Key, sealing, error) {
	if err := asked.check(ctx, b, key); err != nil {
		return nil, sealing{}, err
	}
	to, err := asked.settle(b)
	if err != nil {
		return nil, sealing{}, err
	}
	if to.algorithm == algorithmAES {
		dataKey, err := envelope.NewOwnedKey(s.hsm, sealLabel(b, key))
		if err != nil {
			return nil, sealing{}, err
		}
		return dataKey, sealing{Algorithm: algorithmAES, Wrapped: dataKey.Wrapped}, nil
	}
	if err := ofVersion4(ctx); err != nil {
		return nil, sealing{}, err
	}
	if s.kms == nil {
		return nil, sealing{}, notImplemented(headerSSE, "")
	}
	return s.sealUnderKMS(ctx, b, key, to)
}

// ofVersion4 refuses the use of KMS keys to those who do not sign, or not with version 4 [S198].
func ofVersion4(ctx context.Context) error {
	r := api.RequestFrom(ctx)
	old := r.Auth != nil && r.Auth.Version == "AWS"
	if r.Caller.Type == policyeval.Anonymous || old {
		return badArgument("Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.", "Authorization", "null")
	}
	return nil
}

func (s *Service) sealUnderKMS(ctx context.Context, b *bucket, key string, to settled) (*envelope.Key, sealing, error) {
	sealed := sealing{Algorithm: algorithmKMS, Context: to.context}
	use := b.use(key, to.keyID, to.bucketKey, to.context)
	if !to.bucketKey {
		dataKey, err := envelope.Generate(ctx, s.kms, use)
		if err != nil {
			return nil, sealed, ofKMS(err)
		}
		sealed.KeyARN, sealed.Wrapped = dataKey.ARN, dataKey.Wrapped
		return dataKey, sealed, nil
	}
	bucketKey, err := s.bucketKeys.Encryption(ctx, use)
	if err != nil {
		return nil, sealed, ofKMS(err)
	}
	dataKey, err := bucketKey.Derive(sealLabel(b, key))
	if err != nil {
		return nil, sealed, err
	}
	sealed.KeyARN, sealed.Wrapped, sealed.BucketKey = bucketKey.ARN, dataKey.Wrapped, bucketKey.Wrapped
	return dataKey, sealed, nil
}

// use is what a key of KMS is needed for: an object, or all objects of a bucket.
func (b *bucket) use(key, keyID string, bucketKey bool, added map[string]string) envelope.Use {
	pairs := map[string]string{}
	maps.Copy(pairs, added)
	if pairs[contextKey] = b.objectARN(key); bucketKey {
		pairs[contextKey] = b.arn()
	}
	return envelope.Use{Resource: b.ID, KeyID: keyID, Reuse: bucketKeyPeriod, Context: pairs, Unverified: true, Sessions: true}
}

// openFor is the data key of an object, as its writer has got it from sealFor.
func (s *Service) openFor(ctx context.Context, b *bucket, key string, sealed sealing) (*envelope.Key, error) {
	if !sealed.underKMS() {
		return envelope.OpenOwnedKey(s.hsm, sealed.Wrapped, sealLabel(b, key))
	}
	if err := ofVersion4(ctx); err != nil {
		return nil, err
	}
	use := b.use(key, "", sealed.BucketKey != nil, sealed.Context)
	if sealed.BucketKey == nil {
		dataKey, err := envelope.Open(ctx, s.kms, use, sealed.Wrapped, sealed.KeyARN)
		return dataKey, ofKMS(err)
	}
	bucketKey, err := s.bucketKeys.Decryption(ctx, use, sealed.BucketKey, sealed.KeyARN)
	if err != nil {
		return nil, ofKMS(err)
	}
	return bucketKey.Derived(sealed.Wrapped, sealLabel(b, key))
}

// sealLabel binds the data key of an object to its place.
func sealLabel(b *bucket, key string) string { return "data key of s3 " + b.ID + "/" + key }

// ofKMS is an error of KMS as S3 passes it on: a denial as its own with the words of KMS, and
// what is wrong with a key under a name that begins with KMS [S194] [S195] [S257].
func ofKMS(err error) error {
	if err == nil {
		return nil
	}
	e := api.AsError(err)
	if e.HTTPStatus() >= 500 || e.Code == "InvalidCiphertextException" || e.Code == "IncorrectKeyException" {
		return err // of a key that S3 has stored itself
	}
	passed := *ErrAccessDenied
	if e.Code != "AccessDeniedException" {
		passed = api.Error{Code: "KMS." + strings.TrimPrefix(e.Code, "KMS."), Status: 400}
	}
	passed.Message, passed.Cause = e.Message, err
	return &passed
}
