package sigv4

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// The parameters of a presigned URL that stand for headers, so that who uses it need not
// send these.

// parametersOf are the parameters of a request as those see them who serve it. With
// url.ParseQuery, which drops what has a semicolon, a parameter could be in effect that
// nobody has signed.
func parametersOf(r *http.Request) url.Values {
	values := url.Values{}
	for piece := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if piece != "" {
			name, value, _ := strings.Cut(piece, "=")
			values.Add(unescape(name), unescape(value))
		}
	}
	return values
}

// WithParameters is r with the headers that the parameters of a presigned request stand
// for: those x-amz-… [S136], of version 4 also the conditions If-Match and If-None-Match,
// and of version 2 the content's type and MD5, all of which the signature is over. A
// header that is there is left as it is.
func (o *Object) WithParameters(r *http.Request) *http.Request {
	if o.Signature == nil || !o.Presigned {
		return r
	}
	changed := *r
	changed.Header = r.Header.Clone()
	for name, values := range parametersOf(r) {
		if !o.isHeader(name) {
			continue
		}
		if name = http.CanonicalHeaderKey(name); r.Header[name] == nil {
			changed.Header[name] = values
		}
	}
	return &changed
}

// isHeader reports whether a parameter stands for a header. Version 2 signs only what is
// written in lower case.
func (o *Object) isHeader(name string) bool {
	lower := strings.ToLower(name)
	if o.Version == V2 {
		return lower == name && (strings.HasPrefix(name, "x-amz-") && !ofSignature(name) || name == "content-type" || name == "content-md5")
	}
	return strings.HasPrefix(lower, "x-amz-") && !ofSignature(lower) || lower == "if-match" || lower == "if-none-match"
}

// ofSignature reports whether a parameter is about the signature and the body, which are
// read where they stand, or a checksum of no body at all [S094].
func ofSignature(name string) bool {
	switch name {
	case "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-signedheaders", "x-amz-signature",
		"x-amz-security-token", "x-amz-content-sha256", "x-amz-decoded-content-length", "x-amz-trailer", "x-amz-sdk-checksum-algorithm":
		return true
	}
	return strings.HasPrefix(name, "x-amz-checksum-")
}

// Incomplete is the error for a request with a part of a signature in its query, or with
// two signatures; nil: there is all of one, or none.
func (o *Object) Incomplete() *api.Error {
	query := o.Request.URL.RawQuery
	if !strings.Contains(query, "ignature=") && !strings.Contains(query, "AWSAccessKeyId=") && !strings.Contains(query, "X-Amz-Credential=") {
		return nil
	}
	parameters := parametersOf(o.Request)
	switch {
	case o.Signature == nil && (parameters.Has("X-Amz-Signature") || parameters.Has("X-Amz-Credential")):
		return ErrQueryParameters // [S122]
	case o.Signature == nil || o.Presigned && o.Version == V2:
		return o.incompleteV2()
	case !o.Presigned && parameters.Has("AWSAccessKeyId") && parameters.Has("Signature"):
		return ErrSignature // the dialect words it
	}
	return nil
}
