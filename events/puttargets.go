package events

import (
	"context"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// maxTargets is how many targets a rule has at most [V025].
const maxTargets = 5

// PutTargetsInput is the input of PutTargets.
type PutTargetsInput struct {
	Rule         string   `check:"required,min=1,max=64" pattern:"[\\.\\-_A-Za-z0-9]+"`
	EventBusName string   `check:"min=1,max=1600" pattern:"(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+"`
	Targets      []Target `check:"required,min=1,max=100"`
}

// PutTargetsOutput is the output of PutTargets.
type PutTargetsOutput struct {
	FailedEntryCount int32
	FailedEntries    []PutTargetsResultEntry
}

// PutTargetsResultEntry is a target that could not be put.
type PutTargetsResultEntry struct {
	TargetId     string
	ErrorCode    string
	ErrorMessage string
}

// PutTargets adds targets to a rule, in place of those with the same ids [V064]. It does
// not ask whether they exist, or let EventBridge in [V074].
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutTargets.html.
func (s *Service) PutTargets(ctx context.Context, in *PutTargetsInput) (*PutTargetsOutput, error) {
	return api.DoChecks(ctx, in, s.putTargetsChecks, s.putTargets)
}

// putTargetsChecks are the checks of PutTargets: who gives a role to EventBridge must be
// allowed to pass it [V075].
func (s *Service) putTargetsChecks(ctx context.Context, in *PutTargetsInput) ([]api.Check, *found, error) {
	f, err := s.findRule(ctx, in.EventBusName, in.Rule)
	target := f.target()
	keys := target.Keys
	target.Keys = func(c *policyeval.Context) {
		keys(c)
		setValues(c, "events:TargetArn", in.arns()) // [V233]
	}
	checks := []api.Check{{Action: "events:PutTargets", Target: target}}
	for i := range in.Targets {
		checks = appendPassRole(checks, in.Targets[i].RoleArn, f.id)
	}
	return checks, f, err
}

func (in *PutTargetsInput) arns() []string {
	var arns []string
	for i := range in.Targets {
		if a := in.Targets[i].Arn; !slices.Contains(arns, a) {
			arns = append(arns, a)
		}
	}
	return arns
}

// appendPassRole adds the check of passing a role, unless it is among them already.
func appendPassRole(checks []api.Check, role string, rule ruleID) []api.Check {
	a, err := arn.Parse(role)
	if err != nil || slices.ContainsFunc(checks, func(c api.Check) bool { return c.Action == passRole && c.Target.ARN == role }) {
		return checks
	}
	return append(checks, api.Check{Action: passRole, Target: api.Target{ARN: role, Account: a.AccountID, Keys: func(c *policyeval.Context) {
		c.Set("iam:PassedToService", servicePrincipal)
		c.Set("iam:AssociatedResourceArn", rule.arn())
	}}})
}

const passRole = "iam:PassRole"

func (s *Service) putTargets(ctx context.Context, on *found, in *PutTargetsInput) (*PutTargetsOutput, error) {
	put := make([]targetRecord, len(in.Targets))
	for i := range in.Targets {
		t, err := on.id.newTarget(&in.Targets[i])
		if err != nil {
			return nil, err
		}
		if err := s.assumable(ctx, on.id, t.Role); err != nil {
			return nil, err
		}
		put[i] = t
	}
	err := s.changeRule(ctx, on, func(_ store.Tx, l *ruleRecord) error {
		for _, t := range put {
			if i := l.targetNamed(t.ID); i >= 0 {
				l.Targets[i] = t
			} else {
				l.Targets = append(l.Targets, t)
			}
		}
		if len(l.Targets) > maxTargets {
			return ErrLimitExceeded // [V063]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &PutTargetsOutput{FailedEntries: []PutTargetsResultEntry{}}, nil
}

// link keeps the lists of rules by target as a rule's targets have become. before is nil
// for a new rule.
func (s *Service) link(tx store.Tx, before, after *ruleRecord) {
	if before != nil {
		for _, t := range before.Targets {
			s.links.Delete(tx, linkPrefix(before.bus(), t.ARN)+before.Name)
		}
	}
	for _, t := range after.Targets {
		s.links.Put(tx, linkPrefix(after.bus(), t.ARN)+after.Name, &linkRecord{})
	}
}

// newTarget is a target as it is stored, or the refusal of it.
func (id ruleID) newTarget(in *Target) (targetRecord, error) {
	t := targetRecord{
		ID: in.Id, ARN: in.Arn, Role: in.RoleArn,
		Input: in.Input, InputPath: in.InputPath, InputTransformer: in.InputTransformer,
		Queue: in.SqsParameters, DeadLetter: in.DeadLetterConfig, Retry: in.RetryPolicy,
	}
	a, err := arn.Parse(in.Arn)
	if err != nil {
		return t, invalidParameter("ARN", "Provided Arn is not in correct format.") // [V070]
	}
	switch {
	case a.Service == "sqs":
		err = id.checkQueue(a, in)
	case a.Service == "sns":
		err = id.checkPlace(a, in)
	case a.Service == "events" && strings.HasPrefix(a.Resource, "event-bus/"):
		err = id.checkBus(a, in)
	default:
		err = invalidParameter("ARN", "Targets are queues, topics and event buses; others are not available.")
	}
	if err != nil {
		return t, err
	}
	if err := t.input().Check(t.ID); err != nil {
		return t, ErrValidation.With(err.Error())
	}
	return t, checkParts(in)
}

// checkPlace refuses a queue or topic that is elsewhere: in another region, or in another
// account without a role [V072].
func (id ruleID) checkPlace(a arn.ARN, in *Target) error {
	switch {
	case a.Region != id.bus.region || !arn.IsAccountID(a.AccountID) || a.Partition != arn.Partition(a.Region):
		return invalidParameter("ARN", "The target must be in the region of the rule.")
	case a.AccountID != id.bus.account && in.RoleArn == "":
		return roleRequired(in)
	default:
		return nil
	}
}

func roleRequired(in *Target) error {
	return ErrValidation.Withf("RoleArn is required for target %s.", in.Arn)
}

func (id ruleID) checkQueue(a arn.ARN, in *Target) error {
	if strings.HasSuffix(a.Resource, ".fifo") && (in.SqsParameters == nil || in.SqsParameters.MessageGroupId == "") {
		return ErrValidation.Withf("Parameter(s) SqsParameters must be specified for target: %s.", in.Id) // [V071]
	}
	return id.checkPlace(a, in)
}

func (id ruleID) checkBus(a arn.ARN, in *Target) error {
	switch {
	case !arn.IsAccountID(a.AccountID) || a.Region == "" || a.Partition != arn.Partition(id.bus.region):
		return invalidParameter("ARN", "Provided Arn is not in correct format.")
	case in.Input != nil || in.InputPath != nil || in.InputTransformer != nil:
		return ErrValidation.Withf("Modifying the input for target %s is not supported", in.Id) // [V073]
	case (a.AccountID != id.bus.account || a.Region != id.bus.region) && in.RoleArn == "":
		return roleRequired(in) // [V072]
	default:
		return nil
	}
}

// checkParts refuses parameters that do not go together, or not with a target of these kinds.
func checkParts(in *Target) error {
	if in.DeadLetterConfig != nil && in.DeadLetterConfig.Arn != "" {
		if a, err := arn.Parse(in.DeadLetterConfig.Arn); err != nil || a.Service != "sqs" || strings.HasSuffix(a.Resource, ".fifo") {
			return invalidParameter("DeadLetterConfig", "A dead-letter queue is a standard queue of Amazon SQS.") // [V221]
		}
	}
	for _, other := range []struct {
		name  string
		given bool
	}{
		{"AppSyncParameters", in.AppSyncParameters != nil}, {"BatchParameters", in.BatchParameters != nil},
		{"EcsParameters", in.EcsParameters != nil}, {"HttpParameters", in.HttpParameters != nil},
		{"KinesisParameters", in.KinesisParameters != nil}, {"RedshiftDataParameters", in.RedshiftDataParameters != nil},
		{"RunCommandParameters", in.RunCommandParameters != nil}, {"SageMakerPipelineParameters", in.SageMakerPipelineParameters != nil},
	} {
		if other.given {
			return ErrValidation.Withf("Parameter(s) %s not valid for target: %s.", other.name, in.Id)
		}
	}
	return nil
}

// RemoveTargetsInput is the input of RemoveTargets. Force is for rules that AWS's services
// manage, of which there are none.
type RemoveTargetsInput struct {
	Rule         string   `check:"required,min=1,max=64" pattern:"[\\.\\-_A-Za-z0-9]+"`
	EventBusName string   `check:"min=1,max=1600" pattern:"(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+"`
	Ids          []string `check:"required,min=1,max=100" itemcheck:"min=1,max=64" itempattern:"[\\.\\-_A-Za-z0-9]+"`
	Force        bool
}

func (in *RemoveTargetsInput) rule() (bus, name string) { return in.EventBusName, in.Rule }

// RemoveTargetsOutput is the output of RemoveTargets.
type RemoveTargetsOutput struct {
	FailedEntryCount int32
	FailedEntries    []RemoveTargetsResultEntry
}

// RemoveTargetsResultEntry is a target that could not be removed.
type RemoveTargetsResultEntry struct {
	TargetId     string
	ErrorCode    string
	ErrorMessage string
}

// RemoveTargets takes targets away from a rule. An id that it does not have fails by itself [V068].
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RemoveTargets.html.
func (s *Service) RemoveTargets(ctx context.Context, in *RemoveTargetsInput) (*RemoveTargetsOutput, error) {
	return api.Do(ctx, in, onRule(s, (*RemoveTargetsInput).rule), s.removeTargets)
}

func (s *Service) removeTargets(ctx context.Context, on *found, in *RemoveTargetsInput) (*RemoveTargetsOutput, error) {
	out := &RemoveTargetsOutput{FailedEntries: []RemoveTargetsResultEntry{}}
	for _, id := range in.Ids {
		if on.rule.targetNamed(id) < 0 {
			out.FailedEntries = append(out.FailedEntries, RemoveTargetsResultEntry{id, ErrResourceNotFound.Code, "Target " + id + " does not exist on rule " + on.rule.Name + "."})
		}
	}
	out.FailedEntryCount = int32(len(out.FailedEntries)) //nolint:gosec // at most 100
	return out, s.changeRule(ctx, on, func(_ store.Tx, l *ruleRecord) error {
		l.Targets = slices.DeleteFunc(l.Targets, func(t targetRecord) bool { return slices.Contains(in.Ids, t.ID) })
		return nil
	})
}
