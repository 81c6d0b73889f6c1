package iam

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// maxCertificates is how many signing certificates a user may have.
const maxCertificates = 2

// SigningCertificate is a signing certificate of a user.
type SigningCertificate struct {
	UserName        string
	CertificateId   string
	CertificateBody string
	Status          string
	UploadDate      time.Time
}

func signingShape(u *identity.User, c *identity.Certificate) SigningCertificate {
	return SigningCertificate{UserName: u.Name, CertificateId: c.ID, CertificateBody: c.Body, Status: statusOf(c.Inactive), UploadDate: seconds(c.Uploaded)}
}

// parseCertificate reads a certificate in PEM.
func parseCertificate(text string) (*x509.Certificate, error) {
	if block, _ := pem.Decode([]byte(text)); block != nil {
		if c, err := x509.ParseCertificate(block.Bytes); err == nil {
			return c, nil
		}
	}
	return nil, errCertificate.With("Unable to parse certificate. Please ensure the certificate is in PEM format.")
}

// UploadSigningCertificateInput is the input of UploadSigningCertificate.
type UploadSigningCertificateInput struct {
	UserName        string `check:"min=1,max=128" pattern:"[\\w+=,.@-]+"`
	CertificateBody string `check:"required,min=1,max=16384" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
}

// UploadSigningCertificateOutput is the output of UploadSigningCertificate.
type UploadSigningCertificateOutput struct {
	Certificate *SigningCertificate
}

// UploadSigningCertificate gives a user a signing certificate.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSigningCertificate.html.
func (s *Service) UploadSigningCertificate(ctx context.Context, in *UploadSigningCertificateInput) (*UploadSigningCertificateOutput, error) {
	name, err := ownName(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	out := new(UploadSigningCertificateOutput)
	err = s.editUser(ctx, name, func(tx store.Tx, u *identity.User) error {
		parsed, err := parseCertificate(in.CertificateBody)
		if err != nil {
			return err
		}
		for _, c := range u.Certificates {
			if has, err := parseCertificate(c.Body); err == nil && bytes.Equal(has.Raw, parsed.Raw) {
				return errDuplicateCertificate.Withf("The certificate is already associated with the user %s.", u.Name)
			}
		}
		if len(u.Certificates) >= maxCertificates {
			return exceeds("CertificatesPerUser", maxCertificates) // [I121]
		}
		// The id has at least 24 characters, more than those of users: two of them make one.
		c := identity.Certificate{ID: s.dir.NewID(tx, s.dir.NewID(tx, "")), Body: in.CertificateBody, Uploaded: now(ctx)}
		u.Certificates = append(u.Certificates, c)
		shape := signingShape(u, &c)
		out.Certificate = &shape
		return nil
	})
	return out, err
}

// ListSigningCertificatesInput is the input of ListSigningCertificates.
type ListSigningCertificatesInput struct {
	UserName string `check:"min=1,max=128" pattern:"[\\w+=,.@-]+"`
	Marker   string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems *int   `check:"min=1,max=1000"`
}

// ListSigningCertificatesOutput is the output of ListSigningCertificates.
type ListSigningCertificatesOutput struct {
	Certificates []SigningCertificate
	IsTruncated  bool
	Marker       string
}

// ListSigningCertificates lists the signing certificates of a user: the calling
// one where none is named.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSigningCertificates.html.
func (s *Service) ListSigningCertificates(ctx context.Context, in *ListSigningCertificatesInput) (*ListSigningCertificatesOutput, error) {
	u, err := s.ownUser(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	certificates := []SigningCertificate{}
	for i := range u.Certificates {
		certificates = append(certificates, signingShape(u, &u.Certificates[i]))
	}
	part, next, err := page(certificates, func(c SigningCertificate) string { return c.UploadDate.Format(time.RFC3339) + c.CertificateId }, in.Marker, in.MaxItems)
	return &ListSigningCertificatesOutput{Certificates: part, Marker: next, IsTruncated: next != ""}, err
}

// UpdateSigningCertificateInput is the input of UpdateSigningCertificate.
type UpdateSigningCertificateInput struct {
	UserName      string `check:"min=1,max=128" pattern:"[\\w+=,.@-]+"`
	CertificateId string `check:"required,min=24,max=128" pattern:"[\\w]+"`
	Status        string `check:"required" enum:"Active|Inactive|Expired"`
}

// UpdateSigningCertificateOutput is the output of UpdateSigningCertificate.
type UpdateSigningCertificateOutput struct{}

// UpdateSigningCertificate activates or deactivates a signing certificate.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSigningCertificate.html.
func (s *Service) UpdateSigningCertificate(ctx context.Context, in *UpdateSigningCertificateInput) (*UpdateSigningCertificateOutput, error) {
	return new(UpdateSigningCertificateOutput), s.editCertificate(ctx, in.UserName, in.CertificateId, func(u *identity.User, i int) (err error) {
		u.Certificates[i].Inactive, err = isInactive("a signing certificate", in.Status)
		return err
	})
}

// DeleteSigningCertificateInput is the input of DeleteSigningCertificate.
type DeleteSigningCertificateInput struct {
	UserName      string `check:"min=1,max=128" pattern:"[\\w+=,.@-]+"`
	CertificateId string `check:"required,min=24,max=128" pattern:"[\\w]+"`
}

// DeleteSigningCertificateOutput is the output of DeleteSigningCertificate.
type DeleteSigningCertificateOutput struct{}

// DeleteSigningCertificate deletes a signing certificate.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteSigningCertificate.html.
func (s *Service) DeleteSigningCertificate(ctx context.Context, in *DeleteSigningCertificateInput) (*DeleteSigningCertificateOutput, error) {
	return new(DeleteSigningCertificateOutput), s.editCertificate(ctx, in.UserName, in.CertificateId, func(u *identity.User, i int) error {
		u.Certificates = slices.Delete(u.Certificates, i, i+1)
		return nil
	})
}

// editCertificate changes the user who has a signing certificate, the i-th of its own.
func (s *Service) editCertificate(ctx context.Context, user, id string, edit func(u *identity.User, i int) error) error {
	if ofRoot(ctx, user) {
		return noSuchCertificate(id) // the root user has none
	}
	name, err := ownName(ctx, user)
	if err != nil {
		return err
	}
	return s.editUser(ctx, name, func(_ store.Tx, u *identity.User) error {
		i := slices.IndexFunc(u.Certificates, func(c identity.Certificate) bool { return c.ID == id })
		if i < 0 {
			return noSuchCertificate(id)
		}
		return edit(u, i)
	})
}

func noSuchCertificate(id string) error {
	return errNoSuchEntity.Withf("The Certificate with id %s cannot be found.", id)
}
