package s3

import (
	"context"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

func (in *UploadPartInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (s *Service) uploadPartChecks(ctx context.Context, in *UploadPartInput) ([]api.Check, *uploading, error) {
	return s.uploadChecks(ctx, in, in.Key, in.UploadId, "s3:PutObject")
}

// UploadPart uploads a part of an object, in the place of the part of the same number.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html.
func (s *Service) UploadPart(ctx context.Context, in *UploadPartInput) (*UploadPartOutput, error) {
	return api.DoChecks(ctx, in, s.uploadPartChecks, s.uploadPart)
}

func (s *Service) uploadPart(ctx context.Context, on *uploading, in *UploadPartInput) (*UploadPartOutput, error) {
	number, err := partNumber(in.PartNumber)
	if err != nil {
		return nil, err
	}
	if err := (customerKey{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5}).toUpload(); err != nil {
		return nil, err
	}
	body := claimed{contentMD5: in.ContentMD5, wanted: in.ChecksumAlgorithm, claims: in.claims()}
	if err := body.check(); err != nil {
		return nil, err
	}
	if err := on.upload.takes(body.claimed.Algorithm); err != nil {
		return nil, err
	}
	if size := in.Body.Length(); size > maxPut {
		return nil, tooLarge(size, maxPut)
	}
	key, err := s.openFor(ctx, on.bucket, on.upload.Key, on.upload.Sealing)
	if err != nil {
		return nil, err
	}
	body.also = on.upload.Algorithm
	w, err := s.receive(ctx, on.bucket, key, in.Body, &body)
	if err != nil {
		return nil, err
	}
	defer w.drop()
	if err := on.upload.takes(body.claimed.Algorithm); err != nil { // by a trailer
		return nil, err
	}
	p := on.upload.part(number, w, body.hashes, s.etagOf(on.upload.Sealing, body.hashes.etag()), s.now())
	if err := s.putPart(ctx, on, p, w); err != nil {
		return nil, err
	}
	told := p.Checksum
	if told.Algorithm == "" && body.claimed.Algorithm != "" {
		told = body.checksum
	}
	out := &UploadPartOutput{
		ETag:                 quoted(p.ETag),
		ServerSideEncryption: on.upload.Sealing.Algorithm, SSEKMSKeyId: on.upload.Sealing.KeyARN, BucketKeyEnabled: on.upload.Sealing.usesBucketKey(),
	}
	_, out.ChecksumCRC32, out.ChecksumCRC32C, out.ChecksumCRC64NVME, out.ChecksumSHA1, out.ChecksumSHA256 = told.members()
	return out, nil
}

func (in *UploadPartInput) claims() claims {
	return claims{
		in.ChecksumCRC32, in.ChecksumCRC32C, in.ChecksumCRC64NVME, in.ChecksumSHA1, in.ChecksumSHA256,
		in.ChecksumMD5 + in.ChecksumSHA512 + in.ChecksumXXHASH64 + in.ChecksumXXHASH3 + in.ChecksumXXHASH128,
	}
}

// partNumber is the number of a part that is to be uploaded [S141].
func partNumber(number *int32) (int32, error) {
	switch {
	case number == nil:
		return 0, badPartNumber(0)
	case *number < 1 || *number > maxParts:
		return 0, badPartNumber(*number)
	}
	return *number, nil
}

// takes refuses a checksum of another algorithm than the upload's [S106].
func (u *upload) takes(algorithm string) error {
	if u.Algorithm != "" && algorithm != "" && algorithm != u.Algorithm {
		return ErrInvalidRequest.Withf("Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s", strings.ToLower(u.Algorithm), strings.ToLower(algorithm))
	}
	return nil
}

// part is a part of the upload whose body was stored and hashed.
func (u *upload) part(number int32, w *written, h *hashes, etag string, now time.Time) *part {
	p := &part{segment: w.segment, Number: number, ETag: etag, Modified: now}
	if u.Algorithm != "" {
		p.Checksum, _ = h.sum(u.Algorithm)
		p.Checksum.Type = ""
	}
	sum, _ := h.sum(crc64NVME)
	p.CRC64 = sum.Value
	return p
}

// putPart has a part be one of its upload's.
func (s *Service) putPart(ctx context.Context, on *uploading, p *part, w *written) error {
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		b, err := s.present(tx, on.bucket)
		if err != nil {
			return err
		}
		if s.findUpload(tx, b, on.upload.Key, on.upload.ID) == nil {
			return noSuchUpload(on.upload.ID)
		}
		place := partKey(on.upload.ID, p.Number)
		if former := s.parts.Get(tx, place); former != nil && former.Blob != "" {
			tx.Put(looseKey(looseBlob, former.Blob), nil)
		}
		s.parts.Put(tx, place, p)
		return w.keep(tx)
	})
	if err == nil {
		s.blobs.signal()
	}
	return err
}

func (in *UploadPartCopyInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

// copyingPart is what UploadPartCopy works on.
type copyingPart struct {
	source *spot
	*uploading
}

func (s *Service) uploadPartCopyChecks(ctx context.Context, in *UploadPartCopyInput) ([]api.Check, *copyingPart, error) {
	checks, source, err := s.sourceChecks(ctx, in.CopySource, in.ExpectedSourceBucketOwner)
	if err != nil {
		return nil, nil, err
	}
	more, on, err := s.uploadChecks(ctx, in, in.Key, in.UploadId, "s3:PutObject")
	return append(checks, more...), &copyingPart{source, on}, err
}

// UploadPartCopy makes a part of an object of another object, or of a range of it.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html.
func (s *Service) UploadPartCopy(ctx context.Context, in *UploadPartCopyInput) (*UploadPartCopyOutput, error) {
	return api.DoChecks(ctx, in, s.uploadPartCopyChecks, s.uploadPartCopy)
}

func (in *UploadPartCopyInput) refuseCustomerKeys() error {
	if err := (customerKey{in.CopySourceSSECustomerAlgorithm, in.CopySourceSSECustomerKey, in.CopySourceSSECustomerKeyMD5}).toRead(); err != nil {
		return err
	}
	return customerKey{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5}.toUpload()
}

func (s *Service) uploadPartCopy(ctx context.Context, on *copyingPart, in *UploadPartCopyInput) (*UploadPartCopyOutput, error) {
	number, err := partNumber(in.PartNumber)
	if err != nil {
		return nil, err
	}
	from, u := on.source.object, on.upload
	err = s.checkSource(from, &readConditions{
		optional(in.CopySourceIfMatch), optional(in.CopySourceIfNoneMatch), in.CopySourceIfModifiedSince, in.CopySourceIfUnmodifiedSince,
	})
	if err != nil {
		return nil, err
	}
	if err := in.refuseCustomerKeys(); err != nil {
		return nil, err
	}
	of, err := copyRange(in.CopySourceRange, from.Size)
	if err != nil {
		return nil, err
	}
	key, err := s.openFor(ctx, on.bucket, u.Key, u.Sealing)
	if err != nil {
		return nil, err
	}
	body, err := s.openObject(ctx, on.source.bucket, from, of)
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }() // it never fails
	h := newHashes(u.Algorithm)
	w, err := s.write(ctx, on.bucket, key, body, h)
	if err != nil {
		return nil, err
	}
	defer w.drop()
	p := u.part(number, w, h, s.etagOf(u.Sealing, h.etag()), s.now())
	if err := s.putPart(ctx, on.uploading, p, w); err != nil {
		return nil, err
	}
	r := &CopyPartResult{ETag: quoted(p.ETag), LastModified: p.Modified}
	_, r.ChecksumCRC32, r.ChecksumCRC32C, r.ChecksumCRC64NVME, r.ChecksumSHA1, r.ChecksumSHA256 = p.Checksum.members()
	return &UploadPartCopyOutput{
		CopyPartResult: r, CopySourceVersionId: on.source.object.told(),
		ServerSideEncryption: u.Sealing.Algorithm, SSEKMSKeyId: u.Sealing.KeyARN, BucketKeyEnabled: u.Sealing.usesBucketKey(),
	}, nil
}
