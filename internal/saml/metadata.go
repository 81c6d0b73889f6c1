package saml

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/beevik/etree"
)

// The namespaces of SAML.
const (
	nsMetadata  = "urn:oasis:names:tc:SAML:2.0:metadata"
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"
	nsSignature = "http://www.w3.org/2000/09/xmldsig#"
)

// maxKeys is how many keys a provider's metadata may have.
const maxKeys = 10

// Metadata is an identity provider's description of itself.
type Metadata struct {
	EntityID     string
	ValidUntil   time.Time           // zero: it does not say
	Certificates []*x509.Certificate // with which it signs
}

var errMetadata = errors.New("no metadata of an identity provider")

// ParseMetadata reads an EntityDescriptor with an IDPSSODescriptor and the
// certificates with which it signs.
func ParseMetadata(text string) (*Metadata, error) {
	root, err := parse([]byte(text))
	if err != nil {
		return nil, err
	}
	m := &Metadata{EntityID: root.SelectAttrValue("entityID", "")}
	idp := only(root, nsMetadata, "IDPSSODescriptor")
	if !is(root, nsMetadata, "EntityDescriptor") || m.EntityID == "" || idp == nil {
		return nil, errMetadata
	}
	if until := root.SelectAttrValue("validUntil", ""); until != "" {
		if m.ValidUntil, err = time.Parse(time.RFC3339, until); err != nil {
			return nil, err
		}
	}
	for _, key := range children(idp, nsMetadata, "KeyDescriptor") {
		if use := key.SelectAttrValue("use", "signing"); use != "signing" {
			continue
		}
		for _, info := range children(key, nsSignature, "KeyInfo") {
			for _, data := range children(info, nsSignature, "X509Data") {
				for _, e := range children(data, nsSignature, "X509Certificate") {
					c, err := parseCertificate(e.Text())
					if err != nil {
						return nil, err
					}
					m.Certificates = append(m.Certificates, c)
				}
			}
		}
	}
	if n := len(m.Certificates); n == 0 || n > maxKeys {
		return nil, errMetadata
	}
	return m, nil
}

func parseCertificate(text string) (*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// parse reads a document of one element, without a document type, which could
// declare entities.
func parse(text []byte) (*etree.Element, error) {
	doc := etree.NewDocument()
	doc.ReadSettings = etree.ReadSettings{ValidateInput: true}
	if err := doc.ReadFromBytes(text); err != nil {
		return nil, err
	}
	for _, token := range doc.Child {
		if _, isDirective := token.(*etree.Directive); isDirective {
			return nil, errors.New("a document type is not taken")
		}
	}
	if doc.Root() == nil {
		return nil, errors.New("no element")
	}
	return doc.Root(), nil
}

func is(e *etree.Element, namespace, tag string) bool {
	return e.Tag == tag && e.NamespaceURI() == namespace
}

func children(e *etree.Element, namespace, tag string) (found []*etree.Element) {
	for _, child := range e.ChildElements() {
		if is(child, namespace, tag) {
			found = append(found, child)
		}
	}
	return found
}

// only is the one child of that name; nil where there are none or several.
func only(e *etree.Element, namespace, tag string) *etree.Element {
	if found := children(e, namespace, tag); len(found) == 1 {
		return found[0]
	}
	return nil
}
