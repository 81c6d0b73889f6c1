package sqs

import (
	"context"
	"net/url"
	"strings"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
	"github.com/waxseal/waxseal/policyeval"
)

// queueName is the queue that a QueueUrl means. Only its path counts: it ends
// in /ACCOUNT/NAME, whatever scheme and host stand before. A bare name is a
// queue of the caller's account [Q085].
func queueName(ctx context.Context, queueURL string) name {
	r := api.RequestFrom(ctx)
	parent, queue := cutLast(pathOf(queueURL))
	n := name{r.Account, r.Region, queue}
	if _, account := cutLast(parent); arn.IsAccountID(account) {
		n.account = account
	}
	return n
}

// pathOf is the path of a URL, without slashes around it; of a text that is no
// URL, all of it.
func pathOf(text string) string {
	// Most clients give a queue's URL as they got it, which needs no decoding.
	if rest, ok := strings.CutPrefix(text, "http://"); ok && !strings.ContainsFunc(rest, notPlain) {
		_, path, _ := strings.Cut(rest, "/")
		if path = strings.Trim(path, "/"); path != "" {
			return path
		}
	}
	if u, err := url.Parse(text); err == nil {
		text = u.Path
	}
	return strings.Trim(text, "/")
}

// notPlain reports whether a character means something in a URL, or makes it none.
func notPlain(c rune) bool { return c <= ' ' || c > '~' || c == '%' || c == '?' || c == '#' }

// cutLast cuts a path before its last segment.
func cutLast(path string) (parent, last string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(0, i)], path[i+1:]
}

// queueURL is the queue's URL for the caller of ctx's request.
func queueURL(ctx context.Context, n name) string {
	return api.RequestFrom(ctx).BaseURL + "/" + n.account + "/" + n.queue
}

// onQueue resolves an input to the queue of its QueueUrl.
func onQueue[In interface{ queue() string }](s *Service) func(context.Context, In) (api.Target, *queue, error) {
	return func(ctx context.Context, in In) (api.Target, *queue, error) {
		return s.resolve(ctx, queueName(ctx, in.queue()))
	}
}

// resolve finds a queue, nil where there is none, and its target.
func (s *Service) resolve(ctx context.Context, n name) (t api.Target, q *queue, err error) {
	// One piece of memory for all that the transaction leaves behind.
	found := struct {
		target api.Target
		queue  *queue
	}{}
	err = s.engine.View(ctx, func(r store.Reader) error {
		found.queue = s.queues.Get(r, n.key())
		found.target = s.target(ctx, n, found.queue)
		return nil
	})
	return found.target, found.queue, err
}

// target is the target of a call on a queue; q is nil where there is none of the
// name. With StrictTransport an encrypted queue refuses plain HTTP [A4.8].
func (s *Service) target(ctx context.Context, n name, q *queue) api.Target {
	t := api.Target{Account: n.account}
	r := api.RequestFrom(ctx)
	if r.Caller.Type == policyeval.Service {
		t.Hidden = ErrNoAccess // [B16]
	}
	if q == nil {
		t.ARN, t.Missing = n.arn(), ErrQueueDoesNotExist
		return t
	}
	t.ARN, t.Policy, t.Tags = q.arn, q.policy, q.Tags
	if s.strictTransport && q.encrypted() && !r.SecureTransport {
		t.Refused = ErrInvalidSecurity
	}
	return t
}

// get is a queue within a transaction.
func (s *Service) get(r store.Reader, n name) (*queue, error) {
	q := s.queues.Get(r, n.key())
	if q == nil {
		return nil, ErrQueueDoesNotExist
	}
	return q, nil
}

// confirm makes sure within a transaction that q is as it was when the call was decided.
func confirm(r store.Reader, q *queue) error { return api.Confirm(r, q, ErrQueueDoesNotExist) }

// namedQueue resolves an input of GetQueueUrl. It hides from other accounts whether a
// queue exists [E2].
func (s *Service) namedQueue(ctx context.Context, in *GetQueueUrlInput) (api.Target, *queue, error) {
	n := in.name(ctx)
	t, q, err := s.resolve(ctx, n)
	if n.account != api.RequestFrom(ctx).Caller.Account {
		t.Hidden = ErrNoAccess
	}
	return t, q, err
}

// account is the target of operations on all queues of the caller's account.
func (s *Service) account(ctx context.Context, _ *ListQueuesInput) (api.Target, error) {
	r := api.RequestFrom(ctx)
	return api.Target{ARN: name{r.Account, r.Region, "*"}.arn(), Account: r.Account}, nil
}

// requestTags are the condition keys of a request that carries tags.
func requestTags(tags map[string]string) func(*policyeval.Context) {
	if len(tags) == 0 {
		return nil
	}
	return func(c *policyeval.Context) { resource.SetTagKeys(c, resource.TagList(tags), nil) }
}
