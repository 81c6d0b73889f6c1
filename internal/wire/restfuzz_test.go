package wire

import (
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzRESTXML: no request makes the dialect panic, or fail by a fault of its own; a
// document that was bound and is printed means the same when it is read again.
func FuzzRESTXML(f *testing.F) {
	for _, seed := range [][4]string{
		{"PUT", "/b/k?tagging", "X-Amz-Acl: private", `<?xml version="1.0"?><Tagging xmlns="urn:s3"><TagSet><Tag><Key>a&amp;&#x1;</Key><Value><![CDATA[<]]></Value></Tag></TagSet></Tagging>`},
		{"GET", "/b?max-keys=1&prefix=%ff", "Host: b.s3.us-east-1.localhost", ""},
		{"GET", "/%2F/..//", "Host: a.b.localhost", "<"},
		{"POST", "/b?delete", "X-Amz-Meta-A: =?UTF-8?Q?=C3=A9?=", "<Tagging><!--x--><TagSet/><?x?></Tagging>"},
		{"DELETE", "/b?uploadId=1&partNumber=x", "If-Modified-Since: x", "<Tagging a='b' xsi:type=\"c\"/>"},
	} {
		f.Add(seed[0], seed[1], seed[2], []byte(seed[3]))
	}
	router := NewRouter()
	router.Add(restService(new(restNothing)))
	f.Fuzz(func(t *testing.T, method, uri, header string, body []byte) {
		u, err := url.ParseRequestURI(uri)
		if err != nil || strings.ContainsAny(method, " \r\n\t") || method == "" {
			return
		}
		r := httptest.NewRequest("GET", "/", strings.NewReader(string(body)))
		r.Method, r.URL = method, u
		name, value, _ := strings.Cut(header, ": ")
		if name == "Host" {
			r.Host = value
		} else {
			r.Header.Set(name, value)
		}
		c := router.Match(r, "s3")
		refused := c.Read(nil)
		if refused == nil {
			refused = c.Find()
		}
		var in any
		if refused == nil {
			in, _, refused = c.Decode(c.Op.In)
		}
		w := httptest.NewRecorder()
		if refused != nil {
			if status := c.WriteError(w, refused, "id"); status >= 500 && status != errNotImplemented.Status {
				t.Errorf("%s %s: %d %v", method, uri, status, refused)
			}
			return
		}
		if read, ok := in.(*restInput); ok && read.Tagging != nil {
			sameAgain(t, read.Tagging)
		}
	})
}

// sameAgain prints a document and reads it back.
func sameAgain(t *testing.T, tagging *restTagging) {
	t.Helper()
	v := reflect.ValueOf(tagging).Elem()
	text := appendRESTElement(nil, "Tagging", "", planOf(v.Type()), nil, v)
	b := restBinder{request: httptest.NewRequest("PUT", "/", nil)}
	again := new(restTagging)
	field := &field{plan: planOf(v.Type()), rest: rest{name: "Tagging"}}
	if err := b.document(field, text, reflect.ValueOf(again).Elem()); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if diff := cmp.Diff(tagging, again); diff != "" {
		t.Errorf("%s: %s", text, diff)
	}
}
