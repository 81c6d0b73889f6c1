package integration

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

// A user of a SAML provider brings its response without any credentials, and the
// role's session does what the role may, under the keys of the subject.
func TestSAMLSignIn(t *testing.T) {
	cloud := start(t)
	root := newClients(t, cloud.Config())
	queue, _ := root.queue("q", nil)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := root.iam.CreateSAMLProvider(t.Context(), &iam.CreateSAMLProviderInput{Name: aws.String("idp"), SAMLMetadataDocument: aws.String(
		`<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example"><!--` + strings.Repeat("x", 1000) + `--><IDPSSODescriptor><KeyDescriptor>` +
			`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + base64.StdEncoding.EncodeToString(der) + `</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>`)})
	if err != nil {
		t.Fatal(err)
	}
	role, err := root.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: aws.String(document(t, statement{
		"Effect": "Allow", "Principal": statement{"Federated": *provider.SAMLProviderArn}, "Action": "sts:AssumeRoleWithSAML",
		"Condition": statement{"StringEquals": statement{"SAML:aud": "https://signin.aws.amazon.com/saml", "saml:sub": "alice"}},
	}))})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("r"), PolicyName: aws.String("p"), PolicyDocument: aws.String(document(t, statement{
		"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*",
		"Condition": statement{"StringEquals": statement{"saml:sub": "alice", "aws:FederatedProvider": *provider.SAMLProviderArn}},
	}))}); err != nil {
		t.Fatal(err)
	}
	anonymous := cloud.Config()
	anonymous.Credentials = aws.AnonymousCredentials{}
	assume := func(subject string) (*sts.AssumeRoleWithSAMLOutput, error) {
		return sts.NewFromConfig(anonymous).AssumeRoleWithSAML(t.Context(), &sts.AssumeRoleWithSAMLInput{
			RoleArn: role.Role.Arn, PrincipalArn: provider.SAMLProviderArn, SAMLAssertion: aws.String(samlResponse(t, key, der, subject, *role.Role.Arn+","+*provider.SAMLProviderArn)),
		})
	}
	_, err = assume("bob")
	want(t, "whom the role does not trust", err, answer{403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML"})
	out, err := assume("alice")
	if err != nil {
		t.Fatal(err)
	}
	session := cloud.Config()
	session.Credentials = credentials.NewStaticCredentialsProvider(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	if err := newClients(t, session).send(queue, "x"); err != nil {
		t.Error(err)
	}
}

// samlResponse is what an identity provider answers after a sign-in.
func samlResponse(t *testing.T, key *ecdsa.PrivateKey, der []byte, subject, roles string) string {
	t.Helper()
	now := time.Now().UTC()
	doc := etree.NewDocument()
	if err := doc.ReadFromString(fmt.Sprintf(`<Response xmlns="urn:oasis:names:tc:SAML:2.0:protocol"><a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" IssueInstant="%s"><a:Issuer>https://idp.example</a:Issuer>`+
		`<a:Subject><a:NameID>%s</a:NameID><a:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><a:SubjectConfirmationData NotOnOrAfter="%s" Recipient="https://signin.aws.amazon.com/saml"/></a:SubjectConfirmation></a:Subject>`+
		`<a:Conditions><a:AudienceRestriction><a:Audience>https://signin.aws.amazon.com/saml</a:Audience></a:AudienceRestriction></a:Conditions><a:AttributeStatement>`+
		`<a:Attribute Name="https://aws.amazon.com/SAML/Attributes/Role"><a:AttributeValue>%s</a:AttributeValue></a:Attribute>`+
		`<a:Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName"><a:AttributeValue>%s</a:AttributeValue></a:Attribute></a:AttributeStatement></a:Assertion></Response>`,
		now.Format(time.RFC3339), subject, now.Add(5*time.Minute).Format(time.RFC3339), roles, subject)); err != nil {
		t.Fatal(err)
	}
	signing, err := dsig.NewSigningContext(key, [][]byte{der})
	if err != nil {
		t.Fatal(err)
	}
	signing.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
	if err := signing.SetSignatureMethod(dsig.ECDSASHA256SignatureMethod); err != nil {
		t.Fatal(err)
	}
	assertion := doc.Root().ChildElements()[0]
	signed, err := signing.SignEnveloped(assertion)
	if err != nil {
		t.Fatal(err)
	}
	doc.Root().RemoveChild(assertion)
	doc.Root().AddChild(signed)
	text, err := doc.WriteToBytes()
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(text)
}
