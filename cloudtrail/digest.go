package cloudtrail

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// The algorithms of digest files.
const (
	signatureAlgorithm = "SHA256withRSA"
	hashAlgorithm      = "SHA-256"
)

// digest is the content of a digest file: the log files of an hour, and the digest file
// before it in the chain [T044].
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html.
type digest struct {
	AWSAccountID               string          `json:"awsAccountId"`
	DigestStartTime            string          `json:"digestStartTime"`
	DigestEndTime              string          `json:"digestEndTime"`
	DigestS3Bucket             string          `json:"digestS3Bucket"`
	DigestS3Object             string          `json:"digestS3Object"`
	DigestPublicKeyFingerprint string          `json:"digestPublicKeyFingerprint"`
	DigestSignatureAlgorithm   string          `json:"digestSignatureAlgorithm"`
	NewestEventTime            *string         `json:"newestEventTime"`
	OldestEventTime            *string         `json:"oldestEventTime"`
	PreviousDigestS3Bucket     *string         `json:"previousDigestS3Bucket"`
	PreviousDigestS3Object     *string         `json:"previousDigestS3Object"`
	PreviousDigestHashValue    *string         `json:"previousDigestHashValue"`
	PreviousDigestHashAlgo     *string         `json:"previousDigestHashAlgorithm"`
	PreviousDigestSignature    *string         `json:"previousDigestSignature"`
	LogFiles                   []digestLogFile `json:"logFiles"`
}

// digestLogFile is one log file in a digest [T045].
type digestLogFile struct {
	S3Bucket        string `json:"s3Bucket"`
	S3Object        string `json:"s3Object"`
	HashValue       string `json:"hashValue"`
	HashAlgorithm   string `json:"hashAlgorithm"`
	NewestEventTime string `json:"newestEventTime"`
	OldestEventTime string `json:"oldestEventTime"`
}

// chainLink is what a digest says of the one before it.
type chainLink struct{ Bucket, Object, Hash, Signature string }

// newDigest is the digest of the log files that were delivered from a time to another.
// previous is nil for the first of a chain [T048].
func newDigest(p *location, from, end time.Time, files []digestLogFile, previous *chainLink, fingerprint string) *digest {
	d := &digest{
		AWSAccountID:    p.account,
		DigestStartTime: from.Format(time.RFC3339), DigestEndTime: end.Format(time.RFC3339),
		DigestS3Bucket: p.bucket, DigestS3Object: p.digestFile(end),
		DigestPublicKeyFingerprint: fingerprint, DigestSignatureAlgorithm: signatureAlgorithm,
		LogFiles: append([]digestLogFile{}, files...),
	}
	for i := range files { // times of this form are in the order of their texts
		if d.OldestEventTime == nil || files[i].OldestEventTime < *d.OldestEventTime {
			d.OldestEventTime = &files[i].OldestEventTime
		}
		if d.NewestEventTime == nil || files[i].NewestEventTime > *d.NewestEventTime {
			d.NewestEventTime = &files[i].NewestEventTime
		}
	}
	if previous != nil {
		algorithm := hashAlgorithm
		d.PreviousDigestS3Bucket, d.PreviousDigestS3Object = &previous.Bucket, &previous.Object
		d.PreviousDigestHashValue, d.PreviousDigestHashAlgo = &previous.Hash, &algorithm
		d.PreviousDigestSignature = &previous.Signature
	}
	return d
}

// content is the digest as it is written, not yet compressed.
func (d *digest) content() []byte {
	text, err := json.Marshal(d)
	if err != nil {
		panic("cloudtrail: " + err.Error()) // texts can always be marshaled
	}
	return text
}

// toSign is what the signature of a digest with that content is of [T051].
func (d *digest) toSign(content []byte) string {
	previous := "null"
	if d.PreviousDigestSignature != nil {
		previous = *d.PreviousDigestSignature
	}
	return d.DigestEndTime + "\n" + d.DigestS3Bucket + "/" + d.DigestS3Object + "\n" + hashOf(content) + "\n" + previous
}

// sign is a digest's signature in hexadecimal digits [T052].
func sign(key *rsa.PrivateKey, text string) (string, error) {
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	return hex.EncodeToString(signature), err
}
