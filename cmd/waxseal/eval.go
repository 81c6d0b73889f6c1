package main

import (
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

// The decisions of a case.
const (
	allowed          = "Allowed"
	explicitlyDenied = "ExplicitlyDenied"
	implicitlyDenied = "ImplicitlyDenied"
)

// evaluator decides one case after the other. All its memory is used again for each.
type evaluator struct {
	explain bool
	reader  caseReader
	test    evalCase
	printer
}

func newEvaluator(explain bool) *evaluator {
	documents := newDocuments()
	return &evaluator{
		explain: explain,
		reader:  caseReader{decoder: newDecoder(), compile: documents.compile, lowered: map[string]string{}},
		printer: newPrinter(),
	}
}

// line decides the case of a line. expected: the result is what the case expects, if it
// expects one. The result is appended to e.output.
func (e *evaluator) line(text string) (expected bool, err error) {
	e.reader.reset(text)
	c := &e.test
	c.reset()
	if err := c.read(&e.reader); err != nil {
		return false, err
	}
	decision := policyeval.Evaluate(&c.request, &c.policies)
	result := implicitlyDenied
	switch {
	case decision.Allowed:
		result = allowed
	case decision.Reason == policyeval.ExplicitDeny:
		result = explicitlyDenied
	}
	expected = c.expect == "" || c.expect == result
	e.begin(c.id, result, decision.Why())
	for _, step := range decision.By() {
		if step.Policy != nil {
			e.statement(step.Policy.Name, int(step.Statement), step.Source().Sid)
		}
	}
	expects, explanation := "", ""
	if !expected {
		expects = c.expect
	}
	if e.explain {
		explanation = decision.Text(policyeval.TextOptions{})
	}
	e.end(expects, explanation)
	return expected, nil
}
