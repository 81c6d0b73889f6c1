package inventory

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/envelope"
)

// DataKey is a data key of a queue or topic that a requester has in memory now: not the key
// itself, but whose it is and for how long.
type DataKey struct {
	Owner     string    `json:"owner"` // the ARN of the queue or topic
	KeyID     string    `json:"keyId"` // the ARN of the KMS key
	Requester string    `json:"requester"`
	Purpose   string    `json:"purpose"` // encrypt or decrypt
	Since     time.Time `json:"since"`
	RenewAt   time.Time `json:"renewAt"`
	// SecondsLeft is how long KMS is not asked again.
	SecondsLeft int `json:"secondsLeft"`
	Renewals    int `json:"renewals"`
}

// DataKeys are the data keys that are held in memory now, by owner, purpose and requester.
func (x Inventory) DataKeys(ctx context.Context, of Scope) ([]DataKey, error) {
	usages, err := x.dataKeyUsages(ctx)
	if err != nil {
		return nil, err
	}
	list, now := []DataKey{}, x.Now()
	for i := range usages {
		u := &usages[i]
		if owner, err := arn.Parse(u.Resource); err != nil || !of.Has(owner.AccountID, owner.Region) {
			continue
		}
		for j := range u.Requesters {
			r := &u.Requesters[j]
			if renewAt := r.Since.Add(u.Reuse); renewAt.After(now) {
				list = append(list, DataKey{
					Owner: u.Resource, KeyID: r.KeyARN, Requester: label(r), Purpose: purpose(r), Since: r.Since, RenewAt: renewAt,
					SecondsLeft: int(math.Ceil(renewAt.Sub(now).Seconds())), Renewals: r.Times - 1,
				})
			}
		}
	}
	slices.SortFunc(list, func(a, b DataKey) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), -cmp.Compare(a.Purpose, b.Purpose), cmp.Compare(a.Requester, b.Requester), cmp.Compare(a.KeyID, b.KeyID))
	})
	return list, nil
}

func (x Inventory) dataKeyUsages(ctx context.Context) ([]envelope.Usage, error) {
	usages, err := x.SQS.DataKeys(ctx)
	return append(usages, x.SNS.DataKeys()...), err
}

func purpose(r *envelope.Requester) string {
	if r.Decrypts {
		return "decrypt"
	}
	return "encrypt"
}

// label is a requester as a person tells it from others.
func label(r *envelope.Requester) string {
	if r.Scope == "" {
		return r.Principal
	}
	return r.Principal + " (session policies " + r.Scope + ")"
}
