package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waxseal/waxseal/internal/layout"
)

// coverageReport is the control API's report on the policies in force.
type coverageReport struct {
	Covered, Statements int
	Percent             float64
	Policies            []coveredPolicy
}

type coveredPolicy struct {
	Owner, Kind, Name string
	Alias             string // of the owner, where it is a key
	Statements        []coveredStatement
}

type coveredStatement struct {
	Sid, Effect                                 string
	File                                        string // empty: the lines are the document's own
	Line, EndLine                               int
	Allowed, Denied, ConditionFailed, Unmatched uint64
}

// coverageFormats print a report; json is the server's answer as it came.
var coverageFormats = map[string]func(io.Writer, *coverageReport) error{
	"text": coverageText,
	"json": nil,
	"lcov": coverageLCOV,
	"html": coverageHTML,
}

func newCoverage() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "coverage",
		Short: "Say which statements of the policies in force requests have exercised",
		Long: `Say which statements of the policies in force requests have exercised so far,
like code coverage: a statement is covered once it has allowed or denied a
request. With --min, the exit status is 1 where fewer are.

Policies that nobody wrote do not count: the default policies of topics, keys and
roles, and AWS's managed policies where they are not attached.`,
		Example: `  waxseal coverage
  waxseal coverage --min 80
  waxseal coverage --format lcov > policies.info
  waxseal coverage --format html > policies.html`,
		Args: cobra.NoArgs,
	}
	c := endpointFlag(cmd)
	least := cmd.Flags().Float64("min", 0, "percentage of statements that are to be covered, 0 to 100")
	format := cmd.Flags().String("format", "text", "text, json, lcov or html")
	asJSON := cmd.Flags().Bool("json", false, "as --format json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *asJSON {
			if cmd.Flags().Changed("format") {
				return errors.New("--json is --format json: give one of them")
			}
			*format = "json"
		}
		write, ok := coverageFormats[*format]
		if !ok {
			return fmt.Errorf("--format: %q is not one of text, json, lcov and html", *format)
		}
		if !(*least >= 0 && *least <= 100) {
			return fmt.Errorf("--min: %v is not a percentage between 0 and 100", *least)
		}
		report := new(coverageReport)
		body, err := c.call(cmd.Context(), http.MethodGet, "/coverage", nil, report)
		if err != nil {
			return err
		}
		if write == nil {
			_, err = cmd.OutOrStdout().Write(body)
		} else {
			err = write(cmd.OutOrStdout(), report)
		}
		if err != nil {
			return err
		}
		return report.atLeast(*least)
	}
	return cmd
}

// atLeast is an error with exit status 1 where fewer statements are covered
// than required.
func (r *coverageReport) atLeast(percent float64) error {
	if r.reaches(percent) {
		return nil
	}
	return no("%d of %d statements are covered (%.1f %%), less than --min %v; waxseal coverage names the others",
		r.Covered, r.Statements, r.Percent, percent)
}

func (r *coverageReport) reaches(percent float64) bool {
	return 100*float64(r.Covered) >= percent*float64(r.Statements)
}

func (s *coveredStatement) count() uint64 { return s.Allowed + s.Denied }

func (s *coveredStatement) covered() bool { return s.count() > 0 }

// why says why a statement is not covered.
func (s *coveredStatement) why() string {
	switch {
	case s.ConditionFailed > 0:
		return fmt.Sprintf("condition never true (%s)", plural(s.ConditionFailed, "request"))
	case s.Unmatched > 0:
		return fmt.Sprintf("never matched (%s)", plural(s.Unmatched, "request"))
	default:
		return "never matched (no request met the policy)"
	}
}

// title is the statement's Sid, or its number from 1.
func (s *coveredStatement) title(i int) string {
	if s.Sid != "" {
		return s.Sid
	}
	return fmt.Sprintf("statement %d", i+1)
}

func plural(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func (p *coveredPolicy) covered() (n int) {
	for i := range p.Statements {
		if p.Statements[i].covered() {
			n++
		}
	}
	return n
}

// title is owner and kind, and the name where an owner may have several of the kind.
func (p *coveredPolicy) title() string {
	owner := withAlias(p.Owner, p.Alias)
	if p.Name == p.Kind {
		return owner + " " + p.Kind
	}
	return owner + " " + p.Kind + " " + p.Name
}

// withAlias is an ARN and, where it is that of a key with an alias, the alias.
func withAlias(arn, alias string) string {
	if alias == "" {
		return arn
	}
	return arn + " (" + alias + ")"
}

// place is where the statement begins.
func (s *coveredStatement) place() string {
	if s.File != "" {
		return fmt.Sprintf("%s:%d", s.File, s.Line)
	}
	return fmt.Sprintf("line %d", s.Line)
}

// coverageText prints a line for each policy, the statements below it that are
// not covered, and the total.
func coverageText(w io.Writer, r *coverageReport) error {
	colors := painter(w)
	var b strings.Builder
	for i := range r.Policies {
		p := &r.Policies[i]
		fmt.Fprintf(&b, "%d/%d  %s\n", p.covered(), len(p.Statements), colors.in(bold, p.title()))
		for j := range p.Statements {
			if s := &p.Statements[j]; !s.covered() {
				b.WriteString(colors.in(yellow, fmt.Sprintf("     %s: %s %s: %s", s.place(), s.Effect, s.title(j), s.why())) + "\n")
			}
		}
	}
	fmt.Fprintf(&b, "%d of %d statements covered (%.1f %%)\n", r.Covered, r.Statements, r.Percent)
	_, err := io.WriteString(w, layout.Wrap(b.String(), width(w)))
	return err
}
