package wire

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

type restGrantee struct {
	Type string `element:",attr=xsi:type"`
	ID   string
}

type restTag struct {
	Key   string `check:"required" out:"always"`
	Value string
}

type restTagging struct {
	TagSet []restTag `element:",member=Tag" check:"required"`
}

type restInput struct {
	Bucket    string            `rest:"path"`
	Key       string            `rest:"path"`
	MaxKeys   *int32            `rest:"query=max-keys"`
	Prefix    *string           `rest:"query=prefix"`
	ACL       string            `rest:"header=x-amz-acl" enum:"private|public-read"`
	Since     time.Time         `rest:"header=If-Modified-Since"`
	Enabled   *bool             `rest:"header=x-amz-enabled"`
	Wanted    []string          `rest:"header=x-amz-wanted"`
	Metadata  map[string]string `rest:"headers=x-amz-meta-"`
	Tagging   *restTagging      `rest:"body"`
	VersionID string            `rest:"query=versionId"`
}

type restPolicyInput struct {
	Bucket string `rest:"path"`
	Policy string `rest:"body"`
}

// restDocument has one of each form that a member of a document can have.
type restDocument struct {
	_        struct{} `rest:"root=ListBucketResult"`
	Name     string
	Contents []restTag    `element:"Contents,flat"`
	TagSet   []restTag    `element:",member=Tag"`
	Grantee  *restGrantee `element:"Owner"`
	At       time.Time
	Count    *int32
	ETag     string            `rest:"header=ETag"`
	Metadata map[string]string `rest:"headers=x-amz-meta-"`
	Status   int               `rest:"status"`
}

type restText struct {
	_        struct{} `rest:"root=LocationConstraint"`
	Location string   `element:",text"`
}

type restPolicy struct {
	Policy string `rest:"body"`
}

type restNothing struct{}

// restService answers out to every operation and keeps what it was asked.
func restService[Out any](out *Out) *api.Service {
	op := func(name, uri string, options ...api.Option) api.Operation {
		return api.Unguarded(name, func(context.Context, *restInput) (*Out, error) { return out, nil }, append(options, api.HTTP(uri))...)
	}
	return &api.Service{
		Name: "s3", Title: "S3",
		Dialects: []api.Dialect{&api.RESTXML{Namespace: "urn:s3", Subresources: []string{"tagging", "acl", "uploadId", "cors", "uploads"}}},
		Operations: []api.Operation{
			op("ListBuckets", "GET /"),
			op("ListObjects", "GET /{Bucket}"),
			op("ListObjectsV2", "GET /{Bucket}?list-type=2"),
			op("GetBucketAcl", "GET /{Bucket}?acl"),
			op("DeleteBucket", "DELETE /{Bucket}", api.NoContent),
			op("PutObject", "PUT /{Bucket}/{Key+}"),
			api.Unguarded("CopyObject", func(context.Context, *restInput) (*Out, error) { return out, nil }, api.HTTP("PUT /{Bucket}/{Key+}", "x-amz-copy-source")),
			op("PutObjectTagging", "PUT /{Bucket}/{Key+}?tagging"),
			op("UploadPart", "PUT /{Bucket}/{Key+}?partNumber&uploadId"),
			api.Unguarded("PutBucketPolicy", func(context.Context, *restPolicyInput) (*Out, error) { return out, nil }, api.HTTP("PUT /{Bucket}?policy")),
		},
	}
}

// restCall reads a request up to its operation.
func restCall(t *testing.T, method, url, body string, headers ...string) (*Call, *api.Error) {
	t.Helper()
	router := NewRouter()
	router.Add(restService(new(restNothing)))
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	c := router.Match(r, "s3")
	if err := c.Read(nil); err != nil {
		return c, err
	}
	return c, c.Find()
}

func TestRESTOperations(t *testing.T) {
	for _, test := range []struct{ method, uri, header, want string }{
		{"GET", "/", "", "ListBuckets"},
		{"GET", "/?x-id=ListBuckets", "", "ListBuckets"},
		{"GET", "/b", "", "ListObjects"},
		{"GET", "/b/", "", "ListObjects"},
		{"GET", "/b?list-type=2", "", "ListObjectsV2"},
		{"GET", "/b?list-type=3", "", "ListObjects"},
		{"GET", "/b?acl", "", "GetBucketAcl"},
		{"GET", "/b?acl=", "", "GetBucketAcl"},
		{"DELETE", "/b", "", "DeleteBucket"},
		{"PUT", "/b/k", "", "PutObject"},
		{"PUT", "/b/k/tagging", "", "PutObject"},
		{"PUT", "/b/k", "X-Amz-Copy-Source", "CopyObject"},
		{"PUT", "/b/k?tagging", "", "PutObjectTagging"},
		{"PUT", "/b/k?partNumber=1&uploadId=u", "", "UploadPart"},
		{"PUT", "/b/k?uploadId=u", "", "MethodNotAllowed"}, // never the object itself
		{"GET", "/b?tagging", "", "MethodNotAllowed"},
		{"GET", "/b?cors", "", "NotImplemented"},
		{"PATCH", "/b", "", "MethodNotAllowed"},
		{"POST", "/", "", "MethodNotAllowed"},
		{"GET", "/b?prefix=%zz", "", "InvalidURI"},
		{"GET", "/b?prefix=%ff", "", "InvalidURI"},
		{"PUT", "/b/%ff", "", "InvalidURI"},
	} {
		headers := []string{}
		if test.header != "" {
			headers = append(headers, test.header, "x")
		}
		c, err := restCall(t, test.method, test.uri, "", headers...)
		got := c.Operation
		if err != nil {
			got = err.Code
		}
		if got != test.want {
			t.Errorf("%s %s: %s, not %s", test.method, test.uri, got, test.want)
		}
	}
}

func TestRESTInput(t *testing.T) {
	tags := func(of ...string) *restTagging {
		tagging := &restTagging{TagSet: []restTag{}}
		for i := 0; i < len(of); i += 2 {
			tagging.TagSet = append(tagging.TagSet, restTag{of[i], of[i+1]})
		}
		return tagging
	}
	const uri = "/b/k?tagging"
	for _, test := range []struct {
		name, uri, body string
		headers         []string
		want            restInput
		err             string // or the path of a violation
	}{
		{name: "a key is decoded once and never cleaned", uri: "/b/a//b/../%2520%2F+?tagging", want: restInput{Key: "a//b/../%20/+"}},
		{name: "a key that begins with a slash", uri: "/b//k?tagging", want: restInput{Key: "/k"}},
		{name: "parameters", uri: uri + "&max-keys=7&prefix=a%2Fb+c", want: restInput{MaxKeys: new(int32(7)), Prefix: new("a/b c")}},
		{name: "an empty number is none, an empty text is one", uri: uri + "&max-keys=&prefix=", want: restInput{Prefix: new("")}},
		{name: "no number", uri: uri + "&max-keys=x", err: "max-keys"},
		{name: "a number too large", uri: uri + "&max-keys=2147483648", err: "max-keys"},
		{name: "headers", uri: uri, headers: []string{"X-Amz-Acl", "private", "If-Modified-Since", "Wed, 21 Oct 2015 07:28:00 GMT", "X-Amz-Enabled", "TRUE", "X-Amz-Wanted", "ETag, Checksum"}, want: restInput{ACL: "private", Since: time.Date(2015, 10, 21, 7, 28, 0, 0, time.UTC), Enabled: new(true), Wanted: []string{"ETag", "Checksum"}}},
		{name: "a date that is none", uri: uri, headers: []string{"If-Modified-Since", "yesterday"}},
		{name: "outside the enum", uri: uri, headers: []string{"X-Amz-Acl", "fake-acl"}, err: "x-amz-acl"},
		{name: "no boolean", uri: uri, headers: []string{"X-Amz-Enabled", "maybe"}, err: "x-amz-enabled"},
		{name: "metadata", uri: uri, headers: []string{"X-Amz-Meta-Some_Name", "value", "x-amz-meta-u", "=?UTF-8?Q?caf=C3=A9?="}, want: restInput{Metadata: map[string]string{"some_name": "value", "u": "café"}}},
		{name: "a document", uri: uri, body: `<?xml version="1.0"?><!-- c --><Tagging xmlns="urn:s3"><TagSet> <Tag><Key>a&amp;&#x62;</Key><Value><![CDATA[<]]></Value></Tag><Tag><Key>c</Key></Tag> </TagSet></Tagging>`, want: restInput{Tagging: tags("a&b", "<", "c", "")}},
		{name: "a prefix", uri: uri, body: `<s:Tagging xmlns:s="urn:s3"><s:TagSet/></s:Tagging>`, want: restInput{Tagging: tags()}},
		{name: "control characters", uri: uri, body: "<Tagging><TagSet><Tag><Key>&#x1;\x02&#13;</Key></Tag></TagSet></Tagging>", want: restInput{Tagging: tags("\x01\x02\r", "")}},
		{name: "another root", uri: uri, body: `<Tags><TagSet/></Tags>`, err: "MalformedXML"},
		{name: "an element missing", uri: uri, body: `<Tagging/>`, err: "MalformedXML"},
		{name: "an element missing further down", uri: uri, body: `<Tagging><TagSet><Tag><Value/></Tag></TagSet></Tagging>`, err: "MalformedXML"},
		{name: "an element doubled", uri: uri, body: `<Tagging><TagSet/><TagSet/></Tagging>`, err: "MalformedXML"},
		{name: "an unknown element", uri: uri, body: `<Tagging><TagSet/><More/></Tagging>`, err: "MalformedXML"},
		{name: "text beside elements", uri: uri, body: `<Tagging>x<TagSet/></Tagging>`, err: "MalformedXML"},
		{name: "elements in a text", uri: uri, body: `<Tagging><TagSet><Tag><Key><b/></Key></Tag></TagSet></Tagging>`, err: "MalformedXML"},
		{name: "two roots", uri: uri, body: `<Tagging><TagSet/></Tagging><Tagging/>`, err: "MalformedXML"},
		{name: "not closed", uri: uri, body: `<Tagging><TagSet/>`, err: "MalformedXML"},
		{name: "closed by another", uri: uri, body: `<Tagging><TagSet></Tagging></TagSet>`, err: "MalformedXML"},
		{name: "an entity", uri: uri, body: `<!DOCTYPE x [<!ENTITY a "b">]><Tagging><TagSet/></Tagging>`, err: "MalformedXML"},
		{name: "no UTF-8", uri: uri, body: "<Tagging><TagSet/>\xff</Tagging>", err: "MalformedXML"},
		{name: "too deep", uri: uri, body: strings.Repeat("<Tagging>", 100), err: "MalformedXML"},
		{name: "JSON", uri: uri, body: `{"TagSet":[]}`, err: "MalformedXML"},
		{name: "too long", uri: uri, body: strings.Repeat(" ", maxDocument+1), err: "MaxMessageLengthExceeded"},
	} {
		c, err := restCall(t, http.MethodPut, test.uri, test.body, test.headers...)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		in, violations, err := c.Decode(c.Op.In)
		switch {
		case err != nil && err.Code == test.err:
		case err != nil || len(violations) > 1:
			t.Errorf("%s: %v %v", test.name, err, violations)
		case len(violations) == 1:
			if violations[0].Path != test.err {
				t.Errorf("%s: %v", test.name, violations)
			}
		default:
			test.want.Bucket = "b"
			if test.want.Key == "" {
				test.want.Key = "k"
			}
			if diff := cmp.Diff(&test.want, in); diff != "" || test.err != "" {
				t.Errorf("%s: %s", test.name, diff)
			}
		}
	}
}

// A text is the body as it stands.
func TestRESTRawBody(t *testing.T) {
	c, err := restCall(t, http.MethodPut, "/b?policy", "{ }\n")
	if err != nil {
		t.Fatal(err)
	}
	in, _, err := c.Decode(c.Op.In)
	if diff := cmp.Diff(any(&restPolicyInput{"b", "{ }\n"}), in); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

func TestRESTAnswers(t *testing.T) {
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	document := &restDocument{
		Name: "a<b\x01\r", Contents: []restTag{{"k", "v"}, {"l", ""}}, TagSet: []restTag{{"t", "u"}}, Grantee: &restGrantee{"CanonicalUser", "me"},
		At: at, Count: new(int32), ETag: `"e"`, Metadata: map[string]string{"some_name": "v", "u": "é", "b": "\x01é"}, Status: 206,
	}
	for _, test := range []struct {
		name, method, uri string
		service           *api.Service
		status            int
		headers           map[string]string
		body              string
	}{
		{
			"a document", "GET", "/b", restService(document), 206,
			map[string]string{"ETag": `"e"`, "Content-Type": "application/xml", "X-Amz-Request-Id": "id", "X-Amz-Id-2": api.HostID("id"), "Server": "AmazonS3", "x-amz-meta-some_name": "v", "x-amz-meta-u": "=?UTF-8?Q?=C3=A9?=", "x-amz-meta-b": "=?UTF-8?B?AcOp?="},
			restHeader + `<ListBucketResult xmlns="urn:s3"><Name>a&lt;b&#x1;&#xD;</Name><Contents><Key>k</Key><Value>v</Value></Contents><Contents><Key>l</Key></Contents><TagSet><Tag><Key>t</Key><Value>u</Value></Tag></TagSet><Owner xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>me</ID></Owner><At>2026-02-03T04:05:06.000Z</At><Count>0</Count></ListBucketResult>`,
		},
		{"the root's own text", "GET", "/b", restService(&restText{Location: "eu-west-1"}), 200, nil, restHeader + `<LocationConstraint xmlns="urn:s3">eu-west-1</LocationConstraint>`},
		{"an empty text", "GET", "/b", restService(&restText{}), 200, nil, restHeader + `<LocationConstraint xmlns="urn:s3"/>`},
		{"a text that is the body", "GET", "/b", restService(&restPolicy{`{"a":1}`}), 200, map[string]string{"Content-Type": "application/json", "Content-Length": "7"}, `{"a":1}`},
		{"nothing", "PUT", "/b/k", restService(&restNothing{}), 200, map[string]string{"Content-Length": "0", "Content-Type": ""}, ""},
		{"no content", "DELETE", "/b", restService(&restNothing{}), 204, map[string]string{"Content-Length": ""}, ""},
	} {
		router := NewRouter()
		router.Add(test.service)
		r := httptest.NewRequest(test.method, test.uri, nil)
		c := router.Match(r, "s3")
		if err := c.Read(nil); err != nil {
			t.Fatal(err)
		}
		if err := c.Find(); err != nil {
			t.Fatal(err)
		}
		out, err := c.Op.Call(t.Context(), new(restInput), api.Resolved{})
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		c.WriteResult(w, out, "id")
		if diff := cmp.Diff(test.body, w.Body.String()); diff != "" || w.Code != test.status {
			t.Errorf("%s: %d %s", test.name, w.Code, diff)
		}
		for name, want := range test.headers {
			if got := strings.Join(w.Header()[name], ","); got != want && w.Header().Get(name) != want {
				t.Errorf("%s: %s is %q, not %q", test.name, name, got, want)
			}
		}
	}
}
