package sqs

import (
	"context"

	"github.com/waxseal/waxseal/internal/api"
)

// unlocking marks the calls by which a root user regains access to a queue of its
// account whose policy denies everybody: it may edit or delete the policy, and nothing
// else. In a session of sts:AssumeRoot it may read the queue and delete the policy.
//
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user.html#root-user-tasks and
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_root-user-privileged-task.html.
func unlocking[In any](resolve func(context.Context, In) (api.Target, *queue, error)) func(context.Context, In) (api.Target, *queue, error) {
	return func(ctx context.Context, in In) (api.Target, *queue, error) {
		t, q, err := resolve(ctx, in)
		inTask := api.RequestFrom(ctx).Caller.InTask()
		if set, sets := any(in).(*SetQueueAttributesInput); sets {
			policy, edits := set.Attributes["Policy"]
			t.Unlocks = edits && len(set.Attributes) == 1 && (policy == "" || !inTask)
		} else {
			t.Unlocks = inTask
		}
		return t, q, err
	}
}

// createChecks are the checks of CreateQueue: a caller that gives tags needs
// sqs:TagQueue as well.
func (s *Service) createChecks(ctx context.Context, in *CreateQueueInput) ([]api.Check, error) {
	r := api.RequestFrom(ctx)
	n := name{r.Account, r.Region, in.QueueName}
	t := api.Target{ARN: n.arn(), Account: n.account, Keys: requestTags(in.Tags)}
	checks := []api.Check{{Action: "sqs:CreateQueue", Target: t}}
	if len(in.Tags) > 0 {
		checks = append(checks, api.Check{Action: "sqs:TagQueue", Target: t})
	}
	return checks, nil
}
