package cloudtrail

import (
	"context"
	"slices"
	"time"

	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// Summary is a trail as a list of trails shows it.
type Summary struct {
	ARN         string `json:"arn"`
	Name        string `json:"name"`
	Account     string `json:"account"`
	Region      string `json:"region"` // its home region
	Bucket      string `json:"bucket"`
	Prefix      string `json:"prefix,omitempty"`
	Topic       string `json:"topic,omitempty"` // its ARN
	KeyID       string `json:"keyId,omitempty"`
	MultiRegion bool   `json:"multiRegion"`
	Validation  bool   `json:"validation"`
	Logging     bool   `json:"logging"`
	// DataEvents are the ARNs, or their beginnings, whose data events it logs; where a
	// selector names none, the type of the resources.
	DataEvents []string `json:"dataEvents"`
	// LastDelivery is when a log file was last delivered, LastError the code of the last
	// attempt's error; empty: it succeeded.
	LastDelivery *time.Time `json:"lastDelivery,omitempty"`
	LastError    string     `json:"lastError,omitempty"`
}

// Summaries are the trails of a scope, by account, region and name.
func (s *Service) Summaries(ctx context.Context, of resource.Scope) (list []Summary, err error) {
	tables := s.trails.tables
	err = s.engine.View(ctx, func(r store.Reader) error {
		list = []Summary{}
		for _, t := range tables.trails.ScanWhole(r, "", "", store.All, func(string, error) {}) {
			if of.Has(t.Account, t.Region) {
				list = append(list, t.summary(tables.statuses.Get(r, t.ID)))
			}
		}
		return nil
	})
	return list, err
}

func (t *trailRecord) summary(status *statusRecord) Summary {
	out := Summary{
		ARN: t.ARN, Name: t.Name, Account: t.Account, Region: t.Region, Bucket: t.Bucket, Prefix: t.Prefix, Topic: t.topicARN(), KeyID: t.Key,
		MultiRegion: t.MultiRegion, Validation: t.Validation, Logging: t.Logging, DataEvents: t.Selectors.data(),
	}
	if status != nil {
		if out.LastError = status.Error; !status.Delivered.IsZero() {
			out.LastDelivery = &status.Delivered
		}
	}
	return out
}

// data is whose data events are logged.
func (s *selectors) data() []string {
	list := []string{}
	for i := range s.Basic {
		for _, r := range s.Basic[i].DataResources {
			list = append(list, r.Values...)
		}
	}
	for i := range s.Advanced {
		list = append(list, s.Advanced[i].data()...)
	}
	return list
}

func (s *AdvancedEventSelector) data() (list []string) {
	isData, types := false, []string(nil)
	for i := range s.FieldSelectors {
		switch f := &s.FieldSelectors[i]; f.Field {
		case fieldCategory:
			isData = slices.Contains(f.Equals, categoryData)
		case fieldARN:
			list = append(list, f.Equals...)
			for _, beginning := range f.StartsWith {
				list = append(list, beginning+"*")
			}
		case fieldType:
			types = f.Equals
		}
	}
	switch {
	case !isData:
		return nil
	case len(list) == 0:
		return types
	}
	return list
}
