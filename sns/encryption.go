package sns

import (
	"context"
	"errors"
	"fmt"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/policyeval"
)

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
		Context: map[string]string{"aws:sns:topicArn": topic.Arn},
	})
	if err != nil {
		return s.kmsError(ctx, err)
	}
	return nil
}

// kmsErrors says how SNS names the errors of KMS [B9]. It has no name for keys
// of the wrong usage: their state is what does not suit.
var kmsErrors = map[string]*api.Error{
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

// kmsError is an error of KMS as SNS passes it on [B10]. A service principal
// is not told why it was denied [B14].
func (s *Service) kmsError(ctx context.Context, err error) error {
	e, ok := errors.AsType[*api.Error](err)
	if !ok || kmsErrors[e.Code] == nil {
		return err
	}
	text := e.Message
	if api.RequestFrom(ctx).Caller.Type == policyeval.Service && e.Code == "AccessDeniedException" {
		text = "null"
	}
	mapped := kmsErrors[e.Code].With(fmt.Sprintf("%s (Service: AWSKMS; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)",
		text, e.HTTPStatus(), e.Code, s.ids.UUID()))
	mapped.Cause = err
	return mapped
}
