package kms

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/mem"
)

// counting is an engine that counts what is read.
type counting struct {
	store.Engine
	reads int
}

type countingReader struct {
	store.Reader
	reads *int
}

func (e *counting) View(ctx context.Context, read func(store.Reader) error) error {
	return e.Engine.View(ctx, func(r store.Reader) error { return read(countingReader{r, &e.reads}) })
}

func (r countingReader) Get(key string) []byte {
	*r.reads++
	return r.Reader.Get(key)
}

func (r countingReader) GetMany(keys []string) [][]byte {
	*r.reads += len(keys)
	return r.Reader.GetMany(keys)
}

func (r countingReader) Scan(prefix, from string, limit int) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for key, value := range r.Reader.Scan(prefix, from, limit) {
			*r.reads++
			if !yield(key, value) {
				return
			}
		}
	}
}

// What a call reads does not depend on how many keys, aliases and grants there are.
func TestReadsDoNotGrow(t *testing.T) {
	few, many := readsAmong(t, 10), readsAmong(t, 2000)
	for call, n := range few {
		if many[call] != n || n == 0 {
			t.Errorf("%s reads %d values among 10 keys, and %d among 2,000", call, n, many[call])
		}
	}
}

// readsAmong is how many values each call reads where there are n keys, and n grants on the one
// that is used.
func readsAmong(t *testing.T, n int) map[string]int {
	engine := &counting{Engine: mem.New()}
	w := newTestbed(t, func(c *Config) { c.Engine = engine })
	grants := make([]FixtureGrant, n)
	for i := range grants {
		grants[i] = FixtureGrant{Grantee: fmt.Sprintf("arn:aws:iam::%s:role/r%d", testAccount, i), Operations: []string{"Encrypt"}}
	}
	var arn string
	for i := range n {
		f := Fixture{Account: testAccount, Region: testRegion, Alias: fmt.Sprintf("alias/a%d", i)}
		if i == n/2 {
			f.Grants = grants
		}
		made, err := w.ApplyKey(home(), f)
		if err != nil {
			t.Fatal(err)
		}
		if i == n/2 {
			arn = made
		}
	}
	ctx := by(testRegion, role(testAccount, "r1")) // one of the grantees
	blob := must[EncryptOutput](t)(w.Encrypt(ctx, &EncryptInput{KeyId: arn, Plaintext: []byte("x")})).CiphertextBlob
	reads := map[string]int{}
	count := func(call string, do func() error) {
		before := engine.reads
		if err := do(); err != nil {
			t.Fatal(err)
		}
		reads[call] = engine.reads - before
	}
	for _, name := range []string{arn, fmt.Sprintf("alias/a%d", n/2)} {
		kind := name[:3]
		count("Encrypt by "+kind, func() error {
			_, err := w.Encrypt(ctx, &EncryptInput{KeyId: name, Plaintext: []byte("x")})
			return err
		})
		count("GenerateDataKey by "+kind, func() error {
			_, err := w.GenerateDataKey(ctx, &GenerateDataKeyInput{KeyId: name, KeySpec: DataKeyAES256})
			return err
		})
		count("DescribeKey by "+kind, func() error {
			_, err := w.DescribeKey(ctx, &DescribeKeyInput{KeyId: name})
			return err
		})
	}
	count("Decrypt", func() error {
		_, err := w.decrypt(ctx, blob)
		return err
	})
	return reads
}

// Keys whose policy is the default one share its document.
func TestDefaultPolicyIsShared(t *testing.T) {
	w := newTestbed(t)
	document := func() any {
		key := w.newKey(CreateKeyInput{})
		_, k, err := w.resolve(home(), byID(key.Arn))
		if err != nil || k.compiled.Name != key.Arn {
			t.Fatalf("%v, %v", k, err)
		}
		return k.compiled.Document
	}
	if document() != document() {
		t.Error("two keys have two documents")
	}
}
