package events

import (
	"time"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// The schema. BUS is REGION NUL ACCOUNT NUL NAME, and NUL a zero byte.
//
//	events.bus       BUS                         busRecord; a default bus has one once it is changed
//	events.rule      BUS NUL RULE                ruleRecord
//	events.target    BUS NUL TARGETARN NUL RULE  linkRecord: the rules that have a target
//	events.tick      TIME NUL BUS NUL RULE       tickRecord: when a rule with a schedule ticks next
//	events.outbox    TIME/NUMBER                 storedJob: a delivery that is still to be made
//	events.revision  BUS                         revisionRecord: changes with every change of the bus's rules
type tables struct {
	buses     *store.Table[busRecord]
	rules     *store.Table[ruleRecord]
	links     *store.Table[linkRecord]
	ticks     *store.Table[tickRecord]
	revisions *store.Table[revisionRecord]
}

// maxRules is how many rules are kept decoded: an event is compared with all of a bus's.
const maxRules = 1 << 17

func newTables() tables {
	return tables{
		buses:     store.NewTable[busRecord]("events.bus"),
		rules:     store.NewTable[ruleRecord]("events.rule").Keeping(maxRules),
		links:     store.NewTable[linkRecord]("events.target"),
		ticks:     store.NewTable[tickRecord]("events.tick"),
		revisions: store.NewTable[revisionRecord]("events.revision"),
	}
}

const nul = "\x00"

// defaultBus is the name of the bus that every account has in every region.
const defaultBus = "default"

// busID is which bus is meant.
type busID struct{ account, region, name string }

func (id busID) key() string { return busPrefix(id.account, id.region) + id.name }

// busPrefix begins the keys of the buses of an account and region.
func busPrefix(account, region string) string { return region + nul + account + nul }

func (id busID) arn() string {
	return arn.New("events", id.region, id.account, "event-bus/"+id.name).String() // [V011]
}

// busRecord is an event bus.
type busRecord struct {
	Account, Region, Name string
	// Created is when a bus was made, Modified when it or its policy was changed last.
	Created, Modified time.Time
	Description       string         `json:",omitempty"`
	DeadLetter        *string        `json:",omitempty"` // ARN of a queue
	Logging           *LogConfig     `json:",omitempty"`
	Tags              []resource.Tag `json:",omitempty"`
	// Policy is the bus's policy; empty: it has none. PolicyEpoch is when it was set: the
	// policy means the principals of that time.
	Policy      string `json:",omitempty"`
	PolicyEpoch uint64 `json:",omitempty"`

	store.Version `json:"-"`
	compiled      *policyeval.Policy
	// unstored marks a default bus that has no record.
	unstored bool
}

// Load implements store.Loader.
func (b *busRecord) Load() (err error) {
	if b.Policy != "" {
		b.compiled, err = resource.Compile(b.id().arn(), b.Policy, b.PolicyEpoch)
	}
	return err
}

// Reuse implements store.Reuser.
func (b *busRecord) Reuse(old *busRecord) {
	b.compiled = resource.SamePolicy(b.compiled, old.compiled)
}

func (b *busRecord) id() busID { return busID{b.Account, b.Region, b.Name} }

// bus is a bus, or nil. A default bus is always there [V010].
func (t *tables) bus(r store.Reader, id busID) *busRecord {
	b := t.buses.Get(r, id.key())
	if b == nil && id.name == defaultBus {
		b = &busRecord{Account: id.account, Region: id.region, Name: defaultBus, unstored: true}
	}
	return b
}

// ruleRecord is a rule with its targets.
type ruleRecord struct {
	// Account and Region are those of the bus. Creator is the account that made the rule.
	Account, Region, Bus, Name, Creator string
	Description, Role                   string `json:",omitempty"`
	Pattern, Schedule                   string `json:",omitempty"`
	State                               string
	// Begun is when the rule got its schedule: ticks count from then on.
	Begun time.Time `json:",omitzero"`
	// Next is when it ticks next; zero: it does not.
	Next time.Time `json:",omitzero"`
	// BaseURL is that of the request that put the rule, for what its ticks lead to.
	BaseURL string         `json:",omitempty"`
	Targets []targetRecord `json:",omitempty"`
	Tags    []resource.Tag `json:",omitempty"`

	store.Version `json:"-"`
}

// The states of rules.
const (
	stateEnabled  = "ENABLED"
	stateDisabled = "DISABLED"
)

func (l *ruleRecord) bus() busID { return busID{l.Account, l.Region, l.Bus} }

func (l *ruleRecord) id() ruleID { return ruleID{l.bus(), l.Name} }

// enabled reports whether the rule matches and ticks. The third state, which sees all
// management events that come by CloudTrail, is enabled too [V057].
func (l *ruleRecord) enabled() bool { return l.State != stateDisabled }

// ruleID is which rule is meant.
type ruleID struct {
	bus  busID
	name string
}

func (id ruleID) key() string { return id.bus.key() + nul + id.name }

func (id ruleID) arn() string {
	path := "rule/"
	if id.bus.name != defaultBus {
		path += id.bus.name + "/"
	}
	return arn.New("events", id.bus.region, id.bus.account, path+id.name).String() // [V040]
}

// targetRecord is a target of a rule, as it was put.
type targetRecord struct {
	ID, ARN          string
	Role             string            `json:",omitempty"`
	Input            *string           `json:",omitempty"`
	InputPath        *string           `json:",omitempty"`
	InputTransformer *InputTransformer `json:",omitempty"`
	Queue            *SqsParameters    `json:",omitempty"`
	DeadLetter       *DeadLetterConfig `json:",omitempty"`
	Retry            *RetryPolicy      `json:",omitempty"`
}

// linkRecord says that a rule has a target.
type linkRecord struct{}

func linkPrefix(bus busID, target string) string { return bus.key() + nul + target + nul }

// revisionRecord tells one state of a bus's rules from all others.
type revisionRecord struct {
	ID string

	store.Version `json:"-"`
}
