package s3

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/internal/store/mem"
	"github.com/waxseal/waxseal/internal/store/storetest/disk"
)

// Whoever reads a key while it is overwritten, deleted and swept reads one body whole,
// or is told that there is none.
func TestReadersAndWriters(t *testing.T) {
	w := newWorldOn(t, mem.New())
	w.Service = New(Config{Engine: w.engine, Clock: w.clock, IDs: w.ids, HSM: w.module}) // with a sweep
	defer w.Close()
	const size = chunkSize + 100
	var work sync.WaitGroup
	for writer := range 3 {
		work.Go(func() {
			body := bytes.Repeat([]byte{byte('a' + writer)}, size)
			for range 10 {
				if _, err := w.PutObject(w.ctx, &PutObjectInput{Bucket: name, Key: "key", Body: bodyOf(string(body))}); err != nil {
					t.Error(err)
				}
				if _, err := w.DeleteObject(w.ctx, &DeleteObjectInput{Bucket: name, Key: "key"}); err != nil {
					t.Error(err)
				}
			}
		})
		work.Go(func() {
			for range 30 {
				out, err := w.GetObject(w.ctx, &GetObjectInput{Bucket: name, Key: "key"})
				if errors.Is(err, ErrNoSuchKey) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(out.Body)
				if err != nil || len(body) != size || strings.Trim(string(body), string(body[:1])) != "" {
					t.Errorf("read %d bytes, %v", len(body), err)
				}
				_ = out.Body.Close()
			}
		})
	}
	work.Wait()
	w.Close()
	if n := w.swept(); n != 0 || len(w.keys(loosePrefix)) != 0 {
		t.Errorf("%d pieces are left", n)
	}
}

// What was acknowledged is there when the file is opened again, and what a process left
// behind that ended in the middle of a body is swept.
func TestOnDisk(t *testing.T) {
	file := filepath.Join(t.TempDir(), "waxseal.db")
	open := func() store.Engine { return disk.Open(t, file) }
	w := newWorldOn(t, open())
	body := string(random(2*chunkSize + 7))
	w.put("key", body)
	w.versioning("Enabled")
	version := w.put("key", "second").VersionId
	id := w.begin("parts")
	part := w.upload("parts", id, 1, "part")
	if _, err := w.PutObject(w.ctx, &PutObjectInput{Bucket: name, Key: "ends", Body: bodyOf(body + "x")}); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if err := w.engine.Close(); err != nil {
		t.Fatal(err)
	}
	w.engine = open()
	defer func() { _ = w.engine.Close() }()
	w.open()
	w.wantBody("key", body, ofVersion("null"))
	w.wantBody("key", "second", ofVersion(version))
	w.complete(completing("parts", id, part.ETag))
	w.wantBody("parts", "part")
	if n := w.swept(); n != 3+1+1+3 {
		t.Errorf("there are %d pieces", n)
	}
}

// gate is an engine that lets no update end that writes a piece of a body before it is open.
type gate struct {
	store.Engine
	open    chan struct{}
	waiting atomic.Int64
}

func (g *gate) Update(ctx context.Context, write func(store.Tx) error) error {
	large := false
	err := g.Engine.Update(ctx, func(tx store.Tx) error {
		counted := &countedTx{Tx: tx}
		err := write(counted)
		large = counted.size > chunkSize
		return err
	})
	if large {
		g.waiting.Add(1)
		<-g.open
	}
	return err
}

// However many bodies come at once, few of their pieces are on their way to the disk.
func TestFewPiecesAreStoredAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &gate{Engine: mem.New(), open: make(chan struct{})}
		w := newWorldOn(t, g)
		body := string(random(chunkSize))
		put := func(ctx context.Context) error {
			_, err := w.PutObject(ctx, &PutObjectInput{Bucket: name, Key: "key", Body: bodyOf(body)})
			return err
		}
		var work sync.WaitGroup
		for range 3 * storedAtOnce {
			work.Go(func() {
				if err := put(w.ctx); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if n := g.waiting.Load(); n != storedAtOnce {
			t.Errorf("%d pieces are stored at once", n)
		}
		gone, goes := context.WithCancel(w.ctx) // who does not want to wait any more
		goes()
		if err := put(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("the answer is %v", err)
		}
		close(g.open)
		work.Wait()
		if n := g.waiting.Load(); n != 3*storedAtOnce {
			t.Errorf("%d pieces are stored", n)
		}
	})
}
