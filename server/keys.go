package server

import (
	"context"

	"github.com/waxseal/waxseal/kms"
)

// keys is KMS as the service of that name asks it, with its caller's identity.
// It implements envelope.KMS.
type keys struct {
	dispatcher *dispatcher
	service    string
}

func (k keys) GenerateDataKey(ctx context.Context, keyID string, encryptionContext map[string]string) (plaintext, wrapped []byte, keyARN string, err error) {
	out, err := forward[kms.GenerateDataKeyOutput](ctx, k.dispatcher, k.service, "kms", "GenerateDataKey",
		&kms.GenerateDataKeyInput{KeyId: keyID, KeySpec: kms.DataKeyAES256, EncryptionContext: encryptionContext})
	if err != nil {
		return nil, nil, "", err
	}
	return out.Plaintext, out.CiphertextBlob, out.KeyId, nil
}

func (k keys) Decrypt(ctx context.Context, wrapped []byte, encryptionContext map[string]string) ([]byte, error) {
	out, err := forward[kms.DecryptOutput](ctx, k.dispatcher, k.service, "kms", "Decrypt",
		&kms.DecryptInput{CiphertextBlob: wrapped, EncryptionContext: encryptionContext})
	if err != nil {
		return nil, err
	}
	return out.Plaintext, nil
}
