package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

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
			out := bufio.NewWriter(cmd.OutOrStdout())
			e := &evaluator{out: json.NewEncoder(out), explain: explain, compiled: map[string]*policyeval.Document{}, decoder: jsontext.NewDecoder(new(bytes.Buffer))}
			e.out.SetEscapeHTML(false)
			err := e.files(files, cmd.InOrStdin())
			return errors.Join(err, out.Flush())
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

// maxCompiled bounds the documents that are kept compiled from case to case.
const maxCompiled = 10_000

type evaluator struct {
	out      *json.Encoder
	explain  bool
	compiled map[string]*policyeval.Document
	failed   int
	decoder  *jsontext.Decoder
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
			err := e.line(line)
			if wrong, ok := errors.AsType[*caseError](err); ok {
				return fmt.Errorf("%s:%d:%d: %w", name, number, wrong.column, err)
			}
			if err != nil {
				return err
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
	c, err := readCase(e.reader(line))
	if err != nil {
		return err
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
	if c.expect != "" && c.expect != result.Decision {
		result.Expected = c.expect
		e.failed++
	}
	if e.explain {
		result.Explanation = decision.Text(policyeval.TextOptions{})
	}
	return e.out.Encode(result)
}

// reader is a reader for a line. It reuses the decoder of the previous line.
func (e *evaluator) reader(line []byte) *caseReader {
	e.decoder.Reset(bytes.NewBuffer(line), repeated)
	return &caseReader{line, e.decoder, e.compile}
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
