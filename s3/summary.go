package s3

import (
	"context"
	"strings"

	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// Summary is a bucket as a list of buckets shows it.
type Summary struct {
	ARN        string `json:"arn"`
	Name       string `json:"name"`
	Account    string `json:"account"`
	Region     string `json:"region"`
	Encryption string `json:"encryption"` // AES256 or aws:kms
	// KeyID is the KMS key as the bucket's encryption names it; empty: AWS's own, or none.
	KeyID     string `json:"keyId,omitempty"`
	BucketKey bool   `json:"bucketKey"`
	// Versioning is Enabled or Suspended; empty: it never was either.
	Versioning string `json:"versioning,omitempty"`
	// Objects is how many there are, but for delete markers and earlier versions; of more
	// than 100,000 it is that, and MoreObjects is true.
	Objects       int                   `json:"objects"`
	MoreObjects   bool                  `json:"moreObjects,omitempty"`
	Notifications []NotificationSummary `json:"notifications"`
	// Public: its policy lets in anybody, and no setting keeps that from having effect.
	Public    bool `json:"public"`
	HasPolicy bool `json:"hasPolicy"`
}

// NotificationSummary is who is told of which events of a bucket.
type NotificationSummary struct {
	ID          string   `json:"id"`
	Events      []string `json:"events"`
	Destination string   `json:"destination"` // an ARN, or events.amazonaws.com
	// Filter is the prefix and the suffix of the keys that are meant, with … for the rest.
	Filter string `json:"filter,omitempty"`
}

// counted is how many objects of a bucket are counted.
const counted = 100_000

// Summaries are the buckets of a scope, by name.
func (s *Service) Summaries(ctx context.Context, of resource.Scope) (list []Summary, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		list = []Summary{}
		for _, b := range s.buckets.ScanWhole(r, "", "", store.All, func(string, error) {}) {
			if of.Has(b.Account, b.Region) {
				list = append(list, b.summary(r))
			}
		}
		return nil
	})
	return list, err
}

// PlaceOf is the account and region of a bucket; both are empty where there is none.
func (s *Service) PlaceOf(ctx context.Context, name string) (account, region string, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		account, region = "", ""
		if b := s.buckets.Get(r, name); b != nil {
			account, region = b.Account, b.Region
		}
		return nil
	})
	return account, region, err
}

func (b *bucket) summary(r store.Reader) Summary {
	encryption := b.encryption()
	out := Summary{
		ARN: b.arn(), Name: b.Name, Account: b.Account, Region: b.Region, Versioning: b.Versioning,
		Encryption: encryption.Algorithm, KeyID: encryption.KeyID, BucketKey: encryption.BucketKey,
		Notifications: b.notificationSummaries(), Public: b.public && b.block() == nil, HasPolicy: b.policy != nil,
	}
	for range r.Scan(b.liveKey(""), "", counted+1) {
		out.Objects++
	}
	if out.MoreObjects = out.Objects > counted; out.MoreObjects {
		out.Objects = counted
	}
	return out
}

func (b *bucket) notificationSummaries() []NotificationSummary {
	list := []NotificationSummary{}
	if b.Notifications == nil {
		return list
	}
	for i := range b.Notifications.Destinations {
		d := &b.Notifications.Destinations[i]
		list = append(list, NotificationSummary{ID: d.ID, Events: d.Events, Destination: d.ARN, Filter: d.keys()})
	}
	if b.Notifications.EventBridge {
		list = append(list, NotificationSummary{ID: "EventBridge", Events: []string{"s3:*"}, Destination: "events.amazonaws.com"})
	}
	return list
}

// keys are the keys that a destination is told of, as a person reads them; empty: all.
func (d *destination) keys() string {
	var prefix, suffix string
	for _, rule := range d.Filter {
		switch {
		case strings.EqualFold(rule.Name, filterPrefix):
			prefix = rule.Value
		case strings.EqualFold(rule.Name, filterSuffix):
			suffix = rule.Value
		}
	}
	if prefix+suffix == "" {
		return ""
	}
	return prefix + "…" + suffix
}
