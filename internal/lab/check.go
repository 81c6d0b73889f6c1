package lab

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/waxseal/waxseal/internal/act"
	"github.com/waxseal/waxseal/internal/api"
	"github.com/waxseal/waxseal/internal/clock"
	"github.com/waxseal/waxseal/internal/runtime"
	"github.com/waxseal/waxseal/internal/trial"
	"github.com/waxseal/waxseal/learn"
)

// Report is how the checks of an exercise went.
type Report struct {
	Passed bool     `json:"passed"`
	Checks []Result `json:"checks"`
}

// Result is how one check went: what was checked and, where that does not hold, what
// happens instead.
type Result struct {
	What   string `json:"what"`
	Passed bool   `json:"passed"`
	Detail string `json:"detail,omitempty"`
}

// Check checks whether the goal of an exercise is reached. Of calls that show why it is not,
// URLs begin with base, such as https://localhost:4566. It fails with *Refused where another
// exercise is under way, or none.
func Check(ctx context.Context, rt *runtime.Runtime, e *learn.Exercise, base string) (*Report, error) {
	started, err := current(ctx, rt)
	if err != nil {
		return nil, err
	}
	if started == nil || started.Exercise != e.Name {
		return nil, notStarted(e, started)
	}
	var report *Report
	err = trial.On(ctx, rt, func(t *trial.Trial) error {
		c := &checking{Trial: t, real: rt, started: started.Started, saved: map[string]string{}}
		report = &Report{Passed: true, Checks: []Result{}}
		if err := c.empty(ctx, started, e); err != nil {
			return err
		}
		for i := range e.Checks {
			check := &e.Checks[i]
			failed, err := c.make(ctx, check)
			if err != nil {
				return err
			}
			if check.Say != "" {
				report.Checks = append(report.Checks, Result{check.Say, failed == "", strings.ReplaceAll(failed, baseURL, base)})
			}
			report.Passed = report.Passed && failed == ""
		}
		return nil
	})
	if errors.Is(err, clock.ErrRange) {
		return nil, &Refused{fmt.Sprintf("the checks let time go by that the clock no longer has (%v): turn it back", err)}
	}
	return report, err
}

// checking makes the checks of an exercise on a copy of the state.
type checking struct {
	*trial.Trial
	real    *runtime.Runtime
	started time.Time
	saved   map[string]string
}

// make makes a check, and says what happens where it does not hold; empty: it holds.
func (c *checking) make(ctx context.Context, check *learn.Check) (failed string, err error) {
	switch {
	case check.Advance != 0:
		if err := c.Clock.TryAdvance(time.Duration(check.Advance)); err != nil {
			return "", err
		}
		return "", c.Settle(ctx)
	case check.Recorded != nil:
		return c.recorded(check), nil
	case check.Logged != nil:
		return c.logged(ctx, check)
	default:
		return c.call(ctx, check)
	}
}

// baseURL is that of the queues' URLs in the checks.
const baseURL = "http://localhost:4566"

// sourceIP is where the calls of checks come from.
const sourceIP = "127.0.0.1"

func (c *checking) call(ctx context.Context, check *learn.Check) (failed string, err error) {
	params, missing, err := c.params(check.Params)
	if err != nil {
		return "", err
	}
	if missing != "" {
		return "Not tried, for it needs what an earlier step was to bring (" + missing + ").", nil
	}
	call := &act.Call{
		As: check.As, Service: check.Service, SourceArn: check.SourceArn, SourceAccount: check.SourceAccount, Anonymous: check.Anonymous,
		Action: check.Call.Call, Params: params, HTTP: check.Over == "http", Endpoint: check.Endpoint,
		BaseURL: baseURL, SourceIP: sourceIP,
	}
	result, err := act.Perform(ctx, c.Runtime, call)
	if err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return told(check, fmt.Sprintf("%s\ncannot be made: %v", witness(check, params), err)), nil
	}
	if err := c.Settle(ctx); err != nil {
		return "", err
	}
	happened := c.happened(result)
	if !expected(check.Expect, happened, result.Error) {
		shown := witness(check, params) + "\n" + outcome(happened, result.Error)
		if result.Error != nil && check.Expect != learn.Allowed {
			// What the exercise says is of a call that works.
			return "It fails, but for another reason than it is to fail for.\n" + shown, nil
		}
		return told(check, shown), nil
	}
	if result.Error != nil {
		return "", nil
	}
	return c.answer(check, params, result.Response)
}

// happened is what became of a call: allowed, denied, by a policy or by AWS's own rules, or failed.
func (c *checking) happened(result *act.Result) string {
	if result.Error == nil {
		return learn.Allowed
	}
	if strings.HasPrefix(result.Error.Code, "AccessDenied") {
		return learn.Denied
	}
	for d := range c.Dispatcher.Decisions().Newest() {
		if d.Of(result.RequestID) && !d.Allowed() {
			return learn.Denied
		}
	}
	return "failed"
}

func expected(expect, happened string, e *api.Error) bool {
	if expect == learn.Allowed || expect == learn.Denied {
		return expect == happened
	}
	return e != nil && (expect == e.Code || expect == e.Query())
}

func outcome(happened string, e *api.Error) string {
	if e == nil {
		return "was allowed."
	}
	return fmt.Sprintf("%s: %s: %s", map[string]string{learn.Denied: "was denied", "failed": "failed"}[happened], e.Query(), e.Message)
}

// told is why a check failed: what the exercise says, and the request that shows it.
func told(check *learn.Check, shown string) string {
	return strings.TrimSpace(strings.TrimSpace(check.Otherwise) + "\n" + shown)
}

// witness is a call as a person reads it.
func witness(check *learn.Check, params json.RawMessage) string {
	var b strings.Builder
	b.WriteString(check.Call.Call + " by " + cmp.Or(check.As, check.Service, "anybody, unsigned"))
	if check.SourceArn != "" {
		b.WriteString(" for " + check.SourceArn)
	} else if check.SourceAccount != "" {
		b.WriteString(" for account " + check.SourceAccount)
	}
	if check.Endpoint != "" {
		b.WriteString(" through " + check.Endpoint)
	}
	if check.Over == "http" {
		b.WriteString(" over plain HTTP")
	}
	return b.String() + " " + string(params)
}

var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// params are a call's parameters with the values of earlier ones; missing is the name of one
// that is not there.
func (c *checking) params(given map[string]any) (params json.RawMessage, missing string, err error) {
	filled := c.fill(given, &missing)
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if filled == nil {
		filled = map[string]any{}
	}
	err = encoder.Encode(filled)
	return bytes.TrimSpace(b.Bytes()), missing, err
}

func (c *checking) fill(v any, missing *string) any {
	switch v := v.(type) {
	case map[string]any:
		filled := make(map[string]any, len(v))
		for key, value := range v {
			filled[key] = c.fill(value, missing)
		}
		return filled
	case []any:
		filled := make([]any, len(v))
		for i, value := range v {
			filled[i] = c.fill(value, missing)
		}
		return filled
	case string:
		return variable.ReplaceAllStringFunc(v, func(found string) string {
			name := found[2 : len(found)-1]
			value, ok := c.saved[name]
			if !ok {
				*missing = name
			}
			return value
		})
	default:
		return v
	}
}

// answer compares an answer with what it is to have, and saves what later checks need.
func (c *checking) answer(check *learn.Check, params, response json.RawMessage) (failed string, err error) {
	var members any
	if len(response) > 0 {
		d := json.NewDecoder(bytes.NewReader(response))
		d.UseNumber()
		if err := d.Decode(&members); err != nil {
			return "", err
		}
	}
	for _, path := range slices.Sorted(maps.Keys(check.Response)) {
		value, there := lookUp(members, path)
		wanted := check.Response[path]
		switch {
		case wanted == nil && there:
			failed = fmt.Sprintf("answered with %s: %s", path, value)
		case wanted != nil && !there:
			failed = "answered without " + path + "."
		case wanted != nil && !glob(*wanted, value):
			failed = fmt.Sprintf("answered with %s: %s, and not %s", path, value, *wanted)
		default:
			continue
		}
		return told(check, witness(check, params)+"\n"+failed), nil
	}
	for _, name := range slices.Sorted(maps.Keys(check.Save)) {
		value, there := lookUp(members, check.Save[name])
		if !there {
			return told(check, witness(check, params)+"\nanswered without "+check.Save[name]+"."), nil
		}
		c.saved[name] = value
	}
	return "", nil
}
