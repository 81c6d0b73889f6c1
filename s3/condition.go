package s3

import (
	"context"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/store"
)

// writeConditions are the conditions of a request that writes an object.
type writeConditions struct {
	ifMatch, ifNoneMatch *string
	// since is the upload that is completed: nothing must have happened to the key since it
	// began; nil: there is none.
	since *upload
}

// checkWrite refuses a write whose conditions do not hold, before its body is read. They
// are looked at again when it is done.
func (s *Service) checkWrite(ctx context.Context, b *bucket, key string, c writeConditions) error {
	if c == (writeConditions{}) {
		return nil
	}
	return s.engine.View(ctx, func(r store.Reader) error { return c.check(key, s.newest(r, b, key)) })
}

// current are the conditions with the upload as it is now [S142].
func (c writeConditions) current(s *Service, r store.Reader, b *bucket) (writeConditions, error) {
	if u := c.since; u != nil {
		if c.since = s.findUpload(r, b, u.Key, u.ID); c.since == nil {
			return c, noSuchUpload(u.ID)
		}
	}
	return c, nil
}

// check holds conditions against the current version of a key [S070] [S071].
func (c writeConditions) check(key string, current *object) error {
	there := current != nil && !current.Marker
	const api = " header for this API"
	switch {
	case c.ifMatch != nil && c.ifNoneMatch != nil:
		return notImplemented("If-Match,If-None-Match", "Multiple conditional request headers present in the request")
	case c.ifNoneMatch != nil && *c.ifNoneMatch != "*":
		return notImplemented("If-None-Match", "We don't accept the provided value of If-None-Match"+api)
	case c.ifNoneMatch != nil && there:
		return preconditionFailed("If-None-Match")
	case c.ifNoneMatch != nil && c.since != nil && c.since.Deleted: // [S072]
		return ErrConditionalConflict.Detailed("Condition", "If-None-Match").Detailed("Key", key)
	case c.ifMatch == nil:
		return nil
	case *c.ifMatch == "*":
		return notImplemented("If-Match", "We don't accept the provided value of If-Match"+api)
	case !there:
		return noSuchKey(key)
	case !matches(*c.ifMatch, current.ETag):
		return preconditionFailed("If-Match")
	case c.since != nil && c.since.Before != current.Order: // it was put [S072]
		return ErrConditionalConflict.Detailed("Condition", "If-Match").Detailed("Key", key)
	}
	return nil
}

// matches reports whether an ETag is among those of a header, which may lack quotes [S069].
func matches(header, etag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		one = strings.TrimSpace(one)
		if one == "*" || strings.Trim(one, `"`) == etag {
			return true
		}
	}
	return false
}

// readConditions are the conditions of a request that reads an object.
type readConditions struct {
	ifMatch, ifNoneMatch               *string
	ifModifiedSince, ifUnmodifiedSince time.Time
}

// failed is the name of the condition that an object does not fulfill; empty: there is
// none. A date in the future is no condition [S069].
func (c *readConditions) failed(o *object, now time.Time) string {
	switch {
	case c.ifMatch != nil && !matches(*c.ifMatch, o.ETag):
		return "If-Match"
	case c.ifMatch == nil && !c.ifUnmodifiedSince.IsZero() && o.Modified.After(c.ifUnmodifiedSince):
		return "If-Unmodified-Since"
	case c.ifNoneMatch != nil && matches(*c.ifNoneMatch, o.ETag):
		return "If-None-Match"
	case c.ifNoneMatch == nil && !c.ifModifiedSince.IsZero() && !c.ifModifiedSince.After(now) && !o.Modified.After(c.ifModifiedSince):
		return "If-Modified-Since"
	}
	return ""
}

// check is the answer to a read whose conditions do not hold; nil: they do.
func (c *readConditions) check(o *object, now time.Time) error {
	switch failed := c.failed(o, now); failed {
	case "":
		return nil
	case "If-None-Match", "If-Modified-Since":
		return ErrNotModified.WithHeader("ETag", quoted(o.ETag)).WithHeader("Last-Modified", httpTime(o.Modified))
	default:
		return preconditionFailed(failed)
	}
}
