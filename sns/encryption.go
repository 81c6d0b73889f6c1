package sns

import (
	"context"

	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/resource"
)

// ContextKey names the only entry of the encryption context of the data keys for a topic:
// the topic's ARN.
const ContextKey = "aws:sns:topicArn"

// EncryptionContext is the encryption context of the data keys for a topic.
func EncryptionContext(topicARN string) map[string]string {
	return map[string]string{ContextKey: topicARN}
}

// authorizeKey obtains a data key of an encrypted topic as the publisher: without the
// permission to use the topic's KMS key, it may not publish. The data key itself is not
// used: SNS stores the message under a data key of its own, because AWS calls KMS for
// publishers only [B7].
func (s *Service) authorizeKey(ctx context.Context, topic *topicRecord) error {
	keyID := topic.Attributes[attrKmsMasterKeyID]
	if keyID == "" {
		return nil
	}
	_, err := s.keys.Encryption(ctx, envelope.Use{
		Resource: topic.Arn, KeyID: keyID, Reuse: envelope.DefaultReuse,
		Context: EncryptionContext(topic.Arn),
	})
	if err != nil {
		return kmsErrors.PassOn(ctx, err, s.ids) // [B10]
	}
	return nil
}

// kmsErrors says how SNS names the errors of KMS [B9]. It has no name of its own for a
// key of the wrong usage, and uses the one for the wrong key state.
var kmsErrors = resource.KMSErrors{
	"AccessDeniedException":    ErrKMSAccessDenied,
	"DisabledException":        ErrKMSDisabled,
	"InvalidArnException":      ErrKMSNotFound,
	"InvalidKeyUsageException": ErrKMSInvalidState,
	"KMSInvalidStateException": ErrKMSInvalidState,
	"KeyUnavailableException":  ErrKMSInvalidState,
	"NotFoundException":        ErrKMSNotFound,
	"OptInRequired":            ErrKMSOptInRequired,
	"ThrottlingException":      ErrKMSThrottling,
	"ValidationException":      ErrKMSNotFound,
}
