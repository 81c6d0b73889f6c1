package kms

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// maxAliases is how many aliases a key can have.
const maxAliases = 50

func checkAliasName(name string) error {
	switch {
	case !isAlias(name) || name == aliasPrefix:
		return ErrValidation.With(`Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html`)
	case strings.HasPrefix(name, awsAliasPrefix):
		return ErrNotAuthorized
	case strings.Contains(name, ":"): // which the pattern of the member allows
		return ErrValidation.Withf("%s contains invalid characters for an alias", name)
	default:
		return nil
	}
}

// checkAliasTarget reports a target that is itself an alias, by name or ARN.
func checkAliasTarget(target string) error {
	if isAlias(target) || strings.Contains(target, ":"+aliasPrefix) {
		return ErrValidation.With("Aliases must refer to keys. Not aliases")
	}
	return nil
}

// alias is one of the caller's aliases.
func (s *Service) alias(ctx context.Context, r store.Reader, name string) (*aliasRecord, error) {
	p := here(ctx)
	a := s.aliases.Get(r, p.key(name))
	if a == nil {
		return nil, ErrNotFound.Withf("Alias %s is not found.", p.arn(name))
	}
	return a, nil
}

// aliased is an alias with its key, and the key that it is to name instead.
type aliased struct {
	alias   *aliasRecord
	key, to *key
}

// lookAlias finds an alias, unless it was deleted together with its key.
func (s *Service) lookAlias(ctx context.Context, name string) (*aliasRecord, error) {
	var found *aliasRecord
	err := s.read(ctx, func(r store.Reader) (err error) {
		if found, err = s.alias(ctx, r, name); err != nil {
			return err
		}
		_, err = s.locate(ctx, r, found.Target, false)
		return err
	})
	return found, err
}

// CreateAliasInput is the input of CreateAlias.
type CreateAliasInput struct {
	AliasName   string `check:"required,min=1,max=256" pattern:"^[a-zA-Z0-9:/_-]+$"`
	TargetKeyId string `check:"required,min=1,max=2048"`
}

// CreateAliasOutput is the output of CreateAlias.
type CreateAliasOutput struct{}

func (in *CreateAliasInput) check() error {
	if err := checkAliasName(in.AliasName); err != nil {
		return err
	}
	return checkAliasTarget(in.TargetKeyId)
}

// CreateAlias gives a key another name.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html.
func (s *Service) CreateAlias(ctx context.Context, in *CreateAliasInput) (*CreateAliasOutput, error) {
	return api.DoChecks(ctx, in, s.createAliasChecks, s.createAlias)
}

func (s *Service) createAlias(ctx context.Context, k *key, in *CreateAliasInput) (*CreateAliasOutput, error) {
	return &CreateAliasOutput{}, s.change(ctx, "CreateAlias", k, func(tx store.Tx, k key) error {
		if a := s.aliases.Get(tx, k.place().key(in.AliasName)); a != nil {
			if err := s.checkDueByID(tx, k.place(), a.Target); err != nil {
				return err
			}
			return ErrAlreadyExists.Withf("An alias with the name %s already exists", k.place().arn(in.AliasName))
		}
		if len(k.Aliases) >= maxAliases {
			return ErrLimitExceeded.Withf("%s has reached the limit of %d aliases.", k.arn, maxAliases)
		}
		s.addAlias(tx, k.keyRecord, in.AliasName)
		return nil
	})
}

// addAlias stores a new alias of the key, which the caller puts.
func (s *Service) addAlias(tx store.Tx, k *keyRecord, name string) {
	now := s.clock.Now()
	s.aliases.Put(tx, k.place().key(name), &aliasRecord{k.Account, k.Region, name, k.ID, now, now})
	k.Aliases = append(k.Aliases, name)
	slices.Sort(k.Aliases)
}

// UpdateAliasInput is the input of UpdateAlias.
type UpdateAliasInput struct {
	AliasName   string `check:"required,min=1,max=256" pattern:"^[a-zA-Z0-9:/_-]+$"`
	TargetKeyId string `check:"required,min=1,max=2048"`
}

// UpdateAliasOutput is the output of UpdateAlias.
type UpdateAliasOutput struct{}

func (in *UpdateAliasInput) check() error {
	if err := checkAliasName(in.AliasName); err != nil {
		return err
	}
	return checkAliasTarget(in.TargetKeyId)
}

// UpdateAlias makes an alias the name of another key of the same kind.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html.
func (s *Service) UpdateAlias(ctx context.Context, in *UpdateAliasInput) (*UpdateAliasOutput, error) {
	return api.DoChecks(ctx, in, s.updateAliasChecks, s.updateAlias)
}

func (s *Service) updateAlias(ctx context.Context, a *aliased, _ *UpdateAliasInput) (*UpdateAliasOutput, error) {
	return &UpdateAliasOutput{}, s.change(ctx, "UpdateAlias", a.to, func(tx store.Tx, k key) error {
		old, a := a.key, a.alias
		if err := s.confirm(tx, old.keyRecord); err != nil {
			return err
		}
		switch {
		case old.ID == k.ID:
			return nil
		case old.Usage != k.Usage || old.spec().family == symmetric != (k.spec().family == symmetric) ||
			old.spec().family == hmacKey != (k.spec().family == hmacKey):
			return ErrValidation.Withf("Alias %s cannot be moved to a KMS key of another type or usage.", a.Name)
		case len(k.Aliases) >= maxAliases:
			return ErrLimitExceeded.Withf("%s has reached the limit of %d aliases.", k.arn, maxAliases)
		}
		s.dropAlias(tx, old.keyRecord, a.Name)
		created := a.Created
		s.addAlias(tx, k.keyRecord, a.Name)
		moved := *a
		moved.Target, moved.Created, moved.Updated = k.ID, created, s.clock.Now()
		s.aliases.Put(tx, k.place().key(a.Name), &moved)
		return nil
	})
}

// dropAlias takes an alias's name out of its key's record.
func (s *Service) dropAlias(tx store.Tx, k *keyRecord, name string) {
	edited := s.edit(tx, k)
	edited.Aliases = slices.DeleteFunc(edited.Aliases, func(a string) bool { return a == name })
	s.keys.Put(tx, edited.key(), edited)
}

// DeleteAliasInput is the input of DeleteAlias.
type DeleteAliasInput struct {
	AliasName string `check:"required,min=1,max=256" pattern:"^[a-zA-Z0-9:/_-]+$"`
}

// DeleteAliasOutput is the output of DeleteAlias.
type DeleteAliasOutput struct{}

// DeleteAlias deletes an alias. Its key is not touched.
//
// See https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html.
func (s *Service) DeleteAlias(ctx context.Context, in *DeleteAliasInput) (*DeleteAliasOutput, error) {
	return api.DoChecks(ctx, in, s.deleteAliasChecks, s.deleteAlias)
}

func (s *Service) deleteAlias(ctx context.Context, a *aliased, _ *DeleteAliasInput) (*DeleteAliasOutput, error) {
	return &DeleteAliasOutput{}, s.write(ctx, func(tx store.Tx) error {
		// The key's record lists its aliases, so it changes whenever one of them does.
		if err := s.confirm(tx, a.key.keyRecord); err != nil {
			return err
		}
		s.dropAlias(tx, a.key.keyRecord, a.alias.Name)
		s.aliases.Delete(tx, a.alias.place().key(a.alias.Name))
		return nil
	})
}

// ListAliasesInput is the input of ListAliases.
type ListAliasesInput struct {
	KeyId  string `check:"min=1,max=2048"`
	Limit  *int32 `check:"min=1,max=1000"`
	Marker string `check:"min=1,max=1024"`
}

// ListAliasesOutput is the output of ListAliases.
type ListAliasesOutput struct {
	Aliases    []AliasListEntry
	NextMarker string
	Truncated  bool
}

// AliasListEntry is an alias in a list. The predefined alias of an AWS managed
// key that was not made yet has neither dates nor target.
type AliasListEntry struct {
	AliasArn        string
	AliasName       string
	CreationDate    time.Time
	LastUpdatedDate time.Time
	TargetKeyId     string
}

func (a *aliasRecord) entry() AliasListEntry {
	return AliasListEntry{a.place().arn(a.Name), a.Name, a.Created, a.Updated, a.Target}
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
	err = s.read(ctx, func(r store.Reader) error {
		list := newPage[AliasListEntry](start, pageSize(in.Limit, 50, 100))
		if in.KeyId != "" {
			err = s.listAliasesOf(ctx, r, in.KeyId, list)
		} else {
			err = s.listAliases(r, here(ctx), start, list)
		}
		out.Aliases, out.NextMarker, out.Truncated = list.result()
		return err
	})
	return out, err
}

func (s *Service) listAliasesOf(ctx context.Context, r store.Reader, name string, list *page[AliasListEntry]) error {
	k, err := s.find(ctx, r, name, false)
	if err != nil {
		return err
	}
	for _, name := range k.Aliases {
		if a := s.aliases.Get(r, k.place().key(name)); a != nil && !list.add(name, a.entry()) {
			break
		}
	}
	return nil
}

func (s *Service) listAliases(r store.Reader, p place, start string, list *page[AliasListEntry]) error {
	// Predefined aliases stand in the list before their keys exist.
	predefined := predefinedAliases()
	announce := func(before string) bool {
		for len(predefined) > 0 && (before == "" || predefined[0] < before) {
			if !list.add(predefined[0], AliasListEntry{AliasArn: p.arn(predefined[0]), AliasName: predefined[0]}) {
				return false
			}
			predefined = predefined[1:]
		}
		return true
	}
	for _, a := range s.aliases.Scan(r, p.prefix(), p.key(start), store.All) {
		if err := s.checkDueByID(r, p, a.Target); err != nil {
			return err
		}
		predefined = slices.DeleteFunc(predefined, func(name string) bool { return name == a.Name })
		if !announce(a.Name) || !list.add(a.Name, a.entry()) {
			return nil
		}
	}
	announce("")
	return nil
}

// AliasNames are the aliases of customers' keys by the keys' ARNs: of a key with
// several, the first by name.
func (s *Service) AliasNames(ctx context.Context) (names map[string]string, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		names = map[string]string{}
		// One damaged key must not prevent the explanation of a decision.
		for _, k := range s.keys.ScanWhole(r, "", "", store.All, func(string, error) {}) {
			if len(k.Aliases) > 0 {
				names[k.arn] = slices.Min(k.Aliases)
			}
		}
		return nil
	})
	return names, err
}
