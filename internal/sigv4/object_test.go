package sigv4

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdkv4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/waxseal/waxseal/internal/api"
)

var objectTime = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

const objectSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

// objectRequest is a request as a server reads it, signed by the SDK's signer.
func objectRequest(t *testing.T, method, uri, payload string, change func(*http.Request)) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, "http://localhost:4566"+uri, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Content-Sha256", payload)
	if change != nil {
		change(r)
	}
	signer := sdkv4.NewSigner(func(o *sdkv4.SignerOptions) { o.DisableURIPathEscaping = true })
	if err := signer.SignHTTP(t.Context(), aws.Credentials{AccessKeyID: "AKIA", SecretAccessKey: objectSecret}, r, payload, "s3", "us-east-1", objectTime); err != nil {
		t.Fatal(err)
	}
	return arrived(t, r)
}

// arrived is a request as it comes over the connection.
func arrived(t *testing.T, r *http.Request) *http.Request {
	t.Helper()
	var b strings.Builder
	if err := r.Write(&b); err != nil {
		t.Fatal(err)
	}
	got, err := http.ReadRequest(bufio.NewReader(strings.NewReader(b.String())))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func presigned(t *testing.T, uri string, change func(*http.Request)) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://localhost:4566"+uri, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r)
	}
	signer := sdkv4.NewSigner(func(o *sdkv4.SignerOptions) { o.DisableURIPathEscaping = true })
	signed, _, err := signer.PresignHTTP(t.Context(), aws.Credentials{AccessKeyID: "AKIA", SecretAccessKey: objectSecret, SessionToken: "token/+="}, r, unsigned, "s3", "us-east-1", objectTime)
	if err != nil {
		t.Fatal(err)
	}
	if r.URL, err = url.Parse(signed); err != nil {
		t.Fatal(err)
	}
	return arrived(t, r)
}

func object(t *testing.T, r *http.Request) *Object {
	t.Helper()
	s, err := Parse(r)
	if err != nil {
		t.Fatal(err)
	}
	return &Object{Signature: s, Request: r}
}

// verified is the code of what is wrong with a request for an object; empty: nothing.
func verified(t *testing.T, r *http.Request, now time.Time) *api.Error {
	t.Helper()
	return NewVerifier(nil).VerifyObject(object(t, r), objectSecret, now)
}

func TestVerifyObject(t *testing.T) {
	const plain = "/bucket/key"
	for _, test := range []struct {
		name    string
		request *http.Request
		after   time.Duration
		want    string
	}{
		{"S128: a path is signed as it is sent", objectRequest(t, "PUT", "/bucket//a/../b%20c/%2525/é+", unsigned, nil), 0, ""},
		{"a hash", objectRequest(t, "PUT", plain, strings.Repeat("a", 64), nil), 0, ""},
		{"a query", objectRequest(t, "GET", "/bucket?list-type=2&prefix=a%2Fb%20c&acl", unsigned, nil), 0, ""},
		{"S126: at another time", objectRequest(t, "GET", plain, unsigned, nil), 16 * time.Minute, "RequestTimeTooSkewed"},
		{"S120: changed", func() *http.Request {
			r := objectRequest(t, "GET", plain, unsigned, nil)
			r.URL.Path = "/bucket/other"
			return r
		}(), 0, "SignatureDoesNotMatch"},
		{"S124: a header that is not signed", func() *http.Request {
			r := objectRequest(t, "PUT", plain, unsigned, nil)
			r.Header.Set("X-Amz-Acl", "public-read")
			return r
		}(), 0, "AccessDenied"},
		{"another header that is not signed", func() *http.Request {
			r := objectRequest(t, "PUT", plain, unsigned, nil)
			r.Header.Set("Cache-Control", "no-store")
			return r
		}(), 0, ""},
		{"no hash", func() *http.Request {
			r := objectRequest(t, "PUT", plain, unsigned, nil)
			r.Header.Del("X-Amz-Content-Sha256")
			return r
		}(), 0, "InvalidRequest"},
		{"presigned", presigned(t, plain+"?X-Amz-Expires=60&response-content-type=a%2Fb", nil), time.Minute, ""},
		{"S121: presigned and late", presigned(t, plain+"?X-Amz-Expires=60", nil), 61 * time.Second, "AccessDenied"},
		{"presigned for a week", presigned(t, plain+"?X-Amz-Expires=604800", nil), 604800 * time.Second, ""},
		{"S123: presigned for longer", presigned(t, plain+"?X-Amz-Expires=604801", nil), 0, "AuthorizationQueryParametersError"},
		{"S122: presigned without an end", presigned(t, plain, nil), 0, "AuthorizationQueryParametersError"},
		{"presigned for no time at all", presigned(t, plain+"?X-Amz-Expires=x", nil), 0, "AuthorizationQueryParametersError"},
		{"presigned for the past", presigned(t, plain+"?X-Amz-Expires=-1", nil), 0, "AuthorizationQueryParametersError"},
		{"presigned for the future", presigned(t, plain+"?X-Amz-Expires=60", nil), -16 * time.Minute, "AccessDenied"},
		{"presigned and changed", func() *http.Request {
			r := presigned(t, plain+"?X-Amz-Expires=60", nil)
			r.URL.RawQuery += "&versionId=x"
			return r
		}(), 0, "SignatureDoesNotMatch"},
		{"version 4A", func() *http.Request {
			r := objectRequest(t, "GET", plain, unsigned, nil)
			r.Header.Set("Authorization", "AWS4-ECDSA-P256-SHA256 Credential=AKIA/20260304/s3/aws4_request, SignedHeaders=host, Signature=x")
			return r
		}(), 0, "InvalidRequest"},
		{"a scope of another day", func() *http.Request {
			r := objectRequest(t, "GET", plain, unsigned, nil)
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "20260304", "20260303", 1))
			return r
		}(), 0, "AuthorizationHeaderMalformed"},
		{"S047: a region that there is not", func() *http.Request {
			r := objectRequest(t, "GET", plain, unsigned, nil)
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "us-east-1", "us-est-1", 1))
			return r
		}(), 0, "AuthorizationHeaderMalformed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			err := verified(t, test.request, objectTime.Add(test.after))
			if err != nil {
				got = err.Code
			}
			if got != test.want {
				t.Errorf("%q, not %q: %v", got, test.want, err)
			}
		})
	}
}

// What S3 tells of a signature that is wrong, or late.
func TestObjectErrorDetails(t *testing.T) {
	names := func(e *api.Error) string {
		var all []string
		for _, d := range e.Details {
			all = append(all, d.Name)
		}
		return strings.Join(all, " ")
	}
	changed := objectRequest(t, "GET", "/bucket/key", unsigned, nil)
	changed.Method = "PUT"
	unsignedHeaders := objectRequest(t, "PUT", "/bucket/key", unsigned, nil)
	unsignedHeaders.Header["X-Amz-Tagging"], unsignedHeaders.Header["X-Amz-Acl"] = []string{"a=b"}, []string{"private"}
	for _, test := range []struct{ name, got, want string }{
		{"S120", names(verified(t, changed, objectTime)), "AWSAccessKeyId StringToSign SignatureProvided StringToSignBytes CanonicalRequest CanonicalRequestBytes"},
		{"S121", names(verified(t, presigned(t, "/b/k?X-Amz-Expires=1", nil), objectTime.Add(time.Hour))), "X-Amz-Expires Expires ServerTime"},
		{"S124", verified(t, unsignedHeaders, objectTime).Details[0].Value, "x-amz-acl, x-amz-tagging"},
		{"S126", names(verified(t, changed, objectTime.Add(time.Hour))), "RequestTime ServerTime MaxAllowedSkewMilliseconds"},
	} {
		if test.got != test.want {
			t.Errorf("%s: %s", test.name, test.got)
		}
	}
}

// The chunks of AWS's own example: 65 KiB of the letter a in pieces of 64 KiB, signed with
// the keys of its documentation, and the same with a header behind the body.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html.
func exampleChunks(trailer bool) (*Object, []string) {
	r, _ := http.NewRequest(http.MethodPut, "https://s3.amazonaws.com/examplebucket/chunkObject.txt", nil)
	r.Header.Set("X-Amz-Decoded-Content-Length", "66560")
	r.Header.Set("X-Amz-Date", "20130524T000000Z")
	r.Header.Set(contentHeader, streaming)
	seed := "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
	signatures := []string{
		"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
		"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
		"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
	}
	if trailer {
		r.Header.Set(contentHeader, streamingTrailer)
		r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32c")
		seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
		signatures = []string{
			"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
			"1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
			"2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
			"d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
		}
	}
	return &Object{Request: r, Signature: &Signature{
		AccessKeyID: "AKIAIOSFODNN7EXAMPLE", Region: "us-east-1", Service: "s3", date: "20130524", terminator: terminator,
		signature: seed, timestamp: "20130524T000000Z", algorithm: algorithmV4,
	}}, signatures
}

// framed writes pieces with their signatures; without any where there are none.
func framed(signatures []string, pieces ...string) string {
	var b strings.Builder
	for i, piece := range append(pieces, "") {
		fmt.Fprintf(&b, "%x", len(piece))
		if signatures != nil {
			b.WriteString(";chunk-signature=" + signatures[i])
		}
		b.WriteString("\r\n" + piece)
		if piece != "" {
			b.WriteString("\r\n")
		}
	}
	return b.String()
}

func TestChunks(t *testing.T) {
	first, second := strings.Repeat("a", 64<<10), strings.Repeat("a", 1<<10)
	_, plain := exampleChunks(false)
	_, trailing := exampleChunks(true)
	const checksum = "x-amz-checksum-crc32c:sOO8/Q==\r\n"
	whole := framed(plain, first, second) + "\r\n"
	wholeTrailing := framed(trailing, first, second) + checksum + "x-amz-trailer-signature:" + trailing[3] + "\r\n\r\n"
	unsignedWhole := framed(nil, first, second) + checksum + "\r\n"
	const short, wrong, malformed = "IncompleteBody", "SignatureDoesNotMatch", "MalformedTrailerError"
	for _, test := range []struct {
		name, kind, body, want string
		unknown                bool // the secret is not known
	}{
		{"S110: signed", streaming, whole, "", false},
		{"S111: with a signed trailer", streamingTrailer, wholeTrailing, "", false},
		{"S092: with an unsigned one", unsignedTrailer, unsignedWhole, "", false},
		{"a client that ends early", unsignedTrailer, strings.TrimSuffix(unsignedWhole, "\r\n"), "", false},
		{"an unknown secret", streaming, strings.ReplaceAll(whole, plain[0], "0"), "", true},
		{"a changed piece", streaming, strings.Replace(whole, "aaaa", "aaab", 1), wrong, false},
		{"a changed last signature", streaming, strings.Replace(whole, plain[2], plain[1], 1), wrong, false},
		{"no signature", streaming, framed(nil, first, second) + "\r\n", wrong, false},
		{"a changed trailer", streamingTrailer, strings.Replace(wholeTrailing, "sOO8", "sOO9", 1), wrong, false},
		{"a trailer without its signature", streamingTrailer, framed(trailing, first, second) + checksum + "\r\n", wrong, false},
		{"no trailer", unsignedTrailer, framed(nil, first, second) + "\r\n", malformed, false},
		{"another trailer", unsignedTrailer, framed(nil, first, second) + "x-amz-checksum-sha1:x\r\n\r\n", malformed, false},
		{"no header", unsignedTrailer, framed(nil, first, second) + "x\r\n\r\n", malformed, false},
		{"many trailers", unsignedTrailer, framed(nil, first, second) + strings.Repeat(checksum, 100) + "\r\n", malformed, false},
		{"S019: too short", unsignedTrailer, framed(nil, first) + checksum + "\r\n", short, false},
		{"too long", unsignedTrailer, framed(nil, first, second, "a") + checksum + "\r\n", short, false},
		{"cut in a piece", unsignedTrailer, unsignedWhole[:1000], short, false},
		{"cut in a line", unsignedTrailer, unsignedWhole[:3], short, false},
		{"cut before the last piece", unsignedTrailer, framed(nil, first, second)[:66576], short, false},
		{"no length", unsignedTrailer, "x\r\n", short, false},
		{"a negative length", unsignedTrailer, "-1\r\n", short, false},
		{"a length beyond all", unsignedTrailer, "ffffffffffffffffffff\r\n", short, false},
		{"a line without an end", unsignedTrailer, strings.Repeat("1", 1<<20), short, false},
		{"nothing", unsignedTrailer, "", short, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			o, _ := exampleChunks(test.kind != streaming)
			o.Request.Header.Set(contentHeader, test.kind)
			o.Request.Body = io.NopCloser(strings.NewReader(test.body))
			secret := objectSecret
			if test.unknown {
				secret = ""
			}
			body, refused := NewVerifier(nil).Body(o, secret)
			if refused != nil {
				t.Fatal(refused)
			}
			text, err := io.ReadAll(body)
			got := ""
			if e, ok := errors.AsType[*api.Error](err); ok {
				got = e.Code
			} else if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Fatalf("%q, not %q", got, test.want)
			}
			if test.want == "" && (string(text) != first+second || body.Length() != int64(len(text)) || test.kind != streaming && body.Trailer("X-Amz-Checksum-Crc32c") != "sOO8/Q==") {
				t.Errorf("%d bytes of %d, trailer %q", len(text), body.Length(), body.Trailer("x-amz-checksum-crc32c"))
			}
			if _, again := body.Read(make([]byte, 1)); again == nil {
				t.Error("there is more behind the end")
			}
		})
	}
}

func TestBody(t *testing.T) {
	sum := hexSum("content")
	for _, test := range []struct{ name, kind, body, want string }{
		{"nothing is said", "", "content", ""},
		{"unsigned", unsigned, "content", ""},
		{"a hash", sum, "content", ""},
		{"S113: another hash", hexSum("other"), "content", "XAmzContentSHA256Mismatch"},
		{"S109: no hash", "hash", "content", "InvalidArgument"},
		{"S112: pieces without a length", unsignedTrailer, "content", "MissingContentLength"},
		{"S019: shorter than announced", unsigned, "conten", "IncompleteBody"},
	} {
		r, _ := http.NewRequest(http.MethodPut, "http://localhost/b/k", io.NopCloser(strings.NewReader(test.body)))
		r.ContentLength = int64(len("content"))
		r.Header.Set(contentHeader, test.kind)
		body, refused := NewVerifier(nil).Body(&Object{Request: r}, "")
		var err error = refused
		if refused == nil {
			_, err = io.ReadAll(body)
		}
		got := ""
		if e, ok := errors.AsType[*api.Error](err); ok && e != nil {
			got = e.Code
		}
		if got != test.want {
			t.Errorf("%s: %q, not %q", test.name, got, test.want)
		}
	}
}

// The examples of AWS's documentation.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html.
func TestVersion2(t *testing.T) {
	const host, date = "johnsmith.s3.amazonaws.com", "Tue, 27 Mar 2007 19:36:42 +0000"
	at := time.Date(2007, 3, 27, 19, 36, 42, 0, time.UTC)
	const query = "AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620"
	get := func(uri, authorization string, headers ...string) *http.Request {
		r, err := http.NewRequest(http.MethodGet, "http://"+host+uri, nil)
		if err != nil {
			t.Fatal(err)
		}
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
			r.Header.Set("Date", date)
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		return arrived(t, r)
	}
	const key = "AWS AKIAIOSFODNN7EXAMPLE:"
	for _, test := range []struct {
		name    string
		request *http.Request
		now     time.Time
		want    string
	}{
		{"an object", get("/photos/puppy.jpg", key+"bWq2s1WEIj+Ydj0vQ697zp+IXMU="), at, ""},
		{"a subresource", get("/?acl", key+"c2WLPFtWHVgbEmeEG93a4cG37dM=", "Date", "Tue, 27 Mar 2007 19:44:46 +0000"), at, ""},
		{"a list, whose parameters are not signed", get("/?prefix=photos&max-keys=50&marker=puppy", key+"htDYFYduRNen8P9ZfE/s9SuKy0U=", "Date", "Tue, 27 Mar 2007 19:42:41 +0000"), at, ""},
		{"a query", get("/photos/puppy.jpg?"+query, ""), at, ""},
		{"S127: too late", get("/photos/puppy.jpg?"+query, ""), at.Add(48 * time.Hour), "AccessDenied"},
		{"S126: too late", get("/photos/puppy.jpg", key+"bWq2s1WEIj+Ydj0vQ697zp+IXMU="), at.Add(time.Hour), "RequestTimeTooSkewed"},
		{"no date", get("/photos/puppy.jpg", key+"bWq2s1WEIj+Ydj0vQ697zp+IXMU=", "Date", "x"), at, "AccessDenied"},
		{"S124: a content type that is not signed", get("/photos/puppy.jpg?"+query, "", "Content-Type", "text/plain"), at, "SignatureDoesNotMatch"},
		{"another object", get("/photos/kitten.jpg?"+query, ""), at, "SignatureDoesNotMatch"},
		{"a version behind what is no separator", get("/photos/puppy.jpg?"+query+"&versionId=;", ""), at, "SignatureDoesNotMatch"},
		{"no end", get("/photos/puppy.jpg?"+strings.Replace(query, "1175139620", "x", 1), ""), at, "AccessDenied"},
	} {
		o := objectOf(t, test.request)
		o.Bucket = "johnsmith"
		err := NewVerifier(nil).VerifyObject(o, objectSecret, test.now)
		got := ""
		if err != nil {
			got = err.Code
		}
		if got != test.want {
			t.Errorf("%s: %q, not %q: %v", test.name, got, test.want, err)
		}
	}
}

// Some parameters of a signature without the others are no request of nobody's.
func TestIncompleteSignatures(t *testing.T) {
	const v2 = "Signature=a&Expires=1&AWSAccessKeyId=b"
	for _, test := range []struct{ query, header, want string }{
		{"", "", ""},
		{"prefix=Signature", "", ""},
		{v2, "", ""},
		{"Signature=a&Expires=1", "", "AccessDenied"},
		{"AWSAccessKeyId=b", "", "AccessDenied"},
		{"AWSAccessKeyId=b&Signature=", "", "AccessDenied"},
		{"S122: X-Amz-Signature=a&X-Amz-Credential=b", "", "AuthorizationQueryParametersError"},
		{v2, "AWS AKIA:x", ErrSignature.Code},
		{"prefix=Signature=", "AWS AKIA:x", ""},
	} {
		r, _ := http.NewRequest(http.MethodGet, "http://localhost/b/k?"+strings.TrimPrefix(test.query, "S122: "), nil)
		if test.header != "" {
			r.Header.Set("Authorization", test.header)
		}
		if got := codeOf(object(t, r).Incomplete()); got != test.want {
			t.Errorf("%q: %q", test.query, got)
		}
	}
}
