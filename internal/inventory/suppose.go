package inventory

import (
	"slices"
	"strings"

	"github.com/waxseal/waxseal/internal/trail"
	"github.com/waxseal/waxseal/policyeval"
)

// suppose decides a denial again as if conditions were met that alone keep statements or
// grants from allowing it: those of one, if that is enough, or of all of them. It changes
// the decision where that is allowed then, and answers the conditions.
func suppose(d *trail.Decision) (conditions []string, ok bool) {
	explained := d.Explain()
	all := d.Request.Context.Clone()
	var allConditions []string
	several := false
	for i := range explained.Steps {
		wants := conditionsOf(&explained.Steps[i])
		if wants == nil || !supposable(d, wants) {
			continue
		}
		one := d.Request.Context.Clone()
		meet(one, wants)
		if decided(d, one) {
			return texts(wants), true
		}
		meet(all, wants)
		several = several || allConditions != nil
		allConditions = append(allConditions, texts(wants)...)
	}
	return allConditions, several && decided(d, all)
}

// conditionsOf are the conditions of a statement or grant that allows if they are met; nil:
// it allows already, or something else is in its way.
func conditionsOf(s *policyeval.Step) []policyeval.Element {
	if s.Applies() || s.Effect() != policyeval.Allow || s.Grant() == nil && len(s.Source().Conditions) == 0 {
		return nil
	}
	elements := s.Elements()
	isCondition := func(e policyeval.Element) bool { return e.Name == "Condition" || e.Name == "Constraint" }
	if slices.ContainsFunc(elements, func(e policyeval.Element) bool { return !e.Matched && !isCondition(e) }) {
		return nil
	}
	return slices.DeleteFunc(elements, func(e policyeval.Element) bool { return !isCondition(e) })
}

// supposable reports whether the caller could meet conditions in another call: who it is,
// what it calls on and the time are as they are, and services alone call for a source.
func supposable(d *trail.Decision, wants []policyeval.Element) bool {
	return !slices.ContainsFunc(wants, func(e policyeval.Element) bool {
		if e.Matched {
			return false
		}
		key := strings.ToLower(e.Key)
		ofSource := strings.HasPrefix(key, "aws:source") && !strings.HasPrefix(key, "aws:sourceip") && !strings.HasPrefix(key, "aws:sourcevpc") && key != "aws:sourceidentity"
		return ofSource && d.Request.Principal.Type != policyeval.Service || slices.ContainsFunc(given, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
	})
}

// given are what the keys begin with that a caller cannot choose.
var given = []string{
	"aws:principal", "aws:userid", "aws:username", "aws:resource", "aws:requestedregion", "aws:currenttime", "aws:epochtime",
	"kms:calleraccount", "kms:keyspec", "kms:keyusage", "kms:keyorigin", "kms:multiregion", "kms:resourcealiases",
}

// meet sets the context so that it meets conditions, as far as one of the values that they
// want does. A pattern matches itself.
func meet(c *policyeval.Context, wants []policyeval.Element) {
	for _, e := range wants {
		switch operator := strings.ToLower(e.Operator); {
		case e.Matched || len(e.Wanted) == 0:
		case e.Name == "Constraint":
			meetConstraint(c, e.Wanted)
		case strings.HasPrefix(operator, "forallvalues:"), strings.HasPrefix(operator, "foranyvalue:"):
			c.SetList(e.Key, e.Wanted[:1])
		case operator == "ipaddress", operator == "ipaddressifexists":
			address, _, _ := strings.Cut(e.Wanted[0], "/")
			c.Set(e.Key, address)
		default:
			c.Set(e.Key, e.Wanted[0])
		}
	}
}

// meetConstraint sets the encryption context that a grant wants.
func meetConstraint(c *policyeval.Context, pairs []string) {
	var names []string
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		names = append(names, name)
		c.Set("kms:EncryptionContext:"+name, value)
	}
	c.SetList("kms:EncryptionContextKeys", names)
}

// decided reports whether a decision allows in another context, and makes it that decision
// then.
func decided(d *trail.Decision, c *policyeval.Context) bool {
	request := d.Request
	request.Context = c
	v := policyeval.Decide(&request, &d.Policies)
	if v.Allowed {
		d.Request, d.Verdict, d.Message = request, v, ""
	}
	return v.Allowed
}

// texts are conditions as a person reads them, such as aws:SourceArn ArnEquals arn:….
func texts(wants []policyeval.Element) []string {
	var list []string
	for _, e := range wants {
		operator := e.Operator
		if e.Name == "Constraint" {
			operator = "is"
		}
		list = append(list, e.Key+" "+operator+" "+strings.Join(e.Wanted, ", "))
	}
	return list
}
