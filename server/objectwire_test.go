package server_test

import (
	"crypto/md5" //nolint:gosec // Content-MD5 is made of it
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

// What a document is said to be is compared with it, also where nobody verifies a signature.
func TestDocumentsAreAsTheirHeadersSay(t *testing.T) {
	s := withBucket(t)
	const deletion, versioning = `<Delete><Object><Key>k</Key></Object></Delete>`, `<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>`
	sum := func(document string) string {
		digest := md5.Sum([]byte(document)) //nolint:gosec // see above
		return base64.StdEncoding.EncodeToString(digest[:])
	}
	const other = "AAAAAAAAAAAAAAAAAAAAAA=="
	for _, test := range []struct {
		name, method, target, document string
		header                         []string
		status                         int
		want                           string
	}{
		{"S080: none", "POST", "/pics?delete", deletion, nil, 400, "<Code>InvalidRequest</Code><Message>Missing required header for this request: Content-MD5 OR x-amz-checksum-*<"},
		{"S080: no checksum", "POST", "/pics?delete", deletion, []string{"X-Amz-Checksum-Type", "FULL_OBJECT"}, 400, "Missing required header"},
		{"S080: a digest", "POST", "/pics?delete", deletion, []string{"Content-MD5", sum(deletion)}, 200, "<Deleted><Key>k</Key>"},
		{"S081: another digest", "POST", "/pics?delete", deletion, []string{"Content-MD5", other}, 400, "<Code>BadDigest</Code><Message>The Content-MD5 you specified did not match what we received.</Message><ExpectedDigest>" + other + "</ExpectedDigest><CalculatedDigest>" + sum(deletion)},
		{"S081: no digest", "POST", "/pics?delete", deletion, []string{"Content-MD5", "x"}, 400, "<Code>InvalidDigest</Code>"},
		{"S080: a checksum", "POST", "/pics?delete", deletion, []string{"X-Amz-Checksum-Crc32", "A8uZRQ=="}, 200, "<Deleted><Key>k</Key>"},
		{"S096: another checksum", "POST", "/pics?delete", deletion, []string{"X-Amz-Checksum-Crc32", "AAAAAA=="}, 400, "<Code>BadDigest</Code><Message>The CRC32 you specified did not match the calculated checksum.<"},
		{"S095: no checksum", "POST", "/pics?delete", deletion, []string{"X-Amz-Checksum-Crc32", "x"}, 400, "Value for x-amz-checksum-crc32 header is invalid."},
		{"S097: two", "POST", "/pics?delete", deletion, []string{"X-Amz-Checksum-Crc32", "AAAAAA==", "X-Amz-Checksum-Crc32c", "AAAAAA=="}, 400, "Expecting a single x-amz-checksum- header."},
		{"an algorithm that is not here", "POST", "/pics?delete", deletion, []string{"X-Amz-Checksum-Md5", other}, 400, "Checksum algorithm provided is unsupported."},
		{"another document", "PUT", "/pics?versioning", versioning, []string{"Content-MD5", other}, 400, "<Code>BadDigest</Code>"},
		{"another policy", "PUT", "/pics?policy", "{}", []string{"X-Amz-Checksum-Crc32", "AAAAAA=="}, 400, "<Code>BadDigest</Code>"},
		{"a document without", "PUT", "/pics?versioning", versioning, nil, 200, ""},
		{"a checksum of the object", "POST", "/pics/k?uploadId=x", "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>", []string{"X-Amz-Checksum-Crc32", "AAAAAA=="}, 404, "<Code>NoSuchUpload</Code>"},
	} {
		w := askS3(s, test.method, test.target, test.document, append([]string{"Authorization", objectScope}, test.header...)...)
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) {
			t.Errorf("%s: %d %s", test.name, w.Code, w.Body)
		}
	}
}

// elementsIn are the names of the elements within a document's root, in their order.
func elementsIn(t *testing.T, document string) (names []string) {
	t.Helper()
	d, depth := xml.NewDecoder(strings.NewReader(document)), 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return names
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth++; depth == 2 {
				names = append(names, token.Name.Local)
			}
		case xml.EndElement:
			depth--
		}
	}
}

// Some clients count on the order of what they are told.
func TestOrderOfElements(t *testing.T) {
	s := withBucket(t)
	askS3(s, "PUT", "/pics/a", "x", "Authorization", objectScope)
	askS3(s, "PUT", "/pics/b/c", "x", "Authorization", objectScope)
	for target, want := range map[string]string{
		"/":                            "Owner Buckets",
		"/pics?delimiter=/":            "Name Prefix Marker MaxKeys Delimiter IsTruncated Contents CommonPrefixes",
		"/pics?list-type=2":            "Name Prefix KeyCount MaxKeys IsTruncated Contents Contents",
		"/pics?versions&delimiter=%2F": "Name Prefix KeyMarker VersionIdMarker MaxKeys Delimiter IsTruncated CommonPrefixes Version",
		"/pics/a?attributes":           "ETag Checksum StorageClass ObjectSize",
	} {
		w := askS3(s, "GET", target, "", "Authorization", objectScope, "X-Amz-Object-Attributes", "ObjectSize,StorageClass,Checksum,ETag")
		if got := strings.Join(elementsIn(t, w.Body.String()), " "); got != want {
			t.Errorf("%s: %s, not %s", target, got, want)
		}
	}
}

// What us-east-1 tells of a bucket wherever it is, and how an empty answer is written.
func TestBucketsElsewhere(t *testing.T) {
	s := withBucket(t)
	europe := strings.Replace(objectScope, "us-east-1", "eu-west-1", 1)
	if w := askS3(s, "PUT", "/euro", "<CreateBucketConfiguration><LocationConstraint>EU</LocationConstraint></CreateBucketConfiguration>", "Authorization", europe); w.Code != 200 {
		t.Fatal(w.Body)
	}
	const namespace = ` xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`
	const presigned = "AWSAccessKeyId=test&Signature=x&Expires=9999999999"
	for _, test := range []struct {
		name, target, scope, want string
	}{
		{"S138: from us-east-1", "/euro?location", objectScope, "<LocationConstraint" + namespace + ">EU</LocationConstraint>"},
		{"from where it is", "/euro?location", europe, "<LocationConstraint" + namespace + ">EU</LocationConstraint>"},
		{"S048: from elsewhere", "/pics?location", europe, "<Code>PermanentRedirect</Code>"},
		{"S048: other calls", "/euro?versioning", objectScope, "<Code>PermanentRedirect</Code>"},
		{"S035: nothing", "/pics?location", objectScope, "<LocationConstraint" + namespace + "/>"},
		{"a signature that names no region", "/euro/k?" + presigned, "", "<Code>NoSuchKey</Code>"},
		{"S047: another region's host", "http://s3.eu-west-1.localhost/pics/k", objectScope, "<Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message><Region>eu-west-1</Region>"},
		{"its own", "http://s3.eu-west-1.localhost/euro/k", europe, "<Code>NoSuchKey</Code>"},
	} {
		var header []string
		if test.scope != "" {
			header = []string{"Authorization", test.scope}
		}
		if w := askS3(s, "GET", test.target, "", header...); !strings.Contains(strings.ReplaceAll(w.Body.String(), "&#39;", "'"), test.want) {
			t.Errorf("%s: %d %s", test.name, w.Code, w.Body)
		}
	}
	if w := askS3(s, "HEAD", "/pics", "", "Authorization", objectScope); w.Header().Get("Content-Type") != "application/xml" || !slices.Equal(w.Header()["X-Amz-Bucket-Region"], []string{"us-east-1"}) {
		t.Errorf("S018: %v", w.Header())
	}
}

// A page that asks first is told that no bucket lets pages of other origins in.
func TestPreflights(t *testing.T) {
	s := withBucket(t)
	const elsewhere = "https://page.example"
	for _, test := range []struct {
		name, target string
		header       []string
		status       int
		want         string
	}{
		{"S139: nothing is said", "/pics/k", nil, 400, "<Code>BadRequest</Code><Message>Insufficient information. Origin request header needed.<"},
		{"S139: a method", "/pics/k", []string{"Origin", elsewhere, "Access-Control-Request-Method", "PUT"}, 403, "<Code>AccessForbidden</Code><Message>CORSResponse: CORS is not enabled for this bucket.</Message><Method>PUT</Method><ResourceType>BUCKET<"},
		{"S139: no method", "http://pics.localhost/k", []string{"Origin", elsewhere}, 403, "<Method>OPTIONS</Method>"},
		{"S139: no bucket", "/none/k", []string{"Origin", elsewhere}, 403, "CORSResponse: Bucket not found"},
		{"a host that anybody may have pointed here", "http://evil.example/pics/k", []string{"Origin", elsewhere}, 403, "Refused by waxseal"},
	} {
		w := askS3(s, "OPTIONS", test.target, "", test.header...)
		if w.Code != test.status || !strings.Contains(w.Body.String(), test.want) || w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %d %s", test.name, w.Code, w.Body)
		}
	}
}
