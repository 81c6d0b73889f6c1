package sqs

import (
	"context"
	"fmt"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/resource"
)

// ContextKey names the only entry of the encryption context of a queue's data keys:
// the queue's ARN [A5.1].
const ContextKey = "aws:sqs:arn"

// EncryptionContext is the encryption context of the data keys of a queue.
func EncryptionContext(queueARN string) map[string]string {
	return map[string]string{ContextKey: queueARN}
}

// kind is how the queue encrypts what is sent to it now.
func (q *queue) kind() encryption {
	switch {
	case q.kmsKey != "":
		return sseKMS
	case q.sse:
		return sseSQS
	default:
		return plain
	}
}

// sealer encrypts the bodies that a caller sends to a queue.
type sealer struct {
	kind encryption
	key  *envelope.Key // nil: plain
	arn  string        // of the queue
}

// sealer encrypts for q as it is configured now. For SSE-KMS it calls KMS, as the
// caller of ctx's request, where the cached data key has expired.
func (s *Service) sealer(ctx context.Context, q *queue) (sealer, error) {
	switch q.kind() {
	case sseKMS:
		key, err := s.cache.Encryption(ctx, q.use())
		if err != nil {
			return sealer{}, kmsErrors.PassOn(ctx, err, s.ids)
		}
		return sealer{sseKMS, key, q.arn}, nil
	case sseSQS:
		key, err := s.owned.Encryption(q.arn)
		return sealer{sseSQS, key, q.arn}, err
	default:
		return sealer{kind: plain}, nil
	}
}

// seal is the stored form of a message with the body, encrypted and bound to
// the queue and the message's id.
func (s sealer) seal(m *message, body string) []byte {
	m.Encryption = s.kind
	if s.kind == plain {
		return append(m.head(len(body)), body...)
	}
	m.dataKey = dataKey{s.key.ID, s.key.ARN, s.key.Wrapped, s.arn}
	return s.key.AppendSealed(m.head(len(body)+envelope.Overhead), body, s.arn, "\n", m.ID)
}

// keyring holds the KMS data keys that a receive has at hand, by wrapped form;
// nil: what is stored of it is damaged.
type keyring map[string]*envelope.Key

// missing reports whether the data key of m is still to be obtained.
func (k keyring) missing(m *message) bool {
	_, known := k[string(m.Wrapped)]
	return m.Encryption == sseKMS && !known
}

// fetch obtains the data key of m as the caller of ctx's request. A message
// that came from another queue was encrypted for that queue, and its data key
// opens with that queue's encryption context [A3.4].
func (s *Service) fetch(ctx context.Context, q *queue, m *message, into keyring) error {
	use := q.use()
	if m.SealedFor != q.arn {
		use.Context = EncryptionContext(m.SealedFor)
	}
	key, err := s.cache.Decryption(ctx, use, m.Wrapped, m.KeyARN)
	if err != nil && !damagedKey(err) {
		return kmsErrors.PassOn(ctx, err, s.ids)
	}
	into[string(m.Wrapped)] = key
	return nil
}

// damagedKey reports whether KMS refused a stored data key because it did not make
// it. Only keys from KMS are stored, so this one is damaged.
func damagedKey(err error) bool {
	code := api.AsError(err).Code
	return code == "InvalidCiphertextException" || code == "IncorrectKeyException"
}

// open is the body of a message. It fails, with errDamaged, where the message is
// not as it was stored.
func (s *Service) open(m *message, keys keyring) (string, error) {
	if m.Encryption == plain {
		return string(m.Body), nil
	}
	key := keys[string(m.Wrapped)]
	if m.Encryption == sseSQS {
		var err error
		if key, err = s.owned.Decryption(m.SealedFor, m.Wrapped); err != nil {
			return "", fmt.Errorf("%w: %w", errDamaged, err)
		}
	}
	if key == nil {
		return "", errDamaged
	}
	body, err := key.OpenText(m.Body, m.SealedFor, "\n", m.ID)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errDamaged, err)
	}
	return body, nil
}

// kmsErrors are SQS's names for what KMS answers [A7].
var kmsErrors = resource.KMSErrors{
	"AccessDeniedException":      ErrKmsAccessDenied,
	"DisabledException":          ErrKmsDisabled,
	"KMSInvalidStateException":   ErrKmsInvalidState,
	"NotFoundException":          ErrKmsNotFound,
	"InvalidArnException":        ErrKmsNotFound,
	"OptInRequired":              ErrKmsOptInRequired,
	"ThrottlingException":        ErrKmsThrottled,
	"LimitExceededException":     ErrKmsThrottled,
	"InvalidKeyUsageException":   ErrKmsInvalidKeyUsage,
	"KeyUnavailableException":    ErrKmsInvalidState,
	"ValidationException":        ErrKmsNotFound,
	"InvalidGrantTokenException": ErrKmsAccessDenied,
}
