package policyeval

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waxseal/waxseal/internal/testsize"
)

// These tests need no oracle: they change a case in a way of which the effect
// is known, and decide again.

// eachGenerated runs a test on generated cases, beside the other tests that do.
func eachGenerated(t *testing.T, n int, test func(g *generator, c *generated) error) {
	t.Helper()
	t.Parallel()
	if raceDetector || !testsize.Full() {
		n /= 10
	}
	seed := uint64(time.Now().UnixNano())
	for i := range uint64(n) {
		g := newGenerator(seed + i)
		c := g.next(t)
		if err := test(g, c); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed+i, err, c)
		}
	}
}

// same compares what must not hang on order.
func same(a, b Verdict) error {
	if a.Allowed != b.Allowed || a.Reason != b.Reason || a.Layer != b.Layer {
		return fmt.Errorf("%+v became %+v", a, b)
	}
	return nil
}

// rewrite passes each statement of each document, decoded, through change.
func rewrite(t *testing.T, p Policies, change func(kind string, statements []any) []any) Policies {
	t.Helper()
	one := func(policy *Policy) *Policy {
		var d map[string]any
		decoder := json.NewDecoder(strings.NewReader(policy.Document.Text()))
		decoder.UseNumber()
		if err := decoder.Decode(&d); err != nil {
			t.Fatal(err)
		}
		d["Statement"] = change(policy.Name, oracleList(d["Statement"]))
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		return &Policy{Name: policy.Name, Document: must(t, string(b))}
	}
	list := func(policies []*Policy) []*Policy {
		var changed []*Policy
		for _, policy := range policies {
			changed = append(changed, one(policy))
		}
		return changed
	}
	levels := func(levels [][]*Policy) [][]*Policy {
		var changed [][]*Policy
		for _, level := range levels {
			changed = append(changed, list(level))
		}
		return changed
	}
	changed := Policies{
		Identity: list(p.Identity), Boundary: list(p.Boundary), Session: list(p.Session), Endpoint: list(p.Endpoint),
		SCPs: levels(p.SCPs), RCPs: levels(p.RCPs), Grants: p.Grants,
	}
	if p.Resource != nil {
		changed.Resource = one(p.Resource)
	}
	return changed
}

func TestOrderNeverMatters(t *testing.T) {
	eachGenerated(t, 5000, func(g *generator, c *generated) error {
		p := rewrite(t, c.policies, func(_ string, statements []any) []any {
			g.Shuffle(len(statements), func(i, j int) { statements[i], statements[j] = statements[j], statements[i] })
			return statements
		})
		g.Shuffle(len(p.Identity), func(i, j int) { p.Identity[i], p.Identity[j] = p.Identity[j], p.Identity[i] })
		g.Shuffle(len(p.SCPs), func(i, j int) { p.SCPs[i], p.SCPs[j] = p.SCPs[j], p.SCPs[i] })
		req := c.request
		req.Context = shuffled(g.Rand, c.request.Context)
		return same(Decide(&c.request, &c.policies), Decide(&req, &p))
	})
}

func shuffled(r *rand.Rand, c *Context) *Context {
	var keys []string
	for k := range c.All() {
		keys = append(keys, k)
	}
	r.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	out := NewContext(0)
	for _, k := range keys {
		values, multi, _ := c.Get(k)
		if multi {
			out.SetList(k, values)
		} else {
			out.Set(k, values[0])
		}
	}
	return out
}

// TestSplit splits lists of actions and resources into statements of their own.
func TestSplit(t *testing.T) {
	eachGenerated(t, 5000, func(_ *generator, c *generated) error {
		p := rewrite(t, c.policies, func(_ string, statements []any) []any {
			for _, element := range []string{"Action", "Resource"} {
				var split []any
				for _, s := range statements {
					values, ok := s.(map[string]any)[element]
					if !ok {
						split = append(split, s)
						continue
					}
					for _, v := range oracleList(values) {
						one := map[string]any{}
						for k, old := range s.(map[string]any) {
							one[k] = old
						}
						one[element] = v
						split = append(split, one)
					}
				}
				statements = split
			}
			return statements
		})
		return same(Decide(&c.request, &c.policies), Decide(&c.request, &p))
	})
}

// TestMerge turns single values into lists, and repeats them.
func TestMerge(t *testing.T) {
	eachGenerated(t, 5000, func(_ *generator, c *generated) error {
		p := rewrite(t, c.policies, func(_ string, statements []any) []any {
			for _, s := range statements {
				for _, element := range []string{"Action", "NotAction", "Resource", "NotResource"} {
					if v, ok := s.(map[string]any)[element]; ok {
						s.(map[string]any)[element] = append(oracleList(v), oracleList(v)...)
					}
				}
			}
			return append(statements, statements...)
		})
		return same(Decide(&c.request, &c.policies), Decide(&c.request, &p))
	})
}

func TestAddedDenyNeverGrants(t *testing.T) {
	eachGenerated(t, 5000, func(g *generator, c *generated) error {
		p := rewrite(t, c.policies, func(kind string, statements []any) []any {
			s := g.statement(kind)
			s["Effect"] = "Deny"
			return slices.Insert(statements, g.IntN(len(statements)+1), any(s))
		})
		if before, after := Decide(&c.request, &c.policies), Decide(&c.request, &p); after.Allowed && !before.Allowed {
			return fmt.Errorf("a deny turned %+v into %+v", before, after)
		}
		return nil
	})
}

func TestAddedAllowNeverRevokes(t *testing.T) {
	eachGenerated(t, 5000, func(g *generator, c *generated) error {
		p := rewrite(t, c.policies, func(kind string, statements []any) []any {
			s := g.statement(kind)
			s["Effect"] = "Allow"
			return slices.Insert(statements, g.IntN(len(statements)+1), any(s))
		})
		if before, after := Decide(&c.request, &c.policies), Decide(&c.request, &p); before.Allowed && !after.Allowed {
			return fmt.Errorf("an allow turned %+v into %+v", before, after)
		}
		return nil
	})
}

func TestIrrelevantKeyChangesNothing(t *testing.T) {
	eachGenerated(t, 5000, func(_ *generator, c *generated) error {
		before := Decide(&c.request, &c.policies)
		c.request.Context.Set("x:irrelevant", "y")
		c.request.Context.SetList("x:irrelevant2", []string{"y", "z"})
		return same(before, Decide(&c.request, &c.policies))
	})
}

func TestActionCaseChangesNothing(t *testing.T) {
	eachGenerated(t, 5000, func(g *generator, c *generated) error {
		before := Decide(&c.request, &c.policies)
		p := rewrite(t, c.policies, func(_ string, statements []any) []any {
			for _, s := range statements {
				for _, element := range []string{"Action", "NotAction"} {
					v, ok := s.(map[string]any)[element]
					if !ok {
						continue
					}
					var changed []any
					for _, a := range oracleList(v) {
						changed = append(changed, g.spell(a.(string)))
					}
					s.(map[string]any)[element] = changed
				}
			}
			return statements
		})
		c.request.Action = g.spell(c.request.Action)
		return same(before, Decide(&c.request, &p))
	})
}

// TestNegatedElements: of an element and its negation exactly one matches.
func TestNegatedElements(t *testing.T) {
	eachGenerated(t, 5000, func(g *generator, c *generated) error {
		if c.request.Principal.Type != User || c.request.ResourceAccount != c.request.Principal.Account ||
			c.request.Action == "sts:GetCallerIdentity" {
			return nil
		}
		// An incomplete ARN matches by what it is completed to, in both.
		resource, action := g.some(g.resourceText), g.some(g.actionText)
		for _, pair := range [][2]map[string]any{
			{{"Action": action, "Resource": "*"}, {"NotAction": action, "Resource": "*"}},
			{{"Action": "*", "Resource": resource}, {"Action": "*", "NotResource": resource}},
		} {
			allowed := 0
			for _, s := range pair {
				s["Effect"] = "Allow"
				b, err := json.Marshal(map[string]any{"Version": Version, "Statement": s})
				if err != nil {
					return err
				}
				d := must(t, string(b))
				var r run
				r.start(&c.request, &Policies{})
				if r.statement(&d.compiled[0], LayerIdentity, 0, false) != reachNone {
					allowed++
				}
			}
			if allowed != 1 {
				return fmt.Errorf("%v: %d of the two match", pair, allowed)
			}
		}
		return nil
	})
}

// TestAccountsRenamed reads the corpus with other accounts.
func TestAccountsRenamed(t *testing.T) {
	renamed := corpusMacros
	defer func() { corpusMacros = renamed }()
	corpusMacros = strings.NewReplacer(
		"{A}", "909090909090", "{B}", "777766665555", "111122223333", "909090909090", "444455556666", "777766665555",
		"{q}", "arn:aws:sqs:us-east-1:909090909090:q",
		"{t}", "arn:aws:sns:us-east-1:909090909090:t",
		"{k}", "arn:aws:kms:us-east-1:909090909090:key/1234",
		"{r}", "arn:aws:iam::909090909090:role/target",
		"{bob}", "arn:aws:iam::909090909090:user/bob",
		"{app}", "arn:aws:iam::909090909090:role/app",
		"{session}", "arn:aws:sts::909090909090:assumed-role/app/s1",
	)
	var cases []*corpusCase
	for _, file := range corpusFiles(t, "*.cases") {
		cases = append(cases, readDecisions(t, file)...)
	}
	for _, c := range cases {
		if v := Decide(&c.request, &c.policies); v.Allowed != c.allow || v.Reason.String() != c.reason {
			t.Errorf("%s: %+v with other accounts", c.name, v)
		}
	}
}

// TestCauseIsTheCause takes out the statement that a verdict names.
func TestCauseIsTheCause(t *testing.T) {
	eachGenerated(t, 5000, func(_ *generator, c *generated) error {
		v := Decide(&c.request, &c.policies)
		if v.Policy == nil {
			return nil
		}
		replaced := &Policy{Name: v.Policy.Name, Document: v.Policy.Document.Without(v.Statement)}
		p := replacePolicy(c.policies, v.Policy, replaced)
		after := Decide(&c.request, &p)
		if after.Allowed == v.Allowed && after.Reason == v.Reason && after.Policy == replaced &&
			after.Statement == v.Statement && v.Statement >= len(replaced.Document.statements) {
			return fmt.Errorf("without its cause %+v stays %+v", v, after)
		}
		if after.Policy == v.Policy && after.Policy != nil {
			return fmt.Errorf("the old policy still decides: %+v", after)
		}
		return nil
	})
}

// replacePolicy puts one policy in another's place, wherever it stands.
func replacePolicy(p Policies, old, replaced *Policy) Policies {
	list := func(policies []*Policy) []*Policy {
		policies = slices.Clone(policies)
		for i := range policies {
			if policies[i] == old {
				policies[i] = replaced
			}
		}
		return policies
	}
	levels := func(levels [][]*Policy) [][]*Policy {
		var changed [][]*Policy
		for _, level := range levels {
			changed = append(changed, list(level))
		}
		return changed
	}
	p.Identity, p.Boundary, p.Session, p.Endpoint = list(p.Identity), list(p.Boundary), list(p.Session), list(p.Endpoint)
	p.SCPs, p.RCPs = levels(p.SCPs), levels(p.RCPs)
	if p.Resource == old {
		p.Resource = replaced
	}
	return p
}

// TestSuggestionsAreRight applies what is suggested for denials.
func TestSuggestionsAreRight(t *testing.T) {
	helped := 0
	eachGenerated(t, 10000, func(_ *generator, c *generated) error {
		before := Decide(&c.request, &c.policies)
		s, ok := Suggest(&c.request, &c.policies)
		var r run
		r.start(&c.request, &c.policies)
		switch {
		case ok && before.Allowed:
			return fmt.Errorf("suggests %v for what is allowed", s.Changes)
		case !ok && !before.Allowed && !r.ownerOnly() && !r.retires():
			return fmt.Errorf("suggests nothing for %+v", before)
		case !ok:
			return nil
		}
		if after := Decide(&c.request, s.Apply(&c.request, &c.policies)); !after.Allowed {
			return fmt.Errorf("with %v it is still %+v", s.Changes, after)
		}
		// No change is needless.
		for i := range s.Changes {
			fewer := Suggestion{slices.Delete(slices.Clone(s.Changes), i, i+1)}
			if Decide(&c.request, fewer.Apply(&c.request, &c.policies)).Allowed {
				return fmt.Errorf("%v is needless among %v", s.Changes[i], s.Changes)
			}
		}
		helped++
		return nil
	})
	if helped == 0 {
		t.Error("no denial came up")
	}
}

// TestStepsAgreeWithElements: what a step says of itself follows from its elements.
func TestStepsAgreeWithElements(t *testing.T) {
	eachGenerated(t, 5000, func(_ *generator, c *generated) error {
		d := Evaluate(&c.request, &c.policies)
		for i := range d.Steps {
			s := &d.Steps[i]
			missed := s.Missed()
			if s.Applies() != (len(missed) == 0) && s.Policy != nil {
				return fmt.Errorf("step %d applies: %v, misses %+v", i, s.Applies(), missed)
			}
			if s.Nearly() && len(missed) != 1 {
				return fmt.Errorf("step %d nearly applies, misses %+v", i, missed)
			}
			if len(missed) == 1 && !s.Nearly() && missed[0].Name != "Action" && missed[0].Name != "NotAction" && s.Policy != nil {
				return fmt.Errorf("step %d misses only %+v and is not near", i, missed)
			}
		}
		if len(d.Steps) > 0 && d.Reason == ExplicitDeny && len(d.By()) == 0 {
			return fmt.Errorf("nobody denies %+v", d.Verdict)
		}
		if d.Text(TextOptions{}) == "" || d.Why() == "" {
			return fmt.Errorf("no explanation")
		}
		return nil
	})
}

// TestCoverageAgreesWithSteps compares the counts with the explanation.
func TestCoverageAgreesWithSteps(t *testing.T) {
	eachGenerated(t, 3000, func(_ *generator, c *generated) error {
		var coverage Coverage
		coverage.Observe(&c.request, &c.policies)
		d := Evaluate(&c.request, &c.policies)
		for i := range d.Steps {
			s := &d.Steps[i]
			if s.Policy == nil || slices.ContainsFunc(d.Steps, func(o Step) bool { return o.Policy == s.Policy && o.Layer != s.Layer }) {
				continue
			}
			var want Count
			onlyConditions := !slices.ContainsFunc(s.Missed(), func(e Element) bool { return e.Name != "Condition" })
			switch {
			case s.Applies() && s.Effect() == Deny:
				want.Denied = 1
			case s.Applies():
				want.Allowed = 1
			case onlyConditions:
				want.ConditionFailed = 1
			default:
				want.Unmatched = 1
			}
			if got := coverage.Counts(s.Policy.Document)[s.Statement]; got != want {
				return fmt.Errorf("step %d counts %+v, want %+v", i, got, want)
			}
		}
		return nil
	})
}
