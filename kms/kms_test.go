package kms

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/internal/ids"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/storetest/rerun"
	"github.com/waxseal/waxseal/internal/wire"
	"github.com/waxseal/waxseal/policyeval"
)

const (
	testAccount  = "123456789012"
	otherAccount = "999888777666"
	testRegion   = "us-east-1"
	otherRegion  = "eu-west-1"
)

var testStart = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

// testbed is a service on an empty store with a clock that stands still.
type testbed struct {
	*Service
	t     testing.TB
	clock *clock.Turnable
}

func newTestbed(t testing.TB, configure ...func(*Config)) *testbed {
	t.Helper()
	module, err := hsm.New(hsm.NewRootKey())
	if err != nil {
		t.Fatal(err)
	}
	c := clock.NewStill(testStart)
	config := Config{Engine: rerun.New(), Clock: c, IDs: ids.New(), HSM: module}
	for _, f := range configure {
		f(&config)
	}
	return &testbed{clock: c, Service: New(config), t: t}
}

// as is a context of a call by an account's root user in a region.
func as(account, region string) context.Context {
	return by(region, &api.Caller{Principal: policyeval.Principal{
		Type: policyeval.Root, Account: account, ARN: "arn:aws:iam::" + account + ":root",
	}})
}

func home() context.Context { return as(testAccount, testRegion) }

func by(region string, caller *api.Caller) context.Context {
	return api.WithRequest(context.Background(), &api.Request{
		ID: "8f9c0e0e-0000-4000-8000-000000000000", Account: caller.Account, Region: region,
		Time: testStart, Caller: caller, SecureTransport: true,
	})
}

// role is a session of a role with the given identity policies.
func role(account, name string, policies ...string) *api.Caller {
	c := &api.Caller{Name: name, Principal: policyeval.Principal{
		Type: policyeval.AssumedRole, Account: account,
		ARN:       "arn:aws:sts::" + account + ":assumed-role/" + name + "/s",
		IssuerARN: "arn:aws:iam::" + account + ":role/" + name,
	}}
	for _, text := range policies {
		document, err := policyeval.Parse(text)
		if err != nil {
			panic(err)
		}
		c.Policies.Identity = append(c.Policies.Identity, &policyeval.Policy{Name: "inline", Document: document})
	}
	return c
}

// allow is an identity policy.
func allow(actions, resource string) string {
	list, _ := json.Marshal(strings.Fields(actions))
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":` + string(list) + `,"Resource":"` + resource + `"}}`
}

// call takes an input through the stages of a call as the dispatcher does.
func (w *testbed) call(ctx context.Context, operation string, in any) (any, error) {
	w.t.Helper()
	description := w.API()
	for i := range description.Operations {
		if op := &description.Operations[i]; op.Name == operation {
			resolved, err := op.Resolve(ctx, in)
			if err != nil {
				return nil, err
			}
			if err := authorize(ctx, &description, op, resolved.Checks); err != nil {
				return nil, err
			}
			return op.Call(ctx, in, resolved)
		}
	}
	w.t.Fatalf("there is no operation %s", operation)
	return nil, nil
}

func authorize(ctx context.Context, description *api.Service, op *api.Operation, checks []api.Check) error {
	request := api.RequestFrom(ctx)
	for i := range checks {
		t := &checks[i].Target
		policies := request.Caller.Policies
		policies.Resource, policies.Grants = t.Policy, t.Grants
		cross := t.Account != request.Caller.Account
		if t.Missing != nil && !cross {
			policies.Resource = parsed(defaultPolicyText(place{t.Account, request.Region}))
		}
		d := &api.Denial{Operation: op.Name, Caller: request.Caller, Action: checks[i].Action, Target: t, CrossAccount: cross}
		d.Verdict = policyeval.Decide(&policyeval.Request{
			Principal: request.Caller.Principal, Action: checks[i].Action, Resource: t.ARN, ResourceAccount: t.Account,
			Context: keysOf(ctx, &checks[i]),
		}, &policies)
		switch {
		case !d.Verdict.Allowed:
			return description.Denied(d)
		case op.OwnerOnly && cross:
			return description.OwnerOnly(d)
		}
	}
	for _, check := range checks {
		if check.Target.Missing != nil {
			return check.Target.Missing
		}
	}
	return nil
}

func parsed(text string) *policyeval.Policy {
	document, err := policyeval.Parse(text)
	if err != nil {
		panic(err)
	}
	return &policyeval.Policy{Name: "test", Document: document}
}

// keysOf is the context of a decision, with the keys that the server sets.
func keysOf(ctx context.Context, check *api.Check) *policyeval.Context {
	request := api.RequestFrom(ctx)
	c := policyeval.NewContext(16)
	c.Set("kms:calleraccount", request.Account)
	if n := len(request.CalledVia); n > 0 {
		service, rest, _ := strings.Cut(request.CalledVia[n-1], ".")
		c.Set("kms:viaservice", service+"."+request.Region+"."+rest)
	}
	if check.Target.Keys != nil {
		check.Target.Keys(c)
	}
	return c
}

// json makes a call from its JSON form, as clients send it, and answers the JSON form of the output.
func (w *testbed) json(ctx context.Context, operation, body string) (string, error) {
	w.t.Helper()
	for _, op := range w.API().Operations {
		if op.Name != operation {
			continue
		}
		in, violations, failed := wire.DecodeJSON([]byte(body), op.In)
		if failed != nil {
			return "", failed
		}
		if len(violations) > 0 {
			return "", invalid(violations)
		}
		out, err := w.call(ctx, operation, in)
		if err != nil {
			return "", err
		}
		return string(wire.JSONOf(out)), nil
	}
	w.t.Fatalf("there is no operation %s", operation)
	return "", nil
}

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

// ok checks that a call succeeded whose output does not matter.
func ok[T any](t testing.TB) func(*T, error) {
	return func(_ *T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// wantError checks an error's code and message.
func wantError(t testing.TB, err error, want *api.Error, message string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %s: %q", want.Code, message)
	}
	if got := api.AsError(err); got.Code != want.Code || got.Message != message {
		t.Errorf("error is\n\t%s: %q, want\n\t%s: %q", got.Code, got.Message, want.Code, message)
	}
}

func (w *testbed) newKey(in CreateKeyInput) *KeyMetadata {
	w.t.Helper()
	return must[CreateKeyOutput](w.t)(w.CreateKey(home(), &in)).KeyMetadata
}

func (w *testbed) describe(ctx context.Context, id string) *KeyMetadata {
	w.t.Helper()
	return must[DescribeKeyOutput](w.t)(w.DescribeKey(ctx, &DescribeKeyInput{KeyId: id})).KeyMetadata
}

func (w *testbed) encrypt(id, text string) []byte {
	w.t.Helper()
	return must[EncryptOutput](w.t)(w.Encrypt(home(), &EncryptInput{KeyId: id, Plaintext: []byte(text)})).CiphertextBlob
}

func (w *testbed) decrypt(ctx context.Context, blob []byte) (string, error) {
	out, err := w.Decrypt(ctx, &DecryptInput{CiphertextBlob: blob})
	if err != nil {
		return "", err
	}
	return string(out.Plaintext), nil
}

// force changes a key's record behind the service's back.
func (w *testbed) force(arn string, change func(*keyRecord)) {
	w.t.Helper()
	err := w.engine.Update(context.Background(), func(tx store.Tx) error {
		l, err := parseKeyID(home(), arn, false)
		if err != nil {
			return err
		}
		k := w.keys.Edit(tx, l.key(l.id))
		if k == nil {
			return errors.New("no such key")
		}
		change(k)
		w.keys.Put(tx, k.key(), k)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// stored are the keys of the store that contain s.
func (w *testbed) stored(s string) []string {
	w.t.Helper()
	var found []string
	err := w.engine.View(context.Background(), func(r store.Reader) error {
		for key := range r.Scan("kms.", "", store.All) {
			if strings.Contains(key, s) {
				found = append(found, key)
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

func ptr(n int32) *int32 { return &n }

func TestShapesAreWellFormed(t *testing.T) {
	for _, op := range newTestbed(t).API().Operations {
		for _, shape := range []reflect.Type{op.In, op.Out} {
			if err := wire.Check(shape); err != nil {
				t.Error(err)
			}
		}
	}
}

// encryptWithNewKey encrypts with a key that only this testbed has.
func (w *testbed) encryptWithNewKey(text string) []byte {
	w.t.Helper()
	return w.encrypt(w.newKey(CreateKeyInput{}).KeyId, text)
}
