package iam_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waxseal/waxseal/iam"
	"github.com/waxseal/waxseal/internal/wire"
)

// certificate is a new certificate and its private key, in PEM.
func certificate(t *testing.T) (body, key string) {
	t.Helper()
	private := must[*ecdsa.PrivateKey](t)(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}, NotBefore: start, NotAfter: start.AddDate(1, 0, 0)}
	der := must[[]byte](t)(x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private))
	pkcs8 := must[[]byte](t)(x509.MarshalPKCS8PrivateKey(private))
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

const noCertificate = "Unable to parse certificate. Please ensure the certificate is in PEM format."

func TestSigningCertificate(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	upload := func(body string) (*iam.UploadSigningCertificateOutput, error) {
		return w.UploadSigningCertificate(w.as(w.who("user/u")), &iam.UploadSigningCertificateInput{CertificateBody: body})
	}
	body, _ := certificate(t)
	made := must[*iam.UploadSigningCertificateOutput](t)(upload(body)).Certificate
	want := iam.SigningCertificate{UserName: "u", CertificateId: made.CertificateId, CertificateBody: body, Status: "Active", UploadDate: start}
	if diff := cmp.Diff(&want, made); diff != "" || len(made.CertificateId) < 24 {
		t.Error(diff, made.CertificateId)
	}
	_, err := upload(body + "\n")
	fails(t, err, "DuplicateCertificate", 409, "The certificate is already associated with the user u.")
	_, err = upload("no certificate")
	fails(t, err, "MalformedCertificate", 400, noCertificate)
	second, _ := certificate(t)
	must[*iam.UploadSigningCertificateOutput](t)(upload(second))
	third, _ := certificate(t)
	_, err = upload(third)
	fails(t, err, "LimitExceeded", 409, "Cannot exceed quota for CertificatesPerUser: 2") // [I121]

	update := func(id, status string) error {
		_, err := w.UpdateSigningCertificate(w.ctx(), &iam.UpdateSigningCertificateInput{UserName: "u", CertificateId: id, Status: status})
		return err
	}
	fails(t, update(made.CertificateId, "Expired"), "InvalidInput", 400, "The status of a signing certificate cannot be set to Expired.")
	fails(t, update("none", "Active"), "NoSuchEntity", 404, "The Certificate with id none cannot be found.")
	if err := update(made.CertificateId, "Inactive"); err != nil {
		t.Error(err)
	}
	want.Status = "Inactive"
	list := must[*iam.ListSigningCertificatesOutput](t)(w.ListSigningCertificates(w.ctx(), &iam.ListSigningCertificatesInput{UserName: "u"})).Certificates
	if len(list) != 2 || list[0] != want && list[1] != want {
		t.Errorf("the list is %+v", list)
	}
	for i, c := range list {
		_, err := w.DeleteUser(w.ctx(), &iam.DeleteUserInput{UserName: "u"})
		fails(t, err, "DeleteConflict", 409, "Cannot delete entity, must remove referenced objects first.")
		must[*iam.DeleteSigningCertificateOutput](t)(w.DeleteSigningCertificate(w.ctx(), &iam.DeleteSigningCertificateInput{UserName: "u", CertificateId: c.CertificateId}))
		if left := len(must[*iam.ListSigningCertificatesOutput](t)(w.ListSigningCertificates(w.ctx(), &iam.ListSigningCertificatesInput{UserName: "u"})).Certificates); left != 1-i {
			t.Errorf("%d are left", left)
		}
	}
	must[*iam.DeleteUserOutput](t)(w.DeleteUser(w.ctx(), &iam.DeleteUserInput{UserName: "u"}))
}

func TestServerCertificate(t *testing.T) {
	w := newTestbed(t)
	body, key := certificate(t)
	chain, other := certificate(t)
	in := iam.UploadServerCertificateInput{
		ServerCertificateName: "c", Path: "/cf/", CertificateBody: body, PrivateKey: key, CertificateChain: chain + chain, Tags: []iam.Tag{{Key: "k", Value: "v"}},
	}
	upload := func(change func(*iam.UploadServerCertificateInput)) (*iam.UploadServerCertificateOutput, error) {
		in := in
		change(&in)
		return w.UploadServerCertificate(w.ctx(), &in)
	}
	for text, change := range map[string]func(*iam.UploadServerCertificateInput){
		noCertificate: func(in *iam.UploadServerCertificateInput) { in.CertificateBody = "x" },
		"Unable to parse private key. Please ensure the private key is in PEM format and not encrypted.": func(in *iam.UploadServerCertificateInput) { in.PrivateKey = "x" },
		"Unable to parse certificate chain. Please ensure the certificate chain is in PEM format.":       func(in *iam.UploadServerCertificateInput) { in.CertificateChain = chain + "x" },
	} {
		_, err := upload(change)
		fails(t, err, "MalformedCertificate", 400, text)
	}
	_, err := upload(func(in *iam.UploadServerCertificateInput) { in.PrivateKey = other })
	fails(t, err, "KeyPairMismatch", 400, "Private key and certificate do not match.")
	made := must[*iam.UploadServerCertificateOutput](t)(upload(func(*iam.UploadServerCertificateInput) {}))
	metadata := &iam.ServerCertificateMetadata{
		Path: "/cf/", ServerCertificateName: "c", ServerCertificateId: made.ServerCertificateMetadata.ServerCertificateId,
		Arn: "arn:aws:iam::" + account + ":server-certificate/cf/c", UploadDate: start, Expiration: start.AddDate(1, 0, 0),
	}
	if diff := cmp.Diff(&iam.UploadServerCertificateOutput{ServerCertificateMetadata: metadata, Tags: in.Tags}, made); diff != "" || !strings.HasPrefix(metadata.ServerCertificateId, "ASCA") {
		t.Error(diff, metadata.ServerCertificateId)
	}
	_, err = upload(func(*iam.UploadServerCertificateInput) {})
	fails(t, err, "EntityAlreadyExists", 409, "The Server Certificate with name c already exists.")
	if record := string(wire.TrailParameters(nil, &in)); strings.Contains(record, "PRIVATE") || !strings.Contains(record, `"privateKey":"HIDDEN_DUE_TO_SECURITY_REASONS"`) {
		t.Errorf("the trail records %s", record)
	}
	get := func(name string) (*iam.GetServerCertificateOutput, error) {
		return w.GetServerCertificate(w.ctx(), &iam.GetServerCertificateInput{ServerCertificateName: name})
	}
	want := &iam.ServerCertificate{ServerCertificateMetadata: metadata, CertificateBody: body, CertificateChain: chain + chain, Tags: in.Tags}
	if diff := cmp.Diff(want, must[*iam.GetServerCertificateOutput](t)(get("c")).ServerCertificate); diff != "" {
		t.Error(diff)
	}
	for prefix, n := range map[string]int{"": 1, "/cf/": 1, "/x/": 0} {
		if l := must[*iam.ListServerCertificatesOutput](t)(w.ListServerCertificates(w.ctx(), &iam.ListServerCertificatesInput{PathPrefix: prefix})).ServerCertificateMetadataList; len(l) != n {
			t.Errorf("below %q are %v", prefix, l)
		}
	}
	w.user("caller") // who must be allowed to rename on both names
	w.put("caller", "p", grant("UpdateServerCertificate", "arn:aws:iam::"+account+":server-certificate/cf/?", ""))
	rename := func(name string) error {
		_, err := w.call(w.who("user/caller"), "UpdateServerCertificate", &iam.UpdateServerCertificateInput{ServerCertificateName: "c", NewServerCertificateName: name})
		return err
	}
	fails(t, rename("long"), "AccessDenied", 403, "User: arn:aws:iam::"+account+":user/caller is not authorized to perform: iam:UpdateServerCertificate on resource: arn:aws:iam::"+account+":server-certificate/cf/long *")
	if err := rename("C"); err != nil {
		t.Error(err)
	}
	must[*iam.UpdateServerCertificateOutput](t)(w.UpdateServerCertificate(w.ctx(), &iam.UpdateServerCertificateInput{ServerCertificateName: "c", NewPath: "/", NewServerCertificateName: "d"}))
	if got := must[*iam.GetServerCertificateOutput](t)(get("d")).ServerCertificate.ServerCertificateMetadata.Arn; got != "arn:aws:iam::"+account+":server-certificate/d" {
		t.Errorf("renamed to %s", got)
	}
	must[*iam.TagServerCertificateOutput](t)(w.TagServerCertificate(w.ctx(), &iam.TagServerCertificateInput{ServerCertificateName: "d", Tags: []iam.Tag{{Key: "a", Value: "b"}}}))
	must[*iam.UntagServerCertificateOutput](t)(w.UntagServerCertificate(w.ctx(), &iam.UntagServerCertificateInput{ServerCertificateName: "d", TagKeys: []string{"k"}}))
	tags := must[*iam.ListServerCertificateTagsOutput](t)(w.ListServerCertificateTags(w.ctx(), &iam.ListServerCertificateTagsInput{ServerCertificateName: "d"}))
	if diff := cmp.Diff(&iam.ListServerCertificateTagsOutput{Tags: []iam.Tag{{Key: "a", Value: "b"}}}, tags); diff != "" {
		t.Error(diff)
	}
	for i := range 19 {
		must[*iam.UploadServerCertificateOutput](t)(upload(func(in *iam.UploadServerCertificateInput) { in.ServerCertificateName = fmt.Sprint(i) }))
	}
	_, err = upload(func(in *iam.UploadServerCertificateInput) { in.ServerCertificateName = "more" })
	fails(t, err, "LimitExceeded", 409, "Cannot exceed quota for ServerCertificatesPerAccount: 20")
	_, err = w.UpdateServerCertificate(w.ctx(), &iam.UpdateServerCertificateInput{ServerCertificateName: "d", NewServerCertificateName: "1"})
	fails(t, err, "EntityAlreadyExists", 409, "The Server Certificate with name 1 already exists.")
	if m := must[*iam.GetAccountSummaryOutput](t)(w.GetAccountSummary(w.ctx(), &iam.GetAccountSummaryInput{})).SummaryMap; m["ServerCertificates"] != 20 || m["ServerCertificatesQuota"] != 20 {
		t.Errorf("the summary says %d of %d", m["ServerCertificates"], m["ServerCertificatesQuota"])
	}
	must[*iam.DeleteServerCertificateOutput](t)(w.DeleteServerCertificate(w.ctx(), &iam.DeleteServerCertificateInput{ServerCertificateName: "d"}))
	_, err = get("d")
	fails(t, err, "NoSuchEntity", 404, "The Server Certificate with name d cannot be found.")
}

func TestServiceSpecificCredential(t *testing.T) {
	const service = "codecommit.amazonaws.com"
	w := newTestbed(t)
	w.user("u")
	w.user("v")
	create := func(service string, days *int) (*iam.ServiceSpecificCredential, error) {
		out, err := w.CreateServiceSpecificCredential(w.ctx(), &iam.CreateServiceSpecificCredentialInput{UserName: "u", ServiceName: service, CredentialAgeDays: days})
		if err != nil {
			return nil, err
		}
		return out.ServiceSpecificCredential, nil
	}
	list := func(in iam.ListServiceSpecificCredentialsInput) ([]iam.ServiceSpecificCredentialMetadata, error) {
		out, err := w.ListServiceSpecificCredentials(w.ctx(), &in)
		if err != nil {
			return nil, err
		}
		return out.ServiceSpecificCredentials, nil
	}
	const noSuch = "No such service none is supported for Service Specific Credentials"
	_, err := create("none", nil)
	fails(t, err, "NoSuchEntity", 404, noSuch)
	_, err = list(iam.ListServiceSpecificCredentialsInput{UserName: "u", ServiceName: "none"})
	fails(t, err, "NoSuchEntity", 404, noSuch)
	_, err = create(service, ptr(1))
	fails(t, err, "ValidationError", 400, "CredentialAgeDays is not supported for "+service)
	if l := must[[]iam.ServiceSpecificCredentialMetadata](t)(list(iam.ListServiceSpecificCredentialsInput{UserName: "u", ServiceName: service})); l == nil || len(l) > 0 {
		t.Errorf("at first there are %#v", l)
	}
	made := must[*iam.ServiceSpecificCredential](t)(create(service, nil))
	want := &iam.ServiceSpecificCredential{
		CreateDate: start, ServiceName: service, ServiceUserName: "u-at-" + account, ServicePassword: made.ServicePassword,
		ServiceSpecificCredentialId: made.ServiceSpecificCredentialId, UserName: "u", Status: "Active",
	}
	if diff := cmp.Diff(want, made); diff != "" || made.ServicePassword == "" || !strings.HasPrefix(made.ServiceSpecificCredentialId, "ACCA") {
		t.Error(diff, made)
	}
	if record := string(wire.TrailParameters(nil, &iam.CreateServiceSpecificCredentialOutput{ServiceSpecificCredential: made})); strings.Contains(record, made.ServicePassword) {
		t.Errorf("the trail records %s", record)
	}
	if second := must[*iam.ServiceSpecificCredential](t)(create(service, nil)); second.ServiceUserName != "u+1-at-"+account {
		t.Errorf("the second is %+v", second)
	}
	_, err = create(service, nil)
	fails(t, err, "LimitExceeded", 409, "Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2")
	key := must[*iam.ServiceSpecificCredential](t)(create("bedrock.amazonaws.com", ptr(1)))
	if !strings.HasPrefix(key.ServiceCredentialSecret, "ABSK") || key.ServiceCredentialAlias != "u-at-"+account || key.ServicePassword+key.ServiceUserName != "" || !key.ExpirationDate.Equal(start.AddDate(0, 0, 1)) {
		t.Errorf("an API key is %+v", key)
	}
	w.clock.Advance(24 * time.Hour)
	keys := must[[]iam.ServiceSpecificCredentialMetadata](t)(list(iam.ListServiceSpecificCredentialsInput{AllUsers: true, ServiceName: "bedrock.amazonaws.com"}))
	if len(keys) != 1 || keys[0].Status != "Expired" {
		t.Errorf("a day later there are %+v", keys)
	}

	update := func(user, id, status string) error {
		_, err := w.UpdateServiceSpecificCredential(w.ctx(), &iam.UpdateServiceSpecificCredentialInput{UserName: user, ServiceSpecificCredentialId: id, Status: status})
		return err
	}
	id := made.ServiceSpecificCredentialId
	fails(t, update("none", id, "Active"), "NoSuchEntity", 404, "The user with name none cannot be found.") // [I152]
	fails(t, update("v", id, "Active"), "NoSuchEntity", 404, "No such credential ID exists")
	fails(t, update("", "ACCANONENONENONENONE0", "Active"), "NoSuchEntity", 404, "No such credential ID exists")
	if err := update("", id, "Inactive"); err != nil {
		t.Error(err)
	}
	reset := must[*iam.ResetServiceSpecificCredentialOutput](t)(w.ResetServiceSpecificCredential(w.ctx(), &iam.ResetServiceSpecificCredentialInput{UserName: "u", ServiceSpecificCredentialId: id})).ServiceSpecificCredential
	if reset.Status != "Inactive" || reset.ServicePassword == made.ServicePassword || reset.ServiceSpecificCredentialId != id {
		t.Errorf("reset it is %+v", reset)
	}
	w.put("v", "p", grant("ResetServiceSpecificCredential", "arn:aws:iam::"+account+":user/u", `"StringEquals":{"iam:ServiceSpecificCredentialServiceName":"`+service+`"}`))
	for id, allowed := range map[string]bool{id: true, key.ServiceSpecificCredentialId: false} {
		if _, err := w.call(w.who("user/v"), "ResetServiceSpecificCredential", &iam.ResetServiceSpecificCredentialInput{UserName: "u", ServiceSpecificCredentialId: id}); (err == nil) != allowed {
			t.Errorf("who may reset those of one service resets %s: %v", id, err)
		}
	}
	_, err = w.DeleteUser(w.ctx(), &iam.DeleteUserInput{UserName: "u"})
	fails(t, err, "DeleteConflict", 409, "Cannot delete entity, must remove referenced objects first.") // [I009]
	for _, c := range must[[]iam.ServiceSpecificCredentialMetadata](t)(list(iam.ListServiceSpecificCredentialsInput{UserName: "u"})) {
		must[*iam.DeleteServiceSpecificCredentialOutput](t)(w.DeleteServiceSpecificCredential(w.ctx(), &iam.DeleteServiceSpecificCredentialInput{UserName: "u", ServiceSpecificCredentialId: c.ServiceSpecificCredentialId}))
	}
	must[*iam.DeleteUserOutput](t)(w.DeleteUser(w.ctx(), &iam.DeleteUserInput{UserName: "u"}))
}

// Whose credentials they are counts, not who asks for them.
func TestCredentialOwnersAreTheTarget(t *testing.T) {
	w := newTestbed(t)
	w.user("u")
	w.user("v")
	must[*iam.TagUserOutput](t)(w.TagUser(w.ctx(), &iam.TagUserInput{UserName: "u", Tags: []iam.Tag{{Key: "team", Value: "red"}}}))
	made := must[*iam.CreateServiceSpecificCredentialOutput](t)(w.CreateServiceSpecificCredential(w.ctx(),
		&iam.CreateServiceSpecificCredentialInput{UserName: "u", ServiceName: "codecommit.amazonaws.com"})).ServiceSpecificCredential
	w.role("r")
	must[*iam.PutRolePolicyOutput](t)(w.PutRolePolicy(w.ctx(), &iam.PutRolePolicyInput{RoleName: "r", PolicyName: "p", PolicyDocument: statement(
		`[{"Effect":"Allow","Action":"iam:*","Resource":"*"},{"Effect":"Deny","Action":"iam:*","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}]`)}))
	_, err := w.call(w.who("role/r"), "ResetServiceSpecificCredential", &iam.ResetServiceSpecificCredentialInput{ServiceSpecificCredentialId: made.ServiceSpecificCredentialId})
	fails(t, err, "AccessDenied", 403, "*")

	w.put("v", "p", grant("ListServiceSpecificCredentials", "arn:aws:iam::"+account+":user/v", ""))
	for all, allowed := range map[bool]bool{false: true, true: false} {
		if _, err := w.call(w.who("user/v"), "ListServiceSpecificCredentials", &iam.ListServiceSpecificCredentialsInput{AllUsers: all}); (err == nil) != allowed {
			t.Errorf("who may list its own, AllUsers %v: %v", all, err)
		}
	}
}

func TestCredentialReport(t *testing.T) {
	w := newTestbed(t)
	_, err := w.GetCredentialReport(w.ctx(), &iam.GetCredentialReportInput{})
	fails(t, err, "ReportNotPresent", 410, "*")
	w.user("a,b") // a name may have a comma
	w.user("u")
	w.clock.Advance(time.Hour)
	w.login("u")
	must[*iam.UpdateAccountPasswordPolicyOutput](t)(w.UpdateAccountPasswordPolicy(w.ctx(), &iam.UpdateAccountPasswordPolicyInput{MaxPasswordAge: ptr(10)}))
	if err := w.device("d").enable("u"); err != nil {
		t.Fatal(err)
	}
	key := must[*iam.CreateAccessKeyOutput](t)(w.CreateAccessKey(w.ctx(), &iam.CreateAccessKeyInput{UserName: "u"})).AccessKey
	body, _ := certificate(t)
	must[*iam.UploadSigningCertificateOutput](t)(w.UploadSigningCertificate(w.ctx(), &iam.UploadSigningCertificateInput{UserName: "u", CertificateBody: body}))
	caller := *w.who("user/u")
	caller.AccessKeyID = key.AccessKeyId
	if err := w.dir.Used(t.Context(), &caller, "sqs", region); err != nil {
		t.Fatal(err)
	}
	generate := func() string {
		t.Helper()
		return must[*iam.GenerateCredentialReportOutput](t)(w.GenerateCredentialReport(w.ctx(), &iam.GenerateCredentialReportInput{})).State
	}
	if state := generate(); state != "STARTED" {
		t.Errorf("at first it is %s", state)
	}
	got := must[*iam.GetCredentialReportOutput](t)(w.GetCredentialReport(w.ctx(), &iam.GetCredentialReportInput{}))
	const none, later = "false,N/A,N/A,N/A,N/A", "2026-03-01T13:00:00+00:00"
	want := "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active," +
		"access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service," +
		"access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service," +
		"cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated\n" +
		"<root_account>,arn:aws:iam::123456789012:root,2026-03-01T12:00:00+00:00,not_supported,no_information,not_supported,not_supported,false," + none + "," + none + ",false,N/A,false,N/A\n" +
		`"a,b","arn:aws:iam::123456789012:user/a,b",2026-03-01T12:00:00+00:00,false,N/A,N/A,N/A,false,` + none + "," + none + ",false,N/A,false,N/A\n" +
		"u,arn:aws:iam::123456789012:user/u,2026-03-01T12:00:00+00:00,true,no_information," + later + ",2026-03-11T13:00:00+00:00,true," +
		"true," + later + "," + later + ",eu-west-1,sqs," + none + ",true," + later + ",false,N/A\n"
	if diff := cmp.Diff(want, string(got.Content)); diff != "" || got.ReportFormat != "text/csv" || !got.GeneratedTime.Equal(start.Add(time.Hour)) {
		t.Error(diff, got.ReportFormat, got.GeneratedTime)
	}
	w.clock.Advance(4*time.Hour - time.Second)
	if state := generate(); state != "COMPLETE" { // and the report is the old one
		t.Errorf("within four hours it is %s", state)
	}
	w.clock.Advance(time.Second)
	_, err = w.GetCredentialReport(w.ctx(), &iam.GetCredentialReportInput{})
	fails(t, err, "ReportExpired", 410, "*")
	if state := generate(); state != "STARTED" {
		t.Errorf("after four hours it is %s", state)
	}
}
