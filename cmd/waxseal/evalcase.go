package main

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/waxseal/waxseal/internal/arn"
	"github.com/waxseal/waxseal/policyeval"
)

// evalCase is one test case.
type evalCase struct {
	id       string // as it is written
	request  policyeval.Request
	policies policyeval.Policies
	expect   string
	// grants are the grants on the key. They are added to the policies when the
	// whole case is read, because they depend on its key and source.
	grants []evalGrant
	// encrypted are the keys of the encryption context, in the case's spelling.
	encrypted []string
	// keys are the names of the context's keys as they are written, by those in lower case.
	keys map[string]string
}

// caseMembers read the members of a case.
var caseMembers = members[evalCase]{
	{"id", readID},
	{"action", readAction},
	{"resource", func(r *caseReader, c *evalCase) error {
		return object(r, "resource", resourceMembers, &c.request)
	}},
	{"principal", func(r *caseReader, c *evalCase) error { return readPrincipal(r, &c.request.Principal) }},
	{"identityPolicies", layer("identityPolicies", func(p *policyeval.Policies) *[]*policyeval.Policy { return &p.Identity })},
	{"permissionBoundary", layer("permissionBoundary", func(p *policyeval.Policies) *[]*policyeval.Policy { return &p.Boundary })},
	{"sessionPolicy", layer("sessionPolicy", func(p *policyeval.Policies) *[]*policyeval.Policy { return &p.Session })},
	{"vpcEndpointPolicies", layer("vpcEndpointPolicies", func(p *policyeval.Policies) *[]*policyeval.Policy { return &p.Endpoint })},
	{"scps", levels("scps", func(p *policyeval.Policies) *[][]*policyeval.Policy { return &p.SCPs })},
	{"rcps", levels("rcps", func(p *policyeval.Policies) *[][]*policyeval.Policy { return &p.RCPs })},
	{"resourcePolicy", readResourcePolicy},
	{"grants", readGrants},
	{"context", readContext},
	{"expect", readExpect},
}

var resourceMembers = members[policyeval.Request]{
	{"arn", func(r *caseReader, q *policyeval.Request) (err error) { q.Resource, err = r.string("arn"); return err }},
	{"accountId", func(r *caseReader, q *policyeval.Request) (err error) {
		begin := r.next()
		q.ResourceAccount, err = r.string("accountId")
		if err == nil && q.ResourceAccount != "" && !arn.IsAccountID(q.ResourceAccount) {
			err = r.fail(begin, "accountId: %q is not an account of 12 digits", q.ResourceAccount)
		}
		return err
	}},
}

// nobody marks a case that names no principal.
const nobody = policyeval.PrincipalType(255)

// usualKeys is the number of condition keys up to which their memory is kept for the next case.
const usualKeys = 50

// reset empties the case for another.
func (c *evalCase) reset() {
	context, keys := c.request.Context, c.keys
	if context == nil || len(keys) > usualKeys {
		context, keys = new(policyeval.Context), map[string]string{}
	}
	context.Reset()
	clear(keys)
	*c = evalCase{request: policyeval.Request{Context: context, Principal: policyeval.Principal{Type: nobody}}, keys: keys}
}

// read reads the one case of a line.
func (c *evalCase) read(r *caseReader) error {
	if err := object(r, "the case", caseMembers, c); err != nil {
		return err
	}
	if err := r.end(); err != nil {
		return err
	}
	missing := ""
	switch {
	case c.request.Action == "":
		missing = `action: "SERVICE:OPERATION" is missing`
	case c.request.Resource == "":
		missing = `resource: {"arn":"…"} is missing`
	case c.request.Principal.Type == nobody:
		missing = "principal: it is missing; who is nobody in particular is anonymous"
	}
	if missing != "" {
		return r.fail(0, "%s", missing)
	}
	return c.giveGrants(r)
}

func readID(r *caseReader, c *evalCase) (err error) {
	c.id, err = r.raw()
	return err
}

func readAction(r *caseReader, c *evalCase) (err error) {
	begin := r.next()
	c.request.Action, err = r.string("action")
	service, operation, _ := strings.Cut(c.request.Action, ":")
	if err == nil && (service == "" || operation == "" || strings.ContainsAny(c.request.Action, "*? ")) {
		err = r.fail(begin, "action: %q is not an action such as sqs:SendMessage", c.request.Action)
	}
	return err
}

func readExpect(r *caseReader, c *evalCase) (err error) {
	begin := r.next()
	c.expect, err = r.string("expect")
	if err == nil && !slices.Contains([]string{"", allowed, explicitlyDenied, implicitlyDenied}, c.expect) {
		err = r.fail(begin, "expect: %q is none of %s, %s, %s", c.expect, allowed, explicitlyDenied, implicitlyDenied)
	}
	return err
}

// layer reads the policies of a layer: a list, or a single policy.
func layer(member string, into func(*policyeval.Policies) *[]*policyeval.Policy) func(*caseReader, *evalCase) error {
	return func(r *caseReader, c *evalCase) (err error) {
		*into(&c.policies), err = r.policies(member)
		return err
	}
}

// levels reads the policies of an organization: a list of them for each level.
func levels(member string, into func(*policyeval.Policies) *[][]*policyeval.Policy) func(*caseReader, *evalCase) error {
	return func(r *caseReader, c *evalCase) error {
		all := into(&c.policies)
		return r.list(member, func(i int) error {
			level, err := r.policies(element(member, i))
			*all = append(*all, level)
			return err
		})
	}
}

func readResourcePolicy(r *caseReader, c *evalCase) error {
	begin := r.next()
	policies, err := r.policies("resourcePolicy")
	switch {
	case err != nil:
		return err
	case len(policies) > 1:
		return r.fail(begin, "resourcePolicy: a resource has one policy")
	case len(policies) == 1:
		c.policies.Resource = policies[0]
		c.policies.Resource.Name = "resourcePolicy"
	}
	return nil
}

// element is the name of a list's element.
func element(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

func (r *caseReader) policies(member string) (list []*policyeval.Policy, err error) {
	one := func(i int) error {
		p, err := r.policy(element(member, i))
		list = append(list, p)
		return err
	}
	if r.decoder.PeekKind() != '[' {
		return list, one(0)
	}
	return list, r.list(member, one)
}

// policy reads a policy document: an object, or its text in a string.
func (r *caseReader) policy(name string) (*policyeval.Policy, error) {
	if text, ok := r.decoder.object(); ok {
		if document, err := r.compile(text); err == nil {
			r.decoder.skip(text)
			return &policyeval.Policy{Name: name, Document: document}, nil
		}
	}
	begin := r.next()
	raw, err := r.raw()
	if err != nil {
		return nil, err
	}
	text, inline := raw, raw[0] != '"'
	if !inline {
		text = unquoted(raw)
	}
	document, err := r.compile(text)
	syntax, placed := errors.AsType[*policyeval.SyntaxError](err)
	switch {
	case err == nil:
		return &policyeval.Policy{Name: name, Document: document}, nil
	case !placed || !inline:
		return nil, r.fail(begin, "%s: %v", name, err)
	default:
		return nil, r.failFurther(begin, syntax.Column-1, "%s: %s", name, syntax.Message)
	}
}

// readContext reads the condition keys: a text, number or truth value is
// single-valued, a list multivalued.
func readContext(r *caseReader, c *evalCase) error {
	return r.each("context", func(key string, begin int) error {
		// Names of keys are case-insensitive, and some keys have two names on AWS.
		lower := r.lower(key)
		before, twice := c.keys[lower]
		if !twice && c.request.Context.Has(lower) {
			before, twice = "it, by its other name,", true
		}
		switch {
		case strings.HasPrefix(lower, encryptionContext) && twice && before != key:
			return r.fail(begin, "context: %s and %s differ in case alone, and the names of condition keys do not tell cases apart: no policy could", before, key)
		case twice:
			return r.fail(begin, "context: %s is there twice, first as %s: the names of condition keys do not tell cases apart", key, before)
		}
		c.keys[lower] = key
		if strings.HasPrefix(lower, encryptionContext) {
			c.encrypted = append(c.encrypted, key[len(encryptionContext):])
		}
		return setContext(r, c.request.Context, key, lower)
	})
}

// setContext sets a key, which is called lower in lower case.
func setContext(r *caseReader, c *policyeval.Context, key, lower string) error {
	if r.decoder.PeekKind() != '[' {
		value, err := r.contextValue(key)
		if err == nil {
			c.Set(lower, value)
		}
		return err
	}
	var values []string
	err := r.list("context: "+key, func(int) error {
		value, err := r.contextValue(key)
		values = append(values, value)
		return err
	})
	if err == nil {
		c.SetList(lower, values)
	}
	return err
}

func (r *caseReader) contextValue(key string) (string, error) {
	begin := r.next()
	raw, err := r.raw()
	if err != nil {
		return "", err
	}
	switch raw[0] {
	case '"':
		return unquoted(raw), nil
	case '{', '[', 'n':
		return "", r.fail(begin, "context: %s: %s is no text, number or truth value", key, raw)
	default:
		return raw, nil
	}
}
