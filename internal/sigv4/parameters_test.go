package sigv4

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Signature Version 2 is made of it
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/api"
)

// presignedV2 is a request presigned by version 2, as clients do it: text is what they
// sign between the method and the resource, and query stands in the URL.
func presignedV2(t *testing.T, method, text, resource, query string, headers ...string) *http.Request {
	t.Helper()
	const expires = "1772600000"
	h := hmac.New(sha1.New, []byte(objectSecret))
	h.Write([]byte(method + "\n" + strings.Replace(text, "EXPIRES", expires, 1) + resource))
	uri, _, _ := strings.Cut(resource, "?")
	signature := url.QueryEscape(base64.StdEncoding.EncodeToString(h.Sum(nil)))
	r, err := http.NewRequest(method, "http://localhost"+uri+"?AWSAccessKeyId=AKIA&Signature="+signature+"&Expires="+expires+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return arrived(t, r)
}

// What changes what a presigned URL of version 2 is for is signed, wherever it is written.
func TestPresignedByVersion2(t *testing.T) {
	const plain, typed, private = "\n\nEXPIRES\n", "\ntext/plain\nEXPIRES\n", "\n\nEXPIRES\nx-amz-acl:private\n"
	const object, wrong = "/bucket/key", "SignatureDoesNotMatch"
	for _, test := range []struct {
		name    string
		request *http.Request
		want    string
	}{
		{"as signed", presignedV2(t, "PUT", plain, object, ""), ""},
		{"S137: the type in the query", presignedV2(t, "PUT", typed, object, "&content-type=text%2Fplain"), ""},
		{"S137: the type in both", presignedV2(t, "PUT", typed, object, "&content-type=text%2Fplain", "Content-Type", "text/plain"), ""},
		{"S137: another type in the header", presignedV2(t, "PUT", typed, object, "&content-type=text%2Fplain", "Content-Type", "text/html"), wrong},
		{"a type that was added", presignedV2(t, "PUT", plain, object, "&content-type=text%2Fplain"), wrong},
		{"a header in the query", presignedV2(t, "PUT", private, object, "&x-amz-acl=private"), ""},
		{"a header in both", presignedV2(t, "PUT", private, object, "&x-amz-acl=private", "X-Amz-Acl", "private"), ""},
		{"another header", presignedV2(t, "PUT", private, object, "&x-amz-acl=private", "X-Amz-Acl", "public-read"), wrong},
		{"a header that was added", presignedV2(t, "PUT", plain, object, "&x-amz-acl=public-read"), wrong},
		{"an override that was added", presignedV2(t, "GET", plain, object, "&response-content-type=text/html"), wrong},
		{"one with a semicolon", presignedV2(t, "GET", plain, object, "&response-content-type=text/html;charset=utf-8"), wrong},
		{"a part that was added", presignedV2(t, "PUT", plain, "/bucket", "&publicAccessBlock"), wrong},
		{"a part that was signed", presignedV2(t, "PUT", plain, "/bucket?acl", "&acl"), ""},
		{"what is nothing", presignedV2(t, "GET", plain, object, "&x-id=GetObject"), ""},
	} {
		o := objectOf(t, test.request)
		if got := codeOf(NewVerifier(nil).VerifyObject(o, objectSecret, time.Unix(1772599000, 0))); got != test.want {
			t.Errorf("%s: %q, not %q", test.name, got, test.want)
		}
	}
}

// objectOf is a request for an object as a server with these parts verifies it.
func objectOf(t *testing.T, r *http.Request) *Object {
	o := object(t, r)
	o.Parts = []string{"acl", "publicAccessBlock"}
	return o
}

func codeOf(e *api.Error) string {
	if e == nil {
		return ""
	}
	return e.Code
}

// What a presigned URL of version 4 says in place of headers, and what may be sent with it.
func TestPresignedParameters(t *testing.T) {
	const uri = "/bucket/key?X-Amz-Expires=60"
	signed := func(r *http.Request) { r.Header.Set("X-Amz-Server-Side-Encryption", "AES256") }
	with := func(r *http.Request, name, value string) *http.Request {
		r.Header.Set(name, value)
		return r
	}
	without := func(r *http.Request, name string) *http.Request {
		r.Header.Del(name)
		return r
	}
	// As the SDK for JavaScript, version 2, does it: among the signed headers, and in the query.
	both := func() *http.Request {
		return presigned(t, uri+"&x-amz-meta-color=red", func(r *http.Request) { r.Header.Set("X-Amz-Meta-Color", "red") })
	}
	for _, test := range []struct {
		name    string
		request *http.Request
		want    string
	}{
		{"S135: a hash that is not signed", with(presigned(t, uri, nil), contentHeader, unsigned), ""},
		{"S135: another that is not signed", with(presigned(t, uri, nil), contentHeader, streaming), ""},
		{"S135: another header", with(presigned(t, uri, nil), "X-Amz-User-Agent", "x"), "AccessDenied"},
		{"a signed header", presigned(t, uri, signed), ""},
		{"a signed header that is not sent", without(presigned(t, uri, signed), "X-Amz-Server-Side-Encryption"), "SignatureDoesNotMatch"},
		{"S136: one that the query has", without(both(), "X-Amz-Meta-Color"), ""},
		{"S136: in both", both(), ""},
		{"in both, and another", with(both(), "X-Amz-Meta-Color", "blue"), "SignatureDoesNotMatch"},
		{"a time that is sent", with(presigned(t, uri, nil), "X-Amz-Expires", "5"), "AccessDenied"},
	} {
		if got := codeOf(verified(t, test.request, objectTime)); got != test.want {
			t.Errorf("%s: %q, not %q", test.name, got, test.want)
		}
	}
}

func TestWithParameters(t *testing.T) {
	const v4, v2 = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA/20260304/us-east-1/s3/aws4_request&", "AWSAccessKeyId=AKIA&Signature=x&Expires=1&"
	for _, test := range []struct{ name, query, want string }{
		{"S136: metadata", v4 + "x-amz-meta-a=1&X-Amz-Meta-B=2", "X-Amz-Meta-A: 1\r\nX-Amz-Meta-B: 2\r\n"},
		{"S136: conditions", v4 + "If-None-Match=*&if-match=x", "If-Match: x\r\nIf-None-Match: *\r\n"},
		{"S094: a checksum", v4 + "x-amz-checksum-crc32=AAAAAA==&x-amz-sdk-checksum-algorithm=CRC32", ""},
		{"of the signature", v4 + "X-Amz-Date=1&X-Amz-Security-Token=t&X-Amz-SignedHeaders=host&X-Amz-Expires=1&X-Amz-Signature=s&X-Amz-Content-Sha256=h", ""},
		{"others", v4 + "Content-Type=a&range=b&authorization=c", ""},
		{"what is there", v4 + "x-amz-acl=private", ""},
		{"S137: version 2", v2 + "x-amz-meta-a=1&content-type=b&content-md5=c&If-Match=d", "Content-Md5: c\r\nContent-Type: b\r\nX-Amz-Meta-A: 1\r\n"},
		{"what version 2 does not sign", v2 + "X-Amz-Meta-A=1&Content-Type=b", ""},
		{"nobody's", "x-amz-meta-a=1&If-Match=x", ""},
	} {
		r, err := http.NewRequest(http.MethodPut, "http://localhost/bucket/key?"+test.query, nil)
		if err != nil {
			t.Fatal(err)
		}
		if test.name == "what is there" {
			r.Header.Set("X-Amz-Acl", "public-read")
			test.want = "X-Amz-Acl: public-read\r\n"
		}
		s, refused := Parse(r)
		if refused != nil {
			t.Fatal(refused)
		}
		o := &Object{Signature: s, Request: r}
		var got strings.Builder
		if err := o.WithParameters(r).Header.Write(&got); err != nil {
			t.Fatal(err)
		}
		if got.String() != test.want {
			t.Errorf("%s: %q", test.name, got.String())
		}
	}
}

// A region that Host names is the one that requests are signed for.
func TestRegionOfHost(t *testing.T) {
	header, url := objectRequest(t, "GET", "/bucket/key", unsigned, nil), presigned(t, "/bucket/key?X-Amz-Expires=60", nil)
	for _, test := range []struct {
		name, region, want string
		request            *http.Request
	}{
		{"the same", "us-east-1", "", header},
		{"S047: another", "eu-west-1", "AuthorizationHeaderMalformed: The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'", header},
		{"S047: of a URL", "eu-west-1", "AuthorizationQueryParametersError: Error parsing the X-Amz-Credential parameter; the region 'us-east-1' is wrong; expecting 'eu-west-1'", url},
	} {
		o := object(t, test.request)
		o.HostRegion = test.region
		for _, err := range []*api.Error{NewVerifier(nil).VerifyObject(o, objectSecret, objectTime), NewVerifier(nil).KnownRegion(o)} {
			got := ""
			if err != nil {
				got = err.Code + ": " + err.Message
			}
			if got != test.want || err != nil && (len(err.Details) != 1 || err.Details[0].Value != test.region) {
				t.Errorf("%s: %s %v", test.name, got, err)
			}
		}
	}
}
