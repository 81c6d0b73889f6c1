package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

// restXML is S3's REST-XML as far as it shows that the seam carries it:
// operations by method and path, buckets by host, bodies that are not read before
// the operation, errors without a namespace and without a body for HEAD
// [S001] [S002] [S004].
//
// See https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html.
type restXML struct{ byName map[string]*served }

// restSaid is what a service says of it.
type restSaid struct{ host string } // the label of its hosts

func (*restSaid) Protocol() string { return "restXml" }

var errRESTMethod = &api.Error{Code: "MethodNotAllowed", Status: 405, Message: "The specified method is not allowed against this resource."}

func (d *restXML) speaks(said api.Dialect) bool {
	_, ok := said.(*restSaid)
	return ok
}

func (d *restXML) serve(s *served) { d.byName[s.service.Name] = s }

// hosted is the service that a host is of, and the bucket in it: BUCKET.s3.localhost.
func (d *restXML) hosted(host string) (s *served, bucket string) {
	for _, s := range d.byName {
		label := s.said.(*restSaid).host
		if strings.HasPrefix(host, label+".") {
			return s, ""
		}
		if bucket, _, ok := strings.Cut(host, "."+label+"."); ok {
			return s, bucket
		}
	}
	return nil, ""
}

func (d *restXML) match(c *Call) claim {
	if d.byName[c.Scope] != nil {
		return byAddress
	}
	if s, _ := d.hosted(c.request.Host); s != nil {
		return byAddress
	}
	if c.Scope == "" && !isRoot(c.request.URL.Path) {
		return byPath
	}
	return unclaimed
}

func (d *restXML) hasPath(*Call) bool { return true }

func (d *restXML) streams() bool { return true }

func (d *restXML) read(*Call, []byte) *api.Error { return nil }

// labels are the bucket and the key of a request.
func (d *restXML) labels(c *Call) (bucket, key string) {
	path := strings.TrimPrefix(c.request.URL.Path, "/")
	if _, bucket = d.hosted(c.request.Host); bucket != "" {
		return bucket, path
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

var restOperations = map[string]string{"PUT object": "PutObject", "GET object": "GetObject", "HEAD object": "HeadObject"}

func (d *restXML) find(c *Call) *served {
	resource := "bucket"
	if _, key := d.labels(c); key != "" {
		resource = "object"
	}
	c.Operation = restOperations[c.request.Method+" "+resource]
	for _, s := range d.byName {
		return s
	}
	return nil
}

func (d *restXML) refuse(c *Call) *api.Error {
	if c.Op == nil {
		return errRESTMethod
	}
	return nil
}

func (d *restXML) decode(c *Call, in reflect.Type) (any, []api.Violation, *api.Error) {
	v := reflect.New(in)
	bucket, key := d.labels(c)
	for _, f := range planOf(in).fields {
		switch field := v.Elem().Field(f.index); {
		case f.plan.shape == shapeStream:
			field.Set(reflect.ValueOf(c.request.Body))
		case f.member == "Bucket":
			field.SetString(bucket)
		case f.member == "Key":
			field.SetString(key)
		}
	}
	return v.Interface(), nil, nil
}

func (d *restXML) result(w http.ResponseWriter, _ *Call, out any, requestID string) {
	w.Header().Set("X-Amz-Request-Id", requestID)
	p, v := planned(out)
	for _, f := range p.fields {
		switch field := v.Field(f.index); {
		case f.plan.shape == shapeStream && !field.IsNil():
			_, _ = io.Copy(w, field.Interface().(io.Reader))
		case !f.leftOut(field):
			w.Header().Set(f.name, field.String())
		}
	}
}

func (d *restXML) failure(w http.ResponseWriter, c *Call, e *api.Error, status int, requestID string) {
	w.Header().Set("X-Amz-Request-Id", requestID)
	if c.request.Method == http.MethodHead {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, xmlHeader+"<Error><Code>"+e.Code+"</Code><Message>"+e.Message+"</Message><RequestId>"+requestID+"</RequestId></Error>")
}

type objectInput struct {
	Bucket, Key string
	Body        io.Reader
}

type objectOutput struct {
	ETag string
	Body io.ReadCloser
}

var errNoSuchKey = &api.Error{Code: "NoSuchKey", Status: 404, Message: "The specified key does not exist."}

// newS3 is a service of objects that are read as they come and never held.
func newS3(began chan<- string) *api.Service {
	put := func(_ context.Context, in *objectInput) (*objectOutput, error) {
		began <- in.Bucket + "/" + in.Key
		n, err := io.Copy(io.Discard, in.Body)
		if err != nil {
			return nil, err
		}
		return &objectOutput{ETag: strconv.FormatInt(n, 10)}, nil
	}
	get := func(_ context.Context, in *objectInput) (*objectOutput, error) {
		if in.Key == "none" {
			return nil, errNoSuchKey
		}
		return &objectOutput{ETag: "etag", Body: io.NopCloser(strings.NewReader("content"))}, nil
	}
	return &api.Service{
		Name: "s3", Dialects: []api.Dialect{&restSaid{"s3"}},
		Operations: []api.Operation{api.Unguarded("PutObject", put), api.Unguarded("GetObject", get), api.Unguarded("HeadObject", get)},
	}
}

// withS3 routes to S3 beside SQS.
func withS3(began chan<- string) *Router {
	t := NewRouter()
	t.dialects = append(t.dialects, &restXML{map[string]*served{}})
	t.Add(sqs)
	t.Add(newS3(began))
	return t
}

// A path /ACCOUNT/NAME is a queue's where nobody else claims the host or the path.
func TestWhoseThePathIs(t *testing.T) {
	router := withS3(nil)
	const path = "/123456789012/orders"
	for _, test := range []struct {
		name, scope, method, url, target, media string
		rest                                    bool
	}{
		{"nothing tells: a path", "", "GET", path, "", "", true},
		{"a scope", "s3", "GET", path, "", "", true},
		{"a scope and a content type", "s3", "PUT", path, "", "application/x-amz-json-1.0", true},
		{"a scope at the root", "s3", "GET", "/", "", "", true},
		{"a scope and what looks like an action", "s3", "GET", path + "?Action=SendMessage", "", "", true},
		{"a host", "", "POST", "http://s3.localhost:4566" + path + "?Action=SendMessage", "", "", true},
		{"a bucket's host", "", "GET", "http://123456789012.s3.localhost/orders", "", "", true},
		{"SQS's scope", "sqs", "GET", path, "", "", false},
		{"an action", "", "GET", path + "?Action=ReceiveMessage", "", "", false},
		{"a form", "", "POST", path, "", formMedia, false},
		{"a target", "", "POST", path, "AmazonSQS.ReceiveMessage", "", false},
		{"a JSON content type", "", "POST", path, "", "application/x-amz-json-1.0", false},
		{"the root", "", "GET", "/", "", "", false},
		{"another service's scope", "lambda", "PUT", "/2015-03-31/functions", "", "", false},
	} {
		r, _ := request(test.method, test.url, "", "X-Amz-Target", test.target, "Content-Type", test.media)
		c := router.Match(r, test.scope)
		if _, rest := c.dialect.(*restXML); rest != test.rest || c.Streams() != rest {
			t.Errorf("%s: %T", test.name, c.dialect)
		}
	}
}

// serveCalls is what a server does with a call, without asking who makes it.
func serveCalls(router *Router) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := router.Match(r, "")
		out, err := func() (any, error) {
			var body []byte
			if !c.Streams() {
				body, _ = io.ReadAll(r.Body)
			}
			if err := c.Read(body); err != nil {
				return nil, err
			}
			if err := c.Find(); err != nil {
				return nil, err
			}
			in, _, err := c.Decode(c.Op.In)
			if err != nil {
				return nil, err
			}
			return c.Op.Call(r.Context(), in, api.Resolved{})
		}()
		if err != nil {
			c.WriteError(w, err, "id")
			return
		}
		c.WriteResult(w, out, "id")
	})
}

func TestRESTXML(t *testing.T) {
	server := httptest.NewServer(serveCalls(withS3(nil)))
	defer server.Close()
	type want struct {
		status       int
		media, etag  string
		length, body string
	}
	const problem = xmlHeader + "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><RequestId>id</RequestId></Error>"
	for _, test := range []struct {
		method, host, path string
		want               want
	}{
		{"GET", "localhost", "/bucket/a/b", want{200, "text/plain; charset=utf-8", "etag", "7", "content"}},
		{"GET", "bucket.s3.localhost", "/a/b", want{200, "text/plain; charset=utf-8", "etag", "7", "content"}},
		{"GET", "localhost", "/bucket/none", want{404, "application/xml", "", strconv.Itoa(len(problem)), problem}},
		{"HEAD", "localhost", "/bucket/none", want{404, "", "", "", ""}},
		{"HEAD", "bucket.s3.localhost", "/none", want{404, "", "", "", ""}},
		{"PATCH", "localhost", "/bucket/key", want{405, "application/xml", "", "", strings.NewReplacer("NoSuchKey", errRESTMethod.Code, errNoSuchKey.Message, errRESTMethod.Message).Replace(problem)}},
	} {
		r, _ := http.NewRequest(test.method, server.URL+test.path, nil)
		r.Host = test.host
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if test.want.length == "" {
			answer.Header.Del("Content-Length")
		}
		h := answer.Header
		got := want{answer.StatusCode, h.Get("Content-Type"), h.Get("ETag"), h.Get("Content-Length"), string(body)}
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(want{})); diff != "" || h.Get("X-Amz-Request-Id") != "id" {
			t.Errorf("%s %s%s: %s\n%s", test.method, test.host, test.path, h, diff)
		}
	}
}

// An operation begins before its body is there, and reads it as it comes.
func TestBodiesAreNotReadBeforeTheOperation(t *testing.T) {
	began := make(chan string, 1)
	server := httptest.NewServer(serveCalls(withS3(began)))
	defer server.Close()
	body, send := io.Pipe()
	r, _ := http.NewRequest(http.MethodPut, server.URL+"/bucket/key", body)
	answered := make(chan error, 1)
	etag := ""
	go func() {
		answer, err := http.DefaultClient.Do(r)
		if err == nil {
			etag = answer.Header.Get("ETag")
			_ = answer.Body.Close()
		}
		answered <- err
	}()
	const piece = "0123456789abcdef"
	if _, err := io.WriteString(send, piece); err != nil {
		t.Fatal(err)
	}
	if got := <-began; got != "bucket/key" {
		t.Errorf("%s began", got)
	}
	if _, err := io.WriteString(send, piece); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(send.Close(), <-answered); err != nil || etag != strconv.Itoa(2*len(piece)) {
		t.Errorf("ETag %s, %v", etag, err)
	}
}

// A stream is in no value that is bound, printed or recorded.
func TestStreamsAreNoValues(t *testing.T) {
	if got := string(TrailParameters(&objectInput{"b", "k", strings.NewReader("x")})); got != `{"bucket":"b","key":"k"}` {
		t.Error(got)
	}
	if got := string(JSONOf(&objectInput{"b", "k", strings.NewReader("x")})); got != `{"Bucket":"b","Key":"k"}` {
		t.Error(got)
	}
	if _, _, err := decodeJSON[objectInput](`{"Body":"x"}`); err != errSerialization {
		t.Errorf("JSON: %v", err)
	}
	if _, _, err := decodeQuery[objectInput]([]byte("Body=x")); err != errMalformed {
		t.Errorf("Query: %v", err)
	}
	if Check(reflect.TypeFor[struct{ Bodies []io.Reader }]()) == nil || Check(reflect.TypeFor[struct{ Any any }]()) == nil {
		t.Error("a list of streams, or anything, passed")
	}
}
