package sns

import (
	"context"

	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/resource"
)

// EncryptionContext is that of the data keys which publishers get for the topic of
// an ARN.
func EncryptionContext(topicARN string) map[string]string {
	return map[string]string{"aws:sns:topicArn": topicARN}
}

// authorizeKey gets the publisher a data key of an encrypted topic. Who may not
// use the topic's KMS key may not publish. What SNS stores of the message it
// encrypts under a data key of its own: AWS asks KMS for publishers only [B7].
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

// kmsErrors says how SNS names the errors of KMS [B9]. It has no name for keys
// of the wrong usage: their state is what does not suit.
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
