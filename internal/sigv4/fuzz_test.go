package sigv4

import (
	"bufio"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Whatever arrives, Parse and Verify answer; and nothing but the secret makes a signature.
func FuzzForeignRequests(f *testing.F) {
	for _, seed := range []string{
		"GET / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Date: 20260101T002000Z\r\nAuthorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host;x-amz-date, Signature=00\r\n\r\n",
		"GET /?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2F20260101%2Fus-east-1%2Fsqs%2Faws4_request&X-Amz-Date=20260101T002000Z&X-Amz-Expires=1&X-Amz-SignedHeaders=host&X-Amz-Signature=00 HTTP/1.1\r\nHost: [::1]:1\r\n\r\n",
		"POST /%2f//.././%zz?a&&=b&%zz=%z HTTP/1.0\r\nAuthorization: AWS4-ECDSA-P256-SHA256 Credential=/////,SignedHeaders=;;;content-length;transfer-encoding\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"GET /?AWSAccessKeyId=x&Signature= HTTP/1.1\r\nHost: x\r\nAuthorization: AWS x:y\r\n\r\n",
	} {
		f.Add(seed, "secret")
	}
	v := NewVerifier(nil)
	f.Fuzz(func(t *testing.T, raw, secret string) {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
		if err != nil {
			return
		}
		body, _ := io.ReadAll(r.Body)
		_ = ParseForm(body)
		s, failed := Parse(r)
		if failed != nil || s == nil {
			if failed != nil && (s != nil || failed.HTTPStatus() < 400) {
				t.Errorf("Parse = %+v, %v", s, failed)
			}
			return
		}
		_ = s.InScope("sqs")
		if err := v.Verify(s, r, body, secret+"not guessed", now); err == nil {
			t.Errorf("a signature was accepted: %q", raw)
		}
	})
}

// Whatever the SDK signs is verified, and refused once its body or path is another.
func FuzzSDKSignatures(f *testing.F) {
	f.Add("/123456789012/orders", "a=b&c", "x-custom", " a  b ", "body")
	f.Add("//é/%2F/../.", "%zz=;&+=+", "Content-Type", "", "")
	f.Add("/a b", "X-Amz-Security-Token=x&b=2&a=1&a=0", "x-amz-target", "t", "{}")
	f.Fuzz(func(t *testing.T, path, query, name, value, body string) {
		u := url.URL{Scheme: "http", Host: "localhost:4566", Path: "/" + strings.TrimLeft(path, "/"), RawQuery: (url.Values{"q": {query}, query: {path}}).Encode()}
		header := http.Header{}
		if plain(name) && plain(value) && !strings.EqualFold(name, "host") && !strings.HasPrefix(strings.ToLower(name), "x-amz-") &&
			!strings.HasPrefix(strings.ToLower(name), "content-") && !strings.HasPrefix(strings.ToLower(name), "trans") && !hopByHop(name) {
			header[http.CanonicalHeaderKey(name)] = []string{value, "second"}
		}
		if strings.HasPrefix(query, "X-Amz-") || query == "AWSAccessKeyId" {
			return
		}
		c := call{method: "POST", url: u.String(), body: body, header: header}
		for kind, sign := range map[string]func(testing.TB) *http.Request{"header": c.signed, "presigned": c.presigned} {
			if err := verify(t, sign(t)); err != nil {
				t.Errorf("%s: %+v: %v\n%v", kind, c, err, err.Cause)
			}
			r := sign(t)
			r.Body = io.NopCloser(strings.NewReader(body + "x"))
			if err := verify(t, r); err == nil {
				t.Errorf("%s: %+v: another body was accepted", kind, c)
			}
			r = sign(t)
			r.URL.Path, r.URL.RawPath = r.URL.Path+"x", ""
			if err := verify(t, r); err == nil {
				t.Errorf("%s: %+v: another path was accepted", kind, c)
			}
		}
	})
}

// plain reports whether s can stand in a header.
func plain(s string) bool {
	for _, c := range []byte(s) {
		if !isUnreserved(c) && c != ' ' {
			return false
		}
	}
	return s != "" && !strings.HasPrefix(s, " ") && !strings.Contains(s, " ") || strings.Trim(s, " ") != "" && !strings.ContainsAny(s, "\r\n")
}

func hopByHop(name string) bool {
	switch strings.ToLower(name) {
	case "connection", "trailer", "te", "upgrade", "expect", "authorization", "user-agent", "date", "keep-alive", "proxy-authorization", "cookie":
		return true
	}
	return strings.ContainsRune(name, ' ')
}
