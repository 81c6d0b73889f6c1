package events

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
)

// ListTargetsByRuleInput is the input of ListTargetsByRule.
type ListTargetsByRuleInput struct {
	Rule         string `check:"required,min=1,max=64" pattern:"[\\.\\-_A-Za-z0-9]+"`
	EventBusName string `check:"min=1,max=1600" pattern:"(arn:aws[\\w-]*:events:[a-z]+-[a-z]+-[\\w-]+:[0-9]{12}:event-bus\\/)?[/\\.\\-_A-Za-z0-9]+"`
	NextToken    string `check:"min=1,max=2048"`
	Limit        *int32 `check:"min=1,max=100"`
}

func (in *ListTargetsByRuleInput) rule() (bus, name string) { return in.EventBusName, in.Rule }

// ListTargetsByRuleOutput is the output of ListTargetsByRule.
type ListTargetsByRuleOutput struct {
	Targets   []Target
	NextToken string
}

// ListTargetsByRule lists a rule's targets, by id [V066] [V067].
//
// See https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTargetsByRule.html.
func (s *Service) ListTargetsByRule(ctx context.Context, in *ListTargetsByRuleInput) (*ListTargetsByRuleOutput, error) {
	return api.Do(ctx, in, onRule(s, (*ListTargetsByRuleInput).rule), s.listTargetsByRule)
}

func (s *Service) listTargetsByRule(_ context.Context, on *found, in *ListTargetsByRuleInput) (*ListTargetsByRuleOutput, error) {
	limit := maxPage
	if in.Limit != nil {
		limit = int(*in.Limit)
	}
	shown, next, valid := resource.Page(on.rule.Targets, func(t targetRecord) string { return t.ID }, in.NextToken, limit)
	if !valid {
		return nil, errToken
	}
	out := &ListTargetsByRuleOutput{Targets: make([]Target, len(shown)), NextToken: next}
	for i, t := range shown {
		out.Targets[i] = Target{
			Id: t.ID, Arn: t.ARN, RoleArn: t.Role, Input: t.Input, InputPath: t.InputPath, InputTransformer: t.InputTransformer,
			SqsParameters: t.Queue, DeadLetterConfig: t.DeadLetter, RetryPolicy: t.Retry,
		}
	}
	return out, nil
}
