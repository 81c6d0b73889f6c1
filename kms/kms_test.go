package kms

import (
	"context"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store/mem"
	"github.com/waxseal/waxseal/policyeval"
)

const (
	testAccount  = "123456789012"
	otherAccount = "999888777666"
	testRegion   = "us-east-1"
)

var testStart = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// world is a service on an empty store with a clock that stands still.
type world struct {
	*Service
	t     *testing.T
	clock *clock.Turnable
}

func newWorld(t testing.TB) *world {
	t.Helper()
	module, err := hsm.New(hsm.NewRootKey())
	if err != nil {
		t.Fatal(err)
	}
	c := clock.NewStill(testStart)
	w := &world{clock: c, Service: New(Config{Engine: mem.New(), Clock: c, IDs: ids.New(), HSM: module})}
	w.t, _ = t.(*testing.T)
	return w
}

// as is a context of a call by an account's root user in a region.
func as(account, region string) context.Context {
	arn := "arn:aws:iam::" + account + ":root"
	return api.WithRequest(context.Background(), &api.Request{
		ID: "8f9c0e0e-0000-4000-8000-000000000000", Account: account, Region: region, Time: testStart,
		Caller: &api.Caller{Principal: policyeval.Principal{Type: policyeval.Root, Account: account, ARN: arn}},
	})
}

func home() context.Context { return as(testAccount, testRegion) }

// must is the output of a call that has to succeed.
func must[T any](t testing.TB) func(*T, error) *T {
	return func(out *T, err error) *T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// wantError checks an error's code and message.
func wantError(t testing.TB, err error, want *api.Error, message string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s", want.Code)
	}
	if got := api.AsError(err); got.Code != want.Code || got.Message != message {
		t.Errorf("error is\n\t%s: %q, want\n\t%s: %q", got.Code, got.Message, want.Code, message)
	}
}

func (w *world) newKey(in CreateKeyInput) *KeyMetadata {
	w.t.Helper()
	return must[CreateKeyOutput](w.t)(w.CreateKey(home(), &in)).KeyMetadata
}
