// Package bucketstore keeps in the state what CloudTrail delivers to buckets, until S3
// is here: then that is where log files go, and this package is no more. So it has no
// buckets that somebody would make, no policies and nobody who owns an object: every name
// is that of a bucket that takes what it is given, and no client can read it.
package bucketstore

import (
	"context"

	"github.com/waxseal/waxseal/internal/store"
)

// Object is what is put into a bucket.
type Object struct {
	Body                         []byte
	ContentType, ContentEncoding string
	ACL                          string            // a canned one, such as bucket-owner-full-control
	Metadata                     map[string]string `json:",omitempty"` // without x-amz-meta-
	// Encryption is how Body is encrypted with KMS; nil: it is not.
	Encryption *Encryption `json:",omitempty"`
}

// Encryption is a data key with which a body is encrypted, by AES-256-GCM with the nonce
// before the ciphertext.
type Encryption struct {
	Key     string // the ARN of the KMS key
	Wrapped []byte // the data key, as KMS opens it
	Context map[string]string
}

// Store keeps objects. It is safe for concurrent use.
type Store struct {
	engine  store.Engine
	objects *store.Table[Object]
}

// New is the store on the state that engine holds.
func New(engine store.Engine) *Store {
	return &Store{engine, store.NewTable[Object]("bucketstore.object").Keeping(0)}
}

func place(bucket, key string) string { return bucket + "\x00" + key }

// Put puts an object in the place of any that was there.
func (s *Store) Put(ctx context.Context, bucket, key string, o *Object) error {
	return s.engine.Update(ctx, func(tx store.Tx) error {
		s.objects.Put(tx, place(bucket, key), o)
		return nil
	})
}

// Get is an object; nil: there is none.
func (s *Store) Get(ctx context.Context, bucket, key string) (o *Object, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		o = s.objects.Get(r, place(bucket, key))
		return nil
	})
	return o, err
}

// List are the keys of a bucket's objects that begin with a prefix, in order.
func (s *Store) List(ctx context.Context, bucket, prefix string) (keys []string, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		keys = nil
		for key := range s.objects.Scan(r, place(bucket, prefix), "", store.All) {
			keys = append(keys, key[len(place(bucket, "")):])
		}
		return nil
	})
	return keys, err
}
