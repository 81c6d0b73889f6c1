package saml_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/saml"
)

func certificate(t testing.TB) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1)}, &x509.Certificate{SerialNumber: big.NewInt(1)}, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func metadata(certificate, use, attributes string) string {
	return `<?xml version="1.0"?><EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" ` + attributes + `><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` +
		`<KeyDescriptor` + use + `><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + certificate + `</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>`
}

func TestParseMetadata(t *testing.T) {
	c := certificate(t)
	for _, use := range []string{"", ` use="signing"`} {
		m, err := saml.ParseMetadata(metadata(c[:20]+"\n  "+c[20:], use, `entityID="idp" validUntil="2030-01-02T03:04:05Z"`))
		if err != nil || m.EntityID != "idp" || len(m.Certificates) != 1 || !m.ValidUntil.Equal(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)) {
			t.Errorf("use %q: %+v, %v", use, m, err)
		}
	}
	for name, text := range map[string]string{
		"nothing":                "",
		"no XML":                 "text",
		"another document":       `<html/>`,
		"no entity":              metadata(c, "", ""),
		"no certificate":         metadata("AAAA", "", `entityID="idp"`),
		"no signing certificate": metadata(c, ` use="encryption"`, `entityID="idp"`),
		"no time":                metadata(c, "", `entityID="idp" validUntil="soon"`),
		"a document type":        `<!DOCTYPE EntityDescriptor>` + strings.TrimPrefix(metadata(c, "", `entityID="idp"`), `<?xml version="1.0"?>`),
		"text after it":          metadata(c, "", `entityID="idp"`) + "<more/>",
		"another namespace":      strings.Replace(metadata(c, "", `entityID="idp"`), "SAML:2.0:metadata", "SAML:1.1:metadata", 1),
	} {
		if m, err := saml.ParseMetadata(text); err == nil {
			t.Errorf("%s is taken as %+v", name, m)
		}
	}
}

// Nothing that is sent may end the program, and nothing unsigned is believed.
func FuzzResponse(f *testing.F) {
	m, err := saml.ParseMetadata(metadata(certificate(f), "", `entityID="idp"`))
	if err != nil {
		f.Fatal(err)
	}
	const open = `<p:Response xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" ID="r"><Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="a">`
	const signature = `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>` +
		`<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/><Reference URI="#a"><Transforms/></Reference></SignedInfo><SignatureValue>AAAA</SignatureValue></Signature>`
	f.Add(open + `</Assertion></p:Response>`)
	f.Add(open + signature + `</Assertion></p:Response>`)
	f.Add(open + strings.Replace(signature, "#a", "", 1) + `</Assertion></p:Response>`)
	f.Add(open + strings.Replace(signature, `<SignedInfo>`, `<SignedInfo/><SignedInfo>`, 1) + `</Assertion></p:Response>`)
	f.Add(open + `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><KeyInfo/></Signature></Assertion></p:Response>`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := saml.ParseResponse([]byte(text))
		if err != nil {
			return
		}
		if a, err := r.Verify(m.Certificates); err == nil {
			t.Errorf("%+v is believed", a)
		}
	})
}
