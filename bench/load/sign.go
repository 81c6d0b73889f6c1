package load

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// The access key that all requests are signed with: an example of AWS's
// documentation. The server is to have a user with it.
const (
	AccessKey = "AKIAIOSFODNN7EXAMPLE"
	SecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	Region    = "us-east-1"
)

// signer signs requests to one host by Signature Version 4. It keeps the key
// that is derived for a service and day.
type signer struct {
	host string
	keys map[string][]byte
}

func newSigner(host string) *signer {
	return &signer{host: host, keys: map[string][]byte{}}
}

func (s *signer) key(service, day string) []byte {
	id := service + "/" + day
	if k, ok := s.keys[id]; ok {
		return k
	}
	k := []byte("AWS4" + SecretKey)
	for _, part := range []string{day, Region, service, "aws4_request"} {
		k = mac(k, part)
	}
	s.keys[id] = k
	return k
}

func mac(key []byte, data string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(data))
	return h.Sum(nil)
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// sign is the X-Amz-Date and the Authorization of a request at a time.
func (s *signer) sign(r *Request, t time.Time) (date, authorization string) {
	date = t.UTC().Format("20060102T150405Z")
	day := date[:8]
	headers := "content-type:" + r.contentType + "\nhost:" + s.host + "\nx-amz-date:" + date + "\n"
	names := "content-type;host;x-amz-date"
	if r.target != "" {
		headers += "x-amz-target:" + r.target + "\n"
		names += ";x-amz-target"
	}
	canonical := "POST\n/\n\n" + headers + "\n" + names + "\n" + hexSum(r.body)
	scope := day + "/" + Region + "/" + r.service + "/aws4_request"
	toSign := "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "\n" + hexSum([]byte(canonical))
	signature := hex.EncodeToString(mac(s.key(r.service, day), toSign))
	return date, "AWS4-HMAC-SHA256 Credential=" + AccessKey + "/" + scope +
		", SignedHeaders=" + names + ", Signature=" + signature
}
