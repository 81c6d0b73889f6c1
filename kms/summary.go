package kms

import (
	"context"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// Summary is a key as a list of keys shows it, with its grants and its last use.
type Summary struct {
	ARN          string          `json:"arn"`
	ID           string          `json:"id"`
	Account      string          `json:"account"`
	Region       string          `json:"region"`
	Aliases      []string        `json:"aliases"`
	Description  string          `json:"description,omitempty"`
	State        string          `json:"state"`
	Spec         string          `json:"spec"`
	Usage        string          `json:"usage"`
	Origin       string          `json:"origin"`
	Manager      string          `json:"manager"` // CUSTOMER or AWS
	MultiRegion  bool            `json:"multiRegion"`
	Rotation     RotationSummary `json:"rotation"`
	DeletionDate *time.Time      `json:"deletionDate,omitempty"`
	Grants       []GrantSummary  `json:"grants"`
	// LastUsed is the last successful cryptographic operation; nil: there was none.
	LastUsed *UseSummary `json:"lastUsed,omitempty"`
}

// RotationSummary says whether and when a key rotates by itself.
type RotationSummary struct {
	Enabled      bool       `json:"enabled"`
	PeriodInDays int        `json:"periodInDays,omitempty"`
	Next         *time.Time `json:"next,omitempty"`
}

// GrantSummary is a grant of a key.
type GrantSummary struct {
	ID          string       `json:"id"`
	Name        string       `json:"name,omitempty"`
	Grantee     string       `json:"grantee"`
	Retiring    string       `json:"retiring,omitempty"`
	Operations  []string     `json:"operations"`
	Constraints *GrantLimits `json:"constraints,omitempty"`
}

// GrantLimits are the constraints of a grant, named as CreateGrant names them.
type GrantLimits struct {
	EncryptionContextEquals map[string]string `json:",omitempty"`
	EncryptionContextSubset map[string]string `json:",omitempty"`
	SourceArn               string            `json:",omitempty"`
}

// UseSummary is the last use of a key.
type UseSummary struct {
	Time      time.Time `json:"time"`
	Operation string    `json:"operation"`
	// Principal is for who knows of the request.
	Principal string `json:"principal,omitempty"`
	RequestID string `json:"requestId,omitempty"`
}

// caughtUpAtOnce is how many keys one transaction of Summaries brings up to date: few
// enough that other transactions do not wait long.
const caughtUpAtOnce = 64

// Summaries are the keys of a scope, by account, region and id.
func (s *Service) Summaries(ctx context.Context, of resource.Scope) ([]Summary, error) {
	for {
		now := s.clock.Now()
		list, due, err := s.summaries(ctx, of, now)
		if len(due) == 0 || err != nil {
			return list, err
		}
		for some := range slices.Chunk(due, caughtUpAtOnce) {
			err := s.engine.Update(ctx, func(tx store.Tx) error {
				for _, k := range some {
					s.catchUp(tx, k.place(), k.ID, now)
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
	}
}

// summaries are the keys of a scope, and those for which something is due.
func (s *Service) summaries(ctx context.Context, of resource.Scope, now time.Time) (list []Summary, due []*keyRecord, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		list, due = []Summary{}, nil
		for _, k := range s.keys.ScanWhole(r, "", "", store.All, func(string, error) {}) {
			switch {
			case !of.Has(k.Account, k.Region):
			case s.checkDue(r, k, now) != nil:
				due = append(due, k)
			default:
				list = append(list, s.summary(r, s.now(r, k)))
			}
		}
		return nil
	})
	return list, due, err
}

func (s *Service) summary(r store.Reader, k key) Summary {
	out := Summary{
		ARN: k.arn, ID: k.ID, Account: k.Account, Region: k.Region, Description: k.Description, State: k.state,
		Spec: k.Spec, Usage: k.Usage, Origin: k.Origin, Manager: k.Manager, MultiRegion: k.isMultiRegion(), Grants: []GrantSummary{},
		DeletionDate: date(k.DeletionDate),
	}
	out.Aliases = append([]string{}, k.Aliases...)
	slices.Sort(out.Aliases)
	if rotation := s.rotationOf(r, &k); rotation.Enabled {
		out.Rotation = RotationSummary{true, rotation.Period, date(rotation.Next)}
	}
	if k.Grants > 0 {
		for _, g := range s.grants.ScanWhole(r, k.key()+"/", "", store.All, func(string, error) {}) {
			out.Grants = append(out.Grants, s.grantSummary(r, g))
		}
	}
	if u := s.usages.get(r, k.key()); u != nil {
		out.LastUsed = &UseSummary{Time: u.At, Operation: u.Operation, RequestID: u.RequestID}
	}
	return out
}

func (s *Service) grantSummary(r store.Reader, g *grantRecord) GrantSummary {
	out := GrantSummary{ID: g.ID, Name: g.Name, Grantee: s.shownGrantee(r, g), Retiring: s.shownRetiring(r, g), Operations: g.Operations}
	if g.constrained() {
		out.Constraints = &GrantLimits{g.Equals, g.Subset, g.SourceARN}
	}
	return out
}

// date is a time that may be none.
func date(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
