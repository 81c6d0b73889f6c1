package events

import (
	"time"

	"github.com/waxseal/waxseal/internal/eventinput"
	"github.com/waxseal/waxseal/internal/trail"
)

// storedJob is the delivery of one event to one target, as the outbox keeps it.
type storedJob struct {
	ID       string
	Rule     storedRule
	RuleRole string `json:",omitempty"`
	Target   targetRecord
	EventID  string
	// Sealed is the event, under the data key Wrapped: events are encrypted where they are
	// stored, as on AWS.
	Sealed, Wrapped []byte
	Trace           string `json:",omitempty"`
	BaseURL         string `json:",omitempty"` // of the request that the event comes from
	// Hopped: the event comes from another bus [V217].
	Hopped   bool `json:",omitempty"`
	Ingested time.Time
	Attempts int `json:",omitempty"`
}

// job is a delivery whose event can be read.
type job struct {
	storedJob
	event *event
}

// storedRule is a ruleID as it is stored.
type storedRule struct{ Account, Region, Bus, Name string }

func (id ruleID) stored() storedRule {
	return storedRule{id.bus.account, id.bus.region, id.bus.name, id.name}
}

func (r storedRule) id() ruleID { return ruleID{busID{r.Account, r.Region, r.Bus}, r.Name} }

// seal is a job as it is stored.
func (s *Service) seal(j *job) (storedJob, error) {
	key, err := s.owned.Encryption(j.Rule.id().bus.arn())
	if err != nil {
		return storedJob{}, err
	}
	stored := j.storedJob
	stored.Sealed, stored.Wrapped = key.Seal([]byte(j.event.text()), []byte(j.ID)), key.Wrapped
	return stored, nil
}

// open is a job that was stored.
func (s *Service) open(stored *storedJob) (*job, error) {
	key, err := s.owned.Decryption(stored.Rule.id().bus.arn(), stored.Wrapped)
	if err != nil {
		return nil, err
	}
	text, err := key.Open(stored.Sealed, []byte(stored.ID))
	if err != nil {
		return nil, err
	}
	e, err := readEvent(string(text))
	return &job{*stored, e}, err
}

// delivery is the record of what became of a job.
func (j *job) delivery(status string, outcome trail.Outcome, now time.Time) trail.Delivery {
	return trail.Delivery{
		ID: j.ID, Source: trail.SourceEvents, MessageID: j.EventID, RuleArn: j.Rule.id().arn(),
		Protocol: serviceOf(j.Target.ARN), Endpoint: j.Target.ARN, Status: status, Attempts: j.Attempts,
		Outcome: outcome, Published: j.Ingested, Time: now,
	}
}

// input is what the target is to get of an event.
func (t *targetRecord) input() *eventinput.Input {
	in := &eventinput.Input{Constant: t.Input, Path: t.InputPath}
	if t.InputTransformer != nil {
		in.Transformer = &eventinput.Transformer{Paths: t.InputTransformer.InputPathsMap, Template: t.InputTransformer.InputTemplate}
	}
	return in
}

// body is what a queue or topic gets; ok is false where the target's input makes nothing
// of the event.
func (j *job) body() (text string, ok bool) {
	rule := j.Rule.id()
	return j.Target.input().Apply([]byte(j.event.text()), eventinput.Rule{ARN: rule.arn(), Name: rule.name, Ingested: j.Ingested})
}
