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
	*Runtime
	service string
}

func (k keys) GenerateDataKey(ctx context.Context, resource, keyID string, encryptionContext map[string]string) (plaintext, wrapped []byte, keyARN string, err error) {
	if of, err := arn.Parse(resource); err == nil {
		keyID = keyOf(api.RequestFrom(ctx), keyID, of.AccountID)
	}
	out, err := dispatch.Forward[kms.GenerateDataKeyOutput](ctx, k.Dispatcher, k.service, k.generateDataKey,
		&kms.GenerateDataKeyInput{KeyId: keyID, KeySpec: kms.DataKeyAES256, EncryptionContext: encryptionContext})
	if err != nil {
		return nil, nil, "", err
	}
	return out.Plaintext, out.CiphertextBlob, out.KeyId, nil
}

func (k keys) Decrypt(ctx context.Context, wrapped []byte, encryptionContext map[string]string) ([]byte, error) {
	out, err := dispatch.Forward[kms.DecryptOutput](ctx, k.Dispatcher, k.service, k.decrypt,
		&kms.DecryptInput{CiphertextBlob: wrapped, EncryptionContext: encryptionContext})
	if err != nil {
		return nil, err
	}
	return out.Plaintext, nil
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
