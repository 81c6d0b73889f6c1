package sns

import (
	"context"
	"iter"

	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/resource"
	"github.com/waxseal/waxseal/internal/store"
)

// Subscription is one entry of a list of subscriptions.
type Subscription struct {
	Endpoint        string
	Owner           string
	Protocol        string
	SubscriptionArn string
	TopicArn        string
}

// entry is a subscription as lists show it [N043] [N044].
func (r *subscriptionRecord) entry() Subscription {
	e := Subscription{r.Endpoint, r.Owner, r.Protocol, r.Arn, r.TopicArn}
	if r.Pending {
		e.SubscriptionArn = "PendingConfirmation"
	}
	return e
}

// ListSubscriptionsInput is the input of ListSubscriptions.
type ListSubscriptionsInput struct {
	NextToken string
}

// ListSubscriptionsOutput is the output of ListSubscriptions.
type ListSubscriptionsOutput struct {
	NextToken     string
	Subscriptions []Subscription
}

// ListSubscriptions lists the caller's subscriptions in the region, 100 at a time.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptions.html.
func (s *Service) ListSubscriptions(ctx context.Context, in *ListSubscriptionsInput) (*ListSubscriptionsOutput, error) {
	request := api.RequestFrom(ctx)
	out := new(ListSubscriptionsOutput)
	err := s.page(ctx, in.NextToken, func(r store.Reader, from string) iter.Seq2[string, *subscriptionRecord] {
		return s.ofAccount(r, ownerPrefix(request.Region, request.Account), from)
	}, &out.Subscriptions, &out.NextToken)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// page collects a page of the subscriptions that scan yields from a key on.
func (s *Service) page(ctx context.Context, token string, scan func(store.Reader, string) iter.Seq2[string, *subscriptionRecord],
	list *[]Subscription, next *string,
) error {
	from, err := readToken(token)
	if err != nil {
		return err
	}
	now := s.clock.Now()
	return s.engine.View(ctx, func(r store.Reader) error {
		*list, *next = []Subscription{}, ""
		for key, found := range scan(r, from) {
			if !found.alive(now) {
				continue
			}
			if len(*list) == pageSize {
				*next = resource.NewToken(key)
				break
			}
			*list = append(*list, found.entry())
		}
		return nil
	})
}

// ListSubscriptionsByTopicInput is the input of ListSubscriptionsByTopic.
type ListSubscriptionsByTopicInput struct {
	TopicArn  string `check:"required"`
	NextToken string
}

func (in *ListSubscriptionsByTopicInput) topic() string { return in.TopicArn }

// ListSubscriptionsByTopicOutput is the output of ListSubscriptionsByTopic.
type ListSubscriptionsByTopicOutput struct {
	NextToken     string
	Subscriptions []Subscription
}

// ListSubscriptionsByTopic lists a topic's subscriptions, 100 at a time.
//
// See https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html.
func (s *Service) ListSubscriptionsByTopic(ctx context.Context, in *ListSubscriptionsByTopicInput) (*ListSubscriptionsByTopicOutput, error) {
	return api.Do(ctx, in, onTopic(s, (*ListSubscriptionsByTopicInput).topic), s.listSubscriptionsByTopic)
}

func (s *Service) listSubscriptionsByTopic(ctx context.Context, topic *topicRecord, in *ListSubscriptionsByTopicInput) (*ListSubscriptionsByTopicOutput, error) {
	out := new(ListSubscriptionsByTopicOutput)
	err := s.page(ctx, in.NextToken, func(r store.Reader, from string) iter.Seq2[string, *subscriptionRecord] {
		return s.ofTopic(r, topic.Arn, from)
	}, &out.Subscriptions, &out.NextToken)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ofAccount yields the subscriptions under a prefix of sns.owner, from a key on, but
// for those whose records are damaged. It reads as many at once as a page has.
func (s *Service) ofAccount(r store.Reader, prefix, from string) iter.Seq2[string, *subscriptionRecord] {
	return func(yield func(string, *subscriptionRecord) bool) {
		for from := from; ; {
			keys, names := make([]string, 0, pageSize+1), make([]string, 0, pageSize+1)
			for key, link := range s.owners.Scan(r, prefix, from, pageSize+1) {
				keys, names = append(keys, key), append(names, link.Arn)
			}
			for i, found := range s.readable(r, names) {
				if found != nil && !yield(keys[i], found) {
					return
				}
			}
			if len(keys) <= pageSize {
				return
			}
			from = keys[pageSize] + "\x00"
		}
	}
}

// readable are the subscriptions of the given ARNs; nil stands for one that is not
// there or whose record is damaged.
func (s *Service) readable(r store.Reader, names []string) []*subscriptionRecord {
	all := s.subscriptions.GetManyWhole(r, names, passBy)
	var rest []string
	var at []int // where they belong
	for i, found := range all {
		if found == nil {
			rest, at = append(rest, names[i]), append(at, i)
		}
	}
	for i, found := range s.aside.GetManyWhole(r, rest, passBy) {
		all[at[i]] = found
	}
	for i, found := range all {
		all[i] = s.present(r, found)
	}
	return all
}

// passBy ignores damaged records, which Publish logs.
func passBy(string, error) {}

// ofTopic yields the confirmed and the pending subscriptions of a topic in the
// order of their ARNs, but for those whose records are damaged.
func (s *Service) ofTopic(r store.Reader, topic, from string) iter.Seq2[string, *subscriptionRecord] {
	return func(yield func(string, *subscriptionRecord) bool) {
		next, stop := iter.Pull2(s.aside.ScanWhole(r, topic+":", from, store.All, passBy))
		defer stop()
		key, pending, more := next()
		// before yields what is pending and comes before a confirmed one.
		before := func(limit string) bool {
			for ; more && (limit == "" || key < limit); key, pending, more = next() {
				if pending.Pending && !yield(key, pending) {
					return false
				}
			}
			return true
		}
		for confirmed, record := range s.subscriptions.ScanWhole(r, topic+":", from, store.All, passBy) {
			if !before(confirmed) || !yield(confirmed, record) {
				return
			}
		}
		before("")
	}
}
