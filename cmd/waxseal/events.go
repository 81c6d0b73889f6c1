package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/trail"
)

func newEvents() *cobra.Command {
	var filter eventFilter
	var since string
	var limit int
	var follow, asJSON bool
	cmd := &cobra.Command{
		Use:   "events",
		Short: "List who called what: CloudTrail's record, data events included",
		Long: `List who called what: CloudTrail's record, data events included, the newest last.
A line has the time, the principal, the operation and the resource. A call of KMS
says for which queue or topic it was made, and by which service on the
principal's behalf. At the end of the line is what became of the call: allowed, or the
error's code.

The server remembers the newest 10,000 calls.`,
		Example: `  waxseal events
  waxseal events --event-source kms --resource orders
  waxseal events --principal role/notification-service --since 10m
  waxseal events --event-name Decrypt --follow
  waxseal events --json --limit 1`,
		Args: cobra.NoArgs,
	}
	c := endpointFlag(cmd)
	flags := cmd.Flags()
	flags.StringVar(&filter.name, "event-name", "", "only calls of this operation, such as Decrypt")
	flags.StringVar(&filter.source, "event-source", "", "only calls of this service, such as kms.amazonaws.com or kms")
	flags.StringVar(&filter.principal, "principal", "", "only calls of this principal: root, role/NAME, user/NAME, an ARN or a service")
	flags.StringVar(&filter.resource, "resource", "", "only calls on this resource, or made for this queue or topic: an ARN, or the name at its end")
	flags.StringVar(&since, "since", "", "only the calls of this last time by the server's clock, such as 10m or 1d")
	flags.IntVar(&limit, "limit", 0, "the newest so many; 0: 1,000")
	flags.BoolVar(&follow, "follow", false, "go on with the calls that come, until interrupted")
	flags.BoolVar(&asJSON, "json", false, "print the records as data, one a line")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		query := filter.query()
		if since != "" {
			query.Set("since", since)
		}
		if limit != 0 {
			query.Set("limit", strconv.Itoa(limit))
		}
		p := &eventPrinter{out: cmd.OutOrStdout(), json: asJSON, paint: painter(cmd.OutOrStdout())}
		if !follow {
			return p.list(cmd.Context(), c, query)
		}
		return p.follow(cmd.Context(), c, query, filter.query())
	}
	return cmd
}

// eventFilter is which events are wanted; empty: all.
type eventFilter struct{ name, source, principal, resource string }

// query is the filter as the control API takes it.
func (f *eventFilter) query() url.Values {
	query := url.Values{}
	source := f.source
	if source != "" && !strings.Contains(source, ".") {
		source += ".amazonaws.com"
	}
	for name, value := range map[string]string{"event-name": f.name, "event-source": source, "principal": f.principal, "resource": f.resource} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
}

// eventPrinter prints events, each once.
type eventPrinter struct {
	out     io.Writer
	json    bool
	paint   paint
	printed map[string]bool // ids, where events can come twice
}

// list prints what the server remembers, the newest last.
func (p *eventPrinter) list(ctx context.Context, c *client, query url.Values) error {
	var found struct{ Events []json.RawMessage }
	if _, err := c.call(ctx, http.MethodGet, "/events?"+query.Encode(), nil, &found); err != nil {
		return err
	}
	for _, event := range slices.Backward(found.Events) {
		if err := p.print(event); err != nil {
			return err
		}
	}
	return nil
}

// again is how long follow waits before it asks a server that has ended its stream: a
// reset does so, and the end of the server.
const again = 100 * time.Millisecond

// follow prints what the server remembers, and what comes, until ctx is done.
func (p *eventPrinter) follow(ctx context.Context, c *client, query, filter url.Values) error {
	p.printed = map[string]bool{}
	for {
		// The stream begins before the list: what is in both is printed once.
		err := c.stream(ctx, "/events/stream?"+filter.Encode(), func() error { return p.list(ctx, c, query) }, p.print)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		query = filter
		select {
		case <-clock.AfterReal(again):
		case <-ctx.Done():
			return nil
		}
	}
}

// maxPrinted is how many ids follow remembers: more than the server does events.
const maxPrinted = 20_000

func (p *eventPrinter) print(event []byte) error {
	var e trail.Event
	if err := json.Unmarshal(event, &e); err != nil {
		return err
	}
	if p.printed != nil {
		if p.printed[e.EventID] {
			return nil
		}
		if len(p.printed) >= maxPrinted {
			clear(p.printed)
		}
		p.printed[e.EventID] = true
	}
	line := string(event)
	if !p.json {
		line = p.line(&e)
	}
	_, err := fmt.Fprintln(p.out, line)
	return err
}

// line is an event for a person.
func (p *eventPrinter) line(e *trail.Event) string {
	service, _, _ := strings.Cut(e.EventSource, ".")
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %-20s  %-20s  %s", e.EventTime, shortARN(e.UserIdentity.Name(), e.RecipientAccountID), service+":"+e.EventName, resourcesOf(e))
	if kind, of := e.MadeFor(); of != "" {
		fmt.Fprintf(&b, "  for %s %s", kind, shortARN(of, e.RecipientAccountID))
	}
	if e.ErrorCode == "" {
		b.WriteString("  " + p.paint.in(green, "allowed"))
	} else {
		b.WriteString("  " + p.paint.in(red, e.ErrorCode))
	}
	if by := e.UserIdentity.InvokedBy; by != "" && by != e.UserIdentity.Name() {
		b.WriteString("  via " + by)
	}
	return b.String()
}

// resourcesOf names what a call acted on.
func resourcesOf(e *trail.Event) string {
	var names []string
	for _, r := range e.Resources {
		if r.ARN != "" {
			names = append(names, shortARN(r.ARN, e.RecipientAccountID))
		}
	}
	return cmp.Or(strings.Join(names, ","), "-")
}

// shortARN is what an ARN names within the account: role/NAME/SESSION of a session. What
// is of another account begins with that.
func shortARN(name, account string) string {
	a, err := arn.Parse(name)
	if err != nil {
		return name
	}
	short := strings.TrimPrefix(a.Resource, "assumed-")
	if a.AccountID != "" && a.AccountID != account {
		return a.AccountID + " " + short
	}
	return short
}

// stream calls each with the data of every server-sent event of a control request, after
// it has called began once, until the server ends it: then it returns nil.
func (c *client) stream(ctx context.Context, path string, began func() error, each func(data []byte) error) error {
	answer, err := c.send(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if err := began(); err != nil {
		return err
	}
	lines := bufio.NewReader(answer.Body)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("%s: %w", c.endpoint, err)
		}
		if data, ok := strings.CutPrefix(string(line), "data: "); ok {
			if err := each([]byte(strings.TrimSuffix(data, "\n"))); err != nil {
				return err
			}
		}
	}
}
