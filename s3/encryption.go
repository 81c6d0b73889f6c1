package s3

import (
	"context"

	"github.com/waxseal/waxseal/internal/envelope"
)

// sealing is how a body is encrypted.
type sealing struct {
	Algorithm string // AES256
	Wrapped   []byte // the data key
}

const algorithmAES = "AES256"

// encryptionAsked is what a request says of how an object is to be encrypted.
type encryptionAsked struct {
	Algorithm, KMSKeyID, Context   string
	BucketKey                      *bool
	CustomerAlgorithm, CustomerKey string
}

// sealFor is a new data key for an object, and what is to be kept of it [S190].
func (s *Service) sealFor(_ context.Context, b *bucket, key string, asked encryptionAsked) (*envelope.Key, sealing, error) {
	switch {
	case asked.CustomerAlgorithm != "" || asked.CustomerKey != "":
		return nil, sealing{}, notImplemented("x-amz-server-side-encryption-customer-algorithm", "")
	case asked.Algorithm != "" && asked.Algorithm != algorithmAES:
		return nil, sealing{}, notImplemented("x-amz-server-side-encryption", "")
	}
	dataKey, err := envelope.NewOwnedKey(s.hsm, sealLabel(b, key))
	if err != nil {
		return nil, sealing{}, err
	}
	return dataKey, sealing{algorithmAES, dataKey.Wrapped}, nil
}

// openFor is the data key of an object, as its writer has got it from sealFor.
func (s *Service) openFor(_ context.Context, b *bucket, key string, sealed sealing) (*envelope.Key, error) {
	return envelope.OpenOwnedKey(s.hsm, sealed.Wrapped, sealLabel(b, key))
}

// sealLabel binds the data key of an object to its place.
func sealLabel(b *bucket, key string) string { return "data key of s3 " + b.ID + "/" + key }
