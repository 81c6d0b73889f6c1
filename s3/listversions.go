package s3

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

func (in *ListObjectVersionsInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// ListObjectVersions lists the versions of a bucket's objects, and delete markers.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html.
func (s *Service) ListObjectVersions(ctx context.Context, in *ListObjectVersionsInput) (*ListObjectVersionsOutput, error) {
	return api.Do(ctx, in, onBucket[*ListObjectVersionsInput](s), s.listObjectVersions)
}

func (s *Service) listObjectVersions(ctx context.Context, b *bucket, in *ListObjectVersionsInput) (*ListObjectVersionsOutput, error) {
	l, err := newListing(in.Prefix, in.Delimiter, in.EncodingType, in.MaxKeys, "maxKeys")
	if err != nil {
		return nil, err
	}
	marker, err := s.versionMarker(ctx, in)
	if err != nil {
		return nil, err
	}
	if in.KeyMarker != nil {
		l.after, l.within = *in.KeyMarker, true
	}
	out := &ListObjectVersionsOutput{
		Name: b.Name, Prefix: l.encode(l.prefix), Delimiter: l.encode(l.delimiter), KeyMarker: l.encode(l.after),
		EncodingType: l.encoding(in.EncodingType), MaxKeys: new(int32(l.limit)), //nolint:gosec // at most 1,000
	}
	if marker.id != nil {
		out.VersionIdMarker = *marker.id
	}
	var found []listed
	var truncated bool
	err = s.engine.View(ctx, func(r store.Reader) error {
		found, truncated = s.listVersions(r, b, l, marker)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out.IsTruncated = &truncated
	out.add(b, l, found)
	if truncated {
		last := found[len(found)-1]
		if out.NextKeyMarker = l.encode(last.key); !last.common {
			out.NextVersionIdMarker = last.object.VersionID // [S157]
		}
	}
	return out, nil
}

// versionMarker is the version behind which a list begins; no id: the list begins with a
// key [S157].
func (s *Service) versionMarker(ctx context.Context, in *ListObjectVersionsInput) (wanted, error) {
	switch {
	case in.VersionIdMarker == nil:
		return wanted{}, nil
	case in.KeyMarker == nil || *in.KeyMarker == "":
		return wanted{}, badArgument("A version-id marker cannot be specified without a key marker.", "version-id-marker", *in.VersionIdMarker)
	case *in.VersionIdMarker == "":
		return wanted{}, badArgument("A version-id marker cannot be empty.", "version-id-marker", "")
	}
	marker, err := s.readVersion(ctx, in.VersionIdMarker)
	if err != nil {
		return wanted{}, badArgument("Invalid version id specified", "version-id-marker", *in.VersionIdMarker)
	}
	return marker, nil
}

// listVersions are the versions of objects, the newest of each key first, and whether
// there are more.
func (s *Service) listVersions(r store.Reader, b *bucket, l *listing, marker wanted) (found []listed, truncated bool) {
	if l.limit == 0 {
		return nil, false
	}
	base := b.ID + "\x00"
	for from := s.firstVersion(r, b, l, marker); ; {
		next := ""
		for _, o := range s.objects.Scan(r, base+escaped(l.prefix), from, l.limit-len(found)+1) {
			if len(found) == l.limit {
				return found, true
			}
			if common, ok := l.common(o.Key); ok {
				found = append(found, listed{key: common, common: true})
				next = base + escaped(successor(common))
				break
			}
			found = append(found, listed{key: o.Key, order: o.Order, object: o, latest: s.isLatest(r, b, found, o)})
		}
		if next == "" {
			return found, false
		}
		from = next
	}
}

// isLatest reports whether the next version in a list is the current one of its key. Only of the
// first one it is not told by what is listed before.
func (s *Service) isLatest(r store.Reader, b *bucket, before []listed, o *object) bool {
	if n := len(before); n > 0 {
		return before[n-1].key != o.Key
	}
	return s.newest(r, b, o.Key).Order == o.Order
}

// firstVersion is the place of the first version that can be listed.
func (s *Service) firstVersion(r store.Reader, b *bucket, l *listing, marker wanted) string {
	behind := successor(b.versionsOf(l.after))
	switch {
	case l.after == "":
		return ""
	case marker.id == nil:
		if begin := l.begin(); begin != l.after+"\x00" {
			return b.ID + "\x00" + escaped(begin) // a common prefix is over
		}
		return behind
	case *marker.id == nullVersion:
		o := s.find(r, b, l.after, marker)
		if o == nil {
			return behind
		}
		marker.order = o.Order
	}
	return b.versionKey(l.after, marker.order) + "\x00"
}

// escaped is a key as it stands in the keys of versions.
func escaped(key string) string { return strings.ReplaceAll(key, "\x00", "\x00\xff") }

// add shows what was found.
func (out *ListObjectVersionsOutput) add(b *bucket, l *listing, found []listed) {
	for i := range found {
		f := &found[i]
		switch o := f.object; {
		case f.common:
			out.CommonPrefixes = append(out.CommonPrefixes, CommonPrefix{Prefix: l.encode(f.key)})
		case o.Marker:
			out.order = append(out.order, "DeleteMarkers")
			out.DeleteMarkers = append(out.DeleteMarkers, DeleteMarkerEntry{
				Key: l.encode(o.Key), VersionId: o.VersionID, IsLatest: &f.latest, LastModified: o.Modified, Owner: ownerOf(b.Account),
			})
		default:
			out.order = append(out.order, "Versions")
			out.Versions = append(out.Versions, ObjectVersion{
				Key: l.encode(o.Key), VersionId: o.VersionID, IsLatest: &f.latest, LastModified: o.Modified, Owner: ownerOf(b.Account),
				ETag: quoted(o.ETag), Size: &o.Size, StorageClass: o.StorageClass,
				ChecksumAlgorithm: []string{o.Checksum.Algorithm}, ChecksumType: o.Checksum.Type,
			})
		}
	}
}
