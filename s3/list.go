package s3

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// listing is what a list asks for.
type listing struct {
	prefix, delimiter string
	// after: only keys behind it are listed.
	after string
	// within: after stands for all of a common prefix that it begins with.
	within bool
	limit  int
	// encode encodes what is a key or a part of one in the answer [S151].
	encode func(string) string
}

// maxKeys is how many keys and common prefixes one page has at most.
const maxKeys = 1000

// newListing reads what lists have in common.
func newListing(prefix, delimiter, encoding *string, limit *int32, name string) (l *listing, err error) {
	l = &listing{limit: maxKeys, encode: func(s string) string { return s }}
	if prefix != nil {
		l.prefix = *prefix
	}
	if delimiter != nil {
		l.delimiter = *delimiter
	}
	if encoding != nil {
		if *encoding != encodingURL {
			return nil, badArgument("Invalid Encoding Method specified in Request", "encoding-type", *encoding) // [S152]
		}
		l.encode = encodeKey
	}
	if limit != nil {
		if *limit < 0 {
			return nil, badArgument("Argument "+name+" must be an integer between 0 and 2147483647", name, strconv.Itoa(int(*limit))) // [S158]
		}
		l.limit = min(l.limit, int(*limit))
	}
	return l, nil
}

const encodingURL = "url"

// encodeKey is a key as a list shows it to clients that want it encoded.
func encodeKey(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/") }

// encoding is what an answer says of how its keys are encoded.
func (l *listing) encoding(asked *string) string {
	if asked == nil {
		return ""
	}
	return *asked
}

// common is the common prefix that a key is shown as; false: it is shown itself.
func (l *listing) common(key string) (string, bool) {
	if l.delimiter == "" {
		return "", false
	}
	i := strings.Index(key[len(l.prefix):], l.delimiter)
	if i < 0 {
		return "", false
	}
	return key[:len(l.prefix)+i+len(l.delimiter)], true
}

// begin is the first key that can be listed.
func (l *listing) begin() string {
	if l.after == "" {
		return ""
	}
	if l.within && strings.HasPrefix(l.after, l.prefix) {
		if common, ok := l.common(l.after); ok {
			return successor(common)
		}
	}
	return l.after + "\x00"
}

// successor is the first text behind all that begin with a prefix.
func successor(prefix string) string {
	const last = 0xff
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < last {
			return prefix[:i] + string([]byte{prefix[i] + 1})
		}
	}
	return prefix + "\xff\xff\xff\xff" // no key has such bytes
}

// listed is a key in a list, or a common prefix.
type listed struct {
	key    string
	common bool
	order  order
	object *object
	// latest: it is the current version of its key, in a list of versions.
	latest bool
}

// list are the objects that are there, and whether there are more [S150].
func (s *Service) list(r store.Reader, b *bucket, l *listing) (found []listed, truncated bool) {
	if l.limit == 0 {
		return nil, false
	}
	base := b.liveKey("")
	for from := l.begin(); ; {
		next := ""
		for row, value := range r.Scan(base+l.prefix, base+from, l.limit-len(found)+1) {
			if len(found) == l.limit {
				return s.load(r, b, found), true
			}
			key := row[len(base):]
			if common, ok := l.common(key); ok {
				found = append(found, listed{key: common, common: true})
				next = successor(common)
				break
			}
			found = append(found, listed{key: key, order: order(value)})
		}
		if next == "" {
			return s.load(r, b, found), false
		}
		from = next
	}
}

// load reads the objects of a list.
func (s *Service) load(r store.Reader, b *bucket, found []listed) []listed {
	var places []string
	for _, f := range found {
		if !f.common {
			places = append(places, b.versionKey(f.key, f.order))
		}
	}
	objects := s.objects.GetMany(r, places)
	for i := range found {
		if !found[i].common {
			found[i].object, objects = objects[0], objects[1:]
		}
	}
	return found
}

// page is a page of a list.
type page struct {
	contents  []Object
	prefixes  []CommonPrefix
	truncated bool
	last      string // the last key or common prefix; empty: there is none
}

func (s *Service) page(ctx context.Context, b *bucket, l *listing, owner bool) (p page, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		p = page{}
		var found []listed
		found, p.truncated = s.list(r, b, l)
		for _, f := range found {
			p.last = f.key
			switch {
			case f.common:
				p.prefixes = append(p.prefixes, CommonPrefix{Prefix: l.encode(f.key)})
			case f.object != nil:
				p.contents = append(p.contents, f.object.shown(b, l, owner))
			}
		}
		return nil
	})
	return p, err
}

// shown is an object in a list [S153].
func (o *object) shown(b *bucket, l *listing, owner bool) Object {
	shown := Object{
		Key: l.encode(o.Key), ETag: quoted(o.ETag), LastModified: o.Modified, Size: &o.Size, StorageClass: o.StorageClass,
		ChecksumAlgorithm: []string{o.Checksum.Algorithm}, ChecksumType: o.Checksum.Type,
	}
	if owner {
		shown.Owner = ownerOf(b.Account)
	}
	return shown
}

func (in *ListObjectsInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// ListObjects lists a bucket's objects, as it was done before ListObjectsV2.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html.
func (s *Service) ListObjects(ctx context.Context, in *ListObjectsInput) (*ListObjectsOutput, error) {
	return api.Do(ctx, in, onBucket[*ListObjectsInput](s), s.listObjects)
}

func (s *Service) listObjects(ctx context.Context, b *bucket, in *ListObjectsInput) (*ListObjectsOutput, error) {
	l, err := newListing(in.Prefix, in.Delimiter, in.EncodingType, in.MaxKeys, "maxKeys")
	if err != nil {
		return nil, err
	}
	if in.Marker != nil {
		l.after, l.within = *in.Marker, true
	}
	p, err := s.page(ctx, b, l, true)
	if err != nil {
		return nil, err
	}
	out := &ListObjectsOutput{
		Name: b.Name, Prefix: l.encode(l.prefix), Delimiter: l.encode(l.delimiter), Marker: l.encode(l.after),
		EncodingType: l.encoding(in.EncodingType), MaxKeys: new(int32(l.limit)), //nolint:gosec // at most 1,000
		IsTruncated: &p.truncated, Contents: p.contents, CommonPrefixes: p.prefixes,
	}
	if p.truncated && l.delimiter != "" { // [S154]
		out.NextMarker = l.encode(p.last)
	}
	return out, nil
}

func (in *ListObjectsV2Input) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// ListObjectsV2 lists a bucket's objects.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html.
func (s *Service) ListObjectsV2(ctx context.Context, in *ListObjectsV2Input) (*ListObjectsV2Output, error) {
	return api.Do(ctx, in, onBucket[*ListObjectsV2Input](s), s.listObjectsV2)
}

func (s *Service) listObjectsV2(ctx context.Context, b *bucket, in *ListObjectsV2Input) (*ListObjectsV2Output, error) {
	l, err := newListing(in.Prefix, in.Delimiter, in.EncodingType, in.MaxKeys, "maxKeys")
	if err != nil {
		return nil, err
	}
	out := &ListObjectsV2Output{
		Name: b.Name, Prefix: l.encode(l.prefix), Delimiter: l.encode(l.delimiter), BucketRegion: b.Region,
		EncodingType: l.encoding(in.EncodingType), MaxKeys: new(int32(l.limit)), //nolint:gosec // at most 1,000
	}
	switch { // [S155]
	case in.ContinuationToken != nil:
		after, valid := resource.ReadToken(*in.ContinuationToken)
		if !valid || after == "" {
			return nil, errBadToken
		}
		l.after, l.within, out.ContinuationToken = after, true, *in.ContinuationToken
	case in.StartAfter != nil:
		l.after, out.StartAfter = *in.StartAfter, l.encode(*in.StartAfter)
	}
	p, err := s.page(ctx, b, l, isTrue(in.FetchOwner))
	if err != nil {
		return nil, err
	}
	out.Contents, out.CommonPrefixes, out.IsTruncated = p.contents, p.prefixes, &p.truncated
	out.KeyCount = new(int32(len(p.contents) + len(p.prefixes))) //nolint:gosec // at most 1,000
	if p.truncated {
		out.NextContinuationToken = resource.NewToken(p.last)
	}
	return out, nil
}
