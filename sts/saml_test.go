package sts_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/google/go-cmp/cmp"
	dsig "github.com/russellhaering/goxmldsig"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/sts"
)

const (
	samlIssuer   = "https://idp.example/saml"
	samlProvider = "arn:aws:iam::" + account + ":saml-provider/idp"
	samlTrust    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + samlProvider + `"},` +
		`"Action":["sts:AssumeRoleWithSAML","sts:TagSession","sts:SetSourceIdentity"],"Condition":{"StringEquals":{"saml:aud":"https://signin.aws.amazon.com/saml"}}}]}`
	attributes = "https://aws.amazon.com/SAML/Attributes/"
)

// samlSigner signs as an identity provider does.
type samlSigner struct {
	key *ecdsa.PrivateKey
	der []byte
}

func newSAMLSigner(t *testing.T) *samlSigner {
	t.Helper()
	key := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	// The certificate has expired: AWS does not look.
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: start.AddDate(-2, 0, 0), NotAfter: start.AddDate(-1, 0, 0)}
	return &samlSigner{key, must[[]byte](t)(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key))}
}

func (s *samlSigner) metadata() string {
	return `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="` + samlIssuer + `"><md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` +
		`<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>` +
		base64.StdEncoding.EncodeToString(s.der) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor></md:IDPSSODescriptor></md:EntityDescriptor>`
}

// sign signs an element, with the signature where SAML wants it: after the issuer.
func (s *samlSigner) sign(t *testing.T, e *etree.Element) *etree.Element {
	t.Helper()
	c := must[*dsig.SigningContext](t)(dsig.NewSigningContext(s.key, [][]byte{s.der}))
	c.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	c.Hash = crypto.SHA256
	if err := c.SetSignatureMethod(dsig.ECDSASHA256SignatureMethod); err != nil {
		t.Fatal(err)
	}
	return must[*etree.Element](t)(c.SignEnveloped(e))
}

// samlAssertion is what every test starts from.
type samlAssertion struct {
	issuer, subject, format, recipient, audience, status string
	issued, expires                                      time.Time
	attributes                                           [][2]string
	notBefore                                            time.Time
}

func newSAMLAssertion() *samlAssertion {
	return &samlAssertion{
		issuer: samlIssuer, subject: "alice", format: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", status: "urn:oasis:names:tc:SAML:2.0:status:Success",
		recipient: "https://signin.aws.amazon.com/saml", audience: "urn:amazon:webservices", issued: start, expires: start.Add(5 * time.Minute), notBefore: start,
		attributes: [][2]string{{"Role", roleARN + "," + samlProvider}, {"RoleSessionName", "alice@example"}},
	}
}

func (a *samlAssertion) element(t *testing.T) *etree.Element {
	t.Helper()
	stamp := func(at time.Time) string { return at.Format("2006-01-02T15:04:05.000Z") }
	var list strings.Builder
	for _, attribute := range a.attributes {
		name := attribute[0]
		if !strings.Contains(name, ":oid:") {
			name = attributes + name
		}
		fmt.Fprintf(&list, `<saml:Attribute Name="%s"><saml:AttributeValue>%s</saml:AttributeValue></saml:Attribute>`, name, attribute[1])
	}
	return parseXML(t, fmt.Sprintf(`<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_a1" IssueInstant="%s" Version="2.0"><saml:Issuer>%s</saml:Issuer>`+
		`<saml:Subject><saml:NameID Format="%s">%s</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="%s" Recipient="%s"/></saml:SubjectConfirmation></saml:Subject>`+
		`<saml:Conditions NotBefore="%s" NotOnOrAfter="%s"><saml:AudienceRestriction><saml:Audience>%s</saml:Audience></saml:AudienceRestriction></saml:Conditions>`+
		`<saml:AttributeStatement>%s</saml:AttributeStatement></saml:Assertion>`,
		stamp(a.issued), a.issuer, a.format, a.subject, stamp(a.expires), a.recipient, stamp(a.notBefore), stamp(a.expires), a.audience, list.String()))
}

func parseXML(t *testing.T, text string) *etree.Element {
	t.Helper()
	doc := etree.NewDocument()
	if err := doc.ReadFromString(text); err != nil {
		t.Fatal(err)
	}
	return doc.Root()
}

// response wraps an assertion.
func (a *samlAssertion) response(t *testing.T, assertion *etree.Element) *etree.Element {
	t.Helper()
	r := parseXML(t, `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r1" Version="2.0"><samlp:Status><samlp:StatusCode Value="`+a.status+`"/></samlp:Status></samlp:Response>`)
	r.AddChild(assertion)
	return r
}

func encodeXML(t *testing.T, e *etree.Element) string {
	t.Helper()
	doc := etree.NewDocument()
	doc.SetRoot(e)
	return base64.StdEncoding.EncodeToString(must[[]byte](t)(doc.WriteToBytes()))
}

// newSAMLTestbed has a SAML provider whose key is the signer's, and a role that trusts it.
func newSAMLTestbed(t *testing.T, s *samlSigner) *testbed {
	t.Helper()
	w := newTestbed(t)
	w.role(identity.RoleSpec{Trust: samlTrust, MaxSession: 7200, Tags: map[string]string{"team": "red"}})
	err := w.dir.Update(t.Context(), func(tx store.Tx) error {
		w.dir.SAMLProviders.Put(tx, &identity.SAMLProvider{Entity: identity.Entity{Account: account, Partition: "aws", Name: "idp"}, Metadata: s.metadata()})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *testbed) bring(response string, change func(*sts.AssumeRoleWithSAMLInput)) (*sts.AssumeRoleWithSAMLOutput, error) {
	w.t.Helper()
	in := &sts.AssumeRoleWithSAMLInput{RoleArn: roleARN, PrincipalArn: samlProvider, SAMLAssertion: response}
	if change != nil {
		change(in)
	}
	return run[sts.AssumeRoleWithSAMLOutput](w, identity.Anonymous(), "AssumeRoleWithSAML", in)
}

func TestAssumeRoleWithSAML(t *testing.T) {
	s := newSAMLSigner(t)
	w := newSAMLTestbed(t, s)
	a := newSAMLAssertion()
	a.attributes = append(a.attributes, [2]string{"PrincipalTag:Project", "wax"}, [2]string{"TransitiveTagKeys", "Project"}, [2]string{"SourceIdentity", "alice-id"}, [2]string{"SessionDuration", "1800"})
	sum := sha1.Sum([]byte(samlIssuer + account + "/idp"))
	for name, response := range map[string]string{
		"the assertion is signed":  encodeXML(t, a.response(t, s.sign(t, a.element(t)))),
		"the response is signed":   encodeXML(t, s.sign(t, a.response(t, a.element(t)))),
		"both are signed":          encodeXML(t, s.sign(t, a.response(t, s.sign(t, a.element(t))))),
		"it has line breaks in it": strings.Join(strings.SplitAfter(encodeXML(t, a.response(t, s.sign(t, a.element(t)))), "A"), "\n"),
		"the namespace is declared above": func() string {
			e := a.response(t, s.sign(t, a.element(t)))
			e.CreateAttr("xmlns:other", "urn:other")
			return encodeXML(t, e)
		}(),
	} {
		out, err := w.bring(response, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := &sts.AssumeRoleWithSAMLOutput{
			Credentials: out.Credentials, PackedPolicySize: out.PackedPolicySize,
			AssumedRoleUser: &sts.AssumedRoleUser{Arn: "arn:aws:sts::" + account + ":assumed-role/r/alice@example", AssumedRoleId: out.AssumedRoleUser.AssumedRoleId},
			Subject:         "alice", SubjectType: "persistent", Issuer: samlIssuer, Audience: "https://signin.aws.amazon.com/saml",
			NameQualifier: base64.StdEncoding.EncodeToString(sum[:]), SourceIdentity: "alice-id",
		}
		if diff := cmp.Diff(want, out); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if !out.Credentials.Expiration.Equal(start.Add(30 * time.Minute)) {
			t.Errorf("%s: it expires at %v", name, out.Credentials.Expiration)
		}
		c := w.session(out.Credentials)
		keys := map[string]string{"saml:namequalifier": want.NameQualifier, "saml:sub": "alice", "saml:sub_type": "persistent"}
		if c.Session.FederatedProvider != samlProvider || c.Tags["Project"] != "wax" || c.Tags["team"] != "red" || c.Session.SourceIdentity != "alice-id" || cmp.Diff(keys, c.Session.SAML) != "" {
			t.Errorf("%s: the session is %+v with %v", name, c.Session, c.Tags)
		}
	}
}

// Everything that an attacker or a mistake could make of a response is refused.
func TestSAMLRefusals(t *testing.T) {
	s, otherSigner := newSAMLSigner(t), newSAMLSigner(t)
	w := newSAMLTestbed(t, s)
	signed := func(change func(*samlAssertion)) string {
		a := newSAMLAssertion()
		change(a)
		return encodeXML(t, a.response(t, s.sign(t, a.element(t))))
	}
	good := newSAMLAssertion()
	unsigned := encodeXML(t, good.response(t, good.element(t)))
	tampered := good.response(t, s.sign(t, good.element(t)))
	tampered.FindElement("//NameID").SetText("mallory")
	evil := newSAMLAssertion()
	evil.subject = "mallory"
	wrapped := evil.response(t, evil.element(t)) // a good assertion is hidden inside of a bad one
	wrapped.FindElement("./Assertion/Subject").AddChild(s.sign(t, good.element(t)))
	moved := evil.response(t, evil.element(t)) // the signature of a good one is put into a bad one
	moved.FindElement("./Assertion").AddChild(s.sign(t, good.element(t)).FindElement("./Signature").Copy())
	two := good.response(t, s.sign(t, good.element(t)))
	two.AddChild(evil.element(t))
	elsewhere := good.response(t, good.element(t)) // one of two is signed, below another element
	elsewhere.CreateElement("samlp:Extensions").AddChild(s.sign(t, good.element(t)))
	for name, test := range map[string]struct {
		response, code string
		status         int
		text           string
	}{
		"no base64":                    {"%%%%", "InvalidIdentityToken", 400, "Invalid base64 SAMLResponse"},
		"no XML":                       {base64.StdEncoding.EncodeToString([]byte("text")), "InvalidIdentityToken", 400, "Invalid SAMLResponse"},
		"a document type":              {base64.StdEncoding.EncodeToString([]byte(`<!DOCTYPE x [<!ENTITY e "v">]><x/>`)), "InvalidIdentityToken", 400, "Invalid SAMLResponse"},
		"two assertions":               {encodeXML(t, two), "InvalidIdentityToken", 400, "Invalid SAMLResponse"},
		"no signature":                 {unsigned, "InvalidIdentityToken", 400, "Response signature invalid"},
		"another's signature":          {encodeXML(t, good.response(t, otherSigner.sign(t, good.element(t)))), "InvalidIdentityToken", 400, "Response signature invalid"},
		"tampered with":                {encodeXML(t, tampered), "InvalidIdentityToken", 400, "Response signature invalid"},
		"wrapped":                      {encodeXML(t, wrapped), "InvalidIdentityToken", 400, "Response signature invalid"},
		"a moved signature":            {encodeXML(t, moved), "InvalidIdentityToken", 400, "Response signature invalid"},
		"signed elsewhere":             {encodeXML(t, elsewhere), "InvalidIdentityToken", 400, "Response signature invalid"},
		"another issuer":               {signed(func(a *samlAssertion) { a.issuer = "https://other.example" }), "InvalidIdentityToken", 400, "Issuer not present in specified provider"},
		"a failed sign-in":             {signed(func(a *samlAssertion) { a.status = "urn:oasis:names:tc:SAML:2.0:status:Responder" }), "IDPRejectedClaim", 403, "The identity provider reports that authentication failed."},
		"another recipient":            {signed(func(a *samlAssertion) { a.recipient = "https://signin.aws.amazon.com.evil.example/saml" }), "InvalidIdentityToken", 400, "Response is not addressed to AWS: the Recipient of its SubjectConfirmationData is not the sign-in page."},
		"another audience":             {signed(func(a *samlAssertion) { a.audience = "urn:other" }), "InvalidIdentityToken", 400, "Response is not addressed to AWS: its audience is neither the sign-in page nor urn:amazon:webservices."},
		"too old":                      {signed(func(a *samlAssertion) { a.issued = start.Add(-6 * time.Minute) }), "ExpiredTokenException", 400, "Token must be redeemed within 5 minutes of issuance"},
		"over":                         {signed(func(a *samlAssertion) { a.expires = start }), "ExpiredTokenException", 400, "Token must be redeemed within 5 minutes of issuance"},
		"not yet valid":                {signed(func(a *samlAssertion) { a.notBefore = start.Add(time.Minute) }), "InvalidIdentityToken", 400, "Response is not valid yet."},
		"no session name":              {signed(func(a *samlAssertion) { a.attributes = a.attributes[:1] }), "InvalidIdentityToken", 400, "RoleSessionName is required in AuthnResponse"},
		"a bad session name":           {signed(func(a *samlAssertion) { a.attributes[1][1] = "a b" }), "InvalidIdentityToken", 400, "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"},
		"a bad session duration":       {signed(func(a *samlAssertion) { a.attributes = append(a.attributes, [2]string{"SessionDuration", "899"}) }), "InvalidIdentityToken", 400, "SessionDuration in AuthnResponse must be a number of seconds from 900 to 43200"},
		"a duration beyond the role's": {signed(func(a *samlAssertion) { a.attributes = append(a.attributes, [2]string{"SessionDuration", "7201"}) }), "ValidationError", 400, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."},
		"another role":                 {signed(func(a *samlAssertion) { a.attributes[0][1] = roleARN + "x," + samlProvider }), "AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML"},
		"another provider":             {signed(func(a *samlAssertion) { a.attributes[0][1] = roleARN + "," + samlProvider + "x" }), "AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML"},
		"another sign-in page than the role trusts": {signed(func(a *samlAssertion) { a.recipient = "https://eu-west-1.signin.aws.amazon.com/saml" }), "AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML"},
	} {
		w.t = t
		_, err := w.bring(test.response, nil)
		t.Run(name, func(t *testing.T) { fails(t, err, test.code, test.status, test.text) })
	}
	ok := signed(func(a *samlAssertion) { a.attributes[0][1] = samlProvider + " , " + roleARN }) // in either order
	if out := must[*sts.AssumeRoleWithSAMLOutput](t)(w.bring(ok, func(in *sts.AssumeRoleWithSAMLInput) { in.DurationSeconds = ptr(900) })); !out.Credentials.Expiration.Equal(start.Add(15 * time.Minute)) {
		t.Errorf("it expires at %v", out.Credentials.Expiration)
	}
	_, err := w.bring(ok, func(in *sts.AssumeRoleWithSAMLInput) { in.PrincipalArn = samlProvider + "x" })
	fails(t, err, "InvalidIdentityToken", 400, "Specified provider doesn't exist")
	_, err = w.bring(ok, func(in *sts.AssumeRoleWithSAMLInput) { in.PrincipalArn = roleARN })
	fails(t, err, "ValidationError", 400, roleARN+" is invalid")
	_, err = w.bring(signed(func(a *samlAssertion) { a.attributes[0][1] = roleARN + "none," + samlProvider }), func(in *sts.AssumeRoleWithSAMLInput) { in.RoleArn = roleARN + "none" })
	fails(t, err, "AccessDenied", 403, "Not authorized to perform sts:AssumeRoleWithSAML")
	w.clock.Advance(5 * time.Minute)
	_, err = w.bring(ok, nil)
	fails(t, err, "ExpiredTokenException", 400, "Token must be redeemed within 5 minutes of issuance")
}

// What the trust policy can ask of the assertion.
func TestSAMLKeys(t *testing.T) {
	s := newSAMLSigner(t)
	w := newSAMLTestbed(t, s)
	a := newSAMLAssertion()
	a.attributes = append(a.attributes, [2]string{"urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "staff"})
	sum := sha1.Sum([]byte(samlIssuer + account + "/idp"))
	response := encodeXML(t, a.response(t, s.sign(t, a.element(t))))
	for condition, allowed := range map[string]bool{
		`"StringEquals":{"saml:iss":"` + samlIssuer + `"}`:                                             true,
		`"StringEquals":{"saml:sub":"alice","saml:sub_type":"persistent"}`:                             true,
		`"StringEquals":{"saml:namequalifier":"` + base64.StdEncoding.EncodeToString(sum[:]) + `"}`:    true,
		`"StringEquals":{"saml:doc":"` + account + `/idp"}`:                                            true,
		`"StringEquals":{"saml:aud":"urn:amazon:webservices"}`:                                         false, // it is the recipient
		`"ForAnyValue:StringEquals":{"saml:edupersonaffiliation":["staff","faculty"]}`:                 true,
		`"ForAnyValue:StringEquals":{"saml:edupersonaffiliation":["student"]}`:                         false,
		`"StringEquals":{"sts:RoleSessionName":"alice@example"}`:                                       true,
		`"StringEquals":{"aws:FederatedProvider":"` + samlProvider + `","iam:ResourceTag/team":"red"}`: true,
	} {
		w.role(identity.RoleSpec{Trust: strings.Replace(samlTrust, `"StringEquals":{"saml:aud":"https://signin.aws.amazon.com/saml"}`, condition, 1), Tags: map[string]string{"team": "red"}})
		if _, err := w.bring(response, nil); (err == nil) != allowed {
			t.Errorf("%s: %v", condition, err)
		}
	}
}
