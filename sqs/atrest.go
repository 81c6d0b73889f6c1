package sqs

import (
	"context"

	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/store"
)

// AtRestMessage is a message as the store holds it. In JSON its bytes are in base64.
type AtRestMessage struct {
	MessageID string `json:"messageId"`
	// Encryption is SSE-KMS, SSE-SQS or none.
	Encryption       string `json:"encryption"`
	KeyID            string `json:"keyId,omitempty"` // the KMS key's ARN
	EncryptedDataKey []byte `json:"encryptedDataKey,omitempty"`
	Nonce            []byte `json:"nonce,omitempty"`
	Ciphertext       []byte `json:"ciphertext,omitempty"`
	// Body is the text of a message that is not encrypted.
	Body *string `json:"body,omitempty"`
}

// AtRest lists a queue's messages as they are stored, oldest first. found is
// false where there is no such queue.
func (s *Service) AtRest(ctx context.Context, account, region, queueName string) (messages []AtRestMessage, found bool, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		messages = []AtRestMessage{}
		q := s.queues.Get(r, name{account, region, queueName}.key())
		if q == nil {
			return nil
		}
		found = true
		v := look(r, q, s.clock.Now())
		for key := range r.Scan(v.key(keyMessage, ""), "", store.All) {
			if m := v.message(order(v.rest(key))); m != nil {
				messages = append(messages, m.atRest())
			}
		}
		return nil
	})
	return messages, found, err
}

func (m *message) atRest() AtRestMessage {
	out := AtRestMessage{MessageID: m.ID, Encryption: m.Encryption.String(), KeyID: m.KeyARN, EncryptedDataKey: m.Wrapped}
	if m.Encryption == plain {
		body := string(m.Body)
		out.Body = &body
		return out
	}
	out.Nonce, out.Ciphertext = m.Body[:envelope.NonceSize], m.Body[envelope.NonceSize:]
	return out
}
