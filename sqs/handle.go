package sqs

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash"
	"sync"

	"github.com/waxseal/waxseal/internal/store"
)

// receipt is what a receipt handle says: which receive of which message.
type receipt struct {
	backlog  uint64
	order    order
	receives uint32 // of the message, that one included
}

const (
	receiptSize = 8 + 16 + 4
	queueSize   = 8
	macSize     = 16
)

// handles makes receipt handles. A handle is the receipt, a digest of the queue's
// ARN and an HMAC-SHA256 over both: it cannot be forged, and a queue recognizes and
// refuses the handle of another queue. The same receive always has the same handle.
// The HMAC key is made once and kept in the store, wrapped by the HSM.
type handles struct {
	service *Service
	mu      sync.Mutex
	macs    *sync.Pool // of hash.Hash; nil: the key is not loaded yet
}

const handlesLabel = "receipt handles of sqs"

// signer makes the handles of one queue.
type signer struct {
	macs  *sync.Pool
	arn   string
	queue [queueSize]byte
}

// signer is the signer of the queue's handles.
func (h *handles) signer(ctx context.Context, q *queue) (signer, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.macs == nil {
		wrapped, err := h.load(ctx)
		if err != nil {
			return signer{}, err
		}
		key, err := h.service.hsm.Unwrap(wrapped, handlesLabel)
		if err != nil {
			return signer{}, fmt.Errorf("sqs: the key of the receipt handles: %w", err)
		}
		h.macs = &sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}
	}
	return signer{h.macs, q.arn, q.digest}, nil
}

// handleDigest is the digest of a queue's ARN in its handles.
func handleDigest(queueARN string) [queueSize]byte {
	digest := sha256.Sum256([]byte(queueARN))
	return [queueSize]byte(digest[:])
}

// load is the wrapped key. Where there is none yet it is made.
func (h *handles) load(ctx context.Context) (wrapped []byte, err error) {
	key := make([]byte, sha256.Size)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	fresh := h.service.hsm.Wrap(key, handlesLabel)
	err = h.service.engine.Update(ctx, func(tx store.Tx) error {
		if wrapped = tx.Get(handlesKey); wrapped == nil {
			wrapped = fresh
			tx.Put(handlesKey, fresh)
		}
		return nil
	})
	return wrapped, err
}

// mac appends the MAC of b to it.
func (s signer) mac(b []byte, behind string) []byte {
	mac := s.macs.Get().(hash.Hash)
	defer s.macs.Put(mac)
	mac.Reset()
	mac.Write(b)
	mac.Write([]byte(behind))
	var sum [sha256.Size]byte
	return append(b, mac.Sum(sum[:0])[:macSize]...)
}

// handle is the receipt handle of a receipt.
func (s signer) handle(r receipt) string {
	b := make([]byte, 0, receiptSize+queueSize+macSize)
	b = binary.BigEndian.AppendUint64(b, r.backlog)
	b = append(b, r.order...)
	b = binary.BigEndian.AppendUint32(b, r.receives)
	b = append(b, s.queue[:]...)
	return base64.StdEncoding.EncodeToString(s.mac(b, ""))
}

// signed reports whether b is n bytes and the MAC over them and behind. In handles of
// earlier versions the MAC covers the queue's ARN, and the handle has no digest of it;
// they are still accepted.
func (s signer) signed(b []byte, n int, behind string) bool {
	return len(b) == n+macSize && hmac.Equal(s.mac(b[:n:n], behind), b)
}

// receipt is the receipt of a handle. What is no handle [Q174], or one of
// another queue [Q171b], is refused.
func (s signer) receipt(handle string) (receipt, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(handle)
	if err != nil || !s.signed(b, receiptSize+queueSize, "") && !s.signed(b, receiptSize, s.arn) {
		return receipt{}, ErrReceiptHandle.Withf("The input receipt handle \"%s\" is not a valid receipt handle.", handle)
	}
	if len(b) > receiptSize+macSize && [queueSize]byte(b[receiptSize:]) != s.queue {
		return receipt{}, ErrReceiptHandle.Withf("The receipt handle \"%s\" is not valid for this queue.", handle)
	}
	return receipt{
		backlog:  binary.BigEndian.Uint64(b),
		order:    order(b[8:24]),
		receives: binary.BigEndian.Uint32(b[24:]),
	}, nil
}
