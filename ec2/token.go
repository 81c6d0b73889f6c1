package ec2

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
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

// tokenLife is how long a client token is remembered.
const tokenLife = 24 * time.Hour

// once makes something once for a client token: the same request again gets the first
// answer, and another with the token an error [X023]. An empty token is none. It runs
// within the transaction in which the thing is made.
//
// See https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html.
func once[In, Out any](ctx context.Context, s *Service, tx store.Tx, operation, token string, in *In, do func() (*Out, error)) (*Out, error) {
	if token == "" {
		return do()
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
	s.tokens.Put(tx, p.key(token), &remembered{operation, digest, answer, now.Add(tokenLife)})
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

// forget removes the place's tokens whose time is over.
func (s *Service) forget(tx store.Tx, p place, now time.Time) {
	for key, t := range s.tokens.Scan(tx, p.prefix(), "", store.All) {
		if !now.Before(t.Until) {
			s.tokens.Delete(tx, key)
		}
	}
}
