package sigv4

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
)

// send is a call of the JSON protocol with all that clients sign.
var send = call{
	method: "POST", url: "http://localhost:4566/a/b?x=1&y=2", body: `{"MessageBody":"hello"}`, token: "token",
	header: http.Header{"X-Amz-Target": {"AmazonSQS.SendMessage"}, "Content-Type": {"application/x-amz-json-1.0"}, "X-Amz-Meta": {"a", "b"}},
}

// swap replaces a part of a header's value.
func swap(header, from, to string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set(header, strings.Replace(r.Header.Get(header), from, to, 1))
	}
}

// set sets a parameter of the query string.
func set(name, value string) func(*http.Request) {
	return func(r *http.Request) {
		q := r.URL.Query()
		q.Set(name, value)
		r.URL.RawQuery = q.Encode()
	}
}

// Whatever of a signed request is changed, it is refused.
func TestTampering(t *testing.T) {
	changes := map[string]func(*http.Request){
		"method":          func(r *http.Request) { r.Method = "PUT" },
		"path":            func(r *http.Request) { r.URL.Path = "/a/c" },
		"path case":       func(r *http.Request) { r.URL.Path = "/A/b" },
		"path longer":     func(r *http.Request) { r.URL.Path = "/a/b/c" },
		"path up":         func(r *http.Request) { r.URL.Path = "/a/b/.." },
		"path escaped":    func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/a/b", "/a%2Fb" },
		"path slash":      func(r *http.Request) { r.URL.Path = "/a/b/" },
		"query value":     set("x", "2"),
		"query added":     set("z", "3"),
		"query removed":   func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "x=1", "", 1) },
		"query repeated":  func(r *http.Request) { r.URL.RawQuery += "&x=1" },
		"query moved":     func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "x=1&y=2", "x=2&y=1", 1) },
		"body":            func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{"MessageBody":"hullo"}`)) },
		"body removed":    func(r *http.Request) { r.Body = http.NoBody },
		"body longer":     func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(send.body + " ")) },
		"host":            func(r *http.Request) { r.Host = "localhost:4567" },
		"host name":       func(r *http.Request) { r.Host = "sqs.localhost:4566" },
		"target":          func(r *http.Request) { r.Header.Set("X-Amz-Target", "AmazonSQS.DeleteQueue") },
		"target repeated": func(r *http.Request) { r.Header.Add("X-Amz-Target", "AmazonSQS.DeleteQueue") },
		"content type":    func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") },
	}
	for name, change := range changes {
		for kind, r := range map[string]*http.Request{"header": send.signed(t), "presigned": send.presigned(t)} {
			change(r)
			if err := verify(t, r); !refused(err) {
				t.Errorf("%s: changed %s: %v", kind, name, err)
			}
		}
	}
	for name, change := range map[string]func(*http.Request){
		"target removed": func(r *http.Request) { r.Header.Del("X-Amz-Target") },
		"header value":   func(r *http.Request) { r.Header["X-Amz-Meta"] = []string{"a", "c"} },
		"header order":   func(r *http.Request) { r.Header["X-Amz-Meta"] = []string{"b", "a"} },
		"date":           func(r *http.Request) { r.Header.Set("X-Amz-Date", now.Add(time.Second).Format(isoBasic)) },
		"token":          func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "other") },
		"region":         swap("Authorization", "us-east-1", "us-east-2"),
		"service":        swap("Authorization", "/sqs/", "/sns/"),
		"signed headers": swap("Authorization", ";x-amz-security-token", ""),
		"signature":      swap("Authorization", "Signature=", "Signature=0"),
		"no signature":   func(r *http.Request) { r.Header.Set("Authorization", cutSignature(r.Header.Get("Authorization"))) },
	} {
		r := send.signed(t)
		change(r)
		if err := verify(t, r); !refused(err) {
			t.Errorf("header: changed %s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*http.Request){
		"date":           set("X-Amz-Date", now.Add(time.Second).Format(isoBasic)),
		"token":          set("X-Amz-Security-Token", "other"),
		"expires":        set("X-Amz-Expires", "300"),
		"region":         set("X-Amz-Credential", "AKIDEXAMPLE/20260101/us-east-2/sqs/aws4_request"),
		"service":        set("X-Amz-Credential", "AKIDEXAMPLE/20260101/us-east-1/sns/aws4_request"),
		"access key":     set("X-Amz-Credential", "AKIDEXAMPLF/20260101/us-east-1/sqs/aws4_request"),
		"signed headers": set("X-Amz-SignedHeaders", "host;x-amz-target"),
		"signature":      set("X-Amz-Signature", strings.Repeat("0", 64)),
	} {
		r := send.presigned(t)
		change(r)
		if err := verify(t, r); !refused(err) {
			t.Errorf("presigned: changed %s: %v", name, err)
		}
	}
}

// refused reports whether err is the refusal of a signature that does not fit.
func refused(err *api.Error) bool {
	return err != nil && (err.Code == ErrSignature.Code || err.Code == ErrIncomplete.Code)
}

func cutSignature(header string) string {
	before, _, _ := strings.Cut(header, "Signature=")
	return before + "Signature=" + strings.Repeat("a", 64)
}

func TestWrongSecret(t *testing.T) {
	r := send.signed(t)
	s, failed := Parse(r)
	if failed != nil {
		t.Fatal(failed)
	}
	v := NewVerifier(nil)
	for _, c := range []struct {
		secret string
		good   bool
	}{{credentials.SecretAccessKey, true}, {"another secret", false}, {"", false}, {credentials.SecretAccessKey + " ", false}, {credentials.SecretAccessKey, true}} {
		err := v.Verify(s, r, []byte(send.body), c.secret, now)
		if (err == nil) != c.good {
			t.Errorf("secret %q: %v", c.secret, err)
		}
	}
}

// The message for a wrong signature is AWS's; what was expected is its cause, for the log.
func TestMismatchTellsWhatWasExpected(t *testing.T) {
	r := send.signed(t)
	r.Header.Set("X-Amz-Target", "AmazonSQS.DeleteQueue")
	err := verify(t, r)
	if err == nil || err.Message != ErrSignature.Message {
		t.Fatalf("%v", err)
	}
	m, ok := errors.AsType[*Mismatch](err.Cause)
	if !ok {
		t.Fatalf("the cause is %v", err.Cause)
	}
	if want := "POST\n/a/b\nx=1&y=2\n"; !strings.HasPrefix(m.CanonicalRequest, want) || !strings.Contains(m.CanonicalRequest, "\nx-amz-target:AmazonSQS.DeleteQueue\n") {
		t.Errorf("the canonical request is %q", m.CanonicalRequest)
	}
	if want := "AWS4-HMAC-SHA256\n20260101T002000Z\n20260101/us-east-1/sqs/aws4_request\n"; !strings.HasPrefix(m.StringToSign, want) {
		t.Errorf("the string to sign is %q", m.StringToSign)
	}
}

// The texts are those observed on AWS [C1] [E2].
func TestErrors(t *testing.T) {
	header := func(change func(*http.Request)) func(t *testing.T) *http.Request {
		return func(t *testing.T) *http.Request { r := send.signed(t); change(r); return r }
	}
	presigned := func(change func(*http.Request)) func(t *testing.T) *http.Request {
		return func(t *testing.T) *http.Request { r := send.presigned(t); change(r); return r }
	}
	authorization := func(value string) func(t *testing.T) *http.Request {
		return header(func(r *http.Request) { r.Header.Set("Authorization", value) })
	}
	at := func(c call, when time.Time) func(t *testing.T) *http.Request {
		c.at = when
		return func(t *testing.T) *http.Request { return c.signed(t) }
	}
	for _, c := range []struct {
		name    string
		request func(t *testing.T) *http.Request
		want    *api.Error
		text    string
	}{
		{"two signatures", presigned(func(r *http.Request) { r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e") }), ErrSignature,
			"Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."},
		{"another scheme", authorization("Bearer eyJhbGciOi"), api.ErrMissingToken, "Request is missing Authentication Token"},
		{"Basic", authorization("Basic dXNlcjpwYXNz"), api.ErrMissingToken, "Request is missing Authentication Token"},
		{"no parameters", header(func(r *http.Request) {
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256")
			r.Header.Del("X-Amz-Date")
		}), ErrIncomplete,
			"Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256"},
		{"no signature", authorization("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/sqs/aws4_request,SignedHeaders=host"), ErrIncomplete,
			"Authorization header requires 'Signature' parameter. Authorization=AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/sqs/aws4_request,SignedHeaders=host"},
		{"no equal-sign", authorization("AWS4-HMAC-SHA256 Credential=AKID EXAMPLE/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=a"), ErrIncomplete,
			"'EXAMPLE/20260101/us-east-1/sqs/aws4_request' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Credential=AKID EXAMPLE/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=a'."},
		{"a date of another form", header(func(r *http.Request) { r.Header.Set("X-Amz-Date", "2026-01-01T00:20:00Z") }), ErrIncomplete,
			"Date must be in ISO-8601 'basic format'. Got '2026-01-01T00:20:00Z'. See http://en.wikipedia.org/wiki/ISO_8601"},
		{"a fraction of a second", header(func(r *http.Request) { r.Header.Set("X-Amz-Date", "20260101T002000.5Z") }), ErrIncomplete,
			"Date must be in ISO-8601 'basic format'. Got '20260101T002000.5Z'. See http://en.wikipedia.org/wiki/ISO_8601"},
		{"expired", at(send, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), ErrSignature,
			"Signature expired: 20260101T000000Z is now earlier than 20260101T000500Z (20260101T002000Z - 15 min.)"},
		{"not yet current", at(send, time.Date(2026, 1, 1, 0, 40, 0, 0, time.UTC)), ErrSignature,
			"Signature not yet current: 20260101T004000Z is still later than 20260101T003500Z (20260101T002000Z + 15 min.)"},
		{"host not signed", header(swap("Authorization", "host;", "")), ErrSignature, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
		{"target not signed", header(swap("Authorization", ";x-amz-target", "")), ErrSignature, "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."},
		{"target added to a presigned URL", func(t *testing.T) *http.Request {
			r := call{method: "GET", url: "http://localhost/?Action=ListQueues"}.presigned(t)
			r.Header.Set("X-Amz-Target", "AmazonSQS.DeleteQueue")
			return r
		}, ErrSignature, "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization."},
		{"version 4A", header(swap("Authorization", "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")), ErrIncomplete, "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'."},
		{"an unknown algorithm", header(swap("Authorization", "SHA256", "SHA512")), ErrIncomplete, "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512'."},
		{"version 2 in a header", authorization("AWS AKIDEXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg="), api.ErrInvalidToken, "The security token included in the request is invalid."},
		{"version 2 in the query", func(t *testing.T) *http.Request {
			return read(t, "GET /?Action=ListQueues&AWSAccessKeyId=AKIDEXAMPLE&SignatureVersion=2&Signature=x HTTP/1.1\r\nHost: localhost\r\n\r\n")
		}, api.ErrInvalidToken, "The security token included in the request is invalid."},
		{"six elements", header(swap("Authorization", "AKIDEXAMPLE/", "AKID/EXAMPLE/")), ErrIncomplete,
			"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKID/EXAMPLE/20260101/us-east-1/sqs/aws4_request'"},
		{"one element", header(swap("Authorization", "/20260101/us-east-1/sqs/aws4_request", "")), ErrIncomplete,
			"Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIDEXAMPLE'"},
		{"region", header(swap("Authorization", "us-east-1", "wrong-region")), ErrSignature, "Credential should be scoped to a valid region, not 'wrong-region'."},
		{"terminator", header(swap("Authorization", "aws4_request", "aws4")), ErrSignature, "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws4'."},
		{"day", header(swap("Authorization", "20260101", "20251231")), ErrSignature,
			"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20251231' != '20260101', from '20260101T002000Z'."},
		{"the whole scope", header(swap("Authorization", "20260101/us-east-1/sqs/aws4_request", "b/c/d/e")), ErrSignature,
			"Credential should be scoped to a valid region, not 'c'. Credential should be scoped with a valid terminator: 'aws4_request', not 'e'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: 'b' != '20260101', from '20260101T002000Z'."},
		{"presigned: little but the algorithm", func(t *testing.T) *http.Request {
			return read(t, "GET /?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260101T002000Z HTTP/1.1\r\nHost: localhost\r\n\r\n")
		}, ErrIncomplete, "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. Re-examine the query-string parameters."},
		{"presigned: no date", presigned(set("X-Amz-Date", "")), ErrIncomplete, "AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters."},
		{"presigned: an HTTP date", presigned(set("X-Amz-Date", "Thu, 01 Jan 2026 00:20:00 GMT")), ErrIncomplete,
			"Date must be in ISO-8601 'basic format'. Got 'Thu, 01 Jan 2026 00:20:00 GMT'. See http://en.wikipedia.org/wiki/ISO_8601"},
		{"presigned: too long", presigned(set("X-Amz-Expires", "604801")), ErrIncomplete, "X-Amz-Expires must be a number of seconds from 1 to 604800. Got '604801'."},
		{"presigned: no time at all", presigned(set("X-Amz-Expires", "0")), ErrIncomplete, "X-Amz-Expires must be a number of seconds from 1 to 604800. Got '0'."},
		{"presigned: no number", presigned(set("X-Amz-Expires", "1h")), ErrIncomplete, "X-Amz-Expires must be a number of seconds from 1 to 604800. Got '1h'."},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := verify(t, c.request(t))
			if err == nil {
				t.Fatal("the signature was accepted")
			}
			if err.Code != c.want.Code || err.QueryCode != c.want.QueryCode || err.Status != c.want.Status || !err.Common || err.Message != c.text {
				t.Errorf("got  %s %d %q\nwant %s %d %q", err.Code, err.Status, err.Message, c.want.Code, c.want.Status, c.text)
			}
		})
	}
}

// A request is good for a quarter of an hour around its date, to the second;
// a presigned one as well, whatever X-Amz-Expires says.
func TestTimeWindow(t *testing.T) {
	for _, c := range []struct {
		off  time.Duration
		good bool
	}{
		{0, true}, {skew, true}, {-skew, true}, {skew + time.Second, false}, {-skew - time.Second, false},
		{skew + 999*time.Millisecond, true}, {-time.Hour, false}, {24 * time.Hour, false},
	} {
		send := send
		send.url += "&X-Amz-Expires=60"
		for kind, r := range map[string]*http.Request{"header": send.signed(t), "presigned": send.presigned(t)} {
			if err := verifyAt(t, r, now.Add(c.off)); (err == nil) != c.good {
				t.Errorf("%s: %v after it was signed: %v", kind, c.off, err)
			}
		}
	}
	// The day changes between the signature and its arrival.
	late := call{method: "POST", url: "http://localhost/", body: "x", at: time.Date(2025, 12, 31, 23, 59, 50, 0, time.UTC)}
	if err := verifyAt(t, late.signed(t), time.Date(2026, 1, 1, 0, 0, 10, 0, time.UTC)); err != nil {
		t.Errorf("around midnight: %v", err)
	}
	// A server in another time zone.
	if err := verifyAt(t, send.signed(t), now.In(time.FixedZone("", 5*3600))); err != nil {
		t.Errorf("in another time zone: %v", err)
	}
}

func TestInScope(t *testing.T) {
	s, err := Parse(send.signed(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.InScope("sqs"); err != nil {
		t.Errorf("its own service: %v", err)
	}
	if err := s.InScope("kms"); err == nil || err.Message != "Credential should be scoped to correct service: 'kms'." || err.Code != ErrSignature.Code {
		t.Errorf("another service: %v", err)
	}
	legacy := ParseForm([]byte("AWSAccessKeyId=x"))
	if err := legacy.InScope("sqs"); err != nil {
		t.Errorf("a signature without a scope: %v", err)
	}
}

// Clients leave things out, and put things elsewhere.
func TestClientsQuirks(t *testing.T) {
	t.Run("Host signed without its port", func(t *testing.T) {
		c := call{method: "POST", url: "http://localhost/x", body: "Action=ListQueues"}
		for _, host := range []string{"localhost:4566", "localhost"} {
			r := c.signed(t)
			r.Host = host
			if err := verify(t, r); err != nil {
				t.Errorf("%s: %v", host, err)
			}
		}
		six := call{method: "POST", url: "http://[::1]/x", body: "x"}.signed(t)
		six.Host = "[::1]:4566"
		if err := verify(t, six); err != nil {
			t.Errorf("IPv6: %v", err)
		}
	})
	t.Run("Date instead of X-Amz-Date", func(t *testing.T) {
		for _, date := range []string{"Thu, 01 Jan 2026 00:20:00 GMT", "20260101T002000Z"} {
			r := dated(t, "date", date)
			if err := verify(t, r); err != nil {
				t.Errorf("%s: %v", date, err)
			}
			r = dated(t, "date", date)
			r.Header.Set("Date", "Thu, 01 Jan 2026 00:20:01 GMT")
			if err := verify(t, r); !refused(err) {
				t.Errorf("%s, changed: %v", date, err)
			}
		}
	})
	t.Run("X-Amz-Date before Date", func(t *testing.T) {
		r := send.signed(t)
		r.Header.Set("Date", "Thu, 01 Jan 1970 00:00:00 GMT")
		if err := verify(t, r); err != nil {
			t.Error(err)
		}
	})
	t.Run("no spaces, other order", func(t *testing.T) {
		r := send.signed(t)
		fields := strings.Split(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "), ", ")
		r.Header.Set("Authorization", "  AWS4-HMAC-SHA256   "+fields[2]+","+fields[1]+" ,\t"+fields[0]+", Other=x ")
		if err := verify(t, r); err != nil {
			t.Error(err)
		}
	})
	t.Run("parameters encoded otherwise", func(t *testing.T) {
		r := call{method: "GET", url: "http://localhost/?a=b%20c&d=~*"}.presigned(t)
		r.URL.RawQuery = strings.NewReplacer("b%20c", "b+c", "~", "%7E", "%2A", "*", "X-Amz-Signature", "X%2DAmz%2DSignature", "us-east-1", "us%2deast%2d1").Replace(r.URL.RawQuery)
		if err := verify(t, r); err != nil {
			t.Errorf("%v\n%v", err, err.Cause)
		}
	})
	t.Run("a payload that is not signed", func(t *testing.T) {
		for _, payload := range []string{"UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", hexSum("another body")} {
			c := send
			c.header = http.Header{"X-Amz-Content-Sha256": {payload}}
			if err := verify(t, signedAs(t, c, payload)); !refused(err) {
				t.Errorf("%s: %v", payload, err)
			}
			// The header alone changes nothing.
			if err := verify(t, c.signed(t)); err != nil {
				t.Errorf("the header %s: %v", payload, err)
			}
		}
	})
}

// Anything with an access key is told by Parse, for whoever is unknown acts as root.
func TestParseIsLenient(t *testing.T) {
	for _, c := range []struct {
		name, authorization, query string
		want                       Signature
	}{
		{"a key alone", "AWS4-HMAC-SHA256 Credential=test", "", Signature{AccessKeyID: "test"}},
		{"no scope", "AWS4-HMAC-SHA256 Credential=test/20260101, SignedHeaders=host, Signature=x", "", Signature{AccessKeyID: "test"}},
		{"a key with slashes", "AWS4-HMAC-SHA256 Credential=a/b/c/20260101/eu-west-1/sns/aws4_request, SignedHeaders=host, Signature=x", "", Signature{AccessKeyID: "a/b/c", Region: "eu-west-1", Service: "sns"}},
		{"trailing slashes", "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/sns/aws4_request//, SignedHeaders=host, Signature=x", "", Signature{AccessKeyID: "test", Region: "eu-west-1", Service: "sns"}},
		{"any region", "AWS4-HMAC-SHA256 Credential=test/20260101/nowhere/sqs/aws4_request, SignedHeaders=, Signature=", "", Signature{AccessKeyID: "test", Region: "nowhere", Service: "sqs"}},
		{"an unknown algorithm", "AWS4-X Credential=test/20260101/eu-west-1/sns/aws4_request", "", Signature{AccessKeyID: "test", Region: "eu-west-1", Service: "sns"}},
		{"version 4A", "AWS4-ECDSA-P256-SHA256 Credential=test/20260101/sqs/aws4_request, SignedHeaders=host, Signature=x", "", Signature{Version: V4A, AccessKeyID: "test", Region: "eu-west-1", Service: "sqs"}},
		{"version 2 in a header", "AWS test:signature", "", Signature{Version: V2, AccessKeyID: "test"}},
		{"version 2 in the query", "", "Action=ListQueues&AWSAccessKeyId=te%20st&SignatureVersion=2&SecurityToken=t", Signature{Version: V2, AccessKeyID: "te st", SessionToken: "t", Presigned: true}},
		{"presigned, a key alone", "", "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test", Signature{AccessKeyID: "test", Presigned: true}},
		{"presigned", "", "X-Amz-Algorithm=x&X-Amz-Credential=test%2F20260101%2Feu-west-1%2Fsqs%2Faws4_request&X-Amz-Security-Token=t%2B", Signature{AccessKeyID: "test", Region: "eu-west-1", Service: "sqs", Presigned: true, SessionToken: "t+"}},
		{"presigned twice over", "", "X-Amz-Algorithm=x&X-Amz-Credential=test&X-Amz-Credential=other", Signature{AccessKeyID: "test", Presigned: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := read(t, "GET /?"+c.query+" HTTP/1.1\r\nHost: localhost\r\nX-Amz-Region-Set: eu-west-1, us-east-1\r\n\r\n")
			if c.authorization != "" {
				r.Header.Set("Authorization", c.authorization)
			}
			s, err := Parse(r)
			if err != nil || s == nil {
				t.Fatalf("Parse = %v, %v", s, err)
			}
			got := Signature{Version: s.Version, AccessKeyID: s.AccessKeyID, Region: s.Region, Service: s.Service, SessionToken: s.SessionToken, Presigned: s.Presigned}
			if got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
			if err := NewVerifier(nil).Verify(s, r, nil, "secret", now); err == nil {
				t.Error("it was verified")
			}
		})
	}
}

func TestParseForm(t *testing.T) {
	form := url.Values{"Action": {"SendMessage"}, "AWSAccessKeyId": {"a+b/c"}, "Signature": {"x"}, "MessageBody": {"AWSAccessKeyId=evil"}}
	s := ParseForm([]byte(form.Encode()))
	if s == nil || s.AccessKeyID != "a+b/c" || s.Version != V2 {
		t.Errorf("ParseForm = %+v", s)
	}
	for _, body := range []string{"", "Action=ListQueues", `{"AWSAccessKeyId":"x"}`, "AWSAccessKeyId=", "%zz=1&&="} {
		if s := ParseForm([]byte(body)); s != nil {
			t.Errorf("ParseForm(%q) = %+v", body, s)
		}
	}
}

func TestKeysAreBounded(t *testing.T) {
	v := NewVerifier(nil)
	macBy := func(of scope) string { return string(v.key(of).appendMAC(nil, []byte("text"))) }
	first := macBy(scope{"s", "20260101", "us-east-1", "sqs"})
	seen := map[string]bool{first: true}
	for _, other := range []scope{
		{"t", "20260101", "us-east-1", "sqs"}, {"s", "20260102", "us-east-1", "sqs"},
		{"s", "20260101", "us-east-2", "sqs"}, {"s", "20260101", "us-east-1", "sns"},
	} {
		if key := macBy(other); seen[key] {
			t.Errorf("%v has another scope's key", other)
		} else {
			seen[key] = true
		}
	}
	for i := range 3 * maxKeys {
		v.key(scope{strings.Repeat("x", i), "20260101", "us-east-1", "sqs"})
		if n := len(v.keys); n > maxKeys {
			t.Fatalf("%d keys are kept", n)
		}
	}
	if again := macBy(scope{"s", "20260101", "us-east-1", "sqs"}); again != first {
		t.Error("a key changed")
	}
}

// The trail keeps who signed, and not the bodies that said so.
func TestParseFormKeepsNoBody(t *testing.T) {
	body := []byte("AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&MessageBody=" + strings.Repeat("x", 1<<20))
	const n = 32
	keys := make([]string, n)
	before := heap()
	for i := range keys {
		keys[i] = ParseForm(body).AccessKeyID
	}
	if kept := heap() - before; kept > n<<20/2 {
		t.Errorf("%d access keys keep %d bytes", n, kept)
	}
	runtime.KeepAlive(body)
	runtime.KeepAlive(keys)
}

// heap is how many bytes are in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
