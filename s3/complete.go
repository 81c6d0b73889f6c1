package s3

import (
	"cmp"
	"context"
	"crypto/md5" //nolint:gosec // ETags are MD5
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// minPart is how many bytes every part has at least, but for the last one [S144].
const minPart = 5 << 20

func (in *CompleteMultipartUploadInput) place() (bucket, expectedOwner string) {
	return in.Bucket, in.ExpectedBucketOwner
}

func (s *Service) completeMultipartUploadChecks(ctx context.Context, in *CompleteMultipartUploadInput) ([]api.Check, *uploading, error) {
	return s.uploadChecks(ctx, in, in.Key, in.UploadId, "s3:PutObject")
}

// CompleteMultipartUpload makes an object of the parts of an upload.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html.
func (s *Service) CompleteMultipartUpload(ctx context.Context, in *CompleteMultipartUploadInput) (*CompleteMultipartUploadOutput, error) {
	return api.DoChecks(ctx, in, s.completeMultipartUploadChecks, s.completeMultipartUpload)
}

func (s *Service) completeMultipartUpload(ctx context.Context, on *uploading, in *CompleteMultipartUploadInput) (*CompleteMultipartUploadOutput, error) {
	u := on.upload
	if err := (customerKey{in.SSECustomerAlgorithm, in.SSECustomerKey, in.SSECustomerKeyMD5}).toUpload(); err != nil {
		return nil, err
	}
	if err := in.check(u); err != nil {
		return nil, err
	}
	o := &object{
		Key: u.Key, headers: u.headers, Tags: u.Tags, StorageClass: u.StorageClass, Sealing: u.Sealing, PartCount: len(in.MultipartUpload.Parts),
	}
	if u.Sealing.underKMS() && in.bearsChecksums(u) { // [S262]
		if _, err := s.openFor(ctx, on.bucket, u.Key, u.Sealing); err != nil {
			return nil, err
		}
	}
	id := s.ids.Hex(idDigits)
	conditions := writeConditions{ifMatch: in.IfMatch, ifNoneMatch: in.IfNoneMatch, since: u}
	put, err := s.install(ctx, on.bucket, o, conditions, createdComplete, func(tx store.Tx, o *object) error {
		return s.assemble(tx, on, in, o, id)
	})
	if err != nil {
		return nil, err
	}
	out := &CompleteMultipartUploadOutput{
		Location: locationOf(on.bucket, u.Key), Bucket: on.bucket.Name, Key: u.Key, ETag: quoted(put.ETag), VersionId: put.told(),
		ServerSideEncryption: u.Sealing.Algorithm, SSEKMSKeyId: u.Sealing.KeyARN, BucketKeyEnabled: u.Sealing.usesBucketKey(),
	}
	if u.Sealing.underKMS() { // [S104]
		return out, nil
	}
	out.ChecksumType, out.ChecksumCRC32, out.ChecksumCRC32C, out.ChecksumCRC64NVME, out.ChecksumSHA1, out.ChecksumSHA256 = put.Checksum.members()
	return out, nil
}

// bearsChecksums reports whether the parts that complete an upload have checksums besides their ETags.
func (in *CompleteMultipartUploadInput) bearsChecksums(u *upload) bool {
	return u.Algorithm != "" || slices.ContainsFunc(in.MultipartUpload.Parts, func(p CompletedPart) bool {
		return strings.Join(p.checksums(), "") != ""
	})
}

// locationOf is the URL of an object, as AWS tells it [S145].
func locationOf(b *bucket, key string) string {
	host := b.Name + ".s3." + b.Region + ".amazonaws.com"
	if b.Region == usEast1 {
		host = b.Name + ".s3.amazonaws.com"
	}
	return "https://" + host + "/" + url.PathEscape(key)
}

// check refuses what cannot be right, whatever was uploaded [S143] [S103].
func (in *CompleteMultipartUploadInput) check(u *upload) error {
	if in.MultipartUpload == nil || len(in.MultipartUpload.Parts) == 0 {
		return ErrInvalidRequest.With("You must specify at least one part")
	}
	before := int32(0)
	for _, p := range in.MultipartUpload.Parts {
		if p.PartNumber == nil {
			return ErrMalformedXML
		}
		if *p.PartNumber <= before {
			return ErrInvalidPartOrder.Detailed("UploadId", in.UploadId)
		}
		before = *p.PartNumber
	}
	if in.ChecksumType != "" && in.ChecksumType != u.Type {
		mode := u.Type
		if mode == "" {
			mode = "null"
		}
		return ErrInvalidRequest.Withf("The upload was created using the %s checksum mode. The complete request must use the same checksum mode.", mode)
	}
	return nil
}

// assemble makes the body of an object of the parts of an upload that is there, and ends
// the upload.
func (s *Service) assemble(tx store.Tx, on *uploading, in *CompleteMultipartUploadInput, o *object, id string) error {
	u := on.upload
	parts, err := s.listedParts(tx, u, in)
	if err != nil {
		return err
	}
	m := &manifest{}
	for i, p := range parts {
		if p.Size < minPart && i < len(parts)-1 {
			return ErrEntityTooSmall.Detailed("ProposedSize", strconv.FormatInt(p.Size, 10)).Detailed("MinSizeAllowed", strconv.Itoa(minPart)).
				Detailed("PartNumber", strconv.Itoa(int(p.Number))).Detailed("ETag", p.ETag)
		}
		o.Size += p.Size
		m.Parts = append(m.Parts, manifestPart{p.segment, p.Number, p.Checksum})
	}
	if want := in.MpuObjectSize; want != nil && *want != o.Size { // [S107]
		return ErrInvalidRequest.Withf("The provided 'x-amz-mp-object-size' header value %d does not match what was computed: %d", *want, o.Size)
	}
	o.ETag = etagOfParts(parts)
	if o.Checksum, err = u.checksum(parts); err != nil {
		return err
	}
	if err := in.compare(u, &o.Checksum); err != nil {
		return err
	}
	if o.Size > 0 {
		o.Manifest = id
		s.manifests.Put(tx, id, m)
	}
	s.loosenOthers(tx, u, parts)
	s.uploads.Delete(tx, on.bucket.uploadKey(u.Key, u.ID))
	tx.Put(looseKey(looseParts, u.ID), nil)
	return nil
}

// listedParts are the parts of an upload that an input lists [S143].
func (s *Service) listedParts(r store.Reader, u *upload, in *CompleteMultipartUploadInput) ([]*part, error) {
	places := make([]string, len(in.MultipartUpload.Parts))
	for i, p := range in.MultipartUpload.Parts {
		places[i] = partKey(u.ID, *p.PartNumber)
	}
	parts := s.parts.GetMany(r, places)
	for i := range parts {
		if err := u.matches(parts[i], &in.MultipartUpload.Parts[i]); err != nil {
			return nil, err
		}
	}
	return parts, nil
}

// matches compares a part that was uploaded with what completes it: its ETag and its
// checksum [S096] [S103] [S105] [S143].
func (u *upload) matches(p *part, listed *CompletedPart) error {
	bad := ErrInvalidPart.Detailed("UploadId", u.ID).Detailed("PartNumber", strconv.Itoa(int(*listed.PartNumber))).
		Detailed("ETag", strings.Trim(listed.ETag, `"`))
	if p == nil || strings.Trim(listed.ETag, `"`) != p.ETag {
		return bad
	}
	given, own := listed.checksums(), ""
	for i, algorithm := range checksumAlgorithms {
		if algorithm == u.Algorithm {
			own, given[i] = given[i], ""
		}
	}
	other := slices.IndexFunc(given, func(value string) bool { return value != "" })
	switch {
	case other >= 0 && u.Type == composite && other < len(checksumAlgorithms):
		return ErrBadDigest.Withf("The %s you specified for part %d did not match what we received.", strings.ToLower(checksumAlgorithms[other]), p.Number)
	case other >= 0:
		return bad
	case u.Algorithm == "" || own == p.Checksum.Value:
	case own == "" && u.Type == composite:
		return ErrInvalidRequest.Withf("The upload was created using a %s checksum. The complete request must include the checksum for each part. It was missing for part %d in the request.", strings.ToLower(u.Algorithm), p.Number)
	case own != "":
		return bad
	}
	return nil
}

func (p *CompletedPart) checksums() []string {
	return []string{
		p.ChecksumCRC32, p.ChecksumCRC32C, p.ChecksumCRC64NVME, p.ChecksumSHA1, p.ChecksumSHA256,
		p.ChecksumMD5 + p.ChecksumSHA512 + p.ChecksumXXHASH64 + p.ChecksumXXHASH3 + p.ChecksumXXHASH128,
	}
}

// loosenOthers has those parts of an upload swept that the object is not made of.
func (s *Service) loosenOthers(tx store.Tx, u *upload, kept []*part) {
	names := make(map[string]bool, len(kept))
	for _, p := range kept {
		names[p.Blob] = true
	}
	for _, p := range s.parts.Scan(tx, u.ID+"\x00", "", store.All) {
		if p.Blob != "" && !names[p.Blob] {
			tx.Put(looseKey(looseBlob, p.Blob), nil)
		}
	}
}

// etagOfParts is the ETag of an object of parts: the MD5 of theirs, and how many there are [S061].
func etagOfParts(parts []*part) string {
	h := md5.New() //nolint:gosec // see above
	for _, p := range parts {
		sum, err := hex.DecodeString(p.ETag)
		if err != nil {
			sum = []byte(p.ETag)
		}
		h.Write(sum)
	}
	return fmt.Sprintf("%x-%d", h.Sum(nil), len(parts))
}

// checksum is that of an object of the parts: of all bytes, or of the parts' checksums [S100] [S102].
func (u *upload) checksum(parts []*part) (checksum, error) {
	algorithm, kind := u.Algorithm, u.Type
	if algorithm == "" {
		algorithm, kind = crc64NVME, fullObject // [S103]
	}
	sums := make([][]byte, len(parts))
	for i, p := range parts {
		value := p.Checksum.Value
		if algorithm == crc64NVME {
			value = p.CRC64
		}
		var err error
		if sums[i], err = base64.StdEncoding.DecodeString(value); err != nil {
			return checksum{}, err
		}
	}
	if kind == composite {
		h := newHash(algorithm)
		for _, sum := range sums {
			h.Write(sum)
		}
		return checksum{algorithm, composite, fmt.Sprintf("%s-%d", base64.StdEncoding.EncodeToString(h.Sum(nil)), len(parts))}, nil
	}
	total := sums[0]
	for i, p := range parts[1:] {
		total = combine(algorithm, total, sums[i+1], p.Size)
	}
	return checksum{algorithm, fullObject, base64.StdEncoding.EncodeToString(total)}, nil
}

// compare compares the checksum of the object with what the request says of it [S096]. A
// request that does not say of what kind its checksum is means the one that its algorithm
// has by default; what it says of an upload without an algorithm is ignored, but for the
// algorithm that the object gets [S103].
func (in *CompleteMultipartUploadInput) compare(u *upload, sum *checksum) error {
	if in.ChecksumMD5+in.ChecksumSHA512+in.ChecksumXXHASH64+in.ChecksumXXHASH3+in.ChecksumXXHASH128 != "" {
		return unknownAlgorithm()
	}
	given := []string{in.ChecksumCRC32, in.ChecksumCRC32C, in.ChecksumCRC64NVME, in.ChecksumSHA1, in.ChecksumSHA256}
	for i, algorithm := range checksumAlgorithms {
		if given[i] == "" || u.Algorithm == "" && algorithm != sum.Algorithm {
			continue
		}
		value := sum.Value
		if !strings.Contains(given[i], "-") {
			value, _, _ = strings.Cut(value, "-")
		}
		kind := cmp.Or(in.ChecksumType, defaultType(sum.Algorithm))
		if algorithm != sum.Algorithm || given[i] != value || kind != sum.Type {
			return ErrBadDigest.Withf("The %s you specified did not match the calculated checksum.", strings.ToLower(sum.Algorithm))
		}
	}
	return nil
}
