package runtime

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/kms"
)

// keys is KMS as the service of that name asks it, with its caller's identity.
// It implements envelope.KMS.
type keys struct {
	dispatcher *dispatch.Dispatcher
	service    string
}

func (k keys) GenerateDataKey(ctx context.Context, keyID string, encryptionContext map[string]string) (plaintext, wrapped []byte, keyARN string, err error) {
	keyID = ofResource(api.RequestFrom(ctx), keyID, encryptionContext)
	out, err := dispatch.Forward[kms.GenerateDataKeyOutput](ctx, k.dispatcher, k.service, "kms", "GenerateDataKey",
		&kms.GenerateDataKeyInput{KeyId: keyID, KeySpec: kms.DataKeyAES256, EncryptionContext: encryptionContext})
	if err != nil {
		return nil, nil, "", err
	}
	return out.Plaintext, out.CiphertextBlob, out.KeyId, nil
}

func (k keys) Decrypt(ctx context.Context, wrapped []byte, encryptionContext map[string]string) ([]byte, error) {
	out, err := dispatch.Forward[kms.DecryptOutput](ctx, k.dispatcher, k.service, "kms", "Decrypt",
		&kms.DecryptInput{CiphertextBlob: wrapped, EncryptionContext: encryptionContext})
	if err != nil {
		return nil, err
	}
	return out.Plaintext, nil
}

// ofResource is the key of a queue or topic as its owner means it: an id or
// alias that names no account is of the owner's, whoever sends. The encryption
// context has the queue's or topic's ARN as its only value.
func ofResource(r *api.Request, keyID string, encryptionContext map[string]string) string {
	for _, text := range encryptionContext {
		if resource, err := arn.Parse(text); err == nil {
			return keyOf(r, keyID, resource.AccountID)
		}
	}
	return keyID
}

// keyOf is a key's name as r's caller has to spell it for the key of that account.
func keyOf(r *api.Request, keyID, account string) string {
	if r.Account == account || strings.HasPrefix(keyID, "arn:") {
		return keyID
	}
	if !strings.HasPrefix(keyID, "alias/") {
		keyID = "key/" + keyID
	}
	return arn.New("kms", r.Region, account, keyID).String()
}
