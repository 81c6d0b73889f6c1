package sigv4

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/waxseal/waxseal/internal/api"
)

var (
	now         = time.Date(2026, 1, 1, 0, 20, 0, 0, time.UTC)
	credentials = aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
)

// call is a request to be signed.
type call struct {
	method, url, body string
	header            http.Header
	token             string
	at                time.Time
}

func (c call) request(t testing.TB) *http.Request {
	t.Helper()
	r, err := http.NewRequest(c.method, c.url, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range c.header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	return r
}

func (c call) when() time.Time {
	if c.at.IsZero() {
		return now
	}
	return c.at
}

func (c call) credentials() aws.Credentials {
	with := credentials
	with.SessionToken = c.token
	return with
}

// signed is the request as the AWS SDK signs it and a server receives it.
func (c call) signed(t testing.TB) *http.Request {
	t.Helper()
	r := c.request(t)
	if err := v4.NewSigner().SignHTTP(context.Background(), c.credentials(), r, hexSum(c.body), "sqs", "us-east-1", c.when()); err != nil {
		t.Fatal(err)
	}
	return received(t, r)
}

// presigned is the same with the signature in the query string.
func (c call) presigned(t testing.TB) *http.Request {
	t.Helper()
	url, header, err := v4.NewSigner().PresignHTTP(context.Background(), c.credentials(), c.request(t), hexSum(c.body), "sqs", "us-east-1", c.when())
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(c.method, url, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		if name != "Host" {
			r.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	return received(t, r)
}

func hexSum(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// received sends a request through the wire's format.
func received(t testing.TB, r *http.Request) *http.Request {
	t.Helper()
	var b bytes.Buffer
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	return read(t, b.String())
}

func read(t testing.TB, raw string) *http.Request {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// verify is what the server does with a request whose access key it made.
func verify(t testing.TB, r *http.Request) *api.Error {
	t.Helper()
	return verifyAt(t, r, now)
}

func verifyAt(t testing.TB, r *http.Request, at time.Time) *api.Error {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	s, failed := Parse(r)
	if failed != nil {
		return failed
	}
	if s == nil {
		t.Fatal("the request is unsigned")
	}
	return NewVerifier(nil).Verify(s, r, body, credentials.SecretAccessKey, at)
}

func TestParse(t *testing.T) {
	c := call{method: "POST", url: "http://localhost:4566/", body: "{}", token: "the token+/="}
	for name, r := range map[string]*http.Request{"header": c.signed(t), "presigned": c.presigned(t)} {
		s, err := Parse(r)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if s.Version != V4 || s.AccessKeyID != "AKIDEXAMPLE" || s.Region != "us-east-1" || s.Service != "sqs" || s.SessionToken != c.token || s.Presigned != (name == "presigned") {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if s, err := Parse(c.request(t)); s != nil || err != nil {
		t.Errorf("an unsigned request: %+v, %v", s, err)
	}
}

// What the AWS SDK signs is verified, whatever stands in it.
func TestSDKSignatures(t *testing.T) {
	for _, c := range []call{
		{method: "POST", url: "http://localhost:4566/", body: `{"QueueUrl":"x"}`, header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}, "X-Amz-Target": {"AmazonSQS.SendMessage"}}},
		{method: "POST", url: "https://sqs.us-east-1.localhost/123456789012/orders", body: "Action=SendMessage&MessageBody=a+b"},
		{method: "POST", url: "http://127.0.0.1:4566/123456789012/orders.fifo", body: strings.Repeat("x", 1<<20)},
		{method: "POST", url: "http://[::1]:4566/", body: "x"},
		{method: "GET", url: "http://localhost/?Action=ListQueues&Version=2012-11-05"},
		{method: "GET", url: "http://localhost/?b=2&a=1&a=0&A=3&empty=&none&%20=%20&x=%2B%2F%3D&utf8=%C3%A9&tilde=~&star=*&dot=."},
		{method: "GET", url: "http://localhost/a%20b/c%2Fd/%C3%A9/~x/(y)/*/a:b/@/%25"},
		{method: "GET", url: "http://localhost//double//slash/"},
		{method: "GET", url: "http://localhost/dots/../up/./here/.."},
		{method: "DELETE", url: "http://localhost/x"},
		{method: "POST", url: "http://localhost/", body: "x", token: "FwoGZXIvYXdzEA//+=="},
		{method: "POST", url: "http://localhost/", body: "x", header: http.Header{
			"X-Custom": {"one", "two,three", "  padded  and   wide  "}, "X-Amz-Meta": {""}, "Content-Type": {"text/plain; charset=utf-8"},
		}},
	} {
		t.Run(c.method+" "+c.url, func(t *testing.T) {
			if err := verify(t, c.signed(t)); err != nil {
				t.Errorf("header: %v\n%v", err, err.Cause)
			}
			if err := verify(t, c.presigned(t)); err != nil {
				t.Errorf("presigned: %v\n%v", err, err.Cause)
			}
		})
	}
}

// AWS's published example and its test suite for Signature Version 4: signatures that others computed.
func TestPublishedVectors(t *testing.T) {
	at := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	const token = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
	for _, c := range []struct{ name, line, headers, body, signed, signature string }{
		{"get-vanilla", "GET /", "", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-vanilla-empty-query-key", "GET /?Param1=value1", "", "", "host;x-amz-date", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
		{"get-vanilla-query-order-key-case", "GET /?Param2=value2&Param1=value1", "", "", "host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		{"get-vanilla-query-order-value", "GET /?Param1=value2&Param1=value1", "", "", "host;x-amz-date", "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
		{"get-vanilla-query-unreserved", "GET /?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "", "", "host;x-amz-date", "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
		{"get-vanilla-utf8-query", "GET /?\u1234=bar", "", "", "host;x-amz-date", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
		{"get-unreserved", "GET /-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "", "", "host;x-amz-date", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
		{"get-slash", "GET //", "", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-slash-dot-slash", "GET /./", "", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-slash-pointless-dot", "GET /./example", "", "", "host;x-amz-date", "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
		{"get-slashes", "GET //example//", "", "", "host;x-amz-date", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
		{"get-relative", "GET /example/..", "", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-relative-relative", "GET /example1/example2/../..", "", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-header-key-duplicate", "GET /", "My-Header1: value2\r\nMy-Header1: value2\r\nMy-Header1: value1\r\n", "", "host;my-header1;x-amz-date", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
		{"get-header-value-order", "GET /", "My-Header1: value4\r\nMy-Header1: value1\r\nMy-Header1: value3\r\nMy-Header1: value2\r\n", "", "host;my-header1;x-amz-date", "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
		{"get-header-value-trim", "GET /", "My-Header1:  value1\r\nMy-Header2: \"a   b   c\"\r\n", "", "host;my-header1;my-header2;x-amz-date", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
		{"post-vanilla", "POST /", "", "", "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
		{"post-header-key-sort", "POST /", "My-Header1: value1\r\n", "", "host;my-header1;x-amz-date", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
		{"post-header-value-case", "POST /", "My-Header1: VALUE1\r\n", "", "host;my-header1;x-amz-date", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
		{"post-x-www-form-urlencoded", "POST /", "Content-Type: application/x-www-form-urlencoded\r\n", "Param1=value1", "content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
		{"post-x-www-form-urlencoded-parameters", "POST /", "Content-Type: application/x-www-form-urlencoded; charset=utf8\r\n", "Param1=value1", "content-type;host;x-amz-date", "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"},
		{"post-sts-header-before", "POST /", "X-Amz-Security-Token: " + token + "\r\n", "", "host;x-amz-date;x-amz-security-token", "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := verifyAt(t, vector(t, "example.amazonaws.com", "service", c.line, c.headers, c.body, c.signed, c.signature), at); err != nil {
				t.Errorf("%v\n%v", err, err.Cause)
			}
		})
	}
	t.Run("ListUsers", func(t *testing.T) {
		r := vector(t, "iam.amazonaws.com", "iam", "GET /?Action=ListUsers&Version=2010-05-08",
			"Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n", "", "content-type;host;x-amz-date",
			"5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7")
		if err := verifyAt(t, r, at); err != nil {
			t.Errorf("%v\n%v", err, err.Cause)
		}
	})
}

func vector(t *testing.T, host, service, line, headers, body, signed, signature string) *http.Request {
	return read(t, fmt.Sprintf("%s HTTP/1.1\r\nHost: %s\r\n%sX-Amz-Date: 20150830T123600Z\r\nContent-Length: %d\r\n"+
		"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/%s/aws4_request, SignedHeaders=%s, Signature=%s\r\n\r\n%s",
		line, host, headers, len(body), service, signed, signature, body))
}

// signedAs is the request signed over a payload hash of the client's choice.
func signedAs(t *testing.T, c call, payload string) *http.Request {
	t.Helper()
	r := c.request(t)
	if err := v4.NewSigner().SignHTTP(context.Background(), c.credentials(), r, payload, "sqs", "us-east-1", c.when()); err != nil {
		t.Fatal(err)
	}
	return received(t, r)
}

// dated is a request that is dated by a header other than X-Amz-Date. The
// signature is computed by Mismatch's description of it.
func dated(t *testing.T, name, date string) *http.Request {
	t.Helper()
	raw := func(signature string) *http.Request {
		return read(t, "GET / HTTP/1.1\r\nHost: localhost\r\n"+name+": "+date+"\r\nAuthorization: AWS4-HMAC-SHA256 "+
			"Credential=AKIDEXAMPLE/20260101/us-east-1/sqs/aws4_request, SignedHeaders="+name+";host, Signature="+signature+"\r\n\r\n")
	}
	canonical := "GET\n/\n\n" + name + ":" + date + "\nhost:localhost\n\n" + name + ";host\n" + hexSum("")
	text := "AWS4-HMAC-SHA256\n20260101T002000Z\n20260101/us-east-1/sqs/aws4_request\n" + hexSum(canonical)
	key := NewVerifier(nil).key(scope{credentials.SecretAccessKey, "20260101", "us-east-1", "sqs"})
	sum := key.appendMAC(nil, []byte(text))
	return raw(hex.EncodeToString(sum))
}

// parseBasic takes what time.Parse takes, and answers the same.
func TestParseBasic(t *testing.T) {
	for _, text := range []string{
		"20260102T030405Z", "20240229T235959Z", "20230229T000000Z", "20260431T000000Z", "20261301T000000Z", "20260001T000000Z",
		"20260100T000000Z", "20260132T000000Z", "20260101T240000Z", "20260101T006000Z", "20260101T000060Z", "00000101T000000Z", "99991231T235959Z",
		"", "2026010T1000000Z", "20260101 000000Z", "20260101T000000+", "2026-101T000000Z", "20260101T0000-1Z", "20260101T000000.5Z", "+0260101T000000Z",
	} {
		want, err := time.Parse(isoBasic, text)
		known := err == nil && len(text) == len(isoBasic)
		if got, ok := parseBasic(text); ok != known || ok && !got.Equal(want) {
			t.Errorf("%q: %v %v, want %v %v", text, got, ok, want, err)
		}
	}
}
