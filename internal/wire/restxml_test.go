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
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/internal/api"
)

type objectInput struct {
	Bucket string `rest:"path"`
	Key    string `rest:"path"`
	Body   *api.Body
}

type objectOutput struct {
	ETag string `rest:"header=ETag"`
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
			return nil, errNoSuchKey.Detailed("Key", in.Key)
		}
		return &objectOutput{ETag: "etag", Body: io.NopCloser(strings.NewReader("content"))}, nil
	}
	return &api.Service{
		Name: "s3", Title: "S3", Dialects: []api.Dialect{&api.RESTXML{Namespace: "http://s3.amazonaws.com/doc/2006-03-01/"}},
		Operations: []api.Operation{
			api.Unguarded("PutObject", put, api.HTTP("PUT /{Bucket}/{Key+}")),
			api.Unguarded("GetObject", get, api.HTTP("GET /{Bucket}/{Key+}")),
			api.Unguarded("HeadObject", get, api.HTTP("HEAD /{Bucket}/{Key+}")),
		},
	}
}

// withS3 routes to S3 beside SQS.
func withS3(began chan<- string) *Router {
	t := NewRouter()
	t.Add(sqs)
	t.Add(newS3(began))
	return t
}

// A path /ACCOUNT/NAME is a queue's where nothing says that it is a bucket's.
func TestWhoseThePathIs(t *testing.T) {
	router := withS3(nil)
	const path = "/123456789012/orders"
	for _, test := range []struct {
		name, scope, method, url, target, media string
		rest                                    bool
	}{
		{"nothing tells: a queue's path", "", "GET", path, "", "", false},
		{"nothing tells: another path", "", "GET", "/bucket/key", "", "", true},
		{"nothing tells: a path that no bucket's name can begin", "", "GET", "/_aws/sqs/messages", "", "", false},
		{"a scope", "s3", "GET", path, "", "", true},
		{"a scope and a content type", "s3", "PUT", path, "", "application/x-amz-json-1.0", true},
		{"a scope at the root", "s3", "GET", "/", "", "", true},
		{"a scope and what looks like an action", "s3", "GET", path + "?Action=SendMessage", "", "", true},
		{"a host", "", "POST", "http://s3.localhost:4566" + path + "?Action=SendMessage", "", "", true},
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
	problem := func(e *api.Error, details string) string {
		return restHeader + "<Error><Code>" + e.Code + "</Code><Message>" + e.Message + "</Message>" + details +
			"<RequestId>id</RequestId><HostId>" + api.HostID("id") + "</HostId></Error>"
	}
	none := problem(errNoSuchKey, "<Key>none</Key>")
	method := problem(errMethodNotAllowed, "<Method>PATCH</Method><ResourceType>OBJECT</ResourceType>")
	for _, test := range []struct {
		method, host, path string
		want               want
	}{
		{"GET", "localhost", "/bucket/a/b", want{200, "text/plain; charset=utf-8", "etag", "7", "content"}},
		{"GET", "localhost", "/bucket/none", want{404, "application/xml", "", strconv.Itoa(len(none)), none}},
		{"HEAD", "localhost", "/bucket/none", want{404, "application/xml", "", "", ""}},
		{"PATCH", "localhost", "/bucket/key", want{405, "application/xml", "", strconv.Itoa(len(method)), method}},
	} {
		r, _ := http.NewRequest(test.method, server.URL+test.path, nil)
		r.Host = test.host
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
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

// A stream is in no value that is bound, printed or recorded: but for plain JSON, which
// has it as a blob.
func TestStreamsAreNoValues(t *testing.T) {
	if got := string(TrailParameters(nil, &objectInput{"b", "k", api.NewBody(strings.NewReader("x"), 1, nil)})); got != `{"bucket":"b","key":"k"}` {
		t.Error(got)
	}
	if got := string(JSONOf(&objectInput{"b", "k", api.NewBody(strings.NewReader("x"), 1, nil)})); got != `{"Bucket":"b","Key":"k"}` {
		t.Error(got)
	}
	in, _, bad := DecodeJSON([]byte(`{"Bucket":"b","Key":"k","Body":"eA=="}`), reflect.TypeFor[objectInput]())
	if bad != nil {
		t.Fatal(bad)
	}
	if got, err := WholeJSONOf(in); string(got) != `{"Bucket":"b","Key":"k","Body":"eA=="}` || err != nil {
		t.Errorf("whole: %s, %v", got, err)
	}
	if got, err := WholeJSONOf(&objectInput{Body: api.NewBody(iotest.ErrReader(io.ErrClosedPipe), 1, nil)}); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("broken: %s, %v", got, err)
	}
	if _, _, err := decodeQuery[objectInput]([]byte("Body=x")); err != errMalformed {
		t.Errorf("Query: %v", err)
	}
	if Check(reflect.TypeFor[struct{ Bodies []io.Reader }]()) == nil || Check(reflect.TypeFor[struct{ Any any }]()) == nil {
		t.Error("a list of streams, or anything, passed")
	}
}
