package ec2

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/store"
)

// remembered is the answer to a request with a client token.
type remembered struct {
	Operation string
	// Digest is that of the input, without what may differ.
	Digest string
	Answer json.RawMessage
	Until  time.Time
}

// A client token is remembered for tokenLife, and has at most maxToken characters.
const (
	tokenLife = 24 * time.Hour
	maxToken  = 64
)

// once makes something once for a client token: the same request again gets the first
// answer, and another with the token an error [X023]. An empty token is none. It runs
// within the transaction in which the thing is made.
//
// See https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html.
func once[In, Out any](ctx context.Context, s *Service, tx store.Tx, operation, token string, in *In, do func() (*Out, error)) (*Out, error) {
	if token == "" {
		return do()
	}
	if len(token) > maxToken {
		return nil, badValue(token, "ClientToken", fmt.Sprintf("A client token has at most %d characters.", maxToken))
	}
	p, now := placeOf(ctx), s.clock.Now()
	digest, err := digestOf(*in)
	if err != nil {
		return nil, err
	}
	if t := s.tokens.Get(tx, p.key(token)); t != nil && now.Before(t.Until) {
		if t.Operation != operation || t.Digest != digest {
			return nil, errMismatch
		}
		out := new(Out)
		return out, json.Unmarshal(t.Answer, out)
	}
	out, err := do()
	if err != nil {
		return nil, err
	}
	answer, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	s.forget(tx, p, now)
	until := now.Add(tokenLife)
	s.tokens.Put(tx, p.key(token), &remembered{operation, digest, answer, until})
	tx.Put(endPrefix(p)+moment(until)+token, nil)
	return out, nil
}

// digestOf tells inputs apart that ask for different things.
func digestOf[In any](in In) (string, error) {
	if f := reflect.ValueOf(&in).Elem().FieldByName("DryRun"); f.IsValid() {
		f.SetBool(false)
	}
	text, err := json.Marshal(in)
	digest := sha256.Sum256(text)
	return hex.EncodeToString(digest[:]), err
}

// endBucket is the index of client tokens by the end of their time, which has a fixed
// number of digits.
const endBucket = "ec2.tokenend\x00"

func endPrefix(p place) string { return endBucket + p.prefix() }

// moment is a time as a text of momentDigits, which sorts as times do.
func moment(t time.Time) string { return fmt.Sprintf("%0*x", momentDigits, t.UnixMilli()) }

const momentDigits = 16

// forget removes the place's tokens whose time is over.
func (s *Service) forget(tx store.Tx, p place, now time.Time) {
	present := moment(now)
	for key := range tx.Scan(endPrefix(p), "", store.All) {
		end := strings.TrimPrefix(key, endPrefix(p))
		if end[:momentDigits] > present {
			return
		}
		s.tokens.Delete(tx, p.key(end[momentDigits:]))
		tx.Delete(key)
	}
}
