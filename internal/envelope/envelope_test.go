package envelope

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/hsm"
	"github.com/waxseal/waxseal/policyeval"
)

// ledger is a KMS that writes down who called what. Its keys are numbered.
type ledger struct {
	mu    sync.Mutex
	keys  int
	calls []string
	deny  error
}

func (l *ledger) record(ctx context.Context, name string) error {
	l.calls = append(l.calls, api.RequestFrom(ctx).Caller.ARN+" "+name)
	return l.deny
}

func (l *ledger) GenerateDataKey(ctx context.Context, _, keyID string, _ map[string]string) ([]byte, []byte, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.record(ctx, "GenerateDataKey"); err != nil {
		return nil, nil, "", err
	}
	l.keys++
	wrapped := fmt.Appendf(nil, "%032d", l.keys)
	return bytes.Clone(wrapped), wrapped, "arn:" + keyID, nil
}

func (l *ledger) Decrypt(ctx context.Context, wrapped []byte, _ map[string]string) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.record(ctx, "Decrypt"); err != nil {
		return nil, err
	}
	return bytes.Clone(wrapped), nil
}

func (l *ledger) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	calls := l.calls
	l.calls = nil
	return calls
}

func as(user string) context.Context {
	return api.WithRequest(context.Background(), &api.Request{
		Caller: &api.Caller{Principal: policyeval.Principal{Type: policyeval.User, ARN: user}},
	})
}

var queue = Use{Resource: "queue", KeyID: "key", Reuse: 5 * time.Minute}

type fixture struct {
	*testing.T
	kms   *ledger
	clock *clock.Turnable
	cache *Cache
}

func newFixture(t *testing.T) fixture {
	kms, c := &ledger{}, clock.NewStill(time.Unix(1e9, 0))
	return fixture{t, kms, c, NewCache(kms, c)}
}

func (f fixture) encrypt(user string) *Key {
	f.Helper()
	key, err := f.cache.Encryption(as(user), queue)
	if err != nil {
		f.Fatal(err)
	}
	return key
}

func (f fixture) decrypt(user string, key *Key) {
	f.Helper()
	got, err := f.cache.Decryption(as(user), queue, key.Wrapped, key.ARN)
	if err != nil {
		f.Fatal(err)
	}
	if plain, err := got.Open(key.Seal([]byte("hello"), []byte("aad")), []byte("aad")); err != nil || string(plain) != "hello" {
		f.Fatalf("Open = %q, %v", plain, err)
	}
}

func (f fixture) wantCalls(want ...string) {
	f.Helper()
	if got := f.kms.take(); fmt.Sprint(got) != fmt.Sprint(want) {
		f.Fatalf("KMS was called %q, want %q", got, want)
	}
}

func TestOnePeriodCosts2PPlusC(t *testing.T) {
	f := newFixture(t)
	for range 3 {
		one, two := f.encrypt("p1"), f.encrypt("p2")
		if bytes.Equal(one.Wrapped, two.Wrapped) {
			t.Fatal("two principals share a data key (A6.4)")
		}
		f.wantCalls("p1 GenerateDataKey", "p1 Decrypt", "p2 GenerateDataKey", "p2 Decrypt")
		f.decrypt("c", one)
		f.decrypt("c", two)
		f.encrypt("p1")
		f.decrypt("c", one)
		f.wantCalls("c Decrypt")
		f.clock.Advance(queue.Reuse)
	}
}

// TestKeysOfBuckets: a new data key that need not be read costs no Decrypt [S261], each session
// pays for itself where sessions count [S265], and keys under a key open with their label alone.
func TestKeysOfBuckets(t *testing.T) {
	f := newFixture(t)
	session := func(key string) context.Context {
		return api.WithRequest(context.Background(), &api.Request{Caller: &api.Caller{
			Principal: policyeval.Principal{Type: policyeval.AssumedRole, ARN: "role/" + key, IssuerARN: "role"}, AccessKeyID: key, Session: &api.Session{},
		}})
	}
	bucket := Use{Resource: "bucket", KeyID: "key", Reuse: 5 * time.Minute, Unverified: true, Sessions: true}
	for _, who := range []string{"one", "two", "one"} {
		if _, err := f.cache.Encryption(session(who), bucket); err != nil {
			t.Fatal(err)
		}
	}
	f.wantCalls("role/one GenerateDataKey", "role/two GenerateDataKey")
	key, err := Generate(as("p"), f.kms, bucket)
	if err != nil {
		t.Fatal(err)
	}
	object, err := key.Derive("a")
	if err != nil {
		t.Fatal(err)
	}
	sealed := object.Seal([]byte("hello"), nil)
	again, err := Open(as("p"), f.kms, bucket, key.Wrapped, key.ARN)
	if err != nil {
		t.Fatal(err)
	}
	f.wantCalls("p GenerateDataKey", "p Decrypt")
	opened, err := again.Derived(object.Wrapped, "a")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := opened.Open(sealed, nil); err != nil || string(text) != "hello" {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := again.Derived(object.Wrapped, "b"); err == nil {
		t.Error("a key opens with the label of another")
	}
}

func TestCopyOfExactlyThePeriodHasExpired(t *testing.T) {
	f := newFixture(t)
	first := f.encrypt("p")
	f.clock.Advance(queue.Reuse - 1)
	if f.encrypt("p") != first {
		t.Error("the data key changed within the period")
	}
	f.clock.Advance(1)
	if f.encrypt("p") == first {
		t.Error("the data key outlived the period")
	}
}

func TestProducerIsNotThereforeAConsumer(t *testing.T) {
	f := newFixture(t)
	key := f.encrypt("p")
	f.kms.take()
	f.decrypt("p", key)
	f.wantCalls("p Decrypt")
}

func TestDataKeyNoLongerHeldCostsADecrypt(t *testing.T) {
	f := newFixture(t)
	old := f.encrypt("p")
	f.clock.Advance(queue.Reuse)
	f.decrypt("c", f.encrypt("p"))
	f.kms.take()
	f.decrypt("c", old)
	f.wantCalls("c Decrypt")
	f.decrypt("c", old)
	f.wantCalls()
}

func TestErrorsAreNotCachedAndCachedKeysOutliveThem(t *testing.T) {
	f := newFixture(t)
	key := f.encrypt("p")
	f.decrypt("c", key)
	f.kms.deny = errors.New("disabled")
	f.encrypt("p")
	f.decrypt("c", key)
	f.clock.Advance(queue.Reuse)
	if _, err := f.cache.Encryption(as("p"), queue); !errors.Is(err, f.kms.deny) {
		t.Errorf("Encryption after the period: %v", err)
	}
	if _, err := f.cache.Decryption(as("c"), queue, key.Wrapped, key.ARN); !errors.Is(err, f.kms.deny) {
		t.Errorf("Decryption after the period: %v", err)
	}
	f.kms.deny = nil
	f.encrypt("p")
	f.decrypt("c", key)
}

func TestAuthorizationIsPerKMSKey(t *testing.T) {
	f := newFixture(t)
	f.decrypt("c", f.encrypt("p"))
	other := queue
	other.KeyID = "other"
	key, err := f.cache.Encryption(as("p"), other)
	if err != nil {
		t.Fatal(err)
	}
	f.kms.take()
	f.decrypt("c", key)
	f.wantCalls("c Decrypt")
}

func TestAuthorizationIsPerEncryptionContext(t *testing.T) {
	for _, contexts := range [][2]map[string]string{
		{{"arn": "one"}, {"arn": "two"}},
		{{"arn": "one", "x": "1"}, {"arn": "one", "x": "2"}},
	} {
		f := newFixture(t)
		key := f.encrypt("p")
		open := func(user string, context map[string]string) {
			use := queue
			use.Context = context
			if _, err := f.cache.Decryption(as(user), use, key.Wrapped, key.ARN); err != nil {
				t.Fatal(err)
			}
		}
		open("c", contexts[0])
		f.kms.take()
		open("c", contexts[0])
		f.wantCalls()
		open("c", contexts[1])
		f.wantCalls("c Decrypt")
	}
}

func TestRequestsThatArriveTogetherCostOneKey(t *testing.T) {
	f := newFixture(t)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() { f.encrypt("p") })
	}
	wg.Wait()
	f.wantCalls("p GenerateDataKey", "p Decrypt")
}

func TestExpiredKeysLeaveMemory(t *testing.T) {
	f := newFixture(t)
	for range 5 {
		f.decrypt("c", f.encrypt("p"))
		f.clock.Advance(queue.Reuse)
	}
	if n := len(f.cache.resource(queue.Resource).held); n > 1 {
		t.Errorf("%d data keys are held after their period", n)
	}
	f.cache.Forget(queue.Resource)
	if len(f.cache.resources) != 0 {
		t.Error("Forget left something")
	}
}

func TestDamagedCiphertext(t *testing.T) {
	key := newFixture(t).encrypt("p")
	sealed := key.Seal([]byte("hello"), []byte("aad"))
	if _, err := key.Open(sealed, []byte("other")); err == nil {
		t.Error("opened with other additional data")
	}
	sealed[NonceSize] ^= 1
	if _, err := key.Open(sealed, []byte("aad")); err == nil {
		t.Error("opened a damaged ciphertext")
	}
}

func TestOwnedKeysSurviveARestart(t *testing.T) {
	module, err := hsm.New(hsm.NewRootKey())
	if err != nil {
		t.Fatal(err)
	}
	before := NewOwned(module)
	key, err := before.Encryption("queue")
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := before.Encryption("queue"); again != key {
		t.Error("the resource's data key changed")
	}
	sealed := key.Seal([]byte("hello"), nil)

	after := NewOwned(module)
	opened, err := after.Decryption("queue", key.Wrapped)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := opened.Open(sealed, nil); err != nil || string(plain) != "hello" {
		t.Fatalf("Open = %q, %v", plain, err)
	}
	if _, err := after.Decryption("other queue", []byte("nonsense of some length, longer than a nonce")); !errors.Is(err, hsm.ErrWrapped) {
		t.Errorf("a data key of nobody: %v", err)
	}
	before.Forget("queue")
	if len(before.held) != 0 || len(before.encrypt) != 0 {
		t.Error("Forget left something")
	}
}
