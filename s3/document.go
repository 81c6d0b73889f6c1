package s3

import (
	"github.com/waxseal/waxseal/internal/api"
)

// checkDocument compares the document of a request with the checksums that it gives,
// before anybody looks at what the document says [S081] [S095]-[S097]. Those of
// CompleteMultipartUpload are of the object.
func checkDocument(operation string, header func(name string) string, document []byte) *api.Error {
	body := claimed{contentMD5: header("content-md5")}
	if operation != "CompleteMultipartUpload" {
		body.claims = claimsOf(header)
	}
	if err := body.check(); err != nil {
		return api.AsError(err)
	}
	if body.md5 == nil && body.claimed.Algorithm == "" {
		return nil
	}
	body.hashes = newHashes(body.claimed.Algorithm)
	_, _ = body.hashes.Write(document) // hashes take everything
	err := body.checkMD5()
	if err == nil && body.claimed.Algorithm != "" {
		body.checksum, _ = body.hashes.sum(body.claimed.Algorithm)
		err = body.checkSum()
	}
	if err != nil {
		return api.AsError(err)
	}
	return nil
}

// claimsOf are the checksums that the headers of a request give.
func claimsOf(header func(name string) string) claims {
	sent := func(algorithm string) string { return header(headerOf(algorithm)) }
	c := claims{crc32: sent(crc32IEEE), crc32c: sent(crc32Castagnoli), crc64nvme: sent(crc64NVME), sha1: sent(sha1Sum), sha256: sent(sha256Sum)}
	for _, algorithm := range otherAlgorithms {
		c.other += sent(algorithm)
	}
	return c
}
