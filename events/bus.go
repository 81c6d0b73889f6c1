package events

import (
	"context"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/store"
)

// DeadLetterConfig names the queue that gets what cannot be delivered.
type DeadLetterConfig struct {
	Arn string `check:"min=1,max=1600"`
}

// LogConfig says what a bus logs.
type LogConfig struct {
	IncludeDetail string `enum:"NONE|FULL"`
	Level         string `enum:"OFF|ERROR|INFO|TRACE"`
}

// refused are the settings of a bus that waxseal does not have.
func refused(kmsKey string, logging *LogConfig) error {
	switch {
	case kmsKey != "":
		return invalidParameter("KmsKeyIdentifier", "Encryption of event buses with customer managed keys is not available.")
	case logging != nil && logging.Level != "" && logging.Level != "OFF":
		return invalidParameter("LogConfig", "Logs of event buses are not available.")
	default:
		return nil
	}
}

func deadLetter(c *DeadLetterConfig) *string {
	if c == nil || c.Arn == "" {
		return nil
	}
	return &c.Arn
}

func shownDeadLetter(queue *string) *DeadLetterConfig {
	if queue == nil {
		return nil
	}
	return &DeadLetterConfig{Arn: *queue}
}

// CreateEventBusInput is the input of CreateEventBus.
type CreateEventBusInput struct {
	Name             string `check:"required,min=1,max=256" pattern:"[/\\.\\-_A-Za-z0-9]+"`
	EventSourceName  string `check:"min=1,max=256" pattern:"aws\\.partner(/[\\.\\-_A-Za-z0-9]+){2,}"`
	Description      string `check:"max=512"`
	KmsKeyIdentifier string `check:"max=2048" pattern:"^[a-zA-Z0-9_\\-/:]*$"`
	DeadLetterConfig *DeadLetterConfig
	LogConfig        *LogConfig
	Tags             []Tag
}

// CreateEventBusOutput is the output of CreateEventBus.
type CreateEventBusOutput struct {
	EventBusArn      string
	Description      string
	KmsKeyIdentifier string
	DeadLetterConfig *DeadLetterConfig
	LogConfig        *LogConfig
}

// CreateEventBus makes a custom event bus.
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateEventBus.html.
func (s *Service) CreateEventBus(ctx context.Context, in *CreateEventBusInput) (*CreateEventBusOutput, error) {
	return api.DoChecks(ctx, in, s.createEventBusChecks, s.createEventBus)
}

// createEventBusChecks are the checks of CreateEventBus: tags need the permission to tag
// as well [V082].
func (s *Service) createEventBusChecks(ctx context.Context, in *CreateEventBusInput) ([]api.Check, *busID, error) {
	r := api.RequestFrom(ctx)
	id := busID{r.Account, r.Region, in.Name}
	target := api.Target{ARN: id.arn(), Account: id.account, Keys: tagKeys(in.Tags)}
	checks := []api.Check{{Action: "events:CreateEventBus", Target: target}}
	if len(in.Tags) > 0 {
		checks = append(checks, api.Check{Action: tagResource, Target: target})
	}
	return checks, &id, nil
}

func (s *Service) createEventBus(ctx context.Context, id *busID, in *CreateEventBusInput) (*CreateEventBusOutput, error) {
	switch {
	case in.EventSourceName != "":
		return nil, ErrResourceNotFound.Withf("Event source %s does not exist.", in.EventSourceName)
	case strings.Contains(in.Name, "/"): // which partners' buses alone may have [V012]
		return nil, invalidParameter("Name", "The name of a custom event bus must not contain a slash.")
	}
	if err := refused(in.KmsKeyIdentifier, in.LogConfig); err != nil {
		return nil, err
	}
	tags, err := newTags(ctx, in.Tags)
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	b := busRecord{
		Account: id.account, Region: id.region, Name: id.name, Created: now, Modified: now,
		Description: in.Description, DeadLetter: deadLetter(in.DeadLetterConfig), Logging: in.LogConfig, Tags: tags,
	}
	err = s.engine.Update(ctx, func(tx store.Tx) error {
		if s.bus(tx, *id) != nil {
			return ErrResourceAlreadyExists.Withf("Event bus %s already exists.", id.name) // [V015]
		}
		s.buses.Put(tx, id.key(), &b)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &CreateEventBusOutput{EventBusArn: id.arn(), Description: b.Description, DeadLetterConfig: shownDeadLetter(b.DeadLetter), LogConfig: in.LogConfig}, nil
}

// UpdateEventBusInput is the input of UpdateEventBus.
type UpdateEventBusInput struct {
	Name             string `check:"min=1,max=256" pattern:"[/\\.\\-_A-Za-z0-9]+"`
	KmsKeyIdentifier string `check:"max=2048" pattern:"^[a-zA-Z0-9_\\-/:]*$"`
	Description      string `check:"max=512"`
	DeadLetterConfig *DeadLetterConfig
	LogConfig        *LogConfig
}

func (in *UpdateEventBusInput) bus() string { return in.Name }

// UpdateEventBusOutput is the output of UpdateEventBus.
type UpdateEventBusOutput struct {
	Arn              string
	Name             string
	KmsKeyIdentifier string
	Description      string
	DeadLetterConfig *DeadLetterConfig
	LogConfig        *LogConfig
}

// UpdateEventBus sets a bus's description and dead-letter queue anew [V024]: what is left
// out is taken away.
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UpdateEventBus.html.
func (s *Service) UpdateEventBus(ctx context.Context, in *UpdateEventBusInput) (*UpdateEventBusOutput, error) {
	return api.Do(ctx, in, onBus(s, (*UpdateEventBusInput).bus), s.updateEventBus)
}

func (s *Service) updateEventBus(ctx context.Context, b *busRecord, in *UpdateEventBusInput) (*UpdateEventBusOutput, error) {
	if err := refused(in.KmsKeyIdentifier, in.LogConfig); err != nil {
		return nil, err
	}
	out := &UpdateEventBusOutput{
		Arn: b.id().arn(), Name: b.Name,
		Description: in.Description, DeadLetterConfig: in.DeadLetterConfig, LogConfig: in.LogConfig,
	}
	return out, s.changeBus(ctx, b, func(_ store.Tx, b *busRecord) error {
		b.Description, b.DeadLetter, b.Logging = in.Description, deadLetter(in.DeadLetterConfig), in.LogConfig
		return nil
	})
}

// DeleteEventBusInput is the input of DeleteEventBus.
type DeleteEventBusInput struct {
	Name string `check:"required,min=1,max=256" pattern:"[/\\.\\-_A-Za-z0-9]+"`
}

// DeleteEventBusOutput is the output of DeleteEventBus.
type DeleteEventBusOutput struct{}

// DeleteEventBus deletes a custom event bus without rules. It succeeds where there is none of
// the name [V020].
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteEventBus.html.
func (s *Service) DeleteEventBus(ctx context.Context, in *DeleteEventBusInput) (*DeleteEventBusOutput, error) {
	return api.Do(ctx, in, s.deleteEventBusTarget, s.deleteEventBus)
}

// deleteEventBusTarget is onBus, but lacks nothing where there is no such bus.
func (s *Service) deleteEventBusTarget(ctx context.Context, in *DeleteEventBusInput) (api.Target, *busRecord, error) {
	target, b, err := s.findBus(ctx, in.Name)
	target.Missing = nil
	return target, b, err
}

func (s *Service) deleteEventBus(ctx context.Context, b *busRecord, _ *DeleteEventBusInput) (*DeleteEventBusOutput, error) {
	if b == nil {
		return &DeleteEventBusOutput{}, nil
	}
	if b.Name == defaultBus {
		return nil, ErrValidation.With("Cannot delete event bus default.") // [V010]
	}
	err := s.engine.Update(ctx, func(tx store.Tx) error {
		if err := s.confirmBus(tx, b); err != nil {
			return err
		}
		for range s.rules.Scan(tx, b.id().key()+nul, "", 1) {
			return ErrValidation.Withf("Event bus %s can't be deleted since it has rules.", b.Name) // [V021]
		}
		s.buses.Delete(tx, b.id().key())
		s.revisions.Delete(tx, b.id().key())
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.matchers.forget(b.id())
	return &DeleteEventBusOutput{}, nil
}

// DescribeEventBusInput is the input of DescribeEventBus.
type DescribeEventBusInput struct {
	Name string `check:"min=1,max=1600" pattern:"(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+"`
}

func (in *DescribeEventBusInput) bus() string { return in.Name }

// DescribeEventBusOutput is the output of DescribeEventBus [V017].
type DescribeEventBusOutput struct {
	Name             string
	Arn              string
	Description      string
	KmsKeyIdentifier string
	DeadLetterConfig *DeadLetterConfig
	Policy           string
	LogConfig        *LogConfig
	CreationTime     time.Time
	LastModifiedTime time.Time
	ManagedBy        string
}

// DescribeEventBus shows a bus.
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html.
func (s *Service) DescribeEventBus(ctx context.Context, in *DescribeEventBusInput) (*DescribeEventBusOutput, error) {
	return api.Do(ctx, in, onBus(s, (*DescribeEventBusInput).bus), s.describeEventBus)
}

func (s *Service) describeEventBus(ctx context.Context, b *busRecord, _ *DescribeEventBusInput) (out *DescribeEventBusOutput, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		out = &DescribeEventBusOutput{
			Name: b.Name, Arn: b.id().arn(), Description: b.Description, Policy: s.shownPolicy(r, b),
			DeadLetterConfig: shownDeadLetter(b.DeadLetter), LogConfig: b.Logging,
			CreationTime: b.Created, LastModifiedTime: b.Modified,
		}
		return nil
	})
	return out, err
}

// EventBus is one entry of a list of buses.
type EventBus struct {
	Name             string
	Arn              string
	Description      string
	Policy           string
	CreationTime     time.Time
	LastModifiedTime time.Time
	ManagedBy        string
}

// ListEventBusesInput is the input of ListEventBuses.
type ListEventBusesInput struct {
	NamePrefix string `check:"min=1,max=256" pattern:"[/\\.\\-_A-Za-z0-9]+"`
	NextToken  string `check:"min=1,max=2048"`
	Limit      *int32 `check:"min=1,max=100"`
}

// ListEventBusesOutput is the output of ListEventBuses.
type ListEventBusesOutput struct {
	EventBuses []EventBus
	NextToken  string
}

// ListEventBuses lists the buses of the caller's account in the region [V022].
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListEventBuses.html.
func (s *Service) ListEventBuses(ctx context.Context, in *ListEventBusesInput) (*ListEventBusesOutput, error) {
	p, err := newPage(in.NextToken, in.Limit)
	if err != nil {
		return nil, err
	}
	r := api.RequestFrom(ctx)
	all := busPrefix(r.Account, r.Region)
	out := new(ListEventBusesOutput)
	err = s.engine.View(ctx, func(r store.Reader) error {
		found := s.busesFrom(r, all, in.NamePrefix, p)
		shown, next := cut(p, found, func(b *busRecord) string { return b.Name })
		out.EventBuses, out.NextToken = make([]EventBus, len(shown)), next
		for i, b := range shown {
			out.EventBuses[i] = EventBus{
				Name: b.Name, Arn: b.id().arn(), Description: b.Description, Policy: s.shownPolicy(r, b),
				CreationTime: b.Created, LastModifiedTime: b.Modified,
			}
		}
		return nil
	})
	return out, err
}

// busesFrom are the buses of a page and one more, by name, with a default bus that has no
// record in its place.
func (s *Service) busesFrom(r store.Reader, all, prefix string, p page) []*busRecord {
	var found []*busRecord
	account, region := placeOf(all)
	inserted := !strings.HasPrefix(defaultBus, prefix) || defaultBus < p.from
	for _, b := range s.buses.Scan(r, all+prefix, all+max(prefix, p.from), p.limit+1) {
		if !inserted && b.Name >= defaultBus {
			if b.Name != defaultBus {
				found = append(found, s.bus(r, busID{account, region, defaultBus}))
			}
			inserted = true
		}
		found = append(found, b)
	}
	if !inserted && len(found) <= p.limit {
		found = append(found, s.bus(r, busID{account, region, defaultBus}))
	}
	return found
}

// placeOf is the account and region of busPrefix.
func placeOf(prefix string) (account, region string) {
	region, account, _ = strings.Cut(strings.TrimSuffix(prefix, nul), nul)
	return account, region
}

// shownPolicy is a bus's policy as it is read back; empty: it has none [V018].
func (s *Service) shownPolicy(r store.Reader, b *busRecord) string {
	if b.compiled == nil {
		return ""
	}
	return s.policies.Shown(r, b.compiled, nil).Text()
}
