package control

import (
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/record"
	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/internal/web"
)

// eventFilters are the parameters that say which events are wanted.
var eventFilters = []string{"event-name", "event-source", "username", "principal", "resource"}

// listEvents answers calls as CloudTrail records them, newest first; since=5m those of
// the last five minutes by the clock.
func (a *API) listEvents(w http.ResponseWriter, r *http.Request) error {
	query, err := web.Parameters(r, append(slices.Clone(eventFilters), "since", "limit")...)
	if err != nil {
		return err
	}
	since := "" // as events write times
	if text := query.Get("since"); text != "" {
		d, err := clock.ParseDuration(text)
		if err != nil || d < 0 {
			return web.Refused(http.StatusBadRequest, "since is a duration such as 90s, 5m or 1d, not %q", text)
		}
		since = a.config.Clock.Now().Add(-d).Format(time.RFC3339)
	}
	events, err := newest(query, a.config.Runtime().Dispatcher.Events(),
		func(e *trail.Event) bool { return e.EventTime >= since && eventMatches(e, query) },
		func(e *trail.Event) *trail.Event { return e })
	if err != nil {
		return err
	}
	web.Answer(w, http.StatusOK, map[string]any{"events": events})
	return nil
}

// streamEvents sends the events that match, from now on, as server-sent events.
func (a *API) streamEvents(w http.ResponseWriter, r *http.Request) error {
	query, err := web.Parameters(r, eventFilters...)
	if err != nil {
		return err
	}
	rt := a.config.Runtime()
	log := rt.Dispatcher.Records()
	added, stop := log.Follow()
	defer stop()
	return stream(w, r, rt.Done(), added, since(log, log.Added(), func(c *record.Call) iter.Seq[event] {
		return func(yield func(event) bool) {
			for _, e := range c.Events() {
				if eventMatches(e, query) && !yield(event{data: e}) {
					return
				}
			}
		}
	}))
}

func eventMatches(e *trail.Event, query url.Values) bool {
	return is(query.Get("event-name"), e.EventName) &&
		is(query.Get("event-source"), e.EventSource) &&
		isUser(query.Get("username"), &e.UserIdentity) &&
		isPrincipal(query.Get("principal"), e.UserIdentity.Name()) &&
		isOn(query.Get("resource"), e)
}

// isUser takes a user's name, a role's name or a role session's name.
func isUser(wanted string, u *trail.UserIdentity) bool {
	if wanted == "" || wanted == u.UserName {
		return true
	}
	if u.SessionContext == nil || u.SessionContext.SessionIssuer == nil {
		return false
	}
	return wanted == u.SessionContext.SessionIssuer.UserName || strings.HasSuffix(u.ARN, "/"+wanted)
}

// isOn takes the ARN of a resource, or what follows the account in it, such as key/ID or
// a queue's name: of what the call acted on or, for a call of KMS, of the queue or topic
// that it was made for.
func isOn(wanted string, e *trail.Event) bool {
	if wanted == "" {
		return true
	}
	names := func(arn string) bool { return wanted == arn || strings.HasSuffix(arn, ":"+wanted) }
	if slices.ContainsFunc(e.Resources, func(r trail.Resource) bool { return names(r.ARN) }) {
		return true
	}
	_, arn := e.MadeFor()
	return arn != "" && names(arn)
}
