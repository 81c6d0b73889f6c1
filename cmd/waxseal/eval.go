package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/waxseal/waxseal/policyeval"
)

func newEval() *cobra.Command {
	var explain bool
	cmd := &cobra.Command{
		Use:   "eval [FILE...]",
		Short: "Unit tests for policies, with no server",
		Long: `Decide test cases, one JSON object a line, and print one line for each.

  {"id":"1","action":"sqs:SendMessage","resource":{"arn":"…","accountId":"…"},
   "principal":"ARN | service.amazonaws.com | anonymous","identityPolicies":[…],
   "resourcePolicy":{…},"permissionBoundary":[…],"sessionPolicy":{…},"scps":[[…],…],
   "rcps":[[…],…],"vpcEndpointPolicies":[…],
   "context":{"key":"value" | ["v1","v2"]},"expect":"Allowed"}

A string is a single-valued context key, a list a multivalued one; scps and rcps
hold one entry per level of the organisation. Everything but action, resource
and principal may be absent; what a policy may ask of the context is what the
case gives, nothing is added.

The answer: {"id":"1","decision":"Allowed | ExplicitlyDenied | ImplicitlyDenied",
"reason":"…","by":[{"policy":…,"statement":…}]}. Where expect differs, the line
says "expected" and the exit status is 1. Without a FILE, or for -, cases are
read from standard input.`,
		Example: `  waxseal eval cases.jsonl
  waxseal eval --explain cases.jsonl`,
		RunE: func(cmd *cobra.Command, files []string) error {
			if len(files) == 0 {
				files = []string{"-"}
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			e := &evaluator{out: json.NewEncoder(out), explain: explain, compiled: map[string]*policyeval.Document{}}
			e.out.SetEscapeHTML(false)
			err := e.files(files, cmd.InOrStdin())
			return errors.Join(err, out.Flush())
		},
	}
	cmd.Flags().BoolVar(&explain, "explain", false, "add to each line an explanation for a person")
	return cmd
}

// evalCase is one test case.
type evalCase struct {
	ID       json.RawMessage `json:"id"`
	Action   string          `json:"action"`
	Resource struct {
		ARN       string `json:"arn"`
		AccountID string `json:"accountId"`
	} `json:"resource"`
	Principal           string                     `json:"principal"`
	IdentityPolicies    documents                  `json:"identityPolicies"`
	ResourcePolicy      documents                  `json:"resourcePolicy"`
	PermissionBoundary  documents                  `json:"permissionBoundary"`
	SessionPolicy       documents                  `json:"sessionPolicy"`
	SCPs                []documents                `json:"scps"`
	RCPs                []documents                `json:"rcps"`
	VPCEndpointPolicies documents                  `json:"vpcEndpointPolicies"`
	Context             map[string]json.RawMessage `json:"context"`
	Expect              string                     `json:"expect"`
}

// documents are policy documents: a list of them, or one alone; each an object
// or its text in a string.
type documents []string

func (d *documents) UnmarshalJSON(b []byte) error {
	var list []json.RawMessage
	switch {
	case string(b) == "null":
		return nil
	case b[0] == '[':
		if err := json.Unmarshal(b, &list); err != nil {
			return err
		}
	default:
		list = []json.RawMessage{b}
	}
	for _, raw := range list {
		text := string(raw)
		if raw[0] == '"' {
			if err := json.Unmarshal(raw, &text); err != nil {
				return err
			}
		}
		*d = append(*d, text)
	}
	return nil
}

// evalResult is the line that answers a case.
type evalResult struct {
	ID       json.RawMessage `json:"id,omitempty"`
	Decision string          `json:"decision"`
	Reason   string          `json:"reason"`
	By       []evalStatement `json:"by"`
	// Expected is what the case wanted, where it differs.
	Expected    string `json:"expected,omitempty"`
	Explanation string `json:"explanation,omitempty"`
}

type evalStatement struct {
	Policy    string `json:"policy"`    // where it stands in the case, such as identityPolicies[0]
	Statement int    `json:"statement"` // from 0
	Sid       string `json:"sid,omitempty"`
}

// The decisions of a case.
const (
	allowed          = "Allowed"
	explicitlyDenied = "ExplicitlyDenied"
	implicitlyDenied = "ImplicitlyDenied"
)

// maxCompiled bounds the documents that are kept compiled from case to case.
const maxCompiled = 10_000

type evaluator struct {
	out      *json.Encoder
	explain  bool
	compiled map[string]*policyeval.Document
	failed   int
}

func (e *evaluator) files(files []string, stdin io.Reader) error {
	for _, name := range files {
		if err := e.file(name, stdin); err != nil {
			return err
		}
	}
	if e.failed > 0 {
		return no("not decided as expected: %s", plural(uint64(e.failed), "case"))
	}
	return nil
}

func (e *evaluator) file(name string, stdin io.Reader) error {
	r := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		r = f
	}
	lines := bufio.NewReader(r)
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if err := e.line(line); err != nil {
				return fmt.Errorf("%s:%d: %w", name, number, err)
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		}
	}
}

func (e *evaluator) line(line []byte) error {
	var c evalCase
	if err := json.Unmarshal(line, &c); err != nil {
		return err
	}
	request, err := c.request()
	if err != nil {
		return err
	}
	policies, err := e.policies(&c)
	if err != nil {
		return err
	}
	decision := policyeval.Evaluate(request, policies)
	result := evalResult{ID: c.ID, Decision: implicitlyDenied, Reason: decision.Why(), By: []evalStatement{}}
	switch {
	case decision.Allowed:
		result.Decision = allowed
	case decision.Reason == policyeval.ExplicitDeny:
		result.Decision = explicitlyDenied
	}
	for _, step := range decision.By() {
		if step.Policy != nil {
			result.By = append(result.By, evalStatement{step.Policy.Name, int(step.Statement), step.Source().Sid})
		}
	}
	switch c.Expect {
	case "", result.Decision:
	case allowed, explicitlyDenied, implicitlyDenied:
		result.Expected = c.Expect
		e.failed++
	default:
		return fmt.Errorf("expect: %q is none of %s, %s, %s", c.Expect, allowed, explicitlyDenied, implicitlyDenied)
	}
	if e.explain {
		result.Explanation = decision.Text(policyeval.TextOptions{})
	}
	return e.out.Encode(result)
}

func (e *evaluator) policies(c *evalCase) (*policyeval.Policies, error) {
	p := new(policyeval.Policies)
	var err error
	list := func(member string, d documents) []*policyeval.Policy {
		var policies []*policyeval.Policy
		for i, text := range d {
			document, failed := e.compile(text)
			if failed != nil && err == nil {
				err = fmt.Errorf("%s[%d]: %w", member, i, failed)
			}
			policies = append(policies, &policyeval.Policy{Name: fmt.Sprintf("%s[%d]", member, i), Document: document})
		}
		return policies
	}
	levels := func(member string, l []documents) [][]*policyeval.Policy {
		var policies [][]*policyeval.Policy
		for i, level := range l {
			policies = append(policies, list(fmt.Sprintf("%s[%d]", member, i), level))
		}
		return policies
	}
	p.Identity = list("identityPolicies", c.IdentityPolicies)
	p.Boundary = list("permissionBoundary", c.PermissionBoundary)
	p.Session = list("sessionPolicy", c.SessionPolicy)
	p.Endpoint = list("vpcEndpointPolicies", c.VPCEndpointPolicies)
	p.SCPs, p.RCPs = levels("scps", c.SCPs), levels("rcps", c.RCPs)
	if resource := list("resourcePolicy", c.ResourcePolicy); len(resource) == 1 {
		p.Resource = resource[0]
		p.Resource.Name = "resourcePolicy"
	} else if len(resource) > 1 && err == nil {
		err = errors.New("resourcePolicy: a resource has one policy")
	}
	return p, err
}

func (e *evaluator) compile(text string) (*policyeval.Document, error) {
	if d := e.compiled[text]; d != nil {
		return d, nil
	}
	d, err := policyeval.Parse(text)
	if err != nil {
		return nil, err
	}
	if len(e.compiled) >= maxCompiled {
		clear(e.compiled)
	}
	e.compiled[text] = d
	return d, nil
}
