package sns

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/waxseal/waxseal/internal/eventpattern"
	"github.com/waxseal/waxseal/internal/store"
)

// rosters are the subscriptions of topics that were published to, so that Publish reads
// none of them. They are made of the stored subscriptions, and anew where these have
// changed.
type rosters struct {
	mu      sync.Mutex
	byTopic map[string]*roster
}

// maxRosters is how many topics' rosters are kept. One more, and all are made anew.
const maxRosters = 1 << 14

// of is the roster of a topic.
func (s *rosters) of(topic string) *roster {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.byTopic[topic]
	if r == nil {
		if s.byTopic == nil || len(s.byTopic) >= maxRosters {
			s.byTopic = map[string]*roster{}
		}
		r = newRoster()
		s.byTopic[topic] = r
	}
	return r
}

// forget drops what is kept of a deleted topic.
func (s *rosters) forget(topic string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byTopic, topic)
}

// roster is the confirmed subscriptions of a topic, as of one revision: those without a
// filter in a list, all others by an index over their filter policies.
type roster struct {
	mu       sync.RWMutex
	known    bool
	revision string
	members  map[string]*subscriptionRecord // by ARN
	open     []*subscriptionRecord          // without a filter, by ARN
	filtered map[filterPlace]*eventpattern.Set
}

func newRoster() *roster {
	return &roster{members: map[string]*subscriptionRecord{}, filtered: map[filterPlace]*eventpattern.Set{}}
}

// filterPlace is what filters look at: the message's attributes, or its text for a
// protocol or push service.
type filterPlace struct {
	body     bool
	textName string
}

func (r *subscriptionRecord) filterPlace() filterPlace {
	if r.filter.body {
		return filterPlace{true, r.textName()}
	}
	return filterPlace{}
}

// filtering reports whether the subscription's filter can keep a message back.
func (r *subscriptionRecord) filtering() bool {
	return r.filter != nil && r.filter.pattern.Conditional()
}

// matching are the subscriptions, by ARN, that each of the messages goes to. load makes the
// roster one of the revision where it is of another; nil: then ok is false.
func (l *roster) matching(revision string, messages []*message, load func(*roster)) (found [][]*subscriptionRecord, ok bool) {
	l.mu.RLock()
	if l.known && l.revision == revision {
		defer l.mu.RUnlock()
		return l.matchAll(messages), true
	}
	l.mu.RUnlock()
	if load == nil {
		return nil, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.known || l.revision != revision {
		load(l)
		l.known, l.revision = true, revision
	}
	return l.matchAll(messages), true
}

func (l *roster) matchAll(messages []*message) [][]*subscriptionRecord {
	found := make([][]*subscriptionRecord, len(messages))
	for i, m := range messages {
		found[i] = l.match(m)
	}
	return found
}

func (l *roster) match(m *message) []*subscriptionRecord {
	found := slices.Clip(l.open) // which others share
	for place, set := range l.filtered {
		for _, id := range set.Match(m.event(place)) {
			found = append(found, l.members[id])
		}
	}
	if len(found) > len(l.open) {
		byArn(found)
	}
	return found
}

// load makes a roster hold the subscriptions of a topic as they are now.
func (s *Service) load(ctx context.Context, r store.Reader, topic string, l *roster) {
	gone, damaged := maps.Clone(l.members), finds{}
	for arn, now := range s.subscriptions.ScanWhole(r, topic+":", "", store.All, damaged.add) {
		if before := gone[arn]; before != now {
			l.remove(before)
			l.add(now)
		}
		delete(gone, arn)
	}
	for _, before := range gone {
		l.remove(before)
	}
	l.listOpen()
	s.tellDamaged(ctx, "subscription", damaged)
}

func (l *roster) add(r *subscriptionRecord) {
	l.members[r.Arn] = r
	if !r.filtering() {
		return
	}
	place := r.filterPlace()
	set := l.filtered[place]
	if set == nil {
		set = &eventpattern.Set{}
		l.filtered[place] = set
	}
	set.Add(r.Arn, r.filter.pattern)
}

func (l *roster) remove(r *subscriptionRecord) {
	if r == nil {
		return
	}
	delete(l.members, r.Arn)
	if !r.filtering() {
		return
	}
	place := r.filterPlace()
	set := l.filtered[place]
	if set.Remove(r.Arn); set.Len() == 0 {
		delete(l.filtered, place)
	}
}

// listOpen lists the members without a filter.
func (l *roster) listOpen() {
	l.open = nil
	for _, r := range l.members {
		if !r.filtering() {
			l.open = append(l.open, r)
		}
	}
	byArn(l.open)
}

func byArn(list []*subscriptionRecord) {
	slices.SortFunc(list, func(a, b *subscriptionRecord) int { return cmp.Compare(a.Arn, b.Arn) })
}

// recipients are the subscriptions that each of the messages goes to: those that the topic
// had when the call was decided or, where they have changed since, those that it has now.
func (s *Service) recipients(ctx context.Context, to *audience, messages []*message) ([][]*subscriptionRecord, error) {
	if found, ok := s.rosters.of(to.topic.Arn).matching(to.revision, messages, nil); ok {
		return found, nil
	}
	return s.recipientsNow(ctx, to.topic, messages)
}

// recipientsNow are the subscriptions that each of the messages goes to now.
func (s *Service) recipientsNow(ctx context.Context, topic *topicRecord, messages []*message) (found [][]*subscriptionRecord, err error) {
	err = s.engine.View(ctx, func(r store.Reader) error {
		if err := confirm(r, topic); err != nil {
			return err
		}
		load := func(l *roster) { s.load(ctx, r, topic.Arn, l) }
		found, _ = s.rosters.of(topic.Arn).matching(s.revision(r, topic.Arn), messages, load)
		return nil
	})
	return found, err
}

// revision is that of a topic's confirmed subscriptions.
func (s *Service) revision(r store.Reader, topic string) string {
	if tally := s.tallies.Get(r, topic); tally != nil {
		return tally.Revision
	}
	return ""
}

// putSubscription stores a confirmed subscription that is there already, as it has become.
func (s *Service) putSubscription(tx store.Tx, r *subscriptionRecord) {
	s.subscriptions.Put(tx, r.Arn, r)
	s.count(tx, r.TopicArn, 0, 0)
}
