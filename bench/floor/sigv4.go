package floor

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/waxseal/waxseal/bench/load"
)

// maxSkew is how far a request's time may be from now.
const maxSkew = 5 * time.Minute

var errSignature = errors.New("the signature is not right")

// verifier checks signed headers, and keeps derived keys.
type verifier struct {
	keys sync.Map // the signature's credential -> []byte
}

func (v *verifier) check(header func(string) string, host, path string, body []byte) error {
	rest, ok := strings.CutPrefix(header("Authorization"), "AWS4-HMAC-SHA256 ")
	if !ok {
		return errSignature
	}
	var credential, names, signature string
	for part := range strings.SplitSeq(rest, ",") {
		k, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch k {
		case "Credential":
			credential = value
		case "SignedHeaders":
			names = value
		case "Signature":
			signature = value
		}
	}
	id, scope, _ := strings.Cut(credential, "/")
	date := header("X-Amz-Date")
	at, err := time.Parse("20060102T150405Z", date)
	if id != load.AccessKey || err != nil || time.Since(at).Abs() > maxSkew {
		return errSignature
	}
	var c strings.Builder
	c.Grow(512)
	c.WriteString("POST\n" + path + "\n\n")
	for name := range strings.SplitSeq(names, ";") {
		value := host
		if name != "host" {
			value = strings.TrimSpace(header(name))
		}
		c.WriteString(name)
		c.WriteByte(':')
		c.WriteString(value)
		c.WriteByte('\n')
	}
	c.WriteString("\n" + names + "\n" + hexSum(body))
	toSign := "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "\n" + hexSum([]byte(c.String()))
	wanted := hex.EncodeToString(mac(v.key(credential, scope), toSign))
	if !hmac.Equal([]byte(wanted), []byte(signature)) {
		return errSignature
	}
	return nil
}

func (v *verifier) key(credential, scope string) []byte {
	if k, ok := v.keys.Load(credential); ok {
		return k.([]byte)
	}
	k := []byte("AWS4" + load.SecretKey)
	for part := range strings.SplitSeq(scope, "/") {
		k = mac(k, part)
	}
	v.keys.Store(credential, k)
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
