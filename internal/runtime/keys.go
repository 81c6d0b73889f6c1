package runtime

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/dispatch"
	"github.com/waxseal/waxseal/kms"
)

// keys is KMS for one service, named by its field: calls are forwarded with the
// identity of the service's caller. It implements envelope.KMS.
type keys struct {
	*Runtime
	service string
}

func (k keys) GenerateDataKey(ctx context.Context, resource, keyID string, encryptionContext map[string]string) (plaintext, wrapped []byte, keyARN string, err error) {
	if of, err := arn.Parse(resource); err == nil {
		keyID = KeyOf(api.RequestFrom(ctx), keyID, of.AccountID)
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

// KeyOf is the KeyId with which r's caller means a key of the given account.
func KeyOf(r *api.Request, keyID, account string) string {
	if r.Account == account || strings.HasPrefix(keyID, "arn:") {
		return keyID
	}
	if !strings.HasPrefix(keyID, "alias/") {
		keyID = "key/" + keyID
	}
	return arn.New("kms", r.Region, account, keyID).String()
}
