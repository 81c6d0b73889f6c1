package s3

import (
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// change is what happened to an object, for those who are told of it.
type change struct {
	// event is the name that notifications give it, such as ObjectCreated:Put.
	event  string
	bucket *bucket
	// object is the version as it is now, or as it was before it was deleted; where tags
	// changed, with the new ones.
	object *object
	// sequence grows from one change of a key to the next.
	sequence uint64
	at       time.Time
}

// The events that there are.
const (
	createdPut      = "ObjectCreated:Put"
	createdPost     = "ObjectCreated:Post"
	createdCopy     = "ObjectCreated:Copy"
	createdComplete = "ObjectCreated:CompleteMultipartUpload"
	removedDelete   = "ObjectRemoved:Delete"
	removedMarker   = "ObjectRemoved:DeleteMarkerCreated"
	taggingPut      = "ObjectTagging:Put"
	taggingDelete   = "ObjectTagging:Delete"
)

// listener is told of every change, in the transaction that makes it.
type listener func(tx store.Tx, r *api.Request, c *change)

// happened tells the listeners of a change that a request has made.
func (s *Service) happened(ctx context.Context, tx store.Tx, c *change) {
	for _, l := range s.listeners {
		l(tx, api.RequestFrom(ctx), c)
	}
}
