package sqs

import (
	"context"
	"net/url"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// queueName is the queue that a QueueUrl means. Only its path counts: it ends
// in /ACCOUNT/NAME, whatever scheme and host stand before. A bare name is a
// queue of the caller's account [Q085].
func queueName(ctx context.Context, queueURL string) name {
	r := api.RequestFrom(ctx)
	path := queueURL
	if u, err := url.Parse(queueURL); err == nil {
		path = u.Path
	}
	segments := strings.Split(strings.Trim(path, "/"), "/")
	n := name{r.Account, r.Region, segments[len(segments)-1]}
	if k := len(segments); k >= 2 && arn.IsAccountID(segments[k-2]) {
		n.account = segments[k-2]
	}
	return n
}

// queueURL is the URL that the caller of ctx's request finds the queue at.
func queueURL(ctx context.Context, n name) string {
	return api.RequestFrom(ctx).BaseURL + "/" + n.account + "/" + n.queue
}

// onQueue resolves an input to the queue of its QueueUrl.
func onQueue[In interface{ queue() string }](s *Service) func(context.Context, In) (api.Target, error) {
	return func(ctx context.Context, in In) (api.Target, error) {
		return s.target(ctx, queueName(ctx, in.queue()))
	}
}

// target is a queue as what a call acts on.
func (s *Service) target(ctx context.Context, n name) (api.Target, error) {
	t := api.Target{ARN: n.arn(), Account: n.account, Missing: ErrQueueDoesNotExist}
	if api.RequestFrom(ctx).Caller.Type == policyeval.Service {
		t.Hidden = ErrNoAccess // [B16]
	}
	err := s.Engine.View(ctx, func(r store.Reader) error {
		if q := s.queues.Get(r, n.key()); q != nil {
			t.Missing, t.Policy, t.Tags = nil, q.policy, q.Tags
		}
		return nil
	})
	return t, err
}

// namedQueue is the target of GetQueueUrl: nobody of another account learns by
// it whether a queue exists [E2].
func (s *Service) namedQueue(ctx context.Context, in *GetQueueUrlInput) (api.Target, error) {
	n := in.name(ctx)
	t, err := s.target(ctx, n)
	if n.account != api.RequestFrom(ctx).Caller.Account {
		t.Hidden = ErrNoAccess
	}
	return t, err
}

// account is the target of operations on all queues of the caller's account.
func (s *Service) account(ctx context.Context, _ *ListQueuesInput) (api.Target, error) {
	r := api.RequestFrom(ctx)
	return api.Target{ARN: name{r.Account, r.Region, "*"}.arn(), Account: r.Account}, nil
}

// createChecks are those of CreateQueue: who gives tags must be allowed to tag.
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

// requestTags are the condition keys of a request that carries tags.
func requestTags(tags map[string]string) func(*policyeval.Context) {
	if len(tags) == 0 {
		return nil
	}
	return func(c *policyeval.Context) {
		keys := sortedKeys(tags)
		for _, key := range keys {
			c.Set("aws:RequestTag/"+key, tags[key])
		}
		c.SetList("aws:TagKeys", keys)
	}
}

// find is the queue of a QueueUrl, for an operation to begin with.
func (s *Service) find(ctx context.Context, queueURL string) (*queue, error) {
	var q *queue
	err := s.Engine.View(ctx, func(r store.Reader) (err error) {
		q, err = s.get(ctx, r, queueName(ctx, queueURL))
		return err
	})
	return q, err
}

// get is a queue within a transaction. With StrictTransport it refuses plain
// HTTP for encrypted queues [A4.8].
func (s *Service) get(ctx context.Context, r store.Reader, n name) (*queue, error) {
	q := s.queues.Get(r, n.key())
	if q == nil {
		return nil, ErrQueueDoesNotExist
	}
	if s.StrictTransport && q.encrypted() && !api.RequestFrom(ctx).SecureTransport {
		return nil, ErrInvalidSecurity
	}
	return q, nil
}
