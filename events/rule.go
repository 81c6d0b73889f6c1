package events

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/schedule"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// PutRuleInput is the input of PutRule.
type PutRuleInput struct {
	Name               string `check:"required,min=1,max=64" pattern:"[\\.\\-_A-Za-z0-9]+"`
	ScheduleExpression string `check:"max=256"`
	EventPattern       string `check:"max=4096"`
	State              string `enum:"ENABLED|DISABLED|ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"`
	Description        string `check:"max=512"`
	RoleArn            string `check:"min=1,max=1600"`
	Tags               []Tag
	EventBusName       string `check:"min=1,max=1600" pattern:"(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+"`
}

// PutRuleOutput is the output of PutRule.
type PutRuleOutput struct {
	RuleArn string
}

// PutRule makes a rule, or sets one anew: what is left out is taken away, but the targets
// and tags stay [V043] [V044].
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html.
func (s *Service) PutRule(ctx context.Context, in *PutRuleInput) (*PutRuleOutput, error) {
	return api.DoChecks(ctx, in, s.putRuleChecks, s.putRule)
}

func (s *Service) putRule(ctx context.Context, on *found, in *PutRuleInput) (*PutRuleOutput, error) {
	if err := checkRule(on.bus, in); err != nil {
		return nil, err
	}
	var tags []resource.Tag
	if on.rule == nil {
		var err error
		if tags, err = newTags(ctx, in.Tags); err != nil {
			return nil, err
		}
	}
	err := s.setRule(ctx, on, in, func(l *ruleRecord) {
		if on.rule == nil {
			l.Tags = tags
		}
	})
	if err != nil {
		return nil, err
	}
	return &PutRuleOutput{RuleArn: on.id.arn()}, nil
}

// setRule makes a rule, or sets one anew. further sets more of it, in the transaction.
func (s *Service) setRule(ctx context.Context, on *found, in *PutRuleInput, further func(*ruleRecord)) error {
	now := s.clock.Now()
	r := api.RequestFrom(ctx)
	return s.changeRules(ctx, on, func(tx store.Tx) error {
		l := s.rules.Edit(tx, on.id.key())
		if l == nil {
			l = &ruleRecord{Account: on.id.bus.account, Region: on.id.bus.region, Bus: on.id.bus.name, Name: on.id.name, Creator: r.Account}
		}
		if l.Schedule != in.ScheduleExpression {
			l.Schedule, l.Begun = in.ScheduleExpression, now
		}
		l.Description, l.Role, l.Pattern, l.State, l.BaseURL = in.Description, in.RoleArn, in.EventPattern, in.State, r.PublicURL()
		if l.State == "" {
			l.State = stateEnabled
		}
		further(l)
		s.put(tx, on, l, now)
		return nil
	})
}

// put stores a rule that on was decided on, as it has become, with all that hangs on it.
func (s *Service) put(tx store.Tx, on *found, l *ruleRecord, now time.Time) {
	s.plan(tx, on.rule, l, now)
	s.link(tx, on.rule, l)
	s.rules.Put(tx, on.id.key(), l)
}

// checkRule refuses what no rule can be.
func checkRule(bus *busRecord, in *PutRuleInput) error {
	switch {
	case in.EventPattern == "" && in.ScheduleExpression == "":
		return absent("EventPattern", "ScheduleExpression") // [V042]
	case in.ScheduleExpression != "" && bus.Name != defaultBus:
		return ErrValidation.With("ScheduleExpression is supported only on the default event bus.") // [V046]
	}
	if in.EventPattern != "" {
		if _, err := compile(in.EventPattern); err != nil {
			return err
		}
	}
	if in.ScheduleExpression != "" {
		if _, err := schedule.Parse(in.ScheduleExpression); err != nil {
			return ErrValidation.With(err.Error()) // [V126]
		}
	}
	return nil
}

// DescribeRuleInput is the input of DescribeRule.
type DescribeRuleInput struct {
	Name         string `check:"required,min=1,max=64" pattern:"[\\.\\-_A-Za-z0-9]+"`
	EventBusName string `check:"min=1,max=1600" pattern:"(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+"`
}

func (in *DescribeRuleInput) rule() (bus, name string) { return in.EventBusName, in.Name }

// DescribeRuleOutput is the output of DescribeRule [V047].
type DescribeRuleOutput struct {
	Name               string
	Arn                string
	EventPattern       string
	ScheduleExpression string
	State              string
	Description        string
	RoleArn            string
	ManagedBy          string
	EventBusName       string
	CreatedBy          string
}

// DescribeRule shows a rule.
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeRule.html.
func (s *Service) DescribeRule(ctx context.Context, in *DescribeRuleInput) (*DescribeRuleOutput, error) {
	return api.Do(ctx, in, onRule(s, (*DescribeRuleInput).rule), s.describeRule)
}

func (s *Service) describeRule(_ context.Context, on *found, _ *DescribeRuleInput) (*DescribeRuleOutput, error) {
	l := on.rule
	return &DescribeRuleOutput{
		Name: l.Name, Arn: l.id().arn(), EventPattern: l.Pattern, ScheduleExpression: l.Schedule, State: l.State,
		Description: l.Description, RoleArn: l.Role, EventBusName: l.Bus, CreatedBy: l.Creator,
	}, nil
}

// EnableRuleInput is the input of EnableRule.
type EnableRuleInput struct {
	Name         string `check:"required,min=1,max=64" pattern:"[\\.\\-_A-Za-z0-9]+"`
	EventBusName string `check:"min=1,max=1600" pattern:"(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+"`
}

func (in *EnableRuleInput) rule() (bus, name string) { return in.EventBusName, in.Name }

// EnableRuleOutput is the output of EnableRule.
type EnableRuleOutput struct{}

// EnableRule lets a rule match and tick again [V051].
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EnableRule.html.
func (s *Service) EnableRule(ctx context.Context, in *EnableRuleInput) (*EnableRuleOutput, error) {
	return api.Do(ctx, in, onRule(s, (*EnableRuleInput).rule), s.enableRule)
}

func (s *Service) enableRule(ctx context.Context, on *found, _ *EnableRuleInput) (*EnableRuleOutput, error) {
	return &EnableRuleOutput{}, s.setState(ctx, on, stateEnabled)
}

// DisableRuleInput is the input of DisableRule.
type DisableRuleInput struct {
	Name         string `check:"required,min=1,max=64" pattern:"[\\.\\-_A-Za-z0-9]+"`
	EventBusName string `check:"min=1,max=1600" pattern:"(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+"`
}

func (in *DisableRuleInput) rule() (bus, name string) { return in.EventBusName, in.Name }

// DisableRuleOutput is the output of DisableRule.
type DisableRuleOutput struct{}

// DisableRule keeps a rule from matching and ticking [V051].
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DisableRule.html.
func (s *Service) DisableRule(ctx context.Context, in *DisableRuleInput) (*DisableRuleOutput, error) {
	return api.Do(ctx, in, onRule(s, (*DisableRuleInput).rule), s.disableRule)
}

func (s *Service) disableRule(ctx context.Context, on *found, _ *DisableRuleInput) (*DisableRuleOutput, error) {
	return &DisableRuleOutput{}, s.setState(ctx, on, stateDisabled)
}

func (s *Service) setState(ctx context.Context, on *found, state string) error {
	return s.changeRule(ctx, on, func(_ store.Tx, l *ruleRecord) error {
		l.State = state
		return nil
	})
}

// DeleteRuleInput is the input of DeleteRule. Force is for rules that AWS's services manage,
// of which there are none.
type DeleteRuleInput struct {
	Name         string `check:"required,min=1,max=64" pattern:"[\\.\\-_A-Za-z0-9]+"`
	EventBusName string `check:"min=1,max=1600" pattern:"(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+"`
	Force        bool
}

// DeleteRuleOutput is the output of DeleteRule.
type DeleteRuleOutput struct{}

// DeleteRule deletes a rule without targets. Deleting one that does not exist succeeds [V053].
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html.
func (s *Service) DeleteRule(ctx context.Context, in *DeleteRuleInput) (*DeleteRuleOutput, error) {
	return api.Do(ctx, in, s.deleteRuleTarget, s.deleteRule)
}

// deleteRuleTarget is the rule, which need not exist.
func (s *Service) deleteRuleTarget(ctx context.Context, in *DeleteRuleInput) (api.Target, *found, error) {
	on, err := s.findRule(ctx, in.EventBusName, in.Name)
	target := on.target()
	if on.bus != nil {
		target.Missing = nil
	}
	return target, on, err
}

func (s *Service) deleteRule(ctx context.Context, on *found, _ *DeleteRuleInput) (*DeleteRuleOutput, error) {
	if on.rule == nil {
		return &DeleteRuleOutput{}, nil
	}
	if len(on.rule.Targets) > 0 {
		return nil, ErrValidation.With("Rule can't be deleted since it has targets.") // [V052]
	}
	err := s.changeRules(ctx, on, func(tx store.Tx) error {
		s.plan(tx, on.rule, nil, time.Time{})
		s.rules.Delete(tx, on.id.key())
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &DeleteRuleOutput{}, nil
}

// Rule is one entry of a list of rules.
type Rule struct {
	Name               string
	Arn                string
	EventPattern       string
	State              string
	Description        string
	ScheduleExpression string
	RoleArn            string
	ManagedBy          string
	EventBusName       string
}

// ListRulesInput is the input of ListRules.
type ListRulesInput struct {
	NamePrefix   string `check:"min=1,max=64" pattern:"[\\.\\-_A-Za-z0-9]+"`
	EventBusName string `check:"min=1,max=1600" pattern:"(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+"`
	NextToken    string `check:"min=1,max=2048"`
	Limit        *int32 `check:"min=1,max=100"`
}

func (in *ListRulesInput) bus() string { return in.EventBusName }

// ListRulesOutput is the output of ListRules.
type ListRulesOutput struct {
	Rules     []Rule
	NextToken string
}

// ListRules lists the rules of a bus by name [V048] [V049].
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html.
func (s *Service) ListRules(ctx context.Context, in *ListRulesInput) (*ListRulesOutput, error) {
	return api.Do(ctx, in, onBusAsAny(s, (*ListRulesInput).bus), s.listRules)
}

func (s *Service) listRules(ctx context.Context, b *busRecord, in *ListRulesInput) (*ListRulesOutput, error) {
	p, err := newPage(in.NextToken, in.Limit)
	if err != nil {
		return nil, err
	}
	all := b.id().key() + nul
	out := new(ListRulesOutput)
	err = s.engine.View(ctx, func(r store.Reader) error {
		var found []*ruleRecord
		for _, l := range s.rules.Scan(r, all+in.NamePrefix, all+p.from, p.limit+1) {
			found = append(found, l)
		}
		shown, next := cut(p, found, func(l *ruleRecord) string { return l.Name })
		out.Rules, out.NextToken = make([]Rule, len(shown)), next
		for i, l := range shown {
			out.Rules[i] = Rule{
				Name: l.Name, Arn: l.id().arn(), EventPattern: l.Pattern, ScheduleExpression: l.Schedule, State: l.State,
				Description: l.Description, RoleArn: l.Role, EventBusName: l.Bus,
			}
		}
		return nil
	})
	return out, err
}

// ListRuleNamesByTargetInput is the input of ListRuleNamesByTarget.
type ListRuleNamesByTargetInput struct {
	TargetArn    string `check:"required,min=1,max=1600"`
	EventBusName string `check:"min=1,max=1600" pattern:"(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+"`
	NextToken    string `check:"min=1,max=2048"`
	Limit        *int32 `check:"min=1,max=100"`
}

func (in *ListRuleNamesByTargetInput) bus() string { return in.EventBusName }

// ListRuleNamesByTargetOutput is the output of ListRuleNamesByTarget.
type ListRuleNamesByTargetOutput struct {
	RuleNames []string
	NextToken string
}

// ListRuleNamesByTarget lists the rules of a bus that have a target, by name [V067].
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRuleNamesByTarget.html.
func (s *Service) ListRuleNamesByTarget(ctx context.Context, in *ListRuleNamesByTargetInput) (*ListRuleNamesByTargetOutput, error) {
	return api.Do(ctx, in, onBusAsAny(s, (*ListRuleNamesByTargetInput).bus), s.listRuleNamesByTarget)
}

func (s *Service) listRuleNamesByTarget(ctx context.Context, b *busRecord, in *ListRuleNamesByTargetInput) (*ListRuleNamesByTargetOutput, error) {
	p, err := newPage(in.NextToken, in.Limit)
	if err != nil {
		return nil, err
	}
	all := linkPrefix(b.id(), in.TargetArn)
	out := new(ListRuleNamesByTargetOutput)
	err = s.engine.View(ctx, func(r store.Reader) error {
		var names []string
		for key := range s.links.Scan(r, all, all+p.from, p.limit+1) {
			names = append(names, strings.TrimPrefix(key, all))
		}
		shown, next := cut(p, names, func(name string) string { return name })
		out.RuleNames, out.NextToken = append([]string{}, shown...), next
		return nil
	})
	return out, err
}

// changeRules changes rules of a bus as on was decided. change runs in the transaction.
func (s *Service) changeRules(ctx context.Context, on *found, change func(store.Tx) error) error {
	revision := revisionRecord{ID: s.ids.UUID()}
	defer s.ticker.wake()
	return s.engine.Update(ctx, func(tx store.Tx) error {
		if err := s.confirm(tx, on); err != nil {
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		s.revisions.Put(tx, on.id.bus.key(), &revision)
		return nil
	})
}

// changeRule changes the rule that on was decided on.
func (s *Service) changeRule(ctx context.Context, on *found, change func(store.Tx, *ruleRecord) error) error {
	now := s.clock.Now()
	return s.changeRules(ctx, on, func(tx store.Tx) error {
		l := s.rules.Edit(tx, on.id.key())
		if l == nil { // confirm has seen it
			return api.ErrChanged
		}
		if err := change(tx, l); err != nil {
			return err
		}
		s.put(tx, on, l, now)
		return nil
	})
}

// targetNamed is the index of a rule's target with the id; -1: it has none.
func (l *ruleRecord) targetNamed(id string) int {
	return slices.IndexFunc(l.Targets, func(t targetRecord) bool { return t.ID == id })
}

// putRuleChecks are the checks of PutRule: tags need the permission to tag as well [V082],
// and a role the one to pass it.
func (s *Service) putRuleChecks(ctx context.Context, in *PutRuleInput) ([]api.Check, *found, error) {
	f, err := s.findRule(ctx, in.EventBusName, in.Name)
	target := f.target()
	if f.bus != nil {
		target.Missing = nil
	}
	keys := target.Keys
	target.Keys = func(c *policyeval.Context) {
		keys(c)
		if f.rule == nil { // the caller will be who made it
			c.Set("events:creatorAccount", api.RequestFrom(ctx).Account)
		}
		tagKeys(in.Tags)(c)
		setPatternKeys(c, in.EventPattern)
	}
	checks := []api.Check{{Action: "events:PutRule", Target: target}}
	if len(in.Tags) > 0 {
		checks = append(checks, api.Check{Action: tagResource, Target: target})
	}
	return appendPassRole(checks, in.RoleArn, f.id), f, err
}
