package iam

import (
	"context"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/saml"
	"github.com/waxseal/waxseal/internal/store"
)

// maxSAMLProviders is how many an account may have [I084].
const maxSAMLProviders = 100

// metadataYears is for how many years a provider is valid whose metadata does
// not say [I082].
const metadataYears = 100

// SAMLPrivateKey is a key that decrypts assertions: there are none here.
type SAMLPrivateKey struct {
	KeyId     string
	Timestamp time.Time
}

// readMetadata reads a provider's metadata into its record.
func readMetadata(p *identity.SAMLProvider, document string, now time.Time) error {
	m, err := saml.ParseMetadata(document)
	if err != nil {
		return errInvalidInput.With("Could not parse metadata")
	}
	p.Metadata, p.ValidUntil = document, m.ValidUntil
	if m.ValidUntil.IsZero() {
		p.ValidUntil = now.AddDate(metadataYears, 0, 0)
	}
	return nil
}

// refuseEncryption refuses what is for encrypted assertions.
func refuseEncryption(mode, key string) error {
	if mode != "" || key != "" {
		return errInvalidInput.With("Encrypted assertions are not supported.")
	}
	return nil
}

// CreateSAMLProviderInput is the input of CreateSAMLProvider.
type CreateSAMLProviderInput struct {
	SAMLMetadataDocument    string `check:"required,min=1000,max=10000000"`
	Name                    string `check:"required,min=1,max=128" pattern:"[\\w._-]+"`
	Tags                    []Tag  `check:"max=50"`
	AssertionEncryptionMode string `enum:"Required|Allowed"`
	AddPrivateKey           string `check:"min=1,max=16384" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+" sensitive:"true" trail:"hide"`
}

// CreateSAMLProviderOutput is the output of CreateSAMLProvider.
type CreateSAMLProviderOutput struct {
	SAMLProviderArn string
	Tags            []Tag
}

// CreateSAMLProvider makes a SAML provider, whose assertions
// sts:AssumeRoleWithSAML takes.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateSAMLProvider.html.
func (s *Service) CreateSAMLProvider(ctx context.Context, in *CreateSAMLProviderInput) (*CreateSAMLProviderOutput, error) {
	if err := refuseEncryption(in.AssertionEncryptionMode, in.AddPrivateKey); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	account, region := call(ctx)
	p := &identity.SAMLProvider{
		Entity: identity.Entity{Account: account, Partition: arn.Partition(region), Name: in.Name, Created: now(ctx)}, UUID: s.dir.NewUUID(),
	}
	if err := readMetadata(p, in.SAMLMetadataDocument, now(ctx)); err != nil {
		return nil, err
	}
	p.SetTags(tagRecords(in.Tags))
	err := s.dir.Update(ctx, func(tx store.Tx) error {
		if s.dir.SAMLProviders.Get(tx, account, p.Name) != nil {
			return exists("Provider", p.Name)
		}
		if count(s.dir.SAMLProviders.All(tx, account, "")) >= maxSAMLProviders {
			return exceeds("SAMLProvidersPerAccount", maxSAMLProviders)
		}
		s.dir.SAMLProviders.Put(tx, p)
		return nil
	})
	return &CreateSAMLProviderOutput{SAMLProviderArn: p.ARN(), Tags: tagShapes(p.Tags)}, err
}

// samlProvider is the SAML provider of that ARN, or nil.
func (s *Service) samlProvider(r store.Reader, account, providerARN string) *identity.SAMLProvider {
	_, name, _ := strings.Cut(providerARN, ":saml-provider/")
	if p := s.dir.SAMLProviders.Get(r, account, name); p != nil && p.ARN() == providerARN {
		return p
	}
	return nil
}

func noSuchSAMLProvider(providerARN string) error { // [I083]
	return errNoSuchEntity.Withf("Manifest not found for arn %s", providerARN)
}

// editSAMLProvider changes a SAML provider.
func (s *Service) editSAMLProvider(ctx context.Context, providerARN string, edit func(*identity.SAMLProvider) error) error {
	account, _ := call(ctx)
	return s.dir.Update(ctx, func(tx store.Tx) error {
		p := s.samlProvider(tx, account, providerARN)
		if p == nil {
			return noSuchSAMLProvider(providerARN)
		}
		p = s.dir.SAMLProviders.Edit(tx, account, p.Name)
		if err := edit(p); err != nil {
			return err
		}
		s.dir.SAMLProviders.Put(tx, p)
		return nil
	})
}

// GetSAMLProviderInput is the input of GetSAMLProvider.
type GetSAMLProviderInput struct {
	SAMLProviderArn string `check:"required,min=20,max=2048"`
}

// GetSAMLProviderOutput is the output of GetSAMLProvider.
type GetSAMLProviderOutput struct {
	SAMLProviderUUID     string
	SAMLMetadataDocument string
	CreateDate           time.Time
	ValidUntil           time.Time
	Tags                 []Tag
	// AssertionEncryptionMode and PrivateKeyList are absent: assertions are not
	// encrypted here.
	AssertionEncryptionMode string
	PrivateKeyList          []SAMLPrivateKey
}

// GetSAMLProvider describes a SAML provider.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetSAMLProvider.html.
func (s *Service) GetSAMLProvider(ctx context.Context, in *GetSAMLProviderInput) (*GetSAMLProviderOutput, error) {
	account, _ := call(ctx)
	out := new(GetSAMLProviderOutput)
	err := s.dir.View(ctx, func(r store.Reader) error {
		p := s.samlProvider(r, account, in.SAMLProviderArn)
		if p == nil {
			return noSuchSAMLProvider(in.SAMLProviderArn)
		}
		*out = GetSAMLProviderOutput{
			SAMLProviderUUID: p.UUID, SAMLMetadataDocument: p.Metadata, CreateDate: seconds(p.Created), ValidUntil: seconds(p.ValidUntil),
			Tags: append([]Tag{}, tagShapes(p.Tags)...),
		}
		return nil
	})
	return out, err
}

// SAMLProviderListEntry is a SAML provider without its metadata.
type SAMLProviderListEntry struct {
	Arn        string
	ValidUntil time.Time
	CreateDate time.Time
}

// ListSAMLProvidersInput is the input of ListSAMLProviders.
type ListSAMLProvidersInput struct{}

// ListSAMLProvidersOutput is the output of ListSAMLProviders.
type ListSAMLProvidersOutput struct {
	SAMLProviderList []SAMLProviderListEntry
}

// ListSAMLProviders lists the account's SAML providers by name.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSAMLProviders.html.
func (s *Service) ListSAMLProviders(ctx context.Context, _ *ListSAMLProvidersInput) (*ListSAMLProvidersOutput, error) {
	account, _ := call(ctx)
	out := &ListSAMLProvidersOutput{SAMLProviderList: []SAMLProviderListEntry{}}
	err := s.dir.View(ctx, func(r store.Reader) error {
		out.SAMLProviderList = out.SAMLProviderList[:0]
		for p := range s.dir.SAMLProviders.All(r, account, "") {
			out.SAMLProviderList = append(out.SAMLProviderList, SAMLProviderListEntry{p.ARN(), seconds(p.ValidUntil), seconds(p.Created)})
		}
		return nil
	})
	return out, err
}

// UpdateSAMLProviderInput is the input of UpdateSAMLProvider.
type UpdateSAMLProviderInput struct {
	SAMLMetadataDocument    string `check:"min=1000,max=10000000"`
	SAMLProviderArn         string `check:"required,min=20,max=2048"`
	AssertionEncryptionMode string `enum:"Required|Allowed"`
	AddPrivateKey           string `check:"min=1,max=16384" pattern:"[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+" sensitive:"true" trail:"hide"`
	RemovePrivateKey        string `check:"min=22,max=64" pattern:"[A-Z0-9]+"`
}

// UpdateSAMLProviderOutput is the output of UpdateSAMLProvider.
type UpdateSAMLProviderOutput struct {
	SAMLProviderArn string
}

// UpdateSAMLProvider gives a SAML provider other metadata.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSAMLProvider.html.
func (s *Service) UpdateSAMLProvider(ctx context.Context, in *UpdateSAMLProviderInput) (*UpdateSAMLProviderOutput, error) {
	if err := refuseEncryption(in.AssertionEncryptionMode, in.AddPrivateKey+in.RemovePrivateKey); err != nil {
		return nil, err
	}
	return &UpdateSAMLProviderOutput{in.SAMLProviderArn}, s.editSAMLProvider(ctx, in.SAMLProviderArn, func(p *identity.SAMLProvider) error {
		if in.SAMLMetadataDocument == "" {
			return nil
		}
		return readMetadata(p, in.SAMLMetadataDocument, now(ctx))
	})
}

// DeleteSAMLProviderInput is the input of DeleteSAMLProvider.
type DeleteSAMLProviderInput struct {
	SAMLProviderArn string `check:"required,min=20,max=2048"`
}

// DeleteSAMLProviderOutput is the output of DeleteSAMLProvider.
type DeleteSAMLProviderOutput struct{}

// DeleteSAMLProvider deletes a SAML provider. Roles that trust it stay.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteSAMLProvider.html.
func (s *Service) DeleteSAMLProvider(ctx context.Context, in *DeleteSAMLProviderInput) (*DeleteSAMLProviderOutput, error) {
	account, _ := call(ctx)
	return new(DeleteSAMLProviderOutput), s.dir.Update(ctx, func(tx store.Tx) error {
		p := s.samlProvider(tx, account, in.SAMLProviderArn)
		if p == nil {
			return noSuchSAMLProvider(in.SAMLProviderArn)
		}
		s.dir.SAMLProviders.Delete(tx, p)
		return nil
	})
}

// TagSAMLProviderInput is the input of TagSAMLProvider.
type TagSAMLProviderInput struct {
	SAMLProviderArn string `check:"required,min=20,max=2048"`
	Tags            []Tag  `check:"required,max=50"`
}

// TagSAMLProviderOutput is the output of TagSAMLProvider.
type TagSAMLProviderOutput struct{}

// TagSAMLProvider adds tags to a SAML provider, or replaces those of the same keys.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagSAMLProvider.html.
func (s *Service) TagSAMLProvider(ctx context.Context, in *TagSAMLProviderInput) (*TagSAMLProviderOutput, error) {
	return new(TagSAMLProviderOutput), s.editSAMLProvider(ctx, in.SAMLProviderArn, func(p *identity.SAMLProvider) error {
		return addTags(&p.Entity, in.Tags)
	})
}

// UntagSAMLProviderInput is the input of UntagSAMLProvider.
type UntagSAMLProviderInput struct {
	SAMLProviderArn string   `check:"required,min=20,max=2048"`
	TagKeys         []string `check:"required,max=50" itemcheck:"min=1,max=128" itempattern:"[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+"`
}

// UntagSAMLProviderOutput is the output of UntagSAMLProvider.
type UntagSAMLProviderOutput struct{}

// UntagSAMLProvider removes tags from a SAML provider, where it has them.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagSAMLProvider.html.
func (s *Service) UntagSAMLProvider(ctx context.Context, in *UntagSAMLProviderInput) (*UntagSAMLProviderOutput, error) {
	return new(UntagSAMLProviderOutput), s.editSAMLProvider(ctx, in.SAMLProviderArn, func(p *identity.SAMLProvider) error {
		return removeTags(&p.Entity, in.TagKeys)
	})
}

// ListSAMLProviderTagsInput is the input of ListSAMLProviderTags.
type ListSAMLProviderTagsInput struct {
	SAMLProviderArn string `check:"required,min=20,max=2048"`
	Marker          string `check:"min=1,max=320" pattern:"[\\u0020-\\u00FF]+"`
	MaxItems        *int   `check:"min=1,max=1000"`
}

// ListSAMLProviderTagsOutput is the output of ListSAMLProviderTags.
type ListSAMLProviderTagsOutput struct {
	Tags        []Tag
	IsTruncated bool
	Marker      string
}

// ListSAMLProviderTags lists the tags of a SAML provider by key.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSAMLProviderTags.html.
func (s *Service) ListSAMLProviderTags(ctx context.Context, in *ListSAMLProviderTagsInput) (*ListSAMLProviderTagsOutput, error) {
	account, _ := call(ctx)
	out := new(ListSAMLProviderTagsOutput)
	err := s.dir.View(ctx, func(r store.Reader) (err error) {
		p := s.samlProvider(r, account, in.SAMLProviderArn)
		if p == nil {
			return noSuchSAMLProvider(in.SAMLProviderArn)
		}
		out.Tags, out.Marker, err = listTags(&p.Entity, in.Marker, in.MaxItems)
		return err
	})
	out.IsTruncated = out.Marker != ""
	return out, err
}
