package sigv4

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
)

// Version is that of a signature.
type Version uint8

// The versions that Parse tells apart. V4 alone can be verified.
const (
	V4  Version = iota
	V4A         // asymmetric
	V2
)

// Signature is what a request says about who signed it. Fields that it does not give
// are empty.
type Signature struct {
	Version      Version
	AccessKeyID  string
	Region       string // of the credential scope
	Service      string // of the credential scope, such as sqs
	SessionToken string
	// Presigned: the signature stands in the query string.
	Presigned bool

	algorithm     string
	credential    string // as it was sent
	date          string // of the credential scope
	terminator    string // of the credential scope
	signedHeaders string // as they were sent
	signature     string
	timestamp     string // X-Amz-Date, or Date
	expires       string // of a presigned request
	header        string // Authorization, as it was sent; empty where Presigned
	// unreadable is what Verify answers before it looks any further; see malformed.
	unreadable *api.Error
}

const (
	algorithmV4  = "AWS4-HMAC-SHA256"
	algorithmV4A = "AWS4-ECDSA-P256-SHA256"
	terminator   = "aws4_request"
	// maxExpires is a week, in seconds.
	maxExpires = 604800
)

// Parse reads the signature of a request; nil: it is unsigned. It fails where
// the request is signed but nobody can tell by which access key, and where it
// is signed twice.
func Parse(r *http.Request) (*Signature, *api.Error) { return ParseInto(new(Signature), r) }

// ParseInto is Parse into room, where the result is that of a header.
func ParseInto(room *Signature, r *http.Request) (*Signature, *api.Error) {
	header := strings.TrimSpace(first(r, "Authorization"))
	query := r.URL.RawQuery
	// Most requests have no query string, or none with parameters of a signature.
	if query != "" {
		parameters := parameters(query)
		_, presigned := parameters["X-Amz-Algorithm"]
		switch {
		case presigned && header != "":
			return nil, ErrSignature.With("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
		case presigned:
			return parseQuery(r, parameters)
		case header == "":
			return legacy(parameters), nil
		}
	}
	if header == "" {
		return nil, nil
	}
	return parseHeader(room, r, header)
}

// first is the first value of a header whose name is spelled as net/http keeps it; every
// request is asked for several, and Header.Get would check the spelling each time.
func first(r *http.Request, name string) string {
	if values := r.Header[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// ParseForm reads the signature of an unsigned request's form, for version 2
// signs by parameters, which may stand in the body; nil: there is none.
func ParseForm(body []byte) *Signature { return legacy(parameters(string(body))) }

// parameters are those of a query string or form that concern a signature, by
// name: the first of each.
func parameters(query string) map[string]string {
	var found map[string]string
	for piece := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(piece, "=")
		name = unescape(name)
		if !strings.HasPrefix(name, "X-Amz-") && !slices.Contains(ofV2, name) {
			continue
		}
		if _, repeated := found[name]; repeated {
			continue
		}
		if found == nil {
			found = map[string]string{}
		}
		found[name] = unescape(value)
	}
	return found
}

// ofV2 are the parameters of a signature of version 2 that are looked at.
var ofV2 = []string{"AWSAccessKeyId", "SecurityToken", "Signature", "Expires", "x-amz-security-token"}

// unescape decodes a part of a query string; what cannot be decoded is left as it is.
func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

// legacy is a signature of version 2 in parameters.
func legacy(parameters map[string]string) *Signature {
	key := parameters["AWSAccessKeyId"]
	if key == "" {
		return nil
	}
	// The trail keeps the key; a part of a body's text would keep all of the body.
	return &Signature{
		Version: V2, Presigned: true, AccessKeyID: strings.Clone(key), SessionToken: cmp.Or(parameters["SecurityToken"], parameters["x-amz-security-token"]),
		signature: strings.Clone(parameters["Signature"]), expires: strings.Clone(parameters["Expires"]),
	}
}

func parseHeader(s *Signature, r *http.Request, header string) (*Signature, *api.Error) {
	algorithm, rest, _ := strings.Cut(header, " ")
	if algorithm == "AWS" { // version 2, as Amazon S3 has it: AWS KEY:SIGNATURE
		key, signature, _ := strings.Cut(strings.TrimSpace(rest), ":")
		return &Signature{Version: V2, AccessKeyID: key, signature: signature, SessionToken: r.Header.Get("X-Amz-Security-Token")}, nil
	}
	if !strings.HasPrefix(algorithm, "AWS4-") {
		return nil, api.ErrMissingToken
	}
	*s = Signature{algorithm: algorithm, header: header, SessionToken: first(r, "X-Amz-Security-Token")}
	if s.timestamp = first(r, "X-Amz-Date"); s.timestamp == "" {
		s.timestamp = first(r, "Date")
	}
	s.readPairs(rest)
	if s.credential == "" {
		return nil, s.malformed()
	}
	s.readCredential(r)
	return s, nil
}

// malformed is what is wrong with the signature's form; nil: nothing. For a header it
// is computed only in Verify, because many clients of emulators sign with an unknown
// access key, and these are accepted whatever the header lacks.
func (s *Signature) malformed() *api.Error {
	if s.unreadable == nil && s.header != "" {
		return missingInHeader(s)
	}
	return s.unreadable
}

// readPairs reads the parameters of an Authorization header.
func (s *Signature) readPairs(pairs string) {
	for pairs != "" {
		end, rest := len(pairs), ""
		for _, separator := range []byte(", \t") {
			if i := strings.IndexByte(pairs[:end], separator); i >= 0 {
				end, rest = i, pairs[i+1:]
			}
		}
		var pair string
		pair, pairs = pairs[:end], rest
		name, value, ok := strings.Cut(pair, "=")
		switch {
		case pair == "":
		case !ok:
			s.unreadable = ErrIncomplete.Withf("'%s' not a valid key=value pair (missing equal-sign) in Authorization header: '%s'.", pair, s.header)
		case name == "Credential":
			s.credential = value
		case name == "SignedHeaders":
			s.signedHeaders = value
		case name == "Signature":
			s.signature = value
		}
	}
}

func missingInHeader(s *Signature) *api.Error {
	var b strings.Builder
	for _, p := range []struct{ name, value string }{
		{"Credential", s.credential}, {"Signature", s.signature}, {"SignedHeaders", s.signedHeaders},
	} {
		if p.value == "" {
			b.WriteString("Authorization header requires '" + p.name + "' parameter. ")
		}
	}
	if s.timestamp == "" {
		b.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	if b.Len() == 0 {
		return nil
	}
	return ErrIncomplete.With(b.String() + "Authorization=" + s.header)
}

func parseQuery(r *http.Request, parameters map[string]string) (*Signature, *api.Error) {
	s := &Signature{
		Presigned:     true,
		algorithm:     parameters["X-Amz-Algorithm"],
		credential:    parameters["X-Amz-Credential"],
		signature:     parameters["X-Amz-Signature"],
		signedHeaders: parameters["X-Amz-SignedHeaders"],
		timestamp:     parameters["X-Amz-Date"],
		expires:       parameters["X-Amz-Expires"],
	}
	var sent bool
	if s.SessionToken, sent = parameters["X-Amz-Security-Token"]; !sent {
		s.SessionToken = r.Header.Get("X-Amz-Security-Token")
	}
	if s.unreadable = missingInQuery(s); s.unreadable == nil {
		s.unreadable = checkExpires(parameters)
	}
	if s.credential == "" {
		return nil, s.unreadable
	}
	s.readCredential(r)
	return s, nil
}

func missingInQuery(s *Signature) *api.Error {
	var b strings.Builder
	for _, p := range []struct{ name, value string }{
		{"Algorithm", s.algorithm}, {"Credential", s.credential}, {"Signature", s.signature},
		{"SignedHeaders", s.signedHeaders}, {"Date", s.timestamp},
	} {
		if p.value == "" {
			b.WriteString("AWS query-string parameters must include 'X-Amz-" + p.name + "'. ")
		}
	}
	if b.Len() == 0 {
		return nil
	}
	return ErrIncomplete.With(b.String() + "Re-examine the query-string parameters.")
}

func checkExpires(parameters map[string]string) *api.Error {
	expires, sent := parameters["X-Amz-Expires"]
	if n, err := strconv.Atoi(expires); sent && (err != nil || n < 1 || n > maxExpires) {
		return ErrIncomplete.Withf("X-Amz-Expires must be a number of seconds from 1 to %d. Got '%s'.", maxExpires, expires)
	}
	return nil
}

// readCredential reads KEY/DATE/REGION/SERVICE/aws4_request; of version 4A
// KEY/DATE/SERVICE/aws4_request. An access key that does not have AWS's form
// may contain slashes, and a credential may have fewer elements.
func (s *Signature) readCredential(r *http.Request) {
	rest := strings.TrimRight(s.credential, "/")
	var scope [4]string // from its end
	elements := scope[:4]
	if s.algorithm == algorithmV4A {
		s.Version, elements = V4A, scope[:3]
	}
	for i := range elements {
		slash := strings.LastIndexByte(rest, '/')
		if slash < 0 {
			s.AccessKeyID, _, _ = strings.Cut(s.credential, "/")
			return
		}
		elements[i], rest = rest[slash+1:], rest[:slash]
	}
	if elements[0] != terminator {
		if key, _, more := strings.Cut(rest, "/"); more {
			s.AccessKeyID = key
			return
		}
	}
	s.AccessKeyID = rest
	s.date, s.Service, s.terminator = elements[len(elements)-1], elements[1], elements[0]
	if s.Version == V4 {
		s.Region = elements[2]
		return
	}
	if region, _, _ := strings.Cut(r.Header.Get("X-Amz-Region-Set"), ","); !strings.Contains(region, "*") {
		s.Region = strings.TrimSpace(region)
	}
}
