package s3

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/mem"
	"github.com/waxseal/waxseal/internal/store/storetest"
)

// random is a body of some pieces.
func random(size int) []byte {
	b := make([]byte, size)
	r := rand.NewChaCha8([32]byte{byte(size)})
	_, _ = r.Read(b)
	return b
}

// A body is stored in pieces, each in a transaction of its own, and nothing of it can be
// read in the state.
func TestBodiesArePieces(t *testing.T) {
	engine := &sizes{Engine: mem.New()}
	w := newWorldOn(t, engine)
	for _, size := range []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 3*chunkSize + 5} {
		body := random(size)
		w.put("key", string(body))
		if n := (size + chunkSize - 1) / chunkSize; w.swept() != n {
			t.Errorf("%d bytes are %d pieces, want %d", size, len(w.keys(chunkPrefix)), n)
		}
		w.wantBody("key", string(body))
		for _, e := range []extent{{0, 1}, {int64(size) - 1, 1}, {chunkSize - 1, 2}, {chunkSize, 1}, {2, 2*chunkSize + 1}} {
			if e.offset < 0 || e.offset+e.length > int64(size) {
				continue
			}
			w.wantBody("key", string(body[e.offset:e.offset+e.length]), func(in *GetObjectInput) {
				in.Range = strings.TrimSuffix(strings.Replace(e.contentRange(0), "bytes ", "bytes=", 1), "/0")
			})
		}
	}
	if engine.largest > 1<<20+1000 {
		t.Errorf("a transaction wrote %d bytes", engine.largest)
	}
	w.put("secret", "correct horse battery staple")
	if bytes.Contains(w.raw(), []byte("battery")) {
		t.Error("the state shows a body")
	}
}

// sizes is an engine that notes how many bytes its largest update wrote.
type sizes struct {
	store.Engine
	largest int
}

func (e *sizes) Update(ctx context.Context, write func(store.Tx) error) error {
	return e.Engine.Update(ctx, func(tx store.Tx) error {
		counted := &countedTx{Tx: tx}
		err := write(counted)
		e.largest = max(e.largest, counted.size)
		return err
	})
}

type countedTx struct {
	store.Tx
	size int
}

func (t *countedTx) Put(key string, value []byte) {
	t.size += len(key) + len(value)
	t.Tx.Put(key, value)
}

// A body that is read stays until it was read, whatever becomes of the object meanwhile.
func TestReadersKeepWhatTheyRead(t *testing.T) {
	w := newWorld(t)
	body := string(random(3 * chunkSize))
	w.put("key", body)
	out, err := w.GetObject(w.ctx, &GetObjectInput{Bucket: name, Key: "key"})
	if err != nil {
		t.Fatal(err)
	}
	w.put("key", "another")
	if n := w.swept(); n != 4 {
		t.Errorf("%d pieces are there", n)
	}
	if got, err := io.ReadAll(out.Body); err != nil || string(got) != body {
		t.Errorf("read %d bytes, %v", len(got), err)
	}
	for range 2 { // it may be closed again
		if err := out.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	if n := w.swept(); n != 1 {
		t.Errorf("%d pieces are left", n)
	}
	w.wantBody("key", "another")
}

// A reader that found an object just before it was overwritten and swept looks again.
func TestReadMeetsOverwriting(t *testing.T) {
	w := newWorld(t)
	w.put("key", "before")
	_, at, err := w.getObjectChecks(w.ctx, &GetObjectInput{Bucket: name, Key: "key"})
	if err != nil {
		t.Fatal(err)
	}
	w.put("key", "after")
	w.swept()
	if _, err := w.getObject(w.ctx, at, &GetObjectInput{}); !errors.Is(err, api.ErrChanged) {
		t.Errorf("the answer is %v", err)
	}
	w.wantBody("key", "after")
}

// A body that was lost is an error, and no empty one.
func TestDamagedBody(t *testing.T) {
	w := newWorld(t)
	w.put("key", "hello")
	if err := w.engine.Update(w.ctx, func(tx store.Tx) error {
		store.DeleteSome(tx, chunkPrefix, 1)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.get("key"); !errors.Is(err, errGone) && err != nil || err == nil {
		t.Errorf("the answer is %v", err)
	}
}

// What a killed process left behind is swept when the service begins; what is still being
// written is not.
func TestSweep(t *testing.T) {
	w := newWorld(t)
	w.put("kept", "kept")
	meanwhile := readFunc(func() {
		if n := w.swept(); n != 2 {
			t.Errorf("%d pieces are there while a body is written", n)
		}
	})
	if _, err := w.PutObject(w.ctx, &PutObjectInput{Bucket: name, Key: "key", Body: api.NewBody(io.MultiReader(bytes.NewReader(random(chunkSize)), meanwhile), -1, nil)}); err != nil {
		t.Fatal(err)
	}
	w.put("key", "again")
	key, err := envelope.NewOwnedKey(w.module, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.write(w.ctx, &bucket{Name: name}, key, bytes.NewReader(random(2*chunkSize)), newHashes()); err != nil {
		t.Fatal(err)
	}
	if n := len(w.keys(chunkPrefix)); n != 5 {
		t.Fatalf("%d pieces are there", n)
	}
	w.open() // the process ended before it swept anything, and while a body was written
	if n := w.swept(); n != 2 || len(w.keys(loosePrefix)) != 0 {
		t.Errorf("%d pieces are left, and %q", n, w.keys(loosePrefix))
	}
	w.wantBody("kept", "kept")
	w.wantBody("key", "again")
}

// readFunc is a body of nothing, which does something when it is read.
type readFunc func()

func (f readFunc) Read([]byte) (int, error) {
	f()
	return 0, io.EOF
}

// The sweep in the background sees what becomes loose.
func TestSweepInTheBackground(t *testing.T) {
	w := newWorld(t)
	w.put("key", "one")
	w.Service = New(Config{Engine: w.engine, Clock: w.clock, IDs: w.ids, HSM: w.module})
	w.put("key", "two")
	for len(w.keys(loosePrefix)) > 0 { // it ends, or the test does not
		w.blobs.signal()
	}
	w.Close()
	if n := len(w.keys(chunkPrefix)); n != 1 {
		t.Errorf("%d pieces are left", n)
	}
}

// The sweep of a large body writes little at a time.
func TestSweepIsShort(t *testing.T) {
	largest := &storetest.Largest{Engine: mem.New()}
	w := newWorldOn(t, largest)
	w.put("key", string(random(20*chunkSize)))
	w.put("key", "")
	largest.Writes()
	if n := w.swept(); n != 0 || largest.Writes() > sweptChunks {
		t.Errorf("%d pieces are left", n)
	}
}
