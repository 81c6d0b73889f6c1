package sigv4

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
)

// Requests for objects, which Amazon S3 takes, are signed in ways of their own: see the
// package comment.

// Object is a request for an object, or a bucket, with its signature.
type Object struct {
	*Signature
	Request *http.Request // as it arrived
	// Bucket is the one that Host names; empty: the path names it. HostRegion is the region
	// that Host names; empty: it names none.
	Bucket, HostRegion string
	// Parts are the parameters that make a request one for a part of a bucket or object.
	Parts []string
}

// VerifyObject checks that a request for an object was signed with the secret. Its body
// is not looked at: Body checks that while it is read. now is the real time.
func (v *Verifier) VerifyObject(o *Object, secret string, now time.Time) *api.Error {
	switch o.Version {
	case V4:
	case V2:
		return o.verifyV2(secret, now)
	default:
		return errMechanism
	}
	if err := o.Timely(now); err != nil {
		return err
	}
	if o.algorithm != algorithmV4 {
		return errMechanism
	}
	if err := o.scoped(v); err != nil {
		return err
	}
	if err := o.signsHeaders(); err != nil {
		return err
	}
	return v.compareObject(o, secret)
}

// Timely checks the form of a signature, and that the request comes in its time. That
// takes no secret.
func (o *Object) Timely(now time.Time) *api.Error {
	switch {
	case o.Version == V2 && o.Presigned:
		return o.timelyV2(now)
	case o.Version != V4:
		return nil
	case o.Presigned:
		return o.timelyQuery(now)
	case o.signature == "" || o.signedHeaders == "" || o.credential == "":
		return errHeaderMalformed.With(textHeaderMalformed + "the authorization component is malformed.")
	}
	at, _, err := o.time()
	if err != nil {
		return ErrAccessDenied.With("AWS authentication requires a valid Date or x-amz-date header")
	}
	if at.Before(now.Add(-skew)) || at.After(now.Add(skew)) { // [S126]
		return errSkewed.Detailed("RequestTime", o.timestamp).Detailed("ServerTime", now.UTC().Format(time.RFC3339)).
			Detailed("MaxAllowedSkewMilliseconds", strconv.FormatInt(skew.Milliseconds(), 10))
	}
	return nil
}

// timelyQuery checks the parameters of a presigned URL [S121]-[S123].
func (o *Object) timelyQuery(now time.Time) *api.Error {
	if o.credential == "" || o.signature == "" || o.signedHeaders == "" || o.timestamp == "" || o.expires == "" {
		return ErrQueryParameters
	}
	if o.wellFormed() != nil || o.terminator != terminator {
		return ErrQueryParameters.With(textCredential + `the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`)
	}
	at, _, err := o.time()
	if err != nil {
		return ErrQueryParameters.With(`X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`)
	}
	seconds, failed := strconv.Atoi(o.expires)
	switch {
	case failed != nil:
		return ErrQueryParameters.With("X-Amz-Expires should be a number")
	case seconds < 0:
		return ErrQueryParameters.With("X-Amz-Expires must be non-negative")
	case seconds > maxExpires:
		return ErrQueryParameters.Withf("X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than %d seconds", maxExpires)
	case at.After(now.Add(skew)):
		return ErrAccessDenied.With("Request is not yet valid")
	}
	if until := at.Add(time.Duration(seconds) * time.Second); now.After(until) {
		return expired(o.expires, until, now)
	}
	return nil
}

// expired is the error for a URL whose time is over [S121].
func expired(seconds string, until, now time.Time) *api.Error {
	e := ErrAccessDenied.With("Request has expired")
	if seconds != "" {
		e = e.Detailed("X-Amz-Expires", seconds)
	}
	return e.Detailed("Expires", until.UTC().Format(time.RFC3339)).Detailed("ServerTime", now.UTC().Format(time.RFC3339))
}

// scoped checks the credential scope.
func (o *Object) scoped(v *Verifier) *api.Error {
	malformed := errHeaderMalformed
	if o.Presigned {
		malformed = ErrQueryParameters
	}
	_, at, _ := o.time()
	day := at[:min(len(at), len("20060102"))]
	switch region, known := v.regions.Find(o.Region); {
	case o.wellFormed() != nil || o.terminator != terminator:
		return malformed.Withf(textHeaderMalformed + "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")
	case !known:
		return o.wrongRegion(cmp.Or(o.HostRegion, region))
	case o.isElsewhere():
		return o.wrongRegion(o.HostRegion)
	case o.date != day:
		return malformed.Withf("Invalid credential date %q. This date is not the same as X-Amz-Date: %q.", o.date, day)
	}
	return nil
}

// isElsewhere reports whether the credential scope names another region than Host.
func (o *Object) isElsewhere() bool { return o.HostRegion != "" && o.Region != o.HostRegion }

// wrongRegion is the error for a region that there is not, or that is not the one that
// was called [S047].
func (o *Object) wrongRegion(expecting string) *api.Error {
	malformed, text := errHeaderMalformed, textHeaderMalformed
	if o.Presigned {
		malformed, text = ErrQueryParameters, textCredential
	}
	expecting = cmp.Or(expecting, "us-east-1")
	return malformed.With(text+"the region '"+o.Region+"' is wrong; expecting '"+expecting+"'").Detailed("Region", expecting)
}

// KnownRegion refuses a credential scope whose region does not exist, or is not the one
// that was called, of a signature that cannot be verified.
func (v *Verifier) KnownRegion(o *Object) *api.Error {
	if o.InRegion(v.regions) != nil || o.Version == V4 && o.Region != "" && o.isElsewhere() {
		return o.wrongRegion(o.HostRegion)
	}
	return nil
}

// signsHeaders checks that what changes the meaning of a request is signed [S124].
func (o *Object) signsHeaders() *api.Error {
	signed := strings.Split(strings.ToLower(o.signedHeaders), ";")
	var missing []string
	if !slices.Contains(signed, "host") {
		missing = append(missing, "host")
	}
	for name := range o.Request.Header {
		name = strings.ToLower(name)
		if o.Presigned && name == strings.ToLower(contentHeader) {
			continue // [S135]
		}
		if strings.HasPrefix(name, "x-amz-") && !slices.Contains(signed, name) {
			missing = append(missing, name)
		}
	}
	if missing == nil {
		return nil
	}
	slices.Sort(missing)
	return ErrAccessDenied.With("There were headers present in the request which were not signed").Detailed("HeadersNotSigned", strings.Join(missing, ", "))
}

// contentSHA256 is what the request says of its body's hash. A presigned URL says it where
// it signs it: a header that it does not sign is ignored [S135].
func (o *Object) contentSHA256() string {
	sent := o.Request.Header.Get(contentHeader)
	if !o.Presigned || o.Version == V2 {
		return sent
	}
	if said := parametersOf(o.Request).Get(contentHeader); said != "" {
		return said
	}
	if sent == "" || !slices.Contains(strings.Split(strings.ToLower(o.signedHeaders), ";"), strings.ToLower(contentHeader)) {
		return unsigned
	}
	return sent
}

const contentHeader = "X-Amz-Content-Sha256"

// objectPaths are the canonical forms of a path: encoded once, and never normalized [S128].
// A client that encodes otherwise signs what it sends.
func objectPaths(u *url.URL) []string {
	escaped := u.EscapedPath()
	if escaped == "" {
		return []string{"/"}
	}
	if once := encode(u.Path, '/'); once != escaped {
		return []string{once, escaped}
	}
	return []string{escaped}
}

func (v *Verifier) compareObject(o *Object, secret string) *api.Error {
	payload := o.contentSHA256()
	if payload == "" {
		return errNoContentHash
	}
	key := v.key(scope{secret, o.date, o.Region, o.Service})
	_, at, _ := o.time()
	var cause *api.Error
	r := o.WithParameters(o.Request)
	hosts := hosts(r.Host)
	for _, host := range hosts.all() {
		for _, path := range objectPaths(r.URL) {
			canonical := o.canonical(nil, r, host, path, []byte(payload))
			text := o.stringToSign(nil, at, sha256.Sum256(canonical))
			want := hex.EncodeToString(key.appendMAC(nil, text))
			if subtle.ConstantTimeCompare([]byte(want), []byte(o.signature)) == 1 {
				return nil
			}
			if cause == nil {
				cause = o.mismatch(text).Detailed("CanonicalRequest", string(canonical)).Detailed("CanonicalRequestBytes", bytesOf(canonical))
				cause.Cause = &Mismatch{string(canonical), string(text)}
			}
		}
	}
	return cause
}

// mismatch is the error for a wrong signature [S120].
func (s *Signature) mismatch(stringToSign []byte) *api.Error {
	return errObjectSignature.Detailed("AWSAccessKeyId", s.AccessKeyID).Detailed("StringToSign", string(stringToSign)).
		Detailed("SignatureProvided", s.signature).Detailed("StringToSignBytes", bytesOf(stringToSign))
}

// bytesOf are the bytes of a text in hexadecimal, as S3 shows them.
func bytesOf(text []byte) string { return fmt.Sprintf("% x", text) }

// ObjectError is an error of authentication as S3 words it [S126]. Others are as they are.
func ObjectError(e *api.Error, s *Signature) *api.Error {
	switch e {
	case api.ErrWrongToken:
		return errToken.Detailed("Token-0", s.SessionToken)
	case api.ErrInvalidToken:
		return errAccessKey.Detailed("AWSAccessKeyId", s.AccessKeyID)
	case api.ErrExpiredToken:
		return errTokenExpired.Detailed("Token-0", s.SessionToken)
	default:
		return e
	}
}

// Auth is how the request was authenticated, as condition keys know it. now is the real time.
func (o *Object) Auth(now time.Time) *api.Auth {
	a := &api.Auth{ContentSHA256: o.Request.Header.Get(contentHeader)}
	if o.Signature == nil {
		return a
	}
	if a.Type = "REST-HEADER"; o.Presigned {
		a.Type = "REST-QUERY-STRING"
	}
	if a.Version = algorithmV4; o.Version == V2 {
		a.Version = "AWS"
	}
	if at, _, err := o.time(); err == nil {
		a.Signed, a.Age = at, max(0, now.Sub(at))
	}
	return a
}
