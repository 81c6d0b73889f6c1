package postform

import (
	"cmp"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/sigv4"
)

// maxFields bounds what stands before the file, in bytes.
const maxFields = 20 << 10

// Form is a form as it was sent, up to its file.
type Form struct {
	// Signature is who signed the policy; nil: nobody did.
	Signature *sigv4.Signature
	// Bucket and Key are what is to be put.
	Bucket, Key string

	fields map[string]string // by name in lower case
	sent   []string          // their names in order, as they were sent
	policy *policy           // once it was checked; nil: there is none
	file   *multipart.Part
	now    time.Time
}

// Read reads a form for a bucket up to its file. now is the real time.
func Read(r *http.Request, bucket string, now time.Time) (*Form, *api.Error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, errNoForm
	}
	f := &Form{Bucket: bucket, fields: map[string]string{}, now: now}
	if err := f.readFields(parts); err != nil {
		return nil, err
	}
	key, ok := f.fields["key"]
	if !ok {
		return nil, missing("key")
	}
	f.Key = key
	if name := f.file.FileName(); name != "" {
		f.Key = strings.ReplaceAll(key, "${filename}", name) // [S129]
	}
	if f.Key == "" { // it would be a request for the bucket
		return nil, errNoKey
	}
	return f, f.readSignature()
}

// readFields reads the parts up to the one called file.
func (f *Form) readFields(parts *multipart.Reader) *api.Error {
	left := int64(maxFields)
	for {
		part, err := parts.NextRawPart()
		switch refused, ok := errors.AsType[*api.Error](err); {
		case errors.Is(err, io.EOF):
			return errNoFile
		case ok:
			return refused
		case err != nil:
			return errMalformed
		}
		name := strings.ToLower(part.FormName())
		if name == "file" {
			f.file = part
			return nil
		}
		value, err := io.ReadAll(io.LimitReader(part, left+1))
		if err != nil {
			return errMalformed
		}
		if left -= int64(len(value) + len(name)); left < 0 {
			return errTooMany
		}
		if _, twice := f.fields[name]; !twice {
			f.sent = append(f.sent, part.FormName())
		}
		f.fields[name] = string(value)
	}
}

func missing(field string) *api.Error {
	return errInvalidArgument.Withf("Bucket POST must contain a field named '%s'.  If it is specified, please check the order of the fields.", field).
		Detailed("ArgumentName", field).Detailed("ArgumentValue", "")
}

// The fields of a signature, of either version, as S3 names them.
var (
	signedByV4 = []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature"}
	signedByV2 = []string{"AWSAccessKeyId", "Signature"}
)

// readSignature finds out who signed the form. One that has none of a signature's fields is
// anonymous; one that has some is missing the others [S133].
func (f *Form) readSignature() *api.Error {
	names := signedByV4
	switch {
	case f.has(signedByV4...):
	case f.has(signedByV2...):
		names = signedByV2
	default:
		return nil
	}
	for _, name := range append(names, "policy") {
		if f.fields[strings.ToLower(name)] == "" {
			return missing(name)
		}
	}
	if f.Signature = sigv4.OfForm(f.fields); f.Signature == nil {
		return errCredential
	}
	return nil
}

// has reports whether the form has any of the fields.
func (f *Form) has(names ...string) bool {
	for _, name := range names {
		if f.fields[strings.ToLower(name)] != "" {
			return true
		}
	}
	return false
}

// Verify checks that the policy was signed with the secret.
func (f *Form) Verify(v *sigv4.Verifier, secret string) *api.Error {
	return v.VerifyForm(f.Signature, f.fields["policy"], secret)
}

// Check reports why the form is not what its policy allows, which is looked at only once
// its signature is known to be right, or cannot be verified [S131].
func (f *Form) Check() *api.Error {
	document, err := base64.StdEncoding.DecodeString(f.fields["policy"])
	if err != nil {
		return errPolicy.With("Invalid Policy: Invalid Base64 Encoding.")
	}
	policy, refused := parsePolicy(document)
	if refused != nil {
		return refused
	}
	f.policy = policy
	return policy.check(f)
}

// Request is the request that the form stands for: r as a PutObject.
func (f *Form) Request(r *http.Request, hostBucket bool) (*http.Request, *api.Error) {
	put := r.Clone(r.Context())
	put.Method = http.MethodPut
	put.URL = &url.URL{Path: "/" + f.Key}
	if !hostBucket {
		put.URL.Path = "/" + f.Bucket + "/" + f.Key
	}
	put.Header = http.Header{}
	for _, name := range []string{"User-Agent", "Referer", "X-Amzn-Trace-Id"} { // policies and records know them
		if values := r.Header[name]; values != nil {
			put.Header[name] = values
		}
	}
	for name, value := range f.fields {
		if header := headerOf(name); header != "" {
			put.Header.Set(header, value)
		}
	}
	if err := f.tag(put.Header); err != nil {
		return nil, err
	}
	put.ContentLength = -1
	put.Body = api.NewBody(&file{form: f}, -1, nil)
	return put, nil
}

// headerOf is the header that a field stands for; empty: none.
func headerOf(field string) string {
	switch field {
	case "cache-control", "content-disposition", "content-encoding", "content-type", "expires":
		return field
	case "acl":
		return "x-amz-acl"
	case "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "x-amz-security-token", "x-amz-copy-source", "x-amz-content-sha256":
		return ""
	default:
		if strings.HasPrefix(field, "x-amz-") {
			return field
		}
		return ""
	}
}

// tag makes the header with the tags, which a form gives as a document [S134].
func (f *Form) tag(h http.Header) *api.Error {
	text, ok := f.fields["tagging"]
	if !ok {
		return nil
	}
	var document struct {
		XMLName xml.Name
		Tags    []struct {
			Key   string
			Value string
		} `xml:"TagSet>Tag"`
	}
	if xml.Unmarshal([]byte(text), &document) != nil {
		return errMalformedXML
	}
	if document.XMLName.Local != "Tagging" {
		return nil
	}
	var tags []string
	for _, tag := range document.Tags {
		tags = append(tags, url.QueryEscape(tag.Key)+"="+url.QueryEscape(tag.Value))
	}
	if tags != nil {
		h.Set("X-Amz-Tagging", strings.Join(tags, "&"))
	}
	return nil
}

// file reads the file of a form within the bounds of its policy [S132].
type file struct {
	form *Form
	read int64
}

func (b *file) Read(p []byte) (int, error) {
	n, err := b.form.file.Read(p)
	b.read += int64(n)
	if policy := b.form.policy; policy != nil && policy.ranged {
		if b.read > policy.maximum {
			rest, _ := io.Copy(io.Discard, b.form.file) // to tell how long it is
			return 0, errTooLarge.Detailed("ProposedSize", strconv.FormatInt(b.read+rest, 10)).Detailed("MaxSizeAllowed", strconv.FormatInt(policy.maximum, 10))
		}
		if errors.Is(err, io.EOF) && b.read < policy.minimum {
			return n, errTooSmall.Detailed("ProposedSize", strconv.FormatInt(b.read, 10)).Detailed("MinSizeAllowed", strconv.FormatInt(policy.minimum, 10))
		}
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return n, sigv4.ErrIncompleteBody
	}
	return n, err
}

// Answer is how the form wants to be answered: with 200, 201 or 204, or with a way to
// another page.
func (f *Form) Answer() (status int, redirect string) {
	redirect = cmp.Or(f.fields["success_action_redirect"], f.fields["redirect"])
	if u, err := url.Parse(redirect); err != nil || u.Scheme != "http" && u.Scheme != "https" {
		redirect = ""
	}
	switch f.fields["success_action_status"] {
	case "200":
		return http.StatusOK, redirect
	case "201":
		return http.StatusCreated, redirect
	default:
		return http.StatusNoContent, redirect
	}
}
