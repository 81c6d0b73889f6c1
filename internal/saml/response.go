package saml

import (
	"crypto/x509"
	"errors"
	"strings"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
	"github.com/russellhaering/goxmldsig/etreeutils"
)

// Response is an identity provider's answer to a sign-in.
type Response struct {
	root *etree.Element
	// Succeeded is whether the provider says that the sign-in succeeded. It may be
	// unsigned.
	Succeeded bool
	// Issuer is the provider that the response names, before anything is
	// verified.
	Issuer string
}

// Assertion is what a provider has signed about a user.
type Assertion struct {
	Issuer string
	Issued time.Time
	// Subject is the user, in the form that Format names.
	Subject, Format string
	// Recipient is the URL that the assertion is for, and Expires the time until which
	// it must be used.
	Recipient string
	Expires   time.Time
	// NotBefore and NotAfter bound its validity; zero: they do not.
	NotBefore, NotAfter time.Time
	Audiences           []string
	Attributes          map[string][]string
}

// The reasons why a response is refused.
var (
	ErrMalformed = errors.New("malformed response")
	ErrSignature = errors.New("response signature invalid")
)

// ParseResponse reads a response with one assertion that is not encrypted.
func ParseResponse(text []byte) (*Response, error) {
	root, err := parse(text)
	if err != nil {
		return nil, ErrMalformed
	}
	assertion := only(root, nsAssertion, "Assertion")
	if !is(root, nsProtocol, "Response") || assertion == nil {
		return nil, ErrMalformed
	}
	r := &Response{root: root, Issuer: textOf(assertion, "Issuer"), Succeeded: true}
	if status := only(root, nsProtocol, "Status"); status != nil {
		code := only(status, nsProtocol, "StatusCode")
		r.Succeeded = code != nil && code.SelectAttrValue("Value", "") == "urn:oasis:names:tc:SAML:2.0:status:Success"
	}
	return r, nil
}

// Verify is the assertion, if one of the certificates has signed it or the whole
// response.
func (r *Response) Verify(certificates []*x509.Certificate) (*Assertion, error) {
	for _, c := range certificates {
		if whole := signed(r.root, c); whole != nil && is(whole, nsProtocol, "Response") {
			if e := only(whole, nsAssertion, "Assertion"); e != nil {
				return readAssertion(e)
			}
		}
		part := only(r.root, nsAssertion, "Assertion")
		context, err := etreeutils.NSBuildParentContext(part)
		if err != nil {
			return nil, ErrSignature
		}
		if part, err = etreeutils.NSDetatch(context, part); err != nil {
			return nil, ErrSignature
		}
		if e := signed(part, c); e != nil && is(e, nsAssertion, "Assertion") {
			return readAssertion(e)
		}
	}
	return nil, ErrSignature
}

// signed is the part of an element that is signed with the key of a
// certificate; the signature is inside the element. nil: nothing is.
func signed(e *etree.Element, c *x509.Certificate) *etree.Element {
	if e.SelectAttrValue(dsig.DefaultIdAttr, "") == "" || only(e, nsSignature, dsig.SignatureTag) == nil {
		return nil
	}
	context := dsig.NewDefaultValidationContext(&dsig.MemoryX509CertificateStore{Roots: []*x509.Certificate{c}})
	context.Clock = dsig.NewFakeClockAt(c.NotBefore) // ignores the certificate's validity period
	verified, err := context.Validate(e.Copy())      // which it changes
	if err != nil {
		return nil
	}
	return verified
}

// readAssertion reads an assertion that was signed.
func readAssertion(e *etree.Element) (*Assertion, error) {
	a := &Assertion{Issuer: textOf(e, "Issuer"), Attributes: map[string][]string{}}
	times := &timeReader{}
	a.Issued = times.read(e, "IssueInstant")
	subject := only(e, nsAssertion, "Subject")
	if subject == nil {
		return nil, ErrMalformed
	}
	if name := only(subject, nsAssertion, "NameID"); name != nil {
		a.Subject, a.Format = strings.TrimSpace(name.Text()), name.SelectAttrValue("Format", "")
	}
	confirmation := bearer(subject)
	if confirmation == nil {
		return nil, ErrMalformed
	}
	a.Recipient, a.Expires = confirmation.SelectAttrValue("Recipient", ""), times.read(confirmation, "NotOnOrAfter")
	if conditions := only(e, nsAssertion, "Conditions"); conditions != nil {
		a.NotBefore, a.NotAfter = times.read(conditions, "NotBefore"), times.read(conditions, "NotOnOrAfter")
		for _, restriction := range children(conditions, nsAssertion, "AudienceRestriction") {
			for _, audience := range children(restriction, nsAssertion, "Audience") {
				a.Audiences = append(a.Audiences, strings.TrimSpace(audience.Text()))
			}
		}
	}
	for _, statement := range children(e, nsAssertion, "AttributeStatement") {
		for _, attribute := range children(statement, nsAssertion, "Attribute") {
			name := attribute.SelectAttrValue("Name", "")
			for _, value := range children(attribute, nsAssertion, "AttributeValue") {
				a.Attributes[name] = append(a.Attributes[name], strings.TrimSpace(value.Text()))
			}
		}
	}
	return a, times.err
}

// bearer is the confirmation data for the method "bearer": whoever presents the
// assertion is the subject.
func bearer(subject *etree.Element) *etree.Element {
	for _, c := range children(subject, nsAssertion, "SubjectConfirmation") {
		if c.SelectAttrValue("Method", "") == "urn:oasis:names:tc:SAML:2.0:cm:bearer" {
			return only(c, nsAssertion, "SubjectConfirmationData")
		}
	}
	return nil
}

func textOf(e *etree.Element, tag string) string {
	if child := only(e, nsAssertion, tag); child != nil {
		return strings.TrimSpace(child.Text())
	}
	return ""
}

// timeReader reads times, and remembers the first error.
type timeReader struct{ err error }

func (r *timeReader) read(e *etree.Element, attribute string) time.Time {
	text := e.SelectAttrValue(attribute, "")
	if text == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil && r.err == nil {
		r.err = ErrMalformed
	}
	return t
}
