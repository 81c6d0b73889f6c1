package sqs

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/waxseal/waxseal/internal/store"
)

// receipt is what a receipt handle says: which receive of which message.
type receipt struct {
	room     uint64
	order    order
	receives uint32 // the how manieth receive it was
}

const receiptSize = 8 + 16 + 4

// handles makes receipt handles. A handle is the receipt under AES-256-GCM,
// bound to the queue's ARN: nobody makes one but by receiving, and it is of no
// use at another queue. The key is made once and kept in the store, wrapped.
type handles struct {
	service *Service
	mu      sync.Mutex
	aead    cipher.AEAD
}

const handlesLabel = "receipt handles of sqs"

// cipher is the AEAD of the handles.
func (h *handles) cipher(ctx context.Context) (cipher.AEAD, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.aead != nil {
		return h.aead, nil
	}
	wrapped, err := h.load(ctx)
	if err != nil {
		return nil, err
	}
	key, err := h.service.HSM.Unwrap(wrapped, handlesLabel)
	if err != nil {
		return nil, fmt.Errorf("sqs: the key of the receipt handles: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	h.aead, err = cipher.NewGCMWithRandomNonce(block)
	return h.aead, err
}

// load is the wrapped key. Where there is none yet it is made.
func (h *handles) load(ctx context.Context) (wrapped []byte, err error) {
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	fresh := h.service.HSM.Wrap(key, handlesLabel)
	err = h.service.Engine.Update(ctx, func(tx store.Tx) error {
		if wrapped = tx.Get(handlesKey); wrapped == nil {
			wrapped = fresh
			tx.Put(handlesKey, fresh)
		}
		return nil
	})
	return wrapped, err
}

func (h *handles) seal(aead cipher.AEAD, queueARN string, r receipt) string {
	b := make([]byte, 0, receiptSize)
	b = binary.BigEndian.AppendUint64(b, r.room)
	b = append(b, r.order...)
	b = binary.BigEndian.AppendUint32(b, r.receives)
	return base64.StdEncoding.EncodeToString(aead.Seal(nil, nil, b, []byte(queueARN)))
}

// open is the receipt of a handle. What is no handle of the queue is refused (Q174).
func (h *handles) open(ctx context.Context, queueARN, handle string) (receipt, error) {
	aead, err := h.cipher(ctx)
	if err != nil {
		return receipt{}, err
	}
	sealed, err := base64.StdEncoding.DecodeString(handle)
	if err != nil {
		return receipt{}, badHandle(handle)
	}
	b, err := aead.Open(nil, nil, sealed, []byte(queueARN))
	if err != nil || len(b) != receiptSize {
		return receipt{}, badHandle(handle)
	}
	return receipt{
		room:     binary.BigEndian.Uint64(b),
		order:    order(b[8:24]),
		receives: binary.BigEndian.Uint32(b[24:]),
	}, nil
}

func badHandle(handle string) error {
	return ErrReceiptHandle.Withf("The input receipt handle \"%s\" is not a valid receipt handle.", handle)
}
