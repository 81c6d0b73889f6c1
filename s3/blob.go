package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/waxseal/waxseal/internal/envelope"
	"github.com/waxseal/waxseal/internal/store"
)

// A blob is the stored bytes of one body: pieces of chunkSize bytes, the last one shorter,
// each in a record and transaction of its own and encrypted under the object's data key.
// It is written before the record that names it, and until then it is loose: so it is in
// the state from its first piece on. What stays loose is swept (sweep.go).

// chunkSize is how many bytes of a body a piece has: with what the encryption adds, its
// record is 1 MiB.
const chunkSize = 1<<20 - envelope.Overhead

// segment is a blob as a part of a body.
type segment struct {
	Blob string
	Size int64
}

// manifest is of what blobs a body consists that came in parts, in their order.
type manifest struct {
	Parts []manifestPart
}

// manifestPart is a part of a body.
type manifestPart struct {
	segment
	Number   int32
	Checksum checksum `json:",omitzero"`
}

func chunkKey(blob string, index int64) string {
	return fmt.Sprintf("%s%s\x00%08x", chunkPrefix, blob, index)
}

// The kinds of loose things, as their keys begin.
const (
	looseBlob     = "b"
	looseManifest = "m"
	looseUpload   = "a" // one that was aborted
	looseParts    = "c" // of an upload that was completed: its records, and not its blobs
	looseBucket   = "B" // one that was deleted, with the uploads that were under way in it
)

func looseKey(kind, id string) string { return loosePrefix + kind + id }

// loosen has the body of an object swept.
func (o *object) loosen(tx store.Tx) {
	if o.Blob != "" {
		tx.Put(looseKey(looseBlob, o.Blob), nil)
	}
	if o.Manifest != "" {
		tx.Put(looseKey(looseManifest, o.Manifest), nil)
	}
}

// body is what identifies an object's body for its readers; empty: it has none.
func (o *object) body() string { return o.Blob + o.Manifest }

// blobs are the bodies that somebody writes or reads in this process. They are not swept
// meanwhile. It is safe for concurrent use.
type blobs struct {
	mu sync.Mutex
	// held is how often each is written or read.
	held map[string]int
	// swept is what is being swept.
	swept string
	// wake tells the sweep that there may be something to do.
	wake chan struct{}
	// storing holds one token for each piece that is being stored.
	storing chan struct{}
}

// storedAtOnce is how many pieces are stored at a time. Until it is on the disk, a piece is
// in memory several times: as it came, encrypted, and in the transaction; and all those
// that wait for the disk are in one transaction.
const storedAtOnce = 8

func newBlobs() blobs {
	return blobs{held: map[string]int{}, wake: make(chan struct{}, 1), storing: make(chan struct{}, storedAtOnce)}
}

// hold keeps a body from being swept; false: it is being swept already.
func (b *blobs) hold(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.swept == id {
		return false
	}
	b.held[id]++
	return true
}

// release is the end of a hold.
func (b *blobs) release(id string) {
	b.mu.Lock()
	if b.held[id]--; b.held[id] == 0 {
		delete(b.held, id)
	}
	b.mu.Unlock()
	b.signal()
}

// signal wakes the sweep.
func (b *blobs) signal() {
	select {
	case b.wake <- struct{}{}:
	default: // it is awake
	}
}

// claim begins the sweep of a body that nobody holds.
func (b *blobs) claim(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held[id] > 0 {
		return false
	}
	b.swept = id
	return true
}

func (b *blobs) unclaim() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.swept = ""
}

// written is a body that has been stored and is not named by a record yet.
type written struct {
	segment
	service *Service
}

// drop ends the writing. If no record names the blob by then, it is swept.
func (w *written) drop() {
	if w.Blob != "" {
		w.service.blobs.release(w.Blob)
	}
}

// keep has a record name the blob, in the transaction that writes the record.
func (w *written) keep(tx store.Tx) error {
	if w.Blob != "" {
		tx.Delete(looseKey(looseBlob, w.Blob))
	}
	return nil
}

// chunkBuffers are buffers of chunkSize bytes.
var chunkBuffers = sync.Pool{New: func() any { b := make([]byte, chunkSize); return &b }}

// write stores a body for a bucket. The caller drops what it answers, in the end.
func (s *Service) write(ctx context.Context, b *bucket, key *envelope.Key, body io.Reader, h *hashes) (*written, error) {
	w := &written{service: s}
	if err := s.writeBody(ctx, w, key, body, h); err != nil {
		w.drop()
		return nil, b.orGone(err)
	}
	return w, nil
}

// orGone is err, unless it says that a body is gone which was held: then the state was
// cleared meanwhile, and the bucket is gone, too.
func (b *bucket) orGone(err error) error {
	if errors.Is(err, errGone) {
		return noSuchBucket(b.Name)
	}
	return err
}

func (s *Service) writeBody(ctx context.Context, w *written, key *envelope.Key, body io.Reader, h *hashes) error {
	buffer := *chunkBuffers.Get().(*[]byte)
	defer chunkBuffers.Put(&buffer)
	for index := int64(0); ; index++ {
		n, err := io.ReadFull(body, buffer)
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		if n > 0 {
			_, _ = h.Write(buffer[:n])
			if w.Size += int64(n); w.Size > maxPut {
				return tooLarge(w.Size, maxPut)
			}
			if err := s.writeChunk(ctx, w, key, index, buffer[:n]); err != nil {
				return err
			}
		}
		if last {
			return nil
		}
	}
}

// writeChunk stores a piece. What is not loose any more after the first piece is no part
// of the state that there is now: nothing would ever delete its other pieces.
func (s *Service) writeChunk(ctx context.Context, w *written, key *envelope.Key, index int64, plaintext []byte) error {
	first := w.Blob == ""
	if first {
		w.Blob = s.ids.Hex(idDigits)
		s.blobs.hold(w.Blob)
	}
	select {
	case s.blobs.storing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.blobs.storing }()
	place := chunkKey(w.Blob, index)
	sealed := key.Seal(plaintext, []byte(place))
	return s.engine.Update(ctx, func(tx store.Tx) error {
		switch {
		case first:
			tx.Put(looseKey(looseBlob, w.Blob), nil)
		case !s.isLoose(tx, looseBlob, w.Blob):
			return errGone
		}
		tx.Put(place, sealed)
		return nil
	})
}

// errGone says that the body of an object was swept before it was read.
var errGone = errors.New("s3: the body of an object is gone")

// reader reads a part of a body, piece by piece. Nothing of it is swept before Close.
type reader struct {
	service *Service
	ctx     context.Context
	key     *envelope.Key
	held    string
	// rest are the blobs that are to be read, the first one from skip on; left is how many
	// bytes are.
	rest []segment
	skip int64
	left int64
	// piece is what was read and not taken yet.
	piece  []byte
	closed bool
}

// open reads length bytes of an object's body from an offset on. It fails with errGone
// where the object was deleted meanwhile.
func (s *Service) open(ctx context.Context, o *object, key *envelope.Key, offset, length int64) (*reader, error) {
	r := &reader{service: s, ctx: ctx, key: key, held: o.body(), skip: offset, left: length}
	if length == 0 {
		r.held = ""
		return r, nil
	}
	if !s.blobs.hold(r.held) {
		return nil, errGone
	}
	if err := r.begin(o); err != nil {
		s.blobs.release(r.held)
		return nil, err
	}
	return r, nil
}

// begin finds the blobs, and reads the first piece: as it is there and held, all are.
func (r *reader) begin(o *object) error {
	if r.rest = []segment{{o.Blob, o.Size}}; o.Manifest != "" {
		m, err := r.service.manifest(r.ctx, o)
		if err != nil {
			return err
		}
		r.rest = make([]segment, len(m.Parts))
		for i, p := range m.Parts {
			r.rest[i] = p.segment
		}
	}
	for len(r.rest) > 1 && r.skip >= r.rest[0].Size {
		r.skip -= r.rest[0].Size
		r.rest = r.rest[1:]
	}
	return r.next()
}

// manifest is that of an object whose body came in parts.
func (s *Service) manifest(ctx context.Context, o *object) (m *manifest, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		m = s.manifests.Get(r, o.Manifest)
		return nil
	})
	if err == nil && m == nil {
		err = errGone
	}
	return m, err
}

// next reads the next piece.
func (r *reader) next() error {
	for r.skip >= r.rest[0].Size {
		r.skip -= r.rest[0].Size
		r.rest = r.rest[1:]
	}
	place := chunkKey(r.rest[0].Blob, r.skip/chunkSize)
	var sealed []byte
	err := r.service.engine.View(r.ctx, func(tx store.Reader) error {
		sealed = tx.Get(place)
		return nil
	})
	switch {
	case err != nil:
		return err
	case sealed == nil:
		return errGone
	}
	piece, err := r.key.Open(sealed, []byte(place))
	if err != nil {
		return err
	}
	begin := r.skip % chunkSize
	r.skip += int64(len(piece)) - begin
	r.piece = piece[begin:]
	if int64(len(r.piece)) > r.left {
		r.piece = r.piece[:r.left]
	}
	r.left -= int64(len(r.piece))
	return nil
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if len(r.piece) == 0 {
		if r.left == 0 {
			return 0, io.EOF
		}
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.piece)
	r.piece = r.piece[n:]
	return n, nil
}

// Close implements io.Closer.
func (r *reader) Close() error {
	if r.held != "" && !r.closed {
		r.service.blobs.release(r.held)
	}
	r.closed = true
	return nil
}
