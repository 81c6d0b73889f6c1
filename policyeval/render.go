package policyeval

import (
	"fmt"
	"slices"
	"strings"
)

// TextOptions say how much Decision.Text shows.
type TextOptions struct {
	// All shows every element of every statement, not only of those that
	// applied or nearly applied.
	All bool
	// Suggestion is added at the end, if it has any changes.
	Suggestion Suggestion
	// Place names a position in a policy's document, such as policies.yaml:12. Where it
	// is nil or answers an empty text, the line in the document is named.
	Place func(*Policy, Position) string
}

// place names a position in a policy.
func (o TextOptions) place(p *Policy, at Position) string {
	if o.Place != nil {
		if name := o.Place(p, at); name != "" {
			return name
		}
	}
	return fmt.Sprintf("line %d", at.Line)
}

// Text explains a decision to a person: the verdict and the layer that
// decided, then each policy with the statements that mattered first. Lines
// that start with x did not match.
func (d *Decision) Text(o TextOptions) string {
	t := &text{all: o.All, place: o.place}
	t.head(d)
	for _, l := range d.order() {
		t.layer(d, l)
	}
	if len(o.Suggestion.Changes) > 0 {
		t.line(0, "To allow it:")
		for _, c := range o.Suggestion.Changes {
			t.line(1, "%s", c)
		}
	}
	return t.String()
}

type text struct {
	strings.Builder
	all   bool
	place func(*Policy, Position) string
}

func (t *text) line(indent int, format string, args ...any) {
	t.WriteString(strings.Repeat("  ", indent))
	fmt.Fprintf(&t.Builder, format, args...)
	t.WriteByte('\n')
}

func (t *text) head(d *Decision) {
	req := d.run.req
	word := "DENIED"
	if d.Allowed {
		word = "ALLOWED"
	}
	t.line(0, "%s  %s", word, req.Action)
	t.line(1, "on   %s", req.Resource)
	t.line(1, "by   %s", req.Principal)
	t.line(1, "why  %s", d.Why())
	t.WriteByte('\n')
}

// Why is the verdict's reason in one line.
func (d *Decision) Why() string {
	switch d.Reason {
	case ImplicitDeny, ExplicitDeny:
		return d.Because(d.run.req.Action)
	case OwnerOnlyDeny:
		return "the action stays with the account that owns the resource, whatever the policies say"
	case AllowedByIdentity:
		return "an identity-based policy allows it"
	case AllowedByResource:
		return "the " + d.Layer.String() + " names the caller"
	case AllowedByBoth:
		return "the resource's side and an identity-based policy both allow it"
	case AllowedByGrant:
		return "the grant " + d.Grant + " allows it"
	case AllowedAsRoot:
		return "the root user needs no identity-based policy"
	case AllowedToUnlock:
		return "the resource-based policy denies it, which does not keep the account's root user from undoing that policy"
	default:
		return "the action needs no permission"
	}
}

// order is the layers that have steps, the one that decided first.
func (d *Decision) order() []Layer {
	var order []Layer
	if d.Layer != LayerNone && d.Reason != OwnerOnlyDeny {
		order = append(order, d.Layer)
	}
	for i := range d.Steps {
		if l := d.Steps[i].Layer; !slices.Contains(order, l) {
			order = append(order, l)
		}
	}
	return order
}

func (t *text) layer(d *Decision, l Layer) {
	mark := ""
	if l == d.Layer {
		mark = "  <- decides"
	}
	t.line(0, "%s%s", l, mark)
	steps := slices.DeleteFunc(slices.Clone(d.Steps), func(s Step) bool { return s.Layer != l })
	if len(steps) == 0 {
		t.line(1, "there is none")
	}
	for len(steps) > 0 {
		p := steps[0].Policy
		n := slices.IndexFunc(steps, func(s Step) bool { return s.Policy != p })
		if n < 0 {
			n = len(steps)
		}
		t.policy(p, steps[:n])
		steps = steps[n:]
	}
	t.WriteByte('\n')
}

// policy prints a policy's statements by how much they mattered.
func (t *text) policy(p *Policy, steps []Step) {
	if p != nil {
		t.line(1, "%s", p.Name)
	}
	slices.SortStableFunc(steps, func(a, b Step) int { return a.weight() - b.weight() })
	others := 0
	for i := range steps {
		s := &steps[i]
		switch {
		case s.Applies():
			t.step(s, "applies")
		case s.Nearly():
			t.step(s, "NEARLY applies")
		case t.all:
			t.step(s, "does not apply")
		default:
			others++
		}
	}
	switch {
	case others == 1:
		t.line(2, "1 statement does not match")
	case others > 1:
		t.line(2, "%d statements do not match", others)
	}
}

// weight sorts denies before allows, and statements that apply before those
// that nearly do.
func (s *Step) weight() int {
	switch {
	case s.Applies() && s.Effect() == Deny:
		return 0
	case s.Applies():
		return 1
	case s.Nearly():
		return 2
	default:
		return 3
	}
}

func (t *text) step(s *Step, what string) {
	name, where := "", ""
	if g := s.Grant(); g != nil {
		name = "grant " + g.ID
	} else {
		source := s.Source()
		name = statementName(int(s.Statement), source.Sid)
		where = " (" + t.place(s.Policy, source.Begin) + ")"
	}
	if s.Delegates() {
		what += ", to the account: its identity-based policies decide"
	}
	t.line(2, "%s %s%s %s", name, s.Effect(), where, what)
	for _, e := range s.Elements() {
		if e.Matched && !t.all && e.Name != "Condition" {
			continue
		}
		t.element(e)
	}
}

func (t *text) element(e Element) {
	mark := "  "
	if !e.Matched {
		mark = "x "
	}
	switch {
	case e.Name == "Condition":
		t.line(3, "%s%s", mark, e.condition())
	case len(e.Wanted) == 0:
		t.line(3, "%s%s is missing", mark, e.Name)
	case e.Key != "":
		t.line(3, "%s%s %s (got %s)", mark, e.Key, quoted(e.Wanted), quoted(e.Got))
	default:
		t.line(3, "%s%s %s (got %s)", mark, e.Name, quoted(e.Wanted), quoted(e.Got))
	}
	if e.Note != "" {
		t.line(4, "%s", e.Note)
	}
}
