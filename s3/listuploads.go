package s3

import (
	"context"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

func (in *ListPartsInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (s *Service) listPartsChecks(ctx context.Context, in *ListPartsInput) ([]api.Check, *uploading, error) {
	return s.uploadChecks(ctx, in, in.Key, in.UploadId, "s3:ListMultipartUploadParts")
}

// ListParts lists the parts of an upload.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html.
func (s *Service) ListParts(ctx context.Context, in *ListPartsInput) (*ListPartsOutput, error) {
	return api.DoChecks(ctx, in, s.listPartsChecks, s.listParts)
}

func (s *Service) listParts(ctx context.Context, on *uploading, in *ListPartsInput) (*ListPartsOutput, error) {
	marker, limit, err := partsAsked(in.PartNumberMarker, in.MaxParts, "part-number-marker", "max-parts")
	if err != nil {
		return nil, err
	}
	if err := (customerKey{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5}).toUpload(); err != nil {
		return nil, err
	}
	u := on.upload
	if u.Sealing.underKMS() { // [S262]
		if _, err := s.openFor(ctx, on.bucket, u.Key, u.Sealing); err != nil {
			return nil, err
		}
	}
	out := &ListPartsOutput{
		Bucket: on.bucket.Name, Key: u.Key, UploadId: u.ID, PartNumberMarker: strconv.Itoa(marker), NextPartNumberMarker: "0",
		MaxParts: new(int32(limit)), IsTruncated: new(bool), StorageClass: u.StorageClass, //nolint:gosec // at most 1,000
		Initiator: &Initiator{ID: u.InitiatorID, DisplayName: u.InitiatorName}, Owner: ownerOf(on.bucket.Account),
		ChecksumAlgorithm: u.Algorithm, ChecksumType: u.Type,
	}
	err = s.engine.View(ctx, func(r store.Reader) error {
		out.Parts, *out.IsTruncated = nil, false
		if marker >= maxParts || limit == 0 {
			return nil
		}
		from := partKey(u.ID, int32(marker)+1) //nolint:gosec // looked at above
		for _, p := range s.parts.Scan(r, u.ID+"\x00", from, limit+1) {
			if len(out.Parts) == limit {
				*out.IsTruncated = true
				break
			}
			out.Parts = append(out.Parts, p.shown())
		}
		return nil
	})
	if n := len(out.Parts); n > 0 {
		out.NextPartNumberMarker = strconv.Itoa(int(*out.Parts[n-1].PartNumber))
	}
	return out, err
}

// partsAsked is behind which part a list begins, and how many parts it has.
func partsAsked(marker string, limit *int32, markerName, limitName string) (after, n int, err error) {
	if marker != "" {
		if after, err = strconv.Atoi(marker); err != nil || after < 0 {
			return 0, 0, badArgument("Provided "+markerName+" not an integer or within integer range", markerName, marker)
		}
	}
	n = maxKeys
	if limit != nil {
		if *limit < 0 {
			return 0, 0, badArgument("Argument "+limitName+" must be an integer between 0 and 2147483647", limitName, strconv.Itoa(int(*limit)))
		}
		n = min(n, int(*limit))
	}
	return after, n, nil
}

// shown is a part in a list. It has a checksum where the upload named an algorithm [S147].
func (p *part) shown() Part {
	shown := Part{PartNumber: &p.Number, Size: &p.Size, ETag: quoted(p.ETag), LastModified: p.Modified}
	_, shown.ChecksumCRC32, shown.ChecksumCRC32C, shown.ChecksumCRC64NVME, shown.ChecksumSHA1, shown.ChecksumSHA256 = p.Checksum.members()
	return shown
}

func (in *ListMultipartUploadsInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// ListMultipartUploads lists the uploads that were neither completed nor aborted.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html.
func (s *Service) ListMultipartUploads(ctx context.Context, in *ListMultipartUploadsInput) (*ListMultipartUploadsOutput, error) {
	return api.Do(ctx, in, onBucket[*ListMultipartUploadsInput](s), s.listMultipartUploads)
}

func (s *Service) listMultipartUploads(ctx context.Context, b *bucket, in *ListMultipartUploadsInput) (*ListMultipartUploadsOutput, error) {
	l, err := newListing(in.Prefix, in.Delimiter, in.EncodingType, in.MaxUploads, "max-uploads")
	if err != nil {
		return nil, err
	}
	out := &ListMultipartUploadsOutput{
		Bucket: b.Name, Prefix: l.encode(l.prefix), Delimiter: l.encode(l.delimiter), EncodingType: l.encoding(in.EncodingType),
		MaxUploads: new(int32(l.limit)), IsTruncated: new(bool), //nolint:gosec // at most 1,000
	}
	marker := ""
	if in.KeyMarker != nil && *in.KeyMarker != "" {
		l.after, l.within, out.KeyMarker = *in.KeyMarker, true, l.encode(*in.KeyMarker)
		if in.UploadIdMarker != nil {
			marker, out.UploadIdMarker = *in.UploadIdMarker, *in.UploadIdMarker
		}
	}
	err = s.engine.View(ctx, func(r store.Reader) error {
		out.Uploads, out.CommonPrefixes = nil, nil
		out.NextKeyMarker, out.NextUploadIdMarker = "", ""
		if marker != "" && s.findUpload(r, b, l.after, marker) == nil {
			return badArgument("Invalid uploadId marker", "upload-id-marker", marker)
		}
		*out.IsTruncated = s.uploadsOf(r, b, l, marker, out)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// uploadsOf adds the uploads that a list asks for to its answer, and reports whether
// there are more [S148].
func (s *Service) uploadsOf(r store.Reader, b *bucket, l *listing, marker string, out *ListMultipartUploadsOutput) (truncated bool) {
	base := b.ID + "\x00"
	for from := l.firstUpload(b, marker); ; {
		next := ""
		for _, u := range s.uploads.Scan(r, base+escaped(l.prefix), from, l.limit-len(out.Uploads)-len(out.CommonPrefixes)+1) {
			if len(out.Uploads)+len(out.CommonPrefixes) >= l.limit {
				return l.limit > 0
			}
			if common, ok := l.common(u.Key); ok {
				out.CommonPrefixes = append(out.CommonPrefixes, CommonPrefix{Prefix: l.encode(common)})
				out.NextKeyMarker, out.NextUploadIdMarker = "", ""
				next = base + escaped(successor(common))
				break
			}
			out.Uploads = append(out.Uploads, u.shown(b, l))
			out.NextKeyMarker, out.NextUploadIdMarker = l.encode(u.Key), u.ID
		}
		if next == "" {
			return false
		}
		from = next
	}
}

// firstUpload is the place of the first upload that can be listed.
func (l *listing) firstUpload(b *bucket, marker string) string {
	switch {
	case l.after == "":
		return ""
	case marker != "":
		return b.uploadKey(l.after, marker) + "\x00"
	}
	if begin := l.begin(); begin != l.after+"\x00" {
		return b.ID + "\x00" + escaped(begin) // a common prefix is over
	}
	return successor(b.versionsOf(l.after))
}

// shown is an upload in a list.
func (u *upload) shown(b *bucket, l *listing) MultipartUpload {
	return MultipartUpload{
		Key: l.encode(u.Key), UploadId: u.ID, Initiated: u.Initiated, StorageClass: u.StorageClass, Owner: ownerOf(b.Account),
		Initiator: &Initiator{ID: u.InitiatorID, DisplayName: u.InitiatorName}, ChecksumAlgorithm: u.Algorithm, ChecksumType: u.Type,
	}
}

func (in *GetObjectAttributesInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (s *Service) getObjectAttributesChecks(ctx context.Context, in *GetObjectAttributesInput) ([]api.Check, *spot, error) {
	return s.readChecks(ctx, in, in.Key, in.VersionId, versionAction(in.VersionId, "s3:GetObject", "s3:GetObjectVersion"),
		versionAction(in.VersionId, "s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"))
}

// The attributes that GetObjectAttributes tells.
const (
	attributeETag         = "ETag"
	attributeChecksum     = "Checksum"
	attributeParts        = "ObjectParts"
	attributeStorageClass = "StorageClass"
	attributeSize         = "ObjectSize"
)

// GetObjectAttributes tells of an object what is asked for.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html.
func (s *Service) GetObjectAttributes(ctx context.Context, in *GetObjectAttributesInput) (*GetObjectAttributesOutput, error) {
	return api.DoChecks(ctx, in, s.getObjectAttributesChecks, s.getObjectAttributes)
}

func (s *Service) getObjectAttributes(ctx context.Context, at *spot, in *GetObjectAttributesInput) (*GetObjectAttributesOutput, error) {
	o := at.object
	if o.Marker {
		return nil, at.object.isMarker("GET")
	}
	if err := (customerKey{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5}).toRead(); err != nil {
		return nil, err
	}
	if len(in.ObjectAttributes) == 0 {
		return nil, ErrInvalidRequest.With("The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty")
	}
	out := &GetObjectAttributesOutput{LastModified: o.Modified, VersionId: at.versionTold()}
	for _, attribute := range in.ObjectAttributes {
		switch attribute {
		case attributeETag:
			out.ETag = o.ETag // [S060]
		case attributeChecksum:
			out.Checksum = o.Checksum.attribute()
		case attributeStorageClass:
			out.StorageClass = o.StorageClass
		case attributeSize:
			out.ObjectSize = &o.Size
		case attributeParts:
			parts, err := s.partsAttribute(ctx, o, in)
			if err != nil {
				return nil, err
			}
			out.ObjectParts = parts
		default:
			return nil, badArgument("Invalid attribute name specified.", "x-amz-object-attributes", attribute)
		}
	}
	return out, nil
}

// attribute is a checksum without the number of parts [S102].
func (c *checksum) attribute() *Checksum {
	plain := *c
	plain.Value, _, _ = strings.Cut(c.Value, "-")
	told := &Checksum{}
	told.ChecksumType, told.ChecksumCRC32, told.ChecksumCRC32C, told.ChecksumCRC64NVME, told.ChecksumSHA1, told.ChecksumSHA256 = plain.members()
	return told
}

// partsAttribute are the parts of an object; nil: it came in one piece. They are listed
// where they have checksums of their own.
func (s *Service) partsAttribute(ctx context.Context, o *object, in *GetObjectAttributesInput) (*GetObjectAttributesParts, error) {
	marker, limit, err := partsAsked(in.PartNumberMarker, in.MaxParts, "x-amz-part-number-marker", "x-amz-max-parts")
	if err != nil || o.PartCount == 0 {
		return nil, err
	}
	told := &GetObjectAttributesParts{TotalPartsCount: new(int32(o.PartCount))} //nolint:gosec // at most maxParts
	if o.Checksum.Type != composite || o.Manifest == "" {
		return told, nil
	}
	m, err := s.manifest(ctx, o)
	if err != nil {
		return nil, err
	}
	told.PartNumberMarker, told.NextPartNumberMarker = strconv.Itoa(marker), "0"
	told.MaxParts, told.IsTruncated = new(int32(limit)), new(bool) //nolint:gosec // at most 1,000
	for _, p := range m.Parts {
		if int(p.Number) <= marker {
			continue
		}
		if len(told.Parts) == limit {
			*told.IsTruncated = true
			break
		}
		shown := ObjectPart{PartNumber: &p.Number, Size: &p.Size}
		_, shown.ChecksumCRC32, shown.ChecksumCRC32C, shown.ChecksumCRC64NVME, shown.ChecksumSHA1, shown.ChecksumSHA256 = p.Checksum.members()
		told.Parts = append(told.Parts, shown)
		told.NextPartNumberMarker = strconv.Itoa(int(p.Number))
	}
	return told, nil
}
