package main

import (
	"bytes"
	"encoding/json"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/waxseal/waxseal/policyeval"
)

func newEval() *cobra.Command {
	var explain bool
	cmd := &cobra.Command{
		Use:   "eval [FILE...]",
		Short: "Unit tests for policies, with no server",
		Long:  evalHelp(),
		Example: `  waxseal eval cases.jsonl
  waxseal eval --explain cases.jsonl`,
		RunE: func(cmd *cobra.Command, files []string) error {
			if len(files) == 0 {
				files = []string{"-"}
			}
			takeBallast()
			return evalFiles(files, cmd.InOrStdin(), cmd.OutOrStdout(), explain)
		},
	}
	cmd.Flags().BoolVar(&explain, "explain", false, "add to each line an explanation for a person")
	return cmd
}

// evalResult is the result of a case, which is printed as one line.
type evalResult struct {
	ID       json.RawMessage `json:"id,omitempty"`
	Decision string          `json:"decision"`
	Reason   string          `json:"reason"`
	By       []evalStatement `json:"by"`
	// Expected is the decision that the case expects, where the result differs.
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

// evaluator decides one case after the other.
type evaluator struct {
	explain   bool
	documents documents
	// What follows is used again for each case.
	decoder *jsontext.Decoder
	input   *bytes.Buffer
	output  bytes.Buffer
	encoder *json.Encoder
	test    evalCase
}

func newEvaluator(explain bool) *evaluator {
	e := &evaluator{explain: explain, documents: newDocuments(), input: new(bytes.Buffer)}
	e.decoder = jsontext.NewDecoder(e.input)
	e.encoder = json.NewEncoder(&e.output)
	e.encoder.SetEscapeHTML(false)
	return e
}

// line decides the case of a line, of which text is a copy. expected: the result is what the
// case expects, if it expects one. The result is written to e.output.
func (e *evaluator) line(line []byte, text string) (expected bool, err error) {
	*e.input = *bytes.NewBuffer(line)
	e.decoder.Reset(e.input, repeated)
	c := &e.test
	c.reset()
	if err := c.read(&caseReader{text, e.decoder, e.documents.compile}); err != nil {
		return false, err
	}
	decision := policyeval.Evaluate(&c.request, &c.policies)
	result := evalResult{ID: c.id, Decision: implicitlyDenied, Reason: decision.Why(), By: []evalStatement{}}
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
	expected = c.expect == "" || c.expect == result.Decision
	if !expected {
		result.Expected = c.expect
	}
	if e.explain {
		result.Explanation = decision.Text(policyeval.TextOptions{})
	}
	return expected, e.encoder.Encode(result)
}
