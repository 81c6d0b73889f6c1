package sigv4

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // Signature Version 2 is made of it
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
)

// Signature Version 2 as Amazon S3 takes it still, in the query and in the header
// [S127]: boto3 presigns so by default.
//
// See https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html.

// signedParameters are those of a query that version 2 signs, beside those that make a
// request one for a part of a bucket or object (Object.Parts).
var signedParameters = []string{
	"defaultObjectAcl", "partNumber", "response-cache-control", "response-content-disposition", "response-content-encoding",
	"response-content-language", "response-content-type", "response-expires", "select-type", "storageClass", "versionId",
}

func (o *Object) incompleteV2() *api.Error {
	query := parametersOf(o.Request)
	has := 0
	for _, name := range []string{"Signature", "Expires", "AWSAccessKeyId"} {
		if query.Get(name) != "" {
			has++
		}
	}
	if has == 0 || has == 3 {
		return nil
	}
	return ErrAccessDenied.With("Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
}

func (o *Object) timelyV2(now time.Time) *api.Error {
	seconds, err := strconv.ParseInt(o.expires, 10, 64)
	if err != nil {
		return ErrAccessDenied.Withf("Invalid date (should be seconds since epoch): %s", o.expires)
	}
	if until := time.Unix(seconds, 0); now.After(until) {
		return expired("", until, now)
	}
	return nil
}

func (o *Object) verifyV2(secret string, now time.Time) *api.Error {
	query := parametersOf(o.Request)
	date := o.expires
	if o.Presigned {
		if err := o.timelyV2(now); err != nil {
			return err
		}
	} else {
		sent := cmp.Or(o.Request.Header.Get("X-Amz-Date"), o.Request.Header.Get("Date"))
		at, err := parseDateV2(sent)
		if err != nil {
			return ErrAccessDenied.With("AWS authentication requires a valid Date or x-amz-date header")
		}
		if at.Before(now.Add(-skew)) || at.After(now.Add(skew)) {
			return errSkewed.Detailed("RequestTime", sent).Detailed("ServerTime", now.UTC().Format(time.RFC3339)).
				Detailed("MaxAllowedSkewMilliseconds", strconv.FormatInt(skew.Milliseconds(), 10))
		}
		if date = o.Request.Header.Get("Date"); o.Request.Header.Get("X-Amz-Date") != "" {
			date = ""
		}
	}
	head := strings.Join([]string{
		o.Request.Method, o.headerV2(query, "Content-MD5"), o.headerV2(query, "Content-Type"), date, o.amzHeaders(query),
	}, "\n")
	var wrong *api.Error
	for _, path := range objectPaths(o.Request.URL) {
		text := []byte(head + o.resourceV2(path, query))
		if o.madeWith(text, secret) {
			return nil
		}
		if wrong == nil {
			wrong = o.mismatch(text)
		}
	}
	return wrong
}

// parseDateV2 reads the date of a request, which clients write in two ways.
func parseDateV2(text string) (time.Time, error) {
	if t, err := http.ParseTime(text); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC1123Z, text)
}

// madeWith reports whether a signature of version 2 was made of the text.
func (s *Signature) madeWith(text []byte, secret string) bool {
	h := hmac.New(sha1.New, []byte(secret))
	h.Write(text)
	want := base64.StdEncoding.EncodeToString(h.Sum(nil))
	return subtle.ConstantTimeCompare([]byte(want), []byte(s.signature)) == 1
}

// headerV2 is a header of a request, which a presigned URL may have in its query. The
// header itself is what counts where both are there: nothing signs the parameter then [S137].
func (o *Object) headerV2(query url.Values, name string) string {
	if sent := o.Request.Header.Get(name); sent != "" || !o.Presigned {
		return sent
	}
	return query.Get(strings.ToLower(name))
}

// amzHeaders are the headers x-amz-…, each in a line. One that the query has, too, must
// be the same: it is signed once.
func (o *Object) amzHeaders(query url.Values) string {
	lines := map[string]string{}
	for name, values := range o.Request.Header {
		lines[strings.ToLower(name)] = strings.Join(values, ",")
	}
	if o.Presigned {
		for name, values := range query {
			value := strings.Join(values, ",")
			if header, sent := lines[name]; sent && header != value {
				value = header + "," + value
			}
			lines[name] = value
		}
	}
	var all []string
	for name, value := range lines {
		if strings.HasPrefix(name, "x-amz-") {
			all = append(all, name+":"+strings.TrimSpace(value)+"\n")
		}
	}
	slices.Sort(all)
	return strings.Join(all, "")
}

// resourceV2 is what a request is for: the bucket, the path, and the parameters that are signed.
func (o *Object) resourceV2(path string, query url.Values) string {
	resource := path
	if o.Bucket != "" {
		resource = "/" + o.Bucket + path
	}
	var signed []string
	for _, name := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(signedParameters, o.Parts)))) {
		if !query.Has(name) {
			continue
		}
		if value := query.Get(name); value != "" {
			name += "=" + value
		}
		signed = append(signed, name)
	}
	if signed == nil {
		return resource
	}
	return resource + "?" + strings.Join(signed, "&")
}
