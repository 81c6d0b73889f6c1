package iam

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// ServerCertificateMetadata is a server certificate without the certificate itself.
type ServerCertificateMetadata struct {
	Path                  string
	ServerCertificateName string
	ServerCertificateId   string
	Arn                   string
	UploadDate            time.Time
	Expiration            time.Time
}

// ServerCertificate is a server certificate without its private key.
type ServerCertificate struct {
	ServerCertificateMetadata *ServerCertificateMetadata
	CertificateBody           string
	CertificateChain          string
	Tags                      []Tag
}

func serverShape(c *identity.ServerCertificate) *ServerCertificateMetadata {
	return &ServerCertificateMetadata{
		Path: c.Path, ServerCertificateName: c.Name, ServerCertificateId: c.ID, Arn: c.ARN(),
		UploadDate: seconds(c.Created), Expiration: seconds(c.Expires),
	}
}

// UploadServerCertificateInput is the input of UploadServerCertificate.
type UploadServerCertificateInput struct {
	Path                  string `check:"min=1,max=512" pattern:"(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"`
	ServerCertificateName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	CertificateBody       string `check:"required,min=1,max=16384" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	PrivateKey            string `check:"required,min=1,max=16384" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+" sensitive:"true" trail:"hide"`
	CertificateChain      string `check:"min=1,max=2097152" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+"`
	Tags                  []Tag  `check:"max=50"`
}

// UploadServerCertificateOutput is the output of UploadServerCertificate.
type UploadServerCertificateOutput struct {
	ServerCertificateMetadata *ServerCertificateMetadata
	Tags                      []Tag
}

// UploadServerCertificate keeps a certificate, whose private key must fit. The
// key itself is not kept: nothing here would use it.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadServerCertificate.html.
func (s *Service) UploadServerCertificate(ctx context.Context, in *UploadServerCertificateInput) (*UploadServerCertificateOutput, error) {
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	parsed, err := checkPair(in)
	if err != nil {
		return nil, err
	}
	account, region := call(ctx)
	out := new(UploadServerCertificateOutput)
	err = s.dir.Update(ctx, func(tx store.Tx) error {
		if s.dir.ServerCertificates.Get(tx, account, in.ServerCertificateName) != nil {
			return errExists.Withf("The Server Certificate with name %s already exists.", in.ServerCertificateName)
		}
		if err := checkQuota("ServerCertificates", s.dir.ServerCertificates.All(tx, account, "")); err != nil {
			return err
		}
		c := &identity.ServerCertificate{
			Entity: s.dir.NewEntity(tx, "ASCA", account, region, in.Path, in.ServerCertificateName),
			Body:   in.CertificateBody, Chain: in.CertificateChain, Expires: parsed.NotAfter,
		}
		c.SetTags(tagRecords(in.Tags))
		s.dir.ServerCertificates.Put(tx, c)
		out.ServerCertificateMetadata, out.Tags = serverShape(c), tagShapes(c.Tags)
		return nil
	})
	return out, err
}

// checkPair reads what was uploaded: the certificate, its key and its chain.
func checkPair(in *UploadServerCertificateInput) (*x509.Certificate, error) {
	parsed, err := parseCertificate(in.CertificateBody)
	if err != nil {
		return nil, err
	}
	key := parsePrivateKey(in.PrivateKey)
	if key == nil {
		return nil, errCertificate.With("Unable to parse private key. Please ensure the private key is in PEM format and not encrypted.")
	}
	if public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(parsed.PublicKey) {
		return nil, errKeyPair
	}
	for rest := []byte(in.CertificateChain); len(strings.TrimSpace(string(rest))) > 0; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, errChain
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return nil, errChain
		}
	}
	return parsed, nil
}

// errChain says that a chain is no list of certificates.
var errChain = errCertificate.With("Unable to parse certificate chain. Please ensure the certificate chain is in PEM format.")

// parsePrivateKey reads a private key in PEM; nil: it is none.
func parsePrivateKey(text string) crypto.Signer {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key
	}
	if key, err := x509.ParseECPrivateKey(block.Bytes); err == nil {
		return key
	}
	key, _ := x509.ParsePKCS8PrivateKey(block.Bytes)
	signer, _ := key.(crypto.Signer)
	return signer
}

func noSuchServerCertificate(name string) error { // [I131]
	return errNoSuchEntity.Withf("The Server Certificate with name %s cannot be found.", name)
}

// GetServerCertificateInput is the input of GetServerCertificate.
type GetServerCertificateInput struct {
	ServerCertificateName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// GetServerCertificateOutput is the output of GetServerCertificate.
type GetServerCertificateOutput struct {
	ServerCertificate *ServerCertificate
}

// GetServerCertificate shows a server certificate.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServerCertificate.html.
func (s *Service) GetServerCertificate(ctx context.Context, in *GetServerCertificateInput) (*GetServerCertificateOutput, error) {
	account, _ := call(ctx)
	out := new(GetServerCertificateOutput)
	err := s.dir.View(ctx, func(r store.Reader) error {
		c := s.dir.ServerCertificates.Get(r, account, in.ServerCertificateName)
		if c == nil {
			return noSuchServerCertificate(in.ServerCertificateName)
		}
		out.ServerCertificate = &ServerCertificate{
			ServerCertificateMetadata: serverShape(c), CertificateBody: c.Body, CertificateChain: c.Chain, Tags: tagShapes(c.Tags),
		}
		return nil
	})
	return out, err
}

// ListServerCertificatesInput is the input of ListServerCertificates.
type ListServerCertificatesInput struct {
	PathPrefix string `check:"min=1,max=512" pattern:"\\u002F[\\u0021-\\u007F]*"`
	Marker     string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems   *int   `check:"min=1,max=1000"`
}

// ListServerCertificatesOutput is the output of ListServerCertificates.
type ListServerCertificatesOutput struct {
	ServerCertificateMetadataList []ServerCertificateMetadata
	IsTruncated                   bool
	Marker                        string
}

// ListServerCertificates lists the account's server certificates by name.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServerCertificates.html.
func (s *Service) ListServerCertificates(ctx context.Context, in *ListServerCertificatesInput) (*ListServerCertificatesOutput, error) {
	account, _ := call(ctx)
	certificates := []ServerCertificateMetadata{}
	err := s.dir.View(ctx, func(r store.Reader) error {
		certificates = certificates[:0]
		for c := range s.dir.ServerCertificates.All(r, account, "") {
			if strings.HasPrefix(c.Path, in.PathPrefix) {
				certificates = append(certificates, *serverShape(c))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	part, next, err := page(certificates, func(c ServerCertificateMetadata) string { return c.ServerCertificateName }, in.Marker, in.MaxItems)
	return &ListServerCertificatesOutput{ServerCertificateMetadataList: part, Marker: next, IsTruncated: next != ""}, err
}

// UpdateServerCertificateInput is the input of UpdateServerCertificate.
type UpdateServerCertificateInput struct {
	ServerCertificateName    string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	NewPath                  string `check:"min=1,max=512" pattern:"(\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)"`
	NewServerCertificateName string `check:"min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// UpdateServerCertificateOutput is the output of UpdateServerCertificate.
type UpdateServerCertificateOutput struct{}

// UpdateServerCertificate gives a server certificate another name, path or both.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateServerCertificate.html.
func (s *Service) UpdateServerCertificate(ctx context.Context, in *UpdateServerCertificateInput) (*UpdateServerCertificateOutput, error) {
	account, _ := call(ctx)
	return new(UpdateServerCertificateOutput), s.dir.Update(ctx, func(tx store.Tx) error {
		c := s.dir.ServerCertificates.Edit(tx, account, in.ServerCertificateName)
		if c == nil {
			return noSuchServerCertificate(in.ServerCertificateName)
		}
		if other := s.dir.ServerCertificates.Get(tx, account, in.NewServerCertificateName); other != nil && other.ID != c.ID {
			return errExists.Withf("The Server Certificate with name %s already exists.", in.NewServerCertificateName)
		}
		s.dir.ServerCertificates.Rename(tx, c, or(in.NewPath, c.Path), or(in.NewServerCertificateName, c.Name))
		return nil
	})
}

// DeleteServerCertificateInput is the input of DeleteServerCertificate.
type DeleteServerCertificateInput struct {
	ServerCertificateName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
}

// DeleteServerCertificateOutput is the output of DeleteServerCertificate.
type DeleteServerCertificateOutput struct{}

// DeleteServerCertificate deletes a server certificate. No load balancer here
// uses one.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServerCertificate.html.
func (s *Service) DeleteServerCertificate(ctx context.Context, in *DeleteServerCertificateInput) (*DeleteServerCertificateOutput, error) {
	account, _ := call(ctx)
	return new(DeleteServerCertificateOutput), s.dir.Update(ctx, func(tx store.Tx) error {
		c := s.dir.ServerCertificates.Get(tx, account, in.ServerCertificateName)
		if c == nil {
			return noSuchServerCertificate(in.ServerCertificateName)
		}
		s.dir.ServerCertificates.Delete(tx, c)
		return nil
	})
}

// TagServerCertificateInput is the input of TagServerCertificate.
type TagServerCertificateInput struct {
	ServerCertificateName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	Tags                  []Tag  `check:"required,max=50"`
}

// TagServerCertificateOutput is the output of TagServerCertificate.
type TagServerCertificateOutput struct{}

// TagServerCertificate adds tags to a server certificate, or replaces those of
// the same keys.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagServerCertificate.html.
func (s *Service) TagServerCertificate(ctx context.Context, in *TagServerCertificateInput) (*TagServerCertificateOutput, error) {
	return new(TagServerCertificateOutput), s.editServerCertificate(ctx, in.ServerCertificateName, func(e *identity.Entity) error {
		return addTags(e, in.Tags)
	})
}

// UntagServerCertificateInput is the input of UntagServerCertificate.
type UntagServerCertificateInput struct {
	ServerCertificateName string   `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	TagKeys               []string `check:"required,max=50" itemcheck:"min=1,max=128" itempattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"`
}

// UntagServerCertificateOutput is the output of UntagServerCertificate.
type UntagServerCertificateOutput struct{}

// UntagServerCertificate removes tags from a server certificate, where it has them.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagServerCertificate.html.
func (s *Service) UntagServerCertificate(ctx context.Context, in *UntagServerCertificateInput) (*UntagServerCertificateOutput, error) {
	return new(UntagServerCertificateOutput), s.editServerCertificate(ctx, in.ServerCertificateName, func(e *identity.Entity) error {
		return removeTags(e, in.TagKeys)
	})
}

// editServerCertificate changes the tags of a server certificate.
func (s *Service) editServerCertificate(ctx context.Context, name string, edit func(*identity.Entity) error) error {
	account, _ := call(ctx)
	return s.dir.Update(ctx, func(tx store.Tx) error {
		c := s.dir.ServerCertificates.Edit(tx, account, name)
		if c == nil {
			return noSuchServerCertificate(name)
		}
		if err := edit(&c.Entity); err != nil {
			return err
		}
		s.dir.ServerCertificates.Put(tx, c)
		return nil
	})
}

// ListServerCertificateTagsInput is the input of ListServerCertificateTags.
type ListServerCertificateTagsInput struct {
	ServerCertificateName string `check:"required,min=1,max=128" pattern:"[\\w+=,.@-]+"`
	Marker                string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems              *int   `check:"min=1,max=1000"`
}

// ListServerCertificateTagsOutput is the output of ListServerCertificateTags.
type ListServerCertificateTagsOutput struct {
	Tags        []Tag
	IsTruncated bool
	Marker      string
}

// ListServerCertificateTags lists the tags of a server certificate by key.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServerCertificateTags.html.
func (s *Service) ListServerCertificateTags(ctx context.Context, in *ListServerCertificateTagsInput) (*ListServerCertificateTagsOutput, error) {
	account, _ := call(ctx)
	out := new(ListServerCertificateTagsOutput)
	err := s.dir.View(ctx, func(r store.Reader) (err error) {
		c := s.dir.ServerCertificates.Get(r, account, in.ServerCertificateName)
		if c == nil {
			return noSuchServerCertificate(in.ServerCertificateName)
		}
		out.Tags, out.Marker, err = listTags(&c.Entity, in.Marker, in.MaxItems)
		return err
	})
	out.IsTruncated = out.Marker != ""
	return out, err
}
