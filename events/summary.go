package events

import (
	"context"
	"time"

	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// Summary is a rule as a list of rules shows it.
type Summary struct {
	ARN      string          `json:"arn"`
	Name     string          `json:"name"`
	Bus      string          `json:"bus"`
	Account  string          `json:"account"`
	Region   string          `json:"region"`
	State    string          `json:"state"`
	Schedule string          `json:"schedule,omitempty"`
	Next     *time.Time      `json:"next,omitempty"`    // when a schedule ticks next
	Pattern  string          `json:"pattern,omitempty"` // a JSON document
	Targets  []TargetSummary `json:"targets"`
}

// TargetSummary is a target of a rule.
type TargetSummary struct {
	ID               string `json:"id"`
	ARN              string `json:"arn"`
	RoleARN          string `json:"roleArn,omitempty"`
	DeadLetterTarget string `json:"deadLetterTarget,omitempty"` // the ARN of a queue
}

// Summaries are the rules of a scope, by region, account, bus and name.
func (s *Service) Summaries(ctx context.Context, of resource.Scope) (list []Summary, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		list = []Summary{}
		for _, rule := range s.rules.ScanWhole(r, "", "", store.All, func(string, error) {}) {
			if of.Has(rule.Account, rule.Region) {
				list = append(list, rule.summary())
			}
		}
		return nil
	})
	return list, err
}

func (l *ruleRecord) summary() Summary {
	out := Summary{
		ARN: l.id().arn(), Name: l.Name, Bus: l.Bus, Account: l.Account, Region: l.Region, State: l.State,
		Schedule: l.Schedule, Pattern: l.Pattern, Targets: []TargetSummary{},
	}
	if !l.Next.IsZero() {
		out.Next = &l.Next
	}
	for i := range l.Targets {
		t := &l.Targets[i]
		target := TargetSummary{ID: t.ID, ARN: t.ARN, RoleARN: t.Role}
		if t.DeadLetter != nil {
			target.DeadLetterTarget = t.DeadLetter.Arn
		}
		out.Targets = append(out.Targets, target)
	}
	return out
}
