package cloudtrail

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// location is where a trail's files of one region lie in its bucket.
type location struct {
	bucket, prefix    string
	account, region   string
	trail, homeRegion string
}

// folder is the beginning of the keys of files of a kind: CloudTrail or
// CloudTrail-Digest.
func (p *location) folder(kind string, at time.Time) string {
	return fmt.Sprintf("%s%s/%s/%s/%s_%s_%s_", filesOf(p.prefix, p.account), kind, p.region, at.Format("2006/01/02"), p.account, kind, p.region)
}

// filesOf is the beginning of the keys of all files of an account's trails with a prefix.
func filesOf(prefix, account string) string {
	if prefix != "" {
		prefix += "/"
	}
	return prefix + "AWSLogs/" + account + "/"
}

// logFile is the key of a log file [T039]. The unique part comes from the content: a
// file that is delivered again, because it is not known that it was delivered already,
// has the same key.
//
// See https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html.
func (p *location) logFile(at time.Time, content []byte) string {
	const uniqueSize = 16
	sum := sha256.Sum256(content)
	return p.folder("CloudTrail", at) + at.Format("20060102T1504Z") + "_" + base32.StdEncoding.EncodeToString(sum[:])[:uniqueSize] + ".json.gz"
}

// digestFile is the key of a digest file [T043].
func (p *location) digestFile(end time.Time) string {
	return p.folder("CloudTrail-Digest", end) + p.trail + "_" + p.homeRegion + "_" + end.Format("20060102T150405Z") + ".json.gz"
}

// logContent is the content of a log file with the records [T040].
func logContent(records []json.RawMessage) []byte {
	texts := make([]string, len(records))
	for i, r := range records {
		texts[i] = string(r)
	}
	return []byte(`{"Records":[` + strings.Join(texts, ",") + `]}`)
}

// compressed is a file's content as it is delivered.
func compressed(content []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(content)
	if e := w.Close(); err != nil || e != nil {
		panic("cloudtrail: a buffer takes everything")
	}
	return b.Bytes()
}

// hashOf is the hash by which a digest names a file: of its content, not of the object
// as it lies in the bucket [T046].
func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
