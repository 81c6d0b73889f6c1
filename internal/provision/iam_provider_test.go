package provision_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"
)

func TestOIDCProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const print1, print2 = "990f4193972f2becf12ddeda5237f9c952f20d9e", "1c58a3a8518e8759bf075b76b750d4f2df264fcd"
	p := w.createTagged("AWS::IAM::OIDCProvider", "Provider", `{"Url":"https://id.example.com","ClientIdList":["a","b"],"ThumbprintList":["`+print1+`"]}`, map[string]string{"team": "a"})
	arn := "arn:aws:iam::123456789012:oidc-provider/id.example.com"
	wants(t, p.PhysicalID, arn)
	wants(t, p.get("Arn"), arn)
	p.updateTagged(`{"Url":"https://id.example.com","ClientIdList":["b","c"],"ThumbprintList":["`+print2+`"]}`, map[string]string{"team": "b"})
	shown := w.ask("iam", "GetOpenIDConnectProvider", in{"OpenIDConnectProviderArn": arn})
	wants(t, names(shown, "ClientIDList", ""), "b c")
	has(t, shown, "ThumbprintList", `["`+print2+`"]`)
	has(t, shown, "Tags", `[{"Key":"team","Value":"b"}]`)
	p.delete()
	w.lacks("iam", "GetOpenIDConnectProvider", in{"OpenIDConnectProviderArn": arn})
}

func TestVirtualMFADevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := w.createTagged("AWS::IAM::VirtualMFADevice", "Device", `{"Users":[]}`, map[string]string{"team": "a"})
	arn := "arn:aws:iam::123456789012:mfa/stack-Device-Token0000001"
	wants(t, d.PhysicalID, arn)
	wants(t, d.get("SerialNumber"), arn)
	d.updateTagged(`{"Users":[]}`, map[string]string{"team": "b"})
	has(t, w.ask("iam", "ListMFADeviceTags", in{"SerialNumber": arn}), "Tags", `[{"Key":"team","Value":"b"}]`)
	if reason := d.cannotUpdate(`{"Users":["alice"]}`); !strings.Contains(reason, "not emulated") {
		t.Error(reason)
	}
	d.delete()
	w.lacks("iam", "ListMFADeviceTags", in{"SerialNumber": arn})
}

func TestServiceLinkedRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.create("AWS::IAM::ServiceLinkedRole", "Linked", `{"AWSServiceName":"elasticbeanstalk.amazonaws.com","Description":"a"}`)
	wants(t, r.PhysicalID, "AWSServiceRoleForElasticBeanstalk")
	wants(t, r.get("RoleName"), r.PhysicalID)
	r.update(`{"AWSServiceName":"elasticbeanstalk.amazonaws.com","Description":"b"}`)
	has(t, within(w.ask("iam", "GetRole", in{"RoleName": r.PhysicalID}), "Role"), "Description", `"b"`)
	r.delete()
	w.lacks("iam", "GetRole", in{"RoleName": r.PhysicalID})
}

func TestServerCertificate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	der, pkcs8 := certificate(t)
	body, key := quotedPEM(t, "CERTIFICATE", der), quotedPEM(t, "PRIVATE KEY", pkcs8)
	c := w.createTagged("AWS::IAM::ServerCertificate", "Certificate", `{"CertificateBody":`+body+`,"PrivateKey":`+key+`}`, map[string]string{"team": "a"})
	wants(t, c.get("Arn"), "arn:aws:iam::123456789012:server-certificate/"+c.PhysicalID)
	c.updateTagged(`{"Path":"/a/","CertificateBody":`+body+`,"PrivateKey":`+key+`}`, map[string]string{"team": "b"})
	wants(t, c.get("Arn"), "arn:aws:iam::123456789012:server-certificate/a/"+c.PhysicalID)
	has(t, w.ask("iam", "ListServerCertificateTags", in{"ServerCertificateName": c.PhysicalID}), "Tags", `[{"Key":"team","Value":"b"}]`)
	c.delete()
	w.lacks("iam", "GetServerCertificate", in{"ServerCertificateName": c.PhysicalID})
}

func TestSAMLProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	der, _ := certificate(t)
	document := func(id string) string {
		return quoted(t, `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="`+id+`"><!--`+strings.Repeat("x", 1000)+`--><IDPSSODescriptor>`+
			`<KeyDescriptor><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>`+base64.StdEncoding.EncodeToString(der)+
			`</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>`)
	}
	p := w.createTagged("AWS::IAM::SAMLProvider", "Provider", `{"SamlMetadataDocument":`+document("one")+`}`, map[string]string{"team": "a"})
	arn := "arn:aws:iam::123456789012:saml-provider/stack-Provider-Token0000001"
	wants(t, p.PhysicalID, arn)
	wants(t, p.get("Arn"), arn)
	shown := func() map[string]any { return w.ask("iam", "GetSAMLProvider", in{"SAMLProviderArn": arn}) }
	wants(t, p.get("SamlProviderUUID"), shown()["SAMLProviderUUID"].(string))
	p.updateTagged(`{"SamlMetadataDocument":`+document("two")+`}`, map[string]string{"team": "b"})
	has(t, shown(), "Tags", `[{"Key":"team","Value":"b"}]`)
	if !strings.Contains(shown()["SAMLMetadataDocument"].(string), `"two"`) {
		t.Errorf("the document is %v", shown()["SAMLMetadataDocument"])
	}
	const list = `,"PrivateKeyList":[{"KeyId":"K","Timestamp":"T"}]}`
	for _, got := range []string{
		p.cannotUpdate(`{"SamlMetadataDocument":` + document("two") + list),
		w.refuses("AWS::IAM::SAMLProvider", "Other", `{"SamlMetadataDocument":`+document("one")+list),
	} {
		if !strings.Contains(got, "The property PrivateKeyList of AWS::IAM::SAMLProvider is not emulated.") {
			t.Error(got)
		}
	}
	p.delete()
	w.lacks("iam", "GetSAMLProvider", in{"SAMLProviderArn": arn})
}

// certificate is a new certificate and its private key.
func certificate(t *testing.T) (der, pkcs8 []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now().Add(-time.Hour)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: start, NotAfter: start.AddDate(1, 0, 0)}
	if der, err = x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private); err != nil {
		t.Fatal(err)
	}
	if pkcs8, err = x509.MarshalPKCS8PrivateKey(private); err != nil {
		t.Fatal(err)
	}
	return der, pkcs8
}

func quotedPEM(t *testing.T, kind string, der []byte) string {
	t.Helper()
	return quoted(t, string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})))
}

// quoted is a text as JSON.
func quoted(t *testing.T, text string) string {
	t.Helper()
	b, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
