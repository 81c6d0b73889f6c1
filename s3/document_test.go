package s3_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// ask makes a request over HTTP as root, whose key is not known.
func (h *house) ask(method, target, document string, header ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(document))
	r.Host = "s3.us-east-1.localhost"
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// TestDocuments: what a document leaves out that it must have is not taken for empty.
func TestDocuments(t *testing.T) {
	h := newHouse(t)
	rule := func(of string) string {
		return "<NotificationConfiguration><QueueConfiguration><Queue>arn:aws:sqs:us-east-1:" + owner + ":q</Queue><Event>s3:ObjectCreated:*</Event>" +
			"<Filter><S3Key><FilterRule>" + of + "</FilterRule></S3Key></Filter></QueueConfiguration></NotificationConfiguration>"
	}
	tags := func(of string) string { return "<Tagging><TagSet><Tag>" + of + "</Tag></TagSet></Tagging>" }
	for _, test := range []struct {
		name, target, document string
		code                   string // empty: it is taken
	}{
		{"S182 tag without a value", "/photos?tagging", tags("<Key>a</Key>"), "MalformedXML"},
		{"S182 tag without a key", "/photos?tagging", tags("<Value>a</Value>"), "MalformedXML"},
		{"S182 object's tag without a value", "/photos/a?tagging", tags("<Key>a</Key>"), "MalformedXML"},
		{"S182 object's tag without a key", "/photos/a?tagging", tags("<Value>a</Value>"), "MalformedXML"},
		{"S181 no list", "/photos/a?tagging", "<Tagging></Tagging>", ""},
		{"S182 empty key", "/photos/a?tagging", tags("<Key></Key><Value>a</Value>"), "InvalidTag"},
		{"empty value", "/photos/a?tagging", tags("<Key>a</Key><Value></Value>"), ""},
		{"S181 empty list", "/photos?tagging", "<Tagging><TagSet></TagSet></Tagging>", ""},
		{"S040 new bucket's tag without a value", "/new", "<CreateBucketConfiguration><Tags><Tag><Key>a</Key></Tag></Tags></CreateBucketConfiguration>", "MalformedXML"},
		{"S282 rule of nothing", "/photos?notification", rule(""), "MalformedXML"},
		{"S282 rule without a value", "/photos?notification", rule("<Name>prefix</Name>"), "MalformedXML"},
		{"S282 rule without a name", "/photos?notification", rule("<Value>a</Value>"), "MalformedXML"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := h.ask(http.MethodPut, test.target, test.document)
			if test.code == "" && w.Code >= 300 || test.code != "" && !strings.Contains(w.Body.String(), "<Code>"+test.code+"</Code>") {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

// TestEmptyValues: an empty value of a tag is told [S181].
func TestEmptyValues(t *testing.T) {
	h := newHouse(t)
	if w := h.ask(http.MethodPut, "/photos/b", "", "x-amz-tagging", "a&&b="); w.Code != 200 { // [S183]
		t.Fatal(w.Body)
	}
	w := h.ask(http.MethodGet, "/photos/b?tagging", "")
	if want := "<TagSet><Tag><Key>a</Key><Value></Value></Tag><Tag><Key>b</Key><Value></Value></Tag></TagSet>"; !strings.Contains(w.Body.String(), want) {
		t.Errorf("%s lacks %s", w.Body, want)
	}
}

// TestVersionsInOneOrder: versions and delete markers stand in one list on the wire [S157].
func TestVersionsInOneOrder(t *testing.T) {
	h := newHouse(t)
	h.ask(http.MethodPut, "/photos?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
	for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPut, http.MethodDelete} {
		h.ask(method, "/photos/a", "x")
	}
	h.ask(http.MethodPut, "/photos/b", "x")
	w := h.ask(http.MethodGet, "/photos?versions", "")
	got := strings.Join(regexp.MustCompile(`<(Version|DeleteMarker)>`).FindAllString(w.Body.String(), -1), "")
	if want := "<DeleteMarker><Version><DeleteMarker><Version><Version><Version>"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestHeadBucketsType: the answer says what it would be of [S018].
func TestHeadBucketsType(t *testing.T) {
	h := newHouse(t)
	if w := h.ask(http.MethodHead, "/photos", ""); w.Code != 200 || w.Header().Get("Content-Type") != "application/xml" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// TestWhatNoBucketGets: what a bucket cannot be given is not implemented, and nothing is changed.
func TestWhatNoBucketGets(t *testing.T) {
	h := newHouse(t)
	for _, part := range []string{
		"accelerate", "cors", "lifecycle", "logging", "object-lock", "replication", "requestPayment", "website",
		"analytics&id=a", "intelligent-tiering&id=a", "inventory&id=a", "metrics&id=a",
	} {
		if w := h.ask(http.MethodPut, "/photos?"+part, "<A/>"); w.Code != http.StatusNotImplemented || !strings.Contains(w.Body.String(), "<Code>NotImplemented</Code>") {
			t.Errorf("PUT ?%s: %d %s", part, w.Code, w.Body)
		}
	}
	for _, part := range []string{"cors", "lifecycle", "replication", "website"} {
		if w := h.ask(http.MethodDelete, "/photos?"+part, ""); w.Code != http.StatusNotImplemented {
			t.Errorf("DELETE ?%s: %d %s", part, w.Code, w.Body)
		}
	}
	for _, part := range []string{"legal-hold", "retention", "restore", "torrent", "select"} {
		if w := h.ask(http.MethodPut, "/photos/a?"+part, "<A/>"); w.Code != http.StatusNotImplemented {
			t.Errorf("PUT of an object ?%s: %d %s", part, w.Code, w.Body)
		}
	}
	if w := h.ask(http.MethodPut, "/photos?location", "<A/>"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("PUT ?location: %d %s", w.Code, w.Body)
	}
	if w := h.ask(http.MethodHead, "/photos/a", ""); w.Code != 200 {
		t.Errorf("the object: %d", w.Code)
	}
}
