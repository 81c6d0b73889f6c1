package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/layout"
	"github.com/waxseal/waxseal/internal/trail"
)

// summary says what COMMAND did with the server.
type summary struct {
	Calls    int             `json:"calls"`
	Denials  []*denials      `json:"denials"` // most frequent first
	Coverage coverageSummary `json:"coverage"`
	Status   int             `json:"status"` // COMMAND's exit status
	// NotEmulated are the services that were called but are not emulated.
	NotEmulated []string `json:"notEmulated"`
	reached     bool     // whether COMMAND connected to the server at all
}

type coverageSummary struct {
	Covered    int     `json:"covered"`
	Statements int     `json:"statements"`
	Percent    float64 `json:"percent"`
}

// denials are denials that differ only in the request.
type denials struct {
	Count     int    `json:"count"`
	Action    string `json:"action"`
	Resource  string `json:"resource"`
	Alias     string `json:"alias,omitempty"` // of the resource, where it is a key
	Principal string `json:"principal"`
	Why       string `json:"why"`
	RequestID string `json:"requestId"` // of the last of them
	// Explanation is the explanation of the last of them, as text.
	Explanation string `json:"explanation"`
}

// summarize asks the server what happened. explained is how many kinds of
// denials are explained.
func summarize(ctx context.Context, c *client, report *coverageReport, explained int) (*summary, error) {
	s := &summary{Denials: []*denials{}}
	s.Coverage = coverageSummary{report.Covered, report.Statements, report.Percent}
	all := fmt.Sprintf("limit=%d", trail.Capacity)
	var events struct {
		Events []struct {
			UserIdentity struct{ InvokedBy string }
		}
	}
	if _, err := c.call(ctx, http.MethodGet, "/events?"+all, nil, &events); err != nil {
		return nil, err
	}
	for _, e := range events.Events {
		if e.UserIdentity.InvokedBy == "" { // the others are calls that services made
			s.Calls++
		}
	}
	var decisions struct {
		Decisions []struct{ RequestID, Principal, Action, Resource, Alias, Message string }
	}
	if _, err := c.call(ctx, http.MethodGet, "/decisions?decision=Deny&"+all, nil, &decisions); err != nil {
		return nil, err
	}
	for _, d := range decisions.Decisions {
		s.deny(denials{Action: d.Action, Resource: d.Resource, Alias: d.Alias, Principal: d.Principal, Why: why(d.Message), RequestID: d.RequestID})
	}
	slices.SortStableFunc(s.Denials, func(a, b *denials) int { return b.Count - a.Count })
	for _, d := range s.Denials[:min(explained, len(s.Denials))] {
		text, err := c.call(ctx, http.MethodGet, "/explain?request-id="+d.RequestID, nil, nil)
		if err != nil {
			return nil, err
		}
		d.Explanation = string(text)
	}
	return s, nil
}

// deny adds a denial to the denials of the same kind.
func (s *summary) deny(one denials) {
	for _, d := range s.Denials {
		if d.Action == one.Action && d.Resource == one.Resource && d.Principal == one.Principal && d.Why == one.Why {
			d.Count++
			return
		}
	}
	one.Count = 1
	s.Denials = append(s.Denials, &one)
}

// why is the reason in AWS's message of a denial, without the beginning, which
// repeats what the summary says already.
func why(message string) string {
	for _, reason := range []string{" because ", " with an explicit deny "} {
		if i := strings.Index(message, reason); i >= 0 {
			return message[i+1:]
		}
	}
	return message
}

// maxDenials is how many kinds of denials the summary lists.
const maxDenials = 5

// print writes the summary for a person.
func (s *summary) print(w io.Writer, explain bool) error {
	p, columns, denied := painter(w), width(w), uint64(0)
	for _, d := range s.Denials {
		denied += uint64(d.Count)
	}
	var b strings.Builder
	b.WriteString("waxseal: " + s.calls())
	switch {
	case denied == 1:
		b.WriteString(", " + p.in(red, "1 denied"))
	case denied > 0:
		b.WriteString(", " + p.in(red, fmt.Sprintf("%d denied", denied)))
	}
	if c := s.Coverage; c.Statements > 0 {
		fmt.Fprintf(&b, "; %d of %s covered (%.1f %%)", c.Covered, plural(uint64(c.Statements), "policy statement"), c.Percent)
	}
	b.WriteByte('\n')
	if len(s.NotEmulated) > 0 {
		b.WriteString("  not emulated, and called: " + strings.Join(s.NotEmulated, ", ") + "\n")
	}
	for i, d := range s.Denials {
		if i == maxDenials {
			fmt.Fprintf(&b, "  and %d more kinds; --summary FILE has them all\n", len(s.Denials)-i)
			break
		}
		line := fmt.Sprintf("  %d× %s on %s by %s: %s\n", d.Count, p.in(bold, d.Action), withAlias(d.Resource, d.Alias), d.Principal, d.Why)
		b.WriteString(layout.Wrap(line, columns))
		if explain {
			b.WriteString(indent(p.explanation(layout.Wrap(d.Explanation, columns-indented))))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (s *summary) calls() string {
	switch {
	case s.Calls == 0 && s.reached:
		return "no call is recorded: what reached the server was refused before it was authorized, or a reset made it forgotten"
	case s.Calls == 0:
		return "no call reached the server; does COMMAND take its endpoint from AWS_ENDPOINT_URL?"
	case s.Calls >= trail.Capacity:
		return fmt.Sprintf("%d calls or more", s.Calls)
	default:
		return plural(uint64(s.Calls), "call")
	}
}

// indented is how many characters indent inserts.
const indented = 4

// indent puts text below a line of the summary.
func indent(text string) string {
	return "\n    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ") + "\n\n"
}

// finish prints the summary and returns COMMAND's exit status, or 1 where
// COMMAND succeeded but the coverage is too low.
func (x *execution) finish(ctx context.Context, c *client, status int, reached bool, notEmulated []string) error {
	report := new(coverageReport)
	if _, err := c.call(ctx, http.MethodGet, "/coverage", nil, report); err != nil {
		return err
	}
	s, err := summarize(ctx, c, report, x.explained())
	if err != nil {
		return err
	}
	s.Status, s.reached, s.NotEmulated = status, reached, append([]string{}, notEmulated...)
	short := status == 0 && !report.reaches(x.flags.coverageMin)
	// An error in writing is ignored: COMMAND's status matters more.
	_ = s.print(x.stderr, x.flags.explain)
	if short {
		_ = coverageText(x.stderr, report)
	}
	if err := x.writeSummary(s); err != nil && status == 0 {
		return err
	}
	if short {
		return no("%.1f %% of the policy statements are covered, less than --coverage-min %v", report.Percent, x.flags.coverageMin)
	}
	if status != 0 {
		return &exitError{status: status}
	}
	return nil
}

// explained is how many kinds of denials are to be explained.
func (x *execution) explained() int {
	switch {
	case x.flags.summary != "":
		return trail.Capacity
	case x.flags.explain:
		return maxDenials
	default:
		return 0
	}
}

// openSummary opens the summary's file before COMMAND runs, so that an error is found
// early.
func (x *execution) openSummary() error {
	if x.flags.summary == "" {
		return nil
	}
	f, err := os.OpenFile(x.flags.summary, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("--summary: %w", err)
	}
	return f.Close()
}

func (x *execution) writeSummary(s *summary) error {
	if x.flags.summary == "" {
		return nil
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		return err
	}
	if err := os.WriteFile(x.flags.summary, text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("--summary: %w", err)
	}
	return nil
}
