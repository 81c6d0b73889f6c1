package iam_test

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/iam"
)

// samlMetadata is an identity provider's, and long enough for IAM.
func samlMetadata(t *testing.T, attributes string) string {
	t.Helper()
	body, _ := certificate(t)
	block, _ := pem.Decode([]byte(body))
	return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="idp"` + attributes + `><!--` + strings.Repeat("x", 1000) + `--><IDPSSODescriptor>` +
		`<KeyDescriptor><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>` + base64.StdEncoding.EncodeToString(block.Bytes) +
		`</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>`
}

func TestSAMLProvider(t *testing.T) {
	w := newTestbed(t)
	const providerARN = "arn:aws:iam::" + account + ":saml-provider/idp"
	document := samlMetadata(t, "")
	create := func(in iam.CreateSAMLProviderInput) (*iam.CreateSAMLProviderOutput, error) {
		in.Name = "idp"
		return w.CreateSAMLProvider(w.ctx(), &in)
	}
	tags := []iam.Tag{{Key: "k", Value: "v"}}
	_, err := create(iam.CreateSAMLProviderInput{SAMLMetadataDocument: "<x/>"})
	fails(t, err, "InvalidInput", 400, "Could not parse metadata")
	_, err = create(iam.CreateSAMLProviderInput{SAMLMetadataDocument: document, AssertionEncryptionMode: "Allowed"})
	fails(t, err, "InvalidInput", 400, "Encrypted assertions are not supported.")
	made := must[*iam.CreateSAMLProviderOutput](t)(create(iam.CreateSAMLProviderInput{SAMLMetadataDocument: document, Tags: tags}))
	if diff := cmp.Diff(&iam.CreateSAMLProviderOutput{SAMLProviderArn: providerARN, Tags: tags}, made); diff != "" {
		t.Error(diff)
	}
	_, err = create(iam.CreateSAMLProviderInput{SAMLMetadataDocument: document})
	fails(t, err, "EntityAlreadyExists", 409, "Provider with name idp already exists.")
	get := func() *iam.GetSAMLProviderOutput {
		t.Helper()
		return must[*iam.GetSAMLProviderOutput](t)(w.GetSAMLProvider(w.ctx(), &iam.GetSAMLProviderInput{SAMLProviderArn: providerARN}))
	}
	first := get()
	want := &iam.GetSAMLProviderOutput{SAMLProviderUUID: first.SAMLProviderUUID, SAMLMetadataDocument: document, CreateDate: start, ValidUntil: start.AddDate(100, 0, 0), Tags: tags}
	if diff := cmp.Diff(want, first); diff != "" || first.SAMLProviderUUID == "" {
		t.Error(diff)
	}
	want.SAMLMetadataDocument, want.ValidUntil = samlMetadata(t, ` validUntil="2027-03-01T12:00:00Z"`), start.AddDate(1, 0, 0)
	for _, document := range []string{want.SAMLMetadataDocument, ""} { // without a document nothing changes
		must[*iam.UpdateSAMLProviderOutput](t)(w.UpdateSAMLProvider(w.ctx(), &iam.UpdateSAMLProviderInput{SAMLProviderArn: providerARN, SAMLMetadataDocument: document}))
		if diff := cmp.Diff(want, get()); diff != "" {
			t.Error(diff)
		}
	}
	_, err = w.UpdateSAMLProvider(w.ctx(), &iam.UpdateSAMLProviderInput{SAMLProviderArn: providerARN, SAMLMetadataDocument: "<x/>"})
	fails(t, err, "InvalidInput", 400, "Could not parse metadata")
	list := must[*iam.ListSAMLProvidersOutput](t)(w.ListSAMLProviders(w.ctx(), &iam.ListSAMLProvidersInput{})).SAMLProviderList
	if diff := cmp.Diff([]iam.SAMLProviderListEntry{{Arn: providerARN, CreateDate: start, ValidUntil: start.AddDate(1, 0, 0)}}, list); diff != "" {
		t.Error(diff)
	}
	must[*iam.TagSAMLProviderOutput](t)(w.TagSAMLProvider(w.ctx(), &iam.TagSAMLProviderInput{SAMLProviderArn: providerARN, Tags: []iam.Tag{{Key: "a", Value: "b"}}}))
	must[*iam.UntagSAMLProviderOutput](t)(w.UntagSAMLProvider(w.ctx(), &iam.UntagSAMLProviderInput{SAMLProviderArn: providerARN, TagKeys: []string{"k"}}))
	left := must[*iam.ListSAMLProviderTagsOutput](t)(w.ListSAMLProviderTags(w.ctx(), &iam.ListSAMLProviderTagsInput{SAMLProviderArn: providerARN}))
	if diff := cmp.Diff(&iam.ListSAMLProviderTagsOutput{Tags: []iam.Tag{{Key: "a", Value: "b"}}}, left); diff != "" {
		t.Error(diff)
	}
	if m := must[*iam.GetAccountSummaryOutput](t)(w.GetAccountSummary(w.ctx(), &iam.GetAccountSummaryInput{})).SummaryMap; m["Providers"] != 1 {
		t.Errorf("the summary counts %d providers", m["Providers"])
	}
	must[*iam.DeleteSAMLProviderOutput](t)(w.DeleteSAMLProvider(w.ctx(), &iam.DeleteSAMLProviderInput{SAMLProviderArn: providerARN}))
	_, err = w.DeleteSAMLProvider(w.ctx(), &iam.DeleteSAMLProviderInput{SAMLProviderArn: providerARN})
	fails(t, err, "NoSuchEntity", 404, "Manifest not found for arn "+providerARN)

	for i := range 101 { // [I084]
		_, err := w.CreateSAMLProvider(w.ctx(), &iam.CreateSAMLProviderInput{Name: fmt.Sprint(i), SAMLMetadataDocument: document})
		if i < 100 && err != nil {
			t.Fatal(i, err)
		}
		if i == 100 {
			fails(t, err, "LimitExceeded", 409, "Cannot exceed quota for SAMLProvidersPerAccount: 100")
		}
	}
}
