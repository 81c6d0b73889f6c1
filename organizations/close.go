package organizations

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/identity"
	"github.com/waxseal/waxseal/internal/store"
)

// How many accounts may be closed in thirty days: a fifth of all accounts or
// closings, whichever is more, and never more than maxClosings.
const (
	closings    = 250
	closedShare = 5 // a fifth
	maxClosings = 1000
	closingDays = 30
)

// CloseAccountInput is the input of CloseAccount.
type CloseAccountInput struct {
	AccountId string `check:"required,max=12" pattern:"^\\d{12}$"`
}

// CloseAccountOutput is the output of CloseAccount.
type CloseAccountOutput struct{}

// CloseAccount closes an account: its credentials are refused from then on. It
// stays in the organization, suspended for 90 days and then permanently closed.
//
// See https://docs.aws.amazon.com/organizations/latest/APIReference/API_CloseAccount.html.
func (s *Service) CloseAccount(ctx context.Context, in *CloseAccountInput) (*CloseAccountOutput, error) {
	now := api.RequestFrom(ctx).Time
	return new(CloseAccountOutput), s.update(ctx, func(tx store.Tx, o *identity.Organization) error {
		m := s.member(tx, o, in.AccountId)
		switch {
		case o.FeatureSet != identity.AllFeatures:
			return errFeatures
		case m == nil:
			return errAccount
		case in.AccountId == o.Management:
			return errCloseMaster
		case !m.Closed.IsZero():
			return errClosed
		}
		accounts, recent := 0, 0
		for other := range s.dir.Members(tx, o.ID) {
			accounts++
			if !other.Closed.IsZero() && now.Before(other.Closed.AddDate(0, 0, closingDays)) {
				recent++
			}
		}
		if recent >= min(max(closings, accounts/closedShare), maxClosings) {
			return errCloseQuota
		}
		closed := *m
		closed.Closed = now
		s.dir.PutMember(tx, &closed)
		return nil
	})
}
