package s3

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/waxseal/waxseal/internal/api"
)

// A state that is cleared while a body comes, as a reset does, keeps nothing of what comes
// after that, and the writer is told that the bucket is gone.
func TestClearedWhileABodyIsWritten(t *testing.T) {
	for _, test := range []struct {
		name         string
		before, then int
	}{
		{"before the first piece", 0, 3*chunkSize + 5},
		{"between two pieces", chunkSize, 2*chunkSize + 5},
		{"after the last piece", chunkSize, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.put("source", string(random(2*chunkSize)))
			id := w.begin("parts")
			for operation, write := range map[string]func(*api.Body) error{
				"PutObject": func(b *api.Body) error {
					_, err := w.PutObject(w.ctx, &PutObjectInput{Bucket: name, Key: "key", Body: b})
					return err
				},
				"UploadPart": func(b *api.Body) error {
					_, err := w.UploadPart(w.ctx, &UploadPartInput{Bucket: name, Key: "parts", UploadId: id, PartNumber: new(int32(1)), Body: b})
					return err
				},
			} {
				cleared := readFunc(func() {
					if err := w.engine.Clear(w.ctx); err != nil {
						t.Error(err)
					}
				})
				body := io.MultiReader(bytes.NewReader(random(test.before)), cleared, bytes.NewReader(random(test.then)))
				if err := write(api.NewBody(body, -1, nil)); !errors.Is(err, ErrNoSuchBucket) {
					t.Errorf("%s is answered %v", operation, err)
				}
				w.open() // as the new state's services
				if n := w.swept(); n != 0 || len(w.keys(loosePrefix)) != 0 {
					t.Errorf("%s: %d pieces are left", operation, n)
				}
				w.create(w.ctx, &CreateBucketInput{Bucket: name})
				id = w.begin("parts")
			}
		})
	}
}
