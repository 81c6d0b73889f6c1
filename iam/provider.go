package iam

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// The limits of identity providers.
const (
	maxProviders   = 100
	maxClientIDs   = 100
	maxThumbprints = 5
)

// CreateOpenIDConnectProviderInput is the input of CreateOpenIDConnectProvider.
type CreateOpenIDConnectProviderInput struct {
	Url            string   `check:"required,min=1,max=255"`
	ClientIDList   []string `itemcheck:"min=1,max=255"`
	ThumbprintList []string `itemcheck:"min=40,max=40"`
	Tags           []Tag    `check:"max=50"`
}

// CreateOpenIDConnectProviderOutput is the output of CreateOpenIDConnectProvider.
type CreateOpenIDConnectProviderOutput struct {
	OpenIDConnectProviderArn string
	Tags                     []Tag
}

// CreateOpenIDConnectProvider makes an OpenID Connect provider, whose tokens
// sts:AssumeRoleWithWebIdentity takes.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html.
func (s *Service) CreateOpenIDConnectProvider(ctx context.Context, in *CreateOpenIDConnectProviderInput) (*CreateOpenIDConnectProviderOutput, error) {
	name := providerName(in.Url)
	if name == "" || name == in.Url {
		return nil, errValidation.With("Invalid Open ID Connect Provider URL")
	}
	if len(in.ThumbprintList) > maxThumbprints {
		return nil, errInvalidInput.Withf("Thumbprint list must contain fewer than %d entries.", maxThumbprints)
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	account, region := call(ctx)
	out := new(CreateOpenIDConnectProviderOutput)
	err := s.dir.Update(ctx, func(tx store.Tx) error {
		if s.dir.Providers.Get(tx, account, name) != nil {
			return errExists.Withf("Provider with url %s already exists.", in.Url)
		}
		if count(s.dir.Providers.All(tx, account, "")) >= maxProviders {
			return exceeds("OpenIdConnectProvidersPerAccount", maxProviders)
		}
		p := &identity.Provider{
			Entity:    identity.Entity{Account: account, Partition: arn.Partition(region), Name: name, Created: now(ctx)},
			ClientIDs: in.ClientIDList, Thumbprints: in.ThumbprintList,
		}
		if len(p.ClientIDs) > maxClientIDs {
			return exceeds("ClientIdsPerOpenIdConnectProvider", maxClientIDs)
		}
		p.SetTags(tagRecords(in.Tags))
		s.dir.Providers.Put(tx, p)
		out.OpenIDConnectProviderArn, out.Tags = p.ARN(), tagShapes(p.Tags)
		return nil
	})
	return out, err
}

// providerName is a provider's URL without its scheme and a slash at its end;
// what is no https URL stays as it is.
func providerName(url string) string {
	return strings.TrimSuffix(strings.TrimPrefix(url, "https://"), "/")
}

// provider is the identity provider of that ARN, or nil.
func (s *Service) provider(r store.Reader, account, providerARN string) *identity.Provider {
	_, name, _ := strings.Cut(providerARN, ":oidc-provider/")
	if p := s.dir.Providers.Get(r, account, name); p != nil && p.ARN() == providerARN {
		return p
	}
	return nil
}

func noSuchProvider(providerARN string) error {
	return errNoSuchEntity.Withf("OpenIDConnect Provider not found for arn %s", providerARN)
}

// editProvider changes an identity provider.
func (s *Service) editProvider(ctx context.Context, providerARN string, edit func(store.Tx, *identity.Provider) error) error {
	account, _ := call(ctx)
	return s.dir.Update(ctx, func(tx store.Tx) error {
		p := s.provider(tx, account, providerARN)
		if p == nil {
			return noSuchProvider(providerARN)
		}
		p = s.dir.Providers.Edit(tx, account, p.Name)
		if err := edit(tx, p); err != nil {
			return err
		}
		s.dir.Providers.Put(tx, p)
		return nil
	})
}

// GetOpenIDConnectProviderInput is the input of GetOpenIDConnectProvider.
type GetOpenIDConnectProviderInput struct {
	OpenIDConnectProviderArn string `check:"required,min=20,max=2048"`
}

// GetOpenIDConnectProviderOutput is the output of GetOpenIDConnectProvider.
type GetOpenIDConnectProviderOutput struct {
	Url            string
	ClientIDList   []string
	ThumbprintList []string
	CreateDate     time.Time
	Tags           []Tag
}

// GetOpenIDConnectProvider describes an identity provider.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOpenIDConnectProvider.html.
func (s *Service) GetOpenIDConnectProvider(ctx context.Context, in *GetOpenIDConnectProviderInput) (*GetOpenIDConnectProviderOutput, error) {
	account, _ := call(ctx)
	out := new(GetOpenIDConnectProviderOutput)
	err := s.dir.View(ctx, func(r store.Reader) error {
		p := s.provider(r, account, in.OpenIDConnectProviderArn)
		if p == nil {
			return noSuchProvider(in.OpenIDConnectProviderArn)
		}
		out.Url, out.CreateDate = p.Name, seconds(p.Created)
		out.ClientIDList = append([]string{}, p.ClientIDs...)
		out.ThumbprintList = append([]string{}, p.Thumbprints...)
		out.Tags = append([]Tag{}, tagShapes(p.Tags)...)
		return nil
	})
	return out, err
}

// ListOpenIDConnectProvidersInput is the input of ListOpenIDConnectProviders.
type ListOpenIDConnectProvidersInput struct {
}

// ListOpenIDConnectProvidersOutput is the output of ListOpenIDConnectProviders.
type ListOpenIDConnectProvidersOutput struct {
	OpenIDConnectProviderList []OpenIDConnectProviderListEntry
}

// OpenIDConnectProviderListEntry names an identity provider.
type OpenIDConnectProviderListEntry struct {
	Arn string
}

// ListOpenIDConnectProviders lists the account's identity providers.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviders.html.
func (s *Service) ListOpenIDConnectProviders(ctx context.Context, _ *ListOpenIDConnectProvidersInput) (*ListOpenIDConnectProvidersOutput, error) {
	account, _ := call(ctx)
	out := &ListOpenIDConnectProvidersOutput{OpenIDConnectProviderList: []OpenIDConnectProviderListEntry{}}
	err := s.dir.View(ctx, func(r store.Reader) error {
		out.OpenIDConnectProviderList = out.OpenIDConnectProviderList[:0]
		for p := range s.dir.Providers.All(r, account, "") {
			out.OpenIDConnectProviderList = append(out.OpenIDConnectProviderList, OpenIDConnectProviderListEntry{p.ARN()})
		}
		return nil
	})
	return out, err
}

// DeleteOpenIDConnectProviderInput is the input of DeleteOpenIDConnectProvider.
type DeleteOpenIDConnectProviderInput struct {
	OpenIDConnectProviderArn string `check:"required,min=20,max=2048"`
}

// DeleteOpenIDConnectProviderOutput is the output of DeleteOpenIDConnectProvider.
type DeleteOpenIDConnectProviderOutput struct{}

// DeleteOpenIDConnectProvider deletes an identity provider, if it is there.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteOpenIDConnectProvider.html.
func (s *Service) DeleteOpenIDConnectProvider(ctx context.Context, in *DeleteOpenIDConnectProviderInput) (*DeleteOpenIDConnectProviderOutput, error) {
	account, _ := call(ctx)
	return new(DeleteOpenIDConnectProviderOutput), s.dir.Update(ctx, func(tx store.Tx) error {
		if p := s.provider(tx, account, in.OpenIDConnectProviderArn); p != nil {
			s.dir.Providers.Delete(tx, p)
		}
		return nil
	})
}

// AddClientIDToOpenIDConnectProviderInput is the input of AddClientIDToOpenIDConnectProvider.
type AddClientIDToOpenIDConnectProviderInput struct {
	OpenIDConnectProviderArn string `check:"required,min=20,max=2048"`
	ClientID                 string `check:"required,min=1,max=255"`
}

// AddClientIDToOpenIDConnectProviderOutput is the output of AddClientIDToOpenIDConnectProvider.
type AddClientIDToOpenIDConnectProviderOutput struct{}

// AddClientIDToOpenIDConnectProvider adds an audience to an identity provider.
// It may have it already.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html.
func (s *Service) AddClientIDToOpenIDConnectProvider(ctx context.Context, in *AddClientIDToOpenIDConnectProviderInput) (*AddClientIDToOpenIDConnectProviderOutput, error) {
	return new(AddClientIDToOpenIDConnectProviderOutput), s.editProvider(ctx, in.OpenIDConnectProviderArn, func(_ store.Tx, p *identity.Provider) error {
		if slices.Contains(p.ClientIDs, in.ClientID) {
			return nil
		}
		if len(p.ClientIDs) >= maxClientIDs {
			return exceeds("ClientIdsPerOpenIdConnectProvider", maxClientIDs)
		}
		p.ClientIDs = append(p.ClientIDs, in.ClientID)
		return nil
	})
}

// RemoveClientIDFromOpenIDConnectProviderInput is the input of RemoveClientIDFromOpenIDConnectProvider.
type RemoveClientIDFromOpenIDConnectProviderInput struct {
	OpenIDConnectProviderArn string `check:"required,min=20,max=2048"`
	ClientID                 string `check:"required,min=1,max=255"`
}

// RemoveClientIDFromOpenIDConnectProviderOutput is the output of RemoveClientIDFromOpenIDConnectProvider.
type RemoveClientIDFromOpenIDConnectProviderOutput struct{}

// RemoveClientIDFromOpenIDConnectProvider removes an audience from an identity
// provider, if it has it.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveClientIDFromOpenIDConnectProvider.html.
func (s *Service) RemoveClientIDFromOpenIDConnectProvider(ctx context.Context, in *RemoveClientIDFromOpenIDConnectProviderInput) (*RemoveClientIDFromOpenIDConnectProviderOutput, error) {
	return new(RemoveClientIDFromOpenIDConnectProviderOutput), s.editProvider(ctx, in.OpenIDConnectProviderArn, func(_ store.Tx, p *identity.Provider) error {
		p.ClientIDs = slices.DeleteFunc(p.ClientIDs, func(id string) bool { return id == in.ClientID })
		return nil
	})
}

// UpdateOpenIDConnectProviderThumbprintInput is the input of UpdateOpenIDConnectProviderThumbprint.
type UpdateOpenIDConnectProviderThumbprintInput struct {
	OpenIDConnectProviderArn string   `check:"required,min=20,max=2048"`
	ThumbprintList           []string `check:"required" itemcheck:"min=40,max=40"`
}

// UpdateOpenIDConnectProviderThumbprintOutput is the output of UpdateOpenIDConnectProviderThumbprint.
type UpdateOpenIDConnectProviderThumbprintOutput struct{}

// UpdateOpenIDConnectProviderThumbprint replaces the thumbprints of an identity provider.
//
// See https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateOpenIDConnectProviderThumbprint.html.
func (s *Service) UpdateOpenIDConnectProviderThumbprint(ctx context.Context, in *UpdateOpenIDConnectProviderThumbprintInput) (*UpdateOpenIDConnectProviderThumbprintOutput, error) {
	if len(in.ThumbprintList) > maxThumbprints {
		return nil, errInvalidInput.Withf("Thumbprint list must contain fewer than %d entries.", maxThumbprints)
	}
	return new(UpdateOpenIDConnectProviderThumbprintOutput), s.editProvider(ctx, in.OpenIDConnectProviderArn, func(_ store.Tx, p *identity.Provider) error {
		p.Thumbprints = in.ThumbprintList
		return nil
	})
}
