package kms

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// CreateAliasInput is the input of CreateAlias.
type CreateAliasInput struct {
	AliasName   string `check:"required,min=1,max=256" pattern:"^[a-zA-Z0-9:/_-]+$"`
	TargetKeyId string `check:"required,min=1,max=2048"`
}

// CreateAliasOutput is the output of CreateAlias.
type CreateAliasOutput struct{}

// aliasTarget is an alias as what IAM policies guard; aliases have no policy of their own.
func aliasTarget(p place, name string) api.Target {
	return api.Target{ARN: p.arn(name), Account: p.account}
}

func checkAliasName(name string) error {
	switch {
	case !isAlias(name) || name == aliasPrefix:
		return ErrValidation.With(`Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html`)
	case strings.HasPrefix(name, "alias/aws/"):
		return ErrNotAuthorized
	}
	return nil
}

// createAliasChecks asks for the permission on the alias and on its key.
func (s *Service) createAliasChecks(ctx context.Context, in *CreateAliasInput) ([]api.Check, error) {
	if err := checkAliasName(in.AliasName); err != nil {
		return nil, err
	}
	key, err := s.target(ctx, byID(in.TargetKeyId))
	if err != nil {
		return nil, err
	}
	return []api.Check{
		{Action: "kms:CreateAlias", Target: aliasTarget(here(ctx), in.AliasName)},
		{Action: "kms:CreateAlias", Target: key},
	}, nil
}

// CreateAlias gives a key another name.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html.
func (s *Service) CreateAlias(ctx context.Context, in *CreateAliasInput) (*CreateAliasOutput, error) {
	if err := checkAliasName(in.AliasName); err != nil {
		return nil, err
	}
	return &CreateAliasOutput{}, s.engine.Update(ctx, func(tx store.Tx) error {
		key, err := s.find(ctx, tx, in.TargetKeyId, false)
		if err != nil {
			return err
		}
		p, now := here(ctx), s.clock.Now()
		if s.aliases.Get(tx, p.key(in.AliasName)) != nil {
			return ErrAlreadyExists.Withf("An alias with the name %s already exists", p.arn(in.AliasName))
		}
		s.putAlias(tx, &aliasRecord{p.account, p.region, in.AliasName, key.ID, now, now})
		return nil
	})
}

// ListAliasesInput is the input of ListAliases.
type ListAliasesInput struct {
	KeyId  string `check:"min=1,max=2048"`
	Limit  *int   `check:"min=1,max=1000"`
	Marker string `check:"min=1,max=1024"`
}

// ListAliasesOutput is the output of ListAliases.
type ListAliasesOutput struct {
	Aliases    []AliasListEntry
	NextMarker string
	Truncated  bool
}

// AliasListEntry is an alias in a list.
type AliasListEntry struct {
	AliasArn        string
	AliasName       string
	CreationDate    *time.Time
	LastUpdatedDate *time.Time
	TargetKeyId     string
}

// ListAliases lists the aliases of the account in the region, or of one of its
// keys, 50 at a time.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html.
func (s *Service) ListAliases(ctx context.Context, in *ListAliasesInput) (*ListAliasesOutput, error) {
	start, err := after(in.Marker)
	if err != nil {
		return nil, err
	}
	out := &ListAliasesOutput{}
	err = s.engine.View(ctx, func(r store.Reader) error {
		entries := s.aliasEntries(r, here(ctx), start)
		if in.KeyId != "" {
			key, err := s.find(ctx, r, in.KeyId, false)
			if err != nil {
				return err
			}
			entries = s.aliasesOf(r, key)
		}
		out.Aliases, out.NextMarker = page(entries, start, pageSize(in.Limit, 50, 100))
		return nil
	})
	out.Truncated = out.NextMarker != ""
	return out, err
}

func (a *aliasRecord) entry() AliasListEntry {
	return AliasListEntry{a.place().arn(a.Name), a.Name, &a.Created, &a.Updated, a.Target}
}

func (s *Service) aliasEntries(r store.Reader, p place, start string) iter.Seq2[string, AliasListEntry] {
	return func(yield func(string, AliasListEntry) bool) {
		for _, a := range s.aliases.Scan(r, p.prefix(), p.key(start)) {
			if !yield(a.Name, a.entry()) {
				return
			}
		}
	}
}

func (s *Service) aliasesOf(r store.Reader, key *keyRecord) iter.Seq2[string, AliasListEntry] {
	return func(yield func(string, AliasListEntry) bool) {
		prefix := aliasOfBucket + key.key() + "/"
		for index := range r.Scan(prefix, "") {
			name := strings.TrimPrefix(index, prefix)
			if a := s.aliases.Get(r, key.place().key(name)); a != nil && !yield(name, a.entry()) {
				return
			}
		}
	}
}
