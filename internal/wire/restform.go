package wire

import (
	"net/http"
	"net/url"
	"strings"
)

// Form is how a call that came as a form is answered [S129].
type Form struct {
	Status int // 200, 201 or 204
	// Redirect is the page to go to; empty: none.
	Redirect string
	// Location is the URL of what was put, and Bucket and Key its name.
	Location, Bucket, Key string
}

// FormBucket is the bucket that a form is posted to. Not ok: the request is no form.
func (c *Call) FormBucket() (bucket string, ok bool) {
	if c.rest == nil || c.request.Method != http.MethodPost || c.media != "multipart/form-data" {
		return "", false
	}
	c.rest.locate(c.request)
	return c.rest.bucket, c.rest.bucket != "" && c.rest.key == ""
}

// GoOn has the call go on with a request in place of the one that it was matched to.
func (c *Call) GoOn(request *http.Request) { c.request = request }

// AnswerForm has the call answered as a form is.
func (c *Call) AnswerForm(f *Form) { c.rest.form = f }

// posted answers a form, once the headers of the output are set.
func (d *restXML) posted(w http.ResponseWriter, c *Call) {
	f, etag := c.rest.form, w.Header().Get("ETag")
	if f.Redirect != "" {
		to, _ := url.Parse(f.Redirect) // it parsed before
		query := to.Query()
		query.Set("bucket", f.Bucket)
		query.Set("key", f.Key)
		query.Set("etag", etag)
		to.RawQuery = query.Encode()
		w.Header().Set("Location", to.String())
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	w.Header().Set("Location", f.Location)
	if f.Status != http.StatusCreated {
		if f.Status == http.StatusOK {
			w.Header().Set("Content-Length", "0")
		}
		w.WriteHeader(f.Status)
		return
	}
	b := append([]byte(nil), restHeader+"<PostResponse>"...)
	for _, part := range [][2]string{{"Location", f.Location}, {"Bucket", f.Bucket}, {"Key", f.Key}, {"ETag", etag}} {
		b = appendDetail(b, part[0], part[1])
	}
	d.send(w, c, f.Status, restMedia, append(b, "</PostResponse>"...))
}

// FormLocation is the URL of an object: below base, or below the host where that names the bucket.
func (c *Call) FormLocation(base, bucket, key string) string {
	path := key
	if c.HostBucket() == "" {
		path = bucket + "/" + key
	}
	return strings.TrimSuffix(base, "/") + (&url.URL{Path: "/" + path}).EscapedPath()
}
